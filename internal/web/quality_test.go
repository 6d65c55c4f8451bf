package web_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"leida/internal/item"
)

// What was handed in is counted by version, to the answer; an item that everybody gets wrong is told, with what to do; what was open is not counted, and the page is not reckoned anew with each look.
func TestQuality(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	trainer := w.as(w.tess)
	trainer.get("/bank/quality").is(http.StatusOK).has(say("quality.empty"))
	w.clock.add(11 * time.Minute)
	a := w.assign("cps-cycle", w.east)
	shown, key := map[string]int{}, map[string]int{}
	for n := range 34 {
		p := w.agent(fmt.Sprintf("Q%03d", n), "坐席", w.east)
		how := item.First
		if n%5 == 0 {
			how = item.Longest
		}
		x := w.satSeed(p, a, how, uint64(n%3))
		for _, slot := range x.Slots {
			shown[slot.ItemID]++
			if slot.Score == 1 {
				key[slot.ItemID]++
			}
		}
	}
	w.as(w.ann).start(a) // under way
	w.clock.add(11 * time.Minute)
	w.waitFor(func() bool { return !strings.Contains(trainer.get("/bank/quality").plain(), say("quality.empty")) }) // it is made anew beside
	page := trainer.get("/bank/quality").is(http.StatusOK)
	rows := 0
	for _, tr := range find(page.doc(), "tr", nil) {
		links := find(tr, "a", func(n *html.Node) bool { return strings.HasPrefix(attr(n, "href"), "/bank/items/") })
		if len(links) != 1 {
			continue
		}
		rows++
		id := strings.TrimSuffix(strings.TrimPrefix(attr(links[0], "href"), "/bank/items/"), "#answers")
		count := words(find(tr, "td", nil)[0])
		if got := strings.Fields(count)[0]; got != fmt.Sprint(shown[id]) {
			t.Errorf("%s: %s answers, want %d", id, count, shown[id])
		}
		if few := shown[id] >= 5 && shown[id] < 30; few != strings.Contains(count, say("quality.few")) || shown[id] < 5 != strings.Contains(count, say("quality.hidden")) {
			t.Errorf("%s: %q", id, count)
		}
		delete(shown, id)
	}
	if rows == 0 || len(shown) > 0 {
		t.Errorf("%d rows, without %v", rows, shown)
	}
	page.has(say("quality.flag.hard"), say("quality.advice.hard"), say("quality.provisional"))
	once := ""
	for id := range key {
		once = id
	}
	trainer.get("/bank/items/"+once).is(http.StatusOK).has(say("quality.answers"), say("quality.mean"))
	w.satSeed(w.bob, a, item.First, 1)
	if again := trainer.get("/bank/quality").plain(); again != page.plain() {
		t.Error("it was reckoned anew at once")
	}
	w.clock.add(11 * time.Minute)
	w.waitFor(func() bool { return trainer.get("/bank/quality").plain() != page.plain() })
	w.as(w.ann).get("/bank/quality").is(http.StatusForbidden)
}

// The evidence page of a form: nothing before anybody has sat it, too little below 30 sittings, then reliability with its interval, error and the accuracy at the cuts; what is expected of it is always there.
func TestFormEvidence(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	trainer := w.as(w.tess)
	at := "/bank/assessments/cps-cycle"
	trainer.get(at).is(http.StatusOK).has(say("form.unsat"), say("form.expected"), say("form.cycle"))
	trainer.get("/bank/assessments/nothing").is(http.StatusNotFound)
	w.as(w.ann).get(at).is(http.StatusForbidden)
	a := w.assign("cps-cycle", w.east)
	sit := func(from, to int) {
		for n := range to - from {
			p := w.agent(fmt.Sprintf("F%03d", from+n), "坐席", w.east)
			w.satSeed(p, a, []item.Strategy{item.First, item.Longest, item.Polite, item.Escalate}[n%4], uint64(n%5))
		}
		w.clock.add(11 * time.Minute)
		trainer.get(at)
		w.waitFor(func() bool { return strings.Contains(trainer.get(at).plain(), say("form.sittings", "n", to)) })
	}
	sit(0, 3)
	trainer.get(at).has(say("quality.hidden")).lacks(say("quality.mean"))
	sit(3, 12)
	trainer.get(at).has(say("form.sittings", "n", 12), say("form.few"))
	sit(12, 44)
	page := trainer.get(at).has(say("form.sittings", "n", 44), say("quality.provisional"))
	if plain := page.plain(); strings.Contains(plain, say("form.few")) || !strings.Contains(plain, say("form.reliability")) && !strings.Contains(plain, say("form.no_alpha")) {
		t.Error(plain)
	}
	page.lacks("NaN", "%!")
}

// waitFor waits until something that is done beside has been.
func (w *world) waitFor(done func() bool) {
	w.t.Helper()
	for range 200 {
		if done() {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	w.t.Fatal("it never comes")
}
