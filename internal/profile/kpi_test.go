package profile_test

import (
	"encoding/json"
	"math"
	"os"
	"testing"

	"pgregory.net/rapid"

	"leida/internal/profile"
)

func TestKPIVectors(t *testing.T) {
	var file struct {
		Vectors []struct {
			Case   string
			Answer [5]float64
			Score  float64
		}
	}
	raw, err := os.ReadFile("testdata/kpi.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(raw, &file); err != nil {
		t.Fatal(err)
	}
	if len(file.Vectors) == 0 {
		t.Fatal("no vectors")
	}
	for _, v := range file.Vectors {
		scale := profile.KPIScale{Floor: v.Answer[1], Threshold: v.Answer[2], Target: v.Answer[3], Stretch: v.Answer[4]}
		if got, ok := scale.Points(v.Answer[0]); !ok || !near(got, v.Score, 1e-6) {
			t.Errorf("%s: %g, %v; want %g", v.Case, got, ok, v.Score)
		}
	}
}

func TestKPIPointsStayInScaleAndRunOneWay(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := rapid.Float64Range(-1e6, 1e6)
		scale := profile.KPIScale{Floor: f.Draw(t, "floor"), Threshold: f.Draw(t, "threshold"), Target: f.Draw(t, "target"), Stretch: f.Draw(t, "stretch")}
		a := f.Draw(t, "a")
		b := rapid.Float64Range(a, 1e6).Draw(t, "b")
		pa, ok := scale.Points(a)
		pb, _ := scale.Points(b)
		if ok != (len(scale.Validate()) == 0) || pa < 0 || pb > 100 || pb < 0 || pa > 100 {
			t.Fatalf("%g, %g of %+v", pa, pb, scale)
		}
		if ok && (scale.Floor < scale.Stretch) != (pa <= pb) && pa != pb {
			t.Fatalf("%g gives %g, %g gives %g in %+v", a, pa, b, pb, scale)
		}
	})
}

func TestKPIRefusals(t *testing.T) {
	for _, scale := range []profile.KPIScale{{}, {1, 2, 2, 3}, {1, 3, 2, 4}, {math.NaN(), 1, 2, 3}, {0, 1, 2, math.Inf(1)}, {math.Inf(1), 3, 2, 1}} {
		if _, ok := scale.Points(2); ok || len(scale.Validate()) != 1 {
			t.Errorf("%+v is accepted", scale)
		}
	}
	if _, ok := (profile.KPIScale{Floor: 0, Threshold: 1, Target: 2, Stretch: 3}).Points(math.NaN()); ok {
		t.Error("NaN is accepted")
	}
}

func TestKPIUnits(t *testing.T) {
	for _, c := range []struct {
		volume, n float64
		ok        bool
	}{{29, 0, false}, {30, 0.6, true}, {100, 2, true}, {200, 4, true}, {9000, 4, true}, {math.NaN(), 0, false}, {math.Inf(1), 4, true}} {
		if n, ok := profile.KPIUnits(c.volume); n != c.n || ok != c.ok {
			t.Errorf("%g contacts are %g units, %v", c.volume, n, ok)
		}
	}
}
