package assessment_test

import (
	"fmt"
	"io/fs"
	"reflect"
	"slices"
	"strings"
	"testing"
	"unicode"

	"leida/assessments"
	"leida/internal/assessment"
	"leida/internal/item"
	"leida/internal/text"
)

func builtIn(t testing.TB) (*assessment.Library, assessment.Report) {
	t.Helper()
	lib, report := assessment.Load(assessments.FS, nil, nil)
	if lib == nil {
		t.Fatalf("the built-in definitions are unsound:\n%s", written(report))
	}
	return lib, report
}

// What leida ships is sound, and the only thing a reviewer may still find is that no real panel has rated.
func TestBuiltIn(t *testing.T) {
	lib, report := builtIn(t)
	for _, f := range report {
		if f.Key != "sjt.illustrative" {
			t.Errorf("%s: %s", f.Place(), f.Message(text.EN))
		}
	}
	if len(lib.Items) == 0 || len(lib.Assessments) == 0 {
		t.Errorf("%d items, %d assessments", len(lib.Items), len(lib.Assessments))
	}
	for _, a := range lib.Assessments {
		for _, s := range item.Strategies {
			if got := lib.Blind(a, s); got > assessment.MaxBlind {
				t.Errorf("%s: who always takes the %s earns %.1f", a.ID, s, got)
			}
		}
		for seed := range uint64(20) {
			if paper, err := lib.Draw(a, seed); err != nil || len(paper) != a.Length() {
				t.Errorf("%s: %d of %d, %v", a.ID, len(paper), a.Length(), err)
			}
		}
		if a.Purpose.IsZero() || a.Limit() == 0 {
			t.Errorf("%s says neither what it is for nor how long it may take", a.ID)
		}
	}
}

// Whoever answers "not in the records" where nothing can be cited finds no such field: the row of records gives no key away.
func TestBuiltInFieldsAlike(t *testing.T) {
	lib, _ := builtIn(t)
	asking := 0
	for _, it := range lib.Items {
		p, ok := it.Body.Prompt(item.Plain(text.ZH), nil).(item.FieldsPrompt)
		if !ok {
			continue
		}
		with, f := 0, map[string][]string{}
		for _, x := range p.Fields {
			if len(x.Cites) > 0 {
				with++
				continue
			}
			if x.Offers {
				f["none[]"] = append(f["none[]"], x.ID)
			}
			for _, o := range x.Options {
				if o.Text == "记录未提供" {
					f[x.Name] = []string{o.ID}
				}
			}
		}
		if with == 0 {
			continue
		}
		asking++
		fields, err := item.FormFields(f)
		if err != nil {
			t.Fatal(err)
		}
		a, err := it.Body.Parse(item.Plain(text.ZH), fields)
		if err != nil {
			t.Fatal(err)
		}
		if r, _ := it.Score(item.Response{Answer: a}); with < len(p.Fields) || r.Score > 0 {
			t.Errorf("%s: %d of %d fields ask for records; none in the others scores %.3f", it.ID, with, len(p.Fields), r.Score)
		}
	}
	if asking == 0 {
		t.Error("no item asks for records")
	}
}

// The case library has cases of every problem level, of many industries, and some that are no longer valid, so that it can be tried what is done with them.
func TestBuiltInCases(t *testing.T) {
	lib, _ := builtIn(t)
	levels, industries, expired := map[int]int{}, map[string]int{}, 0
	for _, c := range lib.Cases {
		levels[c.PCI.Level()]++
		industries[c.Tags["scenario"]]++
		if c.ValidTo != "" {
			expired++
		}
		if !text.Has("scenario." + c.Tags["scenario"]) {
			t.Errorf("%s: message scenario.%s is needed", c.ID, c.Tags["scenario"])
		}
	}
	if len(lib.Cases) < 40 || len(levels) != 5 || len(industries) < 8 || expired < 5 {
		t.Errorf("%d cases, levels %v, industries %v, %d with an end", len(lib.Cases), levels, industries, expired)
	}
}

// Both languages stand everywhere, and every item says why.
func TestBuiltInSaysAllTwice(t *testing.T) {
	lib, _ := builtIn(t)
	han := func(r rune) bool { return unicode.Is(unicode.Han, r) }
	for _, it := range lib.Items {
		texts, whys := 0, 0
		walkTexts(reflect.ValueOf(it).Elem(), it.ID, func(at string, x text.Text) {
			texts++
			if strings.Contains(strings.ToLower(at), ".why") || strings.Contains(at, ".Feedback") {
				whys++
			}
			switch {
			case strings.TrimSpace(x.ZH) == "" || strings.TrimSpace(x.EN) == "":
				t.Errorf("%s: %+v", at, x)
			case !strings.ContainsFunc(x.ZH, func(r rune) bool { return han(r) || unicode.IsDigit(r) }):
				t.Errorf("%s: no Chinese in %q", at, x.ZH)
			case strings.ContainsFunc(x.EN, han):
				t.Errorf("%s: Chinese in %q", at, x.EN)
			}
		})
		if texts < 6 || whys == 0 {
			t.Errorf("%s has %d texts, %d of them a why", it.ID, texts, whys)
		}
		r := it.Reading()
		split := []string{}
		for _, x := range r.Records {
			split = append(split, x.Channel)
		}
		if r.Table != nil {
			for _, h := range r.Table.Heads() {
				split = append(split, h.ZH+" / "+h.EN)
			}
			for _, row := range r.Table.Rows {
				split = append(split, row...)
			}
		}
		for _, s := range split {
			if x := text.Split(s); strings.ContainsFunc(s, han) && (x.EN == "" || strings.ContainsFunc(x.EN, han)) {
				t.Errorf("%s: %q has no English", it.ID, s)
			}
		}
	}
	for _, a := range lib.Assessments {
		walkTexts(reflect.ValueOf(a).Elem(), a.ID, func(at string, x text.Text) {
			if x.ZH == "" || x.EN == "" {
				t.Errorf("%s: %+v", at, x)
			}
		})
	}
	for i := range lib.Cases {
		c := &lib.Cases[i]
		walkTexts(reflect.ValueOf(c).Elem(), c.ID, func(at string, x text.Text) {
			if !c.Caution.IsZero() || !strings.HasSuffix(at, "Caution") {
				if x.ZH == "" || x.EN == "" || strings.ContainsFunc(x.EN, han) {
					t.Errorf("%s: %+v", at, x)
				}
			}
		})
	}
	n := 0
	walkTexts(reflect.ValueOf(lib.Model).Elem(), lib.Model.ID, func(at string, x text.Text) {
		if n++; x.ZH == "" || x.EN == "" {
			t.Errorf("%s: %+v", at, x)
		}
	})
	if n < 100 {
		t.Errorf("only %d texts in the model", n)
	}
}

// walkTexts visits every text that is written somewhere in a value.
func walkTexts(v reflect.Value, at string, visit func(at string, x text.Text)) {
	switch v.Kind() {
	case reflect.Interface, reflect.Pointer:
		if !v.IsNil() {
			walkTexts(v.Elem(), at, visit)
		}
	case reflect.Slice:
		for i := range v.Len() {
			walkTexts(v.Index(i), fmt.Sprintf("%s[%d]", at, i), visit)
		}
	case reflect.Map:
		for it := v.MapRange(); it.Next(); {
			walkTexts(it.Value(), at+"."+it.Key().String(), visit)
		}
	case reflect.Struct:
		if x, ok := v.Interface().(text.Text); ok {
			if !x.IsZero() {
				visit(at, x)
			}
			return
		}
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				walkTexts(v.Field(i), at+"."+v.Type().Field(i).Name, visit)
			}
		}
	}
}

// The layout of what leida ships can be made even without changing what it says.
func TestBuiltInCanBeFormatted(t *testing.T) {
	err := fs.WalkDir(assessments.FS, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		raw, err := fs.ReadFile(assessments.FS, name)
		if err != nil {
			return err
		}
		if out, report := assessment.Format(name, raw); out == nil {
			t.Errorf("\n%s", written(report))
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

// Of a blind candidate whom people would have to rate no score is known, and 0 is one.
func TestBlindScoresOfRatedItems(t *testing.T) {
	lib, _ := builtIn(t)
	bounds := map[string]assessment.BlindBound{}
	for _, b := range lib.BlindBounds() {
		bounds[b.Item.ID] = b
	}
	waiting := 0
	for _, it := range lib.Items {
		b, ok := it.Body.(item.Resistant)
		if !ok {
			continue
		}
		var want []string
		for _, x := range b.Blind() {
			r, err := it.Score(item.Response{Answer: x.Answer})
			if err != nil {
				t.Fatal(it.ID, err)
			}
			if r.Pending {
				waiting++
			} else {
				want = append(want, x.Name)
			}
		}
		var got []string
		for _, x := range assessment.BlindScores(it) {
			got = append(got, x.Name)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: scores of %v, want %v", it.ID, got, want)
		}
		if bound, told := bounds[it.ID]; told && !slices.Contains(want, bound.Name) {
			t.Errorf("%s: %s is told as the luckiest, and is not marked", it.ID, bound.Name)
		}
	}
	if waiting == 0 {
		t.Error("no item of the bank has a blind candidate to be rated")
	}
}
