package stats

import (
	"math"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/stat"
)

// MinShrunken is the least number of groups (teams) whose means are shrunken: with fewer the variance between them is not to be told.
const MinShrunken = 5

// Shrinkage is of means with known standard errors towards their common mean (normal-normal model, empirical Bayes), by three estimates of the variance between them.
type Shrinkage struct {
	DL   ShrunkenMeans `json:"DL"`   // DerSimonian & Laird 1986
	REML ShrunkenMeans `json:"REML"` // restricted maximum likelihood (Viechtbauer 2005)
	PM   ShrunkenMeans `json:"PM"`   // Paule & Mandel 1982
}

// ShrunkenMeans are in the unit of the means, in their order. Tau2 = 0 is legal: then there is no reliable difference between the groups, and all are shrunken onto the mean.
type ShrunkenMeans struct {
	Mu       float64   `json:"mu"` // common mean
	MuSE     float64   `json:"se_mu"`
	Tau2     float64   `json:"tau2"` // variance between the true means
	Q        float64   `json:"Q"`    // of heterogeneity (Cochran 1954)
	I2       float64   `json:"I2"`   // percent of the variance of a typical mean that is between the groups (Higgins & Thompson 2002)
	Means    []float64 `json:"blup"` // the shrunken ones
	MeansSE  []float64 `json:"blup_se"`
	Shrunken []float64 `json:"B_shrink"` // how far each goes towards mu, 0 to 1: se²/(se² + tau2)
}

// KnownShrinkage is the same with a variance that is known.
type KnownShrinkage struct {
	Mu      float64   `json:"mu"`
	MuSE    float64   `json:"se_mu"`
	Means   []float64 `json:"post_mean"`
	SDGiven []float64 `json:"post_sd_given_mu"` // as if mu were known
	SD      []float64 `json:"post_sd"`
}

// Shrink means by their standard errors, at least MinShrunken of them.
func Shrink(means, se []float64) (*Shrinkage, error) {
	g, err := newNoisy(means, se)
	if err != nil {
		return nil, err
	}
	if len(means) < MinShrunken {
		return nil, &Error{What: TooFewRows, N: len(means), Want: MinShrunken}
	}
	return &Shrinkage{g.shrink(g.moments()), g.shrink(g.likely(restricted, g.most())), g.shrink(g.pauleMandel())}, nil
}

// ShrinkKnown is of means by their standard errors, with the variance between the true means known.
func ShrinkKnown(means, se []float64, tau2 float64) (*KnownShrinkage, error) {
	g, err := newNoisy(means, se)
	if err != nil {
		return nil, err
	}
	if !(tau2 >= 0) || math.IsInf(tau2, 1) {
		return nil, &Error{What: OutOfRange, Column: "tau2", Value: tau2}
	}
	s := g.shrink(tau2)
	out := &KnownShrinkage{Mu: s.Mu, MuSE: s.MuSE, Means: s.Means, SD: s.MeansSE}
	for _, v := range g.v {
		out.SDGiven = append(out.SDGiven, math.Sqrt(v*tau2/(v+tau2)))
	}
	return out, nil
}

// MeanOfAll is the mean of scores with standard errors, such as of a team that was tested as a whole, and the standard error of that, sqrt(Σse²)/n.
func MeanOfAll(scores, se []float64) (mean, meanSE float64, err error) {
	if _, err := newNoisy(scores, se); err != nil {
		return 0, 0, err
	}
	return stat.Mean(scores, nil), floats.Norm(se, 2) / float64(len(se)), nil
}

// noisy are means y with error variances v.
type noisy struct{ y, v []float64 }

func newNoisy(means, se []float64) (*noisy, error) {
	if len(means) == 0 {
		return nil, &Error{What: Empty}
	}
	if len(se) != len(means) {
		return nil, &Error{What: Unpaired, N: len(se), Want: len(means)}
	}
	g := &noisy{y: means}
	for i, x := range se {
		switch {
		case math.IsNaN(means[i]) || math.IsInf(means[i], 0):
			return nil, &Error{What: NotFinite, Row: i + 1}
		case !(x > 0) || math.IsInf(x, 1):
			return nil, &Error{What: OutOfRange, Row: i + 1, Value: x}
		}
		g.v = append(g.v, x*x)
	}
	return g, nil
}

// weightedSums are sums with the weights w = 1/(v + tau2).
type weightedSums struct {
	mu               float64 // weighted mean
	log              float64 // sum of ln(v + tau2)
	w, w2, wd2, w2d2 float64 // sums of w, w², w d² and w² d², where d is the distance from mu
}

func (g *noisy) at(tau2 float64) (s weightedSums) {
	for i, v := range g.v {
		w := 1 / (v + tau2)
		s.log -= math.Log(w)
		s.w += w
		s.w2 += w * w
		s.mu += w * g.y[i]
	}
	s.mu /= s.w
	for i, v := range g.v {
		w, d := 1/(v+tau2), g.y[i]-s.mu
		s.wd2 += w * d * d
		s.w2d2 += w * w * d * d
	}
	return s
}

// shrink towards the common mean.
func (g *noisy) shrink(tau2 float64) ShrunkenMeans {
	alone, s, df := g.at(0), g.at(tau2), float64(len(g.y)-1)
	out := ShrunkenMeans{Mu: s.mu, MuSE: 1 / math.Sqrt(s.w), Tau2: tau2, Q: alone.wd2}
	if tau2 > 0 {
		typical := df * alone.w / (alone.w*alone.w - alone.w2)
		out.I2 = 100 * tau2 / (tau2 + typical)
	}
	for i, v := range g.v {
		b := v / (v + tau2)
		out.Means = append(out.Means, b*s.mu+(1-b)*g.y[i])
		out.MeansSE = append(out.MeansSE, math.Sqrt((1-b)*v+b*b/s.w))
		out.Shrunken = append(out.Shrunken, b)
	}
	return out
}

// moments is DerSimonian and Laird's tau2.
func (g *noisy) moments() float64 {
	s := g.at(0)
	return max(0, (s.wd2-float64(len(g.y)-1))/(s.w-s.w2/s.w))
}

// restricted is twice the restricted log likelihood, but for a constant, and its slope.
func restricted(s weightedSums) (logLik, slope float64) {
	return -s.log - math.Log(s.w) - s.wd2, s.w2d2 - s.w + s.w2/s.w
}

// pauleMandel is the tau2 at which the weighted squares are as large as expected.
func (g *noisy) pauleMandel() float64 {
	excess := func(tau2 float64) float64 { return g.at(tau2).wd2 - float64(len(g.y)-1) }
	if excess(0) <= 0 {
		return 0
	}
	return root(excess, 0, excess(0), g.most(), excess(g.most()))
}

// most is more than any estimate of tau2: there the weights are so alike, and so small, that squares cannot be larger than expected.
func (g *noisy) most() float64 {
	spread := floats.Max(g.y) - floats.Min(g.y)
	return 4 * (spread*spread + floats.Max(g.v))
}

// likely is the tau2 from 0 to most that has the highest likelihood, which may have several peaks. twice gives the double of its logarithm, and the slope of that.
func (g *noisy) likely(twice func(weightedSums) (logLik, slope float64), most float64) float64 {
	const steps = 200
	slopeAt := func(tau2 float64) float64 {
		_, slope := twice(g.at(tau2))
		return slope
	}
	best, highest := 0.0, math.Inf(-1)
	least := floats.Min(g.v)
	before, rising := 0.0, slopeAt(0)
	for i := range steps + 1 {
		tau2 := least * math.Expm1(math.Log1p(most/least)*float64(i)/steps) // so that the variances of the means grow by equal factors
		slope := slopeAt(tau2)
		peak := tau2
		if i > 0 && rising > 0 && slope <= 0 {
			peak = root(slopeAt, before, rising, tau2, slope)
		}
		if logLik, _ := twice(g.at(peak)); logLik > highest {
			best, highest = peak, logLik
		}
		before, rising = tau2, slope
	}
	return best
}

// OneWay is the random intercept model of scores in groups (teams) by restricted maximum likelihood, in the unit of the scores. By group in their order.
type OneWay struct {
	Mu        float64   `json:"mu"` // mean of the groups' true means
	MuSE      float64   `json:"se_mu"`
	Tau2      float64   `json:"tau2"`      // variance between the true means; 0 is legal
	Sigma2    float64   `json:"sigma2"`    // variance of scores within groups
	Means     []float64 `json:"team_mean"` // observed
	N         []int     `json:"n"`         // scores
	Shrunken  []float64 `json:"shrunken"`  // means shrunken towards mu
	SE        []float64 `json:"cond_se"`   // of these, with the variances and mu as if known
	ANOVA     ANOVA     `json:"anova"`
	Criterion float64   `json:"REML_criterion"` // -2 restricted log likelihood
}

// ANOVA is the moment estimate of the same.
type ANOVA struct {
	MSB  float64 `json:"MSB"` // mean squares between and within
	MSW  float64 `json:"MSW"`
	N0   float64 `json:"n0"`   // the size that groups of equal size would have
	Tau2 float64 `json:"tau2"` // (MSB - MSW)/n0, not below 0
}

// NewOneWay is of scores by group, at least MinShrunken groups (Searle, Casella & McCulloch 1992; as lmer in lme4). Missing scores are left out; a group with none is an *Error.
func NewOneWay(groups [][]float64) (*OneWay, error) {
	if len(groups) < MinShrunken {
		return nil, &Error{What: TooFewRows, N: len(groups), Want: MinShrunken}
	}
	out := &OneWay{}
	g := &noisy{}
	total, sizes2, within := 0.0, 0.0, 0.0
	for i, group := range groups {
		var scores []float64
		for _, x := range group {
			switch {
			case math.IsInf(x, 0):
				return nil, &Error{What: NotFinite, Row: i + 1}
			case !IsMissing(x):
				scores = append(scores, x)
			}
		}
		mean, sd, ok := MeanSD(scores)
		if !ok {
			return nil, &Error{What: AllMissing, Row: i + 1}
		}
		n := float64(len(scores))
		out.N, out.Means = append(out.N, len(scores)), append(out.Means, mean)
		g.y, g.v = append(g.y, mean), append(g.v, 1/n)
		total, sizes2, within = total+n, sizes2+n*n, within+n*sd*sd
	}
	k := float64(len(groups))
	if total == k {
		return nil, &Error{What: TooFewRows, N: int(total), Want: len(groups) + 1}
	}
	if within == 0 {
		return nil, &Error{What: Constant}
	}
	df := total - k
	a := ANOVA{MSB: g.at(0).wd2 / (k - 1), MSW: within / df, N0: (total - sizes2/total) / (k - 1)}
	a.Tau2 = max(0, (a.MSB-a.MSW)/a.N0)
	out.ANOVA = a
	// The mean square within groups is the unit of variances, and the variance within groups is profiled out: lambda is tau2 in its unit.
	floats.Scale(1/math.Sqrt(a.MSW), g.y)
	profile := func(s weightedSums) (logLik, slope float64) {
		return -s.log - math.Log(s.w) - (total-1)*math.Log(df+s.wd2), (total-1)*s.w2d2/(df+s.wd2) - s.w + s.w2/s.w
	}
	lambda := g.likely(profile, g.most()*(total-1)/df)
	s := g.at(lambda)
	out.Mu, out.Sigma2 = s.mu*math.Sqrt(a.MSW), a.MSW*(df+s.wd2)/(total-1)
	out.MuSE, out.Tau2 = math.Sqrt(out.Sigma2/s.w), lambda*out.Sigma2
	out.Criterion = (total-1)*(1+math.Log(2*math.Pi*out.Sigma2)) + math.Log(s.w)
	for i, v := range g.v {
		b := v / (v + lambda)
		out.Criterion += math.Log1p(lambda / v)
		out.Shrunken = append(out.Shrunken, b*out.Mu+(1-b)*out.Means[i])
		out.SE = append(out.SE, math.Sqrt(out.Sigma2*(1-b)*v))
	}
	return out, nil
}
