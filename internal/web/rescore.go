package web

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"leida/internal/exam"
	"leida/internal/fault"
	"leida/internal/org"
	"leida/internal/rescore"
	"leida/internal/store"
	"leida/internal/text"
)

// Who sees what of a rescoring. Trainers correct keys, so they must see what a correction does; but what somebody scored is not theirs to know (MEASUREMENT 5.7: attempts without names). So
// admins see every sitting with name and number; trainers see the same lines without either, and without a way to the sitting, and only counts where fewer people are touched than a peer band
// needs, since a line among so few could be told apart by whoever knows who sat. What they have not seen they do not decide: where anything of so few gets worse, by applying or by taking back, an
// admin does it. Who manages a team reads of its members on their results, as ever.

// rescoreFormPage asks what a corrected item should do to past sittings, and lists what was asked before.
type rescoreFormPage struct {
	frame
	Item     string
	Version  string
	Rules    []ruleChoice
	Reason   string
	Most     int // characters of a reason
	Problems map[string]string
	Past     []rescoringRow
}

type ruleChoice struct {
	Value, Name, Note string
	Chosen            bool
}

type rescoringRow struct {
	ID, Rule, Reason, State, Tone string
	Version                       int
	At                            time.Time
	Changed                       int
}

var _ = declare("rescore", &rescoreFormPage{})

func (s *Server) rescoreForm(c *gin.Context) error {
	return s.rescoreFormAgain(c, http.StatusOK, &rescoreFormPage{}, string(exam.Better))
}

func (s *Server) rescoreFormAgain(c *gin.Context, status int, p *rescoreFormPage, chosen string) error {
	l := lang(c)
	it, ok := s.Definitions.Current().Item(c.Param("item"))
	if !ok {
		return fault.New(fault.NotFound, "web.not_found")
	}
	p.Title, p.Item, p.Version, p.Most = text.Say(l, "rescore.title"), it.ID, it.Name(), rescore.MaxReason
	for _, r := range exam.RescoreRules {
		name := string(r)
		p.Rules = append(p.Rules, ruleChoice{Value: name, Name: text.Say(l, "rescore.rule."+name), Note: text.Say(l, "rescore.rule."+name+".note"), Chosen: name == chosen})
	}
	past, err := s.Store.Rescorings(c, it.ID)
	if err != nil {
		return err
	}
	for _, r := range past {
		p.Past = append(p.Past, rescoringRow{ID: r.ID, Rule: text.Say(l, "rescore.rule."+string(r.Rule)), Reason: r.Reason, State: text.Say(l, "rescore.state."+string(r.State)), Tone: toneOf(r.State),
			Version: r.Version, At: r.At, Changed: r.Counts.Changed})
	}
	return s.renderStatus(c, status, "rescore", p)
}

func toneOf(s store.RescoringState) string {
	switch s {
	case store.Applied:
		return "ok"
	case store.Planned, store.Cancelled:
		return "warn"
	case store.Failed:
		return "bad"
	case store.Undone, store.Dropped:
		return ""
	}
	return "brand"
}

// planRescoring has the server work out what would change.
func (s *Server) planRescoring(c *gin.Context) error {
	if _, ok := s.Definitions.Current().Item(c.Param("item")); !ok {
		return fault.New(fault.NotFound, "web.not_found")
	}
	r, err := s.rescores.Plan(c, rescore.Ask{Item: c.Param("item"), Rule: exam.Rule(c.PostForm("rule")), Reason: c.PostForm("reason"), By: s.entry(c, store.AuditEntry{})})
	if f := fault.As(err); f != nil && f.Kind == fault.Invalid {
		p := &rescoreFormPage{Reason: c.PostForm("reason"), Problems: map[string]string{}}
		for _, x := range f.Problems {
			p.Problems[x.Path] = text.Problem(lang(c), x)
		}
		return s.rescoreFormAgain(c, http.StatusUnprocessableEntity, p, c.PostForm("rule"))
	}
	if err != nil {
		return err
	}
	c.Redirect(http.StatusSeeOther, "/bank/rescorings/"+r.ID)
	return nil
}

// rescoringPage is what a rescoring would change, how far it is, or what became of it.
type rescoringPage struct {
	frame
	R       store.Rescoring
	Rule    string
	State   string
	Tone    string
	By      string
	Work    bool // under way: the page comes again by itself
	Lines   []rescoringLine
	Named   bool // with names and numbers
	TooFew  int  // people below which there are counts only; 0 where lines are shown
	Unseen  bool // something of theirs gets worse: an admin must do it
	Page    pager
	CanUndo bool
	Back    bool // what taking it back would do is shown, and Counts are of that
	Counts  store.RescoringCounts
}

type rescoringLine struct {
	N            int // of the line, from 1
	Name, Number string
	Left         string
	Falls, Rises bool
	Was, Becomes float64
	Item         [2]float64 // points of the item, before and after
	Evidence     []string
	Levels       []string
	Notes        []string
}

var _ = declare("rescoring", &rescoringPage{})

const linesPerPage = 50

func (s *Server) rescoring(c *gin.Context) error {
	l, v := lang(c), viewer(c)
	r, err := s.Store.Rescoring(c, c.Param("rescoring"))
	if err != nil {
		return err
	}
	p := &rescoringPage{R: r, Rule: text.Say(l, "rescore.rule."+string(r.Rule)), State: text.Say(l, "rescore.state."+string(r.State)), Tone: toneOf(r.State), By: r.By,
		Work: r.State.UnderWay(), Named: v.Is(org.Admin), CanUndo: r.State == store.Applied || r.State == store.Cancelled || r.State == store.Failed && !r.Started.IsZero(), Counts: r.Counts}
	p.Title = text.Say(l, "rescore.of", "item", fmt.Sprintf("%s v%d", r.Item, r.Version))
	if who, err := s.Store.Person(c, r.By); err == nil {
		p.By = who.Name
	}
	p.Back = p.CanUndo && c.Query("back") != ""
	if r.State != store.Planning && r.State != store.Dropped {
		if err := s.rescoringLines(c, p, v); err != nil {
			return err
		}
	}
	return s.render(c, "rescoring", p)
}

// hidden reports whether a viewer sees no lines of what touches so few; unseen, whether something gets worse among them.
func (s *Server) hidden(v org.Viewer, n store.RescoringCounts) bool {
	return !v.Is(org.Admin) && n.People < s.rules.MinPeers
}

func (s *Server) unseen(v org.Viewer, n store.RescoringCounts) bool {
	return s.hidden(v, n) && n.Falls > 0
}

// rescoringLines adds the plan's sittings, or those to be taken back, as far as the viewer may see them.
func (s *Server) rescoringLines(c *gin.Context, p *rescoringPage, v org.Viewer) error {
	page := pageNumber(c)
	from := (page - 1) * linesPerPage
	base, total := "/bank/rescorings/"+p.R.ID+"?", 0
	read := func() (lines []store.RescoringLine, err error) {
		lines, total, err = s.Store.RescoringLines(c, p.R.ID, store.Page{Limit: linesPerPage, Offset: from})
		return lines, err
	}
	if p.Back {
		back, err := s.Store.RescoringReturn(c, p.R.ID)
		if err != nil {
			return err
		}
		p.Counts, total, base = back.Counts, len(back.Sittings), base+"back=1&"
		read = func() ([]store.RescoringLine, error) {
			return s.Store.ReturnLines(c, p.R.ID, back.Sittings[min(from, total):min(from+linesPerPage, total)])
		}
	}
	if p.Unseen = s.unseen(v, p.Counts); s.hidden(v, p.Counts) {
		p.TooFew = s.rules.MinPeers
		return nil
	}
	lines, err := read()
	if err != nil {
		return err
	}
	p.Page = newPager(page, total, linesPerPage, base)
	for i, x := range lines {
		row := rescoringLine{N: from + i + 1, Falls: x.Falls, Rises: !x.Falls && x.Becomes > x.Was, Was: x.Was, Becomes: x.Becomes, Item: [2]float64{100 * x.PlaceWas, 100 * x.PlaceBecomes}}
		if p.Named {
			row.Name, row.Number = x.Name, x.Number
		}
		if x.Left != "" {
			row.Left = text.Say(lang(c), "rescore.left."+x.Left)
		}
		s.effects(&row, x.Effects, lang(c))
		p.Lines = append(p.Lines, row)
	}
	return nil
}

func (s *Server) effects(row *rescoringLine, e exam.Effects, l text.Lang) {
	for _, x := range e.Evidence {
		if x.Was != nil && x.Now != nil && *x.Was == *x.Now {
			continue
		}
		row.Evidence = append(row.Evidence, fmt.Sprintf("%s %s → %s", x.Sub, points(x.Was, l), points(x.Now, l)))
	}
	for _, x := range e.Levels {
		id := x.ID
		if x.Cycle != "" {
			id += " (" + x.Cycle + ")"
		}
		row.Levels = append(row.Levels, fmt.Sprintf("%s %s → %s", id, levelName(x.Was), levelName(x.Now)))
	}
	if was, now := e.Verdicts(); was != now {
		row.Notes = append(row.Notes, text.Say(l, "rescore.verdict."+string(was))+" → "+text.Say(l, "rescore.verdict."+string(now)))
	}
	if was, now := len(e.Critical[0]) > 0, len(e.Critical[1]) > 0; was != now {
		key := "rescore.critical.new"
		if was {
			key = "rescore.critical.gone"
		}
		row.Notes = append(row.Notes, text.Say(l, key))
	}
}

// points are a record's points, with its units where they are not one.
func points(o *exam.Observed, l text.Lang) string {
	if o == nil {
		return "–"
	}
	return text.Say(l, "rescore.points", "y", score(o.Y), "n", strings.TrimSuffix(strconv.FormatFloat(o.N, 'f', 2, 64), ".00"))
}

func levelName(n int) string {
	if n == 0 {
		return "–"
	}
	return "L" + strconv.Itoa(n)
}

// applyRescoring, cancelRescoring and undoRescoring let the server begin, stop and take back.
func (s *Server) applyRescoring(c *gin.Context) error {
	r, err := s.Store.Rescoring(c, c.Param("rescoring"))
	if err == nil && s.unseen(viewer(c), r.Counts) {
		err = fault.New(fault.Forbidden, "rescore.unseen")
	}
	if err == nil {
		err = s.rescores.Apply(c, r.ID, c.PostForm("digest"), s.entry(c, store.AuditEntry{}))
	}
	return s.rescoringDone(c, err)
}

func (s *Server) cancelRescoring(c *gin.Context) error {
	return s.rescoringDone(c, s.rescores.Cancel(c, c.Param("rescoring"), s.entry(c, store.AuditEntry{})))
}

func (s *Server) undoRescoring(c *gin.Context) error {
	back, err := s.Store.RescoringReturn(c, c.Param("rescoring"))
	if err == nil && s.unseen(viewer(c), back.Counts) {
		err = fault.New(fault.Forbidden, "rescore.unseen")
	}
	if err == nil {
		err = s.rescores.Undo(c, c.Param("rescoring"), s.entry(c, store.AuditEntry{}))
	}
	return s.rescoringDone(c, err)
}

func (s *Server) rescoringDone(c *gin.Context, err error) error {
	if err != nil {
		return err
	}
	c.Redirect(http.StatusSeeOther, "/bank/rescorings/"+c.Param("rescoring"))
	return nil
}
