package profile

// BusFactor is who can do a watched sub-competency well: the members at HolderLevel with sufficient evidence (MEASUREMENT 5.6).
type BusFactor struct {
	Capability, Sub string
	Holders         []string // ids of persons, in the order of the members
	Staying         []string // of these, who is not leaving: the attrition view
}

// Cover is how many can stand in for each other. It is the end of a message key, profile.cover.*.
type Cover string

const (
	Nobody Cover = "nobody" // red
	Single Cover = "single" // amber: one person away from nobody
	Backed Cover = "backed"
)

// CoverOf is the cover that a number of holders gives.
func CoverOf(holders int) Cover {
	switch {
	case holders <= 0:
		return Nobody
	case holders == 1:
		return Single
	}
	return Backed
}

// Cover is today's cover.
func (b BusFactor) Cover() Cover { return CoverOf(len(b.Holders)) }

// CoverLater is the cover once everybody who is leaving has left.
func (b BusFactor) CoverLater() Cover { return CoverOf(len(b.Staying)) }

func busFactor(rules Rules, in, id string, members []Member) BusFactor {
	b := BusFactor{Capability: in, Sub: id}
	for i := range members {
		m := &members[i]
		s, ok := m.Profile.subOf(in, id)
		if !ok || s.Level < rules.HolderLevel {
			continue // without sufficient evidence there is no level
		}
		b.Holders = append(b.Holders, m.Person)
		if !m.Leaving {
			b.Staying = append(b.Staying, m.Person)
		}
	}
	return b
}
