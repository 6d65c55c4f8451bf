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
	if _, _, ok := stats.MeanSD(nil); ok {
		t.Error("an empty slice has no mean")
	}
}
