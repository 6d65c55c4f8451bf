package web

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"time"

	"leida/internal/exam"
	"leida/internal/profile"
	"leida/internal/rescore"
	"leida/internal/store"
)

// sweepBatch bounds one sweep, so that a thousand sittings ending together do not hold up saves.
const sweepBatch = 100

// sweepLease is how long a server keeps the sweeping to itself; when it dies, another goes on after that.
const sweepLease = 5 * time.Second

// SubmitDue submits the sittings whose time is over, even if nobody ever returns to them, and reports how many. cmd/leida calls it about once a second.
// Of several servers on one database one sweeps.
func (s *Server) SubmitDue(ctx context.Context) (int, error) {
	due, err := s.Store.DueSittings(ctx, s.Now(), sweepBatch)
	if err != nil || len(due) == 0 {
		return 0, err
	}
	if ours, err := s.Store.Lease(ctx, "sweep", s.name, s.Now(), sweepLease); err != nil || !ours {
		return 0, err
	}
	done, failed := 0, error(nil)
	for _, id := range due {
		noting := store.Noting(ctx, store.AuditEntry{Action: "submit", Object: "sitting", ObjectID: id, At: s.Now()}) // by nobody: the server itself
		_, err := s.Store.ExpireSitting(noting, id, func(x *exam.Sitting) ([]profile.Evidence, error) {
			return x.Expire(s.Definitions.Bank(ctx), s.Now())
		})
		if err != nil { // one that cannot be marked holds up nobody else
			failed = errors.Join(failed, err)
			continue
		}
		done++
	}
	return done, failed
}

// FreezeResults keeps the first results of sittings from before results were kept, some at a time, and reports how many; after the first start with results there are none to keep. Those that
// cannot be made are in the error, and hold up none of the others.
func (d *Definitions) FreezeResults(ctx context.Context) (all int, failed error) {
	for after := ""; ctx.Err() == nil; {
		n, last, err := d.store.FreezeResults(ctx, after, sweepBatch, func(x *exam.Sitting) (*exam.Result, error) { return x.Freeze(d.Bank(ctx)) })
		all, failed = all+n, errors.Join(failed, err)
		if last == "" {
			return all, failed
		}
		after = last
	}
	return all, errors.Join(failed, ctx.Err())
}

// Rescore does what rescorings ask for, as the one server that has the work; cmd/leida calls it about once a second, from one goroutine.
func (s *Server) Rescore(ctx context.Context) error {
	s.worker.Hold = func(ctx context.Context) (bool, error) {
		return s.Store.Lease(ctx, rescore.Lease, s.name, s.Now(), rescore.LeaseTime)
	}
	return s.worker.Work(ctx)
}

// Tidy deletes what has no meaning any more: spent allowances and ended sessions. cmd/leida calls it now and then.
func (s *Server) Tidy(ctx context.Context) error { return s.Store.Tidy(ctx, s.Now()) }

// seed is where a sitting's draw and shuffle begin.
func (s *Server) seed() (uint64, error) {
	var b [8]byte
	_, err := io.ReadFull(s.Rand, b[:])
	return binary.LittleEndian.Uint64(b[:]) >> 1, err // 63 bits: databases count signed
}
