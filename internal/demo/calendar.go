package demo

import (
	"math/rand/v2"
	"time"

	"leida/internal/org"
)

// round is one quarter's assessments.
type round struct {
	cycle   org.Cycle
	windows []window  // one for each form
	closing time.Time // when the cycle was closed; zero while it is open
}

// window is when an assessment may be sat, and the share of people who have by now.
type window struct {
	opens, closes time.Time
	turnout       float64
}

const (
	history = 3             // rounds, the last one open
	settle  = 14            // days before which a new quarter has nothing to show: till then the last one is still open
	opening = 9 * time.Hour // of windows, since midnight
	ending  = 20 * time.Hour
)

func midnight(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, t.Location())
}

// at is a time of a day some days after another; days are the calendar's, whatever the clocks do.
func at(day time.Time, days int, clock time.Duration) time.Time {
	return midnight(day).AddDate(0, 0, days).Add(clock)
}

func days(from, to time.Time) int { return int(to.Sub(from).Hours()/24 + 0.5) }

// roundsUntil are the quarters of the last half year and more, the oldest first, with n windows each. The newest has windows that are still open.
func roundsUntil(now, today time.Time, n int, zone *time.Location) []round {
	out := make([]round, history)
	latest := org.Quarter(now.AddDate(0, 0, -settle), zone)
	for i := history - 1; i >= 0; i-- {
		out[i].cycle = latest
		latest = org.Quarter(latest.From.Add(-time.Hour), zone)
	}
	for i := range out[:history-1] {
		r := &out[i]
		for k := range n {
			from := 40 + 28*k/n
			r.windows = append(r.windows, window{at(r.cycle.From, from, opening), at(r.cycle.From, from+20, ending), 0.95})
		}
		r.closing = at(r.cycle.To, 2, 10*time.Hour+12*time.Minute)
	}
	out[history-1].windows = presentWindows(out[history-1].cycle.From, today, n)
	return out
}

// presentWindows are of the newest round: the first half is over, the others are open and partly done.
func presentWindows(from, today time.Time, n int) []window {
	start := at(from, 8, 0)
	if latest := at(today, -10, 0); start.After(latest) {
		start = latest
	}
	span := float64(days(start, today))
	part := func(share float64) int { return int(share * span) }
	var out []window
	for k := range n {
		if k < n/2 {
			first := 0.4 * float64(k) / float64(n)
			out = append(out, window{at(start, part(first), opening), at(start, min(part(first+0.65), int(span)-1), ending), 0.95})
			continue
		}
		rank := float64(k-n/2) / float64(n)
		out = append(out, window{at(start, part(0.3+0.5*rank), opening), at(today, 5+int(28*rank), ending), 0.8 - rank})
	}
	return out
}

// momentIn finds a working time in a window, before a day and on none of the days taken; ok is false where there is none.
func momentIn(w window, before time.Time, taken map[string]bool, r *rand.Rand) (t time.Time, ok bool) {
	var free []time.Time
	for day := midnight(w.opens); day.Before(w.closes) && day.Before(before); day = at(day, 1, 0) {
		weekend := day.Weekday() == time.Saturday || day.Weekday() == time.Sunday
		if !taken[day.Format(time.DateOnly)] && (!weekend || r.Float64() < 0.15) {
			free = append(free, day)
		}
	}
	if len(free) == 0 {
		return time.Time{}, false
	}
	day := free[r.IntN(len(free))]
	taken[day.Format(time.DateOnly)] = true
	shifts := []struct {
		from time.Duration
		long int // minutes
	}{{9*time.Hour + 10*time.Minute, 130}, {13*time.Hour + 30*time.Minute, 220}, {18*time.Hour + 5*time.Minute, 70}}
	s := shifts[[]int{0, 0, 1, 1, 1, 2}[r.IntN(6)]]
	return day.Add(s.from + time.Duration(r.IntN(s.long*60))*time.Second), true
}
