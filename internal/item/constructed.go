package item

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"leida/internal/fault"
	"leida/internal/text"
)

func init() {
	register(Kind{Name: "constructed", Method: "rubric", Units: units(4), Performance: true, Takes: func(Body) time.Duration { return 6 * time.Minute },
		New: func() Body { return new(constructed) }, Prompt: ConstructedPrompt{}, Explain: ConstructedExplained{}})
}

// constructed is a text that the candidate writes and people rate by a rubric (MEASUREMENT 4.13).
type constructed struct {
	Stimulus  `yaml:",inline"`
	Rationale `yaml:",inline"`
	By        Rubric  `yaml:",inline"`
	Limits    Limits  `yaml:"limits,omitempty"`
	Show      bool    `yaml:"show_criteria,omitempty"` // the criteria's titles stand beside the field; their levels never do
	Scoring   Scoring `yaml:"scoring,omitempty"`
}

type constructedAnswer struct {
	Text string `json:"text"`
}

// Rubric is what people rate by.
func (b *constructed) Rubric() Rubric { return b.By }

func (b *constructed) Marked() float64 { return 0 }

// Written is the text, as far as it is within the limit.
func (b *constructed) Written(a Answer) []Passage {
	given, _ := a.(constructedAnswer)
	p := Passage{Text: given.Text}
	if b.Limits.Max > 0 {
		p.Text, p.Over = cutAt(given.Text, b.Limits.Max)
	}
	return []Passage{p}
}

func (b *constructed) Validate() []fault.Problem {
	ps := append(b.Stimulus.validate(), b.Scoring.validate("rubric")...)
	ps = append(ps, b.By.validate()...)
	ps = append(ps, b.Rationale.validate(b.By.parts())...)
	return append(ps, b.Limits.validate("limits")...)
}

func (b *constructed) Lint() []fault.Problem {
	ps := append(b.By.lint(), b.Limits.lint("limits", b.By)...)
	if b.Why.IsZero() && len(b.Feedback) == 0 {
		ps = append(ps, fault.Warn("why", "item.no_why"))
	}
	return ps
}

func (b *constructed) Prompt(v View, a Answer) any {
	given, _ := a.(constructedAnswer)
	p := ConstructedPrompt{Given: given.Text, Length: b.Limits.length(Chars(given.Text))}
	if b.Show {
		p.Criteria = b.By.titles(v)
	}
	return p
}

func (b *constructed) Parse(_ View, f Fields) (Answer, error) {
	r := read(f, "text")
	a := constructedAnswer{Text: r.words("text")}
	if err := r.err(); err != nil || a.Text == "" {
		return nil, err
	}
	return a, nil
}

// Score is that of the rubric; a text that is too short scores 0 and nobody need rate it.
func (b *constructed) Score(r Response) (Result, error) {
	res, d, err := b.mark(r)
	return withDetail(res, d, err)
}

func (b *constructed) mark(r Response) (Result, judged, error) {
	a, _ := r.Answer.(constructedAnswer)
	chars := Chars(a.Text)
	if b.Limits.short(chars) {
		return Result{}, judged{Apart: []string{}, Chars: chars, Short: true}, nil
	}
	res, d, err := b.By.judge(r, b.Marked(), 0)
	d.Chars = chars
	return res, d, err
}

// Explain is what is told before anybody has rated.
func (b *constructed) Explain(v View, a Answer) any { return b.Account(v, Response{Answer: a}) }

// Account is what is told with what people have rated. Ratings that cannot be read tell nothing.
func (b *constructed) Account(v View, r Response) any {
	res, d, err := b.mark(r)
	if err != nil {
		r.Ratings = nil
		res, d, _ = b.mark(r)
	}
	return ConstructedExplained{
		Written: explainPassages(v, b.Written(r.Answer)), Min: b.Limits.Min, Max: b.Limits.Max,
		Rated: b.By.account(v, r, d, res, func(id string) text.Text { return b.Feedback[id] }), Why: b.Why.In(v.Lang),
	}
}

// Imitate writes what a person of an ability might: one of the anchors of about that worth, of which the less able leave out more. Without anchors nobody can tell what is good, and the field
// stays blank.
func (b *constructed) Imitate(ability float64, r *rand.Rand) Answer {
	text, ok := b.By.imitate(ability, b.Limits.Min, r)
	if !ok {
		return nil
	}
	return constructedAnswer{Text: text}
}

// imitate is an anchor's text with some of its sentences.
func (r Rubric) imitate(ability float64, least int, luck *rand.Rand) (string, bool) {
	if len(r.Anchors) == 0 {
		return "", false
	}
	want := clamp01(ability + luck.NormFloat64()/8)
	a := slices.MinFunc(r.Anchors, func(a, b Anchor) int { return cmp.Compare(math.Abs(r.worth(a)-want), math.Abs(r.worth(b)-want)) })
	said := sentences(a.Text.ZH)
	for len(said) > 1 && luck.Float64() > (1+ability)/2 {
		i := luck.IntN(len(said))
		less := slices.Delete(slices.Clone(said), i, i+1)
		if Chars(strings.Join(less, "")) < least {
			break
		}
		said = less
	}
	return typed(strings.TrimSpace(strings.Join(said, ""))), true
}

// sentences are the sentences of a Chinese text with their stops.
func sentences(s string) []string {
	var out []string
	for s != "" {
		end := len(s)
		if i := strings.IndexAny(s, "。！？；\n"); i >= 0 {
			end = i + len("。")
			if s[i] == '\n' {
				end = i + 1
			}
		}
		out, s = append(out, s[:end]), s[end:]
	}
	return out
}

// withDetail is a result with its details, or the error instead of both.
func withDetail(res Result, d any, err error) (Result, error) {
	if err != nil {
		return Result{}, err
	}
	res.Detail = d
	return res, nil
}

// titles are the criteria's names, which say what is looked at and not what is good.
func (r Rubric) titles(v View) []string {
	var out []string
	for _, c := range r.Criteria {
		out = append(out, c.Title.In(v.Lang))
	}
	return out
}

// ConstructedPrompt is what a candidate sees beside the material.
type ConstructedPrompt struct {
	Given    string
	Length   Length
	Criteria []string // where the definition shows them
}

// ConstructedExplained is what a learner is told: what they wrote, who is still to rate it, and how it was rated.
type ConstructedExplained struct {
	Written  []ExplainedPassage
	Min, Max int // characters wanted
	Rated    JudgedExplained
	Why      string
}
