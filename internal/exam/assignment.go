// Package exam is one person sitting one assessment: assign, start, answer, submit, expire, mark.
package exam

import (
	"time"

	"leida/internal/fault"
)

// Limits of an assignment.
const (
	MaxWindow     = 366 * 24 * time.Hour
	MinTimeFactor = 1.0
	MaxTimeFactor = 3.0
)

// Assignment is an assessment given to people or teams, with the window in which it may be started and sat.
type Assignment struct {
	ID         string
	Assessment string // id of the definition; the version is pinned when a sitting starts
	By         string // person who assigned
	Opens      time.Time
	Closes     time.Time
	Cycle      string
	CreatedAt  time.Time
	Teams      []string // whole teams, with all below
	People     []string // single people
}

// Phase is where an assignment's window stands.
type Phase string

const (
	Upcoming Phase = "upcoming"
	Open     Phase = "open"
	Closed   Phase = "closed"
)

// PhaseAt is where the window stands at a time. It is open in [Opens, Closes).
func (a Assignment) PhaseAt(now time.Time) Phase {
	switch {
	case now.Before(a.Opens):
		return Upcoming
	case now.Before(a.Closes):
		return Open
	}
	return Closed
}

// Validate returns what is wrong with an assignment, at its fields. now is when it is made.
func (a Assignment) Validate(now time.Time) []fault.Problem {
	var ps []fault.Problem
	add := func(path, key string, args ...any) { ps = append(ps, fault.At(path, key, args...)) }
	if a.Assessment == "" {
		add("assessment", "define.required")
	}
	if len(a.Teams)+len(a.People) == 0 {
		add("targets", "exam.nobody")
	}
	switch {
	case a.Opens.IsZero():
		add("opens", "define.required")
	case a.Opens.Year() < 2000 || a.Opens.Year() > 2100:
		add("opens", "exam.year")
	}
	switch {
	case a.Closes.IsZero():
		add("closes", "define.required")
	case !a.Closes.After(a.Opens):
		add("closes", "exam.closes_before")
	case !a.Opens.IsZero() && a.Closes.Sub(a.Opens) > MaxWindow:
		add("closes", "exam.window", "max", int(MaxWindow.Hours()/24))
	case !a.Closes.After(now):
		add("closes", "exam.closed_already")
	}
	return ps
}

// CheckTimeFactor says what is wrong with a person's time factor: 1.5 gives half as much time again.
func CheckTimeFactor(path string, f float64) []fault.Problem {
	if f >= MinTimeFactor && f <= MaxTimeFactor {
		return nil
	}
	return []fault.Problem{fault.At(path, "define.range", "min", MinTimeFactor, "max", MaxTimeFactor)}
}
