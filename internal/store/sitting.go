package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"

	"leida/internal/assessment"
	"leida/internal/exam"
	"leida/internal/org"
	"leida/internal/profile"
	"leida/internal/text"
)

// sittingRow and slotRow are comparable: what differs after a change is what gets saved.
type sittingRow struct {
	ID             string
	PersonID       string
	AssignmentID   string
	Assessment     string
	AssessmentHash string
	TitleZH        string `gorm:"column:title_zh"`
	TitleEN        string `gorm:"column:title_en"`
	CycleID        reference
	Seed           int64
	TimeFactor     float64
	State          exam.State
	StartedAt      moment
	Deadline       moment
	SubmittedAt    moment
	Auto           bool
	Blank          bool
	Counts         bool
	Holder         string
	Score          float64
}

func (sittingRow) TableName() string { return "sittings" }

type slotRow struct {
	SittingID string
	N         int
	Section   int
	Weight    float64
	ItemID    string
	ItemHash  string
	Answer    reference
	Rev       int64
	OpenedAt  moment
	SavedAt   moment
	Seconds   float64
	Flagged   bool
	Score     float64
	Critical  string
}

func (slotRow) TableName() string { return "slots" }

func rowOfSitting(s *exam.Sitting) (sittingRow, []slotRow) {
	slots := make([]slotRow, len(s.Slots))
	for i := range s.Slots {
		slots[i] = rowOfSlot(s, i)
	}
	return rowOfHead(s), slots
}

func rowOfHead(s *exam.Sitting) sittingRow {
	return sittingRow{
		ID: s.ID, PersonID: s.Person, AssignmentID: s.Assignment, Assessment: s.Assessment, AssessmentHash: s.AssessmentHash,
		TitleZH: s.Title.ZH, TitleEN: s.Title.EN, CycleID: reference(s.Cycle), Seed: int64(s.Seed), TimeFactor: s.TimeFactor,
		State: s.State, StartedAt: stamp(s.StartedAt), Deadline: stamp(s.Deadline), SubmittedAt: stamp(s.SubmittedAt),
		Auto: s.Auto, Blank: s.Blank, Counts: s.Counts, Holder: s.Holder, Score: unrounded(s.Score, 100),
	}
}

func rowOfSlot(s *exam.Sitting, n int) slotRow {
	x := s.Slots[n]
	return slotRow{
		SittingID: s.ID, N: n, Section: x.Section, Weight: unrounded(x.Weight, 1), ItemID: x.ItemID, ItemHash: x.ItemHash,
		Answer: reference(x.Answer), Rev: x.Rev, OpenedAt: stamp(x.OpenedAt), SavedAt: stamp(x.SavedAt), Seconds: x.Seconds, Flagged: x.Flagged,
		Score: unrounded(x.Score, 1), Critical: joined(x.Critical),
	}
}

// joined is a list of ids as it is stored, one a line.
func joined(ids []string) string { return strings.Join(ids, "\n") }

func sittingOf(r sittingRow, slots []slotRow) *exam.Sitting {
	var seen moment
	for _, x := range slots {
		if x.SavedAt.After(seen.Time) {
			seen = x.SavedAt
		}
	}
	s := headOf(r, len(slots), seen)
	for i, x := range slots {
		s.Slots[i] = slotOf(x)
	}
	return s
}

// headOf is a sitting with nothing in its places. seen is when the newest of them was saved; before any, the browser was heard of at the start.
func headOf(r sittingRow, length int, seen moment) *exam.Sitting {
	if r.StartedAt.After(seen.Time) {
		seen = r.StartedAt
	}
	return &exam.Sitting{
		ID: r.ID, Person: r.PersonID, Assignment: r.AssignmentID, Assessment: r.Assessment, AssessmentHash: r.AssessmentHash,
		Title: text.Text{ZH: r.TitleZH, EN: r.TitleEN}, Cycle: string(r.CycleID), Seed: uint64(r.Seed), TimeFactor: r.TimeFactor,
		State: r.State, StartedAt: r.StartedAt.Time, Deadline: r.Deadline.Time, SubmittedAt: r.SubmittedAt.Time,
		Auto: r.Auto, Blank: r.Blank, Counts: r.Counts, Holder: r.Holder, SeenAt: seen.Time, Score: r.Score,
		Slots: make([]exam.Slot, length),
	}
}

func slotOf(x slotRow) exam.Slot {
	slot := exam.Slot{
		Section: x.Section, Weight: x.Weight, ItemID: x.ItemID, ItemHash: x.ItemHash, Rev: x.Rev, OpenedAt: x.OpenedAt.Time, SavedAt: x.SavedAt.Time,
		Seconds: x.Seconds, Flagged: x.Flagged, Score: x.Score,
	}
	if x.Answer != "" {
		slot.Answer = json.RawMessage(x.Answer)
	}
	if x.Critical != "" {
		slot.Critical = strings.Split(x.Critical, "\n")
	}
	return slot
}

// unrounded takes away what floating point added beyond 0..most; a sum of weights must not keep a sitting from being submitted. Real excess stays for the schema to refuse.
func unrounded(x, most float64) float64 {
	const rounding = 1e-9
	if near := min(max(x, 0), most); math.Abs(near-x) < rounding {
		return near
	}
	return x
}

// StartSitting starts the viewer's sitting of an assignment that they are asked to sit. One that exists is returned as it is, however often and in parallel this is called.
// start makes the sitting, with the definitions to pin; seen are the ids of the items that the person already met in the assignment's cycle. It must not call the store.
func (s *Store) StartSitting(ctx context.Context, v org.Viewer, assignment string,
	start func(as exam.Assignment, factor float64, seen []string) (*exam.Sitting, []assessment.Source, error)) (*exam.Sitting, error) {
	mine := func(db *gorm.DB) *gorm.DB {
		return db.Where("person_id = ? AND assignment_id = ?", v.Person.ID, assignment)
	}
	if old, err := loadSitting(s.reader(ctx), mine); !errors.Is(err, gorm.ErrRecordNotFound) {
		return old, translate("start sitting", err)
	}
	var out *exam.Sitting
	err := s.txRow(ctx, "start sitting", func(tx *gorm.DB) (err error) {
		if err := lockPerson(tx, v.Person.ID); err != nil {
			return err
		}
		if out, err = loadSitting(tx, mine); !errors.Is(err, gorm.ErrRecordNotFound) {
			return err
		}
		as, err := s.asked(tx, v.Person.ID, assignment)
		if err != nil {
			return err
		}
		factor, err := timeFactor(tx, assignment, v.Person.ID)
		if err != nil {
			return err
		}
		seen, err := seenItems(tx, v.Person.ID, as.Cycle)
		if err != nil {
			return err
		}
		made, sources, err := start(as, factor, seen)
		if err != nil {
			return err
		}
		if made.Person != v.Person.ID || made.Assignment != assignment {
			return fmt.Errorf("the sitting made is of person %s and assignment %s", made.Person, made.Assignment)
		}
		out, err = s.insertSitting(tx, made, sources)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

func (s *Store) insertSitting(tx *gorm.DB, made *exam.Sitting, sources []assessment.Source) (*exam.Sitting, error) {
	if made.ID == "" {
		made.ID = s.NewID()
	}
	if err := saveSources(tx, sources); err != nil {
		return nil, err
	}
	head, slots := rowOfSitting(made)
	if err := tx.Create(&head).Error; err != nil {
		return nil, err
	}
	if len(slots) > 0 {
		if err := tx.CreateInBatches(&slots, batchRows).Error; err != nil {
			return nil, err
		}
	}
	return sittingOf(head, slots), nil
}

// seenItems are the ids of the items that a person met in a cycle.
func seenItems(db *gorm.DB, person, cycle string) ([]string, error) {
	var ids []string
	q := db.Table("slots").Joins("JOIN sittings ON sittings.id = slots.sitting_id").Where("sittings.person_id = ?", person)
	if cycle == "" {
		q = q.Where("sittings.cycle_id IS NULL")
	} else {
		q = q.Where("sittings.cycle_id = ?", cycle)
	}
	return ids, q.Distinct().Order("slots.item_id").Pluck("slots.item_id", &ids).Error
}

func loadSitting(db *gorm.DB, scope func(*gorm.DB) *gorm.DB) (*exam.Sitting, error) {
	head, slots, err := loadRows(db, scope)
	if err != nil {
		return nil, err
	}
	return sittingOf(head, slots), nil
}

// lockPerson makes a person's starts, and what is decided by whether they have started, follow each other.
func lockPerson(tx *gorm.DB, id string) error {
	return locked(tx).Select("id").Where("id = ?", id).Take(&personRow{}).Error
}

func loadRows(db *gorm.DB, scope func(*gorm.DB) *gorm.DB) (head sittingRow, slots []slotRow, err error) {
	if err = scope(db).Take(&head).Error; err != nil {
		return head, nil, err
	}
	slots, err = hotSlots(db.Statement.Context, db, head.ID)
	return head, slots, err
}

// Sitting loads the viewer's own sitting.
func (s *Store) Sitting(ctx context.Context, v org.Viewer, id string) (*exam.Sitting, error) {
	got, err := loadSitting(s.reader(ctx), own(v, id))
	if err == nil {
		err = s.inherit(s.reader(ctx), got, v.Session)
	}
	if err != nil {
		return nil, translate("sitting", err)
	}
	return got, nil
}

// inherit hands a sitting over to a session where the one that holds it is no more: whoever signed in again goes on without being asked. While the holder lives, the person is asked.
func (s *Store) inherit(db *gorm.DB, x *exam.Sitting, session string) error {
	if session == "" || x.State != exam.Live || x.Holder == session {
		return nil
	}
	lives, err := holds(db, x.Holder, s.now())
	if err == nil && !lives {
		x.Holder = session
	}
	return err
}

func own(v org.Viewer, id string) func(*gorm.DB) *gorm.DB {
	return func(db *gorm.DB) *gorm.DB { return db.Where("id = ? AND person_id = ?", id, v.Person.ID) }
}

// SittingForReport loads a submitted sitting of a person whose profile the viewer may see: their own, or a present member's of a team they manage.
func (s *Store) SittingForReport(ctx context.Context, v org.Viewer, id string) (*exam.Sitting, error) {
	got, err := loadSitting(s.reader(ctx), func(db *gorm.DB) *gorm.DB {
		return visible(db, v, "person_id", s.now()).Where("id = ? AND state = ?", id, exam.Submitted)
	})
	return got, translate("sitting for report", err)
}

// UpdateSitting changes the viewer's own sitting in one transaction, and keeps the evidence that comes of it beside it. What change returns as an error
// rolls everything back. It must not call the store. The paper, the versions and the start of a sitting never change.
func (s *Store) UpdateSitting(ctx context.Context, v org.Viewer, id string, change func(*exam.Sitting) ([]profile.Evidence, error)) (*exam.Sitting, error) {
	return s.updateSitting(ctx, v.Session, own(v, id), change)
}

// ExpireSitting is UpdateSitting for the server itself, which sweeps up what is due.
func (s *Store) ExpireSitting(ctx context.Context, id string, change func(*exam.Sitting) ([]profile.Evidence, error)) (*exam.Sitting, error) {
	return s.updateSitting(ctx, "", func(db *gorm.DB) *gorm.DB { return db.Where("id = ?", id) }, change)
}

func (s *Store) updateSitting(ctx context.Context, session string, scope func(*gorm.DB) *gorm.DB, change func(*exam.Sitting) ([]profile.Evidence, error)) (*exam.Sitting, error) {
	var out *exam.Sitting
	err := s.txRow(ctx, "update sitting", func(tx *gorm.DB) error {
		head, slots, err := loadRows(tx, func(db *gorm.DB) *gorm.DB { return scope(locked(db)) })
		if err != nil {
			return err
		}
		sitting := sittingOf(head, slots)
		if err := s.inherit(tx, sitting, session); err != nil {
			return err
		}
		evidence, err := change(sitting)
		if err != nil {
			return err
		}
		newHead, newSlots := rowOfSitting(sitting)
		if err := samePaper(head, newHead, slots, newSlots); err != nil {
			return err
		}
		out = sittingOf(newHead, newSlots)
		if head == newHead && slices.Equal(slots, newSlots) && len(evidence) == 0 {
			return errUnchanged
		}
		if err := saveChanges(tx, head, newHead, slots, newSlots); err != nil {
			return err
		}
		if head.State != exam.Submitted && sitting.Result != nil {
			if err := addResult(tx, sitting.Result); err != nil {
				return err
			}
		}
		return addEvidence(tx, sitting, evidence)
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// Place is a place of a sitting's paper.
type Place struct {
	Sitting string
	N       int // from 0

	row  *placeRow // as it was read along with the session, if it was
	read time.Time
}

// ahead is the place of a person as it was read along, for once; nil where it was not, or is so old that it may well be another by now, as when the rest of a request was long in coming.
func (p *Place) ahead(person string, now time.Time) *placeRow {
	row := p.row
	p.row = nil
	if row != nil && (row.head.PersonID != person || now.Sub(p.read) > time.Second) {
		return nil
	}
	return row
}

// UpdatePlace is UpdateSitting for a save, which is about one place alone. Of the sitting that change gets and that is returned there are the ids of itself and its person, seed, time factor, state,
// start, deadline, holder, SeenAt, as many places as the paper has, and of the one that is saved the item and what a save may change; all else is empty.
// What it changes of that place is kept; to change more is an error. A place that the paper does not have is not found.
//
// On PostgreSQL two places of a sitting that are saved at the same moment may both count the time before them.
func (s *Store) UpdatePlace(ctx context.Context, v org.Viewer, at Place, change func(*exam.Sitting) error) (*exam.Sitting, error) {
	var out *exam.Sitting
	err := s.engine.single(ctx, func(db *gorm.DB, writing *bool) (err error) { // once begun it is finished
		out, err = s.updatePlace(context.WithoutCancel(ctx), db, v, &at, change, writing)
		return err
	})
	if err != nil {
		return nil, translate("update place", err)
	}
	return out, nil
}

func (s *Store) updatePlace(ctx context.Context, db *gorm.DB, v org.Viewer, at *Place, change func(*exam.Sitting) error, writing *bool) (*exam.Sitting, error) {
	kept, n := at.ahead(v.Person.ID, s.now()), at.N
	if kept == nil {
		row, err := s.hot.place(ctx, db, placeAsk{person: v.Person.ID, sitting: at.Sitting, n: n})
		if err != nil {
			return nil, err
		}
		kept = &row
	}
	head, slot := kept.head, kept.slot
	out := headOf(head, kept.last+1, kept.seen)
	out.Slots[n] = slotOf(slot)
	held := head
	if v.Session != "" && head.Holder != v.Session {
		if err := s.inherit(db.WithContext(ctx), out, v.Session); err != nil {
			return nil, err
		}
		held.Holder = out.Holder
	}
	if err := change(out); err != nil {
		return nil, err
	}
	now := rowOfSlot(out, n)
	if err := samePlace(held, rowOfHead(out), slot, now); err != nil {
		return nil, err
	}
	*writing = true
	if held.Holder != head.Holder { // of a session that has ended: a second statement, and right even where the save then fails
		n, err := holderUpdate.exec(ctx, db, held.Holder, at.Sitting, head.Holder)
		if err = overtaken(n > 0, err); err != nil {
			return nil, err
		}
	}
	if now != slot {
		if err := overtaken(s.hot.save(ctx, db, placeChange{now, slot.Rev, held.Holder})); err != nil {
			return nil, err
		}
	}
	out.Slots[n], out.SeenAt = slotOf(now), stamp(out.SeenAt).Time // as they are kept
	return out, nil
}

// overtaken is the outcome of a statement that says what must still be so.
func overtaken(done bool, err error) error {
	if err == nil && !done {
		return errOvertaken
	}
	return err
}

// samePlace says what a save must not have touched.
func samePlace(was, is sittingRow, wasSlot, isSlot slotRow) error {
	if isSlot.Rev < wasSlot.Rev {
		return fmt.Errorf("sitting %s, place %d: revision %d is older than the one kept", was.ID, wasSlot.N, isSlot.Rev)
	}
	isSlot.Answer, isSlot.Rev, isSlot.SavedAt, isSlot.Seconds, isSlot.Flagged = wasSlot.Answer, wasSlot.Rev, wasSlot.SavedAt, wasSlot.Seconds, wasSlot.Flagged
	if was != is || wasSlot != isSlot {
		return fmt.Errorf("sitting %s: a save touched more than its place", was.ID)
	}
	return nil
}

// samePaper says what a change must not have touched.
func samePaper(was, is sittingRow, wasSlots, isSlots []slotRow) error {
	is.TimeFactor, is.State, is.Deadline, is.SubmittedAt, is.Auto, is.Blank = was.TimeFactor, was.State, was.Deadline, was.SubmittedAt, was.Auto, was.Blank
	is.Counts, is.Holder, is.Score = was.Counts, was.Holder, was.Score
	if was != is || len(wasSlots) != len(isSlots) {
		return fmt.Errorf("sitting %s: a change touched what was pinned at the start", was.ID)
	}
	for i, w := range wasSlots {
		s := isSlots[i]
		if w.ItemHash != s.ItemHash || w.ItemID != s.ItemID || w.Section != s.Section || w.Weight != s.Weight {
			return fmt.Errorf("sitting %s: a change touched place %d of the paper", was.ID, i)
		}
	}
	return nil
}

func saveChanges(tx *gorm.DB, was, is sittingRow, wasSlots, isSlots []slotRow) error {
	if was != is {
		if err := hotSaveSitting(tx, is); err != nil {
			return err
		}
	}
	for i, s := range isSlots {
		if wasSlots[i] == s {
			continue
		}
		if err := hotSaveSlot(tx, s); err != nil {
			return err
		}
	}
	return nil
}

// DueSittings are the ids of open sittings whose deadline and grace are over, the oldest first.
func (s *Store) DueSittings(ctx context.Context, now time.Time, limit int) ([]string, error) {
	var ids []string
	err := s.reader(ctx).Table("sittings").Where("state = ? AND deadline < ?", exam.Live, now.Add(-exam.Grace).UnixMilli()).
		Order("deadline").Limit(limit).Pluck("id", &ids).Error
	return ids, translate("due sittings", err)
}

// SittingSummary is a sitting without its paper.
type SittingSummary struct {
	ID, Person, Assignment, Assessment string
	Title                              text.Text
	Cycle                              string
	State                              exam.State
	StartedAt, Deadline, SubmittedAt   time.Time
	Auto, Blank, Counts                bool
	Score                              float64 // 0-100 once submitted
	Length, Answered                   int     // places of the paper
}

// SittingsOf are a person's sittings, the newest first: one's own, or the submitted ones of a present member of a team that the viewer manages. Of anybody else there are none.
func (s *Store) SittingsOf(ctx context.Context, v org.Viewer, person string) ([]SittingSummary, error) {
	var rows []struct {
		Sitting          sittingRow `gorm:"embedded"`
		Length, Answered int
	}
	q := visible(s.reader(ctx).Table("sittings"), v, "person_id", s.now()).Where("person_id = ?", person)
	if person != v.Person.ID {
		q = q.Where("state = ?", exam.Submitted)
	}
	err := q.Select("sittings.*, (SELECT count(*) FROM slots WHERE sitting_id = sittings.id) AS length, (SELECT count(answer) FROM slots WHERE sitting_id = sittings.id) AS answered").
		Order("started_at DESC, id").Find(&rows).Error
	out := make([]SittingSummary, len(rows))
	for i, r := range rows {
		x := r.Sitting
		out[i] = SittingSummary{
			ID: x.ID, Person: x.PersonID, Assignment: x.AssignmentID, Assessment: x.Assessment, Title: text.Text{ZH: x.TitleZH, EN: x.TitleEN},
			Cycle: string(x.CycleID), State: x.State, StartedAt: x.StartedAt.Time, Deadline: x.Deadline.Time, SubmittedAt: x.SubmittedAt.Time,
			Auto: x.Auto, Blank: x.Blank, Counts: x.Counts, Score: x.Score, Length: r.Length, Answered: r.Answered,
		}
	}
	return out, translate("sittings", err)
}
