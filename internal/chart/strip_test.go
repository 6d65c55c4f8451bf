package chart

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestStripStaysInItsBox(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := Strip{Title: "team", Cuts: rapid.SliceOf(rapid.Float64()).Draw(t, "cuts")}
		dots := 0
		for range rapid.IntRange(1, 5).Draw(t, "rows") {
			r := StripRow{Label: "情绪识别与量化(愤怒指数)", Dots: rapid.SliceOf(rapid.Float64()).Draw(t, "dots"),
				Median: anyValue().Draw(t, "median"), Lo: anyValue().Draw(t, "lo"), Hi: anyValue().Draw(t, "hi"), Target: anyValue().Draw(t, "target")}
			for _, v := range r.Dots {
				if finite(v) {
					dots++
				}
			}
			s.Rows = append(s.Rows, r)
		}
		svg := string(s.SVG())
		inside(t, svg)
		if got := len(withClass(parse(t, svg), "d")); got != dots {
			t.Fatalf("%d dots for %d members", got, dots)
		}
	})
	if (Strip{}).SVG() != "" {
		t.Error("a strip without rows is drawn")
	}
}

func TestLanesShowEqualMembers(t *testing.T) {
	got := lanes([]float64{50, 50, 50, 50, 50, 60, 60}, 2)
	if slices.Sort(got[:5]); !slices.Equal(got[:5], []int{-2, -1, 0, 1, 2}) || got[5] != 0 || got[6] != -1 {
		t.Errorf("lanes %v", got)
	}
}

func TestBulletStaysInItsBox(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := func(name string) *float64 { return anyValue().Draw(t, name) }
		b := Bullet{Label: rapid.SampledFrom([]string{"", "AI"}).Draw(t, "label"), Value: v("value"), Lo: v("lo"), Hi: v("hi"), Target: v("target"), TeamLo: v("team lo"), TeamHi: v("team hi"), Cuts: rapid.SliceOf(rapid.Float64()).Draw(t, "cuts")}
		for _, size := range []Size{Full, Small} {
			svg := string(b.SVG(size))
			inside(t, svg)
			all := parse(t, svg)
			if present(b.Value) != (len(withClass(all, "bar")) == 1) || !present(b.Value) && len(withClass(all, "ci")) > 0 {
				t.Fatalf("a number is shown that was not measured, or the other way round: %s", svg)
			}
			if (b.Label == "") != (all[0].attr["aria-hidden"] == "true") || (b.Label == "") != (all[0].attr["aria-label"] == "") {
				t.Fatalf("hidden, or not: %v", all[0].attr)
			}
		}
	})
}

func TestBulletBar(t *testing.T) {
	all := parse(t, string(Bullet{Value: ptr(50), Target: ptr(75), TeamLo: ptr(40), TeamHi: ptr(60), Cuts: cuts}.SVG(Full)))
	if bar := withClass(all, "bar")[0]; bar.num(t, "width") != 180 {
		t.Errorf("50 of 100 is %v wide", bar.attr["width"])
	}
	if tg := withClass(all, "tg")[0]; !strings.HasPrefix(tg.attr["d"], "M270 ") {
		t.Errorf("target at %v", tg.attr["d"])
	}
	if iqr := withClass(all, "iqr")[0]; iqr.num(t, "x") != 144 || iqr.num(t, "width") != 72 {
		t.Errorf("team %v", iqr.attr)
	}
	if n := len(withClass(all, "lv")); n != 4 {
		t.Errorf("%d cuts, want 4", n)
	}
}
