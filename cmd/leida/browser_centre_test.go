package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"leida/internal/plain"
)

// centre is the program at work: the real server on a port of its own, with data of its own.
type centre struct {
	t    *testing.T
	data string
	addr string
	url  string
	args []string

	log  lockedBuffer
	stop context.CancelFunc
	done chan int
}

const password = "leida-demo-2026"

// leida runs a command of the program and returns what it printed.
func leida(t *testing.T, stdin string, args ...string) string {
	t.Helper()
	var out, errs bytes.Buffer
	if exit := run(t.Context(), args, noEnvironment, strings.NewReader(stdin), &out, &errs); exit != exitOK {
		t.Fatalf("leida %s: exit %d: %s%s", strings.Join(args, " "), exit, out.String(), errs.String())
	}
	return out.String()
}

func noEnvironment(string) string { return "" }

// serveCentre starts a server on data; more are further flags of serve.
func serveCentre(t *testing.T, data string, more ...string) *centre {
	t.Helper()
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	c := &centre{t: t, data: data, addr: free.Addr().String()}
	free.Close()
	c.url = "http://" + c.addr
	c.args = append([]string{"serve", "--data", data, "--addr", c.addr, "--metrics-addr", "", "--log-level", "warn"}, more...)
	c.start()
	t.Cleanup(func() {
		c.halt()
		for line := range strings.Lines(c.log.String()) {
			if strings.Contains(line, "level=ERROR") || strings.Contains(line, "panic") {
				t.Errorf("server: %s", line)
			}
		}
	})
	return c
}

func (c *centre) start() {
	c.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	c.stop, c.done = cancel, make(chan int, 1)
	done := c.done
	go func() { done <- run(ctx, c.args, noEnvironment, strings.NewReader(""), io.Discard, &c.log) }()
	for end := time.Now().Add(2 * time.Minute); ; {
		select {
		case exit := <-done:
			c.t.Fatalf("serve ended with %d: %s", exit, c.log.String())
		case <-time.After(20 * time.Millisecond):
		}
		r, err := http.Get(c.url + "/readyz")
		if err == nil {
			r.Body.Close()
			if r.StatusCode == http.StatusOK {
				return
			}
		}
		if time.Now().After(end) {
			c.t.Fatalf("serve is not ready: %v %s", err, c.log.String())
		}
	}
}

func (c *centre) halt() {
	c.t.Helper()
	if c.stop == nil {
		return
	}
	c.stop()
	c.stop = nil
	if exit := <-c.done; exit != exitOK {
		c.t.Errorf("serve ended with %d: %s", exit, c.log.String())
	}
}

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// Assessments of the small centre besides the built-in ones.
const (
	// every kind of item, both modes of the judgement item, and enough evidence for a score of EMP
	allKinds = `schema: leida/assessment@1
id: all-kinds
version: 1
kind: cycle
title: {zh: "全题型测评", en: "Every kind of item"}
purpose: {zh: "每种题型都有。", en: "Every kind of item is in it."}
time_limit_s: 1200
sections:
  - {domain: EMP.1, weight: 0.30, draw: [{type: matching, n: 2}, {type: single_choice, n: 1}]}
  - {domain: EMP.2, weight: 0.25, draw: [{type: matching, n: 2}, {type: multiple_choice, n: 1}]}
  - {domain: EMP.3, weight: 0.25, draw: [{type: sjt, n: 1, level: [4], tags: {scenario: telecom}}, {type: sjt, n: 1, tags: {scenario: ecommerce}}, {type: multiple_choice, n: 1}]}
  - {domain: EMP.4, weight: 0.20, draw: [{type: ordering, n: 2}, {type: sjt, n: 1, level: [3], tags: {scenario: telecom}}]}
counts: true
`
	// evidence, but too little of it
	tooLittle = `schema: leida/assessment@1
id: too-little
version: 1
kind: cycle
title: {zh: "一题小测", en: "A single item"}
sections:
  - {domain: SVI.1, weight: 1, draw: [{type: single_choice, n: 1}]}
counts: true
`
)

// smallCentre is a team of six agents (B1-B6), whom M1 manages, trainer T1 and admin X1, without any evidence; more are further flags of serve.
func smallCentre(t *testing.T, more ...string) *centre {
	t.Helper()
	return centreOf(t, map[string]string{"all-kinds": allKinds, "too-little": tooLittle}, more...)
}

// centreOf is that centre with some definitions besides the built-in ones, whose forms are plain, by file name.
func centreOf(t *testing.T, definitions map[string]string, more ...string) *centre {
	t.Helper()
	data, defs := t.TempDir(), t.TempDir()
	roster := filepath.Join(t.TempDir(), "roster.csv")
	lines := "number,name,team\n"
	for i, name := range []string{"安然", "白露", "常青", "戴月", "方舟", "高山"} {
		lines += fmt.Sprintf("B%d,%s,晨星中心 > 一组\n", i+1, name)
	}
	if err := os.WriteFile(roster, []byte(lines), 0o600); err != nil {
		t.Fatal(err)
	}
	leida(t, "", "roster", "import", "--apply", "--data", data, roster)
	for _, who := range [][3]string{{"M1", "马主管", "manager"}, {"T1", "唐老师", "trainer"}, {"X1", "徐管理", "admin"}} {
		leida(t, password+"\n", "user", "add", "--password-stdin", "--data", data, "--access", who[2], who[0], who[1])
	}
	for i := range 6 {
		leida(t, password+"\n", "user", "passwd", "--password-stdin", "--data", data, fmt.Sprintf("B%d", i+1))
	}
	if err := os.CopyFS(defs, plain.FS()); err != nil {
		t.Fatal(err)
	}
	for name, text := range definitions {
		if err := os.WriteFile(filepath.Join(defs, name+".yaml"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return serveCentre(t, data, append(more, "--assessments", defs)...)
}

// assign gives an assessment to the whole centre, as the trainer.
func assign(b *tab, assessment string) {
	b.t.Helper()
	b.open("/assignments/new?assessment=" + assessment)
	b.press("label.opt.depth-0:has(input[name=teams])")
	b.follow("form[action='/assignments'] button.pri")
	if p := b.path(); !strings.HasPrefix(p, "/assignments/") || p == "/assignments/new" {
		b.t.Fatalf("not assigned: %s", b.text("main"))
	}
}

var demoSource struct {
	once sync.Once
	data string
	err  error
}

// demoData is a copy of the demonstration centre's data, which are filled once.
func demoData(t *testing.T) string {
	t.Helper()
	demoSource.once.Do(func() {
		if demoSource.data, demoSource.err = os.MkdirTemp("", "leida-browser-demo"); demoSource.err != nil {
			return
		}
		started := time.Now()
		c := serveCentre(t, demoSource.data, "--demo")
		c.halt()
		t.Logf("the demonstration centre was filled in %v", time.Since(started).Round(time.Millisecond))
	})
	if demoSource.err != nil {
		t.Fatal(demoSource.err)
	}
	data := t.TempDir()
	if err := os.CopyFS(data, os.DirFS(demoSource.data)); err != nil {
		t.Fatal(err)
	}
	return data
}

// demoCentre serves a copy of the demonstration centre.
func demoCentre(t *testing.T) *centre {
	t.Helper()
	return serveCentre(t, demoData(t), "--demo")
}
