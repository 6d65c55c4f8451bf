package stats

import (
	"math"

	"gonum.org/v1/gonum/stat/distuv"
)

// DIF is whether items work alike in two groups of equal ability: Mantel-Haenszel on the raw score, the studied item among it (Holland & Thayer 1988). Below about 100 persons in
// either group it tells little.
type DIF struct {
	Reference int       `json:"n_reference"` // persons
	Focal     int       `json:"n_focal"`
	Items     []DIFItem `json:"items"`
}

// DIFItem is an item's result. What is undefined is absent: the odds ratio where one group never fails, or never passes, in all strata, and the test where nothing varies.
type DIFItem struct {
	Item    int      `json:"item"`       // from 1
	Alpha   *float64 `json:"alphaMH"`    // common odds ratio (Mantel & Haenszel 1959); above 1 the item favours the reference group
	ChiSq   *float64 `json:"chisq_cc"`   // with continuity correction, max(0, |A - E(A)| - 0.5)²/Var(A), 1 degree of freedom
	P       *float64 `json:"p"`          // of it
	LnSE    *float64 `json:"lnalpha_se"` // of ln alpha (Robins, Breslow & Greenland 1986)
	Delta   *float64 `json:"delta_MH"`   // -2.35 ln alpha, on ETS's scale of difficulty; below 0 the item disfavours the focal group
	DeltaSE *float64 `json:"delta_se"`
	ETS     *string  `json:"ETS"` // A negligible: p >= .05 or |delta| < 1; C large: |delta| >= 1.5 and significantly above 1; else B (Zieky 1993)
}

// MantelHaenszel is of right (1) and wrong (0) answers, all given, of a reference and a focal group: focal says by row who is of the latter. Scores at which a group has nobody
// are left out.
func MantelHaenszel(t Table, focal []bool) (*DIF, error) {
	if err := t.Check(); err != nil {
		return nil, err
	}
	if len(focal) != len(t.Rows) {
		return nil, &Error{What: Unpaired, N: len(focal), Want: len(t.Rows)}
	}
	out := &DIF{}
	scores := make([]int, len(t.Rows))
	for i, row := range t.Rows {
		for j, x := range row {
			switch {
			case IsMissing(x):
				return nil, &Error{What: Incomplete, Row: i + 1, Column: t.Names[j]}
			case x != 0 && x != 1:
				return nil, &Error{What: OutOfRange, Row: i + 1, Column: t.Names[j], Value: x}
			}
			scores[i] += int(x)
		}
		count(&out.Focal, focal[i])
		count(&out.Reference, !focal[i])
	}
	if n := min(out.Focal, out.Reference); n == 0 {
		return nil, &Error{What: TooFewRows, N: n, Want: 1}
	}
	for j := range t.Names {
		strata := make([][2][2]float64, len(t.Names)+1) // by score: reference, focal; right, wrong
		for i, row := range t.Rows {
			group, wrong := 0, 1-int(row[j])
			if focal[i] {
				group = 1
			}
			strata[scores[i]][group][wrong]++
		}
		item := mantelHaenszel(strata)
		item.Item = j + 1
		out.Items = append(out.Items, item)
	}
	return out, nil
}

// mantelHaenszel is of 2 x 2 tables.
func mantelHaenszel(strata [][2][2]float64) DIFItem {
	var observed, expected, variance float64 // of right answers in the reference group
	var r, s, pr, psqr, qs float64           // sums of Robins, Breslow and Greenland
	for _, x := range strata {
		a, b, c, d := x[0][0], x[0][1], x[1][0], x[1][1]
		reference, focal, n := a+b, c+d, a+b+c+d
		if reference == 0 || focal == 0 {
			continue
		}
		observed += a
		expected += reference * (a + c) / n
		if n > 1 {
			variance += reference * focal * (a + c) * (b + d) / (n * n * (n - 1))
		}
		p, q, rk, sk := (a+d)/n, (b+c)/n, a*d/n, b*c/n
		r, s, pr, psqr, qs = r+rk, s+sk, pr+p*rk, psqr+p*sk+q*rk, qs+q*sk
	}
	var out DIFItem
	if variance > 0 {
		off := max(0, math.Abs(observed-expected)-0.5)
		chi := off * off / variance
		p := distuv.ChiSquared{K: 1}.Survival(chi)
		out.ChiSq, out.P = &chi, &p
	}
	if r == 0 || s == 0 {
		return out
	}
	alpha, se := r/s, math.Sqrt(pr/(2*r*r)+psqr/(2*r*s)+qs/(2*s*s))
	delta, deltaSE := -2.35*math.Log(alpha), 2.35*se
	out.Alpha, out.LnSE, out.Delta, out.DeltaSE = &alpha, &se, &delta, &deltaSE
	class := "B"
	switch size := math.Abs(delta); {
	case *out.P >= 0.05 || size < 1:
		class = "A"
	case size >= 1.5 && (size-1)/deltaSE > 1.645:
		class = "C"
	}
	out.ETS = &class
	return out
}
