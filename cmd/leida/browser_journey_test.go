package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/fetch"
	"github.com/chromedp/chromedp/kb"

	"leida/internal/text"
)

// testJourney is the way of an answer: a trainer assigns, an agent sits on a phone, the radar gains a capability, the manager sees it.
func testJourney(t *testing.T, browser context.Context) {
	c := smallCentre(t)
	manager := newVisitor(t, browser, c).tab(desktop)
	manager.signIn("M1", password)
	before := seenByManager(manager)
	if before.Assessed != 0 || before.Evidence != 0 {
		t.Errorf("before anything was sat the manager sees %+v", before)
	}

	trainer := newVisitor(t, browser, c).tab(desktop)
	trainer.signIn("T1", password)
	assign(trainer, "all-kinds")

	agent := newVisitor(t, browser, c).tab(phone)
	agent.signIn("B1", password)
	if got := agent.text("section.next h2"); got != "全题型测评" {
		t.Errorf("home shows %q as next", got)
	}
	if got := agent.count("#h-radar ~ *, .card .empty"); got == 0 {
		t.Error("home says nothing of the empty radar")
	}
	agent.follow("section.next button")
	sitting := sittingOf(agent)

	n := agent.count(".qnav button:not(.submit)")
	kinds := map[string]int{}
	typed := make([]string, n+1)
	for i := 1; i <= n; i++ {
		if want := fmt.Sprintf("%s/items/%d", sitting, i); agent.path() != want {
			t.Fatalf("at %s instead of %s", agent.path(), want)
		}
		kinds[kindOf(agent)]++
		switch i {
		case 1:
			savedOnlyWhenAcknowledged(agent)
		case n: // left for later
			continue
		default:
			answer(agent)
			agent.wait("document.getElementById('saved').dataset.state === 'saved'")
		}
		typed[i] = content(agent)
		if got := js[string](agent, "document.querySelector('.qnav [aria-current]').className"); !strings.Contains(got, "done") {
			t.Errorf("item %d is answered, and the map does not say so: %q", i, got)
		}
		if i == 3 {
			agent.follow("button[name=_flag]")
			if agent.count(".qnav button.flag") != 1 || agent.count("button[name=_flag][aria-pressed=true]") != 1 {
				t.Error("the flag does not show")
			}
			if got := content(agent); got != typed[i] {
				t.Errorf("the flag changed the answer from %q to %q", typed[i], got)
			}
		}
		agent.follow(".acts button[value=next]")
	}
	for _, k := range []string{"single_choice", "multiple_choice", "matching", "ordering", "sjt best_worst", "sjt rate"} {
		if kinds[k] == 0 {
			t.Errorf("no item of kind %s was drawn: %v", k, kinds)
		}
	}

	// back, and by the map, and everything is as it was left
	agent.follow(".acts button[value=prev]")
	for i := n - 1; i >= 1; i -= 3 {
		agent.follow(fmt.Sprintf(".qnav button[value='%d']", i))
		if got := content(agent); got != typed[i] {
			t.Errorf("item %d came back as %q, was %q", i, got, typed[i])
		}
	}
	agent.follow(".qnav button.submit")
	if got := agent.text("main"); !strings.Contains(got, text.Say(text.ZH, "submit.unanswered", "n", 1)) {
		t.Errorf("the last page does not count the unanswered item: %s", got)
	}
	if got := js[[]string](agent, "[...document.querySelectorAll('ul.left b')].map((e) => e.textContent)"); strings.Join(got, " ") != fmt.Sprintf("%d 3", n) {
		t.Errorf("unanswered and flagged are listed as %v", got)
	}
	agent.follow(fmt.Sprintf("ul.left a[href$='/items/%d']", n))
	answer(agent)
	agent.wait("document.getElementById('saved').dataset.state === 'saved'")
	agent.follow(".acts button[value=next]")
	if got := agent.text("h1"); got != text.Say(text.ZH, "submit.all") {
		t.Errorf("with everything answered the last page says %q", got)
	}
	agent.follow("form[action$='/submit'] button.pri")

	if agent.path() != sitting+"/result" || agent.count("article") != n {
		t.Fatalf("the result is at %s with %d items", agent.path(), agent.count("article"))
	}
	for i, reasons := range js[[]int](agent, "[...document.querySelectorAll('article')].map((a) => a.querySelectorAll('.why').length)") {
		if reasons == 0 {
			t.Errorf("item %d has no reason", i+1)
		}
	}
	agent.follow("section.result a.pri")
	newCapability(agent, "共情数字化")

	after := seenByManager(manager)
	if after.Assessed != 1 || after.Evidence == 0 || after.Measured != before.Measured+1 {
		t.Errorf("the manager saw %+v before and sees %+v after", before, after)
	}
}

// sittingOf is the address of the sitting that a tab is in.
func sittingOf(b *tab) string {
	b.t.Helper()
	sitting, _, ok := strings.Cut(b.path(), "/items/")
	if !ok {
		b.t.Fatalf("%s is no sitting: %s", b.path(), b.text("main"))
	}
	return sitting
}

// kindOf is the kind of the item on the page, with the mode where there are several.
func kindOf(b *tab) string {
	b.t.Helper()
	kind := js[string](b, "document.getElementById('answer').dataset.kind")
	if kind == "sjt" {
		if b.count("fieldset.rate") > 0 {
			return "sjt rate"
		}
		return "sjt best_worst"
	}
	return kind
}

// content is what the form holds, as it would be sent.
func content(b *tab) string {
	b.t.Helper()
	return js[string](b, formContent, "document.getElementById('answer')")
}

const formContent = "new URLSearchParams([...new FormData(%s)].filter(([name]) => !name.startsWith('_'))).toString()"

// kept is what the server holds of an item, whatever the page or the browser's storage hold.
func kept(b *tab, path string) string {
	b.t.Helper()
	return js[string](b, `fetch(%q).then((r) => r.text()).then((html) => { const form = new DOMParser().parseFromString(html, 'text/html').getElementById('answer'); return `+formContent+` })`, path, "form")
}

// answer answers the item on the page with pointer and keys.
func answer(b *tab) {
	b.t.Helper()
	switch kind := kindOf(b); kind {
	case "single_choice":
		b.press(".opts label:nth-child(2)")
	case "multiple_choice":
		b.press(".opts label:nth-child(1)")
		b.press(".opts label:nth-child(3)")
	case "matching":
		for i := range b.count(".match select") {
			js[bool](b, "(document.querySelectorAll('.match select')[%d].focus(), true)", i)
			for range i%3 + 1 {
				b.key(kb.ArrowDown)
			}
		}
		if got := js[int](b, "[...document.querySelectorAll('.match select')].filter((s) => !s.value).length"); got != 0 {
			b.t.Errorf("%d selects are empty after arrow keys", got)
		}
	case "ordering":
		order(b)
	case "sjt best_worst":
		b.press("tbody tr:first-child td.best label")
		b.press("tbody tr:last-child td.worst label")
	case "sjt rate":
		for i := range b.count("fieldset.rate") {
			b.pressAt(fmt.Sprintf("document.querySelectorAll('fieldset.rate')[%d].querySelectorAll('.scale label')[%d]", i, i+1))
		}
	default:
		b.t.Fatalf("no hand for %q", kind)
	}
}

// order moves the first step down by its button, then up again by the keyboard, then the second up by its button; the numbers follow.
func order(b *tab) {
	b.t.Helper()
	const ids = "[...document.querySelectorAll('ol.order > li')].map((li) => li.dataset.id)"
	const ranks = "[...document.querySelectorAll('ol.order > li:not(.out) input.rank')].map((i) => i.value).join(' ')"
	was := js[[]string](b, ids)
	row := func(id string) string { return fmt.Sprintf("ol.order > li[data-id=%q]", id) }
	is := func(what string, want ...string) {
		b.t.Helper()
		if got := js[[]string](b, ids); strings.Join(got[:len(want)], " ") != strings.Join(want, " ") {
			b.t.Errorf("%s: the order is %v, want %v first", what, got, want)
		}
	}
	b.press(row(was[0]) + " .moves button[value=down]")
	is("down by button", was[1], was[0])
	b.focus(row(was[0]) + " input.rank")
	b.key(kb.ArrowUp, kb.ModifierAlt)
	is("up by keyboard", was[0], was[1])
	if got := js[string](b, "document.activeElement.closest('li')?.dataset.id ?? ''"); got != was[0] {
		b.t.Errorf("the focus went to %q with the move", got)
	}
	b.press(row(was[1]) + " .moves button[value=up]")
	is("up by button", was[1], was[0])
	if b.count("ol.order .drop") > 0 {
		b.press(row(was[2]) + " .drop")
	}
	want := ""
	for i := range b.count("ol.order > li:not(.out)") {
		want += " " + strconv.Itoa(i+1)
	}
	if got := js[string](b, ranks); got != want[1:] {
		b.t.Errorf("the numbers are %q", got)
	}
	if got := b.text("ol.order + p.vh"); got == "" {
		b.t.Error("nothing is spoken of the move")
	}
}

// hurry answers the item on the page without a hand, for what is only a means.
func hurry(b *tab) {
	b.t.Helper()
	js[bool](b, `(() => {
		for (const s of document.querySelectorAll('#answer select')) { s.selectedIndex = 1; s.dispatchEvent(new Event('change', { bubbles: true })); }
		document.querySelector('#answer .opts label input')?.click();
		document.querySelectorAll('fieldset.rate').forEach((f, i) => f.querySelectorAll('input')[i].click());
		document.querySelector('td.best input')?.click();
		[...document.querySelectorAll('td.worst input')].at(-1)?.click();
		document.querySelector('.moves button[value=down]')?.click();
		return true;
	})()`)
	b.wait("document.getElementById('saved').dataset.state === 'saved'")
}

// sit starts the next assessment on the home page, answers all, hands in and comes to what is told of each item.
func sit(b *tab) {
	b.t.Helper()
	handInAll(b)
	if b.count("article") == 0 {
		b.t.Fatalf("no result: %s", b.text("main"))
	}
}

// handInAll is sit, whatever the result tells.
func handInAll(b *tab) {
	b.t.Helper()
	b.open("/")
	b.follow("section.next .pri")
	sitting := sittingOf(b)
	for i := range b.count(".qnav button:not(.submit)") {
		b.open(fmt.Sprintf("%s/items/%d", sitting, i+1))
		hurry(b)
	}
	b.open(sitting + "/submit")
	b.follow("form[action$='/submit'] button.pri")
}

// savedOnlyWhenAcknowledged holds the server's reply back: the mark has to wait for it. A refusal brings no mark at all.
func savedOnlyWhenAcknowledged(b *tab) {
	b.t.Helper()
	state := func() string { b.t.Helper(); return js[string](b, "document.getElementById('saved').dataset.state") }
	if got := state(); got != "idle" {
		b.t.Errorf("before any change the mark is %q", got)
	}
	replies := make(chan fetch.EventRequestPaused, 16)
	b.mu.Lock()
	b.issues = append(b.issues, func(e any) {
		if p, ok := e.(*fetch.EventRequestPaused); ok {
			replies <- *p
		}
	})
	b.mu.Unlock()
	next := func() fetch.EventRequestPaused {
		b.t.Helper()
		select {
		case p := <-replies:
			return p
		case <-time.After(patience):
			b.t.Fatal("nothing is saved")
			panic("unreachable")
		}
	}
	call(b, fetch.Enable, fetch.EnableParams{Patterns: []*fetch.RequestPattern{{URLPattern: "*/items/*", RequestStage: fetch.RequestStageResponse}}})

	b.excuse("status 503", "request failed")
	answer(b)
	p := next() // hold the first reply back, look, then lose it
	if got := state(); got != "saving" {
		b.t.Errorf("while the reply is on its way the mark is %q", got)
	}
	call(b, fetch.FulfillRequest, fetch.FulfillRequestParams{RequestID: p.RequestID, ResponseCode: 503})
	b.wait("document.getElementById('saved').dataset.state === 'waiting'")
	p = next()
	if got := state(); got == "saved" {
		b.t.Error("the mark says saved before the reply")
	}
	call(b, fetch.ContinueResponse, fetch.ContinueResponseParams{RequestID: p.RequestID})
	call(b, fetch.Disable, cdp.Empty{})
	b.wait("document.getElementById('saved').dataset.state === 'saved'")
	b.excuse()
	if got, want := kept(b, b.path()), content(b); got != want {
		b.t.Errorf("saved, and the server has %q of %q", got, want)
	}
}

// newCapability reads a capability's score from the drawing, from the list beside it and from the axis: one number, and gaps elsewhere.
func newCapability(b *tab, name string) {
	b.t.Helper()
	words := gapsOf(b, text.ZH)
	for i, w := range words {
		if (w.Name == name) != (w.value() != nil) {
			b.t.Errorf("after the sitting %s is %q", w.Name, w.Says)
		}
		if w.Name == name {
			pm := js[string](b, "document.querySelectorAll('.score')[%d].querySelector('.v small').textContent.trim()", i)
			if got := drawn(b, 0).Written[i]; got != w.Says+" "+pm {
				b.t.Errorf("the axis of %s says %q, the list %q", name, got, w.Says+" "+pm)
			}
		}
	}
	if measured := strings.Count(js[string](b, "document.querySelector('table.dots').innerText"), "±"); measured == 0 {
		b.t.Error("the table of sub-competencies has no number")
	}
}

func show(v *float64) string {
	raw, _ := json.Marshal(v)
	return string(raw)
}

// sight is what a manager sees of the small centre.
type sight struct {
	Assessed int // people with any score, on the team's page
	Measured int // cells of the heat table with a number
	Evidence int // records, on the page of the first agent
}

func seenByManager(b *tab) sight {
	b.t.Helper()
	b.open("/teams")
	b.followText("tbody th a", "一组")
	s := sight{
		Assessed: js[int](b, "parseInt(document.querySelector('dl.kpi dd').textContent)"),
		Measured: js[int](b, "[...document.querySelectorAll('table.heat tbody tr')].filter((tr) => [...tr.querySelectorAll('td')].some((td) => /\\d/.test(td.innerText))).length"),
	}
	b.followText("table.heat th a", "安然")
	s.Evidence = js[int](b, "parseInt([...document.querySelectorAll('.head .chip')].at(-1).textContent.match(/\\d+/)[0])")
	return s
}
