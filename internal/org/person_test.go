package org_test

import (
	"strings"
	"testing"
	"time"
	"unicode"

	"pgregory.net/rapid"

	"leida/internal/fault"
	"leida/internal/org"
	"leida/internal/text"
)

var (
	shanghai = mustZone("Asia/Shanghai")
	now      = time.Date(2026, 6, 30, 9, 0, 0, 0, time.UTC)
)

func mustZone(name string) *time.Location {
	z, err := time.LoadLocation(name)
	if err != nil {
		panic(err)
	}
	return z
}

// said are problems as "path key", in the order found.
func said(ps []fault.Problem) string {
	var out []string
	for _, p := range ps {
		out = append(out, p.Path+" "+p.Key)
	}
	return strings.Join(out, ", ")
}

func wantSaid(t *testing.T, ps []fault.Problem, want string) {
	t.Helper()
	if got := said(ps); got != want {
		t.Errorf("said %q, want %q", got, want)
	}
	for _, p := range ps {
		for _, l := range text.Langs {
			if s := text.Problem(l, p); s == p.Key || strings.ContainsAny(s, "{}") {
				t.Errorf("%s in %s: %q", p.Key, l, s)
			}
		}
	}
}

func TestCanonical(t *testing.T) {
	for _, group := range [][]string{
		{"00123", "００１２３", " 00123", "00123\u3000", "00123\n"},
		{"wang", "Wang", "WANG", "ｗａｎｇ", "Ｗａｎｇ "},
		{"jose\u0301", "josé", "JOSÉ"}, // NFC and NFD
		{"zhang san", "Zhang  San", "zhang\u3000san", "zhang\u00a0san", " ZHANG\tSAN "},
		{"strasse", "straße", "STRASSE"},
		{"fi", "ﬁ"},
		{"王小明", " 王小明 "},
	} {
		for _, s := range group {
			if got, want := org.Canonical(s), org.Canonical(group[0]); got != want {
				t.Errorf("%q is %q, %q is %q", s, got, group[0], want)
			}
		}
	}
	for _, apart := range [][2]string{{"00123", "123"}, {"zhang san", "zhangsan"}, {"王小明", "王晓明"}, {"", "0"}} {
		if org.Canonical(apart[0]) == org.Canonical(apart[1]) {
			t.Errorf("%q and %q are two", apart[0], apart[1])
		}
	}
}

// golang.org/x/text folds the two cases of Cherokee into each other, so that alphabet is left out.
func TestCanonicalIsFixed(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.StringOf(rapid.Rune().Filter(func(r rune) bool { return !unicode.Is(unicode.Cherokee, r) })).Draw(t, "s")
		once := org.Canonical(s)
		if twice := org.Canonical(once); twice != once {
			t.Errorf("%q: %q, then %q", s, once, twice)
		}
		if upper := org.Canonical(" " + s + " "); upper != once {
			t.Errorf("%q: outer space counts", s)
		}
	})
}

func TestPersonValidate(t *testing.T) {
	day := time.Date(2026, 1, 1, 0, 0, 0, 0, shanghai)
	for _, tt := range []struct {
		name   string
		change func(p *org.Person)
		want   string
	}{
		{"sound", func(*org.Person) {}, ""},
		{"leading zeros", func(p *org.Person) { p.Number = "00123" }, ""},
		{"no number", func(p *org.Person) { p.Number = " \u3000" }, "number define.required"},
		{"no name", func(p *org.Person) { p.Name = "" }, "name define.required"},
		{"80 characters", func(p *org.Person) { p.Name = strings.Repeat("王", 80) }, ""},
		{"81 characters", func(p *org.Person) { p.Name = strings.Repeat("王", 81) }, "name org.too_long"},
		{"number of 33", func(p *org.Person) { p.Number = strings.Repeat("1", 33) }, "number org.too_long"},
		{"NUL", func(p *org.Person) { p.Name = "王\x00" }, "name org.control"},
		{"line feed", func(p *org.Person) { p.Number = "1\n2" }, "number org.control"},
		{"right-to-left override", func(p *org.Person) { p.Name = "王\u202e明" }, "name org.control"},
		{"a formula is a name like any other", func(p *org.Person) { p.Name = "=HYPERLINK(1)" }, ""},
		{"rare characters and emoji", func(p *org.Person) { p.Name = "𠮷田👩‍💻" }, ""},
		{"no e-mail", func(p *org.Person) { p.Email = "" }, ""},
		{"e-mail without @", func(p *org.Person) { p.Email = "wang.example.com" }, "email org.email"},
		{"e-mail with a space", func(p *org.Person) { p.Email = "wang @example.com" }, "email org.email"},
		{"e-mail of 255", func(p *org.Person) { p.Email = strings.Repeat("a", 250) + "@b.cn" }, "email org.email"},
		{"ends the day it starts", func(p *org.Person) { p.ActiveTo = p.ActiveFrom }, "active_to org.ends_before"},
		{"ends before", func(p *org.Person) { p.ActiveTo = p.ActiveFrom.AddDate(0, 0, -1) }, "active_to org.ends_before"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := org.Person{Number: "1", Name: "王", Email: "wang@example.com", ActiveFrom: day}
			tt.change(&p)
			wantSaid(t, p.Validate(), tt.want)
		})
	}
}

func TestActiveAt(t *testing.T) {
	from, to := time.Date(2026, 1, 1, 0, 0, 0, 0, shanghai), time.Date(2026, 7, 1, 0, 0, 0, 0, shanghai)
	open, ending := org.Person{ActiveFrom: from}, org.Person{ActiveFrom: from, ActiveTo: to}
	for _, tt := range []struct {
		at                             time.Time
		open, ending, leaving, openEnd bool
	}{
		{from.Add(-1), false, false, false, false}, {from, true, true, true, false}, {to.Add(-1), true, true, true, false}, {to, true, false, false, false},
	} {
		if open.ActiveAt(tt.at) != tt.open || ending.ActiveAt(tt.at) != tt.ending || ending.LeavingAt(tt.at) != tt.leaving || open.LeavingAt(tt.at) != tt.openEnd {
			t.Errorf("%s", tt.at)
		}
	}
	m := org.Membership{From: from, To: to}
	if m.At(from.Add(-1)) || !m.At(from) || !m.At(to.Add(-1)) || m.At(to) || !(org.Membership{From: from}).At(to) {
		t.Error("a membership holds in [From, To)")
	}
}

func TestPassword(t *testing.T) {
	words := []string{"Wang Xiaoming", "leida-center", "00123", "小明小明"}
	for _, tt := range []struct{ password, want string }{
		{"correct horse", ""},
		{"一二三四五六七八九十", ""},     // ten characters of any script
		{"6093 5817 2246", ""}, // nothing is asked of a long password but its length
		{"8492-0173-5526", ""},
		{"!?!?;;::##%%", ""},
		{strings.Repeat("好吃饭了吗", 51), ""}, // 255 characters
		{"", "password org.password_short"},
		{"ninechars", "password org.password_short"},
		{"一二三四五六七八九", "password org.password_short"}, // characters, not bytes
		{strings.Repeat("abcde", 51), ""},
		{strings.Repeat("abcde", 51) + "xy", "password org.password_long"},
		{"1234567890", "password org.password_guessable"},
		{"QWERTYUIOP", "password org.password_guessable"},
		{"１２３４５６７８９０", "password org.password_guessable"},
		{"123 456 7890", "password org.password_guessable"},
		{"aaaaaaaaaaaa", "password org.password_guessable"},
		{"啊啊啊啊啊啊啊啊啊啊", "password org.password_guessable"},
		{"          ", "password org.password_guessable"},
		{"\u3000\u3000\u3000\u3000\u3000\u3000\u3000\u3000\u3000\u3000", "password org.password_guessable"},
		{"leida123456", "password org.password_guessable"},
		{"Password2026!", "password org.password_guessable"},
		{"wangxiaoming2026", "password org.password_guessable"}, // own name without its space
		{"Wang Xiaoming 1", "password org.password_guessable"},
		{"123wang xiaoming", "password org.password_guessable"},
		{"wangxiaoming likes tea", ""},
		{"leida-center2026", "password org.password_guessable"},
		{"小明小明123456", "password org.password_guessable"},
		{"0012300123", "password org.password_guessable"}, // the own number twice
	} {
		t.Run(tt.password, func(t *testing.T) { wantSaid(t, org.CheckPassword(tt.password, words...), tt.want) })
	}
	if ps := org.CheckPassword("a long enough one"); ps != nil {
		t.Errorf("no words: %v", ps)
	}
	rapid.Check(t, func(t *rapid.T) { // whatever is typed is judged and nothing panics
		org.CheckPassword(rapid.String().Draw(t, "password"), rapid.SliceOf(rapid.String()).Draw(t, "words")...)
	})
}

func TestNumbersThatLookAlike(t *testing.T) {
	p := org.Person{Name: "李伟", Number: "A100"}
	for number, sound := range map[string]bool{"A100": true, "客服001": true, "00123": true, "ａ１": true, "\u0410100": false, "A\u200b100": false, "A\u202e100": false} {
		p.Number = number
		if ps := p.Validate(); (len(ps) == 0) != sound {
			t.Errorf("%q: %v", number, ps)
		}
	}
}
