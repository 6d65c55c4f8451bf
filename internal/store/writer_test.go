package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"gorm.io/gorm"

	"leida/internal/fault"
)

func TestOneBadChangeFailsAlone(t *testing.T) {
	w := empty(t)
	bad := errors.New("bad")
	var all sync.WaitGroup
	for i := range 200 {
		all.Go(func() {
			err := w.tx(w.ctx, "test", func(tx *gorm.DB) error {
				if err := tx.Create(&cycleRow{ID: fmt.Sprint(i), StartsAt: stamp(noon), EndsAt: stamp(noon.AddDate(0, 1, 0))}).Error; err != nil {
					return err
				}
				if i%2 == 0 {
					return bad
				}
				return nil
			})
			if (i%2 == 0) != errors.Is(err, bad) {
				t.Errorf("%d: %v", i, err)
			}
		})
	}
	all.Wait()
	if n := w.count("cycles"); n != 100 {
		t.Errorf("%d rows", n)
	}
}

// A change of one statement needs no savepoint: refused, it takes nothing along; and one whose caller fails without having written spoils nothing.
func TestOneBadStatementFailsAlone(t *testing.T) {
	w := empty(t)
	bad := errors.New("bad")
	var all sync.WaitGroup
	for i := range 300 {
		all.Go(func() {
			err := w.engine.single(w.ctx, func(db *gorm.DB, writing *bool) error {
				db, *writing = db.WithContext(w.ctx), i%3 != 1
				switch i % 3 {
				case 0:
					return db.Exec("INSERT INTO cycles (id, name_zh, starts_at, ends_at) VALUES (?, 'x', 2, 1)", fmt.Sprint(i)).Error // it ends before it begins
				case 1:
					return bad
				}
				return db.Exec("INSERT INTO cycles (id, name_zh, starts_at, ends_at) VALUES (?, 'x', 1, 2)", fmt.Sprint(i)).Error
			})
			switch i % 3 {
			case 0:
				w.fails(translate("test", err), fault.Invalid, "store.out_of_range")
			case 1:
				if !errors.Is(err, bad) {
					t.Error(err)
				}
			default:
				w.ok(err)
			}
		})
	}
	all.Wait()
	if n := w.count("cycles"); n != 100 {
		t.Errorf("%d rows", n)
	}
}

// A panic before the statement is its caller's alone. One behind it ends the commit, for what it wrote must not stay: the others in it are asked to come again.
func TestPanicOfASingleChange(t *testing.T) {
	onlySQLite(t)
	for name, behind := range map[string]bool{"before": false, "behind": true} {
		t.Run(name, func(t *testing.T) {
			w := empty(t)
			var all sync.WaitGroup
			begun, end := make(chan bool), make(chan bool)
			all.Go(func() {
				w.ok(w.tx(w.ctx, "slow", func(*gorm.DB) error { close(begun); <-end; return nil }))
			})
			<-begun // what comes now shares the next commit
			const others = 20
			var kept, busy atomic.Int64
			for i := range others + 1 {
				all.Go(func() {
					defer func() {
						if p := recover(); p != nil && (p != "mine" || i > 0) {
							t.Errorf("%d: %v", i, p)
						}
					}()
					err := w.engine.single(w.ctx, func(db *gorm.DB, writing *bool) error {
						if i == 0 && !behind {
							panic("mine")
						}
						*writing = true
						err := db.WithContext(w.ctx).Exec("INSERT INTO cycles (id, name_zh, starts_at, ends_at) VALUES (?, 'x', 1, 2)", fmt.Sprint(i)).Error
						if i == 0 {
							panic("mine")
						}
						return err
					})
					switch {
					case err == nil:
						kept.Add(1)
					case fault.Is(err, fault.Busy):
						busy.Add(1)
					default:
						t.Error(i, err)
					}
				})
			}
			for len(w.queue().jobs) < others+1 {
				runtime.Gosched()
			}
			close(end)
			all.Wait()
			if n := w.count("cycles"); n != kept.Load() || kept.Load()+busy.Load() != others || behind == (kept.Load() == others) {
				t.Errorf("%d rows, %d acknowledged, %d asked to come again", n, kept.Load(), busy.Load())
			}
			w.ok(w.Audit(w.ctx, AuditEntry{Action: "still.alive"}))
		})
	}
}

func TestPanicIsTheCallers(t *testing.T) {
	w := empty(t)
	func() {
		defer func() {
			if recover() != "mine" {
				t.Error("the panic was lost")
			}
		}()
		_ = w.tx(w.ctx, "test", func(tx *gorm.DB) error {
			w.ok(tx.Exec("INSERT INTO cycles (id, name_zh, starts_at, ends_at) VALUES ('x', 'x', 1, 2)").Error)
			panic("mine")
		})
	}()
	if n := w.count("cycles"); n != 0 {
		t.Error("half a change was kept")
	}
	w.ok(w.Audit(w.ctx, AuditEntry{Action: "still.alive"}))
}

func TestCancelled(t *testing.T) {
	w := empty(t)
	ctx, cancel := context.WithCancel(w.ctx)
	cancel()
	ran := false
	err := w.tx(ctx, "test", func(*gorm.DB) error { ran = true; return nil })
	if !errors.Is(err, context.Canceled) && !(ran && err == nil) {
		t.Error(err)
	}
	ctx, cancel = context.WithCancel(w.ctx)
	err = w.tx(ctx, "test", func(tx *gorm.DB) error { // once begun, a change is finished
		cancel()
		return tx.Exec("INSERT INTO cycles (id, name_zh, starts_at, ends_at) VALUES ('x', 'x', 1, 2)").Error
	})
	if err != nil || w.count("cycles") != 1 {
		t.Error(err)
	}
}

func TestFullQueueIsBusy(t *testing.T) {
	onlySQLite(t)
	w := empty(t)
	var all sync.WaitGroup
	begun, end := make(chan bool), make(chan bool)
	all.Go(func() {
		w.ok(w.tx(w.ctx, "slow", func(*gorm.DB) error { close(begun); <-end; return nil }))
	})
	<-begun
	for i := range maxQueue {
		j := newJob(w.ctx, i%2 == 0)
		w.ok(w.queue().queue(j))
		all.Go(func() { w.ok(j.run(<-j.turn, func(*gorm.DB) error { return nil })) })
	}
	w.fails(w.tx(w.ctx, "one too many", func(*gorm.DB) error { return nil }), fault.Busy, "store.busy")
	close(end)
	all.Wait()
}

func TestFullDisk(t *testing.T) {
	onlySQLite(t)
	w := empty(t)
	limit := func(pages int) {
		w.ok(w.queue().db.Exec(fmt.Sprintf("PRAGMA max_page_count = %d", pages)).Error)
	}
	var used int
	w.ok(w.queue().db.Raw("PRAGMA page_count").Scan(&used).Error)
	limit(used)
	big := AuditEntry{Action: "big", Detail: json.RawMessage(`"` + strings.Repeat("x", 1<<20) + `"`)}
	var all sync.WaitGroup
	for i := range 60 {
		all.Go(func() {
			switch i % 3 {
			case 0:
				w.fails(w.Audit(w.ctx, big), fault.Busy, "store.full")
				return
			case 1:
				err := w.engine.single(w.ctx, func(db *gorm.DB, writing *bool) error {
					*writing = true
					return db.WithContext(w.ctx).Exec("INSERT INTO cycles (id, name_zh, starts_at, ends_at) VALUES (?, ?, 1, 2)", fmt.Sprint(i), strings.Repeat("x", 1<<20)).Error
				})
				w.fails(translate("test", err), fault.Busy, "store.full")
				return
			}
			if err := w.Audit(w.ctx, AuditEntry{Action: "small"}); err != nil {
				w.fails(err, fault.Busy, "store.full")
			}
		})
	}
	all.Wait()
	limit(1 << 20)
	w.ok(w.Audit(w.ctx, big))
	if s := w.verify(); s.Broken != 0 || s.Rows < 1 {
		t.Error(s)
	}
}

func TestCloseFinishesWrites(t *testing.T) {
	w := empty(t)
	var all sync.WaitGroup
	for i := range 50 {
		all.Go(func() {
			err := w.Audit(w.ctx, AuditEntry{Action: fmt.Sprint("a", i)})
			if err != nil && !errors.Is(err, errClosed) {
				t.Error(err)
			}
		})
	}
	w.ok(w.Close())
	all.Wait()
	if err := w.Audit(w.ctx, AuditEntry{Action: "x"}); !errors.Is(err, errClosed) {
		t.Error(err)
	}
}
