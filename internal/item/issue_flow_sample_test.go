package item_test

import (
	"encoding/json"
	"math"
	"os"
	"reflect"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"leida/internal/assessment"
	"leida/internal/item"
	"leida/internal/text"
)

func flowSample(t testing.TB) (*item.Item, []byte) {
	t.Helper()
	const name = "testdata/samples/cps-flow-0001.yaml"
	raw, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return parse(t, name, raw), raw
}

// Every shared vector of the sample, score and details.
func TestIssueFlowVectors(t *testing.T) {
	it, _ := flowSample(t)
	raw, err := os.ReadFile("testdata/issue_flow/vectors.json")
	if err != nil {
		t.Fatal(err)
	}
	type detail struct {
		A, G, P, Q, N  float64
		ExcludedPlaced []string `json:"excluded_placed"`
		Critical       []string
	}
	var file struct {
		Rows []struct {
			Case   string
			Answer json.RawMessage
			Score  float64
			Detail detail
		}
	}
	if err := json.Unmarshal(raw, &file); err != nil {
		t.Fatal(err)
	}
	if len(file.Rows) != 17 {
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
			var d detail
			if err := json.Unmarshal(dump(t, got.Detail), &d); err != nil {
				t.Fatal(err)
			}
			for name, x := range map[string][2]float64{"A": {d.A, row.Detail.A}, "g": {d.G, row.Detail.G}, "P": {d.P, row.Detail.P}, "Q": {d.Q, row.Detail.Q}, "N": {d.N, row.Detail.N}} {
				if math.Abs(x[0]-x[1]) > 1e-6 {
					t.Errorf("%s is %.9f, want %.9f", name, x[0], x[1])
				}
			}
			if !reflect.DeepEqual(d.ExcludedPlaced, row.Detail.ExcludedPlaced) || !reflect.DeepEqual(d.Critical, row.Detail.Critical) {
				t.Errorf("%v and %v placed, want %v and %v", d.ExcludedPlaced, d.Critical, row.Detail.ExcludedPlaced, row.Detail.Critical)
			}
			if strings.Join(got.Critical, " ") != strings.Join(d.Critical, " ") {
				t.Errorf("critical %v", got.Critical)
			}
		})
	}
}

// The sample withstands every blind candidate, has nothing to complain of, and shows its case section by section.
func TestIssueFlowSample(t *testing.T) {
	it, _ := flowSample(t)
	if ps := it.Lint(); len(ps) > 0 {
		t.Errorf("%v", ps)
	}
	for _, x := range it.Body.(item.Resistant).Blind() {
		got, err := it.Score(item.Response{Answer: x.Answer})
		if err != nil || got.Score > x.Most {
			t.Errorf("%s scores %g, at most %g", x.Name, got.Score, x.Most)
		}
	}
	for l, heads := range map[text.Lang][]string{text.ZH: {"【案情】", "【职责表】", "【规则】"}, text.EN: {"[Case]", "[Duty table]", "[Rules]"}} {
		parts := strings.Split(it.Reading().Situation.In(l), "\n\n")
		if len(parts) != len(heads) {
			t.Fatalf("%s: %d parts", l, len(parts))
		}
		for i, head := range heads {
			if !strings.HasPrefix(parts[i], head) {
				t.Errorf("%s: part %d begins %.20q", l, i+1, parts[i])
			}
		}
	}
	if got := it.Takes().Minutes(); got < 4 || got > 12 {
		t.Errorf("it takes %g minutes", got)
	}
}

// Laid out anew, a definition is the same.
func TestIssueFlowSurvivesFormatting(t *testing.T) {
	want, raw := flowSample(t)
	tidy, report := assessment.Format("sample.yaml", raw)
	if tidy == nil {
		t.Fatal(report)
	}
	if diff := gocmp.Diff(want.Body, parse(t, "sample.yaml", tidy).Body, everything); diff != "" {
		t.Error(diff)
	}
}
