package item

import (
	"strconv"
	"strings"

	"leida/internal/text"
)

// TriageExplained is what became of every ticket, field by field; of the AI's values as a whole; and of the ordinal fields as tables of the right value by the own.
type TriageExplained struct {
	Remember string
	Tickets  []TriageTold
	Fields   []TriageToldField
	Ladders  []TriageLadder
	AIWrong  int // values that the AI had wrong: of these so many were
	Mended   int // put right
	Kept     int // and kept
	AIRight  int // values that the AI had right: of these so many were
	Spoilt   int // made wrong
	Why      string
}

// TriageTold is one ticket after scoring.
type TriageTold struct {
	N        int
	Says     string
	Rows     []TriageToldRow
	Right    int // fields that are right
	Worked   bool
	Critical bool
	Why      string
}

// TriageToldRow is one field of a ticket: what the AI filled in, what the person made of it (empty for nothing) and what was right. Mark is hit, near, wrong or blank.
type TriageToldRow struct {
	Label        string
	AI, Own, Key TriageCode
	Mark         string
	High, Low    int // steps above or below the key
	AIRight      bool
	Kept         bool // the AI's value, which is wrong
}

// TriageToldField is one field over all tickets: how many were right and how many were given another value; and in hundredths what it earned, what copying or a constant would have earned, and
// the score that this comes to.
type TriageToldField struct {
	Label                   string
	Hit, Off                int
	Accuracy, Blind, Credit int
	Why                     string
}

// TriageLadder is the table of an ordinal field: a row for each right value, a column for each value given, both from the most urgent down.
type TriageLadder struct {
	Label                  string
	Heads                  []TriageCode
	Rows                   []TriageLadderRow
	Right, High, Low, Left int // tickets; Left were given no value
}

// TriageLadderRow is the tickets of one right value.
type TriageLadderRow struct {
	Key   TriageCode
	Cells []TriageLadderCell
	Left  int
}

// TriageLadderCell is how many tickets of the row were given the column's value. Mark is right, high or low; Shade of 0 to 3 is their share of the row.
type TriageLadderCell struct {
	N        int
	Mark     string
	Shade    int
	Critical bool
}

func (b *ticketTriage) Explain(v View, a Answer) any {
	given, _ := a.(triageAnswer)
	r, _ := b.Score(Response{Answer: a})
	d := r.Detail.(triageDetail)
	e := TriageExplained{Mended: d.Mended, Kept: d.Kept, Spoilt: d.Spoilt, Why: b.Why.In(v.Lang)}
	e.Fields = make([]TriageToldField, len(b.Fields))
	for i, f := range b.Fields {
		sums := d.Fields[f.ID]
		e.Fields[i] = TriageToldField{Label: f.label(v.Lang), Accuracy: percent(sums[0]), Blind: percent(sums[1]), Credit: percent(sums[2]), Why: b.Feedback[f.ID].In(v.Lang)}
		if f.Kind == triageOrdinal {
			e.Ladders = append(e.Ladders, b.ladder(v.Lang, f, given))
		}
	}
	for i, t := range b.Tickets {
		values := given.Tickets[t.ID]
		told := TriageTold{N: i + 1, Says: t.Text.In(v.Lang), Worked: len(values) > 0, Critical: t.critical(values), Why: t.Why.In(v.Lang)}
		for j, f := range b.Fields {
			row := f.told(v.Lang, t, values[f.ID])
			told.Rows = append(told.Rows, row)
			e.Fields[j].Hit += has(row.Mark == "hit")
			e.Fields[j].Off += has(row.Mark == "near" || row.Mark == "wrong")
			e.AIRight += has(row.AIRight)
			e.AIWrong += has(!row.AIRight)
			told.Right += has(row.Mark == "hit")
		}
		e.Tickets = append(e.Tickets, told)
	}
	e.Remember = e.remember(v.Lang, d)
	return e
}

func (f triageField) told(l text.Lang, t triageTicket, own string) TriageToldRow {
	key, ai := t.Key[f.ID], t.Prefill[f.ID]
	row := TriageToldRow{Label: f.label(l), AI: TriageCode(ai), Own: TriageCode(own), Key: TriageCode(key), AIRight: ai == key, Kept: own == ai && ai != key}
	switch credit := f.credit(key, own); {
	case own == "":
		row.Mark = "blank"
		return row
	case own == key:
		row.Mark = "hit"
	case credit > 0:
		row.Mark = "near"
	default:
		row.Mark = "wrong"
	}
	if f.Kind == triageOrdinal {
		off := f.below(key, own)
		row.High, row.Low = max(0, -off), max(0, off)
	}
	return row
}

func (b *ticketTriage) ladder(l text.Lang, f triageField, given triageAnswer) TriageLadder {
	out := TriageLadder{Label: f.label(l)}
	rows := make([]int, len(f.Options)) // tickets of each
	for i, o := range f.Options {
		out.Heads = append(out.Heads, TriageCode(o))
		row := TriageLadderRow{Key: TriageCode(o), Cells: make([]TriageLadderCell, len(f.Options))}
		for j := range row.Cells {
			row.Cells[j].Mark = "right"
			if j < i {
				row.Cells[j].Mark = "high"
			} else if j > i {
				row.Cells[j].Mark = "low"
			}
		}
		out.Rows = append(out.Rows, row)
	}
	for _, t := range b.Tickets {
		own, at := given.Tickets[t.ID][f.ID], f.below(f.Options[0], t.Key[f.ID])
		rows[at]++
		if own == "" {
			out.Left++
			out.Rows[at].Left++
			continue
		}
		cell := &out.Rows[at].Cells[f.below(f.Options[0], own)]
		cell.N++
		cell.Critical = cell.Critical || t.critical(map[string]string{f.ID: own})
		switch cell.Mark {
		case "high":
			out.High++
		case "low":
			out.Low++
		default:
			out.Right++
		}
	}
	for i, row := range out.Rows {
		for j, cell := range row.Cells {
			if cell.N > 0 {
				row.Cells[j].Shade = (3*cell.N + rows[i] - 1) / rows[i]
			}
		}
	}
	return out
}

// remember is the one sentence that says most of how somebody triages: what is dangerous first, then what they lean on, then where they lean to.
func (e TriageExplained) remember(l text.Lang, d triageDetail) string {
	var critical []string
	untouched, worst := 0, e.Fields[0]
	for _, t := range e.Tickets {
		if t.Critical {
			critical = append(critical, strconv.Itoa(t.N))
		}
		if !t.Worked {
			untouched++
		}
	}
	for _, f := range e.Fields {
		if f.Off > worst.Off {
			worst = f
		}
	}
	comma := map[text.Lang]string{text.ZH: "、", text.EN: ", "}[l]
	switch {
	case untouched == len(e.Tickets):
		return text.Say(l, "triage.remember.blank")
	case len(critical) > 0:
		return text.Say(l, "triage.remember.critical", "tickets", strings.Join(critical, comma))
	case 2*untouched > len(e.Tickets):
		return text.Say(l, "triage.remember.unfinished", "n", untouched)
	case d.Kept > 1 && 3*d.Kept >= e.AIWrong:
		return text.Say(l, "triage.remember.trust", "wrong", e.AIWrong, "kept", d.Kept)
	case d.Low > 1 && d.Low > d.High:
		return text.Say(l, "triage.remember.low", "low", d.Low, "high", d.High)
	case d.High > 1 && d.High > d.Low:
		return text.Say(l, "triage.remember.high", "low", d.Low, "high", d.High)
	case d.Spoilt > 1:
		return text.Say(l, "triage.remember.spoilt", "n", d.Spoilt)
	case worst.Off > 0:
		return text.Say(l, "triage.remember.field", "field", worst.Label, "n", worst.Off)
	case untouched > 0:
		return text.Say(l, "triage.remember.unfinished", "n", untouched)
	}
	return text.Say(l, "triage.remember.good")
}
