package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/cdproto/audits"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/fetch"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// TestBrowser drives the whole program with a real browser: one browser for all, an incognito context for each visitor.
// Every tab fails its test when a page breaks its content policy, throws, logs a warning or cannot load something.
func TestBrowser(t *testing.T) {
	ctx := startBrowser(t)
	t.Cleanup(func() { os.RemoveAll(demoSource.data) })
	for _, test := range []struct {
		name  string
		short bool // runs with -short too, where the race detector looks at the server behind the browser
		alone bool // it measures time
		run   func(*testing.T, context.Context)
	}{
		{"FirstContent", false, true, testFirstContent},
		{"Detectors", false, false, testDetectors},
		{"Sweep", false, false, testSweep},
		{"Kinds", false, false, testKinds},
		{"Journey", true, false, testJourney},
		{"SignIn", true, false, testSignIn},
		{"Plain", false, false, testWithoutScripts},
		{"Network", false, false, testNetwork},
		{"Gap", false, false, testGap},
		{"Hostile", false, false, testHostile},
		{"Print", false, false, testPrint},
		{"Readme", false, false, testReadmeShot},
	} {
		if testing.Short() && !test.short {
			continue
		}
		t.Run(test.name, func(t *testing.T) {
			if !test.alone {
				t.Parallel()
			}
			test.run(t, ctx)
		})
	}
}

// startBrowser is the browser of all tests. Without one they are skipped, but not where CI says that there must be one.
func startBrowser(t *testing.T) context.Context {
	t.Helper()
	var path string
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if p, err := exec.LookPath(name); err == nil {
			path = p
			break
		}
	}
	if path == "" {
		const none = "no chromium, chromium-browser or google-chrome in PATH: browser tests not run"
		if os.Getenv("CI") == "true" {
			t.Fatal(none)
		}
		t.Skip(none)
	}
	opts := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.UserDataDir(t.TempDir()), chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true),
		chromedp.Flag("font-render-hinting", "none"), chromedp.Flag("accept-lang", "zh-CN,zh"))
	allocator, stop := chromedp.NewExecAllocator(context.Background(), opts...)
	t.Cleanup(stop)
	ctx, cancel := chromedp.NewContext(allocator)
	t.Cleanup(cancel)
	t.Cleanup(func() { _ = chromedp.Cancel(ctx) }) // waits, so that the profile directory can be removed
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("the browser does not start: %v", err)
	}
	return ctx
}

// visitor is one incognito window: cookies and storage of its own, shared by its tabs.
type visitor struct {
	t   *testing.T
	ctx context.Context
	at  *centre
}

func newVisitor(t *testing.T, browser context.Context, at *centre) *visitor {
	t.Helper()
	ctx, cancel := chromedp.NewContext(browser, chromedp.WithNewBrowserContext())
	t.Cleanup(cancel)
	if err := chromedp.Do(ctx); err != nil {
		t.Fatal(err)
	}
	return &visitor{t: t, ctx: ctx, at: at}
}

// screen is what a person looks at and points with.
type screen struct {
	width, height int64
	touch         bool
}

var (
	desktop = screen{1280, 900, false}
	phone   = screen{360, 740, true}
)

// tab is one tab of a visitor. What goes wrong in it is noted and fails the test at its end.
type tab struct {
	t      *testing.T
	ctx    context.Context
	at     *centre
	screen screen
	plain  bool // no scripts run

	mu      sync.Mutex
	trouble []string
	excused []string
	issues  []func(any)
}

const policyWatch = `addEventListener('securitypolicyviolation', (e) => console.error('policy violation: ' + e.effectiveDirective + ' ' + e.blockedURI + ' ' + e.sourceFile + ':' + e.lineNumber + ' ' + e.sample))`

func (v *visitor) tab(s screen) *tab {
	v.t.Helper()
	b := &tab{t: v.t, at: v.at, screen: s}
	ctx, cancel := chromedp.NewContext(v.ctx, chromedp.WithListener(b.hear))
	b.ctx = ctx
	v.t.Cleanup(func() {
		b.check()
		cancel()
	})
	b.do(func(ctx context.Context, t *chromedp.Target) (chromedp.Void, error) {
		_, err := cdp.Call(ctx, t, audits.Enable, cdp.Empty{})
		if err == nil {
			_, err = cdp.Call(ctx, t, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: policyWatch})
		}
		return chromedp.Void{}, err
	})
	b.resize(s)
	return b
}

func (b *tab) resize(s screen) {
	b.t.Helper()
	b.screen = s
	var more []chromedp.EmulateViewportOption
	if s.touch {
		more = append(more, chromedp.EmulateMobile, chromedp.EmulateTouch)
	}
	b.do(chromedp.EmulateViewport(s.width, s.height, more...))
}

// hear notes what goes wrong. It runs inside the loop that reads the browser's messages, so it only notes.
func (b *tab) hear(event any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, f := range b.issues {
		f(event)
	}
	switch e := event.(type) {
	case *runtime.EventConsoleAPICalled:
		if e.Type == runtime.ConsoleAPICalledTypeError || e.Type == runtime.ConsoleAPICalledTypeWarning || e.Type == runtime.ConsoleAPICalledTypeAssert {
			b.note("console: " + words(e.Args))
		}
	case *runtime.EventExceptionThrown:
		d := e.ExceptionDetails
		b.note(fmt.Sprintf("exception: %s %s %s:%d", d.Text, words([]*runtime.RemoteObject{d.Exception}), d.URL, d.LineNumber+1))
	case *log.EventEntryAdded:
		if e.Entry.Source != log.EntrySourceNetwork && (e.Entry.Level == log.EntryLevelError || e.Entry.Level == log.EntryLevelWarning) {
			b.note(fmt.Sprintf("log: %s %s %s", e.Entry.Source, e.Entry.Text, e.Entry.URL))
		}
	case *audits.EventIssueAdded:
		if d := e.Issue.Details.ContentSecurityPolicyIssueDetails; d != nil {
			b.note(fmt.Sprintf("policy violation: %s %s", d.ViolatedDirective, d.BlockedURL))
		}
	case *network.EventResponseReceived:
		if e.Response.Status >= 400 {
			b.note(fmt.Sprintf("status %d %s", e.Response.Status, e.Response.URL))
		}
	case *network.EventLoadingFailed:
		if !e.Canceled && e.ErrorText != "net::ERR_ABORTED" {
			b.note("request failed: " + e.ErrorText)
		}
	}
}

func words(args []*runtime.RemoteObject) string {
	var out []string
	for _, a := range args {
		if a == nil {
			continue
		}
		out = append(out, strings.Trim(string(a.Value), `"`)+a.Description)
	}
	return strings.Join(out, " ")
}

func (b *tab) note(what string) {
	for _, e := range b.excused {
		if strings.Contains(what, e) {
			return
		}
	}
	b.trouble = append(b.trouble, what)
}

// excuse names what the test itself brings about from here on; without names nothing is excused any more.
func (b *tab) excuse(parts ...string) {
	b.settle()
	b.mu.Lock()
	defer b.mu.Unlock()
	b.excused = parts
}

// check fails the test for what went wrong so far, and forgets it.
func (b *tab) check(where ...any) {
	b.t.Helper()
	b.settle()
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, what := range b.trouble {
		b.t.Error(append(where, what)...)
	}
	b.trouble = nil
}

// cutSaves keeps every save of the tab from the server until it is restored; lose is what becomes of one.
// A request that is held when the network comes back goes on by itself, so that losing it fails from then on.
func (b *tab) cutSaves(lose func(fetch.RequestID) error) (restore func()) {
	b.t.Helper()
	var restored atomic.Bool
	b.mu.Lock()
	b.issues = append(b.issues, func(event any) {
		p, ok := event.(*fetch.EventRequestPaused)
		if !ok {
			return
		}
		go func() {
			var err error
			if p.Request.Method == http.MethodPost {
				err = lose(p.RequestID)
			} else {
				_, err = chromedp.Call(b.ctx, fetch.ContinueRequest, fetch.ContinueRequestParams{RequestID: p.RequestID})
			}
			if err != nil && !restored.Load() {
				b.mu.Lock()
				defer b.mu.Unlock()
				b.note("a held request: " + err.Error())
			}
		}()
	})
	b.mu.Unlock()
	call(b, fetch.Enable, fetch.EnableParams{Patterns: []*fetch.RequestPattern{{URLPattern: "*/items/*", RequestStage: fetch.RequestStageRequest}}})
	return func() {
		b.t.Helper()
		restored.Store(true)
		call(b, fetch.Disable, cdp.Empty{})
	}
}

// settle waits until everything that the browser said so far has been heard.
func (b *tab) settle() { _, _ = chromedp.Run(b.ctx, chromedp.Evaluate[int]("1")) }

const patience = 15 * time.Second

func (b *tab) do(steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	if chromedp.FromContext(b.ctx).Target == nil { // the first call binds the tab's life to its context
		if err := chromedp.Do(b.ctx); err != nil {
			b.t.Fatal(err)
		}
	}
	ctx, cancel := context.WithTimeout(b.ctx, 2*patience)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		b.t.Fatal(err)
	}
}

// call sends a command of the protocol.
func call[P, R any](b *tab, command cdp.Command[P, R], params P) R {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, 2*patience)
	defer cancel()
	r, err := chromedp.Call(ctx, command, params)
	if err != nil {
		b.t.Fatalf("%s: %v", command.Method, err)
	}
	return r
}

// js is the value of an expression in the page; a promise is awaited.
func js[T any](b *tab, format string, args ...any) T {
	b.t.Helper()
	v, err := try[T](b, format, args...)
	if err != nil {
		b.t.Fatalf("%.200s: %v", fmt.Sprintf(format, args...), err)
	}
	return v
}

func try[T any](b *tab, format string, args ...any) (T, error) {
	expression := format
	if len(args) > 0 {
		expression = fmt.Sprintf(format, args...)
	}
	ctx, cancel := context.WithTimeout(b.ctx, 4*patience)
	defer cancel()
	return chromedp.Run(ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
}

// wait waits until a condition holds in the page, over any number of navigations.
func (b *tab) wait(format string, args ...any) {
	b.t.Helper()
	b.waitFor(patience, format, args...)
}

func (b *tab) waitFor(most time.Duration, format string, args ...any) {
	b.t.Helper()
	var err error
	for end := time.Now().Add(most); time.Now().Before(end); {
		var ok bool
		if ok, err = try[bool](b, "Boolean("+format+")", args...); ok {
			return
		}
		select {
		case <-b.ctx.Done():
			b.t.Fatal(b.ctx.Err())
		case <-time.After(20 * time.Millisecond):
		}
	}
	where, _ := try[string](b, "location.pathname + ': ' + document.body.innerText.slice(0, 600)")
	b.t.Fatalf("still not: %s (%v)\n%s", fmt.Sprintf(format, args...), err, where)
}

// settled are pages whose scripts have done their first work.
const (
	arrived = "document.readyState === 'complete' && !window.leaving"
	settled = arrived + ` && !document.querySelector('#answer[inert]') &&
	![...document.querySelectorAll('figure.chart[data-option]')].some((f) => f.clientWidth && !('ready' in f.dataset))`
)

func (b *tab) open(path string) {
	b.t.Helper()
	b.do(chromedp.Navigate(b.at.url + path))
	b.arrive()
}

func (b *tab) arrive() {
	b.t.Helper()
	if b.plain {
		b.wait(arrived)
		return
	}
	b.wait(settled)
}

func (b *tab) path() string { b.t.Helper(); return js[string](b, "location.pathname") }

// text is what a person reads in the first element of a selector.
func (b *tab) text(selector string) string {
	b.t.Helper()
	return js[string](b, "document.querySelector(%q)?.innerText.trim() ?? ''", selector)
}

func (b *tab) count(selector string) int {
	b.t.Helper()
	return js[int](b, "document.querySelectorAll(%q).length", selector)
}

// spot finds where to point at an element: in the middle of the window, and not covered by another.
const spot = `((selector, x, y) => {
	const e = typeof selector === 'string' ? document.querySelector(selector) : selector;
	if (!e) return { why: 'there is none' };
	e.scrollIntoView({ block: 'center', inline: 'nearest', behavior: 'instant' });
	const r = e.getClientRects()[0];
	if (!r || !r.width || !r.height) return { why: 'it has no size' };
	const at = { x: r.x + r.width / 2, y: r.y + r.height / 2 };
	const top = document.elementFromPoint(at.x, at.y);
	if (!top || !(e.contains(top) || top.closest('label')?.contains(e))) return { why: 'it is covered by ' + top?.outerHTML.slice(0, 120) };
	return { ...at, why: '' };
})`

// press clicks or taps an element as a person does: where it is seen.
func (b *tab) press(selector string) {
	b.t.Helper()
	b.pressAt(fmt.Sprintf("%q", selector))
}

// pressText presses the first element of a selector that reads so.
func (b *tab) pressText(selector, words string) {
	b.t.Helper()
	b.pressAt(fmt.Sprintf("[...document.querySelectorAll(%q)].find((e) => e.textContent.includes(%q))", selector, words))
}

func (b *tab) pressAt(element string) {
	b.t.Helper()
	type place struct {
		X, Y float64
		Why  string
	}
	var p place
	for end := time.Now().Add(patience / 3); ; {
		p = js[place](b, "%s(%s)", spot, element)
		if p.Why == "" || time.Now().After(end) {
			break
		}
	}
	if p.Why != "" {
		b.t.Fatalf("%s cannot be pressed on %s: %s", element, b.path(), p.Why)
	}
	if b.screen.touch {
		b.tap(p.X, p.Y)
		return
	}
	b.do(chromedp.MouseClickXY(p.X, p.Y))
}

// tap touches the screen until the page hears a click. A browser that is held up between the end of a touch and its click forgets the click; a person touches again.
// Where no scripts run, nobody can tell whether the page has heard it.
func (b *tab) tap(x, y float64) {
	b.t.Helper()
	if b.plain {
		b.do(chromedp.TapXY(x, y))
		return
	}
	for range 3 {
		js[bool](b, "(window.touched = true, addEventListener('click', () => { window.touched = false; }, { capture: true, once: true }), true)")
		b.do(chromedp.TapXY(x, y))
		for end := time.Now().Add(patience / 5); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
			if waits, err := try[bool](b, "Boolean(window.touched)"); err == nil && !waits { // another page knows of no touch
				return
			}
		}
	}
	b.t.Fatalf("a touch at %v, %v on %s is no click", x, y, b.path())
}

// follow presses what leads to another page and waits for that.
func (b *tab) follow(selector string) {
	b.t.Helper()
	b.leave(func() { b.press(selector) })
}

func (b *tab) followText(selector, words string) {
	b.t.Helper()
	b.leave(func() { b.pressText(selector, words) })
}

// leave does what leads to another page and waits for that.
func (b *tab) leave(by func()) {
	b.t.Helper()
	js[bool](b, "window.leaving = true")
	by()
	b.arrive()
}

// key presses a key, with modifiers, on what has the focus.
func (b *tab) key(k string, modifiers ...kb.Modifier) {
	b.t.Helper()
	b.do(chromedp.KeyEvent(k, chromedp.KeyModifiers(modifiers...)))
}

func (b *tab) focus(selector string) {
	b.t.Helper()
	js[bool](b, "(document.querySelector(%q).focus(), true)", selector)
}

// write puts text into a field by keys, after what is there has been deleted.
func (b *tab) write(selector, words string) {
	b.t.Helper()
	b.focus(selector)
	js[bool](b, "(document.activeElement.select(), true)")
	if words == "" {
		b.key(kb.Delete)
		return
	}
	b.do(chromedp.KeyEvent(words))
}

func (b *tab) signIn(login, password string) {
	b.t.Helper()
	b.open("/login")
	b.write("#name", login)
	b.write("#password", password)
	b.follow("form[action='/login'] button.pri")
	if b.path() == "/login" {
		b.t.Fatalf("%s cannot sign in: %s", login, b.text("main"))
	}
}

// speak sets the language of the interface on this device, as the language switch does.
func (b *tab) speak(lang string) {
	b.t.Helper()
	call(b, network.SetCookie, network.SetCookieParams{Name: "leida_lang", Value: lang, URL: b.at.url})
}

// closeTab closes the tab as a person does; its storage stays with the visitor.
func (b *tab) closeTab() {
	b.t.Helper()
	b.check()
	if err := chromedp.Do(b.ctx, func(ctx context.Context, t *chromedp.Target) (chromedp.Void, error) {
		_, err := cdp.Call(ctx, t, page.Close, cdp.Empty{})
		return chromedp.Void{}, err
	}); err != nil && !errors.Is(err, context.Canceled) {
		b.t.Fatal(err)
	}
	gone, err := chromedp.Detached(b.ctx)
	if err != nil {
		b.t.Fatal(err)
	}
	select {
	case <-gone:
	case <-time.After(patience):
		b.t.Fatal("the tab does not close")
	}
}
