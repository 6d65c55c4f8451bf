// Package store keeps everything in one database, sqlite or PostgreSQL: rows, queries, migrations. gorm and database/sql live here alone.
//
// Rows are private; domain structs go in and come out. Loading is scoped to a viewer in the WHERE clause: what is somebody else's is not found.
// Times come back in UTC, in whole milliseconds.
package store

import (
	"context"
	"encoding/base32"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"time"

	"gorm.io/gorm"
)

// Config is where the data lie and what is handed in from outside.
type Config struct {
	Path string           // of the sqlite file; made if absent
	URL  string           // of a PostgreSQL database (postgres://...), instead of Path
	Log  *slog.Logger     // nil for none; statements are logged at debug, without their values
	Now  func() time.Time // decides whose membership holds when access is checked
	Rand io.Reader        // source of ids
	Zone *time.Location   // whose days LogView goes by; nil for UTC

	Alone   bool                           // no other process may run this sqlite file; for a server
	Release string                         // of the program, for backups to say
	Disk    func(dir string) (Disk, error) // looks at a file system; nil for the kernel's word
}

// Store is the open database. It is safe for concurrent use.
type Store struct {
	engine engine
	read   *gorm.DB
	hot    hot
	log    *slog.Logger
	now    func() time.Time
	zone   *time.Location

	randMu sync.Mutex
	rand   io.Reader

	path    string // of the sqlite file; empty for PostgreSQL
	hold    *hold  // keeps others away from it
	release string
	disk    func(dir string) (Disk, error)
}

// Open opens the database. It refuses one whose schema is newer than this program; an older or empty one wants Migrate.
func Open(ctx context.Context, c Config) (*Store, error) {
	if c.Now == nil || c.Rand == nil {
		return nil, errors.New("store: Config.Now and Config.Rand are required")
	}
	if c.URL == "" && (c.Path == "" || c.Path == ":memory:") {
		return nil, errors.New("store: a file is needed: the readers have connections of their own")
	}
	s := newStore(c)
	var err error
	if s.hold, err = guard(s.path, c.Alone, s.disk); err != nil {
		return nil, err
	}
	if c.URL != "" {
		s.engine, s.read, s.hot, err = openPostgres(ctx, c.URL, s.log)
	} else {
		s.engine, s.read, s.hot, err = openSQLite(c.Path, s.log)
	}
	if err != nil {
		return nil, errors.Join(err, s.hold.release())
	}
	if err := s.refuseNewer(ctx); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

func newStore(c Config) *Store {
	s := &Store{log: c.Log, now: c.Now, zone: c.Zone, rand: c.Rand, path: c.Path, release: c.Release, disk: c.Disk}
	if c.URL != "" {
		s.path = ""
	}
	if s.disk == nil {
		s.disk = diskOf
	}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	if s.zone == nil {
		s.zone = time.UTC
	}
	return s
}

// Close finishes the writes under way and closes the database. Every call after it fails.
func (s *Store) Close() error {
	return errors.Join(s.engine.close(), closeDB(s.read), s.hold.release())
}

// Ping says whether the store is ready: both pools answer and the schema is this program's.
func (s *Store) Ping(ctx context.Context) error {
	if err := s.txRow(ctx, "ping", func(tx *gorm.DB) error { return tx.Exec("SELECT 1").Error }); err != nil {
		return err
	}
	have, err := s.SchemaVersion(ctx)
	if err != nil {
		return err
	}
	return checkSchema(have)
}

// Engine is the database's name and version, such as "sqlite 3.53.1" or "postgresql 15.18".
func (s *Store) Engine(ctx context.Context) (string, error) {
	var v string
	err := s.reader(ctx).Raw("SELECT " + s.engine.version()).Scan(&v).Error
	return v, translate("engine", err)
}

// reader is the read pool for one call.
func (s *Store) reader(ctx context.Context) *gorm.DB { return s.read.WithContext(ctx) }

// idLetters are 32 digits and lower-case letters without i, l, o and u.
var idLetters = base32.NewEncoding("0123456789abcdefghjkmnpqrstvwxyz").WithPadding(base32.NoPadding)

// NewID is a new random id of 128 bits, 26 characters that are safe in URLs. It panics when there is no randomness, as crypto/rand does.
func (s *Store) NewID() string {
	var b [16]byte
	s.randMu.Lock()
	defer s.randMu.Unlock()
	if _, err := io.ReadFull(s.rand, b[:]); err != nil {
		panic(fmt.Sprintf("store: no randomness: %v", err))
	}
	return idLetters.EncodeToString(b[:])
}
