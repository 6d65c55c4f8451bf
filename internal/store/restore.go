package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// Restored is what a restore did.
type Restored struct {
	Manifest Manifest
	Aside    string // where the database that stood there before is now; empty where there was none
}

// Restore puts a backup in the place of a database that nobody has open. The copy is verified before anything is moved; the present database is kept aside under a dated name.
func Restore(ctx context.Context, backup, path string, now time.Time) (Restored, error) {
	lock, err := holdAll(path)
	if err != nil {
		return Restored{}, err
	}
	r, err := restore(ctx, backup, path, now)
	return r, translate("restore", errors.Join(err, removeDatabase(path+partial), lock.release()))
}

func restore(ctx context.Context, backup, path string, now time.Time) (r Restored, err error) {
	part := path + partial
	if err := copyFile(backup, part); err != nil {
		return r, err
	}
	if r.Manifest, err = VerifyBackup(ctx, part); exceptAudit(err) != nil {
		return r, err
	}
	if r.Manifest.Schema > knownSchema {
		return r, checkSchema(r.Manifest.Schema)
	}
	if err := dropManifest(ctx, part); err != nil {
		return r, err
	}
	if err := syncFile(part); err != nil {
		return r, err
	}
	if r.Aside, err = setAside(ctx, path, now); err != nil {
		return r, err
	}
	if err := os.Rename(part, path); err != nil {
		return r, err
	}
	return r, syncDir(filepath.Dir(path))
}

// setAside gives a database a second, dated name, and takes away what sqlite keeps beside the first. The file stays where it is until another is renamed over it, so that there is one at any moment.
// A write-ahead log is folded in before; where that fails, because the database is damaged, it goes along as it is.
func setAside(ctx context.Context, path string, now time.Time) (string, error) {
	if _, err := os.Lstat(path); errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	folded := foldLog(ctx, path)
	aside, err := linkAside(path, path+".before-"+now.UTC().Format(stampForm))
	if err != nil {
		return "", err
	}
	logs := []string{"-wal", "-shm", "-journal"}
	for _, end := range logs {
		if err := os.Link(path+end, aside+end); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return "", errors.Join(err, folded)
		}
	}
	if err := syncDir(filepath.Dir(path)); err != nil {
		return "", err
	}
	for _, end := range logs { // a log that came back after a power cut would be played into the new file, so it is gone for good before
		if err := removeIfThere(path + end); err != nil {
			return "", err
		}
	}
	return aside, syncDir(filepath.Dir(path))
}

// linkAside gives a file a second name that nothing has yet.
func linkAside(path, name string) (string, error) {
	aside := name
	err := os.Link(path, aside)
	for n := 2; errors.Is(err, fs.ErrExist) && n < 100; n++ {
		aside = fmt.Sprint(name, "-", n)
		err = os.Link(path, aside)
	}
	return aside, err
}

// foldLog writes the log's pages into the file and leaves the mode that needs one. A file that is no database any more is left alone: sqlite would throw its log away.
func foldLog(ctx context.Context, path string) error {
	if err := looksLikeDatabase(path); err != nil {
		return err
	}
	db, err := openFile(path, "?mode=rw&_busy_timeout=5000&_synchronous=FULL")
	if err != nil {
		return err
	}
	_, err = db.ExecContext(ctx, "PRAGMA journal_mode = DELETE")
	return errors.Join(err, db.Close())
}
