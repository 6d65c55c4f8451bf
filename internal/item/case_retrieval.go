package item

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"leida/internal/casebook"
	"leida/internal/fault"
	"leida/internal/text"
)

func init() {
	register(Kind{Name: "case_retrieval", Method: "retrieval", Units: units(2), Performance: true,
		Takes: func(b Body) time.Duration {
			return time.Minute + time.Duration(len(b.(*caseRetrieval).Cases))*12*time.Second
		},
		New: func() Body { return new(caseRetrieval) }, Prompt: RetrievalPrompt{}, Explain: RetrievalExplained{}})
}

// Relevance of a case to a problem, as a panel rated it.
const (
	harmful     = -1 // expired, for another product: doing as it says does harm
	mostHelpful = 3
)

// harm is what each harmful case that is picked costs.
const harm = 0.25

// caseRetrieval is the few cases, best first, that a problem calls for, out of many that look alike (MEASUREMENT 4.12).
type caseRetrieval struct {
	Stimulus    `yaml:",inline"`
	Rationale   `yaml:",inline"`
	PCI         *casebook.PCI   `yaml:"pci"`
	Pick        int             `yaml:"pick"`
	Cases       []retrievalCase `yaml:"cases"`
	PanelStatus string          `yaml:"panel_status,omitempty"` // illustrative: invented until a real panel has rated
	Scoring     Scoring         `yaml:"scoring,omitempty"`
}

type retrievalCase struct {
	ID   string    `yaml:"id"`
	Text text.Text `yaml:",inline"`
	Rel  int       `yaml:"rel"` // -1..3
	Why  text.Text `yaml:"why,omitempty"`
}

// retrievalAnswer are cases, the best first.
type retrievalAnswer struct {
	Cases []string `json:"cases"`
}

type retrievalDetail struct {
	NDCG    float64 `json:"ndcg"`
	G       float64 `json:"g"` // of a random pick
	Harmful int     `json:"harmful"`
	Best    bool    `json:"best"` // the case that the panel put first is among them
}

func (b *caseRetrieval) Validate() []fault.Problem {
	ps := append(b.Stimulus.validate(), b.Scoring.validate("retrieval")...)
	ps = append(ps, b.Rationale.validate(b.ids())...)
	if b.PCI == nil {
		ps = append(ps, fault.At("pci", "define.required"))
	} else {
		ps = append(ps, b.PCI.Validate("pci")...)
	}
	parts := make([]Part, len(b.Cases))
	helps := 0
	for i, c := range b.Cases {
		at := fault.Index("cases", i)
		parts[i] = Part{ID: c.ID, Text: c.Text}
		ps = append(ps, OptionalText(at+".why", c.Why)...)
		if c.Rel < harmful || c.Rel > mostHelpful {
			ps = append(ps, fault.At(at+".rel", "define.whole", "min", harmful, "max", mostHelpful))
		}
		if c.Rel > 0 {
			helps++
		}
	}
	ps = append(ps, validateParts("cases", parts, 3)...)
	most := max(1, len(b.Cases)-1)
	sound := b.Pick >= 1 && b.Pick <= most
	if !sound {
		ps = append(ps, fault.At("pick", "define.whole", "min", 1, "max", most))
	}
	switch {
	case helps == 0 && len(b.Cases) > 0:
		ps = append(ps, fault.At("cases", "case_retrieval.none_helps"))
	case sound && b.random() > 1-1e-9: // of a wrong pick nothing can be reckoned
		ps = append(ps, fault.At("cases", "case_retrieval.all_alike"))
	}
	return ps
}

func (b *caseRetrieval) Lint() []fault.Problem {
	const least = 9
	var ps []fault.Problem
	if n := len(b.Cases); n < least || b.Pick > n/3 {
		ps = append(ps, fault.Warn("cases", "case_retrieval.few", "n", n, "pick", b.Pick))
	}
	if !slices.ContainsFunc(b.Cases, func(c retrievalCase) bool { return c.Rel == harmful }) {
		ps = append(ps, fault.Warn("cases", "case_retrieval.no_harm"))
	}
	if b.PanelStatus == illustrative {
		ps = append(ps, fault.Warn("panel_status", "sjt.illustrative"))
	}
	for i, c := range b.Cases {
		if c.Why.IsZero() && b.Feedback[c.ID].IsZero() {
			ps = append(ps, fault.Warn(fault.Index("cases", i), "item.no_why"))
		}
	}
	return append(ps, lintBlindOf(b, "cases", "case_retrieval.blind")...)
}

// gain is 2^rel - 1 for a case that helps, else 0.
func gain(rel int) float64 { return math.Exp2(float64(max(0, rel))) - 1 }

// discount is what the gain of the i-th pick, from 0, counts.
func discount(i int) float64 { return 1 / math.Log2(float64(i)+2) }

// ideal is the discounted gain of the best picks.
func (b *caseRetrieval) ideal() float64 {
	sum := 0.0
	for i, c := range b.ranked()[:min(b.Pick, len(b.Cases))] {
		sum += gain(c.Rel) * discount(i)
	}
	return sum
}

// random is the expected nDCG of picking blindly.
func (b *caseRetrieval) random() float64 {
	mean, weights := 0.0, 0.0
	for _, c := range b.Cases {
		mean += gain(c.Rel) / float64(len(b.Cases))
	}
	for i := range b.Pick {
		weights += discount(i)
	}
	if ideal := b.ideal(); ideal > 0 {
		return mean * weights / ideal
	}
	return 1
}

// ranked are the cases from the most helpful to the harmful, equals as written.
func (b *caseRetrieval) ranked() []retrievalCase {
	out := slices.Clone(b.Cases)
	slices.SortStableFunc(out, func(x, y retrievalCase) int { return cmp.Compare(y.Rel, x.Rel) })
	return out
}

func (b *caseRetrieval) Prompt(v View, a Answer) any {
	given, _ := a.(retrievalAnswer)
	p := RetrievalPrompt{Picks: make([]PickShown, b.Pick)}
	if !v.IsBare() {
		p.PCI = showPCI(*b.PCI)
	}
	d := v.Deal("o", b.ids())
	for i := range p.Picks {
		p.Picks[i].Place = i + 1
		if i < len(given.Cases) {
			p.Picks[i].Chosen = d.Shown(given.Cases[i])
		}
	}
	for _, c := range d {
		p.Cases = append(p.Cases, CaseShown{ID: c.Shown, Text: b.find(c.ID).Text.In(v.Lang)})
	}
	return p
}

func (b *caseRetrieval) Parse(v View, f Fields) (Answer, error) {
	r := read(f, "cases")
	cases, at := r.placedIDs("cases", f.named["cases"], v.Deal("o", b.ids()))
	for _, surplus := range at[min(b.Pick, len(at)):] {
		r.problem(surplus, "case_retrieval.too_many", "pick", b.Pick)
	}
	a := retrievalAnswer{Cases: cases}
	if err := r.err(); err != nil || len(a.Cases) == 0 {
		return nil, err
	}
	return a, nil
}

// Parts are the picks.
func (b *caseRetrieval) Parts(a Answer) (done, of int) {
	given, _ := a.(retrievalAnswer)
	return len(given.Cases), b.Pick
}

// Score is clamp((nDCG - g)/(1 - g) - 0.25 for each harmful pick), g the expected nDCG of a random pick.
func (b *caseRetrieval) Score(r Response) (Result, error) {
	a, _ := r.Answer.(retrievalAnswer)
	d := retrievalDetail{G: b.random()}
	sum, best := 0.0, b.ranked()[0]
	for i, id := range a.Cases {
		c := b.find(id)
		sum += gain(c.Rel) * discount(i)
		if c.Rel == harmful {
			d.Harmful++
		}
		d.Best = d.Best || c.Rel == best.Rel
	}
	d.NDCG = sum / b.ideal()
	return Result{Score: clamp01((d.NDCG-d.G)/(1-d.G) - harm*float64(d.Harmful)), Detail: d}, nil
}

func (b *caseRetrieval) Explain(v View, a Answer) any {
	given, _ := a.(retrievalAnswer)
	e := RetrievalExplained{PCI: showPCI(*b.PCI), Why: b.Why.In(v.Lang), Pick: b.Pick}
	ranked := b.ranked()
	for i, c := range ranked {
		why := c.Why
		if why.IsZero() {
			why = b.Feedback[c.ID]
		}
		e.Cases = append(e.Cases, CaseExplained{Text: c.Text.In(v.Lang), Why: why.In(v.Lang), Rel: c.Rel, Own: slices.Index(given.Cases, c.ID) + 1, Ideal: i < b.Pick && c.Rel > 0})
		if c.Rel == harmful && slices.Contains(given.Cases, c.ID) {
			e.Harmful++
		}
	}
	switch {
	case len(given.Cases) == 0:
		e.Remember = "blank"
	case e.Harmful > 0:
		e.Remember = "harmful"
	case b.find(given.Cases[0]).Rel < ranked[0].Rel && slices.ContainsFunc(given.Cases, func(id string) bool { return b.find(id).Rel == ranked[0].Rel }):
		e.Remember = "order"
	case slices.ContainsFunc(given.Cases, func(id string) bool { return b.find(id).Rel <= 0 }):
		e.Remember = "keywords"
	default:
		e.Remember = "well"
	}
	return e
}

// Guess picks the preferred cases by length or as written; cues mean nothing here.
func (b *caseRetrieval) Guess(s Strategy) Answer {
	order := guessOrder(s, len(b.Cases), func(i int) text.Text { return b.Cases[i].Text }, func(int) string { return "" })
	a := retrievalAnswer{}
	for _, i := range order[:b.Pick] {
		a.Cases = append(a.Cases, b.Cases[i].ID)
	}
	return a
}

// Blind are those who take the first, the longest, or what shares the most words with the situation.
func (b *caseRetrieval) Blind() []Blind {
	alike := slices.Clone(b.Cases)
	slices.SortStableFunc(alike, func(x, y retrievalCase) int {
		return cmp.Compare(casebook.Overlap(b.Situation.ZH, y.Text.ZH), casebook.Overlap(b.Situation.ZH, x.Text.ZH))
	})
	words := retrievalAnswer{}
	for _, c := range alike[:b.Pick] {
		words.Cases = append(words.Cases, c.ID)
	}
	return []Blind{{"blank", nil, 0}, {"first", b.Guess(First), mostBlind}, {"longest", b.Guess(Longest), mostBlind}, {"words", words, mostBlind}}
}

// Imitate ranks the cases as a person of an ability sees them: their worth, blurred, and for the less able how much they sound like the situation.
func (b *caseRetrieval) Imitate(ability float64, r *rand.Rand) Answer {
	seen := map[string]float64{}
	for _, c := range b.Cases {
		seen[c.ID] = ability*float64(c.Rel) + (1-ability)*(20*casebook.Overlap(b.Situation.ZH, c.Text.ZH)+1.5*r.NormFloat64()) + 0.15*r.NormFloat64()
	}
	order := b.ids()
	slices.SortFunc(order, func(x, y string) int { return cmp.Compare(seen[y], seen[x]) })
	return retrievalAnswer{Cases: order[:b.Pick]}
}

func (b *caseRetrieval) ids() []string {
	ids := make([]string, len(b.Cases))
	for i, c := range b.Cases {
		ids[i] = c.ID
	}
	return ids
}

func (b *caseRetrieval) find(id string) retrievalCase {
	for _, c := range b.Cases {
		if c.ID == id {
			return c
		}
	}
	return retrievalCase{}
}

// RetrievalPrompt is what a candidate sees: the problem's complexity, the cases in the order dealt, and the places to fill.
type RetrievalPrompt struct {
	PCI   PCIShown
	Cases []CaseShown
	Picks []PickShown
}

// CaseShown is a case to pick.
type CaseShown struct {
	ID   string
	Text string
}

// PickShown is a place, from 1, with the case that stands there; empty for none.
type PickShown struct {
	Place  int
	Chosen string
}

// RetrievalExplained are the cases from the most helpful to the harmful, with the own picks. Remember is the end of a message key, case_retrieval.remember.*.
type RetrievalExplained struct {
	PCI      PCIShown
	Cases    []CaseExplained
	Pick     int
	Harmful  int
	Remember string
	Why      string
}

// CaseExplained is a case with its worth of -1..3; Own is its own place, 0 for not picked.
type CaseExplained struct {
	Text, Why string
	Rel, Own  int
	Ideal     bool // belongs among the picks
}
