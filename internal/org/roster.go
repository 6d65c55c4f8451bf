package org

import (
	"slices"
	"strings"
	"time"

	"leida/internal/fault"
)

// RosterRow is a line of a roster file: a person and the team they belong to now. Line is where it stands, from 1.
type RosterRow struct {
	Line   int
	Person Person   // ID unset
	Team   []string // names from the root down, such as 华东中心 > 一组
}

// Roster is what the centre knows before an import.
type Roster struct {
	People  []Person
	Teams   []Team
	Members []Membership // current ones
}

// ChangeKind says what an import does to a person.
type ChangeKind string

const (
	Join   ChangeKind = "join"   // new
	Rename ChangeKind = "rename" // name, e-mail, job profile or dates changed
	Move   ChangeKind = "move"   // another team
	Same   ChangeKind = "same"   // nothing to do
)

// RosterChange is what a row does. A person who both moves and is renamed has both kinds.
type RosterChange struct {
	Line   int
	Kinds  []ChangeKind
	Before Person   // zero for a new one
	Person Person   // ID set for a known one
	From   []string // the team's path before
	Team   []string
}

// RosterPlan is what an import would do, and the rows it cannot take. Nothing is ever deleted: people who are not in the file stay as they are.
type RosterPlan struct {
	Changes  []RosterChange
	NewTeams [][]string // paths, parents first
	Problems []RowProblem
}

// RowProblem is what is wrong with one row.
type RowProblem struct {
	Line int
	fault.Problem
}

// Count reports how many rows do a kind of change.
func (p RosterPlan) Count(k ChangeKind) int {
	n := 0
	for _, c := range p.Changes {
		if slices.Contains(c.Kinds, k) {
			n++
		}
	}
	return n
}

// PlanRoster compares rows with what is known. The same file twice plans nothing the second time. profiles are the job profiles of the model, now is when new people start if the file does not say.
func PlanRoster(r Roster, rows []RosterRow, profiles []string, now time.Time) RosterPlan {
	p := planner{tree: NewTree(r.Teams), people: map[string]Person{}, team: map[string]string{}, lines: map[string]int{}, paths: map[string]bool{}, profiles: profiles, now: now}
	for _, x := range r.People {
		p.people[Canonical(x.Number)] = x
	}
	for _, m := range r.Members {
		p.team[m.Person] = m.Team
	}
	p.tree.Walk(func(t Team, _ int) { p.paths[pathKey(p.names(t.ID))] = true })
	for _, row := range rows {
		p.row(row)
	}
	return p.plan
}

type planner struct {
	plan     RosterPlan
	tree     *Tree
	people   map[string]Person
	team     map[string]string // person -> team
	lines    map[string]int    // canonical number -> line seen
	paths    map[string]bool
	profiles []string
	now      time.Time
}

func (p *planner) row(row RosterRow) {
	x := row.Person
	before, known := p.people[Canonical(x.Number)]
	if x.JobProfile == "" {
		x.JobProfile = before.JobProfile
		if !known && len(p.profiles) > 0 {
			x.JobProfile = p.profiles[0]
		}
	}
	if x.ActiveFrom.IsZero() {
		x.ActiveFrom = before.ActiveFrom
		if !known {
			x.ActiveFrom = p.now
		}
	}
	if x.Email == "" {
		x.Email = before.Email
	}
	ps := x.Validate()
	if !slices.Contains(p.profiles, x.JobProfile) {
		ps = append(ps, fault.At("job_profile", "define.one_of", "got", x.JobProfile, "known", p.profiles))
	}
	if len(row.Team) == 0 {
		ps = append(ps, fault.At("team", "define.required"))
	}
	for i, name := range row.Team {
		ps = append(ps, checkWord(fault.Index("team", i), name, MaxName)...)
	}
	if first, twice := p.lines[Canonical(x.Number)]; twice {
		ps = append(ps, fault.At("number", "org.row_twice", "number", x.Number, "line", first))
	}
	for _, pr := range ps {
		p.plan.Problems = append(p.plan.Problems, RowProblem{Line: row.Line, Problem: pr})
	}
	if len(ps) > 0 {
		return
	}
	p.lines[Canonical(x.Number)] = row.Line
	x.ID = before.ID
	c := RosterChange{Line: row.Line, Before: before, Person: x, Team: row.Team}
	c.From = p.names(p.team[before.ID])
	switch {
	case !known:
		c.Kinds = []ChangeKind{Join}
	default:
		if x.Name != before.Name || x.Email != before.Email || x.JobProfile != before.JobProfile || !x.ActiveFrom.Equal(before.ActiveFrom) || !x.ActiveTo.Equal(before.ActiveTo) {
			c.Kinds = append(c.Kinds, Rename)
		}
		if pathKey(c.From) != pathKey(row.Team) {
			c.Kinds = append(c.Kinds, Move)
		}
		if c.Kinds == nil {
			c.Kinds = []ChangeKind{Same}
		}
	}
	for i := range row.Team {
		if path := row.Team[:i+1]; !p.paths[pathKey(path)] {
			p.paths[pathKey(path)] = true
			p.plan.NewTeams = append(p.plan.NewTeams, slices.Clone(path))
		}
	}
	p.plan.Changes = append(p.plan.Changes, c)
}

func (p *planner) names(team string) []string {
	var out []string
	for _, t := range p.tree.Path(team) {
		out = append(out, t.Name)
	}
	return out
}

func pathKey(path []string) string {
	keys := make([]string, len(path))
	for i, s := range path {
		keys[i] = Canonical(s)
	}
	return strings.Join(keys, "\x00")
}
