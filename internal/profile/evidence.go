package profile

import (
	"time"

	"leida/internal/fault"
)

// Source is where a record comes from. It decides the record's weight and what it may prove (MEASUREMENT 5.2).
type Source string

const (
	Quiz        Source = "quiz"        // an item marked by its key
	Rater       Source = "rater"       // an item marked by people
	KPI         Source = "kpi"         // a figure of the operation: may move a score, never make one
	Observation Source = "observation" // a lead's checklist on one real contact: the same
)

// Sources are all sources in the order in which they are listed.
var Sources = []Source{Quiz, Rater, KPI, Observation}

// Test reports whether the source is a test: only tests can make a score, and only tests are attempts.
func (s Source) Test() bool { return s == Quiz || s == Rater }

// Bounds of a record's information units. Beyond them lies a mistake, and squares of weights that a float cannot hold.
const (
	LeastUnits = 0.001
	MostUnits  = 1000
)

// Evidence is one observation of one person in one sub-competency (MEASUREMENT 5.1). It is written once and never edited, but for Void.
type Evidence struct {
	ID        string
	Person    string
	Sub       string // id of the sub-competency
	ItemID    string // or the KPI's id
	ItemHash  string // of the item's content as it was answered
	SittingID string // empty for what did not happen in a sitting
	Cycle     string // the cycle running when it was observed; empty outside any

	Y      float64 // points, 0-100
	N      float64 // information units
	Source Source
	// Performance says that the item's kind has the candidate do the work rather than pick or match; the upper levels need one (5.3). KPI and observation have no kind.
	Performance bool
	At          time.Time // when it was observed, not when it was marked

	Scenario, Channel string
	Void              bool // withdrawn: counts for nobody
	ItemVersion       int
}

// Validate returns everything wrong with a record, at its fields. Whether the model has its sub-competency is capability.Model.CheckDomain's to say.
func (e Evidence) Validate() []fault.Problem {
	var ps []fault.Problem
	for _, f := range []struct{ path, value string }{{"id", e.ID}, {"person", e.Person}, {"sub", e.Sub}, {"item", e.ItemID}} {
		if f.value == "" {
			ps = append(ps, fault.At(f.path, "profile.required"))
		}
	}
	if !e.inScale() {
		ps = append(ps, fault.At("y", "profile.out_of_range", "min", 0, "max", 100))
	}
	if !e.informative() {
		ps = append(ps, fault.At("n", "profile.out_of_range", "min", LeastUnits, "max", MostUnits))
	}
	if !e.known() {
		ps = append(ps, fault.At("source", "profile.unknown_source", "got", string(e.Source)))
	}
	if e.At.IsZero() {
		ps = append(ps, fault.At("at", "profile.required"))
	}
	return ps
}

// sound reports whether the record's numbers can be calculated with.
func (e *Evidence) sound() bool { return e.inScale() && e.informative() && e.known() && !e.At.IsZero() }

func (e *Evidence) inScale() bool     { return e.Y >= 0 && e.Y <= 100 } // false for NaN
func (e *Evidence) informative() bool { return e.N >= LeastUnits && e.N <= MostUnits }

func (e *Evidence) known() bool {
	switch e.Source {
	case Quiz, Rater, KPI, Observation:
		return true
	}
	return false
}

// Counts are numbers of records by source.
type Counts struct{ Quiz, Rater, KPI, Observation int }

// All is the number of records whatever their source.
func (c Counts) All() int { return c.Quiz + c.Rater + c.KPI + c.Observation }

// Of is the number of records of one source.
func (c Counts) Of(s Source) int {
	if n := c.at(s); n != nil {
		return *n
	}
	return 0
}

func (c Counts) plus(d Counts) Counts {
	return Counts{c.Quiz + d.Quiz, c.Rater + d.Rater, c.KPI + d.KPI, c.Observation + d.Observation}
}

func (c *Counts) at(s Source) *int {
	switch s {
	case Quiz:
		return &c.Quiz
	case Rater:
		return &c.Rater
	case KPI:
		return &c.KPI
	case Observation:
		return &c.Observation
	}
	return nil
}
