package stats

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
)

// CalibrateOptions say how items are calibrated. The zero value is the two-parameter logistic model with the defaults.
type CalibrateOptions struct {
	Model          Model   // TwoPL where it is empty
	Nodes          int     // of the quadrature, equally spaced from -6 to 6 SD of ability; 61 where it is 0
	Tolerance      float64 // the largest change of a parameter in a cycle at which the iterations end, in logits; 1e-4 where it is 0
	MostIterations int     // 500 where it is 0; a cycle is two
	Priors         *Priors // nil for none: maximum likelihood
	Conditional    bool    // for Rasch: the conditional estimates too
	// Progress is called after each iteration with what no iteration lowers: the log-likelihood of the parameters before it, plus the log density of the priors where there are any.
	Progress func(iteration int, logLik float64)
	// Cancelled is asked after each iteration, such as a context's Err: an error ends the calibration, which returns it and nothing else.
	Cancelled func() error
}

// Priors are normal densities that hold parameters near what is usual. A slope that all items share has none.
type Priors struct {
	LogA, LogASD float64 // mean and SD of the log of a slope
	D, DSD       float64 // mean and SD of an intercept d = -ab
}

// UsualPriors are advised below AdvisePriors answers an item.
var UsualPriors = Priors{LogA: .1, LogASD: .3, D: 0, DSD: 1.5}

// AdvisePriors is the answers an item below which UsualPriors are advised for a model with slopes.
const AdvisePriors = 500

// Calibration are items' parameters by marginal maximum likelihood, ability being normal with mean 0.
type Calibration struct {
	Model            Model
	Bank             Bank        // by item: slope and difficulties; the SD of ability is 1 but for Rasch
	D                [][]float64 // by item: intercepts -ab, in logits
	SE               []ItemSE    // by item, from the observed information; nil where that is not positive definite, or the iterations did not converge
	VarianceSE       *float64    // standard error of the variance of ability: for Rasch, where SE is; nil where the variance is 0 within the tolerance, at the end of its range
	Persons          int         // those with an answer
	LogLik, AIC, BIC float64     // natural logarithms; priors do not count in
	MarginalRxx      float64     // reliability of ability expected of all items: the mean of I/(I+1) over the population, with I in the unit of 1 SD
	EmpiricalRxx     float64     // reliability of these persons' EAP: their variance over itself plus the mean posterior variance
	Iterations       int         // each is one expectation and one maximisation
	Converged        bool
	Conditional      *Conditional // where the options ask for it
}

// ItemSE are the standard errors of an item, in logits: of the slope and the intercepts from the inverse of the information, of the difficulties by the delta method.
type ItemSE struct {
	A    *float64 // nil for Rasch, where the slope is fixed
	B, D []float64
}

// Calibrate estimates the parameters of items from persons' answers by marginal maximum likelihood with the EM algorithm (Bock & Aitkin 1981), or with Options.Priors by the mode
// of the posterior. Missing answers are left out; persons without any too. TwoPL takes items with two categories; of the others, Rasch takes the partial credit model where an item
// has more. Where the iterations end without converging, the error is NotConverged, or Diverged with the item, and the calibration is what was reached: priors keep few answers
// from either.
func Calibrate(a *Answers, o CalibrateOptions) (*Calibration, error) {
	if err := o.complete(); err != nil {
		return nil, err
	}
	if err := o.check(a); err != nil {
		return nil, err
	}
	e := newEM(a, o)
	stopped := e.run()
	if why := (*Error)(nil); stopped != nil && !errors.As(stopped, &why) {
		return nil, stopped
	}
	c := e.calibration(a)
	if c.Converged = stopped == nil; !c.Converged {
		c.SE, c.VarianceSE = nil, nil
		return c, stopped
	}
	if o.Conditional && o.Model == Rasch {
		conditional, err := CalibrateConditional(a, o.Cancelled)
		if err != nil {
			return nil, err
		}
		c.Conditional = conditional
	}
	return c, nil
}

// complete puts the defaults in. Options that no calibration can have are an *Error with the option's name as its column.
func (o *CalibrateOptions) complete() error {
	if o.Model == "" {
		o.Model = TwoPL
	}
	if o.Nodes == 0 {
		o.Nodes = 61
	}
	if o.Tolerance == 0 {
		o.Tolerance = 1e-4
	}
	if o.MostIterations == 0 {
		o.MostIterations = 500
	}
	if o.Progress == nil {
		o.Progress = func(int, float64) {}
	}
	if o.Cancelled == nil {
		o.Cancelled = func() error { return nil }
	}
	for _, x := range []struct {
		option string
		value  float64
		ok     bool
	}{
		{"nodes", float64(o.Nodes), o.Nodes >= 11},
		{"tolerance", o.Tolerance, o.Tolerance > 0},
		{"most iterations", float64(o.MostIterations), o.MostIterations >= 2},
		{"model", 0, o.Model == Rasch || o.Model == TwoPL || o.Model == Graded || o.Model == GPCM},
		{"priors", 0, o.Priors == nil || o.Priors.LogASD > 0 && o.Priors.DSD > 0},
	} {
		if !x.ok {
			return &Error{What: OutOfRange, Column: x.option, Value: x.value}
		}
	}
	return nil
}

// check is an *Error for answers that do not identify the model.
func (o *CalibrateOptions) check(a *Answers) error {
	want := 3
	if o.Model == Rasch {
		want = 2
	}
	if n := len(a.Names); n < want {
		return &Error{What: TooFewColumns, N: n, Want: want}
	}
	for j, given := range a.tally() {
		if n := len(given); n > 2 && o.Model == TwoPL {
			return &Error{What: TooManyCategories, Column: a.Names[j], N: n, Want: 2}
		}
		for c, n := range given {
			if n == 0 {
				return &Error{What: UnusedCategory, Column: a.Names[j], Value: a.Values[j][c]}
			}
		}
	}
	return nil
}

// tally is how often each category of each item was given.
func (a *Answers) tally() [][]float64 {
	out := make([][]float64, len(a.Names))
	for j, values := range a.Values {
		out[j] = make([]float64, len(values))
	}
	for i := range a.Persons() {
		for j, c := range a.Of(i) {
			if c != absent {
				out[j][c]++
			}
		}
	}
	return out
}

// calibration is what the parameters are in the terms of the field.
func (e *em) calibration(a *Answers) *Calibration {
	c := &Calibration{Model: e.Model, Bank: Bank{SD: 1}, Persons: int(e.p.n), LogLik: e.logLik, Iterations: e.iterations}
	k := float64(len(e.par))
	c.AIC, c.BIC = 2*k-2*c.LogLik, k*math.Log(e.p.n)-2*c.LogLik
	covariance, marginal, empirical := e.precision()
	c.MarginalRxx, c.EmpiricalRxx = marginal, empirical
	for j, name := range a.Names {
		it := Item{Name: name, Model: e.Model, A: e.par[e.slope[j]], Values: categoryValues(a.Values[j])}
		if e.Model == Rasch {
			c.Bank.SD, it.A = math.Abs(it.A), 1 // the other way round is the same model
			if e.categories(j) > 2 {
				it.Model = GPCM
			}
		}
		d := slices.Clone(e.par[e.first[j] : e.first[j]+e.categories(j)-1])
		for _, x := range d {
			it.B = append(it.B, -x/it.A)
		}
		c.Bank.Items, c.D = append(c.Bank.Items, it), append(c.D, d)
	}
	if covariance != nil {
		c.SE, c.VarianceSE = e.errors(covariance)
	}
	return c
}

// MarshalJSON has the keys that results of the field have. Models for two categories have a list for each parameter, by item; the others a list of items. What is undefined is
// null.
func (c *Calibration) MarshalJSON() ([]byte, error) {
	mml, rasch := "", c.Model == Rasch
	if rasch {
		mml = "_mml"
	}
	out := map[string]any{"model": c.Model, "persons": c.Persons, "logLik" + mml: c.LogLik, "AIC": c.AIC, "BIC": c.BIC,
		"marginal_rxx": c.MarginalRxx, "empirical_rxx_EAP": c.EmpiricalRxx, "iterations": c.Iterations, "converged": c.Converged}
	if rasch {
		out["theta_var_mml"], out["SE_theta_var_mml"] = c.Bank.SD*c.Bank.SD, c.VarianceSE
	}
	if x := c.Conditional; x != nil {
		out["b_cml"], out["se_b_cml"], out["cond_logLik"], out["theta_ml_by_rawscore"] = x.B, x.SE, x.LogLik, x.Abilities
	}
	var names []string
	var a, b, d, seB, seD []float64
	var seA []*float64
	var items []map[string]any
	for j, it := range c.Bank.Items {
		item := map[string]any{"item": it.Name, "a": it.A, "SE_a": nil}
		names, a, b, d = append(names, it.Name), append(a, it.A), append(b, it.B...), append(d, c.D[j]...)
		if c.SE != nil {
			se := c.SE[j]
			item["SE_a"], seA, seB, seD = se.A, append(seA, se.A), append(seB, se.B...), append(seD, se.D...)
		}
		for h, x := range it.B {
			item[fmt.Sprint("b", h+1)], item[fmt.Sprint("SE_b", h+1)] = x, nil
			if c.SE != nil {
				item[fmt.Sprint("SE_b", h+1)] = c.SE[j].B[h]
			}
		}
		items = append(items, item)
	}
	switch two := len(b) == len(items); {
	case rasch && two:
		out["item"], out["b_mml"], out["SE_b_mml"] = names, b, seB
	case c.Model == TwoPL:
		out["item"], out["a"], out["b"], out["d"], out["SE_a"], out["SE_b"], out["SE_d"] = names, a, b, d, seA, seB, seD
	default:
		out["items"] = items
	}
	return json.Marshal(out)
}

// categoryValues are the values of an item's categories, nil where they are 0, 1 ...
func categoryValues(values []float64) []float64 {
	for c, x := range values {
		if x != float64(c) {
			return values
		}
	}
	return nil
}
