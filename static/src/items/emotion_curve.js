// The curve over the number fields, and flags on the turns over the selects. Fields and selects are the answer and work alone; everything here only sets them and draws what they hold.
//
// <div class="emotion" data-…> with <li data-turn="c5"> for each turn, <input name="curve[c5]"> for those to be rated, <select name="events[e1]"> whose options are the turns in question,
// and the bands of the scale as <div data-from="0" data-to="10">. See templates/items/emotion_curve.html.

import { bandOf, field as fieldOf, MIDDLE, MOST, parse, peak, runs, step, valley } from '../_curve.js';
import { complain, guard } from '../_invalid.js';
import { fill } from '../_text.js';

const NS = 'http://www.w3.org/2000/svg';
const REACH = 22; // px around a point that belong to it
const ROOM = 480; // px from which there is room for the names of the bands
const LEAST = 24; // px of a column on the smallest screen; what does not fit is scrolled to
const TAP = 8; // px that a finger may move and still mean a tap

document.querySelectorAll('.emotion').forEach(enhance);

function enhance(root) {
  const form = root.closest('form');
  const lines = new Map([...root.querySelectorAll('[data-turn]')].map((li) => [li.dataset.turn, li]));
  const live = document.createElement('p');
  live.className = 'vh';
  live.setAttribute('aria-live', 'polite');
  root.append(live);
  for (const hint of root.querySelectorAll('.hint.fine, .hint.coarse, .flags')) hint.hidden = false;
  for (const hint of root.querySelectorAll('.hint.plain')) hint.hidden = true;

  const drawing = draw(root, lines);
  const look = check(root);
  complain(form);
  const paintFlags = flag(root, lines, live);
  form?.addEventListener('leida:restored', () => {
    look();
    drawing();
    paintFlags();
  });
}

function make(name, attributes, parent) {
  const element = document.createElementNS(NS, name);
  put(element, attributes);
  parent.append(element);
  return element;
}

function put(element, attributes) {
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
}

function changed(control, ...types) {
  for (const type of types) control.dispatchEvent(new Event(type, { bubbles: true }));
}

// ---- the curve --------------------------------------------------------------------------------------------------------

/** Draws the curve and lets it be moved; returns what draws it anew from the fields. */
function draw(root, lines) {
  const box = root.querySelector('.points');
  const said = root.querySelector('.said');
  const anchors = root.querySelector('.anchors');
  const canvas = document.createElement('div');
  canvas.className = 'canvas';
  const svg = make('svg', { class: 'curve', role: 'group', 'aria-label': root.dataset.title }, canvas);
  box.before(canvas);
  said.hidden = false;

  const bands = [...root.querySelectorAll('[data-to]')].map((each, i) => ({ to: Number(each.dataset.to), name: each.querySelector('b').textContent, strip: make('rect', { class: `z${i + 1}` }, svg) }));
  const column = make('rect', { class: 'column' }, svg);
  const edges = [0, ...bands.map((band) => band.to)].map((to) => ({ to, edge: make('path', { class: 'gl' }, svg), text: write('y', to) }));
  for (const band of bands) band.label = write('z', band.name);
  const margin = 12 + Math.ceil(Math.max(...bands.map((band) => band.label.getComputedTextLength())));
  const area = make('path', { class: 'ar' }, svg);
  const line = make('path', { class: 'ln' }, svg);
  const points = [...box.querySelectorAll('label')].map(point);
  let place; // of turns and values, see _curve.js
  let roomy; // whether there was room for the names when it was drawn last
  let lit = -1; // the turn that is shown
  let hold; // what a pointer is doing: {pointer, i, lift, before} drags, {pointer, tap: {x, y}} may become a tap

  svg.addEventListener('touchstart', (event) => { // a finger on a point moves that and not the page
    if (event.touches.length === 1 && !locked() && under(spot(event.touches[0])).near) event.preventDefault();
  }, { passive: false });
  svg.addEventListener('pointerdown', (event) => {
    if (event.button !== 0 || hold || locked()) return;
    const { x, y } = spot(event);
    const { i, value, lift, near } = under({ x, y });
    if (!near && !place.holds(x, y)) return;
    if (event.pointerType !== 'mouse' && !near) {
      hold = { pointer: event.pointerId, tap: { x, y } }; // the finger may be about to scroll
      return;
    }
    event.preventDefault();
    svg.setPointerCapture(event.pointerId);
    const taken = near && value !== null; // else the point comes to where the pointer is
    hold = { pointer: event.pointerId, i, lift: taken ? lift : 0, before: points[i].input.value };
    points[i].g.classList.add('drag');
    points[i].g.focus({ preventScroll: true });
    light(i);
    if (!taken) set(i, place.value(y));
  });
  svg.addEventListener('pointermove', (event) => {
    if (hold?.pointer !== event.pointerId) return;
    const { x, y } = spot(event);
    if (!hold.tap) set(hold.i, place.value(y + hold.lift));
    else if (Math.hypot(hold.tap.x - x, hold.tap.y - y) > TAP) hold = undefined;
  });
  svg.addEventListener('pointerup', (event) => {
    if (hold?.pointer !== event.pointerId) return;
    const { tap, i } = hold;
    release();
    if (tap) {
      light(place.at(tap.x));
      set(lit, place.value(tap.y), 'change');
    } else set(i, parse(points[i].input.value), 'change');
  });
  svg.addEventListener('pointercancel', (event) => { if (hold?.pointer === event.pointerId) takeBack(); });
  svg.addEventListener('keydown', (event) => { if (event.key === 'Escape' && hold && !hold.tap) takeBack(); });

  new ResizeObserver(fit).observe(canvas);
  fit();
  return paint;

  function write(kind, words) {
    const text = make('text', { class: kind }, svg);
    text.textContent = words;
    return text;
  }

  function point(label, i) {
    const input = label.querySelector('input');
    const id = label.firstElementChild.textContent;
    const g = make('g', { class: 'pt', tabindex: 0, role: 'slider', 'aria-orientation': 'vertical', 'aria-valuemin': 0, 'aria-valuemax': 100, 'aria-label': label.textContent }, svg);
    const hit = make('ellipse', { class: 'hit', ry: REACH }, g);
    make('circle', { class: 'ring', r: 13 }, g);
    make('circle', { class: 'dot', r: 7 }, g);
    const value = make('text', { class: 'val' }, g);
    const axis = write('x', id);
    const li = lines.get(id);
    input.addEventListener('input', paint);
    for (const element of [li, label, g]) {
      element.addEventListener('pointerenter', (event) => { if (event.pointerType === 'mouse' && !hold) light(i); });
      element.addEventListener('focusin', () => light(i));
    }
    li.addEventListener('click', () => light(i));
    g.addEventListener('keydown', (event) => key(event, i));
    return { id, g, hit, value, axis, li, label, input };
  }

  function locked() {
    return box.matches(':disabled') || points[0].input.matches(':disabled');
  }

  function set(i, value, ...types) {
    const { input } = points[i];
    if (locked()) return;
    if (parse(input.value) !== value) {
      input.value = value ?? '';
      changed(input, 'input');
    }
    changed(input, ...types);
  }

  function key(event, i) {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key === 'ArrowLeft' || event.key === 'ArrowRight') {
      event.preventDefault();
      points[i + (event.key === 'ArrowLeft' ? -1 : 1)]?.g.focus();
      return;
    }
    const next = step(parse(points[i].input.value), event.key);
    if (next === undefined) return;
    event.preventDefault();
    set(i, next, 'change');
  }

  /** Lights a turn: its words, its point and its field. */
  function light(i) {
    if (i === lit) return;
    for (const element of parts(lit)) element.classList.remove('on');
    lit = i;
    for (const element of parts(lit)) element.classList.add('on');
    const { id, li } = points[i];
    const tag = document.createElement('b');
    tag.className = 'turn';
    tag.textContent = id;
    said.replaceChildren(tag, ` ${li.querySelector('.bub').textContent}`);
    paint();
  }

  function parts(i) {
    const { li, g, label } = points[i] ?? {};
    return li ? [li, g, label] : [];
  }

  function takeBack() {
    const { tap, i, before } = hold;
    release();
    if (!tap) set(i, parse(before), 'change');
  }

  function release() {
    points[hold.i]?.g.classList.remove('drag');
    hold = undefined;
  }

  /** The turn under a spot with its value, how far its point is above the spot, and whether that is within reach. A point that is taken off its middle does not jump. */
  function under({ x, y }) {
    const i = place.at(x);
    const value = parse(points[i].input.value);
    const lift = place.y(value) - y;
    return { i, value, lift, near: Math.hypot(place.x(i) - x, lift) <= REACH };
  }

  function spot(event) {
    const r = svg.getBoundingClientRect();
    return { x: event.clientX - r.left, y: event.clientY - r.top };
  }

  /** Lays the field out for the width that there is. In a wide one the number fields stand under their points, and name them. */
  function fit() {
    const n = points.length;
    const wide = canvas.clientWidth >= ROOM;
    const left = wide ? 34 : 26, right = wide ? margin : 4;
    const width = Math.max(canvas.clientWidth, Math.ceil(left + right + LEAST * n));
    const aligned = wide && (width - left - right) / n >= 33;
    const height = wide ? 330 : 290;
    place = fieldOf({ width, height, left, right, top: 26, bottom: aligned ? 10 : 28 }, n);
    if (wide !== roomy) anchors.open = roomy = wide;
    put(svg, { width, height, viewBox: `0 0 ${width} ${height}` });
    box.classList.toggle('under', aligned);
    box.style.paddingInline = aligned ? `${left}px ${right}px` : '';

    const end = width - right;
    for (const { to, edge, text } of edges) {
      put(edge, { d: `M${left} ${place.y(to)}H${end}` });
      put(text, { x: left - 6, y: place.y(to) + 4 });
    }
    bands.forEach(({ to, strip, label }, i) => {
      const upper = place.y(to), lower = place.y(bands[i - 1]?.to ?? 0);
      put(strip, { x: left, width: end - left, y: upper, height: lower - upper });
      put(label, { x: end + 8, y: (upper + lower) / 2 + 4 });
      label.classList.toggle('none', !wide);
    });
    points.forEach(({ hit, axis }, i) => {
      put(hit, { rx: Math.min(REACH, place.column / 2) }); // neighbours do not overlap
      put(axis, { x: place.x(i), y: height - 8 });
      axis.classList.toggle('none', aligned);
    });
    put(column, { width: place.column, y: place.y(MOST), height: place.y(0) - place.y(MOST) });
    paint();
  }

  /** Draws what the fields hold. */
  function paint() {
    const values = points.map(({ input }) => parse(input.value));
    const top = peak(values);
    const at = (i) => `${place.x(i)} ${place.y(values[i])}`;
    const stretches = runs(values).map((run) => ({ path: run.map(at).join('L'), first: place.x(run[0]), last: place.x(run.at(-1)) }));
    put(line, { d: stretches.map(({ path }) => `M${path}`).join('') });
    put(area, { d: stretches.map(({ path, first, last }) => `M${first} ${place.y(0)}L${path}L${last} ${place.y(0)}Z`).join('') });
    put(column, { x: lit < 0 ? -place.column : place.x(lit) - place.column / 2 });
    points.forEach(({ g, value }, i) => {
      const own = values[i];
      put(g, { transform: `translate(${at(i)})`, 'aria-valuenow': own ?? MIDDLE, 'aria-disabled': locked(),
        'aria-valuetext': own === null ? root.dataset.unrated : `${own} ${bandOf(own, bands).name}` });
      g.classList.toggle('blank', own === null);
      g.classList.toggle('peak', i === top);
      value.textContent = own ?? '';
      put(value, { y: valley(values, i) ? 23 : -13 }); // where the line does not run
    });
  }
}

// ---- the number fields ------------------------------------------------------------------------------------------------

/** Keeps what is no value of the scale out of the answer, and names the turns below the fields; returns what looks at them anew. */
function check(root) {
  const said = root.querySelector('.unread');
  const bad = new Set(); // turns that are marked
  const labels = [...root.querySelectorAll('.points label')];
  const looks = labels.map((label) => {
    const input = label.querySelector('input');
    const id = label.firstElementChild.textContent;
    return guard(input, {
      isBad: () => parse(input.value) === null && (input.value.trim() !== '' || input.validity.badInput),
      tell: (marked) => {
        if (marked === bad.has(id)) return;
        if (marked) {
          bad.add(id);
          input.setAttribute('aria-describedby', said.id);
        } else {
          bad.delete(id);
          input.removeAttribute('aria-describedby');
        }
        const turns = labels.map((each) => each.firstElementChild.textContent).filter((each) => bad.has(each));
        said.textContent = turns.length > 0 ? fill(root.dataset.unread, { turns: turns.join(' ') }) : '';
      },
    });
  });
  return () => looks.forEach((look) => look());
}

// ---- the flags --------------------------------------------------------------------------------------------------------

/** Lets each turn be marked where it stands; returns what shows the marks anew from the selects. */
function flag(root, lines, live) {
  const { flag: flagging, what, now, marked, none } = root.dataset;
  const events = [...root.querySelectorAll('.events label')].map((label) => ({ name: label.firstElementChild.textContent, select: label.querySelector('select') }));
  const chips = new Map();
  let menu; // the one that is open, with its button

  for (const [id, li] of lines) {
    const meant = events.filter(({ select }) => [...select.options].some((option) => option.value === id));
    if (meant.length === 0) continue;
    const button = document.createElement('button');
    button.type = 'button';
    button.className = 'flag';
    button.setAttribute('aria-label', fill(flagging, { turn: id }));
    button.setAttribute('aria-expanded', 'false');
    const picture = make('svg', { width: 16, height: 16, viewBox: '0 0 16 16', 'aria-hidden': true }, button);
    make('path', { d: 'M3 1.5v13M3 2.5h9.5l-2.5 3.2 2.5 3.3H3' }, picture);
    li.querySelector('.bub').after(button);
    const shown = document.createElement('span');
    shown.className = 'chips';
    li.querySelector('.t').append(shown);
    chips.set(id, shown);
    button.addEventListener('click', () => (menu?.button === button ? close(true) : open(id, li, button, meant)));
  }
  for (const { select } of events) select.addEventListener('change', paint);
  document.addEventListener('pointerdown', (event) => { if (menu && !menu.box.contains(event.target) && !menu.button.contains(event.target)) close(false); });
  paint();
  return paint;

  function open(id, li, button, meant) {
    close(false);
    const box = document.createElement('div');
    box.className = 'menu';
    box.setAttribute('role', 'group');
    const title = fill(what, { turn: id });
    box.setAttribute('aria-label', title);
    const head = document.createElement('p');
    head.textContent = title;
    head.setAttribute('aria-hidden', 'true');
    box.append(head);
    for (const { name, select } of meant) {
      const choice = document.createElement('button');
      choice.type = 'button';
      choice.setAttribute('aria-pressed', String(select.value === id));
      choice.append(name);
      if (select.value && select.value !== id) {
        const note = document.createElement('small');
        note.textContent = fill(now, { turn: select.value });
        choice.append(' ', note);
      }
      choice.addEventListener('click', () => {
        select.value = select.value === id ? '' : id;
        changed(select, 'input', 'change');
        live.textContent = fill(marked, { event: name, turn: select.value || none });
        close(true);
      });
      box.append(choice);
    }
    button.after(box);
    button.setAttribute('aria-expanded', 'true');
    li.classList.add('open');
    menu = { box, button, li };
    box.addEventListener('keydown', walk);
    box.addEventListener('focusout', (event) => { if (menu?.box === box && event.relatedTarget && !box.contains(event.relatedTarget) && event.relatedTarget !== button) close(false); });
    box.querySelector('button').focus();
  }

  function walk(event) {
    const all = [...menu.box.querySelectorAll('button')];
    const at = all.indexOf(document.activeElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1 + all.length }[event.key];
    if (event.key === 'Escape') close(true);
    else if (to !== undefined) all[to % all.length].focus();
    else return;
    event.preventDefault();
  }

  function close(back) {
    if (!menu) return;
    const { box, button, li } = menu;
    menu = undefined;
    if (back) button.focus();
    box.remove();
    li.classList.remove('open');
    button.setAttribute('aria-expanded', 'false');
  }

  function paint() {
    for (const [id, shown] of chips) {
      const own = events.filter(({ select }) => select.value === id);
      shown.replaceChildren(...own.map(({ name }) => {
        const chip = document.createElement('span');
        chip.className = 'chip brand';
        chip.textContent = name;
        return chip;
      }));
      lines.get(id).classList.toggle('flagged', own.length > 0);
    }
  }
}
