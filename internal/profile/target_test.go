package profile_test

import (
	"slices"
	"testing"

	"leida/internal/profile"
)

func TestFitWithAJobProfile(t *testing.T) {
	m := customerService()
	all := func(y float64) []profile.Evidence { return everywhere(m, enough, y) }
	without := func(sub string, es []profile.Evidence) []profile.Evidence {
		return slices.DeleteFunc(es, func(e profile.Evidence) bool { return e.Sub == sub })
	}
	for _, c := range []struct {
		name, role     string
		evidence       []profile.Evidence
		verdict        profile.Verdict
		below, unshown string
	}{
		{"no role", "", all(90), "", "", ""},
		{"a role that the model has not", "astronaut", all(90), "", "", ""},
		{"at every target", "agent", all(65), profile.Met, "", ""},
		{"nothing known", "agent", nil, profile.NotYetShown, "", "unshown.capability unshown.capability unshown.capability unshown.capability"},
		{"just below two", "agent", all(64.96), profile.Below, "below.capability below.capability", ""},
		{"floor without evidence", "senior_agent", without("CPS.3", all(80)), profile.NotYetShown, "", "unshown.capability unshown.sub"},
		{"floor not held", "senior_agent", append(without("CPS.3", all(80)), enough("CPS.3", 60)...), profile.Below, "below.sub", ""},
		{"one below, one unknown: below is what is known", "agent", without("AIC.1", without("AIC.2", all(60))), profile.Below, "below.capability", "unshown.capability"},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := profile.Of(m, rules, c.evidence, today, profile.Options{Role: c.role}).Fit
			if f.Verdict != c.verdict || keys(f.Below) != c.below || keys(f.Unshown) != c.unshown {
				t.Errorf("%q, below %q, unshown %q", f.Verdict, keys(f.Below), keys(f.Unshown))
			}
		})
	}
}

func TestAScoreBelowItsTargetNeverReadsAsTheTarget(t *testing.T) {
	m := customerService()
	f := profile.Of(m, rules, everywhere(m, enough, 64.96), today, profile.Options{Role: "agent"}).Fit
	if a := f.Below[0].Args; a["score"] != 64.9 || a["gap"] != 0.1 || f.Below[0].Path != "AIC" {
		t.Errorf("%+v", f.Below[0])
	}
}

func TestTargets(t *testing.T) {
	m := customerService()
	p := profile.Of(m, rules, everywhere(m, enough, 70), today, profile.Options{Role: "senior_agent"})
	c := capabilityOf(t, p, "CPS")
	if c.Target != (profile.Target{Y: 70, Set: true}) || c.Subs[0].Target.Y != 70 || c.Subs[2].Target.Y != 68 || !c.Subs[2].Floor {
		t.Errorf("targets %+v", c)
	}
	if gap, ok := c.Subs[2].Target.Gap(66.5); !ok || gap != -1.5 {
		t.Errorf("gap %g", gap)
	}
	if _, ok := (profile.Target{}).Gap(50); ok {
		t.Error("there is no gap to no target")
	}
}
