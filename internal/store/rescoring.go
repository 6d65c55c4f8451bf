package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"gorm.io/gorm"

	"leida/internal/assessment"
	"leida/internal/exam"
	"leida/internal/fault"
)

// RescoringState is where a rescoring stands.
type RescoringState string

const (
	Planning  RescoringState = "planning"  // the server works out what would change
	Planned   RescoringState = "planned"   // somebody should look at it
	Applying  RescoringState = "applying"  // the server writes it
	Applied   RescoringState = "applied"   // done
	Cancelled RescoringState = "cancelled" // stopped on the way: some sittings are wholly new, the others wholly old
	Undoing   RescoringState = "undoing"   // the server takes it back
	Undone    RescoringState = "undone"
	Dropped   RescoringState = "dropped" // planned and not wanted
	Failed    RescoringState = "failed"
)

// UnderWay reports whether the server is at work on it.
func (s RescoringState) UnderWay() bool { return s == Planning || s == Applying || s == Undoing }

// Rescoring is a corrected item being carried through what was sat.
type Rescoring struct {
	ID      string
	Item    string // id
	Rule    exam.Rule
	Reason  string
	Newest  string // hash of the version to mark by
	Version int
	State   RescoringState
	By      string // person, or the name of a tool
	At      time.Time
	Started time.Time // of applying or taking back
	Ended   time.Time
	Total   int // sittings to go through in this state
	Done    int
	Counts  RescoringCounts
	Digest  string // of what the plan rests on
}

// RescoringCounts sum up a plan.
type RescoringCounts struct {
	Sittings   int `json:"sittings"` // submitted ones with the item
	People     int `json:"people"`   // for whom something changes
	Changed    int `json:"changed"`
	Rises      int `json:"rises"` // of the score
	Falls      int `json:"falls"` // of anything
	Left       int `json:"left"`
	Open       int `json:"open"` // under way with an older version: marked by it when they are handed in
	LevelsUp   int `json:"levels_up"`
	LevelsDown int `json:"levels_down"`
	Passes     int `json:"passes"` // gained
	Fails      int `json:"fails"`  // passes lost
}

type rescoringRow struct {
	ID        string
	ItemID    string
	Rule      exam.Rule
	Reason    string
	Newest    string
	Version   int
	State     RescoringState
	MadeBy    string
	MadeAt    moment
	StartedAt moment
	EndedAt   moment
	Total     int
	Done      int
	Counts    string
	Digest    string
}

func (rescoringRow) TableName() string { return "rescorings" }

func (r rescoringRow) rescoring() (Rescoring, error) {
	out := Rescoring{ID: r.ID, Item: r.ItemID, Rule: r.Rule, Reason: r.Reason, Newest: r.Newest, Version: r.Version, State: r.State, By: r.MadeBy, At: r.MadeAt.Time,
		Started: r.StartedAt.Time, Ended: r.EndedAt.Time, Total: r.Total, Done: r.Done, Digest: r.Digest}
	return out, json.Unmarshal([]byte(r.Counts), &out.Counts)
}

// PlanRescoring begins a rescoring: the server will work out what it would change. An older plan for the item that nobody applied is dropped.
func (s *Store) PlanRescoring(ctx context.Context, r Rescoring, newest assessment.Source, e AuditEntry) (Rescoring, error) {
	r.ID, r.State = s.NewID(), Planning
	err := s.tx(ctx, "plan rescoring", func(tx *gorm.DB) error {
		var busy int64
		if err := tx.Model(&rescoringRow{}).Where("item_id = ? AND state IN ?", r.Item, []RescoringState{Applying, Undoing}).Count(&busy).Error; err != nil {
			return err
		}
		if busy > 0 {
			return fault.New(fault.Conflict, "rescore.busy")
		}
		if err := s.dropPlans(tx, r.Item); err != nil {
			return err
		}
		if err := saveSources(tx, []assessment.Source{newest}); err != nil {
			return err
		}
		err := tx.Create(&rescoringRow{ID: r.ID, ItemID: r.Item, Rule: r.Rule, Reason: r.Reason, Newest: r.Newest, Version: r.Version, State: r.State,
			MadeBy: r.By, MadeAt: stamp(r.At), Counts: "{}"}).Error
		if err != nil {
			return err
		}
		return s.appendAudit(tx, who(e, r.entry("rescore.plan")))
	})
	return r, err
}

// dropPlans drops what was planned for an item and not applied: it would no longer hold.
func (s *Store) dropPlans(tx *gorm.DB, item string) error {
	return tx.Model(&rescoringRow{}).Where("item_id = ? AND state IN ?", item, []RescoringState{Planning, Planned}).
		Updates(map[string]any{"state": Dropped, "ended_at": stamp(s.now())}).Error
}

// Rescoring is one rescoring. No scope applies: the route table says who may ask.
func (s *Store) Rescoring(ctx context.Context, id string) (Rescoring, error) {
	return rescoringAt(s.reader(ctx), "rescoring", id)
}

func rescoringAt(db *gorm.DB, op, id string) (Rescoring, error) {
	var row rescoringRow
	if err := db.Where("id = ?", id).Take(&row).Error; err != nil {
		return Rescoring{}, translate(op, err)
	}
	r, err := row.rescoring()
	return r, translate(op, err)
}

// Rescorings are those of an item, or all where it is empty, the newest first; plans that were dropped are not among them.
func (s *Store) Rescorings(ctx context.Context, item string) ([]Rescoring, error) {
	q := s.reader(ctx).Where("state <> ?", Dropped)
	if item != "" {
		q = q.Where("item_id = ?", item)
	}
	var rows []rescoringRow
	if err := q.Order("made_at DESC, id").Limit(MaxLimit).Find(&rows).Error; err != nil {
		return nil, translate("rescorings", err)
	}
	out := make([]Rescoring, len(rows))
	for i, r := range rows {
		var err error
		if out[i], err = r.rescoring(); err != nil {
			return nil, translate("rescorings", err)
		}
	}
	return out, nil
}

// NextRescoring is the oldest that the server should be at work on; ok is false where there is none.
func (s *Store) NextRescoring(ctx context.Context) (r Rescoring, ok bool, err error) {
	var row rescoringRow
	err = s.reader(ctx).Where("state IN ?", []RescoringState{Planning, Applying, Undoing}).Order("made_at, id").Take(&row).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return r, false, nil
	}
	if err == nil {
		r, err = row.rescoring()
	}
	return r, err == nil, translate("next rescoring", err)
}

// Affected are the submitted sittings with an item, person by person, and how many are still open with another version than the newest. The digest is of all that a plan rests on: these sittings
// with their newest results, the closed cycles, these people's snapshots, and by, which names what levels are reckoned with. As long as it is the same, so is the plan, but for what the days and
// papers without the item bring, which move the levels of today with or without it. Ask for it before anything else is read: what comes in meanwhile then makes the plan one that no longer holds.
func (s *Store) Affected(ctx context.Context, r Rescoring, by string) (sittings []AffectedSitting, open int, digest string, err error) {
	const onPaper = "FROM slots x JOIN sittings s ON s.id = x.sitting_id WHERE x.item_hash IN (SELECT hash FROM definitions WHERE definition = ?) AND x.item_id = ?"
	h := sha256.New()
	fmt.Fprintf(h, "%s %s %s %s\n", r.Item, r.Rule, r.Newest, by)
	// Snapshots are added and never taken away: among the same people an equal count says that nothing moved.
	var on struct{ Closed, Snapshots int64 }
	err = s.reader(ctx).Raw("SELECT (SELECT count(*) FROM cycles WHERE closed_at IS NOT NULL) AS closed, (SELECT count(*) FROM snapshots WHERE person_id IN (SELECT s.person_id "+onPaper+" AND s.state = ?)) AS snapshots",
		r.Item, r.Item, exam.Submitted).Scan(&on).Error
	if err != nil {
		return nil, 0, "", translate("affected", err)
	}
	fmt.Fprintf(h, "%d %d\n", on.Closed, on.Snapshots)
	rows, err := s.reader(ctx).Raw("SELECT s.person_id, s.id, r.revision, r.hash FROM slots x JOIN sittings s ON s.id = x.sitting_id JOIN results r ON r.sitting_id = s.id "+
		"AND r.revision = (SELECT max(y.revision) FROM results y WHERE y.sitting_id = s.id) WHERE x.item_hash IN (SELECT hash FROM definitions WHERE definition = ?) AND x.item_id = ? AND s.state = ? ORDER BY s.person_id, s.id",
		r.Item, r.Item, exam.Submitted).Rows()
	if err != nil {
		return nil, 0, "", translate("affected", err)
	}
	defer rows.Close()
	for rows.Next() {
		var a AffectedSitting
		var hash []byte
		if err := rows.Scan(&a.Person, &a.Sitting, &a.Revision, &hash); err != nil {
			return nil, 0, "", translate("affected", err)
		}
		fmt.Fprintf(h, "%s %d %x\n", a.Sitting, a.Revision, hash)
		sittings = append(sittings, a)
	}
	if err := rows.Err(); err != nil {
		return nil, 0, "", translate("affected", err)
	}
	err = s.reader(ctx).Raw("SELECT count(*) "+onPaper+" AND s.state = ? AND x.item_hash <> ?", r.Item, r.Item, exam.Live, r.Newest).Scan(&open).Error
	return sittings, open, hex.EncodeToString(h.Sum(nil)), translate("affected", err)
}

// AffectedSitting is a sitting with its newest revision.
type AffectedSitting struct {
	Person, Sitting string
	Revision        int
}

// NewestResults are the newest results of some sittings, by sitting, opened at an item (exam.OpenResult). No scope applies.
func (s *Store) NewestResults(ctx context.Context, item string, sittings []string) (map[string]*exam.Result, error) {
	return s.results(ctx, item, "SELECT * FROM results r WHERE r.sitting_id IN ? AND r.revision = (SELECT max(x.revision) FROM results x WHERE x.sitting_id = r.sitting_id)", sittings)
}

// ResultsBefore are, for sittings that a rescoring was applied to, the results that its plan looked at, opened at its item.
func (s *Store) ResultsBefore(ctx context.Context, r Rescoring, sittings []string) (map[string]*exam.Result, error) {
	return s.results(ctx, r.Item, "SELECT r.* FROM results r JOIN rescoring_lines l ON l.sitting_id = r.sitting_id AND l.revision = r.revision WHERE l.rescoring_id = ? AND r.sitting_id IN ?", r.ID, sittings)
}

func (s *Store) results(ctx context.Context, item, query string, args ...any) (map[string]*exam.Result, error) {
	var rows []resultRow
	if err := s.reader(ctx).Raw(query, args...).Scan(&rows).Error; err != nil {
		return nil, translate("results", err)
	}
	out := make(map[string]*exam.Result, len(rows))
	read := make([]*exam.Result, len(rows))
	err := Side(len(rows), func(i int) (err error) { read[i], err = rows[i].open(item); return })
	for i := range read {
		if read[i] != nil {
			out[rows[i].SittingID] = read[i]
		}
	}
	return out, translate("results", err)
}

// RestartPlan empties a plan that was begun and not finished, as after a crash.
func (s *Store) RestartPlan(ctx context.Context, id string, total int) error {
	return s.tx(ctx, "restart plan", func(tx *gorm.DB) error {
		if err := inState(tx, id, Planning, map[string]any{"total": total, "done": 0}); err != nil {
			return err
		}
		return tx.Where("rescoring_id = ?", id).Delete(&lineRow{}).Error
	})
}

// AddPlan adds lines to a plan and says how far it has come. It fails with Stopped where the plan was dropped meanwhile.
func (s *Store) AddPlan(ctx context.Context, id string, lines []RescoringLine, done int) error {
	rows := make([]lineRow, len(lines))
	for i, l := range lines {
		raw, err := json.Marshal(l.Effects)
		if err != nil {
			return err
		}
		rows[i] = lineRow{RescoringID: id, SittingID: l.Sitting, PersonID: l.Person, Place: l.Place, Revision: l.Revision, LeftAsWas: l.Left, Falls: l.Falls,
			Was: unrounded(l.Was, 100), Becomes: unrounded(l.Becomes, 100), PlaceWas: unrounded(l.PlaceWas, 1), PlaceBecomes: unrounded(l.PlaceBecomes, 1), Effects: string(raw)}
	}
	return s.tx(ctx, "add plan", func(tx *gorm.DB) error {
		if err := inState(tx, id, Planning, map[string]any{"done": done}); err != nil {
			return err
		}
		if len(rows) == 0 {
			return nil
		}
		return tx.CreateInBatches(slices.Clone(rows), batchRows).Error
	})
}

// EndPlan makes a plan of so many lines ready to be looked at. It fails with Stopped where the plan has others: another server has begun it anew.
func (s *Store) EndPlan(ctx context.Context, id string, lines int, counts RescoringCounts, digest string) error {
	raw, err := json.Marshal(counts)
	if err != nil {
		return err
	}
	return s.tx(ctx, "end plan", func(tx *gorm.DB) error {
		var kept int64
		if err := tx.Model(&lineRow{}).Where("rescoring_id = ?", id).Count(&kept).Error; err != nil {
			return err
		}
		if kept != int64(lines) {
			return Stopped
		}
		return inState(tx, id, Planning, map[string]any{"state": Planned, "counts": string(raw), "digest": digest, "ended_at": stamp(s.now())})
	})
}

// FailRescoring gives one up that cannot go on; the log says why.
func (s *Store) FailRescoring(ctx context.Context, r Rescoring) error {
	return s.tx(ctx, "fail rescoring", func(tx *gorm.DB) error {
		if err := inState(tx, r.ID, r.State, map[string]any{"state": Failed, "ended_at": stamp(s.now())}); err != nil {
			return err
		}
		return s.appendAudit(tx, r.entry("rescore.fail"))
	})
}

// Stopped is said where a rescoring is no longer in the state that a step needs: somebody stopped it, or another server was there first.
var Stopped = fault.New(fault.Conflict, "rescore.stopped")

func inState(tx *gorm.DB, id string, state RescoringState, change map[string]any) error {
	r := tx.Model(&rescoringRow{}).Where("id = ? AND state = ?", id, state).Updates(change)
	if r.Error == nil && r.RowsAffected == 0 {
		return Stopped
	}
	return r.Error
}

func (r Rescoring) entry(action string) AuditEntry {
	detail, err := json.Marshal(map[string]any{"rescoring": r.ID, "rule": r.Rule, "reason": r.Reason, "version": r.Version, "digest": r.Digest, "changed": r.Counts.Changed, "falls": r.Counts.Falls, "done": r.Done})
	if err != nil {
		detail = nil // of plain values it cannot happen
	}
	return AuditEntry{Action: action, Object: "item", ObjectID: r.Item, Detail: detail}
}

// JobProfiles are the job profiles of some people, by person.
func (s *Store) JobProfiles(ctx context.Context, people []string) (map[string]string, error) {
	var rows []struct{ ID, JobProfile string }
	err := s.reader(ctx).Table("people").Select("id, job_profile").Where("id IN ?", people).Find(&rows).Error
	out := make(map[string]string, len(rows))
	for _, r := range rows {
		out[r.ID] = r.JobProfile
	}
	return out, translate("job profiles", err)
}
