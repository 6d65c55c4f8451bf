package chart

import (
	"math"
	"strings"
)

// vertex is a point of a drawing in its own terms: the value on the scale 0-100, and the number of the axis or of the step in time. Its JSON is the [radius, angle] of the option.
type vertex [2]float64

// point is a place in the drawing, in SVG units.
type point struct{ x, y float64 }

// plane puts a vertex in its place. Radar and trend differ in this alone; runs, bands and paths are the same for both.
type plane func(vertex) point

// polar is the plane of a radar with n axes: the first at 12 o'clock, clockwise, 100 at distance r of the centre.
func polar(centre point, r float64, n int) plane {
	return func(v vertex) point {
		sin, cos := math.Sincos(2 * math.Pi * v[1] / float64(n))
		d := r * v[0] / 100
		return point{centre.x + d*sin, centre.y - d*cos}
	}
}

// run is a stretch of an outline without a gap. A run of one vertex is a lone marker; a closed one goes all the way round.
type run struct {
	at     []vertex
	closed bool
}

// runs cuts values where one is absent. A cyclic outline joins its last value to its first, so its first run begins after a gap.
func runs(values []float64, cyclic bool) []run {
	n, first := len(values), 0
	if cyclic && n > 0 {
		for first < n && !math.IsNaN(values[first]) {
			first++
		}
		if first == n {
			return []run{{at: vertices(values), closed: true}}
		}
	}
	var out []run
	open := false
	for k := range n {
		i := (first + k) % n
		if math.IsNaN(values[i]) {
			open = false
			continue
		}
		if !open {
			out, open = append(out, run{}), true
		}
		last := &out[len(out)-1]
		last.at = append(last.at, vertex{values[i], float64(i)})
	}
	return out
}

func vertices(values []float64) []vertex {
	out := make([]vertex, len(values))
	for i, v := range values {
		out[i] = vertex{v, float64(i)}
	}
	return out
}

// bands is the area between lo and hi as pieces, one for each run in which both are there. A piece is a list of loops: two for a whole ring (the inner one backwards, so that it is a hole), one for a stretch, and for a lone interval a line of two vertices.
func bands(lo, hi []float64, cyclic bool) [][][]vertex {
	both := make([]float64, len(hi))
	for i := range both {
		both[i] = absent
		if lo[i] <= hi[i] {
			both[i] = hi[i]
		}
	}
	var out [][][]vertex
	for _, r := range runs(both, cyclic) {
		back := make([]vertex, 0, len(r.at))
		for k := len(r.at) - 1; k >= 0; k-- {
			i := r.at[k][1]
			back = append(back, vertex{lo[int(i)], i})
		}
		if r.closed {
			out = append(out, [][]vertex{r.at, back})
		} else {
			out = append(out, [][]vertex{append(r.at, back...)})
		}
	}
	return out
}

// lone reports whether a piece of a band is a single interval, which has no area and is stroked.
func lone(piece [][]vertex) bool { return len(piece[0]) == 2 }

// path is the d attribute of vertices on a plane.
func path(p plane, at []vertex, closed bool) string {
	var b strings.Builder
	for i, v := range at {
		if i == 0 {
			b.WriteByte('M')
		} else {
			b.WriteByte('L')
		}
		q := p(v)
		b.WriteString(num(q.x) + " " + num(q.y))
	}
	if closed {
		b.WriteByte('Z')
	}
	return b.String()
}

// area is the d attribute of one piece of a band.
func area(p plane, piece [][]vertex) string {
	var b strings.Builder
	for _, loop := range piece {
		b.WriteString(path(p, loop, !lone(piece)))
	}
	return b.String()
}
