package stats_test

import (
	"encoding/json"
	"testing"

	"pgregory.net/rapid"

	"leida/internal/stats"
)

// Whatever stands in a table, a result holds no NaN and nothing infinite (JSON would not take them), and nothing panics: gaps, numbers that are large or next to nothing, few rows.
func TestResultsAreNumbers(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cell := rapid.SampledFrom([]float64{0, 1, 2, .1, stats.Missing(), 1e100, -1e98, 1e-170, 5e-324})
		k := rapid.IntRange(2, 4).Draw(t, "columns")
		table := tableOf(rapid.SliceOfN(rapid.SliceOfN(cell, k, k), 1, 25).Draw(t, "rows")...)
		results := map[string]func() (any, error){
			"items":        func() (any, error) { return stats.ItemAnalysis(table) },
			"icc":          func() (any, error) { return stats.IntraclassCorrelations(table, .9) },
			"krippendorff": func() (any, error) { return stats.KrippendorffAlpha(table) },
			"agreement":    func() (any, error) { return stats.Agree(table.Column(0), table.Column(1)) },
			"kappa":        func() (any, error) { return stats.KappasOfRatings(table.Column(0), table.Column(1)) },
		}
		for name, of := range results {
			result, err := of()
			if err != nil {
				continue
			}
			if _, err := json.Marshal(result); err != nil {
				t.Fatalf("%s of %v: %v", name, table.Rows, err)
			}
		}
	})
}

func TestTooLargeIsNotFinite(t *testing.T) {
	isError(t, tableOf([]float64{1, -2e100}).Check(), stats.Error{What: stats.NotFinite, Row: 1, Column: "2"})
	if err := tableOf([]float64{1, -1e100}).Check(); err != nil {
		t.Error(err)
	}
}
