// Package profile turns evidence into what may be said of a person and of a team: estimates with their interval, levels, gaps to a job profile, change beyond noise. It shows no number that the evidence does not carry (MEASUREMENT section 5).
package profile

import (
	"math"
	"time"

	"leida/internal/capability"
	"leida/internal/fault"
)

// Profile is what the evidence says of one person at a date, on every capability of a model. Its capabilities and their sub-competencies are those of the
// model, in its order.
type Profile struct {
	ModelID, ModelVersion string
	Role                  string // job profile that it is compared with; empty for none
	At                    time.Time
	Capabilities          []Capability
	Overall               *Score // only if asked for, and every capability is sufficient
	Fit                   Fit
	LeftOut               []fault.Problem // records that do not count, each with its reason at the path of its id
}

// Capability is one axis of the profile. Its Score and Standing are meaningful where Sufficient.
type Capability struct {
	ID     string
	Weight float64 // share of the overall index
	Score
	Standing
	Status  Status
	Missing []fault.Problem // why it is insufficient

	Coverage float64 // share, 0-1, of the weight that sufficient sub-competencies carry
	Units    float64 // fresh units of tests, of all its sub-competencies
	Newest   time.Time
	Counts   Counts
	Target   Target
	Subs     []Sub
}

// Sub is one sub-competency of the profile. Its Standing is meaningful where Sufficient; the levels' proof is the capability's.
type Sub struct {
	ID     string
	Weight float64 // share of its capability
	Estimate
	Standing
	Target Target
	Floor  bool // the role names a floor of its own for it
}

// Shown reports whether the number may be shown.
func (c Capability) Shown() bool { return c.Status == Sufficient }

// Options are what a profile may be seen against.
type Options struct {
	Role     string    // id of the job profile; unknown or empty: no targets and no Fit
	Previous *Snapshot // last closed cycle, for the hysteresis of levels; nil for none (MEASUREMENT 5.3)
	Overall  bool      // whether to make the overall index
}

// Of is the profile of one person as of a date, from all evidence of that person, in any order. Evidence that does not count is listed in LeftOut.
// Source: MEASUREMENT 5.1-5.3, 2.3.
func Of(model *capability.Model, rules Rules, evidence []Evidence, at time.Time, o Options) Profile {
	rows := sift(evidence)
	date(rules, rows, at)
	runs := bySub(rows, place(model, rows))
	p := Profile{ModelID: model.ID, ModelVersion: model.Version, At: at, Capabilities: outline(model), LeftOut: leftOut(rows)}

	role, _ := model.Role(o.Role)
	before, cuts, cited := o.Previous.on(model), model.Cuts(), make([]Citation, 0, len(rows))
	for i := range p.Capabilities {
		c := &p.Capabilities[i]
		mine := runs[:len(c.Subs)]
		runs = runs[len(c.Subs):]
		cited = c.estimate(rules, mine, cited)
		c.combine(rules)
		c.climb(ladder{rules, model, cuts, proofOf(rules, mine)}, before)
		c.aim(role)
	}
	if role != nil {
		p.Role, p.Fit = role.ID, fit(model, p.Capabilities)
	}
	if o.Overall {
		p.Overall = overall(rules, p.Capabilities)
	}
	return p
}

// outline is the model's capabilities and sub-competencies with nothing said of them yet.
func outline(model *capability.Model) []Capability {
	n := 0
	for i := range model.Capabilities {
		n += len(model.Capabilities[i].Subs)
	}
	caps, subs := make([]Capability, len(model.Capabilities)), make([]Sub, n)
	for i := range caps {
		m, c := &model.Capabilities[i], &caps[i]
		c.ID, c.Weight = m.ID, m.Weight
		c.Subs, subs = subs[:len(m.Subs):len(m.Subs)], subs[len(m.Subs):]
		for j := range c.Subs {
			c.Subs[j].ID, c.Subs[j].Weight = m.Subs[j].ID, m.Subs[j].Weight
		}
	}
	return caps
}

// place gives every row the index of its sub-competency, counted through the model, and returns how many there are.
func place(model *capability.Model, rows []row) int {
	index := make(map[string]int, 32)
	for i := range model.Capabilities {
		for j := range model.Capabilities[i].Subs {
			index[model.Capabilities[i].Subs[j].ID] = len(index)
		}
	}
	for i := range rows {
		sub, ok := index[rows[i].Sub]
		if !ok && rows[i].out == "" {
			rows[i].out = outUnknown
		}
		rows[i].sub = sub
	}
	return len(index)
}

// estimate estimates the sub-competencies from a run of rows each. It appends what it cites, so that a profile cites into one array.
func (c *Capability) estimate(rules Rules, runs [][]row, cited []Citation) []Citation {
	for i := range c.Subs {
		s := &c.Subs[i]
		s.Estimate = estimate(rules, runs[i])
		from := len(cited)
		cited = cite(cited, runs[i])
		s.Evidence = cited[from:len(cited):len(cited)]
	}
	return cited
}

// combine makes the capability's score from its sufficient sub-competencies, if they carry enough of the weight (5.3).
func (c *Capability) combine(rules Rules) {
	c.Status = None
	var all float64
	var shown pool
	for i := range c.Subs {
		s := &c.Subs[i]
		c.Units += s.Units
		c.Counts = c.Counts.plus(s.Counts)
		if s.Newest.After(c.Newest) {
			c.Newest = s.Newest
		}
		if s.Status != None {
			c.Status = Insufficient
		}
		all += s.Weight
		if s.Shown() {
			shown.add(s.Weight, s.Score)
		}
	}
	if shown.weight > 0 {
		c.Coverage = shown.weight / all
	}
	const rounding = 1e-9 // .1 + .2 + .4 is 70 %
	if shown.weight > 0 && c.Coverage >= rules.MinCoverage-rounding {
		c.Status, c.Score = Sufficient, shown.score(rules)
		return
	}
	c.Missing = c.uncovered(rules)
}

// uncovered is the reason of a capability without a score: which sub-competencies still lack evidence. One that was never assessed needs no reason.
func (c *Capability) uncovered(rules Rules) []fault.Problem {
	if c.Status == None {
		return nil
	}
	var lacking []string
	for i := range c.Subs {
		if c.Subs[i].Status != Sufficient {
			lacking = append(lacking, c.Subs[i].ID)
		}
	}
	percent := func(share float64) int { return int(math.Floor(share*100 + 1e-9)) }
	return []fault.Problem{fault.At("", "profile.missing.coverage", "percent", percent(c.Coverage), "min", percent(rules.MinCoverage), "subs", lacking)}
}

// climb finds the levels of the capability and of its sub-competencies.
func (c *Capability) climb(l ladder, before *Snapshot) {
	if c.Status == Sufficient {
		c.Standing = l.stand(c.Score, before.level(c.ID))
	}
	for i := range c.Subs {
		if s := &c.Subs[i]; s.Status == Sufficient {
			s.Standing = l.stand(s.Score, before.level(s.ID))
		}
	}
}

// overall is the weighted mean of the capabilities, or nil unless all are sufficient (5.3).
func overall(rules Rules, caps []Capability) *Score {
	var all pool
	for i := range caps {
		if !caps[i].Shown() {
			return nil
		}
		all.add(caps[i].Weight, caps[i].Score)
	}
	if all.weight == 0 {
		return nil
	}
	s := all.score(rules)
	return &s
}

// Capability finds a capability of the profile by id.
func (p *Profile) Capability(id string) (*Capability, bool) {
	for i := range p.Capabilities {
		if p.Capabilities[i].ID == id {
			return &p.Capabilities[i], true
		}
	}
	return nil, false
}

// Sub finds a sub-competency of the profile by id.
func (p *Profile) Sub(id string) (*Sub, bool) {
	for i := range p.Capabilities {
		for j := range p.Capabilities[i].Subs {
			if p.Capabilities[i].Subs[j].ID == id {
				return &p.Capabilities[i].Subs[j], true
			}
		}
	}
	return nil, false
}
