package web_test

import (
	"net/http"
	"net/url"
	"testing"
	"time"

	"leida/internal/exam"
)

const jump = 10 * time.Minute

// T03: the server's clock jumps ten minutes, either way, in the middle of a sitting. The deadline is a point in time and stays; nothing lasts less than no time;
// nothing is handed in before the clock has reached the deadline, and nothing twice.
func TestClockJumps(t *testing.T) {
	t.Parallel()
	for name, jumps := range map[string][]time.Duration{
		"ahead": {jump}, "back": {-jump}, "ahead and back": {jump, -jump}, "back and ahead": {-jump, jump}, "to and fro": {jump, -jump, jump, -jump, -jump, jump},
	} {
		t.Run(name, func(t *testing.T) {
			d := sit(t)
			at := d.kindAt(d.ann, d.at, "single_choice")
			deadline := d.sitting().Deadline
			rev, spent := int64(0), 2*time.Minute
			save := func() {
				t.Helper()
				rev++
				var told struct {
					Rev      int64
					Deadline time.Time
				}
				d.c.json(at, wire(url.Values{"choice": {"o1"}}, int(rev))).is(http.StatusOK).into(&told)
				if told.Rev != rev || !told.Deadline.Equal(deadline) {
					t.Errorf("%+v, want revision %d and the deadline %s", told, rev, deadline)
				}
			}
			sweep := func(want int) {
				t.Helper()
				n, err := d.srv.SubmitDue(d.ctx)
				d.ok(err)
				if n != want {
					t.Errorf("%d handed in at %s, want %d", n, d.clock.now(), want)
				}
			}
			d.clock.add(2 * time.Minute)
			save()
			for _, j := range jumps {
				d.clock.add(j)
				if spent = max(spent, d.clock.now().Sub(noon)); d.clock.now().Before(deadline) {
					save()
				}
				sweep(0)
				if x := d.sitting(); x.State != exam.Live || !x.Deadline.Equal(deadline) {
					t.Fatalf("after a jump to %s: %+v", d.clock.now(), x)
				}
			}
			for _, s := range d.sitting().Slots {
				if took := time.Duration(s.Seconds * float64(time.Second)); took < 0 || took > spent {
					t.Errorf("%s of %s were spent", took, spent)
				}
			}
			d.clock.set(deadline.Add(exam.Grace))
			sweep(0)
			d.clock.set(deadline.Add(exam.Grace + time.Millisecond))
			sweep(1)
			for _, j := range []time.Duration{-jump, jump, jump, -2 * jump} { // over is over
				d.clock.add(j)
				sweep(0)
				d.c.json(at, wire(url.Values{"choice": {"o2"}}, int(rev)+9)).is(http.StatusConflict)
				d.c.post(d.at+"/submit", nil).to(d.at + "/result")
			}
			x := d.sitting()
			if x.State != exam.Submitted || !x.Auto || !x.SubmittedAt.Equal(deadline) || x.Slots[0].Seconds < 0 {
				t.Errorf("%+v", x)
			}
			if n := d.count("SELECT count(*) FROM results WHERE sitting_id = $1", x.ID); n != 1 {
				t.Errorf("%d results", n)
			}
			d.c.get(d.at + "/result").is(http.StatusOK)
			d.c.get("/me").is(http.StatusOK)
		})
	}
}

// Who hands in while the clock is behind ends no earlier than the last word from the browser.
func TestClockBackAtTheEnd(t *testing.T) {
	t.Parallel()
	d := sit(t)
	d.clock.add(8 * time.Minute)
	d.c.json(d.kindAt(d.ann, d.at, "single_choice"), `{"rev":1,"answer":{"choice":"o1"}}`).is(http.StatusOK)
	d.clock.add(-jump)
	d.c.post(d.at+"/submit", nil).to(d.at + "/result")
	if x := d.sitting(); !x.SubmittedAt.Equal(noon.Add(8*time.Minute)) || x.Auto {
		t.Errorf("begun %s, the last answer at %s, ended %s", x.StartedAt, noon.Add(8*time.Minute), x.SubmittedAt)
	}
}

// A jump signs nobody out, and lets nobody stay for ever.
func TestClockAndSessions(t *testing.T) {
	t.Parallel()
	in := func(c *client) bool { return c.get("/account").status == http.StatusOK }
	for _, j := range []time.Duration{jump, -jump} {
		w := newWorld(t)
		before := w.as(w.ann)
		w.clock.add(j)
		after := w.as(w.bob) // signed in while the clock was wrong
		if !in(before) || !in(after) {
			t.Errorf("%s: signed out by a jump", j)
		}
		w.clock.add(-j)
		if !in(before) || !in(after) {
			t.Errorf("%s: signed out when the clock was set right", j)
		}
		w.clock.set(noon.Add(12*time.Hour + jump + time.Minute)) // nobody asked for anything since
		if in(before) || in(after) {
			t.Errorf("%s: still signed in after half a day of silence", j)
		}
		busy := w.as(w.wes)
		w.clock.add(j)
		w.clock.add(-j)
		began := w.clock.now()
		for at := began; at.Before(began.Add(7*24*time.Hour + jump)); at = at.Add(6 * time.Hour) {
			w.clock.set(at)
			busy.get("/account")
		}
		w.clock.set(began.Add(7*24*time.Hour + jump + time.Minute))
		if in(busy) {
			t.Errorf("%s: signed in for more than a week", j)
		}
	}
}

// A jump locks nobody out for longer than without it, and tries stay counted.
func TestClockAndThrottle(t *testing.T) {
	t.Parallel()
	for _, j := range []time.Duration{jump, -jump} {
		w := newWorld(t)
		try := func(password string) int {
			return w.anybody().post("/login", url.Values{"name": {w.ann.Number}, "password": {password}}).status
		}
		tire := func() (tries int) {
			t.Helper()
			for try("wrong") == http.StatusUnauthorized {
				if tries++; tries > 100 {
					t.Fatal("no end of tries")
				}
			}
			return tries
		}
		first := tire()
		w.clock.add(j)
		again := tire()
		if again > first {
			t.Errorf("%s: %d tries, and %d before", j, again, first)
		}
		w.clock.add(-j)
		if n := tire(); n > first {
			t.Errorf("%s: set right, %d tries", j, n)
		}
		w.clock.add(jump) // in a real ten minutes an allowance is whole
		if got := try(password); got != http.StatusSeeOther {
			t.Errorf("%s: ten minutes later the right password is told %d", j, got)
		}
	}
}
