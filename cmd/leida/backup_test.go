package main

import (
	"context"
	"database/sql"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"leida/internal/store"
)

// trainersData is a data directory with a person in it.
func trainersData(t *testing.T) (data string) {
	t.Helper()
	data = filepath.Join(t.TempDir(), "data")
	addTrainer(t, data)
	return data
}

// emptyData is a data directory with nobody in it.
func emptyData(t *testing.T) (data string) {
	t.Helper()
	data = t.TempDir()
	if r := invoke("", "migrate", "--data", data); r.code != exitOK {
		t.Fatal(r)
	}
	return data
}

func peopleIn(t *testing.T, data string) int {
	t.Helper()
	r := invoke("", "user", "list", "--data", data)
	if r.code != exitOK {
		t.Fatal(r)
	}
	return strings.Count(r.out, "\n")
}

func addPerson(t *testing.T, data, number string) {
	t.Helper()
	if r := invoke(demoPassword+"\n", "user", "add", number, "李伟", "--data", data); r.code != exitOK {
		t.Fatal(r)
	}
}

// The operator's drill: back up, go on, lose everything, restore.
func TestBackupAndRestore(t *testing.T) {
	data := trainersData(t)
	file := filepath.Join(t.TempDir(), "monday.db")
	if r := invoke("", "backup", "create", "--data", data, file); r.code != exitOK || !strings.Contains(r.out, file) {
		t.Fatal(r)
	}
	if r := invoke("", "backup", "create", "--data", data, file); r.code != exitFailure || !strings.Contains(r.err, "exists already") {
		t.Error(r)
	}
	if r := invoke("", "backup", "verify", file); r.code != exitOK || !strings.Contains(r.out, "people ") || !strings.Contains(r.out, "is sound") {
		t.Error(r)
	}
	addPerson(t, data, "A2")
	if r := invoke("", "backup", "create", "--data", data); r.code != exitOK {
		t.Error(r)
	}
	if r := invoke("", "backup", "list", "--data", data); r.code != exitOK || strings.Count(r.out, "\n") != 1 || !strings.Contains(r.out, "leida-2") {
		t.Error(r)
	}
	if r := invoke("", "backup", "restore", "--data", data, file); r.code != exitOK || !strings.Contains(r.out, "leida.db.before-") {
		t.Error(r)
	}
	if n := peopleIn(t, data); n != 1 {
		t.Errorf("%d people after the restore", n)
	}
	elsewhere := filepath.Join(t.TempDir(), "a new machine")
	if r := invoke("", "backup", "restore", "--data", elsewhere, file); r.code != exitOK || strings.Contains(r.out, "before-") {
		t.Error(r)
	}
	if n := peopleIn(t, elsewhere); n != 1 {
		t.Errorf("%d people on the new machine", n)
	}
}

// A restore that is killed leaves the database of before or that of the backup, whole, and can be run again.
func TestRestoreIsKilled(t *testing.T) {
	t.Parallel()
	data, file := trainersData(t), filepath.Join(t.TempDir(), "one.db")
	if r := invoke("", "backup", "create", "--data", data, file); r.code != exitOK {
		t.Fatal(r)
	}
	for i := range 4 {
		addPerson(t, data, fmt.Sprint("A", i))
	}
	five := filepath.Join(t.TempDir(), "five.db")
	if r := invoke("", "backup", "create", "--data", data, five); r.code != exitOK {
		t.Fatal(r)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	random, ended, killed := rand.New(rand.NewPCG(1, 2)), 0, 0
	for round := range 30 {
		if round%2 == 0 { // so that there are two outcomes
			if r := invoke("", "backup", "restore", "--data", data, five); r.code != exitOK {
				t.Fatal(r)
			}
		}
		cmd := exec.Command(self, "backup", "restore", "--data", data, file)
		cmd.Env = append(os.Environ(), asProgram+"=1")
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Duration(random.IntN(300)) * time.Millisecond)
		_ = cmd.Process.Kill()
		if cmd.Wait() == nil {
			ended++
		} else {
			killed++
		}
		if r := invoke("", "audit", "verify", "--data", data); r.code != exitOK {
			t.Fatal(r)
		}
		if n := peopleIn(t, data); n != 1 && n != 5 {
			t.Fatalf("round %d: %d people", round, n)
		}
		if r := invoke("", "backup", "create", "--data", data, filepath.Join(t.TempDir(), fmt.Sprint(round, ".db"))); r.code != exitOK {
			t.Fatal("the database is not whole:", r)
		}
	}
	t.Logf("%d restores were killed, %d came to their end", killed, ended)
	if killed == 0 {
		t.Error("none was killed")
	}
}

func TestBackupRefuses(t *testing.T) {
	none := filepath.Join(t.TempDir(), "none")
	for _, args := range [][]string{{"backup", "create"}, {"audit", "verify"}, {"audit", "head"}} {
		if r := invoke("", append(args, "--data", none)...); r.code != exitFailure || !strings.Contains(r.err, "There is no database") {
			t.Errorf("%v: %+v", args, r)
		}
	}
	if _, err := os.Stat(none); err == nil {
		t.Error("a folder was made")
	}
	junk := filepath.Join(t.TempDir(), "junk.db")
	if err := os.WriteFile(junk, []byte("junk"), 0o600); err != nil {
		t.Fatal(err)
	}
	data := trainersData(t)
	for _, args := range [][]string{{"backup", "verify", junk}, {"backup", "restore", "--data", data, junk}, {"audit", "verify", "--data", data, "--backup", junk}} {
		if r := invoke("", args...); r.code != exitFailure || !strings.Contains(r.err, "is not a backup") {
			t.Errorf("%v: %+v", args, r)
		}
	}
	if r := invokeIn(func(string) string { return "" }, "", "backup", "verify", junk); !strings.Contains(r.err, "不是 leida 的备份文件") {
		t.Error(r)
	}
	if n := peopleIn(t, data); n != 1 {
		t.Errorf("%d people after what was refused", n)
	}
}

// Beside a running server short commands work; a second server and a restore do not.
func TestBesideAServer(t *testing.T) {
	data := trainersData(t)
	p := start(t, "--data", data)
	addPerson(t, data, "A2")
	file := filepath.Join(t.TempDir(), "x.db")
	if r := invoke("", "backup", "create", "--data", data, file); r.code != exitOK {
		t.Error(r)
	}
	pid := fmt.Sprintf("pid %d", os.Getpid())
	for _, args := range [][]string{{"serve", "--addr", freeAddr(t), "--metrics-addr", ""}, {"backup", "restore", file}} {
		if r := invoke("", append(args, "--data", data)...); r.code != exitFailure || !strings.Contains(r.err, pid) {
			t.Errorf("%v: %+v", args, r)
		}
	}
	if code := p.end(); code != exitOK {
		t.Errorf("stopped with %d:\n%s", code, p.out)
	}
	if r := invoke("", "backup", "restore", "--data", data, file); r.code != exitOK {
		t.Error(r)
	}
}

func TestServerBacksUpByItself(t *testing.T) {
	data, metrics := trainersData(t), freeAddr(t)
	p := start(t, "--data", data, "--metrics-addr", metrics)
	p.until("there is a backup", func() bool {
		r := invoke("", "backup", "list", "--data", data)
		return strings.Contains(r.out, "leida-2") && strings.Count(r.out, "\n") == 1
	})
	p.until("the metrics tell", func() bool {
		r, err := http.Get("http://" + metrics + "/metrics")
		if err != nil {
			return false
		}
		defer r.Body.Close()
		body, err := io.ReadAll(r.Body)
		return err == nil && strings.Contains(string(body), "leida_backup_failures_total 0") && strings.Contains(string(body), "leida_disk_free_bytes") &&
			strings.Contains(string(body), "leida_backup_last_success_timestamp_seconds 1.")
	})
}

func TestAuditFromTheCommandLine(t *testing.T) {
	data := emptyData(t)
	st := openIn(t, data)
	add := func(n int) {
		t.Helper()
		for range n {
			if err := st.Audit(t.Context(), store.AuditEntry{Action: "x.y"}); err != nil {
				t.Fatal(err)
			}
		}
	}
	add(3)
	r := invoke("", "audit", "head", "--data", data)
	head := strings.Fields(r.out)
	if r.code != exitOK || len(head) != 2 || head[0] != "3" || len(head[1]) != 64 {
		t.Fatal(r)
	}
	backup := filepath.Join(t.TempDir(), "x.db")
	if r := invoke("", "backup", "create", "--data", data, backup); r.code != exitOK {
		t.Fatal(r)
	}
	add(2)
	for _, args := range [][]string{nil, {"--head", head[1]}, {"--backup", backup}} {
		if r := invoke("", append([]string{"audit", "verify", "--data", data}, args...)...); r.code != exitOK || !strings.Contains(r.out, "5 rows") || args != nil && !strings.Contains(r.out, "Row 3 has the hash") {
			t.Errorf("%v: %+v", args, r)
		}
	}
	if r := invoke("", "audit", "verify", "--data", data, "--head", "xyz"); r.code != exitUsage {
		t.Error(r)
	}
	if r := invoke("", "audit", "verify", "--data", data, "--head", strings.Repeat("0", 64)); r.code != exitFailure || !strings.Contains(r.out, "No row has the hash") {
		t.Error(r)
	}
}

// Whoever can write to the file can change the log; none of the ways goes unseen.
func TestTamperingFromTheCommandLine(t *testing.T) {
	for name, x := range map[string]struct{ sql, want string }{
		"changed":          {"UPDATE audit SET actor = 'x' WHERE seq = 2", "row 2 is not as it was written"},
		"taken out":        {"DELETE FROM audit WHERE seq = 2", "row 3 is not"},
		"slipped in":       {"INSERT INTO audit SELECT 6, at, actor, action, object, object_id, detail, request_id, hash FROM audit WHERE seq = 5", "row 6 is not"},
		"cut off":          {"DELETE FROM audit WHERE seq > 3", "No row has the hash"},
		"everything cut":   {"DELETE FROM audit", "No row has the hash"},
		"begun again":      {"DELETE FROM audit", "No row has the hash"},
		"nothing (a test)": {"SELECT 1", "is as it was written: 5 rows"},
	} {
		t.Run(name, func(t *testing.T) {
			data := emptyData(t)
			st := openIn(t, data)
			add := func(n int) {
				t.Helper()
				for range n {
					if err := st.Audit(t.Context(), store.AuditEntry{Action: "x.y", ObjectID: name}); err != nil {
						t.Fatal(err)
					}
				}
			}
			add(5)
			backup := filepath.Join(t.TempDir(), "x.db")
			if r := invoke("", "backup", "create", "--data", data, backup); r.code != exitOK {
				t.Fatal(r)
			}
			tamper(t, filepath.Join(data, "leida.db"), "DROP TRIGGER audit_no_update; DROP TRIGGER audit_no_delete; "+x.sql)
			if name == "begun again" {
				add(7) // a log that is sound in itself
			}
			r := invoke("", "audit", "verify", "--data", data, "--backup", backup)
			if code := map[bool]int{true: exitOK, false: exitFailure}[name == "nothing (a test)"]; r.code != code || !strings.Contains(r.out, x.want) {
				t.Errorf("%+v, want %s", r, x.want)
			}
		})
	}
}

// tamper changes a database as somebody would who can write to its file.
func tamper(t *testing.T, file, statement string) {
	t.Helper()
	db, err := sql.Open("sqlite3", "file:"+file+"?_busy_timeout=5000")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec(statement); err != nil {
		t.Fatal(err)
	}
}

// loadDump makes a database of a file of statements.
func loadDump(t *testing.T, dump, file string) {
	t.Helper()
	raw, err := os.ReadFile(dump)
	if err != nil {
		t.Fatal(err)
	}
	tamper(t, file, string(raw))
}

func openIn(t *testing.T, data string) *store.Store {
	t.Helper()
	st, err := store.Open(t.Context(), store.Config{Path: filepath.Join(data, "leida.db"), Now: time.Now, Rand: randomSource})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = st.Close() })
	return st
}

// newTestCarer looks after a centre at a time that the test sets.
func newTestCarer(t *testing.T, c careFlags, disk func(string) (store.Disk, error)) (*carer, *time.Time, *safeBuffer) {
	t.Helper()
	now, log := time.Date(2026, 11, 2, 6, 0, 0, 0, time.UTC), &safeBuffer{}
	data := trainersData(t)
	st, err := store.Open(t.Context(), store.Config{Path: filepath.Join(data, "leida.db"), Now: func() time.Time { return now }, Rand: randomSource, Disk: disk})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = st.Close() })
	zone, err := time.LoadLocation("Asia/Shanghai")
	if err != nil {
		t.Fatal(err)
	}
	serve := serveCmd{careFlags: c, databaseFlags: databaseFlags{Data: data}}
	k := serve.newCarer(&world{now: func() time.Time { return now }}, st, zone, slog.New(slog.NewTextHandler(log, nil)), prometheus.NewRegistry())
	return k, &now, log
}

func TestScheduledBackups(t *testing.T) {
	ctx, dir := context.Background(), filepath.Join(t.TempDir(), "backups")
	k, now, log := newTestCarer(t, careFlags{folderFlags: folderFlags{dir}, BackupEvery: 24 * time.Hour, BackupKeep: 3}, nil)
	made := func() (names []string) {
		t.Helper()
		list, err := store.Backups(ctx, dir)
		if err != nil {
			t.Fatal(err)
		}
		for _, b := range list {
			if _, err := store.VerifyBackup(ctx, filepath.Join(dir, b.Name)); err != nil {
				t.Error(err)
			}
			names = append(names, b.Name)
		}
		return names
	}
	for range 6 * 24 { // hours
		k.look(ctx)
		*now = now.Add(time.Hour)
	}
	// The first at once, at 14:00 in Shanghai; then at 03:00, of which the last three are left.
	want := "[leida-20261105T190000Z.db leida-20261106T190000Z.db leida-20261107T190000Z.db]"
	if got := fmt.Sprint(made()); got != want {
		t.Errorf("%s, not %s\n%s", got, want, log)
	}

	k.BackupDir = filepath.Join(dir, made()[0], "no folder")
	for range 30 {
		k.look(ctx)
		*now = now.Add(time.Minute)
	}
	if n := strings.Count(log.String(), "level=ERROR msg=backup"); n != 0 {
		t.Errorf("%d failures before it is due", n)
	}
	*now = now.Add(24 * time.Hour)
	for range 150 {
		k.look(ctx)
		*now = now.Add(time.Minute)
	}
	if n := strings.Count(log.String(), "level=ERROR msg=backup"); n != 3 {
		t.Errorf("%d tries in two hours and a half, with an hour between them:\n%s", n, log)
	}
	k.BackupDir = dir
	*now = now.Add(time.Hour)
	k.look(ctx)
	if n := len(made()); n != 3 || k.last != *now {
		t.Errorf("no backup after the trouble was over: %v", made())
	}
}

// A clock that once was a year ahead, and was set right while the server was down or under it, keeps no backup from being made and none of the good ones from being kept.
func TestScheduledBackupsAfterAWrongClock(t *testing.T) {
	ctx, dir := context.Background(), filepath.Join(t.TempDir(), "backups")
	k, now, log := newTestCarer(t, careFlags{folderFlags: folderFlags{dir}, BackupEvery: 24 * time.Hour, BackupKeep: 1}, nil)
	right := *now
	*now = right.AddDate(1, 0, 0)
	k.look(ctx)
	ahead := store.BackupName(*now)
	k.failed = *now
	check := func() {
		t.Helper()
		k.look(ctx)
		left, err := filepath.Glob(filepath.Join(dir, "*"))
		if err != nil || fmt.Sprint(left) != fmt.Sprint([]string{filepath.Join(dir, store.BackupName(*now)), filepath.Join(dir, ahead)}) {
			t.Errorf("%v %v\n%s", left, err, log)
		}
		told := prometheus.NewRegistry()
		told.MustRegister(k.success)
		if metrics, err := told.Gather(); err != nil || metrics[0].Metric[0].Gauge.GetValue() != float64(now.Unix()) {
			t.Error("told as the newest:", metrics, err)
		}
	}
	*now = right
	check()
	*now = right.AddDate(0, 0, 1)
	serve := serveCmd{careFlags: k.careFlags}
	k = serve.newCarer(&world{now: k.now}, k.st, k.zone, k.log, prometheus.NewRegistry())
	check()
}

// A backup that finds no room leaves nothing behind, takes nothing away, and is made when there is room again. The centre goes on meanwhile.
func TestScheduledBackupOnAFullDisk(t *testing.T) {
	ctx, dir := context.Background(), filepath.Join(smallDisk(t, "2"), "backups")
	k, now, log := newTestCarer(t, careFlags{folderFlags: folderFlags{dir}, BackupEvery: 24 * time.Hour, BackupKeep: 1}, nil)
	k.look(ctx)
	first := k.last
	free := fill(t, filepath.Dir(dir))
	*now = now.AddDate(0, 0, 2)
	k.look(ctx)
	if !strings.Contains(log.String(), "level=ERROR msg=backup") || !k.last.Equal(first) {
		t.Errorf("a backup on a full disk:\n%s", log)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 1 || left[0].Name() != store.BackupName(first) {
		t.Error(left, err)
	}
	if _, err := store.VerifyBackup(ctx, filepath.Join(dir, store.BackupName(first))); err != nil {
		t.Error("the last good one:", err)
	}
	if err := k.st.Audit(ctx, store.AuditEntry{Action: "x.y"}); err != nil {
		t.Error(err)
	}
	free()
	*now = now.Add(2 * time.Hour)
	k.look(ctx)
	if left, err := os.ReadDir(dir); err != nil || len(left) != 1 || left[0].Name() != store.BackupName(*now) {
		t.Error(left, err)
	}
}

func TestNoScheduledBackups(t *testing.T) {
	k, now, log := newTestCarer(t, careFlags{folderFlags: folderFlags{filepath.Join(t.TempDir(), "x")}}, nil)
	k.look(t.Context())
	*now = now.AddDate(0, 1, 0)
	k.look(t.Context())
	if _, err := os.Stat(k.BackupDir); err == nil || !strings.Contains(log.String(), "no scheduled backups") {
		t.Error(log)
	}
}

func TestNextBackup(t *testing.T) {
	zone := time.FixedZone("CST", 8*3600)
	day := func(d, h, m int) time.Time { return time.Date(2026, 11, d, h, m, 0, 0, zone) }
	for _, x := range []struct {
		last  time.Time
		every time.Duration
		want  time.Time
	}{
		{time.Time{}, 24 * time.Hour, time.Time{}},
		{day(2, 14, 0), time.Hour, day(2, 15, 0)},
		{day(2, 14, 0), 24 * time.Hour, day(3, 3, 0)},
		{day(3, 3, 0), 24 * time.Hour, day(4, 3, 0)},
		{day(3, 3, 7), 24 * time.Hour, day(4, 3, 0)},
		{day(3, 23, 0), 24 * time.Hour, day(5, 3, 0)},
		{day(3, 3, 1), 7 * 24 * time.Hour, day(10, 3, 0)},
		{day(3, 3, 1), 12 * time.Hour, day(3, 15, 1)},
	} {
		if got := nextBackup(x.last, x.every, zone); !got.Equal(x.want) {
			t.Errorf("%v every %v: %v, not %v", x.last, x.every, got, x.want)
		}
	}
}

func TestLowDiskIsTold(t *testing.T) {
	disk := store.Disk{Kind: "ext4", Free: 100 << 20, Total: 100 << 30}
	k, now, log := newTestCarer(t, careFlags{}, func(string) (store.Disk, error) { return disk, nil })
	for range 121 {
		k.look(t.Context())
		*now = now.Add(time.Minute)
	}
	if n := strings.Count(log.String(), "nearly full"); n != 3 {
		t.Errorf("told %d times in two hours:\n%s", n, log)
	}
	disk.Free = 50 << 30
	*now = now.Add(2 * time.Hour)
	k.look(t.Context())
	if n := strings.Count(log.String(), "nearly full"); n != 3 {
		t.Error("told of a disk with room")
	}
}
