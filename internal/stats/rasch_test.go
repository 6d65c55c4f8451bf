package stats_test

import (
	"errors"
	"math"
	"math/bits"
	"testing"

	"gonum.org/v1/gonum/diff/fd"
	"gonum.org/v1/gonum/mat"
	"pgregory.net/rapid"

	"leida/internal/stats"
)

// conditionalLogLik is the conditional log-likelihood by listing all answers that have a person's raw score.
func conditionalLogLik(a *stats.Answers, b []float64) (sum float64) {
	for i := range a.Persons() {
		var given []float64 // difficulties of the items presented
		raw, own := 0, 0.0
		for j, c := range a.Of(i) {
			if c >= 0 {
				given, raw, own = append(given, b[j]), raw+int(c), own-float64(c)*b[j]
			}
		}
		total := 0.0
		for pattern := range uint(1) << len(given) {
			if bits.OnesCount(pattern) == raw {
				one := 0.0
				for j, x := range given {
					if pattern>>j&1 == 1 {
						one -= x
					}
				}
				total += math.Exp(one)
			}
		}
		sum += own - math.Log(total)
	}
	return sum
}

// The estimates are where the likelihood is highest, with the standard errors of its second derivatives, missing answers among the data.
func TestCalibrateConditionalAgainstTheLikelihood(t *testing.T) {
	a := answersOf(t, simulate(300, []int{2, 2, 2, 2, 2}, 6))
	c, err := stats.CalibrateConditional(a, nil)
	if err != nil {
		t.Fatal(err)
	}
	objective := func(b []float64) float64 { return conditionalLogLik(a, b) }
	if got := objective(c.B); math.Abs(got-c.LogLik) > 1e-9 {
		t.Errorf("the log-likelihood is %v, not %v", got, c.LogLik)
	}
	for j, slope := range fd.Gradient(nil, objective, c.B, &fd.Settings{Formula: fd.Central}) {
		if math.Abs(slope) > 1e-5 {
			t.Errorf("item %d is not at the top: slope %g", j+1, slope)
		}
	}
	// The difficulties but for the last, which is what makes the sum 0.
	n := len(c.B)
	h := mat.NewSymDense(n-1, nil)
	fd.Hessian(h, func(b []float64) float64 {
		full, last := append([]float64(nil), b...), 0.0
		for _, x := range b {
			last -= x
		}
		return objective(append(full, last))
	}, c.B[:n-1], &fd.Settings{Formula: fd.Central, Step: 1e-3})
	h.ScaleSym(-1, h)
	var chol mat.Cholesky
	var inverse mat.SymDense
	if !chol.Factorize(h) {
		t.Fatal("not a maximum")
	}
	if err := chol.InverseTo(&inverse); err != nil {
		t.Fatal(err)
	}
	last := 0.0
	for j := range n - 1 {
		if want := math.Sqrt(inverse.At(j, j)); math.Abs(c.SE[j]-want) > 1e-4*want {
			t.Errorf("item %d: standard error %g, want %g", j+1, c.SE[j], want)
		}
		for k := range n - 1 {
			last += inverse.At(j, k)
		}
	}
	if want := math.Sqrt(last); math.Abs(c.SE[n-1]-want) > 1e-4*want {
		t.Errorf("the last item: standard error %g, want %g", c.SE[n-1], want)
	}
}

// Difficulties add up to 0; who got everything right or wrong adds nothing; right for wrong turns the scale round; ability rises with the raw score, where it expects just that
// score.
func TestCalibrateConditionalProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		table := simulate(rapid.IntRange(40, 120).Draw(t, "persons"), []int{2, 2, 2, 2, 2, 2}, rapid.Uint64().Draw(t, "seed"))
		at := func(table stats.Table) *stats.Conditional {
			a, err := table.Answers()
			if err != nil {
				t.Skip(err)
			}
			c, err := stats.CalibrateConditional(a, nil)
			if err != nil {
				t.Skip(err)
			}
			return c
		}
		c, sum := at(table), 0.0
		turned, more := stats.Table{Names: table.Names}, stats.Table{Names: table.Names, Rows: [][]float64{{0, 0, 0, 0, 0, 0}, {1, 1, 1, 1, 1, 1}}}
		for _, row := range table.Rows {
			var other []float64
			for _, x := range row {
				other = append(other, 1-x)
			}
			turned.Rows, more.Rows = append(turned.Rows, other), append(more.Rows, row)
		}
		r, m := at(turned), at(more)
		for j, b := range c.B {
			sum += b
			if math.Abs(b+r.B[j]) > 1e-7 || math.Abs(c.SE[j]-r.SE[j]) > 1e-7 || math.Abs(b-m.B[j]) > 1e-7 || math.Abs(c.SE[j]-m.SE[j]) > 1e-7 {
				t.Fatalf("item %d: %g ± %g, turned %g ± %g, with extreme persons %g ± %g", j+1, b, c.SE[j], r.B[j], r.SE[j], m.B[j], m.SE[j])
			}
		}
		if math.Abs(sum) > 1e-9 || math.Abs(c.LogLik-m.LogLik) > 1e-7 {
			t.Fatalf("sum %g; %v, with extreme persons %v", sum, c.LogLik, m.LogLik)
		}
		last := math.Inf(-1)
		for raw, x := range c.Abilities {
			if extreme := raw == 0 || raw == len(c.B); x.Raw != raw || (x.Theta == nil) != extreme || (x.SE == nil) != extreme {
				t.Fatalf("raw score %d: %+v", raw, x)
			} else if extreme {
				continue
			}
			expected := 0.0
			for _, b := range c.B {
				expected += 1 / (1 + math.Exp(b-*x.Theta))
			}
			if math.Abs(expected-float64(raw)) > 1e-9 || *x.Theta <= last {
				t.Fatalf("raw score %d: ability %g after %g expects %g", raw, *x.Theta, last, expected)
			}
			last = *x.Theta
		}
	})
}

func TestCalibrateConditionalRefuses(t *testing.T) {
	missing := stats.Missing()
	for _, tt := range []struct {
		rows [][]float64
		want stats.Error
	}{
		{[][]float64{{0}, {1}}, stats.Error{What: stats.TooFewColumns, N: 1, Want: 2}},
		{[][]float64{{0, 1}, {1, 0}, {2, 1}}, stats.Error{What: stats.TooManyCategories, Column: "p", N: 3, Want: 2}},
		// The second item was got wrong only by who got everything wrong.
		{[][]float64{{0, 1, 1}, {1, 1, 0}, {1, 1, 1}, {0, 0, 0}}, stats.Error{What: stats.Constant, Column: "q"}},
		// Nobody was presented an item of the first two and one of the last two.
		{[][]float64{{0, 1, missing, missing}, {1, 0, missing, missing}, {missing, missing, 1, 0}, {missing, missing, 0, 1}}, stats.Error{What: stats.NotConverged, N: 1, Want: 100}},
	} {
		a := answersOf(t, stats.Table{Names: []string{"p", "q", "r", "s"}[:len(tt.rows[0])], Rows: tt.rows})
		c, err := stats.CalibrateConditional(a, nil)
		var got *stats.Error
		if !errors.As(err, &got) || *got != tt.want || c != nil {
			t.Errorf("%v, want %v", err, &tt.want)
		}
	}
}
