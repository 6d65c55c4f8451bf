package item

import (
	"maps"
	"testing"

	"pgregory.net/rapid"

	"leida/internal/text"
)

// anyMatching passes Validate.
func anyMatching(t *rapid.T) *matching {
	l, r := rapid.IntRange(2, 6).Draw(t, "left"), rapid.IntRange(2, 6).Draw(t, "right")
	b := &matching{Left: parts(l), Right: parts(r), Pairs: map[string]string{}, Accept: map[string]map[string]float64{}}
	for i := range l {
		b.Pairs[id(i)] = id(rapid.IntRange(0, r-1).Draw(t, "pair"))
		if other := id(rapid.IntRange(0, r-1).Draw(t, "accepted")); other != b.Pairs[id(i)] && rapid.Bool().Draw(t, "accepts") {
			b.Accept[id(i)] = map[string]float64{other: rapid.Float64Range(0.05, 0.95).Draw(t, "credit")}
		}
	}
	if len(b.Validate()) > 0 { // one right entry everywhere
		b.Pairs[id(0)], b.Pairs[id(1)], b.Accept = id(0), id(1), nil
	}
	return b
}

func TestMatchingFormula(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := anyMatching(t)
		if ps := b.Validate(); len(ps) > 0 {
			t.Fatal(ps)
		}
		if got := score(t, b, matchingAnswer{b.Pairs}); !near(got, 1) {
			t.Errorf("the key scores %g", got)
		}
		if got := score(t, b, nil); got != 0 {
			t.Errorf("blank scores %g", got)
		}
		best := 0.0
		for _, r := range b.Right {
			constant := map[string]string{}
			a := 0.0
			for _, l := range b.Left {
				constant[l.ID] = r.ID
				a += b.credit(l.ID, r.ID) / float64(len(b.Left))
			}
			best = max(best, a)
			if got := score(t, b, matchingAnswer{constant}); !near(got, 0) {
				t.Errorf("%s everywhere scores %g", r.ID, got)
			}
		}
		given := map[string]string{}
		accuracy := 0.0
		for _, l := range some(t, "given", len(b.Left), 0) {
			given[l] = id(rapid.IntRange(0, len(b.Right)-1).Draw(t, "to"))
			accuracy += b.credit(l, given[l]) / float64(len(b.Left))
		}
		before := score(t, b, matchingAnswer{given})
		if want := max(0, (accuracy-best)/(1-best)); !near(before, want) {
			t.Errorf("%v scores %g, want %g", given, before, want)
		}
		for l, r := range b.Pairs {
			if given[l] == r {
				continue
			}
			mended := maps.Clone(given)
			mended[l] = r
			if after := score(t, b, matchingAnswer{mended}); after < before {
				t.Errorf("%s put right lowers %g to %g", l, before, after)
			}
		}
	})
}

func TestMatchingValidate(t *testing.T) {
	sound := func() *matching {
		return &matching{Left: parts(2), Right: parts(3), Pairs: map[string]string{"p0": "p1", "p1": "p0"}}
	}
	for _, tt := range []struct {
		name   string
		change func(b *matching)
		want   string
	}{
		{"sound", func(b *matching) { b.Accept = map[string]map[string]float64{"p0": {"p2": 0.5}} }, ""},
		{"unpaired", func(b *matching) { delete(b.Pairs, "p1") }, "pairs matching.unpaired"},
		{"no pairs", func(b *matching) { b.Pairs = nil }, "pairs matching.unpaired, pairs matching.unpaired"},
		{"a pair of nobody", func(b *matching) { b.Pairs["z"] = "p0" }, "pairs.z item.no_part"},
		{"a pair with nobody", func(b *matching) { b.Pairs["p0"] = "z" }, "pairs.p0 item.no_part"},
		{"accepts for nobody", func(b *matching) { b.Accept = map[string]map[string]float64{"z": {"p0": 0.5}} }, "accept.z item.no_part"},
		{"accepts nobody", func(b *matching) { b.Accept = map[string]map[string]float64{"p0": {"z": 0.5}} }, "accept.p0.z item.no_part"},
		{"accepts in full", func(b *matching) { b.Accept = map[string]map[string]float64{"p0": {"p2": 1}} }, "accept.p0.p2 matching.accept"},
		{"accepts for nothing", func(b *matching) { b.Accept = map[string]map[string]float64{"p0": {"p2": 0}} }, "accept.p0.p2 matching.accept"},
		{"always the same", func(b *matching) { b.Pairs["p0"] = "p0" }, "pairs matching.constant"},
		{"one on the left", func(b *matching) { b.Left = b.Left[:1]; delete(b.Pairs, "p1") }, "left define.count"},
		{"same id twice", func(b *matching) { b.Right[2].ID = "p0" }, "right[2].id define.repeated"},
		{"feedback of nobody", func(b *matching) { b.Feedback = map[string]text.Text{"p2": same("文")} }, "feedback.p2 item.no_part"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b := sound()
			tt.change(b)
			wantSaid(t, b.Validate(), tt.want)
		})
	}
}

func TestMatchingLint(t *testing.T) {
	b := &matching{Left: parts(5), Right: parts(4), Pairs: map[string]string{"p0": "p0", "p1": "p0", "p2": "p1", "p3": "p2", "p4": "p2"}, Rationale: Rationale{Why: same("因为")}}
	wantSaid(t, b.Lint(), "") // 2 of 5 is 0.4
	b.Pairs["p4"] = "p0"
	wantSaid(t, b.Lint(), "pairs matching.blind")
	few := &matching{Left: parts(3), Right: parts(3), Pairs: map[string]string{"p0": "p0", "p1": "p1", "p2": "p2"}}
	wantSaid(t, few.Lint(), "left matching.few, right matching.all_used, why item.no_why")
}
