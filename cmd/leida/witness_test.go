package main

import (
	"bytes"
	"compress/flate"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/url"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"leida/internal/assessment"
	"leida/internal/exam"
	"leida/internal/item"
	"leida/internal/profile"
	"leida/internal/text"
)

// witness reads the database behind the server's back and holds it against what the crowd was told.
type witness struct {
	t      testing.TB
	db     *sql.DB
	at     asked // the database, or one state of it
	sqlite bool
	lib    *assessment.Library

	seq   int64 // of the audit log, as far as it has been checked
	hash  []byte
	ended map[string]string // what a sitting was when it was first seen handed in
	live  map[string]bool   // sittings begun and not handed in
	lost  int               // acknowledged and not there
}

// asked is what answers queries.
type asked interface {
	Query(query string, args ...any) (*sql.Rows, error)
	QueryRow(query string, args ...any) *sql.Row
}

// still holds one state of the database, whatever the server does meanwhile, until it is told to let go.
func (w *witness) still() (letGo func()) {
	w.t.Helper()
	tx, err := w.db.BeginTx(w.t.Context(), &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true})
	w.ok(err)
	w.at = tx
	return func() {
		w.at = w.db
		if err := tx.Rollback(); err != nil {
			w.t.Error(err)
		}
	}
}

func newWitness(t testing.TB, driver, dsn string) *witness {
	t.Helper()
	db, err := sql.Open(driver, dsn)
	if err != nil {
		t.Fatal(err)
	}
	db.SetMaxIdleConns(0) // nothing is held between looks
	t.Cleanup(func() { db.Close() })
	return &witness{t: t, db: db, at: db, sqlite: driver == "sqlite3", lib: builtIn(), ended: map[string]string{}, live: map[string]bool{}}
}

// fileWitness looks into the database of a data directory.
func fileWitness(t testing.TB, data string) *witness {
	t.Helper()
	return newWitness(t, "sqlite3", "file:"+(&url.URL{Path: filepath.Join(data, "leida.db")}).EscapedPath()+"?mode=ro&_busy_timeout=5000")
}

func (w *witness) ok(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *witness) number(query string, args ...any) int64 {
	w.t.Helper()
	var n int64
	w.ok(w.at.QueryRow(query, args...).Scan(&n))
	return n
}

func (w *witness) word(query string, args ...any) string {
	w.t.Helper()
	var s string
	w.ok(w.at.QueryRow(query, args...).Scan(&s))
	return s
}

// look checks all that may have changed since the last look.
func (w *witness) look(c *crowd) {
	w.t.Helper()
	defer w.still()()
	w.check(c)
}

func (w *witness) check(c *crowd) {
	w.t.Helper()
	w.integrity()
	w.audit()
	for _, a := range c.agents {
		for _, f := range a.handed {
			w.sitting(a, f.sitting, f.places, true, true)
		}
		a.handed = nil
		if a.sitting != "" {
			w.sitting(a, a.sitting, a.places, a.handing, false)
		}
	}
	n := 0
	for id := range w.ended { // some of those of before, others each time
		if n++; n > 12 {
			break
		}
		w.again(id)
	}
	w.counts(c)
}

// lookBack checks everything once more, when nothing is under way.
func (w *witness) lookBack(c *crowd) {
	w.t.Helper()
	defer w.still()()
	w.check(c)
	for id := range w.ended {
		w.again(id)
	}
}

// again looks once more at a sitting that was seen handed in.
func (w *witness) again(id string) {
	w.t.Helper()
	x := w.load(id)
	if x.State != exam.Submitted {
		w.loss("sitting %s was handed in, and is %s", id, x.State)
		return
	}
	if is, was := w.marked(x), w.ended[id]; is != was {
		w.t.Errorf("sitting %s was handed in as\n%s\nand is\n%s", id, was, is)
	}
}

// counts holds the number of all rows against what the crowd was told. A sitting whose start was sent and not acknowledged may be there or not.
func (w *witness) counts(c *crowd) {
	w.t.Helper()
	begun, handed, open := int64(len(w.ended)+len(w.live)), int64(len(w.ended)), int64(0)
	for _, a := range c.agents {
		if a.sitting == "" && a.assignment != "" {
			open++
		}
	}
	for what, n := range map[string]struct{ is, from, to int64 }{
		"sittings":                             {w.number("SELECT count(*) FROM sittings"), begun, begun + open},
		"second sittings of an assignment":     {w.number("SELECT count(*) FROM (SELECT person_id FROM sittings GROUP BY person_id, assignment_id HAVING count(*) > 1) AS x"), 0, 0},
		"sittings handed in":                   {w.number("SELECT count(*) FROM sittings WHERE state = 'submitted'"), handed, handed},
		"sittings handed in without a result":  {w.number("SELECT count(*) FROM sittings s WHERE state = 'submitted' AND NOT EXISTS (SELECT 1 FROM results r WHERE r.sitting_id = s.id)"), 0, 0},
		"audit entries of handing in":          {w.number("SELECT count(*) FROM audit WHERE action = 'submit'"), handed, handed},
		"sittings with an entry of handing in": {w.number("SELECT count(DISTINCT object_id) FROM audit WHERE action = 'submit'"), handed, handed},
		"records of sittings not handed in":    {w.number("SELECT count(*) FROM evidence e JOIN sittings s ON s.id = e.sitting_id WHERE s.state <> 'submitted'"), 0, 0},
	} {
		if n.is < n.from || n.is > n.to {
			w.t.Errorf("%s: %d, want %d to %d", what, n.is, n.from, n.to)
		}
	}
}

func (w *witness) integrity() {
	w.t.Helper()
	if !w.sqlite {
		return
	}
	var said string
	w.ok(w.at.QueryRow("PRAGMA integrity_check").Scan(&said))
	if said != "ok" {
		w.t.Fatalf("integrity_check: %s", said)
	}
}

// audit looks whether all that the last look saw is there, and goes on with the chain of hashes from its end.
func (w *witness) audit() {
	w.t.Helper()
	if n := w.number("SELECT count(*) FROM audit WHERE seq <= $1", w.seq); n != w.seq {
		w.loss("the audit log had %d entries, and has %d of them", w.seq, n)
	}
	rows, err := w.at.Query("SELECT seq, at, actor, action, object, object_id, detail, request_id, hash FROM audit WHERE seq > $1 ORDER BY seq", w.seq)
	w.ok(err)
	defer rows.Close()
	for rows.Next() {
		var seq, at int64
		var field [6]string
		var hash []byte
		w.ok(rows.Scan(&seq, &at, &field[0], &field[1], &field[2], &field[3], &field[4], &field[5], &hash))
		h := sha256.New()
		h.Write(w.hash)
		for _, f := range append([]string{strconv.FormatInt(seq, 10), strconv.FormatInt(at, 10)}, field[:]...) {
			fmt.Fprintf(h, "%d:%s", len(f), f)
		}
		if seq != w.seq+1 || !bytes.Equal(hash, h.Sum(nil)) {
			w.t.Fatalf("the audit chain is broken at %d", seq)
		}
		w.seq, w.hash = seq, hash
	}
	w.ok(rows.Err())
}

// load reads a sitting.
func (w *witness) load(id string) *exam.Sitting {
	w.t.Helper()
	x := &exam.Sitting{ID: id}
	var seed, submitted int64
	w.ok(w.at.QueryRow("SELECT person_id, assignment_id, seed, time_factor, state, coalesce(submitted_at, 0), auto, counts, score, coalesce(cycle_id, ''), assessment, assessment_hash FROM sittings WHERE id = $1", id).
		Scan(&x.Person, &x.Assignment, &seed, &x.TimeFactor, &x.State, &submitted, &x.Auto, &x.Counts, &x.Score, &x.Cycle, &x.Assessment, &x.AssessmentHash))
	x.Seed, x.SubmittedAt = uint64(seed), time.UnixMilli(submitted).UTC()
	rows, err := w.at.Query("SELECT section, weight, item_id, item_hash, answer, rev, seconds, score FROM slots WHERE sitting_id = $1 ORDER BY n", id)
	w.ok(err)
	defer rows.Close()
	for rows.Next() {
		var s exam.Slot
		var answer *string
		w.ok(rows.Scan(&s.Section, &s.Weight, &s.ItemID, &s.ItemHash, &answer, &s.Rev, &s.Seconds, &s.Score))
		if answer != nil {
			s.Answer = json.RawMessage(*answer)
		}
		x.Slots = append(x.Slots, s)
	}
	w.ok(rows.Err())
	return x
}

// sitting holds one sitting against what its agent knows of it. sent says that handing in was sent, told that it was acknowledged.
func (w *witness) sitting(a *agent, id string, places []place, sent, told bool) {
	w.t.Helper()
	x := w.load(id)
	over := x.State == exam.Submitted
	if over {
		delete(w.live, id)
	} else {
		w.live[id] = true
	}
	switch {
	case x.Person != a.id || len(x.Slots) != len(places):
		w.t.Fatalf("sitting %s is of %s with %d places", id, x.Person, len(x.Slots))
	case told && !over:
		w.loss("sitting %s of %s was handed in, and is open", id, a.name)
	case over && !sent:
		w.t.Errorf("nobody handed in sitting %s of %s", id, a.name)
	}
	for n, p := range places {
		w.place(x, n, p)
	}
	if !over {
		if n := w.number("SELECT count(*) FROM evidence WHERE sitting_id = $1", id); n > 0 {
			w.t.Errorf("sitting %s is open with %d records", id, n)
		}
		return
	}
	is := w.marked(x)
	if was, seen := w.ended[id]; seen && was != is {
		w.t.Errorf("sitting %s was handed in as\n%s\nand is\n%s", id, was, is)
	}
	w.ended[id] = is
	if n := w.number("SELECT count(*) FROM audit WHERE action = 'submit' AND object_id = $1", id); n != 1 {
		w.t.Errorf("sitting %s was handed in, and the audit log says so %d times", id, n)
	}
}

// place holds a place against what was sent: the newest acknowledged answer, or one that was sent after it.
func (w *witness) place(x *exam.Sitting, n int, p place) {
	w.t.Helper()
	s := x.Slots[n]
	switch {
	case s.Rev < p.acked:
		w.loss("sitting %s, place %d: revision %d was acknowledged, %d is there", x.ID, n+1, p.acked, s.Rev)
		return
	case s.Rev > p.last:
		w.t.Errorf("sitting %s, place %d: revision %d was never sent", x.ID, n+1, s.Rev)
		return
	}
	want := ""
	if s.Rev > 0 {
		it, known := w.lib.ItemAt(s.ItemHash)
		if !known {
			w.t.Fatalf("no item %s", s.ItemHash)
		}
		fields, err := item.FormFields(p.sent[s.Rev])
		w.ok(err)
		answer, err := it.Body.Parse(x.View(n, text.ZH), fields)
		w.ok(err)
		raw, err := json.Marshal(answer)
		w.ok(err)
		want = string(raw)
	}
	if string(s.Answer) != want {
		w.loss("sitting %s, place %d, revision %d: %s was sent, %s is there", x.ID, n+1, s.Rev, want, s.Answer)
	}
	for rev := range p.sent { // what is older cannot come back
		if rev < s.Rev {
			delete(p.sent, rev)
		}
	}
}

func (w *witness) loss(format string, args ...any) {
	w.t.Helper()
	w.lost++
	w.t.Errorf(format, args...)
}

// marked marks a sitting handed in once more from its answers and holds the first result kept against that, and all that is told of the sitting against the newest
// result. It returns what never changes again in one line.
func (w *witness) marked(x *exam.Sitting) string {
	w.t.Helper()
	again := *x
	again.State, again.Score, again.Slots = exam.Live, 0, slices.Clone(x.Slots)
	end := x.SubmittedAt
	if x.Auto {
		again.Deadline, end = end, end.Add(time.Hour)
	}
	_, err := again.Submit("", w.lib, end)
	w.ok(err)
	first, err := again.Result.Encode()
	w.ok(err)
	kept := w.results(x.ID)
	if len(kept) == 0 || !bytes.Equal(kept[0], first) {
		w.t.Fatalf("sitting %s: the first of %d results kept is not\n%s", x.ID, len(kept), first)
	}
	newest, err := exam.ReadResult(kept[len(kept)-1])
	w.ok(err)
	w.told(x, newest)
	line := fmt.Sprintf("%s %s %g", x.SubmittedAt, x.Person, again.Score)
	for n, s := range x.Slots {
		line += fmt.Sprintf(" %d:%s:%g", s.Rev, s.Answer, again.Slots[n].Score)
	}
	return line
}

// told holds scores and evidence against a result: all of it, and nothing of another.
func (w *witness) told(x *exam.Sitting, r *exam.Result) {
	w.t.Helper()
	if x.Score != r.Score {
		w.t.Errorf("sitting %s scores %g, its result is %g", x.ID, x.Score, r.Score)
	}
	evidence, records := w.evidence(x.ID), 0
	for n, p := range r.Places {
		if s := x.Slots[n]; s.Score != p.Score {
			w.t.Errorf("sitting %s, place %d scores %g, its result is %g", x.ID, n+1, s.Score, p.Score)
		}
		if w.number("SELECT count(*) FROM item_texts WHERE hash = $1", p.Texts) != 1 {
			w.t.Errorf("sitting %s: the texts %s of its result are not kept", x.ID, p.Texts)
		}
		for _, m := range p.Measures {
			records++
			want := record(profile.Evidence{Person: x.Person, Sub: m.Sub, ItemID: p.Item.ID, ItemHash: p.Item.Hash, At: x.SubmittedAt, Y: 100 * p.Score, N: p.Units * m.W})
			if r.Counts && evidence[want] != 1 {
				w.t.Errorf("sitting %s: %d records %q", x.ID, evidence[want], want)
			}
		}
	}
	all := 0
	for _, n := range evidence {
		all += n
	}
	if r.Counts && all != records || !r.Counts && all > 0 {
		w.t.Errorf("sitting %s has %d records in force, want %d: %v", x.ID, all, records, evidence)
	}
}

// results are the results kept of a sitting, in the order of their revisions.
func (w *witness) results(sitting string) (out [][]byte) {
	w.t.Helper()
	rows, err := w.at.Query("SELECT revision, body, hash FROM results WHERE sitting_id = $1 ORDER BY revision", sitting)
	w.ok(err)
	defer rows.Close()
	for rows.Next() {
		var revision int
		var body, hash []byte
		w.ok(rows.Scan(&revision, &body, &hash))
		raw, err := io.ReadAll(flate.NewReader(bytes.NewReader(body)))
		w.ok(err)
		if sum := sha256.Sum256(raw); !bytes.Equal(hash, sum[:]) || revision != len(out)+1 {
			w.t.Errorf("sitting %s: result %d is revision %d with hash %x", sitting, len(out)+1, revision, hash)
		}
		out = append(out, raw)
	}
	w.ok(rows.Err())
	return out
}

func record(e profile.Evidence) string {
	return fmt.Sprintf("%s %s %s %s %s y=%g n=%g", e.Person, e.Sub, e.ItemID, e.ItemHash, e.At.UTC(), e.Y, e.N)
}

// evidence counts the records in force of a sitting.
func (w *witness) evidence(sitting string) map[string]int {
	w.t.Helper()
	rows, err := w.at.Query("SELECT person_id, sub, item_id, item_hash, observed_at, y, n FROM evidence WHERE sitting_id = $1 AND NOT void", sitting)
	w.ok(err)
	defer rows.Close()
	out := map[string]int{}
	for rows.Next() {
		var e profile.Evidence
		var at int64
		w.ok(rows.Scan(&e.Person, &e.Sub, &e.ItemID, &e.ItemHash, &at, &e.Y, &e.N))
		e.At = time.UnixMilli(at)
		out[record(e)]++
	}
	w.ok(rows.Err())
	return out
}

// complaints is a test that notes what fails it and goes on.
type complaints struct {
	testing.TB
	all []string
}

func (c *complaints) Error(args ...any) { c.all = append(c.all, fmt.Sprint(args...)) }
func (c *complaints) Errorf(format string, args ...any) {
	c.all = append(c.all, fmt.Sprintf(format, args...))
}
func (c *complaints) Fatal(args ...any)                 { c.Error(args...); runtime.Goexit() }
func (c *complaints) Fatalf(format string, args ...any) { c.Errorf(format, args...); runtime.Goexit() }

// on looks at a copy of the database with the eyes of a witness who knows the database itself, and says what it complains of.
func (w *witness) on(data string, c *crowd) []string {
	w.t.Helper()
	noted := &complaints{TB: w.t}
	other := fileWitness(w.t, data)
	other.t, other.seq, other.hash, other.ended, other.live = noted, w.seq, w.hash, maps.Clone(w.ended), maps.Clone(w.live)
	done := make(chan bool)
	go func() { defer close(done); other.look(c) }()
	<-done
	return noted.all
}

// A witness who looks at what was tampered with says so, at the next look; of what is as it was it says nothing.
func TestWitnessComplains(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	c := people(t, ownFile(t, data), 1, 8, 200)
	p := newProcess(t, "--data", data)
	w := fileWitness(t, data)
	c.meet(p.url(), nil)
	p.start()
	for _, a := range c.agents {
		a.pace = 1
	}
	live := "" // a sitting with answers that is not handed in
	for end := time.Now().Add(time.Minute); c.hands.Load() < 8 || live == ""; {
		ctx, stop := context.WithTimeout(t.Context(), 300*time.Millisecond)
		c.work(ctx)
		stop()
		c.settle()
		c.verdict()
		live = ""
		for _, a := range c.agents {
			if a.sitting != "" && a.answered > 0 {
				live = a.sitting
			}
		}
		if time.Now().After(end) {
			t.Fatal("hardly anything is handed in")
		}
	}
	p.stop()
	w.look(c)
	ended := slices.Sorted(maps.Keys(w.ended))
	all := "'" + strings.Join(ended, "', '") + "'"
	for name, tamper := range map[string]string{
		"nothing":              "",
		"an acknowledged save": "UPDATE slots SET rev = rev - 1 WHERE sitting_id = '" + live + "' AND n = (SELECT min(n) FROM slots WHERE sitting_id = '" + live + "' AND rev > 0)",
		"an answer":            `UPDATE slots SET answer = '{}' WHERE sitting_id = '` + live + `' AND rev > 0`,
		"answers handed in":    "UPDATE slots SET answer = NULL WHERE sitting_id IN (" + all + ")",
		"the last audit entry": "DROP TRIGGER audit_no_delete; DELETE FROM audit WHERE seq = (SELECT max(seq) FROM audit)",
		"an audit entry":       "DROP TRIGGER audit_no_delete; DELETE FROM audit WHERE seq = 2",
		"a sitting begun":      "PRAGMA foreign_keys = 0; DELETE FROM sittings WHERE id = '" + live + "'",
		"a sitting handed in":  "DROP TRIGGER sittings_final; UPDATE sittings SET state = 'open', submitted_at = NULL WHERE id = '" + ended[0] + "'",
		"evidence":             "DROP TRIGGER evidence_no_delete; DELETE FROM evidence WHERE sitting_id IN (" + all + ")",
		"a result":             "DROP TRIGGER results_no_delete; DELETE FROM results WHERE sitting_id = '" + ended[0] + "'",
		"a score":              "DROP TRIGGER sittings_score; UPDATE sittings SET score = score / 2 + 1 WHERE id IN (" + all + ")",
		"one sitting a person": "DROP INDEX sittings_once; UPDATE sittings SET assignment_id = (SELECT min(assignment_id) FROM sittings)",
	} {
		t.Run(name, func(t *testing.T) {
			copied := t.TempDir()
			db, err := sql.Open("sqlite3", "file:"+filepath.Join(data, "leida.db")+"?mode=ro")
			ok(t, err)
			_, err = db.Exec("VACUUM INTO ?", filepath.Join(copied, "leida.db"))
			ok(t, errors.Join(err, db.Close()))
			db, err = sql.Open("sqlite3", "file:"+filepath.Join(copied, "leida.db"))
			ok(t, err)
			_, err = db.Exec(tamper)
			ok(t, errors.Join(err, db.Close()))
			if said := w.on(copied, c); len(said) > 0 != (tamper != "") {
				t.Errorf("the witness says %q", said)
			}
		})
	}
}
