package stats_test

import (
	"math"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"leida/internal/stats"
)

func init() { topics["shrinkage"] = checkShrinkage }

func checkShrinkage(t *testing.T, v vector) {
	if v.InputFile != "" {
		tab := v.table(t, v.InputFile)
		var teams [][]float64
		for i, row := range tab.Rows {
			if i == 0 || row[0] != tab.Rows[i-1][0] {
				teams = append(teams, nil)
			}
			teams[len(teams)-1] = append(teams[len(teams)-1], row[1])
		}
		got, err := stats.NewOneWay(teams)
		if err != nil {
			t.Fatal(err)
		}
		want := decode[struct{ Tau2, Sigma2 float64 }](t, v.Expected)
		meets(t, got, v.Expected, func(path string) float64 {
			switch path, _, _ := strings.Cut(path, "["); {
			case path == "tau2":
				return v.Tolerance["var_rel"] * want.Tau2
			case path == "sigma2":
				return v.Tolerance["var_rel"] * want.Sigma2
			case path == "shrunken", path == "cond_se":
				return v.Tolerance["shrunken_abs"]
			case path == "mu", path == "se_mu", path == "REML_criterion":
				return v.Tolerance["mu_abs"]
			}
			return v.Tolerance["anova_abs"]
		})
		return
	}
	in := decode[struct{ Y, SE []float64 }](t, v.Input)
	got, err := stats.Shrink(in.Y, in.SE)
	if err != nil {
		t.Fatal(err)
	}
	all := merged(t, got)
	for key, tau2 := range map[string]float64{"fixed_tau2_25": 25, "fixed_tau2_100": 100} {
		known, err := stats.ShrinkKnown(in.Y, in.SE, tau2)
		if err != nil {
			t.Fatal(err)
		}
		all[key] = known
	}
	meets(t, all, v.Expected, func(path string) float64 {
		if strings.HasPrefix(path, "DL.") {
			return v.Tolerance["DL_abs"]
		}
		return v.Tolerance["abs"]
	})
}

// restrictedLogLik is that of means with error variances, but for a constant.
func restrictedLogLik(y, se []float64, tau2 float64) float64 {
	w, wy, l := 0.0, 0.0, 0.0
	for i := range y {
		x := 1 / (se[i]*se[i] + tau2)
		w, wy, l = w+x, wy+x*y[i], l+math.Log(x)/2
	}
	for i := range y {
		l -= (y[i] - wy/w) * (y[i] - wy/w) / (se[i]*se[i] + tau2) / 2
	}
	return l - math.Log(w)/2
}

// No tau2 is more likely than the REML one, and at Paule and Mandel's the squares are as expected. Shrunken means lie between the observed and the common one; a shift moves them
// all.
func TestShrinkProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(5, 12).Draw(t, "n")
		y := rapid.SliceOfN(rapid.Float64Range(-50, 50), n, n).Draw(t, "y")
		se := rapid.SliceOfN(rapid.Float64Range(0.5, 20), n, n).Draw(t, "se")
		got, err := stats.Shrink(y, se)
		if err != nil {
			t.Fatal(err)
		}
		best := restrictedLogLik(y, se, got.REML.Tau2)
		for tau2 := 0.0; tau2 < 5000; tau2 += 5 {
			if restrictedLogLik(y, se, tau2) > best+1e-9 {
				t.Fatalf("tau2 %g, but %g is more likely", got.REML.Tau2, tau2)
			}
		}
		squares := 0.0
		for i := range y {
			squares += (y[i] - got.PM.Mu) * (y[i] - got.PM.Mu) / (se[i]*se[i] + got.PM.Tau2)
		}
		if df := float64(n - 1); got.PM.Tau2 > 0 && math.Abs(squares-df) > 1e-8*df || squares > df*(1+1e-8) {
			t.Fatalf("Paule and Mandel: %g of %g", squares, df)
		}
		moved := make([]float64, n)
		for i := range y {
			moved[i] = y[i] + 100
		}
		other, err := stats.Shrink(moved, se)
		if err != nil {
			t.Fatal(err)
		}
		for k, s := range []stats.ShrunkenMeans{got.DL, got.REML, got.PM} {
			o := []stats.ShrunkenMeans{other.DL, other.REML, other.PM}[k]
			if s.Tau2 < 0 || s.I2 < 0 || s.I2 > 100 || math.Abs(o.Mu-s.Mu-100) > 1e-5 || math.Abs(o.Tau2-s.Tau2) > 1e-4*(1+s.Tau2) {
				t.Fatalf("%+v, moved %+v", s, o)
			}
			for i, m := range s.Means {
				if m < min(y[i], s.Mu)-1e-9 || m > max(y[i], s.Mu)+1e-9 || s.Tau2 == 0 && math.Abs(m-s.Mu) > 1e-9 || !(s.MeansSE[i] > 0) {
					t.Fatalf("%+v", s)
				}
			}
		}
	})
}

// The criterion is the least at the estimate, scores in another unit give the same in that unit, and the order of groups and scores does not matter.
func TestOneWayProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		score := rapid.Map(rapid.IntRange(0, 1000), func(n int) float64 { return float64(n) / 1000 })
		groups := rapid.SliceOfN(rapid.SliceOfN(score, 1, 8), 5, 9).Draw(t, "groups")
		got, err := stats.NewOneWay(groups)
		if err != nil {
			t.Skip(err) // one score in each, or all alike
		}
		criterion := func(tau2, sigma2 float64) float64 { // Searle, Casella & McCulloch 1992
			var n, l, w, wy, squares float64
			for _, g := range groups {
				size := float64(len(g))
				mean, sd, _ := stats.MeanSD(g)
				x := size / (sigma2 + size*tau2)
				n, w, wy = n+size, w+x, wy+x*mean
				l += (size-1)*math.Log(sigma2) + math.Log(sigma2+size*tau2)
				squares += size * sd * sd / sigma2
			}
			for _, g := range groups {
				mean, _, _ := stats.MeanSD(g)
				size := float64(len(g))
				squares += size / (sigma2 + size*tau2) * (mean - wy/w) * (mean - wy/w)
			}
			return (n-1)*math.Log(2*math.Pi) + l + math.Log(w) + squares
		}
		at := criterion(got.Tau2, got.Sigma2)
		if math.Abs(at-got.Criterion) > 1e-8*(1+math.Abs(at)) {
			t.Fatalf("criterion %g, want %g", got.Criterion, at)
		}
		for _, tau2 := range []float64{0, 0.5, 0.9, 1.1, 2, 5} {
			for _, sigma2 := range []float64{0.5, 0.9, 1, 1.1, 2} {
				if other := criterion(tau2*max(got.Tau2, 0.01), sigma2*got.Sigma2); other < at-1e-9 {
					t.Fatalf("%g at the estimate %+v, %g elsewhere", at, got, other)
				}
			}
		}
		percent := make([][]float64, len(groups))
		for i, g := range groups {
			for _, x := range g {
				percent[i] = append([]float64{100 * x, stats.Missing()}, percent[i]...)
			}
		}
		slices.Reverse(percent)
		other, err := stats.NewOneWay(percent)
		if err != nil || math.Abs(other.Mu-100*got.Mu) > 1e-5 || math.Abs(other.Tau2-1e4*got.Tau2) > 1e-4*(1+1e4*got.Tau2) ||
			math.Abs(other.SE[0]-100*got.SE[len(groups)-1]) > 1e-4 {
			t.Fatalf("%+v, in percent %+v, %v", got, other, err)
		}
	})
}

func TestShrinkErrors(t *testing.T) {
	five := []float64{1, 2, 3, 4, 5}
	for _, tt := range []struct {
		y, se []float64
		want  stats.Error
	}{
		{nil, nil, stats.Error{What: stats.Empty}},
		{five, five[:4], stats.Error{What: stats.Unpaired}},
		{five, []float64{1, 1, 0, 1, 1}, stats.Error{What: stats.OutOfRange, Row: 3}},
		{[]float64{1, math.NaN()}, []float64{1, 1}, stats.Error{What: stats.NotFinite, Row: 2}},
	} {
		_, err := stats.Shrink(tt.y, tt.se)
		fails(t, err, tt.want)
		_, err = stats.ShrinkKnown(tt.y, tt.se, 1)
		fails(t, err, tt.want)
		_, _, err = stats.MeanOfAll(tt.y, tt.se)
		fails(t, err, tt.want)
	}
	_, err := stats.Shrink(five[:4], five[:4])
	fails(t, err, stats.Error{What: stats.TooFewRows})
	_, err = stats.ShrinkKnown(five, five, -1)
	fails(t, err, stats.Error{What: stats.OutOfRange, Column: "tau2"})
	if mean, se, err := stats.MeanOfAll([]float64{60, 70}, []float64{3, 4}); err != nil || mean != 65 || se != 2.5 {
		t.Errorf("%g, %g, %v", mean, se, err)
	}
	for _, tt := range []struct {
		groups [][]float64
		want   stats.Error
	}{
		{[][]float64{{1}, {2}, {3, 4}, {5}}, stats.Error{What: stats.TooFewRows}},
		{[][]float64{{1}, {2}, {3}, {5}, {4}}, stats.Error{What: stats.TooFewRows}},
		{[][]float64{{1}, {2}, {3, 3}, {5}, {4}}, stats.Error{What: stats.Constant}},
		{[][]float64{{1}, {2}, {stats.Missing()}, {5}, {4, 3}}, stats.Error{What: stats.AllMissing, Row: 3}},
		{[][]float64{{1}, {math.Inf(1)}, {3, 1}, {5}, {4, 3}}, stats.Error{What: stats.NotFinite, Row: 2}},
	} {
		_, err := stats.NewOneWay(tt.groups)
		fails(t, err, tt.want)
	}
}
