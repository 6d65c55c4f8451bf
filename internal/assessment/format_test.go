package assessment_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"leida/internal/assessment"
)

// untidy is sound, laid out unevenly, with a comment wherever one may stand.
const untidy = `# 题目 head, of the file

# second block: with a colon
schema:   leida/item@1
id: x-1 # behind a value
version: 1
# above a key
status:   'draft'
type: single_choice
measures:
    # above an element
    - {sub: AIC.1,   w: 0.5} # behind an element
    - sub: AIC.2
      # inside an element
      w: 0.5
level: 3
use: [practice,   cycle] # behind a list
title:
        zh: 一道题
        en: One item
prompt: {zh: 问, en: Which one}
situation:
  zh: |
    第一行 # 不是注释
      缩进的一行
    最后一行
  en: >-
    folded text
    goes on
options:
- {id: a, zh: 甲, credit: 0.25}
- {id: b, zh: "乙, 丙", key: true, why: {zh: '他说: "好"'}}
# between elements
- id: 012
  zh: 丁#戊
meta:
  author: no
  note: "a # b" # 尾
  source: 10:30
# the end
`

var comment = regexp.MustCompile(`(?m)(?:^|\s)#[^"\n]*$`)

// comments are the comments of a file in order, as they stand.
func comments(s string) []string {
	var out []string
	for _, c := range comment.FindAllString(s, -1) {
		if c = strings.TrimSpace(c); !strings.Contains(c, "不是注释") {
			out = append(out, c)
		}
	}
	return out
}

func TestFormat(t *testing.T) {
	out, report := assessment.Format("x.yaml", []byte(untidy))
	if out == nil {
		t.Fatalf("refused:\n%s", written(report))
	}
	was, is := parse(t, untidy), parse(t, string(out))
	if was.Hash != is.Hash {
		t.Error("the content has changed")
	}
	if got, want := comments(string(out)), comments(untidy); !slices.Equal(got, want) || len(want) != 11 {
		t.Errorf("comments\n%q\nwere\n%q\n%s", got, want, out)
	}
	keys := regexp.MustCompile(`(?m)^\w+`)
	if got, want := keys.FindAllString(string(out), -1), keys.FindAllString(untidy, -1); !slices.Equal(got, want) {
		t.Errorf("keys %v, were %v", got, want)
	}
	for _, line := range []string{`  zh: "一道题"`, `  en: "One item"`, `  - {id: a, zh: "甲", credit: 0.25}`, `zh: "丁#戊"`, `id: 012`, `author: no`, `  zh: |`, `version: 1`, `source: "10:30"`} {
		if !strings.Contains(string(out), line) {
			t.Errorf("no %q in\n%s", line, out)
		}
	}
	again, _ := assessment.Format("x.yaml", out)
	if string(again) != string(out) {
		t.Errorf("a second time:\n%s", again)
	}
	for name, src := range map[string]string{"BOM": "\xef\xbb\xbf" + untidy, "CRLF": strings.ReplaceAll(untidy, "\n", "\r\n"), "no last line end": strings.TrimSuffix(untidy, "\n")} {
		got, report := assessment.Format("x.yaml", []byte(src))
		if string(got) != string(out) {
			t.Errorf("%s: %s\n%s", name, written(report), got)
		}
	}
	if out, report := assessment.Format("x.yaml", []byte(edit(sound, 10, "prompt:\n  zh: |+\n    问\n\n")+"meta:\n  note: |\n    记")); out == nil {
		t.Errorf("texts to the last line:\n%s", written(report))
	}
	// what is sound already stays as it is
	if got, _ := assessment.Format("x.yaml", []byte(sound)); string(got) != sound {
		t.Errorf("\n%s", got)
	}
	// prose of any length stays in its line
	long := edit(sound, 10, `prompt: {zh: "`+strings.Repeat("很长 ", 500)+`"}`)
	if got, _ := assessment.Format("x.yaml", []byte(long)); string(got) != long {
		t.Error("a long line is folded")
	}
}

// Anything that people may write is laid out without changing what it says.
func TestFormatKeepsTexts(t *testing.T) {
	for _, s := range []string{"a: b", "a, b", "?", "- a", "#a", "'", `"`, `\`, "%", "@", "null", "~", "true", "1.10", "012", " lead", "trail ", "tab\there", "{a}", "[b]", "*a", "&a", "!a", "|", ">", "---", "...", "line\nline", "\u2028", "é", "e\u0301", "👩‍💻", "\ufeff", "a\u0085b"} {
		quoted := strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`, "\t", `\t`, "\u0085", `\N`, "\u2028", `\L`, "\ufeff", `\ufeff`).Replace(s)
		src := edit(sound, 10, `prompt: {zh: "`+quoted+`."}`)
		was := parse(t, src)
		if was.Prompt.ZH != s+"." {
			t.Fatalf("%q is read as %q", s, was.Prompt.ZH)
		}
		out, report := assessment.Format("x.yaml", []byte(src))
		if out == nil {
			t.Errorf("%q: %s", s, written(report))
			continue
		}
		if is := parse(t, string(out)); is.Prompt.ZH != was.Prompt.ZH || is.Hash != was.Hash {
			t.Errorf("%q becomes %q", was.Prompt.ZH, is.Prompt.ZH)
		}
	}
}

func TestFormatRefuses(t *testing.T) {
	for name, src := range map[string]string{
		"empty": "", "tab": edit(sound, 7, "\tlevel: 3"), "two documents": sound + "---\n" + sound, "a key twice": edit(sound, 4, "id: y"), "null": edit(sound, 9, "title: ~"),
		"tag": edit(sound, 9, "title: !x {zh: 题}"), "GBK": "id: \xcc\xe2\xc4\xbf\n", "a comma cuts a text": edit(sound, 9, "title: {zh: 独立稳定,能说明依据, en: x}"), "not finite": edit(sound, 7, "level: .nan"),
	} {
		out, report := assessment.Format("x.yaml", []byte(src))
		if out != nil || report.Errors() == 0 {
			t.Errorf("%s: %v\n%s", name, said(report), out)
		}
		wantReadable(t, report)
	}
	// what the file means is not the formatter's business
	if out, _ := assessment.Format("x.yaml", []byte("what: ever\n")); string(out) != "what: ever\n" {
		t.Errorf("%s", out)
	}
}

// MEASUREMENT 3.1: an unquoted comma in braces silently cuts a text and makes a key of the rest.
func TestCommaTrap(t *testing.T) {
	_, report := assessment.ParseItem("x.yaml", []byte(edit(sound, 9, "title: {zh: 独立稳定,能说明依据, en: steady}")), model())
	wantSaid(t, errorsOf(report), "x.yaml:9:18 yaml.comma")
	if f := errorsOf(report)[0]; f.Args["text"] != "能说明依据" {
		t.Errorf("%v", f.Args)
	}
	for line, want := range map[string]string{"title: {zh: 好吗?, en: x}": "", "title: {zh: 时间: 三点, en: x}": "yaml.", "title: {zh: \"题\", en: x": "yaml."} {
		_, report := assessment.ParseItem("x.yaml", []byte(edit(sound, 9, line)), model())
		got := errorsOf(report)
		if want == "" && len(got) > 0 || want != "" && (len(got) == 0 || !strings.HasPrefix(got[0].Key, want) || got[0].Line < 9 || got[0].Line > 10) {
			t.Errorf("%s: %v", line, said(got))
		}
		wantReadable(t, report)
	}
}
