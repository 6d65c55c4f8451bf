package stats_test

import (
	"math"
	"testing"

	"leida/internal/stats"
)

// Bland & Altman 1986 (peak flow, large and mini meter), and a curve with its observer; both by R's epi.ccc (epiR 2.0.57).
func TestConcordance(t *testing.T) {
	for _, tt := range []struct {
		x, y []float64
		want float64
	}{
		{[]float64{494, 395, 516, 434, 476, 557, 413, 442, 650, 433, 417, 656, 267, 478, 178, 423, 427},
			[]float64{490, 397, 512, 401, 470, 611, 415, 431, 638, 429, 420, 633, 275, 492, 165, 372, 421}, 0.982130561882737},
		{[]float64{12.7, 15.4, 19.9, 26.6, 35.8, 46.9, 58.8, 69.7, 77.3, 80, 77.3, 69.7, 58.8, 46.9, 35.8, 26.6, 19.9, 15.4, 12.7, 11.3, 10.6, 10.2, 10.1, 10},
			[]float64{6.3, 20.2, 12.7, 16.8, 17.9, 31.7, 39.7, 47.3, 57.9, 67.2, 67.2, 66.8, 67.2, 65.5, 57.7, 47, 45.8, 34.2, 27.9, 19.3, 17.4, 21.9, 16.2, 9.9}, 0.796371670847717},
	} {
		got, ok := stats.Concordance(tt.x, tt.y)
		if other, _ := stats.Concordance(tt.y, tt.x); !ok || math.Abs(got-tt.want) > 1e-12 || math.Abs(other-got) > 1e-15 {
			t.Errorf("%g and %g, want %.15g", got, other, tt.want)
		}
		if same, ok := stats.Concordance(tt.x, tt.x); !ok || math.Abs(same-1) > 1e-12 {
			t.Errorf("with itself %g", same)
		}
	}
	if got, ok := stats.Concordance([]float64{5, 5}, []float64{1, 9}); !ok || got != 0 {
		t.Errorf("a constant and a series: %g, %v", got, ok)
	}
	for _, tt := range [][2][]float64{{nil, nil}, {{1}, {1, 2}}, {{3, 3}, {3, 3}}} {
		if got, ok := stats.Concordance(tt[0], tt[1]); ok {
			t.Errorf("%v: %g", tt, got)
		}
	}
}

func init() { topics["agreement_ccc"] = checkAgreement }

func checkAgreement(t *testing.T, v vector) {
	input := decode[struct{ X, Y []float64 }](t, v.Input)
	got, err := stats.Agree(input.X, input.Y)
	if err != nil {
		t.Fatal(err)
	}
	meets(t, got, v.Expected, all(v.Tolerance["abs"]))
}
