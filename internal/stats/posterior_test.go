package stats_test

import (
	"math"
	"slices"
	"testing"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mathext"
	"gonum.org/v1/gonum/stat/distuv"
	"pgregory.net/rapid"

	"leida/internal/stats"
)

// Seven of ten right, and a half and a whole with weights: by hand from F1.
func TestPercentScore(t *testing.T) {
	u := []float64{1, 1, 1, 0, 1, stats.Missing(), 1, 0, 1, 0, 1}
	got, err := stats.NewPercentScore(u, nil, stats.BetaPrior{})
	if err != nil {
		t.Fatal(err)
	}
	sd := 100 * math.Sqrt(8*4/(144*13.0))
	if got.K != 10 || got.A != 8 || got.B != 4 || math.Abs(got.Score-100*8/12.0) > 1e-12 || math.Abs(got.SE-sd) > 1e-12 {
		t.Errorf("%+v", got)
	}
	if want := (distuv.Beta{Alpha: 8, Beta: 4}); math.Abs(want.CDF(got.CI[0]/100)-0.05) > 1e-12 || math.Abs(want.CDF(got.CI[1]/100)-0.95) > 1e-12 {
		t.Errorf("%+v", got)
	}
	got, err = stats.NewPercentScore([]float64{0.5, 1}, []float64{1, 3}, stats.BetaPrior{A: 2, B: 2})
	if err != nil || math.Abs(got.K-1.6) > 1e-12 || math.Abs(got.A-(2+1.6*0.875)) > 1e-12 || math.Abs(got.B-2.2) > 1e-12 {
		t.Errorf("%+v, %v", got, err)
	}
}

// The interval holds 90 % and the levels 1; equal weights are no weights; more evidence of the same share is surer.
func TestPercentScoreProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		u := rapid.SliceOfN(rapid.Float64Range(0, 1), 1, 60).Draw(t, "u")
		w := make([]float64, len(u))
		for i := range w {
			w[i] = 2.5
		}
		s, err := stats.NewPercentScore(u, nil, stats.BetaPrior{})
		if err != nil {
			t.Fatal(err)
		}
		same, err := stats.NewPercentScore(u, w, stats.BetaPrior{})
		if err != nil || math.Abs(same.Score-s.Score) > 1e-9 || math.Abs(same.SE-s.SE) > 1e-9 {
			t.Fatalf("%+v, with weights %+v, %v", s, same, err)
		}
		mass := mathext.RegIncBeta(s.A, s.B, s.CI[1]/100) - mathext.RegIncBeta(s.A, s.B, s.CI[0]/100)
		if math.Abs(mass-0.9) > 1e-9 || s.CI[0] > s.Score || s.CI[1] < s.Score || s.CI[0] < 0 || s.CI[1] > 100 {
			t.Fatalf("%+v holds %g", s, mass)
		}
		twice, err := stats.NewPercentScore(slices.Concat(u, u), nil, stats.BetaPrior{})
		if err != nil || twice.K != 2*s.K || twice.CI[1]-twice.CI[0] >= s.CI[1]-s.CI[0] {
			t.Fatalf("%+v, twice %+v", s, twice)
		}
		l, err := s.Levels([]float64{40, 60, 75, 88})
		if err != nil || len(l.P) != 5 || math.Abs(floats.Sum(l.P)-1) > 1e-12 || floats.Min(l.P) < 0 {
			t.Fatalf("%+v, %v", l, err)
		}
		most := floats.MaxIdx(l.P) + 1
		switch {
		case s.K < 8:
			if l.Shown != nil {
				t.Fatalf("%g answers show %v", s.K, l.Shown)
			}
		case l.P[most-1] >= 0.6:
			if !slices.Equal(l.Shown, []int{most}) {
				t.Fatalf("%+v", l)
			}
		default:
			if len(l.Shown) != 2 || l.Shown[1] != l.Shown[0]+1 || !slices.Contains(l.Shown, most) {
				t.Fatalf("%+v", l)
			}
			for _, other := range []int{most - 1, most + 1} {
				shown := l.Shown[0] + l.Shown[1] - most
				if other >= 1 && other <= 5 && l.P[other-1] > l.P[shown-1] {
					t.Fatalf("%+v: level %d is more probable", l, other)
				}
			}
		}
	})
}

// Scores between levels show the nearer neighbour.
func TestLevelsShown(t *testing.T) {
	for _, tt := range []struct {
		right, of int
		want      []int
	}{{11, 20, []int{2}}, {13, 20, []int{2, 3}}, {15, 20, []int{3, 4}}, {20, 20, []int{5}}, {7, 7, nil}, {0, 12, []int{1}}, {8, 20, []int{1, 2}}} {
		u := make([]float64, tt.of)
		for i := range tt.right {
			u[i] = 1
		}
		s, err := stats.NewPercentScore(u, nil, stats.BetaPrior{})
		if err != nil {
			t.Fatal(err)
		}
		if l, err := s.Levels([]float64{40, 60, 75, 88}); err != nil || !slices.Equal(l.Shown, tt.want) {
			t.Errorf("%d of %d: %+v, %v", tt.right, tt.of, l, err)
		}
	}
}

func TestPercentScoreErrors(t *testing.T) {
	for _, tt := range []struct {
		u, w  []float64
		prior stats.BetaPrior
		want  stats.Error
	}{
		{nil, nil, stats.BetaPrior{}, stats.Error{What: stats.Empty}},
		{[]float64{stats.Missing()}, nil, stats.BetaPrior{}, stats.Error{What: stats.Empty}},
		{[]float64{0.5, 1.1}, nil, stats.BetaPrior{}, stats.Error{What: stats.OutOfRange, Row: 2}},
		{[]float64{0.5, 1}, []float64{1, 0}, stats.BetaPrior{}, stats.Error{What: stats.OutOfRange, Row: 2, Column: "weight"}},
		{[]float64{0.5, 1}, []float64{1}, stats.BetaPrior{}, stats.Error{What: stats.Unpaired}},
		{[]float64{0.5, 1}, nil, stats.BetaPrior{A: 1}, stats.Error{What: stats.OutOfRange, Column: "prior"}},
	} {
		_, err := stats.NewPercentScore(tt.u, tt.w, tt.prior)
		fails(t, err, tt.want)
	}
	s, err := stats.NewPercentScore([]float64{1}, nil, stats.BetaPrior{})
	if err != nil {
		t.Fatal(err)
	}
	_, err = s.Levels([]float64{40, 40})
	fails(t, err, stats.Error{What: stats.Unordered, Row: 2})
	_, err = s.Levels([]float64{40, 100})
	fails(t, err, stats.Error{What: stats.OutOfRange, Row: 2})
}

func TestProvisionalDifficulty(t *testing.T) {
	if b, ok := stats.ProvisionalDifficulty(0.8, 0.5); !ok || math.Abs(b-(0.5-math.Log(4))) > 1e-12 {
		t.Errorf("%g, %v", b, ok)
	}
	for _, share := range []float64{0, 1, math.NaN(), -1, 2} {
		if b, ok := stats.ProvisionalDifficulty(share, 0); ok {
			t.Errorf("%g: %g", share, b)
		}
	}
}
