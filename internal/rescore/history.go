package rescore

import (
	"context"
	"maps"
	"slices"
	"time"

	"leida/internal/exam"
	"leida/internal/org"
	"leida/internal/profile"
	"leida/internal/store"
)

// history is what people's profiles are made of besides their evidence: the closed cycles, oldest first.
type history struct {
	desk   *Desk
	now    time.Time
	closed []org.Cycle
}

func (h *history) load(ctx context.Context) error {
	all, err := h.desk.Store.Cycles(ctx)
	if err != nil {
		return err
	}
	h.closed = nil
	for _, c := range slices.Backward(all) {
		if c.Closed() {
			h.closed = append(h.closed, c)
		}
	}
	return nil
}

// person is one of the people whom changes touch: evidence and snapshots, before and after.
type person struct {
	changes       []exam.Change
	before, after []profile.Evidence
	added         []profile.Evidence
	touched       map[string]bool // ids of records that go void
	snapshots     map[string]profile.Snapshot
	revised       map[string]profile.Snapshot
	back          map[string]profile.Snapshot // what snapshots go back to, where a rescoring is taken back
}

// gather finds the people of some changes, with their snapshots, and nothing of their evidence yet.
func (h *history) gather(ctx context.Context, changes []exam.Change) (map[string]*person, error) {
	people := map[string]*person{}
	var ids []string
	var earliest time.Time
	for _, c := range changes {
		if c.After == nil {
			continue
		}
		p := people[c.Before.Person]
		if p == nil {
			p = &person{snapshots: map[string]profile.Snapshot{}, revised: map[string]profile.Snapshot{}, back: map[string]profile.Snapshot{}}
			people[c.Before.Person] = p
			ids = append(ids, c.Before.Person)
		}
		p.changes = append(p.changes, c)
		if at := time.UnixMilli(c.Before.Submitted); earliest.IsZero() || at.Before(earliest) {
			earliest = at
		}
	}
	if len(ids) == 0 {
		return people, nil
	}
	for i, c := range h.closed {
		// a cycle that ended before the first change rests on none of them; the last one before is where hysteresis looks
		if next := i + 1; next < len(h.closed) && h.closed[next].To.Before(earliest) {
			continue
		}
		found, err := h.desk.Store.Snapshots(ctx, c.ID, ids)
		if err != nil {
			return nil, err
		}
		for id, snap := range found {
			people[id].snapshots[c.ID] = snap
		}
	}
	return people, nil
}

// swap does the changes to the person's evidence.
func (p *person) swap(evidence []profile.Evidence) {
	p.before, p.after, p.added, p.touched = evidence, evidence, nil, map[string]bool{}
	for _, c := range p.changes {
		for _, e := range p.after {
			if e.SittingID == c.After.Sitting && e.ItemID == c.After.Places[c.Place].Item.ID && e.Source == profile.Quiz && !e.Void {
				p.touched[e.ID] = true
			}
		}
		var added []profile.Evidence
		p.after, added = exam.Swap(p.after, c.After, c.Place)
		p.added = append(p.added, added...)
	}
}

// rests reports whether a snapshot rests on what changes.
func (p *person) rests(s profile.Snapshot) bool {
	return slices.ContainsFunc(s.Evidence, func(id string) bool { return p.touched[id] })
}

// moves reports whether any of the person's snapshots will have another revision.
func (p *person) moves() bool {
	if len(p.back) > 0 {
		return true
	}
	for _, s := range p.snapshots {
		if p.rests(s) {
			return true
		}
	}
	return false
}

// revise makes the next revisions of the snapshots that rest on what changes, or follow one that does.
func (h *history) revise(p *person, reason string) {
	lib := h.desk.Definitions.Current()
	for i, c := range h.closed {
		snap, ok := p.snapshots[c.ID]
		if old, known := p.back[c.ID]; ok && known {
			p.revised[c.ID] = p.restore(snap, old, reason)
			continue
		}
		if !ok || snap.ModelID != lib.Model.ID || snap.ModelVersion != lib.Model.Version { // frozen on another model: it cannot be made again, and stays
			continue
		}
		follows := false
		if i > 0 {
			_, follows = p.revised[h.closed[i-1].ID]
		}
		if !follows && !p.rests(snap) {
			continue
		}
		next := profile.Of(lib.Model, h.desk.Rules, p.after, snap.At, profile.Options{Role: snap.Role, Previous: p.at(h.closed, i-1), Overall: snap.Overall != nil})
		p.revised[c.ID] = snap.Revise(&next, reason)
	}
}

// restore is the next revision of a snapshot with what an older one said. Where a record of that one has gone void, the one that stands in its place is named.
func (p *person) restore(snap, old profile.Snapshot, reason string) profile.Snapshot {
	type place struct {
		sitting, item, sub string
		source             profile.Source
	}
	gone, stands := map[string]place{}, map[place]string{}
	for _, e := range p.after {
		at := place{e.SittingID, e.ItemID, e.Sub, e.Source}
		if e.Void {
			gone[e.ID] = at
		} else {
			stands[at] = e.ID
		}
	}
	next := old
	next.Revision, next.Reason, next.Evidence = snap.Revision+1, reason, slices.Clone(old.Evidence)
	for i, id := range next.Evidence {
		if at, void := gone[id]; void && stands[at] != "" {
			next.Evidence[i] = stands[at]
		}
	}
	slices.Sort(next.Evidence)
	return next
}

// at is the person's snapshot of a closed cycle as it is once all is written; nil where there is none.
func (p *person) at(closed []org.Cycle, i int) *profile.Snapshot {
	if i < 0 {
		return nil
	}
	if s, ok := p.revised[closed[i].ID]; ok {
		return &s
	}
	if s, ok := p.snapshots[closed[i].ID]; ok {
		return &s
	}
	return nil
}

// levels are the levels that would move, by person: in the profile of today, and in closed cycles.
func (h *history) levels(ctx context.Context, changes []exam.Change) (map[string][]exam.LevelChange, error) {
	people, err := h.gather(ctx, changes)
	if err != nil {
		return nil, err
	}
	var ids []string
	for id, p := range people {
		if len(p.snapshots) > 0 || slices.ContainsFunc(p.changes, exam.Change.Moves) { // else no level is made of anything new
			ids = append(ids, id)
		}
	}
	evidence, err := h.desk.Store.EvidenceOfPeople(ctx, ids)
	if err != nil {
		return nil, err
	}
	roles, err := h.desk.Store.JobProfiles(ctx, ids)
	if err != nil {
		return nil, err
	}
	moved := make([][]exam.LevelChange, len(ids))
	model := h.desk.Definitions.Current().Model
	_ = store.Side(len(ids), func(i int) error {
		p, role := people[ids[i]], roles[ids[i]]
		p.swap(evidence[ids[i]])
		last := h.last(h.now)
		was := profile.Of(model, h.desk.Rules, p.before, h.now, profile.Options{Role: role, Previous: p.at(h.closed, last)})
		h.revise(p, "")
		now := profile.Of(model, h.desk.Rules, p.after, h.now, profile.Options{Role: role, Previous: p.at(h.closed, last)})
		for _, c := range h.closed {
			if next, ok := p.revised[c.ID]; ok {
				moved[i] = append(moved[i], frozenLevels(c.ID, p.snapshots[c.ID], next)...)
			}
		}
		moved[i] = append(moved[i], exam.LevelChanges("", &was, &now)...)
		return nil
	})
	out := map[string][]exam.LevelChange{}
	for i, id := range ids {
		out[id] = moved[i]
	}
	return out, nil
}

// last is the newest closed cycle that began before a time, -1 for none.
func (h *history) last(at time.Time) int {
	for i := len(h.closed) - 1; i >= 0; i-- {
		if h.closed[i].From.Before(at) {
			return i
		}
	}
	return -1
}

func frozenLevels(cycle string, was, now profile.Snapshot) []exam.LevelChange {
	var out []exam.LevelChange
	for _, lines := range [][]profile.Frozen{now.Capabilities, now.Subs} {
		for _, x := range lines {
			before := 0
			if old, ok := was.Line(x.ID); ok {
				before = old.Level
			}
			if before != x.Level {
				out = append(out, exam.LevelChange{Cycle: cycle, ID: x.ID, Was: before, Now: x.Level})
			}
		}
	}
	return out
}

// follow is what changes bring with them: new records of evidence, and new revisions of snapshots by cycle and person.
func (h *history) follow(ctx context.Context, changes []exam.Change, r store.Rescoring) ([]profile.Evidence, map[string]map[string]profile.Snapshot, error) {
	people, err := h.gather(ctx, changes)
	if err != nil {
		return nil, nil, err
	}
	if err := h.weigh(ctx, people, r); err != nil {
		return nil, nil, err
	}
	var added []profile.Evidence
	snapshots := map[string]map[string]profile.Snapshot{}
	for id, p := range people {
		added = append(added, p.added...)
		h.revise(p, r.Reason)
		for cycle, snap := range p.revised {
			if snapshots[cycle] == nil {
				snapshots[cycle] = map[string]profile.Snapshot{}
			}
			snapshots[cycle][id] = snap
		}
	}
	return added, snapshots, nil
}

// weigh loads as much of people's evidence as the changes move, and swaps it: the records of the item, and all that there is where a snapshot is to be made anew.
func (h *history) weigh(ctx context.Context, people map[string]*person, r store.Rescoring) error {
	st := h.desk.Store
	if r.State == store.Undoing {
		back, err := st.SnapshotsBefore(ctx, r.ID, slices.Collect(maps.Keys(people)))
		if err != nil {
			return err
		}
		for cycle, old := range back {
			for id, s := range old {
				people[id].back[cycle] = s
			}
		}
	}
	var sittings, whole []string
	for _, p := range people {
		for _, c := range p.changes {
			sittings = append(sittings, c.After.Sitting)
		}
	}
	evidence, err := st.EvidenceOfItem(ctx, r.Item, sittings)
	if err != nil {
		return err
	}
	for id, p := range people {
		if p.swap(evidence[id]); p.moves() {
			whole = append(whole, id)
		}
	}
	if evidence, err = st.EvidenceOfPeople(ctx, whole); err != nil {
		return err
	}
	for _, id := range whole {
		people[id].swap(evidence[id])
	}
	return nil
}
