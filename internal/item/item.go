// Package item is every kind of item, one file each: validate, lint, prompt, parse, score, explain.
package item

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strings"
	"time"

	"leida/internal/capability"
	"leida/internal/fault"
	"leida/internal/text"
)

// Schema is the value of the schema field that this package reads.
const Schema = "leida/item@1"

// Limits of one item; the first value above each is refused with the limit.
const (
	MaxVersion   = 1_000_000
	MinTimeLimit = 10     // seconds
	MaxTimeLimit = 86_400 // seconds
	MaxOptions   = 100    // options, steps or entries of one item
	MaxTextBytes = 65_536 // one text in one language
)

// Status is where an item stands in its life. Sittings draw live items only.
type Status string

const (
	Draft   Status = "draft"
	Review  Status = "review"
	Pilot   Status = "pilot"
	Live    Status = "live"
	Retired Status = "retired"
)

// Statuses in the order of an item's life.
var Statuses = []Status{Draft, Review, Pilot, Live, Retired}

// Uses are the pools an item may enter.
var Uses = []string{"practice", "cycle", "cert"}

// Item is one item of the bank: the head that all kinds share, and the body of its kind (MEASUREMENT 3.1).
type Item struct {
	Schema    string            `yaml:"schema"`
	ID        string            `yaml:"id"`
	Version   int               `yaml:"version"`
	Status    Status            `yaml:"status"`
	Type      string            `yaml:"type"`
	Measures  []Measure         `yaml:"measures"`
	Level     int               `yaml:"level"` // maturity level the item is aimed at, from 1
	Use       []string          `yaml:"use"`
	Tags      map[string]string `yaml:"tags,omitempty"`
	TimeLimit *Seconds          `yaml:"time_limit_s,omitempty"` // nil = none
	Title     text.Text         `yaml:"title"`
	Prompt    text.Text         `yaml:"prompt"`
	Meta      Meta              `yaml:"meta,omitempty"`

	Body Body   `yaml:"-"`
	Hash string `yaml:"-"` // of the source it was read from; pins the version
	File string `yaml:"-"` // where it was read from
}

// Seconds is a time limit as authors write it.
type Seconds int

// Want is what the parser says of a limit that is no whole number.
func (Seconds) Want() fault.Problem {
	return fault.At("", "define.time_limit", "min", MinTimeLimit, "max", MaxTimeLimit)
}

// Validate checks the range; no limit is sound.
func (s *Seconds) Validate(path string) []fault.Problem {
	if s == nil || *s >= MinTimeLimit && *s <= MaxTimeLimit {
		return nil
	}
	return []fault.Problem{s.Want().Under(path)}
}

// Duration is the limit, 0 for none.
func (s *Seconds) Duration() time.Duration {
	if s == nil {
		return 0
	}
	return time.Duration(*s) * time.Second
}

// Measure is the share of an item that counts for a sub-competency; the shares of one item sum to 1.
type Measure struct {
	Sub string  `yaml:"sub"`
	W   float64 `yaml:"w"`
}

// Meta is for authors; candidates never see it.
type Meta struct {
	Author      string   `yaml:"author,omitempty"`
	Reviewers   []string `yaml:"reviewers,omitempty"`
	PanelSize   int      `yaml:"panel_size,omitempty"`
	PanelStatus string   `yaml:"panel_status,omitempty"` // illustrative: invented until a real panel has rated; never for certification
	Source      string   `yaml:"source,omitempty"`
	Note        string   `yaml:"note,omitempty"`
}

// Kind is the item's kind. Only items that passed assessment.Parse have one.
func (it *Item) Kind() Kind { k, _ := KindOf(it.Type); return k }

// Units are the item's information units n (MEASUREMENT 4.15).
func (it *Item) Units() float64 { return it.Kind().Units(it.Body) }

// Yield is what an item is expected to show of a sub-competency, in information units: what is marked at once, and what people have to rate first.
type Yield struct {
	Sub           string
	Marked, Rated float64
}

// Units are both together.
func (y Yield) Units() float64 { return y.Marked + y.Rated }

// Yields are what the item's evidence comes to by sub-competency: by its measures, and of a rated kind by the criteria of its rubric for all but the part that is marked without people.
func (it *Item) Yields() []Yield {
	var out []Yield
	at := func(sub string) *Yield {
		i := slices.IndexFunc(out, func(y Yield) bool { return y.Sub == sub })
		if i < 0 {
			i, out = len(out), append(out, Yield{Sub: sub})
		}
		return &out[i]
	}
	marked := it.Units()
	if b, ok := it.Body.(Rated); ok {
		marked *= b.Marked()
		for _, c := range b.Rubric().Criteria {
			at(c.Sub).Rated += (it.Units() - marked) * c.W
		}
	}
	for _, m := range it.Measures {
		if marked > 0 {
			at(m.Sub).Marked += marked * m.W
		}
	}
	return out
}

// Takes is about how long an average reader needs for the item; time limits are longer.
func (it *Item) Takes() time.Duration {
	if takes := it.Kind().Takes; takes != nil {
		return takes(it.Body)
	}
	return UsualTime
}

// Score marks a response by the item's kind, its time limit and its measures.
func (it *Item) Score(r Response) (Result, error) { return it.Body.Score(it.headed(r)) }

// Explain is what a learner is told of a response.
func (it *Item) Explain(v View, r Response) any {
	if b, ok := it.Body.(Accounting); ok {
		return b.Account(v, it.headed(r))
	}
	return it.Body.Explain(v, r.Answer)
}

// headed is a response with what its item's head says of it.
func (it *Item) headed(r Response) Response {
	r.Limit, r.Measures = it.TimeLimit.Duration().Seconds(), it.Measures
	return r
}

// Clock is the item's own clock, before accommodation; ok is false for kinds that have none.
func (it *Item) Clock() (full, stop time.Duration, ok bool) {
	t, ok := it.Body.(Timed)
	if !ok {
		return 0, 0, false
	}
	full, stop = t.Clock(it.TimeLimit.Duration())
	return full, stop, true
}

// Domain is the sub-competency that the item measures most; the first of equals.
func (it *Item) Domain() string {
	best := Measure{W: -1}
	for _, m := range it.Measures {
		if m.W > best.W {
			best = m
		}
	}
	return best.Sub
}

// Name is id and version, as in aic-sjt-0003 v2.
func (it *Item) Name() string { return fmt.Sprintf("%s v%d", it.ID, it.Version) }

// Tag is one of the item's tags, such as its scenario.
func (it *Item) Tag(name string) string { return it.Tags[name] }

// Reading is what the candidate reads before answering; empty for kinds that show it themselves.
func (it *Item) Reading() Stimulus {
	if r, ok := it.Body.(interface{ Reading() Stimulus }); ok {
		return r.Reading()
	}
	return Stimulus{}
}

const illustrative = "illustrative"

var idForm = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,62}[a-z0-9]$`)

// Validate returns everything that keeps the item from being sat or scored, at its paths.
func (it *Item) Validate(m *capability.Model) []fault.Problem {
	var ps []fault.Problem
	add := func(path, key string, args ...any) { ps = append(ps, fault.At(path, key, args...)) }
	if it.Schema != Schema {
		add("schema", "define.schema", "want", Schema)
	}
	if !idForm.MatchString(it.ID) {
		add("id", "item.id")
	}
	if it.Version < 1 || it.Version > MaxVersion {
		add("version", "define.whole", "min", 1, "max", MaxVersion)
	}
	if !slices.Contains(Statuses, it.Status) {
		add("status", "define.one_of", "got", string(it.Status), "known", names(Statuses))
	}
	if it.Level < 1 || it.Level > len(m.Levels) {
		add("level", "define.whole", "min", 1, "max", len(m.Levels))
	}
	ps = append(ps, it.TimeLimit.Validate("time_limit_s")...)
	if len(it.Use) == 0 {
		add("use", "define.required")
	}
	for i, u := range it.Use {
		if !slices.Contains(Uses, u) {
			add(fault.Index("use", i), "define.one_of", "got", u, "known", Uses)
		}
	}
	ps = append(ps, RequireText("title", it.Title)...)
	ps = append(ps, RequireText("prompt", it.Prompt)...)
	ps = append(ps, it.validateMeasures(m)...)
	if it.Body != nil {
		ps = append(ps, it.Body.Validate()...)
	}
	if b, ok := it.Body.(Rated); ok {
		for i, c := range b.Rubric().Criteria {
			ps = append(ps, m.CheckDomain(fault.Index("rubric", i)+".sub", c.Sub, true)...)
		}
	}
	return ps
}

func (it *Item) validateMeasures(m *capability.Model) []fault.Problem {
	if len(it.Measures) == 0 {
		return []fault.Problem{fault.At("measures", "define.required")}
	}
	var ps []fault.Problem
	sum, sound := 0.0, true
	seen := map[string]bool{}
	for i, me := range it.Measures {
		at := fault.Index("measures", i)
		ps = append(ps, m.CheckDomain(at+".sub", me.Sub, true)...)
		if seen[me.Sub] {
			ps = append(ps, fault.At(at+".sub", "define.twice", "id", me.Sub, "first", "measures"))
		}
		seen[me.Sub] = true
		if !(me.W > 0 && me.W <= 1) {
			ps, sound = append(ps, fault.At(at+".w", "define.weight")), false
		}
		sum += me.W
	}
	if sound && math.Abs(sum-1) > 1e-6 {
		ps = append(ps, fault.At("measures", "define.sum", "got", math.Round(sum*1e6)/1e6))
	}
	return ps
}

// Lint returns what a reviewer should look at. Findings refuse an item that is live for certification and warn about any other (MEASUREMENT 3.4).
func (it *Item) Lint() []fault.Problem {
	var ps []fault.Problem
	if it.Status == Live {
		for _, tag := range []string{"scenario", "channel", "cognition"} {
			if it.Tags[tag] == "" {
				ps = append(ps, fault.Warn("tags", "item.tag_missing", "tag", tag))
			}
		}
	}
	if it.Meta.PanelStatus == illustrative {
		ps = append(ps, fault.Warn("meta.panel_status", "sjt.illustrative"))
	}
	if it.Body != nil {
		ps = append(ps, it.Body.Lint()...)
	}
	if b, ok := it.Body.(Rated); ok {
		ps = append(ps, b.Rubric().lintMeasures(it.Measures)...)
	}
	strict := it.Status == Live && slices.Contains(it.Use, "cert")
	for i := range ps {
		ps[i].Warning = !strict
	}
	return ps
}

// OptionalText is the problem of a text that may be left out altogether, but not without Chinese.
func OptionalText(path string, t text.Text) []fault.Problem {
	if t.IsZero() {
		return nil
	}
	return RequireText(path, t)
}

// RequireText is the problem of a text without Chinese, or one that is too long.
func RequireText(path string, t text.Text) []fault.Problem {
	if strings.TrimSpace(t.ZH) == "" {
		return []fault.Problem{fault.At(fault.Join(path, "zh"), "define.required")}
	}
	var ps []fault.Problem
	for _, l := range text.Langs {
		if n := len(t.In(l)); n > MaxTextBytes && (l == text.ZH || t.EN != "") {
			ps = append(ps, fault.At(fault.Join(path, string(l)), "define.too_long", "max", MaxTextBytes, "got", n))
		}
	}
	return ps
}

func names[T ~string](xs []T) []string {
	out := make([]string, len(xs))
	for i, x := range xs {
		out[i] = string(x)
	}
	return out
}
