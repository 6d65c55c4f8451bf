package quality

import (
	"cmp"
	"slices"

	"leida/internal/stats"
)

// Form is what the sittings of one assessment say of its scores. Places of a paper stand for items: which item stands there differs from person to person, so that its difficulty counts as error
// and alpha is rather too low than too high.
type Form struct {
	ID       string
	Sittings int
	Places   int       // that are marked at once
	Mean     float64   // score, 0..100
	SD       float64   // of scores, divisor n-1
	Alpha    *Estimate // reliability, with Feldt's interval
	SEM      *float64  // standard error of measurement, in points of the score
	Cuts     []Cut     // how well scores are put above and below the cuts; none where alpha is not above 0
}

// Cut is the accuracy of the decision at one cut.
type Cut struct {
	At          float64 // score, 0..100
	Accuracy    float64 // share of people who are put where their true score lies (Livingston & Lewis 1995)
	Consistency float64 // share who would be put there again
}

// Few reports whether the sittings are too few to say anything.
func (f Form) Few() bool { return f.Sittings < fewest }

// Provisional reports whether they are too few to rely on.
func (f Form) Provisional() bool { return f.Sittings < provisional }

// Forms takes sittings of assessments. Papers of another length, from before a change of the form, are kept apart; the newest length counts.
type Forms struct {
	scores map[string]map[int][][]float64 // id -> places -> sittings
	newest map[string]int
}

// Add takes the marked places of one sitting of an assessment, in points of its score, in the order of the paper; together they are the score, 0..100. Of several lengths the last to come is the newest.
func (f *Forms) Add(id string, points []float64) {
	if f.scores == nil {
		f.scores, f.newest = map[string]map[int][][]float64{}, map[string]int{}
	}
	if f.scores[id] == nil {
		f.scores[id] = map[int][][]float64{}
	}
	f.newest[id] = len(points)
	f.scores[id][len(points)] = append(f.scores[id][len(points)], points)
}

// Forms are those with sittings, by id. cuts are the lowest scores of the levels.
func (f *Forms) Forms(cuts []float64) []Form {
	var out []Form
	for id, of := range f.scores {
		out = append(out, judge(id, of[f.newest[id]], cuts))
	}
	slices.SortFunc(out, func(x, y Form) int { return cmp.Compare(x.ID, y.ID) })
	return out
}

func judge(id string, sittings [][]float64, cuts []float64) Form {
	f := Form{ID: id, Sittings: len(sittings), Places: len(sittings[0])}
	totals := make([]float64, len(sittings))
	for i, points := range sittings {
		for _, x := range points {
			totals[i] += x
		}
		totals[i] = min(100, totals[i]) // rounding
	}
	f.Mean, f.SD, _ = stats.MeanSD(totals)
	if f.Few() {
		return f
	}
	t := stats.Table{Names: make([]string, f.Places), Rows: sittings}
	r, err := stats.ItemAnalysis(t)
	if err != nil || r.Alpha == nil || r.AlphaFeldt90 == nil {
		return f
	}
	f.Alpha = &Estimate{Value: *r.Alpha, Low: r.AlphaFeldt90[0], High: r.AlphaFeldt90[1]}
	f.SEM = r.SEM
	if r.TotalSD != nil {
		f.SD = *r.TotalSD
	}
	for _, c := range cuts {
		if x, err := stats.LivingstonLewisClassification(totals, *r.Alpha, c, 0, 100); err == nil {
			f.Cuts = append(f.Cuts, Cut{At: c, Accuracy: x.Accuracy.Accuracy, Consistency: x.Consistency.P})
		}
	}
	return f
}
