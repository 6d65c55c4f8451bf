package casebook_test

import (
	"math"
	"testing"
	"time"

	"pgregory.net/rapid"

	"leida/internal/casebook"
	"leida/internal/text"
)

// The worked example of MEASUREMENT 3.2 and the edges of every band and override.
func TestPCI(t *testing.T) {
	for _, tt := range []struct {
		d, l, e, v, h int
		index         float64
		level         int
	}{
		{4, 4, 4, 2, 2, 87.5, 5}, // cps-flow-0001
		{0, 0, 0, 0, 0, 0, 1},
		{4, 4, 4, 4, 4, 100, 5},
		{0, 2, 0, 1, 1, 18.75, 1},
		{0, 2, 0, 2, 0, 20, 2}, // bands are closed below
		{2, 1, 2, 1, 1, 37.5, 2},
		{2, 1, 1, 2, 2, 38.75, 2},
		{2, 1, 2, 2, 0, 38.75, 2},
		{2, 1, 2, 2, 1, 41.25, 3},
		{0, 4, 3, 0, 0, 40, 3},
		{1, 4, 3, 3, 0, 58.75, 3},
		{1, 4, 3, 3, 1, 61.25, 4},
		{0, 4, 4, 2, 3, 60, 4},
		{4, 2, 4, 4, 1, 80, 5},
		{4, 2, 4, 3, 2, 78.75, 4},
		{3, 3, 0, 0, 0, 41.25, 5}, // departments and law
		{3, 2, 0, 0, 0, 35, 4},
		{2, 3, 0, 0, 0, 33.75, 4},
		{2, 2, 0, 0, 0, 27.5, 4}, // two departments and a statutory right
		{2, 0, 3, 0, 0, 30, 4},   // two departments and anger from 60
		{2, 1, 2, 0, 0, 31.25, 2},
		{1, 3, 4, 0, 0, 46.25, 3}, // one department: no override
	} {
		p := casebook.PCI{Departments: tt.d, Legal: tt.l, Emotion: tt.e, Value: tt.v, History: tt.h}
		if got := p.Index(); math.Abs(got-tt.index) > 1e-9 || p.Level() != tt.level {
			t.Errorf("%+v: %g, level %d, want %g, level %d", p, got, p.Level(), tt.index, tt.level)
		}
	}
	if ps := (casebook.PCI{Departments: 5, History: -1}).Validate("pci"); len(ps) != 2 || ps[0].Path != "pci.departments" || ps[1].Path != "pci.history" {
		t.Errorf("%v", ps)
	}
}

func drawPCI(t *rapid.T) casebook.PCI {
	f := func(name string) int { return rapid.IntRange(0, 4).Draw(t, name) }
	return casebook.PCI{Departments: f("d"), Legal: f("l"), Emotion: f("e"), Value: f("v"), History: f("h")}
}

// A factor that rises never lowers the index or the level.
func TestPCIRises(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := drawPCI(t)
		q := p
		for _, f := range []*int{&q.Departments, &q.Legal, &q.Emotion, &q.Value, &q.History} {
			if *f < casebook.MaxFactor && rapid.Bool().Draw(t, "up") {
				*f++
			}
		}
		if q.Index() < p.Index() || q.Level() < p.Level() {
			t.Fatalf("%+v %g L%d, %+v %g L%d", p, p.Index(), p.Level(), q, q.Index(), q.Level())
		}
	})
}

func aCase(id, category string, p casebook.PCI, zh, en string) casebook.Case {
	return casebook.Case{ID: id, Category: category, ValidFrom: "2026-01-01", PCI: p, Title: text.Text{ZH: zh, EN: en}, Problem: text.Text{ZH: "。", EN: "."}, Solution: text.Text{ZH: "办", EN: "done"}}
}

func TestMatch(t *testing.T) {
	p := casebook.PCI{Departments: 2, Legal: 2, Emotion: 3, Value: 1, History: 1}
	c := aCase("a-1", "billing/refund", p, "退款没到", "refund missing")
	if got := casebook.Match(casebook.Problem{PCI: p, Category: "billing/refund", Words: "退款没到"}, &c); math.Abs(got-1) > 1e-9 {
		t.Errorf("the same: %g", got)
	}
	if got := casebook.Match(casebook.Problem{PCI: p, Category: "billing/refund", Words: "refund missing"}, &c); math.Abs(got-1) > 1e-9 {
		t.Errorf("the same in English: %g", got)
	}
	if got := casebook.Match(casebook.Problem{PCI: p, Category: "billing/dispute", Words: "别的"}, &c); math.Abs(got-0.65) > 1e-9 {
		t.Errorf("the parent alone: %g", got)
	}
	none := casebook.PCI{}
	if got := casebook.Match(casebook.Problem{PCI: none}, &c); math.Abs(got-0.5*(1-(0.3*2+0.25*2+0.2*3+0.15+0.1)/4)) > 1e-9 {
		t.Errorf("PCI alone: %g", got)
	}
	// 退款 款没 没到 against 退款 款没 没有: two of four
	if got := casebook.Match(casebook.Problem{PCI: p, Words: "退款没有"}, &c); math.Abs(got-(0.5+0.2*0.5)) > 1e-9 {
		t.Errorf("words: %g", got)
	}
}

func TestMatchIsAShare(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := aCase("a-1", rapid.SampledFrom([]string{"a/b", "a/c", "d/b"}).Draw(t, "category"), drawPCI(t), rapid.String().Draw(t, "zh"), rapid.String().Draw(t, "en"))
		p := casebook.Problem{PCI: drawPCI(t), Category: rapid.SampledFrom([]string{"", "a/b", "a/x", "e/f"}).Draw(t, "asked"), Words: rapid.String().Draw(t, "words")}
		if got := casebook.Match(p, &c); !(got >= 0 && got <= 1+1e-9) {
			t.Fatalf("%g", got)
		}
	})
}

func TestPush(t *testing.T) {
	p := casebook.PCI{Departments: 1}
	cases := []casebook.Case{aCase("far", "x/y", casebook.PCI{Departments: 4, Legal: 4}, "远", "far"), aCase("old", "a/b", p, "近", "near"), aCase("near", "a/b", p, "近", "near"), aCase("later", "a/b", p, "近", "near")}
	cases[1].ValidTo, cases[3].ValidFrom = "2026-11-28", "2026-11-30"
	zone := time.FixedZone("UTC+8", 8*3600)
	got := casebook.Push(casebook.Problem{PCI: p, Category: "a/b", Words: "近"}, cases, time.Date(2026, 11, 29, 0, 30, 0, 0, zone))
	var order []string
	for _, x := range got {
		order = append(order, x.ID)
	}
	if len(got) != 4 || order[0] != "near" || order[1] != "far" || got[1].Expired || !got[2].Expired || !got[3].Expired {
		t.Errorf("%v", order)
	}
	if got := casebook.Push(casebook.Problem{PCI: p, Category: "a/b", Words: "近"}, cases, time.Date(2026, 11, 28, 23, 59, 0, 0, zone)); got[0].Expired || got[1].ID != "old" || got[1].Expired {
		t.Errorf("on its last day: %+v", got[1])
	}
	if rate, ok := casebook.MatchRate([]int{0, 2, 3, -1}); !ok || rate != 0.5 {
		t.Errorf("%g", rate)
	}
	if _, ok := casebook.MatchRate(nil); ok {
		t.Error("a rate of nothing")
	}
}

// Whatever is wrong with a case is said at its place in both languages.
func TestValidate(t *testing.T) {
	f := casebook.File{Schema: "x", Cases: []casebook.Case{aCase("A", "a", casebook.PCI{Legal: 9}, "", ""), aCase("a-1", "a/b", casebook.PCI{}, "题", "t")}}
	f.Cases[0].ValidFrom, f.Cases[0].Caution = "2026-02-30", text.Text{EN: "only English"}
	f.Cases[1].ValidTo = "2025-12-31"
	want := map[string]string{"schema": "define.schema", "cases[0].id": "item.id", "cases[0].category": "casebook.category", "cases[0].valid_from": "casebook.day", "cases[0].pci.legal": "define.whole",
		"cases[0].title.zh": "define.required", "cases[0].caution.zh": "define.required", "cases[1].valid_to": "casebook.ends_before"}
	for _, p := range f.Validate() {
		if want[p.Path] != p.Key {
			t.Errorf("%s %s", p.Path, p.Key)
		}
		for _, l := range text.Langs {
			if s := text.Problem(l, p); s == p.Key {
				t.Errorf("%s: %s", p.Key, s)
			}
		}
		delete(want, p.Path)
	}
	if len(want) > 0 {
		t.Errorf("not said: %v", want)
	}
	if ps := (&casebook.File{Schema: casebook.Schema}).Validate(); len(ps) != 1 || ps[0].Key != "define.count" {
		t.Errorf("%v", ps)
	}
}
