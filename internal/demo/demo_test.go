package demo_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"leida/assessments"
	"leida/internal/assessment"
	"leida/internal/capability"
	"leida/internal/demo"
	"leida/internal/exam"
	"leida/internal/fault"
	"leida/internal/org"
	"leida/internal/profile"
	"leida/internal/store"
	"leida/internal/text"
)

var (
	shanghai = must(time.LoadLocation("Asia/Shanghai"))
	rules    = profile.DefaultRules()
	library  = sync.OnceValue(func() *assessment.Library { lib, _ := assessment.Load(assessments.FS, nil, nil); return lib })
	midTerm  = time.Date(2026, 11, 23, 10, 30, 0, 0, shanghai)
)

func must[T any](x T, err error) T {
	if err != nil {
		panic(err)
	}
	return x
}

// centre is a demonstration as its pages would show it.
type centre struct {
	t      *testing.T
	ctx    context.Context
	st     *store.Store
	now    time.Time
	config demo.Config
	took   time.Duration
	tree   *org.Tree
}

// fill makes a demonstration in a file of its own.
func fill(t *testing.T, now time.Time, seed uint64) *centre {
	t.Helper()
	c := &centre{t: t, ctx: t.Context(), now: now}
	var err error
	c.st, err = store.Open(c.ctx, store.Config{Path: filepath.Join(t.TempDir(), "demo.db"), Now: func() time.Time { return now }, Rand: rand.Reader, Zone: shanghai})
	c.ok(err)
	t.Cleanup(func() { c.ok(c.st.Close()) })
	c.ok(c.st.Migrate(c.ctx))
	c.config = demo.Config{Store: c.st, Library: library(), Zone: shanghai, Now: now, Seed: seed, PasswordHash: "hash", Close: c.close}
	began := time.Now()
	c.ok(demo.Fill(c.ctx, c.config))
	c.took = time.Since(began)
	c.tree, err = c.st.Tree(c.ctx)
	c.ok(err)
	return c
}

func (c *centre) ok(err error) {
	c.t.Helper()
	if err != nil {
		c.t.Fatal(err)
	}
}

// close does what the page of cycles does; web is above this package.
func (c *centre) close(ctx context.Context, cycle org.Cycle, at time.Time) error {
	on, err := c.st.Ground(ctx)
	c.ok(err)
	tree, err := c.st.Tree(ctx)
	c.ok(err)
	members, err := c.st.Members(ctx, tree.Below(tree.Children("")[0].ID), cycle.To.Add(-time.Second))
	c.ok(err)
	var ids []string
	for _, m := range members {
		ids = append(ids, m.Person.ID)
	}
	evidence, err := c.st.EvidenceOfPeople(ctx, ids)
	c.ok(err)
	before := c.snapshots(cycle.From, ids)
	out := map[string]profile.Snapshot{}
	for _, m := range members {
		p := profile.Of(library().Model, rules, evidence[m.Person.ID], cycle.To, profile.Options{Role: m.Person.JobProfile, Previous: before[m.Person.ID]})
		out[m.Person.ID] = p.Freeze(cycle.ID)
	}
	return c.st.CloseCycle(ctx, cycle.ID, at, out, on)
}

func (c *centre) snapshots(before time.Time, ids []string) map[string]*profile.Snapshot {
	c.t.Helper()
	out := map[string]*profile.Snapshot{}
	cycle, ok, err := c.st.LastClosed(c.ctx, before)
	c.ok(err)
	if ok {
		snaps, err := c.st.Snapshots(c.ctx, cycle.ID, ids)
		c.ok(err)
		for id, s := range snaps {
			out[id] = &s
		}
	}
	return out
}

// report is one member as the pages show them today.
type report struct {
	person  org.Person
	team    org.Team
	profile profile.Profile
	changes []profile.Shift
	records []profile.Evidence
}

func (r report) shown() (n int) {
	for _, c := range r.profile.Capabilities {
		if c.Shown() {
			n++
		}
	}
	return n
}

func (c *centre) reports() []report {
	c.t.Helper()
	root := c.tree.Children("")[0].ID
	members, err := c.st.Members(c.ctx, c.tree.Below(root), c.now)
	c.ok(err)
	var ids []string
	for _, m := range members {
		ids = append(ids, m.Person.ID)
	}
	evidence, err := c.st.EvidenceOfPeople(c.ctx, ids)
	c.ok(err)
	before := c.snapshots(c.now, ids)
	var out []report
	for _, m := range members {
		r := report{person: m.Person, records: evidence[m.Person.ID]}
		r.team, _ = c.tree.Team(m.Team)
		r.profile = profile.Of(library().Model, rules, r.records, c.now, profile.Options{Role: m.Person.JobProfile, Previous: before[m.Person.ID]})
		r.changes = profile.Changes(rules, &r.profile, before[m.Person.ID])
		out = append(out, r)
	}
	return out
}

func (c *centre) teamOf(reports []report, code string) profile.TeamProfile {
	var members []profile.Member
	for _, r := range reports {
		if code == "" || r.team.Code == code {
			members = append(members, profile.Member{Person: r.person.ID, Profile: r.profile, Leaving: r.person.LeavingAt(c.now)})
		}
	}
	return profile.Team(library().Model, rules, members)
}

func (c *centre) person(number string) org.Person {
	c.t.Helper()
	p, _, err := c.st.PersonByLogin(c.ctx, org.Canonical(number))
	c.ok(err)
	return p
}

func (c *centre) viewer(number string) org.Viewer {
	c.t.Helper()
	v, err := c.st.Viewer(c.ctx, c.person(number).ID, "session")
	c.ok(err)
	return v
}

func (c *centre) sittings(person string) []store.SittingSummary {
	c.t.Helper()
	xs, err := c.st.SittingsOf(c.ctx, org.Viewer{Person: org.Person{ID: person}}, person)
	c.ok(err)
	return xs
}

// coverOf is a watched sub-competency's cover today and when those who are leaving have left.
func coverOf(tp profile.TeamProfile, sub string) [2]profile.Cover {
	for _, b := range tp.BusFactors {
		if b.Sub == sub {
			return [2]profile.Cover{b.Cover(), b.CoverLater()}
		}
	}
	return [2]profile.Cover{}
}

var codes = []string{"EAST-SH-1", "EAST-SH-2", "EAST-HZ-1", ""}

// table prints what a manager would see.
func (c *centre) table(reports []report) string {
	var b strings.Builder
	for _, code := range codes {
		tp := c.teamOf(reports, code)
		fmt.Fprintf(&b, "%-10s %2d people, %2d assessed;", code, tp.Headcount, tp.Assessed)
		for _, x := range tp.Capabilities {
			fmt.Fprintf(&b, "  %s %.0f (%.0f-%.0f, n %d, target %.0f, met %.0f%%)", x.ID, x.Median, x.P25, x.P75, x.N, x.Target, 100*x.TargetCoverage)
		}
		b.WriteString("\n           cover:")
		for _, f := range tp.BusFactors {
			fmt.Fprintf(&b, "  %s %d→%d", f.Sub, len(f.Holders), len(f.Staying))
		}
		if w := tp.Weakest; w != nil {
			fmt.Fprintf(&b, "   weakest %s (%d of %d below)", w.Sub, w.Below, w.Judged)
		}
		b.WriteString("\n")
	}
	for _, r := range reports {
		fmt.Fprintf(&b, "%s %-9s %-14s", r.person.Number, r.team.Code, r.person.JobProfile)
		for _, x := range r.profile.Capabilities {
			if x.Shown() {
				fmt.Fprintf(&b, " %s %3.0f±%-2.0f L%d", x.ID, x.Y, rules.Z*x.SE, x.Level)
			} else {
				fmt.Fprintf(&b, " %s %-9.9s ", x.ID, x.Status)
			}
		}
		fmt.Fprintf(&b, " %-10s", r.profile.Fit.Verdict)
		for _, s := range r.changes {
			if s.Direction != profile.Steady {
				fmt.Fprintf(&b, " %s %s %+.0f", s.ID, s.Direction, s.Delta)
			}
		}
		b.WriteString("\n")
	}
	return b.String()
}

// oneIsEnough skips, with -short, what fills further centres: the race detector sees nothing in them that it does not see in the first.
func oneIsEnough(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("fills another centre")
	}
}

// One centre serves all tests that only look.
func TestDemonstration(t *testing.T) {
	c := fill(t, midTerm, 2026)
	for _, x := range []struct {
		name string
		test func(*testing.T, *centre)
	}{
		{"looks alive", looksAlive}, {"history is sound", func(_ *testing.T, c *centre) { c.checkHistory() }}, {"scores are marked", scoresAreMarked},
		{"people who sign in", peopleWhoSignIn}, {"refuses people", refusesPeople},
	} {
		t.Run(x.name, func(t *testing.T) {
			mine := *c
			mine.t, mine.ctx = t, t.Context()
			x.test(t, &mine)
		})
	}
}

func looksAlive(t *testing.T, c *centre) {
	reports := c.reports()
	t.Logf("made in %v\n%s", c.took.Round(time.Millisecond), c.table(reports))

	if n := len(reports); n < 36 || n > 42 {
		t.Errorf("%d agents", n)
	}
	threeAxes, none, gaps, levels, ups, downs, met := 0, 0, 0, map[int]int{}, 0, 0, 0
	for _, r := range reports {
		if r.shown() >= 3 {
			threeAxes++
		}
		if r.profile.Fit.Verdict == profile.Met {
			met++
		}
		if len(r.records) == 0 {
			none++
		} else if r.shown() < len(r.profile.Capabilities) {
			gaps++
		}
		for _, x := range r.profile.Capabilities {
			if x.Shown() {
				levels[x.Level]++
			}
		}
		for _, s := range r.changes {
			_, isCapability := r.profile.Capability(s.ID)
			switch {
			case !isCapability:
			case s.Direction == profile.Up:
				ups++
			case s.Direction == profile.Down:
				downs++
			}
		}
	}
	t.Logf("%d with three axes, %d without evidence, %d with a gap, levels %v, up %d, down %d", threeAxes, none, gaps, levels, ups, downs)
	if threeAxes < 30 || none < 1 || gaps < 2 {
		t.Errorf("%d with three axes, %d without evidence, %d with a gap", threeAxes, none, gaps)
	}
	if len(levels) < 4 {
		t.Errorf("levels %v", levels)
	}
	if ups < 3 || downs < 2 || ups <= downs {
		t.Errorf("%d changes up, %d down", ups, downs)
	}
	if met < 3 || met > 15 {
		t.Errorf("%d meet their job profile", met)
	}
	covers := map[profile.Cover]int{}
	for _, code := range codes {
		tp := c.teamOf(reports, code)
		for _, x := range tp.Capabilities {
			if x.Median < 45 || x.Median > 85 {
				t.Errorf("%s: %s has a median of %.0f", code, x.ID, x.Median)
			}
		}
		for _, b := range tp.BusFactors {
			if code != "" {
				covers[b.Cover()]++
			}
		}
	}
	for _, want := range []profile.Cover{profile.Nobody, profile.Single, profile.Backed} {
		if covers[want] == 0 {
			t.Errorf("no watched sub-competency has the cover %s: %v", want, covers)
		}
	}
}

// What the demonstration is to show holds on any day, also on the first of a quarter, and with other seeds.
func TestCentreOnOtherDays(t *testing.T) {
	oneIsEnough(t)
	days := []struct {
		now  time.Time
		seed uint64
	}{
		{time.Date(2028, 2, 29, 12, 0, 0, 0, shanghai), 11},
		{time.Date(2027, 1, 1, 0, 0, 30, 0, shanghai), 2026},
		{time.Date(2027, 1, 14, 23, 50, 0, 0, shanghai), 2026},
	}
	for _, d := range days {
		t.Run(fmt.Sprintf("%s seed %d", d.now.Format(time.DateOnly), d.seed), func(t *testing.T) {
			c := fill(t, d.now, d.seed)
			reports := c.reports()
			t.Logf("\n%s", strings.Join(strings.SplitAfter(c.table(reports), "\n")[:8], ""))
			three, moved := 0, 0
			for _, r := range reports {
				if r.shown() >= 3 {
					three++
				}
				if slices.ContainsFunc(r.changes, func(s profile.Shift) bool { return s.Direction != profile.Steady }) {
					moved++
				}
			}
			if three < 30 || moved < 2 {
				t.Errorf("%d with three axes, %d with a change", three, moved)
			}
			if got := coverOf(c.teamOf(reports, "EAST-SH-1"), "EMP.4"); got != [2]profile.Cover{profile.Nobody, profile.Nobody} {
				t.Errorf("EAST-SH-1: EMP.4 has the cover %v", got)
			}
			if got := coverOf(c.teamOf(reports, "EAST-SH-2"), "CPS.3"); got != [2]profile.Cover{profile.Single, profile.Nobody} {
				t.Errorf("EAST-SH-2: CPS.3 has the cover %v", got)
			}
			c.checkHistory()
		})
	}
}

// checkHistory holds what must be true of any history that really happened.
func (c *centre) checkHistory() {
	t := c.t
	t.Helper()
	today := time.Date(c.now.Year(), c.now.Month(), c.now.Day(), 0, 0, 0, 0, shanghai)
	open, auto, total, records := 0, 0, 0, 0
	ids := map[string]bool{}
	for _, r := range c.reports() {
		mine := map[string]store.SittingSummary{}
		var ends time.Time
		for _, x := range slices.Backward(c.sittings(r.person.ID)) { // the oldest first
			total++
			mine[x.ID] = x
			local := x.StartedAt.In(shanghai)
			switch {
			case x.State == exam.Live:
				open++
				if !x.Deadline.After(c.now) || x.StartedAt.After(c.now) || x.Answered == 0 || x.Answered == x.Length {
					t.Errorf("%s: sitting %s is open since %v until %v with %d of %d answers", r.person.Number, x.ID, x.StartedAt, x.Deadline, x.Answered, x.Length)
				}
				continue
			case !x.SubmittedAt.Before(today) || !x.SubmittedAt.After(x.StartedAt) || x.SubmittedAt.After(x.Deadline):
				t.Errorf("%s: sitting %s from %v to %v, deadline %v", r.person.Number, x.ID, x.StartedAt, x.SubmittedAt, x.Deadline)
			case local.Hour() < 9 || local.Hour() > 19:
				t.Errorf("%s: sitting %s began at %v", r.person.Number, x.ID, local)
			case x.StartedAt.Before(ends) || x.StartedAt.Before(r.person.ActiveFrom):
				t.Errorf("%s: sitting %s began at %v, too early", r.person.Number, x.ID, local)
			}
			ends = x.SubmittedAt
			if x.Auto {
				auto++
			} else if x.Answered < x.Length {
				t.Errorf("%s: sitting %s was handed in with %d of %d answers", r.person.Number, x.ID, x.Answered, x.Length)
			}
		}
		for _, e := range r.records {
			records++
			x, ok := mine[e.SittingID]
			if !ok || !e.At.Equal(x.SubmittedAt) || e.Source != profile.Quiz || ids[e.ID] || len(e.Validate()) > 0 {
				t.Errorf("%s: evidence %+v", r.person.Number, e)
			}
			ids[e.ID] = true
		}
	}
	if open != 1 || auto == 0 || auto > total/8 {
		t.Errorf("%d sittings: %d open, %d ran out of time", total, open, auto)
	}
	due, err := c.st.DueSittings(c.ctx, c.now, 10)
	c.ok(err)
	if len(due) > 0 {
		t.Errorf("left open in the past: %v", due)
	}
	audit, err := c.st.VerifyAudit(c.ctx)
	c.ok(err)
	if audit.Broken != 0 || audit.Rows < int64(total-auto) {
		t.Errorf("audit %+v", audit)
	}
	t.Logf("%d sittings, %d ran out of time, %d records, %d lines of audit", total, auto, records, audit.Rows)
}

// The marks are those that marking the kept answers again gives.
func scoresAreMarked(t *testing.T, c *centre) {
	n := 0
	for _, r := range c.reports() {
		kept := map[string]float64{}
		for _, e := range r.records {
			kept[e.ID] = e.Y
		}
		v := org.Viewer{Person: r.person}
		for _, s := range c.sittings(r.person.ID) {
			if s.State != exam.Submitted {
				continue
			}
			x, err := c.st.Sitting(c.ctx, v, s.ID)
			c.ok(err)
			marks, err := x.Mark(library())
			c.ok(err)
			for i, m := range marks {
				if m.Result.Score != x.Slots[i].Score {
					t.Errorf("%s: place %d of %s is kept as %g and worth %g", r.person.Number, i+1, x.ID, x.Slots[i].Score, m.Result.Score)
				}
			}
			result, err := x.Freeze(library())
			c.ok(err)
			for _, e := range result.AllEvidence() {
				n++
				if y, ok := kept[e.ID]; !ok || y != e.Y {
					t.Errorf("%s: evidence %s says %g, its answer is worth %g", r.person.Number, e.ID, y, e.Y)
				}
			}
		}
		if len(kept) > 0 && n == 0 {
			t.Error("nothing to compare")
		}
	}
}

func TestSameSeedSameCentre(t *testing.T) {
	oneIsEnough(t)
	a, b := fill(t, midTerm, 5), fill(t, midTerm, 5)
	profiles := func(c *centre) map[string]profile.Profile {
		out := map[string]profile.Profile{}
		for _, r := range c.reports() {
			out[r.person.ID] = r.profile
		}
		return out
	}
	if diff := gocmp.Diff(profiles(a), profiles(b)); diff != "" {
		t.Error(diff)
	}
	one, err := a.st.VerifyAudit(a.ctx)
	a.ok(err)
	two, err := b.st.VerifyAudit(b.ctx)
	b.ok(err)
	if diff := gocmp.Diff(one, two); diff != "" {
		t.Error(diff)
	}
}

// Who signs in finds what the tour of the product tells of.
func peopleWhoSignIn(t *testing.T, c *centre) {
	for number, access := range map[string]org.Access{"A1001": org.Agent, "A1002": org.Agent, "M1001": org.Manager, "M1002": org.Manager, "T1001": org.Trainer, "admin": org.Admin} {
		_, hash, err := c.st.PersonByLogin(c.ctx, org.Canonical(number))
		c.ok(err)
		if v := c.viewer(number); hash != "hash" || !v.Is(access) || len(v.Accesses()) != 1 {
			t.Errorf("%s: %v, %q", number, v.Accesses(), hash)
		}
	}
	if n := len(c.viewer("M1001").Teams()); n != 6 {
		t.Errorf("M1001 manages %d teams", n)
	}
	if n := len(c.viewer("M1002").Teams()); n != 1 {
		t.Errorf("M1002 manages %d teams", n)
	}
	asked, err := c.st.AssignmentsFor(c.ctx, c.person("A1001").ID, c.now)
	c.ok(err)
	var next, done, upcoming int
	for _, a := range asked {
		switch {
		case a.PhaseAt(c.now) == exam.Upcoming:
			upcoming++
		case a.PhaseAt(c.now) == exam.Closed && a.Sitting == "":
			t.Errorf("A1001 missed %s", a.Assessment)
		case a.PhaseAt(c.now) == exam.Open && a.Sitting == "":
			next++
		case a.PhaseAt(c.now) == exam.Open && a.State == exam.Submitted:
			done++
		}
	}
	if next != 1 || done != 3 || upcoming != 1 {
		t.Errorf("A1001 has %d to do, %d done and %d to come", next, done, upcoming)
	}
	views, err := c.st.ViewsOf(c.ctx, c.person("A1001").ID)
	c.ok(err)
	if len(views) == 0 {
		t.Error("nobody looked at A1001's report")
	}
	var missed, more int
	given, _, err := c.st.Assignments(c.ctx, c.viewer("T1001"), store.Page{})
	c.ok(err)
	for _, g := range given {
		targets, err := c.st.Targets(c.ctx, c.viewer("T1001"), g.ID)
		c.ok(err)
		for _, x := range targets {
			if x.TimeFactor > 1 {
				more++
			}
			if x.Sitting == "" && g.PhaseAt(c.now) == exam.Closed {
				missed++
			}
		}
	}
	if missed == 0 || more == 0 || len(given) != 25 {
		t.Errorf("%d assignments, %d missed, %d with extra time", len(given), missed, more)
	}
	leaving := 0
	for _, r := range c.reports() {
		if r.person.LeavingAt(c.now) {
			leaving++
		}
	}
	if leaving != 1 {
		t.Errorf("%d are leaving", leaving)
	}
	cycles, err := c.st.Cycles(c.ctx)
	c.ok(err)
	closed := 0
	for _, x := range cycles {
		if x.Closed() {
			closed++
		}
	}
	if closed != 2 {
		t.Errorf("%d of %d cycles are closed", closed, len(cycles))
	}
	if _, ok := library().Model.Role(c.person("A1001").JobProfile); !ok {
		t.Errorf("A1001 has no job profile of the model")
	}
}

func refusesPeople(t *testing.T, c *centre) {
	err := demo.Fill(c.ctx, c.config)
	if f := fault.As(err); f == nil || f.Kind != fault.Conflict || f.Key != "demo.not_empty" || !text.Has(f.Key) {
		t.Errorf("got %v", err)
	}
	if empty, err := demo.Empty(c.ctx, c.st); empty || err != nil {
		t.Errorf("empty %v, %v", empty, err)
	}
}

// A fill that is interrupted says so and does not hang.
func TestFillCanBeInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	st, err := store.Open(ctx, store.Config{Path: filepath.Join(t.TempDir(), "demo.db"), Now: time.Now, Rand: rand.Reader})
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	if err := st.Migrate(ctx); err != nil {
		t.Fatal(err)
	}
	c := demo.Config{Store: st, Library: library(), Zone: shanghai, Now: midTerm, PasswordHash: "hash"}
	time.AfterFunc(300*time.Millisecond, cancel)
	if err := demo.Fill(ctx, c); err == nil {
		t.Error("no error")
	}
}

// Definitions without assessments still give a centre with people.
func TestFillWithoutAssessments(t *testing.T) {
	st, err := store.Open(t.Context(), store.Config{Path: filepath.Join(t.TempDir(), "demo.db"), Now: time.Now, Rand: rand.Reader})
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	if err := st.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	lib := &assessment.Library{Model: &capability.Model{ID: "other", Version: "1.0.0"}}
	err = demo.Fill(t.Context(), demo.Config{Store: st, Library: lib, Zone: shanghai, Now: midTerm, PasswordHash: "hash",
		Close: func(context.Context, org.Cycle, time.Time) error { return nil }})
	if err != nil {
		t.Error(err)
	}
}
