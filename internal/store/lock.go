package store

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"
	"syscall"

	"leida/internal/fault"
)

// Two files beside the database say who has it. Nobody ever deletes them: a lock is on the file and not on its name.
//
// leida.db.server is held by the one process that runs the centre, or that is changing the schema or copying everything out. Two processes that write to one database
// are safe in sqlite, so the short commands (user, roster, audit, backup create) run beside a server and wait their turn at sqlite's own lock. Two servers are not wanted: each would
// sweep, make backups and gather saves into commits of its own while the other waits.
//
// leida.db.open is shared by all who have the database open, so that a restore, which wants it alone, never takes the file from under a short command.
const (
	serverLock = ".server"
	openLock   = ".open"
)

// fileLock is a file held with flock(2). The kernel lets go of it when its process ends, however it ends.
type fileLock struct{ file *os.File }

// takeLock takes a lock or says at once that somebody else has it.
func takeLock(path string, how int) (*fileLock, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	err = syscall.Flock(int(f.Fd()), how|syscall.LOCK_NB)
	switch {
	case errors.Is(err, syscall.EWOULDBLOCK):
		err = errHeld
	case err != nil:
		err = fmt.Errorf("lock %s: %w", path, err)
	case how == syscall.LOCK_EX:
		err = writePid(f)
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return &fileLock{f}, nil
}

var errHeld = errors.New("the lock is held")

// release lets go, once.
func (l *fileLock) release() error {
	if l == nil {
		return nil
	}
	if err := l.file.Close(); !errors.Is(err, os.ErrClosed) {
		return err
	}
	return nil
}

func writePid(f *os.File) error {
	if err := f.Truncate(0); err != nil {
		return err
	}
	_, err := f.WriteAt(strconv.AppendInt(nil, int64(os.Getpid()), 10), 0)
	return err
}

// holder is the pid written in a lock file, "?" where there is none.
func holder(path string) string {
	raw, err := os.ReadFile(path)
	if pid := bytes.TrimSpace(raw); err == nil && len(pid) > 0 {
		return string(pid)
	}
	return "?"
}

// holdServer makes this process the one that runs the database, or names the one that does.
func holdServer(path string) (*fileLock, error) {
	l, err := takeLock(path+serverLock, syscall.LOCK_EX)
	if errors.Is(err, errHeld) {
		return nil, fault.New(fault.Conflict, "store.locked", "pid", holder(path+serverLock), "path", path)
	}
	return l, err
}

// holdOpen notes that this process has the database open.
func holdOpen(path string) (*fileLock, error) {
	l, err := takeLock(path+openLock, syscall.LOCK_SH)
	if errors.Is(err, errHeld) {
		return nil, fault.New(fault.Busy, "store.restoring", "pid", holder(path+openLock), "path", path)
	}
	return l, err
}

// refuseLink says no to a file that is a symbolic link: it may lead to another machine's disk, and by each of its names it would have another lock and another log. A folder may be one.
func refuseLink(path string) error {
	info, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err == nil && info.Mode()&fs.ModeSymlink != 0 {
		return fault.New(fault.Conflict, "store.link", "path", path)
	}
	return err
}

// holdAll keeps everybody else from a database, for a restore.
func holdAll(path string) (*hold, error) {
	if err := refuseLink(path); err != nil {
		return nil, err
	}
	server, err := holdServer(path)
	if err != nil {
		return nil, err
	}
	open, err := takeLock(path+openLock, syscall.LOCK_EX)
	if errors.Is(err, errHeld) {
		err = fault.New(fault.Conflict, "store.in_use", "path", path)
	}
	if err != nil {
		return nil, errors.Join(err, server.release())
	}
	return &hold{path: path, server: server, open: open}, nil
}

// hold are the locks that an open store holds; nil holds none and needs none.
type hold struct {
	path         string
	server, open *fileLock
}

// guard looks at where a database file lies and takes its locks: alone for the one that runs it.
func guard(path string, alone bool, probe func(string) (Disk, error)) (*hold, error) {
	if path == "" || path == ":memory:" { // PostgreSQL, or what openSQLite refuses
		return nil, nil
	}
	if err := errors.Join(refuseLink(path), refuseNetwork(path, probe)); err != nil {
		return nil, err
	}
	l := &hold{path: path}
	var err error
	if l.open, err = holdOpen(path); err != nil {
		return nil, err
	}
	if alone {
		l.server, err = holdServer(path)
	}
	if err != nil {
		return nil, errors.Join(err, l.release())
	}
	return l, nil
}

// alone does something that no server may run beside.
func (l *hold) alone(do func() error) error {
	if l == nil || l.server != nil {
		return do()
	}
	server, err := holdServer(l.path)
	if err != nil {
		return err
	}
	return errors.Join(do(), server.release())
}

func (l *hold) release() error {
	if l == nil {
		return nil
	}
	return errors.Join(l.server.release(), l.open.release())
}
