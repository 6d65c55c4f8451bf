package stats

import (
	"math"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/optimize"
)

// Omega is McDonald's (1999) omega total of the standardized items: the part of the variance of their sum that one common factor explains. It is absent below 20 persons, below
// three items, and where the correlations are no proper matrix (gaps, or items that determine each other). Below 100 persons it is not advised: alpha with its interval says as
// much.
type Omega struct {
	Total    float64   `json:"omega_total_std"`
	Loadings []float64 `json:"loadings"` // on the factor, turned so that their sum is not negative
}

// omegaFrom is the least number of persons.
const omegaFrom = 20

// leastUniqueness is the bound of a unique variance, that of R's factanal: a factor never explains an item in full.
const leastUniqueness = .005

// omega fits one factor to correlations R by maximum likelihood (Jöreskog 1967): it minimizes log det Σ + tr(RΣ⁻¹) for Σ = λλ' + diag(ψ). With λ = u sqrt(ψ) and v = u/sqrt(ψ) that
// is Σ log ψ + log(1+u'u) + Σ 1/ψ - v'Rv/(1+u'u) (by Sherman & Morrison 1950). It starts from the inverse of R, as factanal does, and is nil where there is no solution.
func omega(r, inverse *mat.SymDense) *Omega {
	k := r.SymmetricDim()
	if k < 3 {
		return nil
	}
	x, psi := make([]float64, 2*k), make([]float64, k) // u, and the logarithms of what ψ is above its bound
	scaled := mat.NewSymDense(k, nil)
	for j := range k {
		psi[j] = max(2*leastUniqueness, (1-.5/float64(k))/inverse.At(j, j)) // Jöreskog 1963
		x[k+j] = math.Log(psi[j] - leastUniqueness)
		for i := range j + 1 {
			scaled.SetSym(i, j, r.At(i, j)/math.Sqrt(psi[i]*psi[j]))
		}
	}
	var eigen mat.EigenSym
	if !eigen.Factorize(scaled, true) {
		return nil
	}
	var vectors mat.Dense
	eigen.VectorsTo(&vectors)
	for j := range k {
		x[j] = math.Sqrt(eigen.Values(nil)[k-1]-1) * vectors.At(j, k-1)
	}
	v, rv := mat.NewVecDense(k, nil), mat.NewVecDense(k, nil)
	// parts sets ψ, v and Rv, and gives 1/(1+u'u) and v'Rv.
	parts := func(x []float64) (c, q float64) {
		for j := range k {
			psi[j] = leastUniqueness + math.Exp(x[k+j])
			v.SetVec(j, x[j]/math.Sqrt(psi[j]))
		}
		rv.MulVec(r, v)
		return 1 / (1 + floats.Dot(x[:k], x[:k])), mat.Dot(v, rv)
	}
	problem := optimize.Problem{
		Func: func(x []float64) float64 {
			c, q := parts(x)
			f := -math.Log(c) - c*q
			for _, u := range psi {
				f += math.Log(u) + 1/u
			}
			return f
		},
		Grad: func(grad, x []float64) {
			c, q := parts(x)
			for j, u := range psi {
				grad[j] = 2 * c * (x[j]*(1+c*q) - rv.AtVec(j)/math.Sqrt(u))
				grad[k+j] = (1 - 1/u + c*v.AtVec(j)*rv.AtVec(j)) / u * (u - leastUniqueness)
			}
		},
	}
	best, err := optimize.Minimize(problem, x, &optimize.Settings{
		GradientThreshold: 1e-6, Converger: &optimize.FunctionConverge{Absolute: 1e-10, Iterations: 1}, MajorIterations: 1000}, &optimize.BFGS{})
	if err != nil || best.Status.Early() {
		return nil
	}
	parts(best.X)
	o := &Omega{Loadings: make([]float64, k)}
	for j, u := range psi {
		o.Loadings[j] = best.X[j] * math.Sqrt(u)
	}
	common := floats.Sum(o.Loadings)
	floats.Scale(math.Copysign(1, common), o.Loadings)
	o.Total = common * common / (common*common + floats.Sum(psi))
	return o
}
