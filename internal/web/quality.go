package web

import (
	"cmp"
	"context"
	"html/template"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gin-gonic/gin"

	"leida/internal/assessment"
	"leida/internal/chart"
	"leida/internal/exam"
	"leida/internal/fault"
	"leida/internal/item"
	"leida/internal/profile"
	"leida/internal/quality"
	"leida/internal/store"
	"leida/internal/text"
)

// Survey is what all that was sat says of the items, and from how much of it.
type Survey struct {
	At     time.Time
	People int
	Places int
	Items  []quality.Item
	Forms  []quality.Form
}

// Form is what the sittings of an assessment say; ok is false where there are none.
func (s *Survey) Form(id string) (quality.Form, bool) {
	for _, f := range s.Forms {
		if f.ID == id {
			return f, true
		}
	}
	return quality.Form{}, false
}

// Of are the versions of an item that somebody answered, the newest first.
func (s *Survey) Of(id string) []quality.Item {
	out := slices.DeleteFunc(slices.Clone(s.Items), func(x quality.Item) bool { return x.Of.ID != id })
	slices.SortFunc(out, func(x, y quality.Item) int { return cmp.Compare(y.Of.Version, x.Of.Version) })
	return out
}

// Survey looks at everything that was handed in and still counts. What people have to rate is left out: its scores come later.
func (d *Definitions) Survey(ctx context.Context, now time.Time) (*Survey, error) {
	cycles, err := d.store.Cycles(ctx)
	if err != nil {
		return nil, err
	}
	newest := ""
	for _, c := range cycles { // the newest first
		if c.From.Before(now) {
			newest = c.ID
			break
		}
	}
	model := d.Current().Model
	collector := quality.NewCollector(func(sub string) string {
		_, c, _ := model.Sub(sub)
		return c.ID
	})
	out := &Survey{At: now}
	var places []quality.Place
	var whose [2]string
	person := func(who, cycle string) {
		if len(places) > 0 {
			collector.Add(places)
		}
		if whose[0] != who && who != "" {
			out.People++
		}
		places, whose = places[:0], [2]string{who, cycle}
	}
	var forms quality.Forms
	var paper sheet
	var sitting, assessment string
	paperOf := func(id, form string) {
		if len(paper) > 0 {
			forms.Add(assessment, paper.points())
		}
		paper, sitting, assessment = paper[:0], id, form
	}
	bank := d.Bank(ctx)
	err = d.store.EachPlace(ctx, now.AddDate(0, 0, -int(profile.DefaultRules().Cutoff)), func(p store.SatPlace) error {
		if whose != [2]string{p.Person, p.Cycle} {
			person(p.Person, p.Cycle)
		}
		if sitting != p.Sitting {
			paperOf(p.Sitting, p.Assessment)
		}
		it, ok := bank.ItemAt(p.ItemHash)
		if !ok {
			return nil
		}
		if _, rated := it.Body.(item.Rated); rated {
			return nil
		}
		out.Places++
		place := quality.Place{Item: it, Score: p.Score, Blank: p.Answer == nil, Seconds: p.Seconds, Recent: p.Cycle == newest}
		if b, ok := it.Body.(item.Optioned); ok && p.Answer != nil {
			a, err := exam.Slot{Answer: p.Answer}.Read(it)
			if err != nil {
				return err
			}
			place.Chosen = b.Chosen(a)
		}
		places = append(places, place)
		paper = append(paper, sheetPlace{p.Section, p.Weight, it.Units(), p.Score})
		return nil
	})
	if err != nil {
		return nil, err
	}
	person("", "")
	paperOf("", "")
	out.Items, out.Forms = collector.Items(), forms.Forms(d.Current().Model.Cuts())
	return out, nil
}

// sheet are the marked places of one sitting.
type sheet []sheetPlace

type sheetPlace struct {
	section              int
	weight, units, score float64
}

// points are what each place gives to the sitting's score, which is their sum, 0..100: sections by weight, places in them by information units (MEASUREMENT 6.1).
func (s sheet) points() []float64 {
	units, weights := map[int]float64{}, map[int]float64{}
	for _, p := range s {
		units[p.section] += p.units
		weights[p.section] = p.weight
	}
	whole := 0.0
	for _, w := range weights {
		whole += w
	}
	out := make([]float64, len(s))
	for i, p := range s {
		if whole > 0 {
			out[i] = 100 * p.weight / whole * p.units / units[p.section] * p.score
		}
	}
	return out
}

// surveyed keeps the newest survey for a while: it reads everything, and nobody needs it to the minute.
type surveyed struct {
	mu   sync.Mutex // of who looks anew
	last atomic.Pointer[Survey]
}

const surveyLasts = 10 * time.Minute

func (s *Server) survey(ctx context.Context) (*Survey, error) {
	s.surveyed.mu.Lock()
	defer s.surveyed.mu.Unlock()
	if x := s.surveyed.last.Load(); x != nil && s.Now().Sub(x.At) < surveyLasts {
		return x, nil
	}
	x, err := s.Definitions.Survey(ctx, s.Now())
	if err == nil {
		s.surveyed.last.Store(x)
	}
	return x, err
}

// qualityPage lists the versions that were answered, the most troubled first.
type qualityPage struct {
	frame
	At             time.Time
	People, Places int
	Rows           []qualityRow
	Flagged        int
}

// qualityRow is a version with what the answers say of it.
type qualityRow struct {
	quality.Item
	ID, Name, Kind, Version string
	Old                     bool // no longer in force
	Picture                 template.HTML
	Flags                   []qualityFlag
}

// qualityFlag is a flag with what to do about it.
type qualityFlag struct {
	Name, Advice string
	Option       string // its text, of flags of one option
	Certain      bool
}

var _ = declare("quality", &qualityPage{})

func (s *Server) quality(c *gin.Context) error {
	x, err := s.survey(c)
	if err != nil {
		return err
	}
	l := lang(c)
	p := &qualityPage{At: x.At, People: x.People, Places: x.Places}
	p.Title = text.Say(l, "quality.title")
	for _, it := range x.Items {
		p.Rows = append(p.Rows, s.qualityRow(it, l))
		if len(it.Flags) > 0 {
			p.Flagged++
		}
	}
	return s.render(c, "quality", p)
}

func (s *Server) qualityRow(x quality.Item, l text.Lang) qualityRow {
	_, current := s.Definitions.Current().ItemAt(x.Of.Hash)
	r := qualityRow{Item: x, ID: x.Of.ID, Name: x.Of.Title.In(l), Kind: text.Say(l, "kind."+x.Of.Type), Version: x.Of.Name(), Old: !current, Picture: abilityPicture(x, l)}
	for _, f := range x.Flags {
		option := ""
		for _, o := range x.Options {
			if o.ID == f.Option {
				option = o.Text.In(l)
			}
		}
		r.Flags = append(r.Flags, qualityFlag{Name: text.Say(l, "quality.flag."+f.Kind), Advice: text.Say(l, "quality.advice."+f.Kind), Option: option, Certain: f.Certain})
	}
	return r
}

// abilityPicture draws the mean score of each quarter by ability; "" where abilities are not known.
func abilityPicture(x quality.Item, l text.Lang) template.HTML {
	t := chart.Trend{Title: text.Say(l, "quality.picture", "item", x.Of.Title.In(l)), Name: text.Say(l, "quality.mean"), Lang: l}
	for i, g := range x.Groups {
		y, lo, hi := 100*g.Mean.Value, 100*g.Mean.Low, 100*g.Mean.High
		t.Points = append(t.Points, chart.Point{Label: text.Say(l, "quality.quarter", "n", i+1), Value: &y, Lo: &lo, Hi: &hi, Text: text.Say(l, "quality.group", "score", y, "n", g.N)})
	}
	return t.SVG()
}

// qualityOf is what the newest survey says of the versions of an item, for its page in the bank, which must not wait for one; nothing before the first.
func (s *Server) qualityOf(id string, l text.Lang) []qualityRow {
	x := s.surveyed.last.Load()
	if x == nil {
		return nil
	}
	var out []qualityRow
	for _, it := range x.Of(id) {
		out = append(out, s.qualityRow(it, l))
	}
	return out
}

// formPage is the evidence for an assessment's scores: what the sittings say, and what it is expected to show.
type formPage struct {
	frame
	ID, Purpose    string
	Items, Minutes int
	Limit          int // minutes, 0 for none
	Form           quality.Form
	Sat            bool
	Expected       []forecastTable
	At             time.Time
}

// forecastTable is what some forms are expected to show, sat once each.
type forecastTable struct {
	Name string
	Rows []forecastRow
}

// forecastRow is what is expected to be known of a capability.
type forecastRow struct {
	exam.Forecast
	Name string
}

var _ = declare("form", &formPage{})

func (s *Server) form(c *gin.Context) error {
	l, lib := lang(c), s.Definitions.Current()
	a, ok := lib.Assessment(c.Param("assessment"))
	if !ok {
		return fault.New(fault.NotFound, "web.not_found")
	}
	x, err := s.survey(c)
	if err != nil {
		return err
	}
	p := &formPage{ID: a.ID, Purpose: a.Purpose.In(l), Items: a.Length(), Minutes: lib.Minutes(a), Limit: int(a.Limit().Minutes()), At: x.At}
	p.Title = a.Title.In(l)
	p.Form, p.Sat = x.Form(a.ID)
	alone := s.forecasts(l, a)
	p.Expected = append(p.Expected, forecastTable{text.Say(l, "form.alone"), alone})
	var cycle []*assessment.Assessment
	for _, other := range lib.Assessments {
		if other.Kind == "cycle" {
			cycle = append(cycle, other)
		}
	}
	if a.Kind == "cycle" {
		about := func(f forecastRow) bool {
			return slices.ContainsFunc(alone, func(y forecastRow) bool { return y.Capability == f.Capability })
		}
		p.Expected = append(p.Expected, forecastTable{text.Say(l, "form.cycle"), slices.DeleteFunc(s.forecasts(l, cycle...), func(f forecastRow) bool { return !about(f) })})
	}
	return s.render(c, "form", p)
}

func (s *Server) forecasts(l text.Lang, forms ...*assessment.Assessment) []forecastRow {
	var out []forecastRow
	lib := s.Definitions.Current()
	for _, f := range exam.Forecasts(lib, s.rules, forms...) {
		c, _ := lib.Model.Capability(f.Capability)
		out = append(out, forecastRow{f, c.Name.In(l)})
	}
	return out
}
