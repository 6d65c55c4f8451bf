package profile

import (
	"math"

	"leida/internal/fault"
)

// KPIScale turns a figure of the operation into points (MEASUREMENT 5.4). Its four values are in the figure's own unit and run one way, up or down.
type KPIScale struct{ Floor, Threshold, Target, Stretch float64 }

// kpiPoints are the points at floor, threshold, target and stretch.
var kpiPoints = [4]float64{0, 60, 75, 100}

// Constants of KPI evidence (5.4).
const (
	LeastVolume   = 30 // a figure from fewer contacts is ignored
	volumePerUnit = 50
	mostKPIUnits  = 4
)

// largestFigure keeps differences of figures finite.
const largestFigure = 1e12

// Validate returns the problem of a scale that does not run one way, or runs beyond 1e12.
func (k KPIScale) Validate() []fault.Problem {
	up := k.Floor < k.Threshold && k.Threshold < k.Target && k.Target < k.Stretch
	down := k.Floor > k.Threshold && k.Threshold > k.Target && k.Target > k.Stretch
	if (up || down) && max(math.Abs(k.Floor), math.Abs(k.Stretch)) <= largestFigure { // NaN is neither up nor down
		return nil
	}
	return []fault.Problem{fault.At("", "profile.kpi_scale")}
}

// Points are the points, 0-100, of a value: linear between the four, flat beyond them. ok is false for NaN and for a scale that is not valid.
func (k KPIScale) Points(value float64) (points float64, ok bool) {
	if math.IsNaN(value) || len(k.Validate()) > 0 {
		return 0, false
	}
	at := [4]float64{k.Floor, k.Threshold, k.Target, k.Stretch}
	if k.Floor > k.Stretch { // less is better
		value = -value
		for i := range at {
			at[i] = -at[i]
		}
	}
	if value <= at[0] {
		return kpiPoints[0], true
	}
	for i := 1; i < len(at); i++ {
		if value <= at[i] {
			part := (value - at[i-1]) / (at[i] - at[i-1])
			return kpiPoints[i-1] + part*(kpiPoints[i]-kpiPoints[i-1]), true
		}
	}
	return kpiPoints[len(kpiPoints)-1], true
}

// KPIUnits are the information units of a figure from so many contacts, at most 4. ok is false where there were too few for a figure at all.
func KPIUnits(volume float64) (n float64, ok bool) {
	if !(volume >= LeastVolume) { // NaN too
		return 0, false
	}
	return math.Min(mostKPIUnits, volume/volumePerUnit), true
}
