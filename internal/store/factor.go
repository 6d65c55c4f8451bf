package store

import (
	"context"
	"errors"
	"time"

	"gorm.io/gorm"

	"leida/internal/fault"
)

type secondRow struct {
	PersonID    string `gorm:"primaryKey"`
	Secret      []byte
	ConfirmedAt moment
	LastStep    int64
}

func (secondRow) TableName() string { return "factors" }

type recoveryRow struct {
	PersonID string
	Hash     []byte
	UsedAt   moment
}

func (recoveryRow) TableName() string { return "recovery_codes" }

// Factor is a person's second factor: a code generator, and codes on paper for the day it is lost.
type Factor struct {
	Secret      []byte    // seed of the generator; nil for no factor at all
	ConfirmedAt time.Time // of the first code; zero while it is being set up
	LastStep    int64     // newest step whose code was used
	Codes       int       // recovery codes left
}

// On reports whether the factor is asked for at sign-in.
func (f Factor) On() bool { return !f.ConfirmedAt.IsZero() }

// Shown is what somebody showed beside their password: the step of a code, or else the hash of a recovery code. Either is good once.
type Shown struct {
	Step     int64
	Recovery [32]byte
}

// use takes what was shown, or is not found where it was used before or is nobody's.
func use(tx *gorm.DB, person string, shown Shown, now time.Time) error {
	if shown.Step > 0 {
		return one(tx.Model(&secondRow{}).Where("person_id = ? AND confirmed_at IS NOT NULL AND last_step < ?", person, shown.Step).Update("last_step", shown.Step))
	}
	return one(tx.Model(&recoveryRow{}).Where("person_id = ? AND hash = ? AND used_at IS NULL", person, shown.Recovery[:]).Update("used_at", stamp(now)))
}

func hasFactor(db *gorm.DB, person string) (bool, error) {
	var n int64
	err := db.Model(&secondRow{}).Where("person_id = ? AND confirmed_at IS NOT NULL", person).Count(&n).Error
	return n > 0, err
}

// Factor is a person's second factor; the zero Factor for none.
func (s *Store) Factor(ctx context.Context, person string) (Factor, error) {
	var row secondRow
	err := s.reader(ctx).Where("person_id = ?", person).Take(&row).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return Factor{}, nil
	}
	var left int64
	if err == nil {
		err = s.reader(ctx).Model(&recoveryRow{}).Where("person_id = ? AND used_at IS NULL", person).Count(&left).Error
	}
	return Factor{Secret: row.Secret, ConfirmedAt: row.ConfirmedAt.Time, LastStep: row.LastStep, Codes: int(left)}, translate("factor", err)
}

// BeginFactor keeps the seed of a factor that is being set up, in place of one set up halfway before. Where one is in force already it is a conflict.
func (s *Store) BeginFactor(ctx context.Context, person string, secret []byte) error {
	return s.txPerson(ctx, "begin factor", person, func(tx *gorm.DB) error {
		if err := tx.Where("person_id = ? AND confirmed_at IS NULL", person).Delete(&secondRow{}).Error; err != nil {
			return err
		}
		switch has, err := hasFactor(tx, person); {
		case err != nil:
			return err
		case has:
			return fault.New(fault.Conflict, "store.factor_set")
		}
		return tx.Create(&secondRow{PersonID: person, Secret: secret}).Error
	})
}

// ConfirmFactor puts the factor that is being set up in force with the first code of its seed, together with its recovery codes (SHA-256 of each). The person's other
// sessions end, and the one at hand goes on under a new token. Not found is a seed that was replaced meanwhile.
func (s *Store) ConfirmFactor(ctx context.Context, person, session string, tokenHash [32]byte, secret []byte, step int64, codes [][32]byte, now time.Time) error {
	return s.txPerson(ctx, "confirm factor", person, func(tx *gorm.DB) error {
		err := one(tx.Model(&secondRow{}).Where("person_id = ? AND confirmed_at IS NULL AND secret = ?", person, secret).
			Updates(map[string]any{"confirmed_at": stamp(now), "last_step": step}))
		if err == nil {
			err = replaceCodes(tx, person, codes)
		}
		if err == nil {
			err = endSessions(tx, person, session)
		}
		if err != nil {
			return err
		}
		return renew(tx, person, session, tokenHash, now)
	})
}

// ReplaceCodes gives a person with a factor new recovery codes; the old ones are worth nothing.
func (s *Store) ReplaceCodes(ctx context.Context, person string, codes [][32]byte) error {
	return s.txPerson(ctx, "replace recovery codes", person, func(tx *gorm.DB) error {
		switch has, err := hasFactor(tx, person); {
		case err != nil:
			return err
		case !has:
			return errNotFound
		}
		return replaceCodes(tx, person, codes)
	})
}

func replaceCodes(tx *gorm.DB, person string, codes [][32]byte) error {
	if err := tx.Where("person_id = ?", person).Delete(&recoveryRow{}).Error; err != nil || len(codes) == 0 {
		return err
	}
	rows := make([]recoveryRow, len(codes))
	for i, c := range codes {
		rows[i] = recoveryRow{PersonID: person, Hash: c[:]}
	}
	return tx.Create(&rows).Error
}

// RemoveFactor takes a person's second factor away, or gives one up that was being set up. Their sessions end, all but one to be kept ("" for none). Who has none is left alone.
func (s *Store) RemoveFactor(ctx context.Context, person, keepSession string) error {
	return s.txPerson(ctx, "remove factor", person, func(tx *gorm.DB) error {
		r := tx.Where("person_id = ?", person).Delete(&secondRow{})
		if r.Error != nil {
			return r.Error
		}
		if r.RowsAffected == 0 {
			return errUnchanged
		}
		if err := replaceCodes(tx, person, nil); err != nil {
			return err
		}
		return endSessions(tx, person, keepSession)
	})
}
