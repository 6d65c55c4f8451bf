package main

import (
	"context"
	"fmt"
	"log/slog"
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

// seedDemo fills an empty database before the server starts; one with people in it is left as it is.
func seedDemo(w *world, st *store.Store, lib *assessment.Library, zone *time.Location, log *slog.Logger) error {
	if empty, err := demo.Empty(w.ctx, st); err != nil || !empty {
		return err
	}
	began := w.now()
	if err := fillDemo(w, st, lib, zone, demoSeed); err != nil {
		return err
	}
	log.Info("demonstration centre made", "took", w.now().Sub(began).Round(time.Millisecond))
	return nil
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
