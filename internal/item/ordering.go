package item

import (
	"maps"
	"slices"

	"leida/internal/fault"
	"leida/internal/text"
)

func init() {
	register(Kind{Name: "ordering", Method: "ordering", Units: units(2),
		New: func() Body { return new(ordering) }, Prompt: OrderingPrompt{}, Explain: OrderingExplained{}})
}

// ordering is putting steps into their order and leaving out what does not belong (MEASUREMENT 4.4).
type ordering struct {
	Stimulus  `yaml:",inline"`
	Rationale `yaml:",inline"`
	Items     []Part     `yaml:"items"`
	Order     []string   `yaml:"order,omitempty"`  // the full order; or
	Before    [][]string `yaml:"before,omitempty"` // the pairs that the rules force
	Exclude   []string   `yaml:"exclude,omitempty"`
	Scoring   Scoring    `yaml:"scoring,omitempty"`
}

type orderingAnswer struct {
	Rank     map[string]int `json:"rank"`
	Excluded []string       `json:"excluded,omitempty"`
}

// orderingDetail counts pairs (concordant, discordant, all of the key) and distractors placed.
type orderingDetail struct {
	Concordant int `json:"concordant"`
	Discordant int `json:"discordant"`
	Pairs      int `json:"pairs"`
	Placed     int `json:"placed_distractors"`
}

// pairs are the key: each first before its second. A full order is expanded.
func (b *ordering) pairs() [][2]string {
	var out [][2]string
	for _, p := range b.Before {
		if len(p) == 2 {
			out = append(out, [2]string{p[0], p[1]})
		}
	}
	for i, first := range b.Order {
		for _, then := range b.Order[i+1:] {
			out = append(out, [2]string{first, then})
		}
	}
	return out
}

func (b *ordering) Validate() []fault.Problem {
	ids := partIDs(b.Items)
	ps := append(b.Stimulus.validate(), b.Scoring.validate("ordering")...)
	ps = append(ps, b.Rationale.validate(ids)...)
	ps = append(ps, validateParts("items", b.Items, 2)...)
	known := func(path, id string) {
		if !slices.Contains(ids, id) {
			ps = append(ps, fault.At(path, "item.no_part", "id", id, "known", ids))
		}
	}
	excluded := map[string]bool{}
	for i, id := range b.Exclude {
		at := fault.Index("exclude", i)
		known(at, id)
		ps = append(ps, partID(at, id, excluded)...)
	}
	switch {
	case len(b.Order) < 2 && len(b.Before) == 0: // a single step makes no pair, and there would be nothing to score
		return append(ps, fault.At("order", "ordering.no_key"))
	case len(b.Order) > 0 && len(b.Before) > 0:
		return append(ps, fault.At("before", "ordering.two_keys"))
	}
	seen := map[string]bool{}
	for i, id := range b.Order {
		at := fault.Index("order", i)
		known(at, id)
		ps = append(ps, partID(at, id, seen)...)
	}
	for i, p := range b.Before {
		at := fault.Index("before", i)
		if len(p) != 2 {
			ps = append(ps, fault.At(at, "ordering.pair"))
			continue
		}
		for j, id := range p {
			known(fault.Index(at, j), id)
			if slices.Contains(b.Exclude, id) {
				ps = append(ps, fault.At(fault.Index(at, j), "ordering.excluded_in_key", "id", id))
			}
		}
	}
	if len(b.Order) > 0 {
		for i, p := range b.Items {
			if slices.Contains(b.Order, p.ID) == slices.Contains(b.Exclude, p.ID) {
				ps = append(ps, fault.At(fault.Index("items", i), "ordering.order_or_exclude", "id", p.ID))
			}
		}
	}
	if b.circular() {
		ps = append(ps, fault.At("before", "ordering.circular"))
	}
	return ps
}

// circular reports whether the pairs contradict each other.
func (b *ordering) circular() bool {
	after := map[string][]string{}
	for _, p := range b.pairs() {
		after[p[0]] = append(after[p[0]], p[1])
	}
	const visiting, done = 1, 2
	state := map[string]int{}
	var visit func(id string) bool
	visit = func(id string) bool {
		switch state[id] {
		case visiting:
			return true
		case done:
			return false
		}
		state[id] = visiting
		for _, next := range after[id] {
			if visit(next) {
				return true
			}
		}
		state[id] = done
		return false
	}
	return slices.ContainsFunc(slices.Sorted(maps.Keys(after)), visit)
}

func (b *ordering) Lint() []fault.Problem {
	var ps []fault.Problem
	if len(b.Items)-len(b.Exclude) < 4 {
		ps = append(ps, fault.Warn("items", "ordering.few", "n", len(b.Items)-len(b.Exclude)))
	}
	if b.Why.IsZero() && len(b.Feedback) == 0 {
		ps = append(ps, fault.Warn("why", "item.no_why"))
	}
	return append(ps, lintGuess(b, First, "items", "ordering.as_written")...)
}

func (b *ordering) Prompt(v View, a Answer) any {
	given, _ := a.(orderingAnswer)
	p := OrderingPrompt{Distractors: len(b.Exclude) > 0}
	for _, c := range v.Deal("o", partIDs(b.Items)) {
		p.Steps = append(p.Steps, ShownStep{ID: c.Shown, Text: find(b.Items, c.ID).Text.In(v.Lang),
			Rank: given.Rank[c.ID], Excluded: slices.Contains(given.Excluded, c.ID)})
	}
	p.Steps = byRank(p.Steps)
	return p
}

// byRank puts ranked steps first in their order, then the open ones, then the excluded, as the person left them.
func byRank(steps []ShownStep) []ShownStep {
	place := func(s ShownStep) int {
		switch {
		case s.Excluded:
			return MaxOptions + 2
		case s.Rank == 0:
			return MaxOptions + 1
		}
		return s.Rank
	}
	slices.SortStableFunc(steps, func(x, y ShownStep) int { return place(x) - place(y) })
	return steps
}

func (b *ordering) Parse(v View, f Fields) (Answer, error) {
	d := v.Deal("o", partIDs(b.Items))
	r := read(f, "rank", "excluded")
	a := orderingAnswer{Rank: r.numbers("rank", d, 1, len(b.Items)), Excluded: r.ids("excluded", d)}
	for _, id := range a.Excluded {
		if _, both := a.Rank[id]; both {
			r.problem("rank["+d.Shown(id)+"]", "ordering.both")
		}
	}
	if err := r.err(); err != nil || len(a.Rank)+len(a.Excluded) == 0 {
		return nil, err
	}
	return a, nil
}

// Parts are the items, each placed or left out.
func (b *ordering) Parts(a Answer) (done, of int) {
	given, _ := a.(orderingAnswer)
	return len(given.Rank) + len(given.Excluded), len(b.Items)
}

// Score is clamp((C - D)/P - 0.5 * placed distractors / distractors); ties and missing steps count neither way.
func (b *ordering) Score(r Response) (Result, error) {
	a, _ := r.Answer.(orderingAnswer)
	var d orderingDetail
	for _, p := range b.pairs() {
		d.Pairs++
		first, ok1 := a.Rank[p[0]]
		then, ok2 := a.Rank[p[1]]
		switch {
		case !ok1 || !ok2 || first == then:
		case first < then:
			d.Concordant++
		default:
			d.Discordant++
		}
	}
	for _, id := range b.Exclude {
		if _, placed := a.Rank[id]; placed {
			d.Placed++
		}
	}
	s := float64(d.Concordant-d.Discordant) / float64(d.Pairs)
	if n := len(b.Exclude); n > 0 {
		s -= 0.5 * float64(d.Placed) / float64(n)
	}
	return Result{Score: clamp01(s), Detail: d}, nil
}

func (b *ordering) Explain(v View, a Answer) any {
	given, _ := a.(orderingAnswer)
	e := OrderingExplained{Why: b.Why.In(v.Lang)}
	say := func(id string) string { return find(b.Items, id).Text.In(v.Lang) }
	for _, id := range b.keyOrder() {
		e.Steps = append(e.Steps, ExplainedStep{Text: say(id), Own: given.Rank[id], Why: b.Feedback[id].In(v.Lang)})
	}
	for _, id := range b.Exclude {
		e.Distractors = append(e.Distractors, ExplainedStep{Text: say(id), Own: given.Rank[id], Why: b.Feedback[id].In(v.Lang)})
	}
	for _, p := range b.pairs() {
		first, ok1 := given.Rank[p[0]]
		then, ok2 := given.Rank[p[1]]
		if ok1 && ok2 && first > then {
			e.Broken = append(e.Broken, BrokenPair{First: say(p[0]), Then: say(p[1])})
		}
	}
	return e
}

// keyOrder is one order that satisfies the key: the full one, or the steps as written sorted by the pairs.
func (b *ordering) keyOrder() []string {
	if len(b.Order) > 0 {
		return b.Order
	}
	var out []string
	open := slices.DeleteFunc(partIDs(b.Items), func(id string) bool { return slices.Contains(b.Exclude, id) })
	for len(open) > 0 {
		i := slices.IndexFunc(open, func(id string) bool {
			return !slices.ContainsFunc(b.Before, func(p []string) bool { return p[1] == id && slices.Contains(open, p[0]) })
		})
		i = max(i, 0) // a circle is refused by Validate
		out, open = append(out, open[i]), slices.Delete(open, i, i+1)
	}
	return out
}

// Guess ranks the steps by length or as written; cues mean nothing here.
func (b *ordering) Guess(s Strategy) Answer {
	a := orderingAnswer{Rank: map[string]int{}}
	order := guessOrder(s, len(b.Items), func(i int) text.Text { return b.Items[i].Text }, func(int) string { return "" })
	for place, i := range order {
		a.Rank[b.Items[i].ID] = place + 1
	}
	return a
}

// lintGuess warns when one blind candidate earns more than MEASUREMENT allows of any item.
func lintGuess(b interface {
	Body
	Guessable
}, s Strategy, path, key string) []fault.Problem {
	const most = 0.35
	if len(b.Validate()) > 0 {
		return nil
	}
	if res, err := b.Score(Response{Answer: b.Guess(s)}); err == nil && res.Score > most {
		return []fault.Problem{fault.Warn(path, key, "score", res.Score)}
	}
	return nil
}

// OrderingPrompt is what a candidate sees; Distractors says that some steps may not belong.
type OrderingPrompt struct {
	Steps       []ShownStep
	Distractors bool
}

// ShownStep is a step with the answer so far; Rank 0 is none.
type ShownStep struct {
	ID       string
	Text     string
	Rank     int
	Excluded bool
}

// OrderingExplained is the key order with the own ranks, what did not belong, and the pairs that were the wrong way round.
type OrderingExplained struct {
	Steps       []ExplainedStep
	Distractors []ExplainedStep
	Broken      []BrokenPair
	Why         string
}

// ExplainedStep is a step in its right place; Own 0 is left out by the person.
type ExplainedStep struct {
	Text string
	Own  int
	Why  string
}

// BrokenPair is two steps that were put the wrong way round.
type BrokenPair struct{ First, Then string }
