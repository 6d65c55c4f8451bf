package item

import (
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// anyOrdering is a full order with some distractors.
func anyOrdering(t *rapid.T) *ordering {
	n, x := rapid.IntRange(2, 7).Draw(t, "steps"), rapid.IntRange(0, 3).Draw(t, "distractors")
	b := &ordering{Items: parts(n + x)}
	for i := range n {
		b.Order = append(b.Order, id(i))
	}
	for i := range x {
		b.Exclude = append(b.Exclude, id(n+i))
	}
	return b
}

func ranks(order ...string) orderingAnswer {
	a := orderingAnswer{Rank: map[string]int{}}
	for i, s := range order {
		a.Rank[s] = i + 1
	}
	return a
}

func TestOrderingFormula(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := anyOrdering(t)
		a := orderingAnswer{Rank: map[string]int{}}
		for _, s := range some(t, "placed", len(b.Items), 0) {
			a.Rank[s] = rapid.IntRange(1, len(b.Items)).Draw(t, "rank")
		}
		c, d, p, placed := 0, 0, 0, 0
		for i, first := range b.Order {
			for _, then := range b.Order[i+1:] {
				p++
				x, y := a.Rank[first], a.Rank[then]
				if x > 0 && y > 0 && x < y {
					c++
				}
				if x > 0 && y > 0 && x > y {
					d++
				}
			}
		}
		want := float64(c-d) / float64(p)
		for _, s := range b.Exclude {
			if a.Rank[s] > 0 {
				placed++
			}
		}
		if len(b.Exclude) > 0 {
			want -= 0.5 * float64(placed) / float64(len(b.Exclude))
		}
		if got := score(t, b, a); !near(got, max(0, want)) {
			t.Errorf("%v scores %g, want %g", a.Rank, got, want)
		}
		// pairs say the same as the full order
		pairs := &ordering{Items: b.Items, Exclude: b.Exclude}
		for _, p := range b.pairs() {
			pairs.Before = append(pairs.Before, p[:])
		}
		if ps := pairs.Validate(); len(ps) > 0 {
			t.Fatal(ps)
		}
		if one, other := score(t, b, a), score(t, pairs, a); one != other {
			t.Errorf("full order %g, pairs %g", one, other)
		}
		// numbers mean nothing but their order
		for s := range a.Rank {
			a.Rank[s] = 3*a.Rank[s] + 1
		}
		if got := score(t, b, a); !near(got, max(0, want)) {
			t.Errorf("with gaps %g, want %g", got, want)
		}
	})
}

func TestOrderingExtremes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := anyOrdering(t)
		n := len(b.Order)
		tied := orderingAnswer{Rank: map[string]int{}}
		for _, s := range b.Order {
			tied.Rank[s] = 2
		}
		reversed := slices.Clone(b.Order)
		slices.Reverse(reversed)
		i := rapid.IntRange(0, n-2).Draw(t, "swap")
		swapped := slices.Clone(b.Order)
		swapped[i], swapped[i+1] = swapped[i+1], swapped[i]
		for _, tt := range []struct {
			name string
			a    Answer
			want float64
		}{
			{"key", ranks(b.Order...), 1},
			{"blank", nil, 0},
			{"all tied", tied, 0},
			{"reversed", ranks(reversed...), 0},
			{"one adjacent swap", ranks(swapped...), max(0, 1-4/float64(n*(n-1)))},
			{"one alone", ranks(b.Order[0]), 0},
			{"only left out", orderingAnswer{Rank: map[string]int{}, Excluded: b.Exclude}, 0},
		} {
			if got := score(t, b, tt.a); !near(got, tt.want) {
				t.Errorf("%s of %d: %g, want %g", tt.name, n, got, tt.want)
			}
		}
		if len(b.Exclude) > 0 {
			if got := score(t, b, ranks(append(slices.Clone(b.Order), b.Exclude...)...)); !near(got, 0.5) {
				t.Errorf("every distractor placed: %g", got)
			}
		}
	})
	four := &ordering{Items: parts(4), Order: []string{id(0), id(1), id(2), id(3)}}
	if got := score(t, four, ranks(id(0), id(2), id(1), id(3))); !near(got, 2.0/3) {
		t.Errorf("one adjacent swap of four: %g", got)
	}
}

func TestOrderingMovingAStepHomeNeverLowers(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := anyOrdering(t)
		order := slices.Clone(b.Order)
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
		r.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
		before := score(t, b, ranks(order...))
		for i := range len(order) - 1 {
			if slices.Index(b.Order, order[i]) > slices.Index(b.Order, order[i+1]) {
				order[i], order[i+1] = order[i+1], order[i]
				if after := score(t, b, ranks(order...)); after < before {
					t.Fatalf("a wrong pair put right lowers %g to %g", before, after)
				}
				return
			}
		}
	})
}

func TestOrderingValidate(t *testing.T) {
	for _, tt := range []struct {
		name string
		b    ordering
		want string
	}{
		{"order", ordering{Items: parts(3), Order: []string{"p1", "p0", "p2"}}, ""},
		{"order and distractor", ordering{Items: parts(3), Order: []string{"p1", "p0"}, Exclude: []string{"p2"}}, ""},
		{"pairs", ordering{Items: parts(3), Before: [][]string{{"p0", "p1"}}}, ""},
		{"no key", ordering{Items: parts(3)}, "order ordering.no_key"},
		{"a single step makes no pair", ordering{Items: parts(2), Order: []string{"p0"}, Exclude: []string{"p1"}}, "order ordering.no_key"},
		{"two keys", ordering{Items: parts(2), Order: []string{"p0", "p1"}, Before: [][]string{{"p0", "p1"}}}, "before ordering.two_keys"},
		{"a step is nowhere", ordering{Items: parts(3), Order: []string{"p0", "p1"}}, "items[2] ordering.order_or_exclude"},
		{"a step is in both", ordering{Items: parts(3), Order: []string{"p0", "p1", "p2"}, Exclude: []string{"p2"}}, "items[2] ordering.order_or_exclude"},
		{"unknown in order", ordering{Items: parts(2), Order: []string{"p0", "p1", "z"}}, "order[2] item.no_part"},
		{"twice in order", ordering{Items: parts(2), Order: []string{"p0", "p1", "p0"}}, "before ordering.circular, order[2] define.repeated"},
		{"unknown excluded", ordering{Items: parts(2), Order: []string{"p0", "p1"}, Exclude: []string{"z"}}, "exclude[0] item.no_part"},
		{"excluded twice", ordering{Items: parts(3), Order: []string{"p0", "p1"}, Exclude: []string{"p2", "p2"}}, "exclude[1] define.repeated"},
		{"half a pair", ordering{Items: parts(2), Before: [][]string{{"p0"}}}, "before[0] ordering.pair"},
		{"a triple", ordering{Items: parts(3), Before: [][]string{{"p0", "p1", "p2"}}}, "before[0] ordering.pair"},
		{"unknown in a pair", ordering{Items: parts(2), Before: [][]string{{"p0", "z"}}}, "before[0][1] item.no_part"},
		{"a distractor in a pair", ordering{Items: parts(3), Before: [][]string{{"p0", "p1"}, {"p2", "p1"}}, Exclude: []string{"p2"}}, "before[1][0] ordering.excluded_in_key"},
		{"before itself", ordering{Items: parts(2), Before: [][]string{{"p0", "p0"}}}, "before ordering.circular"},
		{"a circle", ordering{Items: parts(3), Before: [][]string{{"p0", "p1"}, {"p1", "p2"}, {"p2", "p0"}}}, "before ordering.circular"},
	} {
		t.Run(tt.name, func(t *testing.T) { wantSaid(t, tt.b.Validate(), tt.want) })
	}
}

// Whatever passes Validate can be scored: no key is empty, and the order shown to a learner satisfies it.
func TestSoundOrderingScores(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ids := rapid.SampledFrom([]string{"p0", "p1", "p2", "p3"})
		b := &ordering{
			Items: parts(rapid.IntRange(2, 4).Draw(t, "items")), Order: rapid.SliceOfN(ids, 0, 4).Draw(t, "order"),
			Before: rapid.SliceOfN(rapid.SliceOfN(ids, 1, 3), 0, 4).Draw(t, "before"), Exclude: rapid.SliceOfN(ids, 0, 2).Draw(t, "exclude"),
		}
		if len(b.Validate()) > 0 {
			return
		}
		if got := score(t, b, ranks(b.keyOrder()...)); !near(got, 1) {
			t.Fatalf("%+v: the order told to learners scores %g", b, got)
		}
		if got := score(t, b, nil); got != 0 {
			t.Fatalf("blank scores %g", got)
		}
	})
}

func TestOrderingLint(t *testing.T) {
	b := &ordering{Items: parts(5), Order: []string{"p4", "p3", "p2", "p1", "p0"}, Rationale: Rationale{Why: same("因为")}}
	wantSaid(t, b.Lint(), "")
	slices.Reverse(b.Order)
	wantSaid(t, b.Lint(), "items ordering.as_written")
	wantSaid(t, (&ordering{Items: parts(4), Order: []string{"p2", "p1", "p0"}, Exclude: []string{"p3"}}).Lint(), "items ordering.few, why item.no_why")
}
