package item

import (
	"slices"

	"leida/internal/fault"
)

func init() {
	register(Kind{Name: "multiple_choice", Method: "choice", Units: units(1.5),
		New: func() Body { return new(multipleChoice) }, Prompt: ChoicePrompt{}, Explain: ChoiceExplained{}})
}

// multipleChoice is every right answer among options (MEASUREMENT 4.2).
type multipleChoice struct {
	Stimulus  `yaml:",inline"`
	Rationale `yaml:",inline"`
	Options   []choiceOption `yaml:"options"`
	Scoring   Scoring        `yaml:"scoring,omitempty"`
}

type multipleAnswer struct {
	Choices []string `json:"choices"`
}

// multipleDetail tells hits, misses and false alarms apart, by option id.
type multipleDetail struct {
	Hits        []string `json:"hits"`
	Misses      []string `json:"misses"`
	FalseAlarms []string `json:"false_alarms"`
}

func (b *multipleChoice) Validate() []fault.Problem {
	ps := append(b.Stimulus.validate(), b.Scoring.validate("choice")...)
	ps = append(ps, validateOptions(b.Options)...)
	ps = append(ps, b.Rationale.validate(optionIDs(b.Options))...)
	keys := 0
	for i, o := range b.Options {
		if o.Credit != 0 {
			ps = append(ps, fault.At(fault.Index("options", i)+".credit", "multiple_choice.credit"))
		}
		keys += has(o.Key)
	}
	if keys == 0 {
		ps = append(ps, fault.At("options", "multiple_choice.no_key"))
	}
	return ps
}

func (b *multipleChoice) Lint() []fault.Problem {
	var ps []fault.Problem
	if !slices.ContainsFunc(b.Options, func(o choiceOption) bool { return !o.Key }) {
		ps = append(ps, fault.Warn("options", "multiple_choice.all_keys"))
	}
	return append(ps, lintWhy(b.Options)...)
}

func (b *multipleChoice) Prompt(v View, a Answer) any {
	given, _ := a.(multipleAnswer)
	return choicePrompt(v, b.Options, func(id string) bool { return slices.Contains(given.Choices, id) })
}

func (b *multipleChoice) Parse(v View, f Fields) (Answer, error) {
	r := read(f, "choices")
	a := multipleAnswer{Choices: r.ids("choices", v.Deal("o", optionIDs(b.Options)))}
	if err := r.err(); err != nil || len(a.Choices) == 0 {
		return nil, err
	}
	return a, nil
}

// Score is clamp(|S and K|/|K| - |S without K|/|N|): selecting all and selecting none are both worth nothing.
func (b *multipleChoice) Score(r Response) (Result, error) {
	a, _ := r.Answer.(multipleAnswer)
	d := multipleDetail{Hits: []string{}, Misses: []string{}, FalseAlarms: []string{}}
	var res Result
	others := 0
	for _, o := range b.Options {
		chosen := slices.Contains(a.Choices, o.ID)
		others += has(!o.Key)
		switch {
		case o.Key && chosen:
			d.Hits = append(d.Hits, o.ID)
		case o.Key:
			d.Misses = append(d.Misses, o.ID)
		case chosen:
			d.FalseAlarms = append(d.FalseAlarms, o.ID)
		}
		if chosen && o.Critical {
			res.Critical = append(res.Critical, o.ID)
		}
	}
	s := float64(len(d.Hits)) / float64(len(d.Hits)+len(d.Misses))
	if others > 0 {
		s -= float64(len(d.FalseAlarms)) / float64(others)
	}
	res.Score, res.Detail = clamp01(s), d
	return res, nil
}

func (b *multipleChoice) Explain(v View, a Answer) any {
	given, _ := a.(multipleAnswer)
	return explainChoice(v, b.Options, b.Rationale, func(id string) bool { return slices.Contains(given.Choices, id) })
}

// Guess takes every option longer than the mean, every one with the cue, or else the first.
func (b *multipleChoice) Guess(s Strategy) Answer {
	total := 0
	for _, o := range b.Options {
		total += length(o.Text)
	}
	var a multipleAnswer
	for _, o := range b.Options {
		if s == Longest && length(o.Text)*len(b.Options) > total || o.Cue != "" && o.Cue == string(s) {
			a.Choices = append(a.Choices, o.ID)
		}
	}
	if a.Choices == nil {
		a.Choices = []string{b.Options[0].ID}
	}
	return a
}
