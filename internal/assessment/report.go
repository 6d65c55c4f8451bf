package assessment

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"leida/internal/fault"
	"leida/internal/text"
)

// Finding is one problem at one place of one file. Line and Column count from 1 (characters); 0 means the file as a whole.
type Finding struct {
	File   string
	Line   int
	Column int
	Source string // the offending line as it stands
	fault.Problem
}

// Report is every finding of every file, by file and place.
type Report []Finding

// Errors reports how many findings refuse.
func (r Report) Errors() int {
	n := 0
	for _, f := range r {
		if !f.Warning {
			n++
		}
	}
	return n
}

// Warnings reports how many findings only ask for a look.
func (r Report) Warnings() int { return len(r) - r.Errors() }

// In is the findings of one file.
func (r Report) In(file string) Report {
	var out Report
	for _, f := range r {
		if f.File == file {
			out = append(out, f)
		}
	}
	return out
}

func (r Report) sorted() Report {
	slices.SortStableFunc(r, func(a, b Finding) int {
		return cmp.Or(strings.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column), strings.Compare(a.Key, b.Key))
	})
	return r
}

// Place is path:line:column, or the path alone where the file as a whole is meant.
func (f Finding) Place() string {
	if f.Line == 0 {
		return f.File
	}
	return fmt.Sprintf("%s:%d:%d", f.File, f.Line, f.Column)
}

// Message is the finding in words.
func (f Finding) Message(l text.Lang) string { return text.Problem(l, f.Problem) }

// Write prints each finding as path:line:column: message with the offending line below.
func (r Report) Write(w io.Writer, l text.Lang) error {
	for _, f := range r {
		kind := text.Say(l, "report.error")
		if f.Warning {
			kind = text.Say(l, "report.warning")
		}
		if _, err := fmt.Fprintf(w, "%s: %s: %s\n", f.Place(), kind, f.Message(l)); err != nil {
			return err
		}
		if f.Source != "" {
			if _, err := fmt.Fprintf(w, "    %s\n", excerpt(f.Source, f.Column)); err != nil {
				return err
			}
		}
	}
	return nil
}

// WriteJSON prints the findings as one JSON array for other programs.
func (r Report) WriteJSON(w io.Writer, l text.Lang) error {
	type row struct {
		File     string `json:"file"`
		Line     int    `json:"line"`
		Column   int    `json:"column"`
		Severity string `json:"severity"`
		Key      string `json:"key"`
		Path     string `json:"path"`
		Message  string `json:"message"`
		Source   string `json:"source,omitempty"`
	}
	rows := []row{}
	for _, f := range r {
		severity := "error"
		if f.Warning {
			severity = "warning"
		}
		rows = append(rows, row{f.File, f.Line, f.Column, severity, f.Key, f.Path, f.Message(l), f.Source})
	}
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(rows)
}

// excerpt keeps a long line readable: the part around the column.
func excerpt(line string, column int) string {
	const before, most = 40, 120
	r := []rune(strings.TrimRight(line, " \t"))
	if len(r) <= most {
		return string(r)
	}
	from := max(0, min(column-before, len(r)-most))
	out := string(r[from:min(from+most, len(r))])
	if from > 0 {
		out = "…" + out
	}
	if from+most < len(r) {
		out += "…"
	}
	return out
}
