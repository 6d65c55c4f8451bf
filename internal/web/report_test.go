package web_test

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"leida/internal/item"
	"leida/internal/org"
	"leida/internal/web"
)

// cells reads a CSV that was sent.
func (r reply) cells() [][]string {
	r.t.Helper()
	if !strings.HasPrefix(r.header.Get("Content-Type"), "text/csv") || !strings.HasPrefix(r.body, "\ufeff") {
		r.t.Fatalf("%s: %s %q", r.what, r.header.Get("Content-Type"), r.clip())
	}
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(r.body, "\ufeff"))).ReadAll()
	if err != nil {
		r.t.Fatal(err)
	}
	return rows
}

// heat is the heat table of a team page: a name and the numbers of each row.
func heat(r reply) [][]string {
	var out [][]string
	for _, table := range find(r.doc(), "table", func(n *html.Node) bool { return strings.Contains(attr(n, "class"), "heat") }) {
		for _, tr := range find(table, "tr", nil) {
			tds := find(tr, "td", nil)
			if len(tds) < 2 {
				continue
			}
			row := []string{words(find(find(tr, "th", nil)[0], "bdi", nil)[0])}
			for _, td := range tds {
				row = append(row, strings.TrimSpace(find(td, "a", nil)[0].FirstChild.Data))
			}
			out = append(out, row)
		}
	}
	return out
}

// teamOfSeven fills the east team with people of different results.
func teamOfSeven(t testing.TB, opts ...option) (*world, []org.Person) {
	w := newWorld(t, opts...)
	people := []org.Person{w.ann, w.bob}
	for i := range 5 {
		people = append(people, w.agent(fmt.Sprintf("B%02d", i), fmt.Sprintf("组员%d", i), w.east))
	}
	for _, id := range []string{"aic-cycle", "emp-cycle"} {
		a := w.assign(id, w.east)
		for i, p := range people {
			w.sat(p, a, []item.Strategy{item.First, item.Longest, item.Polite, ""}[i%4])
		}
	}
	return w, people
}

func TestTeamExportIsTheScreen(t *testing.T) {
	t.Parallel()
	w, people := teamOfSeven(t)
	lead := w.as(w.eve)
	for _, query := range []string{"", "?sort=AIC.1", "?sort=EMP.2", "?sort=nothing"} {
		for _, c := range []*client{lead, lead.copy().english()} {
			screen := heat(c.get("/teams/" + w.east + query).is(200))
			file := c.get("/teams/" + w.east + "/scores.csv" + query).is(200).cells()
			if len(screen) != len(people) || len(file) != len(people)+1 {
				t.Fatalf("%d rows on the screen, %d in the file", len(screen), len(file))
			}
			for i, row := range screen {
				got := file[i+1]
				if got[0] != row[0] || !slices.Equal(got[2:], row[1:]) {
					t.Errorf("%s row %d: screen %v, file %v", query, i, row, got)
				}
			}
		}
	}
	sorted := heat(lead.get("/teams/" + w.east + "?sort=AIC.1"))
	column := slices.Index(lead.get("/teams/" + w.east + "/scores.csv").cells()[0], "AIC.1 智能工单操作") - 1
	last := -1.0
	for _, row := range sorted {
		if n, err := strconv.ParseFloat(row[column], 64); err == nil {
			if n < last {
				t.Errorf("not sorted: %v", sorted)
			}
			last = n
		}
	}
	name := lead.get("/teams/" + w.east + "/scores.csv").header.Get("Content-Disposition")
	if name != `attachment; filename="leida-ec-1.csv"` {
		t.Error(name)
	}
}

func TestPersonExportIsTheScreen(t *testing.T) {
	t.Parallel()
	w, _ := teamOfSeven(t)
	for _, c := range []*client{w.as(w.ann), w.as(w.eve)} {
		page := c.get("/people/" + w.ann.ID)
		if page.status == http.StatusSeeOther {
			page = c.get("/me")
		}
		page.is(200)
		file := c.get("/people/" + w.ann.ID + "/scores.csv").is(200).cells()
		subs := 0
		for _, row := range file[1:] {
			if !strings.Contains(row[0], ".") {
				continue
			}
			subs++
			shown := heatOf(t, page, row[0])
			if row[3] == "" {
				if shown != row[2] {
					t.Errorf("%s: screen %q, file %q", row[0], shown, row[2])
				}
				continue
			}
			n, err := strconv.ParseFloat(row[3], 64)
			if whole, _, _ := strings.Cut(shown, " "); err != nil || fmt.Sprintf("%.0f", n) != whole && fmt.Sprintf("%.0f", n-0.05) != whole && fmt.Sprintf("%.0f", n+0.05) != whole {
				t.Errorf("%s: screen %q, file %q", row[0], shown, row[3])
			}
		}
		if subs != len(w.defs.Current().Model.Subs()) {
			t.Error(subs, "sub-competencies in the file")
		}
	}
}

// Names that a spreadsheet would run are text in the file.
func TestFormulaGuard(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	names := []string{`=HYPERLINK("http://evil.example","x")`, "+cmd|' /C calc'!A0", "-2+3", "@SUM(1)", "'=1", "＝1+1", "－2", " =1+1"}
	for i, name := range names {
		w.agent(fmt.Sprintf("=%d", i), name, w.east)
	}
	rows := w.as(w.eve).get("/teams/" + w.east + "/scores.csv").is(200).cells()
	for _, row := range rows {
		for _, cell := range row {
			if trimmed := strings.TrimSpace(cell); trimmed != "" && strings.ContainsAny(trimmed[:1], "=+-@\t\r") || strings.HasPrefix(trimmed, "＝") || strings.HasPrefix(trimmed, "－") {
				t.Errorf("a spreadsheet would run %q", cell)
			}
		}
	}
	for _, name := range names {
		if !slices.ContainsFunc(rows, func(row []string) bool { return row[0] == "'"+name || row[0] == "'"+strings.TrimSpace(name) }) {
			t.Errorf("%q is not in the file", name)
		}
	}
}

// radarData are the values of the main outline in a page's chart option, nil for a gap, and the axes that say they are gaps.
func radarData(t *testing.T, page reply, id string) (values []any, absent int) {
	t.Helper()
	scripts := find(page.doc(), "script", func(n *html.Node) bool { return attr(n, "id") == id+"-option" })
	if len(scripts) != 1 {
		t.Fatalf("%d options %s", len(scripts), id)
	}
	var option struct {
		Series []struct {
			ID   string `json:"id"`
			Data []struct{ Value []any }
		}
		Leida struct {
			Axes []struct {
				Absent bool
				Value  string
			}
		}
	}
	if err := json.Unmarshal([]byte(scripts[0].FirstChild.Data), &option); err != nil {
		t.Fatal(err)
	}
	for _, s := range option.Series {
		if s.ID == "current" {
			for _, d := range s.Data {
				values = append(values, d.Value[0])
			}
		}
	}
	for _, a := range option.Leida.Axes {
		if a.Absent {
			absent++
		}
	}
	return values, absent
}

// What was not measured is a gap: in the drawing, in the option, in the table, in the file.
func TestGaps(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.sat(w.ann, w.assign("aic-cycle", w.east), item.First)
	c := w.as(w.ann)
	page := c.get("/me").is(200).has(say("profile.status.none"))
	values, absent := radarData(t, page, "radar")
	if len(values) != 5 || absent != 3 { // a closed outline ends where it began
		t.Fatalf("values %v, %d axes absent", values, absent)
	}
	for i, v := range values[1:4] {
		if v != nil {
			t.Errorf("axis %d is %v", i+1, v)
		}
	}
	if values[0] == nil {
		t.Error("the measured axis is a gap")
	}
	marks := `class="mark mark-current"`
	if n := strings.Count(firstSVG(page.body), marks); n != 1 {
		t.Errorf("%d marks of the person on the page", n)
	}
	if n := strings.Count(c.get("/people/"+w.ann.ID+"/radar.svg").is(200).body, marks); n != 2 {
		t.Errorf("%d marks of the person in the file, one and one in its legend are wanted", n)
	}
	subs, absent := radarData(t, page, "radar-subs")
	all := len(w.defs.Current().Model.Subs())
	if len(subs) != all+1 || absent != all-4 {
		t.Fatalf("%v, %d absent", subs, absent)
	}
	for i, v := range subs[4:all] {
		if v != nil {
			t.Errorf("sub %d is %v", i+4, v)
		}
	}
	if got := heatOf(t, page, "EMP.1"); got != say("profile.status.none") {
		t.Errorf("EMP.1 reads %q", got)
	}
	for _, row := range c.get("/people/" + w.ann.ID + "/scores.csv").cells() {
		if strings.HasPrefix(row[0], "EMP") && (row[3] != "" || row[2] != say("profile.status.none")) {
			t.Errorf("%v", row)
		}
	}
	for _, row := range heat(w.as(w.eve).get("/teams/" + w.east).is(200)) {
		if row[0] == w.bob.Name && strings.Trim(strings.Join(row[1:], ""), "–") != "" {
			t.Errorf("nobody tested Bob: %v", row)
		}
	}
	// nobody of the team was tested
	page = w.as(w.max).get("/teams/" + w.west).is(200)
	if values, absent := radarData(t, page, "radar"); absent != 4 || len(slices.DeleteFunc(values, func(v any) bool { return v == nil })) != 0 {
		t.Errorf("%v, %d absent", values, absent)
	}
}

func firstSVG(s string) string {
	if _, after, ok := strings.Cut(s, `<div class="static">`); ok {
		s = after
	}
	svg, _, _ := strings.Cut(s, "</svg>")
	return svg
}

var bandText = regexp.MustCompile(`同岗位 \d+–\d+`)

func TestPeerBandNeedsFiveOthers(t *testing.T) {
	t.Parallel()
	w, people := teamOfSeven(t)
	for _, x := range []struct {
		who   int
		role  string
		shown bool
	}{{0, "", true}, {1, "", true}, {0, "senior_agent", false}} {
		who := people[x.who]
		if x.role != "" { // another job profile has no peers here, and leaves the others one less
			w.ok(w.st.UpdatePerson(w.ctx, who.ID, func(p *org.Person) error { p.JobProfile = x.role; return nil }))
		}
		page := w.as(who).get("/me").is(200)
		note := say("profile.band_hidden", "n", 5)
		team := find(page.doc(), "option", func(n *html.Node) bool { return attr(n, "value") == "team" })
		if (len(team) > 0) != x.shown || bandText.MatchString(page.plain()) != x.shown {
			t.Errorf("%s %s: bands shown %v, want %v; %q", who.Name, x.role, len(team) > 0, x.shown, note)
		}
	}
	// five others are needed: with one gone to another job profile, four are left behind a fifth
	w.ok(w.st.UpdatePerson(w.ctx, people[2].ID, func(p *org.Person) error { p.JobProfile = "senior_agent"; return nil }))
	page := w.as(people[1]).get("/me?compare=team").is(200)
	if len(find(page.doc(), "option", func(n *html.Node) bool { return attr(n, "value") == "team" })) != 0 {
		t.Error("four others make a band")
	}
}

func TestSmallAndEmptyTeams(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	lead := w.as(w.max)
	lead.get("/teams/" + w.west).is(200).has(say("team.small", "min", 5))
	w.ok(w.st.UpdatePerson(w.ctx, w.wes.ID, func(p *org.Person) error { p.ActiveTo = noon; return nil }))
	for _, c := range []*client{lead, lead.copy().english()} {
		page := c.get("/teams/" + w.west).is(200)
		inert(t, page)
		if len(find(page.doc(), "table", nil)) != 0 {
			t.Error("an empty team has tables")
		}
	}
	lead.get("/teams/" + w.west).has(say("team.empty"))
	if rows := lead.get("/teams/" + w.west + "/scores.csv").is(200).cells(); len(rows) != 1 {
		t.Error(rows)
	}
	lead.get("/teams/" + w.west + "/radar.svg").is(200)
	lead.get("/teams").is(200).has("二组")
	lead.get("/").is(200)
	// a manager of nothing: the team was taken away, the role not
	w.ok(w.st.SetGrants(w.ctx, w.eve.ID, []org.Grant{{Access: org.Manager, Team: w.root}}))
	w.as(w.eve).get("/teams").is(200).has("华东中心", "一组", "二组")
}

// Every page of a manager's, as far as links go, holds nothing of another team.
func TestManagerNeverSeesAnotherTeam(t *testing.T) {
	t.Parallel()
	w, people := teamOfSeven(t)
	joint := w.assign("cps-cycle", w.root)
	w.sat(w.wes, joint, item.First)
	w.sat(w.ann, joint, item.First)
	lead := w.as(w.eve)
	pages := crawl(lead, func(r reply) {
		sound(t, web.Route{Cache: r.header.Get("Cache-Control")}, r)
		for _, word := range []string{"Wes Canary", w.wes.ID, "A03", w.west, "二组"} {
			if strings.Contains(r.body, word) && !strings.Contains(r.what, word) {
				t.Errorf("%s tells %q", r.what, word)
			}
		}
	}, "/people/"+w.wes.ID, "/people/"+w.wes.ID+"/scores.csv", "/teams/"+w.west, "/teams/"+w.root, "/teams/"+w.root+"/scores.csv")
	if pages < 50 {
		t.Error("only ", pages, " pages")
	}
	// who looked is on the account page of whom was looked at
	w.as(people[2]).get("/account").is(200).has(w.eve.Name)
	w.as(w.wes).get("/account").is(200).lacks(w.eve.Name)
	lead.get("/assignments/" + joint.ID).is(200).has(w.ann.Name).lacks("Wes Canary")
	lead.post("/assignments/"+joint.ID+"/time", url.Values{"person": {w.wes.ID}, "factor": {"2"}}).is(http.StatusNotFound)
}

// Each agent's pages hold no other person.
func TestAgentSeesNobodyElse(t *testing.T) {
	t.Parallel()
	w, people := teamOfSeven(t)
	crawl(w.as(w.ann), func(r reply) {
		for _, p := range people[1:] {
			if strings.Contains(r.body, p.Name) || strings.Contains(r.body, p.ID) && !strings.Contains(r.what, p.ID) {
				t.Errorf("%s tells of %s", r.what, p.Name)
			}
		}
	}, "/people/"+w.bob.ID, "/people/"+w.bob.ID+"/radar.svg", "/?person="+w.bob.ID, "/me?person="+w.bob.ID)
}

func TestCloseCycle(t *testing.T) {
	t.Parallel()
	w, people := teamOfSeven(t)
	admin := w.as(w.ada)
	admin.get("/admin/cycles").is(200).has(say("cycles.running"))
	admin.post("/admin/cycles/"+w.cycle.ID+"/close", nil).is(http.StatusConflict).has(say("cycles.not_over"))
	w.clock.set(w.cycle.To)
	admin = w.as(w.ada)
	admin.post("/admin/cycles/"+w.cycle.ID+"/close", nil).to("/admin/cycles")
	admin.get("/admin/cycles").has(say("notice.cycle"))
	admin.post("/admin/cycles/"+w.cycle.ID+"/close", nil).is(http.StatusConflict)
	if n := w.count("SELECT count(*) FROM snapshots"); n != len(people)+1 {
		t.Error(n, "snapshots")
	}
	w.clock.add(24 * time.Hour)
	for _, l := range []*client{w.as(w.ann), w.as(w.ann).english()} {
		page := l.get("/me").is(200)
		inert(t, page)
		if len(find(page.doc(), "option", func(n *html.Node) bool { return attr(n, "value") == "previous" })) != 1 {
			t.Error("the closed cycle is not offered for comparison")
		}
		l.get("/me?compare=previous").is(200)
		l.get("/people/" + w.ann.ID + "/subs/AIC.1").is(200)
	}
	w.as(w.eve).get("/teams/" + w.east).is(200)
	results := make([]int, 20) // closing is done once, however often it is asked
	q3 := w.as(w.ada)
	parallel(len(results), func(i int) { results[i] = q3.copy().post("/admin/cycles/2026-q3/close", nil).status })
	if n := len(slices.DeleteFunc(results, func(s int) bool { return s == http.StatusConflict })); n != 1 {
		t.Error(n, "closings")
	}
}

func TestBank(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	lib, _ := builtIn()
	c := w.as(w.tess)
	page := c.get("/bank").is(200)
	links := find(page.doc(), "a", func(n *html.Node) bool { return strings.HasPrefix(attr(n, "href"), "/bank/items/") })
	if len(links) != len(lib.Items) {
		t.Errorf("%d of %d items", len(links), len(lib.Items))
	}
	for _, kind := range item.KindNames() {
		n := 0
		for _, it := range lib.Items {
			if it.Type == kind {
				n++
			}
		}
		page := c.get("/bank?kind=" + kind).is(200)
		if got := len(find(page.doc(), "a", func(n *html.Node) bool { return strings.HasPrefix(attr(n, "href"), "/bank/items/") })); got != n {
			t.Errorf("%s: %d of %d", kind, got, n)
		}
	}
	for _, it := range lib.Items {
		for _, c := range []*client{c, c.copy().english()} {
			inert(t, c.get("/bank/items/"+it.ID).is(200))
		}
		if it.Type == "improvement_proposal" { // what people would have to rate is worth nobody knows what
			c.get("/bank/items/" + it.ID).has(say("blind.improvement_proposal.unwritten")).lacks(say("blind.improvement_proposal.phrase"))
		}
	}
	if w.count("SELECT count(*) FROM sittings") != 0 {
		t.Error("looking at the bank began a sitting")
	}
}

// An unsound state leaves only its report; a sound one replaces the library for new sittings and leaves running ones alone.
func TestOffer(t *testing.T) {
	t.Parallel()
	w := newWorld(t, withFiles(t, canaryFiles()))
	a, b := w.assign("canary", w.east), w.assign("canary", w.west)
	c := w.as(w.ann)
	at := c.start(a)
	path := w.kindAt(w.ann, at, "single_choice")
	before := c.get(path)
	files := canaryFiles()
	files["single.yaml"] = strings.Replace(files["single.yaml"], "credit: 1", "credit: .nan", 1)
	files["multi.yaml"] = "schema: leida/item@1\nid: <script>alert(1)</script>\n\tqustions: 1\n"
	lib, report := loadFiles(t, files)
	if lib != nil || report.Errors() == 0 {
		t.Fatal("this should be unsound")
	}
	w.defs.Offer(lib, report)
	trainer := w.as(w.tess)
	for _, c := range []*client{trainer, trainer.copy().english()} {
		for _, p := range []string{"/bank/report", "/bank"} {
			inert(t, c.get(p).is(200))
		}
	}
	trainer.get("/bank/report").has("single.yaml", "multi.yaml", say("report.error"), say("bank.unsound.note"))
	trainer.get("/bank").has(say("bank.unsound"))
	trainer.get("/bank/items/canary-multi").is(200)
	w.as(w.wes).start(b)

	files = canaryFiles()
	files["single.yaml"] = strings.NewReplacer("version: 1", "version: 2", "甲选项", "新的甲选项").Replace(files["single.yaml"])
	lib, report = loadFiles(t, files)
	if lib == nil {
		t.Fatal(report[0].Place())
	}
	w.defs.Offer(lib, report)
	trainer.get("/bank").lacks(say("bank.unsound"))
	trainer.get("/bank/items/canary-single").has("新的甲选项")
	if again := c.get(path); words(find(again.doc(), "main", nil)[0]) != words(find(before.doc(), "main", nil)[0]) {
		t.Error("a running sitting changed under its candidate")
	}
	c.json(path, wire(c.get(path).fill(path), 1)).is(200)
	c.post(at+"/submit", nil).to(at + "/result")
	c.get(at + "/result").is(200).has("canary-single v1").lacks("新的甲选项")
	bob := w.as(w.bob)
	theirs := bob.start(a)
	bob.get(w.kindAt(w.bob, theirs, "single_choice")).has("新的甲选项")

	// the assessment is taken out: what runs goes on, what has not begun says so
	files = map[string]string{"form.yaml": strings.Replace(canaryForm, "id: canary", "id: other", 1)}
	for name, body := range canaryFiles() {
		if name != "form.yaml" {
			files[name] = body
		}
	}
	lib, report = loadFiles(t, files)
	w.defs.Offer(lib, report)
	late := w.agent("L01", "晚来的", w.east)
	w.as(late).get("/").is(200).has(say("exam.gone"))
	w.as(late).post("/assignments/"+a.ID+"/start", nil).is(http.StatusConflict).has(say("exam.gone"))
	bob.post(theirs+"/submit", nil).to(theirs)
	bob.get(theirs + "/result").is(200)
	bob.get("/").is(200)
	w.as(w.tess).get("/assignments/" + a.ID).is(200)
	w.as(w.tess).get("/assignments").is(200)
}
