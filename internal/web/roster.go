package web

import (
	"context"
	"encoding/base64"
	"errors"
	"io"
	"net/http"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"leida/internal/capability"
	"leida/internal/exchange/csv"
	"leida/internal/fault"
	"leida/internal/org"
	"leida/internal/store"
	"leida/internal/text"
)

// rosterPage imports people: first a dry run that says row by row what would happen, then the import itself.
type rosterPage struct {
	frame
	Problem  string
	Plan     *org.RosterPlan
	Changes  []org.RosterChange // those that do something, the first of them
	Problems []rosterProblem    // the first of them
	More     int                // problems beyond those shown
	File     string             // the file itself, to be sent again on confirmation
	Head     []string
	Joins    int
	Renames  int
	Moves    int
	Same     int
}

type rosterProblem struct {
	Line           int
	Field, Message string
}

var _ = declare("roster", &rosterPage{})

// rosterKinds are the endings that a roster file may have; what is in it is looked at all the same.
var rosterKinds = []string{".csv", ".txt"}

const (
	rosterChangesShown  = 200
	rosterProblemsShown = 100
	maxRoster           = maxUpload * 5 / 8 // bytes; a confirmation sends the file back in base64, of letters that a form need not escape
)

func (s *Server) rosterForm(c *gin.Context) error {
	return s.rosterAgain(c, http.StatusOK, &rosterPage{})
}

func (s *Server) rosterAgain(c *gin.Context, status int, p *rosterPage) error {
	p.Title, p.Head = text.Say(lang(c), "roster.title"), csv.RosterHead
	return s.renderStatus(c, status, "roster", p)
}

// importRoster plans an uploaded file, or applies one whose plan was confirmed. The plan is made again then: what counts is what is true now.
func (s *Server) importRoster(c *gin.Context) error {
	l := lang(c)
	raw, confirmed, err := rosterFile(c)
	if err != nil {
		if f := fault.As(err); f != nil && f.Kind == fault.Invalid {
			return s.rosterAgain(c, http.StatusUnprocessableEntity, &rosterPage{Problem: text.Say(l, f.Key, f.Args)})
		}
		return err
	}
	plan, err := PlanRoster(c, s.Store, s.Definitions.Current().Model, raw, s.Now(), s.Zone)
	if err != nil {
		if f := fault.As(err); f != nil && f.Kind != fault.Internal {
			return s.rosterAgain(c, statuses[f.Kind], &rosterPage{Problem: text.Say(l, f.Key, f.Args)})
		}
		return err
	}
	if confirmed && len(plan.Problems) == 0 {
		ctx := s.noting(c, store.AuditEntry{Action: "roster", Object: "centre", Detail: detail("join", plan.Count(org.Join), "rename", plan.Count(org.Rename), "move", plan.Count(org.Move))})
		if err := s.Store.ApplyRoster(ctx, plan, s.Now()); err != nil {
			return err
		}
		s.notice(c, "notice.roster")
		c.Redirect(http.StatusSeeOther, "/admin/people")
		return nil
	}
	status := http.StatusOK
	if len(plan.Problems) > 0 {
		status = http.StatusUnprocessableEntity
	}
	return s.rosterAgain(c, status, planPage(plan, raw, l))
}

func planPage(plan org.RosterPlan, raw []byte, l text.Lang) *rosterPage {
	p := &rosterPage{Plan: &plan, Joins: plan.Count(org.Join), Renames: plan.Count(org.Rename), Moves: plan.Count(org.Move), Same: plan.Count(org.Same)}
	for _, c := range plan.Changes {
		if c.Kinds[0] != org.Same && len(p.Changes) < rosterChangesShown {
			p.Changes = append(p.Changes, c)
		}
	}
	for i, x := range plan.Problems {
		if i == rosterProblemsShown {
			p.More = len(plan.Problems) - i
			break
		}
		p.Problems = append(p.Problems, rosterProblem{x.Line, x.Path, text.Problem(l, x.Problem)})
	}
	if len(plan.Problems) == 0 {
		p.File = base64.RawURLEncoding.EncodeToString(raw)
	}
	return p
}

// rosterFile is the uploaded file, or the one that a confirmation sends back.
func rosterFile(c *gin.Context) (raw []byte, confirmed bool, err error) {
	if again := c.PostForm("again"); again != "" {
		raw, err = base64.RawURLEncoding.DecodeString(again)
		if err != nil {
			return nil, false, fault.New(fault.BadRequest, "web.form").Because(err)
		}
		return raw, true, nil
	}
	file, err := c.FormFile("file")
	switch {
	case errors.Is(err, http.ErrMissingFile):
		return nil, false, fault.New(fault.Invalid, "roster.no_file")
	case err != nil:
		return nil, false, badForm(err)
	case len(c.Request.MultipartForm.File["file"]) > 1:
		return nil, false, fault.New(fault.BadRequest, "web.form")
	case file.Size > maxRoster:
		return nil, false, fault.New(fault.TooLarge, "web.too_large", "max", maxRoster)
	}
	if !slices.Contains(rosterKinds, strings.ToLower(path.Ext(file.Filename))) {
		return nil, false, fault.New(fault.Invalid, "roster.kind_of_file", "known", rosterKinds)
	}
	in, err := file.Open()
	if err != nil {
		return nil, false, err
	}
	defer in.Close()
	raw, err = io.ReadAll(in)
	return raw, false, err
}

// PlanRoster compares a roster file with the database.
func PlanRoster(ctx context.Context, st *store.Store, m *capability.Model, raw []byte, now time.Time, zone *time.Location) (org.RosterPlan, error) {
	profiles, names := jobProfiles(m)
	rows, problems, err := csv.Roster(raw, names, zone)
	if err != nil {
		return org.RosterPlan{}, err
	}
	known, err := st.Roster(ctx)
	if err != nil {
		return org.RosterPlan{}, err
	}
	plan := org.PlanRoster(known, rows, profiles, now)
	plan.Problems = append(problems, plan.Problems...)
	return plan, nil
}

// jobProfiles are the model's roles, and by every name they go by.
func jobProfiles(m *capability.Model) (ids []string, byName map[string]string) {
	byName = map[string]string{}
	for _, r := range m.Roles {
		ids = append(ids, r.ID)
		byName[org.Canonical(r.ID)] = r.ID
		byName[org.Canonical(r.Name.ZH)] = r.ID
		byName[org.Canonical(r.Name.EN)] = r.ID
	}
	return ids, byName
}
