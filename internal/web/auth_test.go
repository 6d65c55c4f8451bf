package web_test

import (
	"bytes"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"leida/internal/org"
	"leida/internal/web"
)

func login(name, secret string) url.Values { return url.Values{"name": {name}, "password": {secret}} }

func TestLogin(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, name := range []string{"A01", "a01", " A01 ", "Ａ０１", "安安", "Wes Canary", "wes   canary", "WES CANARY"} {
		c := w.anybody()
		if at := c.post("/login", login(name, password)).to("/"); at != "/" {
			t.Errorf("%q goes to %s", name, at)
		}
		c.get("/").is(200)
	}
	if n := w.count("SELECT count(*) FROM audit WHERE action = 'login'"); n != 8 {
		t.Error(n, "sign-ins in the audit log")
	}
	c := w.anybody()
	r := c.post("/login", login("A01", password))
	cookie := r.header.Get("Set-Cookie")
	for _, want := range []string{"HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=604800"} {
		if !strings.Contains(cookie, want) {
			t.Errorf("cookie %q has no %s", cookie, want)
		}
	}
	if strings.Contains(cookie, "Secure") || r.header.Get("Strict-Transport-Security") != "" {
		t.Error("said to be secure over plain HTTP")
	}
	c.get("/login").to("/") // already in
	secure := newWorld(t, func(c *web.Config) { c.Secure = true })
	r = secure.anybody().post("/login", login("A01", password))
	if !strings.Contains(r.header.Get("Set-Cookie"), "Secure") || r.header.Get("Strict-Transport-Security") == "" {
		t.Errorf("%v", r.header)
	}
}

// Unknown, shared, without a password, gone, or a wrong password: one answer.
func TestLoginRefusalsAreEqual(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.agent("B01", "同名", w.east)
	w.agent("B02", "同名", w.west)
	gone := w.agent("B03", "走了", w.east)
	w.ok(w.st.UpdatePerson(w.ctx, gone.ID, func(p *org.Person) error { p.ActiveTo = noon.Add(-time.Hour); return nil }))
	fresh := w.agent("B04", "没密码", w.east)
	w.ok(w.st.SetPassword(w.ctx, fresh.ID, "", ""))
	var got []string
	for _, x := range []struct{ name, secret string }{
		{"A01", "wrong"}, {"A01", ""}, {"nobody", password}, {"同名", password}, {"B03", password}, {"走了", password}, {"B04", password}, {"B04", ""}, {"", password}, {"A01\u200b\u2060", password}, {strings.Repeat("x", 10_000), password}, {"A01", password + " "}, {"A01", strings.ToUpper(password)},
	} {
		c := w.anybody()
		r := c.post("/login", login(x.name, x.secret)).is(http.StatusUnauthorized).has(say("login.wrong"))
		inert(t, r)
		if len(c.cookies) != 0 {
			t.Errorf("%q has cookies %v", x.name, c.cookies)
		}
		now, _ := r.controls("/login")
		if now.Get("name") != x.name || now.Get("password") != "" {
			t.Errorf("the form keeps %q", now)
		}
		same := same(r, "/login")
		got = append(got, strings.ReplaceAll(same, `name="name" value="`+htmlEscape(x.name)+`"`, `name="name" value=""`))
	}
	if len(slices.Compact(got)) != 1 {
		t.Error("the refusals differ")
	}
	w.anybody().post("/login", login("B02", password)).to("/")
}

func TestLoginThrottled(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.anybody()
	for i := range 8 {
		c.post("/login", login([]string{"A01", "安安"}[i%2], "wrong")).is(http.StatusUnauthorized)
	}
	r := c.post("/login", login("A01", password)).is(http.StatusTooManyRequests).has(say("login.throttled"))
	if r.header.Get("Retry-After") != "30" {
		t.Error(r.header)
	}
	c.post("/login", login("安安", password), "X-Forwarded-For", "10.9.8.7").is(http.StatusTooManyRequests)
	c.post("/login", login("A02", password)).to("/")
	w.clock.add(30 * time.Second)
	c.post("/login", login("A01", password)).to("/")
	for range 8 { // the right password gave the tries back
		w.anybody().post("/login", login("A01", "wrong")).is(http.StatusUnauthorized)
	}
}

// What is asked of an account in vain costs the address, so that from one address few accounts can be kept waiting; an address that is used up costs no account.
func TestRefusedTriesCostTheAddress(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *web.Config) { c.Trusted = []string{"127.0.0.1"} })
	from := func(address, name, secret string) reply {
		return w.anybody().post("/login", login(name, secret), "X-Forwarded-For", address)
	}
	const attacker, desk = "203.0.113.9", "198.51.100.4"
	for range 8 {
		from(attacker, "A01", "wrong").is(http.StatusUnauthorized)
	}
	for range 52 {
		from(attacker, "A01", "wrong").is(http.StatusTooManyRequests)
	}
	for range 20 {
		from(attacker, "A02", "wrong").is(http.StatusTooManyRequests)
	}
	for range 8 {
		from(desk, "A02", "wrong").is(http.StatusUnauthorized)
	}
	from(desk, "A01", password).is(http.StatusTooManyRequests) // as long as somebody keeps asking
	w.clock.add(30 * time.Second)
	from(desk, "A01", password).to("/")
}

func TestNext(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	at := w.anybody().get("/people/x?compare=team&q=%E5%AE%89").to("/login?next=")
	page := w.anybody().get(at).is(200)
	form, _ := page.controls("/login")
	if form.Get("next") != "/people/x?compare=team&q=%E5%AE%89" {
		t.Error(form)
	}
	for next, want := range map[string]string{
		"/help": "/help", "/people/x?a=1&b=2": "/people/x?a=1&b=2", "": "/", "help": "/", "//evil.example": "/", "///evil.example": "/", "https://evil.example": "/", "http:/evil.example": "/", `/\evil.example`: "/", `\/evil.example`: "/",
		"javascript:alert(1)": "/", "/\t/evil.example": "/", "/\r\nSet-Cookie: x=1": "/", "/%0d%0aSet-Cookie:%20x=1": "/%0d%0aSet-Cookie:%20x=1", "/%5cevil.example": "/%5cevil.example", "mailto:x@evil.example": "/", "/login": "/login", "%zz": "/", "/.//evil.example": "/evil.example",
	} {
		f := login("A01", password)
		f.Set("next", next)
		r := w.anybody().post("/login", f)
		if got := r.header.Get("Location"); got != want || len(r.header["Set-Cookie"]) != 1 {
			t.Errorf("next %q leads to %q", next, got)
		}
		r = w.anybody().post("/language", url.Values{"lang": {"en"}, "next": {next}})
		if got := r.header.Get("Location"); got != want {
			t.Errorf("language, next %q leads to %q", next, got)
		}
	}
}

func TestSessionFixation(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	planted := w.as(w.bob).cookies["leida_session"]
	c := w.anybody()
	c.cookies["leida_session"] = planted
	c.post("/login", login("A01", password)).to("/")
	if c.cookies["leida_session"] == planted {
		t.Fatal("the token did not change")
	}
	c.get("/account").is(200).has(w.ann.Name)
	made := strings.Repeat("A", 43)
	c = w.anybody()
	c.cookies["leida_session"] = made
	c.post("/login", login("A01", password)).to("/")
	thief := w.anybody()
	thief.cookies["leida_session"] = made
	thief.get("/account").to("/login")
}

func TestLogout(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.as(w.ann)
	stolen := c.copy()
	r := c.post("/logout", nil)
	r.to("/login")
	if !strings.Contains(r.header.Get("Set-Cookie"), "Max-Age=0") || len(c.cookies) != 0 {
		t.Errorf("%v", r.header)
	}
	stolen.get("/").to("/login")
}

// Signing out empties the browser also where the session has run out, was ended elsewhere or never was; only a page of ours may ask for it.
func TestLogoutWithoutSession(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const all = `"cache", "storage"`
	idle, ended := w.as(w.ann), w.as(w.ann)
	w.ok(w.st.RevokeOthers(w.ctx, w.ann.ID, idle.session()))
	w.clock.add(12 * time.Hour)
	planted := w.anybody()
	planted.cookies["leida_session"] = "invented"
	for name, c := range map[string]*client{"idle": idle, "ended": ended, "nobody": w.anybody(), "planted": planted} {
		crossed := c.copy().send(http.MethodPost, "/logout", "", "Sec-Fetch-Site", "cross-site").is(http.StatusForbidden)
		if crossed.header.Get("Clear-Site-Data") != "" {
			t.Errorf("%s: another site empties the browser", name)
		}
		r := c.post("/logout", nil)
		r.to("/login")
		if r.header.Get("Clear-Site-Data") != all || len(c.cookies) != 0 {
			t.Errorf("%s: %v %v", name, r.header, c.cookies)
		}
	}
	if n := w.count("SELECT count(*) FROM audit WHERE action = 'logout'"); n != 0 {
		t.Errorf("%d people signed out", n)
	}
}

func TestRevokeSession(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	here, there, others := w.as(w.ann), w.as(w.ann), w.as(w.bob)
	here.post("/account/sessions/"+others.session()+"/revoke", nil).is(http.StatusNotFound)
	others.get("/").is(200)
	page := here.get("/account").is(200).has(say("account.this"), "Firefox · Linux")
	id := there.session()
	page.controls("/account/sessions/" + id + "/revoke")
	here.post("/account/sessions/"+id+"/revoke", nil).to("/account")
	here.get("/account").has(say("notice.session"))
	here.get("/account").lacks(say("notice.session"))
	there.get("/").to("/login")
	here.post("/account/sessions/"+id+"/revoke", nil).is(http.StatusNotFound)
}

func TestSessionExpiry(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	idle, busy := w.as(w.ann), w.as(w.bob)
	w.clock.add(12*time.Hour - time.Millisecond)
	idle.copy().get("/account").is(200)
	w.clock.add(12 * time.Hour)
	r := idle.get("/account")
	r.to("/login?next=")
	if len(idle.cookies) != 0 {
		t.Error("the dead cookie stays")
	}
	w.clock.set(noon)
	for range 15 {
		w.clock.add(11 * time.Hour)
		busy.copy().get("/account").is(200)
	}
	w.clock.set(noon.Add(7*24*time.Hour - time.Millisecond))
	busy.copy().get("/account").is(200)
	w.clock.set(noon.Add(7 * 24 * time.Hour))
	busy.get("/account").to("/login")
}

func TestChangePassword(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	here, there := w.as(w.ann), w.as(w.ann)
	form := func(current, fresh, again string) url.Values {
		return url.Values{"current": {current}, "password": {fresh}, "repeat": {again}}
	}
	const good = "brand-new 口令 7"
	for _, x := range []struct {
		form url.Values
		says string
	}{
		{form("wrong", good, good), say("account.wrong")},
		{form("", good, good), say("account.wrong")},
		{form(password, "short", "short"), say("org.password_short", "min", 10)},
		{form(password, "", ""), say("org.password_short", "min", 10)},
		{form(password, strings.Repeat("长江之水天上来", 40), strings.Repeat("长江之水天上来", 40)), say("org.password_long", "max", 256)},
		{form(password, good, good+"x"), say("account.repeat")},
		{form(password, "1234567890", "1234567890"), say("org.password_guessable")},
		{form(password, "aaaaaaaaaaaa", "aaaaaaaaaaaa"), say("org.password_guessable")},
	} {
		r := here.post("/account/password", x.form).is(http.StatusUnprocessableEntity).has(x.says)
		inert(t, r)
		r.lacks(good)
		w.clock.add(time.Minute) // tries are counted
	}
	there.get("/").is(200)
	here.post("/account/password", form(password, good, good)).to("/account")
	here.get("/account").is(200).has(say("notice.password"))
	there.get("/").to("/login")
	w.anybody().post("/login", login("A01", password)).is(http.StatusUnauthorized)
	w.anybody().post("/login", login("A01", good)).to("/")
	if n := w.count("SELECT count(*) FROM audit WHERE action = 'password'"); n != 1 {
		t.Error(n, "changes in the audit log")
	}
}

// A stolen session cannot guess the password without end.
func TestGuessingTheCurrentPassword(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.as(w.ann)
	form := url.Values{"current": {"guess"}, "password": {"brand-new one"}, "repeat": {"brand-new one"}}
	for range 8 {
		c.post("/account/password", form).is(http.StatusUnprocessableEntity)
	}
	form.Set("current", password)
	c.post("/account/password", form).is(http.StatusTooManyRequests)
	w.anybody().post("/login", login("A01", password)).is(http.StatusTooManyRequests)
}

func TestHashPassword(t *testing.T) {
	t.Parallel()
	a, err := web.HashPassword(bytes.NewReader(make([]byte, 16)), password)
	if err != nil || !strings.HasPrefix(a, "$argon2id$v=19$m=19456,t=2,p=1$") {
		t.Error(a, err)
	}
	if _, err := web.HashPassword(bytes.NewReader(nil), password); err == nil {
		t.Error("hashed without randomness")
	}
	w := newWorld(t)
	w.ok(w.st.SetPassword(w.ctx, w.ann.ID, a, ""))
	w.anybody().post("/login", login("A01", password)).to("/")
	for _, broken := range []string{"x", "$argon2id$v=19$m=19456,t=2,p=1$$", "$argon2id$v=19$m=19456$a$b", "$2y$10$abc", "$argon2id$v=19$m=1,t=1,p=1$!$!"} {
		w.ok(w.st.SetPassword(w.ctx, w.ann.ID, broken, ""))
		w.anybody().post("/login", login("A01", password)).is(http.StatusUnauthorized)
		w.clock.add(time.Minute)
	}
}

func TestSuspended(t *testing.T) {
	t.Parallel()
	d := sit(t)
	d.c.get("/me").is(200)
	d.ok(d.st.UpdatePerson(d.ctx, d.ann.ID, func(p *org.Person) error { p.ActiveTo = d.clock.now(); return nil }))
	d.c.copy().get("/me").to("/login")
	d.c.copy().get(d.at).to("/login")
	d.c.copy().get("/people/" + d.ann.ID + "/scores.csv").to("/login")
	d.c.copy().json(d.item(1), `{"rev":1,"answer":{}}`).refused(http.StatusUnauthorized, "sign_in_first")
	d.anybody().post("/login", login("A01", password)).is(http.StatusUnauthorized)
	// an access role that is taken away is gone at the next request as well
	lead := d.as(d.eve)
	lead.get("/teams/" + d.east).is(200)
	d.ok(d.st.SetGrants(d.ctx, d.eve.ID, []org.Grant{{Access: org.Agent}}))
	lead.get("/teams/" + d.east).is(http.StatusForbidden)
	lead.get("/people/" + d.bob.ID).is(http.StatusNotFound)
}

func TestOddCookies(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	good := w.as(w.ann).cookies["leida_session"]
	for name, header := range map[string]string{
		"5 KB": "leida_session=" + strings.Repeat("A", 5000), "cut": "leida_session=" + good[:20], "longer": "leida_session=" + good + "A", "empty": "leida_session=", "no value": "leida_session",
		"twice": "leida_session=" + good + "; leida_session=" + w.as(w.bob).cookies["leida_session"], "twice the same": "leida_session=" + good + "; leida_session=" + good,
		"not base64": "leida_session=!!!!", "padded": "leida_session=" + good + "=", "other letters": "leida_session=" + strings.ToUpper(good), "nul": "leida_session=%00", "quotes": `leida_session="` + good[:10] + `"`,
		"other cookies": "x=1; y=\"; leida_notice=<script>; leida_lang=xx",
	} {
		c := w.anybody()
		r := c.get("/account", "Cookie", header)
		sound(t, web.Route{}, r)
		r.to("/login?next=")
		if strings.HasPrefix(header, "leida_session=") && !strings.Contains(fmt.Sprint(r.header["Set-Cookie"]), "leida_session=;") {
			t.Errorf("%s: not cleared: %v", name, r.header["Set-Cookie"])
		}
		sound(t, web.Route{}, w.anybody().post("/login", login("A01", "wrong"), "Cookie", header))
		w.clock.add(time.Minute)
	}
	for _, odd := range []string{"notice.nothing", "login.title", "web.internal", "<script>", "notice.", strings.Repeat("x", 4000)} {
		w.as(w.ann).get("/", "Cookie", "leida_session="+good+"; leida_notice="+url.QueryEscape(odd)).is(200).lacks("<script>alert", odd)
	}
	w.as(w.ann).get("/", "Cookie", "leida_session="+good+"; leida_lang=en").is(200).has("Home")
}

func TestLanguage(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.anybody()
	c.get("/login").has("姓名或工号")
	c.get("/login", "Accept-Language", "en-GB,en;q=0.9").has("Name or employee number")
	c.get("/login", "Accept-Language", "fr;q=x,,;;").has("姓名或工号")
	c.post("/language", url.Values{"lang": {"en"}, "next": {"/login?next=%2Fhelp"}}).to("/login?next=%2Fhelp")
	c.get("/login", "Accept-Language", "zh-CN").has("Name or employee number")
	for _, odd := range []string{"", "fr", "../../etc", "EN", "zh\x00"} {
		c.post("/language", url.Values{"lang": {odd}}).is(http.StatusBadRequest)
	}
}
