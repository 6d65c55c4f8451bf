package web_test

import (
	"bytes"
	"compress/flate"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"leida/internal/hostile"
)

// Every column of text in the database is one of these: free text, which the tests named fill with the corpus, or text that only the program writes.
var (
	freeText = map[string]string{
		"people.name": "TestHostileCentre", "people.number": "TestHostileCentre", "people.email": "TestHostileCentre", "people.job_profile": "TestNamesAreText",
		"teams.name": "TestHostileCentre", "teams.code": "TestHostileCentre", "cycles.name_zh": "TestHostileCentre", "cycles.name_en": "TestHostileCentre",
		"sessions.user_agent": "TestHostileCentre", "sittings.title_zh": "TestHostileCentre", "sittings.title_en": "TestHostileCentre",
		"definitions.definition": "TestHostileSittings", "item_texts.body": "TestHostileSittings", "slots.answer": "FuzzSave",
		"rescorings.reason": "TestHostileReasons", "results.reason": "TestHostileReasons",
	}
	ours = regexp.MustCompile(`\.(id|[a-z]+_id|[a-z]+_canon|hash|[a-z]+_hash|state|access|schema|assessment|assigned_by|holder|made_by|actor|action|object|request_id|sub|source|rule|newest|digest|counts|effects|left_as_was|key|name_key)$` +
		`|^(slots\.critical|evidence\.(scenario|channel)|snapshots\.body|audit\.detail|leases\.name|throttles\.key)$`)
)

func TestEveryFreeTextIsTried(t *testing.T) {
	table, column := regexp.MustCompile(`^(?:CREATE TABLE|ALTER TABLE) (\w+)`), regexp.MustCompile(`^\s+(\w+)\s+TEXT\b|ADD COLUMN (\w+)\s+TEXT\b`)
	files, err := filepath.Glob("../store/migrations/sqlite/*.sql")
	if err != nil || len(files) == 0 {
		t.Fatal("no migrations", err)
	}
	seen := map[string]bool{}
	for _, f := range files {
		raw, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		at := ""
		for line := range strings.Lines(string(raw)) {
			if m := table.FindStringSubmatch(line); m != nil {
				at = m[1]
			}
			if m := column.FindStringSubmatch(line); m != nil {
				seen[at+"."+m[1]+m[2]] = true
			}
		}
	}
	for name := range seen {
		if freeText[name] == "" && !ours.MatchString(name) {
			t.Errorf("%s: is it free text? Then a test has to fill it with the corpus", name)
		}
	}
	tests, err := filepath.Glob("*_test.go")
	if err != nil {
		t.Fatal(err)
	}
	all := ""
	for _, f := range tests {
		raw, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		all += string(raw)
	}
	for name, test := range freeText {
		if !seen[name] || !strings.Contains(all, "func "+test+"(") {
			t.Errorf("%s or %s is no more", name, test)
		}
	}
}

// TestHostileReasons: why an item was marked anew is written by a trainer and read by agents, managers and trainers. One result carries the whole corpus of reasons.
func TestHostileReasons(t *testing.T) {
	t.Parallel()
	w, _ := teamOfSeven(t)
	db := w.open()
	var sitting, definition string
	w.ok(db.QueryRow("SELECT id FROM sittings WHERE person_id = ? ORDER BY id LIMIT 1", w.ann.ID).Scan(&sitting))
	w.ok(db.QueryRow("SELECT hash FROM definitions ORDER BY hash LIMIT 1").Scan(&definition))
	kept, err := w.st.Result(w.ctx, w.viewer(w.ann), sitting)
	w.ok(err)
	ann, lead, trainer := w.as(w.ann), w.as(w.eve), w.as(w.tess)
	path := "/sittings/" + sitting + "/result"
	was := append(bones(t, ann.get(path).is(200)), bones(t, lead.get(path).is(200))...)
	frame := []string{"<section class aria-labelledby>", "<ul class>", "<li>"} // of the list of reasons
	texts := hostile.Corpus()
	for i, x := range texts {
		at := noon.UnixMilli() + int64(i)
		r := *kept.Result
		r.Revision, r.At, r.Reason, r.Rescoring = i+2, at, x, fmt.Sprintf("r%03d", i)
		raw, err := r.Encode()
		w.ok(err)
		var body bytes.Buffer
		z, err := flate.NewWriter(&body, flate.BestSpeed)
		w.ok(err)
		_, err = z.Write(raw)
		w.ok(errors.Join(err, z.Close()))
		sum := sha256.Sum256(raw)
		_, err = db.Exec("INSERT INTO rescorings (id, item_id, rule, reason, newest, version, state, made_by, made_at, ended_at) VALUES (?, 'aic-single-0001', 'current', ?, ?, 1, 'applied', ?, ?, ?)", r.Rescoring, x, definition, w.tess.ID, at, at)
		w.ok(err)
		_, err = db.Exec("INSERT INTO results (sitting_id, revision, at, reason, rescoring_id, score, body, hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?)", sitting, r.Revision, at, x, r.Rescoring, r.Score, body.Bytes(), sum[:])
		w.ok(err)
	}
	for _, c := range []*client{ann, lead, ann.copy().english()} {
		got := c.get(path).is(200)
		inert(t, got)
		now := bones(t, got)
		for i, b := range now { // what is there more is the list of reasons
			if !slices.Contains(was, b) && !slices.Contains(frame, b) {
				t.Errorf("%s: element %d is %s", got.what, i, b)
			}
		}
		if n := len(find(got.doc(), "li", nil)); n < len(texts) {
			t.Errorf("%s: %d reasons of %d", got.what, n, len(texts))
		}
		plain := squeezed(got.plain())
		for _, x := range texts {
			if !strings.Contains(plain, squeezed(x)) {
				t.Errorf("%q is not there as text", x)
			}
		}
	}
	n := crawl(trainer, func(r reply) {
		polite(t, tableRow(r), r)
		if r.parsed != nil {
			inert(t, r)
			for _, bad := range []string{"img", "iframe", "base", "math", "object", "embed", "xss", "style", "marquee"} {
				if len(find(r.doc(), bad, nil)) > 0 {
					t.Errorf("%s: a reason made an element %s", r.what, bad)
				}
			}
		}
	})
	t.Log(len(texts), "reasons,", n, "pages of a trainer")
}
