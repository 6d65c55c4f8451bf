// Makes <ol class="order"> pleasant: handle to drag, buttons and Alt+arrows to move, numbers that follow.
// The number fields and ticks below are the answer and work alone.
//
// <ol class="order" data-up="Move up: {text}" data-down="Move down: {text}" data-moved="{text} is number {n} of {total}"
//     data-out="{text} does not belong" data-in="…">
//   <li data-id="o3"><input class="rank" type="number" name="rank[o3]"> <span class="text">…</span>
//     <label class="drop"><input type="checkbox" name="excluded[]" value="o3"> …</label></li>

import { fill } from '../_text.js';
import { arrange, exclude, move, place } from '../_order.js';

const EDGE = 90; // px from the edge of the window where dragging scrolls

document.querySelectorAll('ol.order').forEach(enhance);

function enhance(list) {
  const rows = new Map([...list.querySelectorAll(':scope > li[data-id]')].map((li) => [li.dataset.id, row(li)]));
  const live = document.createElement('p');
  live.className = 'vh';
  live.setAttribute('aria-live', 'polite');
  list.after(live);
  list.classList.add('live');

  let state; // the list as it stands, see _order.js
  take();
  list.closest('form')?.addEventListener('leida:restored', take);
  list.addEventListener('change', (event) => {
    const { id, rank, drop } = rowOf(event.target) ?? {};
    if (event.target === rank) become(place(state, id, rank.value), id);
    if (event.target === drop) become(exclude(state, id, drop.checked), id);
  });
  list.addEventListener('click', (event) => {
    const button = event.target.closest('.moves button');
    if (button && button.getAttribute('aria-disabled') !== 'true') step(rowOf(button).id, button.value === 'up' ? -1 : 1);
  });
  list.addEventListener('keydown', (event) => {
    if (!event.altKey || (event.key !== 'ArrowUp' && event.key !== 'ArrowDown') || !rowOf(event.target)) return;
    event.preventDefault();
    step(rowOf(event.target).id, event.key === 'ArrowUp' ? -1 : 1);
  });
  list.addEventListener('pointerdown', (event) => {
    if (event.button === 0 && event.target.closest('.handle') && !event.target.matches(':disabled')) drag(event);
  });

  function row(li) {
    const text = li.querySelector('.text').textContent.trim();
    const handle = document.createElement('span');
    handle.className = 'handle';
    handle.setAttribute('aria-hidden', 'true'); // a second way: the buttons are for everybody
    li.prepend(handle);
    const moves = document.createElement('span');
    moves.className = 'moves';
    for (const [value, sign] of [['up', '↑'], ['down', '↓']]) {
      const button = document.createElement('button');
      button.type = 'button';
      button.value = value;
      button.textContent = sign;
      button.setAttribute('aria-label', fill(list.dataset[value] ?? '', { text }));
      moves.append(button);
    }
    li.querySelector('.text').after(moves);
    return { id: li.dataset.id, li, text, rank: li.querySelector('input[type=number]'), drop: li.querySelector('input[type=checkbox]'), moves: [...moves.children] };
  }

  function rowOf(element) {
    return rows.get(element.closest?.('li[data-id]')?.dataset.id);
  }

  /** Reads the fields, as the server or an earlier page left them. */
  function take() {
    state = arrange([...list.children].map((li) => rows.get(li.dataset.id)).map(({ id, rank, drop }) => ({
      id,
      rank: rank.value === '' ? '' : Number(rank.value),
      out: Boolean(drop?.checked),
    })));
    show();
  }

  function step(id, by) {
    const at = state.findIndex((each) => each.id === id);
    become(move(state, id, at + by), id);
  }

  function become(next, id) {
    if (next === state) return;
    state = next;
    show(id);
    const { text } = rows.get(id);
    const at = state.find((each) => each.id === id);
    const total = state.filter((each) => !each.out).length;
    const words = at.out ? list.dataset.out : list.dataset.moved;
    live.textContent = at.out || at.rank !== '' ? fill(words ?? '', { text, n: at.rank, total }) : '';
    list.dispatchEvent(new Event('change', { bubbles: true }));
  }

  /** Brings page and state together. The row `fixed` is never taken out of the page, so it keeps focus and pointer. */
  function show(fixed = state[0]?.id) {
    const pivot = rows.get(fixed)?.li;
    let behind = false;
    for (const { id } of state) {
      const { li } = rows.get(id);
      if (li === pivot) behind = true;
      else if (behind) list.append(li);
      else pivot.before(li);
    }
    const last = state.filter((each) => !each.out).length - 1;
    state.forEach(({ id, rank, out }, i) => {
      const { li, moves: [up, down], ...fields } = rows.get(id);
      li.classList.toggle('out', out);
      fields.rank.value = rank;
      if (fields.drop) fields.drop.checked = out;
      up.setAttribute('aria-disabled', String(out || i === 0));
      down.setAttribute('aria-disabled', String(out || i === last));
    });
  }

  /** The row follows the pointer; the others make way as its middle passes theirs. */
  function drag(start) {
    const { id, li } = rowOf(start.target);
    const handle = start.target.closest('.handle');
    const before = state;
    const top = (element) => element.offsetTop;
    const grip = start.pageY - list.getBoundingClientRect().top - scrollY - top(li); // where in the row it was taken
    let y = start.clientY;
    let frame;
    start.preventDefault();
    handle.setPointerCapture(start.pointerId);
    li.classList.add('dragging');

    const follow = () => {
      const edge = y < EDGE ? y - EDGE : y > innerHeight - EDGE ? y - (innerHeight - EDGE) : 0;
      if (edge) scrollBy(0, edge / 6);
      const wanted = y - list.getBoundingClientRect().top - grip;
      const middle = wanted + li.offsetHeight / 2;
      const others = state.filter((each) => !each.out && each.id !== id).map((each) => rows.get(each.id).li);
      const to = others.filter((other) => top(other) + other.offsetHeight / 2 < middle).length;
      if (state.findIndex((each) => each.id === id) !== to) {
        state = move(state, id, to);
        show(id);
      }
      li.style.transform = `translateY(${wanted - top(li)}px)`;
      frame = requestAnimationFrame(follow);
    };
    const moved = (event) => { y = event.clientY; };
    const done = (event) => {
      cancelAnimationFrame(frame);
      handle.removeEventListener('pointermove', moved);
      handle.removeEventListener('pointerup', done);
      handle.removeEventListener('pointercancel', done);
      removeEventListener('keydown', escape);
      li.classList.remove('dragging');
      li.style.transform = '';
      const after = event.type === 'pointerup' ? state : before;
      state = before;
      if (after.some((each, i) => each.id !== before[i].id)) become(after, id);
      else show(id);
    };
    const escape = (event) => { if (event.key === 'Escape') done(event); };
    handle.addEventListener('pointermove', moved);
    handle.addEventListener('pointerup', done);
    handle.addEventListener('pointercancel', done);
    addEventListener('keydown', escape);
    frame = requestAnimationFrame(follow);
  }
}
