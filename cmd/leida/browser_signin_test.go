package main

import (
	"context"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"
)

// testSignIn is the way in with all that can be ahead: a one-time password, a second factor set up and used, a recovery code, a proof.
func testSignIn(t *testing.T, browser context.Context) {
	c := smallCentre(t, "--require-second-factor=trainer")
	admin := newVisitor(t, browser, c).tab(desktop)
	admin.signIn("X1", password)
	given := oneTime(admin, "T1")

	trainer := newVisitor(t, browser, c).tab(phone)
	trainer.signIn("T1", given)
	if trainer.path() != "/account/password" {
		t.Fatal("a one-time password leads to ", trainer.path())
	}
	const own = "kupferdraht und zinn"
	trainer.write("#current", given)
	trainer.write("#new", own)
	trainer.write("#repeat", own)
	trainer.follow("form[action='/account/password'] button.pri")
	if trainer.path() != "/account/factor" {
		t.Fatal("a trainer goes on to ", trainer.path())
	}
	trainer.follow("form[action='/account/factor'] button.pri")
	seed := seedOf(trainer)
	if trainer.count("figure.qr svg path[d^=M]") != 1 {
		t.Error("there is nothing to scan")
	}
	trainer.write("#code", codeOf(t, seed, 0))
	trainer.follow("form[action='/account/factor/confirm'] button")
	codes := js[[]string](trainer, "[...document.querySelectorAll('.codes code')].map((e) => e.textContent)")
	if len(codes) != 10 {
		t.Fatal(codes)
	}
	trainer.follow("a.btn.pri")
	if trainer.path() != "/" {
		t.Error("from the recovery codes to ", trainer.path())
	}
	trainer.check()

	signOut(trainer)
	trainer.signIn("T1", own)
	if trainer.path() != "/login/code" {
		t.Fatal("a password leads to ", trainer.path())
	}
	trainer.open("/bank")
	if trainer.path() != "/login/code" {
		t.Error("half a session reaches ", trainer.path())
	}
	trainer.excuse("status 401")
	trainer.write("#code", "000000")
	trainer.follow("form[action='/login/code'] button.pri")
	trainer.excuse()
	if !strings.Contains(trainer.text("main"), "验证码不对") {
		t.Error(trainer.text("main"))
	}
	trainer.write("#code", codeOf(t, seed, 30*time.Second)) // a phone that is fast: this step was not used yet
	trainer.follow("form[action='/login/code'] button.pri")
	if trainer.path() != "/bank" {
		t.Error("the code leads to ", trainer.path())
	}

	signOut(trainer)
	trainer.signIn("T1", own)
	trainer.press("details summary")
	trainer.write("#recovery", codes[0])
	trainer.follow("details form button")
	if trainer.path() != "/" {
		t.Error("a recovery code leads to ", trainer.path())
	}
	trainer.open("/account")
	if got := trainer.text("main"); !strings.Contains(got, "还剩 9 个恢复码") {
		t.Error(got)
	}

	assign(trainer, "all-kinds")
	forgets(newVisitor(t, browser, c).tab(phone))
}

// forgets answers an item as an agent and signs out: going back shows nothing of what was there, and the browser keeps nothing of it (ASVS 14.3.1).
func forgets(b *tab) {
	b.t.Helper()
	const kept = "(async () => (await indexedDB.databases()).length + localStorage.length + sessionStorage.length)()"
	b.signIn("B1", password)
	b.open("/")
	b.follow("section.next .pri")
	hurry(b)
	item, title := b.path(), b.text("h1")
	if title == "" || js[int](b, kept) == 0 {
		b.t.Fatalf("%s keeps nothing that could be forgotten", item)
	}
	signOut(b)
	if n := js[int](b, kept); n != 0 {
		b.t.Errorf("the browser keeps %d things of who has signed out", n)
	}
	for range 2 { // the account page, and the item before it
		b.leave(func() { js[bool](b, "(setTimeout(() => history.back(), 50), true)") })
		if got := b.text("body"); b.path() != "/login" || strings.Contains(got, title) || strings.Contains(got, "安然") {
			b.t.Errorf("going back shows %s: %s", b.path(), got)
		}
	}
	if n := js[int](b, kept); n != 0 {
		b.t.Errorf("going back keeps %d things", n)
	}
}

// oneTime has an admin give somebody a one-time password, which is shown once.
func oneTime(admin *tab, number string) string {
	admin.t.Helper()
	admin.open("/admin/people?q=" + url.QueryEscape(number))
	admin.follow("tbody th a")
	admin.press("form[action$='/password'] button")
	admin.wait("document.querySelector('dialog[open]')")
	admin.follow("dialog[open] button[value=yes]")
	shown := admin.text(".secret.big")
	if len(shown) != len("xxxx-xxxx-xxxx-xxxx-xxxx-xxxx-xx") {
		admin.t.Fatalf("%q", shown)
	}
	return shown
}

func seedOf(b *tab) string {
	b.t.Helper()
	return strings.ReplaceAll(b.text("code.secret"), " ", "")
}

// codeOf is what an authenticator app shows, on a phone whose clock is off.
func codeOf(t testing.TB, seed string, off time.Duration) string {
	t.Helper()
	code, err := totp.GenerateCode(seed, time.Now().Add(off))
	if err != nil {
		t.Fatal(err)
	}
	return code
}

func signOut(b *tab) {
	b.t.Helper()
	b.open("/account")
	b.follow("main form[action='/logout'] button")
}

// takeElsewhere signs somebody in on another device, which takes a sitting over and stays signed in.
func takeElsewhere(b *tab, login, secret, sitting string) {
	b.t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		b.t.Fatal(err)
	}
	device := &http.Client{Jar: jar}
	for _, x := range []struct {
		path string
		form url.Values
	}{{"/login", url.Values{"name": {login}, "password": {secret}}}, {sitting + "/take", nil}} {
		r, err := device.PostForm(b.at.url+x.path, x.form)
		if err != nil {
			b.t.Fatal(err)
		}
		r.Body.Close()
		if r.StatusCode != http.StatusOK {
			b.t.Fatal(x.path, r.Status)
		}
	}
}
