package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"text/tabwriter"

	"leida/internal/exchange/csv"
	"leida/internal/fault"
	"leida/internal/stats"
	"leida/internal/text"
)

// analyzeCmd is the measurement science on files of numbers, and on what was sat.
type analyzeCmd struct {
	Items       analyzeItemsCmd       `cmd:"" help:"Classical item statistics: p, item-rest correlation, alpha if dropped."`
	Reliability analyzeReliabilityCmd `cmd:"" help:"Alpha with its interval, omega, standard error of measurement."`
	Agreement   analyzeAgreementCmd   `cmd:"" help:"Agreement of raters: rows are subjects, columns are raters."`
	IRT         analyzeIRTCmd         `cmd:"" name:"irt" help:"Calibrate items: Rasch, 2PL, graded response, generalized partial credit."`
	Score       analyzeScoreCmd       `cmd:"" help:"Abilities of persons by a bank of calibrated items."`
	CAT         analyzeCATCmd         `cmd:"" name:"cat" help:"Replay adaptive tests: items in order, ability and its error after each."`
	DIF         analyzeDIFCmd         `cmd:"" name:"dif" help:"Whether items work alike in two groups (Mantel-Haenszel)."`
	Angoff      analyzeAngoffCmd      `cmd:"" help:"A cut score by judges (rows) who rate items (columns)."`
	Reliance    analyzeRelianceCmd    `cmd:"" help:"How advice was relied on: columns truth, initial, advice, final."`
	Bank        analyzeBankCmd        `cmd:"" help:"What all that was sat says of the items in the database."`
}

// fileFlags are a file of numbers and how to print what comes of it.
type fileFlags struct {
	File string   `arg:"" type:"existingfile" help:"CSV with a heading row; an empty cell is missing. UTF-8, UTF-16 or GBK."`
	Skip []string `sep:"," placeholder:"COLUMN" help:"Columns that are no numbers, such as names, to leave out."`
	jsonFlag
}

type jsonFlag struct {
	JSON bool `name:"json" help:"Print JSON in full precision instead of a table."`
}

// data is a file of numbers with what is needed to say where something is wrong with it.
type data struct {
	stats.Table
	lines []int
	texts map[string][]string
}

// read reads the file; columns named in texts are read as they are.
func (f fileFlags) read(texts ...string) (data, error) {
	raw, err := os.ReadFile(f.File)
	if err != nil {
		return data{}, err
	}
	n, err := csv.ReadNumbers(raw, slices.Concat(f.Skip, texts)...)
	if err != nil {
		return data{}, err
	}
	return data{stats.Table{Names: n.Head, Rows: n.Rows}, n.Lines, n.Texts}, nil
}

// analyze reads a file, reckons with it and shows what comes of it.
func analyze[R any](w *world, f fileFlags, reckon func(data) (R, error), print func(p *printer, d data, r R), texts ...string) error {
	d, err := f.read(texts...)
	if err != nil {
		return err
	}
	r, err := reckon(d)
	if err != nil {
		return d.told(err)
	}
	return f.show(w, r, func(p *printer) { print(p, d, r) })
}

// told is an error of stats as a fault that names the line and the column of the file.
func (d data) told(err error) error {
	var e *stats.Error
	if !errors.As(err, &e) {
		return err
	}
	args := []any{"column", e.Column, "value", strconv.FormatFloat(e.Value, 'g', -1, 64), "n", e.N, "want", e.Want}
	if e.Row > 0 && e.Row <= len(d.lines) {
		args = append(args, "line", d.lines[e.Row-1])
	} else {
		args = append(args, "line", e.Row)
	}
	what := string(e.What)
	if e.What == stats.OutOfRange && e.Row == 0 {
		what = "option" // no cell of the file
	}
	return fault.New(fault.Invalid, "analyze.error."+what, args...)
}

// show prints a result as JSON, or as print lays it out.
func (f jsonFlag) show(w *world, result any, print func(p *printer)) error {
	if f.JSON {
		enc := json.NewEncoder(w.out)
		enc.SetEscapeHTML(false)
		enc.SetIndent("", " ")
		return enc.Encode(result)
	}
	p := &printer{Writer: tabwriter.NewWriter(w.out, 0, 0, 2, ' ', tabwriter.AlignRight), lang: w.lang}
	print(p)
	return p.Flush()
}

// printer lays out tables for people: headings in their language, rounded numbers, a dash for what is undefined.
type printer struct {
	*tabwriter.Writer
	lang text.Lang
}

func (p *printer) say(key string, args ...any) string { return text.Say(p.lang, key, args...) }

// head prints the headings of columns by the last word of their keys.
func (p *printer) head(names ...string) {
	cells := make([]any, len(names))
	for i, n := range names {
		cells[i] = ""
		if n != "" {
			cells[i] = p.say("analyze.head." + n)
		}
	}
	p.row(cells...)
}

// row prints cells.
func (p *printer) row(cells ...any) {
	for _, c := range cells {
		fmt.Fprintf(p, "%s\t", cell(c))
	}
	fmt.Fprintln(p)
}

// line prints a name by the last word of its key, and values.
func (p *printer) line(name string, cells ...any) {
	p.row(append([]any{p.say("analyze.head." + name)}, cells...)...)
}

// note is a sentence below a table.
func (p *printer) note(key string, args ...any) {
	_ = p.Flush()
	fmt.Fprintf(p, "%s\n", p.say(key, args...))
	_ = p.Flush()
}

func cell(x any) string {
	switch x := x.(type) {
	case nil:
		return "–"
	case string:
		return x
	case float64:
		return strconv.FormatFloat(x, 'f', 3, 64)
	case *float64:
		if x == nil {
			return "–"
		}
		return cell(*x)
	case *[2]float64:
		if x == nil {
			return "–"
		}
		return cell(x[0]) + " … " + cell(x[1])
	}
	return fmt.Sprint(x)
}

// terminal reports whether somebody watches a stream.
func terminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
