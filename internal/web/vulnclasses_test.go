package web_test

import (
	"archive/zip"
	"bytes"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"leida/internal/exam"
	"leida/internal/org"
	"leida/internal/plain"
	"leida/internal/web"
)

// vulnClassesLater are the classes that wait for a feature.
var vulnClassesLater = map[string]string{"V18": "marking by hand"}

// The classes of holes that quiz and learning systems really had, by their numbers in the trust register.
func TestVulnClasses(t *testing.T) {
	t.Parallel()
	classes := []struct {
		id  string
		run func(t *testing.T)
	}{
		{"V01", vulnV01}, {"V02", vulnV02}, {"V03", vulnV03}, {"V04", vulnV04}, {"V05", vulnV05}, {"V06", vulnV06}, {"V07", vulnV07}, {"V08", vulnV08}, {"V09", vulnV09}, {"V10", vulnV10}, {"V11", vulnV11}, {"V12", vulnV12},
		{"V13", vulnV13}, {"V14", vulnV14}, {"V15", vulnV15}, {"V16", vulnV16}, {"V17", vulnV17}, {"V19", vulnV19}, {"V20", vulnV20}, {"V21", vulnV21}, {"V22", vulnV22}, {"V23", vulnV23}, {"V24", vulnV24},
	}
	for _, x := range classes {
		if why, waits := vulnClassesLater[x.id]; waits {
			t.Errorf("%s is tested and waits for %s", x.id, why)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(vulnClassesLater)) {
		t.Logf("later: %s: %s", id, vulnClassesLater[id])
	}
	t.Logf("%d of 24 classes tested, %d later", len(classes), len(vulnClassesLater))
	if len(classes)+len(vulnClassesLater) != 24 {
		t.Errorf("%d classes, the register has 24", len(classes)+len(vulnClassesLater))
	}
	for _, id := range registered(t, "vulnclasses.csv") {
		if _, waits := vulnClassesLater[fmt.Sprintf("V%02s", id)]; waits {
			continue
		}
		if !slices.ContainsFunc(classes, func(x struct {
			id  string
			run func(t *testing.T)
		}) bool {
			return x.id == fmt.Sprintf("V%02s", id)
		}) {
			t.Errorf("class %s has no test", id)
		}
	}
	for _, x := range classes {
		t.Run(x.id, aside(x.run))
	}
}

// Before submission nothing tells of the key or the result, by whatever way it is asked for: pages, JSON, files, headers alone.
func vulnV01(t *testing.T) {
	w := newWorld(t, withFiles(t, canaryFiles()))
	c := w.as(w.ann)
	at := c.start(w.assign("canary", w.east))
	c.json(at+"/items/1", `{"rev":1,"answer":{}}`).is(200)
	for _, r := range web.Routes {
		path := strings.NewReplacer(":sitting", sittingID(at), ":n", "1", ":person", w.ann.ID, ":team", w.east, ":sub", "AIC.1", ":item", "canary-single").Replace(r.Path)
		if r.Writes() || strings.ContainsAny(path, ":*") {
			continue
		}
		for _, client := range []*client{c, w.as(w.eve), w.as(w.bob)} {
			for _, how := range []struct{ method, accept string }{{http.MethodGet, "text/html"}, {http.MethodGet, "application/json"}, {http.MethodHead, "*/*"}} {
				got := client.send(how.method, path, "", "Accept", how.accept)
				silent(t, got)
				if got.header.Get("ETag") != "" || got.header.Get("Last-Modified") != "" {
					t.Errorf("%s: %v", got.what, got.header)
				}
			}
		}
	}
	c.get(at + "/result").lacks(say("result.score"))
}

// No paper goes forward only, and none can be believed to: its file is refused. What there is of order holds over HTTP, by script and by form: no place outside the paper, none after
// submission, nothing before an item's clock was started, no decision before or together with the own one, no turn ahead and none back.
func vulnV02(t *testing.T) {
	for _, claim := range []string{"forward_only: true", "navigation: sequential", "order: fixed"} {
		files := canaryFiles()
		files["form.yaml"] = canaryForm + claim + "\n"
		if lib, _ := loadFiles(t, files); lib != nil {
			t.Errorf("%q is taken and does nothing", claim)
		}
	}
	d := sit(t)
	n := len(d.sitting().Slots)
	for _, place := range []int{0, n + 1, -1} {
		d.c.json(fmt.Sprintf("%s/items/%d", d.at, place), `{"rev":1,"answer":{}}`).is(http.StatusNotFound)
	}
	d.c.post(d.at+"/submit", nil).to(d.at + "/result")
	d.c.json(d.item(n), `{"rev":1,"answer":{}}`).refused(http.StatusConflict, "submitted")

	t.Run("steps", vulnV02Steps)
}

func vulnV02Steps(t *testing.T) {
	files := map[string]string{"form.yaml": canaryForm[:strings.Index(canaryForm, "sections:")] + `sections:
  - {domain: AIC.2, weight: 0.4, draw: [{type: ai_decision_series, n: 1}]}
  - {domain: CPS.1, weight: 0.3, draw: [{type: info_integration, n: 1}]}
  - {domain: AIC.3, weight: 0.3, draw: [{type: intervention_timing, n: 1}]}
`}
	for _, name := range []string{"aic/aic-decision-0004.yaml", "aic/aic-timing-0001.yaml", "cps/cps-info-0002.yaml"} {
		raw, err := plain.FS().ReadFile("items/" + name)
		must(err)
		files[filepath.Base(name)] = string(raw)
	}
	w := newWorld(t, withFiles(t, files))
	d := &desk{world: w, c: w.as(w.ann), a: w.assign("canary", w.east)}
	d.at = d.c.start(d.a)
	series, clips := d.kindAt(d.ann, d.at, "ai_decision_series"), d.kindAt(d.ann, d.at, "intervention_timing")
	rev := 0
	send := func(at string, answer url.Values, check func(reply)) {
		t.Helper()
		rev++
		check(d.c.json(at, wire(answer, rev)))
		form := maps.Clone(answer)
		form.Set("_rev", fmt.Sprint(rev))
		check(d.c.post(at, form))
	}
	refused := func(at, why string, pairs ...string) {
		t.Helper()
		before := d.dump()
		send(at, values(pairs...), func(r reply) { t.Helper(); r.is(http.StatusUnprocessableEntity).has(why) })
		d.untouched(t, before)
	}
	taken := func(at string, pairs ...string) {
		t.Helper()
		rev++
		d.c.json(at, wire(values(pairs...), rev)).is(http.StatusOK)
	}
	other := w.as(w.bob) // sees the fields that ann does not see yet
	at := w.kindAt(w.bob, other.start(d.a), "info_integration")
	ahead := other.begun(at).fill(at)
	var pairs []string
	for name := range ahead {
		if !strings.HasPrefix(name, "_") {
			pairs = append(pairs, name, ahead.Get(name))
		}
	}
	clocked := d.kindAt(d.ann, d.at, "info_integration")
	before := d.dump()
	send(clocked, values(pairs...), func(r reply) {
		if r.status != http.StatusConflict || !strings.Contains(r.body, "not_begun") {
			r.to(clocked) // a form goes back to the page, and has changed nothing
		}
	})
	d.untouched(t, before)
	d.c.begun(clocked)
	taken(clocked, pairs...)
	early := say("ai_decision_series.too_early")
	refused(series, early, "decisions[c1]", "accept")
	refused(series, early, "confidence[c1]", "80")
	refused(series, early, "initial[c1]", "reject", "decisions[c1]", "accept")
	taken(series, "initial[c1]", "reject")
	refused(series, early, "decisions[c1]", "accept", "decisions[c2]", "accept")
	taken(series, "initial[c1]", "escalate", "decisions[c1]", "accept") // the own decision stays what it was
	if kept := string(d.sitting().Slots[0].Answer); !strings.Contains(kept, `"initial":{"c1":"reject"}`) || !strings.Contains(kept, `"decisions":{"c1":"accept"}`) {
		t.Error(kept)
	}
	refused(clips, say("timing.passed_over"), "seen[k1]", "3")
	refused(clips, say("timing.not_shown"), "clips[k1][turn]", "2")
	refused(clips, say("timing.goes_on"), "clips[k1][turn]", "none")
	refused(clips, say("timing.not_begun"), "clips[k2][turn]", "1")
	refused(clips, say("timing.not_begun"), "seen[k2]", "1")
	taken(clips, "seen[k1]", "2")
	refused(clips, say("timing.passed", "turn", 1, "now", 2), "clips[k1][turn]", "1")
	refused(clips, say("timing.passed_over"), "seen[k1]", "4")
}

func values(pairs ...string) url.Values {
	out := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		out.Set(pairs[i], pairs[i+1])
	}
	return out
}

// The time is the server's: after it and its grace nothing is taken, by script, form or submission, whatever a client says of the time.
func vulnV03(t *testing.T) {
	d := sit(t)
	at := d.kindAt(d.ann, d.at, "single_choice")
	d.c.json(at, `{"rev":1,"answer":{"choice":"o1"}}`).is(200)
	kept := d.sitting()
	d.clock.set(kept.Deadline.Add(exam.Grace + time.Second))
	for _, body := range []string{`{"rev":2,"answer":{"choice":"o2"}}`, `{"rev":2,"answer":{"choice":"o2"},"flagged":false}`} {
		d.c.json(at, body, "Date", kept.StartedAt.Format(http.TimeFormat), "X-Client-Time", "0").refused(http.StatusConflict, "time_over")
	}
	d.c.json(at, `{"rev":2,"answer":{"choice":"o2"},"remaining":600}`).is(http.StatusBadRequest)
	d.c.post(at, url.Values{"_rev": {"2"}, "choice": {"o2"}, "_remaining": {"600"}, "_started": {"0"}}).is(http.StatusConflict)
	d.c.post(d.at+"/submit", url.Values{"choice": {"o2"}}).to(d.at + "/result")
	now := d.sitting()
	for i := range now.Slots {
		if string(now.Slots[i].Answer) != string(kept.Slots[i].Answer) {
			t.Errorf("place %d: %s is scored, %s was saved in time", i+1, now.Slots[i].Answer, kept.Slots[i].Answer)
		}
	}
	if !now.Deadline.Equal(kept.Deadline) {
		t.Error(now.Deadline)
	}
}

// Whatever a manager opens, filters, sorts or exports, nothing of another team is in it.
func vulnV06(t *testing.T) {
	p := populate(t)
	const word = "KANARIE-OST"
	for _, who := range []org.Person{p.ann, p.bob} {
		p.ok(p.st.UpdatePerson(p.ctx, who.ID, func(x *org.Person) error { x.Name = word + x.Number; return nil }))
	}
	p.clients["manager"].get("/teams/" + p.east).is(200).has(word)
	var from []string
	for _, r := range web.Routes {
		for _, relation := range relations {
			if path, ok := p.address(r, relation); ok && !r.Writes() {
				from = append(from, path, path+"?sort=AIC.1", path+"?q="+word, path+"?team="+p.east, path+"?person="+p.ann.ID+"&compare=team")
			}
		}
	}
	asked := 0
	for _, path := range from {
		r := p.clients["other manager"].get(path)
		if body := strings.ReplaceAll(r.body, "q="+word, ""); strings.Contains(body, word) || strings.Contains(body, p.eastTeam.Code) {
			t.Errorf("%s tells of another team", r.what)
		}
		asked++
	}
	if asked < 100 {
		t.Error(asked, " pages")
	}
}

// A file has the rows of the screen it was asked from, and nobody has a file of what they have no screen of.
func vulnV07(t *testing.T) {
	t.Run("team", TestTeamExportIsTheScreen)
	t.Run("person", TestPersonExportIsTheScreen)
	p := populate(t)
	for role, client := range p.clients {
		for _, relation := range relations {
			for _, x := range [][2]string{{"/people/:person", "/people/:person/scores.csv"}, {"/people/:person", "/people/:person/radar.svg"}, {"/teams/:team", "/teams/:team/scores.csv"}, {"/teams/:team", "/teams/:team/radar.svg"}} {
				screen, ok := p.address(web.Route{Path: x[0]}, relation)
				file, _ := p.address(web.Route{Path: x[1]}, relation)
				if !ok {
					continue
				}
				page, export := client.get(screen), client.get(file)
				mine := role == "agent" && relation == own // shown at /me
				if succeeded(export) && !succeeded(page) && !mine {
					t.Errorf("%s, %s: %s without %s", role, relation, file, screen)
				}
			}
		}
	}
}

// What people are called is text on every page and in every drawing that anybody opens.
func vulnV08(t *testing.T) {
	p := populate(t)
	payload := `"><img src=x onerror=alert(1)><script>alert(1)</script>`
	db := p.open()
	for i, who := range p.everyone {
		_, err := db.Exec("UPDATE people SET name = $1, number = $2 WHERE id = $3", fmt.Sprint(payload, i), fmt.Sprint("'>", payload, i), who.ID)
		p.ok(err)
	}
	_, err := db.Exec("UPDATE teams SET name = $1", payload)
	p.ok(err)
	met := 0
	for _, role := range roles[1:] {
		crawl(p.clients[role], func(r reply) {
			if strings.HasPrefix(r.header.Get("Content-Type"), "image/svg+xml") {
				wellFormed(t, r)
			}
			if r.parsed == nil {
				return
			}
			inert(t, r)
			if len(find(r.doc(), "img", nil)) > 0 {
				t.Errorf("%s: %s made an element", role, r.what)
			}
			if strings.Contains(r.plain(), payload) {
				met++
			}
		})
	}
	if met < 10 {
		t.Error("only ", met, " pages show a name")
	}
}

// What is imported is text on its preview and wherever an author's words are shown.
func vulnV09(t *testing.T) {
	t.Run("roster", TestRosterPreviewIsText)
	t.Run("markdown", TestMarkdownIsInert)
}

// Definitions hold no code: what looks like an expression is refused where a number is due, and shown as it is where words are.
func vulnV10(t *testing.T) {
	for _, sum := range []string{"1+0", "=1", "{{1}}", "${1}", "a", "sqrt(1)", "`1`", "!!python/object:x 1", "*x"} {
		files := canaryFiles()
		files["single.yaml"] = strings.Replace(files["single.yaml"], "credit: 1,", "credit: "+sum+",", 1)
		if lib, _ := loadFiles(t, files); lib != nil {
			t.Errorf("credit: %s is taken", sum)
		}
	}
	const words = `{{len "abc"}} ${7+7} {{template "main"}} {{.}} <%= 7+7 %> #{7+7}`
	files := canaryFiles()
	files["single.yaml"] = strings.Replace(files["single.yaml"], `"问什么"`, "'"+words+"'", 1)
	w := newWorld(t, withFiles(t, files))
	c := w.as(w.ann)
	page := c.get(w.kindAt(w.ann, c.start(w.assign("canary", w.east)), "single_choice")).is(200)
	if shown := page.plain(); !strings.Contains(shown, words) {
		t.Errorf("the words are not shown as they are:\n%s", shown)
	}
}

// Nothing is changed because another site asks for it, signing in and out among it, and nothing is changed by looking.
func vulnV11(t *testing.T) {
	p := populate(t)
	before := p.dump()
	for _, r := range web.Routes {
		for _, role := range roles {
			relation := own
			if role == "other manager" {
				relation = foreign
			}
			path, ok := p.address(r, relation)
			if !ok || !r.Writes() || !allowed(r, role, relation) {
				continue
			}
			for name, headers := range crossings {
				got := p.clients[role].post(path, p.bodyOf(r, role, relation), headers...)
				got.what = name + ": " + r.Path
				got.is(http.StatusForbidden)
			}
			p.clients[role].get(path + "?" + p.bodyOf(r, role, relation).Encode()) // the same as a link
			break
		}
	}
	if d := difference(before, p.dump()); d != "" {
		t.Errorf("something refused was written\n%s", d)
	}
}

// Nobody's thing opens by its id to somebody else, nested in whatever address.
func vulnV12(t *testing.T) {
	p := populate(t)
	before := p.dump()
	swapped := 0
	for _, r := range web.Routes {
		for _, role := range roles[1:] {
			for _, relation := range []string{mate, foreign} {
				path, ok := p.address(r, relation)
				if !ok || allowed(r, role, relation) {
					continue
				}
				got := p.clients[role].send(r.Method, path, p.bodyOf(r, role, relation).Encode(), "Content-Type", "application/x-www-form-urlencoded", "Sec-Fetch-Site", "same-origin")
				if got.status != http.StatusNotFound && got.status != http.StatusForbidden {
					t.Errorf("%s, %s: %s is %d", role, relation, got.what, got.status)
				}
				swapped++
			}
		}
	}
	if d := difference(before, p.dump()); d != "" || swapped < 50 {
		t.Errorf("%d ids swapped; written:\n%s", swapped, d)
	}
}

// What is not there and what is not theirs is one answer.
func vulnV13(t *testing.T) { t.Run("json", TestMissingIsForeignInJSON); t.Run("ids", badI01) }

// What has been submitted is never opened, raised or sat again.
func vulnV04(t *testing.T) {
	d := sit(t)
	at := d.kindAt(d.ann, d.at, "single_choice")
	d.c.json(at, `{"rev":1,"answer":{"choice":"o1"}}`).is(200)
	d.c.post(d.at+"/submit", nil).to(d.at + "/result")
	before := d.dump()
	for range 3 {
		d.c.json(at, `{"rev":9,"answer":{"choice":"o2"}}`).refused(http.StatusConflict, "submitted")
		d.c.post(d.at+"/submit", nil).to(d.at + "/result")
		d.c.post("/assignments/"+d.a.ID+"/start", nil).to(d.at + "/result")
		d.c.post(d.at+"/take", nil).is(http.StatusConflict)
		d.as(d.ann).post("/assignments/"+d.a.ID+"/start", nil).to(d.at + "/result")
	}
	d.clock.add(d.a.Closes.Sub(d.clock.now()) + 1)
	if n, err := d.srv.SubmitDue(d.ctx); n != 0 || err != nil {
		t.Error(n, err)
	}
	for _, line := range strings.Split(difference(before, d.dump()), "\n") {
		if line != "" && !strings.HasPrefix(line, "+ sessions") {
			t.Error(line)
		}
	}
}

func vulnV05(t *testing.T) {
	p := populate(t)
	at := "/assignments/" + p.freshEast.ID + "/time"
	before := p.dump()
	more := func(who string) url.Values { return url.Values{"person": {who}, "factor": {"3"}} }
	p.clients["agent"].post(at, more(p.ann.ID)).is(http.StatusForbidden)
	p.clients["admin"].post(at, more(p.ann.ID)).is(http.StatusForbidden)
	p.clients["other manager"].post(at, more(p.ann.ID)).is(http.StatusNotFound)
	p.clients["manager"].post(at, more(p.wes.ID)).is(http.StatusNotFound)
	p.clients["manager"].post(at, more(p.eve.ID)).is(http.StatusNotFound) // not asked to sit it
	p.clients["manager"].post(at, more("")).is(http.StatusNotFound)
	p.clients["trainer"].post(at, more(p.wes.ID)).is(http.StatusNotFound)
	if d := difference(before, p.dump()); d != "" {
		t.Errorf("something refused was written\n%s", d)
	}
	// a manager of another team who is asked to sit it as a member of this one is a candidate here, no manager
	p.ok(p.st.SetGrants(p.ctx, p.bob.ID, []org.Grant{{Access: org.Agent}, {Access: org.Manager, Team: p.west}}))
	bob := p.as(p.bob)
	bob.post(at, more(p.bob.ID)).is(http.StatusNotFound)
	bob.post(at, more(p.ann.ID)).is(http.StatusNotFound)
	bob.get("/assignments/" + p.freshEast.ID).is(http.StatusNotFound)
}

// No import, form or role gives more than its giver may give.
func vulnV14(t *testing.T) {
	w := newWorld(t)
	admin := w.as(w.ada)
	admin.post("/admin/roster", url.Values{"again": {base64of("number,name,team,access,grants,role,admin,password\nG1,想当管理员,华东中心 > 一组,admin,admin,agent,true,letmein12345\nA01,安安,华东中心 > 一组,admin,admin,agent,true,letmein12345\n")}}).to("/admin/people")
	if n := w.count("SELECT count(*) FROM grants WHERE access <> 'agent'"); n != 4 {
		t.Error(n, "grants above an agent's; the centre has four")
	}
	if n := w.count("SELECT count(*) FROM people WHERE number = 'G1' AND password_hash IS NULL"); n != 1 {
		t.Error("an import sets a password")
	}
	w.anybody().post("/login", login("G1", "letmein12345")).is(http.StatusUnauthorized)
	before := w.dump()
	for _, who := range []org.Person{w.ann, w.eve, w.tess} {
		for _, access := range org.Accesses {
			for _, whom := range []org.Person{who, w.bob} {
				w.as(who).post("/admin/people/"+whom.ID+"/access", url.Values{"access": {string(access)}, "teams": {w.root}}).is(http.StatusForbidden)
			}
		}
		c := w.as(who)
		c.post("/account/password", url.Values{"current": {password}, "password": {"short"}, "repeat": {"short"}, "access": {"admin"}, "role": {"admin"}}).is(http.StatusUnprocessableEntity)
		c.post("/language?access=admin", url.Values{"lang": {"zh"}, "access": {"admin"}}).to("/")
	}
	for _, line := range strings.Split(difference(before, w.dump()), "\n") {
		if line != "" && !strings.HasPrefix(line, "+ sessions") {
			t.Error(line)
		}
	}
}

// Quotes and operators find what they spell.
func vulnV15(t *testing.T) {
	t.Run("people", TestPeopleList)
	w := newWorld(t)
	c, lead := w.as(w.ada), w.as(w.eve)
	before := w.dump()
	for i, evil := range []string{`' OR '1'='1`, `'; DROP TABLE people; --`, `" OR ""="`, `%' UNION SELECT * FROM sessions --`, `\' OR 1=1`, `) OR (1=1`, `1; ATTACH DATABASE 'x'`, `?`, `$1`, `:p`, `@p`} {
		c.get("/admin/people?q=" + url.QueryEscape(evil)).is(200).has(say("people.empty"))
		lead.get("/teams/" + w.east + "?sort=" + url.QueryEscape(evil)).is(200)
		if i < 2 {
			w.anybody().post("/login", login(evil, evil)).is(http.StatusUnauthorized)
		}
	}
	for _, line := range strings.Split(difference(before, w.dump()), "\n") {
		if line != "" && !strings.HasPrefix(line, "+ sessions") {
			t.Error(line)
		}
	}
}

// Passwords are compared as they are: no numbers, no cases, no forms, no blanks are thought equal.
func vulnV16(t *testing.T) {
	w := newWorld(t)
	for _, x := range [][2]string{{"0e1234567890", "0e2345678901"}, {"0000000001", "1"}, {"café au lait 1", "cafe\u0301 au lait 1"}, {"ends in a blank ", "ends in a blank"}, {"joined", "jo\u200bined"}, {"wide letters 1", "ｗｉｄｅ letters 1"}} {
		w.ok(w.st.SetPassword(w.ctx, w.ann.ID, hash(x[0]), ""))
		w.anybody().post("/login", login("A01", x[1])).is(http.StatusUnauthorized)
		w.anybody().post("/login", login("A01", x[0])).to("/")
	}
}

// No cell of a file is a formula, and the words come back as they were.
func vulnV17(t *testing.T) { t.Run("export", TestFormulaGuard); t.Run("and back", badA13) }

// Who is suspended is out at the next request, on every device and page.
func vulnV19(t *testing.T) {
	t.Run("agent", TestSuspended)
	p := populate(t)
	devices := map[string][]*client{}
	for role, who := range map[string]org.Person{"agent": p.ann, "manager": p.eve, "trainer": p.tess} {
		devices[role] = []*client{p.clients[role], p.as(who)}
		p.ok(p.st.UpdatePerson(p.ctx, who.ID, func(x *org.Person) error { x.ActiveTo = p.clock.now(); return nil }))
	}
	before := p.dump()
	for role, clients := range devices {
		for _, r := range web.Routes {
			path, ok := p.address(r, own)
			if !ok || r.Public {
				continue
			}
			for _, c := range clients {
				got := c.copy().send(r.Method, path, p.bodyOf(r, role, own).Encode(), "Content-Type", "application/x-www-form-urlencoded", "Sec-Fetch-Site", "same-origin")
				if succeeded(got) || got.status != http.StatusSeeOther && got.status != http.StatusUnauthorized {
					t.Errorf("%s: %s is %d", role, got.what, got.status)
				}
			}
		}
	}
	if d := difference(before, p.dump()); d != "" {
		t.Errorf("something refused was written\n%s", d)
	}
}

// Who is half signed in reaches nothing, and every way to prove who one is counts against the same allowance.
func vulnV20(t *testing.T) {
	t.Run("password", TestGuessingTheCurrentPassword)
	t.Run("half", TestHalfSessionReachesNothing)
	t.Run("codes", TestGuessingCodes)
	t.Run("everywhere", TestGuessingIsThrottledEverywhere)
}

// An archive, a picture, a page or a program is no file of ours: it is refused as it is, unpacked and read by nobody.
func vulnV21(t *testing.T) {
	w := newWorld(t)
	c := w.as(w.ada)
	before := w.dump()
	var bomb bytes.Buffer
	z := zip.NewWriter(&bomb)
	for i := range 20 {
		part, err := z.Create(fmt.Sprintf("xl/worksheets/sheet%d.xml", i))
		w.ok(err)
		_, err = part.Write(make([]byte, 4<<20))
		w.ok(err)
	}
	w.ok(z.Close())
	for name, file := range map[string]string{"zip": bomb.String(), "gzip": zipped(64 << 20), "cut": bomb.String()[:100], "nested": "PK\x03\x04" + bomb.String(),
		"svg": `<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>`, "html": "<!doctype html><script>alert(1)</script>", "png": "\x89PNG\r\n\x1a\n" + strings.Repeat("\x00", 64), "xml": `<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>`, "exe": "MZ\x90\x00"} {
		got := c.upload(file)
		sound(t, web.Route{}, got)
		if got.status != http.StatusUnprocessableEntity && got.status != http.StatusBadRequest && got.status != http.StatusRequestEntityTooLarge {
			t.Errorf("%s: %d", name, got.status)
		}
		got.lacks("root:")
		again := c.post("/admin/roster", url.Values{"again": {base64of(file)}})
		if again.status < 400 {
			t.Errorf("%s: confirmed, %d", name, again.status)
		}
	}
	if d := difference(before, w.dump()); d != "" {
		t.Errorf("something refused was written\n%s", d)
	}
}

// An error says what it says in text, and nothing of the machine; TestStoreIsGone and the others there break it on purpose.
func vulnV22(t *testing.T) {
	w := newWorld(t)
	c := w.as(w.ann)
	for _, p := range payloads {
		for _, got := range []reply{c.get("/" + url.PathEscape(p)), c.get("/people/" + url.PathEscape(p) + "?" + url.QueryEscape(p)), c.post("/language", url.Values{"lang": {p}, "next": {p}}, "Accept-Language", strings.Map(printable, p))} {
			discreet(t, got)
			sound(t, web.Route{}, got)
			if n := len(find(got.doc(), "img", nil)) + len(find(got.doc(), "iframe", nil)) + len(find(got.doc(), "base", nil)); n > 0 {
				t.Errorf("%s: %q made %d elements", got.what, p, n)
			}
		}
		got := c.get("/people/"+url.PathEscape(p), "Accept", "application/json").is(http.StatusNotFound)
		if strings.ContainsAny(got.body, "<>") {
			t.Errorf("%s: %s", got.what, got.body)
		}
	}
	for range 3 {
		c.get("/nothing").is(http.StatusNotFound).has(say("web.not_found"))
	}
}

func printable(r rune) rune {
	if r < ' ' || r > '~' {
		return -1
	}
	return r
}

// What an AI says in a dialogue is no more than anybody's words.
func vulnV24(t *testing.T) {
	for _, p := range payloads[:6] {
		files := canaryFiles()
		word := "'" + strings.ReplaceAll(p, "'", "''") + "'"
		files["single.yaml"] += "dialogue:\n  - {id: c1, who: customer, zh: 你好, en: Hello}\n  - {id: a1, who: ai, zh: " + word + ", en: " + word + "}\n"
		w := newWorld(t, withFiles(t, files))
		c := w.as(w.ann)
		page := c.get(w.kindAt(w.ann, c.start(w.assign("canary", w.east)), "single_choice")).is(200)
		inert(t, page)
		if !strings.Contains(page.plain(), p) {
			t.Errorf("%q is not there as text", p)
		}
		for _, bad := range []string{"img", "iframe"} {
			if len(find(page.doc(), bad, nil)) > 0 {
				t.Errorf("%q made an element %s", p, bad)
			}
		}
	}
}

// A client cannot say where it comes from; only a proxy that is trusted can.
func vulnV23(t *testing.T) {
	for _, trusted := range []bool{false, true} {
		w := newWorld(t, func(c *web.Config) {
			if trusted {
				c.Trusted = []string{"127.0.0.1"}
			}
		})
		var last int
		for i := range 61 {
			name := fmt.Sprintf("V%02d", i)
			w.agent(name, name, w.east)
			ip := fmt.Sprintf("10.1.%d.%d", i/250, i%250)
			last = w.anybody().post("/login", login(name, "wrong"), "X-Forwarded-For", ip, "X-Real-Ip", ip, "Forwarded", "for="+ip, "CF-Connecting-IP", ip, "X-Appengine-Remote-Addr", ip).status
		}
		want := http.StatusTooManyRequests
		if trusted {
			want = http.StatusUnauthorized
		}
		if last != want {
			t.Errorf("trusted %v: %d, want %d", trusted, last, want)
		}
	}
}
