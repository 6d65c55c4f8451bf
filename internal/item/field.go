package item

import (
	"math"
	"slices"
	"strconv"

	"leida/internal/fault"
	"leida/internal/text"
)

// The engine "fields" (MEASUREMENT 4.11): questions with an objective key, each a number, a date, one option or several. Kinds that use it keep a fieldSet and say by fieldRules what wrong
// values cost.

// Kinds of a field.
const (
	numberField = "number"
	dateField   = "date"
	singleField = "single"
	multiField  = "multi"
)

var fieldKinds = []string{numberField, singleField, multiField, dateField}

// noneID is the key, and the option, that says "not in the records".
const noneID = "none"

// Limits of a field.
const (
	maxFieldCount  = 30
	maxFieldWeight = 1000
	maxFieldNumber = 1e15 // what a float64 still holds to the unit
)

// field is one question.
type field struct {
	ID       string             `yaml:"id"`
	W        float64            `yaml:"w"`
	Kind     string             `yaml:"kind"`
	Label    text.Text          `yaml:"label"`
	Options  []Part             `yaml:"options,omitempty"` // of single and multi
	Key      Words              `yaml:"key"`               // a number, YYYY-MM-DD, option ids, or none
	Tol      float64            `yaml:"tol,omitempty"`     // of a number: how far off is still right
	Unit     string             `yaml:"unit,omitempty"`    // of a number, "zh/en"
	Accept   map[string]float64 `yaml:"accept,omitempty"`  // partial credit, 0..1, by other values
	Evidence []string           `yaml:"evidence,omitempty"`
	Critical bool               `yaml:"critical,omitempty"` // a value that scores below 0 is a critical error
	Why      text.Text          `yaml:"why,omitempty"`
}

// fieldSet is the fields of an item in the order shown.
type fieldSet []field

func (fs fieldSet) ids() []string {
	out := make([]string, len(fs))
	for i, f := range fs {
		out[i] = f.ID
	}
	return out
}

func (fs fieldSet) find(id string) field {
	for _, f := range fs {
		if f.ID == id {
			return f
		}
	}
	return field{}
}

// typed reports whether the value is written and not chosen.
func (f field) typed() bool { return f.Kind == numberField || f.Kind == dateField }

// isNone reports whether the key is "not in the records".
func (f field) isNone() bool { return len(f.Key) == 1 && f.Key[0] == noneID }

// offersNone reports whether "not in the records" can be answered. Fields whose values are written offer it all or not at all, so that the offer tells nothing.
func (fs fieldSet) offersNone(f field) bool {
	if !f.typed() {
		return find(f.Options, noneID).ID != ""
	}
	return slices.ContainsFunc(fs, func(x field) bool { return x.typed() && x.isNone() })
}

// others are the options that are neither key nor "not in the records".
func (f field) others() []string {
	return slices.DeleteFunc(partIDs(f.real()), func(id string) bool { return slices.Contains(f.Key, id) })
}

// validate checks the fields at a path. sources are the ids that evidence may name.
func (fs fieldSet) validate(path string, sources []string) []fault.Problem {
	var ps []fault.Problem
	if n := len(fs); n < 1 || n > maxFieldCount {
		ps = append(ps, fault.At(path, "define.count", "min", 1, "max", maxFieldCount, "n", n))
	}
	seen := map[string]bool{}
	for i, f := range fs {
		at := fault.Index(path, i)
		ps = append(ps, partID(at+".id", f.ID, seen)...)
		for _, p := range f.validate(sources) {
			ps = append(ps, p.Under(at))
		}
	}
	return ps
}

func (f field) validate(sources []string) []fault.Problem {
	ps := append(RequireText("label", f.Label), OptionalText("why", f.Why)...)
	add := func(path, key string, args ...any) { ps = append(ps, fault.At(path, key, args...)) }
	if !(f.W > 0 && f.W <= maxFieldWeight) {
		add("w", "field.weight", "max", maxFieldWeight)
	}
	cited := map[string]bool{}
	for i, id := range f.Evidence {
		at := fault.Index("evidence", i)
		ps = append(ps, partID(at, id, cited)...)
		if id != "" && !slices.Contains(sources, id) {
			add(at, "item.no_part", "id", id, "known", sources)
		}
	}
	if f.Kind != numberField && f.Unit != "" {
		add("unit", "field.only_number")
	}
	if f.Kind != numberField && f.Tol != 0 {
		add("tol", "field.only_number")
	}
	if f.typed() && len(f.Options) > 0 {
		add("options", "field.no_options")
	}
	switch f.Kind {
	case numberField, dateField:
		return append(ps, f.validateTyped()...)
	case singleField, multiField:
		return append(ps, f.validateChosen()...)
	}
	add("kind", "define.one_of", "got", f.Kind, "known", fieldKinds)
	return ps
}

func (f field) validateTyped() []fault.Problem {
	var ps []fault.Problem
	bad := "field.key_number"
	if f.Kind == dateField {
		bad = "field.key_date"
	}
	if !(f.Tol >= 0 && f.Tol <= maxFieldNumber) {
		ps = append(ps, fault.At("tol", "define.range", "min", 0, "max", maxFieldNumber))
	}
	if len(f.Key) != 1 || !f.isNone() && f.keyed(f.Key[0]) == nil {
		ps = append(ps, fault.At("key", bad))
	}
	for _, v := range sortedKeys(f.Accept) {
		at := "accept." + v
		switch value := f.keyed(v); {
		case value == nil:
			ps = append(ps, fault.At(at, bad))
		case f.matches(value):
			ps = append(ps, fault.At(at, "field.accept_key"))
		}
		ps = append(ps, acceptShare(at, f.Accept[v])...)
	}
	return ps
}

func (f field) validateChosen() []fault.Problem {
	ps := validateParts("options", f.Options, 2)
	ids := partIDs(f.Options)
	seen := map[string]bool{}
	for i, id := range f.Key {
		at := fault.Index("key", i)
		ps = append(ps, partID(at, id, seen)...)
		if id != "" && !slices.Contains(ids, id) {
			ps = append(ps, fault.At(at, "item.no_part", "id", id, "known", ids))
		}
	}
	switch {
	case len(f.Key) == 0:
		ps = append(ps, fault.At("key", "define.required"))
	case f.Kind == singleField && len(f.Key) > 1:
		ps = append(ps, fault.At("key", "field.one_key"))
	case len(f.Key) > 1 && slices.Contains(f.Key, noneID):
		ps = append(ps, fault.At("key", "field.none_alone"))
	case f.Kind == multiField && len(f.others()) == 0: // taking everything would be right
		ps = append(ps, fault.At("key", "field.all_keys"))
	}
	if f.Kind == multiField && len(f.Accept) > 0 {
		return append(ps, fault.At("accept", "field.no_accept"))
	}
	for _, id := range sortedKeys(f.Accept) {
		at := "accept." + id
		switch {
		case !slices.Contains(ids, id):
			ps = append(ps, fault.At(at, "item.no_part", "id", id, "known", ids))
		case slices.Contains(f.Key, id):
			ps = append(ps, fault.At(at, "field.accept_key"))
		}
		ps = append(ps, acceptShare(at, f.Accept[id])...)
	}
	return ps
}

func acceptShare(at string, c float64) []fault.Problem {
	if c > 0 && c < 1 {
		return nil
	}
	return []fault.Problem{fault.At(at, "field.accept")}
}

// lint is what a reviewer should look at in fields that are sound.
func (fs fieldSet) lint(path string, rules fieldRules, told func(id string) bool) []fault.Problem {
	const mostChance, leastOptions, longest = 0.10, 3, 1.4
	var ps []fault.Problem
	if got := fs.chance(rules); got > mostChance {
		ps = append(ps, fault.Warn(path, "field.chance", "got", round3(got), "max", mostChance))
	}
	for i, f := range fs {
		at := fault.Index(path, i)
		if f.Why.IsZero() && !told(f.ID) {
			ps = append(ps, fault.Warn(at, "item.no_why"))
		}
		if f.Critical && rules.least(f) >= 0 {
			ps = append(ps, fault.Warn(at+".critical", "field.never_critical"))
		}
		if f.isNone() && fs.noneTells(f) {
			ps = append(ps, fault.Warn(at+".key", "field.none_tells"))
		}
		if f.typed() {
			continue
		}
		options := f.real()
		if n := len(options); n < leastOptions {
			ps = append(ps, fault.Warn(at+".options", "field.few_options", "n", n, "min", leastOptions))
		}
		if f.Kind == singleField && float64(length(find(options, f.Key[0]).Text)) > longest*meanLength(options) {
			ps = append(ps, fault.Warn(at+".options", "field.longest"))
		}
	}
	return ps
}

// real are the options but "not in the records".
func (f field) real() []Part {
	return slices.DeleteFunc(slices.Clone(f.Options), func(o Part) bool { return o.ID == noneID })
}

func meanLength(options []Part) float64 {
	total := 0
	for _, o := range options {
		total += length(o.Text)
	}
	return float64(total) / float64(max(1, len(options)))
}

// noneTells reports whether "not in the records" is right wherever it is offered, so that the offer gives it away.
func (fs fieldSet) noneTells(f field) bool {
	return !slices.ContainsFunc(fs, func(x field) bool { return x.typed() == f.typed() && fs.offersNone(x) && !x.isNone() })
}

func round3(x float64) float64 { return math.Round(x*1000) / 1000 }

// keyed is a value as an author writes it: a number, a day, or nil for what is neither. Options stand for themselves.
func (f field) keyed(word string) any {
	switch f.Kind {
	case numberField:
		if x, err := strconv.ParseFloat(word, 64); err == nil && math.Abs(x) <= maxFieldNumber {
			return x
		}
		return nil
	case dateField:
		if day, ok := readDate(word); ok && day == word {
			return day
		}
		return nil
	}
	return word
}
