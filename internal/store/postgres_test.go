package store

import (
	"context"
	"crypto/rand"
	"errors"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"gorm.io/gorm"

	"leida/internal/fault"
	"leida/internal/store/pgtest"
)

func postgresConfig(t *testing.T) Config {
	return Config{URL: pgtest.Database(t, ""), Now: func() time.Time { return noon }, Rand: rand.Reader}
}

func openConfig(t *testing.T, c Config) *world {
	t.Helper()
	s, err := Open(context.Background(), c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return &world{Store: s, t: t, ctx: context.Background(), clock: &clock{t: noon}}
}

// The settings that durability and bounded waiting rest on are said, whatever the server's defaults are.
func TestPostgresSettings(t *testing.T) {
	w := openConfig(t, postgresConfig(t))
	for name, db := range map[string]*gorm.DB{"write": w.engine.(*postgresPool).db, "read": w.read} {
		for setting, want := range map[string]string{"synchronous_commit": "on", "default_transaction_isolation": "read committed", "client_encoding": "UTF8", "TimeZone": "UTC", "lock_timeout": "5s", "statement_timeout": "1min"} {
			var got string
			w.ok(db.Raw("SELECT current_setting(?)", setting).Scan(&got).Error)
			if got != want {
				t.Errorf("%s: %s is %s, want %s", name, setting, got, want)
			}
		}
	}
	w.ok(w.Migrate(w.ctx))
	if err := w.read.Exec("DELETE FROM people").Error; err == nil || !strings.Contains(err.Error(), "read-only") {
		t.Error("the read pool writes: ", err)
	}
	if v, err := w.Engine(w.ctx); err != nil || !strings.HasPrefix(v, "postgresql ") {
		t.Error(v, err)
	}
}

// Servers that start together on an empty database migrate it once.
func TestPostgresMigratesOnce(t *testing.T) {
	c := postgresConfig(t)
	var all sync.WaitGroup
	for range 4 {
		w := openConfig(t, c)
		all.Go(func() { w.ok(w.Migrate(w.ctx)); w.ok(w.Ping(w.ctx)) })
	}
	all.Wait()
}

// The server's role needs no right to change the schema: that is the role's that ran leida migrate.
func TestPostgresRoleWithoutDDL(t *testing.T) {
	c := postgresConfig(t)
	owner := openConfig(t, c)
	owner.ok(owner.Migrate(owner.ctx))
	for _, statement := range []string{
		"DROP ROLE IF EXISTS leida_app", "CREATE ROLE leida_app LOGIN", "REVOKE CREATE ON SCHEMA public FROM PUBLIC",
		"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO leida_app",
	} {
		owner.ok(owner.exec(statement))
	}
	t.Cleanup(func() { owner.ok(owner.exec("DROP OWNED BY leida_app")); owner.ok(owner.exec("DROP ROLE leida_app")) })
	at, err := url.Parse(c.URL)
	owner.ok(err)
	at.User = url.User("leida_app")
	c.URL = at.String()
	app := openConfig(t, c)
	app.ok(app.Migrate(app.ctx))
	app.ok(app.Ping(app.ctx))
	app.person("1", "Ann")
	app.ok(app.Audit(app.ctx, AuditEntry{Action: "x"}))
	for _, statement := range []string{"CREATE TABLE x (y BIGINT)", "DROP TABLE people", "ALTER TABLE audit DISABLE TRIGGER ALL", "DROP TRIGGER audit_no_update ON audit"} {
		if err := app.exec(statement); err == nil {
			t.Error("the server may ", statement)
		}
	}
}

// Changes that lose a race are made again, whole; one that has nothing to do with a race is not.
func TestPostgresTriesAgain(t *testing.T) {
	w := openConfig(t, postgresConfig(t))
	w.ok(w.Migrate(w.ctx))
	tries := 0
	w.ok(w.tx(w.ctx, "race", func(tx *gorm.DB) error {
		if err := tx.Exec("INSERT INTO leases VALUES ('a', 'b', 1)").Error; err != nil {
			return err
		}
		if tries++; tries < 4 {
			return &pgconn.PgError{Code: "40001"}
		}
		return nil
	}))
	if n := w.count("leases"); tries != 4 || n != 1 {
		t.Errorf("%d tries, %d rows", tries, n)
	}
	tries = 0
	mine := errors.New("mine")
	if err := w.tx(w.ctx, "mine", func(*gorm.DB) error { tries++; return mine }); !errors.Is(err, mine) || tries != 1 {
		t.Error(tries, err)
	}
	// two that wait for each other: one is told by PostgreSQL, and starts anew
	w.ok(w.exec("INSERT INTO leases VALUES ('c', 'd', 1)"))
	var all sync.WaitGroup
	var began atomic.Int64
	for _, order := range [][2]string{{"a", "c"}, {"c", "a"}} {
		all.Go(func() {
			w.ok(w.txRow(w.ctx, "dead end", func(tx *gorm.DB) error {
				if err := tx.Exec("UPDATE leases SET until = until + 1 WHERE name = ?", order[0]).Error; err != nil {
					return err
				}
				for began.Add(1); began.Load() < 2; {
					time.Sleep(time.Millisecond)
				}
				return tx.Exec("UPDATE leases SET until = until + 1 WHERE name = ?", order[1]).Error
			}))
		})
	}
	all.Wait()
	var sum int
	w.ok(w.read.Raw("SELECT sum(until) FROM leases").Scan(&sum).Error)
	if sum != 2+4 {
		t.Errorf("%d: each change is made once, though it was tried more often", sum)
	}
}

// A database that is not there is busy, not broken: people try again and lose nothing.
func TestPostgresAway(t *testing.T) {
	c, err := pgtest.Start(pgtest.Options{})
	if errors.Is(err, pgtest.ErrMissing) {
		pgtest.Shared(t) // skips, or fails in CI
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Stop() })
	w := openConfig(t, Config{URL: c.URL("postgres"), Now: func() time.Time { return noon }, Rand: rand.Reader})
	w.ok(w.Migrate(w.ctx))
	ann := w.person("1", "Ann")
	w.ok(c.Kill())
	_, err = w.Person(w.ctx, ann.ID)
	w.fails(err, fault.Busy, "store.unreachable")
	w.fails(w.Audit(w.ctx, AuditEntry{Action: "x"}), fault.Busy, "store.unreachable")
	again := make(chan error)
	go func() { again <- c.Restart() }()
	w.ok(<-again)
	for range 3 { // connections of before are dead, and are replaced without a word
		_, err = w.Person(w.ctx, ann.ID)
		w.ok(err)
		w.ok(w.Audit(w.ctx, AuditEntry{Action: "x"}))
	}
}

// No error, message or log repeats the password of the address.
func TestPostgresPasswordIsNotRepeated(t *testing.T) {
	who := url.UserPassword("leida", "sesame").String()
	for _, at := range []string{"127.0.0.1:1/x", "127.0.0.1:bad/x", "127.0.0.1:1/x?sslmode=nonsense"} {
		address := "postgres://" + who + "@" + at
		s, err := Open(context.Background(), Config{URL: address, Now: func() time.Time { return noon }, Rand: rand.Reader})
		if err == nil {
			s.Close()
			t.Error("opened ", address)
		} else if strings.Contains(err.Error(), "sesame") {
			t.Error(err)
		}
	}
}
