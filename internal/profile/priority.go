package profile

import (
	"cmp"
	"slices"

	"leida/internal/capability"
)

// Need is what a person should do about a sub-competency.
type Need string

const (
	Diagnose Need = "diagnose" // the role asks for it and there is too little evidence: a diagnostic form
	Develop  Need = "develop"  // it lies below its target: a learning unit
)

// Priority is one step of the recommendation order (MEASUREMENT 5.5).
type Priority struct {
	Capability, Sub string
	Need            Need
	Weight          float64 // capability weight times sub-competency weight
	Target          float64
	Shortfall       float64 // points below the target; 0 to diagnose
	Value           float64 // Weight times Shortfall; learn divides it by the root of a unit's minutes
	Level           int     // the level to aim at: the next one, or the highest; 0 to diagnose
}

// Priorities is the order in which a person's gaps are worth closing: first what the role needs and the evidence does not show, heaviest first, then what
// lies below its target, most valuable first. Ties keep the model's order. Without targets it is empty.
func Priorities(model *capability.Model, p *Profile) []Priority {
	var ps []Priority
	for i := range p.Capabilities {
		c := &p.Capabilities[i]
		for j := range c.Subs {
			s := &c.Subs[j]
			next := Priority{Capability: c.ID, Sub: s.ID, Weight: c.Weight * s.Weight, Target: s.Target.Y}
			switch short := s.Target.shortfall(s.Y); {
			case s.Target.Y == 0: // the role does not need it, or there is no role
				continue
			case !s.Shown():
				next.Need = Diagnose
			case short == 0:
				continue
			default:
				next.Need, next.Shortfall, next.Value = Develop, short, next.Weight*short
				next.Level = min(s.Level+1, len(model.Levels))
			}
			ps = append(ps, next)
		}
	}
	slices.SortStableFunc(ps, func(a, b Priority) int {
		return cmp.Or(cmp.Compare(a.rank(), b.rank()), cmp.Compare(b.Value, a.Value), cmp.Compare(b.Weight, a.Weight))
	})
	return ps
}

func (p Priority) rank() int {
	if p.Need == Diagnose {
		return 0
	}
	return 1
}

// Strengths are the sub-competencies with a sufficient score at or above their target, or all with a sufficient score where there is no target: the largest
// surplus first, ties in the model's order.
func Strengths(p *Profile) []*Sub {
	var subs []*Sub
	for i := range p.Capabilities {
		for j := range p.Capabilities[i].Subs {
			if s := &p.Capabilities[i].Subs[j]; s.Shown() && s.Target.shortfall(s.Y) == 0 {
				subs = append(subs, s)
			}
		}
	}
	slices.SortStableFunc(subs, func(a, b *Sub) int { return cmp.Compare(b.Y-b.Target.Y, a.Y-a.Target.Y) })
	return subs
}
