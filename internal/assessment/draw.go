package assessment

import (
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"leida/internal/fault"
	"leida/internal/item"
)

// Drawn is one item of a paper, pinned by the hash of its content.
type Drawn struct {
	Section int
	Item    *item.Item
}

// Draw makes the paper of one sitting. The same seed, library and seen items give the same paper; items never repeat; sections keep their order and are shuffled inside.
// Items already seen are drawn only where no fresh one is left, since they would count no second time.
// Its error is a fault.Invalid that names section, need and stock; a library that Load returned can always fill its assessments.
func (l *Library) Draw(a *Assessment, seed uint64, seen ...string) ([]Drawn, error) {
	r := rand.New(rand.NewPCG(seed, 0x6c65696461)) // a stream of its own, apart from the views'
	d := l.deal(a, func(pool []*item.Item) {
		r.Shuffle(len(pool), func(i, j int) { pool[i], pool[j] = pool[j], pool[i] })
		slices.SortStableFunc(pool, func(x, y *item.Item) int {
			return rank(slices.Contains(seen, x.ID)) - rank(slices.Contains(seen, y.ID))
		})
	})
	if short := d.short(); len(short) > 0 {
		return nil, fault.Of(short)
	}
	var paper []Drawn
	for i := range a.Sections {
		var part []Drawn
		for _, s := range d.slots {
			if s.section == i {
				part = append(part, Drawn{Section: i, Item: s.pool[s.got]})
			}
		}
		r.Shuffle(len(part), func(i, j int) { part[i], part[j] = part[j], part[i] })
		paper = append(paper, part...)
	}
	return paper, nil
}

func rank(last bool) int {
	if last {
		return 1
	}
	return 0
}

// Pool are the items that a row of a section may draw, by id.
func (l *Library) Pool(a *Assessment, section, row int) []*item.Item {
	s, r := a.Sections[section], a.Sections[section].Draw[row]
	var out []*item.Item
	for _, it := range l.Items {
		switch {
		case it.Status != item.Live || it.Type != r.Type || !slices.Contains(it.Use, a.pool()):
		case len(r.Level) > 0 && !slices.Contains(r.Level, it.Level):
		case !tagged(it, r.Tags) || !l.measures(it, s.Domain):
		default:
			out = append(out, it)
		}
	}
	return out
}

// Minutes is about how long a sitting takes an average reader, by the items that its rows may draw; the time limit is longer.
func (l *Library) Minutes(a *Assessment) int {
	var total time.Duration
	for i, s := range a.Sections {
		for j, row := range s.Draw {
			pool := l.Pool(a, i, j)
			var sum time.Duration
			for _, it := range pool {
				sum += it.Takes()
			}
			if len(pool) > 0 {
				total += time.Duration(row.N) * sum / time.Duration(len(pool))
			}
		}
	}
	return int(math.Ceil(total.Minutes()))
}

func tagged(it *item.Item, want map[string]string) bool {
	for k, v := range want {
		if it.Tags[k] != v {
			return false
		}
	}
	return true
}

// measures reports whether an item belongs to a domain: it measures the sub-competency, and none more, or one of the capability's. What it measures beside that is no reason to draw it, or a
// section could be filled with items that hardly touch it.
func (l *Library) measures(it *item.Item, domain string) bool {
	most := 0.0
	for _, m := range it.Measures {
		most = max(most, m.W)
	}
	return slices.ContainsFunc(it.Measures, func(m item.Measure) bool {
		if m.Sub == domain {
			return m.W == most
		}
		_, c, ok := l.Model.Sub(m.Sub)
		return ok && c.ID == domain
	})
}

// deal fills the slots of an assessment so that no item is used twice. Rows may share items; augmenting paths (Kuhn's bipartite matching) find a filling whenever there is one.
func (l *Library) deal(a *Assessment, shuffle func([]*item.Item)) *dealing {
	d := &dealing{holder: map[string]*slot{}}
	for i, s := range a.Sections {
		for j, row := range s.Draw {
			pool := l.Pool(a, i, j)
			shuffle(pool)
			for range row.N {
				d.slots = append(d.slots, &slot{section: i, row: j, need: row.N, pool: pool, got: -1})
			}
		}
	}
	for _, s := range d.slots {
		d.fill(s, map[string]bool{})
	}
	return d
}

type dealing struct {
	slots  []*slot
	holder map[string]*slot // item id -> who holds it
}

type slot struct {
	section, row, need int
	pool               []*item.Item
	got                int // index into pool, -1 while empty
}

func (d *dealing) fill(s *slot, tried map[string]bool) bool {
	for i, it := range s.pool {
		if tried[it.ID] {
			continue
		}
		tried[it.ID] = true
		if h := d.holder[it.ID]; h == nil || d.fill(h, tried) {
			d.holder[it.ID], s.got = s, i
			return true
		}
	}
	return false
}

// short is a problem for each row that could not be filled. Its stock is what other rows leave it.
func (d *dealing) short() []fault.Problem {
	var rows []string
	stock, need := map[string]int{}, map[string]int{}
	for _, s := range d.slots {
		at := fault.Index(fault.Index("sections", s.section)+".draw", s.row)
		if need[at] == 0 {
			rows, need[at] = append(rows, at), s.need
		}
		if s.got >= 0 {
			stock[at]++
		}
	}
	var ps []fault.Problem
	for _, at := range rows {
		if stock[at] < need[at] {
			ps = append(ps, fault.At(at, "assessment.short", "need", need[at], "stock", stock[at]))
		}
	}
	return ps
}

// stock is what the bank cannot fill.
func (l *Library) stock(a *Assessment) []fault.Problem {
	return l.deal(a, func([]*item.Item) {}).short()
}

// Pins are the sources of an assessment and its paper, to be kept for as long as anybody has sat them.
func (l *Library) Pins(a *Assessment, paper []Drawn) []Source {
	out := []Source{l.sources[a.Hash]}
	for _, d := range paper {
		out = append(out, l.sources[d.Item.Hash])
	}
	return out
}
