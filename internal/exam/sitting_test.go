package exam_test

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"leida/internal/exam"
	"leida/internal/fault"
	"leida/internal/item"
	"leida/internal/profile"
	"leida/internal/text"
)

// wantFault asserts a failure of a kind with a message in both languages; key "" wants none.
func wantFault(t *testing.T, err error, kind fault.Kind, key string) {
	t.Helper()
	if key == "" {
		if err != nil {
			t.Errorf("%v", err)
		}
		return
	}
	f := fault.As(err)
	if f == nil || f.Kind != kind || f.Key != key {
		t.Errorf("%v, want %s %s", err, kind, key)
		return
	}
	for _, l := range text.Langs {
		if s := text.Say(l, f.Key, f.Args); s == f.Key || strings.ContainsAny(s, "{}") {
			t.Errorf("%s in %s: %q", f.Key, l, s)
		}
	}
}

func TestStart(t *testing.T) {
	s := start(t, "form", 1, noon)
	if s.State != exam.Live || !s.StartedAt.Equal(noon) || !s.SubmittedAt.IsZero() || s.Person != "chen" || s.Assignment != "as1" || s.Assessment != "form" ||
		s.Cycle != "2026-q2" || s.Holder != "phone" || !s.Counts || s.AssessmentHash == "" || s.Title.EN != "Form" || s.Seed != 7 {
		t.Errorf("%+v", s)
	}
	if len(s.Slots) != 5 || len(s.Unanswered()) != 5 || s.Resume() != 0 {
		t.Fatalf("%d slots, %v open", len(s.Slots), s.Unanswered())
	}
	for i, slot := range s.Slots {
		it, ok := bank().ItemAt(slot.ItemHash)
		if !ok || it.ID != slot.ItemID || slot.Answer != nil || slot.Rev != 0 {
			t.Errorf("%d: %+v", i, slot)
		}
		want := map[int]float64{0: 0.75, 1: 0.25}[slot.Section]
		if slot.Weight != want || slot.Section != has(i >= 3) {
			t.Errorf("%d: section %d weighs %g", i, slot.Section, slot.Weight)
		}
	}
	if start(t, "practice", 1, noon).Counts {
		t.Error("practice does not count")
	}
}

func has(yes bool) int {
	if yes {
		return 1
	}
	return 0
}

func TestDeadline(t *testing.T) {
	for _, tt := range []struct {
		name       string
		assessment string
		factor     float64
		at, want   time.Time
	}{
		{"the limit", "form", 1, noon, noon.Add(limit)},
		{"half as much time again", "form", 1.5, noon, noon.Add(30 * time.Minute)},
		{"three times", "form", 3, noon, noon.Add(time.Hour)},
		{"the window closes first", "form", 1, closes.Add(-10 * time.Minute), closes},
		{"the window closes first whatever the factor", "form", 3, closes.Add(-30 * time.Minute), closes},
		{"both at once", "form", 1, closes.Add(-limit), closes},
		{"no limit", "practice", 1, noon, closes},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if s := start(t, tt.assessment, tt.factor, tt.at); !s.Deadline.Equal(tt.want) {
				t.Errorf("%s, want %s", s.Deadline, tt.want)
			}
		})
	}
	a, _ := bank().Assessment("form")
	if s := exam.New("s", viewer("phone"), exam.Assignment{}, a, nil, 1, 1, noon); !s.Deadline.Equal(noon.Add(limit)) {
		t.Errorf("without a window the limit still holds: %s", s.Deadline)
	}
	p, _ := bank().Assessment("practice")
	if s := exam.New("s", viewer("phone"), exam.Assignment{}, p, nil, 1, 1, noon); !s.Deadline.IsZero() || s.Due(noon.AddDate(9, 0, 0)) {
		t.Errorf("neither window nor limit: %s", s.Deadline)
	}
}

func TestGrace(t *testing.T) {
	for _, tt := range []struct {
		late time.Duration
		key  string
	}{{-time.Second, ""}, {0, ""}, {5 * time.Second, ""}, {5*time.Second + 1, "exam.time_over"}, {6 * time.Second, "exam.time_over"}, {24 * time.Hour, "exam.time_over"}} {
		t.Run(tt.late.String(), func(t *testing.T) {
			s := start(t, "form", 1, noon)
			at := s.Deadline.Add(tt.late)
			before := clone(t, s)
			wantFault(t, save(t, s, "single-1", right["single-1"], 1, at), fault.Conflict, tt.key)
			if tt.key != "" {
				if diff := cmp.Diff(before, clone(t, s)); diff != "" {
					t.Errorf("a refused save changes something:\n%s", diff)
				}
			}
			if s.Due(at) != (tt.key != "") {
				t.Errorf("due: %v", s.Due(at))
			}
			wantFault(t, s.Move("desk", at), fault.Conflict, tt.key)
		})
	}
}

// A07: the newest revision wins in whatever order they arrive.
func TestRevisions(t *testing.T) {
	saves := []struct {
		rev    int64
		choice string
	}{{1, "a"}, {2, "b"}, {3, "c"}, {7, "d"}}
	want := `{"choice":"d"}`
	for _, order := range permutations(len(saves)) {
		s := start(t, "form", 1, noon)
		n := place(t, s, "single-1")
		for i, k := range order {
			at := noon.Add(time.Duration(i) * time.Second)
			slot := s.Slots[n]
			if err := save(t, s, "single-1", fmt.Sprintf(`{"choice":%q}`, saves[k].choice), saves[k].rev, at); err != nil {
				t.Fatal(err)
			}
			after := s.Slots[n]
			if taken := saves[k].rev > slot.Rev; taken != after.SavedAt.Equal(at) || !taken && (string(after.Answer) != string(slot.Answer) || after.Rev != slot.Rev) {
				t.Fatalf("order %v, rev %d: %+v", order, saves[k].rev, after)
			}
		}
		if got := s.Slots[n]; string(got.Answer) != want || got.Rev != 7 {
			t.Fatalf("order %v: %s rev %d", order, got.Answer, got.Rev)
		}
	}
}

func permutations(n int) [][]int {
	if n == 0 {
		return [][]int{{}}
	}
	var out [][]int
	for _, p := range permutations(n - 1) {
		for i := range n {
			out = append(out, slices.Insert(slices.Clone(p), i, n-1))
		}
	}
	return out
}

func TestAnswer(t *testing.T) {
	s := start(t, "form", 1, noon)
	yes, no := true, false
	n := place(t, s, "multi-1")
	send := func(c exam.Save) error {
		c.Holder, c.N = "phone", n
		return s.Answer(c, noon)
	}
	if err := send(exam.Save{Rev: 1, Answer: answer(t, "multi-1", right["multi-1"]), Flagged: &yes}); err != nil || string(s.Slots[n].Answer) != right["multi-1"] || !s.Slots[n].Flagged {
		t.Fatalf("%v, %+v", err, s.Slots[n])
	}
	if slices.Contains(s.Unanswered(), n) || len(s.Unanswered()) != 4 {
		t.Errorf("%v", s.Unanswered())
	}
	if err := send(exam.Save{Rev: 2, Answer: answer(t, "multi-1", right["multi-1"])}); err != nil || !s.Slots[n].Flagged {
		t.Errorf("a save that says nothing of the flag leaves it: %v, %+v", err, s.Slots[n])
	}
	if err := send(exam.Save{Rev: 3, Flagged: &no}); err != nil || s.Slots[n].Answer != nil || s.Slots[n].Flagged || s.Slots[n].SavedAt.IsZero() {
		t.Errorf("an answer can be taken back: %v, %+v", err, s.Slots[n])
	}
	if err := send(exam.Save{Rev: 3, Answer: answer(t, "multi-1", right["multi-1"]), Flagged: &yes}); err != nil || s.Slots[n].Answer != nil || s.Slots[n].Flagged {
		t.Errorf("the same revision again does nothing: %v, %+v", err, s.Slots[n])
	}
	for _, n := range []int{-1, 5, math.MaxInt, math.MinInt} {
		wantFault(t, s.Answer(exam.Save{Holder: "phone", N: n, Rev: 9}, noon), fault.NotFound, "exam.no_such_item")
	}
}

func TestMove(t *testing.T) {
	s := start(t, "form", 1, noon)
	if err := s.Move("desk", noon); err != nil || s.Holder != "desk" {
		t.Fatalf("%v, %s", err, s.Holder)
	}
	wantFault(t, save(t, s, "single-1", right["single-1"], 1, noon), fault.Conflict, "exam.moved")
	_, err := s.Submit("phone", bank(), noon)
	wantFault(t, err, fault.Conflict, "exam.moved")
	if s.State != exam.Live || len(s.Unanswered()) != 5 {
		t.Errorf("%+v", s)
	}
	if err := s.Move("phone", noon); err != nil {
		t.Fatal(err)
	}
	wantFault(t, save(t, s, "single-1", right["single-1"], 1, noon), "", "")
	if _, err := s.Submit("phone", bank(), noon); err != nil {
		t.Fatal(err)
	}
	wantFault(t, s.Move("desk", noon), fault.Conflict, "exam.submitted")
	wantFault(t, save(t, s, "single-1", right["single-1"], 2, noon), fault.Conflict, "exam.submitted")
}

// T03: the server's clock is set back ten minutes in the middle.
func TestClockSetBack(t *testing.T) {
	s := start(t, "form", 1, noon)
	deadline := s.Deadline
	if err := save(t, s, "single-1", right["single-1"], 1, noon.Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	back := noon.Add(-9 * time.Minute)
	if err := save(t, s, "single-2", right["single-2"], 1, back); err != nil {
		t.Fatal(err)
	}
	if !s.Deadline.Equal(deadline) {
		t.Errorf("the deadline moves to %s", s.Deadline)
	}
	for _, slot := range s.Slots {
		if slot.Seconds < 0 || slot.Seconds > 60 {
			t.Errorf("%s took %g s", slot.ItemID, slot.Seconds)
		}
	}
	if _, err := s.Submit("phone", bank(), back.Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	if s.SubmittedAt.Before(s.StartedAt) {
		t.Errorf("started %s, submitted %s", s.StartedAt, s.SubmittedAt)
	}
}

func TestSeconds(t *testing.T) {
	s := start(t, "form", 1, noon)
	a, b := place(t, s, "single-1"), place(t, s, "multi-1")
	at := noon
	for _, step := range []struct {
		id  string
		rev int64
		d   time.Duration
	}{{"single-1", 1, 20 * time.Second}, {"single-1", 2, 15 * time.Second}, {"multi-1", 1, 90 * time.Second}, {"single-1", 3, 11 * time.Minute}} {
		at = at.Add(step.d)
		if err := save(t, s, step.id, right[step.id], step.rev, at); err != nil {
			t.Fatal(err)
		}
	}
	if s.Slots[a].Seconds != 20+15+600 || s.Slots[b].Seconds != 90 { // a long silence is absence
		t.Errorf("%g and %g seconds", s.Slots[a].Seconds, s.Slots[b].Seconds)
	}
}

// sat is a sitting with the answers of half, submitted after five minutes.
func sat(t *testing.T) (*exam.Sitting, []profile.Evidence) {
	t.Helper()
	s := start(t, "form", 1, noon)
	for id, x := range half {
		if err := save(t, s, id, x.answer, 1, noon.Add(time.Minute)); err != nil {
			t.Fatal(err)
		}
	}
	evidence, err := s.Submit("phone", bank(), noon.Add(5*time.Minute))
	if err != nil {
		t.Fatal(err)
	}
	return s, evidence
}

func TestSubmit(t *testing.T) {
	s, _ := sat(t)
	if s.State != exam.Submitted || !s.SubmittedAt.Equal(noon.Add(5*time.Minute)) || s.Auto || s.Blank {
		t.Errorf("%+v", s)
	}
	for _, slot := range s.Slots {
		if slot.Score != half[slot.ItemID].score {
			t.Errorf("%s scores %g", slot.ItemID, slot.Score)
		}
	}
	if got := s.Slots[place(t, s, "single-2")].Critical; !slices.Equal(got, []string{"d"}) {
		t.Errorf("critical %v", got)
	}
	// sections by units: (1*0.4 + 1*0 + 1.5*0.5) / 3.5 and (2*0 + 1.5*0.5) / 3.5
	if want := 100 * (0.75*1.15/3.5 + 0.25*0.75/3.5); math.Abs(s.Score-want) > 1e-9 {
		t.Errorf("score %g, want %g", s.Score, want)
	}
	// A08: sent fifty times more, from anywhere, at any time
	before := clone(t, s)
	for i := range 50 {
		holder := []string{"phone", "desk"}[i%2]
		again, err := s.Submit(holder, bank(), noon.Add(time.Duration(i)*time.Hour))
		if again != nil || err != nil {
			t.Fatalf("%v, %v", again, err)
		}
		if again, err = s.Expire(bank(), noon.Add(48*time.Hour)); again != nil || err != nil {
			t.Fatalf("%v, %v", again, err)
		}
	}
	if diff := cmp.Diff(before, clone(t, s)); diff != "" {
		t.Error(diff)
	}
}

func TestFullMarksAndBlank(t *testing.T) {
	s := start(t, "form", 1, noon)
	for id, raw := range right {
		if err := save(t, s, id, raw, 1, noon); err != nil {
			t.Fatal(err)
		}
	}
	if s.Resume() != 4 || s.Unanswered() != nil {
		t.Errorf("nothing is open: %d, %v", s.Resume(), s.Unanswered())
	}
	if _, err := s.Submit("phone", bank(), noon); err != nil || math.Abs(s.Score-100) > 1e-9 || s.Score > 100 {
		t.Errorf("%v, %g", err, s.Score)
	}
	// A14: an empty one is taken, scores 0 and says so
	blank := start(t, "form", 1, noon)
	evidence, err := blank.Submit("phone", bank(), noon)
	if err != nil || blank.Score != 0 || !blank.Blank || blank.State != exam.Submitted || len(evidence) != 7 {
		t.Errorf("%v, %+v, %d records", err, blank, len(evidence))
	}
	for _, e := range evidence {
		if e.Y != 0 || len(e.Validate()) > 0 {
			t.Errorf("%+v", e)
		}
	}
	// answers taken back leave a blank one
	s = start(t, "form", 1, noon)
	if err := save(t, s, "single-1", right["single-1"], 1, noon); err != nil {
		t.Fatal(err)
	}
	if err := s.Answer(exam.Save{Holder: "phone", N: place(t, s, "single-1"), Rev: 2}, noon); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Submit("phone", bank(), noon); err != nil || !s.Blank {
		t.Errorf("%v, blank %v", err, s.Blank)
	}
}

// A05: what runs out is submitted as of its deadline with the answers saved by then, by whoever notices first.
func TestExpire(t *testing.T) {
	for _, tt := range []struct {
		name string
		end  func(s *exam.Sitting, at time.Time) ([]profile.Evidence, error)
	}{
		{"by the server", func(s *exam.Sitting, at time.Time) ([]profile.Evidence, error) { return s.Expire(bank(), at) }},
		{"by a late submit", func(s *exam.Sitting, at time.Time) ([]profile.Evidence, error) { return s.Submit("phone", bank(), at) }},
		{"by a late submit from elsewhere", func(s *exam.Sitting, at time.Time) ([]profile.Evidence, error) { return s.Submit("desk", bank(), at) }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := start(t, "form", 1, noon)
			if err := save(t, s, "multi-1", right["multi-1"], 1, noon); err != nil {
				t.Fatal(err)
			}
			for _, early := range []time.Time{noon, s.Deadline, s.Deadline.Add(exam.Grace)} {
				if e, err := s.Expire(bank(), early); e != nil || err != nil || s.State != exam.Live {
					t.Fatalf("expired at %s", early)
				}
			}
			evidence, err := tt.end(s, s.Deadline.Add(3*time.Hour))
			if err != nil || s.State != exam.Submitted || !s.Auto || !s.SubmittedAt.Equal(s.Deadline) || s.Blank || len(evidence) != 7 {
				t.Fatalf("%v, %+v, %d records", err, s, len(evidence))
			}
			for _, e := range evidence {
				if !e.At.Equal(s.Deadline) {
					t.Errorf("%+v", e)
				}
			}
		})
	}
	inGrace := start(t, "form", 1, noon)
	if _, err := inGrace.Submit("phone", bank(), inGrace.Deadline.Add(4*time.Second)); err != nil || inGrace.Auto || !inGrace.SubmittedAt.Equal(inGrace.Deadline) {
		t.Errorf("in the grace a submission is as of the deadline: %v, %+v", err, inGrace)
	}
	endless := start(t, "practice", 1, noon)
	endless.Deadline = time.Time{}
	if _, err := endless.Expire(bank(), noon.AddDate(1, 0, 0)); err != nil || endless.State != exam.Live {
		t.Error("without a deadline nothing runs out")
	}
}

func TestEvidence(t *testing.T) {
	s, evidence := sat(t)
	if len(evidence) != 7 {
		t.Fatalf("%d records", len(evidence))
	}
	ids, units := map[string]bool{}, map[string]float64{}
	for _, e := range evidence {
		it, _ := bank().Item(e.ItemID)
		if ps := e.Validate(); len(ps) > 0 || ids[e.ID] {
			t.Errorf("%+v: %v", e, ps)
		}
		ids[e.ID] = true
		units[e.ItemID] += e.N
		want := profile.Evidence{
			ID: e.ID, Person: "chen", Sub: e.Sub, ItemID: it.ID, ItemHash: it.Hash, ItemVersion: 2, SittingID: "s1", Cycle: "2026-q2", Y: 100 * half[it.ID].score, N: e.N,
			Source: profile.Quiz, Performance: it.Type == "sjt", At: noon.Add(5 * time.Minute), Scenario: "telecom", Channel: "chat",
		}
		if diff := cmp.Diff(want, e); diff != "" {
			t.Error(diff)
		}
		share := 0.0
		for _, m := range it.Measures {
			if m.Sub == e.Sub {
				share = m.W
			}
		}
		if share == 0 || math.Abs(e.N-share*it.Units()) > 1e-12 {
			t.Errorf("%s in %s: %g units", it.ID, e.Sub, e.N)
		}
	}
	for id, n := range units { // the shares of an item sum to its units
		if it, _ := bank().Item(id); math.Abs(n-it.Units()) > 1e-9 {
			t.Errorf("%s: %g units of %g", id, n, it.Units())
		}
	}
	practice := start(t, "practice", 1, noon)
	if e, err := practice.Submit("phone", bank(), noon); err != nil || e != nil || practice.State != exam.Submitted {
		t.Errorf("practice yields no evidence: %v, %v", e, err)
	}
	r := *s.Result
	if diff := cmp.Diff(evidence, r.AllEvidence()); diff != "" {
		t.Errorf("of the result: %s", diff)
	}
	r.Places = slices.Clone(r.Places)
	r.Places[0].Pending = true
	if got := len(r.AllEvidence()); got != 7-len(r.Places[0].Measures) {
		t.Errorf("what people must still rate is no evidence yet: %d", got)
	}
	r.Places[0].Shares = []item.Share{{Part: 0.4, Score: 0.5, Sub: "AIC.1"}, {Part: 0.6, Rater: true, Score: 1, Sub: "AIC.1"}}
	x := r.Places[0]
	e := r.Evidence(0)
	if len(e) != 2 || e[0].Source != profile.Quiz || e[0].Y != 50 || math.Abs(e[0].N-0.4*x.Units) > 1e-12 || e[1].Source != profile.Rater || e[1].Y != 100 || e[0].ID == e[1].ID {
		t.Errorf("shares: %+v", e)
	}
}

// A stored sitting is marked again to the same marks; nothing of it changes.
func TestMarkAgain(t *testing.T) {
	s, _ := sat(t)
	stored := clone(t, s)
	for range 3 {
		marks, err := stored.Mark(bank())
		if err != nil {
			t.Fatal(err)
		}
		for i, m := range marks {
			slot := s.Slots[i]
			if m.Result.Score != slot.Score || !slices.Equal(m.Result.Critical, slot.Critical) || m.Item.ID != slot.ItemID || m.Response.Answer == nil {
				t.Errorf("%d: %+v, %+v", i, m, slot)
			}
		}
	}
	if diff := cmp.Diff(clone(t, s), stored); diff != "" {
		t.Error(diff)
	}
	stored.Slots[1].ItemHash = "gone"
	if _, err := stored.Mark(bank()); err == nil || !strings.Contains(err.Error(), "gone") {
		t.Errorf("a version that is gone: %v", err)
	}
	broken := start(t, "form", 1, noon)
	broken.Slots[0].Answer = []byte(`{"zz":1}`)
	before := clone(t, broken)
	if _, err := broken.Submit("phone", bank(), noon); err == nil {
		t.Error("an answer that cannot be read is marked")
	}
	if diff := cmp.Diff(before, clone(t, broken)); diff != "" {
		t.Errorf("a failure changes the sitting: %s", diff)
	}
}

func TestView(t *testing.T) {
	s := start(t, "form", 1, noon)
	same := start(t, "form", 1, noon)
	show := func(s *exam.Sitting, n int, l text.Lang) string {
		it, _ := bank().ItemAt(s.Slots[n].ItemHash)
		return fmt.Sprintf("%+v", it.Body.Prompt(s.View(n, l), nil))
	}
	for n := range s.Slots {
		if show(s, n, text.ZH) != show(same, n, text.ZH) {
			t.Errorf("%d differs from look to look", n)
		}
	}
	orders := map[string]bool{}
	for seed := range uint64(40) {
		s.Seed = seed
		orders[show(s, place(t, s, "single-1"), text.ZH)] = true
	}
	if len(orders) < 12 { // of 24
		t.Errorf("only %d orders in 40 sittings", len(orders))
	}
	// two items of one sitting are shuffled apart
	differ := 0
	for seed := range uint64(40) {
		s.Seed = seed
		if show(s, place(t, s, "single-1"), text.ZH) != show(s, place(t, s, "single-2"), text.ZH) {
			differ++
		}
	}
	if differ < 30 {
		t.Errorf("two items have the same order in %d of 40 sittings", 40-differ)
	}
	slot := exam.Slot{Answer: []byte(right["single-1"])}
	it, _ := bank().Item("single-1")
	if a, err := slot.Read(it); err != nil || !cmp.Equal(fmt.Sprintf("%+v", a), "{Choice:b}") {
		t.Errorf("%v, %v", a, err)
	}
	if a, err := (exam.Slot{}).Read(it); a != nil || err != nil {
		t.Errorf("%v, %v", a, err)
	}
	var _ item.View = s.View(0, text.EN)
}
