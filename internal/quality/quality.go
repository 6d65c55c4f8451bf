// Package quality is what answers say of items and of forms: whether an item is any good, and what a form's score is worth (PSYCHOMETRICS "which method when", MEASUREMENT 4.16).
package quality

import (
	"cmp"
	"math"
	"slices"

	"leida/internal/item"
	"leida/internal/stats"
)

// Place is one item of a sitting that was handed in, by one person.
type Place struct {
	Item    *item.Item
	Score   float64 // 0..1
	Blank   bool
	Seconds float64 // spent on it; 0 for unknown
	Chosen  []string
	Recent  bool // sat in the newest cycle
	// Remarked is whether a rescoring gave it another mark than its version does: it tells of the person's ability, and nothing of the item.
	Remarked bool
}

// Bounds by which an item is judged.
const (
	leastPeople = 5    // below which nothing is told at all: it would be of single persons (MEASUREMENT 5.7)
	fewest      = 30   // answers below which nothing is concluded
	provisional = 100  // answers below which what is said is provisional
	tooHard     = 0.20 // mean score, below
	tooEasy     = 0.90 // mean score, above
	weak        = 0.15 // item-rest correlation, below
	drifted     = 0.10 // change of the mean score
	exposed     = 300  // answers above which an item is known
	dead        = 0.05 // share of answers, below which nobody takes a distractor
	left        = 0.10 // share of those shown, above which it is left blank too often
	slow        = 1.5  // times what an item of its kind takes
	z90         = 1.645
	z99         = 2.576
	clear       = 4.0 // standard errors that a drift is from none: all items are looked at each cycle, and an ability that is told by the other items drifts against this one
	rest        = 3   // items of the same capability that tell an ability
)

// Collector takes the answers person by person and keeps of each what the statistics need.
type Collector struct {
	capability func(sub string) string
	items      map[string]*gathered // by hash of the version
}

// gathered is what was answered to one version.
type gathered struct {
	item    *item.Item
	options []item.Choice
	seen    []seen
	people  int
	last    string // person
}

type seen struct {
	score, rest, seconds float32 // rest is NaN where nothing tells an ability
	chosen               uint32  // by option, a bit each
	blank, recent        bool
}

// NewCollector is empty. capability names the capability of a sub-competency.
func NewCollector(capability func(sub string) string) *Collector {
	return &Collector{capability: capability, items: map[string]*gathered{}}
}

// Add takes all places of one person in one cycle: the ability at an item is what the others of its capability say. Of an item that is there twice the first counts. People must come one after the other.
func (c *Collector) Add(person string, places []Place) {
	known := map[string]bool{}
	places = slices.DeleteFunc(slices.Clone(places), func(p Place) bool {
		twice := known[p.Item.ID]
		known[p.Item.ID] = true
		return twice
	})
	sum, n, items := map[string]float64{}, map[string]float64{}, map[string]int{}
	for _, p := range places {
		of := c.capability(p.Item.Domain())
		sum[of] += p.Item.Units() * p.Score
		n[of] += p.Item.Units()
		items[of]++
	}
	for _, p := range places {
		if p.Remarked {
			continue
		}
		g := c.items[p.Item.Hash]
		if g == nil {
			g = &gathered{item: p.Item}
			if o, ok := p.Item.Body.(item.Optioned); ok {
				g.options = o.Choices()
			}
			c.items[p.Item.Hash] = g
		}
		s := seen{score: float32(p.Score), rest: float32(math.NaN()), seconds: float32(p.Seconds), blank: p.Blank, recent: p.Recent}
		of, own := c.capability(p.Item.Domain()), p.Item.Units()
		if items[of] > rest {
			s.rest = float32((sum[of] - own*p.Score) / (n[of] - own))
		}
		for i, o := range g.options {
			if i < 32 && slices.Contains(p.Chosen, o.ID) {
				s.chosen |= 1 << i
			}
		}
		g.seen = append(g.seen, s)
		if g.people == 0 || g.last != person {
			g.people, g.last = g.people+1, person
		}
	}
}

// Estimate is a value with its 90 % interval.
type Estimate struct {
	Value float64 `json:"value"`
	Low   float64 `json:"low"`
	High  float64 `json:"high"`
}

// Item is what the answers say of one version of an item.
type Item struct {
	Of             *item.Item
	People         int
	Shown          int       // answers, blank ones among them; all else is told from some people and answers on
	Blank          int       // left without an answer, which scores 0
	Mean           *Estimate // score, 0..1
	Rest           *Estimate // correlation with the rest of the capability, -1..1
	Discrimination *float64  // mean score of the ablest quarter less that of the least able
	Seconds        *float64  // median
	Groups         []Group   // by ability, the least able quarter first; none where abilities are not known
	Options        []Option  // of kinds with options
	Drift          *Estimate // mean score in the newest cycle less that of those before, among people of like ability and beside what the other items moved by
	Flags          []Flag    // what to look at, the most pressing first
	driftSE, fast  float64   // standard error of Drift; lower bound of Seconds
}

// Provisional reports whether the answers are too few to rely on.
func (x Item) Provisional() bool { return x.Shown < provisional }

// Hidden reports whether the people are too few to tell anything: it would be of single persons.
func (x Item) Hidden() bool { return x.People < leastPeople }

// Few reports whether the answers are too few to conclude anything.
func (x Item) Few() bool { return x.Shown < fewest }

// Group is a quarter of the people by ability.
type Group struct {
	N    int
	Mean Estimate // score, 0..1
}

// Option is who chose it.
type Option struct {
	item.Choice
	Share  float64   // of all answers, 0..1
	Shares []float64 // by Groups
}

// Flag is something to look at in an item.
type Flag struct {
	Kind    string `json:"kind"`             // a word for a message key: quality.flag.<kind>
	Certain bool   `json:"certain"`          // the whole 90 % interval is beyond the bound
	Option  string `json:"option,omitempty"` // id, of flags of one option
}

// severity is how pressing a flag is; what is not certain is half as pressing.
var severity = map[string]float64{"negative": 10, "rival": 8, "hard": 6, "known": 5, "shifted": 4, "weak": 4, "easy": 4, "blank": 3, "slow": 2, "exposed": 2, "dead": 1}

// trouble is what an item's flags come to.
func (x Item) trouble() float64 {
	sum := 0.0
	for _, f := range x.Flags {
		w := severity[f.Kind]
		if !f.Certain {
			w /= 2
		}
		sum += w
	}
	return sum
}

// Items are the versions that somebody answered, the most troubled first.
func (c *Collector) Items() []Item {
	var out []Item
	moved := map[string][]float64{} // by capability: how far its items drifted
	for _, g := range c.items {
		x := g.judge()
		if x.Drift != nil {
			of := c.capability(x.Of.Domain())
			moved[of] = append(moved[of], x.Drift.Value)
		}
		out = append(out, x)
	}
	for i := range out {
		x := &out[i]
		x.relative(moved[c.capability(x.Of.Domain())])
		x.flag()
	}
	slices.SortFunc(out, func(x, y Item) int {
		return cmp.Or(cmp.Compare(y.trouble(), x.trouble()), cmp.Compare(x.Of.ID, y.Of.ID), cmp.Compare(y.Of.Version, x.Of.Version))
	})
	return out
}

func (g *gathered) judge() Item {
	x := Item{Of: g.item, People: g.people, Shown: len(g.seen)}
	if x.Hidden() {
		return x
	}
	var scores, known, rests, seconds []float64
	for _, s := range g.seen {
		y := float64(s.score)
		scores = append(scores, y)
		if s.blank {
			x.Blank++
		}
		if !math.IsNaN(float64(s.rest)) {
			known, rests = append(known, y), append(rests, float64(s.rest))
		}
		if s.seconds > 0 && !s.blank {
			seconds = append(seconds, float64(s.seconds))
		}
	}
	x.Mean = mean(scores)
	slices.Sort(seconds)
	if m, ok := stats.Quantile(seconds, 0.5); ok {
		x.Seconds = &m
	}
	if x.Few() {
		return x
	}
	if r, ok := stats.Pearson(known, rests); ok && len(known) > 3 {
		x.Rest = correlation(r, len(known))
	}
	cuts := quarters(rests)
	x.Groups, x.Options = g.groups(cuts), g.chosen(cuts)
	if n := len(x.Groups); n > 0 {
		d := x.Groups[n-1].Mean.Value - x.Groups[0].Mean.Value
		x.Discrimination = &d
	}
	x.Drift, x.driftSE = g.drift(cuts)
	if n := float64(len(seconds)); n > 0 {
		if lower := int(n/2 - z90*math.Sqrt(n)/2); lower >= 0 { // of the median's interval, by order
			x.fast = seconds[lower]
		}
	}
	return x
}

// drift compares the newest cycle with those before within quarters of ability, so that a weaker or stronger intake is no drift of the item. It is nil where either side has too few answers.
func (g *gathered) drift(cuts []float64) (d *Estimate, se float64) {
	if cuts == nil {
		return nil, 0
	}
	before, now := make([][]float64, len(cuts)+1), make([][]float64, len(cuts)+1)
	for _, s := range g.seen {
		if q := quarter(cuts, s.rest); q >= 0 && s.recent {
			now[q] = append(now[q], float64(s.score))
		} else if q >= 0 {
			before[q] = append(before[q], float64(s.score))
		}
	}
	sum, variance, weight, was, is := 0.0, 0.0, 0.0, 0, 0
	for q := range now {
		a, b := mean(before[q]), mean(now[q])
		if a == nil || b == nil {
			continue
		}
		n := float64(len(now[q]))
		sum += n * (b.Value - a.Value)
		variance += n * n * (math.Pow(spread(before[q]), 2)/float64(len(before[q])) + math.Pow(spread(now[q]), 2)/n)
		weight += n
		was, is = was+len(before[q]), is+len(now[q])
	}
	if was < fewest || is < fewest {
		return nil, 0
	}
	y := sum / weight
	se = math.Sqrt(variance) / weight
	return around(y, se), se
}

// around is a difference of scores with its interval.
func around(y, se float64) *Estimate { return &Estimate{y, max(-1, y-z90*se), min(1, y+z90*se)} }

// relative takes off an item's drift what most of its capability's items moved by: that is the people's, for ability is not known to the point.
func (x *Item) relative(moved []float64) {
	if x.Drift == nil || len(moved) <= rest {
		return
	}
	m, _ := stats.Quantile(slices.Sorted(slices.Values(moved)), 0.5)
	x.Drift = around(x.Drift.Value-m, x.driftSE)
}

// flag puts up the flags of an item with enough answers.
func (x *Item) flag() {
	if x.Few() {
		return
	}
	put := func(kind string, certain bool) { x.Flags = append(x.Flags, Flag{Kind: kind, Certain: certain}) }
	if m := x.Mean; m.Value > tooEasy {
		put("easy", m.Low > tooEasy)
	} else if m.Value < tooHard {
		put("hard", m.High < tooHard)
	}
	if r := x.Rest; r != nil && r.Value < 0 {
		put("negative", r.High < 0)
	} else if r != nil && r.Value < weak {
		put("weak", r.High < weak)
	}
	if d := x.Drift; d != nil && math.Abs(d.Value) > max(drifted, clear*x.driftSE) {
		if d.Value > 0 {
			put("known", d.Low > drifted)
		} else {
			put("shifted", d.High < -drifted)
		}
	}
	if x.Shown > exposed {
		put("exposed", true)
	}
	if s := share(x.Blank, x.Shown); s.Value > left {
		put("blank", s.Low > left)
	}
	if bound := slow * x.Of.Takes().Seconds(); x.Seconds != nil && *x.Seconds > bound {
		put("slow", x.fast > bound)
	}
	answers := x.Shown - x.Blank
	for _, o := range x.Options {
		if o.Key || o.Graded {
			continue
		}
		if o.Share < dead {
			x.Flags = append(x.Flags, Flag{Kind: "dead", Option: o.ID, Certain: share(int(math.Round(o.Share*float64(answers))), answers).High < dead})
		} else if z := o.rise(x.Groups); z > z90 {
			x.Flags = append(x.Flags, Flag{Kind: "rival", Option: o.ID, Certain: z > z99})
		}
	}
	slices.SortStableFunc(x.Flags, func(a, b Flag) int { return cmp.Compare(severity[b.Kind], severity[a.Kind]) })
}

// share is k of n with Wilson's interval (1927).
func share(k, n int) Estimate {
	if n == 0 {
		return Estimate{0, 0, 1}
	}
	p, m := float64(k)/float64(n), float64(n)
	mid := (p + z90*z90/(2*m)) / (1 + z90*z90/m)
	half := z90 / (1 + z90*z90/m) * math.Sqrt(p*(1-p)/m+z90*z90/(4*m*m))
	return Estimate{p, max(0, mid-half), min(1, mid+half)}
}

// rise is by how many standard errors the ablest quarter takes an option more often than the least able; 0 where abilities are not known.
func (o Option) rise(groups []Group) float64 {
	n := len(o.Shares)
	if n == 0 {
		return 0
	}
	lo, hi := o.Shares[0], o.Shares[n-1]
	se := math.Sqrt((lo*(1-lo)+0.25/4)/float64(groups[0].N+4) + (hi*(1-hi)+0.25/4)/float64(groups[n-1].N+4)) // never 0: as if four more had been torn
	return (hi - lo) / se
}

// quarters are the three abilities that part people into quarters; nil where there are too few for it, or where many are alike.
func quarters(rests []float64) []float64 {
	if len(rests) < fewest {
		return nil
	}
	sorted := slices.Sorted(slices.Values(rests))
	var cuts []float64
	for _, p := range []float64{0.25, 0.5, 0.75} {
		q, _ := stats.Quantile(sorted, p)
		if len(cuts) > 0 && q <= cuts[len(cuts)-1] {
			return nil
		}
		cuts = append(cuts, q)
	}
	return cuts
}

// quarter is the group of an ability, from 0; -1 where it is not known.
func quarter(cuts []float64, rest float32) int {
	if math.IsNaN(float64(rest)) || cuts == nil {
		return -1
	}
	n, _ := slices.BinarySearch(cuts, float64(rest))
	return n
}

func (g *gathered) groups(cuts []float64) []Group {
	if cuts == nil {
		return nil
	}
	scores := make([][]float64, len(cuts)+1)
	for _, s := range g.seen {
		if q := quarter(cuts, s.rest); q >= 0 {
			scores[q] = append(scores[q], float64(s.score))
		}
	}
	var out []Group
	for _, ys := range scores {
		m := mean(ys)
		if m == nil {
			return nil
		}
		out = append(out, Group{N: len(ys), Mean: *m})
	}
	return out
}

func (g *gathered) chosen(cuts []float64) []Option {
	var out []Option
	answered := make([]float64, len(cuts)+1)
	all := 0.0
	for _, s := range g.seen {
		if s.blank {
			continue
		}
		all++
		if q := quarter(cuts, s.rest); q >= 0 {
			answered[q]++
		}
	}
	for i, o := range g.options {
		x := Option{Choice: o}
		takers := make([]float64, len(answered))
		n := 0.0
		for _, s := range g.seen {
			if i >= 32 || s.chosen&(1<<i) == 0 {
				continue
			}
			n++
			if q := quarter(cuts, s.rest); q >= 0 {
				takers[q]++
			}
		}
		if all > 0 {
			x.Share = n / all
		}
		if cuts != nil && !slices.Contains(answered, 0) {
			for q := range takers {
				x.Shares = append(x.Shares, takers[q]/answered[q])
			}
		}
		out = append(out, x)
	}
	return out
}

// mean is a mean score with its interval, within 0..1; nil for no scores.
func mean(scores []float64) *Estimate {
	m, _, ok := stats.MeanSD(scores)
	if !ok {
		return nil
	}
	half := z90 * spread(scores) / math.Sqrt(float64(len(scores)))
	return &Estimate{Value: m, Low: max(0, m-half), High: min(1, m+half)}
}

// spread is the standard deviation of scores. That of few leans on a prior, as in MEASUREMENT 5.2, so that a few right answers do not look certain.
func spread(scores []float64) float64 {
	const priorSD, strength = 0.28, 4
	_, sd, _ := stats.MeanSD(scores)
	n := float64(len(scores))
	return math.Sqrt((strength*priorSD*priorSD + n*sd*sd) / (strength + n - 1))
}

// correlation is a correlation of n points with Fisher's interval (1921).
func correlation(r float64, n int) *Estimate {
	if math.Abs(r) >= 1 {
		return &Estimate{r, r, r}
	}
	half := z90 / math.Sqrt(float64(n-3))
	return &Estimate{r, math.Tanh(math.Atanh(r) - half), math.Tanh(math.Atanh(r) + half)}
}
