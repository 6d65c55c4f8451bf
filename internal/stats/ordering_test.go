package stats_test

import (
	"encoding/json"
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"leida/internal/stats"
)

func init() { topics["item_scoring"] = checkItemScoring }

// names reads a name or a list of them.
type names []string

func (n *names) UnmarshalJSON(raw []byte) error {
	var one string
	if json.Unmarshal(raw, &one) == nil {
		*n = names{one}
		return nil
	}
	return json.Unmarshal(raw, (*[]string)(n))
}

func checkItemScoring(t *testing.T, v vector) {
	in := decode[struct {
		Answers [][]int
		Items   []struct{ Key, Opts, Ans names }
	}](t, v.Input)
	var got []any
	for _, a := range in.Answers {
		x, err := stats.NewOrdering(a)
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, x)
	}
	for _, it := range in.Items {
		var key, ticked []bool
		for _, o := range it.Opts {
			key, ticked = append(key, slices.Contains(it.Key, o)), append(ticked, slices.Contains(it.Ans, o))
		}
		x, err := stats.NewMultipleSelect(key, ticked)
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, x)
	}
	meets(t, got, v.Expected, all(v.Tolerance["abs"]))
}

// An order and its reverse have opposite correlations and share the pairs; an order and its inverse are equally near the key.
func TestOrderingProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		key := make([]int, rapid.IntRange(2, 12).Draw(t, "n"))
		for i := range key {
			key[i] = i + 1
		}
		order := rapid.Permutation(key).Draw(t, "order")
		reversed, inverse := make([]int, len(order)), make([]int, len(order))
		for i, p := range order {
			reversed[i], inverse[p-1] = len(order)+1-p, i+1
		}
		of := func(positions []int) *stats.Ordering {
			o, err := stats.NewOrdering(positions)
			if err != nil {
				t.Fatal(err)
			}
			return o
		}
		a, b, c := of(order), of(reversed), of(inverse)
		if math.Abs(a.Tau+b.Tau) > 1e-12 || math.Abs(a.Spearman+b.Spearman) > 1e-12 || math.Abs(a.Pairs+b.Pairs-1) > 1e-12 || math.Abs(a.Tau-(2*a.Pairs-1)) > 1e-12 {
			t.Fatalf("%+v, reversed %+v", a, b)
		}
		if a.Inversions != c.Inversions || a.Footrule != c.Footrule || a.Exact != c.Exact || math.Abs(a.Spearman-c.Spearman) > 1e-12 {
			t.Fatalf("%+v, inverse %+v", a, c)
		}
		for _, x := range []float64{a.Pairs, a.FootruleScore, a.Exact, a.Adjacent} {
			if x < 0 || x > 1 || (x == 1) != slices.Equal(order, key) {
				t.Fatalf("%v: %+v", order, a)
			}
		}
	})
}

// Ticking all, or nothing, scores 0 by plus and minus; the right options alone score 1 in all ways; the order of the options does not matter.
func TestMultipleSelectProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		key := append(rapid.SliceOfN(rapid.Bool(), 1, 8).Draw(t, "key"), true, false)
		ticked := rapid.SliceOfN(rapid.Bool(), len(key), len(key)).Draw(t, "ticked")
		of := func(key, ticked []bool) stats.MultipleSelect {
			m, err := stats.NewMultipleSelect(key, ticked)
			if err != nil {
				t.Fatal(err)
			}
			return *m
		}
		if of(key, slices.Repeat([]bool{true}, len(key))).PlusMinus != 0 || of(key, make([]bool, len(key))).PlusMinus != 0 {
			t.Fatal("all or nothing scores")
		}
		if of(key, key) != (stats.MultipleSelect{1, 1, 1, 1, 1}) {
			t.Fatalf("%+v", of(key, key))
		}
		m := of(key, ticked)
		slices.Reverse(key)
		slices.Reverse(ticked)
		if other := of(key, ticked); other != m {
			t.Fatalf("%+v, the other way round %+v", m, other)
		}
		for _, x := range []float64{m.Dichotomous, m.PlusMinus, m.Subset, m.TrueFalse, m.Jaccard} {
			if x < m.Dichotomous || x > 1 {
				t.Fatalf("%+v", m)
			}
		}
	})
}

func TestItemScoringErrors(t *testing.T) {
	for _, tt := range []struct {
		positions []int
		want      stats.Error
	}{
		{[]int{1}, stats.Error{What: stats.TooFewRows}},
		{[]int{1, 1}, stats.Error{What: stats.OutOfRange, Row: 2}},
		{[]int{0, 1}, stats.Error{What: stats.OutOfRange, Row: 1}},
		{[]int{1, 3}, stats.Error{What: stats.OutOfRange, Row: 2}},
	} {
		_, err := stats.NewOrdering(tt.positions)
		fails(t, err, tt.want)
	}
	_, err := stats.NewMultipleSelect([]bool{true, false}, []bool{true})
	fails(t, err, stats.Error{What: stats.Unpaired})
	_, err = stats.NewMultipleSelect([]bool{false}, []bool{true})
	fails(t, err, stats.Error{What: stats.Empty})
	if m, err := stats.NewMultipleSelect([]bool{true, true}, []bool{true, false}); err != nil || m.PlusMinus != 0.5 {
		t.Errorf("no wrong option: %+v, %v", m, err)
	}
}
