package main

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	mathrand "math/rand/v2"
	"net/http"
	"net/url"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"leida/internal/client"
	"leida/internal/exam"
	"leida/internal/org"
	"leida/internal/store"
)

// crowd is a centre's agents who sit one assignment after the other without end, and remember what the server acknowledged.
type crowd struct {
	t      testing.TB
	agents []*agent
	team   string // theirs
	by     string // who assigns
	byWho  string // their session's token
	open   func() *store.Store
	since  time.Time    // when they set to work
	saves  atomic.Int64 // acknowledged
	starts atomic.Int64
	hands  atomic.Int64
	busy   atomic.Int64 // told to come back later

	rough   bool        // the network loses replies: one goes on
	down    atomic.Bool // the server is being taken away: no answer is no surprise
	mu      sync.Mutex
	wrongly []string // what the server should not have said
}

// agent is one of them, and one client at a time.
type agent struct {
	*crowd
	name, id, token string
	web             *client.Client
	rand            *mathrand.Rand
	todo            []string // assignments not begun
	pace            int      // saves of a sitting before it is handed in, about
	began           int      // starts that the server may have counted

	assignment, sitting string
	places              []place
	answered            int
	handing             bool        // handing in was sent, and not acknowledged
	handed              []*finished // acknowledged and not yet looked up
}

// place is what an agent knows of a place on the paper.
type place struct {
	item  *client.Item
	sent  map[int64]url.Values // by revision
	last  int64                // newest revision sent
	acked int64                // newest revision that the server says it has
}

// finished is a sitting handed in, with what was on it.
type finished struct {
	sitting, assignment string
	places              []place
}

// people makes a database of n agents who are signed in and each asked to sit so many assignments.
func people(t testing.TB, open func() *store.Store, seed uint64, n, assignments int) *crowd {
	t.Helper()
	ok := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	ctx, now := t.Context(), time.Now()
	st := open()
	ok(st.Migrate(ctx))
	cycle := org.Quarter(now, time.UTC)
	ok(st.EnsureCycle(ctx, cycle))
	team, err := st.CreateTeam(ctx, org.Team{Code: "one", Name: "一组"})
	ok(err)
	trainer, err := st.CreatePerson(ctx, org.Person{Number: "T1", Name: "王老师", ActiveFrom: now.AddDate(-1, 0, 0)}, "", []org.Grant{{Access: org.Trainer}, {Access: org.Admin}}) // who takes back what few had sees whom it touches
	ok(err)
	signedIn := func(person string) string {
		t.Helper()
		var token [32]byte
		_, err := rand.Read(token[:])
		ok(err)
		_, err = st.CreateSession(ctx, person, sha256.Sum256(token[:]), "leida-client", now, 12*time.Hour, now.Add(24*time.Hour))
		ok(err)
		return base64.RawURLEncoding.EncodeToString(token[:])
	}
	c := &crowd{t: t, team: team.ID, by: trainer.ID, byWho: signedIn(trainer.ID), open: open, since: now}
	for i := range n {
		name := fmt.Sprintf("A%04d", i)
		p, err := st.CreatePerson(ctx, org.Person{Number: name, Name: name, ActiveFrom: now.AddDate(-1, 0, 0)}, "", []org.Grant{{Access: org.Agent}})
		ok(err)
		ok(st.MoveMember(ctx, p.ID, team.ID, now.AddDate(0, -1, 0)))
		c.agents = append(c.agents, &agent{crowd: c, name: name, id: p.ID, token: signedIn(p.ID),
			rand: mathrand.New(mathrand.NewPCG(seed, uint64(i))), pace: 20})
	}
	forms := []string{"aic-cycle", "cps-cycle", "emp-cycle", "svi-cycle"}
	for i := range assignments {
		id := c.assign(st, forms[i%len(forms)], 24*time.Hour)
		for _, a := range c.agents {
			a.todo = append(a.todo, id)
		}
	}
	ok(st.Close())
	return c
}

// assign asks everybody to sit an assessment in a window that closes after a while.
func (c *crowd) assign(st *store.Store, form string, closes time.Duration) string {
	c.t.Helper()
	now := time.Now()
	a, err := st.CreateAssignment(c.t.Context(), exam.Assignment{Assessment: form, By: c.by, Opens: now.Add(-time.Hour), Closes: now.Add(closes), Cycle: org.Quarter(now, time.UTC).ID, Teams: []string{c.team}})
	if err != nil {
		c.t.Fatal(err)
	}
	return a.ID
}

// ownFile opens a database of its own in a directory, as the program does.
func ownFile(t testing.TB, data string) func() *store.Store {
	return func() *store.Store {
		t.Helper()
		st, err := store.Open(t.Context(), store.Config{Path: filepath.Join(data, "leida.db"), Now: time.Now, Rand: rand.Reader})
		if err != nil {
			t.Fatal(err)
		}
		return st
	}
}

// inPostgres opens a database of a cluster, as the program does.
func inPostgres(t testing.TB, url string) func() *store.Store {
	return func() *store.Store {
		t.Helper()
		st, err := store.Open(t.Context(), store.Config{URL: url, Now: time.Now, Rand: rand.Reader})
		if err != nil {
			t.Fatal(err)
		}
		return st
	}
}

// meet gives everybody a client of the server at an address. transport is nil for one of their own.
func (c *crowd) meet(base string, transport func() http.RoundTripper) {
	c.t.Helper()
	for _, a := range c.agents {
		var way http.RoundTripper = &http.Transport{MaxIdleConnsPerHost: 4, ResponseHeaderTimeout: 30 * time.Second}
		if transport != nil {
			way = transport()
		}
		web, err := client.New(base, way)
		if err != nil {
			c.t.Fatal(err)
		}
		web.Resume(a.token)
		a.web = web
		if tr, ok := way.(*http.Transport); ok {
			c.t.Cleanup(tr.CloseIdleConnections)
		}
	}
}

// work has everybody work until the context ends or the server is gone.
func (c *crowd) work(ctx context.Context) {
	var all sync.WaitGroup
	for _, a := range c.agents {
		all.Go(func() {
			for ctx.Err() == nil {
				if err := a.step(); !a.goesOn(err) {
					return
				}
			}
		})
	}
	all.Wait()
}

// settle has everybody send once more what was not acknowledged. A server that goes on telling them to come back is none.
func (c *crowd) settle() {
	var all sync.WaitGroup
	end := time.Now().Add(2 * time.Minute)
	for _, a := range c.agents {
		all.Go(func() {
			for a.pending() {
				err := a.step()
				if !a.goesOn(err) {
					return
				}
				if err != nil && time.Now().After(end) {
					a.complain("not taken in the end: %v", err)
					return
				}
			}
		})
	}
	all.Wait()
}

// goesOn reports whether there is a server to go on with after what a step came to.
func (a *agent) goesOn(err error) bool {
	var e *client.Error
	switch {
	case err == nil:
		return true
	case errors.As(err, &e) && slices.Contains([]int{http.StatusServiceUnavailable, http.StatusBadGateway}, e.Status):
		a.busy.Add(1)
		time.Sleep(time.Duration(5+a.rand.IntN(20)) * time.Millisecond)
		return true
	case errors.As(err, &e) && e.Lost && (a.down.Load() || a.rough):
		return a.rough
	}
	a.complain("%v", err)
	return false
}

func (c *crowd) complain(format string, args ...any) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.wrongly = append(c.wrongly, fmt.Sprintf(format, args...))
}

// verdict fails the test with what was wrong.
func (c *crowd) verdict() {
	c.t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.wrongly) > 0 {
		c.t.Fatalf("%d things went wrong, such as %q", len(c.wrongly), c.wrongly[:min(len(c.wrongly), 5)])
	}
}

// pending reports whether something was sent and not acknowledged.
func (a *agent) pending() bool {
	return a.handing || a.waiting() >= 0 || a.sitting == "" && a.assignment != ""
}

// waiting is a place whose newest answer was not acknowledged, or -1.
func (a *agent) waiting() int {
	for i, p := range a.places {
		if p.acked < p.last {
			return i
		}
	}
	return -1
}

// step is one request: what was not acknowledged goes first, as the sitting page has it.
func (a *agent) step() error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	switch n := a.waiting(); {
	case a.sitting == "":
		return a.start(ctx)
	case n >= 0:
		return a.send(ctx, n)
	case a.handing || a.answered > len(a.places) && a.rand.IntN(a.pace) == 0 && len(a.todo) > 0 && a.mayStart():
		return a.submit(ctx)
	default:
		return a.answer(ctx, a.rand.IntN(len(a.places)))
	}
}

// mayStart reports whether the server would have them begin another sitting: 60 at once, and one more every ten seconds. Some are left for what it counts and cannot do.
func (a *agent) mayStart() bool { return a.began < 50+int(time.Since(a.since)/(10*time.Second)) }

func (a *agent) start(ctx context.Context) error {
	if a.assignment == "" {
		a.assignment, a.todo = a.todo[0], a.todo[1:]
	}
	at, err := a.web.Start(ctx, a.assignment)
	if e := (*client.Error)(nil); err == nil || errors.As(err, &e) && e.Lost {
		a.began++
	}
	if err != nil {
		return err
	}
	first, err := a.web.Item(ctx, client.Place{Sitting: at.Sitting, N: 1})
	if err != nil {
		return err
	}
	a.starts.Add(1)
	a.sitting, a.places, a.answered = at.Sitting, make([]place, first.Length), 0
	a.places[0].item = first
	return nil
}

// answer gives a place a new answer.
func (a *agent) answer(ctx context.Context, n int) error {
	p := &a.places[n]
	if p.item == nil {
		it, err := a.web.Item(ctx, client.Place{Sitting: a.sitting, N: n + 1})
		if err != nil {
			return err
		}
		if it.Rev != 1 {
			a.complain("%s, place %d: revision %d before any answer", a.sitting, n+1, it.Rev)
		}
		p.item = it
	}
	if p.sent == nil {
		p.sent = map[int64]url.Values{}
	}
	p.last++
	p.sent[p.last] = p.item.Pick(a.rand.IntN)
	return a.send(ctx, n)
}

// send sends the newest answer of a place.
func (a *agent) send(ctx context.Context, n int) error {
	p := &a.places[n]
	if a.rand.IntN(4) == 0 { // by a button of the form
		if _, err := a.web.Press(ctx, p.item.Place, p.last, p.sent[p.last], "next"); err != nil {
			return err
		}
		a.took(p)
		return nil
	}
	got, err := a.web.Save(ctx, p.item.Place, p.last, p.sent[p.last])
	if err != nil {
		return err
	}
	if got.Rev != p.last || got.State != "open" || got.Other {
		a.complain("%s, place %d: revision %d was sent, %+v came back", a.sitting, n+1, p.last, got)
	}
	a.took(p)
	return nil
}

func (a *agent) took(p *place) {
	p.acked = p.last
	a.answered++
	a.saves.Add(1)
}

func (a *agent) submit(ctx context.Context) error {
	a.handing = true
	if err := a.web.Submit(ctx, a.sitting); err != nil {
		return err
	}
	a.hands.Add(1)
	a.handed = append(a.handed, &finished{a.sitting, a.assignment, a.places})
	a.handing, a.sitting, a.assignment, a.places = false, "", "", nil
	return nil
}
