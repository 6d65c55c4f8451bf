package store

import (
	"errors"
	"fmt"
	"strings"
	"syscall"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/mattn/go-sqlite3"
	"gorm.io/gorm"

	"leida/internal/fault"
)

var errNotFound = fault.New(fault.NotFound, "store.not_found")

// taken are the unique constraints that a person can run into: the index as PostgreSQL names it, what sqlite says of it, their field and what to say.
var taken = []struct{ index, columns, field, key string }{
	{"people_number", "people.number_canon", "number", "store.number_taken"},
	{"teams_code", "teams.code_canon", "code", "store.code_taken"},
	{"teams_sibling", "teams_sibling", "name", "store.team_taken"},
	{"sittings_once", "sittings.person_id, sittings.assignment_id", "", "store.sat_already"},
	{"sittings_open", "sittings.person_id, sittings.assessment", "", "store.open_elsewhere"},
}

// translate puts a failure into words for people where the fault is theirs or passes; any other is wrapped with what was being done.
func translate(op string, err error) error {
	var e sqlite3.Error
	var pg *pgconn.PgError
	switch {
	case err == nil:
		return nil
	case fault.As(err) != nil:
		return err
	case errors.Is(err, gorm.ErrRecordNotFound):
		return errNotFound
	case errors.As(err, &e):
		if f := ofSQLite(e); f != nil {
			return f.Because(err)
		}
	case errors.As(err, &pg) && ofPostgres(pg) != nil:
		return ofPostgres(pg).Because(err)
	case unreachable(err):
		return fault.New(fault.Busy, "store.unreachable").Because(err)
	}
	return fmt.Errorf("store: %s: %w", op, err)
}

// errOfSQLite is the error of sqlite itself in an error, or nil.
func errOfSQLite(err error) error {
	var e sqlite3.Error
	if errors.As(err, &e) {
		return e
	}
	return nil
}

func ofSQLite(e sqlite3.Error) *fault.Error {
	switch e.ExtendedCode {
	case sqlite3.ErrConstraintUnique, sqlite3.ErrConstraintPrimaryKey:
		return unique(e.Error())
	case sqlite3.ErrConstraintForeignKey:
		return fault.New(fault.Invalid, "store.unknown_reference")
	case sqlite3.ErrConstraintCheck, sqlite3.ErrConstraintNotNull:
		return fault.New(fault.Invalid, "store.out_of_range")
	case sqlite3.ErrConstraintTrigger:
		return fault.New(fault.Conflict, "store.frozen")
	}
	switch {
	case e.Code == sqlite3.ErrBusy, e.Code == sqlite3.ErrLocked:
		return fault.New(fault.Busy, "store.busy")
	case noRoom(e):
		return fault.New(fault.Busy, "store.full")
	}
	return nil
}

// noRoom reports whether an error of sqlite is a full disk's.
func noRoom(err error) bool {
	var e sqlite3.Error
	return errors.As(err, &e) && (e.Code == sqlite3.ErrFull || e.SystemErrno == syscall.ENOSPC) // the files beside the database's may be what has no room
}

// unique finds what is taken by the index's name, or by the columns in sqlite's message.
func unique(which string) *fault.Error {
	for _, t := range taken {
		if which != t.index && !strings.Contains(which, t.columns) {
			continue
		}
		f := fault.New(fault.Conflict, t.key)
		if t.field != "" {
			f.Problems = []fault.Problem{fault.At(t.field, t.key)}
		}
		return f
	}
	return fault.New(fault.Conflict, "store.exists")
}

// one turns an update's outcome into not found when it met no row.
func one(r *gorm.DB) error {
	if r.Error == nil && r.RowsAffected == 0 {
		return errNotFound
	}
	return r.Error
}
