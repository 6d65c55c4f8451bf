package stats_test

import (
	"math"
	"testing"

	"pgregory.net/rapid"

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

func agree(t fataler, x, y []float64) *stats.Agreement {
	t.Helper()
	a, err := stats.Agree(x, y)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// Lin's coefficient is Pearson's by the bias correction, and nearer to 0; its interval holds it. The reference and the observed change places but for signs and for the scale
// shift, which turns over. Both n and n-1 agree but for the mean bias.
func TestAgreeProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		point := rapid.Custom(func(t *rapid.T) float64 { return float64(rapid.IntRange(0, 9).Draw(t, "point")) })
		x := rapid.SliceOfN(point, 1, 20).Draw(t, "x")
		y := rapid.SliceOfN(point, len(x), len(x)).Draw(t, "y")
		a, b := agree(t, x, y), agree(t, y, x)
		if a.RMSE != b.RMSE || a.MAE != b.MAE || math.Abs(a.MeanBias+b.MeanBias) > 1e-12 || a.PeakHeight != -b.PeakHeight || a.PeakReference != b.PeakObserved ||
			a.MAE > a.RMSE+1e-12 || math.Abs(a.MeanBias) > a.MAE+1e-12 || !near(a.CCC, b.CCC, 1e-12) || !near(a.Sample, b.Sample, 1e-12) || !near(a.Bias, b.Bias, 1e-12) {
			t.Fatalf("%+v, places changed %+v", a, b)
		}
		for i, r := range a.Lagged {
			if other := b.Lagged[len(a.Lagged)-1-i]; !near(r, other, 1e-12) {
				t.Fatalf("lag %d: %s, places changed %s", a.Lags[i], show(r), show(other))
			}
		}
		if a.Pearson == nil {
			if a.Bias != nil || a.ScaleShift != nil || a.LocationShift != nil || a.CI95 != nil || a.CCC != nil && math.Abs(*a.CCC) > 1e-12 {
				t.Fatalf("no correlation and %+v", a)
			}
			return
		}
		if math.Abs(*a.CCC-*a.Pearson**a.Bias) > 1e-9 || *a.Bias > 1+1e-12 || math.Abs(*a.ScaleShift**b.ScaleShift-1) > 1e-9 {
			t.Fatalf("%g of %g by %g", *a.CCC, *a.Pearson, *a.Bias)
		}
		if (a.CI95 != nil) != (len(x) > 2 && math.Abs(*a.CCC) < 1-1e-9) {
			t.Fatalf("%g of %d: interval %v", *a.CCC, len(x), a.CI95)
		}
		if ci := a.CI95; ci != nil && !(-1 <= ci[0] && ci[0] <= *a.CCC+1e-12 && *a.CCC <= ci[1]+1e-12 && ci[1] <= 1) {
			t.Fatalf("%g within %v", *a.CCC, *ci)
		}
		level := make([]float64, len(y)) // without bias
		for i := range y {
			level[i] = y[i] - a.MeanBias
		}
		if c := agree(t, x, level); math.Abs(*c.CCC-*c.Sample) > 1e-9 {
			t.Fatalf("without bias %g and %g", *c.CCC, *c.Sample)
		}
	})
}

// A curve that comes a point later correlates at lag 1, and its peak is a place later.
func TestAgreeLags(t *testing.T) {
	x := []float64{0, 1, 4, 9, 5, 2, 0, 1}
	y := append([]float64{3}, x[:7]...)
	a := agree(t, x, y)
	if r := a.Lagged[5]; a.Lags[5] != 1 || math.Abs(*r-1) > 1e-12 || a.PeakReference != 3 || a.PeakObserved != 4 || a.PeakHeight != 0 {
		t.Errorf("%+v", a)
	}
	if a := agree(t, x[:5], y[:5]); a.Lagged[1] != nil || a.Lagged[2] == nil || a.Lagged[7] != nil {
		t.Errorf("of five points a lag of two has three pairs and one of three has not: %+v", a)
	}
}

func TestAgreeUndefined(t *testing.T) {
	full := agree(t, []float64{1, 2, 5, 3}, []float64{1, 2, 5, 3})
	if math.Abs(*full.CCC-1) > 1e-12 || full.RMSE != 0 || math.Abs(*full.Bias-1) > 1e-12 {
		t.Errorf("full agreement: %+v", full)
	}
	one := agree(t, []float64{.1}, []float64{.1})
	if one.CCC != nil || one.Sample != nil || one.Pearson != nil || one.CI95 != nil || one.MeanBias != 0 {
		t.Errorf("one point: %+v", one)
	}
	alike := agree(t, []float64{.1, .1, .1}, []float64{.1, .1, .1})
	if alike.CCC != nil || alike.Sample != nil {
		t.Errorf("constant and alike: %s", show(alike.CCC))
	}
	tiny := agree(t, []float64{0, 5e-324, 0}, []float64{0, 0, 5e-324}) // differences whose squares are no number
	if tiny.CCC != nil || tiny.Pearson != nil || tiny.CI95 != nil {
		t.Errorf("next to nothing: %s", show(tiny.Pearson))
	}
	two := agree(t, []float64{1, 3}, []float64{1, 4})
	if two.CI95 != nil || two.CCC == nil {
		t.Errorf("two points: %+v", two)
	}
}

func TestAgreeOfBadInput(t *testing.T) {
	for _, tt := range []struct {
		x, y []float64
		want stats.Error
	}{
		{nil, nil, stats.Error{What: stats.Empty}},
		{[]float64{1}, []float64{1, 2}, stats.Error{What: stats.Unpaired, N: 2, Want: 1}},
		{[]float64{1, math.Inf(1)}, []float64{1, 2}, stats.Error{What: stats.NotFinite, Row: 2, Column: "x"}},
		{[]float64{1, 2}, []float64{stats.Missing(), 2}, stats.Error{What: stats.Incomplete, Row: 1, Column: "y"}},
	} {
		_, err := stats.Agree(tt.x, tt.y)
		isError(t, err, tt.want)
	}
}
