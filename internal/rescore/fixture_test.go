package rescore_test

import (
	"context"
	"crypto/rand"
	"flag"
	"fmt"
	"os"
	"path/filepath"
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
	"leida/internal/profile"
	"leida/internal/rescore"
	"leida/internal/store"
	"leida/internal/store/pgtest"
	"leida/internal/text"
)

func TestMain(m *testing.M) {
	if where := os.Getenv(childOf); where != "" {
		child(where)
		return
	}
	flag.Parse()
	_ = flag.Set("rapid.checks", "25") // each is a centre with a database of its own
	os.Exit(pgtest.Main(m))
}

var noon = time.Date(2026, 11, 2, 4, 0, 0, 0, time.UTC)

const (
	head = "schema: leida/item@1\nid: %s\nversion: %d\nstatus: live\ntype: %s\nmeasures: [%s]\nlevel: 3\nuse: [cycle]\ntags: {scenario: telecom, channel: chat, cognition: apply}\ntitle: {zh: %s}\nprompt: {zh: 问}\n"
	sjt  = "mode: best_worst\noptions: [{id: a, zh: 甲, m: 2}, {id: b, zh: 乙, m: 6}, {id: c, zh: 丙, m: 4}]\n"
	form = `schema: leida/assessment@1
id: form
version: 1
kind: cycle
title: {zh: 测评}
cut: {total: 60, floor: 30}
sections:
  - {domain: AIC, weight: 0.75, draw: [{type: single_choice, n: 3}]}
  - {domain: EMP, weight: 0.25, draw: [{type: sjt, n: 1}]}
`
)

// choice is a single-choice item with a key; measures may differ by version.
func choice(id string, version int, key, measures string) string {
	s := fmt.Sprintf(head, id, version, "single_choice", measures, fmt.Sprintf("%s 第%d版", id, version)) + "options: ["
	for _, o := range []string{"a", "b", "c", "d"} {
		s += fmt.Sprintf("{id: %s, zh: 选%s, why: {zh: 因为%d}", o, o, version)
		if o == key {
			s += ", key: true"
		}
		if o == "d" && key != "d" {
			s += ", critical: true"
		}
		s += "}, "
	}
	return strings.TrimSuffix(s, ", ") + "]\n"
}

// failer is as much of a test as a process without one has.
type failer interface {
	Helper()
	Fatal(args ...any)
}

// library has three choices, one situation and a form that asks for all four. wrong is the source of the item that is to be corrected; others change what else there is.
func library(t failer, wrong string, others ...func(fstest.MapFS)) *assessment.Library {
	t.Helper()
	model, err := assessments.FS.ReadFile("capability-model.yaml")
	if err != nil {
		t.Fatal(err)
	}
	files := fstest.MapFS{"model.yaml": {Data: model}, "form.yaml": {Data: []byte(form)},
		"two.yaml": {Data: []byte(choice("two", 1, "b", "{sub: AIC.2, w: 1}"))}, "three.yaml": {Data: []byte(choice("three", 1, "c", "{sub: AIC.3, w: 1}"))},
		"sjt.yaml": {Data: []byte(fmt.Sprintf(head, "sjt-1", 1, "sjt", "{sub: EMP.3, w: 1}", "情") + sjt)}}
	files["one.yaml"] = &fstest.MapFile{Data: []byte(wrong)}
	for _, change := range others {
		change(files)
	}
	lib, report := assessment.Load(files, nil, nil)
	if lib == nil {
		var b strings.Builder
		report.Write(&b, text.EN)
		t.Fatal(b.String())
	}
	return lib
}

const measures = "{sub: AIC.1, w: 0.6}, {sub: AIC.2, w: 0.4}"

// The item as it was sat, its key a, and as it was corrected: key b, what it measures weighted anew.
func asSat() string     { return choice("one", 1, "a", measures) }
func corrected() string { return choice("one", 2, "b", "{sub: AIC.1, w: 1}") }

// definitions are a library in force and all versions that ever were.
type definitions struct {
	mu    sync.Mutex
	now   *assessment.Library
	known []*assessment.Library
}

func (d *definitions) Current() *assessment.Library { d.mu.Lock(); defer d.mu.Unlock(); return d.now }

func (d *definitions) offer(l *assessment.Library) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.now, d.known = l, append(d.known, l)
}

func (d *definitions) ItemAt(_ context.Context, hash string) (*item.Item, error) {
	for _, l := range d.known {
		if it, ok := l.ItemAt(hash); ok {
			return it, nil
		}
	}
	return nil, fmt.Errorf("no item %s", hash)
}

func (d *definitions) AssessmentAt(_ context.Context, hash string) (*assessment.Assessment, error) {
	for _, l := range d.known {
		if a, ok := l.Assessment("form"); ok && a.Hash == hash {
			return a, nil
		}
	}
	return nil, fmt.Errorf("no assessment %s", hash)
}

// centre is one team of agents and a desk.
type centre struct {
	t      testing.TB
	ctx    context.Context
	where  store.Config
	st     *store.Store
	defs   *definitions
	desk   *rescore.Desk
	clock  time.Time
	team   string
	admin  org.Person
	agents []org.Person
}

func newCentre(t testing.TB, agents int) *centre {
	t.Helper()
	c := &centre{t: t, ctx: context.Background(), where: store.Config{Path: filepath.Join(t.TempDir(), "x.db"), Rand: rand.Reader}, clock: noon, defs: &definitions{}}
	c.where.Now = func() time.Time { return c.clock }
	if pgtest.Asked() {
		c.where.Path, c.where.URL = "", pgtest.Database(t, "")
	}
	c.defs.offer(library(t, asSat()))
	c.open()
	c.ok(c.st.Migrate(c.ctx))
	team, err := c.st.CreateTeam(c.ctx, org.Team{Code: "c", Name: "centre"})
	c.ok(err)
	c.team = team.ID
	c.admin, err = c.st.CreatePerson(c.ctx, org.Person{Number: "Z", Name: "Ada", JobProfile: "agent"}, "", []org.Grant{{Access: org.Admin}})
	c.ok(err)
	for _, at := range []time.Time{noon, noon.AddDate(0, -3, 0), noon.AddDate(0, -6, 0)} {
		c.ok(c.st.EnsureCycle(c.ctx, org.Quarter(at, time.UTC)))
	}
	for i := range agents {
		p, err := c.st.CreatePerson(c.ctx, org.Person{Number: fmt.Sprint("A", i), Name: fmt.Sprint("安", i), JobProfile: "agent", ActiveFrom: noon.AddDate(-2, 0, 0)}, "", []org.Grant{{Access: org.Agent}})
		c.ok(err)
		c.ok(c.st.MoveMember(c.ctx, p.ID, c.team, noon.AddDate(-1, 0, 0)))
		c.agents = append(c.agents, p)
	}
	return c
}

// open opens the database anew, as after a restart; the old store is left as it was, as by a kill.
func (c *centre) open() {
	c.t.Helper()
	st, err := store.Open(c.ctx, c.where)
	c.ok(err)
	c.t.Cleanup(func() { c.ok(st.Close()) })
	c.st = st
	c.desk = &rescore.Desk{Store: st, Definitions: c.defs, Rules: profile.DefaultRules(), Now: func() time.Time { return c.clock }}
}

func (c *centre) ok(err error) {
	c.t.Helper()
	if err != nil {
		c.t.Fatal(err)
	}
}

func (c *centre) viewer(p org.Person) org.Viewer {
	c.t.Helper()
	v, err := c.st.Viewer(c.ctx, p.ID, "")
	c.ok(err)
	return v
}

func (c *centre) assign() exam.Assignment {
	c.t.Helper()
	a, err := c.st.CreateAssignment(c.ctx, exam.Assignment{Assessment: "form", By: c.admin.ID, Opens: c.clock.Add(-time.Hour), Closes: c.clock.AddDate(0, 0, 7), Cycle: org.Quarter(c.clock, time.UTC).ID, Teams: []string{c.team}})
	c.ok(err)
	return a
}

func (c *centre) ground() store.Ground {
	c.t.Helper()
	g, err := c.st.Ground(c.ctx)
	c.ok(err)
	return g
}

// answers are raw answers by item; an item that is not there stays blank.
type answers map[string]string

// begin starts somebody's sitting and gives its answers.
func (c *centre) begin(p org.Person, as exam.Assignment, given answers) string {
	c.t.Helper()
	lib, v := c.defs.Current(), c.viewer(p)
	a, _ := lib.Assessment("form")
	x, err := c.st.StartSitting(c.ctx, v, as.ID, func(as exam.Assignment, factor float64, _ []string) (*exam.Sitting, []assessment.Source, error) {
		paper, err := lib.Draw(a, 7)
		if err != nil {
			return nil, nil, err
		}
		return exam.New(c.st.NewID(), v, as, a, paper, 7, factor, c.clock), lib.Pins(a, paper), nil
	})
	c.ok(err)
	_, err = c.st.UpdateSitting(c.ctx, v, x.ID, func(x *exam.Sitting) ([]profile.Evidence, error) {
		for i, slot := range x.Slots {
			raw, ok := given[slot.ItemID]
			if !ok {
				continue
			}
			it, _ := lib.ItemAt(slot.ItemHash)
			f, err := item.JSONFields([]byte(raw))
			if err != nil {
				return nil, err
			}
			answer, err := it.Body.Parse(item.Plain(text.ZH), f)
			if err != nil {
				return nil, err
			}
			if err := x.Answer(exam.Save{N: i, Rev: 1, Answer: answer}, c.clock); err != nil {
				return nil, err
			}
		}
		return nil, nil
	})
	c.ok(err)
	return x.ID
}

// sit is begin, and hands the sitting in.
func (c *centre) sit(p org.Person, as exam.Assignment, given answers) string {
	c.t.Helper()
	id := c.begin(p, as, given)
	_, err := c.st.UpdateSitting(c.ctx, c.viewer(p), id, func(x *exam.Sitting) ([]profile.Evidence, error) { return x.Submit("", bank{c.defs}, c.clock) })
	c.ok(err)
	return id
}

type bank struct{ d *definitions }

func (b bank) ItemAt(hash string) (*item.Item, bool) {
	it, err := b.d.ItemAt(context.Background(), hash)
	return it, err == nil
}
func (b bank) SubName(id string) text.Text { return b.d.Current().SubName(id) }

// plan asks for a rescoring and has it worked out.
func (c *centre) plan(rule exam.Rule) store.Rescoring { c.t.Helper(); return c.planOf("one", rule) }

func (c *centre) planOf(item string, rule exam.Rule) store.Rescoring {
	c.t.Helper()
	r, err := c.desk.Plan(c.ctx, rescore.Ask{Item: item, Rule: rule, Reason: "答案有误", By: store.AuditEntry{Actor: c.admin.ID}})
	c.ok(err)
	c.ok(c.desk.Work(c.ctx))
	return c.at(r.ID)
}

func (c *centre) at(id string) store.Rescoring {
	c.t.Helper()
	r, err := c.st.Rescoring(c.ctx, id)
	c.ok(err)
	return r
}

func (c *centre) lines(id string) []store.RescoringLine {
	c.t.Helper()
	lines, n, err := c.st.RescoringLines(c.ctx, id, store.Page{Limit: store.MaxLimit})
	c.ok(err)
	if n != len(lines) {
		c.t.Fatalf("%d of %d lines", len(lines), n)
	}
	return lines
}

// apply carries a plan out.
func (c *centre) apply(r store.Rescoring) {
	c.t.Helper()
	c.ok(c.desk.Apply(c.ctx, r.ID, r.Digest, store.AuditEntry{Actor: c.admin.ID}))
	c.ok(c.desk.Work(c.ctx))
}

func (c *centre) undo(r store.Rescoring) {
	c.t.Helper()
	c.ok(c.desk.Undo(c.ctx, r.ID, store.AuditEntry{Actor: c.admin.ID}))
	c.ok(c.desk.Work(c.ctx))
}

// standing is all that counts of a person's sitting: what pages and profiles are made of.
type standing struct {
	Score    float64
	Places   []string
	Evidence map[string]string // by item and sub, of records that are not void
}

func (c *centre) standing(p org.Person, sitting string) standing {
	c.t.Helper()
	v := c.viewer(p)
	x, err := c.st.Sitting(c.ctx, v, sitting)
	c.ok(err)
	r, err := c.st.Result(c.ctx, v, sitting)
	c.ok(err)
	out := standing{Score: x.Score, Evidence: map[string]string{}}
	for i, slot := range x.Slots {
		out.Places = append(out.Places, fmt.Sprintln(slot.ItemID, slot.Score, slot.Critical, string(slot.Answer)))
		if got := r.Places[i]; got.Score != slot.Score || fmt.Sprint(got.Critical) != fmt.Sprint(slot.Critical) {
			c.t.Fatalf("%s, place %d: the result says %g %v, the paper %g %v", sitting, i, got.Score, got.Critical, slot.Score, slot.Critical)
		}
	}
	if r.Score != x.Score {
		c.t.Fatalf("%s: the result says %g, the sitting %g", sitting, r.Score, x.Score)
	}
	all, err := c.st.EvidenceOf(c.ctx, v, p.ID)
	c.ok(err)
	for _, e := range all {
		if e.SittingID == sitting && !e.Void {
			key := e.ItemID + " " + e.Sub
			if out.Evidence[key] != "" {
				c.t.Fatalf("%s: two records of %s", sitting, key)
			}
			out.Evidence[key] = fmt.Sprintln(e.Y, e.N, e.ItemVersion, e.ItemHash, e.At, e.Cycle, e.Performance, e.Scenario, e.Channel)
		}
	}
	return out
}

func oneFile(source string) fstest.MapFS { return fstest.MapFS{"one.yaml": {Data: []byte(source)}} }
