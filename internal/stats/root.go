package stats

import "math"

// root is where a continuous function is 0 between two places with its values there, which have opposite signs (Chandrupatla 1997: inverse quadratic interpolation where it is
// safe, else bisection), to about 1e-14.
func root(f func(float64) float64, a, fa, b, fb float64) float64 {
	switch {
	case fa == 0:
		return a
	case fb == 0:
		return b
	}
	t := fb / (fb - fa) // of the way from b to a
	for range 200 {
		x := b + t*(a-b)
		fx := f(x)
		c, fc := b, fb
		if math.Signbit(fx) != math.Signbit(fb) {
			c, fc = a, fa
			a, fa = b, fb
		}
		b, fb = x, fx
		least := 1e-14 * (1 + math.Abs(b)) / math.Abs(a-b)
		if least > 0.5 || fb == 0 {
			break
		}
		t = 0.5
		if xi, phi := (b-a)/(c-a), (fb-fa)/(fc-fa); phi*phi < xi && (1-phi)*(1-phi) < 1-xi {
			t = fb/(fb-fa)*fc/(fc-fa) - (c-b)/(a-b)*fb/(fc-fb)*fa/(fa-fc)
		}
		t = min(max(t, least), 1-least)
	}
	return b
}

// peak is where the curve is highest whose slopes at ascending nodes are given: between two neighbouring nodes, the first of which it rises at and the second of which it does
// not, or at one end, where lo and hi are the same. Both are places in nodes. The heights are compared by the trapezoid rule.
func peak(nodes, slopes []float64) (lo, hi int) {
	height, best := 0.0, math.Inf(-1)
	last := len(nodes) - 1
	for i, s := range slopes {
		before := max(0, i-1)
		height += (nodes[i] - nodes[before]) * (slopes[before] + s) / 2
		if height <= best || i > 0 && slopes[before] <= 0 || s > 0 && i < last {
			continue
		}
		best, lo, hi = height, before, i
		if s > 0 {
			lo = hi
		}
	}
	return lo, hi
}

// evenly are n numbers from -reach to reach at equal distances, each rounded but once, so that a node that should be a cut is one.
func evenly(n int, reach float64) []float64 {
	out := make([]float64, n)
	for i := range out {
		out[i] = reach * float64(2*i-(n-1)) / float64(n-1)
	}
	return out
}
