package web_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"golang.org/x/net/html"

	"leida/internal/assessment"
	"leida/internal/item"
	"leida/internal/plain"
	"leida/internal/text"
	"leida/internal/web"
)

// library is the built-in definitions with some files changed; "" takes one away.
func library(t testing.TB, change func(name, source string) string) (*assessment.Library, assessment.Report) {
	t.Helper()
	lib, _ := builtIn()
	files := fstest.MapFS{}
	add := func(name string) {
		raw, err := plain.FS().ReadFile(name)
		must(err)
		if s := change(name, string(raw)); s != "" {
			files[name] = &fstest.MapFile{Data: []byte(s)}
		}
	}
	add("capability-model.yaml")
	for _, it := range lib.Items {
		add(it.File)
	}
	for _, a := range lib.Assessments {
		add(a.File)
	}
	out, report := assessment.Load(files, nil, nil)
	if out == nil {
		var b strings.Builder
		report.Write(&b, text.EN)
		t.Fatal(b.String())
	}
	return out, report
}

// matter is a page without what stands around it.
func (r reply) matter() string {
	r.t.Helper()
	main := find(r.is(http.StatusOK).doc(), "main", nil)
	if len(main) != 1 {
		r.t.Fatalf("%s: %d main elements", r.what, len(main))
	}
	var b strings.Builder
	must(html.Render(&b, main[0]))
	return b.String()
}

// The page of a past sitting is drawn from what was stored: definitions that change or go, the model among them, change no byte of it.
func TestResultDoesNotMove(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	at := "/sittings/" + w.sat(w.ann, w.assign("aic-cycle", w.east), item.First).ID + "/result"
	zh, en := w.as(w.ann).get(at).matter(), w.as(w.ann).english().get(at).matter()
	if strings.Count(zh, "<article") < 5 || zh == en {
		t.Fatal(zh)
	}
	titles := regexp.MustCompile(`(?m)^title:.*$`)
	lib, report := library(t, func(name, s string) string {
		switch {
		case strings.Contains(name, "practice") || strings.Contains(s, "id: aic-cycle\n"):
			return "" // the assessment is gone
		case name == "capability-model.yaml":
			return strings.NewReplacer("智能工单", "别的名字", "Smart-ticket", "Another name").Replace(s)
		case strings.Contains(s, "schema: leida/item"):
			return titles.ReplaceAllString(strings.Replace(s, "version: 1\n", "version: 2\n", 1), "title: {zh: 改了, en: Changed}")
		}
		return s
	})
	w2 := reopenWith(t, w, web.NewDefinitions(w.st, lib, report))
	for who, want := range map[*client]string{w2.as(w.ann): zh, w2.as(w.ann).english(): en} {
		if got := who.get(at).matter(); got != want {
			t.Errorf("the page moved:\n%s\n%s", want, got)
		}
	}
	if n := w.count("SELECT count(*) FROM results"); n != 1 {
		t.Errorf("%d results", n)
	}
}

// What was told is proved by its hash. A result that somebody changed is an error of the house and shows nothing.
func TestTamperedResult(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	x := w.sat(w.ann, w.assign("aic-cycle", w.east), item.First)
	r, err := w.st.Result(w.ctx, w.viewer(w.ann), x.ID)
	w.ok(err)
	told, err := x.Freeze(w.defs.Bank(w.ctx))
	w.ok(err)
	raw, err := told.Encode()
	w.ok(err)
	if sum := sha(raw); r.Hash != sum {
		t.Errorf("kept with hash %s, told with %s", r.Hash, sum)
	}
	db := w.open()
	for _, sql := range []string{"UPDATE results SET score = 1", "DELETE FROM results", "UPDATE item_texts SET body = '{}'", "DELETE FROM item_texts", "UPDATE sittings SET score = score + 1"} {
		if _, err := db.Exec(sql); err == nil || !strings.Contains(err.Error(), "frozen") {
			t.Errorf("%s: %v", sql, err)
		}
	}
	at := "/sittings/" + x.ID + "/result"
	for _, sql := range []string{"UPDATE results SET score = score + 1", "UPDATE results SET score = score - 1, hash = (SELECT token_hash FROM sessions LIMIT 1)", "UPDATE results SET body = hash"} {
		w.unseal("results")
		_, err = db.Exec(sql)
		w.ok(err)
		w.as(w.ann).get(at).is(http.StatusInternalServerError).lacks("<article", "aic-")
	}
}

// Sittings of the first schema have no stored result: the page shows them all the same, and the server keeps one with the scores that were told.
func TestResultsOfOldSittings(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	x := w.sat(w.ann, w.assign("aic-cycle", w.east), item.First)
	at := "/sittings/" + x.ID + "/result"
	want := w.as(w.ann).get(at).matter()
	kept, err := w.st.Result(w.ctx, w.viewer(w.ann), x.ID)
	w.ok(err)
	w.unseal("results", "item_texts")
	db := w.open()
	for _, sql := range []string{"DELETE FROM results", "DELETE FROM item_texts"} {
		_, err := db.Exec(sql)
		w.ok(err)
	}
	if got := w.as(w.ann).get(at).matter(); got != want {
		t.Errorf("before it is kept:\n%s\n%s", want, got)
	}
	for i, n := range []int{1, 0} {
		if got, err := w.defs.FreezeResults(w.ctx); got != n || err != nil {
			t.Errorf("%d: froze %d, %v", i, got, err)
		}
	}
	again, err := w.st.Result(w.ctx, w.viewer(w.ann), x.ID)
	w.ok(err)
	if again.Hash != kept.Hash || again.Revision != 1 {
		t.Errorf("%+v\n%+v", again, kept)
	}
	if got := w.as(w.ann).get(at).matter(); got != want {
		t.Error("the page moved")
	}
}
