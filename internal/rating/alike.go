package rating

import (
	"cmp"
	"slices"
	"strings"
	"unicode"

	"leida/internal/org"
)

// MostAlike is how much a text may share with another before raters are told. It is told and nothing else: no text fails by it.
const MostAlike = 0.6

const gram = 5 // characters

// Print is what of a text is compared: its sequences of five characters, letters and digits alone, whatever their width and case.
type Print []uint64

// NewPrint takes a text's print. One of fewer characters is a single sequence.
func NewPrint(s string) Print {
	rs := []rune(strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return r
		}
		return -1
	}, org.Canonical(s)))
	if len(rs) == 0 {
		return nil
	}
	n := max(1, len(rs)-gram+1)
	p := make(Print, n)
	for i := range n {
		p[i] = fnv(rs[i:min(i+gram, len(rs))])
	}
	slices.Sort(p)
	return slices.Compact(p)
}

// fnv is FNV-1a over whole characters.
func fnv(rs []rune) uint64 {
	h := uint64(14695981039346656037)
	for _, r := range rs {
		h = (h ^ uint64(r)) * 1099511628211
	}
	return h
}

// Alike is the share of sequences that two texts have in common, of all that either has (Jaccard): 0 to 1, and 0 where either is empty.
func (p Print) Alike(q Print) float64 {
	both := 0
	for i, j := 0, 0; i < len(p) && j < len(q); {
		switch cmp.Compare(p[i], q[j]) {
		case 0:
			both++
			i, j = i+1, j+1
		case -1:
			i++
		default:
			j++
		}
	}
	if both == 0 {
		return 0
	}
	return float64(both) / float64(len(p)+len(q)-both)
}

// Likeness is another text that one is like.
type Likeness struct {
	Ref   string // whose print it was; not for raters
	Alike float64
}

// Likenesses are the prints that one is too like, the closest first.
func Likenesses(own Print, others map[string]Print) []Likeness {
	var out []Likeness
	for ref, p := range others {
		if x := own.Alike(p); x >= MostAlike {
			out = append(out, Likeness{ref, x})
		}
	}
	slices.SortFunc(out, func(a, b Likeness) int {
		return cmp.Or(cmp.Compare(b.Alike, a.Alike), cmp.Compare(a.Ref, b.Ref))
	})
	return out
}
