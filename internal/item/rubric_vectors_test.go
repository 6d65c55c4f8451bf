package item_test

import (
	"encoding/json"
	"math"
	"os"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"leida/internal/item"
)

// The shared scoring vectors of the proposal, with what its detail says.
func TestProposalVectors(t *testing.T) {
	raw, err := os.ReadFile("testdata/improvement_proposal/vectors.json")
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Item string
		Rows []struct {
			Case    string
			Answer  json.RawMessage
			Ratings []item.Rating
			Score   float64
			Detail  struct {
				Rubric float64
				Adj    []string
			}
		}
	}
	if err := json.Unmarshal(raw, &file); err != nil || len(file.Rows) != 2 {
		t.Fatal(err, len(file.Rows))
	}
	f := fixture{it: sampleItem(t, file.Item)}
	for _, row := range file.Rows {
		t.Run(row.Case, func(t *testing.T) {
			got, err := f.it.Score(item.Response{Answer: f.canonical(t, row.Answer), Ratings: row.Ratings})
			if err != nil || got.Pending || math.Abs(got.Score-row.Score) > 1e-6 {
				t.Fatalf("%+v, %v, want %g", got, err, row.Score)
			}
			var d struct {
				Rubric float64
				Adj    []string
			}
			if err := json.Unmarshal(dump(t, got.Detail), &d); err != nil || math.Abs(d.Rubric-row.Detail.Rubric) > 1e-6 || !gocmp.Equal(d.Adj, row.Detail.Adj) {
				t.Errorf("%s: %v, want %+v", dump(t, got.Detail), err, row.Detail)
			}
			sum := 0.0
			for _, x := range got.Shares {
				sum += x.Part * x.Score
			}
			if math.Abs(sum-got.Score) > 1e-9 || len(got.Shares) != 6 { // three measures and three sub-competencies of the rubric
				t.Errorf("the evidence comes to %g of %g: %+v", sum, got.Score, got.Shares)
			}
		})
	}
}
