package stats

import (
	"math"
	"sync"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
)

// precision are the covariances of the parameters, from the observed information (Louis 1982): what the complete data would tell, less what the posteriors of ability leave open,
// which is the variance of a person's score over the posterior. They are nil where the information is not positive definite. With them come the marginal and the empirical
// reliability.
func (e *em) precision() (covariance *mat.SymDense, marginal, empirical float64) {
	s := e.scores()
	seen := make([]partPosteriors, len(e.parts))
	parallel(len(seen), func(i int) { seen[i] = e.keep(e.parts[i], s) })
	info := mat.NewSymDense(len(e.par), nil)
	var eap, square, variance float64
	for _, p := range seen {
		info.AddSym(info, p.products)
		eap, square, variance = eap+p.eap, square+p.square, variance+p.variance
	}
	for _, g := range e.groups {
		n := g.to - g.from
		h := mat.NewSymDense(n, nil)
		e.value(g, make([]float64, n), h)
		for u := range n {
			for v := u; v < n; v++ {
				info.SetSym(g.from+u, g.from+v, info.At(g.from+u, g.from+v)+h.At(u, v))
			}
		}
	}
	moments := e.moments(seen, s)
	for j := range s {
		for k := j; k < len(s); k++ {
			for u := range e.categories(j) {
				for v := range e.categories(k) {
					x, y, m := e.index(j, u), e.index(k, v), moments.At(e.cat[j]+u, e.cat[k]+v)
					if j < k && x == y { // the slope that they share: k with j counts as well
						m *= 2
					}
					if j < k || x <= y {
						info.SetSym(x, y, info.At(x, y)-m)
					}
				}
			}
		}
	}
	var c mat.Cholesky
	if c.Factorize(info) {
		covariance = mat.NewSymDense(len(e.par), nil)
		if c.InverseTo(covariance) != nil {
			covariance = nil
		}
	}
	n := e.p.n
	between := (square - eap*eap/n) / (n - 1)
	return covariance, e.marginal(s), between / (between + variance/n)
}

// scores are the derivatives of an item's log probabilities by its parameters, by node: [item][category][parameter].
func (e *em) scores() [][][][]float64 {
	out := make([][][][]float64, len(e.slope))
	for j := range out {
		n := e.categories(j)
		z, logP, s := make([]float64, n-1), make([]float64, n), make([]float64, n*(n-1))
		for range n {
			byParameter := make([][]float64, n)
			for u := range byParameter {
				byParameter[u] = make([]float64, len(e.theta))
			}
			out[j] = append(out[j], byParameter)
		}
		for q, x := range e.theta {
			e.predict(j, q, z)
			e.curve.logP(z, logP)
			e.curve.scores(z, logP, s)
			for c, byParameter := range out[j] {
				for h := range z {
					byParameter[h+1][q] = s[c*(n-1)+h]
					byParameter[0][q] += x * s[c*(n-1)+h]
				}
			}
		}
	}
	return out
}

// partPosteriors are those of a part's patterns, and what adds up over its persons.
type partPosteriors struct {
	emPart
	lo, from              []int // by pattern: the first node, and where its weights begin in w; and the end of them all
	w                     []float64
	products              *mat.SymDense // of the scores by par, with themselves
	eap, square, variance float64       // expected a posteriori ability, its square, and posterior variance
}

// of are the nodes lo up to hi and the weights of the part's pattern i, from 0.
func (p *partPosteriors) of(i int) (lo, hi int, w []float64) {
	w = p.w[p.from[i]:p.from[i+1]]
	return p.lo[i], p.lo[i] + len(w), w
}

func (e *em) keep(part emPart, s [][][][]float64) partPosteriors {
	const together = 256 // persons whose scores are multiplied at a time
	n := len(e.par)
	p := partPosteriors{emPart: part, products: mat.NewSymDense(n, nil), from: []int{0}, w: make([]float64, 0, part.width)}
	batch := mat.NewDense(together, n, nil)
	full := make([]float64, len(e.theta))
	filled := 0
	multiply := func() {
		blas64.Syrk(blas.Trans, 1, batch.RawMatrix(), 1, p.products.RawSymmetric())
		batch.Zero()
		filled = 0
	}
	for i := part.first; i < part.end; i++ {
		lo, hi, total, _ := e.posterior(i, full)
		w, count := full[lo:hi], e.p.count[i]
		floats.Scale(1/total, w)
		p.w, p.lo, p.from = append(p.w, w...), append(p.lo, lo), append(p.from, len(p.w)+len(w))
		mean := floats.Dot(w, e.theta[lo:hi])
		p.eap += count * mean
		p.square += count * mean * mean
		for q, x := range w {
			p.variance += count * x * (e.theta[lo+q] - mean) * (e.theta[lo+q] - mean)
		}
		row, root := batch.RawRowView(filled), math.Sqrt(count)
		for k, code := range e.p.of(i) {
			b := e.p.blocks[k]
			for at, c := range b.rows[code] {
				if c != absent {
					for u, byNode := range s[b.first+at][c] {
						row[e.index(b.first+at, u)] += root * floats.Dot(w, byNode[lo:hi])
					}
				}
			}
		}
		if filled++; filled == together {
			multiply()
		}
	}
	multiply()
	return p
}

// moments are the sums over persons of the posterior mean of the products of items' scores: of each item's parameters with those of itself and of the later ones, in rows and
// columns as the categories are in cat.
func (e *em) moments(seen []partPosteriors, s [][][][]float64) *mat.Dense {
	n := e.cat[len(s)]
	out := mat.NewDense(n, n, nil)
	type tables struct{ rows, counts, sum []float64 }
	pool := sync.Pool{New: func() any {
		return &tables{make([]float64, len(e.table)), make([]float64, len(e.counts)), make([]float64, len(e.theta))}
	}}
	block := make([]int, len(s)) // of an item
	for k, b := range e.p.blocks {
		for j := b.first; j < b.end; j++ {
			block[j] = k
		}
	}
	parallel(len(s), func(j int) {
		t := pool.Get().(*tables)
		defer pool.Put(t)
		for c, own := range s[j] {
			e.given(j, int8(c), block[j], seen, t.rows, t.counts)
			for k := j; k < len(s); k++ {
				for v := range e.categories(k) {
					clear(t.sum)
					for d, other := range s[k] {
						for q, x := range e.row(t.counts, e.cat[k]+d) {
							t.sum[q] += x * other[v][q]
						}
					}
					for u := range own {
						out.Set(e.cat[j]+u, e.cat[k]+v, out.At(e.cat[j]+u, e.cat[k]+v)+floats.Dot(own[u], t.sum))
					}
				}
			}
		}
	})
	return out
}

// given puts into counts the expected numbers of the answers to item j and those after it of the persons whose answer to item j is c. rows is room for those of the sub-patterns,
// from block on.
func (e *em) given(j int, c int8, block int, seen []partPosteriors, rows, counts []float64) {
	clear(rows)
	clear(counts)
	own := e.p.blocks[block]
	for _, p := range seen {
		for i := p.first; i < p.end; i++ {
			codes := e.p.of(i)
			if own.rows[codes[block]][j-own.first] != c {
				continue
			}
			lo, hi, w := p.of(i - p.first)
			for k := block; k < len(codes); k++ {
				floats.AddScaled(e.row(rows, e.p.blocks[k].base+int(codes[k]))[lo:hi], e.p.count[i], w)
			}
		}
	}
	for _, b := range e.p.blocks[block:] {
		for r, answers := range b.rows {
			row := e.row(rows, b.base+r)
			for k, d := range answers {
				if d != absent && b.first+k >= j {
					floats.Add(e.row(counts, e.cat[b.first+k]+int(d)), row)
				}
			}
		}
	}
}

// marginal is the mean of I/(I+1) over the population, where I is the information of all items about ability in the unit of its SD.
func (e *em) marginal(s [][][][]float64) (reliability float64) {
	for q := range e.theta {
		info := 0.0
		for j, categories := range s {
			a := e.par[e.slope[j]]
			for c, byParameter := range categories {
				slope := 0.0
				for _, byNode := range byParameter[1:] {
					slope += a * byNode[q]
				}
				info += math.Exp(e.row(e.logP, e.cat[j]+c)[q]) * slope * slope
			}
		}
		reliability += math.Exp(e.logW[q]) * info / (info + 1)
	}
	return reliability
}

// errors are the standard errors of the items, and that of the variance of ability.
func (e *em) errors(covariance *mat.SymDense) (items []ItemSE, variance *float64) {
	root := func(x float64) *float64 {
		x = math.Sqrt(x)
		return &x
	}
	for j, i := range e.slope {
		a, varA := e.par[i], covariance.At(i, i)
		var own ItemSE
		if e.Model == Rasch {
			if math.Abs(a) > 10*e.Tolerance {
				variance = root(4 * a * a * varA)
			}
		} else {
			own.A = root(varA)
		}
		for k := e.first[j]; k < e.first[j]+e.categories(j)-1; k++ {
			d, varD, varB := e.par[k], covariance.At(k, k), covariance.At(k, k) // b = -d for Rasch
			if e.Model != Rasch {
				varB = (varD - 2*d/a*covariance.At(i, k) + d*d/(a*a)*varA) / (a * a)
			}
			own.D, own.B = append(own.D, math.Sqrt(varD)), append(own.B, math.Sqrt(varB))
		}
		items = append(items, own)
	}
	return items, variance
}
