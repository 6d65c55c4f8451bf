package client_test

import (
	"context"
	"crypto/rand"
	"errors"
	"io"
	"log/slog"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"reflect"
	"testing"
	"testing/iotest"
	"time"

	"leida/internal/assessment"
	"leida/internal/client"
	"leida/internal/exam"
	"leida/internal/org"
	"leida/internal/plain"
	"leida/internal/store"
	"leida/internal/web"
)

const password = "correct horse battery"

// server is a running leida with one agent, A1, and assignments of the built-in assessments.
type server struct {
	*httptest.Server
	t   *testing.T
	ctx context.Context
}

func serve(t *testing.T, given ...string) *server {
	s := &server{t: t, ctx: context.Background()}
	st, err := store.Open(s.ctx, store.Config{Path: filepath.Join(t.TempDir(), "leida.db"), Now: time.Now, Rand: rand.Reader})
	s.ok(err)
	t.Cleanup(func() { s.ok(st.Close()) })
	s.ok(st.Migrate(s.ctx))
	hash, err := web.HashPassword(rand.Reader, password)
	s.ok(err)
	now := time.Now()
	ann, err := st.CreatePerson(s.ctx, org.Person{Number: "A1", Name: "Ann", JobProfile: "agent", ActiveFrom: now.AddDate(-1, 0, 0)}, hash, []org.Grant{{Access: org.Agent}})
	s.ok(err)
	tess, err := st.CreatePerson(s.ctx, org.Person{Number: "T1", Name: "Tess", JobProfile: "agent", ActiveFrom: now.AddDate(-1, 0, 0)}, hash, []org.Grant{{Access: org.Trainer}})
	s.ok(err)
	cycle := org.Quarter(now, time.UTC)
	s.ok(st.EnsureCycle(s.ctx, cycle))
	for _, id := range given {
		_, err := st.CreateAssignment(s.ctx, exam.Assignment{Assessment: id, By: tess.ID, Opens: now.Add(-time.Hour), Closes: now.AddDate(0, 0, 7), Cycle: cycle.ID, CreatedAt: now, People: []string{ann.ID}})
		s.ok(err)
	}
	lib, report := assessment.Load(plain.FS(), nil, nil)
	srv, err := web.New(web.Config{Store: st, Definitions: web.NewDefinitions(st, lib, report), Log: slog.New(slog.DiscardHandler), Now: time.Now, Rand: rand.Reader, Zone: time.UTC})
	s.ok(err)
	s.Server = httptest.NewServer(srv.Handler())
	t.Cleanup(s.Close)
	return s
}

func (s *server) ok(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

// nobody is a browser without a session.
func (s *server) nobody(transport http.RoundTripper) *client.Client {
	s.t.Helper()
	c, err := client.New(s.URL, transport)
	s.ok(err)
	return c
}

// ann is A1 signed in.
func (s *server) ann() *client.Client {
	s.t.Helper()
	c := s.nobody(nil)
	s.ok(c.SignIn(s.ctx, "A1", password))
	return c
}

// begin starts the first open task.
func (s *server) begin(c *client.Client) client.Place {
	s.t.Helper()
	tasks, err := c.Open(s.ctx)
	s.ok(err)
	if len(tasks) == 0 || tasks[0].Assignment == "" {
		s.t.Fatalf("tasks: %+v", tasks)
	}
	at, err := c.Start(s.ctx, tasks[0].Assignment)
	s.ok(err)
	return at
}

// fails asks for an Error with a status and a code.
func (s *server) fails(err error, status int, code string) *client.Error {
	s.t.Helper()
	var e *client.Error
	if !errors.As(err, &e) || e.Status != status || e.Code != code {
		s.t.Fatalf("error %v, want %d %s", err, status, code)
	}
	return e
}

func next(n int) int {
	i, err := rand.Int(rand.Reader, big.NewInt(int64(n)))
	if err != nil {
		panic(err)
	}
	return int(i.Int64())
}

// shown is an answer without what is left empty.
func shown(v url.Values) url.Values {
	out := url.Values{}
	for name, values := range v {
		if len(values) > 0 && values[0] != "" {
			out[name] = values
		}
	}
	return out
}

// TestEveryAssessmentIsSat sits each built-in assessment from the home page to the result: every other item by script, the rest by form.
func TestEveryAssessmentIsSat(t *testing.T) {
	given := []string{"aic-cycle", "svi-cycle", "emp-cycle", "cps-cycle"}
	s := serve(t, given...)
	c := s.ann()
	kinds := map[string]bool{}
	for range given {
		at := s.begin(c)
		it, err := c.Item(s.ctx, at)
		s.ok(err)
		if it.Rev != 1 || len(shown(it.Kept)) != 0 || it.Moved || time.Until(it.Deadline) < time.Minute {
			t.Fatalf("a fresh page: %+v", it)
		}
		s.ok(c.Look(s.ctx, at))
		length := it.Length
		for n := 1; n <= length; n++ {
			at.N = n
			it, err := c.Item(s.ctx, at)
			s.ok(err)
			kinds[it.Kind] = true
			answer := it.Pick(next)
			if n%2 == 0 {
				got, err := c.Save(s.ctx, at, it.Rev, answer)
				s.ok(err)
				if got.Rev != it.Rev || !got.Answered || got.State != "open" || got.Deadline == nil || !got.Deadline.Truncate(time.Second).Equal(it.Deadline) {
					t.Fatalf("saved %+v of %+v", got, it)
				}
			} else {
				to, err := c.Go(s.ctx, at, it.Rev, answer, "next")
				s.ok(err)
				if n < length && to.N != n+1 || n == length && to.N != 0 {
					t.Fatalf("on from %d of %d to %+v", n, length, to)
				}
			}
			again, err := c.Item(s.ctx, at)
			s.ok(err)
			if again.Rev != it.Rev+1 || !reflect.DeepEqual(shown(again.Kept), shown(answer)) {
				t.Fatalf("%s: kept %v at revision %d, sent %v", it.Kind, again.Kept, again.Rev-1, answer)
			}
		}
		if left, err := c.Unanswered(s.ctx, at.Sitting); err != nil || len(left) != 0 {
			t.Fatal(left, err)
		}
		s.ok(c.Submit(s.ctx, at.Sitting))
		s.ok(c.Submit(s.ctx, at.Sitting))
		got, err := c.Result(s.ctx, at.Sitting)
		s.ok(err)
		if !got.Ready || got.Score == "" || len(got.Points) != length {
			t.Fatalf("result: %+v of %d items", got, length)
		}
	}
	for _, k := range []string{"single_choice", "multiple_choice", "ordering", "matching", "sjt"} {
		if !kinds[k] {
			t.Errorf("no %s was met", k)
		}
	}
	if tasks, err := c.Open(s.ctx); err != nil || len(tasks) != 0 {
		t.Error("still open: ", tasks, err)
	}
}

func TestAnotherSessionTakesOver(t *testing.T) {
	s := serve(t, "aic-cycle")
	first, second := s.ann(), s.ann()
	at := s.begin(first)
	tasks, err := second.Open(s.ctx)
	s.ok(err)
	if len(tasks) != 1 || tasks[0].Sitting != at.Sitting {
		t.Fatalf("tasks: %+v", tasks)
	}
	it, err := second.Item(s.ctx, at)
	s.ok(err)
	if !it.Moved {
		t.Error("the page does not say that it goes on elsewhere")
	}
	_, err = second.Save(s.ctx, at, 1, it.Pick(next))
	if e := s.fails(err, http.StatusConflict, "moved"); e.Message == "" || e.Maybe {
		t.Errorf("%+v", e)
	}
	if back, err := second.Take(s.ctx, at.Sitting); err != nil || back != at {
		t.Fatal(back, err)
	}
	_, err = second.Save(s.ctx, at, 1, it.Pick(next))
	s.ok(err)
	if left, err := second.Unanswered(s.ctx, at.Sitting); err != nil || len(left) != it.Length-1 {
		t.Error(left, err)
	}
	if back, err := second.Continue(s.ctx, at.Sitting); err != nil || back.Sitting != at.Sitting || back.N == at.N {
		t.Error(back, err)
	}
	third := s.nobody(nil)
	third.Resume(second.Session())
	s.ok(third.Submit(s.ctx, at.Sitting))
	_, err = third.Item(s.ctx, at)
	s.fails(err, http.StatusSeeOther, "over")
	s.fails(third.Look(s.ctx, at), http.StatusSeeOther, "")
	_, err = third.Save(s.ctx, at, 2, it.Pick(next))
	s.fails(err, http.StatusConflict, "submitted")
}

func TestRefusals(t *testing.T) {
	s := serve(t, "aic-cycle")
	s.fails(s.nobody(nil).SignIn(s.ctx, "A1", "wrong"), http.StatusUnauthorized, "")
	_, err := s.nobody(nil).Open(s.ctx)
	s.fails(err, http.StatusSeeOther, "login")
	c := s.ann()
	at := s.begin(c)
	_, err = c.Save(s.ctx, at, 1, url.Values{"choice": {"o1", "o2"}})
	if e := s.fails(err, http.StatusUnprocessableEntity, "invalid"); e.Message == "" {
		t.Errorf("%+v", e)
	}
	s.ok(c.SignOut(s.ctx))
	_, err = c.Save(s.ctx, at, 1, nil)
	s.fails(err, http.StatusUnauthorized, "sign_in_first")
	for range 70 { // the address has had too many tries by then
		if err = s.nobody(nil).SignIn(s.ctx, "nobody", "wrong"); !errorIs(err, http.StatusUnauthorized) {
			break
		}
	}
	if e := s.fails(err, http.StatusTooManyRequests, ""); e.RetryAfter <= 0 {
		t.Errorf("%+v", e)
	}
}

func errorIs(err error, status int) bool {
	var e *client.Error
	return errors.As(err, &e) && e.Status == status
}

// TestLostReplies: a save whose reply is lost may have been taken; one that found no connection was not.
func TestLostReplies(t *testing.T) {
	s := serve(t, "aic-cycle")
	signedIn := s.ann()
	at := s.begin(signedIn)
	it, err := signedIn.Item(s.ctx, at)
	s.ok(err)
	lossy := s.nobody(roundTripper(func(r *http.Request) (*http.Response, error) {
		res, err := http.DefaultTransport.RoundTrip(r)
		if err == nil {
			res.Body.Close()
		}
		return nil, errors.Join(errors.New("the line went dead"), err)
	}))
	lossy.Resume(signedIn.Session())
	_, err = lossy.Save(s.ctx, at, 1, it.Pick(next))
	if e := s.fails(err, 0, ""); !e.Maybe || !e.Lost {
		t.Errorf("%+v", e)
	}
	cut := s.nobody(roundTripper(func(r *http.Request) (*http.Response, error) {
		res, err := http.DefaultTransport.RoundTrip(r)
		if err == nil {
			res.Body = io.NopCloser(io.MultiReader(io.LimitReader(res.Body, 10), iotest.ErrReader(io.ErrUnexpectedEOF)))
		}
		return res, err
	}))
	cut.Resume(signedIn.Session())
	_, err = cut.Item(s.ctx, at)
	if e := s.fails(err, http.StatusOK, ""); e.Maybe || !e.Lost {
		t.Errorf("%+v", e)
	}
	if it, err = signedIn.Item(s.ctx, at); err != nil || it.Rev != 2 {
		t.Errorf("the save was not taken: %+v, %v", it, err)
	}
	s.Close()
	nobodyThere := s.nobody(&http.Transport{})
	nobodyThere.Resume(signedIn.Session())
	_, err = nobodyThere.Save(s.ctx, at, 2, it.Pick(next))
	if e := s.fails(err, 0, ""); e.Maybe || !e.Lost {
		t.Errorf("%+v", e)
	}
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
