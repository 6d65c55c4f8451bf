package profile_test

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"leida/internal/capability"
	"leida/internal/fault"
	"leida/internal/profile"
)

var (
	rules = profile.DefaultRules()
	today = time.Date(2026, 6, 30, 12, 0, 0, 0, time.UTC)
)

// ago is the instant so many days, also parts of days, before today.
func ago(days float64) time.Time {
	return today.Add(-time.Duration(days * 24 * float64(time.Hour)))
}

// test is a quiz record of a performance item, a day old.
func test(sub, item string, y, n float64) profile.Evidence {
	return profile.Evidence{
		ID: sub + "/" + item, Person: "p", Sub: sub, ItemID: item, SittingID: "s-" + item, Cycle: "2026a",
		Y: y, N: n, Source: profile.Quiz, Performance: true, At: ago(1),
	}
}

func of(source profile.Source, e profile.Evidence) profile.Evidence {
	e.Source, e.Performance = source, source.Test()
	return e
}

func aged(days float64, e profile.Evidence) profile.Evidence {
	e.At = ago(days)
	return e
}

func choice(e profile.Evidence) profile.Evidence {
	e.Performance = false
	return e
}

// enough is just sufficient evidence of a score in one sub-competency, rated, from two items.
func enough(sub string, y float64) []profile.Evidence {
	return []profile.Evidence{of(profile.Rater, test(sub, "x-"+sub, y, 3)), of(profile.Rater, test(sub, "y-"+sub, y, 3))}
}

// plenty is so much evidence of a score that there is no doubt about its level.
func plenty(sub string, y float64) []profile.Evidence {
	return []profile.Evidence{of(profile.Rater, test(sub, "x-"+sub, y, 900)), of(profile.Rater, test(sub, "y-"+sub, y, 900))}
}

// everywhere is evidence of one score in every sub-competency of a model.
func everywhere(m *capability.Model, how func(string, float64) []profile.Evidence, y float64) []profile.Evidence {
	var all []profile.Evidence
	for _, s := range m.Subs() {
		all = append(all, how(s.ID, y)...)
	}
	return all
}

// customerService has the weights, cuts and roles of the model that leida ships (MEASUREMENT section 2).
func customerService() *capability.Model {
	m := &capability.Model{ID: "cs-2026", Version: "1.0.0", Levels: levels(0, 40, 60, 75, 88)}
	m.Capabilities = []capability.Capability{
		axis("AIC", 0.25, 0.30, 0.35, 0.20, 0.15), axis("EMP", 0.25, 0.30, 0.25, 0.25, 0.20),
		axis("CPS", 0.30, 0.25, 0.20, 0.35, 0.20), axis("SVI", 0.20, 0.40, 0.35, 0.25),
	}
	m.Capabilities[0].Subs[1].Watch = true
	m.Capabilities[2].Subs[2].Watch = true
	m.Roles = []capability.Role{
		{ID: "agent", Target: targets(65, 65, 55, 40)},
		{ID: "senior_agent", Target: targets(75, 75, 70, 55), Floors: map[string]float64{"CPS.3": 68}},
	}
	return m
}

func targets(aic, emp, cps, svi float64) map[string]float64 {
	return map[string]float64{"AIC": aic, "EMP": emp, "CPS": cps, "SVI": svi}
}

// gardening is as unlike it as a model may be: three capabilities, one of them with a single sub-competency, and three levels.
func gardening() *capability.Model {
	m := &capability.Model{ID: "garden", Version: "2.1.0", Levels: levels(0, 50, 90)}
	m.Capabilities = []capability.Capability{axis("soil", 0.5, 1), axis("water", 0.25, 0.5, 0.5), axis("light", 0.25, 0.1, 0.2, 0.4, 0.3)}
	m.Roles = []capability.Role{{ID: "helper", Target: map[string]float64{"soil": 50, "water": 0, "light": 30}}}
	return m
}

func axis(id string, weight float64, subs ...float64) capability.Capability {
	c := capability.Capability{ID: id, Weight: weight}
	for i, w := range subs {
		c.Subs = append(c.Subs, capability.Sub{ID: fmt.Sprintf("%s.%d", id, i+1), Weight: w})
	}
	return c
}

func levels(cuts ...float64) []capability.Level {
	var ls []capability.Level
	for i, c := range cuts {
		ls = append(ls, capability.Level{N: i + 1, Cut: c})
	}
	return ls
}

func capabilityOf(t *testing.T, p profile.Profile, id string) profile.Capability {
	t.Helper()
	c, ok := p.Capability(id)
	if !ok {
		t.Fatalf("the profile has no capability %s", id)
	}
	return *c
}

// keys are the message keys of problems, to compare with a list of words.
func keys(ps []fault.Problem) string {
	var ks []string
	for _, p := range ps {
		ks = append(ks, strings.TrimPrefix(p.Key, "profile."))
	}
	return strings.Join(ks, " ")
}

func near(a, b, tolerance float64) bool { return math.Abs(a-b) <= tolerance }
