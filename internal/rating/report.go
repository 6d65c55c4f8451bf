package rating

import (
	"cmp"
	"math"
	"slices"

	"leida/internal/stats"
)

// Bounds below which a rater is asked to rate some anchors again (MEASUREMENT 4.13).
const (
	LeastKappa   = 0.6
	LeastDoubles = 20
)

// Agreement is how far two raters of the same responses agree. Shares and kappa are absent where they are undefined.
type Agreement struct {
	Doubles  int      // responses that two rated
	Exact    *float64 // share of levels that are the same, 0..1
	Adjacent *float64 // share of levels at most one apart
	Kappa    *float64 // quadratic weighted
}

// Report is how well people rate: those who rated first and second, blind to each other. Thirds come in because of a disagreement and are left out.
type Report struct {
	Agreement
	Rated    int // responses that anybody rated
	Thirds   int // that a third had to settle, or has to
	Raters   []Rater
	Criteria []Criterion // in the order of their ids
}

// Rater is one person's part of it.
type Rater struct {
	Agreement
	Person      string
	Rated       int
	Severity    *float64 // how many levels the others gave more, on average: above 0 is stricter than they
	Recalibrate bool
}

// Criterion is the agreement on one criterion.
type Criterion struct {
	Agreement
	ID string
}

// pairs are levels that two people gave to the same things.
type pairs struct {
	doubles int
	x, y    []float64
}

func (p *pairs) add(x, y float64) { p.x, p.y = append(p.x, x), append(p.y, y) }

func (p pairs) agreement() Agreement {
	a := Agreement{Doubles: p.doubles}
	if n := float64(len(p.x)); n > 0 {
		exact, adjacent := 0.0, 0.0
		for i := range p.x {
			switch d := math.Abs(p.x[i] - p.y[i]); {
			case d == 0:
				exact, adjacent = exact+1, adjacent+1
			case d <= 1:
				adjacent++
			}
		}
		exact, adjacent = exact/n, adjacent/n
		a.Exact, a.Adjacent = &exact, &adjacent
	}
	if k, ok := stats.QuadraticKappa(p.x, p.y); ok {
		a.Kappa = &k
	}
	return a
}

// NewReport looks at tasks whose ratings may be told of: those of one item, of one cycle, or all.
func NewReport(tasks []*Task) Report {
	var out Report
	var all pairs
	byRater, byCriterion, rated := map[string]*pairs{}, map[string]*pairs{}, map[string]int{}
	of := func(m map[string]*pairs, id string) *pairs {
		if m[id] == nil {
			m[id] = &pairs{}
		}
		return m[id]
	}
	for _, t := range tasks {
		xs := t.Ratings()
		for _, x := range xs {
			rated[x.Rater]++
			of(byRater, x.Rater)
		}
		if len(xs) > 0 {
			out.Rated++
		}
		if len(xs) < 2 {
			continue
		}
		if len(xs) > 2 || t.State() == Apart {
			out.Thirds++
		}
		all.doubles++
		first, second := of(byRater, xs[0].Rater), of(byRater, xs[1].Rater)
		first.doubles, second.doubles = first.doubles+1, second.doubles+1
		for _, c := range t.Rubric.Criteria {
			x, y, of := xs[0].Levels[c.ID], xs[1].Levels[c.ID], of(byCriterion, c.ID)
			all.add(x, y)
			first.add(x, y)
			second.add(y, x)
			of.add(x, y)
			of.doubles++
		}
	}
	out.Agreement = all.agreement()
	for id, p := range byRater {
		out.Raters = append(out.Raters, p.rater(id, rated[id]))
	}
	for id, p := range byCriterion {
		out.Criteria = append(out.Criteria, Criterion{p.agreement(), id})
	}
	slices.SortFunc(out.Raters, func(a, b Rater) int { return cmp.Compare(a.Person, b.Person) })
	slices.SortFunc(out.Criteria, func(a, b Criterion) int { return cmp.Compare(a.ID, b.ID) })
	return out
}

// rater is one's own levels, x, against those of the others, y.
func (p pairs) rater(person string, rated int) Rater {
	r := Rater{Agreement: p.agreement(), Person: person, Rated: rated}
	r.Recalibrate = r.Kappa != nil && *r.Kappa < LeastKappa && p.doubles >= LeastDoubles
	if n := float64(len(p.x)); n > 0 {
		s := 0.0
		for i := range p.x {
			s += (p.y[i] - p.x[i]) / n
		}
		r.Severity = &s
	}
	return r
}
