package web

import (
	"context"

	"leida/internal/fault"
)

// Work that costs more than a page: a team's whole report, files, imports. A few run at once and some wait, so that however many ask, saving an answer keeps its share of the machine.
const (
	heavyAtOnce  = 4
	heavyWaiting = 64
)

// gate lets a few through at once and a few more wait; whoever comes then is told that we are busy.
type gate struct{ inside, waiting chan struct{} }

func newGate(atOnce, waiting int) gate {
	return gate{inside: make(chan struct{}, atOnce), waiting: make(chan struct{}, atOnce+waiting)}
}

// enter waits for a turn as long as the request lives. Whoever got one calls leave.
func (g gate) enter(ctx context.Context) (leave func(), err error) {
	select {
	case g.waiting <- struct{}{}:
	default:
		return nil, fault.New(fault.Busy, "web.busy")
	}
	select {
	case g.inside <- struct{}{}:
		return func() { <-g.inside; <-g.waiting }, nil
	case <-ctx.Done():
		<-g.waiting
		return nil, fault.New(fault.Busy, "web.busy").Because(ctx.Err())
	}
}
