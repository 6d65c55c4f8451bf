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
	register(Kind{Name: "improvement_proposal", Method: "proposal", Units: units(5), Performance: true, Takes: func(Body) time.Duration { return 30 * time.Minute },
		New: func() Body { return new(proposal) }, Prompt: ProposalPrompt{}, Explain: ProposalExplained{}})
}

// proposal is one improvement argued from data: a text in sections that people rate by a rubric, and beside it a few questions with an objective key (MEASUREMENT 4.14).
type proposal struct {
	Stimulus  `yaml:",inline"`
	Rationale `yaml:",inline"`
	Sections  []Part          `yaml:"sections"`
	Checks    fieldSet        `yaml:"checks"`
	By        Rubric          `yaml:",inline"`
	Show      bool            `yaml:"show_criteria,omitempty"` // the criteria's titles stand beside the fields; their levels never do
	Scoring   proposalScoring `yaml:"scoring,omitempty"`
}

// proposalScoring are the shares of the checks and of the rubric, and how much is to be written in all sections together.
type proposalScoring struct {
	Scoring `yaml:",inline"`
	Limits  `yaml:",inline"`
	Checks  *float64 `yaml:"objective_share,omitempty"`
	Rubric  *float64 `yaml:"rubric_share,omitempty"`
}

const (
	usualChecks = 0.4 // share of the checks
	usualLeast  = 300 // characters
	maxSections = 12
	mostSlogan  = 0.25 // what an empty phrase with guessed checks may earn
)

// share is what part of the item the checks are.
func (s proposalScoring) share() float64 {
	if s.Checks == nil && s.Rubric != nil {
		return 1 - *s.Rubric
	}
	return or(s.Checks, usualChecks)
}

func (s proposalScoring) limits() Limits {
	l := s.Limits
	if l.Min == 0 {
		l.Min = min(usualLeast, cmp.Or(l.Max, usualLeast))
	}
	return l
}

func (s proposalScoring) validate() []fault.Problem {
	ps := append(s.Scoring.validate("proposal"), s.limits().validate("scoring")...)
	for _, x := range []struct {
		name  string
		share *float64
	}{{"objective_share", s.Checks}, {"rubric_share", s.Rubric}} {
		if v := or(x.share, usualChecks); !(v > 0 && v < 1) {
			ps = append(ps, fault.At("scoring."+x.name, "proposal.share"))
		}
	}
	if s.Checks != nil && s.Rubric != nil && math.Abs(*s.Checks+*s.Rubric-1) > 1e-6 {
		ps = append(ps, fault.At("scoring.rubric_share", "define.sum", "got", round3(*s.Checks+*s.Rubric)))
	}
	return ps
}

// proposalAnswer is what was written, by section, and the checks.
type proposalAnswer struct {
	Sections map[string]string `json:"sections"`
	Checks   fieldAnswers      `json:"checks"`
}

// proposalDetail is what the checks came to and what people rated.
type proposalDetail struct {
	judged
	Checks  float64            `json:"checks"`  // the objective part, 0..1
	Credits map[string]float64 `json:"credits"` // of each check
}

// checkRules: a wrong value costs nothing, as in data_insight; one that the data do not hold does.
var checkRules = fieldRules{Invented: usualInvented}

// Rubric is what people rate by.
func (b *proposal) Rubric() Rubric { return b.By }

func (b *proposal) Marked() float64 { return b.Scoring.share() }

// Written are the sections that hold anything, as far as all together are within the limit.
func (b *proposal) Written(a Answer) []Passage {
	given, _ := a.(proposalAnswer)
	var out []Passage
	left := b.Scoring.limits().Max
	for _, s := range b.Sections {
		words, ok := given.Sections[s.ID]
		if !ok {
			continue
		}
		p := Passage{Title: s.Text, Text: words}
		if b.Scoring.limits().Max > 0 {
			p.Text, p.Over = cutAt(words, left)
			left -= Chars(p.Text)
		}
		out = append(out, p)
	}
	return out
}

func (b *proposal) chars(a proposalAnswer) int {
	n := 0
	for _, words := range a.Sections {
		n += Chars(words)
	}
	return n
}

func (b *proposal) Validate() []fault.Problem {
	ps := append(b.Stimulus.validate(), b.Scoring.validate()...)
	ps = append(ps, validateParts("sections", b.Sections, 1)...)
	if n := len(b.Sections); n > maxSections && n <= MaxOptions {
		ps = append(ps, fault.At("sections", "define.count", "min", 1, "max", maxSections, "n", n))
	}
	ps = append(ps, b.Checks.validate("checks", nil)...)
	ps = append(ps, b.By.validate()...)
	return append(ps, b.Rationale.validate(slices.Concat(b.By.parts(), b.Checks.ids(), partIDs(b.Sections)))...)
}

func (b *proposal) Lint() []fault.Problem {
	if len(b.Validate()) > 0 {
		return nil
	}
	const fewest, most = 3, 6
	limits := b.Scoring.limits()
	ps := append(b.By.lint(), limits.lint("scoring", b.By)...)
	for _, p := range b.Checks.lint("checks", checkRules, func(id string) bool { return !b.Feedback[id].IsZero() }) {
		if p.Key != "field.chance" { // the checks are a part of the item, whose bound stands below
			ps = append(ps, p)
		}
	}
	if n := len(b.Checks); n < fewest || n > most {
		ps = append(ps, fault.Warn("checks", "proposal.checks", "n", n, "min", fewest, "max", most))
	}
	share := b.Scoring.share()
	guessed := max(b.Checks.chance(checkRules), b.Checks.mark(b.Checks.longest(), checkRules).Q)
	if s := share*guessed + (1-share)/MaxLevel; s > mostSlogan+1e-9 {
		ps = append(ps, fault.Warn("checks", "proposal.slogan", "score", round3(s), "most", mostSlogan))
	}
	return ps
}

func (b *proposal) Prompt(v View, a Answer) any {
	given, _ := a.(proposalAnswer)
	p := ProposalPrompt{Checks: FieldsPrompt{b.Checks.prompt(v, given.Checks, nil, nil)}, Length: b.Scoring.limits().length(b.chars(given)), Share: percent(b.Scoring.share())}
	for i, f := range p.Checks.Fields {
		p.Checks.Fields[i].Name = "checks[" + f.ID + "]"
	}
	for _, c := range b.sectionDeck(v) {
		words := given.Sections[c.ID]
		p.Sections = append(p.Sections, AskedText{Name: "sections[" + c.Shown + "]", Title: find(b.Sections, c.ID).Text.In(v.Lang), Given: words, Chars: Chars(words)})
	}
	p.Open = len(p.Sections) - len(given.Sections)
	if b.Show {
		p.Criteria = b.By.titles(v)
	}
	return p
}

func (b *proposal) sectionDeck(v View) Deck { return v.Count("s", partIDs(b.Sections)) }

func (b *proposal) Parse(v View, f Fields) (Answer, error) {
	r := read(f, "sections", "checks", "none")
	a := proposalAnswer{Sections: r.texts("sections", b.sectionDeck(v)), Checks: r.fields("checks", v, b.Checks)}
	if err := r.err(); err != nil || len(a.Sections)+len(a.Checks) == 0 {
		return nil, err
	}
	return a, nil
}

// Score is share * checks + (1 - share) * rubric, under the ceiling of a gate. A text that is too short scores 0 as a whole and nobody need rate it.
func (b *proposal) Score(r Response) (Result, error) {
	res, d, err := b.mark(r)
	return withDetail(res, d, err)
}

func (b *proposal) mark(r Response) (Result, proposalDetail, error) {
	a, _ := r.Answer.(proposalAnswer)
	m := b.Checks.mark(a.Checks, checkRules)
	d := proposalDetail{Checks: clamp01(m.Q), Credits: m.Credits}
	chars := b.chars(a)
	if b.Scoring.limits().short(chars) {
		d.judged = judged{Apart: []string{}, Chars: chars, Short: true}
		return Result{Critical: m.Critical}, d, nil
	}
	res, rated, err := b.By.judge(r, b.Marked(), d.Checks)
	d.judged = rated
	d.judged.Chars = chars
	res.Critical = append(m.Critical, res.Critical...)
	return res, d, err
}

// Blind are candidates who have not looked at the data: the longest options without a text, and with an empty phrase, which people have yet to rate.
func (b *proposal) Blind() []Blind {
	phrase := proposalAnswer{Sections: map[string]string{}, Checks: b.Checks.longest()}
	words := "建议加强培训，提高责任心，持续优化流程。"
	for Chars(words) < b.Scoring.limits().Min {
		words += words
	}
	phrase.Sections[b.Sections[0].ID] = words
	return []Blind{
		{"unwritten", proposalAnswer{Sections: map[string]string{}, Checks: b.Checks.longest()}, 0},
		{"phrase", phrase, mostSlogan},
	}
}

// Imitate writes what a person of an ability might: an anchor's sentences over the sections, filled up to what is asked for, and the checks.
func (b *proposal) Imitate(ability float64, r *rand.Rand) Answer {
	a := proposalAnswer{Sections: map[string]string{}, Checks: b.Checks.imitate(ability, r, nil)}
	words, ok := b.By.imitate(ability, 0, r)
	if !ok {
		return a
	}
	least := b.Scoring.limits().Min
	said := sentences(words)
	for i := 0; Chars(strings.Join(said, "")) < least; i++ { // anchors are shorter than what is asked for
		said = append(said, said[i])
	}
	n := (len(said) + len(b.Sections) - 1) / len(b.Sections)
	for i, s := range b.Sections {
		if from := i * n; from < len(said) {
			if words := typed(strings.TrimSpace(strings.Join(said[from:min(from+n, len(said))], ""))); words != "" {
				a.Sections[s.ID] = words
			}
		}
	}
	return a
}

// Explain is what is told before anybody has rated.
func (b *proposal) Explain(v View, a Answer) any { return b.Account(v, Response{Answer: a}) }

// Account is what is told with what people have rated. Ratings that cannot be read tell nothing.
func (b *proposal) Account(v View, r Response) any {
	given, _ := r.Answer.(proposalAnswer)
	res, d, err := b.mark(r)
	if err != nil {
		r.Ratings = nil
		res, d, _ = b.mark(r)
	}
	why := func(id string) text.Text { return b.Feedback[id] }
	e := ProposalExplained{
		Written: explainPassages(v, b.Written(r.Answer)), Chars: d.Chars, Min: b.Scoring.limits().Min,
		Checks: ExplainedChecks{Fields: b.Checks.explain(v, given.Checks, nil, checkRules, b.Feedback), Score: percent(d.Checks), Share: percent(b.Scoring.share())},
		Rated:  b.By.account(v, r, d.judged, res, why), Why: b.Why.In(v.Lang),
	}
	for _, s := range b.Sections {
		if t := b.Feedback[s.ID]; !t.IsZero() {
			e.Sections = append(e.Sections, ExplainedSection{Title: s.Text.In(v.Lang), Why: t.In(v.Lang)})
		}
	}
	return e
}

// ProposalPrompt is what a candidate sees beside the data.
type ProposalPrompt struct {
	Sections []AskedText
	Open     int    // how many sections are blank
	Length   Length // of all sections
	Checks   FieldsPrompt
	Share    int      // percent of the item that the checks are
	Criteria []string // where the definition shows them
}

// ProposalExplained is what a learner is told: the checks at once, what they wrote, who is still to rate it, and how it was rated.
type ProposalExplained struct {
	Checks   ExplainedChecks
	Written  []ExplainedPassage
	Chars    int
	Min      int
	Sections []ExplainedSection
	Rated    JudgedExplained
	Why      string
}

// ExplainedChecks are the questions with an objective key.
type ExplainedChecks struct {
	Fields []ExplainedField
	Cites  bool // no records are asked for
	Score  int  // 0-100
	Share  int  // percent of the item
}

// ExplainedSection is what a section was about.
type ExplainedSection struct{ Title, Why string }
