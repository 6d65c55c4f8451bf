package item

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// An edit says in words what is changed: 72小时改为48小时, “72 hours to 48 hours”; or it is a whole reply: 改为“可以换新”, Change to “we exchange it”.

var (
	wholeReply = regexp.MustCompile(`(?s)^(?:改为|改成|(?i:change to))[:：]?\s*["'“‘「『](.+)["'”’」』][。.]?$`)
	// changeWords stand between what is taken out and what is put in.
	changeWords = regexp.MustCompile(`改为|改成|换成| to `)
	// fragmentWords are those of an edit that is no reply of its own.
	fragmentWords = regexp.MustCompile(`^(去掉|删去|删掉|删除|加上|加一句|补上|补一句|把|将)|改为|改成|换成|^(?i:drop|delete|remove|add|replace|change|leave out)\b`)
	figureForm    = regexp.MustCompile(`[0-9０-９][0-9０-９.,:：]*`)
)

// unwrap takes a whole reply out of its words: 改为“可以换新” is 可以换新.
func unwrap(edit string) (reply string, ok bool) {
	if m := wholeReply.FindStringSubmatch(strings.TrimSpace(edit)); m != nil {
		return m[1], true
	}
	return "", false
}

// asReply is a suggestion or an edit as one of several replies: without the words and marks by which one could be told from the others.
func asReply(words string) string {
	if reply, ok := unwrap(words); ok {
		words = reply
	}
	return strings.TrimRight(strings.TrimSpace(words), "。.")
}

// isFragment reports whether an edit is no reply of its own, so that among replies it would be known for an edit.
func isFragment(edit string) bool {
	_, whole := unwrap(edit)
	return !whole && fragmentWords.MatchString(strings.TrimSpace(edit))
}

// DiffSpan is a piece of a text with a change marked in it.
type DiffSpan struct {
	Text     string
	Del, Ins bool
}

// markChange marks in a suggestion what an edit takes out and puts in. It answers only where there is no doubt: where one figure takes the place of another that stands there once, or where a whole reply has most of its
// words in common with the suggestion.
func markChange(of, edit string) []DiffSpan {
	if reply, ok := unwrap(edit); ok {
		return markRest(asReply(of), asReply(reply))
	}
	at := changeWords.FindStringIndex(edit)
	if at == nil {
		return nil
	}
	out, in := unquote(edit[:at[0]]), unquote(edit[at[1]:])
	if strings.Count(of, out) != 1 || !figureForm.MatchString(out) || figureForm.ReplaceAllString(out, "0") != figureForm.ReplaceAllString(in, "0") {
		return nil
	}
	before, after, _ := strings.Cut(of, out)
	if digitAt(before, utf8.DecodeLastRuneInString) || digitAt(after, utf8.DecodeRuneInString) {
		return nil // it stands there as a piece of another figure
	}
	return diffSpans(before, out, in, after)
}

func digitAt(s string, decode func(string) (rune, int)) bool {
	r, _ := decode(s)
	return unicode.IsDigit(r)
}

func unquote(s string) string { return strings.Trim(s, " \"'“”‘’「」。") }

// markRest marks what lies between the words that two texts begin and end with alike.
func markRest(was, is string) []DiffSpan {
	a, b := wordTokens(was), wordTokens(is)
	head := 0
	for head < min(len(a), len(b)) && a[head] == b[head] {
		head++
	}
	tail := 0
	for tail < min(len(a), len(b))-head && a[len(a)-1-tail] == b[len(b)-1-tail] {
		tail++
	}
	if same := head + tail; 2*same < max(len(a), len(b)) {
		return nil
	}
	join := func(t []string) string { return strings.Join(t, "") }
	return diffSpans(join(a[:head]), join(a[head:len(a)-tail]), join(b[head:len(b)-tail]), join(a[len(a)-tail:]))
}

func diffSpans(before, out, in, after string) []DiffSpan {
	all := []DiffSpan{{Text: before}, {Text: out, Del: true}, {Text: in, Ins: true}, {Text: after}}
	return slices.DeleteFunc(all, func(s DiffSpan) bool { return s.Text == "" })
}

// wordTokens are the smallest pieces in which a reader sees a change: a word or a figure of Latin script, else a character.
func wordTokens(s string) []string {
	var out []string
	inWord := false
	for _, r := range s {
		word := r < utf8.RuneSelf && (unicode.IsLetter(r) || unicode.IsDigit(r))
		if word && inWord {
			out[len(out)-1] += string(r)
		} else {
			out = append(out, string(r))
		}
		inWord = word
	}
	return out
}
