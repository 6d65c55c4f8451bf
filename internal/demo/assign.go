package demo

import (
	"context"
	"encoding/json"
	"strconv"
	"time"

	"leida/internal/exam"
	"leida/internal/org"
	"leida/internal/store"
)

// given is an assignment with what the demonstration makes of it.
type given struct {
	assignment exam.Assignment
	form       form
	window     window
	round      int
}

// assign gives every form of every round to the whole centre, and the first of the coming quarter, which nobody can sit yet.
func (f *filler) assign(ctx context.Context) error {
	for i, r := range f.rounds {
		if err := f.Store.EnsureCycle(ctx, r.cycle); err != nil {
			return err
		}
		for k, w := range r.windows {
			if err := f.give(ctx, given{form: f.forms[k], window: w, round: i}); err != nil {
				return err
			}
		}
	}
	if len(f.forms) == 0 {
		return nil
	}
	next := org.Quarter(f.Now, f.Zone).To
	if err := f.give(ctx, given{form: f.forms[0], window: window{opens: at(next, 8, opening), closes: at(next, 22, ending)}, round: len(f.rounds)}); err != nil {
		return err
	}
	return f.allowTime(ctx)
}

// give makes an assignment in the cycle of its end, as the page of assignments does.
func (f *filler) give(ctx context.Context, g given) error {
	cycle := org.Quarter(g.window.closes, f.Zone)
	if err := f.Store.EnsureCycle(ctx, cycle); err != nil {
		return err
	}
	by, made := f.staff[trainer].ID, at(g.window.opens, -3, 10*time.Hour+7*time.Minute)
	if latest := at(f.today, -1, 16*time.Hour+20*time.Minute); made.After(latest) {
		made = latest
	}
	var err error
	g.assignment, err = f.Store.CreateAssignment(ctx, exam.Assignment{
		ID: f.id("assignment", g.form.ID, strconv.Itoa(g.round)), Assessment: g.form.ID, By: by, Opens: g.window.opens, Closes: g.window.closes,
		Cycle: cycle.ID, CreatedAt: made, Teams: []string{f.teams[centreCode].ID},
	})
	f.note(store.AuditEntry{Actor: by, Action: "assign", Object: "assignment", ObjectID: g.assignment.ID, At: made})
	f.given = append(f.given, g)
	return err
}

// allowTime gives extra time in the newest round to those who need it.
func (f *filler) allowTime(ctx context.Context) error {
	by := org.NewViewer(f.staff[trainer], "", []org.Grant{{Access: org.Trainer}}, f.tree)
	for _, a := range f.agents {
		for _, g := range f.given {
			if a.extraTime == 0 || g.round != len(f.rounds)-1 {
				continue
			}
			if err := f.Store.SetTimeFactor(ctx, by, g.assignment.ID, a.person.ID, a.extraTime); err != nil {
				return err
			}
			detail, err := json.Marshal(map[string]any{"person": a.person.ID, "factor": a.extraTime})
			if err != nil {
				return err
			}
			f.note(store.AuditEntry{Actor: by.Person.ID, Action: "time_factor", Object: "assignment", ObjectID: g.assignment.ID, At: g.assignment.CreatedAt.Add(time.Minute), Detail: detail})
		}
	}
	return nil
}
