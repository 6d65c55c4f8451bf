package store

import (
	"fmt"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"leida/internal/fault"
	"leida/internal/org"
	"leida/internal/store/pgtest"
)

// target is an empty database of either kind with this program's schema.
func (w *world) target(postgres bool) *world {
	w.t.Helper()
	to := &world{t: w.t, ctx: w.ctx, clock: w.clock, path: filepath.Join(w.t.TempDir(), "target.db")}
	c := Config{Path: to.path, Now: w.clock.now, Rand: zeros{}}
	if postgres {
		c.URL = pgtest.Database(w.t, "")
	}
	to.open(c)
	to.ok(to.Migrate(w.ctx))
	return to
}

// A centre with rows in every table goes from sqlite to PostgreSQL and back, and is the same at each place. (With LEIDA_TEST_DB=postgres it begins there.)
func TestMoveEverything(t *testing.T) {
	c := filled(t)
	// A team made before the one above it, and one whose id sorts before it.
	c.ok(c.exec("INSERT INTO teams (id, parent_id, code, code_canon, name, name_canon) VALUES ('0', ?, '0', '0', '0', '0'), ('zz', '0', 'zz', 'zz', 'zz', 'zz')", c.westOne.ID))
	c.ok(c.exec("UPDATE teams SET parent_id = 'zz' WHERE id = ?", c.eastOne.ID))
	want := c.digests()
	at := c.world
	for _, postgres := range []bool{!pgtest.Asked(), pgtest.Asked(), false} {
		to := at.target(postgres)
		moved, err := at.Move(c.ctx, to.Store)
		c.ok(err)
		if d := cmp.Diff(want, to.digests()); d != "" {
			t.Fatalf("to postgres=%v: %s", postgres, d)
		}
		if len(moved) != len(want) {
			t.Errorf("%d tables moved of %d", len(moved), len(want))
		}
		if s := to.verify(); s.Broken != 0 || s.Rows != 5 {
			t.Errorf("the audit log on the other side: %+v", s)
		}
		to.ok(to.Ping(c.ctx))
		if _, err := at.Move(c.ctx, to.Store); fault.As(err) == nil || fault.As(err).Key != "move.not_empty" {
			t.Error("moved into what is not empty:", err)
		}
		at = to
	}
	at.logged(1)
	if s := at.verify(); s.Broken != 0 || s.Rows != 6 {
		t.Errorf("it takes no rows: %+v", s)
	}
}

// Whatever goes wrong in the middle, the target stays empty, and the next try succeeds.
func TestMoveIsAllOrNothing(t *testing.T) {
	for _, postgres := range []bool{false, true} {
		t.Run(fmt.Sprint("postgres=", postgres), func(t *testing.T) {
			c := filled(t)
			to := c.target(postgres)
			to.ok(to.exec("ALTER TABLE slots RENAME COLUMN critical TO x"))
			if _, err := c.Move(c.ctx, to.Store); err == nil {
				t.Error("moved into other tables")
			}
			to.ok(to.exec("ALTER TABLE slots RENAME COLUMN x TO critical"))
			to.ok(to.exec("CREATE UNIQUE INDEX trap ON slots (sitting_id)")) // the second row is refused
			if _, err := c.Move(c.ctx, to.Store); err == nil {
				t.Error("moved past a constraint")
			}
			for _, table := range to.digests() {
				if table.Rows != 0 {
					t.Errorf("%s: %d rows are left", table.Name, table.Rows)
				}
			}
			to.ok(to.exec("DROP INDEX trap"))
			_, err := c.Move(c.ctx, to.Store)
			c.ok(err)
			if d := cmp.Diff(c.digests(), to.digests()); d != "" {
				t.Error(d)
			}
		})
	}
}

// Rows that the target changes as they are written are found when they are read back.
func TestMoveReadsBack(t *testing.T) {
	onlySQLite(t)
	c := filled(t)
	to := c.target(false)
	to.ok(to.exec("CREATE TRIGGER meddles AFTER INSERT ON people BEGIN UPDATE people SET email = 'x' WHERE id = new.id AND number = '0001'; END"))
	_, err := c.Move(c.ctx, to.Store)
	c.fails(err, fault.Conflict, "move.differs")
	if p := fault.As(err).Problems; len(p) != 1 || p[0].Path != "people" || p[0].Key != "backup.hash_differs" {
		t.Errorf("%v", err)
	}
	if n := to.count("people"); n != 0 {
		t.Errorf("%d people are left", n)
	}
}

func TestMoveWantsTheSchema(t *testing.T) {
	c := filled(t)
	s, err := Open(c.ctx, Config{Path: filepath.Join(t.TempDir(), "x.db"), Now: c.clock.now, Rand: zeros{}})
	c.ok(err)
	defer s.Close()
	_, err = c.Move(c.ctx, s)
	c.fails(err, fault.Conflict, "store.old_schema")
}

// What PostgreSQL backs up by row is the same file that sqlite would.
func TestBackupOfPostgres(t *testing.T) {
	c := filled(t)
	to := c.target(true)
	_, err := c.Move(c.ctx, to.Store)
	c.ok(err)
	file, m := to.backup()
	if d := cmp.Diff(c.digests(), m.Tables); d != "" {
		t.Error(d)
	}
	path := filepath.Join(t.TempDir(), "leida.db")
	_, err = Restore(c.ctx, file, path, noon)
	c.ok(err)
	back := to.reopen(path)
	if p, err := back.Person(c.ctx, c.ann.ID); err != nil || p.Number != "0001" {
		t.Error(p, err)
	}
	back.person("77", "新人", org.Grant{Access: org.Agent})
}

// BenchmarkMove copies evidence as it lies in a large centre, and tells rows and megabytes a second.
func BenchmarkMove(b *testing.B) {
	c := newCentre(b)
	c.ok(c.exec(`INSERT INTO evidence (id, person_id, sub, item_id, item_version, item_hash, y, n, source, performance, observed_at, scenario, channel)
		WITH RECURSIVE i (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM i WHERE n < 100000)
		SELECT printf('%026d', n), ?, 'aic.1', printf('item-%04d', n % 500), 1, printf('%064d', n), n % 100 + 1.0 / 3, 1.5, 'quiz', n % 2, 1790000000000 + n, 'refund', 'chat' FROM i`, c.ann.ID))
	for _, postgres := range []bool{false, true} {
		b.Run(fmt.Sprint("postgres=", postgres), func(b *testing.B) {
			var rows, size int64
			for b.Loop() {
				b.StopTimer()
				to := c.target(postgres)
				b.StartTimer()
				moved, err := c.Move(c.ctx, to.Store)
				c.ok(err)
				for _, m := range moved {
					rows, size = rows+m.Rows, size+m.Bytes
				}
			}
			b.ReportMetric(float64(rows)/b.Elapsed().Seconds(), "rows/s")
			b.ReportMetric(float64(size)/1e6/b.Elapsed().Seconds(), "MB/s")
		})
	}
}

// BenchmarkBackup writes, reads back and names a backup of the same.
func BenchmarkBackup(b *testing.B) {
	c := newCentre(b)
	c.ok(c.exec(`INSERT INTO evidence (id, person_id, sub, item_id, item_version, item_hash, y, n, source, performance, observed_at, scenario, channel)
		WITH RECURSIVE i (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM i WHERE n < 100000)
		SELECT printf('%026d', n), ?, 'aic.1', printf('item-%04d', n % 500), 1, printf('%064d', n), n % 100 + 1.0 / 3, 1.5, 'quiz', n % 2, 1790000000000 + n, 'refund', 'chat' FROM i`, c.ann.ID))
	var rows int64
	for b.Loop() {
		_, m := c.backup()
		rows += m.Rows()
	}
	b.ReportMetric(float64(rows)/b.Elapsed().Seconds(), "rows/s")
}
