package item

import (
	"maps"
	"testing"

	"leida/internal/text"
)

func aData() *dataInsight {
	return &dataInsight{
		Stimulus:  Stimulus{Table: &DataTable{Columns: []string{"a", "b"}, Rows: [][]string{{"x", "1"}, {"y", "2"}}}, Reference: []Rule{{ID: "N1", Text: same("没有抽样")}}},
		Rationale: Rationale{Feedback: map[string]text.Text{"sum": same("1+2"), "who": same("y"), "open": same("N1")}},
		Fields: fieldSet{
			{ID: "sum", W: 8, Kind: numberField, Label: same("合计"), Key: Words{"3"}, Tol: 0.1, Unit: "%"},
			{ID: "who", W: 1, Kind: singleField, Label: same("谁多"), Options: []Part{{ID: "p", Text: same("甲多一点")}, {ID: "q", Text: same("乙多一点")}, {ID: "s", Text: same("一样多吧")}}, Key: Words{"q"}},
			{ID: "open", W: 1, Kind: multiField, Label: same("没说什么"), Options: []Part{{ID: "m", Text: same("抽样与否")}, {ID: "n", Text: same("难度如何")}, {ID: "o", Text: same("是否又来")}}, Key: Words{"n", "o"}},
		},
	}
}

func aDataKey() fieldAnswer {
	return fieldAnswer{Fields: fieldAnswers{"sum": 3.0, "who": "q", "open": []string{"n", "o"}}}
}

func TestDataScore(t *testing.T) {
	b := aData()
	for _, tt := range []struct {
		name string
		a    Answer
		want float64
	}{
		{"key", aDataKey(), 1}, {"blank", nil, 0}, {"within the tolerance", fieldAnswer{Fields: fieldAnswers{"sum": 3.1}}, 0.8}, {"outside", fieldAnswer{Fields: fieldAnswers{"sum": 3.11}}, 0},
		{"wrong ones cost nothing", fieldAnswer{Fields: fieldAnswers{"sum": 3.0, "who": "p", "open": []string{"m"}}}, 0.8}, {"half", fieldAnswer{Fields: fieldAnswers{"open": []string{"n"}}}, 0.05},
	} {
		if got := score(t, b, tt.a); !near(got, tt.want) {
			t.Errorf("%s: %g, want %g", tt.name, got, tt.want)
		}
	}
	if r, _ := b.Score(Response{Answer: aDataKey(), Seconds: 9000, Limit: 60}); r.Score != 1 {
		t.Errorf("time counts: %g", r.Score)
	}
	// where evidence is asked for it counts as in the other kind
	b.Fields[0].Evidence = []string{"N1"}
	if got := score(t, b, aDataKey()); !near(got, 0.85) {
		t.Errorf("without evidence %g", got)
	}
	none := 0.0
	b.Scoring.EvidenceShare = &none
	if got := score(t, b, aDataKey()); got != 1 {
		t.Errorf("with a share of 0 %g", got)
	}
}

func TestDataValidate(t *testing.T) {
	b := aData()
	wantSaid(t, b.Validate(), "")
	wantSaid(t, b.Lint(), "")
	b.Table = nil
	wantSaid(t, b.Validate(), "table define.required")
	b.Tables = []Table{{ID: "t", DataTable: DataTable{Columns: []string{"a"}, Rows: [][]string{{"1"}}}}}
	wantSaid(t, b.Validate(), "")
	b.Scoring.Method = "fields_timed"
	wantSaid(t, b.Validate(), "scoring.method item.method")
	if b.Lint() != nil {
		t.Error("an unsound item is looked over")
	}
	b = aData()
	b.Fields[1].W = 9
	if got := said(b.Lint()); got != "fields field.chance" {
		t.Errorf("a lucky choice: %q", got)
	}
}

func TestDataExplained(t *testing.T) {
	b := aData()
	for want, change := range map[string]func(f fieldAnswers){
		"kept":       func(fieldAnswers) {},
		"conclusion": func(f fieldAnswers) { f["who"], f["sum"] = "p", 1.0 },
		"figures":    func(f fieldAnswers) { f["sum"] = 4.0; delete(f, "open") },
		"open":       func(f fieldAnswers) { f["open"] = []string{"m"} },
		"blank":      func(f fieldAnswers) { clear(f) },
	} {
		given := maps.Clone(aDataKey().Fields)
		change(given)
		e := b.Explain(Plain(text.ZH), answered(given, nil)).(DataExplained)
		if e.Remember != want || e.Cites || len(e.Fields) != 3 {
			t.Errorf("%+v, want %s", e, want)
		}
		if own := e.Fields[0].Own; want == "kept" && (own.Unit != "%" || own.Words[0] != "3") || want == "blank" && !own.Blank() {
			t.Errorf("%s: %+v", want, own)
		}
	}
}
