package web_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"leida/internal/store"
	"leida/internal/store/pgtest"
	"leida/internal/web"
)

// internals are words of the machine that no page says.
var internals = regexp.MustCompile(`(?i)sqlite|gorm|SQL logic|no such table|database is|store:|closed|goroutine|panic|runtime error|\.go:|/work/|/tmp/|nil pointer|template:`)

// discreet asks that a failure be told in words for people, and no more.
func discreet(t *testing.T, r reply) {
	t.Helper()
	if m := internals.FindString(r.body + fmt.Sprint(r.header)); m != "" {
		t.Errorf("%s says %q\n%s", r.what, m, r.clip())
	}
	if r.status >= 500 && !strings.Contains(r.body, r.header.Get("X-Request-Id")) {
		t.Errorf("%s does not name its request\n%s", r.what, r.clip())
	}
	if !r.shielded() || r.header.Get("Cache-Control") != "no-store" && r.status != 200 {
		t.Errorf("%s: %v", r.what, r.header)
	}
	if strings.HasPrefix(r.header.Get("Content-Type"), "text/html") {
		inert(t, r)
	}
}

func TestStoreIsGone(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *web.Config) {
		c.Store = store.Failing()
		c.Definitions = web.NewDefinitions(c.Store, c.Definitions.Current(), nil)
	})
	c := w.anybody()
	c.get("/healthz").is(200)
	r := c.get("/readyz").is(http.StatusServiceUnavailable).has(say("web.not_ready"))
	if r.header.Get("Retry-After") == "" {
		t.Error(r.header)
	}
	discreet(t, r)
	c.get("/login").is(200)
	r = c.post("/login", login("A01", password)).is(500)
	discreet(t, r)
	c.cookies["leida_session"] = strings.Repeat("A", 43)
	for _, route := range web.Routes {
		if route.Bare {
			continue
		}
		path := parameter.ReplaceAllString(route.Path, "1")
		for _, c := range []*client{c, c.copy().english()} {
			got := c.send(route.Method, path, "")
			discreet(t, got)
			if got.status != 500 && got.status != 503 {
				t.Errorf("%s: %d", got.what, got.status)
			}
		}
		got := c.send(route.Method, path, "{}", "Accept", "application/json")
		discreet(t, got)
		got.refused(500, "internal")
	}
	if _, err := w.srv.SubmitDue(w.ctx); err == nil {
		t.Error("sweeping goes well")
	}
	if !strings.Contains(w.log.String(), "closed") {
		t.Error("the log does not say why")
	}
	if strings.Contains(w.log.String(), "event=panic") {
		t.Error("something panicked")
	}
}

func dropTable(db beside, table string) error {
	drop := "DROP TABLE " + table
	if pgtest.Asked() {
		drop += " CASCADE"
	}
	_, err := db.Exec(drop)
	return err
}

// The session is found and then something else fails: the handlers' own paths.
func TestTablesAreGone(t *testing.T) {
	t.Parallel()
	p := populate(t)
	db := p.open()
	for _, table := range []string{"evidence", "slots", "sittings", "time_factors", "assignment_teams", "assignment_people", "assignments", "snapshots", "cycles", "audit", "memberships", "definitions"} {
		p.ok(dropTable(db, table))
	}
	failed := 0
	for _, r := range web.Routes {
		for _, role := range roles {
			relation := own
			if role == "other manager" {
				relation = foreign
			}
			path, ok := p.address(r, relation)
			if !ok || !allowed(r, role, relation) || r.Bare || r.Path == "/logout" {
				continue
			}
			ask := p.clients[role].get
			if r.Writes() {
				ask = func(path string, _ ...string) reply {
					return p.clients[role].copy().post(path, p.bodyOf(r, role, relation))
				}
			}
			got := ask(path)
			discreet(t, got)
			if got.status >= 500 {
				failed++
				got.has(say("web.internal"))
			}
			break // one who may is enough
		}
	}
	if failed < 20 {
		t.Error("only ", failed, " failures")
	}
}

func TestTeamsAreGone(t *testing.T) {
	t.Parallel()
	p := populate(t)
	p.ok(dropTable(p.open(), "teams"))
	for _, r := range web.Routes {
		for _, role := range roles[1:] {
			path, ok := p.address(r, own)
			if !ok || r.Bare || r.Writes() || !allowed(r, role, own) {
				continue
			}
			discreet(t, p.clients[role].get(path))
		}
	}
}

func TestPanic(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *web.Config) { c.Definitions = nil })
	c := w.as(w.ann)
	for _, accept := range []string{"text/html", "application/json"} {
		r := c.get("/help", "Accept", accept).is(500)
		discreet(t, r)
	}
	c.get("/account").is(200)
	w.http.Close()
	if log := w.log.String(); !strings.Contains(log, "panic") || !strings.Contains(log, "help.go") {
		t.Error("the log does not say where")
	}
}

type noRandomness struct{}

func (noRandomness) Read([]byte) (int, error) {
	return 0, errors.New("no randomness in /dev/urandom.go:1")
}

func TestNoRandomness(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *web.Config) { c.Rand = noRandomness{} })
	a := w.assign("aic-cycle", w.east)
	c := w.as(w.ann)
	for _, r := range []reply{c.post("/assignments/"+a.ID+"/start", nil), w.anybody().post("/login", login("A01", password)), w.as(w.ada).post("/admin/people/"+w.bob.ID+"/password", url.Values{"password": {"a long new one"}})} {
		r.is(500)
		if m := internals.FindString(r.body); m != "" {
			t.Error(m)
		}
	}
	w.anybody().post("/login", login("A02", "wrong")).is(http.StatusUnauthorized)
}

// A body over the limit is refused wherever it goes, with the limit.
func TestBodyLimit(t *testing.T) {
	t.Parallel()
	p := populate(t)
	before := p.dump()
	big := "x=" + strings.Repeat("y", 256<<10)
	for _, r := range web.Routes {
		if !r.Writes() || r.Upload {
			continue
		}
		for _, role := range roles {
			relation := own
			if role == "other manager" {
				relation = foreign
			}
			path, ok := p.address(r, relation)
			if !ok || !allowed(r, role, relation) {
				continue
			}
			got := p.clients[role].copy().send(http.MethodPost, path, p.bodyOf(r, role, relation).Encode()+"&"+big, "Content-Type", "application/x-www-form-urlencoded", "Sec-Fetch-Site", "same-origin")
			sound(t, r, got)
			got.is(http.StatusRequestEntityTooLarge).has(say("web.too_large", "max", 256<<10))
			got = p.clients[role].copy().send(http.MethodPost, path, "a=%zz&b=%", "Content-Type", "application/x-www-form-urlencoded", "Sec-Fetch-Site", "same-origin").is(http.StatusBadRequest)
			sound(t, r, got)
		}
	}
	path := "/sittings/" + p.things["sitting"][own] + "/items/1"
	c := p.clients["agent"]
	c.json(path, `{"rev":1,"answer":{"choice":"`+big+`"}}`).refused(http.StatusRequestEntityTooLarge, "too_large")
	if d := difference(before, p.dump()); d != "" {
		t.Errorf("something refused was written\n%s", d)
	}
}

// The server's own limits stand between a slow or a lavish client and everybody else.
func TestServerLimits(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	h := w.srv.HTTP(w.ctx)
	if h.ReadHeaderTimeout <= 0 || h.ReadTimeout <= 0 || h.WriteTimeout <= 0 || h.IdleTimeout <= 0 || h.MaxHeaderBytes <= 0 || h.MaxHeaderBytes > 64<<10 {
		t.Errorf("%+v", h)
	}
	r, err := http.NewRequest(http.MethodGet, w.http.URL+"/login", nil)
	w.ok(err)
	r.Header.Set("X-Long", strings.Repeat("x", 1<<20))
	res, err := w.http.Client().Do(r)
	if err == nil {
		_, _ = io.Copy(io.Discard, res.Body)
		res.Body.Close()
		if res.StatusCode != http.StatusRequestHeaderFieldsTooLarge {
			t.Error(res.StatusCode)
		}
	}
	w.anybody().get("/login").is(200)
}

func TestProbes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.as(w.ann)
	for path, want := range map[string]string{"/healthz": "ok\n", "/readyz": "ready\n"} {
		if r := c.get(path).is(200); r.body != want || r.header.Get("Set-Cookie") != "" {
			t.Errorf("%s: %q %v", path, r.body, r.header)
		}
	}
}
