package assessment

import (
	"math"

	"leida/internal/fault"
	"leida/internal/item"
)

// MaxBlind is the most, of 100, that a candidate who does not read may score on an assessment.
const MaxBlind = 35

// Blind is what a blind candidate scores on an assessment, 0-100: the mean over all items that each row may draw, weighted by information units and the sections' weights.
func (l *Library) Blind(a *Assessment, s item.Strategy) float64 {
	total := 0.0
	for i, section := range a.Sections {
		sum, units := 0.0, 0.0
		for j, row := range section.Draw {
			pool := l.Pool(a, i, j)
			for _, it := range pool {
				w := it.Units() * float64(row.N) / float64(len(pool))
				sum += w * guess(it, s)
				units += w
			}
		}
		if units > 0 {
			total += section.Weight * sum / units
		}
	}
	return 100 * total
}

// guess is what a blind candidate scores on an item; a kind with blind candidates of its own is guessed by the luckiest of them.
func guess(it *item.Item, s item.Strategy) float64 {
	if _, ok := it.Body.(item.Resistant); ok {
		best := 0.0
		for _, x := range BlindScores(it) {
			best = max(best, x.Score)
		}
		return best
	}
	g, ok := it.Body.(item.Guessable)
	if !ok {
		return 0
	}
	r, err := it.Score(item.Response{Answer: g.Guess(s)})
	if err != nil || r.Pending {
		return 0
	}
	return r.Score
}

// BlindScores are what the kind's own blind candidates score on an item; of those whom people would have to rate nothing is known.
func BlindScores(it *item.Item) []BlindScore {
	b, ok := it.Body.(item.Resistant)
	if !ok {
		return nil
	}
	var out []BlindScore
	for _, x := range b.Blind() {
		if r, err := it.Score(item.Response{Answer: x.Answer}); err == nil && !r.Pending {
			out = append(out, BlindScore{Name: x.Name, Score: r.Score, Most: x.Most})
		}
	}
	return out
}

// BlindScore is what a blind candidate scores on an item, and the most that it may.
type BlindScore struct {
	Name        string // a word for a message key: blind.<kind>.<name>
	Score, Most float64
}

// lintBlind refuses an assessment that can be passed without reading.
func (l *Library) lintBlind(a *Assessment) []fault.Problem {
	var ps []fault.Problem
	for _, s := range item.Strategies {
		if got := l.Blind(a, s); got > MaxBlind {
			ps = append(ps, fault.At("sections", "assessment.blind."+string(s), "got", math.Round(got*10)/10, "max", MaxBlind))
		}
	}
	return ps
}
