package web_test

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"leida/internal/exam"
	"leida/internal/store"
	"leida/internal/web"
)

// line is a request's line of the log.
type line struct {
	Time                                                       time.Time
	Level, Msg, Request, Address, Method, Route, Person, Event string
	Status                                                     int
}

// inJSON makes a world log JSON into its buffer.
func inJSON(into *logs) option {
	return func(c *web.Config) { c.Log = slog.New(slog.NewJSONHandler(into, nil)) }
}

// lines are what was logged, each line of it JSON. They are written after the answers, so the server ends first.
func (w *world) lines(from *logs) []line {
	w.t.Helper()
	w.http.Close()
	var out []line
	for raw := range strings.Lines(from.String()) {
		var l line
		if err := json.Unmarshal([]byte(raw), &l); err != nil {
			w.t.Errorf("not a line of JSON: %v\n%s", err, raw)
		}
		out = append(out, l)
	}
	return out
}

// Signing in and out, right or wrong, and whatever was refused stands in the log with who, from where, when and under which id.
func TestSecurityEvents(t *testing.T) {
	t.Parallel()
	log := &logs{}
	w := newWorld(t, inJSON(log))
	a := w.assign("aic-cycle", w.east)
	ann, stranger := w.as(w.ann), w.anybody()
	at := ann.start(a)
	crossed := append([]string{"Content-Type", "application/x-www-form-urlencoded"}, crossings["cross-site"]...)
	stale := w.anybody()
	stale.cookies["leida_session"] = strings.Repeat("A", 43)
	type want struct {
		got           reply
		event, person string
		level         string
	}
	asked := []want{
		{stranger.post("/login", login("A02", "wrong")), "login_failed", "", "WARN"},
		{stranger.post("/login", login("nobody", "wrong")), "login_failed", "", "WARN"},
		{w.anybody().post("/login", login("A02", password)), "login", "", "INFO"},
		{stale.get("/me"), "session_refused", "", "WARN"},
		{ann.get("/admin/people").is(403), "denied", w.ann.ID, "WARN"},
		{ann.get("/people/" + w.wes.ID).is(404), "denied", w.ann.ID, "WARN"},
		{ann.send(http.MethodPost, "/logout", "", crossed...).is(403), "cross_site", "", "WARN"},
		{ann.post("/language", url.Values{"lang": {"en", "zh"}}).is(400), "malformed", w.ann.ID, "WARN"},
		{ann.post("/language", url.Values{"lang": {"x" + strings.Repeat("y", 256<<10)}}).is(413), "malformed", "", "WARN"},
		{ann.get("/me"), "", w.ann.ID, "INFO"},
	}
	for range 8 {
		stranger.post("/login", login("A03", "wrong"))
	}
	asked = append(asked, want{stranger.post("/login", login("A03", password)).is(429), "throttled", "", "WARN"})
	w.clock.set(w.kept(w.ann, at).Deadline.Add(exam.Grace + time.Second))
	asked = append(asked,
		want{ann.json(at+"/items/1", `{"rev":1,"answer":{}}`).is(409), "late_answer", w.ann.ID, "WARN"},
		want{ann.post("/logout", nil), "logout", w.ann.ID, "INFO"})
	lines := w.lines(log)
	for _, x := range asked {
		i := slices.IndexFunc(lines, func(l line) bool { return l.Request == x.got.header.Get("X-Request-Id") })
		if i < 0 {
			t.Errorf("%s is not in the log", x.got.what)
			continue
		}
		l := lines[i]
		if l.Event != x.event || l.Level != x.level || l.Address != "127.0.0.1" || l.Person != x.person && x.person != "" || l.Status != x.got.status || l.Time.IsZero() || l.Method == "" || l.Route == "" {
			t.Errorf("%s: %+v, want %q at %s by %q", x.got.what, l, x.event, x.level, x.person)
		}
	}
}

// What fails of itself is an event as well: with the request's id, at ERROR.
func TestFailuresAreEvents(t *testing.T) {
	t.Parallel()
	log := &logs{}
	broken := newWorld(t, inJSON(log), func(c *web.Config) { c.Store = store.Failing() })
	r := broken.anybody().post("/login", login("A01", password)).is(500)
	if ls := broken.lines(log); !slices.ContainsFunc(ls, func(l line) bool {
		return l.Request == r.header.Get("X-Request-Id") && l.Event == "failure" && l.Level == "ERROR"
	}) {
		t.Errorf("%+v", ls)
	}
	log = &logs{}
	panics := newWorld(t, inJSON(log), func(c *web.Config) { c.Definitions = nil })
	r = panics.as(panics.ann).get("/help").is(500)
	if ls := panics.lines(log); !slices.ContainsFunc(ls, func(l line) bool {
		return l.Request == r.header.Get("X-Request-Id") && l.Event == "panic" && l.Level == "ERROR" && l.Address == "127.0.0.1"
	}) {
		t.Errorf("%+v", ls)
	}
}

// No password, no token, no answer and no search is in a log, whatever went wrong with it, and nothing that anybody sends makes a line of its own.
func TestLogKeepsSecrets(t *testing.T) {
	t.Parallel()
	for _, format := range []string{"text", "json"} {
		log := &logs{}
		w := newWorld(t, func(c *web.Config) {
			c.Log = slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug}))
			if format == "json" {
				c.Log = slog.New(slog.NewJSONHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug}))
			}
		})
		const secret, forged = "KANARIENVOGEL", "\r\n{\"level\":\"INFO\",\"msg\":\"forged\"}\n\x1b[31mforged"
		admin, ann := w.as(w.ada), w.as(w.ann)
		for _, tail := range []string{"", forged} {
			w.anybody().post("/login?name="+secret, login(secret, secret+tail), "User-Agent", secret, "Referer", "http://x/"+secret, "Cookie", "leida_session="+secret)
			w.anybody().post("/login", login("A01", secret+tail))
			ann.post("/account/password", url.Values{"current": {secret}, "password": {secret + tail}, "repeat": {secret}})
			admin.post("/admin/people/"+w.bob.ID+"/password", url.Values{"password": {"short" + tail}})
			ann.get("/people/" + url.PathEscape(secret+tail) + "?q=" + url.QueryEscape(secret+tail))
			admin.get("/admin/people?q=" + url.QueryEscape(secret+tail))
			admin.upload("number,name,team\n" + secret + "," + secret + strings.Map(func(r rune) rune {
				if r < ' ' || r == '"' {
					return '.'
				}
				return r
			}, tail) + ",\n")
			ann.post("/language", url.Values{"lang": {secret + tail}, "next": {"/" + secret + tail}})
			w.as(w.tess).post("/assignments", url.Values{"assessment": {secret + tail}, "people": {secret + tail}, "opens": {secret}, "closes": {secret}})
			ann.send(http.MethodPost, "/logout", secret, "Origin", "https://"+strings.ToLower(secret)+".example", "Sec-Fetch-Site", "cross-site")
		}
		at := ann.start(w.assign("aic-cycle", w.east))
		for n := range w.kept(w.ann, at).Slots {
			path := fmt.Sprintf("%s/items/%d", at, n+1)
			quoted, err := json.Marshal(secret + forged)
			w.ok(err)
			for _, body := range []string{`{"rev":1,"answer":{"choice":` + string(quoted) + `}}`, `{"rev":1,"answer":{` + string(quoted) + `:1}}`, `{"rev":1,` + string(quoted) + `:1}`, `{"rev":` + string(quoted) + `}`, secret, `{"rev":1,"answer":{"choice":"` + secret} {
				ann.json(path, body)
			}
			ann.post(path, url.Values{"_rev": {secret}, "choice": {secret + forged}, "rank[" + secret + "]": {secret}})
		}
		token := ann.cookies["leida_session"]
		ann.get("/me")
		w.clock.add(time.Hour)
		ann.json(at+"/items/1", `{"rev":9,"answer":{}}`)
		w.http.Close()
		all := log.String()
		for _, word := range []string{secret, strings.ToLower(secret), token, password} {
			for raw := range strings.Lines(all) {
				if strings.Contains(raw, word) {
					t.Errorf("%s is in the log: %s", word, raw)
				}
			}
		}
		for raw := range strings.Lines(all) {
			if format == "json" && !json.Valid([]byte(raw)) || format == "text" && !strings.HasPrefix(raw, "time=") || strings.ContainsAny(raw, "\x1b\r") {
				t.Errorf("a forged line: %q", raw)
			}
		}
		if strings.Count(all, "\n") < 40 {
			t.Errorf("only %d lines", strings.Count(all, "\n"))
		}
	}
}
