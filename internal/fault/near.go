package fault

import (
	"strings"
	"unicode/utf8"
)

// Near finds the candidate closest to a misspelt word, for "did you mean"; empty when nothing is close (more than a third of the letters, and one, differ).
func Near(word string, candidates []string) string {
	best, bestAt := "", utf8.RuneCountInString(word)/3+2
	for _, c := range candidates {
		if apart := utf8.RuneCountInString(word) - utf8.RuneCountInString(c); apart >= bestAt || -apart >= bestAt {
			continue // no need to reckon, and a word may be a whole file long
		}
		if d := distance(strings.ToLower(word), strings.ToLower(c)); d < bestAt {
			best, bestAt = c, d
		}
	}
	return best
}

// distance is the Damerau-Levenshtein distance (adjacent transpositions count one) of two short words.
func distance(a, b string) int {
	x, y := []rune(a), []rune(b)
	d := make([][]int, len(x)+1)
	for i := range d {
		d[i] = make([]int, len(y)+1)
		d[i][0] = i
	}
	for j := range d[0] {
		d[0][j] = j
	}
	for i := 1; i <= len(x); i++ {
		for j := 1; j <= len(y); j++ {
			cost := 1
			if x[i-1] == y[j-1] {
				cost = 0
			}
			d[i][j] = min(d[i-1][j]+1, d[i][j-1]+1, d[i-1][j-1]+cost)
			if i > 1 && j > 1 && x[i-1] == y[j-2] && x[i-2] == y[j-1] {
				d[i][j] = min(d[i][j], d[i-2][j-2]+1)
			}
		}
	}
	return d[len(x)][len(y)]
}
