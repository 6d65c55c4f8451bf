package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"leida/assessments"
	"leida/internal/assessment"
	"leida/internal/item"
)

// The subcommands that need nothing but files: check, fmt, score, version.

// ran is what a call of the program leaves.
type ran struct {
	code     int
	out, err string
}

// invoke runs the program in this process, in English unless the arguments say otherwise.
func invoke(stdin string, args ...string) ran {
	return invokeIn(func(name string) string { return map[string]string{"LANG": "en_GB.UTF-8"}[name] }, stdin, args...)
}

func invokeIn(getenv func(string) string, stdin string, args ...string) ran {
	var out, errOut bytes.Buffer
	code := run(context.Background(), args, getenv, strings.NewReader(stdin), &out, &errOut)
	return ran{code, out.String(), errOut.String()}
}

const (
	soundItem = `schema: leida/item@1
id: x-1
version: 1
status: draft
type: single_choice
measures: [{sub: AIC.1, w: 1}]
level: 3
use: [practice]
title: {zh: "题", en: "Item"}
prompt: {zh: "问", en: "Ask"}
reference:
  - {id: R1, zh: "规则一", en: "Rule one"}
options:
  - {id: a, zh: "甲", en: "A", why: {zh: "因"}}
  - {id: b, zh: "乙", en: "B", key: true, why: {zh: "因"}}
  - {id: c, zh: "丙", en: "C", credit: 0.4, why: {zh: "因"}}
  - {id: d, zh: "丁", en: "D", critical: true, why: {zh: "因"}}
`
	practice = `schema: leida/assessment@1
id: p-1
kind: practice
title: {zh: "练", en: "Practice"}
sections:
  - {domain: AIC.1, weight: 1, draw: [{type: single_choice, n: 1}]}
`
)

// live is the sound item as an assessment may draw it.
var live = strings.Replace(soundItem, "status: draft", "status: live\ntags: {scenario: s, channel: c, cognition: apply}", 1)

// folder lays files down in a new directory.
func folder(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, s := range files {
		name = filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(s), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestCheckSound(t *testing.T) {
	dir := folder(t, map[string]string{"items/x.yaml": live, "p.yaml": practice, "README.md": "not ours"})
	got := invoke("", "check", dir)
	if got.code != exitOK || got.err != "" || !strings.Contains(got.out, dir+": 0 errors, 0 warnings") || !strings.Contains(got.out, "1 items, 1 assessments, model cs-2026") || !strings.Contains(got.out, "p-1") {
		t.Errorf("%+v", got)
	}
	zh := invoke("", "--lang", "zh", "check", dir)
	if zh.code != exitOK || !strings.Contains(zh.out, "0 个错误") || !strings.Contains(zh.out, "总选最长") {
		t.Errorf("%+v", zh)
	}
	for _, tt := range []struct {
		env     map[string]string
		chinese bool
	}{{nil, true}, {map[string]string{"LANG": "C"}, true}, {map[string]string{"LANG": "zh_CN.UTF-8"}, true}, {map[string]string{"LANG": "en_US"}, false}, {map[string]string{"LANG": "de_DE.UTF-8"}, true},
		{map[string]string{"LC_ALL": "en_US.UTF-8", "LANG": "zh_CN.UTF-8"}, false}, {map[string]string{"LEIDA_LANG": "en", "LANG": "zh_CN.UTF-8"}, false}, {map[string]string{"LEIDA_LANG": "zh", "LANG": "en_GB"}, true}} {
		got := invokeIn(func(name string) string { return tt.env[name] }, "", "check", dir)
		if got.code != exitOK || strings.Contains(got.out, "个错误") != tt.chinese {
			t.Errorf("%v: %+v", tt.env, got)
		}
	}
}

func TestCheckFindings(t *testing.T) {
	bad := folder(t, map[string]string{"x.yaml": strings.Replace(soundItem, "level: 3", "level: 9", 1), "y.yaml": "", "z.yaml": strings.Replace(soundItem, "x-1", "z-1", 1)})
	warns := folder(t, map[string]string{"x.yaml": strings.Replace(soundItem, `"问"`, `"<b>问"`, 1)})
	sound := folder(t, map[string]string{"x.yaml": soundItem})
	for _, tt := range []struct {
		name string
		args []string
		code int
		out  []string
	}{
		{"errors", []string{bad}, exitFailure, []string{bad + "/x.yaml:7:8: error: must be a whole number from 1 to 5\n    level: 9\n", bad + "/y.yaml: error: empty file\n", bad + ": 2 errors, 0 warnings"}},
		{"in Chinese", []string{"--lang", "zh", bad}, exitFailure, []string{"x.yaml:7:8: 错误: ", "空文件", "2 个错误"}},
		{"warnings", []string{warns}, exitOK, []string{"x.yaml:10:15: warning: HTML", "0 errors, 1 warning\n"}},
		{"strict", []string{"--strict", warns}, exitFailure, []string{"x.yaml:10:15: warning: HTML"}},
		{"strict and sound", []string{"--strict", sound}, exitOK, nil},
		{"two directories", []string{bad, sound}, exitFailure, []string{bad + ": 2 errors", sound + ": 0 errors"}},
		{"the other way round", []string{sound, bad}, exitFailure, []string{bad + ": 2 errors", sound + ": 0 errors"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := invoke("", append([]string{"check"}, tt.args...)...)
			if got.code != tt.code || got.err != "" {
				t.Errorf("%+v", got)
			}
			for _, s := range tt.out {
				if !strings.Contains(got.out, s) {
					t.Errorf("no %q in\n%s", s, got.out)
				}
			}
		})
	}
	got := invoke("", "check", "--json", bad, warns)
	var rows []struct {
		File, Severity, Key, Message string
		Line, Column                 int
	}
	if err := json.Unmarshal([]byte(got.out), &rows); err != nil || got.code != exitFailure || len(rows) != 3 {
		t.Fatalf("%v %+v", err, got)
	}
	if r := rows[0]; r.File != bad+"/x.yaml" || r.Line != 7 || r.Column != 8 || r.Severity != "error" || r.Key != "define.whole" || !strings.HasPrefix(r.Message, "must be") {
		t.Errorf("%+v", r)
	}
	if got := invoke("", "check", "--json", sound); got.code != exitOK || strings.TrimSpace(got.out) != "[]" {
		t.Errorf("%+v", got)
	}
	if got := invoke("", "check", "--json", "--strict", warns); got.code != exitFailure {
		t.Errorf("%+v", got)
	}
}

func TestCheckUsage(t *testing.T) {
	file := filepath.Join(folder(t, map[string]string{"x.yaml": soundItem}), "x.yaml")
	for name, args := range map[string][]string{
		"no directory": {"check"}, "a directory that is not there": {"check", filepath.Join(t.TempDir(), "none")}, "a file": {"check", file}, "an unknown flag": {"check", "--quick", "."},
		"an unknown command": {"chekc"}, "no command": {}, "an unknown language": {"--lang", "fr", "check", "."}, "a file that is not there": {"score", "none.yaml"}, "no file": {"fmt"}, "a directory to lay out": {"fmt", t.TempDir()},
	} {
		if got := invoke("", args...); got.code != exitUsage || !strings.HasPrefix(got.err, "leida: ") || got.out != "" {
			t.Errorf("%s: %+v", name, got)
		}
	}
	for _, args := range [][]string{{"--help"}, {"check", "--help"}, {"score", "--help"}} {
		if got := invoke("", args...); got.code != exitOK || !strings.Contains(got.out, "Usage: leida") {
			t.Errorf("%v: %+v", args, got)
		}
	}
	if got := invoke("", "version"); got.code != exitOK || !strings.HasPrefix(got.out, "leida ") {
		t.Errorf("%+v", got)
	}
}

// MEASUREMENT 4.17: an item as somebody sees it who reads only the question and the options.
func TestCheckPrints(t *testing.T) {
	dir := folder(t, map[string]string{"x.yaml": soundItem})
	without, with := invoke("", "check", dir, "--without-stimulus", "x-1"), invoke("", "check", dir, "--with-stimulus", "x-1")
	for _, got := range []ran{without, with} {
		if got.code != exitOK || got.err != "" || !strings.Contains(got.out, "Ask") || !strings.Contains(got.out, `"B"`) || strings.Contains(got.out, "0.4") || strings.Contains(got.out, "因") || strings.Contains(got.out, "Key") {
			t.Errorf("%+v", got)
		}
	}
	if strings.Contains(without.out, "Rule one") || !strings.Contains(with.out, "R1. Rule one") {
		t.Errorf("%s\n%s", without.out, with.out)
	}
	if got := invoke("", "check", dir, "--with-stimulus", "x-2"); got.code != exitFailure || !strings.Contains(got.err, "there is no item x-2") {
		t.Errorf("%+v", got)
	}
	bad := folder(t, map[string]string{"x.yaml": ""})
	if got := invoke("", "check", bad, "--with-stimulus", "x-1"); got.code != exitFailure {
		t.Errorf("%+v", got)
	}
	// what is answered in the ids printed is scored as what they stand for
	file := filepath.Join(dir, "x.yaml")
	for _, id := range []string{"o1", "o2", "o3", "o4"} {
		want := 0.0
		if regexp.MustCompile(`"ID": "` + id + `",\s+"Text": "B"`).MatchString(without.out) {
			want = 1
		} else if regexp.MustCompile(`"ID": "` + id + `",\s+"Text": "C"`).MatchString(without.out) {
			want = 0.4
		}
		if got := scoreOf(t, invoke(`{"answer":{"choice":"`+id+`"}}`, "score", "--opaque", file)); len(got) != 1 || got[0].Score == nil || *got[0].Score != want {
			t.Errorf("%s: %+v, want %g", id, got, want)
		}
	}
	if strings.Contains(with.out, `"ID": "b"`) || invoke(`{"answer":{"choice":"b"}}`, "score", "--opaque", file).code == exitOK {
		t.Error("definition ids are printed, or taken for opaque ones")
	}
	// an item of every kind that leida ships can be printed, whatever it has to read
	shipped, files := map[string]*item.Item{}, map[string]string{}
	for _, it := range builtIn().Items {
		if shipped[it.Type] == nil {
			raw, err := assessments.FS.ReadFile(it.File)
			if err != nil {
				t.Fatal(err)
			}
			shipped[it.Type], files[it.File] = it, string(raw)
		}
	}
	own := folder(t, files)
	for _, it := range shipped {
		if got := invoke("", "check", own, "--with-stimulus", it.ID); got.code != exitOK || !strings.Contains(got.out, it.Prompt.EN) {
			t.Errorf("%s: %+v", it.ID, got)
		}
	}
}

// Neither .. nor a symbolic link leads out of the directory (Y20).
func TestCheckStaysInside(t *testing.T) {
	outside, dir := folder(t, map[string]string{"secret.yaml": "secret: hunter2\n"}), folder(t, map[string]string{"x.yaml": soundItem})
	if err := os.Symlink(filepath.Join(outside, "secret.yaml"), filepath.Join(dir, "y.yaml")); err != nil {
		t.Skip("no symbolic links here:", err)
	}
	if got := invoke("", "check", dir); got.code != exitFailure || !strings.Contains(got.out, "y.yaml: error: the file cannot be read") || strings.Contains(got.out, "hunter2") {
		t.Errorf("%+v", got)
	}
}

func TestFmt(t *testing.T) {
	untidy := "# 说明\n" + strings.Replace(soundItem, `title: {zh: "题", en: "Item"}`, "title:\n      zh: 一道题\n      en: Item one", 1)
	dir := folder(t, map[string]string{"a.yaml": soundItem, "b.yaml": untidy, "c.yaml": "a: 1\na: 2\n"})
	a, b, c := filepath.Join(dir, "a.yaml"), filepath.Join(dir, "b.yaml"), filepath.Join(dir, "c.yaml")
	read := func(name string) string {
		raw, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		return string(raw)
	}
	if err := os.Chmod(b, 0o600); err != nil {
		t.Fatal(err)
	}
	if got := invoke("", "fmt", "-l", a, b); got.code != exitFailure || got.out != b+"\n" || read(b) != untidy {
		t.Errorf("-l only lists: %+v", got)
	}
	if got := invoke("", "fmt", "-l", a); got.code != exitOK || got.out != "" {
		t.Errorf("%+v", got)
	}
	if got := invoke("", "fmt", a, b); got.code != exitOK || got.out != b+"\n" || got.err != "" {
		t.Errorf("%+v", got)
	}
	if s := read(b); !strings.HasPrefix(s, "# 说明\n") || !strings.Contains(s, `  zh: "一道题"`) {
		t.Errorf("%s", s)
	}
	if info, err := os.Stat(b); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v %v", info.Mode(), err)
	}
	if got := invoke("", "fmt", a, b); got.code != exitOK || got.out != "" {
		t.Errorf("a second time: %+v", got)
	}
	if err := os.WriteFile(b, []byte(untidy), 0o600); err != nil {
		t.Fatal(err)
	}
	got := invoke("", "fmt", c, b)
	if got.code != exitFailure || got.out != b+"\n" || !strings.Contains(got.err, c+":2:1: error: key a stands twice; first at 1:1") || read(c) != "a: 1\na: 2\n" {
		t.Errorf("what cannot be laid out stays, the rest goes on: %+v", got)
	}
	left, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil || len(left) != 3 {
		t.Errorf("%v %v", left, err)
	}
}

// scoredOut is a line that score prints.
type scoredOut struct {
	Score    *float64
	Critical []string
	Pending  *bool
	Detail   any
	Error    *struct{ Code, Field, Message string }
}

func scoreOf(t *testing.T, got ran) []scoredOut {
	t.Helper()
	var out []scoredOut
	for _, line := range strings.Split(strings.TrimSuffix(got.out, "\n"), "\n") {
		if line == "" {
			continue
		}
		var s scoredOut
		dec := json.NewDecoder(strings.NewReader(line))
		dec.DisallowUnknownFields()
		if err := dec.Decode(&s); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		out = append(out, s)
	}
	return out
}

func TestScore(t *testing.T) {
	file := filepath.Join(folder(t, map[string]string{"x.yaml": soundItem}), "x.yaml")
	got := invoke(`{"answer":{"choice":"b"}}

  {"answer":{"choice":"c"},"seconds":12.5}
{"answer":{"choice":"d"},"seconds":0,"ratings":[{"rater":"r1","levels":{"a":3}}]}
{"answer":{}}
{"answer":{"choice":null}}`, "score", file)
	out := scoreOf(t, got)
	if got.code != exitOK || got.err != "" || len(out) != 5 {
		t.Fatalf("%+v", got)
	}
	for i, want := range []float64{1, 0.4, 0, 0, 0} {
		if s := out[i]; s.Score == nil || *s.Score != want || s.Critical == nil || *s.Pending || s.Detail == nil || s.Error != nil {
			t.Errorf("line %d: %s", i+1, strings.Split(got.out, "\n")[i])
		}
	}
	if !slices.Equal(out[2].Critical, []string{"d"}) || len(out[0].Critical) != 0 {
		t.Errorf("%v", out[2].Critical)
	}
	if got := invoke("", "score", file); got.code != exitOK || got.out != "" {
		t.Errorf("no answers: %+v", got)
	}
}

// A line that cannot be scored says why, at its field; the rest goes on and the exit status is 1.
func TestScoreRefuses(t *testing.T) {
	file := filepath.Join(folder(t, map[string]string{"x.yaml": soundItem}), "x.yaml")
	good := `{"answer":{"choice":"b"}}`
	for line, want := range map[string]string{ // field, and a part of the message
		`nonsense`:                               `|JSON`,
		`{"answer":{"choice":"b"}`:               `|`,
		`[]`:                                     `|wrong type`,
		`"b"`:                                    `|wrong type`,
		`{}`:                                     `answer|required`,
		`null`:                                   `answer|required`,
		`{"answer":null}`:                        `answer|required`,
		`{"answer":"b"}`:                         `|a JSON object is expected`,
		`{"answer":["b"]}`:                       `|a JSON object is expected`,
		`{"answer":{"choice":"z"}}`:              `choice|no such option`,
		`{"answer":{"choice":["b"]}}`:            `choice|one value`,
		`{"answer":{"choices":["b"]}}`:           `choices|no such field`,
		`{"answer":{"choice":"b","choice":"b"}}`: `choice|twice`,
		`{"answer":{"choice":"\u0000"}}`:         `choice|NUL`,
		`{"answer":{"choice":"b"},"score":1}`:    `|score`,
		`{"answer":{"choice":"b"},"seconds":-1}`: `seconds|negative`,
		`{"answer":{"choice":"b"},"seconds":"5"}`: `seconds|wrong type`,
		`{"answer":{"choice":"b"},"ratings":{}}`:  `ratings|wrong type`,
		`{"answer":{"choice":"b"}} {"answer":{}}`: `|follows`,
		`{"answer":{"choice":"b"}} x`:             `|follows`,
		`{"answer":{"choice":"o1"}}`:              `choice|no such option`,
	} {
		got := invoke(good+"\n"+line+"\n"+good+"\n", "score", file)
		out := scoreOf(t, got)
		if got.code != exitFailure || got.err != "" || len(out) != 3 || *out[0].Score != 1 || *out[2].Score != 1 {
			t.Errorf("%s: %+v", line, got)
			continue
		}
		field, words, _ := strings.Cut(want, "|")
		if e := out[1].Error; e == nil || out[1].Score != nil || e.Code != "invalid" && e.Code != "bad_request" || e.Field != field || !strings.Contains(e.Message, words) || strings.ContainsAny(e.Message, "{}") {
			t.Errorf("%s: %s", line, strings.Split(got.out, "\n")[1])
		}
	}
	if zh := scoreOf(t, invoke(`{"answer":{"choice":"z"}}`, "--lang", "zh", "score", file)); zh[0].Error.Message != "没有这个选项" {
		t.Errorf("%+v", zh[0].Error)
	}
	tooLong := invoke(good+"\n"+`{"answer":{"choice":"`+strings.Repeat("x", maxScoreLine)+"\"}}\n"+good+"\n", "score", file)
	if out := scoreOf(t, tooLong); tooLong.code != exitFailure || len(out) != 1 || tooLong.err == "" {
		t.Errorf("a line beyond the limit ends the run: %d, %s", tooLong.code, tooLong.err)
	}
	bad := filepath.Join(folder(t, map[string]string{"x.yaml": strings.Replace(soundItem, "level: 3", "level: 9", 1)}), "x.yaml")
	if got := invoke(good, "score", bad); got.code != exitFailure || got.out != "" || !strings.Contains(got.err, bad+":7:8: error") {
		t.Errorf("an unsound item: %+v", got)
	}
}

// The answers of a whole centre: every line has its score, in order, and the same as the body gives.
func TestScoreManyLines(t *testing.T) {
	const n = 2500
	file := filepath.Join(folder(t, map[string]string{"x.yaml": soundItem}), "x.yaml")
	it, _ := assessment.ParseItem(file, []byte(soundItem), builtInModel())
	var in strings.Builder
	var want []float64
	for i := range n {
		choice := string(rune('a' + i*7%4))
		fmt.Fprintf(&in, `{"answer":{"choice":%q},"seconds":%d}`+"\n", choice, i%90)
		f, err := item.JSONFields([]byte(fmt.Sprintf(`{"choice":%q}`, choice)))
		if err != nil {
			t.Fatal(err)
		}
		a, err := it.Body.Parse(item.Plain(""), f)
		if err != nil {
			t.Fatal(err)
		}
		r, _ := it.Score(item.Response{Answer: a})
		want = append(want, r.Score)
	}
	got := invoke(in.String(), "score", file)
	out := scoreOf(t, got)
	if got.code != exitOK || len(out) != n {
		t.Fatalf("exit %d, %d lines: %s", got.code, len(out), got.err)
	}
	for i, s := range out {
		if s.Score == nil || math.Abs(*s.Score-want[i]) > 1e-12 {
			t.Fatalf("line %d: %+v", i+1, s)
		}
	}
}

// answered is an answer of a kind's fixtures with what it is worth.
type answered struct {
	Answer  json.RawMessage
	Seconds float64
	Ratings []item.Rating
	Pending bool
	Score   float64
}

// What a test taker answers by form, and what every kind's fixtures say, scores the same here.
func TestScoreEveryKind(t *testing.T) {
	for _, k := range item.Kinds() {
		dir := filepath.Join("..", "..", "internal", "item", "testdata", k.Name)
		raw, err := os.ReadFile(filepath.Join(dir, "key.json"))
		if err != nil {
			t.Fatal(err)
		}
		var files map[string]struct {
			Key    answered
			Others []answered
		}
		if err := json.Unmarshal(raw, &files); err != nil {
			t.Fatal(err)
		}
		for name, f := range files {
			lines := ""
			for _, o := range append([]answered{f.Key}, f.Others...) {
				line, err := json.Marshal(map[string]any{"answer": o.Answer, "seconds": o.Seconds, "ratings": o.Ratings})
				if err != nil {
					t.Fatal(err)
				}
				lines += string(line) + "\n"
			}
			got := invoke(lines, "score", filepath.Join(dir, name))
			out := scoreOf(t, got)
			if got.code != exitOK || len(out) != 1+len(f.Others) || math.Abs(*out[0].Score-1) > 1e-9 {
				t.Errorf("%s/%s: %+v", k.Name, name, got)
				continue
			}
			for i, o := range f.Others {
				switch got := out[1+i]; {
				case *got.Pending != o.Pending:
					t.Errorf("%s/%s: %s: %+v", k.Name, name, o.Answer, got)
				case !o.Pending && math.Abs(*got.Score-o.Score) > 1e-9:
					t.Errorf("%s/%s: %s scores %g, want %g", k.Name, name, o.Answer, *got.Score, o.Score)
				}
			}
		}
	}
}
