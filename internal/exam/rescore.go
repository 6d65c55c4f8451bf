package exam

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"leida/internal/profile"
)

// Rule is what a corrected item does to the results of those who sat it.
type Rule string

const (
	Current    Rule = "current"             // marks of the newest version
	Better     Rule = "current-or-previous" // the better of the version sat and the newest
	FullCredit Rule = "full-credit"         // everybody who was shown the item has all of it
)

// RescoreRules are the rules in the order of a form.
var RescoreRules = []Rule{Current, Better, FullCredit}

// Why a result is left as it was. Each is the end of a message key, rescore.left.*.
const (
	LeftUnreadable = "unreadable" // its answer does not fit the newest version
	LeftBlank      = "blank"      // handed in without any answer: nothing says that anybody looked, so full credit would be credit for nothing
)

// Change is what a rule makes of one result. After is nil where nothing changes, and where the result is left as it was.
type Change struct {
	Before, After *Result
	Place         int // from 0
	Left          string

	told telling
}

// telling is what After is yet to say of the answer: the version that it was marked by, and the marks. There is nothing where full credit is given, and what was told stays.
type telling struct {
	by   Version
	mark Mark
}

// Rescoring marks results again at one item.
type Rescoring struct {
	Rule   Rule
	ID     string // of the stored rescoring
	Reason string
	Newest Version
	Sat    func(hash string) (Version, error) // the version that stood on a paper
}

// Of is what the rescoring makes of a result, in marks alone: a plan needs no more, and Tell adds the rest. The answer is never touched, and neither is any other place: their marks are those that were stored.
//
// A blank answer is marked like any other by the first two rules. Full credit is given to it as well, since it counted as nothing and a question at fault is a good reason to leave
// it; only a sitting without a single answer is left as it was.
func (s Rescoring) Of(r *Result) (Change, error) {
	c := Change{Before: r, Place: slices.IndexFunc(r.Places, func(p Place) bool { return p.Item.ID == s.Newest.Item.ID })}
	if c.Place < 0 {
		return c, fmt.Errorf("sitting %s has no %s", r.Sitting, s.Newest.Item.ID)
	}
	was := r.Places[c.Place]
	next, told, left, err := s.place(r, was)
	if err != nil || left != "" || was.same(next) {
		c.Left = left
		return c, err
	}
	c.After, c.told = r.with(c.Place, next), told
	c.After.Reason, c.After.Rescoring = s.Reason, s.ID
	return c, nil
}

// Tell adds to the result after a change what it says of the answer, so that it can be kept.
func (c *Change) Tell() error {
	if c.told.by.Item == nil {
		return nil
	}
	seed, err := strconv.ParseUint(c.After.Seed, 16, 64)
	if err != nil {
		return err
	}
	p := &c.After.Places[c.Place]
	*p, err = p.told(c.told.by, c.told.mark, seed)
	return err
}

func (s Rescoring) place(r *Result, was Place) (next Place, told telling, left string, err error) {
	if s.Rule == FullCredit {
		if r.Blank {
			return was, told, LeftBlank, nil
		}
		next = was
		next.Score, next.Full, next.Pending, next.Critical = 1, true, false, nil
		return next, told, "", nil
	}
	next, told, left = s.by(s.Newest, r, was)
	if s.Rule == Current || left != "" {
		return next, told, left, nil
	}
	hash := was.Item.Hash
	if was.Sat != nil {
		hash = was.Sat.Hash
	}
	if hash == s.Newest.Item.Hash {
		return next, told, "", nil
	}
	v, err := s.Sat(hash)
	if err != nil {
		return was, told, "", err
	}
	old, oldTold, left := s.by(v, r, was)
	if left == "" && (old.Score > next.Score || old.Score == next.Score && len(old.Critical) < len(next.Critical)) {
		return old, oldTold, "", nil
	}
	return next, told, "", nil
}

// by is a place marked by an item version.
func (s Rescoring) by(v Version, r *Result, was Place) (next Place, told telling, left string) {
	if v.Item.Hash == was.Item.Hash && !was.Full {
		return was, told, ""
	}
	m, err := was.mark(v.Item, r.TimeFactor)
	if err != nil {
		return was, told, LeftUnreadable
	}
	next = was.marked(v.Item, m)
	sat := was.Item
	if was.Sat != nil {
		sat = *was.Sat
	}
	if next.Sat = nil; sat != next.Item {
		next.Sat = &sat
	}
	return next, telling{v, m}, ""
}

// same reports whether marking gave what is there already.
func (p Place) same(q Place) bool {
	return p.Item == q.Item && p.Full == q.Full && p.Score == q.Score && slices.Equal(p.Critical, q.Critical)
}

// with is the next revision, with another place. When and why are the caller's to say.
func (r *Result) with(n int, p Place) *Result {
	next := *r
	next.Places, next.Fresh = slices.Clone(r.Places), nil
	next.Places[n] = p
	next.Revision, next.Score, next.Undo = r.Revision+1, total(next.Places), false
	return &next
}

// Restore is the next revision with the place as an older revision had it: what takes a rescoring back.
func (r *Result) Restore(old *Result, n int, rescoring, reason string) *Result {
	next := r.with(n, old.Places[n])
	next.Rescoring, next.Reason, next.Undo = rescoring, reason, true
	return next
}

// Stamp sets when the result is written.
func (r *Result) Stamp(at time.Time) { r.At = at.UnixMilli() }

// Effects are what a change does besides the score, before and after. The names of their JSON are for ever.
type Effects struct {
	Evidence  []EvidenceChange `json:"evidence,omitempty"`
	Levels    []LevelChange    `json:"levels,omitempty"`
	Passed    *[2]bool         `json:"passed,omitempty"`    // where the assessment has a rule
	Undecided *[2]bool         `json:"undecided,omitempty"` // where it is not decided yet, before or after
	Critical  [2][]string      `json:"critical"`
}

// Judge sets the verdicts, before and after.
func (e *Effects) Judge(was, now Verdict) {
	e.Passed, e.Undecided = nil, nil
	if was == NoRule {
		return
	}
	e.Passed = &[2]bool{was == Passed, now == Passed}
	if was == Undecided || now == Undecided {
		e.Undecided = &[2]bool{was == Undecided, now == Undecided}
	}
}

// Verdicts are those before and after.
func (e Effects) Verdicts() (was, now Verdict) {
	if e.Passed == nil {
		return NoRule, NoRule
	}
	of := func(i int) Verdict {
		switch {
		case e.Undecided != nil && e.Undecided[i]:
			return Undecided
		case e.Passed[i]:
			return Passed
		}
		return NotPassed
	}
	return of(0), of(1)
}

// EvidenceChange is one sub-competency's record, before and after; nil where there is none.
type EvidenceChange struct {
	Sub string    `json:"sub"`
	Was *Observed `json:"was,omitempty"`
	Now *Observed `json:"now,omitempty"`
}

// Observed is the value of a record: points and information units.
type Observed struct {
	Y float64 `json:"y"`
	N float64 `json:"n"`
}

// LevelChange is a level of a capability or sub-competency that moves, or is gained or lost (0). Cycle is empty for the profile of today, else the closed cycle.
type LevelChange struct {
	Cycle string `json:"cycle,omitempty"`
	ID    string `json:"id"`
	Was   int    `json:"was"`
	Now   int    `json:"now"`
}

// Effects are what the change does to evidence and critical errors. Levels and passes are the caller's to add.
func (c Change) Effects() Effects {
	var e Effects
	e.Critical[0] = c.Before.Places[c.Place].Critical
	if c.After == nil {
		e.Critical[1] = e.Critical[0]
		return e
	}
	e.Critical[1] = c.After.Places[c.Place].Critical
	bySub := map[string]*EvidenceChange{}
	at := func(sub string) *EvidenceChange {
		if bySub[sub] == nil {
			bySub[sub] = &EvidenceChange{Sub: sub}
		}
		return bySub[sub]
	}
	for _, x := range c.Before.Evidence(c.Place) {
		at(x.Sub).Was = &Observed{x.Y, x.N}
	}
	for _, x := range c.After.Evidence(c.Place) {
		at(x.Sub).Now = &Observed{x.Y, x.N}
	}
	for _, sub := range slices.Sorted(maps.Keys(bySub)) {
		e.Evidence = append(e.Evidence, *bySub[sub])
	}
	return e
}

// rounding is what two sums of the same numbers may differ by.
const rounding = 1e-9

// Falls reports whether anything of a person's gets worse: the score, a value of evidence, a level, a pass, or a critical error that was none before.
func (c Change) Falls(e Effects) bool {
	return c.After != nil && Falls([2]float64{c.Before.Score, c.After.Score}, [2]float64{c.Before.Places[c.Place].Score, c.After.Places[c.Place].Score}, e)
}

// Falls is Change.Falls where only the scores are at hand, of the sitting and of the place, each before and after.
func Falls(score, place [2]float64, e Effects) bool {
	if score[1] < score[0]-rounding || place[1] < place[0]-rounding || len(e.Critical[1]) > len(e.Critical[0]) {
		return true
	}
	if was, now := e.Verdicts(); was != now && (was == Passed || now == NotPassed) {
		return true
	}
	if slices.ContainsFunc(e.Levels, func(l LevelChange) bool { return l.Now < l.Was }) {
		return true
	}
	return slices.ContainsFunc(e.Evidence, func(x EvidenceChange) bool {
		return x.Was != nil && (x.Now == nil || x.Now.Y < x.Was.Y-rounding || x.Now.N < x.Was.N-rounding)
	})
}

// Back are the effects of taking the same change back.
func (e Effects) Back() Effects {
	out := Effects{Critical: [2][]string{e.Critical[1], e.Critical[0]}}
	for _, x := range e.Evidence {
		out.Evidence = append(out.Evidence, EvidenceChange{Sub: x.Sub, Was: x.Now, Now: x.Was})
	}
	for _, x := range e.Levels {
		out.Levels = append(out.Levels, LevelChange{Cycle: x.Cycle, ID: x.ID, Was: x.Now, Now: x.Was})
	}
	was, now := e.Verdicts()
	out.Judge(now, was)
	return out
}

// Rises reports whether the score gets better.
func (c Change) Rises() bool { return c.After != nil && c.After.Score > c.Before.Score+rounding }

// Moves reports whether the change gives the person other evidence, and not the same by another version.
func (c Change) Moves() bool {
	return c.After != nil && !slices.EqualFunc(c.Before.Evidence(c.Place), c.After.Evidence(c.Place), func(a, b profile.Evidence) bool {
		a.ID, a.ItemVersion, a.ItemHash = b.ID, b.ItemVersion, b.ItemHash
		return a == b
	})
}

// Swap is a person's evidence as it is once a place of a sitting has been marked again: its records void, the new ones beside them. Where all of the place's records were
// withdrawn before, nothing is added: what was withdrawn stays so.
func Swap(evidence []profile.Evidence, next *Result, n int) (after []profile.Evidence, added []profile.Evidence) {
	after = slices.Clone(evidence)
	live := false
	for i := range after {
		if e := &after[i]; e.SittingID == next.Sitting && e.ItemID == next.Places[n].Item.ID && e.Source == profile.Quiz {
			live, e.Void = live || !e.Void, true
		}
	}
	if live {
		added = next.Evidence(n)
	}
	return append(after, added...), added
}

// levels are the levels of a profile by id, 0 where there is none.
func levels(p *profile.Profile) map[string]int {
	out := map[string]int{}
	for i := range p.Capabilities {
		c := &p.Capabilities[i]
		out[c.ID] = c.Level
		for j := range c.Subs {
			out[c.Subs[j].ID] = c.Subs[j].Level
		}
	}
	return out
}

// LevelChanges are the levels that differ between two profiles of one person.
func LevelChanges(cycle string, was, now *profile.Profile) []LevelChange {
	before, after := levels(was), levels(now)
	var out []LevelChange
	for _, id := range slices.Sorted(maps.Keys(before)) {
		if before[id] != after[id] {
			out = append(out, LevelChange{Cycle: cycle, ID: id, Was: before[id], Now: after[id]})
		}
	}
	return out
}
