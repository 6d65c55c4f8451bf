package main

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"leida/internal/text"
)

func init() {
	kindTests["emotion_curve"] = testCurveKind
	kindSource["emotion_curve"] = "../../internal/item/testdata/samples/emp-curve-0001.yaml"
}

const (
	kindSaved   = "document.getElementById('saved').dataset.state === 'saved'"
	curveValues = "[...document.querySelectorAll('.points input')].map((i) => i.value).join(' ')"
	curveMarks  = "[...document.querySelectorAll('.events select')].map((s) => s.value).join(' ')"
)

func curvePoint(n int) string {
	return fmt.Sprintf("document.querySelectorAll('.curve .pt')[%d]", n-1)
}

// xy is a place in the window.
type xy struct{ X, Y float64 }

// curveSpot is where a value of the n-th turn stands in the window: in its column, at its height between the outermost lines.
func curveSpot(b *tab, n int, value float64) xy {
	b.t.Helper()
	js[bool](b, "(document.querySelector('.curve').scrollIntoView({ block: 'center', behavior: 'instant' }), true)")
	return js[xy](b, `(() => {
		const r = document.querySelectorAll('.curve .pt .dot')[%d].getBoundingClientRect();
		const [low, ...more] = [...document.querySelectorAll('.curve .gl')].map((e) => e.getBoundingClientRect().y);
		return { X: r.x + r.width / 2, Y: low + (more.at(-1) - low) * %g / 100 };
	})()`, n-1, value)
}

// curveDrag takes the n-th point where it is and puts it down at a value, by mouse or by finger.
func curveDrag(b *tab, n int, to float64) {
	b.t.Helper()
	end := curveSpot(b, n, to)
	start := js[xy](b, "(({ x, y, width, height }) => ({ X: x + width / 2, Y: y + height / 2 }))(%s.querySelector('.dot').getBoundingClientRect())", curvePoint(n))
	if !b.screen.touch {
		b.do(chromedp.DragAndDropXY(start.X, start.Y, end.X, end.Y))
		return
	}
	touch := func(kind input.DispatchTouchEventType, points ...*input.TouchPoint) {
		call(b, input.DispatchTouchEvent, input.DispatchTouchEventParams{Type: kind, TouchPoints: append([]*input.TouchPoint{}, points...)})
	}
	touch(input.DispatchTouchEventTypeTouchStart, &input.TouchPoint{X: start.X, Y: start.Y})
	for i := range 8 {
		at := float64(i+1) / 8
		touch(input.DispatchTouchEventTypeTouchMove, &input.TouchPoint{X: start.X, Y: start.Y + (end.Y-start.Y)*at})
	}
	touch(input.DispatchTouchEventTypeTouchEnd)
}

func testCurveKind(t *testing.T, browser context.Context, at *centre) {
	is := func(b *tab, what, expression, want string) {
		b.t.Helper()
		if got := js[string](b, "%s", expression); got != want {
			b.t.Errorf("%s: %q, want %q", what, got, want)
		}
	}
	mark := func(b *tab, turn, event string) {
		b.t.Helper()
		b.press(fmt.Sprintf("li[data-turn=%q] .flag", turn))
		b.pressText(".menu button", event)
	}

	t.Run("mouse", func(t *testing.T) {
		b := sitKind(t, browser, at, "emotion_curve", "B1", desktop)
		looks(b, "kind-emotion_curve-blank")
		is(b, "before", curveValues, strings.Repeat(" ", 9))
		for i, value := range []float64{72, 56, 35, 24, 29, 88, 60, 76, 40, 20} {
			p := curveSpot(b, i+1, value)
			b.do(chromedp.MouseClickXY(p.X, p.Y))
		}
		is(b, "by clicks", curveValues, "72 56 35 24 29 88 60 76 40 20")
		is(b, "the highest stands out", "[...document.querySelectorAll('.curve .pt')].findIndex((g) => g.classList.contains('peak')) + ''", "5")
		curveDrag(b, 4, 18)
		is(b, "dragged", curveValues, "72 56 35 18 29 88 60 76 40 20")
		b.do(chromedp.MouseEvent(input.DispatchMouseEventTypeMouseMoved, 5, 5))
		p := js[xy](b, "(({ x, y }) => ({ X: x + 20, Y: y + 10 }))(document.querySelector('li[data-turn=c2] .bub').getBoundingClientRect())")
		b.do(chromedp.MouseEvent(input.DispatchMouseEventTypeMouseMoved, p.X, p.Y))
		is(b, "a turn lights its point", "[...document.querySelectorAll('.curve .pt.on')].map((g) => g.getAttribute('aria-label').slice(0, 2)).join()", "c2")
		p = curveSpot(b, 7, 60)
		b.do(chromedp.MouseEvent(input.DispatchMouseEventTypeMouseMoved, p.X, p.Y))
		is(b, "a point lights its turn", "[...document.querySelectorAll('.emotion .chat .on')].map((li) => li.dataset.turn).join()", "c7")
		if got := b.text(".said"); !strings.Contains(got, "定位看到了") {
			t.Errorf("the words of the turn are %q", got)
		}
		b.write("input[name='curve[c10]']", "19.8")
		is(b, "typed", "document.querySelectorAll('.curve .pt')[9].getAttribute('aria-valuetext')", "19.8 轻微不耐")
		p = curveSpot(b, 10, 19.8)
		b.do(chromedp.MouseClickXY(p.X, p.Y+3))
		is(b, "a point that is only pressed stays", curveValues, "72 56 35 18 29 88 60 76 40 19.8")
		b.do(chromedp.MouseEvent(input.DispatchMouseEventTypeMousePressed, p.X, p.Y, chromedp.ButtonLeft), chromedp.MouseEvent(input.DispatchMouseEventTypeMouseMoved, p.X, p.Y-90, chromedp.ButtonLeft))
		b.wait("!document.querySelector(\"input[name='curve[c10]']\").value.startsWith('19')")
		b.key(kb.Escape)
		b.do(chromedp.MouseEvent(input.DispatchMouseEventTypeMouseReleased, p.X, p.Y-90, chromedp.ButtonLeft))
		is(b, "escape takes a drag back", curveValues, "72 56 35 18 29 88 60 76 40 19.8")
		mark(b, "c6", "峰值轮")
		mark(b, "b1", "触发话轮")
		mark(b, "b2", "触发话轮")
		mark(b, "h4", "转折话轮")
		mark(b, "h6", "反弹话轮")
		mark(b, "c8", "隐性愤怒轮")
		is(b, "marked", curveMarks, "c6 c8 b2 h4 h6")
		is(b, "the marks are shown", "[...document.querySelectorAll('.chips')].map((e) => e.textContent).filter(Boolean).join()", "触发话轮,峰值轮,转折话轮,隐性愤怒轮,反弹话轮")
		b.wait(kindSaved)
		b.open(b.path())
		is(b, "after a reload", curveValues, "72 56 35 18 29 88 60 76 40 19.8")
		is(b, "after a reload", curveMarks, "c6 c8 b2 h4 h6")
		if got := kept(b, b.path()); !strings.Contains(got, "curve%5Bc10%5D=19.8") || !strings.Contains(got, "events%5Be5%5D=h6") {
			t.Errorf("the server has %s", got)
		}
		looks(b, "kind-emotion_curve-asked")
		handIn(b)
		if got := b.text(".remember"); !strings.Contains(got, "c5") || !strings.Contains(got, "低估了 37 分") || !strings.Contains(got, "冷愤怒") {
			t.Errorf("to remember: %q", got)
		}
		b.press("details:last-of-type summary")
		looks(b, "kind-emotion_curve-explained")
	})

	t.Run("keys", func(t *testing.T) {
		b := sitKind(t, browser, at, "emotion_curve", "B2", desktop)
		curveUnread(b)
		b.focus("li[data-turn=h1] .flag")
		for range 40 { // from the last flag by Tab alone
			if js[bool](b, "document.activeElement.matches('.pt')") {
				break
			}
			b.key(kb.Tab)
		}
		b.key(kb.ArrowUp)
		b.key(kb.PageUp)
		b.key(kb.ArrowDown)
		b.key(kb.ArrowRight)
		b.key(kb.End)
		b.key(kb.PageDown)
		b.key(kb.Tab)
		b.key(kb.Home)
		is(b, "by keys", curveValues, "60 90 0       ")
		is(b, "the focus is seen", "document.querySelectorAll('.pt.on').length + document.querySelector('.pt.on').getAttribute('aria-label').slice(0, 2)", "1c3")
		b.focus("li[data-turn=b2] .flag")
		b.key(kb.Enter)
		b.key(kb.ArrowDown)
		b.key(kb.ArrowUp)
		b.key(" ")
		is(b, "marked by keys", curveMarks, "  b2  ")
		is(b, "the focus comes back", "document.activeElement.closest('li').dataset.turn", "b2")
		if got := b.text(".emotion > p.vh"); !strings.Contains(got, "触发话轮：b2") {
			t.Errorf("spoken: %q", got)
		}
		b.key(kb.Enter)
		b.key(kb.Escape)
		is(b, "escape changes nothing", curveMarks, "  b2  ")
		if b.count(".menu") != 0 {
			t.Error("the menu stays")
		}
		b.key(kb.Enter)
		b.key(kb.Enter) // taken back
		is(b, "unmarked", curveMarks, "    ")
		b.focus(".events select")
		b.key(kb.ArrowDown)
		is(b, "by select", "document.querySelector('li[data-turn=c1] .chips').textContent", "峰值轮")
		b.write("input[name='curve[c4]']", "140")
		b.focus("input[name='curve[c5]']")
		is(b, "too much", "document.querySelector('.points [aria-invalid]')?.parentElement.firstElementChild.textContent ?? ''", "c4")
		b.write(".points [aria-invalid]", "")
		b.wait(kindSaved)
		b.open(b.path())
		is(b, "after a reload", curveValues, "60 90 0       ")
	})

	t.Run("touch", func(t *testing.T) {
		b := sitKind(t, browser, at, "emotion_curve", "B3", phone)
		if b.count(".anchors[open]") != 0 {
			t.Error("the anchors are not folded")
		}
		p := curveSpot(b, 1, 70)
		b.do(chromedp.TapXY(p.X, p.Y))
		is(b, "tapped", curveValues, "70         ")
		curveDrag(b, 1, 40)
		curveDrag(b, 2, 95) // a point that has no value yet is dragged from the middle
		is(b, "dragged", curveValues, "40 95        ")
		mark(b, "c5", "隐性愤怒轮")
		is(b, "marked", curveMarks, " c5   ")
		// a finger that passes over the drawing leaves it as it is
		p = curveSpot(b, 6, 20)
		call(b, input.SynthesizeScrollGesture, input.SynthesizeScrollGestureParams{X: p.X, Y: p.Y, YDistance: -200, GestureSourceType: input.GestureSourceTypeTouch})
		is(b, "passed over", curveValues, "40 95        ")
		b.wait(kindSaved)
		b.open(b.path())
		is(b, "after a reload", curveValues, "40 95        ")
		is(b, "after a reload", curveMarks, " c5   ")
	})

	t.Run("plain", func(t *testing.T) {
		b := sitKindPlain(t, browser, at, "emotion_curve", "B4")
		if b.count(".curve, .flag") != 0 || b.count(".hint[hidden]") == 0 {
			t.Error("something is shown that does nothing without scripts")
		}
		b.write("input[name='curve[c1]']", "71.8")
		b.write("input[name='curve[c9]']", "40")
		b.focus(".events select")
		b.key(kb.ArrowDown)
		b.key(kb.ArrowDown)
		page := b.path()
		b.follow(".acts button[value=next]")
		b.open(page)
		is(b, "kept", curveValues, "71.8        40 ")
		is(b, "kept", curveMarks, "c2    ")
		keepShot(b, "kind-emotion_curve-plain.png")
	})
}

// curveUnread types what is no value: it is told and kept out, all else is saved, and it is saved once it is mended.
func curveUnread(b *tab) {
	b.t.Helper()
	const third = "input[name='curve[c3]'], .points label:nth-of-type(3) input"
	b.write("input[name='curve[c1]']", "60")
	b.write(third, "7.55")
	b.focus("input[name='curve[c2]']")
	if b.count(".points input[aria-invalid=true]:not([name])") != 1 || !strings.HasSuffix(b.text(".emotion .unread"), "c3") || !js[bool](b, "document.getElementById(document.querySelector(%q).getAttribute('aria-describedby')).matches('.unread')", third) {
		b.t.Errorf("what is no value is told so: %q", b.text(".emotion .unread"))
	}
	b.write("input[name='curve[c2]']", "40")
	b.wait(kindSaved)
	if got := kept(b, b.path()); !strings.Contains(got, "curve%5Bc2%5D=40") || !strings.Contains(got, "curve%5Bc1%5D=60") || strings.Contains(got, "7.55") {
		b.t.Errorf("beside what cannot be read the server has %s", got)
	}
	if got := js[string](b, "[...document.querySelector('.qnav [aria-current]:not(.done) small:not([hidden])').children].map((e) => e.textContent.trim()).join(' ')"); got != text.Say(text.ZH, "sitting.map.begun")+" 2/15" {
		b.t.Errorf("the map says %q", got)
	}
	for _, f := range axe(b, false) {
		b.t.Errorf("with a field that cannot be read: %s", f)
	}
	keepShot(b, "kind-emotion_curve-unread.png")
	page := b.path()
	b.press(".acts button[value=next]")
	b.wait("document.activeElement.matches(%q)", third)
	if b.path() != page {
		b.t.Errorf("with a field that cannot be read it went on to %s untold", b.path())
	}
	b.write(third, "7.5")
	b.wait("document.querySelector('.emotion .unread').textContent === '' && document.querySelectorAll('.points input[aria-invalid]').length === 0")
	b.wait(kindSaved)
	if got := kept(b, b.path()); !strings.Contains(got, "curve%5Bc3%5D=7.5&") {
		b.t.Errorf("once it is mended the server has %s", got)
	}
	b.follow(".qnav button.submit")
	if got := b.text("h1") + b.text(".left"); !strings.HasPrefix(got, text.Say(text.ZH, "submit.begun", "n", 1)) || !strings.HasSuffix(got, "3/15") {
		b.t.Errorf("the page that hands in says %q", got)
	}
	for _, f := range axe(b, false) {
		b.t.Errorf("handing in what is begun: %s", f)
	}
	b.open(page)
	for n := range 3 {
		b.write(fmt.Sprintf("input[name='curve[c%d]']", n+1), "")
	}
}
