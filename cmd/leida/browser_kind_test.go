package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"

	"leida/internal/item"
	"leida/internal/text"
)

// kindTests are the browser tests of kinds of items, each laid down by a file of its own: what a person does on the kind's page, by mouse, by touch and by keys. The page is that of a sitting
// of one item, see sitKind.
var kindTests = map[string]func(t *testing.T, browser context.Context, at *centre){}

// kindSource is the definition that a kind's page is tried and photographed with, below internal/item/testdata or assessments/items; without one the kind's first fixture.
var kindSource = map[string]string{}

// kindLines are what a definition must say to be drawn by the form of its kind, whatever it says.
var kindLines = regexp.MustCompile(`(?m)^(status|use|tags):.*\n`)

var kindID = regexp.MustCompile(`(?m)^id: (.*)$`)

// triedKinds are the kinds that have browser tests.
func triedKinds() []string {
	var out []string
	for _, kind := range item.KindNames() {
		if only := os.Getenv("LEIDA_KIND"); kindTests[kind] != nil && (only == "" || only == kind) {
			out = append(out, kind)
		}
	}
	return out
}

// kindTitle is the name of the form that draws one item of a kind.
func kindTitle(kind string) string { return "题型 " + kind }

// kindCentre is a small centre where everybody is asked to sit one form of one item for every kind that has browser tests.
func kindCentre(t *testing.T, browser context.Context) *centre {
	t.Helper()
	sources := map[string]string{}
	for _, kind := range triedKinds() {
		sources[kind] = kindSource[kind]
		if sources[kind] == "" {
			fixtures, _ := filepath.Glob(filepath.Join("..", "..", "internal", "item", "testdata", kind, "*.yaml"))
			sources[kind] = fixtures[0]
		}
	}
	return centreOfItems(t, browser, sources)
}

// centreOfItems is a small centre where everybody is asked to sit one form for each of some definitions, which go by a name: the kind's, or another where a kind is tried with several.
func centreOfItems(t *testing.T, browser context.Context, sources map[string]string) *centre {
	t.Helper()
	defs := map[string]string{}
	for name, source := range sources {
		raw, err := os.ReadFile(source)
		if err != nil {
			t.Fatal(err)
		}
		body := strings.TrimRight(kindLines.ReplaceAllString(string(raw), ""), "\n") + "\nstatus: live\nuse: [cycle]\ntags: {scenario: kind-" + name + ", channel: chat, cognition: judge}\n"
		body = kindID.ReplaceAllString(body, "id: ${1}-tried") // the bank may have the item itself
		found := func(form string) string { return regexp.MustCompile(form).FindStringSubmatch(body)[1] }
		form := fmt.Sprintf("schema: leida/assessment@1\nid: %s\nversion: 1\nkind: cycle\ntitle: {zh: \"%s\"}\ntime_limit_s: 3600\nsections:\n  - {domain: %s, weight: 1, draw: [{type: %s, n: 1, tags: {scenario: kind-%s}}]}\ncounts: true\n",
			formOf(name), kindTitle(name), found(`sub: ([A-Z]{3}\.\d)`), found(`(?m)^type: (\w+)`), name)
		defs["item-"+name], defs["form-"+name] = body, form
	}
	at := centreOf(t, defs)
	trainer := newVisitor(t, browser, at).tab(desktop)
	trainer.signIn("T1", password)
	for name := range sources {
		assign(trainer, formOf(name))
	}
	trainer.closeTab()
	return at
}

func formOf(kind string) string { return "kind-" + strings.ReplaceAll(kind, "_", "-") }

// sitKind begins a sitting of a kind's form as one of the agents B1..B6, in Chinese, and opens its one item; an item with a clock of its own waits for it to be started. Each agent sits a form once.
func sitKind(t *testing.T, browser context.Context, at *centre, kind, agent string, s screen) *tab {
	t.Helper()
	return sitAs(newVisitor(t, browser, at).tab(s), kind, agent)
}

// sitKindPlain is sitKind where no scripts run.
func sitKindPlain(t *testing.T, browser context.Context, at *centre, kind, agent string) *tab {
	t.Helper()
	b := newVisitor(t, browser, at).tab(desktop)
	b.plain = true
	call(b, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
	return sitAs(b, kind, agent)
}

func sitAs(b *tab, kind, agent string) *tab {
	b.t.Helper()
	b.speak("zh")
	b.signIn(agent, password)
	b.open("/")
	b.leave(func() {
		b.pressAt(fmt.Sprintf(`[...document.querySelectorAll("form[action$='/start']")].find((f) => f.closest('li, section').textContent.includes(%q)).querySelector('button')`, kindTitle(kind)))
	})
	return b
}

// looks is look in both languages.
func looks(b *tab, name string) {
	b.t.Helper()
	s := b.screen
	for _, l := range text.Langs {
		b.speak(string(l))
		b.open(b.path())
		look(b, name, string(l))
	}
	b.speak(string(text.ZH))
	b.resize(s)
	b.open(b.path())
}

// handIn hands a sitting in and comes to its result.
func handIn(b *tab) {
	b.t.Helper()
	b.open(sittingOf(b) + "/submit")
	b.follow("form[action$='/submit'] button.pri")
	if b.count("article") == 0 {
		b.t.Fatalf("no result: %s", b.text("main"))
	}
}

// testKinds runs the tests of all kinds; LEIDA_KIND names one that runs alone.
func testKinds(t *testing.T, browser context.Context) {
	at := kindCentre(t, browser)
	for _, kind := range triedKinds() {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			kindTests[kind](t, browser, at)
		})
	}
}
