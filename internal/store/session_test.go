package store

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"leida/internal/fault"
	"leida/internal/org"
)

func TestSessionEnds(t *testing.T) {
	w := empty(t)
	ann := w.person("1", "Ann")
	s := w.session(ann, 1)
	at := func(d time.Duration) (Session, error) {
		v, got, err := w.ViewerBySession(w.ctx, token(1), noon.Add(d), nil)
		if err == nil && (v.Session != s.ID || v.Person.ID != ann.ID) {
			t.Errorf("%+v is not of %+v", v, s)
		}
		return got, err
	}
	got, err := at(30 * time.Second)
	w.ok(err)
	if got != s {
		t.Errorf("%+v is not %+v", got, s)
	}
	_, _, err = w.ViewerBySession(w.ctx, token(9), noon, nil)
	w.missing(err)
	_, err = at(30 * time.Minute)
	w.missing(err) // idle
	got, err = at(29 * time.Minute)
	w.ok(err)
	if !got.SeenAt.Equal(noon.Add(29 * time.Minute)) {
		t.Error("not touched", got.SeenAt)
	}
	_, err = at(58 * time.Minute) // the touch was kept
	w.ok(err)
	for d := time.Hour; d < 12*time.Hour; d += 20 * time.Minute {
		_, err = at(d)
		w.ok(err)
	}
	_, err = at(12 * time.Hour)
	w.missing(err) // absolute
}

// TestViewerBySession is the same viewer, whichever way they are found.
func TestViewerBySession(t *testing.T) {
	c := newCentre(t)
	for i, p := range []org.Person{c.ann, c.eve, c.trainer} {
		s := c.session(p, byte(i+1))
		want, err := c.Viewer(c.ctx, p.ID, s.ID)
		c.ok(err)
		got, _, err := c.ViewerBySession(c.ctx, token(byte(i+1)), noon, nil)
		c.ok(err)
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%+v\n%+v", got, want)
		}
	}
	nobody := c.person("0", "No roles")
	s := c.session(nobody, 9)
	got, _, err := c.ViewerBySession(c.ctx, token(9), noon, nil)
	c.ok(err)
	if got.Person.ID != nobody.ID || got.Session != s.ID || len(got.Accesses()) != 0 {
		t.Errorf("%+v", got)
	}
}

func TestSessionIsTouchedOnceAMinute(t *testing.T) {
	w := empty(t)
	w.session(w.person("1", "Ann"), 1)
	seen := func(d time.Duration) time.Time {
		_, _, err := w.ViewerBySession(w.ctx, token(1), noon.Add(d), nil)
		w.ok(err)
		var r sessionRow
		w.ok(w.reader(w.ctx).Take(&r).Error)
		return r.SeenAt.Time
	}
	if !seen(59 * time.Second).Equal(noon) {
		t.Error("touched too soon")
	}
	if !seen(time.Minute).Equal(noon.Add(time.Minute)) {
		t.Error("not touched")
	}
}

func TestSessionOfSomebodySuspended(t *testing.T) {
	w := empty(t)
	ann := w.person("1", "Ann")
	w.session(ann, 1)
	w.ok(w.UpdatePerson(w.ctx, ann.ID, func(p *org.Person) error { p.ActiveTo = noon.Add(time.Minute); return nil }))
	_, _, err := w.ViewerBySession(w.ctx, token(1), noon.Add(time.Minute-time.Millisecond), nil)
	w.ok(err)
	_, _, err = w.ViewerBySession(w.ctx, token(1), noon.Add(time.Minute), nil)
	w.missing(err)
}

func TestRevoke(t *testing.T) {
	w := empty(t)
	ann, bob := w.person("1", "Ann"), w.person("2", "Bob")
	one, two, bobs := w.session(ann, 1), w.session(ann, 2), w.session(bob, 3)
	w.missing(w.RevokeSession(w.ctx, bob.ID, one.ID))
	w.ok(w.RevokeSession(w.ctx, ann.ID, one.ID))
	w.missing(w.RevokeSession(w.ctx, ann.ID, one.ID))
	three := w.session(ann, 4)
	w.ok(w.RevokeOthers(w.ctx, ann.ID, three.ID))
	list, err := w.Sessions(w.ctx, ann.ID)
	w.ok(err)
	if len(list) != 1 || list[0] != three {
		t.Error(list, two)
	}
	if list, _ = w.Sessions(w.ctx, bob.ID); len(list) != 1 || list[0] != bobs {
		t.Error("another's session was ended")
	}
	w.clock.set(noon.Add(time.Hour))
	if list, _ = w.Sessions(w.ctx, ann.ID); len(list) != 0 {
		t.Error("idle sessions are listed")
	}
	w.session(ann, 5)
	if n := w.count("sessions"); n != 2 {
		t.Errorf("%d sessions: ended ones are not cleared away", n)
	}
}

func TestCreateSessionRefuses(t *testing.T) {
	w := empty(t)
	ann := w.person("1", "Ann")
	w.session(ann, 1)
	_, err := w.CreateSession(w.ctx, ann.ID, token(1), "", noon, time.Hour, noon.Add(time.Hour))
	w.fails(err, fault.Conflict, "store.exists")
	_, err = w.CreateSession(w.ctx, "nobody", token(2), "", noon, time.Hour, noon.Add(time.Hour))
	w.missing(err)
	s, err := w.CreateSession(w.ctx, ann.ID, token(3), strings.Repeat("火", 9999), noon, time.Hour, noon.Add(time.Hour))
	w.ok(err)
	if n := len([]rune(s.UserAgent)); n != 400 {
		t.Error(n)
	}
}
