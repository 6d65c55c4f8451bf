package main

import (
	"context"
	"testing"

	"github.com/chromedp/chromedp/kb"
)

func init() {
	kindTests["case_retrieval"] = testRetrievalKind
	kindSource["case_retrieval"] = "../../assessments/items/cps/cps-retrieval-0001.yaml"
}

// picked are the cases in the selects, as they would be sent.
func picked(b *tab) []string {
	b.t.Helper()
	return js[[]string](b, "[...document.querySelectorAll('.picks select')].map((s) => s.value).filter(Boolean)")
}

func testRetrievalKind(t *testing.T, browser context.Context, at *centre) {
	const saved = "document.getElementById('saved').dataset.state === 'saved'"

	b := sitKind(t, browser, at, "case_retrieval", "B1", desktop)
	looks(b, "kind-retrieval-asked")
	for _, n := range []string{"2", "5", "7"} {
		b.press("li[data-n='" + n + "'] button[value=use]")
	}
	if got := picked(b); len(got) != 3 || got[0] != "o2" || got[2] != "o7" {
		t.Fatalf("picked %v", got)
	}
	b.press("li[data-n='9'] button[value=use]") // a fourth has no place
	b.press("li[data-n='7'] button[value=up]")
	b.press("li[data-n='2'] button[value=use]") // taken back
	if got := picked(b); len(got) != 2 || got[0] != "o7" || got[1] != "o5" {
		t.Fatalf("picked %v", got)
	}
	b.wait(saved)
	b.open(b.path()) // a reload keeps everything
	if got := picked(b); len(got) != 2 || got[0] != "o7" || b.text("li[data-n='7'] button[value=use]") != b.text("li[data-n='5'] button[value=use]") {
		t.Fatalf("after a reload: %v", got)
	}
	b.press("li[data-n='1'] button[value=use]")
	b.wait(saved)
	looks(b, "kind-retrieval-answered")
	handIn(b)
	looks(b, "kind-retrieval-explained")

	// by keys alone
	k := sitKind(t, browser, at, "case_retrieval", "B2", desktop)
	k.focus("li[data-n='3'] button[value=use]")
	k.key(kb.Enter)
	k.focus("li[data-n='4'] button[value=use]")
	k.key(" ")
	k.wait("document.activeElement.closest('li')?.dataset.n === '4'")
	k.focus("li[data-n='4'] button[value=up]")
	k.key(kb.Enter)
	if got := picked(k); len(got) != 2 || got[0] != "o4" || got[1] != "o3" {
		t.Fatalf("by keys: %v", got)
	}
	k.wait(saved)

	// by touch
	p := sitKind(t, browser, at, "case_retrieval", "B3", phone)
	p.press("li[data-n='1'] button[value=use]")
	p.press("li[data-n='2'] button[value=use]")
	if got := picked(p); len(got) != 2 {
		t.Fatalf("by touch: %v", got)
	}
	p.wait(saved)

	// without scripts
	w := sitKindPlain(t, browser, at, "case_retrieval", "B4")
	js[bool](w, "(document.querySelector('.picks select').selectedIndex = 3, true)")
	w.follow(".qnav button[value='1']")
	if got := js[string](w, "document.querySelector('.picks select').value"); got != "o3" {
		t.Fatalf("without scripts: %q", got)
	}
}
