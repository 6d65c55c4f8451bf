package item_test

import (
	"net/url"
	"testing"
	"unicode/utf8"

	gocmp "github.com/google/go-cmp/cmp"

	"leida/internal/fault"
	"leida/internal/item"
	"leida/internal/text"
)

// FuzzFields: whatever comes over the wire is either a tree of sound strings or a fault that names its place.
func FuzzFields(f *testing.F) {
	for _, s := range []string{"", "choice=o1", "choices%5B%5D=a&choices%5B%5D=b", "rank[s1]=1&rank[s2]=%EF%BC%92", "a=1&a=2", "a[b=1", "a[]=1&a[b]=2", "a=%00", "a=%ff",
		`{"choice":"o1"}`, `{"choices":["a","b"]}`, `{"rank":{"s1":1}}`, `{"a":1,"a":2}`, `{"a":[[[[[[[[1]]]]]]]]}`, `{"a":null}`, `{"a":"\u0000"}`, `{"a":1e400}`, `[`, `{}{}`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, wire string) {
		check := func(fields item.Fields, err error) {
			if err == nil {
				return
			}
			e := fault.As(err)
			if e == nil || e.Kind != fault.Invalid && e.Kind != fault.BadRequest {
				t.Fatalf("%q: %v", wire, err)
			}
			for _, p := range e.Problems {
				if !utf8.ValidString(p.Path) || len(p.Path) > 2000 {
					t.Fatalf("%q: path %q", wire, p.Path)
				}
				readable(t, p.Key, p.Args)
			}
			readable(t, e.Key, e.Args)
			fields.Without(e.Problems)
		}
		check(item.JSONFields([]byte(wire)))
		if form, err := url.ParseQuery(wire); err == nil {
			check(item.FormFields(form))
		}
	})
}

// FuzzParse: whatever a kind takes as an answer it can score, show, explain, store and read back.
func FuzzParse(f *testing.F) {
	all := fixtures(f)
	for i, x := range all {
		for _, s := range append([]sample{x.Key}, x.Others...) {
			f.Add(uint8(i), uint64(i), []byte(s.Answer))
			f.Add(uint8(i), uint64(0), dump(f, rename(tree(f, s.Answer), x.shown(f, item.Seen(text.ZH, 1)))))
		}
	}
	f.Fuzz(func(t *testing.T, which uint8, seed uint64, raw []byte) {
		x := all[int(which)%len(all)]
		v := item.Plain(text.ZH)
		if seed > 0 {
			v = item.Seen(text.ZH, seed)
		}
		fields, err := item.JSONFields(raw)
		if err != nil {
			return
		}
		a, err := x.it.Body.Parse(v, fields)
		if err != nil {
			refused(t, raw, err, "")
			if _, err := x.it.Body.Parse(v, fields.Without(fault.As(err).Problems)); err != nil {
				t.Fatalf("%s: %s: what is left after the refusal is refused: %v", x.file, raw, err)
			}
			return
		}
		r, err := x.it.Score(item.Response{Answer: a})
		if err != nil || !(r.Score >= 0 && r.Score <= 1) {
			t.Fatalf("%s: %s scores %+v, %v", x.file, raw, r, err)
		}
		dump(t, r.Detail)
		dump(t, x.it.Body.Prompt(v, a))
		dump(t, x.it.Body.Explain(v, a))
		if a == nil {
			return
		}
		stored := dump(t, a)
		again, err := parseJSON(x.it, item.Plain(""), stored)
		if diff := gocmp.Diff(a, again, everything); err != nil || diff != "" {
			t.Fatalf("%s: stored as %s: %v\n%s", x.file, stored, err, diff)
		}
	})
}
