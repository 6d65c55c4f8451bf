package web_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"leida/internal/item"
	"leida/internal/org"
	"leida/internal/web"
)

// contentTypes are what a body may say that it is.
var contentTypes = []string{"application/x-www-form-urlencoded", "application/json", "multipart/form-data; boundary=x", "text/plain", "", "application/x-www-form-urlencoded; charset=gbk", "multipart/form-data"}

// fuzzAddress is an address of a route: of something that there is, by relation, or with whatever id is made up. nil where no client could ask for it.
func (p *populated) fuzzAddress(r web.Route, relation uint8, id, query string) *url.URL {
	path, ok := "", false
	if n := int(relation) % (len(relations) + 1); n < len(relations) {
		path, ok = p.address(r, relations[n])
	}
	if !ok {
		path = parameter.ReplaceAllLiteralString(r.Path, url.PathEscape(id))
	}
	at, err := url.ParseRequestURI(strings.TrimSuffix(path+"?"+query, "?"))
	if err != nil {
		return nil
	}
	return at
}

// again is a client whose session holds: what was asked before may have ended it.
func (p *populated) again(role string) *client {
	who := map[string]org.Person{"agent": p.ann, "trainer": p.tess, "manager": p.eve, "other manager": p.max, "admin": p.ada}
	if x, ok := who[role]; ok && p.clients[role].straight(http.MethodGet, &url.URL{Path: "/help"}, "").status != http.StatusOK {
		p.clients[role] = p.as(x)
	}
	return p.clients[role].copy()
}

// FuzzRequests: whatever query, form, id and kind of body come to whatever route from whomever, the answer is sound, never a 500, and a GET writes nothing but the log of looking.
func FuzzRequests(f *testing.F) {
	for i, r := range web.Routes {
		role, relation := uint8(1), uint8(0)
		if len(r.Roles) > 0 {
			role = map[org.Access]uint8{org.Agent: 1, org.Trainer: 2, org.Manager: 3, org.Admin: 5}[r.Roles[0]]
		}
		f.Add(uint8(i), role, relation, "1", "page=2&sort=AIC.1&q=x&compare=team&kind=sjt&assessment=aic-cycle&next=/me", "", uint8(0))
		if r.Writes() {
			for kind, body := range []string{"_rev=1&_go=next&choice=o1&access=agent&person=x&factor=2&lang=en&next=/help", `{"rev":1,"answer":{"choice":"o1"}}`, "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.csv\"\r\n\r\nnumber,name,team\n1,2,3\r\n--x--\r\n"} {
				f.Add(uint8(i), role, relation, "%", "", body, uint8(kind))
			}
			f.Add(uint8(i), role, relation, "a", "", "assessment=aic-cycle&opens=2026-11-02T12:00&closes=2026-12-02T12:00&teams=x&people=A01", uint8(0))
		}
	}
	p := populate(f)
	f.Fuzz(func(t *testing.T, route, role, relation uint8, id, query, body string, kind uint8) {
		r, who := web.Routes[int(route)%len(web.Routes)], roles[int(role)%len(roles)]
		p.t = t
		p.rested()
		at := p.fuzzAddress(r, relation, id, query)
		if at == nil {
			return
		}
		c := p.again(who)
		var got reply
		said := p.sql.during(func() {
			if r.Writes() {
				got = c.straight(r.Method, at, body, "Content-Type", contentTypes[int(kind)%len(contentTypes)], "Sec-Fetch-Site", "same-origin")
			} else {
				got = c.straight(r.Method, at, "", "Accept", map[bool]string{true: "application/json", false: "text/html"}[kind%2 == 1])
			}
		})
		got.what = fmt.Sprintf("%s, %s %q %q", who, r.Method, at.String(), body)
		if r.Type == "asset" && got.status == http.StatusMovedPermanently {
			return
		}
		sound(t, tableRow(reply{what: r.Method + " " + r.Path}), got)
		if r.Writes() {
			return
		}
		for _, x := range writes(said) {
			if !looking(x) {
				t.Errorf("%s asks to %s", got.what, x.sql)
			}
		}
	})
}

// FuzzSave: whatever JSON a script sends as an answer, it is refused in words or kept, and what is kept can be shown again.
// The paper is the same in each process, so that an input that failed fails again.
func FuzzSave(f *testing.F) {
	w := newWorld(f, withFiles(f, canaryFiles()), func(c *web.Config) { c.Rand = sevens{} })
	c := w.as(w.ann)
	at := c.start(w.assign("canary", w.east))
	places := uint8(len(w.kept(w.ann, at).Slots))
	if int(places) != len(item.KindNames())+1 { // sjt has two
		f.Fatalf("%d places, %d kinds", places, len(item.KindNames()))
	}
	for n := range places {
		for _, s := range []string{`{"choice":"o1"}`, `{"choices":["o1","o2"]}`, `{"pairs":{"l1":"r1"}}`, `{"rank":{"s1":"1"},"excluded":["s4"]}`, `{"best":"o1","worst":"o2"}`, `{"ratings":{"o1":"3"}}`, `{}`, `null`, `[]`, `{"choice":null}`, `{"choice":"o1","choice":"o2"}`, `{"rank":{"s1":"１"}}`, `{"text":"<b>\u202e"}`, `{"sections":{"s1":"x"},"checks":{"c1":"1"}}`, `{"curve":{"t1":"50"},"events":{"e1":"t1"}}`} {
			f.Add(n, true, []byte(s))
			f.Add(n, false, []byte(`{"rev":1,"flagged":true,"answer":`+s+`}`))
		}
	}
	for _, s := range []string{`{"rev":1e3}`, `{"rev":"1"}`, `{"rev":-1,"answer":{}}`, `{"rev":1,"answer":{}}{}`, strings.Repeat(`{"a":`, 300), `{"rev":1,"answer":{"choice":"\u0000\ud800"}}`} {
		f.Add(uint8(0), false, []byte(s))
	}
	rev := 1000
	f.Fuzz(func(t *testing.T, n uint8, wrapped bool, body []byte) {
		w.t = t
		rev++
		if wrapped {
			body = fmt.Appendf(nil, `{"rev":%d,"answer":%s}`, rev, body)
		}
		path := &url.URL{Path: fmt.Sprintf("%s/items/%d", at, n%places+1)}
		got := c.straight(http.MethodPost, path, string(body), "Content-Type", "application/json", "Accept", "application/json", "Sec-Fetch-Site", "same-origin")
		polite(t, web.Route{}, got)
		if !json.Valid([]byte(got.body)) {
			t.Fatalf("%q: %s", body, got.body)
		}
		if got.status != http.StatusOK {
			if f := (struct {
				Error struct{ Message string }
			}{}); json.Unmarshal([]byte(got.body), &f) != nil || f.Error.Message == "" {
				t.Errorf("%q is refused without a word: %s", body, got.body)
			}
			return
		}
		page := c.straight(http.MethodGet, path, "").is(http.StatusOK)
		inert(t, page)
	})
}

// sevens is a source of chance that always says the same.
type sevens struct{}

func (sevens) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 7
	}
	return len(p), nil
}

// FuzzLogin: whatever name signs in, and whatever comes with it, nobody is let in, and the name stands on the page as text.
func FuzzLogin(f *testing.F) {
	for _, s := range []string{"A01", "bob", "\x00", "\xff", "Ａ０１", "a\u030a", "\u202eA01", strings.Repeat("好", 300), "' OR 1=1 --", "%", "<b>", "{name}", "A01\n"} {
		f.Add(s, "wrong", "/me")
		f.Add("A01", s, s)
	}
	w := newWorld(f)
	c := w.anybody()
	form := func(name, password, next string) reply {
		return c.copy().straight(http.MethodPost, &url.URL{Path: "/login"}, url.Values{"name": {name}, "password": {password}, "next": {next}}.Encode(), "Content-Type", "application/x-www-form-urlencoded", "Sec-Fetch-Site", "same-origin")
	}
	clean := map[int]string{}
	for len(clean) < 2 { // a wrong password, and soon one too many
		r := form("x", "wrong", "/")
		clean[r.status] = shape(r)
	}
	f.Fuzz(func(t *testing.T, name, pass, next string) {
		w.t = t
		if pass == password {
			return
		}
		got := form(name, pass, next)
		if want, ok := clean[got.status]; ok {
			sound(t, web.Route{}, got)
			if shape(got) != want {
				t.Errorf("%q %q changed the page", name, next)
			}
		} else if got.status/100 != 4 {
			t.Errorf("%q %q: status %d", name, pass, got.status)
		}
		for _, k := range got.header["Set-Cookie"] {
			if strings.HasPrefix(k, "leida_session=") && !strings.HasPrefix(k, "leida_session=;") {
				t.Errorf("%q %q is let in", name, pass)
			}
		}
	})
}

// FuzzCookies: whatever stands in the header of cookies, it is nobody's session, a language or a notice of ours, or nothing.
func FuzzCookies(f *testing.F) {
	for _, s := range []string{"leida_session=", "leida_session=" + strings.Repeat("A", 43), "leida_session=a; leida_session=b", "leida_lang=en", "leida_lang=../../x", "leida_notice=notice.password", "leida_notice=web.internal", "leida_notice=<script>", "a=b; ;; =", "\xff=\xff", "leida_notice=%00; leida_lang=%zz", `leida_session="` + strings.Repeat("A", 43) + `"`, strings.Repeat("x", 5000)} {
		f.Add(s)
	}
	w := newWorld(f)
	f.Fuzz(func(t *testing.T, cookie string) {
		w.t = t
		for path, want := range map[string]int{"/login": http.StatusOK, "/account": http.StatusSeeOther} {
			got := w.anybody().straight(http.MethodGet, &url.URL{Path: path}, "", "Cookie", cookie)
			got.what = fmt.Sprintf("%s with %q", path, cookie)
			sound(t, web.Route{}, got)
			if got.status != want {
				t.Errorf("%s: status %d", got.what, got.status)
			}
		}
	})
}

// FuzzRoster: whatever file an admin sends, the preview says what is wrong with it or what it would do; and what it said it would do can be done.
func FuzzRoster(f *testing.F) {
	for _, s := range []string{rosterHead + "N1,某人,某队,a@b.c,agent,,\n", "number,name,team\nA01,安安,华东中心 > 一组\n", "工号;姓名;团队\nN1;一;甲 > 乙\nN2;二;甲 > 乙\n", "number,name,team\nn1,x,y\nN1,x,y\n", "number,name,team\n\u0130,x,\u0131\n1,y, > \n", "number,name\n1,\xff\n", "number,name,team\n1,x,A>a\n2,y,a>A\n", "number,name,team\nA01,x,华东中心\nA02,x,华东中心 > 华东中心\n"} {
		f.Add([]byte(s))
	}
	shared := newWorld(f)
	admin := shared.as(shared.ada)
	upload := func(c *client, raw []byte) reply {
		var b bytes.Buffer
		m := multipart.NewWriter(&b)
		part, err := m.CreateFormFile("file", "roster.csv")
		must(err)
		_, err = part.Write(raw)
		must(err)
		must(m.Close())
		return c.straight(http.MethodPost, &url.URL{Path: "/admin/roster"}, b.String(), "Content-Type", m.FormDataContentType(), "Sec-Fetch-Site", "same-origin")
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		shared.t = t
		shared.rested()
		var preview reply
		if said := writes(shared.sql.during(func() { preview = upload(admin, raw) })); len(said) > 0 {
			t.Errorf("a preview asks to %s", said[0].sql)
		}
		sound(t, web.Route{}, preview)
		if preview.status != http.StatusOK {
			return
		}
		w := newWorld(t) // of its own: it will not be what it was
		c := w.as(w.ada)
		got := c.straight(http.MethodPost, &url.URL{Path: "/admin/roster"}, url.Values{"again": {base64of(string(raw))}}.Encode(), "Content-Type", "application/x-www-form-urlencoded", "Sec-Fetch-Site", "same-origin")
		got.what = fmt.Sprintf("%q", raw)
		sound(t, web.Route{}, got)
		if got.status != http.StatusSeeOther {
			t.Errorf("%q: the preview was content, the import answers %d", raw, got.status)
		}
		again := upload(c, raw)
		if again.status != http.StatusOK || again.what != preview.what {
			t.Errorf("%q: once imported, the same file is answered %d", raw, again.status)
		}
	})
}
