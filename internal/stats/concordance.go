package stats

// Concordance is Lin's concordance correlation coefficient of two series of equal length (Lin 1989, divisor n): how near the pairs lie to the line of equality, so that elevation and
// spread count and not only the order. ok is false where it is undefined: no points, or both series constant and alike.
func Concordance(x, y []float64) (ccc float64, ok bool) {
	mx, sx, ok := MeanSD(x)
	my, sy, _ := MeanSD(y)
	if !ok || len(x) != len(y) {
		return 0, false
	}
	cov := 0.0
	for i := range x {
		cov += (x[i] - mx) * (y[i] - my) / float64(len(x))
	}
	apart := sx*sx + sy*sy + (mx-my)*(mx-my)
	if apart == 0 {
		return 0, false
	}
	return 2 * cov / apart, true
}
