package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"leida/internal/store"
)

// badNetwork stands between the clients and the server: what is written arrives twice, late, after what was sent later, or not at all, and replies are lost after the server did what it was asked.
type badNetwork struct {
	host  string
	ways  http.Transport
	later sync.WaitGroup // what is still on its way

	mu   sync.Mutex
	rand *rand.Rand
	did  map[string]int
}

// fate is what becomes of a request.
func (n *badNetwork) fate(r *http.Request) (fate string, delay time.Duration) {
	n.mu.Lock()
	defer n.mu.Unlock()
	fate, delay = "passed on", time.Duration(n.rand.IntN(300))*time.Millisecond
	if r.Method == http.MethodPost {
		fate = []string{"passed on", "passed on", "passed on", "sent twice", "sent twice, the second late", "held back", "lost", "reply lost", "slow"}[n.rand.IntN(9)]
	}
	n.did[fate]++
	return fate, delay
}

func (n *badNetwork) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	fate, delay := n.fate(r)
	send := func() (*http.Response, error) {
		again := r.Clone(context.WithoutCancel(r.Context()))
		again.RequestURI, again.URL.Scheme, again.URL.Host = "", "http", n.host
		again.Body = io.NopCloser(bytes.NewReader(body))
		return n.ways.RoundTrip(again)
	}
	forget := func() {
		if res, err := send(); err == nil {
			_, _ = io.Copy(io.Discard, res.Body)
			res.Body.Close()
		}
	}
	afterwards := func() { time.Sleep(delay); forget() }
	switch fate {
	case "sent twice":
		n.later.Go(forget) // at the same time
	case "sent twice, the second late":
		n.later.Go(afterwards)
	case "held back":
		n.later.Go(afterwards)
		panic(http.ErrAbortHandler)
	case "lost":
		panic(http.ErrAbortHandler)
	case "reply lost":
		forget()
		panic(http.ErrAbortHandler)
	case "slow":
		time.Sleep(delay / 4)
	}
	res, err := send()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	defer res.Body.Close()
	for name, values := range res.Header {
		w.Header()[name] = values
	}
	w.WriteHeader(res.StatusCode)
	_, _ = io.Copy(w, res.Body)
}

// Whatever a network does to what is written, every place ends with one value, the newest that was sent; there is one sitting, handed in once, with the evidence of those answers.
func TestBadNetwork(t *testing.T) {
	t.Parallel()
	t.Run("sqlite", func(t *testing.T) {
		data := t.TempDir()
		underBadNetwork(t, ownFile(t, data), func() *witness { return fileWitness(t, data) }, "--data", data)
	})
	t.Run("postgres", func(t *testing.T) {
		url := durable(t).URL("leida")
		underBadNetwork(t, inPostgres(t, url), func() *witness { return newWitness(t, "pgx", url) }, "--data", t.TempDir(), "--db", url)
	})
}

// underBadNetwork has a crowd work behind a bad network on a database.
func underBadNetwork(t *testing.T, open func() *store.Store, watch func() *witness, flags ...string) {
	t.Helper()
	rounds, seed := int(setting(t, "LEIDA_NETWORK_ROUNDS", 8)), setting(t, "LEIDA_NETWORK_SEED", uint64(time.Now().UnixNano()))
	t.Logf("%d rounds, LEIDA_NETWORK_SEED=%d", rounds, seed)
	c := people(t, open, seed, 24, rounds+8)
	c.rough = true
	p := newProcess(t, flags...)
	p.start()
	n := &badNetwork{host: p.addr, rand: rand.New(rand.NewPCG(seed, 1)), did: map[string]int{}}
	front := httptest.NewServer(n)
	t.Cleanup(front.Close)
	t.Cleanup(n.ways.CloseIdleConnections)
	c.meet(front.URL, nil)
	w := watch()
	for range rounds {
		ctx, stop := context.WithTimeout(t.Context(), 500*time.Millisecond)
		c.work(ctx)
		stop()
		c.settle()
		n.later.Wait() // everything held back has arrived
		c.verdict()
		w.look(c)
		for _, a := range c.agents {
			if a.sitting == "" {
				continue
			}
			for i, s := range w.load(a.sitting).Slots {
				if s.Rev != a.places[i].last {
					t.Errorf("sitting %s, place %d: revision %d, the newest sent is %d", a.sitting, i+1, s.Rev, a.places[i].last)
				}
			}
		}
	}
	w.lookBack(c)
	var fates strings.Builder
	for _, fate := range []string{"passed on", "sent twice", "sent twice, the second late", "held back", "lost", "reply lost", "slow"} {
		if n.did[fate] == 0 {
			t.Errorf("nothing was ever %s", fate)
		}
		fmt.Fprintf(&fates, "; %s %d", fate, n.did[fate])
	}
	t.Logf("%d rounds: %d saves, %d starts and %d submissions acknowledged, %d lost%s", rounds, c.saves.Load(), c.starts.Load(), c.hands.Load(), w.lost, fates.String())
}
