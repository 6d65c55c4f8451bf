// Package text holds one text in Chinese and English, and the message catalogue.
package text

import (
	"strings"
	"unicode"

	"golang.org/x/text/language"
)

// Lang is a language of the interface.
type Lang string

const (
	ZH Lang = "zh" // the default
	EN Lang = "en"
)

// Langs are the languages in the order of the switch.
var Langs = []Lang{ZH, EN}

// Tag is the BCP 47 tag for the html lang attribute.
func (l Lang) Tag() string {
	if l == EN {
		return "en"
	}
	return "zh-CN"
}

// Other is the language that the switch offers.
func (l Lang) Other() Lang {
	if l == EN {
		return ZH
	}
	return EN
}

// Name is the language's own name.
func (l Lang) Name() string {
	if l == EN {
		return "English"
	}
	return "中文"
}

// ParseLang reads a language code; ok is false for anything that is not one of ours.
func ParseLang(s string) (Lang, bool) {
	for _, l := range Langs {
		if string(l) == s {
			return l, true
		}
	}
	return ZH, false
}

var matcher = language.NewMatcher([]language.Tag{language.SimplifiedChinese, language.English})

// Match picks the language for an Accept-Language header; Chinese when it says nothing we speak.
func Match(acceptLanguage string) Lang {
	tags, _, err := language.ParseAcceptLanguage(acceptLanguage)
	if err != nil || len(tags) == 0 {
		return ZH
	}
	if _, i, c := matcher.Match(tags...); c > language.No && i == 1 {
		return EN
	}
	return ZH
}

// Text is one text in both languages. Chinese is required of authors; English falls back to it.
type Text struct {
	ZH string `yaml:"zh" json:"zh"`
	EN string `yaml:"en,omitempty" json:"en,omitempty"`
}

// In is the text in a language.
func (t Text) In(l Lang) string {
	if l == EN && t.EN != "" {
		return t.EN
	}
	return t.ZH
}

// IsZero reports whether nothing is written.
func (t Text) IsZero() bool { return t.ZH == "" && t.EN == "" }

// Split reads a text written "zh / en" or "中文/en" in one string; without such a slash both languages share it. A bare slash splits only behind Chinese, so that 24/7 and km/h stay whole.
func Split(s string) Text {
	zh, en, ok := strings.Cut(s, " / ")
	if !ok {
		zh, en, ok = strings.Cut(s, "/")
		ok = ok && strings.IndexFunc(zh, func(r rune) bool { return unicode.Is(unicode.Han, r) }) >= 0
	}
	if !ok {
		return Text{ZH: s}
	}
	return Text{ZH: strings.TrimSpace(zh), EN: strings.TrimSpace(en)}
}
