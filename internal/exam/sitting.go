package exam

import (
	"bytes"
	"encoding/json"
	"hash/fnv"
	"strconv"
	"time"

	"leida/internal/assessment"
	"leida/internal/fault"
	"leida/internal/item"
	"leida/internal/org"
	"leida/internal/text"
)

// Grace is how long after the deadline a save is still taken, for slow networks. The page stops at the deadline.
const Grace = 5 * time.Second

// idleCap bounds the time on an item that passes without a save; longer silence is absence, not work.
const idleCap = 10 * time.Minute

// State is where a sitting stands.
type State string

const (
	Live      State = "open"
	Submitted State = "submitted"
)

// Sitting is one person taking one assessment once. Its paper and the versions on it are pinned at the start.
type Sitting struct {
	ID             string
	Person         string
	Assignment     string
	Assessment     string // id
	AssessmentHash string
	Title          text.Text
	Cycle          string
	Seed           uint64
	TimeFactor     float64
	State          State
	StartedAt      time.Time
	Deadline       time.Time // zero for none
	SubmittedAt    time.Time // zero while open; the deadline when it ran out
	Auto           bool      // submitted by the server at the deadline
	Blank          bool      // submitted with no answer at all
	Counts         bool      // evidence counts towards the profile
	Holder         string    // session in which it is live; opening it elsewhere moves it
	SeenAt         time.Time // start, or the newest save
	Score          float64   // 0-100 after submission, weighted by sections and units
	Slots          []Slot
	Result         *Result // what has just been submitted came to, for the store to keep; not loaded again with the sitting
}

// Slot is one place of the paper.
type Slot struct {
	Section  int
	Weight   float64 // of the section
	ItemID   string
	ItemHash string
	Answer   json.RawMessage // canonical, in definition ids; nil for none
	Rev      int64           // of the newest save taken
	OpenedAt time.Time       // when the item's own clock was started; zero where it has none, or not yet
	SavedAt  time.Time       // zero if never answered
	Seconds  float64         // server time spent on it
	Flagged  bool
	Score    float64 // 0..1 after submission
	Critical []string
}

// New starts a sitting. limit is the assessment's, multiplied by the time factor; it never runs past the assignment's window.
func New(id string, v org.Viewer, as Assignment, a *assessment.Assessment, paper []assessment.Drawn, seed uint64, factor float64, now time.Time) *Sitting {
	s := &Sitting{
		ID: id, Person: v.Person.ID, Assignment: as.ID, Assessment: a.ID, AssessmentHash: a.Hash, Title: a.Title, Cycle: as.Cycle,
		Seed: seed, TimeFactor: factor, State: Live, StartedAt: now, Holder: v.Session, SeenAt: now, Counts: a.Evidential(),
	}
	s.Deadline = as.Closes
	if limit := a.Limit(); limit > 0 {
		if end := now.Add(time.Duration(float64(limit) * factor)); s.Deadline.IsZero() || end.Before(s.Deadline) {
			s.Deadline = end
		}
	}
	for _, d := range paper {
		s.Slots = append(s.Slots, Slot{Section: d.Section, Weight: a.Sections[d.Section].Weight, ItemID: d.Item.ID, ItemHash: d.Item.Hash})
	}
	return s
}

// CanStart says why an assignment cannot be started now, or nil.
func CanStart(as Assignment, now time.Time) error {
	switch as.PhaseAt(now) {
	case Upcoming:
		return fault.New(fault.Conflict, "exam.not_open", "opens", as.Opens)
	case Closed:
		return fault.New(fault.Conflict, "exam.closed", "closes", as.Closes)
	}
	return nil
}

// View is how this sitting sees the item at a place: opaque ids and an order of its own.
func (s *Sitting) View(n int, l text.Lang) item.View { return see(s.Seed, s.Slots[n].ItemID, l) }

func see(seed uint64, id string, l text.Lang) item.View {
	h := fnv.New64a()
	h.Write([]byte(strconv.FormatUint(seed, 16) + "/" + id))
	return item.Seen(l, h.Sum64())
}

// Save is a change to one place of a live sitting.
type Save struct {
	Holder  string     // session that sends it
	N       int        // place, from 0
	Rev     int64      // higher wins
	Item    *item.Item // that stands there, whose kind may hold answers to an order or to a clock; nil for none that does
	Answer  item.Answer
	Flagged *bool // nil leaves it
}

// Answer takes a save. A revision no newer than the one kept is not an error and changes nothing: the newest wins in whatever order they arrive.
func (s *Sitting) Answer(c Save, now time.Time) error {
	if err := s.writable(c.Holder, now); err != nil {
		return err
	}
	if c.N < 0 || c.N >= len(s.Slots) {
		return fault.New(fault.NotFound, "exam.no_such_item")
	}
	slot := &s.Slots[c.N]
	if c.Rev <= slot.Rev {
		return nil
	}
	raw, err := s.taken(slot, c, now)
	if err != nil {
		return err
	}
	s.spend(slot, now)
	if !slot.OpenedAt.IsZero() && !bytes.Equal(raw, slot.Answer) {
		slot.Seconds = max(0, now.Sub(slot.OpenedAt).Seconds()) // on its own clock, whatever else was done meanwhile
	}
	slot.Answer, slot.Rev, slot.SavedAt = raw, c.Rev, s.SeenAt // a clock that was set back stands still until it has caught up
	if c.Flagged != nil {
		slot.Flagged = *c.Flagged
	}
	return nil
}

// canonical is an answer as it is kept; nil for none.
func canonical(a item.Answer) (json.RawMessage, error) {
	if a == nil {
		return nil, nil
	}
	return json.Marshal(a)
}

// advance is what is kept when an answer comes on top of the one that a place has: itself, unless the kind goes step by step.
func (s Slot) advance(it *item.Item, v item.View, sent item.Answer) (item.Answer, error) {
	steps, ok := it.Body.(item.Sequential)
	if !ok {
		return sent, nil
	}
	kept, err := s.Read(it)
	if err != nil {
		return nil, err
	}
	return steps.Advance(v, kept, sent)
}

// Holds reports whether an answer would leave a place as it is. v is how its item is seen.
func (s Slot) Holds(it *item.Item, v item.View, sent item.Answer) (bool, error) {
	kept, err := s.advance(it, v, sent)
	if err != nil {
		return false, nil
	}
	raw, err := canonical(kept)
	return bytes.Equal(raw, s.Answer), err
}

// Open starts the clock of a place whose item has one of its own, and shows its material. Opening again changes nothing: the clock goes on through reloads.
func (s *Sitting) Open(holder string, n int, it *item.Item, now time.Time) error {
	if err := s.writable(holder, now); err != nil {
		return err
	}
	if n < 0 || n >= len(s.Slots) {
		return fault.New(fault.NotFound, "exam.no_such_item")
	}
	if _, _, timed := it.Clock(); timed && s.Slots[n].OpenedAt.IsZero() {
		s.Slots[n].OpenedAt = now
	}
	return nil
}

// Clock is where a place stands by the clock of its item.
type Clock struct {
	Timed      bool
	Opened     bool
	Full, Stop time.Duration // with the person's accommodation
	FullUntil  time.Time     // zero until opened
	StopsAt    time.Time
}

// Over reports whether nothing more is taken. The grace is for slow networks.
func (c Clock) Over(now time.Time) bool { return c.Opened && now.After(c.StopsAt.Add(Grace)) }

// Clock is the clock of a place with this item.
func (s *Sitting) Clock(n int, it *item.Item) Clock { return s.clock(&s.Slots[n], it) }

func (s *Sitting) clock(slot *Slot, it *item.Item) Clock {
	full, stop, ok := it.Clock()
	if !ok {
		return Clock{}
	}
	allowed := func(d time.Duration) time.Duration { return time.Duration(float64(d) * s.TimeFactor) }
	c := Clock{Timed: true, Full: allowed(full), Stop: allowed(stop), Opened: !slot.OpenedAt.IsZero()}
	if c.Opened {
		c.FullUntil, c.StopsAt = slot.OpenedAt.Add(c.Full), slot.OpenedAt.Add(c.Stop)
	}
	return c
}

// taken is what a place keeps of a save, as its kind takes it: on top of what was there, and by its own clock. Before that clock runs and after it stopped there is nothing to change.
// At the stop the page switches its fields off, so what it posts from then on is blank and says nothing, in the grace too.
func (s *Sitting) taken(slot *Slot, c Save, now time.Time) (json.RawMessage, error) {
	if c.Item == nil {
		return canonical(c.Answer)
	}
	clock := s.clock(slot, c.Item)
	idle := clock.Timed && !clock.Opened || clock.Over(now)
	stopped := clock.Opened && now.After(clock.StopsAt)
	if c.Answer == nil && (idle || stopped) {
		return slot.Answer, nil
	}
	merged, err := slot.advance(c.Item, s.View(c.N, ""), c.Answer)
	if err != nil {
		return nil, err
	}
	raw, err := canonical(merged)
	switch {
	case err != nil || !idle || bytes.Equal(raw, slot.Answer):
		return raw, err
	case clock.Opened:
		return nil, fault.New(fault.Conflict, "exam.item_over")
	}
	return nil, fault.New(fault.Conflict, "exam.not_begun")
}

// spend puts the time since the last save to a place.
func (s *Sitting) spend(slot *Slot, now time.Time) {
	if d := now.Sub(s.SeenAt); d > 0 {
		if slot.OpenedAt.IsZero() {
			slot.Seconds += min(d, idleCap).Seconds()
		}
		s.SeenAt = now
	}
}

// writable says why the sitting takes no more saves from a session, or nil.
func (s *Sitting) writable(holder string, now time.Time) error {
	switch {
	case s.State == Submitted:
		return fault.New(fault.Conflict, "exam.submitted")
	case s.Due(now):
		return fault.New(fault.Conflict, "exam.time_over")
	case holder != s.Holder:
		return fault.New(fault.Conflict, "exam.moved")
	}
	return nil
}

// Move makes another session the one in which the sitting is live; the first is told with its next save.
func (s *Sitting) Move(holder string, now time.Time) error {
	if err := s.writable(s.Holder, now); err != nil {
		return err
	}
	s.Holder = holder
	return nil
}

// Due reports whether the time and the grace are over.
func (s *Sitting) Due(now time.Time) bool {
	return !s.Deadline.IsZero() && now.After(s.Deadline.Add(Grace))
}

// Unanswered are the places without an answer, from 0.
func (s *Sitting) Unanswered() []int {
	var out []int
	for i, slot := range s.Slots {
		if slot.Answer == nil {
			out = append(out, i)
		}
	}
	return out
}

// Resume is the place to go on from: where the newest save was, or the next place if that one is answered and the next is not.
func (s *Sitting) Resume() int {
	at := 0
	for i, slot := range s.Slots {
		if !slot.SavedAt.IsZero() && !slot.SavedAt.Before(s.Slots[at].SavedAt) {
			at = i
		}
	}
	if next := at + 1; next < len(s.Slots) && s.Slots[at].Answer != nil && s.Slots[next].Answer == nil {
		return next
	}
	return at
}
