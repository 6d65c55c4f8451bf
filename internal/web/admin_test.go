package web_test

import (
	"bytes"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"unicode/utf16"

	"golang.org/x/net/html"
	"golang.org/x/text/encoding/simplifiedchinese"

	"leida/internal/org"
	"leida/internal/web"
)

// upload sends files in the field of the roster form.
func (c *client) upload(files ...string) reply {
	c.w.t.Helper()
	var b bytes.Buffer
	form := multipart.NewWriter(&b)
	for i, f := range files {
		part, err := form.CreateFormFile("file", fmt.Sprintf("名单%d.csv", i))
		c.w.ok(err)
		_, err = part.Write([]byte(f))
		c.w.ok(err)
	}
	c.w.ok(form.Close())
	return c.send(http.MethodPost, "/admin/roster", b.String(), "Content-Type", form.FormDataContentType(), "Sec-Fetch-Site", "same-origin")
}

const rosterHead = "number,name,team,email,job_profile,active_from,active_to\n"

const goodRoster = rosterHead +
	"A01,安安,华东中心 > 二组,,,,\n" + // moves
	"A02,Bobby,华东中心 > 一组,bob@example.com,资深客服,,\n" + // renamed
	"A03,Wes Canary,华东中心 > 二组,,,,\n" + // the same
	"00123,新同事,华东中心 > 三组,,agent,2026-10-01,2027-09-30\n" // joins, in a new team

func TestRoster(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.as(w.ada)
	before := w.dump()
	page := c.upload(goodRoster).is(200)
	inert(t, page)
	page.has(say("roster.plan"), "00123", "新同事", say("roster.kind.join"), say("roster.kind.move"), say("roster.kind.rename")).lacks("Wes Canary")
	if d := difference(before, w.dump()); d != "" {
		t.Errorf("the dry run wrote\n%s", d)
	}
	var again url.Values
	for _, f := range find(page.doc(), "form", func(n *html.Node) bool { return attr(n, "class") == "row end" }) {
		again = url.Values{"again": {attr(find(f, "input", nil)[0], "value")}}
	}
	c.post("/admin/roster", again).to("/admin/people")
	c.get("/admin/people").has(say("notice.roster"), "Bobby", "三组", "00123")
	if n := w.count("SELECT count(*) FROM memberships WHERE person_id = ?", w.ann.ID); n != 2 {
		t.Error("history keeps the team of its time: ", n)
	}
	if n := w.count("SELECT count(*) FROM audit WHERE action = 'roster'"); n != 1 {
		t.Error(n, "imports in the audit log")
	}
	after := w.dump()
	c.upload(goodRoster).is(200).has(say("roster.no_change"))
	c.post("/admin/roster", again).to("/admin/people") // pressed twice
	if d := difference(strings.ReplaceAll(after, "audit ", ""), strings.ReplaceAll(w.dump(), "audit ", "")); strings.Count(d, "+") > 1 {
		t.Errorf("importing again changed\n%s", d)
	}
	p, _, err := w.st.PersonByLogin(w.ctx, "00123")
	w.ok(err)
	if p.Number != "00123" || p.JobProfile != "agent" || !p.ActiveTo.Equal(p.ActiveFrom.AddDate(1, 0, 0)) {
		t.Errorf("%+v", p)
	}
	grants, err := w.st.Grants(w.ctx, p.ID)
	w.ok(err)
	if len(grants) != 1 || grants[0].Access != org.Agent {
		t.Errorf("an import grants %v", grants)
	}
}

func TestRosterEncodings(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.as(w.ada)
	gbk, err := simplifiedchinese.GBK.NewEncoder().String(goodRoster)
	w.ok(err)
	wide := []byte{0xff, 0xfe}
	for _, u := range utf16.Encode([]rune(goodRoster)) {
		wide = append(wide, byte(u), byte(u>>8))
	}
	for name, file := range map[string]string{
		"utf-8": goodRoster, "bom": "\ufeff" + goodRoster, "gbk": gbk, "utf-16": string(wide), "crlf": strings.ReplaceAll(goodRoster, "\n", "\r\n"),
		"semicolons": strings.ReplaceAll(goodRoster, ",", ";"), "tabs": strings.ReplaceAll(goodRoster, ",", "\t"), "chinese head": strings.Replace(goodRoster, rosterHead, "工号,姓名,团队,邮箱,岗位,入职日期,离职日期\n", 1),
	} {
		page := c.upload(file)
		if page.status != 200 {
			t.Errorf("%s: %d %s", name, page.status, page.clip())
			continue
		}
		page.has("新同事", "三组", say("roster.plan"))
	}
	for name, file := range map[string]string{
		"empty": "", "blank": " \n\n", "no heading": "A01,安安,一组\n", "one column": "number\nA01\n", "a picture": "\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\xff\xff\xff", "a zip": "PK\x03\x04\x14\x00\x00\x00\x08\x00\xff\xfe\x81", "an open quote": rosterHead + "A01,\"安安,一组\n", "utf-16 without a mark": string(wide[2:]),
	} {
		page := c.upload(file)
		if page.status != http.StatusUnprocessableEntity || len(find(page.doc(), "div", func(n *html.Node) bool { return attr(n, "class") == "banner bad" })) == 0 {
			t.Errorf("%s: %d %s", name, page.status, page.clip())
		}
		inert(t, page)
	}
}

func TestRosterProblems(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.as(w.ada)
	before := w.dump()
	page := c.upload(rosterHead +
		"A90,好的,华东中心 > 一组,,,,\n" + // 2
		",没工号,华东中心 > 一组,,,,\n" + // 3
		"A91,,华东中心 > 一组,,,,\n" + // 4
		"A92,没团队,,,,,\n" + // 5
		"A93,邮箱不对,华东中心 > 一组,nobody,,,\n" + // 6
		"A94,岗位不对,华东中心 > 一组,,king,,\n" + // 7
		"A95,日子不对,华东中心 > 一组,,,2026-02-30,\n" + // 8
		"A90,重复,华东中心 > 一组,,,,\n" + // 9
		"A96,倒着走,华东中心 > 一组,,,2026-06-01,2026-05-01\n" + // 10
		"A97,\"两\n行\",华东中心 > 一组,,,,\n" + // 11, 12
		strings.Repeat("长", 40) + ",工号太长,华东中心 > 一组,,,,\n").is(http.StatusUnprocessableEntity)
	for _, line := range []int{3, 4, 5, 6, 7, 8, 9, 10, 11, 13} {
		page.has(say("roster.line", "n", line) + " ")
	}
	page.has(say("roster.nothing_done")).lacks(say("roster.line", "n", 2)+" ", say("roster.line", "n", 12)+" ", say("roster.apply"))
	var many strings.Builder
	many.WriteString(rosterHead)
	for i := range 1000 {
		fmt.Fprintf(&many, "X%d,,,,,,\n", i)
	}
	page = c.upload(many.String()).is(http.StatusUnprocessableEntity).has(say("roster.more", "n", 1900))
	if n := strings.Count(page.plain(), " · "); n < 100 || n > 110 {
		t.Error(n, "problems shown")
	}
	// a confirmation of a file with problems imports nothing
	c.post("/admin/roster", url.Values{"again": {base64of(rosterHead + "A01,安安,华东中心 > 二组,,,,\nA91,,华东中心 > 一组,,,,\n")}}).is(http.StatusUnprocessableEntity)
	c.post("/admin/roster", url.Values{"again": {"%%%"}}).is(http.StatusBadRequest)
	c.post("/admin/roster", url.Values{}).is(http.StatusBadRequest)
	if d := difference(before, w.dump()); d != "" {
		t.Errorf("something was written\n%s", d)
	}
}

func TestRosterLimits(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.as(w.ada)
	c.upload(rosterHead + strings.Repeat("A01,x,y,,,,\n", 20_001)).is(http.StatusRequestEntityTooLarge).has(say("csv.rows", "max", 20000))
	c.upload(strings.Repeat(" ", 9<<20)).is(http.StatusRequestEntityTooLarge)
	c.upload(goodRoster, goodRoster).is(http.StatusBadRequest)
	c.upload().is(http.StatusUnprocessableEntity).has(say("roster.no_file"))
	c.send(http.MethodPost, "/admin/roster", "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.csv\"\r\n\r\nnumber,na", "Content-Type", "multipart/form-data; boundary=x", "Sec-Fetch-Site", "same-origin").is(http.StatusBadRequest)
	c.send(http.MethodPost, "/admin/roster", goodRoster, "Content-Type", "text/csv", "Sec-Fetch-Site", "same-origin").is(http.StatusBadRequest)
	c.upload(strings.Repeat(" ", 5<<20+1)).is(http.StatusRequestEntityTooLarge).has(say("web.too_large", "max", 5<<20))
}

func TestAccess(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.as(w.ada)
	at := "/admin/people/" + w.bob.ID
	form, all := c.get(at).is(200).controls(at + "/access")
	if fmt.Sprint(form["access"], all["access"], len(all["teams"])) != "[agent] [agent trainer manager admin] 3" {
		t.Errorf("%v %v", form, all)
	}
	c.post(at+"/access", url.Values{"access": {"agent", "manager"}, "teams": {w.east, w.east}}).to(at)
	c.get(at).has(say("notice.access"))
	w.as(w.bob).get("/teams/" + w.east).is(200)
	w.as(w.bob).get("/teams/" + w.west).is(http.StatusNotFound)
	c.post(at+"/access", url.Values{"access": {"manager"}}).is(http.StatusUnprocessableEntity).has(say("people.no_team"))
	before := w.dump()
	for _, bad := range []url.Values{{"access": {"root"}}, {"access": {"agent", "Admin"}}, {"access": {""}}, {"access": {"manager"}, "teams": {"nothing"}}, {"access": {"manager"}, "teams": {w.east, ""}}, {"access": {"admin\x00"}}} {
		c.post(at+"/access", bad).is(http.StatusBadRequest)
	}
	own := "/admin/people/" + w.ada.ID
	for _, drop := range []url.Values{{}, {"access": {"agent"}}, {"access": {"agent", "trainer"}}} {
		c.post(own+"/access", drop).is(http.StatusUnprocessableEntity).has(say("people.own_admin"))
	}
	if d := difference(before, w.dump()); d != "" {
		t.Errorf("something refused was written\n%s", d)
	}
	c.post(own+"/access", url.Values{"access": {"admin", "trainer"}}).to(own)
	c.get("/bank").is(200)
	c.post(at+"/access", url.Values{}).to(at) // no role at all
	w.as(w.bob).get("/").is(200)
	// nobody but an admin grants anything, to anybody
	for _, who := range []*client{w.as(w.ann), w.as(w.eve), w.as(w.tess)} {
		who.post("/admin/people/"+w.ann.ID+"/access", url.Values{"access": {"admin"}}).is(http.StatusForbidden)
	}
	if n := w.count("SELECT count(*) FROM audit WHERE action = 'access'"); n != 3 {
		t.Error(n, "changes in the audit log")
	}
}

func TestPeopleList(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for i := range 60 {
		w.agent(fmt.Sprintf("P%02d", i), fmt.Sprintf("群众%02d_100%%", i), w.east)
	}
	c := w.as(w.ada)
	rows := func(query string) int {
		return len(find(c.get("/admin/people?"+query).is(200).doc(), "tr", func(n *html.Node) bool { return len(find(n, "bdi", nil)) == 1 }))
	}
	for query, want := range map[string]int{
		"": 50, "page=2": 17, "page=3": 0, "page=0": 50, "page=-7": 50, "page=1000000000": 0, "page=x": 50, "q=" + url.QueryEscape("群众"): 50, "q=" + url.QueryEscape("群众") + "&page=2": 10,
		"q=P00": 1, "q=p0": 10, "q=" + url.QueryEscape("Ｐ００"): 1, "q=%25": 50, "q=_100%25": 50, "q=" + url.QueryEscape("'--"): 0, "q=%5c": 0, "q=zzzz": 0,
	} {
		if got := rows(query); got != want {
			t.Errorf("%s: %d rows, want %d", query, got, want)
		}
	}
	next := find(c.get("/admin/people?q=%E7%BE%A4%E4%BC%97").doc(), "a", func(n *html.Node) bool { return attr(n, "rel") == "next" })
	if len(next) != 1 || attr(next[0], "href") != "/admin/people?q=%E7%BE%A4%E4%BC%97&page=2" {
		t.Error("the next page forgets what was searched")
	}
}

func TestAssignmentForm(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const at = "/assignments"
	good := func(more ...string) url.Values {
		v := url.Values{"assessment": {"aic-cycle"}, "teams": {w.east}, "opens": {"2026-11-02T12:00"}, "closes": {"2026-11-16T20:00"}, "people": {""}}
		for i := 0; i < len(more); i += 2 {
			v.Set(more[i], more[i+1])
		}
		return v
	}
	trainer, lead := w.as(w.tess), w.as(w.eve)
	form, all := trainer.get("/assignments/new?assessment=emp-cycle").is(200).controls(at)
	if form.Get("assessment") != "emp-cycle" || form.Get("opens") != "2026-11-02T12:00" || form.Get("closes") != "2026-11-16T20:00" || len(all["teams"]) != 3 {
		t.Errorf("%v %v", form, all)
	}
	if _, all := lead.get("/assignments/new").controls(at); len(all["teams"]) != 1 || all["teams"][0] != w.east {
		t.Errorf("a manager may choose %v", all["teams"])
	}
	before := w.dump()
	for _, x := range []struct {
		field string
		form  url.Values
		says  string
	}{
		{"assessment", good("assessment", ""), say("define.required")},
		{"assessment", good("assessment", "no-such"), say("answer.unknown_option")},
		{"opens", good("opens", ""), say("define.required")},
		{"opens", good("opens", "yesterday"), say("assign.bad_time")},
		{"opens", good("opens", "2026-02-30T10:00"), say("assign.bad_time")},
		{"opens", good("opens", "0001-01-01T00:00"), say("exam.year")},
		{"opens", good("opens", "9999-12-31T00:00", "closes", "9999-12-31T01:00"), say("exam.year")},
		{"opens", good("opens", "10000-01-01T00:00"), say("assign.bad_time")},
		{"closes", good("closes", ""), say("define.required")},
		{"closes", good("closes", "2026-06-30T23:59:60"), say("assign.bad_time")},
		{"closes", good("closes", "2026-11-02T25:00"), say("assign.bad_time")},
		{"closes", good("closes", "2026-11-16T20:00+14:00"), say("assign.bad_time")},
		{"closes", good("closes", "2026-11-16T20:00 CST"), say("assign.bad_time")},
		{"closes", good("closes", "2026-11-01T00:00"), say("exam.closes_before")},
		{"closes", good("closes", "2026-11-02T12:00"), say("exam.closes_before")},
		{"closes", good("closes", "2028-11-02T12:00"), say("exam.window", "max", 366)},
		{"closes", good("opens", "2026-10-01T00:00", "closes", "2026-10-02T00:00"), say("exam.closed_already")},
		{"people", good("people", "A01\r\n不存在的人, 也没有"), say("assign.unknown", "names", []string{"不存在的人", "也没有"})},
		{"people", good("people", strings.Repeat("A01,", 501)), say("assign.too_many", "n", 501, "max", 500)},
		{"people", good("people", strings.Repeat("x,", 60_000)), say("assign.too_many", "n", 60_000, "max", 500)},
	} {
		r := trainer.post(at, x.form).is(http.StatusUnprocessableEntity).has(x.says)
		inert(t, r)
		now, _ := r.controls(at)
		for name, want := range x.form {
			if x.field == "assessment" && name == "assessment" {
				continue
			}
			if fmt.Sprint(now[name]) != fmt.Sprint(want) && strings.ReplaceAll(now.Get(name), "\n", "\r\n") != want[0] {
				t.Errorf("%s %v: %s is %q, was %q", x.field, x.form[x.field], name, now[name], want)
			}
		}
		bad := find(r.doc(), "p", func(n *html.Node) bool { return attr(n, "class") == "error" })
		if len(bad) == 0 || words(bad[0]) != x.says || len(bad) > 1 && x.field != "opens" {
			t.Errorf("%s %v: %d problems", x.field, x.form[x.field], len(bad))
		}
	}
	trainer.post(at, good("people", strings.Repeat("A01,", 500), "closes", "")).is(http.StatusUnprocessableEntity).lacks(say("assign.too_many", "n", 500, "max", 500))
	nobody := good()
	nobody.Del("teams")
	trainer.post(at, nobody).is(http.StatusUnprocessableEntity).has(say("exam.nobody"))
	for _, bad := range []url.Values{good("teams", "nothing"), good("teams", "")} {
		if r := trainer.post(at, bad); r.status != http.StatusUnprocessableEntity && r.status != http.StatusNotFound {
			t.Errorf("%v: %d", bad, r.status)
		}
		lead.post(at, bad).is(http.StatusNotFound)
	}
	lead.post(at, good("teams", w.west)).is(http.StatusNotFound)
	lead.post(at, good("people", "A03")).is(http.StatusUnprocessableEntity).has(say("assign.unknown", "names", []string{"A03"}))
	if d := difference(before, w.dump()); d != "" {
		t.Errorf("something refused was written\n%s", d)
	}
	ok := good("people", "A01,Bob；Wes Canary、a01，A02")
	ok.Del("teams")
	made := trainer.post(at, ok).to("/assignments/")
	page := trainer.get(made).is(200).has(say("notice.assigned"), w.ann.Name, "Bob", "Wes Canary")
	if n := len(find(page.doc(), "bdi", nil)); n != 3 {
		t.Error(n, "people")
	}
	lead.get(lead.post(at, good()).to("/assignments/")).is(200).has(w.ann.Name)
	a, err := w.st.Assignment(w.ctx, w.viewer(w.tess), strings.TrimPrefix(made, "/assignments/"))
	w.ok(err)
	if !a.Opens.Equal(noon) || a.Cycle != "2026-q4" || a.By != w.tess.ID {
		t.Errorf("%+v", a)
	}
	// the last minute of a year belongs to its last cycle
	trainer.post(at, good("opens", "2026-12-01T00:00", "closes", "2026-12-31T23:59")).to("/assignments/")
	trainer.post(at, good("opens", "2026-12-01T00:00", "closes", "2027-01-01T00:01")).to("/assignments/")
	if n := w.count("SELECT count(*) FROM cycles WHERE id = '2027-q1'"); n != 1 {
		t.Error("no cycle for January")
	}
	for _, c := range []*client{trainer, lead, trainer.copy().english()} {
		sound(t, web.Route{}, c.get(at))
	}
}
