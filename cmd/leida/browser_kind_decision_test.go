package main

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/fetch"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"leida/internal/text"
)

func init() {
	kindTests["ai_decision_series"] = testDecisionKind
	kindSource["ai_decision_series"] = "../../internal/item/testdata/samples/aic-decision-0001.yaml"
}

const decisionSaved = "document.getElementById('saved').dataset.state === 'saved'"

// chatShown is the number of the one chat that is shown.
func chatShown(b *tab) string {
	b.t.Helper()
	return js[string](b, "[...document.querySelectorAll('.case')].filter((c) => c.offsetHeight > 0).map((c) => c.dataset.n).join(' ')")
}

// chatStates are what the list of chats says of each.
func chatStates(b *tab) string {
	b.t.Helper()
	return js[string](b, "[...document.querySelectorAll('.chats .state')].map((e) => e.textContent).join(' ')")
}

// inChat is the selector of something in the chat that is shown.
func inChat(selector string) string { return ".case:not([hidden]) " + selector }

func testDecisionKind(t *testing.T, browser context.Context, at *centre) {
	t.Run("mouse", func(t *testing.T) { decideByMouse(t, browser, at) })
	t.Run("keys", func(t *testing.T) { decideByKeys(t, browser, at) })
	t.Run("touch", func(t *testing.T) { decideByTouch(t, browser, at) })
	t.Run("plain", func(t *testing.T) { decideWithoutScripts(t, browser, at) })
	two := centreOfItems(t, browser, map[string]string{"two_stage": cmp.Or(os.Getenv("LEIDA_TWO_STAGE"), "../../internal/item/testdata/ai_decision_series/two_stage.yaml")})
	t.Run("two stages", func(t *testing.T) { decideInTwoStages(t, browser, two) })
	t.Run("two stages by keys", func(t *testing.T) { decideInTwoStagesByKeys(t, browser, two) })
	t.Run("two stages, plain", func(t *testing.T) { decideInTwoStagesWithoutScripts(t, browser, two) })
	t.Run("two stages, network lost", func(t *testing.T) { lockWithoutNetwork(t, browser, two) })
}

func decideByMouse(t *testing.T, browser context.Context, at *centre) {
	b := sitKind(t, browser, at, "ai_decision_series", "B1", desktop)
	if got := chatShown(b); got != "1" {
		t.Fatalf("chats %q are shown", got)
	}
	looks(b, "kind-ai_decision_series-asked")

	b.press(inChat(".act.edit"))
	b.wait("document.activeElement.closest('.edits')")
	b.press(inChat(".edits label:nth-of-type(2)"))
	b.press(inChat(".sure .quick button:nth-child(4)"))
	if got := js[string](b, "document.querySelector('#sure-c1').value"); got != "80" {
		t.Errorf("how sure: %q", got)
	}
	b.press(".turns button:last-child")
	if got := chatShown(b) + " " + js[string](b, "document.activeElement.dataset.n ?? ''"); got != "2 2" {
		t.Errorf("next leads to chat and focus %s", got)
	}
	b.press(inChat(".act:nth-of-type(1)"))
	b.press(".chats li:nth-child(5) a")
	b.press(inChat(".do .act:has([value=escalate])"))
	b.press(".turns button:first-child")
	b.press(inChat(".do .act:has([value=reject])"))
	b.press(inChat(".do .act:has([value=accept])")) // another mind
	b.wait(decisionSaved)
	want := "修改 采纳 未决定 采纳 升级 未决定 未决定 未决定 未决定 未决定"
	if got := chatStates(b); got != want {
		t.Errorf("the list says %s", got)
	}
	sent := content(b)
	b.open(b.path())
	if got := content(b); got != sent || chatStates(b) != want || kept(b, b.path()) != sent {
		t.Errorf("after a reload %q, was %q; the list says %s", got, sent, chatStates(b))
	}
	if got := chatShown(b); got != "3" {
		t.Errorf("it goes on with chat %q", got)
	}
	b.press(".chats li:nth-child(1) a") // with its edits open
	for _, f := range axe(b, false) {
		t.Errorf("with the edits open: %s", f)
	}
	keepShot(b, "kind-ai_decision_series-edits.png")
	looks(b, "kind-ai_decision_series-answered")
	for i, act := range []string{"", "", "accept", "", "accept", "escalate", "", "accept", "accept", "reject"} {
		if act != "" {
			b.press(fmt.Sprintf(".chats li:nth-child(%d) a", i+1))
			b.press(inChat(".do .act:has([value=" + act + "])"))
		}
	}
	b.wait(decisionSaved)
	handIn(b)
	if b.count(".ledger tbody") != 10 || b.count(".ledger .false .chip.bad") != 1 || b.text(".remember b") == "" {
		t.Errorf("the result has %d cases, %d critical", b.count(".ledger tbody"), b.count(".ledger .false .chip.bad"))
	}
	looks(b, "kind-ai_decision_series-explained")
}

func decideByKeys(t *testing.T, browser context.Context, at *centre) {
	b := sitKind(t, browser, at, "ai_decision_series", "B2", desktop)
	b.key("1")
	if got := js[string](b, "document.activeElement.value"); got != "accept" {
		t.Errorf("key 1 leaves the focus on %q", got)
	}
	if b.text(".desk > .vh") == "" {
		t.Error("nothing is spoken of a key")
	}
	b.key("2")
	b.wait("document.activeElement.closest('.edits')")
	b.key(kb.ArrowDown) // from the first edit to the second
	b.wait("document.activeElement.value === 'edit:c1e2' && document.activeElement.checked")
	b.key("4")
	b.key("3")
	if got := js[string](b, "new FormData(document.getElementById('answer')).get('decisions[c1]')"); got != "reject" {
		t.Errorf("keys choose %q", got)
	}
	b.focus(inChat(".sure input"))
	b.key("4") // typed, not chosen
	b.key("2")
	if got := js[string](b, "['decisions[c1]', 'confidence[c1]'].map((n) => new FormData(document.getElementById('answer')).get(n)).join()"); got != "reject,42" {
		t.Errorf("while typing: %q", got)
	}
	b.focus(".turns button:last-child")
	b.key(kb.Enter)
	b.key("4")
	if got := chatStates(b); !strings.HasPrefix(got, "不采用 升级 未决定") {
		t.Errorf("the list says %s", got)
	}
	// who does not want the keys switches them off, for good
	b.focus(".keys input")
	b.key(" ")
	b.key("1")
	b.wait(decisionSaved)
	b.open(b.path())
	b.key("1")
	if got := chatStates(b); !strings.HasPrefix(got, "不采用 升级 未决定") {
		t.Errorf("with the keys off the list says %s", got)
	}
	// a list of chats is a list of links
	b.focus(".chats li:nth-child(9) a")
	b.key(kb.Enter)
	if got := chatShown(b); got != "9" {
		t.Errorf("the link leads to chat %q", got)
	}
	sureUnread(b)
}

// sureUnread types what is no share of a hundred: it is told and kept out, all else is saved, and it is saved once it is mended.
func sureUnread(b *tab) {
	b.t.Helper()
	b.press(".chats li:nth-child(3) a")
	b.write("#sure-c3", "750")
	b.press(inChat(".do .act:has([value=accept])"))
	if b.count("#sure-c3[aria-invalid=true]:not([name])") != 1 || b.text(inChat(".unread")) != text.Say(text.ZH, "ai_decision_series.unread") || !js[bool](b, "document.querySelector('#sure-c3').getAttribute('aria-describedby').split(' ').every((id) => document.getElementById(id))") {
		b.t.Errorf("what is no share is told so: %q", b.text(inChat(".unread")))
	}
	for _, f := range axe(b, false) {
		b.t.Errorf("with a field that cannot be read: %s", f)
	}
	keepShot(b, "kind-ai_decision_series-unread.png")
	b.wait(decisionSaved)
	if got := kept(b, b.path()); !strings.Contains(got, "decisions%5Bc3%5D=accept") || strings.Contains(got, "750") {
		b.t.Errorf("beside what cannot be read the server has %s", got)
	}
	b.press(".chats li:nth-child(4) a")
	page := b.path()
	b.press(".acts button[value=next]")
	b.wait("document.activeElement.id === 'sure-c3'")
	if chatShown(b) != "3" || b.path() != page {
		b.t.Errorf("with a field that cannot be read it went on to %s untold", b.path())
	}
	b.write("#sure-c3", "75")
	b.wait("document.querySelector('#case-c3 .unread').textContent === '' && !document.querySelector('#sure-c3').hasAttribute('aria-invalid')")
	b.wait(decisionSaved)
	if got := kept(b, b.path()); !strings.Contains(got, "confidence%5Bc3%5D=75") {
		b.t.Errorf("once it is mended the server has %s", got)
	}
}

func decideByTouch(t *testing.T, browser context.Context, at *centre) {
	b := sitKind(t, browser, at, "ai_decision_series", "B3", phone)
	if js[bool](b, "document.querySelector('.material .reference').offsetHeight > 0") {
		t.Error("on a phone the policy is open before anybody asks")
	}
	b.press(".material h2 button")
	b.wait("document.querySelector('.material .reference').offsetHeight > 0")
	b.press(".material h2 button")
	b.press(inChat(".act.edit"))
	b.press(inChat(".edits label:nth-of-type(3)"))
	b.press(".turns button:last-child")
	b.press(inChat(".do .act:has([value=escalate])"))
	b.press(inChat(".policy"))
	b.wait("document.querySelector('.material .reference').offsetHeight > 0")
	if top := js[float64](b, "document.querySelector('.material').getBoundingClientRect().top"); top < 0 || top > 200 {
		t.Errorf("the policy is at %g", top)
	}
	b.press(".material h2 button")
	b.wait(decisionSaved)
	if got := chatStates(b); !strings.HasPrefix(got, "修改 升级") {
		t.Errorf("the list says %s", got)
	}
	if small := js[[]string](b, "[...document.querySelectorAll('.desk button, .desk a, .desk label.act, .desk label.opt')].filter((e) => e.offsetHeight > 0 && (e.offsetHeight < 24 || e.offsetWidth < 24)).map((e) => e.outerHTML.slice(0, 80))"); len(small) > 0 {
		t.Errorf("too small for a finger: %v", small)
	}
}

func decideWithoutScripts(t *testing.T, browser context.Context, at *centre) {
	b := sitKindPlain(t, browser, at, "ai_decision_series", "B4")
	b.press("#case-c1 .do .act:has([value=accept])")
	b.press("#case-c2 .edits label:nth-of-type(1)")
	b.press("#case-c10 .do .act:has([value=escalate])")
	b.write("#sure-c10", "７５")
	b.follow(".qnav button[value='1']")
	if got := chatStates(b); got != "采纳 修改 未决定 未决定 未决定 未决定 未决定 未决定 未决定 升级" {
		t.Errorf("the list says %s", got)
	}
	if got := js[string](b, "document.querySelector('#sure-c10').value"); got != "75" {
		t.Errorf("how sure: %q", got)
	}
	b.excuse("status 422")
	b.write("#sure-c10", "750")
	b.press("#case-c3 .do .act:has([value=reject])")
	b.follow(".qnav button[value='1']")
	if b.count(".banner.bad") != 1 || !strings.HasPrefix(chatStates(b), "采纳 修改 不采用") {
		t.Errorf("a refusal: %s, %s", b.text(".banner.bad"), chatStates(b))
	}
	keepShot(b, "kind-ai_decision_series-plain.png")
}

func decideInTwoStages(t *testing.T, browser context.Context, at *centre) {
	b := sitKind(t, browser, at, "two_stage", "B1", desktop)
	if b.count(".draft, [name^='decisions']") > 0 || strings.Contains(js[string](b, "document.getElementById('answer').innerHTML"), "confidence") {
		t.Fatal("the AI's suggestion is there before the own decision")
	}
	looks(b, "kind-ai_decision_series-two-asked")
	b.press(inChat(".lock button"))
	if b.text(inChat(".note")) == "" || b.count(inChat(".draft")) > 0 {
		t.Error("nothing was chosen, and nothing is said of it")
	}
	b.press(inChat(".own .opt:nth-of-type(2)"))
	if got := content(b); got != "" {
		t.Errorf("before it is locked in %q would be sent", got)
	}
	picked := b.text(inChat(".own .opt:nth-of-type(2)"))
	y := js[float64](b, "document.querySelector('.case:not([hidden])').getBoundingClientRect().top")
	b.press(inChat(".lock button"))
	b.wait("document.querySelector('.case:not([hidden]) .draft')")
	if got := js[string](b, "document.activeElement.matches('.draft h4') ? '' : document.activeElement.outerHTML.slice(0, 90)"); got != "" {
		t.Errorf("the focus went to %s", got)
	}
	if now := js[float64](b, "document.querySelector('.case:not([hidden])').getBoundingClientRect().top"); now < y-300 || now > y+300 {
		t.Errorf("the chat jumped from %g to %g", y, now)
	}
	if got := b.text(inChat(".locked")); !strings.Contains(got, picked) {
		t.Errorf("locked is %q, picked was %q", got, picked)
	}
	if got := chatStates(b); !strings.HasPrefix(got, "已锁定 未决定") {
		t.Errorf("the list says %s", got)
	}
	if b.text(".desk > .vh") == "" {
		t.Error("nothing is spoken of the AI's suggestion")
	}
	looks(b, "kind-ai_decision_series-two-revealed")
	b.press(inChat(".do .act:has([value=reject])"))
	b.wait(decisionSaved)
	b.press(".chats li:nth-child(2) a")
	b.press(inChat(".own .opt.other:last-of-type"))
	b.press(inChat(".lock button"))
	b.wait("document.querySelector('#case-c2 .draft')")
	b.press(inChat(".act.edit"))
	b.press(inChat(".edits label:nth-of-type(1)"))
	b.wait(decisionSaved)
	sent := content(b)
	b.open(b.path())
	if got := content(b); got != sent || !strings.HasPrefix(chatStates(b), "不采用 修改 未决定") || b.count(".own") != b.count(".case")-2 {
		t.Errorf("after a reload %q, was %q; the list says %s", got, sent, chatStates(b))
	}
	handIn(b)
	looks(b, "kind-ai_decision_series-two-explained")
}

func decideInTwoStagesByKeys(t *testing.T, browser context.Context, at *centre) {
	b := sitKind(t, browser, at, "two_stage", "B2", desktop)
	b.key("1") // there is nothing to accept yet
	b.focus(inChat(".own input"))
	b.key(" ")
	b.key(kb.ArrowDown)
	b.key(kb.Tab)
	if got := js[string](b, "document.activeElement.closest('.lock') ? 'lock' : document.activeElement.outerHTML"); got != "lock" {
		t.Fatalf("after the choices comes %s", got)
	}
	b.key(kb.Enter)
	b.wait("document.activeElement.matches('.draft h4')")
	b.key(kb.Tab)
	b.wait("document.activeElement.matches('.do input')")
	b.key("4")
	b.wait(decisionSaved)
	if got := kept(b, b.path()); got != content(b) || !strings.Contains(got, "escalate") {
		t.Errorf("kept is %q", got)
	}
}

func decideInTwoStagesWithoutScripts(t *testing.T, browser context.Context, at *centre) {
	b := sitKindPlain(t, browser, at, "two_stage", "B4")
	b.press("#case-c3 .own .opt:nth-of-type(1)")
	b.follow("#case-c3 .lock button")
	if b.count("#case-c3 .draft") != 1 || b.count(".draft") != 1 || !strings.HasSuffix(js[string](b, "location.hash"), "c3") {
		t.Fatalf("after locking in: %d suggestions, at %s", b.count(".draft"), js[string](b, "location.href"))
	}
	if y := js[float64](b, "document.querySelector('#case-c3').getBoundingClientRect().top"); y < 0 || y > 400 {
		t.Errorf("the chat is at %g", y)
	}
	// what is refused reveals nothing
	b.excuse("status 422")
	b.write("#sure-c3", "101")
	b.press("#case-c1 .own .opt:nth-of-type(2)")
	b.follow("#case-c1 .lock button")
	if b.count(".banner.bad") != 1 || b.count(".draft") != 1 || !js[bool](b, "document.querySelector('#case-c1 .own .opt:nth-of-type(2) input').checked") {
		t.Errorf("a refusal shows %d suggestions: %s", b.count(".draft"), b.text(".banner.bad"))
	}
	b.write("#sure-c3", "")
	b.press("#case-c3 .do .act:has([value=accept])")
	b.follow("#case-c1 .lock button")
	if got := chatStates(b); b.count(".draft") != 2 || !strings.HasPrefix(got, "已锁定 未决定 采纳") {
		t.Errorf("%d suggestions; the list says %s", b.count(".draft"), got)
	}
}

// lockWithoutNetwork locks a decision in while nothing gets through: the suggestion waits, a reload keeps what was locked, and the suggestion comes with the network.
func lockWithoutNetwork(t *testing.T, browser context.Context, at *centre) {
	b := sitKind(t, browser, at, "two_stage", "B5", desktop)
	b.excuse("status 503", "request failed")
	restore := b.cutSaves(func(id fetch.RequestID) error {
		_, err := chromedp.Call(b.ctx, fetch.FulfillRequest, fetch.FulfillRequestParams{RequestID: id, ResponseCode: 503})
		return err
	})
	b.press(inChat(".own .opt:nth-of-type(1)"))
	picked := b.text(inChat(".own .opt:nth-of-type(1)"))
	b.press(inChat(".lock button"))
	b.wait("document.getElementById('saved').dataset.state === 'waiting'")
	if b.count(".draft") != 0 {
		t.Fatal("the suggestion is shown though the decision has not been kept")
	}
	b.open(b.path())
	b.wait("document.querySelector('.own[data-locking]')")
	restore()
	b.waitFor(2*patience, "document.querySelector('#case-c1 .draft')")
	if got := b.text("#case-c1 .locked"); !strings.Contains(got, picked) {
		t.Errorf("locked is %q, picked was %q", got, picked)
	}
}
