package web_test

import (
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"leida/internal/web"
)

// methods are the verbs of HTTP and some that are none.
var methods = []string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions, http.MethodTrace, http.MethodConnect, "PROPFIND", "BREW", "get"}

// straight asks the server without a network between, which also carries what a client's library would not send.
func (c *client) straight(method string, at *url.URL, body string, pairs ...string) reply {
	c.w.t.Helper()
	r := &http.Request{Method: method, URL: at, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Host: "leida.example", RemoteAddr: "192.0.2.1:1234", RequestURI: at.RequestURI(),
		Header: http.Header{}, Body: http.NoBody}
	if body != "" {
		r = r.WithContext(c.w.ctx)
		r.Body, r.ContentLength = nopCloser{strings.NewReader(body)}, int64(len(body))
	}
	for k, v := range c.cookies {
		r.AddCookie(&http.Cookie{Name: k, Value: v})
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		r.Header.Set(pairs[i], pairs[i+1])
	}
	rec := httptest.NewRecorder()
	c.w.srv.Handler().ServeHTTP(rec, r)
	return replyOf(c.w.t, method+" "+at.String(), rec)
}

// TestMethodMatrix: every method on every path as everybody. Only the rows of the table answer; whatever else is asked is not found, says so in words, and changes nothing.
func TestMethodMatrix(t *testing.T) {
	t.Parallel()
	p := populate(t)
	paths := map[string][]string{} // path -> the methods of its rows
	rows := map[string]web.Route{}
	for _, r := range web.Routes {
		paths[r.Path] = append(paths[r.Path], r.Method)
		rows[r.Path] = r
	}
	before := p.dump()
	refused, bodies := 0, map[string]bool{}
	for path, has := range paths {
		for _, role := range roles {
			for _, relation := range []string{own, foreign} {
				at, ok := p.address(rows[path], relation)
				if !ok {
					continue
				}
				for i, method := range methods {
					if slices.Contains(has, method) || method == http.MethodHead && slices.Contains(has, http.MethodGet) {
						continue // TestGetMatrix, TestWriteMatrix and, of HEAD, TestMethods
					}
					var pairs []string
					if i%2 == 0 == (relation == own) {
						pairs = []string{"X-Http-Method-Override", "POST", "X-Method-Override", "POST", "Content-Type", "application/x-www-form-urlencoded"}
					}
					got := p.clients[role].copy().straight(method, &url.URL{Path: at}, "_method=POST&lang=en", append(pairs, "Sec-Fetch-Site", "same-origin")...)
					got.what = role + ", " + relation + ": " + method + " " + path
					polite(t, web.Route{}, got)
					if got.status != http.StatusNotFound && got.status != http.StatusMethodNotAllowed {
						t.Errorf("%s: status %d", got.what, got.status)
					}
					if len(got.header["Set-Cookie"]) > 0 {
						t.Errorf("%s: sets a cookie", got.what)
					}
					bodies[fmt.Sprint(got.status, strings.ReplaceAll(words(find(got.doc(), "main", nil)[0]), got.header.Get("X-Request-Id"), ""))] = true
					refused++
				}
			}
		}
	}
	if d := difference(before, p.dump()); d != "" {
		t.Errorf("a method that no row has wrote:\n%s", d)
	}
	if len(bodies) != 1 { // an address of ours by a strange method reads like no address at all
		t.Errorf("%d different refusals: %q", len(bodies), slices.Collect(maps.Keys(bodies)))
	}
	t.Log(refused, "refused")
}

// Looking writes three things, none of them anybody's data: when a session was last seen, that a report was looked at, and that somebody asked for what is not theirs.
// They are the log of looking itself. Nothing else is written by any GET, whoever asks for what.
var lookingWrites = []string{"UPDATE `sessions` SET `seen_at`=", "INSERT INTO `audit`"}

// lookingWrite is which of them a statement is, "" for none.
func lookingWrite(x statement) string {
	for _, w := range lookingWrites {
		if strings.HasPrefix(strings.ReplaceAll(x.sql, `"`, "`"), w) {
			return w
		}
	}
	return ""
}

func looking(x statement) bool { return lookingWrite(x) != "" }

func TestNoGetWrites(t *testing.T) {
	t.Parallel()
	p := populate(t)
	met := map[string]int{}
	var from []string
	for _, r := range web.Routes {
		for _, relation := range relations {
			if path, ok := p.address(r, relation); ok && !r.Writes() {
				from = append(from, path)
			}
		}
	}
	const others = "SELECT count(*) FROM audit WHERE action NOT IN ('report.view', 'denied')"
	before, entries := p.dump(), p.count(others)
	pages := 0
	for _, role := range roles {
		p.clock.add(61e9) // a minute: the session's time is written again
		said := p.sql.during(func() { pages += crawl(p.clients[role], func(r reply) { polite(t, tableRow(r), r) }, from...) })
		for _, x := range writes(said) {
			if !looking(x) {
				t.Errorf("%s: a GET asks to %s", role, x.sql)
			}
			met[lookingWrite(x)]++
		}
	}
	if d := difference(before, p.dump()); d != "" {
		t.Errorf("looking changed\n%s", d)
	}
	for _, w := range lookingWrites {
		if met[w] == 0 {
			t.Errorf("nothing says %q any more: take it off the list", w)
		}
	}
	if n := p.count(others); n != entries {
		t.Error(n-entries, "other entries in the log")
	}
	if p.count("SELECT count(*) FROM audit WHERE action = 'report.view'") == 0 || p.count("SELECT count(*) FROM audit WHERE action = 'denied'") == 0 {
		t.Error("looking leaves no trace")
	}
	t.Log(pages, "pages")
}

// tableRow finds the row of a reply, for its cache rule.
func tableRow(r reply) web.Route {
	_, path, _ := strings.Cut(r.what, " ")
	path, _, _ = strings.Cut(path, "?")
	for _, row := range web.Routes {
		if row.Path == path || strings.HasPrefix(row.Path, "/static/") && strings.HasPrefix(path, "/static/") {
			return row
		}
	}
	return web.Route{}
}
