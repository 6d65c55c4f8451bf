package fault

import (
	"strings"
	"unicode/utf8"
)

// Near finds the candidate closest to a misspelt word, for "did you mean"; empty when nothing is close (more than a third of the letters, and one, differ).
func Near(word string, candidates []string) string {
	letters := utf8.RuneCountInString(word)
	best, bestAt := "", letters/3+2
	word = strings.ToLower(word)
	for _, c := range candidates {
		if apart := letters - utf8.RuneCountInString(c); apart >= bestAt || -apart >= bestAt {
			continue // no need to reckon, and a word may be a whole file long
		}
		if d := distance(word, strings.ToLower(c)); d < bestAt {
			best, bestAt = c, d
		}
	}
	return best
}

// distance is the Damerau-Levenshtein distance (adjacent transpositions count one) of two short words.
func distance(a, b string) int {
	x, y := []rune(a), []rune(b)
	width := len(y) + 1
	rows := make([]int, 3*width) // this row and the two before
	row := func(i int) []int { return rows[i%3*width:][:width] }
	for j := range row(0) {
		row(0)[j] = j
	}
	for i := 1; i <= len(x); i++ {
		this, last := row(i), row(i-1)
		this[0] = i
		for j := 1; j <= len(y); j++ {
			cost := 1
			if x[i-1] == y[j-1] {
				cost = 0
			}
			this[j] = min(last[j]+1, this[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && x[i-1] == y[j-2] && x[i-2] == y[j-1] {
				this[j] = min(this[j], row(i - 2)[j-2]+1)
			}
		}
	}
	return row(len(x))[len(y)]
}
