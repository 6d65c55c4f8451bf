package web

import (
	"slices"
	"time"

	"github.com/gin-gonic/gin"

	"leida/internal/assessment"
	"leida/internal/exam"
	"leida/internal/fault"
	"leida/internal/org"
	"leida/internal/text"
)

// What tells of a key is shut while somebody could still use it: a certification's results until nobody sits it any more, an item's page until the viewer has handed it in.

// heldBack is a result of which only the sum is told.
type heldBack struct {
	until time.Time
	form  *assessment.Assessment // nil where its version cannot be read any more
}

// held are the sittings of a person that are held back, by id. A form whose version cannot be read is held back like a certification.
func (s *Server) held(c *gin.Context, v org.Viewer, person string) (map[string]heldBack, error) {
	found, err := s.Store.StillSat(c, v, person)
	if err != nil {
		return nil, err
	}
	out := map[string]heldBack{}
	for _, x := range found {
		a, err := s.Definitions.AssessmentAt(c, x.AssessmentHash)
		if err != nil || a.Certifies() {
			out[x.Sitting] = heldBack{x.Until(), a}
		}
	}
	return out, nil
}

// sitsAny reports whether any of some items is on a paper that the viewer is sitting.
func (s *Server) sitsAny(c *gin.Context, ids ...string) (bool, error) {
	live, err := s.Store.LiveItems(c, viewer(c))
	return slices.ContainsFunc(ids, func(id string) bool { return slices.Contains(live, id) }), err
}

// errOwnPaper is what a page with a key says to whoever has that key still ahead.
var errOwnPaper = fault.New(fault.Conflict, "bank.own_paper")

// domainBand is a section's score as far as it is told: the level that it reaches, without the number.
type domainBand struct {
	Name    string
	Level   string
	Pending bool
}

func (s *Server) domainBands(a *assessment.Assessment, r *exam.Result, l text.Lang) []domainBand {
	m := s.Definitions.Current().Model
	var out []domainBand
	for _, d := range r.Domains() {
		if d.Section >= len(a.Sections) {
			continue
		}
		b := domainBand{Name: s.subName(a.Sections[d.Section].Domain, l), Pending: d.Pending}
		if x, ok := m.Capability(a.Sections[d.Section].Domain); ok {
			b.Name = x.Name.In(l)
		}
		if !d.Pending {
			n := m.LevelAt(d.Score)
			b.Level = text.Say(l, "result.band", "n", n, "name", m.Levels[n-1].Name.In(l))
		}
		out = append(out, b)
	}
	return out
}
