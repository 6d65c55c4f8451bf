package exam_test

import (
	"math"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"leida/assessments"
	"leida/internal/assessment"
	"leida/internal/exam"
	"leida/internal/fault"
	"leida/internal/item"
	"leida/internal/text"
)

// timed is a bank of one item with a clock of its own: two minutes, four at most.
func timed(t *testing.T) (*assessment.Library, *item.Item) {
	t.Helper()
	model, err := assessments.FS.ReadFile("capability-model.yaml")
	if err != nil {
		t.Fatal(err)
	}
	lib, report := assessment.Load(fstest.MapFS{"model.yaml": {Data: model}, "item.yaml": {Data: []byte(`schema: leida/item@1
id: timed-1
version: 1
status: live
type: info_integration
measures: [{sub: AIC.1, w: 1}]
level: 3
use: [cycle]
time_limit_s: 120
title: {zh: 题}
prompt: {zh: 问}
records: [{id: r1, zh: 客户来了三次}]
fields: [{id: n, w: 1, kind: number, label: {zh: 几次}, key: 3}, {id: m, w: 1, kind: number, label: {zh: 几单}, key: 4}]
`)}, "form.yaml": {Data: []byte(`schema: leida/assessment@1
id: timed
version: 1
kind: cycle
title: {zh: 测评}
time_limit_s: 1200
sections:
  - {domain: AIC, weight: 1, draw: [{type: info_integration, n: 1}]}
`)}}, nil, nil)
	if lib == nil {
		var b strings.Builder
		report.Write(&b, text.EN)
		t.Fatal(b.String())
	}
	it, _ := lib.Item("timed-1")
	return lib, it
}

// The clock of an item is the server's: nothing is taken before it was started or after it stopped, both limits grow with the person's time, and what is told of the time is the person's.
func TestItemClock(t *testing.T) {
	lib, it := timed(t)
	a, _ := lib.Assessment("timed")
	for _, factor := range []float64{1, 1.5} {
		paper, err := lib.Draw(a, 7)
		if err != nil {
			t.Fatal(err)
		}
		s := exam.New("s1", viewer("phone"), exam.Assignment{ID: "a", Closes: closes, Cycle: "2026-q2"}, a, paper, 7, factor, noon)
		rev := int64(0)
		fill := func(raw string, at time.Time) string {
			t.Helper()
			rev++
			f, err := item.JSONFields([]byte(raw))
			if err != nil {
				t.Fatal(err)
			}
			answer, err := it.Body.Parse(item.Plain(""), f)
			if err != nil {
				t.Fatal(err)
			}
			if err := s.Answer(exam.Save{Holder: "phone", N: 0, Rev: rev, Item: it, Answer: answer}, at); err != nil {
				return fault.As(err).Key
			}
			return ""
		}
		after := func(seconds float64) time.Time {
			return noon.Add(time.Minute + time.Duration(seconds*factor*float64(time.Second)))
		}
		if got := fill(`{"fields":{"n":3}}`, noon.Add(30*time.Second)); got != "exam.not_begun" {
			t.Errorf("before it was started: %q", got)
		}
		if err := s.Open("phone", 0, it, after(0)); err != nil {
			t.Fatal(err)
		}
		if err := s.Open("phone", 0, it, after(60)); err != nil || !s.Slots[0].OpenedAt.Equal(after(0)) {
			t.Errorf("started again at %s, %v", s.Slots[0].OpenedAt, err)
		}
		if c := s.Clock(0, it); !c.FullUntil.Equal(after(120)) || !c.StopsAt.Equal(after(240)) {
			t.Errorf("%+v", c)
		}
		for _, step := range []struct {
			raw     string
			seconds float64
			refused string
			worth   float64 // of the key
		}{
			{`{"fields":{"n":3}}`, 60, "", 0.5},
			{`{"fields":{"n":3,"m":4}}`, 180, "", 0.75},
			{`{"fields":{"n":3,"m":4}}`, 239, "", 0.75}, // the same again is no later answer
			{`{}`, 240 + 2, "", 0.75},                   // of a page that the stop has switched off, whose form is posted all the same
			{`{"fields":{"n":3,"m":5}}`, 240 + 20, "exam.item_over", 0.75},
			{`{"fields":{"n":3,"m":4}}`, 240 + 20, "", 0.75}, // what is kept may come again, however late
		} {
			if got := fill(step.raw, after(step.seconds)); got != step.refused {
				t.Errorf("%s after %g s: %q, want %q", step.raw, step.seconds, got, step.refused)
			}
			marks, err := s.Mark(lib)
			if err != nil || math.Abs(marks[0].Result.Score-step.worth) > 1e-9 {
				t.Errorf("%s after %g s scores %+v, %v, want %g", step.raw, step.seconds, marks[0].Result, err, step.worth)
			}
		}
		if got := s.Slots[0].Seconds; math.Abs(got-180*factor) > 1e-9 {
			t.Errorf("%g s on its own clock, want %g", got, 180*factor)
		}
		if _, err := s.Submit("phone", lib, after(300)); err != nil {
			t.Fatal(err)
		}
		told, err := s.Result.Places[0].Explained(s.Result.Fresh[s.Result.Places[0].Texts].Texts, text.EN)
		if err != nil {
			t.Fatal(err)
		}
		want := item.TimeBar{Took: "3:00", Full: "2:00", Stop: "4:00", Worth: 75, At: 75, Knee: 50}
		if factor == 1.5 {
			want.Took, want.Full, want.Stop = "4:30", "3:00", "6:00"
		}
		if got := told.(item.InfoExplained).Time; got != want {
			t.Errorf("told %+v, want %+v", got, want)
		}
	}
}
