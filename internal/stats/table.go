package stats

import (
	"fmt"
	"math"
	"slices"
)

// Table is numbers by row (a person, a subject, a target) and by column (an item, a rater). Missing stands where there is none: what was not presented, which is left out and never 0.
type Table struct {
	Names []string    // of the columns
	Rows  [][]float64 // each as long as Names
}

// Missing is the absent number of a Table. It stands in data alone: what is undefined in a result is absent.
func Missing() float64 { return math.NaN() }

// IsMissing reports whether a number of a Table is absent.
func IsMissing(x float64) bool { return math.IsNaN(x) }

// Column are the numbers of a column, from 0, missing ones among them.
func (t Table) Column(j int) []float64 {
	out := make([]float64, len(t.Rows))
	for i, row := range t.Rows {
		out[i] = row[j]
	}
	return out
}

// largest is the largest number of a Table: sums of its square are still finite.
const largest = 1e100

// Check is an *Error for a table with no rows or columns, with rows of another length than Names, or with a number in it that is infinite or beyond 1e100.
func (t Table) Check() error {
	if len(t.Names) == 0 || len(t.Rows) == 0 {
		return &Error{What: Empty}
	}
	for i, row := range t.Rows {
		if len(row) != len(t.Names) {
			return &Error{What: Ragged, Row: i + 1, N: len(row), Want: len(t.Names)}
		}
		for j, x := range row {
			if math.Abs(x) > largest {
				return &Error{What: NotFinite, Row: i + 1, Column: t.Names[j]}
			}
		}
	}
	return nil
}

// complete is an *Error for the first cell that is missing.
func (t Table) complete() error {
	for i, row := range t.Rows {
		if j := slices.IndexFunc(row, IsMissing); j >= 0 {
			return &Error{What: Incomplete, Row: i + 1, Column: t.Names[j]}
		}
	}
	return nil
}

// Answers are persons' answers to items by category, a byte each. Categories are numbered from 0, in the order of the values that stand for them in the table.
type Answers struct {
	Names  []string
	Values [][]float64 // by item: what its categories 0, 1 ... are in the table, ascending
	cells  []int8      // person by person
}

// absent is the category of a missing answer.
const absent = -1

// MaxCategories is the most that an item may have.
const MaxCategories = 20

// Persons is how many there are.
func (a *Answers) Persons() int { return len(a.cells) / max(1, len(a.Names)) }

// Of are the categories of a person, one an item; -1 is missing. The slice is the answers' own.
func (a *Answers) Of(person int) []int8 {
	k := len(a.Names)
	return a.cells[person*k : (person+1)*k : (person+1)*k]
}

// Answers are the table's numbers as categories: each item has those that somebody gave. An item with fewer than two (everybody alike, or nobody at all) or more than MaxCategories is an
// *Error that names it.
func (t Table) Answers() (*Answers, error) {
	values := make([][]float64, len(t.Names))
	if err := t.Check(); err != nil {
		return nil, err
	}
	for j, name := range t.Names {
		given := slices.DeleteFunc(t.Column(j), IsMissing)
		slices.Sort(given)
		values[j] = slices.Compact(given)
		switch n := len(values[j]); {
		case n == 0:
			return nil, &Error{What: AllMissing, Column: name}
		case n == 1:
			return nil, &Error{What: Constant, Column: name}
		case n > MaxCategories:
			return nil, &Error{What: TooManyCategories, Column: name, N: n, Want: MaxCategories}
		}
	}
	return t.AnswersIn(values)
}

// AnswersIn are the table's numbers as categories whose values are known, by column. A number that is none of them is an *Error with its place.
func (t Table) AnswersIn(values [][]float64) (*Answers, error) {
	if err := t.Check(); err != nil {
		return nil, err
	}
	a := &Answers{Names: t.Names, Values: values, cells: make([]int8, 0, len(t.Rows)*len(t.Names))}
	for i, row := range t.Rows {
		for j, x := range row {
			c := absent
			if !IsMissing(x) {
				var known bool
				if c, known = slices.BinarySearch(values[j], x); !known {
					return nil, &Error{What: UnknownCategory, Row: i + 1, Column: t.Names[j], Value: x}
				}
			}
			a.cells = append(a.cells, int8(c))
		}
	}
	return a, nil
}

// What is the kind of an Error: a word for a message key.
type What string

const (
	Empty             What = "empty"               // no rows, or no columns
	Ragged            What = "ragged"              // Row has N cells and not Want
	NotFinite         What = "not_finite"          // at Row and Column, or so large that its square would not be
	AllMissing        What = "all_missing"         // the Column
	Constant          What = "constant"            // the Column: one value throughout
	TooManyCategories What = "too_many_categories" // the Column has N, Want at most
	UnknownCategory   What = "unknown_category"    // Value at Row and Column
	TooFewRows        What = "too_few_rows"        // N, Want at least
	TooFewColumns     What = "too_few_columns"     // N, Want at least
	Incomplete        What = "incomplete"          // a cell is missing at Row and Column, where the method needs all
	Unpaired          What = "unpaired"            // N of what there are Want of in its counterpart
	UnequalRatings    What = "unequal_ratings"     // Row has N ratings and the first one Want
	OutOfRange        What = "out_of_range"        // Value at Row and Column is none that the method takes
	UnusedCategory    What = "unused_category"     // Value in the Column is what nobody gave
	Diverged          What = "diverged"            // the slope of the Column grows beyond all bounds and is at Value
	NotConverged      What = "not_converged"       // after N iterations
	UnknownColumn     What = "unknown_column"      // the Column is no item of the bank
	Duplicate         What = "duplicate"           // the Column occurs twice
	UnknownModel      What = "unknown_model"       // of the Column's item
	Unordered         What = "unordered"           // Value at Row, or of the Column's item, is not above the one before it
	Undefined         What = "undefined"           // no finite result belongs to these data
)

// Error is why something cannot be computed. Row is from 1, without the header; 0 and "" are for none.
type Error struct {
	What    What
	Row     int
	Column  string
	Value   float64
	N, Want int
}

func (e *Error) Error() string {
	s := string(e.What)
	if e.Row > 0 {
		s += fmt.Sprintf(", row %d", e.Row)
	}
	if e.Column != "" {
		s += fmt.Sprintf(", column %q", e.Column)
	}
	if e.Want > 0 || e.N > 0 {
		s += fmt.Sprintf(" (%d, %d)", e.N, e.Want)
	}
	return s
}
