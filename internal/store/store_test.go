package store

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
	"gorm.io/gorm"

	"leida/internal/assessment"
	"leida/internal/exam"
	"leida/internal/fault"
	"leida/internal/item"
	"leida/internal/org"
	"leida/internal/profile"
	"leida/internal/store/pgtest"
	"leida/internal/text"
)

func TestMain(m *testing.M) {
	code := pgtest.Main(m)
	if code == 0 {
		if err := goleak.Find(); err != nil {
			fmt.Println(err)
			code = 1
		}
	}
	os.Exit(code)
}

var noon = time.Date(2026, 11, 2, 12, 0, 0, 0, time.UTC)

// clock is a time that a test sets.
type clock struct {
	mu sync.Mutex
	t  time.Time
}

func (c *clock) now() time.Time { c.mu.Lock(); defer c.mu.Unlock(); return c.t }

func (c *clock) set(t time.Time) { c.mu.Lock(); defer c.mu.Unlock(); c.t = t }

// world is a store on a file of its own with a few people in it.
type world struct {
	*Store
	t     testing.TB
	ctx   context.Context
	clock *clock
	path  string
}

func empty(t testing.TB) *world {
	t.Helper()
	w := &world{t: t, ctx: context.Background(), clock: &clock{t: noon}, path: filepath.Join(t.TempDir(), "leida 测试#1?.db")}
	if pgtest.Asked() {
		pgtest.Template(t, "migrated", func(url string) error {
			s, err := Open(w.ctx, Config{URL: url, Now: w.clock.now, Rand: rand.Reader})
			if err != nil {
				return err
			}
			return errors.Join(s.Migrate(w.ctx), s.Close())
		})
		w.open(Config{URL: pgtest.Database(t, "migrated"), Now: w.clock.now, Rand: rand.Reader})
		return w
	}
	w.open(w.nowhere())
	w.ok(w.Migrate(w.ctx))
	return w
}

// nowhere is where an empty database is: a file that is not there yet, or a new database of the cluster.
func (w *world) nowhere() Config {
	c := Config{Now: w.clock.now, Rand: rand.Reader}
	if pgtest.Asked() {
		c.URL = pgtest.Database(w.t, "")
	} else {
		c.Path = w.path
	}
	return c
}

func (w *world) open(c Config) {
	w.t.Helper()
	s, err := Open(w.ctx, c)
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { w.ok(s.Close()) })
	w.Store = s
}

// unseal takes off what keeps a table from being changed, as somebody with the database's password could.
func (w *world) unseal(table string) {
	w.t.Helper()
	for _, event := range []string{"update", "delete"} {
		drop := "DROP TRIGGER " + table + "_no_" + event
		if pgtest.Asked() {
			drop += " ON " + table
		}
		w.ok(w.exec(drop))
	}
}

// onlySQLite skips what is about sqlite's own ways.
func onlySQLite(t testing.TB) {
	t.Helper()
	if pgtest.Asked() {
		t.Skip("about sqlite alone")
	}
}

// queue is sqlite's one writer.
func (w *world) queue() *writer { onlySQLite(w.t); return w.engine.(*writer) }

// behind is the pool that writes.
func (w *world) behind() *gorm.DB {
	if p, ok := w.engine.(*postgresPool); ok {
		return p.db
	}
	return w.engine.(*writer).db
}

func (w *world) ok(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) fails(err error, kind fault.Kind, key string) {
	w.t.Helper()
	f := fault.As(err)
	if f == nil || f.Kind != kind || f.Key != key {
		w.t.Fatalf("got %v, want %s %s", err, kind, key)
	}
	if !text.Has(key) {
		w.t.Errorf("no message %s", key)
	}
}

func (w *world) missing(err error) { w.t.Helper(); w.fails(err, fault.NotFound, "store.not_found") }

// exec writes to the database behind the store's back.
func (w *world) exec(sql string, args ...any) error {
	return w.tx(w.ctx, "test", func(tx *gorm.DB) error { return tx.Exec(sql, args...).Error })
}

func (w *world) count(table string) int64 {
	w.t.Helper()
	var n int64
	w.ok(w.reader(w.ctx).Table(table).Count(&n).Error)
	return n
}

func (w *world) person(number, name string, grants ...org.Grant) org.Person {
	w.t.Helper()
	p, err := w.CreatePerson(w.ctx, org.Person{Number: number, Name: name, JobProfile: "aic", ActiveFrom: noon.AddDate(-1, 0, 0)}, "hash of "+number, grants)
	w.ok(err)
	return p
}

func (w *world) team(parent, code string) org.Team {
	w.t.Helper()
	team, err := w.CreateTeam(w.ctx, org.Team{Parent: parent, Code: code, Name: code})
	w.ok(err)
	return team
}

func (w *world) agent(number string, team org.Team) org.Person {
	w.t.Helper()
	p := w.person(number, "坐席 "+number, org.Grant{Access: org.Agent})
	w.ok(w.MoveMember(w.ctx, p.ID, team.ID, noon.AddDate(0, -2, 0)))
	return p
}

func (w *world) viewer(p org.Person) org.Viewer {
	w.t.Helper()
	v, err := w.Viewer(w.ctx, p.ID, "session of "+p.Number)
	w.ok(err)
	return v
}

// centre is two sites with a team each, an agent and a manager in each team, a trainer and an admin.
type centre struct {
	*world
	root, east, west, eastOne, westOne org.Team
	ann, bob                           org.Person // agents, east and west
	eve, wes, trainer, admin           org.Person // managers of the sites
}

func newCentre(t testing.TB) *centre {
	t.Helper()
	return people(&centre{world: empty(t)})
}

// people fills an empty centre.
func people(c *centre) *centre {
	c.root = c.team("", "centre")
	c.east, c.west = c.team(c.root.ID, "east"), c.team(c.root.ID, "west")
	c.eastOne, c.westOne = c.team(c.east.ID, "east-1"), c.team(c.west.ID, "west-1")
	c.ann, c.bob = c.agent("0001", c.eastOne), c.agent("0002", c.westOne)
	c.eve = c.person("0003", "Eve", org.Grant{Access: org.Manager, Team: c.east.ID})
	c.wes = c.person("0004", "Wes", org.Grant{Access: org.Manager, Team: c.west.ID})
	c.trainer = c.person("0005", "Tina", org.Grant{Access: org.Trainer})
	c.admin = c.person("0006", "Ada", org.Grant{Access: org.Admin})
	return c
}

// assign gives an assessment to teams, open from an hour ago for a day.
func (c *centre) assign(form string, teams ...org.Team) exam.Assignment {
	c.t.Helper()
	a := exam.Assignment{Assessment: form, By: c.trainer.ID, Opens: noon.Add(-time.Hour), Closes: noon.Add(23 * time.Hour)}
	for _, team := range teams {
		a.Teams = append(a.Teams, team.ID)
	}
	return c.make(a)
}

func (c *centre) make(a exam.Assignment) exam.Assignment {
	c.t.Helper()
	a, err := c.CreateAssignment(c.ctx, a)
	c.ok(err)
	return a
}

// paper makes a sitting of n places whose definitions nobody reads.
func (c *centre) paper(v org.Viewer, n int) func(exam.Assignment, float64, []string) (*exam.Sitting, []assessment.Source, error) {
	return func(as exam.Assignment, factor float64, _ []string) (*exam.Sitting, []assessment.Source, error) {
		s := &exam.Sitting{
			ID: c.NewID(), Person: v.Person.ID, Assignment: as.ID, Assessment: as.Assessment, AssessmentHash: "form " + as.Assessment,
			Title: text.Text{ZH: "测评", EN: "Form"}, Cycle: as.Cycle, Seed: 1 << 63, TimeFactor: factor, State: exam.Live,
			StartedAt: c.clock.now(), Deadline: c.clock.now().Add(time.Hour), Holder: v.Session, SeenAt: c.clock.now(), Counts: true,
		}
		src := []assessment.Source{{Hash: s.AssessmentHash, ID: as.Assessment, Version: 1, Schema: assessment.Schema, Text: []byte("id: x\n")}}
		for i := range n {
			id := fmt.Sprintf("item-%d", i)
			s.Slots = append(s.Slots, exam.Slot{Weight: 1, ItemID: id, ItemHash: "hash " + id})
			src = append(src, assessment.Source{Hash: "hash " + id, ID: id, Version: 1, Schema: item.Schema, Text: []byte("id: " + id + "\n")})
		}
		return s, src, nil
	}
}

func (c *centre) sit(p org.Person, a exam.Assignment) *exam.Sitting {
	c.t.Helper()
	v := c.viewer(p)
	s, err := c.StartSitting(c.ctx, v, a.ID, c.paper(v, 3))
	c.ok(err)
	return s
}

// finish submits a sitting with a record for each place.
func finish(at time.Time) func(*exam.Sitting) ([]profile.Evidence, error) {
	return func(s *exam.Sitting) ([]profile.Evidence, error) {
		if s.State == exam.Submitted {
			return nil, nil
		}
		s.State, s.SubmittedAt, s.Score = exam.Submitted, at, 75
		var out []profile.Evidence
		for i, slot := range s.Slots {
			s.Slots[i].Score, s.Slots[i].Critical = .75, []string{"a", "b"}
			out = append(out, profile.Evidence{
				ID: fmt.Sprintf("%s-%d", s.ID, i), Person: s.Person, Sub: "aic.1", ItemID: slot.ItemID, ItemVersion: 1, ItemHash: slot.ItemHash, SittingID: s.ID,
				Cycle: s.Cycle, Y: 75, N: 1, Source: profile.Quiz, Performance: true, At: at, Scenario: "refund", Channel: "chat",
			})
		}
		return out, nil
	}
}

func TestSettings(t *testing.T) {
	onlySQLite(t)
	w := empty(t)
	v, err := w.Engine(w.ctx)
	w.ok(err)
	var major, minor, patch int
	if _, err := fmt.Sscanf(v, "sqlite %d.%d.%d", &major, &minor, &patch); err != nil {
		t.Fatal(err)
	}
	if major*1_000_000+minor*1000+patch < 3_051_003 {
		t.Errorf("sqlite %s has the WAL-reset race; 3.51.3 is the first without", v)
	}
	for name, db := range map[string]*gorm.DB{"writer": w.queue().db, "reader": w.read} {
		for pragma, want := range map[string]string{"journal_mode": "wal", "synchronous": "2", "foreign_keys": "1", "busy_timeout": "5000"} {
			var got string
			w.ok(db.Raw("PRAGMA " + pragma).Scan(&got).Error)
			if got != want {
				t.Errorf("%s: %s = %s, want %s", name, pragma, got, want)
			}
		}
	}
	if err := w.read.Exec("DELETE FROM people").Error; err == nil {
		t.Error("the read pool writes")
	}
	pool, err := w.queue().db.DB()
	w.ok(err)
	if n := pool.Stats().MaxOpenConnections; n != 1 {
		t.Errorf("%d writer connections", n)
	}
	info, err := os.Stat(w.path)
	w.ok(err)
	if info.Mode().Perm() != 0o600 {
		t.Errorf("the file has mode %v", info.Mode())
	}
}

func TestMigrateFromEmpty(t *testing.T) {
	w := &world{t: t, ctx: context.Background(), clock: &clock{t: noon}, path: filepath.Join(t.TempDir(), "x.db")}
	ctx, c := w.ctx, w.nowhere()
	s, err := Open(ctx, c)
	if err != nil {
		t.Fatal(err)
	}
	w.Store = s
	if v, err := s.SchemaVersion(ctx); v != 0 || err != nil {
		t.Fatal(v, err)
	}
	if f := fault.As(s.Ping(ctx)); f == nil || f.Key != "store.old_schema" {
		t.Fatal("an empty database is not ready", f)
	}
	for range 2 {
		if err := s.Migrate(ctx); err != nil {
			t.Fatal(err)
		}
	}
	if v, err := s.SchemaVersion(ctx); v != knownSchema || v < 1 || err != nil {
		t.Fatal(v, err)
	}
	if err := s.Ping(ctx); err != nil {
		t.Fatal(err)
	}
	if err := w.behind().Exec("INSERT INTO goose_db_version (version_id, is_applied) VALUES (?, ?)", knownSchema+1, true).Error; err != nil {
		t.Fatal(err)
	}
	if f := fault.As(s.Migrate(ctx)); f == nil || f.Key != "store.newer_schema" {
		t.Fatal(f)
	}
	if err := errors.Join(s.Close(), s.Close()); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(ctx, c); fault.As(err) == nil || fault.As(err).Key != "store.newer_schema" {
		t.Fatal("a newer schema was opened:", err)
	}
}

func TestOpenRefuses(t *testing.T) {
	good := Config{Path: filepath.Join(t.TempDir(), "x.db"), Now: time.Now, Rand: rand.Reader}
	for name, c := range map[string]Config{
		"no path":   {Now: good.Now, Rand: good.Rand},
		"memory":    {Path: ":memory:", Now: good.Now, Rand: good.Rand},
		"no clock":  {Path: good.Path, Rand: good.Rand},
		"no rand":   {Path: good.Path, Now: good.Now},
		"no folder": {Path: filepath.Join(t.TempDir(), "no", "x.db"), Now: good.Now, Rand: good.Rand},
		"a folder":  {Path: t.TempDir(), Now: good.Now, Rand: good.Rand},
	} {
		if _, err := Open(context.Background(), c); err == nil {
			t.Error(name)
		}
	}
	junk := filepath.Join(t.TempDir(), "junk")
	if err := os.WriteFile(junk, []byte(strings.Repeat("no database ", 100)), 0o600); err != nil {
		t.Fatal(err)
	}
	good.Path = junk
	if _, err := Open(context.Background(), good); err == nil {
		t.Error("junk was opened")
	}
}

func TestLogHasNoValues(t *testing.T) {
	var log bytes.Buffer
	s, err := Open(context.Background(), Config{
		Path: filepath.Join(t.TempDir(), "x.db"), Now: func() time.Time { return noon }, Rand: rand.Reader,
		Log: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug})),
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	_, err = s.CreatePerson(ctx, org.Person{Number: "4711", Name: "Secretive"}, "argon", nil)
	if fault.KindOf(err) != fault.Internal { // there is no table yet
		t.Error(err)
	}
	if err := s.Migrate(ctx); err != nil {
		t.Fatal(err)
	}
	if _, err = s.CreatePerson(ctx, org.Person{Number: "4711", Name: "Secretive"}, "argon", nil); err != nil {
		t.Fatal(err)
	}
	if _, err = s.EvidenceOfPeople(ctx, []string{"4711"}); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	for _, word := range []string{"4711", "Secretive", "argon"} {
		if strings.Contains(log.String(), word) {
			t.Errorf("%s stands in the log", word)
		}
	}
	if !strings.Contains(log.String(), "INSERT INTO") || !strings.Contains(log.String(), "FROM evidence") {
		t.Error("statements are not logged")
	}
}

func TestNewID(t *testing.T) {
	w := empty(t)
	form, seen := regexp.MustCompile(`^[0-9a-hjkmnp-tv-z]{26}$`), map[string]bool{}
	for range 1000 {
		id := w.NewID()
		if !form.MatchString(id) || seen[id] {
			t.Fatal(id)
		}
		seen[id] = true
	}
}

func TestEveryMessageIsThere(t *testing.T) {
	for _, u := range taken {
		if !text.Has(u.key) {
			t.Error(u.key)
		}
	}
	for _, key := range []string{"store.exists", "store.unknown_reference", "store.out_of_range", "store.frozen", "store.busy", "store.full"} {
		if m := text.Message(key); m.ZH == "" || m.EN == "" {
			t.Error(key)
		}
	}
}

func TestSchemaHolds(t *testing.T) {
	c := newCentre(t)
	a := c.assign("form", c.root)
	s := c.sit(c.ann, a)
	for _, x := range []struct{ sql, key string }{
		{"INSERT INTO grants (person_id, access) VALUES ('nobody', 'agent')", "store.unknown_reference"},
		{"INSERT INTO grants (person_id, access) VALUES ('" + c.ann.ID + "', 'root')", "store.out_of_range"},
		{"INSERT INTO grants (person_id, access) VALUES ('" + c.ann.ID + "', 'manager')", "store.out_of_range"},
		{"INSERT INTO grants (person_id, access) VALUES ('" + c.ann.ID + "', 'agent')", "store.exists"},
		{"UPDATE people SET number_canon = '0002' WHERE id = '" + c.ann.ID + "'", "store.number_taken"},
		{"UPDATE people SET active_to = active_from WHERE id = '" + c.ann.ID + "'", "store.out_of_range"},
		{"INSERT INTO memberships VALUES ('" + c.ann.ID + "', '" + c.west.ID + "', 5, NULL)", "store.exists"},
		{"DELETE FROM teams WHERE id = '" + c.east.ID + "'", "store.unknown_reference"},
		{"UPDATE teams SET parent_id = id", "store.out_of_range"},
		{"UPDATE sittings SET score = 100.5", "store.out_of_range"},
		{"UPDATE sittings SET state = 'submitted'", "store.out_of_range"},
		{"UPDATE sittings SET time_factor = 4", "store.out_of_range"},
		{"UPDATE slots SET answer = '{'", "store.out_of_range"},
		{"UPDATE slots SET score = -0.1", "store.out_of_range"},
		{"UPDATE slots SET item_hash = 'none'", "store.unknown_reference"},
		{"UPDATE definitions SET source = NULL", "store.frozen"},
		{"INSERT INTO time_factors VALUES ('" + a.ID + "', '" + c.ann.ID + "', 0.5)", "store.out_of_range"},
		{"INSERT INTO slots SELECT sitting_id, n, section, weight, item_id, item_hash, answer, rev, saved_at, seconds, flagged, score, critical, opened_at FROM slots", "store.exists"},
		{"DELETE FROM sittings WHERE id = '" + s.ID + "'", "store.unknown_reference"},
	} {
		if f := fault.As(c.exec(x.sql)); f == nil || f.Key != x.key {
			t.Errorf("%s: got %v, want %s", x.sql, f, x.key)
		}
	}
	if err := c.exec("UPDATE people SET active_from = 'yesterday'"); err == nil {
		t.Error("a word was taken for a time")
	}
}

func TestFailing(t *testing.T) {
	s, ctx := Failing(), context.Background()
	_, err1 := s.Person(ctx, "x")
	_, err2 := s.Tree(ctx)
	_, err3 := s.UpdateSitting(ctx, org.Viewer{}, "x", finish(noon))
	_, err4 := s.EvidenceOfPeople(ctx, []string{"x"})
	_, err5 := s.VerifyAudit(ctx)
	_, err6 := s.SchemaVersion(ctx)
	_, _, err7 := s.CycleAt(ctx, noon)
	_, err8 := s.StartSitting(ctx, org.Viewer{}, "x", nil)
	_, err9 := s.TimeFactor(ctx, "x", "y")
	_, _, err10 := s.ViewerBySession(ctx, token(1), noon, nil)
	_, err11 := s.UpdatePlace(ctx, org.Viewer{}, Place{Sitting: "x", N: 0}, nil)
	for i, err := range []error{err1, err2, err3, err4, err5, err6, err7, err8, err9, err10, err11, s.Ping(ctx), s.Migrate(ctx), s.Audit(ctx, AuditEntry{}), s.SetGrants(ctx, "x", nil)} {
		if err == nil || fault.KindOf(err) != fault.Internal {
			t.Errorf("call %d: %v", i, err)
		}
	}
}
