package exam_test

import (
	"math"
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
				units, items := map[string]float64{}, map[string]int{}
				for _, d := range paper {
					for _, m := range d.Item.Measures {
						units[m.Sub] += d.Item.Units() * m.W
						items[m.Sub]++
					}
				}
				for _, s := range f.Subs {
					mean[s.ID] += units[s.ID] / papers
					if units[s.ID] < s.Least-1e-9 || items[s.ID] < s.Items {
						t.Fatalf("%s, %s: %g units of %d items, foretold at least %g of %d", a.ID, s.ID, units[s.ID], items[s.ID], s.Least, s.Items)
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
	if one, two := exam.Forecasts(lib, rules, lib.Assessments[0])[0], exam.Forecasts(lib, rules, lib.Assessments[0], lib.Assessments[0])[0]; !(two.HalfWidth < one.HalfWidth && two.Minutes == 2*one.Minutes) {
		t.Errorf("%+v, then %+v", one, two)
	}
	if got := rules.Z * rules.PriorSD / math.Sqrt(4*4); math.Abs(got-11.5) > 0.05 {
		t.Errorf("%g", got)
	}
}
