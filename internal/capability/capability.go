// Package capability is the model that people are measured against: capabilities, sub-competencies, levels and role targets. It is data: nothing here knows how many there are or what they are called.
package capability

import (
	"math"
	"regexp"
	"slices"

	"leida/internal/fault"
	"leida/internal/text"
)

// Limits of a model. Three to eight axes are what a radar can show and a reader can take in.
const (
	MinCapabilities = 3
	MaxCapabilities = 8
	MaxSubs         = 30
	MaxLevels       = 9
	weightTolerance = 1e-6
)

// Model is one version of a capability model (MEASUREMENT section 2).
type Model struct {
	Schema       string       `yaml:"schema"`
	ID           string       `yaml:"id"`
	Version      string       `yaml:"version"` // major.minor.patch; weights or cuts changed = major
	Title        text.Text    `yaml:"title"`
	Levels       []Level      `yaml:"levels"`
	Capabilities []Capability `yaml:"capabilities"`
	Roles        []Role       `yaml:"roles"`
	Badges       []Badge      `yaml:"badges,omitempty"`
}

// Level is one step of maturity. Cut is the lowest score, 0-100, that reaches it.
type Level struct {
	N    int       `yaml:"n"`
	Cut  float64   `yaml:"cut"`
	Name text.Text `yaml:",inline"`
	Gist text.Text `yaml:"gist"`
}

// Capability is one axis of the radar.
type Capability struct {
	ID     string    `yaml:"id"`
	Name   text.Text `yaml:",inline"`
	Short  text.Text `yaml:"short,omitempty"` // for tight places; falls back to Name
	Weight float64   `yaml:"weight"`          // share of the optional overall index; all sum to 1
	Subs   []Sub     `yaml:"subs"`
}

// Sub is a sub-competency: the smallest thing that is scored.
type Sub struct {
	ID     string      `yaml:"id"`
	Name   text.Text   `yaml:",inline"`
	Short  text.Text   `yaml:"short,omitempty"`
	Weight float64     `yaml:"weight"` // share of its capability; all subs of one capability sum to 1
	Watch  bool        `yaml:"watch,omitempty"`
	Levels []text.Text `yaml:"levels"` // behavioural indicator of each level, lowest first
}

// Role is a job profile: what one is measured against.
type Role struct {
	ID     string             `yaml:"id"`
	Name   text.Text          `yaml:",inline"`
	Target map[string]float64 `yaml:"target"`         // capability id -> score 0-100
	Floors map[string]float64 `yaml:"subs,omitempty"` // sub-competency id -> score 0-100 that must hold besides
}

// Badge is a distinction with its rule in words; the programme that awards it reads the rule.
type Badge struct {
	ID   string    `yaml:"id"`
	Name text.Text `yaml:",inline"`
	Rule string    `yaml:"rule"`
}

// Schema is the value of the schema field that this package reads.
const Schema = "leida/model@1"

// Capability finds a capability by id.
func (m *Model) Capability(id string) (*Capability, bool) {
	for i := range m.Capabilities {
		if m.Capabilities[i].ID == id {
			return &m.Capabilities[i], true
		}
	}
	return nil, false
}

// Sub finds a sub-competency and its capability by id.
func (m *Model) Sub(id string) (*Sub, *Capability, bool) {
	for i := range m.Capabilities {
		c := &m.Capabilities[i]
		for j := range c.Subs {
			if c.Subs[j].ID == id {
				return &c.Subs[j], c, true
			}
		}
	}
	return nil, nil, false
}

// Role finds a job profile by id.
func (m *Model) Role(id string) (*Role, bool) {
	for i := range m.Roles {
		if m.Roles[i].ID == id {
			return &m.Roles[i], true
		}
	}
	return nil, false
}

// Subs are all sub-competencies in the model's order.
func (m *Model) Subs() []Sub {
	var all []Sub
	for _, c := range m.Capabilities {
		all = append(all, c.Subs...)
	}
	return all
}

// Domains are the ids a measure or a section may name: capabilities and sub-competencies, in order.
func (m *Model) Domains() []string {
	var ids []string
	for _, c := range m.Capabilities {
		ids = append(ids, c.ID)
		for _, s := range c.Subs {
			ids = append(ids, s.ID)
		}
	}
	return ids
}

// Cuts are the level cuts, lowest first.
func (m *Model) Cuts() []float64 {
	cuts := make([]float64, len(m.Levels))
	for i, l := range m.Levels {
		cuts[i] = l.Cut
	}
	return cuts
}

// LevelAt is the number (from 1) of the highest level whose cut is at or below a score.
func (m *Model) LevelAt(score float64) int {
	n := 1
	for i, l := range m.Levels {
		if score >= l.Cut {
			n = i + 1
		}
	}
	return n
}

// Label is the capability's short name where it has one.
func (c Capability) Label() text.Text {
	if c.Short.IsZero() {
		return c.Name
	}
	return c.Short
}

// Label is the sub-competency's short name where it has one.
func (s Sub) Label() text.Text {
	if s.Short.IsZero() {
		return s.Name
	}
	return s.Short
}

var (
	idForm      = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_-]{0,31}$`)
	subForm     = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_-]{0,31}(\.[A-Za-z0-9_-]{1,16})?$`)
	versionForm = regexp.MustCompile(`^\d{1,4}\.\d{1,4}\.\d{1,4}$`)
)

// Validate returns everything wrong with the model, at its paths.
func (m *Model) Validate() []fault.Problem {
	var ps []fault.Problem
	add := func(path, key string, args ...any) { ps = append(ps, fault.At(path, key, args...)) }
	if m.Schema != Schema {
		add("schema", "define.schema", "want", Schema)
	}
	if !idForm.MatchString(m.ID) {
		add("id", "define.id")
	}
	if !versionForm.MatchString(m.Version) {
		add("version", "model.version")
	}
	if m.Title.ZH == "" {
		add("title.zh", "define.required")
	}
	ps = append(ps, m.validateLevels()...)
	if n := len(m.Capabilities); n < MinCapabilities || n > MaxCapabilities {
		add("capabilities", "define.count", "min", MinCapabilities, "max", MaxCapabilities, "n", n)
	}
	seen := map[string]string{}
	unique := func(path, id string) {
		if first, twice := seen[id]; twice {
			add(path, "define.twice", "id", id, "first", first)
			return
		}
		seen[id] = path
	}
	var weights []float64
	for i, c := range m.Capabilities {
		at := func(f string) string { return fault.Join(fault.Index("capabilities", i), f) }
		if !idForm.MatchString(c.ID) {
			add(at("id"), "define.id")
		}
		unique(at("id"), c.ID)
		if c.Name.ZH == "" {
			add(at("zh"), "define.required")
		}
		weights = append(weights, c.Weight)
		if n := len(c.Subs); n < 1 || n > MaxSubs {
			add(at("subs"), "define.count", "min", 1, "max", MaxSubs, "n", n)
		}
		var subWeights []float64
		for j, s := range c.Subs {
			sub := func(f string) string { return fault.Join(at(fault.Index("subs", j)), f) }
			if !subForm.MatchString(s.ID) {
				add(sub("id"), "define.id")
			}
			unique(sub("id"), s.ID)
			if s.Name.ZH == "" {
				add(sub("zh"), "define.required")
			}
			if len(s.Levels) != len(m.Levels) {
				add(sub("levels"), "model.indicators", "n", len(s.Levels), "want", len(m.Levels))
			}
			for k, l := range s.Levels {
				if l.ZH == "" {
					add(sub(fault.Index("levels", k)+".zh"), "define.required")
				}
			}
			subWeights = append(subWeights, s.Weight)
		}
		ps = append(ps, sumsToOne(at("subs"), "weight", subWeights)...)
	}
	ps = append(ps, sumsToOne("capabilities", "weight", weights)...)
	return append(ps, m.validateRoles(unique)...)
}

func (m *Model) validateLevels() []fault.Problem {
	var ps []fault.Problem
	if n := len(m.Levels); n < 2 || n > MaxLevels {
		ps = append(ps, fault.At("levels", "define.count", "min", 2, "max", MaxLevels, "n", n))
	}
	for i, l := range m.Levels {
		at := func(f string) string { return fault.Join(fault.Index("levels", i), f) }
		if l.N != i+1 {
			ps = append(ps, fault.At(at("n"), "model.level_number", "want", i+1, "got", l.N))
		}
		switch {
		case i == 0 && l.Cut != 0:
			ps = append(ps, fault.At(at("cut"), "model.first_cut", "got", l.Cut))
		case !inRange(l.Cut, 0, 100):
			ps = append(ps, fault.At(at("cut"), "define.range", "min", 0, "max", 100))
		case i > 0 && l.Cut <= m.Levels[i-1].Cut:
			ps = append(ps, fault.At(at("cut"), "model.cuts_unordered", "got", l.Cut, "before", m.Levels[i-1].Cut))
		}
		if l.Name.ZH == "" {
			ps = append(ps, fault.At(at("zh"), "define.required"))
		}
	}
	return ps
}

func (m *Model) validateRoles(unique func(path, id string)) []fault.Problem {
	var ps []fault.Problem
	if len(m.Roles) == 0 {
		ps = append(ps, fault.At("roles", "define.count", "min", 1, "max", 50, "n", 0))
	}
	for i, r := range m.Roles {
		at := func(f string) string { return fault.Join(fault.Index("roles", i), f) }
		if !idForm.MatchString(r.ID) {
			ps = append(ps, fault.At(at("id"), "define.id"))
		}
		unique(at("id"), "role "+r.ID)
		if r.Name.ZH == "" {
			ps = append(ps, fault.At(at("zh"), "define.required"))
		}
		for _, c := range m.Capabilities {
			if _, ok := r.Target[c.ID]; !ok {
				ps = append(ps, fault.At(at("target"), "model.target_missing", "id", c.ID))
			}
		}
		for _, id := range sortedKeys(r.Target) {
			path := at("target." + id)
			if _, ok := m.Capability(id); !ok {
				ps = append(ps, m.unknown(path, id, capabilityIDs(m)))
			} else if !inRange(r.Target[id], 0, 100) {
				ps = append(ps, fault.At(path, "define.range", "min", 0, "max", 100))
			}
		}
		for _, id := range sortedKeys(r.Floors) {
			path := at("subs." + id)
			if _, _, ok := m.Sub(id); !ok {
				ps = append(ps, m.unknown(path, id, subIDs(m)))
			} else if !inRange(r.Floors[id], 0, 100) {
				ps = append(ps, fault.At(path, "define.range", "min", 0, "max", 100))
			}
		}
	}
	return ps
}

// CheckDomain is the problem of a domain id that the model does not have, or nil. Only sub-competencies are accepted where subsOnly is set.
func (m *Model) CheckDomain(path, id string, subsOnly bool) []fault.Problem {
	if _, _, ok := m.Sub(id); ok {
		return nil
	}
	if _, ok := m.Capability(id); ok && !subsOnly {
		return nil
	}
	known := m.Domains()
	if subsOnly {
		known = subIDs(m)
	}
	return []fault.Problem{m.unknown(path, id, known)}
}

func (m *Model) unknown(path, id string, known []string) fault.Problem {
	if near := fault.Near(id, known); near != "" {
		return fault.At(path, "model.unknown_near", "id", id, "known", known, "near", near)
	}
	return fault.At(path, "model.unknown", "id", id, "known", known)
}

func capabilityIDs(m *Model) []string {
	var ids []string
	for _, c := range m.Capabilities {
		ids = append(ids, c.ID)
	}
	return ids
}

func subIDs(m *Model) []string {
	var ids []string
	for _, s := range m.Subs() {
		ids = append(ids, s.ID)
	}
	return ids
}

func sumsToOne(path, field string, weights []float64) []fault.Problem {
	var ps []fault.Problem
	sum := 0.0
	for i, w := range weights {
		if !inRange(w, 0, 1) || w == 0 {
			ps = append(ps, fault.At(fault.Join(fault.Index(path, i), field), "define.weight"))
		}
		sum += w
	}
	if len(ps) == 0 && len(weights) > 0 && math.Abs(sum-1) > weightTolerance {
		ps = append(ps, fault.At(path, "define.sum", "got", sum))
	}
	return ps
}

func inRange(x, lo, hi float64) bool { return x >= lo && x <= hi } // false for NaN

func sortedKeys(m map[string]float64) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
