package stats

import "slices"

// Krippendorff is Krippendorff's (2011) alpha of one set of ratings by what their values are: 1 is full agreement, 0 that of chance. nil is undefined: nothing was rated twice, or
// everything alike.
type Krippendorff struct {
	Nominal  *float64 `json:"nominal"`  // names
	Ordinal  *float64 `json:"ordinal"`  // ranks
	Interval *float64 `json:"interval"` // numbers
	Ratio    *float64 `json:"ratio"`    // numbers that are compared in proportion to their sum; undefined where one is below 0
	Units    int      `json:"units"`    // with two ratings or more: the others say nothing of agreement and are left out
	Ratings  int      `json:"ratings"`  // of these units
}

// KrippendorffAlpha is the agreement in a table of units (rows) by raters (columns), in any number and with gaps: 1 - observed/expected disagreement. The observed one is over the
// coincidences of two ratings in a unit (each of the m(m-1) ordered pairs of m ratings counts 1/(m-1)), the expected one over all pairs of ratings.
func KrippendorffAlpha(t Table) (*Krippendorff, error) {
	if err := t.Check(); err != nil {
		return nil, err
	}
	if len(t.Names) < 2 {
		return nil, &Error{What: TooFewColumns, N: len(t.Names), Want: 2}
	}
	var units [][]float64
	var values []float64
	for _, row := range t.Rows {
		if unit := slices.DeleteFunc(slices.Clone(row), IsMissing); len(unit) > 1 {
			units = append(units, unit)
			values = append(values, unit...)
		}
	}
	k := &Krippendorff{Units: len(units), Ratings: len(values)}
	slices.Sort(values)
	values = slices.Compact(values)
	count, places := make([]float64, len(values)), make([][]int, len(units)) // of each value; of a unit's ratings among the values
	for u, unit := range units {
		for _, x := range unit {
			c, _ := slices.BinarySearch(values, x)
			count[c]++
			places[u] = append(places[u], c)
		}
	}
	rank, below := make([]float64, len(values)), 0.0 // the middle of the ratings that are alike
	for c, n := range count {
		rank[c] = below + n/2
		below += n
	}
	alpha := func(apart func(c, d int) float64) *float64 {
		observed, expected := 0.0, 0.0
		for _, unit := range places {
			for i, c := range unit {
				for _, d := range unit[:i] {
					if c != d {
						observed += square(apart(c, d)) / float64(len(unit)-1)
					}
				}
			}
		}
		for c, n := range count {
			for d, m := range count[:c] {
				expected += n * m * square(apart(c, d))
			}
		}
		return defined(1 - float64(k.Ratings-1)*observed/expected)
	}
	k.Nominal = alpha(func(int, int) float64 { return 1 })
	k.Ordinal = alpha(func(c, d int) float64 { return rank[c] - rank[d] })
	k.Interval = alpha(func(c, d int) float64 { return values[c] - values[d] })
	if len(values) > 0 && values[0] >= 0 {
		k.Ratio = alpha(func(c, d int) float64 { return (values[c] - values[d]) / (values[c] + values[d]) })
	}
	return k, nil
}
