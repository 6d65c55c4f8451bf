package web

import (
	"context"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"leida/internal/capability"
	"leida/internal/fault"
	"leida/internal/org"
	"leida/internal/profile"
	"leida/internal/store"
	"leida/internal/text"
)

// cyclesPage lists the cycles and closes those that are over.
type cyclesPage struct {
	frame
	Rows []cycleRow
}

type cycleRow struct {
	ID, Name string
	From, To time.Time
	Closed   time.Time
	CanClose bool
	Begun    bool
}

var _ = declare("cycles", &cyclesPage{})

func (s *Server) cycles(c *gin.Context) error {
	all, err := s.Store.Cycles(c)
	if err != nil {
		return err
	}
	p := &cyclesPage{}
	p.Title = text.Say(lang(c), "cycles.title")
	for _, x := range all {
		p.Rows = append(p.Rows, cycleRow{ID: x.ID, Name: x.Name.In(lang(c)), From: x.From, To: x.To.Add(-time.Second), Closed: x.ClosedAt, CanClose: canClose(x, s.Now()), Begun: !s.Now().Before(x.From)})
	}
	return s.render(c, "cycles", p)
}

func canClose(x org.Cycle, now time.Time) bool { return !x.Closed() && !now.Before(x.To) }

// closeCycle freezes everybody's profile as of the cycle's end. It is done once; reports of a closed cycle never move.
func (s *Server) closeCycle(c *gin.Context) error {
	id, now := c.Param("cycle"), s.Now()
	all, err := s.Store.Cycles(c)
	if err != nil {
		return err
	}
	var cycle *org.Cycle
	for i := range all {
		if all[i].ID == id {
			cycle = &all[i]
		}
	}
	switch {
	case cycle == nil:
		return fault.New(fault.NotFound, "web.not_found")
	case !canClose(*cycle, now):
		return fault.New(fault.Conflict, "cycles.not_over")
	}
	ctx := s.noting(c, store.AuditEntry{Action: "close", Object: "cycle", ObjectID: id})
	if err := CloseCycle(ctx, s.Store, s.Definitions.Current().Model, s.rules, *cycle, now); err != nil {
		return err
	}
	s.notice(c, "notice.cycle")
	c.Redirect(http.StatusSeeOther, "/admin/cycles")
	return nil
}

// CloseCycle freezes the profile of everybody who was in a team at the cycle's end, as of that end.
func CloseCycle(ctx context.Context, st *store.Store, m *capability.Model, rules profile.Rules, cycle org.Cycle, now time.Time) error {
	on, err := st.Ground(ctx) // before all that is read below
	if err != nil {
		return err
	}
	tree, err := st.Tree(ctx)
	if err != nil {
		return err
	}
	members, err := st.Members(ctx, allTeams(tree), cycle.To.Add(-time.Second))
	if err != nil {
		return err
	}
	ids := make([]string, len(members))
	for i, x := range members {
		ids[i] = x.Person.ID
	}
	evidence, err := st.EvidenceOfPeople(ctx, ids)
	if err != nil {
		return err
	}
	before, err := snapshotsBefore(ctx, st, ids, cycle.From)
	if err != nil {
		return err
	}
	out := map[string]profile.Snapshot{}
	for _, x := range members {
		var previous *profile.Snapshot
		if snap, ok := before[x.Person.ID]; ok {
			previous = &snap
		}
		p := profile.Of(m, rules, evidence[x.Person.ID], cycle.To, profile.Options{Role: x.Person.JobProfile, Previous: previous})
		out[x.Person.ID] = p.Freeze(cycle.ID)
	}
	return st.CloseCycle(ctx, cycle.ID, now, out, on)
}

// snapshotsBefore are people's snapshots of the last cycle that had closed, or ended, by a time.
func snapshotsBefore(ctx context.Context, st *store.Store, people []string, at time.Time) (map[string]profile.Snapshot, error) {
	cycle, ok, err := st.LastClosed(ctx, at)
	if err != nil || !ok {
		return nil, err
	}
	return st.Snapshots(ctx, cycle.ID, people)
}
