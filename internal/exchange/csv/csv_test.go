package csv

import (
	"bytes"
	"encoding/csv"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding/simplifiedchinese"
	"pgregory.net/rapid"

	"leida/internal/fault"
	"leida/internal/org"
	"leida/internal/text"
)

const sheet = "工号,姓名,备注\nA01,安安,\"一,二\"\nA02,鲍勃,\"他说\"\"好\"\"\"\n"

func wide(s string, little bool) []byte {
	out := []byte("\xfe\xff")
	if little {
		out = []byte("\xff\xfe")
	}
	for _, u := range utf16.Encode([]rune(s)) {
		if little {
			out = append(out, byte(u), byte(u>>8))
		} else {
			out = append(out, byte(u>>8), byte(u))
		}
	}
	return out
}

func gbk(t *testing.T, s string) []byte {
	t.Helper()
	b, err := simplifiedchinese.GBK.NewEncoder().Bytes([]byte(s))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestReadEncodings(t *testing.T) {
	want := &Table{Head: []string{"工号", "姓名", "备注"}, Rows: [][]string{{"A01", "安安", "一,二"}, {"A02", "鲍勃", `他说"好"`}}, Lines: []int{2, 3}}
	for name, raw := range map[string][]byte{
		"utf-8": []byte(sheet), "bom": []byte(bom + sheet), "gbk": gbk(t, sheet), "utf-16 le": wide(sheet, true), "utf-16 be": wide(sheet, false),
		"crlf": []byte(strings.ReplaceAll(sheet, "\n", "\r\n")), "no last newline": []byte(strings.TrimSuffix(sheet, "\n")),
		"semicolons": []byte("工号;姓名;备注\nA01;安安;一,二\nA02;鲍勃;\"他说\"\"好\"\"\"\n"), "tabs": []byte("工号\t姓名\t备注\nA01\t安安\t一,二\nA02\t鲍勃\t\"他说\"\"好\"\"\"\n"),
		"blanks around": []byte("  工号 , 姓名,备注\nA01 ,\t安安\t,\"一,二\"\nA02,　鲍勃　,\"他说\"\"好\"\"\"\n"),
	} {
		got, err := Read(raw)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%s: %s", name, d)
		}
	}
}

func TestReadRefuses(t *testing.T) {
	for name, x := range map[string]struct {
		raw  []byte
		kind fault.Kind
		key  string
		args fault.Args
	}{
		"nothing":          {nil, fault.Invalid, "csv.empty", nil},
		"a mark alone":     {[]byte(bom), fault.Invalid, "csv.empty", nil},
		"a wide mark":      {[]byte("\xff\xfe"), fault.Invalid, "csv.empty", nil},
		"blank lines":      {[]byte(" \r\n\t\n"), fault.Invalid, "csv.empty", nil},
		"an open quote":    {[]byte("a,b\n1,2\n3,\"4\n5,6\n"), fault.Invalid, "csv.syntax", nil},
		"a quote inside":   {[]byte("a,b\n1,2\"3\n"), fault.Invalid, "csv.syntax", fault.Args{"line": 2, "column": 4}},
		"text after quote": {[]byte("a,b\n\"1\"2,3\n"), fault.Invalid, "csv.syntax", nil},
		"a picture":        {[]byte("\x89PNG\r\n\x1a\n\xff\xff\xff"), fault.Invalid, "csv.encoding", nil},
		"half a letter":    {append(gbk(t, "工号,姓名\n张"), 0xd5), fault.Invalid, "csv.encoding", nil},
		"too many rows":    {[]byte("a\n" + strings.Repeat("1\n", MaxRows+1)), fault.TooLarge, "csv.rows", fault.Args{"max": MaxRows}},
	} {
		got, err := Read(x.raw)
		f := fault.As(err)
		if got != nil || f == nil || f.Kind != x.kind || f.Key != x.key || x.args != nil && !cmp.Equal(f.Args, x.args) {
			t.Errorf("%s: %v, %v", name, got, err)
			continue
		}
		if !text.Has(f.Key) {
			t.Errorf("no message %s", f.Key)
		}
	}
	if got, err := Read([]byte("a\n" + strings.Repeat("1\n\n", MaxRows))); err != nil || len(got.Rows) != MaxRows || got.Lines[MaxRows-1] != 2*MaxRows {
		t.Errorf("%v", err)
	}
}

// Lines are those of the file: quoted line breaks and blank lines count.
func TestLines(t *testing.T) {
	got, err := Read([]byte("a,b\n\n1,2\n3,\"4\n5\n6\"\n,\n\n7,8,9\n10\n"))
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(&Table{Head: []string{"a", "b"}, Rows: [][]string{{"1", "2"}, {"3", "4\n5\n6"}, {"7", "8", "9"}, {"10"}}, Lines: []int{3, 4, 9, 10}}, got); d != "" {
		t.Error(d)
	}
}

func TestSeparator(t *testing.T) {
	for head, want := range map[string]rune{"a": ',', "": ',', "a,b;c,d": ',', "a;b;c,d": ';', "a\tb\tc;d": '\t', "a;b\n,,,,,,": ';', "a,b;c": ','} {
		if got := separator(head); got != want {
			t.Errorf("%q: %q", head, got)
		}
	}
}

// What was written is read again, cell for cell, and no cell begins a formula.
func TestWriteRoundTrips(t *testing.T) {
	letter := rapid.SampledFrom([]rune("ab=+-@'\"\t ,;\n一＝＋－＠　0"))
	cell := rapid.Custom(func(t *rapid.T) string { return string(rapid.SliceOfN(letter, 0, 6).Draw(t, "letters")) })
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 4).Draw(t, "columns")
		rows := rapid.SliceOfN(rapid.SliceOfN(cell, n, n), 1, 5).Draw(t, "rows")
		raw, err := Write(rows)
		if err != nil || !bytes.HasPrefix(raw, []byte(bom)) {
			t.Fatal(err)
		}
		seen, err := csv.NewReader(bytes.NewReader(raw[len(bom):])).ReadAll()
		if err != nil && !strings.Contains(err.Error(), "number of fields") {
			t.Fatal(err)
		}
		for _, row := range seen {
			for _, c := range row {
				if bare := strings.TrimLeft(c, " 　"); bare != "" && strings.ContainsRune("=+-@\t\r\n＝＋－＠", []rune(bare)[0]) {
					t.Fatalf("a spreadsheet would run %q", c)
				}
			}
		}
		for _, row := range rows {
			for _, c := range row {
				if got := unguard(guard(c)); got != c {
					t.Fatalf("%q comes back as %q", c, got)
				}
				if g := guard(c); g != c && g != "'"+c {
					t.Fatalf("%q is written %q", c, g)
				}
			}
		}
	})
}

// A whole file goes out and comes in again.
func TestWriteThenRead(t *testing.T) {
	rows := [][]string{{"name", "note"}, {"=1+1", "-"}, {"'=1+1", "''"}, {"+86 21", "@you"}, {"一,二", "a\n\"b\""}, {"－２", "＝A1"}, {"00123", "1e5"}}
	raw, err := Write(rows)
	if err != nil {
		t.Fatal(err)
	}
	got, err := Read(raw)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(rows, append([][]string{got.Head}, got.Rows...)); d != "" {
		t.Error(d)
	}
}

var shanghai = time.FixedZone("CST", 8*3600)

func readRoster(t *testing.T, s string) ([]org.RosterRow, []org.RowProblem) {
	t.Helper()
	rows, problems, err := Roster([]byte(s), map[string]string{"senior_agent": "senior_agent", "资深客服": "senior_agent"}, shanghai)
	if err != nil {
		t.Fatal(err)
	}
	return rows, problems
}

func day(y int, m time.Month, d int) time.Time { return time.Date(y, m, d, 0, 0, 0, 0, shanghai) }

func TestRoster(t *testing.T) {
	rows, problems := readRoster(t, "姓名,工号,部门,岗位,入职日期,离职,邮箱,别的\n"+
		"安安,00123,华东中心 > 一组,资深客服,2025-03-01,2026-02-28,an@x.cn,忽略\n"+
		"鲍勃,B2, 华东中心/二组 ,,2025/3/1,,\n"+
		"\n"+
		"丙,B3,华东中心》三组》》早班,Senior_Agent,2025.3.1,2025年12月31日\n"+
		"丁,B4,>,,,\n")
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	want := []org.RosterRow{
		{Line: 2, Person: org.Person{Number: "00123", Name: "安安", Email: "an@x.cn", JobProfile: "senior_agent", ActiveFrom: day(2025, 3, 1), ActiveTo: day(2026, 3, 1)}, Team: []string{"华东中心", "一组"}},
		{Line: 3, Person: org.Person{Number: "B2", Name: "鲍勃", ActiveFrom: day(2025, 3, 1)}, Team: []string{"华东中心", "二组"}},
		{Line: 5, Person: org.Person{Number: "B3", Name: "丙", JobProfile: "senior_agent", ActiveFrom: day(2025, 3, 1), ActiveTo: day(2026, 1, 1)}, Team: []string{"华东中心", "三组", "早班"}},
		{Line: 6, Person: org.Person{Number: "B4", Name: "丁"}},
	}
	if d := cmp.Diff(want, rows); d != "" {
		t.Error(d)
	}
}

func TestRosterDays(t *testing.T) {
	for s, want := range map[string]time.Time{"2026-01-31": day(2026, 1, 31), "2026/1/1": day(2026, 1, 1), "2026/01/01": day(2026, 1, 1), "2026.12.1": day(2026, 12, 1), "2026年1月2日": day(2026, 1, 2), "1950-01-01": day(1950, 1, 1), "2100-12-31": day(2100, 12, 31), "2024-02-29": day(2024, 2, 29)} {
		rows, problems := readRoster(t, "number,name,team,from\n1,x,y,"+s+"\n")
		if len(problems) > 0 || !rows[0].Person.ActiveFrom.Equal(want) {
			t.Errorf("%s: %v %v", s, rows, problems)
		}
	}
	for _, s := range []string{"2026-02-30", "2026-2-29", "31.01.2026", "1/2/2026", "2026", "46000", "0001-01-01", "1949-12-31", "2101-01-01", "10000-01-01", "昨天", "2026-01-31 08:00", "NaN", "<script>"} {
		for _, column := range []string{"active_from", "active_to"} {
			rows, problems := readRoster(t, "number,name,team,"+column+"\n1,x,y,\n2,x,y,"+s+"\n")
			if len(rows) != 1 || len(problems) != 1 || problems[0].Line != 3 || problems[0].Path != column || problems[0].Key != "csv.day" || problems[0].Args["got"] != s {
				t.Errorf("%s: %v %v", s, rows, problems)
			}
		}
	}
}

func TestRosterColumns(t *testing.T) {
	for head, lacks := range map[string]string{"number,name\n": "team", "name,team\n": "number", "工号,班组\n": "name"} {
		_, _, err := Roster([]byte(head+"1,2\n"), nil, shanghai)
		f := fault.As(err)
		if f == nil || f.Key != "csv.column" || f.Args["name"] != lacks {
			t.Errorf("%q: %v", head, err)
		}
	}
	for name, also := range rosterColumns {
		if also[0] != name || !slices.Contains(RosterHead, name) {
			t.Errorf("%s: %v", name, also)
		}
	}
	if _, problems := readRoster(t, strings.Join(RosterHead, ",")+"\n"); len(problems) != 0 {
		t.Error(problems)
	}
	rows, problems := readRoster(t, "NUMBER,Name,TEAM\n1\n")
	if len(problems) != 0 || len(rows) != 1 || rows[0].Person.Name != "" {
		t.Errorf("%v %v", rows, problems)
	}
}

// Whatever bytes come in, the answer is a table or a fault with a message.
func FuzzRead(f *testing.F) {
	f.Add([]byte(sheet))
	f.Add(wide(sheet, true))
	f.Add([]byte("\xff\xfea"))
	f.Add([]byte("a;b\n'=1;\"2\n"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		got, err := Read(raw)
		if err != nil {
			if k := fault.As(err); k == nil || !text.Has(k.Key) {
				t.Errorf("%q: %v", raw, err)
			}
			return
		}
		if got.Head == nil || len(got.Rows) != len(got.Lines) || len(got.Rows) > MaxRows {
			t.Errorf("%q: %+v", raw, got)
		}
		if !slices.IsSorted(got.Lines) {
			t.Errorf("%q: lines %v", raw, got.Lines)
		}
		if _, _, err := Roster(raw, nil, time.UTC); err != nil && fault.As(err) == nil {
			t.Error(err)
		}
	})
}
