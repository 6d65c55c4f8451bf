package csv

import (
	"bytes"
	"encoding/csv"
	"math"
	"slices"
	"strconv"
	"strings"

	"leida/internal/fault"
)

// MaxNumbers is the most cells of one file of numbers.
const MaxNumbers = 50_000_000

// Numbers is a file of numbers with a heading: a row for each person or subject, a column for each item or rater. An empty cell is NaN.
type Numbers struct {
	Head  []string
	Rows  [][]float64
	Lines []int // of the file, where each row begins, from 1
	Texts map[string][]string
}

// ReadNumbers takes a file as Read does. The columns named in texts, such as a person's number or a group, are read as they are and stand apart; a row in which all else is empty too counts.
// Its error is a fault with line and column: a heading that is empty or there twice, a column of texts that is not there, a row of another length, a cell that is no number.
func ReadNumbers(raw []byte, texts ...string) (*Numbers, error) {
	t := &Numbers{Texts: map[string][]string{}}
	var head []string
	err := each(raw, func(row []string, line int) (err error) {
		switch {
		case head == nil:
			if head, err = heading(row, line, texts); err != nil {
				return err
			}
			t.Head = slices.DeleteFunc(slices.Clone(head), func(name string) bool { return slices.Contains(texts, name) })
			return nil
		case len(row) != len(head):
			return fault.New(fault.Invalid, "csv.ragged", "line", line, "cells", len(row), "want", len(head))
		case (len(t.Rows)+1)*len(t.Head) > MaxNumbers:
			return fault.New(fault.TooLarge, "csv.cells", "max", MaxNumbers)
		}
		xs := make([]float64, 0, len(t.Head))
		for j, cell := range row {
			cell = strings.TrimSpace(cell)
			if slices.Contains(texts, head[j]) {
				t.Texts[head[j]] = append(t.Texts[head[j]], unguard(cell))
				continue
			}
			x, err := number(cell)
			if err != nil {
				return fault.New(fault.Invalid, "csv.number", "line", line, "column", head[j], "value", cell)
			}
			xs = append(xs, x)
		}
		t.Rows, t.Lines = append(t.Rows, xs), append(t.Lines, line)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return t, nil
}

func heading(row []string, line int, texts []string) ([]string, error) {
	head := make([]string, len(row))
	for i, name := range row {
		head[i] = strings.TrimSpace(unguard(name))
		switch {
		case head[i] == "":
			return nil, fault.New(fault.Invalid, "csv.heading.empty", "line", line, "n", i+1)
		case slices.Contains(head[:i], head[i]):
			return nil, fault.New(fault.Invalid, "csv.heading.twice", "line", line, "name", head[i])
		}
	}
	for _, name := range texts {
		if !slices.Contains(head, name) {
			return nil, fault.New(fault.Invalid, "csv.heading.missing", "name", name, "known", head)
		}
	}
	return head, nil
}

// number is a cell's; NaN for an empty one. Words that a program may write for a number, such as NaN and Inf, are none.
func number(cell string) (float64, error) {
	if cell == "" {
		return math.NaN(), nil
	}
	x, err := strconv.ParseFloat(cell, 64)
	if err == nil && (math.IsNaN(x) || math.IsInf(x, 0)) || strings.ContainsAny(cell, "xX_") {
		err = strconv.ErrSyntax
	}
	return x, err
}

// WriteNumbers is a file of numbers in full precision that ReadNumbers and other programs read; an empty cell for NaN. Its numbers are no formulas, so that nothing guards them.
func WriteNumbers(head []string, rows [][]float64) ([]byte, error) {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	if err := w.Write(head); err != nil {
		return nil, err
	}
	for _, row := range rows {
		cells := make([]string, len(row))
		for i, x := range row {
			if !math.IsNaN(x) {
				cells[i] = strconv.FormatFloat(x, 'g', -1, 64)
			}
		}
		if err := w.Write(cells); err != nil {
			return nil, err
		}
	}
	w.Flush()
	return b.Bytes(), w.Error()
}
