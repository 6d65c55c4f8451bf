package store

import (
	"encoding/json"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"leida/assessments"
	"leida/internal/assessment"
	"leida/internal/exam"
	"leida/internal/fault"
	"leida/internal/org"
	"leida/internal/profile"
)

func TestSittingComesBack(t *testing.T) {
	c := newCentre(t)
	v, a := c.viewer(c.ann), c.assign("form", c.root)
	made, err := c.StartSitting(c.ctx, v, a.ID, c.paper(v, 3))
	c.ok(err)
	got, err := c.Sitting(c.ctx, v, made.ID)
	c.ok(err)
	if d := cmp.Diff(made, got); d != "" || got.Seed != 1<<63 {
		t.Error(d)
	}
	flag := true
	want, err := c.UpdateSitting(c.ctx, v, made.ID, func(s *exam.Sitting) ([]profile.Evidence, error) {
		return nil, s.Answer(exam.Save{Holder: s.Holder, N: 1, Rev: 7, Answer: map[string]string{"text": `引"号' 🙂`}, Flagged: &flag}, noon.Add(90*time.Second+time.Microsecond))
	})
	c.ok(err)
	got, err = c.Sitting(c.ctx, v, made.ID)
	c.ok(err)
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	slot := got.Slots[1]
	if string(slot.Answer) != `{"text":"引\"号' 🙂"}` || slot.Rev != 7 || !slot.Flagged || slot.Seconds < 90 || !slot.SavedAt.Equal(noon.Add(90*time.Second)) {
		t.Errorf("%+v", slot)
	}
}

// A sitting is handed in with its audit entry or not at all, once.
func TestHandedInWithItsEntry(t *testing.T) {
	c := newCentre(t)
	v, x := c.viewer(c.ann), c.sit(c.ann, c.assign("form", c.root))
	before := c.verify().Rows
	hand := func(detail string) error {
		ctx := Noting(c.ctx, AuditEntry{Actor: v.Person.ID, Action: "submit", Object: "sitting", ObjectID: x.ID, Detail: json.RawMessage(detail)})
		_, err := c.UpdateSitting(ctx, v, x.ID, finish(noon))
		return err
	}
	c.fails(hand("{"), fault.Invalid, "store.out_of_range")
	if got, err := c.Sitting(c.ctx, v, x.ID); err != nil || got.State != exam.Live || c.count("evidence") != 0 || c.verify().Rows != before {
		t.Errorf("without its entry: %v, %+v", err, got)
	}
	for range 3 {
		c.ok(hand("{}"))
	}
	if got, err := c.Sitting(c.ctx, v, x.ID); err != nil || got.State != exam.Submitted || c.count("evidence") != 3 || c.verify().Rows != before+1 {
		t.Errorf("handed in thrice: %v, %+v, %d entries", err, got, c.verify().Rows-before)
	}
}

func TestSittingIsScoped(t *testing.T) {
	c := newCentre(t)
	a := c.assign("form", c.east)
	s := c.sit(c.ann, a)
	untouched := func(*exam.Sitting) ([]profile.Evidence, error) { t.Error("called"); return nil, nil }
	for _, p := range []org.Person{c.bob, c.eve, c.wes, c.trainer, c.admin} {
		v := c.viewer(p)
		_, err := c.Sitting(c.ctx, v, s.ID)
		c.missing(err)
		_, err = c.UpdateSitting(c.ctx, v, s.ID, untouched)
		c.missing(err)
		_, err = c.SittingForReport(c.ctx, v, s.ID)
		c.missing(err)
		_, err = c.StartSitting(c.ctx, v, a.ID, c.paper(v, 1)) // not asked to sit it
		c.missing(err)
	}
	_, err := c.SittingForReport(c.ctx, c.viewer(c.ann), s.ID)
	c.missing(err) // not before it is submitted
	_, err = c.Sitting(c.ctx, org.Viewer{}, s.ID)
	c.missing(err)
	_, err = c.StartSitting(c.ctx, c.viewer(c.ann), "none", nil)
	c.missing(err)
	_, err = c.ExpireSitting(c.ctx, "none", untouched)
	c.missing(err)

	_, err = c.UpdateSitting(c.ctx, c.viewer(c.ann), s.ID, finish(noon))
	c.ok(err)
	for who, may := range map[string]bool{c.ann.Number: true, c.eve.Number: true, c.bob.Number: false, c.wes.Number: false, c.trainer.Number: false, c.admin.Number: false} {
		v := c.viewer(c.byNumber(who))
		got, err := c.SittingForReport(c.ctx, v, s.ID)
		list, listErr := c.SittingsOf(c.ctx, v, c.ann.ID)
		c.ok(listErr)
		if may && (err != nil || got.Score != 75 || !slices.Equal(got.Slots[0].Critical, []string{"a", "b"}) || len(list) != 1) {
			t.Error(who, err, list)
		}
		if !may {
			c.missing(err)
			if len(list) != 0 {
				t.Error(who, "sees", list)
			}
		}
	}
}

func TestParallelStartsGiveOneSitting(t *testing.T) {
	c := newCentre(t)
	v, a := c.viewer(c.ann), c.assign("form", c.root)
	ids := make([]string, 50)
	var all sync.WaitGroup
	for i := range ids {
		all.Go(func() {
			s, err := c.StartSitting(c.ctx, v, a.ID, c.paper(v, 20))
			if err != nil {
				t.Error(err)
				return
			}
			ids[i] = s.ID
		})
	}
	all.Wait()
	slices.Sort(ids)
	if n := len(slices.Compact(ids)); n != 1 || c.count("sittings") != 1 || c.count("slots") != 20 {
		t.Errorf("%d sittings", n)
	}
}

func TestStartSitting(t *testing.T) {
	c := newCentre(t)
	c.ok(c.EnsureCycle(c.ctx, org.Quarter(noon, time.UTC)))
	v := c.viewer(c.ann)
	one, two, same := c.assign("one", c.root), c.assign("two", c.root), c.assign("one", c.east)
	c.ok(c.exec("UPDATE assignments SET cycle_id = '2026-q4'"))
	refuse := errors.New("not yet")
	_, err := c.StartSitting(c.ctx, v, one.ID, func(as exam.Assignment, factor float64, seen []string) (*exam.Sitting, []assessment.Source, error) {
		if as.ID != one.ID || as.Cycle != "2026-q4" || factor != 1 || len(seen) != 0 {
			t.Error(as, factor, seen)
		}
		return nil, nil, refuse
	})
	if !errors.Is(err, refuse) || c.count("sittings") != 0 {
		t.Error(err)
	}
	first := c.sit(c.ann, one)
	_, err = c.StartSitting(c.ctx, v, two.ID, func(as exam.Assignment, factor float64, seen []string) (*exam.Sitting, []assessment.Source, error) {
		if d := cmp.Diff([]string{"item-0", "item-1", "item-2"}, seen); d != "" {
			t.Error(d)
		}
		return c.paper(v, 2)(as, factor, seen)
	})
	c.ok(err)
	_, err = c.StartSitting(c.ctx, v, same.ID, c.paper(v, 1)) // the same assessment by way of another assignment
	c.fails(err, fault.Conflict, "store.open_elsewhere")
	_, err = c.UpdateSitting(c.ctx, v, first.ID, finish(noon))
	c.ok(err)
	_, err = c.StartSitting(c.ctx, v, same.ID, c.paper(v, 1))
	c.ok(err)
	again, err := c.StartSitting(c.ctx, v, one.ID, nil) // a submitted one is not started anew
	c.ok(err)
	if again.ID != first.ID || again.State != exam.Submitted {
		t.Error(again)
	}
	bob := c.viewer(c.bob)
	if _, err := c.StartSitting(c.ctx, bob, one.ID, c.paper(v, 1)); err == nil {
		t.Error("a sitting was made for somebody else")
	}
}

func TestUpdateRollsBack(t *testing.T) {
	c := newCentre(t)
	v, s := c.viewer(c.ann), c.sit(c.ann, c.assign("form", c.root))
	bad := errors.New("bad")
	for name, change := range map[string]func(*exam.Sitting) ([]profile.Evidence, error){
		"its error": func(s *exam.Sitting) ([]profile.Evidence, error) { s.Slots[0].Rev = 9; return nil, bad },
		"seed":      func(s *exam.Sitting) ([]profile.Evidence, error) { s.Seed++; return nil, nil },
		"paper": func(s *exam.Sitting) ([]profile.Evidence, error) {
			s.Slots[1].ItemHash = "hash item-0"
			return nil, nil
		},
		"shorter":   func(s *exam.Sitting) ([]profile.Evidence, error) { s.Slots = s.Slots[1:]; return nil, nil },
		"another's": func(s *exam.Sitting) ([]profile.Evidence, error) { s.Person = c.bob.ID; return nil, nil },
		"score":     func(s *exam.Sitting) ([]profile.Evidence, error) { s.Score = 101; return nil, nil },
		"another's records": func(s *exam.Sitting) ([]profile.Evidence, error) {
			e, _ := finish(noon)(s)
			e[2].Person = c.bob.ID
			return e, nil
		},
		"impossible record": func(s *exam.Sitting) ([]profile.Evidence, error) {
			e, _ := finish(noon)(s)
			e[2].Y = 120
			return e, nil
		},
		"no source": func(s *exam.Sitting) ([]profile.Evidence, error) {
			e, _ := finish(noon)(s)
			e[2].Source = "x"
			return e, nil
		},
	} {
		if _, err := c.UpdateSitting(c.ctx, v, s.ID, change); err == nil || name == "its error" && !errors.Is(err, bad) {
			t.Errorf("%s: %v", name, err)
		}
		got, err := c.Sitting(c.ctx, v, s.ID)
		c.ok(err)
		if d := cmp.Diff(s, got); d != "" || c.count("evidence") != 0 {
			t.Errorf("%s: %s", name, d)
		}
	}
}

func TestRoundingDoesNotStopASubmission(t *testing.T) {
	c := newCentre(t)
	v, s := c.viewer(c.ann), c.sit(c.ann, c.assign("form", c.root))
	got, err := c.UpdateSitting(c.ctx, v, s.ID, func(s *exam.Sitting) ([]profile.Evidence, error) {
		e, _ := finish(noon)(s)
		s.Score, s.Slots[0].Score, e[0].Y, e[1].Y = 100.00000000000001, 1.0000000000000002, 100.00000000000001, -1e-15
		return e, nil
	})
	c.ok(err)
	if got.Score != 100 || got.Slots[0].Score != 1 {
		t.Error(got.Score, got.Slots[0].Score)
	}
}

func TestOlderRevisionIsIgnored(t *testing.T) {
	c := newCentre(t)
	v, s := c.viewer(c.ann), c.sit(c.ann, c.assign("form", c.root))
	save := func(rev int64, answer string) *exam.Sitting {
		got, err := c.UpdateSitting(c.ctx, v, s.ID, func(s *exam.Sitting) ([]profile.Evidence, error) {
			return nil, s.Answer(exam.Save{Holder: s.Holder, Rev: rev, Answer: answer}, c.clock.now())
		})
		c.ok(err)
		return got
	}
	var all sync.WaitGroup
	for rev := int64(1); rev <= 40; rev++ {
		all.Go(func() { save(rev, string(rune('a'+rev))) })
	}
	all.Wait()
	if got := save(3, "old").Slots[0]; got.Rev != 40 || string(got.Answer) != `"`+string(rune('a'+40))+`"` {
		t.Errorf("%+v", got)
	}
	if _, err := c.UpdateSitting(c.ctx, v, s.ID, func(s *exam.Sitting) ([]profile.Evidence, error) { s.Slots[0].Rev = 39; return nil, nil }); err == nil {
		t.Error("a change went back to an older revision")
	}
}

func TestSubmittedStaysSubmitted(t *testing.T) {
	c := newCentre(t)
	v, s := c.viewer(c.ann), c.sit(c.ann, c.assign("form", c.root))
	_, err := c.UpdateSitting(c.ctx, v, s.ID, finish(noon))
	c.ok(err)
	_, err = c.UpdateSitting(c.ctx, v, s.ID, func(s *exam.Sitting) ([]profile.Evidence, error) {
		s.State, s.SubmittedAt = exam.Live, time.Time{}
		return nil, nil
	})
	c.fails(err, fault.Conflict, "store.frozen")
}

func TestDueSittings(t *testing.T) {
	c := newCentre(t)
	a := c.assign("form", c.root)
	ann, bob := c.sit(c.ann, a), c.sit(c.bob, a)
	_, err := c.UpdateSitting(c.ctx, c.viewer(c.bob), bob.ID, func(s *exam.Sitting) ([]profile.Evidence, error) { s.Deadline = noon; return nil, nil })
	c.ok(err)
	for at, want := range map[time.Duration][]string{
		0: nil, exam.Grace: nil, exam.Grace + time.Millisecond: {bob.ID}, time.Hour + exam.Grace: {bob.ID}, time.Hour + exam.Grace + time.Millisecond: {bob.ID, ann.ID},
	} {
		got, err := c.DueSittings(c.ctx, noon.Add(at), 10)
		c.ok(err)
		if !slices.Equal(got, want) {
			t.Errorf("%v: %v, want %v", at, got, want)
		}
	}
	if got, _ := c.DueSittings(c.ctx, noon.Add(9*time.Hour), 1); len(got) != 1 || got[0] != bob.ID {
		t.Error(got)
	}
	_, err = c.ExpireSitting(c.ctx, bob.ID, finish(noon))
	c.ok(err)
	if got, _ := c.DueSittings(c.ctx, noon.Add(9*time.Hour), 10); len(got) != 1 {
		t.Error(got)
	}
}

func TestSittingsOf(t *testing.T) {
	c := newCentre(t)
	v := c.viewer(c.ann)
	old := c.sit(c.ann, c.assign("one", c.root))
	_, err := c.UpdateSitting(c.ctx, v, old.ID, func(s *exam.Sitting) ([]profile.Evidence, error) {
		s.Slots[0].Answer = json.RawMessage(`{}`)
		return finish(noon)(s)
	})
	c.ok(err)
	c.clock.set(noon.Add(time.Minute))
	live := c.sit(c.ann, c.assign("two", c.root))
	list, err := c.SittingsOf(c.ctx, v, c.ann.ID)
	c.ok(err)
	if len(list) != 2 || list[0].ID != live.ID || list[1].ID != old.ID || list[1].Length != 3 || list[1].Answered != 1 || list[0].Answered != 0 || list[1].Title.EN != "Form" {
		t.Errorf("%+v", list)
	}
	if list, _ := c.SittingsOf(c.ctx, c.viewer(c.eve), c.ann.ID); len(list) != 1 {
		t.Error("a manager sees an open sitting")
	}
}

// TestJourney is a real assessment: started, answered, submitted fifty times at once, and rebuilt from the pinned sources.
func TestJourney(t *testing.T) {
	lib, report := assessment.Load(assessments.FS, nil, nil)
	if lib == nil {
		t.Fatal(report)
	}
	c := newCentre(t)
	form := lib.Assessments[0]
	v, a := c.viewer(c.ann), c.assign(form.ID, c.root)
	s, err := c.StartSitting(c.ctx, v, a.ID, func(as exam.Assignment, factor float64, _ []string) (*exam.Sitting, []assessment.Source, error) {
		paper, err := lib.Draw(form, 42)
		if err != nil {
			return nil, nil, err
		}
		src, _ := lib.Source(form.Hash)
		sources := []assessment.Source{src}
		for _, d := range paper {
			src, _ := lib.Source(d.Item.Hash)
			sources = append(sources, src)
		}
		return exam.New(c.NewID(), v, as, form, paper, 42, factor, noon), sources, nil
	})
	c.ok(err)
	var results, records [50]int
	var all sync.WaitGroup
	for i := range 50 {
		all.Go(func() {
			got, err := c.UpdateSitting(c.ctx, v, s.ID, func(s *exam.Sitting) ([]profile.Evidence, error) {
				e, err := s.Submit(v.Session, lib, noon.Add(time.Minute))
				records[i] = len(e)
				return e, err
			})
			if err != nil {
				t.Error(err)
			} else if got.State == exam.Submitted && got.Blank {
				results[i] = 1
			}
		})
	}
	all.Wait()
	evidence, err := c.EvidenceOf(c.ctx, v, c.ann.ID)
	c.ok(err)
	if len(evidence) == 0 || sum(records[:]) != len(evidence) || sum(results[:]) != 50 {
		t.Errorf("%d records kept, %d made, %d results", len(evidence), sum(records[:]), sum(results[:]))
	}
	for _, slot := range s.Slots {
		src, err := c.Source(c.ctx, slot.ItemHash)
		c.ok(err)
		if it, r := assessment.ParseItem(src.ID, src.Text, lib.Model); it == nil || it.Hash != slot.ItemHash {
			t.Error(slot.ItemID, r)
		}
	}
}

func sum(ns []int) int {
	n := 0
	for _, x := range ns {
		n += x
	}
	return n
}
