package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"

	"leida/internal/assessment"
	"leida/internal/fault"
	"leida/internal/item"
	"leida/internal/text"
)

type scoreCmd struct {
	Item   string `arg:"" type:"existingfile" help:"The item's YAML file."`
	Opaque bool   `help:"Answers are in the ids that leida check --with-stimulus and --without-stimulus print."`
}

// Help is printed below the flags.
func (scoreCmd) Help() string {
	return `Reads one JSON object a line on standard input:
  {"answer": {...}, "seconds": 170, "ratings": [...]}
(all but answer optional) and writes one a line:
  {"score": 0.6667, "critical": [], "pending": false, "detail": {...}}
A line that cannot be scored gives {"error": {"code", "field", "message"}}; the rest goes on and the exit status is 1.`
}

// maxScoreLine is the longest line of answers; one above it ends the run, since its end cannot be told.
const maxScoreLine = 1 << 20

func (c *scoreCmd) Run(w *world) error {
	raw, err := os.ReadFile(c.Item)
	if err != nil {
		return err
	}
	it, report := assessment.ParseItem(c.Item, raw, builtInModel())
	if it == nil {
		if err := report.Write(w.err, w.lang); err != nil {
			return err
		}
		return errFindings
	}
	view := item.Plain("")
	if c.Opaque {
		view = readersView("")
	}
	return scoreLines(it, view, w.in, w.out, w.lang)
}

// scoreLines scores each line of in. Blank lines are passed over.
func scoreLines(it *item.Item, view item.View, in io.Reader, out io.Writer, lang text.Lang) error {
	lines := bufio.NewScanner(in)
	lines.Buffer(make([]byte, 0, 64<<10), maxScoreLine)
	buffered := bufio.NewWriter(out)
	enc := json.NewEncoder(buffered)
	enc.SetEscapeHTML(false)
	failed := false
	for lines.Scan() {
		line := bytes.TrimSpace(lines.Bytes())
		if len(line) == 0 {
			continue
		}
		res, err := scoreLine(it, view, line)
		failed = failed || err != nil
		if err := enc.Encode(scoredLine(res, err, lang)); err != nil {
			return err
		}
	}
	if err := errors.Join(lines.Err(), buffered.Flush()); err != nil {
		return err
	}
	if failed {
		return errFindings
	}
	return nil
}

type responseLine struct {
	Answer  json.RawMessage `json:"answer"`
	Seconds float64         `json:"seconds"`
	Ratings []item.Rating   `json:"ratings"`
}

func scoreLine(it *item.Item, view item.View, line []byte) (item.Result, error) {
	dec := json.NewDecoder(bytes.NewReader(line))
	dec.DisallowUnknownFields()
	var r responseLine
	if err := dec.Decode(&r); err != nil {
		return item.Result{}, lineFault(err)
	}
	if _, err := dec.Token(); err != io.EOF {
		return item.Result{}, fault.New(fault.Invalid, "answer.json_after")
	}
	switch {
	case r.Seconds < 0:
		return item.Result{}, fault.Field("seconds", "score.seconds")
	case r.Answer == nil || string(r.Answer) == "null":
		return item.Result{}, fault.Field("answer", "define.required")
	}
	f, err := item.JSONFields(r.Answer)
	if err != nil {
		return item.Result{}, err
	}
	a, err := it.Body.Parse(view, f)
	if err != nil {
		return item.Result{}, err
	}
	return it.Score(item.Response{Answer: a, Seconds: r.Seconds, Ratings: r.Ratings})
}

func lineFault(err error) error {
	var wrong *json.UnmarshalTypeError
	var syntax *json.SyntaxError
	switch {
	case errors.As(err, &wrong):
		return fault.Field(wrong.Field, "score.type")
	case errors.As(err, &syntax):
		return fault.New(fault.Invalid, "answer.json", "at", syntax.Offset)
	}
	return fault.New(fault.Invalid, "score.line", "detail", err.Error())
}

type scored struct {
	Score    *float64 `json:"score,omitempty"`
	Critical []string `json:"critical"`
	Pending  bool     `json:"pending"`
	Detail   any      `json:"detail"`
}

type refused struct {
	Error struct {
		Code    string `json:"code"`
		Field   string `json:"field"`
		Message string `json:"message"`
	} `json:"error"`
}

func scoredLine(res item.Result, err error, lang text.Lang) any {
	if err == nil {
		s := scored{Critical: res.Critical, Pending: res.Pending, Detail: res.Detail}
		if s.Critical == nil {
			s.Critical = []string{}
		}
		if !res.Pending {
			s.Score = &res.Score
		}
		return s
	}
	var r refused
	r.Error.Code = string(fault.Invalid)
	f := fault.As(err)
	if f == nil {
		r.Error.Code, r.Error.Message = string(fault.Internal), err.Error()
		return r
	}
	r.Error.Message = text.Say(lang, f.Key, f.Args)
	if len(f.Problems) > 0 {
		r.Error.Field, r.Error.Message = f.Problems[0].Path, text.Problem(lang, f.Problems[0])
	}
	return r
}
