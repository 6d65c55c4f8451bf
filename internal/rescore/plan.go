package rescore

import (
	"context"
	"errors"
	"sync"

	"leida/internal/assessment"
	"leida/internal/exam"
	"leida/internal/fault"
	"leida/internal/store"
)

// sat finds the versions that stood on papers, each made ready once.
func (d *Desk) sat(ctx context.Context) func(hash string) (exam.Version, error) {
	var mu sync.Mutex
	made := map[string]exam.Version{}
	return func(hash string) (exam.Version, error) {
		mu.Lock()
		defer mu.Unlock()
		if v, ok := made[hash]; ok {
			return v, nil
		}
		it, err := d.Definitions.ItemAt(ctx, hash)
		if err != nil {
			return exam.Version{}, err
		}
		v, err := exam.NewVersion(it, d.Definitions.Current().SubName)
		made[hash] = v
		return v, err
	}
}

// plan works out what would change, people by people, and keeps it line by line.
func (j *job) plan(ctx context.Context) error {
	sittings, open, digest, err := j.Store.Affected(ctx, j.r, j.reckoning()) // before all that is read below
	if err != nil {
		return err
	}
	if err := j.hist.load(ctx); err != nil {
		return err
	}
	if err := j.Store.RestartPlan(ctx, j.r.ID, len(sittings)); err != nil {
		return err
	}
	counts := store.RescoringCounts{Sittings: len(sittings), Open: open}
	cuts := map[string]*assessment.Cut{}
	made := 0
	for done := 0; done < len(sittings); {
		if err := j.mine(ctx); err != nil {
			return err
		}
		end := min(done+j.size(), len(sittings))
		for end < len(sittings) && sittings[end].Person == sittings[end-1].Person { // a person is not split
			end++
		}
		changes, err := j.changes(ctx, sittings[done:end])
		if err != nil {
			return err
		}
		lines, err := j.lines(ctx, changes, cuts)
		if err != nil {
			return err
		}
		count(&counts, changes, lines)
		if err := j.Store.AddPlan(ctx, j.r.ID, lines, end); err != nil {
			return err
		}
		done, made = end, made+len(lines)
	}
	if err := j.mine(ctx); err != nil {
		return err
	}
	return j.Store.EndPlan(ctx, j.r.ID, made, counts, digest)
}

// changes are what the rule makes of some sittings, in their order.
func (j *job) changes(ctx context.Context, sittings []store.AffectedSitting) ([]exam.Change, error) {
	ids := make([]string, len(sittings))
	for i, s := range sittings {
		ids[i] = s.Sitting
	}
	results, err := j.Store.NewestResults(ctx, j.r.Item, ids)
	if err != nil {
		return nil, err
	}
	out := make([]exam.Change, len(ids))
	return out, store.Side(len(ids), func(i int) (err error) {
		out[i], err = j.mark.Of(results[ids[i]])
		return err
	})
}

// lines are the plan's lines of whole people; sittings that nothing changes for have none. The levels of a person stand with the last of their sittings whose score moves, or the last at all.
func (j *job) lines(ctx context.Context, changes []exam.Change, cuts map[string]*assessment.Cut) ([]store.RescoringLine, error) {
	levels, err := j.hist.levels(ctx, changes)
	if err != nil {
		return nil, err
	}
	last := map[string]int{}
	for i, c := range changes {
		if c.After == nil {
			continue
		}
		if at, ok := last[c.Before.Person]; !ok || c.After.Score != c.Before.Score || changes[at].After.Score == changes[at].Before.Score {
			last[c.Before.Person] = i
		}
	}
	var out []store.RescoringLine
	for i, c := range changes {
		if c.After == nil && c.Left == "" {
			continue
		}
		e := c.Effects()
		if at, ok := last[c.Before.Person]; ok && at == i {
			e.Levels = levels[c.Before.Person]
		}
		was, now, err := j.verdicts(ctx, c, cuts)
		if err != nil {
			return nil, err
		}
		e.Judge(was, now)
		l := store.RescoringLine{Sitting: c.Before.Sitting, Person: c.Before.Person, Place: c.Place, Revision: c.Before.Revision, Left: c.Left, Falls: c.Falls(e),
			Was: c.Before.Score, Becomes: c.Before.Score, PlaceWas: c.Before.Places[c.Place].Score, PlaceBecomes: c.Before.Places[c.Place].Score, Effects: e}
		if c.After != nil {
			l.Becomes, l.PlaceBecomes = c.After.Score, c.After.Places[c.Place].Score
		}
		out = append(out, l)
	}
	return out, nil
}

// verdicts are those of the assessment's rule, before and after.
func (j *job) verdicts(ctx context.Context, c exam.Change, cuts map[string]*assessment.Cut) (was, now exam.Verdict, err error) {
	hash := c.Before.Assessment.Hash
	cut, known := cuts[hash]
	if !known {
		a, err := j.Definitions.AssessmentAt(ctx, hash)
		if err != nil {
			return "", "", err
		}
		cut = a.Cut
		cuts[hash] = cut
	}
	was = c.Before.Verdict(cut)
	if now = was; c.After != nil {
		now = c.After.Verdict(cut)
	}
	return was, now, nil
}

func count(n *store.RescoringCounts, changes []exam.Change, lines []store.RescoringLine) {
	people := map[string]bool{}
	for _, c := range changes {
		if c.After != nil {
			n.Changed++
			people[c.Before.Person] = true
		}
		if c.Left != "" {
			n.Left++
		}
		if c.Rises() {
			n.Rises++
		}
	}
	n.People += len(people)
	for _, l := range lines {
		n.Add(l)
	}
}

// write applies the plan, or takes it back, batch by batch, from wherever it stands. While one batch is written the next is made: no person is in both.
func (j *job) write(ctx context.Context) error {
	if err := j.hist.load(ctx); err != nil { // once: while results are written no cycle is closed
		return err
	}
	written := func() error { return nil } // waits for the batch under way
	defer func() { _ = written() }()
	for after := ""; ; {
		lines, b, err := j.next(ctx, after)
		if err := written(); err != nil {
			return err
		}
		if err == nil {
			err = j.mine(ctx)
		}
		if err != nil {
			return err
		}
		if len(lines) == 0 {
			return j.Store.EndRescoring(ctx, j.r)
		}
		done := make(chan error, 1)
		go func() { done <- j.Store.RewriteResults(ctx, j.r, b) }()
		written = sync.OnceValue(func() error { return <-done })
		after = lines[len(lines)-1].Person
	}
}

// next makes the batch behind a person; it has no lines where nothing is left.
func (j *job) next(ctx context.Context, after string) ([]store.RescoringLine, store.Rewrite, error) {
	lines, err := j.Store.RescoringTodo(ctx, j.r, after, j.size())
	if err != nil || len(lines) == 0 {
		return nil, store.Rewrite{}, err
	}
	b, err := j.rewrite(ctx, lines)
	return lines, b, err
}

var errUnlike = errors.New("the plan said otherwise")

// rewrite makes the next revisions of some lines' sittings, with all that follows from them.
func (j *job) rewrite(ctx context.Context, lines []store.RescoringLine) (store.Rewrite, error) {
	b := store.Rewrite{Fresh: exam.Versions{j.mark.Newest.Hash: j.mark.Newest}, Snapshots: nil}
	ids := make([]string, len(lines))
	for i, l := range lines {
		ids[i] = l.Sitting
	}
	results, err := j.Store.NewestResults(ctx, j.r.Item, ids)
	if err != nil {
		return b, err
	}
	changes := make([]exam.Change, len(lines))
	if j.r.State == store.Undoing {
		old, err := j.Store.ResultsBefore(ctx, j.r, ids)
		if err != nil {
			return b, err
		}
		for i, l := range lines {
			r := results[l.Sitting]
			changes[i] = exam.Change{Before: r, After: r.Restore(old[l.Sitting], l.Place, j.r.ID, j.r.Reason), Place: l.Place}
		}
	} else if err := store.Side(len(lines), func(i int) error {
		l := lines[i]
		c, err := j.mark.Of(results[l.Sitting])
		changes[i] = c
		if err == nil && (c.After == nil || c.Before.Revision != l.Revision || c.After.Score != l.Becomes) {
			err = fault.New(fault.Internal, "web.internal").Because(errUnlike)
		}
		if err == nil {
			err = changes[i].Tell()
		}
		return err
	}); err != nil {
		return b, err
	}
	now := j.Now()
	for _, c := range changes {
		c.After.Stamp(now)
		b.Results = append(b.Results, c.After)
	}
	b.Evidence, b.Snapshots, err = j.hist.follow(ctx, changes, j.r)
	return b, err
}
