package stats_test

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"leida/internal/stats"
)

// expand makes the ratings that a table counts: rows are the first rater's categories.
func expand(table [][]int) (x, y []float64) {
	for i, row := range table {
		for j, n := range row {
			for range n {
				x, y = append(x, float64(i)), append(y, float64(j))
			}
		}
	}
	return x, y
}

func TestQuadraticKappaOfPublishedTables(t *testing.T) {
	for _, tt := range []struct {
		name  string
		table [][]int
		want  float64
	}{
		{"Cohen 1968", [][]int{{88, 14, 18}, {10, 40, 10}, {2, 6, 12}}, 0.454545454545454},
		{"Agresti 1990", [][]int{{7, 7, 2, 3}, {2, 8, 3, 7}, {1, 5, 4, 9}, {2, 8, 9, 14}}, 0.332045586246861},
	} {
		x, y := expand(tt.table)
		if got, ok := stats.QuadraticKappa(x, y); !ok || math.Abs(got-tt.want) > 1e-9 {
			t.Errorf("%s: %g %v, want %g", tt.name, got, ok, tt.want)
		}
	}
}

func TestQuadraticKappaUndefined(t *testing.T) {
	for _, tt := range [][2][]float64{{nil, nil}, {{1}, nil}, {{1, 2}, {1}}, {{3, 3}, {3, 3}}, {{2}, {2}}} {
		if k, ok := stats.QuadraticKappa(tt[0], tt[1]); ok {
			t.Errorf("%v: %g", tt, k)
		}
	}
	if k, ok := stats.QuadraticKappa([]float64{1, 1}, []float64{3, 3}); !ok || k != 0 {
		t.Errorf("always apart by the same: %g %v", k, ok)
	}
}

// Agreement is at most 1, is 1 only where everything is the same, and does not ask who is who.
func TestQuadraticKappaProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		level := rapid.Float64Range(0, 4)
		x := rapid.SliceOfN(level, 2, 30).Draw(t, "x")
		y := rapid.SliceOfN(level, len(x), len(x)).Draw(t, "y")
		k, ok := stats.QuadraticKappa(x, y)
		other, _ := stats.QuadraticKappa(y, x)
		if !ok {
			return
		}
		if k > 1+1e-12 || math.Abs(k-other) > 1e-9 || math.IsNaN(k) {
			t.Fatalf("%g, the other way round %g", k, other)
		}
		if same, ok := stats.QuadraticKappa(x, x); ok && math.Abs(same-1) > 1e-12 {
			t.Fatalf("of the same %g", same)
		}
	})
}

func init() { topics["rater_kappa"] = checkKappa }

func checkKappa(t *testing.T, v vector) {
	tolerance := func(path string) float64 {
		if strings.HasSuffix(path, "se") || strings.HasSuffix(path, "_unweighted") {
			return v.Tolerance["se_abs"]
		}
		return v.Tolerance["abs"]
	}
	input := decode[struct{ Table, Counts [][]int }](t, v.Input)
	if input.Counts != nil {
		got, err := stats.FleissKappa(input.Counts)
		if err != nil {
			t.Fatal(err)
		}
		meets(t, got, v.Expected, all(v.Tolerance["abs"]))
		return
	}
	got, err := stats.KappasOfCounts(input.Table)
	if err != nil {
		t.Fatal(err)
	}
	result := struct {
		*stats.Kappas
		Custom *stats.Kappa `json:"cohen68_custom_weights"`
		SE     *float64     `json:"psych_se_unweighted"`
	}{Kappas: got, SE: got.Unweighted.SE}
	if want := decode[struct {
		Custom struct{ Disagreement [][]float64 } `json:"cohen68_custom_weights"`
	}](t, v.Expected).Custom.Disagreement; want != nil {
		if result.Custom, err = stats.WeightedKappa(input.Table, want); err != nil {
			t.Fatal(err)
		}
	}
	// psych_se_quadratic is no Fleiss-Cohen-Everitt error: psych 2.2.9 added weights by row where their mean belongs (rowSums(w*rs)), and put it right later. disagreement is an
	// input.
	meets(t, result, v.Expected, tolerance, "psych_se_quadratic", "cohen68_custom_weights.disagreement")
	// The ratings themselves give the same.
	x, y := expand(input.Table)
	if again, err := stats.KappasOfRatings(x, y); err != nil || math.Abs(*again.Linear.SE-*got.Linear.SE) > 1e-12 || math.Abs(*again.Quadratic.Kappa-*got.Quadratic.Kappa) > 1e-12 {
		t.Errorf("by ratings %v %v, by counts %v", again, err, got)
	}
}

// drawRatings draws what two raters gave to the same things.
func drawRatings(t *rapid.T) (x, y []float64) {
	level := rapid.Custom(func(t *rapid.T) float64 { return float64(rapid.IntRange(0, 4).Draw(t, "level")) })
	x = rapid.SliceOfN(level, 2, 30).Draw(t, "x")
	return x, rapid.SliceOfN(level, len(x), len(x)).Draw(t, "y")
}

func kappas(t fataler, x, y []float64) *stats.Kappas {
	t.Helper()
	k, err := stats.KappasOfRatings(x, y)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// Who is who does not count, nor where the scale starts and what its unit is, nor a thing that one did not rate. The quadratic one is QuadraticKappa. Chance agreement is the mean
// over all pairs.
func TestKappasProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x, y := drawRatings(t)
		k := kappas(t, x, y)
		var moved [2][]float64
		for i := range x {
			moved[0], moved[1] = append(moved[0], 8-3*y[i]), append(moved[1], 8-3*x[i])
		}
		moved[0], moved[1] = append(moved[0], stats.Missing(), 1), append(moved[1], 5, stats.Missing())
		other := kappas(t, moved[0], moved[1])
		for i, pair := range [][2]stats.Kappa{{k.Unweighted, other.Unweighted}, {k.Linear, other.Linear}, {k.Quadratic, other.Quadratic}} {
			a, b := pair[0], pair[1]
			if !near(a.Kappa, b.Kappa, 1e-9) || !near(a.SE, b.SE, 1e-6) || math.Abs(a.Observed-b.Observed) > 1e-9 || math.Abs(a.Expected-b.Expected) > 1e-9 {
				t.Fatalf("weights %d: %s ± %s, turned round %s ± %s", i, show(a.Kappa), show(a.SE), show(b.Kappa), show(b.SE))
			}
			if a.Kappa != nil && *a.Kappa > 1 || (a.Kappa == nil) != (a.SE == nil) {
				t.Fatalf("weights %d: %s ± %s", i, show(a.Kappa), show(a.SE))
			}
		}
		quadratic, ok := stats.QuadraticKappa(x, y)
		if ok != (k.Quadratic.Kappa != nil) || ok && math.Abs(quadratic-*k.Quadratic.Kappa) > 1e-9 {
			t.Fatalf("%s, want %g %v", show(k.Quadratic.Kappa), quadratic, ok)
		}
		same, all := 0.0, 0.0
		for i := range x {
			for j := range y {
				if x[i] == y[j] {
					all++
				}
			}
			if x[i] == y[i] {
				same++
			}
		}
		n := float64(len(x))
		if math.Abs(k.Unweighted.Observed-same/n) > 1e-12 || math.Abs(k.Unweighted.Expected-all/n/n) > 1e-12 {
			t.Fatalf("agreement %g by chance %g, want %g and %g", k.Unweighted.Observed, k.Unweighted.Expected, same/n, all/n/n)
		}
		if full := kappas(t, x, x).Linear; full.Kappa != nil && (*full.Kappa != 1 || *full.SE > 1e-6) {
			t.Fatalf("with itself %g ± %g", *full.Kappa, *full.SE)
		}
	})
}

// The standard error is what kappa varies by over samples of the size of Cohen's (1968).
func TestKappaErrorIsThatOfSamples(t *testing.T) {
	cohen := [][]int{{88, 14, 18}, {10, 40, 10}, {2, 6, 12}}
	x, y := expand(cohen)
	random := rand.New(rand.NewPCG(3, 5))
	var samples [3][]float64
	for range 4000 {
		a, b := make([]float64, len(x)), make([]float64, len(x))
		for i := range a {
			from := random.IntN(len(x))
			a[i], b[i] = x[from], y[from]
		}
		k := kappas(t, a, b)
		for i, kappa := range []*float64{k.Unweighted.Kappa, k.Linear.Kappa, k.Quadratic.Kappa} {
			samples[i] = append(samples[i], *kappa)
		}
	}
	k := kappas(t, x, y)
	for i, se := range []*float64{k.Unweighted.SE, k.Linear.SE, k.Quadratic.SE} {
		if _, sd, _ := stats.MeanSD(samples[i]); math.Abs(*se/sd-1) > .04 {
			t.Errorf("weights %d: error %g, of samples %g", i, *se, sd)
		}
	}
}

// Weights count by their proportion alone, and those of 0 and 1 are none.
func TestWeightedKappa(t *testing.T) {
	cohen := [][]int{{88, 14, 18}, {10, 40, 10}, {2, 6, 12}}
	all, err := stats.KappasOfCounts(cohen)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		weights [][]float64
		want    stats.Kappa
	}{
		{[][]float64{{0, 7, 7}, {7, 0, 7}, {7, 7, 0}}, all.Unweighted},
		{[][]float64{{0, .5, 1}, {.5, 0, .5}, {1, .5, 0}}, all.Linear},
	} {
		if got, err := stats.WeightedKappa(cohen, tt.weights); err != nil || !near(got.Kappa, tt.want.Kappa, 1e-12) ||
			!near(got.SE, tt.want.SE, 1e-12) || math.Abs(got.Expected-tt.want.Expected) > 1e-12 {
			t.Errorf("%v: %v %v, want %v", tt.weights, got, err, tt.want)
		}
	}
	if got, err := stats.WeightedKappa(cohen, [][]float64{{0, 0, 0}, {0, 0, 0}, {0, 0, 0}}); err != nil || *got != (stats.Kappa{Observed: 1, Expected: 1}) {
		t.Errorf("no weights: %v %v", got, err)
	}
}

func TestKappasUndefined(t *testing.T) {
	k, err := stats.KappasOfCounts([][]int{{0, 0}, {0, 5}})
	if err != nil || k.Unweighted != (stats.Kappa{Observed: 1, Expected: 1}) || k.Quadratic != k.Unweighted {
		t.Errorf("one category throughout: %+v %v", k, err)
	}
	if k := kappas(t, []float64{1, 1}, []float64{3, 3}); *k.Linear.Kappa != 0 || k.Linear.Observed != 0 {
		t.Errorf("always apart by the same: %+v", k.Linear)
	}
}

func TestKappasOfBadInput(t *testing.T) {
	na, inf := stats.Missing(), math.Inf(-1)
	for _, tt := range []struct {
		x, y []float64
		want stats.Error
	}{
		{nil, nil, stats.Error{What: stats.Empty}},
		{[]float64{1, na}, []float64{na, 2}, stats.Error{What: stats.Empty}},
		{[]float64{1, 2}, []float64{1}, stats.Error{What: stats.Unpaired, N: 1, Want: 2}},
		{[]float64{1, 2}, []float64{1, inf}, stats.Error{What: stats.NotFinite, Row: 2, Column: "y"}},
	} {
		_, err := stats.KappasOfRatings(tt.x, tt.y)
		isError(t, err, tt.want)
	}
	for _, tt := range []struct {
		counts [][]int
		want   stats.Error
	}{
		{nil, stats.Error{What: stats.Empty}},
		{[][]int{{0, 0}, {0, 0}}, stats.Error{What: stats.Empty}},
		{[][]int{{1, 2}, {3}}, stats.Error{What: stats.Ragged, Row: 2, N: 1, Want: 2}},
		{[][]int{{1, 2}, {-3, 4}}, stats.Error{What: stats.OutOfRange, Row: 2, Column: "1", Value: -3}},
	} {
		_, err := stats.KappasOfCounts(tt.counts)
		isError(t, err, tt.want)
		_, err = stats.WeightedKappa(tt.counts, nil)
		isError(t, err, tt.want)
	}
	for _, tt := range []struct {
		weights [][]float64
		want    stats.Error
	}{
		{[][]float64{{0}}, stats.Error{What: stats.Unpaired, N: 1, Want: 2}},
		{[][]float64{{0, 1}, {1}}, stats.Error{What: stats.Ragged, Row: 2, N: 1, Want: 2}},
		{[][]float64{{0, -1}, {1, 0}}, stats.Error{What: stats.OutOfRange, Row: 1, Column: "2", Value: -1}},
		{[][]float64{{0, 1}, {1, 2}}, stats.Error{What: stats.OutOfRange, Row: 2, Column: "2", Value: 2}},
		{[][]float64{{0, na}, {1, 0}}, stats.Error{What: stats.OutOfRange, Row: 1, Column: "2", Value: na}},
	} {
		_, err := stats.WeightedKappa([][]int{{3, 1}, {1, 3}}, tt.weights)
		isError(t, err, tt.want)
	}
}
