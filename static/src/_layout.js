// Places the labels round a radar: the twin of internal/chart/layout.go, with widths measured instead of estimated.

const GAP = 10, PAD = 4, LINE = 1.35, SIDEWAYS = 0.15;
const pen = document.createElement('canvas').getContext('2d');

export const font = (size, bold, family) => `${bold ? 600 : 400} ${size}px ${family}`;

const width = (text, face) => { pen.font = face; return pen.measureText(text).width; };

// Latin words and single Chinese characters, each with the punctuation that belongs to it.
function pieces(text) {
  const out = [];
  let before = '';
  for (const c of text) {
    const opens = '(（「《“'.includes(before || '-'), closes = ')）」》”,，、。;；:：?？!！%·'.includes(c);
    const wide = c >= '⺀' || before >= '⺀';
    if (!out.length || (!opens && !closes && (before === ' ' || (wide && c !== ' ')))) out.push('');
    out[out.length - 1] += c;
    before = c;
  }
  return out;
}

function fill(text, face, room) {
  const lines = [''];
  for (const piece of pieces(text)) {
    const line = lines.at(-1);
    if (line && width((line + piece).trim(), face) > room) lines.push(piece);
    else lines[lines.length - 1] += piece;
  }
  return lines;
}

function ellipsis(text, face, room) {
  if (width(text, face) <= room) return text;
  const letters = [...text];
  while (letters.length && width(letters.join('') + '…', face) > room) letters.pop();
  return letters.join('').trim() + '…';
}

// At most `most` lines, as even as they can be; a name breaks before its bracket when both halves fit.
function wrap(text, size, face, room, most) {
  text = text.trim().replace(/\s+/g, ' ');
  if (width(text, face) <= room) return [text];
  const bracket = text.search(/[(（]/);
  if (most > 1 && bracket > 0) {
    const halves = [text.slice(0, bracket).trim(), text.slice(bracket)];
    if (halves.every((h) => width(h, face) <= room)) return halves;
  }
  let lines = fill(text, face, room);
  if (lines.length > most) lines = [...lines.slice(0, most - 1), lines.slice(most - 1).join('')];
  else for (let narrower = room - size / 2; narrower > size; narrower -= size / 2) {
    const even = fill(text, face, narrower);
    if (even.length > lines.length || even.some((l) => width(l.trim(), face) > narrower)) break;
    lines = even;
  }
  return lines.map((l) => ellipsis(l.trim(), face, room));
}

// Ways to write the labels, the fullest first: room is the share of the width that a line may take.
const BREVITIES = [
  { most: 3, room: 0.28, values: true },
  { short: true, most: 2, room: 0.24, values: true },
  { short: true, most: 2, room: 0.18, values: true },
  { short: true, most: 1, room: 0.14 },
];

// What is asked of the labels, the best first: the least radius as a share of the frame, and whether names may be cut short.
const PASSES = [[0.28, false], [0.2, false], [0.28, true], [0.2, true]];

function label(axes, i, way, w, family) {
  const n = axes.length, axis = axes[i];
  const size = n > 10 || w < 360 ? 11.5 : n > 6 || w < 460 ? 12.5 : 14;
  const room = way.room * w * (n <= 8 && (i === 0 || 2 * i === n) ? 1.8 : 1); // straight up or down there is more of it
  const face = font(size, true, family), plain = font(size * 0.95, false, family);
  const lines = wrap(way.short ? axis.short : axis.label, size, face, room, way.most).map((text) => ({ text, size, face, muted: axis.absent }));
  if (axis.value && (axis.absent || way.values)) lines.push(...wrap(axis.value, size * 0.95, plain, 0.28 * w, 2).map((text) => ({ text, size: size * 0.95, face: plain, muted: axis.absent })));
  return { lines, w: Math.max(...lines.map((l) => width(l.text, l.face))), h: lines.reduce((h, l) => h + l.size * LINE, 0), cut: lines.some((l) => l.text.endsWith('…')) };
}

// Round a radius of r with the centre at the origin. From the waist outwards, a label that would cover its neighbour gives way.
function arrange(labels, r) {
  const n = labels.length;
  const way = (i) => [Math.sin((2 * Math.PI * i) / n), -Math.cos((2 * Math.PI * i) / n)];
  const boxes = labels.map(({ w, h }, i) => {
    const [dx, dy] = way(i), x = (r + GAP) * dx, y = (r + GAP) * dy + ((dy - 1) * h) / 2;
    if (dx > SIDEWAYS) return { x, y, w, h, align: 'left' };
    if (dx < -SIDEWAYS) return { x: x - w, y, w, h, align: 'right' };
    return { x: x - w / 2, y, w, h, align: 'center' };
  });
  const giveWay = (i, before) => {
    const a = boxes[i], b = boxes[before];
    if (a.x >= b.x + b.w || b.x >= a.x + a.w || a.y >= b.y + b.h || b.y >= a.y + a.h) return;
    a.y = way(i)[1] < 0 ? b.y - a.h : b.y + b.h;
  };
  const waist = Math.floor(n / 4);
  for (let i = waist - 1; i >= 0; i--) { giveWay(i, i + 1); giveWay((n - i) % n, n - i - 1); }
  for (let i = waist + 1; 2 * i <= n; i++) { giveWay(i, i - 1); giveWay(n - i, (n - i + 1) % n); }
  return boxes;
}

// The largest radius at which every label stays inside w by h.
function fit(labels, w, h) {
  const n = labels.length;
  const attempt = (r) => {
    const boxes = arrange(labels, r);
    let top = 0, bottom = 0, ok = r <= w / 2 - PAD;
    boxes.forEach((b, i) => {
      const y = -r * Math.cos((2 * Math.PI * i) / n);
      top = Math.min(top, y); bottom = Math.max(bottom, y);
      if (!b.h) return;
      top = Math.min(top, b.y); bottom = Math.max(bottom, b.y + b.h);
      ok &&= b.x >= PAD - w / 2 && b.x + b.w <= w / 2 - PAD;
    });
    return { ok: ok && bottom - top <= h - 2 * PAD, top, bottom, boxes };
  };
  let low = 0, high = w + h;
  for (let i = 0; i < 24; i++) {
    const middle = (low + high) / 2;
    if (attempt(middle).ok) low = middle; else high = middle;
  }
  const { top, bottom, boxes } = attempt(low);
  const centre = [w / 2, (h - top - bottom) / 2];
  return { radius: low, centre, boxes: boxes.map((b) => ({ ...b, x: b.x + centre[0], y: b.y + centre[1] })) };
}

// As full as leaves a radar that can be read, at last none: { centre, radius, labels: [{ lines, x, y, w, h, align }] }.
export function place(axes, w, h, family) {
  const attempt = (labels) => {
    const { centre, radius, boxes } = fit(labels, w, h);
    return { centre, radius, labels: labels.map((l, i) => ({ ...l, ...boxes[i] })) };
  };
  const ways = axes.length > 8 ? BREVITIES.slice(1) : BREVITIES;
  for (const [least, cut] of PASSES) {
    for (const way of ways) {
      const labels = axes.map((_, i) => label(axes, i, way, w, family));
      if (!cut && labels.some((l) => l.cut)) continue;
      const plan = attempt(labels);
      if (plan.radius >= least * Math.min(w, h)) return plan;
    }
  }
  return attempt(axes.map(() => ({ lines: [], w: 0, h: 0 })));
}

export const lineHeight = LINE;
