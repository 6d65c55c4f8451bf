package casebook

import (
	"regexp"
	"strings"
	"time"

	"leida/internal/fault"
	"leida/internal/text"
)

// Schema is the value of the schema field of a file of cases.
const Schema = "leida/cases@1"

// MaxCases is the most of one file.
const MaxCases = 500

// File is one file of the case library.
type File struct {
	Schema string `yaml:"schema"`
	Cases  []Case `yaml:"cases"`
}

// Case is a problem that was solved before, written down for colleagues.
type Case struct {
	ID        string            `yaml:"id"`
	Category  string            `yaml:"category"` // parent/child
	ValidFrom Day               `yaml:"valid_from"`
	ValidTo   Day               `yaml:"valid_to,omitempty"` // the last day; zero for no end
	PCI       PCI               `yaml:"pci"`
	Tags      map[string]string `yaml:"tags,omitempty"`
	Title     text.Text         `yaml:"title"`
	Problem   text.Text         `yaml:"problem"`           // what happened
	Solution  text.Text         `yaml:"solution"`          // what was done
	Caution   text.Text         `yaml:"caution,omitempty"` // when it is not to be used
}

// Day is a date as authors write it, 2026-11-29; empty for none.
type Day string

const dayForm = time.DateOnly

// Time is the day's first moment in a zone; ok is false for no day, and for one that does not exist.
func (d Day) Time(zone *time.Location) (t time.Time, ok bool) {
	t, err := time.ParseInLocation(dayForm, string(d), zone)
	return t, err == nil
}

var (
	caseID   = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,62}[a-z0-9]$`)
	category = regexp.MustCompile(`^[a-z0-9-]+/[a-z0-9-]+$`)
)

// Validate returns everything wrong with a file of cases, at its paths.
func (f *File) Validate() []fault.Problem {
	var ps []fault.Problem
	if f.Schema != Schema {
		ps = append(ps, fault.At("schema", "define.schema", "want", Schema))
	}
	if n := len(f.Cases); n < 1 || n > MaxCases {
		ps = append(ps, fault.At("cases", "define.count", "min", 1, "max", MaxCases, "n", n))
	}
	for i := range f.Cases {
		ps = append(ps, f.Cases[i].validate(fault.Index("cases", i))...)
	}
	return ps
}

func (c *Case) validate(at string) []fault.Problem {
	var ps []fault.Problem
	add := func(path, key string, args ...any) { ps = append(ps, fault.At(fault.Join(at, path), key, args...)) }
	if !caseID.MatchString(c.ID) {
		add("id", "item.id")
	}
	if !category.MatchString(c.Category) {
		add("category", "casebook.category")
	}
	from, ok := c.ValidFrom.Time(time.UTC)
	if !ok {
		add("valid_from", "casebook.day")
	}
	if to, sound := c.ValidTo.Time(time.UTC); c.ValidTo != "" && !sound {
		add("valid_to", "casebook.day")
	} else if ok && sound && to.Before(from) {
		add("valid_to", "casebook.ends_before")
	}
	ps = append(ps, c.PCI.Validate(fault.Join(at, "pci"))...)
	for name, t := range map[string]text.Text{"title": c.Title, "problem": c.Problem, "solution": c.Solution} {
		if strings.TrimSpace(t.ZH) == "" {
			add(name+".zh", "define.required")
		}
	}
	if !c.Caution.IsZero() && strings.TrimSpace(c.Caution.ZH) == "" {
		add("caution.zh", "define.required")
	}
	return ps
}

// Valid reports whether the case may be used on a day: from its first day to the end of its last, in the zone of at.
func (c *Case) Valid(at time.Time) bool {
	from, ok := c.ValidFrom.Time(at.Location())
	if !ok || at.Before(from) {
		return false
	}
	to, ends := c.ValidTo.Time(at.Location())
	return !ends || at.Before(to.AddDate(0, 0, 1))
}
