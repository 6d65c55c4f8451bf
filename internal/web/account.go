package web

import (
	"cmp"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"leida/internal/fault"
	"leida/internal/org"
	"leida/internal/store"
	"leida/internal/text"
)

type accountPage struct {
	frame
	Sessions []sessionRow
	Views    []store.View // who looked at the report
	Problems map[string]string
}

type sessionRow struct {
	ID      string
	Device  string
	Started time.Time
	Seen    time.Time
	Current bool
}

var _ = declare("account", &accountPage{})

func (s *Server) account(c *gin.Context) error { return s.accountAgain(c, http.StatusOK, nil) }

func (s *Server) accountAgain(c *gin.Context, status int, problems map[string]string) error {
	v := viewer(c)
	p := &accountPage{Problems: problems}
	p.Title = text.Say(lang(c), "account.title")
	sessions, err := s.Store.Sessions(c, v.Person.ID)
	if err != nil {
		return err
	}
	for _, x := range sessions {
		p.Sessions = append(p.Sessions, sessionRow{ID: x.ID, Device: device(x.UserAgent), Started: x.StartedAt, Seen: x.SeenAt, Current: x.ID == v.Session})
	}
	if p.Views, err = s.Store.ViewsOf(c, v.Person.ID); err != nil {
		return err
	}
	return s.renderStatus(c, status, "account", p)
}

func (s *Server) changePassword(c *gin.Context) error {
	v, l := viewer(c), lang(c)
	problems := map[string]string{}
	stored, err := s.Store.PasswordHash(c, v.Person.ID)
	if err != nil {
		return err
	}
	if ok, err := s.mayTry(c, v.Person.ID); err != nil || !ok {
		return cmp.Or(err, error(fault.New(fault.Throttled, "login.throttled")))
	}
	if !s.passwords.check(stored, c.PostForm("current")) {
		problems["current"] = text.Say(l, "account.wrong")
	}
	fresh := c.PostForm("password")
	for _, p := range org.CheckPassword(fresh, v.Person.Name, v.Person.Number) {
		problems["password"] = text.Problem(l, p)
	}
	if fresh != c.PostForm("repeat") {
		problems["repeat"] = text.Say(l, "account.repeat")
	}
	if len(problems) > 0 {
		return s.accountAgain(c, http.StatusUnprocessableEntity, problems)
	}
	if err := s.forgive(c, v.Person.ID); err != nil {
		return err
	}
	hash, err := s.passwords.hash(fresh)
	if err != nil {
		return err
	}
	if err := s.Store.SetPassword(c, v.Person.ID, hash, v.Session); err != nil {
		return err
	}
	if err := s.audit(c, store.AuditEntry{Action: "password", Object: "person", ObjectID: v.Person.ID}); err != nil {
		return err
	}
	s.notice(c, "notice.password")
	c.Redirect(http.StatusSeeOther, "/account")
	return nil
}

func (s *Server) revokeSession(c *gin.Context) error {
	if err := s.Store.RevokeSession(c, viewer(c).Person.ID, c.Param("session")); err != nil {
		return err
	}
	s.notice(c, "notice.session")
	c.Redirect(http.StatusSeeOther, "/account")
	return nil
}
