package stats_test

import (
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"leida/internal/stats"
)

func init() { topics["standard_setting"] = checkStandard }

func checkStandard(t *testing.T, v vector) {
	in := decode[struct {
		Angoff     [][]float64
		Bank       []bankItem `json:"bookmark_bank"`
		Placements []int      `json:"bookmark_placement"`
	}](t, v.Input)
	tab := stats.Table{Names: make([]string, len(in.Angoff[0])), Rows: in.Angoff}
	angoff, err := stats.Angoff(tab, nil)
	if err != nil {
		t.Fatal(err)
	}
	bank := bankOf(stats.TwoPL, in.Bank)
	bookmark, err := stats.Bookmark(bank, in.Placements)
	if err != nil {
		t.Fatal(err)
	}
	theta, ok := bank.Theta(angoff.Cut)
	if !ok {
		t.Fatal("no ability at the cut")
	}
	got := merged(t, angoff, bookmark, map[string]any{"angoff_theta_via_TCC": theta, "hofstee": nil})
	meets(t, got, v.Expected, byEnding(v, map[string]string{"angoff_theta_via_TCC": "theta_abs"}, "abs"))
}

// Points weigh the items; equal ones change nothing but the unit. The order of judges does not matter.
func TestAngoffProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 6).Draw(t, "items")
		rows := rapid.SliceOfN(rapid.SliceOfN(rapid.Float64Range(0, 1), n, n), 1, 8).Draw(t, "rows")
		tab := stats.Table{Names: make([]string, n), Rows: rows}
		got, err := stats.Angoff(tab, nil)
		if err != nil {
			t.Fatal(err)
		}
		tab.Rows = rapid.Permutation(rows).Draw(t, "order")
		twice, err := stats.Angoff(tab, slices.Repeat([]float64{2}, n))
		if err != nil || math.Abs(twice.Cut-2*got.Cut) > 1e-9 || math.Abs(twice.Percent-got.Percent) > 1e-9 || got.Percent < 0 || got.Percent > 100+1e-9 {
			t.Fatalf("%+v, with 2 points each %+v, %v", got, twice, err)
		}
		if (got.SD == nil) != (len(rows) == 1) || (got.SE == nil) != (got.SD == nil) || got.SD != nil && math.Abs(*twice.SE-2**got.SE) > 1e-9 {
			t.Fatalf("%+v", got)
		}
	})
}

// The test characteristic curve and its inverse belong together.
func TestThetaOfAScore(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		bank := drawBank(t)
		theta := rapid.Float64Range(-3, 3).Draw(t, "theta")
		score := bank.ExpectedScore(theta)
		got, ok := bank.Theta(score)
		if !ok || math.Abs(bank.ExpectedScore(got)-score) > 1e-9 {
			t.Fatalf("%g gives %g, %v", score, got, ok)
		}
		if far, ok := bank.Theta(1e-4); !ok || math.Abs(bank.ExpectedScore(far)-1e-4) > 1e-9 {
			t.Fatalf("%g", far)
		}
		for _, none := range []float64{0, -1, float64(bank.MaxScore()), math.NaN()} {
			if x, ok := bank.Theta(none); ok {
				t.Fatalf("%g gives %g", none, x)
			}
		}
	})
	if _, ok := (stats.Bank{SD: 1}).Theta(0.5); ok {
		t.Error("no items")
	}
}

func TestStandardErrors(t *testing.T) {
	tab := func(rows ...[]float64) stats.Table { return stats.Table{Names: []string{"x", "y"}, Rows: rows} }
	for _, tt := range []struct {
		table  stats.Table
		points []float64
		want   stats.Error
	}{
		{stats.Table{}, nil, stats.Error{What: stats.Empty}},
		{tab([]float64{1, 0}), []float64{1}, stats.Error{What: stats.Unpaired}},
		{tab([]float64{1, 0}), []float64{1, 0}, stats.Error{What: stats.OutOfRange, Column: "y"}},
		{tab([]float64{1, 0}, []float64{stats.Missing(), 1}), nil, stats.Error{What: stats.Incomplete, Row: 2, Column: "x"}},
		{tab([]float64{1, 50}), nil, stats.Error{What: stats.OutOfRange, Row: 1, Column: "y"}},
	} {
		_, err := stats.Angoff(tt.table, tt.points)
		fails(t, err, tt.want)
	}
	bank := stats.Bank{SD: 1, Items: []stats.Item{{Model: stats.TwoPL, A: 1, B: []float64{0}}, {Model: stats.GPCM, A: 1, B: []float64{0}}}}
	_, err := stats.Bookmark(bank, []int{1, 3})
	fails(t, err, stats.Error{What: stats.OutOfRange, Row: 2})
	_, err = stats.Bookmark(bank, nil)
	fails(t, err, stats.Error{What: stats.Empty})
	_, err = stats.Bookmark(stats.Bank{SD: 1}, []int{1})
	fails(t, err, stats.Error{What: stats.Empty})
	bank.Items[1].B = []float64{0, 1}
	_, err = stats.Bookmark(bank, []int{1})
	fails(t, err, stats.Error{What: stats.TooManyCategories, Column: "2"})
}
