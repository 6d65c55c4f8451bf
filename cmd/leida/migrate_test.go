package main

import (
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pressly/goose/v3"

	"leida/internal/store"
	"leida/internal/store/pgtest"
)

// The demonstration centre moves to PostgreSQL: every row has its hash there, the audit log goes on, and a server runs on it.
func TestMoveToPostgres(t *testing.T) {
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
	url, data := cluster.URL("leida"), filepath.Join(t.TempDir(), "data")
	if r := invoke("", "demo", "--data", data); r.code != exitOK {
		t.Fatal(r)
	}
	head := invoke("", "audit", "head", "--data", data)
	file, back := filepath.Join(t.TempDir(), "before.db"), filepath.Join(t.TempDir(), "after.db")
	if r := invoke("", "backup", "create", "--data", data, file); r.code != exitOK {
		t.Fatal(r)
	}
	move := []string{"migrate", "--from", "sqlite:" + filepath.Join(data, "leida.db"), "--to", url}
	if r := invoke("", move...); r.code != exitOK || !strings.Contains(r.out, "the same on both sides") || !strings.Contains(r.out, "people ") {
		t.Fatal(r)
	}
	if r := invoke("", move...); r.code != exitFailure || !strings.Contains(r.err, "is not empty") {
		t.Error("moved twice:", r)
	}
	there := []string{"--data", t.TempDir(), "--db", url}
	if r := invoke("", append([]string{"audit", "verify", "--backup", file}, there...)...); r.code != exitOK || !strings.Contains(r.out, "has the hash that was kept") {
		t.Error(r)
	}
	if r := invoke("", append([]string{"audit", "head"}, there...)...); r.out != head.out || r.code != exitOK {
		t.Error(r, head)
	}
	if r := invoke("", append([]string{"backup", "create", back}, there...)...); r.code != exitOK {
		t.Error(r)
	}
	before, err1 := store.VerifyBackup(t.Context(), file)
	after, err2 := store.VerifyBackup(t.Context(), back)
	if err := errors.Join(err1, err2); err != nil {
		t.Fatal(err)
	}
	for _, p := range store.Compare(before.Tables, after.Tables) {
		t.Errorf("%s: %s", p.Path, p.Key)
	}
	if r := invoke("", append([]string{"backup", "restore", back}, there...)...); r.code != exitFailure || !strings.Contains(r.err, "pg_restore") {
		t.Error(r)
	}
	if r := invoke("", "migrate", "--from", "sqlite:"+file, "--to", url); r.code != exitFailure || !strings.Contains(r.err, "is a backup") {
		t.Error(r)
	}

	again := filepath.Join(t.TempDir(), "leida.db")
	if r := invoke("", "migrate", "--from", url, "--to", "sqlite:"+again); r.code != exitOK {
		t.Error("the way back:", r)
	}
	if r := invoke("", "audit", "head", "--data", filepath.Dir(again)); r.out != head.out {
		t.Error(r, head)
	}

	p := start(t, there...)
	p.signIn("A1001")
	if page := p.get("/me"); !strings.Contains(page, "<svg") {
		t.Errorf("no radar on PostgreSQL:\n%.2000s", page)
	}
}

func TestMigrateRefusesNonsense(t *testing.T) {
	for _, x := range []struct {
		args []string
		code int
	}{
		{[]string{"--from", "sqlite:x.db"}, exitUsage}, {[]string{"--to", "postgres://x"}, exitUsage},
		{[]string{"--from", "x.db", "--to", "postgres://x"}, exitUsage}, {[]string{"--from", "sqlite:", "--to", "postgres://x"}, exitUsage},
		{[]string{"--from", "sqlite:" + filepath.Join(t.TempDir(), "none.db"), "--to", "postgres://127.0.0.1:1/x"}, exitFailure},
	} {
		if r := invoke("", append([]string{"migrate", "--data", t.TempDir()}, x.args...)...); r.code != x.code || r.err == "" {
			t.Errorf("%v: %+v", x.args, r)
		}
	}
	if r := invoke("", "migrate", "--from", "sqlite:x.db", "--to", "postgres://"+"leida:leida"+"@127.0.0.1:1/x"); r.code != exitUsage || !strings.Contains(r.err, "would try first") {
		t.Error("a weak password:", r)
	}
	for address, warned := range map[string]bool{"postgres://db.example/x": true, "postgres://db.example/x?sslmode=verify-full": false, "postgres://127.0.0.1:1/x": false} {
		if r := invoke("", "migrate", "--from", "sqlite:"+filepath.Join(t.TempDir(), "none.db"), "--to", address); strings.Contains(r.err, "certificate is not checked") != warned {
			t.Errorf("%s: %+v", address, r)
		}
	}
	data := trainersData(t)
	p := start(t, "--data", data)
	if r := invoke("", "migrate", "--from", "sqlite:"+filepath.Join(data, "leida.db"), "--to", "postgres://127.0.0.1:1/x"); r.code != exitFailure || !strings.Contains(r.err, "pid") {
		t.Error("moved from under a server:", r)
	}
	p.end()
}

// Nobody's data in PostgreSQL are changed before somebody says that they have been backed up: not by a server, nor by a short command.
func TestUpgradeOfPostgres(t *testing.T) {
	t.Parallel()
	cluster := durable(t)
	there := []string{"--data", t.TempDir(), "--db", cluster.URL("leida")}
	schema := func(n int64) {
		t.Helper()
		db, err := sql.Open("pgx", cluster.URL("leida"))
		ok(t, err)
		defer db.Close()
		p, err := goose.NewProvider(goose.DialectPostgres, db, os.DirFS("../../internal/store/migrations/postgres"))
		ok(t, err)
		_, err = p.UpTo(t.Context(), n)
		ok(t, err)
		_, err = db.Exec("INSERT INTO people (id, number, number_canon, name, name_canon) VALUES ('x', 'x', 'x', 'x', 'x')")
		ok(t, err)
	}
	schema(1)
	for _, command := range [][]string{{"migrate"}, {"user", "list"}, {"serve", "--addr", "127.0.0.1:0", "--metrics-addr", ""}} {
		if r := invoke("", append(command, there...)...); r.code != exitFailure || !strings.Contains(r.err, "pg_dump") || !strings.Contains(r.err, "schema 1") {
			t.Errorf("%v: %+v", command, r)
		}
	}
	start(t, append(there, "--backed-up")...).end()
	if r := invoke("", append([]string{"migrate"}, there...)...); r.code != exitOK {
		t.Error(r)
	}
	ok(t, cluster.Drop("leida"))
	ok(t, cluster.Create("leida", ""))
	schema(1)
	if r := invoke("", append([]string{"migrate", "--backed-up"}, there...)...); r.code != exitOK {
		t.Error(r)
	}
}

// A centre of the first release opens in this one: its backup is there, people sign in, and their pages show what was measured.
func TestUpgradedPagesLoad(t *testing.T) {
	data := t.TempDir()
	loadDump(t, "../../internal/store/testdata/schemas/1.sql", filepath.Join(data, "leida.db"))
	p := start(t, "--data", data)
	p.signIn("A1001")
	if page := p.get("/me"); !strings.Contains(page, "<svg") {
		t.Errorf("no radar after the upgrade:\n%.2000s", page)
	}
	r := invoke("", "backup", "list", "--data", data)
	if r.code != exitOK || !strings.Contains(r.out, "before-schema-") || !strings.Contains(r.out, "schema 1,") {
		t.Error(r)
	}
	if r := invoke("", "audit", "verify", "--data", data); r.code != exitOK {
		t.Error(r)
	}
}
