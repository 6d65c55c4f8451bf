package store

import (
	"cmp"
	"context"
	"errors"
	"runtime"
	"sync"

	"github.com/mattn/go-sqlite3"
	"gorm.io/gorm"

	"leida/internal/fault"
)

// Limits of the write queue.
const (
	maxBatch = 256  // changes in one commit
	maxQueue = 1024 // changes waiting; the next is told that we are busy
)

// yields is how often all who can run go first, before a commit sets out; more gained nothing.
const yields = 2

var (
	errClosed    = errors.New("the store is closed")
	errAbandoned = errors.New("the change was abandoned")
)

// writer is how sqlite is written to: it commits changes in groups. Those that arrive while a commit is on its way to the disk share the next one. Each stands in a savepoint, or is one
// statement, so that one that fails takes nothing along; and none is acknowledged before its commit.
type writer struct {
	db    *gorm.DB
	jobs  chan *job
	ended chan struct{}

	// The disk was full at the last commit. SQLite carries the log over into the file only once a commit has made it long, which one without room never does; and what is freed the log
	// would take, not leaving the file what it has to grow by. So the log is carried over first, and can then begin anew.
	full bool

	mu     sync.RWMutex
	closed bool
}

// job is one change. It runs in the goroutine that asked for it, so that a panic there is that caller's.
type job struct {
	ctx     context.Context
	single  bool          // a statement that is refused has changed nothing: no savepoint is needed
	writing bool          // of a single one: its statement was begun
	turn    chan *gorm.DB // unbuffered: both sides agree whether the turn was taken
	reply   chan error    // what the change itself says
	done    chan error    // what the commit says
}

func newJob(ctx context.Context, single bool) *job {
	return &job{ctx: ctx, single: single, turn: make(chan *gorm.DB), reply: make(chan error, 1), done: make(chan error, 1)}
}

func newWriter(db *gorm.DB) *writer {
	w := &writer{db: db, jobs: make(chan *job, maxQueue), ended: make(chan struct{})}
	go w.run()
	return w
}

func (w *writer) close() error {
	w.mu.Lock()
	if w.closed {
		w.mu.Unlock()
		return nil
	}
	w.closed = true
	close(w.jobs)
	w.mu.Unlock()
	<-w.ended
	return closeDB(w.db)
}

// change is a turn in the next commit; all changes are alone, for they follow each other.
func (w *writer) change(ctx context.Context, _ bool, do func(tx *gorm.DB) error) error {
	// Cancelling a statement inside a transaction rolls the whole transaction back, and others' changes with it.
	return w.inTurn(newJob(ctx, false), func(tx *gorm.DB) error { return do(tx.WithContext(context.WithoutCancel(ctx))) })
}

// single is change without a savepoint. Nobody can be there first.
func (w *writer) single(ctx context.Context, do func(db *gorm.DB, writing *bool) error) error {
	j := newJob(ctx, true)
	return w.inTurn(j, func(tx *gorm.DB) error { return do(tx, &j.writing) })
}

func (w *writer) inTurn(j *job, do func(tx *gorm.DB) error) error {
	if err := w.queue(j); err != nil {
		return err
	}
	select {
	case tx := <-j.turn:
		return j.run(tx, do)
	case <-j.ctx.Done():
		return j.ctx.Err()
	case err := <-j.done: // it could not even begin
		return err
	}
}

func (w *writer) queue(j *job) error {
	w.mu.RLock()
	defer w.mu.RUnlock()
	if w.closed {
		return errClosed
	}
	select {
	case w.jobs <- j:
		return nil
	default:
		return fault.New(fault.Busy, "store.busy")
	}
}

func (j *job) run(tx *gorm.DB, do func(tx *gorm.DB) error) error {
	said := false
	defer func() {
		if !said { // do panicked or left its goroutine
			j.reply <- errAbandoned
		}
	}()
	err := do(tx)
	said = true
	j.reply <- err
	return <-j.done
}

func (w *writer) run() {
	defer close(w.ended)
	for first := range w.jobs {
		w.commit(w.gather(first))
	}
}

// gather takes all who wait, and those who are about to: a commit costs hardly more for another change, and each empties the page caches of all readers. Where nobody is about to, it waits for nobody.
func (w *writer) gather(first *job) []*job {
	for range yields {
		runtime.Gosched()
	}
	batch := []*job{first}
	for len(batch) < maxBatch {
		select {
		case j, ok := <-w.jobs:
			if !ok {
				return batch
			}
			batch = append(batch, j)
		default:
			return batch
		}
	}
	return batch
}

// commit makes the batch's changes and tells each caller. When the transaction itself fails, so does every change in it that had not failed on its own.
func (w *writer) commit(batch []*job) {
	own := make([]error, len(batch))
	if w.full {
		_, _ = checkpoint.exec(context.Background(), w.db)
	}
	err := w.transaction(func(tx *gorm.DB) error {
		for i, j := range batch {
			var err error
			if own[i], err = j.give(tx); err != nil {
				return err
			}
		}
		return nil
	})
	w.full = noRoom(err)
	for i, j := range batch {
		if own[i] != nil {
			j.done <- own[i]
		} else {
			j.done <- err
		}
	}
}

var (
	begin     = write("BEGIN IMMEDIATE")
	commit    = write("COMMIT")
	rollback  = write("ROLLBACK")
	savepoint = write("SAVEPOINT job")
	undo      = write("ROLLBACK TO SAVEPOINT job")
	release   = write("RELEASE SAVEPOINT job")

	checkpoint = write("PRAGMA wal_checkpoint(PASSIVE)") // waits for no reader; where the file cannot grow, all stays as it was
)

// transaction does something in one transaction of the one connection. One of database/sql would start a goroutine for each query in it.
func (w *writer) transaction(do func(tx *gorm.DB) error) error {
	return w.db.Connection(func(db *gorm.DB) error {
		tx := db.Session(&gorm.Session{NewDB: true})
		ctx := context.Background()
		if _, err := begin.exec(ctx, tx); err != nil {
			return err
		}
		err := do(tx)
		if err == nil {
			_, err = commit.exec(ctx, tx)
		}
		if err != nil {
			_, _ = rollback.exec(ctx, tx) // there is none where sqlite has given the transaction up
		}
		return err
	})
}

// give lets a job make its change, in a savepoint if it needs one. own is the job's error, err one that ends the whole transaction.
func (j *job) give(tx *gorm.DB) (own, err error) {
	ctx := context.Background()
	if j.single {
		if own = j.turnTaken(tx); j.writing && own != nil && !refused(own) {
			err = cmp.Or(errOfSQLite(own), error(errOvertaken)) // nobody knows what was written, or whether there still is a transaction: all may try again
		}
		return own, err
	}
	if _, err := savepoint.exec(ctx, tx); err != nil {
		return nil, err
	}
	if own = j.turnTaken(tx); own != nil {
		if _, err := undo.exec(ctx, tx); err != nil {
			return own, cmp.Or(errOfSQLite(own), err) // sqlite gave the transaction up: a full disk is a full disk for all in it
		}
	}
	_, err = release.exec(ctx, tx)
	return own, err
}

// turnTaken is what the job says of its turn, or that nobody waits for it any more.
func (j *job) turnTaken(tx *gorm.DB) error {
	select {
	case j.turn <- tx:
		return <-j.reply
	case <-j.ctx.Done():
		return j.ctx.Err()
	}
}

// refused reports whether a statement was refused, or met no row, and left the transaction as it was.
func refused(err error) bool {
	var e sqlite3.Error
	return errors.Is(err, errOvertaken) || errors.As(err, &e) && e.Code == sqlite3.ErrConstraint
}
