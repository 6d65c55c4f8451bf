package store

import (
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"gorm.io/gorm"

	"leida/internal/fault"
	"leida/internal/store/pgtest"
)

func (w *world) logged(n int) {
	w.t.Helper()
	for i := range n {
		w.ok(w.Audit(w.ctx, AuditEntry{
			Actor: "ann", Action: "person.update", Object: "person", ObjectID: fmt.Sprint(i), Detail: json.RawMessage(`{"name": "王芳"}`), RequestID: "r",
		}))
	}
}

func (w *world) verify() AuditState {
	w.t.Helper()
	s, err := w.VerifyAudit(w.ctx)
	w.ok(err)
	return s
}

func TestAuditChain(t *testing.T) {
	w := empty(t)
	if s := w.verify(); s.Rows != 0 || s.Broken != 0 {
		t.Error(s)
	}
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() { w.logged(1) })
	}
	all.Wait()
	if s := w.verify(); s.Rows != 20 || s.Broken != 0 || len(s.Head) != 32 {
		t.Error(s)
	}
	w.fails(w.exec("UPDATE audit SET actor = 'bob'"), fault.Conflict, "store.frozen")
	w.fails(w.exec("DELETE FROM audit"), fault.Conflict, "store.frozen")
	w.fails(w.Audit(w.ctx, AuditEntry{Action: "x", Detail: json.RawMessage("{")}), fault.Invalid, "store.out_of_range")
}

func TestAuditTamperingIsFound(t *testing.T) {
	for name, x := range map[string]struct {
		sql    string
		broken int64
	}{
		"a field":           {"UPDATE audit SET detail = '{}' WHERE seq = 4", 4},
		"an actor":          {"UPDATE audit SET actor = 'annp', action = 'erson.update' WHERE seq = 3", 3},
		"a time":            {"UPDATE audit SET at = at + 1 WHERE seq = 1", 1},
		"a hash":            {"UPDATE audit SET hash = (SELECT hash FROM audit WHERE seq = 9) WHERE seq = 10", 10},
		"a row taken out":   {"DELETE FROM audit WHERE seq = 6", 7},
		"the first row":     {"DELETE FROM audit WHERE seq = 1", 2},
		"rows exchanged":    {"UPDATE audit SET seq = seq + 100 WHERE seq IN (5, 6); UPDATE audit SET seq = 111 - seq WHERE seq > 100", 5},
		"a row slipped in":  {"INSERT INTO audit SELECT 11, at, actor, action, object, object_id, detail, request_id, hash FROM audit WHERE seq = 10", 11},
		"renumbered behind": {"DELETE FROM audit WHERE seq = 6; UPDATE audit SET seq = seq + 99 WHERE seq > 6; UPDATE audit SET seq = seq - 100 WHERE seq > 100", 6},
	} {
		t.Run(name, func(t *testing.T) {
			w := empty(t)
			w.logged(10)
			w.unseal("audit")
			for _, statement := range strings.Split(x.sql, "; ") {
				w.ok(w.exec(statement))
			}
			if s := w.verify(); s.Broken != x.broken {
				t.Errorf("found %+v, want row %d", s, x.broken)
			}
		})
	}
}

// Looking at a report waits for no change of another kind, however long that takes. (sqlite has one writer for all.)
func TestLogViewBesideAChange(t *testing.T) {
	if !pgtest.Asked() {
		t.Skip("PostgreSQL only: sqlite has one writer")
	}
	c := newCentre(t)
	c.ok(c.tx(c.ctx, "change", func(*gorm.DB) error { return c.LogView(c.ctx, c.viewer(c.eve), c.ann.ID, "r") }))
	if views, err := c.ViewsOf(c.ctx, c.ann.ID); err != nil || len(views) != 1 {
		t.Error(views, err)
	}
}

func TestLogView(t *testing.T) {
	c := newCentre(t)
	c.Store.zone = time.FixedZone("CST", 8*3600)
	eve, wes := c.viewer(c.eve), c.viewer(c.wes)
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() { c.ok(c.LogView(c.ctx, eve, c.ann.ID, "r")) })
	}
	all.Wait()
	c.ok(c.LogView(c.ctx, wes, c.ann.ID, "r"))
	c.ok(c.LogView(c.ctx, eve, c.bob.ID, "r"))
	c.ok(c.LogView(c.ctx, c.viewer(c.ann), c.ann.ID, "r"))
	c.clock.set(noon.Add(4*time.Hour - time.Second)) // the last second of that day in the centre
	c.ok(c.LogView(c.ctx, eve, c.ann.ID, "r"))
	views, err := c.ViewsOf(c.ctx, c.ann.ID)
	c.ok(err)
	if len(views) != 2 || views[0].By != c.wes.ID || views[1].Name != "Eve" || !views[1].At.Equal(noon) {
		t.Errorf("%+v", views)
	}
	c.clock.set(noon.Add(4 * time.Hour))
	c.ok(c.LogView(c.ctx, eve, c.ann.ID, "r"))
	if views, _ = c.ViewsOf(c.ctx, c.ann.ID); len(views) != 3 || views[0].By != c.eve.ID {
		t.Errorf("%+v", views)
	}
	if s := c.verify(); s.Rows != 4 || s.Broken != 0 {
		t.Error(s)
	}
}
