package quality_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"leida/assessments"
	"leida/internal/assessment"
	"leida/internal/item"
	"leida/internal/quality"
)

// items are items of one capability of the built-in bank, by id.
func items(t testing.TB, ids ...string) []*item.Item {
	t.Helper()
	lib, report := assessment.Load(assessments.FS, nil, nil)
	if lib == nil {
		t.Fatal(report)
	}
	var out []*item.Item
	for _, id := range ids {
		it, ok := lib.Item(id)
		if !ok {
			t.Fatal("no item ", id)
		}
		out = append(out, it)
	}
	return out
}

func capability(sub string) string { c, _, _ := strings.Cut(sub, "."); return c }

// crowd answers single-choice items: p is the chance of the key for an ability, wrong picks among the other options.
type crowd struct {
	r     *rand.Rand
	bank  []*item.Item
	p     []func(ability float64, recent bool) float64
	wrong []func(ability float64, others []string) string
}

func (c *crowd) sit(collector *quality.Collector, people int) {
	for n := range people {
		ability, recent := c.r.Float64(), n%2 == 0
		var places []quality.Place
		for i, it := range c.bank {
			var key string
			var others []string
			for _, o := range it.Body.(item.Optioned).Choices() {
				if o.Key {
					key = o.ID
				} else {
					others = append(others, o.ID)
				}
			}
			p := quality.Place{Item: it, Seconds: 40 + 40*c.r.Float64(), Recent: recent}
			if c.r.Float64() < c.p[i](ability, recent) {
				p.Score, p.Chosen = 1, []string{key}
			} else if c.wrong[i] != nil {
				p.Chosen = []string{c.wrong[i](ability, others)}
			} else {
				p.Chosen = []string{others[c.r.IntN(len(others))]}
			}
			places = append(places, p)
		}
		collector.Add(fmt.Sprint(n), places)
	}
}

var sevenItems = []string{"cps-single-0001", "cps-single-0002", "cps-single-0003", "cps-single-0004", "cps-sjt-0001", "cps-sjt-0002", "cps-sjt-0003"}

// What is wrong with an item is seen in the answers, and an item with nothing wrong has no flag.
func TestFlags(t *testing.T) {
	bank := items(t, sevenItems...)
	rising := func(a float64, _ bool) float64 { return 0.15 + 0.7*a }
	c := &crowd{r: rand.New(rand.NewPCG(1, 2)), bank: bank, wrong: make([]func(float64, []string) string, len(bank)), p: []func(float64, bool) float64{
		rising, rising,
		func(a float64, _ bool) float64 { return 0.8 - 0.6*a },                   // the able get it wrong: its key is
		func(float64, bool) float64 { return 0.97 },                              // easy
		func(a float64, _ bool) float64 { return 0.02 + 0.15*a },                 // hard
		func(a float64, now bool) float64 { return 0.2 + 0.5*a + 0.25*has(now) }, // known by now
		rising,
	}}
	c.wrong[1] = func(a float64, others []string) string { // the able are led to the first, nobody takes the last
		if a > 0.6 {
			return others[0]
		}
		return others[1]
	}
	collector := quality.NewCollector(capability)
	c.sit(collector, 280)
	want := [][]string{nil, {"rival", "dead"}, {"negative"}, {"easy"}, {"hard"}, {"known"}, nil}
	got := map[string]quality.Item{}
	all := collector.Items()
	for _, x := range all {
		got[x.Of.ID] = x
	}
	for i, it := range bank {
		x := got[it.ID]
		var kinds []string
		for _, f := range x.Flags {
			if !slices.Contains(kinds, f.Kind) {
				kinds = append(kinds, f.Kind)
			}
		}
		for _, w := range want[i] {
			if !slices.Contains(kinds, w) {
				t.Errorf("%s: flags %v, want %s: %+v", it.ID, x.Flags, w, x)
			}
		}
		if want[i] == nil && slices.ContainsFunc(kinds, func(k string) bool { return k != "dead" && k != "weak" }) {
			t.Errorf("%s: flags %v for nothing", it.ID, x.Flags)
		}
		if x.Shown != 280 || len(x.Groups) != 4 || x.Seconds == nil || *x.Seconds < 55 || *x.Seconds > 65 {
			t.Errorf("%s: %+v", it.ID, x)
		}
	}
	if all[0].Of.ID != bank[2].ID || !all[0].Flags[0].Certain || all[0].Rest.High >= 0 {
		t.Errorf("the most pressing is %s %v", all[0].Of.ID, all[0].Flags)
	}
	if x := got[bank[0].ID]; !(*x.Discrimination > 0.3 && x.Groups[0].Mean.Value < x.Groups[3].Mean.Value && x.Rest.Value > 0.15 && x.Rest.Low > 0) {
		t.Errorf("%+v", x)
	}
	if o := got[bank[1].ID].Options; len(o) < 4 || len(o[0].Shares) != 4 {
		t.Errorf("%+v", o)
	}
}

func has(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

// With few answers nothing is said, with some it is provisional, and more than is good for an item is told.
func TestHowMuchIsSaid(t *testing.T) {
	bank := items(t, sevenItems...)
	p := make([]func(float64, bool) float64, len(bank))
	for i := range p {
		p[i] = func(float64, bool) float64 { return 0.99 }
	}
	for n, want := range map[int][3]bool{29: {true, true, false}, 60: {false, true, false}, 320: {false, false, true}} {
		c := &crowd{r: rand.New(rand.NewPCG(3, 4)), bank: bank, p: p, wrong: make([]func(float64, []string) string, len(bank))}
		collector := quality.NewCollector(capability)
		c.sit(collector, n)
		for _, x := range collector.Items() {
			exposed := slices.ContainsFunc(x.Flags, func(f quality.Flag) bool { return f.Kind == "exposed" })
			if got := [3]bool{x.Few(), x.Provisional(), exposed}; got != want || x.Few() && len(x.Flags) > 0 {
				t.Errorf("%d answers: %v, %v", n, got, x.Flags)
			}
		}
	}
}

// Whatever is answered: intervals hold their values and stay in range, shares are shares, and nothing is NaN.
func TestItemsAlways(t *testing.T) {
	bank := items(t, sevenItems...)
	rapid.Check(t, func(t *rapid.T) {
		collector := quality.NewCollector(capability)
		for n := range rapid.IntRange(1, 60).Draw(t, "people") {
			var places []quality.Place
			for _, it := range bank[:rapid.IntRange(1, len(bank)).Draw(t, "length")] {
				places = append(places, quality.Place{Item: it, Score: rapid.SampledFrom([]float64{0, 0.3, 1}).Draw(t, "score"), Blank: rapid.Bool().Draw(t, "blank"),
					Seconds: rapid.SampledFrom([]float64{0, 5, 900}).Draw(t, "seconds"), Recent: rapid.Bool().Draw(t, "recent")})
			}
			collector.Add(fmt.Sprint(n), places)
		}
		for _, x := range collector.Items() {
			if x.Hidden() {
				if x.People >= 5 || x.Mean != nil || x.Rest != nil || x.Seconds != nil || x.Options != nil || x.Flags != nil {
					t.Fatalf("%+v", x)
				}
				continue
			}
			for _, e := range []*quality.Estimate{x.Mean, x.Rest, x.Drift} {
				if e != nil && !(e.Low <= e.Value && e.Value <= e.High && e.Low >= -1 && e.High <= 1) {
					t.Fatalf("%+v", e)
				}
			}
			if x.Mean.Low < 0 || x.Discrimination != nil && math.Abs(*x.Discrimination) > 1 || x.Blank > x.Shown {
				t.Fatalf("%+v", x)
			}
			n := 0
			for _, g := range x.Groups {
				n += g.N
			}
			if n > x.Shown {
				t.Fatalf("%+v", x.Groups)
			}
		}
	})
}

// A weaker intake is no drift, the same item twice in a cycle counts once, and what a rescoring has marked anew says nothing of the item.
func TestWhatIsNotTheItem(t *testing.T) {
	bank := items(t, sevenItems...)
	places := func(r *rand.Rand, ability float64, recent bool) []quality.Place {
		var out []quality.Place
		for _, it := range bank {
			p := quality.Place{Item: it, Recent: recent}
			if r.Float64() < 0.1+0.8*ability {
				p.Score = 1
			}
			out = append(out, p)
		}
		return out
	}
	drifts := 0
	for lap := range 20 {
		r := rand.New(rand.NewPCG(uint64(lap), 8))
		c := quality.NewCollector(capability)
		for n := range 200 {
			recent := n%2 == 0
			ability := 0.3 + 0.6*r.Float64()
			if recent {
				ability -= 0.15 // another intake
			}
			c.Add(fmt.Sprint(n), places(r, ability, recent))
		}
		for _, x := range c.Items() {
			for _, f := range x.Flags {
				if f.Kind == "known" || f.Kind == "shifted" && f.Certain {
					drifts++
				}
			}
		}
	}
	if drifts > 3 { // of 140 items, all as they were
		t.Errorf("%d of 140 items are said to have drifted", drifts)
	}
	r := rand.New(rand.NewPCG(9, 9))
	once, twice := quality.NewCollector(capability), quality.NewCollector(capability)
	for n := range 60 {
		ps := places(r, 0.5, false)
		once.Add(fmt.Sprint(n), ps)
		twice.Add(fmt.Sprint(n), append(slices.Clone(ps), ps...))
	}
	for i, x := range once.Items() {
		if y := twice.Items()[i]; y.Shown != 60 || y.People != 60 || *x.Mean != *y.Mean || *x.Rest != *y.Rest {
			t.Errorf("%s: %+v, and twice %+v", x.Of.ID, x, y)
		}
	}
	remarked := quality.NewCollector(capability)
	for n := range 40 {
		ps := places(r, 0.5, false)
		ps[0].Remarked, ps[0].Score = true, 1
		remarked.Add(fmt.Sprint(n), ps)
	}
	for _, x := range remarked.Items() {
		if x.Of.ID == bank[0].ID {
			t.Errorf("%+v", x)
		}
	}
}
