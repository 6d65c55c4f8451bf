package assessment_test

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"leida/internal/assessment"
	"leida/internal/item"
	"leida/internal/text"
)

// Every problem of every file, in one report, by file and place.
func TestReportIsWhole(t *testing.T) {
	lib, report := load(map[string]string{
		"c.yaml": edit(edit(edit(edit(sound, 3, "version: 1.10"), 6, "measures: [{sub: AIC.9, w: 2}]"), 7, "level: 0"), 9, "title: {en: x}"),
		"a.yaml": "\xff\xfe",
		"b.yaml": edit(edit(form, 4, "kind: exam"), 7, "  - {domain: AIC.9, weight: -1, draw: []}"),
		"d.yaml": "id: x\n",
		"e.yaml": "schema: leida/other@1\n",
		"f.yaml": edit(sound, 5, "type: singel_choice"),
		"g.yaml": edit(sound, 5, "# type"),
		"h.yaml": edit(sound, 5, "type: astrology"),
		"i.txt":  "not ours",
		"j.yml":  "[1, 2]",
	})
	if lib != nil {
		t.Error("taken")
	}
	wantSaid(t, errorsOf(report),
		"a.yaml yaml.utf16",
		"b.yaml:4:7 define.one_of", "b.yaml:7:14 model.unknown_near", "b.yaml:7:29 define.weight", "b.yaml:7:33 define.required",
		"c.yaml:3:10 yaml.want_whole", "c.yaml:6:18 model.unknown_near", "c.yaml:6:28 define.weight", "c.yaml:7:8 define.whole", "c.yaml:9:1 define.required",
		"d.yaml:1:1 yaml.no_schema",
		"e.yaml:1:9 define.one_of",
		"f.yaml:5:7 item.kind_near",
		"g.yaml:1:1 item.no_type",
		"h.yaml:5:7 define.one_of",
		"j.yml:1:1 yaml.mapping")
	if got := report.In("c.yaml"); got.Errors() != 5 || len(report.In("none.yaml")) != 0 {
		t.Errorf("%v", said(got))
	}
	if report.Errors()+report.Warnings() != len(report) {
		t.Errorf("%d and %d of %d", report.Errors(), report.Warnings(), len(report))
	}
}

// An unsound item that an assessment draws is a finding; nobody tries to answer it.
func TestUnsoundItemsAreNotAnswered(t *testing.T) {
	for kind, body := range map[string]string{
		"single_choice": "options: []", "multiple_choice": "options: []", "sjt": "mode: rate\noptions: []", "ordering": "items: []", "matching": "left: []\nright: []",
	} {
		src := strings.Join(strings.SplitAfter(single("x-1", "live", "practice", "AIC.1"), "\n")[:11], "")
		src = strings.Replace(src, "single_choice", kind, 1)
		lib, report := load(map[string]string{"x.yaml": src + body + "\n", "f.yaml": strings.Replace(form, "single_choice", kind, 1)})
		if got := said(errorsOf(report)); lib != nil || len(got) == 0 || slices.ContainsFunc(got, func(s string) bool { return strings.Contains(s, "f.yaml") }) {
			t.Errorf("%s: %v", kind, got)
		}
	}
}

func TestModels(t *testing.T) {
	m := string(modelYAML())
	file := func(s string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(s)} }
	_, report := assessment.Load(fstest.MapFS{}, nil, nil)
	wantSaid(t, report, "capability-model.yaml model.none")
	if lib, report := assessment.Load(fstest.MapFS{"x.yaml": file(sound)}, model(), nil); lib == nil || lib.Model != model() {
		t.Errorf("the model to fall back on is not used: %v", said(report))
	}
	_, report = assessment.Load(fstest.MapFS{"a.yaml": file(m), "b/c.yaml": file(m), "d.yaml": file(m)}, nil, nil)
	wantSaid(t, report, "b/c.yaml model.second", "d.yaml model.second")
	lib, _ := assessment.Load(fstest.MapFS{"a.yaml": file(strings.Replace(m, "version: 1.0.0", "version: 1.0.1", 1))}, model(), nil)
	if lib == nil || lib.Model.Version != "1.0.1" {
		t.Error("the directory's own model comes first")
	}
	_, report = assessment.Load(fstest.MapFS{"a.yaml": file(strings.Replace(m, "version: 1.0.0", "version: 1.0", 1))}, nil, nil)
	if got := errorsOf(report); len(got) != 1 || got[0].Line != 3 || got[0].Column != 10 || got[0].Key != "model.version" {
		t.Errorf("%v", said(got))
	}
}

// Nothing counts on four capabilities, five levels or an id with a dot and a number.
func TestAnotherModel(t *testing.T) {
	lib, report := assessment.Load(os.DirFS("testdata/garden"), nil, nil)
	if lib == nil || len(report) > 0 {
		t.Fatalf("\n%s", written(report))
	}
	if len(lib.Model.Capabilities) != 5 || len(lib.Model.Levels) != 7 || len(lib.Model.Subs()) != 9 || len(lib.Items) != 9 || lib.Model.LevelAt(95) != 7 {
		t.Errorf("%+v", lib.Model)
	}
	a, ok := lib.Assessment("garden-cycle")
	if !ok {
		t.Fatal("no assessment")
	}
	paper, err := lib.Draw(a, 3)
	if err != nil || len(paper) != 9 {
		t.Errorf("%d items, %v", len(paper), err)
	}
	for _, d := range paper {
		if _, c, ok := lib.Model.Sub(d.Item.Domain()); !ok || c.ID != a.Sections[d.Section].Domain {
			t.Errorf("%s stands in section %s", d.Item.Name(), a.Sections[d.Section].Domain)
		}
	}
	raw, err := os.ReadFile("testdata/garden/items/g-1.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for level, want := range map[string]int{"level: 7": 0, "level: 8": 1} {
		_, report := assessment.ParseItem("x.yaml", []byte(strings.Replace(string(raw), "level: 7", level, 1)), lib.Model)
		if report.Errors() != want {
			t.Errorf("%s: %v", level, said(report))
		}
	}
	if _, report := assessment.ParseItem("x.yaml", raw, model()); report.Errors() == 0 {
		t.Error("an item of one model is not one of another")
	}
}

func TestFind(t *testing.T) {
	lib := mustLoad(t, map[string]string{"b.yaml": single("x-2", "live", "practice", "AIC.1"), "a.yaml": single("x-1", "live", "practice", "AIC.1"), "f.yaml": form})
	if lib.Items[0].ID != "x-1" || lib.Items[1].ID != "x-2" {
		t.Error("items are by id")
	}
	it, ok := lib.Item("x-2")
	if byHash, ok2 := lib.ItemAt(it.Hash); !ok || !ok2 || byHash != it || it.File != "b.yaml" {
		t.Errorf("%+v", it)
	}
	a, ok := lib.Assessment("f-1")
	if !ok || a.File != "f.yaml" {
		t.Errorf("%+v", a)
	}
	src, ok := lib.Source(it.Hash)
	if diff := cmp.Diff(assessment.Source{Hash: it.Hash, ID: "x-2", Version: 1, Schema: item.Schema, Text: []byte(single("x-2", "live", "practice", "AIC.1"))}, src); !ok || diff != "" {
		t.Error(diff)
	}
	if src, ok := lib.Source(a.Hash); !ok || src.Schema != assessment.Schema || string(src.Text) != form {
		t.Errorf("%+v", src)
	}
	// a pinned version reads back the same
	if again := parse(t, string(src.Text)); again.Hash != it.Hash {
		t.Error("the source of a hash has another hash")
	}
	for _, id := range []string{"", "x", "x-3", "X-1"} {
		_, item := lib.Item(id)
		_, hash := lib.ItemAt(id)
		_, form := lib.Assessment(id)
		_, source := lib.Source(id)
		if item || hash || form || source {
			t.Errorf("%q is found", id)
		}
	}
	paper, err := lib.Draw(a, 1)
	if err != nil {
		t.Fatal(err)
	}
	if pins := lib.Pins(a, paper); len(pins) != 2 || pins[0].Hash != a.Hash || pins[1].Hash != paper[0].Item.Hash {
		t.Errorf("%+v", pins)
	}
}

func TestHash(t *testing.T) {
	base := parse(t, sound).Hash
	if len(base) != 64 {
		t.Fatal(base)
	}
	same := map[string]string{
		"comment":     "# by Wang\n" + strings.Replace(sound, "level: 3", "level: 3 # why not 4", 1),
		"blank lines": strings.ReplaceAll(sound, "\n", "\n\n"),
		"block style": strings.Replace(sound, "measures: [{sub: AIC.1, w: 1}]", "measures:\n  - sub: AIC.1\n    w: 1", 1),
		"quotes":      strings.Replace(strings.Replace(sound, `"题"`, "题", 1), "status: draft", "status: 'draft'", 1),
		"literal":     strings.Replace(sound, `{zh: "题"}`, "\n  zh: |-\n    题", 1),
	}
	for name, src := range same {
		if parse(t, src).Hash != base {
			t.Errorf("%s is a change", name)
		}
	}
	for name, src := range map[string]string{
		"a text": edit(sound, 9, "title: {zh: 题目}"), "a key": strings.Replace(sound, "w: 1", "w: 1.0", 1), "order of options": edit(edit(sound, 14, `  - {id: d, zh: "丁"}`), 15, `  - {id: c, zh: "丙"}`),
		"a field more": edit(sound, 0, "tags: {scenario: x}"), "status": edit(sound, 4, "status: live\ntags: {}"), "moved boundary": edit(sound, 13, `  - {id: "b", zh: "乙", why: {zh: 因}}`),
	} {
		if parse(t, src).Hash == base {
			t.Errorf("%s is no change", name)
		}
	}
	// values cannot be moved from one to the next
	a, b := parse(t, edit(sound, 0, "tags: {a: bc}")), parse(t, edit(sound, 0, "tags: {ab: c}"))
	if a.Hash == b.Hash {
		t.Error("a:bc and ab:c have one hash")
	}
	a, b = parse(t, edit(sound, 0, "tags: {a: bscsd}")), parse(t, edit(sound, 0, "tags: {a: b, c: d}"))
	if a.Hash == b.Hash {
		t.Error("where a value ends is not in the hash")
	}
}

// Findings refuse what is live for certification, and only warn elsewhere.
func TestLintByUse(t *testing.T) {
	for use, want := range map[string]int{"practice": 0, "cert": 4} { // no why of four options
		_, report := assessment.ParseItem("x.yaml", []byte(single("x-1", "live", use, "AIC.1")), model())
		if report.Errors() != want || len(report) != 4 || report[0].Key != "item.no_why" || report[0].Line != 13 {
			t.Errorf("%s: %v", use, said(report))
		}
	}
	// what is unsound is not linted besides
	_, report := assessment.ParseItem("x.yaml", []byte(edit(single("x-1", "live", "cert", "AIC.1"), 7, "level: 9")), model())
	if report.Warnings() != 0 || report.Errors() != 1 {
		t.Errorf("%v", said(report))
	}
}

func TestAssessmentValidate(t *testing.T) {
	live := single("x-1", "live", "practice", "AIC.1")
	section := func(s string) string { return edit(form, 7, "  - "+s) }
	for name, tt := range map[string]struct {
		src  string
		want []string
	}{
		"sound":            {form, nil},
		"a capability":     {section("{domain: AIC, weight: 1, draw: [{type: single_choice, n: 1}]}"), nil},
		"no version is 1":  {edit(form, 3, "# version"), nil},
		"schema":           {edit(form, 1, "schema: leida/assessment@2"), []string{"f.yaml:1:9 define.one_of"}},
		"id":               {edit(form, 2, "id: F"), []string{"f.yaml:2:5 item.id"}},
		"version":          {edit(form, 3, "version: 0"), []string{"f.yaml:3:10 define.whole"}},
		"kind":             {edit(form, 4, "kind: exam"), []string{"f.yaml:4:7 define.one_of"}},
		"no title":         {edit(form, 5, "title: {en: T}"), []string{"f.yaml:5:1 define.required"}},
		"limit":            {edit(form, 5, "title: {zh: 测}\ntime_limit_s: 5"), []string{"f.yaml:6:15 define.time_limit"}},
		"no sections":      {edit(edit(form, 6, "sections: []"), 7, ""), []string{"f.yaml:6:1 define.count"}},
		"weights":          {section("{domain: AIC.1, weight: 0.97, draw: [{type: single_choice, n: 1}]}"), []string{"f.yaml:6:1 define.sum"}},
		"weight above 1":   {section("{domain: AIC.1, weight: 2, draw: [{type: single_choice, n: 1}]}"), []string{"f.yaml:7:29 define.weight"}},
		"unknown kind":     {section("{domain: AIC.1, weight: 1, draw: [{type: curve, n: 1}]}"), []string{"f.yaml:7:46 define.one_of"}},
		"n 0":              {section("{domain: AIC.1, weight: 1, draw: [{type: single_choice, n: 0}]}"), []string{"f.yaml:7:64 define.whole"}},
		"n above":          {section("{domain: AIC.1, weight: 1, draw: [{type: single_choice, n: 201}]}"), []string{"f.yaml:6:1 define.count", "f.yaml:7:64 define.whole"}},
		"level 6":          {section("{domain: AIC.1, weight: 1, draw: [{type: single_choice, n: 1, level: [3, 6]}]}"), []string{"f.yaml:7:78 define.whole"}},
		"no draw":          {section("{domain: AIC.1, weight: 1}"), []string{"f.yaml:7:5 define.required"}},
		"more than drawn":  {section("{domain: AIC.1, weight: 1, draw: [{type: single_choice, n: 2}]}"), []string{"f.yaml:7:39 assessment.short"}},
		"another level":    {section("{domain: AIC.1, weight: 1, draw: [{type: single_choice, n: 1, level: [4]}]}"), []string{"f.yaml:7:39 assessment.short"}},
		"another scenario": {section("{domain: AIC.1, weight: 1, draw: [{type: single_choice, n: 1, tags: {scenario: bank}}]}"), []string{"f.yaml:7:39 assessment.short"}},
		"its scenario":     {section("{domain: AIC.1, weight: 1, draw: [{type: single_choice, n: 1, level: [3], tags: {scenario: telecom, channel: chat}}]}"), nil},
		"another domain":   {section("{domain: EMP, weight: 1, draw: [{type: single_choice, n: 1}]}"), []string{"f.yaml:7:37 assessment.short"}},
		"another pool":     {edit(form, 4, "kind: cycle"), []string{"f.yaml:7:39 assessment.short"}},
	} {
		t.Run(name, func(t *testing.T) {
			_, report := load(map[string]string{"f.yaml": tt.src, "x.yaml": live})
			wantSaid(t, errorsOf(report), tt.want...)
		})
	}
	_, report := load(map[string]string{"f.yaml": section("{domain: AIC.1, weight: 1, draw: [{type: single_choice, n: 2}]}"), "x.yaml": live})
	if f := errorsOf(report)[0]; f.Args["need"] != 2 || f.Args["stock"] != 1 || f.Path != "sections[0].draw[0]" {
		t.Errorf("%+v", f)
	}
	for status := range map[string]bool{"draft": true, "review": true, "pilot": true, "retired": true} {
		if _, report := load(map[string]string{"f.yaml": form, "x.yaml": single("x-1", status, "practice", "AIC.1")}); report.Errors() != 1 {
			t.Errorf("an item in %s is drawn: %v", status, said(report))
		}
	}
}

func TestAssessmentAnswers(t *testing.T) {
	yes, no, limit := true, false, item.Seconds(90)
	for _, tt := range []struct {
		kind   string
		counts *bool
		want   bool
	}{{"practice", nil, false}, {"cycle", nil, true}, {"cert", nil, true}, {"refresher", nil, true}, {"practice", &yes, true}, {"cycle", &no, false}} {
		if a := (&assessment.Assessment{Kind: tt.kind, Counts: tt.counts}); a.Evidential() != tt.want {
			t.Errorf("%s: %v", tt.kind, !tt.want)
		}
	}
	a := &assessment.Assessment{ID: "a-1", Version: 2, TimeLimit: &limit, Sections: []assessment.Section{{Draw: []assessment.Row{{N: 2}, {N: 1}}}, {Draw: []assessment.Row{{N: 6}}}}}
	if a.Limit() != 90*time.Second || (&assessment.Assessment{}).Limit() != 0 || a.Length() != 9 || a.Name() != "a-1 v2" {
		t.Errorf("%s %d %s", a.Limit(), a.Length(), a.Name())
	}
}

// A refresher draws from the pool of certification.
func TestRefresher(t *testing.T) {
	cert := strings.NewReplacer(`"甲"`, `"甲", why: {zh: 因}`, `"乙"`, `"乙", why: {zh: 因}`, `"丙"`, `"丙", why: {zh: 因}`, `"丁"`, `"丁", why: {zh: 因}`).Replace(single("x-1", "live", "cert", "AIC.1"))
	mustLoad(t, map[string]string{"f.yaml": edit(form, 4, "kind: refresher"), "x.yaml": cert})
	_, report := load(map[string]string{"f.yaml": edit(form, 4, "kind: practice"), "x.yaml": cert})
	wantSaid(t, errorsOf(report), "f.yaml:7:39 assessment.short")
}

// MEASUREMENT 0.3: an assessment that can be passed without reading is refused.
func TestBlindCandidates(t *testing.T) {
	longest := strings.Replace(single("x-1", "live", "practice", "AIC.1"), `"乙"`, `"乙乙乙乙乙"`, 1)
	polite := strings.Replace(single("x-1", "live", "practice", "AIC.1"), `"乙"`, `"乙", cue: polite`, 1)
	escalate := strings.Replace(single("x-1", "live", "practice", "AIC.1"), `"乙"`, `"乙", cue: escalate`, 1)
	for name, src := range map[string]string{"longest": longest, "polite": polite, "escalate": escalate} {
		_, report := load(map[string]string{"f.yaml": form, "x.yaml": src})
		wantSaid(t, errorsOf(report), "f.yaml:6:1 assessment.blind."+name)
		if f := errorsOf(report)[0]; f.Args["got"] != 100.0 || f.Args["max"] != assessment.MaxBlind {
			t.Errorf("%v", f.Args)
		}
	}
	// one bad item of three is 33.3 on average, whatever is drawn
	files := map[string]string{"f.yaml": form, "x.yaml": longest, "y.yaml": single("x-2", "live", "practice", "AIC.1"), "z.yaml": single("x-3", "live", "practice", "AIC.1")}
	lib := mustLoad(t, files)
	a, _ := lib.Assessment("f-1")
	if got := lib.Blind(a, item.Longest); fmt.Sprintf("%.4f", got) != "33.3333" {
		t.Errorf("%g", got)
	}
	if got := lib.Blind(a, item.First); got != 0 {
		t.Errorf("%g", got)
	}
}

func TestReportWriting(t *testing.T) {
	_, report := load(map[string]string{"x.yaml": edit(edit(sound, 7, "level: 9"), 10, "prompt: {zh: '<b>"+strings.Repeat("字", 300)+"'}")})
	for _, l := range text.Langs {
		var b strings.Builder
		if err := report.Write(&b, l); err != nil {
			t.Fatal(err)
		}
		lines := strings.Split(strings.TrimSuffix(b.String(), "\n"), "\n")
		if len(lines) != 4 || !strings.HasPrefix(lines[0], "x.yaml:7:8: "+text.Say(l, "report.error")+": ") || lines[1] != "    level: 9" || !strings.HasPrefix(lines[2], "x.yaml:10:15: "+text.Say(l, "report.warning")+": ") {
			t.Errorf("%s", b.String())
		}
		if n := len([]rune(lines[3])); n > 130 || !strings.HasSuffix(lines[3], "…") {
			t.Errorf("an excerpt of %d characters", n)
		}
	}
	var b strings.Builder
	if err := report.WriteJSON(&b, text.EN); err != nil {
		t.Fatal(err)
	}
	var rows []map[string]any
	if err := json.Unmarshal([]byte(b.String()), &rows); err != nil || len(rows) != 2 {
		t.Fatalf("%v\n%s", err, b.String())
	}
	want := map[string]any{"file": "x.yaml", "line": 7.0, "column": 8.0, "severity": "error", "key": "define.whole", "path": "level", "message": "must be a whole number from 1 to 5", "source": "level: 9"}
	if diff := cmp.Diff(want, rows[0]); diff != "" {
		t.Error(diff)
	}
	if rows[1]["severity"] != "warning" || !strings.Contains(b.String(), "<b>") {
		t.Errorf("%v", rows[1])
	}
	b.Reset()
	if err := (assessment.Report{}).WriteJSON(&b, text.EN); err != nil || strings.TrimSpace(b.String()) != "[]" {
		t.Errorf("nothing found is %q", b.String())
	}
	for _, w := range []int{0, 1} {
		if err := report.Write(failing{new(int), w}, text.EN); err == nil {
			t.Error("a full disk goes unsaid")
		}
	}
}

// failing takes so many writes and then no more.
type failing struct {
	n    *int
	most int
}

func (f failing) Write(p []byte) (int, error) {
	if *f.n++; *f.n > f.most {
		return 0, os.ErrClosed
	}
	return len(p), nil
}

// A directory that cannot be read, or a file that cannot, is a finding.
func TestUnreadable(t *testing.T) {
	_, report := assessment.Load(os.DirFS("testdata/no-such-directory"), model(), nil)
	wantSaid(t, report, ". yaml.unreadable")
	_, report = assessment.Load(broken{fstest.MapFS{"x.yaml": {Data: []byte(sound)}, "y.yaml": {Data: []byte(sound)}}}, model(), nil)
	wantSaid(t, errorsOf(report), "y.yaml yaml.unreadable")
}
