package stats_test

import (
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"leida/internal/stats"
)

func TestQuantile(t *testing.T) {
	for _, c := range []struct {
		values  []float64
		p, want float64
	}{ // R 4: quantile(x, p, type = 7)
		{[]float64{1, 2, 3, 4}, 0.25, 1.75},
		{[]float64{1, 2, 3, 4}, 0.5, 2.5},
		{[]float64{1, 2, 3, 4}, 0.75, 3.25},
		{[]float64{2, 3, 5, 7, 11}, 0.9, 9.4},
		{[]float64{2, 3, 5, 7, 11}, 0, 2},
		{[]float64{2, 3, 5, 7, 11}, 1, 11},
		{[]float64{42}, 0.5, 42},
	} {
		if got, ok := stats.Quantile(c.values, c.p); !ok || math.Abs(got-c.want) > 1e-12 {
			t.Errorf("Quantile(%v, %g) = %g, %v; want %g", c.values, c.p, got, ok, c.want)
		}
	}
	if _, ok := stats.Quantile(nil, 0.5); ok {
		t.Error("an empty slice has no median")
	}
	if _, ok := stats.Quantile([]float64{1}, math.NaN()); ok {
		t.Error("there is no NaN-quantile")
	}
}

func TestQuantileStaysWithinAndRises(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		values := rapid.SliceOfN(rapid.Float64Range(0, 100), 1, 40).Draw(t, "values")
		slices.Sort(values)
		p := rapid.Float64Range(0, 1).Draw(t, "p")
		q := rapid.Float64Range(p, 1).Draw(t, "q")
		a, _ := stats.Quantile(values, p)
		b, _ := stats.Quantile(values, q)
		if a < values[0] || b > values[len(values)-1] || a > b+1e-9 {
			t.Fatalf("quantiles %g, %g of %v", a, b, values)
		}
	})
}
