// Package casebook is how hard a problem is, and the cases that were solved before: the problem complexity index, the levels L1 to L5, and how well a case matches a problem.
package casebook

import (
	"leida/internal/fault"
)

// PCI is the problem complexity index of a case (问题复杂度指数, MEASUREMENT 3.2): five factors of 0..4.
type PCI struct {
	Departments int `yaml:"departments"` // 0 self-solved, 1, 2, 3, 4 four or more or an outside party
	Legal       int `yaml:"legal"`       // 0 none, 1 contract wording, 2 statutory right, 3 regulator or legal threat, 4 injury, lawsuit, media
	Emotion     int `yaml:"emotion"`     // by peak anger index: below 20, 40, 60, 80, from 80
	Value       int `yaml:"value"`       // by yuan: below 100, 500, 5 000, 50 000, from 50 000 or a batch
	History     int `yaml:"history"`     // first contact, second, third, fourth or fifth, six or more or two broken promises
}

// MaxFactor is the highest value of a factor.
const MaxFactor = 4

// Factor is one factor of a PCI with its weight in the index.
type Factor struct {
	Name   string // departments, legal, emotion, value, history: the ends of message keys, pci.*
	Value  int
	Weight float64
}

// Factors are the five in their order, with the weights of MEASUREMENT 3.2.
func (p PCI) Factors() []Factor {
	return []Factor{{"departments", p.Departments, 0.30}, {"legal", p.Legal, 0.25}, {"emotion", p.Emotion, 0.20}, {"value", p.Value, 0.15}, {"history", p.History, 0.10}}
}

// Index is 0..100: 100 times the weighted mean of the factors over their maximum.
func (p PCI) Index() float64 {
	sum := 0.0
	for _, f := range p.Factors() {
		sum += f.Weight * float64(f.Value)
	}
	return 100 * sum / MaxFactor
}

// Level is the problem level 1..5: by the band of the index (20, 40, 60, 80), raised where departments, law and emotion meet (MEASUREMENT 3.2).
func (p PCI) Level() int {
	const rounding = 1e-9 // sums of weights
	level := 1
	for _, least := range []float64{20, 40, 60, 80} {
		if p.Index() >= least-rounding {
			level++
		}
	}
	switch {
	case p.Departments >= 3 && p.Legal >= 3:
		return 5
	case p.Departments >= 2 && (p.Legal >= 2 || p.Emotion >= 3):
		return max(level, 4)
	}
	return level
}

// Validate returns the factors that are not 0..4, at their paths.
func (p PCI) Validate(path string) []fault.Problem {
	var ps []fault.Problem
	for _, f := range p.Factors() {
		if f.Value < 0 || f.Value > MaxFactor {
			ps = append(ps, fault.At(fault.Join(path, f.Name), "define.whole", "min", 0, "max", MaxFactor))
		}
	}
	return ps
}
