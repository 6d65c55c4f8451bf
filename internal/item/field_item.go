package item

import (
	"math/rand/v2"
	"slices"
	"sync"

	"leida/internal/fault"
	"leida/internal/text"
)

// What info_integration and data_insight share beyond their fields.

// aiErrors is the id of the field, of several options, that lists what the AI summary says: its key are the statements that do not hold. Whoever believes the summary leaves it blank.
const aiErrors = "ai_errors"

// fieldScoring are the overrides of what a field is worth.
type fieldScoring struct {
	Scoring       `yaml:",inline"`
	Wrong         *float64 `yaml:"wrong,omitempty"`
	Invented      *float64 `yaml:"invented,omitempty"`
	EvidenceShare *float64 `yaml:"evidence_share,omitempty"` // how much of the score the records cited decide
}

// usual values of 4.11.
const (
	usualInvented = -0.5
	usualEvidence = 0.15
)

// rules are the field's rules; wrong is what a wrong value costs in this kind.
func (s fieldScoring) rules(wrong float64) fieldRules {
	return fieldRules{Wrong: or(s.Wrong, wrong), Invented: or(s.Invented, usualInvented)}
}

func (s fieldScoring) validate(method string) []fault.Problem {
	ps := s.Scoring.validate(method)
	within := func(name string, p *float64, lo, hi float64) {
		if x := or(p, lo); !(x >= lo && x <= hi) {
			ps = append(ps, fault.At("scoring."+name, "define.range", "min", lo, "max", hi))
		}
	}
	within("wrong", s.Wrong, -1, 0)
	within("invented", s.Invented, -1, 0)
	within("evidence_share", s.EvidenceShare, 0, 0.5)
	return ps
}

// fieldAnswer is what was filled in, and what supports it.
type fieldAnswer struct {
	Fields   fieldAnswers `json:"fields"`
	Evidence cited        `json:"evidence,omitempty"`
}

// answered is an answer in its canonical form; nil where nothing was filled in.
func answered(fields fieldAnswers, evidence cited) Answer {
	if len(fields)+len(evidence) == 0 {
		return nil
	}
	if len(evidence) == 0 {
		evidence = nil
	}
	return fieldAnswer{fields, evidence}
}

// fieldDetail is the quality Q of what was filled in, that of the evidence E, what the time left of it T, and the credit of each field.
type fieldDetail struct {
	Q       float64            `json:"Q"`
	E       float64            `json:"E"`
	T       float64            `json:"T"`
	Credits map[string]float64 `json:"credits"`
}

// score is clamp(Q * (1 - share + share * E) * T).
func (fs fieldSet) score(a Answer, rules fieldRules, share, t float64) Result {
	given, _ := a.(fieldAnswer)
	m := fs.mark(given.Fields, rules)
	d := fieldDetail{Q: m.Q, E: fs.support(given.Evidence), T: t, Credits: m.Credits}
	return Result{Score: clamp01(d.Q * (1 - share + share*d.E) * d.T), Critical: m.Critical, Detail: d}
}

// parse reads an answer of fields and evidence.
func (fs fieldSet) parse(v View, f Fields, sources []string) (Answer, error) {
	r := read(f, "fields", "evidence", "none")
	a := answered(r.fields("fields", v, fs), r.cited("evidence", v, fs, sources))
	if err := r.err(); err != nil {
		return nil, err
	}
	return a, nil
}

// parts are the fields.
func (fs fieldSet) parts(a Answer) (done, of int) {
	given, _ := a.(fieldAnswer)
	return len(given.Fields), len(fs)
}

// blind are the candidates who answer fields without reading, and how much each may earn.
func (fs fieldSet) blind(summary text.Text) []Blind {
	const most, luck = 0.10, 0.35 // the longest options may happen to be right
	all := []Blind{
		{"none", answered(fs.allNone(), nil), most},
		{"every", answered(fs.everyOption(), nil), most},
		{"longest", answered(fs.longest(), nil), luck},
		{"copy_ai", answered(fs.copied(summary, aiErrors), nil), most},
	}
	return slices.DeleteFunc(all, func(b Blind) bool { return b.Answer == nil }) // there may be nothing to tick, or to copy
}

// lintFields is what a reviewer should look at in an item of fields that is sound.
func lintFields(kind string, b interface {
	Body
	Resistant
}, fs fieldSet, rules fieldRules, share float64, told Rationale) []fault.Problem {
	ps := fs.lint("fields", rules, func(id string) bool { _, ok := told.Feedback[id]; return ok })
	if fs.asksEvidence() != (share > 0) {
		ps = append(ps, fault.Warn("scoring.evidence_share", "field.evidence_share"))
	}
	for _, x := range b.Blind() {
		if r, err := b.Score(Response{Answer: x.Answer}); err == nil && r.Score > x.Most+1e-9 {
			ps = append(ps, fault.Warn("fields", "field.blind", "who", text.Ref("blind."+kind+"."+x.Name), "got", round3(r.Score), "max", x.Most))
		}
	}
	return ps
}

// sources are the parts of a stimulus that can be cited: records and rules.
func (s Stimulus) sources() []string {
	var out []string
	for _, r := range s.cites(View{}) {
		out = append(out, r.ID)
	}
	return out
}

// cites are the sources as they are shown. In a bare view nothing is said of them but their ids.
func (s Stimulus) cites(v View) []ShownSource {
	var out []ShownSource
	for _, r := range s.Records {
		x := ShownSource{ID: r.ID, At: r.At}
		if v.IsBare() {
			x.At = ""
		}
		out = append(out, x)
	}
	for _, r := range s.Reference {
		out = append(out, ShownSource{ID: r.ID})
	}
	return out
}

// FieldsPrompt is what a candidate fills in.
type FieldsPrompt struct {
	Fields []ShownField
}

func (fs fieldSet) shown(v View, a Answer, s Stimulus) FieldsPrompt {
	given, _ := a.(fieldAnswer)
	return FieldsPrompt{Fields: fs.prompt(v, given.Fields, given.Evidence, s.cites(v))}
}

// belief is what whoever believes an AI summary answers. An item never changes, so it is found once.
type belief struct {
	once   sync.Once
	fields fieldAnswers
}

func (b *belief) of(fs fieldSet, summary text.Text) fieldAnswers {
	b.once.Do(func() { b.fields = fs.copied(summary, aiErrors) })
	return b.fields
}

// imitated is the answer of a person of an ability, who believes the summary where he errs.
func (fs fieldSet) imitated(ability float64, r *rand.Rand, s Stimulus, b *belief) Answer {
	return answered(fs.imitate(ability, r, b.of(fs, s.AISummary)), fs.imitateSupport(ability, r, s.sources()))
}
