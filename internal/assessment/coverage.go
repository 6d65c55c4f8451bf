package assessment

import (
	"cmp"
	"maps"
	"slices"

	"leida/internal/item"
)

// Coverage is how many live items a bank has of something, such as a kind, by sub-competency.
type Coverage struct {
	By    string                    // kind, level, cognition, scenario, channel
	Names []string                  // of columns, sorted
	Count map[string]map[string]int // sub-competency that the item measures most -> name -> items
}

// coverages are what a bank is counted by.
var coverages = []struct {
	by string
	of func(*item.Item) string
}{
	{"kind", func(it *item.Item) string { return it.Type }},
	{"level", func(it *item.Item) string { return "L" + string(rune('0'+it.Level)) }},
	{"cognition", func(it *item.Item) string { return it.Tag("cognition") }},
	{"channel", func(it *item.Item) string { return it.Tag("channel") }},
	{"scenario", func(it *item.Item) string { return it.Tag("scenario") }},
}

// Coverages count the live items of the bank by sub-competency against each of kind, level, cognition, channel and scenario.
func (l *Library) Coverages() []Coverage {
	var out []Coverage
	for _, c := range coverages {
		cov := Coverage{By: c.by, Count: map[string]map[string]int{}}
		names := map[string]bool{}
		for _, it := range l.Items {
			name := cmp.Or(c.of(it), "-")
			if it.Status != item.Live {
				continue
			}
			if cov.Count[it.Domain()] == nil {
				cov.Count[it.Domain()] = map[string]int{}
			}
			cov.Count[it.Domain()][name]++
			names[name] = true
		}
		cov.Names = slices.Sorted(maps.Keys(names))
		out = append(out, cov)
	}
	return out
}

// certification is the form that MEASUREMENT 6.1 reckons its precision for: how many items of which kinds each domain needs.
var certification = []struct {
	domain, kind string
	n            int
}{
	{"AIC.1", "ticket_triage", 2}, {"AIC.2", "ai_decision_series", 2}, {"AIC.3", "intervention_timing", 1}, {"AIC.3", "sjt", 2},
	{"AIC.4", "single_choice", 4}, {"AIC.4", "multiple_choice", 4},
}

// Lack is what a certification form would need and the bank does not have.
type Lack struct {
	Domain, Kind string
	Need, Stock  int // live items that may be used for certification
}

// CertificationLacks are the rows that the bank cannot fill: of its own certification assessments where it has any, else of the form that MEASUREMENT 6.1 reckons with.
func (l *Library) CertificationLacks() []Lack {
	var out []Lack
	add := func(domain, kind string, need, stock int) {
		if stock < need {
			out = append(out, Lack{domain, kind, need, stock})
		}
	}
	own := false
	for _, a := range l.Assessments {
		if a.Kind != "cert" {
			continue
		}
		own = true
		for i, s := range a.Sections {
			for j, row := range s.Draw {
				add(s.Domain, row.Type, row.N, len(l.Pool(a, i, j)))
			}
		}
	}
	if own {
		return out
	}
	for _, row := range certification {
		a := &Assessment{Kind: "cert", Sections: []Section{{Domain: row.domain, Draw: []Row{{Type: row.kind, N: row.n}}}}}
		add(row.domain, row.kind, row.n, len(l.Pool(a, 0, 0)))
	}
	return out
}

// BlindBounds are what the kind's own blind candidates score on each live item that is marked without people, by item: the best of them.
func (l *Library) BlindBounds() []BlindBound {
	var out []BlindBound
	for _, it := range l.Items {
		scores := BlindScores(it)
		if len(scores) == 0 || it.Status != item.Live {
			continue
		}
		best := slices.MaxFunc(scores, func(x, y BlindScore) int { return cmp.Compare(x.Score, y.Score) })
		out = append(out, BlindBound{Item: it, BlindScore: best})
	}
	return out
}

// BlindBound is the luckiest blind candidate of an item.
type BlindBound struct {
	Item *item.Item
	BlindScore
}
