package store

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"

	"leida/internal/org"
)

// batchRows is how many rows one INSERT carries.
const batchRows = 200

// Roster is everybody with their present team, to plan an import against.
func (s *Store) Roster(ctx context.Context) (org.Roster, error) {
	var r org.Roster
	var people []personRow
	var members []membershipRow
	db := s.reader(ctx)
	teams, err := allTeams(db)
	if err == nil {
		err = db.Order("number_canon").Find(&people).Error
	}
	if err == nil {
		err = db.Where("until IS NULL").Order("person_id").Find(&members).Error
	}
	if err != nil {
		return org.Roster{}, translate("roster", err)
	}
	r.Teams = teams
	for _, p := range people {
		r.People = append(r.People, personOf(p))
	}
	for _, m := range members {
		r.Members = append(r.Members, org.Membership{Person: m.PersonID, Team: m.TeamID, From: m.Since.Time})
	}
	return r, nil
}

// ApplyRoster does what a plan says, all or nothing. New people get the access role of an agent and no password; nobody is removed.
// A plan that others have overtaken fails as a conflict: make a new one.
func (s *Store) ApplyRoster(ctx context.Context, plan org.RosterPlan, now time.Time) error {
	return s.tx(ctx, "apply roster", func(tx *gorm.DB) error {
		return s.keepAdmin(tx, func() error { return s.applyRoster(tx, plan, now) })
	})
}

func (s *Store) applyRoster(tx *gorm.DB, plan org.RosterPlan, now time.Time) error {
	teams, err := s.plantTeams(tx, plan)
	if err != nil {
		return err
	}
	var joining joiners
	for _, c := range plan.Changes {
		team := teams.at(c.Team)
		if slices.Contains(c.Kinds, org.Join) {
			joining.add(s.NewID(), c.Person, team, now)
		}
		if slices.Contains(c.Kinds, org.Rename) {
			if err := updatePerson(tx, c.Person); err != nil {
				return err
			}
		}
		if slices.Contains(c.Kinds, org.Move) {
			if err := move(tx, c.Person.ID, team, now); err != nil {
				return err
			}
		}
	}
	return joining.insert(tx)
}

// joiners are the rows of new people, inserted together.
type joiners struct {
	people  []personRow
	grants  []grantRow
	members []membershipRow
}

func (j *joiners) add(id string, p org.Person, team string, now time.Time) {
	p.ID = id
	j.people = append(j.people, rowOfPerson(p))
	j.grants = append(j.grants, grantRow{PersonID: id, Access: org.Agent})
	j.members = append(j.members, membershipRow{PersonID: id, TeamID: team, Since: stamp(now)})
}

func (j *joiners) insert(tx *gorm.DB) error {
	if len(j.people) == 0 {
		return nil
	}
	for _, rows := range []any{&j.people, &j.grants, &j.members} {
		if err := tx.CreateInBatches(rows, batchRows).Error; err != nil {
			return err
		}
	}
	return nil
}

// paths finds teams by the names from the root down.
type paths struct {
	ids   map[string]string // joined canonical names -> id
	codes map[string]bool   // canonical codes in use
}

func (p paths) at(path []string) string { return p.ids[joinPath(path)] }

func joinPath(path []string) string {
	names := make([]string, len(path))
	for i, n := range path {
		names[i] = org.Canonical(n)
	}
	return strings.Join(names, "\x00")
}

// plantTeams adds the plan's new teams, parents first, and returns where all teams are.
func (s *Store) plantTeams(tx *gorm.DB, plan org.RosterPlan) (paths, error) {
	p := paths{ids: map[string]string{}, codes: map[string]bool{}}
	teams, err := allTeams(tx)
	if err != nil {
		return p, err
	}
	tree := org.NewTree(teams)
	for _, t := range teams {
		var names []string
		for _, above := range tree.Path(t.ID) {
			names = append(names, above.Name)
		}
		p.ids[joinPath(names)], p.codes[org.Canonical(t.Code)] = t.ID, true
	}
	for _, path := range plan.NewTeams {
		if p.at(path) != "" {
			continue
		}
		t := org.Team{ID: s.NewID(), Parent: p.at(path[:len(path)-1]), Name: path[len(path)-1], Code: p.code(path)}
		row := rowOfTeam(t)
		if err := tx.Create(&row).Error; err != nil {
			return p, err
		}
		p.ids[joinPath(path)], p.codes[row.CodeCanon] = t.ID, true
	}
	return p, nil
}

// code makes up a code for a team that a roster only names: its name, its path, or its name and a number, whichever is first free.
func (p paths) code(path []string) string {
	name := path[len(path)-1]
	for _, c := range []string{name, strings.Join(path, "/")} {
		if len([]rune(c)) <= org.MaxNumber && !p.codes[org.Canonical(c)] {
			return c
		}
	}
	for i := 2; ; i++ {
		tail := fmt.Sprintf("-%d", i)
		r := []rune(name)
		c := string(r[:min(len(r), org.MaxNumber-len(tail))]) + tail
		if !p.codes[org.Canonical(c)] {
			return c
		}
	}
}
