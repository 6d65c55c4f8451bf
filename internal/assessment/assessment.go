// Package assessment is the definitions: the item bank, the assessments and what they draw from it. It is the only door for YAML.
package assessment

import (
	"fmt"
	"math"
	"slices"
	"time"

	"leida/internal/capability"
	"leida/internal/fault"
	"leida/internal/item"
	"leida/internal/text"
)

// Schema is the value of the schema field of an assessment.
const Schema = "leida/assessment@1"

// Kinds of assessment.
var Kinds = []string{"practice", "cycle", "cert", "refresher"}

// Limits of an assessment.
const (
	MaxSections = 50
	MaxDraw     = 200 // items of one sitting
)

// Assessment is a form drawn from the item bank (MEASUREMENT 3.1).
type Assessment struct {
	Schema    string        `yaml:"schema"`
	ID        string        `yaml:"id"`
	Version   int           `yaml:"version,omitempty"`
	Kind      string        `yaml:"kind"`
	Title     text.Text     `yaml:"title"`
	Purpose   text.Text     `yaml:"purpose,omitempty"` // what it is for, in a sentence an agent reads
	TimeLimit *item.Seconds `yaml:"time_limit_s,omitempty"`
	Sections  []Section     `yaml:"sections"`
	Cut       *Cut          `yaml:"cut,omitempty"`
	Counts    *bool         `yaml:"counts,omitempty"` // whether evidence counts towards the profile

	Hash string `yaml:"-"`
	File string `yaml:"-"`
}

// Section is the part of an assessment for one domain (a sub-competency or a capability).
type Section struct {
	Domain string  `yaml:"domain"`
	Weight float64 `yaml:"weight"`
	Draw   []Row   `yaml:"draw"`
}

// Row draws n items of one kind, at one of some levels and with some tags where these are given.
type Row struct {
	Type  string            `yaml:"type"`
	N     int               `yaml:"n"`
	Level []int             `yaml:"level,omitempty"`
	Tags  map[string]string `yaml:"tags,omitempty"`
}

// Cut is the pass rule of a certification.
type Cut struct {
	Total  float64 `yaml:"total"` // 0-100
	Floor  float64 `yaml:"floor,omitempty"`
	Method string  `yaml:"method,omitempty"`
	Panel  string  `yaml:"panel,omitempty"`
}

// Evidential reports whether results count towards the profile: what the definition says, else all but practice.
func (a *Assessment) Evidential() bool {
	if a.Counts != nil {
		return *a.Counts
	}
	return a.Kind != "practice"
}

// Limit is the time allowed before accommodations, 0 for none.
func (a *Assessment) Limit() time.Duration { return a.TimeLimit.Duration() }

// Length is how many items a sitting has.
func (a *Assessment) Length() int {
	n := 0
	for _, s := range a.Sections {
		for _, r := range s.Draw {
			n += r.N
		}
	}
	return n
}

// Rated reports whether people mark a part of it.
func (a *Assessment) Rated() bool {
	for _, s := range a.Sections {
		for _, r := range s.Draw {
			if k, ok := item.KindOf(r.Type); ok {
				if _, rated := k.New().(item.Rated); rated {
					return true
				}
			}
		}
	}
	return false
}

// pool is the kind of use an item must have for this assessment: refreshers draw from certification.
func (a *Assessment) pool() string {
	if a.Kind == "refresher" {
		return "cert"
	}
	return a.Kind
}

// Certifies reports whether a certificate hangs on it, so that its keys stay shut while anybody sits it.
func (a *Assessment) Certifies() bool { return a.pool() == "cert" }

// Validate returns everything wrong with the assessment itself; whether the bank can fill it is Library's to say.
func (a *Assessment) Validate(m *capability.Model) []fault.Problem {
	var ps []fault.Problem
	add := func(path, key string, args ...any) { ps = append(ps, fault.At(path, key, args...)) }
	if a.Schema != Schema {
		add("schema", "define.schema", "want", Schema)
	}
	if !idForm.MatchString(a.ID) {
		add("id", "item.id")
	}
	if a.Version < 1 || a.Version > item.MaxVersion {
		add("version", "define.whole", "min", 1, "max", item.MaxVersion)
	}
	if !slices.Contains(Kinds, a.Kind) {
		add("kind", "define.one_of", "got", a.Kind, "known", Kinds)
	}
	ps = append(ps, item.RequireText("title", a.Title)...)
	ps = append(ps, a.TimeLimit.Validate("time_limit_s")...)
	if n := len(a.Sections); n < 1 || n > MaxSections {
		add("sections", "define.count", "min", 1, "max", MaxSections, "n", n)
	}
	sum, sound := 0.0, true
	for i, s := range a.Sections {
		at := fault.Index("sections", i)
		ps = append(ps, m.CheckDomain(at+".domain", s.Domain, false)...)
		if !(s.Weight > 0 && s.Weight <= 1) {
			add(at+".weight", "define.weight")
			sound = false
		}
		sum += s.Weight
		if len(s.Draw) == 0 {
			add(at+".draw", "define.required")
		}
		for j, r := range s.Draw {
			ps = append(ps, r.validate(fault.Index(at+".draw", j), m)...)
		}
	}
	if sound && len(a.Sections) > 0 && math.Abs(sum-1) > 1e-6 {
		add("sections", "define.sum", "got", math.Round(sum*1e6)/1e6)
	}
	if n := a.Length(); n > MaxDraw {
		add("sections", "define.count", "min", 1, "max", MaxDraw, "n", n)
	}
	return append(ps, a.Cut.validate()...)
}

func (r Row) validate(at string, m *capability.Model) []fault.Problem {
	var ps []fault.Problem
	if _, ok := item.KindOf(r.Type); !ok {
		ps = append(ps, fault.At(at+".type", "define.one_of", "got", r.Type, "known", item.KindNames()))
	}
	if r.N < 1 || r.N > MaxDraw {
		ps = append(ps, fault.At(at+".n", "define.whole", "min", 1, "max", MaxDraw))
	}
	for i, l := range r.Level {
		if l < 1 || l > len(m.Levels) {
			ps = append(ps, fault.At(fault.Index(at+".level", i), "define.whole", "min", 1, "max", len(m.Levels)))
		}
	}
	return ps
}

func (c *Cut) validate() []fault.Problem {
	if c == nil {
		return nil
	}
	var ps []fault.Problem
	if !(c.Total >= 0 && c.Total <= 100) {
		ps = append(ps, fault.At("cut.total", "define.range", "min", 0, "max", 100))
	}
	if !(c.Floor >= 0 && c.Floor <= 100) {
		ps = append(ps, fault.At("cut.floor", "define.range", "min", 0, "max", 100))
	}
	if c.Floor > c.Total {
		ps = append(ps, fault.At("cut.floor", "assessment.floor", "floor", c.Floor, "total", c.Total))
	}
	return ps
}

// Name is id and version, as in aic-cycle v1.
func (a *Assessment) Name() string { return fmt.Sprintf("%s v%d", a.ID, a.Version) }
