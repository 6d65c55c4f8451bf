package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"
)

// A shift is agents who come one after the other, and what each of them does.
const (
	shiftAgents = 100
	shiftSaves  = 6 // of an agent
	shiftPages  = 3 // of a paper, which are read before the first save
)

// shift lets agents come at random times, sign in, start, save every few seconds and hand in, and looks in the database whether all of it is there.
func (b *bench) shift(ctx context.Context) error {
	n, long := len(b.newcomers), 5*b.Each
	b.head("%d agents come within %v, sign in, start, save %d times in as long again and hand in", n, long, shiftSaves)
	from := &addresses{next: b.transport}
	steps := newSteps("sign in", "home page, start, first page", "further pages", "save", "hand in, result")
	var all sync.WaitGroup
	here := make([]*agent, n)
	began := time.Now()
	for i, who := range b.newcomers {
		a, err := newAgent("http://leida.invalid", from, login{Number: who.Number})
		if err != nil {
			return err
		}
		here[i] = a
		all.Go(func() {
			rng := rand.New(rand.NewPCG(b.Seed, uint64(5000+i)))
			at := began.Add(time.Duration(rng.Float64() * float64(long)))
			do := func(step string, act func() error) bool { return steps.do(ctx, step, at, act) }
			if !do("sign in", func() error { return a.SignIn(ctx, a.Number, password) }) {
				return
			}
			at = time.Now()
			if !do("home page, start, first page", func() error { return a.start(ctx, rng) }) {
				return
			}
			at = time.Now()
			if !do("further pages", func() error { return a.browse(ctx, shiftPages, rng) }) {
				return
			}
			for range shiftSaves {
				at = time.Now().Add(time.Duration(2 * rng.Float64() * float64(long) / shiftSaves))
				if !do("save", func() error { return a.save(ctx) }) {
					return
				}
			}
			at = time.Now()
			do("hand in, result", func() error { return a.handIn(ctx) })
		})
	}
	all.Wait()
	steps.print(b.report, time.Since(began))
	b.verdict(steps.errors() == 0 && steps.done("hand in, result") == n, "shift: all %d handed in, %d errors", n, steps.errors())
	return errors.Join(ctx.Err(), b.lookBack(ctx, "shift", here))
}

// steps are what is done in a shift, each with figures of its own.
type steps struct {
	mu    sync.Mutex
	names []string
	of    map[string]*outcome
}

func newSteps(names ...string) *steps {
	s := &steps{names: names, of: map[string]*outcome{}}
	for _, n := range names {
		s.of[n] = &outcome{Failed: map[string]int{}, Latency: newHistogram()}
	}
	return s
}

// do does a step when it is due, and reports whether it went well.
func (s *steps) do(ctx context.Context, name string, due time.Time, act func() error) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(time.Until(due)):
	}
	err := act()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.of[name].Offered++
	s.of[name].note(err, time.Since(due))
	return err == nil
}

func (s *steps) print(r *report, took time.Duration) {
	for _, name := range s.names {
		o := s.of[name]
		o.For, o.Took = took, took
		r.took("leida: "+name, *o, "")
	}
}

func (s *steps) done(name string) int { return s.of[name].Done }

func (s *steps) errors() int {
	n := 0
	for _, o := range s.of {
		n += o.Errors()
	}
	return n
}

// handIn submits and reads the result.
func (a *agent) handIn(ctx context.Context) error {
	sitting := a.pages[0].Sitting
	if err := a.Submit(ctx, sitting); err != nil {
		return err
	}
	got, err := a.Result(ctx, sitting)
	if err == nil && !got.Ready {
		err = fmt.Errorf("no result: %+v", got)
	}
	return err
}
