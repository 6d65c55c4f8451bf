package item

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"leida/internal/text"
)

func TestReadNumber(t *testing.T) {
	raw, err := os.ReadFile("testdata/numbers.json")
	if err != nil {
		t.Fatal(err)
	}
	var file struct{ Cases [][3]any }
	unmarshal(t, raw, &file)
	if len(file.Cases) < 40 {
		t.Fatalf("%d cases", len(file.Cases))
	}
	for _, c := range file.Cases {
		want, ok := c[2].(float64)
		if got, read := readNumber(c[0].(string), c[1].(string)); read != ok || ok && got != want {
			t.Errorf("%q with unit %q: %g, %t", c[0], c[1], got, read)
		}
	}
	if x, _ := readNumber("-0", ""); math.Signbit(x) {
		t.Error("a negative zero")
	}
}

func TestReadDate(t *testing.T) {
	for typed, want := range map[string]string{
		"2026-11-16": "2026-11-16", "2026-1-2": "2026-01-02", "2026/11/16": "2026-11-16", "2026.11.16": "2026-11-16", "2026年11月16日": "2026-11-16", "２０２６年１１月１６号": "2026-11-16",
		" 2026 年 11 月 16 日 ": "2026-11-16", "20261116": "2026-11-16", "2026。11。16": "2026-11-16", "2024-02-29": "2024-02-29",
		"2026-02-29": "", "2026-13-01": "", "2026-00-10": "", "2026-11-31": "", "11-16": "", "11月16日": "", "16/11/2026": "", "0000-01-01": "", "2026-11": "", "12026-11-16": "",
		"2026-11-16T00:00": "", "": "", "今天": "", "7": "",
	} {
		got, ok := readDate(typed)
		if ok != (want != "") || ok && got != want {
			t.Errorf("%q: %q, %t, want %q", typed, got, ok, want)
		}
	}
}

func options(ids ...string) []Part {
	out := make([]Part, len(ids))
	for i, id := range ids {
		out[i] = Part{ID: id, Text: same("选项" + id)}
	}
	return out
}

func TestFieldCredit(t *testing.T) {
	info := fieldRules{Wrong: -0.25, Invented: -0.5}
	number := field{Kind: numberField, Key: Words{"74.4"}, Tol: 0.15, Accept: map[string]float64{"55": 0.25}}
	noNumber := field{Kind: numberField, Key: Words{noneID}}
	day := field{Kind: dateField, Key: Words{"2026-11-16"}, Accept: map[string]float64{"2026-11-17": 0.5}}
	single := field{Kind: singleField, Key: Words{"a"}, Options: options("a", "b", "c", noneID), Accept: map[string]float64{"b": 0.5}}
	nothing := field{Kind: singleField, Key: Words{noneID}, Options: options("a", "b", noneID)}
	multi := field{Kind: multiField, Key: Words{"a", "b"}, Options: options("a", "b", "c", "d", "e", noneID)}
	none := field{Kind: multiField, Key: Words{noneID}, Options: options("a", "b", noneID)}
	for _, tt := range []struct {
		name  string
		f     field
		value any
		want  float64
	}{
		{"blank", number, nil, 0}, {"number", number, 74.4, 1}, {"at the tolerance", number, 74.55, 1}, {"at the tolerance below", number, 74.25, 1},
		{"outside", number, 74.56, -0.25}, {"accepted", number, 55.1, 0.25}, {"none of a number", number, noneID, 0},
		{"none of no number", noNumber, noneID, 1}, {"invented number", noNumber, 3.0, -0.5},
		{"day", day, "2026-11-16", 1}, {"accepted day", day, "2026-11-17", 0.5}, {"other day", day, "2026-11-18", -0.25}, {"none of a day", day, noneID, 0},
		{"single", single, "a", 1}, {"accepted option", single, "b", 0.5}, {"wrong option", single, "c", -0.25}, {"none of an option", single, noneID, 0},
		{"nothing", nothing, noneID, 1}, {"invented option", nothing, "a", -0.5},
		{"multi", multi, []string{"b", "a"}, 1}, {"half", multi, []string{"a"}, 0.5}, {"both and one", multi, []string{"a", "b", "c"}, 2.0 / 3}, {"one and one", multi, []string{"a", "c"}, 1.0 / 6},
		{"one and two", multi, []string{"a", "c", "d"}, -1.0 / 6}, {"floor", multi, []string{"c", "d"}, -0.25}, {"all", multi, []string{"a", "b", "c", "d", "e"}, 0},
		{"none of several", multi, []string{noneID}, 0}, {"nothing of several", none, []string{noneID}, 1}, {"invented ones", none, []string{"b"}, -0.5},
	} {
		if got := tt.f.credit(tt.value, info); !near(got, tt.want) {
			t.Errorf("%s: %g, want %g", tt.name, got, tt.want)
		}
	}
	free := fieldRules{}
	for _, x := range []float64{number.credit(1.0, free), single.credit("c", free), multi.credit([]string{"c", "d"}, free), nothing.credit("a", free)} {
		if x != 0 {
			t.Errorf("where wrong ones cost nothing: %g", x)
		}
	}
}

// anyField is a sound field of any kind.
func anyField(t *rapid.T, id string) field {
	f := field{ID: id, W: rapid.Float64Range(0.5, 3).Draw(t, "w"), Kind: rapid.SampledFrom(fieldKinds).Draw(t, "kind"), Label: same("问" + id), Critical: rapid.Bool().Draw(t, "critical")}
	hasNone := rapid.Bool().Draw(t, "none")
	switch f.Kind {
	case numberField:
		f.Key, f.Tol = Words{writeNumber(float64(rapid.IntRange(-500, 500).Draw(t, "key")) / 8)}, rapid.SampledFrom([]float64{0, 0.125, 2}).Draw(t, "tol")
	case dateField:
		f.Key = Words{fmt.Sprintf("2026-05-%02d", rapid.IntRange(1, 31).Draw(t, "day"))}
	case singleField, multiField:
		n := rapid.IntRange(3, 6).Draw(t, "options")
		ids := make([]string, n)
		for i := range ids {
			ids[i] = fmt.Sprintf("%s%d", id, i)
		}
		f.Options = options(ids...)
		f.Key = Words{ids[0]}
		if f.Kind == multiField {
			f.Key = Words(ids[:rapid.IntRange(1, n-1).Draw(t, "keys")])
		}
		if hasNone {
			f.Options = append(f.Options, options(noneID)...)
		}
	}
	if hasNone && rapid.IntRange(0, 2).Draw(t, "nothing") == 0 {
		f.Key = Words{noneID}
	}
	return f
}

func anyFields(t *rapid.T) fieldSet {
	fs := make(fieldSet, rapid.IntRange(1, 6).Draw(t, "fields"))
	for i := range fs {
		fs[i] = anyField(t, string(rune('a'+i)))
		if rapid.Bool().Draw(t, "cites") {
			fs[i].Evidence = []string{"r1", "r2"}[:rapid.IntRange(1, 2).Draw(t, "evidence")]
		}
	}
	if ps := fs.validate("fields", []string{"r1", "r2", "r3"}); len(ps) > 0 {
		t.Fatal(ps)
	}
	return fs
}

func TestFieldsProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		fs := anyFields(t)
		rules := fieldRules{Wrong: rapid.SampledFrom([]float64{0, -0.25}).Draw(t, "wrong"), Invented: rapid.SampledFrom([]float64{0, -0.5}).Draw(t, "invented")}
		key, blank := fieldAnswers{}, fieldAnswers{}
		for _, f := range fs {
			key[f.ID] = f.right()
		}
		if m := fs.mark(key, rules); !near(m.Q, 1) || len(m.Critical) > 0 {
			t.Fatalf("the key: %+v", m)
		}
		if m := fs.mark(blank, rules); m.Q != 0 || len(m.Critical) > 0 {
			t.Fatalf("blank: %+v", m)
		}
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
		given := fs.imitate(0.2, r, nil)
		m := fs.mark(given, rules)
		if m.Q > 1 || m.Q < min(rules.Wrong, rules.Invented)-1e-9 {
			t.Fatalf("%v: %+v", given, m)
		}
		shuffled := slices.Clone(fs)
		r.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
		if got := shuffled.mark(given, rules).Q; !near(got, m.Q) {
			t.Errorf("in another order %g, was %g", got, m.Q)
		}
		for _, f := range fs { // a wrong value put right never lowers
			better := fieldAnswers{}
			for id, v := range given {
				better[id] = v
			}
			better[f.ID] = f.right()
			if got := fs.mark(better, rules).Q; got < m.Q-1e-12 {
				t.Errorf("%s put right: %g, was %g", f.ID, got, m.Q)
			}
		}
		if q := fs.mark(fs.everyOption(), fieldRules{}).Q; q > 1e-9 && !slices.ContainsFunc(fs, field.isNone) {
			t.Errorf("every option earns %g", q)
		}
		if e := fs.support(cited{}); e != 0 && e != 1 {
			t.Errorf("no evidence is worth %g", e)
		}
	})
}

// What chance is worth is what guessing is worth.
func TestFieldChance(t *testing.T) {
	rules := fieldRules{Wrong: -0.25, Invented: -0.5}
	r := rand.New(rand.NewPCG(1, 2))
	for _, f := range []field{
		{Kind: singleField, Key: Words{"a"}, Options: options("a", "b", "c", "d", noneID)},
		{Kind: multiField, Key: Words{"a", "b"}, Options: options("a", "b", "c", "d", "e")},
		{Kind: multiField, Key: Words{"a", "b", "c"}, Options: options("a", "b", "c", "d", "e", "f")},
	} {
		const n = 200_000
		sum := 0.0
		for range n {
			if f.Kind == singleField {
				sum += f.credit(f.Options[r.IntN(len(f.Options))].ID, rules)
				continue
			}
			var ids []string
			for _, o := range f.Options {
				if r.IntN(2) == 0 {
					ids = append(ids, o.ID)
				}
			}
			if ids != nil {
				sum += f.credit(ids, rules)
			}
		}
		if got := f.chance(rules); math.Abs(got-sum/n) > 0.005 {
			t.Errorf("%v of %d: %g, tried %g", f.Key, len(f.Options), got, sum/n)
		}
	}
}

func TestFieldsValidate(t *testing.T) {
	ok := field{ID: "a", W: 1, Kind: singleField, Label: same("问"), Options: options("x", "y", "z"), Key: Words{"x"}}
	with := func(change func(f *field)) fieldSet {
		f := ok
		f.Options = slices.Clone(ok.Options)
		change(&f)
		return fieldSet{f}
	}
	for _, tt := range []struct {
		name string
		fs   fieldSet
		want string
	}{
		{"sound", fieldSet{ok}, ""},
		{"none", fieldSet{}, "fields define.count"},
		{"twice", fieldSet{ok, ok}, "fields[1].id define.repeated"},
		{"no id", with(func(f *field) { f.ID = "" }), "fields[0].id define.required"},
		{"no label", with(func(f *field) { f.Label = text.Text{} }), "fields[0].label.zh define.required"},
		{"no weight", with(func(f *field) { f.W = 0 }), "fields[0].w field.weight"},
		{"nan", with(func(f *field) { f.W = math.NaN() }), "fields[0].w field.weight"},
		{"kind", with(func(f *field) { f.Kind = "text" }), "fields[0].kind define.one_of"},
		{"no key", with(func(f *field) { f.Key = nil }), "fields[0].key define.required"},
		{"unknown key", with(func(f *field) { f.Key = Words{"q"} }), "fields[0].key[0] item.no_part"},
		{"none is no option", with(func(f *field) { f.Key = Words{noneID} }), "fields[0].key[0] item.no_part"},
		{"two keys", with(func(f *field) { f.Key = Words{"x", "y"} }), "fields[0].key field.one_key"},
		{"one option", with(func(f *field) { f.Options = options("x") }), "fields[0].options define.count"},
		{"option twice", with(func(f *field) { f.Options[1].ID = "x" }), "fields[0].options[1].id define.repeated"},
		{"unit", with(func(f *field) { f.Unit = "%" }), "fields[0].unit field.only_number"},
		{"tolerance", with(func(f *field) { f.Tol = 1 }), "fields[0].tol field.only_number"},
		{"evidence", with(func(f *field) { f.Evidence = []string{"r1", "r9", "r1"} }), "fields[0].evidence[1] item.no_part, fields[0].evidence[2] define.repeated"},
		{"accept", with(func(f *field) { f.Accept = map[string]float64{"q": 0.5, "x": 0.5, "y": 1} }),
			"fields[0].accept.q item.no_part, fields[0].accept.x field.accept_key, fields[0].accept.y field.accept"},
		{"everything is right", with(func(f *field) { f.Kind, f.Key = multiField, Words{"x", "y", "z"} }), "fields[0].key field.all_keys"},
		{"key twice", with(func(f *field) { f.Kind, f.Key = multiField, Words{"x", "x"} }), "fields[0].key[1] define.repeated"},
		{"none with another", with(func(f *field) { f.Kind, f.Key, f.Options = multiField, Words{"x", noneID}, options("x", "y", noneID) }), "fields[0].key field.none_alone"},
		{"only none", with(func(f *field) { f.Kind, f.Key, f.Options = multiField, Words{noneID}, options(noneID, "x") }), ""},
		{"multi accept", with(func(f *field) { f.Kind, f.Accept = multiField, map[string]float64{"y": 0.5} }), "fields[0].accept field.no_accept"},
		{"number with options", fieldSet{{ID: "n", W: 1, Kind: numberField, Label: same("数"), Key: Words{"1"}, Options: options("a", "b")}}, "fields[0].options field.no_options"},
		{"number", fieldSet{{ID: "n", W: 1, Kind: numberField, Label: same("数"), Key: Words{"x"}}}, "fields[0].key field.key_number"},
		{"no number", fieldSet{{ID: "n", W: 1, Kind: numberField, Label: same("数")}}, "fields[0].key field.key_number"},
		{"endless", fieldSet{{ID: "n", W: 1, Kind: numberField, Label: same("数"), Key: Words{"Inf"}}}, "fields[0].key field.key_number"},
		{"two numbers", fieldSet{{ID: "n", W: 1, Kind: numberField, Label: same("数"), Key: Words{"1", "2"}}}, "fields[0].key field.key_number"},
		{"bad tolerance", fieldSet{{ID: "n", W: 1, Kind: numberField, Label: same("数"), Key: Words{"1"}, Tol: -1}}, "fields[0].tol define.range"},
		{"accepted numbers", fieldSet{{ID: "n", W: 1, Kind: numberField, Label: same("数"), Key: Words{"1"}, Tol: 1, Accept: map[string]float64{"2": 0.5, "4": 0.5, "x": 0.5}}},
			"fields[0].accept.2 field.accept_key, fields[0].accept.x field.key_number"},
		{"day", fieldSet{{ID: "d", W: 1, Kind: dateField, Label: same("日"), Key: Words{"2026-2-30"}}}, "fields[0].key field.key_date"},
		{"a day in another writing", fieldSet{{ID: "d", W: 1, Kind: dateField, Label: same("日"), Key: Words{"2026/11/16"}}}, "fields[0].key field.key_date"},
		{"no day", fieldSet{{ID: "d", W: 1, Kind: dateField, Label: same("日"), Key: Words{noneID}}}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) { wantSaid(t, tt.fs.validate("fields", []string{"r1"}), tt.want) })
	}
}

func TestFieldsLint(t *testing.T) {
	told := func(string) bool { return true }
	sets := map[string]fieldSet{
		"": {{ID: "a", W: 1, Kind: singleField, Options: options("x", "y", "z", noneID), Key: Words{"x"}}, {ID: "n", W: 3, Kind: numberField, Key: Words{"1"}}},
		"fields field.chance, fields[0].options field.few_options": {{ID: "a", W: 1, Kind: singleField, Options: options("x", "y"), Key: Words{"x"}}},
		"fields[0].critical field.never_critical":                  {{ID: "n", W: 3, Kind: numberField, Key: Words{"1"}, Critical: true}},
		"fields[0].key field.none_tells":                           {{ID: "a", W: 1, Kind: singleField, Options: options("x", "y", "z", noneID), Key: Words{noneID}}, {ID: "n", W: 9, Kind: numberField, Key: Words{"1"}}},
		"fields[1].key field.none_tells":                           {{ID: "m", W: 1, Kind: dateField, Key: Words{"2026-01-01"}}, {ID: "a", W: 0.1, Kind: singleField, Options: options("x", "y", "z", noneID), Key: Words{noneID}}},
	}
	for want, fs := range sets {
		wantSaid(t, fs.lint("fields", fieldRules{}, told), want)
	}
	long := fieldSet{{ID: "a", W: 0.1, Kind: singleField, Options: append(options("x", "y", "z"), Part{ID: "l", Text: same("一个特别特别长的正确选项")}), Key: Words{"l"}}, {ID: "n", W: 1, Kind: numberField, Key: Words{"1"}}}
	wantSaid(t, long.lint("fields", fieldRules{}, told), "fields[0].options field.longest")
	bare := fieldSet{{ID: "n", W: 1, Kind: numberField, Key: Words{"1"}}, {ID: "o", W: 1, Kind: numberField, Key: Words{"1"}, Why: same("因为")}}
	wantSaid(t, bare.lint("fields", fieldRules{}, func(string) bool { return false }), "fields[0] item.no_why")
}

// Whoever copies a summary says what it says.
func TestFieldsCopied(t *testing.T) {
	summary := same("客户申请移机，我方已上门三次。目前在等物业批准，预计2026-11-14可以施工。客服承诺11月10日前装好并送随身WiFi，还差7,000元。")
	fs := fieldSet{
		{ID: "visits", Kind: numberField, Label: same("我方已上门几次"), Key: Words{"3"}},
		{ID: "gap", Kind: numberField, Label: same("还差多少元"), Key: Words{"1"}},
		{ID: "blocker", Kind: singleField, Label: same("卡在哪里"), Options: []Part{{ID: "h", Text: same("等物业批准")}, {ID: "t", Text: same("等分光器到货")}, {ID: noneID, Text: same("记录未提供")}}, Key: Words{"t"}},
		{ID: "promise", Kind: multiField, Label: same("答应了什么"), Options: []Part{{ID: "b", Text: same("11月10日前装好")}, {ID: "m", Text: same("送随身WiFi")}, {ID: "d", Text: same("上门前打电话")}}, Key: Words{"b"}},
		{ID: "earliest", Kind: dateField, Label: same("最早哪天能施工"), Key: Words{"2026-11-16"}},
		{ID: "due", Kind: dateField, Label: same("哪天前装好"), Key: Words{"2026-11-16"}},
		{ID: "errors", Kind: multiField, Label: same("哪些不符"), Options: []Part{{ID: "b", Text: same("已上门三次")}, {ID: "m", Text: same("在等物业批准")}}, Key: Words{"b"}},
		{ID: "other", Kind: singleField, Label: same("别的"), Options: options("x", "y"), Key: Words{"x"}},
	}
	got := fs.copied(summary, "errors")
	want := fieldAnswers{"visits": 3.0, "gap": 7000.0, "blocker": "h", "promise": []string{"b", "m"}, "earliest": "2026-11-14", "due": "2026-11-10"}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%v, want %v", got, want)
	}
	for w, want := range map[string]float64{"三": 3, "两": 2, "十": 10, "十二": 12, "二十": 20, "九十九": 99} {
		if got, ok := smallChinese(w); !ok || got != want {
			t.Errorf("%s: %g, %t", w, got, ok)
		}
	}
}
