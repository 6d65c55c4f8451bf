package main

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"
)

func init() {
	kindTests["data_insight"] = testDataInsight
	kindSource["data_insight"] = "../../internal/item/testdata/samples/svi-data-0001.yaml"
}

// column is a column of the table in the material, top to bottom.
func column(b *tab, n int) string {
	b.t.Helper()
	return js[string](b, "[...document.querySelectorAll('.material tbody tr')].map((r) => r.cells[%d].textContent).join(' ')", n-1)
}

func testDataInsight(t *testing.T, browser context.Context, at *centre) {
	heading := func(n int) string { return fmt.Sprintf(".material th:nth-child(%d) .sort", n) }
	t.Run("mouse", func(t *testing.T) {
		b := sitKind(t, browser, at, "data_insight", "B1", desktop)
		asWritten := column(b, 3)
		b.press(heading(3))
		if got := column(b, 3); got != "500 1000 2000 2500 3000 6000" || b.count(".material th[aria-sort=ascending]") != 1 {
			t.Errorf("sorted: %s", got)
		}
		b.press(heading(3))
		if got := column(b, 3); got != "6000 3000 2500 2000 1000 500" || b.count(".material th[aria-sort=descending]") != 1 {
			t.Errorf("sorted the other way: %s", got)
		}
		b.press(heading(3))
		if got := column(b, 3); got != asWritten || b.count(".material th[aria-sort]") != 0 {
			t.Errorf("in the order as written: %s", got)
		}
		b.write(ask(1)+" .input", "７４。４％")
		b.write(ask(2)+" .input", "55.0")
		b.write(ask(3)+" .input", "55")
		chooseIn(b, 5, "同口径人工更高,但复杂类AI更高")
		b.write(ask(6)+" .input", "-24次")
		chooseIn(b, 7, "同一类里两渠道的问题是否一样难")
		chooseIn(b, 7, "数据是否只来自部分抽样的会话")
		b.press(".scratch textarea")
		b.key("(4800+1650+250)/9000 = .744")
		was := stored(b)
		if strings.Contains(was, "4800") {
			t.Errorf("the scratch pad is sent: %s", was)
		}
		b.open(b.path())
		if got := content(b); sorted(got) != sorted(strings.NewReplacer("%EF%BC%97%EF%BC%94%E3%80%82%EF%BC%94%EF%BC%85", "74.4", "55.0", "55", "-24%E6%AC%A1", "-24").Replace(was)) {
			t.Errorf("after a reload %s, was %s", got, was)
		}
		if got := js[string](b, "document.querySelector('.scratch textarea').value"); !strings.Contains(got, "4800") || b.count(".scratch[open]") != 1 {
			t.Errorf("after a reload the scratch pad holds %q", got)
		}
		for _, lang := range []string{"zh", "en"} {
			b.speak(lang)
			b.open(b.path())
			look(b, "kind-data_insight-asked", lang)
			b.resize(desktop)
		}
		handIn(b)
		for _, lang := range []string{"zh", "en"} {
			b.speak(lang)
			b.open(b.path())
			if b.count(".told tbody") != 7 || b.count(".remember") != 1 || strings.Contains(b.text("main"), "4800+1650+250)/9000 = .744") {
				t.Errorf("the feedback lacks something: %s", b.text("article"))
			}
			look(b, "kind-data_insight-explained", lang)
			b.resize(desktop)
		}
	})
	t.Run("touch", func(t *testing.T) {
		b := sitKind(t, browser, at, "data_insight", "B2", phone)
		b.press(heading(4))
		if got := column(b, 4); got != "250 840 1200 1260 1650 4800" {
			t.Errorf("sorted: %s", got)
		}
		b.write(ask(6)+" .input", "24")
		b.press(ask(6) + " .sign")
		chooseIn(b, 5, "同口径AI更高,但简单类人工更高")
		was := stored(b)
		if !strings.Contains(was, "-24") {
			t.Errorf("the form holds %s", was)
		}
		b.open(b.path())
		if got := content(b); sorted(got) != sorted(was) {
			t.Errorf("after a reload %s, was %s", got, was)
		}
	})
	t.Run("keys", func(t *testing.T) {
		b := sitKind(t, browser, at, "data_insight", "B3", desktop)
		b.focus(heading(1))
		tabTo(b, heading(3))
		b.key(kb.Enter)
		if got := column(b, 3); got != "500 1000 2000 2500 3000 6000" || !js[bool](b, "document.activeElement.matches('.sort')") {
			t.Errorf("sorted by keys: %s", got)
		}
		tabTo(b, ask(1)+" .input")
		b.key("74.4")
		tabTo(b, ask(2)+" .input")
		b.key("55")
		tabTo(b, ask(5)+" .opts input")
		b.key(" ")
		tabTo(b, ask(7)+" .opts input")
		b.key(" ")
		was := unescaped(stored(b))
		for _, want := range []string{"fields[f1]=74.4", "fields[f2]=55", "fields[f5]=f5-", "fields[f7][]=f7-"} {
			if !strings.Contains(was, want) {
				t.Errorf("by keys alone the form holds %s, without %s", was, want)
			}
		}
	})
	t.Run("plain", func(t *testing.T) {
		b := plainKind(t, browser, at, "data_insight", "B4")
		b.write(ask(1)+" .input", "74.4%")
		chooseIn(b, 5, "同口径AI更高,但简单类人工更高")
		chooseIn(b, 7, "同一类里两渠道的问题是否一样难")
		b.follow(".acts button[value=next]")
		b.open(strings.TrimSuffix(b.path(), "/submit") + "/items/1")
		if got := unescaped(content(b)); !strings.Contains(got, "fields[f1]=74.4") || b.count(".asks :checked") != 2 {
			t.Errorf("without scripts the form comes back as %s", got)
		}
		handIn(b)
		if b.count(".told tbody") != 7 {
			t.Errorf("the result says %s", b.text("main"))
		}
	})
}
