package profile

import (
	"cmp"
	"math"
	"slices"
	"time"

	"leida/internal/fault"
)

// Why a record is left out. Each is the end of a message key, profile.left_out.*.
const (
	outVoid    = "void"        // withdrawn
	outUnsound = "unsound"     // numbers that cannot be calculated with
	outRetake  = "retake"      // not the first sitting of its item in its cycle
	outFuture  = "future"      // observed after the date of the profile
	outExpired = "expired"     // older than the cutoff
	outUnknown = "unknown_sub" // the model does not have its sub-competency
)

// Counting leaves out what counts at no date: void and unsound records, and retakes. The order is kept.
//
// A retake is the same item again within a cycle (MEASUREMENT 5.1): only the first sitting of it counts. All records of that sitting count, since a rubric
// writes several. KPI and observations are no attempts: twelve months of one KPI are twelve records.
func Counting(evidence []Evidence) []Evidence {
	rows := sift(evidence)
	out := make([]bool, len(evidence))
	for _, r := range rows {
		out[r.index] = r.out != ""
	}
	kept := make([]Evidence, 0, len(evidence))
	for i, e := range evidence {
		if !out[i] {
			kept = append(kept, e)
		}
	}
	return kept
}

// row is a record on its way into an estimate.
type row struct {
	*Evidence
	index int     // of the record in the caller's slice
	sub   int     // of its sub-competency in the model
	out   string  // why it is left out; empty where it counts
	age   float64 // days
	fresh float64 // what the age leaves of it: 1 today, a half after the half-life
	k, w  float64 // weight of one unit and of the record (5.2)
}

// sift makes a row of every record, in an order that depends on nothing but what the records say: so sums come out the same to the last bit however the
// store returned them. Records that count at no date carry their reason.
func sift(evidence []Evidence) []row {
	order := make([]int, len(evidence)) // sorted instead of the rows: a number is cheaper to move
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(i, j int) int { return byContent(&evidence[i], &evidence[j]) })
	rows := make([]row, len(evidence))
	for i, at := range order {
		r := &rows[i]
		r.Evidence, r.index = &evidence[at], at
		switch {
		case r.Void:
			r.out = outVoid
		case !r.sound():
			r.out = outUnsound
		}
	}
	markRetakes(rows)
	return rows
}

// byContent puts the attempts at one item in one cycle beside each other, first attempt first.
func byContent(a, b *Evidence) int {
	if c := cmp.Compare(a.ItemID, b.ItemID); c != 0 {
		return c // the usual case, without the cost of the rest
	}
	return cmp.Or(
		cmp.Compare(a.Cycle, b.Cycle), cmp.Compare(a.Person, b.Person), a.At.Compare(b.At),
		cmp.Compare(a.SittingID, b.SittingID), cmp.Compare(a.Source, b.Source),
		cmp.Compare(a.Y, b.Y), cmp.Compare(a.N, b.N), cmp.Compare(a.Sub, b.Sub), cmp.Compare(a.ID, b.ID),
	)
}

func markRetakes(rows []row) {
	var first *Evidence
	for i := range rows {
		r := &rows[i]
		if r.out != "" || !r.Source.Test() {
			continue
		}
		if first == nil || first.ItemID != r.ItemID || first.Cycle != r.Cycle || first.Person != r.Person {
			first = r.Evidence
			continue
		}
		if !sameSitting(first, r.Evidence) {
			r.out = outRetake
		}
	}
}

// sameSitting falls back on the instant where no sitting is named, as for imported results.
func sameSitting(a, b *Evidence) bool {
	if a.SittingID == "" && b.SittingID == "" {
		return a.At.Equal(b.At)
	}
	return a.SittingID == b.SittingID
}

// date gives every row its age at a date, and leaves out what is not of that date.
func date(rules Rules, rows []row, at time.Time) {
	for i := range rows {
		r := &rows[i]
		if r.out != "" {
			continue
		}
		r.age = at.Sub(r.At).Seconds() / 86400
		r.fresh = math.Exp2(-r.age / rules.HalfLife)
		switch {
		case r.At.After(at):
			r.out = outFuture
		case r.age > rules.Cutoff:
			r.out = outExpired
		}
	}
}

// bySub returns the rows that count as one run per sub-competency, in the order they have.
func bySub(rows []row, subs int) [][]row {
	ends := make([]int, subs+1)
	for _, r := range rows {
		if r.out == "" {
			ends[r.sub+1]++
		}
	}
	for i := range subs {
		ends[i+1] += ends[i]
	}
	sorted := make([]row, ends[subs])
	runs := make([][]row, subs)
	for i := range runs {
		runs[i] = sorted[ends[i]:ends[i]:ends[i+1]]
	}
	for _, r := range rows {
		if r.out == "" {
			runs[r.sub] = append(runs[r.sub], r)
		}
	}
	return runs
}

// leftOut are the records that do not count, by id, each with its reason.
func leftOut(rows []row) []fault.Problem {
	var ps []fault.Problem
	for _, r := range rows {
		if r.out != "" {
			ps = append(ps, fault.At(r.ID, "profile.left_out."+r.out))
		}
	}
	return ps
}
