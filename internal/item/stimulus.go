package item

import (
	"maps"
	"slices"

	"leida/internal/fault"
	"leida/internal/text"
)

// Stimulus is what a candidate reads before answering, in the order it is shown. Kinds embed it; a kind that reveals its material step by step does not.
type Stimulus struct {
	Situation text.Text  `yaml:"situation,omitempty"`
	Reference []Rule     `yaml:"reference,omitempty"`
	Dialogue  []Turn     `yaml:"dialogue,omitempty"`
	Records   []Record   `yaml:"records,omitempty"`
	Table     *DataTable `yaml:"table,omitempty"`
	Tables    []Table    `yaml:"tables,omitempty" json:",omitempty"`
	Notes     []Rule     `yaml:"notes,omitempty" json:",omitempty"`     // how the figures came about
	AISummary text.Text  `yaml:"ai_summary,omitempty" json:",omitzero"` // what an AI made of the records; marked as its own wherever it is shown
}

// Table is one of several tables, by a name that people read.
type Table struct {
	ID        string `yaml:",key"`
	DataTable `yaml:",inline"`
}

// Rule is a line of policy; its id (R1) is shown, because people refer to it.
type Rule struct {
	ID   string    `yaml:"id"`
	Text text.Text `yaml:",inline"`
}

// Turn is one utterance of a conversation.
type Turn struct {
	ID   string    `yaml:"id"`
	Who  string    `yaml:"who"`
	Text text.Text `yaml:",inline"`
}

// Data is the table itself.
func (t Table) Data() *DataTable { return &t.DataTable }

// Speakers are who may speak in a dialogue.
var Speakers = []string{"customer", "agent", "ai", "bot", "system"}

// Record is one entry of a contact history.
type Record struct {
	ID      string    `yaml:"id"`
	At      string    `yaml:"at,omitempty"`      // as people read it; not a time for reckoning
	Channel string    `yaml:"channel,omitempty"` // "zh/en"
	Text    text.Text `yaml:",inline"`
}

// DataTable is a small table of figures. Labels and text cells may be written "zh/en".
type DataTable struct {
	Columns []string          `yaml:"columns"`
	Labels  map[string]string `yaml:"labels,omitempty"`
	Rows    [][]string        `yaml:"rows"`
}

// Reading is the stimulus itself; it lets the page ask any body for it.
func (s Stimulus) Reading() Stimulus { return s }

// IsZero reports whether there is nothing to read.
func (s Stimulus) IsZero() bool {
	return s.Situation.IsZero() && s.Reference == nil && s.Dialogue == nil && s.Records == nil && s.Table == nil &&
		s.Tables == nil && s.Notes == nil && s.AISummary.IsZero()
}

// Heads are the columns' headings in order.
func (t DataTable) Heads() []text.Text {
	heads := make([]text.Text, len(t.Columns))
	for i, column := range t.Columns {
		heads[i] = text.Text{ZH: column}
		if s, ok := t.Labels[column]; ok {
			heads[i] = text.Split(s)
		}
	}
	return heads
}

func (s Stimulus) validate() []fault.Problem {
	ps := OptionalText("situation", s.Situation)
	seen := map[string]bool{}
	unique := func(path, id string) {
		if id == "" {
			ps = append(ps, fault.At(path, "define.required"))
		} else if seen[id] {
			ps = append(ps, fault.At(path, "define.repeated", "id", id))
		}
		seen[id] = true
	}
	for i, r := range s.Reference {
		at := fault.Index("reference", i)
		unique(at+".id", r.ID)
		ps = append(ps, RequireText(at, r.Text)...)
	}
	for i, r := range s.Notes {
		at := fault.Index("notes", i)
		unique(at+".id", r.ID)
		ps = append(ps, RequireText(at, r.Text)...)
	}
	for i, t := range s.Dialogue {
		at := fault.Index("dialogue", i)
		unique(at+".id", t.ID)
		ps = append(ps, RequireText(at, t.Text)...)
		if !slices.Contains(Speakers, t.Who) {
			ps = append(ps, fault.At(at+".who", "define.one_of", "got", t.Who, "known", Speakers))
		}
	}
	for i, r := range s.Records {
		at := fault.Index("records", i)
		unique(at+".id", r.ID)
		ps = append(ps, RequireText(at, r.Text)...)
	}
	if s.Table != nil {
		ps = append(ps, s.Table.validate("table")...)
	}
	for _, t := range s.Tables {
		ps = append(ps, t.DataTable.validate(fault.Join("tables", t.ID))...)
	}
	return append(ps, OptionalText("ai_summary", s.AISummary)...)
}

func (t DataTable) validate(path string) []fault.Problem {
	var ps []fault.Problem
	for i, row := range t.Rows {
		if len(row) != len(t.Columns) {
			ps = append(ps, fault.At(fault.Index(path+".rows", i), "item.row", "want", len(t.Columns), "got", len(row)))
		}
	}
	return ps
}

// Rationale is why an answer is right, told after scoring: for the whole, and by part where a part has no place of its own.
type Rationale struct {
	Why      text.Text            `yaml:"why,omitempty"`
	Feedback map[string]text.Text `yaml:"feedback,omitempty"`
}

func (r Rationale) validate(parts []string) []fault.Problem {
	ps := OptionalText("why", r.Why)
	for _, part := range slices.Sorted(maps.Keys(r.Feedback)) {
		at := "feedback." + part
		if !slices.Contains(parts, part) {
			ps = append(ps, fault.At(at, "item.no_part", "id", part, "known", parts))
		}
		ps = append(ps, RequireText(at, r.Feedback[part])...)
	}
	return ps
}

// Part is a step, an entry or an option: an id and a text. A list of parts may also be written as a mapping of ids to "zh / en", or as a list of words that are both.
type Part struct {
	ID   string    `yaml:"id,key"`
	Text text.Text `yaml:",inline"`
}

// Shorthand takes the short way of writing a part.
func (p *Part) Shorthand(words string) { p.Text = text.Split(words) }

// Words are one word or several: `never`, `[b, f]`, `"2026-11-16"`, `3`. They stand as written.
type Words []string

// OneOrMany lets a single word be written without brackets.
func (Words) OneOrMany() {}

func partIDs(parts []Part) []string {
	ids := make([]string, len(parts))
	for i, p := range parts {
		ids[i] = p.ID
	}
	return ids
}

// validateParts checks a list of parts: their count, ids and texts.
func validateParts(path string, parts []Part, least int) []fault.Problem {
	var ps []fault.Problem
	if n := len(parts); n < least || n > MaxOptions {
		ps = append(ps, fault.At(path, "define.count", "min", least, "max", MaxOptions, "n", n))
	}
	seen := map[string]bool{}
	for i, p := range parts {
		at := fault.Index(path, i)
		ps = append(ps, partID(at+".id", p.ID, seen)...)
		ps = append(ps, RequireText(at, p.Text)...)
	}
	return ps
}

func partID(path, id string, seen map[string]bool) []fault.Problem {
	defer func() { seen[id] = true }()
	switch {
	case id == "":
		return []fault.Problem{fault.At(path, "define.required")}
	case seen[id]:
		return []fault.Problem{fault.At(path, "define.repeated", "id", id)}
	}
	return nil
}

func find(parts []Part, id string) Part {
	for _, p := range parts {
		if p.ID == id {
			return p
		}
	}
	return Part{}
}
