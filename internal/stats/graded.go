package stats

import "math"

// gradedCurve is the graded response model (Samejima 1969), P(X >= k) = F(z_k) with F logistic and z descending. As F(u) - F(v) = F(u) (1-F(v)) (1-exp(v-u)), the log probability
// of a category is a sum of three concave terms, of its lower bound, of its upper one and of their distance (Burridge 1981 and Pratt 1981 have the concavity).
type gradedCurve struct{}

func (gradedCurve) logP(z, out []float64) {
	m := len(z)
	for c := range out {
		out[c] = 0
		if c > 0 {
			out[c] -= softplus(-z[c-1])
		}
		if c < m {
			out[c] -= softplus(z[c])
		}
		if c > 0 && c < m {
			out[c] += math.Log(-math.Expm1(z[c] - z[c-1])) // NaN where z does not descend
		}
	}
}

func (gradedCurve) scores(z, _, out []float64) {
	m := len(z)
	clear(out)
	for h, x := range z {
		out[(h+1)*m+h] = logistic(-x)
		out[h*m+h] = -logistic(x)
		if h > 0 {
			near := 1 / math.Expm1(z[h-1]-x)
			out[h*m+h-1] += near
			out[h*m+h] -= near
		}
	}
}

func (gradedCurve) curvature(z, _, r, out []float64) {
	m := len(z)
	clear(out)
	for h, x := range z {
		out[h*m+h] -= (r[h] + r[h+1]) * logistic(x) * logistic(-x)
		if h > 0 {
			near := 1 / math.Expm1(z[h-1]-x)
			near *= r[h] * (1 + near)
			out[(h-1)*m+h-1] -= near
			out[h*m+h] -= near
			out[(h-1)*m+h] += near
			out[h*m+h-1] += near
		}
	}
}

// softplus is log(1+exp(x)).
func softplus(x float64) float64 { return max(x, 0) + math.Log1p(math.Exp(-math.Abs(x))) }
