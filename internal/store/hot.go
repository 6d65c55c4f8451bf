package store

import (
	"fmt"

	"gorm.io/gorm"

	"leida/internal/profile"
)

// The hot paths, an answer saved and a team's evidence loaded, are written out: gorm's reflection would cost more than sqlite does.

func hotSlots(db *gorm.DB, sitting string) ([]slotRow, error) {
	rows, err := db.Raw("SELECT n, section, weight, item_id, item_hash, answer, rev, saved_at, seconds, flagged, score, critical "+
		"FROM slots WHERE sitting_id = ? ORDER BY n", sitting).Rows()
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	slots := make([]slotRow, 0, 32)
	for rows.Next() {
		s := slotRow{SittingID: sitting}
		err := rows.Scan(&s.N, &s.Section, &s.Weight, &s.ItemID, &s.ItemHash, &s.Answer, &s.Rev, &s.SavedAt, &s.Seconds, &s.Flagged, &s.Score, &s.Critical)
		if err != nil {
			return nil, err
		}
		slots = append(slots, s)
	}
	return slots, rows.Err()
}

func hotSaveSitting(tx *gorm.DB, s sittingRow) error {
	return one(tx.Exec("UPDATE sittings SET time_factor = ?, state = ?, deadline = ?, submitted_at = ?, auto = ?, blank = ?, counts = ?, holder = ?, seen_at = ?, score = ? WHERE id = ?",
		s.TimeFactor, s.State, s.Deadline, s.SubmittedAt, s.Auto, s.Blank, s.Counts, s.Holder, s.SeenAt, s.Score, s.ID))
}

// hotSaveSlot never goes back to an older revision, whatever the change before it believed.
func hotSaveSlot(tx *gorm.DB, s slotRow) error {
	r := tx.Exec("UPDATE slots SET answer = ?, rev = ?, saved_at = ?, seconds = ?, flagged = ?, score = ?, critical = ? WHERE sitting_id = ? AND n = ? AND rev <= ?",
		s.Answer, s.Rev, s.SavedAt, s.Seconds, s.Flagged, s.Score, s.Critical, s.SittingID, s.N, s.Rev)
	if r.Error == nil && r.RowsAffected == 0 {
		return fmt.Errorf("sitting %s, place %d: revision %d is older than the one kept", s.SittingID, s.N, s.Rev)
	}
	return r.Error
}

const evidenceColumns = "id, person_id, sub, item_id, item_version, item_hash, sitting_id, cycle_id, y, n, source, performance, observed_at, scenario, channel, void"

// hotEvidence gives each person's evidence in the order of time. The slice is the caller's only until the next person.
func hotEvidence(db *gorm.DB, give func(person string, e []profile.Evidence), where string, args ...any) error {
	return byPerson(db.Raw("SELECT "+evidenceColumns+" FROM evidence WHERE "+where+" ORDER BY person_id, observed_at, id", args...), give, func(e *profile.Evidence, sitting, cycle *reference, at *moment) []any {
		return []any{&e.ID, &e.Person, &e.Sub, &e.ItemID, &e.ItemVersion, &e.ItemHash, sitting, cycle, &e.Y, &e.N, &e.Source, &e.Performance, at, &e.Scenario, &e.Channel, &e.Void}
	})
}

// hotReckoning is hotEvidence of some people with only what an estimate is made of: a column less is 100,000 conversions less for a team of 500.
func hotReckoning(db *gorm.DB, give func(person string, e []profile.Evidence), people []string) error {
	query := "SELECT id, person_id, sub, item_id, sitting_id, cycle_id, y, n, source, performance, observed_at, void FROM evidence WHERE person_id IN ? ORDER BY person_id, observed_at, id"
	return byPerson(db.Raw(query, people), give, func(e *profile.Evidence, sitting, cycle *reference, at *moment) []any {
		return []any{&e.ID, &e.Person, &e.Sub, &e.ItemID, sitting, cycle, &e.Y, &e.N, &e.Source, &e.Performance, at, &e.Void}
	})
}

func byPerson(query *gorm.DB, give func(person string, e []profile.Evidence), into func(e *profile.Evidence, sitting, cycle *reference, at *moment) []any) error {
	rows, err := query.Rows()
	if err != nil {
		return err
	}
	defer rows.Close()
	var e profile.Evidence
	var sitting, cycle reference
	var at moment
	columns := into(&e, &sitting, &cycle, &at)
	var run []profile.Evidence
	for rows.Next() {
		if err := rows.Scan(columns...); err != nil {
			return err
		}
		e.SittingID, e.Cycle, e.At = string(sitting), string(cycle), at.Time
		if len(run) > 0 && run[0].Person != e.Person {
			give(run[0].Person, run)
			run = run[:0]
		}
		run = append(run, e)
	}
	if len(run) > 0 {
		give(run[0].Person, run)
	}
	return rows.Err()
}
