package main

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"

	"leida/internal/text"
)

// drawing is a radar as it was drawn: what the main outline's path says of every axis.
type drawing struct {
	Axes    []string   // names, clockwise from the top
	Written []string   // what stands under each name
	Values  []*float64 // where the outline or a lone marker meets each axis, 0..100; nil where nothing is drawn
	Runs    int        // stretches of the outline with a length
	Centre  int        // vertices at the centre
	Stray   []string   // vertices of the outline that are on no axis, or two on one
	Hollow  []int      // axes with a hollow marker
	Closed  bool       // the outline goes all the way round
}

// readDrawing reads a radar back from the shapes of its svg element, whoever drew it. The outermost ring tells centre and radius.
const readDrawing = `((svg, axes) => {
	const names = axes.map((a) => a.label);
	const colour = (value) => { const i = document.createElement('i'); i.style.setProperty('color', value); document.body.append(i); const c = getComputedStyle(i).color; i.remove(); return c; };
	const agent = colour('var(--c-agent)'), surface = colour('var(--surface)'), line = colour('var(--line)');
	const style = (e, name) => colour(getComputedStyle(e)[name]);
	const loops = (d) => d.split('M').filter(Boolean).map((part) => [...part.matchAll(/(-?[\d.]+)[ ,](-?[\d.]+)/g)].map((m) => [Number(m[1]), Number(m[2])]));
	const all = [...svg.querySelectorAll('path, circle')].filter((e) => !e.closest('defs'));
	const n = names.length;
	const lines = all.filter((e) => e.tagName === 'path' && style(e, 'stroke') === line && getComputedStyle(e).fill === 'none').flatMap((e) => loops(e.getAttribute('d')));
	const ring = lines.filter((l) => l.length >= n).sort((a, b) => Math.min(...a.map((p) => p[1])) - Math.min(...b.map((p) => p[1])))[0].slice(0, n);
	const centre = [0, 1].map((k) => ring.reduce((sum, p) => sum + p[k], 0) / n);
	const away = (p) => Math.hypot(p[0] - centre[0], p[1] - centre[1]);
	const R = away(ring[0]);
	const axisOf = (p) => (Math.round(n * Math.atan2(p[0] - centre[0], centre[1] - p[1]) / (2 * Math.PI)) + n) % n;
	const onAxis = (p) => { const a = 2 * Math.PI * axisOf(p) / n; return Math.abs((p[0] - centre[0]) * Math.cos(a) + (p[1] - centre[1]) * Math.sin(a)) < 0.6; };

	const out = { Axes: names, Written: [], Values: names.map(() => null), Runs: 0, Centre: 0, Stray: [], Hollow: [], Closed: false };
	const put = (p) => {
		if (away(p) < 0.5) { out.Centre++; return; }
		if (!onAxis(p)) { out.Stray.push(p.map((x) => x.toFixed(1)).join(',')); return; }
		const i = axisOf(p), v = 100 * away(p) / R;
		if (out.Values[i] !== null && Math.abs(out.Values[i] - v) > 0.3) out.Stray.push('axis ' + i + ' at ' + out.Values[i] + ' and ' + v);
		out.Values[i] = v;
	};
	const outline = all.filter((e) => e.tagName === 'path' && style(e, 'stroke') === agent && getComputedStyle(e).fill === 'none' && parseFloat(getComputedStyle(e).strokeWidth) === 3);
	for (const e of outline) {
		const d = e.getAttribute('d');
		for (const points of loops(d)) {
			points.forEach(put);
			const far = points.some((p) => Math.hypot(p[0] - points[0][0], p[1] - points[0][1]) > 0.5);
			if (far) out.Runs++;
			if (far && (/Z/.test(d) || (points.length > n && axisOf(points[0]) === axisOf(points.at(-1))))) out.Closed = true;
		}
	}
	const middle = (e) => {
		const b = e.getBBox(), m = e.getCTM(), o = svg.getCTM().inverse().multiply(m);
		const q = new DOMPoint(b.x + b.width / 2, b.y + b.height / 2).matrixTransform(o);
		return [q.x, q.y];
	};
	for (const e of all) {
		const b = e.getBBox();
		if (Math.abs(b.width - b.height) > 0.01) continue;
		if (style(e, 'fill') === surface && style(e, 'stroke') === agent) out.Hollow.push(axisOf(middle(e)));
		else if (style(e, 'fill') === agent && style(e, 'stroke') === surface) put(middle(e));
	}
	// what is written: the lines of an axis's name, then what stands below it, until the next name
	const tight = (text) => text.replace(/\s+/g, '');
	const written = [...svg.querySelectorAll('text')].map((e) => e.textContent.trim()).filter((text) => !/^\d+$/.test(text)); // without the marks of the rings
	const endOf = (from, name) => {
		for (let i = from, read = ''; i < written.length; i++) {
			read += tight(written[i]);
			if (read === tight(name) || (read.length > 2 && read.endsWith('…') && tight(name).startsWith(read.slice(0, -1)))) return i + 1;
			if (!tight(name).startsWith(read)) return 0;
		}
		return 0;
	};
	const spans = axes.map(({ label, short }) => {
		for (let from = 0; from < written.length; from++) {
			const end = endOf(from, label) || endOf(from, short);
			if (end) return { from, end };
		}
		return { from: written.length, end: written.length };
	});
	for (const { end } of spans) out.Written.push(written.slice(end, Math.min(written.length, ...spans.map((s) => s.from).filter((from) => from >= end))).join(' '));
	return out;
})`

const axisNames = `JSON.parse(document.getElementById(document.querySelectorAll('figure.chart[data-option]')[%d].dataset.option).textContent).leida.axes`

// drawn reads a radar of the page, counted from 0, as ECharts drew it.
func drawn(b *tab, nth int) drawing {
	b.t.Helper()
	b.wait("document.querySelectorAll('figure.chart[data-option]')[%d]?.querySelector('.live svg')", nth)
	return js[drawing](b, "%s(document.querySelectorAll('figure.chart[data-option]')[%d].querySelector('.live svg'), %s)", readDrawing, nth, fmt.Sprintf(axisNames, nth))
}

// drawnByServer reads the same radar from the SVG that came with the page. It is hidden once the live one is there, and what is not shown has no geometry.
func drawnByServer(b *tab, nth int) drawing {
	b.t.Helper()
	return js[drawing](b, `(() => {
		const figure = document.querySelectorAll('figure.chart[data-option]')[%d], drawn = figure.classList.contains('drawn');
		figure.classList.remove('drawn');
		const d = %s(figure.querySelector('.static svg'), %s);
		figure.classList.toggle('drawn', drawn);
		return d;
	})()`, nth, readDrawing, fmt.Sprintf(axisNames, nth))
}

// reading is what the page says in words of one axis: a number, or why there is none.
type reading struct {
	Name, Says string
}

func (r reading) value() *float64 {
	if v, err := strconv.ParseFloat(r.Says, 64); err == nil {
		return &v
	}
	return nil
}

// listed are the capabilities as the list beside the radar has them, and rowsOfSubs the sub-competencies of the table.
const (
	listed     = `[...document.querySelectorAll('.score')].map((s) => ({ Name: s.querySelector('h3 a').textContent.trim(), Says: (s.querySelector('.v').firstElementChild?.matches('.chip') ? s.querySelector('.v') : s.querySelector('.v').firstChild).textContent.trim() }))`
	rowsOfSubs = `[...document.querySelectorAll('table.dots tbody tr:not(.grp)')].map((tr) => ({ Name: tr.querySelector('th').innerText.trim(), Says: tr.querySelector('td.r').textContent.trim().split(/ (?=±)/)[0] }))`
)

// agrees holds a drawing against the words: a number is drawn where it is, what has none is not drawn at all, too little evidence is a hollow marker.
func agrees(t *testing.T, what string, d drawing, words []reading, few string) {
	t.Helper()
	n := len(words)
	if len(d.Axes) != n {
		t.Fatalf("%s: %d axes for %d rows", what, len(d.Axes), n)
	}
	runs, zeros := 0, 0
	for i, w := range words {
		v, next, before := w.value(), words[(i+1)%n].value(), words[(i+n-1)%n].value()
		switch {
		case v == nil && d.Values[i] != nil:
			t.Errorf("%s: %s is %q and drawn at %v", what, w.Name, w.Says, *d.Values[i])
		case v != nil && *v < 2 && d.Values[i] == nil:
			zeros++ // as good as at the centre, where all axes meet
		case v != nil && (d.Values[i] == nil || math.Abs(*v-*d.Values[i]) > 0.75):
			t.Errorf("%s: %s is %v and drawn at %s", what, w.Name, *v, show(d.Values[i]))
		}
		if hollow := slices.Contains(d.Hollow, i); hollow != (w.Says == few) {
			t.Errorf("%s: %s is %q, hollow marker: %v", what, w.Name, w.Says, hollow)
		}
		if v != nil && before == nil && next != nil {
			runs++
		}
	}
	closed := !slices.ContainsFunc(words, func(w reading) bool { return w.value() == nil })
	if closed {
		runs = 1
	}
	// ECharts begins and ends on the first axis, so a run across it comes in two pieces
	if split := !closed && words[0].value() != nil && words[n-1].value() != nil; d.Runs != runs && !(split && d.Runs == runs+1) {
		t.Errorf("%s: the outline has %d runs, want %d", what, d.Runs, runs)
	}
	if d.Closed != closed {
		t.Errorf("%s: the outline is closed: %v, want %v", what, d.Closed, closed)
	}
	if len(d.Stray) > 0 || d.Centre > 0 && zeros == 0 {
		t.Errorf("%s: %d vertices at the centre, off the axes %v", what, d.Centre, d.Stray)
	}
}

// testGap proves that what was not measured is not drawn: no vertex, no line across, no zero.
func testGap(t *testing.T, browser context.Context) {
	t.Run("by sitting", func(t *testing.T) {
		c := smallCentre(t)
		trainer := newVisitor(t, browser, c).tab(desktop)
		trainer.signIn("T1", password)
		for _, a := range []string{"all-kinds", "aic-cycle", "too-little"} {
			assign(trainer, a)
		}
		b := newVisitor(t, browser, c).tab(desktop)
		b.signIn("B1", password)
		for range 3 {
			sit(b)
		}
		for _, lang := range text.Langs {
			words := gapsOf(b, lang)
			none, few := text.Say(lang, "profile.status.none"), text.Say(lang, "profile.status.insufficient")
			if words[0].value() == nil || words[1].value() == nil || words[2].Says != none || words[3].Says != few {
				t.Errorf("%s: two sat, one never, one too little: %v", lang, words)
			}
		}
	})
	t.Run("demonstration", func(t *testing.T) {
		b := newVisitor(t, browser, demoCentre(t)).tab(desktop)
		b.signIn("M1001", password)
		seen := map[string]bool{}
		for _, who := range []string{"徐嘉怡", "刘一洋", "曹阳", "叶知秋", "苏晓彤", "马文轩"} {
			b.open("/teams")
			b.follow("tbody th a") // the whole centre
			b.followText("table.heat th a", who)
			for _, w := range gapsOf(b, text.ZH, js[string](b, "location.pathname")) {
				seen[w.Says] = true
			}
		}
		for _, key := range []string{"profile.status.none", "profile.status.insufficient"} {
			if !seen[text.Say(text.ZH, key)] {
				t.Errorf("nobody in the demonstration has %s", text.Say(text.ZH, key))
			}
		}
	})
}

// gapsOf holds both drawings of a report against its words, in the browser's and in the server's hand, and returns the words of the capabilities.
func gapsOf(b *tab, lang text.Lang, path ...string) []reading {
	b.t.Helper()
	b.speak(string(lang))
	b.open(append(path, "/me")[0])
	few := text.Say(lang, "profile.status.insufficient")
	words := js[[]reading](b, listed)
	who := string(lang) + " " + b.text("h1")
	agrees(b.t, who+" ECharts", drawn(b, 0), words, few)
	agrees(b.t, who+" SVG", drawnByServer(b, 0), words, few)
	for _, d := range []drawing{drawn(b, 0), drawnByServer(b, 0)} {
		for i, w := range words {
			if w.value() == nil && d.Written[i] != w.Says {
				b.t.Errorf("%s: the axis of %s says %q, want %q", who, w.Name, d.Written[i], w.Says)
			}
		}
	}
	for i, label := range js[[]string](b, "[...document.querySelectorAll('figure.chart')[0].querySelectorAll('svg[role=img], .live')].map((e) => e.getAttribute('aria-label'))") {
		for _, w := range words {
			if !strings.Contains(label, w.Name+" "+w.Says) {
				b.t.Errorf("%s: drawing %d does not read out %q: %q", who, i, w.Says, label)
			}
		}
	}
	subs := js[[]reading](b, rowsOfSubs)
	agrees(b.t, who+" subs ECharts", drawn(b, 1), subs, few)
	agrees(b.t, who+" subs SVG", drawnByServer(b, 1), subs, few)
	return words
}
