package web_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"leida/static"
)

// TestPageWeight is what a first visit takes over the line, gzipped: the page itself and every script, style and picture that it names. The quiz page does without
// the chart bundle; the report page has it.
func TestPageWeight(t *testing.T) {
	t.Parallel()
	const quizMost, reportMost = 60 << 10, 300 << 10
	w := newWorld(t, withDefinitions(shipped()))
	c := w.as(w.ann)
	lib, _ := shipped()
	for _, a := range lib.Assessments {
		id := a.ID
		at := c.start(w.assign(id, w.east))
		heaviest := 0
		for n := range len(w.kept(w.ann, at).Slots) {
			c.open((&desk{at: at}).item(n + 1))
			page := c.get((&desk{at: at}).item(n + 1)).is(200)
			size, names := c.weigh(page)
			if strings.Contains(names, "charts.") {
				t.Errorf("%s loads the chart bundle: %s", page.what, names)
			}
			heaviest = max(heaviest, size)
		}
		t.Logf("%s: %.1f KB at the most", id, float64(heaviest)/1024)
		if heaviest >= quizMost {
			t.Errorf("%s: %d bytes, under %d wanted", id, heaviest, quizMost)
		}
	}
	w.bigTeam(2, 200)
	report := c.get("/me").is(200)
	size, names := c.weigh(report)
	if !strings.Contains(names, "charts.") {
		t.Errorf("the report page does without the chart bundle: %s", names)
	}
	t.Logf("report: %.1f KB", float64(size)/1024)
	if size >= reportMost {
		t.Errorf("report: %d bytes, under %d wanted", size, reportMost)
	}
}

// weigh is the gzipped size of a page and of all that it names, and their names. What it names is kept by browsers for good, and comes compressed where that is smaller.
func (c *client) weigh(page reply) (size int, names string) {
	t := c.w.t
	t.Helper()
	size = len(squeeze(t, page.body))
	for _, at := range named(page) {
		plain, coded := c.get(at).is(200), c.get(at, "Accept-Encoding", "gzip").is(200)
		if cache := coded.header.Get("Cache-Control"); !strings.Contains(cache, "immutable") || !strings.Contains(cache, "max-age=31536000") {
			t.Errorf("%s: Cache-Control is %q", at, cache)
		}
		body := coded.body
		if coded.header.Get("Content-Encoding") == "gzip" {
			z, err := gzip.NewReader(strings.NewReader(body))
			c.w.ok(err)
			raw, err := io.ReadAll(z)
			c.w.ok(err)
			if body != built(t, fingerprint.ReplaceAllString(at, "$1")+".gz") {
				t.Errorf("%s: not the file that the build compressed", at)
			}
			body = string(raw)
		} else if small := squeeze(t, body); len(small) < len(body)*9/10 {
			t.Errorf("%s: not compressed, %d bytes could be %d", at, len(body), len(small))
		}
		if body != plain.body {
			t.Errorf("%s: compressed it is something else", at)
		}
		size += len(coded.body)
		names += " " + at
	}
	return size, names
}

// named are the addresses of what a page loads.
func named(page reply) []string {
	var out []string
	for name, key := range map[string]string{"script": "src", "link": "href", "img": "src"} {
		for _, n := range find(page.doc(), name, func(n *html.Node) bool { return strings.HasPrefix(attr(n, key), "/static/") }) {
			out = append(out, attr(n, key))
		}
	}
	return out
}

// fingerprint takes the prefix and the hash out of an address: /static/items/ordering.1a2b3c4d.js is items/ordering.js.
var fingerprint = regexp.MustCompile(`^/static/(.*)\.[0-9a-f]{8}`)

// built is a file as the build made it.
func built(t testing.TB, name string) string {
	t.Helper()
	f, err := static.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	raw, err := io.ReadAll(f)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

func squeeze(t testing.TB, s string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, err := z.Write([]byte(s))
	if err == nil {
		err = z.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
