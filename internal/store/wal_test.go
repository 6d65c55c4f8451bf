package store

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"

	"gorm.io/gorm"

	"leida/internal/exam"
	"leida/internal/profile"
	"leida/internal/store/pgtest"
)

// Sizes of sqlite's write-ahead log (https://sqlite.org/fileformat2.html#walformat).
const (
	walHead   = 32
	frameHead = 24
)

// disk is what lies on the disk at one moment: the database's file and its write-ahead log.
type disk struct {
	db, wal []byte
	frame   int // bytes
}

// pull reads the files as they are, without asking the store. What was written and has not reached the disk is among it: the tests cut that off again, as a power cut may.
func (w *world) pull() disk {
	w.t.Helper()
	var d disk
	var err error
	d.db, err = os.ReadFile(w.path)
	w.ok(err)
	d.wal, err = os.ReadFile(w.path + "-wal")
	w.ok(err)
	d.frame = frameHead + int(binary.BigEndian.Uint32(d.wal[8:]))
	return d
}

// walSize is how far the log reaches now. With one writer and no reset between, what is acknowledged lies below it.
func (w *world) walSize() int {
	w.t.Helper()
	info, err := os.Stat(w.path + "-wal")
	w.ok(err)
	return int(info.Size())
}

// frames is how many whole frames the log has.
func (d disk) frames() int { return (len(d.wal) - walHead) / d.frame }

// end is where a frame ends; 0 is the first.
func (d disk) end(frame int) int { return walHead + (frame+1)*d.frame }

// commits is how many transactions were committed behind a size of the log: the last frame of each says how large the database then is.
func (d disk) commits(from int) (n int) {
	for at := from; at < len(d.wal); at += d.frame {
		if binary.BigEndian.Uint32(d.wal[at+4:]) > 0 {
			n++
		}
	}
	return n
}

// start puts a log beside the database and starts the program on it, as after a power cut. The copy must be sound.
func (d disk) start(t *testing.T, wal []byte) *world {
	t.Helper()
	w := &world{t: t, ctx: context.Background(), clock: &clock{t: noon}, path: filepath.Join(t.TempDir(), "leida.db")}
	w.ok(os.WriteFile(w.path, d.db, 0o600))
	w.ok(os.WriteFile(w.path+"-wal", wal, 0o600))
	w.open(Config{Path: w.path, Now: w.clock.now, Rand: rand.Reader})
	w.ok(w.Migrate(w.ctx))
	w.sound()
	return w
}

// sound asks sqlite and the audit chain whether all is well.
func (w *world) sound() {
	w.t.Helper()
	var said []string
	w.ok(w.reader(w.ctx).Raw("PRAGMA integrity_check").Scan(&said).Error)
	if !slices.Equal(said, []string{"ok"}) {
		w.t.Fatalf("integrity_check: %q", said)
	}
	var broken []struct{ Table, Parent string }
	w.ok(w.reader(w.ctx).Raw("PRAGMA foreign_key_check").Scan(&broken).Error)
	if len(broken) > 0 {
		w.t.Fatalf("foreign keys: %+v", broken)
	}
	if s := w.verify(); s.Broken != 0 {
		w.t.Fatalf("audit chain: %+v", s)
	}
}

// step is an acknowledged change: what the sitting must say once it is on the disk.
type step struct {
	end   int // of the log when it was acknowledged
	state string
}

// asKept is all that the steps change, in one line.
func asKept(w *world, id string) string {
	w.t.Helper()
	head, slots, err := loadRows(w.reader(w.ctx), byID(id))
	w.ok(err)
	line := fmt.Sprint(head.State, " ", head.Score, " ", w.count("evidence"), " ", w.verify().Rows)
	for _, s := range slots {
		line += fmt.Sprintf(" %d:%s:%g", s.Rev, s.Answer, s.Score)
	}
	return line
}

// The log is cut wherever a power cut may cut it: at every border of frames and inside every frame, and its end is torn and overwritten.
// What starts again is the state after the last change that lies in the log whole: never half of one, never without one that was acknowledged.
func TestCutLog(t *testing.T) {
	onlySQLite(t)
	onFile(t)
	c := newCentre(t)
	a := c.assign("form", c.root)
	v := c.viewer(c.ann)
	x := c.sit(c.ann, a)
	steps := []step{{c.walSize(), asKept(c.world, x.ID)}}
	done := func() { steps = append(steps, step{c.walSize(), asKept(c.world, x.ID)}) }
	for rev := range int64(24) {
		n := int(rev % 3)
		answer := func(x *exam.Sitting) error {
			return x.Answer(exam.Save{Holder: v.Session, N: n, Rev: rev + 1, Answer: json.RawMessage(fmt.Sprintf(`{"choice":"o%d"}`, rev))}, noon)
		}
		var err error
		if rev%8 == 7 { // pages save a place; now and then the whole sitting is written
			_, err = c.UpdateSitting(c.ctx, v, x.ID, func(x *exam.Sitting) ([]profile.Evidence, error) { return nil, answer(x) })
		} else {
			_, err = c.UpdatePlace(c.ctx, v, Place{Sitting: x.ID, N: n}, answer)
		}
		c.ok(err)
		done()
		if rev%4 == 0 {
			c.ok(c.Audit(c.ctx, AuditEntry{Action: fmt.Sprint("step ", rev)}))
			done()
		}
	}
	_, err := c.UpdateSitting(c.ctx, v, x.ID, finish(noon))
	c.ok(err)
	done()
	d := c.pull()
	if d.end(d.frames()-1) != steps[len(steps)-1].end || steps[0].end >= steps[1].end {
		t.Fatalf("the log has %d frames of %d bytes and %d in all: the test does not know where changes end", d.frames(), d.frame, len(d.wal))
	}
	// want is the state that a log sound up to a size must give
	want := func(size int) step {
		i, found := slices.BinarySearchFunc(steps, size, func(s step, size int) int { return cmp.Compare(s.end, size) })
		if !found {
			i--
		}
		return steps[i]
	}
	check := func(name string, wal []byte, sound int) {
		t.Run(name, func(t *testing.T) {
			if got, want := asKept(d.start(t, wal), x.ID), want(sound).state; got != want {
				t.Errorf("kept\n%s\nwant\n%s", got, want)
			}
		})
	}
	first := (steps[0].end - walHead) / d.frame // what is cut lies behind the start of the sitting
	for f := first; f < d.frames(); f++ {
		if testing.Short() && f%5 != 0 && f != d.frames()-1 {
			continue
		}
		end := d.end(f)
		check(fmt.Sprintf("whole to frame %d", f), d.wal[:end], end)
		check(fmt.Sprintf("half of frame %d", f), d.wal[:end-d.frame/2], end-d.frame)
		check(fmt.Sprintf("head of frame %d", f), d.wal[:end-d.frame+frameHead/2], end-d.frame)
		for _, spoil := range []struct {
			name string
			at   int // of the frame
			n    int
		}{{"head", 3, 1}, {"salt", 9, 1}, {"checksum", frameHead - 1, 1}, {"page", frameHead + 100, 1}, {"torn page", frameHead + 512, d.frame - frameHead - 512}} {
			wal := slices.Clone(d.wal)
			for i := range wal[end-d.frame+spoil.at:][:spoil.n] {
				wal[end-d.frame+spoil.at+i] ^= 0x5a
			}
			check(fmt.Sprintf("%s of frame %d overwritten", spoil.name, f), wal, end-d.frame)
		}
	}
	junk := slices.Concat(d.wal, d.wal[walHead+7:][:3*d.frame])
	check("rubbish behind the end", junk, len(d.wal))
}

// onFile skips what only sqlite has.
func onFile(t *testing.T) {
	t.Helper()
	if pgtest.Asked() {
		t.Skip("PostgreSQL keeps its own log")
	}
}

// byID finds a sitting whoever's it is.
func byID(id string) func(*gorm.DB) *gorm.DB {
	return func(db *gorm.DB) *gorm.DB { return db.Where("id = ?", id) }
}

// Many save at once, in groups, some submit. Wherever the log is then cut, all that was acknowledged before the cut is there, nothing is there that was not sent,
// and a sitting is submitted with all of its evidence or not at all.
func TestCutLogOfGroups(t *testing.T) {
	onlySQLite(t)
	onFile(t)
	c := newCentre(t)
	a := c.assign("form", c.root)
	type ack struct {
		sitting string
		n       int
		rev     int64 // 0: submitted
		end     int
	}
	var mu sync.Mutex
	var acks []ack
	var all sync.WaitGroup
	var viewers []string
	for i := range 12 {
		p := c.agent(fmt.Sprintf("2%03d", i), c.eastOne)
		viewers = append(viewers, p.ID)
	}
	began := c.walSize()
	for i, id := range viewers {
		all.Go(func() {
			v, err := c.Viewer(c.ctx, id, "phone")
			if err != nil {
				t.Error(err)
				return
			}
			x, err := c.StartSitting(c.ctx, v, a.ID, c.paper(v, 3))
			if err != nil {
				t.Error(err)
				return
			}
			took := func(n int, rev int64) {
				mu.Lock()
				defer mu.Unlock()
				acks = append(acks, ack{x.ID, n, rev, c.walSize()})
			}
			for k := range 9 {
				n, rev := k%3, int64(k/3+1)
				_, err := c.UpdatePlace(c.ctx, v, Place{Sitting: x.ID, N: n}, func(x *exam.Sitting) error {
					return x.Answer(exam.Save{Holder: "phone", N: n, Rev: rev, Answer: json.RawMessage(fmt.Sprintf(`{"choice":"%d-%d"}`, n, rev))}, noon)
				})
				if err != nil {
					t.Error(err)
					return
				}
				took(n, rev)
			}
			if i%2 == 0 {
				if _, err := c.UpdateSitting(c.ctx, v, x.ID, finish(noon)); err != nil {
					t.Error(err)
					return
				}
				took(0, 0)
			}
		})
	}
	all.Wait()
	d := c.pull()
	if changes, commits := len(acks)+len(viewers), d.commits(began); commits >= changes {
		t.Errorf("%d changes in %d commits: no two went together", changes, commits)
	}
	step := 1
	if testing.Short() {
		step = 7
	}
	for f := (began - walHead) / d.frame; f < d.frames(); f += step {
		end := d.end(f)
		w := d.start(t, d.wal[:end])
		var heads []sittingRow
		w.ok(w.reader(w.ctx).Find(&heads).Error)
		state := map[string]exam.State{}
		revs := map[string]int64{}
		for _, h := range heads {
			state[h.ID] = h.State
			slots, err := hotSlots(c.ctx, w.reader(w.ctx), h.ID)
			w.ok(err)
			var evidence int64
			w.ok(w.reader(w.ctx).Table("evidence").Where("sitting_id = ?", h.ID).Count(&evidence).Error)
			if whole := int64(len(slots)); len(slots) != 3 || h.State == exam.Submitted && evidence != whole || h.State == exam.Live && evidence != 0 {
				t.Fatalf("cut behind frame %d: sitting %s is %s with %d places and %d records", f, h.ID, h.State, len(slots), evidence)
			}
			for _, s := range slots {
				revs[fmt.Sprint(h.ID, s.N)] = s.Rev
				if want := fmt.Sprintf(`{"choice":"%d-%d"}`, s.N, s.Rev); s.Rev > 3 || s.Rev > 0 && string(s.Answer) != want || s.Rev == 0 && s.Answer != "" {
					t.Fatalf("cut behind frame %d: place %d has revision %d with %s", f, s.N, s.Rev, s.Answer)
				}
			}
		}
		for _, k := range acks {
			if k.end > end {
				continue
			}
			if lost := k.rev == 0 && state[k.sitting] != exam.Submitted || k.rev > revs[fmt.Sprint(k.sitting, k.n)]; lost {
				t.Fatalf("cut behind frame %d: lost %+v", f, k)
			}
		}
		w.ok(w.Store.Close())
	}
}
