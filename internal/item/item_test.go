package item

import (
	"slices"
	"strings"
	"testing"
	"time"

	"leida/internal/capability"
	"leida/internal/text"
)

func small() *capability.Model {
	m := &capability.Model{Levels: make([]capability.Level, 5)}
	m.Capabilities = []capability.Capability{
		{ID: "A", Subs: []capability.Sub{{ID: "A.1"}, {ID: "A.2"}}},
		{ID: "B", Subs: []capability.Sub{{ID: "B.1"}}},
	}
	return m
}

func sound() *Item {
	return &Item{Schema: Schema, ID: "a-1", Version: 1, Status: Draft, Type: "single_choice", Level: 1, Use: []string{"cycle"},
		Measures: []Measure{{"A.1", 1}}, Title: same("题"), Prompt: same("问")}
}

func seconds(n Seconds) *Seconds { return &n }

func TestItemValidate(t *testing.T) {
	long := strings.Repeat("x", MaxTextBytes+1)
	for _, tt := range []struct {
		name   string
		change func(it *Item)
		want   string
	}{
		{"sound", func(*Item) {}, ""},
		{"two measures", func(it *Item) { it.Measures = []Measure{{"A.1", 0.7}, {"B.1", 0.3}} }, ""},
		{"thirds", func(it *Item) { it.Measures = []Measure{{"A.1", 0.333333}, {"A.2", 0.333333}, {"B.1", 0.333334}} }, ""},
		{"schema", func(it *Item) { it.Schema = "leida/item@2" }, "schema define.schema"},
		{"no id", func(it *Item) { it.ID = "" }, "id item.id"},
		{"upper-case id", func(it *Item) { it.ID = "A-1" }, "id item.id"},
		{"id of one letter", func(it *Item) { it.ID = "a" }, "id item.id"},
		{"id of 64", func(it *Item) { it.ID = strings.Repeat("a", 64) }, ""},
		{"id of 65", func(it *Item) { it.ID = strings.Repeat("a", 65) }, "id item.id"},
		{"id with a line feed", func(it *Item) { it.ID = "a-1\n" }, "id item.id"},
		{"version 0", func(it *Item) { it.Version = 0 }, "version define.whole"},
		{"version at most", func(it *Item) { it.Version = MaxVersion }, ""},
		{"version above", func(it *Item) { it.Version = MaxVersion + 1 }, "version define.whole"},
		{"status", func(it *Item) { it.Status = "alive" }, "status define.one_of"},
		{"level 0", func(it *Item) { it.Level = 0 }, "level define.whole"},
		{"level 5", func(it *Item) { it.Level = 5 }, ""},
		{"level 6", func(it *Item) { it.Level = 6 }, "level define.whole"},
		{"no use", func(it *Item) { it.Use = nil }, "use define.required"},
		{"unknown use", func(it *Item) { it.Use = []string{"cycle", "exam"} }, "use[1] define.one_of"},
		{"no measures", func(it *Item) { it.Measures = nil }, "measures define.required"},
		{"unknown sub", func(it *Item) { it.Measures[0].Sub = "A.9" }, "measures[0].sub model.unknown_near"},
		{"a capability is no sub", func(it *Item) { it.Measures[0].Sub = "B" }, "measures[0].sub model.unknown"},
		{"the same twice", func(it *Item) { it.Measures = []Measure{{"A.1", 0.5}, {"A.1", 0.5}} }, "measures[1].sub define.twice"},
		{"weight 0", func(it *Item) { it.Measures = []Measure{{"A.1", 1}, {"A.2", 0}} }, "measures[1].w define.weight"},
		{"weight above 1", func(it *Item) { it.Measures[0].W = 1.5 }, "measures[0].w define.weight"},
		{"sum 0.97", func(it *Item) { it.Measures = []Measure{{"A.1", 0.9}, {"A.2", 0.07}} }, "measures define.sum"},
		{"limit at least", func(it *Item) { it.TimeLimit = seconds(10) }, ""},
		{"limit below", func(it *Item) { it.TimeLimit = seconds(9) }, "time_limit_s define.time_limit"},
		{"limit at most", func(it *Item) { it.TimeLimit = seconds(86400) }, ""},
		{"limit above", func(it *Item) { it.TimeLimit = seconds(86401) }, "time_limit_s define.time_limit"},
		{"no Chinese", func(it *Item) { it.Title.ZH = " \t" }, "title.zh define.required"},
		{"no English", func(it *Item) { it.Prompt.EN = "" }, ""},
		{"64 KiB", func(it *Item) { it.Prompt = same(long[1:]) }, ""},
		{"64 KiB and a byte", func(it *Item) { it.Prompt = same(long) }, "prompt.en define.too_long, prompt.zh define.too_long"},
		{"too long in English", func(it *Item) { it.Prompt.EN = long }, "prompt.en define.too_long"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			it := sound()
			tt.change(it)
			wantSaid(t, it.Validate(small()), tt.want)
		})
	}
}

func TestStimulusValidate(t *testing.T) {
	for _, tt := range []struct {
		name string
		s    Stimulus
		want string
	}{
		{"nothing", Stimulus{}, ""},
		{"sound", Stimulus{Situation: same("景"), Reference: []Rule{{"R1", same("规")}}, Dialogue: []Turn{{"t1", "customer", same("话")}}, Records: []Record{{ID: "N1", Text: same("记")}}, Table: &DataTable{Columns: []string{"a", "b"}, Rows: [][]string{{"1", "2"}}}}, ""},
		{"situation without Chinese", Stimulus{Situation: text.Text{EN: "so"}}, "situation.zh define.required"},
		{"rule without text", Stimulus{Reference: []Rule{{ID: "R1"}}}, "reference[0].zh define.required"},
		{"rule without id", Stimulus{Reference: []Rule{{Text: same("规")}}}, "reference[0].id define.required"},
		{"an id twice across lists", Stimulus{Reference: []Rule{{"R1", same("规")}}, Records: []Record{{ID: "R1", Text: same("记")}}}, "records[0].id define.repeated"},
		{"who", Stimulus{Dialogue: []Turn{{"t1", "robot", same("话")}}}, "dialogue[0].who define.one_of"},
		{"row too short", Stimulus{Table: &DataTable{Columns: []string{"a", "b"}, Rows: [][]string{{"1", "2"}, {"3"}}}}, "table.rows[1] item.row"},
	} {
		t.Run(tt.name, func(t *testing.T) { wantSaid(t, tt.s.validate(), tt.want) })
	}
}

func TestItemLint(t *testing.T) {
	it := sound()
	it.Status = Live
	wantSaid(t, it.Lint(), "tags item.tag_missing, tags item.tag_missing, tags item.tag_missing")
	it.Tags = map[string]string{"scenario": "x", "channel": "x", "cognition": "judge"}
	wantSaid(t, it.Lint(), "")
	it.Meta.PanelStatus = illustrative
	wantSaid(t, it.Lint(), "meta.panel_status sjt.illustrative")
	// findings refuse an item that is live for certification and no other
	for _, tt := range []struct {
		status Status
		use    []string
		refuse bool
	}{{Live, []string{"cert"}, true}, {Live, []string{"practice", "cert"}, true}, {Live, []string{"cycle"}, false}, {Pilot, []string{"cert"}, false}, {Draft, []string{"cert"}, false}} {
		it.Status, it.Use = tt.status, tt.use
		if ps := it.Lint(); len(ps) != 1 || ps[0].Warning == tt.refuse {
			t.Errorf("%s %v: %v", tt.status, tt.use, ps)
		}
	}
}

func TestItemAnswers(t *testing.T) {
	it := &Item{ID: "x-1", Version: 4, Type: "sjt", Measures: []Measure{{"A.1", 0.3}, {"A.2", 0.4}, {"B.1", 0.3}}, Tags: map[string]string{"channel": "chat"}}
	if got := it.Domain(); got != "A.2" {
		t.Errorf("Domain %s", got)
	}
	it.Measures[0].W = 0.4
	if got := it.Domain(); got != "A.1" {
		t.Errorf("Domain of equals %s", got)
	}
	if it.Name() != "x-1 v4" || it.Tag("channel") != "chat" || it.Tag("none") != "" || !it.Kind().Performance || it.Units() != 1.5 {
		t.Errorf("%s %s %s", it.Name(), it.Tag("channel"), it.Kind().Name)
	}
	it.Body = &sjt{Stimulus: Stimulus{Situation: same("景")}}
	if got := it.Reading(); got.IsZero() || got.Situation.ZH != "景" {
		t.Errorf("%+v", got)
	}
	if it.Body = nil; !it.Reading().IsZero() {
		t.Error("nothing to read")
	}
	if got := seconds(90).Duration(); got != 90*time.Second {
		t.Error(got)
	}
	if got := (*Seconds)(nil).Duration(); got != 0 {
		t.Error(got)
	}
	table := DataTable{Columns: []string{"a", "b"}, Labels: map[string]string{"a": "甲/A"}}
	if heads := table.Heads(); !slices.Equal(heads, []text.Text{{ZH: "甲", EN: "A"}, {ZH: "b"}}) {
		t.Errorf("heads %v", heads)
	}
}

// Units of MEASUREMENT 4.15.
func TestUnits(t *testing.T) {
	want := map[string]float64{"single_choice": 1, "multiple_choice": 1.5, "sjt": 1.5, "ordering": 2, "matching": 2}
	for name, n := range want {
		k, ok := KindOf(name)
		if !ok || k.Units(k.New()) != n {
			t.Errorf("%s: %g, want %g", name, k.Units(k.New()), n)
		}
	}
}

func TestDeal(t *testing.T) {
	ids := []string{"a", "b", "c", "d", "e", "f"}
	plain := Plain(text.ZH).Deal("o", ids)
	for i, c := range plain {
		if c.ID != ids[i] || c.Shown != ids[i] {
			t.Errorf("%+v", plain)
		}
	}
	left, right, apart := 0, 0, 0
	for seed := range uint64(200) {
		v := Seen(text.EN, seed)
		l, r := v.Deal("l", ids), v.Deal("r", ids)
		if again := Seen(text.ZH, seed).Deal("l", ids); !slices.Equal(l, again) {
			t.Fatalf("seed %d: %v, in another language %v", seed, l, again)
		}
		for i, c := range l {
			if id, ok := l.ID(c.Shown); !ok || id != c.ID || l.Shown(c.ID) != c.Shown || c.Shown != "l"+string(rune('1'+i)) {
				t.Fatalf("%v at %d", l, i)
			}
		}
		if l[0].ID == "a" {
			left++
			if r[0].ID == "a" {
				apart++
			}
		}
		if r[0].ID == "a" {
			right++
		}
		if _, ok := l.ID("l7"); ok || l.Shown("z") != "" {
			t.Fatal("found what is not there")
		}
	}
	// the two sides of a matching item are shuffled independently: about 1 in 36 has both first
	if left < 15 || left > 60 || right < 15 || right > 60 || apart > 20 {
		t.Errorf("a is first %d times left, %d right, %d both of 200", left, right, apart)
	}
}
