package item

import (
	"maps"
	"math"
	"slices"
)

// fieldRules are what a field is worth that is not right.
type fieldRules struct {
	Wrong    float64 // a wrong value, and the floor of several options; 0 or less
	Invented float64 // a value where the records hold none; 0 or less
}

// credit is what an answer earns of a field's weight: 1 right, 0 blank or "not in the records" where there is something, else what the rules take off (MEASUREMENT 4.11).
func (f field) credit(value any, rules fieldRules) float64 {
	switch {
	case value == nil:
		return 0
	case f.matches(value):
		return 1
	case f.saysNone(value):
		return f.accepted(value)
	}
	if c := f.accepted(value); c > 0 {
		return c
	}
	switch {
	case f.isNone():
		return rules.Invented
	case f.Kind == multiField:
		return max(rules.Wrong, f.share(value.([]string)))
	}
	return rules.Wrong
}

// matches reports whether a value is the key: a number within the tolerance, a day or an option, or exactly the options of the key.
func (f field) matches(value any) bool {
	switch x := value.(type) {
	case float64:
		return len(f.Key) == 1 && f.within(x, f.Key[0])
	case string:
		return len(f.Key) == 1 && x == f.Key[0]
	case []string:
		return len(x) == len(f.Key) && !slices.ContainsFunc(x, func(id string) bool { return !slices.Contains(f.Key, id) })
	}
	return false
}

func (f field) saysNone(value any) bool {
	ids, _ := value.([]string)
	return value == noneID || len(ids) == 1 && ids[0] == noneID
}

// within reports whether a number is as good as a keyed one. Binary fractions make the last place of a decimal uncertain.
func (f field) within(x float64, word string) bool {
	key, ok := f.keyed(word).(float64)
	return ok && math.Abs(x-key) <= f.Tol+1e-9*max(1, math.Abs(key))
}

// accepted is the best partial credit of a value.
func (f field) accepted(value any) float64 {
	best := 0.0
	for word, c := range f.Accept {
		if x, number := value.(float64); number && f.within(x, word) || value == word {
			best = max(best, c)
		}
	}
	return best
}

// share is the worth of several options before anything is cut off (MEASUREMENT 4.2): the share of the key less the share of the others.
func (f field) share(ids []string) float64 {
	others := f.others()
	hits, alarms := 0, 0
	for _, id := range ids {
		hits += has(slices.Contains(f.Key, id))
		alarms += has(slices.Contains(others, id))
	}
	return float64(hits)/float64(len(f.Key)) - float64(alarms)/float64(len(others))
}

// least is the lowest credit that any value of a field can have.
func (r fieldRules) least(f field) float64 {
	if f.isNone() {
		return min(0, r.Invented)
	}
	return min(0, r.Wrong)
}

// fieldMarks are what fields came to: their quality Q, the credit of each by id, and those answered with a critical error.
type fieldMarks struct {
	Q        float64
	Credits  map[string]float64
	Critical []string
}

// mark is Q, the mean credit by weight, which may be below 0.
func (fs fieldSet) mark(given fieldAnswers, rules fieldRules) fieldMarks {
	m := fieldMarks{Credits: map[string]float64{}}
	total := 0.0
	for _, f := range fs {
		c := f.credit(given[f.ID], rules)
		m.Credits[f.ID] = c
		m.Q += f.W * c
		total += f.W
		if f.Critical && c < 0 {
			m.Critical = append(m.Critical, f.ID)
		}
	}
	if total > 0 {
		m.Q /= total
	}
	return m
}

// support is E, the mean F1 of the records cited over the fields that name evidence; 1 where none does.
func (fs fieldSet) support(given cited) float64 {
	sum, n := 0.0, 0
	for _, f := range fs {
		if len(f.Evidence) > 0 {
			sum += f.f1(given[f.ID])
			n++
		}
	}
	if n == 0 {
		return 1
	}
	return sum / float64(n)
}

func (f field) f1(ids []string) float64 {
	hits := 0
	for _, id := range ids {
		hits += has(slices.Contains(f.Evidence, id))
	}
	return 2 * float64(hits) / float64(len(ids)+len(f.Evidence))
}

// chance is the Q that answering every field at random is worth: each option, or each set of options, as likely as another, and a number or a day never right.
func (fs fieldSet) chance(rules fieldRules) float64 {
	sum, total := 0.0, 0.0
	for _, f := range fs {
		sum += f.W * f.chance(rules)
		total += f.W
	}
	return sum / max(total, 1e-9)
}

func (f field) chance(rules fieldRules) float64 {
	sum := 0.0
	switch f.Kind {
	case singleField:
		for _, o := range f.Options {
			sum += f.credit(o.ID, rules)
		}
		return sum / float64(len(f.Options))
	case multiField:
		if f.isNone() {
			return rules.Invented
		}
		keys, others := len(f.Key), len(f.others())
		for h := range keys + 1 {
			for a := range others + 1 {
				p := choose(keys, h) * choose(others, a) / math.Exp2(float64(keys+others))
				if h+a > 0 {
					sum += p * max(rules.Wrong, float64(h)/float64(keys)-float64(a)/float64(others))
				}
			}
		}
		return sum
	}
	return rules.least(f)
}

// choose is the number of ways to take k of n.
func choose(n, k int) float64 {
	out := 1.0
	for i := range k {
		out = out * float64(n-i) / float64(i+1)
	}
	return out
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
