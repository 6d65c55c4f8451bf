package assessment_test

import (
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"leida/assessments"
	"leida/internal/assessment"
	"leida/internal/capability"
	"leida/internal/item"
	"leida/internal/text"
)

// model is the capability model that leida ships.
var model = sync.OnceValue(func() *capability.Model {
	lib, report := assessment.Load(fstest.MapFS{"m.yaml": {Data: modelYAML()}}, nil, nil)
	if lib == nil {
		panic(report)
	}
	return lib.Model
})

func modelYAML() []byte {
	raw, err := assessments.FS.ReadFile("capability-model.yaml")
	if err != nil {
		panic(err)
	}
	return raw
}

// sound is a sound item; tests break it line by line.
const sound = `schema: leida/item@1
id: x-1
version: 1
status: draft
type: single_choice
measures: [{sub: AIC.1, w: 1}]
level: 3
use: [practice]
title: {zh: "题"}
prompt: {zh: "问"}
options:
  - {id: a, zh: "甲", key: true}
  - {id: b, zh: "乙"}
  - {id: c, zh: "丙"}
  - {id: d, zh: "丁"}
`

// form is a sound assessment of one section.
const form = `schema: leida/assessment@1
id: f-1
version: 1
kind: practice
title: {zh: "测"}
sections:
  - {domain: AIC.1, weight: 1, draw: [{type: single_choice, n: 1}]}
cut: {total: 70, floor: 50}
`

// edit puts other text in place of a line, from 1; line 0 appends.
func edit(src string, line int, with string) string {
	lines := strings.SplitAfter(src, "\n")
	if line == 0 {
		return src + with + "\n"
	}
	lines[line-1] = with + "\n"
	return strings.Join(lines, "")
}

// single is a sound item of an id in a status, for a use, with one measure.
func single(id, status, use, sub string) string {
	r := strings.NewReplacer("id: x-1", "id: "+id, "status: draft", "status: "+status, "use: [practice]", "use: ["+use+"]\ntags: {scenario: telecom, channel: chat, cognition: apply}", "AIC.1", sub,
		`"甲", key: true`, `"甲"`, `"乙"`, `"乙", key: true`) // a blind candidate takes the first
	return r.Replace(sound)
}

// load reads files beside the model that leida ships.
func load(files map[string]string) (*assessment.Library, assessment.Report) {
	fsys := fstest.MapFS{}
	for name, s := range files {
		fsys[name] = &fstest.MapFile{Data: []byte(s)}
	}
	return assessment.Load(fsys, model(), nil)
}

func mustLoad(t testing.TB, files map[string]string) *assessment.Library {
	t.Helper()
	lib, report := load(files)
	if lib == nil {
		t.Fatalf("refused:\n%s", written(report))
	}
	return lib
}

func written(r assessment.Report) string {
	var b strings.Builder
	r.Write(&b, text.EN)
	return b.String()
}

// said are findings as "place key"; warnings in brackets.
func said(r assessment.Report) []string {
	var out []string
	for _, f := range r {
		s := f.Place() + " " + f.Key
		if f.Warning {
			s = "[" + s + "]"
		}
		out = append(out, s)
	}
	return out
}

// errorsOf are the findings that refuse, without what a reviewer should look at.
func errorsOf(r assessment.Report) assessment.Report {
	return slices.DeleteFunc(slices.Clone(r), func(f assessment.Finding) bool { return f.Warning })
}

// wantSaid asserts findings and that each can be read in both languages, with the line it is about.
func wantSaid(t testing.TB, r assessment.Report, want ...string) {
	t.Helper()
	if got := said(r); !slices.Equal(got, want) {
		t.Errorf("said\n  %s\nwant\n  %s\n%s", strings.Join(got, "\n  "), strings.Join(want, "\n  "), written(r))
	}
	wantReadable(t, r)
}

func wantReadable(t testing.TB, r assessment.Report) {
	t.Helper()
	for _, f := range r {
		for _, l := range text.Langs {
			m := f.Message(l)
			if !text.Has(f.Key) || m == "" || leftover(m, fmt.Sprint(f.Args)) {
				t.Errorf("%s %s in %s: %q", f.Place(), f.Key, l, m)
			}
		}
	}
}

// leftover reports a placeholder that nothing has filled; braces of a value are the value's.
func leftover(message, args string) bool {
	return strings.ContainsAny(message, "{}") && !strings.ContainsAny(args, "{}")
}

// allocated is how many bytes something takes from the heap, in all.
func allocated(do func()) uint64 {
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	do()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

func parse(t testing.TB, src string) *item.Item {
	t.Helper()
	it, report := assessment.ParseItem("x.yaml", []byte(src), model())
	if it == nil {
		t.Fatalf("refused:\n%s", written(report))
	}
	return it
}

var plain = item.Plain(text.ZH)

// form1 is an answer of one field.
func form1(t testing.TB, name, value string) item.Fields {
	t.Helper()
	f, err := item.FormFields(map[string][]string{name: {value}})
	if err != nil {
		t.Fatal(err)
	}
	return f
}
