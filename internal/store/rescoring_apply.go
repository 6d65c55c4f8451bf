package store

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"gorm.io/gorm"

	"leida/internal/exam"
	"leida/internal/fault"
	"leida/internal/profile"
)

// StartRescoring lets the server apply a plan. e names who and in which request. It is refused where a rescoring was at work, or a cycle was closed, since the ground was asked for that the plan
// was looked into on.
func (s *Store) StartRescoring(ctx context.Context, id string, on Ground, e AuditEntry) error {
	return s.tx(ctx, "start rescoring", func(tx *gorm.DB) error {
		r, err := idle(tx, id, "rescore.not_planned", Planned)
		if err != nil {
			return err
		}
		now, err := ground(tx)
		if err != nil {
			return err
		}
		if now != on {
			return fault.New(fault.Conflict, "rescore.moved")
		}
		return s.begin(tx, r, Applying, "left_as_was = ''", "rescore.apply", e)
	})
}

// returnable are the states in which a rescoring can be taken back.
var returnable = []RescoringState{Applied, Cancelled, Failed}

// UndoRescoring lets the server take back one that was applied.
func (s *Store) UndoRescoring(ctx context.Context, id string, e AuditEntry) error {
	return s.tx(ctx, "undo rescoring", func(tx *gorm.DB) error {
		r, err := idle(tx, id, "rescore.not_applied", returnable...)
		if err != nil {
			return err
		}
		var later int64
		err = tx.Model(&rescoringRow{}).Where("item_id = ? AND id <> ? AND state IN ? AND started_at >= ?", r.Item, id, returnable, stamp(r.Started)).Count(&later).Error
		if err != nil {
			return err
		}
		if later > 0 {
			return fault.New(fault.Conflict, "rescore.not_newest")
		}
		if err := s.dropPlans(tx, r.Item); err != nil {
			return err
		}
		return s.begin(tx, r, Undoing, "written IS NOT NULL AND unwritten IS NULL", "rescore.undo", e)
	})
}

// idle is a rescoring in one of some states, while none is at work.
func idle(tx *gorm.DB, id, refusal string, from ...RescoringState) (Rescoring, error) {
	r, err := rescoringAt(tx, "start rescoring", id)
	if err != nil {
		return r, err
	}
	if !slices.Contains(from, r.State) {
		return r, fault.New(fault.Conflict, refusal)
	}
	var busy int64
	if err := tx.Model(&rescoringRow{}).Where("state IN ?", []RescoringState{Applying, Undoing}).Count(&busy).Error; err != nil {
		return r, err
	}
	if busy > 0 {
		return r, fault.New(fault.Conflict, "rescore.busy")
	}
	return r, nil
}

// begin sets the server to work on the lines of a rescoring that todo chooses.
func (s *Store) begin(tx *gorm.DB, r Rescoring, to RescoringState, todo, action string, e AuditEntry) error {
	var total int64
	if err := tx.Model(&lineRow{}).Where("rescoring_id = ?", r.ID).Where(todo).Count(&total).Error; err != nil {
		return err
	}
	if err := inState(tx, r.ID, r.State, map[string]any{"state": to, "started_at": stamp(s.now()), "ended_at": nil, "total": total, "done": 0}); err != nil {
		return err
	}
	return s.appendAudit(tx, who(e, r.entry(action)))
}

func who(e, what AuditEntry) AuditEntry {
	what.Actor, what.RequestID, what.At = e.Actor, e.RequestID, e.At
	return what
}

// StopRescoring cancels what is being applied, or drops a plan. What has been written stays, whole sittings at a time, and can be taken back.
func (s *Store) StopRescoring(ctx context.Context, id string, e AuditEntry) error {
	return s.tx(ctx, "stop rescoring", func(tx *gorm.DB) error {
		r, err := rescoringAt(tx, "stop rescoring", id)
		if err != nil {
			return err
		}
		to := map[RescoringState]RescoringState{Planning: Dropped, Planned: Dropped, Applying: Cancelled}[r.State]
		if to == "" {
			return fault.New(fault.Conflict, "rescore.not_running")
		}
		if err := inState(tx, id, r.State, map[string]any{"state": to, "ended_at": stamp(s.now())}); err != nil {
			return err
		}
		action := "rescore.cancel"
		if to == Dropped {
			action = "rescore.drop"
		}
		return s.appendAudit(tx, who(e, r.entry(action)))
	})
}

// Rewrite is a batch of a rescoring's work: the next revisions of some sittings, the evidence that takes the place of the item's, and the snapshots that follow from it.
type Rewrite struct {
	Results   []*exam.Result
	Evidence  []profile.Evidence                     // new records
	Snapshots map[string]map[string]profile.Snapshot // by cycle and person
	Fresh     exam.Versions
}

// RewriteResults writes a batch in one transaction, and says how far it has come: every sitting of it is wholly new or wholly old. It fails with Stopped where the rescoring was cancelled, and
// with a conflict where a sitting has another newest result than its plan looked at.
func (s *Store) RewriteResults(ctx context.Context, r Rescoring, b Rewrite) error {
	rows := make([]resultRow, len(b.Results))
	if err := Side(len(rows), func(i int) (err error) { rows[i], err = rowOfResult(b.Results[i]); return }); err != nil {
		return err
	}
	evidence := make([]evidenceRow, len(b.Evidence))
	for i, e := range b.Evidence {
		evidence[i] = rowOfEvidence(e)
	}
	var snapshots []snapshotRow
	for _, cycle := range slices.Sorted(maps.Keys(b.Snapshots)) {
		for _, person := range slices.Sorted(maps.Keys(b.Snapshots[cycle])) {
			row, err := rowOfSnapshot(cycle, person, b.Snapshots[cycle][person])
			if err != nil {
				return err
			}
			row.RescoringID, row.Undo = reference(r.ID), r.State == Undoing
			snapshots = append(snapshots, row)
		}
	}
	mark := "written"
	if r.State == Undoing {
		mark = "unwritten"
	}
	ids := make([]string, len(rows))
	for i := range rows {
		ids[i] = rows[i].SittingID
	}
	return s.tx(ctx, "rewrite results", func(tx *gorm.DB) error {
		if err := inState(tx, r.ID, r.State, map[string]any{"done": gorm.Expr("done + ?", len(rows))}); err != nil {
			return err
		}
		var newest []struct {
			SittingID string
			Revision  int
		}
		if err := tx.Raw("SELECT sitting_id, max(revision) AS revision FROM results WHERE sitting_id IN ? GROUP BY sitting_id", ids).Scan(&newest).Error; err != nil {
			return err
		}
		at := map[string]int{}
		for _, n := range newest {
			at[n.SittingID] = n.Revision
		}
		for _, row := range rows {
			if at[row.SittingID] != row.Revision-1 {
				return fmt.Errorf("sitting %s: revision %d does not follow %d", row.SittingID, row.Revision, at[row.SittingID])
			}
		}
		if err := addTexts(tx, b.Fresh); err != nil {
			return err
		}
		if err := tx.CreateInBatches(slices.Clone(rows), batchRows).Error; err != nil {
			return err
		}
		if err := tx.Exec("UPDATE rescoring_lines SET "+mark+" = (SELECT max(x.revision) FROM results x WHERE x.sitting_id = rescoring_lines.sitting_id) WHERE rescoring_id = ? AND sitting_id IN ?", r.ID, ids).Error; err != nil {
			return err
		}
		for _, row := range places(b.Results, r.Item) {
			if err := one(tx.Exec("UPDATE slots SET score = ?, critical = ? WHERE sitting_id = ? AND n = ?", row.Score, row.Critical, row.SittingID, row.N)); err != nil {
				return err
			}
		}
		err := tx.Exec("UPDATE sittings SET score = (SELECT x.score FROM results x WHERE x.sitting_id = sittings.id AND x.revision = (SELECT max(y.revision) FROM results y WHERE y.sitting_id = sittings.id)) WHERE id IN ?", ids).Error
		if err != nil {
			return err
		}
		if err := tx.Exec("UPDATE evidence SET void = ? WHERE sitting_id IN ? AND item_id = ? AND source = ? AND void = ?", true, ids, r.Item, profile.Quiz, false).Error; err != nil {
			return err
		}
		if len(evidence) > 0 {
			if err := tx.CreateInBatches(slices.Clone(evidence), batchRows).Error; err != nil {
				return err
			}
		}
		if len(snapshots) == 0 {
			return nil
		}
		return tx.CreateInBatches(slices.Clone(snapshots), batchRows).Error
	})
}

// places are the slots of an item in some results.
func places(results []*exam.Result, item string) []slotRow {
	var out []slotRow
	for _, r := range results {
		for n, p := range r.Places {
			if p.Item.ID == item {
				out = append(out, slotRow{SittingID: r.Sitting, N: n, Score: unrounded(p.Score, 1), Critical: joined(p.Critical)})
			}
		}
	}
	return out
}

// EndRescoring says that all is written.
func (s *Store) EndRescoring(ctx context.Context, r Rescoring) error {
	to, action := Applied, "rescore.end"
	if r.State == Undoing {
		to, action = Undone, "rescore.undone"
	}
	return s.tx(ctx, "end rescoring", func(tx *gorm.DB) error {
		if err := inState(tx, r.ID, r.State, map[string]any{"state": to, "ended_at": stamp(s.now())}); err != nil {
			return err
		}
		now, err := rescoringAt(tx, "end rescoring", r.ID)
		if err != nil {
			return err
		}
		return s.appendAudit(tx, now.entry(action))
	})
}
