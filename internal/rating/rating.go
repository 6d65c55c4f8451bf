// Package rating is people marking written answers: who may rate which response, when it needs a second rater or a third, what a rater sees, and how well raters agree.
package rating

import (
	"maps"
	"slices"
	"time"

	"leida/internal/fault"
	"leida/internal/item"
	"leida/internal/org"
)

// Hold is how long somebody may keep a response without rating it; then another may take it.
const Hold = 48 * time.Hour

// Task is one response that people rate (MEASUREMENT 4.13). Its id says nothing of the sitting that it comes from.
type Task struct {
	ID      string
	Author  Author
	Cert    bool // of a sitting that may certify
	Doubled bool // two raters are wanted, whatever the first says
	Rubric  item.Rubric
	Opened  time.Time // when the response was handed in
	Seats   []Seat    // of raters, in the order taken
}

// Author is who wrote a response, which no rater is told.
type Author struct {
	Person string
	Team   string // when the response was handed in
}

// Seat is a rater's place at a task.
type Seat struct {
	Rater  string
	Taken  time.Time
	Rated  time.Time   // zero until the rating was handed in
	Rating item.Rating // once it was
}

func (s Seat) rated() bool { return !s.Rated.IsZero() }

func (s Seat) lapsed(now time.Time) bool { return !s.rated() && now.Sub(s.Taken) >= Hold }

// State is how far the rating of a response is.
type State string

const (
	Waiting     State = "waiting"     // nobody has rated it
	Provisional State = "provisional" // one has, and another must
	Apart       State = "apart"       // two have and are too far apart: a third must
	Single      State = "single"      // one has, which is enough for what it is for; never for certification
	Resolved    State = "resolved"    // two agree, or a third has settled it
)

// States in the order of a task's life.
var States = []State{Waiting, Provisional, Apart, Single, Resolved}

// New is a response to be rated. response names it for ever, such as a sitting and a place in it; by that it is chosen whether two are to rate it.
func New(id, response string, a Author, cert bool, by item.Rubric, now time.Time) *Task {
	return &Task{ID: id, Author: a, Cert: cert, Doubled: Doubled(response, cert), Rubric: by, Opened: now}
}

// State says how far the rating is.
func (t *Task) State() State {
	s := t.resolution()
	switch {
	case s.Raters == 0:
		return Waiting
	case s.NeedsThird():
		return Apart
	case !s.Final(t.OneRater()):
		return Provisional
	case s.Raters == 1:
		return Single
	}
	return Resolved
}

// OneRater reports whether a single rating is enough; item.Response takes it.
func (t *Task) OneRater() bool { return !t.Doubled }

// Ratings are those handed in: the first two, and the third's last. item.Response takes them.
func (t *Task) Ratings() []item.Rating {
	var out []item.Rating
	for _, s := range t.Seats {
		if s.rated() {
			out = append(out, s.Rating)
		}
	}
	return out
}

// resolution cannot fail, since only sound ratings are taken.
func (t *Task) resolution() item.Resolution {
	s, _ := t.Rubric.Resolve(t.Ratings())
	return s
}

// need is how many must rate the response, by what those have said who did.
func (t *Task) need() int {
	s := t.resolution()
	switch {
	case s.Raters > 2 || s.NeedsThird():
		return item.MaxRaters
	case s.Raters == 2 || t.Doubled || len(s.Split) > 0: // a gate does not rest on one
		return 2
	}
	return 1
}

// Open is how many more raters may take the response now.
func (t *Task) Open(now time.Time) int {
	n := t.need()
	for _, s := range t.Seats {
		if !s.lapsed(now) {
			n--
		}
	}
	return max(0, n)
}

// May reports whether somebody may rate the response: a trainer, but never the author nor anybody who manages the author's team.
func (t *Task) May(v org.Viewer) bool {
	return v.SignedIn() && v.Is(org.Trainer) && v.Person.ID != t.Author.Person && !v.Manages(t.Author.Team)
}

// refuse is why somebody may not rate it. It is the same whatever the reason, since the reason would tell who wrote it.
func (t *Task) refuse(v org.Viewer) error {
	if t.May(v) {
		return nil
	}
	return fault.New(fault.Forbidden, "rating.not_yours")
}

func (t *Task) seat(v org.Viewer) *Seat {
	i := slices.IndexFunc(t.Seats, func(s Seat) bool { return s.Rater == v.Person.ID })
	if i < 0 {
		return nil
	}
	return &t.Seats[i]
}

// Take gives somebody the response to rate. Taking it again changes nothing. Those who kept it too long lose it.
func (t *Task) Take(v org.Viewer, now time.Time) error {
	if err := t.refuse(v); err != nil {
		return err
	}
	if s := t.seat(v); s != nil && (s.rated() || !s.lapsed(now)) {
		if s.rated() {
			return fault.New(fault.Conflict, "rating.done")
		}
		return nil
	}
	if t.Open(now) == 0 {
		return fault.New(fault.Conflict, "rating.taken")
	}
	t.Seats = slices.DeleteFunc(t.Seats, func(s Seat) bool { return s.lapsed(now) })
	t.Seats = append(t.Seats, Seat{Rater: v.Person.ID, Taken: now})
	return nil
}

// Release gives the response back unrated.
func (t *Task) Release(v org.Viewer) error {
	s := t.seat(v)
	switch {
	case s == nil:
		return nil
	case s.rated():
		return fault.New(fault.Conflict, "rating.done")
	}
	t.Seats = slices.DeleteFunc(t.Seats, func(s Seat) bool { return s.Rater == v.Person.ID })
	return nil
}

// Rate hands in the levels and gates of somebody who has taken the response. It is final; the same again changes nothing. A rating that comes late counts as long as nobody else has taken the place.
func (t *Task) Rate(v org.Viewer, levels map[string]float64, gates []string, now time.Time) error {
	if err := t.refuse(v); err != nil {
		return err
	}
	s := t.seat(v)
	if s == nil {
		return fault.New(fault.Conflict, "rating.not_taken")
	}
	x := item.Rating{Rater: v.Person.ID, Levels: maps.Clone(levels), Gates: slices.Sorted(slices.Values(gates))}
	if s.rated() {
		if maps.Equal(s.Rating.Levels, x.Levels) && slices.Equal(s.Rating.Gates, x.Gates) {
			return nil
		}
		return fault.New(fault.Conflict, "rating.done")
	}
	if ps := t.Rubric.Check(x); len(ps) > 0 {
		return fault.Of(ps)
	}
	s.Rating, s.Rated = x, now
	return nil
}

// Queue are the tasks that somebody may work on now, most pressing first: those already taken, then those where two are apart, then certification, then the oldest.
func Queue(tasks []*Task, v org.Viewer, now time.Time) []*Task {
	var out []*Task
	for _, t := range tasks {
		s := t.seat(v)
		held := s != nil && !s.rated()
		if t.May(v) && (held || s == nil && t.Open(now) > 0) {
			out = append(out, t)
		}
	}
	rank := func(t *Task) int {
		switch {
		case t.seat(v) != nil:
			return 0
		case t.State() == Apart:
			return 1
		case t.Cert:
			return 2
		}
		return 3
	}
	slices.SortStableFunc(out, func(a, b *Task) int {
		if d := rank(a) - rank(b); d != 0 {
			return d
		}
		return a.Opened.Compare(b.Opened)
	})
	return out
}
