package profile_test

import (
	"fmt"
	"math"
	"reflect"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"leida/internal/profile"
)

// member has one score in every sub-competency, and as often as given another one in a sub-competency.
func member(person, role string, y float64, other map[string]float64) profile.Member {
	m := customerService()
	var es []profile.Evidence
	for _, s := range m.Subs() {
		score, ok := other[s.ID]
		if !ok {
			score = y
		}
		if score >= 0 {
			es = append(es, plenty(s.ID, score)...)
		}
	}
	return profile.Member{Person: person, Profile: profile.Of(m, rules, es, today, profile.Options{Role: role})}
}

func unmeasured(person string) profile.Member {
	return profile.Member{Person: person, Profile: profile.Of(customerService(), rules, nil, today, profile.Options{Role: "agent"})}
}

func TestTeam(t *testing.T) {
	m := customerService()
	leaving := member("zhao", "senior_agent", 80, map[string]float64{"CPS.3": 90})
	leaving.Leaving = true
	team := profile.Team(m, rules, []profile.Member{
		member("li", "agent", 60, nil), leaving, unmeasured("wang"), member("chen", "agent", 70, map[string]float64{"CPS.3": 35, "CPS.1": 54}),
	})
	if team.Headcount != 4 || team.Assessed != 3 || team.Coverage != 0.75 {
		t.Errorf("headcount %d, assessed %d, coverage %g", team.Headcount, team.Assessed, team.Coverage)
	}
	aic := team.Capabilities[0]
	if got, want := aic.Spread, (profile.Spread{N: 3, Median: 70, P25: 65, P75: 75, Mean: 70, SD: math.Sqrt(200.0 / 3), Min: 60}); got != want {
		t.Errorf("spread %+v, want %+v", got, want)
	}
	if !slices.Equal(aic.Values, []float64{60, 70, 80}) || aic.Coverage != 0.75 {
		t.Errorf("values %v, coverage %g", aic.Values, aic.Coverage)
	}
	if aic.Target != (65+75+65+65)/4.0 || aic.Targeted != 4 {
		t.Errorf("headcount-weighted target %g of %d", aic.Target, aic.Targeted)
	}
	if aic.Judged != 3 || aic.Below != 1 || !near(aic.TargetCoverage, 2.0/3, 1e-12) || !near(aic.ExpectedCoverage, 2.0/3, 0.01) || !near(aic.Shortfall, 5.0/3, 1e-12) {
		t.Errorf("%+v", aic.TeamDomain)
	}
	cps3 := aic.Subs[0]
	for _, s := range team.Capabilities[2].Subs {
		if s.ID == "CPS.3" {
			cps3 = s
		}
	}
	if cps3.Judged != 3 || cps3.Below != 1 || !near(cps3.Shortfall, 20.0/3, 1e-12) || cps3.Min != 35 {
		t.Errorf("CPS.3 %+v", cps3)
	}
	want := profile.WeakLink{Capability: "CPS", Sub: "CPS.3", Value: 0.35 * 20 / 3, Below: 1, Judged: 3}
	if team.Weakest == nil || !near(team.Weakest.Value, want.Value, 1e-9) {
		t.Fatalf("weakest %+v, want %+v", team.Weakest, want)
	}
	if team.Weakest.Value = want.Value; *team.Weakest != want {
		t.Errorf("weakest %+v, want %+v", *team.Weakest, want)
	}
}

func TestOnTargetIsNotBelow(t *testing.T) {
	team := profile.Team(customerService(), rules, []profile.Member{member("a", "agent", 65, nil)})
	if aic := team.Capabilities[0]; aic.Below != 0 || aic.TargetCoverage != 1 || !near(aic.ExpectedCoverage, 0.5, 1e-9) {
		t.Errorf("%+v", aic.TeamDomain)
	}
	if team.Weakest != nil {
		t.Errorf("weakest %+v", team.Weakest)
	}
}

func TestWeakestAmongEqualsIsTheFirst(t *testing.T) {
	team := profile.Team(customerService(), rules, []profile.Member{member("a", "agent", 70, map[string]float64{"CPS.1": 45, "EMP.2": 55, "EMP.3": 55})})
	if team.Weakest == nil || team.Weakest.Sub != "EMP.2" {
		t.Errorf("weakest %+v", team.Weakest)
	}
}

func TestBusFactor(t *testing.T) {
	m := customerService() // watches AIC.2 and CPS.3
	a, b := member("a", "agent", 80, nil), member("b", "agent", 80, map[string]float64{"CPS.3": 74})
	a.Leaving = true
	team := profile.Team(m, rules, []profile.Member{a, b, unmeasured("c"), member("d", "agent", 90, map[string]float64{"AIC.2": -1, "CPS.3": -1})})
	want := []profile.BusFactor{
		{Capability: "AIC", Sub: "AIC.2", Holders: []string{"a", "b"}, Staying: []string{"b"}},
		{Capability: "CPS", Sub: "CPS.3", Holders: []string{"a"}},
	}
	if !reflect.DeepEqual(team.BusFactors, want) {
		t.Fatalf("%+v", team.BusFactors)
	}
	for i, covers := range [][2]profile.Cover{{profile.Backed, profile.Single}, {profile.Single, profile.Nobody}} {
		if b := team.BusFactors[i]; b.Cover() != covers[0] || b.CoverLater() != covers[1] {
			t.Errorf("%s: %s, later %s", b.Sub, b.Cover(), b.CoverLater())
		}
	}
}

func TestEmptyTeam(t *testing.T) {
	m := customerService()
	for name, team := range map[string]profile.TeamProfile{
		"nobody":        profile.Team(m, rules, nil),
		"nobody tested": profile.Team(m, rules, []profile.Member{unmeasured("a")}),
		"no profiles":   profile.Team(m, rules, []profile.Member{{Person: "a"}}),
	} {
		if team.Weakest != nil || team.Coverage != 0 || len(team.Capabilities) != 4 || len(team.BusFactors) != 2 || team.BusFactors[0].Cover() != profile.Nobody {
			t.Errorf("%s: %+v", name, team)
		}
		for _, c := range team.Capabilities {
			if c.N != 0 || len(c.Values) != 0 {
				t.Errorf("%s: %+v", name, c)
			}
		}
		if x := notFinite(reflect.ValueOf(team)); x != "" {
			t.Errorf("%s: %s", name, x)
		}
	}
}

func TestTeamIsAlwaysFiniteAndKnowsNoOrder(t *testing.T) {
	m := customerService()
	rapid.Check(t, func(t *rapid.T) {
		members := make([]profile.Member, rapid.IntRange(0, 7).Draw(t, "members"))
		for i := range members {
			es := anyEvidence("AIC.1", "AIC.2", "AIC.3", "SVI.1", "SVI.2").Draw(t, "evidence")
			role := rapid.SampledFrom([]string{"", "agent", "senior_agent"}).Draw(t, "role")
			members[i] = profile.Member{Person: fmt.Sprint(i), Profile: profile.Of(m, rules, es, today, profile.Options{Role: role})}
		}
		team := profile.Team(m, rules, members)
		if x := notFinite(reflect.ValueOf(team)); x != "" {
			t.Fatal(x)
		}
		slices.Reverse(members)
		again := profile.Team(m, rules, members)
		for i, c := range team.Capabilities {
			if c.Spread != again.Capabilities[i].Spread || !near(c.ExpectedCoverage, again.Capabilities[i].ExpectedCoverage, 1e-12) || c.Below != again.Capabilities[i].Below {
				t.Fatalf("%+v\n%+v", c, again.Capabilities[i])
			}
			if c.TargetCoverage < 0 || c.TargetCoverage > 1 || c.Coverage > 1 || c.Judged > c.N || c.N > team.Headcount || c.N > 0 && (c.P25 > c.Median || c.Median > c.P75 || c.Min > c.P25) {
				t.Fatalf("%+v", c)
			}
		}
	})
}

// notFinite walks a value and says where a number is NaN or infinite.
func notFinite(v reflect.Value) string {
	switch v.Kind() {
	case reflect.Float64:
		if x := v.Float(); math.IsNaN(x) || math.IsInf(x, 0) {
			return fmt.Sprint(x)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if x := notFinite(v.Field(i)); x != "" {
				return v.Type().Field(i).Name + " " + x
			}
		}
	case reflect.Slice:
		for i := range v.Len() {
			if x := notFinite(v.Index(i)); x != "" {
				return fmt.Sprintf("[%d] %s", i, x)
			}
		}
	case reflect.Pointer:
		if !v.IsNil() {
			return notFinite(v.Elem())
		}
	}
	return ""
}

func TestComparable(t *testing.T) {
	at := func(n int, coverage float64) profile.TeamDomain {
		return profile.TeamDomain{Spread: profile.Spread{N: n}, Coverage: coverage}
	}
	for _, c := range []struct {
		a, b profile.TeamDomain
		want bool
	}{{at(6, 0.6), at(9, 0.9), true}, {at(6, 0.59), at(9, 0.9), false}, {at(9, 0.9), at(6, 0.59), false}, {at(0, 0), at(0, 0), false}} {
		if got := profile.Comparable(rules, c.a, c.b); got != c.want {
			t.Errorf("coverage %g and %g: %v", c.a.Coverage, c.b.Coverage, got)
		}
	}
}
