package main

import (
	"bytes"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// The orientation that the figures of the running program stand beside.
const (
	orientStartMS  = 300 // with the demo present
	orientMemoryMB = 60  // at rest
)

// BenchmarkProgram measures the built program (make build) from outside: from its start to its first answer with the demo present, its memory at rest, its size.
func BenchmarkProgram(b *testing.B) {
	binary, err := filepath.Abs("../../bin/leida")
	if err != nil {
		b.Fatal(err)
	}
	info, err := os.Stat(binary)
	if err != nil {
		b.Skip("bin/leida is not built: make build")
	}
	data := b.TempDir()
	if out, err := exec.Command(binary, "demo", "--data", data).CombinedOutput(); err != nil {
		b.Fatalf("%v: %s", err, out)
	}
	var took time.Duration
	var rss float64
	for b.Loop() {
		addr := freeAddr(b)
		cmd := exec.Command(binary, "serve", "--data", data, "--addr", addr, "--metrics-addr", "")
		var out bytes.Buffer
		cmd.Stdout, cmd.Stderr = &out, &out
		began := time.Now()
		if err := cmd.Start(); err != nil {
			b.Fatal(err)
		}
		for {
			if r, err := http.Get("http://" + addr + "/readyz"); err == nil {
				r.Body.Close()
				break
			}
			if time.Since(began) > time.Minute {
				b.Fatalf("no answer: %s", out.String())
			}
			time.Sleep(time.Millisecond)
		}
		took += time.Since(began)
		rss += memoryMB(b, cmd.Process.Pid)
		if err := cmd.Process.Signal(os.Interrupt); err != nil {
			b.Fatal(err)
		}
		if err := cmd.Wait(); err != nil {
			b.Fatalf("%v: %s", err, out.String())
		}
	}
	n := float64(b.N)
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(float64(took.Milliseconds())/n, "start-ms")
	b.ReportMetric(orientStartMS, "start-ms-orientation")
	b.ReportMetric(rss/n, "rest-MB")
	b.ReportMetric(orientMemoryMB, "rest-MB-orientation")
	b.ReportMetric(float64(info.Size())/(1<<20), "binary-MB")
}

// memoryMB is the resident memory of a process, in MiB.
func memoryMB(b *testing.B, pid int) float64 {
	b.Helper()
	raw, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/status")
	if err != nil {
		b.Skip("no /proc here")
	}
	for line := range strings.Lines(string(raw)) {
		if f := strings.Fields(line); len(f) >= 2 && f[0] == "VmRSS:" {
			kb, err := strconv.ParseFloat(f[1], 64)
			if err != nil {
				b.Fatal(err)
			}
			return kb / 1024
		}
	}
	b.Fatal("no VmRSS")
	return 0
}
