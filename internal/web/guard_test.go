package web_test

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"mime/multipart"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"leida/internal/web"
)

// NUL and bytes that are no text never reach a handler, whichever database is behind it; and of two values nobody guesses which was meant.
func TestInputIsTextGivenOnce(t *testing.T) {
	t.Parallel()
	p := populate(t)
	before := p.dump()
	for _, r := range web.Routes {
		if r.Bare {
			continue
		}
		for _, role := range roles {
			relation := own
			if role == "other manager" {
				relation = foreign
			}
			path, ok := p.address(r, relation)
			if !ok || !allowed(r, role, relation) {
				continue
			}
			c := p.clients[role].copy()
			ask := func(path, form string) reply {
				if !r.Writes() {
					return c.get(path)
				}
				return c.send(r.Method, path, form, "Content-Type", "application/x-www-form-urlencoded", "Sec-Fetch-Site", "same-origin")
			}
			for _, odd := range []string{"x=%00", "x=%ff%fe", "%00=x", "x=%ed%a0%80", "x=1&x=2", "next=%2F&next=%2F%2Fevil.example"} {
				got := ask(path+"?"+odd, p.bodyOf(r, role, relation).Encode())
				sound(t, r, got)
				got.is(http.StatusBadRequest)
				if r.Writes() && !r.Answer {
					got = ask(path, p.bodyOf(r, role, relation).Encode()+"&"+odd)
					sound(t, r, got)
					got.is(http.StatusBadRequest)
				}
			}
			if named := parameter.FindString(r.Path); named != "" {
				for _, odd := range []string{"%00", "a%00", "%ff%fe"} {
					got := ask(strings.Replace(r.Path, named, odd, 1), "")
					sound(t, r, got)
					got.is(http.StatusNotFound)
				}
			}
			break // one who may is enough
		}
	}
	twice := p.clients["agent"].post("/sittings/"+p.things["sitting"][own]+"/items/1", url.Values{"_rev": {"1", "2"}})
	twice.is(http.StatusBadRequest).has("_rev")
	if d := difference(before, p.dump()); d != "" {
		t.Errorf("something refused was written\n%s", d)
	}
}

// Where a page is for reading, its headers may be asked for alone; nothing else is a method of ours.
func TestMethods(t *testing.T) {
	t.Parallel()
	p := populate(t)
	before := p.dump()
	for _, r := range web.Routes {
		for _, role := range roles {
			relation := own
			if role == "other manager" {
				relation = foreign
			}
			path, ok := p.address(r, relation)
			if !ok || !allowed(r, role, relation) {
				continue
			}
			c := p.clients[role]
			if r.Method == http.MethodGet {
				head, full := c.send(http.MethodHead, path, ""), c.get(path)
				if head.body != "" || head.status != full.status || head.header.Get("Content-Type") != full.header.Get("Content-Type") {
					t.Errorf("HEAD %s: %d %q %q, GET %d", path, head.status, head.body, head.header.Get("Content-Type"), full.status)
				}
				polite(t, r, head)
			}
			for _, method := range []string{http.MethodTrace, http.MethodOptions, http.MethodPut, http.MethodDelete, http.MethodPatch, "PROPFIND", "DEBUG", "POSTX"} {
				got := c.send(method, path, p.bodyOf(r, role, relation).Encode(), "Content-Type", "application/x-www-form-urlencoded", "Sec-Fetch-Site", "same-origin", "X-HTTP-Method-Override", "POST", "X-Canary", "echo-me")
				got.is(http.StatusNotFound).lacks("echo-me")
				if got.header.Get("Access-Control-Allow-Origin") != "" {
					t.Errorf("%s: %v", got.what, got.header)
				}
			}
			break
		}
	}
	if d := difference(before, p.dump()); d != "" {
		t.Errorf("something was written\n%s", d)
	}
}

// The headers that every answer carries, over HTTPS: on pages, assets, files, errors and redirects.
func TestHeadersOverHTTPS(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *web.Config) { c.Secure = true })
	c := w.anybody()
	signedIn := c.post("/login", login("A01", password), "Origin", "https://leida.example", "Host", "leida.example")
	signedIn.to("/")
	var names []string
	for name := range c.cookies {
		names = append(names, name)
	}
	if len(names) != 1 || names[0] != "__Host-leida_session" {
		t.Errorf("cookies %v", names)
	}
	token := c.cookies["__Host-leida_session"]
	asked := []reply{signedIn, c.get("/").is(200), c.get("/me").is(200), c.get("/nothing").is(404), c.get("/admin/people").is(403), c.get("/people/" + w.ann.ID + "/scores.csv").is(200), c.get("/people/" + w.ann.ID + "/radar.svg").is(200),
		c.get("/healthz").is(200), c.get("/favicon.ico"), c.get("/static/nothing.js").is(404), w.anybody().get("/me"), c.post("/language", url.Values{"lang": {"en"}}), c.post("/account/password", url.Values{"current": {"x"}}), c.post("/logout", nil, "Sec-Fetch-Site", "cross-site").is(403), c.post("/logout", nil)}
	for _, r := range asked {
		r.carries(map[string]string{
			"Strict-Transport-Security": "max-age=31536000; includeSubDomains", "Content-Security-Policy": policy, "X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin",
			"Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Resource-Policy": "same-origin", "Access-Control-Allow-Origin": "", "Access-Control-Allow-Credentials": "", "Server": "", "X-Powered-By": "",
		})
		for _, line := range r.header["Set-Cookie"] {
			for _, want := range []string{"; Path=/", "; HttpOnly", "; Secure", "; SameSite=Lax"} {
				if !strings.HasPrefix(line, "__Host-leida_") || !strings.Contains(line, want) || strings.Contains(line, "Domain") {
					t.Errorf("%s: cookie %s lacks %s", r.what, line, want)
				}
			}
		}
		if kind := r.header.Get("Content-Type"); r.body != "" && !strings.Contains(kind, "charset=utf-8") {
			t.Errorf("%s: Content-Type %q", r.what, kind)
		}
		if strings.HasPrefix(r.header.Get("Location"), "http") {
			t.Errorf("%s: leads to %s", r.what, r.header.Get("Location"))
		}
	}
	for _, r := range asked[1:] {
		if strings.Contains(r.body+r.header.Get("Location"), token) {
			t.Errorf("%s: the token is in what a script may read", r.what)
		}
	}
	for _, r := range asked[5:7] {
		if got := r.header.Get("Content-Disposition"); !strings.HasPrefix(got, "attachment;") {
			t.Errorf("%s: %s", r.what, got)
		}
	}
}

// Replies to scripts carry what holds for data: nobody draws or frames them, takes them for another type, or reads them from elsewhere.
func TestHeadersOfData(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *web.Config) { c.Secure = true })
	w.assign("svi-cycle", w.east)
	c := w.anybody()
	c.post("/login", login("A01", password), "Origin", "https://leida.example", "Host", "leida.example").to("/")
	start := find(c.get("/").doc(), "form", func(n *html.Node) bool { return strings.HasSuffix(attr(n, "action"), "/start") })
	at := c.post(attr(start[0], "action"), nil).to("/sittings/")
	asScript := []string{"Accept", "application/json"}
	for _, r := range []reply{
		c.post(at, url.Values{"_rev": {"1"}}, asScript...).is(200), c.post(at, url.Values{"_rev": {"x"}}, asScript...).is(422), c.post("/sittings/nobody/items/1", url.Values{"_rev": {"1"}}, asScript...).is(404),
		c.post(at, nil, append(asScript, "Sec-Fetch-Site", "cross-site")...).is(403), w.anybody().post(at, nil, asScript...).is(401),
	} {
		r.carries(map[string]string{
			"Strict-Transport-Security": "max-age=31536000; includeSubDomains", "Content-Security-Policy": dataPolicy, "X-Content-Type-Options": "nosniff",
			"Cross-Origin-Resource-Policy": "same-origin", "Access-Control-Allow-Origin": "", "Access-Control-Allow-Credentials": "", "Server": "", "Content-Type": "application/json; charset=utf-8",
		})
		if len(r.header["X-Request-Id"]) != 1 || r.header.Get("Permissions-Policy") != "" {
			t.Errorf("%s: %v", r.what, r.header)
		}
	}
	for _, path := range []string{"/help", "/favicon.ico"} { // what is no data has the headers of pages, whatever was asked for
		c.get(path, asScript...).carries(map[string]string{"Content-Security-Policy": policy, "Referrer-Policy": "same-origin", "Content-Type": "text/html; charset=utf-8"})
	}
}

// carries holds a reply's headers against those wanted; "" is none.
func (r reply) carries(want map[string]string) {
	r.t.Helper()
	for name, want := range want {
		if got := r.header.Get(name); got != want {
			r.t.Errorf("%s: %s %q, want %q", r.what, name, got, want)
		}
	}
}

// After signing out the browser keeps nothing: no page for its Back button, no answer waiting to be sent.
func TestLogoutClearsTheBrowser(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.as(w.ann)
	if got := c.get("/me").is(200).header.Get("Cache-Control"); got != "no-store" {
		t.Error(got)
	}
	if got := c.post("/logout", nil).header.Get("Clear-Site-Data"); got != `"cache", "storage"` {
		t.Errorf("Clear-Site-Data: %s", got)
	}
}

// A message whose end two servers could see in two places is refused, or taken by its chunks and the last on its connection: what follows it is nobody's request.
func TestRequestSmuggling(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const hidden = "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
	for name, raw := range map[string]string{
		"length and chunks": "POST /login HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\nConnection: keep-alive\r\n\r\n0\r\n\r\n" + hidden,
		"two lengths":       "POST /login HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\nabcd" + hidden,
		"a list of lengths": "POST /login HTTP/1.1\r\nHost: x\r\nContent-Length: 4, 5\r\n\r\nabcd" + hidden,
		"a signed length":   "POST /login HTTP/1.1\r\nHost: x\r\nContent-Length: +4\r\n\r\nabcd" + hidden,
		"a negative length": "POST /login HTTP/1.1\r\nHost: x\r\nContent-Length: -4\r\n\r\nabcd" + hidden,
		"two encodings":     "POST /login HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n" + hidden,
		"odd encoding":      "POST /login HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n" + hidden,
		"a blank in a name": "POST /login HTTP/1.1\r\nHost: x\r\nContent-Length : 4\r\n\r\nabcd" + hidden,
		"a bad chunk":       "POST /login HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n0\r\n\r\n" + hidden,
		"a chunk too long":  "POST /login HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nabcdef\r\n0\r\n\r\n" + hidden,
		"no host":           "GET /login HTTP/1.1\r\n\r\n" + hidden,
		"two hosts":         "GET /login HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n" + hidden,
		"a folded header":   "GET /login HTTP/1.1\r\nHost: x\r\n folded: y\r\n\r\n" + hidden,
		"NUL in a header":   "GET /login HTTP/1.1\r\nHost: x\r\nX: a\x00b\r\n\r\n" + hidden,
		"lone CR":           "GET /login HTTP/1.1\r\nHost: x\rX: y\r\n\r\n" + hidden,
		"no version":        "GET /login\r\n\r\n" + hidden,
	} {
		conn, err := net.Dial("tcp", w.http.Listener.Addr().String())
		w.ok(err)
		w.ok(conn.SetDeadline(time.Now().Add(20 * time.Second)))
		_, err = io.WriteString(conn, raw)
		w.ok(err)
		answers := bufio.NewReader(conn)
		first, err := http.ReadResponse(answers, nil)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		_, err = io.Copy(io.Discard, first.Body)
		w.ok(err)
		rest, _ := io.ReadAll(answers) // to the close
		if first.StatusCode < 400 || len(rest) > 0 {
			t.Errorf("%s: %s, then %q", name, first.Status, rest)
		}
		w.ok(conn.Close())
	}
	w.anybody().get("/healthz").is(200)
}

// Of a chain of addresses the last one that a trusted proxy saw is the client's; what the client wrote before it is not believed.
func TestTrustedProxy(t *testing.T) {
	t.Parallel()
	for _, x := range []struct {
		trusted []string
		headers []string
		want    string
	}{
		{nil, []string{"X-Forwarded-For", "203.0.113.9"}, "127.0.0.1"},
		{nil, []string{"X-Real-Ip", "203.0.113.9", "Forwarded", "for=203.0.113.9"}, "127.0.0.1"},
		{[]string{"10.0.0.0/8"}, []string{"X-Forwarded-For", "203.0.113.9"}, "127.0.0.1"},
		{[]string{"127.0.0.1"}, []string{"X-Forwarded-For", "203.0.113.9"}, "203.0.113.9"},
		{[]string{"127.0.0.1"}, []string{"X-Forwarded-For", "198.51.100.1, 203.0.113.9"}, "203.0.113.9"},
		{[]string{"127.0.0.1", "10.0.0.0/8"}, []string{"X-Forwarded-For", "198.51.100.1, 203.0.113.9, 10.1.2.3"}, "203.0.113.9"},
		{[]string{"127.0.0.1"}, []string{"X-Forwarded-For", "198.51.100.1, 203.0.113.9", "X-Real-Ip", "198.51.100.2"}, "203.0.113.9"},
		{[]string{"127.0.0.1"}, []string{"X-Forwarded-For", "nonsense"}, "127.0.0.1"},
		{[]string{"127.0.0.1"}, []string{"X-Real-Ip", "203.0.113.9"}, "127.0.0.1"},
		{[]string{"127.0.0.1"}, []string{"X-Forwarded-For", "nonsense", "X-Real-Ip", "203.0.113.9"}, "127.0.0.1"},
		{[]string{"127.0.0.1"}, []string{"X-Forwarded-For", "203.0.113.9\" msg=forged"}, "127.0.0.1"},
	} {
		w := newWorld(t, func(c *web.Config) { c.Trusted = x.trusted })
		r := w.anybody().get("/login", x.headers...).is(200)
		w.http.Close()
		want := fmt.Sprintf("request=%s address=%s ", r.header.Get("X-Request-Id"), x.want)
		if !strings.Contains(w.log.String(), want) {
			t.Errorf("%v %v: no %q in\n%s", x.trusted, x.headers, want, w.log)
		}
	}
}

// A body in a type that pages of other sites may send without asking is no JSON of ours, and JSON from another site is refused like a form.
func TestJSONFromElsewhere(t *testing.T) {
	t.Parallel()
	d := sit(t)
	before := d.dump()
	const body = `{"rev":1,"answer":{}}`
	for _, kind := range []string{"text/plain", "multipart/form-data; boundary=x", "text/xml", "application/octet-stream", "application/csp-report"} {
		d.c.send(http.MethodPost, d.item(1), body, "Content-Type", kind, "Sec-Fetch-Site", "same-origin").is(http.StatusBadRequest)
	}
	for name, headers := range crossings {
		for _, kind := range []string{"application/json", "text/plain"} {
			got := d.c.send(http.MethodPost, d.item(1), body, append([]string{"Content-Type", kind, "Accept", "application/json"}, headers...)...)
			got.what = name
			got.refused(http.StatusForbidden, "cross_site")
		}
	}
	d.untouched(t, before)
}

// A form in a type that its route does not take is refused before any handler reads it, and what is in the parts of an upload is checked like any field.
func TestFormsAreOfOneType(t *testing.T) {
	t.Parallel()
	p := populate(t)
	before := p.dump()
	parts := func(values ...string) (body, kind string) {
		var b bytes.Buffer
		m := multipart.NewWriter(&b)
		for _, v := range values {
			p.ok(m.WriteField("again", v))
		}
		p.ok(m.Close())
		return b.String(), m.FormDataContentType()
	}
	body, several := parts("x")
	kinds := []string{several, "application/json", "text/plain", "multipart/mixed; boundary=x", ""}
	for _, r := range web.Routes {
		for _, role := range roles {
			path, ok := p.address(r, own)
			if !ok || !r.Writes() || r.Answer || !allowed(r, role, own) {
				continue
			}
			for _, kind := range kinds {
				if r.Upload && kind == several {
					continue
				}
				got := p.clients[role].copy().send(r.Method, path, body, "Content-Type", kind, "Sec-Fetch-Site", "same-origin", "Accept", "application/json")
				got.refused(http.StatusBadRequest, "content_type")
			}
			break // one who may is enough
		}
	}
	for _, values := range [][]string{{"x", "x"}, {"a\x00"}, {"\xff"}} {
		body, kind := parts(values...)
		p.clients["admin"].send(http.MethodPost, "/admin/roster", body, "Content-Type", kind, "Sec-Fetch-Site", "same-origin").is(http.StatusBadRequest).has("again")
	}
	if d := difference(before, p.dump()); d != "" {
		t.Errorf("something refused was written\n%s", d)
	}
}

// However many ask for what is heavy, answers are saved, pages shown and people signed in; the others are told when to come again.
func TestHeavyWorkLeavesRoomForSaves(t *testing.T) {
	t.Parallel()
	p := populate(t)
	heavy := 0
	ask := func(want func(reply)) {
		for _, r := range web.Routes {
			for _, role := range roles {
				path, ok := p.address(r, own)
				if !ok || !r.Heavy || !allowed(r, role, own) {
					continue
				}
				if r.Writes() {
					want(p.clients[role].post(path, p.bodyOf(r, role, own)))
				} else {
					want(p.clients[role].get(path))
				}
				heavy++
				break
			}
		}
	}
	free := p.srv.FillGate()
	ask(func(r reply) {
		sound(t, web.Route{}, reply{t: t, what: r.what, header: r.header, body: r.body, parsed: r.parsed})
		if r.is(http.StatusServiceUnavailable).has(say("web.busy")).header.Get("Retry-After") == "" {
			t.Errorf("%s: %v", r.what, r.header)
		}
	})
	if heavy < 6 {
		t.Error(heavy, " heavy routes")
	}
	agent := p.clients["agent"]
	at := "/sittings/" + p.things["sitting"][own]
	agent.json(at+"/items/1", `{"rev":1,"answer":{}}`).is(200)
	agent.get(at + "/items/2").is(200)
	agent.get("/me").is(200)
	agent.post(at+"/submit", nil).to(at)
	p.anybody().post("/login", login("A02", password)).to("/")
	free()
	ask(func(r reply) {
		if r.status >= 500 {
			t.Errorf("%s: %d", r.what, r.status)
		}
	})
}
