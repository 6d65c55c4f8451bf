package store

import (
	"context"
	"errors"
	"time"

	"gorm.io/gorm"

	"leida/internal/fault"
	"leida/internal/org"
)

type teamRow struct {
	ID        string
	ParentID  reference
	Code      string
	CodeCanon string
	Name      string
	NameCanon string
}

func (teamRow) TableName() string { return "teams" }

func teamOf(r teamRow) org.Team {
	return org.Team{ID: r.ID, Parent: string(r.ParentID), Code: r.Code, Name: r.Name}
}

func rowOfTeam(t org.Team) teamRow {
	return teamRow{ID: t.ID, ParentID: reference(t.Parent), Code: t.Code, CodeCanon: org.Canonical(t.Code), Name: t.Name, NameCanon: org.Canonical(t.Name)}
}

type membershipRow struct {
	PersonID string
	TeamID   string
	Since    moment
	Until    moment
}

func (membershipRow) TableName() string { return "memberships" }

// Tree is all teams.
func (s *Store) Tree(ctx context.Context) (*org.Tree, error) {
	teams, err := allTeams(s.reader(ctx))
	if err != nil {
		return nil, translate("tree", err)
	}
	return org.NewTree(teams), nil
}

func allTeams(db *gorm.DB) ([]org.Team, error) {
	var rows []teamRow
	err := db.Order("code_canon").Find(&rows).Error
	teams := make([]org.Team, len(rows))
	for i, r := range rows {
		teams[i] = teamOf(r)
	}
	return teams, err
}

// CreateTeam adds a team below an existing one, or a root. An empty id is filled in.
func (s *Store) CreateTeam(ctx context.Context, t org.Team) (org.Team, error) {
	if err := fault.Of(t.Validate()); err != nil {
		return org.Team{}, err
	}
	if t.ID == "" {
		t.ID = s.NewID()
	}
	if t.Parent == t.ID {
		return org.Team{}, fault.Field("parent", "store.team_of_its_own")
	}
	row := rowOfTeam(t)
	err := s.tx(ctx, "create team", func(tx *gorm.DB) error { return tx.Create(&row).Error })
	if err != nil {
		return org.Team{}, err
	}
	return t, nil
}

// Member is a person in a team.
type Member struct {
	Person org.Person
	Team   string
}

// Members are the people of some teams at a time, active ones only, by number. Hand in viewer.Teams(): no other scope applies.
func (s *Store) Members(ctx context.Context, teams []string, at time.Time) ([]Member, error) {
	var rows []struct {
		Person personRow `gorm:"embedded"`
		TeamID string
	}
	err := holding(s.reader(ctx).Table("people").Select("people.*, memberships.team_id").
		Joins("JOIN memberships ON memberships.person_id = people.id"), at).
		Where(activeAt, at.UnixMilli(), at.UnixMilli()).Where("memberships.team_id IN ?", teams).
		Order("people.number_canon").Find(&rows).Error
	out := make([]Member, len(rows))
	for i, r := range rows {
		out[i] = Member{Person: personOf(r.Person), Team: r.TeamID}
	}
	return out, translate("members", err)
}

// TeamOf is the id of a person's team at a time, "" for none.
func (s *Store) TeamOf(ctx context.Context, person string, at time.Time) (string, error) {
	var row membershipRow
	err := holding(s.reader(ctx), at).Where("person_id = ?", person).Take(&row).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return "", nil
	}
	return row.TeamID, translate("team of", err)
}

// MoveMember puts a person into a team from a time on; the membership before ends there and stays on record. at is not before that one began.
func (s *Store) MoveMember(ctx context.Context, person, team string, at time.Time) error {
	return s.tx(ctx, "move member", func(tx *gorm.DB) error { return move(tx, person, team, at) })
}

func move(tx *gorm.DB, person, team string, at time.Time) error {
	var now membershipRow
	err := tx.Where("person_id = ? AND until IS NULL", person).Take(&now).Error
	current := func() *gorm.DB { return tx.Model(&membershipRow{}).Where("person_id = ? AND until IS NULL", person) }
	switch ms := at.UnixMilli(); {
	case errors.Is(err, gorm.ErrRecordNotFound):
		return tx.Create(&membershipRow{PersonID: person, TeamID: team, Since: stamp(at)}).Error
	case err != nil:
		return err
	case now.TeamID == team:
		return nil
	case ms < now.Since.UnixMilli():
		return fault.New(fault.Conflict, "store.move_before")
	case ms == now.Since.UnixMilli(): // it never held
		return current().Update("team_id", team).Error
	}
	if err := current().Update("until", stamp(at)).Error; err != nil {
		return err
	}
	return tx.Create(&membershipRow{PersonID: person, TeamID: team, Since: stamp(at)}).Error
}
