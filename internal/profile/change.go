package profile

import "math"

// Direction is which way a score went, as far as noise lets one say (MEASUREMENT 5.3).
type Direction string

const (
	Up     Direction = "up"
	Down   Direction = "down"
	Steady Direction = "steady" // no significant change: not proof that nothing changed
)

// Change is up or down only if the difference exceeds Z times its standard error, sqrt(SE1^2 + SE2^2).
// Evidence shared by both scores makes them alike, so across cycles the rule errs on the side of Steady.
func Change(rules Rules, now, before Score) Direction {
	diff := now.Y - before.Y
	switch noise := rules.Z * math.Hypot(now.SE, before.SE); {
	case diff > noise:
		return Up
	case diff < -noise:
		return Down
	}
	return Steady
}

// Indistinguishable reports whether the difference of two people's scores lies within noise: such two are never ranked.
func Indistinguishable(rules Rules, a, b Score) bool { return Change(rules, a, b) == Steady }

// Shift is one line of the change ledger.
type Shift struct {
	ID        string // of a capability or sub-competency
	Delta     float64
	Direction Direction
}

// Changes is the change ledger since a snapshot: every capability, each followed by its sub-competencies, that is sufficient in both. It is empty without
// a snapshot, and where weights or cuts have changed since.
func Changes(rules Rules, now *Profile, before *Snapshot) []Shift {
	if before == nil || !sameScale(now.ModelID, now.ModelVersion, before.ModelID, before.ModelVersion) {
		return nil
	}
	var ledger []Shift
	enter := func(id string, status Status, score Score) {
		if line, ok := before.Line(id); ok && status == Sufficient && line.Status == Sufficient {
			ledger = append(ledger, Shift{id, score.Y - line.Y, Change(rules, score, line.Score)})
		}
	}
	for i := range now.Capabilities {
		c := &now.Capabilities[i]
		enter(c.ID, c.Status, c.Score)
		for j := range c.Subs {
			enter(c.Subs[j].ID, c.Subs[j].Status, c.Subs[j].Score)
		}
	}
	return ledger
}
