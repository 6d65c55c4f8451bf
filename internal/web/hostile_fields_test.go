package web_test

import (
	"bytes"
	"compress/flate"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"leida/internal/hostile"
	"leida/internal/item"
	"leida/internal/org"
	"leida/internal/text"
	"leida/internal/web"
)

// Every column of text in the database is one of these: free text, which the tests named fill with the corpus, or text that only the program writes.
var (
	freeText = map[string]string{
		"people.name": "TestHostileCentre", "people.number": "TestHostileCentre", "people.email": "TestHostileCentre", "people.job_profile": "TestNamesAreText",
		"teams.name": "TestHostileCentre", "teams.code": "TestHostileCentre", "cycles.name_zh": "TestHostileCentre", "cycles.name_en": "TestHostileCentre",
		"sessions.user_agent": "TestHostileCentre", "sittings.title_zh": "TestHostileCentre", "sittings.title_en": "TestHostileCentre",
		"definitions.definition": "TestHostileSittings", "item_texts.body": "TestHostileSittings", "slots.answer": "TestHostileAnswers",
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

// written are the answers of a sitting's place with every text that is in one of its fields, which stand in the order of the page.
func (w *world) written(p org.Person, at string, n int) []string {
	w.t.Helper()
	var a struct {
		Text     string
		Sections map[string]string
	}
	raw := w.kept(p, at).Slots[n].Answer
	if len(raw) == 0 {
		return nil
	}
	w.ok(json.Unmarshal(raw, &a))
	if a.Text != "" {
		return []string{a.Text}
	}
	return slices.Sorted(maps.Values(a.Sections))
}

// TestHostileAnswers writes the corpus into every field that a candidate writes freely: each text alone, kept as it was typed and shown in its field, and all of them together in one result, as
// the agent and as the manager see it. The pages have the elements of another agent's, who wrote as much of nothing in particular.
func TestHostileAnswers(t *testing.T) {
	t.Parallel()
	w := newWorld(t, withFiles(t, canaryFiles()), func(c *web.Config) { c.Rand = sevens{} }) // so that both get the same paper
	a := w.assign("canary", w.east)
	ann, bob := w.as(w.ann), w.as(w.bob)
	at, plain := ann.start(a), bob.start(a)
	var free []int
	for n, slot := range w.kept(w.ann, at).Slots {
		it, err := w.defs.ItemAt(w.ctx, slot.ItemHash)
		w.ok(err)
		if slices.Contains([]string{"constructed", "improvement_proposal"}, it.Type) {
			free = append(free, n)
		}
	}
	if len(free) != 2 {
		t.Fatalf("%d places to write at", len(free))
	}
	inField := func(x *html.Node) bool { return attr(x, "name") != "" }
	rev := 1
	// write sends texts to the fields of a place, one after another, and is the page then.
	write := func(c *client, at string, n int, fields []*html.Node, texts ...string) reply {
		t.Helper()
		path, form := fmt.Sprintf("%s/items/%d", at, n+1), url.Values{"_rev": {fmt.Sprint(rev)}}
		rev++
		for i, field := range fields {
			form.Set(attr(field, "name"), texts[i%len(texts)])
		}
		c.post(path, form).to(at)
		return c.get(path).is(http.StatusOK)
	}
	filler := func(s string) string { return strings.Repeat("字", item.Chars(s)) }
	lines := strings.NewReplacer("\r\n", "\n", "\r", "\n")
	texts := hostile.Corpus()
	for _, n := range free {
		was := bob.get(fmt.Sprintf("%s/items/%d", plain, n+1)).is(http.StatusOK)
		fields := find(was.doc(), "textarea", inField)
		for _, x := range texts {
			got := write(ann, at, n, fields, x)
			got.what = fmt.Sprintf("place %d with %q", n+1, x)
			inert(t, got)
			if !slices.Equal(bones(t, got), bones(t, was)) {
				t.Errorf("%s changed the page", got.what)
			}
			want := lines.Replace(x)
			if strings.TrimSpace(x) == "" {
				want = ""
			}
			for _, kept := range w.written(w.ann, at, n) {
				if kept != want {
					t.Errorf("%s: %q is kept", got.what, kept)
				}
			}
			for _, field := range find(got.doc(), "textarea", inField) {
				if shown := words(field); shown != strings.TrimSpace(want) {
					t.Errorf("%s: %q stands in the field", got.what, shown)
				}
			}
		}
		all := make([]string, len(fields)) // the corpus once more, some of it in each field
		for i, x := range texts {
			all[i%len(all)] += x + "\n"
		}
		write(ann, at, n, fields, all...)
		for i, x := range all {
			all[i] = filler(x)
		}
		write(bob, plain, n, fields, all...)
	}
	ann.post(at+"/submit", nil).to(at)
	bob.post(plain+"/submit", nil).to(plain)
	for who, c := range map[string]*client{"agent": ann, "manager": w.as(w.eve)} {
		for _, l := range text.Langs {
			got := c.get(at+"/result", "Accept-Language", string(l)).is(http.StatusOK)
			other := bob
			if who == "manager" {
				other = c
			}
			was := other.get(plain+"/result", "Accept-Language", string(l)).is(http.StatusOK)
			got.what = who + ": " + got.what
			inert(t, got)
			if !slices.Equal(bones(t, got), bones(t, was)) {
				t.Errorf("%s has other elements", got.what)
			}
			shown := squeezed(got.plain())
			for _, x := range texts {
				if n := strings.Count(shown, squeezed(x)); squeezed(x) != "" && n < 2 {
					t.Errorf("%s: %q stands there %d times", got.what, x, n)
				}
			}
		}
	}
	w.as(w.tess).get(at + "/result").is(http.StatusNotFound) // trainers read no results
}
