package main

import (
	"context"
	"os"
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"
)

func init() {
	kindTests["constructed"] = testConstructedKind
	kindSource["constructed"] = firstThere("../../assessments/items/emp/emp-constructed-0001.yaml", "../../internal/item/testdata/constructed/plain.yaml")
}

// firstThere is the first of some files that exists: an item of the bank where the bank has it.
func firstThere(names ...string) string {
	for _, name := range names {
		if _, err := os.Stat(name); err == nil {
			return name
		}
	}
	return ""
}

// lengthSays is the state of a length box and what it says to everybody.
func lengthSays(b *tab, selector string) string {
	b.t.Helper()
	return js[string](b, "((e) => [e.dataset.state, e.querySelector('.count').textContent, e.querySelector('.verdict').textContent].join(' | '))(document.querySelector(%q))", selector)
}

func wantSays(b *tab, selector, want string) {
	b.t.Helper()
	if got := lengthSays(b, selector); !strings.HasPrefix(got, want) {
		b.t.Errorf("the length says %q, want %q", got, want)
	}
}

func testConstructedKind(t *testing.T, browser context.Context, at *centre) {
	const field, box = "textarea[name=text]", ".length"
	const long = "您3号交的680元，两次截图我都看到了，机器人还一遍遍要，对不起。课我刚解锁到周日20:40。"

	b := sitKind(t, browser, at, "constructed", "B1", desktop)
	wantSays(b, box, "none | 0 字 | ")
	looks(b, "kind-constructed-asked")
	b.press(field)
	b.key("好")
	wantSays(b, box, "short | 1 字 | 还差 ")
	b.write(field, long)
	wantSays(b, box, "fit | 47 字 | 长度合适")
	if got := b.text(box + " [aria-live]"); got != "长度合适" {
		t.Errorf("what has changed is not spoken: %q", got)
	}
	b.wait(isSaved)
	b.open(b.path()) // a reload keeps everything
	if got := js[string](b, "document.querySelector(%q).value", field); got != long {
		t.Fatalf("after a reload: %q", got)
	}
	wantSays(b, box, "fit | 47 字 | 长度合适")
	if got := b.text(box + " [aria-live]"); got != "" {
		t.Errorf("a reload is spoken: %q", got)
	}
	// more than the limit is kept, and said
	js[bool](b, "((f) => { f.value = f.value.repeat(20); f.dispatchEvent(new Event('input', { bubbles: true })); return true })(document.querySelector(%q))", field)
	b.wait(isSaved)
	wantSays(b, box, "over | 940 字 | 多了 ")
	if got := kept(b, b.path()); len(got) < 20*len(long) {
		t.Errorf("the server keeps %d bytes of %d", len(got), 20*len(long))
	}
	// what the queue restores is counted anew
	js[bool](b, "((f) => { f.value = '一二三'; f.form.dispatchEvent(new Event('leida:restored', { bubbles: true })); return true })(document.querySelector(%q))", field)
	wantSays(b, box, "short | 3 字 | ")
	b.write(field, long)
	b.wait(isSaved)
	looks(b, "kind-constructed-answered")
	handIn(b)
	if b.count(".banner[data-state=first]") != 1 || b.count(".criteria .levels") == 0 || !strings.Contains(b.text(".own blockquote"), "680元") {
		t.Errorf("the result does not say that people will rate it: %s", b.text("article"))
	}
	looks(b, "kind-constructed-explained")

	// by keys alone: the field is reached, left and come back to
	k := sitKind(t, browser, at, "constructed", "B2", desktop)
	for range 30 {
		if k.key(kb.Tab); js[bool](k, "document.activeElement.name === 'text'") {
			break
		}
	}
	k.key("两")
	k.key(kb.Enter)
	k.key("行")
	if got := js[string](k, "document.querySelector(%q).value", field); got != "两\n行" {
		t.Errorf("by keys: %q", got)
	}
	k.key(kb.Tab)
	if js[bool](k, "document.activeElement.name === 'text'") {
		t.Error("the field does not let go of the keyboard")
	}
	k.wait(isSaved)

	// by touch
	p := sitKind(t, browser, at, "constructed", "B3", phone)
	p.press(field)
	p.key("触")
	wantSays(p, box, "short | 1 字 | ")
	p.wait(isSaved)
	handIn(p)
	if b := p.count(".banner[data-state]"); b != 0 || !strings.Contains(p.text("article"), "不送评") {
		t.Errorf("too short, and the result says %s", p.text("article"))
	}

	// without scripts the count is the server's, as of the last save
	w := sitKindPlain(t, browser, at, "constructed", "B4")
	w.write(field, long)
	w.follow(".acts button[name=_flag]")
	wantSays(w, box, "fit | 47 字 | 长度合适")
	w.open(sittingOf(w) + "/items/1")
	if got := js[string](w, "document.querySelector(%q).value", field); got != long {
		t.Errorf("without scripts: %q", got)
	}
}
