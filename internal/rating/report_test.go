package rating_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"leida/internal/rating"
)

func is(got *float64, want float64) bool { return got != nil && math.Abs(*got-want) < 1e-9 }

func TestReport(t *testing.T) {
	var tasks []*rating.Task
	add := func(doubled bool, ratings ...[2]float64) {
		k := task(false, doubled)
		for i, x := range ratings {
			rate(t, k, trainer(string(rune('a'+i))), at(x[0], x[1]))
		}
		tasks = append(tasks, k)
	}
	add(true, [2]float64{3, 3}, [2]float64{3, 2})                   // exact and adjacent
	add(true, [2]float64{4, 1}, [2]float64{2, 1}, [2]float64{0, 0}) // apart, and settled
	add(true, [2]float64{0, 0}, [2]float64{2, 0})                   // apart
	add(false, [2]float64{1, 1})                                    // single
	add(true)                                                       // waiting
	r := rating.NewReport(tasks)
	// a: 3 3 4 1 0 0, b: 3 2 2 1 2 0
	if r.Rated != 4 || r.Doubles != 3 || r.Thirds != 2 || !is(r.Exact, 3.0/6) || !is(r.Adjacent, 4.0/6) {
		t.Errorf("%+v %g %g", r, *r.Exact, *r.Adjacent)
	}
	// observed 9/6; variances of both and the difference of means: a 11/6, mean 11/6 -> sum of squares 35, b mean 10/6, 22
	want := 1 - (9.0/6)/((35.0/6-math.Pow(11.0/6, 2))+(22.0/6-math.Pow(10.0/6, 2))+math.Pow(1.0/6, 2))
	if !is(r.Kappa, want) {
		t.Errorf("kappa %g, want %g", *r.Kappa, want)
	}
	if len(r.Raters) != 3 || r.Raters[0].Person != "a" || r.Raters[0].Rated != 4 || r.Raters[1].Rated != 3 || r.Raters[2].Rated != 1 {
		t.Fatalf("%+v", r.Raters)
	}
	if !is(r.Raters[0].Severity, -1.0/6) || !is(r.Raters[1].Severity, 1.0/6) || r.Raters[2].Severity != nil || r.Raters[2].Exact != nil || r.Raters[2].Kappa != nil || r.Raters[2].Doubles != 0 {
		t.Errorf("%+v", r.Raters)
	}
	if len(r.Criteria) != 2 || r.Criteria[0].ID != "x" || r.Criteria[0].Doubles != 3 || !is(r.Criteria[0].Exact, 1.0/3) || !is(r.Criteria[1].Exact, 2.0/3) {
		t.Errorf("%+v", r.Criteria)
	}
	if empty := rating.NewReport(nil); empty.Exact != nil || empty.Kappa != nil || empty.Rated != 0 {
		t.Errorf("%+v", empty)
	}
}

// Who agrees with the others by chance alone is asked to rate anchors again, but not before there is enough to say so; those who agree are left alone.
func TestRecalibration(t *testing.T) {
	luck := rand.New(rand.NewPCG(1, 2))
	level := func() float64 { return float64(luck.IntN(5)) }
	for _, tt := range []struct {
		doubles int
		guesses bool
		want    bool
	}{{20, true, true}, {19, true, false}, {60, false, false}} {
		var tasks []*rating.Task
		for range tt.doubles {
			k := task(false, true)
			x, y := level(), level()
			rate(t, k, trainer("a"), at(x, y))
			if tt.guesses {
				x, y = level(), level()
			}
			rate(t, k, trainer("b"), at(x, y))
			tasks = append(tasks, k)
		}
		for _, r := range rating.NewReport(tasks).Raters {
			if r.Recalibrate != tt.want || r.Doubles != tt.doubles {
				t.Errorf("%d doubles, guesses %v: %+v", tt.doubles, tt.guesses, r)
			}
		}
	}
	// everybody gives the same to everything: undefined is not low
	var tasks []*rating.Task
	for range 30 {
		k := task(false, true)
		rate(t, k, trainer("a"), at(2, 2))
		rate(t, k, trainer("b"), at(2, 2))
		tasks = append(tasks, k)
	}
	if r := rating.NewReport(tasks); r.Kappa != nil || r.Raters[0].Recalibrate || !is(r.Exact, 1) {
		t.Errorf("%+v", r)
	}
}

func TestDoubled(t *testing.T) {
	n := 0
	const all = 4000
	for i := range all {
		s := fmt.Sprintf("sitting-%d/3", i)
		if !rating.Doubled(s, true) {
			t.Fatal("not all for certification are rated twice")
		}
		first, again := rating.Doubled(s, false), rating.Doubled(s, false)
		if first != again {
			t.Fatal("not the same again")
		}
		if first {
			n++
		}
	}
	if got := float64(n) / all; math.Abs(got-0.25) > 0.03 {
		t.Errorf("%g are rated twice", got)
	}
}

// After a top-up a quarter at least is rated twice, no more than needed was added, and only what nobody had rated.
func TestTopUp(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		var tasks []*rating.Task
		free, before := 0, 0
		for i := range rapid.IntRange(0, 30).Draw(rt, "tasks") {
			k := task(false, rapid.IntRange(0, 9).Draw(rt, "doubled") == 0)
			k.ID = fmt.Sprint("k", i)
			if rapid.Bool().Draw(rt, "rated") {
				if k.Take(trainer("a"), noon) != nil || k.Rate(trainer("a"), at(1, 1), nil, noon) != nil {
					rt.Fatal("not rated")
				}
			} else if !k.Doubled {
				free++
			}
			if k.Doubled {
				before++
			}
			tasks = append(tasks, k)
		}
		added := rating.TopUp(tasks)
		want := max(0, min(free, (len(tasks)+3)/4-before))
		if len(added) != want {
			rt.Fatalf("%d of %d added to %d with %d free, want %d", len(added), len(tasks), before, free, want)
		}
		for _, k := range added {
			if !k.Doubled || k.State() != rating.Waiting {
				rt.Fatalf("%+v", k)
			}
		}
		if again := rating.TopUp(tasks); len(again) != 0 {
			rt.Fatalf("%d more the second time", len(again))
		}
	})
}

func TestAlike(t *testing.T) {
	const a = "裘先生，周日、周一两次答应都没算数，没修好还关了您的单，这是我们失信。"
	for _, tt := range []struct {
		name   string
		a, b   string
		lo, hi float64
	}{
		{"the same", a, a, 1, 1},
		{"other punctuation, width and case", "您好!ABC 123，请放心", "您好。ａｂｃ１２３请放心！", 1, 1},
		{"one word more", a, a + "抱歉。", 0.9, 0.99},
		{"something else", a, "亲爱的学员您好，非常抱歉给您带来不便，我们会尽快核实处理。", 0, 0},
		{"nothing", "", "", 0, 0},
		{"nothing and something", "，。！", a, 0, 0},
		{"shorter than a sequence", "好的", "好的！", 1, 1},
		{"short ones that differ", "好的", "好吧", 0, 0},
		{"half of it", a, a[:len(a)/2/3*3], 0.4, 0.6},
	} {
		if got := rating.NewPrint(tt.a).Alike(rating.NewPrint(tt.b)); got < tt.lo || got > tt.hi {
			t.Errorf("%s: %g, want %g to %g", tt.name, got, tt.lo, tt.hi)
		}
	}
	found := rating.Likenesses(rating.NewPrint(a), map[string]rating.Print{
		"copy": rating.NewPrint(a), "almost": rating.NewPrint(a + "抱歉。"), "another copy": rating.NewPrint(a), "other": rating.NewPrint("电梯今天一定修好，请您再等等。"),
	})
	if got := fmt.Sprintf("%d %s %s %s", len(found), found[0].Ref, found[1].Ref, found[2].Ref); got != "3 another copy copy almost" {
		t.Errorf("%+v", found)
	}
}

func TestAlikeProperties(t *testing.T) {
	words := rapid.StringOfN(rapid.RuneFrom([]rune("天地玄黄宇宙洪荒ab1")), 0, 60, -1)
	rapid.Check(t, func(t *rapid.T) {
		a, b := words.Draw(t, "a"), words.Draw(t, "b")
		p, q := rating.NewPrint(a), rating.NewPrint(b)
		x := p.Alike(q)
		if x < 0 || x > 1 || x != q.Alike(p) {
			t.Fatalf("%g, the other way round %g", x, q.Alike(p))
		}
		if a != "" && p.Alike(p) != 1 {
			t.Fatalf("%q is not like itself", a)
		}
		if spaced := rating.NewPrint(strings.Join(strings.Split(a, ""), " ")); a != "" && p.Alike(spaced) != 1 {
			t.Fatalf("spaces hide %q", a)
		}
	})
}

func BenchmarkLikenesses(b *testing.B) {
	luck := rand.New(rand.NewPCG(1, 1))
	text := func() string {
		rs := make([]rune, 900)
		for i := range rs {
			rs[i] = rune('一' + luck.IntN(3000))
		}
		return string(rs)
	}
	others := map[string]rating.Print{}
	for i := range 500 {
		others[fmt.Sprint(i)] = rating.NewPrint(text())
	}
	own := text()
	for b.Loop() {
		rating.Likenesses(rating.NewPrint(own), others)
	}
}
