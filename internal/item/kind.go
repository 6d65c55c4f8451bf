package item

import (
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"leida/internal/fault"
)

// Body is what differs between kinds: six verbs for six moments.
type Body interface {
	// Validate is an author's moment: is the definition sound? Paths are such as options[2].credit; assessment turns them into line:column.
	Validate() []fault.Problem
	// Lint is a reviewer's moment: can it be gamed, is it fit for certification?
	Lint() []fault.Problem
	// Prompt is a candidate's moment: what may be seen, with the answer given so far (nil for none). Never the key, never a definition id.
	Prompt(v View, a Answer) any
	// Parse is the wire's moment: a form or JSON becomes the canonical answer in definition ids; a blank one becomes nil. Its error is a fault.Invalid naming each field.
	Parse(v View, f Fields) (Answer, error)
	// Score is a marker's moment: the answer with its seconds and ratings becomes 0..1 with its details. A nil answer is a blank one.
	Score(r Response) (Result, error)
	// Explain is a learner's moment: what was right and why, once it may be told.
	Explain(v View, a Answer) any
}

// Answer is a kind's canonical answer in definition ids, a struct whose JSON is the answer of MEASUREMENT section 4; nil is blank.
type Answer any

// Response is what a marker marks.
type Response struct {
	Answer   Answer
	Seconds  float64   // server time on the item, less accommodation
	Limit    float64   // seconds that the item's head allows, 0 for none; filled in by the item
	Factor   float64   // the person's time factor, by which seconds are told; 0 for none
	Measures []Measure // those of the item's head; filled in by the item
	Ratings  []Rating  // of rated kinds, as they were handed in: the third is of a third rater whom the first two made necessary
	OneRater bool      // one rating is enough, because the response is not among those that are rated twice
}

// Result is a marked response.
type Result struct {
	Score    float64  // 0..1; meaningless while Pending
	Pending  bool     // people must still rate it
	Critical []string // ids of critical errors made
	Detail   any      // diagnostics of the kind, JSON-ready
	Shares   []Share  // evidence where it does not simply go by the item's measures; while Pending, that of the part which is marked already
}

// Share is evidence of a part of an item, its fields in the order of their JSON names, which are for ever. A result has one at most for each sub-competency and source.
type Share struct {
	Part  float64 `json:"part"`            // of the item's information units, 0..1
	Rater bool    `json:"rater,omitempty"` // from what people rated
	Score float64 `json:"score"`
	Sub   string  `json:"sub"`
}

// Sequential is a kind that reveals its material step by step, by what has been answered so far: Prompt shows what the answer kept (View.Kept) allows, and no more.
type Sequential interface {
	// Advance is what is kept when an answer comes on top of the one kept (nil for none). What was decided before the next step was shown stays as it was, whatever is sent, and no step
	// is passed over; a decision that was never asked for is a fault.Invalid naming its field. v is the candidate's view: the order in which parts come, and the ids by which fields are named.
	Advance(v View, kept, sent Answer) (Answer, error)
	// Steps are what a candidate sends one after the other on the way to a whole answer: each is taken on top of what was kept of those before it, and in the end the whole is kept.
	Steps(v View, whole Answer) []Answer
}

// Timed is a kind with a clock of its own (MEASUREMENT 4.11): its material is hidden until the candidate starts it, and after the stop nothing more is taken.
type Timed interface {
	// Clock is how long an answer has its full worth and when nothing more is taken, both before accommodation. limit is the head's time limit.
	Clock(limit time.Duration) (full, stop time.Duration)
}

// Parted is a kind whose answer has parts, such as cases to decide or turns to rate: how many of how many are done. The number of parts tells nothing of the key.
type Parted interface {
	Parts(a Answer) (done, of int)
}

// Rated is a kind that people mark by a rubric: its answers are Pending until enough of them have (MEASUREMENT 4.13).
type Rated interface {
	Rubric() Rubric
	// Marked is the part of the item that is marked without people, 0..1.
	Marked() float64
	// Written is what raters read of an answer.
	Written(a Answer) []Passage
}

// Accounting is a kind whose explanation needs more of the response than its answer, such as what people rated. Item.Explain asks it instead of Explain, which is then the explanation of a
// response of which nothing else is known.
type Accounting interface {
	Account(v View, r Response) any
}

// Resistant is a kind with blind candidates of its own, beside those of Guessable: constant answers, keeping what the AI filled in, and what else its section of MEASUREMENT names.
type Resistant interface {
	Blind() []Blind
}

// Blind is an answer given without reading, and the most that it may score (0 where the formula is corrected for it).
type Blind struct {
	Name   string // a word for a message key: blind.<kind>.<name>
	Answer Answer
	Most   float64
}

// Imitable is a kind whose answers can be imitated for the demonstration and for simulations: those of a person of an ability of 0..1, with the errors that people make. r is the only source
// of chance.
type Imitable interface {
	Imitate(ability float64, r *rand.Rand) Answer
}

// Kind is what a kind registers of itself.
type Kind struct {
	Name        string
	Method      string                     // the engine's name, which scoring.method may repeat
	Units       func(b Body) float64       // information units n of one item
	Takes       func(b Body) time.Duration // about how long an average reader needs for one item; nil for UsualTime
	Performance bool                       // counts as showing performance, which level 4 asks for
	New         func() Body                // an empty body to decode into
	Prompt      any                        // zero value of what Prompt returns; templates are checked against it
	Explain     any                        // zero value of what Explain returns
}

var kinds = map[string]Kind{}

// register is called by each kind's file.
func register(k Kind) { kinds[k.Name] = k }

// KindOf finds a kind by its name.
func KindOf(name string) (Kind, bool) { k, ok := kinds[name]; return k, ok }

// Kinds are all kinds, by name.
func Kinds() []Kind {
	all := make([]Kind, 0, len(kinds))
	for _, k := range kinds {
		all = append(all, k)
	}
	slices.SortFunc(all, func(a, b Kind) int { return strings.Compare(a.Name, b.Name) })
	return all
}

// KindNames are the names of all kinds, sorted.
func KindNames() []string {
	var out []string
	for _, k := range Kinds() {
		out = append(out, k.Name)
	}
	return out
}

// UsualTime is how long an item of a kind that says nothing else takes an average reader.
const UsualTime = 80 * time.Second

// Units that do not depend on the body.
func units(n float64) func(Body) float64 { return func(Body) float64 { return n } }

// Scoring is the scoring override of kinds that have nothing to override: the method's name, which must be the kind's own.
type Scoring struct {
	Method string `yaml:"method,omitempty"`
}

func (s Scoring) validate(method string) []fault.Problem {
	if s.Method != "" && s.Method != method {
		return []fault.Problem{fault.At("scoring.method", "item.method", "got", s.Method, "want", method)}
	}
	return nil
}

// Strategy is a candidate who answers without reading (MEASUREMENT 0.3).
type Strategy string

const (
	Longest  Strategy = "longest"  // always the longest option
	Polite   Strategy = "polite"   // always the polite one; where none is marked, the first
	Escalate Strategy = "escalate" // always escalate; where none is marked, the first
	First    Strategy = "first"    // always the first as written
)

// Strategies are the blind candidates that every assessment must withstand.
var Strategies = []Strategy{Longest, Polite, Escalate, First}

// Guessable is a kind that blind candidates can answer.
type Guessable interface {
	Guess(s Strategy) Answer
}
