package profile_test

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"leida/internal/profile"
)

func aic(t *testing.T, evidence []profile.Evidence, previous *profile.Snapshot) profile.Capability {
	t.Helper()
	return capabilityOf(t, profile.Of(customerService(), rules, evidence, today, profile.Options{Previous: previous}), "AIC")
}

func aicAt(y float64, how func(string, float64) []profile.Evidence) []profile.Evidence {
	return slices.Concat(how("AIC.1", y), how("AIC.2", y), how("AIC.3", y), how("AIC.4", y))
}

func TestLevelIsTheHighestCutReached(t *testing.T) {
	for y, level := range map[float64]int{0: 1, 39.9: 1, 40: 2, 60: 3, 74.9: 3, 75: 4, 88: 5, 100: 5} {
		c := aic(t, aicAt(y, plenty), nil)
		if c.Level != level || c.Subs[0].Level != level {
			t.Errorf("%g is level %d and %d, want %d", y, c.Level, c.Subs[0].Level, level)
		}
	}
}

func TestUpperLevelsNeedProof(t *testing.T) {
	kind := func(change func(profile.Evidence) profile.Evidence) func(string, float64) []profile.Evidence {
		return func(sub string, y float64) []profile.Evidence {
			es := plenty(sub, y)
			for i := range es {
				es[i] = change(es[i])
			}
			return es
		}
	}
	quiz := func(e profile.Evidence) profile.Evidence { return of(profile.Quiz, e) }
	choices := func(e profile.Evidence) profile.Evidence { return choice(quiz(e)) }
	stale := func(e profile.Evidence) profile.Evidence { return aged(366, e) }
	fcr := of(profile.KPI, test("AIC.1", "fcr", 95, 1))
	for _, c := range []struct {
		name     string
		evidence []profile.Evidence
		level    int
		capped   string
	}{
		{"rated answers", aicAt(95, plenty), 5, ""},
		{"a quiz of performance items", aicAt(95, kind(quiz)), 4, "capped.rated"},
		{"a quiz and a figure", append(aicAt(95, kind(quiz)), fcr), 5, ""},
		{"a quiz and an old figure", append(aicAt(95, kind(quiz)), aged(366, fcr)), 4, "capped.rated"},
		{"a quiz and old ratings", append(aicAt(95, kind(quiz)), kind(stale)("AIC.1", 95)...), 4, "capped.rated"},
		{"choice only, very high", aicAt(95, kind(choices)), 3, "capped.performance capped.rated"},
		{"choice only, high", aicAt(80, kind(choices)), 3, "capped.performance"},
		{"choice only, middling", aicAt(70, kind(choices)), 3, ""},
		{"choice and a figure", append(aicAt(95, kind(choices)), fcr), 3, "capped.performance"},
		{"one performance item anywhere in the capability", append(aicAt(80, kind(choices)), test("AIC.3", "p", 80, 1)), 4, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := aic(t, c.evidence, nil)
			if got.Level != c.level || keys(got.Capped) != c.capped {
				t.Errorf("level %d (%s), want %d (%s)", got.Level, keys(got.Capped), c.level, c.capped)
			}
			if got.Uncertain() {
				t.Errorf("a cap is no doubt, but L%d-L%d", got.Pair[0], got.Pair[1])
			}
		})
	}
}

func TestLevelHoldsALittleBelowItsCut(t *testing.T) {
	frozen := func(level int) *profile.Snapshot {
		return &profile.Snapshot{ModelID: "cs-2026", ModelVersion: "1.3.0", Capabilities: []profile.Frozen{{ID: "AIC", Level: level}}}
	}
	for _, c := range []struct {
		y        float64
		previous *profile.Snapshot
		level    int
		held     bool
	}{
		{74.9, nil, 3, false},
		{74.9, frozen(4), 4, true},
		{73, frozen(4), 4, true},
		{72.9, frozen(4), 3, false},
		{59, frozen(4), 2, false}, // once it falls, the cuts decide
		{76, frozen(3), 4, false}, // nothing holds anybody down
		{74.9, frozen(3), 3, false},
		{74.9, &profile.Snapshot{ModelID: "cs-2026", ModelVersion: "2.0.0", Capabilities: frozen(4).Capabilities}, 3, false}, // other cuts
		{74.9, frozen(9), 3, false},
	} {
		got := aic(t, aicAt(c.y, plenty), c.previous)
		if got.Level != c.level || got.Held != c.held {
			t.Errorf("%g after %+v: level %d, held %v; want %d, %v", c.y, c.previous, got.Level, got.Held, c.level, c.held)
		}
	}
}

func TestHysteresisDoesNotReplaceProof(t *testing.T) {
	evidence := aicAt(74.5, plenty)
	for i := range evidence {
		evidence[i] = choice(of(profile.Quiz, evidence[i]))
	}
	got := aic(t, evidence, &profile.Snapshot{ModelID: "cs-2026", ModelVersion: "1.0.0", Capabilities: []profile.Frozen{{ID: "AIC", Level: 4}}})
	if got.Level != 3 || got.Held || keys(got.Capped) != "capped.performance" {
		t.Errorf("level %d, held %v, %s", got.Level, got.Held, keys(got.Capped))
	}
}

func TestUnsureLevelIsAPair(t *testing.T) {
	wide := func(sub string, y float64) []profile.Evidence {
		return []profile.Evidence{of(profile.Rater, test(sub, "x"+sub, y, 6)), of(profile.Rater, test(sub, "y"+sub, y, 6))}
	}
	for _, c := range []struct {
		y    float64
		pair [2]int
	}{{75.5, [2]int{3, 4}}, {74.5, [2]int{3, 4}}, {60.5, [2]int{2, 3}}, {87.5, [2]int{4, 5}}, {2, [2]int{}}, {50, [2]int{}}} {
		got := aic(t, aicAt(c.y, wide), nil)
		if got.Pair != c.pair {
			t.Errorf("%g: pair %v (level %d, P %.2f), want %v", c.y, got.Pair, got.Level, got.Probability, c.pair)
		}
		if got.Uncertain() != (got.Probability < rules.LevelProbability) {
			t.Errorf("%g: pair %v with P %.2f", c.y, got.Pair, got.Probability)
		}
	}
}

func TestLevelNeverFallsAsTheScoreRises(t *testing.T) {
	capless := rules
	capless.PerformanceLevel, capless.RatedLevel = 100, 100
	rapid.Check(t, func(t *rapid.T) {
		a := rapid.Float64Range(0, 100).Draw(t, "a")
		b := rapid.Float64Range(a, 100).Draw(t, "b")
		before := &profile.Snapshot{ModelID: "garden", ModelVersion: "2.0.0", Capabilities: []profile.Frozen{{ID: "soil", Level: rapid.IntRange(0, 3).Draw(t, "before")}}}
		at := func(y float64) int {
			p := profile.Of(gardening(), capless, enough("soil.1", y), today, profile.Options{Previous: before})
			return p.Capabilities[0].Level
		}
		if low, high := at(a), at(b); low > high || low < 1 || high > 3 {
			t.Fatalf("%g is level %d, %g is level %d", a, low, b, high)
		}
	})
}

func TestModelWithOtherLevels(t *testing.T) {
	p := profile.Of(gardening(), rules, plenty("soil.1", 95), today, profile.Options{})
	if c := capabilityOf(t, p, "soil"); c.Level != 3 || len(c.Capped) > 0 {
		t.Errorf("level %d of 3, %s", c.Level, keys(c.Capped))
	}
}
