package demo

import (
	"context"
	"math/rand/v2"
	"slices"
	"strconv"
	"sync"
	"time"

	"leida/internal/assessment"
	"leida/internal/exam"
	"leida/internal/item"
	"leida/internal/profile"
	"leida/internal/store"
	"leida/internal/text"
)

// diary is when one agent sits what.
type diary struct {
	agent *agent
	dates []date
}

type date struct {
	given given
	at    time.Time
	live  bool // under way: begun just now and not handed in
}

// atOnce is how many agents sit at the same time; the store commits what arrives together in one go.
const atOnce = 8

// sitAll lets every agent go through their diary.
func (f *filler) sitAll(ctx context.Context) error {
	for _, a := range f.agents {
		f.diaries = append(f.diaries, f.plan(a))
	}
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	queue := make(chan diary)
	notes := make([][]store.AuditEntry, atOnce)
	var sitters sync.WaitGroup
	for i := range atOnce {
		sitters.Go(func() {
			for d := range queue {
				for _, x := range d.dates {
					note, err := f.sit(ctx, d.agent, x)
					if err != nil {
						stop(err)
						break
					}
					notes[i] = append(notes[i], note...)
				}
			}
		})
	}
	for _, d := range f.diaries {
		queue <- d
	}
	close(queue)
	sitters.Wait()
	f.audit = append(f.audit, slices.Concat(notes...)...)
	return context.Cause(ctx)
}

// plan finds the times at which an agent sits. Who has one thing to do next has done all else that is open.
func (f *filler) plan(a *agent) diary {
	d := diary{agent: a}
	r := f.rand("diary", a.person.Number)
	taken := map[string]bool{}
	newest := len(f.rounds) - 1
	for _, g := range f.given {
		last := g.round == newest && g.form.last
		turnout := g.window.turnout
		switch {
		case g.round > newest || !a.sits(g.round, g.form.capability):
			continue
		case last && a.underWay == g.form.capability:
			d.dates = append(d.dates, date{given: g, at: f.Now.Add(-12*time.Minute - 20*time.Second), live: true})
			continue
		case last && a.next == g.form.capability:
			continue
		case a.next != "":
			turnout = 1
		case a.storied(g.round, newest, g.form.capability):
			turnout = 1
		}
		if r.Float64() >= turnout {
			continue
		}
		if t, ok := momentIn(g.window, f.today, taken, r); ok && t.After(a.person.ActiveFrom) {
			d.dates = append(d.dates, date{given: g, at: t})
		}
	}
	slices.SortStableFunc(d.dates, func(x, y date) int { return x.at.Compare(y.at) })
	return d
}

// storied reports whether what an agent has to show would be lost without this sitting.
func (a *agent) storied(round, newest int, capability string) bool {
	if a.until > 0 || a.leaving {
		return true
	}
	return round >= newest-1 && a.since[capability] != 0
}

// sit is one sitting, from the start through the answers to the end, at the speed of a person.
func (f *filler) sit(ctx context.Context, a *agent, d date) ([]store.AuditEntry, error) {
	form := d.given.form.Assessment
	id := f.id("sitting", a.person.Number, form.ID, strconv.Itoa(d.given.round))
	r := f.rand("sitting", id)
	seed := r.Uint64() >> 1 // databases count signed
	x, err := f.Store.StartSitting(ctx, a.viewer, d.given.assignment.ID, func(as exam.Assignment, factor float64, seen []string) (*exam.Sitting, []assessment.Source, error) {
		if err := exam.CanStart(as, d.at); err != nil {
			return nil, nil, err
		}
		paper, err := f.Library.Draw(form, seed, seen...)
		if err != nil {
			return nil, nil, err
		}
		return exam.New(id, a.viewer, as, form, paper, seed, factor, d.at), f.Library.Pins(form, paper), nil
	})
	if err != nil {
		return nil, err
	}
	saves, err := f.work(a, d, x, r)
	if err != nil {
		return nil, err
	}
	x, err = f.Store.UpdateSitting(ctx, a.viewer, x.ID, func(x *exam.Sitting) ([]profile.Evidence, error) {
		for _, s := range saves {
			if err := s.put(x); err != nil {
				return nil, err
			}
		}
		switch end := x.SeenAt.Add(time.Duration(4+r.IntN(25)) * time.Second); {
		case d.live:
			return nil, nil
		case len(saves) == 0 || saves[len(saves)-1].N < len(x.Slots)-1:
			return x.Expire(f.Library, x.Deadline.Add(exam.Grace+time.Second)) // the time ran out, and the server handed it in
		default:
			return x.Submit(x.Holder, f.Library, end)
		}
	})
	if err != nil || x.State != exam.Submitted || x.Auto {
		return nil, err
	}
	return []store.AuditEntry{{Actor: a.person.ID, Action: "submit", Object: "sitting", ObjectID: x.ID, At: x.SubmittedAt}}, nil
}

// save is an answer, or a step on the way to one, with its time, and with the time at which its item's own clock was started.
type save struct {
	exam.Save
	begun, at time.Time
}

func (s save) put(x *exam.Sitting) error {
	if err := x.Open(s.Holder, s.N, s.Item, s.begun); err != nil {
		return err
	}
	return x.Answer(s.Save, s.at)
}

// work answers a paper item by item, as far as the time goes: the slowest do not get to the end, and who is under way is in the middle of it.
func (f *filler) work(a *agent, d date, x *exam.Sitting, r *rand.Rand) ([]save, error) {
	const least, luck, perLevel = 0.6, 0.44, 0.19 // shares of the time that an item takes an average reader
	var out []save
	now, slow := x.StartedAt, a.pace
	if r.IntN(25) == 0 {
		slow *= 1.9 // was called away
	}
	for n, slot := range x.Slots {
		it, ok := f.Library.ItemAt(slot.ItemHash)
		if !ok {
			continue
		}
		begun := now.Add(2 * time.Second)
		took := time.Duration(slow * (least + luck*r.Float64() + perLevel*float64(it.Level-3)) * float64(it.Takes()))
		if c := x.Clock(n, it); c.Timed {
			took = min(took, c.Stop-2*time.Second)
		}
		now = now.Add(took)
		if d.live && (now.After(f.Now.Add(-15*time.Second)) || n == len(x.Slots)-2) || now.After(x.Deadline.Add(-3*time.Second)) {
			break
		}
		v := x.View(n, text.ZH)
		filled, err := answer(it, v, a.want(it, d.given.round, r), r)
		if err != nil {
			return nil, err
		}
		sent := []item.Answer{filled}
		if b, ok := it.Body.(item.Sequential); ok {
			sent = b.Steps(v, filled)
		}
		flagged := r.IntN(12) == 0 && d.live
		for i, step := range sent {
			s := save{exam.Save{Holder: x.Holder, N: n, Rev: int64(i + 1), Item: it, Answer: step}, begun, begun.Add(time.Duration(i+1) * (took - 2*time.Second) / time.Duration(len(sent)))}
			if flagged {
				s.Flagged = &flagged
			}
			out = append(out, s)
		}
	}
	return out, nil
}

// want is the score, 0..1, that an agent's ability is good for on an item, on the day.
func (a *agent) want(it *item.Item, round int, r *rand.Rand) float64 {
	const perLevel, luck = 3.0, 13.0 // points that an item of a higher level costs, and the spread from one item to the next
	y := 0.0
	for _, m := range it.Measures {
		able, known := a.ability[round][m.Sub]
		if !known {
			able = 60
		}
		y += m.W * able
	}
	y += perLevel*float64(3-it.Level) + luck*r.NormFloat64()
	return min(max(y/100, 0), 1)
}
