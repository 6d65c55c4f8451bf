package item

import (
	"unicode"
	"unicode/utf8"

	"leida/internal/fault"
	"leida/internal/text"
)

// MaxChars is the highest limit of a text, so that even one in four-byte characters with as much space again fits into MaxAnswerText.
const MaxChars = 8000

// Limits are how much is to be written, in characters as Chars counts them. What is too short is not rated; what is beyond the most is kept but not read.
type Limits struct {
	Min int `yaml:"min_chars,omitempty"`
	Max int `yaml:"max_chars,omitempty"` // 0 for none
}

func (l Limits) validate(path string) []fault.Problem {
	var ps []fault.Problem
	if l.Min < 0 || l.Min > MaxChars {
		ps = append(ps, fault.At(path+".min_chars", "define.whole", "min", 0, "max", MaxChars))
	}
	if l.Max < 0 || l.Max > MaxChars {
		ps = append(ps, fault.At(path+".max_chars", "define.whole", "min", 0, "max", MaxChars))
	} else if l.Max > 0 && l.Min > l.Max {
		ps = append(ps, fault.At(path+".max_chars", "writing.min_above_max", "min", l.Min, "max", l.Max))
	}
	return ps
}

// lint warns of texts that may be empty phrases or padding, and of anchors that nobody could have written.
func (l Limits) lint(path string, r Rubric) []fault.Problem {
	var ps []fault.Problem
	if l.Min == 0 {
		ps = append(ps, fault.Warn(path, "writing.no_min"))
	}
	if l.Max == 0 {
		ps = append(ps, fault.Warn(path, "writing.no_max"))
	}
	for i, a := range r.Anchors {
		if n := Chars(a.Text.ZH); l.Max > 0 && n > l.Max {
			ps = append(ps, fault.Warn(fault.Index("anchors", i)+".text", "writing.anchor_long", "n", n, "max", l.Max))
		}
	}
	return ps
}

// short reports whether a text of so many characters is too short to be rated; a blank one always is.
func (l Limits) short(chars int) bool { return chars == 0 || chars < l.Min }

// Passage is a piece of what somebody wrote, as raters and the writer read it.
type Passage struct {
	Title text.Text // of the section that it belongs to; zero where there is but one
	Text  string    // as far as it counts
	Over  string    // what is beyond the limit and is not rated
}

// Chars is how much of a text counts: letters, digits, punctuation and symbols, without space and without what cannot be seen.
func Chars(s string) int {
	n := 0
	for _, c := range s {
		if counts(c) {
			n++
		}
	}
	return n
}

func counts(c rune) bool {
	if c < utf8.RuneSelf {
		return c > ' ' && c < 0x7f
	}
	return unicode.IsGraphic(c) && !unicode.IsSpace(c)
}

// cutAt splits a text behind so many characters; a negative number is no limit.
func cutAt(s string, most int) (within, over string) {
	for i, c := range s {
		if counts(c) {
			if most == 0 {
				return s[:i], s[i:]
			}
			most--
		}
	}
	return s, ""
}

// AskedText is a field to write in, with how much is in it now.
type AskedText struct {
	Name  string // of the form's field
	Title string
	Given string
	Chars int
}

// Length is how much is written of how much is wanted.
type Length struct {
	Chars, Min, Max int
	Short           int // how many are missing
	Over            int // how many are too many
}

func (l Limits) length(chars int) Length {
	n := Length{Chars: chars, Min: l.Min, Max: l.Max, Short: max(0, l.Min-chars)}
	if l.Max > 0 {
		n.Over = max(0, chars-l.Max)
	}
	return n
}

// ExplainedPassage is what the learner wrote.
type ExplainedPassage struct {
	Title string
	Words string
	Over  string
	Chars int
}

func explainPassages(v View, ps []Passage) []ExplainedPassage {
	var out []ExplainedPassage
	for _, p := range ps {
		if p.Text+p.Over != "" {
			out = append(out, ExplainedPassage{Title: p.Title.In(v.Lang), Words: p.Text, Over: p.Over, Chars: Chars(p.Text)})
		}
	}
	return out
}
