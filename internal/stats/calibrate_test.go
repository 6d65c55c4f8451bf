package stats_test

import (
	"bufio"
	"compress/gzip"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"gonum.org/v1/gonum/diff/fd"
	"gonum.org/v1/gonum/mat"
	"pgregory.net/rapid"

	"leida/internal/stats"
)

func init() {
	topics["irt_2pl"], topics["irt_2pl_sim"], topics["irt_rasch"], topics["irt_poly"] = checkTwoPL, checkSimulation, checkRasch, checkPoly
}

// answersOf are the categories of a table that has them all.
func answersOf(t testing.TB, table stats.Table) *stats.Answers {
	t.Helper()
	a, err := table.Answers()
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func calibrated(t testing.TB, table stats.Table, o stats.CalibrateOptions) *stats.Calibration {
	t.Helper()
	c, err := stats.Calibrate(answersOf(t, table), o)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// byName are the tolerances by the last name of a path, without its index.
func byName(tolerances map[string]float64) func(string) float64 {
	return func(path string) float64 {
		last := path[strings.LastIndex(path, ".")+1:]
		name, _, _ := strings.Cut(last, "[")
		tol, ok := tolerances[name]
		if !ok {
			panic("no tolerance for " + path)
		}
		return tol
	}
}

func checkTwoPL(t *testing.T, v vector) {
	c := calibrated(t, v.table(t, v.InputFile), stats.CalibrateOptions{})
	tol := v.Tolerance
	near := byName(map[string]float64{"logLik": tol["logLik_abs"], "AIC": 2 * tol["logLik_abs"], "BIC": 2 * tol["logLik_abs"], "a": tol["a_abs"], "b": tol["b_abs"], "d": tol["d_abs"],
		"SE_a": tol["SE_abs"], "SE_d": tol["SE_abs"], "marginal_rxx": tol["reliability_abs"], "empirical_rxx_EAP": tol["reliability_abs"]})
	meets(t, c, v.Expected, near, "scores", "ltm_crosscheck")
	want := decode[struct {
		Scores     json.RawMessage
		Crosscheck json.RawMessage `json:"ltm_crosscheck"`
	}](t, v.Expected)
	meets(t, c, want.Crosscheck, near)
	personsMeet(t, v, c.Bank, want.Scores)
}

func checkSimulation(t *testing.T, v vector) {
	want := decode[struct {
		LogLik float64 `json:"logLik"`
		Items  string  `json:"item_file"`
		RMSEA  float64 `json:"rmse_a"`
		RMSEB  float64 `json:"rmse_b"`
	}](t, v.Expected)
	c := calibrated(t, readSimulation(t, filepath.Join(v.dir, v.InputFile)), stats.CalibrateOptions{})
	a, b := slopesAndDifficulties(t, filepath.Join(v.dir, want.Items))
	trueA, trueB := slopesAndDifficulties(t, filepath.Join(v.dir, strings.Replace(want.Items, "_mirt_mle", "_true_items", 1)))
	rmseA, rmseB := recovery(c.Bank, trueA, trueB)
	const logLik = .01 // the design's, tighter than the vector's .05
	for _, x := range []struct {
		name           string
		got, want, tol float64
	}{{"logLik", c.LogLik, want.LogLik, logLik}, {"rmse_a", rmseA, want.RMSEA, v.Tolerance["rmse_abs"]}, {"rmse_b", rmseB, want.RMSEB, v.Tolerance["rmse_abs"]}} {
		if !(math.Abs(x.got-x.want) <= x.tol) {
			t.Errorf("%s: got %v, want %v within %g", x.name, x.got, x.want, x.tol)
		}
	}
	for j, it := range c.Bank.Items {
		if !(math.Abs(it.A-a[j]) <= v.Tolerance["a_abs"]) || !(math.Abs(it.B[0]-b[j]) <= v.Tolerance["b_abs"]) {
			t.Errorf("%s: a %g, b %g, want %g, %g", it.Name, it.A, it.B[0], a[j], b[j])
		}
	}
	personsMeet(t, v, c.Bank, v.Expected)
}

func checkRasch(t *testing.T, v vector) {
	want := decode[map[string]json.RawMessage](t, v.Expected)
	_, conditional := want["b_cml"]
	c := calibrated(t, v.table(t, v.InputFile), stats.CalibrateOptions{Model: stats.Rasch, Conditional: conditional})
	tol := v.Tolerance
	near := byName(map[string]float64{"logLik_mml": tol["logLik_abs"], "b_mml": tol["b_abs"], "theta_var_mml": tol["var_abs"],
		"b_cml": tol["b_cml_abs"], "se_b_cml": tol["b_cml_abs"], "cond_logLik": tol["logLik_abs"], "raw": 0, "theta": tol["score_abs"]})
	last := len(c.Bank.Items)
	meets(t, c, v.Expected, near, "scores", "theta_ml_by_rawscore[0].theta", fmt.Sprintf("theta_ml_by_rawscore[%d].theta", last)) // those two are a spline's, says the vector
	if conditional {
		for _, raw := range []int{0, last} {
			if x := c.Conditional.Abilities[raw]; x.Theta != nil || x.SE != nil {
				t.Errorf("an ability of raw score %d: %v", raw, x)
			}
		}
	}
	personsMeet(t, v, c.Bank, want["scores"])
}

func checkPoly(t *testing.T, v vector) {
	model := stats.Graded
	if strings.HasPrefix(v.ID, "gpcm") {
		model = stats.GPCM
	}
	c := calibrated(t, v.table(t, v.InputFile), stats.CalibrateOptions{Model: model})
	want := decode[struct {
		Items  []map[string]any
		Scores json.RawMessage
		Curves []json.RawMessage
	}](t, v.Expected)
	meets(t, c, v.Expected, func(path string) float64 {
		switch name := path[strings.LastIndex(path, ".")+1:]; {
		case name == "logLik":
			return v.Tolerance["logLik_abs"]
		case name == "a":
			return v.Tolerance["a_abs"]
		default:
			return v.Tolerance["b_abs"]
		}
	}, "scores", "curves")
	grid := decode[struct {
		Theta []float64 `json:"theta_grid"`
	}](t, v.Input).Theta
	for j, item := range want.Items {
		it := stats.Item{Model: model, A: item["a"].(float64)}
		for h := 1; item[fmt.Sprint("b", h)] != nil; h++ {
			it.B = append(it.B, item[fmt.Sprint("b", h)].(float64))
		}
		var curve [][]float64
		var info []float64
		for _, theta := range grid {
			p := it.P(theta, nil)
			curve = append(curve, p)
			sum := 0.0
			for c := range p {
				slope := fd.Derivative(func(x float64) float64 { return it.P(x, nil)[c] }, theta, &fd.Settings{Formula: fd.Central})
				sum += slope * slope / p[c]
			}
			info = append(info, sum)
		}
		meets(t, map[string]any{"item": item["item"], "P": curve, "info": info}, want.Curves[j], all(v.Tolerance["prob_abs_given_params"]))
	}
	personsMeet(t, v, c.Bank, want.Scores)
}

// readSimulation reads the answers of a simulation: a person a line, an answer a character.
func readSimulation(tb testing.TB, file string) stats.Table {
	tb.Helper()
	f, err := os.Open(file)
	if errors.Is(err, os.ErrNotExist) {
		tb.Skip("the simulated answers are not there: ", file)
	}
	if err != nil {
		tb.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		tb.Fatal(err)
	}
	var t stats.Table
	lines := bufio.NewScanner(z)
	for lines.Scan() {
		row := make([]float64, 0, len(lines.Text()))
		for j, c := range lines.Text() {
			if len(t.Rows) == 0 {
				t.Names = append(t.Names, fmt.Sprintf("i%03d", j+1))
			}
			row = append(row, float64(c-'0'))
		}
		t.Rows = append(t.Rows, row)
	}
	if err := lines.Err(); err != nil {
		tb.Fatal(err)
	}
	return t
}

// slopesAndDifficulties reads a file of items.
func slopesAndDifficulties(tb testing.TB, file string) (a, b []float64) {
	tb.Helper()
	f, err := os.Open(file)
	if err != nil {
		tb.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		tb.Fatal(err)
	}
	for _, row := range rows[1:] {
		x, err1 := strconv.ParseFloat(row[1], 64)
		y, err2 := strconv.ParseFloat(row[2], 64)
		if err := errors.Join(err1, err2); err != nil {
			tb.Fatal(err)
		}
		a, b = append(a, x), append(b, y)
	}
	return a, b
}

// recovery is the root of the mean squared differences of a bank's slopes and difficulties from those of a file.
func recovery(bank stats.Bank, a, b []float64) (rmseA, rmseB float64) {
	for j, it := range bank.Items {
		rmseA += (it.A - a[j]) * (it.A - a[j])
		rmseB += (it.B[0] - b[j]) * (it.B[0] - b[j])
	}
	n := float64(len(bank.Items))
	return math.Sqrt(rmseA / n), math.Sqrt(rmseB / n)
}

// marginalLogLik is the log-likelihood of answers with a bank, computed anew from Item.P on more nodes than a calibration has.
func marginalLogLik(a *stats.Answers, bank stats.Bank) (sum float64) {
	const nodes = 121
	var weights, total = make([]float64, nodes), 0.0
	likelihood := make([][]float64, a.Persons()) // by node
	for i := range likelihood {
		likelihood[i] = make([]float64, nodes)
	}
	for q := range nodes {
		x := -6 + 12*float64(q)/(nodes-1)
		weights[q] = math.Exp(-x * x / 2)
		total += weights[q]
		var p [][]float64
		for _, it := range bank.Items {
			p = append(p, it.P(x*bank.SD, nil))
		}
		for i := range likelihood {
			likelihood[i][q] = 1
			for j, c := range a.Of(i) {
				if c >= 0 {
					likelihood[i][q] *= p[j][c]
				}
			}
		}
	}
	for _, byNode := range likelihood {
		one := 0.0
		for q, l := range byNode {
			one += weights[q] / total * l
		}
		sum += math.Log(one)
	}
	return sum
}

// simulate draws answers to items of so many categories, of which ability explains a part, some missing.
func simulate(persons int, categories []int, seed uint64) stats.Table {
	r := rand.New(rand.NewPCG(seed, 1))
	t := stats.Table{}
	for j := range categories {
		t.Names = append(t.Names, fmt.Sprint("item", j+1))
	}
	for range persons {
		theta, row := r.NormFloat64(), []float64(nil)
		for j, m := range categories {
			x := stats.Missing()
			if r.Float64() > .1 {
				x = math.Floor(float64(m) * stats.NormalCDF((theta*(1+.2*float64(j%5))+r.NormFloat64())/1.8))
			}
			row = append(row, x)
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

var calibrations = []struct {
	model      stats.Model
	categories []int
}{
	{stats.TwoPL, []int{2, 2, 2, 2}}, {stats.Rasch, []int{2, 2, 2, 2}}, {stats.Rasch, []int{2, 3, 4, 3}}, {stats.Graded, []int{3, 2, 4, 3}}, {stats.GPCM, []int{3, 2, 4, 3}},
}

// The likelihood is that of the parameters, the parameters are where it is highest, and their standard errors are what its second derivatives say: all by a likelihood that the
// test computes itself.
func TestCalibrateAgainstTheLikelihood(t *testing.T) {
	for _, tt := range calibrations {
		for _, priors := range []*stats.Priors{nil, &stats.UsualPriors} {
			t.Run(fmt.Sprint(tt.model, tt.categories, priors != nil), func(t *testing.T) {
				table := simulate(400, tt.categories, 1)
				c := calibrated(t, table, stats.CalibrateOptions{Model: tt.model, Priors: priors, Tolerance: 1e-7})
				a, rasch := answersOf(t, table), tt.model == stats.Rasch
				// All parameters in one slice: by item the slope and the intercepts; for Rasch the SD first, then the intercepts.
				var x []float64
				if rasch {
					x = append(x, c.Bank.SD)
				}
				for j, it := range c.Bank.Items {
					if !rasch {
						x = append(x, it.A)
					}
					x = append(x, c.D[j]...)
				}
				objective := func(x []float64) float64 {
					bank, prior, at := stats.Bank{SD: 1}, 0.0, 0
					if rasch {
						bank.SD, at = x[0], 1
					}
					for _, it := range c.Bank.Items {
						own := stats.Item{Model: it.Model, A: 1}
						if !rasch {
							own.A, at = x[at], at+1
							prior += -math.Pow((math.Log(own.A)-.1)/.3, 2) / 2
						}
						for range it.B {
							own.B, prior, at = append(own.B, -x[at]/own.A), prior-math.Pow(x[at]/1.5, 2)/2, at+1
						}
						bank.Items = append(bank.Items, own)
					}
					if priors == nil {
						prior = 0
					}
					return marginalLogLik(a, bank) + prior
				}
				if got := marginalLogLik(a, c.Bank); math.Abs(got-c.LogLik) > 1e-6 {
					t.Errorf("the log-likelihood is %v, not %v", got, c.LogLik)
				}
				for i, slope := range fd.Gradient(nil, objective, x, &fd.Settings{Formula: fd.Central}) {
					if math.Abs(slope) > 1e-3 {
						t.Errorf("parameter %d is not at the top: slope %g", i, slope)
					}
				}
				h := mat.NewSymDense(len(x), nil)
				fd.Hessian(h, objective, x, &fd.Settings{Formula: fd.Central, Step: 1e-3})
				h.ScaleSym(-1, h)
				var chol mat.Cholesky
				var inverse mat.SymDense
				if !chol.Factorize(h) {
					t.Fatal("not a maximum")
				}
				if err := chol.InverseTo(&inverse); err != nil {
					t.Fatal(err)
				}
				near := func(what string, got, variance float64) {
					t.Helper()
					if want := math.Sqrt(variance); math.Abs(got-want) > 1e-3*want {
						t.Errorf("%s: standard error %g, want %g", what, got, want)
					}
				}
				at := 0
				if rasch {
					near("variance", *c.VarianceSE, 4*x[0]*x[0]*inverse.At(0, 0))
					at = 1
				}
				for j, it := range c.Bank.Items {
					slope := at
					if !rasch {
						near(it.Name+" a", *c.SE[j].A, inverse.At(slope, slope))
						at++
					}
					for h := range it.B {
						near(it.Name+" d", c.SE[j].D[h], inverse.At(at, at))
						variance := inverse.At(at, at)
						if !rasch { // b = -d/a
							da, dd := x[at]/(it.A*it.A), -1/it.A
							variance = da*da*inverse.At(slope, slope) + 2*da*dd*inverse.At(slope, at) + dd*dd*variance
						}
						near(it.Name+" b", c.SE[j].B[h], variance)
						at++
					}
				}
			})
		}
	}
}

// No step lowers the likelihood, or with priors the posterior density, whatever the answers are; and what comes out is finite.
func TestCalibrateNeverFalls(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		items, most := rapid.IntRange(3, 6).Draw(t, "items"), 1
		model := rapid.SampledFrom([]stats.Model{stats.Rasch, stats.TwoPL, stats.Graded, stats.GPCM}).Draw(t, "model")
		if model != stats.TwoPL {
			most = rapid.IntRange(1, 3).Draw(t, "most")
		}
		table := stats.Table{Names: make([]string, items)}
		for range rapid.IntRange(5, 60).Draw(t, "persons") {
			row := make([]float64, items)
			for j := range row {
				if row[j] = float64(rapid.IntRange(-1, most).Draw(t, "answer")); row[j] < 0 {
					row[j] = stats.Missing()
				}
			}
			table.Rows = append(table.Rows, row)
		}
		a, err := table.Answers()
		if err != nil {
			t.Skip(err)
		}
		o := stats.CalibrateOptions{Model: model, MostIterations: 100}
		if rapid.Bool().Draw(t, "priors") {
			o.Priors = &stats.UsualPriors
		}
		last, steps := math.Inf(-1), 0
		o.Progress = func(iteration int, logLik float64) {
			if steps++; iteration != steps || !(logLik >= last-1e-9*math.Abs(last)) && steps > 1 {
				t.Fatalf("iteration %d after %d: %v after %v", iteration, steps-1, logLik, last)
			}
			last = logLik
		}
		c, err := stats.Calibrate(a, o)
		var e *stats.Error
		if err != nil && (!errors.As(err, &e) || e.What != stats.NotConverged && e.What != stats.Diverged) {
			t.Fatal(err)
		}
		if c.Iterations != steps || c.Converged != (err == nil) || c.SE != nil && err != nil {
			t.Fatalf("%d steps and %v: %+v", steps, err, c)
		}
		if raw, err := json.Marshal(c); err != nil {
			t.Fatal(err, raw)
		}
		if o.Priors == nil && c.LogLik < last-1e-9*math.Abs(last) {
			t.Fatalf("it ends at %v, below %v", c.LogLik, last)
		}
		for _, x := range []float64{c.MarginalRxx, c.EmpiricalRxx} {
			if x < 0 || x > 1 {
				t.Fatalf("a reliability of %g", x)
			}
		}
	})
}

// The order of persons and of items is nothing; persons twice over are twice the log-likelihood, the same parameters, and standard errors √2 times smaller.
func TestCalibrateInvariance(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		tt := calibrations[rapid.IntRange(0, len(calibrations)-1).Draw(t, "model")]
		table := simulate(rapid.IntRange(150, 300).Draw(t, "persons"), tt.categories, rapid.Uint64().Draw(t, "seed"))
		o := stats.CalibrateOptions{Model: tt.model, Tolerance: 1e-6, MostIterations: 2000}
		at := func(table stats.Table) *stats.Calibration {
			a, err := table.Answers()
			if err != nil {
				t.Skip(err)
			}
			c, err := stats.Calibrate(a, o)
			if err != nil {
				t.Skip(err) // so few answers may have their maximum at infinity
			}
			return c
		}
		c := at(table)
		columns := rapid.Permutation([]int{0, 1, 2, 3}).Draw(t, "columns")
		other := stats.Table{}
		for _, j := range columns {
			other.Names = append(other.Names, table.Names[j])
		}
		for _, i := range rapid.Permutation(upTo(len(table.Rows))).Draw(t, "rows") {
			var row []float64
			for _, j := range columns {
				row = append(row, table.Rows[i][j])
			}
			other.Rows = append(other.Rows, row, row)
		}
		twice := at(other)
		if math.Abs(twice.LogLik-2*c.LogLik) > 1e-6 {
			t.Fatalf("log-likelihood %v, twice %v", c.LogLik, twice.LogLik)
		}
		near := func(what string, x, y float64) {
			if math.Abs(x-y) > 1e-3*(1+math.Abs(x)) {
				t.Fatalf("%s: %v and %v", what, x, y)
			}
		}
		near("SD", c.Bank.SD, twice.Bank.SD)
		for k, j := range columns {
			x, y := c.Bank.Items[j], twice.Bank.Items[k]
			if x.Name != y.Name {
				t.Fatal(x.Name, y.Name)
			}
			near("a", x.A, y.A)
			for h := range x.B {
				near("b", x.B[h], y.B[h])
				near("SE of d", c.SE[j].D[h], math.Sqrt2*twice.SE[k].D[h])
			}
		}
	})
}

func upTo(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = i
	}
	return out
}

// To the last bit, the result does not depend on how many processors there are.
func TestCalibrateProcessors(t *testing.T) {
	table := simulate(3000, []int{3, 2, 4, 3, 5, 4}, 2)
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	one := calibrated(t, table, stats.CalibrateOptions{Model: stats.Graded})
	runtime.GOMAXPROCS(5)
	if five := calibrated(t, table, stats.CalibrateOptions{Model: stats.Graded}); !reflect.DeepEqual(one, five) {
		t.Errorf("%+v\n%+v", one, five)
	}
}

// Items that ability bears on the other way have a negative slope.
func TestCalibrateReversedItem(t *testing.T) {
	table := simulate(1000, []int{2, 2, 2, 2}, 3)
	c := calibrated(t, table, stats.CalibrateOptions{Tolerance: 1e-6})
	for i := range table.Rows {
		table.Rows[i][1] = 1 - table.Rows[i][1]
	}
	r := calibrated(t, table, stats.CalibrateOptions{Tolerance: 1e-6})
	for j := range c.Bank.Items {
		x, y, sign := c.Bank.Items[j], r.Bank.Items[j], 1.0
		if j == 1 {
			sign = -1
		}
		if math.Abs(x.A-sign*y.A) > 1e-4 || math.Abs(x.B[0]-y.B[0]) > 1e-4 {
			t.Errorf("%+v and %+v", x, y)
		}
	}
}

func TestCalibrateRefuses(t *testing.T) {
	three := [][]float64{{0, 1, 0}, {1, 0, 1}, {1, 1, 0}}
	names := []string{"p", "q", "r"}
	binary := [][]float64{{0, 1}, {0, 1}, {0, 1}}
	for _, tt := range []struct {
		rows   [][]float64
		values [][]float64
		o      stats.CalibrateOptions
		want   stats.Error
	}{
		{three, binary, stats.CalibrateOptions{Model: "3pl"}, stats.Error{What: stats.OutOfRange, Column: "model"}},
		{three, binary, stats.CalibrateOptions{Nodes: 3}, stats.Error{What: stats.OutOfRange, Column: "nodes", Value: 3}},
		{three, binary, stats.CalibrateOptions{Tolerance: -1}, stats.Error{What: stats.OutOfRange, Column: "tolerance", Value: -1}},
		{three, binary, stats.CalibrateOptions{MostIterations: 1}, stats.Error{What: stats.OutOfRange, Column: "most iterations", Value: 1}},
		{three, binary, stats.CalibrateOptions{Priors: &stats.Priors{}}, stats.Error{What: stats.OutOfRange, Column: "priors"}},
		{[][]float64{{0, 1}, {1, 0}}, binary[:2], stats.CalibrateOptions{}, stats.Error{What: stats.TooFewColumns, N: 2, Want: 3}},
		{[][]float64{{0}, {1}}, binary[:1], stats.CalibrateOptions{Model: stats.Rasch}, stats.Error{What: stats.TooFewColumns, N: 1, Want: 2}},
		{[][]float64{{0, 1, 0}, {1, 0, 1}, {2, 1, 0}}, [][]float64{{0, 1, 2}, {0, 1}, {0, 1}}, stats.CalibrateOptions{},
			stats.Error{What: stats.TooManyCategories, Column: "p", N: 3, Want: 2}},
		{three, [][]float64{{0, 1}, {0, 1, 7}, {0, 1}}, stats.CalibrateOptions{Model: stats.Graded}, stats.Error{What: stats.UnusedCategory, Column: "q", Value: 7}},
	} {
		a, err := stats.Table{Names: names[:len(tt.values)], Rows: tt.rows}.AnswersIn(tt.values)
		if err != nil {
			t.Fatal(err)
		}
		c, err := stats.Calibrate(a, tt.o)
		var got *stats.Error
		if !errors.As(err, &got) || *got != tt.want || c != nil {
			t.Errorf("%v, want %v", err, &tt.want)
		}
	}
}

func TestCalibrateStops(t *testing.T) {
	a := answersOf(t, simulate(200, []int{2, 2, 2, 2}, 4))
	c, err := stats.Calibrate(a, stats.CalibrateOptions{MostIterations: 2})
	var e *stats.Error
	if !errors.As(err, &e) || *e != (stats.Error{What: stats.NotConverged, N: 2, Want: 2}) {
		t.Fatal(err)
	}
	if c == nil || c.Converged || c.Iterations != 2 || c.SE != nil || c.LogLik >= 0 || len(c.Bank.Items) != 4 {
		t.Errorf("what was reached: %+v", c)
	}
	ctx, cancel := context.WithCancel(t.Context())
	steps := 0
	c, err = stats.Calibrate(a, stats.CalibrateOptions{Cancelled: ctx.Err, Progress: func(int, float64) {
		if steps++; steps == 3 {
			cancel()
		}
	}})
	if c != nil || !errors.Is(err, context.Canceled) || steps != 3 {
		t.Errorf("%v, %v after %d steps", c, err, steps)
	}
	if c, err := stats.CalibrateConditional(a, ctx.Err); c != nil || !errors.Is(err, context.Canceled) {
		t.Errorf("%v, %v", c, err)
	}
}

// Answers that are the more likely the steeper an item is leave it without an estimate. Priors give it one.
func TestCalibrateDiverges(t *testing.T) {
	table := simulate(300, []int{2, 2, 2}, 7)
	for i, row := range table.Rows { // two items that agree but for nothing
		table.Rows[i] = []float64{row[0], row[1], row[1]}
	}
	c, err := stats.Calibrate(answersOf(t, table), stats.CalibrateOptions{})
	var e *stats.Error
	if !errors.As(err, &e) || e.What != stats.Diverged || e.Column != "item2" || e.Value < 25 || c == nil || c.Converged || c.SE != nil {
		t.Errorf("%v", err)
	}
	if c := calibrated(t, table, stats.CalibrateOptions{Priors: &stats.UsualPriors}); c.Bank.Items[1].A > 10 || c.SE == nil {
		t.Errorf("%+v", c)
	}
	c, err = stats.Calibrate(answersOf(t, stats.Table{Names: []string{"p", "q"}, Rows: [][]float64{{0, 0}, {1, 1}, {0, 0}}}), stats.CalibrateOptions{Model: stats.Rasch})
	if !errors.As(err, &e) || e.What != stats.Diverged || e.Column != "" || c == nil {
		t.Errorf("%v", err)
	}
}

// Items that have nothing in common leave no variance to ability, and its standard error is undefined.
func TestCalibrateNoVariance(t *testing.T) {
	table := stats.Table{Names: []string{"p", "q", "r"}}
	for i := range 80 { // all patterns equally often, but the two in which all are alike
		if pattern := i % 8; pattern > 0 && pattern < 7 {
			table.Rows = append(table.Rows, []float64{float64(pattern & 1), float64(pattern >> 1 & 1), float64(pattern >> 2)})
		}
	}
	c := calibrated(t, table, stats.CalibrateOptions{Model: stats.Rasch})
	if c.Bank.SD < 0 || c.Bank.SD > 1e-3 || c.VarianceSE != nil || c.SE == nil || c.EmpiricalRxx > 1e-6 {
		t.Errorf("%+v", c)
	}
}

// Priors draw what few answers say to what is usual.
func TestCalibratePriors(t *testing.T) {
	table := simulate(150, []int{2, 2, 2, 2}, 5)
	spread := func(c *stats.Calibration) (sum float64) {
		for _, it := range c.Bank.Items {
			sum += math.Pow(math.Log(it.A)-stats.UsualPriors.LogA, 2)
		}
		return sum
	}
	free, held := calibrated(t, table, stats.CalibrateOptions{}), calibrated(t, table, stats.CalibrateOptions{Priors: &stats.UsualPriors})
	if spread(held) >= spread(free)/2 || held.LogLik > free.LogLik {
		t.Errorf("without %v, with %v", spread(free), spread(held))
	}
}

// BenchmarkCalibrate is held against R's mirt 1.45.1 on the same answers (PSYCHOMETRICS.md, irt_2pl_sim.json). What it times goes from the table to the standard errors.
func BenchmarkCalibrate(b *testing.B) {
	for _, tt := range []struct {
		name              string
		cpu, rmseA, rmseB float64 // of the reference
	}{
		{"1000x20", .45, .154, .116},
		{"10000x40", 2.96, .036, .034},
		{"100000x60", 44.0, .012, .009},
	} {
		b.Run(tt.name, func(b *testing.B) {
			dir := filepath.Join("../../../shared/vectors/psych/sim", "sim_"+tt.name)
			table := readSimulation(b, dir+"_responses.txt.gz")
			trueA, trueB := slopesAndDifficulties(b, dir+"_true_items.csv")
			runtime.GC()
			var c *stats.Calibration
			cpu, began := cpuSeconds(b), time.Now()
			for b.Loop() {
				answers, err := table.Answers()
				if err != nil {
					b.Fatal(err)
				}
				if c, err = stats.Calibrate(answers, stats.CalibrateOptions{}); err != nil {
					b.Fatal(err)
				}
			}
			n := float64(b.N)
			seconds, cpu := time.Since(began).Seconds()/n, (cpuSeconds(b)-cpu)/n
			rmseA, rmseB := recovery(c.Bank, trueA, trueB)
			mb := peakMB(b)
			b.ReportMetric(seconds, "s/calibration")
			b.ReportMetric(cpu, "cpu-s/calibration")
			b.ReportMetric(mb, "peak-MB")
			b.ReportMetric(c.LogLik, "logLik")
			b.ReportMetric(rmseA, "rmse-a")
			b.ReportMetric(rmseB, "rmse-b")
			fmt.Printf("%s: %.2f s, %.2f CPU s (mirt %.2f), %.0f MB, %d iterations, logLik %.4f, RMSE a %.4f (mirt %.3f), b %.4f (mirt %.3f)\n",
				tt.name, seconds, cpu, tt.cpu, mb, c.Iterations, c.LogLik, rmseA, tt.rmseA, rmseB, tt.rmseB)
		})
	}
}

func rusage(tb testing.TB) (u syscall.Rusage) {
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		tb.Fatal(err)
	}
	return u
}

func cpuSeconds(tb testing.TB) float64 {
	u := rusage(tb)
	return float64(u.Utime.Nano()+u.Stime.Nano()) / 1e9
}

// peakMB is the most memory that the process has had, the table among it.
func peakMB(tb testing.TB) float64 { return float64(rusage(tb).Maxrss) / 1024 }
