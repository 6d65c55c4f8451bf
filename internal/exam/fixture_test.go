package exam_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"leida/assessments"
	"leida/internal/assessment"
	"leida/internal/exam"
	"leida/internal/item"
	"leida/internal/org"
	"leida/internal/text"
)

const (
	head = `schema: leida/item@1
id: %s
version: 2
status: live
type: %s
measures: [%s]
level: 3
use: [cycle, practice]
tags: {scenario: telecom, channel: chat, cognition: apply}
title: {zh: 题}
prompt: {zh: 问}
`
	choice = `options: [{id: a, zh: 甲}, {id: b, zh: 乙, credit: 1}, {id: c, zh: 丙, credit: 0.4}, {id: d, zh: 丁, critical: true}]
`
	multi = `options: [{id: a, zh: 甲, key: true}, {id: b, zh: 乙}, {id: c, zh: 丙, key: true}, {id: d, zh: 丁}]
`
	order = `items: [{id: p, zh: 甲}, {id: q, zh: 乙}, {id: r, zh: 丙}]
order: [r, p, q]
`
	sjt = `mode: best_worst
options: [{id: a, zh: 甲, m: 6}, {id: b, zh: 乙, m: 4}, {id: c, zh: 丙, m: 2}]
`
	form = `schema: leida/assessment@1
id: form
version: 1
kind: cycle
title: {zh: 测评, en: Form}
time_limit_s: 1200
sections:
  - {domain: AIC, weight: 0.75, draw: [{type: single_choice, n: 2}, {type: multiple_choice, n: 1}]}
  - {domain: EMP, weight: 0.25, draw: [{type: ordering, n: 1}, {type: sjt, n: 1}]}
`
)

// bank has as many items as the form draws, so that a paper is always those five.
var bank = sync.OnceValue(func() *assessment.Library {
	model, err := assessments.FS.ReadFile("capability-model.yaml")
	if err != nil {
		panic(err)
	}
	files := fstest.MapFS{"model.yaml": {Data: model}, "form.yaml": {Data: []byte(form)},
		"practice.yaml": {Data: []byte(strings.NewReplacer("id: form", "id: practice", "kind: cycle", "kind: practice", "time_limit_s: 1200\n", "").Replace(form))}}
	for id, x := range map[string][3]string{
		"single-1": {"single_choice", "{sub: AIC.1, w: 1}", choice},
		"single-2": {"single_choice", "{sub: AIC.1, w: 0.7}, {sub: EMP.4, w: 0.3}", choice},
		"multi-1":  {"multiple_choice", "{sub: AIC.4, w: 1}", multi},
		"order-1":  {"ordering", "{sub: EMP.1, w: 1}", order},
		"sjt-1":    {"sjt", "{sub: EMP.3, w: 0.25}, {sub: EMP.4, w: 0.75}", sjt},
	} {
		files[id+".yaml"] = &fstest.MapFile{Data: []byte(fmt.Sprintf(head, id, x[0], x[1]) + x[2])}
	}
	lib, report := assessment.Load(files, nil, nil)
	if lib == nil {
		var b strings.Builder
		report.Write(&b, text.EN)
		panic(b.String())
	}
	return lib
})

// right is what scores 1, by item.
var right = map[string]string{
	"single-1": `{"choice":"b"}`, "single-2": `{"choice":"b"}`, "multi-1": `{"choices":["a","c"]}`,
	"order-1": `{"rank":{"p":2,"q":3,"r":1}}`, "sjt-1": `{"best":"a","worst":"c"}`,
}

// half is what scores something in between.
var half = map[string]struct {
	answer string
	score  float64
}{
	"single-1": {`{"choice":"c"}`, 0.4}, "single-2": {`{"choice":"d"}`, 0}, "multi-1": {`{"choices":["a"]}`, 0.5},
	"order-1": {`{"rank":{"p":2,"q":1,"r":1}}`, 0}, "sjt-1": {`{"best":"a","worst":"b"}`, 0.5},
}

var (
	opens  = time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)
	closes = time.Date(2026, 6, 30, 16, 0, 0, 0, time.UTC)
	noon   = time.Date(2026, 6, 10, 4, 0, 0, 0, time.UTC)
	limit  = 1200 * time.Second
)

func viewer(session string) org.Viewer {
	return org.NewViewer(org.Person{ID: "chen"}, session, nil, org.NewTree(nil))
}

// start is a sitting of an assessment begun at a time.
func start(t testing.TB, assessment string, factor float64, at time.Time) *exam.Sitting {
	t.Helper()
	a, ok := bank().Assessment(assessment)
	if !ok {
		t.Fatalf("no assessment %s", assessment)
	}
	const seed = 7
	paper, err := bank().Draw(a, seed)
	if err != nil {
		t.Fatal(err)
	}
	as := exam.Assignment{ID: "as1", Assessment: a.ID, Opens: opens, Closes: closes, Cycle: "2026-q2"}
	return exam.New("s1", viewer("phone"), as, a, paper, seed, factor, at)
}

// place is where an item stands on the paper.
func place(t testing.TB, s *exam.Sitting, id string) int {
	t.Helper()
	for i, slot := range s.Slots {
		if slot.ItemID == id {
			return i
		}
	}
	t.Fatalf("%s is not on the paper", id)
	return 0
}

// answer is an answer in definition ids as the item's kind knows it.
func answer(t interface{ Fatal(...any) }, id, raw string) item.Answer {
	it, ok := bank().Item(id)
	if !ok {
		t.Fatal("no item " + id)
	}
	f, err := item.JSONFields([]byte(raw))
	if err != nil {
		t.Fatal(err)
	}
	a, err := it.Body.Parse(item.Plain(text.ZH), f)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// save puts an answer to an item from the phone.
func save(t testing.TB, s *exam.Sitting, id, raw string, rev int64, at time.Time) error {
	t.Helper()
	return s.Answer(exam.Save{Holder: "phone", N: place(t, s, id), Rev: rev, Answer: answer(t, id, raw)}, at)
}

// clone is a deep copy, by way of JSON, as a store would make it.
func clone(t testing.TB, s *exam.Sitting) *exam.Sitting {
	t.Helper()
	raw, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	var c exam.Sitting
	if err := json.Unmarshal(raw, &c); err != nil {
		t.Fatal(err)
	}
	return &c
}
