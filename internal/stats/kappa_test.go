package stats_test

import (
	"math"
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
