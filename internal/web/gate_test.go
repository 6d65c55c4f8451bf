package web

import (
	"context"
	"testing"

	"leida/internal/fault"
)

func TestGate(t *testing.T) {
	g := newGate(1, 1)
	leave, err := g.enter(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	gone := make(chan error)
	go func() { _, err := g.enter(ctx); gone <- err }()
	for len(g.waiting) < 2 { // it waits
	}
	if _, err := g.enter(t.Context()); !fault.Is(err, fault.Busy) {
		t.Error("a third is let in: ", err)
	}
	stop()
	if err := <-gone; !fault.Is(err, fault.Busy) {
		t.Error("who left was let in: ", err)
	}
	turn := make(chan error)
	go func() { _, err := g.enter(t.Context()); turn <- err }()
	leave()
	if err := <-turn; err != nil {
		t.Error("who waited is not let in: ", err)
	}
	if len(g.inside) != 1 || len(g.waiting) != 1 {
		t.Error(len(g.inside), len(g.waiting))
	}
}

// FillGate takes every turn of the heavy work, for tests of another package.
func (s *Server) FillGate() (free func()) {
	var leaves []func()
	for range heavyAtOnce {
		leave, err := s.heavy.enter(context.Background())
		if err != nil {
			panic(err)
		}
		leaves = append(leaves, leave)
	}
	for range heavyWaiting {
		s.heavy.waiting <- struct{}{}
	}
	return func() {
		for range heavyWaiting {
			<-s.heavy.waiting
		}
		for _, leave := range leaves {
			leave()
		}
	}
}
