package store

import (
	"context"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"gorm.io/driver/sqlite"
	"gorm.io/gorm"

	"leida/internal/fault"
)

// Manifest is what a backup says of itself. It stands in a table of its own inside the file, so that the two are never parted.
type Manifest struct {
	Release string    `json:"release"` // of the program that made it
	At      time.Time `json:"at"`
	Schema  int64     `json:"schema"`
	Layout  string    `json:"layout"` // SHA-256 of how tables, indexes, views and triggers are defined, hexadecimal
	Tables  []Table   `json:"tables"`
	Audit   AuditHead `json:"audit"`
}

// AuditHead is the newest row of the audit log. Kept elsewhere, it shows rows cut off the end.
type AuditHead struct {
	Rows   int64  `json:"rows"`
	Hash   string `json:"hash"`             // hexadecimal; empty for an empty log
	Broken int64  `json:"broken,omitempty"` // number of the first row that is not as it was written; the head is then that of the row before
}

// Rows is how many rows there are in all tables.
func (m Manifest) Rows() int64 {
	var n int64
	for _, t := range m.Tables {
		n += t.Rows
	}
	return n
}

const manifestTable = "leida_backup"

// partial is what a file is called until it is whole.
const partial = ".part"

// Backup writes the database as it is at one moment to a new file, reads that file back whole and only then gives it its name. Readers and writers go on meanwhile.
// A file of that name is never overwritten. From PostgreSQL it is written row by row; what comes of it is a sqlite database all the same. An audit log that was tampered with is copied as it is, and the manifest says so.
func (s *Store) Backup(ctx context.Context, file string) (Manifest, error) {
	if _, err := os.Lstat(file); err == nil {
		return Manifest{}, errExists(file)
	}
	part, m, err := s.backupPart(ctx, file)
	if err == nil {
		err = giveName(part, file)
	}
	return m, cleared(part, err)
}

// BackupIn makes a backup in a folder, which is made if absent, under the name of its time; where another backup has that, of the next second that is free.
func (s *Store) BackupIn(ctx context.Context, dir string) (file string, m Manifest, err error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", m, err
	}
	at := s.now()
	file = filepath.Join(dir, BackupName(at))
	part, m, err := s.backupPart(ctx, file)
	for err == nil {
		if err = giveName(part, file); !fault.Is(err, fault.Conflict) {
			break
		}
		at, err = at.Add(time.Second), nil
		file = filepath.Join(dir, BackupName(at))
	}
	return file, m, cleared(part, err)
}

func errExists(file string) error { return fault.New(fault.Conflict, "backup.exists", "file", file) }

// giveName names a file that is whole. A second link takes no name that is there; where the file system knows no links it is looked for before.
func giveName(part, file string) error {
	err := os.Link(part, file)
	if err == nil {
		err = os.Remove(part)
	} else if _, taken := os.Lstat(file); taken == nil {
		err = errExists(file)
	} else {
		err = os.Rename(part, file)
	}
	if err != nil {
		return err
	}
	return syncDir(filepath.Dir(file))
}

// cleared takes away what is left of a backup that failed.
func cleared(part string, err error) error {
	if err == nil || part == "" {
		return translate("backup", err)
	}
	return translate("backup", errors.Join(err, removeDatabase(part)))
}

// backupPart writes a backup beside the name that it is to have, as a file of nobody else's, and reads it back.
func (s *Store) backupPart(ctx context.Context, file string) (part string, m Manifest, err error) {
	f, err := os.CreateTemp(filepath.Dir(file), filepath.Base(file)+".*"+partial)
	if err != nil {
		return "", m, err
	}
	if err := f.Close(); err != nil {
		return f.Name(), m, err
	}
	m, err = s.backupTo(ctx, f.Name())
	return f.Name(), m, err
}

func (s *Store) backupTo(ctx context.Context, part string) (Manifest, error) {
	copyInto := s.vacuumInto
	if s.path == "" {
		copyInto = s.moveInto
	}
	if err := copyInto(ctx, part); err != nil {
		return Manifest{}, err
	}
	if err := writeManifest(ctx, part, s.release, s.now()); err != nil {
		return Manifest{}, err
	}
	if err := syncFile(part); err != nil {
		return Manifest{}, err
	}
	m, err := VerifyBackup(ctx, part)
	return m, exceptAudit(err)
}

// exceptAudit lets a copy pass that is true to a log broken before: it is still the best there is, and its manifest says so.
func exceptAudit(err error) error {
	if f := fault.As(err); f != nil && f.Key == "backup.audit_broken" {
		return nil
	}
	return err
}

// How a file is opened: as a database that others have open as well, as one that nobody may change any more, and as one that nobody else knows of yet.
const (
	besideOthers = "?mode=ro&_busy_timeout=5000"
	atRest       = "?mode=ro&immutable=1"
	unfinished   = "?mode=rw&_journal_mode=MEMORY&_synchronous=FULL" // a journal left by a killed process would be played into the next file of the name
)

func openFile(path, how string) (*sql.DB, error) {
	pool, err := sql.Open(careful, "file:"+(&url.URL{Path: path}).EscapedPath()+how)
	if err != nil {
		return nil, err
	}
	pool.SetMaxOpenConns(1)
	return pool, nil
}

// vacuumInto copies what is committed now, without the empty pages, in one read transaction.
func (s *Store) vacuumInto(ctx context.Context, file string) error {
	db, err := openFile(s.path, besideOthers)
	if err != nil {
		return err
	}
	_, err = db.ExecContext(ctx, "VACUUM INTO ?", file)
	return errors.Join(err, db.Close())
}

// moveInto writes everything to a database made for it, in a folder of its own for what sqlite puts beside.
func (s *Store) moveInto(ctx context.Context, file string) (err error) {
	dir, err := os.MkdirTemp(filepath.Dir(file), ".leida-backup-*")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	made := filepath.Join(dir, "leida.db")
	to, err := Open(ctx, Config{Path: made, Now: s.now, Rand: noRand{}, Log: s.log, Disk: s.disk})
	if err != nil {
		return err
	}
	err = to.Migrate(ctx)
	if err == nil {
		_, err = s.Move(ctx, to)
	}
	if err = errors.Join(err, to.Close()); err != nil {
		return err
	}
	return os.Rename(made, file)
}

// writeManifest describes the file in itself.
func writeManifest(ctx context.Context, file, release string, at time.Time) error {
	m, err := describe(ctx, file)
	if err != nil {
		return err
	}
	m.Release, m.At = release, stamp(at).Time
	body, err := json.Marshal(m)
	if err != nil {
		return err
	}
	return editFile(file, func(db *sql.DB) error {
		_, err := db.ExecContext(ctx, "CREATE TABLE "+manifestTable+" (body TEXT NOT NULL) STRICT; INSERT INTO "+manifestTable+" VALUES (?)", string(body))
		return err
	})
}

func dropManifest(ctx context.Context, file string) error {
	return editFile(file, func(db *sql.DB) error {
		_, err := db.ExecContext(ctx, "DROP TABLE IF EXISTS "+manifestTable)
		return err
	})
}

func editFile(file string, do func(*sql.DB) error) error {
	db, err := openFile(file, unfinished)
	if err != nil {
		return err
	}
	return errors.Join(do(db), db.Close())
}

// describe reads a database file's content: schema, tables, the audit log.
func describe(ctx context.Context, file string) (Manifest, error) {
	db, err := openFile(file, atRest)
	if err != nil {
		return Manifest{}, err
	}
	m, err := describeDB(ctx, db)
	return m, errors.Join(err, db.Close())
}

func describeDB(ctx context.Context, db *sql.DB) (Manifest, error) {
	s := newStore(Config{})
	var m Manifest
	var err error
	if s.read, err = gorm.Open(sqlite.New(sqlite.Config{Conn: db}), &gorm.Config{Logger: quiet{s.log}, SkipDefaultTransaction: true}); err != nil {
		return m, err
	}
	if m.Schema, err = s.SchemaVersion(ctx); err != nil {
		return m, err
	}
	if m.Layout, err = layout(ctx, db); err != nil {
		return m, err
	}
	if m.Tables, err = sqliteDialect.digests(ctx, db); err != nil {
		return m, err
	}
	m.Audit, err = s.AuditHead(ctx)
	return m, err
}

// layout sums up the definitions of a sqlite file: a trigger that somebody put in, or an index that went missing, is as bad as a changed row.
func layout(ctx context.Context, db querier) (string, error) {
	t := &shape{name: "sqlite_schema", columns: []string{"name", "sql", "tbl_name", "type"}}
	sum := newRowHash(t)
	err := eachRow(ctx, db, "SELECT name, sql, tbl_name, type FROM sqlite_schema WHERE name <> '"+manifestTable+"' AND name NOT LIKE 'sqlite!_%' ESCAPE '!' ORDER BY type, name", len(t.columns), sum.add)
	return sum.table().Hash, err
}

// AuditHead goes through the audit log and says where it ends.
func (s *Store) AuditHead(ctx context.Context) (AuditHead, error) {
	a, err := s.VerifyAudit(ctx)
	return AuditHead{Rows: a.Rows, Hash: hex.EncodeToString(a.Head), Broken: a.Broken}, err
}

// ReadManifest is what a backup says of itself, unchecked.
func ReadManifest(ctx context.Context, file string) (Manifest, error) {
	if _, err := os.Stat(file); err != nil {
		return Manifest{}, err
	}
	db, err := openFile(file, atRest)
	if err != nil {
		return Manifest{}, err
	}
	var body string
	err = errors.Join(db.QueryRowContext(ctx, "SELECT body FROM "+manifestTable).Scan(&body), db.Close())
	var m Manifest
	if err == nil {
		err = json.Unmarshal([]byte(body), &m)
	}
	if err != nil {
		return Manifest{}, fault.New(fault.Invalid, "backup.not_one", "file", file).Because(err)
	}
	return m, nil
}

// VerifyBackup reads a backup whole: its structure, its references, its audit log, and every row against the manifest. Each difference is a problem at its table.
// A log that was broken already when the backup was made is the fault backup.audit_broken; all else was then as it should be.
func VerifyBackup(ctx context.Context, file string) (Manifest, error) {
	want, err := ReadManifest(ctx, file)
	if err != nil {
		return Manifest{}, err
	}
	problems, err := checkFile(ctx, file)
	if err != nil {
		return want, fault.New(fault.Invalid, "backup.unreadable", "file", file).Because(err)
	}
	if len(problems) == 0 { // rows of a damaged file cannot be told
		got, err := describe(ctx, file)
		if err != nil {
			return want, fault.New(fault.Invalid, "backup.unreadable", "file", file).Because(err)
		}
		problems = differences(want, got)
	}
	if len(problems) > 0 {
		f := fault.New(fault.Invalid, "backup.unsound", "file", file)
		f.Problems = problems
		return want, f
	}
	if want.Audit.Broken > 0 {
		return want, fault.New(fault.Conflict, "backup.audit_broken", "row", want.Audit.Broken)
	}
	return want, nil
}

// checkFile has sqlite look at the file's structure and the foreign keys.
func checkFile(ctx context.Context, file string) ([]fault.Problem, error) {
	db, err := openFile(file, atRest)
	if err != nil {
		return nil, err
	}
	var problems []fault.Problem
	err = each(ctx, db, "PRAGMA integrity_check", func(rows *sql.Rows) error {
		var said string
		err := rows.Scan(&said)
		if err == nil && said != "ok" {
			problems = append(problems, fault.At("", "backup.damaged", "detail", said))
		}
		return err
	})
	if err == nil {
		err = each(ctx, db, `SELECT "table", count(*), "parent" FROM pragma_foreign_key_check GROUP BY 1, 3`, func(rows *sql.Rows) error {
			var table, parent string
			var n int64
			err := rows.Scan(&table, &n, &parent)
			problems = append(problems, fault.At(table, "backup.reference", "n", n, "parent", parent))
			return err
		})
	}
	return problems, errors.Join(err, db.Close())
}

// differences are those between what a manifest says and what is there.
func differences(want, got Manifest) []fault.Problem {
	problems := Compare(want.Tables, got.Tables)
	if want.Schema != got.Schema {
		problems = append(problems, fault.At("", "backup.schema", "want", want.Schema, "have", got.Schema))
	}
	if want.Layout != got.Layout {
		problems = append(problems, fault.At("", "backup.layout_differs"))
	}
	if want.Audit != got.Audit {
		problems = append(problems, fault.At("audit", "backup.audit_differs", "want", want.Audit.Rows, "have", got.Audit.Rows))
	}
	return problems
}

// Compare names the tables whose rows are not the same.
func Compare(want, got []Table) []fault.Problem {
	have := map[string]Table{}
	for _, t := range got {
		have[t.Name] = t
	}
	var problems []fault.Problem
	for _, t := range want {
		h, ok := have[t.Name]
		delete(have, t.Name)
		switch {
		case !ok:
			problems = append(problems, fault.At(t.Name, "backup.table_missing"))
		case h.Rows != t.Rows:
			problems = append(problems, fault.At(t.Name, "backup.rows_differ", "want", t.Rows, "have", h.Rows))
		case h.Hash != t.Hash:
			problems = append(problems, fault.At(t.Name, "backup.hash_differs"))
		}
	}
	for _, t := range got {
		if _, left := have[t.Name]; left {
			problems = append(problems, fault.At(t.Name, "backup.table_extra"))
		}
	}
	return problems
}

// Restored is what a restore did.
type Restored struct {
	Manifest Manifest
	Aside    string // where the database that stood there before is now; empty where there was none
}

// Restore puts a backup in the place of a database that nobody has open. The copy is verified before anything is moved; the present database is kept aside under a dated name.
func Restore(ctx context.Context, backup, path string, now time.Time) (Restored, error) {
	lock, err := holdAll(path)
	if err != nil {
		return Restored{}, err
	}
	r, err := restore(ctx, backup, path, now)
	return r, translate("restore", errors.Join(err, removeDatabase(path+partial), lock.release()))
}

func restore(ctx context.Context, backup, path string, now time.Time) (r Restored, err error) {
	part := path + partial
	if err := copyFile(backup, part); err != nil {
		return r, err
	}
	if r.Manifest, err = VerifyBackup(ctx, part); exceptAudit(err) != nil {
		return r, err
	}
	if r.Manifest.Schema > knownSchema {
		return r, checkSchema(r.Manifest.Schema)
	}
	if err := dropManifest(ctx, part); err != nil {
		return r, err
	}
	if err := syncFile(part); err != nil {
		return r, err
	}
	if r.Aside, err = setAside(ctx, path, now); err != nil {
		return r, err
	}
	if err := os.Rename(part, path); err != nil {
		return r, err
	}
	return r, syncDir(filepath.Dir(path))
}

// setAside gives a database a second, dated name, and takes away what sqlite keeps beside the first. The file stays where it is until another is renamed over it, so that there is one at any moment.
// A write-ahead log is folded in before; where that fails, because the database is damaged, it goes along as it is.
func setAside(ctx context.Context, path string, now time.Time) (string, error) {
	if _, err := os.Lstat(path); errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	folded := foldLog(ctx, path)
	aside, err := linkAside(path, path+".before-"+now.UTC().Format(stampForm))
	if err != nil {
		return "", err
	}
	for _, beside := range []string{"-wal", "-shm"} {
		if err := os.Link(path+beside, aside+beside); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return "", errors.Join(err, folded)
		}
	}
	if err := syncDir(filepath.Dir(path)); err != nil {
		return "", err
	}
	return aside, errors.Join(removeIfThere(path+"-wal"), removeIfThere(path+"-shm")) // a log that is left would be played into the new file
}

// linkAside gives a file a second name that nothing has yet.
func linkAside(path, name string) (string, error) {
	aside := name
	err := os.Link(path, aside)
	for n := 2; errors.Is(err, fs.ErrExist) && n < 100; n++ {
		aside = fmt.Sprint(name, "-", n)
		err = os.Link(path, aside)
	}
	return aside, err
}

// foldLog writes the log's pages into the file and leaves the mode that needs one. A file that is no database any more is left alone: sqlite would throw its log away.
func foldLog(ctx context.Context, path string) error {
	if err := looksLikeDatabase(path); err != nil {
		return err
	}
	db, err := openFile(path, "?mode=rw&_busy_timeout=5000&_synchronous=FULL")
	if err != nil {
		return err
	}
	_, err = db.ExecContext(ctx, "PRAGMA journal_mode = DELETE")
	return errors.Join(err, db.Close())
}

// stampForm is a time in a file's name, in UTC.
const stampForm = "20060102T150405Z"

// BackupFolder is where backups go that nobody gave another place: a folder beside the database.
const BackupFolder = "backups"

// BackupFile is a backup in a folder.
type BackupFile struct {
	Name     string
	Size     int64     // bytes
	At       time.Time // by its name
	Manifest Manifest
	Err      error // why it is no backup, by the look of it
}

// BackupName is what a backup made now is called.
func BackupName(now time.Time) string { return "leida-" + now.UTC().Format(stampForm) + ".db" }

// backupTime is when a backup was made, by its name; ok is false for what is none of ours.
func backupTime(name string) (at time.Time, ok bool) {
	at, err := time.Parse("leida-"+stampForm+".db", name)
	return at, err == nil && BackupName(at) == name
}

// Backups are the backups of a folder, the oldest first: those made by name of their time and those before a migration. A folder that is not there has none.
func Backups(ctx context.Context, dir string) ([]BackupFile, error) {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	var out []BackupFile
	for _, e := range entries {
		info, err := e.Info()
		if err != nil || !info.Mode().IsRegular() || filepath.Ext(e.Name()) != ".db" {
			continue
		}
		b := BackupFile{Name: e.Name(), Size: info.Size()}
		b.Manifest, b.Err = ReadManifest(ctx, filepath.Join(dir, e.Name()))
		b.At = b.Manifest.At
		if at, ours := backupTime(e.Name()); ours {
			b.At = at
		}
		out = append(out, b)
	}
	slices.SortFunc(out, func(a, b BackupFile) int { return a.At.Compare(b.At) })
	return out, err
}

// Newest is when the newest of a folder's scheduled backups was made; zero where there is none.
func Newest(dir string) (time.Time, error) {
	ours, err := scheduled(dir)
	if len(ours) == 0 {
		return time.Time{}, err
	}
	at, _ := backupTime(ours[len(ours)-1])
	return at, err
}

// scheduled are the names in a folder that are ours, the oldest first: the names sort by time.
func scheduled(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	var ours []string
	for _, e := range entries {
		if _, ok := backupTime(e.Name()); ok && e.Type().IsRegular() {
			ours = append(ours, e.Name())
		}
	}
	return ours, err
}

// Prune removes the oldest of a folder's scheduled backups beyond keep (at least one), and what others left that were cut short a day or more before the newest.
// Files of any other name are not ours.
// Call it only after a backup that went well, so that the newest is a good one.
func Prune(dir string, keep int) (removed []string, err error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	ours, err := scheduled(dir)
	if err != nil {
		return nil, err
	}
	old := ours[:max(0, len(ours)-max(1, keep))]
	left, err := leftovers(dir)
	if err != nil {
		return nil, err
	}
	for _, name := range append(slices.Clone(old), left...) {
		if err := root.Remove(name); err != nil {
			return removed, err
		}
		removed = append(removed, name)
	}
	return removed, nil
}

// leftovers are the parts of scheduled backups that were cut short, of a day or more before the newest whole one: later ones may still be under way.
func leftovers(dir string) ([]string, error) {
	newest, err := Newest(dir)
	if err != nil {
		return nil, err
	}
	entries, err := os.ReadDir(dir)
	var left []string
	for _, e := range entries {
		name, _, _ := strings.Cut(e.Name(), ".db.")
		part := strings.HasSuffix(strings.TrimSuffix(e.Name(), "-journal"), partial)
		at, ours := backupTime(name + ".db")
		if part && ours && e.Type().IsRegular() && !at.After(newest.AddDate(0, 0, -1)) {
			left = append(left, e.Name())
		}
	}
	return left, err
}

// backupBeforeMigration keeps the database as it was with its older schema.
func (s *Store) backupBeforeMigration(ctx context.Context, have int64) error {
	dir := filepath.Join(filepath.Dir(s.path), BackupFolder)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	file := filepath.Join(dir, fmt.Sprintf("before-schema-%d-%s.db", knownSchema, s.now().UTC().Format(stampForm)))
	m, err := s.Backup(ctx, file)
	if err != nil {
		return fmt.Errorf("backup before the migration from schema %d: %w", have, err)
	}
	s.log.Info("backup before the migration", "file", file, "schema", have, "rows", m.Rows())
	return nil
}
