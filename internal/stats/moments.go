package stats

import "math"

// MeanSD is the mean and the population standard deviation (divisor n, MEASUREMENT 3.4) of values, in their unit; a constant, so a single value too, has SD 0 exactly.
// ok is false for an empty slice.
func MeanSD(values []float64) (mean, sd float64, ok bool) {
	if len(values) == 0 {
		return 0, 0, false
	}
	if constant(values) {
		return values[0], 0, true
	}
	for _, v := range values {
		mean += v
	}
	mean /= float64(len(values))
	var squares float64
	for _, v := range values {
		squares += (v - mean) * (v - mean)
	}
	return mean, math.Sqrt(squares / float64(len(values))), true
}
