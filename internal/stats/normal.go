package stats

import (
	"math"

	"gonum.org/v1/gonum/stat/distuv"
)

// NormalCDF is the standard normal distribution function: P(Z <= z), 0 to 1. Infinities are allowed; NaN gives NaN.
// Source: gonum distuv.UnitNormal (complementary error function), absolute error below 1e-15.
func NormalCDF(z float64) float64 { return distuv.UnitNormal.CDF(z) }

// NormalQuantile is the z with P(Z <= z) = p. ok is false unless 0 < p < 1, where there is no finite z.
// Source: gonum distuv.UnitNormal (inverse error function).
func NormalQuantile(p float64) (z float64, ok bool) {
	if !(p > 0 && p < 1) { // NaN too
		return 0, false
	}
	return distuv.UnitNormal.Quantile(p), true
}

// NormalBetween is the mass, 0 to 1, that a normal distribution lays on [lo, hi), all in the unit of mean and sd; lo may be -Inf and hi +Inf.
// sd <= 0 is a distribution without noise: 1 where mean lies in [lo, hi), else 0.
func NormalBetween(mean, sd, lo, hi float64) float64 {
	if !(sd > 0) {
		if lo <= mean && mean < hi {
			return 1
		}
		return 0
	}
	return math.Max(0, NormalCDF((hi-mean)/sd)-NormalCDF((lo-mean)/sd))
}
