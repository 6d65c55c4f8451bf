package stats

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mathext"
	"gonum.org/v1/gonum/stat/distuv"
)

// ICCs are the intraclass correlations of Shrout & Fleiss (1979) and the mean squares that they come from. Of one rating: (1,1) each target has raters of its own, (2,1) the raters
// are a sample that rates all targets and their levels count (absolute agreement), (3,1) they are all there are and their levels do not count (consistency). (1,k), (2,k) and (3,k)
// are of the mean of k.
type ICCs struct {
	ICC         []ICC       `json:"ICC"` // in the order (1,1) (2,1) (3,1) (1,k) (2,k) (3,k)
	MeanSquares MeanSquares `json:"MS"`
	Absolute    Estimate    `json:"irr_icc21"` // ICC(2,1) on its own, as R's irr names it
}

// Estimate is a value with its interval, where they are defined.
type Estimate struct {
	Value *float64 `json:"value"`
	Lower *float64 `json:"lower"`
	Upper *float64 `json:"upper"`
}

// ICC is an intraclass correlation with the test of whether it is 0 and its interval. nil is undefined: the targets are alike, or nothing is left for error.
type ICC struct {
	Type  string   `json:"type"` // "ICC(2,1)"
	Value *float64 `json:"icc"`
	F     *float64 `json:"F"`
	DF1   int      `json:"df1"`
	DF2   int      `json:"df2"`
	P     *float64 `json:"p"`
	Lower *float64 `json:"lower"`
	Upper *float64 `json:"upper"`
}

// MeanSquares are the variance of ratings, in points squared, by where it is from.
type MeanSquares struct {
	Between float64 `json:"MSB"` // between targets
	Within  float64 `json:"MSW"` // within targets
	Raters  float64 `json:"MSJ"`
	Error   float64 `json:"MSE"`
}

// IntraclassCorrelations are the six of a table of targets (rows) by raters (columns), with intervals at a level (.95). It needs every cell, two targets and two raters.
// That of (2,1) and (2,k) has Satterthwaite's degrees of freedom: for a value below 0 it may miss it, and it is absent where they are below 1.
func IntraclassCorrelations(t Table, level float64) (*ICCs, error) {
	if err := t.Check(); err != nil {
		return nil, err
	}
	rows, columns := len(t.Rows), len(t.Names)
	switch {
	case rows < 2:
		return nil, &Error{What: TooFewRows, N: rows, Want: 2}
	case columns < 2:
		return nil, &Error{What: TooFewColumns, N: columns, Want: 2}
	case !(level > 0 && level < 1):
		return nil, &Error{What: OutOfRange, Value: level}
	}
	if err := t.complete(); err != nil {
		return nil, err
	}
	ms := meanSquares(t.Rows)
	n, k, p := float64(rows), float64(columns), (1+level)/2
	type single struct{ r, f, df2, lower, upper float64 }
	// Of (1,1) and (3,1) the interval is that of the ratio f of targets to what is left.
	ofRatio := func(left, df2 float64) single {
		f := ms.Between / left
		r := func(f float64) float64 { return (f - 1) / (f + k - 1) }
		return single{(ms.Between - left) / (ms.Between + (k-1)*left), f, df2, r(f / fQuantile(p, n-1, df2)), r(f * fQuantile(p, df2, n-1))}
	}
	one, three := ofRatio(ms.Within, n*(k-1)), ofRatio(ms.Error, (n-1)*(k-1))
	// Of (2,1) it is Satterthwaite's. apart is n times what stands beside the targets.
	two, apart := three, k*ms.Raters+(k*n-k-n)*ms.Error
	two.r = n * (ms.Between - ms.Error) / (n*ms.Between + apart)
	a, b := k*two.r*ms.Raters/ms.Error, n*(1+(k-1)*two.r)-k*two.r
	v := (k - 1) * (n - 1) * square(a+b) / ((n-1)*square(a) + square(b))
	if v < 1 {
		v = math.NaN()
	}
	f, g := fQuantile(p, n-1, v), fQuantile(p, v, n-1)
	two.lower, two.upper = n*(ms.Between-f*ms.Error)/(n*ms.Between+f*apart), n*(g*ms.Between-ms.Error)/(n*g*ms.Between+apart)
	out := &ICCs{MeanSquares: ms, Absolute: Estimate{defined(two.r), defined(two.lower), defined(two.upper)}}
	for _, of := range []struct {
		name   string
		raters float64
	}{{"1", 1}, {"k", k}} {
		for i, s := range []single{one, two, three} {
			out.ICC = append(out.ICC, ICC{
				Type: fmt.Sprintf("ICC(%d,%s)", i+1, of.name), F: defined(s.f), DF1: rows - 1, DF2: int(s.df2), P: defined(fAbove(s.f, n-1, s.df2)),
				Value: defined(lengthened(s.r, of.raters)), Lower: defined(lengthened(s.lower, of.raters)), Upper: defined(lengthened(s.upper, of.raters)),
			})
		}
	}
	return out, nil
}

// meanSquares are those of ratings without gaps. What is below the rounding of the ratings is 0.
func meanSquares(rows [][]float64) MeanSquares {
	n, k := float64(len(rows)), float64(len(rows[0]))
	ofRow, ofColumn, mean, size := make([]float64, len(rows)), make([]float64, len(rows[0])), 0.0, 0.0
	for i, row := range rows {
		for j, x := range row {
			ofRow[i] += x / k
			ofColumn[j] += x / n
			mean += x / (n * k)
			size += x * x
		}
	}
	var between, within, raters, left float64
	for i, row := range rows {
		between += k * square(ofRow[i]-mean)
		for j, x := range row {
			within += square(x - ofRow[i])
			left += square(x - ofRow[i] - ofColumn[j] + mean)
		}
	}
	for _, m := range ofColumn {
		raters += n * square(m-mean)
	}
	per := func(squares, df float64) float64 {
		if squares <= size*1e-28 {
			return 0
		}
		return squares / df
	}
	return MeanSquares{per(between, n-1), per(within, n*(k-1)), per(raters, k-1), per(left, (n-1)*(k-1))}
}

// fQuantile is the p-quantile of the F distribution; NaN for degrees of freedom that there are not.
func fQuantile(p, df1, df2 float64) float64 {
	if !(df1 > 0 && df2 > 0) || math.IsInf(df1, 0) || math.IsInf(df2, 0) {
		return math.NaN()
	}
	return distuv.F{D1: df1, D2: df2}.Quantile(p)
}

// fAbove is the probability of an F above f, in the tail itself and so without the rounding of 1-P; NaN where f is not finite.
func fAbove(f, df1, df2 float64) float64 {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return math.NaN()
	}
	return mathext.RegIncBeta(df2/2, df1/2, df2/(df2+df1*f))
}
