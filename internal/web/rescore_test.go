package web_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"leida/internal/assessment"
	"leida/internal/item"
	"leida/internal/org"
)

// keyMoved are the built-in definitions with another key for aic-single-0001, as version 2.
func keyMoved(t testing.TB) (*assessment.Library, assessment.Report) {
	return library(t, func(name, s string) string {
		if !strings.Contains(s, "id: aic-single-0001\n") {
			return s
		}
		moved := strings.NewReplacer("version: 1\n", "version: 2\n", `en: "Turn 4", credit: 1,`, `en: "Turn 4",`, `{id: a, zh: "第1轮", en: "Turn 1",`, `{id: a, zh: "第1轮", en: "Turn 1", credit: 1,`).Replace(s)
		if strings.Count(moved, "credit: 1") != 1 || moved == s {
			t.Fatal("the item is another one now")
		}
		return moved
	})
}

// keyBack are the built-in definitions with aic-single-0001 as it was, as version 3.
func keyBack(t testing.TB) (*assessment.Library, assessment.Report) {
	return library(t, func(name, s string) string {
		if strings.Contains(s, "id: aic-single-0001\n") {
			return strings.Replace(s, "version: 1\n", "version: 3\n", 1)
		}
		return s
	})
}

// withItem has a person sit assessments, always the first option, until one asks for the item; it is the result's address.
func (w *world) withItem(p org.Person, id string) string {
	w.t.Helper()
	for n := range 60 {
		x := w.satSeed(p, w.assignFor("aic-cycle", w.clock.now().Add(-time.Hour), w.clock.now().AddDate(0, 0, 14), w.east), item.First, uint64(n+1))
		for _, slot := range x.Slots {
			if slot.ItemID == id {
				return "/sittings/" + x.ID + "/result"
			}
		}
	}
	w.t.Fatal("nobody met ", id)
	return ""
}

// rescore works as cmd/leida has it work every second.
func (w *world) rescore() { w.t.Helper(); w.ok(w.srv.Rescore(w.ctx)) }

// A sitting whose result is not stored yet could not be listed: there is no preview before it is.
func TestRescoreWaitsForResults(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.withItem(w.ann, "aic-single-0001")
	w.defs.Offer(keyMoved(t))
	w.unseal("results")
	_, err := w.open().Exec("DELETE FROM results")
	w.ok(err)
	form, ask := "/bank/items/aic-single-0001/rescore", url.Values{"rule": {"current"}, "reason": {"答案有误"}}
	w.as(w.tess).post(form, ask).is(http.StatusConflict).has(say("rescore.without_result", "n", 1))
	if n := w.count("SELECT count(*) FROM rescorings"); n != 0 {
		t.Fatalf("%d rescorings", n)
	}
	_, err = w.defs.FreezeResults(w.ctx)
	w.ok(err)
	w.as(w.tess).post(form, ask).is(http.StatusSeeOther)
}

// A trainer corrects a key: the form, the preview, the digest, the work, the agent's page, and back again. S06 of the register.
func TestRescoreByPage(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	at := w.withItem(w.ann, "aic-single-0001")
	before := w.as(w.ann).get(at).is(http.StatusOK)
	lib, report := keyMoved(t)
	w.defs.Offer(lib, report)
	if got := w.as(w.ann).get(at); got.matter() != before.matter() {
		t.Error("a corrected key alone moved the page of a past sitting")
	}
	trainer, admin := w.as(w.tess), w.as(w.ada)
	form := "/bank/items/aic-single-0001/rescore"
	trainer.get("/bank/items/aic-single-0001").is(http.StatusOK).has(say("rescore.title"))
	trainer.get(form).is(http.StatusOK).has(say("rescore.rule.current"), say("rescore.rule.full-credit"), say("rescore.reason"))
	for _, bad := range []url.Values{{}, {"rule": {"current"}}, {"rule": {"worse"}, "reason": {"x"}}, {"rule": {"current"}, "reason": {strings.Repeat("长", 301)}}} {
		trainer.post(form, bad).is(http.StatusUnprocessableEntity).has(say("fault.invalid"))
	}
	if n := w.count("SELECT count(*) FROM rescorings"); n != 0 {
		t.Fatalf("%d rescorings of bad forms", n)
	}
	for _, p := range []org.Person{w.ann, w.eve} {
		w.as(p).get(form).is(http.StatusForbidden)
		w.as(p).post(form, url.Values{"rule": {"current"}, "reason": {"x"}}).is(http.StatusForbidden)
	}
	evil := `答案应是第1轮 <b onclick="x">`
	page := trainer.post(form, url.Values{"rule": {"current"}, "reason": {evil}}).to("/bank/rescorings/")
	waiting := trainer.get(page).is(http.StatusOK).has(say("rescore.state.planning"))
	if len(find(waiting.doc(), "section", func(n *html.Node) bool { return attr(n, "data-refresh") != "" })) != 1 || !strings.Contains(waiting.body, `<noscript><meta http-equiv="refresh"`) {
		t.Errorf("a page under way does not come again:\n%s", waiting.clip())
	}
	w.rescore()
	planned := admin.get(page).is(http.StatusOK).has(say("rescore.state.planned"), w.ann.Name, w.ann.Number, "0 → 100", evil).lacks("data-refresh", "http-equiv=\"refresh")
	few := trainer.get(page).is(http.StatusOK).has(say("rescore.few")).lacks(w.ann.Name, w.ann.Number, "0 → 100")
	digest := planned.digest(page)
	if few.digest(page) != digest {
		t.Error("two digests of one plan")
	}
	trainer.post(page+"/apply", url.Values{"digest": {strings.Repeat("0", 64)}}).is(http.StatusConflict).has(say("rescore.moved"))
	trainer.post(page+"/apply", url.Values{}).is(http.StatusConflict)
	trainer.post(page+"/undo", nil).is(http.StatusConflict).has(say("rescore.not_applied"))
	trainer.get(page + "/apply").is(http.StatusNotFound)
	trainer.post(page+"/apply", url.Values{"digest": {digest}}).to(page)
	trainer.get(page).has(say("rescore.state.applying"))
	trainer.post(form, url.Values{"rule": {"current"}, "reason": {"x"}}).is(http.StatusConflict).has(say("rescore.busy"))
	w.clock.add(time.Minute)
	w.rescore()
	trainer.get(page).has(say("rescore.state.applied"), say("rescore.undo"))

	after := w.as(w.ann).get(at).has(say("result.remarked"), evil)
	for _, r := range []reply{planned, after} {
		if strings.Contains(r.body, "<b onclick") {
			t.Errorf("%s: a reason is markup", r.what)
		}
	}
	if after.matter() == before.matter() || !strings.Contains(after.plain(), "aic-single-0001 v2") {
		t.Error("the agent is not told")
	}
	w.as(w.eve).get(at).is(http.StatusOK).has(say("result.remarked"))
	// Taken back, who rose falls: it is listed first, and a trainer, who may not see whom, does not do it.
	admin.get(page).has("0 → 100").lacks("100 → 0", page+"/undo")
	admin.get(page+"?back=1").is(http.StatusOK).has("100 → 0", say("rescore.back.look"), say("rescore.falls"), w.ann.Name).controls(page + "/undo")
	trainer.get(page+"?back=1").is(http.StatusOK).has(say("rescore.few"), say("rescore.unseen")).lacks(w.ann.Name, "100 → 0", page+"/undo")
	trainer.post(page+"/undo", nil).is(http.StatusForbidden).has(say("rescore.unseen"))
	w.rescore()
	trainer.get(page).has(say("rescore.state.applied"))
	admin.post(page+"/undo", nil).to(page)
	w.rescore()
	back := w.as(w.ann).get(at).has(say("result.remarked.undo"))
	score := func(r reply) string {
		return words(find(r.doc(), "p", func(n *html.Node) bool { return attr(n, "class") == "total" })[0])
	}
	if score(back) != score(before) || score(after) == score(before) || !strings.Contains(back.plain(), "aic-single-0001 v1") {
		t.Errorf("%s, then %s, then %s", score(before), score(after), score(back))
	}
	trainer.get(form).has(say("rescore.past"), say("rescore.state.undone"))
	for _, action := range []string{"rescore.plan", "rescore.apply", "rescore.end", "rescore.undo", "rescore.undone"} {
		if n := w.count("SELECT count(*) FROM audit WHERE action = ? AND object_id = 'aic-single-0001'", action); n != 1 {
			t.Errorf("%d entries %s", n, action)
		}
	}
	if state, err := w.st.VerifyAudit(w.ctx); err != nil || state.Broken != 0 {
		t.Error(state, err)
	}
}

// Where something of too few people gets worse to show them, a trainer does not apply it: neither by the page nor past it. Where nothing does, or an admin asks, it is applied.
func TestRescoreUnseenIsNotApplied(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	at := w.withItem(w.ann, "aic-single-0001") // with a key that is about to move away from it, and back
	trainer, admin := w.as(w.tess), w.as(w.ada)
	plan := func(rule string) (page, digest string) {
		t.Helper()
		page = trainer.post("/bank/items/aic-single-0001/rescore", url.Values{"rule": {rule}, "reason": {"x"}}).to("/bank/rescorings/")
		w.rescore()
		return page, admin.get(page).digest(page)
	}
	lib, report := keyMoved(t)
	w.defs.Offer(lib, report)
	page, digest := plan("current")
	trainer.get(page).lacks(say("rescore.unseen")).controls(page + "/apply") // the key is what was answered
	trainer.post(page+"/apply", url.Values{"digest": {digest}}).to(page)
	w.rescore()
	before := w.as(w.ann).get(at).matter()
	w.clock.add(time.Minute)
	w.defs.Offer(keyBack(t))
	page, digest = plan("current")
	admin.get(page).has("100 → 0").lacks(say("rescore.unseen")).controls(page + "/apply")
	trainer.get(page).is(http.StatusOK).has(say("rescore.few"), say("rescore.unseen"), say("rescore.count.falls", "n", 1)).lacks(page+"/apply", w.ann.Name).controls(page + "/cancel")
	trainer.post(page+"/apply", url.Values{"digest": {digest}}).is(http.StatusForbidden).has(say("rescore.unseen"))
	w.rescore()
	if w.as(w.ann).get(at).matter() != before {
		t.Error("a fall that nobody saw")
	}
	admin.post(page+"/apply", url.Values{"digest": {digest}}).to(page)
	w.rescore()
	trainer.get(page).has(say("rescore.state.applied"))
	trainer.get(page + "?back=1").lacks(say("rescore.unseen")).controls(page + "/undo") // taken back, ann rises
	trainer.post(page+"/undo", nil).to(page)
	w.rescore()
	trainer.get(page).has(say("rescore.state.undone"))
}

func (r reply) digest(page string) string {
	r.t.Helper()
	now, _ := r.controls(page + "/apply")
	return now.Get("digest")
}

// Trainers see the lines of five people and more, without a name, a number or a way to the sitting; admins see whose they are. What they see they apply and take back. A plan can be dropped.
func TestRescoreShowsTrainersNoNames(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	people := []org.Person{w.ann, w.bob}
	for i := range 4 {
		people = append(people, w.agent(fmt.Sprint("A9", i), fmt.Sprint("新人", i), w.east))
	}
	var ids []string
	for _, p := range people {
		ids = append(ids, p.ID, p.Name, p.Number, strings.Split(w.withItem(p, "aic-single-0001"), "/")[2])
	}
	lib, report := keyMoved(t)
	w.defs.Offer(lib, report)
	trainer, admin := w.as(w.tess), w.as(w.ada)
	page := trainer.post("/bank/items/aic-single-0001/rescore", url.Values{"rule": {"current"}, "reason": {"x"}}).to("/bank/rescorings/")
	w.rescore()
	got := trainer.get(page).is(http.StatusOK).has(say("rescore.unnamed"), say("rescore.nth", "n", 6), "0 → 100").lacks(ids...)
	if n := len(find(got.doc(), "tr", nil)); n != 7 {
		t.Errorf("%d rows", n)
	}
	named := admin.get(page).is(http.StatusOK)
	for _, p := range people {
		named.has(p.Name, p.Number)
	}
	digest := got.digest(page)
	trainer.post(page+"/apply", url.Values{"digest": {digest}}).to(page)
	w.rescore()
	back := trainer.get(page+"?back=1").is(http.StatusOK).has(say("rescore.back.lines"), say("rescore.unnamed"), say("rescore.nth", "n", 6), "100 → 0").lacks(ids...)
	back.controls(page + "/undo")
	if n := len(find(back.doc(), "tr", nil)); n != 7 {
		t.Errorf("%d rows", n)
	}
	trainer.get(page + "?back=1&page=9").is(http.StatusOK)
	trainer.post(page+"/undo", nil).to(page)
	w.rescore()
	page = trainer.post("/bank/items/aic-single-0001/rescore", url.Values{"rule": {"current"}, "reason": {"x"}}).to("/bank/rescorings/")
	w.rescore()
	written := w.count("SELECT count(*) FROM results")
	before := w.dump()
	trainer.post(page+"/cancel", nil).to(page)
	trainer.get(page).has(say("rescore.state.dropped")).lacks("0 → 100")
	trainer.post(page+"/cancel", nil).is(http.StatusConflict)
	if w.dump() == before || w.count("SELECT count(*) FROM results") != written {
		t.Error("dropping a plan wrote results, or did nothing")
	}
	w.as(w.ann).get(page).is(http.StatusForbidden)
}
