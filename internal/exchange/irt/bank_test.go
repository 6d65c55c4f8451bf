package irt

import (
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"leida/internal/fault"
	"leida/internal/stats"
	"leida/internal/text"
)

// What was written is read again to the last digit.
func TestBankRoundTrips(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := stats.Bank{SD: rapid.Float64Range(0.1, 3).Draw(t, "sd")}
		for i := range rapid.IntRange(1, 6).Draw(t, "items") {
			it := stats.Item{Name: string(rune('a'+i)) + rapid.SampledFrom([]string{"", ": x", " #", "题", "'\"", "1"}).Draw(t, "name"), A: rapid.Float64Range(1e-3, 9).Draw(t, "a"),
				Model: rapid.SampledFrom([]stats.Model{stats.TwoPL, stats.Graded, stats.GPCM}).Draw(t, "model"), Group: rapid.SampledFrom([]string{"", "AIC"}).Draw(t, "group")}
			n := 1
			if it.Model != stats.TwoPL {
				n = rapid.IntRange(1, 5).Draw(t, "thresholds")
			}
			for k := range n {
				it.B = append(it.B, float64(k)+rapid.Float64Range(0, 0.9).Draw(t, "b"))
			}
			if rapid.Bool().Draw(t, "values") {
				for k := range n + 1 {
					it.Values = append(it.Values, float64(k)+0.5)
				}
			}
			b.Items = append(b.Items, it)
		}
		raw, err := Write(b)
		if err != nil {
			t.Fatal(err)
		}
		got, err := Read(raw)
		if d := cmp.Diff(b, got); d != "" || err != nil {
			t.Fatalf("%v %s\n%s", err, d, raw)
		}
	})
}

func TestReadRefuses(t *testing.T) {
	for name, x := range map[string]struct{ raw, key string }{
		"nothing":     {"", "irt.schema"},
		"another":     {"schema: leida/item@1\n", "irt.schema"},
		"no yaml":     {"a: [\n", "irt.yaml"},
		"a typo":      {"schema: leida/irt-bank@1\nsd: 1\nitmes: []\n", "irt.yaml"},
		"a word":      {"schema: leida/irt-bank@1\nsd: one\nitems: []\n", "irt.yaml"},
		"no items":    {"schema: leida/irt-bank@1\nsd: 1\nitems: []\n", "irt.item"},
		"no spread":   {"schema: leida/irt-bank@1\nitems: [{name: a, model: 2pl, a: 1, b: [0]}]\n", "irt.item"},
		"a bad slope": {"schema: leida/irt-bank@1\nsd: 1\nitems: [{name: a, model: 2pl, a: -1, b: [0]}]\n", "irt.item"},
		"no model":    {"schema: leida/irt-bank@1\nsd: 1\nitems: [{name: a, model: 3pl, a: 1, b: [0]}]\n", "irt.item"},
		"not ordered": {"schema: leida/irt-bank@1\nsd: 1\nitems: [{name: a, model: grm, a: 1, b: [1, 0]}]\n", "irt.item"},
		"infinite":    {"schema: leida/irt-bank@1\nsd: .inf\nitems: [{name: a, model: 2pl, a: 1, b: [0]}]\n", "irt.item"},
	} {
		_, err := Read([]byte(x.raw))
		if f := fault.As(err); f == nil || f.Key != x.key || !text.Has(f.Key) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Whatever the bytes, there is a sound bank or a fault.
func FuzzRead(f *testing.F) {
	f.Add([]byte("schema: leida/irt-bank@1\nsd: 1\nitems: [{name: a, model: 2pl, a: 1, b: [0]}]\n"))
	f.Add([]byte(strings.Repeat("[", 50)))
	f.Fuzz(func(t *testing.T, raw []byte) {
		b, err := Read(raw)
		if err != nil {
			if fault.As(err) == nil {
				t.Fatal(err)
			}
			return
		}
		for i := range b.Items {
			sum := 0.0
			for _, p := range b.Items[i].P(0.3, nil) {
				sum += p
			}
			if math.Abs(sum-1) > 1e-9 {
				t.Fatalf("%+v", b.Items[i])
			}
		}
	})
}
