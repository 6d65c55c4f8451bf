package store

import (
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
