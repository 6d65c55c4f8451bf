package web

import (
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"leida/internal/store"
	"leida/internal/text"
)

type accountPage struct {
	frame
	Sessions []sessionRow
	Views    []store.View // who looked at the report
	Factor   store.Factor
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
	if p.Factor, err = s.Store.Factor(c, v.Person.ID); err != nil {
		return err
	}
	if p.Views, err = s.Store.ViewsOf(c, v.Person.ID); err != nil {
		return err
	}
	return s.renderStatus(c, status, "account", p)
}

// revokeSession ends one of the viewer's sessions.
func (s *Server) revokeSession(c *gin.Context) error {
	v, id := viewer(c), c.Param("session")
	ctx := s.noting(c, store.AuditEntry{Action: "session_end", Object: "session", ObjectID: id})
	if err := s.Store.RevokeSession(ctx, v.Person.ID, id); err != nil {
		return err
	}
	s.notice(c, "notice.session")
	c.Redirect(http.StatusSeeOther, "/account")
	return nil
}

// revokeOthers ends all of the viewer's sessions but this one.
func (s *Server) revokeOthers(c *gin.Context) error {
	v := viewer(c)
	ctx := s.noting(c, store.AuditEntry{Action: "sessions_end", Object: "person", ObjectID: v.Person.ID})
	if err := s.Store.RevokeOthers(ctx, v.Person.ID, v.Session); err != nil {
		return err
	}
	s.notice(c, "notice.sessions")
	c.Redirect(http.StatusSeeOther, "/account")
	return nil
}
