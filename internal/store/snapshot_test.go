package store

import (
	"strings"
	"testing"
)

// What a snapshot goes back to, by what wrote its revisions: +a a rescoring, -a its being taken back, +A one that was taken back without a revision of its own.
func TestRevisionWithout(t *testing.T) {
	for _, x := range []struct {
		revisions string
		want      int // revision; 0 for none
	}{
		{"first +x", 1},
		{"first +a +x", 2},
		{"first +x +a", 0},          // a came later and stays
		{"first +x +A", 1},          // and does not stay
		{"first +A +x", 1},          // as x stands on A's
		{"first +a +x -a", 1},       // x alone goes
		{"first +a +b -a +x", 4},    // b alone stays
		{"first +a +b -a -b +x", 5}, // nothing stays: the newest of those that say so
		{"first +A +b +x", 0},       // b without A was never written
		{"first +x -x", 0},          // it is done
		{"first +x -a", 0},          // a stood in the first: what is there without both was never written
		{"first -a +x", 2},
		{"first +b +x -a -b", 0},
		{"first +a", 0}, // x is none of it
	} {
		var rows []revisionRow
		for i, w := range strings.Fields(x.revisions) {
			r := revisionRow{Revision: i + 1}
			if i > 0 {
				r.Undo, r.RescoringID, r.State = w[0] == '-', reference(strings.ToLower(w[1:])), Applied
				if w[1:] != strings.ToLower(w[1:]) {
					r.State = Undone
				}
			}
			rows = append(rows, r)
		}
		for i := range rows { // a state is the rescoring's, not the revision's
			for _, r := range rows {
				if r.Undo && r.RescoringID == rows[i].RescoringID {
					rows[i].State = Undone
				}
			}
		}
		got, ok := without(rows, "x")
		if got.Revision != x.want || ok != (x.want > 0) {
			t.Errorf("%s: %d, want %d", x.revisions, got.Revision, x.want)
		}
	}
}
