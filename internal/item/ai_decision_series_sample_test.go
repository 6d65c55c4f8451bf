package item_test

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"leida/internal/assessment"
	"leida/internal/item"
	"leida/internal/text"
)

// The shared scoring vectors of aic-decision-0001: the score and every detail that they give.
func TestDecisionVectors(t *testing.T) {
	raw, err := os.ReadFile("testdata/ai_decision_series/vectors.json")
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Item string
		Rows []struct {
			Case   string
			Answer json.RawMessage
			Score  float64
			Detail map[string]any
		}
	}
	if err := json.Unmarshal(raw, &file); err != nil {
		t.Fatal(err)
	}
	it := decisionSample(t, file.Item)
	if len(file.Rows) != 19 {
		t.Fatalf("%d rows", len(file.Rows))
	}
	for _, row := range file.Rows {
		t.Run(row.Case, func(t *testing.T) {
			a, err := parseJSON(it, item.Plain(text.ZH), row.Answer)
			if err != nil {
				t.Fatal(err)
			}
			got, err := it.Score(item.Response{Answer: a})
			if err != nil || math.Abs(got.Score-row.Score) > 1e-6 {
				t.Errorf("%.9f, %v, want %.9f", got.Score, err, row.Score)
			}
			detail := tree(t, dump(t, got.Detail)).(map[string]any)
			for name, want := range row.Detail {
				if name == "critical" {
					critical := []string{}
					for _, id := range want.([]any) {
						critical = append(critical, id.(string))
					}
					if !slices.Equal(got.Critical, critical) {
						t.Errorf("critical %v, want %v", got.Critical, critical)
					}
				} else if x, ok := detail[name].(float64); !ok || math.Abs(x-want.(float64)) > 1e-6 {
					t.Errorf("%s %v, want %v", name, detail[name], want)
				}
			}
		})
	}
}

// The sample is as well put together as its section asks, and means the same after leida fmt.
func TestDecisionSample(t *testing.T) {
	it := decisionSample(t, "aic-decision-0001.yaml")
	if ps := it.Lint(); len(ps) > 0 {
		t.Errorf("%v", ps)
	}
	if it.Units() != 5 {
		t.Errorf("%g units", it.Units())
	}
	files, _ := filepath.Glob("testdata/ai_decision_series/*.yaml")
	for _, file := range append(files, "testdata/samples/aic-decision-0001.yaml") {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		tidy, report := assessment.Format(file, raw)
		if tidy == nil {
			t.Fatal(report)
		}
		if diff := gocmp.Diff(parse(t, file, raw).Body, parse(t, file, tidy).Body, everything); diff != "" {
			t.Errorf("%s: %s", file, diff)
		}
	}
}

func decisionSample(t *testing.T, name string) *item.Item {
	t.Helper()
	file := filepath.Join("testdata", "samples", name)
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return parse(t, file, raw)
}
