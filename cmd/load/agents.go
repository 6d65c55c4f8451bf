package main

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"log/slog"
	mrand "math/rand/v2"
	"net/http"
	"net/url"
	"time"

	"golang.org/x/sync/errgroup"

	"leida/internal/client"
	"leida/internal/exam"
	"leida/internal/org"
	"leida/internal/store"
	"leida/internal/web"
)

// password is everybody's. It is hashed once: what argon2 costs is measured by the sign-ins.
const password = "correct horse battery"

// given are the assessments that every agent is asked to sit.
var given = []string{"aic-cycle", "svi-cycle", "emp-cycle", "cps-cycle"}

// login is an agent of the centre: their number, and the token of a session made for them.
type login struct{ Number, Token string }

// prepare makes a centre with agents who are signed in, before the server starts.
func prepare(ctx context.Context, c store.Config, agents int) ([]login, error) {
	c.Log, c.Now, c.Rand, c.Zone = slog.New(slog.DiscardHandler), time.Now, rand.Reader, time.UTC
	st, err := store.Open(ctx, c)
	if err != nil {
		return nil, err
	}
	defer st.Close()
	if err := st.Migrate(ctx); err != nil {
		return nil, err
	}
	now := time.Now()
	hash, err := web.HashPassword(rand.Reader, password)
	if err != nil {
		return nil, err
	}
	root, err := st.CreateTeam(ctx, org.Team{Code: "load", Name: "Load"})
	if err != nil {
		return nil, err
	}
	trainer, err := st.CreatePerson(ctx, org.Person{Number: "T1", Name: "Trainer", JobProfile: "agent", ActiveFrom: now.AddDate(-1, 0, 0)}, hash, []org.Grant{{Access: org.Trainer}})
	if err != nil {
		return nil, err
	}
	cycle := org.Quarter(now, time.UTC)
	if err := st.EnsureCycle(ctx, cycle); err != nil {
		return nil, err
	}
	for _, id := range given {
		as := exam.Assignment{Assessment: id, By: trainer.ID, Opens: now.Add(-time.Hour), Closes: now.AddDate(0, 0, 7), Cycle: cycle.ID, CreatedAt: now, Teams: []string{root.ID}}
		if _, err := st.CreateAssignment(ctx, as); err != nil {
			return nil, err
		}
	}
	out := make([]login, agents)
	var group errgroup.Group
	group.SetLimit(64) // they share their commits
	for i := range out {
		group.Go(func() (err error) {
			out[i], err = hire(ctx, st, fmt.Sprintf("L%05d", i+1), hash, root.ID, now)
			return err
		})
	}
	return out, group.Wait()
}

// hire makes one agent with a session.
func hire(ctx context.Context, st *store.Store, number, hash, team string, now time.Time) (login, error) {
	p, err := st.CreatePerson(ctx, org.Person{Number: number, Name: "Agent " + number, JobProfile: "agent", ActiveFrom: now.AddDate(-1, 0, 0)}, hash, []org.Grant{{Access: org.Agent}})
	if err != nil {
		return login{}, err
	}
	if err := st.MoveMember(ctx, p.ID, team, now.AddDate(0, -1, 0)); err != nil {
		return login{}, err
	}
	var token [32]byte
	if _, err := rand.Read(token[:]); err != nil {
		return login{}, err
	}
	_, err = st.CreateSession(ctx, p.ID, sha256.Sum256(token[:]), "load", now, 12*time.Hour, now.AddDate(0, 0, 7))
	return login{number, base64.RawURLEncoding.EncodeToString(token[:])}, err
}

// agent is one person at work: a browser, and the pages of the paper that have been read.
type agent struct {
	*client.Client
	login
	pages  []*page
	turn   int
	shadow map[string]*client.Client // at the ceilings, by their address
}

// page is a place of the paper with two answers to it, saved in turn so that each save changes something.
type page struct {
	client.Place
	rev     int64
	answers [2]url.Values
}

func newAgent(base string, transport http.RoundTripper, l login) (*agent, error) {
	c, err := client.New(base, transport)
	if err != nil {
		return nil, err
	}
	c.Resume(l.Token)
	return &agent{Client: c, login: l, shadow: map[string]*client.Client{}}, nil
}

// start begins the first open task and reads its first page.
func (a *agent) start(ctx context.Context, rng *mrand.Rand) error {
	tasks, err := a.Open(ctx)
	if err != nil {
		return err
	}
	if len(tasks) == 0 || tasks[0].Assignment == "" {
		return fmt.Errorf("nothing to start: %v", tasks)
	}
	at, err := a.Start(ctx, tasks[0].Assignment)
	if err != nil {
		return err
	}
	a.pages = nil
	return a.read(ctx, at, rng)
}

// read reads a place's page and thinks of its answers.
func (a *agent) read(ctx context.Context, at client.Place, rng *mrand.Rand) error {
	it, err := a.Item(ctx, at)
	if err != nil {
		return err
	}
	a.pages = append(a.pages, &page{Place: at, rev: it.Rev, answers: [2]url.Values{it.Pick(rng.IntN), it.Pick(rng.IntN)}})
	return nil
}

// browse reads further pages until so many are known.
func (a *agent) browse(ctx context.Context, pages int, rng *mrand.Rand) error {
	for n := len(a.pages); n < pages; n++ {
		if err := a.read(ctx, client.Place{Sitting: a.pages[0].Sitting, N: a.pages[n-1].N + 1}, rng); err != nil {
			return err
		}
	}
	return nil
}

// shadowSave sends to a ceiling what would be sent to leida.
func (a *agent) shadowSave(ctx context.Context, base string, transport http.RoundTripper) error {
	c, known := a.shadow[base]
	if !known {
		var err error
		if c, err = client.New(base, transport); err != nil {
			return err
		}
		c.Resume(a.Token)
		a.shadow[base] = c
	}
	p, answer := a.next()
	_, err := c.Save(ctx, p.Place, p.rev, answer)
	return err
}

// next is the page whose turn it is, with a new revision and an answer.
func (a *agent) next() (p *page, answer url.Values) {
	p = a.pages[a.turn%len(a.pages)]
	a.turn++
	answer = p.answers[p.rev%2]
	return p, answer
}

// save saves an answer as the page's script does.
func (a *agent) save(ctx context.Context) error {
	p, answer := a.next()
	got, err := a.Save(ctx, p.Place, p.rev, answer)
	if err != nil {
		return err
	}
	if got.Rev != p.rev || !got.Answered {
		return fmt.Errorf("saved revision %d as %+v", p.rev, got)
	}
	p.rev++
	return nil
}

// saveAndTurn saves an answer as the form does and reads the page that it leads to.
func (a *agent) saveAndTurn(ctx context.Context) error {
	p, answer := a.next()
	to, err := a.Go(ctx, p.Place, p.rev, answer, "next")
	if err != nil {
		return err
	}
	p.rev++
	return a.Look(ctx, to)
}
