package org

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func guessable(t *testing.T, password string, words ...string) bool {
	t.Helper()
	ps := CheckPassword(password, words...)
	return len(ps) == 1 && ps[0].Key == "org.password_guessable"
}

// Every password of the list that is long enough is refused, and so is every shorter one that was made long enough.
func TestCommonPasswordsAreRefused(t *testing.T) {
	long, made := 0, 0
	for word := range common() {
		if utf8.RuneCountInString(word) >= MinPassword {
			long++
		} else {
			word += "1234567890"[:MinPassword-utf8.RuneCountInString(word)]
			made++
		}
		for _, form := range []string{word, strings.ToUpper(word), word + "!", "-" + word + "."} {
			if strings.TrimFunc(word, sign) != word && form != word {
				continue // signs with other signs beside them are something else
			}
			if !guessable(t, form) {
				t.Errorf("%q passes", form)
			}
		}
	}
	if long < 3000 || long+made < 10_000 { // ASVS 6.2.4
		t.Errorf("%d common passwords and %d made of common words", long, made)
	}
}

// Nothing is asked of a password but its length and that it cannot be guessed.
func TestPasswordsOfAnyComposition(t *testing.T) {
	for _, good := range []string{
		"correct horse battery", "kupferdraht", "七月流火九月授衣八月在宇", "ΓΔΘΛΞΠΣΦΨΩ", "8305917264", "-_~^°§%&/()", "🐌🦀🐙🦑🐡🐬🐳🐊🦖🦕", " leading and trailing ", "ends in a blank ", strings.Repeat("长", 200) + "江之水天上来", strings.Repeat("ab cd-ef", 8), "kupferdraht\x00nul",
	} {
		if ps := CheckPassword(good, "安安", "A01", "华东中心", "一组"); ps != nil {
			t.Errorf("%q: %v", good, ps)
		}
	}
}

func TestPasswordLengths(t *testing.T) {
	word := func(n int) string { return strings.Repeat("kupferdraht und zinn ", 60)[:n] }
	for _, x := range []struct{ password, key string }{
		{word(9), "org.password_short"}, {"", "org.password_short"}, {strings.Repeat("长", 9), "org.password_short"},
		{word(10), ""}, {word(64), ""}, {word(256), ""}, {"铜丝与锡" + strings.Repeat("山高水长", 63), ""},
		{word(257), "org.password_long"}, {"铜" + strings.Repeat("山高水长", 64), "org.password_long"}, {word(1025), "org.password_long"}, {strings.Repeat("🐌🦀", 129), "org.password_long"}, {strings.Repeat("x", 10<<20), "org.password_long"},
	} {
		got := ""
		if ps := CheckPassword(x.password); len(ps) > 0 {
			got = ps[0].Key
		}
		if got != x.key {
			t.Errorf("%d bytes: %q, want %q", len(x.password), got, x.key)
		}
	}
}

// What the place and the person are called makes no password, in any order, case or width, with any digits.
func TestContextWordsAreRefused(t *testing.T) {
	words := []string{"Wes Canary", "A1003", "华东中心", "一组", "EAST-SH-2", "canary@leida.example"}
	for _, bad := range []string{
		"leida12345", "LEIDA-2026-!!", "雷达2026112233", "雷达雷达雷达雷达雷达", "Password1234567", "ｌｅｉｄａ１２３４５", "wescanary2026", "Wes Canary 88", "canary12345", "a1003a1003", "A1003-leida",
		"华东中心华东中心2026", "一组123456789", "华东中心一组-2026", "east-sh-2-leida", "admin admin 1", "管理员1234567", "密码是1234567890"[0:6] + "1234567890",
	} {
		if !guessable(t, bad, words...) {
			t.Errorf("%q passes", bad)
		}
	}
	for _, good := range []string{"the canary sings at four", "leida is a radar", "一组人在江边看月亮升起"} {
		if guessable(t, good, words...) {
			t.Errorf("%q is refused", good)
		}
	}
}

func TestRepetitionIsRefused(t *testing.T) {
	for _, bad := range []string{"aaaaaaaaaaaa", "abababababab", "xyzxyzxyzxyz", "长江长江长江长江长江", "           ", "abcdabcdabcd", "12 12 12 12 12 12"} {
		if !guessable(t, bad) {
			t.Errorf("%q passes", bad)
		}
	}
}
