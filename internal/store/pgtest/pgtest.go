// Package pgtest runs a private PostgreSQL from the installed binaries, for tests and measurements: on a free loopback port, as another user when root.
package pgtest

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // registers pgx
)

// ErrMissing says that PostgreSQL is not installed.
var ErrMissing = errors.New("PostgreSQL is not installed")

// Options of a cluster.
type Options struct {
	Durable bool     // flush to the disk as in production; without it a crash of the database may lose what it acknowledged
	More    []string // further settings, name=value
}

// Cluster is a running PostgreSQL with data of its own. Its methods are not for concurrent use.
type Cluster struct {
	dir   string
	bin   string
	port  int
	args  []string
	creds *syscall.SysProcAttr
	stdin io.Closer     // of the keeper: when it closes, even because we died, the server is ended
	ended chan struct{} // closed once it has
}

// Start makes a cluster in a new directory and starts it. It ends with Stop, or when this process ends.
func Start(o Options) (*Cluster, error) {
	bin, err := binaries()
	if err != nil {
		return nil, err
	}
	c := &Cluster{bin: bin}
	if c.dir, err = os.MkdirTemp("", "leida-pg-"); err != nil {
		return nil, err
	}
	if err := c.hand(); err != nil {
		return nil, errors.Join(err, os.RemoveAll(c.dir))
	}
	if err := c.init(o); err != nil {
		return nil, errors.Join(err, os.RemoveAll(c.dir))
	}
	if err := c.Restart(); err != nil {
		return nil, errors.Join(err, os.RemoveAll(c.dir))
	}
	return c, nil
}

// binaries is the folder of initdb and postgres: of the path, or the newest that Debian keeps.
func binaries() (string, error) {
	if at, err := exec.LookPath("initdb"); err == nil {
		return filepath.Dir(at), nil
	}
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if err != nil || len(found) == 0 {
		return "", ErrMissing
	}
	version := func(at string) int {
		n, _ := strconv.Atoi(filepath.Base(filepath.Dir(filepath.Dir(at)))) // no number sorts first
		return n
	}
	return filepath.Dir(slices.MaxFunc(found, func(a, b string) int { return version(a) - version(b) })), nil
}

// hand gives the directory to the user that the server runs as: PostgreSQL refuses to be root.
func (c *Cluster) hand() error {
	c.creds = &syscall.SysProcAttr{Setpgid: true}
	if os.Geteuid() != 0 {
		return nil
	}
	who, err := user.Lookup("postgres")
	if err != nil {
		who, err = user.Lookup("nobody")
	}
	if err != nil {
		return err
	}
	uid, err1 := strconv.Atoi(who.Uid)
	gid, err2 := strconv.Atoi(who.Gid)
	c.creds.Credential = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
	return errors.Join(err1, err2, os.Chown(c.dir, uid, gid))
}

func (c *Cluster) init(o Options) error {
	cmd := exec.Command(filepath.Join(c.bin, "initdb"), "-D", c.data(), "-U", "leida", "--auth=trust", "--no-sync", "--encoding=UTF8", "--locale=C")
	cmd.SysProcAttr, cmd.Dir = c.creds, c.dir
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w: %s", err, out)
	}
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	c.port = free.Addr().(*net.TCPAddr).Port
	c.args = []string{"-D", c.data(), "-p", strconv.Itoa(c.port), "-h", "127.0.0.1", "-k", c.dir, "-c", "max_connections=400", "-c", "shared_buffers=128MB"}
	more := o.More
	if !o.Durable {
		more = append([]string{"fsync=off", "full_page_writes=off", "synchronous_commit=off", "autovacuum=off", "wal_level=minimal", "max_wal_senders=0"}, more...)
	}
	for _, setting := range more {
		c.args = append(c.args, "-c", setting)
	}
	return free.Close()
}

func (c *Cluster) data() string { return filepath.Join(c.dir, "data") }

// keeper runs the server, and ends it when the pipe to us closes.
const keeper = `exec 3<&0; "$@" </dev/null 3<&- & server=$!; (cat <&3; kill -QUIT $server) >/dev/null 2>&1 & wait $server`

// Restart starts a cluster that was stopped or killed, and waits until it answers. After a kill it may take a moment until the old server's memory is free.
func (c *Cluster) Restart() error {
	var err error
	for range 20 {
		if err = c.start(); err == nil {
			return nil
		}
		time.Sleep(100 * time.Millisecond)
	}
	return err
}

func (c *Cluster) start() error {
	cmd := exec.Command("/bin/sh", append([]string{"-c", keeper, "keeper", filepath.Join(c.bin, "postgres")}, c.args...)...)
	cmd.SysProcAttr, cmd.Dir = c.creds, c.dir
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	c.stdin, c.ended = stdin, make(chan struct{})
	go func() {
		_ = cmd.Wait() // how it ended is in what it said
		close(c.ended)
	}()
	for range 1200 {
		if err = c.exec("SELECT 1"); err == nil {
			return nil
		}
		select {
		case <-c.ended:
			return fmt.Errorf("PostgreSQL ended: %s", said.String())
		case <-time.After(25 * time.Millisecond):
		}
	}
	c.end()
	return fmt.Errorf("PostgreSQL does not answer: %w: %s", err, said.String())
}

// Kill ends the server as a power cut would: no shutdown, no checkpoint.
func (c *Cluster) Kill() error {
	raw, err := os.ReadFile(filepath.Join(c.data(), "postmaster.pid"))
	if err != nil {
		return err
	}
	first, _, _ := strings.Cut(string(raw), "\n")
	pid, err := strconv.Atoi(first)
	if err != nil {
		return err
	}
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		return err
	}
	c.end()
	return nil
}

// end closes the pipe to the keeper and waits for it.
func (c *Cluster) end() {
	_ = c.stdin.Close()
	<-c.ended
}

// Stop ends the server and deletes its data.
func (c *Cluster) Stop() error {
	c.end()
	return os.RemoveAll(c.dir)
}

// URL is the address of one of its databases.
func (c *Cluster) URL(database string) string {
	u := url.URL{Scheme: "postgres", User: url.User("leida"), Host: fmt.Sprintf("127.0.0.1:%d", c.port), Path: "/" + database, RawQuery: "sslmode=disable"}
	return u.String()
}

// Create makes a database, as a copy of another where template is not empty; nobody may be connected to that one.
func (c *Cluster) Create(database, template string) error {
	if template == "" {
		template = "template0"
	}
	return c.exec(fmt.Sprintf("CREATE DATABASE %q TEMPLATE %q", database, template))
}

// Drop deletes a database, whoever is still connected.
func (c *Cluster) Drop(database string) error {
	return c.exec(fmt.Sprintf("DROP DATABASE IF EXISTS %q WITH (FORCE)", database))
}

func (c *Cluster) exec(statement string) error {
	db, err := sql.Open("pgx", c.URL("postgres"))
	if err != nil {
		return err
	}
	defer db.Close()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	_, err = db.ExecContext(ctx, statement)
	return err
}
