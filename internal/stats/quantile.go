package stats

import "math"

// Quantile is the p-quantile, 0 <= p <= 1, of values sorted ascending, in their unit: the linear interpolation between order statistics
// at (n-1)p that R calls type 7 and spreadsheets PERCENTILE.INC. ok is false for an empty slice and for p outside [0, 1].
// Source: Hyndman & Fan 1996, definition 7 (gonum's LinInterp is their definition 4).
func Quantile(sorted []float64, p float64) (q float64, ok bool) {
	if len(sorted) == 0 || !(p >= 0 && p <= 1) {
		return 0, false
	}
	at := float64(len(sorted)-1) * p
	below := math.Floor(at)
	i := int(below)
	if i+1 >= len(sorted) {
		return sorted[len(sorted)-1], true
	}
	lo, hi := sorted[i], sorted[i+1]
	return math.Min(hi, lo+(at-below)*(hi-lo)), true // Min: rounding may step over hi
}
