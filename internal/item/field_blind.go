package item

import (
	"cmp"
	"math/rand/v2"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"leida/internal/text"
)

// Answers to fields without reading, and those of people who err.

// allNone answers "not in the records" wherever it is offered.
func (fs fieldSet) allNone() fieldAnswers {
	out := fieldAnswers{}
	for _, f := range fs {
		switch {
		case !fs.offersNone(f):
		case f.Kind == multiField:
			out[f.ID] = []string{noneID}
		default:
			out[f.ID] = noneID
		}
	}
	return out
}

// everyOption ticks all that can be ticked.
func (fs fieldSet) everyOption() fieldAnswers {
	out := fieldAnswers{}
	for _, f := range fs {
		if f.Kind == multiField {
			out[f.ID] = partIDs(f.real())
		}
	}
	return out
}

// longest answers with the longest option, or every option longer than the mean, and 1 for a number.
func (fs fieldSet) longest() fieldAnswers {
	out := fieldAnswers{}
	for _, f := range fs {
		options := f.real()
		mean := meanLength(options)
		switch f.Kind {
		case numberField:
			out[f.ID] = 1.0
		case singleField:
			out[f.ID] = slices.MaxFunc(options, func(a, b Part) int { return cmp.Compare(length(a.Text), length(b.Text)) }).ID
		case multiField:
			long := slices.DeleteFunc(options, func(o Part) bool { return float64(length(o.Text)) <= mean })
			if len(long) > 0 {
				out[f.ID] = partIDs(long)
			}
		}
	}
	return out
}

// copied answers with what a summary says, by its words alone: the option that reads most like it, the number or the day in the clause that is most like the question. except are fields that
// whoever believes the summary leaves blank.
func (fs fieldSet) copied(summary text.Text, except string) fieldAnswers {
	const half, most, ahead = 0.5, 0.75, 0.2 // of an option's pairs: to be chosen before others, to be ticked, and how much more than the next
	out := fieldAnswers{}
	whole := pairsOf(summary.ZH)
	for _, f := range fs {
		if f.ID == except {
			continue
		}
		switch f.Kind {
		case numberField:
			if x, ok := sayIn(clauses(summary.ZH), f.Label.ZH, numberIn); ok {
				out[f.ID] = x
			}
		case dateField:
			if day, ok := sayIn(clauses(summary.ZH), f.Label.ZH, f.dayIn); ok {
				out[f.ID] = day
			}
		case singleField:
			best, score, next := "", 0.0, 0.0
			for _, o := range f.real() {
				switch s := alike(o.Text.ZH, whole); {
				case s > score:
					best, score, next = o.ID, s, score
				case s > next:
					next = s
				}
			}
			if score >= half && score >= next+ahead {
				out[f.ID] = best
			}
		case multiField:
			var ids []string
			for _, o := range f.real() {
				if alike(o.Text.ZH, whole) > most {
					ids = append(ids, o.ID)
				}
			}
			if ids != nil {
				out[f.ID] = ids
			}
		}
	}
	return out
}

// pairsOf are what a text is compared by: pairs of neighbouring Chinese characters, and words and figures of other letters whole. None reaches across punctuation or space.
func pairsOf(s string) map[string]bool {
	out := map[string]bool{}
	var last rune
	word := ""
	for _, r := range strings.ToLower(narrow(s)) + " " {
		han := unicode.Is(unicode.Han, r)
		switch {
		case !han && (unicode.IsLetter(r) || unicode.IsDigit(r)):
			word += string(r)
			last = 0
			continue
		case word != "":
			out[word] = true
			word = ""
		}
		if han && last != 0 {
			out[string([]rune{last, r})] = true
		}
		last = 0
		if han {
			last = r
		}
	}
	return out
}

// alike is the share of a part's pairs that stand in a whole.
func alike(part string, whole map[string]bool) float64 {
	own := pairsOf(part)
	n := 0
	for p := range own {
		n += has(whole[p])
	}
	return float64(n) / float64(max(1, len(own)))
}

var clauseEnd = regexp.MustCompile(`[,.;:!?，。；：！？、“”\n]+`)

// clauseSpans are where the clauses of a text begin and end, without the space around them. A point or a comma between digits ends none.
func clauseSpans(s string) [][2]int {
	digit := func(i int) bool { return i >= 0 && i < len(s) && s[i] >= '0' && s[i] <= '9' }
	var out [][2]int
	from := 0
	for _, end := range append(clauseEnd.FindAllStringIndex(s, -1), []int{len(s), len(s)}) {
		if digit(end[0]-1) && digit(end[1]) && s[end[0]] < utf8.RuneSelf {
			continue
		}
		c := s[from:end[0]]
		if body := strings.TrimSpace(c); body != "" {
			at := from + strings.Index(c, body)
			out = append(out, [2]int{at, at + len(body)})
		}
		from = end[1]
	}
	return out
}

func clauses(s string) []string {
	var out []string
	for _, c := range clauseSpans(s) {
		out = append(out, s[c[0]:c[1]])
	}
	return out
}

// sayIn is the value in the clause most like a question, where the clause before counts half, since it may hold the subject; among equals the last.
func sayIn[V any](all []string, question string, read func(clause string) (V, bool)) (found V, ok bool) {
	best, before := 0.0, 0.0
	for _, c := range all {
		like := alike(question, pairsOf(c))
		if v, there := read(c); there && like+before/2 >= best {
			found, ok, best = v, true, like+before/2
		}
		before = like
	}
	return found, ok
}

var (
	dayWords    = regexp.MustCompile(`(?:([0-9]{4})[-年])?(?:([0-9]{1,2})[-月])?([0-9]{1,2})日?`)
	numberWords = regexp.MustCompile(`[0-9]+(?:,[0-9]{3})*(?:\.[0-9]+)?|[一二两三四五六七八九十]+`)
	dateWords   = regexp.MustCompile(`[0-9]{4}-[0-9]+-[0-9]+|[0-9一二两三四五六七八九十]+[年月日号点:][0-9]*`)
)

// dayIn is a day in a clause; what it leaves out is that of the key.
func (f field) dayIn(clause string) (string, bool) {
	for _, m := range dayWords.FindAllStringSubmatch(narrow(clause), -1) {
		if m[2] == "" && !strings.HasSuffix(m[0], "日") {
			continue
		}
		year, month := "2026", "01"
		if day, ok := f.right().(string); ok && day != noneID {
			year, month = day[:4], day[5:7]
		}
		if day, ok := readDate(cmp.Or(m[1], year) + "-" + cmp.Or(m[2], month) + "-" + m[3]); ok {
			return day, true
		}
	}
	return "", false
}

func numberIn(clause string) (float64, bool) {
	w := numberWords.FindString(dateWords.ReplaceAllString(narrow(clause), " "))
	if x, ok := readNumber(w, ""); ok {
		return x, true
	}
	return smallChinese(w)
}

// smallChinese reads 一 to 九十九.
func smallChinese(w string) (float64, bool) {
	const digits = "一二三四五六七八九"
	digit := func(s string) int { return strings.Index(digits, strings.ReplaceAll(s, "两", "二"))/len("一") + 1 }
	tens, ones, ten := strings.Cut(w, "十")
	switch {
	case w == "" || len([]rune(w)) > 3:
		return 0, false
	case !ten:
		return float64(digit(w)), len([]rune(w)) == 1
	}
	n := 10
	if tens != "" {
		n = 10 * digit(tens)
	}
	if ones != "" {
		n += digit(ones)
	}
	return float64(n), true
}

// imitate is what a person of an ability answers. tempting are wrong values that lie near.
func (fs fieldSet) imitate(ability float64, r *rand.Rand, tempting fieldAnswers) fieldAnswers {
	const careless = 0.15 // of those who are not sure, leave the field
	out := fieldAnswers{}
	for _, f := range fs {
		switch {
		case r.Float64() < 0.08+0.9*ability:
			out[f.ID] = f.right()
		case r.Float64() < careless:
		default:
			out[f.ID] = f.err(r, tempting[f.ID])
		}
	}
	return out
}

// err is a wrong value as people give them.
func (f field) err(r *rand.Rand, tempting any) any {
	if tempting != nil && !f.matches(tempting) && r.IntN(3) > 0 {
		return tempting
	}
	switch right := f.right().(type) {
	case float64:
		off := float64(1+r.IntN(4)) * max(1, 4*f.Tol)
		if r.IntN(2) == 0 && (right < 0 || right >= off) { // nobody counts fewer than none
			off = -off
		}
		return round3(right + off)
	case []string:
		others := f.others()
		wrong := append(slices.Clone(right[r.IntN(len(right)):]), others[r.IntN(len(others))])
		return slices.DeleteFunc(wrong, func(id string) bool { return id == noneID })
	case string:
		if !f.typed() {
			wrong := slices.DeleteFunc(partIDs(f.Options), func(id string) bool { return id == right })
			return wrong[r.IntN(len(wrong))]
		}
		if day, err := time.Parse(time.DateOnly, right); err == nil {
			return day.AddDate(0, 0, 1+r.IntN(5)).Format(time.DateOnly)
		}
	}
	if f.Kind == numberField {
		return float64(1 + r.IntN(9))
	}
	return "2026-01-0" + strconv.Itoa(1+r.IntN(9))
}

// imitateSupport is what a person of an ability cites.
func (fs fieldSet) imitateSupport(ability float64, r *rand.Rand, sources []string) cited {
	out := cited{}
	for _, f := range fs {
		switch {
		case len(f.Evidence) == 0:
		case r.Float64() < 0.1+0.9*ability:
			out[f.ID] = slices.Clone(f.Evidence)
		case r.IntN(3) > 0:
			out[f.ID] = []string{sources[r.IntN(len(sources))]}
		}
	}
	return out
}
