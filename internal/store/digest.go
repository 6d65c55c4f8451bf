package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"fmt"
	"hash"
	"slices"
	"strconv"
	"strings"

	"github.com/pressly/goose/v3"
)

// Table is a table's content in short. The same rows give the same hash in sqlite and PostgreSQL, in whatever order they were written and the columns stand.
type Table struct {
	Name string `json:"name"`
	Rows int64  `json:"rows"`
	Hash string `json:"hash"` // SHA-256 of the rows in the order of their keys, hexadecimal
}

// shape is what a table is made of.
type shape struct {
	name    string
	columns []string        // sorted
	key     []string        // the columns of the primary key, in its order; none where there is no such key
	parents []string        // the tables that its foreign keys point to
	truth   map[string]bool // columns of truth values, where the database has a type for them
	self    [2]string       // a column that points to another row of the same table, and the column pointed to; empty where there is none
}

// querier is a pool, a connection or a transaction.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// ownTables are kept by the program for itself and are no content.
var ownTables = []string{goose.DefaultTablename, manifestTable}

// shapes reads what tables there are, sorted by name.
func (d dialect) shapes(ctx context.Context, db querier) ([]*shape, error) {
	byName := map[string]*shape{}
	type part struct {
		column string
		place  int
	}
	keys := map[string][]part{}
	err := each(ctx, db, d.columns, func(rows *sql.Rows) error {
		var table, column string
		var place int
		var truth bool
		if err := rows.Scan(&table, &column, &place, &truth); err != nil || slices.Contains(ownTables, table) {
			return err
		}
		t := byName[table]
		if t == nil {
			t = &shape{name: table, truth: map[string]bool{}}
			byName[table] = t
		}
		t.columns = append(t.columns, column)
		if truth {
			t.truth[column] = true
		}
		if place > 0 {
			keys[table] = append(keys[table], part{column, place})
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	err = each(ctx, db, d.references, func(rows *sql.Rows) error {
		var table, column, to, toColumn string
		if err := rows.Scan(&table, &column, &to, &toColumn); err != nil {
			return err
		}
		if t := byName[table]; t != nil && table == to {
			t.self = [2]string{column, toColumn}
		} else if t != nil {
			t.parents = append(t.parents, to)
		}
		return nil
	})
	out := make([]*shape, 0, len(byName))
	for name, t := range byName {
		slices.SortFunc(keys[name], func(a, b part) int { return a.place - b.place })
		for _, p := range keys[name] {
			t.key = append(t.key, p.column)
		}
		slices.Sort(t.columns)
		out = append(out, t)
	}
	slices.SortFunc(out, func(a, b *shape) int { return strings.Compare(a.name, b.name) })
	return out, err
}

// each runs a query and visits its rows.
func each(ctx context.Context, db querier, query string, visit func(*sql.Rows) error) error {
	rows, err := db.QueryContext(ctx, query)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := visit(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

// selectAll is a query for all rows of a table in the order of its key, or of all columns where there is none.
// Text is compared byte by byte in both databases; where NULL goes is said, for they differ.
func (t *shape) selectAll() string {
	var order []string
	for _, c := range t.key {
		order = append(order, quote(c))
	}
	if len(t.key) == 0 {
		for _, c := range t.columns {
			order = append(order, quote(c)+" IS NULL", quote(c))
		}
	}
	return "SELECT " + list(t.columns) + " FROM " + quote(t.name) + " ORDER BY " + strings.Join(order, ", ")
}

func quote(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

func list(names []string) string {
	quoted := make([]string, len(names))
	for i, n := range names {
		quoted[i] = quote(n)
	}
	return strings.Join(quoted, ", ")
}

// digest reads a table whole.
func (t *shape) digest(ctx context.Context, db querier) (Table, error) {
	sum := newRowHash(t)
	err := eachRow(ctx, db, t.selectAll(), len(t.columns), sum.add)
	if err != nil {
		return Table{}, fmt.Errorf("table %s: %w", t.name, err)
	}
	return sum.table(), nil
}

// eachRow visits the rows of a query of n columns as the driver gives them. The slice is used again for the next row.
func eachRow(ctx context.Context, db querier, query string, n int, visit func(row []any) error) error {
	row, into := make([]any, n), make([]any, n)
	for i := range row {
		into[i] = &row[i]
	}
	return each(ctx, db, query, func(rows *sql.Rows) error {
		if err := rows.Scan(into...); err != nil {
			return err
		}
		return visit(row)
	})
}

// rowHash adds rows up to a Table.
type rowHash struct {
	name  string
	rows  int64
	bytes int64
	sum   hash.Hash
	buf   []byte
}

// newRowHash begins with the names of the columns, so that two columns that changed places are seen.
func newRowHash(t *shape) *rowHash {
	h := &rowHash{name: t.name, sum: sha256.New()}
	for _, c := range t.columns {
		h.buf = appendSized(h.buf, 'c', c)
	}
	h.sum.Write(h.buf)
	return h
}

func (h *rowHash) add(row []any) error {
	h.rows++
	h.buf = append(h.buf[:0], '\n')
	for _, v := range row {
		var err error
		if h.buf, err = appendValue(h.buf, v); err != nil {
			return err
		}
	}
	h.bytes += int64(len(h.buf))
	h.sum.Write(h.buf)
	return nil
}

func (h *rowHash) table() Table {
	return Table{Name: h.name, Rows: h.rows, Hash: hex.EncodeToString(h.sum.Sum(nil))}
}

// appendValue writes a value down the one way that both databases share: a truth value is 0 or 1, a number that is no integer its shortest form that reads back the same.
// A letter and a length come first, so that no two rows are written alike.
func appendValue(b []byte, v any) ([]byte, error) {
	switch v := v.(type) {
	case nil:
		return append(b, 'n'), nil
	case bool:
		if v {
			return append(b, "i1:1"...), nil
		}
		return append(b, "i1:0"...), nil
	case int64:
		return appendSized(b, 'i', strconv.FormatInt(v, 10)), nil
	case float64:
		return appendSized(b, 'f', strconv.FormatFloat(v+0, 'g', -1, 64)), nil // +0 takes the sign off a zero, which sqlite does not keep
	case string:
		return appendSized(b, 't', v), nil
	case []byte:
		return appendSized(b, 'b', string(v)), nil
	}
	return b, fmt.Errorf("a value of type %T", v)
}

func appendSized(b []byte, kind byte, s string) []byte {
	b = strconv.AppendInt(append(b, kind), int64(len(s)), 10)
	return append(append(b, ':'), s...)
}

// digests reads every table. A table that is only in one database is in the list of that one.
func (d dialect) digests(ctx context.Context, db querier) ([]Table, error) {
	all, err := d.shapes(ctx, db)
	if err != nil {
		return nil, err
	}
	out := make([]Table, len(all))
	for i, t := range all {
		if out[i], err = t.digest(ctx, db); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// dialect is how a database is asked about its tables, and what it needs for reading or writing them whole in one transaction.
type dialect struct {
	columns    string             // table, column, its place in the primary key (0 for none), whether it holds a truth value
	references string             // table, column, table pointed to, column pointed to
	isolation  sql.IsolationLevel // that sees one moment
	patient    string             // a statement that lets a transaction take its time; empty where none is needed
	insert     func(ctx context.Context, to sink, t *shape, values []any) error
}

var sqliteDialect = dialect{
	columns: `SELECT m.name, c.name, c.pk, 0 FROM sqlite_schema m JOIN pragma_table_info(m.name) c
		WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite!_%' ESCAPE '!' ORDER BY m.name`,
	references: `SELECT m.name, f."from", f."table", coalesce(f."to", '') FROM sqlite_schema m JOIN pragma_foreign_key_list(m.name) f WHERE m.type = 'table' ORDER BY m.name, f.id, f.seq`,
	insert:     insertRows,
}

var postgresDialect = dialect{
	columns: `SELECT t.relname, a.attname, coalesce(array_position(k.conkey, a.attnum), 0), a.atttypid = 'bool'::regtype
		FROM pg_class t JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped
		LEFT JOIN pg_constraint k ON k.conrelid = t.oid AND k.contype = 'p'
		WHERE t.relkind IN ('r', 'p') AND t.relnamespace = current_schema()::regnamespace ORDER BY t.relname`,
	references: `SELECT t.relname, a.attname, r.relname, b.attname
		FROM pg_constraint f JOIN pg_class t ON t.oid = f.conrelid JOIN pg_class r ON r.oid = f.confrelid
		CROSS JOIN unnest(f.conkey, f.confkey) AS u (here, there)
		JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = u.here JOIN pg_attribute b ON b.attrelid = r.oid AND b.attnum = u.there
		WHERE f.contype = 'f' AND t.relnamespace = current_schema()::regnamespace ORDER BY f.conname, a.attnum`,
	isolation: sql.LevelRepeatableRead,
	patient:   "SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0",
	insert:    copyRows,
}

func (w *writer) tables() dialect { return sqliteDialect }

func (p *postgresPool) tables() dialect { return postgresDialect }

// Digests reads every table at one moment.
func (s *Store) Digests(ctx context.Context) ([]Table, error) {
	var out []Table
	err := s.frozen(ctx, func(tx *sql.Tx) (err error) {
		out, err = s.engine.tables().digests(ctx, tx)
		return err
	})
	return out, err
}

// frozen reads in one transaction that sees one moment, however long it takes.
func (s *Store) frozen(ctx context.Context, do func(tx *sql.Tx) error) error {
	pool, err := s.read.DB()
	if err != nil {
		return err
	}
	tx, err := pool.BeginTx(ctx, &sql.TxOptions{Isolation: s.engine.tables().isolation, ReadOnly: true})
	if err != nil {
		return err
	}
	defer tx.Rollback() // it has only read
	if patient := s.engine.tables().patient; patient != "" {
		if _, err := tx.ExecContext(ctx, patient); err != nil {
			return err
		}
	}
	return do(tx)
}
