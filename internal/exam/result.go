package exam

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"time"

	"leida/internal/assessment"
	"leida/internal/item"
	"leida/internal/profile"
	"leida/internal/text"
)

// ResultSchema is the value of the schema field of a stored result.
const ResultSchema = "leida/result@1"

// Result is what a submitted sitting came to, as it was told: enough to show it again, to prove it and to mark it anew without the definitions in force. It is written once; a
// rescoring writes the next revision. Fields stand in the order of their JSON names, so that encoding it gives canonical JSON; the names are for ever.
type Result struct {
	Assessment Pin      `json:"assessment"`
	At         int64    `json:"at"` // when it was written, in milliseconds since 1970
	Auto       bool     `json:"auto,omitempty"`
	Blank      bool     `json:"blank,omitempty"`
	Counts     bool     `json:"counts,omitempty"`
	Cycle      string   `json:"cycle,omitempty"`
	Person     string   `json:"person"`
	Places     []Place  `json:"places"`
	Reason     string   `json:"reason,omitempty"`    // of a rescoring, as people read it
	Rescoring  string   `json:"rescoring,omitempty"` // its id
	Revision   int      `json:"revision"`            // from 1
	Schema     string   `json:"schema"`
	Score      float64  `json:"score"` // 0-100
	Seed       string   `json:"seed"`  // in hex: JSON's numbers end before it does
	Sitting    string   `json:"sitting"`
	Submitted  int64    `json:"submitted"` // milliseconds since 1970
	TimeFactor float64  `json:"time_factor"`
	Undo       bool     `json:"undo,omitempty"` // the rescoring was taken back
	Fresh      Versions `json:"-"`              // of its places, for the store to keep
}

// Versions are item versions by the hash of their texts.
type Versions map[string]Version

// Pin names a definition by id, version and content.
type Pin struct {
	Hash    string `json:"hash"`
	ID      string `json:"id"`
	Version int    `json:"version,omitempty"`
}

// Place is one item of a result.
type Place struct {
	Answer      json.RawMessage   `json:"answer,omitempty"`
	Critical    []string          `json:"critical,omitempty"`
	Detail      json.RawMessage   `json:"detail,omitempty"` // the kind's diagnostics
	Feedback    json.RawMessage   `json:"feedback"`         // as told, in both languages, see Version.feedback
	Full        bool              `json:"full,omitempty"`   // full credit was given whatever the answer
	Item        Pin               `json:"item"`             // the version that it is marked by
	Kind        string            `json:"kind"`
	Measures    []Measure         `json:"measures"`
	Pending     bool              `json:"pending,omitempty"`
	Performance bool              `json:"performance,omitempty"`
	Sat         *Pin              `json:"sat,omitempty"` // the version on the paper, where that is another
	Score       float64           `json:"score"`         // 0..1
	Seconds     float64           `json:"seconds"`
	Section     int               `json:"section"`
	Shares      []item.Share      `json:"shares,omitempty"` // evidence that does not simply go by the measures
	Tags        map[string]string `json:"tags,omitempty"`   // scenario and channel, which evidence carries on
	Texts       string            `json:"texts"`            // hash of the texts that the feedback refers to
	Units       float64           `json:"units"`
	Weight      float64           `json:"weight"` // of the section
	Folded      json.RawMessage   `json:"-"`      // the place as it was written, where only its sums were read (OpenResult)
}

// Measure is item.Measure as it is kept.
type Measure struct {
	Sub string  `json:"sub"`
	W   float64 `json:"w"`
}

// ReadResult reads a result as it was kept.
func ReadResult(raw []byte) (*Result, error) {
	r := new(Result)
	if err := strictly(raw, r); err != nil {
		return nil, fmt.Errorf("stored result: %w", err)
	}
	if r.Schema != ResultSchema {
		return nil, fmt.Errorf("stored result: schema %q", r.Schema)
	}
	return r, nil
}

// Freeze is the first result of a sitting that was submitted before results were kept. Its scores are those that were told then; the versions give the rest.
func (s *Sitting) Freeze(bank Bank) (*Result, error) {
	if s.State != Submitted {
		return nil, fmt.Errorf("sitting %s is not submitted", s.ID)
	}
	marks, err := s.Mark(bank)
	if err != nil {
		return nil, err
	}
	for i, slot := range s.Slots {
		marks[i].Result.Score, marks[i].Result.Critical = slot.Score, slot.Critical
	}
	return s.result(marks, bank)
}

// result is the first result of a sitting that has just been marked.
func (s *Sitting) result(marks []Mark, bank Bank) (*Result, error) {
	r := &Result{
		Assessment: Pin{Hash: s.AssessmentHash, ID: s.Assessment}, At: s.SubmittedAt.UnixMilli(), Auto: s.Auto, Blank: s.Blank, Counts: s.Counts, Cycle: s.Cycle,
		Person: s.Person, Revision: 1, Schema: ResultSchema, Score: s.Score, Seed: strconv.FormatUint(s.Seed, 16), Sitting: s.ID,
		Submitted: s.SubmittedAt.UnixMilli(), TimeFactor: s.TimeFactor, Places: make([]Place, len(marks)), Fresh: Versions{},
	}
	for i, m := range marks {
		slot := s.Slots[i]
		v, err := NewVersion(m.Item, bank.SubName)
		if err != nil {
			return nil, err
		}
		r.Fresh[v.Hash] = v
		p := Place{Answer: slot.Answer, Seconds: slot.Seconds, Section: slot.Section, Weight: slot.Weight}
		if p.Answer != nil {
			if p.Answer, err = Canonical(p.Answer); err != nil {
				return nil, err
			}
		}
		if r.Places[i], err = p.marked(m.Item, m).told(v, m, s.Seed); err != nil {
			return nil, err
		}
	}
	return r, nil
}

// told is the place with what an item version says of the answer and its marks. The view is the sitting's own, so that options stand where they stood.
func (p Place) told(v Version, m Mark, seed uint64) (Place, error) {
	it := v.Item
	detail, err := json.Marshal(m.Result.Detail)
	if err != nil {
		return p, err
	}
	if p.Detail, err = Canonical(detail); err != nil {
		return p, err
	}
	if p.Feedback, err = v.feedback(func(l text.Lang) item.View { return see(seed, it.ID, l) }, m.Response); err != nil {
		return p, err
	}
	p.Texts = v.Hash
	return p, nil
}

// marked is the place with the marks of an item version.
func (p Place) marked(it *item.Item, m Mark) Place {
	p.Item, p.Kind, p.Units, p.Performance = Pin{Hash: it.Hash, ID: it.ID, Version: it.Version}, it.Type, it.Units(), it.Kind().Performance
	p.Score, p.Critical, p.Pending, p.Full = m.Result.Score, m.Result.Critical, m.Result.Pending, false
	p.Shares = m.Result.Shares
	p.Measures, p.Tags = make([]Measure, len(it.Measures)), map[string]string{}
	for i, x := range it.Measures {
		p.Measures[i] = Measure(x)
	}
	for _, tag := range []string{"scenario", "channel"} {
		if t := it.Tag(tag); t != "" {
			p.Tags[tag] = t
		}
	}
	return p
}

// answer is the place's answer as a version's kind knows it; nil is blank.
func (p Place) answer(it *item.Item) (item.Answer, error) { return Slot{Answer: p.Answer}.Read(it) }

// mark marks the place's answer by an item version.
func (p Place) mark(it *item.Item, factor float64) (Mark, error) {
	a, err := p.answer(it)
	if err != nil {
		return Mark{}, err
	}
	return mark(it, a, p.Seconds, factor)
}

// Evidence is what a place, from 0, shows of the person: the records of MEASUREMENT 5.1, none where the sitting does not count. Those of later revisions say so in their ids.
func (r *Result) Evidence(n int) []profile.Evidence {
	p := r.Places[n]
	if !r.Counts {
		return nil
	}
	suffix := ""
	if r.Revision > 1 {
		suffix = "-r" + strconv.Itoa(r.Revision)
	}
	shares := p.shares()
	out := make([]profile.Evidence, len(shares))
	for i, x := range shares {
		id, source := fmt.Sprintf("%s-%d-%s", r.Sitting, n+1, x.Sub), profile.Quiz
		if x.Rater {
			id, source = id+"-rated", profile.Rater
		}
		out[i] = profile.Evidence{
			ID: id + suffix, Person: r.Person, Sub: x.Sub, Y: 100 * x.Score, N: p.Units * x.Part,
			Source: source, Performance: p.Performance, ItemID: p.Item.ID, ItemVersion: p.Item.Version, ItemHash: p.Item.Hash, SittingID: r.Sitting,
			Cycle: r.Cycle, At: time.UnixMilli(r.Submitted).UTC(), Scenario: p.Tags["scenario"], Channel: p.Tags["channel"],
		}
	}
	return out
}

// AllEvidence is what all places show.
func (r *Result) AllEvidence() []profile.Evidence {
	var out []profile.Evidence
	for n := range r.Places {
		out = append(out, r.Evidence(n)...)
	}
	return out
}

// shares are the parts of a place that are evidence: those that its kind named, else all of it by its measures. Full credit leaves nothing for anybody to rate.
func (p Place) shares() []item.Share {
	if p.Shares != nil && !p.Full {
		return p.Shares
	}
	if p.Pending {
		return nil
	}
	out := make([]item.Share, len(p.Measures))
	for i, m := range p.Measures {
		out[i] = item.Share{Sub: m.Sub, Part: m.W, Score: p.Score}
	}
	return out
}

// Verdict is what an assessment's rule says of a result.
type Verdict string

const (
	NoRule    Verdict = ""
	Passed    Verdict = "passed"
	NotPassed Verdict = "not_passed"
	Undecided Verdict = "undecided" // people have yet to rate a place
)

// Verdict is by an assessment's rule (MEASUREMENT 6.1): the total, every section's floor, no critical error. While a place is to be rated only a critical error decides.
func (r *Result) Verdict(cut *assessment.Cut) Verdict {
	switch {
	case cut == nil:
		return NoRule
	case slices.ContainsFunc(r.Places, func(p Place) bool { return len(p.Critical) > 0 }):
		return NotPassed
	case slices.ContainsFunc(r.Places, func(p Place) bool { return p.Pending }):
		return Undecided
	case r.Score < cut.Total:
		return NotPassed
	}
	for _, x := range parts(r.Places) {
		if x.units > 0 && 100*x.sum/x.units < cut.Floor {
			return NotPassed
		}
	}
	return Passed
}

// Unmarked reports whether all that there is to mark is to be rated by people, so that there is no score yet.
func (r *Result) Unmarked() bool {
	return len(r.Places) > 0 && !slices.ContainsFunc(r.Places, func(p Place) bool { return !p.Pending })
}

// part is one section's sum.
type part struct{ sum, units, weight float64 }

func parts(places []Place) []part {
	var out []part
	for _, p := range places {
		for len(out) <= p.Section {
			out = append(out, part{})
		}
		x := &out[p.Section]
		x.weight = p.Weight
		if p.Pending { // is not known yet, which is not nothing
			continue
		}
		x.sum += p.Units * p.Score
		x.units += p.Units
	}
	return out
}

// total is 0-100: the mean of each section by information units, weighted by the sections' weights (MEASUREMENT 6.1).
func total(places []Place) float64 {
	sum, weight := 0.0, 0.0
	for _, x := range parts(places) {
		if x.units > 0 {
			sum += x.weight * x.sum / x.units
			weight += x.weight
		}
	}
	if weight == 0 {
		return 0
	}
	return min(100, 100*sum/weight)
}
