package item

import (
	"maps"
	"math"
	"slices"
	"strconv"

	"leida/internal/fault"
	"leida/internal/text"
)

// Limits of a rubric.
const (
	MaxLevel    = 4  // the highest level; 0 is the lowest
	MaxCriteria = 12 // criteria of one rubric
	MaxRaters   = 3  // of one response: two, and a third where they are apart
)

// What raters may differ by without a third (MEASUREMENT 4.13).
const mostApart = 1.0

// Rubric is what people rate by: criteria with levels 0..4, gates that cap a score or are critical, and answers with their scores for practice (MEASUREMENT 4.13).
type Rubric struct {
	Criteria []Criterion `yaml:"rubric"`
	Gates    []Gate      `yaml:"gates,omitempty"`
	Anchors  []Anchor    `yaml:"anchors,omitempty"`
}

// Criterion is one line of a rubric. Its levels are described one by one; the weights of a rubric sum to 1.
type Criterion struct {
	ID     string               `yaml:"id"`
	W      float64              `yaml:"w"`
	Sub    string               `yaml:"sub"`
	Title  text.Text            `yaml:"title"`
	Levels map[string]text.Text `yaml:"levels"` // "0".."4"
}

// Gate is something that no score makes good: it is a critical error, or caps the score.
type Gate struct {
	ID     string    `yaml:"id"`
	Text   text.Text `yaml:",inline"`
	Effect string    `yaml:"effect"` // critical | cap
	Cap    float64   `yaml:"cap,omitempty"`
}

// Effects of a gate.
const (
	Critical = "critical"
	Cap      = "cap"
)

// Effects are what a gate may do.
var Effects = []string{Critical, Cap}

// Anchor is an answer that was scored for raters to go by.
type Anchor struct {
	Scores map[string]int `yaml:"scores"` // criterion -> level
	Text   text.Text      `yaml:"text"`
}

// Rating is one rater's levels of one response, by criterion: 0 to 4, in halves.
type Rating struct {
	Rater  string             `json:"rater"`
	Levels map[string]float64 `json:"levels"`
	Gates  []string           `json:"gates,omitempty"`
}

// Level is the description of a level.
func (c Criterion) Level(n int) text.Text { return c.Levels[strconv.Itoa(n)] }

func (r Rubric) parts() []string {
	var ids []string
	for _, c := range r.Criteria {
		ids = append(ids, c.ID)
	}
	for _, g := range r.Gates {
		ids = append(ids, g.ID)
	}
	return ids
}

func (r Rubric) validate() []fault.Problem {
	var ps []fault.Problem
	if n := len(r.Criteria); n < 1 || n > MaxCriteria {
		ps = append(ps, fault.At("rubric", "define.count", "min", 1, "max", MaxCriteria, "n", n))
	}
	if n := len(r.Gates); n > MaxCriteria {
		ps = append(ps, fault.At("gates", "define.count", "min", 0, "max", MaxCriteria, "n", n))
	}
	if n := len(r.Anchors); n > MaxOptions {
		ps = append(ps, fault.At("anchors", "define.count", "min", 0, "max", MaxOptions, "n", n))
	}
	seen := map[string]bool{} // of criteria and gates alike: feedback names either
	sum, sound := 0.0, len(r.Criteria) > 0
	for i, c := range r.Criteria {
		at := fault.Index("rubric", i)
		ps = append(ps, partID(at+".id", c.ID, seen)...)
		ps = append(ps, RequireText(at+".title", c.Title)...)
		ps = append(ps, c.validateLevels(at+".levels")...)
		if !(c.W > 0 && c.W <= 1) {
			ps, sound = append(ps, fault.At(at+".w", "define.weight")), false
		}
		sum += c.W
	}
	if sound && math.Abs(sum-1) > 1e-6 {
		ps = append(ps, fault.At("rubric", "define.sum", "got", math.Round(sum*1e6)/1e6))
	}
	for i, g := range r.Gates {
		at := fault.Index("gates", i)
		ps = append(ps, partID(at+".id", g.ID, seen)...)
		ps = append(ps, RequireText(at, g.Text)...)
		switch {
		case !slices.Contains(Effects, g.Effect):
			ps = append(ps, fault.At(at+".effect", "define.one_of", "got", g.Effect, "known", Effects))
		case g.Effect == Cap && !(g.Cap > 0 && g.Cap < 1), g.Effect == Critical && g.Cap != 0:
			ps = append(ps, fault.At(at+".cap", "rubric.cap"))
		}
	}
	for i, a := range r.Anchors {
		ps = append(ps, r.validateAnchor(fault.Index("anchors", i), a)...)
	}
	return ps
}

func (c Criterion) validateLevels(at string) []fault.Problem {
	var ps []fault.Problem
	for n := range MaxLevel + 1 {
		ps = append(ps, RequireText(fault.Join(at, strconv.Itoa(n)), c.Level(n))...)
	}
	for _, name := range slices.Sorted(maps.Keys(c.Levels)) {
		if n, err := strconv.Atoi(name); err != nil || n < 0 || n > MaxLevel || strconv.Itoa(n) != name {
			ps = append(ps, fault.At(fault.Join(at, name), "rubric.level_name", "got", name, "max", MaxLevel))
		}
	}
	return ps
}

func (r Rubric) validateAnchor(at string, a Anchor) []fault.Problem {
	ps := RequireText(at+".text", a.Text)
	for _, c := range r.Criteria {
		level, ok := a.Scores[c.ID]
		switch {
		case !ok:
			ps = append(ps, fault.At(at+".scores", "rubric.anchor_open", "id", c.ID))
		case level < 0 || level > MaxLevel:
			ps = append(ps, fault.At(fault.Join(at+".scores", c.ID), "define.whole", "min", 0, "max", MaxLevel))
		}
	}
	known := r.criteria()
	for _, id := range slices.Sorted(maps.Keys(a.Scores)) {
		if !slices.Contains(known, id) {
			ps = append(ps, fault.At(fault.Join(at+".scores", id), "item.no_part", "id", id, "known", known))
		}
	}
	return ps
}

func (r Rubric) criteria() []string {
	ids := make([]string, len(r.Criteria))
	for i, c := range r.Criteria {
		ids[i] = c.ID
	}
	return ids
}

func (r Rubric) gates() []string {
	ids := make([]string, len(r.Gates))
	for i, g := range r.Gates {
		ids[i] = g.ID
	}
	return ids
}

// lint is what a reviewer should look at: how many criteria and anchors there are, and whether raters can tell the levels apart.
func (r Rubric) lint() []fault.Problem {
	const fewest, most, anchors, spread = 3, 6, 2, 0.4
	var ps []fault.Problem
	if n := len(r.Criteria); n < fewest || n > most {
		ps = append(ps, fault.Warn("rubric", "rubric.count", "n", n, "min", fewest, "max", most))
	}
	for i, c := range r.Criteria {
		said := map[string]bool{}
		for n := range MaxLevel + 1 {
			if words := c.Level(n).ZH; said[words] {
				ps = append(ps, fault.Warn(fault.Join(fault.Index("rubric", i)+".levels", strconv.Itoa(n)), "rubric.levels_alike"))
			} else {
				said[words] = true
			}
		}
	}
	lo, hi := 1.0, 0.0
	for _, a := range r.Anchors {
		s := r.worth(a)
		lo, hi = min(lo, s), max(hi, s)
	}
	switch {
	case len(r.Anchors) < anchors:
		ps = append(ps, fault.Warn("anchors", "rubric.anchors", "n", len(r.Anchors), "min", anchors))
	case hi-lo < spread:
		ps = append(ps, fault.Warn("anchors", "rubric.anchors_alike"))
	}
	return ps
}

// lintMeasures warns of a rubric that rates something else than what its item is drawn for.
func (r Rubric) lintMeasures(measures []Measure) []fault.Problem {
	var ps []fault.Problem
	for i, c := range r.Criteria {
		if !slices.ContainsFunc(measures, func(m Measure) bool { return m.Sub == c.Sub }) {
			ps = append(ps, fault.Warn(fault.Index("rubric", i)+".sub", "rubric.unmeasured", "sub", c.Sub))
		}
	}
	for i, m := range measures {
		if !slices.ContainsFunc(r.Criteria, func(c Criterion) bool { return m.Sub == c.Sub }) {
			ps = append(ps, fault.Warn(fault.Index("measures", i)+".sub", "rubric.unrated", "sub", m.Sub))
		}
	}
	return ps
}

// worth is what an anchor's levels come to, 0..1.
func (r Rubric) worth(a Anchor) float64 {
	s := 0.0
	for _, c := range r.Criteria {
		s += c.W * float64(a.Scores[c.ID]) / MaxLevel
	}
	return s
}

// best is the anchor with the highest score; ok is false where there is none.
func (r Rubric) best() (a Anchor, ok bool) {
	for _, x := range r.Anchors {
		if !ok || r.worth(x) > r.worth(a) {
			a, ok = x, true
		}
	}
	return a, ok
}

// Check returns what is wrong with a rating, at its fields: every criterion needs a level of 0 to 4, whole or half, and gates are the rubric's.
func (r Rubric) Check(x Rating) []fault.Problem {
	var ps []fault.Problem
	for _, c := range r.Criteria {
		at := fault.Join("levels", c.ID)
		switch level, ok := x.Levels[c.ID]; {
		case !ok:
			ps = append(ps, fault.At(at, "define.required"))
		case !(level >= 0 && level <= MaxLevel) || 2*level != math.Trunc(2*level):
			ps = append(ps, fault.At(at, "rubric.level", "max", MaxLevel))
		}
	}
	known := r.criteria()
	for _, id := range slices.Sorted(maps.Keys(x.Levels)) {
		if !slices.Contains(known, id) {
			ps = append(ps, fault.At(fault.Join("levels", clip(id)), "item.no_part", "id", clip(id), "known", known))
		}
	}
	seen := map[string]bool{}
	known = r.gates()
	for i, id := range x.Gates {
		at := fault.Index("gates", i)
		if !slices.Contains(known, id) {
			ps = append(ps, fault.At(at, "item.no_part", "id", clip(id), "known", known))
		} else if seen[id] {
			ps = append(ps, fault.At(at, "define.repeated", "id", id))
		}
		seen[id] = true
	}
	return ps
}

// Resolution is what the ratings of one response come to.
type Resolution struct {
	Raters int
	Levels map[string]float64 // by criterion, 0..4: those agreed on or settled; of a single rater their own
	Apart  []string           // criteria over which the first two raters are more than one level apart
	Split  []string           // gates that one of the first two set, or the only one
	Gates  []string           // gates that count: set by two
	Score  float64            // of the rubric, 0..1, before any cap; meaningless while a third rater is needed
	Cap    float64            // the most that the item may score, 1 for no cap
}

// NeedsThird reports whether two raters are too far apart.
func (s Resolution) NeedsThird() bool { return s.Raters == 2 && len(s.Apart)+len(s.Split) > 0 }

// Final reports whether nobody else need rate. A single rater is enough for a response that is not rated twice, but not for a gate.
func (s Resolution) Final(oneRater bool) bool {
	if s.Raters == 1 {
		return oneRater && len(s.Split) == 0
	}
	return s.Raters > 1 && !s.NeedsThird()
}

// Resolve is what ratings come to (MEASUREMENT 4.13): where the first two are at most one level apart their mean counts, else the mean of the third rater's level and the closer of the two,
// or the third's own where both are as close (Johnson 2000: the method changes who passes, hence it is fixed). A gate counts when two raters set it.
func (r Rubric) Resolve(ratings []Rating) (Resolution, error) {
	if ps := r.checkAll(ratings); len(ps) > 0 {
		return Resolution{}, fault.Of(ps)
	}
	s := Resolution{Raters: len(ratings), Levels: map[string]float64{}, Cap: 1}
	if s.Raters == 0 {
		return s, nil
	}
	first, second := ratings[0], ratings[min(1, s.Raters-1)]
	for _, c := range r.Criteria {
		x, y := first.Levels[c.ID], second.Levels[c.ID]
		level := (x + y) / 2
		if math.Abs(x-y) > mostApart {
			s.Apart = append(s.Apart, c.ID)
			if s.Raters < MaxRaters {
				continue
			}
			level = settle(x, y, ratings[2].Levels[c.ID])
		}
		s.Levels[c.ID] = level
		s.Score += c.W * level / MaxLevel
	}
	for _, g := range r.Gates {
		set := 0
		for _, x := range ratings {
			set += has(slices.Contains(x.Gates, g.ID))
		}
		if s.Raters == 1 && set == 1 || s.Raters > 1 && slices.Contains(first.Gates, g.ID) != slices.Contains(second.Gates, g.ID) {
			s.Split = append(s.Split, g.ID)
		}
		if set < 2 {
			continue
		}
		s.Gates = append(s.Gates, g.ID)
		if g.Effect == Cap {
			s.Cap = min(s.Cap, g.Cap)
		}
	}
	return s, nil
}

// settle is the level of a criterion over which two raters are apart and a third was asked.
func settle(x, y, third float64) float64 {
	switch dx, dy := math.Abs(third-x), math.Abs(third-y); {
	case dx < dy:
		return (third + x) / 2
	case dy < dx:
		return (third + y) / 2
	}
	return third
}

func (r Rubric) checkAll(ratings []Rating) []fault.Problem {
	var ps []fault.Problem
	if n := len(ratings); n > MaxRaters {
		ps = append(ps, fault.At("ratings", "define.count", "min", 0, "max", MaxRaters, "n", n))
	}
	seen := map[string]bool{}
	for i, x := range ratings {
		at := fault.Index("ratings", i)
		ps = append(ps, partID(at+".rater", x.Rater, seen)...)
		for _, p := range r.Check(x) {
			ps = append(ps, p.Under(at))
		}
	}
	return ps
}

// judged is what a marker's detail says of what people rated.
type judged struct {
	Raters      int                `json:"raters"`
	Rubric      *float64           `json:"rubric,omitempty"`      // 0..1, once it is final
	Provisional *float64           `json:"provisional,omitempty"` // what the item would score, 0..1, while only one has rated
	Levels      map[string]float64 `json:"levels,omitempty"`
	Apart       []string           `json:"adj"`             // criteria that a third rater has to settle, or has settled
	Split       []string           `json:"split,omitempty"` // gates of which the same is true
	Gates       []string           `json:"gates,omitempty"` // gates that count
	Chars       int                `json:"chars"`           // written
	Short       bool               `json:"short,omitempty"` // too short to be rated
}

// judge marks a response by its ratings. share is the part of the item that was marked without people, 0..1, and auto what was scored there. The evidence of that part goes by the item's
// measures, at once; that of a criterion goes to its own sub-competency.
func (r Rubric) judge(resp Response, share, auto float64) (Result, judged, error) {
	x, err := r.Resolve(resp.Ratings)
	if err != nil {
		return Result{}, judged{}, err
	}
	d := judged{Raters: x.Raters, Apart: append([]string{}, x.Apart...), Split: x.Split, Gates: x.Gates}
	var res Result
	if share > 0 {
		for _, m := range resp.Measures {
			res.Shares = append(res.Shares, Share{Part: share * m.W, Score: auto, Sub: m.Sub})
		}
	}
	s := min(x.Cap, share*auto+(1-share)*x.Score)
	if !x.Final(resp.OneRater) {
		res.Pending = true
		if x.Raters == 1 {
			d.Provisional = &s
		}
		return res, d, nil
	}
	d.Rubric, d.Levels = &x.Score, x.Levels
	for _, g := range r.Gates {
		if g.Effect == Critical && slices.Contains(x.Gates, g.ID) {
			res.Critical = append(res.Critical, g.ID)
		}
	}
	res.Score = s
	res.Shares = lower(append(res.Shares, r.shares(x.Levels, 1-share)...), s)
	return res, d, nil
}

// shares are the evidence of levels, which together are a part of the item: one for each sub-competency, in the order of the criteria.
func (r Rubric) shares(levels map[string]float64, part float64) []Share {
	var out []Share
	for _, c := range r.Criteria {
		i := slices.IndexFunc(out, func(x Share) bool { return x.Sub == c.Sub })
		if i < 0 {
			i, out = len(out), append(out, Share{Rater: true, Sub: c.Sub})
		}
		x := &out[i]
		x.Score = (x.Part*x.Score + part*c.W*levels[c.ID]/MaxLevel) / (x.Part + part*c.W)
		x.Part += part * c.W
	}
	return out
}

// lower takes evidence down to a total that a gate has capped, first what people rated, then the rest.
func lower(shares []Share, to float64) []Share {
	for _, rated := range []bool{true, false} {
		these, all := 0.0, 0.0
		for _, x := range shares {
			all += x.Part * x.Score
			if x.Rater == rated {
				these += x.Part * x.Score
			}
		}
		if over := all - to; over > 1e-12 && these > 0 {
			for i := range shares {
				if shares[i].Rater == rated {
					shares[i].Score *= max(0, 1-over/these)
				}
			}
		}
	}
	return shares
}

// JudgedExplained is what a learner is told of what people rate, before and after they have.
type JudgedExplained struct {
	State       string // blank, short, first (nobody has rated), second, third (who is still to rate), or rated
	Provisional int    // 0-100 while one has rated
	Score       int    // 0-100 of the rubric, once rated
	Capped      int    // 0-100, the most that the item may score; 0 for no cap
	Raters      int    // how many rated
	Criteria    []ExplainedCriterion
	Gates       []ExplainedGate
	Example     *ExplainedExample
	Remember    string
}

// ExplainedCriterion is a criterion with all its levels, and once rated the level reached with the next.
type ExplainedCriterion struct {
	Title   string
	Percent int // weight
	Level   float64
	Fill    float64 // Level in percent of the highest, for the drawing
	Reached string  // description of the highest level reached whole
	Next    string  // of the one above; empty at the top
	Third   bool    // a third rater settled it
	Levels  []string
	Why     string
}

// ExplainedGate is a gate, and whether the answer ran into it.
type ExplainedGate struct {
	Words    string
	Critical bool
	Cap      int // percent
	Hit      bool
	Why      string
}

// ExplainedExample is an answer that raters have scored, with its levels in the order of the criteria.
type ExplainedExample struct {
	Words  string
	Levels []int
	Score  int // 0-100
}

// account is what a learner is told of a response that was marked as res and d; why is the rationale of a criterion or a gate.
func (r Rubric) account(v View, resp Response, d judged, res Result, why func(id string) text.Text) JudgedExplained {
	e := JudgedExplained{State: state(resp, d, res), Raters: d.Raters}
	if d.Provisional != nil {
		e.Provisional = percent(*d.Provisional)
	}
	if d.Rubric != nil {
		e.Score = percent(*d.Rubric)
	}
	for _, c := range r.Criteria {
		x := ExplainedCriterion{Title: c.Title.In(v.Lang), Percent: percent(c.W), Third: d.Rubric != nil && slices.Contains(d.Apart, c.ID), Why: why(c.ID).In(v.Lang)}
		for n := range MaxLevel + 1 {
			x.Levels = append(x.Levels, c.Level(n).In(v.Lang))
		}
		if level, ok := d.Levels[c.ID]; ok {
			whole := int(level)
			x.Level, x.Fill, x.Reached = level, 100*level/MaxLevel, x.Levels[whole]
			if whole < MaxLevel {
				x.Next = x.Levels[whole+1]
			}
		}
		e.Criteria = append(e.Criteria, x)
	}
	for _, g := range r.Gates {
		x := ExplainedGate{Words: g.Text.In(v.Lang), Critical: g.Effect == Critical, Cap: percent(g.Cap), Hit: d.Rubric != nil && slices.Contains(d.Gates, g.ID), Why: why(g.ID).In(v.Lang)}
		if x.Hit && x.Cap > 0 && (e.Capped == 0 || x.Cap < e.Capped) {
			e.Capped = x.Cap
		}
		e.Gates = append(e.Gates, x)
	}
	if a, ok := r.best(); ok {
		e.Example = &ExplainedExample{Words: a.Text.In(v.Lang), Score: percent(r.worth(a))}
		for _, c := range r.Criteria {
			e.Example.Levels = append(e.Example.Levels, a.Scores[c.ID])
		}
	}
	e.Remember = r.remember(v, d, e.State)
	return e
}

// remember is the one thing to take away: once rated, the step on the criterion where a level is worth most; before, to try the rubric on oneself.
func (r Rubric) remember(v View, d judged, state string) string {
	switch state {
	case "blank":
		return text.Say(v.Lang, "rubric.remember.blank")
	case "short":
		return text.Say(v.Lang, "rubric.remember.short")
	case "first", "second", "third":
		return text.Say(v.Lang, "rubric.remember.wait")
	}
	if hit := slices.IndexFunc(r.Gates, func(g Gate) bool { return slices.Contains(d.Gates, g.ID) }); hit >= 0 {
		return text.Say(v.Lang, "rubric.remember.gate", "gate", r.Gates[hit].Text.In(v.Lang))
	}
	var at Criterion
	most := 0.0
	for _, c := range r.Criteria {
		if open := c.W * (MaxLevel - d.Levels[c.ID]); open > most {
			at, most = c, open
		}
	}
	if most == 0 {
		return text.Say(v.Lang, "rubric.remember.top")
	}
	return text.Say(v.Lang, "rubric.remember.next", "title", at.Title.In(v.Lang), "next", at.Level(int(d.Levels[at.ID])+1).In(v.Lang))
}

func state(resp Response, d judged, res Result) string {
	switch {
	case resp.Answer == nil:
		return "blank"
	case d.Short:
		return "short"
	case !res.Pending:
		return "rated"
	case d.Raters == 0:
		return "first"
	case d.Raters == 1:
		return "second"
	}
	return "third"
}
