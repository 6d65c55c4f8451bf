// Package org is the centre's people: person, team, access role, job profile and cycle, and who may do what.
package org

import (
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"

	"leida/internal/fault"
)

// Limits of what is kept of a person.
const (
	MaxName     = 80  // characters
	MaxNumber   = 32  // characters
	MaxEmail    = 254 // bytes
	MinPassword = 10  // characters; length is what makes a password strong, so nothing else is asked of it
	MaxPassword = 256 // bytes
)

// Person is somebody of the centre. A number is a string: leading zeros are part of it.
type Person struct {
	ID         string
	Number     string // employee number, unique under Canonical
	Name       string
	Email      string    // optional
	JobProfile string    // what one is measured against: a role of the capability model
	ActiveFrom time.Time // days in the centre's zone
	ActiveTo   time.Time // zero while no end is known
}

// ActiveAt reports whether the person belongs to the centre at a time.
func (p Person) ActiveAt(t time.Time) bool {
	return !t.Before(p.ActiveFrom) && (p.ActiveTo.IsZero() || t.Before(p.ActiveTo))
}

// LeavingAt reports whether an end is already known.
func (p Person) LeavingAt(t time.Time) bool { return p.ActiveAt(t) && !p.ActiveTo.IsZero() }

// Canonical is the form under which names and numbers are compared: NFKC, case folded, outer and repeated space removed. Two people never share one.
func Canonical(s string) string {
	s = norm.NFKC.String(s)
	s = norm.NFKC.String(cases.Fold().String(s)) // folding may take composed letters apart
	return strings.Join(strings.Fields(s), " ")
}

// Validate returns what is wrong with a person's particulars, at their fields.
func (p Person) Validate() []fault.Problem {
	var ps []fault.Problem
	ps = append(ps, checkNumber("number", p.Number)...)
	ps = append(ps, checkWord("name", p.Name, MaxName)...)
	if p.Email != "" && (len(p.Email) > MaxEmail || !strings.Contains(p.Email, "@") || strings.ContainsFunc(p.Email, unicode.IsSpace)) {
		ps = append(ps, fault.At("email", "org.email"))
	}
	if !p.ActiveTo.IsZero() && !p.ActiveTo.After(p.ActiveFrom) {
		ps = append(ps, fault.At("active_to", "org.ends_before"))
	}
	return ps
}

func checkWord(field, s string, most int) []fault.Problem {
	switch {
	case strings.TrimSpace(s) == "":
		return []fault.Problem{fault.At(field, "define.required")}
	case len([]rune(s)) > most:
		return []fault.Problem{fault.At(field, "org.too_long", "max", most)}
	case strings.ContainsFunc(s, func(r rune) bool { return unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) }):
		return []fault.Problem{fault.At(field, "org.control")}
	}
	return nil
}

// checkNumber refuses what looks like something else or like nothing: a Cyrillic А is not to pass for a Latin A beside digits.
func checkNumber(field, s string) []fault.Problem {
	if ps := checkWord(field, s, MaxNumber); ps != nil {
		return ps
	}
	if strings.ContainsFunc(Canonical(s), func(r rune) bool {
		return unicode.Is(unicode.Cf, r) || unicode.IsLetter(r) && !unicode.In(r, unicode.Latin, unicode.Han)
	}) {
		return []fault.Problem{fault.At(field, "org.letters")}
	}
	return nil
}

// CheckPassword says what is wrong with a new password; words are those that a guesser would try first.
func CheckPassword(password string, words ...string) []fault.Problem {
	switch n := len([]rune(password)); {
	case n < MinPassword:
		return []fault.Problem{fault.At("password", "org.password_short", "min", MinPassword)}
	case len(password) > MaxPassword:
		return []fault.Problem{fault.At("password", "org.password_long", "max", MaxPassword)}
	}
	canon := strings.ReplaceAll(Canonical(password), " ", "")
	for _, w := range append(words, "leida", "password") {
		w = strings.ReplaceAll(Canonical(w), " ", "")
		if len([]rune(w)) >= 4 && strings.Contains(canon, w) && strings.Trim(strings.ReplaceAll(canon, w, ""), "0123456789!@#$%^&*.-_") == "" {
			return []fault.Problem{fault.At("password", "org.password_guessable")}
		}
	}
	if common[canon] || uniform(canon) {
		return []fault.Problem{fault.At("password", "org.password_guessable")}
	}
	return nil
}

// common are passwords of at least MinPassword characters that head every published list.
var common = map[string]bool{
	"1234567890": true, "0123456789": true, "qwertyuiop": true, "1q2w3e4r5t": true, "1qaz2wsx3edc": true, "0987654321": true,
	"abcdefghij": true, "iloveyou123": true, "woaini1314520": true, "woaini1314": true, "5201314520": true, "123456789a": true,
	"a123456789": true, "12345678910": true, "qq123456789": true, "administrator": true, "1234567891": true, "q1w2e3r4t5": true,
	"asdfghjkl;": true, "zxcvbnm123": true, "qwerty123456": true, "123123123123": true, "112233445566": true, "147258369147": true,
}

// uniform reports whether a password is one character over and over, or nothing but space.
func uniform(s string) bool {
	r, _ := utf8.DecodeRuneInString(s)
	return strings.Trim(s, string(r)) == ""
}
