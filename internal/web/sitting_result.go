package web

import (
	"html/template"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"leida/internal/exam"
	"leida/internal/fault"
	"leida/internal/item"
	"leida/internal/text"
)

// resultPage is what was right, why, and what it says: at once after practice and cycles.
type resultPage struct {
	frame
	Sitting *exam.Sitting
	Own     bool
	Person  string
	Waiting bool // the time is over and the server is about to submit
	Score   float64
	Items   []resultItem
	Missing int // unanswered
	Took    time.Duration
	Profile string // where the radar is
}

type resultItem struct {
	N        int
	Name     string
	Kind     string
	Prompt   string
	Reading  item.Stimulus
	Score    float64 // 0..100
	Mark     string  // hit, partial, miss
	Blank    bool
	Critical bool
	Explain  template.HTML
	Measures []string
	Version  string
}

var _ = declare("sitting_result", &resultPage{})

func (s *Server) sittingResult(c *gin.Context) error {
	v, l := viewer(c), lang(c)
	x, err := s.Store.SittingForReport(c, v, c.Param("sitting"))
	if fault.Is(err, fault.NotFound) {
		x, err = s.Store.Sitting(c, v, c.Param("sitting")) // the own one has a result only when it has ended
	}
	if err != nil {
		return err
	}
	if x.State == exam.Live && !x.Due(s.Now()) {
		c.Redirect(http.StatusSeeOther, sittingURL(x))
		return nil
	}
	p := &resultPage{Sitting: x, Own: x.Person == v.Person.ID, Score: x.Score, Missing: len(x.Unanswered()), Profile: "/people/" + x.Person}
	p.Title = x.Title.In(l)
	if p.Own {
		p.Profile = "/me"
	}
	if x.State != exam.Submitted {
		p.Waiting = true
		return s.render(c, "sitting_result", p)
	}
	owner, err := s.lookAt(c, x.Person)
	if err != nil {
		return err
	}
	p.Person, p.Took = owner.Name, x.SubmittedAt.Sub(x.StartedAt)
	marks, err := x.Mark(s.Definitions.Bank(c))
	if err != nil {
		return err
	}
	for i, m := range marks {
		html, err := s.explain(m.Item, x.View(i, l), m.Answer)
		if err != nil {
			return err
		}
		r := resultItem{N: i + 1, Name: m.Item.Title.In(l), Kind: m.Item.Type, Prompt: m.Item.Prompt.In(l), Reading: m.Item.Reading(),
			Score: 100 * m.Result.Score, Mark: markOf(m.Result.Score), Blank: m.Answer == nil, Critical: len(m.Result.Critical) > 0, Explain: html, Version: m.Item.Name()}
		for _, me := range m.Item.Measures {
			r.Measures = append(r.Measures, s.subName(me.Sub, l))
		}
		p.Items = append(p.Items, r)
	}
	return s.render(c, "sitting_result", p)
}

func markOf(score float64) string {
	switch {
	case score >= 0.999:
		return "hit"
	case score > 0:
		return "partial"
	}
	return "miss"
}

// subName is a sub-competency's name, or its id where the model no longer has it.
func (s *Server) subName(id string, l text.Lang) string {
	if sub, _, ok := s.Definitions.Current().Model.Sub(id); ok {
		return sub.Name.In(l)
	}
	return id
}
