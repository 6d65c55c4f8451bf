package store

import (
	"database/sql"
	"errors"
	"io"
	"io/fs"
	"net/url"
	"os"
	"syscall"
)

// copyFile copies a file to a new one of the owner's alone, and has it on the disk.
func copyFile(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	if err := removeDatabase(to); err != nil {
		return err
	}
	out, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Sync(), out.Close())
}

// removeDatabase removes a file and what sqlite may have left beside it.
func removeDatabase(path string) error {
	var failed error
	for _, end := range []string{"", "-journal", "-wal", "-shm"} {
		failed = errors.Join(failed, removeIfThere(path+end))
	}
	return failed
}

func removeIfThere(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

func syncFile(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// syncDir has the names in a folder on the disk. A file system that cannot do that for a folder is not asked twice.
func syncDir(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	err = f.Sync()
	if errors.Is(err, errors.ErrUnsupported) || errors.Is(err, syscall.EINVAL) {
		err = nil
	}
	return errors.Join(err, f.Close())
}

// looksLikeDatabase reads the first bytes of a file. Nobody in this process may have it open.
func looksLikeDatabase(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	const begins = "SQLite format 3\x00"
	head := make([]byte, len(begins))
	_, err = io.ReadFull(f, head)
	if err == nil && string(head) != begins {
		err = errors.New("not a database")
	}
	return errors.Join(err, f.Close())
}

// How a file is opened: as a database that others have open as well, as one that nobody may change any more, and as one that nobody else knows of yet.
const (
	besideOthers = "?mode=ro&_busy_timeout=5000"
	atRest       = "?mode=ro&immutable=1"
	unfinished   = "?mode=rw&_journal_mode=MEMORY&_synchronous=FULL" // a journal left by a killed process would be played into the next file of the name
)

func openFile(path, how string) (*sql.DB, error) {
	pool, err := sql.Open(wary, "file:"+(&url.URL{Path: path}).EscapedPath()+how)
	if err != nil {
		return nil, err
	}
	pool.SetMaxOpenConns(1)
	return pool, nil
}
