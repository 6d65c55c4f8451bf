package stats

import "math"

// creditCurve is the generalised partial credit model (Muraki 1992), P(X = k) ∝ exp(Σ_{h<=k} z_h): with two categories the two-parameter logistic one (Birnbaum 1968), with one
// slope for all items that of Rasch (1960) and of Masters (1982).
type creditCurve struct{}

func (creditCurve) logP(z, out []float64) {
	out[0] = 0
	sum, top := 0.0, 0.0
	for h, x := range z {
		sum += x
		out[h+1] = sum
		top = max(top, sum)
	}
	total := 0.0
	for _, x := range out {
		total += math.Exp(x - top)
	}
	total = top + math.Log(total)
	for c := range out {
		out[c] -= total
	}
}

func (creditCurve) scores(_, logP, out []float64) {
	above, m := 0.0, len(logP)-1
	for h := m - 1; h >= 0; h-- {
		above += math.Exp(logP[h+1]) // P(X > h)
		for c := range logP {
			out[c*m+h] = -above
			if c > h {
				out[c*m+h]++
			}
		}
	}
}

func (creditCurve) curvature(_, logP, r, out []float64) {
	persons, m := 0.0, len(logP)-1
	for _, x := range r {
		persons += x
	}
	var above [MaxCategories]float64
	for h := m - 1; h >= 0; h-- {
		above[h] = above[h+1] + math.Exp(logP[h+1])
		for l := h; l < m; l++ {
			out[h*m+l] = persons * above[l] * (above[h] - 1)
			out[l*m+h] = out[h*m+l]
		}
	}
}
