package main

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp/kb"

	"leida/internal/text"
)

func init() {
	kindTests["info_integration"] = testInfoIntegration
	kindSource["info_integration"] = "../../internal/item/testdata/samples/cps-info-0001.yaml"
}

// ask selects the n-th field of a card, from 1.
func ask(n int) string { return fmt.Sprintf(".asks > .ask:nth-child(%d)", n) }

// begin starts the item's own clock.
func begin(b *tab) {
	b.t.Helper()
	if b.count("section.begin") != 1 || b.count(".material, .asks") != 0 {
		b.t.Fatalf("before the clock starts the page shows %s", b.text("main"))
	}
	b.follow("section.begin button")
	if b.count(".material .records > li") == 0 || b.count("#item-clock") != 1 {
		b.t.Fatalf("after the clock has started the page shows %s", b.text("main"))
	}
}

// chooseIn presses the option or the tick that reads so.
func chooseIn(b *tab, n int, words string) {
	b.t.Helper()
	b.pressAt(fmt.Sprintf("[...document.querySelectorAll(%q)].find((e) => e.textContent.trim() === %q)", ask(n)+" label", words))
}

// cite ticks a record below a field.
func cite(b *tab, n int, record string) {
	b.t.Helper()
	b.press(fmt.Sprintf("%s .cites label:has(input[value=%q])", ask(n), record))
}

// stored waits until what was done last is saved, and says what the form holds.
func stored(b *tab) string {
	b.t.Helper()
	b.wait("document.getElementById('saved').dataset.state === 'saved'")
	return content(b)
}

func testInfoIntegration(t *testing.T, browser context.Context, at *centre) {
	t.Run("mouse", func(t *testing.T) {
		b := sitKind(t, browser, at, "info_integration", "B1", desktop)
		if got := b.text("section.begin"); !strings.Contains(got, "3分钟") || !strings.Contains(got, "6分钟") {
			t.Errorf("the clock is announced as %q", got)
		}
		look(b, "kind-info_integration-before", "zh")
		b.resize(desktop)
		begin(b)
		b.write(ask(1)+" .input", "３")
		if got := b.text(ask(1) + " .said"); !strings.Contains(got, "3") {
			t.Errorf("a number in other digits is read as %q", got)
		}
		b.write(ask(1)+" .input", "3,")
		b.focus(ask(2) + " input")
		if b.count(ask(1)+" .input[aria-invalid=true]:not([name])") != 1 || b.text(ask(1)+" .said.error") == "" {
			t.Error("what is no number is not said")
		}
		b.write(ask(1)+" .input", "3")
		chooseIn(b, 2, "等物业批准")
		b.press(ask(2) + " .clear")
		if b.count(ask(2)+" :checked") != 0 {
			t.Error("a choice cannot be taken back")
		}
		chooseIn(b, 2, "等物业批准")
		cite(b, 2, "r7")
		if got := b.text(ask(2) + " .peek"); !strings.Contains(got, "分光器缺货") {
			t.Errorf("the record cited reads %q", got)
		}
		chooseIn(b, 3, "11月10日前装好")
		chooseIn(b, 3, "送随身WiFi")
		cite(b, 3, "r4")
		cite(b, 3, "r8")
		chooseIn(b, 4, "批准,已到账")
		chooseIn(b, 6, "批准,已收到")
		chooseIn(b, 7, "在等物业批准")
		chooseIn(b, 7, "承诺送随身WiFi")
		b.focus(ask(5) + " .input")
		b.key("11162026")
		was := stored(b)
		if !strings.Contains(was, "2026-11-16") || !strings.Contains(b.text(".filled"), "7 / 7") {
			t.Errorf("the form holds %s, and says %q", was, b.text(".filled"))
		}
		b.open(b.path())
		if got := content(b); sorted(got) != sorted(was) {
			t.Errorf("after a reload %s, was %s", got, was)
		}
		for _, lang := range []string{"zh", "en"} {
			b.speak(lang)
			b.open(b.path())
			look(b, "kind-info_integration-asked", lang)
			b.resize(desktop)
		}
		handIn(b)
		for _, lang := range []string{"zh", "en"} {
			b.speak(lang)
			b.open(b.path())
			if b.count(".told tbody") != 7 || b.count(".checked strong") == 0 || b.count(".timebar .own") != 1 || b.count(".remember") != 1 {
				t.Errorf("the feedback lacks something: %s", b.text("article"))
			}
			look(b, "kind-info_integration-explained", lang)
			b.resize(desktop)
		}
	})
	t.Run("touch", func(t *testing.T) {
		b := sitKind(t, browser, at, "info_integration", "B2", phone)
		begin(b)
		b.write(ask(1)+" .input", "3")
		b.press(ask(1) + " .sign")
		if got := js[string](b, "document.querySelector(%q).value", ask(1)+" .input"); got != "-3" {
			t.Errorf("the sign makes it %q", got)
		}
		b.press(ask(1) + " .sign")
		chooseIn(b, 2, "等分光器到货")
		cite(b, 2, "r7")
		if got := b.text(".flip"); got != text.Say(text.ZH, "field.peek") {
			t.Fatalf("the button reads %q", got)
		}
		b.press(".flip")
		b.wait("document.querySelector('.material').getBoundingClientRect().top > -10 && document.querySelector('.flip').textContent.includes('2')")
		b.press(".flip")
		b.wait("document.querySelector(%q).contains(document.activeElement)", ask(2))
		chooseIn(b, 6, "记录未提供")
		was := stored(b)
		b.open(b.path())
		if got := content(b); sorted(got) != sorted(was) {
			t.Errorf("after a reload %s, was %s", got, was)
		}
	})
	t.Run("keys", func(t *testing.T) {
		b := sitKind(t, browser, at, "info_integration", "B3", desktop)
		b.focus("section.begin button")
		b.leave(func() { b.key(kb.Enter) })
		b.focus(ask(1) + " .input")
		b.key("3")
		tabTo(b, ask(2)+" .opts input")
		b.key(kb.ArrowDown)
		b.key(kb.ArrowUp)
		if b.count(ask(2)+" .opts :checked") != 1 {
			t.Error("arrows choose nothing")
		}
		tabTo(b, ask(2)+" .cites input")
		b.key(" ")
		tabTo(b, ask(3)+" .opts input")
		b.key(" ")
		tabTo(b, ask(5)+" .input")
		b.key("1116")
		b.focus(ask(1) + " .input")
		if got := b.text(ask(5) + " .said.error"); got != text.Say(text.ZH, "field.undated") {
			t.Errorf("half a date is told as %q", got)
		}
		b.focus(ask(5) + " .input")
		b.key("1116")
		for _, digit := range "2026" { // whoever looks up the year has typed 0002, 0020 and 0202 on the way
			b.key(string(digit))
			time.Sleep(600 * time.Millisecond)
		}
		was := stored(b)
		for _, want := range []string{"fields[f1]=3", "fields[f2]=", "evidence[f2][]=r1", "fields[f3][]=", "fields[f5]=2026-11-16"} {
			if !strings.Contains(unescaped(was), want) {
				t.Errorf("by keys alone the form holds %s, without %s", unescaped(was), want)
			}
		}
		b.write(ask(1)+" .input", "3..")
		b.focus(".acts button[value=next]")
		b.key(kb.Enter)
		b.wait("document.activeElement === document.querySelector(%q)", ask(1)+" .input")
		if b.text(ask(1)+" .said.error") == "" {
			t.Error("going on with what is no number says nothing")
		}
		b.focus(".acts button[value=next]")
		b.leave(func() { b.key(kb.Enter) })
		if !strings.HasSuffix(b.path(), "/submit") {
			t.Errorf("the second time it does not go on: %s", b.path())
		}
	})
	t.Run("none", func(t *testing.T) {
		at := centreOfItems(t, browser, map[string]string{"info_none": "../../internal/item/testdata/info_integration/none.yaml"})
		b := sitKind(t, browser, at, "info_none", "B1", desktop)
		begin(b)
		day, tick := ".ask[data-kind=date] .input", ".ask[data-kind=date] .none input"
		b.focus(day)
		b.key("0510")
		b.focus(tick)
		if b.text(".ask[data-kind=date] .said.error") == "" {
			t.Error("half a date is not marked")
		}
		b.key(" ")
		if b.count(tick+":checked") != 1 || b.text(".ask[data-kind=date] .said.error") != "" || b.count(day+":valid[name]") != 1 {
			t.Error("what is not in the records keeps half a date")
		}
		if was := unescaped(stored(b)); !strings.Contains(was, "none[]=") {
			t.Errorf("the form holds %s", was)
		}
	})
	t.Run("plain", func(t *testing.T) {
		b := plainKind(t, browser, at, "info_integration", "B4")
		begin(b)
		b.write(ask(1)+" .input", "３")
		chooseIn(b, 2, "等分光器到货")
		cite(b, 2, "r7")
		js[bool](b, "(document.querySelector(%q).value = '2026-11-16', true)", ask(5)+" .input")
		b.follow(".acts button[value=next]")
		b.open(strings.TrimSuffix(b.path(), "/submit") + "/items/1")
		if got := unescaped(content(b)); !strings.Contains(got, "fields[f1]=3") || !strings.Contains(got, "evidence[f2][]=r7") || !strings.Contains(got, "fields[f5]=2026-11-16") {
			t.Errorf("without scripts the form comes back as %s", got)
		}
		b.excuse("status 422")
		b.write(ask(1)+" .input", "1,2")
		b.follow(".acts button[value=next]")
		if b.count(".banner.bad li") != 1 || b.count(ask(2)+" :checked") == 0 {
			t.Errorf("what is no number is not said, or the rest is lost: %s", b.text("main"))
		}
		handIn(b)
		if b.count(".told tbody") != 7 {
			t.Errorf("the result says %s", b.text("main"))
		}
	})
}

// plainKind is sitKind on a phone without scripts.
func plainKind(t *testing.T, browser context.Context, at *centre, kind, agent string) *tab {
	t.Helper()
	b := newVisitor(t, browser, at).tab(phone)
	b.plain = true
	call(b, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
	b.speak("zh")
	b.signIn(agent, password)
	b.open("/")
	b.leave(func() {
		b.pressAt(fmt.Sprintf(`[...document.querySelectorAll("form[action$='/start']")].find((f) => f.closest('li, section').textContent.includes(%q)).querySelector('button')`, kindTitle(kind)))
	})
	return b
}

// tabTo presses Tab until something has the focus.
func tabTo(b *tab, selector string) {
	b.t.Helper()
	for range 60 {
		b.key(kb.Tab)
		if js[bool](b, "document.activeElement.matches(%q)", selector) {
			return
		}
	}
	b.t.Fatalf("Tab does not reach %s", selector)
}

func unescaped(content string) string {
	return strings.NewReplacer("%5B", "[", "%5D", "]").Replace(content)
}
