package demo

import (
	"math"
	"math/rand/v2"
	"slices"
	"strconv"

	"leida/internal/item"
)

// pencil fills in one form: a state of small numbers, how to change it a little, and the form fields that it stands for. It knows of an item what a
// candidate sees of it.
type pencil struct {
	state []byte
	nudge func(state []byte)
	form  func(state []byte) map[string][]string
}

// take is the pencil for a prompt, with a random state; ok is false for a kind that it has not learnt to answer.
func take(kind string, prompt any, r *rand.Rand) (p pencil, ok bool) {
	switch q := prompt.(type) {
	case item.ChoicePrompt:
		if kind == "single_choice" {
			return chooseOne(q, r), true
		}
		return chooseSome(q, r), true
	case item.SJTPrompt:
		if q.Rate {
			return rateAll(q, r), true
		}
		return bestAndWorst(q, r), true
	case item.OrderingPrompt:
		return order(q, r), true
	case item.MatchingPrompt:
		return match(q, r), true
	}
	return pencil{}, false
}

// digits is a pencil of n places, each one of m values.
func digits(n, m int, r *rand.Rand, form func([]byte) map[string][]string) pencil {
	p := pencil{state: make([]byte, n), form: form}
	for i := range p.state {
		p.state[i] = byte(r.IntN(m))
	}
	p.nudge = func(s []byte) { s[r.IntN(n)] = byte(r.IntN(m)) }
	return p
}

func chooseOne(q item.ChoicePrompt, r *rand.Rand) pencil {
	return digits(1, len(q.Options), r, func(s []byte) map[string][]string {
		return map[string][]string{"choice": {q.Options[s[0]].ID}}
	})
}

func chooseSome(q item.ChoicePrompt, r *rand.Rand) pencil {
	return digits(len(q.Options), 2, r, func(s []byte) map[string][]string {
		var ids []string
		for i, on := range s {
			if on == 1 {
				ids = append(ids, q.Options[i].ID)
			}
		}
		if ids == nil { // that would be no answer
			ids = []string{q.Options[0].ID}
		}
		return map[string][]string{"choices[]": ids}
	})
}

func rateAll(q item.SJTPrompt, r *rand.Rand) pencil {
	const points = 7
	return digits(len(q.Options), points, r, func(s []byte) map[string][]string {
		f := map[string][]string{}
		for i, n := range s {
			f["ratings["+q.Options[i].ID+"]"] = []string{strconv.Itoa(int(n) + 1)}
		}
		return f
	})
}

func bestAndWorst(q item.SJTPrompt, r *rand.Rand) pencil {
	n := len(q.Options)
	return digits(2, n, r, func(s []byte) map[string][]string {
		worst := s[1]
		if worst == s[0] { // nobody means the same option twice
			worst = (worst + 1) % byte(n)
		}
		return map[string][]string{"best": {q.Options[s[0]].ID}, "worst": {q.Options[worst].ID}}
	})
}

func match(q item.MatchingPrompt, r *rand.Rand) pencil {
	return digits(len(q.Left), len(q.Right), r, func(s []byte) map[string][]string {
		f := map[string][]string{}
		for i, n := range s {
			f["pairs["+q.Left[i].ID+"]"] = []string{q.Right[n].ID}
		}
		return f
	})
}

// order is a permutation, and at its end how many of the steps belong.
func order(q item.OrderingPrompt, r *rand.Rand) pencil {
	n := len(q.Steps)
	p := pencil{state: make([]byte, n+1)}
	for place, step := range r.Perm(n) {
		p.state[place] = byte(step)
	}
	p.state[n] = byte(n)
	if q.Distractors {
		p.state[n] = byte(max(2, n-1-r.IntN(2)))
	}
	p.nudge = func(s []byte) {
		if q.Distractors && r.IntN(8) == 0 {
			s[n] = byte(min(max(int(s[n])+1-2*r.IntN(2), 2), n))
			return
		}
		i, j := r.IntN(n), r.IntN(n)
		if r.IntN(2) == 0 {
			s[i], s[j] = s[j], s[i]
			return
		}
		step := s[i]
		steps := slices.Insert(slices.Delete(slices.Clone(s[:n]), i, i+1), j, step)
		copy(s, steps)
	}
	p.form = func(s []byte) map[string][]string {
		f := map[string][]string{}
		for place, step := range s[:n] {
			if id := q.Steps[step].ID; place < int(s[n]) {
				f["rank["+id+"]"] = []string{strconv.Itoa(place + 1)}
			} else {
				f["excluded[]"] = append(f["excluded[]"], id)
			}
		}
		return f
	}
	return p
}

// Bounds of a search for an answer.
const (
	mostTries = 400
	stuckAt   = 80   // tries without coming nearer: begin anew
	idleTries = 25   // without better answers, once there are some on both sides
	near      = 0.26 // between the answers on both sides; about one pair of a matching item
)

// answer is an answer worth about a wanted score, 0..1. Where none is worth just that, it is the nearest worse or the nearest better one found, so often
// that the mean is right. It is nil for a kind that the pencil does not know.
func answer(it *item.Item, v item.View, want float64, r *rand.Rand) (item.Answer, error) {
	if im, ok := it.Body.(item.Imitable); ok {
		return imitate(it, im, want, r)
	}
	p, ok := take(it.Type, it.Body.Prompt(v, nil), r)
	if !ok {
		return nil, nil
	}
	found := bracket{want: want}
	best, gap := p.state, math.Inf(1)
	tried := map[string]bool{}
	for try, idle, stuck := 0, 0, 0; try < mostTries && !found.enough(idle); try++ {
		s := slices.Clone(best)
		switch {
		case try == 0:
		case stuck < stuckAt:
			p.nudge(s)
		default:
			p, _ = take(it.Type, it.Body.Prompt(v, nil), r)
			s, gap, stuck = p.state, math.Inf(1), 0
		}
		idle++
		stuck++
		if tried[string(s)] {
			continue
		}
		tried[string(s)] = true
		m, err := mark(it, v, p.form(s))
		if err != nil {
			return nil, err
		}
		if found.take(m) {
			idle = 0
		}
		d := math.Abs(m.score - want)
		if d < gap {
			stuck = 0
		}
		if d <= gap {
			best, gap = s, d
		}
	}
	return found.choose(r), nil
}

// imitate is an answer of a kind that knows the errors people make. How able one must be for a score differs from kind to kind and is found by trying: abilities are narrowed down,
// and luck decides between the answers on both sides.
func imitate(it *item.Item, im item.Imitable, want float64, r *rand.Rand) (item.Answer, error) {
	const tries = 60
	found := bracket{want: want}
	lo, hi := 0.0, 1.0
	for range tries {
		ability := lo + (hi-lo)*r.Float64()
		a := im.Imitate(ability, r)
		res, err := it.Score(item.Response{Answer: a})
		if err != nil {
			return nil, err
		}
		if res.Pending { // people will say what it is worth
			return im.Imitate(want, r), nil
		}
		found.take(marked{a, res.Score})
		if res.Score < want {
			lo += (ability - lo) / 4
		} else {
			hi -= (hi - ability) / 4
		}
		if found.enough(0) {
			break
		}
	}
	if found.below == nil {
		return found.above.answer, nil
	}
	return found.choose(r), nil
}

// marked is an answer with what it is worth, 0..1.
type marked struct {
	answer item.Answer
	score  float64
}

// bracket is the nearest answers found on both sides of a wanted score; nil for none.
type bracket struct {
	want         float64
	below, above *marked
}

// take keeps an answer that is nearer than the one kept, and reports whether it did.
func (b *bracket) take(m marked) bool {
	switch {
	case m.score <= b.want && (b.below == nil || m.score > b.below.score):
		b.below = &m
	case m.score > b.want && (b.above == nil || m.score < b.above.score):
		b.above = &m
	default:
		return false
	}
	return true
}

func (b *bracket) enough(idle int) bool {
	const exact = 0.01
	if b.below != nil && b.want-b.below.score < exact {
		return true
	}
	return b.below != nil && b.above != nil && (idle >= idleTries || b.above.score-b.below.score <= near)
}

func (b *bracket) choose(r *rand.Rand) item.Answer {
	if b.above == nil || b.below != nil && r.Float64()*(b.above.score-b.below.score) >= b.want-b.below.score {
		return b.below.answer
	}
	return b.above.answer
}

// mark marks a filled-in form by the way that every answer takes.
func mark(it *item.Item, v item.View, form map[string][]string) (marked, error) {
	fields, err := item.FormFields(form)
	if err != nil {
		return marked{}, err
	}
	a, err := it.Body.Parse(v, fields)
	if err != nil {
		return marked{}, err
	}
	res, err := it.Score(item.Response{Answer: a})
	return marked{a, res.Score}, err
}
