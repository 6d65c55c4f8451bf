package web

import (
	"context"
	"html/template"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"leida/internal/capability"
	"leida/internal/chart"
	"leida/internal/fault"
	"leida/internal/org"
	"leida/internal/profile"
	"leida/internal/text"
)

// personPage is the radar report of one person.
type personPage struct {
	frame
	Own        bool
	Person     org.Person
	Path       []org.Team // from the centre down to the team
	Role       string
	Cycle      string // the last closed one, which changes are measured from; empty for none
	At         time.Time
	Records    int // of evidence that counts
	Sittings   int
	Verdict    profile.Verdict
	VerdictWhy []fault.Problem
	Radar      figure
	SubRadar   *figure // nil where the model has fewer than three sub-competencies
	Compare    string
	Compares   []choice
	Rows       []capabilityRow
	Strengths  []pointRow
	Needs      []pointRow
	Trends     []figure // a capability each over the closed cycles and now; empty before the first has closed
	Latest     []recordRow
	Empty      bool // no evidence at all
	PeersNote  string
	Model      string
}

type choice struct {
	Value, Name string
	Chosen      bool
}

// capabilityRow is a capability as a card, a dot in the list and a row of the table.
type capabilityRow struct {
	ID, Name string
	Status   profile.Status
	Missing  []fault.Problem
	Score    profile.Score
	Level    levelView
	Target   profile.Target
	Gap      float64 // negative below the target
	Peer     profile.Band
	Change   *profile.Shift // nil where there is nothing to compare with
	Counts   profile.Counts
	Units    float64
	Newest   time.Time
	Bullet   template.HTML
	Growth   subRow // the sub-competency with most to gain: what it shows and what comes next; zero where none has a number
	Subs     []subRow
}

type subRow struct {
	ID, Name  string
	Short     string // for tight places
	Status    profile.Status
	Missing   []fault.Problem
	Score     profile.Score
	Level     levelView
	Target    profile.Target
	Change    *profile.Shift
	N         int
	Newest    time.Time
	Bullet    template.HTML
	Shows     string // the indicator of the level reached
	NextShows string // that of the next
}

// levelView is a level as it may be said: one, or a pair where one would be too sure.
type levelView struct {
	N      int
	Text   string // "L3 胜任" or "L3–L4"
	Pair   bool
	Note   string // why it is a pair, or is still the level of the last cycle
	Capped []fault.Problem
}

type pointRow struct {
	Name    string
	Score   *profile.Score
	Tone    string // ok, warn, bad or brand, for the chip
	Chip    string
	Message string
	Href    string
}

var _ = declare("person", &personPage{})

func (s *Server) me(c *gin.Context) error {
	v := viewer(c)
	return s.personReport(c, v.Person)
}

func (s *Server) person(c *gin.Context) error {
	p, err := s.lookAt(c, c.Param("person"))
	if err != nil {
		return err
	}
	if p.ID == viewer(c).Person.ID {
		c.Redirect(http.StatusSeeOther, "/me")
		return nil
	}
	return s.personReport(c, p)
}

// lookAt is a person whose report the viewer may see. Looking at somebody else's, on whatever page or in whatever file, is recorded for that person to see.
func (s *Server) lookAt(c *gin.Context, id string) (org.Person, error) {
	v := viewer(c)
	p, err := s.Store.PersonFor(c, v, id)
	if err != nil || p.ID == v.Person.ID {
		return p, err
	}
	return p, s.Store.LogView(c, v, p.ID, requestID(c))
}

// report is a person's profile with all that it is seen against.
type report struct {
	model    *capability.Model
	person   org.Person
	profile  profile.Profile
	evidence []profile.Evidence
	previous *profile.Snapshot
	cycle    *org.Cycle // of previous
	shifts   map[string]profile.Shift
	held     map[string]heldBack // sittings of which no record is shown by itself yet
	path     []org.Team
	peers    []profile.Band
}

// reportOf gathers a person's report. Peers are those of the same job profile in the team, else in the next larger unit.
func (s *Server) reportOf(ctx context.Context, v org.Viewer, p org.Person) (*report, error) {
	now := s.Now()
	r := &report{model: s.Definitions.Current().Model, person: p, shifts: map[string]profile.Shift{}}
	var err error
	if r.evidence, err = s.Store.EvidenceOf(ctx, v, p.ID); err != nil {
		return nil, err
	}
	if r.cycle, r.previous, err = s.lastSnapshot(ctx, p.ID, now); err != nil {
		return nil, err
	}
	r.profile = profile.Of(r.model, s.rules, r.evidence, now, profile.Options{Role: p.JobProfile, Previous: r.previous})
	for _, x := range profile.Changes(s.rules, &r.profile, r.previous) {
		r.shifts[x.ID] = x
	}
	tree, err := s.Store.Tree(ctx)
	if err != nil {
		return nil, err
	}
	team, err := s.Store.TeamOf(ctx, p.ID, now)
	if err != nil && !fault.Is(err, fault.NotFound) {
		return nil, err
	}
	r.path = tree.Path(team)
	r.peers, err = s.peerBands(ctx, r, tree)
	return r, err
}

func (s *Server) lastSnapshot(ctx context.Context, person string, now time.Time) (*org.Cycle, *profile.Snapshot, error) {
	cycle, ok, err := s.Store.LastClosed(ctx, now)
	if err != nil || !ok {
		return nil, nil, err
	}
	found, err := s.Store.Snapshots(ctx, cycle.ID, []string{person})
	if err != nil {
		return nil, nil, err
	}
	if snap, ok := found[person]; ok {
		return &cycle, &snap, nil
	}
	return &cycle, nil, nil
}

// peerBands tries the team and then each unit above it, nearest first, until all bands may be shown.
func (s *Server) peerBands(ctx context.Context, r *report, tree *org.Tree) ([]profile.Band, error) {
	var units [][]profile.Profile
	bands := profile.PeerBand(r.model, s.rules)
	for i := len(r.path) - 1; i >= 0; i-- {
		members, err := s.profilesOf(ctx, tree.Below(r.path[i].ID), s.Now(), r.person.JobProfile)
		if err != nil {
			return nil, err
		}
		var others []profile.Profile
		for _, m := range members {
			if m.person.ID != r.person.ID {
				others = append(others, m.profile)
			}
		}
		units = append(units, others)
		bands = profile.PeerBand(r.model, s.rules, units...)
		if allShown(bands) {
			break
		}
	}
	return bands, nil
}

func allShown(bands []profile.Band) bool {
	for _, b := range bands {
		if !b.Shown {
			return false
		}
	}
	return true
}

// reportAt is the report of the person that an address names.
func (s *Server) reportAt(c *gin.Context) (*report, error) {
	who, err := s.lookAt(c, c.Param("person"))
	if err != nil {
		return nil, err
	}
	return s.reportOf(c, viewer(c), who)
}

func (s *Server) personReport(c *gin.Context, who org.Person) error {
	r, err := s.reportOf(c, viewer(c), who)
	if err != nil {
		return err
	}
	l := lang(c)
	p := &personPage{Own: who.ID == viewer(c).Person.ID, Person: who, Path: r.path, At: s.Now(), Records: r.records(), Sittings: r.sittings(),
		Verdict: r.profile.Fit.Verdict, VerdictWhy: append(r.profile.Fit.Below, r.profile.Fit.Unshown...), Empty: len(r.evidence) == 0,
		Compare: c.Query("compare"), Model: r.model.ID + " " + r.model.Version}
	p.Title = text.Say(l, "report.person.title", "name", who.Name)
	p.Printing = text.Say(l, "report.printed", "model", p.Model, "date", s.templates.date(l, p.At))
	p.Scripts = []string{"charts.js"}
	if role, ok := r.model.Role(who.JobProfile); ok {
		p.Role = role.Name.In(l)
	}
	if r.previous != nil {
		p.Cycle = r.cycle.Name.In(l)
	}
	other := p.choose(r, l)
	if p.Radar, err = radarFigure("radar", radarOf(p.Title, text.Say(l, "report.now", "name", who.Name), capabilityLines(&r.profile, r.model), other, r.model, l)); err != nil {
		return err
	}
	if subs := subLines(&r.profile, r.model); len(subs) >= 3 {
		f, err := radarFigure("radar-subs", radarOf(text.Say(l, "report.subs.title"), text.Say(l, "report.now", "name", who.Name), subs, nil, r.model, l))
		if err != nil {
			return err
		}
		p.SubRadar = &f
	}
	for i := range r.profile.Capabilities {
		p.Rows = append(p.Rows, r.row(i, l))
	}
	if r.held, err = s.held(c, viewer(c), who.ID); err != nil {
		return err
	}
	p.Strengths, p.Needs, p.Latest = r.strengths(l), r.needs(l), r.latest(s.Definitions.Current(), l)
	if p.Trends, err = s.trends(c, r, l); err != nil {
		return err
	}
	if !allShown(r.peers) {
		p.PeersNote = text.Say(l, "profile.band_hidden", "n", s.rules.MinPeers)
	}
	return s.render(c, "person", p)
}

// choose settles what the radar sets beside the person: what was asked for, else the last cycle, else the team.
func (p *personPage) choose(r *report, l text.Lang) *comparison {
	options := map[string]*comparison{}
	if r.previous != nil {
		x := &comparison{Kind: chart.Previous, Name: r.cycle.Name.In(l)}
		for _, c := range r.model.Capabilities {
			var v *float64
			if f, ok := r.previous.Line(c.ID); ok && f.Status == profile.Sufficient {
				v = &f.Score.Y
			}
			x.Values = append(x.Values, v)
		}
		options["previous"] = x
		p.Compares = append(p.Compares, choice{Value: "previous", Name: x.Name})
	}
	if someShown(r.peers) {
		x := &comparison{Kind: chart.Team, Name: text.Say(l, "report.peers")}
		for i := range r.peers {
			var v *float64
			if r.peers[i].Shown {
				v = &r.peers[i].Median
			}
			x.Values = append(x.Values, v)
		}
		options["team"] = x
		p.Compares = append(p.Compares, choice{Value: "team", Name: x.Name})
	}
	p.Compares = append(p.Compares, choice{Value: "none", Name: text.Say(l, "report.compare.none")})
	if _, ok := options[p.Compare]; !ok && p.Compare != "none" {
		p.Compare = p.Compares[0].Value
	}
	for i := range p.Compares {
		p.Compares[i].Chosen = p.Compares[i].Value == p.Compare
	}
	return options[p.Compare]
}

func someShown(bands []profile.Band) bool {
	for _, b := range bands {
		if b.Shown {
			return true
		}
	}
	return false
}

func (r *report) records() int {
	n := 0
	for _, c := range r.profile.Capabilities {
		n += c.Counts.All()
	}
	return n
}

func (r *report) sittings() int {
	seen := map[string]bool{}
	for _, e := range r.evidence {
		if e.SittingID != "" {
			seen[e.SittingID] = true
		}
	}
	return len(seen)
}

func (r *report) row(i int, l text.Lang) capabilityRow {
	c, def := r.profile.Capabilities[i], r.model.Capabilities[i]
	row := capabilityRow{ID: c.ID, Name: def.Name.In(l), Status: c.Status, Missing: c.Missing, Score: c.Score, Level: levelOf(c.Standing, r.model, l),
		Target: c.Target, Counts: c.Counts, Units: c.Units, Newest: c.Newest, Peer: r.peers[i], Change: r.shift(c.ID)}
	row.Gap, _ = c.Target.Gap(c.Score.Y)
	b := bullet(c.Status, c.Score, c.Target, r.model, l)
	if row.Peer.Shown {
		b.TeamLo, b.TeamHi = &r.peers[i].P25, &r.peers[i].P75
	}
	row.Bullet = b.SVG(chart.Full)
	for j, x := range c.Subs {
		sub := r.subRow(x, def.Subs[j], l)
		if x.Shown() && (row.Growth.ID == "" || x.Score.Y < row.Growth.Score.Y) {
			row.Growth = sub
		}
		row.Subs = append(row.Subs, sub)
	}
	return row
}

func (r *report) subRow(x profile.Sub, def capability.Sub, l text.Lang) subRow {
	row := subRow{ID: x.ID, Name: def.Name.In(l), Short: def.Label().In(l), Status: x.Status, Missing: x.Missing, Score: x.Score, Level: levelOf(x.Standing, r.model, l),
		Target: x.Target, Change: r.shift(x.ID), N: x.Counts.All(), Newest: x.Newest, Bullet: bullet(x.Status, x.Score, x.Target, r.model, l).SVG(chart.Small)}
	if n := x.Level; n > 0 {
		row.Shows = def.Levels[n-1].In(l)
		if n < len(def.Levels) {
			row.NextShows = def.Levels[n].In(l)
		}
	}
	return row
}

func (r *report) shift(id string) *profile.Shift {
	if x, ok := r.shifts[id]; ok {
		return &x
	}
	return nil
}

// bullet is the drawing of one score; without a sufficient one there is a track and no bar.
func bullet(status profile.Status, x profile.Score, target profile.Target, m *capability.Model, l text.Lang) chart.Bullet {
	b := chart.Bullet{Cuts: m.Cuts(), Lang: l}
	if status == profile.Sufficient {
		b.Value, b.Lo, b.Hi = &x.Y, &x.Lo, &x.Hi
	}
	if target.Set {
		b.Target = &target.Y
	}
	return b
}

func levelOf(x profile.Standing, m *capability.Model, l text.Lang) levelView {
	v := levelView{N: x.Level, Capped: x.Capped}
	if x.Held {
		v.Note = text.Say(l, "profile.held", "level", x.Level)
	}
	switch {
	case x.Level == 0:
	case x.Uncertain():
		v.Pair, v.Note = true, text.Say(l, "profile.pair_reason")
		v.Text = text.Say(l, "profile.pair", "low", x.Pair[0], "high", x.Pair[1])
	default:
		v.Text = text.Say(l, "report.level", "n", x.Level, "name", m.Levels[x.Level-1].Name)
	}
	return v
}

const mostPoints = 3 // strengths and needs shown

func (r *report) strengths(l text.Lang) []pointRow {
	var out []pointRow
	for _, x := range profile.Strengths(&r.profile) {
		if len(out) == mostPoints {
			break
		}
		def, _, ok := r.model.Sub(x.ID)
		if !ok || x.Level == 0 {
			continue
		}
		y := x.Score
		out = append(out, pointRow{Name: def.Name.In(l), Score: &y, Tone: "ok", Chip: score(y.Y), Message: def.Levels[x.Level-1].In(l), Href: r.subHref(x.ID)})
	}
	return out
}

func (r *report) needs(l text.Lang) []pointRow {
	var out []pointRow
	for _, n := range profile.Priorities(r.model, &r.profile) {
		if len(out) == mostPoints {
			break
		}
		def, _, ok := r.model.Sub(n.Sub)
		if !ok {
			continue
		}
		row := pointRow{Name: def.Name.In(l), Tone: "brand", Chip: text.Say(l, "profile.need."+string(n.Need)), Href: r.subHref(n.Sub)}
		if x, ok := r.profile.Sub(n.Sub); ok && n.Need == profile.Develop {
			y := x.Score
			row.Score, row.Tone, row.Chip = &y, "bad", score(y.Y)
			row.Message = text.Say(l, "report.aim", "target", score(n.Target), "text", def.Levels[max(n.Level, 1)-1])
		} else if ok && len(x.Missing) > 0 {
			row.Message = text.Problem(l, x.Missing[0])
		} else {
			row.Message = text.Say(l, "profile.status.none")
		}
		out = append(out, row)
	}
	return out
}

func (r *report) subHref(sub string) string { return "/people/" + r.person.ID + "/subs/" + sub }
