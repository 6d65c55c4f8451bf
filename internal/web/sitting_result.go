package web

import (
	"fmt"
	"html/template"
	"net/http"
	"slices"
	"time"

	"github.com/gin-gonic/gin"

	"leida/internal/exam"
	"leida/internal/fault"
	"leida/internal/item"
	"leida/internal/org"
	"leida/internal/store"
	"leida/internal/text"
)

// resultPage is what was right, why, and what it says: at once after practice and cycles, of a certification when nobody sits it any more. It is drawn from the stored result and the texts kept with it, never from the
// definitions in force.
type resultPage struct {
	frame
	Sitting *exam.Sitting
	Own     bool
	Person  string
	Waiting bool // the time is over and the server is about to submit
	Score   float64
	Items   []resultItem
	Missing int // unanswered
	Pending int // to be rated by people
	Took    time.Duration
	Profile string         // where the radar is
	Told    []resultChange // rescorings, newest first

	Until   time.Time // only the sum is told until then; zero where all is
	Ahead   bool      // only the sum is told, for the viewer is sitting some of its items
	Length  int
	Verdict exam.Verdict
	Domains []domainBand
}

// resultChange is a rescoring as its agent is told of it.
type resultChange struct {
	At       time.Time
	Reason   string
	Was, Now float64
	Undo     bool
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
	Full     bool // full credit whatever the answer
	Pending  bool // people have yet to rate it
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
	r, err := s.resultOf(c, v, x)
	if err != nil {
		return err
	}
	p.Score, p.Missing, p.Length = r.Score, 0, len(r.Places)
	for _, place := range r.Places {
		if place.Answer == nil {
			p.Missing++
		}
		if place.Pending {
			p.Pending++
		}
	}
	if told, err := s.toldInFull(c, v, x, r, p); err != nil || !told {
		if err != nil {
			return err
		}
		return s.render(c, "sitting_result", p)
	}
	if p.Items, err = s.resultItems(r, l); err != nil {
		return err
	}
	for _, item := range p.Items {
		p.Styles = append(p.Styles, kindStyles(item.Kind)...)
	}
	slices.Sort(p.Styles)
	p.Styles = slices.Compact(p.Styles)
	for i := len(r.History) - 1; i > 0; i-- {
		h := r.History[i]
		p.Told = append(p.Told, resultChange{At: h.At, Reason: h.Reason, Was: r.History[i-1].Score, Now: h.Score, Undo: h.Undo})
	}
	return s.render(c, "sitting_result", p)
}

// toldInFull reports whether the page may show answers, keys and reasons. Where it may not, the page gets what may be said instead.
func (s *Server) toldInFull(c *gin.Context, v org.Viewer, x *exam.Sitting, r *store.KeptResult, p *resultPage) (bool, error) {
	held, err := s.held(c, v, x.Person)
	if err != nil {
		return false, err
	}
	ids := make([]string, len(r.Places))
	for i, place := range r.Places {
		ids[i] = place.Item.ID
	}
	if p.Ahead, err = s.sitsAny(c, ids...); err != nil {
		return false, err
	}
	h, hold := held[x.ID]
	if hold {
		p.Until = h.until
		if h.form != nil {
			p.Verdict, p.Domains = r.Verdict(h.form.Cut), s.domainBands(h.form, r.Result, lang(c))
		}
	}
	return !hold && !p.Ahead, nil
}

// resultOf is the stored result of a submitted sitting. One from before results were kept, which the server has not come to yet, is made from the versions pinned then.
func (s *Server) resultOf(c *gin.Context, v org.Viewer, x *exam.Sitting) (*store.KeptResult, error) {
	r, err := s.Store.Result(c, v, x.ID)
	if !fault.Is(err, fault.NotFound) {
		return r, err
	}
	made, err := x.Freeze(s.Definitions.Bank(c))
	if err != nil {
		return nil, err
	}
	r = &store.KeptResult{Result: made, Texts: map[string]exam.Texts{}}
	for hash, version := range made.Fresh {
		r.Texts[hash] = version.Texts
	}
	return r, nil
}

func (s *Server) resultItems(r *store.KeptResult, l text.Lang) ([]resultItem, error) {
	out := make([]resultItem, len(r.Places))
	for i, p := range r.Places {
		t := r.Texts[p.Texts]
		said, err := p.Explained(t, l)
		if err != nil {
			return nil, fmt.Errorf("sitting %s, place %d: %w", r.Sitting, i+1, err)
		}
		html, err := s.kindPart(p.Kind, l, "explain", said)
		if err != nil {
			return nil, err
		}
		out[i] = resultItem{N: i + 1, Name: t.Title.In(l), Kind: p.Kind, Prompt: t.Prompt.In(l), Reading: t.Reading, Score: 100 * p.Score, Mark: markOf(p.Score),
			Blank: p.Answer == nil, Critical: len(p.Critical) > 0, Full: p.Full, Pending: p.Pending, Explain: html, Version: fmt.Sprintf("%s v%d", p.Item.ID, p.Item.Version)}
		for _, m := range p.Measures {
			out[i].Measures = append(out[i].Measures, t.Subs[m.Sub].In(l))
		}
	}
	return out, nil
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
