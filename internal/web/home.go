package web

import (
	"slices"
	"time"

	"github.com/gin-gonic/gin"

	"leida/internal/assessment"
	"leida/internal/exam"
	"leida/internal/fault"
	"leida/internal/org"
	"leida/internal/store"
	"leida/internal/text"
)

// homePage shows the one thing to do next, then what is coming and what is done.
type homePage struct {
	frame
	Next     *task
	Open     []task
	Upcoming []task
	Done     []task
	Earlier  []task       // done longer ago, folded away
	Profile  *profileCard // the own radar, small; nil where the viewer is no agent
	Teams    []teamLink   // of a manager
	Desk     []deskLink   // where trainers and admins go on
}

// deskLink is a place to go on to, with what waits there.
type deskLink struct {
	Href, Name, Note string
	Bad              bool
}

// task is an assignment as the person sees it.
type task struct {
	Assignment string
	Sitting    string
	Title      string
	Purpose    string
	Items      int
	Minutes    int
	Limit      time.Duration // with the person's extra time; 0 for none
	Opens      time.Time
	Closes     time.Time
	Started    bool
	Deadline   time.Time // of a started one
	Submitted  time.Time
	Score      float64
	Rated      bool // people mark a part of it, later
	Unmarked   bool // people have yet to mark all of it, and there is no score
	Missed     bool // the window closed without a sitting
	Gone       bool // the definition is no longer there
}

type teamLink struct {
	ID, Name string
	Depth    int
	Members  int
}

var _ = declare("home", &homePage{})

func (s *Server) home(c *gin.Context) error {
	v, l, now := viewer(c), lang(c), s.Now()
	p := &homePage{}
	p.Title = text.Say(l, "home.title")
	given, err := s.Store.AssignmentsFor(c, v.Person.ID, now)
	if err != nil {
		return err
	}
	lib := s.Definitions.Current()
	for _, g := range given {
		t := taskOf(g, lib, l, now)
		switch {
		case !t.Submitted.IsZero() || t.Missed:
			if t.Unmarked, err = s.unmarked(c, v, t); err != nil {
				return err
			}
			p.Done = append(p.Done, t)
		case g.PhaseAt(now) == exam.Upcoming:
			p.Upcoming = append(p.Upcoming, t)
		default:
			p.Open = append(p.Open, t)
		}
	}
	p.Open, p.Next = takeNext(p.Open)
	slices.SortStableFunc(p.Done, func(x, y task) int { return y.ended().Compare(x.ended()) })
	if len(p.Done) > doneShown {
		p.Done, p.Earlier = p.Done[:doneShown], p.Done[doneShown:]
	}
	if v.Is(org.Agent) {
		if p.Profile, err = s.profileCard(c, v.Person); err != nil {
			return err
		}
	}
	if p.Teams, err = s.teamLinks(c, v); err != nil {
		return err
	}
	p.Desk = s.desk(v, l)
	return s.render(c, "home", p)
}

// unmarked reports whether a finished one has no score yet. What was scored at all has one.
func (s *Server) unmarked(c *gin.Context, v org.Viewer, t task) (bool, error) {
	if t.Submitted.IsZero() || t.Score > 0 {
		return false, nil
	}
	r, err := s.Store.Result(c, v, t.Sitting)
	if fault.Is(err, fault.NotFound) { // it was handed in before results were kept, when there was nothing to rate
		return false, nil
	}
	return err == nil && r.Unmarked(), err
}

// desk is where a trainer or an admin goes on, most pressing first.
func (s *Server) desk(v org.Viewer, l text.Lang) []deskLink {
	var out []deskLink
	if v.Is(org.Trainer, org.Admin) {
		r := s.Definitions.Report()
		out = append(out, deskLink{"/bank", text.Say(l, "nav.bank"), text.Say(l, "bank.findings", "errors", r.Errors(), "warnings", r.Warnings()), r.Errors() > 0})
	}
	if v.Is(org.Trainer, org.Manager) {
		out = append(out, deskLink{"/assignments", text.Say(l, "nav.assignments"), text.Say(l, "home.desk.assignments"), false})
	}
	if v.Is(org.Admin) {
		out = append(out, deskLink{"/admin/people", text.Say(l, "nav.people"), text.Say(l, "home.desk.people"), false},
			deskLink{"/admin/roster", text.Say(l, "roster.title"), text.Say(l, "home.desk.roster"), false},
			deskLink{"/admin/cycles", text.Say(l, "nav.cycles"), text.Say(l, "home.desk.cycles"), false})
	}
	return out
}

// doneShown is how many finished ones stand open on the page.
const doneShown = 5

// takeNext takes out what to do first: what is already running, then what closes first.
func takeNext(open []task) (rest []task, next *task) {
	best := -1
	for i, t := range open {
		switch {
		case t.Gone:
		case best < 0, t.Started && !open[best].Started, t.Started == open[best].Started && t.Closes.Before(open[best].Closes):
			best = i
		}
	}
	if best < 0 {
		return open, nil
	}
	first := open[best]
	return slices.Delete(slices.Clone(open), best, best+1), &first
}

// ended is when there was nothing more to do for it.
func (t task) ended() time.Time {
	if t.Missed {
		return t.Closes
	}
	return t.Submitted
}

func taskOf(g store.Asked, lib *assessment.Library, l text.Lang, now time.Time) task {
	t := task{Assignment: g.ID, Sitting: g.Sitting, Opens: g.Opens, Closes: g.Closes, Started: g.Sitting != "", Deadline: g.Deadline,
		Submitted: g.SubmittedAt, Score: g.Score}
	t.Missed = g.Sitting == "" && g.PhaseAt(now) == exam.Closed
	a, ok := lib.Assessment(g.Assessment)
	if !ok {
		t.Gone = true
		t.Title = g.Assessment
		return t
	}
	t.Title, t.Purpose, t.Items, t.Minutes = a.Title.In(l), a.Purpose.In(l), a.Length(), lib.Minutes(a)
	t.Rated = a.Rated()
	t.Limit = time.Duration(float64(a.Limit()) * g.TimeFactor)
	return t
}

func (s *Server) teamLinks(c *gin.Context, v org.Viewer) ([]teamLink, error) {
	if len(v.Teams()) == 0 {
		return nil, nil
	}
	tree, err := s.Store.Tree(c)
	if err != nil {
		return nil, err
	}
	members, err := s.Store.Members(c, v.Teams(), s.Now())
	if err != nil {
		return nil, err
	}
	count := map[string]int{}
	for _, m := range members {
		count[m.Team]++
	}
	var out []teamLink
	tree.Walk(func(t org.Team, depth int) {
		if !v.Manages(t.ID) {
			return
		}
		n := 0
		for _, below := range tree.Below(t.ID) {
			n += count[below]
		}
		out = append(out, teamLink{ID: t.ID, Name: t.Name, Depth: depth, Members: n})
	})
	return out, nil
}
