package web_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"leida/internal/exam"
	"leida/internal/item"
	"leida/internal/org"
)

// certFiles are canaries that are fit for certification, and a form that draws them.
func certFiles(kind string) map[string]string {
	files := map[string]string{"form.yaml": strings.NewReplacer("kind: cycle", "kind: "+kind+"\ncut: {total: 70, floor: 50}",
		canaryForm[strings.Index(canaryForm, "draw: "):], "draw: [{type: single_choice, n: 1}, {type: multiple_choice, n: 1}]}\n").Replace(canaryForm)}
	for _, name := range []string{"single.yaml", "multi.yaml"} {
		head := strings.NewReplacer("use: [cycle]", "use: [cert]", "scenario: banking", "scenario: banking, channel: voice, cognition: apply").Replace(fmt.Sprintf(canaryHead, "canary-"+strings.TrimSuffix(name, ".yaml")))
		files[name] = head + strings.NewReplacer(`en: "option four"`, `en: "option four", why: {zh: "CANARY-WHY", en: "CANARY-WHY"}`, `cue: polite, `, "", `cue: escalate`, `cue: escalate, why: {zh: "CANARY-WHY", en: "CANARY-WHY"}`).Replace(strings.TrimPrefix(canaries[name], "\n"))
	}
	return files
}

// What is told of a certification while others may sit it is the total, the verdict and the domains' levels: no page and no file of the candidate or a manager has more. When the last window
// that was opened has closed, everything is told.
func TestCertificationIsHeldBack(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"cert", "refresher"} {
		t.Run(kind, func(t *testing.T) {
			w := newWorld(t, withFiles(t, certFiles(kind)))
			a := w.assign("canary", w.east)
			x := w.sat(w.ann, a, item.First)
			at := "/sittings/" + x.ID + "/result"
			hash, err := w.st.ResultHashes(w.ctx, x.ID)
			w.ok(err)
			from := []string{at, "/sittings/" + x.ID, "/sittings/" + x.ID + "/items/1", "/people/" + w.ann.ID, "/people/" + w.ann.ID + "/subs/AIC.1", "/people/" + w.ann.ID + "/scores.csv", "/assignments/" + a.ID, "/teams/" + w.east}
			titles := []string{"题目canary", "Item canary"}
			held := func() {
				t.Helper()
				for _, who := range []*client{w.as(w.ann), w.as(w.ann).english(), w.as(w.eve)} {
					for _, accept := range []string{"text/html", "application/json"} {
						who.headers["Accept"] = accept
						crawl(who, func(r reply) {
							r.lacks("CANARY", "kanarie", ".yaml") // numbers are the radar's
							if !strings.Contains(r.what, "/items/") {
								r.lacks(titles...)
							}
						}, from...)
					}
				}
				page := w.as(w.ann).get(at).is(200).has(say("result.domains"), say("result.verdict.not_passed"), " / 100").lacks("<article", "pts ", "/ 100</span>")
				if strings.Count(page.body, `chip brand">L`) != 1 { // one section
					t.Error(page.clip())
				}
				w.as(w.eve).get(at).is(200).lacks("<article")
				w.as(w.ann).get("/people/" + w.ann.ID + "/subs/AIC.1").is(200).has(say("sub.held", "n", len(x.Slots)))
			}
			held()
			w.clock.set(a.Closes.Add(exam.Grace - time.Millisecond))
			held()
			later := w.assignFor("canary", a.Closes, a.Closes.Add(24*time.Hour), w.west) // somebody else's
			w.clock.set(a.Closes.Add(exam.Grace))
			held()
			w.clock.set(later.Closes.Add(exam.Grace))
			for _, who := range []*client{w.as(w.ann), w.as(w.eve)} {
				who.get(at).is(200).has("CANARY-WHY-S1", "CANARY-WHY-M1", titles[0]).lacks(say("result.domains"))
			}
			w.as(w.ann).get("/people/" + w.ann.ID + "/subs/AIC.1").is(200).has(titles[0])
			if again, err := w.st.ResultHashes(w.ctx, x.ID); err != nil || strings.Join(again, " ") != strings.Join(hash, " ") {
				t.Error(again, err)
			}
		})
	}
}

// Other forms are told at once, whoever else is still sitting them.
func TestCycleIsToldAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t, withFiles(t, canaryFiles()))
	x := w.sat(w.ann, w.assign("canary", w.east), item.First)
	w.as(w.ann).get("/sittings/" + x.ID + "/result").is(200).has("CANARY-WHY-S1")
}

// Whoever has two roles reads the key of an item by neither while it is on the paper that they are sitting, and by both once it is handed in.
func TestOwnPaperIsShut(t *testing.T) {
	t.Parallel()
	w := newWorld(t, withFiles(t, canaryFiles()))
	a := w.assign("canary", w.east)
	past := w.sat(w.bob, a, item.First)
	w.ok(w.st.SetGrants(w.ctx, w.ann.ID, []org.Grant{{Access: org.Agent}, {Access: org.Trainer}, {Access: org.Manager, Team: w.east}}))
	c := w.as(w.ann)
	bank, result, flags := "/bank/items/canary-single", "/sittings/"+past.ID+"/result", "/bank/quality"
	open := func(c *client) {
		t.Helper()
		c.get(bank).is(200).has("CANARY-WHY-S1")
		c.get(flags).is(200).has("题目canary-single")
	}
	open(c)
	c.get(result).is(200).has("CANARY-WHY-S1")
	at := c.start(a)
	for _, c := range []*client{c, w.as(w.ann)} { // another device is the same person
		silent(t, c.get(bank).is(http.StatusConflict).has(say("bank.own_paper")))
		silent(t, c.copy().english().get(bank).is(http.StatusConflict))
		silent(t, c.get(result).is(200).has(say("result.ahead")).lacks("题目canary"))
		c.get(flags).is(200).lacks("canary-single")
	}
	open(w.as(w.tess))
	w.as(w.eve).get(result).is(200).has("CANARY-WHY-S1")
	c.post(at+"/submit", nil).to(at + "/result")
	open(c)
	c.get(result).is(200).has("CANARY-WHY-S1")
}
