package item

import (
	"encoding/json"
	"slices"
	"strconv"
	"time"
	"unicode/utf8"

	"leida/internal/fault"
	"leida/internal/text"
)

func init() {
	register(Kind{Name: "intervention_timing", Method: "timing_blind_corrected", Performance: true,
		Units:  func(b Body) float64 { return 0.6 * float64(len(b.(*timing).Clips)) },
		Takes:  func(b Body) time.Duration { return b.(*timing).takes() },
		New:    func() Body { return new(timing) },
		Prompt: TimingPrompt{}, Explain: TimingExplained{}})
}

// Limits of one item; the first value above each is refused.
const (
	MaxClips = 20
	MaxTurns = 30 // of one clip
)

// timing is watching an AI serve customers, turn by turn, and taking over when the duty rules say so, and not before and not otherwise (MEASUREMENT 4.9).
type timing struct {
	Stimulus  `yaml:",inline"`
	Rationale `yaml:",inline"`
	Reasons   []Part        `yaml:"reasons"`
	Clips     []timingClip  `yaml:"clips"`
	Scoring   timingScoring `yaml:"scoring,omitempty"`
}

// timingClip is one conversation, which is shown a turn at a time.
type timingClip struct {
	ID    string       `yaml:"id"`
	Turns []timingTurn `yaml:"turns"`
	Key   timingKey    `yaml:"key"`
	Why   text.Text    `yaml:"why,omitempty"`
}

// timingTurn is what the customer says and what the AI replies.
type timingTurn struct {
	C text.Text `yaml:"c"`
	B text.Text `yaml:"b"`
}

type timingKey struct {
	Takeover        Words `yaml:"takeover"`                    // never, or the first and the last turn in which taking over is in time: [3, 4]
	Reason          Words `yaml:"reason,omitempty"`            // those that are right
	CriticalIfAfter int   `yaml:"critical_if_after,omitempty"` // not to have taken over by this turn is a critical error
}

// timingScoring overrides how many turns early or late leave nothing of the credit, and the part of it that the reason decides.
type timingScoring struct {
	Scoring     `yaml:",inline"`
	GraceEarly  *float64 `yaml:"grace_early,omitempty"`
	GraceLate   *float64 `yaml:"grace_late,omitempty"`
	ReasonShare *float64 `yaml:"reason_share,omitempty"`
}

const neverTaken = "never"

// moment is when somebody took over: a turn from 1, never, or not decided yet. Its JSON is a number, or null for never.
type moment int

const (
	undecided moment = 0
	never     moment = -1
)

// MarshalJSON writes never as null; what is undecided is left out before it gets here.
func (m moment) MarshalJSON() ([]byte, error) {
	if m == never {
		return []byte("null"), nil
	}
	return json.Marshal(int(m))
}

// noTakeover is the word that forms, which have no null, send for never.
const noTakeover = "none"

// timingChoice is what somebody did about a clip. While the turn is undecided the reason is one that they have in mind.
type timingChoice struct {
	Turn   moment `json:"turn,omitzero"`
	Reason string `json:"reason,omitempty"`
}

// settled reports whether there is nothing left to say: never, or taken over for a reason.
func (c timingChoice) settled() bool { return c.Turn == never || c.Turn > 0 && c.Reason != "" }

// timingAnswer is what was decided by clip, and how many turns of a clip have been shown, which is no part of what is scored.
type timingAnswer struct {
	Clips map[string]timingChoice `json:"clips"`
	Seen  map[string]int          `json:"seen,omitempty"`
}

// shown is how many turns of a clip have been shown, once it has been begun.
func (a timingAnswer) shown(id string) int { return max(1, a.Seen[id]) }

// span are the first and the last turn in which taking over is in time; due is false where it never is.
func (c timingClip) span() (from, to int, due bool) { return c.Key.window(len(c.Turns)) }

func (b *timing) clipIDs() []string {
	ids := make([]string, len(b.Clips))
	for i, c := range b.Clips {
		ids[i] = c.ID
	}
	return ids
}

func (b *timing) clip(id string) timingClip {
	for _, c := range b.Clips {
		if c.ID == id {
			return c
		}
	}
	return timingClip{}
}

// takes reckons with 300 characters a minute, and three seconds for each decision.
func (b *timing) takes() time.Duration {
	chars, turns := utf8.RuneCountInString(b.Situation.ZH), 0
	for _, r := range b.Reference {
		chars += length(r.Text)
	}
	for _, c := range b.Clips {
		turns += len(c.Turns)
		for _, t := range c.Turns {
			chars += length(t.C) + length(t.B)
		}
	}
	return time.Duration(chars/5+3*turns) * time.Second
}

func (b *timing) Validate() []fault.Problem {
	ps := append(b.Stimulus.validate(), b.Scoring.check()...)
	ps = append(ps, b.Rationale.validate(slices.Concat(partIDs(b.Reasons), b.clipIDs()))...)
	ps = append(ps, validateParts("reasons", b.Reasons, 2)...)
	if n := len(b.Clips); n < 2 || n > MaxClips {
		ps = append(ps, fault.At("clips", "define.count", "min", 2, "max", MaxClips, "n", n))
	}
	seen := map[string]bool{}
	for i, c := range b.Clips {
		at := fault.Index("clips", i)
		ps = append(ps, partID(at+".id", c.ID, seen)...)
		for _, p := range c.validate(partIDs(b.Reasons)) {
			ps = append(ps, p.Under(at))
		}
	}
	if len(ps) == 0 && b.blind() >= 1 { // the formula divides by what is left above it
		ps = append(ps, fault.At("clips", "timing.one_moment"))
	}
	return ps
}

func (c timingClip) validate(reasons []string) []fault.Problem {
	ps := OptionalText("why", c.Why)
	if n := len(c.Turns); n < 2 || n > MaxTurns {
		ps = append(ps, fault.At("turns", "define.count", "min", 2, "max", MaxTurns, "n", n))
	}
	for i, t := range c.Turns {
		at := fault.Index("turns", i)
		ps = append(ps, RequireText(at+".c", t.C)...)
		ps = append(ps, RequireText(at+".b", t.B)...)
	}
	for _, p := range c.validateKey(reasons) {
		ps = append(ps, p.Under("key"))
	}
	return ps
}

func (c timingClip) validateKey(reasons []string) []fault.Problem {
	k, turns := c.Key, len(c.Turns)
	if len(k.Takeover) == 1 && k.Takeover[0] == neverTaken {
		var ps []fault.Problem
		if len(k.Reason) > 0 {
			ps = append(ps, fault.At("reason", "timing.never_has_none"))
		}
		if k.CriticalIfAfter != 0 {
			ps = append(ps, fault.At("critical_if_after", "timing.never_has_none"))
		}
		return ps
	}
	_, to, ok := k.window(turns)
	if !ok {
		return []fault.Problem{fault.At("takeover", "timing.window", "turns", turns)}
	}
	var ps []fault.Problem
	if after := k.CriticalIfAfter; after != 0 && (after < to || after > turns) { // earlier than the window closes, the key itself would be critical
		ps = append(ps, fault.At("critical_if_after", "define.whole", "min", to, "max", turns))
	}
	if len(k.Reason) == 0 {
		return append(ps, fault.At("reason", "define.required"))
	}
	seen := map[string]bool{}
	for i, id := range k.Reason {
		at := fault.Index("reason", i)
		if !slices.Contains(reasons, id) {
			ps = append(ps, fault.At(at, "item.no_part", "id", id, "known", reasons))
		}
		ps = append(ps, partID(at, id, seen)...)
	}
	return ps
}

// window reads the two turns of a key, in a clip of so many.
func (k timingKey) window(turns int) (from, to int, ok bool) {
	if len(k.Takeover) != 2 {
		return 0, 0, false
	}
	from, err := strconv.Atoi(k.Takeover[0])
	to, also := strconv.Atoi(k.Takeover[1])
	if err != nil || also != nil || from < 1 || from > to || to > turns {
		return 0, 0, false
	}
	return from, to, true
}

// check wants shares that leave the key a full score, and graces that can be divided by.
func (s timingScoring) check() []fault.Problem {
	ps := s.validate("timing_blind_corrected")
	for _, grace := range []struct {
		name  string
		turns *float64
	}{{"grace_early", s.GraceEarly}, {"grace_late", s.GraceLate}} {
		if grace.turns != nil && !(*grace.turns >= 1 && *grace.turns <= MaxTurns) {
			ps = append(ps, fault.At("scoring."+grace.name, "define.range", "min", 1, "max", MaxTurns))
		}
	}
	if share := s.ReasonShare; share != nil && !(*share >= 0 && *share <= 1) {
		ps = append(ps, fault.At("scoring.reason_share", "define.range", "min", 0, "max", 1))
	}
	return ps
}

// current is the clip that a person with this answer is at: the first in the order dealt of which something is left to say; false when there is none.
func (b *timing) current(d Deck, a timingAnswer) (Card, bool) {
	for _, card := range d {
		if !a.Clips[card.ID].settled() {
			return card, true
		}
	}
	return Card{}, false
}

func (b *timing) Prompt(v View, a Answer) any {
	given, _ := a.(timingAnswer)
	kept, _ := v.Kept(a).(timingAnswer)
	p := TimingPrompt{Whole: v.All(), Of: len(b.Clips), Rules: len(b.Reference) > 0}
	d := v.Deal("k", b.clipIDs())
	reasons := v.Deal("r", partIDs(b.Reasons))
	at, open := b.current(d, kept)
	for i, card := range d {
		choice := kept.Clips[card.ID]
		switch {
		case p.Whole:
			p.Clips = append(p.Clips, b.showWhole(v, card, i+1))
		case open && card == at:
			p.Clips = append(p.Clips, b.show(v, card, i+1, kept))
		case choice.Turn != undecided:
			p.Decided = append(p.Decided, TimingDecided{N: i + 1, Turn: max(0, int(choice.Turn)), Reason: find(b.Reasons, choice.Reason).Text.In(v.Lang)})
		}
	}
	for _, card := range reasons {
		p.Reasons = append(p.Reasons, TimingReason{ID: card.Shown, Text: find(b.Reasons, card.ID).Text.In(v.Lang),
			Chosen: open && !p.Whole && given.Clips[at.ID].Reason == card.ID})
	}
	return p
}

// show is a clip as far as it has been seen.
func (b *timing) show(v View, card Card, n int, kept timingAnswer) TimingClip {
	seen := min(kept.shown(card.ID), len(b.clip(card.ID).Turns))
	s := TimingClip{ID: card.Shown, N: n, Now: seen, Next: seen + 1, Taken: max(0, int(kept.Clips[card.ID].Turn))}
	for i, t := range b.clip(card.ID).Turns[:seen] {
		s.Turns = append(s.Turns, TimingTurn{N: i + 1, Customer: t.C.In(v.Lang), AI: t.B.In(v.Lang), Newest: i+1 == seen})
	}
	return s
}

// showWhole is a clip with all of its turns; without the stimulus they are only counted.
func (b *timing) showWhole(v View, card Card, n int) TimingClip {
	s := TimingClip{ID: card.Shown, N: n}
	for i, t := range b.clip(card.ID).Turns {
		turn := TimingTurn{N: i + 1}
		if !v.IsBare() {
			turn.Customer, turn.AI = t.C.In(v.Lang), t.B.In(v.Lang)
		}
		s.Turns = append(s.Turns, turn)
	}
	return s
}

// Parts are the clips.
func (b *timing) Parts(a Answer) (done, of int) {
	given, _ := a.(timingAnswer)
	for _, c := range given.Clips {
		if c.settled() {
			done++
		}
	}
	return done, len(b.Clips)
}

// Parse takes any turn that a clip may have. Whether this one has it, and has shown it, is for Advance to judge: nobody learns how many turns there are.
func (b *timing) Parse(v View, f Fields) (Answer, error) {
	d := v.Deal("k", b.clipIDs())
	r := read(f, "clips", "seen")
	a := timingAnswer{Clips: readChoices(r, d, v.Deal("r", partIDs(b.Reasons)))}
	if seen := r.numbers("seen", d, 1, MaxTurns+1); len(seen) > 0 { // one more than there are is the last press of "keep watching"
		a.Seen = seen
	}
	if err := r.err(); err != nil || len(a.Clips)+len(a.Seen) == 0 {
		return nil, err
	}
	return a, nil
}

// readChoices reads clips[k1][turn] and clips[k1][reason].
func readChoices(r *reading, d, reasons Deck) map[string]timingChoice {
	out := map[string]timingChoice{}
	f := r.f.named["clips"]
	if f.shape == scalar && f.text != "" || f.shape == list {
		r.problem("clips", "answer.by_part")
		return out
	}
	for _, shown := range f.names {
		at, choice := fieldPath("clips", shown), f.named[shown]
		id, ok := d.ID(shown)
		switch {
		case !ok:
			r.problem(at, "answer.unknown_option")
			continue
		case choice.shape == scalar && choice.text != "" || choice.shape == list:
			r.problem(at, "answer.by_part")
			continue
		}
		var c timingChoice
		for _, name := range choice.names {
			value, at := choice.named[name], fieldPath(at, name)
			switch {
			case name != "turn" && name != "reason":
				r.problem(at, "answer.unknown_field", "known", []string{"turn", "reason"})
			case value.shape == list || value.shape == object:
				r.problem(at, "answer.one_value")
			case name == "reason":
				c.Reason = r.lookup(at, value.text, reasons)
			case value.shape == absent: // null
				c.Turn = never
			case value.text != "":
				c.Turn = readMoment(r, at, value.text)
			}
		}
		if c.Turn == never {
			c.Reason = "" // of nothing
		}
		if c != (timingChoice{}) {
			out[id] = c
		}
	}
	return out
}

// readMoment reads the turn of a clip.
func readMoment(r *reading, at, words string) moment {
	if words == noTakeover {
		return never
	}
	n, err := strconv.Atoi(foldDigits(words))
	if err != nil || n < 1 || n > MaxTurns {
		r.problem(at, "timing.moment", "max", MaxTurns)
		return undecided
	}
	return moment(n)
}

// Advance goes one step at most, in the clip that the person is at: the next turn, or a decision about the one shown. About clips that are settled an older page may say what it likes; about those that have not been
// shown nobody can say anything.
func (b *timing) Advance(v View, kept, sent Answer) (Answer, error) {
	now, ok := sent.(timingAnswer)
	if !ok {
		return kept, nil
	}
	was, _ := kept.(timingAnswer)
	d := v.Deal("k", b.clipIDs())
	at, open := b.current(d, was)
	out := was.clone()
	var ps []fault.Problem
	for _, card := range d {
		choice, chosen := now.Clips[card.ID]
		n, stepped := now.Seen[card.ID]
		switch {
		case !chosen && !stepped, was.Clips[card.ID].settled():
		case open && card == at:
			ps = append(ps, out.step(card, len(b.clip(card.ID).Turns), choice, n)...)
		default:
			if stepped {
				ps = append(ps, fault.At(fieldPath("seen", card.Shown), "timing.not_begun"))
			}
			if chosen {
				ps = append(ps, fault.At(fieldPath("clips", card.Shown), "timing.not_begun"))
			}
		}
	}
	if len(ps) > 0 {
		return nil, fault.Of(ps)
	}
	if len(out.Clips)+len(out.Seen) == 0 {
		return kept, nil
	}
	if at, open := b.current(d, out); open && out.Seen[at.ID] == 0 {
		out.Seen[at.ID] = 1
	}
	if len(out.Seen) == 0 {
		out.Seen = nil
	}
	return out, nil
}

// Steps watch each clip in the order dealt up to the turn that is decided about.
func (b *timing) Steps(v View, whole Answer) []Answer {
	a, _ := whole.(timingAnswer)
	var out []Answer
	for _, card := range v.Deal("k", b.clipIDs()) {
		choice := a.Clips[card.ID]
		last := int(choice.Turn)
		if last <= 0 {
			last = len(b.clip(card.ID).Turns)
		}
		for n := 2; n <= last; n++ {
			out = append(out, timingAnswer{Seen: map[string]int{card.ID: n}})
		}
		if choice != (timingChoice{}) {
			out = append(out, timingAnswer{Clips: map[string]timingChoice{card.ID: choice}})
		}
		if !choice.settled() { // the clips after it are never shown
			break
		}
	}
	return out
}

func (a timingAnswer) clone() timingAnswer {
	out := timingAnswer{Clips: map[string]timingChoice{}, Seen: map[string]int{}}
	for id, c := range a.Clips {
		out.Clips[id] = c
	}
	for id, n := range a.Seen {
		out.Seen[id] = n
	}
	return out
}

// step is one step in the clip that is shown, of so many turns: a choice, or n turns to be seen.
func (a timingAnswer) step(card Card, turns int, choice timingChoice, n int) []fault.Problem {
	was, shown := a.Clips[card.ID], min(a.shown(card.ID), turns)
	path := func(name string) string { return fieldPath(fieldPath("clips", card.Shown), name) }
	switch turn := choice.Turn; {
	case was.Turn > 0: // taken over, and only the reason is missing
		if turn == was.Turn && choice.Reason != "" {
			a.Clips[card.ID] = choice
		}
		return nil
	case turn == never && shown < turns:
		return []fault.Problem{fault.At(path("turn"), "timing.goes_on")}
	case turn > 0 && int(turn) < shown:
		return []fault.Problem{fault.At(path("turn"), "timing.passed", "turn", int(turn), "now", shown)}
	case int(turn) > shown:
		return []fault.Problem{fault.At(path("turn"), "timing.not_shown")}
	case turn != undecided:
		if turn > 0 && choice.Reason == "" {
			choice.Reason = was.Reason
		}
		a.Clips[card.ID] = choice
		return nil
	case n > shown+1:
		return []fault.Problem{fault.At(fieldPath("seen", card.Shown), "timing.passed_over")}
	case n == shown+1 && shown == turns: // the last turn has been watched as well
		a.Clips[card.ID] = timingChoice{Turn: never}
		return nil
	case n == shown+1: // a new turn is thought about anew
		delete(a.Clips, card.ID)
		a.Seen[card.ID] = n
		return nil
	}
	if choice.Reason != "" && n == 0 { // beside a number of turns it is of the turn before
		a.Clips[card.ID] = choice
	}
	return nil
}

// TimingPrompt is what a candidate sees: one clip, as far as it has been watched, and what was decided about those before it. Whole is for those who look an item over.
type TimingPrompt struct {
	Whole   bool
	Clips   []TimingClip
	Reasons []TimingReason
	Decided []TimingDecided
	Of      int  // clips in all
	Rules   bool // they are shown beside
}

// TimingClip is a clip with the turns that may be seen. Now is the newest of them, Next the one that keeping on watching asks for, Taken the turn in which it was taken over without a reason, 0 for none.
type TimingClip struct {
	ID    string
	N     int
	Turns []TimingTurn
	Now   int
	Next  int
	Taken int
}

// TimingTurn is a customer's line and the AI's reply.
type TimingTurn struct {
	N        int
	Customer string
	AI       string
	Newest   bool
}

// TimingReason is a reason to choose from.
type TimingReason struct {
	ID     string
	Text   string
	Chosen bool
}

// TimingDecided is a decision that stands: the turn in which it was taken over, 0 for never.
type TimingDecided struct {
	N      int
	Turn   int
	Reason string
}
