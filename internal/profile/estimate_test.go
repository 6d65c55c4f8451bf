package profile_test

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"leida/internal/profile"
)

func TestEstimateSubVectors(t *testing.T) {
	type record struct {
		Y, N    float64
		Source  profile.Source
		AgeDays float64 `json:"age_days"`
		Item    string
	}
	type detail struct {
		Y, SE, Lo, Hi, NInfo, Fresh float64
		Sufficient                  bool
	}
	var file struct {
		Vectors []struct {
			Case   string
			Answer []record
			Score  *float64
			Detail *detail
		}
	}
	raw, err := os.ReadFile("testdata/sub_estimate.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(raw, &file); err != nil {
		t.Fatal(err)
	}
	if len(file.Vectors) == 0 {
		t.Fatal("no vectors")
	}
	for _, v := range file.Vectors {
		t.Run(v.Case, func(t *testing.T) {
			var evidence []profile.Evidence
			for i, r := range v.Answer {
				evidence = append(evidence, profile.Evidence{ID: fmt.Sprint(i), ItemID: r.Item, Y: r.Y, N: r.N, Source: r.Source, At: ago(r.AgeDays)})
			}
			e := profile.EstimateSub(rules, evidence, today)
			if e.Scored != (v.Score != nil) {
				t.Fatalf("scored is %v", e.Scored)
			}
			if v.Score == nil {
				return
			}
			want := *v.Detail
			got := detail{e.Y, e.SE, e.Lo, e.Hi, e.Info, e.Units, e.Shown()}
			for _, pair := range [][2]float64{{got.Y, *v.Score}, {got.Y, want.Y}, {got.SE, want.SE}, {got.Lo, want.Lo}, {got.Hi, want.Hi}, {got.NInfo, want.NInfo}, {got.Fresh, want.Fresh}} {
				if !near(pair[0], pair[1], 1e-6) {
					t.Fatalf("got %+v, want %+v", got, want)
				}
			}
			if got.Sufficient != want.Sufficient {
				t.Errorf("sufficient is %v", got.Sufficient)
			}
		})
	}
}

func TestStatusSaysWhatIsMissing(t *testing.T) {
	at := func(days float64, es ...profile.Evidence) []profile.Evidence {
		for i := range es {
			es[i].At = ago(days)
		}
		return es
	}
	quiz := func(item string, n float64) profile.Evidence { return test("A", item, 70, n) }
	for _, c := range []struct {
		name     string
		evidence []profile.Evidence
		status   profile.Status
		missing  string
	}{
		{"nothing", nil, profile.None, ""},
		{"all too old to count", at(541, quiz("a", 9), quiz("b", 9)), profile.None, ""},
		{"exactly 540 days", at(540, quiz("a", 40), quiz("b", 40)), profile.Insufficient, "missing.fresh"},
		{"operation only", at(0, of(profile.KPI, quiz("k", 4)), of(profile.Observation, quiz("o", 2))), profile.Insufficient, "missing.test missing.units"},
		{"one small item", at(0, quiz("a", 3)), profile.Insufficient, "missing.units missing.items"},
		{"two items, too few units", at(0, quiz("a", 1), quiz("b", 2)), profile.Insufficient, "missing.units"},
		{"units from one item in two sittings", at(0, quiz("a", 3), inCycle("2025b", quiz("a", 3))), profile.Insufficient, "missing.items"},
		{"one large item", at(0, quiz("a", 4)), profile.Sufficient, ""},
		{"exactly 365 days", at(365, quiz("a", 40), quiz("b", 40)), profile.Sufficient, ""},
		{"366 days", at(366, quiz("a", 40), quiz("b", 40)), profile.Insufficient, "missing.fresh"},
		{"old tests and a new figure", append(at(366, quiz("a", 40), quiz("b", 40)), of(profile.KPI, quiz("k", 4))), profile.Insufficient, "missing.fresh"},
	} {
		t.Run(c.name, func(t *testing.T) {
			e := profile.EstimateSub(rules, c.evidence, today)
			if e.Status != c.status || keys(e.Missing) != c.missing {
				t.Errorf("%s: %s; want %s: %s", e.Status, keys(e.Missing), c.status, c.missing)
			}
		})
	}
}

func inCycle(cycle string, e profile.Evidence) profile.Evidence {
	e.Cycle, e.SittingID = cycle, e.SittingID+cycle
	return e
}

func TestMissingUnitsNeverReadAsNothing(t *testing.T) {
	for n, want := range map[float64]float64{3.9999: 0.1, 3.89: 0.2, 2.9: 1.1, 1.5: 2.5, 3.3: 0.7} {
		e := profile.EstimateSub(rules, []profile.Evidence{aged(0, test("A", "a", 70, n))}, today)
		if got := e.Missing[0].Args["units"]; got != want {
			t.Errorf("of %g units %v are missing, want %g", n, got, want)
		}
		if !near(e.Short, 4-n, 1e-9) {
			t.Errorf("short by %g", e.Short)
		}
	}
}

func TestEstimateDescribesItsEvidence(t *testing.T) {
	e := profile.EstimateSub(rules, []profile.Evidence{
		test("A", "a", 70, 2), of(profile.Rater, test("A", "a", 60, 2)), of(profile.Rater, test("A", "b", 60, 2)),
		aged(0.5, of(profile.KPI, test("A", "k", 90, 4))),
	}, today)
	if want := (profile.Counts{Quiz: 1, Rater: 2, KPI: 1}); e.Counts != want || e.Counts.All() != 4 || e.Counts.Of(profile.Rater) != 2 {
		t.Errorf("counts %+v, want %+v", e.Counts, want)
	}
	if e.Items != 2 {
		t.Errorf("%d distinct items, want 2", e.Items)
	}
	if !e.Newest.Equal(ago(0.5)) {
		t.Errorf("newest %s", e.Newest)
	}
	var sum float64
	for _, c := range e.Evidence {
		sum += c.Share
	}
	if len(e.Evidence) != 4 || !near(sum, 1, 1e-12) {
		t.Errorf("citations %v", e.Evidence)
	}
}

// Cases that a calculation with weights and squares could turn into NaN or infinity.
func TestExtremesStayFinite(t *testing.T) {
	far := test("A", "far", 50, 1)
	far.At = time.Date(1, 1, 2, 0, 0, 0, 0, time.UTC) // further back than a Duration reaches
	for name, evidence := range map[string][]profile.Evidence{
		"smallest": {aged(540, test("A", "a", 0, profile.LeastUnits))},
		"largest":  {test("A", "a", 0, profile.MostUnits), test("A", "b", 100, profile.MostUnits)},
		"mixed":    {aged(540, test("A", "a", 100, profile.LeastUnits)), of(profile.KPI, test("A", "k", 0, profile.MostUnits))},
		"far":      {far},
	} {
		if e := profile.EstimateSub(rules, evidence, today); !finite(e) {
			t.Errorf("%s: %+v", name, e)
		}
	}
}

func TestRulesValidate(t *testing.T) {
	if ps := rules.Validate(); len(ps) > 0 {
		t.Fatalf("the default rules: %s", keys(ps))
	}
	bad := rules
	bad.HalfLife, bad.KPICap, bad.PriorSD = 1, 1, 0
	var paths []string
	for _, p := range bad.Validate() {
		paths = append(paths, p.Path)
	}
	if got := strings.Join(paths, " "); got != "half_life cutoff prior_sd kpi_cap" {
		t.Errorf("problems at %s", got)
	}
}
