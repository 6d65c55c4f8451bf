package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"leida/assessments"
)

// corrected is a directory of the built-in definitions with one key moved: cps-single-0001 v2 has level 4 for level 3.
func corrected(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(dir, assessments.FS); err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(dir, "items", "cps", "cps-single-0001.yaml")
	raw, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	s := strings.NewReplacer("version: 1\n", "version: 2\n", `en: "Level 3", credit: 1,`, `en: "Level 3",`, `en: "Level 4",`, `en: "Level 4", credit: 1,`).Replace(string(raw))
	if strings.Count(s, "credit: 1") != 1 || s == string(raw) {
		t.Fatal("the item is another one now")
	}
	if err := os.WriteFile(name, []byte(s), 0o644); err != nil {
		t.Fatal(err)
	}
	return dir
}

// leida rescore lists what a corrected key changes, applies what was looked at, and takes it back.
func TestRescoreCommand(t *testing.T) {
	data := t.TempDir()
	if r := invoke("", "demo", "--data", data); r.code != exitOK {
		t.Fatal(r)
	}
	dir := corrected(t)
	call := func(code int, args ...string) ran {
		t.Helper()
		r := invoke("", append(append([]string{"rescore"}, args...), "--data", data)...)
		if r.code != code {
			t.Fatalf("%v: exit %d\n%s%s", args, r.code, r.out, r.err)
		}
		return r
	}
	ask := []string{"cps-single-0001", "--assessments", dir, "--rule", "current", "--reason", "the key was level 4"}
	with := func(more ...string) []string { return append(append([]string{}, ask...), more...) }
	for _, bad := range [][]string{ask, with("--apply", "--dry-run"), {"cps-single-0001", "--rule", "worse", "--reason", "x", "--dry-run"}, {"cps-single-0001", "--rule", "current", "--dry-run"}} {
		call(exitUsage, bad...)
	}
	call(exitFailure, "no-such-item", "--assessments", dir, "--rule", "current", "--reason", "x", "--dry-run")

	dry := call(exitOK, with("--dry-run")...)
	digest := regexp.MustCompile(`--plan ([0-9a-f]{64})`).FindStringSubmatch(dry.out)
	lines := strings.Split(dry.out, "\n")
	if digest == nil || !strings.HasPrefix(lines[1], "↓") || !strings.Contains(dry.out, "\n↑") || strings.LastIndex(dry.out, "\n↓") > strings.Index(dry.out, "\n↑") {
		t.Fatalf("what falls comes first, then what rises, then the digest:\n%s", dry.out)
	}
	look := call(exitFailure, with("--apply")...)
	if !strings.Contains(look.out, "would get worse") || !strings.Contains(look.out, digest[1]) {
		t.Errorf("applied unseen:\n%s", look.out)
	}
	if r := call(exitFailure, with("--apply", "--plan", strings.Repeat("0", 64))...); !strings.Contains(r.err, "preview") {
		t.Error(r.err)
	}
	done := call(exitOK, with("--apply", "--plan", digest[1])...)
	if !strings.Contains(done.err, "Applied") {
		t.Errorf("no progress:\n%s", done.err)
	}
	if r := invoke("", "analyze", "bank", "--data", data, "--json"); r.code != exitOK || strings.Contains(r.out, `"item": "cps-single-0001"`) || !strings.Contains(r.out, `"item": "cps-single-0002"`) {
		t.Errorf("what was marked anew tells nothing of the item: %s", r.err)
	}
	if again := call(exitOK, with("--dry-run")...); !strings.Contains(again.out, "0 to be marked again") {
		t.Errorf("it would be done again:\n%s", again.out)
	}
	id := ""
	for _, line := range strings.Split(call(exitOK, "list", "cps-single-0001").out, "\n") {
		if strings.Contains(line, "Applied") {
			id = strings.Fields(line)[0]
		}
	}
	call(exitOK, "undo", id, "--assessments", dir)
	call(exitFailure, "undo", id, "--assessments", dir)
	if r := call(exitOK, "list"); !strings.Contains(r.out, "Taken back") {
		t.Error(r.out)
	}
	after := call(exitOK, with("--dry-run")...)
	if a, b := lines[1:len(lines)-3], strings.Split(after.out, "\n"); strings.Join(a, "\n") != strings.Join(b[1:len(b)-3], "\n") {
		t.Errorf("taken back, the same would change again:\n%s\n%s", dry.out, after.out)
	}
}
