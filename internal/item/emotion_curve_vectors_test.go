package item_test

import (
	"encoding/json"
	"math"
	"os"
	"testing"

	"leida/internal/assessment"
	"leida/internal/item"
	"leida/internal/text"
)

// curveSample is one of the design's sample items, unchanged.
func curveSample(t testing.TB, id string) *item.Item {
	t.Helper()
	name := "testdata/samples/" + id + ".yaml"
	raw, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return parse(t, name, raw)
}

// The shared vectors of the sample: scores to 1e-6, details to the digits that they are given with.
func TestEmotionCurveVectors(t *testing.T) {
	raw, err := os.ReadFile("testdata/emotion_curve/vectors.json")
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
	if err := json.Unmarshal(raw, &file); err != nil || len(file.Rows) != 22 {
		t.Fatalf("%d rows, %v", len(file.Rows), err)
	}
	it := curveSample(t, file.Item)
	f := fixture{file: file.Item, it: it}
	digits := map[string]float64{"mu": 0.05 + 1e-9, "sd": 0.05 + 1e-9}
	for _, row := range file.Rows {
		t.Run(row.Case, func(t *testing.T) {
			got, err := it.Score(item.Response{Answer: f.canonical(t, row.Answer)})
			if err != nil || math.Abs(got.Score-row.Score) > 1e-6 {
				t.Errorf("%.9f, %v, want %.9f", got.Score, err, row.Score)
			}
			details := tree(t, dump(t, got.Detail)).(map[string]any)
			for name, want := range row.Detail {
				within := max(1e-6, digits[name])
				switch want := want.(type) {
				case float64:
					if x, ok := details[name].(float64); !ok || math.Abs(x-want) > within {
						t.Errorf("%s is %v, want %g", name, details[name], want)
					}
				case []any:
					list, _ := details[name].([]any)
					if len(list) != len(want) {
						t.Fatalf("%s is %v, want %v", name, list, want)
					}
					for i := range want {
						if math.Abs(list[i].(float64)-want[i].(float64)) > within {
							t.Errorf("%s[%d] is %v, want %v", name, i, list[i], want[i])
						}
					}
				}
			}
		})
	}
}

// The stereotypes of the vectors are those that the lint tries, and earn what they say.
func TestEmotionCurveStereotypes(t *testing.T) {
	it := curveSample(t, "emp-curve-0001")
	want := map[string]float64{"constant": 0, "rise_fall": 0.107891401, "early_peak": 0.032030051, "late_peak": 0.055805772, "ramp_up": 0, "ramp_down": 0.058630821}
	for _, x := range it.Body.(item.Resistant).Blind() {
		got, err := it.Score(item.Response{Answer: x.Answer})
		if w, known := want[x.Name]; !known || err != nil || math.Abs(got.Score-w) > 1e-6 {
			t.Errorf("%s earns %g, %v; want %g", x.Name, got.Score, err, w)
		}
		delete(want, x.Name)
	}
	if len(want) > 0 {
		t.Errorf("not tried: %v", want)
	}
}

// leida fmt changes the layout of a definition and not what it means.
func TestEmotionCurveFormatted(t *testing.T) {
	for _, name := range []string{"testdata/samples/emp-curve-0001.yaml", "testdata/emotion_curve/chat.yaml", "testdata/emotion_curve/own.yaml"} {
		raw, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		out, report := assessment.Format(name, raw)
		if out == nil {
			t.Fatalf("%s: %v", name, report)
		}
		was, is := parse(t, name, raw), parse(t, name, out)
		for _, l := range text.Langs {
			v := item.Seen(l, 5)
			if was.Hash != is.Hash || string(dump(t, was.Body.Prompt(v, nil))) != string(dump(t, is.Body.Prompt(v, nil))) || string(dump(t, was.Body.Explain(v, nil))) != string(dump(t, is.Body.Explain(v, nil))) {
				t.Errorf("%s means something else after leida fmt", name)
			}
		}
	}
}
