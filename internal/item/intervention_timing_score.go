package item

import (
	"math/rand/v2"
	"slices"
	"strings"

	"leida/internal/fault"
	"leida/internal/text"
)

// timingDetail is the mean credit of the clips, what answering without reading earns, and the errors by their kind.
type timingDetail struct {
	Mean      float64 `json:"mean"`
	G         float64 `json:"g"`
	Missed    int     `json:"missed"`       // not taken over when it was due
	Needless  int     `json:"needless"`     // taken over when it never was
	Early     int     `json:"early"`        // before the window
	Late      int     `json:"late"`         // after it
	Reason    int     `json:"wrong_reason"` // in time, for a reason that is not the key's or for none
	Undecided int     `json:"undecided"`
}

// Verdicts on what was done about a clip. They are kept with results, and are the ends of the names of counts.
const (
	timingRight     = "right"
	timingReason    = "reason"
	timingMissed    = "missed"
	timingNeedless  = "needless"
	timingEarly     = "early"
	timingLate      = "late"
	timingUndecided = "undecided"
)

func (d *timingDetail) count(verdict string) {
	switch verdict {
	case timingMissed:
		d.Missed++
	case timingNeedless:
		d.Needless++
	case timingEarly:
		d.Early++
	case timingLate:
		d.Late++
	case timingReason:
		d.Reason++
	case timingUndecided:
		d.Undecided++
	}
}

func (s timingScoring) graceEarly() float64  { return or(s.GraceEarly, 2) }
func (s timingScoring) graceLate() float64   { return or(s.GraceLate, 2) }
func (s timingScoring) reasonShare() float64 { return or(s.ReasonShare, 0.3) }

// verdict is what became of a choice.
func (c timingClip) verdict(a timingChoice) string {
	from, to, due := c.span()
	switch {
	case a.Turn == undecided:
		return timingUndecided
	case !due && a.Turn == never:
		return timingRight
	case !due:
		return timingNeedless
	case a.Turn == never:
		return timingMissed
	case int(a.Turn) < from:
		return timingEarly
	case int(a.Turn) > to:
		return timingLate
	case !slices.Contains(c.Key.Reason, a.Reason):
		return timingReason
	}
	return timingRight
}

// credit is what the moment alone is worth. A clip that nobody decided about is worth nothing, whatever was due.
func (b *timing) credit(c timingClip, turn moment) float64 {
	from, to, due := c.span()
	switch t := int(turn); {
	case turn == undecided, due == (turn == never):
		return 0
	case !due:
		return 1
	case t < from:
		return clamp01(1 - float64(from-t)/b.Scoring.graceEarly())
	case t > to:
		return clamp01(1 - float64(t-to)/b.Scoring.graceLate())
	}
	return 1
}

// worth is a choice's whole credit: the moment, and the share of it that the reason decides where a take-over was due.
func (b *timing) worth(c timingClip, a timingChoice) float64 {
	credit := b.credit(c, a.Turn)
	if _, _, due := c.span(); due && !slices.Contains(c.Key.Reason, a.Reason) {
		credit *= 1 - b.Scoring.reasonShare()
	}
	return credit
}

// at is what somebody does who takes over every clip at one turn, from 1: the shorter ones end before they can.
func (c timingClip) at(turn int) moment {
	if turn < 1 || turn > len(c.Turns) {
		return never
	}
	return moment(turn)
}

// blind is the mean credit of the best of "never" and "always at turn k", their reasons left out: what can be had without reading.
func (b *timing) blind() float64 {
	best := 0.0
	for turn := range b.longest() + 1 { // 0 is never
		sum := 0.0
		for _, c := range b.Clips {
			sum += b.credit(c, c.at(turn))
		}
		best = max(best, sum/float64(len(b.Clips)))
	}
	return best
}

func (b *timing) longest() int {
	n := 0
	for _, c := range b.Clips {
		n = max(n, len(c.Turns))
	}
	return n
}

// mean is the mean worth of an answer over all clips.
func (b *timing) mean(a timingAnswer) float64 {
	sum := 0.0
	for _, c := range b.Clips {
		sum += b.worth(c, a.Clips[c.ID])
	}
	return sum / float64(len(b.Clips))
}

// Score is clamp((mean - g)/(1 - g)).
func (b *timing) Score(r Response) (Result, error) {
	a, _ := r.Answer.(timingAnswer)
	d := timingDetail{Mean: b.mean(a), G: b.blind()}
	var critical []string
	for _, c := range b.Clips {
		choice := a.Clips[c.ID]
		d.count(c.verdict(choice))
		if c.critical(choice.Turn) {
			critical = append(critical, c.ID)
		}
	}
	return Result{Score: clamp01((d.Mean - d.G) / (1 - d.G)), Critical: critical, Detail: d}, nil
}

// critical reports whether a decision was never made, or too late to help. Whoever ran out of time before it is only without credit.
func (c timingClip) critical(turn moment) bool {
	return c.Key.CriticalIfAfter > 0 && (turn == never || int(turn) > c.Key.CriticalIfAfter)
}

// keyAnswer is the key as an answer: the first turn of each window, and the first of its reasons.
func (b *timing) keyAnswer() timingAnswer {
	a := timingAnswer{Clips: map[string]timingChoice{}}
	for _, c := range b.Clips {
		a.Clips[c.ID] = timingChoice{Turn: never}
		if from, _, due := c.span(); due {
			a.Clips[c.ID] = timingChoice{Turn: moment(from), Reason: c.Key.Reason[0]}
		}
	}
	return a
}

// orNever is the choice without a reason where it is never.
func (c timingChoice) orNever() timingChoice {
	if c.Turn == never {
		c.Reason = ""
	}
	return c
}

// always takes over every clip at a turn, for one reason; turn 0 is never.
func (b *timing) always(turn int, reason string) timingAnswer {
	a := timingAnswer{Clips: map[string]timingChoice{}}
	for _, c := range b.Clips {
		a.Clips[c.ID] = timingChoice{Turn: c.at(turn), Reason: reason}.orNever()
	}
	return a
}

// isRough reports whether a line has the marks by which one who does not understand it takes it for rough: an exclamation mark, or a doubled question mark.
func isRough(s string) bool {
	s = strings.NewReplacer("!", "！", "?", "？").Replace(s)
	return strings.Contains(s, "！") || strings.Contains(s, "？？")
}

// roughTurn is the first turn in which the customer's line looks rough in a language; 0 for none.
func (c timingClip) roughTurn(l text.Lang) int {
	return 1 + slices.IndexFunc(c.Turns, func(t timingTurn) bool { return isRough(t.C.In(l)) })
}

// byTone takes over at the first rough line, in the language in which that earns more. The reason is one that is nobody's key, as "the tone is bad" has to be.
func (b *timing) byTone() timingAnswer {
	var best timingAnswer
	for _, l := range text.Langs {
		a := timingAnswer{Clips: map[string]timingChoice{}}
		for _, c := range b.Clips {
			a.Clips[c.ID] = timingChoice{Turn: c.at(c.roughTurn(l)), Reason: b.temptation()}.orNever()
		}
		if best.Clips == nil || b.mean(a) > b.mean(best) {
			best = a
		}
	}
	return best
}

// temptation is a reason that is no clip's key, or the first where there is none.
func (b *timing) temptation() string {
	for _, r := range b.Reasons {
		if !slices.ContainsFunc(b.Clips, func(c timingClip) bool { return slices.Contains(c.Key.Reason, r.ID) }) {
			return r.ID
		}
	}
	return b.Reasons[0].ID
}

// Blind are those who answer nothing, never, always at one turn with one reason (the luckiest of all turns and reasons), and by the punctuation.
func (b *timing) Blind() []Blind {
	luckiest := b.always(1, b.Reasons[0].ID)
	for turn := range b.longest() {
		for _, r := range b.Reasons {
			if a := b.always(turn+1, r.ID); b.mean(a) > b.mean(luckiest) {
				luckiest = a
			}
		}
	}
	return []Blind{{Name: "blank"}, {Name: "never", Answer: b.always(0, "")}, {Name: "always", Answer: luckiest}, {Name: "tone", Answer: b.byTone(), Most: mostBlind}}
}

// What the moments alone may earn without reading, and how many clips in which nothing is to be done keep that low.
const (
	mostByMoment = 0.4
	leastClips   = 5
	leastNever   = 0.25
	mostNever    = 0.4
)

func (b *timing) Lint() []fault.Problem {
	if len(b.Validate()) > 0 {
		return nil
	}
	var ps []fault.Problem
	warn := func(path, key string, args ...any) { ps = append(ps, fault.Warn(path, key, args...)) }
	quiet, rough, calm, opening := 0, false, false, 0
	for _, c := range b.Clips {
		from, to, due := c.span()
		opening = max(opening, from)
		switch {
		case !due:
			quiet++
			rough = rough || c.looksRough(len(c.Turns))
		default:
			calm = calm || !c.looksRough(to)
		}
	}
	n := len(b.Clips)
	if n < leastClips {
		warn("clips", "timing.few", "n", n, "min", leastClips)
	}
	if share := float64(quiet) / float64(n); share < leastNever-1e-9 || share > mostNever+1e-9 {
		warn("clips", "timing.never_share", "n", quiet, "all", n)
	}
	for i, c := range b.Clips {
		at := fault.Index("clips", i)
		if _, _, due := c.span(); !due && len(c.Turns) < opening {
			warn(at+".turns", "timing.never_short", "n", len(c.Turns), "min", opening)
		}
		if c.Why.IsZero() && b.Feedback[c.ID].IsZero() {
			warn(at+".why", "item.no_why")
		}
	}
	if !rough {
		warn("clips", "timing.no_rough_never")
	}
	if !calm {
		warn("clips", "timing.no_calm_due")
	}
	if g := b.blind(); g > mostByMoment+1e-9 {
		warn("clips", "timing.blind", "g", g, "max", mostByMoment)
	}
	return append(ps, lintBlindOf(b, "clips", "timing.by_tone")...)
}

// looksRough reports whether one of the first turns looks rough in some language.
func (c timingClip) looksRough(turns int) bool {
	return slices.ContainsFunc(text.Langs, func(l text.Lang) bool {
		first := c.roughTurn(l)
		return first > 0 && first <= turns
	})
}

// Imitate makes the errors that people make: waiting until the customer is angry, letting a calm one go, stepping in because of the tone, right moments for wrong reasons.
func (b *timing) Imitate(ability float64, r *rand.Rand) Answer {
	a := b.keyAnswer()
	for _, c := range b.Clips {
		from, to, due := c.span()
		able := r.Float64() < ability
		switch {
		case !due && !able:
			a.Clips[c.ID] = timingChoice{Turn: c.lured(r), Reason: b.temptation()}
		case due && able:
			a.Clips[c.ID] = timingChoice{Turn: moment(from + r.IntN(to-from+1)), Reason: c.Key.Reason[r.IntN(len(c.Key.Reason))]}
		case due:
			a.Clips[c.ID] = b.slip(c, r)
		}
	}
	return a
}

// lured is where somebody takes over who need not: at the first rough line, or somewhere.
func (c timingClip) lured(r *rand.Rand) moment {
	if rough := c.roughTurn(text.ZH); rough > 0 && r.IntN(3) > 0 {
		return moment(rough)
	}
	return moment(1 + r.IntN(len(c.Turns)))
}

// slip is a wrong decision about a clip that has to be taken over.
func (b *timing) slip(c timingClip, r *rand.Rand) timingChoice {
	from, to, _ := c.span()
	reason := c.Key.Reason[0]
	if r.IntN(2) == 0 {
		reason = b.temptation()
	}
	switch late := to + 1 + r.IntN(2); {
	case r.IntN(3) == 0:
		return timingChoice{Turn: never}
	case r.IntN(4) == 0:
		return timingChoice{Turn: moment(from), Reason: b.temptation()}
	case from > 1 && r.IntN(3) == 0:
		return timingChoice{Turn: moment(max(1, from-1-r.IntN(2))), Reason: reason}
	default:
		return timingChoice{Turn: c.at(late), Reason: reason}.orNever()
	}
}
