package profile

import (
	"math"
	"slices"

	"leida/internal/capability"
	"leida/internal/stats"
)

// Member is an active member of a team. The profile is compared with the member's own role: its targets are the member's.
type Member struct {
	Person  string // id
	Profile Profile
	Leaving bool // left out of the attrition view of the bus factor
}

// TeamProfile is what may be said of a team (MEASUREMENT 5.6). Its capabilities and their sub-competencies are those of the model, in its order.
type TeamProfile struct {
	Headcount    int
	Assessed     int     // members with a score in at least one capability
	Coverage     float64 // Assessed / Headcount: the evidence coverage, always printed
	Capabilities []TeamCapability
	Weakest      *WeakLink // nil where nobody is known to be below a target
	BusFactors   []BusFactor
}

// TeamCapability is one axis of the team.
type TeamCapability struct {
	TeamDomain
	Subs []TeamDomain
}

// TeamDomain is one capability or sub-competency across the team. Shares are 0-1. What rests on nobody is 0 beside a count of 0, never NaN.
type TeamDomain struct {
	ID       string
	Weight   float64 // of a capability in the overall index, of a sub-competency in its capability
	Coverage float64 // members with a score / headcount
	Spread           // of their scores; N is how many
	MeanSE   float64 // measurement error of the mean, without that of who was tested (PSYCHOMETRICS, team means)
	Values   []float64

	Target   float64 // headcount-weighted: mean of the members' own targets, with or without a score
	Targeted int     // members that have a target

	Judged           int     // members with a score and a target
	Below            int     // of these, below it
	TargetCoverage   float64 // share of these at or above it
	ExpectedCoverage float64 // their mean probability of being at or above it: does not jump on near misses
	Shortfall        float64 // their mean of points below it
}

// Spread is the distribution of N scores. Quartiles are of type 7, SD has the divisor N (MEASUREMENT 3.4).
type Spread struct {
	N                               int
	Median, P25, P75, Mean, SD, Min float64
}

// WeakLink is the sub-competency in which a team falls short most.
type WeakLink struct {
	Capability, Sub string
	Value           float64 // weight in its capability times mean shortfall
	Below, Judged   int     // so many are below their target, of so many that have a score
}

// Team is the profile of a team from its active members, whose profiles were made with the same model. An empty team has no numbers but its headcount of 0,
// and nobody for its bus factors.
func Team(model *capability.Model, rules Rules, members []Member) TeamProfile {
	t := TeamProfile{Headcount: len(members), Capabilities: make([]TeamCapability, len(model.Capabilities))}
	for i := range members {
		if slices.ContainsFunc(members[i].Profile.Capabilities, Capability.Shown) {
			t.Assessed++
		}
	}
	t.Coverage = share(t.Assessed, t.Headcount)
	marks := make([]mark, len(members))
	for i := range t.Capabilities {
		m := &model.Capabilities[i]
		for k := range members {
			marks[k] = members[k].Profile.mark(m.ID)
		}
		t.Capabilities[i].TeamDomain = summarise(m.ID, m.Weight, marks)
		for _, s := range m.Subs {
			for k := range members {
				marks[k] = members[k].Profile.subMark(m.ID, s.ID)
			}
			t.Capabilities[i].Subs = append(t.Capabilities[i].Subs, summarise(s.ID, s.Weight, marks))
			if s.Watch {
				t.BusFactors = append(t.BusFactors, busFactor(rules, m.ID, s.ID, members))
			}
		}
	}
	t.Weakest = weakest(t.Capabilities)
	return t
}

// Comparable reports whether two teams may be compared in a capability or sub-competency: enough of both has been measured (5.6). The page shows their bands.
func Comparable(rules Rules, a, b TeamDomain) bool {
	return a.N > 0 && b.N > 0 && min(a.Coverage, b.Coverage) >= rules.CompareCoverage
}

// mark is what one member brings to one domain.
type mark struct {
	Score
	shown  bool
	target Target
}

func (p *Profile) mark(id string) mark {
	if c, ok := p.Capability(id); ok {
		return mark{c.Score, c.Shown(), c.Target}
	}
	return mark{}
}

func (p *Profile) subMark(in, id string) mark {
	if s, ok := p.subOf(in, id); ok {
		return mark{s.Score, s.Shown(), s.Target}
	}
	return mark{}
}

func (p *Profile) subOf(in, id string) (*Sub, bool) {
	if c, ok := p.Capability(in); ok {
		for i := range c.Subs {
			if c.Subs[i].ID == id {
				return &c.Subs[i], true
			}
		}
	}
	return nil, false
}

// summarise is a domain across a team, from one mark a member.
func summarise(id string, weight float64, marks []mark) TeamDomain {
	d := TeamDomain{ID: id, Weight: weight, Values: make([]float64, 0, len(marks))}
	var variance float64
	for i := range marks {
		m := &marks[i]
		if m.shown {
			d.Values = append(d.Values, m.Y)
			variance += m.SE * m.SE
		}
		d.judge(m)
	}
	slices.Sort(d.Values)
	d.Spread = SpreadOf(d.Values)
	d.Coverage = share(d.N, len(marks))
	d.Target = ratio(d.Target, d.Targeted)
	d.MeanSE = ratio(math.Sqrt(variance), d.N)
	d.TargetCoverage = share(d.Judged-d.Below, d.Judged)
	d.ExpectedCoverage = ratio(d.ExpectedCoverage, d.Judged)
	d.Shortfall = ratio(d.Shortfall, d.Judged)
	return d
}

// judge adds a member to the sums of what concerns targets; summarise turns them into means.
func (d *TeamDomain) judge(m *mark) {
	if !m.target.Set {
		return
	}
	d.Targeted++
	d.Target += m.target.Y
	if !m.shown {
		return
	}
	d.Judged++
	d.ExpectedCoverage += stats.NormalBetween(m.Y, m.SE, m.target.Y, math.Inf(1))
	d.Shortfall += m.target.shortfall(m.Y)
	if m.Y < m.target.Y {
		d.Below++
	}
}

// SpreadOf is the distribution of scores sorted ascending; the zero value for none.
func SpreadOf(sorted []float64) Spread {
	mean, sd, ok := stats.MeanSD(sorted)
	if !ok {
		return Spread{}
	}
	s := Spread{N: len(sorted), Mean: mean, SD: sd, Min: sorted[0]}
	s.Median, _ = stats.Quantile(sorted, 0.50)
	s.P25, _ = stats.Quantile(sorted, 0.25)
	s.P75, _ = stats.Quantile(sorted, 0.75)
	return s
}

// weakest is the sub-competency with the largest weight times mean shortfall; the first of the model among equals.
func weakest(caps []TeamCapability) *WeakLink {
	var link *WeakLink
	for i := range caps {
		for _, s := range caps[i].Subs {
			if value := s.Weight * s.Shortfall; value > 0 && (link == nil || value > link.Value) {
				link = &WeakLink{Capability: caps[i].ID, Sub: s.ID, Value: value, Below: s.Below, Judged: s.Judged}
			}
		}
	}
	return link
}

func share(part, whole int) float64 { return ratio(float64(part), whole) }

// ratio is sum / n, and 0 where there is nothing to share.
func ratio(sum float64, n int) float64 {
	if n == 0 {
		return 0
	}
	return sum / float64(n)
}
