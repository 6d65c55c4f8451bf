package stats_test

import (
	"math"
	"testing"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/integrate/quad"
	"gonum.org/v1/gonum/stat/distuv"
	"pgregory.net/rapid"

	"leida/internal/stats"
)

func init() { topics["classification"] = checkClassification }

func checkClassification(t *testing.T, v vector) {
	if v.InputFile != "" {
		in := decode[struct{ Reliability, Cut, Max float64 }](t, v.Input)
		got, err := stats.LivingstonLewisClassification(v.table(t, v.InputFile).Column(0), in.Reliability, in.Cut, 0, in.Max)
		if err != nil {
			t.Fatal(err)
		}
		all := merged(t, got, map[string]any{"ETL_package": got.Params.ETL})
		meets(t, all, v.Expected, byEnding(v, map[string]string{"K2": "K2_abs"}, "abs"))
		return
	}
	in := decode[struct {
		Bank   []bankItem
		Cuts   []float64 `json:"raw_cuts"`
		Rudner []float64 `json:"theta_cuts_rudner"`
	}](t, v.Input)
	want := decode[struct {
		LW struct{ Theta []float64 } `json:"lord_wingersky"`
	}](t, v.Expected)
	bank := bankOf(stats.TwoPL, in.Bank)
	nodes := stats.Quadrature{Nodes: 101, Reach: 5}
	lee, err := bank.LeeClassification(in.Cuts, nodes)
	if err != nil {
		t.Fatal(err)
	}
	rudner, err := bank.RudnerClassification(in.Rudner, nodes)
	if err != nil {
		t.Fatal(err)
	}
	lw, err := bank.ScoreDistributions(want.LW.Theta)
	if err != nil {
		t.Fatal(err)
	}
	meets(t, map[string]any{"lee": lee, "rudner": rudner, "lord_wingersky": lw}, v.Expected, all(v.Tolerance["abs"]))
}

// The scores' probabilities add to 1 and have the expected score as their mean, whatever the order of the items.
func TestScoreDistributions(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		bank := drawBank(t)
		theta := rapid.Float64Range(-5, 5).Draw(t, "theta")
		d, err := bank.ScoreDistributions([]float64{theta})
		if err != nil {
			t.Fatal(err)
		}
		mean := 0.0
		for score, p := range d.P[0] {
			mean += float64(score) * p
		}
		if math.Abs(floats.Sum(d.P[0])-1) > 1e-12 || math.Abs(mean-bank.ExpectedScore(theta)) > 1e-10 || len(d.P[0]) != bank.MaxScore()+1 {
			t.Fatalf("%v: mean %g, expected %g", d.P[0], mean, bank.ExpectedScore(theta))
		}
		bank.Items = rapid.Permutation(bank.Items).Draw(t, "order")
		other, err := bank.ScoreDistributions([]float64{theta})
		if err != nil || !floats.EqualApprox(other.P[0], d.P[0], 1e-12) {
			t.Fatalf("%v, in another order %v", d.P[0], other.P[0])
		}
	})
}

// The consistency at a cut lies between 0.5 and 1; all cuts together agree no better than each alone; a cut that everybody reaches is no cut.
func TestClassAgreement(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		bank := drawBank(t)
		cut := float64(rapid.IntRange(1, bank.MaxScore()).Draw(t, "cut"))
		lee, err := bank.LeeClassification([]float64{0, cut}, stats.Quadrature{})
		if err != nil {
			t.Fatal(err)
		}
		theta := rapid.Float64Range(-2, 2).Draw(t, "theta")
		rudner, err := bank.RudnerClassification([]float64{theta, theta + 1}, stats.Quadrature{})
		if err != nil {
			t.Fatal(err)
		}
		for _, all := range [][]stats.ClassAgreement{lee, rudner} {
			for _, one := range all[:2] {
				if !(one.Accuracy >= 0 && one.Accuracy <= 1+1e-9) || !(one.Consistency >= 0.5-1e-9 && one.Consistency <= 1+1e-9) ||
					all[2].Accuracy > one.Accuracy+1e-9 || all[2].Consistency > one.Consistency+1e-9 {
					t.Fatalf("%+v", all)
				}
			}
		}
		if math.Abs(lee[0].Accuracy-1) > 1e-9 || math.Abs(lee[2].Accuracy-lee[1].Accuracy) > 1e-9 {
			t.Fatalf("everybody reaches 0: %+v", lee)
		}
	})
}

func TestClassificationErrors(t *testing.T) {
	bank := stats.Bank{SD: 1, Items: []stats.Item{{Model: stats.TwoPL, A: 1, B: []float64{0}}}}
	for _, tt := range []struct {
		bank stats.Bank
		cuts []float64
		q    stats.Quadrature
		want stats.Error
	}{
		{stats.Bank{SD: 1}, []float64{1}, stats.Quadrature{}, stats.Error{What: stats.Empty}},
		{bank, nil, stats.Quadrature{}, stats.Error{What: stats.Empty}},
		{bank, []float64{0, math.NaN()}, stats.Quadrature{}, stats.Error{What: stats.NotFinite, Row: 2}},
		{bank, []float64{1, 1}, stats.Quadrature{}, stats.Error{What: stats.Unordered, Row: 2}},
		{bank, []float64{1}, stats.Quadrature{Nodes: 1}, stats.Error{What: stats.OutOfRange, Column: "Nodes"}},
		{bank, []float64{1}, stats.Quadrature{Reach: -1}, stats.Error{What: stats.OutOfRange, Column: "Reach"}},
	} {
		_, err := tt.bank.LeeClassification(tt.cuts, tt.q)
		fails(t, err, tt.want)
		_, err = tt.bank.RudnerClassification(tt.cuts, tt.q)
		fails(t, err, tt.want)
	}
	_, err := bank.ScoreDistributions([]float64{0, math.NaN()})
	fails(t, err, stats.Error{What: stats.NotFinite, Row: 2})
	_, err = stats.Bank{SD: 1}.ScoreDistributions([]float64{0})
	fails(t, err, stats.Error{What: stats.Empty})
}

// The closed form is the integral over the true scores.
func TestLivingstonLewisIsTheIntegral(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		scores := rapid.SliceOfN(rapid.Float64Range(0, 40), 5, 40).Draw(t, "scores")
		cut := rapid.Float64Range(5, 35).Draw(t, "cut")
		got, err := stats.LivingstonLewisClassification(scores, rapid.Float64Range(0.3, 0.95).Draw(t, "reliability"), cut, 0, 40)
		if err != nil || got.Params.Alpha < 2 || got.Params.Beta < 2 || got.Params.Alpha+got.Params.Beta > 500 || got.Params.Rounded > 200 {
			t.Skip(err) // no such distribution, or one that is hard to integrate in another way
		}
		truth := distuv.Beta{Alpha: got.Params.Alpha, Beta: got.Params.Beta}
		pass := math.Floor(cut / 40 * got.Params.Rounded)
		below := func(x float64) float64 { return distuv.Binomial{N: got.Params.Rounded, P: x}.CDF(pass - 1) }
		integral := func(f func(float64) float64, lo, hi float64) float64 {
			return quad.Fixed(f, lo, hi, 400, quad.Legendre{}, 0)
		}
		tp := integral(func(x float64) float64 { return truth.Prob(x) * below(x) }, 0, cut/40)
		fp := integral(func(x float64) float64 { return truth.Prob(x) * below(x) }, cut/40, 1)
		p := integral(func(x float64) float64 { return truth.Prob(x) * (below(x)*below(x) + (1-below(x))*(1-below(x))) }, 0, 1)
		if c := got.Confusion; math.Abs(c[0][0]-tp) > 1e-5 || math.Abs(c[1][0]-fp) > 1e-5 || math.Abs(c[0][2]+c[1][2]-1) > 1e-9 || math.Abs(got.Consistency.P-p) > 1e-5 {
			t.Fatalf("%+v, want %g %g %g", got, tp, fp, p)
		}
	})
}

func TestLivingstonLewisErrors(t *testing.T) {
	good := []float64{10, 12, 20, 17, 25}
	for _, tt := range []struct {
		scores                      []float64
		reliability, cut, low, high float64
		want                        stats.Error
	}{
		{good, 0.8, 15, 30, 30, stats.Error{What: stats.OutOfRange, Column: "high"}},
		{good, 1, 15, 0, 30, stats.Error{What: stats.OutOfRange, Column: "reliability"}},
		{good, 0.8, 0, 0, 30, stats.Error{What: stats.OutOfRange, Column: "cut"}},
		{good, 0.8, 15, 0, 20, stats.Error{What: stats.OutOfRange, Row: 5}},
		{[]float64{stats.Missing(), 9}, 0.8, 15, 0, 20, stats.Error{What: stats.TooFewRows}},
		{[]float64{9, 9}, 0.8, 15, 0, 20, stats.Error{What: stats.Constant}},
		{[]float64{0, 20, 0, 20}, 0.8, 15, 0, 20, stats.Error{What: stats.Undefined}},
		{[]float64{10, 10.01, 9.99}, 0.99, 15, 0, 20, stats.Error{What: stats.OutOfRange, Column: "ETL"}},
	} {
		_, err := stats.LivingstonLewisClassification(tt.scores, tt.reliability, tt.cut, tt.low, tt.high)
		fails(t, err, tt.want)
	}
	if _, err := stats.LivingstonLewisClassification(append([]float64{stats.Missing()}, good...), 0.8, 15, 0, 30); err != nil {
		t.Error(err)
	}
	if k, ok := stats.LivingstonK2(0.8, 15, 4, 15); !ok || k != 0.8 {
		t.Errorf("a cut at the mean: %g", k)
	}
	if _, ok := stats.LivingstonK2(0.8, 15, 0, 15); ok {
		t.Error("all scores at the cut")
	}
}
