package main

import (
	"context"
	"database/sql"
	"errors"
	"net/url"
)

// lookBack reads the database, past the server, and holds against it what the server acknowledged: every sitting that was started, and of each of its places the newest revision.
func (b *bench) lookBack(ctx context.Context, name string, agents []*agent) error {
	kept, err := b.kept(ctx)
	if err != nil {
		return err
	}
	places, lost := 0, 0
	for _, a := range agents {
		for _, p := range a.pages {
			places++
			if rev, there := kept[where{p.Sitting, p.N - 1}]; !there || rev < p.rev-1 {
				lost++
			}
		}
	}
	b.verdict(lost == 0 && places > 0, "%s: %d of %d places in the database are older than what was acknowledged", name, lost, places)
	switch {
	case lost > 0:
		return errors.New("an acknowledged answer is lost")
	case places == 0:
		return errors.New("there was nothing to look for")
	}
	return nil
}

// where is a place of a sitting, from 0.
type where struct {
	sitting string
	n       int
}

// kept are the revisions that the database has. The drivers are those that the store has registered.
func (b *bench) kept(ctx context.Context) (out map[where]int64, err error) {
	driver, source := "pgx", b.database.URL
	if source == "" {
		driver, source = "sqlite3", "file:"+(&url.URL{Path: b.database.Path}).EscapedPath()+"?mode=ro"
	}
	db, err := sql.Open(driver, source)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	rows, err := db.QueryContext(ctx, "SELECT sitting_id, n, rev FROM slots")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	out = map[where]int64{}
	for rows.Next() {
		var at where
		var rev int64
		if err := rows.Scan(&at.sitting, &at.n, &rev); err != nil {
			return nil, err
		}
		out[at] = rev
	}
	return out, rows.Err()
}
