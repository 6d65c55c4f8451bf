package web

import (
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"leida/internal/fault"
	"leida/internal/org"
	"leida/internal/store"
	"leida/internal/text"
)

type loginPage struct {
	frame
	Name    string
	Next    string
	Problem string
}

var _ = declare("login", &loginPage{})

func (s *Server) loginForm(c *gin.Context) error {
	switch ahead := aheadOf(c); {
	case ahead != None:
		c.Redirect(http.StatusSeeOther, ahead.path()+"?next="+escapeNext(c.Query("next")))
		return nil
	case viewer(c).SignedIn():
		c.Redirect(http.StatusSeeOther, safeNext(c.Query("next")))
		return nil
	}
	return s.loginAgain(c, http.StatusOK, &loginPage{Next: safeNext(c.Query("next"))})
}

func (s *Server) loginAgain(c *gin.Context, status int, p *loginPage) error {
	p.Title, p.Bare = text.Say(lang(c), "login.title"), true
	return s.renderStatus(c, status, "login", p)
}

// login signs in by name or number. Whether the name is unknown, shared or the password wrong is not told, and takes as long.
func (s *Server) login(c *gin.Context) error {
	name, password := c.PostForm("name"), c.PostForm("password")
	p := &loginPage{Name: name, Next: safeNext(c.PostForm("next"))}
	account := org.Canonical(name)
	person, stored, err := s.Store.PersonByLogin(c, account)
	if err != nil && !fault.Is(err, fault.NotFound) {
		return err
	}
	if person.ID != "" {
		account = person.ID // by name and by number is one account
	}
	switch err := s.attempt(c, account); {
	case fault.Is(err, fault.Throttled):
		note(c, eventThrottle)
		p.Problem = text.Say(lang(c), "login.throttled")
		c.Header("Retry-After", "30")
		return s.loginAgain(c, http.StatusTooManyRequests, p)
	case err != nil:
		return err
	}
	err = fault.New(fault.NotFound, "login.wrong")
	if s.passwords.check(stored, password) && person.ActiveAt(s.Now()) {
		err = s.signIn(c, person, stored, password)
	}
	switch {
	case fault.Is(err, fault.NotFound): // or the password was changed in this moment
		p.Problem = text.Say(lang(c), "login.wrong")
		if err := s.failed(c, person.ID, "password"); err != nil {
			return err
		}
		return s.loginAgain(c, http.StatusUnauthorized, p)
	case err != nil:
		return err
	}
	c.Redirect(http.StatusSeeOther, p.Next) // which leads to what is still ahead
	return nil
}

// signIn starts a session after a right password, and ends the one that the browser had. Tries are given back only when nothing is left to guess: else a
// right password would buy guesses at the code without end.
func (s *Server) signIn(c *gin.Context, person org.Person, stored, password string) error {
	f, err := s.Store.Factor(c, person.ID)
	if err != nil {
		return err
	}
	e := store.AuditEntry{Action: "login", Detail: detail("by", "password")}
	if f.On() {
		e = store.AuditEntry{Action: "login_half"}
	}
	e.Actor, e.Object, e.ObjectID = person.ID, "person", person.ID
	if err := s.startSession(c, person.ID, stored, e); err != nil {
		return err
	}
	if before := session(c); before.ID != "" {
		if err := s.Store.RevokeSession(c, before.Person, before.ID); err != nil && !fault.Is(err, fault.NotFound) {
			return err
		}
	}
	if f.On() {
		note(c, eventHalf)
	} else {
		note(c, eventLogin)
		if err := s.forgive(c, person.ID); err != nil {
			return err
		}
	}
	return s.strengthen(c, person.ID, stored, password)
}

// strengthen keeps a password under today's hash, where yesterday's was weaker; it is known only now.
func (s *Server) strengthen(c *gin.Context, person, stored, password string) error {
	if !weaker(stored) {
		return nil
	}
	hash, err := s.passwords.hash(password)
	if err != nil {
		return err
	}
	return s.Store.Rehash(c, person, stored, hash)
}

// failed records a secret that was wrong. Whose name it was tried with is told by id, never as typed: people type passwords into the wrong field.
func (s *Server) failed(c *gin.Context, person, what string) error {
	note(c, eventFailed)
	return s.audit(c, store.AuditEntry{Action: "login_failed", Object: "person", ObjectID: person, Detail: detail("by", what, "address", c.ClientIP())})
}

// logout ends the session, if there still is one, and empties the browser whoever asks: on a shared desk a session that ran out must not leave answers behind.
func (s *Server) logout(c *gin.Context) error {
	if v := viewer(c); v.SignedIn() {
		ctx := s.noting(c, store.AuditEntry{Action: "logout", Object: "person", ObjectID: v.Person.ID})
		if err := s.Store.RevokeSession(ctx, v.Person.ID, v.Session); err != nil && !fault.Is(err, fault.NotFound) {
			return err
		}
		note(c, eventLogout)
	}
	s.setCookie(c, sessionCookie, "", -time.Second)
	c.Header("Clear-Site-Data", `"cache", "storage"`) // pages for the Back button, answers kept for sending: the next at this desk is somebody else
	c.Redirect(http.StatusSeeOther, "/login")
	return nil
}

// language keeps the chosen language on this device and goes back to where the person was.
func (s *Server) language(c *gin.Context) error {
	l, ok := text.ParseLang(c.PostForm("lang"))
	if !ok {
		return fault.New(fault.BadRequest, "web.language")
	}
	s.setCookie(c, langCookie, string(l), 365*24*time.Hour)
	c.Redirect(http.StatusSeeOther, safeNext(c.PostForm("next")))
	return nil
}

// safeNext is an address of ours to go on to; anything else is the home page.
func safeNext(next string) string {
	u, err := url.Parse(next)
	if err != nil || u.IsAbs() || u.Host != "" || !strings.HasPrefix(u.Path, "/") || strings.HasPrefix(next, "//") || strings.ContainsAny(next, "\\\r\n\t") {
		return "/"
	}
	return u.RequestURI()
}

func escapeNext(next string) string { return url.QueryEscape(safeNext(next)) }
