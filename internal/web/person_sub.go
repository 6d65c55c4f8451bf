package web

import (
	"html/template"
	"slices"
	"time"

	"github.com/gin-gonic/gin"

	"leida/internal/assessment"
	"leida/internal/chart"
	"leida/internal/fault"
	"leida/internal/org"
	"leida/internal/profile"
	"leida/internal/text"
)

// subPage is one sub-competency of one person: the number, and every record behind it down to the answer.
type subPage struct {
	frame
	Own        bool
	Person     org.Person
	Capability string
	Row        subRow
	Levels     []levelStep
	Records    []recordRow
	Held       int // records that are not shown one by one yet
	Bullet     template.HTML
	Units      float64
	Needed     float64
	Back       string
}

type levelStep struct {
	N       int
	Name    string
	Text    string
	Cut     float64
	Reached bool
	Next    bool
}

// recordRow is one record of evidence. Share is its part of the score, in percent; a record that does not count says why.
type recordRow struct {
	At       time.Time
	Source   string
	Item     string
	Sub      string
	Sitting  string // address of the answer
	Points   float64
	Units    float64
	Share    int
	Scenario string
	Why      string
}

var _ = declare("person_sub", &subPage{})

func (s *Server) personSub(c *gin.Context) error {
	v, l := viewer(c), lang(c)
	r, err := s.reportAt(c)
	if err != nil {
		return err
	}
	who := r.person
	x, ok := r.profile.Sub(c.Param("sub"))
	if !ok {
		return fault.New(fault.NotFound, "web.not_found")
	}
	def, parent, _ := r.model.Sub(x.ID)
	p := &subPage{Own: who.ID == v.Person.ID, Person: who, Capability: parent.Name.In(l), Row: r.subRow(*x, *def, l),
		Bullet: bullet(x.Status, x.Score, x.Target, r.model, l).SVG(chart.Full), Units: x.Units, Needed: s.rules.MinUnits, Back: "/people/" + who.ID}
	if p.Own {
		p.Back = "/me"
	}
	p.Title = text.Say(l, "sub.title", "name", def.Name)
	for i, level := range r.model.Levels {
		p.Levels = append(p.Levels, levelStep{N: i + 1, Name: level.Name.In(l), Text: def.Levels[i].In(l), Cut: level.Cut, Reached: x.Level == i+1, Next: x.Level > 0 && x.Level == i})
	}
	if r.held, err = s.held(c, v, who.ID); err != nil {
		return err
	}
	for _, e := range r.evidence {
		if _, hold := r.held[e.SittingID]; hold && e.Sub == x.ID {
			p.Held++
		}
	}
	p.Records = r.recordRows(x, s.Definitions.Current(), l)
	return s.render(c, "person_sub", p)
}

// recordRows are all records of a sub-competency, newest first, with the share or the reason of each.
func (r *report) recordRows(x *profile.Sub, lib *assessment.Library, l text.Lang) []recordRow {
	share := map[string]float64{}
	for _, e := range x.Evidence {
		share[e.ID] = e.Share
	}
	why := map[string]fault.Problem{}
	for _, p := range r.profile.LeftOut {
		why[p.Path] = p
	}
	var out []recordRow
	for _, e := range r.newestFirst() {
		if e.Sub != x.ID {
			continue
		}
		row := recordOf(e, lib, l)
		row.Share = int(100*share[e.ID] + 0.5)
		if p, ok := why[e.ID]; ok {
			row.Why = text.Problem(l, p)
		}
		out = append(out, row)
	}
	return out
}

// recordOf names an item by its title where the library in force still has it.
func recordOf(e profile.Evidence, lib *assessment.Library, l text.Lang) recordRow {
	row := recordRow{At: e.At, Source: text.Say(l, "profile.source."+string(e.Source)), Item: e.ItemID, Sub: e.Sub, Points: e.Y, Units: e.N}
	if it, ok := lib.Item(e.ItemID); ok {
		row.Item = it.Title.In(l)
	}
	if e.SittingID != "" {
		row.Sitting = "/sittings/" + e.SittingID + "/result"
	}
	if e.Scenario != "" {
		row.Scenario = text.Say(l, "scenario."+e.Scenario)
	}
	return row
}

// newestFirst are the records that may be shown one by one.
func (r *report) newestFirst() []profile.Evidence {
	out := slices.DeleteFunc(slices.Clone(r.evidence), func(e profile.Evidence) bool { _, hold := r.held[e.SittingID]; return hold })
	slices.SortStableFunc(out, func(a, b profile.Evidence) int { return b.At.Compare(a.At) })
	return out
}

const latestShown = 8

// latest are the newest records, each with its way to the answer.
func (r *report) latest(lib *assessment.Library, l text.Lang) []recordRow {
	var out []recordRow
	newest := r.newestFirst()
	for _, e := range newest[:min(latestShown, len(newest))] {
		row := recordOf(e, lib, l)
		if def, _, ok := r.model.Sub(e.Sub); ok {
			row.Sub = def.Name.In(l)
		}
		out = append(out, row)
	}
	return out
}

// profileCard is the own radar on the home page.
type profileCard struct {
	SVG    template.HTML
	Status string
	Empty  bool
}

func (s *Server) profileCard(c *gin.Context, who org.Person) (*profileCard, error) {
	l := lang(c)
	evidence, err := s.Store.EvidenceOf(c, viewer(c), who.ID)
	if err != nil {
		return nil, err
	}
	m := s.Definitions.Current().Model
	p := profile.Of(m, s.rules, evidence, s.Now(), profile.Options{Role: who.JobProfile})
	shown := 0
	for _, x := range p.Capabilities {
		if x.Shown() {
			shown++
		}
	}
	r := radarOf(text.Say(l, "report.person.title", "name", who.Name), who.Name, capabilityLines(&p, m), nil, m, l)
	return &profileCard{SVG: r.SVG(chart.Full), Empty: len(evidence) == 0,
		Status: text.Say(l, "home.radar.status", "n", shown, "all", len(p.Capabilities))}, nil
}
