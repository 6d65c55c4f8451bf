package store

import (
	"encoding/json"
	"errors"
	"testing"
	"time"

	"leida/internal/exam"
	"leida/internal/profile"
)

// The places of what was handed in come person by person and in the order of the papers; those under way, those that do not count and those from before do not come.
func TestEachPlace(t *testing.T) {
	c := newCentre(t)
	one, two, three := c.assign("one", c.root), c.assign("two", c.root), c.assign("three", c.root)
	submit := func(x *exam.Sitting, at time.Time, change func(*exam.Sitting)) {
		t.Helper()
		who := c.ann
		if x.Person == c.bob.ID {
			who = c.bob
		}
		_, err := c.UpdateSitting(c.ctx, c.viewer(who), x.ID, func(s *exam.Sitting) ([]profile.Evidence, error) {
			s.Slots[1].Answer, s.Slots[1].Seconds = json.RawMessage(`{"choice":"b"}`), 42.5
			e, err := finish(at)(s)
			change(s)
			return e, err
		})
		c.ok(err)
	}
	keep := func(*exam.Sitting) {}
	submit(c.sit(c.ann, one), noon.Add(-48*time.Hour), keep) // before
	submit(c.sit(c.bob, one), noon, keep)
	submit(c.sit(c.ann, two), noon, keep)
	c.sit(c.bob, two)                                                           // under way
	submit(c.sit(c.bob, three), noon, func(s *exam.Sitting) { s.Blank = true }) // nobody looked at it
	submit(c.sit(c.ann, three), noon, func(s *exam.Sitting) { s.Slots[2].Score = 0.25 })
	var got []SatPlace
	c.ok(c.EachPlace(c.ctx, noon.Add(-time.Hour), func(p SatPlace) error {
		p.Answer = append(json.RawMessage(nil), p.Answer...)
		got = append(got, p)
		return nil
	}))
	if len(got) != 9 {
		t.Fatalf("%d places: %+v", len(got), got)
	}
	seen := map[string]int{}
	for i, p := range got {
		if p.N != i%3 || p.Weight != 1 || p.ItemHash != "hash item-"+string(rune('0'+p.N)) || (p.N == 1) != (string(p.Answer) == `{"choice":"b"}` && p.Seconds == 42.5) || (p.N != 1) != (p.Answer == nil) {
			t.Errorf("place %d: %+v", i, p)
		}
		if i > 0 && p.Person != got[i-1].Person {
			seen[got[i-1].Person]++
		}
		if want := map[bool]float64{true: 0.25, false: 0.75}[p.Assessment == "three" && p.N == 2]; p.Score != want {
			t.Errorf("place %d: score %g", i, p.Score)
		}
	}
	if len(seen) != 1 {
		t.Errorf("people are mixed: %v", seen)
	}
	stop := errors.New("stop")
	if err := c.EachPlace(c.ctx, noon.Add(-time.Hour), func(SatPlace) error { return stop }); !errors.Is(err, stop) {
		t.Errorf("%v", err)
	}
}
