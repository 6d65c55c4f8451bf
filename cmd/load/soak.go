package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"
)

const (
	soakRate  = 400             // actions a second
	soakEvery = 5 * time.Second // between looks at the memory
)

// soak lets 500 agents work for a long time, assessment after assessment, and watches the server's memory.
func (b *bench) soak(ctx context.Context) error {
	if err := b.ready(ctx); err != nil {
		return err
	}
	b.head("soak: %d agents, %d actions a second for %v; of four one is a page turned, and each sitting is handed in before the next", b.live, soakRate, b.Soak)
	steps := int(soakRate*b.Soak.Seconds()) / b.live / len(given) // of one sitting
	samples := make(chan []usage, 1)
	watching, stop := context.WithCancel(ctx)
	defer stop()
	go func() { samples <- b.watch(watching) }()
	out, err := b.offer(ctx, load{Name: "leida: soak", Rate: soakRate, For: b.Soak, Grace: time.Second, Up: b.live, Do: func(ctx context.Context, a *agent, rng *rand.Rand) error {
		return a.work(ctx, max(steps, 1), rng)
	}})
	stop()
	seen := <-samples
	if err != nil {
		return err
	}
	if len(seen) < 8 {
		return fmt.Errorf("too short to tell: memory was looked at %d times", len(seen))
	}
	early, late := mean(seen[len(seen)/4:len(seen)/2]), mean(seen[3*len(seen)/4:])
	b.say("  resident %s in the second quarter and %s in the last; Go heap in use %s and %s", megabytes(early.RSS), megabytes(late.RSS), megabytes(early.Heap), megabytes(late.Heap))
	well, level := out.Errors() == 0, late.RSS < early.RSS+early.RSS/10
	b.verdict(well, "soak: %d errors in %d actions", out.Errors(), out.Done)
	b.verdict(level, "soak: no growth above a tenth from the second quarter to the last")
	if !well || !level {
		return errors.New("the soak did not hold")
	}
	return b.lookBack(ctx, "soak", b.agents[:b.live])
}

// work is one action of an agent who hands in after so many and goes on with the next assessment.
func (a *agent) work(ctx context.Context, steps int, rng *rand.Rand) error {
	switch {
	case len(a.pages) == 0:
		return a.Idle(ctx)
	case a.turn >= steps:
		return a.finish(ctx, rng)
	case len(a.pages) < pagesEach:
		return a.browse(ctx, len(a.pages)+1, rng)
	case rng.IntN(4) == 0:
		return a.saveAndTurn(ctx)
	}
	return a.save(ctx)
}

// finish hands in, reads the result and starts what is open next, if there is anything.
func (a *agent) finish(ctx context.Context, rng *rand.Rand) error {
	err := a.handIn(ctx)
	a.pages, a.turn = nil, 0
	if err != nil {
		return err
	}
	tasks, err := a.Open(ctx)
	if err != nil || len(tasks) == 0 {
		return err
	}
	return a.start(ctx, rng)
}

// Idle is an agent with nothing left to do, who looks at the home page.
func (a *agent) Idle(ctx context.Context) error {
	_, err := a.Open(ctx)
	return err
}

// watch looks at the server's memory until it is told to stop.
func (b *bench) watch(ctx context.Context) []usage {
	var out []usage
	tick := time.NewTicker(min(soakEvery, b.Soak/20))
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return out
		case <-tick.C:
			if u, err := b.usage(); err == nil {
				out = append(out, u)
			}
		}
	}
}

func mean(us []usage) usage {
	var sum usage
	for _, u := range us {
		sum.RSS += u.RSS
		sum.Heap += u.Heap
	}
	sum.RSS, sum.Heap = sum.RSS/int64(len(us)), sum.Heap/int64(len(us))
	return sum
}
