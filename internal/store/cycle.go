package store

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"time"

	"gorm.io/gorm"

	"leida/internal/fault"
	"leida/internal/org"
	"leida/internal/profile"
	"leida/internal/text"
)

type cycleRow struct {
	ID       string
	NameZH   string `gorm:"column:name_zh"`
	NameEN   string `gorm:"column:name_en"`
	StartsAt moment
	EndsAt   moment
	ClosedAt moment
}

func (cycleRow) TableName() string { return "cycles" }

func cycleOf(r cycleRow) org.Cycle {
	return org.Cycle{ID: r.ID, Name: text.Text{ZH: r.NameZH, EN: r.NameEN}, From: r.StartsAt.Time, To: r.EndsAt.Time, ClosedAt: r.ClosedAt.Time}
}

// Cycles are all cycles, the newest first.
func (s *Store) Cycles(ctx context.Context) ([]org.Cycle, error) {
	var rows []cycleRow
	err := s.reader(ctx).Order("starts_at DESC").Find(&rows).Error
	out := make([]org.Cycle, len(rows))
	for i, r := range rows {
		out[i] = cycleOf(r)
	}
	return out, translate("cycles", err)
}

// EnsureCycle adds a cycle if there is none of its id; one that is there stays as it is. Cycles never overlap.
func (s *Store) EnsureCycle(ctx context.Context, c org.Cycle) error {
	return s.tx(ctx, "ensure cycle", func(tx *gorm.DB) error {
		var clash []cycleRow
		err := tx.Where("id = ? OR (starts_at < ? AND ends_at > ?)", c.ID, c.To.UnixMilli(), c.From.UnixMilli()).Find(&clash).Error
		switch {
		case err != nil:
			return err
		case slices.ContainsFunc(clash, func(r cycleRow) bool { return r.ID == c.ID }):
			return nil
		case len(clash) > 0:
			return fault.New(fault.Conflict, "store.cycle_overlaps", "other", cycleOf(clash[0]).Name)
		}
		return tx.Create(&cycleRow{c.ID, c.Name.ZH, c.Name.EN, stamp(c.From), stamp(c.To), moment{}}).Error
	})
}

// CycleAt is the cycle of a time; ok is false outside any.
func (s *Store) CycleAt(ctx context.Context, t time.Time) (c org.Cycle, ok bool, err error) {
	return s.cycle(ctx, "starts_at <= ? AND ends_at > ?", t.UnixMilli(), t.UnixMilli())
}

// LastClosed is the newest closed cycle among those that began before a time. For a closing cycle hand in its From, for a profile of today now.
func (s *Store) LastClosed(ctx context.Context, before time.Time) (c org.Cycle, ok bool, err error) {
	return s.cycle(ctx, "closed_at IS NOT NULL AND starts_at < ?", before.UnixMilli())
}

func (s *Store) cycle(ctx context.Context, where string, args ...any) (org.Cycle, bool, error) {
	var r cycleRow
	err := s.reader(ctx).Where(where, args...).Order("starts_at DESC").Take(&r).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return org.Cycle{}, false, nil
	}
	return cycleOf(r), err == nil, translate("cycle", err)
}

type snapshotRow struct {
	CycleID     string
	PersonID    string
	Revision    int
	Body        string
	RescoringID reference // that wrote the revision
	Undo        bool      // by being taken back
}

func (snapshotRow) TableName() string { return "snapshots" }

func rowOfSnapshot(cycle, person string, snap profile.Snapshot) (snapshotRow, error) {
	body, err := json.Marshal(docOf(snap))
	return snapshotRow{CycleID: cycle, PersonID: person, Revision: snap.Revision, Body: string(body)}, err
}

// Ground counts what the snapshots of a closing cycle rest on and others may move: results that rescorings wrote, with the snapshots that they revised, and closed cycles. Neither is
// ever taken away, so that equal counts say that nothing moved.
type Ground struct{ Rescored, Closed int64 }

// Ground is to be asked before anything is read that CloseCycle will freeze.
func (s *Store) Ground(ctx context.Context) (Ground, error) {
	g, err := ground(s.reader(ctx))
	return g, translate("ground", err)
}

func ground(db *gorm.DB) (g Ground, err error) {
	err = db.Raw("SELECT (SELECT count(*) FROM results WHERE rescoring_id IS NOT NULL) AS rescored, (SELECT count(*) FROM cycles WHERE closed_at IS NOT NULL) AS closed").Scan(&g).Error
	return g, err
}

// CloseCycle closes a cycle and freezes the profiles of people with it. It works once, and not beside a rescoring; nor where one was at work, or another cycle was closed, since the ground
// was asked for that the profiles stand on: what was taken away must not be frozen, and levels hold on to the cycle before as it is now.
func (s *Store) CloseCycle(ctx context.Context, id string, at time.Time, snapshots map[string]profile.Snapshot, on Ground) error {
	rows := make([]snapshotRow, 0, len(snapshots))
	for person, snap := range snapshots {
		row, err := rowOfSnapshot(id, person, snap)
		if err != nil {
			return translate("close cycle", err)
		}
		rows = append(rows, row)
	}
	var rests []string
	for _, person := range slices.Sorted(maps.Keys(snapshots)) {
		rests = append(rests, snapshots[person].Evidence...)
	}
	return s.tx(ctx, "close cycle", func(tx *gorm.DB) error {
		var c cycleRow
		if err := tx.Where("id = ?", id).Take(&c).Error; err != nil {
			return err
		}
		if !c.ClosedAt.IsZero() {
			return fault.New(fault.Conflict, "store.cycle_closed")
		}
		var moving int64
		if err := tx.Model(&rescoringRow{}).Where("state IN ?", []RescoringState{Applying, Undoing}).Count(&moving).Error; err != nil {
			return err
		}
		now, err := ground(tx)
		if err != nil {
			return err
		}
		if now != on {
			moving++
		}
		for ids := range slices.Chunk(rests, batchRows) {
			var void int64
			if err := tx.Model(&evidenceRow{}).Where("id IN ? AND void = ?", ids, true).Count(&void).Error; err != nil {
				return err
			}
			moving += void
		}
		if moving > 0 {
			return fault.New(fault.Conflict, "store.cycle_moving")
		}
		if err := tx.Model(&cycleRow{}).Where("id = ?", id).Update("closed_at", stamp(at)).Error; err != nil || len(rows) == 0 {
			return err
		}
		return tx.CreateInBatches(&rows, batchRows).Error
	})
}

// Snapshots are the frozen profiles of some people in a cycle, by person, each in its newest revision. Who has none is absent. No scope applies.
func (s *Store) Snapshots(ctx context.Context, cycle string, people []string) (map[string]profile.Snapshot, error) {
	var rows []snapshotRow
	err := s.reader(ctx).Where("cycle_id = ? AND person_id IN ?", cycle, people).Order("revision").Find(&rows).Error
	if err != nil {
		return nil, translate("snapshots", err)
	}
	out := make(map[string]profile.Snapshot, len(rows))
	for _, r := range rows {
		if out[r.PersonID], err = r.snapshot(); err != nil {
			return nil, translate("snapshots", err)
		}
	}
	return out, nil
}

func (r snapshotRow) snapshot() (profile.Snapshot, error) {
	var d snapshotDoc
	err := json.Unmarshal([]byte(r.Body), &d)
	return d.snapshot(), err
}
