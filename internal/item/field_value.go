package item

import (
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"

	"leida/internal/text"
)

// Numbers and days as people write them, in Chinese and in English.

// narrow turns what Chinese input methods type into plain characters: full-width digits and signs, the ideographic full stop as a point, and other dashes as minus.
func narrow(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= '！' && r <= '～':
			return r - '！' + '!'
		case r == '　' || r == '\u00a0' || r == '\u202f':
			return ' '
		case r == '。' || r == '｡':
			return '.'
		case r == '−' || r == '–' || r == '﹣':
			return '-'
		}
		return r
	}, s)
}

var numberForm = regexp.MustCompile(`^[+-]?([0-9]+|[0-9]{1,3}(,[0-9]{3})+)(\.[0-9]+)?([eE][+-]?[0-9]+)?$`)

// readNumber reads 74.4, ７４．４, 1,234, 74.4% and 24次; the unit, "zh/en", may be written or not. Whatever could mean two things (1,5) is no number.
func readNumber(s, unit string) (float64, bool) {
	s = strings.TrimSpace(narrow(s))
	u := text.Split(narrow(unit))
	for _, word := range []string{u.ZH, u.EN} {
		if n := len(s) - len(word); word != "" && n > 0 && strings.EqualFold(s[n:], word) {
			s = strings.TrimSpace(s[:n])
			break
		}
	}
	if u.ZH == "元" {
		s = strings.TrimLeft(s, "¥￥")
	}
	if rest, minus := strings.CutPrefix(s, "负"); minus {
		s = "-" + rest
	}
	if !numberForm.MatchString(s) {
		return 0, false
	}
	x, err := strconv.ParseFloat(strings.ReplaceAll(s, ",", ""), 64)
	if err != nil || math.Abs(x) > maxFieldNumber {
		return 0, false
	}
	return x + 0, true // no negative zero
}

var (
	dateForm  = regexp.MustCompile(`^([0-9]{4})[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})[日号]?$`)
	plainDate = regexp.MustCompile(`^([0-9]{4})([0-9]{2})([0-9]{2})$`)
)

// readDate reads 2026-11-16, 2026/11/6, 2026年11月16日 and 20261116 as YYYY-MM-DD. The browser is told the same years in templates/items/fields.html.
func readDate(s string) (string, bool) {
	s = strings.ReplaceAll(narrow(s), " ", "")
	m := dateForm.FindStringSubmatch(s)
	if m == nil {
		m = plainDate.FindStringSubmatch(s)
	}
	if m == nil {
		return "", false
	}
	y, _ := strconv.Atoi(m[1])
	mo, _ := strconv.Atoi(m[2])
	d, _ := strconv.Atoi(m[3])
	day := time.Date(y, time.Month(mo), d, 0, 0, 0, 0, time.UTC)
	return day.Format(time.DateOnly), y >= 1000 && int(day.Month()) == mo && day.Day() == d
}

// writeNumber is a number as it stands in a field.
func writeNumber(x float64) string { return strconv.FormatFloat(x, 'f', -1, 64) }
