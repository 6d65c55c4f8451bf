package stats

import (
	"math"
	"strconv"

	"gonum.org/v1/gonum/floats"
)

// Check is an *Error for what is no bank of items: none, a name twice, an unknown model, a slope or an SD that is not above 0, too few or too many categories, thresholds that do
// not ascend in the graded model, or a number beyond a million. An item without a name goes by its number, from 1.
func (b Bank) Check() error {
	const most = 1e6
	if len(b.Items) == 0 {
		return &Error{What: Empty}
	}
	if !(b.SD >= 1/most && b.SD <= most) {
		return &Error{What: OutOfRange, Column: "SD", Value: b.SD}
	}
	seen := map[string]bool{}
	for j, it := range b.Items {
		name := b.name(j)
		e := &Error{What: OutOfRange, Column: name, Value: it.A}
		switch n := it.Categories(); {
		case seen[name]:
			return &Error{What: Duplicate, Column: name}
		case it.Model != Rasch && it.Model != TwoPL && it.Model != Graded && it.Model != GPCM:
			return &Error{What: UnknownModel, Column: name}
		case !(it.A >= 1/most && it.A <= most):
			return e
		case n > MaxCategories:
			return &Error{What: TooManyCategories, Column: name, N: n, Want: MaxCategories}
		case n < 2 || n > 2 && (it.Model == Rasch || it.Model == TwoPL):
			return &Error{What: Unpaired, Column: name, N: n, Want: 2}
		case it.Values != nil && len(it.Values) != n:
			return &Error{What: Unpaired, Column: name, N: len(it.Values), Want: n}
		}
		seen[name] = true
		for k, x := range it.B {
			switch e.Value = x; {
			case !(math.Abs(x) <= most):
				return e
			case k > 0 && it.Model == Graded && x <= it.B[k-1]:
				e.What = Unordered
				return e
			}
		}
	}
	return nil
}

// name of an item, from 0: its own, or its number from 1.
func (b Bank) name(j int) string {
	if b.Items[j].Name != "" {
		return b.Items[j].Name
	}
	return strconv.Itoa(j + 1)
}

// trace is what an answer in a category tells at an ability: its probability, and the first and second derivative of the logarithm of that by the ability.
type trace struct{ p, slope, bend float64 }

// traces are those of all categories, into out, which is long enough.
func (it *Item) traces(theta float64, out []trace) []trace {
	out = out[:it.Categories()]
	if it.Model == GPCM { // an exponential family, whose slopes are the distances from the expected category
		var room [MaxCategories]float64
		mean, variance := 0.0, 0.0
		p := it.P(theta, room[:])
		for k, x := range p {
			mean += float64(k) * x
		}
		for k, x := range p {
			variance += (float64(k) - mean) * (float64(k) - mean) * x
		}
		for k, x := range p {
			out[k] = trace{x, it.A * (float64(k) - mean), -it.A * it.A * variance}
		}
		return out
	}
	yes, no := 1.0, 0.0 // whether the answer is above the category's lower boundary
	for k := range out {
		above, below := 0.0, 1.0 // the same of the upper one
		apart := 1.0
		if k < len(it.B) {
			x := it.A * (theta - it.B[k])
			e := math.Exp(-math.Abs(x))
			above, below = 1/(1+e), e/(1+e)
			if x < 0 {
				above, below = below, above
			}
			if k > 0 {
				apart = it.apart(k)
			}
		}
		out[k] = trace{yes * below * apart, it.A * (no - above), -it.A * it.A * (yes*no + above*below)}
		yes, no = above, below
	}
	return out
}

// apart is what P(X = k) of the graded model is of the product of "at least k" and "less than k+1", as the thresholds around category k lie apart.
func (it *Item) apart(k int) float64 { return -math.Expm1(-it.A * (it.B[k] - it.B[k-1])) }

// logs are the logarithms of the probabilities of the categories at an ability, finite however small these are, into out, which is long enough.
func (it *Item) logs(theta float64, out []float64) []float64 {
	out = out[:it.Categories()]
	if it.Model == GPCM {
		out[0] = 0
		for k, b := range it.B {
			out[k+1] = out[k] + it.A*(theta-b)
		}
		floats.AddConst(-floats.LogSumExp(out), out)
		return out
	}
	yes := 0.0
	for k := range out {
		above, below := 0.0, 0.0
		if k < len(it.B) {
			x := it.A * (theta - it.B[k])
			above = min(x, 0) - math.Log1p(math.Exp(-math.Abs(x)))
			below = above - x
			if k > 0 {
				below += math.Log(it.apart(k))
			}
		}
		out[k] = yes + below
		yes = above
	}
	return out
}

// moments are the item's information at an ability and Warm's J there: the expected square of the slope, and the expected product of the slope with the second derivative of P
// over P.
func moments(traces []trace) (information, warm float64) {
	for _, t := range traces {
		information += t.p * t.slope * t.slope
		warm += t.p * t.slope * (t.slope*t.slope + t.bend)
	}
	return information, warm
}

// Information is Fisher's of the item at an ability, per squared logit (Samejima 1969); a²PQ for two categories.
func (it *Item) Information(theta float64) float64 {
	var room [MaxCategories]trace
	information, _ := moments(it.traces(theta, room[:]))
	return information
}

// Expected is the mean category, from 0, that the item's answers have at an ability.
func (it *Item) Expected(theta float64) float64 {
	var room [MaxCategories]float64
	mean := 0.0
	for k, p := range it.P(theta, room[:]) {
		mean += float64(k) * p
	}
	return mean
}

// information is that of all items as a test.
func (b Bank) information(theta float64) float64 {
	sum := 0.0
	for j := range b.Items {
		sum += b.Items[j].Information(theta)
	}
	return sum
}

// Information is that of a test and of its items at abilities, per squared logit.
type Information struct {
	Theta []float64   `json:"theta"`            // logits
	Test  []float64   `json:"test_information"` // the sum over the items
	Items [][]float64 `json:"item_information"` // by item, by ability
}

// Information of the whole bank as a test, and of each item, at abilities in logits.
func (b Bank) Information(theta []float64) (*Information, error) {
	if err := b.Check(); err != nil {
		return nil, err
	}
	out := &Information{Theta: theta, Items: make([][]float64, len(b.Items))}
	for i, x := range theta {
		if math.IsNaN(x) || math.IsInf(x, 0) {
			return nil, &Error{What: NotFinite, Row: i + 1}
		}
		for j := range b.Items {
			out.Items[j] = append(out.Items[j], b.Items[j].Information(x))
		}
		out.Test = append(out.Test, b.information(x))
	}
	return out, nil
}

// ExpectedScore is the test characteristic curve: the mean sum of the categories at an ability, from 0 to MaxScore.
func (b Bank) ExpectedScore(theta float64) float64 {
	sum := 0.0
	for j := range b.Items {
		sum += b.Items[j].Expected(theta)
	}
	return sum
}

// MaxScore is the highest sum of categories.
func (b Bank) MaxScore() int {
	n := 0
	for j := range b.Items {
		n += len(b.Items[j].B)
	}
	return n
}
