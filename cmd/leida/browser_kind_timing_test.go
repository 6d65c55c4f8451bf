package main

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/fetch"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"leida/internal/text"
)

func init() {
	kindTests["intervention_timing"] = testTiming
	kindSource["intervention_timing"] = "../../internal/item/testdata/samples/emp-takeover-0001.yaml"
}

// takeover is what is to be done about a conversation, known by what the customer says first: the turn in which to take over, 0 for never, and the reason.
type takeover struct {
	turn   int
	reason string
}

// someErrors is right about three conversations, one turn late for one, a turn early for another, and takes the rough one over.
var someErrors = map[string]takeover{
	"登录密码忘了": {},
	"我想注销我爸的号码，他上周走了。": {1, "亲人去世或重病"},
	"我想注销我爸的号码,他上周走了。": {1, "亲人去世或重病"},
	"退款什么时候到":          {4, "AI重复同一答复"},
	"我要做养老金认证":         {5, "客户做不了"},
	"快递呢?!说好今天到的!":     {2, "客户语气不好"},
	"我的冷链药怎么还在站点":      {0, ""},
}

func testTiming(t *testing.T, browser context.Context, at *centre) {
	const kind = "intervention_timing"
	t.Run("mouse", func(t *testing.T) {
		b := sitKind(t, browser, at, kind, "B1", desktop)
		hiddenTurns(b)
		if got := b.text(".watch .first"); !strings.Contains(got, "不能回退") {
			t.Errorf("before the first conversation nothing says that there is no way back: %q", got)
		}
		js[bool](b, "window.same = true")
		watchOn(b)
		if !js[bool](b, "Boolean(window.same)") {
			t.Error("the page went away for the next turn")
		}
		if got, want := b.text("#answer > p[aria-live]"), b.text(".on.customer .bub"); !strings.Contains(got, want) || want == "" {
			t.Errorf("spoken is %q, the customer says %q", got, want)
		}
		if js[string](b, "document.activeElement.dataset.press ?? ''") != "watch" {
			t.Error("the focus is lost with the new turn")
		}
		hiddenTurns(b)
		pressInPlace(b)
		takeWithoutReason(b)
		watchReloads(b)

		chooseReason(b)
		watchReloads(b) // a reason in mind is kept as well
		if b.count(".because :checked") != 1 {
			t.Error("the reason that was chosen is gone")
		}
		if got := chatAt(b); !strings.HasPrefix(got, "会话 1 / 6 第 3 轮") {
			t.Fatalf("at %q", got)
		}
		pressWatch(b, "take")
		if got := chatAt(b); got != "会话 2 / 6 第 1 轮" {
			t.Errorf("after taking over at %q", got)
		}
		watchReloads(b)
		if got := b.text(".decided li"); got == "" && b.count(".decided li") != 1 {
			t.Errorf("what was decided is not told: %q", got)
		}
		watchOn(b)
		watchOn(b)
		for _, lang := range []string{"zh", "en"} {
			b.speak(lang)
			b.open(b.path())
			look(b, "kind-timing-asked", lang)
		}
		b.speak("zh")
		b.resize(desktop)
		b.open(b.path())
		watchThrough(b, someErrors, pressWatch)
		if got := b.text(".watch .empty"); !strings.Contains(got, text.Say(text.ZH, "timing.finished", "n", 6)) {
			t.Errorf("at the end it says %q", got)
		}
		b.wait("document.querySelector('.qnav [aria-current]').classList.contains('done')")
		watchReloads(b)
		handIn(b)
		if b.count("article .marks > li") != 6 || b.count("article svg.line[width] .dot") < 20 || b.count("article table tbody tr") != 6 || b.count("article .cue") != 4 {
			t.Errorf("explained: %d conversations, %d turns drawn, %d rows, %d cues", b.count("article .marks > li"), b.count("article svg.line .dot"), b.count("article table tbody tr"), b.count("article .cue"))
		}
		for _, lang := range []string{"zh", "en"} {
			b.speak(lang)
			b.open(b.path())
			look(b, "kind-timing-explained", lang)
		}
	})
	t.Run("touch", func(t *testing.T) {
		b := sitKind(t, browser, at, kind, "B2", phone)
		watchOn(b)
		pressInPlace(b)
		takeWithoutReason(b)
		watchReloads(b)
		watchThrough(b, someErrors, pressWatch)
		if b.count(".watch .empty") != 1 {
			t.Errorf("not at the end: %s", b.text(".watch"))
		}
		handIn(b)
	})
	t.Run("keys", func(t *testing.T) {
		b := sitKind(t, browser, at, kind, "B3", desktop)
		b.key("w")
		if got := chatAt(b); got != "会话 1 / 6 第 1 轮" {
			t.Errorf("a letter that was pressed elsewhere led to %q", got)
		}
		b.focus(".decide [data-press=watch]")
		was := chatAt(b)
		b.key(" ")
		chatGoesOn(b, was)
		breathe(b)
		was = chatAt(b)
		b.key("w")
		chatGoesOn(b, was)
		breathe(b)
		was = chatAt(b)
		b.key("t") // no reason yet: the letter leads to the reasons
		b.wait("document.activeElement.type === 'radio'")
		if !js[bool](b, "!document.getElementById('missing').hidden") || chatAt(b) != was {
			t.Errorf("T without a reason leads to %q", chatAt(b))
		}
		b.key(kb.ArrowDown)
		b.key(kb.ArrowDown)
		if b.count(".because :checked") != 1 || chatAt(b) != was {
			t.Errorf("the arrows chose %d reasons at %q", b.count(".because :checked"), chatAt(b))
		}
		breathe(b)
		b.key("t")
		chatGoesOn(b, was)
		if got := chatAt(b); got != "会话 2 / 6 第 1 轮" {
			t.Errorf("T led to %q", got)
		}
		watchReloads(b)
		watchThrough(b, someErrors, func(b *tab, what string) {
			breathe(b)
			was := chatAt(b)
			b.focus(".decide [data-press=" + what + "]")
			b.key(kb.Enter)
			chatGoesOn(b, was)
		})
		handIn(b)
	})
	t.Run("network", func(t *testing.T) { watchOffline(t, sitKind(t, browser, at, kind, "B4", desktop)) })
	t.Run("plain", func(t *testing.T) {
		b := newVisitor(t, browser, at).tab(phone)
		b.plain = true
		call(b, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
		b.speak("zh")
		b.signIn("B5", password)
		b.open("/")
		b.leave(func() {
			b.pressAt(fmt.Sprintf(`[...document.querySelectorAll("form[action$='/start']")].find((f) => f.closest('li, section').textContent.includes(%q)).querySelector('button')`, kindTitle(kind)))
		})
		hiddenTurns(b)
		for turn := 2; turn <= 3; turn++ {
			b.follow(".decide [data-press=watch]")
			if got, want := chatAt(b), fmt.Sprintf("会话 1 / 6 第 %d 轮", turn); got != want {
				t.Fatalf("at %q, want %q", got, want)
			}
			if !js[bool](b, "(({ top, bottom }) => top >= 0 && bottom <= innerHeight)(document.querySelector('.on.ai').getBoundingClientRect())") {
				t.Errorf("turn %d is not in view, at %s", turn, js[string](b, "location.href"))
			}
		}
		b.follow(".decide [data-press=take]")
		if got := b.text(".decide h3"); got != text.Say(text.ZH, "timing.reason.wanted", "n", 3) {
			t.Errorf("without a reason: %q", got)
		}
		b.press(".because label:nth-child(2)")
		b.follow(".decide [data-press=take]")
		if got := chatAt(b); got != "会话 2 / 6 第 1 轮" {
			t.Errorf("with the reason at %q", got)
		}
		watchThrough(b, someErrors, func(b *tab, what string) { b.follow(".decide [data-press=" + what + "]") })
		if b.count(".watch .empty") != 1 || b.count(".decided li") != 6 {
			t.Errorf("not at the end: %s", b.text(".watch"))
		}
		handIn(b)
	})
}

// chatAt is where one is, as the page says it.
func chatAt(b *tab) string {
	b.t.Helper()
	return js[string](b, "[...document.querySelectorAll('.watch h2, .watch .progress .chip')].map((e) => e.textContent).join(' ')")
}

// breathe is as long as a press is taken for one that was meant for what was there before.
func breathe(b *tab) {
	b.t.Helper()
	js[bool](b, "new Promise((done) => setTimeout(() => done(true), 480))")
}

// chatGoesOn waits until the page has gone on from a place.
func chatGoesOn(b *tab, was string) {
	b.t.Helper()
	b.wait("!document.querySelector('.watch[aria-busy]') && [...document.querySelectorAll('.watch h2, .watch .progress .chip')].map((e) => e.textContent).join(' ') !== %q", was)
}

// pressWatch presses what takes over or watches on, as soon as it counts, and waits for what comes of it.
func pressWatch(b *tab, what string) {
	b.t.Helper()
	breathe(b)
	was := chatAt(b)
	b.press(".decide [data-press=" + what + "]")
	chatGoesOn(b, was)
}

func watchOn(b *tab) { b.t.Helper(); pressWatch(b, "watch") }

func chooseReason(b *tab) {
	b.t.Helper()
	b.press(".because label:nth-child(3)")
	b.wait("document.getElementById('saved').dataset.state === 'saved'")
}

// pressInPlace watches on twice at once: that counts once, and the button stays below the hand.
func pressInPlace(b *tab) {
	b.t.Helper()
	breathe(b)
	was, turns := chatAt(b), b.count(".watch .chat .customer")
	b.press(".decide [data-press=watch]")
	top := js[float64](b, "document.querySelector('.decide [data-press=watch]').getBoundingClientRect().top")
	b.press(".decide [data-press=watch]")
	chatGoesOn(b, was)
	b.press(".decide [data-press=watch]")
	breathe(b)
	if got := b.count(".watch .chat .customer"); got != turns+1 {
		b.t.Errorf("three hasty presses showed %d turns after %d", got, turns)
	}
	if got := js[float64](b, "document.querySelector('.decide [data-press=watch]').getBoundingClientRect().top"); got < top-1 || got > top+1 {
		b.t.Errorf("the button moved from %g to %g", top, got)
	}
}

// takeWithoutReason takes over without one, which the page does not let happen.
func takeWithoutReason(b *tab) {
	b.t.Helper()
	breathe(b)
	was := chatAt(b)
	b.press(".decide [data-press=take]")
	b.wait("!document.getElementById('missing').hidden")
	if got := js[string](b, "document.activeElement.type ?? ''"); chatAt(b) != was || got != "radio" {
		b.t.Errorf("without a reason it goes to %q, with the focus on %q", chatAt(b), got)
	}
}

// watchReloads loads the page anew: one is where one was.
func watchReloads(b *tab) {
	b.t.Helper()
	was, said := chatAt(b), js[string](b, "document.querySelector('.watch .chat')?.innerText ?? ''")
	b.open(b.path())
	if got := chatAt(b); got != was || js[string](b, "document.querySelector('.watch .chat')?.innerText ?? ''") != said {
		b.t.Fatalf("after a reload at %q, was at %q", got, was)
	}
}

// hiddenTurns asks that nothing of a turn is in the page before it is due.
func hiddenTurns(b *tab) {
	b.t.Helper()
	raw, err := os.ReadFile(kindSource["intervention_timing"])
	if err != nil {
		b.t.Fatal(err)
	}
	page := js[string](b, "document.documentElement.outerHTML")
	shown := b.text(".watch .chat")
	for _, line := range strings.Split(string(raw), "\n") {
		for _, part := range strings.Split(line, `{zh: "`)[1:] {
			words, _, _ := strings.Cut(part, `"`)
			if strings.Contains(line, "- {c:") && strings.Contains(page, words) && !strings.Contains(shown, words) {
				b.t.Errorf("the page holds %q", words)
			}
		}
	}
}

// watchThrough decides about all conversations that are left.
func watchThrough(b *tab, key map[string]takeover, press func(b *tab, what string)) {
	b.t.Helper()
	for range 60 {
		if b.count(".watch .decide") == 0 {
			return
		}
		first := b.text(".watch .chat .customer .bub")
		todo, ok := key[first]
		if !ok {
			b.t.Fatalf("nobody knows what to do about %q", first)
		}
		if todo.turn != b.count(".watch .chat .customer") {
			press(b, "watch")
			continue
		}
		b.pressText(".because label", todo.reason)
		press(b, "take")
	}
	b.t.Fatal("it does not end")
}

// watchOffline presses while nothing can be saved: nothing goes on, not even after a reload; once it can, the press counts, once.
func watchOffline(t *testing.T, b *tab) {
	b.excuse("request failed", "status 503")
	const first = "会话 1 / 6 第 1 轮"
	waits := func(when string) {
		t.Helper()
		b.wait("document.getElementById('saved').dataset.state === 'waiting'")
		if got := chatAt(b); got != first || b.count(".watch[aria-busy=true]") != 1 {
			t.Errorf("%s it goes on to %q", when, got)
		}
	}
	restore := b.cutSaves(func(id fetch.RequestID) error {
		_, err := chromedp.Call(b.ctx, fetch.FailRequest, fetch.FailRequestParams{RequestID: id, ErrorReason: network.ErrorReasonConnectionRefused})
		return err
	})
	b.press(".decide [data-press=watch]")
	waits("without a network")
	b.open(b.path())
	waits("after a reload")
	restore()
	chatGoesOn(b, first)
	b.excuse()
	if got := chatAt(b); got != "会话 1 / 6 第 2 轮" {
		t.Errorf("after the network came back at %q", got)
	}
	watchReloads(b)
}
