package store

import (
	"context"
	"errors"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"leida/internal/exam"
	"leida/internal/fault"
	"leida/internal/org"
)

type factorRow struct {
	AssignmentID string
	PersonID     string
	Factor       float64
}

func (factorRow) TableName() string { return "time_factors" }

// targeted is who is asked to sit, with their sittings and present memberships: of a manager who is neither trainer nor admin, the present members of managed
// teams. The membership is joined and not a subquery: sqlite would push that into the view and go through every person for every assignment.
func (s *Store) targeted(db *gorm.DB, v org.Viewer) *gorm.DB {
	now := s.now().UnixMilli()
	q := db.Table("assigned").
		Joins("LEFT JOIN sittings ON sittings.assignment_id = assigned.assignment_id AND sittings.person_id = assigned.person_id").
		Joins("LEFT JOIN memberships ON memberships.person_id = assigned.person_id AND memberships.since <= ? AND (memberships.until IS NULL OR memberships.until > ?)", now, now)
	if v.Is(org.Trainer, org.Admin) {
		return q
	}
	return q.Where("memberships.team_id IN ?", v.Teams())
}

// Asked is an assignment as the person sees it who is asked to sit it.
type Asked struct {
	exam.Assignment            // without its targets
	TimeFactor      float64    // 1 unless they have an accommodation
	Sitting         string     // id; "" while not started
	State           exam.State // of the sitting; "" while not started
	Deadline        time.Time
	SubmittedAt     time.Time
	Score           float64 // 0-100 once submitted
	Counts          bool    // whether the sitting's evidence counts
}

// AssignmentsFor is what a person is asked to sit, with how far they are: what is still open first by its end, then the rest, the newest end first.
func (s *Store) AssignmentsFor(ctx context.Context, person string, now time.Time) ([]Asked, error) {
	var rows []struct {
		Assignment  assignmentRow `gorm:"embedded"`
		Factor      float64
		SittingID   reference
		State       reference
		Deadline    moment
		SubmittedAt moment
		Score       float64
		Counts      bool
	}
	err := s.reader(ctx).Table("assignments").
		Joins("LEFT JOIN sittings ON sittings.assignment_id = assignments.id AND sittings.person_id = ?", person).
		Joins("LEFT JOIN time_factors ON time_factors.assignment_id = assignments.id AND time_factors.person_id = ?", person).
		Where("assignments.id IN (SELECT assignment_id FROM assigned WHERE person_id = ?)", person).
		Select("assignments.*, coalesce(time_factors.factor, 1) AS factor, sittings.id AS sitting_id, sittings.state, sittings.deadline, sittings.submitted_at, " +
			"coalesce(sittings.score, 0) AS score, sittings.counts").
		Order(clause.OrderBy{Expression: openFirst(now)}).
		Limit(MaxLimit).Find(&rows).Error
	out := make([]Asked, len(rows))
	for i, r := range rows {
		out[i] = Asked{
			Assignment: assignmentOf(r.Assignment), TimeFactor: r.Factor, Sitting: string(r.SittingID), State: exam.State(r.State),
			Deadline: r.Deadline.Time, SubmittedAt: r.SubmittedAt.Time, Score: r.Score, Counts: r.Counts,
		}
	}
	return out, translate("assignments of a person", err)
}

func openFirst(now time.Time) clause.Expr {
	return clause.Expr{
		SQL:  "CASE WHEN assignments.closes > ? THEN assignments.closes END NULLS LAST, assignments.closes DESC, assignments.id",
		Vars: []any{now.UnixMilli()},
	}
}

// Target is somebody asked to sit an assignment. It carries no result.
type Target struct {
	Person      org.Person
	Team        string     // present one; "" for none
	TimeFactor  float64    // 1 unless they have an accommodation
	Sitting     string     // id; "" while not started
	State       exam.State // "" while not started
	StartedAt   time.Time
	SubmittedAt time.Time
}

// Targets are the people asked to sit an assignment that the viewer oversees, by number: of a manager, the present members of managed teams.
func (s *Store) Targets(ctx context.Context, v org.Viewer, assignment string) ([]Target, error) {
	db := s.reader(ctx)
	if _, err := loadAssignment(s.overseen(db, v), db, assignment); err != nil {
		return nil, translate("targets", err)
	}
	var rows []struct {
		Person      personRow `gorm:"embedded"`
		TeamID      reference
		Factor      float64
		SittingID   reference
		State       reference
		StartedAt   moment
		SubmittedAt moment
	}
	err := s.targeted(db, v).Where("assigned.assignment_id = ?", assignment).
		Joins("JOIN people ON people.id = assigned.person_id").
		Joins("LEFT JOIN time_factors ON time_factors.assignment_id = assigned.assignment_id AND time_factors.person_id = assigned.person_id").
		Select("people.*, memberships.team_id, coalesce(time_factors.factor, 1) AS factor, sittings.id AS sitting_id, sittings.state, sittings.started_at, sittings.submitted_at").
		Order("people.number_canon").Find(&rows).Error
	out := make([]Target, len(rows))
	for i, r := range rows {
		out[i] = Target{
			Person: personOf(r.Person), Team: string(r.TeamID), TimeFactor: r.Factor, Sitting: string(r.SittingID), State: exam.State(r.State),
			StartedAt: r.StartedAt.Time, SubmittedAt: r.SubmittedAt.Time,
		}
	}
	return out, translate("targets", err)
}

// SetTimeFactor gives a person more time for an assignment that the viewer oversees, before they start. 1 takes it back.
func (s *Store) SetTimeFactor(ctx context.Context, v org.Viewer, assignment, person string, factor float64) error {
	if err := fault.Of(exam.CheckTimeFactor("factor", factor)); err != nil {
		return err
	}
	return s.tx(ctx, "set time factor", func(tx *gorm.DB) error {
		if err := lockPerson(tx, person); err != nil {
			return err
		}
		if _, err := loadAssignment(s.overseen(tx, v), tx, assignment); err != nil {
			return err
		}
		var who struct{ PersonID, SittingID reference }
		err := s.targeted(tx, v).Select("assigned.person_id, sittings.id AS sitting_id").
			Where("assigned.assignment_id = ? AND assigned.person_id = ?", assignment, person).Take(&who).Error
		switch {
		case err != nil:
			return err
		case who.SittingID != "":
			return fault.New(fault.Conflict, "store.started")
		}
		return tx.Clauses(clause.OnConflict{
			Columns:   []clause.Column{{Name: "assignment_id"}, {Name: "person_id"}},
			DoUpdates: clause.AssignmentColumns([]string{"factor"}),
		}).Create(&factorRow{assignment, person, factor}).Error
	})
}

// TimeFactor is a person's time factor for an assignment, 1 unless one was set.
func (s *Store) TimeFactor(ctx context.Context, assignment, person string) (float64, error) {
	f, err := timeFactor(s.reader(ctx), assignment, person)
	return f, translate("time factor", err)
}

func timeFactor(db *gorm.DB, assignment, person string) (float64, error) {
	var row factorRow
	err := db.Where("assignment_id = ? AND person_id = ?", assignment, person).Take(&row).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return 1, nil
	}
	return row.Factor, err
}
