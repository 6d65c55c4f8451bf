package main

import (
	"crypto/sha1"
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"leida/internal/org"
	"leida/internal/text"
	"leida/internal/web"
)

// ASVS 6.4.1: what the command line gives is a one-time password; 6.3.2: without it nobody is there.
func TestOneTimePasswordFromTheCommandLine(t *testing.T) {
	db := []string{"--data", t.TempDir()}
	if r := invoke("", append([]string{"migrate"}, db...)...); r.code != exitOK {
		t.Fatal(r)
	}
	if r := invoke("", append([]string{"user", "list"}, db...)...); r.code != exitOK || r.out != "" {
		t.Error("somebody is in a fresh database:", r)
	}
	form := regexp.MustCompile(`([0-9a-z]{4}-){6}[0-9a-z]{2}`)
	seen := map[string]bool{}
	for _, args := range [][]string{{"user", "add", "a1", "李伟", "--access", "admin"}, {"user", "passwd", "a1"}, {"user", "passwd", "李伟"}} {
		r := invoke("", append(args, db...)...)
		given := form.FindString(r.out)
		if r.code != exitOK || given == "" || !strings.Contains(r.out, "72") || seen[given] {
			t.Errorf("%v: %+v", args, r)
		}
		seen[given] = true
	}
	if r := invoke("", append([]string{"user", "access", "a1", "agent"}, db...)...); r.code != exitFailure || !strings.Contains(r.err, text.Say(text.EN, "store.last_admin")) {
		t.Errorf("the last admin is no more: %+v", r)
	}
	if r := invoke("", append([]string{"user", "add", "a2", "王芳"}, db...)...); r.code != exitOK {
		t.Fatal(r)
	}
	if r := invoke("", append([]string{"user", "access", "a2", "admin", "trainer"}, db...)...); r.code != exitOK {
		t.Fatal(r)
	}
	if r := invoke("", append([]string{"user", "access", "a1", "agent"}, db...)...); r.code != exitOK {
		t.Fatal(r)
	}
}

// ASVS 6.2.12: a breached password is refused at the console as on the page.
func TestBreachedPasswordFromTheCommandLine(t *testing.T) {
	const breached = "kupferdraht und zinn"
	list := filepath.Join(folder(t, map[string]string{"list.txt": fmt.Sprintf("%X:1\n", sha1.Sum([]byte(breached)))}), "list.txt")
	data := t.TempDir()
	env := map[string]string{"LEIDA_BREACHED_PASSWORDS": list, "LANG": "en_GB.UTF-8"}
	getenv := func(name string) string { return env[name] }
	if r := invoke("", "migrate", "--data", data); r.code != exitOK {
		t.Fatal(r)
	}
	add := []string{"user", "add", "--password-stdin", "a1", "李伟", "--data", data}
	for _, r := range []ran{invoke(breached+"\n", append(add, "--breached-passwords", list)...), invokeIn(getenv, breached+"\n", add...)} {
		if r.code != exitFailure || !strings.Contains(r.err, text.Say(text.EN, "account.breached")) {
			t.Errorf("%+v", r)
		}
	}
	if r := invokeIn(getenv, breached+" 2\n", add...); r.code != exitOK {
		t.Errorf("%+v", r)
	}
}

func TestSignInFlags(t *testing.T) {
	dir := folder(t, map[string]string{"good.txt": strings.Repeat("0", 40) + ":1\n" + strings.Repeat("F", 40) + ":7\n", "bad.txt": "123456\nletmein\n"})
	var c web.Config
	done, err := signInFlags{RequireSecondFactor: []string{"trainer", "admin"}, BreachedPasswords: filepath.Join(dir, "good.txt")}.apply(&c)
	if err != nil || c.Breached == nil || !slices.Equal(c.SecondFactor, []org.Access{org.Trainer, org.Admin}) || done() != nil {
		t.Errorf("%+v %v", c, err)
	}
	if _, err := (signInFlags{BreachedPasswords: filepath.Join(dir, "bad.txt")}).apply(&c); err == nil || !strings.Contains(err.Error(), "bad.txt") {
		t.Error(err)
	}
	env := map[string]string{"LEIDA_REQUIRE_SECOND_FACTOR": "boss", "LEIDA_DATA": t.TempDir()}
	if r := invokeIn(func(name string) string { return env[name] }, "", "serve"); r.code != exitUsage {
		t.Error(r)
	}
}
