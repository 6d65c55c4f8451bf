package web

import (
	"context"
	"slices"

	"leida/internal/chart"
	"leida/internal/profile"
	"leida/internal/text"
)

// trendCycles bounds a trend to what can be read at a glance.
const trendCycles = 7

// trends are the capabilities over the closed cycles, as they were frozen, and now. Without a closed cycle there is none to draw.
func (s *Server) trends(ctx context.Context, r *report, l text.Lang) ([]figure, error) {
	cycles, err := s.Store.Cycles(ctx)
	if err != nil {
		return nil, err
	}
	slices.Reverse(cycles) // oldest first
	points := make([][]chart.Point, len(r.model.Capabilities))
	for _, c := range cycles {
		if !c.Closed() {
			continue
		}
		found, err := s.Store.Snapshots(ctx, c.ID, []string{r.person.ID})
		if err != nil {
			return nil, err
		}
		snap, ok := found[r.person.ID]
		for i, def := range r.model.Capabilities {
			x := line{Status: profile.None}
			if ok {
				if f, known := snap.Line(def.ID); known {
					x.Status, x.Score = f.Status, f.Score
				}
			}
			points[i] = append(points[i], x.point(c.Name.In(l), l))
		}
	}
	var out []figure
	for i, def := range r.model.Capabilities {
		if len(points[i]) == 0 {
			continue
		}
		c := r.profile.Capabilities[i]
		now := line{Status: c.Status, Score: c.Score}
		all := append(points[i], now.point(text.Say(l, "report.trend.now"), l))
		t := chart.Trend{Title: def.Name.In(l), Name: def.Name.In(l), Points: all[max(0, len(all)-trendCycles):], Cuts: r.model.Cuts(), Lang: l}
		option, err := t.Option()
		if err != nil {
			return nil, err
		}
		out = append(out, figure{ID: "trend-" + def.ID, Title: t.Title, Option: option, SVG: t.SVG()})
	}
	return out, nil
}

// point is a line's place in a trend; what had no number is a gap.
func (x line) point(label string, l text.Lang) chart.Point {
	p := chart.Point{Label: label, Text: x.axisValue(l)}
	if x.Status == profile.Sufficient {
		p.Value, p.Lo, p.Hi = &x.Score.Y, &x.Score.Lo, &x.Score.Hi
	}
	return p
}
