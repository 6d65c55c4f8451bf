package profile_test

import (
	"reflect"
	"strings"
	"testing"

	"leida/internal/profile"
)

func TestChangeMustExceedNoise(t *testing.T) {
	before := profile.Score{Y: 60, SE: 3}
	for _, c := range []struct {
		now  profile.Score
		want profile.Direction
	}{ // 1.645 * hypot(3, 4) = 8.225
		{profile.Score{Y: 68.2, SE: 4}, profile.Steady},
		{profile.Score{Y: 68.3, SE: 4}, profile.Up},
		{profile.Score{Y: 51.8, SE: 4}, profile.Steady},
		{profile.Score{Y: 51.7, SE: 4}, profile.Down},
	} {
		if got := profile.Change(rules, c.now, before); got != c.want {
			t.Errorf("from 60 to %g is %s, want %s", c.now.Y, got, c.want)
		}
		if profile.Indistinguishable(rules, c.now, before) != (c.want == profile.Steady) || profile.Indistinguishable(rules, before, c.now) != (c.want == profile.Steady) {
			t.Errorf("60 and %g", c.now.Y)
		}
	}
}

func TestSnapshotAndChanges(t *testing.T) {
	m := customerService()
	low := profile.Of(m, rules, everywhere(m, plenty, 50), today, profile.Options{Role: "agent", Overall: true})
	frozen := low.Freeze("2025b")
	if frozen.Revision != 1 || len(frozen.Subs) != 15 || len(frozen.Evidence) != 30 || frozen.Overall.Y != 50 || frozen.ModelVersion != "1.0.0" {
		t.Errorf("%+v", frozen)
	}
	line, ok := frozen.Line("CPS.3")
	if !ok || line.Y != 50 || line.Level != 2 || line.Target.Y != 55 {
		t.Errorf("CPS.3 %+v", line)
	}
	if _, ok := (*profile.Snapshot)(nil).Line("CPS.3"); ok {
		t.Error("no snapshot has no lines")
	}

	high := profile.Of(m, rules, append(everywhere(m, plenty, 80)[:20], test("SVI.1", "t", 80, 1)), today, profile.Options{})
	ledger := map[string]profile.Shift{}
	for _, s := range profile.Changes(rules, &high, &frozen) {
		ledger[s.ID] = s
	}
	if s := ledger["AIC"]; s.Direction != profile.Up || !near(s.Delta, 30, 1e-9) {
		t.Errorf("AIC %+v", s)
	}
	if _, there := ledger["SVI"]; there || len(ledger) != 2+10 {
		t.Errorf("what is not sufficient in both has no change: %v", ledger)
	}

	partly := high.Freeze("2026a")
	if s := profile.Changes(rules, &low, &partly); len(s) != len(ledger) {
		t.Errorf("nor the other way round: %v", s)
	}

	revised := frozen.Revise(&high, "key of item x corrected")
	if revised.Revision != 2 || revised.Cycle != "2025b" || revised.Reason == "" || frozen.Revision != 1 {
		t.Errorf("%+v", revised)
	}
	newer := frozen
	newer.ModelVersion = "2.0.0"
	if profile.Changes(rules, &high, &newer) != nil || profile.Changes(rules, &high, nil) != nil {
		t.Error("nothing to compare with")
	}
}

// A frozen number must not hint at a score that was never shown.
func TestFreezeHidesInsufficientScores(t *testing.T) {
	p := profile.Of(customerService(), rules, []profile.Evidence{test("AIC.1", "a", 90, 1)}, today, profile.Options{})
	s := p.Freeze("2026a")
	if line, _ := s.Line("AIC.1"); line.Score != (profile.Score{}) || line.Status != profile.Insufficient {
		t.Errorf("%+v", line)
	}
}

// Domain structs carry no tags for a database or a wire (ARCHITECTURE rule 7).
func TestSnapshotHasNoTags(t *testing.T) {
	for _, v := range []any{profile.Snapshot{}, profile.Frozen{}, profile.Evidence{}} {
		for typ, i := reflect.TypeOf(v), 0; i < typ.NumField(); i++ {
			if strings.TrimSpace(string(typ.Field(i).Tag)) != "" {
				t.Errorf("%s.%s is tagged", typ, typ.Field(i).Name)
			}
		}
	}
}
