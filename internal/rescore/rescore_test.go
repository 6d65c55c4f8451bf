package rescore_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"leida/internal/assessment"
	"leida/internal/exam"
	"leida/internal/fault"
	"leida/internal/org"
	"leida/internal/profile"
	"leida/internal/rescore"
	"leida/internal/store"
)

func pick(o string) answers {
	return answers{"one": `{"choice":"` + o + `"}`, "two": `{"choice":"b"}`, "three": `{"choice":"c"}`, "sjt-1": `{"best":"b","worst":"a"}`}
}

func without(a answers, id string) answers { delete(a, id); return a }

// five are people with each kind of answer to the item: the old key, the new key, neither with a critical error, blank, and nothing at all.
func five(t testing.TB) (*centre, map[string]string) {
	c := newCentre(t, 6)
	as, id := c.assign(), map[string]string{}
	for i, given := range []answers{pick("a"), pick("b"), pick("d"), without(pick("a"), "one"), {}} {
		id[[]string{"old", "new", "critical", "blank", "nothing"}[i]] = c.sit(c.agents[i], as, given)
	}
	id["open"] = c.begin(c.agents[5], as, pick("a"))
	c.defs.offer(library(t, corrected()))
	return c, id
}

// Each rule, before and after, for each kind of answer. What falls comes first, and nothing changes before it is applied.
func TestPlanListsEverything(t *testing.T) {
	// the three choices weigh 0.75 in all, so that one is worth 25 points
	for _, x := range []struct {
		rule exam.Rule
		want map[string]string // place and sitting, before and after; "" for no line
		n    store.RescoringCounts
	}{
		{exam.Current, map[string]string{"old": "1→0 100→75", "new": "0→1 75→100", "critical": "0→0 75→75", "blank": "0→0 75→75", "nothing": "0→0 0→0"},
			store.RescoringCounts{Sittings: 5, People: 5, Changed: 5, Rises: 1, Falls: 1, Open: 1}},
		{exam.Better, map[string]string{"old": "", "new": "0→1 75→100", "critical": "0→0 75→75", "blank": "0→0 75→75", "nothing": "0→0 0→0"},
			store.RescoringCounts{Sittings: 5, People: 4, Changed: 4, Rises: 1, Open: 1}},
		{exam.FullCredit, map[string]string{"old": "1→1 100→100", "new": "0→1 75→100", "critical": "0→1 75→100", "blank": "0→1 75→100", "nothing": "left blank 0→0"},
			store.RescoringCounts{Sittings: 5, People: 4, Changed: 4, Rises: 3, Left: 1, Open: 1}},
	} {
		t.Run(string(x.rule), func(t *testing.T) {
			c, ids := five(t)
			c.defs.offer(library(t, choice("one", 2, "b", measures)))
			before := c.dump()
			r := c.plan(x.rule)
			got, seenRise := map[string]string{}, false
			for _, l := range c.lines(r.ID) {
				if seenRise = seenRise || !l.Falls; l.Falls && seenRise {
					t.Error("a fall stands below what does not fall")
				}
				for name, id := range ids {
					if id != l.Sitting {
						continue
					}
					got[name] = fmt.Sprintf("%g→%g %g→%g", l.PlaceWas, l.PlaceBecomes, l.Was, l.Becomes)
					if l.Left != "" {
						got[name] = fmt.Sprintf("left %s %g→%g", l.Left, l.Was, l.Becomes)
					}
				}
			}
			for name, want := range x.want {
				if got[name] != want {
					t.Errorf("%s: %q, want %q", name, got[name], want)
				}
			}
			if got["open"] != "" {
				t.Errorf("an open sitting is listed: %s", got["open"])
			}
			x.n.LevelsUp, x.n.LevelsDown, x.n.Passes = r.Counts.LevelsUp, r.Counts.LevelsDown, r.Counts.Passes // of the next test
			if diff := cmp.Diff(x.n, r.Counts); diff != "" {
				t.Error(diff)
			}
			if r.State != store.Planned || r.Done != 5 || r.Total != 5 || len(r.Digest) != 64 {
				t.Errorf("%+v", r)
			}
			if diff := cmp.Diff(before, c.dump()); diff != "" {
				t.Errorf("planning changed something: %s", diff)
			}
		})
	}
}

// What an item measures may change with its key: a record that goes is a fall, and is listed with its value; so are levels, passes and critical errors.
func TestPlanListsEffects(t *testing.T) {
	c, ids := five(t)
	r := c.plan(exam.Current)
	if r.Counts.Falls != 5 {
		t.Errorf("AIC.2 loses a record of everybody: %+v", r.Counts)
	}
	for _, l := range c.lines(r.ID) {
		e := l.Effects
		was, now := 100*l.PlaceWas, 100*l.PlaceBecomes
		want := []exam.EvidenceChange{{Sub: "AIC.1", Was: &exam.Observed{Y: was, N: 0.6}, Now: &exam.Observed{Y: now, N: 1}}, {Sub: "AIC.2", Was: &exam.Observed{Y: was, N: 0.4}}}
		if diff := cmp.Diff(want, e.Evidence); diff != "" {
			t.Error(diff)
		}
		passed := map[string][2]bool{ids["old"]: {true, true}, ids["new"]: {true, true}, ids["critical"]: {false, false}, ids["blank"]: {true, true}, ids["nothing"]: {false, false}}[l.Sitting]
		if e.Passed == nil || *e.Passed != passed {
			t.Errorf("%s: %v, want %v", l.Sitting, e.Passed, passed)
		}
		if got := len(e.Critical[0]) + len(e.Critical[1]); l.Sitting == ids["critical"] && got != 2 || l.Sitting != ids["critical"] && got != 0 {
			t.Errorf("%+v", e.Critical)
		}
	}
	r = c.plan(exam.FullCredit) // which takes the critical error away
	if r.Counts.Passes != 1 || r.Counts.Fails != 0 || r.Counts.Falls != 0 {
		t.Errorf("%+v", r.Counts)
	}
}

// Levels that move are listed with the person's last sitting, today's and those of closed cycles.
func TestPlanListsLevels(t *testing.T) {
	c := newCentre(t, 1)
	rules := profile.DefaultRules()
	rules.MinUnits, rules.MinItems = 0.5, 1 // one item is enough for a level
	c.desk.Rules = rules
	who := c.agents[0]
	of := func(at time.Time) profile.Profile {
		e, err := c.st.EvidenceOf(c.ctx, c.viewer(who), who.ID)
		c.ok(err)
		return profile.Of(c.defs.Current().Model, rules, e, at, profile.Options{Role: "agent"})
	}
	q3 := org.Quarter(noon.AddDate(0, -3, 0), time.UTC)
	c.clock = q3.From.AddDate(0, 0, 9)
	c.sit(who, c.assign(), pick("b"))
	frozen := of(q3.To)
	c.ok(c.st.CloseCycle(c.ctx, q3.ID, q3.To, map[string]profile.Snapshot{who.ID: frozen.Freeze(q3.ID)}, c.ground()))
	c.clock = noon
	c.sit(who, c.assign(), pick("b"))
	c.defs.offer(library(t, choice("one", 2, "b", "{sub: AIC.1, w: 1}")))
	r := c.plan(exam.Current)
	var got []exam.LevelChange
	for _, l := range c.lines(r.ID) {
		got = append(got, l.Effects.Levels...)
	}
	level := func(p profile.Profile) map[string]int {
		return map[string]int{"AIC": p.Capabilities[0].Level, "AIC.1": p.Capabilities[0].Subs[0].Level, "AIC.2": p.Capabilities[0].Subs[1].Level}
	}
	was := level(of(noon))
	c.apply(r)
	now := level(of(noon))
	if was["AIC.1"] != 1 || now["AIC.1"] != 3 {
		t.Fatalf("%v → %v", was, now)
	}
	snaps, err := c.st.Snapshots(c.ctx, q3.ID, []string{who.ID})
	c.ok(err)
	var want []exam.LevelChange
	for _, id := range []string{"AIC", "AIC.1", "AIC.2"} {
		snap := snaps[who.ID]
		line, _ := snap.Line(id)
		if before := level(frozen)[id]; line.Level != before {
			want = append(want, exam.LevelChange{Cycle: q3.ID, ID: id, Was: before, Now: line.Level})
		}
	}
	for _, id := range []string{"AIC", "AIC.1", "AIC.2"} {
		if was[id] != now[id] {
			want = append(want, exam.LevelChange{ID: id, Was: was[id], Now: now[id]})
		}
	}
	if diff := cmp.Diff(want, got); diff != "" || len(want) < 2 {
		t.Error(diff, want)
	}
	if r.Counts.LevelsUp+r.Counts.LevelsDown != len(want) {
		t.Errorf("%+v", r.Counts)
	}
}

// dump is the standing of everybody in every sitting.
func (c *centre) dump() map[string]standing {
	c.t.Helper()
	out := map[string]standing{}
	for _, p := range c.agents {
		all, err := c.st.SittingsOf(c.ctx, c.viewer(p), p.ID)
		c.ok(err)
		for _, s := range all {
			if s.State == exam.Submitted {
				out[p.Number+" "+s.ID] = c.standing(p, s.ID)
			}
		}
	}
	return out
}

// Applying does what the plan said, once, and keeps what was: the old result with its hash, the old records as void. S06 of the register of bad inputs.
func TestApplyAndUndo(t *testing.T) {
	for _, rule := range exam.RescoreRules {
		t.Run(string(rule), func(t *testing.T) {
			c, _ := five(t)
			before, first := c.dump(), c.results()
			r := c.plan(rule)
			lines := c.lines(r.ID)
			c.clock = c.clock.Add(time.Hour)
			c.apply(r)
			if got := c.at(r.ID); got.State != store.Applied || got.Done != got.Total || got.Total != r.Counts.Changed || !got.Ended.Equal(c.clock) {
				t.Errorf("%+v", got)
			}
			changed := 0
			for _, l := range lines {
				res, err := c.st.NewestResults(c.ctx, "one", []string{l.Sitting})
				c.ok(err)
				now := res[l.Sitting]
				if l.Left != "" {
					if now.Revision != 1 {
						t.Errorf("%+v was left and changed", l)
					}
					continue
				}
				changed++
				if now.Revision != 2 || now.Score != l.Becomes || now.Places[l.Place].Score != l.PlaceBecomes || now.Reason != "答案有误" || now.Rescoring != r.ID || now.At != c.clock.UnixMilli() {
					t.Errorf("%+v\n%+v", l, now)
				}
			}
			if after := c.dump(); changed == 0 || cmp.Equal(before, after) {
				t.Error("nothing changed")
			}
			for id, old := range first {
				if now := c.results()[id]; now[0] != old[0] {
					t.Errorf("the first result of %s moved", id)
				}
			}
			if again := c.plan(rule); again.Counts.Changed != 0 {
				t.Errorf("what is done would be done again: %+v", again.Counts)
			}
			c.undo(r) // which drops the plan that nobody wanted
			if diff := cmp.Diff(before, c.dump()); diff != "" || c.at(r.ID).State != store.Undone {
				t.Errorf("taken back: %s", diff)
			}
			c.audited("rescore.apply", "rescore.end", "rescore.undo", "rescore.undone")
			if f := fault.As(c.desk.Undo(c.ctx, r.ID, store.AuditEntry{})); f == nil || f.Key != "rescore.not_applied" {
				t.Error(f)
			}
		})
	}
}

// results are the hashes of each sitting's revisions.
func (c *centre) results() map[string][]string {
	c.t.Helper()
	out := map[string][]string{}
	for _, p := range c.agents {
		all, err := c.st.SittingsOf(c.ctx, c.viewer(p), p.ID)
		c.ok(err)
		for _, s := range all {
			if s.State == exam.Submitted {
				hashes, err := c.st.ResultHashes(c.ctx, s.ID)
				c.ok(err)
				out[s.ID] = hashes
			}
		}
	}
	return out
}

func (c *centre) audited(actions ...string) {
	c.t.Helper()
	state, err := c.st.VerifyAudit(c.ctx)
	c.ok(err)
	if state.Broken != 0 {
		c.t.Errorf("the chain is broken at %d", state.Broken)
	}
	for _, a := range actions {
		if n, err := c.st.AuditCount(c.ctx, a, "one"); err != nil || n != 1 {
			c.t.Errorf("%d entries %s, %v", n, a, err)
		}
	}
}

// A plan is applied by the digest that somebody looked at, and only while it holds.
func TestApplyHoldsToWhatWasLookedAt(t *testing.T) {
	c, ids := five(t)
	r := c.plan(exam.Current)
	refuses := func(id, digest, key string) {
		t.Helper()
		if f := fault.As(c.desk.Apply(c.ctx, id, digest, store.AuditEntry{})); f == nil || f.Key != key || f.Kind != fault.Conflict {
			t.Errorf("got %v, want %s", f, key)
		}
	}
	refuses(r.ID, strings.Repeat("0", 64), "rescore.moved")
	refuses(r.ID, "", "rescore.moved")
	// another sitting is handed in
	_, err := c.st.UpdateSitting(c.ctx, c.viewer(c.agents[5]), ids["open"], func(x *exam.Sitting) ([]profile.Evidence, error) { return x.Submit("", bank{c.defs}, c.clock) })
	c.ok(err)
	refuses(r.ID, r.Digest, "rescore.moved")
	r = c.plan(exam.Current)
	if r.Counts.Sittings != 6 || r.Counts.Open != 0 {
		t.Errorf("%+v", r.Counts)
	}
	// the item is corrected once more
	c.defs.offer(library(t, strings.Replace(choice("one", 3, "c", measures), "因为", "由于", 1)))
	refuses(r.ID, r.Digest, "rescore.moved")
	old := r
	r = c.plan(exam.Current)
	refuses(old.ID, old.Digest, "rescore.not_planned") // dropped by the newer plan
	c.ok(c.desk.Apply(c.ctx, r.ID, r.Digest, store.AuditEntry{}))
	refuses(r.ID, r.Digest, "rescore.not_planned")
	if _, err := c.desk.Plan(c.ctx, rescore.Ask{Item: "one", Rule: exam.Current, Reason: "x"}); fault.As(err) == nil || fault.As(err).Key != "rescore.busy" {
		t.Error(err)
	}
	c.ok(c.desk.Work(c.ctx))
	for _, bad := range []rescore.Ask{{Item: "none", Rule: exam.Current, Reason: "x"}, {Item: "one", Rule: "worse", Reason: "x"}, {Item: "one", Rule: exam.Current, Reason: " \n"},
		{Item: "one", Rule: exam.Current, Reason: strings.Repeat("长", rescore.MaxReason+1)}, {Item: "one", Rule: exam.Current, Reason: "a\x00b"}} {
		if _, err := c.desk.Plan(c.ctx, bad); fault.As(err) == nil {
			t.Errorf("%+v: %v", bad, err)
		}
	}
}

// What levels rest on is part of a plan: where a cycle closed since, or another model is in force, levels may move that no line lists. It is planned again then. That somebody touched has handed in
// something else moves their level of today with or without it, and in working hours somebody always has.
func TestApplyHoldsToWhatLevelsRestOn(t *testing.T) {
	q3 := org.Quarter(noon.AddDate(0, -3, 0), time.UTC)
	otherModel := func(f fstest.MapFS) {
		f["model.yaml"] = &fstest.MapFile{Data: []byte(strings.Replace(string(f["model.yaml"].Data), "version: 1.0.0", "version: 2.0.0", 1))}
	}
	freeze := func(c *centre, id string) profile.Snapshot {
		who := c.agents[slices.IndexFunc(c.agents, func(p org.Person) bool { return p.ID == id })]
		e, err := c.st.EvidenceOf(c.ctx, c.viewer(who), id)
		c.ok(err)
		x := profile.Of(c.defs.Current().Model, c.desk.Rules, e, q3.To, profile.Options{Role: "agent"})
		return x.Freeze(q3.ID)
	}
	for name, x := range map[string]struct {
		move    func(c *centre)
		holds   bool
		revises bool // a closed cycle
	}{
		"nothing": {func(*centre) {}, true, false},
		"a cycle closes": {func(c *centre) {
			id := c.agents[0].ID
			c.ok(c.st.CloseCycle(c.ctx, q3.ID, noon, map[string]profile.Snapshot{id: freeze(c, id)}, c.ground()))
		}, false, true},
		"a cycle closes without anybody": {func(c *centre) { c.ok(c.st.CloseCycle(c.ctx, q3.ID, noon, nil, c.ground())) }, false, false},
		"evidence of somebody touched": {func(c *centre) {
			c.defs.offer(library(t, corrected(), formWithoutOne))
			c.sit(c.agents[0], c.assign(), answers{"two": `{"choice":"d"}`})
			c.defs.offer(library(t, corrected()))
		}, true, false},
		"evidence of somebody else": {func(c *centre) {
			c.defs.offer(library(t, corrected(), formWithoutOne))
			c.sit(c.agents[1], c.assign(), answers{"two": `{"choice":"d"}`})
			c.defs.offer(library(t, corrected()))
		}, true, false},
		"another model": {func(c *centre) { c.defs.offer(library(t, corrected(), otherModel)) }, false, false},
	} {
		t.Run(name, func(t *testing.T) {
			c := newCentre(t, 2)
			c.desk.Rules = profile.DefaultRules()
			c.desk.Rules.MinUnits, c.desk.Rules.MinItems = 0.2, 1 // one item is enough for a level
			c.clock = q3.From.AddDate(0, 0, 9)
			c.sit(c.agents[0], c.assign(), pick("a"))
			c.clock = noon
			c.defs.offer(library(t, corrected()))
			r := c.plan(exam.Current)
			before := c.dump()
			x.move(c)
			err := c.desk.Apply(c.ctx, r.ID, r.Digest, store.AuditEntry{})
			if f := fault.As(err); x.holds != (err == nil) || f != nil && (f.Key != "rescore.moved" || f.Kind != fault.Conflict) {
				t.Fatal(err)
			}
			if !x.holds {
				for sitting, was := range before {
					if now := c.dump()[sitting]; !cmp.Equal(was, now) {
						t.Error(cmp.Diff(was, now))
					}
				}
				r = c.plan(exam.Current)
				c.apply(r)
			} else {
				c.ok(c.desk.Work(c.ctx))
			}
			if got := c.at(r.ID); got.State != store.Applied || got.Done != 1 {
				t.Errorf("%+v", got)
			}
			frozen := 0
			for _, l := range c.lines(r.ID) {
				for _, v := range l.Effects.Levels {
					if v.Cycle == q3.ID && v.Now < v.Was && l.Falls {
						frozen++
					}
				}
			}
			if (frozen > 0) != x.revises {
				t.Errorf("%d levels of the closed cycle are listed", frozen)
			}
		})
	}
}

// A cycle that closes while a plan is being worked out is either in the plan, or makes it one that no longer holds.
func TestACycleClosesBesidePlanning(t *testing.T) {
	for asked := 1; asked <= 3; asked++ { // before the job, the batch and the end
		c := newCentre(t, 1)
		q := org.Quarter(noon.AddDate(0, -3, 0), time.UTC)
		c.sit(c.agents[0], c.assign(), pick("b"))
		c.defs.offer(library(t, corrected()))
		n := 0
		c.desk.Hold = func(context.Context) (bool, error) {
			if n++; n == asked {
				c.ok(c.st.CloseCycle(c.ctx, q.ID, noon, nil, c.ground()))
			}
			return true, nil
		}
		r := c.plan(exam.Current)
		c.desk.Hold = nil
		f := fault.As(c.desk.Apply(c.ctx, r.ID, r.Digest, store.AuditEntry{}))
		if inPlan := asked == 1; inPlan != (f == nil) || f != nil && f.Key != "rescore.moved" {
			t.Errorf("closed at step %d: %v", asked, f)
		}
	}
}

// Nor does a cycle close between the look at what a plan rests on and the beginning of the work.
func TestACycleClosesBeforeTheWorkBegins(t *testing.T) {
	c := newCentre(t, 1)
	q := org.Quarter(noon.AddDate(0, -3, 0), time.UTC)
	c.sit(c.agents[0], c.assign(), pick("b"))
	c.defs.offer(library(t, corrected()))
	r, on := c.plan(exam.Current), c.ground()
	c.ok(c.st.CloseCycle(c.ctx, q.ID, noon, nil, on))
	if f := fault.As(c.st.StartRescoring(c.ctx, r.ID, on, store.AuditEntry{})); f == nil || f.Key != "rescore.moved" || f.Kind != fault.Conflict {
		t.Error(f)
	}
	c.ok(c.st.StartRescoring(c.ctx, r.ID, c.ground(), store.AuditEntry{}))
}

// formWithoutOne is the form without the item that is corrected.
func formWithoutOne(f fstest.MapFS) {
	f["form.yaml"] = &fstest.MapFile{Data: []byte(strings.NewReplacer("version: 1\n", "version: 2\n", "n: 3", "n: 2").Replace(form))}
	f["one.yaml"] = &fstest.MapFile{Data: []byte(strings.Replace(corrected(), "use: [cycle]", "use: [practice]", 1))}
}

// A sat version never changes: a corrected key is a new version, or the library is not taken.
func TestCorrectedKeyIsANewVersion(t *testing.T) {
	c := newCentre(t, 1)
	c.sit(c.agents[0], c.assign(), pick("a"))
	known, err := c.st.Known(c.ctx)
	c.ok(err)
	it, _ := c.defs.Current().Item("one")
	if known["one v1"] != it.Hash {
		t.Fatalf("%v", known)
	}
	for version, refused := range map[int]bool{1: true, 2: false} {
		_, report := assessment.Load(oneFile(choice("one", version, "b", measures)), library(t, asSat()).Model, known)
		got := slices.ContainsFunc(report, func(f assessment.Finding) bool { return f.Key == "define.version_changed" })
		if got != refused {
			t.Errorf("version %d: %v", version, report)
		}
	}
}

// An answer that the newest version cannot read is listed, and left as it was.
func TestUnreadableIsLeft(t *testing.T) {
	c := newCentre(t, 2)
	as := c.assign()
	a, b := c.sit(c.agents[0], as, pick("c")), c.sit(c.agents[1], as, pick("b"))
	before := c.standing(c.agents[0], a)
	c.defs.offer(library(t, strings.Replace(corrected(), "id: c,", "id: e,", 1)))
	for _, rule := range []exam.Rule{exam.Better, exam.Current} {
		r := c.plan(rule)
		lines := c.lines(r.ID)
		if len(lines) != 2 || r.Counts.Left != 1 || r.Counts.Changed != 1 {
			t.Fatalf("%s: %+v %+v", rule, r.Counts, lines)
		}
		for _, l := range lines {
			if (l.Sitting == a) != (l.Left == exam.LeftUnreadable) || (l.Sitting == b) != (l.Left == "") {
				t.Errorf("%+v", l)
			}
		}
		if rule == exam.Current {
			c.apply(r)
		}
	}
	if diff := cmp.Diff(before, c.standing(c.agents[0], a)); diff != "" {
		t.Error(diff)
	}
	if got := c.standing(c.agents[1], b); got.Score != 100 {
		t.Error(got)
	}
}

// Cancelled between two batches, every sitting is wholly old or wholly new; what was written can be taken back.
func TestCancelInTheMiddle(t *testing.T) {
	c := newCentre(t, 9)
	as := c.assign()
	for i, p := range c.agents {
		c.sit(p, as, pick([]string{"a", "b", "d"}[i%3]))
	}
	c.defs.offer(library(t, corrected()))
	before := c.dump()
	r := c.plan(exam.Current)
	whole := c.wholly(r)
	c.desk.Batch = 2
	asked := 0
	c.desk.Hold = func(context.Context) (bool, error) {
		if asked++; asked == 4 { // before the job, and before each batch
			c.ok(c.desk.Cancel(c.ctx, r.ID, store.AuditEntry{Actor: c.admin.ID}))
		}
		return true, nil
	}
	c.apply(r)
	c.desk.Hold = nil
	got := c.at(r.ID)
	if got.State != store.Cancelled || got.Done != 4 || got.Total != 9 {
		t.Fatalf("%+v", got)
	}
	old, fresh := whole(before)
	if old != 5 || fresh != 4 {
		t.Errorf("%d old, %d new", old, fresh)
	}
	c.audited("rescore.apply", "rescore.cancel")
	c.undo(r)
	if diff := cmp.Diff(before, c.dump()); diff != "" {
		t.Error(diff)
	}
}

// wholly counts the sittings of a plan that are as they were and as they become, and fails on any that is neither.
func (c *centre) wholly(r store.Rescoring) func(before map[string]standing) (old, fresh int) {
	lines := c.lines(r.ID)
	return func(before map[string]standing) (old, fresh int) {
		c.t.Helper()
		for key, now := range c.dump() {
			i := slices.IndexFunc(lines, func(l store.RescoringLine) bool { return strings.HasSuffix(key, l.Sitting) })
			l := lines[i]
			x := now.Evidence["one AIC.1"]
			switch {
			case cmp.Equal(now, before[key]):
				old++
			case now.Score == l.Becomes && strings.HasPrefix(x, fmt.Sprintf("%g 1 2 ", 100*l.PlaceBecomes)) && now.Evidence["one AIC.2"] == "":
				fresh++
			default:
				c.t.Errorf("%s is neither old nor new: %+v", key, now)
			}
		}
		return old, fresh
	}
}

// A server that goes in the middle leaves the rest to the next start, which does each sitting once.
func TestGoesOnAfterACrash(t *testing.T) {
	for _, state := range []store.RescoringState{store.Planning, store.Applying, store.Undoing} {
		t.Run(string(state), func(t *testing.T) {
			c := newCentre(t, 9)
			as := c.assign()
			for _, p := range c.agents {
				c.sit(p, as, pick("b"))
			}
			c.defs.offer(library(t, corrected()))
			before := c.dump()
			gone := errors.New("gone")
			crash := func(do func() error) {
				asked := 0
				c.desk.Batch = 2
				c.desk.Hold = func(context.Context) (bool, error) {
					if asked++; asked == 4 {
						return false, gone
					}
					return true, nil
				}
				if err := do(); !errors.Is(err, gone) {
					t.Fatal(err)
				}
				c.open() // the old store is not even closed
			}
			id := ""
			work := func() error { return c.desk.Work(c.ctx) }
			step := func(s store.RescoringState, ask func()) {
				ask()
				if s == state {
					crash(work)
				}
				c.ok(work())
			}
			step(store.Planning, func() {
				r, err := c.desk.Plan(c.ctx, rescore.Ask{Item: "one", Rule: exam.Current, Reason: "x", By: store.AuditEntry{Actor: c.admin.ID}})
				c.ok(err)
				id = r.ID
			})
			if n := len(c.lines(id)); n != 9 {
				t.Fatalf("%d lines", n)
			}
			step(store.Applying, func() { c.ok(c.desk.Apply(c.ctx, id, c.at(id).Digest, store.AuditEntry{})) })
			for _, s := range c.dump() {
				if s.Score != 100 {
					t.Fatalf("%+v", s)
				}
			}
			step(store.Undoing, func() { c.ok(c.desk.Undo(c.ctx, id, store.AuditEntry{})) })
			if diff := cmp.Diff(before, c.dump()); diff != "" {
				t.Error(diff)
			}
			for id, hashes := range c.results() {
				if len(hashes) != 3 {
					t.Errorf("%s has %d revisions", id, len(hashes))
				}
			}
		})
	}
}

// Taking back that was given up is asked for again: only what is left counts, and in the end all is as it was.
func TestUndoIsAskedForAgain(t *testing.T) {
	c := newCentre(t, 5)
	as := c.assign()
	for _, p := range c.agents {
		c.sit(p, as, pick("b"))
	}
	c.defs.offer(library(t, corrected()))
	before := c.dump()
	r := c.plan(exam.Current)
	c.apply(r)
	c.ok(c.desk.Undo(c.ctx, r.ID, store.AuditEntry{}))
	asked := 0
	c.desk.Batch = 2
	c.desk.Hold = func(context.Context) (bool, error) {
		if asked++; asked == 3 { // before the job, and before each batch
			c.ok(c.st.FailRescoring(c.ctx, c.at(r.ID)))
		}
		return true, nil
	}
	c.ok(c.desk.Work(c.ctx))
	if got := c.at(r.ID); got.State != store.Failed || got.Done != 2 {
		t.Fatalf("%+v", got)
	}
	c.desk.Hold = nil
	c.undo(r)
	if got := c.at(r.ID); got.State != store.Undone || got.Total != 3 || got.Done != 3 {
		t.Errorf("%+v", got)
	}
	if diff := cmp.Diff(before, c.dump()); diff != "" {
		t.Error(diff)
	}
}

// A planner that another took the work from ends no plan: neither at its last step, nor where the lines are not its own.
func TestStalledPlannerEndsNothing(t *testing.T) {
	c := newCentre(t, 2)
	as := c.assign()
	for _, p := range c.agents {
		c.sit(p, as, pick("b"))
	}
	c.defs.offer(library(t, corrected()))
	ask, err := c.desk.Plan(c.ctx, rescore.Ask{Item: "one", Rule: exam.Current, Reason: "x", By: store.AuditEntry{Actor: c.admin.ID}})
	c.ok(err)
	asked := 0
	c.desk.Hold = func(context.Context) (bool, error) { asked++; return asked < 3, nil } // before the job, the batch and the end
	c.ok(c.desk.Work(c.ctx))
	if got := c.at(ask.ID); got.State != store.Planning || got.Done != 2 {
		t.Fatalf("%+v", got)
	}
	if err := c.st.EndPlan(c.ctx, ask.ID, 3, store.RescoringCounts{}, "x"); !errors.Is(err, store.Stopped) {
		t.Error(err)
	}
	c.desk.Hold = nil
	c.ok(c.desk.Work(c.ctx))
	if got := c.at(ask.ID); got.State != store.Planned || len(c.lines(ask.ID)) != 2 {
		t.Errorf("%+v", got)
	}
}

// A cycle is not closed beside a rescoring, nor on records that one has taken away since the profiles were made.
func TestNoCycleClosesOnWhatMoves(t *testing.T) {
	c := newCentre(t, 1)
	who := c.agents[0]
	c.sit(who, c.assign(), pick("b"))
	q := org.Quarter(noon, time.UTC)
	frozen := func() map[string]profile.Snapshot {
		e, err := c.st.EvidenceOf(c.ctx, c.viewer(who), who.ID)
		c.ok(err)
		x := profile.Of(c.defs.Current().Model, profile.DefaultRules(), e, q.To, profile.Options{Role: "agent"})
		return map[string]profile.Snapshot{who.ID: x.Freeze(q.ID)}
	}
	refuses := func(s map[string]profile.Snapshot) {
		t.Helper()
		if f := fault.As(c.st.CloseCycle(c.ctx, q.ID, q.To, s, c.ground())); f == nil || f.Key != "store.cycle_moving" || f.Kind != fault.Conflict {
			t.Errorf("%v", f)
		}
	}
	c.defs.offer(library(t, corrected()))
	old := frozen()
	r := c.plan(exam.Current)
	c.ok(c.desk.Apply(c.ctx, r.ID, r.Digest, store.AuditEntry{}))
	refuses(old)
	c.ok(c.desk.Work(c.ctx))
	refuses(old)
	c.ok(c.desk.Undo(c.ctx, r.ID, store.AuditEntry{}))
	refuses(frozen())
	c.ok(c.desk.Work(c.ctx))
	c.ok(c.st.CloseCycle(c.ctx, q.ID, q.To, frozen(), c.ground()))
}

// What a snapshot follows is part of it: a rescoring that revises nothing but the cycle before, wholly between the reading and the closing, has the cycle read anew.
func TestNoCycleClosesBehindOneThatMoved(t *testing.T) {
	c := newCentre(t, 1)
	who := c.agents[0]
	c.desk.Rules = profile.DefaultRules()
	c.desk.Rules.Cutoff = 100 // days: what was sat early in one cycle is too old at the end of the next
	q3, q4 := org.Quarter(noon.AddDate(0, -3, 0), time.UTC), org.Quarter(noon, time.UTC)
	read := func(q org.Cycle, previous *profile.Snapshot) map[string]profile.Snapshot {
		t.Helper()
		e, err := c.st.EvidenceOf(c.ctx, c.viewer(who), who.ID)
		c.ok(err)
		x := profile.Of(c.defs.Current().Model, c.desk.Rules, e, q.To, profile.Options{Role: "agent", Previous: previous})
		return map[string]profile.Snapshot{who.ID: x.Freeze(q.ID)}
	}
	before := func() *profile.Snapshot {
		t.Helper()
		found, err := c.st.Snapshots(c.ctx, q3.ID, []string{who.ID})
		c.ok(err)
		s := found[who.ID]
		return &s
	}
	c.clock = q3.From.AddDate(0, 0, 9)
	c.sit(who, c.assign(), pick("b"))
	c.ok(c.st.CloseCycle(c.ctx, q3.ID, q3.To, read(q3, nil), c.ground()))
	c.clock = noon
	c.defs.offer(library(t, corrected()))
	c.sit(who, c.assign(), pick("b")) // with the corrected key: it stays as it is
	on, was := c.ground(), before()
	snaps := read(q4, was)
	c.apply(c.plan(exam.Current))
	if before().Revision != was.Revision+1 {
		t.Fatal("the cycle before was not revised")
	}
	if f := fault.As(c.st.CloseCycle(c.ctx, q4.ID, q4.To, snaps, on)); f == nil || f.Key != "store.cycle_moving" || f.Kind != fault.Conflict {
		t.Error(f)
	}
	on = c.ground()
	c.ok(c.st.CloseCycle(c.ctx, q4.ID, q4.To, read(q4, before()), on))
}

// What others than the key say of an item in a sitting, as a rater does, a rescoring leaves as it is.
func TestOtherSourcesStay(t *testing.T) {
	c := newCentre(t, 1)
	who := c.agents[0]
	id := c.begin(who, c.assign(), pick("b"))
	_, err := c.st.UpdateSitting(c.ctx, c.viewer(who), id, func(x *exam.Sitting) ([]profile.Evidence, error) {
		e, err := x.Submit("", bank{c.defs}, c.clock)
		for _, r := range e {
			if r.ItemID == "one" {
				r.ID, r.Source = r.ID+"-rated", profile.Rater
				e = append(e, r)
			}
		}
		return e, err
	})
	c.ok(err)
	rated := func() (live, void int) {
		t.Helper()
		all, err := c.st.EvidenceOf(c.ctx, c.viewer(who), who.ID)
		c.ok(err)
		for _, e := range all {
			switch {
			case e.Source == profile.Rater && e.Void:
				t.Errorf("%+v", e)
			case e.Source == profile.Rater:
				live++
			case e.Void:
				void++
			}
		}
		return live, void
	}
	c.defs.offer(library(t, corrected()))
	r := c.plan(exam.Current)
	c.apply(r)
	if live, void := rated(); live != 2 || void != 2 {
		t.Error(live, void)
	}
	c.undo(r)
	if live, void := rated(); live != 2 || void != 3 {
		t.Error(live, void)
	}
}

// A closed cycle's snapshots get a new revision with the reason where they rest on what changed, and where they follow one that did; others never move.
func TestClosedCyclesGetARevision(t *testing.T) {
	c := newCentre(t, 3)
	sat := func(at time.Time, given ...answers) {
		c.clock = at
		as := c.assign()
		for i, g := range given {
			if g != nil {
				c.sit(c.agents[i], as, g)
			}
		}
	}
	closeCycle := func(at time.Time) string {
		q := org.Quarter(at, time.UTC)
		snaps := map[string]profile.Snapshot{}
		for _, p := range c.agents {
			e, err := c.st.EvidenceOf(c.ctx, c.viewer(p), p.ID)
			c.ok(err)
			x := profile.Of(c.defs.Current().Model, profile.DefaultRules(), e, q.To, profile.Options{Role: "agent"})
			snaps[p.ID] = x.Freeze(q.ID)
		}
		c.ok(c.st.CloseCycle(c.ctx, q.ID, q.To, snaps, c.ground()))
		return q.ID
	}
	q2, q3 := noon.AddDate(0, -6, 0), noon.AddDate(0, -3, 0)
	sat(q2, nil, pick("b"))
	early := closeCycle(q2)
	sat(q3, pick("b"), nil, answers{"two": `{"choice":"b"}`})
	late := closeCycle(q3)
	c.clock = noon
	c.defs.offer(library(t, corrected()))
	snaps := func(cycle string) map[string]profile.Snapshot {
		t.Helper()
		var ids []string
		for _, p := range c.agents {
			ids = append(ids, p.ID)
		}
		s, err := c.st.Snapshots(c.ctx, cycle, ids)
		c.ok(err)
		return s
	}
	wasEarly, wasLate := snaps(early), snaps(late)
	r := c.plan(exam.Current)
	c.apply(r)
	for _, x := range []struct {
		was, now        map[string]profile.Snapshot
		agent, revision int
	}{{wasEarly, snaps(early), 0, 1}, {wasEarly, snaps(early), 1, 2}, {wasEarly, snaps(early), 2, 1}, {wasLate, snaps(late), 0, 2}, {wasLate, snaps(late), 1, 2}, {wasLate, snaps(late), 2, 2}} {
		id := c.agents[x.agent].ID
		now := x.now[id]
		if now.Revision != x.revision || now.Revision == 2 && now.Reason != "答案有误" {
			t.Errorf("agent %d: %+v", x.agent, now)
		}
		if x.revision == 1 && !cmp.Equal(now, x.was[id]) {
			t.Errorf("agent %d: %s", x.agent, cmp.Diff(x.was[id], now))
		}
	}
	was, now := wasLate[c.agents[0].ID], snaps(late)[c.agents[0].ID]
	a, _ := was.Line("AIC.1")
	b, _ := now.Line("AIC.1")
	if a.Units >= b.Units || slices.Equal(was.Evidence, now.Evidence) {
		t.Errorf("%+v\n%+v", a, b)
	}
	c.undo(r)
	for id, s := range snaps(late) {
		s.Revision, s.Reason, s.Evidence = 1, "", wasLate[id].Evidence // the numbers are those of before; the records have new ids
		if diff := cmp.Diff(wasLate[id], s); diff != "" {
			t.Error(diff)
		}
	}
}

// Taking back gives a closed cycle the numbers it had, though it was frozen on a model that is no longer in force and cannot be made anew: all snapshots that the rescoring revised, and only those.
// The records that it names are the ones that stand. Where another rescoring came later, its marks must not go as well: then only taking back that one too gives what was.
func TestUndoAfterAnotherModel(t *testing.T) {
	two := func(f fstest.MapFS) {
		f["two.yaml"] = &fstest.MapFile{Data: []byte(choice("two", 2, "c", "{sub: AIC.2, w: 1}"))}
	}
	otherModel := func(f fstest.MapFS) {
		f["model.yaml"] = &fstest.MapFile{Data: []byte(strings.Replace(string(f["model.yaml"].Data), "version: 1.0.0", "version: 2.0.0", 1))}
	}
	for name, both := range map[string]bool{"alone": false, "with a later one": true} {
		t.Run(name, func(t *testing.T) {
			c := newCentre(t, 2)
			c.desk.Rules = profile.DefaultRules()
			c.desk.Rules.MinUnits, c.desk.Rules.MinItems = 0.2, 1 // one item is enough for a score
			q3 := org.Quarter(noon.AddDate(0, -3, 0), time.UTC)
			c.clock = q3.From.AddDate(0, 0, 9)
			as := c.assign()
			c.sit(c.agents[0], as, pick("b"))
			c.defs.offer(library(t, choice("one", 2, "b", measures)))
			c.sit(c.agents[1], as, pick("b")) // with the corrected key
			frozen, ids := map[string]profile.Snapshot{}, []string{}
			for _, p := range c.agents {
				e, err := c.st.EvidenceOf(c.ctx, c.viewer(p), p.ID)
				c.ok(err)
				x := profile.Of(c.defs.Current().Model, c.desk.Rules, e, q3.To, profile.Options{Role: "agent"})
				frozen[p.ID], ids = x.Freeze(q3.ID), append(ids, p.ID)
			}
			c.ok(c.st.CloseCycle(c.ctx, q3.ID, q3.To, frozen, c.ground()))
			c.clock = noon
			snaps := func() map[string]profile.Snapshot {
				t.Helper()
				s, err := c.st.Snapshots(c.ctx, q3.ID, ids)
				c.ok(err)
				return s
			}
			who, other := c.agents[0], c.agents[1]
			c.defs.offer(library(t, choice("one", 2, "b", measures), two))
			first := c.plan(exam.Better)
			c.apply(first)
			if s := snaps(); s[who.ID].Revision != 2 || cmp.Equal(s[who.ID].Subs, frozen[who.ID].Subs) {
				t.Fatal(s[who.ID].Revision, "the numbers are the same")
			}
			last, revision := first, map[string]int{who.ID: 3, other.ID: 1}
			if both {
				last, revision = c.planOf("two", exam.Current), map[string]int{who.ID: 4, other.ID: 3}
				c.apply(last)
			}
			c.defs.offer(library(t, choice("one", 2, "b", measures), two, otherModel))
			before := snaps()
			if both {
				c.undo(first)
				if diff := cmp.Diff(before, snaps()); diff != "" {
					t.Errorf("what a later rescoring revised was changed: %s", diff)
				}
			}
			c.undo(last)
			now := snaps()
			for _, id := range ids {
				if now[id].Revision != revision[id] || (now[id].Reason == "") != (revision[id] == 1) {
					t.Errorf("revision %d, want %d, %s", now[id].Revision, revision[id], now[id].Reason)
				}
				got, want := now[id], frozen[id]
				if len(got.Evidence) != len(want.Evidence) {
					t.Errorf("%d records, want %d", len(got.Evidence), len(want.Evidence))
				}
				for _, record := range got.Evidence {
					if e, err := c.st.EvidenceByID(c.ctx, c.viewer(c.agents[slices.Index(ids, id)]), record); err != nil || e.Void {
						t.Error(record, e.Void, err)
					}
				}
				got.Revision, got.Reason, got.Evidence = 1, "", want.Evidence
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("taken back: %s", diff)
				}
			}
		})
	}
}

// A rescoring that was in force when the cycle closed, and was taken back later, is in no revision that another one goes back to.
func TestUndoBehindOneFromBeforeTheClose(t *testing.T) {
	two := func(f fstest.MapFS) {
		f["two.yaml"] = &fstest.MapFile{Data: []byte(choice("two", 2, "c", "{sub: AIC.2, w: 1}"))}
	}
	c := newCentre(t, 1)
	c.desk.Rules = profile.DefaultRules()
	c.desk.Rules.MinUnits, c.desk.Rules.MinItems = 0.2, 1
	who, q3 := c.agents[0], org.Quarter(noon.AddDate(0, -3, 0), time.UTC)
	c.clock = q3.From.AddDate(0, 0, 9)
	c.sit(who, c.assign(), pick("b"))
	c.defs.offer(library(t, choice("one", 2, "b", measures), two))
	freeze := func() profile.Snapshot {
		t.Helper()
		e, err := c.st.EvidenceOf(c.ctx, c.viewer(who), who.ID)
		c.ok(err)
		x := profile.Of(c.defs.Current().Model, c.desk.Rules, e, q3.To, profile.Options{Role: "agent"})
		return x.Freeze(q3.ID)
	}
	never := freeze()
	before := c.plan(exam.Current)
	c.apply(before)
	first := freeze()
	c.ok(c.st.CloseCycle(c.ctx, q3.ID, q3.To, map[string]profile.Snapshot{who.ID: first}, c.ground()))
	c.clock = noon
	behind := c.planOf("two", exam.Current)
	c.apply(behind)
	c.undo(before)
	c.undo(behind)
	got, err := c.st.Snapshots(c.ctx, q3.ID, []string{who.ID})
	c.ok(err)
	if diff := cmp.Diff(never.Subs, got[who.ID].Subs); diff != "" || cmp.Equal(first.Subs, never.Subs) || got[who.ID].Revision != 4 {
		t.Errorf("both were taken back, revision %d: %s", got[who.ID].Revision, diff)
	}
}

// A person's sittings are written together, whatever the size of a batch: each snapshot has one revision of a rescoring, and one of taking it back.
func TestAPersonIsNotSplit(t *testing.T) {
	c := newCentre(t, 1)
	who := c.agents[0]
	q3 := org.Quarter(noon.AddDate(0, -3, 0), time.UTC)
	for days := range 3 {
		c.clock = q3.From.AddDate(0, 0, 9+days)
		c.sit(who, c.assign(), pick("b"))
	}
	e, err := c.st.EvidenceOf(c.ctx, c.viewer(who), who.ID)
	c.ok(err)
	x := profile.Of(c.defs.Current().Model, profile.DefaultRules(), e, q3.To, profile.Options{Role: "agent"})
	c.ok(c.st.CloseCycle(c.ctx, q3.ID, q3.To, map[string]profile.Snapshot{who.ID: x.Freeze(q3.ID)}, c.ground()))
	c.clock = noon
	c.defs.offer(library(t, corrected()))
	c.desk.Batch = 2
	r := c.plan(exam.Current)
	for want, do := range []func(store.Rescoring){2: c.apply, 3: c.undo} {
		if do == nil {
			continue
		}
		do(r)
		s, err := c.st.Snapshots(c.ctx, q3.ID, []string{who.ID})
		c.ok(err)
		if got := c.at(r.ID); s[who.ID].Revision != want || got.Done != 3 {
			t.Errorf("revision %d, want %d: %+v", s[who.ID].Revision, want, got)
		}
	}
}

// levels are everybody's levels of today, by person and id.
func (c *centre) levels() map[string]map[string]int {
	c.t.Helper()
	out := map[string]map[string]int{}
	for _, p := range c.agents {
		e, err := c.st.EvidenceOf(c.ctx, c.viewer(p), p.ID)
		c.ok(err)
		out[p.ID] = map[string]int{}
		for _, x := range profile.Of(c.defs.Current().Model, c.desk.Rules, e, c.clock, profile.Options{Role: "agent"}).Capabilities {
			out[p.ID][x.ID] = x.Level
			for _, sub := range x.Subs {
				out[p.ID][sub.ID] = sub.Level
			}
		}
	}
	return out
}

// told holds lines against what became of everybody: each score, value of evidence and level that is another one is listed as it was and is, and where it is lower its line falls.
func told(t *rapid.T, lines []store.RescoringLine, was, now map[string]standing, levelsWas, levelsNow map[string]map[string]int) {
	listed, moved := map[string]store.RescoringLine{}, map[string]map[string]exam.LevelChange{}
	for i, l := range lines {
		if l.Falls && i > 0 && !lines[i-1].Falls {
			t.Fatal("a fall stands below what does not fall")
		}
		listed[l.Sitting] = l
		if moved[l.Person] == nil {
			moved[l.Person] = map[string]exam.LevelChange{}
		}
		for _, v := range l.Effects.Levels {
			if moved[l.Person][v.ID] = v; v.Now < v.Was && !l.Falls {
				t.Fatalf("a level falls and its line does not: %+v", l)
			}
		}
	}
	for k, now := range now {
		was := was[k]
		l, known := listed[k[strings.IndexByte(k, ' ')+1:]]
		if !known && !cmp.Equal(was, now) || known && (l.Was != was.Score || l.Becomes != now.Score) {
			t.Fatalf("%s: %+v → %+v, listed %+v", k, was, now, l)
		}
		falls := now.Score < was.Score
		for _, sub := range []string{"AIC.1", "AIC.2", "CPS.1"} {
			a, b := observed(t, was.Evidence["one "+sub]), observed(t, now.Evidence["one "+sub])
			if a == b {
				continue
			}
			falls = falls || b.Y < a.Y || b.N < a.N
			i := slices.IndexFunc(l.Effects.Evidence, func(x exam.EvidenceChange) bool { return x.Sub == sub })
			if i < 0 || value(l.Effects.Evidence[i].Was) != a || value(l.Effects.Evidence[i].Now) != b {
				t.Fatalf("%s: %s %v → %v, listed %+v", k, sub, a, b, l.Effects.Evidence)
			}
		}
		if falls && !l.Falls {
			t.Fatalf("%s falls and is not listed so: %+v → %+v", k, was, now)
		}
	}
	for person, is := range levelsNow {
		for id, level := range is {
			if want := (exam.LevelChange{ID: id, Was: levelsWas[person][id], Now: level}); want.Was != want.Now && moved[person][id] != want {
				t.Fatalf("%+v is not listed: %+v", want, moved[person])
			}
		}
	}
}

// observed reads what standing says of a record; nothing where there is none.
func observed(t *rapid.T, record string) (o exam.Observed) {
	if record != "" {
		if _, err := fmt.Sscan(record, &o.Y, &o.N); err != nil {
			t.Fatal(err)
		}
	}
	return o
}

func value(o *exam.Observed) exam.Observed {
	if o == nil {
		return exam.Observed{}
	}
	return *o
}

// Whatever people answered and whatever the rule: the sums agree, the plan comes true, a fall of a score, a value of evidence or a level is never unlisted, be it by applying or by taking back, and
// taking back gives what was.
func TestApplyThenUndoIsNothing(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		c := newCentre(t, 4)
		c.desk.Rules = profile.DefaultRules()
		c.desk.Rules.MinUnits, c.desk.Rules.MinItems = 0.2, 1 // one item is enough for a level
		as := c.assign()
		for _, p := range c.agents {
			given := answers{}
			for id, raws := range map[string][]string{"one": {"", "a", "b", "c", "d"}, "two": {"", "b", "d"}, "three": {"", "c"}} {
				if o := rapid.SampledFrom(raws).Draw(rt, id); o != "" {
					given[id] = `{"choice":"` + o + `"}`
				}
			}
			c.sit(p, as, given)
		}
		key := rapid.SampledFrom([]string{"a", "b", "c", "d"}).Draw(rt, "key")
		weights := rapid.SampledFrom([]string{measures, "{sub: AIC.1, w: 1}", "{sub: AIC.1, w: 0.5}, {sub: CPS.1, w: 0.5}"}).Draw(rt, "measures")
		c.defs.offer(library(t, choice("one", 2, key, weights)))
		before := c.dump()
		rules := rapid.SliceOfN(rapid.SampledFrom(exam.RescoreRules), 1, 3).Draw(rt, "rules")
		var states []map[string]standing
		var done []store.Rescoring
		for _, rule := range rules {
			states = append(states, c.dump())
			levels := c.levels()
			r := c.plan(rule)
			lines := c.lines(r.ID)
			c.apply(r)
			was, now := states[len(states)-1], c.dump()
			told(rt, lines, was, now, levels, c.levels())
			for k := range now {
				if rule == exam.Better && now[k].Score < was[k].Score && len(states) == 1 {
					rt.Fatalf("%s falls by the better of two", k)
				}
			}
			c.clock = c.clock.Add(time.Minute)
			done = append(done, r)
		}
		for i := len(done) - 1; i >= 0; i-- {
			back, err := c.st.RescoringReturn(c.ctx, done[i].ID)
			c.ok(err)
			lines, err := c.st.ReturnLines(c.ctx, done[i].ID, back.Sittings)
			c.ok(err)
			was, levels := c.dump(), c.levels()
			c.undo(done[i])
			told(rt, lines, was, c.dump(), levels, c.levels())
			c.clock = c.clock.Add(time.Minute)
			if diff := cmp.Diff(states[i], c.dump()); diff != "" {
				rt.Fatal(diff)
			}
		}
		if diff := cmp.Diff(before, c.dump()); diff != "" {
			rt.Fatal(diff)
		}
	})
}
