package stats_test

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"leida/internal/stats"
)

func init() { topics["ctt"] = checkCTT }

func checkCTT(t *testing.T, v vector) {
	meets(t, analysed(t, v.table(t, v.InputFile)), v.Expected, func(path string) float64 {
		if strings.HasPrefix(path, "omega") {
			return v.Tolerance["omega_abs"]
		}
		return v.Tolerance["abs"]
	})
}

// fataler is a test of testing or of rapid.
type fataler interface {
	Helper()
	Fatal(...any)
}

func analysed(t fataler, table stats.Table) *stats.CTT {
	t.Helper()
	c, err := stats.ItemAnalysis(table)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// isError fails unless err is the *stats.Error that is wanted.
func isError(t *testing.T, err error, want stats.Error) {
	t.Helper()
	var got *stats.Error
	if !errors.As(err, &got) {
		t.Errorf("got %v, want %+v", err, want)
	} else if g, w := fmt.Sprintf("%+v", *got), fmt.Sprintf("%+v", want); g != w { // NaN equals itself here
		t.Errorf("got %s, want %s", g, w)
	}
}

// tableOf makes a table of rows whose columns are "1", "2" ...
func tableOf(rows ...[]float64) stats.Table {
	t := stats.Table{Rows: rows}
	for j := range rows[0] {
		t.Names = append(t.Names, strconv.Itoa(j+1))
	}
	return t
}

// near compares what may be undefined.
func near(a, b *float64, tol float64) bool {
	if a == nil || b == nil {
		return a == b
	}
	return math.Abs(*a-*b) <= tol
}

// show prints what may be undefined.
func show(x *float64) string {
	if x == nil {
		return "undefined"
	}
	return strconv.FormatFloat(*x, 'g', -1, 64)
}

// exametrika reads a file of the data of R's exametrika (shared/interop/item-response; MIT), or skips the test where they are not.
func exametrika(t *testing.T, name string) [][]string {
	t.Helper()
	f, err := os.Open(filepath.Join("../../../shared/interop/item-response", name))
	if err != nil {
		t.Skip("no shared/interop/item-response: ", err)
	}
	defer f.Close()
	r := csv.NewReader(f)
	r.FieldsPerRecord = -1
	rows, err := r.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

func number(t *testing.T, cell string) float64 {
	t.Helper()
	x, err := strconv.ParseFloat(cell, 64)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// answersOf are the answers of a file of exametrika, where -99 is missing.
func exametrikaTable(t *testing.T, name string) stats.Table {
	t.Helper()
	rows := exametrika(t, name)
	out := stats.Table{Names: rows[0][1:]}
	for _, row := range rows[1:] {
		var xs []float64
		for _, cell := range row[1:] {
			x := number(t, cell)
			if x == -99 {
				x = stats.Missing()
			}
			xs = append(xs, x)
		}
		out.Rows = append(out.Rows, xs)
	}
	return out
}

// The published alpha of a set with 86 gaps is met, and so are the answers and the difficulty of each item and alpha without it.
func TestItemAnalysisOfGaps(t *testing.T) {
	c := analysed(t, exametrikaTable(t, "J20S400.csv"))
	for _, row := range exametrika(t, "expected/J20S400_CTT_Test.csv") {
		if row[0] == "Alpha(Covariance)" {
			if want := number(t, row[1]); math.Abs(*c.Alpha-want) > 1e-12 {
				t.Errorf("alpha %g, want %g", *c.Alpha, want)
			}
		}
	}
	items := exametrika(t, "expected/J20S400_CTT_Item.csv")
	dropped := slices.Index(items[0], "Alpha If Item Deleted(Covariance)")
	for j, row := range items[1:] {
		if want := number(t, row[1]); float64(c.ItemN[j]) != want {
			t.Errorf("%s: %d answers, want %g", row[0], c.ItemN[j], want)
		}
		if want := number(t, row[2]); math.Abs(c.P[j]-want) > 1e-12 {
			t.Errorf("%s: p %g, want %g", row[0], c.P[j], want)
		}
		if want := number(t, row[dropped]); math.Abs(*c.AlphaIfDropped[j]-want) > 1e-12 {
			t.Errorf("%s: alpha without it %g, want %g", row[0], *c.AlphaIfDropped[j], want)
		}
	}
	if c.N != 400 || *c.PairN >= 400 || *c.PairN < 380 {
		t.Errorf("%d persons, %g a pair", c.N, *c.PairN)
	}
}

// exametrika divides the products of an item and the standardized total by n, and their variances by n-1.
func TestItemAnalysisOfAnotherProgram(t *testing.T) {
	c := analysed(t, exametrikaTable(t, "J15S500.csv"))
	for j, row := range exametrika(t, "expected/J15S500_IRT2PL_Item.csv")[1:] {
		if want := number(t, row[2]); math.Abs(c.P[j]-want) > 1e-12 || c.ItemN[j] != 500 {
			t.Errorf("%s: p %g of %d, want %g", row[0], c.P[j], c.ItemN[j], want)
		}
		if want := number(t, row[4]) * 500 / 499; math.Abs(*c.ItemTotal[j]-want) > 1e-12 {
			t.Errorf("%s: r %g, want %g", row[0], *c.ItemTotal[j], want)
		}
	}
	for _, row := range exametrika(t, "expected/J15S500_IRT2PL_Test.csv") {
		switch got := map[string]float64{"Mean": c.TotalMean, "SD": *c.TotalSD}[row[0]]; row[0] {
		case "Mean", "SD":
			if want := number(t, row[1]); math.Abs(got-want) > 1e-12 {
				t.Errorf("%s %g, want %g", row[0], got, want)
			}
		}
	}
}

// drawTable draws points, some of them missing but never a whole column.
func drawTable(t *rapid.T, most int, gaps bool) stats.Table {
	k := rapid.IntRange(2, 6).Draw(t, "items")
	n := rapid.IntRange(4, 30).Draw(t, "persons")
	var rows [][]float64
	for range n {
		row := make([]float64, k)
		for j := range row {
			row[j] = float64(rapid.IntRange(0, most).Draw(t, "points"))
			if gaps && len(rows) > 1 && rapid.IntRange(0, 5).Draw(t, "gap") == 0 {
				row[j] = stats.Missing()
			}
		}
		rows = append(rows, row)
	}
	return tableOf(rows...)
}

// scale are the numbers of the whole scale that do not ask for an inverse.
func scale(c *stats.CTT) []*float64 {
	return []*float64{c.PairN, c.Alpha, c.AlphaStd, &c.TotalMean, c.TotalSD, c.SEM, c.MeanInterItem, c.KR20, c.KR21}
}

// The order of persons and of items does not count, nor does somebody who answered nothing.
func TestItemAnalysisOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		table := drawTable(t, rapid.IntRange(1, 4).Draw(t, "most"), true)
		k := len(table.Names)
		rows, columns := rapid.Permutation(table.Rows).Draw(t, "rows"), rapid.Permutation([]int{0, 1, 2, 3, 4, 5}[:k]).Draw(t, "columns")
		other := stats.Table{Names: table.Names}
		nobody := make([]float64, k)
		for _, row := range append(rows, nobody) {
			moved := make([]float64, k)
			for j, from := range columns {
				moved[j] = row[from]
			}
			other.Rows = append(other.Rows, moved)
		}
		for j := range nobody {
			other.Rows[len(rows)][j] = stats.Missing()
		}
		c, d := analysed(t, table), analysed(t, other)
		for i, x := range scale(c) {
			if y := scale(d)[i]; !near(x, y, 1e-6) {
				t.Fatalf("number %d: %s, in another order %s", i, show(x), show(y))
			}
		}
		for j, from := range columns {
			if !near(c.ItemSD[from], d.ItemSD[j], 1e-9) || !near(c.ItemTotal[from], d.ItemTotal[j], 1e-6) || !near(c.ItemRest[from], d.ItemRest[j], 1e-6) ||
				!near(c.AlphaIfDropped[from], d.AlphaIfDropped[j], 1e-6) || c.ItemN[from] != d.ItemN[j] {
				t.Fatalf("item %d: %s %s, in another order %s %s", from, show(c.ItemRest[from]), show(c.AlphaIfDropped[from]), show(d.ItemRest[j]), show(d.AlphaIfDropped[j]))
			}
		}
	})
}

// Without gaps alpha is that of the definition, at most 1, within its intervals, the same in other units; correlations are those of the columns.
func TestItemAnalysisDefinition(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		table := drawTable(t, 4, false)
		c, k := analysed(t, table), float64(len(table.Names))
		totals, items, other := make([]float64, len(table.Rows)), 0.0, stats.Table{Names: table.Names}
		for i, row := range table.Rows {
			moved := slices.Clone(row)
			for j, x := range row {
				totals[i] += x
				moved[j] = 10 - 2.5*x
			}
			other.Rows = append(other.Rows, moved)
		}
		mean, sd, _ := stats.MeanSD(totals)
		for j := range table.Names {
			_, s, _ := stats.MeanSD(table.Column(j))
			items += s * s
			rest := slices.Clone(totals)
			for i, x := range table.Column(j) {
				rest[i] -= x
			}
			r, ok := stats.Pearson(table.Column(j), rest)
			if ok != (c.ItemRest[j] != nil) || ok && math.Abs(r-*c.ItemRest[j]) > 1e-9 {
				t.Fatalf("item %d: r %s, want %g %v", j, show(c.ItemRest[j]), r, ok)
			}
		}
		if math.Abs(c.TotalMean-mean) > 1e-9 || math.Abs(*c.TotalSD-sd*math.Sqrt(float64(c.N)/float64(c.N-1))) > 1e-9 {
			t.Fatalf("totals %g, %g", c.TotalMean, *c.TotalSD)
		}
		if (c.Alpha != nil) != (sd > 0) {
			t.Fatalf("alpha %s of SD %g", show(c.Alpha), sd)
		}
		if c.Alpha == nil {
			return
		}
		alpha, d := k/(k-1)*(1-items/(sd*sd)), analysed(t, other)
		if math.Abs(*c.Alpha-alpha) > 1e-9 || alpha > 1+1e-9 {
			t.Fatalf("alpha %g, want %g", *c.Alpha, alpha)
		}
		if !near(c.Alpha, d.Alpha, 1e-8*(1+math.Abs(alpha))) || math.Abs(*d.SEM-2.5**c.SEM) > 1e-6 {
			t.Fatalf("in other units alpha %g, SEM %g; was %g, %g", *d.Alpha, *d.SEM, alpha, *c.SEM)
		}
		wide, narrow := c.AlphaFeldt95, c.AlphaFeldt90
		if alpha < 1 && !(wide[0] < narrow[0] && narrow[0] < alpha && alpha < narrow[1] && narrow[1] < wide[1]) {
			t.Fatalf("alpha %g, intervals %g %g", alpha, *wide, *narrow)
		}
		if lower, upper, ok := stats.FeldtInterval(*c.Alpha, c.N, c.K, .95); !ok || lower != wide[0] || upper != wide[1] {
			t.Fatalf("interval %g %g, in the result %g", lower, upper, *wide)
		}
	})
}

// KR-20 is that of the shares right and wrong, KR-21 no larger. Errors are those of the same number right and wrong, and 0 at both ends.
func TestItemAnalysisOfDichotomous(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		table := drawTable(t, 1, false)
		c, k, pq := analysed(t, table), float64(len(table.Names)), 0.0
		for _, p := range c.P {
			pq += p * (1 - p)
		}
		if c.KR20 == nil {
			return
		}
		variance := *c.TotalSD * *c.TotalSD * float64(c.N-1) / float64(c.N)
		if kr20 := k / (k - 1) * (1 - pq/variance); math.Abs(*c.KR20-kr20) > 1e-9*(1+math.Abs(kr20)) || *c.KR21 > kr20+1e-9 {
			t.Fatalf("KR-20 %g, want %g; KR-21 %g", *c.KR20, kr20, *c.KR21)
		}
		for raw, e := range c.ConditionalError {
			o := c.ConditionalError[c.K-raw]
			if e.Raw != raw || e.Lord != o.Lord || (e.Lord == 0) != (raw == 0 || raw == c.K) || e.Keats != nil && *e.Keats > e.Lord+1e-12 {
				t.Fatalf("at %d: %g %s, at the other end %g", raw, e.Lord, show(e.Keats), o.Lord)
			}
		}
	})
}

// What is undefined is absent, and what is defined beside it is there.
func TestItemAnalysisUndefined(t *testing.T) {
	na := stats.Missing()
	one := analysed(t, tableOf([]float64{1}, []float64{3}, []float64{2}))
	if one.Alpha != nil || one.ItemRest[0] != nil || one.PairN != nil || one.AlphaStd != nil || one.ItemMean[0] != 2 || *one.ItemSD[0] != 1 || *one.ItemTotal[0] != 1 {
		t.Errorf("one item: %+v", one)
	}
	if right := analysed(t, tableOf([]float64{1}, []float64{0})); right.P[0] != .5 || right.KR21 != nil || right.ConditionalError != nil {
		t.Errorf("one 0/1 item: %+v", right)
	}
	person := analysed(t, tableOf([]float64{1, 0, 1}))
	if person.Alpha != nil || person.ItemSD[0] != nil || person.TotalSD != nil || person.KR21 != nil || person.TotalMean != 2 || person.ConditionalError[1].Lord != 1 {
		t.Errorf("one person: %+v", person)
	}
	alike := analysed(t, tableOf([]float64{.1, 1, 3}, []float64{.1, 2, 5}, []float64{.1, 4, 4}))
	if *alike.ItemSD[0] != 0 || alike.ItemTotal[0] != nil || alike.ItemRest[0] != nil || alike.Alpha == nil ||
		alike.AlphaStd != nil || alike.Lambda6 != nil || alike.MeanInterItem != nil || alike.P != nil {
		t.Errorf("a constant item: %+v", alike)
	}
	apart := analysed(t, tableOf([]float64{1, na, 3}, []float64{2, na, 5}, []float64{na, 4, 4}, []float64{na, 2, 1}))
	if apart.Alpha != nil || apart.PairN != nil || apart.TotalSD != nil ||
		*apart.ItemSD[1] != math.Sqrt2 || apart.TotalMean != 1.5+3+3.25 || !slices.Equal(apart.ItemN, []int{2, 2, 4}) {
		t.Errorf("two items that nobody answered both: %+v", apart)
	}
	opposite := analysed(t, tableOf([]float64{0, 1}, []float64{1, 0}, []float64{1, 0}))
	if opposite.Alpha != nil || opposite.SEM != nil || *opposite.TotalSD != 0 ||
		*opposite.ItemRest[0] != -1 || opposite.AlphaIfDropped[0] != nil || opposite.KR20 != nil || opposite.KR21 != nil {
		t.Errorf("items that cancel: %+v", opposite)
	}
	same := analysed(t, tableOf([]float64{0, 0, 0}, []float64{1, 1, 1}, []float64{3, 3, 3}))
	if *same.Alpha != 1 || *same.SEM != 0 || *same.AlphaFeldt95 != [2]float64{1, 1} || same.Lambda6 != nil {
		t.Errorf("items that are one: %+v", same)
	}
	for _, c := range []*stats.CTT{one, person, alike, apart, opposite, same} {
		if raw, err := json.Marshal(c); err != nil { // it would not take NaN
			t.Errorf("%s: %v", raw, err)
		}
	}
}

func TestItemAnalysisOfBadInput(t *testing.T) {
	na := stats.Missing()
	for _, tt := range []struct {
		table stats.Table
		want  stats.Error
	}{
		{stats.Table{}, stats.Error{What: stats.Empty}},
		{stats.Table{Names: []string{"a", "b"}, Rows: [][]float64{{1, 2}, {1}}}, stats.Error{What: stats.Ragged, Row: 2, N: 1, Want: 2}},
		{tableOf([]float64{1, 2}, []float64{1, math.Inf(1)}), stats.Error{What: stats.NotFinite, Row: 2, Column: "2"}},
		{tableOf([]float64{1, na}, []float64{1, na}), stats.Error{What: stats.AllMissing, Column: "2"}},
	} {
		_, err := stats.ItemAnalysis(tt.table)
		isError(t, err, tt.want)
	}
}

// factorTable simulates standardized items that load on one factor.
func factorTable(persons int, loadings ...float64) stats.Table {
	random := rand.New(rand.NewPCG(7, 11))
	var rows [][]float64
	for range persons {
		factor, row := random.NormFloat64(), make([]float64, len(loadings))
		for j, l := range loadings {
			row[j] = l*factor + math.Sqrt(1-l*l)*random.NormFloat64()
		}
		rows = append(rows, row)
	}
	return tableOf(rows...)
}

// The loadings that items were made with are found, and so is the omega that they have; one that is turned round loads below 0. Unique variances are what the factor leaves of each
// item.
func TestOmega(t *testing.T) {
	loadings := []float64{.8, .7, .6, -.5, .4, .9}
	o := analysed(t, factorTable(20000, loadings...)).Omega
	common, explained := 0.0, 0.0
	for j, l := range loadings {
		if math.Abs(o.Loadings[j]-l) > .02 {
			t.Errorf("loading %d: %g, want %g", j, o.Loadings[j], l)
		}
		common += o.Loadings[j]
		explained += o.Loadings[j] * o.Loadings[j]
	}
	if want := common * common / (common*common + 6 - explained); math.Abs(o.Total-want) > 1e-6 {
		t.Errorf("omega %g, want %g", o.Total, want)
	}
}

// Nothing stands in the way of a solution: few persons, many items, no factor, or one that explains all but nothing of an item.
func TestOmegaIsFound(t *testing.T) {
	for _, tt := range []struct {
		persons, items int
		loading        float64
	}{{20, 3, .8}, {20, 19, .3}, {25, 20, 0}, {40, 30, .9999}, {200, 100, .998}, {1000, 5, .9999}} {
		c := analysed(t, factorTable(tt.persons, slices.Repeat([]float64{tt.loading}, tt.items)...))
		if c.Omega == nil || !(c.Omega.Total >= 0 && c.Omega.Total < 1) || slices.ContainsFunc(c.Omega.Loadings, math.IsNaN) {
			t.Errorf("%+v: %+v", tt, c.Omega)
		}
	}
}

func TestOmegaUndefined(t *testing.T) {
	table := factorTable(20, .7, .7, .7)
	if analysed(t, table).Omega == nil {
		t.Error("of 20 persons there is one")
	}
	table.Rows[3][1] = stats.Missing()
	if analysed(t, table).Omega != nil {
		t.Error("of 19 for a pair there is none")
	}
	table = factorTable(30, .7, .7)
	if analysed(t, table).Omega != nil {
		t.Error("of two items there is none")
	}
	table.Names = append(table.Names, "3")
	for i, row := range table.Rows {
		table.Rows[i] = append(row, row[0]+row[1])
	}
	if o := analysed(t, table).Omega; o != nil {
		t.Errorf("of items of which one is the sum of the others: %+v", o)
	}
}

func TestSpearmanBrown(t *testing.T) {
	for _, tt := range []struct{ r, times, want float64 }{{.6, 2, .75}, {.75, .5, .6}, {0, 9, 0}, {1, 7, 1}, {.3, 1, .3}, {-.2, 2, -.5}} {
		if got, ok := stats.SpearmanBrown(tt.r, tt.times); !ok || math.Abs(got-tt.want) > 1e-15 {
			t.Errorf("%g, %g times as long: %g %v, want %g", tt.r, tt.times, got, ok, tt.want)
		}
	}
	for _, tt := range [][2]float64{{.5, 0}, {.5, -1}, {1.1, 2}, {-.6, 2}, {-.5, 3}, {-.9, 3}, {math.NaN(), 2}, {.5, math.Inf(1)}} {
		if got, ok := stats.SpearmanBrown(tt[0], tt[1]); ok || got != 0 {
			t.Errorf("%g, %g times as long: %g", tt[0], tt[1], got)
		}
	}
}

func TestFeldtIntervalUndefined(t *testing.T) {
	for _, tt := range []struct {
		alpha float64
		n, k  int
		level float64
	}{{.8, 1, 5, .95}, {.8, 20, 1, .95}, {1.2, 20, 5, .95}, {math.NaN(), 20, 5, .95}, {.8, 20, 5, 0}, {.8, 20, 5, 1}, {.8, 20, 5, math.NaN()}} {
		if lower, upper, ok := stats.FeldtInterval(tt.alpha, tt.n, tt.k, tt.level); ok {
			t.Errorf("%+v: %g %g", tt, lower, upper)
		}
	}
}

func BenchmarkItemAnalysis(b *testing.B) {
	table := factorTable(100000, slices.Repeat([]float64{.5}, 60)...)
	for i, row := range table.Rows {
		row[i%60] = stats.Missing()
	}
	for b.Loop() {
		if _, err := stats.ItemAnalysis(table); err != nil {
			b.Fatal(err)
		}
	}
}
