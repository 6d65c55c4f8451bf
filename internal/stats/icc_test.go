package stats_test

import (
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"leida/internal/stats"
)

func init() { topics["icc"] = checkICC }

func checkICC(t *testing.T, v vector) {
	input := decode[struct{ Ratings [][]*float64 }](t, v.Input)
	meets(t, iccs(t, rated(input.Ratings), .95), v.Expected, all(v.Tolerance["abs"]))
}

func iccs(t fataler, table stats.Table, level float64) *stats.ICCs {
	t.Helper()
	i, err := stats.IntraclassCorrelations(table, level)
	if err != nil {
		t.Fatal(err)
	}
	return i
}

// The order of targets and of raters does not count, nor where the scale starts and what its unit is; how high each rater goes does not count for consistency. An interval holds
// its value (Satterthwaite's but for a value below 0) and widens with the level. The mean of k raters follows from one by Spearman and Brown.
func TestIntraclassCorrelationsProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		table := drawTable(t, 4, false)
		k := len(table.Names)
		wide, narrow := iccs(t, table, .95), iccs(t, table, .90)
		columns, severity := rapid.Permutation([]int{0, 1, 2, 3, 4, 5}[:k]).Draw(t, "columns"), rapid.SliceOfN(rapid.Float64Range(-5, 5), k, k).Draw(t, "severity")
		moved, severe := stats.Table{Names: table.Names}, stats.Table{Names: table.Names}
		for _, row := range rapid.Permutation(table.Rows).Draw(t, "rows") {
			other := make([]float64, k)
			for j, from := range columns {
				other[j] = 9 - 2*row[from]
			}
			moved.Rows = append(moved.Rows, other)
			other = slices.Clone(row)
			for j := range other {
				other[j] += severity[j]
			}
			severe.Rows = append(severe.Rows, other)
		}
		again, strict := iccs(t, moved, .95), iccs(t, severe, .95)
		for i, icc := range wide.ICC {
			if again := again.ICC[i]; !near(squashed(icc.Value), squashed(again.Value), 1e-9) || !near(icc.P, again.P, 1e-9) ||
				!near(squashed(icc.Lower), squashed(again.Lower), 1e-9) || !near(squashed(icc.Upper), squashed(again.Upper), 1e-9) {
				t.Fatalf("%s %s (%s to %s), moved %s (%s to %s)", icc.Type,
					show(icc.Value), show(icc.Lower), show(icc.Upper), show(again.Value), show(again.Lower), show(again.Upper))
			}
			if strict := strict.ICC[i]; (i == 2 || i == 5) && (!near(squashed(icc.Value), squashed(strict.Value), 1e-9) || !near(icc.Upper, strict.Upper, 1e-9)) {
				t.Fatalf("%s %s, with severe raters %s", icc.Type, show(icc.Value), show(strict.Value))
			}
			if icc.Lower == nil || icc.Upper == nil || icc.Value == nil || i%3 == 1 && *icc.Value < 0 {
				continue
			}
			n := narrow.ICC[i]
			if !(*icc.Lower <= *n.Lower+1e-9 && *n.Lower <= *icc.Value+1e-9 && *icc.Value <= *n.Upper+1e-9 && *n.Upper <= *icc.Upper+1e-9 && *icc.Upper <= 1+1e-9) {
				t.Fatalf("%s %g: %g %g and %g %g", icc.Type, *icc.Value, *icc.Lower, *icc.Upper, *n.Lower, *n.Upper)
			}
			one := wide.ICC[i%3]
			if mean := float64(k) * *one.Value / (1 + float64(k-1)**one.Value); i > 2 && math.Abs(mean-*icc.Value) > 1e-9*(1+math.Abs(mean)) {
				t.Fatalf("%s %g, want %g", icc.Type, *icc.Value, mean)
			}
		}
		if absolute := wide.ICC[1]; !near(wide.Absolute.Value, absolute.Value, 0) ||
			!near(wide.Absolute.Lower, absolute.Lower, 0) || !near(wide.Absolute.Upper, absolute.Upper, 0) {
			t.Fatalf("%+v, want %+v", wide.Absolute, absolute)
		}
	})
}

// squashed brings what may lie far below 0 into [-1, 1].
func squashed(x *float64) *float64 {
	if x == nil {
		return nil
	}
	y := *x / (1 + math.Abs(*x))
	return &y
}

// A probability far out in the tail is no 0: about 1e-18 here, which 1-P would lose.
func TestIntraclassCorrelationTail(t *testing.T) {
	var rows [][]float64
	for i := range 12 {
		x := float64(i * 10)
		rows = append(rows, []float64{x, x + float64(i%2), x + float64(i%3)})
	}
	if p := iccs(t, tableOf(rows...), .95).ICC[2].P; !(*p > 0 && *p < 1e-17) {
		t.Errorf("p = %g", *p)
	}
}

func TestIntraclassCorrelationsUndefined(t *testing.T) {
	alike := iccs(t, tableOf([]float64{.1, .1, .1}, []float64{.1, .1, .1}), .95)
	for _, icc := range alike.ICC {
		if icc.Value != nil || icc.F != nil || icc.P != nil || icc.Lower != nil || icc.Upper != nil {
			t.Errorf("all alike: %+v", icc)
		}
	}
	full := iccs(t, tableOf([]float64{.1, .1}, []float64{.7, .7}, []float64{.3, .3}), .95)
	for _, icc := range full.ICC {
		if icc.Value == nil || math.Abs(*icc.Value-1) > 1e-12 || icc.F != nil || icc.P != nil || icc.Lower != nil {
			t.Errorf("full agreement: %+v", icc)
		}
	}
	severe := iccs(t, tableOf([]float64{.1, 1.1}, []float64{.7, 1.7}, []float64{.3, 1.3}), .95)
	if v := *severe.ICC[2].Value; v != 1 || severe.MeanSquares.Error != 0 || severe.ICC[2].F != nil || *severe.ICC[1].Value > .3 {
		t.Errorf("raters a point apart: consistency %g, %+v", v, severe.MeanSquares)
	}
	none := iccs(t, tableOf([]float64{1, 3}, []float64{3, 1}), .95)
	if *none.ICC[0].Value != -1 || none.ICC[3].Value != nil || *none.ICC[0].P != 1 {
		t.Errorf("targets alike: %+v %+v", none.ICC[0], none.ICC[3])
	}
}

func TestIntraclassCorrelationsOfBadInput(t *testing.T) {
	whole := tableOf([]float64{1, 2}, []float64{3, 4})
	for _, tt := range []struct {
		table stats.Table
		level float64
		want  stats.Error
	}{
		{stats.Table{}, .95, stats.Error{What: stats.Empty}},
		{tableOf([]float64{1, 2}), .95, stats.Error{What: stats.TooFewRows, N: 1, Want: 2}},
		{tableOf([]float64{1}, []float64{2}), .95, stats.Error{What: stats.TooFewColumns, N: 1, Want: 2}},
		{tableOf([]float64{1, 2}, []float64{3, stats.Missing()}), .95, stats.Error{What: stats.Incomplete, Row: 2, Column: "2"}},
		{whole, 1, stats.Error{What: stats.OutOfRange, Value: 1}},
		{whole, 0, stats.Error{What: stats.OutOfRange}},
		{whole, math.NaN(), stats.Error{What: stats.OutOfRange, Value: math.NaN()}},
	} {
		_, err := stats.IntraclassCorrelations(tt.table, tt.level)
		isError(t, err, tt.want)
	}
}
