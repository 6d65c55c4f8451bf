package store

import (
	"encoding/json"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"leida/internal/exam"
	"leida/internal/fault"
	"leida/internal/profile"
)

// TestUpdatePlace is what UpdateSitting would have done, seen from one place.
func TestUpdatePlace(t *testing.T) {
	c := newCentre(t)
	v := c.viewer(c.ann)
	x := c.sit(c.ann, c.assign("form", c.root))
	flag := true
	save := func(n int, rev int64) func(*exam.Sitting) error {
		return func(s *exam.Sitting) error {
			return s.Answer(exam.Save{Holder: s.Holder, N: n, Rev: rev, Answer: json.RawMessage(`{"choice":"a"}`), Flagged: &flag}, noon.Add(time.Minute+time.Microsecond))
		}
	}
	got, err := c.UpdatePlace(c.ctx, v, Place{Sitting: x.ID, N: 1}, save(1, 7))
	c.ok(err)
	whole, err := c.Sitting(c.ctx, v, x.ID)
	c.ok(err)
	want := &exam.Sitting{ID: x.ID, Person: x.Person, Seed: x.Seed, TimeFactor: x.TimeFactor, State: x.State, StartedAt: x.StartedAt, Deadline: x.Deadline, Holder: x.Holder, SeenAt: whole.SeenAt, Slots: make([]exam.Slot, len(whole.Slots))}
	want.Slots[1] = whole.Slots[1]
	want.Slots[1].Section, want.Slots[1].Weight = 0, 0
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	if s := whole.Slots[1]; string(s.Answer) != `{"choice":"a"}` || s.Rev != 7 || !s.Flagged || s.Seconds < 60 || !whole.SeenAt.Equal(noon.Add(time.Minute)) {
		t.Errorf("%+v", whole)
	}
	if d := cmp.Diff(x.Slots[0], whole.Slots[0]); d != "" {
		t.Error("another place: ", d)
	}

	untouched := func(*exam.Sitting) error { t.Error("changed what is not there"); return nil }
	_, err = c.UpdatePlace(c.ctx, c.viewer(c.bob), Place{Sitting: x.ID, N: 1}, untouched)
	c.missing(err)
	_, err = c.UpdatePlace(c.ctx, v, Place{Sitting: x.ID, N: len(x.Slots)}, untouched)
	c.missing(err)
	_, err = c.UpdatePlace(c.ctx, v, Place{Sitting: "nothing", N: 1}, untouched)
	c.missing(err)
}

// TestUpdatePlaceInherits: a save from a new session goes on where the one that held the sitting has ended, and leaves the sitting with it.
func TestUpdatePlaceInherits(t *testing.T) {
	c := newCentre(t)
	first, second := c.session(c.ann, 1), c.session(c.ann, 2)
	v, err := c.Viewer(c.ctx, c.ann.ID, first.ID)
	c.ok(err)
	x, err := c.StartSitting(c.ctx, v, c.assign("form", c.root).ID, c.paper(v, 3))
	c.ok(err)
	if v, err = c.Viewer(c.ctx, c.ann.ID, second.ID); err != nil {
		t.Fatal(err)
	}
	save := func(s *exam.Sitting) error {
		return s.Answer(exam.Save{Holder: second.ID, N: 0, Rev: 1, Answer: json.RawMessage(`{}`)}, noon.Add(time.Second))
	}
	_, err = c.UpdatePlace(c.ctx, v, Place{Sitting: x.ID, N: 0}, save)
	c.fails(err, fault.Conflict, "exam.moved")
	c.ok(c.RevokeSession(c.ctx, c.ann.ID, first.ID))
	_, err = c.UpdatePlace(c.ctx, v, Place{Sitting: x.ID, N: 0}, save)
	c.ok(err)
	var holder string
	c.ok(c.reader(c.ctx).Raw("SELECT holder FROM sittings WHERE id = ?", x.ID).Scan(&holder).Error)
	if holder != second.ID {
		t.Errorf("held by %s, not by %s", holder, second.ID)
	}
}

// TestSavesRace: many saves of one place and its neighbour at a time, and a submission among them. Whatever was acknowledged before it is on the paper that is marked, each place ends with
// the newest that was taken, and nothing is taken after it.
func TestSavesRace(t *testing.T) {
	c := newCentre(t)
	v := c.viewer(c.ann)
	x := c.sit(c.ann, c.assign("form", c.root))
	const each = 40
	var acked [2]atomic.Int64 // highest revision, by place
	var all sync.WaitGroup
	var marked exam.Sitting
	for i := range 2 * each {
		n, rev := i%2, int64(1+i/2)
		all.Go(func() {
			got, err := c.UpdatePlace(c.ctx, v, Place{Sitting: x.ID, N: n}, func(s *exam.Sitting) error {
				return s.Answer(exam.Save{Holder: s.Holder, N: n, Rev: rev, Answer: json.RawMessage(fmt.Sprintf(`{"rev":%d}`, rev))}, noon.Add(time.Minute))
			})
			if err != nil {
				c.fails(err, fault.Conflict, "exam.submitted")
				return
			}
			if s := got.Slots[n]; s.Rev < rev || string(s.Answer) != fmt.Sprintf(`{"rev":%d}`, s.Rev) {
				t.Errorf("revision %d came back as %d with %s", rev, s.Rev, s.Answer)
			}
			for old := acked[n].Load(); old < got.Slots[n].Rev && !acked[n].CompareAndSwap(old, got.Slots[n].Rev); old = acked[n].Load() {
			}
		})
		if i == each {
			all.Go(func() {
				_, err := c.UpdateSitting(c.ctx, v, x.ID, func(s *exam.Sitting) ([]profile.Evidence, error) {
					out, err := finish(noon.Add(2 * time.Minute))(s)
					marked = *s
					return out, err
				})
				c.ok(err)
			})
		}
	}
	all.Wait()
	got, err := c.Sitting(c.ctx, v, x.ID)
	c.ok(err)
	for n := range acked {
		s := got.Slots[n]
		if s.Rev != acked[n].Load() || string(s.Answer) != string(marked.Slots[n].Answer) || s.Rev != marked.Slots[n].Rev {
			t.Errorf("place %d: kept %d %s, acknowledged %d, marked %d %s", n, s.Rev, s.Answer, acked[n].Load(), marked.Slots[n].Rev, marked.Slots[n].Answer)
		}
	}
}

func TestUpdatePlaceChangesNothingElse(t *testing.T) {
	c := newCentre(t)
	v := c.viewer(c.ann)
	x := c.sit(c.ann, c.assign("form", c.root))
	for name, change := range map[string]func(*exam.Sitting) error{
		"the holder":  func(s *exam.Sitting) error { s.Holder = "other"; return nil },
		"the state":   func(s *exam.Sitting) error { s.State, s.SubmittedAt = exam.Submitted, noon; return nil },
		"the item":    func(s *exam.Sitting) error { s.Slots[0].ItemID = "other"; return nil },
		"a failure":   func(s *exam.Sitting) error { s.Slots[0].Rev = 9; return fmt.Errorf("on purpose") },
		"an old save": func(s *exam.Sitting) error { s.Slots[0].Rev = -1; return nil },
	} {
		if _, err := c.UpdatePlace(c.ctx, v, Place{Sitting: x.ID, N: 0}, change); err == nil {
			t.Errorf("%s: was taken", name)
		}
	}
	got, err := c.Sitting(c.ctx, v, x.ID)
	c.ok(err)
	if d := cmp.Diff(x, got); d != "" {
		t.Error(d)
	}
}

// TestWritten numbers the parameters as each database wants them.
func TestWritten(t *testing.T) {
	got := writeLocking("UPDATE a SET b = ? WHERE c = (", "SELECT c FROM d WHERE e = ?", waiting, ") AND f = ?")
	want := written{"UPDATE a SET b = ? WHERE c = (SELECT c FROM d WHERE e = ?) AND f = ?", "UPDATE a SET b = $1 WHERE c = (SELECT c FROM d WHERE e = $2 FOR NO KEY UPDATE) AND f = $3"}
	if got != want {
		t.Errorf("%+v", got)
	}
}
