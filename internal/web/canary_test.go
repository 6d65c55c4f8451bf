package web_test

import (
	"fmt"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"leida/internal/assessment"
	"leida/internal/item"
	"leida/internal/text"
	"leida/internal/web"
)

// canaries are items whose every field that tells something of the key holds a word that is nowhere else: CANARY-WHY may be read once the sitting is
// submitted, CANARY-NEVER never. Ids of parts are such words too: candidates see opaque ones.
var canaries = map[string]string{
	"single.yaml": `
type: single_choice
options:
  - {id: kanarie-1, zh: "甲选项", en: "option one", why: {zh: "CANARY-WHY-S1", en: "CANARY-WHY-S1E"}}
  - {id: kanarie-2, zh: "乙选项", en: "option two", credit: 1, why: {zh: "CANARY-WHY-S2", en: "CANARY-WHY-S2E"}}
  - {id: kanarie-3, zh: "丙选项", en: "option three", credit: 0.377, critical: true, cue: polite, why: {zh: "CANARY-WHY-S3", en: "CANARY-WHY-S3E"}}
  - {id: kanarie-4, zh: "丁选项", en: "option four"}
why: {zh: "CANARY-WHY-S", en: "CANARY-WHY-SE"}
feedback: {kanarie-4: {zh: "CANARY-WHY-S4", en: "CANARY-WHY-S4E"}}
`,
	"multi.yaml": `
type: multiple_choice
options:
  - {id: kanarie-1, zh: "甲选项", en: "option one", key: true, why: {zh: "CANARY-WHY-M1", en: "CANARY-WHY-M1E"}}
  - {id: kanarie-2, zh: "乙选项", en: "option two", key: true, cue: escalate}
  - {id: kanarie-3, zh: "丙选项", en: "option three", critical: true, why: {zh: "CANARY-WHY-M3", en: "CANARY-WHY-M3E"}}
feedback: {kanarie-2: {zh: "CANARY-WHY-M2", en: "CANARY-WHY-M2E"}}
why: {zh: "CANARY-WHY-M", en: "CANARY-WHY-ME"}
`,
	"match.yaml": `
type: matching
left:
  - {id: kanarie-1, zh: "左一", en: "left one"}
  - {id: kanarie-2, zh: "左二", en: "left two"}
right:
  - {id: kanarie-7, zh: "右一", en: "right one"}
  - {id: kanarie-8, zh: "右二", en: "right two"}
  - {id: kanarie-9, zh: "右三", en: "right three"}
pairs: {kanarie-1: kanarie-7, kanarie-2: kanarie-8}
accept: {kanarie-1: {kanarie-9: 0.377}}
feedback: {kanarie-1: {zh: "CANARY-WHY-P1", en: "CANARY-WHY-P1E"}, kanarie-2: {zh: "CANARY-WHY-P2", en: "CANARY-WHY-P2E"}}
why: {zh: "CANARY-WHY-P", en: "CANARY-WHY-PE"}
`,
	"order.yaml": `
type: ordering
items:
  - {id: kanarie-1, zh: "第一步", en: "step one"}
  - {id: kanarie-2, zh: "第二步", en: "step two"}
  - {id: kanarie-3, zh: "第三步", en: "step three"}
  - {id: kanarie-4, zh: "不相干", en: "beside the point"}
before: [[kanarie-2, kanarie-1], [kanarie-3, kanarie-2]]
exclude: [kanarie-4]
feedback: {kanarie-2: {zh: "CANARY-WHY-O2", en: "CANARY-WHY-O2E"}, kanarie-4: {zh: "CANARY-WHY-O4", en: "CANARY-WHY-O4E"}}
why: {zh: "CANARY-WHY-O", en: "CANARY-WHY-OE"}
`,
	"sjt.yaml": `
type: sjt
mode: best_worst
options:
  - {id: kanarie-1, zh: "做法一", en: "action one", m: 1.613, why: {zh: "CANARY-WHY-J1", en: "CANARY-WHY-J1E"}}
  - {id: kanarie-2, zh: "做法二", en: "action two", m: 6.113, cue: polite, why: {zh: "CANARY-WHY-J2", en: "CANARY-WHY-J2E"}}
  - {id: kanarie-3, zh: "做法三", en: "action three", m: 3.913}
panel: {size: 5, sd: {kanarie-1: 0.613, kanarie-2: 0.713, kanarie-3: 1.313}}
panel_status: illustrative
feedback: {kanarie-3: {zh: "CANARY-WHY-J3", en: "CANARY-WHY-J3E"}}
why: {zh: "CANARY-WHY-J", en: "CANARY-WHY-JE"}
`,
	"rate.yaml": `
type: sjt
mode: rate
options:
  - {id: kanarie-1, zh: "做法一", en: "action one", m: 1.613, why: {zh: "CANARY-WHY-R1", en: "CANARY-WHY-R1E"}}
  - {id: kanarie-2, zh: "做法二", en: "action two", m: 6.113, why: {zh: "CANARY-WHY-R2", en: "CANARY-WHY-R2E"}}
  - {id: kanarie-3, zh: "做法三", en: "action three", m: 3.913}
panel: {size: 5, sd: {kanarie-1: 0.613, kanarie-2: 0.713, kanarie-3: 1.313}}
why: {zh: "CANARY-WHY-R", en: "CANARY-WHY-RE"}
`,
}

const canaryHead = `schema: leida/item@1
id: %s
version: 1
status: live
measures: [{sub: AIC.1, w: 1.0}]
level: 3
use: [cycle]
tags: {scenario: banking}
title: {zh: "题目%[1]s", en: "Item %[1]s"}
prompt: {zh: "问什么", en: "What is asked"}
situation: {zh: "情况", en: "The situation"}
meta: {author: "CANARY-NEVER-author", reviewers: ["CANARY-NEVER-reviewer"], source: "CANARY-NEVER-source", note: "CANARY-NEVER-note"}
`

const canaryForm = `schema: leida/assessment@1
id: canary
version: 1
kind: cycle
title: {zh: "金丝雀", en: "Canary"}
purpose: {zh: "试一试", en: "To try"}
time_limit_s: 1200
sections:
  - {domain: AIC.1, weight: 1.0, draw: [{type: single_choice, n: 1}, {type: multiple_choice, n: 1}, {type: matching, n: 1}, {type: ordering, n: 1}, {type: sjt, n: 2}]}
`

// withFiles serves definitions from a directory of YAML, with the built-in model.
func withFiles(t testing.TB, files map[string]string) option {
	t.Helper()
	lib, report := loadFiles(t, files)
	if lib == nil {
		for _, f := range report {
			t.Log(f.Place(), f.Key, f.Args)
		}
		t.Fatal("the definitions are unsound")
	}
	return withDefinitions(lib, report)
}

func loadFiles(t testing.TB, files map[string]string) (*assessment.Library, assessment.Report) {
	t.Helper()
	dir := t.TempDir()
	for name, body := range files {
		must(os.WriteFile(filepath.Join(dir, name), []byte(body), 0o600))
	}
	builtin, _ := builtIn()
	return assessment.Load(os.DirFS(dir), builtin.Model, nil)
}

// canaryFiles are an item of each kind and the form that draws them: those of this file, and for the other kinds the first fixture that the kind itself is tested by.
func canaryFiles() map[string]string {
	files := map[string]string{}
	draws := ""
	for name, body := range canaries {
		files[name] = fmt.Sprintf(canaryHead, "canary-"+strings.TrimSuffix(name, ".yaml")) + strings.TrimPrefix(body, "\n")
	}
	for _, kind := range item.KindNames() {
		if strings.Contains(canaryForm, kind) {
			continue
		}
		fixtures, err := filepath.Glob(filepath.Join("..", "item", "testdata", kind, "*.yaml"))
		must(err)
		raw, err := os.ReadFile(fixtures[0])
		must(err)
		files[kind+".yaml"] = canaryLines.ReplaceAllStringFunc(string(raw), func(line string) string {
			return map[string]string{"stat": "status: live", "meas": "measures: [{sub: AIC.1, w: 1}]", "use:": "use: [cycle]", "tags": "tags: {scenario: banking}"}[line[:4]]
		})
		draws += ", {type: " + kind + ", n: 1}"
	}
	files["form.yaml"] = strings.Replace(canaryForm, "]}\n", draws+"]}\n", 1)
	return files
}

var canaryLines = regexp.MustCompile(`(?m)^(status|measures|use|tags):.*$`)

// canaryOf is the id of the kind's item among the canaries.
func (w *world) canaryOf(kind string) string {
	for _, it := range w.defs.Current().Items {
		if it.Type == kind {
			return it.ID
		}
	}
	w.t.Fatal("no ", kind)
	return ""
}

// begun is the page of an item whose clock, if it has one of its own, has been started.
func (c *client) begun(path string) reply {
	c.w.t.Helper()
	page := c.get(path)
	if len(find(page.doc(), "form", func(n *html.Node) bool { return attr(n, "action") == path+"/open" })) == 0 {
		return page
	}
	c.post(path+"/open", nil).to(path)
	return c.get(path)
}

// told are the marks of a key: words, ids of the definition, credits, panel means, the file's name.
var told = []string{"CANARY", "kanarie", "0.377", "37.7", "1.613", "6.113", "3.913", "0.613", "0.713", "1.313", "illustrative", ".yaml"}

// silent asks that nothing of an answer tells of the key.
func silent(t testing.TB, got reply) {
	t.Helper()
	whole := got.body + fmt.Sprint(got.header)
	for _, word := range told {
		if strings.Contains(whole, word) {
			t.Errorf("%s tells %q", got.what, word)
		}
	}
}

// crawl follows every link that a page has, and calls each route that has no parameter. Of the pages of sub-competencies, which are alike, it takes the first of each capability.
func crawl(c *client, visit func(reply), from ...string) int {
	seen := map[string]bool{}
	queue := slices.Clone(from)
	for _, r := range web.Routes {
		if !r.Writes() && !strings.ContainsAny(r.Path, ":*") {
			queue = append(queue, r.Path)
		}
	}
	for len(queue) > 0 {
		path := queue[0]
		queue = queue[1:]
		if path, _, _ = strings.Cut(path, "#"); seen[path] || !strings.HasPrefix(path, "/") || strings.HasPrefix(path, "/static/") || strings.Contains(path, "/subs/") && !strings.HasSuffix(path, ".1") {
			continue
		}
		seen[path] = true
		got := c.get(path)
		visit(got)
		queue = append(queue, got.header.Get("Location"))
		if strings.HasPrefix(got.header.Get("Content-Type"), "text/html") {
			walk(got.doc(), func(n *html.Node) {
				for _, name := range []string{"href", "src", "action", "data-href"} {
					if n.Type == html.ElementNode && hasAttr(n, name) {
						queue = append(queue, attr(n, name))
					}
				}
			})
		}
	}
	return len(seen)
}

func TestCanary(t *testing.T) {
	t.Parallel()
	w := newWorld(t, withFiles(t, canaryFiles()))
	a := w.assign("canary", w.east)
	c := w.as(w.ann)
	at := c.start(a)
	n := len(w.kept(w.ann, at).Slots)
	languages := func(do func(c *client)) {
		do(c)
		e := c.copy().english()
		do(e)
	}
	check := func(r reply) { silent(t, r) }
	pages := 0
	everywhere := []string{at, at + "/submit", at + "/result", "/me", "/people/" + w.ann.ID + "/subs/AIC.1", "/people/" + w.ann.ID + "/scores.csv", "/people/" + w.ann.ID + "/radar.svg"}
	for i := range n {
		everywhere = append(everywhere, fmt.Sprintf("%s/items/%d", at, i+1))
	}
	languages(func(c *client) { pages += crawl(c, check, everywhere...) })
	for i := range n {
		path := fmt.Sprintf("%s/items/%d", at, i+1)
		page := c.begun(path)
		silent(t, page)
		answer := page.fill(path)
		silent(t, c.json(path, wire(answer, 1)).is(200))
		silent(t, c.post(path, answer)) // an old revision
		for _, bad := range []string{`{"rev":2,"answer":{"choice":"kanari","choices":["x"],"rank":{"x":1},"pairs":{"x":"y"},"best":"x","ratings":{"x":9}}}`, `{"rev":2,"answer":{"choice":["a"]}}`, `{`} {
			languages(func(c *client) { silent(t, c.json(path, bad)) })
		}
		for name := range answer {
			wrong := maps.Clone(answer)
			wrong.Set(name, "99999")
			languages(func(c *client) { silent(t, c.post(path, wrong)) })
		}
	}
	languages(func(c *client) { pages += crawl(c, check, everywhere...) })
	silent(t, c.get("/bank/items/canary-single").is(http.StatusForbidden))
	for _, other := range []*client{w.as(w.eve), w.as(w.bob), w.as(w.ada), w.anybody()} {
		if other.get("/bank").status != 200 { // trainers and admins see the bank
			pages += crawl(other, check, append(everywhere, "/teams/"+w.east, "/assignments/"+a.ID)...)
		}
	}

	c.post(at+"/submit", nil).to(at + "/result")
	marks := map[text.Lang]reply{text.ZH: c.get(at + "/result").is(200), text.EN: c.copy().english().get(at + "/result").is(200)}
	for _, body := range canaries {
		for _, word := range strings.FieldsFunc(body, func(r rune) bool { return r == '"' || r == ' ' || r == '{' || r == '}' || r == ',' }) {
			if !strings.HasPrefix(word, "CANARY-WHY") {
				continue
			}
			l := text.ZH
			if strings.HasSuffix(word, "E") {
				l = text.EN
			}
			if !strings.Contains(marks[l].plain(), word) {
				t.Errorf("the result does not explain %s", word)
			}
		}
	}
	languages(func(c *client) {
		pages += crawl(c, func(r reply) {
			for _, never := range []string{"CANARY-NEVER", "kanarie", "illustrative"} {
				if strings.Contains(r.body, never) {
					t.Errorf("%s tells %s", r.what, never)
				}
			}
			if !strings.Contains(r.what, "/result") {
				r.lacks("CANARY")
			}
		}, everywhere...)
	})
	t.Log(pages, "pages")
	// what somebody else has submitted tells bob nothing while he sits
	bob := w.as(w.bob)
	theirs := bob.start(a)
	crawl(bob, check, append(everywhere, theirs)...)
}

// The same seed shows the same page, and two people see the options under ids that say nothing of the key.
func TestShownIDsAreOpaque(t *testing.T) {
	t.Parallel()
	w := newWorld(t, withFiles(t, canaryFiles()))
	a := w.assign("canary", w.root)
	orders := map[string]bool{}
	for i := range 12 {
		p := w.agent(fmt.Sprintf("C%02d", i), fmt.Sprintf("候选人%d", i), w.east)
		c := w.as(p)
		path := w.kindAt(p, c.start(a), "single_choice")
		page := c.get(path)
		if again := c.get(path); words(find(again.doc(), "main", nil)[0]) != words(find(page.doc(), "main", nil)[0]) {
			t.Fatal("the page changes from look to look")
		}
		order := ""
		for _, label := range find(page.doc(), "label", func(n *html.Node) bool { return attr(n, "class") == "opt" }) {
			order += words(label) + " "
		}
		_, all := page.controls(path)
		if !slices.Equal(all["choice"], []string{"o1", "o2", "o3", "o4"}) {
			t.Errorf("ids %v", all["choice"])
		}
		orders[order] = true
	}
	if len(orders) < 3 {
		t.Errorf("%d orders for 12 people", len(orders))
	}
}
