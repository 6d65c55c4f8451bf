package store

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"

	"gorm.io/gorm"

	"leida/internal/exam"
	"leida/internal/org"
	"leida/internal/profile"
)

type evidenceRow struct {
	ID          string
	PersonID    string
	Sub         string
	ItemID      string
	ItemVersion int
	ItemHash    string
	SittingID   reference
	CycleID     reference
	Y           float64
	N           float64
	Source      profile.Source
	Performance bool
	ObservedAt  moment
	Scenario    string
	Channel     string
	Void        bool
}

func (evidenceRow) TableName() string { return "evidence" }

func rowOfEvidence(e profile.Evidence) evidenceRow {
	return evidenceRow{
		ID: e.ID, PersonID: e.Person, Sub: e.Sub, ItemID: e.ItemID, ItemVersion: e.ItemVersion, ItemHash: e.ItemHash,
		SittingID: reference(e.SittingID), CycleID: reference(e.Cycle), Y: unrounded(e.Y, 100), N: e.N, Source: e.Source,
		Performance: e.Performance, ObservedAt: stamp(e.At), Scenario: e.Scenario, Channel: e.Channel, Void: e.Void,
	}
}

// addEvidence keeps what a sitting showed of its person.
func addEvidence(tx *gorm.DB, s *exam.Sitting, evidence []profile.Evidence) error {
	if len(evidence) == 0 {
		return nil
	}
	rows := make([]evidenceRow, len(evidence))
	for i, e := range evidence {
		if e.Person != s.Person || e.SittingID != s.ID {
			return fmt.Errorf("sitting %s of %s: evidence %s is of %s, sitting %s", s.ID, s.Person, e.ID, e.Person, e.SittingID)
		}
		rows[i] = rowOfEvidence(e)
	}
	return tx.CreateInBatches(&rows, batchRows).Error
}

// EvidenceOf is all evidence of a person whose profile the viewer may see, in the order of time, withdrawn records included.
func (s *Store) EvidenceOf(ctx context.Context, v org.Viewer, person string) ([]profile.Evidence, error) {
	if person != v.Person.ID || person == "" {
		if _, err := s.PersonFor(ctx, v, person); err != nil {
			return nil, err
		}
	}
	var out []profile.Evidence
	err := hotEvidence(s.reader(ctx), func(_ string, e []profile.Evidence) { out = e }, "person_id = ?", person)
	return out, translate("evidence", err)
}

// EvidenceOfPeople is what reckoning needs of all evidence of some people, by person: without the item's version, hash, scenario and channel. Hand in members of viewer.Teams(): no other scope applies. Who has none is absent.
// A large team is read in stretches side by side, for the readers of sqlite do not wait for each other.
func (s *Store) EvidenceOfPeople(ctx context.Context, people []string) (map[string][]profile.Evidence, error) {
	stretches := slices.Collect(slices.Chunk(people, max(leastStretch, (len(people)+readers-1)/readers)))
	parts := make([]map[string][]profile.Evidence, len(stretches))
	errs := make([]error, len(stretches))
	var side sync.WaitGroup
	for i, ids := range stretches {
		side.Go(func() {
			parts[i] = make(map[string][]profile.Evidence, len(ids))
			errs[i] = hotReckoning(s.reader(ctx), func(person string, e []profile.Evidence) { parts[i][person] = slices.Clone(e) }, ids)
		})
	}
	side.Wait()
	if err := errors.Join(errs...); err != nil {
		return nil, translate("evidence of people", err)
	}
	out := make(map[string][]profile.Evidence, len(people))
	for _, part := range parts {
		maps.Copy(out, part)
	}
	return out, nil
}

// EvidenceOfItem is what some sittings showed by an item, by person.
func (s *Store) EvidenceOfItem(ctx context.Context, item string, sittings []string) (map[string][]profile.Evidence, error) {
	out := map[string][]profile.Evidence{}
	err := hotEvidence(s.reader(ctx), func(person string, e []profile.Evidence) { out[person] = slices.Clone(e) }, "sitting_id IN ? AND item_id = ?", sittings, item)
	return out, translate("evidence of item", err)
}

const (
	readers      = 4  // stretches at once
	leastStretch = 25 // people in one, below which splitting costs more than it saves
)

// EvidenceByID is one record of a person whose profile the viewer may see.
func (s *Store) EvidenceByID(ctx context.Context, v org.Viewer, id string) (profile.Evidence, error) {
	var got profile.Evidence
	db := s.reader(ctx)
	err := hotEvidence(db, func(_ string, e []profile.Evidence) { got = e[0] },
		"id = ? AND (person_id = ? OR person_id IN (?))", id, v.Person.ID, membersOf(db, v.Teams(), s.now()))
	if err == nil && got.ID == "" {
		err = errNotFound
	}
	return got, translate("evidence by id", err)
}

// Side does something for each of n, two at a time: what is reckoned takes longer than what is read, and other requests want a processor too.
func Side(n int, do func(i int) error) error {
	const hands = 2
	errs := make([]error, hands)
	var side sync.WaitGroup
	for h := range hands {
		side.Go(func() {
			for i := h; i < n && errs[h] == nil; i += hands {
				errs[h] = do(i)
			}
		})
	}
	side.Wait()
	return errors.Join(errs...)
}
