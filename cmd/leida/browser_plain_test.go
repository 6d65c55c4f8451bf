package main

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
)

// testWithoutScripts goes the whole way by forms alone.
func testWithoutScripts(t *testing.T, browser context.Context) {
	c := smallCentre(t)
	plain := func(s screen) *tab {
		b := newVisitor(t, browser, c).tab(s)
		b.plain = true
		call(b, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
		return b
	}
	trainer := plain(desktop)
	trainer.signIn("T1", password)
	assign(trainer, "all-kinds")

	b := plain(phone)
	b.signIn("B1", password)
	b.follow("section.next button")
	sitting := sittingOf(b)
	n := b.count(".qnav button:not(.submit)")
	typed := make([]string, n+1)
	for i := 1; i <= n; i++ {
		if want := fmt.Sprintf("%s/items/%d", sitting, i); b.path() != want {
			t.Fatalf("at %s instead of %s: %s", b.path(), want, b.text("main"))
		}
		switch kindOf(b) {
		case "ordering":
			for k := range b.count("ol.order > li") {
				if k == 0 && b.count("ol.order .drop") > 0 {
					b.press("ol.order > li:nth-child(1) .drop")
					continue
				}
				b.write(fmt.Sprintf("ol.order > li:nth-child(%d) input.rank", k+1), fmt.Sprint(b.count("ol.order > li")-k))
			}
		default:
			answer(b)
		}
		typed[i] = content(b)
		if i == 2 {
			b.follow("button[name=_flag]")
			if b.count(".qnav button.flag") != 1 || content(b) != typed[i] {
				t.Errorf("flagged: %d flags, %q instead of %q", b.count(".qnav button.flag"), content(b), typed[i])
			}
		}
		b.follow(".acts button[value=next]")
	}
	if b.path() != sitting+"/submit" || b.count("ul.left li") != 1 {
		t.Fatalf("after the last item at %s: %s", b.path(), b.text("main"))
	}
	for i := 1; i <= n; i += 4 {
		b.open(fmt.Sprintf("%s/items/%d", sitting, i))
		if got := content(b); sorted(got) != sorted(typed[i]) {
			t.Errorf("item %d came back as %q, was %q", i, got, typed[i])
		}
	}
	b.open(sitting + "/submit")
	b.follow("form[action$='/submit'] button.pri")
	if b.count("article") != n || b.count("article .why") < n {
		t.Fatalf("the result has %d items and %d reasons", b.count("article"), b.count("article .why"))
	}
	b.follow("section.result a.pri")
	d := drawnByServer(b, 0)
	words := js[[]reading](b, listed)
	agrees(t, "without scripts", d, words, "证据不足")
	if b.count(".live") != 0 || b.count("table.dots td.num") == 0 {
		t.Error("without scripts there is a live drawing, or no table")
	}
	if b.count("figure.chart .static svg") < 2 || js[int](b, "[...document.querySelectorAll('figure.chart .static')].filter((e) => e.offsetHeight > 100).length") < 2 {
		t.Error("without scripts the charts are not shown as SVG")
	}
	if got := b.count("[data-print]:not([hidden]), [data-theme-switch]:not([hidden])"); got != 0 {
		t.Errorf("%d buttons are shown that do nothing without scripts", got)
	}
	b.follow("form[action='/language'] button")
	if got := js[string](b, "document.documentElement.lang"); got != "en" {
		t.Errorf("the language switch leads to %q", got)
	}
}

// sorted is a form's content whatever the order of its fields: rows may come back in the order that was given.
func sorted(content string) string {
	parts := strings.Split(content, "&")
	for i := range parts {
		for j := i + 1; j < len(parts); j++ {
			if parts[j] < parts[i] {
				parts[i], parts[j] = parts[j], parts[i]
			}
		}
	}
	return strings.Join(parts, "&")
}
