package stats

import (
	"math"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/stat/distuv"
)

// Concordance is Lin's concordance correlation coefficient of two series of equal length (Lin 1989, divisor n): how near the pairs lie to the line of equality, so that elevation
// and spread count and not only the order. ok is false where it is undefined: no points, or both series constant and alike.
func Concordance(x, y []float64) (ccc float64, ok bool) {
	mx, sx, ok := MeanSD(x)
	my, sy, _ := MeanSD(y)
	if !ok || len(x) != len(y) {
		return 0, false
	}
	cov := 0.0
	for i := range x {
		cov += (x[i] - mx) * (y[i] - my) / float64(len(x))
	}
	apart := sx*sx + sy*sy + (mx-my)*(mx-my)
	if apart == 0 {
		return 0, false
	}
	return 2 * cov / apart, true
}

// Agreement is how near an observed series comes to its reference, in the unit of the series where no other is named. nil is undefined.
type Agreement struct {
	N             int         `json:"n"`
	CCC           *float64    `json:"epi_ccc"`            // Concordance, under the name of R's epi.ccc
	Lin           *float64    `json:"ccc_lin1989_n"`      // the same, by its divisor
	Sample        *float64    `json:"ccc_n1"`             // the same with the divisor n-1
	CI95          *[2]float64 `json:"ci95"`               // by Fisher's z (Lin 1989, corrected 2000); from three points on, and not of full agreement
	Pearson       *float64    `json:"pearson"`            // how near to any line
	Bias          *float64    `json:"bias_correction_Cb"` // how near this line is to that of equality, 0 to 1: CCC is Pearson's r times this
	ScaleShift    *float64    `json:"scale_shift"`        // SD of the observed by that of the reference
	LocationShift *float64    `json:"location_shift"`     // mean bias by the geometric mean of both SD
	RMSE          float64     `json:"rmse"`
	MAE           float64     `json:"mae"`
	MeanBias      float64     `json:"mean_bias"`         // observed less reference
	PeakReference int         `json:"argmax_ref"`        // place of the first maximum, from 0
	PeakObserved  int         `json:"argmax_obs"`        // the same
	PeakHeight    float64     `json:"peak_height_error"` // maximum observed less that of the reference
	Lags          []int       `json:"xcorr_lag"`         // in points: from -4 to 4
	Lagged        []*float64  `json:"xcorr"`             // Pearson of the reference with what was observed a lag later, of three pairs or more
}

// maxLag is the largest lag of the cross-correlation, in points.
const maxLag = 4

// Agree compares a reference and an observed series of equal length without gaps.
func Agree(reference, observed []float64) (*Agreement, error) {
	t, err := paired(reference, observed)
	if err != nil {
		return nil, err
	}
	if err := t.complete(); err != nil {
		return nil, err
	}
	x, y, n := reference, observed, float64(len(reference))
	a := &Agreement{N: len(x), PeakReference: floats.MaxIdx(x), PeakObserved: floats.MaxIdx(y), MAE: floats.Distance(x, y, 1) / n,
		RMSE: floats.Distance(x, y, 2) / math.Sqrt(n)}
	mx, sx, _ := MeanSD(x)
	my, sy, _ := MeanSD(y)
	a.MeanBias, a.PeakHeight = my-mx, y[a.PeakObserved]-x[a.PeakReference]
	if p, ok := Concordance(x, y); ok {
		a.CCC, a.Lin = &p, &p
		r, linear := Pearson(x, y)
		more := n / (n - 1)
		a.Sample = defined(2 * r * sx * sy * more / ((sx*sx+sy*sy)*more + square(my-mx)))
		if linear {
			scale, location := sy/sx, (my-mx)/math.Sqrt(sx*sy)
			bias := 2 / (scale + 1/scale + location*location)
			a.Pearson, a.ScaleShift, a.LocationShift, a.Bias = defined(r), defined(scale), defined(location), defined(bias)
			a.CI95 = concordanceInterval(p, r, bias, location, n)
		}
	}
	for lag := -maxLag; lag <= maxLag; lag++ {
		a.Lags = append(a.Lags, lag)
		var lagged *float64
		if pairs := len(x) - max(lag, -lag); pairs >= 3 {
			if r, ok := Pearson(x[max(0, -lag):][:pairs], y[max(0, lag):][:pairs]); ok {
				lagged = defined(r)
			}
		}
		a.Lagged = append(a.Lagged, lagged)
	}
	return a, nil
}

// concordanceInterval is that of Lin's coefficient p by Fisher's z, from Pearson's r, the bias correction c = p/r and the location shift u of n pairs (Lin 1989, with the
// correction of 2000). It is nil below three pairs, for full agreement and for its opposite.
func concordanceInterval(p, r, c, u, n float64) *[2]float64 {
	if n < 3 || 1-p*p < rounding {
		return nil
	}
	variance := (c*c*(1-r*r)*(1-p*p) + 2*c*p*p*(1-p)*u*u - square(c*p*u*u)/2) / (n - 2)
	z, half := math.Atanh(p), distuv.UnitNormal.Quantile(.975)*math.Sqrt(max(0, variance))/(1-p*p)
	if math.IsNaN(half) {
		return nil
	}
	return &[2]float64{math.Tanh(z - half), math.Tanh(z + half)}
}
