package chart

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"html/template"
	"io"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"leida/internal/text"
)

// element is one element of a parsed SVG.
type element struct {
	name string
	attr map[string]string
	text string
}

func (e element) num(t failer, name string) float64 {
	v, err := strconv.ParseFloat(e.attr[name], 64)
	if err != nil {
		t.Fatalf("%s of <%s>: %v", name, e.name, err)
	}
	return v
}

type failer interface {
	Helper()
	Fatalf(format string, args ...any)
	Errorf(format string, args ...any)
}

// parse reads an SVG strictly: a broken element or an unescaped name fails.
func parse(t failer, svg string) []element {
	t.Helper()
	var all []element
	var open []int
	d := xml.NewDecoder(strings.NewReader(svg))
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			t.Fatalf("not XML: %v\n%s", err, svg)
		}
		switch x := token.(type) {
		case xml.StartElement:
			e := element{name: x.Name.Local, attr: map[string]string{}}
			for _, a := range x.Attr {
				e.attr[a.Name.Local] = a.Value
			}
			open = append(open, len(all))
			all = append(all, e)
		case xml.EndElement:
			open = open[:len(open)-1]
		case xml.CharData:
			if len(open) > 0 {
				all[open[len(open)-1]].text += string(x)
			}
		}
	}
}

func withClass(all []element, class string) []element {
	var out []element
	for _, e := range all {
		if slices.Contains(strings.Fields(e.attr["class"]), class) {
			out = append(out, e)
		}
	}
	return out
}

// subpath is one M ... of a d attribute.
type subpath struct {
	at     []point
	closed bool
}

var step = regexp.MustCompile(`([MLHVZ])([^MLHVZ]*)`)

func subpaths(t failer, d string) []subpath {
	t.Helper()
	var out []subpath
	for _, m := range step.FindAllStringSubmatch(d, -1) {
		var n []float64
		for _, f := range strings.Fields(m[2]) {
			v, err := strconv.ParseFloat(f, 64)
			if err != nil {
				t.Fatalf("%q in path %q", f, d)
			}
			n = append(n, v)
		}
		if m[1] == "M" {
			out = append(out, subpath{})
		}
		last := &out[len(out)-1]
		switch m[1] {
		case "Z":
			last.closed = true
		case "H":
			last.at = append(last.at, point{n[0], last.at[len(last.at)-1].y})
		case "V":
			last.at = append(last.at, point{last.at[len(last.at)-1].x, n[0]})
		default:
			last.at = append(last.at, point{n[0], n[1]})
		}
	}
	return out
}

// inside checks that no vertex of a drawing leaves its box, and that nothing in it is NaN, infinite, styled inline or a handler.
func inside(t failer, svg string) {
	t.Helper()
	all := parse(t, svg)
	var w, h float64
	for i, f := range strings.Fields(all[0].attr["viewBox"]) {
		v, _ := strconv.ParseFloat(f, 64)
		switch i {
		case 2:
			w = v
		case 3:
			h = v
		}
	}
	check := func(e element, x, y float64) {
		if !(x >= -0.01 && x <= w+0.01 && y >= -0.01 && y <= h+0.01) {
			t.Errorf("<%s class=%q> at %g %g leaves the box of %g by %g", e.name, e.attr["class"], x, y, w, h)
		}
	}
	for _, e := range all {
		for name, value := range e.attr {
			if name == "style" || strings.HasPrefix(name, "on") {
				t.Errorf("<%s> has %s=%q", e.name, name, value)
			}
			if name != "aria-label" && (strings.Contains(value, "NaN") || strings.Contains(value, "Inf") || strings.Contains(value, "e+")) {
				t.Errorf("<%s> has %s=%q", e.name, name, value)
			}
		}
		switch e.name {
		case "path":
			for _, s := range subpaths(t, e.attr["d"]) {
				for _, p := range s.at {
					check(e, p.x, p.y)
				}
			}
		case "circle":
			check(e, e.num(t, "cx"), e.num(t, "cy"))
		case "rect":
			check(e, e.num(t, "x"), e.num(t, "y"))
			check(e, e.num(t, "x")+e.num(t, "width"), e.num(t, "y")+e.num(t, "height"))
		case "text":
			check(e, e.num(t, "x"), e.num(t, "y"))
		}
	}
}

// option is what the tests look at in an option.
type option struct {
	Series []struct {
		ID         string
		Name       string
		Type       string
		RenderItem string
		Silent     bool
		Clip       bool
		AreaStyle  map[string]any
		Data       []struct {
			Value  []*float64
			Symbol string
		}
	}
	Tooltip struct {
		Formatter string
		Confine   bool
	}
	AngleAxis struct {
		Min, Max   *float64
		StartAngle float64
		Clockwise  bool
	}
	RadiusAxis struct{ Min, Max *float64 }
	Leida      struct {
		Kind string
		Axes []axisNote
		Band [][][][2]float64
		Tips [][][2]string
	}
	Aria struct{ Label struct{ Description string } }
}

func read(t failer, raw json.RawMessage, err error) option {
	t.Helper()
	if err != nil {
		t.Fatalf("%v", err)
	}
	var o option
	if err := json.Unmarshal(raw, &o); err != nil {
		t.Fatalf("%v in %s", err, raw)
	}
	return o
}

// lineOf is the data of a series, [value, step] or [step, value] as it stands.
func (o option) lineOf(id string) (data [][]*float64, ok bool) {
	for _, s := range o.Series {
		if s.ID == id {
			for _, d := range s.Data {
				data = append(data, d.Value)
			}
			return data, true
		}
	}
	return nil, false
}

func ptr(v float64) *float64 { return &v }

func ptrs(vs ...float64) []*float64 {
	out := make([]*float64, len(vs))
	for i, v := range vs {
		if v >= 0 { // a negative one stands for a gap
			out[i] = ptr(v)
		}
	}
	return out
}

// anyValue draws a value as anything might hand it over: absent in four ways, or far off the scale.
func anyValue() *rapid.Generator[*float64] {
	return rapid.OneOf(
		rapid.Just[*float64](nil), rapid.Just(ptr(math.NaN())), rapid.Just(ptr(math.Inf(1))), rapid.Just(ptr(math.Inf(-1))),
		rapid.Map(rapid.Float64Range(0, 100), ptr), rapid.Map(rapid.Float64Range(0, 100), ptr), rapid.Map(rapid.Float64Range(0, 100), ptr),
		rapid.Map(rapid.Float64(), ptr),
	)
}

func present(v *float64) bool { return v != nil && finite(*v) }

var (
	cuts  = []float64{0, 40, 60, 75, 88}
	nasty = `</script><b title="x">&'` + "\u2028\x00"
)

func TestHeat(t *testing.T) {
	for _, c := range []struct {
		value *float64
		want  string
	}{
		{nil, ""}, {ptr(math.NaN()), ""}, {ptr(math.Inf(1)), ""}, {ptr(-3), "h0"}, {ptr(0), "h0"}, {ptr(39.99), "h0"}, {ptr(40), "h1"},
		{ptr(60), "h2"}, {ptr(75), "h3"}, {ptr(87.9), "h3"}, {ptr(88), "h4"}, {ptr(100), "h4"}, {ptr(140), "h4"},
	} {
		if got := Heat(c.value, cuts); got != c.want {
			t.Errorf("Heat(%v) = %q, want %q", c.value, got, c.want)
		}
	}
	if got := Heat(ptr(99), []float64{10, 20, 30, 40, 50, 60, 70, 80}); got != "h4" {
		t.Errorf("nine levels: %q", got)
	}
	if got := Heat(ptr(50), []float64{75, math.NaN(), 40, 40}); got != "h1" {
		t.Errorf("cuts out of order: %q", got)
	}
}

// A page writes the option into a script element through html/template; names must come out of it as they went in, and never end the element.
func TestOptionInAPage(t *testing.T) {
	r := sample(4)
	r.Title, r.Axes[0].Label, r.Outlines[0].Name = nasty, nasty, nasty
	raw, err := r.Option()
	o := read(t, raw, err)
	if o.Leida.Axes[0].Label != nasty {
		t.Errorf("label came out as %q", o.Leida.Axes[0].Label)
	}
	var page strings.Builder
	if err := template.Must(template.New("").Parse(`<script type="application/json">{{.}}</script>`)).Execute(&page, raw); err != nil {
		t.Fatal(err)
	}
	body, ok := strings.CutPrefix(page.String(), `<script type="application/json">`)
	body, ok2 := strings.CutSuffix(body, `</script>`)
	if !ok || !ok2 || strings.ContainsAny(body, "<>") {
		t.Errorf("the script element can be left: %s", page.String())
	}
	if got := read(t, json.RawMessage(body), nil); got.Leida.Axes[0].Label != o.Leida.Axes[0].Label {
		t.Errorf("label reads as %q in the page", got.Leida.Axes[0].Label)
	}
}

func TestNamesAreEscapedInSVG(t *testing.T) {
	r := sample(5)
	r.Title, r.Axes[0].Label, r.Axes[0].Short, r.Axes[1].Value, r.Outlines[0].Name, r.Band.Name = nasty, nasty, nasty, nasty, nasty, nasty
	s := Strip{Title: nasty, Rows: []StripRow{{Label: nasty, Dots: []float64{1, 2}}}}
	tr := Trend{Title: nasty, Name: nasty, Points: []Point{{Label: nasty, Text: nasty, Value: ptr(3)}}}
	b := Bullet{Label: nasty, Value: ptr(3)}
	for name, svg := range map[string]string{
		"full": string(r.SVG(Full)), "small": string(r.SVG(Small)), "file": string(r.File()), "key": string(r.Key()[0].Swatch),
		"strip": string(s.SVG()), "trend": string(tr.SVG()), "bullet": string(b.SVG(Full)),
	} {
		for _, e := range parse(t, svg) {
			if e.name == "b" || e.name == "script" {
				t.Errorf("%s: a name became an element", name)
			}
		}
		if strings.Contains(svg, "</script") || strings.ContainsRune(svg, 0) {
			t.Errorf("%s: %s", name, svg)
		}
	}
}

func TestDescriptionsInBothLanguages(t *testing.T) {
	for lang, want := range map[text.Lang][]string{
		text.ZH: {"雷达图，李婷：A0 72 ± 8；", "趋势图，AI：Q1 60；Q2 未评估", "分布图，队：A 3 人, 中位数 50, P25–P75 40–60, 目标 80", "A:得分 72, 区间 64–80, 目标 75, 团队 P25–P75 60–70", "B:没有分数"},
		text.EN: {"Radar chart, 李婷: A0 72 ± 8; ", "Trend, AI: Q1 60; Q2 未评估", "Distribution, 队: A 3 members, median 50, P25–P75 40–60, target 80", "A: score 72, interval 64–80, target 75, team P25–P75 60–70", "B: no score"},
	} {
		r := sample(3)
		r.Lang = lang
		tr := Trend{Title: "AI", Points: []Point{{Label: "Q1", Text: "60"}, {Label: "Q2", Text: "未评估"}}, Lang: lang}
		s := Strip{Title: "队", Lang: lang, Rows: []StripRow{{"A", []float64{50, math.NaN(), 40, 60}, ptr(50), ptr(40), ptr(60), ptr(80)}}}
		a := Bullet{"A", ptr(72), ptr(64), ptr(80), ptr(75), ptr(60), ptr(70), cuts, lang}
		b := Bullet{Label: "B", Lo: ptr(1), Hi: ptr(2), Lang: lang}
		for i, got := range []string{r.Describe(), tr.Describe(), s.Describe(), a.Describe(), b.Describe()} {
			if !strings.HasPrefix(got, want[i]) {
				t.Errorf("%s: %q, want %q", lang, got, want[i])
			}
		}
	}
}
