// Package csv is comma-separated files in and out: what comes in may be UTF-8 or GBK, what goes out opens in a spreadsheet without becoming a formula.
package csv

import (
	"bytes"
	"encoding/csv"
	"strings"
	"unicode/utf8"
)

const bom = "\xef\xbb\xbf"

// Write makes a UTF-8 file with a byte order mark, by which spreadsheets know Chinese. A cell that would start a formula gets a leading apostrophe; Read takes it off again.
func Write(rows [][]string) ([]byte, error) {
	var b bytes.Buffer
	b.WriteString(bom)
	w := csv.NewWriter(&b)
	for _, row := range rows {
		safe := make([]string, len(row))
		for i, cell := range row {
			safe[i] = guard(cell)
		}
		if err := w.Write(safe); err != nil {
			return nil, err
		}
	}
	w.Flush()
	return b.Bytes(), w.Error()
}

// formulaStarts begin a formula; the wide ones do where Chinese or Japanese is typed.
const formulaStarts = "=+-@\t\r\n＝＋－＠"

// formula reports whether a spreadsheet would run a cell, whatever apostrophes and blanks come first.
func formula(cell string) bool {
	bare := strings.TrimLeft(cell, "' \u00a0\u3000\ufeff")
	first, _ := utf8.DecodeRuneInString(bare)
	return bare != "" && strings.ContainsRune(formulaStarts, first)
}

// guard marks a cell that a spreadsheet would run. One that begins with an apostrophe before such a start is marked as well, so that unguard restores every cell.
func guard(cell string) string {
	if formula(cell) {
		return "'" + cell
	}
	return cell
}

func unguard(cell string) string {
	if strings.HasPrefix(cell, "'") && formula(cell) {
		return cell[1:]
	}
	return cell
}
