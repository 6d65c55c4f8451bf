package web_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"

	"golang.org/x/net/html"

	"leida/assessments"
	"leida/internal/assessment"
	"leida/internal/exam"
)

// shipped are the definitions that come with leida, with their own forms.
var shipped = sync.OnceValues(func() (*assessment.Library, assessment.Report) { return assessment.Load(assessments.FS, nil, nil) })

// Every form that leida ships can be sat from the first page to the result by forms alone, and what is answered is marked, or waits for people.
func TestFormsThatAreShipped(t *testing.T) {
	t.Parallel()
	lib, report := shipped()
	w := newWorld(t, withDefinitions(lib, report))
	c := w.as(w.ann)
	for _, a := range lib.Assessments {
		at := c.start(w.assign(a.ID, w.east))
		for n := range w.kept(w.ann, at).Slots {
			c.workThrough(at, n)
		}
		if blank := w.kept(w.ann, at).Unanswered(); len(blank) > 0 {
			t.Errorf("%s: places %v are without an answer", a.ID, blank)
		}
		c.post(at+"/submit", url.Values{}).to(at)
		x := w.kept(w.ann, at)
		if x.State != exam.Submitted {
			t.Fatalf("%s is %s", a.ID, x.State)
		}
		for _, lang := range []string{"zh-CN", "en"} {
			page := c.get(at+"/result", "Accept-Language", lang).is(http.StatusOK)
			for _, slot := range x.Slots {
				it, err := w.defs.ItemAt(w.ctx, slot.ItemHash)
				w.ok(err)
				if lang == "en" {
					page.has(it.Title.EN)
				} else {
					page.has(it.Title.ZH)
				}
			}
		}
		evidence, err := w.st.EvidenceOfPeople(w.ctx, []string{w.ann.ID})
		w.ok(err)
		subs := map[string]int{}
		for _, e := range evidence[w.ann.ID] {
			if e.SittingID == x.ID {
				subs[e.Sub]++
			}
		}
		for _, s := range a.Sections {
			if _, _, isSub := lib.Model.Sub(s.Domain); isSub && subs[s.Domain] == 0 {
				t.Errorf("%s: no evidence of %s: %v", a.ID, s.Domain, subs)
			}
		}
	}
}

// workThrough answers a place of a sitting by forms until nothing more is asked: it starts the item's clock, watches turn by turn, and decides anew when more is shown.
func (c *client) workThrough(at string, n int) {
	t := c.w.t
	t.Helper()
	path := fmt.Sprintf("%s/items/%d", at, n+1)
	for range 400 {
		page := c.get(path).is(http.StatusOK)
		if page.opens(path) {
			c.open(path)
			continue
		}
		before := string(c.w.kept(c.w.ann, at).Slots[n].Answer)
		c.post(path, page.typed(path)).is(http.StatusSeeOther)
		if string(c.w.kept(c.w.ann, at).Slots[n].Answer) == before {
			return
		}
	}
	t.Fatalf("%s: there is no end to it", path)
}

// opens reports whether a place's page asks to start its item's clock.
func (r reply) opens(path string) bool {
	return len(find(r.doc(), "form", func(n *html.Node) bool { return attr(n, "action") == path+"/open" })) > 0
}

// open starts the clock of a place's item where it has one.
func (c *client) open(path string) {
	c.w.t.Helper()
	if c.get(path).is(http.StatusOK).opens(path) {
		c.post(path+"/open", url.Values{}).to(path)
	}
}

// typed is fill with what has to be typed, and with the first of the buttons that lead on inside the item.
func (r reply) typed(action string) url.Values {
	form := r.fill(action)
	walk(r.doc(), func(n *html.Node) {
		name := attr(n, "name")
		if n.Type != html.ElementNode || !form.Has(name) || form.Get(name) != "" || strings.HasPrefix(name, "_") {
			return
		}
		switch {
		case n.Data == "textarea":
			form.Set(name, strings.Repeat("先核实再答复，今天18:00前给您消息。", 3))
		case n.Data == "input" && attr(n, "type") == "number", n.Data == "input" && attr(n, "inputmode") != "":
			form.Set(name, "50")
		}
	})
	for _, b := range find(r.doc(), "button", func(n *html.Node) bool { return attr(n, "data-press") != "" && attr(n, "name") != "" }) {
		form.Set(attr(b, "name"), attr(b, "value"))
		break
	}
	return form
}
