package text_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"pgregory.net/rapid"

	"leida/internal/fault"
	"leida/internal/text"
)

var placeholder = regexp.MustCompile(`\{([^{}]*)\}`)

var placeholderForm = regexp.MustCompile(`^[a-z_][a-z0-9_]*(\|[^|{}]*\|[^|{}]*)?$`)

// placeholders are the names of a message's values, sorted, each once.
func placeholders(s string) []string {
	var names []string
	for _, m := range placeholder.FindAllStringSubmatch(s, -1) {
		name, _, _ := strings.Cut(m[1], "|")
		names = append(names, name)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// Every message says the same in both languages, with the same values.
func TestCatalogue(t *testing.T) {
	keys := text.Keys()
	if len(keys) < 100 || !slices.IsSorted(keys) {
		t.Fatalf("%d keys", len(keys))
	}
	form := regexp.MustCompile(`^[a-z][a-z0-9_]*(\.[a-z0-9_-]+)+$`)
	for _, key := range keys {
		m := text.Message(key)
		if !form.MatchString(key) || !text.Has(key) {
			t.Errorf("%s: a key is words joined by dots", key)
		}
		for _, l := range text.Langs {
			s := map[text.Lang]string{text.ZH: m.ZH, text.EN: m.EN}[l]
			if strings.TrimSpace(s) == "" || !utf8.ValidString(s) || strings.ContainsAny(s, "\x00\ufffd") {
				t.Errorf("%s says %q in %s", key, s, l)
			}
			if strings.Count(s, "{") != strings.Count(s, "}") || strings.ContainsAny(placeholder.ReplaceAllString(s, ""), "{}") {
				t.Errorf("%s in %s: braces do not pair: %s", key, l, s)
			}
			for _, p := range placeholder.FindAllStringSubmatch(s, -1) {
				one, many := "", ""
				if parts := strings.Split(p[1], "|"); len(parts) == 3 {
					one, many = parts[1], parts[2]
				}
				if !placeholderForm.MatchString(p[1]) || strings.Contains(p[1], "|") && one == many {
					t.Errorf("%s in %s: {%s}", key, l, p[1])
				}
			}
		}
		if zh, en := placeholders(m.ZH), placeholders(m.EN); !slices.Equal(zh, en) {
			t.Errorf("%s: values %v in zh, %v in en", key, zh, en)
		}
		if strings.ContainsFunc(m.EN, func(r rune) bool { return unicode.Is(unicode.Han, r) }) && !bilingual[key] {
			t.Errorf("%s: Chinese in the English: %s", key, m.EN)
		}
	}
	for key := range bilingual {
		if !text.Has(key) {
			t.Errorf("bilingual %s is gone", key)
		}
	}
}

// bilingual are messages whose English quotes Chinese on purpose.
var bilingual = map[string]bool{}

func TestSay(t *testing.T) {
	for _, tt := range []struct {
		l    text.Lang
		key  string
		args []any
		want string
	}{
		{text.EN, "define.whole", []any{"min", 1, "max", 5}, "must be a whole number from 1 to 5"},
		{text.ZH, "define.whole", []any{"min", 1, "max", 5}, "须是 1 到 5 的整数"},
		{text.ZH, "define.whole", []any{fault.Args{"min": 1, "max": 5}}, "须是 1 到 5 的整数"},
		{text.EN, "define.one_of", []any{"got", "x", "known", []string{"a", "b"}}, `"x" is not one of: a, b`},
		{text.ZH, "define.one_of", []any{"got", "x", "known", []string{"a", "b"}}, "“x”不在可选值之内：a、b"},
		{text.EN, "define.sum", []any{"got", 0.9700000000000001}, "the weights must sum to 1 (got 0.97)"},
		{text.EN, "define.sum", []any{"got", text.Ref("report.error")}, "the weights must sum to 1 (got error)"},
		{text.ZH, "define.sum", []any{"got", text.Text{ZH: "零", EN: "none"}}, "权重之和须为 1，现为 零"},
		{text.EN, "define.sum", []any{"got", text.Text{ZH: "零"}}, "the weights must sum to 1 (got 零)"},
		{text.EN, "check.summary", []any{"dir", "d", "errors", 1, "warnings", 2}, "d: 1 error, 2 warnings"},
		{text.EN, "check.summary", []any{"dir", "d", "errors", 0, "warnings", 1}, "d: 0 errors, 1 warning"},
		{text.EN, "check.summary", []any{"dir", "d", "errors", int64(1), "warnings", "1"}, "d: 1 error, 1 warning"},
		{text.EN, "define.sum", nil, "the weights must sum to 1 (got {got})"}, // a value that is missing shows
		{text.EN, "define.sum", []any{"got"}, "the weights must sum to 1 (got {got})"},
		{text.EN, "define.sum", []any{"got", "{min}", "min", 3}, "the weights must sum to 1 (got {min})"}, // values are not filled again
		{text.EN, "no.such.key", []any{"a", 1}, "no.such.key"},
		{"fr", "report.error", nil, "错误"},
	} {
		if got := text.Say(tt.l, tt.key, tt.args...); got != tt.want {
			t.Errorf("Say(%s, %s, %v) = %q, want %q", tt.l, tt.key, tt.args, got, tt.want)
		}
	}
	if got := text.Problem(text.EN, fault.At("x", "define.sum", "got", 2)); got != "the weights must sum to 1 (got 2)" {
		t.Error(got)
	}
	if text.Has("no.such.key") || !text.Message("no.such.key").IsZero() {
		t.Error("found what is not there")
	}
}

// Nothing that a person types into a value breaks a message.
func TestSayAnyValue(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		key := rapid.SampledFrom(text.Keys()).Draw(t, "key")
		args := fault.Args{}
		for _, name := range placeholders(text.Message(key).EN) {
			args[name] = rapid.String().Draw(t, name)
		}
		for _, l := range text.Langs {
			for name, v := range args {
				plain := false // not only as the choice between one and many
				for _, p := range placeholder.FindAllStringSubmatch(text.Message(key).In(l), -1) {
					plain = plain || p[1] == name
				}
				if got := text.Say(l, key, args); plain && !strings.Contains(got, v.(string)) {
					t.Errorf("%s in %s lacks %s=%q: %q", key, l, name, v, got)
				}
			}
		}
	})
}
