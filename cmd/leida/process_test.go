package main

import (
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"leida/internal/plain"
)

// asProgram in the environment makes the test binary the program itself: what is killed is a process and not a goroutine.
const asProgram = "LEIDA_TEST_AS_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main() // exits
	}
	goleak.VerifyTestMain(m)
}

// process is leida serve as a process of its own, on an address that outlives it.
type process struct {
	t    testing.TB
	args []string // of serve, without the address
	addr string
	log  lockedBuffer
	fine string // what the log may say at level error; empty for nothing
	cmd  *exec.Cmd
	done chan error
}

// newProcess is a server of plain definitions that has not been started. It is ended with the test.
func newProcess(t testing.TB, args ...string) *process {
	t.Helper()
	definitions := t.TempDir()
	if err := os.CopyFS(definitions, plain.FS()); err != nil {
		t.Fatal(err)
	}
	p := &process{t: t, args: append([]string{"--assessments", definitions}, args...), addr: steadyAddr(t)}
	t.Cleanup(func() {
		p.kill()
		for line := range strings.Lines(p.log.String()) {
			if strings.Contains(line, "level=ERROR") && (p.fine == "" || !strings.Contains(line, p.fine)) || broken(line) {
				t.Errorf("server: %s", line)
			}
		}
	})
	return p
}

// broken says that what a process said is of a panic, or of the race detector, which the process outlives.
func broken(said string) bool {
	return strings.Contains(said, "panic") || strings.Contains(said, "DATA RACE")
}

func (p *process) url() string { return "http://" + p.addr }

// launch starts the process and does not wait for it.
func (p *process) launch() {
	p.t.Helper()
	p.cmd, p.done = spawn(p.t, &p.log, append([]string{"serve", "--addr", p.addr, "--metrics-addr", "", "--log-level", "warn"}, p.args...)...)
}

// spawn runs the program as a process of its own. done tells once how it ended.
func spawn(t testing.TB, out io.Writer, args ...string) (cmd *exec.Cmd, done chan error) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd = exec.Command(self, args...)
	cmd.Env = append(os.Environ(), asProgram+"=1", "LEIDA_LANG=zh")
	cmd.Stdout, cmd.Stderr = out, out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	done = make(chan error, 1)
	go func() { done <- cmd.Wait(); close(done) }()
	return cmd, done
}

// start launches the process and returns how long it took to be ready.
func (p *process) start() time.Duration {
	p.t.Helper()
	began := time.Now()
	p.launch()
	for !p.ready() {
		select {
		case err := <-p.done:
			p.cmd = nil
			p.t.Fatalf("the server ended at its start: %v\n%s", err, p.log.String())
		case <-time.After(2 * time.Millisecond):
		}
		if time.Since(began) > time.Minute {
			p.t.Fatalf("the server is not ready\n%s", p.log.String())
		}
	}
	return time.Since(began)
}

func (p *process) ready() bool {
	fresh := &http.Transport{DisableKeepAlives: true}
	r, err := (&http.Client{Transport: fresh, Timeout: 5 * time.Second}).Get(p.url() + "/readyz")
	if err != nil {
		return false
	}
	r.Body.Close()
	return r.StatusCode == http.StatusOK
}

// kill ends the process as kill -9 does.
func (p *process) kill() {
	if p.cmd == nil {
		return
	}
	_ = p.cmd.Process.Kill()
	<-p.done
	p.cmd = nil
}

// stop ends the process as its operator does, and asks for a clean end.
func (p *process) stop() {
	p.t.Helper()
	if err := p.cmd.Process.Signal(os.Interrupt); err != nil {
		p.t.Fatal(err)
	}
	if err := <-p.done; err != nil {
		p.t.Errorf("the server stopped with %v\n%s", err, p.log.String())
	}
	p.cmd = nil
}

// steadyAddr is a free loopback address outside the ports that outgoing connections take: nobody gets it while the server is down.
func steadyAddr(t testing.TB) string {
	t.Helper()
	for range 100 {
		addr := fmt.Sprint("127.0.0.1:", 20_000+rand.IntN(10_000))
		if l, err := net.Listen("tcp", addr); err == nil {
			l.Close()
			return addr
		}
	}
	t.Fatal("no free port")
	return ""
}

// What a server logs as an error, panics with or races for fails the test that it was started for.
func TestProcessIsHeard(t *testing.T) {
	for said, heard := range map[string]bool{
		"level=WARN msg=slow": false, "level=ERROR msg=known": false, "level=ERROR msg=rescore": true, "panic: nil map": true, "WARNING: DATA RACE": true,
	} {
		var noted *complaints
		t.Run(said, func(t *testing.T) {
			noted = &complaints{TB: t}
			p := newProcess(noted, "--data", t.TempDir())
			p.fine = "known"
			fmt.Fprintln(&p.log, said)
		})
		if len(noted.all) > 0 != heard {
			t.Errorf("%s: %q", said, noted.all)
		}
	}
}
