package web_test

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"leida/internal/exam"
	"leida/internal/item"
	"leida/internal/org"
	"leida/internal/profile"
	"leida/internal/rescore"
	"leida/internal/store"
	"leida/internal/web"
)

// The route table drives these tests: a route that is added is walked without a word here, unless it names a new kind of id or needs a body.

const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"

const dataPolicy = "default-src 'none'; frame-ancestors 'none'"

// roles are who may ask, by the names used below.
var roles = []string{"anonymous", "agent", "trainer", "manager", "other manager", "admin"}

// Whose thing an address names: the agent's own, of somebody in the same team, of another team, of nobody.
const (
	own     = "own"
	mate    = "same team"
	foreign = "foreign"
	missing = "missing"
)

var relations = []string{own, mate, foreign, missing}

// populated is a centre in which there is something of each kind to ask for, of each relation.
type populated struct {
	*world
	clients map[string]*client
	things  map[string]map[string]string // parameter -> relation -> id
	results map[string]string            // relation -> submitted sitting
	applied map[string]string            // relation -> rescoring that can be taken back
	a, b    exam.Assignment              // to east and to west
	// fresh are assignments that nobody started
	freshEast, freshWest exam.Assignment
}

func populate(t testing.TB) *populated {
	w := newWorld(t)
	p := &populated{world: w, clients: map[string]*client{}}
	p.a, p.b = w.assign("aic-cycle", w.east), w.assign("aic-cycle", w.west)
	doneEast, doneWest := w.assign("emp-cycle", w.east), w.assign("emp-cycle", w.west)
	p.freshEast, p.freshWest = w.assign("cps-cycle", w.east), w.assign("cps-cycle", w.west)
	p.clients = map[string]*client{"anonymous": w.anybody(), "agent": w.as(w.ann), "trainer": w.as(w.tess), "manager": w.as(w.eve), "other manager": w.as(w.max), "admin": w.as(w.ada)}
	live := map[string]string{
		own: sittingID(p.clients["agent"].start(p.a)), mate: sittingID(w.as(w.bob).start(p.a)), foreign: sittingID(w.as(w.wes).start(p.b)), missing: w.st.NewID(),
	}
	p.results = map[string]string{
		own: w.sat(w.ann, doneEast, item.First).ID, mate: w.sat(w.bob, doneEast, item.Longest).ID, foreign: w.sat(w.wes, doneWest, item.First).ID, missing: w.st.NewID(),
	}
	p.things = map[string]map[string]string{
		"sitting":    live,
		"person":     {own: w.ann.ID, mate: w.bob.ID, foreign: w.wes.ID, missing: w.st.NewID()},
		"team":       {own: w.east, foreign: w.west, missing: w.st.NewID()},
		"assignment": {own: p.freshEast.ID, foreign: p.freshWest.ID, missing: w.st.NewID()},
		"session":    {own: w.as(w.ann).session(), foreign: w.as(w.wes).session(), missing: w.st.NewID()},
		"item":       {own: "aic-single-0001", missing: "aic-single-9999"},
		"cycle":      {own: "2026-q3", missing: "1999-q1"},
		"assessment": {own: "aic-cycle", missing: "nothing"},
		"rescoring":  {own: w.rescored("aic-single-0001", exam.FullCredit, "").ID, missing: w.st.NewID()},
	}
	w.rescored("emp-single-0001", exam.FullCredit, "apply")
	w.clock.add(time.Second)
	// By this one nobody rises, so that nobody falls by taking it back: of so few only admins do that.
	p.applied = map[string]string{own: w.rescored("emp-single-0001", exam.Current, "apply").ID, missing: w.st.NewID()}
	return p
}

// rescored is a rescoring, planned and, if so asked, applied.
func (w *world) rescored(item string, rule exam.Rule, apply string) store.Rescoring {
	w.t.Helper()
	desk := rescore.Desk{Store: w.st, Definitions: w.defs, Rules: profile.DefaultRules(), Now: w.clock.now}
	r, err := desk.Plan(w.ctx, rescore.Ask{Item: item, Rule: rule, Reason: "题目有误", By: store.AuditEntry{Actor: w.tess.ID}})
	w.ok(err)
	w.ok(desk.Work(w.ctx))
	r, err = w.st.Rescoring(w.ctx, r.ID)
	w.ok(err)
	if apply != "" {
		w.ok(desk.Apply(w.ctx, r.ID, r.Digest, store.AuditEntry{Actor: w.tess.ID}))
		w.ok(desk.Work(w.ctx))
	}
	return r
}

var parameter = regexp.MustCompile(`[:*]([a-z]+)`)

// address fills in a route's path for a relation; ok is false where there is nothing of the kind.
func (p *populated) address(r web.Route, relation string) (path string, ok bool) {
	ok = true
	named := parameter.FindAllString(r.Path, -1)
	if len(named) == 0 {
		return r.Path, relation == own
	}
	path = parameter.ReplaceAllStringFunc(r.Path, func(name string) string {
		switch name[1:] {
		case "n":
			return "1"
		case "sub":
			return "AIC.1"
		case "name":
			if relation == own {
				return strings.TrimPrefix(assetOf(p, "leida.css"), "/static/")
			}
			ok = ok && relation == missing
			return "nothing.css"
		}
		ids := p.things[name[1:]]
		if r.Path == "/sittings/:sitting/result" {
			ids = p.results
		}
		if r.Path == "/bank/rescorings/:rescoring/undo" {
			ids = p.applied
		}
		if ids == nil {
			p.t.Fatalf("%s: the test knows no %s", r.Path, name)
		}
		id, is := ids[relation]
		ok = ok && is
		return id
	})
	return path, ok
}

func assetOf(p *populated, name string) string {
	for _, n := range find(p.clients["anonymous"].get("/login").doc(), "link", nil) {
		if strings.Contains(attr(n, "href"), strings.TrimSuffix(name, ".css")) {
			return attr(n, "href")
		}
	}
	p.t.Fatal("no ", name)
	return ""
}

// allowed is what the table promises of a role and a relation.
func allowed(r web.Route, role, relation string) bool {
	access := map[string]org.Access{"agent": org.Agent, "trainer": org.Trainer, "manager": org.Manager, "other manager": org.Manager, "admin": org.Admin}
	if !r.Public && role == "anonymous" || len(r.Roles) > 0 && !slices.Contains(r.Roles, access[role]) || relation == missing {
		return false
	}
	if !strings.ContainsAny(r.Path, ":*") {
		return true
	}
	switch r.Scope {
	case web.Own:
		return role == "agent" && relation == own
	case web.OwnTeam, web.Managed:
		return role == "agent" && relation == own && r.Scope == web.OwnTeam ||
			role == "manager" && relation != foreign || role == "other manager" && relation == foreign
	case web.Given:
		return role == "trainer" || role == "manager" && relation == own || role == "other manager" && relation == foreign
	}
	return true
}

// refusal is how somebody is turned away.
func refusal(r web.Route, role string) int {
	switch {
	case role == "anonymous" && !r.Public && !r.Writes():
		return http.StatusSeeOther // to the door
	case role == "anonymous" && !r.Public:
		return http.StatusUnauthorized
	case len(r.Roles) > 0 && !slices.ContainsFunc(r.Roles, func(a org.Access) bool { return strings.HasSuffix(role, string(a)) }):
		return http.StatusForbidden
	}
	return http.StatusNotFound
}

// sound asks what every answer owes, whatever it says.
func sound(t testing.TB, r web.Route, got reply) {
	t.Helper()
	polite(t, r, got)
	if strings.HasPrefix(got.header.Get("Content-Type"), "text/html") {
		inert(t, got)
	}
}

// polite is sound without a look at the page.
func polite(t testing.TB, r web.Route, got reply) {
	t.Helper()
	h := got.header
	if got.status >= 500 {
		t.Errorf("%s: status %d\n%s", got.what, got.status, got.clip())
	}
	if !got.shielded() || h.Get("X-Content-Type-Options") != "nosniff" || !requestIDs.MatchString(h.Get("X-Request-Id")) {
		t.Errorf("%s: headers %v", got.what, h)
	}
	cache := "no-store"
	if r.Cache != "" && got.status == http.StatusOK {
		cache = r.Cache
	}
	if h.Get("Cache-Control") != cache {
		t.Errorf("%s: Cache-Control %q, want %q", got.what, h.Get("Cache-Control"), cache)
	}
	if h.Get("ETag") != "" || h.Get("Server") != "" {
		t.Errorf("%s: headers %v", got.what, h)
	}
}

// shielded reports whether a reply has the policy of what it is: of a page, or of data for a script.
func (r reply) shielded() bool {
	if strings.HasPrefix(r.header.Get("Content-Type"), "application/json") {
		return r.header.Get("Content-Security-Policy") == dataPolicy
	}
	return r.header.Get("Content-Security-Policy") == policy && r.header.Get("Referrer-Policy") == "same-origin"
}

// inert asks that a page hold nothing that the policy would refuse.
func inert(t testing.TB, got reply) {
	t.Helper()
	if h := got.header.Get("Content-Type"); h != "text/html; charset=utf-8" {
		t.Errorf("%s: Content-Type %q", got.what, h)
	}
	walk(got.doc(), func(n *html.Node) {
		if n.Type != html.ElementNode {
			return
		}
		if n.Data == "style" || n.Data == "script" && attr(n, "src") == "" && attr(n, "type") != "application/json" {
			t.Errorf("%s: inline %s", got.what, n.Data)
		}
		for _, a := range n.Attr {
			low := strings.ToLower(a.Val)
			if a.Key == "style" || strings.HasPrefix(a.Key, "on") || (a.Key == "href" || a.Key == "src" || a.Key == "action") && (strings.Contains(low, "javascript:") || strings.Contains(low, "#zgotmplz")) {
				t.Errorf("%s: %s %s=%q", got.what, n.Data, a.Key, a.Val)
			}
			if strings.Contains(a.Val, "ZgotmplZ") {
				t.Errorf("%s: %s %s=%q", got.what, n.Data, a.Key, a.Val)
			}
		}
	})
}

// same is a reply without what may differ between two that mean the same: the request's id and the address asked for.
func same(r reply, path string) string {
	h := r.header.Clone()
	h.Del("Date")
	h.Del("X-Request-Id")
	h.Del("Content-Length")
	body := strings.ReplaceAll(r.body, r.header.Get("X-Request-Id"), "REQUEST")
	for _, form := range []string{path, html.EscapeString(path), url.QueryEscape(path)} {
		body = strings.ReplaceAll(body, form, "PATH")
	}
	return fmt.Sprint(r.status, h, body)
}

func succeeded(r reply) bool {
	return r.status < 400 && !(r.status == http.StatusSeeOther && strings.HasPrefix(r.header.Get("Location"), "/login?next="))
}

func TestGetMatrix(t *testing.T) {
	t.Parallel()
	p := populate(t)
	before := p.dump()
	var asked []reply
	for _, r := range web.Routes {
		if r.Writes() {
			continue
		}
		for _, role := range roles {
			var not []string
			for _, relation := range relations {
				path, ok := p.address(r, relation)
				if !ok {
					continue
				}
				got := p.clients[role].get(path)
				got.what = role + ", " + relation + ": " + r.Path
				sound(t, r, got)
				switch may := allowed(r, role, relation); {
				case may && !succeeded(got):
					t.Errorf("%s: status %d, may", got.what, got.status)
				case may && got.status == http.StatusOK && r.Type != "asset" && !strings.HasPrefix(got.header.Get("Content-Type"), typeOf(r)):
					t.Errorf("%s: Content-Type %q", got.what, got.header.Get("Content-Type"))
				case !may && (succeeded(got) || got.status != refusal(r, role)):
					t.Errorf("%s: status %d, want %d", got.what, got.status, refusal(r, role))
				case !may && got.status == http.StatusNotFound:
					not = append(not, same(got, path))
				}
				asked = append(asked, got)
			}
			if len(slices.Compact(not)) > 1 {
				t.Errorf("%s %s: foreign and missing differ:\n%s", role, r.Path, strings.Join(not, "\n\n"))
			}
		}
	}
	if p.dump() != before {
		t.Error("a GET wrote")
	}
	p.logged(asked)
}

// logged asks that every request has a line in the log, under the id that its answer carries. A line is written after its answer, so the server ends first.
func (p *populated) logged(asked []reply) {
	p.t.Helper()
	p.http.Close()
	lines := p.log.String()
	for _, r := range asked {
		if !strings.Contains(lines, "request="+r.header.Get("X-Request-Id")+" ") {
			p.t.Errorf("%s: not in the log", r.what)
		}
	}
}

func typeOf(r web.Route) string {
	if r.Type != "" {
		return r.Type
	}
	return "text/html"
}

// takes is a content type that a route takes.
func takes(r web.Route) string {
	if r.Answer {
		return "application/json"
	}
	return "application/x-www-form-urlencoded"
}

// JSON errors are as equal as pages.
func TestMissingIsForeignInJSON(t *testing.T) {
	t.Parallel()
	p := populate(t)
	for _, r := range web.Routes {
		var got []string
		for _, relation := range []string{foreign, missing} {
			path, ok := p.address(r, relation)
			if !ok || r.Bare || len(r.Roles) > 0 {
				continue
			}
			x := p.clients["agent"].send(r.Method, path, `{"rev":1,"answer":{}}`, "Accept", "application/json", "Content-Type", takes(r)).is(http.StatusNotFound)
			if !strings.HasPrefix(x.header.Get("Content-Type"), "application/json") {
				t.Errorf("%s: %s", x.what, x.header.Get("Content-Type"))
			}
			got = append(got, same(x, path))
		}
		if len(slices.Compact(got)) > 1 {
			t.Errorf("%s: %s", r.Path, strings.Join(got, "\n"))
		}
	}
}

// bodyOf is what a write needs to succeed.
func (p *populated) bodyOf(r web.Route, role, relation string) url.Values {
	switch r.Path {
	case "/login":
		return url.Values{"name": {"A02"}, "password": {password}}
	case "/language":
		return url.Values{"lang": {"en"}, "next": {"/help"}}
	case "/account/password":
		return url.Values{"current": {password}, "password": {"another long one"}, "repeat": {"another long one"}}
	case "/sittings/:sitting/items/:n":
		return url.Values{"_rev": {"1"}, "_go": {"next"}}
	case "/assignments":
		team := p.east
		if role == "other manager" {
			team = p.west
		}
		return url.Values{"assessment": {"svi-cycle"}, "teams": {team}, "opens": {local(noon)}, "closes": {local(noon.AddDate(0, 0, 7))}}
	case "/assignments/:assignment/time":
		who := p.bob.ID
		if relation == foreign {
			who = p.wes.ID
		}
		return url.Values{"person": {who}, "factor": {"1.5"}}
	case "/admin/people/:person/access":
		return url.Values{"access": {"agent"}}
	case "/account/proof", "/account/factor/remove":
		return url.Values{"current": {password}}
	case "/bank/items/:item/rescore":
		return url.Values{"rule": {"full-credit"}, "reason": {"题目有误"}}
	case "/bank/rescorings/:rescoring/apply":
		r, err := p.st.Rescoring(p.ctx, p.things["rescoring"][own])
		p.ok(err)
		return url.Values{"digest": {r.Digest}}
	case "/admin/roster":
		return url.Values{"again": {base64of("工号,姓名,团队\nA77,新来的,华东中心 > 一组\n")}}
	}
	return url.Values{}
}

// crossings are what a request from another site looks like.
var crossings = map[string][]string{
	"cross-site":     {"Sec-Fetch-Site", "cross-site", "Origin", "https://evil.example"},
	"same-site":      {"Sec-Fetch-Site", "same-site", "Origin", "https://evil.example"},
	"foreign origin": {"Sec-Fetch-Site", "", "Origin", "https://evil.example"},
	"null origin":    {"Sec-Fetch-Site", "", "Origin", "null"},
}

func TestWriteMatrix(t *testing.T) {
	t.Parallel()
	for _, r := range web.Routes {
		if !r.Writes() {
			continue
		}
		t.Run(r.Method+" "+r.Path, func(t *testing.T) {
			t.Parallel()
			p := populate(t)
			before := p.dump()
			var crossed []reply
			type ask struct{ role, relation, path string }
			var may []ask
			for _, role := range roles {
				var not []string
				for _, relation := range relations {
					path, ok := p.address(r, relation)
					if !ok {
						continue
					}
					if allowed(r, role, relation) {
						may = append(may, ask{role, relation, path})
						for name, headers := range crossings {
							got := p.clients[role].post(path, p.bodyOf(r, role, relation), headers...)
							got.what = name + ", " + role + ": " + r.Path
							sound(t, r, got)
							got.is(http.StatusForbidden).has(say("web.cross_site"))
							crossed = append(crossed, got)
						}
						continue
					}
					got := p.clients[role].post(path, p.bodyOf(r, role, relation))
					got.what = role + ", " + relation + ": " + r.Path
					sound(t, r, got)
					if got.status != refusal(r, role) {
						t.Errorf("%s: status %d, want %d\n%s", got.what, got.status, refusal(r, role), got.clip())
					}
					if got.status == http.StatusNotFound {
						not = append(not, same(got, path))
					}
				}
				if len(slices.Compact(not)) > 1 {
					t.Errorf("%s: foreign and missing differ:\n%s", role, strings.Join(not, "\n\n"))
				}
			}
			if after := p.dump(); after != before {
				t.Errorf("something refused was written:\n%s", difference(before, after))
			}
			if len(may) == 0 {
				t.Fatal("nobody may")
			}
			for i, a := range may {
				got := p.clients[a.role].copy().post(a.path, p.bodyOf(r, a.role, a.relation))
				got.what = a.role + ": " + r.Path
				sound(t, r, got)
				shows := r.Path == "/admin/people/:person/password" && got.status == http.StatusOK // the password, once
				if got.status != http.StatusSeeOther && !shows && !(r.Path == "/admin/cycles/:cycle/close" && got.status == http.StatusConflict) &&
					!(i > 0 && strings.HasPrefix(r.Path, "/bank/rescorings/") && got.status == http.StatusConflict) { // the first has done it
					t.Errorf("%s: status %d\n%s", got.what, got.status, got.clip())
				}
				entries := 1
				if _, none := unnoted[r.Path]; none || r.Path == "/logout" && a.role == "anonymous" || got.status == http.StatusConflict {
					entries = 0
				}
				if n := p.count("SELECT count(*) FROM audit WHERE request_id = ?", got.header.Get("X-Request-Id")); n != entries {
					t.Errorf("%s: %d entries in the audit log, want %d", got.what, n, entries)
				}
				if r.Path == "/account/password" {
					break // the others' sessions stand, but the throttle is by address
				}
			}
			p.logged(crossed)
		})
	}
}

// unnoted are the writes of which the audit log says nothing, and why. Every other leaves one entry.
var unnoted = map[string]string{
	"/language":                        "a cookie",
	"/login/code":                      "no code is awaited",
	"/account/factor/confirm":          "no factor is being set up",
	"/account/factor/codes":            "there is no factor to recover",
	"/account/factor/remove":           "there is no factor to remove",
	"/admin/people/:person/factor":     "there is no factor to reset",
	"/assignments/:assignment/start":   "the sitting says itself when it began",
	"/sittings/:sitting/items/:n":      "the answer says itself when it was saved",
	"/sittings/:sitting/items/:n/open": "the place says itself when its clock was started",
	"/sittings/:sitting/take":          "the sitting says itself who holds it",
}

// difference are the lines that are gone, with "-", and those that are new, with "+"; a line that was there twice and is there once is gone once.
func difference(before, after string) string {
	count := map[string]int{}
	for line := range strings.SplitSeq(after, "\n") {
		count[line]++
	}
	var out []string
	for line := range strings.SplitSeq(before, "\n") {
		if count[line]--; count[line] < 0 {
			out = append(out, "- "+line)
		}
	}
	for line := range strings.SplitSeq(after, "\n") {
		if count[line] > 0 {
			count[line]--
			out = append(out, "+ "+line)
		}
	}
	return strings.Join(out, "\n")
}

func TestDifference(t *testing.T) {
	for _, x := range [][3]string{{"a\nb", "a\nb", ""}, {"a\nb", "b\na", ""}, {"a", "a\nb", "+ b"}, {"a\nb", "a", "- b"}, {"a\na", "a", "- a"}, {"a", "a\na", "+ a"}, {"a\nb", "a\nc", "- b\n+ c"}} {
		if got := difference(x[0], x[1]); got != x[2] {
			t.Errorf("%q, %q: %q, want %q", x[0], x[1], got, x[2])
		}
	}
}

// An old client that sends neither header is no browser with somebody's cookies, and is let in.
func TestNoOriginIsLetIn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.as(w.ann).send(http.MethodPost, "/language", "lang=en", "Content-Type", "application/x-www-form-urlencoded").to("/")
}

func TestUnknownQueries(t *testing.T) {
	t.Parallel()
	p := populate(t)
	p.log.b.Reset()
	evil := url.QueryEscape
	queries := []string{
		"page=0", "page=-1", "page=1000000000", "page=99999999999999999999", "page=abc", "page=1e3", "page=", "page=1&page=2", "size=1e9",
		"sort=" + evil("'; drop table people; --"), "sort=AIC.1", "sort=" + evil("AIC.1 DESC"), "compare=xxx", "compare=none", "compare=previous", "kind=zzz", "kind=" + evil("<script>"),
		"q=" + evil(`'"%_\`), "q=%00", "q=%ff%fe", "q=" + strings.Repeat("_", 30_000), "q=" + strings.Repeat("%25", 9_000), "q=" + evil(strings.Repeat("！", 3_000)),
		"lang=../../", "from=9&to=1", "assessment=" + evil("\"><script>alert(1)</script>"), "next=//evil.example", "next=" + evil("javascript:alert(1)"), "%zz=1", "a;b", "=", "&&&",
	}
	asks := map[string]bool{"/login": true, "/people/:person": true, "/teams/:team": true, "/teams/:team/scores.csv": true, "/assignments": true, "/assignments/new": true, "/bank": true, "/admin/people": true} // all of them there, some elsewhere
	before := p.dump()
	for n, r := range web.Routes {
		if r.Writes() || r.Bare {
			continue
		}
		for _, role := range roles[1:] {
			relation := own
			if role == "other manager" {
				relation = foreign
			}
			path, ok := p.address(r, relation)
			if !ok || !allowed(r, role, relation) {
				continue
			}
			plain := p.clients[role].get(path)
			for i, q := range queries {
				if i%4 != n%4 && !asks[r.Path] {
					continue
				}
				got := p.clients[role].get(path + "?" + q)
				polite(t, r, got)
				if i%5 == 0 && got.parsed != nil {
					inert(t, got)
				}
				if got.status != plain.status && got.status/100 != 4 {
					t.Errorf("%s: status %d, without it %d", got.what, got.status, plain.status)
				}
			}
			break
		}
	}
	if p.dump() != before {
		t.Error("a GET wrote")
	}
}

func TestAssets(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.anybody()
	page := c.get("/login").is(200)
	var urls []string
	for _, n := range append(find(page.doc(), "link", nil), find(page.doc(), "script", nil)...) {
		urls = append(urls, attr(n, "href")+attr(n, "src"))
	}
	if len(urls) < 4 {
		t.Fatal(urls)
	}
	for _, u := range urls {
		for _, encoding := range []string{"", "gzip", "br"} {
			got := c.get(u, "Accept-Encoding", encoding).is(200)
			if got.header.Get("Cache-Control") != "public, max-age=31536000, immutable" || got.header.Get("Content-Encoding") != encoding && encoding != "" || got.header.Get("X-Content-Type-Options") != "nosniff" {
				t.Errorf("%s %s: %v", u, encoding, got.header)
			}
			if got.header.Get("Set-Cookie") != "" {
				t.Errorf("%s sets a cookie", u)
			}
		}
	}
	for _, u := range []string{"/static/", "/static/..%2f..%2fgo.mod", "/static/leida.css", "/static/../routes.go", "/static/%00", "/static/src/app.js", "/nothing", "//evil.example", "/.git/config", "/.git/HEAD", "/debug/pprof/", "/debug/vars", "/metrics", "/server-status", "/swagger", "/static/dist/", "/static/items/", "/admin", "/people", "/sittings"} {
		got := c.get(u)
		sound(t, web.Route{}, got)
		if got.status != http.StatusNotFound && !(u == "/static/leida.css" && got.status == 200) {
			t.Errorf("%s: %d", u, got.status)
		}
	}
	if at := c.get("/favicon.ico").to("/static/"); !strings.Contains(at, "favicon") {
		t.Error(at)
	}
	for _, method := range []string{http.MethodPut, http.MethodDelete, http.MethodPatch, http.MethodOptions, http.MethodTrace} {
		got := c.send(method, "/login", "")
		if got.status != http.StatusNotFound && got.status != http.StatusForbidden {
			t.Errorf("%s /login: %d", method, got.status)
		}
	}
}
