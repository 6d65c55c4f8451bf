package store

import (
	"context"
	"encoding/json"
	"time"

	"leida/internal/exam"
)

// SatPlace is one place of a sitting that was handed in.
type SatPlace struct {
	Person, Cycle, Sitting   string
	Assessment               string // id
	AssessmentHash, ItemHash string
	N, Section               int // from 0
	Weight                   float64
	Score                    float64 // 0..1
	Seconds                  float64
	Answer                   json.RawMessage // canonical; nil for none
}

// EachPlace calls f with the places of all sittings that count and were handed in since a time: person by person, cycle by cycle, in the order of the papers. What f keeps of a place it must copy.
func (s *Store) EachPlace(ctx context.Context, since time.Time, f func(SatPlace) error) error {
	rows, err := s.reader(ctx).Raw("SELECT s.person_id, coalesce(s.cycle_id, ''), s.id, s.assessment, s.assessment_hash, x.item_hash, x.n, x.section, x.weight, x.score, x.seconds, coalesce(x.answer, '') "+
		"FROM sittings s JOIN slots x ON x.sitting_id = s.id WHERE s.state = ? AND s.counts AND s.submitted_at >= ? ORDER BY s.person_id, s.cycle_id, s.started_at, s.id, x.n", exam.Submitted, stamp(since)).Rows()
	if err != nil {
		return translate("places", err)
	}
	defer rows.Close()
	var p SatPlace
	for rows.Next() {
		var answer string
		if err := rows.Scan(&p.Person, &p.Cycle, &p.Sitting, &p.Assessment, &p.AssessmentHash, &p.ItemHash, &p.N, &p.Section, &p.Weight, &p.Score, &p.Seconds, &answer); err != nil {
			return translate("places", err)
		}
		p.Answer = nil
		if answer != "" {
			p.Answer = json.RawMessage(answer)
		}
		if err := f(p); err != nil {
			return err
		}
	}
	return translate("places", rows.Err())
}
