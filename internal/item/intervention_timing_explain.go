package item

import (
	"slices"

	"leida/internal/text"
)

// Explain tells of every clip, in the order in which it was watched, when it was due and what was decided.
func (b *timing) Explain(v View, a Answer) any {
	given, _ := a.(timingAnswer)
	var e TimingExplained
	var d timingDetail
	for i, card := range v.Deal("k", b.clipIDs()) {
		c := b.explain(v.Lang, b.clip(card.ID), given.Clips[card.ID])
		c.N = i + 1
		d.count(c.Verdict)
		if c.Verdict == timingRight {
			e.Right++
		}
		if c.Critical {
			e.Critical++
		}
		e.Clips = append(e.Clips, c)
	}
	e.Missed, e.Needless, e.Early, e.Late, e.Reason, e.Undecided = d.Missed, d.Needless, d.Early, d.Late, d.Reason, d.Undecided
	e.Remember, e.Why = d.commonest(), b.Why.In(v.Lang)
	return e
}

// commonest is the error made most often; of equals the one that costs a customer most. It is timingRight where there is none.
func (d timingDetail) commonest() string {
	name, most := timingRight, 0
	for _, x := range []struct {
		name string
		n    int
	}{{timingMissed, d.Missed}, {timingLate, d.Late}, {timingNeedless, d.Needless}, {timingEarly, d.Early}, {timingReason, d.Reason}, {timingUndecided, d.Undecided}} {
		if x.n > most {
			name, most = x.name, x.n
		}
	}
	return name
}

func (b *timing) explain(l text.Lang, c timingClip, a timingChoice) TimingClipExplained {
	from, to, due := c.span()
	out := TimingClipExplained{Verdict: c.verdict(a), From: from, To: to, Own: max(0, int(a.Turn)), Never: a.Turn == never,
		After: c.Key.CriticalIfAfter, Critical: c.critical(a.Turn), Points: percent(b.worth(c, a))}
	say := func(reason string) string { return find(b.Reasons, reason).Text.In(l) }
	for i, t := range c.Turns {
		out.Turns = append(out.Turns, TimingTurnExplained{N: i + 1, Customer: t.C.In(l), AI: t.B.In(l), Due: due && i+1 == from, Own: a.Turn == moment(i+1)})
	}
	for _, id := range c.Key.Reason {
		out.Reasons = append(out.Reasons, say(id))
	}
	if out.Own > 0 {
		out.OwnReason, out.ReasonRight = say(a.Reason), slices.Contains(c.Key.Reason, a.Reason)
		out.OwnReasonWhy = b.Feedback[a.Reason].In(l)
	}
	if out.Why = c.Why.In(l); out.Why == "" {
		out.Why = b.Feedback[c.ID].In(l)
	}
	return out
}

// TimingExplained is every clip with its verdict, how often each error was made, and which of them to remember.
type TimingExplained struct {
	Clips     []TimingClipExplained
	Right     int
	Missed    int
	Needless  int
	Early     int
	Late      int
	Reason    int // right moment, wrong reason or none
	Undecided int
	Critical  int
	Remember  string // one of the verdicts
	Why       string
}

// TimingClipExplained is one clip: the window From..To in which taking over was in time, 0 for never; Own, the turn in which it was taken over, or Never; After, the last turn that is not a critical error, 0 for none.
type TimingClipExplained struct {
	N            int
	Verdict      string
	Critical     bool
	From         int
	To           int
	After        int
	Own          int
	Never        bool
	OwnReason    string
	OwnReasonWhy string
	ReasonRight  bool
	Reasons      []string // the key's
	Points       int      // 0..100
	Turns        []TimingTurnExplained
	Why          string
}

// TimingTurnExplained is a turn with its two lines; Due is where the window opens, Own where the person took over.
type TimingTurnExplained struct {
	N        int
	Customer string
	AI       string
	Due      bool
	Own      bool
}

// Cue is the turn in which taking over fell due.
func (c TimingClipExplained) Cue() []TimingTurnExplained {
	i := slices.IndexFunc(c.Turns, func(t TimingTurnExplained) bool { return t.Due })
	if i < 0 {
		return nil
	}
	return c.Turns[i : i+1]
}

// The timeline of a clip: turns stand at equal distances, so that those of several clips stand below each other.
const (
	timelineStep   = 36 // between two turns
	timelineEdge   = 22 // before the first
	timelineMiddle = 26 // height of the line
	timelineHeight = 64
	timelineReach  = 16 // of the window beyond its first and last turn
)

// TimelineDrawn is a clip's timeline in user units.
type TimelineDrawn struct {
	Width, Height, Middle int
	First, Last           int // ends of the line
	Dots                  []TimelineDot
	Window                int // where it begins
	WindowWidth           int // 0 for none
	Own                   int // 0 for none
	Never                 int // where the line goes on, 0 where it was taken over or not decided
	Limit                 int // from here on it is a critical error, 0 for none
}

// TimelineDot is one turn.
type TimelineDot struct {
	X, N   int
	Due    bool // within the window
	Unseen bool // after the own moment
}

// Timeline is where everything stands.
func (c TimingClipExplained) Timeline() TimelineDrawn {
	x := func(turn int) int { return timelineEdge + (turn-1)*timelineStep }
	n := len(c.Turns)
	t := TimelineDrawn{Width: x(n) + timelineStep, Height: timelineHeight, Middle: timelineMiddle, First: x(1), Last: x(n)}
	for i := range n {
		turn := i + 1
		t.Dots = append(t.Dots, TimelineDot{X: x(turn), N: turn, Due: c.From > 0 && turn >= c.From && turn <= c.To, Unseen: c.Own > 0 && turn > c.Own})
	}
	if c.From > 0 {
		t.Window, t.WindowWidth = x(c.From)-timelineReach, x(c.To)-x(c.From)+2*timelineReach
	}
	if c.Own > 0 {
		t.Own = x(c.Own)
	}
	if c.Never {
		t.Never = x(n) + timelineStep/2 + 6
	}
	if c.After > 0 {
		t.Limit = x(c.After) + timelineStep/2
	}
	return t
}
