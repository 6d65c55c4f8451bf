package item

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"leida/internal/fault"
	"leida/internal/text"
)

// anySeries passes Validate.
func anySeries(t *rapid.T) *decisionSeries {
	b := &decisionSeries{TwoStage: rapid.Bool().Draw(t, "two stages")}
	for i := range rapid.IntRange(2, 12).Draw(t, "cases") {
		c := decisionCase{ID: id(i), Customer: same("话"), AI: advice{float64(rapid.IntRange(1, 100).Draw(t, "confidence")) / 100, same("建议")}, Edits: parts(rapid.IntRange(1, 4).Draw(t, "edits"))}
		c.Key.Quality = rapid.SampledFrom(adviceQualities).Draw(t, "quality")
		if c.Key.Quality == adviceFixable {
			c.Key.Fix = rapid.SampledFrom(partIDs(c.Edits)).Draw(t, "fix")
		}
		for _, action := range c.actions() {
			if action != c.best() && rapid.IntRange(0, 4).Draw(t, "critical") == 0 {
				c.Key.CriticalIf = append(c.Key.CriticalIf, action)
			}
		}
		b.Cases = append(b.Cases, c)
	}
	if rapid.Bool().Draw(t, "overrides") {
		b.Scoring.Payoff = map[string]map[string]float64{adviceWrong: {"escalate": rapid.Float64Range(-1, 0.99).Draw(t, "escalate")}, adviceCorrect: {"none": -1, "accept": 1}}
	}
	if b.blind() >= 1 {
		b.Cases[0].Key, b.Cases[1].Key = decisionKey{Quality: adviceCorrect}, decisionKey{Quality: adviceHuman}
	}
	return b
}

// anyDecisions decide some of the cases.
func anyDecisions(t *rapid.T, b *decisionSeries) decisionAnswer {
	a := decisionAnswer{Decisions: map[string]string{}}
	for _, c := range b.Cases {
		if action := rapid.SampledFrom(append(c.actions(), "")).Draw(t, "action"); action != "" {
			a.Decisions[c.ID] = action
		}
	}
	return a
}

func (b *decisionSeries) key() decisionAnswer { return b.everywhere((*decisionCase).best) }

func TestDecisionFormula(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := anySeries(t)
		if ps := b.Validate(); len(ps) > 0 {
			t.Fatal(ps)
		}
		if got := score(t, b, b.key()); !near(got, 1) {
			t.Errorf("the key scores %g", got)
		}
		for _, x := range b.Blind() {
			if x.Most == 0 && score(t, b, x.Answer) > 1e-12 {
				t.Errorf("%s everywhere scores %g", x.Name, score(t, b, x.Answer))
			}
		}
		// the formula, written another way
		a := anyDecisions(t, b)
		worth := func(do func(c decisionCase) string) float64 {
			sum := 0.0
			for _, c := range b.Cases {
				sum += b.worth(&c, do(c))
			}
			return sum / float64(len(b.Cases))
		}
		g := 0.0
		for _, do := range []string{doAccept, doReject, doEscalate} {
			g = max(g, worth(func(decisionCase) string { return do }))
		}
		anyEdit := 0.0
		for _, c := range b.Cases {
			for _, e := range c.Edits {
				anyEdit += b.worth(&c, editPrefix+e.ID) / float64(len(c.Edits)) / float64(len(b.Cases))
			}
		}
		g = max(g, anyEdit)
		before := score(t, b, a)
		if want := max(0, (worth(func(c decisionCase) string { return a.Decisions[c.ID] })-g)/(1-g)); !near(before, want) {
			t.Errorf("%v scores %g, want %g", a.Decisions, before, want)
		}
		// neither the order of the cases nor that of the edits counts
		other := *b
		other.Cases = slices.Clone(b.Cases)
		slices.Reverse(other.Cases)
		for i := range other.Cases {
			other.Cases[i].Edits = slices.Clone(other.Cases[i].Edits)
			slices.Reverse(other.Cases[i].Edits)
		}
		if got := score(t, &other, a); !near(got, before) {
			t.Errorf("the other way round it scores %g, not %g", got, before)
		}
		// what is put right never lowers, and what is decided before or said of confidence does not count
		c := rapid.SampledFrom(b.Cases).Draw(t, "mended")
		mended := decisionAnswer{Decisions: maps.Clone(a.Decisions), Initial: a.Decisions, Confidence: map[string]int{c.ID: 50}}
		mended.Decisions[c.ID] = c.best()
		if after := score(t, b, mended); after < before-1e-12 {
			t.Errorf("%s put right lowers %g to %g", c.ID, before, after)
		}
	})
}

// four is one case of each quality; the AI is unsure where it is right.
func four(twoStage bool) *decisionSeries {
	b := &decisionSeries{TwoStage: twoStage}
	for i, quality := range adviceQualities {
		b.Cases = append(b.Cases, decisionCase{ID: id(i), Customer: same("话"), AI: advice{0.6 + float64(i)/10, same("建议")}, Edits: parts(2), Key: decisionKey{Quality: quality}})
	}
	b.Cases[1].Key.Fix = "p1"
	return b
}

func TestDecisionPayoffs(t *testing.T) {
	b := four(false)
	for i, want := range [][]float64{{1, 0, 0, -0.5, -0.25, -0.5}, {-0.5, -0.25, 1, 0.25, 0, -0.5}, {-1, -0.5, -0.5, 1, 0.25, -0.5}, {-1, -0.5, -0.5, 0, 1, -0.5}} {
		for k, action := range []string{doAccept, "edit:p0", "edit:p1", doReject, doEscalate, ""} {
			if got := b.worth(&b.Cases[i], action); got != want[k] {
				t.Errorf("%s: %q is worth %g, want %g", b.Cases[i].Key.Quality, action, got, want[k])
			}
		}
	}
	b.Scoring.Payoff = map[string]map[string]float64{adviceFixable: {"edit": 0.5, "none": -1}, adviceWrong: {"edit": 0.25}}
	for action, want := range map[string]float64{"edit:p0": 0.5, "edit:p1": 1, "": -1, doReject: 0.25} {
		if got := b.worth(&b.Cases[1], action); got != want {
			t.Errorf("overridden, %q is worth %g, want %g", action, got, want)
		}
	}
	if got := b.worth(&b.Cases[2], "edit:p1"); got != 0.25 {
		t.Errorf("overridden, an edit of what is wrong is worth %g", got)
	}
}

func TestDecisionDiagnostics(t *testing.T) {
	detail := func(b *decisionSeries, a decisionAnswer) map[string]any {
		t.Helper()
		r, err := b.Score(Response{Answer: a})
		if err != nil {
			t.Fatal(err)
		}
		raw, err := json.Marshal(r.Detail)
		if err != nil {
			t.Fatal(err)
		}
		out := map[string]any{}
		unmarshal(t, raw, &out)
		return out
	}
	b := four(true)
	for _, tt := range []struct {
		name   string
		a      decisionAnswer
		want   map[string]float64
		absent []string
	}{
		{"blank", decisionAnswer{}, map[string]float64{"over": 0, "under": 0, "escalation_recall": 0, "hits": 0, "correct": 1, "falses": 0, "others": 3}, []string{"escalation_precision", "brier", "rair", "rsr"}},
		{"all escalated", b.always(doEscalate), map[string]float64{"over": 0, "under": 1, "escalation_precision": 0.25, "escalation_recall": 1}, []string{"brier", "rair", "rsr"}},
		{"all accepted", b.always(doAccept), map[string]float64{"over": 1, "under": 0, "escalation_recall": 0, "hits": 1, "falses": 3}, []string{"escalation_precision"}},
		{"own wrong, AI right, won over", decisionAnswer{Initial: map[string]string{"p0": doReject}, Decisions: map[string]string{"p0": doAccept}}, map[string]float64{"rair": 1}, []string{"rsr"}},
		{"own wrong, AI right, not won over", decisionAnswer{Initial: map[string]string{"p0": "edit:p1"}, Decisions: map[string]string{"p0": "edit:p1"}}, map[string]float64{"rair": 0, "under": 0}, []string{"rsr"}},
		{"own right, AI wrong, steadfast and not", decisionAnswer{Initial: map[string]string{"p1": "edit:p1", "p2": doReject}, Decisions: map[string]string{"p1": "edit:p1", "p2": doAccept}}, map[string]float64{"rsr": 0.5}, []string{"rair"}},
		{"both right, both wrong", decisionAnswer{Initial: map[string]string{"p0": doAccept, "p1": doAccept}, Decisions: map[string]string{"p0": doAccept, "p1": "edit:p1"}}, nil, []string{"rair", "rsr"}},
		{"own wrong another way than the AI", decisionAnswer{Initial: map[string]string{"p1": "edit:p0"}, Decisions: map[string]string{"p1": "edit:p1"}}, nil, []string{"rair", "rsr"}},
		{"own decision and no final one", decisionAnswer{Initial: map[string]string{"p0": doReject, "p3": doEscalate}}, map[string]float64{"rair": 0, "rsr": 0}, nil},
		{"confidence", decisionAnswer{Decisions: map[string]string{"p0": doAccept, "p1": doAccept}, Confidence: map[string]int{"p0": 80, "p1": 100, "p2": 30}}, map[string]float64{"brier": (0.04 + 1) / 2}, nil},
		{"confidence without a decision", decisionAnswer{Confidence: map[string]int{"p0": 80}}, nil, []string{"brier"}},
	} {
		got := detail(b, tt.a)
		for name, want := range tt.want {
			if x, ok := got[name].(float64); !ok || !near(x, want) {
				t.Errorf("%s: %s is %v, want %g", tt.name, name, got[name], want)
			}
		}
		for _, name := range tt.absent {
			if x, there := got[name]; there {
				t.Errorf("%s: %s is %v", tt.name, name, x)
			}
		}
	}
	// nothing to divide by at all
	only := &decisionSeries{Cases: []decisionCase{b.Cases[1], b.Cases[2]}}
	if got := detail(only, only.always(doReject)); got["under"] != nil || got["escalation_recall"] != nil || got["over"] == nil {
		t.Errorf("without a correct and one to escalate: %v", got)
	}
	// no share leaves 0..1 and no number is lost, whatever was done
	rapid.Check(t, func(t *rapid.T) {
		b := anySeries(t)
		a := anyDecisions(t, b)
		a.Initial = anyDecisions(t, b).Decisions
		r, _ := b.Score(Response{Answer: a})
		d := r.Detail.(decisionDetail)
		for _, v := range []*float64{d.Over, d.Under, d.Precision, d.Recall, d.Brier, d.RAIR, d.RSR} {
			if v != nil && !(*v >= 0 && *v <= 1) {
				t.Fatalf("%+v", d)
			}
		}
		if math.IsNaN(d.DPrime) || math.IsInf(d.DPrime, 0) || math.IsNaN(d.Bias) || math.IsInf(d.Bias, 0) {
			t.Fatalf("%+v", d)
		}
		for _, c := range r.Critical {
			at := b.Cases[slices.Index(b.ids(), c)]
			if !slices.Contains(at.Key.CriticalIf, a.Decisions[c]) {
				t.Fatalf("%s is no critical error", c)
			}
		}
	})
}

func TestDecisionValidate(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(b *decisionSeries)
		want   string
	}{
		{"sound", func(b *decisionSeries) {
			b.Cases[2].Key.CriticalIf = Words{doAccept, "edit:p0"}
			b.Scoring.Payoff = map[string]map[string]float64{adviceWrong: {"accept": -1, "reject": 1}, adviceFixable: {"fix": 1, "none": 0}}
		}, ""},
		{"one case", func(b *decisionSeries) { b.Cases = b.Cases[:1] }, "cases define.count"},
		{"too many", func(b *decisionSeries) {
			for i := len(b.Cases); i <= MaxOptions; i++ {
				c := b.Cases[0]
				c.ID = id(i)
				b.Cases = append(b.Cases, c)
			}
		}, "cases define.count"},
		{"no id", func(b *decisionSeries) { b.Cases[1].ID = "" }, "cases[1].id define.required"},
		{"an id twice", func(b *decisionSeries) { b.Cases[1].ID = "p0" }, "cases[1].id define.repeated"},
		{"no customer", func(b *decisionSeries) { b.Cases[1].Customer = text.Text{} }, "cases[1].customer.zh define.required"},
		{"no suggestion", func(b *decisionSeries) { b.Cases[1].AI.Text = text.Text{EN: "so"} }, "cases[1].ai.zh define.required"},
		{"context without Chinese", func(b *decisionSeries) { b.Cases[1].Context = text.Text{EN: "so"} }, "cases[1].context.zh define.required"},
		{"no confidence", func(b *decisionSeries) { b.Cases[0].AI.Confidence = 0 }, "cases[0].ai.confidence ai_decision_series.confidence"},
		{"confidence in percent", func(b *decisionSeries) { b.Cases[0].AI.Confidence = 86 }, "cases[0].ai.confidence ai_decision_series.confidence"},
		{"confidence no number", func(b *decisionSeries) { b.Cases[0].AI.Confidence = math.NaN() }, "cases[0].ai.confidence ai_decision_series.confidence"},
		{"no edits", func(b *decisionSeries) { b.Cases[2].Edits = nil }, "cases[2].edits define.count"},
		{"an edit twice", func(b *decisionSeries) { b.Cases[2].Edits[1] = b.Cases[2].Edits[0] }, "cases[2].edits[1] ai_decision_series.same_edit, cases[2].edits[1].id define.repeated"},
		{"an edit without an id", func(b *decisionSeries) { b.Cases[2].Edits[0].ID = "" }, "cases[2].edits[0].id define.required"},
		{"a reserved id", func(b *decisionSeries) { b.Cases[2].Edits[0].ID = doAccept }, "cases[2].edits[0].id ai_decision_series.reserved"},
		{"no quality", func(b *decisionSeries) { b.Cases[2].Key.Quality = "" }, "cases[2].key.quality define.one_of"},
		{"no fix", func(b *decisionSeries) { b.Cases[1].Key.Fix = "" }, "cases[1].key.fix item.no_part"},
		{"a fix that is none of the edits", func(b *decisionSeries) { b.Cases[1].Key.Fix = "z" }, "cases[1].key.fix item.no_part"},
		{"a fix of what cannot be fixed", func(b *decisionSeries) { b.Cases[2].Key.Fix = "p0" }, "cases[2].key.fix ai_decision_series.no_fix"},
		{"critical of nothing", func(b *decisionSeries) { b.Cases[2].Key.CriticalIf = Words{"edit:z", "none", "p0"} }, "cases[2].key.critical_if[0] define.one_of, cases[2].key.critical_if[1] define.one_of, cases[2].key.critical_if[2] define.one_of"},
		{"critical twice", func(b *decisionSeries) { b.Cases[2].Key.CriticalIf = Words{doAccept, doAccept} }, "cases[2].key.critical_if[1] define.repeated"},
		{"the right thing is critical", func(b *decisionSeries) { b.Cases[1].Key.CriticalIf = Words{"edit:p1"} }, "cases[1].key.critical_if[0] ai_decision_series.critical_key"},
		{"payoff of no quality", func(b *decisionSeries) { b.Scoring.Payoff = map[string]map[string]float64{"good": {"accept": 1}} }, "scoring.payoff.good define.one_of"},
		{"payoff of no action", func(b *decisionSeries) {
			b.Scoring.Payoff = map[string]map[string]float64{adviceWrong: {"fix": 1, "edit:p0": 0}}
		}, "scoring.payoff.wrong.edit:p0 define.one_of, scoring.payoff.wrong.fix define.one_of"},
		{"payoff out of range", func(b *decisionSeries) {
			b.Scoring.Payoff = map[string]map[string]float64{adviceWrong: {"accept": -1.01, "edit": math.NaN(), "reject": 1.01}}
		}, "scoring.payoff.wrong.accept define.range, scoring.payoff.wrong.edit define.range, scoring.payoff.wrong.reject define.range"},
		{"payoff against the key", func(b *decisionSeries) {
			b.Scoring.Payoff = map[string]map[string]float64{adviceWrong: {"reject": 0.9, "escalate": 1}}
		}, "scoring.payoff.wrong.escalate ai_decision_series.payoff, scoring.payoff.wrong.reject ai_decision_series.payoff"},
		{"payoff for nothing", func(b *decisionSeries) {
			b.Scoring.Payoff = map[string]map[string]float64{adviceWrong: {"none": 0.1}}
		}, "scoring.payoff.wrong.none ai_decision_series.payoff_none"},
		{"everything is right", func(b *decisionSeries) {
			for i := range b.Cases {
				b.Cases[i].Key = decisionKey{Quality: adviceCorrect}
			}
		}, "cases ai_decision_series.one_action"},
		{"the only edit is always right", func(b *decisionSeries) {
			for i := range b.Cases {
				b.Cases[i].Edits, b.Cases[i].Key = parts(1), decisionKey{Quality: adviceFixable, Fix: "p0"}
			}
		}, "cases ai_decision_series.one_action"},
		{"method", func(b *decisionSeries) { b.Scoring.Method = "payoff" }, "scoring.method item.method"},
		{"feedback of no case", func(b *decisionSeries) { b.Feedback = map[string]text.Text{"z": same("因为")} }, "feedback.z item.no_part"},
		{"an edit that says what the AI says", func(b *decisionSeries) { b.Cases[0].Edits[0].Text = same("改为“建议”。") }, ""},
		{"two stages, two edits that say the same", func(b *decisionSeries) {
			b.TwoStage = true
			b.Cases[0].Edits[0].Text, b.Cases[0].Edits[1].Text = text.Text{ZH: "改为“别的”", EN: "Change to “other”"}, text.Text{ZH: "改为“其他”", EN: "Change to 'other'"}
		}, "cases[0].edits[1] ai_decision_series.same_edit"},
		{"two stages, an edit that says what the AI says", func(b *decisionSeries) {
			b.TwoStage, b.Cases[0].Edits[0].Text = true, text.Text{ZH: "改为“别的”", EN: "Change to “建议”"}
		}, "cases[0].edits[0] ai_decision_series.same_reply"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b := four(false)
			tt.change(b)
			wantSaid(t, b.Validate(), tt.want)
			if tt.want != "" {
				wantSaid(t, b.Lint(), "")
			}
		})
	}
}

// ten is well put together: the AI's confidence says nothing.
func ten(twoStage bool) *decisionSeries {
	b := &decisionSeries{TwoStage: twoStage}
	for i, q := range []string{"correct 69", "fixable 91", "wrong 82", "human_only 78", "correct 74", "fixable 74", "wrong 86", "human_only 69", "correct 91", "correct 86"} {
		c := decisionCase{ID: id(i), Customer: same("话"), AI: advice{Text: same("建议")}, Edits: parts(3), Why: same("因为")}
		percent := 0.0
		fmt.Sscan(strings.Replace(q, " ", "\n", 1), &c.Key.Quality, &percent)
		if c.AI.Confidence = percent / 100; c.Key.Quality == adviceFixable {
			c.Key.Fix = id(i % 3)
		}
		b.Cases = append(b.Cases, c)
	}
	return b
}

func TestDecisionLint(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(b *decisionSeries)
		want   string
	}{
		{"well put together", func(b *decisionSeries) {}, ""},
		{"few", func(b *decisionSeries) { b.Cases = b.Cases[:7] }, "cases ai_decision_series.few, cases ai_decision_series.correct_share, cases ai_decision_series.blind, cases ai_decision_series.telling"},
		{"no wrong one", func(b *decisionSeries) { b.Cases[2].Key.Quality, b.Cases[6].Key.Quality = adviceHuman, adviceHuman }, "cases ai_decision_series.missing"},
		{"half are for others", func(b *decisionSeries) {
			for _, i := range []int{1, 2, 5} {
				b.Cases[i].Key = decisionKey{Quality: adviceHuman}
			}
		}, "cases ai_decision_series.one_sided, cases ai_decision_series.missing"},
		{"six of ten correct", func(b *decisionSeries) { b.Cases[2].Key.Quality, b.Cases[3].Key.Quality = adviceCorrect, adviceCorrect }, "cases ai_decision_series.correct_share"},
		{"sure where it is wrong", func(b *decisionSeries) {
			for i := range b.Cases {
				b.Cases[i].AI.Confidence = 0.9 - 0.25*float64(has(b.Cases[i].Key.Quality == adviceCorrect))
			}
		}, "cases ai_decision_series.blind, cases ai_decision_series.telling"},
		{"sure where it is right", func(b *decisionSeries) {
			for i := range b.Cases {
				b.Cases[i].AI.Confidence = 0.65 + 0.25*float64(has(b.Cases[i].Key.Quality == adviceCorrect))
			}
		}, "cases ai_decision_series.blind, cases ai_decision_series.high_wrong, cases ai_decision_series.low_correct, cases ai_decision_series.telling"},
		{"always as sure", func(b *decisionSeries) {
			for i := range b.Cases {
				b.Cases[i].AI.Confidence = 0.8
			}
		}, "cases ai_decision_series.high_wrong, cases ai_decision_series.low_correct"},
		{"the first edit is right in most", func(b *decisionSeries) {
			for i := range 7 {
				b.Cases[i].Key = decisionKey{Quality: adviceFixable, Fix: "p0"}
			}
		}, "cases ai_decision_series.blind, cases ai_decision_series.correct_share, cases ai_decision_series.low_correct, cases ai_decision_series.missing, cases ai_decision_series.telling"},
		{"no reason", func(b *decisionSeries) { b.Cases[3].Why = text.Text{} }, "cases[3] item.no_why"},
		{"a reason below", func(b *decisionSeries) {
			b.Cases[3].Why, b.Feedback = text.Text{}, map[string]text.Text{"p3": same("因为")}
		}, ""},
		{"more edits in one", func(b *decisionSeries) { b.Cases[3].Edits = parts(4) }, "cases[3].edits ai_decision_series.uneven"},
		{"two stages, a fragment", func(b *decisionSeries) {
			b.TwoStage, b.Cases[3].Edits[1].Text = true, same("72小时改为48小时")
			b.Cases[4].Edits[0].Text = text.Text{ZH: "改为“可以”", EN: "Drop the time"}
			b.Cases[5].Edits[0].Text = text.Text{ZH: "改为“可以”", EN: "Change to “fine”"}
		}, "cases[3].edits[1] ai_decision_series.fragment, cases[4].edits[0] ai_decision_series.fragment"},
		{"two stages, the AI is long-winded", func(b *decisionSeries) {
			b.TwoStage = true
			for i := range 6 {
				b.Cases[i].AI.Text = same("说得很长的建议")
			}
		}, "cases ai_decision_series.reply_length"},
		{"two stages, the AI is short", func(b *decisionSeries) {
			b.TwoStage = true
			for i := range 6 {
				b.Cases[i].AI.Text = same("好")
			}
		}, "cases ai_decision_series.reply_length"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b := ten(false)
			tt.change(b)
			if ps := b.Validate(); len(ps) > 0 {
				t.Fatal(ps)
			}
			want := strings.Split(tt.want, ", ")
			slices.Sort(want)
			wantSaid(t, b.Lint(), strings.Join(want, ", "))
		})
	}
}

// What was decided first stays, nothing is passed over, and a final decision that comes too early is named as the page names it.
func TestDecisionAdvance(t *testing.T) {
	b := four(true)
	m := func(kv ...string) map[string]string {
		var out map[string]string
		for i := 0; i < len(kv); i += 2 {
			out = overlay(out, map[string]string{kv[i]: kv[i+1]})
		}
		return out
	}
	first := decisionAnswer{Initial: m("p0", doReject)}
	both := decisionAnswer{Initial: m("p0", doReject), Decisions: m("p0", doAccept), Confidence: map[string]int{"p0": 80}}
	for _, tt := range []struct {
		name       string
		kept, sent Answer
		want       Answer
		fault      string
	}{
		{"the first step", nil, first, first, ""},
		{"nothing", nil, nil, nil, ""},
		{"nothing more", both, nil, both, ""},
		{"the second step", first, decisionAnswer{Decisions: m("p0", doAccept), Confidence: map[string]int{"p0": 80}}, both, ""},
		{"a change of mind", both, decisionAnswer{Decisions: m("p0", doEscalate)}, decisionAnswer{Initial: m("p0", doReject), Decisions: m("p0", doEscalate)}, ""},
		{"not of the first step", both, decisionAnswer{Initial: m("p0", doAccept), Decisions: m("p0", doAccept), Confidence: map[string]int{"p0": 80}}, both, ""},
		{"the first step of another case, from a page that is older", both, decisionAnswer{Initial: m("p0", doEscalate, "p2", doReject)}, decisionAnswer{Initial: m("p0", doReject, "p2", doReject), Decisions: m("p0", doAccept), Confidence: both.Confidence}, ""},
		{"the last step first", nil, decisionAnswer{Decisions: m("p2", doReject)}, nil, "decisions[c3] ai_decision_series.too_early"},
		{"both steps at once", first, decisionAnswer{Initial: m("p1", doReject), Decisions: m("p1", doReject), Confidence: map[string]int{"p1": 5}}, nil, "confidence[c2] ai_decision_series.too_early, decisions[c2] ai_decision_series.too_early"},
	} {
		got, err := b.Advance(Seen(text.ZH, 1), tt.kept, tt.sent)
		if tt.fault != "" {
			f := fault.As(err)
			if f == nil || f.Kind != fault.Invalid {
				t.Errorf("%s: %v, %v", tt.name, got, err)
				continue
			}
			wantSaid(t, f.Problems, tt.fault)
			continue
		}
		if err != nil || fmt.Sprintf("%+v", got) != fmt.Sprintf("%+v", tt.want) {
			t.Errorf("%s: %+v, %v, want %+v", tt.name, got, err, tt.want)
		}
	}
	if first.Initial["p0"] != doReject || len(first.Decisions) > 0 || len(both.Initial) != 1 {
		t.Errorf("what was kept has been changed in place: %v %v", first, both)
	}
	one := four(false)
	if got, err := one.Advance(Plain(text.ZH), both, nil); got != nil || err != nil {
		t.Errorf("in one stage the newest answer counts: %v, %v", got, err)
	}
}

// Before the own decision is kept nothing on the page tells which reply is the AI's, how sure it is, or what a change would be.
func TestDecisionFirstStageTellsNothing(t *testing.T) {
	b := ten(true)
	for i := range b.Cases {
		b.Cases[i].AI.Text = text.Text{ZH: "建议一条。", EN: "Some advice."}
		b.Cases[i].Edits = []Part{{"a", text.Text{ZH: "改为“建议两条”", EN: "Change to “More advice”"}}, {"b", text.Text{ZH: "改为“建议三条”", EN: "Change to “Much advice”"}}, {"c", text.Text{ZH: "没有建议。", EN: "No advice."}}}
		if b.Cases[i].Key.Quality == adviceFixable {
			b.Cases[i].Key.Fix = "b"
		}
	}
	if ps := b.Validate(); len(ps) > 0 {
		t.Fatal(ps)
	}
	places := make([]int, 4)
	const seeds = 300
	for seed := range uint64(seeds) {
		v := Seen(text.Langs[seed%2], seed)
		p := b.Prompt(v, decisionAnswer{Initial: map[string]string{"p1": doAccept}}).(DecisionPrompt)
		for i, c := range p.Cases {
			if i == 1 {
				if !c.Open || c.Own != choiceAccept || !strings.HasPrefix(c.OwnReply+"。.", c.AI[:len(c.AI)-3]) || len(c.Edits) != 3 || c.Percent != 91 {
					t.Fatalf("%+v", c)
				}
				continue
			}
			if c.Open || c.AI != "" || c.Percent != 0 || len(c.Edits) != 0 || len(c.Replies) != 4 {
				t.Fatalf("%+v", c)
			}
			for k, r := range c.Replies {
				if want := fmt.Sprintf("c%dr%d", i+1, k+1); r.ID != want || r.Chosen {
					t.Fatalf("%+v, want %s", r, want)
				}
				if strings.ContainsAny(r.Text, "“”。.") || strings.Contains(r.Text, "改为") || strings.Contains(r.Text, "Change") {
					t.Fatalf("%q is told apart", r.Text)
				}
				if i == 0 && (r.Text == "建议一条" || r.Text == "Some advice") {
					places[k]++
				}
			}
		}
		// what is picked means what its text says
		for k, r := range p.Cases[0].Replies {
			a, err := b.Parse(v, Fields{shape: object, names: []string{"initial"}, named: map[string]Fields{"initial": {shape: object, names: []string{"c1"}, named: map[string]Fields{"c1": {shape: scalar, text: r.ID}}}}})
			if err != nil {
				t.Fatal(err)
			}
			action := a.(decisionAnswer).Initial["p0"]
			if got := b.Cases[0].reply(v.Lang, action); got != r.Text {
				t.Fatalf("reply %d, %q, is taken for %s, %q", k+1, r.Text, action, got)
			}
			again := b.Prompt(v.Keeping(nil), a).(DecisionPrompt).Cases[0]
			if again.Open || !again.Replies[k].Chosen {
				t.Fatalf("typed and not kept: %+v", again)
			}
			if kept := b.Prompt(v, a).(DecisionPrompt).Cases[0]; !kept.Open || kept.OwnReply != r.Text {
				t.Fatalf("kept: %+v", kept)
			}
		}
	}
	for _, n := range places {
		if n < seeds/4-45 || n > seeds/4+45 {
			t.Errorf("the AI's reply is at places %v", places)
		}
	}
	// as a whole everything is shown, and without the stimulus only what is left of it
	whole := b.Prompt(Plain(text.ZH).Whole(), nil).(DecisionPrompt).Cases[0]
	bare := b.Prompt(Plain(text.ZH).Bare(), nil).(DecisionPrompt).Cases[0]
	if !whole.Open || whole.Customer == "" || !bare.Open || bare.Customer != "" || bare.AI == "" || len(bare.Edits) != 3 {
		t.Errorf("%+v\n%+v", whole, bare)
	}
}

func TestDecisionChangesAreMarked(t *testing.T) {
	show := func(spans []DiffSpan) string {
		out := ""
		for _, s := range spans {
			switch {
			case s.Del:
				out += "[-" + s.Text + "]"
			case s.Ins:
				out += "[+" + s.Text + "]"
			default:
				out += s.Text
			}
		}
		return out
	}
	for _, tt := range []struct{ of, edit, want string }{
		{"空调送达后72小时内上门安装。", "72小时改为96小时", "空调送达后[-72小时][+96小时]内上门安装。"},
		{"It will be installed within 72 hours of delivery.", "72 hours to 48 hours", "It will be installed within [-72 hours][+48 hours] of delivery."},
		{"临时额度给您提到3万元，30天后自动恢复。", "3万元改为2.5万元", "临时额度给您提到[-3万元][+2.5万元]，30天后自动恢复。"},
		{"plain 30,000 yuan", "30,000 yuan to 25,000 yuan", "plain [-30,000 yuan][+25,000 yuan]"},
		{"出险日登记为10月4日，可以受理。", "“10月4日”改为“10月7日”", "出险日登记为[-10月4日][+10月7日]，可以受理。"},
		{"改签费、差价都不收，给您改签。", "改为“改签费不收，差价照补，给您改签”", "改签费[-、差价都不收][+不收，差价照补]，给您改签"},
		{"No change fee, no fare difference; I change your ticket.", "Change to “No change fee, you pay the fare difference; I change your ticket”", "No change fee, [-no][+you pay the] fare difference; I change your ticket"},
		// where there is any doubt only words tell
		{"定损1700元，扣免赔额200元，付您1500元。", "免赔额改为0元，付1700元", ""},
		{"没开封的放冰箱；开封后放室温，28天内用完。", "开封后放室温改为放冰箱", ""},
		{"付您50元，再退50元。", "50元改为20元", ""},
		{"付您150元。", "50元改为20元", ""},
		{"第5次。", "5改为6", "第[-5][+6]次。"},
		{"电话10点半打。", "10点半改为18点", ""},
		{"这个情况可以换新，也可以退款，您看选哪一种？", "改为“先安排免费上门维修”", ""},
		{"地址和时段都说了。", "去掉地址，只说时段", ""},
		{"“Phone” him at once.", "“Phone” to “text”", ""},
		{"", "改为", ""},
		{"x", "", ""},
	} {
		if got := show(markChange(tt.of, tt.edit)); got != tt.want {
			t.Errorf("%s | %s: %q, want %q", tt.of, tt.edit, got, tt.want)
		}
	}
	rapid.Check(t, func(t *rapid.T) { // without the marks it is the suggestion, whatever is said
		of, edit := rapid.StringOfN(rapid.RuneFrom([]rune("改为3元5“”a to。")), 0, 12, -1).Draw(t, "of"), rapid.StringOfN(rapid.RuneFrom([]rune("改为3元5“”a to。")), 0, 12, -1).Draw(t, "edit")
		spans, was := markChange(of, edit), ""
		for _, s := range spans {
			if !s.Ins {
				was += s.Text
			}
		}
		if spans != nil && was != of && was != asReply(of) {
			t.Fatalf("%q | %q: %s", of, edit, show(spans))
		}
	})
}

func TestDecisionLeaning(t *testing.T) {
	b := ten(false)
	with := func(changes map[string]string) decisionAnswer {
		a := b.key()
		maps.Copy(a.Decisions, changes)
		return a
	}
	for _, tt := range []struct {
		name string
		a    Answer
		want string
	}{
		{"blank", nil, ""},
		{"only sure", decisionAnswer{Confidence: map[string]int{"p0": 5}}, ""},
		{"four of ten", decisionAnswer{Decisions: map[string]string{"p1": doAccept, "p2": doAccept, "p3": doAccept, "p5": doAccept}}, ""},
		{"half", decisionAnswer{Decisions: map[string]string{"p1": doAccept, "p2": doAccept, "p3": doAccept, "p5": doAccept, "p6": doReject}}, leanTrusting},
		{"the key", b.key(), leanBalanced},
		{"one slip is no habit", with(map[string]string{"p1": doAccept}), leanBalanced},
		{"two bad ones accepted", with(map[string]string{"p1": doAccept, "p2": doAccept}), leanTrusting},
		{"two good ones turned down", with(map[string]string{"p0": doReject, "p4": doEscalate}), leanSceptical},
		{"both", with(map[string]string{"p1": doAccept, "p2": doAccept, "p3": doAccept, "p0": doReject, "p4": doReject}), leanBalanced},
		{"edited needlessly", with(map[string]string{"p0": "edit:p0", "p4": "edit:p1"}), leanBalanced},
		{"all accepted", b.always(doAccept), leanTrusting},
		{"all escalated", b.always(doEscalate), leanSceptical},
	} {
		e := b.Explain(Plain(text.ZH), tt.a).(DecisionExplained)
		if e.Remember != tt.want || len(e.Cases) != 10 {
			t.Errorf("%s: %q, want %q", tt.name, e.Remember, tt.want)
		}
		if e.Remember != "" && !text.Has("ai_decision_series.remember."+e.Remember+".means") {
			t.Errorf("no words for %s", e.Remember)
		}
		if e.Detection != (DecisionDetection{}) {
			t.Errorf("detection is told of 4 and 6 cases: %+v", e.Detection)
		}
	}
	b.Cases = append(b.Cases, ten(false).Cases[8:]...)
	b.Cases[10].ID, b.Cases[11].ID = "p10", "p11"
	if e := b.Explain(Plain(text.ZH), b.key()).(DecisionExplained); e.Detection != (DecisionDetection{DPrime: "+2.93", Criterion: "0"}) {
		t.Errorf("of 6 and 6 cases: %+v", e.Detection)
	}
	if e := b.Explain(Plain(text.ZH), nil).(DecisionExplained); e.Detection != (DecisionDetection{}) {
		t.Errorf("of a blank one: %+v", e.Detection)
	}
}

func TestDecisionBars(t *testing.T) {
	for u, want := range map[float64]DecisionBar{-1: {4, 56}, -0.5: {32, 28}, 0: {60, 0}, 0.25: {60, 14}, 1: {60, 56}} {
		if got := barOf(u); got != want {
			t.Errorf("%g: %+v, want %+v", u, got, want)
		}
	}
	for x, want := range map[float64]string{0: "0", -0.0001: "0", 1: "+1", -0.5: "−0.5", 0.125: "+0.13", -1: "−1"} {
		if got := signed(x); got != want {
			t.Errorf("%g is %q, want %q", x, got, want)
		}
	}
}

func TestDecisionUnits(t *testing.T) {
	k, _ := KindOf("ai_decision_series")
	if got := k.Units(ten(false)); got != 5 {
		t.Errorf("%g units", got)
	}
	if one, two := k.Takes(ten(false)), k.Takes(ten(true)); one <= 0 || two <= one {
		t.Errorf("%v, with two stages %v", one, two)
	}
	if !k.Performance {
		t.Error("it is no performance")
	}
}
