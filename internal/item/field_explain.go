package item

import (
	"slices"

	"leida/internal/text"
)

// ExplainedField is a field after scoring. Mark is hit, partial, wrong, invented (a value where the records hold none), doubted (none where they hold one) or, for a blank one, miss.
type ExplainedField struct {
	Label    string
	Kind     string
	Own      ExplainedValue
	Right    ExplainedValue
	Options  []ExplainedOption // of several, in the order shown
	Cited    []ExplainedSource // what was cited and what supports the key
	Mark     string
	Critical bool
	Credit   float64 // below 0 where something was taken off
	Weight   float64 // share of the item's weights
	Why      string
}

// ExplainedValue is a value in words; none of them for a blank one.
type ExplainedValue struct {
	None  bool // "not in the records", where no option says so
	Unit  string
	Words []string
}

// Blank reports whether nothing was filled in.
func (v ExplainedValue) Blank() bool { return !v.None && len(v.Words) == 0 }

// ExplainedSource is a record that was cited or should have been. Mark is hit, miss or false_alarm.
type ExplainedSource struct{ ID, Mark string }

// explain is the fields with the own and the right values. told are rationales by field, for those that have none of their own.
func (fs fieldSet) explain(v View, given fieldAnswers, support cited, rules fieldRules, told map[string]text.Text) []ExplainedField {
	total := 0.0
	for _, f := range fs {
		total += f.W
	}
	out := make([]ExplainedField, 0, len(fs))
	for _, c := range fs.deck(v) {
		f := fs.find(c.ID)
		own := given[f.ID]
		why := f.Why
		if why.IsZero() {
			why = told[f.ID]
		}
		e := ExplainedField{Label: f.Label.In(v.Lang), Kind: f.Kind, Own: f.say(v.Lang, own), Right: f.say(v.Lang, f.right()), Credit: f.credit(own, rules), Weight: f.W / total, Why: why.In(v.Lang)}
		e.Mark, e.Critical = f.markOf(own, e.Credit), f.Critical && e.Credit < 0
		if f.Kind == multiField {
			for _, o := range f.optionDeck(v, c.Shown) {
				e.Options = append(e.Options, f.explainOption(v.Lang, o.ID, chosen(own, o.ID)))
			}
		}
		for _, id := range f.Evidence {
			e.Cited = append(e.Cited, ExplainedSource{id, hitOr("miss", slices.Contains(support[f.ID], id))})
		}
		for _, id := range support[f.ID] {
			if len(f.Evidence) > 0 && !slices.Contains(f.Evidence, id) {
				e.Cited = append(e.Cited, ExplainedSource{id, "false_alarm"})
			}
		}
		out = append(out, e)
	}
	return out
}

func hitOr(other string, hit bool) string {
	if hit {
		return "hit"
	}
	return other
}

func (f field) markOf(own any, credit float64) string {
	switch {
	case own == nil:
		return "miss"
	case credit == 1:
		return "hit"
	case credit > 0:
		return "partial"
	case f.isNone():
		return "invented"
	case f.saysNone(own):
		return "doubted"
	}
	return "wrong"
}

func (f field) explainOption(l text.Lang, id string, own bool) ExplainedOption {
	x := ExplainedOption{Text: find(f.Options, id).Text.In(l), Chosen: own, Key: slices.Contains(f.Key, id), Mark: "left"}
	switch {
	case x.Key:
		x.Mark = hitOr("miss", own)
	case own:
		x.Mark = "false_alarm"
	}
	return x
}

// right is the key as an answer.
func (f field) right() any {
	switch {
	case f.Kind == multiField:
		return []string(f.Key)
	case f.isNone():
		return noneID
	}
	return f.keyed(f.Key[0])
}

// say is a value in words.
func (f field) say(l text.Lang, value any) ExplainedValue {
	option := func(id string) string { return find(f.Options, id).Text.In(l) }
	switch x := value.(type) {
	case float64:
		return ExplainedValue{Words: []string{writeNumber(x)}, Unit: text.Split(f.Unit).In(l)}
	case string:
		switch {
		case !f.typed():
			return ExplainedValue{Words: []string{option(x)}}
		case x == noneID:
			return ExplainedValue{None: true}
		}
		return ExplainedValue{Words: []string{x}}
	case []string:
		var v ExplainedValue
		for _, o := range f.Options { // in one order, for the own and the right ones to be compared
			if slices.Contains(x, o.ID) {
				v.Words = append(v.Words, option(o.ID))
			}
		}
		return v
	}
	return ExplainedValue{}
}

// asksEvidence reports whether any field names what supports it.
func (fs fieldSet) asksEvidence() bool {
	return slices.ContainsFunc(fs, func(f field) bool { return len(f.Evidence) > 0 })
}
