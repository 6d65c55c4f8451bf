package main

import (
	"context"
	"errors"
	"path/filepath"
	"time"

	"leida/internal/store"
	"leida/internal/store/pgtest"
)

// What PostgreSQL should carry of what sqlite does, and a second server of what one does.
const (
	goalPostgres = 1.0 / 3
	goalReplicas = 1.0
)

// postgres puts a centre on PostgreSQL under the same load: one server and two, with all cores, which is what was asked for, and with one core each. It is a private PostgreSQL that
// flushes to the disk, on the same cores as all the rest, and its processor time is not in the servers'. Without one installed, it says so and goes on.
func (b *bench) postgres(ctx context.Context) (err error) {
	cluster, err := pgtest.Start(pgtest.Options{Durable: true})
	if errors.Is(err, pgtest.ErrMissing) {
		b.say("\nnot measured: %v", err)
		return nil
	}
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, cluster.Stop()) }()
	if err := cluster.Create("load", ""); err != nil {
		return err
	}
	url := cluster.URL("load")
	one := &bench{options: b.options, report: b.report, dir: b.dir, rng: b.rng}
	if err := one.open(ctx, store.Config{URL: url}, min(b.Agents, 2*b.Conns), 0); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, one.stop()) }()
	if err := one.serve(ctx, filepath.Join(b.dir, "one"), 0, "--db", url); err != nil {
		return err
	}
	b.head("the same saves on PostgreSQL: one server, two servers")
	if _, err := one.begin(ctx, "PostgreSQL: starts", len(one.agents), time.Duration(len(one.agents))*20*time.Millisecond); err != nil {
		return err
	}
	if err := one.browse(ctx); err != nil {
		return err
	}
	pages, err := one.offer(ctx, load{Name: "PostgreSQL: next page", Rate: flood, For: b.Each, Up: one.live, Do: saveAndTurn})
	if err != nil {
		return err
	}
	if b.turned > 0 {
		b.verdict(pages.Throughput()/b.turned >= goalPostgres && pages.Errors() == 0, "PostgreSQL: save and next page %.0f a second, %.2f of sqlite (%.0f), at least a third", pages.Throughput(), pages.Throughput()/b.turned, b.turned)
	}
	for _, more := range []struct {
		name  string
		cores int
	}{{"two", 0}, {"small one", 1}, {"small two", 1}} {
		if err := one.serve(ctx, filepath.Join(b.dir, more.name), more.cores, "--db", url); err != nil {
			return err
		}
	}
	started := one.started
	type layout struct {
		name    string
		servers []*process
		rates   []float64
		most    float64
		late    time.Duration // p99 at half of what one carries
	}
	layouts := []*layout{{name: "one", servers: started[:1]}, {name: "two", servers: started[:2]}, {name: "one of a core", servers: started[2:3]}, {name: "two of a core", servers: started[2:]}}
	for range b.Rounds {
		for _, l := range layouts {
			one.ask(l.servers...)
			got, err := one.flood(ctx, "PostgreSQL: "+l.name, nil)
			if err != nil {
				return err
			}
			l.rates = append(l.rates, got.Throughput())
			l.most = median(l.rates)
		}
	}
	for _, l := range layouts {
		one.ask(l.servers...)
		got, err := one.offer(ctx, load{Name: "PostgreSQL: " + l.name + ", at half", Rate: layouts[0].most / 2, For: b.Each, Grace: time.Second, Up: one.live, Do: save})
		if err != nil {
			return err
		}
		l.late = got.Percentile(99)
	}
	alone := layouts[0].most
	if b.most > 0 {
		b.verdict(alone/b.most >= goalPostgres, "PostgreSQL: %.0f a second with one server, %.2f of sqlite (%.0f), at least a third", alone, alone/b.most, b.most)
	}
	both, pair := layouts[1].most, layouts[3].most
	b.verdict(both/alone >= goalReplicas, "PostgreSQL: %.0f a second with two servers, %.2f of one, not fewer", both, both/alone)
	b.say("  %.0f a second with two of a core each, %.2f of one of a core and %.2f of one with all; no figure is set for these", pair, pair/layouts[2].most, pair/alone)
	for _, l := range layouts {
		b.say("  at half of what one carries p99 is %v with %s", round(l.late), l.name)
	}
	return one.lookBack(ctx, "PostgreSQL", one.agents)
}
