package store

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"leida/internal/exam"
	"leida/internal/fault"
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
	got, err := c.UpdatePlace(c.ctx, v, x.ID, 1, save(1, 7))
	c.ok(err)
	whole, err := c.Sitting(c.ctx, v, x.ID)
	c.ok(err)
	want := *whole
	want.Slots = make([]exam.Slot, len(whole.Slots))
	want.Slots[1] = whole.Slots[1]
	if d := cmp.Diff(&want, got); d != "" {
		t.Error(d)
	}
	if s := whole.Slots[1]; string(s.Answer) != `{"choice":"a"}` || s.Rev != 7 || !s.Flagged || s.Seconds < 60 || !whole.SeenAt.Equal(noon.Add(time.Minute)) {
		t.Errorf("%+v", whole)
	}
	if d := cmp.Diff(x.Slots[0], whole.Slots[0]); d != "" {
		t.Error("another place: ", d)
	}

	untouched := func(*exam.Sitting) error { t.Error("changed what is not there"); return nil }
	_, err = c.UpdatePlace(c.ctx, c.viewer(c.bob), x.ID, 1, untouched)
	c.missing(err)
	_, err = c.UpdatePlace(c.ctx, v, x.ID, len(x.Slots), untouched)
	c.missing(err)
	_, err = c.UpdatePlace(c.ctx, v, "nothing", 1, untouched)
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
	_, err = c.UpdatePlace(c.ctx, v, x.ID, 0, save)
	c.fails(err, fault.Conflict, "exam.moved")
	c.ok(c.RevokeSession(c.ctx, c.ann.ID, first.ID))
	_, err = c.UpdatePlace(c.ctx, v, x.ID, 0, save)
	c.ok(err)
	var holder string
	c.ok(c.reader(c.ctx).Raw("SELECT holder FROM sittings WHERE id = ?", x.ID).Scan(&holder).Error)
	if holder != second.ID {
		t.Errorf("held by %s, not by %s", holder, second.ID)
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
		if _, err := c.UpdatePlace(c.ctx, v, x.ID, 0, change); err == nil {
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
	got := write("SELECT a FROM b WHERE c = ? AND d = ?").locking()
	want := written{"SELECT a FROM b WHERE c = ? AND d = ?", "SELECT a FROM b WHERE c = $1 AND d = $2 FOR NO KEY UPDATE"}
	if got != want {
		t.Errorf("%+v", got)
	}
}
