package store

import (
	"context"
	"slices"
	"time"

	"gorm.io/gorm"

	"leida/internal/fault"
	"leida/internal/org"
)

type grantRow struct {
	PersonID string
	Access   org.Access
	TeamID   reference
}

func (grantRow) TableName() string { return "grants" }

// Grants are a person's access roles.
func (s *Store) Grants(ctx context.Context, person string) ([]org.Grant, error) {
	g, err := grantsOf(s.reader(ctx), []string{person})
	return g[person], translate("grants", err)
}

// SetGrants replaces a person's access roles. It refuses to take the role from the last active admin: nobody could give it back.
func (s *Store) SetGrants(ctx context.Context, person string, grants []org.Grant) error {
	return s.tx(ctx, "set grants", func(tx *gorm.DB) error {
		var row personRow
		if err := tx.Select("id").Where("id = ?", person).Take(&row).Error; err != nil {
			return err
		}
		return s.keepAdmin(tx, func() error {
			if err := tx.Where("person_id = ?", person).Delete(&grantRow{}).Error; err != nil {
				return err
			}
			return insertGrants(tx, person, grants)
		})
	})
}

// keepAdmin refuses a change that leaves a centre, which had an active admin, without one.
func (s *Store) keepAdmin(tx *gorm.DB, change func() error) error {
	before, err := activeAdmins(tx, s.now())
	if err == nil {
		err = change()
	}
	if err != nil || before == 0 {
		return err
	}
	after, err := activeAdmins(tx, s.now())
	if err == nil && after == 0 {
		err = fault.New(fault.Conflict, "store.last_admin")
	}
	return err
}

func activeAdmins(tx *gorm.DB, now time.Time) (n int64, err error) {
	ms := now.UnixMilli()
	err = tx.Table("grants").Joins("JOIN people ON people.id = grants.person_id").Where("grants.access = ?", org.Admin).Where(activeAt, ms, ms).Count(&n).Error
	return n, err
}

func insertGrants(tx *gorm.DB, person string, grants []org.Grant) error {
	var rows []grantRow
	for i, g := range grants {
		if (g.Access == org.Manager) != (g.Team != "") {
			return fault.Field(fault.Index("grants", i), "store.manager_team")
		}
		if !slices.Contains(grants[:i], g) {
			rows = append(rows, grantRow{person, g.Access, reference(g.Team)})
		}
	}
	if len(rows) == 0 {
		return nil
	}
	return tx.Create(&rows).Error
}

// grantsOf are the access roles of several people, in the order of a form.
func grantsOf(db *gorm.DB, people []string) (map[string][]org.Grant, error) {
	var rows []grantRow
	err := db.Where("person_id IN ?", people).Order("person_id, access, team_id").Find(&rows).Error
	slices.SortStableFunc(rows, func(a, b grantRow) int {
		return slices.Index(org.Accesses, a.Access) - slices.Index(org.Accesses, b.Access)
	})
	out := map[string][]org.Grant{}
	for _, r := range rows {
		out[r.PersonID] = append(out[r.PersonID], org.Grant{Access: r.Access, Team: string(r.TeamID)})
	}
	return out, err
}

// Viewer is a signed-in person with what they may see. Somebody who is not active now is not found.
func (s *Store) Viewer(ctx context.Context, person, session string) (org.Viewer, error) {
	db, now := s.reader(ctx), s.now().UnixMilli()
	var row personRow
	if err := db.Where("id = ?", person).Where(activeAt, now, now).Take(&row).Error; err != nil {
		return org.Viewer{}, translate("viewer", err)
	}
	grants, err := s.Grants(ctx, person)
	if err != nil {
		return org.Viewer{}, err
	}
	return s.viewerOf(ctx, row, session, grants)
}

// viewerOf works out what a person with some roles may see. Only a manager's needs the teams.
func (s *Store) viewerOf(ctx context.Context, row personRow, session string, grants []org.Grant) (v org.Viewer, err error) {
	tree := org.NewTree(nil)
	if slices.ContainsFunc(grants, func(g org.Grant) bool { return g.Access == org.Manager }) {
		if tree, err = s.Tree(ctx); err != nil {
			return org.Viewer{}, err
		}
	}
	return org.NewViewer(personOf(row), session, grants, tree), nil
}
