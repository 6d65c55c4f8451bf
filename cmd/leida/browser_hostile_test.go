package main

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"unicode"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"leida/assessments"
	"leida/internal/hostile"
)

// testHostile opens every page in a real browser, as everybody, over a centre whose every text is of the corpus, beside the same centre as it was.
// Nothing runs, nothing is refused by the policy because nothing asks for it, nothing is loaded from elsewhere, and each page has the elements that it had, the ones that scripts make among them.
func testHostile(t *testing.T, browser context.Context) {
	t.Run("pages", func(t *testing.T) { hostilePages(t, browser) })
	t.Run("kinds", func(t *testing.T) { hostileKinds(t, browser) })
}

func hostilePages(t *testing.T, browser context.Context) {
	clean, bad := hostileCentres(t)
	detectsHostility(t, browser, clean)
	known := map[string]bool{}
	was := map[string]anatomy{}
	for _, who := range []string{"", "A1001", "M1001", "T1001", "admin"} {
		before := watched(newVisitor(t, browser, clean))
		after := watched(newVisitor(t, browser, bad))
		for _, b := range []*tab{before, after} {
			b.speak("zh")
			if who != "" {
				b.signIn(who, password)
			}
		}
		explore(before, func(path string) {
			key := who + " " + path
			was[key] = anatomyOf(before)
			for _, b := range was[key].Bones {
				known[b] = true
			}
			after.excuse("status 4")
			after.open(path)
			point(after)
			if now := anatomyOf(after); strings.Contains(path, "/bank") { // how many findings there are is not ours to say
				sane(t, now)
				now.Bones = slices.DeleteFunc(now.Bones, func(b string) bool { return b == "ul" || b == "li" })
				made(t, now, known)
			} else {
				compare(t, key, now, was[key])
			}
			after.excuse()
			after.check(key)
		})
		if who == "admin" || who == "T1001" {
			typeHostility(after, who)
			after.check("typed")
		}
	}
	// last, because the two sittings are different ones
	before, after := watched(newVisitor(t, browser, clean)), watched(newVisitor(t, browser, bad))
	before.signIn("A1001", password)
	after.signIn("A1001", password)
	sitThrough(before, func(x anatomy) {
		for _, b := range x.Bones {
			known[b] = true
		}
	})
	sitThrough(after, func(x anatomy) {
		sane(t, x)
		made(t, x, known)
	})
	after.check("a sitting")
	if len(was) < 60 {
		t.Errorf("only %d pages", len(was))
	}
	t.Logf("%d pages, %d texts", len(was), len(hostile.Corpus()))
}

// hostileCentres serves the demonstration centre with as many more people as the corpus has texts, as it is and with every text replaced.
func hostileCentres(t *testing.T) (clean, bad *centre) {
	t.Helper()
	corpus, typed := hostile.Corpus(), hostile.Typed()
	data, roster := demoData(t), filepath.Join(t.TempDir(), "roster.csv")
	lines := "number,name,team\n"
	for i := range corpus {
		lines += fmt.Sprintf("H%03d,某人%d,华东服务中心 > 上海基地 > 新人组\n", i, i)
	}
	write(t, roster, []byte(lines))
	leida(t, "", "roster", "import", "--apply", "--data", data, roster)
	copied, defs := t.TempDir(), t.TempDir()
	if err := os.CopyFS(copied, os.DirFS(data)); err != nil {
		t.Fatal(err)
	}
	n := 0
	files, err := hostile.Definitions(assessments.FS, func() string { n++; return typed[n%len(typed)] })
	if err != nil {
		t.Fatal(err)
	}
	for name, src := range files {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(defs, name)), 0o700); err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(defs, name), src)
	}
	db, err := sql.Open("sqlite3", "file:"+filepath.Join(copied, "leida.db")+"?_busy_timeout=5000")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	give := func(table string, columns ...string) {
		t.Helper()
		rows, err := db.Query("SELECT rowid FROM " + table + " ORDER BY rowid")
		if err != nil {
			t.Fatal(err)
		}
		var ids []int64
		for rows.Next() {
			var id int64
			if err := rows.Scan(&id); err != nil {
				t.Fatal(err)
			}
			ids = append(ids, id)
		}
		if err := rows.Err(); err != nil {
			t.Fatal(err)
		}
		for i, id := range ids {
			for j, column := range columns {
				if _, err := db.Exec("UPDATE "+table+" SET "+column+" = ? WHERE rowid = ?", corpus[(i+j*len(corpus)/3)%len(corpus)], id); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	give("people", "name", "number", "email")
	give("teams", "name", "code")
	give("sittings", "title_zh", "title_en")
	give("cycles", "name_zh", "name_en")
	return serveCentre(t, data, "--demo"), serveCentre(t, copied, "--demo", "--assessments", defs)
}

func write(t *testing.T, name string, data []byte) {
	t.Helper()
	if err := os.WriteFile(name, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

// canary speaks up when a text of the corpus gets to run.
const canary = `for (const name of ['alert', 'confirm', 'prompt', 'print', 'msgbox']) window[name] = () => console.error('a payload ran: ' + name)`

// watched is a tab of a visitor whose every page has the canary, and in which a dialog and a request to elsewhere are trouble.
func watched(v *visitor) *tab {
	v.t.Helper()
	b := v.tab(desktop)
	call(b, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: canary})
	call(b, emulation.SetUserAgentOverride, emulation.SetUserAgentOverrideParams{UserAgent: `<img src=x onerror=alert(1)> Firefox/"><script>alert(1)</script>`})
	b.mu.Lock()
	defer b.mu.Unlock()
	b.issues = append(b.issues, func(event any) {
		switch e := event.(type) {
		case *page.EventJavascriptDialogOpening:
			b.note("dialog: " + e.Message)
		case *network.EventRequestWillBeSent:
			if u := e.Request.URL; !strings.HasPrefix(u, b.at.url+"/") && !strings.HasPrefix(u, "data:image/svg+xml") {
				b.note("request to " + u)
			}
		}
	})
	return b
}

// detectsHostility does what the corpus would like to do: what finds nothing has to be able to find something.
func detectsHostility(t *testing.T, browser context.Context, at *centre) {
	b := watched(newVisitor(t, browser, at))
	b.open("/login")
	before := anatomyOf(b)
	js[bool](b, `(() => {
		document.querySelector('main').insertAdjacentHTML('beforeend', '<img src=x onerror=alert(1)><a href="javascript:alert(1)">x</a><iframe src="//evil.example"></iframe>');
		alert(1);
		return true;
	})()`)
	b.wait("document.querySelector('main > img').complete")
	after := anatomyOf(b)
	if slices.Equal(before.Bones, after.Bones) || len(after.Unwanted) < 2 {
		t.Errorf("the page is thought the same: %v", after.Unwanted)
	}
	b.settle()
	b.mu.Lock()
	defer b.mu.Unlock()
	noted := strings.Join(b.trouble, "\n")
	for _, what := range []string{"a payload ran: alert", "policy violation: script-src", "evil.example"} {
		if !strings.Contains(noted, what) {
			t.Errorf("%q went unnoticed:\n%s", what, noted)
		}
	}
	b.trouble = nil
}

// anatomy is a page as it stands in the browser after its scripts have worked.
type anatomy struct {
	Path     string
	Bones    []string // elements with the names of their attributes, but inside drawings and where an author formats
	Drawn    []string // kinds of elements inside drawings and tooltips
	Authored []string // elements with the names of their attributes where an author formats
	Islands  []string // the shape of each piece of JSON; figures move with the clock
	Unwanted []string // handlers, and addresses that lead elsewhere
}

const dissect = `(() => {
	const name = (e) => e.localName + [...e.attributes].map((a) => ' ' + a.name).sort().join('');
	const bones = [], drawn = new Set(), authored = new Set(), unwanted = [];
	(function down(e) {
		bones.push(name(e));
		if (e.matches('svg, figure.chart .live')) return e.querySelectorAll('*').forEach((x) => drawn.add(x.localName));
		if (e.matches('.question, .situation')) return e.querySelectorAll('*').forEach((x) => authored.add(name(x)));
		for (const c of e.children) down(c);
	})(document.documentElement);
	for (const e of document.querySelectorAll('*')) for (const a of e.attributes) {
		if (a.name.startsWith('on') || a.name === 'srcdoc' || a.name === 'style' && /url|expression/.test(a.value)) unwanted.push(e.localName + ' ' + a.name);
		if (['href', 'src', 'action', 'formaction', 'data', 'poster', 'srcset', 'ping', 'xlink:href'].includes(a.name) && !e.ownerSVGElement && new URL(a.value, location).origin !== location.origin) unwanted.push(e.localName + ' ' + a.name + '=' + a.value);
	}
	const shape = (v) => Array.isArray(v) ? '[' + v.map(shape) + ']' : v && typeof v === 'object' ? '{' + Object.keys(v).sort().map((k) => k + ':' + shape(v[k])) + '}' : typeof v === 'string' ? 'text' : typeof v;
	const islands = [...document.querySelectorAll('script[type="application/json"]')].map((s) => shape(JSON.parse(s.textContent)));
	return { Path: location.pathname + location.search, Bones: bones, Drawn: [...drawn], Authored: [...authored], Islands: islands, Unwanted: unwanted };
})()`

func anatomyOf(b *tab) anatomy { b.t.Helper(); return js[anatomy](b, "%s", dissect) }

// mayDraw are the elements of our drawings and ECharts', and of its tooltips.
var (
	mayDraw   = []string{"svg", "title", "desc", "g", "path", "circle", "line", "rect", "text", "tspan", "polygon", "polyline", "ellipse", "defs", "clipPath", "use", "style", "div", "b", "span"}
	mayFormat = []string{"p", "br", "strong", "em", "code", "pre", "ul", "ol", "li", "blockquote"}
)

// sane asks what every page owes, whatever it shows.
func sane(t *testing.T, x anatomy) {
	t.Helper()
	for _, e := range x.Drawn {
		if !slices.Contains(mayDraw, e) {
			t.Errorf("%s: a drawing has <%s>", x.Path, e)
		}
	}
	for _, e := range x.Authored {
		if !slices.Contains(mayFormat, e) {
			t.Errorf("%s: an author made <%s>", x.Path, e)
		}
	}
	if len(x.Unwanted) > 0 {
		t.Errorf("%s: %v", x.Path, x.Unwanted)
	}
}

// made asks that each element be like one that our own templates and scripts made.
func made(t *testing.T, x anatomy, known map[string]bool) {
	t.Helper()
	for _, b := range x.Bones {
		if !known[b] {
			t.Errorf("%s: %s is none of ours", x.Path, b)
		}
	}
}

func compare(t *testing.T, what string, now, was anatomy) {
	t.Helper()
	sane(t, now)
	if !slices.Equal(now.Islands, was.Islands) {
		t.Errorf("%s: its JSON changed\n%.2000s\nwas\n%.2000s", what, now.Islands, was.Islands)
	}
	a, b := slices.Clone(now.Bones), slices.Clone(was.Bones)
	if strings.Contains(what, " /teams") || strings.Contains(what, " /assignments/") { // rows stand in the order of what they say
		slices.Sort(a)
		slices.Sort(b)
	}
	if !slices.Equal(a, b) {
		at := 0
		for at < min(len(a), len(b)) && a[at] == b[at] {
			at++
		}
		t.Errorf("%s: %d elements, were %d; at %d %v, was %v", what, len(a), len(b), at, a[max(0, at-3):min(len(a), at+5)], b[max(0, at-3):min(len(b), at+5)])
	}
}

var anID = regexp.MustCompile(`/[0-9a-z]{26}|/subs/[A-Z.0-9]+|/bank/items/[a-z]+-|-[0-9]{4}|=[^&]*`)

// explore opens the pages that a person can get to by links, at most two of a kind, and some that nobody links to.
func explore(b *tab, see func(path string)) {
	b.t.Helper()
	kinds := map[string]int{}
	queue := []string{"/", "/login", "/help", "/account", "/nothing", "/admin/people?q=%3Cnothing%20onload=alert(1)%3E", "/admin/people?page=3", "/admin/people?page=6", "/assignments/new", "/bank?kind=sjt", "/people/nobody"}
	seen := map[string]bool{}
	for len(queue) > 0 {
		path := queue[0]
		queue = queue[1:]
		kind := anID.ReplaceAllString(path, "/*")
		if seen[path] || kinds[kind] == 2 {
			continue
		}
		seen[path] = true
		kinds[kind]++
		b.excuse("status 4")
		b.open(path)
		b.excuse()
		if strings.HasPrefix(b.path(), "/sittings/") && strings.Contains(b.path(), "/items/") {
			continue // sitThrough
		}
		see(path)
		queue = append(queue, js[[]string](b, `[...document.querySelectorAll('a[href]:not([download])')].map((a) => a.getAttribute('href').split('#')[0]).filter((h) => h.startsWith('/') && !h.startsWith('/static/') && !/^\/sittings\/[^/]+$|\.(csv|svg)/.test(h))`)...)
	}
}

// point moves the mouse over every chart, so that its tooltips have their say.
func point(b *tab) {
	b.t.Helper()
	for i := range b.count("figure.chart[data-option]") {
		r := js[[]float64](b, `((f) => { f.scrollIntoView({ block: 'center', behavior: 'instant' }); const r = f.getBoundingClientRect(); return [r.x, r.y, r.width, r.height]; })(document.querySelectorAll('figure.chart[data-option]')[%d])`, i)
		for _, at := range [][2]float64{{0.5, 0.5}, {0.5, 0.3}, {0.4, 0.5}, {0.62, 0.62}} {
			b.do(chromedp.MouseEvent(chromedp.MouseMoved, r[0]+r[2]*at[0], r[1]+r[3]*at[1]))
		}
	}
}

// sitThrough sits the next assessment: each item seen and answered, the confirmation, the result.
func sitThrough(b *tab, see func(anatomy)) {
	b.t.Helper()
	b.open("/")
	b.follow("section.next .pri")
	sitting := sittingOf(b)
	for i := range b.count(".qnav button:not(.submit)") {
		b.open(fmt.Sprintf("%s/items/%d", sitting, i+1))
		see(anatomyOf(b))
		hurry(b)
		see(anatomyOf(b))
	}
	b.open(sitting + "/submit")
	see(anatomyOf(b))
	b.follow("form[action$='/submit'] button.pri")
	see(anatomyOf(b))
	b.open("/me")
	point(b)
	see(anatomyOf(b))
}

// hostileKinds sits one form of each kind that has scripts of its own over definitions whose every text is of the corpus, beside the same as they are, and writes the corpus wherever a candidate
// writes freely. The agent and the manager read the results.
func hostileKinds(t *testing.T, browser context.Context) {
	texts, n := hostile.Typed(), 0
	asTheyAre, replaced, dir := map[string]string{}, map[string]string{}, t.TempDir()
	for _, kind := range triedKinds() {
		raw, err := os.ReadFile(kindSource[kind])
		if err != nil {
			t.Fatal(err)
		}
		files, err := hostile.Definitions(fstest.MapFS{"x.yaml": {Data: raw}}, func() string { n++; return texts[n%len(texts)] })
		if err != nil {
			t.Fatal(err)
		}
		asTheyAre[kind], replaced[kind] = kindSource[kind], filepath.Join(dir, kind+".yaml")
		write(t, replaced[kind], files["x.yaml"])
	}
	known := map[string]bool{}
	learn := func(x anatomy) {
		for _, b := range x.Bones {
			known[b] = true
		}
	}
	free := map[string]bool{}
	sit := func(agent, manager *tab, kind string, words []string, see func(anatomy)) {
		t.Helper()
		agent.open("/")
		agent.leave(func() {
			agent.pressAt(fmt.Sprintf(`[...document.querySelectorAll("form[action$='/start']")].find((f) => f.closest('li, section').textContent.includes(%q)).querySelector('button')`, kindTitle(kind)))
		})
		see(anatomyOf(agent))
		if agent.count("form[action$='/open'] button") > 0 {
			agent.follow("form[action$='/open'] button")
			see(anatomyOf(agent))
		}
		if writeFreely(agent, words) > 0 {
			free[kind] = true
		}
		see(anatomyOf(agent))
		agent.open(agent.path()) // as it was kept
		see(anatomyOf(agent))
		handIn(agent)
		see(anatomyOf(agent))
		manager.open(agent.path())
		see(anatomyOf(manager))
	}
	visit := func(at *centre, words []string, see func(anatomy)) {
		t.Helper()
		agent, manager := watched(newVisitor(t, browser, at)), watched(newVisitor(t, browser, at))
		agent.signIn("B1", password)
		manager.signIn("M1", password)
		for _, kind := range triedKinds() {
			sit(agent, manager, kind, words, see)
			agent.check(kind)
			manager.check(kind)
		}
	}
	visit(centreOfItems(t, browser, asTheyAre), []string{strings.Repeat("您等了两天，今天六点前我给您回话。", 60)}, learn)
	seen := 0
	visit(centreOfItems(t, browser, replaced), texts, func(x anatomy) {
		seen++
		sane(t, x)
		made(t, x, known)
	})
	for _, kind := range []string{"constructed", "improvement_proposal"} {
		if !free[kind] {
			t.Errorf("nothing is written at %s", kind)
		}
	}
	t.Logf("%d pages of %d kinds", seen, len(replaced))
}

// writeFreely types texts into every field of the item's page that takes any, and has them saved and given back; it says how many fields those are.
func writeFreely(b *tab, texts []string) int {
	b.t.Helper()
	all := strings.Join(texts, "\n")
	quoted, err := json.Marshal(all)
	if err != nil {
		b.t.Fatal(err)
	}
	fields := js[int](b, `((all) => {
		const fields = document.querySelectorAll('#answer textarea[name]');
		for (const f of fields) { f.value = all; f.dispatchEvent(new Event('input', { bubbles: true })); }
		return fields.length;
	})(%s)`, quoted)
	if fields > 0 {
		b.wait("document.getElementById('saved').dataset.state === 'saved'")
		b.open(b.path())
		for i := range fields {
			if got := js[string](b, "document.querySelectorAll('#answer textarea[name]')[%d].value", i); got != all {
				b.t.Errorf("field %d has %.200q, %.200q was typed", i+1, got, all)
			}
		}
	}
	return fields
}

// typeHostility types and sends the corpus where a page says again what it was told.
func typeHostility(b *tab, who string) {
	b.t.Helper()
	texts := hostile.Typed()
	fine := func() { b.t.Helper(); sane(b.t, anatomyOf(b)) }
	b.excuse("status 4")
	defer b.excuse()
	if who == "T1001" {
		b.open("/assignments/new")
		js[bool](b, "(document.querySelector('#people').value = %q, true)", strings.Join(texts, "\n"))
		b.press(".opts input[name=assessment]")
		b.follow("form[action='/assignments'] button.pri")
		fine()
		return
	}
	for i := 0; i < len(texts); i += 40 {
		b.open("/admin/people")
		js[bool](b, "(document.querySelector('input[name=q]').value = %q, true)", texts[i])
		b.follow("form[role=search] button")
		fine()
	}
	quote := func(s string) string { return `"` + strings.ReplaceAll(s, `"`, `""`) + `"` }
	good, wrong := "number,name,team\n", "number,name,team,job_profile,active_from\n"
	for i, x := range texts {
		r := slices.DeleteFunc([]rune(x), func(r rune) bool { return unicode.Is(unicode.Bidi_Control, r) }) // which a name may not have
		if strings.TrimSpace(string(r)) == "" {
			continue
		}
		good += fmt.Sprintf("Q%03d,%s,%s\n", i, quote(string(r[:min(80, len(r))])), quote("华东服务中心 > "+strings.NewReplacer(">", "", "/", "", "》", "").Replace(string(r[:min(40, len(r))]))))
		if i < 90 {
			wrong += fmt.Sprintf("%s,%s,x,%s,%s\n", quote(x), quote(x), quote(x), quote(x))
		}
	}
	for name, content := range map[string]string{`"><img src=x onerror=alert(1)>.csv`: good, `{{.}}<svg onload=alert(1)>.csv`: wrong} {
		file := filepath.Join(b.t.TempDir(), name)
		write(b.t, file, []byte(content))
		b.open("/admin/roster")
		b.do(chromedp.SetUploadFiles(chromedp.CSS("#file"), []string{file}))
		b.follow("form[enctype] button.pri")
		if b.count("tbody tr, ul.rows li") < 50 {
			b.t.Errorf("%s is not shown: %s", name, b.text("main"))
		}
		fine()
	}
}
