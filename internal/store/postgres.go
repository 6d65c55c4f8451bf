package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"io"
	"log/slog"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
	"gorm.io/driver/postgres"
	"gorm.io/gorm"

	"leida/internal/fault"
)

// Limits of the connections to PostgreSQL.
const (
	pgConnections = 12 // of each pool
	pgStatements  = 128
	pgTries       = 8 // of a transaction that loses races or connections
	pgPause       = 10 * time.Millisecond
)

// postgresPool is how PostgreSQL is written to: each change has a connection of its own.
type postgresPool struct {
	db      *gorm.DB
	waiting atomic.Int64
	changes sync.WaitGroup

	mu     sync.RWMutex
	closed bool
}

// openPostgres opens a pool for writing and one for reading, so that heavy reading never keeps a save waiting.
func openPostgres(ctx context.Context, url string, log *slog.Logger) (engine, *gorm.DB, hot, error) {
	write, err := postgresConnections(url, nil, log)
	if err != nil {
		return nil, nil, nil, err
	}
	read, err := postgresConnections(url, map[string]string{"default_transaction_read_only": "on"}, log)
	if err != nil {
		return nil, nil, nil, errors.Join(err, closeDB(write))
	}
	return &postgresPool{db: write}, read, newCrowd(read, write), nil
}

// postgresConnections says every setting that durability and bounded waiting rest on, whatever the server's defaults are; and two of speed, for rows looked up by key that lie in memory:
// by its defaults PostgreSQL takes an index for a disk's slow seeks, and reads all people of a centre to find one.
func postgresConnections(url string, more map[string]string, log *slog.Logger) (*gorm.DB, error) {
	c, err := pgx.ParseConfig(url)
	if err != nil {
		return nil, errors.New("store: the PostgreSQL address cannot be read (postgres://user@host:5432/database?sslmode=verify-full)") // the cause would repeat the password
	}
	c.StatementCacheCapacity = pgStatements
	c.ConnectTimeout = 5 * time.Second
	for name, value := range map[string]string{
		"application_name": "leida", "synchronous_commit": "on", "client_encoding": "UTF8", "timezone": "UTC",
		"default_transaction_isolation": "read committed", "random_page_cost": "1.1", "jit": "off", "lock_timeout": "5s", "statement_timeout": "60s", "idle_in_transaction_session_timeout": "60s",
	} {
		c.RuntimeParams[name] = value
	}
	for name, value := range more {
		c.RuntimeParams[name] = value
	}
	pool := stdlib.OpenDB(*c)
	pool.SetConnMaxIdleTime(5 * time.Minute)
	return openGorm(postgres.New(postgres.Config{Conn: pool}), pool, pgConnections, log)
}

func (p *postgresPool) change(ctx context.Context, alone bool, do func(tx *gorm.DB) error) error {
	return p.patiently(ctx, func() (committing bool, err error) { return p.once(ctx, alone, do) })
}

// single is a reading and a transaction of one statement, a round trip each.
func (p *postgresPool) single(ctx context.Context, do func(db *gorm.DB, writing *bool) error) error {
	return p.patiently(ctx, func() (writing bool, err error) {
		err = do(p.db, &writing)
		return writing, err
	})
}

// patiently lets a change be made, and tries again where it lost a race or its connection.
func (p *postgresPool) patiently(ctx context.Context, once func() (committing bool, err error)) error {
	if !p.enter() {
		return errClosed
	}
	defer p.changes.Done()
	if p.waiting.Add(1) > maxQueue {
		p.waiting.Add(-1)
		return fault.New(fault.Busy, "store.busy")
	}
	defer p.waiting.Add(-1)
	for try := 1; ; try++ {
		if err := ctx.Err(); err != nil {
			return err
		}
		committing, err := once()
		if err == nil || try == pgTries || !again(err, committing) {
			return err
		}
		select {
		case <-time.After(pgPause << try): // up to 2.5 s in all: a database that restarts is waited for
		case <-ctx.Done():
			return err
		}
	}
}

// once is one try. committing says that the change was made and its commit did not answer: it may have happened.
func (p *postgresPool) once(ctx context.Context, alone bool, do func(tx *gorm.DB) error) (committing bool, err error) {
	// A change that has begun is finished: what cuts a connection in the middle of a commit leaves nobody any wiser.
	err = p.db.WithContext(context.WithoutCancel(ctx)).Transaction(func(tx *gorm.DB) error {
		if alone {
			if err := p.lock(tx, lockAlone); err != nil {
				return err
			}
		}
		err := do(tx)
		committing = err == nil
		return err
	})
	return committing, err
}

// again says whether a transaction should be tried once more: it lost a race, or its connection before the commit was asked for.
func again(err error, committing bool) bool {
	if errors.Is(err, errOvertaken) {
		return true
	}
	var pg *pgconn.PgError
	if errors.As(err, &pg) && (pg.Code == "40001" || pg.Code == "40P01") {
		return true
	}
	return !committing && unreachable(err)
}

// unreachable says that the database was not there to answer.
func unreachable(err error) bool {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return strings.HasPrefix(pg.Code, "08") || strings.HasPrefix(pg.Code, "57P0") || pg.Code == "53300"
	}
	var dial *pgconn.ConnectError
	var network *net.OpError
	return errors.As(err, &dial) || errors.As(err, &network) || errors.Is(err, driver.ErrBadConn) || errors.Is(err, sql.ErrConnDone) ||
		errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || pgconn.SafeToRetry(err)
}

func (p *postgresPool) lock(tx *gorm.DB, what advisory) error {
	return tx.Exec("SELECT pg_advisory_xact_lock(?)", int64(what)).Error
}

func (p *postgresPool) schema() (*sql.DB, goose.Dialect, string, []goose.ProviderOption, error) {
	pool, err := p.db.DB()
	if err != nil {
		return nil, "", "", nil, err
	}
	locker, err := lock.NewPostgresSessionLocker() // servers that start together migrate once
	if err != nil {
		return nil, "", "", nil, err
	}
	return pool, goose.DialectPostgres, "migrations/postgres", []goose.ProviderOption{goose.WithSessionLocker(locker)}, nil
}

func (p *postgresPool) version() string { return "'postgresql ' || current_setting('server_version')" }

// enter counts a change in, unless the store has been closed.
func (p *postgresPool) enter() bool {
	p.mu.RLock()
	defer p.mu.RUnlock()
	if !p.closed {
		p.changes.Add(1)
	}
	return !p.closed
}

func (p *postgresPool) close() error {
	p.mu.Lock()
	p.closed = true
	p.mu.Unlock()
	p.changes.Wait()
	return closeDB(p.db)
}

// ofPostgres is what an error of PostgreSQL means to a person, or nil.
func ofPostgres(e *pgconn.PgError) *fault.Error {
	switch e.Code {
	case "23505":
		return unique(e.ConstraintName)
	case "23503":
		return fault.New(fault.Invalid, "store.unknown_reference")
	case "23502", "23514", "22P02", "22003":
		return fault.New(fault.Invalid, "store.out_of_range")
	case "22021":
		return fault.New(fault.Invalid, "store.not_text")
	case "LD001":
		return fault.New(fault.Conflict, "store.frozen")
	case "40001", "40P01", "55P03", "57014":
		return fault.New(fault.Busy, "store.busy")
	case "53100":
		return fault.New(fault.Busy, "store.full")
	}
	return nil
}
