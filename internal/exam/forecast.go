package exam

import (
	"math"
	"time"

	"leida/internal/assessment"
	"leida/internal/item"
	"leida/internal/profile"
)

// Forecast is what some assessments, sat once each within a cycle, are expected to show of a capability, before anybody has sat them (MEASUREMENT 5.2, 5.3). Every figure is of the mean
// over what their rows may draw, except where it says what is certain.
type Forecast struct {
	Capability string
	Minutes    int     // that go into it, by what the items measure; what else a form measures takes the rest of its time
	Units      float64 // information units
	Doing      float64 // share of them that shows doing and not knowing, 0..1
	Subs       []SubForecast
	Coverage   float64 // share of the capability's weight that is certain to have enough evidence
	HalfWidth  float64 // of the interval around the score, in points; 0 where there would be none
}

// SubForecast is one sub-competency of it.
type SubForecast struct {
	ID     string
	Units  float64
	Least  float64 // certain, whatever is drawn and before anybody has rated
	Items  int     // certain, and all different
	Enough bool    // what is certain is enough for a score that may be shown
}

// Forecasts are those of every capability that the assessments measure, in the model's order.
func Forecasts(lib *assessment.Library, rules profile.Rules, forms ...*assessment.Assessment) []Forecast {
	var out []Forecast
	for i := range lib.Model.Capabilities {
		if f := forecast(lib, rules, i, forms); f.Units > 0 {
			out = append(out, f)
		}
	}
	return out
}

func forecast(lib *assessment.Library, rules profile.Rules, n int, forms []*assessment.Assessment) Forecast {
	c := &lib.Model.Capabilities[n]
	f := Forecast{Capability: c.ID}
	subs := map[string]*SubForecast{}
	single := map[string]bool{} // one item is certain to be enough by itself
	for _, s := range c.Subs {
		subs[s.ID] = &SubForecast{ID: s.ID}
	}
	doing, takes := 0.0, time.Duration(0)
	for _, a := range forms {
		for i, section := range a.Sections {
			for j, row := range section.Draw {
				pool := lib.Pool(a, i, j)
				for _, sub := range c.Subs {
					id, s := sub.ID, subs[sub.ID]
					mean, least := pooled(pool, id)
					n := float64(row.N)
					s.Units, s.Least = s.Units+n*mean, s.Least+n*least
					if least > 0 {
						s.Items += row.N
						single[id] = single[id] || least >= rules.SingleUnits
					}
					if kind, ok := item.KindOf(row.Type); ok && kind.Performance {
						doing += n * mean
					}
				}
				takes += time.Duration(float64(row.N) * share(pool, subs))
			}
		}
	}
	f.Minutes = int(math.Ceil(takes.Minutes()))
	variance, weight := 0.0, 0.0
	for _, s := range c.Subs {
		x := subs[s.ID]
		x.Enough = x.Least >= rules.MinUnits-1e-9 && (x.Items >= rules.MinItems || single[s.ID])
		f.Units += x.Units
		if x.Enough {
			f.Coverage += s.Weight
			weight += s.Weight
			variance += math.Pow(s.Weight*rules.PriorSD, 2) / x.Units
		}
		f.Subs = append(f.Subs, *x)
	}
	if f.Units > 0 {
		f.Doing = min(1, doing/f.Units) // the two sums round differently
	}
	if f.Coverage >= rules.MinCoverage-1e-9 {
		f.HalfWidth = rules.Z * math.Sqrt(variance) / weight
	}
	return f
}

// pooled are the units for a sub-competency of one item out of a pool: the mean, and the least that is certain, which is without what people have yet to rate.
func pooled(pool []*item.Item, sub string) (mean, least float64) {
	for i, it := range pool {
		var n item.Yield
		for _, y := range it.Yields() {
			if y.Sub == sub {
				n = y
			}
		}
		if i == 0 || n.Marked < least {
			least = n.Marked
		}
		mean += n.Units() / float64(len(pool))
	}
	return mean, least
}

// share is the time that an item out of a pool takes for some sub-competencies, on average: by what it measures, in nanoseconds.
func share(pool []*item.Item, subs map[string]*SubForecast) float64 {
	sum := 0.0
	for _, it := range pool {
		for _, m := range it.Measures {
			if subs[m.Sub] != nil {
				sum += float64(it.Takes()) * m.W / float64(len(pool))
			}
		}
	}
	return sum
}
