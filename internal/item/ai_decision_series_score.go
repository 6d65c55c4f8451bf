package item

import (
	"math/rand/v2"
	"slices"
	"strings"

	"leida/internal/stats"
)

// payoffs are what actions are worth by the suggestion's quality, unless the item overrides them. fix is the edit that puts a fixable suggestion right, edit any other one, none no decision.
var payoffs = map[string]map[string]float64{
	adviceCorrect: {"accept": 1, "edit": 0, "reject": -0.5, "escalate": -0.25, "none": -0.5},
	adviceFixable: {"accept": -0.5, "fix": 1, "edit": -0.25, "reject": 0.25, "escalate": 0, "none": -0.5},
	adviceWrong:   {"accept": -1, "edit": -0.5, "reject": 1, "escalate": 0.25, "none": -0.5},
	adviceHuman:   {"accept": -1, "edit": -0.5, "reject": 0, "escalate": 1, "none": -0.5},
}

// worth is what an action is worth in a case, -1..1; "" is no decision.
func (b *decisionSeries) worth(c *decisionCase, action string) float64 {
	quality, column := c.Key.Quality, action
	switch id, edit := strings.CutPrefix(action, editPrefix); {
	case action == "":
		column = "none"
	case edit && quality == adviceFixable && id == c.Key.Fix:
		column = "fix"
	case edit:
		column = "edit"
	}
	if u, ok := b.Scoring.Payoff[quality][column]; ok {
		return u
	}
	return payoffs[quality][column]
}

// randomEdit is what an edit picked by chance is worth.
func (b *decisionSeries) randomEdit(c *decisionCase) float64 {
	sum := 0.0
	for _, e := range c.Edits {
		sum += b.worth(c, editPrefix+e.ID)
	}
	return sum / float64(len(c.Edits))
}

// mean is that of a value over the cases.
func (b *decisionSeries) mean(value func(c *decisionCase) float64) float64 {
	sum := 0.0
	for i := range b.Cases {
		sum += value(&b.Cases[i])
	}
	return sum / float64(len(b.Cases))
}

// blind is g: the best mean worth of doing the same in every case, 0 at least.
func (b *decisionSeries) blind() float64 {
	g := max(0, b.mean(b.randomEdit))
	for _, action := range []string{doAccept, doReject, doEscalate} {
		g = max(g, b.mean(func(c *decisionCase) float64 { return b.worth(c, action) }))
	}
	return g
}

// decisionDetail is what a series tells of a person beside the score. Shares whose denominator is 0 are absent.
type decisionDetail struct {
	U float64 `json:"U"` // mean worth of what was done
	G float64 `json:"g"` // the best of the blind candidates

	Over  *float64 `json:"over,omitempty"`  // over-reliance: accepted, of the suggestions that were not correct
	Under *float64 `json:"under,omitempty"` // under-reliance: rejected or escalated, of those that were correct

	// signal detection, with the log-linear correction; to be pooled by the counts and shown only with six of each
	Hits    int     `json:"hits"` // correct and accepted
	Correct int     `json:"correct"`
	Falses  int     `json:"falses"` // not correct and accepted
	Others  int     `json:"others"` // not correct
	DPrime  float64 `json:"dprime"`
	Bias    float64 `json:"criterion"` // above 0 sceptical, below trusting

	Precision *float64 `json:"escalation_precision,omitempty"` // for another role, of what was escalated
	Recall    *float64 `json:"escalation_recall,omitempty"`    // escalated, of what was for another role
	Brier     *float64 `json:"brier,omitempty"`                // of the own confidence, 0 is best

	// appropriateness of reliance where the own decision came first (Schemmer et al. 2023, arXiv:2302.02187)
	RAIR *float64 `json:"rair,omitempty"` // ended right, of those where the own decision was wrong and the AI right
	RSR  *float64 `json:"rsr,omitempty"`  // ended right, of those where the own decision was right and the AI wrong
}

// decisionTally counts what was done in a series.
type decisionTally struct {
	correct, others      shareOf // accepted, of the suggestions that were correct, and of those that were not
	pushedAway           shareOf // rejected or escalated, of the correct
	escalated, human     shareOf // rightly escalated, of what was escalated, and of what was for another role
	persuaded, steadfast shareOf // ended right, of own wrong with the AI right, and of own right with the AI wrong
	sure                 shareOf // right, of the decisions whose confidence was told
	confidence, squares  float64 // sums over those: of the confidence, and of its distance from the truth squared
	worth                float64 // mean over all cases
	critical             []string
}

// shareOf is n of several.
type shareOf struct{ n, of int }

func (s *shareOf) add(yes bool) {
	s.of++
	if yes {
		s.n++
	}
}

// value is the share, nil of none.
func (s shareOf) value() *float64 {
	if s.of == 0 {
		return nil
	}
	v := float64(s.n) / float64(s.of)
	return &v
}

func (b *decisionSeries) tally(a decisionAnswer) decisionTally {
	var t decisionTally
	for i := range b.Cases {
		c := &b.Cases[i]
		done, best, correct := a.Decisions[c.ID], c.best(), c.Key.Quality == adviceCorrect
		right := done == best
		t.worth += b.worth(c, done)
		if correct {
			t.correct.add(done == doAccept)
			t.pushedAway.add(done == doReject || done == doEscalate)
		} else {
			t.others.add(done == doAccept)
		}
		if c.Key.Quality == adviceHuman {
			t.human.add(done == doEscalate)
		}
		if done == doEscalate {
			t.escalated.add(c.Key.Quality == adviceHuman)
		}
		if own, ok := a.Initial[c.ID]; ok && (own == best) != correct { // the AI and the person cannot both be right, or wrong, where one is to win the other over
			if correct {
				t.persuaded.add(right)
			} else {
				t.steadfast.add(right)
			}
		}
		if n, ok := a.Confidence[c.ID]; ok && done != "" {
			p := float64(n) / 100
			t.sure.add(right)
			t.confidence += p
			t.squares += (p - float64(has(right))) * (p - float64(has(right)))
		}
		if slices.Contains(c.Key.CriticalIf, done) {
			t.critical = append(t.critical, c.ID)
		}
	}
	t.worth /= float64(len(b.Cases))
	return t
}

// detection is d' and the criterion c, with the log-linear correction (Hautus 1995).
func (t decisionTally) detection() (dprime, criterion float64) {
	z := func(s shareOf) float64 {
		q, _ := stats.NormalQuantile((float64(s.n) + 0.5) / (float64(s.of) + 1))
		return q
	}
	h, f := z(t.correct), z(t.others)
	return h - f, 0 - (h+f)/2
}

// brier is the mean squared distance of the own confidence from the truth, 0 to 1; 0 is best.
func (t decisionTally) brier() float64 { return t.squares / float64(t.sure.of) }

// Score is clamp((U - g)/(1 - g)), where U is the mean worth of what was done and g that of the best blind candidate.
func (b *decisionSeries) Score(r Response) (Result, error) {
	a, _ := r.Answer.(decisionAnswer)
	t, g := b.tally(a), b.blind()
	d := decisionDetail{U: t.worth, G: g, Over: t.others.value(), Under: t.pushedAway.value(),
		Hits: t.correct.n, Correct: t.correct.of, Falses: t.others.n, Others: t.others.of,
		Precision: t.escalated.value(), Recall: t.human.value(), RAIR: t.persuaded.value(), RSR: t.steadfast.value()}
	d.DPrime, d.Bias = t.detection()
	if t.sure.of > 0 {
		brier := t.brier()
		d.Brier = &brier
	}
	return Result{Score: clamp01((t.worth - g) / (1 - g)), Critical: t.critical, Detail: d}, nil
}

// everywhere does the same in every case, where it can be done.
func (b *decisionSeries) everywhere(action func(c *decisionCase) string) decisionAnswer {
	a := decisionAnswer{Decisions: map[string]string{}}
	for i := range b.Cases {
		a.Decisions[b.Cases[i].ID] = action(&b.Cases[i])
	}
	return a
}

func (b *decisionSeries) always(action string) decisionAnswer {
	return b.everywhere(func(*decisionCase) string { return action })
}

// Blind are those who do the same everywhere, one who always picks the edit at the same place, and those who go by how sure the AI says it is.
func (b *decisionSeries) Blind() []Blind {
	out := []Blind{{"blank", nil, 0}, {"accept", b.always(doAccept), 0}, {"reject", b.always(doReject), 0}, {"escalate", b.always(doEscalate), 0}}
	above, below := b.byConfidence()
	return append(out, Blind{"edit", b.byPlace(), mostBlind}, Blind{"confident", above, mostBlind}, Blind{"doubtful", below, mostBlind})
}

// meanOf is what decisions are worth on average.
func (b *decisionSeries) meanOf(a decisionAnswer) float64 {
	return b.mean(func(c *decisionCase) float64 { return b.worth(c, a.Decisions[c.ID]) })
}

// byPlace takes the edit at the same place in every case, at the place where that is worth most.
func (b *decisionSeries) byPlace() decisionAnswer {
	var best decisionAnswer
	for place := range b.Cases[0].Edits {
		a := b.everywhere(func(c *decisionCase) string { return editPrefix + c.Edits[min(place, len(c.Edits)-1)].ID })
		if place == 0 || b.meanOf(a) > b.meanOf(best) {
			best = a
		}
	}
	return best
}

// byConfidence are the best rules that accept from a confidence of the AI on, or up to one, and do one other thing with all else.
func (b *decisionSeries) byConfidence() (above, below decisionAnswer) {
	best := [2]float64{-2, -2}
	rules := [2]*decisionAnswer{&above, &below}
	for i := range b.Cases {
		tau := b.Cases[i].AI.Confidence
		for _, other := range []string{doReject, doEscalate} {
			for k, takes := range []func(x float64) bool{func(x float64) bool { return x >= tau }, func(x float64) bool { return x <= tau }} {
				a := b.everywhere(func(c *decisionCase) string {
					if takes(c.AI.Confidence) {
						return doAccept
					}
					return other
				})
				if u := b.meanOf(a); u > best[k] {
					best[k], *rules[k] = u, a
				}
			}
		}
	}
	return above, below
}

// Imitate judges rightly the more often the abler, and else does what people do: believes a suggestion that looks clean, mends one that cannot be mended, turns down a good one.
func (b *decisionSeries) Imitate(ability float64, r *rand.Rand) Answer {
	a := b.everywhere(func(c *decisionCase) string { return c.imitate(0.25+0.73*ability, r) })
	if b.TwoStage { // before the advice is known they do a little worse
		a.Initial = b.everywhere(func(c *decisionCase) string { return c.imitate(0.2+0.6*ability, r) }).Decisions
	}
	for i := range b.Cases {
		if r.Float64() < 0.5 {
			continue
		}
		if a.Confidence == nil {
			a.Confidence = map[string]int{}
		}
		a.Confidence[b.Cases[i].ID] = min(100, 55+5*r.IntN(8)+10*has(r.Float64() < ability))
	}
	return a
}

// imitate is the right thing with some probability, else a tempting wrong one.
func (c *decisionCase) imitate(right float64, r *rand.Rand) string {
	if r.Float64() < right {
		return c.best()
	}
	edit := editPrefix + c.Edits[r.IntN(len(c.Edits))].ID
	tempting := map[string][]string{
		adviceCorrect: {doReject, doEscalate, edit},
		adviceFixable: {doAccept, doAccept, edit},
		adviceWrong:   {doAccept, edit, edit, doEscalate},
		adviceHuman:   {doAccept, edit, edit, doReject},
	}[c.Key.Quality]
	return tempting[r.IntN(len(tempting))]
}
