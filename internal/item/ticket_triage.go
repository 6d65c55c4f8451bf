package item

import (
	"maps"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"time"

	"leida/internal/fault"
	"leida/internal/text"
)

func init() {
	register(Kind{Name: "ticket_triage", Method: "field_blind_corrected", Performance: true,
		Units: func(b Body) float64 { return 0.6 * float64(len(b.(*ticketTriage).Tickets)) },
		Takes: func(b Body) time.Duration { return 50 * time.Second * time.Duration(len(b.(*ticketTriage).Tickets)) },
		New:   func() Body { return new(ticketTriage) }, Prompt: TriagePrompt{}, Explain: TriageExplained{}})
}

// ticketTriage is checking what an AI filled in on tickets, each field by a rule of its own (MEASUREMENT 4.7).
type ticketTriage struct {
	Stimulus  `yaml:",inline"`
	Rationale `yaml:",inline"` // feedback is by field; a ticket has its own why
	Fields    []triageField    `yaml:"fields"`
	Tickets   []triageTicket   `yaml:"tickets"`
	Scoring   Scoring          `yaml:"scoring,omitempty"`
}

// Limits of a ticket desk.
const (
	maxTickets      = 40
	maxTriageFields = 8
	maxTriageCode   = 60 // bytes of an option
)

// How the fields of a ticket earn credit.
const (
	triagePath    = "path"    // parent/child; the same parent earns half
	triageOrdinal = "ordinal" // from the most urgent option down; a step off earns less, and less still below the key than above it
	triageNominal = "nominal"
)

var triageKinds = []string{triagePath, triageOrdinal, triageNominal}

// triageField is one field that every ticket has. Its options are codes that people read, shown as written and in the order of the file.
type triageField struct {
	ID      string                        `yaml:",key"`
	W       float64                       `yaml:"w"`
	Kind    string                        `yaml:"kind"`
	Label   text.Text                     `yaml:"label,omitempty"` // of fields other than those of triageLabels
	Options []string                      `yaml:"options"`
	Under   *float64                      `yaml:"under,omitempty"`  // credit one step below the key, 0.25 if left out; of an ordinal field
	Over    *float64                      `yaml:"over,omitempty"`   // credit one step above the key, 0.5 if left out
	Accept  map[string]map[string]float64 `yaml:"accept,omitempty"` // partial credit by key and value, 0..1; of a nominal field
}

type triageTicket struct {
	ID         string            `yaml:"id"`
	Text       text.Text         `yaml:"text"`
	Prefill    map[string]string `yaml:"prefill"` // what the AI put into each field
	Key        map[string]string `yaml:"key"`
	CriticalIf map[string]Words  `yaml:"critical_if,omitempty"` // values by field that nobody may choose here
	Why        text.Text         `yaml:"why,omitempty"`
}

// triageAnswer are values by ticket and field. A ticket that is not in it was not worked on.
type triageAnswer struct {
	Tickets map[string]map[string]string `json:"tickets"`
}

// triageDetail is, by field, the accuracy, the blind baseline that it is corrected by, and the credit; and what became of the AI's values and of the ordinal ones.
type triageDetail struct {
	Fields   map[string][3]float64 `json:"fields"`
	Critical []string              `json:"critical"`
	Mended   int                   `json:"mended"` // wrong values of the AI that were put right
	Kept     int                   `json:"kept"`   // wrong values of the AI that were kept
	Spoilt   int                   `json:"spoilt"` // right values of the AI that were made wrong
	High     int                   `json:"high"`   // ordinal values above the key
	Low      int                   `json:"low"`    // ordinal values below the key
}

// triageLabels are the fields that need no label of their own.
var triageLabels = map[string]string{"category": "triage.category", "priority": "triage.priority", "department": "triage.department", "sla": "triage.sla"}

func (f triageField) label(l text.Lang) string {
	if f.Label.IsZero() {
		return text.Say(l, triageLabels[f.ID])
	}
	return f.Label.In(l)
}

// credit is what a value earns where another is the key; a blank earns nothing.
func (f triageField) credit(key, own string) float64 {
	switch {
	case own == "":
		return 0
	case own == key:
		return 1
	case f.Kind == triageNominal:
		return f.Accept[key][own]
	case f.Kind == triagePath:
		if TriageCode(own).Parent() == TriageCode(key).Parent() {
			return 0.5
		}
		return 0
	}
	switch f.below(key, own) {
	case -1:
		return or(f.Over, 0.5)
	case 1:
		return or(f.Under, 0.25)
	}
	return 0
}

// below is by how many steps a value is less urgent than the key; more urgent is negative.
func (f triageField) below(key, own string) int {
	return slices.Index(f.Options, own) - slices.Index(f.Options, key)
}

// accuracy is the mean credit of a field over all tickets.
func (b *ticketTriage) accuracy(f triageField, own func(triageTicket) string) float64 {
	sum := 0.0
	for _, t := range b.Tickets {
		sum += f.credit(t.Key[f.ID], own(t))
	}
	return sum / float64(len(b.Tickets))
}

// constant is the value that earns most when it is given to every ticket, the first of equals, and its accuracy.
func (b *ticketTriage) constant(f triageField) (best string, most float64) {
	for i, o := range f.Options {
		if a := b.accuracy(f, func(triageTicket) string { return o }); i == 0 || a > most {
			best, most = o, a
		}
	}
	return best, most
}

// blind is g of a field: what the best constant value or keeping the AI's would earn. A single ticket allows no such correction.
func (b *ticketTriage) blind(f triageField) float64 {
	if len(b.Tickets) < 2 {
		return 0
	}
	_, most := b.constant(f)
	return max(most, b.accuracy(f, func(t triageTicket) string { return t.Prefill[f.ID] }))
}

var triageName = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)

func (b *ticketTriage) Validate() []fault.Problem {
	ps := append(b.Stimulus.validate(), b.Scoring.validate("field_blind_corrected")...)
	ps = append(ps, b.Rationale.validate(b.fieldIDs())...)
	if n := len(b.Fields); n < 1 || n > maxTriageFields {
		ps = append(ps, fault.At("fields", "define.count", "min", 1, "max", maxTriageFields, "n", n))
	}
	if n := len(b.Tickets); n < 1 || n > maxTickets {
		ps = append(ps, fault.At("tickets", "define.count", "min", 1, "max", maxTickets, "n", n))
	}
	for _, f := range b.Fields {
		ps = append(ps, f.validate(fault.Join("fields", f.ID))...)
	}
	seen := map[string]bool{}
	for i, t := range b.Tickets {
		at := fault.Index("tickets", i)
		ps = append(ps, partID(at+".id", t.ID, seen)...)
		ps = append(ps, RequireText(at+".text", t.Text)...)
		ps = append(ps, OptionalText(at+".why", t.Why)...)
		ps = append(ps, b.validateValues(at+".prefill", t.Prefill)...)
		ps = append(ps, b.validateValues(at+".key", t.Key)...)
		ps = append(ps, b.validateCritical(at+".critical_if", t)...)
	}
	if len(ps) > 0 {
		return ps
	}
	for _, f := range b.Fields {
		if b.blind(f) >= 1 {
			ps = append(ps, fault.At(fault.Join("fields", f.ID), "triage.constant"))
		}
	}
	return ps
}

func (f triageField) validate(at string) []fault.Problem {
	var ps []fault.Problem
	add := func(path, key string, args ...any) { ps = append(ps, fault.At(path, key, args...)) }
	if !triageName.MatchString(f.ID) {
		add(at, "triage.name")
	}
	if !(f.W > 0 && f.W <= 1) {
		add(at+".w", "define.weight")
	}
	if !slices.Contains(triageKinds, f.Kind) {
		add(at+".kind", "define.one_of", "got", f.Kind, "known", triageKinds)
	}
	if triageLabels[f.ID] == "" || !f.Label.IsZero() {
		ps = append(ps, RequireText(at+".label", f.Label)...)
	}
	if n := len(f.Options); n < 2 || n > MaxOptions {
		add(at+".options", "define.count", "min", 2, "max", MaxOptions, "n", n)
	}
	seen := map[string]bool{}
	for i, o := range f.Options {
		path := fault.Index(at+".options", i)
		ps = append(ps, partID(path, o, seen)...)
		switch {
		case o != strings.TrimSpace(o) || len(o) > maxTriageCode:
			add(path, "triage.code", "max", maxTriageCode)
		case f.Kind == triagePath && o != "" && (TriageCode(o).Parent() == "" || TriageCode(o).Child() == ""):
			add(path, "triage.path", "got", o)
		}
	}
	step := func(path string, x *float64) {
		switch {
		case x == nil:
		case f.Kind != triageOrdinal:
			add(path, "triage.steps")
		case !(*x >= 0 && *x < 1):
			add(path, "triage.credit")
		}
	}
	step(at+".under", f.Under)
	step(at+".over", f.Over)
	if len(f.Accept) > 0 && f.Kind != triageNominal {
		add(at+".accept", "triage.accept")
	}
	for _, key := range slices.Sorted(maps.Keys(f.Accept)) {
		ps = append(ps, f.known(fault.Join(at+".accept", key), key)...)
		for _, own := range slices.Sorted(maps.Keys(f.Accept[key])) {
			path := fault.Join(fault.Join(at+".accept", key), own)
			ps = append(ps, f.known(path, own)...)
			if c := f.Accept[key][own]; !(c > 0 && c < 1) {
				add(path, "matching.accept")
			}
			if own == key {
				add(path, "triage.accept_key", "value", own)
			}
		}
	}
	return ps
}

// known is the problem of a value that is none of the field's options.
func (f triageField) known(at, value string) []fault.Problem {
	if slices.Contains(f.Options, value) {
		return nil
	}
	return []fault.Problem{fault.At(at, "define.one_of", "got", value, "known", f.Options)}
}

// validateValues checks that each field has one of its options.
func (b *ticketTriage) validateValues(at string, values map[string]string) []fault.Problem {
	var ps []fault.Problem
	for _, f := range b.Fields {
		if values[f.ID] == "" {
			ps = append(ps, fault.At(at, "triage.no_value", "field", f.ID))
			continue
		}
		ps = append(ps, f.known(fault.Join(at, f.ID), values[f.ID])...)
	}
	return append(ps, b.noOthers(at, slices.Sorted(maps.Keys(values)))...)
}

func (b *ticketTriage) noOthers(at string, names []string) []fault.Problem {
	var ps []fault.Problem
	for _, name := range names {
		if !slices.Contains(b.fieldIDs(), name) {
			ps = append(ps, fault.At(fault.Join(at, name), "item.no_part", "id", name, "known", b.fieldIDs()))
		}
	}
	return ps
}

func (b *ticketTriage) validateCritical(at string, t triageTicket) []fault.Problem {
	ps := b.noOthers(at, slices.Sorted(maps.Keys(t.CriticalIf)))
	for _, f := range b.Fields {
		for i, value := range t.CriticalIf[f.ID] {
			path := fault.Join(at, f.ID)
			if len(t.CriticalIf[f.ID]) > 1 {
				path = fault.Index(path, i)
			}
			ps = append(ps, f.known(path, value)...)
			if value == t.Key[f.ID] {
				ps = append(ps, fault.At(path, "triage.critical_key", "value", value))
			}
		}
	}
	return ps
}

func (b *ticketTriage) Lint() []fault.Problem {
	const leastTickets, mostBlind, leastWrong, mostWrong = 5, 0.5, 0.4, 0.8
	if len(b.Validate()) > 0 {
		return nil
	}
	var ps []fault.Problem
	if n := len(b.Tickets); n < leastTickets {
		ps = append(ps, fault.Warn("tickets", "triage.few", "min", leastTickets, "n", n))
	}
	wrong, urgent, calm := 0, false, false
	for _, f := range b.Fields {
		if g := b.blind(f); g > mostBlind+1e-9 {
			ps = append(ps, fault.Warn(fault.Join("fields", f.ID), "triage.blind", "got", g, "max", mostBlind))
		}
		for _, t := range b.Tickets {
			if t.Prefill[f.ID] != t.Key[f.ID] {
				wrong++
			}
			if f.Kind == triageOrdinal {
				off := f.below(t.Key[f.ID], t.Prefill[f.ID])
				urgent = urgent || off < 0
				calm = calm || off > 0 && len(t.CriticalIf) > 0
			}
		}
	}
	if share := float64(wrong) / float64(len(b.Fields)*len(b.Tickets)); share < leastWrong || share > mostWrong {
		ps = append(ps, fault.Warn("tickets", "triage.prefill", "got", share, "min", leastWrong, "max", mostWrong))
	}
	if !urgent {
		ps = append(ps, fault.Warn("tickets", "triage.no_false_urgency"))
	}
	if !calm {
		ps = append(ps, fault.Warn("tickets", "triage.no_calm_danger"))
	}
	for i, t := range b.Tickets {
		if t.Why.IsZero() {
			ps = append(ps, fault.Warn(fault.Index("tickets", i)+".why", "item.no_why"))
		}
	}
	return ps
}

func (b *ticketTriage) fieldIDs() []string {
	ids := make([]string, len(b.Fields))
	for i, f := range b.Fields {
		ids[i] = f.ID
	}
	return ids
}

func (b *ticketTriage) ticketIDs() []string {
	ids := make([]string, len(b.Tickets))
	for i, t := range b.Tickets {
		ids[i] = t.ID
	}
	return ids
}

// Prompt shows a ticket that was not worked on with the AI's values chosen, as a ticket system does.
func (b *ticketTriage) Prompt(v View, a Answer) any {
	given, _ := a.(triageAnswer)
	p := TriagePrompt{Rules: len(b.Reference) > 0 && !v.IsBare()}
	for i, c := range v.Count("t", b.ticketIDs()) {
		t := b.Tickets[i]
		values, worked := given.Tickets[t.ID]
		if !worked {
			values = t.Prefill
		}
		shown := ShownTicket{ID: c.Shown, N: i + 1, Accepted: worked && b.untouched(t, values)}
		if !v.IsBare() {
			shown.Says = t.Text.In(v.Lang)
			shown.First = opening(shown.Says)
		}
		for _, f := range b.Fields {
			field := ShownTriageField{Name: f.ID, Label: f.label(v.Lang), AI: TriageCode(t.Prefill[f.ID])}
			for _, o := range f.Options {
				field.Options = append(field.Options, TriageOption{Value: TriageCode(o), AI: o == t.Prefill[f.ID], Chosen: o == values[f.ID]})
			}
			if values[f.ID] != t.Prefill[f.ID] {
				shown.Changed++
			}
			shown.Fields = append(shown.Fields, field)
		}
		p.Tickets = append(p.Tickets, shown)
	}
	return p
}

// Parts are the tickets that something was said of.
func (b *ticketTriage) Parts(a Answer) (done, of int) {
	given, _ := a.(triageAnswer)
	return len(given.Tickets), len(b.Tickets)
}

// opening are the first words of a ticket, for the queue: about as wide as fourteen Chinese characters.
func opening(s string) string {
	const room = 28
	used, cut := 0, 0
	for i, c := range s {
		if c < 0x2e80 {
			used++
		} else {
			used += 2
		}
		if used > room {
			if at := strings.LastIndexByte(s[:i], ' '); at > i/2 { // not in the middle of a word
				return strings.TrimRight(s[:at], " ,.;:") + "…"
			}
			return s[:cut] + "…"
		}
		cut = i + len(string(c))
	}
	return s
}

// untouched reports whether a ticket's values are those of the AI.
func (b *ticketTriage) untouched(t triageTicket, values map[string]string) bool {
	return !slices.ContainsFunc(b.Fields, func(f triageField) bool { return values[f.ID] != t.Prefill[f.ID] })
}

// Parse takes values as they stand. A form always sends the AI's values of every ticket, and beside them, as "accepted", the tickets that the person says are right as they are; with it, a
// ticket that was neither changed nor accepted is blank.
func (b *ticketTriage) Parse(v View, f Fields) (Answer, error) {
	deck := v.Count("t", b.ticketIDs())
	r := read(f, "tickets", "accepted")
	a := triageAnswer{Tickets: b.readTickets(r, deck)}
	accepted := r.ids("accepted", deck)
	if err := r.err(); err != nil {
		return nil, err
	}
	if f.named["accepted"].shape == list {
		for _, t := range b.Tickets {
			if !slices.Contains(accepted, t.ID) && b.untouched(t, a.Tickets[t.ID]) {
				delete(a.Tickets, t.ID)
			}
		}
	}
	if len(a.Tickets) == 0 {
		return nil, nil
	}
	return a, nil
}

// readTickets are the values of tickets[t1][priority]; what is blank is left out.
func (b *ticketTriage) readTickets(r *reading, deck Deck) map[string]map[string]string {
	out := map[string]map[string]string{}
	byPart := func(at string, f Fields) bool {
		if f.shape == list || f.shape == scalar && f.text != "" {
			r.problem(at, "answer.by_part")
			return false
		}
		return true
	}
	all := r.f.named["tickets"]
	if !byPart("tickets", all) {
		return out
	}
	for _, shown := range all.names {
		at, one := fieldPath("tickets", shown), all.named[shown]
		id, ok := deck.ID(shown)
		if !ok {
			r.problem(at, "answer.unknown_option")
			continue
		}
		if !byPart(at, one) {
			continue
		}
		values := map[string]string{}
		for _, name := range one.names {
			path, value := fieldPath(at, name), one.named[name]
			i := slices.IndexFunc(b.Fields, func(f triageField) bool { return f.ID == name })
			switch {
			case i < 0:
				r.problem(path, "answer.unknown_field", "known", b.fieldIDs())
			case value.shape == list || value.shape == object:
				r.problem(path, "answer.one_value")
			case value.text == "":
			case !slices.Contains(b.Fields[i].Options, value.text):
				r.problem(path, "answer.unknown_option")
			default:
				values[name] = value.text
			}
		}
		if len(values) > 0 {
			out[id] = values
		}
	}
	return out
}

// Score is the weighted mean over fields of clamp((a - g)/(1 - g)): accuracy above what a constant value or the AI's own would earn.
func (b *ticketTriage) Score(r Response) (Result, error) {
	given, _ := r.Answer.(triageAnswer)
	d := triageDetail{Fields: map[string][3]float64{}, Critical: []string{}}
	sum, weights := 0.0, 0.0
	for _, f := range b.Fields {
		a, g := b.accuracy(f, func(t triageTicket) string { return given.Tickets[t.ID][f.ID] }), b.blind(f)
		c := clamp01((a - g) / (1 - g))
		d.Fields[f.ID] = [3]float64{a, g, c}
		sum, weights = sum+f.W*c, weights+f.W
		for _, t := range b.Tickets {
			d.count(f, t, given.Tickets[t.ID][f.ID])
		}
	}
	for _, t := range b.Tickets {
		if t.critical(given.Tickets[t.ID]) {
			d.Critical = append(d.Critical, t.ID)
		}
	}
	return Result{Score: clamp01(sum / weights), Critical: d.Critical, Detail: d}, nil
}

// count adds what became of one value.
func (d *triageDetail) count(f triageField, t triageTicket, own string) {
	key, ai := t.Key[f.ID], t.Prefill[f.ID]
	switch {
	case own == "":
		return
	case own == key && ai != key:
		d.Mended++
	case own != key && ai == key:
		d.Spoilt++
	case own != key && own == ai:
		d.Kept++
	}
	if f.Kind == triageOrdinal {
		switch off := f.below(key, own); {
		case off < 0:
			d.High++
		case off > 0:
			d.Low++
		}
	}
}

func (t triageTicket) critical(values map[string]string) bool {
	for field, never := range t.CriticalIf {
		if slices.Contains(never, values[field]) {
			return true
		}
	}
	return false
}

// Blind are those who hand in without reading: nothing, the AI's values, the best constant of each field, everywhere the first or the last option, and the AI's values with every ordinal field
// at its most or least urgent.
func (b *ticketTriage) Blind() []Blind {
	everywhere := func(value func(t triageTicket, f triageField) string) Answer {
		a := triageAnswer{Tickets: map[string]map[string]string{}}
		for _, t := range b.Tickets {
			a.Tickets[t.ID] = map[string]string{}
			for _, f := range b.Fields {
				a.Tickets[t.ID][f.ID] = value(t, f)
			}
		}
		return a
	}
	ordinal := func(option func(f triageField) string) Answer {
		return everywhere(func(t triageTicket, f triageField) string {
			if f.Kind == triageOrdinal {
				return option(f)
			}
			return t.Prefill[f.ID]
		})
	}
	first := func(f triageField) string { return f.Options[0] }
	last := func(f triageField) string { return f.Options[len(f.Options)-1] }
	best := map[string]string{}
	for _, f := range b.Fields {
		best[f.ID], _ = b.constant(f)
	}
	most := 0.0
	if len(b.Tickets) < 2 { // there is no correction, and so it may be practised only
		most = 1
	}
	return []Blind{
		{"blank", nil, 0},
		{"keep", everywhere(func(t triageTicket, f triageField) string { return t.Prefill[f.ID] }), most},
		{"best", everywhere(func(_ triageTicket, f triageField) string { return best[f.ID] }), most},
		{"first", everywhere(func(_ triageTicket, f triageField) string { return first(f) }), most},
		{"last", everywhere(func(_ triageTicket, f triageField) string { return last(f) }), most},
		{"urgent", ordinal(first), most},
		{"calm", ordinal(last), most},
	}
}

// Imitate knows a field as often as the ability says; what it does not know it leaves to the AI or, now and then, gets wrong as people do: a step too high, a sibling, another department. The
// less able do not come to the last tickets.
func (b *ticketTriage) Imitate(ability float64, r *rand.Rand) Answer {
	a := triageAnswer{Tickets: map[string]map[string]string{}}
	knows := 0.12 + 0.86*ability
	for i, t := range b.Tickets {
		if i > 0 && r.Float64() > 0.7+0.6*ability {
			continue
		}
		values := map[string]string{}
		for _, f := range b.Fields {
			switch {
			case r.Float64() < knows:
				values[f.ID] = t.Key[f.ID]
			case r.Float64() < 0.75:
				values[f.ID] = t.Prefill[f.ID]
			default:
				values[f.ID] = f.slip(t.Key[f.ID], r)
			}
		}
		a.Tickets[t.ID] = values
	}
	return a
}

// slip is a wrong value that somebody who half knows the rule would give.
func (f triageField) slip(key string, r *rand.Rand) string {
	near := slices.DeleteFunc(slices.Clone(f.Options), func(o string) bool {
		return o == key || f.Kind != triageNominal && f.credit(key, o) == 0
	})
	if len(near) == 0 {
		near = slices.DeleteFunc(slices.Clone(f.Options), func(o string) bool { return o == key })
	}
	return near[r.IntN(len(near))]
}

// TriageCode is an option as it is read and written: network/outage, P1.
type TriageCode string

// Parent is the part before the last slash, empty for none.
func (c TriageCode) Parent() string {
	i := strings.LastIndexByte(string(c), '/')
	return string(c[:max(i, 0)])
}

// Child is the part behind it.
func (c TriageCode) Child() string { return string(c[strings.LastIndexByte(string(c), '/')+1:]) }

// TriagePrompt is what a candidate sees; Rules says that there are rules to go by.
type TriagePrompt struct {
	Tickets []ShownTicket
	Rules   bool
}

// ShownTicket is a ticket with the values that stand in it. It is open while it was neither Changed (in so many fields) nor Accepted as the AI filled it in.
type ShownTicket struct {
	ID       string
	N        int    // from 1
	Says     string // the customer's words
	First    string // the first of them
	Fields   []ShownTriageField
	Accepted bool
	Changed  int
}

// ShownTriageField is a field of one ticket.
type ShownTriageField struct {
	Name    string // on the wire
	Label   string
	AI      TriageCode
	Options []TriageOption
}

// TriageOption is a value that can be chosen; AI marks what was filled in.
type TriageOption struct {
	Value      TriageCode
	AI, Chosen bool
}
