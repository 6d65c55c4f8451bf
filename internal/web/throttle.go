package web

import (
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// throttle slows guessing: by account, whoever asks, and by address, whatever account. Its map is bounded; when full, the entries that are back at rest are dropped, or any if none is.
type throttle struct {
	mu      sync.Mutex
	entries map[string]*rate.Limiter
}

const (
	throttleEntries = 50_000
	mostAccount     = 256              // bytes of a name; no longer one is anybody's
	accountBurst    = 8                // tries at once for one account
	accountEvery    = 30 * time.Second // and one more each so often
	addressBurst    = 60               // a centre's agents share an address at the start of a shift
	addressEvery    = 2 * time.Second
	deniedBurst     = 20
	deniedEvery     = 30 * time.Second
)

func newThrottle() *throttle { return &throttle{entries: map[string]*rate.Limiter{}} }

// allow takes one try for an account from an address; false when either has had too many.
func (t *throttle) allow(account, address string, now time.Time) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	b := t.entry("address "+address, addressBurst, addressEvery, now)
	if b.TokensAt(now) < 1 {
		return false // before the account gets an entry: one address must not fill the map with names it makes up
	}
	a := t.entry("account "+account[:min(len(account), mostAccount)], accountBurst, accountEvery, now)
	return a.AllowN(now, 1) && b.AllowN(now, 1)
}

// note allows a few audit entries a minute for what a person was refused.
func (t *throttle) note(person string, now time.Time) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.entry("denied "+person, deniedBurst, deniedEvery, now).AllowN(now, 1)
}

// forgive gives an account its tries back after a right password.
func (t *throttle) forgive(account string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.entries, "account "+account)
}

func (t *throttle) entry(key string, burst int, every time.Duration, now time.Time) *rate.Limiter {
	if l, ok := t.entries[key]; ok {
		return l
	}
	if len(t.entries) >= throttleEntries {
		for k, l := range t.entries {
			if l.TokensAt(now) >= float64(l.Burst()) {
				delete(t.entries, k)
			}
		}
		for k := range t.entries { // none at rest: any of them, so that the map stays bounded
			if len(t.entries) < throttleEntries*9/10 {
				break
			}
			delete(t.entries, k)
		}
	}
	l := rate.NewLimiter(rate.Every(every), burst)
	t.entries[key] = l
	return l
}
