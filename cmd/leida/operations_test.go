package main

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"leida/internal/store/pgtest"
)

// guide is the operator's guide: what stands in its fenced blocks, by their kind.
func guide(t *testing.T) (whole string, blocks map[string][]string) {
	t.Helper()
	raw, err := os.ReadFile("../../docs/operations.md")
	if err != nil {
		t.Fatal(err)
	}
	blocks = map[string][]string{}
	for _, m := range regexp.MustCompile("(?ms)^```([a-z]*)\n(.*?)^```$").FindAllStringSubmatch(string(raw), -1) {
		blocks[m[1]] = append(blocks[m[1]], m[2])
	}
	return string(raw), blocks
}

// shell runs a script in which leida is this program, and the guide's folders lie below a scratch one.
func shell(t *testing.T, scratch, script string, env ...string) string {
	t.Helper()
	bin := filepath.Join(scratch, "bin")
	if err := os.MkdirAll(bin, 0o700); err != nil {
		t.Fatal(err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(bin, "leida"), []byte("#!/bin/sh\n"+asProgram+"=1 exec '"+self+"' \"$@\"\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("sh", "-ec", below(scratch, script))
	cmd.Env = append(append(os.Environ(), "PATH="+bin+":"+os.Getenv("PATH"), "LEIDA_LANG=en"), env...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v:\n%s\n%s", err, script, out)
	}
	return string(out)
}

// below puts the guide's folders below another.
func below(scratch, s string) string {
	return strings.NewReplacer("/var/lib/leida", scratch+"/data", "/mnt/backup", scratch+"/backup", "/var/tmp/drill", scratch+"/drill").Replace(s)
}

// The guide's commands do what it says, in its order, with its settings, beside a server that runs with them.
func TestOperationsGuide(t *testing.T) {
	t.Parallel()
	_, blocks := guide(t)
	scratch := t.TempDir()
	if err := os.Mkdir(filepath.Join(scratch, "backup"), 0o700); err != nil {
		t.Fatal(err)
	}
	addr := freeAddr(t)
	env := strings.Split(strings.TrimSpace(strings.Replace(below(scratch, blocks["ini"][0]), "localhost:8080", addr, 1)), "\n")
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self, "serve", "--metrics-addr", "")
	cmd.Env = append(append(os.Environ(), asProgram+"=1"), env...)
	var log safeBuffer
	cmd.Stdout, cmd.Stderr = &log, &log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	}()
	waitFor(t, "http://"+addr+"/readyz", &log)

	var out strings.Builder
	for _, script := range blocks["sh"] {
		out.WriteString(shell(t, scratch, script, env...))
	}
	for _, want := range []string{"Backed up and verified", "is sound", "is now " + scratch + "/drill/leida.db", "as it was written", "has the hash that was kept", "Li Wei"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no command says %q:\n%s", want, &out)
		}
	}
	if _, err := os.Stat(filepath.Join(scratch, "drill")); err == nil {
		t.Error("the drill's folder is left")
	}
}

func TestOperationsGuideOnPostgres(t *testing.T) {
	t.Parallel()
	cluster, err := pgtest.Start(pgtest.Options{})
	if errors.Is(err, pgtest.ErrMissing) && os.Getenv("CI") == "" {
		t.Skip("skipped: ", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := cluster.Stop(); err != nil {
			t.Error(err)
		}
	})
	if err := cluster.Create("leida", ""); err != nil {
		t.Fatal(err)
	}
	_, blocks := guide(t)
	scratch := t.TempDir()
	if err := os.Mkdir(filepath.Join(scratch, "backup"), 0o700); err != nil {
		t.Fatal(err)
	}
	addTrainer(t, filepath.Join(scratch, "data"))
	there := strings.NewReplacer("postgres://leida@db.example/leida?sslmode=verify-full", cluster.URL("leida"), "postgres://leida@db.example/drill?sslmode=verify-full", cluster.URL("drill"))
	out := shell(t, scratch, there.Replace(strings.Join(blocks["postgres"], "")))
	if !strings.Contains(out, "the same on both sides") || !strings.Contains(out, "Backed up and verified") || strings.Count(out, "as it was written") != 2 || !strings.Contains(out, "王老师") {
		t.Error(out)
	}
}

// Settings, commands and metrics that the guide names are there.
func TestOperationsGuideNamesWhatIsThere(t *testing.T) {
	whole, blocks := guide(t)
	if len(blocks["sh"]) < 4 || len(blocks["postgres"]) != 4 || len(blocks["ini"]) != 1 || len(blocks["systemd"]) != 1 {
		t.Fatalf("blocks: %v", blocks)
	}
	help := invoke("", "serve", "--help").out
	for _, name := range regexp.MustCompile(`LEIDA_[A-Z_]+`).FindAllString(whole, -1) {
		if !strings.Contains(help, "$"+name) {
			t.Errorf("there is no setting %s", name)
		}
	}
	help += invoke("", "user", "add", "--help").out + invoke("", "backup", "restore", "--help").out + invoke("", "audit", "verify", "--help").out + invoke("", "migrate", "--help").out
	for _, flag := range regexp.MustCompile("`(--[a-z-]+)").FindAllStringSubmatch(whole, -1) {
		if !strings.Contains(help, flag[1]) {
			t.Errorf("there is no flag %s", flag[1])
		}
	}
	commands := invoke("", "--help").out
	for _, script := range slices.Concat(blocks["sh"], blocks["postgres"], blocks["console"]) {
		for _, name := range regexp.MustCompile(`(?m)(?:^|\| )leida ([a-z]+(?: [a-z]+)?)`).FindAllStringSubmatch(script, -1) {
			if first, _, _ := strings.Cut(name[1], " "); !strings.Contains(commands, "  "+name[1]+" ") && !strings.Contains(commands, "  "+first+" ") {
				t.Errorf("there is no command leida %s", name[1])
			}
		}
	}
	metrics := freeAddr(t)
	start(t, "--data", t.TempDir(), "--metrics-addr", metrics)
	r, err := http.Get("http://" + metrics + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	page, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range regexp.MustCompile("`(leida_[a-z_]+)`").FindAllStringSubmatch(whole, -1) {
		if !bytes.Contains(page, []byte("# TYPE "+name[1]+" ")) {
			t.Errorf("there is no metric %s", name[1])
		}
	}
}

// The unit is one that systemd understands, where there is a systemd to ask.
func TestOperationsUnit(t *testing.T) {
	tool, err := exec.LookPath("systemd-analyze")
	if err != nil {
		t.Skip("skipped: there is no systemd here")
	}
	_, blocks := guide(t)
	unit := filepath.Join(t.TempDir(), "leida.service")
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	text := strings.NewReplacer("/usr/local/bin/leida", self, "User=leida\n", "").Replace(blocks["systemd"][0])
	if err := os.WriteFile(unit, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command(tool, "verify", "--man=no", unit).CombinedOutput(); err != nil || strings.Contains(string(out), "leida.service") {
		t.Errorf("%v: %s", err, out)
	}
}

func waitFor(t *testing.T, url string, log *safeBuffer) {
	t.Helper()
	for range 1500 {
		if r, err := http.Get(url); err == nil {
			r.Body.Close()
			if r.StatusCode == http.StatusOK {
				return
			}
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Fatalf("%s does not answer:\n%s", url, log)
}
