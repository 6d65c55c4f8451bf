package stats

import (
	"math"

	"gonum.org/v1/gonum/stat/distuv"
)

// Detection is how well signals are told from noise. For advice that is taken or not, a signal is right advice, and yes is taking it.
type Detection struct {
	Loglinear *Sensitivity `json:"loglinear"` // with 0.5 added to the counts of yes and 1 to those of trials (Hautus 1995); absent where there was no signal, or no noise
	Raw       *Sensitivity `json:"raw"`       // absent where a rate is 0 or 1 too
}

// Sensitivity is signal detection by two rates (Green & Swets 1966).
type Sensitivity struct {
	Hit    float64 `json:"hit"`    // share of yes at signals
	False  float64 `json:"fa"`     // share of yes at noise
	D      float64 `json:"d"`      // d': how far signal and noise are apart, in SD of either
	C      float64 `json:"c"`      // criterion: above 0 no is said too often, below 0 yes
	LnBeta float64 `json:"lnbeta"` // d' times c
	A      float64 `json:"Aprime"` // A' (Pollack & Norman 1964, Grier 1971; below chance Aaronson & Watts 1987): 0.5 is chance, 1 is best
	VarOfD float64 `json:"var_d"`  // of d' (Gourevitch & Galanter 1967)
}

// NewDetection is from counts: yes and no at signals (hits and misses), yes and no at noise (false alarms and correct rejections).
func NewDetection(hits, misses, falseAlarms, rejections int) (*Detection, error) {
	for i, n := range []int{hits, misses, falseAlarms, rejections} {
		if n < 0 {
			return nil, &Error{What: OutOfRange, Column: []string{"H", "M", "F", "C"}[i], Value: float64(n)}
		}
	}
	h, f, signals, noise := float64(hits), float64(falseAlarms), float64(hits+misses), float64(falseAlarms+rejections)
	out := &Detection{}
	if signals == 0 || noise == 0 {
		return out, nil
	}
	out.Loglinear = sensitivity((h+0.5)/(signals+1), (f+0.5)/(noise+1), signals, noise)
	out.Raw = sensitivity(h/signals, f/noise, signals, noise)
	return out, nil
}

// sensitivity is absent where a rate is 0 or 1.
func sensitivity(h, f, signals, noise float64) *Sensitivity {
	zh, okH := NormalQuantile(h)
	zf, okF := NormalQuantile(f)
	if !okH || !okF {
		return nil
	}
	s := &Sensitivity{Hit: h, False: f, D: zh - zf, C: -(zh + zf) / 2, A: 0.5}
	s.LnBeta = s.D * s.C
	if lo, hi := min(h, f), max(h, f); lo < hi {
		s.A += math.Copysign((hi-lo)*(1+hi-lo)/(4*hi*(1-lo)), h-f)
	}
	part := func(p, z, n float64) float64 {
		density := distuv.UnitNormal.Prob(z)
		return p * (1 - p) / (n * density * density)
	}
	s.VarOfD = part(h, zh, signals) + part(f, zf, noise)
	return s
}
