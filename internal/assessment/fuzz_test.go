package assessment_test

import (
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"leida/assessments"
	"leida/internal/assessment"
	"leida/internal/item"
	"leida/internal/text"
)

// FuzzOpen: whatever a file holds, it is taken or refused in words; what is taken can be drawn, shown, scored and laid out.
func FuzzOpen(f *testing.F) {
	for _, s := range []string{sound, form, untidy, "", "\xff\xfe", "a: &a [*a]", "a: [[[[", "? [a]\n: 1", "<<: {a: 1}", "---\na\n---\nb", "a: !!binary x", "%TAG ! x\n---\na: 1", "a: .nan", "schema: leida/item@1\ntype: matching\n"} {
		f.Add([]byte(s))
	}
	err := fs.WalkDir(assessments.FS, "items", func(name string, d fs.DirEntry, err error) error {
		if err == nil && strings.HasSuffix(name, "-0001.yaml") { // one or two of each kind
			var raw []byte
			if raw, err = fs.ReadFile(assessments.FS, name); err == nil {
				f.Add(raw)
			}
		}
		return err
	})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		lib, report := assessment.Load(fstest.MapFS{"x.yaml": {Data: raw}}, model(), nil)
		wantReadable(t, report)
		if (lib == nil) != (report.Errors() > 0) {
			t.Fatalf("%d errors", report.Errors())
		}
		for _, x := range report {
			if x.Line < 0 || x.Column < 0 || x.Line > 0 && x.Column == 0 {
				t.Fatalf("%+v", x)
			}
		}
		if out, r := assessment.Format("x.yaml", raw); out == nil && r.Errors() == 0 {
			t.Fatal("refused without a word")
		} else if out != nil {
			if again, _ := assessment.Format("x.yaml", out); string(again) != string(out) {
				t.Fatalf("laid out twice:\n%s\n%s", out, again)
			}
		}
		if lib == nil {
			return
		}
		for _, it := range lib.Items {
			r, err := it.Score(item.Response{})
			if err != nil || !(r.Score >= 0 && r.Score <= 1) {
				t.Fatalf("blank: %+v, %v", r, err)
			}
			if g, ok := it.Body.(item.Guessable); ok {
				for _, s := range item.Strategies {
					if r, err := it.Score(item.Response{Answer: g.Guess(s)}); err != nil || !(r.Score >= 0 && r.Score <= 1) {
						t.Fatalf("%s: %+v, %v", s, r, err)
					}
				}
			}
			it.Body.Prompt(item.Seen(text.EN, 1), nil)
			it.Body.Explain(item.Seen(text.EN, 1), nil)
		}
	})
}
