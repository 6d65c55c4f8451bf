package store

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"gorm.io/gorm"

	"leida/internal/exam"
	"leida/internal/fault"
	"leida/internal/org"
	"leida/internal/store/pgtest"
)

// crowded is a centre on PostgreSQL.
func crowded(t *testing.T) (*centre, *crowd) {
	t.Helper()
	if !pgtest.Asked() {
		t.Skip("about PostgreSQL alone")
	}
	c := newCentre(t)
	return c, c.hot.(*crowd)
}

// What is asked together is what each would be told alone.
func TestCrowdReadsAsOneDoes(t *testing.T) {
	c, h := crowded(t)
	a := c.assign("form", c.root)
	var viewers []viewerAsk
	var places []placeAsk
	many := c.person("0099", "Max", org.Grant{Access: org.Agent}, org.Grant{Access: org.Manager, Team: c.east.ID}, org.Grant{Access: org.Trainer})
	none := c.person("0098", "Nil")
	for i, p := range []org.Person{c.ann, many, c.bob, c.eve, none, c.admin} {
		c.session(p, byte(i+1))
		hash := token(byte(i + 1))
		viewers = append(viewers, viewerAsk{tokenHash: hash[:], at: noon.UnixMilli()})
	}
	hash, late := token(99), token(1)
	viewers = append(viewers, viewerAsk{tokenHash: hash[:], at: noon.UnixMilli()}, viewerAsk{tokenHash: late[:], at: noon.AddDate(1, 0, 0).UnixMilli()}, viewers[0], viewers[1])
	for _, p := range []org.Person{c.ann, c.bob} {
		x := c.sit(p, a)
		places = append(places, placeAsk{p.ID, x.ID, 0}, placeAsk{p.ID, x.ID, 1}, placeAsk{p.ID, x.ID, 99}, placeAsk{c.eve.ID, x.ID, 0}, placeAsk{p.ID, "nothing", 0})
	}
	_, err := c.UpdatePlace(c.ctx, c.viewer(c.ann), Place{Sitting: places[0].sitting, N: 0}, func(s *exam.Sitting) error {
		return s.Answer(exam.Save{Holder: s.Holder, N: 0, Rev: 1, Answer: json.RawMessage(`{"choice":"a"}`)}, noon)
	})
	c.ok(err)

	for _, q := range places { // whoever's they are, each session asks for all of them along
		for _, v := range viewers[:6] {
			v.sitting, v.n = q.sitting, q.n
			viewers = append(viewers, v)
		}
	}
	gotViewers, err := viewersOf(c.ctx, c.read, viewers)
	c.ok(err)
	along := 0
	for i, q := range viewers {
		want, err := h.singly.viewer(c.ctx, q)
		if err != nil {
			c.missing(translate("test", err))
			want = viewerRow{}
		}
		if at, err := h.singly.place(c.ctx, c.read, placeAsk{want.person.ID, q.sitting, q.n}); err == nil {
			want.place = &at
			along++
		}
		sorted := cmpopts.SortSlices(func(a, b org.Grant) bool { return a.Access < b.Access })
		if d := cmp.Diff(want, gotViewers[i], cmp.AllowUnexported(viewerRow{}, placeRow{}), sorted); d != "" {
			t.Errorf("%d: %s", i, d)
		}
	}
	if along != 6 {
		t.Errorf("%d places read along, not three of either", along)
	}
	gotPlaces, err := placesOf(c.ctx, c.read, places)
	c.ok(err)
	for i, q := range places {
		want, err := h.singly.place(c.ctx, c.read, q)
		if err != nil {
			c.missing(translate("test", err))
			want = placeRow{}
		}
		if d := cmp.Diff(want, gotPlaces[i], cmp.AllowUnexported(placeRow{})); d != "" {
			t.Errorf("%d: %s", i, d)
		}
	}
}

// A place that was read along with the session is not asked for again, unless it may be another by now: it was changed or its sitting handed in meanwhile, somebody else asks, or the rest of
// the request took its time.
func TestCrowdReadsAhead(t *testing.T) {
	c, h := crowded(t)
	asked := 0
	h.places.one = func(ctx context.Context, q placeAsk) (placeRow, error) {
		asked++
		return h.singly.place(ctx, c.read, q)
	}
	a := c.assign("form", c.root)
	x, bobs := c.sit(c.ann, a), c.sit(c.bob, a)
	c.session(c.ann, 1)
	c.session(c.bob, 2)
	v, bob := c.viewer(c.ann), c.viewer(c.bob)
	// along is the place as two who ask at the same moment are told it.
	along := func(n int) Place {
		t.Helper()
		at, other := Place{Sitting: x.ID, N: n}, Place{Sitting: bobs.ID, N: n}
		h.viewers.turn <- struct{}{} // until both wait
		var both sync.WaitGroup
		for i, p := range []*Place{&at, &other} {
			both.Go(func() {
				_, _, err := c.ViewerBySession(c.ctx, token(byte(i+1)), noon, p)
				c.ok(err)
			})
		}
		for waiting := 0; waiting < 2; {
			h.viewers.mu.Lock()
			waiting = len(h.viewers.queue)
			h.viewers.mu.Unlock()
		}
		<-h.viewers.turn
		both.Wait()
		if at.row == nil || other.row == nil {
			t.Fatal("no place was read along")
		}
		asked = 0
		return at
	}
	changed := 0
	save := func(n int, rev int64) func(*exam.Sitting) error {
		changed = 0
		return func(s *exam.Sitting) error {
			changed++
			return s.Answer(exam.Save{Holder: s.Holder, N: n, Rev: rev, Answer: json.RawMessage(fmt.Sprintf(`{"rev":%d}`, rev))}, noon)
		}
	}
	kept := func(n int, rev int64) {
		t.Helper()
		got, err := c.Sitting(c.ctx, v, x.ID)
		c.ok(err)
		if s := got.Slots[n]; s.Rev != rev || string(s.Answer) != fmt.Sprintf(`{"rev":%d}`, rev) {
			t.Errorf("kept is %d %s, not %d", s.Rev, s.Answer, rev)
		}
	}
	check := func(name string, wantAsked, wantChanged int) {
		t.Helper()
		if asked != wantAsked || changed != wantChanged {
			t.Errorf("%s: asked %d times, not %d; changed %d times, not %d", name, asked, wantAsked, changed, wantChanged)
		}
	}

	_, err := c.UpdatePlace(c.ctx, v, along(0), save(0, 1))
	c.ok(err)
	check("just read", 0, 1)
	kept(0, 1)

	at := along(0)
	_, err = c.UpdatePlace(c.ctx, v, Place{Sitting: x.ID, N: 0}, save(0, 2))
	c.ok(err)
	asked = 0
	_, err = c.UpdatePlace(c.ctx, v, at, save(0, 3))
	c.ok(err)
	check("changed meanwhile", 1, 2)
	kept(0, 3)

	at = along(0)
	at.read = at.read.Add(-2 * time.Second)
	_, err = c.UpdatePlace(c.ctx, v, at, save(0, 4))
	c.ok(err)
	check("long ago", 1, 1)

	_, err = c.UpdatePlace(c.ctx, bob, along(0), save(0, 5))
	c.missing(err)
	check("somebody else", 1, 0)

	at = along(0)
	_, err = c.UpdateSitting(c.ctx, v, x.ID, finish(noon))
	c.ok(err)
	_, err = c.UpdatePlace(c.ctx, v, at, save(0, 6))
	c.fails(err, fault.Conflict, "exam.submitted")
	check("handed in meanwhile", 1, 2)
	kept(0, 4)
}

// A crowd's statements are planned once. By the lengths of its arrays PostgreSQL would plan each anew.
func TestCrowdPlansOnce(t *testing.T) {
	c, _ := crowded(t)
	x := c.sit(c.ann, c.assign("form", c.root))
	hash := token(1)
	const times = 40
	c.ok(c.behind().Connection(func(db *gorm.DB) error {
		for i := range times {
			k := 1 + i%4
			viewers, places, saves := make([]viewerAsk, k), make([]placeAsk, k), make([]placeChange, k)
			for j := range k {
				viewers[j], places[j] = viewerAsk{tokenHash: hash[:], at: 1}, placeAsk{c.ann.ID, x.ID, j}
				saves[j] = placeChange{slot: slotRow{SittingID: x.ID, N: j, Rev: 1}, was: 0, holder: "nobody"}
			}
			if _, err := viewersOf(c.ctx, db, viewers); err != nil {
				return err
			}
			if _, err := placesOf(c.ctx, db, places); err != nil {
				return err
			}
			if _, err := saveAll(c.ctx, db, saves); err != nil {
				return err
			}
		}
		var plans []struct{ Statement, Generic, Custom string }
		err := db.Raw("SELECT statement, generic_plans::text AS generic, custom_plans::text AS custom FROM pg_prepared_statements WHERE statement LIKE '%asked.%' AND statement NOT LIKE '%pg_prepared%'").Scan(&plans).Error
		for _, p := range plans {
			if p.Generic != fmt.Sprint(times-5) || p.Custom != "5" { // PostgreSQL makes five to compare with
				t.Errorf("%s general and %s special plans of %s", p.Generic, p.Custom, p.Statement)
			}
		}
		if len(plans) != 3 {
			t.Errorf("%d statements", len(plans))
		}
		return err
	}))
}

// A sitting that somebody is just changing holds up nobody but its own save, and that comes through when it is free. Of two changes of one place one is told that it came late,
// and what is refused of one save takes no other along.
func TestCrowdSavesPassOver(t *testing.T) {
	c, h := crowded(t)
	a := c.assign("form", c.root)
	ann, bob := c.sit(c.ann, a), c.sit(c.bob, a)
	change := func(x *exam.Sitting, n int, was int64, answer string) placeChange {
		s := rowOfSlot(x, n)
		s.Answer, s.Rev, s.SavedAt = reference(answer), was+1, stamp(noon)
		return placeChange{s, was, x.Holder}
	}
	locked, release := make(chan bool), make(chan bool)
	var all sync.WaitGroup
	all.Go(func() {
		c.ok(c.txRow(c.ctx, "hold", func(tx *gorm.DB) error {
			err := lockSitting(tx, ann.ID)
			close(locked)
			<-release
			return err
		}))
	})
	<-locked
	got, err := saveAll(c.ctx, c.behind(), []placeChange{
		change(ann, 0, 0, `"a"`), change(bob, 0, 0, `"b"`), change(bob, 1, 0, `"c"`), change(bob, 1, 0, `"d"`), change(bob, 0, 7, `"e"`),
	})
	c.ok(err)
	if got[0] || !got[1] || got[2] == got[3] || got[4] {
		t.Error(got)
	}
	var saved bool
	all.Go(func() { saved, err = h.save(c.ctx, nil, change(ann, 0, 0, `"a"`)) })
	if other, err := h.save(c.ctx, nil, change(bob, 0, 1, `"f"`)); !other || err != nil {
		t.Error(other, err)
	}
	for waits := 0; waits == 0; { // ann's save, for the lock
		c.ok(c.read.Raw("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'").Scan(&waits).Error)
	}
	close(release)
	all.Wait()
	if !saved || err != nil {
		t.Error(saved, err)
	}

	if _, err := saveAll(c.ctx, c.behind(), []placeChange{change(ann, 0, 1, `"g"`), change(bob, 0, 2, `{`)}); err == nil {
		t.Error("what is no JSON was kept")
	}
	good, bad := &asking[placeChange, bool]{ask: change(ann, 0, 1, `"g"`), done: make(chan struct{})}, &asking[placeChange, bool]{ask: change(bob, 0, 2, `{`), done: make(chan struct{})}
	h.saves.reply(c.ctx, []*asking[placeChange, bool]{good, bad})
	if !good.alone || !bad.alone {
		t.Error("they are not asked again alone: ", good.err, bad.err)
	}
	if saved, err := h.save(c.ctx, nil, good.ask); !saved || err != nil {
		t.Error(saved, err)
	}
	if saved, err := h.save(c.ctx, nil, bad.ask); saved || err == nil {
		t.Error(saved, err)
	}
}

// Connections that are cut under many who save cost nobody an answer: what was acknowledged is kept, in the newest revision, and what was not is told as something to try again.
func TestCrowdIsCut(t *testing.T) {
	c, h := crowded(t)
	a := c.assign("form", c.root)
	shared := &atomic.Int64{}
	many := h.saves.many
	h.saves.many = func(ctx context.Context, changes []placeChange) ([]bool, error) {
		shared.Add(int64(len(changes)))
		return many(ctx, changes)
	}
	people := []org.Person{c.ann, c.bob}
	for i := range 22 {
		people = append(people, c.agent(fmt.Sprintf("02%02d", i), c.east))
	}
	type seat struct {
		viewer  org.Viewer
		sitting string
	}
	var seats []seat
	for _, p := range people {
		seats = append(seats, seat{c.viewer(p), c.sit(p, a).ID})
	}
	const last = 40
	answer := func(rev int64) json.RawMessage { return json.RawMessage(fmt.Sprintf(`{"choice":"%d"}`, rev)) }
	// kept holds what is there against what was acknowledged.
	kept := func(at seat, rev int64) error {
		x, err := c.Sitting(c.ctx, at.viewer, at.sitting)
		if err == nil && (x.Slots[0].Rev != rev || string(x.Slots[0].Answer) != string(answer(rev))) {
			t.Errorf("revision %d was acknowledged, kept is %d: %s", rev, x.Slots[0].Rev, x.Slots[0].Answer)
		}
		return err
	}
	var all, cutter sync.WaitGroup
	cuts, ended := 0, make(chan struct{})
	cutter.Go(func() {
		for {
			var n int
			if err := c.read.Raw("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND query LIKE '%UPDATE slots%'").Scan(&n).Error; err == nil {
				cuts += n
			}
			select {
			case <-ended:
				return
			case <-time.After(20 * time.Millisecond):
			}
		}
	})
	var refused, unread atomic.Int64
	for _, at := range seats {
		all.Go(func() {
			for rev := int64(1); rev <= last; {
				_, err := c.UpdatePlace(c.ctx, at.viewer, Place{Sitting: at.sitting, N: 0}, func(s *exam.Sitting) error {
					return s.Answer(exam.Save{Holder: s.Holder, N: 0, Rev: rev, Answer: answer(rev)}, noon)
				})
				if err != nil {
					if !fault.Is(err, fault.Busy) {
						t.Errorf("revision %d: %v", rev, err)
						return
					}
					refused.Add(1)
					continue
				}
				if err := kept(at, rev); err != nil { // its connection may be cut as well
					if !fault.Is(err, fault.Busy) {
						t.Errorf("revision %d: %v", rev, err)
					}
					unread.Add(1)
				}
				rev++
			}
		})
	}
	all.Wait()
	close(ended)
	cutter.Wait()
	for _, at := range seats {
		c.ok(kept(at, last))
	}
	t.Logf("%d connections cut, %d saves together, %d told to try again, %d not looked at at once", cuts, shared.Load(), refused.Load(), unread.Load())
	if cuts == 0 || shared.Load() == 0 {
		t.Error("nothing was cut, or nothing travelled together")
	}
}

func lockSitting(tx *gorm.DB, id string) error {
	return locked(tx).Select("id").Where("id = ?", id).Take(&sittingRow{}).Error
}
