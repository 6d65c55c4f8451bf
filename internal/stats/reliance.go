package stats

// AdvisedCase is a decision that was made alone and then again with advice, by the names of what was chosen. A case with an empty name is left out.
type AdvisedCase struct{ Truth, Initial, Advice, Final string }

// Reliance is how advice was relied on (Schemmer, Kuehl, Benz, Bartos & Satzger 2023). A share whose denominator is 0 is absent; intervals are of Beta(1 + k, 1 + n - k), 90 %.
type Reliance struct {
	N                 int         `json:"n"`                            // cases
	WrongAdvisedRight int         `json:"n_initial_wrong_advice_right"` // where advice could help
	SwitchedToRight   int         `json:"n_switched_to_right"`          // of these
	RAIR              *float64    `json:"RAIR"`                         // relative AI reliance: their share
	RAIRCI            *[2]float64 `json:"RAIR_ci90"`
	RightAdvisedWrong int         `json:"n_initial_right_advice_wrong"` // where advice could harm
	StayedRight       int         `json:"n_stayed_right"`               // of these
	RSR               *float64    `json:"RSR"`                          // relative self-reliance: their share
	RSRCI             *[2]float64 `json:"RSR_ci90"`
	Overreliance      *float64    `json:"overreliance"`  // 1 - RSR
	Underreliance     *float64    `json:"underreliance"` // 1 - RAIR
	AccuracyInitial   *float64    `json:"acc_initial"`   // share of right decisions
	AccuracyAdvice    *float64    `json:"acc_advice"`
	AccuracyFinal     *float64    `json:"acc_final"`
	SwitchFraction    *float64    `json:"switch_fraction"` // of the cases where the advice differs from the first decision, the share that follow it
}

// NewReliance counts cases.
func NewReliance(cases []AdvisedCase) *Reliance {
	r := &Reliance{}
	var initial, advice, final, differ, followed int
	for _, c := range cases {
		if c.Truth == "" || c.Initial == "" || c.Advice == "" || c.Final == "" {
			continue
		}
		r.N++
		count(&initial, c.Initial == c.Truth)
		count(&advice, c.Advice == c.Truth)
		count(&final, c.Final == c.Truth)
		count(&differ, c.Initial != c.Advice)
		count(&followed, c.Initial != c.Advice && c.Final == c.Advice)
		switch {
		case c.Initial != c.Truth && c.Advice == c.Truth:
			r.WrongAdvisedRight++
			count(&r.SwitchedToRight, c.Final == c.Truth)
		case c.Initial == c.Truth && c.Advice != c.Truth:
			r.RightAdvisedWrong++
			count(&r.StayedRight, c.Final == c.Truth)
		}
	}
	r.RAIR, r.RAIRCI, r.Underreliance = reliance(r.SwitchedToRight, r.WrongAdvisedRight)
	r.RSR, r.RSRCI, r.Overreliance = reliance(r.StayedRight, r.RightAdvisedWrong)
	share := func(k, n int) *float64 { return ratio(float64(k), float64(n)) }
	r.AccuracyInitial, r.AccuracyAdvice, r.AccuracyFinal, r.SwitchFraction = share(initial, r.N), share(advice, r.N), share(final, r.N), share(followed, differ)
	return r
}

func count(n *int, yes bool) {
	if yes {
		*n++
	}
}

// reliance is k of n as a share, its interval, and the rest.
func reliance(k, n int) (share *float64, ci *[2]float64, rest *float64) {
	if n == 0 {
		return nil, nil, nil
	}
	lo, hi := betaInterval(1+float64(k), 1+float64(n-k))
	return ratio(float64(k), float64(n)), &[2]float64{lo, hi}, ratio(float64(n-k), float64(n))
}
