package store

import (
	"context"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"time"

	"gorm.io/driver/sqlite"
	"gorm.io/gorm"
)

// Manifest is what a backup says of itself. It stands in a table of its own inside the file, so that the two are never parted.
type Manifest struct {
	Release string    `json:"release"` // of the program that made it
	At      time.Time `json:"at"`
	Schema  int64     `json:"schema"`
	Layout  string    `json:"layout"` // SHA-256 of how tables, indexes, views and triggers are defined, hexadecimal
	Tables  []Table   `json:"tables"`
	Audit   AuditHead `json:"audit"`
}

// AuditHead is the newest row of the audit log. Kept elsewhere, it shows rows cut off the end.
type AuditHead struct {
	Rows   int64  `json:"rows"`
	Hash   string `json:"hash"`             // hexadecimal; empty for an empty log
	Broken int64  `json:"broken,omitempty"` // number of the first row that is not as it was written; the head is then that of the row before
}

// Rows is how many rows there are in all tables.
func (m Manifest) Rows() int64 {
	var n int64
	for _, t := range m.Tables {
		n += t.Rows
	}
	return n
}

const manifestTable = "leida_backup"

// writeManifest describes the file in itself.
func writeManifest(ctx context.Context, file, release string, at time.Time) error {
	m, err := describe(ctx, file)
	if err != nil {
		return err
	}
	m.Release, m.At = release, stamp(at).Time
	body, err := json.Marshal(m)
	if err != nil {
		return err
	}
	return editFile(file, func(db *sql.DB) error {
		_, err := db.ExecContext(ctx, "CREATE TABLE "+manifestTable+" (body TEXT NOT NULL) STRICT; INSERT INTO "+manifestTable+" VALUES (?)", string(body))
		return err
	})
}

func dropManifest(ctx context.Context, file string) error {
	return editFile(file, func(db *sql.DB) error {
		_, err := db.ExecContext(ctx, "DROP TABLE IF EXISTS "+manifestTable)
		return err
	})
}

func editFile(file string, do func(*sql.DB) error) error {
	db, err := openFile(file, unfinished)
	if err != nil {
		return err
	}
	return errors.Join(do(db), db.Close())
}

// describe reads a database file's content: schema, tables, the audit log.
func describe(ctx context.Context, file string) (Manifest, error) {
	db, err := openFile(file, atRest)
	if err != nil {
		return Manifest{}, err
	}
	m, err := describeDB(ctx, db)
	return m, errors.Join(err, db.Close())
}

func describeDB(ctx context.Context, db *sql.DB) (Manifest, error) {
	s := newStore(Config{})
	var m Manifest
	var err error
	if s.read, err = gorm.Open(sqlite.New(sqlite.Config{Conn: db}), &gorm.Config{Logger: quiet{s.log}, SkipDefaultTransaction: true}); err != nil {
		return m, err
	}
	if m.Schema, err = s.SchemaVersion(ctx); err != nil {
		return m, err
	}
	if m.Layout, err = layout(ctx, db); err != nil {
		return m, err
	}
	if m.Tables, err = sqliteDialect.digests(ctx, db); err != nil {
		return m, err
	}
	m.Audit, err = s.AuditHead(ctx)
	return m, err
}

// layout sums up the definitions of a sqlite file: a trigger that somebody put in, or an index that went missing, is as bad as a changed row.
func layout(ctx context.Context, db querier) (string, error) {
	t := &shape{name: "sqlite_schema", columns: []string{"name", "sql", "tbl_name", "type"}}
	sum := newRowHash(t)
	err := eachRow(ctx, db, "SELECT name, sql, tbl_name, type FROM sqlite_schema WHERE name <> '"+manifestTable+"' AND name NOT LIKE 'sqlite!_%' ESCAPE '!' ORDER BY type, name", len(t.columns), sum.add)
	return sum.table().Hash, err
}

// AuditHead goes through the audit log and says where it ends.
func (s *Store) AuditHead(ctx context.Context) (AuditHead, error) {
	a, err := s.VerifyAudit(ctx)
	return AuditHead{Rows: a.Rows, Hash: hex.EncodeToString(a.Head), Broken: a.Broken}, err
}
