// Package irt reads and writes banks of calibrated items as YAML.
package irt

import (
	"bytes"
	"errors"
	"io"

	"go.yaml.in/yaml/v4"

	"leida/internal/fault"
	"leida/internal/stats"
	"leida/internal/text"
)

// Schema is the version of the format.
const Schema = "leida/irt-bank@1"

type file struct {
	Schema string  `yaml:"schema"`
	SD     float64 `yaml:"sd"` // of ability, whose mean is 0
	Items  []entry `yaml:"items"`
}

type entry struct {
	Name   string    `yaml:"name"`
	Model  string    `yaml:"model"`
	A      float64   `yaml:"a"`
	B      []float64 `yaml:"b,flow"`
	Values []float64 `yaml:"values,flow,omitempty"`
	Group  string    `yaml:"group,omitempty"`
}

// Read takes a bank. Its error is a fault that says where, or what of an item is wrong.
func Read(raw []byte) (stats.Bank, error) {
	var f file
	d := yaml.NewDecoder(bytes.NewReader(raw))
	d.KnownFields(true)
	if err := d.Decode(&f); err != nil && !errors.Is(err, io.EOF) {
		return stats.Bank{}, fault.New(fault.Invalid, "irt.yaml", "problem", err.Error())
	}
	if f.Schema != Schema {
		return stats.Bank{}, fault.New(fault.Invalid, "irt.schema", "got", f.Schema, "want", Schema)
	}
	b := stats.Bank{SD: f.SD}
	for _, e := range f.Items {
		b.Items = append(b.Items, stats.Item{Name: e.Name, Model: stats.Model(e.Model), A: e.A, B: e.B, Values: e.Values, Group: e.Group})
	}
	var bad *stats.Error
	if err := b.Check(); errors.As(err, &bad) {
		return stats.Bank{}, fault.New(fault.Invalid, "irt.item", "item", bad.Column, "problem", text.Ref("irt.problem."+string(bad.What)), "value", bad.Value)
	} else if err != nil {
		return stats.Bank{}, err
	}
	return b, nil
}

// Write is a bank in full precision.
func Write(b stats.Bank) ([]byte, error) {
	f := file{Schema: Schema, SD: b.SD}
	for _, it := range b.Items {
		f.Items = append(f.Items, entry{Name: it.Name, Model: string(it.Model), A: it.A, B: it.B, Values: it.Values, Group: it.Group})
	}
	return yaml.Marshal(f)
}
