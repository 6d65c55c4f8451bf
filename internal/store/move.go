package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"

	"leida/internal/fault"
)

// Moved is a table that was copied from one database to another.
type Moved struct {
	Table
	Bytes int64 // of its rows as they are hashed
}

// Move copies everything to a database that has this program's schema and is empty, in one transaction, from one moment of the source. The rows written are read back and must have the
// hashes of those read; otherwise, or after any failure, the target is as empty as before. Nobody may write to the source meanwhile: what is written after that moment stays behind.
func (s *Store) Move(ctx context.Context, to *Store) ([]Moved, error) {
	for _, x := range []*Store{s, to} {
		have, err := x.SchemaVersion(ctx)
		if err == nil {
			err = checkSchema(have)
		}
		if err != nil {
			return nil, err
		}
	}
	var moved []Moved
	err := s.frozen(ctx, func(source *sql.Tx) error {
		return to.whole(ctx, func(target sink) (err error) {
			moved, err = moveAll(ctx, source, s.engine.tables(), target)
			return err
		})
	})
	return moved, translate("move", err)
}

// sink is a transaction that takes in whole tables, with the connection that it is on.
type sink struct {
	*sql.Tx
	conn *sql.Conn
	dialect
}

// whole writes in one transaction on the pool that writes, however long it takes.
func (s *Store) whole(ctx context.Context, do func(sink) error) (err error) {
	pool, _, _, _, err := s.engine.schema()
	if err != nil {
		return err
	}
	conn, err := pool.Conn(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	tx, err := conn.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	if patient := s.engine.tables().patient; patient != "" {
		_, err = tx.ExecContext(ctx, patient)
	}
	if err == nil {
		err = do(sink{tx, conn, s.engine.tables()})
	}
	if err != nil {
		return errors.Join(err, tx.Rollback())
	}
	return tx.Commit()
}

func moveAll(ctx context.Context, source *sql.Tx, from dialect, target sink) ([]Moved, error) {
	ours, err := from.shapes(ctx, source)
	if err != nil {
		return nil, err
	}
	theirs, err := target.shapes(ctx, target)
	if err != nil {
		return nil, err
	}
	if err := sameShapes(ours, theirs); err != nil {
		return nil, err
	}
	for _, t := range theirs {
		if err := t.mustBeEmpty(ctx, target.Tx); err != nil {
			return nil, err
		}
	}
	var moved []Moved
	for _, i := range parentsFirst(ours) {
		m, err := moveTable(ctx, source, ours[i], target, theirs[i])
		if err != nil {
			return nil, fmt.Errorf("table %s: %w", ours[i].name, err)
		}
		moved = append(moved, m)
	}
	return moved, nil
}

// sameShapes says whether two databases have the same tables and columns. Both are sorted.
func sameShapes(a, b []*shape) error {
	name := func(t *shape) string { return t.name + " (" + strings.Join(t.columns, ", ") + ")" }
	for i := range max(len(a), len(b)) {
		if i >= len(a) || i >= len(b) || name(a[i]) != name(b[i]) {
			return fmt.Errorf("the databases do not have the same tables: %d and %d, different at number %d", len(a), len(b), i+1)
		}
	}
	return nil
}

func (t *shape) mustBeEmpty(ctx context.Context, db *sql.Tx) error {
	var some bool
	if err := db.QueryRowContext(ctx, "SELECT EXISTS (SELECT 1 FROM "+quote(t.name)+")").Scan(&some); err != nil {
		return err
	}
	if some {
		return fault.New(fault.Conflict, "move.not_empty", "table", t.name)
	}
	return nil
}

// parentsFirst are the numbers of the tables in such an order that what a row refers to is there before it.
func parentsFirst(all []*shape) []int {
	var order []int
	done := map[string]bool{}
	for len(order) < len(all) {
		before := len(order)
		for i, t := range all {
			ready := !slices.ContainsFunc(t.parents, func(p string) bool { return !done[p] })
			if ready && !done[t.name] {
				done[t.name] = true
				order = append(order, i)
			}
		}
		if len(order) == before {
			panic("store: tables refer to each other in a circle") // a migration would have made it so, and a test copies every table
		}
	}
	return order
}

// moveTable copies a table's rows and reads them back.
func moveTable(ctx context.Context, source *sql.Tx, ours *shape, target sink, theirs *shape) (Moved, error) {
	read, in := newRowHash(ours), &inserter{ctx: ctx, to: target, t: theirs}
	err := eachRow(ctx, source, ours.selectAll(), len(ours.columns), func(row []any) error {
		if err := read.add(row); err != nil || ours.self[0] != "" {
			return err
		}
		return in.add(row)
	})
	if err == nil && ours.self[0] != "" { // rows that refer to rows of the same table: those come first
		err = eachRow(ctx, source, ours.selectDown(), len(ours.columns), in.add)
	}
	if err == nil {
		err = in.flush()
	}
	if err != nil {
		return Moved{}, err
	}
	wrote, err := theirs.digest(ctx, target)
	if err != nil {
		return Moved{}, err
	}
	want := read.table()
	if problems := Compare([]Table{want}, []Table{wrote}); len(problems) > 0 {
		f := fault.New(fault.Conflict, "move.differs", "table", ours.name)
		f.Problems = problems
		return Moved{}, f
	}
	return Moved{want, read.bytes}, nil
}

// selectDown is a query for all rows of a table that refers to itself, from the tops down.
func (t *shape) selectDown() string {
	columns := make([]string, len(t.columns))
	for i, c := range t.columns {
		columns[i] = "t." + quote(c)
	}
	name, parent, id := quote(t.name), quote(t.self[0]), quote(t.self[1])
	return fmt.Sprintf(`WITH RECURSIVE down (id, depth) AS (
		SELECT %[3]s, 0 FROM %[1]s WHERE %[2]s IS NULL
		UNION ALL SELECT t.%[3]s, down.depth + 1 FROM %[1]s t JOIN down ON t.%[2]s = down.id
	) SELECT %[4]s FROM %[1]s t JOIN down ON down.id = t.%[3]s ORDER BY down.depth`, name, parent, id, strings.Join(columns, ", "))
}

// inserter writes rows many at a time.
type inserter struct {
	ctx    context.Context
	to     sink
	t      *shape
	values []any // of the rows that wait, one after another
	size   int   // bytes of text and the like in them
}

// Limits of what waits.
const (
	insertValues = 16000 // sqlite takes 32,766 in one statement
	insertBytes  = 8 << 20
)

func (in *inserter) add(row []any) error {
	for i, v := range row {
		switch x := v.(type) {
		case int64:
			if in.t.truth[in.t.columns[i]] {
				v = x != 0
			}
		case string:
			in.size += len(x)
		case []byte:
			in.size += len(x)
		}
		in.values = append(in.values, v)
	}
	if len(in.values)+len(row) > insertValues || in.size > insertBytes {
		return in.flush()
	}
	return nil
}

func (in *inserter) flush() error {
	if len(in.values) == 0 {
		return nil
	}
	err := in.to.insert(in.ctx, in.to, in.t, in.values)
	in.values, in.size = in.values[:0], 0
	return err
}

// insertRows writes rows with one statement.
func insertRows(ctx context.Context, to sink, t *shape, values []any) error {
	row := "(" + strings.Repeat("?, ", len(t.columns)-1) + "?)"
	rows := strings.Repeat(row+", ", len(values)/len(t.columns)-1) + row
	_, err := to.ExecContext(ctx, "INSERT INTO "+quote(t.name)+" ("+list(t.columns)+") VALUES "+rows, values...)
	return err
}

// copyRows writes rows by PostgreSQL's COPY.
func copyRows(ctx context.Context, to sink, t *shape, values []any) error {
	return to.conn.Raw(func(driver any) error {
		pg, ok := driver.(*stdlib.Conn)
		if !ok {
			return fmt.Errorf("a connection of type %T", driver)
		}
		width := len(t.columns)
		rows := pgx.CopyFromSlice(len(values)/width, func(i int) ([]any, error) { return values[i*width:][:width], nil })
		_, err := pg.Conn().CopyFrom(ctx, pgx.Identifier{t.name}, t.columns, rows)
		return err
	})
}
