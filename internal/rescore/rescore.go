// Package rescore carries a corrected item through the sittings that had it: it plans what would change, and writes it, or takes it back, in the background.
//
// A corrected key is a new version of its item; past sittings keep the one they were sat with. What their results become is asked for here, by a rule and with a reason. First comes a plan, which
// lists every sitting, value of evidence, level and pass that would change, before and after, and has a digest of what it rests on. Whoever has looked at it applies it by that digest. The
// work is rows in the database, so that it is gone on with after a crash, can be cancelled between two batches, and can be taken back.
package rescore

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"leida/internal/assessment"
	"leida/internal/exam"
	"leida/internal/fault"
	"leida/internal/item"
	"leida/internal/profile"
	"leida/internal/store"
)

// Definitions are the library in force, and what was ever sat.
type Definitions interface {
	Current() *assessment.Library
	ItemAt(ctx context.Context, hash string) (*item.Item, error)
	AssessmentAt(ctx context.Context, hash string) (*assessment.Assessment, error)
}

// Desk is where rescorings are asked for and worked on.
type Desk struct {
	Store       *store.Store
	Definitions Definitions
	Rules       profile.Rules
	Now         func() time.Time

	Hold  func(ctx context.Context) (bool, error) // asked before each batch: does this server still have the work to itself? nil for always
	Batch int                                     // sittings in one transaction; 0 for the usual

	tries map[string]int
}

// batch is how many sittings are read or written in one go: few enough that saves get their turn between two commits.
const batch = 200

// Lease names the lease of the work: of several servers on one database one does it.
const Lease = "rescore"

// LeaseTime is how long a server has the work to itself without a word; a batch takes far less.
const LeaseTime = 30 * time.Second

// patience is how often a rescoring may fail before it is given up.
const patience = 5

// MaxReason bounds a reason, in characters. Agents read it on their result.
const MaxReason = 300

// Ask is what somebody wants of an item.
type Ask struct {
	Item   string
	Rule   exam.Rule
	Reason string
	By     store.AuditEntry // who, and in which request
}

// Plan begins to work out what a rescoring would change. Nothing changes by it.
func (d *Desk) Plan(ctx context.Context, a Ask) (store.Rescoring, error) {
	lib := d.Definitions.Current()
	it, ok := lib.Item(a.Item)
	if !ok {
		return store.Rescoring{}, fault.New(fault.NotFound, "rescore.no_item", "id", a.Item)
	}
	var ps []fault.Problem
	known := false
	for _, r := range exam.RescoreRules {
		known = known || r == a.Rule
	}
	if !known {
		ps = append(ps, fault.At("rule", "define.one_of", "got", string(a.Rule), "known", exam.RescoreRules))
	}
	a.Reason = strings.TrimSpace(a.Reason)
	switch n := utf8.RuneCountInString(a.Reason); {
	case n == 0:
		ps = append(ps, fault.At("reason", "define.required"))
	case n > MaxReason:
		ps = append(ps, fault.At("reason", "define.too_long", "max", MaxReason, "got", n))
	case !utf8.ValidString(a.Reason) || strings.ContainsRune(a.Reason, 0):
		ps = append(ps, fault.At("reason", "answer.utf8"))
	}
	if err := fault.Of(ps); err != nil {
		return store.Rescoring{}, err
	}
	switch n, err := d.Store.WithoutResult(ctx, it.ID); {
	case err != nil:
		return store.Rescoring{}, err
	case n > 0: // they would be left out, and nobody told
		return store.Rescoring{}, fault.New(fault.Conflict, "rescore.without_result", "n", n)
	}
	src, ok := lib.Source(it.Hash)
	if !ok {
		return store.Rescoring{}, fmt.Errorf("no source of %s", it.Name())
	}
	return d.Store.PlanRescoring(ctx, store.Rescoring{Item: it.ID, Rule: a.Rule, Reason: a.Reason, Newest: it.Hash, Version: it.Version, By: a.By.Actor, At: d.Now()}, src, a.By)
}

// Apply lets the server write a plan that somebody has looked at: digest is the plan's. It is refused when what the plan rests on has changed since.
func (d *Desk) Apply(ctx context.Context, id, digest string, e store.AuditEntry) error {
	r, err := d.Store.Rescoring(ctx, id)
	if err != nil {
		return err
	}
	if r.State != store.Planned {
		return fault.New(fault.Conflict, "rescore.not_planned")
	}
	it, ok := d.Definitions.Current().Item(r.Item)
	if !ok || it.Hash != r.Newest || digest != r.Digest {
		return fault.New(fault.Conflict, "rescore.moved")
	}
	on, err := d.Store.Ground(ctx) // before the digest, which takes its time
	if err != nil {
		return err
	}
	_, _, now, err := d.Store.Affected(ctx, r, d.reckoning())
	if err != nil {
		return err
	}
	if now != r.Digest {
		return fault.New(fault.Conflict, "rescore.moved")
	}
	return d.Store.StartRescoring(ctx, id, on, e)
}

// reckoning names what levels are reckoned with.
func (d *Desk) reckoning() string {
	m := d.Definitions.Current().Model
	return fmt.Sprintf("%s %s %+v", m.ID, m.Version, d.Rules)
}

// Undo lets the server take a rescoring back.
func (d *Desk) Undo(ctx context.Context, id string, e store.AuditEntry) error {
	return d.Store.UndoRescoring(ctx, id, e)
}

// Cancel stops what is being applied, or drops a plan.
func (d *Desk) Cancel(ctx context.Context, id string, e store.AuditEntry) error {
	return d.Store.StopRescoring(ctx, id, e)
}

// Work does all that is asked for, one rescoring after the other, and returns when nothing is under way. It goes on where a server that was killed left off. An error ends it for now;
// the next call tries again, and gives a rescoring up that keeps failing.
func (d *Desk) Work(ctx context.Context) error {
	for {
		r, ok, err := d.Store.NextRescoring(ctx)
		if err != nil || !ok {
			return err
		}
		if err := d.mine(ctx); err != nil {
			return unless(err, store.Stopped)
		}
		if err = d.work(ctx, r); err == nil || errors.Is(err, store.Stopped) {
			delete(d.tries, r.ID)
			continue
		}
		if ctx.Err() != nil || fault.Is(err, fault.Busy) {
			return err
		}
		if d.tries == nil {
			d.tries = map[string]int{}
		}
		if d.tries[r.ID]++; d.tries[r.ID] >= patience {
			err = errors.Join(err, unless(d.Store.FailRescoring(ctx, r), store.Stopped))
		}
		return fmt.Errorf("rescoring %s of %s, %s: %w", r.ID, r.Item, r.State, err)
	}
}

func unless(err, but error) error {
	if errors.Is(err, but) {
		return nil
	}
	return err
}

// mine is Stopped where another server has the work.
func (d *Desk) mine(ctx context.Context) error {
	if err := ctx.Err(); err != nil || d.Hold == nil {
		return err
	}
	ok, err := d.Hold(ctx)
	if err == nil && !ok {
		err = store.Stopped
	}
	return err
}

func (d *Desk) size() int {
	if d.Batch > 0 {
		return d.Batch
	}
	return batch
}

func (d *Desk) work(ctx context.Context, r store.Rescoring) error {
	j, err := d.job(ctx, r)
	if err != nil {
		return err
	}
	if r.State == store.Planning {
		return j.plan(ctx)
	}
	return j.write(ctx)
}

// job is one rescoring at work.
type job struct {
	*Desk
	r    store.Rescoring
	mark exam.Rescoring
	hist history
}

func (d *Desk) job(ctx context.Context, r store.Rescoring) (*job, error) {
	it, err := d.Definitions.ItemAt(ctx, r.Newest)
	if err != nil {
		return nil, err
	}
	newest, err := exam.NewVersion(it, d.Definitions.Current().SubName)
	if err != nil {
		return nil, err
	}
	j := &job{Desk: d, r: r, hist: history{desk: d, now: d.Now()}}
	j.mark = exam.Rescoring{Rule: r.Rule, ID: r.ID, Reason: r.Reason, Newest: newest, Sat: d.sat(ctx)}
	return j, nil
}
