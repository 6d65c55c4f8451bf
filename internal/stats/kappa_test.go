package stats_test

import (
	"math"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"leida/internal/stats"
)

// expand makes the ratings that a table counts: rows are the first rater's categories.
func expand(table [][]int) (x, y []float64) {
	for i, row := range table {
		for j, n := range row {
			for range n {
				x, y = append(x, float64(i)), append(y, float64(j))
			}
		}
	}
	return x, y
}

func TestQuadraticKappaOfPublishedTables(t *testing.T) {
	for _, tt := range []struct {
		name  string
		table [][]int
		want  float64
	}{
		{"Cohen 1968", [][]int{{88, 14, 18}, {10, 40, 10}, {2, 6, 12}}, 0.454545454545454},
		{"Agresti 1990", [][]int{{7, 7, 2, 3}, {2, 8, 3, 7}, {1, 5, 4, 9}, {2, 8, 9, 14}}, 0.332045586246861},
	} {
		x, y := expand(tt.table)
		if got, ok := stats.QuadraticKappa(x, y); !ok || math.Abs(got-tt.want) > 1e-9 {
			t.Errorf("%s: %g %v, want %g", tt.name, got, ok, tt.want)
		}
	}
}

func TestQuadraticKappaUndefined(t *testing.T) {
	for _, tt := range [][2][]float64{{nil, nil}, {{1}, nil}, {{1, 2}, {1}}, {{3, 3}, {3, 3}}, {{2}, {2}}} {
		if k, ok := stats.QuadraticKappa(tt[0], tt[1]); ok {
			t.Errorf("%v: %g", tt, k)
		}
	}
	if k, ok := stats.QuadraticKappa([]float64{1, 1}, []float64{3, 3}); !ok || k != 0 {
		t.Errorf("always apart by the same: %g %v", k, ok)
	}
}

// Agreement is at most 1, is 1 only where everything is the same, and does not ask who is who.
func TestQuadraticKappaProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		level := rapid.Float64Range(0, 4)
		x := rapid.SliceOfN(level, 2, 30).Draw(t, "x")
		y := rapid.SliceOfN(level, len(x), len(x)).Draw(t, "y")
		k, ok := stats.QuadraticKappa(x, y)
		other, _ := stats.QuadraticKappa(y, x)
		if !ok {
			return
		}
		if k > 1+1e-12 || math.Abs(k-other) > 1e-9 || math.IsNaN(k) {
			t.Fatalf("%g, the other way round %g", k, other)
		}
		if same, ok := stats.QuadraticKappa(x, x); ok && math.Abs(same-1) > 1e-12 {
			t.Fatalf("of the same %g", same)
		}
	})
}

func init() { topics["rater_kappa"] = checkKappa }

func checkKappa(t *testing.T, v vector) {
	tolerance := func(path string) float64 {
		if strings.HasSuffix(path, "se") || strings.HasSuffix(path, "_unweighted") {
			return v.Tolerance["se_abs"]
		}
		return v.Tolerance["abs"]
	}
	input := decode[struct{ Table, Counts [][]int }](t, v.Input)
	if input.Counts != nil {
		got, err := stats.FleissKappa(input.Counts)
		if err != nil {
			t.Fatal(err)
		}
		meets(t, got, v.Expected, all(v.Tolerance["abs"]))
		return
	}
	got, err := stats.KappasOfCounts(input.Table)
	if err != nil {
		t.Fatal(err)
	}
	result := struct {
		*stats.Kappas
		Custom *stats.Kappa `json:"cohen68_custom_weights"`
		SE     *float64     `json:"psych_se_unweighted"`
	}{Kappas: got, SE: got.Unweighted.SE}
	if want := decode[struct {
		Custom struct{ Disagreement [][]float64 } `json:"cohen68_custom_weights"`
	}](t, v.Expected).Custom.Disagreement; want != nil {
		if result.Custom, err = stats.WeightedKappa(input.Table, want); err != nil {
			t.Fatal(err)
		}
	}
	// psych_se_quadratic is no Fleiss-Cohen-Everitt error: psych 2.2.9 added weights by row where their mean belongs (rowSums(w*rs)), and put it right later. disagreement is an input.
	meets(t, result, v.Expected, tolerance, "psych_se_quadratic", "cohen68_custom_weights.disagreement")
	// The ratings themselves give the same.
	x, y := expand(input.Table)
	if again, err := stats.KappasOfRatings(x, y); err != nil || math.Abs(*again.Linear.SE-*got.Linear.SE) > 1e-12 || math.Abs(*again.Quadratic.Kappa-*got.Quadratic.Kappa) > 1e-12 {
		t.Errorf("by ratings %v %v, by counts %v", again, err, got)
	}
}
