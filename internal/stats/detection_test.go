package stats_test

import (
	"math"
	"testing"

	"pgregory.net/rapid"

	"leida/internal/stats"
)

func init() { topics["sdt"] = checkDetection }

func checkDetection(t *testing.T, v vector) {
	if v.InputFile != "" {
		checkReliance(t, v)
		return
	}
	in := decode[struct{ H, M, F, C int }](t, v.Input)
	got, err := stats.NewDetection(in.H, in.M, in.F, in.C)
	if err != nil {
		t.Fatal(err)
	}
	meets(t, got, v.Expected, all(v.Tolerance["abs"]))
}

// A signal or a noise that never was leaves nothing; a rate of 0 or 1 leaves the corrected values.
func TestDetectionAbsent(t *testing.T) {
	for _, tt := range []struct {
		h, m, f, c     int
		loglinear, raw bool
	}{{0, 0, 3, 4, false, false}, {3, 4, 0, 0, false, false}, {5, 0, 1, 4, true, false}, {4, 1, 0, 5, true, false}, {4, 1, 1, 4, true, true}} {
		got, err := stats.NewDetection(tt.h, tt.m, tt.f, tt.c)
		if err != nil || (got.Loglinear != nil) != tt.loglinear || (got.Raw != nil) != tt.raw {
			t.Errorf("%+v: %+v, %v", tt, got, err)
		}
	}
	_, err := stats.NewDetection(1, 1, -1, 1)
	fails(t, err, stats.Error{What: stats.OutOfRange, Column: "F"})
}

// Who says yes and no the other way round has the same d' and A' with the signals named noise, and the opposite criterion; more hits never lower d'.
func TestDetectionProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 30)
		h, m, f, c := n.Draw(t, "h"), n.Draw(t, "m"), n.Draw(t, "f"), n.Draw(t, "c")
		got, err := stats.NewDetection(h, m, f, c)
		if err != nil || got.Loglinear == nil {
			return
		}
		mirror, _ := stats.NewDetection(c, f, m, h)
		a, b := got.Loglinear, mirror.Loglinear
		if math.Abs(a.D-b.D) > 1e-9 || math.Abs(a.A-b.A) > 1e-9 || math.Abs(a.C+b.C) > 1e-9 || a.A < 0 || a.A > 1 || (a.D > 1e-9) != (a.A > 0.5+1e-9) || !(a.VarOfD > 0) {
			t.Fatalf("%+v, mirrored %+v", a, b)
		}
		if m > 0 {
			if more, _ := stats.NewDetection(h+1, m-1, f, c); more.Loglinear.D <= a.D {
				t.Fatalf("%+v, with a hit more %+v", a, more.Loglinear)
			}
		}
	})
}
