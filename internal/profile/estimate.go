package profile

import (
	"math"
	"time"

	"leida/internal/fault"
)

// Status says whether there is a number that may be shown (MEASUREMENT, decision 4).
type Status string

const (
	None         Status = "none"         // no evidence: not assessed
	Insufficient Status = "insufficient" // some, but below the minimum
	Sufficient   Status = "sufficient"
)

// Estimate is what the evidence says of one sub-competency (MEASUREMENT 5.2, 5.3). Its Score is meaningful where Scored, and may be shown where Sufficient.
type Estimate struct {
	Score
	Scored  bool // there is a test, hence a score
	Status  Status
	Missing []fault.Problem // why it is insufficient; empty where there is nothing at all

	Info     float64   // effective information units
	Units    float64   // fresh units of tests
	Short    float64   // units still missing
	Items    int       // distinct items of tests
	Newest   time.Time // newest record that counts
	Counts   Counts
	Evidence []Citation // the records that count
}

// Citation is one record that a score rests on. Share is its part, 0-1, of the sub-competency's weight; 0 where there is no score.
type Citation struct {
	ID    string
	Share float64
}

// Shown reports whether the number may be shown.
func (e Estimate) Shown() bool { return e.Status == Sufficient }

// EstimateSub is the estimate of one sub-competency from one person's evidence in it, in points of 0-100, as of a date.
// What does not count (see Counting), what is observed after the date and what is older than the cutoff is left out. The order of evidence does not matter.
// Source: MEASUREMENT 5.2, 5.3; simulated coverage of the interval 0.89-0.93 (coverage_test.go).
func EstimateSub(rules Rules, evidence []Evidence, at time.Time) Estimate {
	rows := sift(evidence)
	date(rules, rows, at)
	run := bySub(rows, 1)[0] // every row's sub is 0
	e := estimate(rules, run)
	e.Evidence = cite(make([]Citation, 0, len(run)), run)
	return e
}

// estimate needs rows that all count and belong together. It weighs them: k and w are set.
func estimate(rules Rules, rows []row) Estimate {
	e := Estimate{Status: None, Short: rules.MinUnits}
	if len(rows) == 0 {
		return e
	}
	weigh(rules, rows)
	e.settle(rules, rows)
	if e.Counts.Quiz+e.Counts.Rater == 0 {
		return e
	}
	e.Scored = true
	e.measure(rules, rows)
	return e
}

// weigh gives every row its weight, and shrinks what comes from the operation to its cap. The cap is of the tests' weight, c/(1-c) of it, so that the share
// of the source stays at or below c whatever else is present.
func weigh(rules Rules, rows []row) {
	var tests, kpi, observation float64
	for i := range rows {
		r := &rows[i]
		r.k = rules.weight(r.Source) * r.fresh
		r.w = r.N * r.k
		switch r.Source {
		case KPI:
			kpi += r.w
		case Observation:
			observation += r.w
		default:
			tests += r.w
		}
	}
	shrink(rows, KPI, kpi, tests, rules.KPICap)
	shrink(rows, Observation, observation, tests, rules.ObservationCap)
}

func shrink(rows []row, source Source, sum, tests, share float64) {
	limit := tests * share / (1 - share)
	if sum <= limit {
		return
	}
	for i := range rows {
		if rows[i].Source == source {
			rows[i].k *= limit / sum
			rows[i].w *= limit / sum
		}
	}
}

func (r Rules) weight(s Source) float64 {
	switch s {
	case Rater:
		return r.RaterWeight
	case KPI:
		return r.KPIWeight
	case Observation:
		return r.ObservationWeight
	}
	return r.QuizWeight
}

// measure sets the score: weighted mean, residual variance shrunk to its prior, effective information (5.2).
func (e *Estimate) measure(rules Rules, rows []row) {
	var w, wy, k, nk2 float64
	lo, hi := 100.0, 0.0
	for i := range rows {
		r := &rows[i]
		w += r.w
		wy += r.w * r.Y
		k += r.k
		nk2 += r.N * r.k * r.k
		if r.w > 0 {
			lo, hi = min(lo, r.Y), max(hi, r.Y)
		}
	}
	y := min(max(wy/w, lo), hi) // rounding must not lower a level, see pool
	var squares float64
	for i := range rows {
		squares += rows[i].w * (rows[i].Y - y) * (rows[i].Y - y)
	}
	variance := (rules.PriorStrength*rules.PriorSD*rules.PriorSD + squares) / (rules.PriorStrength + math.Max(0, k-1))
	e.Info = w * w / nk2
	e.Score = newScore(rules, y, math.Sqrt(variance/e.Info))
}

// settle counts the evidence and decides whether it is enough (5.3). Only tests count towards enough: the operation's figures never make a score.
func (e *Estimate) settle(rules Rules, rows []row) {
	single, newest, item := false, math.Inf(1), ""
	for i := range rows {
		r := &rows[i]
		*e.Counts.at(r.Source)++
		if r.At.After(e.Newest) {
			e.Newest = r.At
		}
		if !r.Source.Test() {
			continue
		}
		e.Units += r.N * r.fresh
		single = single || r.N >= rules.SingleUnits
		newest = min(newest, r.age)
		if e.Items == 0 || r.ItemID != item { // rows come sorted by item
			e.Items++
			item = r.ItemID
		}
	}
	e.Short = math.Max(0, rules.MinUnits-e.Units)
	e.Status = Insufficient
	if e.Items == 0 {
		e.Missing = append(e.Missing, fault.At("", "profile.missing.test"))
	}
	if e.Short > 0 {
		e.Missing = append(e.Missing, fault.At("", "profile.missing.units", "units", roundUp(e.Short)))
	}
	if e.Items > 0 && e.Items < rules.MinItems && !single {
		e.Missing = append(e.Missing, fault.At("", "profile.missing.items", "n", rules.MinItems-e.Items))
	}
	if e.Items > 0 && newest > rules.FreshDays {
		e.Missing = append(e.Missing, fault.At("", "profile.missing.fresh", "days", int(newest), "max", int(rules.FreshDays)))
	}
	if len(e.Missing) == 0 {
		e.Status = Sufficient
	}
}

// cite appends the rows' records with their shares.
func cite(to []Citation, rows []row) []Citation {
	var sum float64
	for i := range rows {
		sum += rows[i].w
	}
	for i := range rows {
		c := Citation{ID: rows[i].ID}
		if sum > 0 {
			c.Share = rows[i].w / sum
		}
		to = append(to, c)
	}
	return to
}
