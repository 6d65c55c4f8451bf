package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"path/filepath"
	"strings"
	"text/tabwriter"
	"time"

	"leida/internal/exam"
	"leida/internal/fault"
	"leida/internal/profile"
	"leida/internal/rescore"
	"leida/internal/store"
	"leida/internal/text"
)

type rescoreCmd struct {
	Item rescoreItemCmd `cmd:"" default:"withargs" help:"Preview what a corrected item changes, or apply it."`
	List rescoreListCmd `cmd:"" help:"List the rescorings."`
	Undo rescoreUndoCmd `cmd:"" help:"List what taking a rescoring back changes, or take it back."`

	Cancel rescoreCancelCmd `cmd:"" help:"Stop a rescoring that is being applied, or drop one that is not."`
}

// byTool stands for a person in rescorings that were asked for at the command line.
const byTool = "leida rescore"

type rescoreItemCmd struct {
	databaseFlags
	definitionFlags
	Item   string `arg:"" help:"Id of the item, whose newest version is the corrected one."`
	Rule   string `required:"" enum:"current,current-or-previous,full-credit" help:"current: marks of the newest version; current-or-previous: the better of the version sat and the newest; full-credit: everybody who was shown the item has all of it."`
	Reason string `required:"" help:"Why; agents read it on their result."`
	DryRun bool   `required:"" xor:"do" help:"Only list what would change."`
	Apply  bool   `required:"" xor:"do" help:"Do it."`
	Plan   string `placeholder:"DIGEST" help:"The plan that was looked at, as the preview printed it. Needed where anything gets worse."`
}

func (c *rescoreItemCmd) Run(w *world) error {
	d, close, err := c.desk(w, c.definitionFlags)
	if err != nil {
		return err
	}
	defer close()
	r, err := d.Plan(w.ctx, rescore.Ask{Item: c.Item, Rule: exam.Rule(c.Rule), Reason: c.Reason, By: store.AuditEntry{Actor: byTool}})
	if err != nil {
		return err
	}
	if r, err = finish(w, d, r.ID, store.Planned); err != nil {
		return err
	}
	if err := printPlan(w, d.Store, r); err != nil {
		return err
	}
	switch {
	case c.DryRun:
		_, err := fmt.Fprintln(w.out, text.Say(w.lang, "rescore.dry", "digest", r.Digest))
		return err
	case c.Plan == "" && r.Counts.Falls > 0:
		fmt.Fprintln(w.out, text.Say(w.lang, "rescore.look", "n", r.Counts.Falls, "digest", r.Digest))
		return errFindings
	case c.Plan == "":
		c.Plan = r.Digest
	}
	if err := d.Apply(w.ctx, r.ID, c.Plan, store.AuditEntry{Actor: byTool}); err != nil {
		return err
	}
	_, err = finish(w, d, r.ID, store.Applied)
	return err
}

// desk is a desk of its own on the database. Beside running servers (on PostgreSQL) the work is shared by lease.
func (f databaseFlags) desk(w *world, defs definitionFlags) (*rescore.Desk, func() error, error) {
	st, err := f.openMigrated(w)
	if err != nil {
		return nil, nil, err
	}
	log := slog.New(slog.DiscardHandler)
	source := definitions{dir: defs.Assessments, kept: filepath.Join(f.Data, "definitions.sound"), st: st, log: log}
	d, err := source.load(w.ctx)
	if err != nil {
		return nil, nil, errors.Join(err, st.Close())
	}
	if _, err := d.FreezeResults(w.ctx); err != nil { // no preview of an item is made while one of its sittings is among these; the others may go on
		fmt.Fprintln(w.err, err)
	}
	return &rescore.Desk{Store: st, Definitions: d, Rules: profile.DefaultRules(), Now: w.now}, st.Close, nil
}

func wait(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}

// finish works until a rescoring is where it should get to, and says how far it is.
func finish(w *world, d *rescore.Desk, id string, to store.RescoringState) (store.Rescoring, error) {
	holder := d.Store.NewID()
	defer func() { _ = d.Store.Release(context.WithoutCancel(w.ctx), rescore.Lease, holder) }() // it runs out by itself
	d.Hold = func(ctx context.Context) (bool, error) {
		if r, err := d.Store.Rescoring(ctx, id); err == nil && r.Done > 0 {
			fmt.Fprintln(w.err, text.Say(w.lang, "rescore.progress", "state", text.Say(w.lang, "rescore.state."+string(r.State)), "done", r.Done, "total", r.Total))
		}
		return d.Store.Lease(ctx, rescore.Lease, holder, w.now(), rescore.LeaseTime)
	}
	for {
		if err := d.Work(w.ctx); err != nil {
			return store.Rescoring{}, err
		}
		r, err := d.Store.Rescoring(w.ctx, id)
		if err != nil {
			return r, err
		}
		if !r.State.UnderWay() {
			fmt.Fprintln(w.err, text.Say(w.lang, "rescore.progress", "state", text.Say(w.lang, "rescore.state."+string(r.State)), "done", r.Done, "total", r.Total))
			if r.State != to {
				return r, fault.New(fault.Conflict, "rescore.stopped")
			}
			return r, nil
		}
		if err := wait(w.ctx, sweepEvery); err != nil { // another server has it
			return r, err
		}
	}
}

// printPlan lists every sitting that would change, what gets worse first, and sums it up.
func printPlan(w *world, st *store.Store, r store.Rescoring) error {
	err := printLines(w, r, func(offset int) ([]store.RescoringLine, error) {
		lines, _, err := st.RescoringLines(w.ctx, r.ID, store.Page{Limit: store.MaxLimit, Offset: offset})
		return lines, err
	})
	if err != nil {
		return err
	}
	printCounts(w, r.Counts)
	fmt.Fprintln(w.out, text.Say(w.lang, "rescore.digest", "digest", r.Digest))
	return nil
}

// printReturn is printPlan for taking back.
func printReturn(w *world, st *store.Store, id string) error {
	r, err := st.Rescoring(w.ctx, id)
	if err != nil {
		return err
	}
	back, err := st.RescoringReturn(w.ctx, id)
	if err != nil {
		return err
	}
	err = printLines(w, r, func(offset int) ([]store.RescoringLine, error) {
		n := len(back.Sittings)
		return st.ReturnLines(w.ctx, id, back.Sittings[min(offset, n):min(offset+store.MaxLimit, n)])
	})
	if err == nil {
		printCounts(w, back.Counts)
	}
	return err
}

// printLines prints the lines that next has from an offset on, until there are none.
func printLines(w *world, r store.Rescoring, next func(offset int) ([]store.RescoringLine, error)) error {
	fmt.Fprintf(w.out, "%s v%d: %s\n", r.Item, r.Version, text.Say(w.lang, "rescore.rule."+string(r.Rule)))
	table := tabwriter.NewWriter(w.out, 0, 4, 2, ' ', 0)
	for offset := 0; ; {
		lines, err := next(offset)
		if err != nil {
			return err
		}
		if len(lines) == 0 {
			return table.Flush()
		}
		for _, l := range lines {
			printLine(table, w.lang, l)
		}
		offset += len(lines)
	}
}

func printCounts(w *world, n store.RescoringCounts) {
	say := func(key string, args ...any) { fmt.Fprintln(w.out, text.Say(w.lang, key, args...)) }
	say("rescore.count.sittings", "n", n.Sittings)
	say("rescore.count.changed", "n", n.Changed, "people", n.People)
	say("rescore.count.falls", "n", n.Falls)
	say("rescore.count.rises", "n", n.Rises)
	say("rescore.count.left", "n", n.Left)
	say("rescore.count.levels", "up", n.LevelsUp, "down", n.LevelsDown)
	say("rescore.count.passes", "up", n.Passes, "down", n.Fails)
	if n.Open > 0 {
		say("rescore.count.open", "n", n.Open)
	}
}

var verdictSigns = map[exam.Verdict]string{exam.Passed: "✓", exam.NotPassed: "✗", exam.Undecided: "?"}

func printLine(out io.Writer, l text.Lang, x store.RescoringLine) {
	sign := map[bool]string{true: "↓", false: " "}[x.Falls]
	if !x.Falls && x.Becomes > x.Was {
		sign = "↑"
	}
	var more []string
	if x.Left != "" {
		more = append(more, text.Say(l, "rescore.left."+x.Left))
	}
	for _, e := range x.Effects.Evidence {
		more = append(more, fmt.Sprintf("%s %s→%s", e.Sub, observed(e.Was), observed(e.Now)))
	}
	for _, v := range x.Effects.Levels {
		more = append(more, strings.TrimSpace(fmt.Sprintf("%s %s L%d→L%d", v.Cycle, v.ID, v.Was, v.Now)))
	}
	if was, now := x.Effects.Verdicts(); was != now {
		more = append(more, verdictSigns[was]+"→"+verdictSigns[now])
	}
	if was, now := x.Effects.Critical[0], x.Effects.Critical[1]; len(was)+len(now) > 0 {
		more = append(more, fmt.Sprintf("!%d→!%d", len(was), len(now)))
	}
	fmt.Fprintf(out, "%s\t%s\t%s\t%.1f → %.1f\t%s\n", sign, x.Number, x.Name, x.Was, x.Becomes, strings.Join(more, ", "))
}

func observed(o *exam.Observed) string {
	if o == nil {
		return "–"
	}
	return fmt.Sprintf("%.0f(n%.1f)", o.Y, o.N)
}

type rescoreListCmd struct {
	databaseFlags
	Item string `arg:"" optional:"" help:"Only those of an item."`
}

func (c *rescoreListCmd) Run(w *world) error {
	st, err := c.openMigrated(w)
	if err != nil {
		return err
	}
	defer st.Close()
	zone, err := c.zone()
	if err != nil {
		return err
	}
	all, err := st.Rescorings(w.ctx, c.Item)
	if err != nil {
		return err
	}
	table := tabwriter.NewWriter(w.out, 0, 4, 2, ' ', 0)
	for _, r := range all {
		fmt.Fprintf(table, "%s\t%s\t%s v%d\t%s\t%s\t%d/%d\t%s\n", r.ID, r.At.In(zone).Format("2006-01-02 15:04"), r.Item, r.Version, r.Rule,
			text.Say(w.lang, "rescore.state."+string(r.State)), r.Done, r.Total, r.Reason)
	}
	return table.Flush()
}

type rescoreUndoCmd struct {
	databaseFlags
	definitionFlags
	ID    string `arg:"" help:"Id of the rescoring, as listed."`
	Apply bool   `help:"Do it. Without this, what would change is only listed."`
}

func (c *rescoreUndoCmd) Run(w *world) error {
	d, close, err := c.desk(w, c.definitionFlags)
	if err != nil {
		return err
	}
	defer close()
	if err := printReturn(w, d.Store, c.ID); err != nil {
		return err
	}
	fmt.Fprintln(w.out, text.Say(w.lang, "rescore.back.levels"))
	if !c.Apply {
		_, err := fmt.Fprintln(w.out, text.Say(w.lang, "rescore.back.dry"))
		return err
	}
	if err := d.Undo(w.ctx, c.ID, store.AuditEntry{Actor: byTool}); err != nil {
		return err
	}
	_, err = finish(w, d, c.ID, store.Undone)
	return err
}

type rescoreCancelCmd struct {
	databaseFlags
	ID string `arg:"" help:"Id of the rescoring, as listed."`
}

func (c *rescoreCancelCmd) Run(w *world) error {
	st, err := c.openMigrated(w)
	if err != nil {
		return err
	}
	defer st.Close()
	if err := st.StopRescoring(w.ctx, c.ID, store.AuditEntry{Actor: byTool}); err != nil {
		return err
	}
	r, err := st.Rescoring(w.ctx, c.ID)
	if err == nil {
		_, err = fmt.Fprintln(w.out, text.Say(w.lang, "rescore.progress", "state", text.Say(w.lang, "rescore.state."+string(r.State)), "done", r.Done, "total", r.Total))
	}
	return err
}
