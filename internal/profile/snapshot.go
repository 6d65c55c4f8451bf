package profile

import (
	"slices"
	"strings"
	"time"

	"leida/internal/capability"
)

// Snapshot is a profile frozen when its cycle closed (MEASUREMENT 5.3). It holds numbers and ids only and never moves; a rescoring makes a new revision.
type Snapshot struct {
	Cycle                 string
	Revision              int    // from 1
	Reason                string // why there is a revision after the first
	ModelID, ModelVersion string
	Role                  string
	At                    time.Time
	Capabilities          []Frozen
	Subs                  []Frozen // in the model's order
	Overall               *Score
	Evidence              []string // ids of the records that the numbers rest on, sorted
}

// Frozen is one line of a snapshot. Score, Level and Pair are meaningful where Sufficient.
type Frozen struct {
	ID     string
	Status Status
	Score
	Level    int
	Pair     [2]int
	Units    float64
	Coverage float64 // of a capability
	Counts   Counts
	Target   Target
}

// Freeze is the first snapshot of a closing cycle. Profile and snapshot share no memory.
func (p *Profile) Freeze(cycle string) Snapshot {
	s := Snapshot{Cycle: cycle, Revision: 1, ModelID: p.ModelID, ModelVersion: p.ModelVersion, Role: p.Role, At: p.At}
	if p.Overall != nil {
		overall := *p.Overall
		s.Overall = &overall
	}
	for i := range p.Capabilities {
		c := &p.Capabilities[i]
		s.Capabilities = append(s.Capabilities, Frozen{
			ID: c.ID, Status: c.Status, Score: c.Score, Level: c.Level, Pair: c.Pair,
			Units: c.Units, Coverage: c.Coverage, Counts: c.Counts, Target: c.Target,
		})
		for j := range c.Subs {
			b := &c.Subs[j]
			line := Frozen{ID: b.ID, Status: b.Status, Units: b.Units, Counts: b.Counts, Target: b.Target}
			if b.Shown() { // the score of an insufficient sub-competency is nobody's business later
				line.Score, line.Level, line.Pair = b.Score, b.Level, b.Pair
			}
			s.Subs = append(s.Subs, line)
			for _, e := range b.Evidence {
				s.Evidence = append(s.Evidence, e.ID)
			}
		}
	}
	slices.Sort(s.Evidence)
	return s
}

// Revise is the next revision of a snapshot, with the numbers of a profile made anew for the same date. The old revision stays as it was.
func (s Snapshot) Revise(p *Profile, reason string) Snapshot {
	next := p.Freeze(s.Cycle)
	next.Revision, next.Reason = s.Revision+1, reason
	return next
}

// on is the snapshot if its scores and levels can be compared with those of a model, else nil: weights and cuts change with the major version
// (MEASUREMENT 2.2). A nil snapshot is comparable with nothing.
func (s *Snapshot) on(model *capability.Model) *Snapshot {
	if s == nil || !sameScale(s.ModelID, s.ModelVersion, model.ID, model.Version) {
		return nil
	}
	return s
}

func sameScale(id, version, otherID, otherVersion string) bool {
	major, _, _ := strings.Cut(version, ".")
	otherMajor, _, _ := strings.Cut(otherVersion, ".")
	return id == otherID && major == otherMajor
}

// level is the frozen level of a capability or sub-competency; 0 where there was none.
func (s *Snapshot) level(id string) int {
	if f, ok := s.Line(id); ok {
		return f.Level
	}
	return 0
}

// Line finds the line of a capability or sub-competency; a nil snapshot has none.
func (s *Snapshot) Line(id string) (*Frozen, bool) {
	if s == nil {
		return nil, false
	}
	for _, lines := range [][]Frozen{s.Capabilities, s.Subs} {
		for i := range lines {
			if lines[i].ID == id {
				return &lines[i], true
			}
		}
	}
	return nil, false
}
