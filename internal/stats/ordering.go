package stats

import "gonum.org/v1/gonum/stat"

// Ordering is how near an order is to the key's, in the usual ways. Shares and scores are 0 to 1.
type Ordering struct {
	Tau           float64 `json:"tau"`                   // Kendall 1938: -1 to 1
	Spearman      float64 `json:"spearman"`              // -1 to 1
	Pairs         float64 `json:"pairs_correct_share"`   // share of the pairs in the right order
	Footrule      float64 `json:"footrule"`              // sum of the distances of the positions (Diaconis & Graham 1977)
	FootruleScore float64 `json:"footrule_score"`        // 1 less its share of the largest, ⌊n²/2⌋
	Exact         float64 `json:"exact_positions_share"` // share of the elements in their position
	Adjacent      float64 `json:"adjacent_pairs_share"`  // share of the key's neighbours that follow each other at once
	Inversions    int     `json:"inversions"`            // pairs in the wrong order
}

// NewOrdering is of the positions, from 1, that were given to the key's first, second ... element: a permutation of at least two.
func NewOrdering(positions []int) (*Ordering, error) {
	n := len(positions)
	if n < 2 {
		return nil, &Error{What: TooFewRows, N: n, Want: 2}
	}
	taken := make([]bool, n)
	key, given := make([]float64, n), make([]float64, n)
	var exact, adjacent, far int
	for i, p := range positions {
		if p < 1 || p > n || taken[p-1] {
			return nil, &Error{What: OutOfRange, Row: i + 1, Value: float64(p)}
		}
		taken[p-1] = true
		key[i], given[i] = float64(i+1), float64(p)
		far += max(p-i-1, i+1-p)
		count(&exact, p == i+1)
		count(&adjacent, i > 0 && p == positions[i-1]+1)
	}
	out := &Ordering{Footrule: float64(far), FootruleScore: 1 - float64(far)/float64(n*n/2), Exact: float64(exact) / float64(n), Adjacent: float64(adjacent) / float64(n-1)}
	for i := range positions {
		for _, p := range positions[i+1:] {
			count(&out.Inversions, p < positions[i])
		}
	}
	out.Pairs = 1 - float64(out.Inversions)/float64(n*(n-1)/2)
	out.Tau = stat.Kendall(key, given, nil)
	out.Spearman, _ = Pearson(key, given)
	return out, nil
}

// MultipleSelect is what ticking several options scores, in the usual ways, 0 to 1.
type MultipleSelect struct {
	Dichotomous float64 `json:"dichotomous"`      // 1 where exactly the right options are ticked
	PlusMinus   float64 `json:"plus_minus"`       // the share of the right options less that of the wrong ones, not below 0: ticking at random, or all, has 0 to expect
	Subset      float64 `json:"subset"`           // the share of the right options, 0 where a wrong one is ticked
	TrueFalse   float64 `json:"true_false_share"` // the share of the options that are as they should be
	Jaccard     float64 `json:"jaccard"`          // of what is right or ticked, the share that is both
}

// NewMultipleSelect is of which options are right, at least one, and which were ticked.
func NewMultipleSelect(key, ticked []bool) (*MultipleSelect, error) {
	if len(key) != len(ticked) {
		return nil, &Error{What: Unpaired, N: len(ticked), Want: len(key)}
	}
	var right, hits, wrongly int
	for i, k := range key {
		count(&right, k)
		count(&hits, k && ticked[i])
		count(&wrongly, !k && ticked[i])
	}
	if right == 0 {
		return nil, &Error{What: Empty}
	}
	n, wrong := len(key), len(key)-right
	share := float64(hits) / float64(right)
	out := &MultipleSelect{TrueFalse: float64(hits+wrong-wrongly) / float64(n), Jaccard: float64(hits) / float64(right+wrongly)}
	out.PlusMinus = max(0, share-float64(wrongly)/float64(max(1, wrong)))
	if wrongly == 0 {
		out.Subset = share
	}
	if hits == right && wrongly == 0 {
		out.Dichotomous = 1
	}
	return out, nil
}
