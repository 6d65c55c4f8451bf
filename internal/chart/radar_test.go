package chart

import (
	"bytes"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"leida/internal/text"
)

// sample is a radar without gaps.
func sample(n int) Radar {
	r := Radar{Title: "李婷", Cuts: cuts}
	values, target, previous := make([]*float64, n), make([]*float64, n), make([]*float64, n)
	lo, hi := make([]*float64, n), make([]*float64, n)
	for i := range n {
		r.Axes = append(r.Axes, Axis{Label: fmt.Sprintf("A%d", i), Value: "72 ± 8"})
		v := 50 + float64(i*7%45)
		values[i], target[i], previous[i], lo[i], hi[i] = ptr(v), ptr(80), ptr(v-10), ptr(v-8), ptr(v+8)
	}
	r.Outlines = []Outline{{Current, "本期", values}, {Target, "目标", target}, {Previous, "上期", previous}}
	r.Band = &Band{"90% 区间", lo, hi}
	return r
}

var sizes = []int{3, 4, 5, 8, 15}

// anyRadar draws a radar with gaps and wild values everywhere.
func anyRadar(t *rapid.T) Radar {
	n := rapid.SampledFrom(sizes).Draw(t, "axes")
	values := rapid.SliceOfN(anyValue(), n-1, n+1)
	r := Radar{Title: "李婷", Cuts: rapid.SliceOf(rapid.Float64()).Draw(t, "cuts"), Hollow: rapid.SliceOf(rapid.IntRange(-1, n)).Draw(t, "hollow")}
	for i := range n {
		label := rapid.SampledFrom([]string{"AI", "情绪识别与量化(愤怒指数)", "Emotion recognition and quantification (anger index)", ""}).Draw(t, "label")
		r.Axes = append(r.Axes, Axis{Label: label, Value: fmt.Sprintf("%d ± 8", i)})
	}
	for _, kind := range []Kind{Current, Target, Team}[:rapid.IntRange(0, 3).Draw(t, "outlines")] {
		r.Outlines = append(r.Outlines, Outline{kind, "x", values.Draw(t, "values")})
	}
	if rapid.Bool().Draw(t, "band") {
		r.Band = &Band{"90%", values.Draw(t, "lo"), values.Draw(t, "hi")}
	}
	return r
}

func TestNoVertexLeavesTheBox(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := anyRadar(t)
		inside(t, string(r.SVG(Full)))
		inside(t, string(r.SVG(Small)))
		if _, err := r.Option(); err != nil {
			t.Fatalf("%v", err)
		}
	})
}

func TestRunsAreTheStretchesBetweenGaps(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		raw := rapid.SliceOfN(anyValue(), 1, 15).Draw(t, "values")
		cyclic := rapid.Bool().Draw(t, "cyclic")
		n := len(raw)
		values := clean(raw, n)
		begins, there := 0, 0
		for i, v := range raw {
			before := (i - 1 + n) % n
			if present(v) {
				there++
				if i == 0 && !cyclic || !present(raw[before]) {
					begins++
				}
			}
		}
		got := runs(values, cyclic)
		if cyclic && there == n {
			if len(got) != 1 || !got[0].closed || len(got[0].at) != n {
				t.Fatalf("whole outline: %v", got)
			}
			return
		}
		seen := 0
		for _, r := range got {
			if r.closed {
				t.Fatalf("an outline with a gap is closed: %v", got)
			}
			for k, v := range r.at {
				seen++
				if i := int(v[1]); v[0] != values[i] {
					t.Fatalf("axis %d is %v, want %v", i, v[0], values[i])
				}
				if k > 0 && int(v[1]) != (int(r.at[k-1][1])+1)%n {
					t.Fatalf("a run jumps: %v", r.at)
				}
			}
		}
		if len(got) != begins || seen != there {
			t.Fatalf("%d runs with %d vertices, want %d with %d", len(got), seen, begins, there)
		}
	})
}

// The option and the SVG are drawn by different hands from one geometry: their vertices and their edges must be the same, found by reading both.
func TestOptionAndSVGShareVertices(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := anyRadar(t)
		raw, err := r.Option()
		o := read(t, raw, err)
		n := len(r.Axes)
		all := parse(t, string(r.SVG(Full)))
		rings := withClass(all, "ring")
		outer := subpaths(t, rings[len(rings)-1].attr["d"])[0].at
		var centre point
		for _, p := range outer {
			centre.x += p.x / float64(n)
			centre.y += p.y / float64(n)
		}
		at := func(v []*float64) point {
			p := outer[int(*v[1])%n]
			return point{centre.x + (p.x-centre.x)**v[0]/100, centre.y + (p.y-centre.y)**v[0]/100}
		}
		for _, out := range r.Outlines {
			id := styles[out.Kind].id
			data, ok := o.lineOf(id)
			if !ok || len(data) != n+1 {
				t.Fatalf("series %s has %d points for %d axes", id, len(data), n)
			}
			var wantEdges, gotEdges [][2]point
			var wantPoints []point
			for i, v := range data {
				if v[0] == nil {
					continue
				}
				if i < n {
					wantPoints = append(wantPoints, at(v))
				}
				if i < n && data[i+1][0] != nil {
					wantEdges = append(wantEdges, [2]point{at(v), at(data[i+1])})
				}
			}
			for _, e := range withClass(all, "outline-"+id) {
				for _, s := range subpaths(t, e.attr["d"]) {
					for k := 1; k < len(s.at); k++ {
						gotEdges = append(gotEdges, [2]point{s.at[k-1], s.at[k]})
					}
					if s.closed {
						gotEdges = append(gotEdges, [2]point{s.at[len(s.at)-1], s.at[0]})
					}
				}
			}
			for _, want := range wantEdges {
				k := slices.IndexFunc(gotEdges, func(got [2]point) bool { return near(got[0], want[0]) && near(got[1], want[1]) })
				if k < 0 {
					t.Fatalf("%s: the option draws %v, the SVG does not", id, want)
				}
				gotEdges = slices.Delete(gotEdges, k, k+1)
			}
			if len(gotEdges) > 0 {
				t.Fatalf("%s: the SVG draws %v, the option does not", id, gotEdges)
			}
			if marks := withClass(all, "mark-"+id); len(marks) != len(wantPoints) {
				t.Fatalf("%s: %d markers for %d values", id, len(marks), len(wantPoints))
			}
		}
	})
}

func near(a, b point) bool { return math.Abs(a.x-b.x) < 0.05 && math.Abs(a.y-b.y) < 0.05 }

func TestGaps(t *testing.T) {
	r := sample(4)
	r.Outlines[0].Values = ptrs(82, -1, 67, 71)
	all := parse(t, string(r.SVG(Full)))
	lines := withClass(all, "outline-current")
	if len(lines) != 1 || strings.Contains(lines[0].attr["d"], "Z") || strings.Count(lines[0].attr["d"], "L") != 2 {
		t.Errorf("one gap of four: %v", lines)
	}
	if len(withClass(all, "fill")) != 0 {
		t.Error("an outline with a gap is filled")
	}
	if got := withClass(all, "absent"); len(got) != 1 {
		t.Errorf("%d dashed axes, want 1", len(got))
	}

	r.Outlines[0].Values = ptrs(82, -1, 67, -1)
	r.Band.Lo, r.Band.Hi = ptrs(76, -1, 61, -1), ptrs(88, -1, 73, -1)
	all = parse(t, string(r.SVG(Full)))
	if lines := withClass(all, "outline-current"); len(lines) != 0 {
		t.Errorf("lone markers are joined: %v", lines)
	}
	if marks := withClass(all, "mark-current"); len(marks) != 2 {
		t.Errorf("%d lone markers, want 2", len(marks))
	}
	for _, b := range withClass(all, "band") {
		if b.attr["fill"] != "none" || len(subpaths(t, b.attr["d"])[0].at) != 2 {
			t.Errorf("a lone interval is an area: %v", b)
		}
	}
	o := read(t, must(r.Option()), nil)
	data, _ := o.lineOf("current")
	for i, wantNull := range []bool{false, true, false, true, false} {
		if (data[i][0] == nil) != wantNull || *data[i][1] != float64(i) {
			t.Errorf("point %d is %v", i, data[i])
		}
	}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// An axis with too little evidence shows its marker and its words, and no number in any form.
func TestHollow(t *testing.T) {
	r := sample(5)
	r.Hollow = []int{2, 2, 9, -1}
	r.Axes[2].Value = "证据不足"
	r.Outlines[0].Values[2] = ptr(33)
	all := parse(t, string(r.SVG(Full)))
	if n := len(withClass(all, "hollow")); n != 1 {
		t.Errorf("%d hollow markers, want 1", n)
	}
	if n := len(withClass(all, "mark-current")); n != 4 {
		t.Errorf("%d markers, want 4", n)
	}
	o := read(t, must(r.Option()), nil)
	if data, _ := o.lineOf("current"); data[2][0] != nil {
		t.Errorf("the option tells %v", *data[2][0])
	}
	if data, ok := o.lineOf(hollowSeries); !ok || len(data) != 1 || *data[0][0] != hollowAt || *data[0][1] != 2 {
		t.Errorf("hollow series: %v", data)
	}
	if a := o.Leida.Axes[2]; !a.Absent || a.Value != "证据不足" {
		t.Errorf("axis: %+v", a)
	}
	for _, row := range o.Leida.Tips[2] {
		if row[0] == "90% 区间" || row[0] == "本期" && row[1] != "证据不足" {
			t.Errorf("tooltip tells %v", row)
		}
	}
}

// Axes begin at 12 o'clock and go clockwise, in both outputs.
func TestDirection(t *testing.T) {
	marks := withClass(parse(t, string(sample(4).SVG(Full))), "mark-current")
	var at [4]point
	for i, m := range marks {
		at[i] = point{m.num(t, "cx"), m.num(t, "cy")}
	}
	if !(at[0].y < at[2].y && at[1].x > at[3].x && math.Abs(at[0].x-at[2].x) < 0.1 && math.Abs(at[1].y-at[3].y) < 0.1) {
		t.Errorf("vertices at %v", at)
	}
	if a := read(t, must(sample(4).Option()), nil).AngleAxis; a.StartAngle != 90 || !a.Clockwise {
		t.Errorf("angle axis %+v", a)
	}
}

func TestBandIsARingWithAHole(t *testing.T) {
	for _, n := range sizes {
		r := sample(n)
		bands := withClass(parse(t, string(r.SVG(Full))), "band")
		if len(bands) != 1 || len(subpaths(t, bands[0].attr["d"])) != 2 {
			t.Errorf("%d axes: %v", n, bands)
		}
		o := read(t, must(r.Option()), nil)
		if len(o.Leida.Band) != 1 || len(o.Leida.Band[0]) != 2 || len(o.Leida.Band[0][0]) != n {
			t.Errorf("%d axes: %v", n, o.Leida.Band)
		}
		r.Band.Lo[1] = ptr(99) // above its upper end: no interval there
		o = read(t, must(r.Option()), nil)
		if len(o.Leida.Band) != 1 || len(o.Leida.Band[0]) != 1 || len(o.Leida.Band[0][0]) != 2*(n-1) {
			t.Errorf("%d axes, one without: %v", n, o.Leida.Band)
		}
	}
}

func TestOptionHoldsDataOnly(t *testing.T) {
	r := sample(15)
	r.Hollow = []int{3}
	raw := must(r.Option())
	for _, word := range []string{"function", "=>", "__f__", "http", "legend", "toolbox"} {
		if bytes.Contains(raw, []byte(word)) {
			t.Errorf("the option holds %q", word)
		}
	}
	o := read(t, raw, nil)
	if o.Tooltip.Formatter != "radar" || !o.Tooltip.Confine || o.Leida.Kind != "radar" || o.Aria.Label.Description != r.Describe() {
		t.Errorf("%+v", o)
	}
	if *o.RadiusAxis.Min != 0 || *o.RadiusAxis.Max != 100 || *o.AngleAxis.Min != 0 || *o.AngleAxis.Max != 15 {
		t.Error("the scale is not 0-100 round 15 axes")
	}
	var order []string
	for _, s := range o.Series {
		order = append(order, s.ID)
		if s.Type == "custom" && s.RenderItem != s.ID {
			t.Errorf("series %s is drawn by %q", s.ID, s.RenderItem)
		}
		if s.Silent != (layers[s.ID] < 2) || s.Clip {
			t.Errorf("series %s: silent %v, clip %v", s.ID, s.Silent, s.Clip)
		}
	}
	if got, want := strings.Join(order, " "), "rings spokes absent band ticks previous target current hollow names"; got != want {
		t.Errorf("series %s, want %s", got, want)
	}
	if !bytes.Equal(raw, must(r.Option())) {
		t.Error("the same radar gives two options")
	}
	for _, s := range o.Series {
		if s.ID == "current" && (len(s.Data) != 16 || s.Data[15].Symbol != "none" || s.Data[0].Symbol != "") {
			t.Errorf("the outline does not close without a second symbol: %v", s.Data)
		}
	}
	rings, _ := o.lineOf(ringSeries)
	seen := map[float64]int{}
	for _, v := range rings {
		if v[0] != nil {
			seen[*v[0]]++
		}
	}
	for _, cut := range []float64{40, 60, 75, 88, 100} {
		if seen[cut] != 16 {
			t.Errorf("ring at %g has %d points", cut, seen[cut])
		}
	}
}

func TestUnsoundRadars(t *testing.T) {
	two, four, twins := sample(3), sample(4), sample(4)
	two.Axes = two.Axes[:2]
	four.Outlines = append(four.Outlines, Outline{Kind: Team})
	twins.Outlines[1].Kind = Current
	unknown := sample(4)
	unknown.Outlines[0].Kind = 9
	for name, r := range map[string]Radar{"two axes": two, "four outlines": four, "two of a kind": twins, "unknown kind": unknown} {
		if _, err := r.Option(); err == nil {
			t.Errorf("%s: no error", name)
		}
		if r.SVG(Full) != "" || r.File() != nil || r.Key() != nil {
			t.Errorf("%s: drawn", name)
		}
	}
	empty := sample(4)
	empty.Outlines, empty.Band = nil, nil
	if _, err := empty.Option(); err != nil {
		t.Errorf("nothing measured: %v", err)
	}
	inside(t, string(empty.SVG(Full)))
}

func TestFileStandsAlone(t *testing.T) {
	for _, n := range sizes {
		r := sample(n)
		r.Hollow = []int{1}
		all := parse(t, string(r.File()))
		if all[0].attr["xmlns"] == "" && !bytes.Contains(r.File(), []byte(`xmlns="http://www.w3.org/2000/svg"`)) {
			t.Error("no namespace")
		}
		if bytes.Contains(r.File(), []byte("var(")) {
			t.Error("the file leans on a style sheet")
		}
		var words []string
		for _, e := range all {
			words = append(words, e.text)
		}
		for _, want := range []string{"李婷", "本期", "目标", "上期", "90% 区间", "证据不足"} {
			if !slices.Contains(words, want) {
				t.Errorf("%d axes: %q is not in the file", n, want)
			}
		}
	}
}

func TestKeyFollowsTheDrawing(t *testing.T) {
	r := sample(4)
	var names []string
	for _, k := range r.Key() {
		names = append(names, k.Name)
		parse(t, string(k.Swatch))
	}
	if got, want := strings.Join(names, " "), "本期 目标 上期 90% 区间"; got != want {
		t.Errorf("key %q, want %q", got, want)
	}
}

func TestTheReasonOfAGapIsNeverCutShort(t *testing.T) {
	r := sample(4)
	r.Lang = text.EN
	for i := range r.Axes {
		r.Axes[i].Label, r.Axes[i].Value = []string{"AI collaboration", "Empathy digitization", "Complex problem solving", "Service innovation"}[i], "insufficient evidence"
		r.Outlines[0].Values[i] = nil
	}
	svg := string(r.SVG(Full))
	if strings.Contains(svg, "…") || strings.Count(svg, ">insufficient") != 4 || strings.Count(svg, "evidence</") != 4 {
		t.Errorf("labels are cut or missing:\n%s", svg)
	}
}
