package stats_test

import (
	"testing"

	"leida/internal/stats"
)

func TestMeanSD(t *testing.T) {
	mean, sd, ok := stats.MeanSD([]float64{2, 4, 4, 4, 5, 5, 7, 9})
	if !ok || mean != 5 || sd != 2 {
		t.Errorf("MeanSD = %g, %g, %v; want 5, 2", mean, sd, ok)
	}
	if mean, sd, ok := stats.MeanSD([]float64{.1, .1, .1}); !ok || mean != .1 || sd != 0 {
		t.Errorf("of a constant %g, %g", mean, sd)
	}
	if _, _, ok := stats.MeanSD(nil); ok {
		t.Error("an empty slice has no mean")
	}
}
