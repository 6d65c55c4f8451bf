package csv

import (
	"slices"
	"strings"
	"time"

	"leida/internal/fault"
	"leida/internal/org"
)

// rosterColumns are the columns of a roster by the names they may have.
var rosterColumns = map[string][]string{
	"number":      {"number", "employee_number", "工号", "员工号", "编号"},
	"name":        {"name", "姓名"},
	"team":        {"team", "团队", "班组", "部门"},
	"email":       {"email", "e-mail", "邮箱"},
	"job_profile": {"job_profile", "role", "岗位", "职位"},
	"active_from": {"active_from", "from", "入职", "入职日期", "开始日期"},
	"active_to":   {"active_to", "to", "离职", "离职日期", "结束日期"},
}

var rosterRequired = []string{"number", "name", "team"}

// RosterHead is the heading that a roster file is documented with.
var RosterHead = []string{"number", "name", "team", "email", "job_profile", "active_from", "active_to"}

// Roster reads rows of people: number, name and team are needed; a team is written from the centre down, as in 华东中心 > 一组. Dates are days in the zone; active_to is the last day.
// Rows that cannot be read are in the problems, by line; the error is for a file that is no roster at all.
func Roster(raw []byte, profiles map[string]string, zone *time.Location) ([]org.RosterRow, []org.RowProblem, error) {
	t, err := Read(raw)
	if err != nil {
		return nil, nil, err
	}
	at := map[string]int{}
	for name, also := range rosterColumns {
		at[name] = slices.IndexFunc(t.Head, func(h string) bool { return slices.Contains(also, strings.ToLower(h)) })
	}
	for _, name := range rosterRequired {
		if at[name] < 0 {
			return nil, nil, fault.New(fault.Invalid, "csv.column", "name", name, "also", rosterColumns[name], "found", t.Head)
		}
	}
	var rows []org.RosterRow
	var problems []org.RowProblem
	for i, cells := range t.Rows {
		r := rosterRow{cells: cells, at: at, line: t.Lines[i], zone: zone}
		row := r.read(profiles)
		problems = append(problems, r.problems...)
		if len(r.problems) == 0 {
			rows = append(rows, row)
		}
	}
	return rows, problems, nil
}

type rosterRow struct {
	cells    []string
	at       map[string]int
	line     int
	zone     *time.Location
	problems []org.RowProblem
}

func (r *rosterRow) cell(name string) string {
	if i := r.at[name]; i >= 0 && i < len(r.cells) {
		return r.cells[i]
	}
	return ""
}

func (r *rosterRow) read(profiles map[string]string) org.RosterRow {
	p := org.Person{Number: r.cell("number"), Name: r.cell("name"), Email: r.cell("email"), JobProfile: r.cell("job_profile")}
	if id, ok := profiles[org.Canonical(p.JobProfile)]; ok {
		p.JobProfile = id // people write the name
	}
	p.ActiveFrom = r.day("active_from")
	if last := r.day("active_to"); !last.IsZero() {
		p.ActiveTo = last.AddDate(0, 0, 1)
	}
	row := org.RosterRow{Line: r.line, Person: p}
	for part := range strings.FieldsFuncSeq(r.cell("team"), func(c rune) bool { return c == '>' || c == '/' || c == '》' }) {
		if part = strings.TrimSpace(part); part != "" {
			row.Team = append(row.Team, part)
		}
	}
	return row
}

var dayForms = []string{"2006-01-02", "2006/1/2", "2006.1.2", "2006年1月2日"}

func (r *rosterRow) day(name string) time.Time {
	s := r.cell(name)
	if s == "" {
		return time.Time{}
	}
	for _, f := range dayForms {
		if t, err := time.ParseInLocation(f, s, r.zone); err == nil && t.Year() >= 1950 && t.Year() <= 2100 {
			return t
		}
	}
	r.problems = append(r.problems, org.RowProblem{Line: r.line, Problem: fault.At(name, "csv.day", "got", s)})
	return time.Time{}
}
