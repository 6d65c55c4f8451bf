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
	bank := d.Bank(ctx)
	var forms quality.Forms
	var cycle, paper []satItem // of one person in one cycle, and of one sitting
	var whose [2]string
	paperEnds := func() {
		if len(paper) == 0 {
			return
		}
		forms.Add(sheetOf(paper))
		if paper[0].Auto { // what stands behind the last answer was not reached
			for len(paper) > 0 && paper[len(paper)-1].Answer == nil {
				paper = paper[:len(paper)-1]
			}
		}
		cycle, paper = append(cycle, paper...), paper[:0]
	}
	cycleEnds := func(next string) error {
		paperEnds()
		var places []quality.Place
		for _, x := range cycle {
			if x.rated {
				continue
			}
			out.Places++
			p := quality.Place{Item: x.item, Score: x.Score, Blank: x.Answer == nil, Seconds: x.Seconds, Recent: x.Cycle == newest, Remarked: x.Remarked}
			if b, ok := x.item.Body.(item.Optioned); ok && x.Answer != nil {
				a, err := exam.Slot{Answer: x.Answer}.Read(x.item)
				if err != nil {
					return err
				}
				p.Chosen = b.Chosen(a)
			}
			places = append(places, p)
		}
		collector.Add(whose[0], places)
		cycle = cycle[:0]
		if next != whose[0] && next != "" {
			out.People++
		}
		return nil
	}
	sitting := ""
	err = d.store.EachPlace(ctx, now.AddDate(0, 0, -int(profile.DefaultRules().Cutoff)), func(p store.SatPlace) error {
		if sitting != p.Sitting {
			paperEnds()
			sitting = p.Sitting
		}
		if of := [2]string{p.Person, cmp.Or(p.Cycle, p.Sitting)}; whose != of {
			if err := cycleEnds(p.Person); err != nil {
				return err
			}
			whose = of
		}
		it, ok := bank.ItemAt(p.ItemHash)
		if !ok {
			return nil
		}
		_, rated := it.Body.(item.Rated)
		paper = append(paper, satItem{p, it, rated})
		return nil
	})
	if err == nil {
		err = cycleEnds("")
	}
	if err != nil {
		return nil, err
	}
	out.Items, out.Forms = collector.Items(), forms.Forms(d.Current().Model.Cuts())
	return out, nil
}

// satItem is a place that was sat with its item; people rate it later, or it is marked.
type satItem struct {
	store.SatPlace
	item  *item.Item
	rated bool
}

// sheetOf is what each marked place of a paper gives to its score, 0..100: sections by weight, places in them by information units (MEASUREMENT 6.1).
func sheetOf(paper []satItem) quality.Sheet {
	units, marked, weights := map[int]float64{}, map[int]float64{}, map[int]float64{}
	for _, p := range paper {
		units[p.Section] += p.item.Units()
		weights[p.Section] = p.Weight
		if !p.rated {
			marked[p.Section] += p.item.Units()
		}
	}
	whole, here := 0.0, 0.0 // weight of all sections, and of those with something marked
	carried := 0.0
	for section, w := range weights {
		whole += w
		if marked[section] > 0 {
			here += w
			carried += w * marked[section] / units[section]
		}
	}
	s := quality.Sheet{Form: paper[0].Assessment, Version: paper[0].AssessmentHash, Person: paper[0].Person, At: paper[0].SubmittedAt}
	for _, p := range paper {
		if !p.rated && here > 0 {
			s.Points = append(s.Points, 100*p.Weight/here*p.item.Units()/marked[p.Section]*p.Score)
		}
	}
	if whole > 0 {
		s.Marked = carried / whole
	}
	return s
}

// surveyed keeps the newest survey for a while: it reads everything, and nobody needs it to the minute.
type surveyed struct {
	mu   sync.Mutex
	last atomic.Pointer[Survey]
	made chan struct{} // closed when the one under way is done; nil while there is none
	err  error         // of the last one
}

const (
	surveyLasts = 10 * time.Minute
	surveyTakes = 5 * time.Minute // at the most
)

// survey is the newest survey. One that is old is made anew beside, for whoever asks next; only where there is none is it waited for. Who goes away waits no longer, and the survey goes on.
func (s *Server) survey(ctx context.Context) (*Survey, error) {
	last := s.surveyed.last.Load()
	if last != nil && s.Now().Sub(last.At) < surveyLasts {
		return last, nil
	}
	made := s.renewSurvey(context.WithoutCancel(ctx))
	if last != nil {
		return last, nil
	}
	select {
	case <-made:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if x := s.surveyed.last.Load(); x != nil {
		return x, nil
	}
	s.surveyed.mu.Lock()
	defer s.surveyed.mu.Unlock()
	return nil, s.surveyed.err
}

// renewSurvey makes a survey unless one is under way, and is what is closed at its end.
func (s *Server) renewSurvey(ctx context.Context) <-chan struct{} {
	s.surveyed.mu.Lock()
	defer s.surveyed.mu.Unlock()
	if s.surveyed.made != nil {
		return s.surveyed.made
	}
	made := make(chan struct{})
	s.surveyed.made = made
	go func() {
		ctx, stop := context.WithTimeout(ctx, surveyTakes)
		defer stop()
		x, err := s.Definitions.Survey(ctx, s.Now())
		if err != nil {
			s.Log.WarnContext(ctx, "no survey of the items", "err", err)
		} else {
			s.surveyed.last.Store(x)
		}
		s.surveyed.mu.Lock()
		s.surveyed.made, s.surveyed.err = nil, err
		s.surveyed.mu.Unlock()
		close(made)
	}()
	return made
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
	x, err := s.survey(c.Request.Context())
	if err != nil {
		return err
	}
	l := lang(c)
	p := &qualityPage{At: x.At, People: x.People, Places: x.Places}
	p.Title = text.Say(l, "quality.title")
	ahead, err := s.Store.LiveItems(c, viewer(c))
	if err != nil {
		return err
	}
	for _, it := range x.Items {
		if slices.Contains(ahead, it.Of.ID) {
			continue // its flags tell of the key
		}
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
	x, err := s.survey(c.Request.Context())
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
