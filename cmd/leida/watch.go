package main

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"leida/assessments"
	"leida/internal/assessment"
	"leida/internal/capability"
	"leida/internal/store"
	"leida/internal/web"
)

// watchEvery keeps a sound change live within a second.
const watchEvery = 400 * time.Millisecond

// definitions is where the definitions come from: a directory that trainers edit, or none for those built in.
type definitions struct {
	dir  string
	kept string // copy of the last sound state, for a start that finds the directory unsound
	st   *store.Store
	log  *slog.Logger
}

// load reads the definitions to start with. Where the directory is unsound, the last sound state stays in force and trainers see the report; with none to fall back on, it is refused.
func (d definitions) load(ctx context.Context) (*web.Definitions, error) {
	lib, report, err := d.read(ctx, d.dir)
	if err != nil {
		return nil, err
	}
	if lib != nil {
		d.keep()
		return web.NewDefinitions(d.st, lib, report), nil
	}
	last, _, err := d.read(ctx, d.kept)
	if d.dir == "" || err != nil || last == nil {
		return nil, fmt.Errorf("the definitions are unsound (%d errors, first: %s); see: leida check %s", report.Errors(), report[0].Place(), d.dir)
	}
	d.log.Warn("definitions", "sound", false, "errors", report.Errors(), "in force", "the last sound state")
	defs := web.NewDefinitions(d.st, last, report)
	return defs, nil
}

func (d definitions) read(ctx context.Context, dir string) (*assessment.Library, assessment.Report, error) {
	known, err := d.st.Known(ctx)
	if err != nil {
		return nil, nil, err
	}
	if dir == "" {
		lib, report := assessment.Load(assessments.FS, nil, known)
		return lib, report, nil
	}
	return readDir(dir, builtInModel(), known)
}

// readDir reads a directory through os.Root, so that neither .. nor a symbolic link leads out of it.
func readDir(dir string, fallback *capability.Model, known assessment.Known) (*assessment.Library, assessment.Report, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, nil, err
	}
	defer root.Close()
	lib, report := assessment.Load(root.FS(), fallback, known)
	return lib, report, nil
}

// keep copies the directory's sound state aside. That it cannot is worth a warning: the state is in force all the same.
func (d definitions) keep() {
	if d.dir == "" {
		return
	}
	if err := replaceTree(d.kept, d.dir); err != nil {
		d.log.Warn("definitions: no copy of the sound state kept", "error", err)
	}
}

// replaceTree makes a fresh copy of a directory's YAML beside the old one and swaps them by renaming.
func replaceTree(to, from string) error {
	fresh, old := to+".new", to+".old"
	if err := errors.Join(os.RemoveAll(fresh), os.RemoveAll(old)); err != nil {
		return err
	}
	err := filepath.WalkDir(from, func(name string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(from, name)
		if err != nil {
			return err
		}
		if e.IsDir() {
			return os.MkdirAll(filepath.Join(fresh, rel), 0o700)
		}
		if ext := filepath.Ext(name); ext != ".yaml" && ext != ".yml" {
			return nil
		}
		raw, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(fresh, rel), raw, 0o600)
	})
	if err != nil {
		return err
	}
	if err := os.Rename(to, old); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return errors.Join(os.Rename(fresh, to), os.RemoveAll(old))
}

// watch offers each new state of the directory to the server. Looking at names, sizes and times a few times a second costs little, and works on every file system.
func (d definitions) watch(ctx context.Context, defs *web.Definitions) {
	seen := fingerprint(d.dir)
	tick := time.NewTicker(watchEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		now := fingerprint(d.dir)
		if now == seen {
			continue
		}
		seen = now
		lib, report, err := d.read(ctx, d.dir)
		if err != nil {
			d.log.Error("definitions", "error", err)
			continue
		}
		defs.Offer(lib, report)
		if lib != nil {
			d.keep()
		}
		d.log.Info("definitions", "sound", lib != nil, "errors", report.Errors(), "warnings", report.Warnings())
	}
}

func fingerprint(dir string) [32]byte {
	h := sha256.New()
	_ = fs.WalkDir(os.DirFS(dir), ".", func(name string, e fs.DirEntry, err error) error {
		if err != nil {
			fmt.Fprintln(h, name, "unreadable")
			return nil
		}
		if info, err := e.Info(); err == nil && !e.IsDir() {
			fmt.Fprintln(h, name, info.Size(), info.ModTime().UnixNano())
		}
		return nil
	})
	var sum [32]byte
	h.Sum(sum[:0])
	return sum
}
