package stats

import (
	"math"
	"slices"
	"strconv"
)

// QuadraticKappa is the agreement of two raters beyond chance with squared differences as weights (Cohen 1968): 1 is full agreement, 0 that of chance. x and y are what each gave
// to the same things, in order. ok is false where it is undefined: nothing was rated, or both gave one and the same level throughout.
func QuadraticKappa(x, y []float64) (kappa float64, ok bool) {
	mx, sx, rated := MeanSD(x)
	my, sy, _ := MeanSD(y)
	if len(x) != len(y) || !rated {
		return 0, false
	}
	observed := 0.0
	for i := range x {
		observed += (x[i] - y[i]) * (x[i] - y[i]) / float64(len(x))
	}
	expected := sx*sx + sy*sy + (mx-my)*(mx-my) // the mean of (x-y)² over all pairs of what one and what the other gave
	if expected == 0 {
		return 0, false
	}
	return 1 - observed/expected, true
}

// Kappas are the agreement of two raters beyond chance by three weights of disagreement: 1 for any (Cohen 1960), and the difference of values and its square (Cohen 1968).
type Kappas struct {
	N          int   `json:"n"` // things that both rated
	Unweighted Kappa `json:"unweighted"`
	Linear     Kappa `json:"linear"`
	Quadratic  Kappa `json:"quadratic"`
}

// Kappa is the agreement of two raters beyond chance: 1 is full agreement, 0 that of chance. It and its error are nil where both gave one and the same category throughout.
type Kappa struct {
	Kappa    *float64 `json:"kappa"`
	SE       *float64 `json:"se"` // whatever kappa is, for many ratings (Fleiss, Cohen & Everitt 1969)
	Observed float64  `json:"po"` // agreement, 0 to 1: one less disagreement by weight, whose largest weight is 1
	Expected float64  `json:"pe"` // that of chance
}

// KappasOfCounts are of a table: how often the first rater gave the category of a row and the second that of a column. Categories are in order and equally far apart.
func KappasOfCounts(counts [][]int) (*Kappas, error) {
	c, err := cross(counts)
	if err != nil {
		return nil, err
	}
	values := make([]float64, len(counts))
	for i := range values {
		values[i] = float64(i)
	}
	return c.kappas(values), nil
}

// KappasOfRatings are of what two raters gave to the same things, in order. Differences are those of the values. A thing that one of them did not rate is left out.
func KappasOfRatings(x, y []float64) (*Kappas, error) {
	t, err := paired(x, y)
	if err != nil {
		return nil, err
	}
	t.Rows = slices.DeleteFunc(t.Rows, func(row []float64) bool { return slices.ContainsFunc(row, IsMissing) })
	if len(t.Rows) == 0 {
		return nil, &Error{What: Empty}
	}
	values := slices.Concat(t.Rows...)
	slices.Sort(values)
	values = slices.Compact(values)
	c := crossing{rows: make([]float64, len(values)), columns: make([]float64, len(values))}
	for _, row := range t.Rows {
		i, _ := slices.BinarySearch(values, row[0])
		j, _ := slices.BinarySearch(values, row[1])
		c.add(i, j, 1)
	}
	return c.kappas(values), nil
}

// WeightedKappa is of a table of counts (as KappasOfCounts) by weights of disagreement of the same shape: not below 0, and 0 for the same category.
func WeightedKappa(counts [][]int, disagreement [][]float64) (*Kappa, error) {
	c, err := cross(counts)
	if err != nil {
		return nil, err
	}
	if len(disagreement) != len(counts) {
		return nil, &Error{What: Unpaired, N: len(disagreement), Want: len(counts)}
	}
	for i, row := range disagreement {
		if len(row) != len(counts) {
			return nil, &Error{What: Ragged, Row: i + 1, N: len(row), Want: len(counts)}
		}
		for j, w := range row {
			if !(w >= 0) || math.IsInf(w, 0) || i == j && w != 0 {
				return nil, &Error{What: OutOfRange, Row: i + 1, Column: strconv.Itoa(j + 1), Value: w}
			}
		}
	}
	kappa := c.kappa(func(i, j int) float64 { return disagreement[i][j] })
	return &kappa, nil
}

// paired is a table of two series of equal length.
func paired(x, y []float64) (Table, error) {
	t := Table{Names: []string{"x", "y"}}
	if len(x) != len(y) {
		return t, &Error{What: Unpaired, N: len(y), Want: len(x)}
	}
	for i := range x {
		t.Rows = append(t.Rows, []float64{x[i], y[i]})
	}
	return t, t.Check()
}

// crossing is how often two raters gave each pair of categories, numbered from 0, and each of them a category.
type crossing struct {
	cells []struct {
		i, j int
		n    float64
	}
	rows, columns []float64
	n             float64
}

func (c *crossing) add(i, j int, n float64) {
	c.cells = append(c.cells, struct {
		i, j int
		n    float64
	}{i, j, n})
	c.rows[i] += n
	c.columns[j] += n
	c.n += n
}

// cross is the crossing of a square table of counts.
func cross(counts [][]int) (*crossing, error) {
	k := len(counts)
	c := &crossing{rows: make([]float64, k), columns: make([]float64, k)}
	for i, row := range counts {
		if len(row) != k {
			return nil, &Error{What: Ragged, Row: i + 1, N: len(row), Want: k}
		}
		for j, n := range row {
			if n < 0 {
				return nil, &Error{What: OutOfRange, Row: i + 1, Column: strconv.Itoa(j + 1), Value: float64(n)}
			}
			if n > 0 {
				c.add(i, j, float64(n))
			}
		}
	}
	if c.n == 0 {
		return nil, &Error{What: Empty}
	}
	return c, nil
}

func (c *crossing) kappas(values []float64) *Kappas {
	return &Kappas{
		N:          int(c.n),
		Unweighted: c.kappa(func(i, j int) float64 { return float64(min(1, max(i-j, j-i))) }),
		Linear:     c.kappa(func(i, j int) float64 { return math.Abs(values[i] - values[j]) }),
		Quadratic:  c.kappa(func(i, j int) float64 { return square(values[i] - values[j]) }),
	}
}

// kappa takes how far apart two categories are.
func (c *crossing) kappa(apart func(i, j int) float64) Kappa {
	k, most := len(c.rows), 0.0
	for i := range k {
		for j := range k {
			most = max(most, apart(i, j))
		}
	}
	if most == 0 {
		return Kappa{Observed: 1, Expected: 1}
	}
	ofRow, ofColumn := make([]float64, k), make([]float64, k) // disagreement with the other's ratings, of a category
	var observed, expected, squares float64                   // disagreement
	for i := range k {
		for j := range k {
			w := apart(i, j) / most
			ofRow[i] += w * c.columns[j] / c.n
			ofColumn[j] += w * c.rows[i] / c.n
			expected += w * c.rows[i] / c.n * c.columns[j] / c.n
		}
	}
	for _, x := range c.cells {
		observed += apart(x.i, x.j) / most * x.n / c.n
	}
	po, pe := 1-observed, 1-expected
	for _, x := range c.cells {
		w, mean := 1-apart(x.i, x.j)/most, 2-ofRow[x.i]-ofColumn[x.j]
		squares += square(w*expected-mean*observed) * x.n / c.n
	}
	variance := (squares - square(po*pe-2*pe+po)) / (c.n * square(square(expected)))
	return Kappa{Kappa: defined(1 - observed/expected), SE: defined(math.Sqrt(max(0, variance))), Observed: po, Expected: pe}
}
