package web

import (
	"cmp"
	"context"
	"html/template"
	"net/url"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gin-gonic/gin"

	"leida/internal/capability"
	"leida/internal/chart"
	"leida/internal/fault"
	"leida/internal/org"
	"leida/internal/profile"
	"leida/internal/store"
	"leida/internal/text"
)

// memberReport is a member of a team with the profile that the team's figures are made of.
type memberReport struct {
	person   org.Person
	team     string
	profile  profile.Profile
	previous *profile.Snapshot
}

// profilesOf makes the profiles of all active members of teams, with one query for the people and one for their evidence. An empty role takes everybody.
func (s *Server) profilesOf(ctx context.Context, teams []string, now time.Time, role string) ([]memberReport, error) {
	members, err := s.Store.Members(ctx, teams, now)
	if err != nil {
		return nil, err
	}
	members = slices.DeleteFunc(members, func(m store.Member) bool { return role != "" && m.Person.JobProfile != role })
	ids := make([]string, len(members))
	for i, m := range members {
		ids[i] = m.Person.ID
	}
	evidence, err := s.Store.EvidenceOfPeople(ctx, ids)
	if err != nil {
		return nil, err
	}
	snapshots, err := snapshotsBefore(ctx, s.Store, ids, now)
	if err != nil {
		return nil, err
	}
	model := s.Definitions.Current().Model
	out := make([]memberReport, len(members))
	sideBySide(len(members), func(i int) {
		m := members[i]
		out[i] = memberReport{person: m.Person, team: m.Team}
		if snap, ok := snapshots[m.Person.ID]; ok {
			out[i].previous = &snap
		}
		out[i].profile = profile.Of(model, s.rules, evidence[m.Person.ID], now, profile.Options{Role: m.Person.JobProfile, Previous: out[i].previous})
	})
	return out, nil
}

// sideBySide does n independent pieces of work on all processors.
func sideBySide(n int, do func(i int)) {
	var next atomic.Int64
	var workers sync.WaitGroup
	for range min(n, runtime.GOMAXPROCS(0)) {
		workers.Go(func() {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				do(i)
			}
		})
	}
	workers.Wait()
}

// teamPage is the radar report of a team.
type teamPage struct {
	frame
	Team     org.Team
	Path     []org.Team
	Children []teamLink
	At       time.Time
	Profile  profile.TeamProfile
	Radar    figure
	Strip    template.HTML
	Rows     []teamRow
	Weakest  *weakRow
	Covers   []coverRow
	Heat     heatTable
	Members  []memberCard
	Met      int // members who meet their job profile
	Small    bool
	Sort     string
	Model    string
	MinPeers int
}

// teamRow is a capability across the team.
type teamRow struct {
	ID, Name, Short string
	profile.TeamDomain
	Subs []teamSubRow
}

type teamSubRow struct {
	ID, Name string
	profile.TeamDomain
}

type weakRow struct {
	Name, Short   string
	Capability    string
	Below, Judged int
	Names         []personLink
}

type coverRow struct {
	Name    string
	Short   string
	Cover   profile.Cover
	Later   profile.Cover
	Holders []personLink
	Leaving bool // cover gets worse when those who are leaving have left
}

type personLink struct{ ID, Name string }

// heatTable is members by sub-competencies, always with its numbers.
type heatTable struct {
	Groups []heatGroup
	Rows   []heatRow
}

type heatGroup struct {
	Name string
	Subs []heatHead
}

type heatHead struct{ ID, Name, Short, Sort string }

type heatRow struct {
	Person personLink
	Role   string
	Cells  []heatCell
	Like   bool // within noise of the row above, where the rows are sorted by a score
}

// heatCell is a number with its class, or a dash with its reason.
type heatCell struct {
	Value string
	Class string
	Why   string
	Href  string
}

type memberCard struct {
	Person  personLink
	Role    string
	SVG     template.HTML
	Shown   int // capabilities with a number
	All     int
	Verdict profile.Verdict
	Leaving bool
}

var _ = declare("team", &teamPage{})

// managedTeam is the report of the team that an address names, if the viewer manages it; anybody else's is not found.
func (s *Server) managedTeam(c *gin.Context) (*teamReport, *org.Tree, error) {
	tree, err := s.Store.Tree(c)
	if err != nil {
		return nil, nil, err
	}
	t, ok := tree.Team(c.Param("team"))
	if !ok || !viewer(c).Manages(t.ID) {
		return nil, nil, fault.New(fault.NotFound, "web.not_found")
	}
	members, err := s.profilesOf(c, tree.Below(t.ID), s.Now(), "")
	if err != nil {
		return nil, nil, err
	}
	return newTeamReport(s, t, members, lang(c)), tree, nil
}

func (s *Server) team(c *gin.Context) error {
	r, tree, err := s.managedTeam(c)
	if err != nil {
		return err
	}
	t, l := r.of, lang(c)
	p := &teamPage{Team: t, Path: tree.Path(t.ID), At: s.Now(), Profile: r.team, MinPeers: s.rules.MinPeers, Model: r.model.ID + " " + r.model.Version,
		Rows: r.rows(), Covers: r.covers(), Weakest: r.weakest(), Met: r.met(), Small: len(r.members) < s.rules.MinPeers, Strip: r.strip()}
	p.Title = r.title()
	p.Printing = text.Say(l, "report.printed", "model", p.Model, "date", s.templates.date(l, p.At))
	p.Scripts, p.Wide = []string{"charts.js"}, true
	for _, child := range tree.Children(t.ID) {
		p.Children = append(p.Children, teamLink{ID: child.ID, Name: child.Name})
	}
	if p.Radar, err = radarFigure("radar", r.radar()); err != nil {
		return err
	}
	p.Sort = r.sort(c.Query("sort"))
	p.Heat, p.Members = r.heat("/teams/"+t.ID, p.Sort), r.cards()
	return s.render(c, "team", p)
}

// teamReport turns members into what the team page shows.
type teamReport struct {
	of      org.Team
	model   *capability.Model
	rules   profile.Rules
	lang    text.Lang
	members []memberReport
	team    profile.TeamProfile
	names   map[string]string
}

func newTeamReport(s *Server, of org.Team, members []memberReport, l text.Lang) *teamReport {
	r := &teamReport{of: of, model: s.Definitions.Current().Model, rules: s.rules, lang: l, members: members, names: map[string]string{}}
	var all []profile.Member
	for _, m := range members {
		r.names[m.person.ID] = m.person.Name
		all = append(all, profile.Member{Person: m.person.ID, Profile: m.profile, Leaving: m.person.LeavingAt(s.Now())})
	}
	r.team = profile.Team(r.model, r.rules, all)
	return r
}

func (r *teamReport) title() string { return text.Say(r.lang, "team.title", "name", r.of.Name) }

func (r *teamReport) rows() []teamRow {
	var out []teamRow
	for i, c := range r.team.Capabilities {
		def := r.model.Capabilities[i]
		row := teamRow{ID: c.ID, Name: def.Name.In(r.lang), Short: def.Label().In(r.lang), TeamDomain: c.TeamDomain}
		for j, x := range c.Subs {
			row.Subs = append(row.Subs, teamSubRow{ID: x.ID, Name: def.Subs[j].Name.In(r.lang), TeamDomain: x})
		}
		out = append(out, row)
	}
	return out
}

// radar is the median polygon with the quartiles as its band and the members' mean target; an axis that nobody has a score on is a gap.
func (r *teamReport) radar() chart.Radar {
	out := chart.Radar{Title: r.title(), Cuts: r.model.Cuts(), Lang: r.lang, Band: &chart.Band{Name: text.Say(r.lang, "report.quartiles")}}
	median := chart.Outline{Kind: chart.Current, Name: text.Say(r.lang, "team.median")}
	target := chart.Outline{Kind: chart.Target, Name: text.Say(r.lang, "report.target")}
	before := chart.Outline{Kind: chart.Previous, Name: text.Say(r.lang, "team.previous")}
	compared := false
	for i := range r.team.Capabilities {
		c, def := &r.team.Capabilities[i], r.model.Capabilities[i]
		axis := chart.Axis{Label: def.Name.In(r.lang), Short: def.Label().In(r.lang), Value: text.Say(r.lang, "profile.status.none")}
		var m, lo, hi, t *float64
		if c.N > 0 {
			m, lo, hi = &c.Median, &c.P25, &c.P75
			axis.Value = score(c.Median)
		}
		if c.Targeted > 0 {
			t = &c.Target
		}
		b := r.medianBefore(c.ID)
		compared = compared || b != nil
		out.Axes = append(out.Axes, axis)
		median.Values, target.Values, before.Values = append(median.Values, m), append(target.Values, t), append(before.Values, b)
		out.Band.Lo, out.Band.Hi = append(out.Band.Lo, lo), append(out.Band.Hi, hi)
	}
	out.Outlines = []chart.Outline{median, target}
	if compared {
		out.Outlines = append(out.Outlines, before)
	}
	return out
}

// medianBefore is the median of today's members in the last closed cycle.
func (r *teamReport) medianBefore(id string) *float64 {
	var ys []float64
	for _, m := range r.members {
		if f, ok := m.previous.Line(id); ok && f.Status == profile.Sufficient {
			ys = append(ys, f.Score.Y)
		}
	}
	if len(ys) == 0 {
		return nil
	}
	slices.Sort(ys)
	median := profile.SpreadOf(ys).Median
	return &median
}

func (r *teamReport) strip() template.HTML {
	st := chart.Strip{Title: text.Say(r.lang, "team.strip"), Cuts: r.model.Cuts(), Lang: r.lang}
	for i := range r.team.Capabilities {
		c := &r.team.Capabilities[i]
		row := chart.StripRow{Label: r.model.Capabilities[i].Label().In(r.lang), Dots: c.Values}
		if c.N > 0 {
			row.Median, row.Lo, row.Hi = &c.Median, &c.P25, &c.P75
		}
		if c.Targeted > 0 {
			row.Target = &c.Target
		}
		st.Rows = append(st.Rows, row)
	}
	return st.SVG()
}

func (r *teamReport) weakest() *weakRow {
	w := r.team.Weakest
	if w == nil {
		return nil
	}
	def, parent, ok := r.model.Sub(w.Sub)
	if !ok {
		return nil
	}
	row := &weakRow{Name: def.Name.In(r.lang), Short: def.Label().In(r.lang), Capability: parent.Name.In(r.lang), Below: w.Below, Judged: w.Judged}
	for _, m := range r.members {
		if x, ok := m.profile.Sub(w.Sub); ok && x.Shown() {
			if gap, set := x.Target.Gap(x.Score.Y); set && gap < 0 {
				row.Names = append(row.Names, personLink{m.person.ID, m.person.Name})
			}
		}
	}
	return row
}

func (r *teamReport) covers() []coverRow {
	var out []coverRow
	for _, b := range r.team.BusFactors {
		def, _, ok := r.model.Sub(b.Sub)
		if !ok {
			continue
		}
		row := coverRow{Name: def.Name.In(r.lang), Short: def.Label().In(r.lang), Cover: b.Cover(), Later: b.CoverLater()}
		row.Leaving = row.Later != row.Cover
		for _, id := range b.Holders {
			row.Holders = append(row.Holders, personLink{id, r.names[id]})
		}
		out = append(out, row)
	}
	return out
}

func (r *teamReport) met() int {
	n := 0
	for _, m := range r.members {
		if m.profile.Fit.Verdict == profile.Met {
			n++
		}
	}
	return n
}

// sort orders the members by name, or by a sub-competency from the lowest score; those without one come last. It returns what it did, so that nothing unknown is echoed.
func (r *teamReport) sort(by string) string {
	def, _, ok := r.model.Sub(by)
	if !ok {
		slices.SortStableFunc(r.members, func(a, b memberReport) int { return cmp.Compare(a.person.Number, b.person.Number) })
		return ""
	}
	value := func(m memberReport) float64 {
		if x, ok := m.profile.Sub(def.ID); ok && x.Shown() {
			return x.Score.Y
		}
		return 101
	}
	slices.SortStableFunc(r.members, func(a, b memberReport) int { return cmp.Compare(value(a), value(b)) })
	return def.ID
}

// like reports whether two members differ by less than noise in a sub-competency: such two have no order.
func (r *teamReport) like(a, b memberReport, sub string) bool {
	x, ok1 := a.profile.Sub(sub)
	y, ok2 := b.profile.Sub(sub)
	return ok1 && ok2 && x.Shown() && y.Shown() && profile.Indistinguishable(r.rules, x.Score, y.Score)
}

// heat is the table of the members in their present order; base is the page's address for sorting, sorted what they are sorted by.
func (r *teamReport) heat(base, sorted string) heatTable {
	var t heatTable
	for _, c := range r.model.Capabilities {
		g := heatGroup{Name: c.Name.In(r.lang)}
		for _, x := range c.Subs {
			g.Subs = append(g.Subs, heatHead{ID: x.ID, Name: x.Name.In(r.lang), Short: x.Label().In(r.lang), Sort: base + "?sort=" + url.QueryEscape(x.ID)})
		}
		t.Groups = append(t.Groups, g)
	}
	for i, m := range r.members {
		row := heatRow{Person: personLink{m.person.ID, m.person.Name}, Role: r.roleName(m.person.JobProfile)}
		for _, c := range m.profile.Capabilities {
			for _, x := range c.Subs {
				row.Cells = append(row.Cells, r.cell(m.person.ID, x))
			}
		}
		row.Like = i > 0 && r.like(r.members[i-1], m, sorted)
		t.Rows = append(t.Rows, row)
	}
	return t
}

func (r *teamReport) cell(person string, x profile.Sub) heatCell {
	cell := heatCell{Value: "–", Href: "/people/" + person + "/subs/" + x.ID}
	if x.Shown() {
		cell.Value, cell.Class = score(x.Score.Y), chart.Heat(&x.Score.Y, r.model.Cuts())
		return cell
	}
	cell.Why = text.Say(r.lang, "profile.status."+string(x.Status))
	if len(x.Missing) > 0 {
		cell.Why = text.Problem(r.lang, x.Missing[0])
	}
	return cell
}

func (r *teamReport) roleName(id string) string {
	if role, ok := r.model.Role(id); ok {
		return role.Name.In(r.lang)
	}
	return id
}

// cards are the small multiples: each member's radar over the team's median.
func (r *teamReport) cards() []memberCard {
	var median []*float64
	for i := range r.team.Capabilities {
		var v *float64
		if r.team.Capabilities[i].N > 0 {
			v = &r.team.Capabilities[i].Median
		}
		median = append(median, v)
	}
	var out []memberCard
	for _, m := range r.members {
		card := memberCard{Person: personLink{m.person.ID, m.person.Name}, Role: r.roleName(m.person.JobProfile), All: len(m.profile.Capabilities),
			Verdict: m.profile.Fit.Verdict, Leaving: !m.person.ActiveTo.IsZero()}
		radar := radarOf(m.person.Name, m.person.Name, capabilityLines(&m.profile, r.model), &comparison{Kind: chart.Team, Name: text.Say(r.lang, "team.median"), Values: median}, r.model, r.lang)
		radar.Band = nil
		radar.Outlines = slices.DeleteFunc(radar.Outlines, func(o chart.Outline) bool { return o.Kind == chart.Target })
		card.SVG = radar.SVG(chart.Small)
		for _, c := range m.profile.Capabilities {
			if c.Shown() {
				card.Shown++
			}
		}
		out = append(out, card)
	}
	return out
}
