package web

import (
	"github.com/gin-gonic/gin"

	"leida/internal/org"
	"leida/internal/profile"
	"leida/internal/text"
)

// teamsPage is a manager's Monday morning: every team with what needs a look.
type teamsPage struct {
	frame
	Rows []teamsRow
}

type teamsRow struct {
	ID, Name string
	Depth    int
	Profile  profile.TeamProfile
	Weakest  *weakRow
	Nobody   int // watched sub-competencies that nobody masters
}

var _ = declare("teams", &teamsPage{})

func (s *Server) teams(c *gin.Context) error {
	v, l := viewer(c), lang(c)
	tree, err := s.Store.Tree(c)
	if err != nil {
		return err
	}
	members, err := s.profilesOf(c, v.Teams(), s.Now(), "")
	if err != nil {
		return err
	}
	byTeam := map[string][]memberReport{}
	for _, m := range members {
		byTeam[m.team] = append(byTeam[m.team], m)
	}
	p := &teamsPage{}
	p.Title = text.Say(l, "teams.title")
	tree.Walk(func(t org.Team, depth int) {
		if !v.Manages(t.ID) {
			return
		}
		var within []memberReport
		for _, below := range tree.Below(t.ID) {
			within = append(within, byTeam[below]...)
		}
		r := newTeamReport(s, t, within, l)
		row := teamsRow{ID: t.ID, Name: t.Name, Depth: depth, Profile: r.team, Weakest: r.weakest()}
		for _, cover := range r.covers() {
			if cover.Cover == profile.Nobody {
				row.Nobody++
			}
		}
		p.Rows = append(p.Rows, row)
	})
	return s.render(c, "teams", p)
}
