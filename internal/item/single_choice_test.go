package item

import (
	"testing"

	"pgregory.net/rapid"

	"leida/internal/text"
)

func anySingle(t *rapid.T) *singleChoice {
	n := rapid.IntRange(2, 8).Draw(t, "options")
	key := rapid.IntRange(0, n-1).Draw(t, "key")
	b := &singleChoice{}
	for i := range n {
		o := choiceOption{ID: id(i), Text: same(id(i)), Credit: rapid.Float64Range(0, 0.99).Draw(t, "credit")}
		if i == key {
			o.Credit, o.Key = 0, rapid.Bool().Draw(t, "marked")
			if !o.Key {
				o.Credit = 1
			}
		}
		b.Options = append(b.Options, o)
	}
	return b
}

func TestSingleChoiceIsWorthItsCredit(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := anySingle(t)
		if ps := b.Validate(); len(ps) > 0 {
			t.Fatal(ps)
		}
		best := 0
		for _, o := range b.Options {
			got := score(t, b, singleAnswer{Choice: o.ID})
			if o.credit() == 1 {
				best++
			}
			if got != o.credit() || (got == 1) != (o.credit() == 1) {
				t.Errorf("%+v scores %g", o, got)
			}
		}
		if best != 1 || score(t, b, nil) != 0 || score(t, b, singleAnswer{Choice: "nowhere"}) != 0 {
			t.Error("one key, and nothing else, scores 1")
		}
	})
}

func TestSingleChoiceValidate(t *testing.T) {
	option := func(id string, change func(o *choiceOption)) choiceOption {
		o := choiceOption{ID: id, Text: same("文")}
		if change != nil {
			change(&o)
		}
		return o
	}
	key := func(o *choiceOption) { o.Key = true }
	credit := func(c float64) func(*choiceOption) { return func(o *choiceOption) { o.Credit = c } }
	for _, tt := range []struct {
		name    string
		options []choiceOption
		want    string
	}{
		{"sound", []choiceOption{option("a", key), option("b", nil)}, ""},
		{"credit 1 is a key", []choiceOption{option("a", credit(1)), option("b", credit(0.5))}, ""},
		{"marked twice", []choiceOption{option("a", func(o *choiceOption) { o.Key, o.Credit = true, 1 }), option("b", nil)}, ""},
		{"no key", []choiceOption{option("a", nil), option("b", credit(0.99))}, "options single_choice.keys"},
		{"two keys", []choiceOption{option("a", key), option("b", credit(1))}, "options single_choice.keys"},
		{"key with half a credit", []choiceOption{option("a", func(o *choiceOption) { o.Key, o.Credit = true, 0.5 }), option("b", nil)}, "options[0].credit single_choice.key_credit"},
		{"credit above 1", []choiceOption{option("a", key), option("b", credit(1.01))}, "options[1].credit define.range"},
		{"credit below 0", []choiceOption{option("a", key), option("b", credit(-0.01))}, "options[1].credit define.range"},
		{"one option", []choiceOption{option("a", key)}, "options define.count"},
		{"no option", nil, "options define.count, options single_choice.keys"},
		{"same id", []choiceOption{option("a", key), option("a", nil)}, "options[1].id define.repeated"},
		{"no id", []choiceOption{option("", key), option("b", nil)}, "options[0].id define.required"},
		{"no text", []choiceOption{option("a", key), option("b", func(o *choiceOption) { o.Text = same(" ") })}, "options[1].zh define.required"},
		{"unknown cue", []choiceOption{option("a", key), option("b", func(o *choiceOption) { o.Cue = "rude" })}, "options[1].cue define.one_of"},
		{"why without Chinese", []choiceOption{option("a", key), option("b", func(o *choiceOption) { o.Why.EN = "so" })}, "options[1].why.zh define.required"},
	} {
		t.Run(tt.name, func(t *testing.T) { wantSaid(t, (&singleChoice{Options: tt.options}).Validate(), tt.want) })
	}
	b := &singleChoice{Options: []choiceOption{option("a", key), option("b", nil)}}
	b.Scoring.Method = "sjt"
	b.Feedback = map[string]text.Text{"z": same("文")}
	wantSaid(t, b.Validate(), "feedback.z item.no_part, scoring.method item.method")
	b.Scoring.Method, b.Feedback = "choice", nil
	wantSaid(t, b.Validate(), "")
}

func TestSingleChoiceHundredOptions(t *testing.T) {
	b := &singleChoice{}
	for i := range MaxOptions {
		b.Options = append(b.Options, choiceOption{ID: id(i), Text: same("文"), Key: i == 0})
	}
	wantSaid(t, b.Validate(), "")
	b.Options = append(b.Options, choiceOption{ID: "more", Text: same("文")})
	wantSaid(t, b.Validate(), "options define.count")
}

func TestSingleChoiceLint(t *testing.T) {
	why := Marked{Why: same("因为")}
	four := []choiceOption{{ID: "a", Text: same("一二三四五六七"), Key: true, Marked: why}, {ID: "b", Text: same("一二三四五"), Marked: why}, {ID: "c", Text: same("一二三四五"), Marked: why}, {ID: "d", Text: same("一二三四五"), Marked: why}}
	wantSaid(t, (&singleChoice{Options: four}).Lint(), "") // 7 of a mean of 5.5 is 1.27
	four[0].Text = same("一二三四五六七八九")
	wantSaid(t, (&singleChoice{Options: four}).Lint(), "options[0] single_choice.longest") // 9 of 6 is 1.5
	four[0].Text.EN = ""                                                                   // lengths are those of the Chinese
	wantSaid(t, (&singleChoice{Options: four}).Lint(), "options[0] single_choice.longest")
	four[0].Text, four[2].Why = same("一二三四五"), text.Text{}
	wantSaid(t, (&singleChoice{Options: four[:3]}).Lint(), "options single_choice.few, options[2] item.no_why")
}
