package item

import (
	"maps"
	"math"
	"slices"
	"strconv"

	"leida/internal/fault"
	"leida/internal/stats"
	"leida/internal/text"
)

func init() {
	register(Kind{Name: "sjt", Method: "sjt", Units: units(1.5), Performance: true,
		New: func() Body { return new(sjt) }, Prompt: SJTPrompt{}, Explain: SJTExplained{}})
}

// Modes of a situational judgement item.
const (
	bestWorst = "best_worst"
	rate      = "rate"
)

// Effectiveness is rated by a panel, and in rate mode by the candidate, from 1 to 7.
const (
	minRating, maxRating = 1, 7
	midRating            = 4 // stands for a rating that was left blank
)

// sjt is situational judgement against a panel's mean effectiveness ratings (MEASUREMENT 4.3).
type sjt struct {
	Stimulus    `yaml:",inline"`
	Rationale   `yaml:",inline"`
	Mode        string      `yaml:"mode"`
	Options     []sjtOption `yaml:"options"`
	Panel       panel       `yaml:"panel,omitempty"`
	PanelStatus string      `yaml:"panel_status,omitempty"` // illustrative: invented until a real panel has rated
	Scoring     Scoring     `yaml:"scoring,omitempty"`
}

type sjtOption struct {
	ID     string    `yaml:"id"`
	Text   text.Text `yaml:",inline"`
	M      float64   `yaml:"m"` // panel mean, 1..7
	Marked `yaml:",inline"`
}

// panel is who rated: how many, and the standard deviation (n - 1) of each option's ratings.
type panel struct {
	Size int                `yaml:"size,omitempty"`
	SD   map[string]float64 `yaml:"sd,omitempty"`
}

type bestWorstAnswer struct {
	Best  string `json:"best,omitempty"`
	Worst string `json:"worst,omitempty"`
}

type rateAnswer struct {
	Ratings map[string]int `json:"ratings"`
}

func (b *sjt) Validate() []fault.Problem {
	ps := append(b.Stimulus.validate(), b.Scoring.validate("sjt")...)
	ps = append(ps, b.Rationale.validate(b.ids())...)
	if b.Mode != bestWorst && b.Mode != rate {
		ps = append(ps, fault.At("mode", "define.one_of", "got", b.Mode, "known", []string{bestWorst, rate}))
	}
	parts := make([]Part, len(b.Options))
	for i, o := range b.Options {
		at := fault.Index("options", i)
		parts[i] = Part{ID: o.ID, Text: o.Text}
		ps = append(ps, o.Marked.validate(at)...)
		if !(o.M >= minRating && o.M <= maxRating) {
			ps = append(ps, fault.At(at+".m", "define.range", "min", minRating, "max", maxRating))
		}
	}
	ps = append(ps, validateParts("options", parts, 2)...)
	if lo, hi := b.extremes(); len(b.Options) > 1 && lo == hi {
		ps = append(ps, fault.At("options", "sjt.flat"))
	}
	for _, id := range slices.Sorted(maps.Keys(b.Panel.SD)) {
		at := "panel.sd." + id
		if !slices.Contains(b.ids(), id) {
			ps = append(ps, fault.At(at, "item.no_part", "id", id, "known", b.ids()))
		} else if !(b.Panel.SD[id] >= 0 && b.Panel.SD[id] <= maxRating-minRating) {
			ps = append(ps, fault.At(at, "define.range", "min", 0, "max", maxRating-minRating))
		}
	}
	return ps
}

func (b *sjt) Lint() []fault.Problem {
	const practicePanel, certPanel, ambiguous, leastRange = 3, 5, 1.5, 2.0
	var ps []fault.Problem
	if b.Panel.Size < certPanel {
		ps = append(ps, fault.Warn("panel.size", "sjt.panel", "n", b.Panel.Size, "practice", practicePanel, "cert", certPanel))
	}
	if b.PanelStatus == illustrative {
		ps = append(ps, fault.Warn("panel_status", "sjt.illustrative"))
	}
	for i, o := range b.Options {
		if b.Panel.SD[o.ID] > ambiguous {
			ps = append(ps, fault.Warn(fault.Index("options", i), "sjt.ambiguous", "sd", b.Panel.SD[o.ID]))
		}
		if o.Why.IsZero() {
			ps = append(ps, fault.Warn(fault.Index("options", i), "item.no_why"))
		}
	}
	if lo, hi := b.extremes(); hi-lo < leastRange {
		ps = append(ps, fault.Warn("options", "sjt.range", "got", math.Round(100*(hi-lo))/100))
	}
	if !slices.ContainsFunc(b.Options, func(o sjtOption) bool { return o.Cue == string(Polite) }) {
		ps = append(ps, fault.Warn("options", "sjt.no_polite"))
	}
	return ps
}

func (b *sjt) Prompt(v View, a Answer) any {
	p := SJTPrompt{Rate: b.Mode == rate}
	bw, _ := a.(bestWorstAnswer)
	ra, _ := a.(rateAnswer)
	for _, c := range v.Deal("o", b.ids()) {
		p.Options = append(p.Options, SJTShown{ID: c.Shown, Text: b.option(c.ID).Text.In(v.Lang),
			Best: bw.Best == c.ID, Worst: bw.Worst == c.ID, Rating: ra.Ratings[c.ID]})
	}
	return p
}

func (b *sjt) Parse(v View, f Fields) (Answer, error) {
	d := v.Deal("o", b.ids())
	if b.Mode == rate {
		r := read(f, "ratings")
		a := rateAnswer{Ratings: r.numbers("ratings", d, minRating, maxRating)}
		if err := r.err(); err != nil || len(a.Ratings) == 0 {
			return nil, err
		}
		return a, nil
	}
	r := read(f, "best", "worst")
	a := bestWorstAnswer{Best: r.id("best", d), Worst: r.id("worst", d)}
	if err := r.err(); err != nil || a == (bestWorstAnswer{}) {
		return nil, err
	}
	return a, nil
}

func (b *sjt) Score(r Response) (Result, error) {
	switch a := r.Answer.(type) {
	case bestWorstAnswer:
		return Result{Score: b.bestWorst(a), Detail: a}, nil
	case rateAnswer:
		return Result{Score: b.rated(a), Detail: a}, nil
	}
	return Result{Detail: map[string]any{}}, nil
}

// bestWorst is clamp((m_best - m_worst)/(max m - min m)); a missing half counts as the mean of the options, and naming the same option twice is worth 0.
func (b *sjt) bestWorst(a bestWorstAnswer) float64 {
	if a.Best == a.Worst {
		return 0
	}
	mean := 0.0
	for _, o := range b.Options {
		mean += o.M / float64(len(b.Options))
	}
	m := func(id string) float64 {
		if id == "" {
			return mean
		}
		return b.option(id).M
	}
	lo, hi := b.extremes()
	return clamp01((m(a.Best) - m(a.Worst)) / (hi - lo))
}

// rated is the correlation of the ratings with the panel's means, so that neither severity nor spread counts (McDaniel et al. 2011).
func (b *sjt) rated(a rateAnswer) float64 {
	own, means := make([]float64, len(b.Options)), make([]float64, len(b.Options))
	for i, o := range b.Options {
		own[i], means[i] = midRating, o.M
		if n, ok := a.Ratings[o.ID]; ok {
			own[i] = float64(n)
		}
	}
	r, ok := stats.Pearson(own, means)
	if !ok {
		return 0
	}
	return clamp01(r)
}

func (b *sjt) Explain(v View, a Answer) any {
	e := SJTExplained{Rate: b.Mode == rate, Why: b.Why.In(v.Lang)}
	bw, _ := a.(bestWorstAnswer)
	ra, _ := a.(rateAnswer)
	lo, hi := b.extremes()
	for _, c := range v.Deal("o", b.ids()) {
		o := b.option(c.ID)
		why := o.Why
		if why.IsZero() {
			why = b.Feedback[o.ID]
		}
		e.Options = append(e.Options, SJTOptionExplained{Text: o.Text.In(v.Lang), Why: why.In(v.Lang),
			Panel: strconv.FormatFloat(o.M, 'f', 1, 64), Rating: ra.Ratings[o.ID],
			Best: o.M == hi, Worst: o.M == lo, OwnBest: bw.Best == o.ID, OwnWorst: bw.Worst == o.ID})
	}
	return e
}

// Guess calls the preferred option best and the least preferred worst; in rate mode preferred ones get 7 and the others 1.
func (b *sjt) Guess(s Strategy) Answer {
	order := guessOrder(s, len(b.Options),
		func(i int) text.Text { return b.Options[i].Text }, func(i int) string { return b.Options[i].Cue })
	first, last := b.Options[order[0]].ID, b.Options[order[len(order)-1]].ID
	if b.Mode == bestWorst {
		return bestWorstAnswer{Best: first, Worst: last}
	}
	a := rateAnswer{Ratings: map[string]int{}}
	for place, i := range order {
		o := b.Options[i]
		a.Ratings[o.ID] = minRating
		switch {
		case s == Longest || s == First:
			a.Ratings[o.ID] = max(minRating, maxRating-2*place)
		case o.Cue == string(s) || place == 0:
			a.Ratings[o.ID] = maxRating
		}
	}
	return a
}

func (b *sjt) ids() []string {
	ids := make([]string, len(b.Options))
	for i, o := range b.Options {
		ids[i] = o.ID
	}
	return ids
}

func (b *sjt) option(id string) sjtOption {
	for _, o := range b.Options {
		if o.ID == id {
			return o
		}
	}
	return sjtOption{}
}

func (b *sjt) extremes() (lo, hi float64) {
	for i, o := range b.Options {
		if i == 0 {
			lo, hi = o.M, o.M
		}
		lo, hi = min(lo, o.M), max(hi, o.M)
	}
	return lo, hi
}

// SJTPrompt is what a candidate sees: name the best and the worst, or rate each from 1 to 7.
type SJTPrompt struct {
	Rate    bool
	Options []SJTShown
}

// SJTShown is an option in the order shown with the answer so far; Rating 0 is none.
type SJTShown struct {
	ID          string
	Text        string
	Best, Worst bool
	Rating      int
}

// SJTExplained puts the own picks on the panel's scale.
type SJTExplained struct {
	Rate    bool
	Options []SJTOptionExplained
	Why     string
}

// SJTOptionExplained is an option with the panel's mean; Rating 0 is none.
type SJTOptionExplained struct {
	Text, Why         string
	Panel             string // mean effectiveness, one decimal
	Rating            int
	Best, Worst       bool // of the panel
	OwnBest, OwnWorst bool
}
