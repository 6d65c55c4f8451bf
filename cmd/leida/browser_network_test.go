package main

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp/kb"

	"leida/internal/text"
)

const isSaved = "document.getElementById('saved').dataset.state === 'saved'"

// testNetwork cuts what lies between an agent and the server in the middle of a sitting, in every way there is: nothing is lost.
func testNetwork(t *testing.T, browser context.Context) {
	c := smallCentre(t)
	trainer := newVisitor(t, browser, c).tab(desktop)
	trainer.signIn("T1", password)
	assign(trainer, "all-kinds")
	// begin is a tab of an agent in the middle of a sitting, at an item of a kind
	begin := func(t *testing.T, login, kind string) (*visitor, *tab) {
		t.Helper()
		v := newVisitor(t, browser, c)
		b := v.tab(desktop)
		b.signIn(login, password)
		b.follow("section.next .pri")
		for i := range b.count(".qnav button:not(.submit)") {
			b.open(fmt.Sprintf("%s/items/%d", sittingOf(b), i+1))
			if kindOf(b) == kind {
				return v, b
			}
		}
		t.Fatalf("no item of kind %s", kind)
		return nil, nil
	}

	t.Run("cut", func(t *testing.T) {
		v, b := begin(t, "B1", "single_choice")
		b.press(".opts label:nth-child(1)")
		b.wait(isSaved)
		b.excuse("request failed: net::ERR_INTERNET_DISCONNECTED")
		offline(b, true)
		watchMark(b)
		for _, nth := range []int{2, 3, 2, 3} {
			b.press(fmt.Sprintf(".opts label:nth-child(%d)", nth))
			b.wait("!banner.hidden && banner.innerText.includes(%q)", text.Say(text.ZH, "sitting.script.offline"))
		}
		newest := content(b)
		b.press(".acts button[value=next]") // not while something is unsaved
		b.wait("banner.innerText.includes(%q)", text.Say(text.ZH, "sitting.script.unsaved"))
		pause(b, 3*time.Second)
		if got := marks(b); strings.Contains(got, "saved") || !strings.Contains(got, "waiting") {
			t.Errorf("without a network the mark went through %s", got)
		}
		if content(b) != newest {
			t.Errorf("the form became %q, was %q", content(b), newest)
		}
		offline(b, false)
		b.wait(isSaved)
		b.wait("banner.hidden")
		b.excuse()
		if got := kept(b, b.path()); got != newest {
			t.Errorf("the network is back, and the server has %q instead of %q", got, newest)
		}

		// closed without a server: the answer waits in the browser for the next tab
		path := b.path()
		b.excuse("request failed: net::ERR_CONNECTION_REFUSED")
		c.halt()
		b.press(".opts label:nth-child(1)")
		b.wait("document.getElementById('saved').dataset.state === 'waiting'")
		last := content(b)
		if last == newest {
			t.Fatal("nothing changed")
		}
		b.closeTab()
		c.start()
		b = v.tab(desktop)
		b.open("/account") // any page but the sitting's
		if got := kept(b, path); got != newest {
			t.Errorf("the closed tab got through after all: %q", got)
		}
		b.open(path)
		if got := content(b); got != last {
			t.Errorf("the new tab shows %q instead of %q", got, last)
		}
		b.wait(isSaved)
		if got := kept(b, path); got != last {
			t.Errorf("the new tab saved %q instead of %q", got, last)
		}
	})

	// Five minutes without a network, in a page whose clock runs ahead; with LEIDA_SOAK the five minutes are real.
	t.Run("five minutes", func(t *testing.T) {
		_, b := begin(t, "B5", "single_choice")
		if !soaking {
			call(b, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: hasty})
			b.open(b.path())
		}
		b.press(".opts label:nth-child(1)")
		b.wait(isSaved)
		first := kept(b, b.path())
		b.excuse("request failed: net::ERR_INTERNET_DISCONNECTED")
		offline(b, true)
		watchMark(b)
		for minute := range 5 {
			b.press(fmt.Sprintf(".opts label:nth-child(%d)", 2+minute%2))
			b.wait("!banner.hidden && document.getElementById('saved').dataset.state === 'waiting'")
			minutes(b, 1)
		}
		newest := content(b)
		if got := marks(b); strings.Contains(got, "saved") {
			t.Errorf("in five minutes without a network the mark went through %s", got)
		}
		if b.count("#answer .opts input:disabled") > 0 || newest == first {
			t.Errorf("the form holds %q, and held %q", newest, first)
		}
		offline(b, false)
		b.wait(isSaved)
		b.wait("banner.hidden")
		b.excuse()
		if got := kept(b, b.path()); got != newest {
			t.Errorf("the network is back, and the server has %q instead of %q", got, newest)
		}
	})

	t.Run("restart", func(t *testing.T) {
		_, b := begin(t, "B2", "multiple_choice")
		b.press(".opts label:nth-child(1)")
		b.wait(isSaved)
		b.excuse("request failed")
		c.halt()
		watchMark(b)
		b.press(".opts label:nth-child(3)")
		b.wait("document.getElementById('saved').dataset.state === 'waiting' && !banner.hidden")
		b.press(".opts label:nth-child(2)")
		pause(b, 2*time.Second)
		if got := marks(b); strings.Contains(got, "saved") {
			t.Errorf("without a server the mark went through %s", got)
		}
		newest := content(b)
		c.start()
		b.waitFor(40*time.Second, isSaved) // the next try may be half a minute off
		b.excuse()
		if got := kept(b, b.path()); got != newest || strings.Count(got, "choices") != 3 {
			t.Errorf("after the restart the server has %q instead of %q", got, newest)
		}
	})

	t.Run("signed out", func(t *testing.T) {
		_, b := begin(t, "B3", "matching")
		answer(b)
		b.wait(isSaved)
		other := newVisitor(t, browser, c).tab(desktop)
		other.signIn("B3", password)
		other.open("/account")
		other.follow("form[action$='/revoke'] button")
		b.excuse("status 401")
		b.focus(".match li:nth-child(2) select")
		b.key(kb.ArrowUp)
		b.wait("!banner.hidden && banner.querySelector('a[href^=\"/login\"]')")
		if got := b.text("#saved"); got != text.Say(text.ZH, "sitting.script.waiting") {
			t.Errorf("signed out the mark says %q", got)
		}
		newest, path := content(b), b.path()
		b.follow("#banner a")
		b.write("#name", "B3")
		b.write("#password", password)
		b.follow("form[action='/login'] button.pri")
		if b.path() != path {
			t.Fatalf("signing in leads to %s instead of %s", b.path(), path)
		}
		b.excuse()
		if got := content(b); got != newest || b.count("form[action$='/take']") > 0 { // the session that held the sitting is gone: nobody is asked
			t.Errorf("after signing in the form holds %q instead of %q", got, newest)
		}
		b.wait(isSaved)
		if got := kept(b, path); got != newest {
			t.Errorf("after signing in, the server has %q instead of %q", got, newest)
		}
	})

	t.Run("taken over", func(t *testing.T) {
		_, first := begin(t, "B4", "single_choice")
		first.press(".opts label:nth-child(1)")
		first.wait(isSaved)
		path := first.path()
		second := newVisitor(t, browser, c).tab(phone)
		second.signIn("B4", password)
		second.open(path)
		if got := second.count("[role=alert] form[action$='/take']"); got != 1 {
			t.Fatalf("the second device is not asked: %s", second.text("main"))
		}
		second.follow("form[action$='/take'] button")
		second.open(path)
		second.press(".opts label:nth-child(2)")
		second.wait(isSaved)
		want := content(second)
		first.excuse("status 409")
		first.press(".opts label:nth-child(3)")
		first.wait("banner.classList.contains('bad') && !banner.hidden")
		if n := first.count("#answer .opts input:disabled"); n == 0 {
			t.Error("the first device may still answer")
		}
		first.excuse()
		if got := kept(second, path); got != want {
			t.Errorf("the server has %q of the first device instead of %q", got, want)
		}
	})
}

// soaking says that there is time for real minutes.
var soaking = os.Getenv("LEIDA_SOAK") != ""

// hasty gives a page a clock that a test puts ahead: timers, dates and counters follow it.
const hasty = `(() => {
	const date = Date.now.bind(Date), counter = performance.now.bind(performance), later = window.setTimeout.bind(window), never = window.clearTimeout.bind(window);
	let ahead = 0, last = 1 << 20;
	const timers = new Map();
	const run = () => { for (const [id, t] of [...timers]) if (t.due <= performance.now() && timers.delete(id)) t.run(); };
	Date.now = () => date() + ahead;
	performance.now = () => counter() + ahead;
	window.setTimeout = (f, ms = 0, ...args) => { timers.set(++last, { due: performance.now() + Number(ms), run: () => f(...args) }); later(run, ms); return last; };
	window.clearTimeout = (id) => { timers.delete(id) || never(id); };
	window.hasten = (ms, steps) => new Promise((done) => { const step = () => { if (steps-- === 0) return done(true); ahead += ms; run(); later(step, 5); }; step(); });
})()`

// minutes lets minutes pass in a page, in steps of a second.
func minutes(b *tab, n int) {
	b.t.Helper()
	for range 6 * n {
		if soaking {
			pause(b, 10*time.Second)
		} else {
			js[bool](b, "hasten(1000, 10)")
		}
	}
}

// offline cuts or restores the network of a tab, and then tells the page, as the system would.
func offline(b *tab, yes bool) {
	b.t.Helper()
	call(b, network.EmulateNetworkConditionsByRule, network.EmulateNetworkConditionsByRuleParams{
		MatchedNetworkConditions: []*network.Conditions{{Offline: yes, DownloadThroughput: -1, UploadThroughput: -1}}})
	call(b, network.OverrideNetworkState, network.OverrideNetworkStateParams{Offline: yes, DownloadThroughput: -1, UploadThroughput: -1})
}

// watchMark notes every state of the saved mark from here on.
func watchMark(b *tab) {
	b.t.Helper()
	js[bool](b, "(window.marks = [], new MutationObserver(() => marks.push(saved.dataset.state)).observe(saved, { attributes: true, attributeFilter: ['data-state'] }), true)")
}

func marks(b *tab) string { b.t.Helper(); return js[string](b, "marks.join(' ')") }

// pause lets time pass in the page: what must not happen has time to happen.
func pause(b *tab, d time.Duration) {
	b.t.Helper()
	js[bool](b, "new Promise((done) => setTimeout(() => done(true), %d))", d.Milliseconds())
}
