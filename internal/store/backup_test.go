package store

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"leida/internal/exam"
	"leida/internal/fault"
	"leida/internal/org"
	"leida/internal/profile"
)

// filled is a centre with rows in every table; a new table is filled here.
func filled(t testing.TB) *centre {
	t.Helper()
	c := newCentre(t)
	q3, q4 := org.Quarter(noon.AddDate(0, -3, 0), time.UTC), org.Quarter(noon, time.UTC)
	c.ok(c.EnsureCycle(c.ctx, q3))
	c.ok(c.EnsureCycle(c.ctx, q4))
	c.ok(c.CloseCycle(c.ctx, q3.ID, noon, map[string]profile.Snapshot{c.ann.ID: {Cycle: q3.ID, Revision: 1, At: noon}}, Ground{}))
	session, err := c.CreateSession(c.ctx, c.ann.ID, sha256.Sum256([]byte("token")), "浏览器 \"x\"", noon, time.Hour, noon.Add(8*time.Hour))
	c.ok(err)
	c.ok(c.BeginFactor(c.ctx, c.ann.ID, []byte("twenty bytes of seed")))
	c.ok(c.ConfirmFactor(c.ctx, c.ann.ID, session.ID, sha256.Sum256([]byte("token 2")), []byte("twenty bytes of seed"), 7, [][32]byte{{1}, {2}}, noon))
	c.ok(c.SetOneTime(c.ctx, c.bob.ID, "hash", noon.Add(time.Hour)))
	a := c.make(exam.Assignment{Assessment: "form", By: c.trainer.ID, Opens: noon.Add(-time.Hour), Closes: noon.Add(23 * time.Hour), Teams: []string{c.east.ID}, People: []string{c.bob.ID}})
	c.ok(c.SetTimeFactor(c.ctx, c.viewer(c.trainer), a.ID, c.ann.ID, 1.0+1.0/3))
	s := c.sit(c.ann, a)
	_, err = c.UpdateSitting(c.ctx, c.viewer(c.ann), s.ID, func(s *exam.Sitting) ([]profile.Evidence, error) {
		return nil, s.Answer(exam.Save{Holder: s.Holder, N: 1, Rev: 1, Answer: json.RawMessage(`{"choice":"答"}`)}, noon.Add(time.Second))
	})
	c.ok(err)
	_, err = c.UpdateSitting(c.ctx, c.viewer(c.ann), s.ID, func(s *exam.Sitting) ([]profile.Evidence, error) {
		e, err := finish(noon.Add(time.Minute))(s)
		if err == nil {
			s.Result, err = firstResult(s)
		}
		return e, err
	})
	c.ok(err)
	c.ok(c.exec(`INSERT INTO rescorings (id, item_id, rule, reason, newest, version, state, made_by, made_at) VALUES ('r', 'item-1', 'current', '键错了', 'hash item-1', 2, 'applied', ?, 5)`, c.trainer.ID))
	c.ok(c.exec(`INSERT INTO rescoring_lines (rescoring_id, sitting_id, person_id, place, revision, falls, was, becomes, place_was, place_becomes, effects)
		VALUES ('r', ?, ?, 1, 1, ?, 75, 66.66666666666667, 0.75, 0.5, '{}')`, s.ID, c.ann.ID, true))
	c.ok(c.exec("INSERT INTO snapshots (cycle_id, person_id, revision, body, rescoring_id, undo) SELECT cycle_id, person_id, 2, body, 'r', ? FROM snapshots", true))
	c.ok(c.BeginFactor(c.ctx, c.trainer.ID, []byte("twenty bytes or more")))
	code := sha256.Sum256([]byte("code"))
	c.ok(c.exec("INSERT INTO recovery_codes (person_id, hash) VALUES (?, ?)", c.trainer.ID, code[:]))
	_, err = c.Allow(c.ctx, noon, Limit{Key: "k", Burst: 5, Every: time.Minute})
	c.ok(err)
	_, err = c.Lease(c.ctx, "sweep", "me", noon, time.Minute)
	c.ok(err)
	c.sit(c.bob, a)
	c.logged(5)
	for _, table := range c.digests() {
		if table.Rows == 0 {
			t.Errorf("nothing is in %s: fill it in filled()", table.Name)
		}
	}
	return c
}

func (w *world) digests() []Table {
	w.t.Helper()
	tables, err := w.Digests(w.ctx)
	w.ok(err)
	return tables
}

// rewrite changes a file that nobody has open.
func rewrite(t *testing.T, file, statement string) {
	t.Helper()
	err := editFile(file, func(db *sql.DB) error {
		_, err := db.Exec("PRAGMA foreign_keys = 0; PRAGMA ignore_check_constraints = 1; " + statement)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func (w *world) backup() (string, Manifest) {
	w.t.Helper()
	file := filepath.Join(w.t.TempDir(), "备份 #1?.db")
	m, err := w.Backup(w.ctx, file)
	w.ok(err)
	return file, m
}

func TestBackupHoldsEverything(t *testing.T) {
	c := filled(t)
	want := c.digests()
	file, m := c.backup()
	if d := cmp.Diff(want, m.Tables); d != "" {
		t.Error(d)
	}
	head, err := c.AuditHead(c.ctx)
	c.ok(err)
	if m.Schema != knownSchema || !m.At.Equal(noon) || m.Audit != head || head.Rows != 5 || head.Broken != 0 || len(head.Hash) != 64 {
		t.Errorf("%+v, %+v", m, head)
	}
	read, err := VerifyBackup(c.ctx, file)
	c.ok(err)
	if d := cmp.Diff(m, read); d != "" {
		t.Error(d)
	}
	info, err := os.Stat(file)
	c.ok(err)
	if info.Mode().Perm() != 0o600 {
		t.Error(info.Mode())
	}
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(file), "*.part*")); len(left) > 0 {
		t.Error(left)
	}
	_, err = c.Backup(c.ctx, file)
	c.fails(err, fault.Conflict, "backup.exists")
}

// The hash is of the rows: not of where they lie, the order of writing or the order of the columns.
func TestDigestIsOfTheRows(t *testing.T) {
	ctx := context.Background()
	digest := func(make string) []Table {
		db, err := openFile(filepath.Join(t.TempDir(), "x.db"), "?mode=rwc")
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		if _, err := db.Exec(make); err != nil {
			t.Fatal(err)
		}
		tables, err := sqliteDialect.digests(ctx, db)
		if err != nil {
			t.Fatal(err)
		}
		return tables
	}
	const rows = "(a, b) VALUES ('x', 1.5), ('y', NULL), ('', 2)"
	want := digest("CREATE TABLE t (a TEXT PRIMARY KEY, b REAL) STRICT; INSERT INTO t " + rows)
	for name, make := range map[string]string{
		"columns":    "CREATE TABLE t (b REAL, a TEXT PRIMARY KEY) STRICT; INSERT INTO t " + rows,
		"no rowid":   "CREATE TABLE t (a TEXT PRIMARY KEY, b REAL) STRICT, WITHOUT ROWID; INSERT INTO t " + rows,
		"order":      "CREATE TABLE t (a TEXT PRIMARY KEY, b REAL) STRICT; INSERT INTO t (b, a) VALUES (2, ''), (NULL, 'y'), (1.5, 'x')",
		"gaps":       "CREATE TABLE t (a TEXT PRIMARY KEY, b REAL) STRICT; INSERT INTO t VALUES ('z', 9); INSERT INTO t " + rows + "; DELETE FROM t WHERE a = 'z'",
		"manifest":   "CREATE TABLE leida_backup (body TEXT); CREATE TABLE t (a TEXT PRIMARY KEY, b REAL) STRICT; INSERT INTO t " + rows,
		"goose":      "CREATE TABLE goose_db_version (x); CREATE TABLE t (a TEXT PRIMARY KEY, b REAL) STRICT; INSERT INTO t " + rows,
		"a sequence": "CREATE TABLE u (x INTEGER PRIMARY KEY AUTOINCREMENT); INSERT INTO u VALUES (1); DROP TABLE u; CREATE TABLE t (a TEXT PRIMARY KEY, b REAL) STRICT; INSERT INTO t " + rows,
	} {
		if d := cmp.Diff(want, digest(make)); d != "" {
			t.Errorf("%s: %s", name, d)
		}
	}
	for name, make := range map[string]string{
		"a value":   "CREATE TABLE t (a TEXT PRIMARY KEY, b REAL) STRICT; INSERT INTO t VALUES ('x', 1.5000000000000002), ('y', NULL), ('', 2)",
		"null":      "CREATE TABLE t (a TEXT PRIMARY KEY, b REAL) STRICT; INSERT INTO t VALUES ('x', 1.5), ('y', 0), ('', 2)",
		"exchanged": "CREATE TABLE t (a TEXT PRIMARY KEY, b REAL) STRICT; INSERT INTO t VALUES ('y', 1.5), ('x', NULL), ('', 2)",
		"a name":    "CREATE TABLE t (a TEXT PRIMARY KEY, c REAL) STRICT; INSERT INTO t VALUES ('x', 1.5), ('y', NULL), ('', 2)",
		"bytes":     "CREATE TABLE t (a BLOB PRIMARY KEY, b REAL) STRICT; INSERT INTO t VALUES (x'78', 1.5), (x'79', NULL), (x'', 2)",
	} {
		if got := digest(make); got[0].Hash == want[0].Hash {
			t.Errorf("%s: the hash is the same", name)
		}
	}
	keyless := "INSERT INTO t VALUES (NULL, 1), ('x', NULL), (NULL, NULL), ('x', 1)"
	a := digest("CREATE TABLE t (a TEXT, b INTEGER) STRICT; " + keyless)
	b := digest("CREATE TABLE t (a TEXT, b INTEGER) STRICT; INSERT INTO t VALUES ('x', 1), (NULL, NULL), ('x', NULL), (NULL, 1)")
	if d := cmp.Diff(a, b); d != "" || a[0].Rows != 4 {
		t.Error(d)
	}
}

// No two rows are written alike, and truth values and zeros have one form.
func TestValuesAreWrittenApart(t *testing.T) {
	write := func(row ...any) string {
		h := rowHash{sum: sha256.New()}
		if err := h.add(row); err != nil {
			t.Fatal(err)
		}
		return string(h.buf)
	}
	for _, same := range [][2]any{{true, int64(1)}, {false, int64(0)}, {math.Copysign(0, -1), 0.0}} {
		if write(same[0]) != write(same[1]) {
			t.Error(same)
		}
	}
	distinct := []any{nil, int64(0), int64(1), 0.0, 1.0, 0.1, math.Nextafter(.1, 1), "", "0", "1", "n", "i1:1", []byte(""), []byte("1")}
	seen := map[string]any{}
	for _, v := range distinct {
		if other, twice := seen[write(v)]; twice {
			t.Errorf("%#v and %#v", v, other)
		}
		seen[write(v)] = v
	}
	rapid.Check(t, func(r *rapid.T) {
		row := func(name string) []any {
			return []any{rapid.String().Draw(r, name), rapid.SliceOf(rapid.Byte()).Draw(r, name), rapid.Int64().Draw(r, name)}
		}
		a, b := row("a"), row("b")
		if !cmp.Equal(a, b) && write(a...) == write(b...) {
			r.Errorf("%#v and %#v", a, b)
		}
	})
	if err := (&rowHash{sum: sha256.New()}).add([]any{struct{}{}}); err == nil {
		t.Error("a value of no kind is written")
	}
}

// A backup under write load is one moment: what was acknowledged before it is in it, it is sound in itself, and it restores to the same row hashes.
func TestBackupUnderLoad(t *testing.T) {
	c := filled(t)
	bob := c.viewer(c.bob)
	list, err := c.SittingsOf(c.ctx, bob, c.bob.ID)
	c.ok(err)
	var acknowledged atomic.Int64 // revision of bob's answer
	stop := make(chan struct{})
	var writers sync.WaitGroup
	keepOn := func(write func(n int64)) {
		writers.Go(func() {
			for n := int64(1); ; n++ {
				select {
				case <-stop:
					return
				default:
					write(n)
				}
			}
		})
	}
	for range 3 {
		keepOn(func(int64) { c.logged(1) })
	}
	keepOn(func(n int64) {
		_, err := c.UpdatePlace(c.ctx, bob, Place{Sitting: list[0].ID, N: 2}, func(s *exam.Sitting) error {
			return s.Answer(exam.Save{Holder: s.Holder, N: 2, Rev: n, Answer: json.RawMessage(fmt.Sprintf(`{"choice":"%d"}`, n))}, noon.Add(time.Second))
		})
		if err != nil {
			t.Error(err)
		}
		acknowledged.Store(n)
	})
	for range 3 {
		rows, rev := c.count("audit"), acknowledged.Load()
		file, m := c.backup()
		if m.Audit.Rows < rows || m.Audit.Rows > c.count("audit") || m.Audit.Broken != 0 {
			t.Errorf("%+v, with %d rows before", m.Audit, rows)
		}
		path := filepath.Join(t.TempDir(), "leida.db")
		_, err := Restore(c.ctx, file, path, noon)
		c.ok(err)
		back, err := Open(c.ctx, Config{Path: path, Now: c.clock.now, Rand: zeros{}})
		c.ok(err)
		tables, err := back.Digests(c.ctx)
		c.ok(err)
		if d := cmp.Diff(m.Tables, tables); d != "" {
			t.Error(d)
		}
		s, err := back.Sitting(c.ctx, bob, list[0].ID)
		c.ok(err)
		if got := s.Slots[2].Rev; got < rev || string(s.Slots[2].Answer) != fmt.Sprintf(`{"choice":"%d"}`, got) && got > 0 {
			t.Errorf("revision %d with %s; %d had been acknowledged", got, s.Slots[2].Answer, rev)
		}
		c.ok(back.Close())
	}
	close(stop)
	writers.Wait()
	if acknowledged.Load() < 3 {
		t.Error("there was no load")
	}
}

func TestVerifyFindsDamage(t *testing.T) {
	c := filled(t)
	good, _ := c.backup()
	for name, x := range map[string]struct{ sql, path, key string }{
		"a value":        {"UPDATE people SET name = 'x' WHERE number = '0001'", "people", "backup.hash_differs"},
		"an answer":      {`UPDATE slots SET answer = '{"choice":"b"}' WHERE n = 1`, "slots", "backup.hash_differs"},
		"a row gone":     {"DELETE FROM time_factors", "time_factors", "backup.rows_differ"},
		"a row more":     {"INSERT INTO people (id, number, number_canon, name, name_canon) VALUES ('x', 'x', 'x', 'x', 'x')", "people", "backup.rows_differ"},
		"a table gone":   {"DROP TABLE time_factors", "time_factors", "backup.table_missing"},
		"a table more":   {"CREATE TABLE x (a)", "x", "backup.table_extra"},
		"a reference":    {"DELETE FROM teams WHERE parent_id IS NULL", "teams", "backup.reference"},
		"the audit's":    {"DROP TRIGGER audit_no_delete; DELETE FROM audit WHERE seq = 5", "audit", "backup.audit_differs"},
		"a trigger gone": {"DROP TRIGGER audit_no_update", "", "backup.layout_differs"},
		"a trigger more": {"CREATE TRIGGER x AFTER INSERT ON people BEGIN INSERT INTO grants (person_id, access) VALUES (new.id, 'admin'); END", "", "backup.layout_differs"},
		"an index gone":  {"DROP INDEX sittings_open", "", "backup.layout_differs"},
		"a later schema": {fmt.Sprintf("INSERT INTO goose_db_version (version_id, is_applied) VALUES (%d, 1)", knownSchema+1), "", "backup.schema"},
	} {
		t.Run(name, func(t *testing.T) {
			bad := filepath.Join(t.TempDir(), "bad.db")
			c.ok(copyFile(good, bad))
			rewrite(t, bad, x.sql)
			_, err := VerifyBackup(c.ctx, bad)
			c.fails(err, fault.Invalid, "backup.unsound")
			if !slices.ContainsFunc(fault.As(err).Problems, func(p fault.Problem) bool { return p.Path == x.path && p.Key == x.key }) {
				t.Errorf("%v", err)
			}
			_, err = Restore(c.ctx, bad, filepath.Join(t.TempDir(), "leida.db"), noon)
			c.fails(err, fault.Invalid, "backup.unsound")
		})
	}
}

// Bytes of the file itself: a letter changed in any place where it stands, rows cut off.
func TestVerifyFindsBitRot(t *testing.T) {
	onlySQLite(t)
	c := filled(t)
	good, _ := c.backup()
	raw, err := os.ReadFile(good)
	c.ok(err)
	bad := filepath.Join(t.TempDir(), "bad.db")
	for _, word := range []string{"坐席 0001", "hash of 0001", "浏览器", "答", "item-1", "id: x", "erson.update", "SQLite format"} {
		n := 0
		for at := 0; ; n++ {
			i := bytes.Index(raw[at:], []byte(word))
			if i < 0 {
				break
			}
			rotten := slices.Clone(raw)
			rotten[at+i] ^= 1
			at += i + len(word)
			c.ok(os.WriteFile(bad, rotten, 0o600))
			_, err := VerifyBackup(c.ctx, bad)
			if f := fault.As(err); f == nil || f.Kind != fault.Invalid {
				t.Errorf("%s at %d: %v", word, at, err)
			}
		}
		if n == 0 {
			t.Errorf("%s stands nowhere", word)
		}
	}
	for _, n := range []int{0, 100, 4096, len(raw) / 2, len(raw) - 4096} {
		c.ok(os.WriteFile(bad, raw[:n], 0o600))
		if _, err := VerifyBackup(c.ctx, bad); fault.As(err) == nil {
			t.Errorf("cut off at %d: %v", n, err)
		}
	}
	if _, err := VerifyBackup(c.ctx, c.path); fault.As(err) == nil || fault.As(err).Key != "backup.not_one" {
		t.Error("a database without a manifest:", err)
	}
}

func TestBackupOfATamperedLog(t *testing.T) {
	onlySQLite(t)
	c := filled(t)
	c.ok(c.exec("DROP TRIGGER audit_no_update"))
	c.ok(c.exec("UPDATE audit SET actor = 'x' WHERE seq = 3"))
	file, m := c.backup()
	if m.Audit.Broken != 3 || m.Audit.Rows != 2 {
		t.Errorf("%+v", m.Audit)
	}
	_, err := VerifyBackup(c.ctx, file)
	c.fails(err, fault.Conflict, "backup.audit_broken")
	_, err = Restore(c.ctx, file, filepath.Join(t.TempDir(), "leida.db"), noon)
	c.ok(err)
}

// The drill: a centre is backed up, goes on, is lost, and comes back as it was.
func TestRestoreDrill(t *testing.T) {
	onlySQLite(t)
	c := filled(t)
	file, m := c.backup()
	c.logged(3)
	later := c.digests()
	c.ok(c.Close())
	for range 2 { // the second over the first
		r, err := Restore(c.ctx, file, c.path, c.clock.now())
		c.ok(err)
		if d := cmp.Diff(m, r.Manifest); d != "" {
			t.Error(d)
		}
		again := c.reopen(c.path)
		if d := cmp.Diff(m.Tables, again.digests()); d != "" {
			t.Error(d)
		}
		again.ok(again.Ping(c.ctx))
		again.logged(1) // and it takes rows
		if s := again.verify(); s.Rows != 6 || s.Broken != 0 {
			t.Error(s)
		}
		if c.clock.now().Equal(noon) {
			aside := c.reopen(r.Aside)
			if d := cmp.Diff(later, aside.digests()); d != "" {
				t.Errorf("what was set aside: %s", d)
			}
			aside.ok(aside.Close())
		}
		again.ok(again.Close())
		c.clock.set(c.clock.now().Add(time.Second))
	}
	if _, err := os.Stat(c.path + partial); err == nil {
		t.Error("a part is left")
	}
}

// reopen opens a file as a server would.
func (w *world) reopen(path string) *world {
	w.t.Helper()
	s, err := Open(w.ctx, Config{Path: path, Now: w.clock.now, Rand: zeros{}, Alone: true})
	w.ok(err)
	w.t.Cleanup(func() { w.ok(s.Close()) })
	return &world{Store: s, t: w.t, ctx: w.ctx, clock: w.clock, path: path}
}

type zeros = noRand

// A killed server leaves a log beside its file: what is in it belongs to what is set aside, and never gets into what is restored.
func TestRestoreKeepsTheLogOfAKilledServer(t *testing.T) {
	onlySQLite(t)
	for _, damaged := range []bool{false, true} {
		t.Run(fmt.Sprint("damaged=", damaged), func(t *testing.T) {
			c := filled(t)
			file, m := c.backup()
			c.logged(7)
			want := c.digests()
			dir := t.TempDir()
			killed := filepath.Join(dir, "leida.db")
			for _, end := range []string{"", "-wal"} { // as they lie on the disk while the server runs
				raw, err := os.ReadFile(c.path + end)
				c.ok(err)
				if damaged {
					copy(raw, "no database any more")
				}
				c.ok(os.WriteFile(killed+end, raw, 0o600))
			}
			r, err := Restore(c.ctx, file, killed, noon)
			c.ok(err)
			again := c.reopen(killed)
			if d := cmp.Diff(m.Tables, again.digests()); d != "" {
				t.Error(d)
			}
			if damaged {
				if _, err := os.Stat(r.Aside + "-wal"); err != nil {
					t.Error("the log is not kept with its file:", err)
				}
				return
			}
			if d := cmp.Diff(want, c.reopen(r.Aside).digests()); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestRestoreRefuses(t *testing.T) {
	onlySQLite(t)
	c := filled(t)
	file, _ := c.backup()
	_, err := Restore(c.ctx, file, c.path, noon)
	c.fails(err, fault.Conflict, "store.in_use")
	server := c.reopen(c.path)
	_, err = Restore(c.ctx, file, c.path, noon)
	c.fails(err, fault.Conflict, "store.locked")
	c.ok(server.Close())
	if _, err := Restore(c.ctx, filepath.Join(t.TempDir(), "none.db"), filepath.Join(t.TempDir(), "leida.db"), noon); err == nil {
		t.Error("nothing was restored")
	}
	rewrite(t, file, fmt.Sprintf("INSERT INTO goose_db_version (version_id, is_applied) VALUES (%d, 1); DROP TABLE leida_backup", knownSchema+1))
	c.ok(writeManifest(c.ctx, file, "later", noon))
	to := filepath.Join(t.TempDir(), "leida.db")
	_, err = Restore(c.ctx, file, to, noon)
	c.fails(err, fault.Conflict, "store.newer_schema")
	if _, err := os.Stat(to); err == nil {
		t.Error("a newer schema was restored")
	}
}

func TestPruneKeepsWhatIsNotOurs(t *testing.T) {
	dir, last := t.TempDir(), noon.AddDate(0, 0, 4)
	var ours []string
	for i := range 5 {
		ours = append(ours, BackupName(noon.AddDate(0, 0, i)))
	}
	cut := []string{BackupName(noon) + ".123.part", BackupName(noon.AddDate(0, 0, 1)) + ".9.part-journal"}
	others := []string{BackupName(last) + ".123.part", BackupName(last.Add(time.Second)), BackupName(last.AddDate(1, 0, 0)), "leida.db.part", "leida.db", "before-schema-2-20261102T120000Z.db", "leida-20261102T120000Z.db.bak", "leida-20261399T120000Z.db", "x-" + ours[0], "notes.txt"}
	for _, name := range slices.Concat(others, ours, cut) {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(filepath.Join(dir, BackupName(noon.AddDate(-1, 0, 0))), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, x := range []struct{ keep, left int }{{9, 5}, {3, 3}, {3, 3}, {0, 1}, {-1, 1}} {
		if _, err := Prune(dir, x.keep, last); err != nil {
			t.Fatal(err)
		}
		left, err := scheduled(dir, last)
		if err != nil || !slices.Equal(left, ours[5-x.left:]) {
			t.Errorf("keep %d: %v %v", x.keep, left, err)
		}
	}
	for _, name := range cut {
		if _, err := os.Stat(filepath.Join(dir, name)); err == nil {
			t.Error("still there:", name)
		}
	}
	for _, name := range others {
		if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
			t.Error(err)
		}
	}
	if at, err := Newest(dir, last.Add(time.Millisecond)); err != nil || !at.Equal(last) {
		t.Error(at, err)
	}
	if at, err := Newest(filepath.Join(dir, "none"), last); err != nil || !at.IsZero() {
		t.Error(at, err)
	}
}

func TestBackupsAreListed(t *testing.T) {
	c := filled(t)
	dir := t.TempDir()
	for i := range 2 {
		c.clock.set(noon.AddDate(0, 0, i))
		_, err := c.Backup(c.ctx, filepath.Join(dir, BackupName(c.clock.now())))
		c.ok(err)
	}
	c.ok(os.WriteFile(filepath.Join(dir, "junk.db"), []byte("junk"), 0o600))
	c.ok(os.WriteFile(filepath.Join(dir, "notes.txt"), nil, 0o600))
	list, err := Backups(c.ctx, dir)
	c.ok(err)
	if len(list) != 3 || list[0].Name != "junk.db" || list[0].Err == nil || list[2].Name != BackupName(noon.AddDate(0, 0, 1)) || list[2].Manifest.Rows() == 0 || list[2].Err != nil {
		t.Errorf("%+v", list)
	}
	if none, err := Backups(c.ctx, filepath.Join(dir, "none")); len(none) != 0 || err != nil {
		t.Error(none, err)
	}
}

// Backups that begin in the same second do not get in each other's way.
func TestBackupsAtOnce(t *testing.T) {
	c := newCentre(t)
	dir := filepath.Join(t.TempDir(), "made for it")
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			file, m, err := c.BackupIn(c.ctx, dir)
			if err != nil || m.Rows() == 0 || filepath.Dir(file) != dir {
				t.Error(file, err)
			}
		})
	}
	all.Wait()
	names, err := scheduled(dir, noon.Add(time.Minute))
	c.ok(err)
	if len(names) != 4 {
		t.Error(names)
	}
	for _, name := range names {
		_, err := VerifyBackup(c.ctx, filepath.Join(dir, name))
		c.ok(err)
	}
	if left, _ := os.ReadDir(dir); len(left) != 4 {
		t.Error(left)
	}
}

func TestBackupFails(t *testing.T) {
	c := newCentre(t)
	if _, err := c.Backup(c.ctx, filepath.Join(t.TempDir(), "no", "x.db")); err == nil {
		t.Error("a backup in no folder")
	}
	ended, cancel := context.WithCancel(c.ctx)
	cancel()
	dir := t.TempDir()
	if _, err := c.Backup(ended, filepath.Join(dir, "x.db")); err == nil {
		t.Error("a backup after the end")
	}
	if left, _ := os.ReadDir(dir); len(left) > 0 {
		t.Errorf("%v is left", left)
	}
	if _, err := Failing().Backup(c.ctx, filepath.Join(dir, "x.db")); err == nil {
		t.Error("a backup of nothing")
	}
}

// A backup by row takes away the folders of those that were killed a day ago, and nothing else.
func TestKilledBackupIsClearedAway(t *testing.T) {
	c := newCentre(t)
	dir := t.TempDir()
	for name, at := range map[string]time.Time{moveFolder + "1": noon.AddDate(0, 0, -1), moveFolder + "2": noon.Add(-time.Hour), "mine": noon.AddDate(-1, 0, 0)} {
		c.ok(os.Mkdir(filepath.Join(dir, name), 0o700))
		c.ok(os.WriteFile(filepath.Join(dir, name, "leida.db"), nil, 0o600))
		c.ok(os.Chtimes(filepath.Join(dir, name), at, at))
	}
	c.ok(c.moveInto(c.ctx, filepath.Join(dir, "x.db")))
	entries, err := os.ReadDir(dir)
	c.ok(err)
	var left []string
	for _, e := range entries {
		left = append(left, e.Name())
	}
	if want := []string{moveFolder + "2", "mine", "x.db"}; !slices.Equal(left, want) {
		t.Errorf("%q is left, want %q", left, want)
	}
}
