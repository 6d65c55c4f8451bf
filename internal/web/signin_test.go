package web_test

import (
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base32"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"
	"golang.org/x/net/html"

	"leida/internal/org"
	"leida/internal/store"
	"leida/internal/web"
)

// --- second factors in tests ---

// phone is somebody's authenticator app.
type phone struct {
	w    *world
	seed string // base32
}

func (p phone) code() string { return p.codeAt(p.w.clock.now()) }

func (p phone) codeAt(t time.Time) string {
	p.w.t.Helper()
	code, err := totp.GenerateCode(p.seed, t)
	p.w.ok(err)
	return code
}

func code(c string) url.Values { return url.Values{"code": {c}} }

// enrol sets up a second factor by the pages, and is the phone and the recovery codes.
func (c *client) enrol() (phone, []string) {
	c.w.t.Helper()
	c.post("/account/factor", nil).to("/account/factor")
	p := phone{c.w, c.seed()}
	return p, recoveryOf(c.post("/account/factor/confirm", code(p.code())).is(http.StatusOK))
}

// seed is the key that the page shows for typing.
func (c *client) seed() string {
	c.w.t.Helper()
	page := c.get("/account/factor").is(200)
	keys := find(page.doc(), "code", func(n *html.Node) bool { return attr(n, "class") == "secret" })
	if len(keys) != 1 {
		c.w.t.Fatalf("%d keys\n%s", len(keys), page.clip())
	}
	return strings.ReplaceAll(words(keys[0]), " ", "")
}

func recoveryOf(r reply) []string {
	var out []string
	for _, n := range find(r.doc(), "ol", func(n *html.Node) bool { return attr(n, "class") == "codes" }) {
		for _, x := range find(n, "code", nil) {
			out = append(out, words(x))
		}
	}
	return out
}

// halfIn is a browser in which somebody with a second factor gave the password, and no code yet.
func (w *world) halfIn(number, secret string) *client {
	w.t.Helper()
	c := w.anybody()
	c.post("/login", login(number, secret)).to("/")
	c.get("/").to("/login/code")
	return c
}

// enrolled has a person with a second factor.
func (w *world) enrolled(p org.Person) (phone, []string) {
	w.t.Helper()
	ph, codes := w.as(p).enrol()
	w.clock.add(time.Minute) // the first code is used up
	return ph, codes
}

func (w *world) audited(action string) int {
	w.t.Helper()
	return w.count("SELECT count(*) FROM audit WHERE action = '" + action + "'")
}

// --- passwords ---

// ASVS 6.2.8: what was typed is what is checked, to the last byte.
func TestPasswordIsCheckedAsReceived(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const good = " Käse und 铜丝, dreiundsiebzig Bytes und mehr: bcrypt läse nur die ersten "
	if len(good) <= 72 {
		t.Fatal(len(good))
	}
	w.ok(w.st.SetPassword(w.ctx, w.ann.ID, hash(good), ""))
	for _, bad := range []string{strings.TrimSpace(good), good[:72], good + " ", strings.ToLower(good), strings.ReplaceAll(good, "ä", "a\u0308"), strings.ReplaceAll(good, " ", "\u00a0")} {
		w.anybody().post("/login", login("A01", bad)).is(http.StatusUnauthorized)
	}
	w.anybody().post("/login", login("A01", good)).to("/")
}

// ASVS 6.2.1, 6.2.9: from 10 to 256 characters by the form; what is over 1,024 bytes is refused at the door, and costs no hashing.
func TestLongPasswords(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	long := strings.Repeat("kupferdraht und zinn ", 60)
	now := password
	for _, next := range []string{long[:10], long[:64], long[:256], strings.Repeat("山高水长天", 51) + "。"} {
		c := w.as(w.ann)
		c.post("/account/password", url.Values{"current": {now}, "password": {next}, "repeat": {next}}).to("/account")
		now = next
		w.anybody().post("/login", login("A01", now)).to("/")
	}
	c := w.as(w.ann)
	c.post("/account/password", url.Values{"current": {now}, "password": {long[:257]}, "repeat": {long[:257]}}).is(http.StatusUnprocessableEntity).has(say("org.password_long", "max", 256))
	w.ok(w.st.SetPassword(w.ctx, w.ann.ID, hash(long[:1025]), "")) // even if it were somebody's
	w.anybody().post("/login", login("A01", long[:1025])).is(http.StatusUnauthorized)
	w.anybody().post("/login", login("A01", strings.Repeat("x", 200_000))).is(http.StatusUnauthorized)
}

// ASVS 6.2.6, 6.2.7: passwords are masked, password managers know them, and nothing hinders pasting.
func TestPasswordFields(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.as(w.ann)
	kinds := map[string]string{"current-password": "", "new-password": ""}
	n := 0
	for _, page := range []reply{w.anybody().get("/login"), c.get("/account/password"), c.get("/account/proof")} {
		for _, in := range find(page.is(200).doc(), "input", nil) {
			name := attr(in, "name")
			if name != "password" && name != "current" && name != "repeat" {
				continue
			}
			n++
			_, known := kinds[attr(in, "autocomplete")]
			if attr(in, "type") != "password" || !known || hasAttr(in, "maxlength") || hasAttr(in, "pattern") || hasAttr(in, "onpaste") || hasAttr(in, "readonly") {
				t.Errorf("%s: %s", page.what, name)
			}
		}
	}
	if n != 5 {
		t.Error(n, "fields")
	}
}

// ASVS 6.1.2, 6.2.11: what the person and the place are called makes no password.
func TestContextWordsOfTheCentre(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.as(w.wes)
	for _, bad := range []string{"leida-20262026", "雷达雷达1234567", "Wes Canary 123", "A03A03A03A03!", "华东中心二组2026", "ec-2-2026-2026", "一组一组一组一组一组"} {
		w.clock.add(time.Minute)
		c.prove()
		c.post("/account/password", url.Values{"current": {password}, "password": {bad}, "repeat": {bad}}).is(http.StatusUnprocessableEntity).has(say("org.password_guessable"))
	}
}

// ASVS 6.2.10: a password is good for as long as nobody changes it.
func TestPasswordsDoNotExpire(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.clock.add(10 * 365 * 24 * time.Hour)
	c := w.anybody()
	c.post("/login", login("A01", password)).to("/")
	c.get("/").is(200)
}

// breachFile is a published list of breached passwords, as it is published.
func breachFile(passwords ...string) string {
	var lines []string
	for i, p := range passwords {
		sum := sha1.Sum([]byte(p))
		lines = append(lines, fmt.Sprintf("%X:%d", sum, i*i+1))
	}
	slices.Sort(lines)
	return strings.Join(lines, "\r\n") + "\r\n"
}

func backwards(file string) string {
	lines := strings.SplitAfter(file, "\n")
	slices.Reverse(lines)
	return strings.Join(lines, "")
}

// ASVS 6.2.12.
func TestBreachedPasswords(t *testing.T) {
	t.Parallel()
	var list []string
	for i := range 3000 {
		list = append(list, fmt.Sprintf("breached number %d", i))
	}
	file := breachFile(list...)
	known, err := web.OpenBreached(strings.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range list {
		if has, err := known.Has(p); !has || err != nil {
			t.Fatalf("%q: %v %v", p, has, err)
		}
	}
	for i := range 3000 {
		if has, err := known.Has(fmt.Sprintf("another number %d", i)); has || err != nil {
			t.Fatal(i, has, err)
		}
	}
	one := breachFile("only")[:40] // without an end of line
	if b, err := web.OpenBreached(strings.NewReader(one), 40); err != nil {
		t.Error(err)
	} else if has, _ := b.Has("only"); !has {
		t.Error("a list of one")
	}
	for name, bad := range map[string]string{"empty": "", "plain": "123456\nletmein\n", "unsorted": backwards(file), "short": file[:30], "one long line": strings.Repeat("A", 5000)} {
		if _, err := web.OpenBreached(strings.NewReader(bad), int64(len(bad))); err == nil {
			t.Errorf("%s is taken", name)
		}
	}
	w := newWorld(t, func(c *web.Config) { c.Breached = known })
	c := w.as(w.ann)
	form := func(p string) url.Values {
		return url.Values{"current": {password}, "password": {p}, "repeat": {p}}
	}
	c.post("/account/password", form(list[7])).is(http.StatusUnprocessableEntity).has(say("account.breached"))
	c.post("/account/password", form("breached number x")).to("/account")
}

// A stored password that cost less than one would today is hashed anew at the next sign-in; no session ends by it.
func TestPasswordIsHashedAnew(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.as(w.ann)
	w.anybody().post("/login", login("A01", "wrong")).is(http.StatusUnauthorized)
	if stored, _ := w.st.PasswordHash(w.ctx, w.ann.ID); stored != hashed() {
		t.Error("a wrong password changed it")
	}
	w.anybody().post("/login", login("A01", password)).to("/")
	stored, err := w.st.PasswordHash(w.ctx, w.ann.ID)
	w.ok(err)
	if !strings.HasPrefix(stored, "$argon2id$v=19$m=19456,t=2,p=1$") {
		t.Error(stored)
	}
	c.get("/").is(200)
	w.anybody().post("/login", login("A01", password)).to("/")
	if again, _ := w.st.PasswordHash(w.ctx, w.ann.ID); again != stored {
		t.Error("hashed again")
	}
}

// --- one-time passwords ---

var oneTimeForm = regexp.MustCompile(`^([0-9a-hjkmnp-tv-z]{4}-){6}[0-9a-hjkmnp-tv-z]{2}$`)

// reset has an admin give a person a one-time password.
func (w *world) reset(p org.Person) string {
	w.t.Helper()
	page := w.as(w.ada).post("/admin/people/"+p.ID+"/password", nil).is(http.StatusOK).has(say("onetime.once"))
	shown := find(page.doc(), "p", func(n *html.Node) bool { return attr(n, "class") == "secret big" })
	if len(shown) != 1 || !oneTimeForm.MatchString(words(shown[0])) {
		w.t.Fatalf("%s", page.clip())
	}
	return words(shown[0])
}

// ASVS 6.4.1: random, good for three days, good for nothing but choosing one's own.
func TestOneTimePassword(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	there := w.as(w.bob)
	first, secret := w.reset(w.bob), w.reset(w.bob)
	if first == secret {
		t.Error("the same twice")
	}
	there.get("/").to("/login")
	w.anybody().post("/login", login("A02", password)).is(http.StatusUnauthorized)
	w.anybody().post("/login", login("A02", first)).is(http.StatusUnauthorized)
	if strings.Contains(w.log.String()+w.dump(), secret) {
		t.Error("it is kept in the open")
	}
	w.clock.add(72*time.Hour - time.Millisecond)
	c := w.anybody()
	c.post("/login", login("A02", secret)).to("/")
	c.get("/me?compare=team").to("/account/password?next=%2Fme%3Fcompare%3Dteam")
	page := c.get("/account/password?next=%2Fme").is(200).has(say("account.choose"))
	if len(find(page.doc(), "nav", nil)) > 0 {
		t.Error("the page leads elsewhere")
	}
	form := func(current, fresh string) url.Values {
		return url.Values{"current": {current}, "password": {fresh}, "repeat": {fresh}, "next": {"/me"}}
	}
	c.post("/account/password", form(secret, secret)).is(http.StatusUnprocessableEntity).has(say("account.same"))
	c.post("/account/password", form("wrong", "kupferdraht 12")).is(http.StatusUnprocessableEntity)
	c.post("/account/password", form(secret, "short")).is(http.StatusUnprocessableEntity)
	c.get("/me").to("/account/password")
	c.post("/account/password", form(secret, "kupferdraht 12")).to("/me")
	c.get("/me").is(200)
	w.clock.add(72 * time.Hour)
	d := w.anybody()
	d.post("/login", login("A02", "kupferdraht 12")).to("/") // one's own stays
	d.get("/").is(200)
	if w.audited("password_reset") != 2 || w.audited("password") != 1 {
		t.Error("audit")
	}
}

func TestOneTimePasswordRunsOut(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	secret := w.reset(w.bob)
	w.clock.add(72 * time.Hour)
	w.anybody().post("/login", login("A02", secret)).is(http.StatusUnauthorized).has(say("login.wrong"))
}

// ASVS 6.4.3: a forgotten password is no way around the second factor.
func TestResetKeepsTheSecondFactor(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ph, _ := w.enrolled(w.bob)
	secret := w.reset(w.bob)
	c := w.halfIn("A02", secret)
	c.post("/account/password", url.Values{"current": {secret}, "password": {"kupferdraht 12"}, "repeat": {"kupferdraht 12"}}).is(http.StatusUnauthorized)
	c.post("/login/code", code(ph.code())).to("/")
	c.get("/").to("/account/password")
	c.post("/account/password", url.Values{"current": {secret}, "password": {"kupferdraht 12"}, "repeat": {"kupferdraht 12"}}).to("/account")
	c.get("/").is(200)
}

// --- second factors ---

// ASVS 6.5.1, 6.5.5: set up, signed in with; every code is good once, and for no longer than its step and a neighbour.
func TestSecondFactor(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	here, there := w.as(w.ann), w.as(w.ann)
	here.get("/account/factor").is(200).has(say("factor.begin"))
	here.post("/account/factor/confirm", code("123456")).to("/account/factor") // nothing is being set up
	here.post("/account/factor", nil).to("/account/factor")
	first := here.seed()
	here.post("/account/factor", nil).to("/account/factor")
	ph := phone{w, here.seed()}
	if ph.seed == first || len(ph.seed) != 32 {
		t.Error("seeds:", first, ph.seed)
	}
	here.post("/account/factor/confirm", code("000000")).is(http.StatusUnprocessableEntity).has(say("factor.wrong"))
	here.post("/account/factor/confirm", code(phone{w, first}.code())).is(http.StatusUnprocessableEntity)
	if w.audited("login_failed") != 2 {
		t.Error(w.audited("login_failed"), "failures in the audit log")
	}
	w.anybody().post("/login", login("A01", password)).to("/") // not in force yet
	used := ph.code()
	page := here.post("/account/factor/confirm", code(used)).is(200).has(say("codes.once"))
	inert(t, page)
	if n := len(recoveryOf(page)); n != 10 {
		t.Error(n, "recovery codes")
	}
	here.get("/account").is(200).has(say("factor.on"))
	there.get("/").to("/login") // other sessions ended
	here.post("/account/factor", nil).is(http.StatusConflict)

	c := w.halfIn("A01", password)
	for _, bad := range []string{"", "000000", "12345", used, ph.codeAt(w.clock.now().Add(60 * time.Second)), ph.codeAt(w.clock.now().Add(-60 * time.Second))} {
		inert(t, c.post("/login/code", code(bad)).is(http.StatusUnauthorized).has(say("code.wrong")))
	}
	before := c.cookies["leida_session"]
	next := ph.codeAt(w.clock.now().Add(30 * time.Second)) // a phone that is fast
	c.post("/login/code", url.Values{"code": {next[:3] + " " + next[3:]}, "next": {"/help"}}).to("/help")
	if c.cookies["leida_session"] == before {
		t.Error("the token is the half session's")
	}
	c.get("/").is(200)
	d := w.halfIn("A01", password)
	d.post("/login/code", code(next)).is(http.StatusUnauthorized) // it was used
	d.post("/login/code", code(ph.code())).is(http.StatusUnauthorized)
	w.clock.add(time.Minute)
	d.post("/login/code", code(ph.codeAt(w.clock.now().Add(-30*time.Second)))).is(http.StatusUnauthorized) // the step of the one that was used
	d.post("/login/code", code(ph.code())).to("/")
	d.get("/").is(200)
	if w.audited("factor_on") != 1 || w.audited("login_half") != 2 || w.count("SELECT count(*) FROM audit WHERE action = 'login' AND detail LIKE '%\"code\"%'") != 2 {
		t.Error("audit")
	}
	if strings.Contains(w.log.String(), ph.seed) {
		t.Error("the seed is in the log")
	}
}

// The seed that is being set up is shown for as long as the proof holds.
func TestSeedIsShownWithAProof(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.as(w.ann)
	c.post("/account/factor", nil).to("/account/factor")
	seed := c.seed()
	w.clock.add(15*time.Minute + time.Millisecond)
	const again = "/account/factor?next=%2Fhelp"
	c.get(again).to("/account/proof?next=" + url.QueryEscape(again))
	c.post("/account/proof", url.Values{"current": {password}, "next": {again}}).to(again)
	if c.seed() != seed {
		t.Error("another seed")
	}
}

// Two browsers with the same code in the same moment: one is let in.
func TestCodeRace(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ph, recovery := w.enrolled(w.ann)
	for _, typed := range []string{ph.code(), recovery[0]} {
		w.clock.add(5 * time.Minute) // tries come back
		if len(typed) == 6 {
			typed = ph.code()
		}
		var all []*client
		for range 3 {
			all = append(all, w.halfIn("A01", password))
		}
		in := make(chan bool, len(all))
		for _, c := range all {
			go func() { in <- c.post("/login/code", code(typed)).status == http.StatusSeeOther }()
		}
		n := 0
		for range all {
			if <-in {
				n++
			}
		}
		if n != 1 {
			t.Errorf("%s let %d in", typed, n)
		}
	}
}

// ASVS 6.5.1, 6.5.2, 6.5.4: ten codes of 128 bits, each good once, kept as hashes.
func TestRecoveryCodes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, codes := w.enrolled(w.ann)
	letters, dump := map[rune]bool{}, w.dump()
	for _, c := range codes {
		bare := strings.ReplaceAll(c, "-", "")
		if len(bare) != 26 || strings.Contains(dump, bare) || strings.Contains(dump, c) || strings.Contains(w.log.String(), c) {
			t.Error(c)
		}
		for _, r := range bare {
			letters[r] = true
		}
	}
	if len(slices.Compact(slices.Sorted(slices.Values(codes)))) != 10 || len(letters) < 28 {
		t.Errorf("%q, of %d letters", codes, len(letters))
	}
	c := w.halfIn("A01", password)
	c.post("/login/code", url.Values{"recovery": {strings.ToUpper(strings.ReplaceAll(codes[3], "-", " "))}}).to("/")
	c.get("/account").has(say("codes.left", "n", 9))
	w.halfIn("A01", password).post("/login/code", code(codes[3])).is(http.StatusUnauthorized)
	_, others := w.enrolled(w.bob)
	w.halfIn("A01", password).post("/login/code", code(others[0])).is(http.StatusUnauthorized)
	c.prove0(codes[4])
	fresh := recoveryOf(c.post("/account/factor/codes", nil).is(200))
	w.halfIn("A01", password).post("/login/code", code(codes[5])).is(http.StatusUnauthorized) // replaced
	w.halfIn("A01", password).post("/login/code", code(fresh[0])).to("/")
}

// prove0 proves by the page who one is, with a code.
func (c *client) prove0(typed string) {
	c.w.t.Helper()
	c.post("/account/proof", url.Values{"current": {password}, "code": {typed}, "next": {"/account"}}).to("/account")
}

// ASVS 6.3.1, 6.6.3: whoever knows the password has no more tries at the code than at a password, from however many browsers, and signing in again buys none.
func TestGuessingCodes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ph, recovery := w.enrolled(w.ann)
	w.clock.add(time.Hour)
	wrong := 0
	for range 20 {
		c := w.anybody()
		if c.post("/login", login("A01", password)).status == http.StatusTooManyRequests {
			break
		}
		if c.post("/login/code", code("000000")).status == http.StatusUnauthorized {
			wrong++
		}
	}
	if wrong != 4 {
		t.Error(wrong, "guesses")
	}
	w.clock.add(30 * time.Second)
	c := w.halfIn("A01", password)
	c.post("/login/code", code(ph.code())).is(http.StatusTooManyRequests).has(say("login.throttled"))
	c.post("/login/code", url.Values{"recovery": {recovery[0]}}).is(http.StatusTooManyRequests)
	w.clock.add(30 * time.Second)
	c.post("/login/code", code(ph.code())).to("/")
	if w.audited("login_failed") != 4 {
		t.Error(w.audited("login_failed"), "failures in the audit log")
	}
}

// ASVS 6.3.1: every path that takes a secret takes from one allowance.
func TestGuessingIsThrottledEverywhere(t *testing.T) {
	t.Parallel()
	for name, guess := range map[string]func(c *client) reply{
		"password": func(c *client) reply {
			return c.post("/account/password", url.Values{"current": {"x"}, "password": {"kupferdraht 12"}, "repeat": {"kupferdraht 12"}})
		},
		"proof":   func(c *client) reply { return c.post("/account/proof", url.Values{"current": {"x"}}) },
		"remove":  func(c *client) reply { return c.post("/account/factor/remove", url.Values{"current": {"x"}}) },
		"confirm": func(c *client) reply { return c.post("/account/factor/confirm", code("000000")) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			c := w.as(w.ann)
			c.post("/account/factor", nil).to("/account/factor")
			for range 8 {
				guess(c).is(http.StatusUnprocessableEntity)
			}
			guess(c).is(http.StatusTooManyRequests)
			guess(w.as(w.ann)).is(http.StatusTooManyRequests) // another session is the same account
			w.anybody().post("/login", login("A01", password)).is(http.StatusTooManyRequests)
			w.anybody().post("/login", login("A02", password)).to("/")
		})
	}
}

// ASVS 6.3.3: who must have a second factor reaches nothing before.
func TestRequiredSecondFactor(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *web.Config) { c.SecondFactor = []org.Access{org.Trainer, org.Manager, org.Admin} })
	w.as(w.ann).get("/").is(200) // an agent need not
	for _, p := range []org.Person{w.eve, w.tess, w.ada} {
		c := w.as(p)
		c.get("/").to("/account/factor?next=%2F")
		page := c.get("/account/factor?next=%2Fhelp").is(200).has(say("factor.must"))
		if len(find(page.doc(), "nav", nil)) > 0 {
			t.Error("the page leads elsewhere")
		}
		c.post("/admin/people/"+w.ann.ID+"/access", url.Values{"access": {"admin"}}).is(http.StatusUnauthorized)
		c.post("/account/factor", nil).to("/account/factor")
		ph := phone{w, c.seed()}
		page = c.post("/account/factor/confirm", url.Values{"code": {ph.code()}, "next": {"/help"}}).is(200)
		if next := find(page.doc(), "a", func(n *html.Node) bool { return attr(n, "href") == "/help" && attr(n, "class") == "btn pri" }); len(next) != 1 {
			t.Error("it leads nowhere")
		}
		c.get("/").is(200)
		c.post("/account/factor/remove", url.Values{"current": {password}}).to("/account")
		c.get("/").to("/account/factor") // and once more
	}
	// a role that is given later asks for it from then on
	ann := w.as(w.ann)
	w.ok(w.st.SetGrants(w.ctx, w.ann.ID, []org.Grant{{Access: org.Agent}, {Access: org.Trainer}}))
	ann.get("/").to("/account/factor")
}

// ASVS 6.4.4, 7.4.3: turning a factor off wants the password and ends other sessions; an admin resets one that is lost, and it is noted.
func TestFactorIsRemoved(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ph, _ := w.enrolled(w.ann)
	signedIn := func() *client {
		w.clock.add(5 * time.Minute)
		c := w.halfIn("A01", password)
		c.post("/login/code", code(ph.code())).to("/")
		return c
	}
	here, there := signedIn(), signedIn()
	w.clock.add(16 * time.Minute)
	here.post("/account/factor/remove", url.Values{"current": {password}}).to("/account/proof?next=%2Faccount") // the password alone is not enough
	here.prove0(ph.code())
	w.clock.add(5 * time.Minute)
	here.post("/account/factor/remove", url.Values{"current": {"wrong"}}).is(http.StatusUnprocessableEntity).has(say("account.wrong"))
	here.post("/account/factor/remove", url.Values{"current": {password}}).to("/account")
	there.get("/").to("/login")
	c := w.anybody()
	c.post("/login", login("A01", password)).to("/")
	c.get("/").is(200)

	w.enrolled(w.bob)
	bob := w.halfIn("A02", password)
	admin := w.as(w.ada)
	admin.get("/admin/people/" + w.bob.ID).is(200).has(say("people.factor.reset"))
	admin.post("/admin/people/"+w.bob.ID+"/factor", nil).to("/admin/people/" + w.bob.ID)
	admin.post("/admin/people/"+w.bob.ID+"/factor", nil).to("/admin/people/" + w.bob.ID) // there is none any more
	bob.get("/").to("/login?")
	c = w.anybody()
	c.post("/login", login("A02", password)).to("/")
	c.get("/").is(200)
	if w.audited("factor_off") != 1 || w.audited("factor_reset") != 1 {
		t.Error("audit")
	}
}

// What is ahead of a person makes them nobody to every route that is not part of it: pages, files, JSON, at once and whatever their role.
func TestHalfSessionReachesNothing(t *testing.T) {
	t.Parallel()
	p := populate(t)
	w := p.world
	people := map[string]org.Person{"agent": w.ann, "trainer": w.tess, "manager": w.eve, "other manager": w.max, "admin": w.ada}
	for _, ahead := range []web.Hurdle{web.Code, web.Password, web.Enrol} {
		for _, role := range roles[1:] {
			who := people[role]
			w.clock.add(5 * time.Minute)
			var c *client
			switch ahead {
			case web.Code:
				w.enrolled(who)
				w.clock.add(5 * time.Minute)
				c = w.halfIn(who.Number, password)
			case web.Password:
				w.ok(w.st.RemoveFactor(w.ctx, who.ID, ""))
				w.ok(w.st.SetOneTime(w.ctx, who.ID, hashed(), w.clock.now().Add(time.Hour)))
				c = w.as(who)
			case web.Enrol:
				w.ok(w.st.SetPassword(w.ctx, who.ID, hashed(), ""))
				w.must(org.Agent, org.Trainer, org.Manager, org.Admin)
				c = w.as(who)
			}
			before := w.dump()
			for _, r := range web.Routes {
				if r.Public || slices.Contains(r.While, ahead) {
					continue
				}
				relation := own
				if role == "other manager" {
					relation = foreign
				}
				path, ok := p.address(r, relation)
				if !ok {
					continue
				}
				if r.Writes() {
					got := c.post(path, p.bodyOf(r, role, relation))
					sound(t, web.Route{}, got)
					got.is(http.StatusUnauthorized).has(say("web.unfinished")).lacks(who.Name)
					c.json(path, `{"rev":1,"answer":{}}`).refused(http.StatusUnauthorized, "unfinished")
					continue
				}
				for _, accept := range []string{"text/html", "image/svg+xml", "text/csv"} {
					c.get(path, "Accept", accept).to("/")
				}
				got := c.get(path)
				sound(t, web.Route{}, got)
				at, _, _ := strings.Cut(got.to("/"), "?")
				if want := map[web.Hurdle]string{web.Code: "/login/code", web.Password: "/account/password", web.Enrol: "/account/factor"}[ahead]; at != want {
					t.Errorf("%s as %s before %s: to %s", r.Path, role, ahead, at)
				}
				c.get(path, "Accept", "application/json").refused(http.StatusUnauthorized, "unfinished")
			}
			for _, page := range []string{"/nothing", "/login/code", "/account/password", "/account/factor"} {
				got := c.get(page)
				if got.status == http.StatusOK {
					got.has(say("account.logout"))
				}
				if got.status != http.StatusSeeOther && len(find(got.doc(), "nav", nil)) > 0 {
					t.Errorf("%s before %s leads elsewhere", page, ahead)
				}
			}
			if d := difference(before, w.dump()); d != "" {
				t.Errorf("%s before %s wrote\n%s", role, ahead, d)
			}
			c.copy().post("/logout", nil).to("/login")
			c.get("/").to("/login?")
		}
	}
}

// must starts the server anew, with roles that must have a second factor.
func (w *world) must(roles ...org.Access) {
	w.t.Helper()
	cfg := w.srv.Config
	cfg.SecondFactor = roles
	var err error
	w.srv, err = web.New(cfg)
	w.ok(err)
	w.http.Config.Handler = w.srv.Handler()
}

// --- sessions ---

// ASVS 6.1.3, 6.3.4, 7.6.2: of all routes only the form of signing in gives anybody a session.
func TestOnlySigningInMakesSessions(t *testing.T) {
	t.Parallel()
	p := populate(t)
	before := p.count("SELECT count(*) FROM sessions")
	for _, r := range web.Routes {
		path, ok := p.address(r, own)
		if !ok || r.Path == "/login" && r.Writes() {
			continue
		}
		c := p.anybody()
		if got := c.send(r.Method, path, p.bodyOf(r, "agent", own).Encode(), "Content-Type", "application/x-www-form-urlencoded"); len(c.cookies["leida_session"]) > 0 {
			t.Errorf("%s gives a session", got.what)
		}
	}
	if n := p.count("SELECT count(*) FROM sessions"); n != before {
		t.Error(n-before, "sessions more")
	}
	for _, headers := range crossings {
		c := p.anybody()
		c.post("/login", login("A01", password), headers...).is(http.StatusForbidden)
		if len(c.cookies) > 0 {
			t.Error("another site signs people in")
		}
	}
}

// ASVS 7.2.2, 7.2.3: 256 random bits, of which the database has the hash.
func TestSessionTokens(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	seen := map[string]bool{}
	for range 5 {
		c := w.anybody()
		c.post("/login", login("A01", password)).to("/")
		token := c.cookies["leida_session"]
		raw, err := base64.RawURLEncoding.DecodeString(token)
		if err != nil || len(raw) != 32 || seen[token] {
			t.Errorf("%q: %v", token, err)
		}
		seen[token] = true
		if _, _, err := w.st.ViewerBySession(w.ctx, sha256.Sum256(raw), w.clock.now(), nil); err != nil {
			t.Error(err)
		}
		if d := w.dump(); strings.Contains(d, token) || strings.Contains(d, fmt.Sprint(raw)) || strings.Contains(w.log.String(), token) {
			t.Error("the token is kept")
		}
	}
}

// ASVS 7.2.4: a new token wherever somebody proves who they are; the old one is worth nothing, and the session goes on as the same.
func TestTokenIsRenewed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.anybody()
	c.post("/login", login("A01", password)).to("/")
	renewed := func(what string, do func()) {
		t.Helper()
		old, id := c.copy(), c.session()
		do()
		if c.cookies["leida_session"] == old.cookies["leida_session"] || c.session() != id {
			t.Errorf("%s: the token is the old one, or the session another", what)
		}
		old.get("/account").to("/login?")
		c.get("/account").is(200)
	}
	renewed("password", func() {
		c.post("/account/password", url.Values{"current": {password}, "password": {"kupferdraht 12"}, "repeat": {"kupferdraht 12"}}).to("/account")
	})
	renewed("proof", func() { c.post("/account/proof", url.Values{"current": {"kupferdraht 12"}}).to("/") })
	renewed("factor", func() { c.enrol() })
	// and signing in once more in the same browser ends what was
	old := c.copy()
	w.ok(w.st.RemoveFactor(w.ctx, w.ann.ID, c.session()))
	c.post("/login", login("A01", "kupferdraht 12")).to("/")
	old.get("/").to("/login?")
	// a renewed token lives no longer than the session would have
	w.clock.add(6 * 24 * time.Hour)
	d := w.as(w.bob)
	w.clock.add(11 * time.Hour)
	r := d.post("/account/proof", url.Values{"current": {password}})
	if !strings.Contains(r.header.Get("Set-Cookie"), fmt.Sprint("Max-Age=", int((7*24-11)*time.Hour/time.Second))) {
		t.Error(r.header.Get("Set-Cookie"))
	}
}

// ASVS 7.5.1, 7.5.2: what concerns signing in wants a proof of the last quarter of an hour, of both factors.
func TestFreshProof(t *testing.T) {
	t.Parallel()
	p := populate(t)
	p.clock.add(15 * time.Minute)
	fresh := p.as(p.ann)
	p.clock.add(time.Millisecond)
	before := p.dump()
	n := 0
	for _, r := range web.Routes {
		if !r.Fresh {
			continue
		}
		n++
		for _, role := range roles[1:] {
			path, ok := p.address(r, own)
			if !ok || !allowed(r, role, own) {
				continue
			}
			c := p.clients[role]
			got := c.post(path, p.bodyOf(r, role, own), "Referer", p.http.URL+"/account?x=1")
			got.to("/account/proof?next=%2Faccount%3Fx%3D1")
			c.post(path, p.bodyOf(r, role, own), "Referer", "https://evil.example/x").to("/account/proof?next=%2Faccount")
			c.json(path, "{}").refused(http.StatusForbidden, "prove_first")
		}
	}
	if n != 11 {
		t.Error(n, "routes")
	}
	if d := difference(before, p.dump()); d != "" {
		t.Errorf("written without a proof\n%s", d)
	}
	fresh.post("/account/sessions/revoke", nil).to("/account")
	c := p.clients["admin"]
	c.get("/account/proof?next=%2Fadmin%2Fpeople").is(200)
	c.post("/account/proof", url.Values{"current": {"wrong"}, "next": {"/admin/people"}}).is(http.StatusUnprocessableEntity).has(say("account.wrong"))
	c.post("/admin/sessions", nil).to("/account/proof")
	c.post("/account/proof", url.Values{"current": {password}, "next": {"//evil.example"}}).to("/")
	c.post("/admin/sessions", nil).to("/admin/people")

	ph, codes := p.enrolled(p.wes)
	p.clock.add(time.Minute)
	w := p.halfIn("A03", password)
	w.post("/login/code", code(codes[0])).to("/")
	p.clock.add(16 * time.Minute)
	w.get("/account/proof").is(200).has(say("code.code"))
	w.post("/account/proof", url.Values{"current": {password}}).is(http.StatusUnprocessableEntity).has(say("code.wrong")) // the password alone
	w.post("/account/sessions/revoke", nil).to("/account/proof")
	w.prove0(ph.code())
	w.post("/account/sessions/revoke", nil).to("/account")
	if p.audited("proof") != 2 {
		t.Error(p.audited("proof"), "proofs in the audit log")
	}
}

// ASVS 7.5.2: all others at once.
func TestRevokeOtherSessions(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	here, a, b, bob := w.as(w.ann), w.as(w.ann), w.as(w.ann), w.as(w.bob)
	here.get("/account").is(200).has(say("account.revoke.others"))
	here.post("/account/sessions/revoke", nil).to("/account")
	here.get("/account").is(200).has(say("notice.sessions")).lacks(say("account.revoke.others"))
	a.get("/").to("/login")
	b.get("/").to("/login")
	bob.get("/").is(200)
}

// ASVS 7.4.5: an admin ends one person's sessions, or everybody's; their own at hand goes on.
func TestAdminEndsSessions(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	admin, ann, ann2, bob := w.as(w.ada), w.as(w.ann), w.as(w.ann), w.as(w.bob)
	at := "/admin/people/" + w.ann.ID
	admin.get(at).is(200).has(say("people.sessions", "n", 2))
	admin.post(at+"/sessions", nil).to(at)
	admin.get(at).has(say("people.sessions", "n", 0), say("notice.sessions_ended"))
	ann.get("/").to("/login")
	ann2.get("/").to("/login")
	bob.get("/").is(200)
	elsewhere := w.as(w.ada)
	admin.post("/admin/sessions", nil).to("/admin/people")
	admin.get("/admin/people").is(200).has(say("notice.sessions_ended_all"))
	bob.get("/").to("/login")
	elsewhere.get("/").to("/login")
	if w.audited("sessions_end") != 1 || w.audited("sessions_end_all") != 1 {
		t.Error("audit")
	}
}

// ASVS 7.4.4: signing out is at hand: the account page is one step from every page, and has it; so have the pages before one is in.
func TestSignOutIsAtHand(t *testing.T) {
	t.Parallel()
	p := populate(t)
	for _, role := range roles[1:] {
		for _, r := range web.Routes {
			path, ok := p.address(r, own)
			if !ok || r.Writes() || r.Bare || !allowed(r, role, own) {
				continue
			}
			got := p.clients[role].get(path)
			if got.parsed == nil || got.status != http.StatusOK || strings.HasPrefix(r.Path, "/sittings/:sitting/items") {
				continue // the page of an item has the way home
			}
			if len(find(got.doc(), "a", func(n *html.Node) bool { return attr(n, "href") == "/account" })) == 0 && len(find(got.doc(), "form", func(n *html.Node) bool { return attr(n, "action") == "/logout" })) == 0 {
				t.Errorf("%s: no way out", got.what)
			}
		}
		page := p.clients[role].get("/account").is(200)
		page.controls("/logout")
	}
}

// ASVS 6.3.2: a fresh database lets nobody in.
func TestNoDefaultAccounts(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	empty, err := store.Open(w.ctx, store.Config{Path: t.TempDir() + "/x.db", Now: w.clock.now, Rand: strings.NewReader(strings.Repeat("r", 1<<16)), Zone: shanghai})
	w.ok(err)
	t.Cleanup(func() { w.ok(empty.Close()) })
	w.ok(empty.Migrate(w.ctx))
	if _, n, err := empty.People(w.ctx, store.PeopleFilter{}); n != 0 || err != nil {
		t.Fatal(n, err)
	}
	cfg := w.srv.Config
	cfg.Store = empty
	srv, err := web.New(cfg)
	w.ok(err)
	w.http.Config.Handler = srv.Handler()
	for _, name := range []string{"admin", "root", "sa", "administrator", "leida", "A1001", ""} {
		for _, secret := range []string{"", "admin", "leida", "password", "leida-demo-2026", password} {
			w.clock.add(time.Minute)
			w.anybody().post("/login", login(name, secret)).is(http.StatusUnauthorized)
		}
	}
}

// The seed is random and long: 160 bits.
func TestSeedIsLong(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	seen := map[string]bool{}
	for _, p := range w.everyone {
		c := w.as(p)
		c.post("/account/factor", nil).to("/account/factor")
		raw, err := base32.StdEncoding.DecodeString(c.seed())
		if err != nil || len(raw) != 20 || seen[string(raw)] {
			t.Errorf("%x %v", raw, err)
		}
		seen[string(raw)] = true
	}
}

// Who signed in again goes on with the sitting at once where the session before has ended, and is asked where it lives.
func TestSittingAfterSigningInAgain(t *testing.T) {
	t.Parallel()
	d := sit(t)
	other := d.as(d.ann)
	other.get(d.item(1)).is(200).has(say("sitting.take"))
	other.json(d.item(1), `{"rev":1,"answer":{}}`).refused(http.StatusConflict, "moved")
	d.c.copy().post("/logout", nil).to("/login")
	other.get(d.item(1)).is(200).lacks(say("sitting.take"))
	other.json(d.item(1), `{"rev":1,"answer":{}}`).is(http.StatusOK)
	if holder := d.sitting().Holder; holder != other.session() {
		t.Errorf("held by %s, not by %s", holder, other.session())
	}
	third := d.as(d.ann)
	third.get(d.item(1)).has(say("sitting.take"))
	d.ok(d.st.RevokeOthers(d.ctx, d.ann.ID, third.session()))
	third.post(d.at+"/submit", nil).to(d.at + "/result")
}
