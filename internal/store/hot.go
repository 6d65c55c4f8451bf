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
func writeLocking(before, query, lock, after string) written {
	return written{before + query + after, numbered(before + query + lock + after)}
}

// What becomes of a row that somebody else is just changing.
const (
	waiting = " FOR NO KEY UPDATE"
	passing = waiting + " SKIP LOCKED" // as if it were not there
)

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

// hot is what each request and each save asks: in a statement of its own on sqlite, together with others on PostgreSQL. db is sqlite's transaction; PostgreSQL has none for these.
type hot interface {
	viewer(ctx context.Context, q viewerAsk) (viewerRow, error)
	place(ctx context.Context, db *gorm.DB, q placeAsk) (placeRow, error)
	save(ctx context.Context, db *gorm.DB, c placeChange) (saved bool, err error)
}

// singly asks for each alone.
type singly struct{ read *gorm.DB }

// viewerAsk asks whose session a token is at a time, and for a place of that person's that a save is about to ask for, if any.
type viewerAsk struct {
	tokenHash []byte
	at        int64
	sitting   string
	n         int
}

// viewerRow is a session, if it holds, and the person behind it with their roles. It has the place only where there is one that was read along, which a crowd does.
type viewerRow struct {
	row             sessionRow
	oneTime, factor bool
	person          personRow
	grants          []org.Grant
	place           *placeRow
}

func (v *viewerRow) session() Session {
	s := sessionOf(v.row)
	s.OneTime, s.Factor = v.oneTime, v.factor
	return s
}

func (v *viewerRow) columns(access, team *reference) []any {
	r, p := &v.row, &v.person
	return []any{&r.ID, &r.PersonID, &r.UserAgent, &r.StartedAt, &r.SeenAt, &r.ExpiresAt, &r.Half, &r.ProvedAt, &v.oneTime, &v.factor,
		&p.ID, &p.Number, &p.Name, &p.Email, &p.JobProfile, &p.ActiveFrom, &p.ActiveTo, access, team}
}

// grant adds a role; a person without roles has one row without any.
func (v *viewerRow) grant(access, team reference) {
	if access != "" {
		v.grants = append(v.grants, org.Grant{Access: org.Access(access), Team: string(team)})
	}
}

const (
	viewerColumns = "sessions.id, sessions.person_id, sessions.user_agent, sessions.started_at, sessions.seen_at, sessions.expires_at, sessions.half, sessions.proved_at, people.password_until IS NOT NULL, f.person_id IS NOT NULL, " +
		"people.id, people.number, people.name, people.email, people.job_profile, people.active_from, people.active_to, g.access, g.team_id"
	viewerJoins = "JOIN people ON people.id = sessions.person_id LEFT JOIN factors f ON f.person_id = people.id AND f.confirmed_at IS NOT NULL " +
		"LEFT JOIN grants g ON g.person_id = people.id WHERE "
)

var viewerQuery = write("SELECT " + viewerColumns + " FROM (SELECT id, person_id, user_agent, started_at, seen_at, expires_at, half, proved_at FROM sessions " +
	"WHERE token_hash = ? AND " + validAt + " LIMIT 1) sessions " + viewerJoins + activeAt)

// viewer answers one ask in one statement.
func (h singly) viewer(ctx context.Context, q viewerAsk) (v viewerRow, err error) {
	var access, team reference
	err = viewerQuery.eachRow(ctx, h.read, []any{q.tokenHash, q.at, q.at, q.at, q.at}, v.columns(&access, &team), func() { v.grant(access, team) })
	if err == nil && v.person.ID == "" {
		err = gorm.ErrRecordNotFound
	}
	return v, err
}

const slotColumns = "section, weight, item_id, item_hash, answer, rev, opened_at, saved_at, seconds, flagged, score, critical"

func (s *slotRow) columns() []any {
	return []any{&s.Section, &s.Weight, &s.ItemID, &s.ItemHash, &s.Answer, &s.Rev, &s.OpenedAt, &s.SavedAt, &s.Seconds, &s.Flagged, &s.Score, &s.Critical}
}

// placeAsk asks for one place of a person's sitting.
type placeAsk struct {
	person, sitting string
	n               int
}

// placeRow is what a save looks at: one place, the sitting's state, the length of the paper, and when anything on it was last saved. All else is empty.
type placeRow struct {
	head sittingRow
	slot slotRow
	last int // place of the paper
	seen moment
}

// asked puts in what was asked for, which no column repeats.
func (r *placeRow) asked(q placeAsk) {
	r.head.ID, r.head.PersonID, r.slot.SittingID, r.slot.N = q.sitting, q.person, q.sitting, q.n
}

func (r *placeRow) columns() []any {
	s, x := &r.head, &r.slot
	return []any{&s.Seed, &s.TimeFactor, &s.State, &s.StartedAt, &s.Deadline, &s.Holder,
		&x.ItemID, &x.ItemHash, &x.Answer, &x.Rev, &x.OpenedAt, &x.SavedAt, &x.Seconds, &x.Flagged, &r.last, &r.seen}
}

// placeColumns can be read of a place that a join does not find, too.
const placeColumns = "coalesce(s.seed, 0), coalesce(s.time_factor, 0), coalesce(s.state, ''), s.started_at, s.deadline, coalesce(s.holder, ''), " +
	"coalesce(x.item_id, ''), coalesce(x.item_hash, ''), x.answer, coalesce(x.rev, 0), x.opened_at, x.saved_at, coalesce(x.seconds, 0), coalesce(x.flagged, false), " +
	"(SELECT coalesce(max(n), 0) FROM slots y WHERE y.sitting_id = s.id), (SELECT max(saved_at) FROM slots y WHERE y.sitting_id = s.id) "

var placeQuery = write("SELECT " + placeColumns + "FROM slots x JOIN sittings s ON s.id = x.sitting_id " +
	"WHERE s.id = CAST(? AS TEXT) AND s.person_id = CAST(? AS TEXT) AND x.n = CAST(? AS INTEGER)")

func (h singly) place(ctx context.Context, db *gorm.DB, q placeAsk) (placeRow, error) {
	var r placeRow
	r.asked(q)
	err := placeQuery.row(ctx, db, []any{q.sitting, q.person, q.n}, r.columns()...)
	return r, err
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

// placeChange is what a save makes of a place that is as it was read, of a sitting that is still open and held by the same session.
type placeChange struct {
	slot   slotRow
	was    int64 // its revision before
	holder string
}

// placeUpdate locks the sitting and then the place, as submitting does.
var placeUpdate = writeLocking(placeBefore, placeHeld, waiting, placeAfter)

const (
	placeBefore = "UPDATE slots SET answer = ?, rev = ?, saved_at = ?, seconds = ?, flagged = ? WHERE sitting_id = ("
	placeHeld   = "SELECT id FROM sittings WHERE id = ? AND state = 'open' AND holder = ?"
	placeAfter  = ") AND n = ? AND rev = ?"
)

// save reports whether the place still was as it was read.
func (singly) save(ctx context.Context, db *gorm.DB, c placeChange) (saved bool, err error) {
	return c.exec(ctx, db, placeUpdate)
}

func (c *placeChange) exec(ctx context.Context, db *gorm.DB, update written) (saved bool, err error) {
	s := &c.slot
	n, err := update.exec(ctx, db, s.Answer, s.Rev, s.SavedAt, s.Seconds, s.Flagged, s.SittingID, c.holder, s.N, c.was)
	return n > 0, err
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
