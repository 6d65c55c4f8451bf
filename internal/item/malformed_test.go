package item_test

import (
	"net/url"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"leida/internal/assessment"
	"leida/internal/fault"
	"leida/internal/item"
	"leida/internal/text"
)

// Whatever is wrong with an answer is said at its field, by form and by JSON alike, and never panics (badinputs A01-A03, A10-A12).
func TestMalformedAnswers(t *testing.T) {
	all := fixtures(t)
	each(t, func(t *testing.T, f fixture) {
		v := item.Seen(text.ZH, 11)
		key := rename(tree(t, f.Key.Answer), f.shown(t, v)).(map[string]any)
		json := func(t *testing.T, field string, answer any) {
			t.Helper()
			raw := dump(t, answer)
			_, err := parseJSON(f.it, v, raw)
			refused(t, raw, err, field)
		}
		both := func(t *testing.T, field string, answer any) {
			t.Helper()
			json(t, field, answer)
			_, err := parseForm(f.it, v, form(answer))
			refused(t, []byte(form(answer).Encode()), err, "") // a form's list has no places: choices[]
			if f := fault.As(err); len(f.Problems) > 0 && !strings.HasPrefix(f.Problems[0].Path, strings.FieldsFunc(field, func(r rune) bool { return r == '[' })[0]) {
				t.Errorf("form: %v, want %s", err, field)
			}
		}
		for _, l := range leaves(key) {
			if _, ok := l.value.(string); !ok || slices.Contains(f.Free, l.path[0].(string)) || slices.Contains(f.Free, l.name()) {
				continue
			}
			t.Run("unknown id/"+l.name(), func(t *testing.T) { both(t, l.name(), with(key, l.path, "zz9")) })
			t.Run("definition id/"+l.name(), func(t *testing.T) {
				for id, shown := range f.shown(t, v) {
					if shown == l.value {
						both(t, l.name(), with(key, l.path, id)) // a candidate does not know it
					}
				}
			})
			t.Run("id of another item/"+l.name(), func(t *testing.T) {
				for _, other := range all {
					foreign := slices.DeleteFunc(other.ids(), func(id string) bool { return slices.Contains(f.Words, id) })
					if other.file != f.file && len(foreign) > 0 {
						both(t, l.name(), with(key, l.path, foreign[0]))
					}
				}
			})
			t.Run("number/"+l.name(), func(t *testing.T) { both(t, l.name(), with(key, l.path, 7000.0)) }) // none of the turns, either
			t.Run("case and space/"+l.name(), func(t *testing.T) {
				both(t, l.name(), with(key, l.path, strings.ToUpper(l.value.(string))))
				both(t, l.name(), with(key, l.path, l.value.(string)+" "))
			})
		}
		for _, l := range leaves(key) {
			t.Run("two values/"+l.name(), func(t *testing.T) { json(t, l.name(), with(key, l.path, []any{l.value, l.value})) })
			t.Run("object/"+l.name(), func(t *testing.T) { json(t, l.name(), with(key, l.path, map[string]any{"a": "b"})) })
			t.Run("NUL/"+l.name(), func(t *testing.T) { both(t, l.name(), with(key, l.path, "a\x00b")) })
			t.Run("too long/"+l.name(), func(t *testing.T) {
				both(t, l.name(), with(key, l.path, strings.Repeat("x", item.MaxAnswerText+1)))
			})
			t.Run("not UTF-8/"+l.name(), func(t *testing.T) {
				bad := form(with(key, l.path, "\xff\xfe"))
				_, err := parseForm(f.it, v, bad)
				refused(t, nil, err, "")
			})
			if _, ok := l.value.(float64); !ok {
				continue
			}
			t.Run("no number/"+l.name(), func(t *testing.T) {
				for _, s := range []string{"1,5", "1e400", "NaN", "Infinity", "0x10", "一", "1 2", "９９９９９９９９９９９９９９９９９９９９"} {
					both(t, l.name(), with(key, l.path, s))
				}
				raw := strings.Replace(string(dump(t, with(key, l.path, "HERE"))), `"HERE"`, "1e400", 1)
				_, err := parseJSON(f.it, v, []byte(raw))
				refused(t, []byte(raw), err, l.name())
			})
			t.Run("full-width/"+l.name(), func(t *testing.T) {
				wide := strings.Map(func(r rune) rune { return r - '0' + '０' }, form(with(map[string]any{"n": 0.0}, []any{"n"}, l.value)).Get("n"))
				want := f.canonical(t, f.Key.Answer)
				got, err := parseForm(f.it, v, form(with(key, l.path, wide)))
				if diff := gocmp.Diff(want, got, everything); err != nil || diff != "" {
					t.Errorf("%s: %v\n%s", wide, err, diff)
				}
			})
		}
		for name, value := range key {
			t.Run("wrong shape/"+name, func(t *testing.T) {
				for _, other := range []any{"x", []any{"x"}, map[string]any{"x": "y"}, []any{[]any{"x"}}, true, 1.5} {
					if _, is := value.(string); is && slices.Contains(f.Free, name) && reflect.TypeOf(other).Comparable() {
						continue // one value is a text, whatever it is
					}
					raw := dump(t, with(key, []any{name}, other))
					_, err := parseJSON(f.it, v, raw)
					refused(t, raw, err, "")
					if p := fault.As(err).Problems[0].Path; !strings.HasPrefix(p, name) {
						t.Errorf("%s: %s is named, want %s", raw, p, name)
					}
				}
			})
			t.Run("duplicate/"+name, func(t *testing.T) {
				raw := `{"` + name + `":` + string(dump(t, value)) + "," + string(dump(t, key))[1:]
				_, err := parseJSON(f.it, v, []byte(raw))
				refused(t, []byte(raw), err, name)
			})
		}
		for n, values := range form(key) {
			if strings.HasSuffix(n, "[]") {
				continue
			}
			t.Run("form name twice/"+n, func(t *testing.T) {
				twice := form(key)
				twice[n] = append(values, values...)
				_, err := parseForm(f.it, v, twice)
				refused(t, []byte(twice.Encode()), err, n)
			})
		}
		for name, value := range key {
			list, ok := value.([]any)
			if !ok {
				continue
			}
			t.Run("repeated/"+name, func(t *testing.T) {
				both(t, fault.Index(name, len(list)), with(key, []any{name}, append(slices.Clone(list), list[0])))
			})
		}
		t.Run("unknown field", func(t *testing.T) {
			both(t, "zz", with(key, []any{"zz"}, "1"))
			long := strings.Repeat("z", 5000)
			raw := dump(t, with(key, []any{long}, "1"))
			_, err := parseJSON(f.it, v, raw)
			refused(t, raw, err, long[:40]+"…")
		})
		t.Run("deep", func(t *testing.T) {
			for name := range key {
				raw := `{"` + name + `":` + strings.Repeat(`[`, 10_000) + strings.Repeat(`]`, 10_000) + "}"
				_, err := parseJSON(f.it, v, []byte(raw))
				refused(t, []byte(raw), err, "")
				_, err = parseForm(f.it, v, url.Values{name + strings.Repeat("[a]", 10_000): {"1"}})
				refused(t, nil, err, "")
			}
		})
		t.Run("no object", func(t *testing.T) {
			for _, raw := range []string{"", " ", "null", "[]", `"a"`, "1", "true", "{", `{"a"`, `{"a":}`, `{"a":1,}`, "{}{}", "{} x", "\xff", `{"a":"\ud800`, "NaN", "{'a':1}"} {
				_, err := parseJSON(f.it, v, []byte(raw))
				if !fault.Is(err, fault.BadRequest) {
					t.Errorf("%q: %v", raw, err)
				}
				refused(t, []byte(raw), err, "")
			}
		})
		t.Run("many", func(t *testing.T) {
			for name := range key {
				raw := `{"` + name + `":[` + strings.Repeat(`"a",`, 10_000) + `"a"]}`
				_, err := parseJSON(f.it, v, []byte(raw))
				refused(t, nil, err, "")
				_, err = parseForm(f.it, v, url.Values{name + "[]": slices.Repeat([]string{"a"}, 10_000)})
				refused(t, nil, err, "")
			}
		})
	})
}

// What a page keeps after a refusal is what was right: without the fields that were wrong, the rest is an answer.
func TestWithoutKeepsTheRest(t *testing.T) {
	each(t, func(t *testing.T, f fixture) {
		v := item.Seen(text.ZH, 4)
		key := rename(tree(t, f.Key.Answer), f.shown(t, v))
		for _, l := range leaves(key) {
			for _, bad := range []any{"zz9", "a\x00b", map[string]any{"a": "b"}, strings.Repeat("x", item.MaxAnswerText+1)} {
				wrong := form(with(key, l.path, bad))
				wrong.Set(strings.Repeat("z", 60), "1")
				fields, err := item.FormFields(wrong)
				for range 2 { // what cannot be read, then what cannot be meant
					if err == nil {
						_, err = f.it.Body.Parse(v, fields)
					}
					if err != nil {
						fields, err = fields.Without(fault.As(err).Problems), nil
					}
				}
				if _, err := f.it.Body.Parse(v, fields); err != nil {
					t.Errorf("%s=%.20v: still refused: %v", l.name(), bad, err)
				}
			}
		}
	})
}

// Ten megabytes of text are refused with the limit, before any kind looks at them.
func TestHugeAnswer(t *testing.T) {
	huge := strings.Repeat("x", 10<<20)
	_, byForm := item.FormFields(url.Values{"choice": {huge}})
	_, byJSON := item.JSONFields([]byte(`{"choice":"` + huge + `"}`))
	for _, err := range []error{byForm, byJSON} {
		refused(t, nil, err, "choice")
		if p := fault.As(err).Problems[0]; p.Key != "define.too_long" || p.Args["max"] != item.MaxAnswerText || p.Args["got"] != 10<<20 {
			t.Errorf("%v", p)
		}
	}
	if _, err := item.FormFields(url.Values{"choice": {huge[:item.MaxAnswerText]}}); err != nil {
		t.Errorf("at the limit: %v", err)
	}
}

// What is wrong with an answer whatever it answers is told apart, at its place.
func TestFieldProblems(t *testing.T) {
	deep := func(n int) string { return `{"a":` + strings.Repeat("[", n) + strings.Repeat("]", n) + "}" }
	for _, tt := range []struct {
		raw, key, path string
		kind           fault.Kind
	}{
		{`{"a":{"b":["x","y\u0000"]}}`, "answer.nul", "a[b][1]", fault.Invalid},
		{`{"a":1,"b":{"c":1,"c":2}}`, "answer.twice", "b[c]", fault.Invalid},
		{`{"a":"` + strings.Repeat("x", item.MaxAnswerText+1) + `"}`, "define.too_long", "a", fault.Invalid},
		{deep(6), "", "", ""},
		{deep(7), "answer.deep", "", fault.BadRequest},
		{deep(100_000), "answer.deep", "", fault.BadRequest},
		{`{"a":[` + strings.Repeat("1,", 1997) + `1]}`, "", "", ""},
		{`{"a":[` + strings.Repeat("1,", 1998) + `1]}`, "answer.too_many", "", fault.BadRequest},
		{`{"a":}`, "answer.json", "", fault.BadRequest},
		{`{} {}`, "answer.json_after", "", fault.BadRequest},
		{`[]`, "answer.json_object", "", fault.BadRequest},
	} {
		_, err := item.JSONFields([]byte(tt.raw))
		f := fault.As(err)
		switch {
		case tt.key == "":
			if err != nil {
				t.Errorf("%.60s: %v", tt.raw, err)
			}
		case f == nil || f.Kind != tt.kind:
			t.Errorf("%.60s: %v", tt.raw, err)
		case tt.kind == fault.Invalid && (f.Problems[0].Key != tt.key || f.Problems[0].Path != tt.path), tt.kind == fault.BadRequest && f.Key != tt.key:
			t.Errorf("%.60s: %v, want %s %s", tt.raw, err, tt.path, tt.key)
		}
	}
	for value, key := range map[string]string{"x\x00": "answer.nul", "\xff": "answer.utf8", strings.Repeat("x", item.MaxAnswerText+1): "define.too_long", "ok": ""} {
		_, err := item.FormFields(url.Values{"a[b]": {value}})
		if got := fault.As(err); key == "" && err != nil || key != "" && (got == nil || got.Problems[0].Key != key || got.Problems[0].Path != "a[b]") {
			t.Errorf("%.20q: %v", value, err)
		}
	}
}

func TestFormFieldNames(t *testing.T) {
	for _, tt := range []struct {
		form  url.Values
		field string // that is refused; empty for none
	}{
		{url.Values{"a": {"1"}, "b[]": {"1", "2"}, "c[x]": {"1"}, "c[y]": {"2"}, "d[x][y]": {"3"}}, ""},
		{url.Values{"": {"1"}}, ""},
		{url.Values{"[a]": {"1"}}, "[a]"},
		{url.Values{"a[": {"1"}}, "a["},
		{url.Values{"a[b": {"1"}}, "a[b"},
		{url.Values{"a[b]c": {"1"}}, "a[b]c"},
		{url.Values{"a[][b]": {"1"}}, "a[][b]"},
		{url.Values{"a": {"1", "2"}}, "a"},
		{url.Values{"a[b]": {"1", "2"}}, "a[b]"},
		{url.Values{"a": {"1"}, "a[b]": {"2"}}, "a[b]"},
		{url.Values{"a[]": {"1"}, "a[b]": {"2"}}, "a[b]"},
		{url.Values{"a": {"1"}, "a[]": {"2"}}, "a[]"},
		{url.Values{"a[b]": {"1"}, "a[b][c]": {"2"}}, "a[b][c]"},
		{url.Values{"a" + strings.Repeat("[b]", 6): {"1"}}, "a[b][b][b][b][b][b]"},
	} {
		_, err := item.FormFields(tt.form)
		if _, empty := tt.form[""]; tt.field == "" && !empty {
			if err != nil {
				t.Errorf("%v: %v", tt.form, err)
			}
			continue
		}
		if err == nil {
			t.Errorf("%v: taken", tt.form)
			continue
		}
		refused(t, []byte(tt.form.Encode()), err, tt.field)
	}
}

// A form of a million bad names is refused without a problem for each.
func TestFormOfBadNames(t *testing.T) {
	many := url.Values{}
	for i := range 10_000 {
		many["["+string(rune('a'+i%26))+strings.Repeat("x", i)] = nil
	}
	if _, err := item.FormFields(many); !fault.Is(err, fault.BadRequest) {
		t.Errorf("%.200v", err)
	}
}

var numeral = regexp.MustCompile(`([:\[,] )(-?\d+(?:\.\d+)?)([,\]} \n])`)

// Whatever number an author writes is judged, and reading on with it never panics.
func TestAnyNumberOfADefinitionIsJudged(t *testing.T) {
	if testing.Short() {
		t.Skip("judges one definition after the other")
	}
	each(t, func(t *testing.T, f fixture) {
		for _, at := range numeral.FindAllSubmatchIndex(f.raw, -1) {
			for _, n := range []string{"-1", "0", "0.5", "999", "-1e300", "1e300"} {
				raw := slices.Concat(f.raw[:at[4]], []byte(n), f.raw[at[5]:])
				_, report := assessment.ParseItem(f.file, raw, model())
				for _, x := range report {
					if x.Key == "yaml.panic" {
						t.Errorf("%s instead of %q: %v", n, f.raw[at[0]:at[1]], x.Args)
					}
				}
			}
		}
	})
}
