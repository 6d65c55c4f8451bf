package main

import (
	"log/slog"
	"path/filepath"

	"leida/internal/quality"
)

type analyzeBankCmd struct {
	databaseFlags
	definitionFlags
	jsonFlag
}

// bankLine is a version of an item with what the answers say of it.
type bankLine struct {
	Item           string            `json:"item"`
	Version        int               `json:"version"`
	Kind           string            `json:"kind"`
	Answers        int               `json:"answers"`
	Blank          int               `json:"blank"`
	Mean           *quality.Estimate `json:"mean"` // 0..1, with the 90 % interval
	Rest           *quality.Estimate `json:"item_rest_r"`
	Discrimination *float64          `json:"discrimination"`
	Seconds        *float64          `json:"median_seconds"`
	Drift          *quality.Estimate `json:"drift"`
	Flags          []quality.Flag    `json:"flags"`
	Provisional    bool              `json:"provisional"`
}

func (c *analyzeBankCmd) Run(w *world) error {
	st, err := c.openMigrated(w)
	if err != nil {
		return err
	}
	defer st.Close()
	source := definitions{dir: c.Assessments, kept: filepath.Join(c.Data, "definitions.sound"), st: st, log: slog.New(slog.DiscardHandler)}
	d, err := source.load(w.ctx)
	if err != nil {
		return err
	}
	survey, err := d.Survey(w.ctx, w.now())
	if err != nil {
		return err
	}
	lines := []bankLine{}
	for _, x := range survey.Items {
		lines = append(lines, bankLine{Item: x.Of.ID, Version: x.Of.Version, Kind: x.Of.Type, Answers: x.Shown, Blank: x.Blank, Mean: x.Mean, Rest: x.Rest, Discrimination: x.Discrimination,
			Seconds: x.Seconds, Drift: x.Drift, Flags: x.Flags, Provisional: x.Provisional()})
	}
	return c.show(w, lines, func(p *printer) {
		p.head("item", "answers", "mean", "interval", "rest", "interval", "discrimination", "seconds", "flags")
		for _, x := range lines {
			flags := ""
			for i, f := range x.Flags {
				if i > 0 {
					flags += ", "
				}
				if flags += p.say("quality.flag." + f.Kind); f.Certain {
					flags += "!"
				}
				if f.Option != "" {
					flags += " " + f.Option
				}
			}
			p.row(x.Item, x.Answers, estimated(x.Mean), between(x.Mean), estimated(x.Rest), between(x.Rest), x.Discrimination, x.Seconds, flags)
		}
		p.note("quality.places", "n", survey.Places, "people", survey.People)
		p.note("analyze.bank.how")
	})
}

func estimated(e *quality.Estimate) any {
	if e == nil {
		return nil
	}
	return e.Value
}

func between(e *quality.Estimate) any {
	if e == nil {
		return nil
	}
	return &[2]float64{e.Low, e.High}
}
