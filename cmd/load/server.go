package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"leida/internal/plain"
)

// process is a server under test: leida, or a ceiling.
type process struct {
	cmd     *exec.Cmd
	log     *os.File
	Base    string // http://127.0.0.1:port
	metrics string // address of the metrics; empty where there are none
}

// freeAddr is a loopback address that nobody listens on.
func freeAddr() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}

// startLeida serves a database, with so many of the machine's cores; 0 are all. It believes X-Forwarded-For from loopback, so that sign-ins can come from many addresses.
func startLeida(ctx context.Context, program, data string, cores int, args ...string) (*process, error) {
	addr, err1 := freeAddr()
	metrics, err2 := freeAddr()
	if err := errors.Join(err1, err2); err != nil {
		return nil, err
	}
	definitions := filepath.Join(data, "definitions")
	if err := os.MkdirAll(definitions, 0o700); err != nil {
		return nil, err
	}
	for name, file := range plain.FS() { // the same for every server on this database
		if err := errors.Join(os.MkdirAll(filepath.Dir(filepath.Join(definitions, name)), 0o700), os.WriteFile(filepath.Join(definitions, name), file.Data, 0o600)); err != nil {
			return nil, err
		}
	}
	args = append([]string{"serve", "--assessments", definitions, "--addr", addr, "--metrics-addr", metrics, "--data", data, "--zone", "UTC", "--trust-proxy", "127.0.0.1/32"}, args...)
	cmd := exec.Command(program, args...)
	if cores > 0 {
		cmd.Env = append(os.Environ(), fmt.Sprintf("GOMAXPROCS=%d", cores))
	}
	p, err := startProcess(ctx, filepath.Join(data, "log"), addr, "/readyz", cmd)
	if err == nil {
		p.metrics = "http://" + metrics + "/metrics"
	}
	return p, err
}

// startCeiling serves a ceiling from a process of its own.
func startCeiling(ctx context.Context, kind, dir string) (*process, error) {
	self, err1 := os.Executable()
	addr, err2 := freeAddr()
	if err := errors.Join(err1, err2); err != nil {
		return nil, err
	}
	return startProcess(ctx, filepath.Join(dir, kind+".log"), addr, "/readyz", exec.Command(self, "-ceiling", kind, "-addr", addr, "-dir", dir))
}

// startProcess starts a server and waits until it answers.
func startProcess(ctx context.Context, logPath, addr, ready string, cmd *exec.Cmd) (*process, error) {
	log, err := os.OpenFile(logPath, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	p := &process{cmd: cmd, log: log, Base: "http://" + addr}
	p.cmd.Stdout, p.cmd.Stderr = log, log
	if err := p.cmd.Start(); err != nil {
		return nil, errors.Join(err, log.Close())
	}
	for range 600 {
		if res, err := http.Get(p.Base + ready); err == nil {
			res.Body.Close()
			if res.StatusCode == http.StatusOK {
				return p, nil
			}
		}
		select {
		case <-ctx.Done():
			return nil, errors.Join(ctx.Err(), p.stop())
		case <-time.After(50 * time.Millisecond):
		}
	}
	return nil, errors.Join(fmt.Errorf("%s does not answer on %s; its output is in %s", cmd.Path, addr, logPath), p.stop())
}

// stop ends the server as a service manager would.
func (p *process) stop() error {
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
	ended := make(chan error, 1)
	go func() { ended <- p.cmd.Wait() }()
	select {
	case err := <-ended:
		return errors.Join(err, p.log.Close())
	case <-time.After(30 * time.Second):
		return errors.Join(errors.New("the server had to be killed"), p.cmd.Process.Kill(), <-ended, p.log.Close())
	}
}

// usage is what a process has used since it began, and holds now.
type usage struct {
	CPU  time.Duration
	RSS  int64         // bytes
	Peak int64         // bytes, the most there ever was
	GC   time.Duration // pauses; leida alone
	GCs  int
	Heap int64 // bytes in use
}

func (u *usage) add(v usage) {
	u.CPU, u.RSS, u.Peak, u.GC, u.GCs, u.Heap = u.CPU+v.CPU, u.RSS+v.RSS, u.Peak+v.Peak, u.GC+v.GC, u.GCs+v.GCs, u.Heap+v.Heap
}

func (p *process) usage() (usage, error) {
	u, err := usageOf(p.cmd.Process.Pid)
	if err == nil && p.metrics != "" {
		err = u.readMetrics(p.metrics)
	}
	return u, err
}

// tick is the unit of times in /proc: USER_HZ, 100 a second on every architecture that Go runs on.
const tick = 10 * time.Millisecond

func usageOf(pid int) (usage, error) {
	var u usage
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return u, err
	}
	_, after, _ := strings.Cut(string(raw), ") ") // the name before may hold anything
	fields := strings.Fields(after)
	if len(fields) < 13 {
		return u, fmt.Errorf("/proc/%d/stat: %q", pid, raw)
	}
	for _, f := range fields[11:13] { // utime, stime
		n, err := strconv.ParseInt(f, 10, 64)
		if err != nil {
			return u, err
		}
		u.CPU += time.Duration(n) * tick
	}
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return u, err
	}
	for line := range strings.Lines(string(status)) {
		switch name, value, _ := strings.Cut(line, ":"); name {
		case "VmRSS":
			u.RSS, err = kilobytes(value)
		case "VmHWM":
			u.Peak, err = kilobytes(value)
		}
		if err != nil {
			return u, err
		}
	}
	return u, nil
}

func kilobytes(s string) (int64, error) {
	n, err := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(s), " kB"), 10, 64)
	return n << 10, err
}

// readMetrics takes the garbage collector's figures from the metrics listener.
func (u *usage) readMetrics(url string) error {
	res, err := http.Get(url)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	lines := bufio.NewScanner(io.LimitReader(res.Body, 8<<20))
	for lines.Scan() {
		name, value, _ := strings.Cut(lines.Text(), " ")
		v, err := strconv.ParseFloat(value, 64)
		if err != nil {
			continue // a comment
		}
		switch name {
		case "go_gc_duration_seconds_sum":
			u.GC = time.Duration(v * float64(time.Second))
		case "go_gc_duration_seconds_count":
			u.GCs = int(v)
		case "go_memstats_heap_inuse_bytes":
			u.Heap = int64(v)
		}
	}
	return lines.Err()
}
