package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"gorm.io/gorm"

	"leida/internal/org"
	"leida/internal/profile"
)

// The hot paths, who asks, an answer saved and a team's evidence loaded, are written out: gorm's reflection would cost more than sqlite does.
//
// sqlite plans a statement anew at each run when a parameter is compared for equality in a join or by part of a key alone, for the plan might depend on its value;
// that takes longer than the statement. Looking one row up by its whole key is exempt, and so is a parameter inside an expression, such as a CAST.

// written is a statement of a hot path that goes past gorm to the connection below it, which halves what it costs. Of a gorm.DB it takes the connection and
// not the context, for giving gorm one copies it.
type written struct{ sqlite, postgres string }

// write takes a statement with ? for its parameters.
func write(query string) written { return written{query, numbered(query)} }

// writeLocking takes a statement whose middle, a query, keeps others from changing the row that it reads until the transaction ends; sqlite has one writer and no need to.
func writeLocking(before, query, after string) written {
	return written{before + query + after, numbered(before + query + " FOR NO KEY UPDATE" + after)}
}

func numbered(query string) string {
	var out strings.Builder
	for i, part := range strings.Split(query, "?") {
		if i > 0 {
			fmt.Fprintf(&out, "$%d", i)
		}
		out.WriteString(part)
	}
	return out.String()
}

func (w written) in(db *gorm.DB) string {
	if db.Name() == "postgres" {
		return w.postgres
	}
	return w.sqlite
}

// told logs a statement as gorm does.
func (w written) told(ctx context.Context, db *gorm.DB, rows int64, err error) {
	db.Logger.Trace(ctx, time.Time{}, func() (string, int64) { return w.in(db), rows }, err)
}

// row reads the one row that there is into columns, or is gorm's word for none.
func (w written) row(ctx context.Context, db *gorm.DB, args []any, columns ...any) error {
	rows := int64(1)
	err := db.Statement.ConnPool.QueryRowContext(ctx, w.in(db), args...).Scan(columns...)
	if errors.Is(err, sql.ErrNoRows) {
		rows, err = 0, gorm.ErrRecordNotFound
	}
	w.told(ctx, db, rows, err)
	return err
}

// eachRow reads row after row into the same columns.
func (w written) eachRow(ctx context.Context, db *gorm.DB, args []any, columns []any, visit func()) (err error) {
	var n int64
	defer func() { w.told(ctx, db, n, err) }()
	rows, err := db.Statement.ConnPool.QueryContext(ctx, w.in(db), args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for ; rows.Next(); n++ {
		if err := rows.Scan(columns...); err != nil {
			return err
		}
		visit()
	}
	return rows.Err()
}

// exec is how many rows were changed.
func (w written) exec(ctx context.Context, db *gorm.DB, args ...any) (n int64, err error) {
	defer func() { w.told(ctx, db, n, err) }()
	r, err := db.Statement.ConnPool.ExecContext(ctx, w.in(db), args...)
	if err != nil {
		return 0, err
	}
	return r.RowsAffected()
}

var viewerQuery = write("SELECT s.id, s.person_id, s.user_agent, s.started_at, s.seen_at, s.expires_at, s.half, s.proved_at, people.password_until IS NOT NULL, f.person_id IS NOT NULL, " +
	"people.id, people.number, people.name, people.email, people.job_profile, people.active_from, people.active_to, g.access, g.team_id " +
	"FROM (SELECT id, person_id, user_agent, started_at, seen_at, expires_at, half, proved_at FROM sessions WHERE token_hash = ? AND " + validAt + " LIMIT 1) s " +
	"JOIN people ON people.id = s.person_id LEFT JOIN factors f ON f.person_id = s.person_id AND f.confirmed_at IS NOT NULL " +
	"LEFT JOIN grants g ON g.person_id = people.id WHERE " + activeAt)

// hotViewer is the session of a token, if it holds at a time, and the person behind it with their roles, in one statement. It is asked at every request.
func hotViewer(ctx context.Context, db *gorm.DB, tokenHash []byte, at int64) (session Session, person personRow, grants []org.Grant, err error) {
	var row sessionRow
	var oneTime, factor bool
	var access, team reference
	columns := []any{&row.ID, &row.PersonID, &row.UserAgent, &row.StartedAt, &row.SeenAt, &row.ExpiresAt, &row.Half, &row.ProvedAt, &oneTime, &factor,
		&person.ID, &person.Number, &person.Name, &person.Email, &person.JobProfile, &person.ActiveFrom, &person.ActiveTo, &access, &team}
	err = viewerQuery.eachRow(ctx, db, []any{tokenHash, at, at, at, at}, columns, func() {
		if access != "" {
			grants = append(grants, org.Grant{Access: org.Access(access), Team: string(team)})
		}
	})
	if err == nil && person.ID == "" {
		err = gorm.ErrRecordNotFound
	}
	session = sessionOf(row)
	session.OneTime, session.Factor = oneTime, factor
	return session, person, grants, err
}

const slotColumns = "section, weight, item_id, item_hash, answer, rev, opened_at, saved_at, seconds, flagged, score, critical"

func (s *slotRow) columns() []any {
	return []any{&s.Section, &s.Weight, &s.ItemID, &s.ItemHash, &s.Answer, &s.Rev, &s.OpenedAt, &s.SavedAt, &s.Seconds, &s.Flagged, &s.Score, &s.Critical}
}

var placeQuery = write("SELECT s.seed, s.time_factor, s.state, s.started_at, s.deadline, s.holder, x.item_id, x.item_hash, x.answer, x.rev, x.opened_at, x.saved_at, x.seconds, x.flagged, " +
	"(SELECT max(n) FROM slots y WHERE y.sitting_id = s.id), (SELECT max(saved_at) FROM slots y WHERE y.sitting_id = s.id) FROM slots x JOIN sittings s ON s.id = x.sitting_id " +
	"WHERE s.id = CAST(? AS TEXT) AND s.person_id = CAST(? AS TEXT) AND x.n = CAST(? AS INTEGER)")

// hotPlace is what a save looks at: one place of a person's sitting, the sitting's state, the length of the paper, and when anything on it was last saved. All else is empty.
func hotPlace(ctx context.Context, db *gorm.DB, person, id string, n int) (s sittingRow, x slotRow, length int, seen moment, err error) {
	s, x = sittingRow{ID: id, PersonID: person}, slotRow{SittingID: id, N: n}
	err = placeQuery.row(ctx, db, []any{id, person, n}, &s.Seed, &s.TimeFactor, &s.State, &s.StartedAt, &s.Deadline, &s.Holder,
		&x.ItemID, &x.ItemHash, &x.Answer, &x.Rev, &x.OpenedAt, &x.SavedAt, &x.Seconds, &x.Flagged, &length, &seen)
	return s, x, length + 1, seen, err
}

var slotsQuery = write("SELECT n, " + slotColumns + " FROM slots WHERE sitting_id = CAST(? AS TEXT) ORDER BY n")

func hotSlots(ctx context.Context, db *gorm.DB, sitting string) ([]slotRow, error) {
	slots := make([]slotRow, 0, 32)
	s := slotRow{SittingID: sitting}
	err := slotsQuery.eachRow(ctx, db, []any{sitting}, append([]any{&s.N}, s.columns()...), func() { slots = append(slots, s) })
	return slots, err
}

func hotSaveSitting(tx *gorm.DB, s sittingRow) error {
	return one(tx.Exec("UPDATE sittings SET time_factor = ?, state = ?, deadline = ?, submitted_at = ?, auto = ?, blank = ?, counts = ?, holder = ?, score = ? WHERE id = ?",
		s.TimeFactor, s.State, s.Deadline, s.SubmittedAt, s.Auto, s.Blank, s.Counts, s.Holder, s.Score, s.ID))
}

// placeUpdate changes a place that is as it was read, of a sitting that is still open and held by the same session. Both rows are then locked in that order, as submitting locks them.
var placeUpdate = writeLocking("UPDATE slots SET answer = ?, rev = ?, saved_at = ?, seconds = ?, flagged = ? WHERE sitting_id = (",
	"SELECT id FROM sittings WHERE id = ? AND state = 'open' AND holder = ?", ") AND n = ? AND rev = ?")

// args are the parameters of placeUpdate.
func (s *slotRow) args(was int64, holder string) []any {
	return []any{s.Answer, s.Rev, s.SavedAt, s.Seconds, s.Flagged, s.SittingID, holder, s.N, was}
}

var holderUpdate = write("UPDATE sittings SET holder = ? WHERE id = ? AND state = 'open' AND holder = ?")

var slotUpdate = write("UPDATE slots SET answer = ?, rev = ?, opened_at = ?, saved_at = ?, seconds = ?, flagged = ?, score = ?, critical = ? WHERE sitting_id = ? AND n = ? AND rev <= ?")

// hotSaveSlot never goes back to an older revision, whatever the change before it believed.
func hotSaveSlot(tx *gorm.DB, s slotRow) error {
	n, err := slotUpdate.exec(tx.Statement.Context, tx, s.Answer, s.Rev, s.OpenedAt, s.SavedAt, s.Seconds, s.Flagged, s.Score, s.Critical, s.SittingID, s.N, s.Rev)
	if err == nil && n == 0 {
		return fmt.Errorf("sitting %s, place %d: revision %d is older than the one kept", s.SittingID, s.N, s.Rev)
	}
	return err
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
