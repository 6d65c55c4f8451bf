package main

import (
	"leida/internal/assessment"
	"leida/internal/store"
	"log/slog"
	"time"
)

type demoCmd struct{}

func (demoCmd) Run(w *world) error { return nil }

const demoLogins = ""

func seedDemo(w *world, st *store.Store, lib *assessment.Library, zone *time.Location, log *slog.Logger) error {
	return nil
}
