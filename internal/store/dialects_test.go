package store

import (
	"context"
	"crypto/rand"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"leida/internal/store/pgtest"
)

// Both dialects have the same tables, columns, indexes, views and triggers, after every migration.
func TestDialectsHaveOneSchema(t *testing.T) {
	if pgtest.Asked() {
		t.Skip("once is enough")
	}
	ctx := context.Background()
	shape := func(c Config, query string) map[string]string {
		c.Now, c.Rand = func() time.Time { return noon }, rand.Reader
		s, err := Open(ctx, c)
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		if err := s.Migrate(ctx); err != nil {
			t.Fatal(err)
		}
		rows, err := s.reader(ctx).Raw(query).Rows()
		if err != nil {
			t.Fatal(err)
		}
		defer rows.Close()
		out := map[string]string{}
		for rows.Next() {
			var name, is string
			if err := rows.Scan(&name, &is); err != nil {
				t.Fatal(err)
			}
			out[name] = is
		}
		return out
	}
	lite := shape(Config{Path: filepath.Join(t.TempDir(), "x.db")}, `
		SELECT 'column ' || m.name || '.' || c.name, c.type || CASE WHEN c."notnull" THEN ' needed' ELSE '' END || CASE WHEN c.pk > 0 THEN ' key ' || c.pk ELSE '' END
		FROM sqlite_master m JOIN pragma_table_info(m.name) c WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%'
		UNION ALL SELECT type || ' ' || name, tbl_name || CASE WHEN sql LIKE 'CREATE UNIQUE%' THEN ' unique' ELSE '' END
		FROM sqlite_master WHERE type IN ('index', 'view', 'trigger') AND name NOT LIKE 'sqlite_%'`)
	post := shape(Config{URL: pgtest.Database(t, "")}, `
		SELECT 'column ' || c.table_name || '.' || c.column_name, CASE c.data_type WHEN 'text' THEN 'TEXT' WHEN 'bigint' THEN 'INTEGER' WHEN 'boolean' THEN 'INTEGER'
		  WHEN 'double precision' THEN 'REAL' WHEN 'bytea' THEN 'BLOB' ELSE c.data_type END || CASE WHEN c.is_nullable = 'NO' THEN ' needed' ELSE '' END
		  || coalesce(' key ' || k.ordinal_position, '')
		FROM information_schema.columns c
		JOIN information_schema.tables t ON t.table_schema = c.table_schema AND t.table_name = c.table_name AND t.table_type = 'BASE TABLE'
		LEFT JOIN information_schema.table_constraints p ON p.table_schema = c.table_schema AND p.table_name = c.table_name AND p.constraint_type = 'PRIMARY KEY'
		LEFT JOIN information_schema.key_column_usage k ON k.constraint_name = p.constraint_name AND k.table_name = c.table_name AND k.column_name = c.column_name
		WHERE c.table_schema = 'public'
		UNION ALL SELECT 'index ' || i.indexname, i.tablename || CASE WHEN i.indexdef LIKE 'CREATE UNIQUE%' THEN ' unique' ELSE '' END
		FROM pg_indexes i WHERE i.schemaname = 'public' AND NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conname = i.indexname)
		UNION ALL SELECT 'view ' || viewname, viewname FROM pg_views WHERE schemaname = 'public'
		UNION ALL SELECT 'trigger ' || t.tgname, c.relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid WHERE NOT t.tgisinternal`)
	ours := func(name string) bool { return !strings.Contains(name, "goose_db_version") }
	for _, name := range slices.Sorted(maps.Keys(lite)) {
		if ours(name) && lite[name] != post[name] {
			t.Errorf("%s: sqlite has %q, PostgreSQL %q", name, lite[name], post[name])
		}
	}
	for _, name := range slices.Sorted(maps.Keys(post)) {
		if _, both := lite[name]; ours(name) && !both {
			t.Errorf("%s: PostgreSQL alone has %q", name, post[name])
		}
	}
	if len(lite) < 150 {
		t.Error(fmt.Sprint("only ", len(lite), " things compared"))
	}
}
