package store

import (
	"context"
	"time"

	"gorm.io/gorm"
)

// Limit is an allowance that all servers share: so many tries at once, and one more each Every.
type Limit struct {
	Key   string // whose allowance; not what somebody typed, but a hash of it or an id
	Burst int    // tries at once, at least 1
	Every time.Duration
}

// Allow takes one try of every limit in turn, up to one that is used up, and says whether none was: what is asked in vain still costs the limits before.
// A row holds the time at which all tries will have been paid back (the generic cell rate algorithm), so a try is one statement. A clock that was set back
// locks nobody out: a time further off than the whole allowance is not believed.
func (s *Store) Allow(ctx context.Context, now time.Time, limits ...Limit) (bool, error) {
	const take = `INSERT INTO throttles (key, free_at) VALUES (?, ?) ON CONFLICT (key) DO UPDATE
		SET free_at = CASE WHEN throttles.free_at > ? AND throttles.free_at <= ? THEN throttles.free_at ELSE ? END + ?
		WHERE throttles.free_at <= ? OR throttles.free_at > ?`
	ok := true
	err := s.txRow(ctx, "allow", func(tx *gorm.DB) error {
		ok = true
		for _, l := range limits {
			at, every := now.UnixMilli(), l.Every.Milliseconds()
			most := at + int64(l.Burst)*every
			r := tx.Exec(take, l.Key, at+every, at, most, at, every, most-every, most)
			if r.Error != nil {
				return r.Error
			}
			if r.RowsAffected == 0 {
				ok = false
				return nil
			}
		}
		return nil
	})
	return ok && err == nil, err
}

// Forgive gives an allowance back in full.
func (s *Store) Forgive(ctx context.Context, key string) error {
	return s.txRow(ctx, "forgive", func(tx *gorm.DB) error { return tx.Exec("DELETE FROM throttles WHERE key = ?", key).Error })
}

// Tidy deletes what has no meaning any more: allowances that are whole again, and sessions that ended.
func (s *Store) Tidy(ctx context.Context, now time.Time) error {
	return s.txRow(ctx, "tidy", func(tx *gorm.DB) error {
		ms := now.UnixMilli()
		if err := tx.Exec("DELETE FROM throttles WHERE free_at <= ?", ms).Error; err != nil {
			return err
		}
		return tx.Exec("DELETE FROM sessions WHERE expires_at <= ? OR seen_at + idle <= ?", ms, ms).Error
	})
}
