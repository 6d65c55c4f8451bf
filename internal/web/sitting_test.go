package web_test

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/net/html"

	"leida/internal/exam"
	"leida/internal/org"
)

// savedReply is what a script's save is told.
type savedReply struct {
	Rev      int64      `json:"rev"`
	SavedAt  time.Time  `json:"saved_at"`
	Now      time.Time  `json:"now"`
	Deadline *time.Time `json:"deadline"`
	State    string     `json:"state"`
	Answered bool       `json:"answered"`
	Done     int        `json:"done"`
	Of       int        `json:"of"`
	Other    bool       `json:"other"`
}

// errorReply is a refusal in JSON.
type errorReply struct {
	Error struct {
		Kind, Code, Message, Request string
		Problems                     []struct{ Path, Message string }
	}
}

// refused asks for a status and a code.
func (r reply) refused(status int, code string) errorReply {
	r.t.Helper()
	var e errorReply
	r.is(status).into(&e)
	if e.Error.Code != code || e.Error.Message == "" || e.Error.Request != r.header.Get("X-Request-Id") {
		r.t.Fatalf("%s: %+v, want %s", r.what, e.Error, code)
	}
	return e
}

// desk is a person in the middle of a sitting.
type desk struct {
	*world
	c  *client
	a  exam.Assignment
	at string // address of the sitting
}

func sit(t testing.TB, opts ...option) *desk {
	w := newWorld(t, opts...)
	d := &desk{world: w, c: w.as(w.ann), a: w.assign("aic-cycle", w.east)}
	d.at = d.c.start(d.a)
	return d
}

// kinds are those on the paper, without repeats.
func (d *desk) kinds() []string {
	var out []string
	for _, slot := range d.kept(d.ann, d.at).Slots {
		it, err := d.defs.ItemAt(d.ctx, slot.ItemHash)
		must(err)
		if !slices.Contains(out, it.Type) {
			out = append(out, it.Type)
		}
	}
	return out
}

func (d *desk) item(n int) string { return fmt.Sprintf("%s/items/%d", d.at, n) }

func (d *desk) sitting() *exam.Sitting { return d.kept(d.ann, d.at) }

func TestFormFlow(t *testing.T) {
	t.Parallel()
	d := sit(t)
	c := d.c
	n := len(d.sitting().Slots)
	if n < 10 {
		t.Fatal(n, "items")
	}
	next := c.get(d.at).to(d.item(1))
	for i := 1; i <= n; i++ {
		if next != d.item(i) {
			t.Fatalf("item %d is at %s", i, next)
		}
		page := c.get(next).is(200)
		inert(t, page)
		answer := page.fill(next)
		if i == 3 {
			answer = url.Values{"_rev": answer["_rev"]} // left blank
		}
		answer.Set("_go", "next")
		next = c.post(next, answer).to(d.at)
		d.clock.add(20 * time.Second)
		again := c.get(d.item(i)).is(200)
		now, _ := again.controls(d.item(i))
		for name, want := range answer {
			if !strings.HasPrefix(name, "_") && !slices.Equal(slices.Sorted(slices.Values(now[name])), slices.Sorted(slices.Values(want))) {
				t.Errorf("item %d: %s is %v, was %v", i, name, now[name], want)
			}
		}
	}
	if next != d.at+"/submit" {
		t.Fatal("after the last item: ", next)
	}
	confirm := c.get(next).is(200).has(say("submit.unanswered", "n", 1))
	links := find(confirm.doc(), "a", func(x *html.Node) bool { return attr(x, "href") == d.item(3) })
	if len(links) == 0 {
		t.Error("the unanswered place is not linked\n", confirm.clip())
	}
	result := c.post(d.at+"/submit", nil).to(d.at + "/result")
	page := c.get(result).is(200).has(say("result.title"), say("result.missing", "n", 1), say("result.unanswered"), say("result.counts"))
	inert(t, page)
	x := d.sitting()
	if x.State != exam.Submitted || x.Auto || x.Blank || x.Slots[0].Seconds != 20 && x.Slots[1].Seconds != 20 {
		t.Errorf("%+v", x)
	}
	if !strings.Contains(page.plain(), fmt.Sprintf("%.0f", x.Score)) {
		t.Error("the page does not say ", x.Score)
	}
	c.get(d.at).to(result)
	c.get(d.item(1)).to(result)
	c.get(d.at + "/submit").to(result)
	c.post(d.item(1), url.Values{"_rev": {"99"}}).is(http.StatusConflict).has(say("exam.submitted"))
	c.post(d.at+"/take", nil).is(http.StatusConflict)
	c.post(d.at+"/submit", nil).to(result)
	c.post("/assignments/"+d.a.ID+"/start", nil).to(result)
	c.get("/me").is(200).lacks(say("report.empty"))
	c.get("/").is(200).has(say("home.done"))
}

func TestButtonsOfTheForm(t *testing.T) {
	t.Parallel()
	d := sit(t)
	n := len(d.sitting().Slots)
	for _, x := range []struct {
		from     int
		go_, end string
	}{
		{1, "next", "/items/2"}, {1, "prev", "/items/1"}, {2, "prev", "/items/1"}, {2, "5", "/items/5"}, {5, "5", "/items/5"}, {5, "submit", "/submit"}, {5, "", "/items/5"},
		{n, "next", "/submit"}, {5, "0", "/items/5"}, {5, "-1", "/items/5"}, {5, "99", "/items/5"}, {5, "//evil.example", "/items/5"}, {5, "1e9", "/items/5"},
	} {
		if at := d.c.post(d.item(x.from), url.Values{"_rev": {"1"}, "_go": {x.go_}}).to(d.at); at != d.at+x.end {
			t.Errorf("%d %q: %s", x.from, x.go_, at)
		}
	}
}

func TestFlagAndMap(t *testing.T) {
	t.Parallel()
	d := sit(t)
	page := d.c.get(d.item(2))
	answer := page.fill(d.item(2))
	answer.Set("_flag", "1")
	answer.Set("_go", "next")
	if at := d.c.post(d.item(2), answer).to(d.at); at != d.item(2) {
		t.Fatal("the flag button leads to ", at)
	}
	place := func() string {
		page := d.c.get(d.item(1))
		got := find(page.doc(), "button", func(n *html.Node) bool {
			return attr(n, "name") == "_go" && attr(n, "value") == "2" && attr(n, "form") == "answer"
		})
		if len(got) != 1 {
			t.Fatal(len(got), "places 2 in the map")
		}
		return attr(got[0], "class")
	}
	if got := place(); got != "done flag" {
		t.Errorf("the place is %q", got)
	}
	d.c.get(d.at + "/submit").has(say("submit.flagged"))
	again := d.c.get(d.item(2)).fill(d.item(2))
	if again.Get("_rev") != "2" {
		t.Error("the form saves as ", again.Get("_rev"))
	}
	again.Set("_flag", "1")
	d.c.post(d.item(2), again).to(d.item(2))
	if got := place(); got != "done" {
		t.Errorf("the place is %q", got)
	}
	d.c.json(d.item(2), `{"rev":9,"answer":{},"flagged":true}`).is(200)
	if got := place(); got != " flag" {
		t.Errorf("the place is %q", got)
	}
	d.c.json(d.item(2), `{"rev":10,"answer":{}}`).is(200)
	if got := place(); got != " flag" {
		t.Errorf("leaving the flag out changed it: %q", got)
	}
}

func TestJSONFlow(t *testing.T) {
	t.Parallel()
	d := sit(t)
	page := d.c.get(d.item(1))
	answer := page.fill(d.item(1))
	d.clock.add(time.Minute)
	var got savedReply
	d.c.json(d.item(1), wire(answer, 1)).is(200).into(&got)
	d.clock.add(90 * time.Second)
	for n, want := range map[int]string{1: "90000", 2: "0"} { // of what is kept, for the page's script
		form := find(d.c.get(d.item(n)).is(200).doc(), "form", func(n *html.Node) bool { return attr(n, "id") == "answer" })
		if age := attr(form[0], "data-age"); age != want {
			t.Errorf("place %d is %s ms old, want %s", n, age, want)
		}
	}
	d.clock.add(-90 * time.Second)
	deadline := d.sitting().Deadline
	if got.Rev != 1 || !got.Answered || got.State != "open" || got.Deadline == nil || !got.Deadline.Equal(deadline) || !got.Now.Equal(d.clock.now()) || !got.SavedAt.Equal(d.clock.now()) || got.Now.Location() != time.UTC {
		t.Fatalf("%+v", got)
	}
	if !deadline.Equal(noon.Add(20 * time.Minute)) {
		t.Error("deadline ", deadline)
	}
	d.c.json(d.item(1), `{"rev":2,"answer":null}`).is(200).into(&got)
	if got.Rev != 2 || got.Answered || d.sitting().Slots[0].Answer != nil {
		t.Errorf("%+v", got)
	}
	// a form and a script make the same answer
	d.c.json(d.item(1), wire(answer, 3)).is(200)
	byScript := string(d.sitting().Slots[0].Answer)
	answer.Set("_rev", "4")
	d.c.post(d.item(1), answer).to(d.item(1))
	if byForm := string(d.sitting().Slots[0].Answer); byForm != byScript || byForm == "" {
		t.Errorf("by form %s, by script %s", byForm, byScript)
	}
	for body, want := range map[string]int{
		``: 400, `{`: 400, `[]`: 400, `null`: 400, `{"rev":1}{"rev":2}`: 400, `{"rev":5,"answer":{},"extra":1}`: 400, `{"answer":{}}`: 422, `{"rev":0,"answer":{}}`: 422, `{"rev":-1,"answer":{}}`: 422,
		`{"rev":1.5,"answer":{}}`: 422, `{"rev":1e30,"answer":{}}`: 422, `{"rev":"7","answer":{}}`: 422, `{"REV":7,"answer":{}}`: 400, `{"rev":7,"rev":8,"answer":{}}`: 400, `{"rev":7,"answer":{},"Answer":{}}`: 400, `{"rev":7,"answer":{},"__proto__":{}}`: 400, `{"rev":true}`: 422, `{"rev":7,"flagged":1}`: 400, `{"rev":9007199254740993,"answer":{}}`: 422, `{"rev":8,"answer":[]}`: 400, `{"rev":8,"answer":"x"}`: 400,
		`{"rev":8,"answer":{"nothing":1}}`: 422, `{"rev":8,"flagged":"yes"}`: 400,
	} {
		r := d.c.json(d.item(1), body)
		if r.status != want {
			t.Errorf("%s: %d, want %d %s", body, r.status, want, r.body)
		}
	}
	d.c.send(http.MethodPost, d.item(1), "<x/>", "Content-Type", "text/xml").is(http.StatusBadRequest)
	d.c.send(http.MethodPost, d.item(1), "<x/>", "Content-Type", "multipart/form-data; boundary=x").is(http.StatusBadRequest)
}

// A network may bring a form twice, and late. What the page's script posts says its revision exactly, so a copy changes nothing; without a script a press is always the newest.
func TestFormArrivesAgain(t *testing.T) {
	t.Parallel()
	d := sit(t)
	at := d.kindAt(d.ann, d.at, "single_choice")
	n := 0
	for d.item(n+1) != at {
		n++
	}
	answer := func() string { return string(d.sitting().Slots[n].Answer) }
	press := url.Values{"_rev": {"1"}, "_exact": {"1"}, "_go": {"next"}, "choice": {"o1"}}
	next := d.c.post(at, press).to(d.at)
	first := answer()
	d.c.json(at, `{"rev":2,"answer":{"choice":"o2"}}`).is(200)
	newest := answer()
	for range 3 {
		if again := d.c.post(at, press).to(d.at); again != next {
			t.Errorf("the copy leads to %s, the first led to %s", again, next)
		}
	}
	if answer() != newest || first == newest || first == "" {
		t.Errorf("after copies of a form with %s the newest is %s, was %s", first, answer(), newest)
	}
	flag := url.Values{"_rev": {"3"}, "_exact": {"1"}, "_flag": {"1"}, "choice": {"o2"}}
	for range 2 {
		d.c.post(at, flag).to(d.at)
	}
	if x := d.sitting().Slots[n]; !x.Flagged || x.Rev != 3 || answer() != newest {
		t.Errorf("a flag set once, and sent twice: %+v", x)
	}
	// A page drawn before the form of revision 3 came saves under that same revision: it is told what became of it, and so is whoever sends once more what is kept.
	for body, other := range map[string]bool{`{"rev":3,"answer":{"choice":"o3"}}`: true, `{"rev":3,"answer":null}`: true, `{"rev":3,"answer":{"choice":"o2"}}`: false, `{"rev":2,"answer":{"choice":"o3"}}`: false} {
		var got savedReply
		d.c.json(at, body).is(200).into(&got)
		if got.Rev != 3 || got.Other != other || answer() != newest {
			t.Errorf("%s: %+v", body, got)
		}
	}
	plain := url.Values{"_rev": {"1"}, "_go": {"next"}, "choice": {"o1"}} // of a page that the browser's Back brought up
	d.c.post(at, plain).to(d.at)
	if answer() != first || d.sitting().Slots[n].Rev != 4 {
		t.Errorf("a press without a script is lost: %s", answer())
	}
}

func TestSecondDevice(t *testing.T) {
	t.Parallel()
	d := sit(t)
	first, second := d.c, d.as(d.ann)
	answer := first.get(d.item(1)).fill(d.item(1))
	first.json(d.item(1), wire(answer, 1)).is(200)
	page := second.get(d.item(1)).is(200).has(say("sitting.moved.title"))
	if now, _ := page.controls(d.item(1)); now.Get("_rev") != "2" {
		t.Error(now)
	}
	second.json(d.item(1), wire(answer, 2)).refused(http.StatusConflict, "moved")
	second.post(d.at+"/submit", nil).is(http.StatusConflict).has(say("exam.moved"))
	second.post(d.at+"/take", nil).to(d.at)
	second.get(d.item(1)).is(200).lacks(say("sitting.moved.title"))
	second.json(d.item(1), wire(answer, 2)).is(200)
	first.json(d.item(1), wire(answer, 3)).refused(http.StatusConflict, "moved")
	first.post(d.item(1), answer).is(http.StatusConflict).has(say("exam.moved"))
	first.get(d.item(1)).is(200).has(say("sitting.moved.title"))
	first.post(d.at+"/take", nil).to(d.at)
	first.json(d.item(1), wire(answer, 4)).is(200)
	if rev := d.sitting().Slots[0].Rev; rev != 4 {
		t.Error("rev ", rev)
	}
	other := d.as(d.bob)
	other.post(d.at+"/take", nil).is(http.StatusNotFound)
}

// Whoever signs in again on the same device has a new session: the sitting moves with one press, and nothing is lost.
func TestSignInAgain(t *testing.T) {
	t.Parallel()
	d := sit(t)
	answer := d.c.get(d.item(1)).fill(d.item(1))
	d.c.json(d.item(1), wire(answer, 1)).is(200)
	d.c.post("/logout", nil).to("/login")
	d.c.json(d.item(1), wire(answer, 2)).refused(http.StatusUnauthorized, "sign_in_first")
	again := d.as(d.ann)
	again.post(d.at+"/take", nil).to(d.at)
	again.json(d.item(1), wire(answer, 2)).is(200)
}

func parallel(n int, do func(i int)) {
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() { do(i) })
	}
	all.Wait()
}

func TestParallelStarts(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.assign("aic-cycle", w.east)
	c, d := w.as(w.ann), w.as(w.ann)
	where := make([]string, 50)
	parallel(len(where), func(i int) {
		who := c
		if i%2 == 1 {
			who = d
		}
		r := who.copy().post("/assignments/"+a.ID+"/start", nil)
		where[i] = fmt.Sprint(r.status, r.header.Get("Location"))
	})
	if got := slices.Compact(slices.Sorted(slices.Values(where))); len(got) != 1 || !strings.HasPrefix(got[0], "303/sittings/") {
		t.Errorf("%v", got)
	}
	if n := w.count("SELECT count(*) FROM sittings"); n != 1 {
		t.Error(n, "sittings")
	}
}

func TestParallelSubmits(t *testing.T) {
	t.Parallel()
	d := sit(t)
	answer := d.c.get(d.item(1)).fill(d.item(1))
	d.c.json(d.item(1), wire(answer, 1)).is(200)
	replies := make([]string, 50)
	parallel(len(replies), func(i int) {
		r := d.c.copy().post(d.at+"/submit", nil)
		replies[i] = fmt.Sprint(r.status, r.header.Get("Location"), r.body)
	})
	if got := slices.Compact(slices.Sorted(slices.Values(replies))); len(got) != 1 {
		t.Errorf("%d different replies: %q", len(got), got)
	}
	x := d.sitting()
	if n := d.count("SELECT count(*) FROM evidence WHERE sitting_id = ?", x.ID); n == 0 || n != d.count("SELECT count(DISTINCT id) FROM evidence WHERE sitting_id = ?", x.ID) || n > 2*len(x.Slots) {
		t.Error(n, "records of evidence")
	}
	if n := d.count("SELECT count(*) FROM audit WHERE action = 'submit'"); n != 1 {
		t.Error(n, "submissions in the audit log")
	}
}

// Saves that arrive in any order leave the newest.
func TestParallelSaves(t *testing.T) {
	t.Parallel()
	d := sit(t)
	at := d.kindAt(d.ann, d.at, "ordering")
	_, all := d.c.get(at).controls(at)
	var field string
	for name := range all {
		if strings.HasPrefix(name, "rank[") && (field == "" || name < field) {
			field = name
		}
	}
	steps := 0
	for name := range all {
		if strings.HasPrefix(name, "rank[") {
			steps++
		}
	}
	parallel(40, func(i int) {
		d.c.copy().json(at, wire(url.Values{field: {fmt.Sprint(1 + (i+1)%steps)}}, i+1)).is(200)
	})
	d.c.json(at, wire(url.Values{}, 5)).is(200)
	page, _ := d.c.get(at).controls(at)
	if want := fmt.Sprint(1 + 40%steps); page.Get(field) != want || page.Get("_rev") != "41" {
		t.Errorf("%s is %s, want %s; rev %s", field, page.Get(field), want, page.Get("_rev"))
	}
}

// What people have yet to mark whole has no score, and nowhere a 0.
func TestUnmarkedHasNoScore(t *testing.T) {
	t.Parallel()
	files := canaryFiles()
	files["form.yaml"] = canaryForm[:strings.Index(canaryForm, "draw:")] + "draw: [{type: constructed, n: 1}]}\n"
	w := newWorld(t, withFiles(t, files))
	d := &desk{world: w, c: w.as(w.ann), a: w.assign("canary", w.east)}
	d.at = d.c.start(d.a)
	d.c.post(d.item(1), d.c.get(d.item(1)).typed(d.item(1))).to(d.at)
	d.c.post(d.at+"/submit", nil).to(d.at)
	result := func() reply { return d.c.get(d.at + "/result").is(200) }
	score := func(r reply) int {
		return len(find(r.doc(), "b", func(n *html.Node) bool { return attr(n, "class") == "num" })) + len(find(r.doc(), "span", func(n *html.Node) bool { return strings.HasPrefix(attr(n, "class"), "pts") }))
	}
	home := d.c.get("/").is(200).has(say("result.item.pending"))
	if n, m := score(home), score(result().has(say("result.item.pending"))); n+m > 0 {
		t.Errorf("%d scores on the home page and %d on the result, and nothing is marked", n, m)
	}
	// a blank one is marked at once
	d.a = w.assign("canary", w.east)
	d.at = d.c.start(d.a)
	d.c.post(d.at+"/submit", nil).to(d.at)
	if n := score(d.c.get("/").is(200)); n != 1 {
		t.Errorf("%d scores on the home page, one form is marked", n)
	}
}

// Of an item with parts the pages say how many are done, and what is only begun is not called answered.
func TestBegunItems(t *testing.T) {
	t.Parallel()
	d := sit(t)
	at := d.kindAt(d.ann, d.at, "matching")
	n := place(at) + 1
	answer := d.c.get(at).fill(at)
	var pairs []string
	for name := range answer {
		if strings.HasPrefix(name, "pairs[") {
			pairs = append(pairs, name)
		}
	}
	slices.Sort(pairs)
	save := func(rev int, of ...string) savedReply {
		var got savedReply
		form := url.Values{}
		for _, name := range of {
			form[name] = answer[name]
		}
		d.c.json(at, wire(form, rev)).is(200).into(&got)
		return got
	}
	for i := range d.sitting().Slots {
		if other := d.item(i + 1); other != at {
			d.c.post(other, d.c.get(other).fill(other)).to(d.at)
		}
	}
	state := func() (class, parts string) {
		b := find(d.c.get(d.item(1)).is(200).doc(), "button", func(b *html.Node) bool {
			return attr(b, "name") == "_go" && attr(b, "value") == fmt.Sprint(n) && hasAttr(b, "class") && attr(b, "tabindex") == ""
		})
		small := find(b[0], "small", func(*html.Node) bool { return true })[0]
		if hasAttr(small, "hidden") {
			return attr(b[0], "class"), ""
		}
		return attr(b[0], "class"), words(small)
	}
	share := fmt.Sprintf("1/%d", len(pairs))
	if got := save(1, pairs[0]); !got.Answered || got.Done != 1 || got.Of != len(pairs) {
		t.Errorf("%+v, want 1 of %d", got, len(pairs))
	}
	if class, parts := state(); strings.Contains(class, "done") || !strings.HasSuffix(parts, share) {
		t.Errorf("begun: %q %q", class, parts)
	}
	d.c.get(d.at+"/submit").is(200).has(say("submit.begun", "n", 1), say("sitting.item", "n", n)+" "+share).lacks(say("submit.all"), say("submit.blank"))
	d.c.copy().english().get(d.at+"/submit").is(200).has("1 item is not finished", fmt.Sprintf("Item %d %s", n, share))
	if got := save(2, pairs...); got.Done != len(pairs) || got.Of != len(pairs) {
		t.Errorf("%+v, want all of %d", got, len(pairs))
	}
	if class, parts := state(); !strings.Contains(class, "done") || parts != "" {
		t.Errorf("whole: %q %q", class, parts)
	}
	d.c.get(d.at + "/submit").is(200).has(say("submit.all"))
}

// When the clock of an item stops, its page switches the fields off and leaves the navigation on: what a button then posts is blank, and takes nothing away.
func TestItemClockStops(t *testing.T) {
	t.Parallel()
	w := newWorld(t, withFiles(t, canaryFiles()))
	d := &desk{world: w, c: w.as(w.ann), a: w.assign("canary", w.east)}
	d.at = d.c.start(d.a)
	at := d.kindAt(d.ann, d.at, "info_integration")
	d.c.open(at)
	page := d.c.get(at)
	answer := page.typed(at)
	answer.Set("_go", at[strings.LastIndex(at, "/")+1:])
	d.c.post(at, answer).to(at)
	n := place(at)
	kept := d.sitting().Slots[n]
	if kept.Answer == nil {
		t.Fatal("nothing is kept of ", answer)
	}
	it, err := d.defs.ItemAt(d.ctx, kept.ItemHash)
	must(err)
	stop := d.sitting().Clock(n, it).StopsAt
	for _, after := range []time.Duration{time.Second, exam.Grace, exam.Grace + time.Second} {
		d.clock.set(stop.Add(after))
		d.c.post(at, url.Values{"_rev": {"1"}, "_go": {"next"}}).to(d.at)
		if now := d.sitting().Slots[n]; string(now.Answer) != string(kept.Answer) || now.Seconds != kept.Seconds {
			t.Errorf("%s after the stop %s with %g s is left of %s with %g s", after, now.Answer, now.Seconds, kept.Answer, kept.Seconds)
		}
	}
	late := func() int {
		return d.count("SELECT count(*) FROM audit WHERE action = 'late_answer' AND object_id = ?", d.sitting().ID)
	}
	if n := late(); n != 0 {
		t.Error(n, "late answers, and nothing came late")
	}
	other := url.Values{"_rev": {"9"}, "_go": {"next"}, "fields[f1]": {"7"}}
	d.c.post(at, other).to(at)
	d.c.json(at, wire(other, 9)).refused(http.StatusConflict, "item_over")
	if n := late(); n != 2 {
		t.Error(n, "late answers in the audit log, by form and by script")
	}
	if now := d.sitting().Slots[n]; string(now.Answer) != string(kept.Answer) {
		t.Errorf("%s came late and took the place of %s", now.Answer, kept.Answer)
	}
}

func TestTimeOver(t *testing.T) {
	t.Parallel()
	d := sit(t)
	answer := d.c.get(d.item(1)).fill(d.item(1))
	deadline := d.sitting().Deadline
	d.clock.set(deadline.Add(exam.Grace))
	d.c.json(d.item(1), wire(answer, 1)).is(200)
	if n, err := d.srv.SubmitDue(d.ctx); n != 0 || err != nil {
		t.Fatal(n, err)
	}
	d.clock.set(deadline.Add(exam.Grace + time.Second))
	d.c.json(d.item(1), `{"rev":2,"answer":{}}`).refused(http.StatusConflict, "time_over")
	d.c.post(d.item(1), answer).is(http.StatusConflict).has(say("exam.time_over"))
	d.c.post(d.at+"/take", nil).is(http.StatusConflict)
	// looking at it says that the server is about to hand it in
	at := d.c.get(d.item(2)).to(d.at + "/result")
	d.c.get(at).is(200).has(say("result.waiting"))
	d.c.get(d.at).to(d.at)
	if n, err := d.srv.SubmitDue(d.ctx); n != 1 || err != nil {
		t.Fatal(n, err)
	}
	if n, err := d.srv.SubmitDue(d.ctx); n != 0 || err != nil {
		t.Fatal(n, err)
	}
	d.c.get(at).is(200).has(say("result.auto"), say("result.title"))
	x := d.sitting()
	if all, servers := d.count("SELECT count(*) FROM audit WHERE action = 'submit'"), d.count("SELECT count(*) FROM audit WHERE action = 'submit' AND object_id = ? AND actor = ''", x.ID); all != 1 || servers != 1 {
		t.Errorf("%d submissions in the audit log, %d of them by the server", all, servers)
	}
	if !x.Auto || x.Blank || !x.SubmittedAt.Equal(deadline) || x.Slots[0].Answer == nil || x.Slots[0].Rev != 1 || len(x.Unanswered()) != len(x.Slots)-1 {
		t.Errorf("%+v", x)
	}
	d.c.json(d.item(1), `{"rev":3,"answer":{}}`).refused(http.StatusConflict, "submitted")
}

// A sitting that is looked at while it runs has no result, and its address says no more than any that is not there.
func TestNoResultBeforeTheEnd(t *testing.T) {
	t.Parallel()
	d := sit(t)
	d.c.get(d.at + "/result").to(d.at + "/items/")
	for _, c := range []*client{d.as(d.eve), d.as(d.bob), d.as(d.max), d.as(d.tess)} {
		c.get(d.at + "/result").is(http.StatusNotFound)
	}
	d.clock.add(time.Hour) // over, not yet handed in
	for _, c := range []*client{d.as(d.eve), d.as(d.bob)} {
		c.get(d.at + "/result").is(http.StatusNotFound)
	}
}

func TestSubmitAfterTheEndTakesWhatWasSaved(t *testing.T) {
	t.Parallel()
	d := sit(t)
	d.c.json(d.item(1), wire(d.c.get(d.item(1)).fill(d.item(1)), 1)).is(200)
	deadline := d.sitting().Deadline
	d.clock.set(deadline.Add(time.Hour))
	d.c.post(d.at+"/submit", nil).to(d.at + "/result")
	if x := d.sitting(); !x.Auto || !x.SubmittedAt.Equal(deadline) {
		t.Errorf("%+v", x)
	}
}

func TestExtraTime(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.assign("aic-cycle", w.east)
	lead := w.as(w.eve)
	form := func(who org.Person, factor string) url.Values {
		return url.Values{"person": {who.ID}, "factor": {factor}}
	}
	lead.get("/assignments/"+a.ID).is(200).has(w.ann.Name, w.bob.Name)
	lead.post("/assignments/"+a.ID+"/time", form(w.ann, "1.5")).to("/assignments/" + a.ID)
	lead.get("/assignments/" + a.ID).is(200).has(say("notice.time"))
	for _, bad := range []string{"", "0", "0.99", "-1", "3.01", "NaN", "Inf", "-Inf", "1e400", "abc", "１．５", "0x2", "1,5"} {
		r := lead.post("/assignments/"+a.ID+"/time", form(w.ann, bad))
		if r.status != http.StatusUnprocessableEntity && !(bad == "0x2") {
			t.Errorf("factor %q: %d", bad, r.status)
		}
	}
	c := w.as(w.ann)
	at := c.start(a)
	if x := w.kept(w.ann, at); !x.Deadline.Equal(noon.Add(30*time.Minute)) || x.TimeFactor != 1.5 {
		t.Errorf("%v %v", x.Deadline, x.TimeFactor)
	}
	lead.post("/assignments/"+a.ID+"/time", form(w.ann, "2")).is(http.StatusConflict) // started
	if x := w.kept(w.bob, w.as(w.bob).start(a)); !x.Deadline.Equal(noon.Add(20 * time.Minute)) {
		t.Errorf("%v", x.Deadline)
	}
}

func TestWindow(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	soon := w.assignFor("aic-cycle", noon.Add(time.Hour), noon.Add(2*time.Hour), w.east)
	c := w.as(w.ann)
	c.get("/").is(200).has(say("phase.upcoming"))
	c.post("/assignments/"+soon.ID+"/start", nil).is(http.StatusConflict).has(say("exam.not_open", "opens", "2026-11-02 13:00"))
	w.clock.set(noon.Add(2*time.Hour - time.Millisecond))
	at := w.as(w.bob).start(soon)
	if x := w.kept(w.bob, at); !x.Deadline.Equal(soon.Closes) {
		t.Errorf("the limit runs past the window: %v", x.Deadline)
	}
	w.clock.set(soon.Closes)
	c.post("/assignments/"+soon.ID+"/start", nil).is(http.StatusConflict).has(say("exam.closed", "closes", "2026-11-02 14:00"))
	c.get("/").is(200).has(say("home.missed.chip"))
}

func TestBlankSubmit(t *testing.T) {
	t.Parallel()
	d := sit(t)
	d.c.get(d.at + "/submit").is(200).has(say("submit.unanswered", "n", len(d.sitting().Slots)))
	d.c.get(d.c.post(d.at+"/submit", nil).to(d.at + "/result")).is(200).has(say("result.blank"))
	if x := d.sitting(); !x.Blank || x.Score != 0 || x.State != exam.Submitted {
		t.Errorf("%+v", x)
	}
	if n := d.count("SELECT count(*) FROM evidence WHERE y = 0"); n == 0 {
		t.Error("no evidence of a blank paper")
	}
	page := d.c.get("/me").is(200)
	if got := heatOf(t, page, "AIC.1"); got == "" || strings.Contains(got, say("profile.status.none")) {
		t.Errorf("AIC.1 reads %q: a blank paper is a 0, not a gap", got)
	}
}

// heatOf is the table cell of a sub-competency's score on a person's page.
func heatOf(t *testing.T, page reply, sub string) string {
	t.Helper()
	for _, tr := range find(page.doc(), "tr", nil) {
		if len(find(tr, "a", func(n *html.Node) bool { return strings.HasSuffix(attr(n, "href"), "/subs/"+sub) })) == 0 {
			continue
		}
		if cells := find(tr, "td", nil); len(cells) >= 2 {
			return words(cells[1])
		}
	}
	t.Fatal("no row for ", sub)
	return ""
}

func TestWrongAnswerKeepsTheRest(t *testing.T) {
	t.Parallel()
	d := sit(t)
	at := d.kindAt(d.ann, d.at, "ordering")
	answer := d.c.get(at).fill(at)
	ranks := slices.DeleteFunc(slices.Sorted(maps.Keys(answer)), func(n string) bool { return !strings.HasPrefix(n, "rank[") })
	answer.Set(ranks[0], "99")
	page := d.c.post(at, answer).is(http.StatusUnprocessableEntity).has(ranks[0], say("define.whole", "min", 1, "max", len(ranks)))
	now, _ := page.controls(at)
	for _, name := range ranks[1:] {
		if now.Get(name) != answer.Get(name) {
			t.Errorf("%s is %q, was %q", name, now.Get(name), answer.Get(name))
		}
	}
	if now.Get("_rev") != "1" || d.kept(d.ann, d.at).Slots[0].Rev != 0 {
		t.Error("something was saved")
	}
	e := d.c.json(at, wire(answer, 1)).refused(http.StatusUnprocessableEntity, "invalid")
	if len(e.Error.Problems) != 1 || e.Error.Problems[0].Path != ranks[0] {
		t.Errorf("%+v", e.Error.Problems)
	}
	// every kind keeps the page when one field is nonsense
	for _, kind := range d.kinds() {
		at := d.kindAt(d.ann, d.at, kind)
		answer := d.c.get(at).fill(at)
		answer.Set("nonsense", "1")
		page := d.c.post(at, answer).is(http.StatusUnprocessableEntity).has("nonsense")
		now, _ := page.controls(at)
		for name, want := range answer {
			if name != "nonsense" && !slices.Equal(slices.Sorted(slices.Values(now[name])), slices.Sorted(slices.Values(want))) {
				t.Errorf("%s: %s is %v, was %v", kind, name, now[name], want)
			}
		}
	}
}
