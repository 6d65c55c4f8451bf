package stats_test

import (
	"strings"
	"testing"

	"leida/internal/stats"
)

func init() { topics["ctt"] = checkCTT }

func checkCTT(t *testing.T, v vector) {
	got, err := stats.ItemAnalysis(v.table(t, v.InputFile))
	if err != nil {
		t.Fatal(err)
	}
	meets(t, got, v.Expected, func(path string) float64 {
		if strings.HasPrefix(path, "omega") {
			return v.Tolerance["omega_abs"]
		}
		return v.Tolerance["abs"]
	})
}
