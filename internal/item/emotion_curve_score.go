package item

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"

	"leida/internal/stats"
)

// panelCurve is what the panel says of the rated turns, in the order of the dialogue.
type panelCurve struct {
	turns   []string
	mean    []float64
	sd      []float64 // of raters, divisor n - 1
	tau     []float64 // tolerance
	base    float64   // E0: the least mean error of any constant
	ceiling float64   // C*: mean concordance of a panel member with the mean of the others
}

func (b *emotionCurve) measure() panelCurve {
	p := panelCurve{turns: b.rated()}
	raters := make([][]float64, len(b.Panel.Ratings))
	for _, id := range p.turns {
		column := slices.Index(b.Panel.Turns, id)
		values := make([]float64, len(raters))
		for i, row := range b.Panel.Ratings {
			values[i] = row[column]
			raters[i] = append(raters[i], row[column])
		}
		n := float64(len(values))
		mean, sd, _ := stats.MeanSD(values)
		sd *= math.Sqrt(n / (n - 1))
		p.mean, p.sd, p.tau = append(p.mean, mean), append(p.sd, sd), append(p.tau, max(b.Scoring.tauMin(), sd))
	}
	p.base = p.leastConstant()
	p.ceiling = agreement(raters)
	return p
}

// off is how far a value is beyond the tolerance of a turn.
func (p panelCurve) off(turn int, value float64) float64 {
	return max(0, math.Abs(value-p.mean[turn])-p.tau[turn])
}

// worst is the error of a turn that was left out: the largest that there is.
func (p panelCurve) worst(turn int) float64 {
	return max(p.off(turn, 0), p.off(turn, mostAnger))
}

// leastConstant is the least mean error of a constant curve. The mean error is convex and bends only where a turn's tolerance ends, so the least is at one of these ends or of the scale's.
func (p panelCurve) leastConstant() float64 {
	least := math.Inf(1)
	try := func(c float64) {
		sum := 0.0
		for t := range p.mean {
			sum += p.off(t, c)
		}
		least = min(least, sum/float64(len(p.mean)))
	}
	try(0)
	try(mostAnger)
	for t := range p.mean {
		try(max(0, p.mean[t]-p.tau[t]))
		try(min(mostAnger, p.mean[t]+p.tau[t]))
	}
	return least
}

// agreement is the mean concordance of each rater with the mean of the others.
func agreement(raters [][]float64) float64 {
	n := float64(len(raters))
	sum := 0.0
	for _, own := range raters {
		others := make([]float64, len(own))
		for t := range own {
			for _, each := range raters {
				others[t] += each[t]
			}
			others[t] = (others[t] - own[t]) / (n - 1)
		}
		c, _ := stats.Concordance(own, others)
		sum += c / n
	}
	return sum
}

// curveDetail is how a curve was marked. Turns are those rated, in the order of the dialogue.
type curveDetail struct {
	Accuracy float64   `json:"A"`
	Shape    float64   `json:"S"`
	Events   float64   `json:"E"`
	Error    float64   `json:"e"`
	Base     float64   `json:"e0"`
	Ceiling  float64   `json:"ceiling"`
	Bias     float64   `json:"bias"`        // own mean - panel's
	Spread   float64   `json:"compression"` // own SD / panel's
	Missing  int       `json:"missing"`
	Mean     []float64 `json:"mu"`
	SD       []float64 `json:"sd"`
}

// Score is 0.5 A + 0.3 S + 0.2 E: A = clamp(1 - mean error / E0), S = clamp(concordance / C*), E the mean credit of the events. A turn left out has the largest error there is, and counts
// as the own mean for the concordance.
func (b *emotionCurve) Score(r Response) (Result, error) {
	a, _ := r.Answer.(curveAnswer)
	d := b.mark(a, b.measure())
	w := b.Scoring.weights()
	return Result{Score: clamp01(w.Accuracy*d.Accuracy + w.Shape*d.Shape + w.Events*d.Events), Detail: d}, nil
}

func (b *emotionCurve) mark(a curveAnswer, p panelCurve) curveDetail {
	d := curveDetail{Base: p.base, Ceiling: p.ceiling, Mean: p.mean, SD: p.sd}
	n := float64(len(p.turns))
	var given []float64
	for t, id := range p.turns {
		if x, ok := a.Curve[id]; ok {
			given = append(given, x)
			d.Error += p.off(t, x) / n
			continue
		}
		d.Missing++
		d.Error += p.worst(t) / n
	}
	ownMean, ownSD, _ := stats.MeanSD(given)
	ownSD *= math.Sqrt(float64(len(given)) / n) // of the whole curve, filled with the own mean
	mean, sd, _ := stats.MeanSD(p.mean)
	d.Bias, d.Spread = ownMean-mean, ownSD/sd
	whole := make([]float64, len(p.turns))
	for t, id := range p.turns {
		whole[t] = ownMean
		if x, ok := a.Curve[id]; ok {
			whole[t] = x
		}
	}
	ccc, _ := stats.Concordance(whole, p.mean)
	d.Accuracy, d.Shape = clamp01(1-d.Error/p.base), clamp01(ccc/p.ceiling)
	for _, e := range b.Key.Events {
		d.Events += e.credit(a.Events[e.ID]) / float64(len(b.Key.Events))
	}
	return d
}

// credit is 1 for the event's turn and half for one near.
func (e curveEvent) credit(turn string) float64 {
	switch {
	case turn == e.Turn:
		return 1
	case slices.Contains(e.Near, turn):
		return 0.5
	}
	return 0
}

// stereotypes are shapes that complaints are thought to have, by where the peak stands: 0 the first turn, 1 the last (MEASUREMENT 4.8).
var stereotypes = []struct {
	name string
	peak float64
}{{"rise_fall", 0.5}, {"early_peak", 0.3}, {"late_peak", 0.7}, {"ramp_up", 1}, {"ramp_down", 0}}

// stereotype rises to 80 and falls at the same slope, so that the end farther from the peak is at 20.
func stereotype(peak float64, n int) []float64 {
	const low, high = 20, 80
	last := float64(n - 1)
	at := peak * last
	out := make([]float64, n)
	for t := range out {
		out[t] = math.Round(high - (high-low)*math.Abs(float64(t)-at)/max(at, last-at))
	}
	return out
}

// Blind are a constant curve, for which the formula is corrected, and the stereotypes.
func (b *emotionCurve) Blind() []Blind {
	const mostStereotype = 0.35
	turns := b.rated()
	curve := func(value func(t int) float64) curveAnswer {
		a := curveAnswer{Curve: map[string]float64{}, Events: map[string]string{}}
		for t, id := range turns {
			a.Curve[id] = value(t)
		}
		return a
	}
	all := []Blind{{"constant", curve(func(int) float64 { return mostAnger / 2 }), 0}}
	for _, s := range stereotypes {
		values := stereotype(s.peak, len(turns))
		all = append(all, Blind{s.name, curve(func(t int) float64 { return values[t] }), mostStereotype})
	}
	return all
}

// Imitate reads the less by meaning and the more by punctuation the less able somebody is, leans to one side, and wavers. What is not seen is marked nearby, elsewhere or not at all.
func (b *emotionCurve) Imitate(ability float64, r *rand.Rand) Answer {
	p := b.measure()
	a := curveAnswer{Curve: map[string]float64{}, Events: map[string]string{}}
	lack := 1 - ability
	lean := 8 * lack * r.NormFloat64()
	t := 0
	for _, turn := range b.Dialogue {
		if turn.Who != customer {
			continue
		}
		x := ability*p.mean[t] + lack*loudness(turn.Text.ZH) + lean + (3+18*lack)*r.NormFloat64()
		a.Curve[turn.ID] = math.Round(max(0, min(mostAnger, x)))
		t++
	}
	for _, e := range b.Key.Events {
		guesses := append(slices.Clone(e.Near), b.choices(e)...)
		switch luck := r.Float64(); {
		case luck < 0.1+0.9*ability:
			a.Events[e.ID] = e.Turn
		case luck < 0.97:
			a.Events[e.ID] = guesses[r.IntN(len(guesses))]
		}
	}
	return a
}

// loudness is how angry a turn looks to somebody who goes by its punctuation.
func loudness(s string) float64 {
	x := 30.0
	x += 22 * float64(min(2, strings.Count(s, "！")+strings.Count(s, "!")))
	x += 12 * float64(min(2, strings.Count(s, "？")+strings.Count(s, "?")))
	return x
}
