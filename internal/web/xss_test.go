package web_test

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"leida/internal/item"
	"leida/internal/text"
)

// payloads are what people write who want a page to run it.
var payloads = []string{
	`<script>alert(1)</script>`, `"><img src=x onerror=alert(1)>`, `'><svg/onload=alert(1)>`, `</script><script>alert(1)</script>`, `<a href="javascript:alert(1)">x</a>`, `" onmouseover="alert(1)`, `' autofocus onfocus='alert(1)`,
	`</textarea></select></title></style><iframe src=//evil.example>`, `<!--<b>`, `]]><x>`, `{{.}}{{template "main"}}`, "\u202egnp.exe", "`${alert(1)}`", `&lt;script&gt;`, `&#60;script&#62;`, `<math><mi//xlink:href="data:x,<script>alert(1)</script>">`, `\u003cscript\u003e`, `<base href=//evil.example>`, `<meta http-equiv=refresh content=0>`,
}

// shape is a page's elements with the names of their attributes. Inside a drawing words are laid out by their length, so there only the kinds of elements count.
func shape(r reply) string {
	var b strings.Builder
	var down func(n *html.Node)
	down = func(n *html.Node) {
		if n.Type == html.CommentNode {
			b.WriteString("<!---->")
		}
		if n.Type == html.ElementNode {
			b.WriteString("<" + n.Data)
			for _, a := range n.Attr {
				b.WriteString(" " + a.Key)
			}
			b.WriteString(">")
			if n.Data == "svg" {
				kinds := map[string]bool{}
				walk(n, func(x *html.Node) {
					if x.Type == html.ElementNode {
						kinds[x.Data] = true
					}
				})
				delete(kinds, "tspan")
				b.WriteString(fmt.Sprint(len(kinds), kinds))
				return
			}
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			down(c)
		}
	}
	down(r.doc())
	return b.String()
}

// drawn are the elements that a drawing of ours has.
var drawn = []string{"svg", "title", "desc", "g", "path", "circle", "line", "polyline", "rect", "text", "tspan", "polygon", "defs", "clipPath", "use"}

// wellFormed asks that an SVG file be XML of our elements, without anything that runs or loads.
func wellFormed(t *testing.T, r reply) {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader(r.body))
	for {
		tok, err := d.Token()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.Errorf("%s: %v", r.what, err)
			return
		}
		if e, ok := tok.(xml.StartElement); ok {
			if !slices.Contains(drawn, e.Name.Local) {
				t.Errorf("%s: element %s", r.what, e.Name.Local)
			}
			for _, a := range e.Attr {
				if strings.HasPrefix(a.Name.Local, "on") || a.Name.Local == "href" || a.Name.Local == "style" {
					t.Errorf("%s: %s %s", r.what, e.Name.Local, a.Name.Local)
				}
			}
		}
	}
}

// Names of people and teams, numbers and job profiles are text wherever they stand.
func TestNamesAreText(t *testing.T) {
	t.Parallel()
	w, people := teamOfSeven(t)
	a := w.assign("svi-cycle", w.east)
	lead, admin, ann, trainer := w.as(w.eve), w.as(w.ada), w.as(w.ann), w.as(w.tess)
	lead.get("/people/" + w.ann.ID).is(200)
	light := map[string]*client{"/": ann, "/account": ann, "/people/" + w.ann.ID + "/subs/AIC.1": lead, "/admin/people/" + w.ann.ID: admin, "/assignments/" + a.ID: trainer, "/assignments/new": trainer}
	heavy := map[string]*client{"/me": ann, "/people/" + w.ann.ID: lead, "/people/" + people[3].ID + "?compare=team": lead, "/teams": lead, "/teams/" + w.east: lead, "/teams/" + w.east + "?sort=AIC.2": lead, "/admin/people": admin}
	db := w.open()
	_, err := db.Exec("UPDATE people SET job_profile = 'nothing' WHERE id = ?", people[6].ID)
	w.ok(err)
	clean := map[string]reply{}
	for _, pages := range []map[string]*client{light, heavy} {
		for path, c := range pages {
			clean[path] = c.get(path).is(200)
		}
	}
	check := func(path string, c *client, text ...string) {
		got := c.get(path).is(200)
		inert(t, got)
		if a, b := shape(clean[path]), shape(got); a != b {
			at := 0
			for at < min(len(a), len(b)) && a[at] == b[at] {
				at++
			}
			t.Fatalf("%s: %q changed the page: …%s… was …%s…", path, text, b[max(0, at-80):min(len(b), at+120)], a[max(0, at-80):min(len(a), at+120)])
		}
		for _, p := range text {
			if !strings.Contains(got.plain(), p) {
				t.Errorf("%s: %q is not there as text", path, p)
			}
		}
	}
	who := append(slices.Clone(people), w.eve)
	for i := range payloads {
		var names []string
		for j, x := range who { // the first is ann, who is called by each in turn
			p := payloads[(i+j)%len(payloads)]
			names = append(names, p)
			_, err := db.Exec("UPDATE people SET name = ?, number = ? WHERE id = ?", p, p+x.Number, x.ID)
			w.ok(err)
		}
		_, err := db.Exec("UPDATE people SET job_profile = ? WHERE id = ?", payloads[i], people[6].ID)
		w.ok(err)
		_, err = db.Exec("UPDATE teams SET name = ?", payloads[i])
		w.ok(err)
		for path, c := range light {
			check(path, c, payloads[i])
		}
		for _, r := range []reply{lead.get("/people/" + w.ann.ID + "/radar.svg").is(200), lead.get("/teams/" + w.east + "/radar.svg").is(200)} {
			wellFormed(t, r)
			if d := r.header.Get("Content-Disposition"); strings.ContainsAny(d, "<>'\\`") || strings.Count(d, `"`) != 2 {
				t.Errorf("%s: %s", r.what, d)
			}
		}
		if i%6 != 0 {
			continue
		}
		for path, c := range heavy {
			switch {
			case strings.HasPrefix(path, "/teams/"):
				check(path, c, names[:7]...)
			default:
				check(path, c, payloads[i])
			}
		}
		for _, path := range []string{"/people/" + w.ann.ID + "/scores.csv", "/teams/" + w.east + "/scores.csv"} {
			lead.get(path).is(200).cells()
		}
	}
}

// What comes in a roster file is text on the preview.
func TestRosterPreviewIsText(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.as(w.ada)
	quote := func(s string) string { return `"` + strings.ReplaceAll(s, `"`, `""`) + `"` }
	clean := c.upload(rosterHead + "N1,某人,某队,a@b.c,agent,,\n").is(200)
	broken := c.upload(rosterHead + "N1,某人,某队,a@b.c,king,某日,\n").is(422)
	for _, p := range payloads {
		w.rested()
		team := strings.NewReplacer(">", "", "/", "", "》", "").Replace(p)
		got := c.upload(rosterHead + quote(p) + "," + quote(p) + "," + quote(team) + ",a@b.c,agent,,\n")
		inert(t, got)
		if got.status == 200 && shape(got) != shape(clean) {
			t.Errorf("%q changed the preview", p)
		}
		got = c.upload(rosterHead + "N1,某人,某队,a@b.c," + quote(p) + "," + quote(p) + ",\n").is(422).has(p)
		inert(t, got)
		if shape(got) != shape(broken) {
			t.Errorf("%q changed the problems", p)
		}
		got = c.upload(quote(p) + "," + quote(p) + "\n1,2\n").is(422)
		inert(t, got)
	}
}

// What authors write is text, or the little formatting that Markdown has; in the item, its result and the bank.
func TestItemTextsAreText(t *testing.T) {
	t.Parallel()
	const reading = `reference:
  - {id: R1, zh: PAYLOAD, en: PAYLOAD}
dialogue:
  - {id: c1, who: customer, zh: PAYLOAD, en: PAYLOAD}
  - {id: a1, who: ai, zh: PAYLOAD, en: PAYLOAD}
records:
  - {id: E1, at: PAYLOAD, channel: PAYLOAD, zh: PAYLOAD, en: PAYLOAD}
table:
  columns: [no, says]
  labels: {no: PAYLOAD, says: PAYLOAD}
  rows:
    - [PAYLOAD, PAYLOAD]
`
	files := func(p string) map[string]string {
		word := "'" + strings.ReplaceAll(p, "'", "''") + "'"
		out := canaryFiles()
		for name, body := range out {
			for _, was := range []string{`"甲选项"`, `"option one"`, `"左一"`, `"left one"`, `"右一"`, `"right one"`, `"第一步"`, `"step one"`, `"不相干"`, `"beside the point"`, `"做法一"`, `"action one"`, `"问什么"`, `"What is asked"`, `"情况"`, `"The situation"`, `"金丝雀"`, `"Canary"`, `"试一试"`} {
				body = strings.ReplaceAll(body, was, word)
			}
			for _, was := range []string{"CANARY-WHY-S1", "CANARY-WHY-S1E", "CANARY-WHY-M", "CANARY-WHY-ME", "CANARY-WHY-P1", "CANARY-WHY-O2", "CANARY-WHY-J1"} {
				body = strings.ReplaceAll(body, `"`+was+`"`, word)
			}
			body = strings.ReplaceAll(body, `zh: "题目`, `zh: `+word+` #`)
			if strings.Contains(body, word+" #") { // the title: the rest of its line goes with it
				lines := strings.Split(body, "\n")
				for i, line := range lines {
					if strings.HasPrefix(line, "title: ") {
						lines[i] = "title: {zh: " + word + ", en: " + word + "}"
					}
				}
				body = strings.Join(lines, "\n")
			}
			if _, own := canaries[name]; own { // other kinds have material of their own shape
				body += strings.ReplaceAll(reading, "PAYLOAD", word)
			}
			out[name] = body
		}
		return out
	}
	w := newWorld(t, withFiles(t, files("平常的字")))
	trainer := w.as(w.tess)
	n := 0
	// pages lets a fresh person sit the items and is every page that shows them, by kind.
	pages := func(l text.Lang, all bool) map[string]reply {
		n++
		a := w.assign("canary", w.east)
		p := w.agent(fmt.Sprintf("X%02d", n), "某人", w.east)
		c := w.as(p)
		if l == text.EN {
			c.english()
		}
		out := map[string]reply{}
		at := c.start(a)
		for _, kind := range item.KindNames() {
			out[kind] = c.begun(w.kindAt(p, at, kind)).is(200)
			if !all {
				continue
			}
			out["bank "+kind] = trainer.get("/bank/items/" + w.canaryOf(kind)).is(200)
		}
		c.post(at+"/submit", nil).to(at)
		out["result"] = c.get(at + "/result").is(200)
		if !all {
			return out
		}
		out["home"] = c.get("/").is(200)
		out["bank"], out["report"], out["assign"], out["assigned"] = trainer.get("/bank").is(200), trainer.get("/bank/report").is(200), trainer.get("/assignments/new").is(200), trainer.get("/assignments/"+a.ID).is(200)
		return out
	}
	for i, p := range payloads {
		lib, report := loadFiles(t, files(p))
		if lib == nil {
			t.Fatalf("%q: %s %s %v", p, report[0].Place(), report[0].Key, report[0].Args)
		}
		w.defs.Offer(lib, report)
		for name, got := range pages(text.Langs[i%2], i%3 == 0) {
			inert(t, got)
			for _, bad := range []string{"img", "iframe", "base", "math", "x", "object", "embed", "mi"} {
				if len(find(got.doc(), bad, nil)) > 0 {
					t.Errorf("%s: %q made an element %s", name, p, bad)
				}
			}
			meta := len(find(got.doc(), "meta", nil))
			if meta != 3 {
				t.Errorf("%s: %q: %d meta elements", name, p, meta)
			}
			for _, a := range find(got.doc(), "a", nil) {
				if h := attr(a, "href"); !strings.HasPrefix(h, "/") && !strings.HasPrefix(h, "#") {
					t.Errorf("%s: %q made a link to %s", name, p, h)
				}
			}
			if name != "report" && name != "assigned" && !strings.HasPrefix(name, "bank") && name != "assign" && !strings.ContainsAny(p, "`&\\") && !strings.Contains(got.plain(), p) {
				t.Errorf("%s: %q is not there as text", name, p)
			}
		}
	}
}

// Markdown makes paragraphs, lists and stress, never a link, an image or an element of the author's.
func TestMarkdownIsInert(t *testing.T) {
	t.Parallel()
	files := canaryFiles()
	files["single.yaml"] = strings.Replace(files["single.yaml"], `prompt: {zh: "问什么", en: "What is asked"}`, `prompt:
  zh: |
    **重要** 和 *次要*，`+"`码`"+`

    - 一
    - 二

    [点我](javascript:alert(1)) ![图](//evil.example/x.png) <https://evil.example> [x]: //evil.example

    <script>alert(1)</script>
    <b onclick=alert(1)>粗</b> &lt;i&gt; &amp;
`, 1)
	w := newWorld(t, withFiles(t, files))
	c := w.as(w.ann)
	page := c.get(w.kindAt(w.ann, c.start(w.assign("canary", w.east)), "single_choice")).is(200)
	inert(t, page)
	question := find(page.doc(), "div", func(n *html.Node) bool { return attr(n, "id") == "question" })[0]
	var got []string
	walk(question, func(n *html.Node) {
		if n.Type == html.ElementNode && !slices.Contains(got, n.Data) {
			got = append(got, n.Data)
		}
	})
	slices.Sort(got)
	if want := []string{"code", "div", "em", "li", "p", "strong", "ul"}; !slices.Equal(got, want) {
		t.Errorf("elements %v, want %v", got, want)
	}
	for _, want := range []string{"<script>alert(1)</script>", "<b onclick=alert(1)>粗</b>", "点我", "重要"} {
		if !strings.Contains(words(question), want) {
			t.Errorf("no %q in %q", want, words(question))
		}
	}
}
