package stats_test

import (
	"encoding/csv"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"gonum.org/v1/gonum/mathext"
	"pgregory.net/rapid"

	"leida/internal/stats"
)

// checkReliance reads case, truth, initial, advice, final.
func checkReliance(t *testing.T, v vector) {
	f, err := os.Open(filepath.Join(v.dir, v.InputFile))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var cases []stats.AdvisedCase
	for _, row := range rows[1:] {
		cases = append(cases, stats.AdvisedCase{Truth: row[1], Initial: row[2], Advice: row[3], Final: row[4]})
	}
	meets(t, stats.NewReliance(cases), v.Expected, all(v.Tolerance["abs"]))
}

// What has no case is absent, not 0.
func TestRelianceAbsent(t *testing.T) {
	if got := stats.NewReliance([]stats.AdvisedCase{{Truth: "a", Initial: "a", Advice: "b"}}); !reflect.DeepEqual(*got, stats.Reliance{}) {
		t.Errorf("an incomplete case: %+v", got)
	}
	got := stats.NewReliance([]stats.AdvisedCase{{Truth: "a", Initial: "a", Advice: "b", Final: "a"}})
	if got.RAIR != nil || got.RAIRCI != nil || got.Underreliance != nil || *got.RSR != 1 || *got.Overreliance != 0 || *got.AccuracyAdvice != 0 || *got.SwitchFraction != 0 {
		t.Errorf("%+v", got)
	}
	got = stats.NewReliance([]stats.AdvisedCase{{Truth: "a", Initial: "a", Advice: "a", Final: "a"}})
	if got.RAIR != nil || got.RSR != nil || got.SwitchFraction != nil || *got.AccuracyFinal != 1 {
		t.Errorf("%+v", got)
	}
}

// Shares lie within their intervals, which hold 90 % of the posterior; the order of the cases does not matter.
func TestRelianceProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.SampledFrom([]string{"a", "b", "c"})
		cases := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) stats.AdvisedCase {
			return stats.AdvisedCase{Truth: name.Draw(t, "truth"), Initial: name.Draw(t, "initial"), Advice: name.Draw(t, "advice"), Final: name.Draw(t, "final")}
		}), 1, 60).Draw(t, "cases")
		r := stats.NewReliance(cases)
		if other := stats.NewReliance(rapid.Permutation(cases).Draw(t, "order")); !reflect.DeepEqual(r, other) {
			t.Fatalf("%+v, in another order %+v", r, other)
		}
		if r.RAIR == nil {
			return
		}
		k, n := float64(r.SwitchedToRight), float64(r.WrongAdvisedRight)
		mass := mathext.RegIncBeta(1+k, 1+n-k, r.RAIRCI[1]) - mathext.RegIncBeta(1+k, 1+n-k, r.RAIRCI[0])
		mean := (1 + k) / (2 + n)
		if math.Abs(mass-0.9) > 1e-9 || mean < r.RAIRCI[0] || mean > r.RAIRCI[1] || math.Abs(*r.RAIR+*r.Underreliance-1) > 1e-12 {
			t.Fatalf("%+v: %g", r, mass)
		}
	})
}
