package store

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"gorm.io/gorm"

	"leida/internal/exam"
	"leida/internal/fault"
)

// RescoringLine is one sitting of a plan.
type RescoringLine struct {
	Sitting, Person        string
	Name, Number           string // of the person
	Place, Revision        int    // place from 0; revision that the plan looked at
	Left                   string // why nothing is done; empty otherwise
	Falls                  bool
	Was, Becomes           float64 // 0-100
	PlaceWas, PlaceBecomes float64 // 0..1
	Effects                exam.Effects
	Written, Unwritten     int // revisions written by applying and by taking back; 0 for none
}

// Back is the line of taking the same change back.
func (l RescoringLine) Back() RescoringLine {
	l.Was, l.Becomes, l.PlaceWas, l.PlaceBecomes, l.Effects = l.Becomes, l.Was, l.PlaceBecomes, l.PlaceWas, l.Effects.Back()
	l.Falls = exam.Falls([2]float64{l.Was, l.Becomes}, [2]float64{l.PlaceWas, l.PlaceBecomes}, l.Effects)
	return l
}

// Add counts a line; sittings and people are the caller's to count.
func (n *RescoringCounts) Add(l RescoringLine) {
	if l.Falls {
		n.Falls++
	}
	for _, x := range l.Effects.Levels {
		if x.Now > x.Was {
			n.LevelsUp++
		} else {
			n.LevelsDown++
		}
	}
	switch was, now := l.Effects.Verdicts(); {
	case was == now:
	case now == exam.Passed:
		n.Passes++
	case now == exam.NotPassed:
		n.Fails++
	}
}

type lineRow struct {
	RescoringID  string
	SittingID    string
	PersonID     string
	Place        int
	Revision     int
	LeftAsWas    string
	Falls        bool
	Was          float64
	Becomes      float64
	PlaceWas     float64
	PlaceBecomes float64
	Effects      string
	Written      *int
	Unwritten    *int
}

func (lineRow) TableName() string { return "rescoring_lines" }

// RescoringTodo are the next lines to write, from behind a person, in the order of people. A person is not split, so there may be more than the limit.
func (s *Store) RescoringTodo(ctx context.Context, r Rescoring, after string, limit int) ([]RescoringLine, error) {
	q := s.reader(ctx).Where("rescoring_id = ?", r.ID).Order("person_id, sitting_id")
	if r.State == Undoing {
		q = q.Where("written IS NOT NULL AND unwritten IS NULL")
	} else {
		q = q.Where("left_as_was = '' AND written IS NULL")
	}
	q = q.Session(&gorm.Session{}) // asked twice
	var rows, rest []lineRow
	err := q.Where("person_id > ?", after).Limit(limit).Find(&rows).Error
	if err == nil && len(rows) == limit {
		last := rows[limit-1]
		err = q.Where("person_id = ? AND sitting_id > ?", last.PersonID, last.SittingID).Find(&rest).Error
	}
	if err != nil {
		return nil, translate("rescoring todo", err)
	}
	return linesOf(append(rows, rest...))
}

func linesOf(rows []lineRow) ([]RescoringLine, error) {
	out := make([]RescoringLine, len(rows))
	for i, r := range rows {
		l := RescoringLine{Sitting: r.SittingID, Person: r.PersonID, Place: r.Place, Revision: r.Revision, Left: r.LeftAsWas, Falls: r.Falls,
			Was: r.Was, Becomes: r.Becomes, PlaceWas: r.PlaceWas, PlaceBecomes: r.PlaceBecomes}
		if r.Written != nil {
			l.Written = *r.Written
		}
		if r.Unwritten != nil {
			l.Unwritten = *r.Unwritten
		}
		if err := json.Unmarshal([]byte(r.Effects), &l.Effects); err != nil {
			return nil, fmt.Errorf("line of %s: %w", r.SittingID, err)
		}
		out[i] = l
	}
	return out, nil
}

// RescoringLines are the plan's sittings: what falls first, the deepest fall first, then what is left as it was, then what rises, then those whose score stays. No scope applies.
func (s *Store) RescoringLines(ctx context.Context, id string, p Page) ([]RescoringLine, int, error) {
	q := s.reader(ctx).Where("rescoring_id = ?", id)
	var total int64
	if err := q.Model(&lineRow{}).Count(&total).Error; err != nil {
		return nil, 0, translate("rescoring lines", err)
	}
	var rows []lineRow
	err := s.reader(ctx).Where("rescoring_id = ?", id).Order("falls DESC, CASE WHEN left_as_was <> '' THEN 0 WHEN becomes <> was THEN 1 ELSE 2 END, becomes - was, sitting_id").Limit(p.limit()).Offset(p.offset()).Find(&rows).Error
	if err != nil {
		return nil, 0, translate("rescoring lines", err)
	}
	out, err := linesOf(rows)
	if err != nil {
		return nil, 0, translate("rescoring lines", err)
	}
	return out, int(total), translate("rescoring lines", s.name(ctx, out))
}

// name adds the people's names to lines.
func (s *Store) name(ctx context.Context, lines []RescoringLine) error {
	ids := make([]string, len(lines))
	for i, l := range lines {
		ids[i] = l.Person
	}
	var people []struct{ ID, Name, Number string }
	if err := s.reader(ctx).Table("people").Select("id, name, number").Where("id IN ?", ids).Find(&people).Error; err != nil {
		return err
	}
	for i := range lines {
		for _, p := range people {
			if p.ID == lines[i].Person {
				lines[i].Name, lines[i].Number = p.Name, p.Number
			}
		}
	}
	return nil
}

// Return is what taking a rescoring back would do: the sittings that it wrote, what falls first as in RescoringLines, and their sums.
type Return struct {
	Sittings []string
	Counts   RescoringCounts
}

// RescoringReturn works out what taking a rescoring back would do, by its own lines turned round. It is refused where there is nothing to take back. No scope applies.
func (s *Store) RescoringReturn(ctx context.Context, id string) (Return, error) {
	var out Return
	r, err := s.Rescoring(ctx, id)
	if err != nil {
		return out, err
	}
	if !slices.Contains(returnable, r.State) {
		return out, fault.New(fault.Conflict, "rescore.not_applied")
	}
	type head struct {
		sitting string
		rank    int // what falls, what rises, what stays
		by      float64
	}
	var heads []head
	people := map[string]bool{}
	err = s.eachWritten(ctx, id, func(l RescoringLine) {
		h := head{l.Sitting, 2, l.Becomes - l.Was}
		if h.by > 0 {
			h.rank = 1
			out.Counts.Rises++
		}
		if l.Falls {
			h.rank = 0
		}
		heads = append(heads, h)
		people[l.Person] = true
		out.Counts.Add(l)
	})
	if err != nil {
		return out, translate("rescoring return", err)
	}
	slices.SortFunc(heads, func(a, b head) int {
		return cmp.Or(cmp.Compare(a.rank, b.rank), cmp.Compare(a.by, b.by), cmp.Compare(a.sitting, b.sitting))
	})
	for _, h := range heads {
		out.Sittings = append(out.Sittings, h.sitting)
	}
	out.Counts.Sittings, out.Counts.Changed, out.Counts.People = len(heads), len(heads), len(people)
	return out, nil
}

// eachWritten goes through what a rescoring wrote and did not take back, each line turned round.
func (s *Store) eachWritten(ctx context.Context, id string, do func(RescoringLine)) error {
	db := s.reader(ctx)
	rows, err := db.Model(&lineRow{}).Where("rescoring_id = ? AND written IS NOT NULL AND unwritten IS NULL", id).Rows()
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var row lineRow
		if err := db.ScanRows(rows, &row); err != nil {
			return err
		}
		line, err := linesOf([]lineRow{row})
		if err != nil {
			return err
		}
		do(line[0].Back())
	}
	return rows.Err()
}

// ReturnLines are lines of a rescoring turned round, in the order of the sittings. No scope applies.
func (s *Store) ReturnLines(ctx context.Context, id string, sittings []string) ([]RescoringLine, error) {
	var rows []lineRow
	if err := s.reader(ctx).Where("rescoring_id = ? AND sitting_id IN ?", id, sittings).Find(&rows).Error; err != nil {
		return nil, translate("return lines", err)
	}
	out, err := linesOf(rows)
	if err != nil {
		return nil, translate("return lines", err)
	}
	at := make(map[string]int, len(sittings))
	for i, id := range sittings {
		at[id] = i
	}
	slices.SortFunc(out, func(a, b RescoringLine) int { return at[a.Sitting] - at[b.Sitting] })
	for i := range out {
		out[i] = out[i].Back()
	}
	return out, translate("return lines", s.name(ctx, out))
}
