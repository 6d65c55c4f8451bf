package store

import (
	"fmt"
	"testing"
	"time"

	"leida/internal/fault"
	"leida/internal/org"
)

func row(line int, number, name string, team ...string) org.RosterRow {
	return org.RosterRow{Line: line, Person: org.Person{Number: number, Name: name}, Team: team}
}

func (w *world) apply(now time.Time, rows ...org.RosterRow) org.RosterPlan {
	w.t.Helper()
	r, err := w.Roster(w.ctx)
	w.ok(err)
	plan := org.PlanRoster(r, rows, []string{"aic", "lead"}, now)
	if len(plan.Problems) > 0 {
		w.t.Fatal(plan.Problems)
	}
	w.ok(w.ApplyRoster(w.ctx, plan, now))
	return plan
}

func TestRosterTwiceDoesNothing(t *testing.T) {
	w := empty(t)
	rows := []org.RosterRow{
		row(1, "0001", "王芳", "华东中心", "一组"), row(2, "0002", `D'Arcy "x"; DROP TABLE people`, "华东中心", "二组"),
		row(3, "0003", "李雷", "华南中心", "一组"), row(4, "0004", "韩梅梅", "华南中心", "一组", "夜班"),
	}
	plan := w.apply(noon, rows...)
	if plan.Count(org.Join) != 4 || w.count("people") != 4 || w.count("memberships") != 4 || w.count("grants") != 4 || w.count("teams") != 6 {
		t.Error(plan)
	}
	again := w.apply(noon.Add(time.Hour), rows...)
	if again.Count(org.Same) != 4 || len(again.NewTeams) != 0 || w.count("people") != 4 || w.count("memberships") != 4 || w.count("teams") != 6 {
		t.Error(again)
	}
	if v := w.viewer(w.byNumber("0004")); !v.Is(org.Agent) {
		t.Error("a new person is no agent")
	}
	if hash, err := w.PasswordHash(w.ctx, w.byNumber("0001").ID); hash != "" || err != nil {
		t.Error(hash, err)
	}
}

func TestRosterMovesAndRenames(t *testing.T) {
	w := empty(t)
	w.apply(noon, row(1, "1", "Ann", "A", "one"), row(2, "2", "Bob", "A", "two"))
	ann := w.byNumber("1")
	later := noon.Add(24 * time.Hour)
	w.apply(later, row(1, "1", "Anna", "B", "one")) // Bob is not in the file and stays
	tree, err := w.Tree(w.ctx)
	w.ok(err)
	team, err := w.TeamOf(w.ctx, ann.ID, later)
	w.ok(err)
	path := tree.Path(team)
	if len(path) != 2 || path[0].Name != "B" || path[1].Name != "one" || path[1].Code == "one" {
		t.Error(path)
	}
	if was, _ := w.TeamOf(w.ctx, ann.ID, noon); was == team || was == "" {
		t.Error("history was lost")
	}
	if got, _ := w.Person(w.ctx, ann.ID); got.Name != "Anna" || w.count("people") != 2 {
		t.Error(got)
	}
}

func TestStaleRosterPlanChangesNothing(t *testing.T) {
	w := empty(t)
	r, err := w.Roster(w.ctx)
	w.ok(err)
	plan := org.PlanRoster(r, []org.RosterRow{row(1, "1", "Ann", "A"), row(2, "2", "Bob", "B")}, []string{"aic"}, noon)
	w.person("2", "Somebody else")
	w.fails(w.ApplyRoster(w.ctx, plan, noon), fault.Conflict, "store.number_taken")
	if w.count("people") != 1 || w.count("teams") != 0 {
		t.Error("half a plan was applied")
	}
}

func TestLargeRoster(t *testing.T) {
	w := empty(t)
	var rows []org.RosterRow
	for i := range 2000 {
		rows = append(rows, row(i+1, fmt.Sprintf("%05d", i), fmt.Sprintf("Agent %d", i), "centre", fmt.Sprintf("site %d", i%7), fmt.Sprintf("team %d", i%91)))
	}
	w.apply(noon, rows...)
	if w.count("people") != 2000 {
		t.Error(w.count("people"))
	}
	if again := w.apply(noon, rows...); again.Count(org.Same) != 2000 {
		t.Error("not idempotent")
	}
}

func TestTeamCodesAreMadeUp(t *testing.T) {
	long := "一个名字特别特别特别特别特别特别特别特别特别特别特别特别长的团队"
	p := paths{codes: map[string]bool{}}
	for _, want := range []string{"a", "b/a", "a-2", "a-3"} {
		path := []string{"b", "a"}
		got := p.code(path)
		if got != want {
			t.Errorf("%s, want %s", got, want)
		}
		p.codes[org.Canonical(got)] = true
	}
	if got := p.code([]string{long + long}); len([]rune(got)) > org.MaxNumber {
		t.Error(got)
	}
}
