package rescore_test

import (
	"context"
	"crypto/rand"
	"errors"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"leida/internal/exam"
	"leida/internal/profile"
	"leida/internal/rescore"
	"leida/internal/store"
)

// childOf is set in a process that does nothing but the work, one sitting at a time, until it is killed.
const childOf = "LEIDA_RESCORE_CHILD"

type orphan struct{}

func (orphan) Helper()           {}
func (orphan) Fatal(args ...any) { panic(args) }

func child(where string) {
	defs := &definitions{}
	defs.offer(library(orphan{}, asSat()))
	defs.offer(library(orphan{}, corrected()))
	now := func() time.Time { return noon.Add(time.Hour) }
	c := store.Config{Path: where, Now: now, Rand: rand.Reader}
	if strings.Contains(where, "://") {
		c.Path, c.URL = "", where
	}
	st, err := store.Open(context.Background(), c)
	if err != nil {
		panic(err)
	}
	slowly := func(context.Context) (bool, error) { time.Sleep(5 * time.Millisecond); return true, nil } // so that the middle is wide enough to be met
	desk := rescore.Desk{Store: st, Definitions: defs, Rules: profile.DefaultRules(), Now: now, Batch: 1, Hold: slowly}
	if err := desk.Work(context.Background()); err != nil {
		panic(err)
	}
	_ = st.Close()
}

// Killed with SIGKILL again and again, in the middle of planning, applying and taking back: each sitting is wholly old or wholly new, as many are new as it said, and in the end all is done once.
func TestKilledInTheMiddle(t *testing.T) {
	const sittings = 40
	c := newCentre(t, sittings)
	as := c.assign()
	for i, p := range c.agents {
		c.sit(p, as, pick([]string{"a", "b", "d"}[i%3]))
	}
	c.defs.offer(library(t, corrected()))
	before := c.dump()
	c.ok(c.st.Close())
	where := c.where.Path + c.where.URL
	// killed runs a child for a while and kills it; false where it came to its end before that.
	killed := func(after time.Duration) bool {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), childOf+"="+where)
		var said strings.Builder
		cmd.Stdout, cmd.Stderr = &said, &said
		c.ok(cmd.Start())
		ended := make(chan error, 1)
		go func() { ended <- cmd.Wait() }()
		dead := false
		select {
		case err := <-ended:
			ended <- err
		case <-time.After(after):
			// It may end by itself at that very moment, and then there is nothing to kill.
			err := cmd.Process.Kill()
			if dead = err == nil; !errors.Is(err, os.ErrProcessDone) {
				c.ok(err)
			}
		}
		if err := <-ended; err != nil && !dead {
			t.Fatal(err, said.String())
		}
		return dead
	}
	r := store.Rescoring{}
	kills, middle := 0, map[store.RescoringState]int{}
	step := func(state store.RescoringState, ask func()) {
		c.open()
		ask()
		c.ok(c.st.Close())
		for after := 80 * time.Millisecond; killed(after); after += 60 * time.Millisecond {
			kills++
			c.open()
			now := c.at(r.ID)
			if now.State == state && 0 < now.Done && now.Done < sittings {
				middle[state]++
			}
			if state == store.Applying {
				old, fresh := c.wholly(r)(before)
				if old+fresh != sittings || fresh != now.Done && now.State == store.Applying {
					t.Errorf("%d old, %d new, %d said to be done", old, fresh, now.Done)
				}
			}
			c.ok(c.st.Close())
		}
	}
	step(store.Planning, func() {
		var err error
		r, err = c.desk.Plan(c.ctx, rescore.Ask{Item: "one", Rule: exam.Current, Reason: "x", By: store.AuditEntry{Actor: c.admin.ID}})
		c.ok(err)
	})
	step(store.Applying, func() { r = c.at(r.ID); c.ok(c.desk.Apply(c.ctx, r.ID, r.Digest, store.AuditEntry{})) })
	c.open()
	if old, fresh := c.wholly(r)(before); old != 0 || fresh != sittings || c.at(r.ID).State != store.Applied {
		t.Errorf("%d old, %d new: %+v", old, fresh, c.at(r.ID))
	}
	c.ok(c.st.Close())
	step(store.Undoing, func() { c.ok(c.desk.Undo(c.ctx, r.ID, store.AuditEntry{})) })
	c.open()
	if diff := cmp.Diff(before, c.dump()); diff != "" || c.at(r.ID).State != store.Undone {
		t.Error(diff)
	}
	for id, hashes := range c.results() {
		if len(hashes) != 3 {
			t.Errorf("%s has %d revisions", id, len(hashes))
		}
	}
	c.audited("rescore.apply", "rescore.end", "rescore.undo", "rescore.undone")
	t.Log(kills, "kills, of which in the middle", middle)
	for _, state := range []store.RescoringState{store.Planning, store.Applying, store.Undoing} {
		if middle[state] == 0 {
			t.Errorf("no kill came in the middle of %s", state)
		}
	}
}
