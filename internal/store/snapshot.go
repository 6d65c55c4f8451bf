package store

import (
	"context"
	"maps"
	"slices"

	"leida/internal/profile"
)

// snapshotDoc is the JSON of a frozen profile. Its names are for ever: old snapshots are never rewritten.
type snapshotDoc struct {
	Cycle        string      `json:"cycle"`
	Revision     int         `json:"revision"`
	Reason       string      `json:"reason,omitempty"`
	ModelID      string      `json:"model_id"`
	ModelVersion string      `json:"model_version"`
	Role         string      `json:"role,omitempty"`
	At           int64       `json:"at"` // milliseconds since 1970
	Capabilities []frozenDoc `json:"capabilities"`
	Subs         []frozenDoc `json:"subs"`
	Overall      *scoreDoc   `json:"overall,omitempty"`
	Evidence     []string    `json:"evidence"`
}

type frozenDoc struct {
	ID       string         `json:"id"`
	Status   profile.Status `json:"status"`
	Score    scoreDoc       `json:"score"`
	Level    int            `json:"level"`
	Pair     [2]int         `json:"pair"`
	Units    float64        `json:"units"`
	Coverage float64        `json:"coverage"`
	Counts   countsDoc      `json:"counts"`
	Target   *float64       `json:"target,omitempty"`
}

type scoreDoc struct {
	Y  float64 `json:"y"`
	SE float64 `json:"se"`
	Lo float64 `json:"lo"`
	Hi float64 `json:"hi"`
}

type countsDoc struct {
	Quiz        int `json:"quiz"`
	Rater       int `json:"rater"`
	KPI         int `json:"kpi"`
	Observation int `json:"observation"`
}

func docOf(s profile.Snapshot) snapshotDoc {
	d := snapshotDoc{
		Cycle: s.Cycle, Revision: s.Revision, Reason: s.Reason, ModelID: s.ModelID, ModelVersion: s.ModelVersion, Role: s.Role,
		At: s.At.UnixMilli(), Capabilities: frozenDocs(s.Capabilities), Subs: frozenDocs(s.Subs), Evidence: s.Evidence,
	}
	if s.Overall != nil {
		overall := scoreDoc(*s.Overall)
		d.Overall = &overall
	}
	return d
}

func frozenDocs(lines []profile.Frozen) []frozenDoc {
	out := make([]frozenDoc, len(lines))
	for i, f := range lines {
		out[i] = frozenDoc{
			ID: f.ID, Status: f.Status, Score: scoreDoc(f.Score), Level: f.Level, Pair: f.Pair,
			Units: f.Units, Coverage: f.Coverage, Counts: countsDoc(f.Counts),
		}
		if f.Target.Set {
			out[i].Target = &f.Target.Y
		}
	}
	return out
}

func (d snapshotDoc) snapshot() profile.Snapshot {
	s := profile.Snapshot{
		Cycle: d.Cycle, Revision: d.Revision, Reason: d.Reason, ModelID: d.ModelID, ModelVersion: d.ModelVersion, Role: d.Role,
		At: fromMillis(d.At), Capabilities: frozen(d.Capabilities), Subs: frozen(d.Subs), Evidence: d.Evidence,
	}
	if d.Overall != nil {
		overall := profile.Score(*d.Overall)
		s.Overall = &overall
	}
	return s
}

func frozen(docs []frozenDoc) []profile.Frozen {
	out := make([]profile.Frozen, len(docs))
	for i, f := range docs {
		out[i] = profile.Frozen{
			ID: f.ID, Status: f.Status, Score: profile.Score(f.Score), Level: f.Level, Pair: f.Pair,
			Units: f.Units, Coverage: f.Coverage, Counts: profile.Counts(f.Counts),
		}
		if f.Target != nil {
			out[i].Target = profile.Target{Y: *f.Target, Set: true}
		}
	}
	return out
}

// SnapshotsBefore are, for the snapshots that a rescoring revised, by cycle and person, the newest revisions that show all other rescorings in force and not this one. There is none where
// one that is in force came later: what the snapshot is with that one and without this was never written.
func (s *Store) SnapshotsBefore(ctx context.Context, rescoring string, people []string) (map[string]map[string]profile.Snapshot, error) {
	var rows []revisionRow
	err := s.reader(ctx).Raw("SELECT s.cycle_id, s.person_id, s.revision, s.body, s.rescoring_id, s.undo, coalesce(r.state, '') AS state FROM snapshots s LEFT JOIN rescorings r ON r.id = s.rescoring_id "+
		"WHERE s.person_id IN ? AND EXISTS (SELECT 1 FROM snapshots x WHERE x.cycle_id = s.cycle_id AND x.person_id = s.person_id AND x.rescoring_id = ?) ORDER BY s.cycle_id, s.person_id, s.revision",
		people, rescoring).Scan(&rows).Error
	if err != nil {
		return nil, translate("snapshots before", err)
	}
	out := map[string]map[string]profile.Snapshot{}
	for len(rows) > 0 {
		first := rows[0]
		n := slices.IndexFunc(rows, func(r revisionRow) bool { return r.CycleID != first.CycleID || r.PersonID != first.PersonID })
		if n < 0 {
			n = len(rows)
		}
		if r, ok := without(rows[:n], rescoring); ok {
			if out[r.CycleID] == nil {
				out[r.CycleID] = map[string]profile.Snapshot{}
			}
			if out[r.CycleID][r.PersonID], err = (snapshotRow{Body: r.Body}).snapshot(); err != nil {
				return nil, translate("snapshots before", err)
			}
		}
		rows = rows[n:]
	}
	return out, nil
}

// revisionRow is a revision of a snapshot, and what became of the rescoring that wrote it.
type revisionRow struct {
	CycleID, PersonID string
	Revision          int
	Body              string
	RescoringID       reference
	Undo              bool
	State             RescoringState
}

// without is the newest of a snapshot's revisions, which stand in their order, that shows what the last one does but a rescoring, and but those that were taken back without a revision.
func without(revisions []revisionRow, rescoring string) (revisionRow, bool) {
	shown := make([]map[reference]bool, len(revisions)) // rescorings, by revision
	now, gone := map[reference]bool{}, map[reference]bool{reference(rescoring): true}
	for i, r := range revisions {
		now = maps.Clone(now)
		switch {
		case r.Undo:
			if !now[r.RescoringID] { // it came before the first revision, or before revisions said whose they are: all until here show it
				for _, earlier := range shown[:i] {
					earlier[r.RescoringID] = true
				}
			}
			delete(now, r.RescoringID)
		case r.RescoringID != "":
			now[r.RescoringID] = true
			gone[r.RescoringID] = gone[r.RescoringID] || r.State == Undone
		}
		shown[i] = now
	}
	want := maps.Clone(now)
	maps.DeleteFunc(want, func(id reference, _ bool) bool { return gone[id] })
	for i := len(revisions) - 1; i >= 0 && now[reference(rescoring)]; i-- {
		if maps.Equal(shown[i], want) {
			return revisions[i], true
		}
	}
	return revisionRow{}, false
}
