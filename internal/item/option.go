package item

import (
	"cmp"
	"math"
	"slices"
	"unicode/utf8"

	"leida/internal/fault"
	"leida/internal/text"
)

// Cues that an author marks on an option, so that blind candidates can be tried.
var Cues = []string{string(Polite), string(Escalate)}

// Marked is an option's cue and rationale, which several kinds share.
type Marked struct {
	Cue string    `yaml:"cue,omitempty"` // polite | escalate, told by the author
	Why text.Text `yaml:"why,omitempty"`
}

func (m Marked) validate(at string) []fault.Problem {
	ps := OptionalText(at+".why", m.Why)
	if m.Cue != "" && !slices.Contains(Cues, m.Cue) {
		ps = append(ps, fault.At(at+".cue", "define.one_of", "got", m.Cue, "known", Cues))
	}
	return ps
}

// Length is how long a reader sees a text, in characters of its Chinese.
func length(t text.Text) int { return utf8.RuneCountInString(t.ZH) }

// guessOrder are the indices of n options in the order in which a blind candidate prefers them: by the strategy's cue, else as written.
func guessOrder(s Strategy, n int, words func(i int) text.Text, cue func(i int) string) []int {
	order := make([]int, n)
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		switch s {
		case Longest:
			return cmp.Compare(length(words(b)), length(words(a)))
		case Polite, Escalate:
			return cmp.Compare(has(cue(b) == string(s)), has(cue(a) == string(s)))
		}
		return 0
	})
	return order
}

func has(yes bool) int {
	if yes {
		return 1
	}
	return 0
}

func clamp01(x float64) float64 { return max(0, min(1, x)) }

// or is what an author wrote, else the usual.
func or(written *float64, usual float64) float64 {
	if written != nil {
		return *written
	}
	return usual
}

// percent is a share as people read it.
func percent(x float64) int { return int(math.Round(100 * x)) }

// mostBlind is the most that somebody who does not read may earn of any item.
const mostBlind = 0.35

// lintBlindOf warns of each blind candidate of a kind who earns more than allowed.
func lintBlindOf(b interface {
	Body
	Resistant
}, path, key string) []fault.Problem {
	if len(b.Validate()) > 0 {
		return nil
	}
	var ps []fault.Problem
	for _, x := range b.Blind() {
		if r, err := b.Score(Response{Answer: x.Answer}); err == nil && r.Score > x.Most+1e-9 {
			ps = append(ps, fault.Warn(path, key, "who", x.Name, "score", math.Round(100*r.Score)/100, "most", x.Most))
		}
	}
	return ps
}
