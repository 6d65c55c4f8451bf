package item_test

import (
	"testing"

	"leida/internal/item"
)

// BenchmarkScore marks the key answer of one item of each kind: from the wire (parse and score), and the score alone as the baseline.
func BenchmarkScore(b *testing.B) {
	seen := map[string]bool{}
	for _, f := range fixtures(b) {
		if seen[f.it.Type] {
			continue
		}
		seen[f.it.Type] = true
		b.Run(f.it.Type+"/parse and score", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				a, err := parseJSON(f.it, item.Plain(""), f.Key.Answer)
				if err != nil {
					b.Fatal(err)
				}
				if _, err := f.it.Body.Score(f.Key.response(a)); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(f.it.Type+"/score", func(b *testing.B) {
			r := f.Key.response(f.canonical(b, f.Key.Answer))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := f.it.Body.Score(r); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
