package web_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"leida/internal/web"
)

// What comes in is decoded once: what a page shows of a search is what was typed, however it looks.
func TestDecodedOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.as(w.ada)
	for _, typed := range []string{"%41", "%2541", "%27", "&amp;", "&amp;amp;", "&lt;b&gt;", `\u0041`, "+", "%00", "=?utf-8?q?x?=", "%u0041", "&#65;"} {
		page := c.get("/admin/people?q=" + url.QueryEscape(typed)).is(200)
		if shown := attr(find(page.doc(), "input", func(n *html.Node) bool { return attr(n, "name") == "q" })[0], "value"); shown != typed {
			t.Errorf("%q is shown as %q", typed, shown)
		}
		r := w.anybody().post("/login", login(typed, "x"))
		if now, _ := r.controls("/login"); r.status == http.StatusUnauthorized && now.Get("name") != typed {
			t.Errorf("%q is kept as %q", typed, now.Get("name"))
		}
		w.rested()
	}
	lead := w.as(w.eve)
	first := fmt.Sprintf("%%%02x", w.ann.ID[0])
	lead.get("/people/" + first + w.ann.ID[1:]).is(200)
	lead.get("/people/" + strings.Replace(first, "%", "%25", 1) + w.ann.ID[1:]).is(http.StatusNotFound)
}

// The database has the hash of a session's token and never the token, which is 256 random bits.
func TestTokenIsKeptAsItsHash(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	seen := map[string]bool{}
	for range 4 {
		c := w.anybody()
		c.post("/login", login("A01", password)).to("/")
		token := c.cookies["leida_session"]
		raw, err := base64.RawURLEncoding.DecodeString(token)
		w.ok(err)
		sum := sha256.Sum256(raw)
		var kept [][]byte
		rows, err := w.open().Query("SELECT token_hash FROM sessions")
		w.ok(err)
		for rows.Next() {
			var h []byte
			w.ok(rows.Scan(&h))
			kept = append(kept, h)
		}
		w.ok(rows.Err())
		w.ok(rows.Close())
		has := func(x []byte) bool {
			return slices.ContainsFunc(kept, func(h []byte) bool { return bytes.Equal(h, x) })
		}
		if len(raw) != 32 || seen[token] || !has(sum[:]) || has(raw) || strings.Contains(w.dump(), token) {
			t.Errorf("a token of %d bytes, seen before: %v", len(raw), seen[token])
		}
		seen[token] = true
	}
}

// Everybody who is signed in can sign out from wherever they are, and nothing secret ever stands in an address.
func TestSignOutIsOnEveryPage(t *testing.T) {
	t.Parallel()
	p := populate(t)
	var from []string
	for _, r := range web.Routes {
		if path, ok := p.address(r, own); ok && !r.Writes() {
			from = append(from, path)
		}
	}
	pages := 0
	for _, role := range roles[1:] {
		token := p.clients[role].cookies["leida_session"]
		crawl(p.clients[role], func(r reply) {
			if strings.Contains(r.header.Get("Location"), token) {
				t.Errorf("%s leads to an address with the token", r.what)
			}
			if r.parsed == nil || r.status != http.StatusOK {
				return
			}
			pages++
			if len(find(r.doc(), "form", func(n *html.Node) bool { return attr(n, "action") == "/logout" && attr(n, "method") == "post" })) == 0 {
				t.Errorf("%s: %s has no way out", role, r.what)
			}
			if strings.Contains(r.body, token) {
				t.Errorf("%s: %s shows the token", role, r.what)
			}
			for _, form := range find(r.doc(), "form", func(n *html.Node) bool { return attr(n, "method") != "post" }) {
				for _, field := range find(form, "input", nil) {
					if kind := attr(field, "type"); kind == "password" || kind == "file" || kind == "hidden" && attr(field, "name") != "compare" && attr(field, "name") != "sort" && attr(field, "name") != "kind" {
						t.Errorf("%s: %s sends %s in its address", role, r.what, attr(field, "name"))
					}
				}
			}
		}, from...)
	}
	if pages < 40 {
		t.Error("only ", pages, " pages")
	}
}

// A reply in JSON has the fields that it is to have and no others.
func TestJSONRepliesHaveTheirFieldsAlone(t *testing.T) {
	t.Parallel()
	d := sit(t)
	fields := func(r reply, inner string) []string {
		var m map[string]json.RawMessage
		r.into(&m)
		if inner != "" {
			raw := m[inner]
			m = nil
			must(json.Unmarshal(raw, &m))
		}
		return slices.Sorted(maps.Keys(m))
	}
	good := d.c.json(d.item(1), `{"rev":1,"answer":{}}`).is(200)
	if got, want := fields(good, ""), []string{"answered", "deadline", "now", "rev", "saved_at", "state"}; !slices.Equal(got, want) {
		t.Errorf("a save answers %v, want %v", got, want)
	}
	for _, bad := range []reply{d.c.json(d.item(1), `{"rev":2,"answer":{"nothing":"x"}}`).is(422), d.c.json(d.item(1), `{`).is(400), d.c.get("/people/x", "Accept", "application/json").is(404), d.anybody().get("/me", "Accept", "application/json").is(401)} {
		if got := fields(bad, ""); !slices.Equal(got, []string{"error"}) {
			t.Errorf("%s: %v", bad.what, got)
		}
		for _, f := range fields(bad, "error") {
			if !slices.Contains([]string{"code", "kind", "message", "problems", "request"}, f) {
				t.Errorf("%s: tells %s", bad.what, f)
			}
		}
	}
}
