// Package org is the centre's people: person, team, access role, job profile and cycle, and who may do what.
package org

import (
	"strings"
	"time"
	"unicode"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"

	"leida/internal/fault"
)

// Limits of what is kept of a person.
const (
	MaxName   = 80  // characters
	MaxNumber = 32  // characters
	MaxEmail  = 254 // bytes
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
