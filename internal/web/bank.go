package web

import (
	"html/template"
	"slices"

	"github.com/gin-gonic/gin"

	"leida/internal/assessment"
	"leida/internal/fault"
	"leida/internal/item"
	"leida/internal/text"
)

// bankPage is a trainer's view of the definitions in force: assessments, items, and what the newest reading of the files found.
type bankPage struct {
	frame
	Assessments []bankAssessment
	Groups      []bankGroup
	Items       int
	Errors      int
	Warnings    int
	Kinds       []choice
	Kind        string
}

type bankAssessment struct {
	ID, Name, Purpose string
	Length, Minutes   int
	Limit             int // minutes, 0 for none
	Blind             []blindScore
}

type blindScore struct {
	Name  string
	Score float64
}

type bankGroup struct {
	ID, Name string
	Items    []bankItemRow
}

type bankItemRow struct {
	ID, Name, Kind, Status string
	Level                  int
	Scenario               string
	Version                int
	Findings               int
}

var _ = declare("bank", &bankPage{})

func (s *Server) bank(c *gin.Context) error {
	l, lib, report := lang(c), s.Definitions.Current(), s.Definitions.Report()
	p := &bankPage{Items: len(lib.Items), Errors: report.Errors(), Warnings: report.Warnings(), Kind: c.Query("kind")}
	p.Title = text.Say(l, "bank.title")
	for _, k := range item.Kinds() {
		p.Kinds = append(p.Kinds, choice{Value: k.Name, Name: text.Say(l, "kind."+k.Name), Chosen: k.Name == p.Kind})
	}
	for _, a := range lib.Assessments {
		row := bankAssessment{ID: a.ID, Name: a.Title.In(l), Purpose: a.Purpose.In(l), Length: a.Length(), Minutes: lib.Minutes(a), Limit: int(a.Limit().Minutes())}
		for _, st := range item.Strategies {
			row.Blind = append(row.Blind, blindScore{text.Say(l, "check.blind."+string(st)), lib.Blind(a, st)})
		}
		p.Assessments = append(p.Assessments, row)
	}
	for _, sub := range lib.Model.Subs() {
		g := bankGroup{ID: sub.ID, Name: sub.Name.In(l)}
		for _, it := range lib.Items {
			if it.Domain() != sub.ID || p.Kind != "" && it.Type != p.Kind {
				continue
			}
			row := bankItemRow{ID: it.ID, Name: it.Title.In(l), Kind: text.Say(l, "kind."+it.Type), Status: string(it.Status), Level: it.Level, Version: it.Version, Findings: len(report.In(it.File))}
			if x := it.Tag("scenario"); x != "" {
				row.Scenario = text.Say(l, "scenario."+x)
			}
			g.Items = append(g.Items, row)
		}
		if len(g.Items) > 0 {
			p.Groups = append(p.Groups, g)
		}
	}
	return s.render(c, "bank", p)
}

// bankItemPage is one item as a candidate sees it, with its key and reasons below. Whoever is sitting it themself has to hand it in first.
type bankItemPage struct {
	frame
	Item     *item.Item
	Kind     string
	Reading  item.Stimulus
	Ask      template.HTML
	Explain  template.HTML
	Measures []measureRow
	Findings assessment.Report
	Units    float64
	Blind    []blindScore // of the kind's own blind candidates
	Answers  []qualityRow // what was answered, by version
}

type measureRow struct {
	ID, Name string
	W        float64
}

var _ = declare("bank_item", &bankItemPage{})

func (s *Server) bankItem(c *gin.Context) error {
	l, lib := lang(c), s.Definitions.Current()
	it, ok := lib.Item(c.Param("item"))
	if !ok {
		return fault.New(fault.NotFound, "web.not_found")
	}
	ahead, err := s.sitsAny(c, it.ID)
	switch {
	case err != nil:
		return err
	case ahead:
		return errOwnPaper
	}
	p := &bankItemPage{Item: it, Kind: text.Say(l, "kind."+it.Type), Reading: it.Reading(), Findings: slices.Clone(s.Definitions.Report().In(it.File)), Units: it.Units()}
	p.Title, p.Styles = it.Title.In(l), kindStyles(it.Type)
	if p.Ask, err = s.ask(it, item.Seen(l, 1).Whole(), nil); err != nil {
		return err
	}
	if p.Explain, err = s.explain(it, item.Seen(l, 1), nil); err != nil {
		return err
	}
	for _, m := range it.Measures {
		p.Measures = append(p.Measures, measureRow{m.Sub, s.subName(m.Sub, l), m.W})
	}
	for _, x := range assessment.BlindScores(it) {
		p.Blind = append(p.Blind, blindScore{text.Say(l, "blind."+it.Type+"."+x.Name), 100 * x.Score})
	}
	p.Answers = s.qualityOf(it.ID, l)
	return s.render(c, "bank_item", p)
}

// bankReportPage is the report of the newest reading, as leida check prints it.
type bankReportPage struct {
	frame
	Report   assessment.Report
	Errors   int
	Warnings int
}

var _ = declare("bank_report", &bankReportPage{})

func (s *Server) bankReport(c *gin.Context) error {
	r := s.Definitions.Report()
	p := &bankReportPage{Report: r, Errors: r.Errors(), Warnings: r.Warnings()}
	p.Title = text.Say(lang(c), "bank.report.title")
	return s.render(c, "bank_report", p)
}
