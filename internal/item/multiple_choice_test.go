package item

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"leida/internal/text"
)

// anyMulti has a key and a non-key at least.
func anyMulti(t *rapid.T) *multipleChoice {
	n := rapid.IntRange(2, 9).Draw(t, "options")
	k := rapid.IntRange(1, n-1).Draw(t, "keys")
	b := &multipleChoice{}
	for i := range n {
		b.Options = append(b.Options, choiceOption{ID: id(i), Text: same(id(i)), Key: i < k})
	}
	return b
}

func (b *multipleChoice) keys(key bool) []string {
	var out []string
	for _, o := range b.Options {
		if o.Key == key {
			out = append(out, o.ID)
		}
	}
	return out
}

func TestMultipleChoiceFormula(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := anyMulti(t)
		k, n := b.keys(true), b.keys(false)
		chosen := some(t, "chosen", len(b.Options), 0)
		hits, alarms := 0, 0
		for _, c := range chosen {
			if slices.Contains(k, c) {
				hits++
			} else {
				alarms++
			}
		}
		got := score(t, b, multipleAnswer{Choices: chosen})
		want := max(0, float64(hits)/float64(len(k))-float64(alarms)/float64(len(n)))
		if !near(got, want) {
			t.Fatalf("%v scores %g, want %g", chosen, got, want)
		}
		// one more right one never lowers, one more wrong one never raises
		for _, o := range b.Options {
			if slices.Contains(chosen, o.ID) {
				continue
			}
			more := score(t, b, multipleAnswer{Choices: append(slices.Clone(chosen), o.ID)})
			if o.Key && more < got || !o.Key && more > got {
				t.Fatalf("%v scores %g, with %s %g", chosen, got, o.ID, more)
			}
		}
		slices.Reverse(chosen)
		if again := score(t, b, multipleAnswer{Choices: chosen}); again != got {
			t.Fatalf("the order of choices matters: %g, %g", got, again)
		}
	})
}

func TestMultipleChoiceExtremes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := anyMulti(t)
		for _, tt := range []struct {
			name    string
			choices []string
			want    float64
		}{{"all", optionIDs(b.Options), 0}, {"none", nil, 0}, {"key", b.keys(true), 1}, {"the others", b.keys(false), 0}} {
			if got := score(t, b, multipleAnswer{Choices: tt.choices}); !near(got, tt.want) {
				t.Errorf("%s of %d with %d keys: %g", tt.name, len(b.Options), len(b.keys(true)), got)
			}
		}
	})
}

func TestMultipleChoiceDetail(t *testing.T) {
	b := &multipleChoice{Options: []choiceOption{{ID: "a", Key: true}, {ID: "b", Key: true}, {ID: "c", Critical: true}, {ID: "d"}}}
	r, err := b.Score(Response{Answer: multipleAnswer{Choices: []string{"c", "a"}}})
	d := r.Detail.(multipleDetail)
	if err != nil || !slices.Equal(d.Hits, []string{"a"}) || !slices.Equal(d.Misses, []string{"b"}) || !slices.Equal(d.FalseAlarms, []string{"c"}) || !slices.Equal(r.Critical, []string{"c"}) {
		t.Errorf("%+v, %v", r, err)
	}
}

func TestMultipleChoiceValidateAndLint(t *testing.T) {
	why := Marked{Why: same("因为")}
	b := &multipleChoice{Options: []choiceOption{{ID: "a", Text: same("文"), Marked: why}, {ID: "b", Text: same("文"), Marked: why}}}
	wantSaid(t, b.Validate(), "options multiple_choice.no_key")
	b.Options[0].Key = true
	wantSaid(t, b.Validate(), "")
	wantSaid(t, b.Lint(), "")
	b.Options[1].Key = true // Y07: a warning, not an error
	wantSaid(t, b.Validate(), "")
	wantSaid(t, b.Lint(), "options multiple_choice.all_keys")
	b.Options[1].Credit, b.Options[1].Why = 0.5, text.Text{}
	wantSaid(t, b.Validate(), "options[1].credit multiple_choice.credit")
	wantSaid(t, b.Lint(), "options multiple_choice.all_keys, options[1] item.no_why")
}
