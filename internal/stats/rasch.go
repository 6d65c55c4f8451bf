package stats

import (
	"math"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
)

// Conditional are the difficulties of the Rasch model by conditional maximum likelihood (Andersen 1972), which asks nothing of how ability is distributed. They add up to 0.
type Conditional struct {
	B         []float64    `json:"b_cml"`       // by item, in logits
	SE        []float64    `json:"se_b_cml"`    // their standard errors, from the observed information
	LogLik    float64      `json:"cond_logLik"` // natural logarithm, given the persons' raw scores
	Abilities []RawAbility `json:"theta_ml_by_rawscore"`
}

// RawAbility is the maximum likelihood estimate of ability of who answered all items and got Raw of them right, in logits, with its standard error. None of them right and all of
// them right have none.
type RawAbility struct {
	Raw   int      `json:"raw"`
	Theta *float64 `json:"theta"`
	SE    *float64 `json:"se"`
}

// raschForm are the persons to whom the same items were presented.
type raschForm struct {
	items   []int
	persons []float64 // by raw score
}

// CalibrateConditional estimates the difficulties of items with two categories by Newton's method. Missing answers are left out: a person's raw score is conditioned on among the
// items presented. An item that all persons got right, or wrong, but for those whose score is extreme, has no estimate and is an *Error. The work grows with the fourth power of the
// items, for each different set of items that was presented; cancelled, which may be nil, is asked before each of them, and its error ends it.
func CalibrateConditional(a *Answers, cancelled func() error) (*Conditional, error) {
	o := CalibrateOptions{Model: Rasch}
	if err := o.check(a); err != nil {
		return nil, err
	}
	for j, values := range a.Values {
		if n := len(values); n > 2 {
			return nil, &Error{What: TooManyCategories, Column: a.Names[j], N: n, Want: 2}
		}
	}
	forms, right, err := a.forms()
	if err != nil {
		return nil, err
	}
	const near, most = 1e-9, 100
	c, n := &Conditional{B: make([]float64, len(right))}, len(right)
	score, info := make([]float64, n), mat.NewSymDense(n, nil)
	for iteration := 1; ; iteration++ {
		c.LogLik = -floats.Dot(right, c.B)
		for j := range n {
			score[j] = -right[j]
			for k := j; k < n; k++ {
				info.SetSym(j, k, 1/float64(n)) // the information is 0 along a shift of all items, and so is the score
			}
		}
		for _, f := range forms {
			if cancelled != nil {
				if err := cancelled(); err != nil {
					return nil, err
				}
			}
			c.LogLik += f.add(c.B, score, info)
		}
		var chol mat.Cholesky
		step := mat.NewVecDense(n, nil)
		if !chol.Factorize(info) || chol.Cond() > 1e12 || chol.SolveVecTo(step, mat.NewVecDense(n, score)) != nil || iteration > most {
			return nil, &Error{What: NotConverged, N: iteration, Want: most}
		}
		if mat.Norm(step, math.Inf(1)) < near {
			var inverse mat.SymDense
			if chol.InverseTo(&inverse) != nil {
				return nil, &Error{What: NotConverged, N: iteration, Want: most}
			}
			for j := range n {
				c.SE = append(c.SE, math.Sqrt(inverse.At(j, j)-1/float64(n)))
			}
			break
		}
		floats.Add(c.B, step.RawVector().Data)
	}
	for raw := range n + 1 {
		c.Abilities = append(c.Abilities, abilityOf(raw, c.B))
	}
	return c, nil
}

// forms are the persons by the items that were presented to them, and how many of them got each item right.
func (a *Answers) forms() (forms []*raschForm, right []float64, err error) {
	n := len(a.Names)
	right = make([]float64, n)
	known := map[string]*raschForm{}
	varied := make([][2]bool, n) // whether somebody without an extreme score got an item wrong, right
	for i := range a.Persons() {
		answers := a.Of(i)
		var items []int
		key, raw := make([]byte, n), 0
		for j, c := range answers {
			if c != absent {
				items, key[j] = append(items, j), 1
				right[j] += float64(c)
				raw += int(c)
			}
		}
		f, ok := known[string(key)]
		if !ok {
			f = &raschForm{items: items, persons: make([]float64, len(items)+1)}
			known[string(key)] = f
			forms = append(forms, f)
		}
		f.persons[raw]++
		if raw > 0 && raw < len(items) {
			for _, j := range items {
				varied[j][answers[j]] = true
			}
		}
	}
	for j, v := range varied {
		if !v[0] || !v[1] {
			return nil, nil, &Error{What: Constant, Column: a.Names[j]}
		}
	}
	return forms, right, nil
}

// add is the form's part of the log-likelihood that does not depend on who got which item right. It adds the first derivatives by the difficulties, and the negative second ones.
func (f *raschForm) add(b, score []float64, info *mat.SymDense) (logLik float64) {
	n := len(f.items)
	e := make([]float64, n)
	for u, j := range f.items {
		e[u] = math.Exp(-b[j])
	}
	all := symmetricFunctions(e, -1, -1)
	single := make([][]float64, n) // by item and raw score: how probable it is that the item is right
	for u := range e {
		single[u] = make([]float64, n+1)
		for r, x := range symmetricFunctions(e, u, -1) {
			single[u][r+1] = e[u] * x / all[r+1]
		}
	}
	for r, persons := range f.persons {
		logLik -= persons * math.Log(all[r])
		for u, j := range f.items {
			p := single[u][r]
			score[j] += persons * p
			info.SetSym(j, j, info.At(j, j)+persons*p*(1-p))
		}
	}
	for u, j := range f.items {
		for v := u + 1; v < n; v++ {
			k, both := f.items[v], symmetricFunctions(e, u, v)
			sum := 0.0
			for r, persons := range f.persons {
				p := 0.0
				if r >= 2 {
					p = e[u] * e[v] * both[r-2] / all[r]
				}
				sum += persons * (p - single[u][r]*single[v][r])
			}
			info.SetSym(j, k, info.At(j, k)+sum)
		}
	}
	return logLik
}

// symmetricFunctions are the elementary symmetric functions of e without two of its elements, or fewer (-1), from order 0: by the summation algorithm (Andersen 1972), which
// subtracts nothing.
func symmetricFunctions(e []float64, without, andWithout int) []float64 {
	out := append(make([]float64, 0, len(e)+1), 1)
	for u, x := range e {
		if u == without || u == andWithout {
			continue
		}
		out = append(out, 0)
		for r := len(out) - 1; r > 0; r-- {
			out[r] += x * out[r-1]
		}
	}
	return out
}

// abilityOf is where the expected raw score is raw.
func abilityOf(raw int, b []float64) RawAbility {
	out := RawAbility{Raw: raw}
	if raw == 0 || raw == len(b) {
		return out
	}
	theta, info := math.Log(float64(raw)/float64(len(b)-raw)), 0.0
	for range 1000 {
		expected := 0.0
		info = 0
		for _, x := range b {
			p := logistic(theta - x)
			expected += p
			info += p * (1 - p)
		}
		step := max(-1, min(1, (float64(raw)-expected)/info))
		if math.Abs(step) < 1e-12 {
			break
		}
		theta += step
	}
	se := 1 / math.Sqrt(info)
	out.Theta, out.SE = &theta, &se
	return out
}
