package store

import (
	"bufio"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"leida/internal/fault"
)

func (w *world) config() Config {
	return Config{Path: w.path, Now: w.clock.now, Rand: rand.Reader}
}

func TestOneServer(t *testing.T) {
	onlySQLite(t)
	w := empty(t)
	alone := w.config()
	alone.Alone = true
	server, err := Open(w.ctx, alone) // beside the short command that w is
	w.ok(err)
	_, err = Open(w.ctx, alone)
	w.fails(err, fault.Conflict, "store.locked")
	if pid := fault.As(err).Args["pid"]; pid != fmt.Sprint(os.Getpid()) {
		t.Errorf("held by %v", pid)
	}
	w.logged(1) // the short command writes
	command, err := Open(w.ctx, w.config())
	w.ok(err)
	w.ok(command.Migrate(w.ctx)) // there is nothing to do
	w.ok(command.Close())
	w.ok(server.Close())
	server, err = Open(w.ctx, alone)
	w.ok(err)
	w.ok(server.Close())
}

// A database that is reached by a symbolic link is refused, whether or not it leads anywhere, and nothing is made or put there. A folder may be a link, and has the same lock by either name.
func TestLinksAreRefused(t *testing.T) {
	onlySQLite(t)
	w := empty(t)
	file, _ := w.backup()
	dir := t.TempDir()
	for name, to := range map[string]string{"leida.db": w.path, "nowhere.db": filepath.Join(dir, "none.db")} {
		c := w.config()
		c.Path = filepath.Join(dir, name)
		w.ok(os.Symlink(to, c.Path))
		_, err := Open(w.ctx, c)
		w.fails(err, fault.Conflict, "store.link")
		_, err = Restore(w.ctx, file, c.Path, noon)
		w.fails(err, fault.Conflict, "store.link")
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 2 {
		t.Error(left, err)
	}
	c := w.config()
	c.Alone = true
	server, err := Open(w.ctx, c)
	w.ok(err)
	w.ok(os.Symlink(filepath.Dir(w.path), filepath.Join(dir, "folder")))
	c.Path = filepath.Join(dir, "folder", filepath.Base(w.path))
	_, err = Open(w.ctx, c)
	w.fails(err, fault.Conflict, "store.locked")
	w.ok(server.Close())
}

// A schema is never changed under a running server; the server itself may change its own.
func TestMigrationBesideAServer(t *testing.T) {
	onlySQLite(t)
	ctx, c := context.Background(), Config{Path: filepath.Join(t.TempDir(), "x.db"), Now: (&clock{t: noon}).now, Rand: rand.Reader, Alone: true}
	server, err := Open(ctx, c)
	if err != nil {
		t.Fatal(err)
	}
	c.Alone = false
	command, err := Open(ctx, c)
	if err != nil {
		t.Fatal(err)
	}
	if f := fault.As(command.Migrate(ctx)); f == nil || f.Key != "store.locked" {
		t.Error(f)
	}
	if err := errors.Join(server.Migrate(ctx), command.Migrate(ctx), command.Close(), server.Close()); err != nil {
		t.Error(err)
	}
}

func TestNobodyOpensDuringARestore(t *testing.T) {
	onlySQLite(t)
	w := empty(t)
	w.ok(w.Close())
	all, err := holdAll(w.path)
	w.ok(err)
	_, err = Open(w.ctx, w.config())
	w.fails(err, fault.Busy, "store.restoring")
	w.ok(all.release())
	s, err := Open(w.ctx, w.config())
	w.ok(err)
	w.ok(s.Close())
}

// TestHolder is the other process of TestLockOfAKilledProcess.
func TestHolder(t *testing.T) {
	path := os.Getenv("LEIDA_TEST_HOLD")
	if path == "" {
		t.Skip("runs only as another test's process")
	}
	if _, err := Open(context.Background(), Config{Path: path, Now: (&clock{t: noon}).now, Rand: rand.Reader, Alone: true}); err != nil {
		t.Fatal(err)
	}
	fmt.Println("held")
	select {}
}

// kill -9 leaves the lock's file, and not the lock.
func TestLockOfAKilledProcess(t *testing.T) {
	onlySQLite(t)
	w := empty(t)
	holder := exec.Command(os.Args[0], "-test.run=^TestHolder$")
	holder.Env = append(os.Environ(), "LEIDA_TEST_HOLD="+w.path)
	out, err := holder.StdoutPipe()
	w.ok(err)
	w.ok(holder.Start())
	line, err := bufio.NewReader(out).ReadString('\n')
	if !strings.Contains(line, "held") {
		t.Fatal(line, err)
	}
	c := w.config()
	c.Alone = true
	_, err = Open(w.ctx, c)
	w.fails(err, fault.Conflict, "store.locked")
	if pid := fault.As(err).Args["pid"]; pid != fmt.Sprint(holder.Process.Pid) {
		t.Errorf("held by %v, not by %d", pid, holder.Process.Pid)
	}
	w.ok(holder.Process.Kill())
	if holder.Wait() == nil {
		t.Error("it ended well")
	}
	s, err := Open(w.ctx, c)
	w.ok(err)
	w.ok(s.Close())
}
