package stats_test

import (
	"math"
	"reflect"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"leida/internal/stats"
)

func init() { topics["dif_mh"] = checkDIF }

func checkDIF(t *testing.T, v vector) {
	in := decode[struct {
		Focal float64 `json:"focal_group"`
	}](t, v.Input)
	tab := v.table(t, v.InputFile)
	var focal []bool
	for i, row := range tab.Rows {
		focal, tab.Rows[i] = append(focal, row[0] == in.Focal), row[1:]
	}
	tab.Names = tab.Names[1:]
	got, err := stats.MantelHaenszel(tab, focal)
	if err != nil {
		t.Fatal(err)
	}
	meets(t, got, v.Expected, all(v.Tolerance["abs"]))
}

// drawGroupsOfAnswers draws right and wrong answers of two groups.
func drawGroupsOfAnswers(t *rapid.T) (stats.Table, []bool) {
	tab := stats.Table{Names: []string{"x", "y", "z", "u"}}
	focal := rapid.SliceOfN(rapid.Bool(), 10, 120).Draw(t, "focal")
	focal[0], focal[1] = true, false
	answer := rapid.SampledFrom([]float64{0, 1})
	for range focal {
		tab.Rows = append(tab.Rows, rapid.SliceOfN(answer, 4, 4).Draw(t, "row"))
	}
	return tab, focal
}

// With the groups exchanged the odds turn over and the test stays; the order of persons does not matter; what is absent is absent in both.
func TestDIFOfExchangedGroups(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		tab, focal := drawGroupsOfAnswers(t)
		got, err := stats.MantelHaenszel(tab, focal)
		if err != nil {
			t.Fatal(err)
		}
		slices.Reverse(tab.Rows)
		other := slices.Clone(focal)
		slices.Reverse(other)
		turned, err := stats.MantelHaenszel(tab, other)
		if err != nil || !reflect.DeepEqual(turned.Reference, got.Reference) {
			t.Fatal(err)
		}
		for i := range other {
			other[i] = !other[i]
		}
		exchanged, err := stats.MantelHaenszel(tab, other)
		if err != nil {
			t.Fatal(err)
		}
		near := func(a, b *float64) bool {
			return (a == nil) == (b == nil) && (a == nil || math.Abs(*a-*b) < 1e-9*(1+math.Abs(*a)))
		}
		for j, it := range got.Items {
			back := exchanged.Items[j]
			if !near(it.Alpha, turned.Items[j].Alpha) || !near(it.ChiSq, turned.Items[j].ChiSq) || !near(it.ChiSq, back.ChiSq) || !near(it.P, back.P) ||
				!near(it.LnSE, back.LnSE) || (it.ETS == nil) != (back.ETS == nil) || it.ETS != nil && *it.ETS != *back.ETS {
				t.Fatalf("%+v, exchanged %+v", it, back)
			}
			if it.Alpha != nil && (math.Abs(*it.Alpha**back.Alpha-1) > 1e-9 || math.Abs(*it.Delta+*back.Delta) > 1e-9) {
				t.Fatalf("%g and %g", *it.Alpha, *back.Alpha)
			}
		}
	})
}

// Everybody alike leaves nothing to test.
func TestDIFAbsent(t *testing.T) {
	got, err := stats.MantelHaenszel(stats.Table{Names: []string{"x", "y"}, Rows: [][]float64{{1, 0}, {1, 0}, {1, 1}, {1, 1}}}, []bool{true, false, true, false})
	if err != nil || got.Reference != 2 || got.Focal != 2 {
		t.Fatalf("%+v, %v", got, err)
	}
	if want := []stats.DIFItem{{Item: 1}, {Item: 2}}; !reflect.DeepEqual(got.Items, want) {
		t.Errorf("%+v", got.Items)
	}
}

func TestDIFErrors(t *testing.T) {
	names := []string{"x", "y"}
	for _, tt := range []struct {
		rows  [][]float64
		focal []bool
		want  stats.Error
	}{
		{nil, nil, stats.Error{What: stats.Empty}},
		{[][]float64{{1, 0}}, []bool{true, false}, stats.Error{What: stats.Unpaired}},
		{[][]float64{{1, 0}, {1, stats.Missing()}}, []bool{true, false}, stats.Error{What: stats.Incomplete, Row: 2, Column: "y"}},
		{[][]float64{{1, 0}, {0.5, 1}}, []bool{true, false}, stats.Error{What: stats.OutOfRange, Row: 2, Column: "x"}},
		{[][]float64{{1, 0}, {1, 1}}, []bool{true, true}, stats.Error{What: stats.TooFewRows}},
	} {
		_, err := stats.MantelHaenszel(stats.Table{Names: names, Rows: tt.rows}, tt.focal)
		fails(t, err, tt.want)
	}
}
