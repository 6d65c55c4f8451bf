package item

import (
	"strconv"

	"leida/internal/fault"
	"leida/internal/text"
)

func init() {
	register(Kind{Name: "single_choice", Method: "choice", Units: units(1),
		New: func() Body { return new(singleChoice) }, Prompt: ChoicePrompt{}, Explain: ChoiceExplained{}})
}

// singleChoice is one best answer among options (MEASUREMENT 4.1).
type singleChoice struct {
	Stimulus  `yaml:",inline"`
	Rationale `yaml:",inline"`
	Options   []choiceOption `yaml:"options"`
	Scoring   Scoring        `yaml:"scoring,omitempty"`
}

// choiceOption is an option of single and multiple choice. The key is marked by key: true or, in single choice, by credit: 1.
type choiceOption struct {
	ID       string    `yaml:"id"`
	Text     text.Text `yaml:",inline"`
	Key      bool      `yaml:"key,omitempty"`
	Credit   float64   `yaml:"credit,omitempty"` // 0..1
	Critical bool      `yaml:"critical,omitempty"`
	Marked   `yaml:",inline"`
}

func (o choiceOption) credit() float64 {
	if o.Key {
		return 1
	}
	return o.Credit
}

type singleAnswer struct {
	Choice string `json:"choice"`
}

func (b *singleChoice) Validate() []fault.Problem {
	ps := append(b.Stimulus.validate(), b.Scoring.validate("choice")...)
	ps = append(ps, validateOptions(b.Options)...)
	ps = append(ps, b.Rationale.validate(optionIDs(b.Options))...)
	keys := 0
	for i, o := range b.Options {
		at := fault.Index("options", i)
		if !(o.Credit >= 0 && o.Credit <= 1) {
			ps = append(ps, fault.At(at+".credit", "define.range", "min", 0, "max", 1))
		}
		if o.Key && o.Credit != 0 && o.Credit != 1 {
			ps = append(ps, fault.At(at+".credit", "single_choice.key_credit"))
		}
		if o.credit() == 1 {
			keys++
		}
	}
	if keys != 1 {
		ps = append(ps, fault.At("options", "single_choice.keys", "n", keys))
	}
	return ps
}

func (b *singleChoice) Lint() []fault.Problem {
	var ps []fault.Problem
	if len(b.Options) < 4 {
		ps = append(ps, fault.Warn("options", "single_choice.few", "n", len(b.Options)))
	}
	total, key := 0, 0
	for i, o := range b.Options {
		total += length(o.Text)
		if o.credit() == 1 {
			key = i
		}
	}
	if n := len(b.Options); n > 0 && float64(length(b.Options[key].Text)) > 1.4*float64(total)/float64(n) {
		ps = append(ps, fault.Warn(fault.Index("options", key), "single_choice.longest"))
	}
	return append(ps, lintWhy(b.Options)...)
}

func (b *singleChoice) Prompt(v View, a Answer) any {
	given, _ := a.(singleAnswer)
	return choicePrompt(v, b.Options, func(id string) bool { return id == given.Choice })
}

func (b *singleChoice) Parse(v View, f Fields) (Answer, error) {
	r := read(f, "choice")
	a := singleAnswer{Choice: r.id("choice", v.Deal("o", optionIDs(b.Options)))}
	if err := r.err(); err != nil || a.Choice == "" {
		return nil, err
	}
	return a, nil
}

func (b *singleChoice) Score(r Response) (Result, error) {
	a, _ := r.Answer.(singleAnswer)
	res := Result{Detail: map[string]any{"choice": a.Choice}}
	for _, o := range b.Options {
		if o.ID != a.Choice {
			continue
		}
		res.Score = o.credit()
		if o.Critical {
			res.Critical = []string{o.ID}
		}
	}
	return res, nil
}

func (b *singleChoice) Explain(v View, a Answer) any {
	given, _ := a.(singleAnswer)
	return explainChoice(v, b.Options, b.Rationale, func(id string) bool { return id == given.Choice })
}

func (b *singleChoice) Guess(s Strategy) Answer {
	return singleAnswer{Choice: b.Options[guessOptions(s, b.Options)[0]].ID}
}

// ChoicePrompt is what a candidate sees of a choice item.
type ChoicePrompt struct {
	Options []ShownOption
}

// ShownOption is an option in the order shown.
type ShownOption struct {
	ID     string // opaque
	Text   string
	Chosen bool
}

// ChoiceExplained is a choice item after scoring, options in the order shown.
type ChoiceExplained struct {
	Options []ExplainedOption
	Why     string
}

// ExplainedOption is an option with its rationale. Mark is hit, miss, false_alarm, partial or, for one rightly left, left.
type ExplainedOption struct {
	Text     string
	Chosen   bool
	Key      bool
	Critical bool
	Credit   string // of a partial one, in percent
	Mark     string
	Why      string
}

func choicePrompt(v View, options []choiceOption, chosen func(id string) bool) ChoicePrompt {
	var p ChoicePrompt
	for _, c := range v.Deal("o", optionIDs(options)) {
		o := findOption(options, c.ID)
		p.Options = append(p.Options, ShownOption{ID: c.Shown, Text: o.Text.In(v.Lang), Chosen: chosen(o.ID)})
	}
	return p
}

func explainChoice(v View, options []choiceOption, r Rationale, chosen func(id string) bool) ChoiceExplained {
	e := ChoiceExplained{Why: r.Why.In(v.Lang)}
	for _, c := range v.Deal("o", optionIDs(options)) {
		o := findOption(options, c.ID)
		why := o.Why
		if why.IsZero() {
			why = r.Feedback[o.ID]
		}
		x := ExplainedOption{Text: o.Text.In(v.Lang), Chosen: chosen(o.ID), Key: o.credit() == 1, Critical: o.Critical, Why: why.In(v.Lang)}
		switch {
		case x.Key && x.Chosen:
			x.Mark = "hit"
		case x.Key:
			x.Mark = "miss"
		case x.Chosen && o.Credit > 0:
			x.Mark, x.Credit = "partial", strconv.FormatFloat(100*o.Credit, 'f', 0, 64)
		case x.Chosen:
			x.Mark = "false_alarm"
		default:
			x.Mark = "left"
		}
		e.Options = append(e.Options, x)
	}
	return e
}

func validateOptions(options []choiceOption) []fault.Problem {
	parts := make([]Part, len(options))
	var ps []fault.Problem
	for i, o := range options {
		parts[i] = Part{ID: o.ID, Text: o.Text}
		ps = append(ps, o.Marked.validate(fault.Index("options", i))...)
	}
	return append(validateParts("options", parts, 2), ps...)
}

// lintWhy asks for a rationale of every option: an answer that nobody can explain teaches nothing.
func lintWhy(options []choiceOption) []fault.Problem {
	var ps []fault.Problem
	for i, o := range options {
		if o.Why.IsZero() {
			ps = append(ps, fault.Warn(fault.Index("options", i), "item.no_why"))
		}
	}
	return ps
}

func optionIDs(options []choiceOption) []string {
	ids := make([]string, len(options))
	for i, o := range options {
		ids[i] = o.ID
	}
	return ids
}

func findOption(options []choiceOption, id string) choiceOption {
	for _, o := range options {
		if o.ID == id {
			return o
		}
	}
	return choiceOption{}
}

func guessOptions(s Strategy, options []choiceOption) []int {
	return guessOrder(s, len(options),
		func(i int) text.Text { return options[i].Text }, func(i int) string { return options[i].Cue })
}
