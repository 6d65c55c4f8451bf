package store

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"gorm.io/gorm"

	"leida/internal/exam"
	"leida/internal/org"
	"leida/internal/profile"
)

// BenchmarkAnswer saves one answer of a paper of 30 places: loaded, changed and on the disk.
func BenchmarkAnswer(b *testing.B) {
	for _, people := range []int{1, 64} {
		b.Run(fmt.Sprintf("people=%d", people), func(b *testing.B) {
			c := newCentre(b)
			a := c.assign("form", c.root)
			var viewers []org.Viewer
			var ids []string
			for i := range people {
				v := c.viewer(c.agent(fmt.Sprintf("1%04d", i), c.eastOne))
				s, err := c.StartSitting(c.ctx, v, a.ID, c.paper(v, 30))
				c.ok(err)
				viewers, ids = append(viewers, v), append(ids, s.ID)
			}
			answer := json.RawMessage(`{"choice":"o3","reason":"` + string(make([]byte, 0, 200)) + `"}`)
			next := make(chan int, people)
			for i := range people {
				next <- i
			}
			b.SetParallelism(max(1, people/2))
			b.ResetTimer()
			b.RunParallel(func(pb *testing.PB) {
				for rev := int64(1); pb.Next(); rev++ {
					i := <-next
					_, err := c.UpdateSitting(c.ctx, viewers[i], ids[i], func(s *exam.Sitting) ([]profile.Evidence, error) {
						return nil, s.Answer(exam.Save{Holder: s.Holder, N: int(rev % 30), Rev: s.Slots[rev%30].Rev + 1, Answer: answer}, noon.Add(time.Duration(rev)*time.Millisecond))
					})
					if err != nil {
						b.Error(err)
					}
					next <- i
				}
			})
		})
	}
}

// BenchmarkHot is what each request asks, and what a save reads and writes within its transaction.
func BenchmarkHot(b *testing.B) {
	c := newCentre(b)
	v := c.viewer(c.ann)
	x, err := c.StartSitting(c.ctx, v, c.assign("form", c.root).ID, c.paper(v, 12))
	c.ok(err)
	c.session(c.ann, 1)
	b.Run("Viewer", func(b *testing.B) {
		for b.Loop() {
			_, _, err := c.ViewerBySession(c.ctx, token(1), noon, nil)
			c.ok(err)
		}
	})
	b.Run("Sitting", func(b *testing.B) {
		for b.Loop() {
			_, err := c.Sitting(c.ctx, v, x.ID)
			c.ok(err)
		}
	})
	b.Run("Place", func(b *testing.B) {
		for b.Loop() {
			_, err := c.hot.place(c.ctx, c.read, placeAsk{v.Person.ID, x.ID, 3})
			c.ok(err)
		}
	})
	if w, ok := c.engine.(*writer); ok {
		b.Run("SavePlace", func(b *testing.B) {
			got, err := c.hot.place(c.ctx, c.read, placeAsk{v.Person.ID, x.ID, 3})
			c.ok(err)
			c.ok(w.transaction(func(tx *gorm.DB) error {
				for b.Loop() {
					was := got.slot.Rev
					got.slot.Rev++
					if saved, err := c.hot.save(c.ctx, tx, placeChange{got.slot, was, got.head.Holder}); err != nil || !saved {
						b.Fatal(saved, err)
					}
				}
				return nil
			}))
		})
	}
}

// BenchmarkEvidenceOfPeople loads a team's evidence: 14 and 500 people with 100 records each.
func BenchmarkEvidenceOfPeople(b *testing.B) {
	c := newCentre(b)
	var ids []string
	c.ok(c.tx(c.ctx, "fill", func(tx *gorm.DB) error {
		var rows []evidenceRow
		for i := range 500 {
			p := personRow{ID: c.NewID(), Number: fmt.Sprint("x", i), NumberCanon: fmt.Sprint("x", i), Name: "x", NameCanon: "x"}
			if err := tx.Create(&p).Error; err != nil {
				return err
			}
			ids = append(ids, p.ID)
		}
		for n := range 100 { // as it comes: everybody's records lie apart
			for _, id := range ids {
				rows = append(rows, rowOfEvidence(profile.Evidence{
					ID: fmt.Sprintf("%s-%d-aic.context", id, n), Person: id, Sub: fmt.Sprintf("aic.%d", n%6), ItemID: fmt.Sprintf("aic-single-%04d", n), ItemVersion: 1,
					ItemHash: fmt.Sprintf("%064d", n), Y: 70, N: 2, Source: profile.Quiz, At: noon.Add(time.Duration(n) * time.Hour), Scenario: "refund", Channel: "chat",
				}))
			}
		}
		return tx.CreateInBatches(&rows, 500).Error
	}))
	for _, n := range []int{14, 500} {
		b.Run(fmt.Sprintf("people=%d", n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				got, err := c.EvidenceOfPeople(c.ctx, ids[:n])
				if err != nil || len(got) != n || len(got[ids[0]]) != 100 {
					b.Fatal(err, len(got))
				}
			}
		})
	}
}

// BenchmarkHome is what an agent's home page asks, with 1,000 people in 60 teams and 300 assignments to whole teams.
func BenchmarkHome(b *testing.B) {
	c := newCentre(b)
	var teams []org.Team
	for i := range 60 {
		teams = append(teams, c.team(c.east.ID, fmt.Sprintf("t%d", i)))
	}
	var last org.Person
	for i := range 1000 {
		last = c.agent(fmt.Sprintf("2%04d", i), teams[i%60])
	}
	for i := range 300 {
		c.assign(fmt.Sprint("form", i%7), append([]org.Team{}, teams[i%60], teams[(i+7)%60])...)
	}
	whole := c.assign("whole", c.root)
	v := c.viewer(c.trainer)
	b.Run("AssignmentsFor", func(b *testing.B) {
		for b.Loop() {
			list, err := c.AssignmentsFor(c.ctx, last.ID, noon)
			if err != nil || len(list) < 5 {
				b.Fatal(err, len(list))
			}
		}
	})
	b.Run("Viewer", func(b *testing.B) {
		for b.Loop() {
			c.viewer(c.eve)
		}
	})
	b.Run("Assignments", func(b *testing.B) {
		for b.Loop() {
			_, _, err := c.Assignments(c.ctx, v, Page{})
			c.ok(err)
		}
	})
	b.Run("AssignmentsOfManager", func(b *testing.B) {
		m := c.viewer(c.eve)
		for b.Loop() {
			_, _, err := c.Assignments(c.ctx, m, Page{})
			c.ok(err)
		}
	})
	b.Run("Targets", func(b *testing.B) {
		for b.Loop() {
			_, err := c.Targets(c.ctx, v, whole.ID)
			c.ok(err)
		}
	})
}
