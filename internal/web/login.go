package web

import (
	"encoding/json"
	"fmt"
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
	if viewer(c).SignedIn() {
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
	ok, err := s.mayTry(c, account)
	if err != nil {
		return err
	}
	if !ok {
		note(c, eventThrottle)
		p.Problem = text.Say(lang(c), "login.throttled")
		c.Header("Retry-After", "30")
		return s.loginAgain(c, http.StatusTooManyRequests, p)
	}
	if !s.passwords.check(stored, password) || !person.ActiveAt(s.Now()) {
		note(c, eventFailed)
		p.Problem = text.Say(lang(c), "login.wrong")
		return s.loginAgain(c, http.StatusUnauthorized, p)
	}
	if err := s.forgive(c, account); err != nil {
		return err
	}
	if err := s.startSession(c, person.ID); err != nil {
		return err
	}
	if err := s.audit(c, store.AuditEntry{Actor: person.ID, Action: "login", Object: "person", ObjectID: person.ID}); err != nil {
		return err
	}
	note(c, eventLogin)
	c.Redirect(http.StatusSeeOther, p.Next)
	return nil
}

func (s *Server) logout(c *gin.Context) error {
	v := viewer(c)
	if err := s.Store.RevokeSession(c, v.Person.ID, v.Session); err != nil && !fault.Is(err, fault.NotFound) {
		return err
	}
	note(c, eventLogout)
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

// audit records who did what; entries name ids, never contents.
func (s *Server) audit(c *gin.Context, e store.AuditEntry) error {
	return s.Store.Audit(c, s.entry(c, e))
}

// entry is an audit entry of this request, for a change that records it itself.
func (s *Server) entry(c *gin.Context, e store.AuditEntry) store.AuditEntry {
	if e.Actor == "" {
		e.Actor = viewer(c).Person.ID
	}
	e.At, e.RequestID = s.Now(), requestID(c)
	return e
}

// detail is what an audit entry says besides: name, value, name, value ...
func detail(pairs ...any) json.RawMessage {
	m := map[string]any{}
	for i := 0; i+1 < len(pairs); i += 2 {
		m[fmt.Sprint(pairs[i])] = pairs[i+1]
	}
	raw, err := json.Marshal(m)
	if err != nil {
		return nil // of plain values it cannot happen
	}
	return raw
}
