package store

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"leida/internal/fault"
	"leida/internal/store/pgtest"
)

// rewritten are tables whose old columns a migration changes on purpose, with the reason. All others must come through an upgrade as they were.
var rewritten = map[string]string{}

// dropped are columns that a migration takes away on purpose, with the reason.
var dropped = map[string]string{"sittings.seen_at": "follows from the places"}

// Every schema that was ever released, with a centre in it (testdata/schemas/N.sql, never changed), comes up to this program's by way of each schema between: nothing that was there changes.
// A sqlite database is kept aside as it was. One of PostgreSQL gets the same rows at the schema that they have.
func TestUpgradeFromEverySchema(t *testing.T) {
	for first, dump := range dumps(t) {
		for stop := first; stop < knownSchema; stop++ {
			t.Run(fmt.Sprintf("from %d by way of %d", first, stop), func(t *testing.T) { upgrade(t, dump, first, stop) })
		}
	}
}

// dumps are the files of old schemas by their number.
func dumps(t *testing.T) map[int64]string {
	t.Helper()
	files, err := filepath.Glob("testdata/schemas/*.sql")
	if err != nil || len(files) == 0 {
		t.Fatal("there are no old schemas", err)
	}
	out := map[int64]string{}
	for _, file := range files {
		n, err := strconv.ParseInt(strings.TrimSuffix(filepath.Base(file), ".sql"), 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		out[n] = file
	}
	return out
}

func upgrade(t *testing.T, dump string, first, stop int64) {
	w := &world{t: t, ctx: context.Background(), clock: &clock{t: noon}, path: filepath.Join(t.TempDir(), "leida.db")}
	load(t, dump, w.path)
	old, err := openFile(w.path, atRest)
	w.ok(err)
	before, err := sqliteDialect.shapes(w.ctx, old)
	w.ok(err)
	whole := w.sums(old, before)
	for _, t := range before {
		t.columns = slices.DeleteFunc(t.columns, func(column string) bool { return dropped[t.name+"."+column] != "" })
	}
	want := w.sums(old, before)
	w.ok(old.Close())

	c := w.nowhere()
	c.Alone = true
	w.open(c)
	if pgtest.Asked() {
		w.upTo(first)
		w.moveFrom(w.path)
	}
	if have, err := w.SchemaVersion(w.ctx); have != first || err != nil {
		t.Fatal("schema", have, err)
	}
	w.upTo(stop)
	if pgtest.Asked() {
		w.fails(w.Migrate(w.ctx), fault.Conflict, "store.not_backed_up")
		if have, err := w.SchemaVersion(w.ctx); have != stop || err != nil {
			t.Error("it was migrated to", have, err)
		}
	}
	w.ok(w.Upgrade(w.ctx, true))
	w.ok(w.Ping(w.ctx))

	pool, err := w.read.DB()
	w.ok(err)
	for i, got := range w.sums(pool, before) {
		if d := cmp.Diff(want[i], got); d != "" && rewritten[got.Name] == "" {
			t.Errorf("%s: %s", got.Name, d)
		}
	}
	if s := w.verify(); s.Broken != 0 || s.Rows == 0 {
		t.Errorf("the audit log: %+v", s)
	}
	_, m := w.backup()
	if m.Schema != knownSchema {
		t.Error("schema", m.Schema)
	}
	if !pgtest.Asked() {
		w.wayBack(stop, m, whole, stop == first)
	}
}

// upTo migrates as far as a schema.
func (w *world) upTo(schema int64) {
	w.t.Helper()
	p, err := w.migrator()
	w.ok(err)
	_, err = p.UpTo(w.ctx, schema)
	w.ok(err)
}

// moveFrom copies everything out of a file that has the same schema, whichever that is.
func (w *world) moveFrom(path string) {
	w.t.Helper()
	from, err := openFile(path, atRest)
	w.ok(err)
	source, err := from.BeginTx(w.ctx, nil)
	w.ok(err)
	w.ok(w.whole(w.ctx, func(to sink) error {
		_, err := moveAll(w.ctx, source, sqliteDialect, to)
		return err
	}))
	w.ok(errors.Join(source.Rollback(), from.Close()))
}

// wayBack looks at what an upgrade kept aside, and restores it: m describes the upgraded database, whole the tables of the old one where untouched says that nothing came between.
func (w *world) wayBack(stop int64, m Manifest, whole []Table, untouched bool) {
	t := w.t
	t.Helper()
	list, err := Backups(w.ctx, filepath.Join(filepath.Dir(w.path), BackupFolder))
	w.ok(err)
	if len(list) != 1 || !strings.HasPrefix(list[0].Name, fmt.Sprintf("before-schema-%d-", knownSchema)) || list[0].Manifest.Schema != stop {
		t.Fatalf("the database is not kept as it was: %+v", list)
	}
	kept := filepath.Join(filepath.Dir(w.path), BackupFolder, list[0].Name)
	was, err := VerifyBackup(w.ctx, kept)
	w.ok(err)
	if d := cmp.Diff(whole, was.Tables); untouched && d != "" {
		t.Errorf("what is kept is not what was there: %s", d)
	}
	w.ok(w.Migrate(w.ctx)) // nothing more to do, and nothing more to keep
	if list, _ := Backups(w.ctx, filepath.Dir(kept)); len(list) != 1 {
		t.Error("another backup was made")
	}
	w.ok(w.Close())
	_, err = Restore(w.ctx, kept, w.path, noon)
	w.ok(err)
	again, err := describe(w.ctx, w.path)
	w.ok(err)
	if d := cmp.Diff(m.Audit, again.Audit); d != "" || again.Schema != stop {
		t.Error(again.Schema, d)
	}
}

// Whoever adds a schema adds a dump of the one before, with rows in every table of it. A dump has the schema that the migrations of its number make: those never change.
func TestDumps(t *testing.T) {
	onlySQLite(t)
	all := dumps(t)
	newest := slices.Max(slices.Collect(maps.Keys(all)))
	if newest < knownSchema-1 {
		t.Errorf("there is no dump of schema %d: set the migrations after it aside, run LEIDA_TEST_DUMP=1 go test ./internal/store -run TestDumpIsWhole, and put them back", knownSchema-1)
	}
	for n, dump := range all {
		w := &world{t: t, ctx: context.Background(), clock: &clock{t: noon}, path: filepath.Join(t.TempDir(), "leida.db")}
		load(t, dump, w.path)
		made := &world{t: t, ctx: w.ctx, clock: w.clock, path: filepath.Join(t.TempDir(), "leida.db")}
		made.open(made.nowhere())
		made.upTo(n)
		pool, err := made.read.DB()
		w.ok(err)
		loaded, err := openFile(w.path, atRest)
		w.ok(err)
		if d := cmp.Diff(w.statements(pool), w.statements(loaded)); d != "" {
			t.Errorf("%s has not the schema of its number: %s", dump, d)
		}
		tables, err := sqliteDialect.digests(w.ctx, loaded)
		w.ok(err)
		for _, table := range tables {
			if table.Rows == 0 && n > 1 { // the first is a demonstration centre's
				t.Errorf("%s: nothing is in %s", dump, table.Name)
			}
		}
		w.ok(loaded.Close())
	}
}

// A dump of a centre with rows in every table makes the same database again. With LEIDA_TEST_DUMP it is kept as that of this schema.
func TestDumpIsWhole(t *testing.T) {
	onlySQLite(t)
	c := filled(t)
	pool, err := c.read.DB()
	c.ok(err)
	dump := filepath.Join(t.TempDir(), "x.sql")
	if os.Getenv("LEIDA_TEST_DUMP") != "" {
		dump = fmt.Sprintf("testdata/schemas/%d.sql", knownSchema)
	}
	c.ok(os.WriteFile(dump, c.dump(pool), 0o644))
	path := filepath.Join(t.TempDir(), "leida.db")
	load(t, dump, path)
	if d := cmp.Diff(c.digests(), c.reopen(path).digests()); d != "" {
		t.Error(d)
	}
}

// dump is a sqlite database as statements: each table with its rows, then what is made on the tables.
func (w *world) dump(db querier) []byte {
	w.t.Helper()
	ask := func(query string) (out []string) {
		w.ok(eachRow(w.ctx, db, query, 1, func(row []any) error {
			out = append(out, row[0].(string))
			return nil
		}))
		return out
	}
	all := []string{"BEGIN TRANSACTION"}
	for _, table := range ask("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite!_%' ESCAPE '!' ORDER BY name") {
		all = append(all, ask("SELECT sql FROM sqlite_schema WHERE type = 'table' AND name = '"+table+"'")...)
		values := ask(`SELECT 'quote("' || name || '")' FROM pragma_table_info('` + table + `') ORDER BY cid`)
		all = append(all, ask(`SELECT 'INSERT INTO "`+table+`" VALUES(' || `+strings.Join(values, " || ',' || ")+` || ')' FROM "`+table+`"`)...)
	}
	all = append(all, ask("SELECT sql FROM sqlite_schema WHERE type <> 'table' AND sql IS NOT NULL ORDER BY type, rowid")...)
	return []byte(strings.Join(append(all, "COMMIT"), ";\n") + ";\n")
}

// statements are those that a sqlite database was made by, by the names of what they made.
func (w *world) statements(db querier) map[string]string {
	w.t.Helper()
	out := map[string]string{}
	w.ok(each(w.ctx, db, "SELECT type || ' ' || name, sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite!_%' ESCAPE '!'", func(rows *sql.Rows) error {
		var name, statement string
		err := rows.Scan(&name, &statement)
		out[name] = statement
		return err
	}))
	return out
}

// sums are the digests of tables in the columns that they once had.
func (w *world) sums(db querier, shapes []*shape) []Table {
	w.t.Helper()
	out := make([]Table, len(shapes))
	for i, t := range shapes {
		var err error
		out[i], err = t.digest(w.ctx, db)
		w.ok(err)
	}
	return out
}

// load makes a database of a dump.
func load(t testing.TB, dump, path string) {
	t.Helper()
	raw, err := os.ReadFile(dump)
	if err != nil {
		t.Fatal(err)
	}
	if err := makePrivate(path); err != nil {
		t.Fatal(err)
	}
	err = editFile(path, func(db *sql.DB) error {
		_, err := db.Exec(string(raw))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// A PostgreSQL database with nobody in it is brought up at once, wherever it stopped: there is nothing to keep. Servers that start together each find it somewhere on the way.
func TestEmptyPostgresIsMigratedAtOnce(t *testing.T) {
	for stop := range knownSchema {
		w := &world{t: t, ctx: context.Background(), clock: &clock{t: noon}}
		w.open(Config{URL: pgtest.Database(t, ""), Now: w.clock.now, Rand: rand.Reader})
		if stop > 0 {
			w.upTo(stop)
		}
		w.ok(w.Migrate(w.ctx))
		w.ok(w.Ping(w.ctx))
	}
}

// A database that cannot be backed up is not changed.
func TestNoMigrationWithoutABackup(t *testing.T) {
	onlySQLite(t)
	path := filepath.Join(t.TempDir(), "leida.db")
	load(t, "testdata/schemas/1.sql", path)
	if err := os.WriteFile(filepath.Join(filepath.Dir(path), BackupFolder), nil, 0o600); err != nil {
		t.Fatal(err) // no folder can be made there
	}
	w := &world{t: t, ctx: context.Background(), clock: &clock{t: noon}, path: path}
	w.open(Config{Path: path, Now: w.clock.now, Rand: rand.Reader})
	if err := w.Migrate(w.ctx); err == nil {
		t.Error("it was migrated")
	}
	if have, err := w.SchemaVersion(w.ctx); have != 1 || err != nil {
		t.Error(have, err)
	}
}
