package chart

import (
	"encoding/json"

	"github.com/go-echarts/go-echarts/v2/charts"
	"github.com/go-echarts/go-echarts/v2/opts"
	"github.com/go-echarts/go-echarts/v2/types"
)

// Series ids that static/src/charts.js knows. It gives each custom series its drawing function by the name in renderItem; an option holds data only, never code.
const (
	ringSeries   = "rings"
	spokeSeries  = "spokes"
	absentSeries = "absent"
	bandSeries   = "band"
	hollowSeries = "hollow"
	nameSeries   = "names"
	tickSeries   = "ticks"
	cutSeries    = "cuts"
)

// axisNote is what charts.js has to write at one axis of a radar.
type axisNote struct {
	Label  string `json:"label"`
	Short  string `json:"short"`
	Value  string `json:"value"`
	Absent bool   `json:"absent,omitempty"` // no number: the value is shown muted
}

// extension is what the page needs and ECharts has no option for; charts.js takes it out before it draws.
type extension struct {
	Kind string        `json:"kind"` // radar or trend
	Axes []axisNote    `json:"axes,omitempty"`
	Band [][][]vertex  `json:"band,omitempty"`
	Tips [][][2]string `json:"tips"` // by axis or step: rows of name and value
}

// finish is the visitor that adds what go-echarts has no field for and drops what the bundle has no component for.
type finish struct {
	charts.BaseConfigurationVisitor
	extension extension
}

// layers order the series; what lies below 2 is background and does not answer to the pointer.
var layers = map[string]int{
	ringSeries: 0, spokeSeries: 0, absentSeries: 0, cutSeries: 0, bandSeries: 1, tickSeries: 1,
	"team": 2, "previous": 3, "target": 4, "current": 5, hollowSeries: 6, nameSeries: 6,
}

func (f finish) Visit(chart map[string]any) {
	for _, unused := range []string{"title", "legend", "toolbox", "color"} {
		delete(chart, unused)
	}
	chart["leida"] = f.extension
}

// VisitTooltipOpt keeps the tooltip inside the figure.
func (finish) VisitTooltipOpt(t opts.Tooltip) any {
	return struct {
		opts.Tooltip
		Confine bool `json:"confine"`
	}{t, true}
}

// VisitAngleAxis hides the axis, which the grid series draw, and states its minimum, which opts leaves out when it is 0.
func (finish) VisitAngleAxis(a opts.AngleAxis) any {
	return struct {
		opts.AngleAxis
		Show bool    `json:"show"`
		Min  float64 `json:"min"`
	}{AngleAxis: a}
}

// VisitRadiusAxis does the same for the radius.
func (finish) VisitRadiusAxis(a opts.RadiusAxis) any {
	return struct {
		opts.RadiusAxis
		Show bool    `json:"show"`
		Min  float64 `json:"min"`
	}{RadiusAxis: a}
}

// VisitSeriesOpt puts the series in layers and stops clipping, which would cut half of a line that runs along the edge.
func (finish) VisitSeriesOpt(all charts.MultiSeries) any {
	type series struct {
		charts.SingleSeries
		Silent bool `json:"silent"`
		Z      int  `json:"z"`
		Clip   bool `json:"clip"`
	}
	out := make([]series, len(all))
	for i, s := range all {
		z := layers[s.Id]
		out[i] = series{SingleSeries: s, Silent: z < 2, Z: z}
	}
	return out
}

// marshal is the last step of every option. Names are escaped by encoding/json, so the result can stand in a script element.
func marshal(c *charts.Line) (json.RawMessage, error) {
	c.Validate()
	return json.Marshal(c.JSON())
}

// lineData are values as points of a line series. An absent value is null, which breaks the line; a cyclic outline ends on its first value again, without a second symbol.
func lineData(values []float64, cyclic bool) []opts.LineData {
	out := make([]opts.LineData, 0, len(values)+1)
	for i, v := range values {
		out = append(out, linePoint(v, i))
	}
	if cyclic {
		first := linePoint(values[0], len(values))
		first.Symbol = "none"
		out = append(out, first)
	}
	return out
}

func linePoint(v float64, at int) opts.LineData {
	if !finite(v) {
		return opts.LineData{Value: []any{nil, at}}
	}
	return opts.LineData{Value: []any{v, at}}
}

// outline is the look of a line series of a kind.
func outline(s style, coordinates string) []charts.SeriesOpts {
	item := opts.ItemStyle{Color: s.colour, BorderColor: surfaceColour, BorderWidth: 1.5}
	if s.id == "target" {
		item.Color, item.BorderColor = surfaceColour, targetColour
	}
	return []charts.SeriesOpts{
		charts.WithSeriesId(s.id),
		charts.WithLineChartOpts(opts.LineChart{CoordSystem: coordinates, Symbol: s.symbol, SymbolSize: s.size, ShowSymbol: opts.Bool(true), ConnectNulls: opts.Bool(false)}),
		charts.WithLineStyleOpts(opts.LineStyle{Color: s.colour, Type: s.dash, Width: float32(s.width)}),
		charts.WithItemStyleOpts(item),
	}
}

// grid is the look of a series that only draws lines of the background.
func grid(id, coordinates, dash string) []charts.SeriesOpts {
	return []charts.SeriesOpts{
		charts.WithSeriesId(id),
		charts.WithLineChartOpts(opts.LineChart{CoordSystem: coordinates, Symbol: "none", ConnectNulls: opts.Bool(false)}),
		charts.WithLineStyleOpts(opts.LineStyle{Color: lineColour, Type: dash, Width: 1}),
	}
}

// custom lays a series over the chart that charts.js draws: one item for each vertex, by the function named as the series.
func custom(c *charts.Line, id, coordinates string, at []vertex) {
	if len(at) == 0 {
		return
	}
	data := make([]opts.CustomData, len(at))
	for i, v := range at {
		data[i].Value = v
	}
	over := charts.NewCustom()
	over.AddSeries("", data, charts.WithSeriesId(id), charts.WithCoordinateSystem(coordinates),
		charts.WithCustomChartOpts(opts.CustomChart{RenderItem: types.FuncStr(id)}))
	c.Overlap(over)
}

// described are the options that every chart shares: no animation, a tooltip by name, and the words for a screen reader.
func described(formatter, trigger, words string) []charts.GlobalOpts {
	return []charts.GlobalOpts{
		charts.WithAnimation(false),
		charts.WithTooltipOpts(opts.Tooltip{Show: opts.Bool(true), Trigger: trigger, Formatter: types.FuncStr(formatter)}),
		charts.WithAriaOpts(&opts.Aria{Enabled: opts.Bool(true), Label: &opts.AriaLabel{Enabled: opts.Bool(true), Description: words}}),
	}
}
