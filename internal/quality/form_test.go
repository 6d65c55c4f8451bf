package quality_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"leida/internal/quality"
)

// Scores with a known reliability: eight places of equal weight, of each half ability and half luck.
func TestForms(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	var f quality.Forms
	const places = 8
	add := func(form, version string, n, day int, points []float64) {
		f.Add(quality.Sheet{Form: form, Version: version, Person: fmt.Sprint(n), At: time.Date(2026, 1, 1+day, 0, 0, 0, 0, time.UTC), Points: points, Marked: 1})
	}
	for n := range 600 {
		ability := r.NormFloat64()
		var points []float64
		for range places {
			points = append(points, 100.0/places*min(1, max(0, 0.5+0.12*ability+0.12*r.NormFloat64())))
		}
		add("long", "v1", n, 0, points)
	}
	for n := range 20 {
		add("few", "v1", n, 0, []float64{30, 40})
		add("single", "v1", n/5, 0, []float64{30, 40})
	}
	for n := range 40 {
		add("changed", "v2", n, 9, []float64{50, 50}) // all alike
	}
	for n := range 50 {
		add("changed", "v1", n, 2, []float64{10, 20, 30}) // older, whoever comes last
		f.Add(quality.Sheet{Form: "rated", Version: "v1", Person: fmt.Sprint(n), Points: []float64{float64(n), float64(n % 7)}, Marked: 0.4})
		add("alone", "v1", n, 0, []float64{float64(2 * n)})
	}
	add("changed", "v2", 99, 9, []float64{1}) // a place of it is not known any more
	got := f.Forms([]float64{0, 40, 60, 75})
	by := map[string]quality.Form{}
	for _, x := range got {
		by[x.ID] = x
	}
	if len(got) != 6 {
		t.Fatalf("%+v", got)
	}
	if x := by["single"]; !x.Hidden() || x.Mean != 0 || x.Alpha != nil {
		t.Errorf("scores of four people are told: %+v", x)
	}
	if x := by["rated"]; x.Alpha == nil || x.Cuts != nil || x.Marked != 0.4 {
		t.Errorf("decisions by two fifths of a score: %+v", x)
	}
	if x := by["alone"]; x.Places != 1 || x.Alpha != nil || x.Mean == 0 {
		t.Errorf("%+v", x)
	}
	if x := by["changed"]; x.Version != "v2" || x.Sittings != 40 || x.Places != 2 || x.Alpha != nil || x.Cuts != nil || x.Mean != 100 {
		t.Errorf("all alike, in the newest length: %+v", x)
	}
	if x := by["few"]; !x.Few() || x.Alpha != nil || x.Mean != 70 {
		t.Errorf("%+v", x)
	}
	x := by["long"]
	want := 1 - 1/(1+places*1.0) // variance of ability equals that of luck at each place
	if x.Few() || x.Provisional() || x.Alpha == nil || math.Abs(x.Alpha.Value-want) > 0.03 || !(x.Alpha.Low < x.Alpha.Value && x.Alpha.Value < x.Alpha.High) || math.Abs(*x.SEM-x.SD*math.Sqrt(1-x.Alpha.Value)) > 1e-9 {
		t.Errorf("%+v, alpha %+v, want %.3f", x, x.Alpha, want)
	}
	if len(x.Cuts) != 3 {
		t.Fatalf("cuts %+v", x.Cuts) // nobody can be below the lowest level
	}
	for _, c := range x.Cuts {
		if !(c.Consistency > 0.5 && c.Consistency <= c.Accuracy+1e-9 && c.Accuracy <= 1) {
			t.Errorf("%+v", c)
		}
	}
}
