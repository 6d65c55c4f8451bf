package stats_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"leida/internal/stats"
)

func init() { topics["cat"] = checkAdaptive }

func checkAdaptive(t *testing.T, v vector) {
	in := decode[struct {
		BankFile  string `json:"bank_file"`
		Responses string
		Targets   map[string]float64
		Order     []string `json:"group_order"`
		K         int
	}](t, v.Input)
	bank := bankFile(t, v, in.BankFile)
	o := stats.AdaptiveOptions{Randomesque: in.K}
	for _, g := range in.Order {
		o.Targets = append(o.Targets, stats.Target{Group: g, Share: in.Targets[g]})
		o.Min, o.Max = 8, 24
	}
	test, err := stats.NewAdaptiveTest(bank, o)
	if err != nil {
		t.Fatal(err)
	}
	if in.K > 0 {
		candidates := test.Candidates()
		meets(t, candidates, v.Expected, all(v.Tolerance["info_abs"]))
		drawn := map[int]float64{}
		r := rand.New(rand.NewPCG(1, 2))
		for range 10000 {
			item, _ := test.Next(r)
			drawn[item] += 1e-4
		}
		for _, item := range candidates.Items {
			if math.Abs(drawn[item]-1/float64(in.K)) > 0.02 || len(drawn) != in.K {
				t.Errorf("item %d is drawn by %g", item, drawn[item])
			}
		}
		return
	}
	for item, ok := test.Next(nil); ok; item, ok = test.Next(nil) {
		if err := test.Answer(item, int(in.Responses[item-1]-'0')); err != nil {
			t.Fatal(err)
		}
	}
	exact := "" // no tolerance
	tol := byEnding(v, map[string]string{"administered": exact, "responses": exact, "n": exact, "se_after": "se_abs", "se_final": "se_abs"}, "theta_abs")
	meets(t, test.Result(), v.Expected, tol)
}

// drawGroups puts a bank's items into dimensions.
func drawGroups(t *rapid.T, bank stats.Bank) {
	for j := range bank.Items {
		bank.Items[j].Group = rapid.SampledFrom([]string{"p", "q", "r"}).Draw(t, "group")
	}
}

// A test stops, whatever is answered: at the precision, the length or the end of the items, as it says. It gives no item twice.
func TestAdaptiveTestStops(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		bank := drawBank(t)
		drawGroups(t, bank)
		o := stats.AdaptiveOptions{SE: rapid.Float64Range(0.3, 1).Draw(t, "se"), Min: rapid.IntRange(1, 4).Draw(t, "min"), Max: rapid.IntRange(4, 9).Draw(t, "max")}
		for range bank.Items {
			o.Exposure = append(o.Exposure, rapid.SampledFrom([]float64{0, 0.2, 0.3, 0.9}).Draw(t, "exposure"))
		}
		if rapid.Bool().Draw(t, "targets") {
			o.Targets = []stats.Target{{Group: bank.Items[0].Group, Share: 0.7}}
		}
		test, err := stats.NewAdaptiveTest(bank, o)
		if err != nil {
			t.Fatal(err)
		}
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
		pattern := make([]any, len(bank.Items))
		for j := range pattern {
			pattern[j] = stats.Missing()
		}
		for n := 0; ; n++ {
			item, ok := test.Next(r)
			if !ok {
				break
			}
			c := rapid.IntRange(0, len(bank.Items[item-1].B)).Draw(t, "answer")
			if err := test.Answer(item, c); err != nil || n > len(bank.Items) {
				t.Fatal(err, n)
			}
			pattern[item-1] = float64(c)
		}
		got := test.Result()
		administered := slices.Sorted(slices.Values(got.Administered))
		if len(slices.Compact(administered)) != got.N || len(got.Theta) != got.N || got.N > o.Max {
			t.Fatalf("%+v", got)
		}
		why := stats.StoppedByItems
		switch {
		case got.N >= o.Min && got.SEFinal <= o.SE:
			why = stats.StoppedByPrecision
		case got.N == o.Max:
			why = stats.StoppedByLength
		case got.N < len(bank.Items):
			t.Fatalf("stopped early: %+v", got)
		}
		want := scoreOne(t, bank, pattern)
		if got.StoppedBy != why || math.Abs(got.ThetaFinal-want.EAP[0]) > 1e-9 || math.Abs(got.SEFinal-want.EAPSE[0]) > 1e-9 {
			t.Fatalf("%+v, want %s and %+v", got, why, want)
		}
	})
}

// A sitting takes each item from the dimension whose error is the largest, and stops; a dimension's test is as if it stood alone.
func TestAdaptiveSitting(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		bank := drawBank(t)
		drawGroups(t, bank)
		o := stats.AdaptiveOptions{SE: 0.6, Max: rapid.IntRange(1, 5).Draw(t, "max")}
		sitting, err := stats.NewAdaptiveSitting(bank, o)
		if err != nil {
			t.Fatal(err)
		}
		answers := map[int]int{}
		for range len(bank.Items) + 1 {
			before := sitting.Result()
			item, ok := sitting.Next(nil)
			if !ok {
				break
			}
			for _, d := range before.Dimensions {
				if d.StoppedBy != "" {
					continue
				}
				for _, own := range before.Dimensions {
					if own.Dimension == bank.Items[item-1].Group && (own.SEFinal < d.SEFinal || own.StoppedBy != "") {
						t.Fatalf("item %d of %s: %+v", item, own.Dimension, before)
					}
				}
			}
			answers[item] = rapid.IntRange(0, len(bank.Items[item-1].B)).Draw(t, "answer")
			if err := sitting.Answer(item, answers[item]); err != nil {
				t.Fatal(err)
			}
		}
		n := 0
		for _, d := range sitting.Result().Dimensions {
			own, numbers := stats.Bank{SD: bank.SD}, []int{}
			for j, it := range bank.Items {
				if it.Group == d.Dimension {
					own.Items, numbers = append(own.Items, it), append(numbers, j+1)
				}
			}
			alone, err := stats.NewAdaptiveTest(own, o)
			if err != nil {
				t.Fatal(err)
			}
			for item, ok := alone.Next(nil); ok; item, ok = alone.Next(nil) {
				if err := alone.Answer(item, answers[numbers[item-1]]); err != nil {
					t.Fatal(err)
				}
			}
			if got := alone.Result(); d.StoppedBy == "" || got.StoppedBy != d.StoppedBy || !slices.Equal(got.SE, d.SE) || !slices.Equal(got.Responses, d.Responses) {
				t.Fatalf("%+v, alone %+v", d, got)
			}
			n += d.N
		}
		if n != len(answers) || n != len(sitting.Result().Administered) {
			t.Fatalf("%d items in dimensions, %d answers", n, len(answers))
		}
	})
}

// Items that were in too many tests are passed over while others are left.
func TestAdaptiveExposure(t *testing.T) {
	bank := stats.Bank{SD: 1}
	for _, a := range []float64{2, 1.5, 1} {
		bank.Items = append(bank.Items, stats.Item{Model: stats.TwoPL, A: a, B: []float64{0}})
	}
	test, err := stats.NewAdaptiveTest(bank, stats.AdaptiveOptions{SE: 0.1, Exposure: []float64{0.3, 0.1, 0.29}})
	if err != nil {
		t.Fatal(err)
	}
	var order []int
	for item, ok := test.Next(nil); ok; item, ok = test.Next(nil) {
		order = append(order, item)
		if err := test.Answer(item, 1); err != nil {
			t.Fatal(err)
		}
	}
	if !slices.Equal(order, []int{2, 3, 1}) || test.Result().StoppedBy != stats.StoppedByItems {
		t.Errorf("%v, %s", order, test.Result().StoppedBy)
	}
}

func TestAdaptiveErrors(t *testing.T) {
	bank := stats.Bank{SD: 1, Items: []stats.Item{{Model: stats.TwoPL, A: 1, B: []float64{0}, Group: "p"}, {Model: stats.TwoPL, A: 1, B: []float64{1}, Group: "q"}}}
	for _, tt := range []struct {
		o    stats.AdaptiveOptions
		want stats.Error
	}{
		{stats.AdaptiveOptions{SE: math.NaN()}, stats.Error{What: stats.OutOfRange, Column: "SE"}},
		{stats.AdaptiveOptions{Min: -1}, stats.Error{What: stats.OutOfRange, Column: "Min"}},
		{stats.AdaptiveOptions{Min: 5, Max: 4}, stats.Error{What: stats.OutOfRange, Column: "Max"}},
		{stats.AdaptiveOptions{Randomesque: -1}, stats.Error{What: stats.OutOfRange, Column: "Randomesque"}},
		{stats.AdaptiveOptions{Cap: -1}, stats.Error{What: stats.OutOfRange, Column: "Cap"}},
		{stats.AdaptiveOptions{Exposure: []float64{0}}, stats.Error{What: stats.Unpaired, Column: "Exposure"}},
		{stats.AdaptiveOptions{Targets: []stats.Target{{Group: "r", Share: 1}}}, stats.Error{What: stats.UnknownColumn, Column: "r"}},
		{stats.AdaptiveOptions{Targets: []stats.Target{{Group: "p", Share: 1.5}}}, stats.Error{What: stats.OutOfRange, Column: "p"}},
	} {
		_, err := stats.NewAdaptiveTest(bank, tt.o)
		fails(t, err, tt.want)
		_, err = stats.NewAdaptiveSitting(bank, tt.o)
		fails(t, err, tt.want)
	}
	_, err := stats.NewAdaptiveTest(stats.Bank{SD: 1}, stats.AdaptiveOptions{})
	fails(t, err, stats.Error{What: stats.Empty})
	_, err = stats.NewAdaptiveSitting(stats.Bank{SD: 1}, stats.AdaptiveOptions{})
	fails(t, err, stats.Error{What: stats.Empty})
	test, err := stats.NewAdaptiveTest(bank, stats.AdaptiveOptions{})
	if err != nil {
		t.Fatal(err)
	}
	sitting, err := stats.NewAdaptiveSitting(bank, stats.AdaptiveOptions{Max: 1})
	if err != nil {
		t.Fatal(err)
	}
	for _, answer := range []func(int, int) error{test.Answer, sitting.Answer} {
		fails(t, answer(0, 1), stats.Error{What: stats.OutOfRange, Row: 1})
		fails(t, answer(3, 1), stats.Error{What: stats.OutOfRange, Row: 1})
		fails(t, answer(2, 2), stats.Error{What: stats.UnknownCategory, Row: 1, Column: "2"})
		if err := answer(2, 1); err != nil {
			t.Error(err)
		}
		fails(t, answer(2, 1), stats.Error{What: stats.OutOfRange, Row: 2})
	}
	if c := test.Candidates(); !slices.Equal(c.Items, []int{1}) {
		t.Errorf("%v", c)
	}
	if err := test.Answer(1, 0); err != nil {
		t.Error(err)
	}
	if c := test.Candidates(); c.Items != nil {
		t.Errorf("after the end: %v", c)
	}
}
