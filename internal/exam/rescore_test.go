package exam_test

import (
	"slices"
	"testing"

	"leida/internal/exam"
)

// Another version that marks and measures as the old one did moves nothing of a person's evidence; anything else does.
func TestChangeMoves(t *testing.T) {
	at := func(spoil func(*exam.Result)) *exam.Result {
		r := &exam.Result{Sitting: "s", Person: "p", Revision: 1, Counts: true, Places: []exam.Place{
			{Item: exam.Pin{ID: "a", Version: 1, Hash: "x"}, Score: 0.5, Units: 2, Measures: []exam.Measure{{Sub: "AIC.1", W: 0.6}, {Sub: "AIC.2", W: 0.4}}}}}
		spoil(r)
		return r
	}
	for name, x := range map[string]struct {
		moves bool
		spoil func(*exam.Result)
	}{
		"version":     {false, func(r *exam.Result) { r.Revision, r.Places[0].Item.Version, r.Places[0].Item.Hash = 2, 2, "y" }},
		"critical":    {false, func(r *exam.Result) { r.Places[0].Critical = []string{"a"} }},
		"score":       {true, func(r *exam.Result) { r.Places[0].Score = 1 }},
		"units":       {true, func(r *exam.Result) { r.Places[0].Units = 3 }},
		"measure":     {true, func(r *exam.Result) { r.Places[0].Measures = slices.Clone(r.Places[0].Measures[:1]) }},
		"pending":     {true, func(r *exam.Result) { r.Places[0].Pending = true }},
		"performance": {true, func(r *exam.Result) { r.Places[0].Performance = true }},
	} {
		c := exam.Change{Before: at(func(*exam.Result) {}), After: at(x.spoil)}
		if c.Moves() != x.moves {
			t.Errorf("%s: %v", name, c.Moves())
		}
	}
	if (exam.Change{Before: at(func(*exam.Result) {})}).Moves() {
		t.Error("no change moves something")
	}
}
