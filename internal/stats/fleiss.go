package stats

import (
	"math"
	"slices"
	"strconv"
)

// Fleiss is Fleiss' (1971) kappa: the agreement beyond chance of raters who need not be the same from subject to subject. Kappa and what follows from it are nil where all gave one
// category.
type Fleiss struct {
	Kappa    *float64 `json:"kappa"`
	Observed float64  `json:"Pbar"`    // pairs of ratings of a subject that agree, 0 to 1
	Expected float64  `json:"Pe"`      // that of chance
	SE       *float64 `json:"se_null"` // if kappa is 0 (Fleiss, Nee & Landis 1979)
	Z        *float64 `json:"z"`       // kappa by its SE
	P        *float64 `json:"p"`       // of both tails
}

// FleissKappa is of counts of ratings by subject (rows) and category (columns). Every subject has the same number of ratings, two or more; where that is not so, KrippendorffAlpha
// (nominal) is the one to take.
func FleissKappa(counts [][]int) (*Fleiss, error) {
	if len(counts) == 0 || len(counts[0]) == 0 {
		return nil, &Error{What: Empty}
	}
	totals, same, ratings := make([]int, len(counts[0])), 0, 0
	for i, row := range counts {
		if len(row) != len(totals) {
			return nil, &Error{What: Ragged, Row: i + 1, N: len(row), Want: len(totals)}
		}
		n := 0
		for j, x := range row {
			if x < 0 {
				return nil, &Error{What: OutOfRange, Row: i + 1, Column: strconv.Itoa(j + 1), Value: float64(x)}
			}
			n += x
			same += x * (x - 1)
			totals[j] += x
		}
		if i == 0 {
			ratings = n
		}
		if n != ratings || n < 2 {
			return nil, &Error{What: UnequalRatings, Row: i + 1, N: n, Want: max(2, ratings)}
		}
	}
	subjects, m := float64(len(counts)), float64(ratings)
	f := &Fleiss{Observed: float64(same) / (subjects * m * (m - 1))}
	var disagree, skew float64 // sums of p(1-p) and of p(1-p)(1-2p)
	for _, n := range totals {
		p := float64(n) / (subjects * m)
		f.Expected += p * p
		disagree += p * (1 - p)
		skew += p * (1 - p) * (1 - 2*p)
	}
	kappa, se := 1-(1-f.Observed)/disagree, math.Sqrt(2*(disagree*disagree-skew)/(subjects*m*(m-1)))/disagree
	f.Kappa, f.SE, f.Z, f.P = defined(kappa), defined(se), defined(kappa/se), defined(2*NormalCDF(-math.Abs(kappa/se)))
	return f, nil
}

// RatingCounts are how often each value was given to each subject, from a table of subjects (rows) by raters (columns): the values, ascending, and the counts by subject and value.
// What is missing is not counted.
func RatingCounts(t Table) (values []float64, counts [][]int, err error) {
	if err := t.Check(); err != nil {
		return nil, nil, err
	}
	values = slices.DeleteFunc(slices.Concat(t.Rows...), IsMissing)
	slices.Sort(values)
	values = slices.Compact(values)
	for _, row := range t.Rows {
		n := make([]int, len(values))
		for _, x := range row {
			if c, known := slices.BinarySearch(values, x); known {
				n[c]++
			}
		}
		counts = append(counts, n)
	}
	return values, counts, nil
}
