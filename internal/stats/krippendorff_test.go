package stats_test

import (
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"leida/internal/stats"
)

func init() { topics["rater_krippendorff"] = checkKrippendorff }

// rated is a table of ratings, nil for a gap.
func rated(ratings [][]*float64) stats.Table {
	var rows [][]float64
	for _, given := range ratings {
		row := make([]float64, len(given))
		for j, x := range given {
			row[j] = stats.Missing()
			if x != nil {
				row[j] = *x
			}
		}
		rows = append(rows, row)
	}
	return tableOf(rows...)
}

// turned is a table whose rows are the columns of another.
func turned(t stats.Table) stats.Table {
	var rows [][]float64
	for j := range t.Names {
		rows = append(rows, t.Column(j))
	}
	return tableOf(rows...)
}

func krippendorff(t fataler, table stats.Table) *stats.Krippendorff {
	t.Helper()
	k, err := stats.KrippendorffAlpha(table)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func checkKrippendorff(t *testing.T, v vector) {
	input := decode[struct{ Ratings [][]*float64 }](t, v.Input)
	meets(t, krippendorff(t, turned(rated(input.Ratings))), v.Expected, all(v.Tolerance["abs"]))
}

// changed is a table whose every number is another.
func changed(t stats.Table, by func(float64) float64) stats.Table {
	out := stats.Table{Names: t.Names}
	for _, row := range t.Rows {
		row = slices.Clone(row)
		for j, x := range row {
			row[j] = by(x)
		}
		out.Rows = append(out.Rows, row)
	}
	return out
}

// The order of units and of raters does not count, nor does who of them gave what, nor a unit with one rating. Each alpha stays where its kind of number does: names under any
// change, ranks under one that keeps the order, differences under another unit and zero, proportions under another unit.
func TestKrippendorffAlphaProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		table := drawTable(t, 4, true)
		k := krippendorff(t, table)
		other := stats.Table{Names: table.Names}
		for _, row := range rapid.Permutation(table.Rows).Draw(t, "units") {
			other.Rows = append(other.Rows, rapid.Permutation(row).Draw(t, "raters"))
		}
		alone := slices.Repeat([]float64{stats.Missing()}, len(table.Names))
		alone[1] = 99
		other.Rows = append(other.Rows, alone)
		names := []float64{5, 2, 9, 0, 7}
		for _, tt := range []struct {
			name  string
			other *stats.Krippendorff
			of    []func(k *stats.Krippendorff) *float64
		}{
			{"order", krippendorff(t, other), []func(k *stats.Krippendorff) *float64{nominal, ordinal, interval, ratio}},
			{"names", krippendorff(t, changed(table, func(x float64) float64 {
				if stats.IsMissing(x) {
					return x
				}
				return names[int(x)]
			})), []func(k *stats.Krippendorff) *float64{nominal}},
			{"ranks", krippendorff(t, changed(table, math.Exp)), []func(k *stats.Krippendorff) *float64{nominal, ordinal}},
			{"numbers", krippendorff(t, changed(table, func(x float64) float64 { return 7 - 3*x })), []func(k *stats.Krippendorff) *float64{nominal, ordinal, interval}},
			{"unit", krippendorff(t, changed(table, func(x float64) float64 { return 3 * x })), []func(k *stats.Krippendorff) *float64{nominal, ordinal, interval, ratio}},
		} {
			if tt.other.Units != k.Units || tt.other.Ratings != k.Ratings {
				t.Fatalf("%s: %d units, %d ratings, want %d, %d", tt.name, tt.other.Units, tt.other.Ratings, k.Units, k.Ratings)
			}
			for i, of := range tt.of {
				if a, b := of(k), of(tt.other); !near(a, b, 1e-9) || a != nil && *a > 1+1e-12 {
					t.Fatalf("%s: alpha %d %s, then %s", tt.name, i, show(a), show(b))
				}
			}
		}
	})
}

func nominal(k *stats.Krippendorff) *float64  { return k.Nominal }
func ordinal(k *stats.Krippendorff) *float64  { return k.Ordinal }
func interval(k *stats.Krippendorff) *float64 { return k.Interval }
func ratio(k *stats.Krippendorff) *float64    { return k.Ratio }

func TestKrippendorffAlphaAtBounds(t *testing.T) {
	na := stats.Missing()
	full := krippendorff(t, tableOf([]float64{1, 1, na}, []float64{4, na, 4}, []float64{na, 2, 2}))
	for i, alpha := range []*float64{full.Nominal, full.Ordinal, full.Interval, full.Ratio} {
		if *alpha != 1 {
			t.Errorf("full agreement: alpha %d %g", i, *alpha)
		}
	}
	for _, tt := range []struct {
		table stats.Table
		want  stats.Krippendorff
	}{
		{tableOf([]float64{1, na}, []float64{na, 2}), stats.Krippendorff{}},
		{tableOf([]float64{1, 1}, []float64{1, 1}), stats.Krippendorff{Units: 2, Ratings: 4}},
	} {
		if got := krippendorff(t, tt.table); *got != tt.want {
			t.Errorf("%v: %+v", tt.table.Rows, got)
		}
	}
	if below := krippendorff(t, tableOf([]float64{-1, 1}, []float64{2, 2})); below.Ratio != nil || below.Interval == nil {
		t.Errorf("a value below 0: %+v", below)
	}
}

func TestKrippendorffAlphaOfBadInput(t *testing.T) {
	for _, tt := range []struct {
		table stats.Table
		want  stats.Error
	}{
		{stats.Table{}, stats.Error{What: stats.Empty}},
		{tableOf([]float64{1}, []float64{2}), stats.Error{What: stats.TooFewColumns, N: 1, Want: 2}},
		{tableOf([]float64{1, 2}, []float64{math.Inf(1), 2}), stats.Error{What: stats.NotFinite, Row: 2, Column: "1"}},
	} {
		_, err := stats.KrippendorffAlpha(tt.table)
		isError(t, err, tt.want)
	}
}
