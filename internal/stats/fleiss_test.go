package stats_test

import (
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"leida/internal/stats"
)

func fleiss(t fataler, counts [][]int) *stats.Fleiss {
	t.Helper()
	f, err := stats.FleissKappa(counts)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// The order of subjects and of categories does not count. Krippendorff's nominal alpha of n ratings is 1 - (1-kappa)(n-1)/n.
func TestFleissKappaProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		table := drawTable(t, 3, false)
		values, counts, err := stats.RatingCounts(table)
		if err != nil {
			t.Fatal(err)
		}
		f := fleiss(t, counts)
		alpha, err := stats.KrippendorffAlpha(table)
		if err != nil {
			t.Fatal(err)
		}
		n := float64(len(table.Rows) * len(table.Names))
		if (f.Kappa == nil) != (len(values) == 1) || (f.Kappa == nil) != (alpha.Nominal == nil) {
			t.Fatalf("of %d values kappa %s, alpha %s", len(values), show(f.Kappa), show(alpha.Nominal))
		}
		if f.Kappa == nil {
			return
		}
		if want := 1 - (1-*f.Kappa)*(n-1)/n; math.Abs(*alpha.Nominal-want) > 1e-9 {
			t.Fatalf("alpha %g, want %g", *alpha.Nominal, want)
		}
		if *f.Kappa > 1+1e-12 || math.Abs(*f.Kappa-(f.Observed-f.Expected)/(1-f.Expected)) > 1e-9 || math.Abs(*f.Z**f.SE-*f.Kappa) > 1e-9 || *f.P < 0 || *f.P > 1 {
			t.Fatalf("%g of %g and %g, z %g", *f.Kappa, f.Observed, f.Expected, *f.Z)
		}
		moved := rapid.Permutation(counts).Draw(t, "subjects")
		for i, row := range moved {
			moved[i] = slices.Clone(row)
			slices.Reverse(moved[i])
		}
		if g := fleiss(t, moved); !near(f.Kappa, g.Kappa, 1e-9) || !near(f.SE, g.SE, 1e-9) {
			t.Fatalf("%g ± %g, in another order %g ± %g", *f.Kappa, *f.SE, *g.Kappa, *g.SE)
		}
	})
}

func TestRatingCounts(t *testing.T) {
	na := stats.Missing()
	values, counts, err := stats.RatingCounts(tableOf([]float64{3, na, 1}, []float64{1, 1, 7}))
	if err != nil || !slices.Equal(values, []float64{1, 3, 7}) || !slices.Equal(counts[0], []int{1, 1, 0}) || !slices.Equal(counts[1], []int{2, 0, 1}) {
		t.Errorf("%v %v %v", values, counts, err)
	}
	_, _, err = stats.RatingCounts(stats.Table{})
	isError(t, err, stats.Error{What: stats.Empty})
}

func TestFleissKappaUndefined(t *testing.T) {
	if f := fleiss(t, [][]int{{0, 3}, {0, 3}}); f.Kappa != nil || f.SE != nil || f.Z != nil || f.P != nil || f.Observed != 1 || f.Expected != 1 {
		t.Errorf("one category throughout: %+v", f)
	}
	if f := fleiss(t, [][]int{{3, 0}, {0, 3}}); *f.Kappa != 1 || !(*f.P < .05) {
		t.Errorf("full agreement: %g, p %g", *f.Kappa, *f.P)
	}
}

func TestFleissKappaOfBadInput(t *testing.T) {
	for _, tt := range []struct {
		counts [][]int
		want   stats.Error
	}{
		{nil, stats.Error{What: stats.Empty}},
		{[][]int{{}, {}}, stats.Error{What: stats.Empty}},
		{[][]int{{1, 2}, {3}}, stats.Error{What: stats.Ragged, Row: 2, N: 1, Want: 2}},
		{[][]int{{1, 2}, {2, 2}}, stats.Error{What: stats.UnequalRatings, Row: 2, N: 4, Want: 3}},
		{[][]int{{1, 0}, {0, 1}}, stats.Error{What: stats.UnequalRatings, Row: 1, N: 1, Want: 2}},
		{[][]int{{1, 2}, {4, -1}}, stats.Error{What: stats.OutOfRange, Row: 2, Column: "2", Value: -1}},
	} {
		_, err := stats.FleissKappa(tt.counts)
		isError(t, err, tt.want)
	}
}
