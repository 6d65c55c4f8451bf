package web

import (
	"encoding/json"
	"html/template"

	"leida/internal/capability"
	"leida/internal/chart"
	"leida/internal/profile"
	"leida/internal/text"
)

// figure is a chart as a page carries it: the option for the script, the SVG for print and for no script, and the legend.
type figure struct {
	ID     string
	Title  string
	Option json.RawMessage
	SVG    template.HTML
	Key    []chart.KeyEntry
}

func radarFigure(id string, r chart.Radar) (figure, error) {
	option, err := r.Option()
	return figure{ID: id, Title: r.Title, Option: option, SVG: r.SVG(chart.Full), Key: r.Key()}, err
}

// line is one axis' worth of a person: what a radar, a bullet and a table all draw from.
type line struct {
	Name, Short text.Text
	Status      profile.Status
	Score       profile.Score
	Target      profile.Target
}

func (x line) value() *float64 {
	if x.Status != profile.Sufficient {
		return nil
	}
	return &x.Score.Y
}

// axisValue is what is written at an axis: the score with half its interval, or why there is none.
func (x line) axisValue(l text.Lang) string {
	if x.Status == profile.Sufficient {
		return score(x.Score.Y) + " ± " + score((x.Score.Hi-x.Score.Lo)/2)
	}
	return text.Say(l, "profile.status."+string(x.Status))
}

// comparison is what a radar sets beside the person: the last closed cycle or the team's median; empty for neither.
type comparison struct {
	Kind   chart.Kind
	Name   string
	Values []*float64
}

// radarOf draws lines as a radar. Axes are in the model's order; what has no number is a gap.
func radarOf(title, own string, lines []line, other *comparison, m *capability.Model, l text.Lang) chart.Radar {
	r := chart.Radar{Title: title, Cuts: m.Cuts(), Lang: l, Band: &chart.Band{Name: text.Say(l, "report.interval")}}
	current := chart.Outline{Kind: chart.Current, Name: own}
	target := chart.Outline{Kind: chart.Target, Name: text.Say(l, "report.target")}
	targeted := false
	for i, x := range lines {
		r.Axes = append(r.Axes, chart.Axis{Label: x.Name.In(l), Short: x.Short.In(l), Value: x.axisValue(l)})
		current.Values = append(current.Values, x.value())
		var t, lo, hi *float64
		if x.Target.Set {
			t, targeted = &x.Target.Y, true
		}
		if x.Status == profile.Sufficient {
			lo, hi = &x.Score.Lo, &x.Score.Hi
		}
		if x.Status == profile.Insufficient {
			r.Hollow = append(r.Hollow, i)
		}
		target.Values = append(target.Values, t)
		r.Band.Lo, r.Band.Hi = append(r.Band.Lo, lo), append(r.Band.Hi, hi)
	}
	r.Outlines = []chart.Outline{current}
	if targeted {
		r.Outlines = append(r.Outlines, target)
	}
	if other != nil {
		r.Outlines = append(r.Outlines, chart.Outline{Kind: other.Kind, Name: other.Name, Values: other.Values})
	}
	return r
}

// capabilityLines and subLines are a profile's axes at its two depths.
func capabilityLines(p *profile.Profile, m *capability.Model) []line {
	var out []line
	for i, c := range p.Capabilities {
		def := m.Capabilities[i]
		out = append(out, line{Name: def.Name, Short: def.Label(), Status: c.Status, Score: c.Score, Target: c.Target})
	}
	return out
}

func subLines(p *profile.Profile, m *capability.Model) []line {
	var out []line
	for i, c := range p.Capabilities {
		for j, x := range c.Subs {
			def := m.Capabilities[i].Subs[j]
			out = append(out, line{Name: def.Label(), Short: def.Label(), Status: x.Status, Score: x.Score, Target: x.Target})
		}
	}
	return out
}
