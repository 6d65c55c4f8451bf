// Command load puts leida under load and prints what it carries: throughput, errors, latency from the moment a request was due, processor time and memory of the
// server, and beside each figure its ratio to what the same machine can do at all, measured in the same run.
//
// It makes a centre in a directory of its own, starts the program that is tested, and talks to loopback alone.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// options are what a run is made of.
type options struct {
	Program string        // the leida that is tested
	Dir     string        // for the databases; on the disk that is to be measured
	Agents  int           // of the centre
	Conns   int           // connections, so the most requests in flight
	Each    time.Duration // of one measurement
	Rounds  int           // of ceiling and product in turn
	Soak    time.Duration // 0 for none
	Only    string        // one scenario; empty for all
	Seed    uint64

	ceiling, addr string // this process is a ceiling and not the generator
}

// Bounds, so that a slip of the hand does not fill the disk.
const (
	mostAgents = 10_000
	mostConns  = 1000
	mostEach   = time.Minute
	mostSoak   = 2 * time.Hour
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout, os.Stderr); err != nil {
		if !errors.Is(err, flag.ErrHelp) {
			fmt.Fprintln(os.Stderr, "load:", err)
		}
		stop()
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, out, errOut io.Writer) error {
	var o options
	flags := flag.NewFlagSet("load", flag.ContinueOnError)
	flags.SetOutput(errOut)
	flags.StringVar(&o.Program, "program", "bin/leida", "the `program` to test")
	flags.StringVar(&o.Dir, "dir", os.TempDir(), "`directory` for the databases, on the disk to be measured")
	flags.IntVar(&o.Agents, "agents", 2000, "agents of the centre")
	flags.IntVar(&o.Conns, "conns", 128, "connections")
	flags.DurationVar(&o.Each, "each", 4*time.Second, "length of one measurement")
	flags.IntVar(&o.Rounds, "rounds", 3, "rounds of ceiling and product in turn; ratios are medians")
	flags.DurationVar(&o.Soak, "soak", 0, "length of a soak, in place of everything else")
	flags.StringVar(&o.Only, "only", "", "one `scenario`: "+scenarioNames())
	flags.Uint64Var(&o.Seed, "seed", 1, "of the arrivals and the answers")
	flags.StringVar(&o.ceiling, "ceiling", "", "used by load itself")
	flags.StringVar(&o.addr, "addr", "", "used by load itself")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if o.ceiling != "" {
		return serveCeiling(ctx, o.ceiling, o.addr, o.Dir)
	}
	if err := o.check(); err != nil {
		return err
	}
	return generate(ctx, o, out)
}

func (o options) check() error {
	switch {
	case o.Agents < o.Conns || o.Agents > mostAgents:
		return fmt.Errorf("-agents %d: from -conns to %d", o.Agents, mostAgents)
	case o.Conns < 1 || o.Conns > mostConns:
		return fmt.Errorf("-conns %d: from 1 to %d", o.Conns, mostConns)
	case o.Each < 100*time.Millisecond || o.Each > mostEach:
		return fmt.Errorf("-each %v: from 100ms to %v", o.Each, mostEach)
	case o.Rounds < 1 || o.Rounds > 20:
		return fmt.Errorf("-rounds %d: from 1 to 20", o.Rounds)
	case o.Soak < 0 || o.Soak > mostSoak:
		return fmt.Errorf("-soak %v: up to %v", o.Soak, mostSoak)
	}
	return nil
}
