package chart

import (
	"fmt"
	"math"
	"testing"

	"pgregory.net/rapid"
)

func anyTrend(t *rapid.T) Trend {
	tr := Trend{Title: "AI", Name: "李婷", Cuts: rapid.SliceOf(rapid.Float64()).Draw(t, "cuts")}
	for i := range rapid.IntRange(1, 30).Draw(t, "points") {
		tr.Points = append(tr.Points, Point{Label: fmt.Sprintf("2026 Q%d", i), Value: anyValue().Draw(t, "value"), Lo: anyValue().Draw(t, "lo"), Hi: anyValue().Draw(t, "hi")})
	}
	return tr
}

func TestTrendOptionAndSVGShareVertices(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		tr := anyTrend(t)
		svg := string(tr.SVG())
		inside(t, svg)
		raw, err := tr.Option()
		o := read(t, raw, err)
		data, ok := o.lineOf("current")
		if !ok || len(data) != len(tr.Points) {
			t.Fatalf("%d points for %d cycles", len(data), len(tr.Points))
		}
		each := (trendWidth - trendLeft - trendRight) / float64(len(data))
		var edges, got int
		marks := withClass(parse(t, svg), "mark-current")
		for i, v := range data {
			if *v[0] != float64(i) || (v[1] == nil) == present(tr.Points[i].Value) {
				t.Fatalf("point %d is %v", i, v)
			}
			if v[1] == nil {
				continue
			}
			want := point{trendLeft + each*(float64(i)+0.5), trendHeight - trendBelow - *v[1]*(trendHeight-trendTop-trendBelow)/100}
			if m := marks[0]; !near(point{m.num(t, "cx"), m.num(t, "cy")}, want) {
				t.Fatalf("cycle %d is at %v, want %v", i, m.attr, want)
			}
			marks = marks[1:]
			if i > 0 && data[i-1][1] != nil {
				edges++
			}
		}
		for _, e := range withClass(parse(t, svg), "ln") {
			got += len(subpaths(t, e.attr["d"])[0].at) - 1
		}
		if len(marks) > 0 || got != edges {
			t.Fatalf("%d markers too many, %d edges for %d", len(marks), got, edges)
		}
	})
}

func TestTrendWithoutPoints(t *testing.T) {
	if _, err := (Trend{}).Option(); err == nil || (Trend{}).SVG() != "" {
		t.Error("an empty trend is drawn")
	}
}

func TestTrendLabelsDoNotTouch(t *testing.T) {
	for _, n := range []int{1, 2, 5, 12, 40} {
		tr := Trend{}
		for i := range n {
			tr.Points = append(tr.Points, Point{Label: fmt.Sprintf("2026 第%d季度", i), Value: ptr(50)})
		}
		end := math.Inf(-1)
		labels := withClass(parse(t, string(tr.SVG())), "step")
		for _, e := range labels {
			x, half := e.num(t, "x"), width(e.text, 11, false)/2
			if x-half < end || x-half < 0 || x+half > trendWidth {
				t.Errorf("%d cycles: %q lies over another or outside", n, e.text)
			}
			end = x + half
		}
		if len(labels) == 0 {
			t.Errorf("%d cycles: no label", n)
		}
	}
}
