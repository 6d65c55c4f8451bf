package item

import (
	"maps"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"leida/internal/fault"
	"leida/internal/text"
)

func init() {
	register(Kind{Name: curveKind, Method: "curve", Units: units(3), Performance: true,
		Takes: func(b Body) time.Duration {
			c := b.(*emotionCurve)
			return time.Minute + time.Duration(len(c.Dialogue))*5*time.Second + time.Duration(len(c.rated())+len(c.Key.Events))*12*time.Second
		},
		New: func() Body { return new(emotionCurve) }, Prompt: CurvePrompt{}, Explain: CurveExplained{}})
}

const curveKind = "emotion_curve"

// Limits of a curve: what can be drawn and read, and what its formula needs.
const (
	minCurveTurns, maxCurveTurns = 3, 30 // customer turns
	minPanel, maxPanel           = 3, 100
	maxEvents                    = 12
	mostAnger                    = 100 // the scale's end
)

// emotionCurve is rating every customer turn of a dialogue on an anchored scale and marking its turning places, against a panel's mean curve (MEASUREMENT 4.8).
type emotionCurve struct {
	Stimulus  `yaml:",inline"`
	Rationale `yaml:",inline"`
	Scale     string       `yaml:"scale"`
	Dialogue  []Turn       `yaml:"dialogue"` // takes the place of the stimulus's own: it is not read beforehand but worked on
	Panel     curvePanel   `yaml:"panel"`
	Key       curveKey     `yaml:"key"`
	Scoring   curveScoring `yaml:"scoring,omitempty"`
}

// curvePanel is every rater's value of every customer turn.
type curvePanel struct {
	Turns   []string    `yaml:"turns"`
	Ratings [][]float64 `yaml:"ratings"` // raters x turns
}

type curveKey struct {
	Events []curveEvent `yaml:"events"`
}

// curveEvent is a place of the dialogue to be marked.
type curveEvent struct {
	ID    string    `yaml:",key"`
	Turn  string    `yaml:"turn"`
	Near  []string  `yaml:"near,omitempty"`  // worth half
	Label text.Text `yaml:"label,omitempty"` // of those that are not among the known
}

// curveScoring overrides the weights of the three parts and the least tolerance.
type curveScoring struct {
	Scoring `yaml:",inline"`
	Weights *curveWeights `yaml:"weights,omitempty"`
	TauMin  *float64      `yaml:"tau_min,omitempty"`
}

type curveWeights struct {
	Accuracy float64 `yaml:"accuracy"`
	Shape    float64 `yaml:"shape"`
	Events   float64 `yaml:"events"`
}

func (s curveScoring) weights() curveWeights {
	if s.Weights != nil {
		return *s.Weights
	}
	return curveWeights{Accuracy: 0.5, Shape: 0.3, Events: 0.2}
}

func (s curveScoring) tauMin() float64 { return or(s.TauMin, 5) }

// curveAnswer is a value for each customer turn and a turn for each event.
type curveAnswer struct {
	Curve  map[string]float64 `json:"curve"`
	Events map[string]string  `json:"events,omitempty"`
}

const customer = "customer"

// knownEvent is an event that every author may ask for: whether the customer's turns are meant or ours, and the key of its name.
type knownEvent struct {
	customer bool
	label    string
}

var knownEvents = map[string]knownEvent{
	"peak":          {true, "emotion_curve.event.peak"},
	"hidden_anger":  {true, "emotion_curve.event.hidden_anger"},
	"trigger":       {false, "emotion_curve.event.trigger"},
	"turning_point": {false, "emotion_curve.event.turning_point"},
	"rebound_cause": {false, "emotion_curve.event.rebound_cause"},
}

// among reports whether a speaker's turns come into question for an event: it depends on the event alone, so that the choices offered tell nothing of the key.
func (e curveEvent) among(who string) bool {
	known, ok := knownEvents[e.ID]
	switch {
	case !ok:
		return true
	case known.customer:
		return who == customer
	}
	return who != customer && who != "system"
}

// name is what people call the event.
func (e curveEvent) name() text.Text {
	if e.Label.IsZero() {
		return text.Message(knownEvents[e.ID].label)
	}
	return e.Label
}

// band is a stretch of an anchored scale, up to and with its upper end.
type band struct {
	To   float64
	Name string // the end of message keys, emotion_curve.band.*
}

// curveScales are the anchored scales. A scale never changes: results name theirs, and another wording is another version.
var curveScales = map[string][]band{
	"anger_index@1": {{10, "calm"}, {30, "impatience"}, {50, "displeasure"}, {70, "anger"}, {85, "strong_anger"}, {mostAnger, "out_of_control"}},
}

func (b *emotionCurve) Validate() []fault.Problem {
	whole := b.Stimulus
	whole.Dialogue = b.Dialogue
	ps := append(whole.validate(), b.Scoring.validate()...)
	ps = append(ps, b.Rationale.validate(b.turnIDs())...)
	if _, ok := curveScales[b.Scale]; !ok {
		ps = append(ps, fault.At("scale", "define.one_of", "got", b.Scale, "known", slices.Sorted(maps.Keys(curveScales))))
	}
	if n := len(b.Dialogue); n > MaxOptions {
		ps = append(ps, fault.At("dialogue", "define.count", "min", minCurveTurns, "max", MaxOptions, "n", n))
	}
	if n := len(b.rated()); n < minCurveTurns || n > maxCurveTurns {
		ps = append(ps, fault.At("dialogue", "emotion_curve.turns", "min", minCurveTurns, "max", maxCurveTurns, "n", n))
	}
	ps = append(ps, b.validatePanel()...)
	ps = append(ps, b.validateEvents()...)
	if len(ps) > 0 {
		return ps
	}
	switch p := b.measure(); {
	case p.base == 0:
		ps = append(ps, fault.At("panel.ratings", "emotion_curve.no_movement"))
	case p.ceiling <= 0:
		ps = append(ps, fault.At("panel.ratings", "emotion_curve.no_agreement"))
	}
	return ps
}

func (b *emotionCurve) validatePanel() []fault.Problem {
	var ps []fault.Problem
	rated, seen := b.rated(), map[string]bool{}
	for i, id := range b.Panel.Turns {
		at := fault.Index("panel.turns", i)
		ps = append(ps, partID(at, id, seen)...)
		if id != "" && !slices.Contains(rated, id) {
			ps = append(ps, fault.At(at, "emotion_curve.not_customer", "id", id, "known", rated))
		}
	}
	for _, id := range rated {
		if !seen[id] {
			ps = append(ps, fault.At("panel.turns", "emotion_curve.unrated_turn", "id", id))
		}
	}
	if n := len(b.Panel.Ratings); n < minPanel || n > maxPanel {
		ps = append(ps, fault.At("panel.ratings", "define.count", "min", minPanel, "max", maxPanel, "n", n))
	}
	for i, row := range b.Panel.Ratings {
		at := fault.Index("panel.ratings", i)
		if len(row) != len(b.Panel.Turns) {
			ps = append(ps, fault.At(at, "item.row", "want", len(b.Panel.Turns), "got", len(row)))
		}
		for j, x := range row {
			if !(x >= 0 && x <= mostAnger) {
				ps = append(ps, fault.At(fault.Index(at, j), "define.range", "min", 0, "max", mostAnger))
			}
		}
	}
	return ps
}

func (b *emotionCurve) validateEvents() []fault.Problem {
	var ps []fault.Problem
	if n := len(b.Key.Events); n > maxEvents || n == 0 && b.Scoring.weights().Events > 0 {
		ps = append(ps, fault.At("key.events", "define.count", "min", 1, "max", maxEvents, "n", n))
	}
	for _, e := range b.Key.Events {
		at := fault.Join("key.events", e.ID)
		ps = append(ps, OptionalText(at+".label", e.Label)...)
		if _, known := knownEvents[e.ID]; !known && e.Label.IsZero() {
			ps = append(ps, fault.At(at+".label", "emotion_curve.no_label", "id", e.ID, "known", slices.Sorted(maps.Keys(knownEvents))))
		}
		seen := map[string]bool{}
		place := func(path, id string) {
			ps = append(ps, partID(path, id, seen)...)
			if id != "" && !slices.Contains(b.choices(e), id) {
				ps = append(ps, fault.At(path, "item.no_part", "id", id, "known", b.choices(e)))
			}
		}
		place(at+".turn", e.Turn)
		for i, id := range e.Near {
			place(fault.Index(at+".near", i), id)
		}
	}
	return ps
}

func (s curveScoring) validate() []fault.Problem {
	ps := s.Scoring.validate("curve")
	if t := s.TauMin; t != nil && !(*t >= 0 && *t <= mostAnger/2) {
		ps = append(ps, fault.At("scoring.tau_min", "define.range", "min", 0, "max", mostAnger/2))
	}
	w := s.weights()
	sum := 0.0
	for _, x := range []struct {
		name  string
		value float64
	}{{"accuracy", w.Accuracy}, {"shape", w.Shape}, {"events", w.Events}} {
		if !(x.value >= 0 && x.value <= 1) {
			ps = append(ps, fault.At("scoring.weights."+x.name, "define.range", "min", 0, "max", 1))
		}
		sum += x.value
	}
	if math.Abs(sum-1) > 1e-6 {
		ps = append(ps, fault.At("scoring.weights", "define.sum", "got", math.Round(sum*1e6)/1e6))
	}
	return ps
}

func (b *emotionCurve) turnIDs() []string {
	ids := make([]string, len(b.Dialogue))
	for i, t := range b.Dialogue {
		ids[i] = t.ID
	}
	return ids
}

// rated are the turns to be rated, the customer's, in the order of the dialogue.
func (b *emotionCurve) rated() []string {
	var ids []string
	for _, t := range b.Dialogue {
		if t.Who == customer {
			ids = append(ids, t.ID)
		}
	}
	return ids
}

// choices are the turns that come into question for an event.
func (b *emotionCurve) choices(e curveEvent) []string {
	var ids []string
	for _, t := range b.Dialogue {
		if e.among(t.Who) {
			ids = append(ids, t.ID)
		}
	}
	return ids
}

// turnLetters begin the names of a speaker's turns: c5 is the customer's fifth, h2 the (human) agent's second. Authors call them so in their notes.
var turnLetters = map[string]string{customer: "c", "agent": "h", "ai": "a", "bot": "b", "system": "s"}

// deck are the turns of the dialogue, in its order, by the names that people know them by.
func (b *emotionCurve) deck(v View) Deck {
	said := map[string][]string{}
	for _, t := range b.Dialogue {
		said[t.Who] = append(said[t.Who], t.ID)
	}
	named := map[string]Deck{}
	for who, ids := range said {
		named[who] = v.Count(turnLetters[who], ids)
	}
	d := make(Deck, len(b.Dialogue))
	for i, t := range b.Dialogue {
		d[i] = named[t.Who][0]
		named[t.Who] = named[t.Who][1:]
	}
	return d
}

func (b *emotionCurve) eventDeck(v View) Deck {
	ids := make([]string, len(b.Key.Events))
	for i, e := range b.Key.Events {
		ids[i] = e.ID
	}
	return v.Count("e", ids)
}

func (b *emotionCurve) Reading() Stimulus { return b.Stimulus }

func (b *emotionCurve) Prompt(v View, a Answer) any {
	given, _ := a.(curveAnswer)
	p := CurvePrompt{Scale: showScale(b.Scale)}
	deck := b.deck(v)
	for i, t := range b.Dialogue {
		s := CurveTurn{ID: deck[i].Shown, Who: t.Who, Rated: t.Who == customer}
		if !v.IsBare() {
			s.Says = t.Text.In(v.Lang)
			s.Begins = clip(s.Says)
		}
		if x, ok := given.Curve[t.ID]; ok {
			s.Value = writeNumber(x)
		}
		p.Turns = append(p.Turns, s)
	}
	events := b.eventDeck(v)
	for i, e := range b.Key.Events {
		m := CurveMark{ID: events[i].Shown, Name: e.name().In(v.Lang)}
		for j, t := range b.Dialogue {
			if e.among(t.Who) {
				m.Turns = append(m.Turns, CurveChoice{ID: p.Turns[j].ID, Begins: p.Turns[j].Begins, Chosen: given.Events[e.ID] == t.ID})
			}
		}
		p.Marks = append(p.Marks, m)
	}
	return p
}

func (b *emotionCurve) Parse(v View, f Fields) (Answer, error) {
	turns := b.deck(v)
	r := read(f, "curve", "events")
	a := curveAnswer{Curve: r.values("curve", b.ratedOf(turns)), Events: r.pairs("events", b.eventDeck(v), turns)}
	if err := r.err(); err != nil || len(a.Curve)+len(a.Events) == 0 {
		return nil, err
	}
	return a, nil
}

// Parts are the turns to be rated and the events to be marked.
func (b *emotionCurve) Parts(a Answer) (done, of int) {
	given, _ := a.(curveAnswer)
	return len(given.Curve) + len(given.Events), len(b.rated()) + len(b.Key.Events)
}

// ratedOf are the cards of the turns to be rated.
func (b *emotionCurve) ratedOf(turns Deck) Deck {
	var out Deck
	for i, t := range b.Dialogue {
		if t.Who == customer {
			out = append(out, turns[i])
		}
	}
	return out
}

var tenthForm = regexp.MustCompile(`^[0-9]{1,3}(\.[0-9])?$`)

// values are those on the scale by turn, whole or with one decimal; blank ones are left out.
func (r *reading) values(name string, d Deck) map[string]float64 {
	out := map[string]float64{}
	r.each(name, d, func(at, id, text string) {
		text = strings.TrimSpace(narrow(text))
		x, err := strconv.ParseFloat(text, 64)
		if err != nil || x > mostAnger || !tenthForm.MatchString(text) {
			r.problem(at, "emotion_curve.value", "max", mostAnger)
			return
		}
		out[id] = x
	})
	return out
}

// CurvePrompt is a dialogue to work on: customer turns to rate, events to mark.
type CurvePrompt struct {
	Scale ShownScale
	Turns []CurveTurn
	Marks []CurveMark
}

// CurveTurn is a turn of the dialogue by the name that people know it by, with the value so far; without the stimulus it says nothing.
type CurveTurn struct {
	ID     string
	Who    string
	Says   string
	Begins string // the beginning of what it says, for labels
	Rated  bool
	Value  string // empty for none
}

// CurveMark is an event with the turns that come into question.
type CurveMark struct {
	ID, Name string
	Turns    []CurveChoice
}

// CurveChoice is a turn as the place of an event.
type CurveChoice struct {
	ID, Begins string
	Chosen     bool
}

// Rated are the turns to be rated.
func (p CurvePrompt) Rated() []CurveTurn {
	return slices.DeleteFunc(slices.Clone(p.Turns), func(t CurveTurn) bool { return !t.Rated })
}

// ShownScale is an anchored scale from its lower end.
type ShownScale struct {
	Name  string
	Bands []ShownBand
}

// ShownBand is a stretch of a scale with both of its ends; Name is the end of message keys, emotion_curve.band.*.
type ShownBand struct {
	From, To int
	Name     string
}

func showScale(name string) ShownScale {
	s := ShownScale{Name: name}
	from := 0
	for _, x := range curveScales[name] {
		s.Bands = append(s.Bands, ShownBand{From: from, To: int(x.To), Name: x.Name})
		from = int(x.To) + 1
	}
	return s
}
