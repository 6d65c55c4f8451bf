package item

import (
	"maps"
	"slices"

	"leida/internal/fault"
	"leida/internal/text"
)

func init() {
	register(Kind{Name: "matching", Method: "matching", Units: units(2),
		New: func() Body { return new(matching) }, Prompt: MatchingPrompt{}, Explain: MatchingExplained{}})
}

// matching is assigning each left entry its right entry (MEASUREMENT 4.5).
type matching struct {
	Stimulus  `yaml:",inline"`
	Rationale `yaml:",inline"`
	Left      []Part                        `yaml:"left"`
	Right     []Part                        `yaml:"right"`
	Pairs     map[string]string             `yaml:"pairs"`
	Accept    map[string]map[string]float64 `yaml:"accept,omitempty"` // partial credit, 0..1, by left and right
	Scoring   Scoring                       `yaml:"scoring,omitempty"`
}

type matchingAnswer struct {
	Pairs map[string]string `json:"pairs"`
}

// matchingDetail is the plain accuracy and the blind baseline g that it is corrected by.
type matchingDetail struct {
	Accuracy float64            `json:"accuracy"`
	Blind    float64            `json:"blind"`
	Credits  map[string]float64 `json:"credits"`
}

func (b *matching) Validate() []fault.Problem {
	left, right := partIDs(b.Left), partIDs(b.Right)
	ps := append(b.Stimulus.validate(), b.Scoring.validate("matching")...)
	ps = append(ps, b.Rationale.validate(left)...)
	ps = append(ps, validateParts("left", b.Left, 2)...)
	ps = append(ps, validateParts("right", b.Right, 2)...)
	known := func(path, id string, ids []string) bool {
		if slices.Contains(ids, id) {
			return true
		}
		ps = append(ps, fault.At(path, "item.no_part", "id", id, "known", ids))
		return false
	}
	for _, id := range left {
		if b.Pairs[id] == "" {
			ps = append(ps, fault.At("pairs", "matching.unpaired", "id", id))
		}
	}
	for _, l := range slices.Sorted(maps.Keys(b.Pairs)) {
		known("pairs."+l, l, left)
		known("pairs."+l, b.Pairs[l], right)
	}
	for _, l := range slices.Sorted(maps.Keys(b.Accept)) {
		at := "accept." + l
		known(at, l, left)
		for _, r := range slices.Sorted(maps.Keys(b.Accept[l])) {
			known(at+"."+r, r, right)
			if c := b.Accept[l][r]; !(c > 0 && c < 1) {
				ps = append(ps, fault.At(at+"."+r, "matching.accept"))
			}
		}
	}
	if len(ps) == 0 && b.blind() >= 1 {
		ps = append(ps, fault.At("pairs", "matching.constant"))
	}
	return ps
}

func (b *matching) Lint() []fault.Problem {
	const mostBlind, leastLeft = 0.4, 4
	var ps []fault.Problem
	if g := b.blind(); g > mostBlind+1e-9 {
		ps = append(ps, fault.Warn("pairs", "matching.blind", "got", g, "max", mostBlind))
	}
	if len(b.Left) < leastLeft {
		ps = append(ps, fault.Warn("left", "matching.few", "min", leastLeft, "n", len(b.Left)))
	}
	used := map[string]bool{}
	for _, r := range b.Pairs {
		used[r] = true
	}
	if len(used) >= len(b.Right) {
		ps = append(ps, fault.Warn("right", "matching.all_used"))
	}
	if b.Why.IsZero() && len(b.Feedback) == 0 {
		ps = append(ps, fault.Warn("why", "item.no_why"))
	}
	return ps
}

func (b *matching) Prompt(v View, a Answer) any {
	given, _ := a.(matchingAnswer)
	var p MatchingPrompt
	right := v.Deal("r", partIDs(b.Right))
	for _, c := range right {
		p.Right = append(p.Right, ShownEntry{ID: c.Shown, Text: find(b.Right, c.ID).Text.In(v.Lang)})
	}
	for _, c := range v.Deal("l", partIDs(b.Left)) {
		p.Left = append(p.Left, ShownEntry{ID: c.Shown, Text: find(b.Left, c.ID).Text.In(v.Lang), Chosen: right.Shown(given.Pairs[c.ID])})
	}
	return p
}

// Parts are those on the left.
func (b *matching) Parts(a Answer) (done, of int) {
	given, _ := a.(matchingAnswer)
	return len(given.Pairs), len(b.Left)
}

func (b *matching) Parse(v View, f Fields) (Answer, error) {
	r := read(f, "pairs")
	a := matchingAnswer{Pairs: r.pairs("pairs", v.Deal("l", partIDs(b.Left)), v.Deal("r", partIDs(b.Right)))}
	if err := r.err(); err != nil || len(a.Pairs) == 0 {
		return nil, err
	}
	return a, nil
}

// Score is clamp((a - g)/(1 - g)): accuracy above what the best constant answer would earn.
func (b *matching) Score(r Response) (Result, error) {
	given, _ := r.Answer.(matchingAnswer)
	d := matchingDetail{Blind: b.blind(), Credits: map[string]float64{}}
	for _, l := range b.Left {
		c := b.credit(l.ID, given.Pairs[l.ID])
		d.Credits[l.ID] = c
		d.Accuracy += c / float64(len(b.Left))
	}
	return Result{Score: clamp01((d.Accuracy - d.Blind) / (1 - d.Blind)), Detail: d}, nil
}

// blind is g, the best accuracy of answering one right entry everywhere.
func (b *matching) blind() float64 {
	best := 0.0
	for _, r := range b.Right {
		sum := 0.0
		for _, l := range b.Left {
			sum += b.credit(l.ID, r.ID)
		}
		best = max(best, sum/float64(len(b.Left)))
	}
	return best
}

func (b *matching) credit(left, right string) float64 {
	if right == "" {
		return 0
	}
	if b.Pairs[left] == right {
		return 1
	}
	return b.Accept[left][right]
}

func (b *matching) Explain(v View, a Answer) any {
	given, _ := a.(matchingAnswer)
	e := MatchingExplained{Why: b.Why.In(v.Lang)}
	for _, c := range v.Deal("l", partIDs(b.Left)) {
		own := given.Pairs[c.ID]
		x := ExplainedPair{Left: find(b.Left, c.ID).Text.In(v.Lang), Key: find(b.Right, b.Pairs[c.ID]).Text.In(v.Lang), Why: b.Feedback[c.ID].In(v.Lang)}
		if own != "" {
			x.Own = find(b.Right, own).Text.In(v.Lang)
		}
		switch credit := b.credit(c.ID, own); {
		case own == "":
			x.Mark = "miss"
		case credit == 1:
			x.Mark = "hit"
		case credit > 0:
			x.Mark = "partial"
		default:
			x.Mark = "false_alarm"
		}
		e.Pairs = append(e.Pairs, x)
	}
	return e
}

// Guess gives every left entry the longest or the first right entry; the score's correction makes that worth nothing.
func (b *matching) Guess(s Strategy) Answer {
	i := guessOrder(s, len(b.Right), func(i int) text.Text { return b.Right[i].Text }, func(int) string { return "" })[0]
	a := matchingAnswer{Pairs: map[string]string{}}
	for _, l := range b.Left {
		a.Pairs[l.ID] = b.Right[i].ID
	}
	return a
}

// MatchingPrompt is what a candidate sees: each left entry chooses one of the right.
type MatchingPrompt struct {
	Left  []ShownEntry
	Right []ShownEntry
}

// ShownEntry is an entry in the order shown; Chosen is the right entry's shown id, empty for none.
type ShownEntry struct {
	ID, Text, Chosen string
}

// MatchingExplained is each left entry with the own and the right answer.
type MatchingExplained struct {
	Pairs []ExplainedPair
	Why   string
}

// ExplainedPair is one left entry after scoring. Mark is hit, partial, false_alarm or, where nothing was chosen, miss.
type ExplainedPair struct {
	Left, Own, Key, Mark, Why string
}
