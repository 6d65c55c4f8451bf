package item

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"leida/internal/stats"
	"leida/internal/text"
)

// curveOf is a dialogue in which the customer speaks first and after each turn of ours, rated by a panel.
func curveOf(ratings ...[]float64) *emotionCurve {
	b := &emotionCurve{Scale: "anger_index@1", Panel: curvePanel{Ratings: ratings}, Rationale: Rationale{Why: same("因为")}}
	for i := range ratings[0] {
		c, h := fmt.Sprintf("c%d", i+1), fmt.Sprintf("h%d", i+1)
		b.Dialogue = append(b.Dialogue, Turn{ID: c, Who: customer, Text: same("客" + c)}, Turn{ID: h, Who: "agent", Text: same("我" + h)})
		b.Panel.Turns = append(b.Panel.Turns, c)
	}
	b.Key.Events = []curveEvent{{ID: "peak", Turn: "c1"}, {ID: "trigger", Turn: "h2", Near: []string{"h1"}}}
	return b
}

// zigzag is a sound curve: seven turns, five raters who agree, nothing for the lint to say but what the test changes.
func zigzag() *emotionCurve {
	b := curveOf(
		[]float64{60, 10, 62, 88, 38, 70, 5}, []float64{64, 14, 66, 92, 42, 74, 9}, []float64{58, 8, 60, 86, 36, 68, 3},
		[]float64{62, 12, 64, 90, 40, 72, 7}, []float64{61, 11, 63, 89, 39, 71, 6})
	b.Key.Events = []curveEvent{{ID: "peak", Turn: "c4"}, {ID: "hidden_anger", Turn: "c3"}, {ID: "trigger", Turn: "h3", Near: []string{"h2"}}}
	return b
}

// anyCurve passes Validate.
func anyCurve(t *rapid.T) *emotionCurve {
	n, raters := rapid.IntRange(minCurveTurns, 12).Draw(t, "turns"), rapid.IntRange(minPanel, 6).Draw(t, "raters")
	level := rapid.SliceOfN(rapid.Float64Range(0, 100), n, n).Draw(t, "levels")
	rows := make([][]float64, raters)
	for i := range rows {
		for j := range level {
			rows[i] = append(rows[i], max(0, min(100, level[j]+rapid.Float64Range(-12, 12).Draw(t, "noise"))))
		}
	}
	b := curveOf(rows...)
	if len(b.Validate()) > 0 {
		t.Skip("a flat curve, or a panel at odds")
	}
	return b
}

func anyCurveAnswer(t *rapid.T, b *emotionCurve) curveAnswer {
	a := curveAnswer{Curve: map[string]float64{}, Events: map[string]string{}}
	for _, id := range b.rated() {
		if rapid.IntRange(0, 9).Draw(t, "given") > 0 {
			a.Curve[id] = float64(rapid.IntRange(0, 1000).Draw(t, "value")) / 10
		}
	}
	for _, e := range b.Key.Events {
		a.Events[e.ID] = rapid.SampledFrom(b.turnIDs()).Draw(t, "event")
	}
	return a
}

func keyCurve(b *emotionCurve) curveAnswer {
	p := b.measure()
	a := curveAnswer{Curve: map[string]float64{}, Events: map[string]string{}}
	for i, id := range p.turns {
		a.Curve[id] = p.mean[i]
	}
	for _, e := range b.Key.Events {
		a.Events[e.ID] = e.Turn
	}
	return a
}

// The formula of MEASUREMENT 4.8, written down a second time.
func TestEmotionCurveFormula(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := anyCurve(t)
		a := anyCurveAnswer(t, b)
		n := float64(len(b.Panel.Turns))
		var mean, tau, own []float64
		for j := range b.Panel.Turns {
			sum, squares := 0.0, 0.0
			for _, row := range b.Panel.Ratings {
				sum += row[j]
			}
			m := sum / float64(len(b.Panel.Ratings))
			for _, row := range b.Panel.Ratings {
				squares += (row[j] - m) * (row[j] - m)
			}
			mean, tau = append(mean, m), append(tau, max(5, math.Sqrt(squares/float64(len(b.Panel.Ratings)-1))))
		}
		off := func(j int, x float64) float64 { return max(0, math.Abs(x-mean[j])-tau[j]) }
		constant := func(c float64) float64 {
			sum := 0.0
			for j := range mean {
				sum += off(j, c) / n
			}
			return sum
		}
		base := b.measure().base
		for c := 0.0; c <= 100; c += 0.1 {
			if constant(c) < base-1e-9 {
				t.Fatalf("%g everywhere is off by %g, E0 is %g", c, constant(c), base)
			}
		}
		e, sum, given := 0.0, 0.0, 0.0
		for _, x := range a.Curve {
			sum += x
			given++
		}
		for j, id := range b.Panel.Turns {
			x, ok := a.Curve[id]
			if ok {
				e += off(j, x) / n
			} else {
				x = sum / max(1, given)
				e += max(off(j, 0), off(j, 100)) / n
			}
			own = append(own, x)
		}
		ccc, _ := stats.Concordance(own, mean)
		events := 0.0
		for _, k := range b.Key.Events {
			switch {
			case a.Events[k.ID] == k.Turn:
				events += 0.5
			case slices.Contains(k.Near, a.Events[k.ID]):
				events += 0.25
			}
		}
		want := 0.5*max(0, min(1, 1-e/base)) + 0.3*max(0, min(1, ccc/b.measure().ceiling)) + 0.2*events
		if got := score(t, b, a); math.Abs(got-want) > 1e-9 {
			t.Fatalf("%+v scores %.12f, want %.12f", a, got, want)
		}
	})
}

func TestEmotionCurveExtremes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := anyCurve(t)
		if got := score(t, b, keyCurve(b)); !near(got, 1) {
			t.Errorf("the key scores %g", got)
		}
		if got := score(t, b, nil); got != 0 {
			t.Errorf("blank scores %g", got)
		}
		c := float64(rapid.IntRange(0, 1000).Draw(t, "constant")) / 10
		a := curveAnswer{Curve: map[string]float64{}}
		for _, id := range b.rated() {
			a.Curve[id] = c
		}
		if got := score(t, b, a); got > 1e-9 {
			t.Errorf("%g everywhere scores %g", c, got)
		}
	})
}

// The order in which a definition says things never matters.
func TestEmotionCurveOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := anyCurve(t)
		a := anyCurveAnswer(t, b)
		want := score(t, b, a)
		columns := rapid.Permutation(b.Panel.Turns).Draw(t, "turns")
		other := *b
		other.Panel = curvePanel{Turns: columns}
		for _, row := range rapid.Permutation(b.Panel.Ratings).Draw(t, "raters") {
			var moved []float64
			for _, id := range columns {
				moved = append(moved, row[slices.Index(b.Panel.Turns, id)])
			}
			other.Panel.Ratings = append(other.Panel.Ratings, moved)
		}
		other.Key.Events = rapid.Permutation(b.Key.Events).Draw(t, "events")
		other.Dialogue = rapid.Permutation(b.Dialogue).Draw(t, "dialogue")
		if got := score(t, &other, a); !near(got, want) {
			t.Errorf("%g, and %g in another order", want, got)
		}
	})
}

// Mending a value or an event does not cost: the events and the accuracy only gain, and what the concordance may lose with one turn of an item of proper length stays small.
func TestEmotionCurveMending(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := zigzag()
		a, key := anyCurveAnswer(t, b), keyCurve(b)
		for _, id := range b.rated() { // with most of them missing, a first value may make the rest look worse
			if _, ok := a.Curve[id]; !ok {
				a.Curve[id] = 50
			}
		}
		before := score(t, b, a)
		id := rapid.SampledFrom(b.rated()).Draw(t, "mended")
		mended := curveAnswer{Curve: maps.Clone(a.Curve), Events: maps.Clone(a.Events)}
		mended.Curve[id] = key.Curve[id]
		if got := score(t, b, mended); got < before-0.05 {
			t.Errorf("%s from %g to %g: %g, then %g", id, a.Curve[id], key.Curve[id], before, got)
		}
		if d, e := b.mark(a, b.measure()), b.mark(mended, b.measure()); e.Accuracy < d.Accuracy-1e-9 {
			t.Errorf("the accuracy was %g and is %g", d.Accuracy, e.Accuracy)
		}
		for _, e := range b.Key.Events {
			mended = curveAnswer{Curve: a.Curve, Events: maps.Clone(a.Events)}
			mended.Events[e.ID] = e.Turn
			if got := score(t, b, mended); got < before-1e-12 {
				t.Errorf("%s: %g, then %g", e.ID, before, got)
			}
		}
	})
}

func TestEmotionCurveValidate(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(b *emotionCurve)
		want   string
	}{
		{"sound", func(*emotionCurve) {}, ""},
		{"scale", func(b *emotionCurve) { b.Scale = "anger_index@2" }, "scale define.one_of"},
		{"speaker", func(b *emotionCurve) { b.Dialogue[1].Who = "boss" }, "dialogue[1].who define.one_of"},
		{"turn twice", func(b *emotionCurve) { b.Dialogue[1].ID = "h2" }, "dialogue[3].id define.repeated"},
		{"turn and rule", func(b *emotionCurve) { b.Reference = []Rule{{ID: "h1", Text: same("规")}} }, "dialogue[1].id define.repeated"},
		{"no words", func(b *emotionCurve) { b.Dialogue[2].Text = text.Text{EN: "x"} }, "dialogue[2].zh define.required"},
		{"two customer turns", func(b *emotionCurve) {
			b.Dialogue, b.Panel.Turns = b.Dialogue[:4], b.Panel.Turns[:2]
			for i := range b.Panel.Ratings {
				b.Panel.Ratings[i] = b.Panel.Ratings[i][:2]
			}
			b.Key.Events = []curveEvent{{ID: "trigger", Turn: "h1"}}
		}, "dialogue emotion_curve.turns"},
		{"panel rates ours", func(b *emotionCurve) { b.Panel.Turns[0] = "h1" }, "panel.turns emotion_curve.unrated_turn, panel.turns[0] emotion_curve.not_customer"},
		{"panel rates nobody's", func(b *emotionCurve) { b.Panel.Turns[0] = "z" }, "panel.turns emotion_curve.unrated_turn, panel.turns[0] emotion_curve.not_customer"},
		{"panel rates twice", func(b *emotionCurve) { b.Panel.Turns[0] = "c2" }, "panel.turns emotion_curve.unrated_turn, panel.turns[1] define.repeated"},
		{"two raters", func(b *emotionCurve) { b.Panel.Ratings = b.Panel.Ratings[:2] }, "panel.ratings define.count"},
		{"short row", func(b *emotionCurve) { b.Panel.Ratings[1] = b.Panel.Ratings[1][:3] }, "panel.ratings[1] item.row"},
		{"beyond the scale", func(b *emotionCurve) { b.Panel.Ratings[1][2], b.Panel.Ratings[0][0] = 101, math.NaN() }, "panel.ratings[0][0] define.range, panel.ratings[1][2] define.range"},
		{"flat", func(b *emotionCurve) {
			for _, row := range b.Panel.Ratings {
				for j := range row {
					row[j] = 50 + float64(j%3)
				}
			}
		}, "panel.ratings emotion_curve.no_movement"},
		{"at odds", func(b *emotionCurve) {
			b.Panel.Ratings = [][]float64{{60, 40, 0, 50, 100, 0, 50}, {60, 40, 50, 100, 0, 100, 0}, {60, 40, 100, 0, 50, 50, 100}}
		}, "panel.ratings emotion_curve.no_agreement"},
		{"no events", func(b *emotionCurve) { b.Key.Events = nil }, "key.events define.count"},
		{"no events, and none wanted", func(b *emotionCurve) {
			b.Key.Events, b.Scoring.Weights = nil, &curveWeights{Accuracy: 0.6, Shape: 0.4}
		}, ""},
		{"the customer's event on ours", func(b *emotionCurve) { b.Key.Events[0].Turn = "h1" }, "key.events.peak.turn item.no_part"},
		{"our event on the customer's", func(b *emotionCurve) { b.Key.Events[2].Turn = "c1" }, "key.events.trigger.turn item.no_part"},
		{"an event nowhere", func(b *emotionCurve) { b.Key.Events[2].Turn = "" }, "key.events.trigger.turn define.required"},
		{"near itself", func(b *emotionCurve) { b.Key.Events[2].Near = []string{"h3", "c2"} }, "key.events.trigger.near[0] define.repeated, key.events.trigger.near[1] item.no_part"},
		{"an own event without a name", func(b *emotionCurve) { b.Key.Events[0] = curveEvent{ID: "insult", Turn: "h1"} }, "key.events.insult.label emotion_curve.no_label"},
		{"an own event", func(b *emotionCurve) { b.Key.Events[0] = curveEvent{ID: "insult", Turn: "h1", Label: same("伤人")} }, ""},
		{"an own event in English alone", func(b *emotionCurve) {
			b.Key.Events[0] = curveEvent{ID: "insult", Turn: "h1", Label: text.Text{EN: "x"}}
		}, "key.events.insult.label.zh define.required"},
		{"a note to nothing", func(b *emotionCurve) { b.Feedback = map[string]text.Text{"c99": same("评")} }, "feedback.c99 item.no_part"},
		{"method", func(b *emotionCurve) { b.Scoring.Method = "fields" }, "scoring.method item.method"},
		{"weights", func(b *emotionCurve) { b.Scoring.Weights = &curveWeights{Accuracy: 0.5, Shape: 0.5, Events: 0.5} }, "scoring.weights define.sum"},
		{"negative weight", func(b *emotionCurve) { b.Scoring.Weights = &curveWeights{Accuracy: 1.2, Shape: -0.4, Events: 0.2} },
			"scoring.weights.accuracy define.range, scoring.weights.shape define.range"},
		{"tolerance", func(b *emotionCurve) { x := 51.0; b.Scoring.TauMin = &x }, "scoring.tau_min define.range"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b := zigzag()
			tt.change(b)
			wantSaid(t, b.Validate(), tt.want)
			b.Lint() // of whatever is unsound it says nothing, and does not fall over it
		})
	}
}

func TestEmotionCurveLint(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(b *emotionCurve)
		want   string
	}{
		{"nothing", func(*emotionCurve) {}, ""},
		{"small panel", func(b *emotionCurve) { b.Panel.Ratings = b.Panel.Ratings[:4] }, "panel.ratings sjt.panel"},
		{"divided", func(b *emotionCurve) { b.Panel.Ratings[0][1] = 60 }, "panel.turns[1] emotion_curve.spread"},
		{"at odds", func(b *emotionCurve) {
			for i, row := range b.Panel.Ratings {
				row[0], row[1] = 90, 10
				for j := 2; j < 7; j++ {
					row[j] = 20 + 15*float64((i+j)%5)
				}
			}
		}, "panel.ratings emotion_curve.disagree"},
		{"peak elsewhere", func(b *emotionCurve) { b.Key.Events[0].Turn = "c6" }, "key.events.peak.turn emotion_curve.peak_elsewhere"},
		{"no rise", func(b *emotionCurve) { b.Key.Events[1].Turn = "c2" }, "key.events.hidden_anger.turn emotion_curve.no_rise"},
		{"the first turn rises over nothing", func(b *emotionCurve) { b.Key.Events[1].Turn = "c1" }, "key.events.hidden_anger.turn emotion_curve.no_rise"},
		{"no hidden anger", func(b *emotionCurve) { b.Key.Events = b.Key.Events[:1] }, "key.events emotion_curve.no_hidden"},
		{"late trigger", func(b *emotionCurve) { b.Key.Events[2] = curveEvent{ID: "trigger", Turn: "h5"} }, "key.events.trigger.turn emotion_curve.trigger_late"},
		{"names", func(b *emotionCurve) { b.Dialogue[0].ID, b.Panel.Turns[0] = "x1", "x1" }, "dialogue[0].id emotion_curve.turn_name"},
		{"no reasons", func(b *emotionCurve) { b.Rationale = Rationale{} }, "feedback item.no_why"},
		{"stereotype", func(b *emotionCurve) {
			for i, row := range b.Panel.Ratings {
				copy(row, stereotype(0.5, 7))
				row[0] += float64(i)
			}
		}, "dialogue emotion_curve.blind"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b := zigzag()
			tt.change(b)
			if ps := b.Validate(); len(ps) > 0 {
				t.Fatal(ps)
			}
			got := b.Lint()
			if tt.name == "at odds" || tt.name == "stereotype" { // these say more than one thing
				if !strings.Contains(said(got), tt.want) {
					t.Errorf("said %q, want %q", said(got), tt.want)
				}
				return
			}
			wantSaid(t, got, tt.want)
		})
	}
	short := curveOf([]float64{60, 40, 58, 42}, []float64{62, 42, 60, 44}, []float64{58, 38, 56, 40})
	short.Key.Events[0].Turn = "c1"
	wantSaid(t, short.Lint(), "dialogue emotion_curve.few_turns, key.events emotion_curve.no_hidden, key.events.trigger.turn emotion_curve.trigger_late, panel.ratings emotion_curve.flat, panel.ratings sjt.panel")
}

// What is offered for an event depends on the event alone.
func TestEmotionCurveOffers(t *testing.T) {
	b := zigzag()
	b.Dialogue = append(b.Dialogue, Turn{ID: "b1", Who: "bot", Text: same("机")}, Turn{ID: "s1", Who: "system", Text: same("系")})
	b.Key.Events = append(b.Key.Events, curveEvent{ID: "insult", Turn: "b1", Label: same("伤人")})
	for _, m := range b.Prompt(Seen(text.EN, 1), nil).(CurvePrompt).Marks {
		var ids []string
		for _, c := range m.Turns {
			ids = append(ids, c.ID)
		}
		want := map[string]string{"Peak": "c1 c2 c3 c4 c5 c6 c7", "Hidden anger": "c1 c2 c3 c4 c5 c6 c7", "Trigger": "h1 h2 h3 h4 h5 h6 h7 b1",
			"伤人": "c1 h1 c2 h2 c3 h3 c4 h4 c5 h5 c6 h6 c7 h7 b1 s1"}[m.Name]
		if got := strings.Join(ids, " "); got != want {
			t.Errorf("%s is offered %s, want %s", m.Name, got, want)
		}
	}
}

func TestEmotionCurveValues(t *testing.T) {
	b := zigzag()
	for _, tt := range []struct {
		typed string
		want  float64 // -1: refused
	}{{"0", 0}, {"100", 100}, {"71.8", 71.8}, {"56.0", 56}, {"７１．８", 71.8}, {"７１。８", 71.8}, {" 65 ", 65}, {"007", 7},
		{"100.1", -1}, {"101", -1}, {"-1", -1}, {"+5", -1}, {"71.85", -1}, {".5", -1}, {"5.", -1}, {"1e1", -1}, {"六", -1}} {
		f, err := FormFields(map[string][]string{"curve[c2]": {tt.typed}})
		if err != nil {
			t.Fatal(err)
		}
		a, err := b.Parse(Plain(text.ZH), f)
		if got, _ := a.(curveAnswer); (err != nil) != (tt.want < 0) || err == nil && got.Curve["c2"] != tt.want {
			t.Errorf("%q: %v, %v", tt.typed, a, err)
		}
	}
}

func TestEmotionCurveExplains(t *testing.T) {
	b := zigzag()
	b.Feedback = map[string]text.Text{"c3": same("冷"), "c4": same("顶")}
	values := func(xs ...float64) curveAnswer {
		a := curveAnswer{Curve: map[string]float64{}, Events: map[string]string{"peak": "c4", "hidden_anger": "c3", "trigger": "h3"}}
		for i, x := range xs {
			if x >= 0 {
				a.Curve[fmt.Sprintf("c%d", i+1)] = x
			}
		}
		return a
	}
	explain := func(a Answer) CurveExplained { return b.Explain(Seen(text.ZH, 3), a).(CurveExplained) }
	wrong := values(61, 11, 63, 89, 39, 71, 6)
	wrong.Events["trigger"] = "h2"
	for _, tt := range []struct {
		name   string
		a      Answer
		lesson CurveLesson
		missed string
		lean   string
		swing  string
	}{
		{"blank", nil, CurveLesson{Kind: "blank", Turn: "c3", Note: "冷"}, "", "even", "flat"},
		{"right", values(61, 11, 63, 89, 39, 71, 6), CurveLesson{Kind: "right", Turn: "c3", Note: "冷"}, "", "even", "even"},
		{"an event", wrong, CurveLesson{Kind: "event", Turn: "h3", Event: "触发话轮", Note: "顶"}, "", "even", "even"},
		{"too low", values(61, 11, 30, 89, 39, 71, 6), CurveLesson{Kind: "low", Turn: "c3", By: 33, Note: "冷"}, "c3", "low", "even"},
		{"too high", values(61, 44.4, 63, 100, 39, 71, 6), CurveLesson{Kind: "high", Turn: "c2", By: 33, Note: "因为"}, "c2 c4", "high", "even"},
		{"flat", values(50, 40, 50, 60, 45, 50, 40), CurveLesson{Kind: "high", Turn: "c7", By: 34, Note: "因为"}, "c1 c2 c3 c4 c5 c6 c7", "even", "flat"},
		{"wide", values(100, 0, 100, 100, 0, 100, 0), CurveLesson{Kind: "high", Turn: "c1", By: 39, Note: "因为"}, "c1 c2 c3 c4 c5 c6 c7", "high", "wide"},
		{"one left out", values(61, 11, -1, 89, 39, 71, 6), CurveLesson{Kind: "blank", Turn: "c3", Note: "冷"}, "", "even", "even"},
		{"most left out", values(61, 50), CurveLesson{Kind: "blank", Turn: "c3", Note: "冷"}, "c2", "high", "flat"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			e := explain(tt.a)
			if e.Remember != tt.lesson {
				t.Errorf("to remember %+v, want %+v", e.Remember, tt.lesson)
			}
			if got := strings.Join(e.Missed(), " "); got != tt.missed {
				t.Errorf("missed %s, want %s", got, tt.missed)
			}
			if e.Lean() != tt.lean || e.Swing() != tt.swing {
				t.Errorf("%s (%g), %s (%g)", e.Lean(), e.Bias, e.Swing(), e.Spread)
			}
			for _, pic := range []CurvePicture{e.Wide(), e.Narrow()} {
				if len(pic.Points) != 7 || len(pic.Bands) != 6 || strings.Count(pic.Mean, ",") != 7 || strings.Count(pic.Area, ",") != 14 {
					t.Fatalf("%+v", pic)
				}
				for i, p := range pic.Points {
					if p.X < pic.Left || p.X > pic.Right || p.MeanY < 0 || p.MeanY > pic.Bottom || p.OwnY < 0 || p.OwnY > pic.Bottom || i > 0 && p.X <= pic.Points[i-1].X {
						t.Errorf("%+v", p)
					}
					if p.Mark != "blank" && (p.Own > p.Mean) != (p.OwnY < p.MeanY) && math.Abs(p.Own-p.Mean) > 1 {
						t.Errorf("%s is drawn the wrong way round: %+v", p.ID, p)
					}
				}
			}
		})
	}
	if got := explain(values(61, 11, -1, 89, 39, -1, 6)).Wide().Own; len(got) != 3 {
		t.Errorf("the line runs over gaps: %q", got)
	}
	for own, want := range map[float64]string{61: "0", 61.4: "0", 40: "−21", 90.6: "+30"} {
		if got := (CurveTurnExplained{Own: own, Mean: 61}).Apart(); got != want {
			t.Errorf("%g over 61 is %q", own, got)
		}
	}
}
