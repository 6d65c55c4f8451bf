package store

import (
	"context"
	"embed"
	"fmt"
	"io/fs"

	"github.com/pressly/goose/v3"

	"leida/internal/fault"
)

// migrations are numbered, append-only files, one folder a dialect.
//
//go:embed migrations/*/*.sql
var migrations embed.FS

// Migrate brings the schema up to this program's. It is safe to call at every start, by several servers at once; it refuses a schema that is newer.
// A sqlite database with an older schema is backed up first, and changed by one process alone. One of PostgreSQL that has data is refused: it is backed up by its own tools, and Upgrade wants to hear so.
func (s *Store) Migrate(ctx context.Context) error { return s.Upgrade(ctx, false) }

// Upgrade is Migrate, told by somebody whether a PostgreSQL database has been backed up.
func (s *Store) Upgrade(ctx context.Context, backedUp bool) error {
	if err := s.refuseNewer(ctx); err != nil {
		return err
	}
	have, err := s.SchemaVersion(ctx)
	if err != nil || have == knownSchema {
		return err
	}
	if have > 0 && s.path == "" && !backedUp {
		if err := s.refuseOldWithData(ctx); err != nil {
			return err
		}
	}
	return s.hold.alone(func() error {
		if have > 0 && s.path != "" {
			if err := s.backupBeforeMigration(ctx, have); err != nil {
				return err
			}
		}
		return s.migrate(ctx)
	})
}

// refuseOldWithData says no to a database with people in it whose schema is older. The schema is asked for again once there are people: one that another server was making is whole by then.
func (s *Store) refuseOldWithData(ctx context.Context) error {
	var some bool
	if err := s.reader(ctx).Raw("SELECT EXISTS (SELECT 1 FROM people)").Scan(&some).Error; err != nil || !some {
		return translate("migrate", err)
	}
	have, err := s.SchemaVersion(ctx)
	if err == nil && have < knownSchema {
		err = fault.New(fault.Conflict, "store.not_backed_up", "have", have, "known", knownSchema)
	}
	return err
}

func (s *Store) migrate(ctx context.Context) error {
	p, err := s.migrator()
	if err != nil {
		return fmt.Errorf("store: migrate: %w", err)
	}
	if _, err := p.Up(ctx); err != nil {
		return fmt.Errorf("store: migrate: %w", err)
	}
	return nil
}

func (s *Store) migrator() (*goose.Provider, error) {
	pool, dialect, folder, options, err := s.engine.schema()
	if err != nil {
		return nil, err
	}
	files, err := fs.Sub(migrations, folder)
	if err != nil {
		return nil, err
	}
	return goose.NewProvider(dialect, pool, files, append(options, goose.WithDisableGlobalRegistry(true), goose.WithSlog(s.log))...)
}

// SchemaVersion is the number of the newest migration that the database has had; 0 for an empty one.
func (s *Store) SchemaVersion(ctx context.Context) (int64, error) {
	db := s.reader(ctx)
	if !db.Migrator().HasTable(goose.DefaultTablename) {
		return 0, translate("schema version", db.Exec("SELECT 1").Error)
	}
	var v int64
	err := db.Raw("SELECT coalesce(max(version_id), 0) FROM " + goose.DefaultTablename + " WHERE is_applied").Scan(&v).Error
	return v, translate("schema version", err)
}

func (s *Store) refuseNewer(ctx context.Context) error {
	have, err := s.SchemaVersion(ctx)
	if err != nil {
		return err
	}
	if have > knownSchema {
		return checkSchema(have)
	}
	return nil
}

// checkSchema says why a schema is not this program's, or nil.
func checkSchema(have int64) error {
	switch {
	case have > knownSchema:
		return fault.New(fault.Conflict, "store.newer_schema", "have", have, "known", knownSchema)
	case have < knownSchema:
		return fault.New(fault.Conflict, "store.old_schema", "have", have, "known", knownSchema)
	}
	return nil
}

// knownSchema is the number of the newest embedded migration.
var knownSchema = newest()

func newest() int64 {
	names, err := fs.Glob(migrations, "migrations/sqlite/*.sql")
	if err != nil {
		panic(err) // the files are compiled in
	}
	var top int64
	for _, name := range names {
		n, err := goose.NumericComponent(name)
		if err != nil {
			panic(err)
		}
		top = max(top, n)
	}
	return top
}
