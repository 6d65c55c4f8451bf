package profile

import (
	"math"

	"leida/internal/capability"
	"leida/internal/fault"
	"leida/internal/stats"
)

// Standing is where a score stands on the model's levels (MEASUREMENT 5.3). The zero value is no level.
type Standing struct {
	Level       int             // from 1; 0 without a sufficient score
	Probability float64         // that the true score lies in Level
	Pair        [2]int          // Level and its likelier neighbour, low first, where Probability is too small for one; else zero
	Held        bool            // the score lies a little below Level, which is kept from the last closed cycle
	Capped      []fault.Problem // the evidence missing for the level that the number alone would give
}

// Uncertain reports whether the level is to be shown as a pair.
func (s Standing) Uncertain() bool { return s.Pair != [2]int{} }

// proof is the evidence that the upper levels ask for besides a number.
type proof struct {
	performance bool // a performance-type record
	rated       bool // a rater or KPI record that is fresh
}

func proofOf(rules Rules, runs [][]row) proof {
	var p proof
	for _, rows := range runs {
		for i := range rows {
			r := &rows[i]
			p.performance = p.performance || r.Performance
			p.rated = p.rated || (r.Source == Rater || r.Source == KPI) && r.age <= rules.FreshDays
		}
	}
	return p
}

// ladder is a model's levels as they are climbed in one capability, with the proof that it has.
type ladder struct {
	rules Rules
	model *capability.Model
	cuts  []float64
	proof proof
}

// stand finds the level of a score: highest cut reached, kept from before within the hysteresis, then capped. before is 0 where no cycle was closed.
//
// The cap is applied last: hysteresis protects from noise of the score, not from missing proof.
func (l ladder) stand(score Score, before int) Standing {
	var s Standing
	level := l.model.LevelAt(score.Y)
	if level < before && before <= len(l.cuts) && score.Y >= l.cuts[before-1]-l.rules.Hysteresis {
		level, s.Held = before, true
	}
	top := l.top()
	s.Level = min(level, top)
	if level > top {
		s.Held = false
		s.Capped = l.missing(level)
	}
	s.Probability = l.mass(score, s.Level, top)
	if s.Probability < l.rules.LevelProbability {
		s.Pair = l.pair(score, s.Level, top)
	}
	return s
}

// top is the highest level that the proof allows.
func (l ladder) top() int {
	top := len(l.cuts)
	if !l.proof.performance {
		top = min(top, l.rules.PerformanceLevel-1)
	}
	if !l.proof.rated {
		top = min(top, l.rules.RatedLevel-1)
	}
	return max(top, 1)
}

func (l ladder) missing(level int) []fault.Problem {
	var ps []fault.Problem
	if !l.proof.performance && level >= l.rules.PerformanceLevel {
		ps = append(ps, fault.At("", "profile.capped.performance", "level", l.rules.PerformanceLevel))
	}
	if !l.proof.rated && level >= l.rules.RatedLevel {
		ps = append(ps, fault.At("", "profile.capped.rated", "level", l.rules.RatedLevel, "days", int(l.rules.FreshDays)))
	}
	return ps
}

// mass is the probability that the true score lies in a level. The lowest level and the highest attainable one are open, so that the masses sum to 1:
// above a cap there is no level to be unsure about.
func (l ladder) mass(score Score, level, top int) float64 {
	lo, hi := math.Inf(-1), math.Inf(1)
	if level > 1 {
		lo = l.cuts[level-1]
	}
	if level < top {
		hi = l.cuts[level]
	}
	return stats.NormalBetween(score.Y, score.SE, lo, hi)
}

// pair is the level and its likelier neighbour; zero where there is only one level to be in.
func (l ladder) pair(score Score, level, top int) [2]int {
	below, above := -1.0, -1.0
	if level > 1 {
		below = l.mass(score, level-1, top)
	}
	if level < top {
		above = l.mass(score, level+1, top)
	}
	switch {
	case below < 0 && above < 0:
		return [2]int{}
	case above > below:
		return [2]int{level, level + 1}
	}
	return [2]int{level - 1, level}
}
