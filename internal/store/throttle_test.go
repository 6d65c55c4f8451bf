package store

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

func (w *world) allow(at time.Time, want bool, limits ...Limit) {
	w.t.Helper()
	got, err := w.Allow(w.ctx, at, limits...)
	w.ok(err)
	if got != want {
		w.t.Errorf("at %s %v: allowed %v", at.Format("15:04:05"), limits, got)
	}
}

func TestAllow(t *testing.T) {
	w := empty(t)
	ann := Limit{Key: "ann", Burst: 3, Every: 10 * time.Second}
	for range 3 {
		w.allow(noon, true, ann)
	}
	w.allow(noon, false, ann)
	w.allow(noon, true, Limit{Key: "bob", Burst: 3, Every: 10 * time.Second})
	w.allow(noon.Add(9*time.Second), false, ann)
	w.allow(noon.Add(10*time.Second), true, ann)
	w.allow(noon.Add(10*time.Second), false, ann)
	later := noon.Add(time.Hour) // it never grows beyond the burst
	for range 3 {
		w.allow(later, true, ann)
	}
	w.allow(later, false, ann)
	w.ok(w.Forgive(w.ctx, "ann"))
	w.allow(later, true, ann)
}

// Of several limits one that is used up keeps those behind it whole; those before it have been taken from.
func TestAllowInTurn(t *testing.T) {
	w := empty(t)
	wide, narrow, last := Limit{Key: "wide", Burst: 3, Every: time.Minute}, Limit{Key: "narrow", Burst: 1, Every: time.Minute}, Limit{Key: "last", Burst: 2, Every: time.Minute}
	w.allow(noon, true, wide, narrow, last)
	w.allow(noon, false, wide, narrow, last)
	w.allow(noon, true, wide)
	w.allow(noon, false, wide, last)
	w.allow(noon, true, last)
	w.allow(noon, false, last)
}

// However many ask at once, no more get through than may.
func TestAllowInParallel(t *testing.T) {
	w := empty(t)
	var all sync.WaitGroup
	var through atomic.Int64
	for range 60 {
		all.Go(func() {
			ok, err := w.Allow(w.ctx, noon, Limit{Key: "address", Burst: 40, Every: time.Second}, Limit{Key: "ann", Burst: 8, Every: time.Second})
			w.ok(err)
			if ok {
				through.Add(1)
			}
		})
	}
	all.Wait()
	if n := through.Load(); n != 8 {
		t.Errorf("%d of 8 tries", n)
	}
}

// A clock that is set back by ten minutes locks nobody out for as long.
func TestAllowAfterTheClockWentBack(t *testing.T) {
	w := empty(t)
	ann := Limit{Key: "ann", Burst: 3, Every: 10 * time.Second}
	for range 3 {
		w.allow(noon, true, ann)
	}
	back := noon.Add(-10 * time.Minute)
	for range 3 {
		w.allow(back, true, ann)
	}
	w.allow(back, false, ann)
}

func TestTidy(t *testing.T) {
	c := newCentre(t)
	for i := range 10 {
		c.allow(noon, true, Limit{Key: fmt.Sprint("key ", i), Burst: 3, Every: time.Duration(i+1) * time.Second})
	}
	short, err := c.CreateSession(c.ctx, c.ann.ID, [32]byte{1}, "", noon, time.Minute, noon.Add(time.Hour))
	c.ok(err)
	long, err := c.CreateSession(c.ctx, c.bob.ID, [32]byte{2}, "", noon, time.Hour, noon.Add(2*time.Hour))
	c.ok(err)
	c.ok(c.Tidy(c.ctx, noon.Add(5*time.Second)))
	if n := c.count("throttles"); n != 5 {
		t.Errorf("%d allowances kept, 5 are not whole yet", n)
	}
	c.ok(c.Tidy(c.ctx, noon.Add(time.Minute)))
	if n := c.count("sessions"); n != 1 {
		t.Errorf("%d sessions of %s and %s", n, short.ID, long.ID)
	}
}

func TestLease(t *testing.T) {
	w := empty(t)
	take := func(holder string, at time.Time, want bool) {
		t.Helper()
		got, err := w.Lease(w.ctx, "sweep", holder, at, 5*time.Second)
		w.ok(err)
		if got != want {
			t.Errorf("%s at %s: %v", holder, at.Format("15:04:05"), got)
		}
	}
	take("one", noon, true)
	take("two", noon.Add(4*time.Second), false)
	take("one", noon.Add(4*time.Second), true)
	take("two", noon.Add(6*time.Second), false)
	take("two", noon.Add(9*time.Second), true)
	take("one", noon.Add(9*time.Second), false)
	take("one", noon.Add(-time.Minute), false) // its clock is behind: no reason to take it
	w.ok(w.Release(w.ctx, "sweep", "one"))
	take("one", noon.Add(9*time.Second), false)
	w.ok(w.Release(w.ctx, "sweep", "two"))
	take("one", noon.Add(9*time.Second), true)
	take("two", noon.Add(-time.Hour), true) // all clocks were set back
	var got atomic.Int64
	var all sync.WaitGroup
	for i := range 20 {
		all.Go(func() {
			ok, err := w.Lease(w.ctx, "once", fmt.Sprint(i), noon, time.Second)
			w.ok(err)
			if ok {
				got.Add(1)
			}
		})
	}
	all.Wait()
	if got.Load() != 1 {
		t.Errorf("%d hold one lease", got.Load())
	}
}
