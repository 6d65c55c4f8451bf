package web_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
	"golang.org/x/crypto/argon2"
	"golang.org/x/net/html"

	"leida/internal/assessment"
	"leida/internal/exam"
	"leida/internal/item"
	"leida/internal/org"
	"leida/internal/plain"
	"leida/internal/profile"
	"leida/internal/store"
	"leida/internal/store/pgtest"
	"leida/internal/text"
	"leida/internal/web"
)

// noon is when tests begin: a working day in the centre's zone, in the cycle 2026-q4.
var noon = time.Date(2026, 11, 2, 4, 0, 0, 0, time.UTC)

var shanghai = func() *time.Location {
	zone, err := time.LoadLocation("Asia/Shanghai")
	if err != nil {
		panic(err)
	}
	return zone
}()

// clock is a time that a test sets.
type clock struct {
	mu sync.Mutex
	t  time.Time
}

func (c *clock) now() time.Time      { c.mu.Lock(); defer c.mu.Unlock(); return c.t }
func (c *clock) set(t time.Time)     { c.mu.Lock(); defer c.mu.Unlock(); c.t = t }
func (c *clock) add(d time.Duration) { c.set(c.now().Add(d)) }

const password = "correct horse battery"

// hash is a password's stored form with little work: argon2 is slow on purpose, and its memory slower still under the race detector.
func hash(password string) string {
	salt, b64 := []byte("sixteen bytes ok"), base64.RawStdEncoding
	return "$argon2id$v=19$m=8,t=1,p=1$" + b64.EncodeToString(salt) + "$" + b64.EncodeToString(argon2.IDKey([]byte(password), salt, 1, 8, 1, 32))
}

var hashed = sync.OnceValue(func() string { return hash(password) })

// builtIn are the definitions that come with leida, with plain forms.
var builtIn = sync.OnceValues(func() (*assessment.Library, assessment.Report) {
	return assessment.Load(plain.FS(), nil, nil)
})

// centre is the small centre of every test: two teams below one root, with a manager each, a trainer and an admin.
type centre struct {
	root, east, west   string // teams
	ann, bob, wes      org.Person
	eve, max           org.Person // managers of east and west
	tess, ada          org.Person // trainer and admin
	everyone           []org.Person
	cycle              org.Cycle
	eastTeam, westTeam org.Team
}

// seed is the database of the centre, made once and copied for each test: where, on sqlite.
var seeded struct {
	once sync.Once
	path string
	centre
}

// sow puts an empty world on a copy of the seed.
func (w *world) sow() {
	w.t.Helper()
	if pgtest.Asked() {
		pgtest.Template(w.t, "seed", func(url string) error { seeded.centre = plant(store.Config{URL: url}); return nil })
		w.where = store.Config{URL: pgtest.Database(w.t, "seed")}
	} else {
		seeded.once.Do(func() {
			dir, err := os.MkdirTemp("", "leida-web-test")
			must(err)
			seeded.path = filepath.Join(dir, "seed.db")
			seeded.centre = plant(store.Config{Path: seeded.path})
		})
		raw, err := os.ReadFile(seeded.path)
		w.ok(err)
		w.where = store.Config{Path: filepath.Join(w.t.TempDir(), "leida.db")}
		w.ok(os.WriteFile(w.where.Path, raw, 0o600))
	}
	w.centre = seeded.centre
}

// plant makes the centre in an empty database.
func plant(where store.Config) centre {
	ctx := context.Background()
	where.Now, where.Rand, where.Zone = func() time.Time { return noon.AddDate(0, 0, -1) }, rand.Reader, shanghai
	st, err := store.Open(ctx, where)
	must(err)
	must(st.Migrate(ctx))
	var c centre
	team := func(parent, code, name string) org.Team {
		made, err := st.CreateTeam(ctx, org.Team{Parent: parent, Code: code, Name: name})
		must(err)
		return made
	}
	c.root = team("", "ec", "华东中心").ID
	c.eastTeam, c.westTeam = team(c.root, "ec-1", "一组"), team(c.root, "ec-2", "二组")
	c.east, c.west = c.eastTeam.ID, c.westTeam.ID
	person := func(number, name, team string, grants ...org.Grant) org.Person {
		p, err := st.CreatePerson(ctx, org.Person{Number: number, Name: name, JobProfile: "agent", ActiveFrom: noon.AddDate(-1, 0, 0)}, hashed(), grants)
		must(err)
		if team != "" {
			must(st.MoveMember(ctx, p.ID, team, noon.AddDate(0, -11, 0)))
		}
		c.everyone = append(c.everyone, p)
		return p
	}
	agent := org.Grant{Access: org.Agent}
	c.ann, c.bob = person("A01", "安安", c.east, agent), person("A02", "Bob", c.east, agent)
	c.wes = person("A03", "Wes Canary", c.west, agent)
	c.eve = person("M01", "Eve", "", org.Grant{Access: org.Manager, Team: c.east})
	c.max = person("M02", "Max", "", org.Grant{Access: org.Manager, Team: c.west})
	c.tess, c.ada = person("T01", "Tess", "", org.Grant{Access: org.Trainer}), person("Z01", "Ada", "", org.Grant{Access: org.Admin})
	c.cycle = org.Quarter(noon, shanghai)
	must(st.EnsureCycle(ctx, c.cycle))
	must(st.EnsureCycle(ctx, org.Quarter(noon.AddDate(0, -3, 0), shanghai)))
	must(st.Close())
	return c
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}

func TestMain(m *testing.M) {
	debug.SetGCPercent(400)       // hundreds of short-lived pages: collecting them costs more than keeping them
	debug.SetMemoryLimit(4 << 30) // a server that has ended lives on in gin's pool for one more collection, so that many short-lived ones would push the next one ever further away
	code := pgtest.Main(m)
	if seeded.path != "" {
		_ = os.RemoveAll(filepath.Dir(seeded.path))
	}
	if err := goleak.Find(); err != nil && code == 0 {
		fmt.Println(err)
		code = 1
	}
	os.Exit(code)
}

// world is a running server on a database of its own.
type world struct {
	centre
	t     testing.TB
	ctx   context.Context
	clock *clock
	where store.Config // the database
	st    *store.Store
	defs  *web.Definitions
	srv   *web.Server
	http  *httptest.Server
	log   *logs
	sql   *statements // what the store asks of its database
}

// logs is what the server logged.
type logs struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logs) Write(p []byte) (int, error) { l.mu.Lock(); defer l.mu.Unlock(); return l.b.Write(p) }
func (l *logs) String() string              { l.mu.Lock(); defer l.mu.Unlock(); return l.b.String() }

// option changes the configuration of a world before it starts.
type option func(*web.Config)

func newWorld(t testing.TB, opts ...option) *world {
	t.Helper()
	w := &world{t: t, ctx: context.Background(), clock: &clock{t: noon}, log: &logs{}, sql: &statements{}}
	w.sow()
	w.openStore()
	lib, report := builtIn()
	if lib == nil {
		t.Fatal("the built-in definitions are unsound: ", report[0].Place())
	}
	w.defs = web.NewDefinitions(w.st, lib, report)
	cfg := web.Config{Store: w.st, Definitions: w.defs, Log: slog.New(slog.NewTextHandler(w.log, nil)), Now: w.clock.now, Rand: rand.Reader, Zone: shanghai}
	for _, o := range opts {
		o(&cfg)
	}
	w.defs = cfg.Definitions
	var err error
	w.srv, err = web.New(cfg)
	w.ok(err)
	w.serve()
	return w
}

func (w *world) openStore() {
	w.t.Helper()
	c := w.where
	c.Log, c.Now, c.Rand, c.Zone = slog.New(w.sql), w.clock.now, rand.Reader, shanghai
	var err error
	w.st, err = store.Open(w.ctx, c)
	w.ok(err)
	w.t.Cleanup(func() { w.ok(w.st.Close()) })
}

// serve listens with the limits of the real server.
func (w *world) serve() {
	w.http = httptest.NewUnstartedServer(w.srv.Handler())
	w.http.Config = w.srv.HTTP(w.ctx)
	w.http.Start()
	w.t.Cleanup(w.http.Close)
}

func (w *world) ok(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// withDefinitions serves other definitions than the built-in ones.
func withDefinitions(lib *assessment.Library, report assessment.Report) option {
	return func(c *web.Config) { c.Definitions = web.NewDefinitions(c.Store, lib, report) }
}

// --- people ---

// agent adds somebody to a team.
func (w *world) agent(number, name, team string) org.Person {
	w.t.Helper()
	p, err := w.st.CreatePerson(w.ctx, org.Person{Number: number, Name: name, JobProfile: "agent", ActiveFrom: noon.AddDate(-1, 0, 0)}, hashed(), []org.Grant{{Access: org.Agent}})
	w.ok(err)
	w.ok(w.st.MoveMember(w.ctx, p.ID, team, noon.AddDate(0, -2, 0)))
	return p
}

func (w *world) viewer(p org.Person) org.Viewer {
	w.t.Helper()
	v, err := w.st.Viewer(w.ctx, p.ID, "")
	w.ok(err)
	return v
}

// --- clients ---

// client is a browser: it keeps cookies and follows no redirect by itself.
type client struct {
	w       *world
	cookies map[string]string
	headers map[string]string
}

// anybody is a browser without a session.
func (w *world) anybody() *client {
	return &client{w: w, cookies: map[string]string{}, headers: map[string]string{}}
}

// as signs a person in without the form, which has tests of its own.
func (w *world) as(p org.Person) *client {
	w.t.Helper()
	var token [32]byte
	_, err := rand.Read(token[:])
	w.ok(err)
	now := w.clock.now()
	_, err = w.st.CreateSession(w.ctx, p.ID, sha256.Sum256(token[:]), "Mozilla/5.0 (X11; Linux) Firefox/140", now, 12*time.Hour, now.Add(7*24*time.Hour))
	w.ok(err)
	c := w.anybody()
	c.cookies["leida_session"] = base64.RawURLEncoding.EncodeToString(token[:])
	return c
}

// english makes the client ask for English.
func (c *client) english() *client { c.headers["Accept-Language"] = "en"; return c }

// copy is a browser with the same cookies.
func (c *client) copy() *client {
	d := c.w.anybody()
	for k, v := range c.cookies {
		d.cookies[k] = v
	}
	for k, v := range c.headers {
		d.headers[k] = v
	}
	return d
}

// session is the id of the client's session.
func (c *client) session() string {
	c.w.t.Helper()
	raw, err := base64.RawURLEncoding.DecodeString(c.cookies["leida_session"])
	c.w.ok(err)
	v, _, err := c.w.st.ViewerBySession(c.w.ctx, sha256.Sum256(raw), c.w.clock.now(), nil)
	c.w.ok(err)
	return v.Session
}

// prove makes the proof of who one is fresh, as if the password had just been given again.
func (c *client) prove() {
	c.w.t.Helper()
	raw, err := base64.RawURLEncoding.DecodeString(c.cookies["leida_session"])
	c.w.ok(err)
	now := c.w.clock.now()
	_, s, err := c.w.st.ViewerBySession(c.w.ctx, sha256.Sum256(raw), now, nil)
	c.w.ok(err)
	c.w.ok(c.w.st.ProveSession(c.w.ctx, s.Person, s.ID, sha256.Sum256(raw), store.Shown{}, now))
}

// reply is an answer, read whole.
type reply struct {
	t      testing.TB
	what   string
	status int
	header http.Header
	body   string
	parsed *html.Node // the page; nil for what is none
}

// send sends a request with the client's cookies and keeps those that come back. pairs are header, value ...
func (c *client) send(method, path, body string, pairs ...string) reply {
	c.w.t.Helper()
	r, err := http.NewRequestWithContext(c.w.ctx, method, c.w.http.URL+path, strings.NewReader(body))
	if err != nil {
		c.w.t.Fatalf("%s %q: %v", method, path, err)
	}
	for k, v := range c.headers {
		r.Header.Set(k, v)
	}
	for k, v := range c.cookies {
		r.AddCookie(&http.Cookie{Name: k, Value: v})
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		r.Header.Set(pairs[i], pairs[i+1])
	}
	res, err := c.w.http.Client().Transport.RoundTrip(r)
	if err != nil {
		c.w.t.Fatalf("%s %s: %v", method, path, err)
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	c.w.ok(err)
	for _, k := range res.Cookies() {
		if k.MaxAge < 0 || k.Value == "" {
			delete(c.cookies, k.Name)
		} else {
			c.cookies[k.Name] = k.Value
		}
	}
	got := reply{t: c.w.t, what: method + " " + path, status: res.StatusCode, header: res.Header, body: string(raw)}
	if strings.HasPrefix(res.Header.Get("Content-Type"), "text/html") && strings.HasPrefix(got.body, "<!doctype") {
		got.parsed, err = html.Parse(bytes.NewReader(raw))
		c.w.ok(err)
	}
	return got
}

func (c *client) get(path string, pairs ...string) reply {
	c.w.t.Helper()
	return c.send(http.MethodGet, path, "", pairs...)
}

// post sends a form, as a page of ours does.
func (c *client) post(path string, form url.Values, pairs ...string) reply {
	c.w.t.Helper()
	return c.send(http.MethodPost, path, form.Encode(), append([]string{"Content-Type", "application/x-www-form-urlencoded", "Sec-Fetch-Site", "same-origin", "Origin", c.w.http.URL}, pairs...)...)
}

// json sends a JSON body, as a script of ours does.
func (c *client) json(path, body string, pairs ...string) reply {
	c.w.t.Helper()
	return c.send(http.MethodPost, path, body, append([]string{"Content-Type", "application/json", "Accept", "application/json", "Sec-Fetch-Site", "same-origin"}, pairs...)...)
}

// is asks for a status.
func (r reply) is(status int) reply {
	r.t.Helper()
	if r.status != status {
		r.t.Fatalf("%s: status %d, want %d\n%s", r.what, r.status, status, r.clip())
	}
	return r
}

// to asks for a redirect to an address, and is that address.
func (r reply) to(prefix string) string {
	r.t.Helper()
	at := r.is(http.StatusSeeOther).header.Get("Location")
	if !strings.HasPrefix(at, prefix) {
		r.t.Fatalf("%s: goes to %s, want %s", r.what, at, prefix)
	}
	return at
}

// has asks for texts, as a reader of the page would see them.
func (r reply) has(parts ...string) reply {
	r.t.Helper()
	plain := r.plain()
	for _, p := range parts {
		if !strings.Contains(plain, p) {
			r.t.Fatalf("%s: no %q in\n%s", r.what, p, r.clip())
		}
	}
	return r
}

// lacks asks that texts be nowhere, not even in the source.
func (r reply) lacks(parts ...string) reply {
	r.t.Helper()
	for _, p := range parts {
		if strings.Contains(r.body, p) || strings.Contains(r.plain(), p) {
			r.t.Fatalf("%s: has %q\n%s", r.what, p, r.clip())
		}
	}
	return r
}

func (r reply) clip() string {
	if len(r.body) > 1500 {
		return r.body[:1500] + "…"
	}
	return r.body
}

// plain is the text of a page, or the body of anything else.
func (r reply) plain() string {
	if r.parsed == nil {
		return r.body
	}
	var b strings.Builder
	walk(r.doc(), func(n *html.Node) {
		if n.Type == html.TextNode {
			b.WriteString(n.Data)
		}
	})
	return b.String()
}

// doc is the page as a browser reads it; empty for what is none.
func (r reply) doc() *html.Node {
	if r.parsed == nil {
		return &html.Node{}
	}
	return r.parsed
}

// into reads a JSON body.
func (r reply) into(v any) reply {
	r.t.Helper()
	if err := json.Unmarshal([]byte(r.body), v); err != nil {
		r.t.Fatalf("%s: %v\n%s", r.what, err, r.clip())
	}
	return r
}

// --- pages ---

func walk(n *html.Node, visit func(*html.Node)) {
	visit(n)
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		walk(c, visit)
	}
}

func attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func hasAttr(n *html.Node, name string) bool {
	return slices.ContainsFunc(n.Attr, func(a html.Attribute) bool { return a.Key == name })
}

// find are the elements of a name that a test takes.
func find(doc *html.Node, name string, want func(*html.Node) bool) []*html.Node {
	var out []*html.Node
	walk(doc, func(n *html.Node) {
		if n.Type == html.ElementNode && n.Data == name && (want == nil || want(n)) {
			out = append(out, n)
		}
	})
	return out
}

func words(n *html.Node) string {
	var b strings.Builder
	walk(n, func(x *html.Node) {
		if x.Type == html.TextNode {
			b.WriteString(x.Data)
		}
	})
	return strings.TrimSpace(b.String())
}

// controls are the fields of the form with an action, as a browser would send them with nothing changed; all are what could be sent by name.
func (r reply) controls(action string) (now url.Values, all map[string][]string) {
	r.t.Helper()
	now, all = url.Values{}, map[string][]string{}
	forms := find(r.doc(), "form", func(n *html.Node) bool { return attr(n, "action") == action })
	if len(forms) == 0 {
		r.t.Fatalf("%s: no form for %s\n%s", r.what, action, r.clip())
	}
	walk(forms[0], func(n *html.Node) {
		name := attr(n, "name")
		if n.Type != html.ElementNode || name == "" {
			return
		}
		switch n.Data {
		case "input":
			kind := attr(n, "type")
			all[name] = append(all[name], attr(n, "value"))
			if kind != "radio" && kind != "checkbox" || hasAttr(n, "checked") {
				now.Add(name, attr(n, "value"))
			}
		case "textarea":
			now.Add(name, words(n))
		case "select":
			for _, o := range find(n, "option", nil) {
				all[name] = append(all[name], attr(o, "value"))
				if hasAttr(o, "selected") {
					now.Set(name, attr(o, "value"))
				}
			}
			if !now.Has(name) {
				now.Set(name, attr(find(n, "option", nil)[0], "value"))
			}
		}
	})
	return now, all
}

// --- assignments and sittings ---

// assign gives an assessment to teams for a fortnight from now.
func (w *world) assign(id string, teams ...string) exam.Assignment {
	w.t.Helper()
	now := w.clock.now()
	return w.assignFor(id, now.Add(-time.Hour), now.Add(14*24*time.Hour), teams...)
}

func (w *world) assignFor(id string, opens, closes time.Time, teams ...string) exam.Assignment {
	w.t.Helper()
	a, err := w.st.CreateAssignment(w.ctx, exam.Assignment{Assessment: id, By: w.tess.ID, Opens: opens, Closes: closes, Cycle: w.cycle.ID, Teams: teams, CreatedAt: w.clock.now()})
	w.ok(err)
	return a
}

// start begins an assignment and is the sitting's address.
func (c *client) start(a exam.Assignment) string {
	c.w.t.Helper()
	at := c.post("/assignments/"+a.ID+"/start", nil).to("/sittings/")
	return strings.Join(strings.Split(at, "/")[:3], "/")
}

func sittingID(at string) string { return strings.TrimPrefix(at, "/sittings/") }

// fill is an answer that a person might give by form to what the page asks, with the page's own fields.
func (r reply) fill(action string) url.Values {
	r.t.Helper()
	now, all := r.controls(action)
	rank := 0
	for _, name := range slices.Sorted(maps.Keys(all)) {
		switch {
		case strings.HasPrefix(name, "_"), name == "excluded[]":
		case strings.HasPrefix(name, "rank["):
			rank++
			now.Set(name, fmt.Sprint(rank))
		case name == "best":
			now.Set("best", all[name][0])
		case name == "worst":
			now.Set("worst", all[name][1])
		default:
			if values := slices.DeleteFunc(slices.Clone(all[name]), func(v string) bool { return v == "" }); len(values) > 0 {
				now.Set(name, values[0]) // what is to be typed freely stays empty
			}
		}
	}
	return now
}

// wire is a form's answer as the JSON that a script sends, with a revision.
func wire(form url.Values, rev int) string {
	tree := map[string]any{}
	for name, values := range form {
		path := strings.FieldsFunc(name, func(r rune) bool { return r == '[' || r == ']' })
		if strings.HasPrefix(name, "_") {
			continue
		}
		at := tree
		for _, part := range path[:len(path)-1] {
			in, ok := at[part].(map[string]any)
			if !ok {
				in = map[string]any{}
				at[part] = in
			}
			at = in
		}
		if last := path[len(path)-1]; strings.HasSuffix(name, "[]") {
			at[last] = values
		} else {
			at[last] = values[0]
		}
	}
	raw, err := json.Marshal(map[string]any{"rev": rev, "answer": tree})
	must(err)
	return string(raw)
}

// sat has a person sit an assessment outside the pages, answering every item by a blind strategy; "" leaves all blank.
func (w *world) sat(p org.Person, a exam.Assignment, how item.Strategy) *exam.Sitting {
	w.t.Helper()
	return w.satSeed(p, a, how, 7)
}

// satSeed is sat with a draw of its own.
func (w *world) satSeed(p org.Person, a exam.Assignment, how item.Strategy, seed uint64) *exam.Sitting {
	w.t.Helper()
	v := w.viewer(p)
	lib := w.defs.Current()
	def, ok := lib.Assessment(a.Assessment)
	if !ok {
		w.t.Fatal("no assessment ", a.Assessment)
	}
	now := w.clock.now()
	x, err := w.st.StartSitting(w.ctx, v, a.ID, func(as exam.Assignment, factor float64, seen []string) (*exam.Sitting, []assessment.Source, error) {
		paper, err := lib.Draw(def, seed, seen...)
		if err != nil {
			return nil, nil, err
		}
		return exam.New(w.st.NewID(), v, as, def, paper, seed, factor, now), lib.Pins(def, paper), nil
	})
	w.ok(err)
	x, err = w.st.UpdateSitting(w.ctx, v, x.ID, func(x *exam.Sitting) ([]profile.Evidence, error) {
		for i, slot := range x.Slots {
			it, _ := lib.ItemAt(slot.ItemHash)
			if g, ok := it.Body.(item.Guessable); ok && how != "" {
				if err := x.Answer(exam.Save{N: i, Rev: 1, Answer: g.Guess(how)}, now); err != nil {
					return nil, err
				}
			}
		}
		return x.Submit("", w.defs.Bank(w.ctx), now)
	})
	w.ok(err)
	return x
}

// kept is a sitting as it is stored.
func (w *world) kept(p org.Person, at string) *exam.Sitting {
	w.t.Helper()
	x, err := w.st.Sitting(w.ctx, w.viewer(p), sittingID(at))
	w.ok(err)
	return x
}

// kindAt is the page of a kind in a sitting, from 1.
func (w *world) kindAt(p org.Person, at, kind string) string {
	w.t.Helper()
	for i, slot := range w.kept(p, at).Slots {
		if it, err := w.defs.ItemAt(w.ctx, slot.ItemHash); err == nil && it.Type == kind {
			return fmt.Sprintf("%s/items/%d", at, i+1)
		}
	}
	w.t.Fatalf("no %s in %s", kind, at)
	return ""
}

// --- the database ---

// rested gives everybody all allowances back.
func (w *world) rested() { w.t.Helper(); w.ok(w.st.Tidy(w.ctx, w.clock.now().Add(time.Hour))) }

// beside is the database without the store: statements have ? for their values on both.
type beside struct{ *sql.DB }

func (d beside) Exec(statement string, args ...any) (sql.Result, error) {
	return d.DB.Exec(bind(statement), args...)
}

func (d beside) Query(query string, args ...any) (*sql.Rows, error) {
	return d.DB.Query(bind(query), args...)
}

func (d beside) QueryRow(query string, args ...any) *sql.Row {
	return d.DB.QueryRow(bind(query), args...)
}

// bind numbers the places of values for PostgreSQL.
func bind(statement string) string {
	if !pgtest.Asked() {
		return statement
	}
	n := 0
	return regexp.MustCompile(`\?`).ReplaceAllStringFunc(statement, func(string) string { n++; return fmt.Sprint("$", n) })
}

// open opens the database beside the store.
func (w *world) open() beside {
	w.t.Helper()
	driver, name := "sqlite3", "file:"+(&url.URL{Path: w.where.Path}).EscapedPath()+"?_busy_timeout=5000"
	if pgtest.Asked() {
		driver, name = "pgx", w.where.URL
	}
	db, err := sql.Open(driver, name)
	w.ok(err)
	w.t.Cleanup(func() { db.Close() })
	return beside{db}
}

// unseal takes off the triggers that keep a table's rows from change, as somebody with the database's password could.
func (w *world) unseal(tables ...string) {
	w.t.Helper()
	db := w.open()
	for _, table := range tables {
		for _, event := range []string{"update", "delete"} {
			statement := "DROP TRIGGER IF EXISTS " + table + "_no_" + event
			if pgtest.Asked() {
				statement += " ON " + table
			}
			_, err := db.Exec(statement)
			w.ok(err)
		}
	}
}

// dump is every row of the database but what looking may write: when a session was seen, that a report was viewed, that somebody asked for what is not theirs, or gave a wrong password.
func (w *world) dump() string {
	w.t.Helper()
	db := w.open()
	defer db.Close()
	var tables []string
	list := "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name"
	if pgtest.Asked() {
		list = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename"
	}
	rows, err := db.Query(list)
	w.ok(err)
	for rows.Next() {
		var name string
		w.ok(rows.Scan(&name))
		tables = append(tables, name)
	}
	w.ok(rows.Err())
	var b strings.Builder
	for _, table := range tables {
		if table == "throttles" {
			continue // what is taken of an allowance comes back by itself
		}
		for _, line := range w.rows(db, table) {
			b.WriteString(table + " " + line + "\n")
		}
	}
	return b.String()
}

func (w *world) rows(db beside, table string) []string {
	w.t.Helper()
	where := ""
	if table == "audit" {
		where = " WHERE action NOT IN ('report.view', 'denied', 'login_failed')"
	}
	rows, err := db.Query("SELECT * FROM " + table + where)
	w.ok(err)
	defer rows.Close()
	columns, err := rows.Columns()
	w.ok(err)
	var out []string
	for rows.Next() {
		cells := make([]any, len(columns))
		for i := range cells {
			cells[i] = new(any)
		}
		w.ok(rows.Scan(cells...))
		line := ""
		for i, c := range cells {
			if table != "sessions" || columns[i] != "seen_at" {
				line += fmt.Sprintf("%s=%v ", columns[i], *c.(*any))
			}
		}
		out = append(out, line)
	}
	w.ok(rows.Err())
	slices.Sort(out)
	return out
}

func (w *world) count(query string, args ...any) int {
	w.t.Helper()
	db := w.open()
	defer db.Close()
	var n int
	w.ok(db.QueryRow(query, args...).Scan(&n))
	return n
}

// --- small things ---

var requestIDs = regexp.MustCompile(`[0-9a-f]{16}`)

// say is a message as the page says it.
func say(key string, args ...any) string { return text.Say(text.ZH, key, args...) }

func local(t time.Time) string { return t.In(shanghai).Format("2006-01-02T15:04") }

// reopen is a new server on a world's database, as after a restart.
func reopen(t testing.TB, old *world) *world {
	t.Helper()
	return reopenWith(t, old, nil)
}

// reopenWith is reopen with other definitions than the built-in ones; nil for those.
func reopenWith(t testing.TB, old *world, defs *web.Definitions) *world {
	t.Helper()
	w := &world{centre: old.centre, t: t, ctx: old.ctx, clock: old.clock, where: old.where, log: &logs{}, sql: &statements{}}
	w.openStore()
	var err error
	lib, report := builtIn()
	if defs != nil {
		lib, report = defs.Current(), defs.Report()
	}
	w.defs = web.NewDefinitions(w.st, lib, report)
	w.srv, err = web.New(web.Config{Store: w.st, Definitions: w.defs, Log: slog.New(slog.NewTextHandler(w.log, nil)), Now: w.clock.now, Rand: rand.Reader, Zone: shanghai})
	w.ok(err)
	w.serve()
	return w
}

func sha(raw []byte) string { return fmt.Sprintf("%x", sha256.Sum256(raw)) }
