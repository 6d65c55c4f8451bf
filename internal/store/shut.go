package store

import (
	"context"
	"time"

	"leida/internal/exam"
	"leida/internal/org"
)

// StillSat is a sitting that was handed in of an assessment that others may still be sitting.
type StillSat struct {
	Sitting, AssessmentHash string
	Closes                  moment // of the last window of the assessment that has opened
}

// Until is when nobody's answer is taken any more.
func (x StillSat) Until() time.Time { return x.Closes.Add(exam.Grace) }

// StillSat are the sittings of a person, whose profile the viewer may see, that were handed in while a window of the same assessment is open to anybody: their own, or one given since.
func (s *Store) StillSat(ctx context.Context, v org.Viewer, person string) ([]StillSat, error) {
	now := s.now()
	var out []StillSat
	err := visible(s.reader(ctx).Table("sittings"), v, "sittings.person_id", now).Where("sittings.person_id = ? AND sittings.state = ?", person, exam.Submitted).
		Joins("JOIN assignments ON assignments.assessment = sittings.assessment AND assignments.opens <= ? AND assignments.closes > ?", now.UnixMilli(), now.Add(-exam.Grace).UnixMilli()).
		Select("sittings.id AS sitting, sittings.assessment_hash, max(assignments.closes) AS closes").Group("sittings.id, sittings.assessment_hash").Find(&out).Error
	return out, translate("still sat", err)
}

// LiveItems are the ids of the items on the papers that the viewer is sitting.
func (s *Store) LiveItems(ctx context.Context, v org.Viewer) ([]string, error) {
	var ids []string
	err := s.reader(ctx).Table("slots").Joins("JOIN sittings ON sittings.id = slots.sitting_id").Where("sittings.person_id = ? AND sittings.state = ?", v.Person.ID, exam.Live).
		Distinct().Pluck("slots.item_id", &ids).Error
	return ids, translate("live items", err)
}
