package main

import (
	"context"
	"math"
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
	Stray   []string   // vertices of the outline that are on no axis, or on two, or at the centre
	Hollow  []int      // axes with a hollow marker
	Closed  bool       // the outline goes all the way round
}

// readDrawing reads a radar back from the shapes of its svg element, whoever drew it. The outermost ring tells centre and radius.
const readDrawing = `((svg, names) => {
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

	const out = { Axes: names, Written: [], Values: names.map(() => null), Runs: 0, Stray: [], Hollow: [], Closed: false };
	const put = (p) => {
		if (away(p) < 0.5 || !onAxis(p)) { out.Stray.push(p.map((x) => x.toFixed(1)).join(',')); return; }
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
	// what is written: the texts that stand nearest to the name of each axis, below it
	const words = [...svg.querySelectorAll('text')].map((e) => ({ text: e.textContent.trim(), box: e.getBoundingClientRect() }));
	for (const name of names) {
		const at = words.findIndex((w) => name.startsWith(w.text) && w.text.length > 1);
		let below = at + 1;
		while (below < words.length && name.includes(words[below].text)) below++;
		out.Written.push(at < 0 ? '' : words[below]?.text ?? '');
	}
	return out;
})`

const axisNames = `JSON.parse(document.getElementById(document.querySelector('figure.chart[data-option]').dataset.option).textContent).leida.axes.map((a) => a.label)`

// drawn reads the first radar of the page as ECharts drew it.
func drawn(b *tab) drawing {
	b.t.Helper()
	b.wait("document.querySelector('figure.chart[data-option] .live svg')")
	return js[drawing](b, "%s(document.querySelector('figure.chart[data-option] .live svg'), %s)", readDrawing, axisNames)
}

// drawnByServer reads the same radar from the SVG that came with the page.
func drawnByServer(b *tab) drawing {
	b.t.Helper()
	// it is hidden once the live one is there, and what is not shown has no geometry
	return js[drawing](b, `(() => {
		const figure = document.querySelector('figure.chart[data-option]'), drawn = figure.classList.contains('drawn');
		figure.classList.remove('drawn');
		const d = %s(figure.querySelector('.static svg'), %s);
		figure.classList.toggle('drawn', drawn);
		return d;
	})()`, readDrawing, axisNames)
}

// testGap proves that what was not measured is not drawn: no vertex, no line across, no zero.
func testGap(t *testing.T, browser context.Context) {
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
		b.speak(string(lang))
		b.open("/me")
		none, few := text.Say(lang, "profile.status.none"), text.Say(lang, "profile.status.insufficient")
		live, still := drawn(b), drawnByServer(b)
		for name, d := range map[string]drawing{"ECharts": live, "SVG": still} {
			if len(d.Axes) != 4 {
				t.Fatalf("%s: the axes are %v", name, d.Axes)
			}
			// AIC and EMP have scores, CPS was never asked, SVI too little
			if d.Values[0] == nil || d.Values[1] == nil || d.Values[2] != nil || d.Values[3] != nil {
				t.Errorf("%s %s: drawn at %s, %s, %s, %s", lang, name, show(d.Values[0]), show(d.Values[1]), show(d.Values[2]), show(d.Values[3]))
			}
			if d.Runs != 1 || d.Closed || len(d.Stray) > 0 {
				t.Errorf("%s %s: the outline has %d runs, closed %v, vertices off the axes %v", lang, name, d.Runs, d.Closed, d.Stray)
			}
			if len(d.Hollow) != 1 || d.Hollow[0] != 3 {
				t.Errorf("%s %s: hollow markers at axes %v", lang, name, d.Hollow)
			}
			if d.Written[2] != none || d.Written[3] != few {
				t.Errorf("%s %s: the axes say %q, want %q and %q at the end", lang, name, d.Written, none, few)
			}
		}
		for i := range live.Axes {
			if a, s := live.Values[i], still.Values[i]; a != nil && s != nil && math.Abs(*a-*s) > 0.5 {
				t.Errorf("axis %d is drawn at %v by ECharts and at %v in the SVG", i, *a, *s)
			}
		}
		// the list and the table beside it say the same, and never 0
		if got := js[string](b, "[...document.querySelectorAll('.score .v.none')].map((e) => e.innerText.trim()).join()"); got != none+","+few {
			t.Errorf("%s: the list says %q", lang, got)
		}
		for i, label := range js[[]string](b, "[...document.querySelectorAll('figure.chart svg[role=img], figure.chart .live')].map((e) => e.getAttribute('aria-label'))") {
			if !strings.Contains(label, none) {
				t.Errorf("%s: drawing %d is read out as %q", lang, i, label)
			}
		}
	}

	// on the ring of sub-competencies gaps lie between: more than one run
	b.speak("zh")
	b.open("/me")
	subs := js[drawing](b, `%s(document.querySelectorAll('figure.chart[data-option] .live svg')[1],
		JSON.parse(document.getElementById(document.querySelectorAll('figure.chart[data-option]')[1].dataset.option).textContent).leida.axes.map((a) => a.label))`, readDrawing)
	rows := js[[]bool](b, "[...document.querySelectorAll('table.dots tbody tr:not(.grp)')].map((tr) => /^\\d/.test(tr.querySelector('td.r').innerText))")
	if len(rows) != len(subs.Axes) {
		t.Fatalf("%d rows and %d axes", len(rows), len(subs.Axes))
	}
	gaps := 0
	for i, measured := range rows {
		if measured != (subs.Values[i] != nil) {
			t.Errorf("%s: in the table with a number %v, drawn at %s", subs.Axes[i], measured, show(subs.Values[i]))
		}
		if !measured {
			gaps++
		}
	}
	if gaps == 0 || subs.Closed || len(subs.Stray) > 0 {
		t.Errorf("%d gaps, closed %v, vertices off the axes %v", gaps, subs.Closed, subs.Stray)
	}
}
