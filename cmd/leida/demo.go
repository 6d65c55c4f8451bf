package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"leida/internal/assessment"
	"leida/internal/demo"
	"leida/internal/org"
	"leida/internal/profile"
	"leida/internal/store"
	"leida/internal/text"
	"leida/internal/web"
)

const (
	demoPassword = "leida-demo-2026"
	demoSeed     = 2026
)

type demoCmd struct {
	databaseFlags
	Seed uint64 `default:"2026" help:"The same seed makes the same people and answers on the same day."`
}

func (c *demoCmd) Run(w *world) error {
	zone, err := c.zone()
	if err != nil {
		return err
	}
	st, err := c.openMigrated(w)
	if err != nil {
		return err
	}
	defer st.Close()
	if err := fillDemo(w, st, builtIn(), zone, c.Seed); err != nil {
		return err
	}
	_, err = fmt.Fprintf(w.out, "%s\n%s\n", text.Say(w.lang, "demo.done", "path", filepath.Clean(c.Data)), demoLogins(w.lang))
	return err
}

// demoLogins tells who can sign in to the demonstration.
func demoLogins(l text.Lang) string { return text.Say(l, "demo.logins", "password", demoPassword) }

// seedDemo makes the demonstration where there is no database yet, or in a PostgreSQL database where there is nobody yet. A file is filled aside and then renamed, so that an interrupted first start leaves no half a centre behind.
func seedDemo(w *world, f databaseFlags, lib *assessment.Library, log *slog.Logger) error {
	zone, err := f.zone()
	if err != nil {
		return err
	}
	if f.DB != "" {
		return seedEmpty(w, f, lib, zone)
	}
	if _, err := os.Stat(f.path()); err == nil || !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	part := databaseFlags{Data: filepath.Join(f.Data, "demo.part"), Zone: f.Zone}
	if err := os.RemoveAll(part.Data); err != nil {
		return err
	}
	began := w.now()
	st, err := part.openMigrated(w)
	if err != nil {
		return err
	}
	if err := errors.Join(fillDemo(w, st, lib, zone, demoSeed), st.Close()); err != nil {
		return err
	}
	log.Info("demonstration centre made", "took", w.now().Sub(began).Round(time.Millisecond))
	return errors.Join(os.Rename(part.path(), f.path()), os.RemoveAll(part.Data))
}

func seedEmpty(w *world, f databaseFlags, lib *assessment.Library, zone *time.Location) error {
	st, err := f.openMigrated(w)
	if err != nil {
		return err
	}
	defer st.Close()
	if _, n, err := st.People(w.ctx, store.PeopleFilter{Page: store.Page{Limit: 1}}); err != nil || n > 0 {
		return err
	}
	return fillDemo(w, st, lib, zone, demoSeed)
}

func fillDemo(w *world, st *store.Store, lib *assessment.Library, zone *time.Location, seed uint64) error {
	hash, err := web.HashPassword(w.rand, demoPassword)
	if err != nil {
		return err
	}
	return demo.Fill(w.ctx, demo.Config{
		Store: st, Library: lib, Zone: zone, Now: w.now(), Seed: seed, PasswordHash: hash,
		Close: func(ctx context.Context, cycle org.Cycle, at time.Time) error {
			return web.CloseCycle(ctx, st, lib.Model, profile.DefaultRules(), cycle, at)
		},
	})
}
