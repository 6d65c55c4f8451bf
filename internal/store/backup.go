package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"leida/internal/fault"
)

// partial is what a file is called until it is whole.
const partial = ".part"

// Backup writes the database as it is at one moment to a new file, reads that file back whole and only then gives it its name. Readers and writers go on meanwhile.
// A file of that name is never overwritten. From PostgreSQL it is written row by row; what comes of it is a sqlite database all the same. An audit log that was tampered with is copied as it is, and the manifest says so.
func (s *Store) Backup(ctx context.Context, file string) (Manifest, error) {
	if _, err := os.Lstat(file); err == nil {
		return Manifest{}, errExists(file)
	}
	part, m, err := s.backupPart(ctx, file)
	if err == nil {
		err = giveName(part, file)
	}
	return m, cleared(part, err)
}

// BackupIn makes a backup in a folder, which is made if absent, under the name of its time; where another backup has that, of the next second that is free.
func (s *Store) BackupIn(ctx context.Context, dir string) (file string, m Manifest, err error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", m, err
	}
	at := s.now()
	file = filepath.Join(dir, BackupName(at))
	part, m, err := s.backupPart(ctx, file)
	for err == nil {
		if err = giveName(part, file); !fault.Is(err, fault.Conflict) {
			break
		}
		at, err = at.Add(time.Second), nil
		file = filepath.Join(dir, BackupName(at))
	}
	return file, m, cleared(part, err)
}

func errExists(file string) error { return fault.New(fault.Conflict, "backup.exists", "file", file) }

// giveName names a file that is whole. A second link takes no name that is there; where the file system knows no links it is looked for before.
func giveName(part, file string) error {
	err := os.Link(part, file)
	if err == nil {
		err = os.Remove(part)
	} else if _, taken := os.Lstat(file); taken == nil {
		err = errExists(file)
	} else {
		err = os.Rename(part, file)
	}
	if err != nil {
		return err
	}
	return syncDir(filepath.Dir(file))
}

// cleared takes away what is left of a backup that failed.
func cleared(part string, err error) error {
	if err == nil || part == "" {
		return translate("backup", err)
	}
	return translate("backup", errors.Join(err, removeDatabase(part)))
}

// backupPart writes a backup beside the name that it is to have, as a file of nobody else's, and reads it back.
func (s *Store) backupPart(ctx context.Context, file string) (part string, m Manifest, err error) {
	f, err := os.CreateTemp(filepath.Dir(file), filepath.Base(file)+".*"+partial)
	if err != nil {
		return "", m, err
	}
	if err := f.Close(); err != nil {
		return f.Name(), m, err
	}
	m, err = s.backupTo(ctx, f.Name())
	return f.Name(), m, err
}

func (s *Store) backupTo(ctx context.Context, part string) (Manifest, error) {
	copyInto := s.vacuumInto
	if s.path == "" {
		copyInto = s.moveInto
	}
	if err := copyInto(ctx, part); err != nil {
		return Manifest{}, err
	}
	if err := writeManifest(ctx, part, s.release, s.now()); err != nil {
		return Manifest{}, err
	}
	if err := syncFile(part); err != nil {
		return Manifest{}, err
	}
	m, err := VerifyBackup(ctx, part)
	return m, exceptAudit(err)
}

// exceptAudit lets a copy pass that is true to a log broken before: it is still the best there is, and its manifest says so.
func exceptAudit(err error) error {
	if f := fault.As(err); f != nil && f.Key == "backup.audit_broken" {
		return nil
	}
	return err
}

// vacuumInto copies what is committed now, without the empty pages, in one read transaction.
func (s *Store) vacuumInto(ctx context.Context, file string) error {
	db, err := openFile(s.path, besideOthers)
	if err != nil {
		return err
	}
	_, err = db.ExecContext(ctx, "VACUUM INTO ?", file)
	return errors.Join(err, db.Close())
}

// moveFolder begins the name of the folder that a backup by row is written in.
const moveFolder = ".leida-backup-"

// clearMoved removes the folders that backups left which were killed: those of a day or more ago, for a later one may still be written.
func clearMoved(dir string, now time.Time) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if !e.IsDir() || !strings.HasPrefix(e.Name(), moveFolder) {
			continue
		}
		info, err := e.Info()
		if err == nil && !info.ModTime().After(now.AddDate(0, 0, -1)) {
			err = os.RemoveAll(filepath.Join(dir, e.Name()))
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) { // another may have removed it
			return err
		}
	}
	return nil
}

// moveInto writes everything to a database made for it, in a folder of its own for what sqlite puts beside.
func (s *Store) moveInto(ctx context.Context, file string) (err error) {
	if err := clearMoved(filepath.Dir(file), s.now()); err != nil {
		return err
	}
	dir, err := os.MkdirTemp(filepath.Dir(file), moveFolder+"*")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	made := filepath.Join(dir, "leida.db")
	anywhere := func(string) (Disk, error) { return Disk{}, nil } // nobody else opens it, so that a network disk will do
	to, err := Open(ctx, Config{Path: made, Now: s.now, Rand: noRand{}, Log: s.log, Disk: anywhere})
	if err != nil {
		return err
	}
	err = to.Migrate(ctx)
	if err == nil {
		_, err = s.Move(ctx, to)
	}
	if err = errors.Join(err, to.Close()); err != nil {
		return err
	}
	return os.Rename(made, file)
}

// backupBeforeMigration keeps the database as it was with its older schema.
func (s *Store) backupBeforeMigration(ctx context.Context, have int64) error {
	dir := filepath.Join(filepath.Dir(s.path), BackupFolder)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	file := filepath.Join(dir, fmt.Sprintf("before-schema-%d-%s.db", knownSchema, s.now().UTC().Format(stampForm)))
	m, err := s.Backup(ctx, file)
	if err != nil {
		return fmt.Errorf("backup before the migration from schema %d: %w", have, err)
	}
	s.log.Info("backup before the migration", "file", file, "schema", have, "rows", m.Rows())
	return nil
}
