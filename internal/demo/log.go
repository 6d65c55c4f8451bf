package demo

import (
	"cmp"
	"context"
	"slices"
	"time"

	"leida/internal/store"
)

// lookAround is managers reading reports; whoever was looked at can see it.
func (f *filler) lookAround(context.Context) error {
	for i, a := range f.agents {
		r := f.rand("look", a.person.Number)
		by := []string{director}
		if a.team.Code == managed {
			by = append(by, teamManager)
		}
		for k, number := range by {
			if i > 0 && r.IntN(3) > 0 {
				continue
			}
			day := at(f.today, -1-r.IntN(12), 0)
			f.note(store.AuditEntry{Actor: f.staff[number].ID, Action: "report.view", Object: "person", ObjectID: a.person.ID,
				At: day.Add(time.Duration(10+k)*time.Hour + time.Duration(r.IntN(3000))*time.Second)})
		}
	}
	return nil
}

func (f *filler) note(e store.AuditEntry) { f.audit = append(f.audit, e) }

// writeAudit writes the log in the order in which things happened.
func (f *filler) writeAudit(ctx context.Context) error {
	for _, r := range f.rounds {
		if !r.closing.IsZero() {
			f.note(store.AuditEntry{Actor: f.staff[admin].ID, Action: "close", Object: "cycle", ObjectID: r.cycle.ID, At: r.closing})
		}
	}
	slices.SortFunc(f.audit, func(a, b store.AuditEntry) int {
		return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Action, b.Action), cmp.Compare(a.ObjectID, b.ObjectID), cmp.Compare(a.Actor, b.Actor), cmp.Compare(string(a.Detail), string(b.Detail)))
	})
	for _, e := range f.audit {
		if err := f.Store.Audit(ctx, e); err != nil {
			return err
		}
	}
	return nil
}
