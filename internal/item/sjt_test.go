package item

import (
	"testing"

	"pgregory.net/rapid"

	"leida/internal/text"
)

// anySJT has options whose panel means are not all the same.
func anySJT(t *rapid.T, mode string) *sjt {
	b := &sjt{Mode: mode}
	for i, m := range rapid.SliceOfN(rapid.Float64Range(1, 7), 2, 8).Draw(t, "means") {
		b.Options = append(b.Options, sjtOption{ID: id(i), Text: same(id(i)), M: m})
	}
	if lo, hi := b.extremes(); hi-lo < 0.1 {
		b.Options[0].M, b.Options[1].M = 2, 6
	}
	return b
}

func TestBestWorst(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := anySJT(t, bestWorst)
		n := len(b.Options)
		pick := rapid.SampledFrom(b.Options)
		x, y := pick.Draw(t, "best"), pick.Draw(t, "worst")
		lo, hi := b.extremes()
		var best, worst sjtOption
		for _, o := range b.Options {
			if o.M == hi {
				best = o
			}
			if o.M == lo {
				worst = o
			}
		}
		forth, back := score(t, b, bestWorstAnswer{x.ID, y.ID}), score(t, b, bestWorstAnswer{y.ID, x.ID})
		if min(forth, back) != 0 || !near(forth-back, (x.M-y.M)/(hi-lo)) {
			t.Errorf("%g one way, %g the other", forth, back)
		}
		if got := score(t, b, bestWorstAnswer{best.ID, worst.ID}); !near(got, 1) {
			t.Errorf("the key scores %g", got)
		}
		if got := score(t, b, bestWorstAnswer{x.ID, x.ID}); got != 0 {
			t.Errorf("the same twice scores %g", got)
		}
		// a missing half counts as the mean; both halves of the key together make 1
		if one, other := score(t, b, bestWorstAnswer{Best: best.ID}), score(t, b, bestWorstAnswer{Worst: worst.ID}); !near(one+other, 1) {
			t.Errorf("halves %g and %g of %d", one, other, n)
		}
		// a better best never lowers, whatever the worst
		for _, o := range b.Options {
			if o.M >= x.M && o.ID != y.ID && x.ID != y.ID && score(t, b, bestWorstAnswer{o.ID, y.ID}) < forth-1e-12 {
				t.Errorf("%+v instead of %+v lowers", o, x)
			}
		}
	})
}

func TestRate(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := anySJT(t, rate)
		ratings := map[string]int{}
		shifted, constant, negative := map[string]int{}, map[string]int{}, map[string]int{}
		c := rapid.IntRange(1, 7).Draw(t, "constant")
		for _, o := range b.Options {
			n := rapid.IntRange(1, 6).Draw(t, "rating")
			ratings[o.ID], shifted[o.ID], constant[o.ID], negative[o.ID] = n, n+1, c, 8-n
		}
		got := score(t, b, rateAnswer{ratings})
		if again := score(t, b, rateAnswer{shifted}); !near(got, again) {
			t.Errorf("severity counts: %g, %g", got, again)
		}
		if got := score(t, b, rateAnswer{constant}); got != 0 {
			t.Errorf("constant %d scores %g", c, got)
		}
		if back := score(t, b, rateAnswer{negative}); got > 1e-9 && back != 0 {
			t.Errorf("reversed scores %g beside %g", back, got)
		}
		// a missing rating is a 4
		delete(ratings, b.Options[0].ID)
		filled := map[string]int{b.Options[0].ID: 4}
		for k, v := range ratings {
			filled[k] = v
		}
		if one, other := score(t, b, rateAnswer{ratings}), score(t, b, rateAnswer{filled}); one != other {
			t.Errorf("missing %g, as 4 %g", one, other)
		}
	})
}

func TestSJTValidate(t *testing.T) {
	sound := func() *sjt {
		return &sjt{Mode: bestWorst, Options: []sjtOption{{ID: "a", Text: same("文"), M: 6}, {ID: "b", Text: same("文"), M: 2}}}
	}
	for _, tt := range []struct {
		name   string
		change func(b *sjt)
		want   string
	}{
		{"sound", func(b *sjt) { b.Panel = panel{5, map[string]float64{"a": 0, "b": 6}} }, ""},
		{"mode", func(b *sjt) { b.Mode = "best" }, "mode define.one_of"},
		{"flat", func(b *sjt) { b.Options[1].M = 6 }, "options sjt.flat"},
		{"m below the scale", func(b *sjt) { b.Options[1].M = 0.9 }, "options[1].m define.range"},
		{"m above the scale", func(b *sjt) { b.Options[1].M = 7.1 }, "options[1].m define.range"},
		{"m left out", func(b *sjt) { b.Options[1].M = 0 }, "options[1].m define.range"},
		{"sd of nobody", func(b *sjt) { b.Panel.SD = map[string]float64{"z": 1} }, "panel.sd.z item.no_part"},
		{"sd out of range", func(b *sjt) { b.Panel.SD = map[string]float64{"a": -0.1, "b": 6.1} }, "panel.sd.a define.range, panel.sd.b define.range"},
		{"one option", func(b *sjt) { b.Options = b.Options[:1] }, "options define.count"},
		{"method", func(b *sjt) { b.Scoring.Method = "choice" }, "scoring.method item.method"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b := sound()
			tt.change(b)
			wantSaid(t, b.Validate(), tt.want)
		})
	}
}

func TestSJTLint(t *testing.T) {
	why := Marked{Why: same("因为")}
	b := &sjt{Mode: bestWorst, Options: []sjtOption{{ID: "a", M: 6, Marked: why}, {ID: "b", M: 4, Marked: why}, {ID: "c", M: 2, Marked: Marked{Why: same("因为"), Cue: "polite"}}}, Panel: panel{5, map[string]float64{"a": 1.5}}}
	wantSaid(t, b.Lint(), "")
	b.Panel = panel{4, map[string]float64{"b": 1.51}}
	b.PanelStatus = illustrative
	b.Options[0].M, b.Options[2].Cue, b.Options[2].Why = 3.9, "", text.Text{}
	b.Options[1].M = 3
	wantSaid(t, b.Lint(), "options sjt.no_polite, options sjt.range, options[1] sjt.ambiguous, options[2] item.no_why, panel.size sjt.panel, panel_status sjt.illustrative")
}
