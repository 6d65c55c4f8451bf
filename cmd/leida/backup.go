package main

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"text/tabwriter"
	"time"

	"leida/internal/fault"
	"leida/internal/store"
	"leida/internal/text"
)

type backupCmd struct {
	Create  backupCreateCmd  `cmd:"" help:"Write a verified copy of the database, also while the server runs."`
	Verify  backupVerifyCmd  `cmd:"" help:"Read a backup whole and say whether it is what was backed up."`
	Restore backupRestoreCmd `cmd:"" help:"Put a backup in the database's place; the present database is kept aside. No server may run."`
	List    backupListCmd    `cmd:"" help:"List the backups of a folder."`
}

// folderFlags say where backups go.
type folderFlags struct {
	BackupDir string `env:"LEIDA_BACKUP_DIR" type:"path" placeholder:"DIR" help:"Folder of backups, best on another disk (default: backups in the data directory)."`
}

func (f folderFlags) folder(d databaseFlags) string {
	if f.BackupDir != "" {
		return f.BackupDir
	}
	return filepath.Join(d.Data, store.BackupFolder)
}

type backupCreateCmd struct {
	databaseFlags
	folderFlags
	File string `arg:"" optional:"" type:"path" help:"File to write, never one that is there (default: leida-<time>.db in the folder of backups)."`
}

func (c *backupCreateCmd) Run(w *world) error {
	st, err := c.openExisting(w)
	if err != nil {
		return err
	}
	defer st.Close()
	var m store.Manifest
	if c.File != "" {
		m, err = st.Backup(w.ctx, c.File)
	} else {
		c.File, m, err = st.BackupIn(w.ctx, c.folder(c.databaseFlags))
	}
	if err != nil {
		return err
	}
	fmt.Fprintln(w.out, text.Say(w.lang, "backup.made", "file", c.File, "rows", m.Rows(), "tables", len(m.Tables)))
	return brokenLog(w, m)
}

// brokenLog tells of an audit log that was tampered with before the backup.
func brokenLog(w *world, m store.Manifest) error {
	if m.Audit.Broken == 0 {
		return nil
	}
	fmt.Fprintln(w.err, text.Say(w.lang, "backup.audit_broken", "row", m.Audit.Broken))
	return errFindings
}

type backupVerifyCmd struct {
	File string `arg:"" type:"existingfile" help:"Backup to read."`
}

func (c *backupVerifyCmd) Run(w *world) error {
	m, err := store.VerifyBackup(w.ctx, c.File)
	if err != nil {
		return err
	}
	if err := tables(w.out, m.Tables); err != nil {
		return err
	}
	_, err = fmt.Fprintln(w.out, text.Say(w.lang, "backup.sound", "file", c.File, "at", m.At.Format(time.RFC3339), "release", m.Release, "schema", m.Schema,
		"rows", m.Rows(), "seq", m.Audit.Rows, "hash", m.Audit.Hash))
	return err
}

// tables prints what is in each table.
func tables(out io.Writer, list []store.Table) error {
	table := tabwriter.NewWriter(out, 0, 4, 2, ' ', 0)
	for _, t := range list {
		fmt.Fprintf(table, "%s\t%d\t%s\n", t.Name, t.Rows, t.Hash)
	}
	return table.Flush()
}

type backupRestoreCmd struct {
	databaseFlags
	File string `arg:"" type:"existingfile" help:"Backup to restore."`
}

func (c *backupRestoreCmd) Run(w *world) error {
	if c.DB != "" {
		return fault.New(fault.Conflict, "backup.restore_postgres")
	}
	if err := os.MkdirAll(c.Data, 0o700); err != nil {
		return err
	}
	r, err := store.Restore(w.ctx, c.File, c.path(), w.now())
	if err != nil {
		return err
	}
	fmt.Fprintln(w.out, text.Say(w.lang, "backup.restored", "file", c.File, "path", c.path(), "at", r.Manifest.At.Format(time.RFC3339), "rows", r.Manifest.Rows()))
	if r.Aside != "" {
		fmt.Fprintln(w.out, text.Say(w.lang, "backup.aside", "file", r.Aside))
	}
	return brokenLog(w, r.Manifest)
}

type backupListCmd struct {
	databaseFlags
	folderFlags
	Dir string `arg:"" optional:"" type:"path" help:"Another folder to look in."`
}

func (c *backupListCmd) Run(w *world) error {
	if c.Dir == "" {
		c.Dir = c.folder(c.databaseFlags)
	}
	list, err := store.Backups(w.ctx, c.Dir)
	if err != nil {
		return err
	}
	table := tabwriter.NewWriter(w.out, 0, 4, 2, ' ', 0)
	for _, b := range list {
		if f := fault.As(b.Err); f != nil {
			fmt.Fprintf(table, "%s\t%d\t%s\n", b.Name, b.Size, text.Say(w.lang, f.Key, f.Args))
			continue
		}
		m := b.Manifest
		fmt.Fprintf(table, "%s\t%d\t%s\t%s\n", b.Name, b.Size, m.At.Format(time.RFC3339), text.Say(w.lang, "backup.line", "release", m.Release, "schema", m.Schema, "rows", m.Rows()))
	}
	return table.Flush()
}

// place is where the database is, in words that hold no password.
func (f databaseFlags) place() string {
	if f.DB != "" {
		return "PostgreSQL"
	}
	return f.path()
}

// openExisting opens the database as it is: none is made, and its schema stays.
func (f databaseFlags) openExisting(w *world) (*store.Store, error) {
	if _, err := os.Stat(f.path()); err != nil && f.DB == "" {
		return nil, fault.New(fault.NotFound, "cmd.no_database", "path", f.path()).Because(err)
	}
	st, err := f.open(w, slog.New(slog.DiscardHandler))
	if err != nil {
		return nil, err
	}
	have, err := st.SchemaVersion(w.ctx)
	if err == nil && have == 0 {
		err = fault.New(fault.NotFound, "cmd.no_database", "path", f.place())
	}
	if err != nil {
		return nil, errors.Join(err, st.Close())
	}
	return st, nil
}
