package main

import (
	"encoding/json"
	"fmt"

	"leida/internal/assessment"
	"leida/internal/fault"
	"leida/internal/item"
	"leida/internal/text"
)

// print shows one item to a reader who tries whether it can be answered: with its stimulus, or without (MEASUREMENT 4.17). Ids are opaque and the order is shuffled, always in the same way: leida score --opaque takes the answers.
func (c *checkCmd) print(w *world, lib *assessment.Library) error {
	id, whole := c.WithoutStimulus, false
	if c.WithStimulus != "" {
		id, whole = c.WithStimulus, true
	}
	if lib == nil {
		return nil
	}
	it, ok := lib.Item(id)
	if !ok {
		return fault.New(fault.NotFound, "check.no_item", "id", id)
	}
	fmt.Fprintf(w.out, "%s (%s)\n", it.Name(), text.Say(w.lang, "kind."+it.Type))
	fmt.Fprintln(w.out, it.Prompt.In(w.lang))
	if whole {
		printStimulus(w, it.Reading())
	} else {
		printAISummary(w, it.Reading())
	}
	view := readersView(w.lang).Bare()
	if whole {
		view = readersView(w.lang).Whole()
	}
	enc := json.NewEncoder(w.out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(it.Body.Prompt(view, nil))
}

// readersView is how an item is printed for somebody who tries to answer it.
func readersView(l text.Lang) item.View {
	const seed = 20261129
	return item.Seen(l, seed)
}

func printStimulus(w *world, s item.Stimulus) {
	if !s.Situation.IsZero() {
		fmt.Fprintln(w.out, s.Situation.In(w.lang))
	}
	for _, r := range s.Reference {
		fmt.Fprintf(w.out, "%s. %s\n", r.ID, r.Text.In(w.lang))
	}
	for _, t := range s.Dialogue {
		fmt.Fprintf(w.out, "%s [%s]: %s\n", t.ID, t.Who, t.Text.In(w.lang))
	}
	for _, r := range s.Records {
		fmt.Fprintf(w.out, "%s %s %s: %s\n", r.ID, r.At, text.Split(r.Channel).In(w.lang), r.Text.In(w.lang))
	}
	if t := s.Table; t != nil {
		printTable(w, *t)
	}
	for _, t := range s.Tables {
		fmt.Fprintln(w.out, t.ID)
		printTable(w, t.DataTable)
	}
	for _, r := range s.Notes {
		fmt.Fprintf(w.out, "%s. %s\n", r.ID, r.Text.In(w.lang))
	}
	printAISummary(w, s)
}

// printAISummary prints what a reader without the stimulus sees of it as well: the AI's words are no source (MEASUREMENT 4.17).
func printAISummary(w *world, s item.Stimulus) {
	if !s.AISummary.IsZero() {
		fmt.Fprintf(w.out, "%s: %s\n", text.Say(w.lang, "reading.ai_summary"), s.AISummary.In(w.lang))
	}
}

func printTable(w *world, t item.DataTable) {
	for _, head := range t.Heads() {
		fmt.Fprintf(w.out, "%s | ", head.In(w.lang))
	}
	fmt.Fprintln(w.out)
	for _, row := range t.Rows {
		for _, cell := range row {
			fmt.Fprintf(w.out, "%s | ", text.Split(cell).In(w.lang))
		}
		fmt.Fprintln(w.out)
	}
}
