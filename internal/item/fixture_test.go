package item_test

import (
	"encoding/json"
	"maps"
	"math/rand/v2"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"leida/assessments"
	"leida/internal/assessment"
	"leida/internal/capability"
	"leida/internal/fault"
	"leida/internal/item"
	"leida/internal/text"
)

// A kind brings its fixtures with it: testdata/<kind>/*.yaml, sound items, and testdata/<kind>/key.json, which says of each file
// the answer that scores 1, others with their scores, and what the general tests must know of the kind.
// In a fixture every definition id, every rationale and every note holds the word canary, and every number of a key has three decimals or more,
// so that one search finds whatever leaks to a candidate.
type fixture struct {
	kind item.Kind
	file string // single_choice/plain.yaml
	raw  []byte
	it   *item.Item
	keys
}

type keys struct {
	Key     sample   `json:"key"`
	Others  []sample `json:"others"`
	Blank   float64  `json:"blank"`   // what a blank answer scores
	Free    []string `json:"free"`    // fields of the answer that take any text, or writings of their own: text, fields[f3]
	Ordered []string `json:"ordered"` // lists of the body whose order means something
	Whole   bool     `json:"whole"`   // everything is shown at once, though the kind can go step by step
	// Decks are the definition ids that a view deals out in a space without a text beside them, such as clips: {"k": [...]}, in the order of the definition. Those counted are "#k".
	Decks map[string][]string `json:"decks"`
	Words []string            `json:"words"` // beside ids, what an answer may say: "P1", "escalate"
}

type sample struct {
	Answer   json.RawMessage `json:"answer"`
	Seconds  float64         `json:"seconds"`
	Ratings  []item.Rating   `json:"ratings"`
	Score    float64         `json:"score"`
	Pending  bool            `json:"pending"` // people must still rate it
	Critical []string        `json:"critical"`
}

func (s sample) response(a item.Answer) item.Response {
	return item.Response{Answer: a, Seconds: s.Seconds, Ratings: s.Ratings}
}

// model is the capability model that leida ships.
var model = sync.OnceValue(func() *capability.Model {
	raw, err := assessments.FS.ReadFile("capability-model.yaml")
	if err != nil {
		panic(err)
	}
	lib, report := assessment.Load(fstest.MapFS{"capability-model.yaml": {Data: raw}}, nil, nil)
	if lib == nil {
		panic(report)
	}
	return lib.Model
})

// parse reads an item that has to be sound.
func parse(t testing.TB, file string, raw []byte) *item.Item {
	t.Helper()
	it, report := assessment.ParseItem(file, raw, model())
	if it == nil {
		var b strings.Builder
		report.Write(&b, text.EN)
		t.Fatalf("%s is refused:\n%s", file, b.String())
	}
	return it
}

// fixtures are those of every registered kind.
func fixtures(t testing.TB) []fixture {
	t.Helper()
	var all []fixture
	for _, k := range item.Kinds() {
		files, _ := filepath.Glob(filepath.Join("testdata", k.Name, "*.yaml"))
		if len(files) < 2 {
			t.Fatalf("testdata/%s has %d items; a kind needs two at least", k.Name, len(files))
		}
		byFile := map[string]keys{}
		raw, err := os.ReadFile(filepath.Join("testdata", k.Name, "key.json"))
		if err == nil {
			err = json.Unmarshal(raw, &byFile)
		}
		if err != nil {
			t.Fatalf("testdata/%s/key.json: %v", k.Name, err)
		}
		for _, name := range files {
			raw, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			base := filepath.Base(name)
			f := fixture{kind: k, file: k.Name + "/" + base, raw: raw, it: parse(t, name, raw), keys: byFile[base]}
			if f.Key.Answer == nil || len(f.Others) == 0 {
				t.Fatalf("testdata/%s/key.json says nothing of %s", k.Name, base)
			}
			all = append(all, f)
		}
	}
	return all
}

// each runs a test for every fixture of every kind.
func each(t *testing.T, run func(t *testing.T, f fixture)) {
	for _, f := range fixtures(t) {
		t.Run(f.file, func(t *testing.T) { run(t, f) })
	}
}

// canonical is an answer in definition ids as its kind knows it.
func (f fixture) canonical(t testing.TB, raw []byte) item.Answer {
	t.Helper()
	a, err := parseJSON(f.it, item.Plain(text.ZH), raw)
	if err != nil {
		t.Fatalf("%s: %s: %v", f.file, raw, err)
	}
	return a
}

func parseJSON(it *item.Item, v item.View, raw []byte) (item.Answer, error) {
	fields, err := item.JSONFields(raw)
	if err != nil {
		return nil, err
	}
	return it.Body.Parse(v, fields)
}

func parseForm(it *item.Item, v item.View, form url.Values) (item.Answer, error) {
	fields, err := item.FormFields(form)
	if err != nil {
		return nil, err
	}
	return it.Body.Parse(v, fields)
}

// tree is JSON as maps, lists, strings, numbers.
func tree(t testing.TB, raw []byte) any {
	t.Helper()
	var v any
	if err := json.Unmarshal(raw, &v); err != nil {
		t.Fatalf("%s: %v", raw, err)
	}
	return v
}

func dump(t testing.TB, v any) []byte {
	t.Helper()
	raw, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// rename replaces every string and every key of a tree that has another name.
func rename(v any, to map[string]string) any {
	other := func(s string) string {
		if n, ok := to[s]; ok {
			return n
		}
		if head, tail, ok := strings.Cut(s, ":"); ok && to[tail] != "" { // edit:a
			return head + ":" + to[tail]
		}
		return s
	}
	switch x := v.(type) {
	case string:
		return other(x)
	case []any:
		out := make([]any, len(x))
		for i := range x {
			out[i] = rename(x[i], to)
		}
		return out
	case map[string]any:
		out := map[string]any{}
		for k, e := range x {
			out[other(k)] = rename(e, to)
		}
		return out
	}
	return v
}

// form is an answer as a page without scripts sends it: choices[]=a, rank[s1]=2.
func form(v any) url.Values {
	out := url.Values{}
	var add func(name string, v any)
	add = func(name string, v any) {
		switch x := v.(type) {
		case []any:
			for _, e := range x {
				add(name+"[]", e)
			}
		case map[string]any:
			for k, e := range x {
				add(name+"["+k+"]", e)
			}
		case string:
			out.Add(name, x)
		case float64:
			out.Add(name, strconv.FormatFloat(x, 'f', -1, 64))
		}
	}
	for k, e := range v.(map[string]any) {
		add(k, e)
	}
	return out
}

// leaf is a place in an answer's tree: keys are strings, positions are ints.
type leaf struct {
	path  []any
	value any // what stands there: a string or a number
}

// name is the place as problems name it: choice, choices[1], rank[s1].
func (l leaf) name() string {
	name := l.path[0].(string)
	for _, p := range l.path[1:] {
		switch p := p.(type) {
		case string:
			name += "[" + p + "]"
		case int:
			name = fault.Index(name, p)
		}
	}
	return name
}

func leaves(v any, at ...any) []leaf {
	switch x := v.(type) {
	case []any:
		var out []leaf
		for i, e := range x {
			out = append(out, leaves(e, append(slices.Clone(at), i)...)...)
		}
		return out
	case map[string]any:
		var out []leaf
		for _, k := range slices.Sorted(maps.Keys(x)) {
			out = append(out, leaves(x[k], append(slices.Clone(at), k)...)...)
		}
		return out
	}
	return []leaf{{path: at, value: v}}
}

// with is a copy of a tree with another value at a place; nil takes the place away from an object.
func with(v any, path []any, value any) any {
	if len(path) == 0 {
		return value
	}
	switch x := v.(type) {
	case []any:
		out := slices.Clone(x)
		out[path[0].(int)] = with(x[path[0].(int)], path[1:], value)
		return out
	case map[string]any:
		out := maps.Clone(x)
		if out[path[0].(string)] = with(x[path[0].(string)], path[1:], value); out[path[0].(string)] == nil {
			delete(out, path[0].(string))
		}
		return out
	}
	return v
}

// scramble changes a tree in a few random places, keeping to words that mean something to the item: an answer that a person might give.
func scramble(r *rand.Rand, v any, ids []string) any {
	for range 1 + r.IntN(4) {
		places := leaves(v)
		if len(places) == 0 {
			return v
		}
		l := places[r.IntN(len(places))]
		switch x := l.value.(type) {
		case string:
			v = with(v, l.path, ids[r.IntN(len(ids))])
		case float64:
			v = with(v, l.path, x+float64(r.IntN(7)-3))
		}
		if r.IntN(3) == 0 {
			v = shrink(v, places[r.IntN(len(places))].path)
		}
	}
	return v
}

// shrink takes one place out of its list or object.
func shrink(v any, path []any) any {
	i, inList := path[len(path)-1].(int)
	if !inList {
		return with(v, path, nil)
	}
	list := at(v, path[:len(path)-1]).([]any)
	if i >= len(list) {
		return v
	}
	return with(v, path[:len(path)-1], slices.Delete(slices.Clone(list), i, i+1))
}

func at(v any, path []any) any {
	for _, p := range path {
		switch x := v.(type) {
		case []any:
			v = x[p.(int)]
		case map[string]any:
			v = x[p.(string)]
		}
	}
	return v
}
