package store

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"leida/internal/exam"
	"leida/internal/org"
	"leida/internal/profile"
)

func TestEvidenceComesBack(t *testing.T) {
	c := newCentre(t)
	c.ok(c.EnsureCycle(c.ctx, org.Quarter(noon, time.UTC)))
	a := c.make(exam.Assignment{Assessment: "form", By: c.trainer.ID, Opens: noon, Closes: noon.Add(time.Hour), Cycle: "2026-q4", Teams: []string{c.root.ID}})
	v, s := c.viewer(c.ann), c.sit(c.ann, a)
	var want []profile.Evidence
	_, err := c.UpdateSitting(c.ctx, v, s.ID, func(s *exam.Sitting) (_ []profile.Evidence, err error) {
		want, err = finish(noon.Add(time.Second))(s)
		return want, err
	})
	c.ok(err)
	got, err := c.EvidenceOf(c.ctx, v, c.ann.ID)
	c.ok(err)
	if d := cmp.Diff(want, got); d != "" || len(got) != 3 || got[0].Cycle != "2026-q4" {
		t.Error(d)
	}
	_, err = c.UpdateSitting(c.ctx, c.viewer(c.bob), c.sit(c.bob, a).ID, finish(noon))
	c.ok(err)
	byPerson, err := c.EvidenceOfPeople(c.ctx, []string{c.bob.ID, c.ann.ID, c.eve.ID})
	c.ok(err)
	for i := range want { // what reckoning does without
		want[i].ItemVersion, want[i].ItemHash, want[i].Scenario, want[i].Channel = 0, "", "", ""
	}
	if d := cmp.Diff(want, byPerson[c.ann.ID]); d != "" || len(byPerson) != 2 || len(byPerson[c.bob.ID]) != 3 {
		t.Error(d, byPerson)
	}
	many := make([]string, 0, 200)
	for i := range 198 {
		many = append(many, fmt.Sprint("nobody-", i))
	}
	side, err := c.EvidenceOfPeople(c.ctx, append(many, c.bob.ID, c.ann.ID))
	if c.ok(err); cmp.Diff(byPerson, side) != "" {
		t.Error("a large team read side by side differs", cmp.Diff(byPerson, side))
	}
	if none, err := c.EvidenceOfPeople(c.ctx, nil); len(none) != 0 || err != nil {
		t.Error(none, err)
	}
}

func TestEvidenceIsScopedAndSealed(t *testing.T) {
	c := newCentre(t)
	s := c.sit(c.ann, c.assign("form", c.root))
	_, err := c.UpdateSitting(c.ctx, c.viewer(c.ann), s.ID, finish(noon))
	c.ok(err)
	id := s.ID + "-0"
	for who, may := range map[string]bool{c.ann.Number: true, c.eve.Number: true, c.bob.Number: false, c.wes.Number: false, c.trainer.Number: false, c.admin.Number: false} {
		v := c.viewer(c.byNumber(who))
		e, err := c.EvidenceByID(c.ctx, v, id)
		list, listErr := c.EvidenceOf(c.ctx, v, c.ann.ID)
		if may && (err != nil || listErr != nil || e.ID != id || len(list) != 3) {
			t.Error(who, err, listErr)
		}
		if !may {
			c.missing(err)
			c.missing(listErr)
		}
	}
	_, err = c.EvidenceOf(c.ctx, org.Viewer{}, "")
	c.missing(err)
	for _, sql := range []string{"UPDATE evidence SET y = 100", "UPDATE evidence SET person_id = ?", "DELETE FROM evidence"} {
		var args []any
		if sql == "UPDATE evidence SET person_id = ?" {
			args = []any{c.bob.ID}
		}
		c.fails(c.exec(sql, args...), "conflict", "store.frozen")
	}
	c.ok(c.exec("UPDATE evidence SET void = ?", true))
	if e, _ := c.EvidenceByID(c.ctx, c.viewer(c.ann), id); !e.Void {
		t.Error("not void")
	}
}
