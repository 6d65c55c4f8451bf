package web

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"leida/internal/exam"
	"leida/internal/fault"
	"leida/internal/org"
	"leida/internal/store"
	"leida/internal/text"
)

type assignmentsPage struct {
	frame
	Rows []assignmentRow
	Page pager
}

type assignmentRow struct {
	ID, Title string
	Phase     exam.Phase
	Opens     time.Time
	Closes    time.Time
	Assigned  int
	Started   int
	Submitted int
}

var _ = declare("assignments", &assignmentsPage{})

const assignmentsPerPage = 30

func (s *Server) assignments(c *gin.Context) error {
	page := pageNumber(c)
	given, total, err := s.Store.Assignments(c, viewer(c), store.Page{Limit: assignmentsPerPage, Offset: (page - 1) * assignmentsPerPage})
	if err != nil {
		return err
	}
	p := &assignmentsPage{Page: newPager(page, total, assignmentsPerPage, "/assignments?")}
	p.Title = text.Say(lang(c), "assignments.title")
	for _, a := range given {
		p.Rows = append(p.Rows, assignmentRow{ID: a.ID, Title: s.assessmentTitle(a.Assessment, lang(c)), Phase: a.PhaseAt(s.Now()),
			Opens: a.Opens, Closes: a.Closes, Assigned: a.Assigned, Started: a.Started, Submitted: a.Submitted})
	}
	return s.render(c, "assignments", p)
}

func (s *Server) assessmentTitle(id string, l text.Lang) string {
	if a, ok := s.Definitions.Current().Assessment(id); ok {
		return a.Title.In(l)
	}
	return id
}

// newAssignmentPage is the form; it keeps what was typed and says what is wrong at each field.
type newAssignmentPage struct {
	frame
	Assessments []choice
	Teams       []teamChoice
	People      string // numbers or names, one a line
	Opens       string // as the browser writes it, in the centre's zone
	Closes      string
	Zone        string
	Problems    map[string]string
}

type teamChoice struct {
	ID, Name string
	Depth    int
	Members  int
	Chosen   bool
}

var _ = declare("assignment_new", &newAssignmentPage{})

// localTime is how <input type="datetime-local"> writes a time.
const localTime = "2006-01-02T15:04"

func (s *Server) newAssignment(c *gin.Context) error {
	now := s.Now().In(s.Zone)
	p := &newAssignmentPage{Opens: now.Truncate(time.Minute).Format(localTime), Closes: time.Date(now.Year(), now.Month(), now.Day()+14, 20, 0, 0, 0, s.Zone).Format(localTime)}
	return s.assignmentForm(c, http.StatusOK, p, c.Query("assessment"), nil)
}

func (s *Server) assignmentForm(c *gin.Context, status int, p *newAssignmentPage, chosen string, teams []string) error {
	l, v := lang(c), viewer(c)
	p.Title, p.Zone = text.Say(l, "assign.title"), s.Zone.String()
	for _, a := range s.Definitions.Current().Assessments {
		name := text.Say(l, "assign.option", "title", a.Title, "items", a.Length(), "minutes", s.Definitions.Current().Minutes(a))
		p.Assessments = append(p.Assessments, choice{Value: a.ID, Name: name, Chosen: a.ID == chosen})
	}
	tree, err := s.Store.Tree(c)
	if err != nil {
		return err
	}
	members, err := s.Store.Members(c, allTeams(tree), s.Now())
	if err != nil {
		return err
	}
	count := map[string]int{}
	for _, m := range members {
		count[m.Team]++
	}
	tree.Walk(func(t org.Team, depth int) {
		if !v.Is(org.Trainer) && !v.Manages(t.ID) {
			return
		}
		n := 0
		for _, id := range tree.Below(t.ID) {
			n += count[id]
		}
		p.Teams = append(p.Teams, teamChoice{ID: t.ID, Name: t.Name, Depth: depth, Members: n, Chosen: slices.Contains(teams, t.ID)})
	})
	return s.renderStatus(c, status, "assignment_new", p)
}

func allTeams(tree *org.Tree) []string {
	var ids []string
	tree.Walk(func(t org.Team, _ int) { ids = append(ids, t.ID) })
	return ids
}

func (s *Server) createAssignment(c *gin.Context) error {
	v, l, now := viewer(c), lang(c), s.Now()
	if err := c.Request.ParseForm(); err != nil {
		return badForm(err)
	}
	form := c.Request.PostForm
	p := &newAssignmentPage{Opens: form.Get("opens"), Closes: form.Get("closes"), People: form.Get("people"), Problems: map[string]string{}}
	a := exam.Assignment{Assessment: form.Get("assessment"), By: v.Person.ID, Teams: form["teams"], CreatedAt: now}
	var ps []fault.Problem
	if a.Assessment != "" {
		if _, ok := s.Definitions.Current().Assessment(a.Assessment); !ok {
			ps = append(ps, fault.At("assessment", "answer.unknown_option"))
		}
	}
	ps = append(ps, s.parseTime("opens", p.Opens, &a.Opens)...)
	ps = append(ps, s.parseTime("closes", p.Closes, &a.Closes)...)
	names := namesIn(p.People)
	if len(names) > maxNamed {
		ps = append(ps, fault.At("people", "assign.too_many", "n", len(names), "max", maxNamed))
	} else {
		people, unknown, err := s.lookUpPeople(c, v, names)
		if err != nil {
			return err
		}
		a.People = people
		if len(unknown) > 0 {
			ps = append(ps, fault.At("people", "assign.unknown", "names", unknown))
		}
	}
	if !v.Is(org.Trainer) {
		for _, t := range a.Teams {
			if !v.Manages(t) {
				return fault.New(fault.NotFound, "web.not_found")
			}
		}
	}
	if len(ps) == 0 {
		ps = a.Validate(now)
	}
	if len(ps) > 0 {
		for _, x := range ps {
			p.Problems[x.Path] = text.Problem(l, x)
		}
		return s.assignmentForm(c, http.StatusUnprocessableEntity, p, a.Assessment, a.Teams)
	}
	cycle := org.Quarter(a.Closes, s.Zone)
	if err := s.Store.EnsureCycle(c, cycle); err != nil {
		return err
	}
	a.Cycle = cycle.ID
	a.ID = s.Store.NewID()
	a, err := s.Store.CreateAssignment(s.noting(c, store.AuditEntry{Action: "assign", Object: "assignment", ObjectID: a.ID}), a)
	if err != nil {
		return err
	}
	s.notice(c, "notice.assigned")
	c.Redirect(http.StatusSeeOther, "/assignments/"+a.ID)
	return nil
}

// parseTime reads a time of the centre's zone; an impossible one (30 February) is told at its field.
func (s *Server) parseTime(field, value string, into *time.Time) []fault.Problem {
	if value == "" {
		return nil // Validate asks for it
	}
	t, err := time.ParseInLocation(localTime, value, s.Zone)
	if err != nil {
		return []fault.Problem{fault.At(field, "assign.bad_time")}
	}
	*into = t
	return nil
}

// maxNamed is how many people one assignment may name; more are a team.
const maxNamed = 500

// namesIn are the people named one a line.
func namesIn(lines string) []string {
	var out []string
	for name := range strings.FieldsFuncSeq(lines, func(r rune) bool { return strings.ContainsRune("\r\n,;，；、", r) }) {
		if name = strings.TrimSpace(name); name != "" {
			out = append(out, name)
		}
	}
	return out
}

// lookUpPeople finds people by name or number, among those whom the viewer may assign to.
func (s *Server) lookUpPeople(c *gin.Context, v org.Viewer, names []string) (ids, unknown []string, err error) {
	if len(names) == 0 {
		return nil, nil, nil
	}
	logins := make([]string, len(names))
	for i, name := range names {
		logins[i] = org.Canonical(name)
	}
	found, err := s.Store.Named(c, v, logins)
	if err != nil {
		return nil, nil, err
	}
	for i, name := range names {
		p, ok := found[logins[i]]
		switch {
		case !ok:
			unknown = append(unknown, name)
		case !slices.Contains(ids, p.ID):
			ids = append(ids, p.ID)
		}
	}
	return ids, unknown, nil
}

// assignmentPage is who has done it, and who gets more time.
type assignmentPage struct {
	frame
	ID      string
	Name    string
	Phase   exam.Phase
	Opens   time.Time
	Closes  time.Time
	Limit   time.Duration
	Targets []targetRow
	Done    int
	Started int
	Problem string
	Factors []string
	Results bool // the viewer may open results
}

type targetRow struct {
	Person    personLink
	Number    string
	Team      string
	State     string // not_started, open, submitted
	Sitting   string
	Submitted time.Time
	Factor    string
	CanSee    bool
}

var _ = declare("assignment", &assignmentPage{})

// timeFactors are the usual accommodations.
var timeFactors = []string{"1", "1.25", "1.5", "2", "3"}

func (s *Server) assignment(c *gin.Context) error { return s.assignmentAgain(c, http.StatusOK, "") }

func (s *Server) assignmentAgain(c *gin.Context, status int, problem string) error {
	v, l := viewer(c), lang(c)
	a, err := s.Store.Assignment(c, v, c.Param("assignment"))
	if err != nil {
		return err
	}
	targets, err := s.Store.Targets(c, v, a.ID)
	if err != nil {
		return err
	}
	tree, err := s.Store.Tree(c)
	if err != nil {
		return err
	}
	p := &assignmentPage{ID: a.ID, Name: s.assessmentTitle(a.Assessment, l), Phase: a.PhaseAt(s.Now()), Opens: a.Opens, Closes: a.Closes, Problem: problem, Factors: timeFactors}
	p.Title = p.Name
	if def, ok := s.Definitions.Current().Assessment(a.Assessment); ok {
		p.Limit = def.Limit()
	}
	for _, t := range targets {
		row := targetRow{Person: personLink{t.Person.ID, t.Person.Name}, Number: t.Person.Number, State: "not_started", Sitting: t.Sitting,
			Submitted: t.SubmittedAt, Factor: strconv.FormatFloat(t.TimeFactor, 'f', -1, 64), CanSee: v.Manages(t.Team)}
		if team, ok := tree.Team(t.Team); ok {
			row.Team = team.Name
		}
		switch t.State {
		case exam.Submitted:
			row.State = "submitted"
			p.Done++
		case exam.Live:
			row.State = "open"
			p.Started++
		}
		p.Targets = append(p.Targets, row)
	}
	return s.renderStatus(c, status, "assignment", p)
}

// setExtraTime multiplies one person's limits in one assignment, before they start.
func (s *Server) setExtraTime(c *gin.Context) error {
	v, l := viewer(c), lang(c)
	a, err := s.Store.Assignment(c, v, c.Param("assignment"))
	if err != nil {
		return err
	}
	factor, err := strconv.ParseFloat(c.PostForm("factor"), 64)
	ps := exam.CheckTimeFactor("factor", factor)
	if err != nil {
		ps = exam.CheckTimeFactor("factor", 0)
	}
	if len(ps) > 0 {
		return s.assignmentAgain(c, http.StatusUnprocessableEntity, text.Problem(l, ps[0]))
	}
	if c.PostForm("person") == v.Person.ID {
		return fault.New(fault.NotFound, "web.not_found") // nobody gives extra time to themselves; the page does not offer it
	}
	ctx := s.noting(c, store.AuditEntry{Action: "time_factor", Object: "assignment", ObjectID: a.ID, Detail: detail("person", c.PostForm("person"), "factor", factor)})
	if err := s.Store.SetTimeFactor(ctx, v, a.ID, c.PostForm("person"), factor); err != nil {
		return err
	}
	s.notice(c, "notice.time")
	c.Redirect(http.StatusSeeOther, "/assignments/"+a.ID)
	return nil
}
