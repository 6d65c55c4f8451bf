// Package csv is comma-separated files in and out: what comes in may be UTF-8 or GBK, what goes out opens in a spreadsheet without becoming a formula.
package csv

import (
	"bytes"
	"encoding/csv"
	"strings"
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

const formulaStarts = "=+-@\t\r"

// guard marks a cell that a spreadsheet would run. One that begins with an apostrophe before such a start is marked as well, so that unguard restores every cell.
func guard(cell string) string {
	if bare := strings.TrimLeft(cell, "'"); bare != "" && strings.ContainsRune(formulaStarts, rune(bare[0])) {
		return "'" + cell
	}
	return cell
}

func unguard(cell string) string {
	if bare := strings.TrimLeft(cell, "'"); strings.HasPrefix(cell, "'") && bare != "" && strings.ContainsRune(formulaStarts, rune(bare[0])) {
		return cell[1:]
	}
	return cell
}
