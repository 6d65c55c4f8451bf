package item

import (
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"leida/internal/casebook"
)

// retrievalOf is an item with cases of these relevances, ids k1, k2, ...
func retrievalOf(pick int, rels ...int) *caseRetrieval {
	b := &caseRetrieval{PCI: &casebook.PCI{}, Pick: pick}
	for i, rel := range rels {
		b.Cases = append(b.Cases, retrievalCase{ID: "k" + string(rune('1'+i)), Text: same("案" + string(rune('a'+i))), Rel: rel})
	}
	return b
}

// The shared vectors of case retrieval (primitive rows "retrieval ..."), and the two figures of MEASUREMENT 4.12 that are no vectors.
func TestRetrievalVectors(t *testing.T) {
	b := retrievalOf(3, 3, 2, 2, 1, 0, 0, 0, -1, 0)
	b.Cases = append(b.Cases, retrievalCase{ID: "k10", Text: same("案z")})
	for _, tt := range []struct {
		picks []string
		want  float64
		near  float64
	}{
		{[]string{"k1", "k2", "k3"}, 1, 1e-6},
		{[]string{"k5", "k6", "k7"}, 0, 1e-6},
		{[]string{"k1", "k8", "k4"}, 0.36, 0.005}, // one best, one harmful, one weak
	} {
		if got := score(t, b, retrievalAnswer{Cases: tt.picks}); math.Abs(got-tt.want) > tt.near {
			t.Errorf("%v: %.4f, want %g", tt.picks, got, tt.want)
		}
	}
	mean, n := 0.0, 0
	for i := range b.Cases { // every pick of three in every order
		for j := range b.Cases {
			for k := range b.Cases {
				if i != j && j != k && i != k {
					mean += score(t, b, retrievalAnswer{Cases: []string{b.Cases[i].ID, b.Cases[j].ID, b.Cases[k].ID}})
					n++
				}
			}
		}
	}
	if mean /= float64(n); mean > 0.14 {
		t.Errorf("a random pick earns %.3f", mean)
	}
}

// The expected nDCG of a random pick is what all picks have on average.
func TestRetrievalRandomBaseline(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := retrievalOf(2, rapid.SliceOfN(rapid.IntRange(-1, 3), 4, 7).Draw(t, "rels")...)
		if len(b.Validate()) > 0 {
			t.Skip()
		}
		mean, n := 0.0, 0
		for i := range b.Cases {
			for j := range b.Cases {
				if i != j {
					r, _ := b.Score(Response{Answer: retrievalAnswer{Cases: []string{b.Cases[i].ID, b.Cases[j].ID}}})
					mean += r.Detail.(retrievalDetail).NDCG
					n++
				}
			}
		}
		if !near(mean/float64(n), b.random()) {
			t.Fatalf("%g on average, reckoned %g", mean/float64(n), b.random())
		}
	})
}

// A better case in the place of a worse one never earns less, and the order of the definition does not matter.
func TestRetrievalProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := retrievalOf(3, rapid.SliceOfN(rapid.IntRange(-1, 3), 5, 9).Draw(t, "rels")...)
		if len(b.Validate()) > 0 {
			t.Skip()
		}
		order := rapid.Permutation(b.ids()).Draw(t, "order")
		picks := order[:3]
		was := score(t, b, retrievalAnswer{Cases: picks})
		i := rapid.IntRange(0, 2).Draw(t, "place")
		for _, other := range order[3:] {
			if b.find(other).Rel >= b.find(picks[i]).Rel {
				better := slices.Clone(picks)
				better[i] = other
				if got := score(t, b, retrievalAnswer{Cases: better}); got < was-1e-12 {
					t.Fatalf("%v earns %g, %v %g", picks, was, better, got)
				}
			}
		}
		var key []string
		for _, c := range b.ranked()[:3] {
			key = append(key, c.ID)
		}
		if got := score(t, b, retrievalAnswer{Cases: key}); !near(got, 1) && b.find(key[2]).Rel >= 0 {
			t.Fatalf("the best three earn %g", got)
		}
	})
}

func TestRetrievalUnsound(t *testing.T) {
	b := retrievalOf(3, 0, 0, -1, 0)
	b.PCI = nil
	wantSaid(t, b.Validate(), "cases case_retrieval.none_helps, pci define.required")
	b = retrievalOf(4, 3, 4, -2, 0)
	b.PCI.Legal = 7
	wantSaid(t, b.Validate(), "cases[1].rel define.whole, cases[2].rel define.whole, pci.legal define.whole, pick define.whole")
	wantSaid(t, retrievalOf(3, 2, 2, 2, 2).Validate(), "cases case_retrieval.all_alike")
	for _, pick := range []int{-1, 0, 5, 1 << 40} {
		wantSaid(t, retrievalOf(pick, 3, 2, -1, 0).Validate(), "pick define.whole")
	}
	b = retrievalOf(3, 3, 2, 2, 0)
	wantSaid(t, b.Lint(), "cases case_retrieval.blind, cases case_retrieval.blind, cases case_retrieval.blind, cases case_retrieval.few, cases case_retrieval.no_harm, cases[0] item.no_why, cases[1] item.no_why, cases[2] item.no_why, cases[3] item.no_why")
}
