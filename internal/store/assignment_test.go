package store

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"leida/internal/exam"
	"leida/internal/fault"
	"leida/internal/org"
)

func TestAssignmentComesBack(t *testing.T) {
	c := newCentre(t)
	c.ok(c.EnsureCycle(c.ctx, org.Quarter(noon, time.UTC)))
	want := exam.Assignment{
		Assessment: "form", By: c.trainer.ID, Opens: noon, Closes: noon.Add(time.Hour), Cycle: "2026-q4",
		Teams: []string{c.east.ID}, People: []string{c.bob.ID},
	}
	made := c.make(want)
	want.ID, want.CreatedAt = made.ID, noon
	got, err := c.Assignment(c.ctx, c.viewer(c.trainer), made.ID)
	c.ok(err)
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	for name, spoil := range map[string]func(a *exam.Assignment){
		"store.unknown_reference": func(a *exam.Assignment) { a.Cycle = "none" },
		"store.out_of_range":      func(a *exam.Assignment) { a.Closes = a.Opens },
		"fault.invalid":           func(a *exam.Assignment) { a.Teams, a.People = nil, nil },
	} {
		bad := want
		bad.ID = ""
		spoil(&bad)
		_, err := c.CreateAssignment(c.ctx, bad)
		c.fails(err, fault.Invalid, name)
	}
	bad := want
	bad.ID, bad.Teams = "", []string{"none"}
	_, err = c.CreateAssignment(c.ctx, bad)
	c.fails(err, fault.Invalid, "store.unknown_reference")
	if n := c.count("assignments"); n != 1 {
		t.Error("half an assignment was kept")
	}
}

func TestAssignmentIsScoped(t *testing.T) {
	c := newCentre(t)
	east := c.assign("east form", c.east)
	all := c.assign("all form", c.root)
	bob := c.make(exam.Assignment{Assessment: "bob form", By: c.eve.ID, Opens: noon, Closes: noon.Add(time.Hour), People: []string{c.bob.ID}})
	past := c.make(exam.Assignment{Assessment: "old form", By: c.admin.ID, Opens: noon.AddDate(-1, 0, 0), Closes: noon.AddDate(-1, 0, 1), Teams: []string{c.root.ID}})
	for _, x := range []struct {
		who  org.Person
		sees []exam.Assignment
	}{
		{c.ann, []exam.Assignment{east, all}},
		{c.bob, []exam.Assignment{all, bob}},
		{c.eve, []exam.Assignment{east, all, bob, past}}, // bob's because she made it
		{c.wes, []exam.Assignment{all, bob, past}},
		{c.trainer, []exam.Assignment{east, all, bob, past}},
		{c.admin, []exam.Assignment{east, all, bob, past}},
	} {
		v, sees := c.viewer(x.who), map[string]bool{}
		for _, a := range x.sees {
			sees[a.ID] = true
		}
		for _, a := range []exam.Assignment{east, all, bob, past} {
			_, err := c.Assignment(c.ctx, v, a.ID)
			if sees[a.ID] {
				c.ok(err)
			} else {
				c.missing(err)
			}
		}
		list, total, err := c.Assignments(c.ctx, v, Page{})
		c.ok(err)
		want := len(x.sees)
		if v.Is(org.Agent) {
			want = 0 // who only sits oversees nothing
		}
		if total != want || len(list) != want {
			t.Errorf("%s oversees %d of %d, want %d", x.who.Name, len(list), total, want)
		}
	}
	_, err := c.Assignment(c.ctx, org.Viewer{}, all.ID)
	c.missing(err)
}

func TestProgress(t *testing.T) {
	c := newCentre(t)
	cat := c.agent("0010", c.eastOne)
	c.agent("0011", c.east)
	a := c.assign("form", c.root)
	c.sit(cat, a)
	s := c.sit(c.ann, a)
	_, err := c.UpdateSitting(c.ctx, c.viewer(c.ann), s.ID, finish(noon))
	c.ok(err)
	for who, want := range map[string][3]int{c.trainer.ID: {4, 2, 1}, c.eve.ID: {3, 2, 1}, c.wes.ID: {1, 0, 0}} {
		v, err := c.Viewer(c.ctx, who, "")
		c.ok(err)
		list, _, err := c.Assignments(c.ctx, v, Page{})
		c.ok(err)
		p := list[0]
		if got := [3]int{p.Assigned, p.Started, p.Submitted}; got != want || p.Teams[0] != c.root.ID {
			t.Errorf("%s: %v, want %v", v.Person.Name, got, want)
		}
	}
	b := c.assign("next", c.west)
	c.ok(c.exec("UPDATE assignments SET created_at = created_at + 1 WHERE id = ?", b.ID))
	list, total, err := c.Assignments(c.ctx, c.viewer(c.trainer), Page{Limit: 1})
	c.ok(err)
	if total != 2 || len(list) != 1 || list[0].ID != b.ID {
		t.Error(total, list)
	}
}

func TestAskedThroughTeamsOfTheWindow(t *testing.T) {
	c := newCentre(t)
	a := c.assign("form", c.east) // open [noon-1h, noon+23h)
	asked := func(p org.Person) bool {
		list, err := c.AssignmentsFor(c.ctx, p.ID, noon)
		c.ok(err)
		return len(list) == 1 && list[0].ID == a.ID
	}
	if !asked(c.ann) || asked(c.bob) || asked(c.eve) {
		t.Error("wrong people are asked")
	}
	c.ok(c.MoveMember(c.ctx, c.bob.ID, c.eastOne.ID, noon.Add(time.Hour)))
	c.ok(c.MoveMember(c.ctx, c.ann.ID, c.westOne.ID, noon.Add(time.Hour)))
	if !asked(c.bob) || !asked(c.ann) {
		t.Error("who was there for a part of the window is asked")
	}
	late, gone, left := c.agent("0020", c.westOne), c.agent("0021", c.eastOne), c.agent("0022", c.eastOne)
	c.ok(c.MoveMember(c.ctx, late.ID, c.eastOne.ID, a.Closes))
	c.ok(c.MoveMember(c.ctx, gone.ID, c.westOne.ID, a.Opens))
	c.ok(c.UpdatePerson(c.ctx, left.ID, func(p *org.Person) error { p.ActiveTo = a.Opens; return nil }))
	if asked(late) || asked(gone) || asked(left) {
		t.Error("who was not there in the window is asked")
	}
}

func TestAssignmentsFor(t *testing.T) {
	c := newCentre(t)
	add := func(form string, opens, closes time.Duration) exam.Assignment {
		return c.make(exam.Assignment{Assessment: form, By: c.trainer.ID, Opens: noon.Add(opens), Closes: noon.Add(closes), People: []string{c.ann.ID}})
	}
	older, old := add("older", -9*time.Hour, -8*time.Hour), add("old", -9*time.Hour, -7*time.Hour)
	later, soon := add("later", time.Hour, 9*time.Hour), add("soon", -time.Hour, 3*time.Hour)
	c.ok(c.SetTimeFactor(c.ctx, c.viewer(c.trainer), soon.ID, c.ann.ID, 1.5))
	s := c.sit(c.ann, soon)
	_, err := c.UpdateSitting(c.ctx, c.viewer(c.ann), s.ID, finish(noon.Add(time.Minute)))
	c.ok(err)
	list, err := c.AssignmentsFor(c.ctx, c.ann.ID, noon)
	c.ok(err)
	var order []string
	for _, a := range list {
		order = append(order, a.ID)
	}
	if d := cmp.Diff([]string{soon.ID, later.ID, old.ID, older.ID}, order); d != "" {
		t.Fatal(d)
	}
	if got := list[0]; got.TimeFactor != 1.5 || got.Sitting != s.ID || got.State != exam.Submitted || got.Score != 75 || !got.SubmittedAt.Equal(noon.Add(time.Minute)) || !got.Counts {
		t.Errorf("%+v", got)
	}
	if got := list[1]; got.TimeFactor != 1 || got.Sitting != "" || got.State != "" || got.PhaseAt(noon) != exam.Upcoming {
		t.Errorf("%+v", got)
	}
}

func TestTargets(t *testing.T) {
	c := newCentre(t)
	a := c.assign("form", c.root)
	c.ok(c.SetTimeFactor(c.ctx, c.viewer(c.trainer), a.ID, c.bob.ID, 2))
	s := c.sit(c.ann, a)
	numbers := func(p org.Person) (out []string) {
		targets, err := c.Targets(c.ctx, c.viewer(p), a.ID)
		c.ok(err)
		for _, x := range targets {
			out = append(out, x.Person.Number+" "+string(x.State))
		}
		return out
	}
	for who, want := range map[string][]string{c.trainer.Number: {"0001 open", "0002 "}, c.eve.Number: {"0001 open"}, c.wes.Number: {"0002 "}} {
		if d := cmp.Diff(want, numbers(c.byNumber(who))); d != "" {
			t.Errorf("%s: %s", who, d)
		}
	}
	targets, err := c.Targets(c.ctx, c.viewer(c.admin), a.ID)
	c.ok(err)
	if x := targets[0]; x.Team != c.eastOne.ID || x.Sitting != s.ID || !x.StartedAt.Equal(noon) || x.TimeFactor != 1 || targets[1].TimeFactor != 2 {
		t.Errorf("%+v", targets)
	}
	_, err = c.Targets(c.ctx, c.viewer(c.ann), a.ID) // asked to sit it, no more
	c.missing(err)
	_, err = c.Targets(c.ctx, c.viewer(c.admin), "none")
	c.missing(err)
}

func TestTimeFactor(t *testing.T) {
	c := newCentre(t)
	a := c.assign("form", c.root)
	factor := func() float64 {
		f, err := c.TimeFactor(c.ctx, a.ID, c.ann.ID)
		c.ok(err)
		return f
	}
	if factor() != 1 {
		t.Error(factor())
	}
	for _, f := range []float64{1.5, 2, 1.25} {
		c.ok(c.SetTimeFactor(c.ctx, c.viewer(c.eve), a.ID, c.ann.ID, f))
		if factor() != f {
			t.Error(factor())
		}
	}
	c.fails(c.SetTimeFactor(c.ctx, c.viewer(c.eve), a.ID, c.ann.ID, 3.5), fault.Invalid, "fault.invalid")
	c.missing(c.SetTimeFactor(c.ctx, c.viewer(c.eve), a.ID, c.bob.ID, 2))
	c.missing(c.SetTimeFactor(c.ctx, c.viewer(c.ann), a.ID, c.ann.ID, 2))
	c.missing(c.SetTimeFactor(c.ctx, c.viewer(c.trainer), a.ID, c.trainer.ID, 2)) // not asked to sit it
	if s := c.sit(c.ann, a); s.TimeFactor != 1.25 {
		t.Error(s.TimeFactor)
	}
	c.fails(c.SetTimeFactor(c.ctx, c.viewer(c.eve), a.ID, c.ann.ID, 2), fault.Conflict, "store.started")
}
