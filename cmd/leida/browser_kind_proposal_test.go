package main

import (
	"context"
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"
)

func init() {
	kindTests["improvement_proposal"] = testProposalKind
	kindSource["improvement_proposal"] = "../../internal/item/testdata/samples/svi-proposal-0001.yaml"
}

func testProposalKind(t *testing.T, browser context.Context, at *centre) {
	const whole = ".whole .length"
	section := func(n string) string { return "textarea[name='sections[s" + n + "]']" }
	count := func(b *tab, n string) string {
		b.t.Helper()
		return js[string](b, "document.querySelector(%q).closest('.section').querySelector('.count').textContent", section(n))
	}
	const baseline = "退款进度4周6200次，46%在7日内重复来电，约2852次、147小时。"
	const change = "第1周起质检入库与完成两个节点自动推送短信（产品部李，2人天）；超过36小时自动派加急单。先做透明，因为提速需增员。"

	b := sitKind(t, browser, at, "improvement_proposal", "B1", desktop)
	wantSays(b, whole, "none | 0 字 | ")
	looks(b, "kind-improvement_proposal-asked")
	b.press(".material th:nth-child(3) .sort")
	b.press(".material th:nth-child(3) .sort")
	if got := js[string](b, "document.querySelector('.material tbody th').textContent"); got != "退款进度" || b.count(".material th[aria-sort=descending]") != 1 {
		t.Errorf("most repeats first: %s", got)
	}
	b.pressText(".asks .opt", "退款进度")
	b.write("input[name='checks[f2]']", "2,852")
	b.write("input[name='checks[f3]']", "１４７．４")
	b.pressText(".asks .opt", "质检")
	b.write(section("1"), baseline)
	b.write(section("3"), change)
	if count(b, "1") != "37 字" || count(b, "2") != "0 字" || count(b, "3") != "58 字" {
		t.Errorf("sections have %s, %s and %s", count(b, "1"), count(b, "2"), count(b, "3"))
	}
	wantSays(b, whole, "short | 95 字 | 还差 205 字")
	b.write(section("5"), strings.Repeat("短信只含订单尾号，节点错推要能撤回。", 13))
	wantSays(b, whole, "fit | 329 字 | 长度合适")
	if got := b.text(".whole .open"); got != "还有 3 部分没写" {
		t.Errorf("of the blank sections: %q", got)
	}
	b.wait(isSaved)
	was := content(b)
	b.open(b.path()) // a reload keeps everything
	if got := content(b); sorted(got) != sorted(strings.NewReplacer("%EF%BC%91%EF%BC%94%EF%BC%97%EF%BC%8E%EF%BC%94", "147.4", "2%2C852", "2852").Replace(was)) {
		t.Errorf("after a reload\n%s, was\n%s", got, was)
	}
	wantSays(b, whole, "fit | 329 字 | 长度合适")
	looks(b, "kind-improvement_proposal-answered")
	handIn(b)
	if b.count(".banner[data-state=first]") != 1 || b.count(".told tbody.hit") != 4 || b.count(".own figure") != 3 || !strings.Contains(b.text("article"), "核对题得 100 分") {
		t.Errorf("the result says %s", b.text("article"))
	}
	looks(b, "kind-improvement_proposal-explained")

	// by keys alone: every field is reached in the order of the page
	k := sitKind(t, browser, at, "improvement_proposal", "B2", desktop)
	reached := map[string]bool{}
	for range 60 {
		k.key(kb.Tab)
		switch name := js[string](k, "document.activeElement.name ?? ''"); {
		case reached[name] || !strings.HasPrefix(name, "checks[") && !strings.HasPrefix(name, "sections["):
			continue
		default:
			reached[name] = true
			switch name {
			case "checks[f1]", "checks[f4]":
				k.key(" ")
			case "checks[f2]":
				k.key("9")
			case "sections[s6]":
				k.key("键")
			}
		}
	}
	if len(reached) != 10 {
		t.Errorf("by keys only these are reached: %v", reached)
	}
	k.wait(isSaved)
	if got := kept(k, k.path()); !strings.Contains(got, "sections%5Bs6%5D=%E9%94%AE") || !strings.Contains(got, "checks%5Bf1%5D=f1-") || !strings.Contains(got, "checks%5Bf2%5D=9") {
		t.Errorf("by keys: %s", got)
	}

	// by touch: the button leads to the data and back to what was being written
	p := sitKind(t, browser, at, "improvement_proposal", "B3", phone)
	p.press(section("2"))
	p.key("因")
	if got := p.text("button.flip"); got != "看材料" {
		t.Errorf("beside the text the button says %q", got)
	}
	p.press("button.flip")
	p.wait("document.querySelector('button.flip').textContent === '回到正文'")
	p.press("button.flip")
	p.wait("document.activeElement.name === 'sections[s2]'")
	if got := p.text(".whole .open"); got != "还有 5 部分没写" {
		t.Errorf("of the blank sections: %q", got)
	}
	p.wait(isSaved)
	handIn(p)
	if got := p.text("article"); p.count(".banner[data-state]") != 0 || !strings.Contains(got, "只写了 1 字") {
		t.Errorf("too short, and the result says %s", got)
	}

	// without scripts
	w := sitKindPlain(t, browser, at, "improvement_proposal", "B4")
	w.write(section("1"), baseline)
	w.write("input[name='checks[f2]']", "2852")
	w.follow(".acts button[name=_flag]")
	wantSays(w, whole, "short | 37 字 | 还差 263 字")
	if count(w, "1") != "37 字" || js[string](w, "document.querySelector(%q).value", section("1")) != baseline || js[string](w, `document.querySelector("input[name='checks[f2]']").value`) != "2852" {
		t.Errorf("without scripts: %s", content(w))
	}
}
