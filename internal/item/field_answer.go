package item

import (
	"slices"

	"leida/internal/text"
)

// fieldAnswers are values by field id: float64 of a number, string of a day or an option, []string of several options; "none" is "not in the records". Blank fields are left out.
type fieldAnswers map[string]any

// cited are the records that support a field, by field id.
type cited map[string][]string

// ShownField is a field with the answer so far. Its id is counted, since fields are questions.
type ShownField struct {
	ID      string
	Name    string // of the form's field
	Label   string
	Kind    string // number, date, single, multi
	Unit    string
	Units   []string      // the unit as it may be written, in either language
	Value   string        // of a number or a day
	Offers  bool          // a tick for "not in the records", of a number or a day
	None    bool          // ticked
	Options []ShownOption // of single and multi
	Cites   []ShownSource // what may support it; empty where no field of the item asks for it
}

// ShownSource is a record that may be cited. People read its id, so it stands as written.
type ShownSource struct {
	ID    string
	At    string
	Cited bool
}

// deck are the fields as they are counted in a view.
func (fs fieldSet) deck(v View) Deck { return v.Count("f", fs.ids()) }

// optionDeck deals the options of a field, each field's by a shuffle of its own. shown is the field's own shown id.
func (f field) optionDeck(v View, shown string) Deck { return v.Deal(shown+"-", partIDs(f.Options)) }

// prompt is the fields as a candidate sees them. sources are what evidence may name. Once a field asks for evidence all offer it, so that the offer tells nothing; what supports the others counts
// for nothing.
func (fs fieldSet) prompt(v View, given fieldAnswers, support cited, sources []ShownSource) []ShownField {
	if !fs.asksEvidence() {
		sources = nil
	}
	out := make([]ShownField, 0, len(fs))
	for _, c := range fs.deck(v) {
		f := fs.find(c.ID)
		s := ShownField{ID: c.Shown, Name: "fields[" + c.Shown + "]", Label: f.Label.In(v.Lang), Kind: f.Kind, Unit: text.Split(f.Unit).In(v.Lang)}
		for _, u := range []string{text.Split(f.Unit).ZH, text.Split(f.Unit).EN} {
			if u != "" {
				s.Units = append(s.Units, u)
			}
		}
		switch x := given[f.ID].(type) {
		case float64:
			s.Value = writeNumber(x)
		case string:
			if f.typed() && x != noneID {
				s.Value = x
			}
		}
		if f.typed() {
			s.Offers = fs.offersNone(f)
			s.None = given[f.ID] == noneID
		}
		for _, o := range f.optionDeck(v, c.Shown) {
			s.Options = append(s.Options, ShownOption{ID: o.Shown, Text: find(f.Options, o.ID).Text.In(v.Lang), Chosen: chosen(given[f.ID], o.ID)})
		}
		for _, r := range sources {
			s.Cites = append(s.Cites, ShownSource{ID: r.ID, At: r.At, Cited: slices.Contains(support[f.ID], r.ID)})
		}
		out = append(out, s)
	}
	return out
}

// chosen reports whether an answer holds an option.
func chosen(value any, id string) bool {
	switch x := value.(type) {
	case string:
		return x == id
	case []string:
		return slices.Contains(x, id)
	}
	return false
}

// fields reads name[field]=value and, for fields that are written, none[]=field: the tick "not in the records".
func (r *reading) fields(name string, v View, fs fieldSet) fieldAnswers {
	deck, out := fs.deck(v), fieldAnswers{}
	r.parts(name, deck, func(at, id string, value Fields) {
		if x := r.fieldValue(at, v, deck.Shown(id), fs, fs.find(id), value); x != nil {
			out[id] = x
		}
	})
	ticks := slices.DeleteFunc(slices.Clone(deck), func(c Card) bool { f := fs.find(c.ID); return !f.typed() || !fs.offersNone(f) })
	for _, id := range r.ids("none", ticks) {
		if x := out[id]; x != nil && x != noneID {
			r.problem(fieldPath(name, deck.Shown(id)), "field.none_and_value")
			continue
		}
		out[id] = noneID
	}
	return out
}

// fieldValue is one value in its canonical form; nil is blank.
func (r *reading) fieldValue(at string, v View, shown string, fs fieldSet, f field, value Fields) any {
	if f.Kind == multiField {
		ids := r.idList(at, value, f.optionDeck(v, shown))
		if len(ids) > 1 && slices.Contains(ids, noneID) {
			r.problem(at, "field.none_alone")
			return nil
		}
		if len(ids) == 0 {
			return nil
		}
		return ids
	}
	if value.shape == list || value.shape == object {
		r.problem(at, "answer.one_value")
		return nil
	}
	switch word := value.text; {
	case word == "":
		return nil
	case f.Kind == singleField:
		if id := r.lookup(at, word, f.optionDeck(v, shown)); id != "" {
			return id
		}
	case word == noneID && fs.offersNone(f):
		return noneID
	case f.Kind == numberField:
		if x, ok := readNumber(word, f.Unit); ok {
			return x
		}
		r.problem(at, "field.number")
	default:
		if day, ok := readDate(word); ok {
			return day
		}
		r.problem(at, "field.date")
	}
	return nil
}

// cited reads name[field][]=record. Records keep their ids, because people read them.
func (r *reading) cited(name string, v View, fs fieldSet, sources []string) cited {
	out := cited{}
	r.parts(name, fs.deck(v), func(at, id string, value Fields) {
		if ids := r.idList(at, value, Plain(v.Lang).Count("", sources)); len(ids) > 0 {
			out[id] = ids
		}
	})
	return out
}
