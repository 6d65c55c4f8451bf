package stats

import (
	"math"

	"gonum.org/v1/gonum/integrate/quad"
	"gonum.org/v1/gonum/optimize"
	"gonum.org/v1/gonum/stat"
)

// Line brings a scale onto another: theta = A theta + B, b = A b + B, a = a/A.
type Line struct {
	A float64 `json:"A"`
	B float64 `json:"B"` // logits
}

// Linking are the lines that bring a bank's scale onto that of another, by the items that they have in common, in the five usual ways (Kolen & Brennan 2014). Below about 500
// answers an item mean-sigma is enough.
type Linking struct {
	Anchors      int   `json:"anchors"`       // items in common
	MeanSigma    *Line `json:"mean-sigma"`    // means and SD of the difficulties (Marco 1977); absent where they do not vary
	MeanMean     Line  `json:"mean-mean"`     // means of the slopes and of the difficulties (Loyd & Hoover 1980)
	MeanGmean    Line  `json:"mean-gmean"`    // geometric means of the slopes (Mislevy & Bock 1990)
	Haebara      *Line `json:"Haebara"`       // the least squared distance of the items' curves (Haebara 1980); absent where the search for it ends nowhere
	StockingLord *Line `json:"Stocking-Lord"` // the same of the test's curves (Stocking & Lord 1983)
}

// Link brings bank x onto the scale of bank y. Items with the same name (the same number where they have none) are the same, and must have as many categories in both. The curves
// are compared at 30 Gauss-Hermite nodes of a standard normal population on y's scale.
func Link(x, y Bank) (*Linking, error) {
	if err := x.Check(); err != nil {
		return nil, err
	}
	if err := y.Check(); err != nil {
		return nil, err
	}
	place := map[string]int{}
	for j := range y.Items {
		place[y.name(j)] = j
	}
	var pairs [][2]*Item
	var aX, aY, bX, bY []float64
	for i := range x.Items {
		j, common := place[x.name(i)]
		if !common {
			continue
		}
		own, other := &x.Items[i], &y.Items[j]
		if own.Categories() != other.Categories() {
			return nil, &Error{What: Unpaired, Column: x.name(i), N: own.Categories(), Want: other.Categories()}
		}
		pairs = append(pairs, [2]*Item{own, other})
		aX, aY, bX, bY = append(aX, own.A), append(aY, other.A), append(bX, own.B...), append(bY, other.B...)
	}
	if len(pairs) < 2 {
		return nil, &Error{What: TooFewRows, N: len(pairs), Want: 2}
	}
	through := func(a float64) Line { return Line{a, stat.Mean(bY, nil) - a*stat.Mean(bX, nil)} }
	out := &Linking{Anchors: len(pairs), MeanMean: through(stat.Mean(aX, nil) / stat.Mean(aY, nil)), MeanGmean: through(stat.GeometricMean(aX, nil) / stat.GeometricMean(aY, nil))}
	if !constant(bX) && !constant(bY) {
		line := through(stat.StdDev(bY, nil) / stat.StdDev(bX, nil))
		out.MeanSigma = &line
	}
	out.Haebara, out.StockingLord = fit(pairs, out.MeanGmean, haebara), fit(pairs, out.MeanGmean, stockingLord)
	return out, nil
}

// fit is the line with the least loss, if it is found. A loss is of the items at an ability on y's scale and at the same one on x's, with its derivative by the latter.
func fit(pairs [][2]*Item, start Line, loss func(pairs [][2]*Item, onX, onY float64) (value, slope float64)) *Line {
	const n = 30
	var nodes, weights [n]float64
	quad.Hermite{}.FixedLocations(nodes[:], weights[:], math.Inf(-1), math.Inf(1))
	// Bringing the items of x onto y's scale is the same as bringing the ability onto x's. A is above 0: its logarithm is sought.
	total := func(at, gradient []float64) float64 {
		sum := 0.0
		clear(gradient)
		a := math.Exp(at[0])
		for i, node := range nodes {
			onY := node * math.Sqrt2
			onX := (onY - at[1]) / a
			value, slope := loss(pairs, onX, onY)
			sum += weights[i] * value
			if gradient != nil {
				gradient[0] -= weights[i] * slope * onX
				gradient[1] -= weights[i] * slope / a
			}
		}
		return sum
	}
	problem := optimize.Problem{Func: func(at []float64) float64 { return total(at, nil) }, Grad: func(gradient, at []float64) { total(at, gradient) }}
	found, _ := optimize.Minimize(problem, []float64{math.Log(start.A), start.B}, &optimize.Settings{GradientThreshold: 1e-10, MajorIterations: 500}, &optimize.BFGS{})
	// Rounding may end the search a little above the threshold, with an error: what counts is how flat it is there.
	var gradient [2]float64
	if found == nil || math.IsNaN(total(found.X, gradient[:])) || math.Hypot(gradient[0], gradient[1]) > 1e-7*float64(len(pairs)) {
		return nil
	}
	return &Line{math.Exp(found.X[0]), found.X[1]}
}

// haebara is the sum of the squared distances of the categories' probabilities.
func haebara(pairs [][2]*Item, onX, onY float64) (value, slope float64) {
	var room [MaxCategories]trace
	var other [MaxCategories]float64
	for _, pair := range pairs {
		p := pair[1].P(onY, other[:])
		for k, t := range pair[0].traces(onX, room[:]) {
			apart := t.p - p[k]
			value += apart * apart
			slope += 2 * apart * t.p * t.slope
		}
	}
	return value, slope
}

// stockingLord is the squared distance of the expected scores.
func stockingLord(pairs [][2]*Item, onX, onY float64) (value, slope float64) {
	var room [MaxCategories]trace
	apart, steep := 0.0, 0.0
	for _, pair := range pairs {
		apart -= pair[1].Expected(onY)
		for k, t := range pair[0].traces(onX, room[:]) {
			apart += float64(k) * t.p
			steep += float64(k) * t.p * t.slope
		}
	}
	return apart * apart, 2 * apart * steep
}

// On are the bank's items on the scale that a line brings them onto, in a population of that scale: its mean is 0, and sd is its SD.
func (b Bank) On(l Line, sd float64) Bank {
	out := Bank{SD: sd}
	for _, it := range b.Items {
		moved := it
		moved.A, moved.B = it.A/l.A, nil
		for _, x := range it.B {
			moved.B = append(moved.B, l.A*x+l.B)
		}
		out.Items = append(out.Items, moved)
	}
	return out
}
