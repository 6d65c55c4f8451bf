package store

import (
	"context"
	"time"

	"gorm.io/gorm"
)

// touchEvery is how stale a session's last-seen time may be: writing it at every request would make every read a write.
const touchEvery = time.Minute

type sessionRow struct {
	ID        string
	PersonID  string
	TokenHash []byte
	UserAgent string
	StartedAt moment
	SeenAt    moment
	Idle      int64 // milliseconds
	ExpiresAt moment
}

func (sessionRow) TableName() string { return "sessions" }

// Session is somebody signed in on a device. The token itself is nowhere, only its SHA-256.
type Session struct {
	ID        string
	Person    string
	UserAgent string
	StartedAt time.Time
	SeenAt    time.Time // up to a minute old
	ExpiresAt time.Time // whatever happens; earlier when idle too long
}

func sessionOf(r sessionRow) Session {
	return Session{ID: r.ID, Person: r.PersonID, UserAgent: r.UserAgent, StartedAt: r.StartedAt.Time, SeenAt: r.SeenAt.Time, ExpiresAt: r.ExpiresAt.Time}
}

// CreateSession signs a person in until an absolute end, or until idle has passed without a request. It clears away the person's ended sessions.
func (s *Store) CreateSession(ctx context.Context, person string, tokenHash [32]byte, userAgent string, now time.Time, idle time.Duration, expires time.Time) (Session, error) {
	const maxAgent = 400
	if r := []rune(userAgent); len(r) > maxAgent {
		userAgent = string(r[:maxAgent])
	}
	row := sessionRow{
		ID: s.NewID(), PersonID: person, TokenHash: tokenHash[:], UserAgent: userAgent,
		StartedAt: stamp(now), SeenAt: stamp(now), Idle: idle.Milliseconds(), ExpiresAt: stamp(expires),
	}
	err := s.txRow(ctx, "create session", func(tx *gorm.DB) error {
		ms := now.UnixMilli()
		if err := tx.Where("person_id = ? AND (expires_at <= ? OR seen_at + idle <= ?)", person, ms, ms).Delete(&sessionRow{}).Error; err != nil {
			return err
		}
		return tx.Create(&row).Error
	})
	return sessionOf(row), err
}

// valid keeps the sessions that hold at a time.
func valid(db *gorm.DB, now time.Time) *gorm.DB {
	ms := now.UnixMilli()
	return db.Where("sessions.expires_at > ? AND sessions.seen_at + sessions.idle > ?", ms, ms)
}

// SessionByHash finds the valid session of a token: not expired, not idle, of a person who is active now. It notes that the session was seen.
func (s *Store) SessionByHash(ctx context.Context, tokenHash [32]byte, now time.Time) (Session, error) {
	var row sessionRow
	ms := now.UnixMilli()
	err := valid(s.reader(ctx), now).Joins("JOIN people ON people.id = sessions.person_id").Where(activeAt, ms, ms).
		Where("sessions.token_hash = ?", tokenHash[:]).Take(&row).Error
	if err != nil {
		return Session{}, translate("session", err)
	}
	if now.Sub(row.SeenAt.Time) >= touchEvery {
		if err := s.touch(ctx, row.ID, now); err != nil { // reading goes on when writing cannot
			s.log.WarnContext(ctx, "session not touched", "session", row.ID, "err", err)
		}
		row.SeenAt = stamp(now)
	}
	return sessionOf(row), nil
}

func (s *Store) touch(ctx context.Context, id string, now time.Time) error {
	return s.txRow(ctx, "touch session", func(tx *gorm.DB) error {
		return tx.Model(&sessionRow{}).Where("id = ? AND seen_at < ?", id, now.UnixMilli()).Update("seen_at", stamp(now)).Error
	})
}

// Sessions are a person's valid sessions, the last seen first.
func (s *Store) Sessions(ctx context.Context, person string) ([]Session, error) {
	var rows []sessionRow
	err := valid(s.reader(ctx), s.now()).Where("person_id = ?", person).Order("seen_at DESC, id").Find(&rows).Error
	out := make([]Session, len(rows))
	for i, r := range rows {
		out[i] = sessionOf(r)
	}
	return out, translate("sessions", err)
}

// RevokeSession ends one of a person's sessions; another's is not found.
func (s *Store) RevokeSession(ctx context.Context, person, id string) error {
	return s.txRow(ctx, "revoke session", func(tx *gorm.DB) error {
		return one(tx.Where("person_id = ? AND id = ?", person, id).Delete(&sessionRow{}))
	})
}

// RevokeOthers ends all of a person's sessions but one.
func (s *Store) RevokeOthers(ctx context.Context, person, keep string) error {
	return s.txRow(ctx, "revoke other sessions", func(tx *gorm.DB) error {
		return tx.Where("person_id = ? AND id <> ?", person, keep).Delete(&sessionRow{}).Error
	})
}
