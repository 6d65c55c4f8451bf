package item

import (
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"time"

	"leida/internal/fault"
	"leida/internal/text"
)

func init() {
	register(Kind{Name: "info_integration", Method: "fields_timed", Units: units(3), Performance: true, Takes: func(Body) time.Duration { return 200 * time.Second },
		New: func() Body { return new(infoIntegration) }, Prompt: FieldsPrompt{}, Explain: InfoExplained{}})
}

// infoIntegration is taking over a customer from records and an AI summary, against a clock (MEASUREMENT 4.11).
type infoIntegration struct {
	Stimulus  `yaml:",inline"`
	Rationale `yaml:",inline"`
	Fields    fieldSet    `yaml:"fields"`
	Scoring   infoScoring `yaml:"scoring,omitempty"`
	belief    belief
}

type infoScoring struct {
	fieldScoring `yaml:",inline"`
	HardFactor   *float64 `yaml:"hard_factor,omitempty"` // how many limits until nothing more is taken
}

const (
	usualLimit = 3 * time.Minute
	usualHard  = 2.0
	infoWrong  = -0.25
	leastWorth = 0.5 // at the stop
)

func (b *infoIntegration) rules() fieldRules { return b.Scoring.rules(infoWrong) }

func (b *infoIntegration) share() float64 { return or(b.Scoring.EvidenceShare, usualEvidence) }

// Clock is the head's limit, three minutes where there is none, and the stop: no bonus for being faster, so that nobody is rewarded for rushing.
func (b *infoIntegration) Clock(limit time.Duration) (full, stop time.Duration) {
	if limit == 0 {
		limit = usualLimit
	}
	return limit, time.Duration(float64(limit) * or(b.Scoring.HardFactor, usualHard))
}

// worth is T: 1 up to the limit, then falling evenly to a half at the stop.
func (b *infoIntegration) worth(r Response) float64 {
	full, stop := b.clock(r)
	over := (r.Seconds - full.Seconds()) / (stop - full).Seconds()
	return 1 - (1-leastWorth)*clamp01(over)
}

func (b *infoIntegration) clock(r Response) (full, stop time.Duration) {
	return b.Clock(time.Duration(r.Limit * float64(time.Second)))
}

func (b *infoIntegration) Validate() []fault.Problem {
	ps := append(b.Stimulus.validate(), b.Scoring.validate("fields_timed")...)
	ps = append(ps, b.Rationale.validate(b.Fields.ids())...)
	if len(b.Records) == 0 {
		ps = append(ps, fault.At("records", "define.required"))
	}
	if x := or(b.Scoring.HardFactor, usualHard); !(x > 1 && x <= 10) {
		ps = append(ps, fault.At("scoring.hard_factor", "info.hard_factor", "max", 10))
	}
	return append(ps, b.Fields.validate("fields", b.sources())...)
}

func (b *infoIntegration) Lint() []fault.Problem {
	if len(b.Validate()) > 0 {
		return nil
	}
	return lintFields("info_integration", b, b.Fields, b.rules(), b.share(), b.Rationale)
}

func (b *infoIntegration) Prompt(v View, a Answer) any { return b.Fields.shown(v, a, b.Stimulus) }

func (b *infoIntegration) Parse(v View, f Fields) (Answer, error) {
	return b.Fields.parse(v, f, b.sources())
}

func (b *infoIntegration) Parts(a Answer) (done, of int) { return b.Fields.parts(a) }

func (b *infoIntegration) Score(r Response) (Result, error) {
	return b.Fields.score(r.Answer, b.rules(), b.share(), b.worth(r)), nil
}

func (b *infoIntegration) Blind() []Blind { return b.Fields.blind(b.AISummary) }

func (b *infoIntegration) Imitate(ability float64, r *rand.Rand) Answer {
	return b.Fields.imitated(ability, r, b.Stimulus, &b.belief)
}

func (b *infoIntegration) Explain(v View, a Answer) any { return b.Account(v, Response{Answer: a}) }

// Account explains an answer and the time it took.
func (b *infoIntegration) Account(v View, r Response) any {
	given, _ := r.Answer.(fieldAnswer)
	e := InfoExplained{
		Fields:  b.Fields.explain(v, given.Fields, given.Evidence, b.rules(), b.Feedback),
		Cites:   b.Fields.asksEvidence(),
		Time:    b.timeBar(r),
		Summary: b.checked(v.Lang),
		Why:     b.Why.In(v.Lang),
	}
	e.Remember = b.remember(given.Fields, e)
	return e
}

// checked is the AI summary with what does not hold in bold, as far as its words tell which clause says it.
func (b *infoIntegration) checked(l text.Lang) string {
	f := b.Fields.find(aiErrors)
	if f.Kind != multiField || f.isNone() {
		return b.AISummary.In(l)
	}
	var statements []string
	wrong := map[int]bool{}
	for i, o := range f.real() {
		statements = append(statements, o.Text.In(l))
		wrong[i] = slices.Contains(f.Key, o.ID)
	}
	return strongly(b.AISummary.In(l), statements, wrong)
}

// remember is what this answer has to teach, the gravest first: a promise that nobody made, an error of the AI that was passed on, evidence that was not looked up, time.
func (b *infoIntegration) remember(given fieldAnswers, e InfoExplained) string {
	marked := func(marks ...string) bool {
		return slices.ContainsFunc(e.Fields, func(x ExplainedField) bool { return slices.Contains(marks, x.Mark) })
	}
	believed := b.belief.of(b.Fields, b.AISummary)
	copied := slices.ContainsFunc(b.Fields, func(f field) bool {
		return given[f.ID] != nil && !f.matches(given[f.ID]) && holds(given[f.ID], believed[f.ID])
	})
	switch {
	case len(given) == 0:
		return "blank"
	case marked("invented"):
		return "invented"
	case copied:
		return "copied"
	case marked("wrong", "doubted", "partial"):
		return "newest"
	case e.Time.Worth < 100:
		return "late"
	case marked("miss"):
		return "gaps"
	case slices.ContainsFunc(e.Fields, func(x ExplainedField) bool {
		return slices.ContainsFunc(x.Cited, func(c ExplainedSource) bool { return c.Mark != "hit" })
	}):
		return "source"
	}
	return "kept"
}

// holds reports whether an answer is, or has among others, what another says.
func holds(own, other any) bool {
	if ids, ok := other.([]string); ok {
		return !slices.ContainsFunc(ids, func(id string) bool { return !chosen(own, id) })
	}
	return other != nil && own == other
}

// InfoExplained is the take-over card as it should be, the AI summary with what does not hold in bold, and the time. Remember is the end of a message key.
type InfoExplained struct {
	Fields   []ExplainedField
	Cites    bool   // records are asked for
	Summary  string // Markdown
	Time     TimeBar
	Why      string
	Remember string
}

// TimeBar is how long an answer took, with the person's accommodation, and where that stands: places are of a bar 100 wide that ends at the stop.
type TimeBar struct {
	Took  string // 2:50; empty where it is not known
	Full  string
	Stop  string
	Worth int     // what the time left of the score, in percent
	At    float64 // the own time
	Knee  float64 // the limit
}

func (b *infoIntegration) timeBar(r Response) TimeBar {
	full, stop := b.clock(r)
	told := func(s float64) string {
		if r.Factor > 0 {
			s *= r.Factor
		}
		return clockFace(s)
	}
	t := TimeBar{Full: told(full.Seconds()), Stop: told(stop.Seconds()), Worth: int(100*b.worth(r) + 1e-9), Knee: 100 * full.Seconds() / stop.Seconds()}
	if r.Seconds > 0 {
		t.Took, t.At = told(r.Seconds), 100*min(1, r.Seconds/stop.Seconds())
	}
	return t
}

// clockFace is a time as a clock shows it, 2:50; a started second does not count.
func clockFace(s float64) string {
	n := int(s)
	rest := strconv.Itoa(n % 60)
	if len(rest) < 2 {
		rest = "0" + rest
	}
	return strconv.Itoa(n/60) + ":" + rest
}

// strongly is a text with those clauses in bold that say what a wrong statement says, and no other statement more clearly. Words that many statements share tell least.
func strongly(s string, statements []string, wrong map[int]bool) string {
	const least = 0.35 // of a statement's distinctive words
	shared := map[string]float64{}
	for _, st := range statements {
		for p := range pairsOf(st) {
			shared[p]++
		}
	}
	like := func(statement string, clause map[string]bool) float64 {
		found, all := 0.0, 0.0
		for _, p := range sortedKeys(pairsOf(statement)) { // in one order, so that sums are the same every time
			w := 1 / shared[p]
			all += w
			if clause[p] {
				found += w
			}
		}
		return found / max(all, 1e-9)
	}
	spans := clauseSpans(s)
	score, teller := make([]float64, len(spans)), make([]int, len(spans)) // of each clause, the statement that it says most clearly
	for i, st := range statements {
		at, best := -1, least
		for c, span := range spans {
			if x := like(st, pairsOf(s[span[0]:span[1]])); x > best {
				at, best = c, x
			}
		}
		if at >= 0 && best > score[at] {
			score[at], teller[at] = best, i
		}
	}
	var out strings.Builder
	last := 0
	for c, span := range spans {
		if score[c] > 0 && wrong[teller[c]] {
			out.WriteString(s[last:span[0]] + "**" + s[span[0]:span[1]] + "**")
			last = span[1]
		}
	}
	return out.String() + s[last:]
}
