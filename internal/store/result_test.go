package store

import (
	"errors"
	"strings"
	"testing"

	"leida/internal/exam"
	"leida/internal/fault"
	"leida/internal/org"
	"leida/internal/profile"
)

// firstResult is a small result of a sitting whose definitions nobody reads.
func firstResult(s *exam.Sitting) (*exam.Result, error) {
	v := exam.Version{JSON: []byte(`{"prompt":{"zh":"问"},"reading":{"Dialogue":null,"Records":null,"Reference":null,"Situation":{"zh":""},"Table":null},"subs":{},"title":{"zh":"题"},"words":null}`)}
	v.Hash = exam.Hash(v.JSON)
	r := &exam.Result{Assessment: exam.Pin{ID: s.Assessment, Hash: s.AssessmentHash}, At: s.SubmittedAt.UnixMilli(), Person: s.Person, Revision: 1, Schema: exam.ResultSchema,
		Score: s.Score, Seed: "7", Sitting: s.ID, Submitted: s.SubmittedAt.UnixMilli(), TimeFactor: 1, Fresh: exam.Versions{v.Hash: v}}
	for _, slot := range s.Slots {
		r.Places = append(r.Places, exam.Place{Feedback: []byte(`{}`), Item: exam.Pin{ID: slot.ItemID, Hash: slot.ItemHash, Version: 1}, Kind: "sjt", Score: slot.Score, Texts: v.Hash, Units: 1, Weight: 1})
	}
	return r, nil
}

// Submitting keeps the result in the same transaction: both or neither.
func TestResultIsKeptWithTheSubmission(t *testing.T) {
	c := newCentre(t)
	s, v := c.sit(c.ann, c.assign("form", c.root)), c.viewer(c.ann)
	submit := func(spoil func(*exam.Result)) error {
		_, err := c.UpdateSitting(c.ctx, v, s.ID, func(s *exam.Sitting) ([]profile.Evidence, error) {
			e, err := finish(noon)(s)
			if err == nil && s.State == exam.Submitted {
				s.Result, err = firstResult(s)
				spoil(s.Result)
			}
			return e, err
		})
		return err
	}
	c.fails(submit(func(r *exam.Result) { r.Revision = 0 }), fault.Invalid, "store.out_of_range")
	if got, err := c.Sitting(c.ctx, v, s.ID); err != nil || got.State != exam.Live || c.count("results")+c.count("item_texts")+c.count("evidence") != 0 {
		t.Fatalf("half a submission was kept: %+v %v", got, err)
	}
	for range 2 { // the second changes nothing
		c.ok(submit(func(*exam.Result) {}))
	}
	for _, p := range []struct {
		may bool
		as  string
	}{{true, "0001"}, {true, "0003"}, {false, "0002"}, {false, "0004"}, {false, "0005"}, {false, "0006"}} {
		r, err := c.Result(c.ctx, c.viewer(c.byNumber(p.as)), s.ID)
		if !p.may {
			c.missing(err)
			continue
		}
		c.ok(err)
		if r.Score != 75 || len(r.Places) != 3 || r.Texts[r.Places[0].Texts].Title.ZH != "题" || len(r.History) != 1 || r.History[0].Undo {
			t.Errorf("%+v", r)
		}
	}
	if c.count("results") != 1 || c.count("item_texts") != 1 {
		t.Error("more than one result")
	}
}

// A sitting submitted before results were kept gets one afterwards, once.
func TestResultsOfEarlierSittings(t *testing.T) {
	c := newCentre(t)
	s := c.sit(c.ann, c.assign("form", c.root))
	_, err := c.UpdateSitting(c.ctx, c.viewer(c.ann), s.ID, finish(noon))
	c.ok(err)
	_, err = c.Result(c.ctx, c.viewer(c.ann), s.ID)
	c.missing(err)
	for _, want := range []int{1, 0} {
		if n, _, err := c.FreezeResults(c.ctx, "", 10, firstResult); n != want || err != nil {
			t.Fatal(n, err)
		}
	}
	r, err := c.Result(c.ctx, c.viewer(c.ann), s.ID)
	c.ok(err)
	if r.Revision != 1 || r.Score != 75 || r.Places[1].Score != .75 {
		t.Errorf("%+v", r)
	}
}

// A result that cannot be made holds up none of the others, even where it fills the whole of one go.
func TestResultThatCannotBeMade(t *testing.T) {
	c := newCentre(t)
	as := c.assign("form", c.root)
	for _, p := range []org.Person{c.ann, c.bob} {
		s := c.sit(p, as)
		_, err := c.UpdateSitting(c.ctx, c.viewer(p), s.ID, finish(noon))
		c.ok(err)
	}
	broken, kept, bad := errors.New("broken"), 0, ""
	after, failed := "", error(nil)
	for {
		n, last, err := c.FreezeResults(c.ctx, after, 1, func(s *exam.Sitting) (*exam.Result, error) {
			if bad == "" {
				bad = s.ID
				return nil, broken
			}
			return firstResult(s)
		})
		kept, failed = kept+n, errors.Join(failed, err)
		if last == "" {
			break
		}
		after = last
	}
	if kept != 1 || !errors.Is(failed, broken) || !strings.Contains(failed.Error(), bad) || c.count("results") != 1 {
		t.Error(kept, failed)
	}
}
