package rating

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"math"
	"slices"
)

// Share is how much of what is not for certification two people rate, at least; of what is, all (NAEP rates 5 to 25 % twice).
const Share = 0.25

// Doubled reports whether a response is to be rated by two: every one for certification, else about a quarter, chosen by its hash, so that anybody can choose again and nobody can choose otherwise.
func Doubled(response string, cert bool) bool {
	h := hash(response)
	return cert || float64(binary.BigEndian.Uint64(h[:8]))/math.MaxUint64 < Share
}

func hash(s string) [sha256.Size]byte { return sha256.Sum256([]byte(s)) }

// TopUp are those of the tasks that have to be rated twice as well, for at least a quarter of all to be: chance may choose fewer of a few. They are chosen by hash among those that nobody has
// rated yet, and Doubled is set.
func TopUp(tasks []*Task) []*Task {
	want := int(math.Ceil(Share * float64(len(tasks))))
	var free []*Task
	for _, t := range tasks {
		switch {
		case t.Doubled:
			want--
		case t.State() == Waiting:
			free = append(free, t)
		}
	}
	slices.SortFunc(free, func(a, b *Task) int {
		x, y := hash(a.ID), hash(b.ID)
		return bytes.Compare(x[:], y[:])
	})
	free = free[:max(0, min(want, len(free)))]
	for _, t := range free {
		t.Doubled = true
	}
	return free
}
