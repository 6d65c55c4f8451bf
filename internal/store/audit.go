package store

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"gorm.io/gorm"

	"leida/internal/org"
)

// auditRow is an entry with the hash that chains it to the one before.
type auditRow struct {
	Seq       int64 `gorm:"primaryKey;autoIncrement:false"`
	At        moment
	Actor     string
	Action    string
	Object    string
	ObjectID  string
	Detail    string
	RequestID string
	Hash      []byte
}

func (auditRow) TableName() string { return "audit" }

// chain is the row's hash: SHA-256 over the hash before and every field, each with its length.
func (r auditRow) chain(before []byte) []byte {
	h := sha256.New()
	h.Write(before)
	for _, f := range []string{
		strconv.FormatInt(r.Seq, 10), strconv.FormatInt(r.At.UnixMilli(), 10), r.Actor, r.Action, r.Object, r.ObjectID, r.Detail, r.RequestID,
	} {
		fmt.Fprintf(h, "%d:%s", len(f), f)
	}
	return h.Sum(nil)
}

// AuditEntry is something that was done, for good.
type AuditEntry struct {
	Actor     string // person; "" for the server itself
	Action    string // such as person.update
	Object    string // kind of thing: person, assignment ...
	ObjectID  string
	Detail    json.RawMessage // nil for none
	At        time.Time       // now if unset
	RequestID string
}

type noteKey struct{}

// Noting is a context whose change leaves an entry in the audit log, in the change's own transaction: neither is ever there without the other.
// A change that finds nothing to change leaves none. An entry belongs to one change, so each needs a context of its own.
func Noting(ctx context.Context, e AuditEntry) context.Context {
	return context.WithValue(ctx, noteKey{}, e)
}

// errUnchanged ends a change that found nothing to change: all is well, and there is nothing to note.
var errUnchanged = errors.New("nothing changed")

// noted is a change with the entry of its context behind it. The entry comes last, for it holds the end of the chain until the commit.
func (s *Store) noted(ctx context.Context, do func(tx *gorm.DB) error) func(tx *gorm.DB) error {
	return func(tx *gorm.DB) error {
		err := do(tx)
		if errors.Is(err, errUnchanged) {
			return nil
		}
		if e, ok := ctx.Value(noteKey{}).(AuditEntry); ok && err == nil {
			return s.appendAudit(tx, e)
		}
		return err
	}
}

// Audit adds an entry that belongs to no change, such as something refused. The log is append-only and chained by hashes.
func (s *Store) Audit(ctx context.Context, e AuditEntry) error {
	return s.txRow(ctx, "audit", func(tx *gorm.DB) error { return s.appendAudit(tx, e) })
}

// appendAudit comes last in a transaction: it holds the end of the chain until the commit.
func (s *Store) appendAudit(tx *gorm.DB, e AuditEntry) error {
	if err := s.engine.lock(tx, lockAudit); err != nil {
		return err
	}
	var last auditRow
	if err := tx.Order("seq DESC").Take(&last).Error; err != nil && !errors.Is(err, gorm.ErrRecordNotFound) {
		return err
	}
	if e.At.IsZero() {
		e.At = s.now()
	}
	r := auditRow{
		Seq: last.Seq + 1, At: stamp(e.At), Actor: e.Actor, Action: e.Action, Object: e.Object, ObjectID: e.ObjectID,
		Detail: string(e.Detail), RequestID: e.RequestID,
	}
	r.Hash = r.chain(last.Hash)
	return tx.Create(&r).Error
}

// AuditState is what a check of the log found.
type AuditState struct {
	Rows   int64
	Broken int64  // number of the first row that is not as it was written, 0 for none
	Head   []byte // hash of the last sound row; kept elsewhere, it also shows rows cut off the end
}

// VerifyAudit goes through the whole log and stops at the first row that was changed, slipped in or whose predecessor is missing.
func (s *Store) VerifyAudit(ctx context.Context) (AuditState, error) {
	var state AuditState
	rows, err := s.reader(ctx).Model(&auditRow{}).Select("seq, at, actor, action, object, object_id, detail, request_id, hash").Order("seq").Rows()
	if err != nil {
		return state, translate("verify audit", err)
	}
	defer rows.Close()
	for rows.Next() {
		var r auditRow
		if err := rows.Scan(&r.Seq, &r.At, &r.Actor, &r.Action, &r.Object, &r.ObjectID, &r.Detail, &r.RequestID, &r.Hash); err != nil {
			return state, translate("verify audit", err)
		}
		if r.Seq != state.Rows+1 || !bytes.Equal(r.Hash, r.chain(state.Head)) {
			state.Broken = r.Seq
			return state, nil
		}
		state.Rows, state.Head = r.Seq, r.Hash
	}
	return state, translate("verify audit", rows.Err())
}

// AuditRow is the number of the row with a hash, 0 where there is none: rows have been cut off the end since the hash was noted, or it is another log.
// In a log that VerifyAudit finds sound, that row and all before it are those that were there then.
func (s *Store) AuditRow(ctx context.Context, hash []byte) (int64, error) {
	var seq int64
	err := s.reader(ctx).Model(&auditRow{}).Select("coalesce(max(seq), 0)").Where("hash = ?", hash).Scan(&seq).Error
	return seq, translate("audit row", err)
}

// viewed is the action of looking at somebody's report.
const viewed = "report.view"

// LogView notes that the viewer looked at a person's report, once a day for each of the two. Looking at one's own is nobody's business.
func (s *Store) LogView(ctx context.Context, v org.Viewer, person, requestID string) error {
	if v.Person.ID == person {
		return nil
	}
	now := s.now()
	y, m, d := now.In(s.zone).Date()
	seen := func(db *gorm.DB) (bool, error) {
		var n int64
		err := db.Model(&auditRow{}).Where("object_id = ? AND action = ? AND actor = ? AND at >= ?", person, viewed, v.Person.ID, time.Date(y, m, d, 0, 0, 0, 0, s.zone).UnixMilli()).Count(&n).Error
		return n > 0, err
	}
	if done, err := seen(s.reader(ctx)); done || err != nil {
		return translate("log view", err)
	}
	return s.txRow(ctx, "log view", func(tx *gorm.DB) error {
		if err := s.engine.lock(tx, lockAudit); err != nil { // before looking again: of two at once the second sees the first
			return err
		}
		if done, err := seen(tx); done || err != nil {
			return err
		}
		return s.appendAudit(tx, AuditEntry{Actor: v.Person.ID, Action: viewed, Object: "person", ObjectID: person, At: now, RequestID: requestID})
	})
}

// View is somebody's look at a report.
type View struct {
	By   string // person
	Name string
	At   time.Time
}

// ViewsOf is who looked at a person's report, the newest first, at most MaxLimit.
func (s *Store) ViewsOf(ctx context.Context, person string) ([]View, error) {
	var rows []struct {
		Actor, Name string
		At          moment
	}
	err := s.reader(ctx).Table("audit").Select("audit.actor, people.name, audit.at").Joins("JOIN people ON people.id = audit.actor").
		Where("audit.object_id = ? AND audit.action = ?", person, viewed).Order("audit.seq DESC").Limit(MaxLimit).Find(&rows).Error
	out := make([]View, len(rows))
	for i, r := range rows {
		out[i] = View{By: r.Actor, Name: r.Name, At: r.At.Time}
	}
	return out, translate("views", err)
}

// AuditCount is how many entries there are of an action on an object.
func (s *Store) AuditCount(ctx context.Context, action, objectID string) (int, error) {
	var n int64
	err := s.reader(ctx).Model(&auditRow{}).Where("object_id = ? AND action = ?", objectID, action).Count(&n).Error
	return int(n), translate("audit count", err)
}
