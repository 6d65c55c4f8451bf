package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// A conversation is shown turn by turn, by forms alone: each press leads back to the page, which has grown by what was asked for and by nothing else.
func TestTurnsAreShownOneByOne(t *testing.T) {
	t.Parallel()
	w := newWorld(t, withFiles(t, canaryFiles()))
	c := w.as(w.ann)
	path := w.kindAt(w.ann, c.start(w.assign("canary", w.east)), "intervention_timing")
	press := func(what string, more url.Values) reply {
		t.Helper()
		page := c.get(path).is(http.StatusOK)
		form, _ := page.controls(path)
		for _, b := range find(page.doc(), "button", func(n *html.Node) bool { return attr(n, "data-press") == what }) {
			form.Set(attr(b, "name"), attr(b, "value"))
		}
		for name, values := range more {
			form[name] = values
		}
		return c.post(path, form)
	}
	lines := func(r reply) int { return strings.Count(r.body, "STIMULUS") }
	at := func(turn int) {
		t.Helper()
		if got := lines(c.get(path).is(http.StatusOK)); got != 2*turn {
			t.Fatalf("%d lines are in the page, want those of %d turns", got, turn)
		}
	}
	at(1)
	press("watch", nil).to(path)
	at(2)
	press("watch", nil).to(path)
	at(3)

	// what cannot be is refused at its field, in the page's own ids, and shows nothing that was not there
	for field, values := range map[string]string{"seen[k1]": "5", "clips[k1][turn]": "2", "clips[k2][turn]": "1", "seen[k2]": "2"} {
		form := url.Values{"_rev": {"99"}, field: {values}}
		got := c.post(path, form).is(http.StatusUnprocessableEntity)
		if silent(t, got); lines(got) != 6 {
			t.Errorf("%s=%s shows %d lines", field, values, lines(got))
		}
		head, _, _ := strings.Cut(field, "][")
		got.has(strings.TrimSuffix(head, "]"))
	}
	stale := url.Values{"_rev": {"99"}, "seen[k1]": {"2"}}
	c.post(path, stale).to(path)
	at(3)

	// taking over without a reason is kept, and the page asks for one before it goes on
	press("take", nil).to(path)
	at(3)
	reason := c.get(path)
	_, all := reason.controls(path)
	if len(all["clips[k1][reason]"]) != 3 || len(find(reason.doc(), "button", func(n *html.Node) bool { return attr(n, "data-press") == "watch" })) > 0 {
		t.Fatalf("no reason is asked for: %v", all)
	}
	press("take", url.Values{"clips[k1][reason]": {"r1"}}).to(path)
	at(1)
}
