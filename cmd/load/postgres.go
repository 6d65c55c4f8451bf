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

// postgres puts a centre on PostgreSQL under the same load: one server, then a second beside it. It is a private PostgreSQL that flushes to the disk, on the same
// cores as all the rest, and its processor time is not in the servers'. Without one installed, it says so and goes on.
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
	if err := one.serve(ctx, filepath.Join(b.dir, "one"), "--db", url); err != nil {
		return err
	}
	b.head("the same saves on PostgreSQL: one server, two servers")
	if _, err := one.begin(ctx, "leida on PostgreSQL: starts", len(one.agents), time.Duration(len(one.agents))*20*time.Millisecond); err != nil {
		return err
	}
	if err := one.browse(ctx); err != nil {
		return err
	}
	pages, err := one.offer(ctx, load{Name: "leida on PostgreSQL: next page", Rate: flood, For: b.Each, Up: one.live, Do: saveAndTurn})
	if err != nil {
		return err
	}
	if b.turned > 0 {
		b.verdict(pages.Throughput()/b.turned >= goalPostgres && pages.Errors() == 0, "PostgreSQL: save and next page %.0f a second, %.2f of sqlite (%.0f), at least a third", pages.Throughput(), pages.Throughput()/b.turned, b.turned)
	}
	if err := one.serve(ctx, filepath.Join(b.dir, "two"), "--db", url); err != nil {
		return err
	}
	hosts := one.transport.hosts
	names := []string{"leida on PostgreSQL: one", "leida on PostgreSQL: two"}
	var alones, boths []float64
	for range b.Rounds {
		for n, name := range names {
			one.transport.hosts = hosts[:n+1]
			got, err := one.flood(ctx, name, nil)
			if err != nil {
				return err
			}
			if n == 0 {
				alones = append(alones, got.Throughput())
			} else {
				boths = append(boths, got.Throughput())
			}
		}
	}
	alone, both := median(alones), median(boths)
	var late []time.Duration // p99 at half of what one carries
	for n, name := range names {
		one.transport.hosts = hosts[:n+1]
		got, err := one.offer(ctx, load{Name: name + ", at half", Rate: alone / 2, For: b.Each, Grace: time.Second, Up: one.live, Do: save})
		if err != nil {
			return err
		}
		late = append(late, got.Percentile(99))
	}
	if b.most > 0 {
		b.verdict(alone/b.most >= goalPostgres, "PostgreSQL: %.0f a second with one server, %.2f of sqlite (%.0f), at least a third", alone, alone/b.most, b.most)
	}
	b.verdict(both/alone >= goalReplicas, "PostgreSQL: %.0f a second with two servers, %.2f of one, not fewer", both, both/alone)
	b.say("  at half of what one carries p99 is %v with one and %v with two", round(late[0]), round(late[1]))
	return one.lookBack(ctx, "PostgreSQL", one.agents)
}
