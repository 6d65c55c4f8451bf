package main

import (
	"fmt"
	"log/slog"
)

type migrateCmd struct{ databaseFlags }

func (c *migrateCmd) Run(w *world) error {
	st, err := c.open(w, slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	defer st.Close()
	if err := st.Migrate(w.ctx); err != nil {
		return err
	}
	version, err := st.SchemaVersion(w.ctx)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w.out, "schema %d\n", version)
	return err
}
