// Package stats is the measurement science: pure functions over numbers that know nothing of people, items or pages. An undefined result is absent (ok is false), never 0 and never NaN.
package stats

import "math"

// defined is a number of a result, which is absent where it is not finite.
func defined(x float64) *float64 {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return nil
	}
	return &x
}

func square(x float64) float64 { return x * x }
