// Package chart turns numbers into drawings: an option for the chart library of the page, and the same drawing as SVG, from one geometry.
//
// Every score lies on 0-100 and every scale starts at 0. A value that is nil, NaN or infinite was not measured: it is absent from the drawing, never 0. A value outside 0-100 is drawn at the edge.
// Colours are the custom properties of the style sheet ("--c-agent"); only [Radar.File] carries colours of its own.
package chart

import (
	"cmp"
	"math"
	"slices"
	"strconv"
)

// Size is how much room a drawing has.
type Size int

const (
	Full  Size = iota // a figure of its own: labels, values, level marks
	Small             // a small multiple or a table cell: short labels, no marks
)

// Kind says what an outline of a radar stands for, and with that its colour, dash, symbol and width.
type Kind int

const (
	Current  Kind = iota // the person or team itself: solid, wide, filled circles
	Target               // what the role asks for: dashed, diamonds
	Previous             // the cycle before: dotted, triangles
	Team                 // the team's median: solid, thin, squares
)

// style is how a kind is told apart, in page and SVG alike.
type style struct {
	id     string // of the series in the option, and class suffix in the SVG
	colour string
	dash   string // solid, dashed or dotted
	symbol string
	width  float64
	size   float64 // of the symbol
}

var styles = map[Kind]style{
	Current:  {"current", agentColour, "solid", "circle", 3, 8},
	Target:   {"target", targetColour, "dashed", "diamond", 2, 8},
	Previous: {"previous", previousColour, "dotted", "triangle", 2, 7},
	Team:     {"team", teamColour, "solid", "rect", 1.5, 5},
}

// drawingOrder puts the outline that matters most on top.
var drawingOrder = []Kind{Team, Previous, Target, Current}

// Colours by the name of their custom property.
const (
	agentColour    = "--c-agent"
	targetColour   = "--c-target"
	previousColour = "--c-prev"
	teamColour     = "--c-team"
	textColour     = "--text"
	mutedColour    = "--muted"
	lineColour     = "--line"
	strongColour   = "--line-strong"
	surfaceColour  = "--surface"
	trackColour    = "--surface-2"
)

// The opacities that both outputs share. The fill is faint on purpose: area carries no meaning on a radar.
const (
	fillOpacity = 0.09
	bandOpacity = 0.2
	loneOpacity = 0.3 // of an interval whose neighbours are absent: a stroke, easily missed
)

// Heat is the class "h0" to "h4" of a cell in a heat table: the number of level cuts that the value reaches, at most 4. It is "" for a value that was not measured.
// cuts are the lowest scores of the levels; a cut of 0 or below, which everybody reaches, does not count.
func Heat(value *float64, cuts []float64) string {
	v := absent
	if value != nil {
		v = *value
	}
	if !finite(v) {
		return ""
	}
	reached := 0
	for _, c := range inner(cuts) {
		if v >= c {
			reached++
		}
	}
	return "h" + strconv.Itoa(min(reached, 4))
}

// absent stands for what was not measured.
var absent = math.NaN()

func finite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }

func clamp(v float64) float64 { return max(0, min(100, v)) }

// one is a single value brought to the scale, or absent.
func one(v *float64) float64 {
	if v == nil || !finite(*v) {
		return absent
	}
	return clamp(*v)
}

// clean brings values to the scale and to length n; what is missing is absent.
func clean(values []*float64, n int) []float64 {
	out := make([]float64, n)
	for i := range out {
		out[i] = absent
		if i < len(values) {
			out[i] = one(values[i])
		}
	}
	return out
}

// between is an interval brought to the scale; ok is false unless both ends are there and in order.
func between(lo, hi *float64) (l, h float64, ok bool) {
	l, h = one(lo), one(hi)
	return l, h, l <= h // false when either is NaN
}

// inner are the cuts that can be seen: finite, inside the scale, ascending, each once.
func inner(cuts []float64) []float64 {
	out := slices.DeleteFunc(slices.Clone(cuts), func(c float64) bool { return !(c > 0 && c < 100) })
	slices.SortFunc(out, cmp.Compare[float64])
	return slices.Compact(out)
}

// score is a number as people read it: at most one decimal.
func score(v float64) string { return strconv.FormatFloat(math.Round(v*10)/10, 'f', -1, 64) }
