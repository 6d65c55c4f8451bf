package profile_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"leida/internal/profile"
)

func TestPriorities(t *testing.T) {
	m := customerService()
	person := member("p", "senior_agent", 76, map[string]float64{
		"AIC.1": -1, "AIC.4": -1, "EMP.1": 65, "CPS.3": 60, "CPS.1": 69, "SVI.1": 50,
	})
	var got []string
	for _, p := range profile.Priorities(m, &person.Profile) {
		got = append(got, fmt.Sprintf("%s %s %.3f L%d", p.Need, p.Sub, p.Value, p.Level))
	}
	want := []string{
		"diagnose AIC.1 0.000 L0", // weight .25 x .30, before .25 x .15
		"diagnose AIC.4 0.000 L0",
		"develop CPS.3 0.840 L4", // .30 x .35 x (68 - 60): the floor, not the capability's 70
		"develop EMP.1 0.750 L4", // .25 x .30 x (75 - 65)
		"develop SVI.1 0.400 L3", // .20 x .40 x (55 - 50)
		"develop CPS.1 0.075 L4", // .30 x .25 x (70 - 69)
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestPrioritiesWithoutTargets(t *testing.T) {
	m := customerService()
	p := member("p", "", 10, nil).Profile
	if ps := profile.Priorities(m, &p); len(ps) != 0 {
		t.Errorf("nothing is asked for: %v", ps)
	}
	helper := profile.Of(gardening(), rules, nil, today, profile.Options{Role: "helper"})
	for _, n := range profile.Priorities(gardening(), &helper) {
		if n.Capability == "water" {
			t.Errorf("the role asks for no water: %+v", n)
		}
	}
}

func TestTheHighestLevelHasNoNext(t *testing.T) {
	m := customerService()
	m.Roles = append(m.Roles, m.Roles[0])
	m.Roles[2].ID, m.Roles[2].Target = "saint", targets(100, 100, 100, 100)
	p := profile.Of(m, rules, everywhere(m, plenty, 99), today, profile.Options{Role: "saint"})
	if ps := profile.Priorities(m, &p); len(ps) != 15 || ps[0].Level != 5 {
		t.Errorf("%+v", ps)
	}
}

func TestStrengths(t *testing.T) {
	person := member("p", "senior_agent", 60, map[string]float64{"EMP.1": 80, "SVI.1": 90, "AIC.1": 75, "AIC.2": -1})
	var got []string
	for _, s := range profile.Strengths(&person.Profile) {
		got = append(got, s.ID)
	}
	if want := []string{"SVI.1", "EMP.1", "SVI.2", "SVI.3", "AIC.1"}; !slices.Equal(got, want) {
		t.Errorf("strengths %v, want %v", got, want)
	}
}
