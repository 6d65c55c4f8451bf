package stats

import "math"

// Model is how an item's answers depend on ability, by the name that the command uses.
type Model string

const (
	Rasch  Model = "rasch" // one slope for all items, 1, and the spread of ability is estimated
	TwoPL  Model = "2pl"   // Birnbaum 1968
	Graded Model = "grm"   // Samejima 1969: P(X >= k) = 1/(1+exp(-a(θ-b_k)))
	GPCM   Model = "gpcm"  // Muraki 1992: P(X = k) ∝ exp(Σ_{h<=k} a(θ-b_h))
)

// Item is a calibrated item. The metric is the logistic one (D = 1, never 1.7); a difficulty b is -d/a of the slope-intercept form.
type Item struct {
	Name   string
	Model  Model
	A      float64   // slope, per logit
	B      []float64 // difficulty or thresholds, in logits: one less than the categories
	Values []float64 // what the categories are in the data, ascending; nil for 0, 1 ...
	Group  string    // dimension or content area; "" for none
}

// Bank is calibrated items and the population that they were calibrated in.
type Bank struct {
	Items []Item
	SD    float64 // of ability, whose mean is 0; 1 but for Rasch models
}

// Categories is how many an item has.
func (it *Item) Categories() int { return len(it.B) + 1 }

// P is the probability of each category at an ability, into out where it is long enough.
func (it *Item) P(theta float64, out []float64) []float64 {
	n := it.Categories()
	if cap(out) < n {
		out = make([]float64, n)
	}
	out = out[:n]
	switch {
	case it.Model == GPCM:
		z, top := 0.0, 0.0
		out[0] = 0
		for k, b := range it.B {
			z += it.A * (theta - b)
			out[k+1] = z
			top = max(top, z)
		}
		sum := 0.0
		for k := range out {
			out[k] = math.Exp(out[k] - top)
			sum += out[k]
		}
		for k := range out {
			out[k] /= sum
		}
	default:
		above := 1.0
		for k, b := range it.B {
			next := logistic(it.A * (theta - b))
			out[k], above = above-next, next
		}
		out[n-1] = above
	}
	return out
}

// logistic is 1/(1+exp(-x)).
func logistic(x float64) float64 { return 1 / (1 + math.Exp(-x)) }
