package profile

import (
	"slices"

	"leida/internal/capability"
)

// Band is the middle half of a person's peers in one capability: never the lowest, the highest or a rank (MEASUREMENT 5.7). The numbers are 0 unless Shown.
type Band struct {
	ID               string // of the capability
	Shown            bool
	N                int // peers behind the band
	Median, P25, P75 float64
	Unit             int // which of the units it is of, from 0
}

// PeerBand is the band of each capability, in the model's order, from the profiles of others: same role, self excluded, both the caller's to see to. Units
// run from the nearest to the largest; a capability is taken from the first that has MinPeers others with a score in it.
func PeerBand(model *capability.Model, rules Rules, units ...[]Profile) []Band {
	bands := make([]Band, len(model.Capabilities))
	for i := range bands {
		bands[i] = bandOf(model.Capabilities[i].ID, rules.MinPeers, units)
	}
	return bands
}

func bandOf(id string, least int, units [][]Profile) Band {
	for u, others := range units {
		var values []float64
		for i := range others {
			if m := others[i].mark(id); m.shown {
				values = append(values, m.Y)
			}
		}
		if len(values) < max(least, 1) {
			continue
		}
		slices.Sort(values)
		s := SpreadOf(values)
		return Band{ID: id, Shown: true, N: s.N, Median: s.Median, P25: s.P25, P75: s.P75, Unit: u}
	}
	return Band{ID: id}
}

// Suppress says which sibling units must be hidden, given how many persons stand behind each and how few may be shown. A unit below least is hidden. If it is
// the only one, or all hidden ones together are fewer than least, the next smallest sibling is hidden too: else the total less the shown ones would tell
// (the remainder rule, MEASUREMENT 5.7). An empty unit has nothing to hide and hides nothing. Among equals the first is taken.
func Suppress(sizes []int, least int) []bool {
	hidden := make([]bool, len(sizes))
	persons := 0
	hide := func(i int) {
		hidden[i] = true
		persons += sizes[i]
	}
	for i, n := range sizes {
		if n > 0 && n < least {
			hide(i)
		}
	}
	if persons == 0 || persons >= least { // an only hidden unit has fewer than least
		return hidden
	}
	if next := smallestShown(sizes, hidden); next >= 0 {
		hide(next) // a shown unit has least or more, so one is enough
	}
	return hidden
}

// smallestShown is the index of the smallest unit that is neither empty nor hidden; -1 for none.
func smallestShown(sizes []int, hidden []bool) int {
	next := -1
	for i, n := range sizes {
		if n > 0 && !hidden[i] && (next < 0 || n < sizes[next]) {
			next = i
		}
	}
	return next
}
