package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"leida/internal/client"
	"leida/internal/store"
)

// roundRobin passes requests to several servers in turn. One that there is no connection to is passed over; what only reads is asked of the next when a
// connection breaks. A write whose reply is lost is not sent twice: its client is told 502, and knows better.
type roundRobin struct {
	hosts []string
	turn  atomic.Int64
	ways  http.Transport
	over  atomic.Int64 // passed over
}

func (p *roundRobin) RoundTrip(r *http.Request) (*http.Response, error) {
	var body []byte
	var err error
	if r.Body != nil {
		if body, err = io.ReadAll(r.Body); err != nil {
			return nil, err
		}
		r.Body.Close()
	}
	for range p.hosts {
		next := r.Clone(r.Context())
		next.URL.Host = p.hosts[int(p.turn.Add(1))%len(p.hosts)]
		next.Body = io.NopCloser(bytes.NewReader(body))
		var res *http.Response
		if res, err = p.ways.RoundTrip(next); err == nil {
			return res, nil
		}
		var dial *net.OpError
		if r.Method != http.MethodGet && !(errors.As(err, &dial) && dial.Op == "dial") {
			break
		}
		p.over.Add(1)
	}
	return nil, err
}

// replicas are several servers on one PostgreSQL behind one address.
type replicas struct {
	*crowd
	servers []*process
	proxy   *roundRobin
	front   *httptest.Server
	witness *witness
	url     string // of the database
}

// newReplicas starts n servers with so many agents, each asked to sit so many assignments.
func newReplicas(t *testing.T, n, agents, assignments int) *replicas {
	t.Helper()
	cluster := durable(t)
	r := &replicas{proxy: &roundRobin{}, url: cluster.URL("leida")}
	r.crowd = people(t, inPostgres(t, r.url), rand.Uint64(), agents, assignments)
	r.rough = true // a server that is killed breaks off the page that it was sending
	for range n {
		p := newProcess(t, "--data", t.TempDir(), "--db", r.url)
		p.start()
		r.servers = append(r.servers, p)
		r.proxy.hosts = append(r.proxy.hosts, p.addr)
	}
	r.front = httptest.NewServer(&httputil.ReverseProxy{
		Rewrite: func(p *httputil.ProxyRequest) {
			p.Out.URL.Scheme, p.Out.URL.Host, p.Out.Host = "http", "leida", p.In.Host
		},
		Transport:    r.proxy,
		ErrorLog:     log.New(io.Discard, "", 0),
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, _ error) { w.WriteHeader(http.StatusBadGateway) },
	})
	t.Cleanup(r.front.Close)
	t.Cleanup(r.proxy.ways.CloseIdleConnections)
	r.meet(r.front.URL, nil)
	r.witness = newWitness(t, "pgx", r.url)
	return r
}

// Servers are killed in turn while agents work through the others: they go on, and nothing acknowledged is lost.
func TestReplicas(t *testing.T) {
	t.Parallel()
	for _, n := range []int{2, 3} {
		if testing.Short() && n > 2 {
			continue
		}
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			r := newReplicas(t, n, 16, 40)
			for i := range 2 * n {
				victim := r.servers[i%n]
				ctx, stop := context.WithTimeout(t.Context(), 800*time.Millisecond)
				worked := make(chan bool)
				go func() { r.work(ctx); close(worked) }()
				time.Sleep(time.Duration(50+rand.IntN(300)) * time.Millisecond)
				saves := r.saves.Load()
				victim.kill()
				<-worked
				stop()
				r.verdict()
				if r.saves.Load() == saves {
					t.Error("nothing was saved while a server was down")
				}
				r.witness.look(r.crowd)
				victim.start()
			}
			r.settle()
			r.verdict()
			r.witness.lookBack(r.crowd)
			t.Logf("%d saves, %d starts and %d submissions acknowledged, %d lost; %d resent by clients, %d times another server was asked",
				r.saves.Load(), r.starts.Load(), r.hands.Load(), r.witness.lost, r.busy.Load(), r.proxy.over.Load())
		})
	}
}

// What one server knows the others know: who is signed in, who is no longer, how often somebody tried in vain, and which sittings are over.
func TestReplicasShare(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("waits for deadlines")
	}
	r := newReplicas(t, 3, 8, 1)
	r.shareExpiry()
	r.shareSessions()
	r.shareThrottling()
	r.shareLeases()
}

// direct is a client of one of the servers.
func (r *replicas) direct(i int, token string) *client.Client {
	r.t.Helper()
	way := &http.Transport{}
	r.t.Cleanup(way.CloseIdleConnections)
	c, err := client.New(r.servers[i].url(), way)
	ok(r.t, err)
	if token != "" {
		c.Resume(token)
	}
	return c
}

// store is the database as one more server would have it.
func (r *replicas) store() *store.Store {
	r.t.Helper()
	st := inPostgres(r.t, r.url)()
	r.t.Cleanup(func() { ok(r.t, st.Close()) })
	return st
}

// All servers look for sittings whose time is over; each is handed in once.
func (r *replicas) shareExpiry() {
	r.t.Helper()
	soon := r.assign(r.store(), "aic-cycle", 2*time.Second)
	var all sync.WaitGroup
	for _, a := range r.agents {
		a.todo, a.pace = []string{soon}, 1<<30
		all.Go(func() {
			for range 8 {
				if err := a.step(); !a.goesOn(err) {
					return
				}
			}
		})
	}
	all.Wait()
	r.verdict()
	for end := time.Now().Add(30 * time.Second); r.witness.number("SELECT count(*) FROM sittings WHERE state = 'submitted'") < int64(len(r.agents)); {
		if time.Now().After(end) {
			r.t.Fatal("sittings whose time is over are not handed in")
		}
		time.Sleep(50 * time.Millisecond)
	}
	for _, a := range r.agents {
		x := r.witness.load(a.sitting)
		for n, p := range a.places {
			r.witness.place(x, n, p)
		}
		r.witness.marked(x)
		if n := r.witness.number("SELECT count(*) FROM results WHERE sitting_id = $1", x.ID); !x.Auto || n != 1 {
			r.t.Errorf("sitting %s: %d results, handed in by the server: %v", x.ID, n, x.Auto)
		}
	}
}

// Who is signed in is so on all servers, and who is signed out is so on none.
func (r *replicas) shareSessions() {
	r.t.Helper()
	token := r.agents[0].token
	signedIn := func() (yes int) {
		r.t.Helper()
		for i := range r.servers {
			_, err := r.direct(i, token).Open(r.t.Context())
			var e *client.Error
			switch {
			case err == nil:
				yes++
			case !errors.As(err, &e) || e.Code != "login":
				r.t.Fatal(err)
			}
		}
		return yes
	}
	if n := signedIn(); n != len(r.servers) {
		r.t.Errorf("signed in on %d of %d servers", n, len(r.servers))
	}
	ok(r.t, r.direct(0, token).SignOut(r.t.Context()))
	if n := signedIn(); n != 0 {
		r.t.Errorf("signed out, and still signed in on %d servers", n)
	}
}

// Tries in vain are counted together.
func (r *replicas) shareThrottling() {
	r.t.Helper()
	told := map[int]int{}
	for i := 0; told[http.StatusTooManyRequests] < len(r.servers) && i < 60; i++ {
		err := r.direct(i%len(r.servers), "").SignIn(r.t.Context(), r.agents[1].name, "not the password")
		var e *client.Error
		if !errors.As(err, &e) {
			r.t.Fatal(err)
		}
		told[e.Status]++
	}
	if told[http.StatusUnauthorized] > 9 || told[http.StatusTooManyRequests] < len(r.servers) {
		r.t.Errorf("tries over %d servers: %v", len(r.servers), told)
	}
}

// Work that one server at a time does is done by one.
func (r *replicas) shareLeases() {
	r.t.Helper()
	stores := []*store.Store{r.store(), r.store(), r.store()}
	for round := range 20 {
		var all sync.WaitGroup
		var holders atomic.Int64
		now := time.Now()
		for i, st := range stores {
			all.Go(func() {
				mine, err := st.Lease(context.Background(), fmt.Sprint("work ", round), fmt.Sprint("server ", i), now, time.Minute)
				if err != nil {
					r.t.Error(err)
				}
				if mine {
					holders.Add(1)
				}
			})
		}
		all.Wait()
		if n := holders.Load(); n != 1 {
			r.t.Fatalf("%d servers hold one lease", n)
		}
	}
}
