package stats_test

import (
	"math"
	"strconv"
	"testing"

	"pgregory.net/rapid"

	"leida/internal/stats"
)

func init() { topics["linking"] = checkLinking }

func checkLinking(t *testing.T, v vector) {
	in := decode[struct{ AX, BX, AY, BY []float64 }](t, v.Input)
	bank := func(a, b []float64) stats.Bank {
		out := stats.Bank{SD: 1}
		for j := range a {
			out.Items = append(out.Items, stats.Item{Model: stats.TwoPL, A: a[j], B: b[j : j+1]})
		}
		return out
	}
	got, err := stats.Link(bank(in.AX, in.BX), bank(in.AY, in.BY))
	if err != nil {
		t.Fatal(err)
	}
	all := merged(t, got, map[string]any{"mean_sigma_formula": got.MeanSigma})
	tol := byEnding(v, map[string]string{"Haebara.A": "HB_SL_abs", "Haebara.B": "HB_SL_abs", "Stocking-Lord.A": "HB_SL_abs", "Stocking-Lord.B": "HB_SL_abs"}, "moment_abs")
	meets(t, all, v.Expected, tol)
}

// A bank that was moved is brought back by every method, whichever its models and the order of its items; probabilities stay.
func TestLinkFindsTheLine(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		bank := drawBank(t)
		for len(bank.Items) < 4 {
			bank.Items = append(bank.Items, drawBank(t).Items...)
		}
		for j := range bank.Items {
			bank.Items[j].Name = strconv.Itoa(100 + j)
			if bank.Items[j].Model == stats.Rasch {
				bank.Items[j].Model = stats.TwoPL
			}
		}
		line := stats.Line{A: rapid.Float64Range(0.6, 1.6).Draw(t, "A"), B: rapid.Float64Range(-1, 1).Draw(t, "B")}
		moved := bank.On(line, 1)
		theta := rapid.Float64Range(-3, 3).Draw(t, "theta")
		if a, b := bank.ExpectedScore(theta), moved.ExpectedScore(line.A*theta+line.B); math.Abs(a-b) > 1e-9 {
			t.Fatalf("%g becomes %g", a, b)
		}
		moved.Items = rapid.Permutation(moved.Items).Draw(t, "order")
		moved.Items = append(moved.Items, stats.Item{Name: "new", Model: stats.TwoPL, A: 1, B: []float64{0}})
		got, err := stats.Link(bank, moved)
		if err != nil {
			t.Fatal(err)
		}
		if got.Anchors != len(bank.Items) {
			t.Fatalf("%d anchors", got.Anchors)
		}
		lines := map[string]stats.Line{"mean-mean": got.MeanMean, "mean-gmean": got.MeanGmean, "Haebara": *got.Haebara, "Stocking-Lord": *got.StockingLord}
		if got.MeanSigma != nil {
			lines["mean-sigma"] = *got.MeanSigma
		}
		for method, x := range lines {
			if math.Abs(x.A-line.A) > 1e-5 || math.Abs(x.B-line.B) > 1e-5 {
				t.Fatalf("%s: %+v, want %+v", method, x, line)
			}
		}
	})
}

func TestLinkErrors(t *testing.T) {
	item := func(name string, b ...float64) stats.Item {
		return stats.Item{Name: name, Model: stats.GPCM, A: 1, B: b}
	}
	bank := func(items ...stats.Item) stats.Bank { return stats.Bank{SD: 1, Items: items} }
	for _, tt := range []struct {
		x, y stats.Bank
		want stats.Error
	}{
		{bank(), bank(item("p", 0)), stats.Error{What: stats.Empty}},
		{bank(item("p", 0)), bank(), stats.Error{What: stats.Empty}},
		{bank(item("p", 0), item("q", 0)), bank(item("p", 0), item("r", 0)), stats.Error{What: stats.TooFewRows}},
		{bank(item("p", 0), item("q", 0)), bank(item("p", 0), item("q", 0, 1)), stats.Error{What: stats.Unpaired, Column: "q"}},
	} {
		_, err := stats.Link(tt.x, tt.y)
		fails(t, err, tt.want)
	}
	got, err := stats.Link(bank(item("p", 0), item("q", 0)), bank(item("p", 0.5), item("q", 0.7)))
	if err != nil || got.MeanSigma != nil || math.Abs(got.MeanMean.B-0.6) > 1e-12 {
		t.Errorf("difficulties alike: %+v, %v", got, err)
	}
	x, y := bank(item("p", -2.4), item("q", -5.8)), bank(item("p", 3), item("q", 0.6))
	x.Items[0].A, x.Items[1].A, y.Items[0].A, y.Items[1].A = 88, 0.3, 3e-5, 0.16
	if got, err = stats.Link(x, y); err != nil || got.Haebara != nil && got.StockingLord != nil {
		t.Errorf("nothing alike: %+v, %v", got, err)
	}
}
