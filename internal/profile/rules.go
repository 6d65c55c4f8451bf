package profile

import "leida/internal/fault"

// Rules are the constants of MEASUREMENT 5.1-5.7. They are data so that a centre may re-estimate them; DefaultRules are the document's.
// Times are in days, scores in points of 0-100, shares in 0-1.
type Rules struct {
	HalfLife float64 // age at which a record weighs half
	Cutoff   float64 // older records are dropped

	PriorSD       float64 // SD of one information unit before anything is seen
	PriorStrength float64 // how many units that prior is worth

	QuizWeight, RaterWeight, KPIWeight, ObservationWeight float64 // lambda of each source
	KPICap, ObservationCap                                float64 // largest share of the weight

	MinUnits    float64 // fresh quiz and rater units that a sub-competency needs
	MinItems    int     // distinct items that it needs ...
	SingleUnits float64 // ... unless one item carries this many units
	FreshDays   float64 // the newest test, and the proof of RatedLevel, may be this old
	MinCoverage float64 // share of a capability's weight that its sufficient sub-competencies must carry

	Z                float64 // half width of the interval, in SE; also decides what is a change
	Hysteresis       float64 // how far below a cut a level reached in the last closed cycle holds
	LevelProbability float64 // below it two levels are shown

	PerformanceLevel int // from this level on, a performance-type record is needed
	RatedLevel       int // from this level on, a fresh rater or KPI record is needed

	HolderLevel     int     // from this level on, a member counts for the bus factor
	CompareCoverage float64 // evidence coverage that both teams of a comparison need
	MinPeers        int     // others that a peer band needs, and members that a shown unit needs
}

// DefaultRules are the constants as MEASUREMENT states them.
func DefaultRules() Rules {
	return Rules{
		HalfLife: 180, Cutoff: 540,
		PriorSD: 28, PriorStrength: 4,
		QuizWeight: 1, RaterWeight: 1, KPIWeight: 0.8, ObservationWeight: 0.6,
		KPICap: 0.30, ObservationCap: 0.20,
		MinUnits: 4, MinItems: 2, SingleUnits: 4, FreshDays: 365, MinCoverage: 0.70,
		Z: 1.645, Hysteresis: 2, LevelProbability: 0.6,
		PerformanceLevel: 4, RatedLevel: 5,
		HolderLevel: 4, CompareCoverage: 0.60, MinPeers: 5,
	}
}

// Validate returns every constant that would make an estimate meaningless or infinite.
func (r Rules) Validate() []fault.Problem {
	var ps []fault.Problem
	within := func(path string, x, lo, hi float64) {
		if !(x >= lo && x <= hi) { // NaN too
			ps = append(ps, fault.At(path, "profile.rule_range", "min", lo, "max", hi))
		}
	}
	within("half_life", r.HalfLife, 7, 36500)
	within("cutoff", r.Cutoff, 1, 20*r.HalfLife) // more half-lives than that leave weights too small to divide by
	within("prior_sd", r.PriorSD, 1, 100)
	within("prior_strength", r.PriorStrength, 0.1, 1000)
	for _, w := range []struct {
		path string
		x    float64
	}{{"quiz_weight", r.QuizWeight}, {"rater_weight", r.RaterWeight}, {"kpi_weight", r.KPIWeight}, {"observation_weight", r.ObservationWeight}} {
		within(w.path, w.x, 0.01, 10)
	}
	within("kpi_cap", r.KPICap, 0, 0.9)
	within("observation_cap", r.ObservationCap, 0, 0.9)
	within("min_units", r.MinUnits, 0, 1000)
	within("min_items", float64(r.MinItems), 1, 1000)
	within("single_units", r.SingleUnits, 0, 1000)
	within("fresh_days", r.FreshDays, 1, 36500)
	within("min_coverage", r.MinCoverage, 0.01, 1)
	within("z", r.Z, 0.1, 5)
	within("hysteresis", r.Hysteresis, 0, 100)
	within("level_probability", r.LevelProbability, 0, 1)
	within("performance_level", float64(r.PerformanceLevel), 2, 100)
	within("rated_level", float64(r.RatedLevel), 2, 100)
	within("holder_level", float64(r.HolderLevel), 1, 100)
	within("compare_coverage", r.CompareCoverage, 0, 1)
	within("min_peers", float64(r.MinPeers), 1, 1000)
	return ps
}
