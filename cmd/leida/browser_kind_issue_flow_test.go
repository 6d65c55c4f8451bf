package main

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

func init() {
	kindTests["issue_flow"] = testIssueFlow
	kindSource["issue_flow"] = filepath.Join("..", "..", "internal", "item", "testdata", "samples", "cps-flow-0001.yaml")
}

// flowPlace is where a person puts a step: a part of its words, the department's name, the stage.
type flowPlace struct {
	step, department string
	stage            int
}

// flowBoard is a board with every kind of error.
var flowBoard = []flowPlace{
	{"停售A2611", "采购部", 1}, {"医院押金", "客户关怀部", 2}, {"建5级工单", "客户关怀部", 3}, {"市场监管部门", "法务部", 4}, {"识别知识卡", "会员运营部", 4}, {"停止食用提醒", "仓储部", 5},
	{"仓内开箱", "仓储部", 5}, {"送达书面说明", "采购部", 6}, {"进口文件", "法务部", 7}, {"供应商发函", "法务部", 8}, {"话题监测", "公关部", 8}, {"官方账号", "公关部", 8},
}

func testIssueFlow(t *testing.T, browser context.Context, at *centre) {
	t.Run("mouse", func(t *testing.T) { flowByMouse(t, browser, at) })
	t.Run("touch", func(t *testing.T) { flowByTouch(t, browser, at) })
	t.Run("keys", func(t *testing.T) { flowByKeys(t, browser, at) })
	t.Run("plain", func(t *testing.T) { flowPlain(t, browser, at) })
}

func flowByMouse(t *testing.T, browser context.Context, at *centre) {
	b := sitKind(t, browser, at, "issue_flow", "B1", desktop)
	if n := b.count(".flow .tray .fcard"); n != 14 {
		t.Fatalf("%d cards wait", n)
	}
	keepShot(b, "kind-issue_flow-blank-zh.png")
	for _, p := range flowBoard {
		flowCarry(b, flowCard(p.step), flowCell(b, p.department, p.stage))
		flowIs(b, p)
	}
	if n := b.count(".flow .tray .fcard"); n != 2 {
		t.Errorf("%d cards are left", n)
	}
	flowCarry(b, flowCard("官方账号"), "document.querySelector('.flow .tray')")
	flowIs(b, flowPlace{"官方账号", "", 0})
	flowCarry(b, flowCard("官方账号"), flowCell(b, "公关部", 8))

	was := content(b)
	flowHold(b, flowCard("医院押金"), flowCell(b, "法务部", 1))
	b.key(kb.Escape)
	b.do(chromedp.MouseEvent(chromedp.MouseReleased, 1, 1, chromedp.ButtonLeft))
	if got := content(b); got != was || b.count(".fcard.ghost") != 0 {
		t.Errorf("Escape leaves %s of %s", got, was)
	}

	for _, step := range []string{"医院押金", "市场监管部门", "停止食用提醒"} {
		b.pressAt(flowCard(step) + ".querySelector('.bell')")
	}
	if n := b.count(".flow .bell[aria-pressed=true]"); n != 3 {
		t.Errorf("%d bells ring", n)
	}
	b.pressAt("[...document.querySelectorAll('.flow .lane')].find((e) => e.textContent.includes('客户关怀部')).querySelector('input')")
	if got := js[string](b, "document.querySelector('.flowowner select').selectedOptions[0].textContent"); got != "客户关怀部" {
		t.Errorf("the owner is %q", got)
	}
	// a stage between the first two, and away again
	was = content(b)
	b.press(".flow .tool.insert[value='insert 2']")
	flowIs(b, flowPlace{"医院押金", "客户关怀部", 3})
	flowIs(b, flowPlace{"停售A2611", "采购部", 1})
	if got := js[string](b, "document.activeElement.value"); got != "insert 2" {
		t.Errorf("the focus is on %q", got)
	}
	b.press(".flow .tool.remove[value='remove 2']")
	if got := content(b); got != was {
		t.Errorf("opened and closed, the board is %s, was %s", got, was)
	}
	flowStays(b)

	looks(b, "kind-issue_flow-asked")
	b.pressAt(flowCard("停售A2611") + ".querySelector('.face')")
	if b.count("dialog.flowpanel[open]") != 1 {
		t.Error("a click opens no panel")
	}
	keepShot(b, "kind-issue_flow-panel-zh.png")
	b.key(kb.Escape)
	handIn(b)
	for _, want := range []string{"卡住的地方", "你放反了", "能少走 1 个阶段"} {
		if got := b.text("article"); !strings.Contains(got, want) {
			t.Errorf("the result does not say %q: %s", want, got)
		}
	}
	looks(b, "kind-issue_flow-explained")
}

func flowByTouch(t *testing.T, browser context.Context, at *centre) {
	b := sitKind(t, browser, at, "issue_flow", "B2", phone)
	stage := func(n int) string {
		return fmt.Sprintf("document.querySelector('.flow .stage .cell[data-stage=\"%d\"]')", n)
	}
	flowCarry(b, flowCard("建5级工单")+".querySelector('.handle')", stage(2))
	flowIs(b, flowPlace{"建5级工单", "", 2})
	if n := b.count(".fcard.undecided"); n != 1 {
		t.Errorf("%d cards want a department", n)
	}
	b.pressAt(flowCard("建5级工单") + ".querySelector('.face')")
	b.wait("document.querySelector('dialog.flowpanel[open]')")
	flowSelect(b, "dialog.flowpanel label:nth-of-type(1) select", "客户关怀部")
	keepShot(b, "kind-issue_flow-panel-phone-zh.png")
	b.press("dialog.flowpanel .pri")
	flowIs(b, flowPlace{"建5级工单", "客户关怀部", 2})
	b.pressAt(flowCard("停售A2611") + ".querySelector('.face')")
	b.wait("document.querySelector('dialog.flowpanel[open]')")
	flowSelect(b, "dialog.flowpanel label:nth-of-type(1) select", "采购部")
	flowSelect(b, "dialog.flowpanel label:nth-of-type(2) select", "第 1 阶段")
	b.press("dialog.flowpanel .check")
	b.press("dialog.flowpanel .pri")
	flowIs(b, flowPlace{"停售A2611", "采购部", 1})
	flowCarry(b, flowCard("停售A2611")+".querySelector('.handle')", stage(3))
	flowIs(b, flowPlace{"停售A2611", "采购部", 3})
	if got := b.count(".flow .bell[aria-pressed=true]"); got != 1 {
		t.Errorf("%d bells ring", got)
	}
	flowCarry(b, flowCard("停售A2611")+".querySelector('.handle')", "document.querySelector('.flow .tray')")
	flowIs(b, flowPlace{"停售A2611", "", 0})
	flowSelect(b, ".flowowner select", "品控部")
	// a finger on the face scrolls the page and moves nothing
	was := content(b)
	flowCarry(b, flowCard("医院押金")+".querySelector('.face')", stage(1))
	if got := content(b); got != was {
		t.Errorf("a card was dragged by its face: %s", got)
	}
	if b.count("dialog[open]") > 0 {
		b.press("dialog.flowpanel .pri")
	}
	flowStays(b)
}

// flowByKeys never points: tab to a card, arrows, panel, list.
func flowByKeys(t *testing.T, browser context.Context, at *centre) {
	b := sitKind(t, browser, at, "issue_flow", "B3", desktop)
	order := js[[]string](b, "[...document.querySelectorAll('.flow .lane b')].map((e) => e.textContent)")
	flowReach(b, ".tray .fcard:first-child .face")
	words := b.text(".tray .fcard:first-child .text")
	here := func(department string, stage int) {
		b.t.Helper()
		flowIs(b, flowPlace{words, department, stage})
		if got := js[string](b, "document.activeElement.closest('.fcard')?.querySelector('.text').textContent ?? document.activeElement.outerHTML"); got != words {
			b.t.Errorf("the focus is on %q", got)
		}
	}
	b.key(kb.ArrowRight)
	here(order[0], 1)
	b.key(kb.ArrowRight)
	b.key(kb.ArrowDown)
	b.key(kb.ArrowDown)
	b.key(kb.ArrowUp)
	here(order[1], 2)
	if got := b.text(".flow .board > .vh"); !strings.Contains(got, order[1]) || !strings.Contains(got, "2") {
		t.Errorf("of the move %q is spoken", got)
	}
	b.key(kb.Tab)
	b.key(" ")
	if n := b.count(".bell[aria-pressed=true]"); n != 1 {
		t.Errorf("%d bells ring", n)
	}
	flowReach(b, ".fcard.placed .face")
	b.key(kb.Enter)
	b.wait("document.querySelector('dialog.flowpanel[open]')")
	b.key(kb.Tab)
	b.key(kb.End) // the last stage there is
	b.key(kb.Escape)
	b.wait("!document.querySelector('dialog[open]')")
	here(order[1], 14)
	b.key(kb.Delete)
	here("", 0)
	b.key(kb.ArrowLeft)
	here(order[0], 1)
	flowReach(b, "input[name=_flow_owner]")
	b.key(kb.ArrowDown)
	if got := js[string](b, "document.querySelector('.flowowner select').selectedOptions[0].textContent + '/' + document.activeElement.closest('.lane').querySelector('b').textContent"); !slices.Contains(order, strings.Split(got, "/")[0]) || strings.Split(got, "/")[0] != strings.Split(got, "/")[1] {
		t.Errorf("the owner is %q", got)
	}
	flowReach(b, ".flowdetails summary")
	b.key(kb.Enter)
	flowReach(b, ".flowlist li:nth-child(3) [name^=dept]")
	b.key(kb.ArrowDown)
	b.key(kb.Tab)
	b.key(kb.ArrowDown)
	flowIs(b, flowPlace{b.text(".flowlist li:nth-child(3) .text"), order[0], 1})
	if n := b.count(".lanes .fcard"); n != 2 {
		t.Errorf("the board shows %d cards of the list", n)
	}
	flowStays(b)
}

// flowPlain answers and reads the result without scripts.
func flowPlain(t *testing.T, browser context.Context, at *centre) {
	b := sitKindPlain(t, browser, at, "issue_flow", "B4")
	if b.count(".flow .board") != 0 {
		t.Error("there is a board without scripts")
	}
	for i, p := range flowBoard {
		li := fmt.Sprintf("[...document.querySelectorAll('.flowlist li')].find((e) => e.textContent.includes(%q))", p.step)
		js[bool](b, `((li) => { for (const [name, words] of [['dept', %q], ['stage', %q]]) { const s = li.querySelector('[name^=' + name + ']'); s.value = [...s.options].find((o) => o.textContent === words).value; } return true; })(%s)`,
			p.department, fmt.Sprintf("第 %d 阶段", p.stage), li)
		if i == 1 {
			b.pressAt(li + ".querySelector('.check')")
		}
	}
	flowSelect(b, ".flowowner select", "品控部")
	was := content(b)
	b.leave(func() { b.pressAt("document.querySelector('.acts button[value=next]')") })
	b.open(flowSitting(b) + "/items/1")
	if got := content(b); sorted(got) != sorted(was) {
		t.Errorf("came back as %s, was %s", got, was)
	}
	if bad := sticksOut(b); len(bad) > 0 {
		t.Error(bad)
	}
	keepShot(b, "kind-issue_flow-plain-zh.png")
	handIn(b)
	if b.count("svg.flowmap .dot") < 12 || b.count(".flowed .marks > li") < 14 {
		t.Errorf("the result has %d dots and %d rows", b.count("svg.flowmap .dot"), b.count(".flowed .marks > li"))
	}
}

func flowSitting(b *tab) string {
	b.t.Helper()
	return strings.Split(strings.Split(b.path(), "/items/")[0], "/submit")[0]
}

// flowCard is the card of a step, as an expression.
func flowCard(step string) string {
	return fmt.Sprintf("[...document.querySelectorAll('.flow .fcard:not(.ghost)')].find((e) => e.textContent.includes(%q))", step)
}

// flowCell is the cell of a department and a stage.
func flowCell(b *tab, department string, stage int) string {
	b.t.Helper()
	id := js[string](b, "[...document.querySelectorAll('.flowowner option')].find((e) => e.textContent === %q).value", department)
	return fmt.Sprintf("document.querySelector('.flow .cell[data-dept=%q][data-stage=\"%d\"]')", id, stage)
}

// flowIs compares the fields of a step, and the place of its card where the board has lanes.
func flowIs(b *tab, p flowPlace) {
	b.t.Helper()
	got := js[string](b, `((li) => [...li.querySelectorAll('select')].map((s) => s.value && s.selectedOptions[0].textContent).join(' / '))([...document.querySelectorAll('.flowlist li')].find((e) => e.textContent.includes(%q)))`, p.step)
	want := p.department + " / "
	if p.stage > 0 {
		want += fmt.Sprintf("第 %d 阶段", p.stage)
	}
	if got != want {
		b.t.Errorf("%s is at %q, want %q", p.step, got, want)
	}
	seen := js[string](b, `(%s.closest('[data-drop]').dataset.stage ?? '')`, flowCard(p.step))
	if p.stage > 0 && seen != fmt.Sprint(p.stage) || p.stage == 0 && seen != "" {
		b.t.Errorf("the card of %s is in stage %q", p.step, seen)
	}
}

// flowStays waits until all is saved, and reloads: everything is as it was, also on the server.
func flowStays(b *tab) {
	b.t.Helper()
	b.wait("document.getElementById('saved').dataset.state === 'saved'")
	was, board := content(b), js[string](b, flowDrawn)
	if got := kept(b, b.path()); got != was {
		b.t.Errorf("the server has %s of %s", got, was)
	}
	b.open(b.path())
	if got := content(b); got != was {
		b.t.Errorf("a reload leaves %s of %s", got, was)
	}
	if got := js[string](b, flowDrawn); got != board {
		b.t.Errorf("a reload shows %s, was %s", got, board)
	}
}

const flowDrawn = `JSON.stringify([...document.querySelectorAll('.flow [data-drop]')].map((e) => [e.dataset.drop, e.dataset.dept, e.dataset.stage, e.innerText, e.querySelectorAll('[aria-pressed=true]').length]))`

// flowSelect picks an option of a select by its words.
func flowSelect(b *tab, selector, words string) {
	b.t.Helper()
	js[bool](b, `((s) => { s.value = [...s.options].find((o) => o.textContent === %q).value; s.dispatchEvent(new Event('change', { bubbles: true })); return true; })(document.querySelector(%q))`, words, selector)
}

// flowReach presses Tab until the focus is on an element.
func flowReach(b *tab, selector string) {
	b.t.Helper()
	for range 120 {
		if js[bool](b, "Boolean(document.activeElement?.matches(%q))", selector) {
			return
		}
		b.key(kb.Tab)
	}
	b.t.Fatalf("Tab never comes to %s", selector)
}

// flowCarry takes an element to another and lets go there.
func flowCarry(b *tab, from, to string) {
	b.t.Helper()
	x, y := flowHold(b, from, to)
	if b.screen.touch {
		flowFinger(b, input.DispatchTouchEventTypeTouchEnd)
		return
	}
	b.do(chromedp.MouseEvent(chromedp.MouseReleased, x, y, chromedp.ButtonLeft))
}

// flowHold takes an element to another and keeps it in hand. What is out of sight comes into it by the scrolling at the edges.
func flowHold(b *tab, from, to string) (x, y float64) {
	b.t.Helper()
	type spot struct{ X, Y, W, H float64 }
	const middle = "((e) => { const r = e.getBoundingClientRect(); return { X: r.x + r.width / 2, Y: r.y + Math.min(r.height / 2, 60), W: innerWidth, H: innerHeight }; })(%s)"
	js[bool](b, "(%s.scrollIntoView({ block: 'center', behavior: 'instant' }), true)", from)
	p := js[spot](b, middle, from)
	move := func(to spot) {
		if b.screen.touch {
			flowFinger(b, input.DispatchTouchEventTypeTouchMove, to.X, to.Y)
		} else {
			b.do(chromedp.MouseEvent(chromedp.MouseMoved, to.X, to.Y, chromedp.ButtonLeft))
		}
		p = to
	}
	if b.screen.touch {
		flowFinger(b, input.DispatchTouchEventTypeTouchStart, p.X, p.Y)
	} else {
		b.do(chromedp.MouseEvent(chromedp.MouseMoved, p.X, p.Y))
		b.do(chromedp.MouseEvent(chromedp.MousePressed, p.X, p.Y, chromedp.ButtonLeft, chromedp.ClickCount(1)))
	}
	for _, d := range []float64{4, 8, 12} {
		move(spot{p.X + d, p.Y, p.W, p.H})
	}
	for end := time.Now().Add(patience / 2); time.Now().Before(end); {
		t := js[spot](b, middle, to)
		next := t
		next.X, next.Y = max(12, min(t.X, t.W-12)), max(72, min(t.Y, t.H-100))
		near := js[bool](b, "((e) => e.contains(document.elementFromPoint(%g, %g)))(%s)", t.X, t.Y, to)
		if next.Y == t.Y && next.X == t.X && near {
			move(t)
			js[bool](b, "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))")
			if after := js[spot](b, middle, to); after == t {
				return p.X, p.Y
			}
			continue
		}
		switch {
		case t.Y > t.H-100:
			next.Y = t.H - 30
		case t.Y < 72:
			next.Y = 20
		}
		if box := js[spot](b, "((r) => ({ X: r.left, Y: r.top, W: r.right, H: r.bottom }))(document.querySelector('.flow .area').getBoundingClientRect())"); !near && next.Y == t.Y {
			if t.X > box.X+(box.W-box.X)/2 {
				next.X = box.W - 8
			} else {
				next.X = box.X + 80
			}
		}
		move(next)
		time.Sleep(30 * time.Millisecond)
	}
	return p.X, p.Y
}

func flowFinger(b *tab, kind input.DispatchTouchEventType, at ...float64) {
	b.t.Helper()
	p := input.DispatchTouchEventParams{Type: kind, TouchPoints: []*input.TouchPoint{}}
	if len(at) == 2 {
		p.TouchPoints = append(p.TouchPoints, &input.TouchPoint{X: at[0], Y: at[1]})
	}
	call(b, input.DispatchTouchEvent, p)
}
