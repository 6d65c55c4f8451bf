package stats

import (
	"cmp"
	"math"
	"slices"
	"strconv"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mathext"
)

// Quadrature are the abilities that a result is averaged over: nodes at equal distances, weighted by the density of the bank's population.
type Quadrature struct {
	Nodes int     // 121 by default
	Reach float64 // the nodes lie from -Reach to Reach, in logits; 6 by default, and 6 SD where the bank's SD is above 1
}

// of are the nodes and their weights, whose sum is 1.
func (q Quadrature) of(b Bank) (nodes, weights []float64, err error) {
	q = Quadrature{cmp.Or(q.Nodes, scoringNodes), cmp.Or(q.Reach, b.reach())}
	switch {
	case q.Nodes < 2:
		return nil, nil, &Error{What: OutOfRange, Column: "Nodes", Value: float64(q.Nodes)}
	case !(q.Reach > 0) || math.IsInf(q.Reach, 1):
		return nil, nil, &Error{What: OutOfRange, Column: "Reach", Value: q.Reach}
	}
	nodes = evenly(q.Nodes, q.Reach)
	for _, x := range nodes {
		weights = append(weights, math.Exp(-x*x/(2*b.SD*b.SD)))
	}
	floats.Scale(1/floats.Sum(weights), weights)
	return nodes, weights, nil
}

// ScoreDistributions are the probabilities of the raw scores (sums of categories) at abilities.
type ScoreDistributions struct {
	Theta []float64   `json:"theta"`          // logits
	P     [][]float64 `json:"P_score_0_to_n"` // by ability, by score from 0
}

// ScoreDistributions by the recursion of Lord and Wingersky (1984), for more than two categories as Thissen, Pommerich, Billeaud and Williams (1995) have it.
func (b Bank) ScoreDistributions(theta []float64) (*ScoreDistributions, error) {
	if err := b.Check(); err != nil {
		return nil, err
	}
	out := &ScoreDistributions{Theta: theta}
	for i, x := range theta {
		if math.IsNaN(x) || math.IsInf(x, 0) {
			return nil, &Error{What: NotFinite, Row: i + 1}
		}
		out.P = append(out.P, b.scores(x))
	}
	return out, nil
}

// scores are the probabilities of the raw scores at an ability.
func (b Bank) scores(theta float64) []float64 {
	var room [MaxCategories]float64
	sums := []float64{1}
	for j := range b.Items {
		p := b.Items[j].P(theta, room[:])
		next := make([]float64, len(sums)+len(p)-1)
		for k, x := range p {
			floats.AddScaled(next[k:k+len(sums)], x, sums)
		}
		sums = next
	}
	return sums
}

// ClassAgreement is how well a test puts persons into classes: at one cut, or at all.
type ClassAgreement struct {
	Cut         string  `json:"cut"`         // the cut, or "simultaneous"
	Accuracy    float64 `json:"accuracy"`    // the probability of the class that is true
	Consistency float64 `json:"consistency"` // the probability of the same class in two equal tests
}

// classes are agreements at ascending cuts, each and all, averaged over abilities. At a node, truth is what is to be compared with the cuts, and shares gives the probabilities of
// the classes that some cuts make.
func classes(cuts, weights []float64, truth func(node int) float64, shares func(node int, cuts []float64) []float64) ([]ClassAgreement, error) {
	if len(cuts) == 0 {
		return nil, &Error{What: Empty}
	}
	for i, c := range cuts {
		switch {
		case math.IsNaN(c) || math.IsInf(c, 0):
			return nil, &Error{What: NotFinite, Row: i + 1}
		case i > 0 && c <= cuts[i-1]:
			return nil, &Error{What: Unordered, Row: i + 1, Value: c}
		}
	}
	agreement := func(name string, cuts []float64) ClassAgreement {
		out := ClassAgreement{Cut: name}
		for i, w := range weights {
			p := shares(i, cuts)
			out.Accuracy += w * p[above(cuts, truth(i))]
			out.Consistency += w * floats.Dot(p, p)
		}
		return out
	}
	var out []ClassAgreement
	for i, c := range cuts {
		out = append(out, agreement(strconv.FormatFloat(c, 'g', -1, 64), cuts[i:i+1]))
	}
	return append(out, agreement("simultaneous", cuts)), nil
}

// above is how many of ascending cuts a score reaches.
func above(cuts []float64, score float64) int {
	n, reached := slices.BinarySearch(cuts, score)
	if reached {
		n++
	}
	return n
}

// LeeClassification is the accuracy and consistency of classes by raw scores (Lee 2010): who reaches a cut is above it, and the true class is that of the expected score at the
// ability.
func (b Bank) LeeClassification(cuts []float64, q Quadrature) ([]ClassAgreement, error) {
	if err := b.Check(); err != nil {
		return nil, err
	}
	nodes, weights, err := q.of(b)
	if err != nil {
		return nil, err
	}
	expected := make([]float64, len(nodes))
	scores := make([][]float64, len(nodes))
	for i, x := range nodes {
		expected[i], scores[i] = b.ExpectedScore(x), b.scores(x)
	}
	return classes(cuts, weights, func(i int) float64 { return expected[i] }, func(i int, cuts []float64) []float64 {
		p := make([]float64, len(cuts)+1)
		for score, x := range scores[i] {
			p[above(cuts, float64(score))] += x
		}
		return p
	})
}

// RudnerClassification is the accuracy and consistency of classes by ability (Rudner 2001, 2005): the estimate is normal about the true ability, in logits, with SE 1/sqrt(I).
func (b Bank) RudnerClassification(cuts []float64, q Quadrature) ([]ClassAgreement, error) {
	if err := b.Check(); err != nil {
		return nil, err
	}
	nodes, weights, err := q.of(b)
	if err != nil {
		return nil, err
	}
	se := make([]float64, len(nodes))
	for i, x := range nodes {
		se[i] = 1 / math.Sqrt(b.information(x))
	}
	return classes(cuts, weights, func(i int) float64 { return nodes[i] }, func(i int, cuts []float64) []float64 {
		p := make([]float64, len(cuts)+1)
		lo := math.Inf(-1)
		for k := range p {
			hi := math.Inf(1)
			if k < len(cuts) {
				hi = cuts[k]
			}
			p[k] = NormalBetween(nodes[i], se[i], lo, hi)
			lo = hi
		}
		return p
	})
}

// LivingstonLewis is the classification of scores at one cut, from a single test and its reliability. True scores have a beta distribution on the whole range (two parameters),
// and observed ones are binomial on a test of the effective length. Positive is below the cut, as the screening for whom the cut is meant to find; ratios without a denominator
// are absent.
type LivingstonLewis struct {
	ETL         float64        `json:"ETL_formula"` // effective test length
	Confusion   [3][3]float64  `json:"confusion"`   // shares: right and wrong and both, of positive and negative and both
	Accuracy    LLAccuracy     `json:"accuracy"`
	Consistency LLConsistency  `json:"consistency"`
	Params      BetaParameters `json:"params"`
	K2          float64        `json:"livingston_K2"` // Livingston 1972: the reliability with squared distances from the cut
}

// LLAccuracy is how observed classes meet the true ones.
type LLAccuracy struct {
	Sensitivity *float64 `json:"Sensitivity"`
	Specificity *float64 `json:"Specificity"`
	PPV         *float64 `json:"PPV"`
	NPV         *float64 `json:"NPV"`
	Youden      *float64 `json:"Youden.J"`
	Accuracy    float64  `json:"Accuracy"`
}

// LLConsistency is how the classes of two equal tests meet.
type LLConsistency struct {
	P         float64  `json:"p"`       // share of the same class
	Chance    float64  `json:"p_c"`     // the same by chance
	ChancePos float64  `json:"p_c_pos"` // of which below the cut
	ChanceNeg float64  `json:"p_c_neg"`
	Kappa     *float64 `json:"Kappa"`
}

// BetaParameters are the distribution of the true scores as shares of the range.
type BetaParameters struct {
	Alpha   float64 `json:"alpha"`
	Beta    float64 `json:"beta"`
	Low     float64 `json:"l"` // 0
	High    float64 `json:"u"` // 1
	ETL     float64 `json:"etl"`
	Rounded float64 `json:"etl_rounded"` // the length that the binomial takes
}

// maxEffective is the longest effective test that is taken; what is longer is so precise that nothing is to be asked of it.
const maxEffective = 5000

// LivingstonLewisClassification of scores between low and high (missing ones are left out) with a reliability above 0 and below 1; who reaches the cut is above it (Livingston &
// Lewis 1995; the moments of the true scores by Hanson 1991, as in betafunctions 1.9.0, which rounds the effective length to the nearest whole number, and the cut on it down).
func LivingstonLewisClassification(scores []float64, reliability, cut, low, high float64) (*LivingstonLewis, error) {
	if !(low < high) || math.IsInf(high-low, 0) {
		return nil, &Error{What: OutOfRange, Column: "high", Value: high}
	}
	if !(reliability > 0 && reliability < 1) {
		return nil, &Error{What: OutOfRange, Column: "reliability", Value: reliability}
	}
	if !(cut > low && cut < high) {
		return nil, &Error{What: OutOfRange, Column: "cut", Value: cut}
	}
	var x []float64 // as shares of the range
	for i, s := range scores {
		switch {
		case IsMissing(s):
			continue
		case s < low || s > high:
			return nil, &Error{What: OutOfRange, Row: i + 1, Value: s}
		}
		x = append(x, (s-low)/(high-low))
	}
	if len(x) < 2 {
		return nil, &Error{What: TooFewRows, N: len(x), Want: 2}
	}
	mean, sd, _ := MeanSD(x)
	if sd == 0 {
		return nil, &Error{What: Constant}
	}
	n := float64(len(x))
	variance := sd * sd * n / (n - 1)
	at := (cut - low) / (high - low)
	out := &LivingstonLewis{}
	out.K2, _ = LivingstonK2(reliability, mean, variance, at)
	out.ETL = (mean*(1-mean) - reliability*variance) / (variance * (1 - reliability))
	// The second moment of the true scores is the second factorial moment of a test of the effective length (Keats & Lord 1962).
	second := ((sd*sd+mean*mean)*out.ETL - mean) / (out.ETL - 1)
	size := (mean - second) / (second - mean*mean) // alpha + beta
	length := math.RoundToEven(out.ETL)
	switch {
	case !(out.ETL > 1) || !(size > 0) || math.IsInf(size, 0) || length < 2:
		return nil, &Error{What: Undefined}
	case length > maxEffective:
		return nil, &Error{What: OutOfRange, Column: "ETL", Value: out.ETL}
	}
	out.Params = BetaParameters{mean * size, (1 - mean) * size, 0, 1, out.ETL, length}
	out.classify(at)
	return out, nil
}

// LivingstonK2 is the reliability of classes at a cut with squared distances as losses (Livingston 1972), from a reliability, the mean and the variance of the scores, and the cut.
// ok is false where all scores are at the cut.
func LivingstonK2(reliability, mean, variance, cut float64) (k2 float64, ok bool) {
	apart := (mean - cut) * (mean - cut)
	if variance+apart == 0 {
		return 0, false
	}
	return (reliability*variance + apart) / (variance + apart), true
}

// classify integrates over the true scores in closed form: x of n right in a beta population are beta binomial, and the true scores of those with x are Beta(alpha + x, beta + n -
// x).
func (l *LivingstonLewis) classify(cut float64) {
	a, b, n := l.Params.Alpha, l.Params.Beta, int(l.Params.Rounded)
	pass := int(math.Floor(cut*l.Params.Rounded + 1e-9))
	ways := make([]float64, n+1) // the logarithms of the ways to have x of n right
	var share [2][2]float64      // observed, true: 0 below, 1 above
	for x := range ways {
		right, wrong := float64(x), float64(n-x)
		ways[x] = -math.Log(float64(n+1)) - mathext.Lbeta(right+1, wrong+1)
		p := math.Exp(ways[x] + mathext.Lbeta(a+right, b+wrong) - mathext.Lbeta(a, b))
		below := mathext.RegIncBeta(a+right, b+wrong, cut)
		observed := 0
		if x >= pass {
			observed = 1
		}
		share[observed][0] += p * below
		share[observed][1] += p * (1 - below)
	}
	both := 0.0 // below in two tests, by how many are right in both together
	for right := range 2*pass - 1 {
		log := mathext.Lbeta(a+float64(right), b+float64(2*n-right)) - mathext.Lbeta(a, b)
		for x := max(0, right-pass+1); x <= min(right, pass-1); x++ {
			both += math.Exp(log + ways[x] + ways[right-x])
		}
	}
	tp, fp, fn, tn := share[0][0], share[0][1], share[1][0], share[1][1]
	l.Confusion = [3][3]float64{{tp, tn, tp + tn}, {fp, fn, fp + fn}, {tp + fp, tn + fn, 1}}
	l.Accuracy = LLAccuracy{Sensitivity: ratio(tp, tp+fn), Specificity: ratio(tn, tn+fp), PPV: ratio(tp, tp+fp), NPV: ratio(tn, tn+fn), Accuracy: tp + tn}
	if l.Accuracy.Sensitivity != nil && l.Accuracy.Specificity != nil {
		j := *l.Accuracy.Sensitivity + *l.Accuracy.Specificity - 1
		l.Accuracy.Youden = &j
	}
	below := tp + fp
	c := LLConsistency{P: 1 - 2*(below-both), ChancePos: below * below, ChanceNeg: (1 - below) * (1 - below)}
	c.Chance = c.ChancePos + c.ChanceNeg
	c.Kappa = ratio(c.P-c.Chance, 1-c.Chance)
	l.Consistency = c
}

// ratio of two numbers; there is none to 0.
func ratio(a, b float64) *float64 {
	if b == 0 {
		return nil
	}
	r := a / b
	return &r
}
