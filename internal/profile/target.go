package profile

import (
	"leida/internal/capability"
	"leida/internal/fault"
)

// Target is what the job profile asks for, 0-100. The zero value asks for nothing; a target of 0 is Set.
type Target struct {
	Y   float64
	Set bool
}

// Gap is the score less the target: negative below it. ok is false without a target.
func (t Target) Gap(y float64) (gap float64, ok bool) { return y - t.Y, t.Set }

// shortfall is how far y lies below the target; 0 at or above it, and without one.
func (t Target) shortfall(y float64) float64 {
	if !t.Set {
		return 0
	}
	return max(0, t.Y-y)
}

// aim sets the role's targets of the capability and of its sub-competencies: a floor of its own, or else the capability's target (MEASUREMENT 5.5).
func (c *Capability) aim(role *capability.Role) {
	if role == nil {
		return
	}
	y, ok := role.Target[c.ID]
	c.Target = Target{y, ok}
	for i := range c.Subs {
		s := &c.Subs[i]
		s.Target = c.Target
		if y, s.Floor = role.Floors[s.ID]; s.Floor {
			s.Target = Target{y, true}
		}
	}
}

// Verdict is whether a person meets a job profile (MEASUREMENT 2.3).
type Verdict string

const (
	Met         Verdict = "met"           // everything asked for is shown
	NotYetShown Verdict = "not_yet_shown" // nothing is below, but something lacks evidence: never met
	Below       Verdict = "below"         // something with sufficient evidence lies below
)

// Fit is the comparison with a job profile. The zero value is no comparison: no role was given, or the model has no such role.
type Fit struct {
	Verdict Verdict
	Below   []fault.Problem // what is below, at the path of its capability or sub-competency
	Unshown []fault.Problem // what lacks evidence
}

// claim is one thing that a job profile asks for, with what is known of it.
type claim struct {
	kind   string // capability or sub: the end of a message key
	id     string
	name   any // the model's text, said in the reader's language
	shown  bool
	y      float64
	target Target
}

// fit compares every capability with its target, and every sub-competency that has a floor of its own.
func fit(model *capability.Model, caps []Capability) Fit {
	f := Fit{Verdict: Met}
	for i := range caps {
		c, m := &caps[i], &model.Capabilities[i]
		f.compare(claim{"capability", c.ID, m.Label(), c.Shown(), c.Y, c.Target})
		for j := range c.Subs {
			if s := &c.Subs[j]; s.Floor {
				f.compare(claim{"sub", s.ID, m.Subs[j].Label(), s.Shown(), s.Y, s.Target})
			}
		}
	}
	switch {
	case len(f.Below) > 0:
		f.Verdict = Below
	case len(f.Unshown) > 0:
		f.Verdict = NotYetShown
	}
	return f
}

func (f *Fit) compare(c claim) {
	switch {
	case !c.target.Set:
	case !c.shown:
		f.Unshown = append(f.Unshown, fault.At(c.id, "profile.unshown."+c.kind, "id", c.id, "name", c.name))
	case c.y < c.target.Y:
		f.Below = append(f.Below, fault.At(c.id, "profile.below."+c.kind, "id", c.id, "name", c.name,
			"score", roundDown(c.y), "target", c.target.Y, "gap", roundUp(c.target.Y-c.y)))
	}
}
