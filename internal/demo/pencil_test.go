package demo

import (
	"math"
	"math/rand/v2"
	"reflect"
	"testing"
	"time"

	"leida/assessments"
	"leida/internal/assessment"
	"leida/internal/item"
	"leida/internal/text"
)

// A kind that is added needs a pencil, or to imitate people itself, or its items would be left blank and pull everybody down.
func TestPencilForEveryKind(t *testing.T) {
	known := map[string]bool{}
	lib, _ := assessment.Load(assessments.FS, nil, nil)
	for _, it := range lib.Items {
		known[it.Type] = true
		if _, ok := it.Body.(item.Imitable); ok {
			continue
		}
		if _, ok := take(it.Type, it.Body.Prompt(item.Seen(text.ZH, 1), nil), rand.New(rand.NewPCG(1, 2))); !ok {
			t.Errorf("%s: no pencil for %s", it.ID, it.Type)
		}
	}
	prompts := map[reflect.Type]bool{}
	for _, p := range []any{item.ChoicePrompt{}, item.SJTPrompt{}, item.OrderingPrompt{}, item.MatchingPrompt{}} {
		prompts[reflect.TypeOf(p)] = true
	}
	for _, k := range item.Kinds() {
		if _, ok := k.New().(item.Imitable); !ok && !known[k.Name] && !prompts[reflect.TypeOf(k.Prompt)] {
			t.Errorf("no pencil for %s", k.Name)
		}
	}
}

// What is answered is worth, on average, what was wanted: ability shows in the marks and nothing else does.
func TestAnswerIsWorthWhatIsWanted(t *testing.T) {
	if testing.Short() {
		t.Skip("many thousand answers in one goroutine")
	}
	lib, _ := assessment.Load(assessments.FS, nil, nil)
	r := rand.New(rand.NewPCG(3, 4))
	sum, n := map[string]map[float64]float64{}, map[string]float64{}
	wants := []float64{0, 0.25, 0.5, 0.75, 1}
	for lap := range 80 {
		for _, it := range lib.Items {
			if lap >= 12 && it.Type != "single_choice" { // all or nothing: its mean takes longer to settle
				continue
			}
			if _, rated := it.Body.(item.Rated); rated { // people say what it is worth
				continue
			}
			if sum[it.Type] == nil {
				sum[it.Type] = map[float64]float64{}
			}
			n[it.Type]++
			for _, want := range wants {
				v := item.Seen(text.ZH, r.Uint64())
				a, err := answer(it, v, want, r)
				if err != nil {
					t.Fatal(it.ID, err)
				}
				res, err := it.Score(item.Response{Answer: a})
				if err != nil {
					t.Fatal(it.ID, err)
				}
				sum[it.Type][want] += res.Score
			}
		}
	}
	for kind, by := range sum {
		for _, want := range wants {
			got := by[want] / n[kind]
			t.Logf("%-16s want %.2f got %.3f", kind, want, got)
			if math.Abs(got-want) > 0.06 {
				t.Errorf("%s: wanted %.2f, got %.3f on average", kind, want, got)
			}
		}
	}
}

// The windows of any day lie in order, and the newest round has some that are still open.
func TestRoundsOfAnyDay(t *testing.T) {
	zone := time.FixedZone("centre", 8*3600)
	for d := range 800 {
		today := at(time.Date(2026, 1, 1, 0, 0, 0, 0, zone), d, 0)
		now := today.Add(time.Duration(d%24)*time.Hour + time.Second)
		rounds := roundsUntil(now, today, 4, zone)
		for i, r := range rounds {
			if i > 0 && !r.cycle.From.Equal(rounds[i-1].cycle.To) {
				t.Fatalf("%v: %v does not follow %v", now, r.cycle, rounds[i-1].cycle)
			}
			open := 0
			for _, w := range r.windows {
				if !w.opens.Before(w.closes) || w.opens.Before(r.cycle.From) || days(w.opens, w.closes) < 4 || !w.opens.Before(today) {
					t.Fatalf("%v: window %v", now, w)
				}
				if w.closes.After(now) {
					open++
				} else if !w.closes.Before(today) {
					t.Fatalf("%v: window %v closed today", now, w)
				}
			}
			newest := i == len(rounds)-1
			if newest != (open == 2) || newest != r.closing.IsZero() || !r.closing.Before(today) {
				t.Fatalf("%v: round %d has %d open windows and closes at %v", now, i, open, r.closing)
			}
		}
	}
}
