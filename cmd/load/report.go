package main

import (
	"fmt"
	"io"
	"maps"
	"os"
	"runtime"
	"slices"
	"strings"
	"time"
)

// report prints what is measured as it comes, and the verdicts once more at the end.
type report struct {
	out      io.Writer
	verdicts []string
}

func (r *report) say(format string, args ...any) { fmt.Fprintf(r.out, format+"\n", args...) }

// machine says what it runs on.
func (r *report) machine() {
	model := "unknown processor"
	if raw, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		for line := range strings.Lines(string(raw)) {
			if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
				model = strings.TrimSpace(value)
				break
			}
		}
	}
	load := ""
	if raw, err := os.ReadFile("/proc/loadavg"); err == nil {
		load = ", load before " + strings.Fields(string(raw))[0]
	}
	r.say("%d cores, %s, %s%s; generator and server share them", runtime.NumCPU(), model, runtime.Version(), load)
}

func (r *report) head(format string, args ...any) {
	r.say("\n"+format, args...)
	r.say("  %-34s %9s %9s %6s %6s | %7s %7s %7s %7s | %7s %7s %8s", "", "offered/s", "done/s", "errors", "unsent", "p50", "p95", "p99", "p99.9", "us/req", "cores", "resident")
}

// figure is a rate that has no latency of its own.
func (r *report) figure(name string, rate float64) { r.say("  %-34s %9s %9.0f", name, "", rate) }

// line is one load. us/req is the processor time of the server and of the generator for each request, cores what they had of the machine.
func (r *report) line(name string, o outcome, before, after usage, generator time.Duration) {
	server := after.CPU - before.CPU
	perRequest := "-"
	if n := int64(o.Done); n > 0 {
		perRequest = fmt.Sprintf("%d+%d", server.Microseconds()/n, generator.Microseconds()/n)
	}
	r.took(name, o, fmt.Sprintf(" | %7s %3.1f+%3.1f %8s", perRequest, server.Seconds()/o.Took.Seconds(), generator.Seconds()/o.Took.Seconds(), megabytes(after.RSS)))
}

// took is how many there were and how long they took.
func (r *report) took(name string, o outcome, more string) {
	ms := func(p float64) string { return fmt.Sprintf("%.1fms", float64(o.Percentile(p).Microseconds())/1000) }
	r.say("  %-34s %9.0f %9.0f %6d %6d | %7s %7s %7s %7s%s", name, float64(o.Offered)/o.For.Seconds(), o.Throughput(), o.Errors(), o.Unsent, ms(50), ms(95), ms(99), ms(99.9), more)
	for _, k := range slices.Sorted(maps.Keys(o.Failed)) {
		r.say("    %d times %s", o.Failed[k], k)
	}
}

// verdict is a figure beside its goal.
func (r *report) verdict(reached bool, format string, args ...any) {
	word := "reached"
	if !reached {
		word = "MISSED "
	}
	line := fmt.Sprintf("  %s  "+format, append([]any{word}, args...)...)
	r.verdicts = append(r.verdicts, line)
	r.say("%s", line)
}

func (r *report) summary() {
	r.say("\nthe figures to reach")
	for _, v := range r.verdicts {
		r.say("%s", v)
	}
}

func megabytes(n int64) string { return fmt.Sprintf("%d MB", n/1_000_000) }

func round(d time.Duration) time.Duration { return d.Round(100 * time.Microsecond) }
