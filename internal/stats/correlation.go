package stats

import "gonum.org/v1/gonum/stat"

// Pearson is the product-moment correlation of two series of equal length; ok is false where it is undefined (fewer than two points, or no variation in one of them).
func Pearson(x, y []float64) (r float64, ok bool) {
	if len(x) != len(y) || len(x) < 2 || constant(x) || constant(y) {
		return 0, false
	}
	return stat.Correlation(x, y, nil), true
}

func constant(x []float64) bool {
	for _, v := range x {
		if v != x[0] {
			return false
		}
	}
	return true
}
