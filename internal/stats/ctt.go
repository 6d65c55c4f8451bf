package stats

import (
	"math"

	"gonum.org/v1/gonum/mat"
)

// CTT are the classical statistics of items and of the scale that is their sum. All are in points of the items; slices are in the order of the columns; nil is undefined.
// Sums of squares are divided by n-1 (SD, covariances), as in R.
//
// Where answers are missing, everything comes from each item's own mean and from the covariance matrix S of pairs: S_jk is the sum of products of the deviations from these means
// over the persons who answered both, by their number less one. The total is then a sum of S and not of anybody's points. Without gaps that is the same. Pairs may contradict each
// other: what would then be no correlation (beyond 1) or no variance (below 0) is absent.
type CTT struct {
	N                int              `json:"N"`      // persons with an answer
	K                int              `json:"k"`      // items
	PairN            *float64         `json:"pair_n"` // harmonic mean of the persons who answered a pair of items: N without gaps
	Items            []string         `json:"items"`
	ItemN            []int            `json:"item_n"`    // answers
	ItemMean         []float64        `json:"item_mean"` // the difficulty p of a 0/1 item
	ItemSD           []*float64       `json:"item_sd_n1"`
	ItemTotal        []*float64       `json:"item_total_r"`           // with the total, the item itself in it: the point-biserial of a 0/1 item
	ItemRest         []*float64       `json:"corrected_item_total_r"` // with the total of the other items
	AlphaIfDropped   []*float64       `json:"alpha_if_deleted"`       // from three items on
	Alpha            *float64         `json:"alpha"`                  // Cronbach 1951
	AlphaStd         *float64         `json:"alpha_std"`              // of the correlations
	AlphaFeldt95     *[2]float64      `json:"alpha_feldt_ci95"`       // FeldtInterval for PairN persons
	AlphaFeldt90     *[2]float64      `json:"alpha_feldt_ci90"`
	TotalMean        float64          `json:"total_mean"`
	TotalSD          *float64         `json:"total_sd_n1"`
	SEM              *float64         `json:"SEM"`             // standard error of measurement of a total, SD sqrt(1-alpha)
	Lambda6          *float64         `json:"guttman_lambda6"` // Guttman 1945, of the correlations
	MeanInterItem    *float64         `json:"mean_inter_item_r"`
	Omega            *Omega           `json:"omega_onefactor"`
	SpearmanBrown    *float64         `json:"spearman_brown_double"` // alpha of a scale twice as long
	P                []float64        `json:"p_value"`               // this and the following: of 0/1 items alone
	KR20             *float64         `json:"KR20_population_var"`   // Kuder & Richardson 1937: alpha of 0/1 items
	KR21             *float64         `json:"KR21"`                  // the same if all were equally difficult; variance with divisor n
	ConditionalError []ConditionalSEM `json:"lord_csem_by_raw"`      // by total from 0 to k; from two items on
}

// ConditionalSEM is the standard error of measurement at one total of 0/1 items, in points.
type ConditionalSEM struct {
	Raw   int      `json:"raw"`
	Lord  float64  `json:"csem"`       // Lord 1955: sqrt(x(k-x)/(k-1)), as if all items were equally difficult
	Keats *float64 `json:"keats_csem"` // Keats 1957: the same, scaled so that it fits KR-20: by sqrt((1-KR20)/(1-KR21))
}

// ItemAnalysis are the classical statistics of a table of persons (rows) by items (columns), in points. Missing answers are left out (see CTT). A column without any answer is an
// *Error.
func ItemAnalysis(t Table) (*CTT, error) {
	if err := t.Check(); err != nil {
		return nil, err
	}
	p, err := pairwise(t)
	if err != nil {
		return nil, err
	}
	k := len(t.Names)
	c := &CTT{N: p.persons, K: k, Items: t.Names, ItemN: p.n, ItemMean: p.mean, PairN: defined(p.harmonic())}
	total, trace := mat.Sum(p.cov), mat.Trace(p.cov)
	withTotal := make([]float64, k)
	for j := range k {
		for i := range k {
			withTotal[j] += p.cov.At(i, j)
		}
	}
	if math.Abs(total) <= rounding*trace {
		total = 0
	}
	alpha := cronbach(trace, total, k)
	for j, mean := range p.mean {
		own, with := p.cov.At(j, j), withTotal[j]
		rest := total - 2*with + own
		if rest <= rounding*trace {
			rest = 0
		}
		c.TotalMean += mean
		c.ItemSD = append(c.ItemSD, defined(math.Sqrt(own)))
		c.ItemTotal = append(c.ItemTotal, defined(correlation(with, own, total)))
		c.ItemRest = append(c.ItemRest, defined(correlation(with-own, own, rest)))
		c.AlphaIfDropped = append(c.AlphaIfDropped, defined(cronbach(trace-own, rest, k-1)))
	}
	c.Alpha, c.TotalSD, c.SEM = defined(alpha), defined(math.Sqrt(total)), defined(math.Sqrt(total*(1-alpha)))
	if c.Alpha != nil {
		c.AlphaFeldt95, c.AlphaFeldt90 = feldt(alpha, p.harmonic(), k, .95), feldt(alpha, p.harmonic(), k, .90)
		if r, ok := SpearmanBrown(alpha, 2); ok {
			c.SpearmanBrown = &r
		}
	}
	if r := p.correlations(); r != nil && k > 1 {
		c.AlphaStd = defined(cronbach(float64(k), mat.Sum(r), k))
		c.MeanInterItem = defined((mat.Sum(r) - float64(k)) / float64(k*(k-1)))
		var chol mat.Cholesky
		var inverse mat.SymDense
		if chol.Factorize(r) && chol.InverseTo(&inverse) == nil {
			c.Lambda6 = defined(lambda6(r, &inverse))
			if p.harmonic() >= omegaFrom {
				c.Omega = omega(r, &inverse)
			}
		}
	}
	if p.dichotomous {
		c.P, c.KR20 = p.mean, c.Alpha
		c.kr21(total * float64(p.persons-1) / float64(p.persons))
	}
	return c, nil
}

// kr21 adds what is of 0/1 items alone, from the variance of totals with divisor n.
func (c *CTT) kr21(variance float64) {
	if c.K < 2 {
		return
	}
	k, m := float64(c.K), c.TotalMean
	kr21 := k / (k - 1) * (1 - m*(k-m)/(k*variance))
	keats := math.NaN()
	if c.KR20 != nil {
		c.KR21 = defined(kr21)
		keats = math.Sqrt((1 - *c.KR20) / (1 - kr21))
	}
	for raw := range c.K + 1 {
		x := float64(raw)
		lord := math.Sqrt(x * (k - x) / (k - 1))
		c.ConditionalError = append(c.ConditionalError, ConditionalSEM{Raw: raw, Lord: lord, Keats: defined(lord * keats)})
	}
}

// FeldtInterval is the interval of Cronbach's alpha at a level (.95) for n persons and k items: 1-(1-alpha)F, with F's quantiles at n-1 and (n-1)(k-1) degrees of freedom (Feldt
// 1965). ok is false below two persons or items, for alpha above 1 and for a level outside (0, 1).
func FeldtInterval(alpha float64, n, k int, level float64) (lower, upper float64, ok bool) {
	if n < 2 || k < 2 || !(alpha <= 1) || !(level > 0 && level < 1) {
		return 0, 0, false
	}
	ci := feldt(alpha, float64(n), k, level)
	return ci[0], ci[1], true
}

// feldt is FeldtInterval for what may be a mean number of persons.
func feldt(alpha, n float64, k int, level float64) *[2]float64 {
	df1, df2 := n-1, (n-1)*float64(k-1)
	return &[2]float64{1 - (1-alpha)*fQuantile((1+level)/2, df1, df2), 1 - (1-alpha)*fQuantile((1-level)/2, df1, df2)}
}

// SpearmanBrown is the reliability of a test that is times as long as one of reliability r (Spearman 1910; Brown 1910); times may be below 1. ok is false where there is none:
// times is not above 0, r is above 1, or so far below 0 that the formula leaves [-1, 1].
func SpearmanBrown(r, times float64) (longer float64, ok bool) {
	longer = lengthened(r, times)
	if !(times > 0 && r <= 1 && math.Abs(longer) <= 1) { // NaN too
		return 0, false
	}
	return longer, true
}

// lengthened is the Spearman-Brown formula; NaN for an r so far below 0 that its pole is reached.
func lengthened(r, times float64) float64 {
	if 1+(times-1)*r <= rounding {
		return math.NaN()
	}
	return times * r / (1 + (times-1)*r)
}

// rounding is the part of a sum of squares that may be left of 0.
const rounding = 1e-12

// cronbach is alpha of k parts whose variances add up to trace and whose sum has the variance total (Cronbach 1951); NaN where it is undefined.
func cronbach(trace, total float64, k int) float64 {
	alpha := float64(k) / float64(k-1) * (1 - trace/total)
	if k < 2 || total <= rounding*trace || alpha > 1+1e-9 {
		return math.NaN()
	}
	return min(1, alpha)
}

// correlation is that of a covariance and two variances; NaN where it is undefined.
func correlation(cov, v, w float64) float64 {
	r := cov / math.Sqrt(v*w)
	if math.Abs(r) > 1+1e-9 {
		return math.NaN()
	}
	return max(-1, min(1, r))
}

// pairs are the available answers: each item's number and mean, and the covariances (n-1) of pairs, NaN where fewer than two persons answered both.
type pairs struct {
	persons     int
	dichotomous bool
	n           []int
	mean        []float64
	cov, shared *mat.SymDense
}

func pairwise(t Table) (*pairs, error) {
	rows, k := len(t.Rows), len(t.Names)
	p := &pairs{dichotomous: true, n: make([]int, k), mean: make([]float64, k), cov: mat.NewSymDense(k, nil), shared: mat.NewSymDense(k, nil)}
	apart, given := mat.NewDense(k, rows, nil), mat.NewDense(k, rows, nil)
	for _, row := range t.Rows {
		answered := 0
		for _, x := range row {
			if !IsMissing(x) {
				answered = 1
				p.dichotomous = p.dichotomous && (x == 0 || x == 1)
			}
		}
		p.persons += answered
	}
	answers := make([]float64, 0, rows)
	for j, name := range t.Names {
		answers = answers[:0]
		for i, row := range t.Rows {
			if !IsMissing(row[j]) {
				answers = append(answers, row[j])
				given.Set(j, i, 1)
			}
		}
		if len(answers) == 0 {
			return nil, &Error{What: AllMissing, Column: name}
		}
		p.n[j] = len(answers)
		p.mean[j], _, _ = MeanSD(answers)
		for i, row := range t.Rows {
			if !IsMissing(row[j]) {
				apart.Set(j, i, row[j]-p.mean[j])
			}
		}
	}
	p.cov.SymOuterK(1, apart)
	p.shared.SymOuterK(1, given)
	for j := range k {
		for i := range j + 1 {
			s := p.cov.At(i, j) / (p.shared.At(i, j) - 1)
			if p.shared.At(i, j) < 2 {
				s = math.NaN()
			}
			p.cov.SetSym(i, j, s)
		}
	}
	return p, nil
}

// harmonic is the mean number of persons who answered a pair of different items; NaN where a pair has fewer than two, or where there is one item.
func (p *pairs) harmonic() float64 {
	inverse, n, persons := 0.0, 0.0, float64(p.persons)
	for j := range p.n {
		for i := range j {
			shared := p.shared.At(i, j)
			if shared < 2 {
				return math.NaN()
			}
			inverse += persons / shared // exactly 1 without gaps
			n++
		}
	}
	return persons * n / inverse
}

// correlations of the items are nil where one is undefined.
func (p *pairs) correlations() *mat.SymDense {
	k := len(p.n)
	r := mat.NewSymDense(k, nil)
	for j := range k {
		for i := range j + 1 {
			x := correlation(p.cov.At(i, j), p.cov.At(i, i), p.cov.At(j, j))
			if math.IsNaN(x) {
				return nil
			}
			r.SetSym(i, j, x)
		}
	}
	return r
}

// lambda6 is Guttman's (1945) of correlations and their inverse: reliability by what the other items explain of each, 1 - sum(1-SMC)/sum(r).
func lambda6(r, inverse *mat.SymDense) float64 {
	unexplained := 0.0
	for j := range r.SymmetricDim() {
		unexplained += 1 / inverse.At(j, j)
	}
	return 1 - unexplained/mat.Sum(r)
}
