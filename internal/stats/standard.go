package stats

import (
	"cmp"
	"math"
	"slices"

	"gonum.org/v1/gonum/stat"
)

// AngoffCut is a cut score by judges who say of each item what share of its points who is just at the cut will have (Angoff 1971; extended to points by Hambleton & Plake 1995).
type AngoffCut struct {
	Cut     float64   `json:"angoff_cut"`          // the mean of the judges' totals, in points
	Totals  []float64 `json:"angoff_judge_totals"` // by judge, in points
	SD      *float64  `json:"angoff_sd"`           // of the totals, divisor n - 1; absent for one judge
	SE      *float64  `json:"angoff_se"`           // SD/sqrt(judges)
	Percent float64   `json:"angoff_percent"`      // the cut, of all points
	Items   []float64 `json:"angoff_item_means"`   // by item: the mean share, 0 to 1
}

// Angoff is of ratings from 0 to 1, all given, with a judge a row. points are those of the items, above 0; without them each has 1.
func Angoff(t Table, points []float64) (*AngoffCut, error) {
	if err := t.Check(); err != nil {
		return nil, err
	}
	if points == nil {
		points = slices.Repeat([]float64{1}, len(t.Names))
	}
	if len(points) != len(t.Names) {
		return nil, &Error{What: Unpaired, N: len(points), Want: len(t.Names)}
	}
	out := &AngoffCut{Items: make([]float64, len(t.Names))}
	most := 0.0
	for j, x := range points {
		if !(x > 0) || math.IsInf(x, 1) {
			return nil, &Error{What: OutOfRange, Column: t.Names[j], Value: x}
		}
		most += x
	}
	for i, row := range t.Rows {
		total := 0.0
		for j, x := range row {
			switch {
			case IsMissing(x):
				return nil, &Error{What: Incomplete, Row: i + 1, Column: t.Names[j]}
			case x < 0 || x > 1:
				return nil, &Error{What: OutOfRange, Row: i + 1, Column: t.Names[j], Value: x}
			}
			total += points[j] * x
			out.Items[j] += x / float64(len(t.Rows))
		}
		out.Totals = append(out.Totals, total)
	}
	out.Cut = stat.Mean(out.Totals, nil)
	out.Percent = 100 * out.Cut / most
	if n := len(out.Totals); n > 1 {
		sd := stat.StdDev(out.Totals, nil)
		out.SD, out.SE = &sd, ratio(sd, math.Sqrt(float64(n)))
	}
	return out, nil
}

// BookmarkCut is a cut by judges who read the items from easy to hard and say which is the first that who is just at the cut would not master (Lewis, Mitzel & Green 1996).
type BookmarkCut struct {
	Locations []float64 `json:"rp67_location"`           // by item, in logits: where it is answered right with probability 0.67
	Order     []int     `json:"order"`                   // of the booklet: items from 1, by location
	Judges    []float64 `json:"bookmark_theta_by_judge"` // the location of the item at the bookmark, in logits
	Mean      float64   `json:"bookmark_theta_mean"`     // logits
	Median    float64   `json:"bookmark_theta_median"`   // logits
	Expected  float64   `json:"expected_raw_at_median"`  // raw score
}

// responseProbability is RP67.
const responseProbability = 0.67

// Bookmark is of items with two categories and of placements: by judge, the place in the booklet of the bookmarked item, from 1.
func Bookmark(b Bank, placements []int) (*BookmarkCut, error) {
	if err := b.Check(); err != nil {
		return nil, err
	}
	if len(placements) == 0 {
		return nil, &Error{What: Empty}
	}
	out := &BookmarkCut{}
	for j, it := range b.Items {
		if n := it.Categories(); n != 2 {
			return nil, &Error{What: TooManyCategories, Column: b.name(j), N: n, Want: 2}
		}
		out.Locations = append(out.Locations, it.B[0]+math.Log(responseProbability/(1-responseProbability))/it.A)
		out.Order = append(out.Order, j+1)
	}
	slices.SortStableFunc(out.Order, func(i, j int) int { return cmp.Compare(out.Locations[i-1], out.Locations[j-1]) })
	for i, k := range placements {
		if k < 1 || k > len(out.Order) {
			return nil, &Error{What: OutOfRange, Row: i + 1, Value: float64(k)}
		}
		out.Judges = append(out.Judges, out.Locations[out.Order[k-1]-1])
	}
	out.Mean = stat.Mean(out.Judges, nil)
	out.Median, _ = Quantile(slices.Sorted(slices.Values(out.Judges)), 0.5)
	out.Expected = b.ExpectedScore(out.Median)
	return out, nil
}

// Theta is the ability in logits at which the expected score is a raw score: the test characteristic curve the other way round. ok is false where there is none, at 0 and MaxScore
// and beyond.
func (b Bank) Theta(score float64) (theta float64, ok bool) {
	if b.Check() != nil || !(score > 0 && score < float64(b.MaxScore())) {
		return 0, false
	}
	f := func(x float64) float64 { return b.ExpectedScore(x) - score }
	lo, hi := -1.0, 1.0
	for f(lo) > 0 {
		lo *= 2
	}
	for f(hi) < 0 {
		hi *= 2
	}
	return root(f, lo, f(lo), hi, f(hi)), true
}
