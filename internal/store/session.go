package store

import (
	"context"
	"time"

	"gorm.io/gorm"

	"leida/internal/org"
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
	Half      bool
	ProvedAt  int64 // milliseconds, 0 for never
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
	Half      bool      // the password was right, the code of the second factor is still to come
	ProvedAt  time.Time // when the person last proved in full who they are; zero while half
	OneTime   bool      // the password was given by somebody else and is to be changed; of ViewerBySession
	Factor    bool      // the person has a second factor; of ViewerBySession
}

func sessionOf(r sessionRow) Session {
	s := Session{ID: r.ID, Person: r.PersonID, UserAgent: r.UserAgent, StartedAt: r.StartedAt.Time, SeenAt: r.SeenAt.Time, ExpiresAt: r.ExpiresAt.Time, Half: r.Half}
	if r.ProvedAt > 0 {
		s.ProvedAt = fromMillis(r.ProvedAt)
	}
	return s
}

// txPerson is txRow for what a person signs in with: changes of one person's follow each other, and none is decided by what another is just changing.
func (s *Store) txPerson(ctx context.Context, op, person string, do func(tx *gorm.DB) error) error {
	return s.txRow(ctx, op, func(tx *gorm.DB) error {
		if err := lockPerson(tx, person); err != nil {
			return err
		}
		return do(tx)
	})
}

// SignIn is CreateSession after a right password, of which checked is the stored form. Not found is a password that was changed or reset meanwhile.
func (s *Store) SignIn(ctx context.Context, person, checked string, tokenHash [32]byte, userAgent string, now time.Time, idle time.Duration, expires time.Time) (Session, error) {
	return s.createSession(ctx, person, tokenHash, userAgent, now, idle, expires, func(tx *gorm.DB) error {
		var row personRow
		err := tx.Select("password_hash", "password_until").Where("id = ?", person).Take(&row).Error
		if err == nil && (checked == "" || row.secret(now) != checked) {
			err = errNotFound
		}
		return err
	})
}

// CreateSession signs a person in until an absolute end, or until idle has passed without a request. It clears away the person's ended sessions.
// The session of somebody with a second factor begins half: whoever calls this, no password alone makes a whole one.
func (s *Store) CreateSession(ctx context.Context, person string, tokenHash [32]byte, userAgent string, now time.Time, idle time.Duration, expires time.Time) (Session, error) {
	return s.createSession(ctx, person, tokenHash, userAgent, now, idle, expires, func(*gorm.DB) error { return nil })
}

func (s *Store) createSession(ctx context.Context, person string, tokenHash [32]byte, userAgent string, now time.Time, idle time.Duration, expires time.Time, allow func(tx *gorm.DB) error) (Session, error) {
	const maxAgent = 400
	if r := []rune(userAgent); len(r) > maxAgent {
		userAgent = string(r[:maxAgent])
	}
	row := sessionRow{
		ID: s.NewID(), PersonID: person, TokenHash: tokenHash[:], UserAgent: userAgent,
		StartedAt: stamp(now), SeenAt: stamp(now), Idle: idle.Milliseconds(), ExpiresAt: stamp(expires),
	}
	err := s.txPerson(ctx, "create session", person, func(tx *gorm.DB) error {
		if err := allow(tx); err != nil {
			return err
		}
		ms := now.UnixMilli()
		if err := tx.Where("person_id = ? AND (expires_at <= ? OR seen_at + idle <= ?)", person, ms, ms).Delete(&sessionRow{}).Error; err != nil {
			return err
		}
		has, err := hasFactor(tx, person)
		if err != nil {
			return err
		}
		if row.Half, row.ProvedAt = has, ms; has {
			row.ProvedAt = 0
		}
		return tx.Create(&row).Error
	})
	return sessionOf(row), err
}

// validAt keeps the sessions that hold at a time; validAsked at the time of who asks in a crowd.
const (
	validAt    = validBefore + "?" + validBetween + "?"
	validAsked = validBefore + "asked.at" + validBetween + "asked.at"

	validBefore, validBetween = "sessions.expires_at > ", " AND sessions.seen_at + sessions.idle > "
)

func valid(db *gorm.DB, now time.Time) *gorm.DB {
	ms := now.UnixMilli()
	return db.Where(validAt, ms, ms)
}

// ViewerBySession is who is signed in with a token, and what they may see. The session must hold (not expired, not idle) and the person be active now.
// It notes that the session was seen. at is the place that a save is about to change, nil for none: it may be read along.
func (s *Store) ViewerBySession(ctx context.Context, tokenHash [32]byte, now time.Time, at *Place) (org.Viewer, Session, error) {
	ask := viewerAsk{tokenHash: tokenHash[:], at: now.UnixMilli()}
	if at != nil {
		ask.sitting, ask.n = at.Sitting, at.N
	}
	got, err := s.hot.viewer(ctx, ask)
	if err != nil {
		return org.Viewer{}, Session{}, translate("viewer by session", err)
	}
	if at != nil && got.place != nil {
		at.row, at.read = got.place, s.now()
	}
	session := got.session()
	if now.Sub(session.SeenAt) >= touchEvery {
		if err := s.touch(ctx, session.ID, now); err != nil { // reading goes on when writing cannot
			s.log.WarnContext(ctx, "session not touched", "session", session.ID, "err", err)
		}
		session.SeenAt = stamp(now).Time
	}
	v, err := s.viewerOf(ctx, got.person, session.ID, got.grants)
	return v, session, err
}

func (s *Store) touch(ctx context.Context, id string, now time.Time) error {
	return s.txRow(ctx, "touch session", func(tx *gorm.DB) error {
		return tx.Model(&sessionRow{}).Where("id = ? AND seen_at < ?", id, now.UnixMilli()).Update("seen_at", stamp(now)).Error
	})
}

// ProveSession notes that the person has just proved in full who they are, using up what they showed beside the password, and gives the session a new token:
// the old one is worth nothing from here on. A session of somebody with a second factor wants something shown. The session keeps its id, and with it a sitting that it holds.
func (s *Store) ProveSession(ctx context.Context, person, id string, tokenHash [32]byte, shown Shown, now time.Time) error {
	return s.txPerson(ctx, "prove session", person, func(tx *gorm.DB) error {
		switch has, err := hasFactor(tx, person); {
		case err != nil:
			return err
		case has:
			if err := use(tx, person, shown, now); err != nil {
				return err
			}
		}
		return renew(tx, person, id, tokenHash, now)
	})
}

// renew makes a session whole and proved, under a new token.
func renew(tx *gorm.DB, person, id string, tokenHash [32]byte, now time.Time) error {
	return one(tx.Model(&sessionRow{}).Where("person_id = ? AND id = ?", person, id).
		Updates(map[string]any{"token_hash": tokenHash[:], "half": false, "proved_at": now.UnixMilli()}))
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

// RevokeOthers ends all of a person's sessions but one ("" for all).
func (s *Store) RevokeOthers(ctx context.Context, person, keep string) error {
	return s.txPerson(ctx, "revoke other sessions", person, func(tx *gorm.DB) error { return endSessions(tx, person, keep) })
}

func endSessions(tx *gorm.DB, person, keep string) error {
	return tx.Where("person_id = ? AND id <> ?", person, keep).Delete(&sessionRow{}).Error
}

// RevokeEverybody ends everybody's sessions but one ("" for all), and says how many there were.
func (s *Store) RevokeEverybody(ctx context.Context, keep string) (ended int, err error) {
	err = s.tx(ctx, "revoke all sessions", func(tx *gorm.DB) error {
		r := tx.Where("id <> ?", keep).Delete(&sessionRow{})
		ended = int(r.RowsAffected)
		return r.Error
	})
	return ended, err
}

// holds reports whether a session is still somebody's at a time.
func holds(db *gorm.DB, id string, now time.Time) (bool, error) {
	var n int64
	err := valid(db.Session(&gorm.Session{NewDB: true}).Model(&sessionRow{}), now).Where("id = ?", id).Count(&n).Error
	return n > 0, err
}
