package item

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"leida/internal/fault"
	"leida/internal/text"
)

// anInfo is a sound item of three fields.
func anInfo() *infoIntegration {
	return &infoIntegration{
		Stimulus: Stimulus{
			Records:   []Record{{ID: "r1", At: "2026-01-01", Text: same("客户来了两次")}, {ID: "r2", At: "2026-01-02", Text: same("已批准退款，三天到账")}},
			AISummary: same("客户来了三次，退款没有批准，送一张券。"),
		},
		Rationale: Rationale{Feedback: map[string]text.Text{"visits": same("看r1"), "refund": same("看r2"), "voucher": same("没有"), aiErrors: same("对记录")}},
		Fields: fieldSet{
			{ID: "visits", W: 1, Kind: numberField, Label: same("来了几次"), Key: Words{"2"}},
			{ID: "refund", W: 2, Kind: singleField, Label: same("退款结果"), Options: []Part{{ID: "y", Text: same("已经批准")}, {ID: "n", Text: same("没有批准")}, {ID: "w", Text: same("还在等审批")}, {ID: noneID, Text: same("记录未提供")}},
				Key: Words{"y"}, Evidence: []string{"r2"}},
			{ID: "voucher", W: 0.4, Kind: singleField, Label: same("券的结果"), Options: []Part{{ID: "g", Text: same("送一张券")}, {ID: "h", Text: same("送两张券")}, {ID: "k", Text: same("不送券了")}, {ID: noneID, Text: same("记录未提供")}},
				Key: Words{noneID}, Critical: true},
			{ID: aiErrors, W: 2, Kind: multiField, Label: same("哪些说法不符"), Options: []Part{{ID: "a", Text: same("客户来了三次")}, {ID: "b", Text: same("退款没有批准")}, {ID: "c", Text: same("客户要求马上退款")}}, Key: Words{"a", "b"}},
		},
	}
}

func anInfoKey() fieldAnswer {
	return fieldAnswer{Fields: fieldAnswers{"visits": 2.0, "refund": "y", "voucher": noneID, aiErrors: []string{"a", "b"}}, Evidence: cited{"refund": {"r2"}}}
}

func TestInfoClock(t *testing.T) {
	b := anInfo()
	full, stop := b.Clock(0)
	if full != 3*time.Minute || stop != 6*time.Minute {
		t.Errorf("without a limit of the head: %s, %s", full, stop)
	}
	if full, stop = b.Clock(2 * time.Minute); full != 2*time.Minute || stop != 4*time.Minute {
		t.Errorf("%s, %s", full, stop)
	}
	three := 3.0
	b.Scoring.HardFactor = &three
	if full, stop = b.Clock(2 * time.Minute); full != 2*time.Minute || stop != 6*time.Minute {
		t.Errorf("with a factor of 3: %s, %s", full, stop)
	}
	if d := (&infoIntegration{}); d.worth(Response{Seconds: 180, Limit: 180}) != 1 {
		t.Error("no full worth at the limit")
	}
}

// No bonus for being faster than the limit; then evenly down to a half at the stop, and no further.
func TestInfoWorth(t *testing.T) {
	b := anInfo()
	for seconds, want := range map[float64]float64{0: 1, 1: 1, 60: 1, 180: 1, 198: 0.95, 270: 0.75, 342: 0.55, 360: 0.5, 365: 0.5, 9000: 0.5} {
		r, err := b.Score(Response{Answer: anInfoKey(), Seconds: seconds, Limit: 180})
		if err != nil || !near(r.Score, want) {
			t.Errorf("the key at %g s scores %g, %v, want %g", seconds, r.Score, err, want)
		}
	}
	last := 1.0
	for s := range 400 {
		r, _ := b.Score(Response{Answer: anInfoKey(), Seconds: float64(s), Limit: 180})
		if r.Score > last {
			t.Fatalf("later is better at %d s", s)
		}
		last = r.Score
	}
}

func TestInfoCritical(t *testing.T) {
	b := anInfo()
	for value, want := range map[string]string{"g": "[voucher]", noneID: "[]"} {
		r, _ := b.Score(Response{Answer: fieldAnswer{Fields: fieldAnswers{"voucher": value}}})
		if got := fmt.Sprint(r.Critical); got != want {
			t.Errorf("%s: critical %s", value, got)
		}
	}
	if r, _ := b.Score(Response{}); len(r.Critical) > 0 {
		t.Error("a blank answer is a critical error")
	}
}

// Evidence counts only where it is asked for, and whatever was filled in beside it.
func TestInfoEvidence(t *testing.T) {
	b := anInfo()
	for _, tt := range []struct {
		evidence cited
		want     float64
	}{
		{nil, 0.85}, {cited{"refund": {"r2"}}, 1}, {cited{"refund": {"r1"}}, 0.85}, {cited{"refund": {"r1", "r2"}}, 0.85 + 0.15*2/3},
		{cited{"visits": {"r1"}}, 0.85}, {cited{"refund": {"r2"}, "visits": {"r1", "r2"}}, 1},
	} {
		a := anInfoKey()
		a.Evidence = tt.evidence
		if got := score(t, b, a); !near(got, tt.want) {
			t.Errorf("%v: %g, want %g", tt.evidence, got, tt.want)
		}
	}
}

// As soon as one field asks for records, each offers all of them, with those that were cited.
func TestInfoOffersRecords(t *testing.T) {
	b := anInfo()
	offered := func() string {
		a := anInfoKey()
		a.Evidence = cited{"refund": {"r2"}, "visits": {"r1"}}
		var out []string
		for _, f := range b.Prompt(Plain(text.ZH), a).(FieldsPrompt).Fields {
			for _, c := range f.Cites {
				out = append(out, fmt.Sprint(f.ID, c.ID, c.Cited))
			}
		}
		return strings.Join(out, " ")
	}
	if got, want := offered(), "visitsr1true visitsr2false refundr1false refundr2true voucherr1false voucherr2false ai_errorsr1false ai_errorsr2false"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	b.Fields[1].Evidence = nil
	if got := offered(); got != "" {
		t.Errorf("where none is asked for: %s", got)
	}
}

func TestInfoValidate(t *testing.T) {
	num := func(x float64) *float64 { return &x }
	for _, tt := range []struct {
		name   string
		change func(b *infoIntegration)
		want   string
	}{
		{"sound", func(*infoIntegration) {}, ""},
		{"no records", func(b *infoIntegration) { b.Records = nil }, "fields[1].evidence[0] item.no_part, records define.required"},
		{"no fields", func(b *infoIntegration) { b.Fields = nil; b.Feedback = nil }, "fields define.count"},
		{"another method", func(b *infoIntegration) { b.Scoring.Method = "fields" }, "scoring.method item.method"},
		{"own method", func(b *infoIntegration) { b.Scoring.Method = "fields_timed" }, ""},
		{"a reward for wrong ones", func(b *infoIntegration) { b.Scoring.Wrong = num(0.1) }, "scoring.wrong define.range"},
		{"a reward for invented ones", func(b *infoIntegration) { b.Scoring.Invented = num(1) }, "scoring.invented define.range"},
		{"all is evidence", func(b *infoIntegration) { b.Scoring.EvidenceShare = num(1) }, "scoring.evidence_share define.range"},
		{"no time to fall", func(b *infoIntegration) { b.Scoring.HardFactor = num(1) }, "scoring.hard_factor info.hard_factor"},
		{"endless", func(b *infoIntegration) { b.Scoring.HardFactor = num(1e9) }, "scoring.hard_factor info.hard_factor"},
		{"feedback of no field", func(b *infoIntegration) { b.Feedback["zz"] = same("x") }, "feedback.zz item.no_part"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b := anInfo()
			tt.change(b)
			wantSaid(t, b.Validate(), tt.want)
		})
	}
}

func TestInfoLint(t *testing.T) {
	b := anInfo()
	wantSaid(t, b.Lint(), "")
	zero := 0.0
	b.Scoring.EvidenceShare = &zero
	wantSaid(t, b.Lint(), "scoring.evidence_share field.evidence_share")
	b = anInfo()
	b.Fields[0].Key, b.Fields[0].W = Words{"3"}, 9 // what the AI says
	if got := said(b.Lint()); !strings.Contains(got, "fields field.blind") {
		t.Errorf("copying the AI summary is not found: %s", got)
	}
	b.Fields = nil
	if got := b.Lint(); got != nil {
		t.Errorf("an unsound item is looked over: %v", got)
	}
}

// What a learner is told: each field with its mark, the AI summary with its errors, the time, and one sentence.
func TestInfoExplained(t *testing.T) {
	b := anInfo()
	a := fieldAnswer{Fields: fieldAnswers{"visits": 3.0, "refund": noneID, "voucher": "g", aiErrors: []string{"a", "c"}}, Evidence: cited{"refund": {"r1"}}}
	e := b.Account(Plain(text.ZH), Response{Answer: a, Seconds: 270, Limit: 180, Factor: 1.5}).(InfoExplained)
	var marks []string
	for _, f := range e.Fields {
		marks = append(marks, f.Mark)
	}
	if got := strings.Join(marks, " "); got != "wrong doubted invented wrong" {
		t.Errorf("marks %s", got)
	}
	if !e.Fields[2].Critical || e.Fields[1].Critical {
		t.Error("the wrong field is a critical error")
	}
	if got := fmt.Sprint(e.Fields[1].Cited); got != "[{r2 miss} {r1 false_alarm}]" {
		t.Errorf("cited %s", got)
	}
	if got := fmt.Sprint(e.Fields[0].Own, e.Fields[0].Right, e.Fields[1].Own, e.Fields[1].Right); got != "{false  [3]} {false  [2]} {false  [记录未提供]} {false  [已经批准]}" {
		t.Errorf("values %s", got)
	}
	var options []string
	for _, o := range e.Fields[3].Options {
		options = append(options, o.Mark)
	}
	if got := strings.Join(options, " "); got != "hit miss false_alarm" {
		t.Errorf("options %s", got)
	}
	if e.Summary != "**客户来了三次**，**退款没有批准**，送一张券。" {
		t.Errorf("the AI summary is told as %s", e.Summary)
	}
	if want := (TimeBar{Took: "6:45", Full: "4:30", Stop: "9:00", Worth: 75, At: 75, Knee: 50}); e.Time != want {
		t.Errorf("%+v, want %+v", e.Time, want)
	}
	if e.Remember != "invented" {
		t.Errorf("to remember: %s", e.Remember)
	}
}

func TestInfoRemember(t *testing.T) {
	b := anInfo()
	with := func(change func(a *fieldAnswer)) fieldAnswer {
		a := anInfoKey()
		a.Fields = maps.Clone(a.Fields)
		change(&a)
		return a
	}
	for want, r := range map[string]Response{
		"blank":    {},
		"invented": {Answer: with(func(a *fieldAnswer) { a.Fields["voucher"], a.Fields["visits"] = "h", 3.0 })},
		"copied":   {Answer: with(func(a *fieldAnswer) { a.Fields["refund"] = "n" })},
		"newest":   {Answer: with(func(a *fieldAnswer) { a.Fields["refund"] = "w" })},
		"late":     {Answer: anInfoKey(), Seconds: 200},
		"gaps":     {Answer: with(func(a *fieldAnswer) { delete(a.Fields, "visits") })},
		"source":   {Answer: with(func(a *fieldAnswer) { a.Evidence = nil })},
		"kept":     {Answer: anInfoKey(), Seconds: 100},
	} {
		if got := b.Account(Plain(text.ZH), r).(InfoExplained); got.Remember != want {
			t.Errorf("%v: %s, want %s", r.Answer, got.Remember, want)
		}
	}
	if e := b.Explain(Plain(text.ZH), nil).(InfoExplained); e.Time.Took != "" || e.Time.Full != "3:00" {
		t.Errorf("of no response at all: %+v", e.Time)
	}
}

// Nobody gets far by guessing: over many random answers the mean is as low as MEASUREMENT 4.15 asks.
func TestInfoChance(t *testing.T) {
	b := anInfo()
	r := rand.New(rand.NewPCG(8, 9))
	const n = 4000
	sum := 0.0
	for range n {
		a := fieldAnswer{Fields: fieldAnswers{}}
		for _, f := range b.Fields {
			switch f.Kind {
			case numberField:
				a.Fields[f.ID] = float64(4 + r.IntN(9))
			case singleField:
				a.Fields[f.ID] = f.Options[r.IntN(len(f.Options))].ID
			case multiField:
				ids := slices.DeleteFunc(partIDs(f.Options), func(string) bool { return r.IntN(2) == 0 })
				if len(ids) > 0 {
					a.Fields[f.ID] = ids
				}
			}
		}
		sum += score(t, b, a)
	}
	if mean := sum / n; mean > 0.2 { // the clamp at 0 lifts the mean of so few fields
		t.Errorf("random answers score %.3f", mean)
	}
}

// The number of a clause is read whatever its language; clauses end where sentences pause.
func TestClauses(t *testing.T) {
	for s, want := range map[string]string{
		"一，二。三":                                             "一|二|三",
		"付了1,234.5元,还差3元;完":                                 "付了1,234.5元|还差3元|完",
		"Paid 1,234.5 yuan, the aunt’s box is 3.5 kg. Done": "Paid 1,234.5 yuan|the aunt’s box is 3.5 kg|Done",
		"他说：“已收到”，走了":                                       "他说|已收到|走了",
		"":                                                  "",
		"10:10 签收":                                          "10:10 签收",
	} {
		if got := strings.Join(clauses(s), "|"); got != want {
			t.Errorf("%q: %s, want %s", s, got, want)
		}
	}
}

func TestFieldAnswersRefused(t *testing.T) {
	b := anInfo()
	for raw, want := range map[string]string{
		`{"fields":{"visits":"两次"}}`:                     "fields[visits] field.number",
		`{"fields":{"visits":"none"}}`:                   "fields[visits] field.number",
		`{"fields":{"refund":["y"]}}`:                    "fields[refund] answer.one_value",
		`{"fields":{"ai_errors":"a"}}`:                   "fields[ai_errors] answer.list_wanted",
		`{"fields":{"zz":"1"}}`:                          "fields[zz] answer.unknown_option",
		`{"evidence":{"refund":["r9"]}}`:                 "evidence[refund][0] answer.unknown_option",
		`{"evidence":{"refund":"r1"}}`:                   "evidence[refund] answer.list_wanted",
		`{"evidence":{"refund":["r1","r1"]}}`:            "evidence[refund][1] answer.repeated",
		`{"none":["refund"]}`:                            "none[0] answer.unknown_option",
		`{"fields":{"visits":"1,2","refund":"q"},"x":1}`: "fields[refund] answer.unknown_option, fields[visits] field.number, x answer.unknown_field",
	} {
		f, err := JSONFields([]byte(raw))
		if err == nil {
			_, err = b.Parse(Plain(text.ZH), f)
		}
		e := fault.As(err)
		if e == nil {
			t.Errorf("%s is taken", raw)
			continue
		}
		wantSaid(t, e.Problems, want)
	}
	// a tick and a value
	b.Fields[0].Key = Words{noneID}
	for raw, want := range map[string]any{`{"none":["visits"]}`: noneID, `{"fields":{"visits":"none"},"none":["visits"]}`: noneID, `{"fields":{"visits":""},"none":["visits"]}`: noneID} {
		f, _ := JSONFields([]byte(raw))
		if a, err := b.Parse(Plain(text.ZH), f); err != nil || a.(fieldAnswer).Fields["visits"] != want {
			t.Errorf("%s: %v, %v", raw, a, err)
		}
	}
	f, _ := JSONFields([]byte(`{"fields":{"visits":"2"},"none":["visits"]}`))
	if _, err := b.Parse(Plain(text.ZH), f); err == nil || said(fault.As(err).Problems) != "fields[visits] field.none_and_value" {
		t.Errorf("a value and none: %v", err)
	}
}
