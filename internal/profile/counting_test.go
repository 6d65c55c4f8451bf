package profile_test

import (
	"math"
	"strings"
	"testing"

	"leida/internal/profile"
)

func ids(es []profile.Evidence) string {
	var out []string
	for _, e := range es {
		out = append(out, e.ID)
	}
	return strings.Join(out, " ")
}

func attempt(id, item, sitting, cycle string, age float64) profile.Evidence {
	e := aged(age, test("A", item, 70, 2))
	e.ID, e.SittingID, e.Cycle = id, sitting, cycle
	return e
}

func TestCountingLeavesOutRetakes(t *testing.T) {
	void := func(e profile.Evidence) profile.Evidence { e.Void = true; return e }
	other := func(e profile.Evidence) profile.Evidence { e.Person = "q"; return e }
	for _, c := range []struct {
		name     string
		evidence []profile.Evidence
		want     string
	}{
		{"the first sitting counts, however the records come", []profile.Evidence{
			attempt("second", "a", "s2", "c", 5), attempt("first", "a", "s1", "c", 9), attempt("third", "a", "s3", "c", 1)}, "first"},
		{"another item is no retake", []profile.Evidence{attempt("1", "a", "s1", "c", 9), attempt("2", "b", "s2", "c", 5)}, "1 2"},
		{"a new cycle is new evidence", []profile.Evidence{attempt("1", "a", "s1", "c", 9), attempt("2", "a", "s2", "d", 5)}, "1 2"},
		{"a rubric writes several records in one sitting", []profile.Evidence{
			attempt("1", "a", "s1", "c", 9), of(profile.Rater, attempt("2", "a", "s1", "c", 9)), of(profile.Rater, attempt("3", "a", "s1", "c", 8)), attempt("4", "a", "s2", "c", 5)}, "1 2 3"},
		{"without a sitting the instant tells", []profile.Evidence{attempt("1", "a", "", "c", 9), attempt("2", "a", "", "c", 9), attempt("3", "a", "", "c", 8)}, "1 2"},
		{"a void sitting was none", []profile.Evidence{void(attempt("1", "a", "s1", "c", 9)), attempt("2", "a", "s2", "c", 5)}, "2"},
		{"a figure every month is no retake", []profile.Evidence{
			of(profile.KPI, attempt("1", "fcr", "", "c", 60)), of(profile.KPI, attempt("2", "fcr", "", "c", 30)), of(profile.Observation, attempt("3", "o", "", "c", 30)), of(profile.Observation, attempt("4", "o", "", "c", 3))}, "1 2 3 4"},
		{"people do not retake for each other", []profile.Evidence{attempt("1", "a", "s1", "c", 9), other(attempt("2", "a", "s2", "c", 5))}, "1 2"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := ids(profile.Counting(c.evidence)); got != c.want {
				t.Errorf("counting %q, want %q", got, c.want)
			}
		})
	}
}

func TestCountingKeepsOrderAndInput(t *testing.T) {
	in := []profile.Evidence{attempt("z", "z", "s", "c", 1), attempt("a", "a", "s", "c", 2), attempt("m", "m", "s", "c", 3)}
	if got := ids(profile.Counting(in)); got != "z a m" {
		t.Errorf("order %q", got)
	}
	if got := ids(in); got != "z a m" {
		t.Errorf("the input became %q", got)
	}
}

func TestEvidenceValidate(t *testing.T) {
	if ps := test("A", "a", 70, 2).Validate(); len(ps) > 0 {
		t.Errorf("a sound record: %v", ps)
	}
	var paths []string
	for _, p := range (profile.Evidence{Y: math.NaN(), N: 0, Source: "hearsay"}).Validate() {
		paths = append(paths, p.Path)
	}
	if got := strings.Join(paths, " "); got != "id person sub item y n source at" {
		t.Errorf("problems at %q", got)
	}
}

func TestLeftOutSaysWhy(t *testing.T) {
	m := customerService()
	first, again := test("AIC.1", "a", 70, 2), test("AIC.1", "a", 90, 2)
	again.ID, again.SittingID, again.At = "again", "later", today
	void, unsound, unknown := test("AIC.1", "v", 70, 2), test("AIC.1", "u", math.Inf(1), 2), test("nowhere", "n", 70, 2)
	void.Void = true
	p := profile.Of(m, rules, []profile.Evidence{first, again, void, unsound, unknown,
		aged(-1, test("AIC.1", "f", 70, 2)), aged(541, test("AIC.1", "x", 70, 2))}, today, profile.Options{})
	got := map[string]string{}
	for _, l := range p.LeftOut {
		got[l.Path] = strings.TrimPrefix(l.Key, "profile.left_out.")
	}
	want := map[string]string{"again": "retake", void.ID: "void", unsound.ID: "unsound", unknown.ID: "unknown_sub", "AIC.1/f": "future", "AIC.1/x": "expired"}
	for id, why := range want {
		if got[id] != why {
			t.Errorf("%s is left out as %q, want %q", id, got[id], why)
		}
	}
	if len(got) != len(want) {
		t.Errorf("left out: %v", got)
	}
}
