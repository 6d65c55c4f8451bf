package store

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

// together asks in one statement what many ask at the same moment, which costs the database hardly more than one of them. Whoever comes while the others' statement is on its way shares
// the next one; whoever comes when none is goes at once. Nothing is kept: each answer is read after it was asked for.
type together[Q, A any] struct {
	one  func(ctx context.Context, ask Q) (A, error)      // the answer to one; asking again does no harm
	many func(ctx context.Context, asks []Q) ([]A, error) // an answer to each

	mu    sync.Mutex
	queue []*asking[Q, A]
	last  int           // how many the statement before was for
	turn  chan struct{} // holds the leader's place: who asks for all who wait
}

type asking[Q, A any] struct {
	ask    Q
	answer A
	err    error
	alone  bool // the others' statement failed, or whoever asked it panicked: it is asked once more by itself
	done   chan struct{}
}

// patience is how long the others' statement is waited for. Then one asks alone, and those who come later wait for it no more: one that hangs must not hold up everybody.
const patience = 2 * time.Second

// Where the statement before was for a crowd, those on their way are waited for a moment: several servers, each with fewer who ask, need about as few statements as one.
const (
	aCrowd = 8
	pause  = 500 * time.Microsecond
)

func newTogether[Q, A any](one func(ctx context.Context, ask Q) (A, error), many func(ctx context.Context, asks []Q) ([]A, error)) *together[Q, A] {
	return &together[Q, A]{one: one, many: many, turn: make(chan struct{}, 1)}
}

// answer is the answer to an ask. It is not cut short when ctx ends, for others may share it.
func (t *together[Q, A]) answer(ctx context.Context, ask Q) (A, error) {
	ctx = context.WithoutCancel(ctx)
	mine := &asking[Q, A]{ask: ask, alone: true, done: make(chan struct{})}
	t.mu.Lock()
	t.queue = append(t.queue, mine)
	turn := t.turn
	t.mu.Unlock()
	enough := time.NewTimer(patience)
	defer enough.Stop()
	for lead := turn; ; lead = nil { // the turn comes once: whose ask was not in the queue then has been taken along by another
		select {
		case <-mine.done:
		case lead <- struct{}{}:
			t.lead(ctx, turn, mine)
			continue
		case <-enough.C:
			t.leave(turn, mine)
			return t.one(ctx, ask)
		}
		if mine.alone {
			return t.one(ctx, ask)
		}
		return mine.answer, mine.err
	}
}

// lead asks for all who wait, unless the leader's own ask is with somebody else already: then others lead.
func (t *together[Q, A]) lead(ctx context.Context, turn chan struct{}, mine *asking[Q, A]) {
	defer func() { <-turn }()
	t.mu.Lock()
	last := t.last
	t.mu.Unlock()
	if last >= aCrowd {
		time.Sleep(pause)
	}
	runtime.Gosched() // those who are about to ask come along
	t.mu.Lock()
	var asked []*asking[Q, A]
	if slices.Contains(t.queue, mine) {
		n := min(len(t.queue), maxBatch)
		asked, t.queue = t.queue[:n:n], t.queue[n:]
		if !slices.Contains(asked, mine) { // so long a queue: this one goes first
			i := slices.Index(t.queue, mine)
			asked[n-1], t.queue[i] = t.queue[i], asked[n-1]
		}
		t.last = n
	}
	t.mu.Unlock()
	t.reply(ctx, asked)
}

// leave takes an ask out of the queue, and the turn from a leader whose statement hangs.
func (t *together[Q, A]) leave(turn chan struct{}, mine *asking[Q, A]) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.queue = slices.DeleteFunc(t.queue, func(a *asking[Q, A]) bool { return a == mine })
	if t.turn == turn {
		t.turn = make(chan struct{}, 1)
	}
}

func (t *together[Q, A]) reply(ctx context.Context, asked []*asking[Q, A]) {
	defer func() {
		for _, a := range asked {
			close(a.done)
		}
	}()
	if len(asked) == 1 {
		asked[0].answer, asked[0].err = t.one(ctx, asked[0].ask)
		asked[0].alone = false
		return
	}
	if len(asked) == 0 {
		return
	}
	asks := make([]Q, len(asked))
	for i, a := range asked {
		asks[i] = a.ask
	}
	answers, err := t.many(ctx, asks)
	for i, a := range asked {
		if a.alone = ofOne(err) || unreachable(err); a.alone {
			continue
		}
		if a.err = err; err == nil {
			a.answer = answers[i]
		}
	}
}

// ofOne says that a statement was refused for what one of those who share it asks; each is told its own alone.
func ofOne(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && (strings.HasPrefix(pg.Code, "22") || strings.HasPrefix(pg.Code, "23"))
}
