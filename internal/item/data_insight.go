package item

import (
	"math/rand/v2"
	"slices"
	"time"

	"leida/internal/fault"
)

func init() {
	register(Kind{Name: "data_insight", Method: "fields", Units: units(3), Performance: true, Takes: func(Body) time.Duration { return 8 * time.Minute },
		New: func() Body { return new(dataInsight) }, Prompt: FieldsPrompt{}, Explain: DataExplained{}})
}

// dataInsight is reading tables: figures to reckon, a conclusion that they bear out, and what they leave open (MEASUREMENT 4.11).
type dataInsight struct {
	Stimulus  `yaml:",inline"`
	Rationale `yaml:",inline"`
	Fields    fieldSet     `yaml:"fields"`
	Scoring   fieldScoring `yaml:"scoring,omitempty"`
	belief    belief
}

func (b *dataInsight) rules() fieldRules { return b.Scoring.rules(0) }

func (b *dataInsight) share() float64 {
	if b.Fields.asksEvidence() {
		return or(b.Scoring.EvidenceShare, usualEvidence)
	}
	return or(b.Scoring.EvidenceShare, 0)
}

func (b *dataInsight) Validate() []fault.Problem {
	ps := append(b.Stimulus.validate(), b.Scoring.validate("fields")...)
	ps = append(ps, b.Rationale.validate(b.Fields.ids())...)
	if b.Table == nil && len(b.Tables) == 0 {
		ps = append(ps, fault.At("table", "define.required"))
	}
	return append(ps, b.Fields.validate("fields", b.sources())...)
}

func (b *dataInsight) Lint() []fault.Problem {
	if len(b.Validate()) > 0 {
		return nil
	}
	return lintFields("data_insight", b, b.Fields, b.rules(), b.share(), b.Rationale)
}

func (b *dataInsight) Prompt(v View, a Answer) any { return b.Fields.shown(v, a, b.Stimulus) }

func (b *dataInsight) Parse(v View, f Fields) (Answer, error) {
	return b.Fields.parse(v, f, b.sources())
}

func (b *dataInsight) Score(r Response) (Result, error) {
	return b.Fields.score(r.Answer, b.rules(), b.share(), 1), nil
}

func (b *dataInsight) Parts(a Answer) (done, of int) { return b.Fields.parts(a) }

func (b *dataInsight) Blind() []Blind { return b.Fields.blind(b.AISummary) }

func (b *dataInsight) Imitate(ability float64, r *rand.Rand) Answer {
	return b.Fields.imitated(ability, r, b.Stimulus, &b.belief)
}

func (b *dataInsight) Explain(v View, a Answer) any {
	given, _ := a.(fieldAnswer)
	e := DataExplained{Fields: b.Fields.explain(v, given.Fields, given.Evidence, b.rules(), b.Feedback), Cites: b.Fields.asksEvidence(), Why: b.Why.In(v.Lang)}
	e.Remember = e.remember(given.Fields)
	return e
}

// DataExplained is what the data say. Remember is the end of a message key.
type DataExplained struct {
	Fields   []ExplainedField
	Cites    bool // records are asked for
	Why      string
	Remember string
}

// remember is what this answer has to teach: a conclusion that the figures do not bear out, figures, what was left open.
func (e DataExplained) remember(given fieldAnswers) string {
	off := func(kinds ...string) bool {
		return slices.ContainsFunc(e.Fields, func(x ExplainedField) bool { return slices.Contains(kinds, x.Kind) && x.Mark != "hit" })
	}
	switch {
	case len(given) == 0:
		return "blank"
	case off(singleField):
		return "conclusion"
	case off(numberField, dateField):
		return "figures"
	case off(multiField):
		return "open"
	}
	return "kept"
}
