package web_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"golang.org/x/net/html"

	"leida/internal/assessment"
	"leida/internal/hostile"
	"leida/internal/item"
	"leida/internal/plain"
	"leida/internal/text"
	"leida/internal/web"
)

// hostileDefinitions are the built-in ones with every text that a page may show replaced by one of the corpus.
var hostileDefinitions = sync.OnceValues(func() (*assessment.Library, assessment.Report) {
	texts, n := hostile.Typed(), 0
	files, err := hostile.Definitions(plain.FS(), func() string { n++; return texts[n%len(texts)] })
	must(err)
	dir := fstest.MapFS{}
	for name, src := range files {
		dir[name] = &fstest.MapFile{Data: src}
	}
	return assessment.Load(dir, nil, nil)
})

// formatted are where an author's Markdown stands, and the elements that it may make.
var (
	formatted = []string{"question", "part situation"}
	markdowns = []string{"p", "br", "strong", "em", "code", "pre", "ul", "ol", "li", "blockquote"}
)

// bones are a page's elements with the names of their attributes, down to where words are laid out by their length (a drawing) or formatted by their author.
// What an author's format made is looked at here: the few elements of Markdown, without an attribute.
func bones(t testing.TB, r reply) []string {
	t.Helper()
	var out []string
	var down func(n *html.Node, author bool)
	down = func(n *html.Node, author bool) {
		if n.Type == html.CommentNode {
			out = append(out, "<!---->")
		}
		if n.Type == html.ElementNode {
			if author {
				if !slices.Contains(markdowns, n.Data) || len(n.Attr) > 0 {
					t.Errorf("%s: an author made <%s %v>", r.what, n.Data, n.Attr)
				}
			} else {
				b := "<" + n.Data
				for _, a := range n.Attr {
					b += " " + a.Key
				}
				out = append(out, b+">")
				if n.Data == "svg" {
					walk(n, func(x *html.Node) {
						if x.Type == html.ElementNode && !slices.Contains(drawn, x.Data) {
							t.Errorf("%s: a drawing has <%s>", r.what, x.Data)
						}
					})
					return
				}
				author = slices.Contains(formatted, attr(n, "class"))
			}
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			down(c, author)
		}
	}
	down(r.doc(), false)
	return out
}

// islands are the JSON of a page's scripts; each must be JSON.
func islands(t testing.TB, r reply) []string {
	t.Helper()
	var out []string
	for _, n := range find(r.doc(), "script", func(n *html.Node) bool { return attr(n, "type") == "application/json" }) {
		var v any
		if err := json.Unmarshal([]byte(words(n)), &v); err != nil {
			t.Errorf("%s: an island is no JSON: %v", r.what, err)
		}
		out = append(out, skeleton(v))
	}
	return out
}

// skeleton is a JSON value with its words taken out: keys, lengths, figures.
func skeleton(v any) string {
	switch v := v.(type) {
	case map[string]any:
		out := "{"
		for _, k := range slices.Sorted(mapsKeys(v)) {
			out += k + ":" + skeleton(v[k]) + ","
		}
		return out + "}"
	case []any:
		out := "["
		for _, x := range v {
			out += skeleton(x) + ","
		}
		return out + "]"
	case string:
		return "text"
	}
	return fmt.Sprint(v)
}

func mapsKeys(m map[string]any) func(func(string) bool) {
	return func(yield func(string) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

// squeezed is a text without what HTML does not keep: kinds and runs of space.
func squeezed(s string) string { return strings.Join(strings.Fields(s), " ") }

// look is a page and who opens it.
type look struct {
	role, path string
}

// TestHostileCentre puts the corpus into every field at once: a team of as many people as it has texts, teams, definitions, titles, devices.
// Every page that anybody may open has the elements that it had before, its JSON is the same but for words, its drawings and files are sound, and the texts stand there as text.
func TestHostileCentre(t *testing.T) {
	t.Parallel()
	p := populate(t)
	corpus := hostile.Corpus()
	roster := rosterHead
	for i := range corpus {
		roster += fmt.Sprintf("H%03d,某人%d,华东中心 > 一组,h%d@example.com,,2025-01-01,\n", i, i, i)
	}
	p.clients["admin"].post("/admin/roster", url.Values{"again": {base64of(roster)}}).to("/admin/people")
	wide := p.assign("svi-cycle", p.east)
	p.sat(p.ann, wide, item.Longest)
	for i := range 5 { // enough of them for averages and quartiles
		who, _, err := p.st.PersonByLogin(p.ctx, fmt.Sprintf("H%03d", i))
		p.ok(err)
		p.sat(who, wide, item.First)
	}
	for _, role := range []string{"manager", "other manager"} { // what is noted of looking is noted
		p.clients[role].get("/people/" + p.ann.ID)
	}
	looks := []look{{"anonymous", "/login"}, {"agent", "/me?compare=team"}, {"manager", "/teams/" + p.east + "?sort=AIC.2"}, {"manager", "/assignments/" + wide.ID}, {"agent", "/nothing"}, {"agent", "/admin/people"}, {"trainer", "/assignments/" + wide.ID}, {"manager", "/people/" + p.ann.ID + "?compare=team"}}
	for page := 2; page <= (len(corpus)+7+49)/50; page++ {
		looks = append(looks, look{"admin", fmt.Sprintf("/admin/people?page=%d", page)})
	}
	for _, r := range web.Routes {
		for _, role := range roles {
			for _, relation := range relations {
				if path, ok := p.address(r, relation); ok && !r.Writes() && !r.Bare && allowed(r, role, relation) {
					looks = append(looks, look{role, path})
				}
			}
		}
	}
	clean := map[look]reply{}
	known := map[string]bool{} // every element that our own templates make
	for _, a := range looks {
		clean[a] = p.clients[a.role].copy().get(a.path)
		for _, b := range bones(t, clean[a]) {
			known[b] = true
		}
	}

	db := p.open()
	set := func(query string, args ...any) {
		t.Helper()
		_, err := db.Exec(query, args...)
		p.ok(err)
	}
	rows, err := db.Query("SELECT id FROM people ORDER BY number_canon LIKE 'h%', number_canon")
	p.ok(err)
	var people []string
	for rows.Next() {
		var id string
		p.ok(rows.Scan(&id))
		people = append(people, id)
	}
	p.ok(rows.Err())
	for i, id := range people { // the first dozen are everybody else; the others have the corpus in order
		x := corpus[(i+len(corpus)-len(people)+len(corpus))%len(corpus)]
		y := corpus[(i+len(corpus)/2)%len(corpus)]
		set("UPDATE people SET name = ?, number = ?, email = ? WHERE id = ?", x, y, x, id)
	}
	set("UPDATE teams SET name = ?, code = ?", corpus[0]+corpus[1], corpus[2])
	set("UPDATE sittings SET title_zh = ?, title_en = ?", corpus[3], corpus[4])
	set("UPDATE cycles SET name_zh = ?, name_en = ?", corpus[5], corpus[6])
	set("UPDATE sessions SET user_agent = ?", corpus[7])
	lib, report := hostileDefinitions()
	p.defs.Offer(lib, report)

	shown := map[string]bool{}
	for _, a := range looks {
		got := p.clients[a.role].copy().get(a.path)
		was := clean[a]
		got.what = a.role + ": " + a.path
		if got.status != was.status {
			t.Errorf("%s: status %d, was %d", got.what, got.status, was.status)
			continue
		}
		switch kind := got.header.Get("Content-Type"); {
		case strings.HasPrefix(kind, "image/svg"):
			wellFormed(t, got)
		case strings.HasPrefix(kind, "text/csv"):
			got.cells()
		case got.parsed != nil:
			inert(t, got)
			now, before := bones(t, got), bones(t, was)
			if strings.HasPrefix(a.path, "/teams/") { // its rows stand in the order of names
				slices.Sort(now)
				slices.Sort(before)
			}
			if !slices.Equal(now, before) && !free(a.path) {
				at := 0
				for at < min(len(now), len(before)) && now[at] == before[at] {
					at++
				}
				t.Errorf("%s changed at element %d: %v, was %v", got.what, at, now[max(0, at-3):min(len(now), at+6)], before[max(0, at-3):min(len(before), at+6)])
			}
			for _, b := range now {
				if !known[b] {
					t.Errorf("%s: %s is none of ours", got.what, b)
				}
			}
			if is, was := islands(t, got), islands(t, was); !slices.Equal(is, was) && !free(a.path) {
				t.Errorf("%s: its JSON changed\n%s\nwas\n%s", got.what, is, was)
			}
			plain := squeezed(got.plain())
			for _, x := range corpus {
				if s := squeezed(x); s != "" && strings.Contains(plain, s) {
					shown[x] = true
				}
			}
		}
		for name, values := range got.header {
			if len(values) > 1 || strings.ContainsAny(values[0], "<>\r\n\\") || name == "Content-Disposition" && strings.Count(values[0], `"`) != 2 {
				t.Errorf("%s: %s: %q", got.what, name, values)
			}
		}
	}
	for _, x := range corpus {
		if squeezed(x) != "" && !shown[x] {
			t.Errorf("%q stands on no page as text", x)
		}
	}
	t.Log(len(corpus), "texts,", len(looks), "pages")
}

// free are pages whose elements depend on what words say, and not only on how many there are: the bank lists scenarios and findings.
func free(path string) bool { return strings.HasPrefix(path, "/bank") }

// TestHostileSittings sits papers whose every text is of the corpus: each item, its refusal, the confirmation, the result, the bank.
func TestHostileSittings(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	lib, report := hostileDefinitions()
	known := map[string]bool{}
	sitting := 0
	visit := func(see func(reply)) {
		for i, form := range []string{"aic-cycle", "emp-cycle", "cps-cycle", "svi-cycle"} {
			sitting++
			a := w.assign(form, w.east)
			who := w.agent(fmt.Sprintf("K%02d", sitting), "某人", w.east)
			c := w.as(who)
			if i%2 == 1 {
				c.english()
			}
			see(c.get("/").is(200))
			at := c.start(a)
			for n := range w.kept(who, at).Slots {
				path := fmt.Sprintf("%s/items/%d", at, n+1)
				page := c.get(path).is(200)
				see(page)
				see(c.post(path, url.Values{"_rev": {"2"}, "choice": {"<b>"}, "pairs[x]": {"<b>"}, "rank[s1]": {"<b>"}, "best": {"<b>"}, "_go": {"next"}}))
				if n%2 == 0 {
					c.post(path, page.fill(path)).to("/")
				}
			}
			see(c.get(at + "/submit").is(200))
			c.post(at+"/submit", nil).to(at)
			see(c.get(at + "/result").is(200))
			see(c.get("/me").is(200))
		}
		trainer := w.as(w.tess)
		for _, it := range w.defs.Current().Items {
			see(trainer.get("/bank/items/" + it.ID).is(200))
		}
		see(trainer.get("/bank").is(200))
		see(trainer.get("/bank/report").is(200))
	}
	visit(func(r reply) {
		for _, b := range bones(t, r) {
			known[b] = true
		}
	})
	w.defs.Offer(lib, report)
	pages := 0
	texts := hostile.Typed()
	shown := map[string]bool{}
	visit(func(r reply) {
		pages++
		inert(t, r)
		islands(t, r)
		for _, b := range bones(t, r) {
			if !known[b] && !strings.HasPrefix(b, "<li class") && b != "<!---->" && b != "<blockquote>" { // which Markdown makes of a line that begins with >
				t.Errorf("%s: %s is none of ours", r.what, b)
			}
		}
		plain := squeezed(r.plain())
		for _, x := range texts {
			if strings.Contains(plain, squeezed(x)) {
				shown[x] = true
			}
		}
	})
	if len(shown) < len(texts)*9/10 { // Markdown changes some, a draw leaves some out
		t.Errorf("only %d of %d texts stand on a page", len(shown), len(texts))
	}
	t.Log(pages, "pages,", len(shown), "of", len(texts), "texts shown")
}

// TestHostileRequests sends the corpus as what is echoed: addresses, searches, names at the door, what a form says is wrong, the name of a file, a browser's name for itself.
func TestHostileRequests(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	agent, admin, trainer := w.as(w.ann), w.as(w.ada), w.as(w.tess)
	plainText := map[string]func(x string) reply{
		"search":  func(x string) reply { return admin.get("/admin/people?q=" + url.QueryEscape(x)) },
		"address": func(x string) reply { return agent.get("/people/" + url.PathEscape(x)) },
		"query":   func(x string) reply { return agent.get("/nothing?" + url.QueryEscape(x) + "=" + url.QueryEscape(x)) },
		"next":    func(x string) reply { return w.anybody().get("/login?next=" + url.QueryEscape(x)) },
		"name": func(x string) reply {
			w.clock.add(1e12)
			return w.anybody().copy().straight(http.MethodPost, &url.URL{Path: "/language"}, url.Values{"lang": {x}, "next": {x}}.Encode(), "Content-Type", "application/x-www-form-urlencoded", "Sec-Fetch-Site", "same-origin")
		},
		"people": func(x string) reply {
			return trainer.post("/assignments", url.Values{"assessment": {x}, "people": {x}, "opens": {x}, "closes": {x}})
		},
		"factor": func(x string) reply {
			return trainer.post("/assignments/"+w.st.NewID()+"/time", url.Values{"person": {x}, "factor": {x}})
		},
		"file": func(x string) reply {
			name := strings.NewReplacer("\\", "\\\\", `"`, `\"`, "\r", "%0D", "\n", "%0A").Replace(x)
			body := "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"" + name + "\"\r\nContent-Type: text/csv\r\n\r\n" + rosterHead + "N1,某人,某队,a@b.c,king,某日,\n\r\n--x--\r\n"
			return admin.straight(http.MethodPost, &url.URL{Path: "/admin/roster"}, body, "Content-Type", "multipart/form-data; boundary=x", "Sec-Fetch-Site", "same-origin")
		},
		"headers": func(x string) reply {
			x = strings.Map(printable, x)
			return agent.straight(http.MethodGet, &url.URL{Path: "/account"}, "", "User-Agent", x, "Accept-Language", x, "Referer", x, "X-Request-Id", x, "X-Forwarded-For", x, "X-Forwarded-Host", x)
		},
	}
	for name, send := range plainText {
		usual := map[int][]string{}
		for _, x := range []string{"x", "7"} {
			r := send(x)
			usual[r.status] = bones(t, r)
		}
		for _, x := range hostile.Corpus() {
			got := send(x)
			got.what = fmt.Sprintf("%s %q", name, x)
			polite(t, web.Route{}, got)
			if got.parsed == nil {
				if at := got.header.Get("Location"); at != "" && (!strings.HasPrefix(at, "/") || strings.HasPrefix(at, "//") || strings.HasPrefix(at, `/\`)) {
					t.Errorf("%s goes to %s", got.what, at)
				}
				continue
			}
			inert(t, got)
			if want, ok := usual[got.status]; ok && !slices.Equal(bones(t, got), want) && name != "people" && strings.TrimSpace(x) != "" {
				t.Errorf("%s changed the page", got.what)
			}
			for _, bad := range []string{"img", "iframe", "base", "math", "object", "embed", "xss", "style", "marquee"} {
				if len(find(got.doc(), bad, nil)) > 0 {
					t.Errorf("%s made an element %s", got.what, bad)
				}
			}
		}
	}
	for _, l := range text.Langs { // a script is told in JSON, which no browser takes for a page
		for _, x := range hostile.Corpus() {
			got := agent.get("/people/"+url.PathEscape(x), "Accept", "application/json", "Accept-Language", string(l))
			if got.header.Get("Content-Type") != "application/json; charset=utf-8" || strings.ContainsAny(got.body, "<>") || !json.Valid([]byte(got.body)) {
				t.Errorf("%q: %s %s", x, got.header.Get("Content-Type"), got.body)
			}
		}
	}
}
