package store

import (
	"context"
	"database/sql"
	"errors"
	"log/slog"

	"github.com/pressly/goose/v3"
	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"leida/internal/fault"
)

// engine is what sqlite and PostgreSQL do differently. All else is SQL that both understand.
type engine interface {
	// change makes one change in one transaction and returns once it is on the disk. alone says that no other such change may run beside it.
	// PostgreSQL may run do again, from the start, where a transaction lost a race or its connection.
	change(ctx context.Context, alone bool, do func(tx *gorm.DB) error) error
	// single is change for what reads and then changes one row in one statement. The statement says itself what must still be so; where it is not, do returns errOvertaken and is run again.
	// sqlite needs no savepoint for it and PostgreSQL no transaction. do sets writing before the statement: from there on nobody knows of a failure whether it was carried out.
	single(ctx context.Context, do func(db *gorm.DB, writing *bool) error) error
	lock(tx *gorm.DB, what advisory) error // until the transaction ends
	schema() (pool *sql.DB, dialect goose.Dialect, folder string, options []goose.ProviderOption, err error)
	tables() dialect
	version() string // SQL for the name and the version
	close() error
}

// errOvertaken says that somebody else's change was there first.
var errOvertaken = fault.New(fault.Busy, "store.busy")

// advisory numbers what a transaction holds alone. Whoever takes more than one takes them in this order, and rows in between.
type advisory int64

const (
	lockAlone advisory = 0x1e1da_01 // changes that look at more than they change
	lockAudit advisory = 0x1e1da_02 // the end of the audit chain
)

// tx makes one change in one transaction, alone, and returns once it is on the disk. An error of do rolls its work back.
// do must not call the store, and may be run again: it sets what it hands out, and adds to nothing. What ctx notes (Noting) is written behind it.
func (s *Store) tx(ctx context.Context, op string, do func(tx *gorm.DB) error) error {
	return translate(op, s.engine.change(ctx, true, s.noted(ctx, do)))
}

// txRow is tx for the hot paths, which lock the rows they decide by (locked) and leave others alone.
func (s *Store) txRow(ctx context.Context, op string, do func(tx *gorm.DB) error) error {
	return translate(op, s.engine.change(ctx, false, s.noted(ctx, do)))
}

// locked keeps others from changing the rows that are read until the transaction ends. sqlite has one writer, and drops the clause.
func locked(tx *gorm.DB) *gorm.DB { return tx.Clauses(clause.Locking{Strength: "NO KEY UPDATE"}) }

// openGorm puts gorm on a pool of connections, all of which may stay idle.
func openGorm(d gorm.Dialector, pool *sql.DB, size int, log *slog.Logger) (*gorm.DB, error) {
	pool.SetMaxOpenConns(size)
	pool.SetMaxIdleConns(size)
	db, err := gorm.Open(d, &gorm.Config{Logger: quiet{log}, SkipDefaultTransaction: true, DisableAutomaticPing: true})
	if err != nil {
		return nil, errors.Join(err, pool.Close())
	}
	return db, nil
}

func closeDB(db *gorm.DB) error {
	pool, err := db.DB()
	if err != nil {
		return err
	}
	return pool.Close()
}
