package org

import (
	_ "embed"
	"slices"
	"strings"
	"sync"
	"unicode"

	"leida/internal/fault"
)

// Limits of a password. Length is what makes it strong: no kind of character is asked for, and none is refused.
const (
	MinPassword      = 10   // characters
	MaxPassword      = 256  // characters
	MaxPasswordBytes = 1024 // what is longer is not even looked at
)

// ContextWords are refused wherever the product is installed; a person's name and number, and the names of the centre's teams, come on top.
var ContextWords = []string{"leida", "雷达", "password", "passwort", "密码", "口令", "客服", "admin", "管理员"}

// commonPasswords is passwords/common.txt, which names its sources and their licences.
//
//go:embed passwords/common.txt
var commonPasswords string

// common is the set of passwords, and of words to make them of, that a guesser tries first.
var common = sync.OnceValue(func() map[string]bool {
	set := make(map[string]bool, 11_300)
	for line := range strings.Lines(commonPasswords) {
		if line = strings.TrimSuffix(line, "\n"); !strings.HasPrefix(line, "# ") {
			set[line] = true
		}
	}
	return set
})

// CheckPassword says what is wrong with a new password; words are those of the person and the place. A password is guessable when it is a common one, with or
// without digits and signs around it, when it is a few characters over and over, or when nothing is left of it without such words, digits and signs.
func CheckPassword(password string, words ...string) []fault.Problem {
	switch n := len([]rune(password)); {
	case len(password) > MaxPasswordBytes || n > MaxPassword:
		return []fault.Problem{fault.At("password", "org.password_long", "max", MaxPassword)}
	case n < MinPassword:
		return []fault.Problem{fault.At("password", "org.password_short", "min", MinPassword)}
	}
	canon := squeeze(password)
	if common()[canon] || common()[strings.TrimFunc(canon, sign)] || common()[strings.TrimFunc(canon, decorative)] || repeated(canon) || madeOf(canon, append(words, ContextWords...)) {
		return []fault.Problem{fault.At("password", "org.password_guessable")}
	}
	return nil
}

// squeeze is a word as a guesser sees it: case, width and blanks do not count.
func squeeze(s string) string { return strings.ReplaceAll(Canonical(s), " ", "") }

func sign(r rune) bool       { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }
func decorative(r rune) bool { return !unicode.IsLetter(r) }

// repeated reports whether a password is nothing, or up to four characters over and over.
func repeated(s string) bool {
	r := []rune(s)
	for unit := 1; unit <= 4 && unit < len(r); unit++ {
		if slices.Equal(r[unit:], r[:len(r)-unit]) {
			return true
		}
	}
	return len(r) < 2
}

// madeOf reports whether a password has some of the words, and besides them nothing but digits and signs. A word has two characters at least, one in letters three.
func madeOf(s string, words []string) bool {
	var parts []string
	for _, w := range words {
		for _, w := range append(strings.Fields(Canonical(w)), squeeze(w)) {
			if n := len([]rune(w)); n >= 3 || n == 2 && len(w) > 2 {
				parts = append(parts, w)
			}
		}
	}
	slices.SortFunc(parts, func(a, b string) int { return len(b) - len(a) }) // the longest first: a short one may be part of it
	rest := s
	for _, w := range parts {
		rest = strings.ReplaceAll(rest, w, " ")
	}
	return rest != s && strings.TrimFunc(rest, decorative) == ""
}
