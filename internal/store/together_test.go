package store

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

// squares is asked for squares, and notes how.
type squares struct {
	*together[int, int]
	ones, manies atomic.Int64
	largest      atomic.Int64
	many         func(asks []int) error // before they are answered
	one          func(ask int) error
}

func newSquares() *squares {
	s := &squares{many: func([]int) error { return nil }, one: func(int) error { return nil }}
	s.together = newTogether(func(_ context.Context, ask int) (int, error) {
		s.ones.Add(1)
		return ask * ask, s.one(ask)
	}, func(_ context.Context, asks []int) ([]int, error) {
		s.manies.Add(1)
		s.largest.Store(max(s.largest.Load(), int64(len(asks))))
		out := make([]int, len(asks))
		for i, a := range asks {
			out[i] = a * a
		}
		return out, s.many(asks)
	})
	return s
}

// crowdOf holds the first ask up until so many others wait behind it, tells what became of each, and gives the squares as they are then.
func crowdOf(t *testing.T, others int, many func(asks []int) error, told func(ask, answer int, err error)) (s *squares) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		s = newSquares()
		if many != nil {
			s.many = many
		}
		release := make(chan bool)
		s.one = func(ask int) error {
			if ask == 0 {
				<-release
			}
			return nil
		}
		var all sync.WaitGroup
		for i := range others + 1 {
			all.Go(func() {
				defer func() {
					if p := recover(); p != nil {
						told(i, 0, errors.New("panic"))
					}
				}()
				answer, err := s.answer(t.Context(), i)
				told(i, answer, err)
			})
			synctest.Wait() // the first is on its way, the others behind it
		}
		close(release)
		all.Wait()
		if answer, err := s.answer(t.Context(), 5); answer != 25 || err != nil {
			t.Error("whoever comes next: ", answer, err)
		}
		s.ones.Add(-1)
	})
	return s
}

func TestTogether(t *testing.T) {
	s := crowdOf(t, 20, nil, func(ask, answer int, err error) {
		if answer != ask*ask || err != nil {
			t.Error(ask, answer, err)
		}
	})
	if s.ones.Load() != 1 || s.manies.Load() != 1 || s.largest.Load() != 20 {
		t.Errorf("%d alone, %d together, %d at the most", s.ones.Load(), s.manies.Load(), s.largest.Load())
	}
}

// What is refused for one, or lost with a connection, is asked again by each alone. What else is wrong is told to all, and nothing is asked twice.
func TestTogetherFails(t *testing.T) {
	for _, err := range []error{&pgconn.PgError{Code: "22021"}, fmt.Errorf("save: %w", &pgconn.PgError{Code: "23514"}), driver.ErrBadConn} {
		s := crowdOf(t, 20, func([]int) error { return err }, func(ask, answer int, err error) {
			if answer != ask*ask || err != nil {
				t.Error(ask, answer, err)
			}
		})
		if s.ones.Load() != 21 || s.manies.Load() != 1 {
			t.Errorf("%v: %d alone, %d together", err, s.ones.Load(), s.manies.Load())
		}
	}
	for _, bad := range []error{errors.New("bad"), &pgconn.PgError{Code: "55P03"}, &pgconn.PgError{Code: "57014"}, &pgconn.PgError{Code: "53100"}} {
		s := crowdOf(t, 20, func([]int) error { return bad }, func(ask, answer int, err error) {
			if errors.Is(err, bad) != (ask > 0) {
				t.Error(ask, answer, err)
			}
		})
		if s.ones.Load() != 1 || s.manies.Load() != 1 {
			t.Errorf("%v: %d alone, %d together", bad, s.ones.Load(), s.manies.Load())
		}
	}
}

// A queue longer than a statement may be goes in several, and nobody is left behind.
func TestTogetherInParts(t *testing.T) {
	s := crowdOf(t, 2*maxBatch+10, nil, func(ask, answer int, err error) {
		if answer != ask*ask || err != nil {
			t.Error(ask, answer, err)
		}
	})
	if s.ones.Load() != 1 || s.manies.Load() != 3 || s.largest.Load() != maxBatch {
		t.Errorf("%d alone, %d together, %d at the most", s.ones.Load(), s.manies.Load(), s.largest.Load())
	}
}

// A panic is the caller's in whose goroutine it comes up; the others ask again, each alone.
func TestTogetherPanics(t *testing.T) {
	var panics atomic.Int64
	s := crowdOf(t, 20, func([]int) error { panic("mine") }, func(ask, answer int, err error) {
		switch {
		case err != nil && err.Error() == "panic":
			panics.Add(1)
		case answer != ask*ask || err != nil:
			t.Error(ask, answer, err)
		}
	})
	if panics.Load() != 1 || s.ones.Load() != 20 || s.manies.Load() != 1 {
		t.Errorf("%d panics, %d alone, %d together", panics.Load(), s.ones.Load(), s.manies.Load())
	}
}

// A statement that hangs is waited for only so long: by those who wait behind it, by those who are in it, and by those who come later not at all.
func TestTogetherPatience(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSquares()
		first, hang := make(chan bool), make(chan bool)
		s.one = func(ask int) error {
			if ask == 0 {
				<-first
			}
			return nil
		}
		s.many = func(asks []int) error {
			if slices.Contains(asks, 1) {
				<-hang
			}
			return nil
		}
		var all, hung sync.WaitGroup
		waits := func(ask int, want time.Duration) {
			began := time.Now()
			if answer, err := s.answer(t.Context(), ask); answer != ask*ask || err != nil {
				t.Error(ask, answer, err)
			}
			if waited := time.Since(began); waited != want {
				t.Errorf("%d waited for %v, not %v", ask, waited, want)
			}
		}
		all.Go(func() { waits(0, 0) })
		synctest.Wait()
		hung.Go(func() { waits(1, patience+time.Second) }) // leads the next, which hangs
		synctest.Wait()
		all.Go(func() { waits(2, patience) }) // is in it
		synctest.Wait()
		close(first)
		synctest.Wait()
		all.Go(func() { waits(3, patience) }) // waits behind it
		all.Wait()
		waits(4, 0) // comes later
		time.Sleep(time.Second)
		close(hang)
		hung.Wait()
	})
}

// Who has an answer does not ask for others first.
func TestTogetherGoesWithAnAnswer(t *testing.T) {
	s := newSquares()
	mine := &asking[int, int]{ask: 3, done: make(chan struct{})}
	other := &asking[int, int]{ask: 4, done: make(chan struct{})}
	close(mine.done)
	s.queue = append(s.queue, other)
	s.turn <- struct{}{}
	s.lead(t.Context(), s.turn, mine)
	if n := s.ones.Load() + s.manies.Load(); n != 0 || len(s.queue) != 1 || len(s.turn) != 0 {
		t.Error(n, len(s.queue), len(s.turn))
	}
}

// Everybody gets their own answer, however many ask, and nearly all share.
func TestTogetherRace(t *testing.T) {
	s := newSquares()
	s.one = func(int) error { time.Sleep(time.Microsecond); return nil }
	var all sync.WaitGroup
	for i := range 64 {
		all.Go(func() {
			for k := range 200 {
				if answer, err := s.answer(t.Context(), i*200+k); answer != (i*200+k)*(i*200+k) || err != nil {
					t.Error(i, k, answer, err)
				}
			}
		})
	}
	all.Wait()
	if n := s.ones.Load(); n > 64*200/2 {
		t.Errorf("%d went alone", n)
	}
}

// After a crowd's statement those on their way are waited for a moment, once; where few ask nobody waits.
func TestTogetherPauses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newTogether(func(_ context.Context, ask int) (int, error) { return ask * ask, nil }, func(_ context.Context, asks []int) ([]int, error) {
			out := make([]int, len(asks))
			for i, ask := range asks {
				out[i] = ask * ask
			}
			return out, nil
		})
		took := func() time.Duration {
			start := time.Now()
			if answer, err := s.answer(t.Context(), 5); answer != 25 || err != nil {
				t.Error(answer, err)
			}
			return time.Since(start)
		}
		s.last = aCrowd - 1
		if d := took(); d != 0 {
			t.Errorf("after few one waits %v", d)
		}
		s.last = aCrowd
		if d := took(); d != pause {
			t.Errorf("after a crowd one waits %v", d)
		}
		if d := took(); d != 0 {
			t.Errorf("the next waits %v", d)
		}
	})
}
