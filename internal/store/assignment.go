package store

import (
	"context"
	"errors"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"leida/internal/exam"
	"leida/internal/fault"
	"leida/internal/org"
)

type assignmentRow struct {
	ID         string
	Assessment string
	AssignedBy string
	Opens      moment
	Closes     moment
	CycleID    reference
	CreatedAt  moment `gorm:"autoCreateTime:false"`
}

func (assignmentRow) TableName() string { return "assignments" }

func assignmentOf(r assignmentRow) exam.Assignment {
	return exam.Assignment{
		ID: r.ID, Assessment: r.Assessment, By: r.AssignedBy, Opens: r.Opens.Time, Closes: r.Closes.Time,
		Cycle: string(r.CycleID), CreatedAt: r.CreatedAt.Time,
	}
}

type assignmentTeamRow struct{ AssignmentID, TeamID string }

func (assignmentTeamRow) TableName() string { return "assignment_teams" }

type assignmentPersonRow struct{ AssignmentID, PersonID string }

func (assignmentPersonRow) TableName() string { return "assignment_people" }

// CreateAssignment gives an assessment to teams and people. Its cycle must exist or be empty. An empty id is filled in, an unset CreatedAt is now.
func (s *Store) CreateAssignment(ctx context.Context, a exam.Assignment) (exam.Assignment, error) {
	if len(a.Teams)+len(a.People) == 0 {
		return exam.Assignment{}, fault.Field("targets", "exam.nobody")
	}
	if a.ID == "" {
		a.ID = s.NewID()
	}
	if a.CreatedAt.IsZero() {
		a.CreatedAt = s.now()
	}
	row := assignmentRow{a.ID, a.Assessment, a.By, stamp(a.Opens), stamp(a.Closes), reference(a.Cycle), stamp(a.CreatedAt)}
	var teams []assignmentTeamRow
	for _, t := range a.Teams {
		teams = append(teams, assignmentTeamRow{a.ID, t})
	}
	var people []assignmentPersonRow
	for _, p := range a.People {
		people = append(people, assignmentPersonRow{a.ID, p})
	}
	err := s.tx(ctx, "create assignment", func(tx *gorm.DB) error {
		err := tx.Create(&row).Error
		if err == nil && len(teams) > 0 {
			err = tx.Clauses(clause.OnConflict{DoNothing: true}).CreateInBatches(&teams, batchRows).Error
		}
		if err == nil && len(people) > 0 {
			err = tx.Clauses(clause.OnConflict{DoNothing: true}).CreateInBatches(&people, batchRows).Error
		}
		return err
	})
	if err != nil {
		return exam.Assignment{}, err
	}
	return a, nil
}

// overseen keeps the assignments that a viewer has to do with as trainer, admin or manager. A manager oversees those they made, those to a managed team or
// one above it, and those to a present member by name.
func (s *Store) overseen(db *gorm.DB, v org.Viewer) *gorm.DB {
	switch {
	case v.Is(org.Trainer, org.Admin):
		return db
	case v.Is(org.Manager):
		const teams = "SELECT t.assignment_id FROM assignment_teams t JOIN team_above u ON u.above_id = t.team_id WHERE u.team_id IN ?"
		const people = "SELECT p.assignment_id FROM assignment_people p WHERE p.person_id IN (?)"
		return db.Where("(assignments.assigned_by = ? OR assignments.id IN ("+teams+") OR assignments.id IN ("+people+"))",
			v.Person.ID, v.Teams(), membersOf(db, v.Teams(), s.now()))
	}
	return db.Where("1 = 0")
}

// Assignment loads an assignment that the viewer oversees or is asked to sit.
func (s *Store) Assignment(ctx context.Context, v org.Viewer, id string) (exam.Assignment, error) {
	a, err := s.assignment(s.reader(ctx), v, id)
	return a, translate("assignment", err)
}

func (s *Store) assignment(db *gorm.DB, v org.Viewer, id string) (exam.Assignment, error) {
	a, err := s.asked(db, v.Person.ID, id)
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return loadAssignment(s.overseen(db, v), db, id)
	}
	return a, err
}

// asked loads an assignment that a person is asked to sit.
func (s *Store) asked(db *gorm.DB, person, id string) (exam.Assignment, error) {
	return loadAssignment(db.Where("assignments.id IN (SELECT assignment_id FROM assigned WHERE person_id = ?)", person), db, id)
}

func loadAssignment(scope, db *gorm.DB, id string) (exam.Assignment, error) {
	var row assignmentRow
	if err := scope.Where("assignments.id = ?", id).Take(&row).Error; err != nil {
		return exam.Assignment{}, err
	}
	a := []exam.Assignment{assignmentOf(row)}
	err := addTargets(db, a)
	return a[0], err
}

// addTargets fills in the named teams and people of assignments, in two queries.
func addTargets(db *gorm.DB, as []exam.Assignment) error {
	ids, place := make([]string, len(as)), make(map[string]*exam.Assignment, len(as))
	for i := range as {
		ids[i], place[as[i].ID] = as[i].ID, &as[i]
	}
	var teams []assignmentTeamRow
	if err := db.Where("assignment_id IN ?", ids).Order("assignment_id, team_id").Find(&teams).Error; err != nil {
		return err
	}
	for _, t := range teams {
		place[t.AssignmentID].Teams = append(place[t.AssignmentID].Teams, t.TeamID)
	}
	var people []assignmentPersonRow
	if err := db.Where("assignment_id IN ?", ids).Order("assignment_id, person_id").Find(&people).Error; err != nil {
		return err
	}
	for _, p := range people {
		place[p.AssignmentID].People = append(place[p.AssignmentID].People, p.PersonID)
	}
	return nil
}

// Progress is an assignment with how far people are: of a manager's list, the people they may see.
type Progress struct {
	exam.Assignment
	Assigned, Started, Submitted int // Started includes Submitted
}

// Assignments lists the assignments that the viewer oversees, the newest first, with how many there are in all.
func (s *Store) Assignments(ctx context.Context, v org.Viewer, page Page) ([]Progress, int, error) {
	db := s.reader(ctx)
	var total int64
	if err := s.overseen(db.Model(&assignmentRow{}), v).Count(&total).Error; err != nil {
		return nil, 0, translate("assignments", err)
	}
	var rows []assignmentRow
	err := s.overseen(db, v).Order("created_at DESC, id").Limit(page.limit()).Offset(page.offset()).Find(&rows).Error
	if err != nil {
		return nil, 0, translate("assignments", err)
	}
	as := make([]exam.Assignment, len(rows))
	for i, r := range rows {
		as[i] = assignmentOf(r)
	}
	if err := addTargets(db, as); err != nil {
		return nil, 0, translate("assignments", err)
	}
	out, err := s.addProgress(db, v, as)
	return out, int(total), translate("assignments", err)
}

func (s *Store) addProgress(db *gorm.DB, v org.Viewer, as []exam.Assignment) ([]Progress, error) {
	ids, out := make([]string, len(as)), make([]Progress, len(as))
	for i, a := range as {
		ids[i], out[i].Assignment = a.ID, a
	}
	var counts []struct {
		AssignmentID                 string
		Assigned, Started, Submitted int
	}
	err := s.targeted(db, v).Where("assigned.assignment_id IN ?", ids).Group("assigned.assignment_id").
		Select("assigned.assignment_id, count(*) AS assigned, count(sittings.id) AS started, sum(CASE WHEN sittings.state = 'submitted' THEN 1 ELSE 0 END) AS submitted").
		Find(&counts).Error
	for _, c := range counts {
		for i := range out {
			if out[i].ID == c.AssignmentID {
				out[i].Assigned, out[i].Started, out[i].Submitted = c.Assigned, c.Started, c.Submitted
			}
		}
	}
	return out, err
}
