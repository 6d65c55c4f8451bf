package stats_test

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"leida/internal/stats"
)

// vector is a case of ../shared/vectors/psych (FORMAT.md there): an input and what published or independent programs make of it.
type vector struct {
	ID        string             `json:"id"`
	Topic     string             `json:"topic"`
	Origin    string             `json:"data_origin"`
	Oracle    any                `json:"oracle"`
	InputFile string             `json:"input_file"`
	Input     json.RawMessage    `json:"input"`
	Expected  json.RawMessage    `json:"expected"`
	Tolerance map[string]float64 `json:"-"`
	dir       string
}

// topics are the checks by the name of a file of vectors without its ending. Each topic's test file puts its own in.
var topics = map[string]func(t *testing.T, v vector){}

// copied is the copy of the vectors that may be copied.
const copied = "testdata/psych"

// vectorsDir is where the vectors are: in place, or the copy of those that may be copied.
func vectorsDir() string {
	const whole = "../../../shared/vectors/psych"
	if _, err := os.Stat(whole); err == nil {
		return whole
	}
	return copied
}

// Every vector is met within its tolerance.
func TestVectors(t *testing.T) {
	dir := vectorsDir()
	files, err := filepath.Glob(filepath.Join(dir, "*.json"))
	if err != nil || len(files) == 0 {
		t.Fatal("no vectors", err)
	}
	for _, f := range files {
		topic := strings.TrimSuffix(filepath.Base(f), ".json")
		if topic == "INDEX" {
			continue
		}
		for _, v := range vectorsOf(t, dir, topic) {
			t.Run(topic+"/"+v.ID, func(t *testing.T) {
				check, ok := topics[topic]
				if !ok {
					t.Fatal("no test for this topic")
				}
				check(t, v)
			})
		}
	}
}

func vectorsOf(t *testing.T, dir, topic string) []vector {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(dir, topic+".json"))
	if dir == copied && errors.Is(err, fs.ErrNotExist) {
		t.Skip("these vectors may not be copied: ", topic)
	}
	if err != nil {
		t.Fatal(err)
	}
	var all []struct {
		vector
		Tolerance map[string]any `json:"tolerance"`
	}
	if err := json.Unmarshal(raw, &all); err != nil {
		t.Fatal(topic, err)
	}
	var out []vector
	for _, x := range all {
		v := x.vector
		v.dir, v.Tolerance = dir, map[string]float64{}
		for k, tol := range x.Tolerance {
			if n, ok := tol.(float64); ok {
				v.Tolerance[k] = n
			}
		}
		out = append(out, v)
	}
	return out
}

// decode reads a part of a vector.
func decode[T any](t *testing.T, raw json.RawMessage) T {
	t.Helper()
	var out T
	if err := json.Unmarshal(raw, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

// table reads a CSV file of the vectors; an empty cell is missing.
func (v vector) table(t *testing.T, file string) stats.Table {
	t.Helper()
	f, err := os.Open(filepath.Join(v.dir, file))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	out := stats.Table{Names: rows[0]}
	for _, row := range rows[1:] {
		var xs []float64
		for _, cell := range row {
			x := stats.Missing()
			if cell != "" {
				if x, err = strconv.ParseFloat(cell, 64); err != nil {
					t.Fatal(err)
				}
			}
			xs = append(xs, x)
		}
		out.Rows = append(out.Rows, xs)
	}
	return out
}

// meets compares a result, by its JSON, with what is expected: every key of want must be there, but those in without (paths such as "scores.WLE", or a last name). tol gives the tolerance of a path.
func meets(t *testing.T, got, want any, tol func(path string) float64, without ...string) {
	t.Helper()
	raw, err := json.Marshal(got)
	if err != nil {
		t.Fatal(err)
	}
	var tree any
	if err := json.Unmarshal(raw, &tree); err != nil {
		t.Fatal(err)
	}
	if raw, ok := want.(json.RawMessage); ok {
		want = decode[any](t, raw)
	}
	compare(t, "", tree, want, tol, without)
}

// all is one tolerance for every path.
func all(tol float64) func(string) float64 { return func(string) float64 { return tol } }

func compare(t *testing.T, path string, got, want any, tol func(string) float64, without []string) {
	t.Helper()
	if last := path[strings.LastIndex(path, ".")+1:]; slices.Contains(without, path) || slices.Contains(without, last) {
		return
	}
	switch w := want.(type) {
	case map[string]any:
		g, ok := got.(map[string]any)
		if !ok {
			t.Errorf("%s: got %v, want %v", path, got, want)
			return
		}
		for k, x := range w {
			compare(t, strings.TrimPrefix(path+"."+k, "."), g[k], x, tol, without)
		}
	case []any:
		g, ok := got.([]any)
		if !ok || len(g) != len(w) {
			t.Errorf("%s: got %v, want %v", path, got, want)
			return
		}
		for i := range w {
			compare(t, fmt.Sprintf("%s[%d]", path, i), g[i], w[i], tol, without)
		}
	case float64:
		if g, ok := got.(float64); !ok || math.Abs(g-w) > tol(path) {
			t.Errorf("%s: got %v, want %v within %g", path, got, w, tol(path))
		}
	default:
		if got != want {
			t.Errorf("%s: got %v, want %v", path, got, want)
		}
	}
}

// The copy in testdata is that of the vectors, and holds none whose data may not be copied.
func TestCopyOfVectors(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(copied, "*.json"))
	if err != nil || len(files) < 10 {
		t.Fatal(files, err)
	}
	for _, f := range files {
		topic := strings.TrimSuffix(filepath.Base(f), ".json")
		whole := map[string]vector{}
		if vectorsDir() != copied {
			for _, v := range vectorsOf(t, vectorsDir(), topic) {
				whole[v.ID] = v
			}
		}
		for _, v := range vectorsOf(t, copied, topic) {
			if origin := strings.ToLower(v.Origin); strings.Contains(origin, "fetched") || strings.HasPrefix(origin, "debian") {
				t.Errorf("%s may not be copied: %s", v.ID, v.Origin)
			}
			if w, ok := whole[v.ID]; vectorsDir() != copied && (!ok || !same(t, v.Expected, w.Expected) || !same(t, v.Input, w.Input)) {
				t.Errorf("%s is another one", v.ID)
			}
			topics[topic](t, v)
		}
	}
}

func same(t *testing.T, a, b json.RawMessage) bool {
	t.Helper()
	if a == nil || b == nil {
		return (a == nil) == (b == nil)
	}
	return fmt.Sprint(decode[any](t, a)) == fmt.Sprint(decode[any](t, b))
}
