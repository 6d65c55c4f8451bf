package casebook

import (
	"cmp"
	"slices"
	"strings"
	"time"
	"unicode"
)

// Problem is what somebody looks cases up for.
type Problem struct {
	PCI      PCI
	Category string // parent/child; empty where it is not known
	Words    string // as it was told
}

// Weights of a match: how alike the complexity, the category and the words are (MEASUREMENT 3.2).
const (
	pciShare, categoryShare, wordShare = 0.5, 0.3, 0.2
)

// Match is how well a case fits a problem, 0..1 (MEASUREMENT 3.2). Words are compared in the language that the problem is told in: Chinese by its Han characters, else English.
func Match(p Problem, c *Case) float64 {
	words := c.Title.ZH + c.Problem.ZH
	if !strings.ContainsFunc(p.Words, func(r rune) bool { return unicode.Is(unicode.Han, r) }) {
		words = c.Title.EN + c.Problem.EN
	}
	return pciShare*likeness(p.PCI, c.PCI) + categoryShare*path(p.Category, c.Category) + wordShare*Overlap(p.Words, words)
}

// likeness is 1 for the same factors and 0 for the greatest difference in all.
func likeness(a, b PCI) float64 {
	far := 0.0
	other := b.Factors()
	for i, f := range a.Factors() {
		far += f.Weight * float64(max(f.Value-other[i].Value, other[i].Value-f.Value)) / MaxFactor
	}
	return 1 - far
}

// path is 1 for the same category, 0.5 for the same parent.
func path(a, b string) float64 {
	parentA, _, _ := strings.Cut(a, "/")
	parentB, _, _ := strings.Cut(b, "/")
	switch {
	case a == "" || b == "":
		return 0
	case a == b:
		return 1
	case parentA == parentB:
		return 0.5
	}
	return 0
}

// Overlap is how many of their pairs of neighbouring characters two texts share, 0..1 (Jaccard).
func Overlap(a, b string) float64 { return jaccard(bigrams(a), bigrams(b)) }

// bigrams are the pairs of neighbouring letters and digits of a text.
func bigrams(s string) map[[2]rune]bool {
	out := map[[2]rune]bool{}
	var last rune
	for _, r := range strings.ToLower(s) {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			last = 0
			continue
		}
		if last != 0 {
			out[[2]rune{last, r}] = true
		}
		last = r
	}
	return out
}

// jaccard is how much two sets share of what both have; 0 for two empty ones.
func jaccard[T comparable](a, b map[T]bool) float64 {
	both := 0
	for x := range a {
		if b[x] {
			both++
		}
	}
	if either := len(a) + len(b) - both; either > 0 {
		return float64(both) / float64(either)
	}
	return 0
}

// Pushed is a case as it is offered.
type Pushed struct {
	*Case
	Match   float64
	Expired bool // or not yet valid: to be read, not to be used
}

// Push are the cases for a problem on a day, the best match first; those that are not valid then come last. Equal matches stand in the order of their ids.
func Push(p Problem, cases []Case, at time.Time) []Pushed {
	out := make([]Pushed, len(cases))
	for i := range cases {
		out[i] = Pushed{Case: &cases[i], Match: Match(p, &cases[i]), Expired: !cases[i].Valid(at)}
	}
	slices.SortFunc(out, func(x, y Pushed) int {
		if x.Expired != y.Expired {
			if x.Expired {
				return 1
			}
			return -1
		}
		return cmp.Or(cmp.Compare(y.Match, x.Match), cmp.Compare(x.ID, y.ID))
	})
	return out
}

// TopPushed is how many cases count as offered when a match rate is taken.
const TopPushed = 3

// MatchRate is the share of uses whose best case, as experts say, was among the first three pushed; ok is false without any use (MEASUREMENT 3.2). Each use is the place of that case, from 0;
// negative for one that was not pushed at all.
func MatchRate(places []int) (rate float64, ok bool) {
	hits := 0
	for _, n := range places {
		if n >= 0 && n < TopPushed {
			hits++
		}
	}
	if len(places) == 0 {
		return 0, false
	}
	return float64(hits) / float64(len(places)), true
}
