package stats

// QuadraticKappa is the agreement of two raters beyond chance with squared differences as weights (Cohen 1968): 1 is full agreement, 0 that of chance. x and y are what each gave to the same
// things, in order. ok is false where it is undefined: nothing was rated, or both gave one and the same level throughout.
func QuadraticKappa(x, y []float64) (kappa float64, ok bool) {
	mx, sx, rated := MeanSD(x)
	my, sy, _ := MeanSD(y)
	if len(x) != len(y) || !rated {
		return 0, false
	}
	observed := 0.0
	for i := range x {
		observed += (x[i] - y[i]) * (x[i] - y[i]) / float64(len(x))
	}
	expected := sx*sx + sy*sy + (mx-my)*(mx-my) // the mean of (x-y)² over all pairs of what one and what the other gave
	if expected == 0 {
		return 0, false
	}
	return 1 - observed/expected, true
}
