package hostile_test

import (
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"unicode/utf8"

	"leida/assessments"
	"leida/internal/assessment"
	"leida/internal/hostile"
)

func TestCorpus(t *testing.T) {
	all, typed := hostile.Corpus(), hostile.Typed()
	if len(all) < 300 || len(typed) < 300 || !slices.Equal(all, hostile.Corpus()) {
		t.Errorf("%d texts, %d of one line", len(all), len(typed))
	}
	seen := map[string]bool{}
	for _, p := range all {
		if seen[p] || !utf8.ValidString(p) || strings.Contains(p, "\x00") {
			t.Errorf("%q is there twice, or nothing that could be stored", p)
		}
		seen[p] = true
	}
}

// Definitions full of it load: what authors write is theirs, and made harmless where it is shown.
func TestDefinitions(t *testing.T) {
	texts, n := hostile.Typed(), 0
	files, err := hostile.Definitions(assessments.FS, func() string { n++; return texts[n%len(texts)] })
	if err != nil {
		t.Fatal(err)
	}
	dir := fstest.MapFS{}
	for name, src := range files {
		dir[name] = &fstest.MapFile{Data: src}
	}
	lib, report := assessment.Load(dir, nil, nil)
	for _, f := range report {
		if lib == nil {
			t.Log(f.Place(), f.Key, f.Args)
		}
	}
	if lib == nil {
		t.Fatal("they do not load")
	}
	if builtin, _ := assessment.Load(assessments.FS, nil, nil); len(lib.Items) != len(builtin.Items) || n < 10*len(texts) {
		t.Errorf("%d items, %d texts replaced", len(lib.Items), n)
	}
}
