package store

import (
	"context"
	"time"

	"gorm.io/gorm"
)

// clockSkew is how far apart the clocks of servers may be; a lease that runs for longer is of a clock that was set back since.
const clockSkew = 10 * time.Minute

// Lease says whether a holder may do a piece of work that one server at a time does, for a while from now. Asking again in time keeps it.
func (s *Store) Lease(ctx context.Context, name, holder string, now time.Time, last time.Duration) (bool, error) {
	got := false
	err := s.txRow(ctx, "lease", func(tx *gorm.DB) error {
		r := tx.Exec(`INSERT INTO leases (name, holder, until) VALUES (?, ?, ?) ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until = excluded.until
			WHERE leases.holder = excluded.holder OR leases.until <= ? OR leases.until > ?`,
			name, holder, now.Add(last).UnixMilli(), now.UnixMilli(), now.Add(last+clockSkew).UnixMilli())
		got = r.RowsAffected > 0
		return r.Error
	})
	return got, err
}

// Release ends a holder's lease early.
func (s *Store) Release(ctx context.Context, name, holder string) error {
	return s.txRow(ctx, "release", func(tx *gorm.DB) error {
		return tx.Exec("DELETE FROM leases WHERE name = ? AND holder = ?", name, holder).Error
	})
}
