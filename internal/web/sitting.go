package web

import (
	"html/template"
	"math"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"

	"leida/internal/assessment"
	"leida/internal/exam"
	"leida/internal/fault"
	"leida/internal/item"
	"leida/internal/profile"
	"leida/internal/store"
	"leida/internal/text"
	"leida/static"
)

// startSitting draws the paper and goes to its first page. Starting again goes to the sitting that is there.
func (s *Server) startSitting(c *gin.Context) error {
	v, now := viewer(c), s.Now()
	seed, err := s.seed()
	if err != nil {
		return err
	}
	sitting, err := s.Store.StartSitting(c, v, c.Param("assignment"), func(as exam.Assignment, factor float64, seen []string) (*exam.Sitting, []assessment.Source, error) {
		if err := exam.CanStart(as, now); err != nil {
			return nil, nil, err
		}
		lib := s.Definitions.Current()
		a, ok := lib.Assessment(as.Assessment)
		if !ok {
			return nil, nil, fault.New(fault.Conflict, "exam.gone")
		}
		paper, err := lib.Draw(a, seed, seen...)
		if err != nil {
			return nil, nil, err
		}
		return exam.New(s.Store.NewID(), v, as, a, paper, seed, factor, now), lib.Pins(a, paper), nil
	})
	if err != nil {
		return err
	}
	c.Redirect(http.StatusSeeOther, sittingURL(sitting))
	return nil
}

// resumeSitting goes on exactly where one was.
func (s *Server) resumeSitting(c *gin.Context) error {
	sitting, err := s.Store.Sitting(c, viewer(c), c.Param("sitting"))
	if err != nil {
		return err
	}
	c.Redirect(http.StatusSeeOther, sittingURL(sitting))
	return nil
}

func sittingURL(x *exam.Sitting) string {
	if x.State == exam.Submitted {
		return "/sittings/" + x.ID + "/result"
	}
	return itemURL(x.ID, x.Resume())
}

func itemURL(sitting string, n int) string {
	return "/sittings/" + sitting + "/items/" + strconv.Itoa(n+1)
}

// itemPage is one item of a sitting as the candidate sees it.
type itemPage struct {
	frame
	Sitting  *exam.Sitting
	N        int // place, from 1
	Places   []place
	Answered int
	Kind     string
	Name     string // of the item: what the situation is
	Prompt   string
	Reading  item.Stimulus
	Ask      template.HTML
	Clock    exam.Clock // of the item itself; its material is hidden until it is opened
	Locked   bool       // that clock has stopped
	Rev      int64      // revision that this form saves as
	Age      int64      // of what is kept, in milliseconds; 0 where nothing is
	Flagged  bool
	Moved    bool // live on another device
	Problems []problemLine
	Now      time.Time
	Texts    map[string]string // what the script says
}

// place is a place of the paper, from 1, with how many of how many parts of its item are done.
type place struct {
	N                int
	Done, Of         int
	Flagged, Current bool
}

func (p place) Answered() bool { return p.Done == p.Of }
func (p place) Begun() bool    { return p.Done > 0 && p.Done < p.Of }

// places are those of a sitting.
func (s *Server) places(c *gin.Context, x *exam.Sitting) ([]place, error) {
	out := make([]place, len(x.Slots))
	for i, slot := range x.Slots {
		out[i] = place{N: i + 1, Of: 1, Flagged: slot.Flagged}
		if slot.Answer == nil {
			continue
		}
		it, err := s.Definitions.ItemAt(c, slot.ItemHash)
		if err != nil {
			return nil, err
		}
		if out[i].Done, out[i].Of, err = slot.Parts(it, nil); err != nil {
			return nil, err
		}
	}
	return out, nil
}

type problemLine struct{ Path, Message string }

var _ = declare("sitting_item", &itemPage{})

// sittingItem shows one item. A sitting whose time is over is submitted by the sweeper, not by looking at it.
func (s *Server) sittingItem(c *gin.Context) error {
	x, n, err := s.sittingPlace(c)
	if err != nil {
		return err
	}
	if x.State == exam.Submitted || x.Due(s.Now()) {
		c.Redirect(http.StatusSeeOther, "/sittings/"+x.ID+"/result")
		return nil
	}
	return s.showItem(c, http.StatusOK, x, n, nil, nil)
}

// sittingPlace loads the viewer's sitting and the place that the address names.
func (s *Server) sittingPlace(c *gin.Context) (*exam.Sitting, int, error) {
	n, err := placeParam(c)
	if err != nil {
		return nil, 0, err
	}
	x, err := s.Store.Sitting(c, viewer(c), c.Param("sitting"))
	if err == nil && n >= len(x.Slots) {
		err = fault.New(fault.NotFound, "exam.no_such_item")
	}
	return x, n, err
}

// placeParam is the place that the address names, from 0.
func placeParam(c *gin.Context) (int, error) {
	n, err := strconv.Atoi(c.Param("n"))
	if err != nil || n < 1 || n > math.MaxInt32 {
		return 0, fault.New(fault.NotFound, "exam.no_such_item")
	}
	return n - 1, nil
}

// showItem renders an item with the answer kept, or with what was just typed and what is wrong with it.
func (s *Server) showItem(c *gin.Context, status int, x *exam.Sitting, n int, typed item.Answer, problems []fault.Problem) error {
	l := lang(c)
	it, err := s.Definitions.ItemAt(c, x.Slots[n].ItemHash)
	if err != nil {
		return err
	}
	kept, err := x.Slots[n].Read(it)
	if err != nil {
		return err
	}
	answer := typed
	if answer == nil {
		answer = kept
	}
	p := &itemPage{Sitting: x, N: n + 1, Kind: it.Type, Name: it.Title.In(l), Prompt: it.Prompt.In(l), Clock: x.Clock(n, it),
		Rev: x.Slots[n].Rev + 1, Flagged: x.Slots[n].Flagged, Moved: x.Holder != viewer(c).Session, Now: s.Now(), Texts: sittingTexts(l)}
	if p.Locked = p.Clock.Over(p.Now); !p.Clock.Timed || p.Clock.Opened {
		p.Reading = it.Reading()
		if p.Ask, err = s.ask(it, x.View(n, l).Keeping(kept), answer); err != nil {
			return err
		}
	}
	if saved := x.Slots[n].SavedAt; !saved.IsZero() {
		p.Age = max(0, p.Now.Sub(saved).Milliseconds())
	}
	p.Title = x.Title.In(l)
	p.Scripts = []string{"sitting.js"}
	if script := "items/" + it.Type + ".js"; static.Has(script) {
		p.Scripts = append(p.Scripts, script)
	}
	p.Styles = kindStyles(it.Type)
	if p.Places, err = s.places(c, x); err != nil {
		return err
	}
	p.Places[n].Current = true
	for _, each := range p.Places {
		if each.Answered() {
			p.Answered++
		}
	}
	for _, pr := range problems {
		p.Problems = append(p.Problems, problemLine{pr.Path, text.Problem(l, pr)})
	}
	return s.renderStatus(c, status, "sitting_item", p)
}

// kindStyles are the style sheets of kinds that have one.
func kindStyles(kinds ...string) []string {
	var out []string
	for _, kind := range kinds {
		if sheet := "items/" + kind + ".css"; static.Has(sheet) && !slices.Contains(out, sheet) {
			out = append(out, sheet)
		}
	}
	return out
}

// openItem starts the clock of an item that has one of its own, and shows its material.
func (s *Server) openItem(c *gin.Context) error {
	v := viewer(c)
	n, err := placeParam(c)
	if err != nil {
		return err
	}
	x, err := s.Store.UpdateSitting(c, v, c.Param("sitting"), func(x *exam.Sitting) ([]profile.Evidence, error) {
		if n >= len(x.Slots) {
			return nil, fault.New(fault.NotFound, "exam.no_such_item")
		}
		it, err := s.Definitions.ItemAt(c, x.Slots[n].ItemHash)
		if err != nil {
			return nil, err
		}
		return nil, x.Open(v.Session, n, it, s.Now())
	})
	if err != nil {
		return err
	}
	c.Redirect(http.StatusSeeOther, itemURL(x.ID, n))
	return nil
}

// sittingTexts are the words of sitting.js, so that scripts hold no language.
func sittingTexts(l text.Lang) map[string]string {
	out := map[string]string{}
	for _, k := range []string{"saved", "saving", "waiting", "offline", "minutes", "seconds", "over", "moved", "unsaved", "signin", "full", "falling", "stopped"} {
		out[k] = text.Say(l, "sitting.script."+k)
	}
	return out
}

// takeSitting makes this device the one where the sitting goes on.
func (s *Server) takeSitting(c *gin.Context) error {
	v := viewer(c)
	x, err := s.Store.UpdateSitting(c, v, c.Param("sitting"), func(x *exam.Sitting) ([]profile.Evidence, error) {
		return nil, x.Move(v.Session, s.Now())
	})
	if err != nil {
		return err
	}
	c.Redirect(http.StatusSeeOther, sittingURL(x))
	return nil
}

type submitPage struct {
	frame
	Sitting    *exam.Sitting
	Unanswered []int   // places, from 1
	Begun      []place // of whose parts some are done
	Flagged    []int
	Back       int
	Now        time.Time
}

var _ = declare("sitting_submit", &submitPage{})

// confirmSubmit asks once, and says what is unanswered.
func (s *Server) confirmSubmit(c *gin.Context) error {
	x, err := s.Store.Sitting(c, viewer(c), c.Param("sitting"))
	if err != nil {
		return err
	}
	if x.State == exam.Submitted || x.Due(s.Now()) {
		c.Redirect(http.StatusSeeOther, "/sittings/"+x.ID+"/result")
		return nil
	}
	p := &submitPage{Sitting: x, Back: x.Resume() + 1, Now: s.Now()}
	p.Title = text.Say(lang(c), "submit.title")
	places, err := s.places(c, x)
	if err != nil {
		return err
	}
	for _, each := range places {
		if each.Done == 0 {
			p.Unanswered = append(p.Unanswered, each.N)
		}
		if each.Begun() {
			p.Begun = append(p.Begun, each)
		}
		if each.Flagged {
			p.Flagged = append(p.Flagged, each.N)
		}
	}
	return s.render(c, "sitting_submit", p)
}

// submitSitting ends the sitting. However often it is sent, there is one result.
func (s *Server) submitSitting(c *gin.Context) error {
	v := viewer(c)
	ctx := s.noting(c, store.AuditEntry{Action: "submit", Object: "sitting", ObjectID: c.Param("sitting")})
	x, err := s.Store.UpdateSitting(ctx, v, c.Param("sitting"), func(x *exam.Sitting) ([]profile.Evidence, error) {
		return x.Submit(v.Session, s.Definitions.Bank(c), s.Now())
	})
	if err != nil {
		return err
	}
	c.Redirect(http.StatusSeeOther, "/sittings/"+x.ID+"/result")
	return nil
}
