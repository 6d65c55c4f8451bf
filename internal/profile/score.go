package profile

import "math"

// Score is a point on 0-100 with its standard error and its 90 % interval, which is clipped to the scale.
type Score struct{ Y, SE, Lo, Hi float64 }

func newScore(rules Rules, y, se float64) Score {
	half := rules.Z * se
	return Score{Y: y, SE: se, Lo: math.Max(0, y-half), Hi: math.Min(100, y+half)}
}

// pool is a weighted mean of independent scores in the making. The zero value is empty.
type pool struct{ weight, y, variance, lo, hi float64 }

func (p *pool) add(weight float64, s Score) {
	if p.weight == 0 {
		p.lo, p.hi = s.Y, s.Y
	}
	p.weight += weight
	p.y += weight * s.Y
	p.variance += weight * weight * s.SE * s.SE
	p.lo, p.hi = min(p.lo, s.Y), max(p.hi, s.Y)
}

// score needs a pool that is not empty. The mean is kept within what it is a mean of: a mean of 75s is 75, not 74.99999999999999, which is a level lower.
func (p pool) score(rules Rules) Score {
	return newScore(rules, min(max(p.y/p.weight, p.lo), p.hi), math.Sqrt(p.variance)/p.weight)
}

// roundUp is one decimal upwards, at least 0.1: what is still missing never reads as nothing.
func roundUp(x float64) float64 { return math.Max(0.1, math.Ceil(x*10-1e-9)/10) }

// roundDown is one decimal downwards: 64.96 never reads as 65 (MEASUREMENT 6.1).
func roundDown(x float64) float64 { return math.Floor(x*10) / 10 }
