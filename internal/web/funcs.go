package web

import (
	"bytes"
	"encoding/json"
	"fmt"
	"html/template"
	"math"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/microcosm-cc/bluemonday"
	"github.com/yuin/goldmark"

	"leida/internal/fault"
	"leida/internal/text"
	"leida/static"
)

// funcs are what templates may call, bound to a language.
func (t *templates) funcs(l text.Lang) template.FuncMap {
	return template.FuncMap{
		"t":        func(key string, args ...any) string { return text.Say(l, key, args...) },
		"problem":  func(p fault.Problem) string { return text.Say(l, p.Key, t.localArgs(l, p.Args)) },
		"in":       func(x text.Text) string { return x.In(l) },
		"split":    func(s string) string { return text.Split(s).In(l) },
		"md":       t.prose.html,
		"date":     func(at time.Time) string { return t.date(l, at) },
		"datetime": func(at time.Time) string { return t.datetime(l, at) },
		"clock":    func(at time.Time) string { return at.In(t.zone).Format("15:04") },
		"iso":      func(at time.Time) string { return at.UTC().Format(time.RFC3339) },
		"score":    score,
		"pm":       func(lo, hi float64) string { return score((hi - lo) / 2) },
		"gap":      gap,
		"percent":  func(x float64) string { return strconv.Itoa(int(math.Floor(100*x+1e-9))) + "%" },
		"points":   func(x float64) string { return score(100 * x) },
		"decimals": func(x float64) string { return strconv.FormatFloat(x, 'f', 2, 64) },
		"number":   func(x float64) string { return strconv.FormatFloat(math.Round(x*10)/10, 'f', -1, 64) },
		"sofar":    sofar,
		"minutes":  func(d time.Duration) int { return int(math.Ceil(d.Minutes())) },
		"span":     func(d time.Duration) string { return span(l, d) },
		"asset":    static.URL,
		"zone":     func() string { return t.zone.String() },
		"add":      func(a, b int) int { return a + b },
		"json":     inertJSON,
		"list":     func(xs ...any) []any { return xs },
		"initial":  initial,
		"join":     func(xs []string) string { return strings.Join(xs, listComma[l]) },
	}
}

var listComma = map[text.Lang]string{text.ZH: "、", text.EN: ", "}

// span is a length of time in words: whole minutes, else seconds.
func span(l text.Lang, d time.Duration) string {
	if d%time.Minute == 0 {
		return text.Say(l, "span.minutes", "n", int(d/time.Minute))
	}
	return text.Say(l, "span.seconds", "n", int(math.Round(d.Seconds())))
}

// score is a score as people read it: whole points. Rounding is to the nearest; pass marks are compared before it.
func score(x float64) string { return strconv.Itoa(int(math.Round(x))) }

// sofar is how much there is of what is needed: rounded down, since what is missing is rounded up beside it.
func sofar(x float64) string { return strconv.FormatFloat(math.Floor(x*10+1e-9)/10, 'f', -1, 64) }

// gap is how far a score is from its target: whole points, rounded up; below one point a decimal, since the two may print alike.
func gap(x float64) string {
	if x = math.Abs(x); x < 1 {
		return strconv.FormatFloat(max(0.1, x), 'f', 1, 64)
	}
	return strconv.Itoa(int(math.Ceil(x)))
}

func (t *templates) date(l text.Lang, at time.Time) string {
	if at.IsZero() {
		return ""
	}
	at = at.In(t.zone)
	if l == text.EN {
		return at.Format("2 Jan 2006")
	}
	return at.Format("2006-01-02")
}

func (t *templates) datetime(l text.Lang, at time.Time) string {
	if at.IsZero() {
		return ""
	}
	at = at.In(t.zone)
	if l == text.EN {
		return at.Format("2 Jan 2006, 15:04")
	}
	return at.Format("2006-01-02 15:04")
}

// inertJSON is JSON to stand in a script element of type application/json: no character of it can end the element.
func inertJSON(v any) (template.JS, error) {
	if raw, ok := v.(json.RawMessage); ok {
		v = raw
	}
	b, err := json.Marshal(v) // escapes <, > and &
	return template.JS(b), err
}

var (
	renderMarkdown = goldmark.New()
	cleanHTML      = func() *bluemonday.Policy {
		p := bluemonday.NewPolicy()
		p.AllowElements("p", "br", "strong", "em", "code", "pre", "ul", "ol", "li", "blockquote")
		return p
	}()
)

// markdown renders an author's text. HTML in it is shown as the characters it is made of; links and images are not among what is allowed.
func markdown(s string) (template.HTML, error) {
	var b bytes.Buffer
	if err := renderMarkdown.Convert([]byte(strings.ReplaceAll(s, "<", "&lt;")), &b); err != nil {
		return "", fmt.Errorf("markdown: %w", err)
	}
	return template.HTML(cleanHTML.SanitizeBytes(b.Bytes())), nil
}

// prose keeps authors' texts as they were rendered, which takes longer than all else on a page that shows one. They are the definitions' and change with them alone.
type prose struct {
	mu   sync.RWMutex
	kept map[string]template.HTML
}

// Limits of what is kept, some 8 MB at the most.
const (
	mostProse    = 1024 // texts; then all are rendered anew
	longestProse = 4096 // bytes of one
)

func (p *prose) html(s string) (template.HTML, error) {
	p.mu.RLock()
	out, ok := p.kept[s]
	p.mu.RUnlock()
	if ok {
		return out, nil
	}
	out, err := markdown(s)
	if err != nil {
		return "", err
	}
	if len(s) > longestProse {
		return out, nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.kept == nil || len(p.kept) >= mostProse {
		p.kept = map[string]template.HTML{}
	}
	p.kept[s] = out
	return out, nil
}

// initial is what stands in a person's disc: the family name in Chinese, else the first letter.
func initial(name string) string {
	for _, r := range strings.TrimSpace(name) {
		return strings.ToUpper(string(r))
	}
	return "?"
}
