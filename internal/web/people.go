package web

import (
	"net/http"
	"net/url"
	"slices"

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

// editPersonPage sets a person's access roles and gives a new password.
type editPersonPage struct {
	frame
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
	p := &editPersonPage{Person: who, Problems: problems}
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
	if err := s.Store.SetGrants(c, who, grants); err != nil {
		return err
	}
	if err := s.audit(c, store.AuditEntry{Action: "access", Object: "person", ObjectID: who, Detail: detail("access", c.Request.PostForm["access"])}); err != nil {
		return err
	}
	s.notice(c, "notice.access")
	c.Redirect(http.StatusSeeOther, "/admin/people/"+who)
	return nil
}

// resetPassword sets a new password and ends all of the person's sessions.
func (s *Server) resetPassword(c *gin.Context) error {
	l := lang(c)
	who, err := s.Store.Person(c, c.Param("person"))
	if err != nil {
		return err
	}
	fresh := c.PostForm("password")
	for _, p := range org.CheckPassword(fresh, who.Name, who.Number) {
		return s.editAgain(c, http.StatusUnprocessableEntity, map[string]string{"password": text.Problem(l, p)})
	}
	hash, err := s.passwords.hash(fresh)
	if err != nil {
		return err
	}
	if err := s.Store.SetPassword(c, who.ID, hash, ""); err != nil {
		return err
	}
	if err := s.audit(c, store.AuditEntry{Action: "password_reset", Object: "person", ObjectID: who.ID}); err != nil {
		return err
	}
	s.notice(c, "notice.password_reset")
	c.Redirect(http.StatusSeeOther, "/admin/people/"+who.ID)
	return nil
}
