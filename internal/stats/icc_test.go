package stats_test

import (
	"testing"

	"leida/internal/stats"
)

func init() { topics["icc"] = checkICC }

func checkICC(t *testing.T, v vector) {
	input := decode[struct{ Ratings [][]*float64 }](t, v.Input)
	got, err := stats.IntraclassCorrelations(rated(input.Ratings, false), .95)
	if err != nil {
		t.Fatal(err)
	}
	meets(t, got, v.Expected, all(v.Tolerance["abs"]))
}
