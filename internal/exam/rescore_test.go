package exam_test

import (
	"encoding/json"
	"slices"
	"testing"

	"leida/internal/assessment"
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

// While people have yet to rate a place there is no pass, and only a critical error decides; what that does to a plan is no pass gained or lost.
func TestVerdicts(t *testing.T) {
	cut := &assessment.Cut{Total: 60, Floor: 40}
	result := func(score float64, places ...exam.Place) *exam.Result {
		return &exam.Result{Score: score, Places: places}
	}
	good, bad := exam.Place{Score: 1, Units: 1, Weight: 1}, exam.Place{Score: 0.2, Units: 1, Weight: 1, Section: 1}
	pending, critical := exam.Place{Units: 1, Weight: 1, Pending: true}, exam.Place{Score: 1, Units: 1, Weight: 1, Critical: []string{"x"}}
	for name, x := range map[string]struct {
		r    *exam.Result
		want exam.Verdict
	}{
		"passes":                {result(100, good), exam.Passed},
		"too low":               {result(59, good), exam.NotPassed},
		"below a floor":         {result(60, good, bad), exam.NotPassed},
		"critical":              {result(100, critical), exam.NotPassed},
		"to be rated":           {result(100, good, pending), exam.Undecided},
		"too low so far":        {result(0, pending), exam.Undecided},
		"critical, to be rated": {result(100, critical, pending), exam.NotPassed},
	} {
		if got := x.r.Verdict(cut); got != x.want {
			t.Errorf("%s: %q, want %q", name, got, x.want)
		}
		if got := x.r.Verdict(nil); got != exam.NoRule {
			t.Errorf("%s without a rule: %q", name, got)
		}
	}
	if !result(0, pending, pending).Unmarked() || result(0, pending, bad).Unmarked() {
		t.Error("what is all to be rated has no score, and what is partly has one")
	}
	verdicts := []exam.Verdict{exam.Passed, exam.NotPassed, exam.Undecided}
	for _, was := range verdicts {
		for _, now := range verdicts {
			var e exam.Effects
			e.Judge(was, now)
			raw, err := json.Marshal(e)
			var kept exam.Effects
			if err == nil {
				err = json.Unmarshal(raw, &kept)
			}
			if got, next := kept.Verdicts(); err != nil || got != was || next != now {
				t.Errorf("%s, %s is kept as %s, %v", was, now, raw, err)
			}
			c := exam.Change{Before: result(50, good), After: result(50, good)}
			if falls := was != now && (was == exam.Passed || now == exam.NotPassed); c.Falls(e) != falls {
				t.Errorf("%s to %s falls: %v", was, now, !falls)
			}
		}
	}
	old := exam.Effects{Passed: &[2]bool{true, false}} // as it was kept before anything could be undecided
	if was, now := old.Verdicts(); was != exam.Passed || now != exam.NotPassed {
		t.Errorf("%s, %s", was, now)
	}
}
