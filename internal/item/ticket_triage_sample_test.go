package item_test

import (
	"encoding/json"
	"math"
	"net/url"
	"os"
	"path/filepath"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"leida/internal/assessment"
	"leida/internal/item"
	"leida/internal/text"
)

func triageSample(t testing.TB) *item.Item {
	t.Helper()
	const name = "testdata/samples/aic-triage-0001.yaml"
	raw, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return parse(t, name, raw)
}

// The shared vectors of the sample: scores to 1e-6, details as they were rounded.
func TestTriageVectors(t *testing.T) {
	it := triageSample(t)
	raw, err := os.ReadFile("testdata/ticket_triage/vectors.json")
	if err != nil {
		t.Fatal(err)
	}
	type detail struct {
		Fields   map[string][3]float64
		Critical []string
	}
	var file struct {
		Source string
		Rows   []struct {
			Case   string
			Answer json.RawMessage
			Score  float64
			Detail detail
		}
	}
	if err := json.Unmarshal(raw, &file); err != nil || len(file.Rows) != 18 {
		t.Fatalf("%d rows, %v", len(file.Rows), err)
	}
	for _, row := range file.Rows {
		t.Run(row.Case, func(t *testing.T) {
			a, err := parseJSON(it, item.Plain(""), row.Answer)
			if err != nil {
				t.Fatal(err)
			}
			r, err := it.Score(item.Response{Answer: a})
			if err != nil || math.Abs(r.Score-row.Score) > 1e-6 {
				t.Errorf("%.9f, %v, want %.9f", r.Score, err, row.Score)
			}
			var d detail
			if err := json.Unmarshal(dump(t, r.Detail), &d); err != nil {
				t.Fatal(err)
			}
			rounded := gocmp.Comparer(func(x, y float64) bool { return math.Abs(x-y) <= 0.0005+1e-9 })
			if diff := gocmp.Diff(row.Detail, d, rounded); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// The sample is what the lint asks for, and blind candidates earn nothing of it.
func TestTriageSample(t *testing.T) {
	it := triageSample(t)
	if ps := it.Lint(); len(ps) > 0 {
		t.Errorf("%v", ps)
	}
	if it.Units() != 0.6*7 || !it.Kind().Performance || it.Takes() >= it.TimeLimit.Duration() {
		t.Errorf("%g units, %v of %v", it.Units(), it.Takes(), it.TimeLimit.Duration())
	}
	for _, x := range it.Body.(item.Resistant).Blind() {
		if r, err := it.Score(item.Response{Answer: x.Answer}); err != nil || r.Score != 0 {
			t.Errorf("%s: %g, %v", x.Name, r.Score, err)
		}
	}
}

// A form sends the AI's values of every ticket. Those that were neither changed nor accepted are blank; what says nothing of accepted is taken as it stands.
func TestTriageForm(t *testing.T) {
	it := triageSample(t)
	v := item.Seen(text.ZH, 9)
	page := func() url.Values { // the form as it is drawn
		out := url.Values{"accepted[]": {""}}
		for _, k := range it.Body.Prompt(v, nil).(item.TriagePrompt).Tickets {
			for _, f := range k.Fields {
				out.Set("tickets["+k.ID+"]["+f.Name+"]", string(f.AI))
			}
		}
		return out
	}
	for _, tt := range []struct {
		name   string
		change func(f url.Values)
		want   string
	}{
		{"nothing was done", func(url.Values) {}, "null"},
		{"one is accepted", func(f url.Values) { f.Add("accepted[]", "t2") }, `{"tickets":{"t2":{"category":"network/outage","department":"NOC","priority":"P2","sla":"2h"}}}`},
		{"one is changed", func(f url.Values) { f.Set("tickets[t7][department]", "FIELD") }, `{"tickets":{"t7":{"category":"service/attitude","department":"FIELD","priority":"P4","sla":"2h"}}}`},
		{"one is changed and accepted", func(f url.Values) { f.Set("tickets[t7][department]", "FIELD"); f.Add("accepted[]", "t7") }, `{"tickets":{"t7":{"category":"service/attitude","department":"FIELD","priority":"P4","sla":"2h"}}}`},
		{"a field was left blank", func(f url.Values) { f.Del("tickets[t2][sla]") }, `{"tickets":{"t2":{"category":"network/outage","department":"NOC","priority":"P2"}}}`},
		{"everything is blank", func(f url.Values) {
			for name := range f {
				f.Set(name, "")
			}
			f.Add("accepted[]", "t1")
		}, "null"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := page()
			tt.change(f)
			a, err := parseForm(it, v, f)
			if err != nil || string(dump(t, a)) != tt.want {
				t.Fatalf("%s, %v", dump(t, a), err)
			}
			// the page that comes back is the page that was sent
			again := url.Values{"accepted[]": {""}}
			for _, k := range it.Body.Prompt(v, a).(item.TriagePrompt).Tickets {
				if k.Accepted {
					again.Add("accepted[]", k.ID)
				}
				for _, field := range k.Fields {
					for _, o := range field.Options {
						if o.Chosen {
							again.Set("tickets["+k.ID+"]["+field.Name+"]", string(o.Value))
						}
					}
				}
			}
			if b, err := parseForm(it, v, again); err != nil || string(dump(t, b)) != tt.want {
				t.Errorf("sent again: %s, %v", dump(t, b), err)
			}
		})
	}
	if a, err := parseJSON(it, v, []byte(`{"tickets":{"t2":{"category":"network/outage"}}}`)); err != nil || string(dump(t, a)) != `{"tickets":{"t2":{"category":"network/outage"}}}` {
		t.Errorf("%v, %v", a, err)
	}
	for raw, field := range map[string]string{
		`{"accepted":["t9"],"tickets":{}}`:       "accepted[0]",
		`{"accepted":"t1"}`:                      "accepted",
		`{"accepted":["t1","t1"]}`:               "accepted[1]",
		`{"tickets":{"t1":"P1"}}`:                "tickets[t1]",
		`{"tickets":{"t1":["P1"]}}`:              "tickets[t1]",
		`{"tickets":{"t1":{"colour":"red"}}}`:    "tickets[t1][colour]",
		`{"tickets":{"t1":{"priority":"P9"}}}`:   "tickets[t1][priority]",
		`{"tickets":{"t1":{"priority":["P1"]}}}`: "tickets[t1][priority]",
	} {
		_, err := parseJSON(it, v, []byte(raw))
		refused(t, []byte(raw), err, field)
	}
}

// What leida fmt makes of a definition is the same item.
func TestTriageSurvivesFormatting(t *testing.T) {
	files, _ := filepath.Glob("testdata/ticket_triage/*.yaml")
	for _, name := range append(files, "testdata/samples/aic-triage-0001.yaml") {
		raw, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		laid, report := assessment.Format(name, raw)
		if report.Errors() > 0 {
			t.Fatalf("%s: %v", name, report)
		}
		was, is := parse(t, name, raw), parse(t, name, laid)
		if diff := gocmp.Diff(was.Body, is.Body, everything); diff != "" || was.Hash != is.Hash {
			t.Errorf("%s: %s", name, diff)
		}
	}
}
