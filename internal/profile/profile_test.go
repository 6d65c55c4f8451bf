package profile_test

import (
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"leida/internal/capability"
	"leida/internal/profile"
)

func TestNobodyIsMeasuredByNothing(t *testing.T) {
	for _, m := range []*capability.Model{customerService(), gardening()} {
		p := profile.Of(m, rules, nil, today, profile.Options{Overall: true})
		if len(p.Capabilities) != len(m.Capabilities) || p.Overall != nil || p.Fit.Verdict != "" {
			t.Errorf("%s: %+v", m.ID, p)
		}
		for i, c := range p.Capabilities {
			if c.Status != profile.None || c.Level != 0 || len(c.Missing) > 0 || len(c.Subs) != len(m.Capabilities[i].Subs) {
				t.Errorf("%s: %+v", c.ID, c)
			}
		}
	}
}

func TestCapabilityScore(t *testing.T) {
	m := customerService()
	evidence := slices.Concat(enough("AIC.1", 60), enough("AIC.2", 80), enough("AIC.4", 50), []profile.Evidence{test("AIC.3", "small", 5, 1)})
	c := capabilityOf(t, profile.Of(m, rules, evidence, today, profile.Options{}), "AIC")
	if !c.Shown() || !near(c.Coverage, 0.8, 1e-12) {
		t.Fatalf("status %s, coverage %g", c.Status, c.Coverage)
	}
	if want := (0.30*60 + 0.35*80 + 0.15*50) / 0.8; !near(c.Y, want, 1e-9) {
		t.Errorf("Y %g, want %g", c.Y, want)
	}
	var squares float64
	for i, w := range []float64{0.30, 0.35, 0, 0.15} {
		squares += math.Pow(w*c.Subs[i].SE/0.8, 2)
	}
	if want := math.Sqrt(squares); !near(c.SE, want, 1e-9) || !near(c.Hi, c.Y+1.645*want, 1e-9) {
		t.Errorf("SE %g, want %g; interval %g-%g", c.SE, want, c.Lo, c.Hi)
	}
	if c.Counts.All() != 7 || c.Subs[2].Status != profile.Insufficient {
		t.Errorf("counts %+v, AIC.3 %s", c.Counts, c.Subs[2].Status)
	}
}

func TestCapabilityNeedsSeventyPercent(t *testing.T) {
	m := gardening()
	m.Capabilities[2] = axis("light", 0.25, 0.2, 0.63, 0.07, 0.1) // .63 + .07 of a sum of 1.0000000000000002
	for _, c := range []struct {
		subs  []string
		shown bool
	}{
		{[]string{"light.2", "light.3"}, true},
		{[]string{"light.1", "light.2"}, true},
		{[]string{"light.1", "light.3", "light.4"}, false},
	} {
		var evidence []profile.Evidence
		for _, s := range c.subs {
			evidence = append(evidence, enough(s, 70)...)
		}
		got := capabilityOf(t, profile.Of(m, rules, evidence, today, profile.Options{}), "light")
		if got.Shown() != c.shown || got.Shown() == (len(got.Missing) > 0) {
			t.Errorf("%v: %s, coverage %.17g, %s", c.subs, got.Status, got.Coverage, keys(got.Missing))
		}
		if !c.shown && !slices.Equal(got.Missing[0].Args["subs"].([]string), []string{"light.2"}) {
			t.Errorf("missing %v", got.Missing)
		}
	}
}

func TestEqualScoresMeanThatScore(t *testing.T) {
	m := customerService()
	for _, cut := range m.Cuts() {
		p := profile.Of(m, rules, everywhere(m, plenty, cut), today, profile.Options{Overall: true})
		for _, c := range p.Capabilities {
			if c.Y != cut || c.Level != m.LevelAt(cut) {
				t.Errorf("%s: %.17g at level %d, want %g", c.ID, c.Y, c.Level, cut)
			}
		}
		if p.Overall == nil || p.Overall.Y != cut {
			t.Errorf("overall %v", p.Overall)
		}
	}
}

func TestOverallNeedsEveryCapability(t *testing.T) {
	m := customerService()
	evidence := everywhere(m, enough, 70)
	if p := profile.Of(m, rules, evidence, today, profile.Options{}); p.Overall != nil {
		t.Error("nobody asked for it")
	}
	p := profile.Of(m, rules, evidence, today, profile.Options{Overall: true})
	if p.Overall == nil || p.Overall.SE >= p.Capabilities[0].SE {
		t.Errorf("overall %+v", p.Overall)
	}
	few := slices.DeleteFunc(evidence, func(e profile.Evidence) bool { return e.Sub[:3] == "SVI" })
	if p := profile.Of(m, rules, few, today, profile.Options{Overall: true}); p.Overall != nil {
		t.Error("a capability is missing")
	}
}

func TestOneEstimateWhereverItIsAsked(t *testing.T) {
	m := customerService()
	rapid.Check(t, func(t *rapid.T) {
		es := anyEvidence("AIC.1").Draw(t, "evidence")
		p := profile.Of(m, rules, es, today, profile.Options{})
		s, _ := p.Sub("AIC.1")
		if alone := profile.EstimateSub(rules, es, today); s.Score != alone.Score || s.Status != alone.Status || s.Counts != alone.Counts {
			t.Fatalf("%+v\n%+v", s.Estimate, alone)
		}
	})
}

// No number of a profile may be NaN or infinite, whatever the evidence; and no level without a sufficient score.
func TestProfileIsAlwaysSane(t *testing.T) {
	m := customerService()
	rapid.Check(t, func(t *rapid.T) {
		es := anyEvidence("AIC.1", "AIC.2", "AIC.3", "SVI.1", "SVI.2").Draw(t, "evidence")
		p := profile.Of(m, rules, es, today, profile.Options{Role: "senior_agent"})
		cited := len(p.LeftOut)
		for _, c := range p.Capabilities {
			for _, x := range []float64{c.Y, c.SE, c.Lo, c.Hi, c.Coverage, c.Units, c.Probability} {
				if math.IsNaN(x) || math.IsInf(x, 0) {
					t.Fatalf("%+v", c)
				}
			}
			if c.Shown() != (c.Level > 0) || c.Shown() && (c.Lo > c.Y || c.Y > c.Hi || c.Probability < 0 || c.Probability > 1) {
				t.Fatalf("%+v", c)
			}
			for _, s := range c.Subs {
				cited += len(s.Evidence)
				if !finite(s.Estimate) || s.Shown() != (s.Level > 0) {
					t.Fatalf("%+v", s)
				}
			}
		}
		if cited != len(es) {
			t.Fatalf("%d of %d records are accounted for", cited, len(es))
		}
	})
}
