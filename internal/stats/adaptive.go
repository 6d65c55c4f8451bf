package stats

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/floats"
)

// AdaptiveOptions are how an adaptive test goes on and when it stops. Items are numbered from 1, in the bank's order.
type AdaptiveOptions struct {
	SE          float64   // the test stops where the ability's standard error is this or less, in logits; 0.40 by default
	Min         int       // but not before as many items; 1 by default
	Max         int       // and at the latest after as many; 20 by default
	Randomesque int       // how many of the best items Next draws from (Kingsbury & Zara 1989); 5 by default
	Targets     []Target  // shares of the content areas; none by default
	Exposure    []float64 // share of the earlier tests that each item was in, 0 to 1, by item; none by default
	Cap         float64   // items whose exposure is this or more are left out as long as there are others; 0.30 by default
}

// Target is the share, 0 to 1, that items of a group are to have in a test.
type Target struct {
	Group string
	Share float64
}

// Why a test stopped.
const (
	StoppedByPrecision = "precision" // the standard error is reached
	StoppedByLength    = "length"    // the most items were given
	StoppedByItems     = "items"     // no item is left
)

// AdaptiveTest is a test that chooses the next item by the answers so far: of those not yet given, the one that tells most at the present ability (Lord 1980; ties: the first).
// With targets it is of the group that is furthest below its target (Kingsbury & Zara 1989; ties: the first target). The ability begins at 0 and is the EAP after each answer.
type AdaptiveTest struct {
	o         AdaptiveOptions
	scorer    *scorer
	pool      []int // items from 0, those not given, in the bank's order
	posterior []float64
	given     AdaptiveResult
}

// AdaptiveResult is how a test went so far.
type AdaptiveResult struct {
	Administered []int     `json:"administered"` // items from 1
	Groups       []string  `json:"group"`        // of these
	Responses    []int     `json:"responses"`    // categories from 0
	Theta        []float64 `json:"theta_after"`  // logits
	SE           []float64 `json:"se_after"`     // logits
	N            int       `json:"n"`
	ThetaFinal   float64   `json:"theta_final"` // 0 before the first answer
	SEFinal      float64   `json:"se_final"`    // the bank's SD before the first answer
	StoppedBy    string    `json:"stopped_by"`  // "" while the test goes on
}

// Candidates are the items that Next draws from, the best first.
type Candidates struct {
	Items       []int     `json:"candidates_best_first"` // from 1
	Information []float64 `json:"info"`                  // at the present ability, per squared logit
}

// NewAdaptiveTest is a test with all items of a bank.
func NewAdaptiveTest(b Bank, o AdaptiveOptions) (*AdaptiveTest, error) {
	s, err := newScorer(b)
	if err != nil {
		return nil, err
	}
	if err := o.complete(b); err != nil {
		return nil, err
	}
	pool := make([]int, len(b.Items))
	for j := range pool {
		pool[j] = j
	}
	return newAdaptiveTest(s, o, pool), nil
}

func newAdaptiveTest(s *scorer, o AdaptiveOptions, pool []int) *AdaptiveTest {
	t := &AdaptiveTest{o: o, scorer: s, pool: pool, posterior: slices.Clone(s.prior)}
	t.given.SEFinal = s.bank.SD
	t.stop()
	return t
}

// complete puts in the defaults. It is an *Error for an option that is out of range, and for a target whose group no item is of.
func (o *AdaptiveOptions) complete(b Bank) error {
	o.SE = cmp.Or(o.SE, 0.40)
	o.Min = cmp.Or(o.Min, 1)
	o.Max = cmp.Or(o.Max, 20)
	o.Randomesque = cmp.Or(o.Randomesque, 5)
	o.Cap = cmp.Or(o.Cap, 0.30)
	switch {
	case !(o.SE > 0):
		return &Error{What: OutOfRange, Column: "SE", Value: o.SE}
	case o.Min < 0:
		return &Error{What: OutOfRange, Column: "Min", Value: float64(o.Min)}
	case o.Max < o.Min:
		return &Error{What: OutOfRange, Column: "Max", Value: float64(o.Max)}
	case o.Randomesque < 0:
		return &Error{What: OutOfRange, Column: "Randomesque", Value: float64(o.Randomesque)}
	case !(o.Cap > 0):
		return &Error{What: OutOfRange, Column: "Cap", Value: o.Cap}
	case o.Exposure != nil && len(o.Exposure) != len(b.Items):
		return &Error{What: Unpaired, Column: "Exposure", N: len(o.Exposure), Want: len(b.Items)}
	}
	for _, t := range o.Targets {
		if !slices.ContainsFunc(b.Items, func(it Item) bool { return it.Group == t.Group }) {
			return &Error{What: UnknownColumn, Column: t.Group}
		}
		if !(t.Share >= 0 && t.Share <= 1) {
			return &Error{What: OutOfRange, Column: t.Group, Value: t.Share}
		}
	}
	return nil
}

// Candidates are the best items for the next place, as many as Randomesque says; none where the test has stopped.
func (t *AdaptiveTest) Candidates() Candidates {
	var out Candidates
	if t.given.StoppedBy != "" {
		return out
	}
	eligible := t.eligible()
	tells := map[int]float64{}
	for _, j := range eligible {
		tells[j] = t.scorer.bank.Items[j].Information(t.given.ThetaFinal)
	}
	slices.SortStableFunc(eligible, func(i, j int) int { return cmp.Compare(tells[j], tells[i]) })
	for _, j := range eligible[:min(t.o.Randomesque, len(eligible))] {
		out.Items, out.Information = append(out.Items, j+1), append(out.Information, tells[j])
	}
	return out
}

// eligible are the items left for the next place, in the bank's order.
func (t *AdaptiveTest) eligible() []int {
	left := slices.Clone(t.pool)
	if fresh := slices.DeleteFunc(slices.Clone(left), t.exposed); len(fresh) > 0 {
		left = fresh
	}
	of := func(group string) func(j int) bool {
		return func(j int) bool { return t.scorer.bank.Items[j].Group == group }
	}
	counts := map[string]int{}
	for _, g := range t.given.Groups {
		counts[g]++
	}
	most, chosen := math.Inf(-1), ""
	for _, target := range t.o.Targets {
		short := target.Share - float64(counts[target.Group])/float64(max(1, t.given.N))
		if short > most && slices.ContainsFunc(left, of(target.Group)) {
			most, chosen = short, target.Group
		}
	}
	if !math.IsInf(most, -1) {
		left = slices.DeleteFunc(left, func(j int) bool { return !of(chosen)(j) })
	}
	return left
}

func (t *AdaptiveTest) exposed(j int) bool { return t.o.Exposure != nil && t.o.Exposure[j] >= t.o.Cap }

// Next is an item for the next place: one of the candidates by lot, or the best where there is no random source. ok is false where the test has stopped.
func (t *AdaptiveTest) Next(r *rand.Rand) (item int, ok bool) {
	best := t.Candidates().Items
	switch {
	case len(best) == 0:
		return 0, false
	case r == nil:
		return best[0], true
	}
	return best[r.IntN(len(best))], true
}

// Answer takes the answer to an item that is left, as a category from 0.
func (t *AdaptiveTest) Answer(item, category int) error {
	at := slices.Index(t.pool, item-1)
	if at < 0 || t.given.StoppedBy != "" {
		return &Error{What: OutOfRange, Row: t.given.N + 1, Value: float64(item)}
	}
	it := &t.scorer.bank.Items[item-1]
	if category < 0 || category >= it.Categories() {
		return &Error{What: UnknownCategory, Row: t.given.N + 1, Column: t.scorer.bank.name(item - 1), Value: float64(category)}
	}
	t.pool = slices.Delete(t.pool, at, at+1)
	floats.Add(t.posterior, t.scorer.items[item-1].log[category])
	g := &t.given
	g.ThetaFinal, g.SEFinal = t.scorer.eap(t.posterior)
	g.N++
	g.Administered, g.Groups, g.Responses = append(g.Administered, item), append(g.Groups, it.Group), append(g.Responses, category)
	g.Theta, g.SE = append(g.Theta, g.ThetaFinal), append(g.SE, g.SEFinal)
	t.stop()
	return nil
}

// stop says whether the test stops now, and why.
func (t *AdaptiveTest) stop() {
	switch g := &t.given; {
	case g.N >= t.o.Min && g.SEFinal <= t.o.SE:
		g.StoppedBy = StoppedByPrecision
	case g.N >= t.o.Max:
		g.StoppedBy = StoppedByLength
	case len(t.pool) == 0:
		g.StoppedBy = StoppedByItems
	}
}

// Result is how the test went so far.
func (t *AdaptiveTest) Result() AdaptiveResult { return t.given }

// AdaptiveSitting is an adaptive test for each dimension of a bank (Item.Group), with an ability each. The next item is of the dimension with the largest standard error (ties:
// the one that comes first in the bank) that has not stopped.
type AdaptiveSitting struct {
	dimensions []string
	tests      []*AdaptiveTest // one a dimension
	given      []int
}

// SittingResult is how a sitting went so far.
type SittingResult struct {
	Administered []int             `json:"administered"` // items from 1
	Dimensions   []DimensionResult `json:"dimensions"`   // in the bank's order
}

// DimensionResult is how the test of a dimension went so far.
type DimensionResult struct {
	Dimension string `json:"dimension"`
	AdaptiveResult
}

// NewAdaptiveSitting is a sitting with all items of a bank. The options hold for each dimension.
func NewAdaptiveSitting(b Bank, o AdaptiveOptions) (*AdaptiveSitting, error) {
	scorer, err := newScorer(b)
	if err != nil {
		return nil, err
	}
	if err := o.complete(b); err != nil {
		return nil, err
	}
	s := &AdaptiveSitting{}
	pools := map[string][]int{}
	for j, it := range b.Items {
		if pools[it.Group] == nil {
			s.dimensions = append(s.dimensions, it.Group)
		}
		pools[it.Group] = append(pools[it.Group], j)
	}
	for _, d := range s.dimensions {
		s.tests = append(s.tests, newAdaptiveTest(scorer, o, pools[d]))
	}
	return s, nil
}

// Next is an item for the next place, as of AdaptiveTest.Next. ok is false where all dimensions have stopped.
func (s *AdaptiveSitting) Next(r *rand.Rand) (item int, ok bool) {
	var next *AdaptiveTest
	for _, t := range s.tests {
		if t.given.StoppedBy == "" && (next == nil || t.given.SEFinal > next.given.SEFinal) {
			next = t
		}
	}
	if next == nil {
		return 0, false
	}
	return next.Next(r)
}

// Answer takes the answer to an item that is left in its dimension, as a category from 0.
func (s *AdaptiveSitting) Answer(item, category int) error {
	for _, t := range s.tests {
		if slices.Contains(t.pool, item-1) {
			if err := t.Answer(item, category); err != nil {
				return err
			}
			s.given = append(s.given, item)
			return nil
		}
	}
	return &Error{What: OutOfRange, Row: len(s.given) + 1, Value: float64(item)}
}

// Result is how the sitting went so far.
func (s *AdaptiveSitting) Result() SittingResult {
	out := SittingResult{Administered: s.given}
	for i, t := range s.tests {
		out.Dimensions = append(out.Dimensions, DimensionResult{s.dimensions[i], t.given})
	}
	return out
}
