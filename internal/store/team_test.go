package store

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"leida/internal/fault"
	"leida/internal/org"
)

func TestTree(t *testing.T) {
	c := newCentre(t)
	tree, err := c.Tree(c.ctx)
	c.ok(err)
	if d := cmp.Diff([]org.Team{c.root, c.east, c.eastOne}, tree.Path(c.eastOne.ID)); d != "" {
		t.Error(d)
	}
	_, err = c.CreateTeam(c.ctx, org.Team{Code: "ＥＡＳＴ", Name: "other"})
	c.fails(err, fault.Conflict, "store.code_taken")
	_, err = c.CreateTeam(c.ctx, org.Team{Parent: c.root.ID, Code: "other", Name: "East"})
	c.fails(err, fault.Conflict, "store.team_taken")
	_, err = c.CreateTeam(c.ctx, org.Team{Parent: "none", Code: "other", Name: "x"})
	c.fails(err, fault.Invalid, "store.unknown_reference")
	_, err = c.CreateTeam(c.ctx, org.Team{ID: "x", Parent: "x", Code: "other", Name: "x"})
	c.fails(err, fault.Invalid, "fault.invalid")
	_, err = c.CreateTeam(c.ctx, org.Team{})
	c.fails(err, fault.Invalid, "fault.invalid")
	_, err = c.CreateTeam(c.ctx, org.Team{Parent: c.west.ID, Code: "other", Name: "east"}) // elsewhere the name is free
	c.ok(err)
}

func TestMembers(t *testing.T) {
	c := newCentre(t)
	numbers := func(at time.Time, teams ...string) (out []string) {
		members, err := c.Members(c.ctx, teams, at)
		c.ok(err)
		for _, m := range members {
			out = append(out, m.Person.Number+" "+m.Team)
		}
		return out
	}
	same := func(want, got []string) {
		t.Helper()
		if d := cmp.Diff(want, got); d != "" {
			t.Error(d)
		}
	}
	one, two := "0001 "+c.eastOne.ID, "0002 "+c.westOne.ID
	same([]string{one, two}, numbers(noon, c.eastOne.ID, c.westOne.ID))
	same([]string{one}, numbers(noon, c.eastOne.ID, c.east.ID))
	same(nil, numbers(noon))
	same(nil, numbers(noon.AddDate(0, -3, 0), c.eastOne.ID))

	c.ok(c.MoveMember(c.ctx, c.ann.ID, c.westOne.ID, noon))
	same([]string{one}, numbers(noon.Add(-time.Millisecond), c.eastOne.ID)) // history keeps the team of its time
	same(nil, numbers(noon, c.eastOne.ID))
	same([]string{"0001 " + c.westOne.ID, two}, numbers(noon, c.westOne.ID))

	c.ok(c.UpdatePerson(c.ctx, c.bob.ID, func(p *org.Person) error { p.ActiveTo = noon; return nil }))
	same([]string{"0001 " + c.westOne.ID}, numbers(noon, c.westOne.ID))
}

func TestMoveMember(t *testing.T) {
	c := newCentre(t)
	team := func(at time.Time) string {
		id, err := c.TeamOf(c.ctx, c.ann.ID, at)
		c.ok(err)
		return id
	}
	c.ok(c.MoveMember(c.ctx, c.ann.ID, c.eastOne.ID, noon)) // already there
	if n := c.count("memberships"); n != 2 {
		t.Error(n)
	}
	c.fails(c.MoveMember(c.ctx, c.ann.ID, c.west.ID, noon.AddDate(-1, 0, 0)), fault.Conflict, "store.move_before")
	c.fails(c.MoveMember(c.ctx, c.ann.ID, "none", noon), fault.Invalid, "store.unknown_reference")
	c.ok(c.MoveMember(c.ctx, c.ann.ID, c.west.ID, noon))
	c.ok(c.MoveMember(c.ctx, c.ann.ID, c.westOne.ID, noon)) // corrected at once: the first never held
	if team(noon) != c.westOne.ID || team(noon.Add(-time.Hour)) != c.eastOne.ID || team(noon.AddDate(-1, 0, 0)) != "" {
		t.Error("wrong team")
	}
	if n := c.count("memberships"); n != 3 {
		t.Error(n)
	}
	c.fails(c.MoveMember(c.ctx, "nobody", c.west.ID, noon), fault.Invalid, "store.unknown_reference")
}
