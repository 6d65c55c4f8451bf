package csv

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"slices"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"

	"leida/internal/fault"
)

// MaxRows is the most rows of one file; the first above it is refused with the limit.
const MaxRows = 20_000

// Table is a file with a heading. Lines counts where each row begins, from 1.
type Table struct {
	Head  []string
	Rows  [][]string
	Lines []int
}

// Read takes a comma-, semicolon- or tab-separated file in UTF-8 (with or without a byte order mark), UTF-16 with one, or GBK. Its error is a fault with the line, where there is one.
func Read(raw []byte) (*Table, error) {
	t := &Table{}
	err := each(raw, func(row []string, line int) error {
		for i := range row {
			row[i] = strings.TrimSpace(unguard(row[i]))
		}
		switch {
		case t.Head == nil:
			t.Head = slices.Clone(row)
		case strings.Join(row, "") == "":
		case len(t.Rows) == MaxRows:
			return fault.New(fault.TooLarge, "csv.rows", "max", MaxRows)
		default:
			t.Rows, t.Lines = append(t.Rows, slices.Clone(row)), append(t.Lines, line)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return t, nil
}

// each calls f with the cells of each row and the line where it begins, from 1. The row is f's only until it returns.
func each(raw []byte, f func(row []string, line int) error) error {
	s, err := decode(raw)
	if err != nil {
		return err
	}
	if strings.TrimSpace(s) == "" {
		return fault.New(fault.Invalid, "csv.empty")
	}
	r := csv.NewReader(strings.NewReader(s))
	r.Comma, r.FieldsPerRecord, r.ReuseRecord = separator(s), -1, true
	for {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		var bad *csv.ParseError
		if errors.As(err, &bad) {
			return fault.New(fault.Invalid, "csv.syntax", "line", bad.Line, "column", bad.Column)
		}
		if err != nil {
			return err
		}
		line, _ := r.FieldPos(0)
		if err := f(row, line); err != nil {
			return err
		}
	}
}

func decode(raw []byte) (string, error) {
	switch {
	case bytes.HasPrefix(raw, []byte(bom)):
		raw = raw[len(bom):]
	case bytes.HasPrefix(raw, []byte("\xff\xfe")), bytes.HasPrefix(raw, []byte("\xfe\xff")):
		return decode16(raw), nil
	}
	if utf8.Valid(raw) {
		return string(raw), nil
	}
	out, err := simplifiedchinese.GB18030.NewDecoder().Bytes(raw)
	if err != nil || bytes.ContainsRune(out, utf8.RuneError) {
		return "", fault.New(fault.Invalid, "csv.encoding")
	}
	return string(out), nil
}

func decode16(raw []byte) string {
	little := raw[0] == 0xff
	var units []uint16
	for i := 2; i+1 < len(raw); i += 2 {
		hi, lo := raw[i], raw[i+1]
		if little {
			hi, lo = lo, hi
		}
		units = append(units, uint16(hi)<<8|uint16(lo))
	}
	return string(utf16.Decode(units))
}

// separator is what the heading uses most.
func separator(s string) rune {
	head, _, _ := strings.Cut(s, "\n")
	best, most := ',', strings.Count(head, ",")
	for _, c := range ";\t" {
		if n := strings.Count(head, string(c)); n > most {
			best, most = c, n
		}
	}
	return best
}
