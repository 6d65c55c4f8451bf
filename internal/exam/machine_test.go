package exam_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"leida/internal/exam"
	"leida/internal/fault"
	"leida/internal/profile"
)

// machine is a sitting beside the simplest description of what it should be.
type machine struct {
	s      *exam.Sitting
	now    time.Time
	holder string
	done   bool
	auto   bool
	at     time.Time // when submitted
	revs   [5]int64
	kept   [5]string // JSON of the answer; "" for none
	flags  [5]bool
	got    int // how often evidence came
	latest time.Time
}

func (m *machine) due() bool { return m.now.After(m.s.Deadline.Add(5 * time.Second)) }

// refusal is what a save or a move has to be told.
func (m *machine) refusal(holder string) string {
	switch {
	case m.done:
		return "exam.submitted"
	case m.due():
		return "exam.time_over"
	case holder != m.holder:
		return "exam.moved"
	}
	return ""
}

func (m *machine) finish(auto bool) {
	m.done, m.auto, m.at = true, auto, m.now
	if m.at.Before(m.latest) {
		m.at = m.latest
	}
	if auto || m.at.After(m.s.Deadline) {
		m.at = m.s.Deadline
	}
}

func (m *machine) evidence(t *rapid.T, e []profile.Evidence, err error, wanted bool) {
	if err != nil {
		t.Fatal(err)
	}
	if (len(e) == 7) != wanted || !wanted && e != nil {
		t.Fatalf("%d records of evidence, wanted %v", len(e), wanted)
	}
	if wanted {
		m.got++
	}
}

func told(t *rapid.T, err error, want string) {
	if f := fault.As(err); want == "" && err != nil || want != "" && (f == nil || f.Key != want || f.Kind != fault.Conflict) {
		t.Fatalf("told %v, want %q", err, want)
	}
}

// Whatever order saves, moves, submissions and clock changes come in, a sitting behaves as its description says.
func TestStateMachine(t *testing.T) {
	sessions := rapid.SampledFrom([]string{"phone", "desk"})
	rapid.Check(t, func(rt *rapid.T) {
		m := &machine{s: start(t, "form", rapid.SampledFrom([]float64{1, 1.5}).Draw(rt, "factor"), noon), now: noon, holder: "phone", latest: noon}
		deadline, paper := m.s.Deadline, fmt.Sprint(ids(m.s))
		spoke := func() {
			if m.now.After(m.latest) {
				m.latest = m.now
			}
		}
		rt.Repeat(map[string]func(*rapid.T){
			"wait": func(t *rapid.T) { m.now = m.now.Add(time.Duration(rapid.IntRange(0, 400).Draw(t, "s")) * time.Second) },
			"to the deadline": func(t *rapid.T) {
				m.now = m.s.Deadline.Add(time.Duration(rapid.IntRange(-1, 6).Draw(t, "s")) * time.Second)
			},
			"clock set back": func(t *rapid.T) { m.now = m.now.Add(-time.Duration(rapid.IntRange(0, 600).Draw(t, "s")) * time.Second) },
			"save": func(t *rapid.T) {
				n, rev, by := rapid.IntRange(0, 4).Draw(t, "n"), int64(rapid.IntRange(1, 6).Draw(t, "rev")), sessions.Draw(t, "by")
				id, c := m.s.Slots[n].ItemID, exam.Save{Holder: by, N: n, Rev: rev}
				raw := rapid.SampledFrom([]string{"", right[id], half[id].answer}).Draw(t, "answer")
				if raw != "" {
					c.Answer = answer(t, id, raw)
				}
				if rapid.Bool().Draw(t, "says") {
					flag := rapid.Bool().Draw(t, "flag")
					c.Flagged = &flag
				}
				want := m.refusal(by)
				told(t, m.s.Answer(c, m.now), want)
				if want != "" {
					return
				}
				if rev > m.revs[n] {
					spoke()
					m.revs[n], m.kept[n] = rev, raw
					if c.Flagged != nil {
						m.flags[n] = *c.Flagged
					}
				}
			},
			"move": func(t *rapid.T) {
				to, want := sessions.Draw(t, "to"), m.refusal(m.holder)
				told(t, m.s.Move(to, m.now), want)
				if want == "" {
					m.holder = to
				}
			},
			"submit": func(t *rapid.T) {
				by := sessions.Draw(t, "by")
				e, err := m.s.Submit(by, bank(), m.now)
				switch want := m.refusal(by); want {
				case "exam.submitted":
					m.evidence(t, e, err, false)
				case "exam.time_over":
					m.evidence(t, e, err, true)
					m.finish(true)
				case "":
					m.evidence(t, e, err, true)
					m.finish(false)
				default:
					told(t, err, want)
				}
			},
			"expire": func(t *rapid.T) {
				over := !m.done && m.due()
				e, err := m.s.Expire(bank(), m.now)
				m.evidence(t, e, err, over)
				if over {
					m.finish(true)
				}
			},
			"": func(t *rapid.T) {
				s := m.s
				if !s.Deadline.Equal(deadline) || fmt.Sprint(ids(s)) != paper || s.Holder != m.holder {
					t.Fatalf("%+v", s)
				}
				blank, total := true, 0.0
				for i, slot := range s.Slots {
					if string(slot.Answer) != m.kept[i] || slot.Rev != m.revs[i] || slot.Flagged != m.flags[i] {
						t.Fatalf("%d: %+v, want %q rev %d flag %v", i, slot, m.kept[i], m.revs[i], m.flags[i])
					}
					if slices.Contains(s.Unanswered(), i) != (m.kept[i] == "") {
						t.Fatalf("unanswered %v", s.Unanswered())
					}
					blank = blank && m.kept[i] == ""
					total += slot.Seconds
					score := 0.0
					if m.kept[i] == right[slot.ItemID] {
						score = 1
					} else if m.kept[i] != "" {
						score = half[slot.ItemID].score
					}
					if m.done && slot.Score != score || !m.done && slot.Score != 0 {
						t.Fatalf("%d scores %g, want %g", i, slot.Score, score)
					}
				}
				if total > m.latest.Sub(noon).Seconds()+1e-6 {
					t.Fatalf("%g seconds on items of %s", total, m.latest.Sub(noon))
				}
				if (s.State == exam.Submitted) != m.done || s.Auto != m.auto || m.done && (!s.SubmittedAt.Equal(m.at) || s.Blank != blank) || m.got != has(m.done) {
					t.Fatalf("%+v, want done %v auto %v at %s, evidence %d times", s, m.done, m.auto, m.at, m.got)
				}
				if m.done && (s.SubmittedAt.Before(s.StartedAt) || s.SubmittedAt.After(deadline) || s.Score < 0 || s.Score > 100) {
					t.Fatalf("%+v", s)
				}
			},
		})
	})
}

func ids(s *exam.Sitting) []string {
	var out []string
	for _, slot := range s.Slots {
		out = append(out, slot.ItemID+slot.ItemHash)
	}
	return out
}
