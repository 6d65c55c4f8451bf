package store

import (
	"context"
	"crypto/rand"
	"database/sql"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"leida/internal/store/pgtest"
)

// Both dialects have the same tables, columns, references, indexes, views and triggers, and as many checks, after every migration. What a check, a predicate, an expression and a trigger say is
// each dialect's own text and is not compared. A truth value is a type in PostgreSQL and a check in sqlite.
func TestDialectsHaveOneSchema(t *testing.T) {
	if pgtest.Asked() {
		t.Skip("once is enough")
	}
	lite := &world{t: t, ctx: context.Background(), clock: &clock{t: noon}}
	lite.open(Config{Path: filepath.Join(t.TempDir(), "x.db"), Now: lite.clock.now, Rand: rand.Reader})
	post := &world{t: t, ctx: lite.ctx, clock: lite.clock}
	post.open(Config{URL: pgtest.Database(t, ""), Now: lite.clock.now, Rand: rand.Reader})
	for n := int64(1); n <= knownSchema; n++ {
		lite.upTo(n)
		post.upTo(n)
		a, b := lite.things(sqliteThings), post.things(postgresThings)
		for name := range b {
			if _, both := a[name]; !both {
				a[name] = ""
			}
		}
		for _, name := range slices.Sorted(maps.Keys(a)) {
			if a[name] != b[name] {
				t.Errorf("schema %d, %s: sqlite has %q, PostgreSQL %q", n, name, a[name], b[name])
			}
		}
		for kind, least := range map[string]int{"column": 100, "reference": 25, "index": 25, "trigger": 8, "checks": 15} {
			some := 0
			for name := range a {
				if strings.HasPrefix(name, kind+" ") {
					some++
				}
			}
			if some < least {
				t.Errorf("schema %d: only %d of %s compared", n, some, kind)
			}
		}
	}
}

// things are what a schema is made of, with what is said of each.
func (w *world) things(query string) map[string]string {
	w.t.Helper()
	pool, err := w.read.DB()
	w.ok(err)
	out := map[string]string{}
	w.ok(each(w.ctx, pool, query, func(rows *sql.Rows) error {
		var name, is string
		err := rows.Scan(&name, &is)
		out[name] = is
		return err
	}))
	w.ok(each(w.ctx, pool, w.engine.tables().references, func(rows *sql.Rows) error {
		var table, column, to, toColumn string
		err := rows.Scan(&table, &column, &to, &toColumn)
		out["reference "+table+"."+column+" to "+to] = toColumn
		return err
	}))
	maps.DeleteFunc(out, func(name, _ string) bool { return strings.Contains(name, "goose_db_version") })
	return out
}

const sqliteThings = `
	SELECT 'column ' || m.name || '.' || c.name, c.type || CASE WHEN c."notnull" THEN ' needed' ELSE '' END || CASE WHEN c.pk > 0 THEN ' key ' || c.pk ELSE '' END
	FROM sqlite_schema m JOIN pragma_table_info(m.name) c WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%'
	UNION ALL SELECT 'checks ' || name, (length(sql) - length(replace(sql, 'CHECK (', ''))) / length('CHECK (') - (length(sql) - length(replace(sql, ' IN (0, 1))', ''))) / length(' IN (0, 1))')
	FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'
	UNION ALL SELECT 'index ' || i.name, m.name || ' (' || (SELECT group_concat(coalesce(c.name, 'expression'), ', ' ORDER BY c.seqno) FROM pragma_index_info(i.name) c) || ')'
	  || CASE WHEN i."unique" THEN ' unique' ELSE '' END || CASE WHEN i.partial THEN ' partial' ELSE '' END
	FROM sqlite_schema m JOIN pragma_index_list(m.name) i WHERE m.type = 'table' AND i.origin <> 'pk'
	UNION ALL SELECT type || ' ' || name, tbl_name FROM sqlite_schema WHERE type IN ('view', 'trigger')`

const postgresThings = `
	SELECT 'column ' || c.table_name || '.' || c.column_name, CASE c.data_type WHEN 'text' THEN 'TEXT' WHEN 'bigint' THEN 'INTEGER' WHEN 'boolean' THEN 'INTEGER'
	  WHEN 'double precision' THEN 'REAL' WHEN 'bytea' THEN 'BLOB' ELSE c.data_type END || CASE WHEN c.is_nullable = 'NO' THEN ' needed' ELSE '' END
	  || coalesce(' key ' || k.ordinal_position, '')
	FROM information_schema.columns c
	JOIN information_schema.tables t ON t.table_schema = c.table_schema AND t.table_name = c.table_name AND t.table_type = 'BASE TABLE'
	LEFT JOIN information_schema.table_constraints p ON p.table_schema = c.table_schema AND p.table_name = c.table_name AND p.constraint_type = 'PRIMARY KEY'
	LEFT JOIN information_schema.key_column_usage k ON k.constraint_name = p.constraint_name AND k.table_name = c.table_name AND k.column_name = c.column_name
	WHERE c.table_schema = 'public'
	UNION ALL SELECT 'checks ' || t.relname, (SELECT count(*) FROM pg_constraint c WHERE c.conrelid = t.oid AND c.contype = 'c')::text
	FROM pg_class t WHERE t.relkind = 'r' AND t.relnamespace = 'public'::regnamespace
	UNION ALL SELECT 'index ' || i.indexrelid::regclass, i.indrelid::regclass || ' ('
	  || (SELECT string_agg(coalesce(a.attname, 'expression'), ', ' ORDER BY k.n) FROM unnest(i.indkey) WITH ORDINALITY AS k (at, n) LEFT JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.at) || ')'
	  || CASE WHEN i.indisunique THEN ' unique' ELSE '' END || CASE WHEN i.indpred IS NOT NULL THEN ' partial' ELSE '' END
	FROM pg_index i JOIN pg_class t ON t.oid = i.indrelid WHERE t.relnamespace = 'public'::regnamespace AND NOT i.indisprimary
	UNION ALL SELECT 'view ' || viewname, viewname FROM pg_views WHERE schemaname = 'public'
	UNION ALL SELECT 'trigger ' || t.tgname, c.relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid WHERE NOT t.tgisinternal`
