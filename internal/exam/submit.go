package exam

import (
	"fmt"
	"slices"
	"time"

	"leida/internal/fault"
	"leida/internal/item"
	"leida/internal/profile"
	"leida/internal/text"
)

// Bank finds the pinned version of an item by the hash of its content, and the name of a sub-competency: its id where there is none.
type Bank interface {
	ItemAt(hash string) (*item.Item, bool)
	SubName(id string) text.Text
}

// Submit ends a sitting, marks it and yields its evidence. Submitting again changes nothing and yields none, so that it may be sent any number of times.
func (s *Sitting) Submit(holder string, bank Bank, now time.Time) ([]profile.Evidence, error) {
	if s.State == Submitted {
		return nil, nil
	}
	if s.Due(now) {
		return s.Expire(bank, now)
	}
	if holder != s.Holder {
		return nil, fault.New(fault.Conflict, "exam.moved")
	}
	if now.Before(s.SeenAt) {
		now = s.SeenAt // the clock was set back: a sitting never ends before it began
	}
	if !s.Deadline.IsZero() && now.After(s.Deadline) {
		now = s.Deadline
	}
	return s.finish(bank, now, false)
}

// Expire submits a sitting whose time is over, with the answers saved by then, as of its deadline.
func (s *Sitting) Expire(bank Bank, now time.Time) ([]profile.Evidence, error) {
	if s.State == Submitted || !s.Due(now) {
		return nil, nil
	}
	return s.finish(bank, s.Deadline, true)
}

func (s *Sitting) finish(bank Bank, at time.Time, auto bool) ([]profile.Evidence, error) {
	marks, err := s.Mark(bank)
	if err != nil {
		return nil, err
	}
	done := *s
	done.State, done.SubmittedAt, done.Auto, done.Slots = Submitted, at, auto, slices.Clone(s.Slots)
	done.Blank = len(s.Unanswered()) == len(s.Slots)
	for i, m := range marks {
		done.Slots[i].Score, done.Slots[i].Critical = m.Result.Score, m.Result.Critical
	}
	done.Score = s.total(marks)
	if done.Result, err = done.result(marks, bank); err != nil {
		return nil, err
	}
	*s = done
	return s.Result.AllEvidence(), nil
}

// Mark is a marked place of the paper.
type Mark struct {
	Item     *item.Item
	Response item.Response
	Result   item.Result
}

// Mark scores every place from the answers kept. It changes nothing: the same answers and versions always give the same marks.
func (s *Sitting) Mark(bank Bank) ([]Mark, error) {
	marks := make([]Mark, len(s.Slots))
	for i, slot := range s.Slots {
		it, ok := bank.ItemAt(slot.ItemHash)
		if !ok {
			return nil, fmt.Errorf("sitting %s: no item with hash %s", s.ID, slot.ItemHash)
		}
		a, err := slot.Read(it)
		if err != nil {
			return nil, fmt.Errorf("sitting %s, %s: %w", s.ID, it.Name(), err)
		}
		if marks[i], err = mark(it, a, slot.Seconds, s.TimeFactor); err != nil {
			return nil, fmt.Errorf("sitting %s, %s: %w", s.ID, it.Name(), err)
		}
	}
	return marks, nil
}

// mark marks an answer that took so many seconds of a person with a time factor.
func mark(it *item.Item, a item.Answer, seconds, factor float64) (Mark, error) {
	m := Mark{Item: it, Response: item.Response{Answer: a, Seconds: seconds / factor, Factor: factor}}
	var err error
	m.Result, err = it.Score(m.Response)
	return m, err
}

// Read is the slot's answer as its kind knows it; nil is blank.
func (slot Slot) Read(it *item.Item) (item.Answer, error) {
	if slot.Answer == nil {
		return nil, nil
	}
	f, err := item.JSONFields(slot.Answer)
	if err != nil {
		return nil, err
	}
	return it.Body.Parse(item.Plain(""), f)
}

// Parts are how many of how many parts of a slot's item are done; an item without parts is one. sent is an answer that was just taken, nil for none: unless its kind goes step by step
// the slot holds that, and need not be read again.
func (slot Slot) Parts(it *item.Item, sent item.Answer) (done, of int, err error) {
	a := sent
	if _, steps := it.Body.(item.Sequential); a == nil || steps {
		if a, err = slot.Read(it); err != nil {
			return 0, 1, err
		}
	}
	if b, ok := it.Body.(item.Parted); ok {
		done, of = b.Parts(a)
		return done, of, nil
	}
	if a != nil {
		done = 1
	}
	return done, 1, nil
}

// total is the sitting's score from its marks.
func (s *Sitting) total(marks []Mark) float64 {
	places := make([]Place, len(marks))
	for i, m := range marks {
		places[i] = Place{Section: s.Slots[i].Section, Weight: s.Slots[i].Weight, Units: m.Item.Units(), Score: m.Result.Score, Pending: m.Result.Pending}
	}
	return total(places)
}
