package org

import (
	"slices"
	"strings"
	"time"

	"leida/internal/fault"
)

// Team is a node of the centre's tree: centre > site > team. Root teams have no parent.
type Team struct {
	ID     string
	Parent string
	Code   string // unique under Canonical; what a roster names it by
	Name   string
}

// Membership says when a person belonged to a team; history keeps the team of its time.
type Membership struct {
	Person string
	Team   string
	From   time.Time
	To     time.Time // zero while it lasts
}

// At reports whether the membership holds at a time.
func (m Membership) At(t time.Time) bool {
	return !t.Before(m.From) && (m.To.IsZero() || t.Before(m.To))
}

// Validate returns what is wrong with a team's particulars.
func (t Team) Validate() []fault.Problem {
	return append(checkWord("code", t.Code, MaxNumber), checkWord("name", t.Name, MaxName)...)
}

// Tree is all teams, answering questions of above and below.
type Tree struct {
	teams    map[string]Team
	children map[string][]string
}

// NewTree arranges teams. A parent that is missing makes a root.
func NewTree(teams []Team) *Tree {
	t := &Tree{teams: map[string]Team{}, children: map[string][]string{}}
	for _, team := range teams {
		t.teams[team.ID] = team
	}
	for _, team := range teams {
		parent := team.Parent
		if _, ok := t.teams[parent]; !ok {
			parent = ""
		}
		t.children[parent] = append(t.children[parent], team.ID)
	}
	for _, ids := range t.children {
		slices.SortFunc(ids, func(a, b string) int { return strings.Compare(t.teams[a].Code, t.teams[b].Code) })
	}
	return t
}

// Team finds a team by id.
func (t *Tree) Team(id string) (Team, bool) { team, ok := t.teams[id]; return team, ok }

// Below is a team and all under it, parents first.
func (t *Tree) Below(id string) []string {
	if _, ok := t.teams[id]; !ok {
		return nil
	}
	out := []string{id}
	for i := 0; i < len(out); i++ {
		for _, c := range t.children[out[i]] {
			if c != id { // parents that go in a circle end here
				out = append(out, c)
			}
		}
	}
	return out
}

// Path is the teams from the root down to a team, itself included.
func (t *Tree) Path(id string) []Team {
	var out []Team
	for team, ok := t.teams[id]; ok && len(out) <= len(t.teams); team, ok = t.teams[team.Parent] {
		out = append([]Team{team}, out...)
	}
	return out
}

// Children are a team's immediate subteams by code; of "" the roots.
func (t *Tree) Children(id string) []Team {
	var out []Team
	for _, c := range t.children[id] {
		out = append(out, t.teams[c])
	}
	return out
}

// Walk visits every team with its depth, parents before children.
func (t *Tree) Walk(visit func(team Team, depth int)) {
	var down func(id string, depth int)
	down = func(id string, depth int) {
		for _, c := range t.children[id] {
			visit(t.teams[c], depth)
			down(c, depth+1)
		}
	}
	down("", 0)
}
