package chart

import (
	"html/template"
	"strings"

	"leida/internal/text"
)

// Bullet is one score on its scale: a bar from 0 with its interval, the target, the level cuts and the team's quartiles.
type Bullet struct {
	Label          string // "" hides the drawing from screen readers, for a place that says the same in words
	Value, Lo, Hi  *float64
	Target         *float64
	TeamLo, TeamHi *float64 // P25 and P75
	Cuts           []float64
	Lang           text.Lang
}

// interval is that of the value: without a number there is none to show.
func (b Bullet) interval() (lo, hi float64, ok bool) {
	if !finite(one(b.Value)) {
		return 0, 0, false
	}
	return between(b.Lo, b.Hi)
}

// Describe says the bullet in words.
func (b Bullet) Describe() string {
	parts := []string{text.Say(b.Lang, "chart.none")}
	if v := one(b.Value); finite(v) {
		parts[0] = text.Say(b.Lang, "chart.score", "value", score(v))
	}
	if lo, hi, ok := b.interval(); ok {
		parts = append(parts, text.Say(b.Lang, "chart.interval", "lo", score(lo), "hi", score(hi)))
	}
	if v := one(b.Target); finite(v) {
		parts = append(parts, text.Say(b.Lang, "chart.target", "value", score(v)))
	}
	if lo, hi, ok := between(b.TeamLo, b.TeamHi); ok {
		parts = append(parts, text.Say(b.Lang, "chart.team", "lo", score(lo), "hi", score(hi)))
	}
	return text.Say(b.Lang, "chart.bullet", "name", b.Label, "parts", strings.Join(parts, ", "))
}

// SVG is the bullet as an svg element. [Full] is as wide as its place and 20 high; [Small] is 160 by 14, for a table cell. Without a Value there is a track and no bar.
func (b Bullet) SVG(size Size) template.HTML {
	w, h := 360.0, 20.0
	if size == Small {
		w, h = 160, 14
	}
	x := func(v float64) float64 { return w * v / 100 }
	mid, track, bar := h*0.45, h*0.6, h*0.34
	c := &canvas{}
	attrs := []string{"class", "bullet", "viewBox", "0 0 " + num(w) + " " + num(h), "preserveAspectRatio", "none"}
	if size == Small {
		attrs = append(attrs, "width", num(w), "height", num(h))
	}
	if b.Label == "" {
		attrs = append(attrs, "aria-hidden", "true")
	} else {
		attrs = append(attrs, "role", "img", "aria-label", b.Describe())
	}
	c.open("svg", attrs...)
	rect := func(class string, from, to, top, height float64, colour string, opacity float64) {
		c.el("rect", "class", class, "x", num(x(from)), "y", num(top), "width", num(x(to)-x(from)), "height", num(height), "rx", "2", "fill", c.paint(colour), "fill-opacity", num(opacity))
	}
	tick := func(class string, v, half float64, colour string, wide float64) { // stays as wide as it is when the drawing is stretched
		v = max(wide/2, min(w-wide/2, x(v)))
		c.stroke(class, "M"+num(v)+" "+num(mid-half)+"V"+num(mid+half), colour, wide, "vector-effect", "non-scaling-stroke")
	}
	rect("bg", 0, 100, mid-track/2, track, trackColour, 1)
	for _, cut := range inner(b.Cuts) {
		tick("lv", cut, track/2, surfaceColour, 2)
	}
	if lo, hi, ok := between(b.TeamLo, b.TeamHi); ok {
		rect("iqr", lo, hi, h-h*0.17, h*0.17, teamColour, 0.5)
	}
	if v := one(b.Value); finite(v) {
		rect("bar", 0, v, mid-bar/2, bar, agentColour, 1)
	}
	if lo, hi, ok := b.interval(); ok {
		c.stroke("ci", "M"+num(x(lo))+" "+num(mid)+"H"+num(x(hi)), textColour, 1.5, "vector-effect", "non-scaling-stroke")
		tick("ci", lo, track/3, textColour, 1.5)
		tick("ci", hi, track/3, textColour, 1.5)
	}
	if v := one(b.Target); finite(v) {
		tick("tg", v, h*0.45, targetColour, 3)
	}
	c.close("svg")
	return c.html()
}
