package stats_test

import (
	"testing"

	"leida/internal/stats"
)

func init() { topics["rater_krippendorff"] = checkKrippendorff }

// rated makes a table of what raters gave, nil for a gap. Rows are targets, or with turned raters.
func rated(ratings [][]*float64, turned bool) stats.Table {
	rows, columns := len(ratings), len(ratings[0])
	if turned {
		rows, columns = columns, rows
	}
	t := stats.Table{Names: make([]string, columns)}
	for i := range rows {
		row := make([]float64, columns)
		for j := range row {
			x := ratings[min(i, len(ratings)-1)][min(j, len(ratings[0])-1)]
			if turned {
				x = ratings[j][i]
			}
			row[j] = stats.Missing()
			if x != nil {
				row[j] = *x
			}
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

func checkKrippendorff(t *testing.T, v vector) {
	input := decode[struct{ Ratings [][]*float64 }](t, v.Input)
	got, err := stats.KrippendorffAlpha(rated(input.Ratings, true))
	if err != nil {
		t.Fatal(err)
	}
	meets(t, got, v.Expected, all(v.Tolerance["abs"]))
}
