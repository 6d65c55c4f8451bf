package item

import (
	"testing"

	"pgregory.net/rapid"
)

func TestChars(t *testing.T) {
	for s, want := range map[string]int{
		"": 0, " \t\r\n　\u00a0\u2028": 0, "写信": 2, "写 信。": 3, "don't": 5, "６２００次": 5, "a\u200b\u2060\ufeffb": 2, "e\u0301": 2, "😀!": 2, "\x00\x1b": 0, "\u202eabc\u202c": 3,
	} {
		if got := Chars(s); got != want {
			t.Errorf("%q has %d, want %d", s, got, want)
		}
	}
}

// A text that is cut is whole again when its two ends are put together, and has as much as the limit allows.
func TestCutAt(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s, most := rapid.String().Draw(t, "text"), rapid.IntRange(-1, 12).Draw(t, "most")
		within, over := cutAt(s, most)
		if within+over != s {
			t.Fatalf("%q and %q", within, over)
		}
		if most < 0 {
			if over != "" {
				t.Fatalf("%q without a limit", over)
			}
			return
		}
		if n := Chars(s); Chars(within) != min(n, most) || (over != "") != (n > most) {
			t.Fatalf("%d of %d at most %d, %q left", Chars(within), n, most, over)
		}
	})
}

func TestLimits(t *testing.T) {
	for _, tt := range []struct {
		l    Limits
		want string
	}{
		{Limits{}, ""},
		{Limits{Min: 20, Max: 160}, ""},
		{Limits{Min: 20}, ""},
		{Limits{Min: 8000, Max: 8000}, ""},
		{Limits{Min: -1}, "x.min_chars define.whole"},
		{Limits{Max: -1}, "x.max_chars define.whole"},
		{Limits{Min: 8001}, "x.min_chars define.whole"},
		{Limits{Max: 8001}, "x.max_chars define.whole"},
		{Limits{Min: 161, Max: 160}, "x.max_chars writing.min_above_max"},
	} {
		wantSaid(t, tt.l.validate("x"), tt.want)
	}
	l := Limits{Min: 3, Max: 5}
	for n, short := range map[int]bool{0: true, 2: true, 3: false, 9: false} {
		if l.short(n) != short {
			t.Errorf("%d", n)
		}
	}
	if (Limits{}).short(0) != true || (Limits{}).short(1) {
		t.Error("without a limit only a blank text is too short")
	}
	for n, want := range map[int]Length{0: {0, 3, 5, 3, 0}, 4: {4, 3, 5, 0, 0}, 7: {7, 3, 5, 0, 2}} {
		if got := l.length(n); got != want {
			t.Errorf("%+v, want %+v", got, want)
		}
	}
}
