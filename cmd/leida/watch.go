package main

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"time"

	"leida/assessments"
	"leida/internal/assessment"
	"leida/internal/store"
	"leida/internal/web"
)

// watchEvery keeps a sound change live within a second.
const watchEvery = 400 * time.Millisecond

// loadDefinitions reads the definitions to start with. Unsound ones are refused: there is no earlier version to fall back on but the built-in.
func loadDefinitions(ctx context.Context, st *store.Store, dir string) (*web.Definitions, error) {
	lib, report, err := readDefinitions(ctx, st, dir)
	if err != nil {
		return nil, err
	}
	if lib == nil {
		return nil, fmt.Errorf("the definitions are unsound (%d errors, first: %s); see: leida check %s", report.Errors(), report[0].Place(), dir)
	}
	return web.NewDefinitions(st, lib, report), nil
}

func readDefinitions(ctx context.Context, st *store.Store, dir string) (*assessment.Library, assessment.Report, error) {
	known, err := st.Known(ctx)
	if err != nil {
		return nil, nil, err
	}
	if dir == "" {
		lib, report := assessment.Load(assessments.FS, nil, known)
		return lib, report, nil
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, nil, err
	}
	defer root.Close()
	lib, report := assessment.Load(root.FS(), builtInModel(), known)
	return lib, report, nil
}

// watch offers each new state of the directory to the server. Looking at names, sizes and times a few times a second costs little, and works on every file system.
func watch(ctx context.Context, dir string, st *store.Store, defs *web.Definitions, log *slog.Logger) {
	seen := fingerprint(dir)
	tick := time.NewTicker(watchEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		now := fingerprint(dir)
		if now == seen {
			continue
		}
		seen = now
		lib, report, err := readDefinitions(ctx, st, dir)
		if err != nil {
			log.Error("definitions", "error", err)
			continue
		}
		defs.Offer(lib, report)
		log.Info("definitions", "sound", lib != nil, "errors", report.Errors(), "warnings", report.Warnings())
	}
}

func fingerprint(dir string) [32]byte {
	h := sha256.New()
	_ = fs.WalkDir(os.DirFS(dir), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			fmt.Fprintln(h, name, "unreadable")
			return nil
		}
		if info, err := d.Info(); err == nil && !d.IsDir() {
			fmt.Fprintln(h, name, info.Size(), info.ModTime().UnixNano())
		}
		return nil
	})
	var sum [32]byte
	h.Sum(sum[:0])
	return sum
}
