package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"leida/internal/client"
	"leida/internal/store"
)

// The figures to reach on two cores with the generator on the same machine.
const (
	goalSaves      = 0.5                   // of the ceiling commit
	goalHalfP99    = 50 * time.Millisecond // of saves at half load
	goalPages      = 1000                  // save and render the next page, a second
	startsTogether = 500
	startsWithin   = 10 * time.Second
	goalStartP99   = 2 * time.Second
	liveSittings   = 2000
	goalMemory     = 150_000_000
)

// flood is a rate that nothing here can meet: what is done of it is the most that can be done.
const flood = 40_000

// bench is one centre under load.
type bench struct {
	options
	*report
	dir       string
	database  store.Config
	rng       *rand.Rand
	started   []*process // one leida; on PostgreSQL several
	servers   []*process // those that are asked, and whose usage is told
	transport *turns     // to them
	agents    []*agent
	newcomers []login // who have not signed in
	live      int     // agents[:live] have a sitting with known pages
	most      float64 // saves a second that were reached
	turned    float64 // saves with their next page
}

var scenarios = []struct {
	name string
	run  func(*bench, context.Context) error
}{
	{"starts", (*bench).starts},
	{"shift", (*bench).shift},
	{"saves", (*bench).saves},
	{"pages", (*bench).pageTurns},
	{"memory", (*bench).memory},
	{"signins", (*bench).signIns},
	{"postgres", (*bench).postgres},
}

func scenarioNames() string {
	var names []string
	for _, s := range scenarios {
		names = append(names, s.name)
	}
	return strings.Join(names, ", ")
}

// generate makes the centre, runs the scenarios and says what came out.
func generate(ctx context.Context, o options, out io.Writer) (err error) {
	dir, err := os.MkdirTemp(o.Dir, "leida-load-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	b := &bench{options: o, report: &report{out: out}, dir: dir, rng: rand.New(rand.NewPCG(o.Seed, 2))}
	data := filepath.Join(dir, "data")
	if err := os.Mkdir(data, 0o700); err != nil {
		return err
	}
	b.machine()
	if err := b.open(ctx, store.Config{Path: filepath.Join(data, "leida.db")}, o.Agents, shiftAgents); err != nil {
		return err
	}
	if err := b.serve(ctx, data, 0); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, b.stop()) }()
	if o.Soak > 0 {
		return b.soak(ctx)
	}
	for _, s := range scenarios {
		if o.Only != "" && o.Only != s.name {
			continue
		}
		if err := s.run(b, ctx); err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
	}
	b.summary()
	return nil
}

// open makes the centre, with so many who are signed in and so many who are not.
func (b *bench) open(ctx context.Context, c store.Config, agents, newcomers int) error {
	began := time.Now()
	b.database = c
	logins, err := prepare(ctx, c, agents+newcomers)
	if err != nil {
		return err
	}
	b.say("prepared %d agents in %.1f s", len(logins), time.Since(began).Seconds())
	b.newcomers, logins = logins[agents:], logins[:agents]
	transport := &turns{next: newTransport(b.Conns)}
	b.transport = transport
	for _, l := range logins {
		a, err := newAgent("http://leida.invalid", transport, l)
		if err != nil {
			return err
		}
		b.agents = append(b.agents, a)
	}
	return nil
}

// serve starts one more leida on the centre's database and asks it alone.
func (b *bench) serve(ctx context.Context, data string, cores int, args ...string) error {
	if err := os.MkdirAll(data, 0o700); err != nil {
		return err
	}
	p, err := startLeida(ctx, b.Program, data, cores, args...)
	if err != nil {
		return err
	}
	b.started = append(b.started, p)
	b.ask(p)
	return nil
}

// ask has all requests from here on go to these servers in turn.
func (b *bench) ask(servers ...*process) {
	b.servers, b.transport.hosts = servers, nil
	for _, p := range servers {
		b.transport.hosts = append(b.transport.hosts, strings.TrimPrefix(p.Base, "http://"))
	}
}

func (b *bench) stop() error {
	var errs []error
	for _, p := range b.started {
		errs = append(errs, p.stop())
	}
	return errors.Join(errs...)
}

// usage is what the servers that are asked use together.
func (b *bench) usage() (usage, error) {
	var sum usage
	for _, p := range b.servers {
		u, err := p.usage()
		if err != nil {
			return u, err
		}
		sum.add(u)
	}
	return sum, nil
}

// turns sends one request after the other to the next of the servers, as a round-robin proxy does, without its cost.
type turns struct {
	next  http.RoundTripper
	hosts []string
	n     atomic.Uint64
}

func (t *turns) RoundTrip(r *http.Request) (*http.Response, error) {
	u := *r.URL
	u.Host = t.hosts[t.n.Add(1)%uint64(len(t.hosts))]
	to := *r
	to.URL, to.Host = &u, u.Host
	to.Header.Set("Origin", "http://"+u.Host)
	return t.next.RoundTrip(&to)
}

// idle is how long a connection is kept unused: below the ten seconds after which leida closes one that has asked nothing yet. A request on its way just then would count as lost.
const idle = 5 * time.Second

func newTransport(conns int) *http.Transport {
	return &http.Transport{MaxIdleConns: conns, MaxIdleConnsPerHost: conns, IdleConnTimeout: idle, DisableCompression: true, ResponseHeaderTimeout: 30 * time.Second}
}

// load is what a scenario offers.
type load struct {
	Name     string
	To       *process // nil for leida
	Rate     float64  // a second
	For      time.Duration
	Grace    time.Duration
	From, Up int // the agents who do it; every agent belongs to one worker
	Do       func(ctx context.Context, a *agent, rng *rand.Rand) error
}

// offer runs a load and prints its line.
func (b *bench) offer(ctx context.Context, l load) (outcome, error) {
	used := b.usage
	if l.To != nil {
		used = l.To.usage
	}
	workers := min(b.Conns, l.Up-l.From)
	turn := make([]int, workers)
	rngs := make([]*rand.Rand, workers)
	for w := range rngs {
		rngs[w] = rand.New(rand.NewPCG(b.Seed, uint64(w)))
	}
	before, err := used()
	if err != nil {
		return outcome{}, err
	}
	mine, err := usageOf(os.Getpid())
	if err != nil {
		return outcome{}, err
	}
	one := func(ctx context.Context, w int) error {
		i := l.From + w + turn[w]*workers
		if i >= l.Up {
			i, turn[w] = l.From+w, 0
		}
		turn[w]++
		return l.Do(ctx, b.agents[i], rngs[w])
	}
	out := offer{Count: int(l.Rate * l.For.Seconds()), For: l.For, Grace: l.Grace, Workers: workers, Seed: b.Seed, Do: one}.run(ctx)
	after, err1 := used()
	mineAfter, err2 := usageOf(os.Getpid())
	if err := errors.Join(err1, err2, ctx.Err()); err != nil {
		return out, err
	}
	out.Used = after.CPU - before.CPU + mineAfter.CPU - mine.CPU
	b.line(l.Name, out, before, after, mineAfter.CPU-mine.CPU)
	return out, nil
}

// starts lets 500 agents begin within ten seconds: home page, start, first page.
func (b *bench) starts(ctx context.Context) error {
	n := min(startsTogether, b.Agents)
	within := min(startsWithin, time.Duration(n)*startsWithin/startsTogether)
	b.head("%d agents start within %v: home page, start, first page", n, within)
	out, err := b.begin(ctx, "leida: starts", n, within)
	if err != nil {
		return err
	}
	b.verdict(out.Done == n, "starts: all %d there, %d errors", n, out.Errors())
	p99 := out.Percentile(99)
	b.verdict(p99 < goalStartP99, "starts: p99 %v, under %v", round(p99), goalStartP99)
	if err := b.browse(ctx); err != nil {
		return err
	}
	return b.lookBack(ctx, "starts", b.agents[:n])
}

// begin lets agents start until so many have a live sitting.
func (b *bench) begin(ctx context.Context, name string, until int, d time.Duration) (outcome, error) {
	n := until - b.live
	waiting := make(chan *agent, n)
	for _, a := range b.agents[b.live:until] {
		waiting <- a
	}
	out, err := b.offer(ctx, load{Name: name, Rate: float64(n) / d.Seconds(), For: d, Grace: time.Minute, From: b.live, Up: until, Do: func(ctx context.Context, _ *agent, rng *rand.Rand) error {
		return (<-waiting).start(ctx, rng)
	}})
	if err == nil && out.Done != n {
		err = fmt.Errorf("%d of %d: %v", out.Done, n, out.Failed)
	}
	b.live = until
	return out, err
}

// pagesEach is how many places of the paper an agent moves between.
const pagesEach = 4

// browse reads the pages that the saves are for, unmeasured.
func (b *bench) browse(ctx context.Context) error {
	var group errgroup.Group
	group.SetLimit(16)
	for i, a := range b.agents[:b.live] {
		rng := rand.New(rand.NewPCG(b.Seed, uint64(1000+i)))
		group.Go(func() error { return a.browse(ctx, pagesEach, rng) })
	}
	return group.Wait()
}

// ready sees to it that there are live sittings, where a scenario runs alone.
func (b *bench) ready(ctx context.Context) error {
	if b.live > 0 {
		return nil
	}
	n := min(startsTogether, b.Agents)
	if _, err := b.begin(ctx, "leida: starts", n, time.Duration(n)*10*time.Millisecond); err != nil {
		return err
	}
	return b.browse(ctx)
}

func save(ctx context.Context, a *agent, _ *rand.Rand) error        { return a.save(ctx) }
func saveAndTurn(ctx context.Context, a *agent, _ *rand.Rand) error { return a.saveAndTurn(ctx) }

// ceilings measures what the machine does without leida, and starts the two that are asked over HTTP.
func (b *bench) ceilings(ctx context.Context) (gin, commit *process, err error) {
	sync, err := syncsAlone(filepath.Join(b.dir, "sync"), b.Each/2)
	if err != nil {
		return nil, nil, err
	}
	b.figure("fsync of one page, nothing else", sync)
	alone, err := commitsAlone(filepath.Join(b.dir, "alone.db"), b.Conns, b.Each/2)
	if err != nil {
		return nil, nil, err
	}
	b.figure("sqlite group commit, no HTTP", alone)
	if gin, err = startCeiling(ctx, ceilingGin, b.dir); err != nil {
		return nil, nil, err
	}
	commit, err = startCeiling(ctx, ceilingCommit, b.dir)
	if err != nil {
		return nil, nil, errors.Join(err, gin.stop())
	}
	return gin, commit, nil
}

// saves measures saved answers and the ceilings in turn, then what they take at a part of the most.
func (b *bench) saves(ctx context.Context) (err error) {
	if err := b.ready(ctx); err != nil {
		return err
	}
	b.head("answers saved as the page's script does (signed in, checked, on the disk), and what this machine does without leida")
	gin, commit, err := b.ceilings(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, gin.stop(), commit.stop()) }()
	if _, err := b.flood(ctx, "gin answering nothing", gin); err != nil {
		return err
	}
	var ceilings, ours, ratios, costs []float64
	for range b.Rounds {
		c, err := b.flood(ctx, "gin + sqlite group commit", commit)
		if err != nil {
			return err
		}
		s, err := b.flood(ctx, "leida: saves", nil)
		if err != nil {
			return err
		}
		ceilings, ours = append(ceilings, c.Throughput()), append(ours, s.Throughput())
		ratios, costs = append(ratios, s.Throughput()/c.Throughput()), append(costs, float64(c.Each())/float64(s.Each()))
	}
	b.most = median(ours)
	b.verdict(median(ratios) >= goalSaves, "saves: %.0f a second, %.2f of gin + sqlite group commit (%.0f), at least %.1f", b.most, median(ratios), median(ceilings), goalSaves)
	b.say("  by processor time alone, server and generator, it would be %.2f: what other work on the machine disturbs less", median(costs))
	b.head("saves at a part of those %.0f a second", b.most)
	for _, part := range []float64{0.25, 0.5, 0.75, 0.9} {
		out, err := b.offer(ctx, load{Name: fmt.Sprintf("leida: saves at %.0f %%", 100*part), Rate: part * b.most, For: b.Each, Grace: time.Second, Up: b.live, Do: save})
		if err != nil {
			return err
		}
		if part == 0.5 {
			p99 := out.Percentile(99)
			b.verdict(p99 < goalHalfP99 && out.Errors() == 0, "saves: p99 %v at half load, under %v", round(p99), goalHalfP99)
		}
	}
	return b.lookBack(ctx, "saves", b.agents[:b.live])
}

// flood is the most saves a second that leida (nil) or a ceiling takes.
func (b *bench) flood(ctx context.Context, name string, to *process) (outcome, error) {
	do := save
	if to != nil {
		next := newTransport(b.Conns)
		defer next.CloseIdleConnections()
		transport := &turns{next: next, hosts: []string{strings.TrimPrefix(to.Base, "http://")}} // the generator does the same for both
		do = func(ctx context.Context, a *agent, _ *rand.Rand) error { return a.shadowSave(ctx, to.Base, transport) }
	}
	out, err := b.offer(ctx, load{Name: name, To: to, Rate: flood, For: b.Each, Up: b.live, Do: do})
	if err == nil && out.Errors() > 0 {
		err = fmt.Errorf("%s: %v", name, out.Failed)
	}
	return out, err
}

// pageTurns measures saving and rendering the next page, one after the other.
func (b *bench) pageTurns(ctx context.Context) (err error) {
	if err := b.ready(ctx); err != nil {
		return err
	}
	b.head("an answer saved by form and the next page rendered, as one")
	commit, err := startCeiling(ctx, ceilingCommit, b.dir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, commit.stop()) }()
	ceiling, err := b.flood(ctx, "gin + sqlite group commit", commit)
	if err != nil {
		return err
	}
	most, err := b.offer(ctx, load{Name: "leida: save and next page", Rate: flood, For: b.Each, Up: b.live, Do: saveAndTurn})
	if err != nil {
		return err
	}
	b.turned = most.Throughput()
	half, err := b.offer(ctx, load{Name: "leida: the same at half", Rate: most.Throughput() / 2, For: b.Each, Grace: time.Second, Up: b.live, Do: saveAndTurn})
	if err != nil {
		return err
	}
	b.verdict(b.turned >= goalPages && most.Errors()+half.Errors() == 0, "save and next page: %.0f a second, %.2f of gin + sqlite group commit (%.0f), at least %d", b.turned, b.turned/ceiling.Throughput(), ceiling.Throughput(), goalPages)
	return b.lookBack(ctx, "save and next page", b.agents[:b.live])
}

// signIns are apart: argon2 is slow on purpose. Each comes from an address of its own, or the throttling by address would be measured.
func (b *bench) signIns(ctx context.Context) error {
	b.head("sign-ins: argon2id of 19 MiB each, a new session, an entry in the audit log")
	from := &addresses{next: newTransport(b.Conns)}
	do := func(ctx context.Context, a *agent, _ *rand.Rand) error {
		c, err := client.New(b.servers[0].Base, from)
		if err != nil {
			return err
		}
		return c.SignIn(ctx, a.Number, password)
	}
	most, err := b.offer(ctx, load{Name: "leida: sign-ins", Rate: 200, For: b.Each, Up: len(b.agents), Do: do})
	if err != nil {
		return err
	}
	_, err = b.offer(ctx, load{Name: "leida: sign-ins at half", Rate: most.Throughput() / 2, For: b.Each, Grace: 5 * time.Second, Up: len(b.agents), Do: do})
	return err
}

// addresses makes each request come from another address, as a proxy that the server trusts would say.
type addresses struct {
	next http.RoundTripper
	n    atomic.Uint32
}

func (a *addresses) RoundTrip(r *http.Request) (*http.Response, error) {
	n := a.n.Add(1)
	r = r.Clone(r.Context())
	r.Header.Set("X-Forwarded-For", fmt.Sprintf("10.%d.%d.%d", byte(n>>16), byte(n>>8), byte(n)))
	return a.next.RoundTrip(r)
}

// memory is what the server holds with 2,000 live sittings that are all written to.
func (b *bench) memory(ctx context.Context) error {
	n := min(liveSittings, b.Agents)
	b.head("memory with %d live sittings", n)
	if b.live < n {
		if _, err := b.begin(ctx, "leida: the others start", n, time.Duration(n-b.live)*6*time.Millisecond); err != nil {
			return err
		}
		if err := b.browse(ctx); err != nil {
			return err
		}
	}
	if _, err := b.offer(ctx, load{Name: "leida: all of them save", Rate: 500, For: b.Each, Grace: time.Second, Up: b.live, Do: save}); err != nil {
		return err
	}
	u, err := b.usage()
	if err != nil {
		return err
	}
	b.say("  resident %s, %s at the most since the start; Go heap in use %s; %d collections, %v of pauses in all", megabytes(u.RSS), megabytes(u.Peak), megabytes(u.Heap), u.GCs, round(u.GC))
	b.verdict(u.RSS < goalMemory, "memory: %s at %d live sittings, under %s", megabytes(u.RSS), b.live, megabytes(goalMemory))
	return nil
}

func median(x []float64) float64 {
	x = slices.Sorted(slices.Values(x))
	if n := len(x); n%2 == 0 {
		return (x[n/2-1] + x[n/2]) / 2
	}
	return x[len(x)/2]
}
