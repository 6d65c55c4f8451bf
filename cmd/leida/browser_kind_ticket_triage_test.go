package main

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp/kb"

	"leida/internal/text"
)

func init() {
	kindTests["ticket_triage"] = testTicketTriage
	kindSource["ticket_triage"] = filepath.Join("..", "..", "internal", "item", "testdata", "samples", "aic-triage-0001.yaml")
}

// What the desk shows: the number of the open ticket, and what the queue says of each.
const (
	openTicket  = "[...document.querySelectorAll('.tri-ticket')].findIndex((e) => e.checkVisibility()) + 1"
	queueStates = "[...document.querySelectorAll('.tri-queue .tri-state')].map((e) => e.dataset.state).join(' ')"
)

func testTicketTriage(t *testing.T, browser context.Context, at *centre) {
	t.Run("mouse", func(t *testing.T) { triageByMouse(sitKind(t, browser, at, "ticket_triage", "B1", desktop)) })
	t.Run("touch", func(t *testing.T) { triageByTouch(sitKind(t, browser, at, "ticket_triage", "B2", phone)) })
	t.Run("keys", func(t *testing.T) { triageByKeys(sitKind(t, browser, at, "ticket_triage", "B3", desktop)) })
	t.Run("plain", func(t *testing.T) {
		b := newVisitor(t, browser, at).tab(phone)
		b.plain = true
		call(b, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
		triageWithoutScripts(sitAs(b, "ticket_triage", "B4"))
	})
	t.Run("look", func(t *testing.T) { lookAtTriage(sitKind(t, browser, at, "ticket_triage", "B5", desktop)) })
}

func (b *tab) is(what, expression, want string) {
	b.t.Helper()
	if got := js[string](b, "String(%s)", expression); got != want {
		b.t.Errorf("%s: %s is %q, want %q", what, expression, got, want)
	}
}

// value is the label of a value in the open ticket.
func value(field, value string) string {
	return fmt.Sprintf(".tri-ticket:not([hidden]) label:has([name$='[%s]'][value='%s'])", field, value)
}

func triageByMouse(b *tab) {
	open, all := strings.TrimSpace(strings.Repeat("open ", 7)), 7
	b.is("at first", openTicket, "1")
	b.is("at first", queueStates, open)
	b.is("at first", "document.querySelectorAll('.tri-field:has([data-ai]:checked)').length", fmt.Sprint(4*all))
	if got := b.text(".tri-count"); !strings.Contains(got, "0 / 7") {
		b.t.Errorf("the queue counts %q", got)
	}

	// a change shows at its field, at its ticket and in the queue, and the AI's value comes back by a press
	b.press(value("priority", "P1"))
	b.is("changed", "document.querySelector('.tri-ticket:not([hidden]) .tri-field:has([value=P1]) .tri-changed').checkVisibility()", "true")
	b.is("changed", "document.querySelector('.tri-ticket:not([hidden]) .tri-ai b').checkVisibility()", "true")
	b.is("changed", "document.querySelector('.tri-ticket:not([hidden]) .tri-accept').checkVisibility()", "false")
	b.is("changed", queueStates, strings.Replace(open, "open", "changed", 1))
	b.press(".tri-ticket:not([hidden]) .tri-field:has([value=P1]) .tri-restore")
	b.is("restored", queueStates, open)
	b.is("restored", "document.activeElement.value", "P3")
	b.press(value("priority", "P1"))
	b.press(value("category", "device/hazard"))
	b.press(".tri-on")
	b.is("done", openTicket, "2")

	// the pre-fill of the second is right, and one press says so
	b.press(".tri-on")
	b.is("accepted", openTicket, "3")
	b.is("accepted", queueStates, strings.Replace(open, "open open", "changed accepted", 1))
	// any ticket can be opened, a tick taken back
	b.press(".tri-queue li:nth-child(2) a")
	b.press(".tri-ticket:not([hidden]) .tri-accept")
	b.is("taken back", queueStates, strings.Replace(open, "open", "changed", 1))
	b.press(".tri-back")
	b.is("back", openTicket, "1")
	b.wait("document.getElementById('saved').dataset.state === 'saved'")
	was := content(b)
	if got := kept(b, b.path()); got != was {
		b.t.Errorf("the server has %q of %q", got, was)
	}
	b.open(b.path())
	b.is("loaded again", "document.querySelector('.tri-queue [aria-selected=true] .tri-n').textContent", "2")
	if got := content(b); got != was {
		b.t.Errorf("loaded again it is %q, was %q", got, was)
	}
	handIn(b)
	if got := b.text("article .chip.bad"); got != "" {
		b.t.Errorf("a critical error: %q", got)
	}
	b.is("tickets told", "document.querySelectorAll('.tri-told > li').length", "7")
	b.is("not worked on", "document.querySelectorAll('.tri-told .chip.ghost').length", "6")
}

func triageByTouch(b *tab) {
	b.is("the rules before they are asked for", "document.querySelector('.material').classList.contains('tri-sheet')", "false")
	b.press(".tri-queue li:nth-child(3) a")
	b.is("touched", openTicket, "3")
	b.press(value("priority", "P4"))
	b.press(".tri-rules")
	b.is("the rules are up", "getComputedStyle(document.querySelector('.material')).position", "fixed")
	b.is("the rules are up", "document.querySelector('.tri-rules').getAttribute('aria-expanded')", "true")
	if y := js[float64](b, "document.querySelector('.material').getBoundingClientRect().top / innerHeight"); y < 0.3 || y > 0.7 {
		b.t.Errorf("the rules begin at %.2f of the window", y)
	}
	b.press(value("department", "BILL")) // above them the ticket can be worked on
	b.press(".tri-close")
	b.is("the rules are down", "getComputedStyle(document.querySelector('.material')).position", "static")
	b.press(".tri-on")
	b.is("confirmed", openTicket, "4")
	b.is("small targets", `[...document.querySelectorAll('.tri :is(a, button, label)')].filter((e) => e.checkVisibility() && !e.matches('.tri-restore')).map((e) => e.getBoundingClientRect()).filter((r) => r.height < 44 || r.width < 44).length`, "0")
	for range 6 {
		b.press(".tri-on")
	}
	b.is("all done", queueStates, "accepted accepted changed accepted accepted accepted accepted")
	if got := b.text(".tri-live"); got != text.Say(text.ZH, "triage.all_done", "all", 7) {
		b.t.Errorf("at the end it says %q", got)
	}
	b.wait("document.getElementById('saved').dataset.state === 'saved'")
	was := content(b)
	b.open(b.path())
	if got := content(b); got != was {
		b.t.Errorf("loaded again it is %q, was %q", got, was)
	}
	handIn(b)
	if b.count("article .tri-told .chip.bad") != 1 {
		b.t.Error("the critical error of the first ticket is not told")
	}
}

func triageByKeys(b *tab) {
	b.focus(".tri-queue [aria-selected=true]")
	b.key(kb.ArrowDown)
	b.key(kb.End)
	b.is("to the end", openTicket, "7")
	b.key(kb.Home)
	b.is("to the first", openTicket, "1")
	b.key(kb.ArrowRight)
	b.is("on", openTicket, "2")
	b.is("the focus stays in the queue", "document.activeElement.getAttribute('aria-selected')", "true")
	b.key(kb.ArrowUp)
	b.key(kb.Tab) // into the fields of the first
	b.is("fields by Tab", "document.activeElement.name", "tickets[t1][category]")
	b.key(kb.ArrowDown)
	b.is("a value by arrow", "document.activeElement.value", "network/slow")
	b.key(kb.ArrowUp)
	for _, field := range []string{"priority", "department", "sla"} {
		b.key(kb.Tab)
		b.is("the next field", "document.activeElement.name", "tickets[t1]["+field+"]")
	}
	b.key(kb.Enter, kb.ModifierCtrl)
	b.is("confirmed", openTicket, "2")
	b.is("confirmed", "document.activeElement.id", "tri-t2")
	b.is("confirmed", queueStates, "accepted open open open open open open")
	b.key(kb.PageDown, kb.ModifierAlt)
	b.is("next", openTicket, "3")
	b.key(kb.PageUp, kb.ModifierAlt)
	b.key(kb.PageUp, kb.ModifierAlt)
	b.is("back", openTicket, "1")
	b.key(kb.Tab)
	b.key(kb.Tab)
	b.key(kb.ArrowUp)
	b.is("changed", queueStates, "changed open open open open open open")
	b.key(kb.Tab)
	b.is("on", "document.activeElement.name", "tickets[t1][department]")
	b.wait("document.getElementById('saved').dataset.state === 'saved'")
	was := content(b)
	b.open(b.path())
	if got := content(b); got != was {
		b.t.Errorf("loaded again it is %q, was %q", got, was)
	}
}

// triageWithoutScripts works on two tickets by the form alone.
func triageWithoutScripts(b *tab) {
	sitting := sittingOf(b)
	b.is("all tickets are there", "[...document.querySelectorAll('.tri-ticket')].filter((e) => e.checkVisibility()).length", "7")
	b.follow(".acts button[value=next]") // handed in as it was drawn
	b.is("an untouched page", "document.querySelectorAll('ul.left li').length", "1")
	b.open(sitting + "/items/1")
	b.press("#tri-t1 label:has([value=P1])")
	b.is("a change shows", "document.querySelector('#tri-t1 .tri-field:has([value=P1]) .tri-changed').checkVisibility()", "true")
	b.press("#tri-t2 .tri-accept")
	keepShot(b, "kind-ticket_triage-plain.png")
	b.follow(".acts button[value=next]")
	b.open(sitting + "/items/1")
	b.is("kept", queueStates, "changed accepted open open open open open")
	b.open(sitting + "/submit")
	b.follow("form[action$='/submit'] button.pri")
	b.is("told", "document.querySelectorAll('.tri-told > li').length", "7")
	b.is("not worked on", "document.querySelectorAll('.tri-told .chip.ghost').length", "5")
}

// lookAtTriage works as a person does who is good and makes slips: what is photographed has everything in it.
func lookAtTriage(b *tab) {
	item := b.path()
	look(b, "kind-ticket_triage-fresh", "zh")
	b.resize(desktop)
	b.speak("zh")
	b.open(item)
	for i, changes := range [][]string{
		{"category device/hazard", "priority P1", "department SEC", "sla 30m"},
		{},
		{"category billing/dispute", "priority P3", "department BILL", "sla 24h"},
		{"category billing/refund", "sla 2h"},
		{"priority P2"},
		{"category network/slow", "priority P4", "department NOC"},
	} {
		b.press(fmt.Sprintf(".tri-queue li:nth-child(%d) a", i+1))
		for _, c := range changes {
			field, v, _ := strings.Cut(c, " ")
			b.press(value(field, v))
		}
		if len(changes) == 0 {
			b.press(".tri-on")
		}
	}
	b.wait("document.getElementById('saved').dataset.state === 'saved'")
	for _, lang := range text.Langs {
		b.resize(desktop)
		b.speak(string(lang))
		b.open(item)
		b.press(".tri-queue li:nth-child(3) a")
		look(b, "kind-ticket_triage-asked", string(lang))
		if lang == text.ZH {
			b.press(".tri-rules")
			keepShot(b, "kind-ticket_triage-rules.png")
			b.press(".tri-close")
		}
	}
	b.resize(desktop)
	handIn(b)
	for _, lang := range text.Langs {
		b.speak(string(lang))
		b.open(b.path())
		look(b, "kind-ticket_triage-explained", string(lang))
	}
}
