package item_test

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"testing"

	"leida/internal/item"
)

// The shared scoring vectors of the samples that are made of fields.
func TestFieldVectors(t *testing.T) {
	for kind, rows := range map[string]int{"info_integration": 19, "data_insight": 15} {
		raw, err := os.ReadFile(filepath.Join("testdata", kind, "vectors.json"))
		if err != nil {
			t.Fatal(err)
		}
		var file struct {
			Source, Item string
			Rows         []struct {
				Case    string
				Answer  json.RawMessage
				Seconds float64
				Score   float64
				Detail  map[string]float64
			}
		}
		if err := json.Unmarshal(raw, &file); err != nil {
			t.Fatal(err)
		}
		if len(file.Rows) != rows {
			t.Fatalf("%s has %d vectors", kind, len(file.Rows))
		}
		it := sampleItem(t, file.Item)
		f := fixture{it: it}
		for _, row := range file.Rows {
			t.Run(file.Item+"/"+row.Case, func(t *testing.T) {
				got, err := it.Score(item.Response{Answer: f.canonical(t, row.Answer), Seconds: row.Seconds})
				if err != nil || math.Abs(got.Score-row.Score) > 1e-6 {
					t.Errorf("%.9f, %v, want %.9f", got.Score, err, row.Score)
				}
				detail, _ := tree(t, dump(t, got.Detail)).(map[string]any)
				for name, want := range row.Detail {
					if x, ok := detail[name].(float64); !ok || math.Abs(x-want) > 1e-6 {
						t.Errorf("%s is %v, want %g", name, detail[name], want)
					}
				}
			})
		}
	}
}

// sampleItem is one of the samples, by its id.
func sampleItem(t testing.TB, id string) *item.Item {
	t.Helper()
	name := filepath.Join("testdata", "samples", id+".yaml")
	raw, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return parse(t, name, raw)
}
