package item

import (
	"hash/fnv"
	"math/rand/v2"
	"strconv"

	"leida/internal/text"
)

// View is one look at an item: its language, and the ids and the order in which its parts are seen. In a sitting ids are opaque and the order is shuffled by the seed, so that neither tells anything (MEASUREMENT 4.17).
type View struct {
	Lang text.Lang
	seed uint64
	seen bool
	show shown
	kept *Answer // nil where the answer that is shown is the one that is kept
}

// shown is how much of its material a view shows.
type shown byte

const (
	byAnswer shown = iota // as far as the answer given so far allows
	all                   // everything at once
	none                  // nothing: what is left is what a reader without the stimulus sees
)

// Seen is a candidate's view: opaque ids, order shuffled by the seed. The same seed gives the same view.
func Seen(lang text.Lang, seed uint64) View { return View{Lang: lang, seed: seed, seen: true} }

// Plain is an author's view: definition ids, order as written.
func Plain(lang text.Lang) View { return View{Lang: lang} }

// Whole is the view with everything revealed at once, for those who look an item over.
func (v View) Whole() View { v.show = all; return v }

// Bare is the view without the stimulus, for trying whether an item can be answered without it (MEASUREMENT 4.17). Kinds whose prompt holds material of their own leave it out.
func (v View) Bare() View { v.show = none; return v }

// All reports whether steps are revealed at once, as they are also in a bare view.
func (v View) All() bool { return v.show != byAnswer }

// Keeping is the view of one whose answer has not been taken, since something in it was wrong: it is shown as typed, but steps are revealed by the one that is kept.
func (v View) Keeping(kept Answer) View { v.kept = &kept; return v }

// Kept is the answer that reveals steps, where shown is the one that is to be shown.
func (v View) Kept(shown Answer) Answer {
	if v.kept != nil {
		return *v.kept
	}
	return shown
}

// IsBare reports whether material is to be left out.
func (v View) IsBare() bool { return v.show == none }

// Card is a part of an item as it is shown: the id that the browser knows and the id of the definition.
type Card struct{ Shown, ID string }

// Deck is a list of parts in the order shown, with both of their ids.
type Deck []Card

// Deal lays out parts for this view. In a sitting the shown ids are the space's letter and the place: o1, o2, ... Parts of different spaces (the left and the right of a matching item) are shuffled independently.
func (v View) Deal(space string, ids []string) Deck {
	d := make(Deck, len(ids))
	for i, id := range ids {
		d[i] = Card{Shown: id, ID: id}
	}
	if !v.seen {
		return d
	}
	h := fnv.New64a()
	h.Write([]byte(space))
	r := rand.New(rand.NewPCG(v.seed, h.Sum64()))
	r.Shuffle(len(d), func(i, j int) { d[i], d[j] = d[j], d[i] })
	for i := range d {
		d[i].Shown = space + strconv.Itoa(i+1)
	}
	return d
}

// Count lays out parts in the order written, with ids that say no more than the place: k1, k2, ... for those that are questions and not choices, such as cases, turns and fields.
func (v View) Count(space string, ids []string) Deck {
	d := make(Deck, len(ids))
	for i, id := range ids {
		d[i] = Card{Shown: id, ID: id}
		if v.seen {
			d[i].Shown = space + strconv.Itoa(i+1)
		}
	}
	return d
}

// ID is the definition id of a shown one.
func (d Deck) ID(shown string) (string, bool) {
	for _, c := range d {
		if c.Shown == shown {
			return c.ID, true
		}
	}
	return "", false
}

// Shown is the shown id of a definition id, empty when it is not in the deck.
func (d Deck) Shown(id string) string {
	for _, c := range d {
		if c.ID == id {
			return c.Shown
		}
	}
	return ""
}
