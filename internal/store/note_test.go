package store

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"leida/internal/exam"
	"leida/internal/fault"
	"leida/internal/org"
	"leida/internal/profile"
)

// changes are what can be noted: the change, ready to be made, and a table without which its last step cannot be.
var changes = []struct {
	name, table string
	ready       func(c *centre) func(ctx context.Context) error
}{
	{"person", "grants", func(c *centre) func(ctx context.Context) error {
		return func(ctx context.Context) error {
			_, err := c.CreatePerson(ctx, org.Person{Number: "9", Name: "N", JobProfile: "aic"}, "", []org.Grant{{Access: org.Agent}})
			return err
		}
	}},
	{"grants", "grants", func(c *centre) func(ctx context.Context) error {
		return func(ctx context.Context) error {
			return c.SetGrants(ctx, c.ann.ID, []org.Grant{{Access: org.Trainer}})
		}
	}},
	{"password", "sessions", func(c *centre) func(ctx context.Context) error {
		c.session(c.ann, 'a')
		return func(ctx context.Context) error { return c.SetPassword(ctx, c.ann.ID, "hash", "") }
	}},
	{"own password", "sessions", func(c *centre) func(ctx context.Context) error {
		s := c.session(c.ann, 'a')
		return func(ctx context.Context) error {
			return c.ChangePassword(ctx, c.ann.ID, "hash", s.ID, token('b'), noon)
		}
	}},
	{"one-time password", "sessions", func(c *centre) func(ctx context.Context) error {
		c.session(c.ann, 'a')
		return func(ctx context.Context) error {
			return c.SetOneTime(ctx, c.ann.ID, "hash", noon.Add(time.Hour))
		}
	}},
	{"sign-in", "sessions", func(c *centre) func(ctx context.Context) error {
		return func(ctx context.Context) error {
			_, err := c.CreateSession(ctx, c.ann.ID, token('a'), "a", noon, time.Hour, noon.Add(time.Hour))
			return err
		}
	}},
	{"proof", "sessions", func(c *centre) func(ctx context.Context) error {
		s := c.session(c.ann, 'a')
		return func(ctx context.Context) error {
			return c.ProveSession(ctx, c.ann.ID, s.ID, token('b'), Shown{}, noon)
		}
	}},
	{"sign-out", "sessions", func(c *centre) func(ctx context.Context) error {
		s := c.session(c.ann, 'a')
		return func(ctx context.Context) error { return c.RevokeSession(ctx, c.ann.ID, s.ID) }
	}},
	{"all sessions", "sessions", func(c *centre) func(ctx context.Context) error {
		c.session(c.ann, 'a')
		return func(ctx context.Context) error { _, err := c.RevokeEverybody(ctx, ""); return err }
	}},
	{"factor begun", "factors", func(c *centre) func(ctx context.Context) error {
		return func(ctx context.Context) error { return c.BeginFactor(ctx, c.ann.ID, make([]byte, 20)) }
	}},
	{"factor on", "sessions", func(c *centre) func(ctx context.Context) error {
		s := c.session(c.ann, 'a')
		c.ok(c.BeginFactor(c.ctx, c.ann.ID, make([]byte, 20)))
		return func(ctx context.Context) error {
			return c.ConfirmFactor(ctx, c.ann.ID, s.ID, token('b'), make([]byte, 20), 7, [][32]byte{{1}}, noon)
		}
	}},
	{"factor off", "sessions", func(c *centre) func(ctx context.Context) error {
		c.enrolled(c.ann)
		return func(ctx context.Context) error { return c.RemoveFactor(ctx, c.ann.ID, "") }
	}},
	{"recovery codes", "recovery_codes", func(c *centre) func(ctx context.Context) error {
		c.enrolled(c.ann)
		return func(ctx context.Context) error { return c.ReplaceCodes(ctx, c.ann.ID, [][32]byte{{9}}) }
	}},
	{"roster", "grants", func(c *centre) func(ctx context.Context) error {
		known, err := c.Roster(c.ctx)
		c.ok(err)
		plan := org.PlanRoster(known, []org.RosterRow{row(1, "77", "新来的", "新中心")}, []string{"aic"}, noon)
		return func(ctx context.Context) error { return c.ApplyRoster(ctx, plan, noon) }
	}},
	{"assignment", "assignment_people", func(c *centre) func(ctx context.Context) error {
		return func(ctx context.Context) error {
			_, err := c.CreateAssignment(ctx, exam.Assignment{Assessment: "form", By: c.trainer.ID, Opens: noon, Closes: noon.Add(time.Hour), People: []string{c.bob.ID}})
			return err
		}
	}},
	{"time factor", "time_factors", func(c *centre) func(ctx context.Context) error {
		a, v := c.assign("form", c.root), c.viewer(c.trainer)
		return func(ctx context.Context) error { return c.SetTimeFactor(ctx, v, a.ID, c.ann.ID, 2) }
	}},
	{"cycle", "snapshots", func(c *centre) func(ctx context.Context) error {
		q := org.Quarter(noon.AddDate(0, -3, 0), time.UTC)
		c.ok(c.EnsureCycle(c.ctx, q))
		return func(ctx context.Context) error {
			return c.CloseCycle(ctx, q.ID, noon, map[string]profile.Snapshot{c.ann.ID: {Cycle: q.ID, Revision: 1, At: noon}}, Ground{})
		}
	}},
	{"start", "slots", func(c *centre) func(ctx context.Context) error {
		v, a := c.viewer(c.ann), c.assign("form", c.root)
		return func(ctx context.Context) error { _, err := c.StartSitting(ctx, v, a.ID, c.paper(v, 3)); return err }
	}},
	{"submission", "evidence", func(c *centre) func(ctx context.Context) error {
		v, x := c.viewer(c.ann), c.sit(c.ann, c.assign("form", c.root))
		return func(ctx context.Context) error {
			_, err := c.UpdateSitting(ctx, v, x.ID, finish(noon))
			return err
		}
	}},
}

// enrolled gives a person a second factor, and is the session in which it was set up.
func (c *centre) enrolled(p org.Person) Session {
	c.t.Helper()
	s := c.session(p, 'e')
	c.ok(c.BeginFactor(c.ctx, p.ID, make([]byte, 20)))
	c.ok(c.ConfirmFactor(c.ctx, p.ID, s.ID, token('e'), make([]byte, 20), 7, [][32]byte{{1}, {2}}, c.clock.now()))
	return s
}

// A change and its entry in the audit log are one: an entry that cannot be written undoes the change, and a change that fails leaves no entry.
func TestChangeAndEntryAreOne(t *testing.T) {
	for _, x := range changes {
		t.Run(x.name, func(t *testing.T) {
			c := newCentre(t)
			change := x.ready(c)
			entry := AuditEntry{Actor: c.admin.ID, Action: "x", Object: "y", ObjectID: "z", RequestID: "r"}
			before := c.digests()

			broken := entry
			broken.Detail = json.RawMessage("{")
			c.fails(change(Noting(c.ctx, broken)), fault.Invalid, "store.out_of_range")
			if d := cmp.Diff(before, c.digests()); d != "" {
				t.Errorf("changed without its entry:\n%s", d)
			}

			c.ok(c.exec("ALTER TABLE " + x.table + " RENAME TO elsewhere"))
			if err := change(Noting(c.ctx, entry)); err == nil {
				t.Error("it goes well without its table")
			}
			c.ok(c.exec("ALTER TABLE elsewhere RENAME TO " + x.table))
			if d := cmp.Diff(before, c.digests()); d != "" {
				t.Errorf("half a change, or an entry without one:\n%s", d)
			}

			rows := c.verify().Rows
			c.ok(change(Noting(c.ctx, entry)))
			if s := c.verify(); s.Rows != rows+1 || s.Broken != 0 {
				t.Errorf("%d entries, broken %d", s.Rows-rows, s.Broken)
			}
			if cmp.Equal(before, c.digests()) {
				t.Error("nothing changed")
			}
		})
	}
}

// What finds nothing to change leaves no entry.
func TestNoChangeNoEntry(t *testing.T) {
	c := newCentre(t)
	ctx := Noting(c.ctx, AuditEntry{Action: "x"})
	v, x := c.viewer(c.ann), c.sit(c.ann, c.assign("form", c.root))
	_, err := c.UpdateSitting(c.ctx, v, x.ID, finish(noon))
	c.ok(err)
	rows := c.verify().Rows
	_, err = c.UpdateSitting(ctx, v, x.ID, finish(noon))
	c.ok(err)
	c.ok(c.RemoveFactor(ctx, c.ann.ID, ""))
	if n := c.verify().Rows; n != rows {
		t.Error(n-rows, "entries")
	}
}

// --- signing in ---

func TestLastAdminStays(t *testing.T) {
	c := newCentre(t)
	agent := []org.Grant{{Access: org.Agent}}
	gone := c.person("0007", "Gone", org.Grant{Access: org.Admin})
	c.ok(c.UpdatePerson(c.ctx, gone.ID, func(p *org.Person) error {
		p.ActiveFrom, p.ActiveTo = noon.Add(-time.Hour), noon.Add(-time.Minute)
		return nil
	}))
	for _, grants := range [][]org.Grant{nil, agent, {{Access: org.Trainer}}} {
		c.fails(c.SetGrants(c.ctx, c.admin.ID, grants), fault.Conflict, "store.last_admin")
	}
	if !c.viewer(c.admin).Is(org.Admin) {
		t.Fatal("taken away all the same")
	}
	suspend := func(p *org.Person) error { p.ActiveFrom, p.ActiveTo = noon.Add(-time.Hour), noon; return nil }
	c.fails(c.UpdatePerson(c.ctx, c.admin.ID, suspend), fault.Conflict, "store.last_admin")
	known, err := c.Roster(c.ctx)
	c.ok(err)
	leaves := row(1, "0006", "Ada", "centre")
	c.ok(suspend(&leaves.Person))
	plan := org.PlanRoster(known, []org.RosterRow{leaves}, []string{"aic"}, noon)
	if len(plan.Problems) > 0 {
		t.Fatal(plan.Problems)
	}
	c.fails(c.ApplyRoster(c.ctx, plan, noon), fault.Conflict, "store.last_admin")
	c.ok(c.SetGrants(c.ctx, c.admin.ID, []org.Grant{{Access: org.Admin}, {Access: org.Agent}}))
	c.ok(c.SetGrants(c.ctx, gone.ID, agent)) // who is gone does not count
	c.ok(c.SetGrants(c.ctx, c.bob.ID, []org.Grant{{Access: org.Admin}}))
	c.ok(c.SetGrants(c.ctx, c.admin.ID, agent))
	c.fails(c.SetGrants(c.ctx, c.bob.ID, agent), fault.Conflict, "store.last_admin")
}

// Two admins who take the role from each other in the same moment: one is left.
func TestLastAdminRace(t *testing.T) {
	c := newCentre(t)
	c.ok(c.SetGrants(c.ctx, c.bob.ID, []org.Grant{{Access: org.Admin}}))
	done := make(chan error, 2)
	for _, p := range []org.Person{c.admin, c.bob} {
		go func() { done <- c.SetGrants(c.ctx, p.ID, nil) }()
	}
	a, b := <-done, <-done
	if (a == nil) == (b == nil) {
		t.Errorf("%v, %v", a, b)
	}
}

func TestOneTimePasswordIsNoPasswordAfterwards(t *testing.T) {
	c := newCentre(t)
	c.ok(c.SetOneTime(c.ctx, c.ann.ID, "hash", noon.Add(time.Hour)))
	for at, want := range map[time.Time]string{noon.Add(time.Hour - time.Millisecond): "hash", noon.Add(time.Hour): ""} {
		c.clock.set(at)
		_, got, err := c.PersonByLogin(c.ctx, "0001")
		again, err2 := c.PasswordHash(c.ctx, c.ann.ID)
		if got != want || again != want || err != nil || err2 != nil {
			t.Errorf("at %v: %q %q %v %v", at, got, again, err, err2)
		}
	}
	s := c.session(c.ann, 'a')
	if got, err := c.again(s); !got.OneTime || err != nil {
		t.Error(got, err)
	}
	c.ok(c.SetPassword(c.ctx, c.ann.ID, "own", s.ID))
	if got, err := c.again(s); got.OneTime || err != nil {
		t.Error(got, err)
	}
}

// The session of somebody with a second factor begins half, whoever makes it, and only a code that was not used makes it whole.
func TestHalfSession(t *testing.T) {
	c := newCentre(t)
	first := c.enrolled(c.ann)
	if got, err := c.again(first); got.Half || !got.Factor || !got.ProvedAt.Equal(noon) || err != nil {
		t.Errorf("%+v %v", got, err)
	}
	s := c.session(c.ann, 'a')
	if got, err := c.again(s); !got.Half || !got.ProvedAt.IsZero() || err != nil {
		t.Errorf("%+v %v", got, err)
	}
	for _, bad := range []Shown{{}, {Step: 7}, {Step: 1}, {Recovery: [32]byte{3}}} {
		c.missing(c.ProveSession(c.ctx, c.ann.ID, s.ID, token('b'), bad, noon))
	}
	c.missing(c.ProveSession(c.ctx, c.bob.ID, s.ID, token('b'), Shown{}, noon)) // another's
	if got, err := c.again(s); !got.Half || err != nil {
		t.Errorf("%+v %v", got, err)
	}
	c.ok(c.ProveSession(c.ctx, c.ann.ID, s.ID, token('b'), Shown{Step: 8}, noon.Add(time.Minute)))
	_, err := c.again(s)
	c.missing(err) // the old token
	_, got, err := c.ViewerBySession(c.ctx, token('b'), noon, nil)
	if got.ID != s.ID || got.Half || !got.ProvedAt.Equal(noon.Add(time.Minute)) || err != nil {
		t.Errorf("%+v %v", got, err)
	}
	c.missing(c.ProveSession(c.ctx, c.ann.ID, s.ID, token('c'), Shown{Step: 8}, noon))
	c.ok(c.ProveSession(c.ctx, c.ann.ID, s.ID, token('c'), Shown{Recovery: [32]byte{2}}, noon))
	c.missing(c.ProveSession(c.ctx, c.ann.ID, s.ID, token('d'), Shown{Recovery: [32]byte{2}}, noon))
	if f, err := c.Factor(c.ctx, c.ann.ID); !f.On() || f.Codes != 1 || f.LastStep != 8 || err != nil {
		t.Errorf("%+v %v", f, err)
	}
	c.fails(c.BeginFactor(c.ctx, c.ann.ID, make([]byte, 20)), fault.Conflict, "store.factor_set")
	c.ok(c.RemoveFactor(c.ctx, c.ann.ID, s.ID))
	if f, err := c.Factor(c.ctx, c.ann.ID); f.Secret != nil || f.Codes != 0 || err != nil {
		t.Errorf("%+v %v", f, err)
	}
	c.missing(c.ReplaceCodes(c.ctx, c.ann.ID, [][32]byte{{4}}))
}

// What is confirmed is the seed whose code was checked, not one that took its place.
func TestConfirmFactorOfAnotherSeed(t *testing.T) {
	c := newCentre(t)
	s := c.session(c.ann, 'a')
	c.ok(c.BeginFactor(c.ctx, c.ann.ID, []byte("the seed that was checked")))
	c.ok(c.BeginFactor(c.ctx, c.ann.ID, []byte("the seed of another tab")))
	c.missing(c.ConfirmFactor(c.ctx, c.ann.ID, s.ID, token('b'), []byte("the seed that was checked"), 7, [][32]byte{{1}}, noon))
	if f, err := c.Factor(c.ctx, c.ann.ID); f.On() || f.Codes != 0 || err != nil {
		t.Errorf("%+v %v", f, err)
	}
	c.ok(c.ConfirmFactor(c.ctx, c.ann.ID, s.ID, token('b'), []byte("the seed of another tab"), 7, [][32]byte{{1}}, noon))
}

// Recovery codes made anew in several places at once: one set is good.
func TestRecoveryCodesRace(t *testing.T) {
	c := newCentre(t)
	c.enrolled(c.ann)
	const n = 12
	done := make(chan error, n)
	for i := range byte(n) {
		go func() { done <- c.ReplaceCodes(c.ctx, c.ann.ID, [][32]byte{{1, i}, {2, i}}) }()
	}
	for range n {
		c.ok(<-done)
	}
	if f, err := c.Factor(c.ctx, c.ann.ID); f.Codes != 2 || err != nil {
		t.Errorf("%+v %v", f, err)
	}
}

// An old password's sign-in does not outlive a reset, whichever of them is first.
func TestSignInWithAnOldPassword(t *testing.T) {
	c := newCentre(t)
	signIn := func(n byte, checked string) error {
		_, err := c.SignIn(c.ctx, c.ann.ID, checked, token(n), "", noon, time.Hour, noon.Add(2*time.Hour))
		return err
	}
	c.missing(signIn(1, "")) // nobody has no password
	c.ok(c.SetOneTime(c.ctx, c.ann.ID, "one-time", noon.Add(time.Hour)))
	c.ok(signIn(2, "one-time"))
	const n = 12
	for i := range byte(n) {
		old, fresh := fmt.Sprint("hash ", i), fmt.Sprint("hash ", i+1)
		c.ok(c.SetPassword(c.ctx, c.ann.ID, old, ""))
		done := make(chan error, 2)
		go func() { done <- signIn(10+i, old) }()
		go func() { done <- c.SetPassword(c.ctx, c.ann.ID, fresh, "") }()
		for range 2 {
			if err := <-done; err != nil && !fault.Is(err, fault.NotFound) {
				t.Fatal(err)
			}
		}
		if list, err := c.Sessions(c.ctx, c.ann.ID); len(list) != 0 || err != nil {
			t.Fatalf("%+v %v", list, err)
		}
		c.missing(signIn(40+i, old))
	}
}

// However many show the same step in the same moment, one passes.
func TestStepIsUsedOnce(t *testing.T) {
	c := newCentre(t)
	s := c.enrolled(c.ann)
	const n = 12
	done := make(chan error, n)
	for i := range n {
		go func() {
			done <- c.ProveSession(c.ctx, c.ann.ID, s.ID, token(byte(100+i)), Shown{Step: 9}, noon)
		}()
	}
	passed := 0
	for range n {
		if err := <-done; err == nil {
			passed++
		} else if !fault.Is(err, fault.NotFound) {
			t.Error(err)
		}
	}
	if passed != 1 {
		t.Error(passed, "passed")
	}
}
