package org_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"leida/internal/org"
)

var profiles = []string{"agent", "senior_agent"}

func row(line int, number, name string, team ...string) org.RosterRow {
	return org.RosterRow{Line: line, Person: org.Person{Number: number, Name: name}, Team: team}
}

// apply does what a plan says, as the store does.
func apply(r org.Roster, plan org.RosterPlan) org.Roster {
	out := org.Roster{People: slices.Clone(r.People), Teams: slices.Clone(r.Teams), Members: slices.Clone(r.Members)}
	key := func(path []string) string {
		var out []string
		for _, s := range path {
			out = append(out, org.Canonical(s))
		}
		return strings.Join(out, "\x00")
	}
	ids := map[string]string{}
	tree := org.NewTree(out.Teams)
	for _, t := range out.Teams {
		var path []string
		for _, up := range tree.Path(t.ID) {
			path = append(path, up.Name)
		}
		ids[key(path)] = t.ID
	}
	for _, path := range plan.NewTeams {
		parent, ok := ids[key(path[:len(path)-1])]
		if len(path) > 1 && !ok {
			panic(fmt.Sprintf("%v comes before its parent", path))
		}
		t := org.Team{ID: fmt.Sprintf("t%d", len(out.Teams)+1), Parent: parent, Code: fmt.Sprint(len(out.Teams) + 1), Name: path[len(path)-1]}
		out.Teams, ids[key(path)] = append(out.Teams, t), t.ID
	}
	for _, c := range plan.Changes {
		p := c.Person
		if p.ID == "" {
			p.ID = fmt.Sprintf("p%d", len(out.People)+1)
			out.People = append(out.People, p)
		}
		for i := range out.People {
			if out.People[i].ID == p.ID {
				out.People[i] = p
			}
		}
		out.Members = slices.DeleteFunc(out.Members, func(m org.Membership) bool { return m.Person == p.ID })
		out.Members = append(out.Members, org.Membership{Person: p.ID, Team: ids[key(c.Team)]})
	}
	return out
}

func kinds(plan org.RosterPlan) string {
	var out []string
	for _, c := range plan.Changes {
		s := fmt.Sprint(c.Line)
		for _, k := range c.Kinds {
			s += " " + string(k)
		}
		out = append(out, s)
	}
	return strings.Join(out, ", ")
}

func TestPlanRoster(t *testing.T) {
	rows := []org.RosterRow{
		row(2, "00123", "王芳", "中心", "一组"),
		row(3, "124", "李强", "中心", "二组"),
		row(4, "125", "王芳", "中心", "一组"), // two people of one name
	}
	first := org.PlanRoster(org.Roster{}, rows, profiles, now)
	if got := kinds(first); got != "2 join, 3 join, 4 join" || len(first.Problems) > 0 {
		t.Fatalf("%s; %v", got, first.Problems)
	}
	if diff := cmp.Diff([][]string{{"中心"}, {"中心", "一组"}, {"中心", "二组"}}, first.NewTeams); diff != "" {
		t.Error(diff)
	}
	for _, c := range first.Changes {
		if c.Person.JobProfile != "agent" || !c.Person.ActiveFrom.Equal(now) || c.From != nil || c.Before.ID != "" {
			t.Errorf("%+v", c)
		}
	}
	known := apply(org.Roster{}, first)
	for _, tt := range []struct {
		name  string
		rows  []org.RosterRow
		kinds string
		teams int
	}{
		{"the same file again", rows, "2 same, 3 same, 4 same", 0},
		{"written otherwise", []org.RosterRow{row(2, "００１２３", "王芳", "中心 ", "一组"), row(3, " 124", "李强", "中心", "二组")}, "2 same, 3 same", 0},
		{"fewer people", rows[:1], "2 same", 0}, // nobody is ever deleted
		{"no file", nil, "", 0},
		{"renamed", []org.RosterRow{row(2, "124", "李强强", "中心", "二组")}, "2 rename", 0},
		{"moved", []org.RosterRow{row(2, "124", "李强", "中心", "一组")}, "2 move", 0},
		{"moved up", []org.RosterRow{row(2, "124", "李强", "中心")}, "2 move", 0},
		{"moved to a new team", []org.RosterRow{row(2, "124", "李强", "中心", "三组", "晚班")}, "2 move", 2},
		{"renamed and moved", []org.RosterRow{row(2, "124", "李刚", "中心", "一组")}, "2 rename move", 0},
		{"leading zeros are part of a number", []org.RosterRow{row(2, "123", "王芳", "中心", "一组")}, "2 join", 0},
		{"a team of the same name elsewhere", []org.RosterRow{row(2, "124", "李强", "分部", "二组")}, "2 move", 2},
		{"new e-mail", []org.RosterRow{{Line: 2, Person: org.Person{Number: "124", Name: "李强", Email: "li@example.com"}, Team: []string{"中心", "二组"}}}, "2 rename", 0},
		{"new job profile", []org.RosterRow{{Line: 2, Person: org.Person{Number: "124", Name: "李强", JobProfile: "senior_agent"}, Team: []string{"中心", "二组"}}}, "2 rename", 0},
		{"leaves", []org.RosterRow{{Line: 2, Person: org.Person{Number: "124", Name: "李强", ActiveTo: now.AddDate(0, 1, 0)}, Team: []string{"中心", "二组"}}}, "2 rename", 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			plan := org.PlanRoster(known, tt.rows, profiles, now.AddDate(0, 1, 0))
			if got := kinds(plan); got != tt.kinds || len(plan.NewTeams) != tt.teams || len(plan.Problems) > 0 {
				t.Fatalf("%s; new teams %v; problems %v", got, plan.NewTeams, plan.Problems)
			}
			for _, c := range plan.Changes {
				if c.Kinds[0] != org.Join && (c.Person.ID == "" || c.Person.ID != c.Before.ID || !c.Person.ActiveFrom.Equal(now)) {
					t.Errorf("%+v", c)
				}
			}
			again := org.PlanRoster(apply(known, plan), tt.rows, profiles, now.AddDate(0, 2, 0))
			if again.Count(org.Same) != len(again.Changes) || len(again.NewTeams) > 0 {
				t.Errorf("a second time: %s, %v", kinds(again), again.NewTeams)
			}
		})
	}
	moved := org.PlanRoster(known, []org.RosterRow{row(2, "124", "李强", "中心", "一组")}, profiles, now)
	if c := moved.Changes[0]; !slices.Equal(c.From, []string{"中心", "二组"}) || moved.Count(org.Move) != 1 || moved.Count(org.Join) != 0 {
		t.Errorf("%+v", c)
	}
}

func TestPlanRosterProblems(t *testing.T) {
	known := org.Roster{People: []org.Person{{ID: "p1", Number: "1", Name: "王", JobProfile: "agent", ActiveFrom: now, Email: "w@example.com"}}}
	for _, tt := range []struct {
		name  string
		rows  []org.RosterRow
		want  string // line path key
		taken string
	}{
		{"no number", []org.RosterRow{row(2, "", "王", "组")}, "2 number define.required", ""},
		{"no name", []org.RosterRow{row(2, "1", " ", "组")}, "2 name define.required", ""},
		{"no team", []org.RosterRow{row(2, "1", "王")}, "2 team define.required", ""},
		{"a team without a name", []org.RosterRow{row(2, "1", "王", "中心", " ")}, "2 team[1] define.required", ""},
		{"a team's name too long", []org.RosterRow{row(2, "1", "王", strings.Repeat("组", 81))}, "2 team[0] org.too_long", ""},
		{"unknown job profile", []org.RosterRow{{Line: 2, Person: org.Person{Number: "2", Name: "李", JobProfile: "boss"}, Team: []string{"组"}}}, "2 job_profile define.one_of", ""},
		{"the same number twice", []org.RosterRow{row(2, "7", "王", "组"), row(3, "７", "李", "组"), row(4, " 7", "王", "组")}, "3 number org.row_twice, 4 number org.row_twice", "2 join"},
		{"a bad row does not claim its number", []org.RosterRow{row(2, "7", "", "组"), row(3, "7", "李", "组")}, "2 name define.required", "3 join"},
		{"everything wrong is said", []org.RosterRow{{Line: 2, Person: org.Person{Number: "1\x00", Email: "x", JobProfile: "boss"}}}, "2 number org.control, 2 name define.required, 2 email org.email, 2 job_profile define.one_of, 2 team define.required", ""},
		{"good rows beside bad ones", []org.RosterRow{row(2, "8", "赵", "组"), row(3, "9", "", "组"), row(4, "10", "钱", "组")}, "3 name define.required", "2 join, 4 join"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			plan := org.PlanRoster(known, tt.rows, profiles, now)
			var got []string
			for _, p := range plan.Problems {
				got = append(got, fmt.Sprintf("%d %s %s", p.Line, p.Path, p.Key))
			}
			if s := strings.Join(got, ", "); s != tt.want {
				t.Errorf("said %q, want %q", s, tt.want)
			}
			if s := kinds(plan); s != tt.taken {
				t.Errorf("taken %q, want %q", s, tt.taken)
			}
			for _, path := range plan.NewTeams {
				if path[0] != "组" {
					t.Errorf("a refused row makes a team: %v", path)
				}
			}
		})
	}
	twice := org.PlanRoster(known, []org.RosterRow{row(5, "7", "王", "组"), row(9, "7", "李", "组")}, profiles, now)
	if p := twice.Problems[0]; p.Line != 9 || p.Args["line"] != 5 || p.Args["number"] != "7" {
		t.Errorf("%+v", p)
	}
}

// What the file leaves out stays as it was.
func TestPlanRosterKeeps(t *testing.T) {
	start := now.AddDate(-1, 0, 0)
	known := org.Roster{
		People:  []org.Person{{ID: "p1", Number: "1", Name: "王", JobProfile: "senior_agent", ActiveFrom: start, Email: "w@example.com"}},
		Teams:   []org.Team{{ID: "t1", Code: "1", Name: "组"}},
		Members: []org.Membership{{Person: "p1", Team: "t1", From: start}},
	}
	plan := org.PlanRoster(known, []org.RosterRow{row(2, "1", "王", "组")}, profiles, now)
	if kinds(plan) != "2 same" || plan.Changes[0].Person != known.People[0] {
		t.Errorf("%+v", plan)
	}
}

// Whatever is imported, importing it again does nothing, and no two people share a number.
func TestPlanRosterTwice(t *testing.T) {
	word := rapid.StringOf(rapid.SampledFrom([]rune("ab AＡ１1王\u3000\x00")))
	rows := rapid.Custom(func(t *rapid.T) org.RosterRow {
		p := org.Person{Number: word.Draw(t, "number"), Name: word.Draw(t, "name"), JobProfile: rapid.SampledFrom([]string{"", "agent", "senior_agent", "x"}).Draw(t, "profile")}
		if rapid.Bool().Draw(t, "starts") {
			p.ActiveFrom = now.AddDate(0, 0, rapid.IntRange(-9, 9).Draw(t, "from"))
		}
		return org.RosterRow{Person: p, Team: rapid.SliceOfN(word, 0, 3).Draw(t, "team")}
	})
	rapid.Check(t, func(t *rapid.T) {
		known := org.Roster{}
		for range 2 {
			file := rapid.SliceOfN(rows, 0, 8).Draw(t, "file")
			for i := range file {
				file[i].Line = i + 2
			}
			plan := org.PlanRoster(known, file, profiles, now)
			refused := map[int]bool{}
			for _, p := range plan.Problems {
				refused[p.Line] = true
			}
			if len(plan.Changes)+len(refused) != len(file) {
				t.Fatalf("%d rows: %d taken, %d refused", len(file), len(plan.Changes), len(refused))
			}
			known = apply(known, plan)
			again := org.PlanRoster(known, file, profiles, now.Add(time.Hour))
			if again.Count(org.Same) != len(again.Changes) || len(again.NewTeams) > 0 || len(again.Changes) != len(plan.Changes) {
				t.Fatalf("a second time: %s, %v", kinds(again), again.NewTeams)
			}
		}
		seen := map[string]bool{}
		for _, p := range known.People {
			if seen[org.Canonical(p.Number)] {
				t.Fatalf("two people with number %q", p.Number)
			}
			seen[org.Canonical(p.Number)] = true
		}
	})
}
