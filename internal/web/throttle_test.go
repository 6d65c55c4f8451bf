package web

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"golang.org/x/time/rate"
)

func TestThrottle(t *testing.T) {
	now := time.Date(2026, 11, 2, 4, 0, 0, 0, time.UTC)
	th := newThrottle()
	for i := range accountBurst {
		if !th.allow("ann", fmt.Sprint("10.0.0.", i), now) {
			t.Fatal("try ", i)
		}
	}
	if th.allow("ann", "10.0.1.1", now) {
		t.Error("an account has no end of tries from many addresses")
	}
	if !th.allow("bob", "10.0.0.1", now) {
		t.Error("another account suffers")
	}
	if th.allow("ann", "10.0.0.1", now.Add(accountEvery-time.Second)) || !th.allow("ann", "10.0.0.1", now.Add(accountEvery)) || th.allow("ann", "10.0.0.1", now.Add(accountEvery)) {
		t.Error("one try comes back in ", accountEvery)
	}
	th.forgive("ann")
	if !th.allow("ann", "10.0.0.1", now.Add(accountEvery)) {
		t.Error("not forgiven")
	}
}

func TestThrottleByAddress(t *testing.T) {
	now := time.Date(2026, 11, 2, 4, 0, 0, 0, time.UTC)
	th := newThrottle()
	// an account that is locked costs those who share its address nothing
	for range 10 * addressBurst {
		th.allow("ann", "10.0.0.1", now)
	}
	for i := range addressBurst - accountBurst {
		if !th.allow(fmt.Sprint("name", i), "10.0.0.1", now) {
			t.Fatal("try ", i)
		}
	}
	if th.allow("fresh", "10.0.0.1", now) || !th.allow("fresh", "10.0.0.2", now) {
		t.Error("by address")
	}
	if !th.allow("fresh", "10.0.0.1", now.Add(addressEvery)) {
		t.Error("no try comes back")
	}
}

// What somebody types without end costs no memory without end.
func TestThrottleIsBounded(t *testing.T) {
	now := time.Date(2026, 11, 2, 4, 0, 0, 0, time.UTC)
	th := newThrottle()
	for i := range 1000 {
		th.allow(strings.Repeat("x", 100_000)+fmt.Sprint(i), "10.0.0.1", now)
	}
	if n := len(th.entries); n > 3 {
		t.Errorf("one address made %d entries", n)
	}
	for k := range th.entries {
		if len(k) > mostAccount+20 {
			t.Errorf("a key of %d bytes", len(k))
		}
	}
	tired := rate.NewLimiter(rate.Every(time.Hour), 1)
	tired.AllowN(now, 1)
	for i := range throttleEntries - 10 {
		th.entries[fmt.Sprint("tired ", i)] = tired
	}
	for i := range 50 {
		th.allow(fmt.Sprint("a", i), fmt.Sprint("b", i), now)
		if len(th.entries) > throttleEntries {
			t.Fatal(len(th.entries), " entries")
		}
	}
}
