package quality

import (
	"cmp"
	"slices"
	"time"

	"leida/internal/stats"
)

// Form is what the sittings of one assessment say of its scores. Places of a paper stand for items: which item stands there differs from person to person, so that its difficulty counts as error
// and alpha is rather too low than too high.
type Form struct {
	ID       string
	Version  string // hash of the newest version that somebody sat, the only one counted
	People   int
	Sittings int
	Places   int       // that are marked at once
	Marked   float64   // share of the score's weight that these carry, 0..1
	Mean     float64   // score, 0..100; it and all else is told from some people and sittings on
	SD       float64   // of scores, divisor n-1
	Alpha    *Estimate // reliability, with Feldt's interval
	SEM      *float64  // standard error of measurement, in points of the score
	Cuts     []Cut     // how well scores are put above and below the cuts; none where alpha is not above 0, or where people rate more than a fifth of the score
}

// Cut is the accuracy of the decision at one cut.
type Cut struct {
	At          float64 // score, 0..100
	Accuracy    float64 // share of people who are put where their true score lies (Livingston & Lewis 1995)
	Consistency float64 // share who would be put there again
}

// leastMarked is the share of a score's weight that must be marked for a decision by it.
const leastMarked = 0.8

// Hidden reports whether the people are too few to tell anything.
func (f Form) Hidden() bool { return f.People < leastPeople }

// Few reports whether the sittings are too few to conclude anything.
func (f Form) Few() bool { return f.Sittings < fewest }

// Provisional reports whether they are too few to rely on.
func (f Form) Provisional() bool { return f.Sittings < provisional }

// Sheet is one sitting that was handed in.
type Sheet struct {
	Form, Version string
	Person        string
	At            time.Time // handed in
	Points        []float64 // what each marked place gives to the score, in the order of the paper; together they are the score, 0..100
	Marked        float64   // share of the score's weight that these places carry
}

// Forms takes sheets, person by person.
type Forms struct{ of map[string]map[string]*sheets }

type sheets struct {
	newest time.Time
	points [][]float64
	marked float64
	people int
	last   string
}

// Add takes a sheet.
func (f *Forms) Add(s Sheet) {
	if f.of == nil {
		f.of = map[string]map[string]*sheets{}
	}
	if f.of[s.Form] == nil {
		f.of[s.Form] = map[string]*sheets{}
	}
	v := f.of[s.Form][s.Version]
	if v == nil {
		v = &sheets{marked: s.Marked}
		f.of[s.Form][s.Version] = v
	}
	if len(v.points) > 0 && len(v.points[0]) != len(s.Points) {
		return // a place of it is not known any more
	}
	v.points = append(v.points, s.Points)
	if s.At.After(v.newest) {
		v.newest = s.At
	}
	if v.people == 0 || v.last != s.Person {
		v.people, v.last = v.people+1, s.Person
	}
}

// Forms are those with sittings, by id, each in the version that was handed in last. cuts are the lowest scores of the levels.
func (f *Forms) Forms(cuts []float64) []Form {
	var out []Form
	for id, versions := range f.of {
		var best *sheets
		name := ""
		for version, v := range versions {
			if best == nil || v.newest.After(best.newest) || v.newest.Equal(best.newest) && version < name {
				best, name = v, version
			}
		}
		x := judge(id, best, cuts)
		x.Version = name
		out = append(out, x)
	}
	slices.SortFunc(out, func(x, y Form) int { return cmp.Compare(x.ID, y.ID) })
	return out
}

func judge(id string, v *sheets, cuts []float64) Form {
	sittings := v.points
	f := Form{ID: id, People: v.people, Sittings: len(sittings), Places: len(sittings[0]), Marked: v.marked}
	if f.Hidden() {
		return f
	}
	totals := make([]float64, len(sittings))
	for i, points := range sittings {
		for _, x := range points {
			totals[i] += x
		}
		totals[i] = min(100, totals[i]) // rounding
	}
	f.Mean, f.SD, _ = stats.MeanSD(totals)
	if f.Few() || f.Places < 2 {
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
	if f.Marked < leastMarked {
		return f
	}
	for _, c := range cuts {
		if x, err := stats.LivingstonLewisClassification(totals, *r.Alpha, c, 0, 100); err == nil {
			f.Cuts = append(f.Cuts, Cut{At: c, Accuracy: x.Accuracy.Accuracy, Consistency: x.Consistency.P})
		}
	}
	return f
}
