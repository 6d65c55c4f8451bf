package stats

import (
	"math"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
)

// nodeReach is how many SD of ability the nodes go to either side.
const nodeReach = 6

// negligibleBelow is how far below its top a log posterior is left out: e^-40 is less than a rounding of the sum.
const negligibleBelow = 40

// itemCurve is how the probabilities of an item's categories 0..m follow from its m predictors z_h = aθ + d_h.
type itemCurve interface {
	// logP are the logs of the m+1 probabilities, NaN among them where z is none that the model takes.
	logP(z, out []float64)
	// scores are the derivatives of logP, category by category, each by the m predictors.
	scores(z, logP, out []float64)
	// curvature is the m×m matrix of second derivatives of Σ_c r_c logP_c.
	curvature(z, logP, r, out []float64)
}

// em is a calibration under way. Ability is in units of its SD: for Rasch the slope that all items share is that SD. Tables have a row of numbers by node.
type em struct {
	CalibrateOptions
	names        []string // of the items
	p            *patterns
	curve        itemCurve
	theta, logW  []float64 // nodes, and the logs of their weights
	cat          []int     // by item: where its categories begin in a table by item and category; and the number of them all
	par          []float64
	slope, first []int // by item: where in par its slope is, and its first intercept
	groups       []slopeGroup
	logP         []float64 // by item and category
	table        []float64 // by sub-pattern: the log-likelihood
	counts       []float64 // by item and category: the expected number of answers
	parts        []emPart
	logLik       float64
	iterations   int
}

// slopeGroup are items first up to end that share a slope, and their parameters par[from:to], of which the slope is the first.
type slopeGroup struct{ first, end, from, to int }

// emPart are patterns whose sums are taken in order, so that the result does not depend on how many processors there are.
type emPart struct {
	first, end int
	counts     []float64 // by sub-pattern: the expected number of persons
	posterior  []float64
	width      int // of all posteriors together, in nodes
	logLik     float64
}

func newEM(a *Answers, o CalibrateOptions) *em {
	e := &em{CalibrateOptions: o, names: a.Names, p: a.patterns(), curve: creditCurve{}, cat: []int{0}}
	if o.Model == Graded {
		e.curve = gradedCurve{}
	}
	e.theta = floats.Span(make([]float64, o.Nodes), -nodeReach, nodeReach)
	for _, x := range e.theta {
		e.logW = append(e.logW, -x*x/2)
	}
	floats.AddConst(-floats.LogSumExp(e.logW), e.logW)
	for j, given := range a.tally() {
		if o.Model != Rasch || j == 0 {
			e.groups = append(e.groups, slopeGroup{first: j, from: len(e.par)})
			e.par = append(e.par, 1)
		}
		g := &e.groups[len(e.groups)-1]
		e.slope, e.first, e.cat = append(e.slope, g.from), append(e.first, len(e.par)), append(e.cat, e.cat[j]+len(given))
		e.par = append(e.par, e.start(given)...)
		g.end, g.to = j+1, len(e.par)
	}
	n, categories := o.Nodes, e.cat[len(a.Names)]
	e.logP, e.counts, e.table = make([]float64, categories*n), make([]float64, categories*n), make([]float64, e.p.rows()*n)
	const most, least = 16, 256
	size := max(least, (len(e.p.count)+most-1)/most)
	for i := 0; i < len(e.p.count); i += size {
		e.parts = append(e.parts, emPart{first: i, end: min(i+size, len(e.p.count)), counts: make([]float64, len(e.table)), posterior: make([]float64, n)})
	}
	return e
}

// start are the intercepts with which an item of slope 1 gets about the answers that it got. A logit in the middle of the population is √1.35 times that of all of it (Zeger, Liang
// & Albert 1988).
func (e *em) start(given []float64) []float64 {
	var d []float64
	for h := 1; h < len(given); h++ {
		odds := given[h] / given[h-1]
		if e.Model == Graded {
			odds = floats.Sum(given[h:]) / floats.Sum(given[:h])
		}
		d = append(d, 1.16*math.Log(odds))
	}
	return d
}

// categories is how many an item has; that is also the number of its parameters, the slope and the intercepts.
func (e *em) categories(j int) int { return e.cat[j+1] - e.cat[j] }

// index is where in par an item's parameter u is: 0 for the slope, 1, 2 ... for the intercepts.
func (e *em) index(j, u int) int {
	if u == 0 {
		return e.slope[j]
	}
	return e.first[j] + u - 1
}

// predict puts the predictors of an item at a node into z.
func (e *em) predict(j, q int, z []float64) {
	shift, d := e.par[e.slope[j]]*e.theta[q], e.par[e.first[j]:]
	for h := range z {
		z[h] = shift + d[h]
	}
}

// run repeats expectation and maximisation from the starting values. Each two steps are followed by an extrapolation (SQUAREM, Varadhan & Roland 2008), which is taken where the
// objective does not fall by it; otherwise the next cycle starts from the second step. They have converged where a cycle, with its extrapolation, changes no parameter by the
// tolerance. Where they do not, the *Error says NotConverged or Diverged.
func (e *em) run() error {
	step := func() error {
		value := e.objective()
		for _, g := range e.groups {
			e.maximise(g)
		}
		e.iterations++
		e.Progress(e.iterations, value)
		return e.Cancelled()
	}
	e.expect()
	for e.iterations+2 <= e.MostIterations {
		x0 := slices.Clone(e.par)
		if err := step(); err != nil {
			return err
		}
		x1 := slices.Clone(e.par)
		e.expect()
		least := e.objective()
		if err := step(); err != nil {
			return err
		}
		x2 := slices.Clone(e.par)
		change := e.extrapolate(x0, x1, x2)
		e.expect()
		if !(e.objective() >= least) { // NaN too
			copy(e.par, x2)
			e.expect()
		}
		if err := e.diverged(); err != nil {
			return err
		}
		if change < e.Tolerance {
			return nil
		}
	}
	return &Error{What: NotConverged, N: e.iterations, Want: e.MostIterations}
}

// diverged is an *Error where a slope is steeper than the nodes can tell, as where the answers are the more likely the steeper it is. The one that all items share has no column.
func (e *em) diverged() error {
	const steep = 5 // of a log-odds, from one node to the next
	for _, g := range e.groups {
		if a := e.par[g.from]; math.Abs(a)*(e.theta[1]-e.theta[0]) > steep {
			err := &Error{What: Diverged, Value: a}
			if e.Model != Rasch {
				err.Column = e.names[g.first]
			}
			return err
		}
	}
	return nil
}

// extrapolate puts into par where the steps from x0 by x1 to x2 lead, and gives the largest change from x0.
func (e *em) extrapolate(x0, x1, x2 []float64) (change float64) {
	r := floats.SubTo(make([]float64, len(x0)), x1, x0)
	v := floats.SubTo(make([]float64, len(x0)), x2, x1)
	floats.Sub(v, r)
	far := 1.0
	if bend := floats.Norm(v, 2); bend > 0 {
		far = max(1, floats.Norm(r, 2)/bend)
	}
	for i := range x0 {
		by := 2*far*r[i] + far*far*v[i]
		e.par[i] = x0[i] + by
		change = max(change, math.Abs(by))
	}
	return change
}

// row are the numbers of row i of a table.
func (e *em) row(table []float64, i int) []float64 {
	n := len(e.theta)
	return table[i*n : (i+1)*n : (i+1)*n]
}

// expect computes the log-likelihood of the parameters and the expected counts.
func (e *em) expect() {
	for j := range e.slope {
		e.tabulate(j)
	}
	for _, b := range e.p.blocks {
		for r, answers := range b.rows {
			row := e.row(e.table, b.base+r)
			clear(row)
			for k, c := range answers {
				if c != absent {
					floats.Add(row, e.row(e.logP, e.cat[b.first+k]+int(c)))
				}
			}
		}
	}
	parallel(len(e.parts), func(i int) { e.sum(&e.parts[i]) })
	e.logLik = 0
	all := e.parts[0].counts
	for i, part := range e.parts {
		e.logLik += part.logLik
		if i > 0 {
			floats.Add(all, part.counts)
		}
	}
	clear(e.counts)
	for _, b := range e.p.blocks {
		for r, answers := range b.rows {
			row := e.row(all, b.base+r)
			for k, c := range answers {
				if c != absent {
					floats.Add(e.row(e.counts, e.cat[b.first+k]+int(c)), row)
				}
			}
		}
	}
}

// tabulate puts the log probabilities of an item into logP.
func (e *em) tabulate(j int) {
	n := e.categories(j)
	z, p := make([]float64, n-1), make([]float64, n)
	for q := range e.theta {
		e.predict(j, q, z)
		e.curve.logP(z, p)
		for c := range p {
			e.row(e.logP, e.cat[j]+c)[q] = p[c]
		}
	}
}

// sum adds up the patterns of a part.
func (e *em) sum(part *emPart) {
	clear(part.counts)
	part.logLik, part.width = 0, 0
	for i := part.first; i < part.end; i++ {
		w := part.posterior
		lo, hi, total, logLik := e.posterior(i, w)
		count := e.p.count[i]
		part.logLik += count * logLik
		part.width += hi - lo
		for k, code := range e.p.of(i) {
			floats.AddScaled(e.row(part.counts, e.p.blocks[k].base+int(code))[lo:hi], count/total, w[lo:hi])
		}
	}
}

// posterior puts into w[lo:hi] what is proportional to the posterior of ability after a pattern, with its total. Outside of it is nothing to speak of.
func (e *em) posterior(i int, w []float64) (lo, hi int, total, logLik float64) {
	copy(w, e.logW)
	for k, code := range e.p.of(i) {
		floats.Add(w, e.row(e.table, e.p.blocks[k].base+int(code)))
	}
	top, hi := floats.Max(w), len(w)
	for w[lo] < top-negligibleBelow {
		lo++
	}
	for w[hi-1] < top-negligibleBelow {
		hi--
	}
	for q := lo; q < hi; q++ {
		w[q] = math.Exp(w[q] - top)
		total += w[q]
	}
	return lo, hi, total, top + math.Log(total)
}

// maximise moves the parameters of a group to where the expected counts, with the priors, are most likely: by Newton's method, with the step halved as long as it leads down.
func (e *em) maximise(g slopeGroup) {
	const near, most = 1e-8, 50
	n := g.to - g.from
	x, score, info := e.par[g.from:g.to], make([]float64, n), mat.NewSymDense(n, nil)
	value := e.value(g, score, info)
	for range most {
		step, ok := newtonStep(info, score)
		for before, from := value, slices.Clone(x); ; floats.Scale(.5, step) {
			if !ok || floats.Norm(step, math.Inf(1)) < near {
				copy(x, from)
				return
			}
			floats.AddTo(x, from, step)
			if value = e.value(g, score, info); value >= before-1e-12*math.Abs(before) { // not NaN
				break
			}
		}
	}
}

// newtonStep is info⁻¹ score, with as much added to the diagonal as makes info positive definite.
func newtonStep(info *mat.SymDense, score []float64) (step []float64, ok bool) {
	n := len(score)
	var c mat.Cholesky
	for ridge := 1e-6; !c.Factorize(info); ridge *= 10 {
		if !(ridge < 1e12) {
			return nil, false
		}
		for i := range n {
			info.SetSym(i, i, info.At(i, i)+ridge)
		}
	}
	step = make([]float64, n)
	return step, c.SolveVecTo(mat.NewVecDense(n, step), mat.NewVecDense(n, score)) == nil
}

// value is the expected log-likelihood of a group's items, plus the log density of the priors, with the first derivatives and the negative second ones by the group's parameters.
func (e *em) value(g slopeGroup, score []float64, info *mat.SymDense) float64 {
	clear(score)
	info.Zero()
	value := e.prior(g, score, info)
	for j := g.first; j < g.end; j++ {
		n := e.categories(j)
		s, h := make([]float64, n), make([]float64, n*n)
		value += e.item(j, s, h)
		for u := range n {
			x := e.index(j, u) - g.from
			score[x] += s[u]
			for v := u; v < n; v++ {
				y := e.index(j, v) - g.from
				info.SetSym(x, y, info.At(x, y)+h[u*n+v])
			}
		}
	}
	return value
}

// item is the expected log-likelihood of an item. It adds the first derivatives by the slope and each intercept, and the upper triangle of the negative second ones.
func (e *em) item(j int, score, info []float64) (value float64) {
	n := e.categories(j)
	m := n - 1
	z, r, logP, s, h := make([]float64, m), make([]float64, n), make([]float64, n), make([]float64, n*m), make([]float64, m*m)
	for q, x := range e.theta {
		e.predict(j, q, z)
		e.curve.logP(z, logP)
		e.curve.scores(z, logP, s)
		for c := range r {
			if r[c] = e.row(e.counts, e.cat[j]+c)[q]; r[c] == 0 { // so far out that the log probability may be infinite
				continue
			}
			value += r[c] * logP[c]
			for k := range m {
				score[0] += r[c] * x * s[c*m+k]
				score[k+1] += r[c] * s[c*m+k]
			}
		}
		e.curve.curvature(z, logP, r, h)
		for k := range m {
			for l := range m {
				info[0] -= x * x * h[k*m+l]
				info[k+1] -= x * h[k*m+l]
				info[(k+1)*n+l+1] -= h[k*m+l]
			}
		}
	}
	return value
}

// prior is the log density of the priors at a group's parameters, up to a constant. It adds the first derivatives and the negative second ones.
func (e *em) prior(g slopeGroup, score []float64, info *mat.SymDense) (value float64) {
	if e.Priors == nil {
		return 0
	}
	add := func(i int, f, first, second float64) {
		value += f
		score[i] += first
		info.SetSym(i, i, info.At(i, i)-second)
	}
	x := e.par[g.from:g.to]
	if e.Model != Rasch {
		far, precision := math.Log(x[0])-e.Priors.LogA, 1/(e.Priors.LogASD*e.Priors.LogASD) // NaN below 0, where no slope can be
		add(0, -far*far/2*precision, -far/x[0]*precision, (far-1)/(x[0]*x[0])*precision)
	}
	for i := 1; i < len(x); i++ {
		far, precision := x[i]-e.Priors.D, 1/(e.Priors.DSD*e.Priors.DSD)
		add(i, -far*far/2*precision, -far*precision, -precision)
	}
	return value
}

// objective is what no step lowers: the log-likelihood of the last expectation and the log density of the priors.
func (e *em) objective() float64 {
	sum := e.logLik
	for _, g := range e.groups {
		n := g.to - g.from
		sum += e.prior(g, make([]float64, n), mat.NewSymDense(n, nil))
	}
	return sum
}

// parallel does work 0 up to n on all processors.
func parallel(n int, work func(i int)) {
	var next atomic.Int64
	var wg sync.WaitGroup
	for range min(n, runtime.GOMAXPROCS(0)) {
		wg.Go(func() {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				work(i)
			}
		})
	}
	wg.Wait()
}
