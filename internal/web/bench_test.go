package web_test

import (
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/net/html"

	"leida/internal/exam"
	"leida/internal/item"
	"leida/internal/org"
	"leida/internal/web"
)

// The orientation that the figures stand beside, in milliseconds.
const (
	orientTeam500MS = 150
	orientSaveMS    = 10
)

// BenchmarkTeamPage is a manager's team report end to end, over HTTP: sign-in, queries, profiles, charts and the page, with 200 records of evidence each.
func BenchmarkTeamPage(b *testing.B) {
	for _, n := range []int{14, 500} {
		b.Run(fmt.Sprintf("members=%d", n), func(b *testing.B) {
			w := newWorld(b)
			team := w.bigTeam(n, 200)
			c := w.as(w.eve)
			size := len(c.get("/teams/" + team).is(http.StatusOK).body)
			b.ReportAllocs()
			for b.Loop() {
				c.get("/teams/" + team).is(http.StatusOK)
			}
			b.ReportMetric(float64(b.Elapsed().Milliseconds())/float64(b.N), "page-ms")
			b.ReportMetric(orientTeam500MS, "page-ms-orientation")
			b.ReportMetric(float64(size)/1024, "page-KB")
		})
	}
}

// The time that a page may take of the server at rest, in milliseconds: what 95 of 100 stay below.
const (
	orientPersonP95MS = 15
	orientQuizP95MS   = 5
)

// BenchmarkPersonPage is an agent's report, the handler's time alone.
func BenchmarkPersonPage(b *testing.B) {
	w := newWorld(b)
	w.bigTeam(14, 200)
	w.benchPage(b, w.as(w.ann), "/me", orientPersonP95MS)
}

// BenchmarkQuizPage is a page of a sitting, the handler's time alone.
func BenchmarkQuizPage(b *testing.B) {
	d := sit(b)
	d.benchPage(b, d.c, d.item(1), orientQuizP95MS)
}

// benchPage asks for a page again and again, past the network, and reports what 95 of 100 stay below.
func (w *world) benchPage(b *testing.B, c *client, path string, orient float64) {
	b.Helper()
	b.ReportAllocs()
	var took []time.Duration
	for b.Loop() {
		r := httptest.NewRequest(http.MethodGet, path, nil)
		r.AddCookie(&http.Cookie{Name: "leida_session", Value: c.cookies["leida_session"]})
		got := httptest.NewRecorder()
		start := time.Now()
		w.srv.Handler().ServeHTTP(got, r)
		took = append(took, time.Since(start))
		if got.Code != http.StatusOK {
			b.Fatal(got.Code, got.Body)
		}
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)*95/100].Microseconds())/1000, "p95-ms")
	b.ReportMetric(orient, "p95-ms-orientation")
}

// BenchmarkSave is one answer saved end to end: form, checks, transaction synced to disk, reply.
func BenchmarkSave(b *testing.B) {
	w := newWorld(b)
	closes := noon.AddDate(0, 0, 14)
	a, err := w.st.CreateAssignment(w.ctx, exam.Assignment{Assessment: "svi-cycle", By: w.tess.ID, Opens: noon.Add(-time.Hour), Closes: closes, Cycle: w.cycle.ID, CreatedAt: noon, People: []string{w.ann.ID}})
	w.ok(err)
	c := w.as(w.ann)
	page := c.post("/assignments/"+a.ID+"/start", nil).to("/sittings/")
	rev := 0
	for b.Loop() {
		rev++
		c.post(page, url.Values{"_rev": {strconv.Itoa(rev)}}, "Accept", "application/json").is(http.StatusOK)
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N)/1000, "save-ms")
	b.ReportMetric(orientSaveMS, "save-ms-orientation")
}

// bigTeam gives east so many members with so many records each, written straight into the database: what is measured is the reading.
func (w *world) bigTeam(members, records int) string {
	w.t.Helper()
	people := []org.Person{w.ann, w.bob}
	for i := len(people); i < members; i++ {
		people = append(people, w.agent(fmt.Sprintf("B%04d", i), fmt.Sprintf("坐席%d", i), w.east))
	}
	tx, err := w.open().Begin()
	w.ok(err)
	insert, err := tx.Prepare(bind("INSERT INTO evidence (id, person_id, sub, item_id, item_version, item_hash, cycle_id, y, n, source, performance, observed_at) VALUES (?, ?, ?, ?, 1, 'h', ?, ?, 1.5, 'quiz', ?, ?)"))
	w.ok(err)
	subs := w.defs.Current().Model.Subs()
	for p, person := range people {
		for r := range records {
			at := noon.AddDate(0, 0, -r).UnixMilli()
			_, err := insert.Exec(fmt.Sprintf("bench-%d-%d", p, r), person.ID, subs[r%len(subs)].ID, fmt.Sprintf("item-%d", r), w.cycle.ID, (p*37+r*11)%101, true, at)
			w.ok(err)
		}
	}
	w.ok(tx.Commit())
	return w.east
}

// BenchmarkSaves is answers saved by many people at once, so that they share commits as they do in a centre. What it costs is the handler's: the reply is not sent.
func BenchmarkSaves(b *testing.B) {
	const people = 128
	w := newWorld(b, func(c *web.Config) { c.Log = slog.New(slog.NewTextHandler(io.Discard, nil)) })
	w.assign("aic-cycle", w.east)
	type place struct {
		c    *client
		path string
		rev  int
	}
	free := make(chan *place, people)
	for i := range people {
		p := w.agent(fmt.Sprintf("S%04d", i), fmt.Sprintf("坐席%d", i), w.east)
		c := w.as(p)
		start := find(c.get("/").doc(), "form", func(n *html.Node) bool { return strings.HasSuffix(attr(n, "action"), "/start") })
		free <- &place{c: c, path: c.post(attr(start[0], "action"), nil).to("/sittings/")}
	}
	b.SetParallelism(people / runtime.GOMAXPROCS(0))
	b.ReportAllocs()
	before := cpu(b)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			p := <-free
			p.rev++
			r := httptest.NewRequest(http.MethodPost, p.path, strings.NewReader("_rev="+strconv.Itoa(p.rev)))
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			r.Header.Set("Accept", "application/json")
			r.Header.Set("Sec-Fetch-Site", "same-origin")
			r.AddCookie(&http.Cookie{Name: "leida_session", Value: p.c.cookies["leida_session"]})
			got := httptest.NewRecorder()
			w.srv.Handler().ServeHTTP(got, r)
			if got.Code != http.StatusOK {
				b.Error(got.Code, got.Body)
			}
			free <- p
		}
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "saves/s")
	b.ReportMetric(float64((cpu(b)-before).Microseconds())/float64(b.N), "cpu-µs/save")
}

// cpu is the processor time that this process has had, which other work on the machine disturbs less than the clock.
func cpu(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkSurvey is what the page of item quality reads and reckons, over 100 people who sat one form each; the cost of a place is reported.
func BenchmarkSurvey(b *testing.B) {
	w := newWorld(b)
	a := w.assign("cps-cycle", w.east)
	for n := range 100 {
		w.satSeed(w.agent(fmt.Sprintf("V%04d", n), "坐席", w.east), a, item.First, uint64(n%7))
	}
	places := 0
	b.ResetTimer()
	for b.Loop() {
		x, err := w.defs.Survey(w.ctx, w.clock.now())
		if err != nil {
			b.Fatal(err)
		}
		places = x.Places
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(places), "ns/place")
}
