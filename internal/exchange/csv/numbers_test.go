package csv

import (
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"leida/internal/fault"
	"leida/internal/text"
)

func TestReadNumbers(t *testing.T) {
	const sheet = "工号,题1,题2,组\nA01, 1 ,,甲\n\nA02,0.5,-2e-1,乙\n,,,\n"
	want := &Numbers{Head: []string{"题1", "题2"}, Rows: [][]float64{{1, math.NaN()}, {0.5, -0.2}, {math.NaN(), math.NaN()}}, Lines: []int{2, 4, 5},
		Texts: map[string][]string{"工号": {"A01", "A02", ""}, "组": {"甲", "乙", ""}}}
	for name, raw := range map[string][]byte{"utf-8": []byte(sheet), "bom": []byte(bom + sheet), "gbk": gbk(t, sheet), "utf-16": wide(sheet, true), "tabs": []byte(strings.ReplaceAll(sheet, ",", "\t"))} {
		got, err := ReadNumbers(raw, "工号", "组")
		if d := cmp.Diff(want, got, cmpopts.EquateNaNs()); d != "" || err != nil {
			t.Errorf("%s: %v %s", name, err, d)
		}
	}
}

func TestReadNumbersRefuses(t *testing.T) {
	for name, x := range map[string]struct {
		raw  string
		key  string
		args fault.Args
	}{
		"nothing":        {"", "csv.empty", nil},
		"a word":         {"a,b\n1,2\n3,four\n", "csv.number", fault.Args{"line": 3, "column": "b", "value": "four"}},
		"NaN":            {"a\nNaN\n", "csv.number", fault.Args{"line": 2, "column": "a", "value": "NaN"}},
		"infinity":       {"a\n1e999\n", "csv.number", fault.Args{"line": 2, "column": "a", "value": "1e999"}},
		"hexadecimal":    {"a\n0x1p4\n", "csv.number", fault.Args{"line": 2, "column": "a", "value": "0x1p4"}},
		"a short row":    {"a,b\n1,2\n3\n", "csv.ragged", fault.Args{"line": 3, "cells": 1, "want": 2}},
		"a long row":     {"a,b\n1,2,3\n", "csv.ragged", fault.Args{"line": 2, "cells": 3, "want": 2}},
		"an empty head":  {"a,\n1,2\n", "csv.heading.empty", fault.Args{"line": 1, "n": 2}},
		"a double head":  {"a,a\n1,2\n", "csv.heading.twice", fault.Args{"line": 1, "name": "a"}},
		"no such column": {"a,b\n1,2\n", "csv.heading.missing", fault.Args{"name": "group", "known": []string{"a", "b"}}},
		"a quote":        {"a\n1\"2\n", "csv.syntax", nil},
	} {
		var texts []string
		if name == "no such column" {
			texts = []string{"group"}
		}
		got, err := ReadNumbers([]byte(x.raw), texts...)
		f := fault.As(err)
		if got != nil || f == nil || f.Key != x.key || x.args != nil && !cmp.Equal(f.Args, x.args) {
			t.Errorf("%s: %v, %v", name, got, err)
			continue
		}
		if !text.Has(f.Key) {
			t.Errorf("no message %s", f.Key)
		}
	}
}

// Whatever the bytes, there is a table with rows as long as its heading, or a fault.
func FuzzReadNumbers(f *testing.F) {
	for _, s := range []string{"a,b\n1,2\n", "a;b\n1;\n", "\xef\xbb\xbfa\n1e3\n", "a\n\"1\n2\"\n", "\xff\xfea\x00", "g,x\nm,1\n"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		for _, texts := range [][]string{nil, {"g"}} {
			got, err := ReadNumbers(raw, texts...)
			if err != nil {
				if fault.As(err) == nil {
					t.Fatal(err)
				}
				continue
			}
			if len(got.Rows) != len(got.Lines) || texts != nil && len(got.Texts["g"]) != len(got.Rows) {
				t.Fatalf("%+v", got)
			}
			for _, row := range got.Rows {
				if len(row) != len(got.Head) {
					t.Fatalf("%+v", got)
				}
			}
		}
	})
}

func TestWriteNumbersRoundTrips(t *testing.T) {
	rows := [][]float64{{-1.8697832362765772, math.NaN()}, {1e-300, 12}}
	raw, err := WriteNumbers([]string{"EAP", "EAP_SE"}, rows)
	if err != nil {
		t.Fatal(err)
	}
	got, err := ReadNumbers(raw)
	if d := cmp.Diff(rows, got.Rows, cmpopts.EquateNaNs()); d != "" || err != nil {
		t.Errorf("%v %s\n%s", err, d, raw)
	}
}
