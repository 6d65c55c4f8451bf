package chart

import (
	"math"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// line is one line of a label.
type line struct {
	s     string
	size  float64
	bold  bool
	muted bool
}

// label is what stands at the end of an axis: its name, wrapped, and its value below.
type label struct {
	lines []line
	w, h  float64
	cut   bool // something is left out
}

// box is the place of a label; (x, y) is its upper left corner.
type box struct {
	x, y, w, h float64
	anchor     string // start, middle or end: the side that faces the axis
}

const (
	labelGap   = 10.0 // from the end of an axis to its label
	framePad   = 4.0
	lineHeight = 1.35
	sideways   = 0.15 // an axis whose sine is smaller points up or down: its label is centred
)

func newLabel(lines ...line) label {
	l := label{lines: lines}
	for _, t := range lines {
		l.w = max(l.w, width(t.s, t.size, t.bold))
		l.h += t.size * lineHeight
		l.cut = l.cut || strings.HasSuffix(t.s, "…")
	}
	return l
}

// width estimates how wide text will be. It errs on the wide side, so that a label does not leave its box in another font.
func width(s string, size float64, bold bool) float64 {
	em := 0.0
	for _, r := range s {
		switch {
		case r >= 0x2E80:
			em++
		case strings.ContainsRune(".,:;'|!ijl·", r):
			em += 0.36
		case strings.ContainsRune(" ()[]-tfr", r):
			em += 0.46
		case strings.ContainsRune("mwMW%@±", r):
			em += 0.95
		case unicode.IsUpper(r):
			em += 0.76
		default:
			em += 0.66
		}
	}
	if bold {
		em *= 1.05
	}
	return em * size
}

// wrap breaks text into at most most lines of at most room units, as even as they can be; what does not fit ends in an ellipsis.
// A name such as "跨部门流转协同(问题流转白板)" breaks before its bracket when both halves fit.
func wrap(s string, size, room float64, most int, bold bool) []string {
	s = strings.Join(strings.Fields(s), " ")
	if width(s, size, bold) <= room {
		return []string{s}
	}
	if i := strings.IndexAny(s, "(（"); most > 1 && i > 0 {
		head, tail := strings.TrimSpace(s[:i]), s[i:]
		if width(head, size, bold) <= room && width(tail, size, bold) <= room {
			return []string{head, tail}
		}
	}
	lines := fill(s, size, room, bold)
	if len(lines) > most {
		lines = append(lines[:most-1], strings.Join(lines[most-1:], ""))
	} else {
		for narrower := room - size/2; narrower > size; narrower -= size / 2 {
			even := fill(s, size, narrower, bold)
			if len(even) > len(lines) || slices.ContainsFunc(even, func(l string) bool { return width(strings.TrimSpace(l), size, bold) > narrower }) {
				break
			}
			lines = even
		}
	}
	for i, l := range lines {
		lines[i] = ellipsis(strings.TrimSpace(l), size, room, bold)
	}
	return lines
}

// fill puts as many whole pieces on each line as fit. A piece that is wider than a line has one to itself.
func fill(s string, size, room float64, bold bool) []string {
	lines := []string{""}
	for _, p := range pieces(s) {
		last := &lines[len(lines)-1]
		if *last != "" && width(strings.TrimSpace(*last+p), size, bold) > room {
			lines = append(lines, p)
			continue
		}
		*last += p
	}
	return lines
}

// pieces are the parts between which a line may break: Latin words, single Chinese characters, each with the punctuation that belongs to it.
func pieces(s string) []string {
	var out []string
	prev := rune(0)
	for _, r := range s {
		opens := strings.ContainsRune("(（「《“", prev)
		closes := strings.ContainsRune(")）」》”,，、。;；:：?？!！%·", r)
		wide := r >= 0x2E80 || prev >= 0x2E80
		if len(out) == 0 || !opens && !closes && (prev == ' ' || wide && r != ' ') {
			out = append(out, "")
		}
		out[len(out)-1] += string(r)
		prev = r
	}
	return out
}

func ellipsis(s string, size, room float64, bold bool) string {
	if width(s, size, bold) <= room {
		return s
	}
	for s != "" && width(s+"…", size, bold) > room {
		_, n := utf8.DecodeLastRuneInString(s)
		s = s[:len(s)-n]
	}
	return strings.TrimSpace(s) + "…"
}

// arrange places the labels round a radar of radius r whose centre is the origin. From the waist outwards, a label that would cover its neighbour gives way, away from the waist.
func arrange(labels []label, r float64) []box {
	n := len(labels)
	boxes := make([]box, n)
	sine := func(i int) (dx, dy float64) {
		sin, cos := math.Sincos(2 * math.Pi * float64(i) / float64(n))
		return sin, -cos
	}
	for i, l := range labels {
		dx, dy := sine(i)
		b := box{x: (r + labelGap) * dx, y: (r+labelGap)*dy + (dy-1)*l.h/2, w: l.w, h: l.h, anchor: "start"}
		switch {
		case dx < -sideways:
			b.x, b.anchor = b.x-l.w, "end"
		case dx <= sideways:
			b.x, b.anchor = b.x-l.w/2, "middle"
		}
		boxes[i] = b
	}
	// Axis i and axis n-i mirror each other.
	giveWay := func(i, before int) {
		a, b := &boxes[i], boxes[before]
		if a.x >= b.x+b.w || b.x >= a.x+a.w || a.y >= b.y+b.h || b.y >= a.y+a.h {
			return
		}
		if _, dy := sine(i); dy < 0 {
			a.y = b.y - a.h
		} else {
			a.y = b.y + b.h
		}
	}
	for i := n/4 - 1; i >= 0; i-- { // towards 12 o'clock
		giveWay(i, i+1)
		giveWay((n-i)%n, n-i-1)
	}
	for i := n/4 + 1; 2*i <= n; i++ { // towards 6 o'clock
		giveWay(i, i-1)
		giveWay(n-i, (n-i+1)%n)
	}
	return boxes
}

// fit finds the largest radius at which every label stays inside a frame of w by h, the centre that goes with it, and the boxes in place. r is 0 when the labels do not fit at all.
func fit(labels []label, w, h float64) (centre point, r float64, boxes []box) {
	n := len(labels)
	round := polar(point{}, 1, n)
	try := func(r float64) (ok bool, top, bottom float64, boxes []box) {
		boxes = arrange(labels, r)
		ok = r <= w/2-framePad
		for i := range n {
			q := round(vertex{100 * r, float64(i)})
			top, bottom = min(top, q.y), max(bottom, q.y)
			if b := boxes[i]; b.h > 0 {
				top, bottom = min(top, b.y), max(bottom, b.y+b.h)
				ok = ok && b.x >= framePad-w/2 && b.x+b.w <= w/2-framePad
			}
		}
		return ok && bottom-top <= h-2*framePad, top, bottom, boxes
	}
	lo, hi := 0.0, w+h
	for range 30 {
		mid := (lo + hi) / 2
		if ok, _, _, _ := try(mid); ok {
			lo = mid
		} else {
			hi = mid
		}
	}
	_, top, bottom, boxes := try(lo)
	centre = point{w / 2, (h - top - bottom) / 2}
	for i := range boxes {
		boxes[i].x += centre.x
		boxes[i].y += centre.y
	}
	return centre, lo, boxes
}
