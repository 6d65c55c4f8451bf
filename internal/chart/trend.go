package chart

import (
	"encoding/json"
	"errors"
	"html/template"
	"strings"

	"github.com/go-echarts/go-echarts/v2/charts"
	"github.com/go-echarts/go-echarts/v2/opts"

	"leida/internal/text"
)

// Trend is one capability over cycles: a line with its interval, over the level cuts.
type Trend struct {
	Title  string
	Name   string    // of the line, in its tooltip
	Points []Point   // oldest first; at least one
	Cuts   []float64 // lowest scores of the levels
	Lang   text.Lang
}

// Point is one cycle. Without a Value it is a gap in the line; without both Lo and Hi it has no interval.
type Point struct {
	Label         string // of the cycle
	Value, Lo, Hi *float64
	Text          string // "72 ± 8" or 未评估, as the caller words it
}

var errPoints = errors.New("chart: a trend needs at least one point")

// The frame of a trend. The option names the same margins, so that both outputs lie alike.
const (
	trendWidth, trendHeight                     = 320.0, 150.0
	trendLeft, trendRight, trendTop, trendBelow = 30.0, 12.0, 12.0, 26.0
)

// values are the line and its interval, brought to the scale.
func (t Trend) values() (v, lo, hi []float64) {
	n := len(t.Points)
	v, lo, hi = make([]float64, n), make([]float64, n), make([]float64, n)
	for i, p := range t.Points {
		v[i], lo[i], hi[i] = one(p.Value), one(p.Lo), one(p.Hi)
	}
	return v, lo, hi
}

// steps is the plane of a trend: steps evenly across, 0 at the foot.
func steps(n int) plane {
	each := (trendWidth - trendLeft - trendRight) / float64(n)
	return func(v vertex) point {
		return point{trendLeft + each*(v[1]+0.5), trendTop + (trendHeight-trendTop-trendBelow)*(1-v[0]/100)}
	}
}

// Describe says the trend in words: its title and every cycle with its value.
func (t Trend) Describe() string {
	points := make([]string, len(t.Points))
	for i, p := range t.Points {
		points[i] = text.Say(t.Lang, "chart.axis", "name", p.Label, "value", p.Text)
	}
	return text.Say(t.Lang, "chart.trend", "title", t.Title, "points", strings.Join(points, text.Say(t.Lang, "chart.and")))
}

// Option is the trend as an ECharts option for charts.js. It is an error to have no points.
func (t Trend) Option() (json.RawMessage, error) {
	if len(t.Points) == 0 {
		return nil, errPoints
	}
	v, lo, hi := t.values()
	ext := extension{Kind: "trend", Band: bands(lo, hi, false), Tips: make([][][2]string, len(t.Points))}
	labels := make([]string, len(t.Points))
	for i, p := range t.Points {
		labels[i] = p.Label
		ext.Tips[i] = [][2]string{{t.Name, p.Text}}
	}
	px := func(v float64) string { return num(v) }
	c := charts.NewLine()
	c.SetGlobalOptions(described("trend", "axis", t.Describe())...)
	c.SetGlobalOptions(
		charts.WithGridOpts(opts.Grid{Left: px(trendLeft), Right: px(trendRight), Top: px(trendTop), Bottom: px(trendBelow)}),
		charts.WithXAxisOpts(opts.XAxis{Type: "category",
			AxisLine: &opts.AxisLine{LineStyle: &opts.LineStyle{Color: lineColour}}, AxisTick: &opts.AxisTick{Show: opts.Bool(false)},
			AxisLabel: &opts.AxisLabel{Color: mutedColour, FontSize: 11, HideOverlap: opts.Bool(true)}}),
		charts.WithYAxisOpts(opts.YAxis{Type: "value", Min: 0, Max: 100, Show: opts.Bool(false)}),
	)
	c.SetXAxis(labels)
	var cuts, pieces []vertex
	for _, cut := range inner(t.Cuts) {
		cuts = append(cuts, vertex{0, cut})
	}
	for _, p := range ext.Band {
		pieces = append(pieces, vertex{p[0][0][1], p[0][0][0]})
	}
	custom(c, cutSeries, "cartesian2d", cuts)
	custom(c, bandSeries, "cartesian2d", pieces)
	look := outline(trendStyle, "cartesian2d")
	data := lineData(v, false)
	for i := range data { // a grid wants the step first
		p := data[i].Value.([]any)
		p[0], p[1] = p[1], p[0]
	}
	c.AddSeries(t.Name, data, look...)
	c.Accept(finish{extension: ext})
	return marshal(c)
}

// trendStyle is the look of the person's own outline, finer.
var trendStyle = style{"current", agentColour, "solid", "circle", 2.5, 7}

// SVG is the trend as an svg element for the page, 320 by 150 units; "" when it has no points.
func (t Trend) SVG() template.HTML {
	n := len(t.Points)
	if n == 0 {
		return ""
	}
	v, lo, hi := t.values()
	at := steps(n)
	c := &canvas{}
	c.open("svg", "class", "trend", "viewBox", "0 0 "+num(trendWidth)+" "+num(trendHeight), "role", "img", "aria-label", t.Describe())
	across := func(value float64) string {
		y := num(at(vertex{value, 0}).y)
		return "M" + num(trendLeft) + " " + y + "H" + num(trendWidth-trendRight)
	}
	c.stroke("axis", across(0), lineColour, 1)
	for _, cut := range inner(t.Cuts) {
		c.stroke("cut", across(cut), lineColour, 1, "stroke-dasharray", "3 3")
		c.words("tick", trendLeft-6, at(vertex{cut, 0}).y+3.5, "end", line{s: score(cut), size: 10}, mutedColour)
	}
	for _, piece := range bands(lo, hi, false) {
		drawBand(c, at, piece, 1)
	}
	for _, r := range runs(v, false) {
		if len(r.at) > 1 {
			c.stroke("ln", path(at, r.at, false), agentColour, trendStyle.width)
		}
		for _, q := range r.at {
			c.symbol(trendStyle, at(q), 1)
		}
	}
	room := (trendWidth - trendLeft - trendRight) / float64(n)
	widest := 0.0
	for _, p := range t.Points {
		widest = max(widest, width(p.Label, 11, false))
	}
	every := max(1, int((widest+8)/room+0.999))   // so many steps share the room of one label
	for i := (n - 1) % every; i < n; i += every { // the newest is always named
		q := at(vertex{0, float64(i)})
		l := line{s: ellipsis(t.Points[i].Label, 11, 2*min(q.x, trendWidth-q.x), false), size: 11}
		c.words("step", q.x, trendHeight-9, "middle", l, mutedColour)
	}
	c.close("svg")
	return c.html()
}
