package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"leida/internal/client"
)

// offer is a load: requests that arrive at random (a Poisson process of which the number is known), whatever has become of those before.
type offer struct {
	Count   int
	For     time.Duration // in which they are due
	Grace   time.Duration // after it, in which what was due is still sent
	Workers int           // connections; a request that finds them all busy waits, and its latency counts from when it was due
	Seed    uint64
	Do      func(ctx context.Context, worker int) error // one request
}

// Histograms hold microseconds up to a minute, to three digits.
const longest = int64(time.Minute / time.Microsecond)

func newHistogram() *hdrhistogram.Histogram { return hdrhistogram.New(1, longest, 3) }

// outcome is what became of an offer.
type outcome struct {
	Offered int
	For     time.Duration // in which they were due
	Took    time.Duration
	Done    int            // answered well
	Failed  map[string]int // by what the server said
	Unsent  int            // due, but never sent before the end
	Latency *hdrhistogram.Histogram
	Used    time.Duration // processor time of the server and of the generator
}

// Each is the processor time that a request cost, at both ends.
func (o outcome) Each() time.Duration { return o.Used / time.Duration(max(o.Done, 1)) }

// Throughput is requests answered well a second.
func (o outcome) Throughput() float64 { return float64(o.Done) / o.Took.Seconds() }

// Errors are the requests that failed.
func (o outcome) Errors() int {
	n := 0
	for _, k := range o.Failed {
		n += k
	}
	return n
}

// Percentile is the latency that p percent stay below.
func (o outcome) Percentile(p float64) time.Duration {
	return time.Duration(o.Latency.ValueAtPercentile(p)) * time.Microsecond
}

// arrivals are when the requests are due after the start, in order.
func (o offer) arrivals() []time.Duration {
	rng := rand.New(rand.NewPCG(o.Seed, 1))
	due := make([]time.Duration, o.Count)
	for i := range due {
		due[i] = time.Duration(rng.Float64() * float64(o.For))
	}
	slices.Sort(due)
	return due
}

// run offers the load and waits for what was sent.
func (o offer) run(ctx context.Context) outcome {
	due := o.arrivals()
	var next, unsent atomic.Int64
	parts := make([]outcome, o.Workers)
	start := time.Now()
	end := start.Add(o.For + o.Grace)
	var workers sync.WaitGroup
	for w := range o.Workers {
		parts[w] = outcome{Failed: map[string]int{}, Latency: newHistogram()}
		workers.Go(func() {
			for ctx.Err() == nil {
				i := next.Add(1) - 1
				if i >= int64(len(due)) {
					return
				}
				at := start.Add(due[i])
				if time.Now().After(end) {
					unsent.Add(1)
					continue
				}
				time.Sleep(time.Until(at))
				parts[w].note(o.Do(ctx, w), time.Since(at))
			}
		})
	}
	workers.Wait()
	all := outcome{Offered: o.Count, For: o.For, Took: time.Since(start), Failed: map[string]int{}, Unsent: int(unsent.Load()), Latency: newHistogram()}
	for _, p := range parts {
		all.Done += p.Done
		all.Latency.Merge(p.Latency)
		for k, n := range p.Failed {
			all.Failed[k] += n
		}
	}
	return all
}

func (o *outcome) note(err error, took time.Duration) {
	if err != nil {
		o.Failed[kindOf(err)]++
		return
	}
	o.Done++
	_ = o.Latency.RecordValue(min(max(took.Microseconds(), 1), longest)) // within its range by the bounds
}

// kindOf names an error for counting.
func kindOf(err error) string {
	var e *client.Error
	switch {
	case errors.Is(err, context.Canceled):
		return "interrupted"
	case errors.As(err, &e) && e.Status != 0:
		return fmt.Sprintf("%d %s", e.Status, e.Code)
	case errors.As(err, &e) && e.Err != nil:
		return "connection: " + e.Err.Error()
	}
	return err.Error()
}
