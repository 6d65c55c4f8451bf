package profile_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"testing"

	"pgregory.net/rapid"

	"leida/internal/profile"
)

// anyEvidence draws records of which most count: some void, some future, some expired, some retaken.
func anyEvidence(subs ...string) *rapid.Generator[[]profile.Evidence] {
	return rapid.Custom(func(t *rapid.T) []profile.Evidence {
		es := make([]profile.Evidence, rapid.IntRange(0, 30).Draw(t, "records"))
		for i := range es {
			es[i] = profile.Evidence{
				ID: fmt.Sprintf("e%d", i), Person: "p",
				Sub:       rapid.SampledFrom(subs).Draw(t, "sub"),
				ItemID:    rapid.SampledFrom([]string{"a", "b", "c", "d", "e", "f"}).Draw(t, "item"),
				SittingID: rapid.SampledFrom([]string{"", "s1", "s2"}).Draw(t, "sitting"),
				Cycle:     rapid.SampledFrom([]string{"", "2025b", "2026a"}).Draw(t, "cycle"),
				Y:         rapid.OneOf(rapid.Float64Range(0, 100), rapid.SampledFrom([]float64{0, 40, 60, 75, 88, 100})).Draw(t, "y"),
				N:         rapid.Float64Range(0.3, 8).Draw(t, "n"),
				Source:    rapid.SampledFrom(profile.Sources).Draw(t, "source"),
				At:        ago(rapid.Float64Range(-20, 600).Draw(t, "age")),
				Void:      rapid.IntRange(0, 9).Draw(t, "void") == 0,

				Performance: rapid.Bool().Draw(t, "performance"),
			}
		}
		return es
	})
}

func finite(e profile.Estimate) bool {
	for _, x := range []float64{e.Y, e.SE, e.Lo, e.Hi, e.Info, e.Units, e.Short} {
		if math.IsNaN(x) || math.IsInf(x, 0) {
			return false
		}
	}
	return true
}

func TestOrderOfEvidenceNeverMatters(t *testing.T) {
	m := customerService()
	rapid.Check(t, func(t *rapid.T) {
		es := anyEvidence("AIC.1", "AIC.2", "EMP.1", "nowhere").Draw(t, "evidence")
		at := profile.Of(m, rules, es, today, profile.Options{Role: "agent"})
		seed := rapid.Uint64().Draw(t, "seed")
		rand.New(rand.NewPCG(seed, 0)).Shuffle(len(es), func(i, j int) { es[i], es[j] = es[j], es[i] })
		if again := profile.Of(m, rules, es, today, profile.Options{Role: "agent"}); !reflect.DeepEqual(at, again) {
			t.Fatalf("%+v\n%+v", at, again)
		}
	})
}

func TestEstimateStaysWithinItsEvidence(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		es := anyEvidence("A").Draw(t, "evidence")
		e := profile.EstimateSub(rules, es, today)
		if !finite(e) {
			t.Fatalf("not finite: %+v", e)
		}
		if !e.Scored {
			return
		}
		byID := map[string]profile.Evidence{}
		for _, x := range es {
			byID[x.ID] = x
		}
		lo, hi := 100.0, 0.0
		shares := map[profile.Source]float64{}
		for _, c := range e.Evidence {
			lo, hi = min(lo, byID[c.ID].Y), max(hi, byID[c.ID].Y)
			shares[byID[c.ID].Source] += c.Share
		}
		if e.Y < lo || e.Y > hi {
			t.Errorf("y %g outside its evidence %g-%g", e.Y, lo, hi)
		}
		if e.Lo < 0 || e.Lo > e.Y || e.Hi < e.Y || e.Hi > 100 || e.SE <= 0 {
			t.Errorf("interval %+v", e.Score)
		}
		if shares[profile.KPI] > rules.KPICap+1e-9 || shares[profile.Observation] > rules.ObservationCap+1e-9 {
			t.Errorf("shares %v", shares)
		}
	})
}

// What does not count changes nothing: void, future, expired, unsound and retaken records may as well not be there.
func TestWhatDoesNotCountChangesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		es := anyEvidence("A").Draw(t, "evidence")
		var sound []profile.Evidence
		for _, e := range es {
			if !e.Void && !e.At.After(today) {
				sound = append(sound, e)
			}
		}
		noise := es
		for i, spoil := range []func(*profile.Evidence){
			func(e *profile.Evidence) { e.Y = math.NaN() },
			func(e *profile.Evidence) { e.Y = 100.1 },
			func(e *profile.Evidence) { e.N = math.Inf(1) },
			func(e *profile.Evidence) { e.Source = "hearsay" },
			func(e *profile.Evidence) { e.At = ago(541) },
		} {
			e := test("A", fmt.Sprint("bad", i), 50, 2)
			spoil(&e)
			noise = append(noise, e)
		}
		with, without := profile.EstimateSub(rules, noise, today), profile.EstimateSub(rules, profile.Counting(sound), today)
		if !reflect.DeepEqual(with, without) {
			t.Fatalf("%+v\n%+v", with, without)
		}
	})
}

func TestShiftingAllPointsShiftsTheScore(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		es := anyEvidence("A").Draw(t, "evidence")
		half := append([]profile.Evidence(nil), es...)
		for i := range half {
			half[i].Y = 20 + half[i].Y/2
		}
		a, b := profile.EstimateSub(rules, es, today), profile.EstimateSub(rules, half, today)
		if a.Scored && !near(b.Y, 20+a.Y/2, 1e-9) {
			t.Fatalf("%g became %g", a.Y, b.Y)
		}
	})
}

// More of the same narrows the interval where the records are equally old. It need not where they are not: see the next test.
func TestMoreOfTheSameNeverWidens(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		y := rapid.Float64Range(0, 100).Draw(t, "y")
		age := rapid.Float64Range(0, 540).Draw(t, "age")
		var es []profile.Evidence
		before := math.Inf(1)
		for i, n := range rapid.SliceOfN(rapid.Float64Range(0.3, 8), 1, 20).Draw(t, "units") {
			es = append(es, aged(age, test("A", fmt.Sprint(i), y, n)))
			e := profile.EstimateSub(rules, es, today)
			if e.SE > before+1e-9 {
				t.Fatalf("SE rose from %g to %g", before, e.SE)
			}
			before = e.SE
		}
	})
}

// The effective information of 5.2 is Kish's: a small fresh record beside much old evidence makes the weights uneven, and the interval wider.
func TestAFreshRecordBesideOldOnesMayWiden(t *testing.T) {
	old := []profile.Evidence{aged(418, test("A", "old", 70, 10))}
	before := profile.EstimateSub(rules, old, today)
	after := profile.EstimateSub(rules, append(old, test("A", "new", 70, 1)), today)
	if after.SE <= before.SE {
		t.Errorf("SE %g, then %g: the surprise is gone, mend the comment", before.SE, after.SE)
	}
}
