package main

import (
	"bytes"
	"context"

	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// program is a running leida serve with its streams.
type program struct {
	t      *testing.T
	base   string
	stop   context.CancelFunc
	done   chan int
	out    *safeBuffer
	client *http.Client
}

// start serves on a free loopback port and waits until it answers.
func start(t *testing.T, args ...string) *program {
	t.Helper()
	p := &program{t: t, done: make(chan int, 1), out: &safeBuffer{}}
	addr := freeAddr(t)
	p.base = "http://" + addr
	ctx, stop := context.WithCancel(context.Background())
	p.stop = stop
	args = append([]string{"serve", "--addr", addr, "--metrics-addr", ""}, args...)
	go func() {
		p.done <- run(ctx, args, func(string) string { return "" }, strings.NewReader(""), p.out, p.out)
	}()
	t.Cleanup(func() { p.end() })
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	p.client = &http.Client{Jar: jar, Timeout: 20 * time.Second}
	p.until("the server answers", func() bool {
		r, err := http.Get(p.base + "/readyz")
		if err != nil {
			return false
		}
		r.Body.Close()
		return r.StatusCode == http.StatusOK
	})
	return p
}

// end stops the server as a signal would, once, and returns its exit status.
func (p *program) end() int {
	p.stop()
	code, ok := <-p.done
	if ok {
		close(p.done)
	}
	return code
}

// until waits for something that the program does on its own time.
func (p *program) until(what string, is func() bool) {
	p.t.Helper()
	deadline := time.After(30 * time.Second)
	for !is() {
		select {
		case <-deadline:
			p.t.Fatalf("%s: not within 30 s; output:\n%s", what, p.out)
		case code := <-p.done:
			p.t.Fatalf("%s: the program ended with %d; output:\n%s", what, code, p.out)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

func (p *program) get(path string) string {
	p.t.Helper()
	r, err := p.client.Get(p.base + path)
	if err != nil {
		p.t.Fatal(err)
	}
	defer r.Body.Close()
	b, err := io.ReadAll(r.Body)
	if err != nil {
		p.t.Fatal(err)
	}
	return string(b)
}

func (p *program) signIn(name string) {
	p.t.Helper()
	r, err := p.client.PostForm(p.base+"/login", url.Values{"name": {name}, "password": {demoPassword}})
	if err != nil {
		p.t.Fatal(err)
	}
	r.Body.Close()
	if r.StatusCode != http.StatusOK {
		p.t.Fatalf("sign in as %s: %s", name, r.Status)
	}
}

func freeAddr(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

type safeBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *safeBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *safeBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

func addTrainer(t *testing.T, data string) {
	t.Helper()
	if r := invoke(demoPassword+"\n", "user", "add", "T1", "王老师", "--password-stdin", "--access", "trainer", "--data", data); r.code != exitOK {
		t.Fatal(r)
	}
}

func TestDefinitionsAreWatched(t *testing.T) {
	data := t.TempDir()
	dir := folder(t, map[string]string{"x-1.yaml": live, "p-1.yaml": practice})
	addTrainer(t, data)
	item := filepath.Join(dir, "x-1.yaml")
	write := func(s string) {
		t.Helper()
		if err := os.WriteFile(item, []byte(s), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	p := start(t, "--data", data, "--assessments", dir)
	p.signIn("T1")
	if page := p.get("/bank"); !strings.Contains(page, ">题<") {
		t.Fatalf("the bank does not show the directory's item:\n%s", page)
	}

	write(strings.Replace(live, `zh: "题"`, `zh: "改过的题"`, 1))
	p.until("a sound change is live", func() bool { return strings.Contains(p.get("/bank"), "改过的题") })

	write(strings.Replace(live, "key: true", "credit: 0", 1))
	p.until("an unsound change shows its report", func() bool { return strings.Contains(p.get("/bank/report"), "x-1.yaml:") })
	if page := p.get("/bank"); !strings.Contains(page, "改过的题") {
		t.Error("the last sound version is no longer in force")
	}
	if code := p.end(); code != exitOK {
		t.Fatalf("stopped with %d", code)
	}

	p = start(t, "--data", data, "--assessments", dir)
	p.signIn("T1")
	if page := p.get("/bank"); !strings.Contains(page, "改过的题") {
		t.Error("after a start with an unsound directory the last sound state is not in force")
	}
	if page := p.get("/bank/report"); !strings.Contains(page, "x-1.yaml:") {
		t.Error("trainers do not see why")
	}
}

func TestUnsoundDefinitionsWithNothingToFallBackOn(t *testing.T) {
	dir := folder(t, map[string]string{"x-1.yaml": "schema: leida/item@1\nid: x\n"})
	r := invoke("", "serve", "--data", t.TempDir(), "--assessments", dir, "--addr", freeAddr(t), "--metrics-addr", "")
	if r.code != exitFailure || !strings.Contains(r.err, "unsound") || !strings.Contains(r.err, "leida check") {
		t.Error(r)
	}
}

func TestServeStopsAndStarts(t *testing.T) {
	data, metrics := t.TempDir(), freeAddr(t)
	p := start(t, "--data", data, "--metrics-addr", metrics, "--log-format", "json")
	if got := p.get("/healthz"); got != "ok\n" {
		t.Errorf("healthz says %q", got)
	}
	r, err := http.Get("http://" + metrics + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(r.Body)
	r.Body.Close()
	if err != nil || !strings.Contains(string(body), "leida_request_seconds_count") {
		t.Errorf("metrics: %v %.200s", err, body)
	}
	if page := p.get("/metrics"); strings.Contains(page, "leida_request") {
		t.Error("metrics are on the pages' listener")
	}
	if code := p.end(); code != exitOK {
		t.Errorf("stopped with %d:\n%s", code, p.out)
	}
	for _, want := range []string{`"msg":"serving"`, `"database":"sqlite 3.`, `"request":"`, `"msg":"stopped"`} {
		if !strings.Contains(p.out.String(), want) {
			t.Errorf("the log lacks %s:\n%s", want, p.out)
		}
	}
	start(t, "--data", data) // the same data again
}

func TestServeRefusesNonsense(t *testing.T) {
	for _, args := range [][]string{
		{"--zone", "CST"}, {"--zone", ""}, {"--log-level", "loud"}, {"--log-format", "xml"}, {"--nope"},
	} {
		r := invoke("", append([]string{"serve", "--data", t.TempDir(), "--addr", "127.0.0.1:0"}, args...)...)
		if r.code != exitUsage {
			t.Errorf("%v: %+v", args, r)
		}
	}
}

func TestSettingsComeFromTheEnvironment(t *testing.T) {
	env := map[string]string{"LEIDA_DATA": t.TempDir(), "LEIDA_ZONE": "Nowhere/Town", "LEIDA_LANG": "en"}
	r := invokeIn(func(name string) string { return env[name] }, "", "serve")
	if r.code != exitUsage || !strings.Contains(r.err, "Nowhere/Town") {
		t.Error(r)
	}
}

func TestPeopleFromTheCommandLine(t *testing.T) {
	data := t.TempDir()
	db := []string{"--data", data}
	if r := invoke("", append([]string{"migrate"}, db...)...); r.code != exitOK || !strings.HasPrefix(r.out, "schema ") {
		t.Fatal(r)
	}
	for _, bad := range []struct{ password, number string }{{"short", "a1"}, {"1234567890", "a1"}, {"", "a1"}, {demoPassword, " "}} {
		if r := invoke(bad.password+"\n", append([]string{"user", "add", "--password-stdin", bad.number, "李伟"}, db...)...); r.code != exitFailure || r.err == "" {
			t.Errorf("%+v is taken: %+v", bad, r)
		}
	}
	if r := invoke(demoPassword+"\n", append([]string{"user", "add", "--password-stdin", "a1", "李伟", "--access", "admin,trainer"}, db...)...); r.code != exitOK {
		t.Fatal(r)
	}
	if r := invoke(demoPassword+"\n", append([]string{"user", "add", "--password-stdin", "Ａ1", "别人"}, db...)...); r.code != exitFailure {
		t.Errorf("a number that differs only in width is taken: %+v", r)
	}
	roster := folder(t, map[string]string{
		"good.csv": "工号,姓名,团队\n00123,张三,中心 > 一组\n00124,李四,中心 > 一组\n",
		"bad.csv":  "工号,姓名,团队\n00125,,中心\n00126,王五,\n",
	})
	good := append([]string{"roster", "import", filepath.Join(roster, "good.csv")}, db...)
	if r := invoke("", good...); r.code != exitOK || !strings.Contains(r.out, "2 new") || !strings.Contains(r.out, "dry run") {
		t.Fatal(r)
	}
	if r := invoke("", append([]string{"user", "list"}, db...)...); strings.Contains(r.out, "00123") {
		t.Error("a dry run imported:", r)
	}
	if r := invoke("", append(good, "--apply")...); r.code != exitOK {
		t.Fatal(r)
	}
	if r := invoke("", append(good, "--apply")...); r.code != exitOK || !strings.Contains(r.out, "2 unchanged") {
		t.Errorf("the same roster again: %+v", r)
	}
	r := invoke("", append([]string{"roster", "import", filepath.Join(roster, "bad.csv"), "--apply"}, db...)...)
	if r.code != exitFailure || !strings.Contains(r.out, "bad.csv:2: name:") || !strings.Contains(r.out, "bad.csv:3: team:") {
		t.Error(r)
	}
	if r := invoke("", append([]string{"user", "list"}, db...)...); !strings.Contains(r.out, "00123") || strings.Contains(r.out, "00126") || !strings.Contains(r.out, "admin,trainer") && !strings.Contains(r.out, "trainer,admin") {
		t.Error(r)
	}
	if r := invoke("another long one\n", append([]string{"user", "passwd", "--password-stdin", "00123"}, db...)...); r.code != exitOK {
		t.Error(r)
	}
	if r := invoke("another long one\n", append([]string{"user", "passwd", "--password-stdin", "nobody"}, db...)...); r.code != exitFailure {
		t.Error(r)
	}
}

func TestVersionAndHelp(t *testing.T) {
	if r := invoke("", "version"); r.code != exitOK || !strings.HasPrefix(r.out, "leida ") {
		t.Error(r)
	}
	for _, args := range [][]string{{"--help"}, {"serve", "--help"}, {"score", "--help"}, {"user", "add", "--help"}} {
		if r := invoke("", args...); r.code != exitOK || !strings.Contains(r.out, "Usage: leida") {
			t.Errorf("%v: %+v", args, r)
		}
	}
	if r := invoke("", "serve", "--help"); !strings.Contains(r.out, "LEIDA_ADDR") {
		t.Errorf("the environment is not documented:\n%s", r.out)
	}
}
