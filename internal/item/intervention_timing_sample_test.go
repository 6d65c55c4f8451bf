package item_test

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"leida/internal/assessment"
	"leida/internal/item"
	"leida/internal/text"
)

func timingSample(t testing.TB) *item.Item {
	t.Helper()
	name := filepath.Join("testdata", "samples", "emp-takeover-0001.yaml")
	raw, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return parse(t, name, raw)
}

func TestTimingVectors(t *testing.T) {
	it := timingSample(t)
	raw, err := os.ReadFile("testdata/intervention_timing/vectors.json")
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Source string
		Rows   []struct {
			Case   string
			Answer json.RawMessage
			Score  float64
			Detail map[string]float64
		}
	}
	if err := json.Unmarshal(raw, &file); err != nil || len(file.Rows) != 18 || file.Source == "" {
		t.Fatal(len(file.Rows), err)
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
			var detail map[string]float64
			if err := json.Unmarshal(dump(t, got.Detail), &detail); err != nil {
				t.Fatal(err)
			}
			for name, want := range row.Detail {
				if x, ok := detail[name]; !ok || math.Abs(x-want) > 1e-6 {
					t.Errorf("%s is %g, want %g", name, x, want)
				}
			}
		})
	}
}

// The sample withstands its blind candidates, and nothing is to be said against it.
func TestTimingSampleIsSound(t *testing.T) {
	it := timingSample(t)
	if ps := it.Lint(); len(ps) > 0 {
		t.Error(ps)
	}
	for _, x := range it.Body.(item.Resistant).Blind() {
		if got, err := it.Score(item.Response{Answer: x.Answer}); err != nil || got.Score > x.Most {
			t.Errorf("%s earns %.3f, %v", x.Name, got.Score, err)
		}
	}
	if math.Abs(it.Units()-3.6) > 1e-9 || it.Takes().Minutes() < 2 || it.Takes() > it.TimeLimit.Duration() {
		t.Errorf("units %g, takes %v", it.Units(), it.Takes())
	}
}

// leida fmt changes the layout of a definition and nothing that it says.
func TestTimingSurvivesFormatting(t *testing.T) {
	for _, name := range []string{"samples/emp-takeover-0001.yaml", "intervention_timing/rules.yaml", "intervention_timing/scoring.yaml"} {
		raw, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			t.Fatal(err)
		}
		neat, report := assessment.Format(name, raw)
		if neat == nil {
			t.Fatal(report)
		}
		if diff := gocmp.Diff(parse(t, name, raw).Body, parse(t, name, neat).Body, everything); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
		for _, takeover := range []string{"takeover: never", "takeover: [3, 3]", "takeover: [2, 2]"} {
			if strings.Contains(string(raw), takeover) != strings.Contains(string(neat), takeover) {
				t.Errorf("%s: %s", name, takeover)
			}
		}
	}
}
