package stats

import (
	"math"

	"gonum.org/v1/gonum/floats"
)

// Scores are persons' abilities and their standard errors in logits, in the order of the answers, for items whose parameters are known. Abilities are sought within six logits of
// 0, or six SD of the bank where that is wider; MAP, ML and WLE that would lie beyond stand at this bound.
// The mean and SD of the posterior are of 121 nodes between the bounds.
type Scores struct {
	EAP   []float64 `json:"EAP"`    // the mean of the posterior (Bock & Mislevy 1982); the mean of the population for who answered nothing
	EAPSE []float64 `json:"EAP_SE"` // the SD of the posterior
	MAP   []float64 `json:"MAP"`    // its mode (Samejima 1969)
	MAPSE []float64 `json:"MAP_SE"` // 1/sqrt(I + 1/SD²), I the expected information of what was answered
	// MAPSEObserved is 1/sqrt(O + 1/SD²) with the observed information O, as mirt has it; the same for all models but the graded one.
	MAPSEObserved []float64  `json:"MAP_SE_observed_info"`
	WLE           []*float64 `json:"WLE"`    // the weighted likelihood's peak (Warm 1989): it runs far out on extreme answers, and is not for showing to users
	WLESE         []*float64 `json:"WLE_SE"` // 1/sqrt(I)
	ML            []*float64 `json:"ML"`     // the likelihood's peak: absent where all answers are in the lowest category, or all in the highest
	MLSE          []*float64 `json:"ML_SE"`  // 1/sqrt(I)
}

// Answers are a table's numbers as categories of the bank's items, in the bank's order. An item without a column was presented to nobody; a column that is no item is an *Error.
func (b Bank) Answers(t Table) (*Answers, error) {
	if err := t.Check(); err != nil {
		return nil, err
	}
	if err := b.Check(); err != nil {
		return nil, err
	}
	place := map[string]int{}
	values := make([][]float64, len(b.Items))
	sorted := Table{Names: make([]string, len(b.Items)), Rows: make([][]float64, len(t.Rows))}
	for j, it := range b.Items {
		sorted.Names[j], values[j] = b.name(j), it.Values
		place[sorted.Names[j]] = j
		for k := range it.Categories() {
			if it.Values == nil {
				values[j] = append(values[j], float64(k))
			}
		}
	}
	used := map[string]bool{}
	for _, name := range t.Names {
		if _, known := place[name]; !known {
			return nil, &Error{What: UnknownColumn, Column: name}
		}
		if used[name] {
			return nil, &Error{What: Duplicate, Column: name}
		}
		used[name] = true
	}
	for i, row := range t.Rows {
		sorted.Rows[i] = make([]float64, len(b.Items))
		for j := range b.Items {
			sorted.Rows[i][j] = Missing()
		}
		for j, x := range row {
			sorted.Rows[i][place[t.Names[j]]] = x
		}
	}
	return sorted.AnswersIn(values)
}

// Scores of persons by their answers to the bank's items, in the bank's order (Bank.Answers). Missing answers are left out.
func (b Bank) Scores(a *Answers) (*Scores, error) {
	s, err := newScorer(b)
	if err != nil {
		return nil, err
	}
	out := &Scores{}
	for i := range a.Persons() {
		answers := a.Of(i)
		if err := s.check(answers); err != nil {
			err.Row = i + 1
			return nil, err
		}
		s.add(answers)
		theta, se := s.eap(s.posterior)
		out.EAP, out.EAPSE = append(out.EAP, theta), append(out.EAPSE, se)
		theta, told := s.highest(answers, s.mode)
		prior := 1 / (b.SD * b.SD)
		out.MAP, out.MAPSE = append(out.MAP, theta), append(out.MAPSE, 1/math.Sqrt(told.information+prior))
		out.MAPSEObserved = append(out.MAPSEObserved, 1/math.Sqrt(prior-told.bend))
		var wle, wleSE, ml, mlSE *float64
		lowest, top := s.extreme(answers)
		if !lowest || !top {
			wle, wleSE = estimate(s.highest(answers, weighted))
		}
		if !lowest && !top {
			ml, mlSE = estimate(s.highest(answers, likelihood))
		}
		out.WLE, out.WLESE, out.ML, out.MLSE = append(out.WLE, wle), append(out.WLESE, wleSE), append(out.ML, ml), append(out.MLSE, mlSE)
	}
	return out, nil
}

// estimate is an ability with its standard error; there is none where the answers tell nothing.
func estimate(theta float64, told sums) (at, se *float64) {
	if told.information == 0 {
		return nil, nil
	}
	deviation := 1 / math.Sqrt(told.information)
	return &theta, &deviation
}

// scorer scores one person after the other. What the items tell is tabulated at the nodes; sums over a person's answers are kept there.
type scorer struct {
	bank                                Bank
	nodes, prior                        []float64 // the prior's logarithm but for a constant
	items                               []grid
	posterior, slope, information, warm []float64
	work                                []float64
}

// grid is what an item's answers tell at the nodes.
type grid struct {
	log, slope        [][]float64 // by category
	information, warm []float64
}

// scoringNodes are how many nodes there are for scoring: a tenth of a logit apart.
const scoringNodes = 121

// reach is how far from 0 abilities are sought, in logits.
func (b Bank) reach() float64 { return 6 * max(1, b.SD) }

func newScorer(b Bank) (*scorer, error) {
	if err := b.Check(); err != nil {
		return nil, err
	}
	n := scoringNodes
	s := &scorer{bank: b, nodes: evenly(n, b.reach()), prior: make([]float64, n), items: make([]grid, len(b.Items)),
		posterior: make([]float64, n), slope: make([]float64, n), information: make([]float64, n), warm: make([]float64, n), work: make([]float64, n)}
	for i, x := range s.nodes {
		s.prior[i] = -x * x / (2 * b.SD * b.SD)
	}
	var (
		room [MaxCategories]trace
		logs [MaxCategories]float64
	)
	for j := range b.Items {
		it := &b.Items[j]
		g := grid{information: make([]float64, n), warm: make([]float64, n)}
		for range it.Categories() {
			g.log, g.slope = append(g.log, make([]float64, n)), append(g.slope, make([]float64, n))
		}
		for i, x := range s.nodes {
			traces := it.traces(x, room[:])
			g.information[i], g.warm[i] = moments(traces)
			for k, l := range it.logs(x, logs[:]) {
				g.log[k][i], g.slope[k][i] = l, traces[k].slope
			}
		}
		s.items[j] = g
	}
	return s, nil
}

// check is an *Error for answers that are not the items', or in a category that an item does not have.
func (s *scorer) check(answers []int8) *Error {
	if len(answers) != len(s.items) {
		return &Error{What: Unpaired, N: len(answers), Want: len(s.items)}
	}
	for j, c := range answers {
		if c < absent || int(c) >= s.bank.Items[j].Categories() {
			return &Error{What: UnknownCategory, Column: s.bank.name(j), Value: float64(c)}
		}
	}
	return nil
}

// add makes the sums of a person.
func (s *scorer) add(answers []int8) {
	copy(s.posterior, s.prior)
	clear(s.slope)
	clear(s.information)
	clear(s.warm)
	for j, c := range answers {
		if c != absent {
			g := &s.items[j]
			floats.Add(s.posterior, g.log[c])
			floats.Add(s.slope, g.slope[c])
			floats.Add(s.information, g.information)
			floats.Add(s.warm, g.warm)
		}
	}
}

// eap is the mean and the SD of a posterior that is given by its logarithm at the nodes.
func (s *scorer) eap(posterior []float64) (mean, sd float64) {
	top, sum := floats.Max(posterior), 0.0
	for i, l := range posterior {
		s.work[i] = math.Exp(l - top)
		sum += s.work[i]
		mean += s.work[i] * s.nodes[i]
	}
	mean /= sum
	for i, w := range s.work {
		sd += w * (s.nodes[i] - mean) * (s.nodes[i] - mean)
	}
	return mean, math.Sqrt(sd / sum)
}

// sums over the items that a person answered, at an ability: of the slopes and bends of the log probabilities of the answers, of the information, and of Warm's J.
type sums struct{ slope, bend, information, warm float64 }

// An objective is the slope of what is to be highest.
type objective func(theta float64, told sums) float64

func (s *scorer) mode(theta float64, told sums) float64 {
	return told.slope - theta/(s.bank.SD*s.bank.SD)
}

func likelihood(_ float64, told sums) float64 { return told.slope }

func weighted(_ float64, told sums) float64 {
	if told.information == 0 { // so far out that nothing is told
		return told.slope
	}
	return told.slope + told.warm/(2*told.information)
}

// highest is where the objective's curve is highest for the person who was added, and the sums there.
func (s *scorer) highest(answers []int8, slope objective) (theta float64, told sums) {
	for i, x := range s.nodes {
		s.work[i] = slope(x, sums{slope: s.slope[i], information: s.information[i], warm: s.warm[i]})
	}
	lo, hi := peak(s.nodes, s.work)
	theta = s.nodes[lo]
	if lo < hi {
		theta = root(func(x float64) float64 { return slope(x, s.at(answers, x)) }, theta, s.work[lo], s.nodes[hi], s.work[hi])
	}
	return theta, s.at(answers, theta)
}

// at are a person's sums at an ability.
func (s *scorer) at(answers []int8, theta float64) sums {
	var (
		told sums
		room [MaxCategories]trace
	)
	for j, c := range answers {
		if c != absent {
			traces := s.bank.Items[j].traces(theta, room[:])
			i, w := moments(traces)
			told = sums{told.slope + traces[c].slope, told.bend + traces[c].bend, told.information + i, told.warm + w}
		}
	}
	return told
}

// extreme is whether all answers are in the lowest category, and whether all are in the highest; both where there is none.
func (s *scorer) extreme(answers []int8) (lowest, highest bool) {
	lowest, highest = true, true
	for j, c := range answers {
		if c != absent {
			lowest, highest = lowest && c == 0, highest && int(c) == len(s.bank.Items[j].B)
		}
	}
	return lowest, highest
}
