package exam_test

import (
	"math"
	"strings"
	"testing"

	"leida/assessments"
	"leida/internal/assessment"
	"leida/internal/exam"
	"leida/internal/profile"
)

func builtIn(t *testing.T) *assessment.Library {
	t.Helper()
	lib, report := assessment.Load(assessments.FS, nil, nil)
	if lib == nil {
		t.Fatal(report)
	}
	return lib
}

// What is foretold of a form is what the papers that it draws really hold: the mean of many, and never less than what was called certain.
func TestForecastHolds(t *testing.T) {
	lib, rules := builtIn(t), profile.DefaultRules()
	for _, a := range lib.Assessments {
		for _, f := range exam.Forecasts(lib, rules, a) {
			const papers = 400
			mean := map[string]float64{}
			for seed := range uint64(papers) {
				paper, err := lib.Draw(a, seed)
				if err != nil {
					t.Fatal(err)
				}
				units, marked, items := map[string]float64{}, map[string]float64{}, map[string]int{}
				for _, d := range paper {
					for _, y := range d.Item.Yields() {
						units[y.Sub] += y.Units()
						marked[y.Sub] += y.Marked
						if y.Marked > 0 {
							items[y.Sub]++
						}
					}
				}
				for _, s := range f.Subs {
					mean[s.ID] += units[s.ID] / papers
					if marked[s.ID] < s.Least-1e-9 || items[s.ID] < s.Items {
						t.Fatalf("%s, %s: %g units of %d items without what people rate, foretold at least %g of %d", a.ID, s.ID, marked[s.ID], items[s.ID], s.Least, s.Items)
					}
				}
			}
			for _, s := range f.Subs {
				if math.Abs(mean[s.ID]-s.Units) > 0.5 {
					t.Errorf("%s, %s: %.2f units on average, foretold %.2f", a.ID, s.ID, mean[s.ID], s.Units)
				}
			}
			if f.Minutes <= 0 || f.Doing < 0 || f.Doing > 1 || f.Coverage > 1+1e-9 {
				t.Errorf("%s: %+v", a.ID, f)
			}
		}
	}
}

// More is known after two forms than after one, and the interval is that of MEASUREMENT 5.2: four equal sub-competencies of four units each are known to 11.5.
func TestForecastInterval(t *testing.T) {
	lib, rules := builtIn(t), profile.DefaultRules()
	if one, two := exam.Forecasts(lib, rules, lib.Assessments[0])[0], exam.Forecasts(lib, rules, lib.Assessments[0], lib.Assessments[0])[0]; !(two.HalfWidth < one.HalfWidth && two.Minutes >= 2*one.Minutes-1 && two.Minutes <= 2*one.Minutes) {
		t.Errorf("%+v, then %+v", one, two)
	}
	if got := rules.Z * rules.PriorSD / math.Sqrt(4*4); math.Abs(got-11.5) > 0.05 {
		t.Errorf("%g", got)
	}
}

// The bar for the cycle's forms: two sittings of 25 to 40 minutes for each capability, which show doing more than knowing and together give every capability a score (MEASUREMENT 5.3).
func TestCycleForms(t *testing.T) {
	lib, rules := builtIn(t), profile.DefaultRules()
	var cycle []*assessment.Assessment
	about := map[string]int{}
	for _, a := range lib.Assessments {
		if a.Kind != "cycle" {
			continue
		}
		cycle = append(cycle, a)
		about[strings.Split(a.Sections[0].Domain, ".")[0]]++
		if n := lib.Minutes(a); n < 25 || n > 40 {
			t.Errorf("%s takes %d minutes", a.ID, n)
		}
		if limit := a.Limit().Minutes(); limit < 1.4*float64(lib.Minutes(a)) {
			t.Errorf("%s has a limit of %.0f minutes for %d", a.ID, limit, lib.Minutes(a))
		}
	}
	for _, c := range lib.Model.Capabilities {
		if about[c.ID] != 2 {
			t.Errorf("%d forms are about %s", about[c.ID], c.ID)
		}
	}
	for _, f := range exam.Forecasts(lib, rules, cycle...) {
		if f.Doing < 0.7 || f.Coverage < rules.MinCoverage || f.HalfWidth > 12 {
			t.Errorf("%+v", f)
		}
	}
}
