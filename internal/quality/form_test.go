package quality_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"leida/internal/quality"
)

// Scores with a known reliability: eight places of equal weight, of each half ability and half luck.
func TestForms(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	var f quality.Forms
	const places = 8
	for range 600 {
		ability := r.NormFloat64()
		var points []float64
		for range places {
			points = append(points, 100.0/places*min(1, max(0, 0.5+0.12*ability+0.12*r.NormFloat64())))
		}
		f.Add("long", points)
	}
	for range 20 {
		f.Add("few", []float64{30, 40})
	}
	f.Add("changed", []float64{10})
	for range 40 {
		f.Add("changed", []float64{50, 50}) // all alike
	}
	got := f.Forms([]float64{0, 40, 60, 75})
	if len(got) != 3 || got[0].ID != "changed" || got[1].ID != "few" || got[2].ID != "long" {
		t.Fatalf("%+v", got)
	}
	if x := got[0]; x.Sittings != 40 || x.Places != 2 || x.Alpha != nil || x.Cuts != nil || x.Mean != 100 {
		t.Errorf("all alike, in the newest length: %+v", x)
	}
	if x := got[1]; !x.Few() || x.Alpha != nil || x.Mean != 70 {
		t.Errorf("%+v", x)
	}
	x := got[2]
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
