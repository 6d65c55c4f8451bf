package text_test

import (
	"testing"

	"pgregory.net/rapid"

	"leida/internal/text"
)

func TestSplit(t *testing.T) {
	for _, tt := range []struct{ in, zh, en string }{
		{"电话 / phone", "电话", "phone"},
		{"电话/phone", "电话", "phone"},
		{"电话 / phone / mail", "电话", "phone / mail"},
		{"退款/refund a/b", "退款", "refund a/b"},
		{"24/7", "24/7", ""},
		{"km/h", "km/h", ""},
		{"24/7 / round the clock", "24/7", "round the clock"},
		{"电话", "电话", ""},
		{"", "", ""},
		{"phone / 电话", "phone", "电话"}, // the order is the author's to keep
	} {
		if got := text.Split(tt.in); got != (text.Text{ZH: tt.zh, EN: tt.en}) {
			t.Errorf("Split(%q) = %+v", tt.in, got)
		}
	}
}

func TestIn(t *testing.T) {
	both, zh := text.Text{ZH: "题", EN: "item"}, text.Text{ZH: "题"}
	for _, tt := range []struct {
		x    text.Text
		l    text.Lang
		want string
	}{{both, text.ZH, "题"}, {both, text.EN, "item"}, {both, "fr", "题"}, {zh, text.EN, "题"}, {text.Text{}, text.EN, ""}} {
		if got := tt.x.In(tt.l); got != tt.want {
			t.Errorf("%+v in %s: %q", tt.x, tt.l, got)
		}
	}
	if !(text.Text{}).IsZero() || zh.IsZero() || (text.Text{EN: "x"}).IsZero() {
		t.Error("IsZero")
	}
}

func TestLang(t *testing.T) {
	for _, l := range text.Langs {
		if got, ok := text.ParseLang(string(l)); !ok || got != l || l.Other() == l || l.Other().Other() != l || l.Name() == "" || l.Tag() == "" {
			t.Errorf("%s", l)
		}
	}
	if text.ZH.Tag() != "zh-CN" || text.EN.Tag() != "en" || text.ZH.Name() != "中文" {
		t.Error("tags and names")
	}
	for _, s := range []string{"", "ZH", "zh-CN", "fr", "../../", "zh\x00"} {
		if l, ok := text.ParseLang(s); ok || l != text.ZH {
			t.Errorf("ParseLang(%q) = %s, %v", s, l, ok)
		}
	}
}

func TestMatch(t *testing.T) {
	for _, tt := range []struct {
		header string
		want   text.Lang
	}{
		{"", text.ZH}, {"*", text.ZH}, {"en", text.EN}, {"en-GB,en;q=0.9", text.EN}, {"zh-CN,zh;q=0.9,en;q=0.8", text.ZH}, {"en;q=0.5,zh;q=0.9", text.ZH},
		{"zh-TW", text.ZH}, {"zh-Hant-HK", text.ZH}, {"fr", text.ZH}, {"fr, en;q=0.2", text.EN}, {"xx-not a tag;;;", text.ZH}, {"en;q=banana", text.ZH},
	} {
		if got := text.Match(tt.header); got != tt.want {
			t.Errorf("Match(%q) = %s", tt.header, got)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		if l := text.Match(rapid.String().Draw(t, "header")); l != text.ZH && l != text.EN {
			t.Errorf("%q", l)
		}
	})
}
