package web_test

import (
	"context"
	"log/slog"
	"regexp"
	"strings"
	"sync"
	"testing"
)

// statements is what the store asks of its database, in order: it stands where the store's log does, and hears only while it is asked to.
// Counting work this way says the same on every machine and every day, which a stop-watch does not.
type statements struct {
	mu   sync.Mutex
	on   bool
	said []statement
}

// statement is one line of SQL, placeholders for values, and the rows that it gave or changed.
type statement struct {
	sql  string
	rows int64
}

func (s *statements) Enabled(context.Context, slog.Level) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.on
}

var savepoint = regexp.MustCompile(`^(SAVEPOINT|RELEASE|ROLLBACK|BEGIN|COMMIT)`)

func (s *statements) Handle(_ context.Context, r slog.Record) error {
	var x statement
	r.Attrs(func(a slog.Attr) bool {
		switch a.Key {
		case "statement":
			x.sql = strings.Join(strings.Fields(a.Value.String()), " ")
		case "rows":
			x.rows = a.Value.Int64()
		}
		return true
	})
	if x.sql != "" && !savepoint.MatchString(x.sql) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.said = append(s.said, x)
	}
	return nil
}

func (s *statements) WithAttrs([]slog.Attr) slog.Handler { return s }
func (s *statements) WithGroup(string) slog.Handler      { return s }

// during is what is asked of the database while something is done.
func (s *statements) during(do func()) []statement {
	s.mu.Lock()
	s.on, s.said = true, nil
	s.mu.Unlock()
	do()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.on = false
	return s.said
}

// changing are the verbs by which a statement changes rows, whatever it begins with.
var changing = regexp.MustCompile(`\b(INSERT INTO|UPDATE \w+ (AS \w+ )?SET|DELETE FROM)\b`)

// writes are the statements that change rows, but for allowances: what is taken of one comes back by itself.
func writes(all []statement) []statement {
	var out []statement
	for _, x := range all {
		upper := strings.NewReplacer(`"`, "", "`", "").Replace(strings.ToUpper(x.sql))
		verb, _, _ := strings.Cut(upper, " ")
		reads := verb == "PRAGMA" || (verb == "SELECT" || verb == "WITH") && !changing.MatchString(upper)
		if !reads && !strings.Contains(x.sql, "INTO throttles ") {
			out = append(out, x)
		}
	}
	return out
}

// What a statement does is told by the verbs inside, not by how it begins.
func TestWrites(t *testing.T) {
	for sql, want := range map[string]int{
		"SELECT 1": 0, "PRAGMA optimize": 0, "WITH x AS (SELECT 1) SELECT * FROM x": 0, "SELECT * FROM sittings FOR NO KEY UPDATE SKIP LOCKED": 0, "SELECT updated_at FROM x": 0,
		"WITH held AS (SELECT 1 FOR NO KEY UPDATE OF s SKIP LOCKED) UPDATE slots SET rev = 1": 1, "WITH gone AS (DELETE FROM sessions RETURNING id) SELECT * FROM gone": 1,
		`WITH x AS (SELECT 1) INSERT INTO "audit" SELECT * FROM x`: 1, `with x as (select 1) update "slots" set rev = 1`: 1, "UPDATE people SET name = ?": 1, "INSERT INTO throttles (key) VALUES (?)": 0, "DROP TABLE people": 1,
	} {
		if got := len(writes([]statement{{sql: sql}})); got != want {
			t.Errorf("%s: %d, want %d", sql, got, want)
		}
	}
}
