package main

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"

	"leida/internal/fault"
	"leida/internal/store"
	"leida/internal/text"
)

// upgradeFlags say what is done with an older schema.
type upgradeFlags struct {
	BackedUp bool `help:"The PostgreSQL database has been backed up, with pg_dump or the like: an older schema with data in it may be changed."`
}

type migrateCmd struct {
	databaseFlags
	upgradeFlags
	From string `placeholder:"PLACE" and:"move" help:"Copy everything from here, sqlite:PATH or postgres://...; no server may run on it."`
	To   string `placeholder:"PLACE" and:"move" help:"... to here, an empty database. Passwords: PGPASSWORD, for arguments are seen by others."`
}

func (c *migrateCmd) Run(w *world) error {
	if c.From != "" {
		return c.move(w)
	}
	st, err := c.open(w, slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	defer st.Close()
	if err := st.Upgrade(w.ctx, c.BackedUp); err != nil {
		return err
	}
	version, err := st.SchemaVersion(w.ctx)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w.out, "schema %d\n", version)
	return err
}

// move copies one database to another. Whatever goes wrong, the target is as empty as before and the command can be run again.
func (c *migrateCmd) move(w *world) error {
	from, err := config(w, c.From)
	if err != nil {
		return err
	}
	to, err := config(w, c.To)
	if err != nil {
		return err
	}
	if err := fitToMove(w, from.Path); err != nil {
		return err
	}
	source, err := c.openMigratedAlone(w, from)
	if err != nil {
		return err
	}
	defer source.Close()
	target, err := c.openMigratedAlone(w, to)
	if err != nil {
		return err
	}
	defer target.Close()
	moved, err := source.Move(w.ctx, target)
	if err != nil {
		return err
	}
	var list []store.Table
	var rows, bytes int64
	for _, m := range moved {
		list, rows, bytes = append(list, m.Table), rows+m.Rows, bytes+m.Bytes
	}
	if err := tables(w.out, list); err != nil {
		return err
	}
	_, err = fmt.Fprintln(w.out, text.Say(w.lang, "move.done", "tables", len(list), "rows", rows, "mb", fmt.Sprintf("%.1f", float64(bytes)/1e6)))
	return err
}

// config is where a place on the command line lies.
func config(w *world, place string) (store.Config, error) {
	c := store.Config{Log: slog.New(slog.DiscardHandler), Now: w.now, Rand: w.rand, Alone: true, Release: version()}
	if path, ok := strings.CutPrefix(place, "sqlite:"); ok && path != "" {
		c.Path = path
		return c, nil
	}
	if strings.HasPrefix(place, "postgres://") || strings.HasPrefix(place, "postgresql://") {
		if weakDatabase(place) {
			return c, usageError{errors.New("--from and --to: a password that anybody would try first; give the role one of its own")}
		}
		if unsureDatabase(place) {
			fmt.Fprintln(w.err, "leida: a database is on another machine whose certificate is not checked; add sslmode=verify-full to its address")
		}
		c.URL = place
		return c, nil
	}
	return c, usageError{errors.New("--from and --to: sqlite:PATH or postgres://user@host:5432/database")}
}

// fitToMove looks at a file before it is opened: one must be there, and a backup is left as it is.
func fitToMove(w *world, path string) error {
	if path == "" {
		return nil
	}
	if _, err := os.Stat(path); err != nil {
		return fault.New(fault.NotFound, "cmd.no_database", "path", path).Because(err)
	}
	if _, err := store.ReadManifest(w.ctx, path); err == nil {
		return fault.New(fault.Conflict, "move.is_backup", "path", path)
	}
	return nil
}

func (f upgradeFlags) openMigratedAlone(w *world, c store.Config) (*store.Store, error) {
	st, err := store.Open(w.ctx, c)
	if err != nil {
		return nil, err
	}
	if err := st.Upgrade(w.ctx, f.BackedUp); err != nil {
		return nil, errors.Join(err, st.Close())
	}
	return st, nil
}
