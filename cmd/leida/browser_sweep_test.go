package main

import (
	"context"
	_ "embed"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"leida/internal/text"
	"leida/internal/web"
)

// axeSource is axe-core, of which this repository holds the built file and its licence as they were published.
//
//go:embed testdata/axe/axe.min.js
var axeSource string

// shot is a page in one of its states, and the way there.
type shot struct {
	name  string
	route string // of the route table
	visit func(b *tab)
}

// group are the pages that one person looks at.
type group struct {
	name, login, secret string
	centre              *centre
	// shots finds the pages, ids and all, by following links as the person
	shots func(b *tab) []shot
}

func at(path string) func(*tab) { return func(b *tab) { b.t.Helper(); b.open(path) } }

// testSweep looks at every page in both languages, light and dark, on a phone and on a desktop: nothing for axe to find, nothing sticks out, no text is missing.
func testSweep(t *testing.T, browser context.Context) {
	full, bare, given, certifying := demoCentre(t), smallCentre(t), smallCentre(t), centreOf(t, certDefinitions(t))
	for at, form := range map[*centre]string{given: "all-kinds", certifying: "certified"} {
		trainer := newVisitor(t, browser, at).tab(desktop)
		trainer.signIn("T1", password)
		assign(trainer, form)
	}
	admin := newVisitor(t, browser, bare).tab(desktop)
	admin.signIn("X1", password)
	joining := oneTime(admin, "B2")
	visited := make(chan string, 1000)
	groups := []group{
		{"nobody", "", password, full, nobodysPages},
		{"agent", "A1001", password, full, agentsPages},
		{"newcomer", "A1027", password, full, newcomersPages},
		{"enrolled", "A1003", password, full, enrolledPages},
		{"joiner", "B2", joining, bare, joinersPages},
		{"manager", "M1001", password, full, managersPages},
		{"trainer", "T1001", password, full, trainersPages},
		{"admin", "admin", password, full, adminsPages},
		{"bare trainer", "T1", password, bare, bareTrainersPages},
		{"bare manager", "M1", password, bare, bareManagersPages},
		{"candidate", "B1", password, given, candidatesPages},
		{"certified", "B1", password, certifying, certifiedPages},
	}
	t.Run("as", func(t *testing.T) {
		for _, g := range groups {
			t.Run(g.name, func(t *testing.T) {
				t.Parallel()
				b := newVisitor(t, browser, g.centre).tab(desktop)
				b.speak("zh")
				if g.login != "" {
					b.signIn(g.login, g.secret)
				}
				for _, s := range g.shots(b) {
					visited <- s.route
					for _, lang := range text.Langs {
						b.resize(desktop)
						b.speak(string(lang))
						b.excuse("status 4") // some states are refusals
						s.visit(b)
						b.excuse()
						look(b, s.name, string(lang))
						b.check(s.name, lang)
					}
				}
			})
		}
	})
	close(visited)
	var seen []string
	for r := range visited {
		seen = append(seen, r)
	}
	for _, r := range web.Routes {
		if r.Method == http.MethodGet && r.Type == "" && r.Path != "/sittings/:sitting" && !slices.Contains(seen, r.Path) {
			t.Errorf("nobody looked at %s", r.Path)
		}
	}
}

func nobodysPages(*tab) []shot {
	return []shot{
		{"login", "/login", at("/login")},
		{"login-wrong", "/login", func(b *tab) {
			b.open("/login")
			b.write("#name", "A1001")
			b.write("#password", "wrong")
			b.follow("form[action='/login'] button.pri")
		}},
	}
}

func agentsPages(b *tab) []shot {
	b.open("/me")
	sub := link(b, "table.dots a[href*='/subs/']")
	compared := "/me?compare=" + js[string](b, "[...document.querySelectorAll('select[name=compare] option')].find((o) => !o.selected)?.value ?? ''")
	b.open("/")
	result := link(b, "a[href$='/result']")
	b.follow("section.next .pri")
	sitting := sittingOf(b)
	out := []shot{
		{"home", "/", at("/")},
		{"me", "/me", at("/me")},
		{"me-compared", "/me", at(compared)},
		{"sub", "/people/:person/subs/:sub", at(sub)},
		{"result", "/sittings/:sitting/result", at(result)},
		{"account", "/account", at("/account")},
		{"account-password", "/account/password", at("/account/password")},
		{"factor", "/account/factor", at("/account/factor")},
		{"factor-begun", "/account/factor", func(b *tab) {
			if b.open("/account/factor"); b.count("figure.qr") == 0 {
				b.follow("form[action='/account/factor'] button.pri")
			}
		}},
		{"factor-refused", "/account/factor", func(b *tab) {
			b.open("/account/factor")
			b.write("#code", "000000")
			b.follow("form[action='/account/factor/confirm'] button")
		}},
		{"proof", "/account/proof", at("/account/proof")},
		{"account-refused", "/account/password", func(b *tab) {
			b.open("/account/password")
			for _, id := range []string{"#current", "#new", "#repeat"} {
				b.write(id, id)
			}
			b.follow("form[action='/account/password'] button.pri")
		}},
		{"help", "/help", at("/help")},
		{"not-found", "", at("/people/nobody")},
		{"forbidden", "", at("/admin/people")},
	}
	return append(out,
		shot{"item", "/sittings/:sitting/items/:n", at(sitting + "/items/1")},
		shot{"submit", "/sittings/:sitting/submit", at(sitting + "/submit")},
		shot{"item-moved", "/sittings/:sitting/items/:n", movedTo(sitting, sitting+"/items/1")})
}

// candidatesPages are the items of a sitting, one of each kind and mode, blank and answered.
func candidatesPages(b *tab) []shot {
	b.follow("section.next .pri")
	sitting := sittingOf(b)
	var out []shot
	seen := map[string]int{}
	for i := range b.count(".qnav button:not(.submit)") {
		path := fmt.Sprintf("%s/items/%d", sitting, i+1)
		b.open(path)
		kind := strings.ReplaceAll(kindOf(b), " ", "-")
		if seen[kind]++; seen[kind] == 2 {
			hurry(b)
			out = append(out, shot{"item-" + kind + "-answered", "/sittings/:sitting/items/:n", at(path)})
		}
		if seen[kind] == 1 {
			out = append(out, shot{"item-" + kind, "/sittings/:sitting/items/:n", at(path)})
		}
	}
	return out
}

// certDefinitions are a certification and an item of each capability for it.
func certDefinitions(t *testing.T) map[string]string {
	t.Helper()
	form := "schema: leida/assessment@1\nid: certified\nversion: 1\nkind: cert\ntitle: {zh: \"认证考试\", en: \"Certification\"}\ntime_limit_s: 1200\ncut: {total: 70, floor: 50}\nsections:\n"
	out := map[string]string{}
	for _, domain := range []string{"AIC", "EMP", "CPS", "SVI"} {
		low := strings.ToLower(domain)
		raw, err := os.ReadFile(filepath.Join("..", "..", "assessments", "items", low, low+"-multi-0001.yaml"))
		if err != nil {
			t.Fatal(err)
		}
		out[low] = strings.Replace(kindID.ReplaceAllString(string(raw), "id: ${1}-cert"), "use: [cycle]", "use: [cert]", 1)
		form += "  - {domain: " + domain + ", weight: 0.25, draw: [{type: multiple_choice, n: 1}]}\n"
	}
	out["certified"] = form + "counts: true\n"
	return out
}

// certifiedPages are what is told of a certification while others may still sit it.
func certifiedPages(b *tab) []shot {
	handInAll(b)
	result := b.path()
	if b.count("article") > 0 || b.count(".chip.brand") != 4 {
		b.t.Errorf("the result has %d items and %d levels: %s", b.count("article"), b.count(".chip.brand"), b.text("main"))
	}
	b.open("/me")
	sub := link(b, "table.dots a[href$='/subs/EMP.3']")
	return []shot{
		{"result-held", "/sittings/:sitting/result", at(result)},
		{"sub-held", "/people/:person/subs/:sub", at(sub)},
	}
}

// movedTo looks at a sitting that another device of the person holds.
func movedTo(sitting, path string) func(*tab) {
	return func(b *tab) {
		b.t.Helper()
		b.open(path)
		if b.count("form[action$='/take']") > 0 {
			return
		}
		takeElsewhere(b, "A1001", password, sitting)
		b.open(path)
		if b.count("form[action$='/take']") == 0 || b.count("#answer :enabled") > 0 {
			b.t.Errorf("nobody asks whether to take the sitting over, or it can be answered all the same")
		}
	}
}

// enrolledPages are those of somebody with a second factor, and the way to it.
func enrolledPages(b *tab) []shot {
	b.open("/account/factor")
	b.follow("form[action='/account/factor'] button.pri")
	seed := seedOf(b)
	b.write("#code", codeOf(b.t, seed, 0))
	b.follow("form[action='/account/factor/confirm'] button")
	half := func(b *tab) {
		b.t.Helper()
		if b.open("/login/code"); b.path() == "/login/code" {
			return
		}
		signOut(b)
		b.signIn("A1003", password)
	}
	return []shot{
		{"factor-on", "/account/factor", at("/account/factor")},
		{"factor-codes", "/account/factor", func(b *tab) {
			b.open("/account/factor")
			b.press("form[action='/account/factor/codes'] button")
			b.wait("document.querySelector('dialog[open]')")
			b.follow("dialog[open] button[value=yes]")
		}},
		{"proof-code", "/account/proof", at("/account/proof?next=%2Faccount")},
		{"login-code", "/login/code", half},
		{"login-code-wrong", "/login/code", func(b *tab) {
			half(b)
			b.write("#code", "000000")
			b.follow("form[action='/login/code'] button.pri")
			b.press("details summary")
		}},
	}
}

// joinersPages are those of somebody who has a one-time password.
func joinersPages(*tab) []shot {
	return []shot{
		{"password-choose", "/account/password", at("/account/password")},
		{"password-choose-refused", "/account/password", func(b *tab) {
			b.open("/account/password")
			for _, id := range []string{"#current", "#new", "#repeat"} {
				b.write(id, id)
			}
			b.follow("form[action='/account/password'] button.pri")
		}},
	}
}

func newcomersPages(*tab) []shot {
	return []shot{
		{"home-empty", "/", at("/")},
		{"me-empty", "/me", at("/me")},
	}
}

func managersPages(b *tab) []shot {
	b.open("/teams")
	teams := js[[]string](b, "[...document.querySelectorAll('tbody th a')].map((a) => a.getAttribute('href'))")
	centre, team := teams[0], teams[len(teams)-1]
	b.open(team)
	person := link(b, "table.heat th a[href^='/people/']")
	sorted := link(b, "table.heat thead tr:last-child th:nth-child(3) a")
	b.open(person)
	sub := link(b, "table.dots a[href*='/subs/']")
	b.open("/assignments")
	assignment := link(b, "tbody th a")
	return []shot{
		{"home-manager", "/", at("/")},
		{"teams", "/teams", at("/teams")},
		{"team", "/teams/:team", at(team)},
		{"team-sorted", "/teams/:team", at(sorted)},
		{"team-centre", "/teams/:team", at(centre)},
		{"person", "/people/:person", at(person)},
		{"person-sub", "/people/:person/subs/:sub", at(sub)},
		{"assignments", "/assignments", at("/assignments")},
		{"assignment", "/assignments/:assignment", at(assignment)},
	}
}

func trainersPages(b *tab) []shot {
	out := []shot{
		{"home-trainer", "/", at("/")},
		{"assignment-new", "/assignments/new", at("/assignments/new")},
		{"assignment-refused", "/assignments/new", func(b *tab) {
			b.open("/assignments/new")
			b.press(".opts input[name=assessment]")
			b.write("#people", "A9999")
			b.follow("form[action='/assignments'] button.pri")
		}},
		{"bank", "/bank", at("/bank")},
		{"bank-report", "/bank/report", at("/bank/report")},
		{"quality", "/bank/quality", at("/bank/quality")},
		{"form", "/bank/assessments/:assessment", at("/bank/assessments/emp-cycle")},
		{"quality-item", "/bank/items/:item", func(b *tab) {
			b.open("/bank/quality")
			b.open(link(b, "tbody th a"))
		}},
	}
	for _, kind := range []string{"single_choice", "multiple_choice", "matching", "ordering", "sjt"} {
		b.open("/bank?kind=" + kind)
		out = append(out, shot{"bank-item-" + kind, "/bank/items/:item", at(link(b, "tbody th a"))})
	}
	out = append(out, shot{"bank-filtered", "/bank", at("/bank?kind=sjt")})
	return append(out, rescorePages(b, "aic-multi-0001")...)
}

// rescorePages are an item's rescoring before it is applied: the form, what it refuses, and the preview.
func rescorePages(b *tab, item string) []shot {
	form := "/bank/items/" + item + "/rescore"
	b.open(form)
	b.press("input[name=rule][value=full-credit]")
	b.write("#reason", "选项 b 和 d 都说得通，题目作废。")
	b.follow("form[action$='/rescore'] button.pri")
	preview := b.path()
	b.waitFor(time.Minute, "document.querySelector(%q)", "form[action$='/apply']") // the page comes again by itself
	return []shot{
		{"rescore", "/bank/items/:item/rescore", at(form)},
		{"rescore-refused", "/bank/items/:item/rescore", func(b *tab) {
			b.open(form)
			b.write("#reason", " ")
			b.follow("form[action$='/rescore'] button.pri")
		}},
		{"rescoring", "/bank/rescorings/:rescoring", at(preview)},
	}
}

func adminsPages(b *tab) []shot {
	b.open("/admin/people?q=admin")
	self := link(b, "tbody th a")
	b.open("/admin/people")
	person := link(b, "tbody th a")
	upload := func(content string) func(*tab) {
		return func(b *tab) {
			b.t.Helper()
			file := filepath.Join(b.t.TempDir(), "roster.csv")
			if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
				b.t.Fatal(err)
			}
			b.open("/admin/roster")
			b.do(chromedp.SetUploadFiles(chromedp.CSS("#file"), []string{file}))
			b.follow("form[enctype] button.pri")
		}
	}
	out := []shot{
		{"home-admin", "/", at("/")},
		{"people", "/admin/people", at("/admin/people")},
		{"people-none", "/admin/people", at("/admin/people?q=%E6%97%A0%E6%AD%A4%E4%BA%BA")},
		{"person-edit", "/admin/people/:person", at(person)},
		{"person-edit-refused", "/admin/people/:person", func(b *tab) {
			b.open(self)
			b.press("input[name=access][value=admin]")
			b.follow("form[action$='/access'] button.pri")
		}},
		{"person-password", "/admin/people/:person", func(b *tab) { oneTime(b, "A1030") }},
		{"roster", "/admin/roster", at("/admin/roster")},
		{"roster-plan", "/admin/roster", upload("number,name,team\nA1001,陈思远,华东服务中心 > 新组\nN1,新同事,华东服务中心 > 新组\n")},
		{"roster-refused", "/admin/roster", upload("number,name,team\nA1001,,华东服务中心\n,无号,华东服务中心\nA2,双,\n")},
		{"cycles", "/admin/cycles", at("/admin/cycles")},
	}
	return append(out, namedPages(b)...)
}

// namedPages are a preview as admins see it, with names, a rescoring that has been applied, and what taking it back would do.
func namedPages(b *tab) []shot {
	named := rescorePages(b, "aic-multi-0003")[2]
	rescorePages(b, "aic-multi-0002")
	b.press("form[action$='/apply'] button")
	b.press("dialog.ask button.pri")
	b.waitFor(time.Minute, "document.querySelector(%q)", "a[href$='?back=1']")
	return []shot{{"rescoring-named", named.route, named.visit}, {"rescoring-applied", named.route, at(b.path())}, {"rescoring-back", named.route, at(b.path() + "?back=1")}}
}

func bareTrainersPages(*tab) []shot {
	return []shot{
		{"home-bare", "/", at("/")},
		{"assignments-empty", "/assignments", at("/assignments")},
	}
}

func bareManagersPages(b *tab) []shot {
	b.open("/teams")
	team := link(b, "tbody th a")
	b.open(team)
	person := link(b, "table.heat th a[href^='/people/']")
	return []shot{
		{"team-unmeasured", "/teams/:team", at(team)},
		{"person-empty", "/people/:person", at(person)},
	}
}

func link(b *tab, selector string) string {
	b.t.Helper()
	href := js[string](b, "document.querySelector(%q)?.getAttribute('href') ?? ''", selector)
	if href == "" {
		b.t.Fatalf("%s has no link %s", b.path(), selector)
	}
	return href
}

// look goes over the page that is open: light and dark, desktop and phone.
func look(b *tab, name, lang string) {
	b.t.Helper()
	for _, s := range []screen{desktop, phone} {
		b.resize(s)
		if s.touch && b.count(".acts") > 0 { // a bar at the lower edge of the window would lie across whatever happens to be there
			b.resize(screen{s.width, js[int64](b, "Math.min(12000, document.documentElement.scrollHeight)"), s.touch})
		}
		for _, theme := range []string{"light", "dark"} {
			call(b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
				{Name: "prefers-color-scheme", Value: theme}, {Name: "prefers-reduced-motion", Value: "reduce"}}})
			js[bool](b, "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))")
			b.arrive()
			where := fmt.Sprintf("%s %s %s %d", name, lang, theme, s.width)
			found := axe(b, theme == "dark")
			if theme == "light" {
				found = slices.Concat(found, sticksOut(b), leftovers(b))
			}
			for _, f := range found {
				b.t.Errorf("%s: %s", where, f)
			}
			keepShot(b, fmt.Sprintf("%s-%s-%s-%d.png", name, lang, theme, s.width))
		}
	}
}

// sticksOut finds what is wider than the window.
func sticksOut(b *tab) []string {
	b.t.Helper()
	return js[[]string](b, `(() => {
		const w = %d, out = [];
		if (document.documentElement.scrollWidth > w) out.push('the page is ' + document.documentElement.scrollWidth + ' wide');
		for (const e of document.body.querySelectorAll('*')) {
			const r = e.getBoundingClientRect();
			if (!r.width || (r.right <= w + 1 && r.left >= -1) || e.closest('.vh, .skip') || e.ownerSVGElement) continue;
			let up = e.parentElement;
			while (up && getComputedStyle(up).overflowX === 'visible') up = up.parentElement;
			if (!up || up === document.documentElement || up === document.body) out.push(e.outerHTML.slice(0, 120) + ' reaches ' + Math.round(r.left) + '..' + Math.round(r.right));
		}
		return out.slice(0, 4);
	})()`, b.screen.width)
}

var (
	keyLike     = regexp.MustCompile(`\b[a-z_]+(?:\.[a-z0-9_]+)+\b`)
	placeholder = regexp.MustCompile(`\{[a-z_0-9]+(?:\|[^}]*)?\}|%!\w\(|<nil>|NaN|undefined|\[object `)
	families    = func() map[string]bool {
		out := map[string]bool{}
		for _, k := range text.Keys() {
			first, _, _ := strings.Cut(k, ".")
			out[first] = true
		}
		return out
	}()
)

// leftovers finds message keys that nobody translated and placeholders that nobody filled, in what is read and in what is read out.
func leftovers(b *tab) []string {
	b.t.Helper()
	read := js[string](b, `document.title + '\n' + document.body.innerText + '\n' + [...document.querySelectorAll('[aria-label], [title], [placeholder], [alt]')].flatMap((e) => ['aria-label', 'title', 'placeholder', 'alt'].map((a) => e.getAttribute(a) ?? '')).join('\n')`)
	found := placeholder.FindAllString(read, -1)
	for _, token := range keyLike.FindAllString(read, -1) {
		first, _, _ := strings.Cut(token, ".")
		if families[first] && !strings.HasSuffix(token, ".yaml") && !strings.HasSuffix(token, ".csv") {
			found = append(found, "reads "+token)
		}
	}
	return found
}

// axe runs axe-core over the page. A theme changes nothing but colours, so the second one is asked for colours alone.
func axe(b *tab, coloursOnly bool) []string {
	b.t.Helper()
	if !js[bool](b, "'axe' in window || 'loadAxe' in window && (loadAxe(), true)") { // the tab's first page: the next ones have it at hand
		load := "window.loadAxe = () => {" + axeSource + "\n}"
		call(b, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: load})
		js[bool](b, "%s, loadAxe(), true", load)
	}
	rules := `{ type: 'tag', values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] }`
	if coloursOnly {
		rules = `{ type: 'rule', values: ['color-contrast', 'link-in-text-block'] }`
	}
	return js[[]string](b, `axe.run(document, { runOnly: %s, resultTypes: ['violations'] }).then((r) => r.violations.map((v) =>
		v.id + ' (' + v.help + '): ' + v.nodes.slice(0, 3).map((n) => n.html.slice(0, 160) + ' | ' + [...n.any, ...n.all, ...n.none].map((c) => c.message).join('; ').slice(0, 200)).join('\n    ') + (v.nodes.length > 3 ? '\n    and ' + (v.nodes.length - 3) + ' more' : '')))`, rules)
}

// testDetectors breaks a page in every way that the tests look for: what finds nothing has to be able to find something.
func testDetectors(t *testing.T, browser context.Context) {
	b := newVisitor(t, browser, smallCentre(t)).tab(desktop)
	b.open("/login")
	js[bool](b, `(() => {
		document.querySelector('main').insertAdjacentHTML('beforeend', '<img src="data:,"><p id="pale">pale</p><p>login.nothing {name}</p><div id="wide">wide</div>');
		pale.style.setProperty('color', '#ccc');
		pale.style.setProperty('background', '#fff');
		wide.style.setProperty('width', '3000px');
		const inline = document.createElement('script');
		inline.textContent = 'window.ran = true';
		document.body.append(inline);
		setTimeout(() => { throw new Error('thrown'); });
		return fetch('/nowhere').then(() => fetch('http://example.invalid/').then(() => true, () => true));
	})()`)
	all := strings.Join(axe(b, false), "\n")
	for _, rule := range []string{"image-alt", "color-contrast"} {
		if !strings.Contains(all, rule) {
			t.Errorf("axe finds no %s: %s", rule, all)
		}
	}
	if !strings.Contains(strings.Join(axe(b, true), "\n"), "color-contrast") {
		t.Error("axe, asked for colours, finds none")
	}
	if got := sticksOut(b); len(got) == 0 {
		t.Error("nothing sticks out")
	}
	if got := strings.Join(leftovers(b), " "); !strings.Contains(got, "login.nothing") || !strings.Contains(got, "{name}") {
		t.Errorf("leftovers are %s", got)
	}
	b.settle()
	b.mu.Lock()
	defer b.mu.Unlock()
	noted := strings.Join(b.trouble, "\n")
	for _, what := range []string{"policy violation: script-src", "policy violation: connect-src", "thrown", "status 404"} {
		if !strings.Contains(noted, what) {
			t.Errorf("%q went unnoticed:\n%s", what, noted)
		}
	}
	b.trouble = nil
}

// shotsDir is where pictures and papers are kept.
func shotsDir(t *testing.T) string {
	t.Helper()
	dir := os.Getenv("LEIDA_SHOTS")
	if dir == "" {
		dir = filepath.Join("..", "..", "out", "shots")
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

// keepShot keeps a picture to look at where somebody asks for it; a test sees nothing in it.
func keepShot(b *tab, name string) {
	b.t.Helper()
	if os.Getenv("LEIDA_SHOTS") == "" {
		return
	}
	if err := os.WriteFile(filepath.Join(shotsDir(b.t), name), picture(b), 0o644); err != nil {
		b.t.Fatal(err)
	}
}

// picture is the whole page, however long.
func picture(b *tab) []byte {
	b.t.Helper()
	height := js[float64](b, "(scrollTo(0, 0), Math.min(12000, document.documentElement.scrollHeight))")
	if b.screen.touch && b.count(".acts") > 0 { // a bar at the lower edge of the window would lie across the picture
		s := b.screen
		defer b.resize(s)
		b.resize(screen{s.width, int64(height), s.touch})
	}
	yes := true
	return call(b, page.CaptureScreenshot, page.CaptureScreenshotParams{CaptureBeyondViewport: &yes,
		Clip: &page.Viewport{Width: float64(b.screen.width), Height: height, Scale: 1}}).Data
}
