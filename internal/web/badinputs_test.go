package web_test

import (
	"bytes"
	"compress/gzip"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"maps"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"leida/internal/exam"
	"leida/internal/fault"
	"leida/internal/item"
	"leida/internal/org"
	"leida/internal/web"
)

// badInputs are the bad inputs of the trust register, by their ids; those of YAML (Y) have their tests in internal/assessment.
var badInputs = []struct {
	id  string
	run func(t *testing.T)
}{
	{"A01", aside(badA01)}, {"A02", aside(badA02)}, {"A03", aside(badA03)}, {"A04", aside(badA04)}, {"A05", aside(badA05)}, {"A06", aside(badA06)}, {"A07", aside(badA07)}, {"A08", TestParallelSubmits}, {"A09", aside(badA09)}, {"A10", aside(badA10)},
	{"A11", aside(badA11)}, {"A12", aside(badA12)}, {"A13", aside(badA13)}, {"A14", TestBlankSubmit}, {"A15", aside(badA15)}, {"S01", aside(badS01)}, {"S05", aside(badS05)}, {"S06", TestRescoreByPage}, {"U03", TestRosterEncodings}, {"U05", aside(badU05)}, {"U06", aside(badU06)}, {"U07", aside(badU07)},
	{"I01", aside(badI01)}, {"I02", aside(badI02)}, {"I03", aside(badI03)}, {"I04", aside(badI04)}, {"T01", aside(badT01)}, {"T02", TestAssignmentForm}, {"T03", aside(badT03)}, {"H01", aside(badH01)}, {"H02", aside(badH02)}, {"H03", aside(badH03)}, {"H04", aside(badH04)},
}

// badInputsLater are the rows that wait for a feature, here and in internal/assessment.
var badInputsLater = map[string]string{
	"S02": "rating by hand", "S03": "the pass mark of certification", "S04": "importing scores", "U01": "xlsx", "U02": "xlsx", "U04": "pictures of people",
	"Y22": "the web editor and its edit conflicts",
}

// badInputsPartly are the rows that are tested but for what waits for a feature.
var badInputsPartly = map[string]string{
	"A11": "free text in exports", "A13": "xlsx: string cells; free text in exports", "I03": "anonymising somebody who is deleted", "Y20": "images in items, whose paths must stay inside",
}

// aside runs a test beside others.
func aside(run func(t *testing.T)) func(t *testing.T) {
	return func(t *testing.T) { t.Parallel(); run(t) }
}

func TestBadInputs(t *testing.T) {
	t.Parallel()
	for _, x := range badInputs {
		t.Run(x.id, x.run)
	}
}

// TestBadInputsAreAllThere: every row of the register has a test or says what it waits for, and none is tested that is not in it.
func TestBadInputsAreAllThere(t *testing.T) {
	tested := map[string]bool{}
	for _, x := range badInputs {
		tested[x.id] = true
	}
	yaml, err := os.ReadFile("../assessment/badinputs_test.go")
	must(err)
	for _, m := range regexp.MustCompile(`row\("(Y[0-9]{2})", func\(t \*testing\.T\) \{\n`).FindAllSubmatch(yaml, -1) {
		tested[string(m[1])] = true
	}
	for _, id := range slices.Sorted(maps.Keys(badInputsLater)) {
		t.Logf("later: %s: %s", id, badInputsLater[id])
		if tested[id] {
			t.Errorf("%s is tested and waits", id)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(badInputsPartly)) {
		t.Logf("later, in part: %s: %s", id, badInputsPartly[id])
		if !tested[id] {
			t.Errorf("%s is not tested in part", id)
		}
	}
	t.Logf("%d of 63 rows tested, %d of them in part, %d later", len(tested), len(badInputsPartly), len(badInputsLater))
	if len(tested)+len(badInputsLater) != 63 {
		t.Errorf("%d rows, the register has 63", len(tested)+len(badInputsLater))
	}
	for _, id := range registered(t, "badinputs.csv") {
		if !tested[id] && badInputsLater[id] == "" {
			t.Errorf("%s has no test", id)
		}
	}
}

// registered are the ids of a list of the trust register; none where it is not there.
func registered(t *testing.T, name string) []string {
	t.Helper()
	f, err := os.Open("../../../shared/trust/" + name)
	if err != nil {
		t.Log("the register itself is not here: ", name)
		return nil
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	must(err)
	var ids []string
	for _, row := range rows[1:] {
		ids = append(ids, row[0])
	}
	return ids
}

// untouched asks that nothing about a sitting was stored.
func (d *desk) untouched(t *testing.T, before string) {
	t.Helper()
	if diff := difference(before, d.dump()); diff != "" {
		t.Errorf("something refused was written\n%s", diff)
	}
}

func badA01(t *testing.T) {
	d := sit(t)
	for _, kind := range d.kinds() {
		at := d.kindAt(d.ann, d.at, kind)
		good := d.c.get(at).fill(at)
		d.c.json(at, wire(good, 1)).is(200)
		before := d.dump()
		for name := range good {
			if strings.HasPrefix(name, "_") || strings.HasPrefix(name, "rank[") {
				continue
			}
			bad := url.Values{name: {"o99"}}
			e := d.c.json(at, wire(bad, 2)).refused(http.StatusUnprocessableEntity, "invalid")
			if len(e.Error.Problems) == 0 || !strings.HasPrefix(e.Error.Problems[0].Path, strings.TrimSuffix(name, "[]")) {
				t.Errorf("%s %s: %+v", kind, name, e.Error.Problems)
			}
		}
		d.c.json(at, `{"rev":2,"answer":{"rank":{"o99":1},"pairs":{"l99":"r1"},"ratings":{"o99":1}}}`).is(http.StatusUnprocessableEntity)
		d.untouched(t, before)
	}
}

// An id of another item is as unknown as nonsense, word for word.
func badA02(t *testing.T) {
	d := sit(t)
	at := d.kindAt(d.ann, d.at, "single_choice")
	lib, _ := builtIn()
	say := func(id string) string {
		r := d.c.json(at, fmt.Sprintf(`{"rev":1,"answer":{"choice":%q}}`, id)).is(http.StatusUnprocessableEntity)
		return strings.ReplaceAll(r.body, r.header.Get("X-Request-Id"), "")
	}
	nonsense := say("qqq")
	for _, id := range []string{"a", "b", "c", "d", "l1", "r1", "o9", lib.Items[0].ID, "aic-cycle", "svi-single-0001", strings.Repeat("a", 300)} {
		if got := say(id); got != nonsense {
			t.Errorf("%s: %s, nonsense: %s", id, got, nonsense)
		}
	}
}

func badA03(t *testing.T) {
	d := sit(t)
	at := d.kindAt(d.ann, d.at, "single_choice")
	before := d.dump()
	d.c.post(at, url.Values{"_rev": {"1"}, "choice": {"o1", "o2"}}).is(http.StatusUnprocessableEntity)
	d.c.post(at, url.Values{"_rev": {"1"}, "choice[]": {"o1", "o2"}}).is(http.StatusUnprocessableEntity)
	for body, want := range map[string]int{
		`{"rev":1,"answer":{"choice":["o1","o2"]}}`: 422, `{"rev":1,"answer":{"choice":{"o1":1}}}`: 422, `{"rev":1,"answer":{"choice":"o1","choice":"o2"}}`: 422, `{"rev":1,"answer":{"choices":["o1"]}}`: 422,
	} {
		if r := d.c.json(at, body); r.status != want {
			t.Errorf("%s: %d", body, r.status)
		}
	}
	d.untouched(t, before)
	multi := d.kindAt(d.ann, d.at, "multiple_choice")
	d.c.json(multi, `{"rev":1,"answer":{"choices":["o1","o1"]}}`).is(http.StatusUnprocessableEntity)
	d.c.json(multi, `{"rev":1,"answer":{"choices":"o1"}}`).is(http.StatusUnprocessableEntity)
	d.untouched(t, before)
}

func badA04(t *testing.T) {
	d := sit(t)
	n := len(d.sitting().Slots)
	before := d.dump()
	var got []string
	for _, place := range []string{strconv.Itoa(n + 1), "0", "-1", "999999999999999999999", "aic-single-0001", "1.0", "1e0", "x"} {
		path := d.at + "/items/" + place
		r := d.c.json(path, `{"rev":1,"answer":{}}`)
		r.refused(http.StatusNotFound, "no_such_item")
		got = append(got, same(r, path))
		d.c.get(path).is(http.StatusNotFound)
	}
	if len(slices.Compact(got)) != 1 {
		t.Error(got)
	}
	d.untouched(t, before)
}

func badA05(t *testing.T) {
	d := sit(t)
	at := d.kindAt(d.ann, d.at, "single_choice")
	d.c.json(at, `{"rev":1,"answer":{"choice":"o1"}}`).is(200)
	kept := d.sitting()
	d.clock.set(kept.Deadline.Add(exam.Grace + time.Second))
	late := d.c.json(at, `{"rev":2,"answer":{"choice":"o2"}}`)
	late.refused(http.StatusConflict, "time_over")
	if n := d.count("SELECT count(*) FROM audit WHERE action = 'late_answer' AND object_id = ?", kept.ID); n != 1 {
		t.Error(n, "late answers in the audit log")
	}
	if n, err := d.srv.SubmitDue(d.ctx); n != 1 || err != nil {
		t.Fatal(n, err)
	}
	for i, slot := range d.sitting().Slots {
		if string(slot.Answer) != string(kept.Slots[i].Answer) {
			t.Errorf("place %d: %s was scored, %s was saved in time", i+1, slot.Answer, kept.Slots[i].Answer)
		}
	}
}

// What a client believes of the time changes nothing.
func badA06(t *testing.T) {
	d := sit(t)
	at := d.kindAt(d.ann, d.at, "single_choice")
	before := d.sitting().Deadline
	for _, headers := range [][]string{{"Date", "Mon, 02 Nov 2099 04:00:00 GMT"}, {"Date", "nonsense"}, {"X-Time", "0"}, {"If-Modified-Since", "Mon, 02 Nov 2099 04:00:00 GMT"}} {
		d.c.json(at, `{"rev":1,"answer":{}}`, headers...).is(200)
		d.c.get(at, headers...).is(200)
	}
	for _, body := range []string{`{"rev":2,"answer":{},"remaining":99999}`, `{"rev":2,"answer":{},"deadline":"2099-01-01T00:00:00Z"}`, `{"rev":2,"answer":{},"started_at":0}`, `{"rev":2,"answer":{"start":1,"seconds":1}}`} {
		if r := d.c.json(at, body); r.status != 400 && r.status != 422 {
			t.Errorf("%s: %d", body, r.status)
		}
	}
	d.c.post(at, url.Values{"_rev": {"3"}, "_deadline": {"2099-01-01"}, "_now": {"0"}, "_seconds": {"1"}}).to(d.at)
	if now := d.sitting(); !now.Deadline.Equal(before) || now.Slots[0].Seconds != 0 {
		t.Errorf("%+v", now)
	}
}

func badA07(t *testing.T) {
	d := sit(t)
	at := d.kindAt(d.ann, d.at, "single_choice")
	n := place(at)
	var got savedReply
	d.c.json(at, `{"rev":3,"answer":{"choice":"o3"}}`).is(200).into(&got)
	first := got
	d.clock.add(time.Second)
	d.c.json(at, `{"rev":2,"answer":{"choice":"o2"},"flagged":true}`).is(200).into(&got)
	if got.Rev != 3 || !got.SavedAt.Equal(first.SavedAt) {
		t.Errorf("%+v", got)
	}
	d.c.json(at, `{"rev":3,"answer":{"choice":"o1"}}`).is(200).into(&got) // the same again
	kept := d.sitting().Slots[n]
	if got.Rev != 3 || kept.Flagged || kept.Rev != 3 {
		t.Errorf("%+v %+v", got, kept)
	}
	page, _ := d.c.get(at).controls(at)
	if page.Get("choice") != "o3" || page.Get("_rev") != "4" {
		t.Error(page)
	}
}

func place(at string) int {
	n, err := strconv.Atoi(at[strings.LastIndexByte(at, '/')+1:])
	must(err)
	return n - 1
}

func badA09(t *testing.T) {
	w := newWorld(t)
	a, same := w.assign("aic-cycle", w.east), w.assign("aic-cycle", w.root)
	c := w.as(w.ann)
	at := c.start(a)
	if again := c.start(a); again != at {
		t.Error("two sittings: ", at, again)
	}
	if other := w.as(w.ann).start(a); other != at {
		t.Error("two sittings: ", at, other)
	}
	c.post("/assignments/"+same.ID+"/start", nil).is(http.StatusConflict).has(say("store.open_elsewhere"))
	c.post(at+"/submit", nil).to(at)
	second := c.start(same)
	if second == at {
		t.Error("the second assignment shows the first one's sitting")
	}
	// items of the first paper come again only where the bank has no others
	seen := map[string]bool{}
	for _, s := range w.kept(w.ann, at).Slots {
		seen[s.ItemID] = true
	}
	repeated := 0
	for _, s := range w.kept(w.ann, second).Slots {
		if seen[s.ItemID] {
			repeated++
		}
	}
	if repeated == len(seen) {
		t.Error("the second paper is the first one again")
	}
}

// freeTexts is somebody before a paper that has both kinds that are written freely, and the first field of each by its place.
func freeTexts(t *testing.T) (w *world, c *client, at string, fields map[string]string) {
	w = newWorld(t, withFiles(t, canaryFiles()))
	c = w.as(w.ann)
	at, fields = c.start(w.assign("canary", w.east)), map[string]string{}
	for _, kind := range []string{"constructed", "improvement_proposal"} {
		path := w.kindAt(w.ann, at, kind)
		written := find(c.get(path).is(http.StatusOK).doc(), "textarea", func(n *html.Node) bool { return attr(n, "name") != "" })
		fields[path] = attr(written[0], "name")
	}
	return w, c, at, fields
}

// A text may have as many bytes as its limit, and no more. The count that a candidate sees while typing is looked at in a browser, with the kinds themselves.
func badA10(t *testing.T) {
	w, c, _, fields := freeTexts(t)
	fields[w.kindAt(w.ann, sittingOf(fields), "single_choice")] = "choice"
	before := w.dump()
	for path, field := range fields {
		e := c.json(path, wire(url.Values{field: {strings.Repeat("x", item.MaxAnswerText+1)}}, 1)).refused(http.StatusUnprocessableEntity, "invalid")
		if p := e.Error.Problems; len(p) != 1 || p[0].Path != field || !strings.Contains(p[0].Message, "65536") && !strings.Contains(p[0].Message, "65,536") {
			t.Errorf("%+v", p)
		}
		c.post(path, url.Values{"_rev": {"1"}, field: {strings.Repeat("字", item.MaxAnswerText/3+1)}}).is(http.StatusUnprocessableEntity)
		c.json(path, wire(url.Values{field: {strings.Repeat("x", 10<<20)}}, 1)).refused(http.StatusRequestEntityTooLarge, "too_large")
	}
	if diff := difference(before, w.dump()); diff != "" {
		t.Errorf("something refused was written\n%s", diff)
	}
	for path, field := range fields {
		if field != "choice" {
			c.json(path, wire(url.Values{field: {strings.Repeat("x", item.MaxAnswerText)}}, 1)).is(http.StatusOK)
		}
	}
}

// sittingOf is the sitting that places belong to.
func sittingOf(fields map[string]string) string {
	for path := range fields {
		return path[:strings.Index(path, "/items/")]
	}
	return ""
}

// Odd characters in a text are the writer's: they are kept byte for byte and shown apart from the page's own direction. What is no text is refused, and so is anything odd that stands for a choice.
func badA11(t *testing.T) {
	w, c, at, fields := freeTexts(t)
	odd := []string{"\ufeff", "\u202e", "\u202d\u2066", "\u200b", "\u200d", "👨\u200d👩\u200d👧", "𠀀", "e\u0301", "\u00e9", "\u0001", "\u007f", "\ufffe", "\U0010ffff"}
	noText := []string{"\x00", "a\x00b", "\xff\xfe", "\xed\xa0\x80"}
	choice := w.kindAt(w.ann, at, "single_choice")
	before := w.dump()
	for _, x := range slices.Concat(odd, noText) {
		r := c.post(choice, url.Values{"_rev": {"1"}, "choice": {x}}).is(http.StatusUnprocessableEntity)
		sound(t, web.Route{}, r)
		c.post(choice, url.Values{"_rev": {"1"}, x: {"x"}}).is(http.StatusUnprocessableEntity)
	}
	for path, field := range fields {
		for _, x := range noText {
			sound(t, web.Route{}, c.post(path, url.Values{"_rev": {"1"}, field: {"a" + x}}).is(http.StatusUnprocessableEntity))
		}
		c.json(path, strings.Replace(wire(url.Values{field: {"HERE"}}, 1), "HERE", `a\u0000`, 1)).is(http.StatusUnprocessableEntity)
	}
	if diff := difference(before, w.dump()); diff != "" {
		t.Errorf("something refused was written\n%s", diff)
	}
	rev := 0
	for _, broken := range []string{`a\ud800b`, "a\xffb"} { // inside JSON, which would be lost whole: the sign for a character that is missing stands there, as a browser writes it into its forms
		rev++
		for path, field := range fields {
			c.json(path, strings.Replace(wire(url.Values{field: {"HERE"}}, rev), "HERE", broken, 1)).is(http.StatusOK)
			if kept := w.written(w.ann, at, place(path)); len(kept) != 1 || kept[0] != "a\ufffdb" {
				t.Errorf("%q is kept as %q", broken, kept)
			}
		}
	}
	all := ""
	for _, x := range odd {
		all += "a" + x + "b "
		for path, field := range fields {
			for _, send := range []func(){
				func() { c.json(path, wire(url.Values{field: {all}}, rev)).is(http.StatusOK) },
				func() { c.post(path, url.Values{"_rev": {strconv.Itoa(rev)}, field: {all}}).to(at) },
			} {
				rev++
				c.json(path, fmt.Sprintf(`{"rev":%d,"answer":{}}`, rev)).is(http.StatusOK)
				rev++
				send()
				if kept := w.written(w.ann, at, place(path)); len(kept) != 1 || kept[0] != all {
					t.Errorf("%q is kept as %q", all, kept)
				}
			}
			text := find(c.get(path).doc(), "textarea", func(n *html.Node) bool { return attr(n, "name") == field })[0]
			if attr(text, "dir") != "auto" || words(text) != strings.TrimSpace(all) {
				t.Errorf("%q stands in the field, with dir=%q", words(text), attr(text, "dir"))
			}
		}
	}
	c.post(at+"/submit", nil).to(at)
	for _, reader := range []*client{c, w.as(w.eve)} {
		own := find(reader.get(at+"/result").is(http.StatusOK).doc(), "blockquote", func(n *html.Node) bool { return strings.HasPrefix(words(n), "a\ufeffb") })
		if len(own) != 2 {
			t.Errorf("%d texts stand in the result", len(own))
		}
		for _, n := range own {
			if attr(n, "dir") != "auto" || words(n) != strings.TrimSpace(all) {
				t.Errorf("%q, with dir=%q", words(n), attr(n, "dir"))
			}
		}
	}
}

func badA12(t *testing.T) {
	d := sit(t)
	at := d.kindAt(d.ann, d.at, "ordering")
	_, all := d.c.get(at).controls(at)
	field := ""
	for name := range all {
		if strings.HasPrefix(name, "rank[") {
			field = name
		}
	}
	rev := 1
	for value, want := range map[string]string{"2": "2", "２": "2", "02": "2", "+2": "2"} {
		d.c.json(at, wire(url.Values{field: {value}}, rev)).is(200)
		rev++
		if page, _ := d.c.get(at).controls(at); page.Get(field) != want {
			t.Errorf("%q is kept as %q", value, page.Get(field))
		}
	}
	before := d.dump()
	for _, value := range []string{"1,5", "1.5", "1e400", "1e1", "NaN", "Infinity", "-Inf", "-0", "-1", "0", "0x2", "2 ", " 2", "²", "二", "99999999999999999999", "2;"} {
		r := d.c.json(at, wire(url.Values{field: {value}}, rev))
		e := r.refused(http.StatusUnprocessableEntity, "invalid")
		if len(e.Error.Problems) != 1 || e.Error.Problems[0].Path != field {
			t.Errorf("%q: %+v", value, e.Error.Problems)
		}
		d.c.post(at, url.Values{"_rev": {strconv.Itoa(rev)}, field: {value}}).is(http.StatusUnprocessableEntity)
	}
	name := strings.TrimSuffix(strings.TrimPrefix(field, "rank["), "]")
	for _, value := range []string{"1.5", "1e400", "-1", "0", "2.0", "true", "[2]", "{}", `"NaN"`} {
		d.c.json(at, fmt.Sprintf(`{"rev":%d,"answer":{"rank":{%q:%s}}}`, rev, name, value)).is(http.StatusUnprocessableEntity)
	}
	d.untouched(t, before)
	d.c.json(at, fmt.Sprintf(`{"rev":%d,"answer":{"rank":{%q:2}}}`, rev, name)).is(200)
}

func badA13(t *testing.T) {
	t.Run("names", TestFormulaGuard)
	w := newWorld(t)
	c := w.as(w.ada)
	for i, name := range []string{`'=HYPERLINK("http://x","y")`, "'+cmd", "'-2+3", "'@SUM(1)"} {
		var b bytes.Buffer
		out := csv.NewWriter(&b)
		must(out.Write([]string{fmt.Sprintf("F%d", i), name, "华东中心 > 一组"}))
		out.Flush()
		c.post("/admin/roster", url.Values{"again": {base64of("number,name,team\n" + b.String())}}).to("/admin/people")
		if n := w.count("SELECT count(*) FROM people WHERE name = ?", name[1:]); n != 1 {
			t.Errorf("%s did not come back as it was", name)
		}
	}
}

// That the page keeps its copy meanwhile is looked at in a browser: cmd/leida, TestBrowser/Network; a kill under load in TestCrash.
func badA15(t *testing.T) {
	d := sit(t)
	at := d.kindAt(d.ann, d.at, "single_choice")
	d.clock.add(13 * time.Hour) // the session is idle for too long; the sitting is over as well
	d.c.json(at, `{"rev":1,"answer":{"choice":"o1"}}`).refused(http.StatusUnauthorized, "sign_in_first")
	// somebody else holds the database: busy, and nothing is lost by asking again
	w := newWorld(t)
	c := w.as(w.ann)
	sitting := c.start(w.assign("aic-cycle", w.east))
	path := w.kindAt(w.ann, sitting, "single_choice")
	w.st.Close()
	r := c.json(path, `{"rev":1,"answer":{"choice":"o1"}}`)
	if r.status < 500 {
		t.Errorf("%d %s", r.status, r.body)
	}
	discreet(t, r)
	// a restart on the same database: the session and the sitting go on
	back := reopen(t, w).anybody()
	back.cookies = c.cookies
	back.json(path, `{"rev":1,"answer":{"choice":"o1"}}`).is(200)
}

func badS01(t *testing.T) {
	w := newWorld(t)
	w.sat(w.ann, w.assign("aic-cycle", w.east), "")
	c, lead := w.as(w.ann), w.as(w.eve)
	for _, r := range []reply{c.get("/me"), lead.get("/teams/" + w.east), lead.get("/teams"), lead.get("/people/" + w.bob.ID), c.get("/people/" + w.ann.ID + "/scores.csv"), c.get("/people/" + w.ann.ID + "/radar.svg"), c.get("/")} {
		r.is(200).lacks("NaN", "Inf", "%!", "<nil>")
		for _, s := range find(r.doc(), "script", func(n *html.Node) bool { return attr(n, "type") == "application/json" }) {
			if !json.Valid([]byte(s.FirstChild.Data)) {
				t.Errorf("%s: %s", r.what, s.FirstChild.Data)
			}
		}
	}
}

func badS05(t *testing.T) {
	t.Run("teams", TestSmallAndEmptyTeams)
	t.Run("bands", TestPeerBandNeedsFiveOthers)
}

// A file's name is nobody's: whatever it is, nothing is stored under it, and it is on no page.
func badU05(t *testing.T) {
	w := newWorld(t)
	c := w.as(w.ada)
	raw := rosterHead + "N1,某人,某队,a@b.c,agent,,\n"
	want := words(find(c.upload(raw).is(200).doc(), "main", nil)[0])
	for _, name := range []string{strings.Repeat("x", 500) + ".csv", "../x.csv", "/etc/passwd", `C:\\CON`, "NUL", "cafe\u0301.csv", "caf\u00e9.csv", "", ".", "a\x00b.csv", "<script>alert(1)</script>.csv", "\u202evsc.exe", "x.html", "x.svg", "x.php"} {
		var b bytes.Buffer
		m := multipart.NewWriter(&b)
		part, err := m.CreatePart(textproto.MIMEHeader{"Content-Disposition": {fmt.Sprintf("form-data; name=\"file\"; filename=%q", name)}, "Content-Type": {"text/html"}})
		w.ok(err)
		_, err = part.Write([]byte(raw))
		w.ok(err)
		w.ok(m.Close())
		got := c.send(http.MethodPost, "/admin/roster", b.String(), "Content-Type", m.FormDataContentType(), "Sec-Fetch-Site", "same-origin")
		inert(t, got)
		if got.status == 200 && (words(find(got.doc(), "main", nil)[0]) != want || !strings.HasSuffix(name, ".csv")) || got.status != 200 && got.status != 422 && got.status != 400 {
			t.Errorf("%q: %d\n%s", name, got.status, got.clip())
		}
		w.rested()
	}
	files, err := os.ReadDir(".")
	w.ok(err)
	for _, f := range files {
		if !f.IsDir() && !strings.HasSuffix(f.Name(), ".go") {
			t.Errorf("%s was made", f.Name())
		}
	}
}

func badU06(t *testing.T) {
	t.Run("limits", TestRosterLimits)
	w := newWorld(t)
	files, err := os.ReadDir(os.TempDir())
	w.ok(err)
	w.as(w.ada).upload(rosterHead + strings.Repeat("x", 6<<20)).is(http.StatusRequestEntityTooLarge)
	after, err := os.ReadDir(os.TempDir())
	w.ok(err)
	left := 0
	for _, f := range after {
		if strings.HasPrefix(f.Name(), "multipart-") {
			left++
		}
	}
	if left > 0 {
		t.Errorf("%d temporary files stay behind (%d files before)", left, len(files))
	}
}

func badU07(t *testing.T) {
	t.Run("limits", TestRosterLimits)
	t.Run("problems", TestRosterProblems)
	t.Run("twice", TestRoster)
}

// oddIDs are what people type into addresses.
var oddIDs = []string{"0", "-1", "9000000000000000000", "1e3", "abc", "%00", "..%2f", "..%2f..%2fetc%2fpasswd", "9223372036854775808", "%27%20OR%201=1--", "%ff%fe", strings.Repeat("a", 5000), "null", "undefined", "%E2%80%AE", "NaN", "true", "[]", "*", "%25", "."}

func badI01(t *testing.T) {
	p := populate(t)
	for _, r := range web.Routes {
		named := parameter.FindAllString(r.Path, -1)
		if len(named) == 0 || r.Bare {
			continue
		}
		role := "agent"
		if len(r.Roles) > 0 {
			role = map[org.Access]string{org.Manager: "manager", org.Trainer: "trainer", org.Admin: "admin"}[r.Roles[0]]
		}
		var got []string
		for _, id := range append(oddIDs, p.st.NewID()) {
			i := 0
			path := parameter.ReplaceAllStringFunc(r.Path, func(string) string {
				if i++; i == 1 {
					return id
				}
				return "1"
			})
			x := p.clients[role].copy().send(r.Method, path, "{}", "Accept", "application/json", "Content-Type", takes(r))
			sound(t, r, x)
			if x.status != http.StatusNotFound && !(r.Path == "/admin/people/:person/access" && x.status == 422) {
				t.Errorf("%s %s: %d", role, x.what, x.status)
			}
			if strings.Contains(x.body, "not_found") && !strings.HasPrefix(id, "..") && id != "." { // others are no route of ours
				got = append(got, same(x, path))
			}
		}
		slices.Sort(got)
		if n := len(slices.Compact(got)); n > 1 {
			t.Errorf("%s: %d different answers", r.Path, n)
		}
	}
}

func badI02(t *testing.T) {
	t.Run("json", TestMissingIsForeignInJSON)
	p := populate(t)
	before := p.count("SELECT count(*) FROM audit WHERE action = 'denied'")
	p.clients["manager"].get("/people/" + p.wes.ID).is(http.StatusNotFound)
	if n := p.count("SELECT count(*) FROM audit WHERE action = 'denied' AND actor = ? AND object_id = ?", p.eve.ID, p.wes.ID); n != before+1 {
		t.Error(n, "entries in the audit log")
	}
	// by query and by form as well
	p.clients["manager"].get("/teams/" + p.east + "?team=" + p.west).is(200).lacks("Wes Canary")
	p.clients["manager"].get("/me?person=" + p.wes.ID).lacks("Wes Canary")
	p.clients["agent"].get("/me?person=" + p.bob.ID).lacks("Bob")
	p.clients["agent"].post("/account/password", url.Values{"person": {p.bob.ID}, "current": {password}, "password": {"another long one"}, "repeat": {"another long one"}}).to("/account")
	p.anybody().post("/login", login("A02", password)).to("/")
	// who asks without end fills no log without end
	c := p.as(p.ann)
	for range 100 {
		c.get("/people/" + p.wes.ID).is(http.StatusNotFound)
	}
	if n := p.count("SELECT count(*) FROM audit WHERE action = 'denied' AND actor = ?", p.ann.ID); n == 0 || n > 40 {
		t.Error(n, "entries in the audit log")
	}
}

func badI03(t *testing.T) {
	w := newWorld(t)
	a := w.assign("aic-cycle", w.east)
	x := w.sat(w.ann, a, item.First)
	w.clock.add(time.Hour)
	w.ok(w.st.MoveMember(w.ctx, w.ann.ID, w.west, w.clock.now()))
	w.ok(w.st.UpdatePerson(w.ctx, w.ann.ID, func(p *org.Person) error { p.Name = "改了名"; return nil }))
	// the report goes with the person: the new manager sees it, the old one no longer
	w.as(w.max).get("/people/" + w.ann.ID).is(200).has("改了名")
	w.as(w.eve).get("/people/" + w.ann.ID).is(http.StatusNotFound)
	w.as(w.eve).get("/sittings/" + x.ID + "/result").is(http.StatusNotFound)
	w.as(w.ann).get("/sittings/" + x.ID + "/result").is(200)
	if n := w.count("SELECT count(*) FROM memberships WHERE person_id = ? AND team_id = ? AND until IS NOT NULL", w.ann.ID, w.east); n != 1 {
		t.Error("the membership before is gone")
	}
	// somebody hired again under the same number is the same person
	w.ok(w.st.UpdatePerson(w.ctx, w.ann.ID, func(p *org.Person) error { p.ActiveTo = w.clock.now(); return nil }))
	admin := w.as(w.ada)
	admin.post("/admin/roster", url.Values{"again": {base64of("number,name,team\na01,改了名,华东中心 > 一组\n")}}).to("/admin/people")
	if n := w.count("SELECT count(*) FROM people WHERE number_canon = 'a01'"); n != 1 {
		t.Error(n, "people of one number")
	}
	if _, err := w.st.Viewer(w.ctx, w.ann.ID, ""); err != nil {
		t.Error("hired again and not let in: ", err)
	}
}

func badI04(t *testing.T) {
	w := newWorld(t)
	for _, number := range []string{"a01", "Ａ０１", " A01 ", "A01\u00a0"} {
		_, err := w.st.CreatePerson(w.ctx, org.Person{Number: number, Name: "另一个"}, "", nil)
		if !fault.Is(err, fault.Conflict) {
			t.Errorf("%q: %v", number, err)
		}
	}
	admin := w.as(w.ada)
	for _, rows := range []string{"a01,x,华东中心 > 一组\nA01,y,华东中心 > 一组", "B1,x,华东中心 > 一组\nＢ１,y,华东中心 > 一组", "é1,x,华东中心 > 一组\ne\u03011,y,华东中心 > 一组"} {
		admin.upload("number,name,team\n" + rows + "\n").is(http.StatusUnprocessableEntity).has(say("roster.line", "n", 3))
	}
	// a look-alike is refused: its Cyrillic letter would pass for a colleague's Latin one
	admin.post("/admin/roster", url.Values{"again": {base64of("number,name,team\n\u041001,西里尔,华东中心 > 一组\n")}}).is(http.StatusUnprocessableEntity).has(say("org.letters"))
	w.anybody().post("/login", login("А01", password)).is(http.StatusUnauthorized)
	w.anybody().post("/login", login("A01", password)).to("/")
}

func badT01(t *testing.T) {
	zone, err := time.LoadLocation("America/New_York")
	must(err)
	w := newWorld(t, func(c *web.Config) { c.Zone = zone })
	c := w.as(w.tess)
	form := func(opens, closes string) url.Values {
		return url.Values{"assessment": {"aic-cycle"}, "teams": {w.east}, "opens": {opens}, "closes": {closes}}
	}
	kept := func(r reply) exam.Assignment {
		a, err := w.st.Assignment(w.ctx, w.viewer(w.tess), strings.TrimPrefix(r.to("/assignments/"), "/assignments/"))
		w.ok(err)
		return a
	}
	// 14 March 2027, 02:30 does not exist there; 7 November 2027, 01:30 comes twice
	gap := kept(c.post("/assignments", form("2027-03-14T02:30", "2027-03-20T00:00")))
	if at := gap.Opens.In(zone).Format("15:04"); at != "03:30" && at != "01:30" {
		t.Error(at)
	}
	twice := kept(c.post("/assignments", form("2027-11-01T00:00", "2027-11-07T01:30")))
	if twice.Closes.Sub(twice.Opens) != 6*24*time.Hour+90*time.Minute {
		t.Error(twice.Closes.Sub(twice.Opens))
	}
	c.post("/assignments", form("2027-11-01T00:00 CST", "2027-11-07T01:30")).is(http.StatusUnprocessableEntity)
	c.post("/assignments", form("2027-11-01T00:00+14:00", "2027-11-07T01:30")).is(http.StatusUnprocessableEntity)
	t.Log("the zone itself is a flag of cmd/leida, which takes IANA names alone")
}

// A clock set back changes no deadline and makes no negative time.
func badT03(t *testing.T) {
	d := sit(t)
	at := d.kindAt(d.ann, d.at, "single_choice")
	deadline := d.sitting().Deadline
	d.clock.add(5 * time.Minute)
	d.c.json(at, `{"rev":1,"answer":{"choice":"o1"}}`).is(200)
	d.clock.add(-10 * time.Minute)
	d.c.json(at, `{"rev":2,"answer":{"choice":"o2"}}`).is(200)
	d.c.get(d.c.post(d.at+"/submit", nil).to(d.at)).is(200).has(say("result.took", "n", 5))
	x := d.sitting()
	if !x.Deadline.Equal(deadline) || x.SubmittedAt.Before(x.StartedAt) {
		t.Errorf("%+v", x)
	}
	for _, s := range x.Slots {
		if s.Seconds < 0 {
			t.Errorf("%+v", s)
		}
	}
	d.c.get("/me").is(200)
}

func badH01(t *testing.T) {
	t.Run("server", TestServerLimits)
	t.Run("bodies", TestBodyLimit)
	d := sit(t)
	at := d.kindAt(d.ann, d.at, "single_choice")
	before := d.dump()
	var many strings.Builder
	many.WriteString("_rev=1")
	for i := range 10_001 {
		fmt.Fprintf(&many, "&a%d=", i)
	}
	for name, r := range map[string]reply{
		"10,000 parameters": d.c.send(http.MethodPost, at, many.String(), "Content-Type", "application/x-www-form-urlencoded"),
		"10,000 levels":     d.c.json(at, `{"rev":1,"answer":`+strings.Repeat(`{"a":`, 10_000)+`1`+strings.Repeat(`}`, 10_000)+`}`),
		"open levels":       d.c.json(at, `{"rev":1,"answer":`+strings.Repeat(`[`, 100_000)),
		"many keys":         d.c.json(at, `{"rev":1,"answer":{`+strings.TrimSuffix(manyKeys(5000), ",")+`}}`),
		"brackets":          d.c.post(at, url.Values{"_rev": {"1"}, "rank" + strings.Repeat("[a]", 1000): {"1"}}),
		"gzip":              d.c.send(http.MethodPost, at, zipped(1<<22), "Content-Type", "application/json", "Content-Encoding", "gzip"),
		"gzip form":         d.c.send(http.MethodPost, at, zipped(1<<22), "Content-Type", "application/x-www-form-urlencoded", "Content-Encoding", "gzip"),
		"no type":           d.c.send(http.MethodPost, at, "_rev=1&choice=o1"),
		"charset":           d.c.send(http.MethodPost, at, "_rev=1", "Content-Type", "text/plain; charset=utf-16"),
	} {
		sound(t, web.Route{}, r)
		if r.status != 400 && r.status != 413 && r.status != 415 && r.status != 422 {
			t.Errorf("%s: %d", name, r.status)
		}
	}
	d.untouched(t, before)
}

func manyKeys(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `"k%d":1,`, i)
	}
	return b.String()
}

func zipped(n int) string {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, err := z.Write(make([]byte, n))
	must(err)
	must(z.Close())
	return b.String()
}

func badH02(t *testing.T) {
	t.Run("queries", TestUnknownQueries)
	t.Run("people", TestPeopleList)
}

// Another site's request is refused whatever it says of itself; a client that says nothing of where it is from is no browser with somebody's cookies.
func badH03(t *testing.T) {
	t.Run("no browser", TestNoOriginIsLetIn)
	w := newWorld(t)
	c := w.as(w.ann)
	before := w.dump()
	for name, headers := range crossings {
		got := c.post("/account/password", url.Values{"current": {password}, "password": {"another long one"}, "repeat": {"another long one"}}, headers...)
		got.what = name
		got.is(http.StatusForbidden).has(say("web.cross_site"))
	}
	if d := difference(before, w.dump()); d != "" {
		t.Errorf("something refused was written\n%s", d)
	}
}

func badH04(t *testing.T) {
	t.Run("odd", TestOddCookies)
	t.Run("expired", TestSessionExpiry)
}
