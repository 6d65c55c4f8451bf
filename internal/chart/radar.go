package chart

import (
	"encoding/json"
	"errors"
	"html/template"
	"math"
	"strings"

	"github.com/go-echarts/go-echarts/v2/charts"
	"github.com/go-echarts/go-echarts/v2/opts"

	"leida/internal/text"
)

// Radar is a radar chart: one axis per capability, one outline per thing compared.
type Radar struct {
	Title    string    // for the screen reader and the downloaded file; the page writes its own heading
	Axes     []Axis    // at least three; in the given order, the first at 12 o'clock, clockwise
	Cuts     []float64 // lowest scores of the levels: a ring at each that lies inside the scale, and one at 100
	Outlines []Outline // at most three, each kind once
	Band     *Band     // the 90 % interval of a person, or P25-P75 of a team
	Hollow   []int     // axes with some evidence but too little: an open marker, never a number
	Lang     text.Lang
}

// Axis is one axis and what is written at its end.
type Axis struct {
	Label string
	Short string // for small multiples and crowded charts; Label when empty
	Value string // "72 ± 8", 未评估 or 证据不足, as the caller words it
}

// Outline is one polygon. Values are by axis; nil, NaN and missing ones are gaps.
type Outline struct {
	Kind   Kind
	Name   string
	Values []*float64
}

// Band is an area between two values per axis; an axis without both, or with Lo above Hi, has none.
type Band struct {
	Name   string
	Lo, Hi []*float64
}

// KeyEntry is one line of a legend.
type KeyEntry struct {
	Swatch template.HTML // an svg element of 30 x 12, hidden from screen readers
	Name   string
}

var (
	errAxes     = errors.New("chart: a radar needs at least three axes")
	errOutlines = errors.New("chart: a radar shows at most three outlines, each kind once")
)

// hollowAt is the radius of every hollow marker: the same for all, so that nobody reads a score off it.
const hollowAt = 14

// radarDrawing is a radar brought to the scale: what option and SVG have in common.
type radarDrawing struct {
	Radar
	cuts     []float64 // with 100 outermost
	outlines []outlineValues
	lo, hi   []float64
	measured []bool // by axis: the main outline has a number there
	hollow   []vertex
}

type outlineValues struct {
	style
	name   string
	values []float64
}

func (r Radar) draw() (radarDrawing, error) {
	n := len(r.Axes)
	d := radarDrawing{Radar: r, cuts: append(inner(r.Cuts), 100), measured: make([]bool, n)}
	if n < 3 {
		return d, errAxes
	}
	isHollow := make([]bool, n)
	for _, i := range r.Hollow {
		if i >= 0 && i < n && !isHollow[i] {
			isHollow[i] = true
			d.hollow = append(d.hollow, vertex{hollowAt, float64(i)})
		}
	}
	for _, kind := range drawingOrder {
		for _, o := range r.Outlines {
			if o.Kind == kind {
				d.outlines = append(d.outlines, outlineValues{styles[kind], o.Name, clean(o.Values, n)})
			}
		}
	}
	for i := 1; i < len(d.outlines); i++ {
		if d.outlines[i].id == d.outlines[i-1].id {
			return d, errOutlines
		}
	}
	if len(d.outlines) > 3 || len(d.outlines) != len(r.Outlines) {
		return d, errOutlines
	}
	if r.Band != nil {
		d.lo, d.hi = clean(r.Band.Lo, n), clean(r.Band.Hi, n)
	}
	if len(d.outlines) == 0 {
		return d, nil
	}
	main := d.outlines[len(d.outlines)-1]
	for i := range n {
		if isHollow[i] && main.id == "current" {
			main.values[i] = absent
			if d.hi != nil {
				d.hi[i] = absent
			}
		}
		d.measured[i] = finite(main.values[i])
	}
	return d, nil
}

// band are the pieces of the interval; none when there is no band.
func (d radarDrawing) band() [][][]vertex { return bands(d.lo, d.hi, true) }

// Describe says the radar in words: its title and every axis with its value.
func (r Radar) Describe() string {
	axes := make([]string, len(r.Axes))
	for i, a := range r.Axes {
		axes[i] = text.Say(r.Lang, "chart.axis", "name", a.Label, "value", a.Value)
	}
	return text.Say(r.Lang, "chart.radar", "title", r.Title, "axes", strings.Join(axes, text.Say(r.Lang, "chart.and")))
}

// Option is the radar as an ECharts option, to stand in <script type="application/json"> for charts.js. It is an error to have fewer than three axes, more than three outlines, or two of one kind.
//
// It uses a polar coordinate system: the radar series of ECharts draws what was not measured as 0 and has no rings at unequal cuts.
func (r Radar) Option() (json.RawMessage, error) {
	d, err := r.draw()
	if err != nil {
		return nil, err
	}
	n := len(d.Axes)
	c := charts.NewLine()
	c.SetGlobalOptions(described("radar", "item", r.Describe())...)
	c.SetGlobalOptions(
		charts.WithPolarOps(opts.Polar{Center: []string{"50%", "50%"}, Radius: []string{"0%", "70%"}}),
		charts.WithAngleAxisOps(opts.AngleAxis{PolarAxisBase: opts.PolarAxisBase{Type: "value", StartAngle: 90, Max: float64(n), Interval: 1, Silent: opts.Bool(true)}, Clockwise: opts.Bool(true)}),
		charts.WithRadiusAxisOps(opts.RadiusAxis{PolarAxisBase: opts.PolarAxisBase{Type: "value", Max: 100, Silent: opts.Bool(true)}}),
	)
	var rings []opts.LineData
	for _, cut := range d.cuts {
		rings = append(rings, lineData(d.ring(cut), true)...)
		rings = append(rings, linePoint(absent, n))
	}
	c.AddSeries("", rings, grid(ringSeries, "polar", "solid")...)
	c.AddSeries("", d.spokes(true), grid(spokeSeries, "polar", "solid")...)
	c.AddSeries("", d.spokes(false), grid(absentSeries, "polar", "dashed")...)

	ext := extension{Kind: "radar", Band: d.band(), Tips: d.tips()}
	var names, ticks []vertex
	for i, a := range d.Axes {
		names = append(names, vertex{100, float64(i)})
		ext.Axes = append(ext.Axes, axisNote{a.Label, a.short(), a.Value, !d.measured[i]})
	}
	for _, cut := range inner(d.Cuts) {
		ticks = append(ticks, vertex{cut, 0})
	}
	var pieces []vertex
	for _, p := range ext.Band {
		pieces = append(pieces, p[0][0])
	}
	custom(c, bandSeries, "polar", pieces)
	custom(c, tickSeries, "polar", ticks)
	for _, o := range d.outlines {
		look := outline(o.style, "polar")
		if d.filled(o) {
			look = append(look, charts.WithAreaStyleOpts(opts.AreaStyle{Color: o.colour, Opacity: opts.Float(fillOpacity)}))
		}
		c.AddSeries(o.name, lineData(o.values, true), look...)
	}
	custom(c, hollowSeries, "polar", d.hollow)
	custom(c, nameSeries, "polar", names)
	c.Accept(finish{extension: ext})
	return marshal(c)
}

// filled reports whether an outline gets its faint fill: only the main one, and only without a gap, for a fill would close the gap.
func (d radarDrawing) filled(o outlineValues) bool {
	r := runs(o.values, true)
	return o.id == "current" && len(r) == 1 && r[0].closed
}

// ring is one cut on every axis.
func (d radarDrawing) ring(cut float64) []float64 {
	out := make([]float64, len(d.Axes))
	for i := range out {
		out[i] = cut
	}
	return out
}

// spokes are the axes that are measured, or those that are not, as one broken line.
func (d radarDrawing) spokes(measured bool) []opts.LineData {
	data := []opts.LineData{}
	for i, m := range d.measured {
		if m == measured {
			data = append(data, linePoint(0, i), linePoint(100, i), linePoint(absent, i))
		}
	}
	return data
}

// tips are the rows of the tooltip of each axis: every outline with its number, then the band.
func (d radarDrawing) tips() [][][2]string {
	out := make([][][2]string, len(d.Axes))
	for i, a := range d.Axes {
		if !d.measured[i] {
			out[i] = append(out[i], [2]string{d.mainName(), a.Value})
		}
		for k := len(d.outlines) - 1; k >= 0; k-- {
			if o := d.outlines[k]; finite(o.values[i]) {
				out[i] = append(out[i], [2]string{o.name, score(o.values[i])})
			}
		}
		if d.hi != nil && d.lo[i] <= d.hi[i] {
			out[i] = append(out[i], [2]string{d.Band.Name, score(d.lo[i]) + "–" + score(d.hi[i])})
		}
	}
	return out
}

func (d radarDrawing) mainName() string {
	if len(d.outlines) == 0 {
		return ""
	}
	return d.outlines[len(d.outlines)-1].name
}

func (a Axis) short() string {
	if a.Short != "" {
		return a.Short
	}
	return a.Label
}

// SVG is the radar as an svg element for the page, 480 by 400 units, or 176 by 140 when [Small]; "" when it has fewer than three axes or its outlines are not sound (see [Radar.Option]). It carries its description for a screen reader and no legend (see [Radar.Key]).
func (r Radar) SVG(size Size) template.HTML {
	d, err := r.draw()
	if err != nil {
		return ""
	}
	c := &canvas{}
	w, h := 480.0, 400.0
	if size == Small {
		w, h = 176, 140
	}
	c.open("svg", "class", "radar", "viewBox", "0 0 "+num(w)+" "+num(h), "overflow", "visible", "role", "img", "aria-label", r.Describe())
	d.svg(c, w, h, size)
	c.close("svg")
	return c.html()
}

// File is the radar as an SVG file that stands alone: title, legend and colours of its own. It is nil where SVG is "".
func (r Radar) File() []byte {
	d, err := r.draw()
	if err != nil {
		return nil
	}
	const w, h, head, row = 640.0, 520.0, 44.0, 26.0
	c := &canvas{light: true}
	key := d.key()
	total := head + h + row*float64((len(key)+2)/3) + 12
	c.open("svg", "xmlns", "http://www.w3.org/2000/svg", "viewBox", "0 0 "+num(w)+" "+num(total), "width", num(w), "height", num(total),
		"role", "img", "aria-label", r.Describe(), "lang", r.Lang.Tag(),
		"font-family", "system-ui, 'PingFang SC', 'Microsoft YaHei', 'Noto Sans CJK SC', 'Noto Sans SC', sans-serif")
	c.el("rect", "width", num(w), "height", num(total), "fill", c.paint(surfaceColour))
	c.words("title", w/2, 30, "middle", line{s: ellipsis(r.Title, 18, w-32, true), size: 18, bold: true}, textColour)
	c.open("g", "transform", "translate(0 "+num(head)+")")
	d.svg(c, w, h, Full)
	c.close("g")
	for i, k := range key {
		c.open("g", "transform", "translate("+num(24+float64(i%3)*(w-48)/3)+" "+num(head+h+row*float64(i/3))+")")
		k.swatch(c)
		c.words("key", 40, 10.5, "start", line{s: ellipsis(k.name, 13, (w-48)/3-48, false), size: 13}, mutedColour)
		c.close("g")
	}
	c.close("svg")
	return []byte(c.b.String())
}

// svg draws the radar in a frame of w by h.
func (d radarDrawing) svg(c *canvas, w, h float64, size Size) {
	n := len(d.Axes)
	centre, radius, labels, boxes := d.place(w, h, size)
	at := polar(centre, radius, n)
	scale := 1.0
	if size == Small {
		scale = 0.6
	}
	for _, cut := range d.cuts {
		c.stroke("ring", path(at, vertices(d.ring(cut)), true), lineColour, 1)
	}
	for i, m := range d.measured {
		spoke := path(at, []vertex{{0, float64(i)}, {100, float64(i)}}, false)
		if m {
			c.stroke("g", spoke, lineColour, 1)
		} else {
			c.stroke("g absent", spoke, lineColour, 1, "stroke-dasharray", "4 2")
		}
	}
	for _, piece := range d.band() {
		drawBand(c, at, piece, scale)
	}
	if size == Full {
		d.drawTicks(c, at)
	}
	for _, o := range d.outlines {
		if d.filled(o) {
			c.el("path", "class", "fill", "d", path(at, vertices(o.values), true), "fill", c.paint(o.colour), "fill-opacity", num(fillOpacity))
		}
		for _, r := range runs(o.values, true) {
			if len(r.at) > 1 {
				c.stroke("outline outline-"+o.id, path(at, r.at, r.closed), o.colour, o.width*max(scale, 0.7), dashes(o.style)...)
			}
			for _, v := range r.at {
				if size == Full || len(r.at) == 1 {
					c.symbol(o.style, at(v), max(scale, 0.8))
				}
			}
		}
	}
	for _, v := range d.hollow {
		q := at(v)
		c.el("circle", "class", "hollow", "cx", num(q.x), "cy", num(q.y), "r", num(5*max(scale, 0.7)), "fill", c.paint(surfaceColour), "stroke", c.paint(agentColour), "stroke-width", "2")
	}
	for i, l := range labels {
		drawLabel(c, l, boxes[i])
	}
}

// brevity is one way to write the labels.
type brevity struct {
	short  bool
	most   int     // lines of the name
	room   float64 // of a line, as a share of the frame's width
	values bool    // also where there is a number
}

// brevities are the ways to write labels, the fullest first.
var brevities = map[Size][]brevity{
	Full:  {{false, 3, 0.28, true}, {true, 2, 0.24, true}, {true, 2, 0.18, true}, {true, 1, 0.14, false}},
	Small: {{true, 1, 0.25, false}, {true, 1, 0.18, false}}, // never a value: all members of a team get the same radius
}

// passes are what is asked of the labels, the best first: the least radius as a share of the frame, and whether names may be cut short.
var passes = []struct {
	least float64
	cut   bool
}{{0.28, false}, {0.2, false}, {0.28, true}, {0.2, true}}

// place finds room for the labels: as full as leaves a radar that can be read, at last none.
func (d radarDrawing) place(w, h float64, size Size) (centre point, r float64, labels []label, boxes []box) {
	n := len(d.Axes)
	labels = make([]label, n)
	ways := brevities[size]
	switch {
	case size == Small && n > 6:
		ways = nil
	case n > 8:
		ways = ways[1:]
	}
	for _, pass := range passes {
		for _, way := range ways {
			cut := false
			for i := range labels {
				labels[i] = d.label(i, way, w, size)
				cut = cut || labels[i].cut
			}
			if cut && !pass.cut {
				continue
			}
			if centre, r, boxes = fit(labels, w, h); r >= pass.least*min(w, h) {
				return centre, r, labels, boxes
			}
		}
	}
	clear(labels)
	centre, r, boxes = fit(labels, w, h)
	return centre, r, labels, boxes
}

// label is what is written at axis i.
func (d radarDrawing) label(i int, way brevity, w float64, size Size) label {
	n, a, absent := len(d.Axes), d.Axes[i], !d.measured[i]
	em, room, name := 14.0, way.room*w, a.Label
	switch {
	case size == Small:
		em = 11
	case n > 10:
		em = 11.5
	case n > 6:
		em = 12.5
	}
	if way.short {
		name = a.short()
	}
	if n <= 8 && (i == 0 || 2*i == n) {
		room *= 1.8 // straight up or down there is more of it
	}
	var lines []line
	for _, s := range wrap(name, em, room, way.most, size == Full) {
		lines = append(lines, line{s: s, size: em, bold: size == Full, muted: absent})
	}
	if size == Full && a.Value != "" && (absent || way.values) {
		for _, s := range wrap(a.Value, em*0.95, valueRoom*w, 2, false) {
			lines = append(lines, line{s: s, size: em * 0.95, muted: absent})
		}
	}
	return newLabel(lines...)
}

// valueRoom is the share of the width that a line of an axis's value may take; a longer one, such as "insufficient evidence", takes two.
const valueRoom = 0.28

func drawLabel(c *canvas, l label, b box) {
	x, y := b.x, b.y
	switch b.anchor {
	case "middle":
		x += b.w / 2
	case "end":
		x += b.w
	}
	for _, t := range l.lines {
		class, colour := "lab", textColour
		if t.muted {
			class, colour = "none", mutedColour
		}
		c.words(class, x, y+t.size, b.anchor, t, colour)
		y += t.size * lineHeight
	}
}

// drawTicks writes the level cuts along the first axis, leaving out those that would touch another or an outline, which falls away from the axis by the slope of the rings.
func (d radarDrawing) drawTicks(c *canvas, at plane) {
	const size = 10.0
	slope := math.Tan(math.Pi / float64(len(d.Axes)))
	last := at(vertex{0, 0}).y
	for _, cut := range inner(d.Cuts) {
		q := at(vertex{cut, 0})
		middle := q.y - 2 - size/2
		free := last-q.y >= size
		for _, o := range d.outlines {
			free = free && !(math.Abs(at(vertex{o.values[0], 0}).y+11*slope-middle) < 7+6*slope) // NaN is never near
		}
		if free {
			last = q.y
			c.words("tick", q.x+5, q.y-2, "start", line{s: score(cut), size: size}, mutedColour)
		}
	}
}

// drawBand draws one piece of an interval; a lone one is a stroke along its axis.
func drawBand(c *canvas, at plane, piece [][]vertex, scale float64) {
	if lone(piece) {
		c.stroke("band", area(at, piece), agentColour, 10*scale, "stroke-opacity", num(loneOpacity))
		return
	}
	c.el("path", "class", "band", "d", area(at, piece), "fill", c.paint(agentColour), "fill-opacity", num(bandOpacity))
}

// keyEntry is a legend line before it is drawn.
type keyEntry struct {
	name   string
	swatch func(*canvas)
}

func (d radarDrawing) key() []keyEntry {
	var out []keyEntry
	for i := len(d.outlines) - 1; i >= 0; i-- {
		o := d.outlines[i]
		out = append(out, keyEntry{o.name, func(c *canvas) {
			c.stroke("outline-"+o.id, "M1 6H29", o.colour, o.width, dashes(o.style)...)
			c.symbol(o.style, point{15, 6}, 1)
		}})
	}
	if len(d.band()) > 0 {
		out = append(out, keyEntry{d.Band.Name, func(c *canvas) {
			c.el("rect", "class", "band", "width", "30", "height", "12", "rx", "3", "fill", c.paint(agentColour), "fill-opacity", num(bandOpacity))
		}})
	}
	if len(d.hollow) > 0 {
		out = append(out, keyEntry{text.Say(d.Lang, "chart.insufficient"), func(c *canvas) {
			c.el("circle", "cx", "15", "cy", "6", "r", "5", "fill", c.paint(surfaceColour), "stroke", c.paint(agentColour), "stroke-width", "2")
		}})
	}
	return out
}

// Key is the legend of the radar, the main outline first.
func (r Radar) Key() []KeyEntry {
	d, err := r.draw()
	if err != nil {
		return nil
	}
	var out []KeyEntry
	for _, k := range d.key() {
		c := &canvas{}
		c.open("svg", "width", "30", "height", "12", "viewBox", "0 0 30 12", "aria-hidden", "true")
		k.swatch(c)
		c.close("svg")
		out = append(out, KeyEntry{c.html(), k.name})
	}
	return out
}
