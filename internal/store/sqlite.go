package store

import (
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/url"
	"os"
	"runtime"

	"github.com/mattn/go-sqlite3"
	"github.com/pressly/goose/v3"
	"gorm.io/driver/sqlite"
	"gorm.io/gorm"
)

// Connection settings. The driver's own defaults are synchronous NORMAL and foreign keys off, so both are said. database/sql gives a connection to one goroutine at a time, so sqlite
// need not lock it at each call once more.
// The writer keeps 4 MB of pages at hand instead of 2, and the log (WAL) is carried over into the file at 16 MB instead of 4: both are used up within a second where a centre saves at once.
// Prepared statements are cached by the driver for each connection: gorm's PrepareStmt prepares anew in every transaction and may close an evicted statement while it runs.
const (
	common     = "_journal_mode=WAL&_synchronous=FULL&_foreign_keys=1&_busy_timeout=5000&_stmt_cache_size=128&_mutex=no"
	forWriting = common + "&_txlock=immediate&_cache_size=-4000"
	forReading = common + "&_txlock=deferred&_query_only=1"
)

// The drivers have what a DSN cannot say, for every connection. No file's triggers and views may call functions with side effects. A file from elsewhere is data: a page of it whose
// cells do not fit is an error when it is read, not a wrong answer later. Our own was verified when it came and is with every backup; looking at all cells of each page that is read
// again after a commit would take a tenth of what a save costs.
const (
	careful = "leida"
	wary    = "leida-elsewhere"
)

func init() {
	sql.Register(careful, &sqlite3.SQLiteDriver{ConnectHook: func(c *sqlite3.SQLiteConn) error {
		_, err := c.Exec("PRAGMA trusted_schema = OFF; PRAGMA wal_autocheckpoint = 4000", nil) // pages of 4 KB
		return err
	}})
	sql.Register(wary, &sqlite3.SQLiteDriver{ConnectHook: func(c *sqlite3.SQLiteConn) error {
		_, err := c.Exec("PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON", nil)
		return err
	}})
}

// openSQLite opens the one writer connection and the read pool.
func openSQLite(path string, log *slog.Logger) (engine, *gorm.DB, hot, error) {
	if err := makePrivate(path); err != nil {
		return nil, nil, nil, fmt.Errorf("store: open: %w", err)
	}
	name := "file:" + (&url.URL{Path: path}).EscapedPath()
	write, err := openPool(name+"?"+forWriting, 1, log)
	if err != nil {
		return nil, nil, nil, translate("open "+path, err)
	}
	read, err := openPool(name+"?"+forReading, max(4, 2*runtime.NumCPU()), log)
	if err != nil {
		return nil, nil, nil, translate("open "+path, errors.Join(err, closeDB(write)))
	}
	return newWriter(write), read, singly{read}, nil
}

// makePrivate creates the file for its owner alone; sqlite gives the files beside it the same mode. One that is there is not touched:
// closing a file lets go of every lock that sqlite holds on it in this process.
func makePrivate(path string) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return f.Close()
}

func openPool(dsn string, size int, log *slog.Logger) (*gorm.DB, error) {
	pool, err := sql.Open(careful, dsn)
	if err != nil {
		return nil, err
	}
	return openGorm(sqlite.New(sqlite.Config{Conn: pool}), pool, size, log)
}

// schema, version: writer is an engine.
func (w *writer) schema() (*sql.DB, goose.Dialect, string, []goose.ProviderOption, error) {
	pool, err := w.db.DB()
	return pool, goose.DialectSQLite3, "migrations/sqlite", nil, err
}

func (w *writer) version() string { return "'sqlite ' || sqlite_version()" }

// lock is not needed: there is one writer.
func (w *writer) lock(*gorm.DB, advisory) error { return nil }
