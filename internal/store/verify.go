package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"os"

	"leida/internal/fault"
)

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
