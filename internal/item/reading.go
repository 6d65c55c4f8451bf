package item

import (
	"slices"
	"strconv"
	"strings"

	"leida/internal/fault"
)

// reading takes typed values out of an answer's fields and gathers every problem on the way. Paths are those of the wire: choices[1], rank[s1].
type reading struct {
	f  Fields
	ps []fault.Problem
}

// read starts on an answer that may hold the named fields and no others.
func read(f Fields, known ...string) *reading {
	r := &reading{f: f}
	for _, n := range f.names {
		if !slices.Contains(known, n) {
			r.problem(clip(n), "answer.unknown_field", "known", known)
		}
	}
	return r
}

func (r *reading) problem(path, key string, args ...any) {
	r.ps = append(r.ps, fault.At(path, key, args...))
}

// err is an Invalid fault of all that was found, or nil.
func (r *reading) err() error { return fault.Of(r.ps) }

// id is one part's definition id, empty when blank.
func (r *reading) id(name string, d Deck) string {
	f := r.f.named[name]
	if f.shape == list || f.shape == object {
		r.problem(name, "answer.one_value")
		return ""
	}
	return r.lookup(name, f.text, d)
}

// words are a text as it was typed, with plain line feeds; one of nothing but space is blank.
func (r *reading) words(name string) string {
	f := r.f.named[name]
	if f.shape == list || f.shape == object {
		r.problem(name, "answer.one_value")
		return ""
	}
	return typed(f.text)
}

// texts are texts by part; blank ones are left out.
func (r *reading) texts(name string, d Deck) map[string]string {
	out := map[string]string{}
	r.each(name, d, func(_, id, text string) {
		if text = typed(text); text != "" {
			out[id] = text
		}
	})
	return out
}

var lineFeeds = strings.NewReplacer("\r\n", "\n", "\r", "\n")

func typed(s string) string {
	if s = lineFeeds.Replace(s); strings.TrimSpace(s) == "" {
		return ""
	}
	return s
}

// ids are several parts' definition ids without repeats, in the order given.
func (r *reading) ids(name string, d Deck) []string { return r.idList(name, r.f.named[name], d) }

func (r *reading) idList(name string, f Fields, d Deck) []string {
	out, _ := r.placedIDs(name, f, d)
	return out
}

// placedIDs are ids and, for each, where in the list it was given: blank ones are left out.
func (r *reading) placedIDs(name string, f Fields, d Deck) (out, at []string) {
	if f.shape == scalar && f.text != "" || f.shape == object {
		r.problem(name, "answer.list_wanted")
		return nil, nil
	}
	for i, v := range f.list {
		here := fault.Index(name, i)
		if v.shape != scalar {
			r.problem(here, "answer.one_value")
			continue
		}
		id := r.lookup(here, v.text, d)
		switch {
		case id == "":
		case slices.Contains(out, id):
			r.problem(here, "answer.repeated")
		default:
			out, at = append(out, id), append(at, here)
		}
	}
	return out, at
}

// numbers are whole numbers from lo to hi by part; blank ones are left out.
func (r *reading) numbers(name string, d Deck, lo, hi int) map[string]int {
	out := map[string]int{}
	r.each(name, d, func(at, id, text string) {
		n, err := strconv.Atoi(foldDigits(text))
		if err != nil || n < lo || n > hi {
			r.problem(at, "define.whole", "min", lo, "max", hi)
			return
		}
		out[id] = n
	})
	return out
}

// pairs are parts of one deck assigned to parts of another; blank ones are left out.
func (r *reading) pairs(name string, left, right Deck) map[string]string {
	out := map[string]string{}
	r.each(name, left, func(at, id, text string) {
		if to := r.lookup(at, text, right); to != "" {
			out[id] = to
		}
	})
	return out
}

// each walks name[part]=value for the parts of a deck, skipping blanks.
func (r *reading) each(name string, d Deck, take func(at, id, text string)) {
	r.parts(name, d, func(at, id string, v Fields) {
		switch {
		case v.shape == list || v.shape == object:
			r.problem(at, "answer.one_value")
		case v.shape == scalar && v.text != "":
			take(at, id, v.text)
		}
	})
}

// parts walks name[part] for the parts of a deck, whatever shape each has.
func (r *reading) parts(name string, d Deck, take func(at, id string, v Fields)) {
	f := r.f.named[name]
	if f.shape == scalar && f.text != "" || f.shape == list {
		r.problem(name, "answer.by_part")
		return
	}
	for _, n := range f.names {
		at := fieldPath(name, n)
		if id, ok := d.ID(n); ok {
			take(at, id, f.named[n])
		} else {
			r.problem(at, "answer.unknown_option")
		}
	}
}

// lookup maps a shown id to the definition's. Ids of other items are as unknown as nonsense: nothing tells that they exist.
func (r *reading) lookup(at, shown string, d Deck) string {
	if shown == "" {
		return ""
	}
	id, ok := d.ID(shown)
	if !ok {
		r.problem(at, "answer.unknown_option")
	}
	return id
}

// foldDigits turns full-width digits, which Chinese input methods type, into plain ones.
func foldDigits(s string) string {
	out := []rune(s)
	for i, c := range out {
		if c >= '０' && c <= '９' {
			out[i] = c - '０' + '0'
		}
	}
	return string(out)
}
