package main

import (
	"context"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
	"time"
)

// setting is a number from the environment.
func setting(t *testing.T, name string, otherwise uint64) uint64 {
	t.Helper()
	s := os.Getenv(name)
	if s == "" {
		return otherwise
	}
	n, err := strconv.ParseUint(s, 10, 64)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return n
}

// TestCrash kills the server in the middle of saves, submissions and starts, at random moments, starts it on the same data and looks for all that it had
// acknowledged. LEIDA_CRASH_ROUNDS says how often, LEIDA_CRASH_SEED which moments and answers.
func TestCrash(t *testing.T) {
	rounds := int(setting(t, "LEIDA_CRASH_ROUNDS", 3))
	seed := setting(t, "LEIDA_CRASH_SEED", uint64(time.Now().UnixNano()))
	t.Logf("%d rounds, seed %d", rounds, seed)
	data := t.TempDir()
	c := people(t, ownFile(t, data), seed, 24, rounds/2+8)
	p := newProcess(t, "--data", data)
	w := fileWitness(t, data)
	r := rand.New(rand.NewPCG(seed, 1<<32))
	c.meet(p.url(), nil)
	slowest := p.start()
	for round := range rounds {
		c.down.Store(false)
		ctx, stop := context.WithCancel(t.Context())
		worked := make(chan bool)
		go func() { c.work(ctx); close(worked) }()
		time.Sleep(time.Duration(20+r.IntN(500)) * time.Millisecond)
		c.down.Store(true)
		p.kill()
		<-worked
		stop()
		c.verdict()
		if r.IntN(5) == 0 { // and once more while it recovers
			p.launch()
			time.Sleep(time.Duration(r.IntN(100)) * time.Millisecond)
			p.kill()
		}
		slowest = max(slowest, p.start())
		w.look(c)
		if t.Failed() {
			t.Fatalf("round %d: %d lost", round+1, w.lost)
		}
		if (round+1)%50 == 0 {
			t.Logf("round %d: %d saves, %d submissions acknowledged, %d lost", round+1, c.saves.Load(), c.hands.Load(), w.lost)
		}
	}
	c.down.Store(false)
	c.settle()
	c.verdict()
	w.lookBack(c)
	p.stop()
	t.Logf("%d rounds: %d saves, %d starts and %d submissions acknowledged, %d lost; %d times busy; slowest recovery %s",
		rounds, c.saves.Load(), c.starts.Load(), c.hands.Load(), w.lost, c.busy.Load(), slowest.Round(time.Millisecond))
	if c.saves.Load() == 0 {
		t.Error("nothing was ever saved")
	}
}
