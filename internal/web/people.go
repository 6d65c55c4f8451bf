package web

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/gin-gonic/gin"

	"leida/internal/fault"
	"leida/internal/org"
	"leida/internal/store"
	"leida/internal/text"
)

// peoplePage lists the centre's people for an admin.
type peoplePage struct {
	frame
	Query string
	Rows  []peopleRow
	Page  pager
}

type peopleRow struct {
	Person org.Person
	Team   string
	Role   string
	Access []string
	Active bool
}

var _ = declare("people", &peoplePage{})

const peoplePerPage = 50

func (s *Server) people(c *gin.Context) error {
	l, page, query := lang(c), pageNumber(c), c.Query("q")
	if r := []rune(query); len(r) > org.MaxEmail {
		query = string(r[:org.MaxEmail]) // nothing that is searched is longer, and databases limit patterns
	}
	found, total, err := s.Store.People(c, store.PeopleFilter{Query: query, Page: store.Page{Limit: peoplePerPage, Offset: (page - 1) * peoplePerPage}})
	if err != nil {
		return err
	}
	tree, err := s.Store.Tree(c)
	if err != nil {
		return err
	}
	model := s.Definitions.Current().Model
	p := &peoplePage{Query: query, Page: newPager(page, total, peoplePerPage, "/admin/people?q="+url.QueryEscape(query)+"&")}
	p.Title = text.Say(l, "people.title")
	for _, x := range found {
		row := peopleRow{Person: x.Person, Role: x.Person.JobProfile, Active: x.Person.ActiveAt(s.Now())}
		if role, ok := model.Role(x.Person.JobProfile); ok {
			row.Role = role.Name.In(l)
		}
		if team, ok := tree.Team(x.Team); ok {
			row.Team = team.Name
		}
		for _, a := range org.NewViewer(x.Person, "", x.Grants, tree).Accesses() {
			row.Access = append(row.Access, text.Say(l, "org.access."+string(a)))
		}
		p.Rows = append(p.Rows, row)
	}
	return s.render(c, "people", p)
}

// editPersonPage sets a person's access roles and looks after their signing in.
type editPersonPage struct {
	frame
	Factor   bool // has a second factor
	Sessions int
	Person   org.Person
	Access   []choice
	Teams    []teamChoice
	Problems map[string]string
}

var _ = declare("person_edit", &editPersonPage{})

func (s *Server) editPerson(c *gin.Context) error { return s.editAgain(c, http.StatusOK, nil) }

func (s *Server) editAgain(c *gin.Context, status int, problems map[string]string) error {
	l := lang(c)
	who, err := s.Store.Person(c, c.Param("person"))
	if err != nil {
		return err
	}
	grants, err := s.Store.Grants(c, who.ID)
	if err != nil {
		return err
	}
	tree, err := s.Store.Tree(c)
	if err != nil {
		return err
	}
	factor, err := s.Store.Factor(c, who.ID)
	if err != nil {
		return err
	}
	sessions, err := s.Store.Sessions(c, who.ID)
	if err != nil {
		return err
	}
	p := &editPersonPage{Person: who, Factor: factor.On(), Sessions: len(sessions), Problems: problems}
	p.Title = who.Name
	for _, a := range org.Accesses {
		p.Access = append(p.Access, choice{Value: string(a), Name: text.Say(l, "org.access."+string(a)),
			Chosen: slices.ContainsFunc(grants, func(g org.Grant) bool { return g.Access == a })})
	}
	tree.Walk(func(t org.Team, depth int) {
		p.Teams = append(p.Teams, teamChoice{ID: t.ID, Name: t.Name, Depth: depth, Chosen: slices.Contains(grants, org.Grant{Access: org.Manager, Team: t.ID})})
	})
	return s.renderStatus(c, status, "person_edit", p)
}

// setAccess replaces a person's access roles. Nobody takes the last admin away, nor their own admin role.
func (s *Server) setAccess(c *gin.Context) error {
	v, l := viewer(c), lang(c)
	if err := c.Request.ParseForm(); err != nil {
		return badForm(err)
	}
	tree, err := s.Store.Tree(c)
	if err != nil {
		return err
	}
	who := c.Param("person")
	var grants []org.Grant
	for _, a := range c.Request.PostForm["access"] {
		if !slices.Contains(org.Accesses, org.Access(a)) || !v.MayGrant(org.Access(a)) {
			return fault.New(fault.BadRequest, "web.form")
		}
		if org.Access(a) != org.Manager {
			grants = append(grants, org.Grant{Access: org.Access(a)})
			continue
		}
		teams := c.Request.PostForm["teams"]
		if len(teams) == 0 {
			return s.editAgain(c, http.StatusUnprocessableEntity, map[string]string{"teams": text.Say(l, "people.no_team")})
		}
		for _, t := range teams {
			if _, ok := tree.Team(t); !ok {
				return fault.New(fault.BadRequest, "web.form")
			}
			grants = append(grants, org.Grant{Access: org.Manager, Team: t})
		}
	}
	if who == v.Person.ID && !slices.Contains(grants, org.Grant{Access: org.Admin}) {
		return s.editAgain(c, http.StatusUnprocessableEntity, map[string]string{"access": text.Say(l, "people.own_admin")})
	}
	ctx := s.noting(c, store.AuditEntry{Action: "access", Object: "person", ObjectID: who, Detail: detail("access", c.Request.PostForm["access"], "teams", c.Request.PostForm["teams"])})
	switch err := s.Store.SetGrants(ctx, who, grants); {
	case fault.Is(err, fault.Conflict):
		f := fault.As(err)
		return s.editAgain(c, http.StatusConflict, map[string]string{"access": text.Say(l, f.Key, f.Args)})
	case err != nil:
		return err
	}
	s.notice(c, "notice.access")
	c.Redirect(http.StatusSeeOther, "/admin/people/"+who)
	return nil
}

// oneTimePage shows a one-time password, once.
type oneTimePage struct {
	frame
	Person   org.Person
	Password string
	Until    time.Time
}

var _ = declare("person_password", &oneTimePage{})

// resetPassword makes a one-time password, ends all of the person's sessions and shows it. A second factor stays: a forgotten password is no way around it.
func (s *Server) resetPassword(c *gin.Context) error {
	who, err := s.Store.Person(c, c.Param("person"))
	if err != nil {
		return err
	}
	fresh, err := OneTimePassword(s.Rand)
	if err != nil {
		return err
	}
	hash, err := s.passwords.hash(fresh)
	if err != nil {
		return err
	}
	p := &oneTimePage{Person: who, Password: fresh, Until: s.Now().Add(OneTimeLasts)}
	p.Title = text.Say(lang(c), "onetime.title")
	if err := s.Store.SetOneTime(s.noting(c, store.AuditEntry{Action: "password_reset", Object: "person", ObjectID: who.ID}), who.ID, hash, p.Until); err != nil {
		return err
	}
	return s.render(c, "person_password", p)
}

// resetFactor takes away a second factor that a person has lost, and ends all of their sessions.
func (s *Server) resetFactor(c *gin.Context) error {
	return s.onPerson(c, store.AuditEntry{Action: "factor_reset"}, "notice.factor_reset", func(ctx context.Context, person string) error {
		return s.Store.RemoveFactor(ctx, person, "")
	})
}

// endSessions signs a person out everywhere; an admin's own session at hand goes on.
func (s *Server) endSessions(c *gin.Context) error {
	return s.onPerson(c, store.AuditEntry{Action: "sessions_end"}, "notice.sessions_ended", func(ctx context.Context, person string) error {
		return s.Store.RevokeOthers(ctx, person, viewer(c).Session)
	})
}

// onPerson does something to the person of the address, notes it and goes back to their page.
func (s *Server) onPerson(c *gin.Context, e store.AuditEntry, notice string, do func(ctx context.Context, person string) error) error {
	who, err := s.Store.Person(c, c.Param("person"))
	if err != nil {
		return err
	}
	e.Object, e.ObjectID = "person", who.ID
	if err := do(s.noting(c, e), who.ID); err != nil {
		return err
	}
	s.notice(c, notice)
	c.Redirect(http.StatusSeeOther, "/admin/people/"+who.ID)
	return nil
}

// endAllSessions signs everybody out but the admin's own session at hand.
func (s *Server) endAllSessions(c *gin.Context) error {
	if _, err := s.Store.RevokeEverybody(s.noting(c, store.AuditEntry{Action: "sessions_end_all", Object: "centre"}), viewer(c).Session); err != nil {
		return err
	}
	s.notice(c, "notice.sessions_ended_all")
	c.Redirect(http.StatusSeeOther, "/admin/people")
	return nil
}
