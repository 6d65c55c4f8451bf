package item

import (
	"encoding/json"
	"maps"
	"math"
	"os"
	"slices"
	"strings"
	"testing"
)

// The primitive rows of the shared scoring vectors, each through the body of its kind.
func TestVectors(t *testing.T) {
	raw, err := os.ReadFile("testdata/vectors.json")
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Source string
		Rows   []struct {
			Case   string
			Answer struct {
				// the answer
				Choices     []string
				Best, Worst string
				Ratings     map[string]int
				Rank        map[string]int
				Pairs       map[string]string
				// the item
				Key     json.RawMessage
				Options []string
				M       map[string]float64
				Before  [][]string
				Rights  []string
				Accept  map[string]map[string]float64
			}
			Score float64
		}
	}
	if err := json.Unmarshal(raw, &file); err != nil {
		t.Fatal(err)
	}
	if len(file.Rows) != 13 {
		t.Fatalf("%d rows", len(file.Rows))
	}
	for _, row := range file.Rows {
		t.Run(row.Case, func(t *testing.T) {
			a := row.Answer
			var b Body
			var answer Answer
			switch strings.Fields(row.Case)[0] {
			case "multi":
				var key []string
				unmarshal(t, a.Key, &key)
				m := &multipleChoice{}
				for _, o := range a.Options {
					m.Options = append(m.Options, choiceOption{ID: o, Text: same(o), Key: slices.Contains(key, o)})
				}
				b, answer = m, multipleAnswer{Choices: a.Choices}
			case "sjt":
				s := &sjt{Mode: bestWorst}
				for _, o := range slices.Sorted(maps.Keys(a.M)) {
					s.Options = append(s.Options, sjtOption{ID: o, Text: same(o), M: a.M[o]})
				}
				if b, answer = s, (bestWorstAnswer{Best: a.Best, Worst: a.Worst}); a.Ratings != nil {
					s.Mode, answer = rate, rateAnswer{Ratings: a.Ratings}
				}
			case "order":
				o := &ordering{Before: a.Before}
				for _, s := range slices.Sorted(maps.Keys(a.Rank)) {
					o.Items = append(o.Items, Part{ID: s, Text: same(s)})
				}
				b, answer = o, orderingAnswer{Rank: a.Rank}
			case "matching":
				m := &matching{Accept: a.Accept}
				unmarshal(t, a.Key, &m.Pairs)
				for _, l := range slices.Sorted(maps.Keys(m.Pairs)) {
					m.Left = append(m.Left, Part{ID: l, Text: same(l)})
				}
				for _, r := range a.Rights {
					m.Right = append(m.Right, Part{ID: r, Text: same(r)})
				}
				b, answer = m, matchingAnswer{Pairs: a.Pairs}
			default:
				t.Fatal("no kind for this row")
			}
			if ps := b.Validate(); len(ps) > 0 {
				t.Fatalf("the row's item is unsound: %v", ps)
			}
			if got := score(t, b, answer); math.Abs(got-row.Score) > 1e-6 {
				t.Errorf("%.9f, want %.9f", got, row.Score)
			}
		})
	}
}

func unmarshal(t *testing.T, raw []byte, v any) {
	t.Helper()
	if err := json.Unmarshal(raw, v); err != nil {
		t.Fatal(err)
	}
}
