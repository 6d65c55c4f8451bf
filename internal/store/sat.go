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
	SubmittedAt              time.Time
	Auto                     bool // handed in by the server when its time was over
	Remarked                 bool // a rescoring of the item has written its result anew
	Weight                   float64
	Score                    float64 // 0..1
	Seconds                  float64
	Answer                   json.RawMessage // canonical; nil for none
}

// EachPlace calls f with the places of all sittings that count and were handed in, with an answer at least, since a time: person by person, cycle by cycle, in the order of the papers. What f keeps
// of a place it must copy.
func (s *Store) EachPlace(ctx context.Context, since time.Time, f func(SatPlace) error) error {
	remarked, err := s.remarked(ctx)
	if err != nil {
		return translate("places", err)
	}
	rows, err := s.reader(ctx).Raw("SELECT s.person_id, coalesce(s.cycle_id, ''), s.id, s.assessment, s.assessment_hash, s.submitted_at, s.auto, x.item_id, x.item_hash, x.n, x.section, x.weight, x.score, x.seconds, coalesce(x.answer, '') "+
		"FROM sittings s JOIN slots x ON x.sitting_id = s.id WHERE s.state = ? AND s.counts AND NOT s.blank AND s.submitted_at >= ? ORDER BY s.person_id, s.cycle_id, s.started_at, s.id, x.n", exam.Submitted, stamp(since)).Rows()
	if err != nil {
		return translate("places", err)
	}
	defer rows.Close()
	var p SatPlace
	for rows.Next() {
		var answer, item string
		var at moment
		if err := rows.Scan(&p.Person, &p.Cycle, &p.Sitting, &p.Assessment, &p.AssessmentHash, &at, &p.Auto, &item, &p.ItemHash, &p.N, &p.Section, &p.Weight, &p.Score, &p.Seconds, &answer); err != nil {
			return translate("places", err)
		}
		p.SubmittedAt, p.Answer, p.Remarked = at.Time, nil, remarked[[2]string{p.Sitting, item}]
		if answer != "" {
			p.Answer = json.RawMessage(answer)
		}
		if err := f(p); err != nil {
			return err
		}
	}
	return translate("places", rows.Err())
}

// remarked are the sittings and items whose results a rescoring has written anew.
func (s *Store) remarked(ctx context.Context) (map[[2]string]bool, error) {
	rows, err := s.reader(ctx).Raw("SELECT r.sitting_id, g.item_id FROM results r JOIN rescorings g ON g.id = r.rescoring_id").Rows()
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	out := map[[2]string]bool{}
	for rows.Next() {
		var of [2]string
		if err := rows.Scan(&of[0], &of[1]); err != nil {
			return nil, err
		}
		out[of] = true
	}
	return out, rows.Err()
}
