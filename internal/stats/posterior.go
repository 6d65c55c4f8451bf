package stats

import (
	"math"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mathext"
)

// BetaPrior is what is held of a share before there are answers: Beta(A, B). The zero value is the uniform one, Beta(1, 1); a bank's prior has A + B = 4 (PSYCHOMETRICS F1).
type BetaPrior struct{ A, B float64 }

// PercentScore is the posterior of a percent score that few answers give, Beta(A, B) (PSYCHOMETRICS F1).
type PercentScore struct {
	Score float64    `json:"score"` // its mean, 0 to 100
	SE    float64    `json:"se"`    // its SD, in points
	CI    [2]float64 `json:"ci90"`  // its 5 % and 95 % quantiles, in points
	K     float64    `json:"K"`     // how many equal answers the weights come to, (Σw)²/Σw² (Kish 1965)
	A     float64    `json:"A"`
	B     float64    `json:"B"`
}

// NewPercentScore is of shares u, 0 to 1, with weights above 0; without weights all are 1. Missing shares are left out. It is an *Error where none is left: who answered nothing
// has no score.
func NewPercentScore(u, weights []float64, prior BetaPrior) (*PercentScore, error) {
	if weights != nil && len(weights) != len(u) {
		return nil, &Error{What: Unpaired, N: len(weights), Want: len(u)}
	}
	if prior == (BetaPrior{}) {
		prior = BetaPrior{1, 1}
	}
	if !(prior.A > 0 && prior.B > 0) || math.IsInf(prior.A+prior.B, 1) {
		return nil, &Error{What: OutOfRange, Column: "prior", Value: min(prior.A, prior.B)}
	}
	sum, squares, got := 0.0, 0.0, 0.0
	for i, x := range u {
		if IsMissing(x) {
			continue
		}
		w := 1.0
		if weights != nil {
			w = weights[i]
		}
		if x < 0 || x > 1 {
			return nil, &Error{What: OutOfRange, Row: i + 1, Value: x}
		}
		if !(w > 0) || math.IsInf(w, 1) {
			return nil, &Error{What: OutOfRange, Row: i + 1, Column: "weight", Value: w}
		}
		sum, squares, got = sum+w, squares+w*w, got+w*x
	}
	if sum == 0 {
		return nil, &Error{What: Empty}
	}
	p, k := got/sum, sum*sum/squares
	a, b := prior.A+k*p, prior.B+k*(1-p)
	mean, sd := betaMoments(a, b)
	lo, hi := betaInterval(a, b)
	return &PercentScore{100 * mean, 100 * sd, [2]float64{100 * lo, 100 * hi}, k, a, b}, nil
}

// betaMoments are the mean and the SD of Beta(a, b).
func betaMoments(a, b float64) (mean, sd float64) {
	return a / (a + b), math.Sqrt(a*b/(a+b+1)) / (a + b)
}

// betaInterval are the 5 % and 95 % quantiles of Beta(a, b).
func betaInterval(a, b float64) (lo, hi float64) {
	return mathext.InvRegIncBeta(a, b, 0.05), mathext.InvRegIncBeta(a, b, 0.95)
}

// LevelProbabilities are how probable each level is for a percent score, and which are to be shown (PSYCHOMETRICS F2).
type LevelProbabilities struct {
	P []float64 `json:"probability"` // by level, the lowest first
	// Shown are levels from 1: the most probable, or it and its more probable neighbour where it is below 0.60. None is where the evidence is not enough, K < 8.
	Shown []int `json:"shown"`
}

// Levels of a score by ascending cuts in points, above 0 and below 100; who reaches a cut is above it.
func (s *PercentScore) Levels(cuts []float64) (*LevelProbabilities, error) {
	out := &LevelProbabilities{}
	last, below := 0.0, 0.0
	for i, c := range cuts {
		switch {
		case !(c > 0 && c < 100):
			return nil, &Error{What: OutOfRange, Row: i + 1, Value: c}
		case c <= last:
			return nil, &Error{What: Unordered, Row: i + 1, Value: c}
		}
		under := mathext.RegIncBeta(s.A, s.B, c/100)
		out.P = append(out.P, max(0, under-below))
		last, below = c, under
	}
	out.P = append(out.P, 1-below)
	if s.K < 8 {
		return out, nil
	}
	most := floats.MaxIdx(out.P)
	out.Shown = []int{most + 1}
	if out.P[most] >= 0.60 {
		return out, nil
	}
	if most+1 < len(out.P) && (most == 0 || out.P[most+1] > out.P[most-1]) {
		out.Shown = append(out.Shown, most+2)
	} else {
		out.Shown = []int{most, most + 1}
	}
	return out, nil
}

// ProvisionalDifficulty is an item's difficulty in logits before there are answers, from the share that judges expect of who is just at the cut (PSYCHOMETRICS F3: cut - logit of
// the mean Angoff rating). ok is false unless 0 < share < 1.
func ProvisionalDifficulty(share, cut float64) (b float64, ok bool) {
	if !(share > 0 && share < 1) {
		return 0, false
	}
	return cut - math.Log(share/(1-share)), true
}
