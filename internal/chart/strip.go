package chart

import (
	"html/template"
	"math"
	"slices"
	"strings"

	"leida/internal/text"
)

// Strip is a distribution strip: one row per capability, one dot per member, so that a team is seen as people and not as a mean.
type Strip struct {
	Title string
	Rows  []StripRow
	Cuts  []float64 // lowest scores of the levels
	Lang  text.Lang
}

// StripRow is one capability of a team. Lo and Hi are P25 and P75.
type StripRow struct {
	Label                  string
	Dots                   []float64 // by member, in any order; NaN and infinite ones are left out
	Median, Lo, Hi, Target *float64
}

// Measures of a strip, in SVG units.
const (
	stripWidth  = 440.0
	stripLeft   = 120.0
	stripRight  = 12.0
	stripRow    = 42.0
	stripDot    = 5.0
	stripLabels = 22.0 // room for the numbers at the foot
)

func stripX(v float64) float64 { return stripLeft + (stripWidth-stripLeft-stripRight)*v/100 }

// Describe says the strip in words: per capability the number of members, median, quartiles and target.
func (s Strip) Describe() string {
	rows := make([]string, len(s.Rows))
	and := text.Say(s.Lang, "chart.and")
	for i, r := range s.Rows {
		parts := []string{text.Say(s.Lang, "chart.members", "n", len(r.dots()))}
		if v := one(r.Median); finite(v) {
			parts = append(parts, text.Say(s.Lang, "chart.median", "value", score(v)))
		}
		if lo, hi, ok := between(r.Lo, r.Hi); ok {
			parts = append(parts, text.Say(s.Lang, "chart.quartiles", "lo", score(lo), "hi", score(hi)))
		}
		if v := one(r.Target); finite(v) {
			parts = append(parts, text.Say(s.Lang, "chart.target", "value", score(v)))
		}
		rows[i] = text.Say(s.Lang, "chart.strip.row", "name", r.Label, "parts", strings.Join(parts, ", "))
	}
	return text.Say(s.Lang, "chart.strip", "title", s.Title, "rows", strings.Join(rows, and))
}

// dots are the members that were measured, lowest first.
func (r StripRow) dots() []float64 {
	var out []float64
	for _, v := range r.Dots {
		if finite(v) {
			out = append(out, clamp(v))
		}
	}
	slices.Sort(out)
	return out
}

// SVG is the strip as an svg element for the page, 440 units wide and 42 high per row; "" without rows.
func (s Strip) SVG() template.HTML {
	if len(s.Rows) == 0 {
		return ""
	}
	c := &canvas{}
	foot := stripRow * float64(len(s.Rows))
	c.open("svg", "class", "strip", "viewBox", "0 0 "+num(stripWidth)+" "+num(foot+stripLabels), "role", "img", "aria-label", s.Describe())
	marks := append([]float64{0}, append(inner(s.Cuts), 100)...)
	for _, cut := range marks {
		c.stroke("cut", "M"+num(stripX(cut))+" 4V"+num(foot), lineColour, 1)
		c.words("tick", stripX(cut), foot+14, "middle", line{s: score(cut), size: 11}, mutedColour)
	}
	for i, r := range s.Rows {
		r.svg(c, stripRow*(float64(i)+0.5))
	}
	c.close("svg")
	return c.html()
}

// svg draws one row with its middle at y.
func (r StripRow) svg(c *canvas, y float64) {
	names := wrap(r.Label, 13, stripLeft-16, 2, true)
	for k, s := range names {
		c.words("nm", 0, y+4.5+(float64(k)-float64(len(names)-1)/2)*16, "start", line{s: s, size: 13, bold: true}, textColour)
	}
	c.stroke("ax", "M"+num(stripX(0))+" "+num(y)+"H"+num(stripX(100)), lineColour, 6, "stroke-linecap", "round")
	if lo, hi, ok := between(r.Lo, r.Hi); ok {
		c.el("rect", "class", "band", "x", num(stripX(lo)), "y", num(y-10), "width", num(stripX(hi)-stripX(lo)), "height", "20", "rx", "4", "fill", c.paint(agentColour), "fill-opacity", num(bandOpacity))
	}
	dots := r.dots()
	for k, lane := range lanes(dots, 2*stripDot*100/(stripWidth-stripLeft-stripRight)) {
		c.el("circle", "class", "d", "cx", num(stripX(dots[k])), "cy", num(y+float64(lane)*stripDot), "r", num(stripDot),
			"fill", c.paint(agentColour), "fill-opacity", "0.5", "stroke", c.paint(surfaceColour), "stroke-width", "0.75")
	}
	if v := one(r.Median); finite(v) {
		c.stroke("mean", "M"+num(stripX(v))+" "+num(y-12)+"V"+num(y+12), textColour, 2.5)
	}
	if v := one(r.Target); finite(v) {
		c.stroke("tg", "M"+num(stripX(v))+" "+num(y-15)+"V"+num(y+15), targetColour, 2.5, "stroke-dasharray", "4 2.5")
	}
}

// lanes moves sorted dots that are closer than apart off the middle, up and down in turn, so that equal members are counted and not hidden. At most two steps either way: a bigger crowd overlaps.
func lanes(dots []float64, apart float64) []int {
	order := []int{0, -1, 1, -2, 2}
	last := make([]float64, len(order))
	for i := range last {
		last[i] = math.Inf(-1)
	}
	out := make([]int, len(dots))
	for i, v := range dots {
		k := slices.IndexFunc(last, func(w float64) bool { return v-w >= apart })
		if k < 0 {
			k = i % len(order)
		}
		last[k], out[i] = v, order[k]
	}
	return out
}
