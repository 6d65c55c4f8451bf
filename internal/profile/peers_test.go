package profile_test

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"leida/internal/profile"
)

func profilesAt(scores ...float64) []profile.Profile {
	var ps []profile.Profile
	for _, y := range scores {
		ps = append(ps, member("p", "agent", y, nil).Profile)
	}
	return ps
}

func TestPeerBandNeedsFiveOthers(t *testing.T) {
	m := customerService()
	near, wide := profilesAt(50, 60, 70, 80), profilesAt(50, 60, 70, 80, 90, 100)
	for _, b := range profile.PeerBand(m, rules, near) {
		if b.Shown || b.N != 0 || b.Median != 0 || b.P25 != 0 {
			t.Errorf("four others give %+v", b)
		}
	}
	bands := profile.PeerBand(m, rules, near, wide)
	if want := (profile.Band{ID: "AIC", Shown: true, N: 6, Median: 75, P25: 62.5, P75: 87.5, Unit: 1}); len(bands) != 4 || bands[0] != want {
		t.Errorf("the next larger unit gives %+v, want %+v", bands, want)
	}
	five := append(slices.Clone(near), profilesAt(90)...)
	if b := profile.PeerBand(m, rules, five, wide)[0]; !b.Shown || b.Unit != 0 || b.N != 5 {
		t.Errorf("five others give %+v", b)
	}
}

// Five others of whom four have a score would be a band of four.
func TestPeerBandCountsScoresNotHeads(t *testing.T) {
	others := append(profilesAt(50, 60, 70, 80), unmeasured("e").Profile)
	if b := profile.PeerBand(customerService(), rules, others)[0]; b.Shown {
		t.Errorf("%+v", b)
	}
}

func TestSuppress(t *testing.T) {
	for _, c := range []struct {
		name  string
		sizes []int
		want  []bool
	}{
		{"nothing small", []int{5, 8, 12}, []bool{false, false, false}},
		{"one small takes the next smallest along", []int{9, 3, 7}, []bool{false, true, true}},
		{"two small of five together are enough", []int{3, 2, 7}, []bool{true, true, false}},
		{"two small of four together are not", []int{2, 9, 2, 7}, []bool{true, false, true, true}},
		{"three of one", []int{1, 1, 1, 30}, []bool{true, true, true, true}},
		{"among equals the first", []int{6, 2, 6}, []bool{true, true, false}},
		{"an only unit", []int{3}, []bool{true}},
		{"an empty unit hides nothing", []int{0, 6, 7}, []bool{false, false, false}},
		{"an empty unit is no company", []int{0, 3, 7, 8}, []bool{false, true, true, false}},
		{"none", nil, []bool{}},
	} {
		if got := profile.Suppress(c.sizes, 5); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v hides %v, want %v", c.name, c.sizes, got, c.want)
		}
	}
}

// Whoever knows the total and every shown unit must not learn of fewer persons than may be shown, nor of a single unit, unless there is no more to hide.
func TestSuppressLeavesNoRemainder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		sizes := rapid.SliceOfN(rapid.IntRange(0, 20), 0, 8).Draw(t, "sizes")
		least := rapid.IntRange(1, 10).Draw(t, "least")
		hidden := profile.Suppress(sizes, least)
		units, persons, shown := 0, 0, 0
		for i, n := range sizes {
			switch {
			case hidden[i]:
				units, persons = units+1, persons+n
			case n > 0 && n < least:
				t.Fatalf("%v shows a unit of %d", sizes, n)
			case n > 0:
				shown++
			}
		}
		if units > 0 && shown > 0 && (units == 1 || persons < least) {
			t.Fatalf("%v hides %v: a remainder of %d in %d units", sizes, hidden, persons, units)
		}
	})
}
