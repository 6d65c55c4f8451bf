package stats_test

import (
	"math"
	"testing"

	"leida/internal/stats"
)

func TestNormalCDF(t *testing.T) {
	for _, c := range []struct{ z, p float64 }{ // R 4: pnorm
		{0, 0.5}, {1, 0.841344746068543}, {-1.645, 0.0499849055391006}, {3.5, 0.999767370920964}, {math.Inf(1), 1}, {math.Inf(-1), 0},
	} {
		if got := stats.NormalCDF(c.z); math.Abs(got-c.p) > 1e-12 {
			t.Errorf("NormalCDF(%g) = %.15g, want %.15g", c.z, got, c.p)
		}
	}
}

func TestNormalQuantile(t *testing.T) {
	if z, ok := stats.NormalQuantile(0.95); !ok || math.Abs(z-1.64485362695147) > 1e-12 { // R 4: qnorm
		t.Errorf("NormalQuantile(.95) = %.15g, %v", z, ok)
	}
	for _, p := range []float64{0, 1, -0.1, 1.1, math.NaN()} {
		if z, ok := stats.NormalQuantile(p); ok || z != 0 {
			t.Errorf("NormalQuantile(%g) = %g, %v; want nothing", p, z, ok)
		}
	}
}

func TestNormalBetween(t *testing.T) {
	inf := math.Inf(1)
	for _, c := range []struct{ mean, sd, lo, hi, want float64 }{
		{70, 10, -inf, inf, 1},
		{70, 10, 60, 80, 0.682689492137086},
		{70, 10, 80, inf, 0.158655253931457},
		{70, 0, 70, inf, 1},
		{70, 0, -inf, 70, 0},
		{70, 10, 80, 60, 0},
	} {
		if got := stats.NormalBetween(c.mean, c.sd, c.lo, c.hi); math.Abs(got-c.want) > 1e-12 {
			t.Errorf("NormalBetween(%g, %g, %g, %g) = %.15g, want %g", c.mean, c.sd, c.lo, c.hi, got, c.want)
		}
	}
}
