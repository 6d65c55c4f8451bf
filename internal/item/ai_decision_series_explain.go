package item

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"leida/internal/text"
)

// What a person leans to, as told in one sentence to remember.
const (
	leanTrusting  = "trusting"  // accepts what is not correct
	leanSceptical = "sceptical" // pushes away what is
	leanBalanced  = "balanced"
)

// lean is what a person leans to: by at least 15 points and by two cases at least, since one slip is no habit.
func (t decisionTally) lean() string {
	const apart, slips = 0.15, 2
	rate := func(s shareOf) float64 {
		if v := s.value(); v != nil {
			return *v
		}
		return 0
	}
	switch d := rate(t.others) - rate(t.pushedAway); {
	case d >= apart && t.others.n >= slips:
		return leanTrusting
	case -d >= apart && t.pushedAway.n >= slips:
		return leanSceptical
	}
	return leanBalanced
}

func (b *decisionSeries) Explain(v View, a Answer) any {
	given, _ := a.(decisionAnswer)
	t := b.tally(given)
	e := DecisionExplained{TwoStage: b.TwoStage, Decided: len(given.Decisions), Why: b.Why.In(v.Lang), Worth: signed(t.worth), Blind: signed(b.blind()),
		Over: t.others.told(), Under: t.pushedAway.told(), Escalated: t.escalated.told(), Human: t.human.told(), Critical: len(t.critical)}
	if 2*e.Decided >= len(b.Cases) { // of fewer there is no telling
		e.Remember = t.lean()
	}
	if b.TwoStage {
		e.Persuaded, e.Steadfast = t.persuaded.told(), t.steadfast.told()
	}
	const enough = 6 // of each, before a measure of detection says anything of a person
	if t.correct.of >= enough && t.others.of >= enough && e.Decided > 0 {
		d, c := t.detection()
		e.Detection = DecisionDetection{DPrime: signed(d), Criterion: signed(c)}
	}
	if n := t.sure.of; n > 0 {
		e.Sure = DecisionSure{N: n, Mean: percent(t.confidence / float64(n)), Right: percent(*t.sure.value()), Brier: strconv.FormatFloat(t.brier(), 'f', 2, 64)}
	}
	for i := range b.Cases {
		e.Cases = append(e.Cases, b.explain(v.Lang, i, given, t))
	}
	return e
}

func (b *decisionSeries) explain(l text.Lang, i int, a decisionAnswer, t decisionTally) DecisionCaseExplained {
	c := &b.Cases[i]
	done, u := a.Decisions[c.ID], b.worth(c, a.Decisions[c.ID])
	why := c.Why
	if why.IsZero() {
		why = b.Feedback[c.ID]
	}
	x := DecisionCaseExplained{N: i + 1, Context: c.Context.In(l), Customer: c.Customer.In(l), AI: c.AI.Text.In(l), Percent: percent(c.AI.Confidence), Quality: c.Key.Quality,
		Done: c.told(l, done), Best: c.told(l, c.best()), Right: done == c.best(), Critical: slices.Contains(t.critical, c.ID), Worth: signed(u), Bar: barOf(u), Why: why.In(l)}
	if own, ok := a.Initial[c.ID]; ok {
		x.First = DecisionDone{Choice: choiceOf(own), Text: c.reply(l, own)}
	}
	if n, ok := a.Confidence[c.ID]; ok {
		x.Sure = strconv.Itoa(n)
	}
	return x
}

func (c *decisionCase) told(l text.Lang, action string) DecisionDone {
	d := DecisionDone{Choice: choiceOf(action)}
	if id, ok := strings.CutPrefix(action, editPrefix); ok {
		d.Text = find(c.Edits, id).Text.In(l)
	}
	return d
}

func (s shareOf) told() DecisionShare {
	d := DecisionShare{N: s.n, Of: s.of}
	if v := s.value(); v != nil {
		d.Percent = percent(*v)
	}
	return d
}

// Bars of worth are drawn on a line of 120, from -1 to 1 around the middle.
const barMiddle, barUnit = 60, 56

func barOf(u float64) DecisionBar {
	return DecisionBar{X: hundredths(barMiddle + barUnit*min(0, u)), W: hundredths(barUnit * math.Abs(u))}
}

// signed is a number as people read it: with its sign, and no more decimals than it has, two at most.
func signed(x float64) string {
	s := strconv.FormatFloat(hundredths(math.Abs(x)), 'f', -1, 64)
	switch {
	case s == "0":
		return s
	case x < 0:
		return "−" + s
	}
	return "+" + s
}

// DecisionExplained goes over the cases, and says in one sentence what the person leans to.
type DecisionExplained struct {
	Remember  string // trusting, sceptical, balanced; empty where too little was decided
	TwoStage  bool
	Decided   int // cases
	Cases     []DecisionCaseExplained
	Over      DecisionShare // accepted, of the suggestions that were not correct
	Under     DecisionShare // rejected or escalated, of those that were
	Escalated DecisionShare // for another role, of what was escalated
	Human     DecisionShare // escalated, of what was for another role
	Persuaded DecisionShare // ended right, where the own decision was wrong and the AI right
	Steadfast DecisionShare // ended right, where the own decision was right and the AI wrong
	Critical  int           // errors that must never happen
	Detection DecisionDetection
	Sure      DecisionSure
	Worth     string // mean over the cases
	Blind     string // of doing the same everywhere
	Why       string
}

// DecisionCaseExplained is a case with what was done and what was right.
type DecisionCaseExplained struct {
	N                     int
	Context, Customer, AI string
	Percent               int    // how sure the AI said it was
	Quality               string // correct, fixable, wrong, human_only
	First                 DecisionDone
	Done                  DecisionDone
	Best                  DecisionDone
	Right                 bool
	Critical              bool
	Worth                 string
	Bar                   DecisionBar
	Sure                  string // how sure the person was, 0..100; empty for not said
	Why                   string
}

// DecisionDone is what was done: 1 accept, 2 edit, 3 reject, 4 hand over, 0 nothing; Text is the edit, or the reply that was picked at first.
type DecisionDone struct {
	Choice int
	Text   string
}

// DecisionShare is so many of so many, and in whole percent; all 0 where there were none.
type DecisionShare struct{ N, Of, Percent int }

// DecisionBar is where a bar begins and how long it is.
type DecisionBar struct{ X, W float64 }

// DecisionDetection is how well correct suggestions were told from others, and the bias; empty with too few cases.
type DecisionDetection struct{ DPrime, Criterion string }

// DecisionSure sets the own confidence beside how often the person was right, both in percent. N is of how many cases.
type DecisionSure struct {
	N, Mean, Right int
	Brier          string
}
