package web

import (
	"fmt"
	"net/http"
	"strconv"

	"github.com/gin-gonic/gin"

	"leida/internal/exchange/csv"
	"leida/internal/fault"
	"leida/internal/profile"
	"leida/internal/text"
)

// personCSV is the table of the report, cell for cell.
func (s *Server) personCSV(c *gin.Context) error {
	l := lang(c)
	r, err := s.reportAt(c)
	if err != nil {
		return err
	}
	rows := [][]string{{text.Say(l, "csv.id"), text.Say(l, "csv.name"), text.Say(l, "csv.status"), text.Say(l, "csv.score"), text.Say(l, "csv.low"), text.Say(l, "csv.high"), text.Say(l, "csv.level"), text.Say(l, "csv.target"), text.Say(l, "csv.records")}}
	add := func(id, name string, status profile.Status, x profile.Score, level levelView, target profile.Target, n int) {
		row := []string{id, name, text.Say(l, "profile.status."+string(status)), "", "", "", "", "", strconv.Itoa(n)}
		if status == profile.Sufficient {
			row[3], row[4], row[5], row[6] = decimal(x.Y), decimal(x.Lo), decimal(x.Hi), level.Text
		}
		if target.Set {
			row[7] = decimal(target.Y)
		}
		rows = append(rows, row)
	}
	for i := range r.profile.Capabilities {
		row := r.row(i, l)
		add(row.ID, row.Name, row.Status, row.Score, row.Level, row.Target, row.Counts.All())
		for _, x := range row.Subs {
			add(x.ID, x.Name, x.Status, x.Score, x.Level, x.Target, x.N)
		}
	}
	return sendCSV(c, "leida-"+r.person.Number, rows)
}

// teamCSV is the heat table, row for row as on the screen.
func (s *Server) teamCSV(c *gin.Context) error {
	r, _, err := s.managedTeam(c)
	if err != nil {
		return err
	}
	l := lang(c)
	heat := r.heat("", r.sort(c.Query("sort")))
	head := []string{text.Say(l, "csv.name"), text.Say(l, "csv.role")}
	for _, g := range heat.Groups {
		for _, x := range g.Subs {
			head = append(head, x.ID+" "+x.Name)
		}
	}
	rows := [][]string{head}
	for _, m := range heat.Rows {
		row := []string{m.Person.Name, m.Role}
		for _, cell := range m.Cells {
			row = append(row, cell.Value)
		}
		rows = append(rows, row)
	}
	return sendCSV(c, "leida-"+r.of.Code, rows)
}

func sendCSV(c *gin.Context, name string, rows [][]string) error {
	data, err := csv.Write(rows)
	if err != nil {
		return err
	}
	c.Header("Content-Disposition", fmt.Sprintf("attachment; filename=%q", asciiName(name)+".csv"))
	c.Data(http.StatusOK, "text/csv; charset=utf-8", data)
	return nil
}

// personRadar and teamRadar are the radars as files that stand alone.
func (s *Server) personRadar(c *gin.Context) error {
	l := lang(c)
	r, err := s.reportAt(c)
	if err != nil {
		return err
	}
	who := r.person
	title := text.Say(l, "report.person.title", "name", who.Name)
	radar := radarOf(title, text.Say(l, "report.now", "name", who.Name), capabilityLines(&r.profile, r.model), (&personPage{}).choose(r, l), r.model, l)
	return sendSVG(c, "leida-"+who.Number, radar.File())
}

func (s *Server) teamRadar(c *gin.Context) error {
	r, _, err := s.managedTeam(c)
	if err != nil {
		return err
	}
	return sendSVG(c, "leida-"+r.of.Code, r.radar().File())
}

func sendSVG(c *gin.Context, name string, data []byte) error {
	if data == nil {
		return fault.New(fault.NotFound, "web.not_found")
	}
	c.Header("Content-Disposition", fmt.Sprintf("attachment; filename=%q", asciiName(name)+".svg"))
	c.Data(http.StatusOK, "image/svg+xml; charset=utf-8", data)
	return nil
}

// asciiName keeps letters, digits and hyphens of a file name; what else a number or code may hold is not trusted in a header.
func asciiName(s string) string {
	out := []rune{}
	for _, r := range s {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' {
			out = append(out, r)
		}
	}
	return string(out)
}

func decimal(x float64) string { return strconv.FormatFloat(x, 'f', 1, 64) }
