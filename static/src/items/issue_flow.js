// A whiteboard on top of <fieldset class="flow">: departments are lanes, stages are columns, steps are cards to drag, to move by arrow keys or to place
// by a small panel. On a narrow page the stages stand one below the other. The selects and ticks below are the answer and work alone; the words are in data-*.
//
// <fieldset class="flow" data-board="…" …><p class="flowowner"><label>…</label><select name="owner"></p>
//   <ol class="flowlist"><li data-id="o1"><span class="text">…</span>
//   <select name="dept[o1]"> <select name="stage[o1]"> <input type="checkbox" name="notify[]"></li>…</ol></fieldset>

import { fill } from '../_text.js';
import { back, columns, insert, nudge, put, remove, top } from '../_flow.js';

const EDGE = 90; // px from the edge of the window where dragging scrolls
const NEAR = 48; // px from the edge of the board where dragging scrolls it
const STILL = 5; // px that a mouse may move and still click
const BELL = 'M8 1.6a4 4 0 0 0-4 4v2.6L2.6 11h10.8L12 8.2V5.6a4 4 0 0 0-4-4ZM6.4 12.6a1.7 1.7 0 0 0 3.2 0';

document.querySelectorAll('fieldset.flow').forEach(enhance);

function enhance(root) {
  const words = root.dataset;
  const list = root.querySelector('.flowlist');
  const owner = root.querySelector('.flowowner select');
  const departments = [...owner.options].filter((each) => each.value).map((each) => ({ id: each.value, name: each.textContent }));
  const order = departments.map((each) => each.id);
  const steps = new Map([...list.children].map((li) => [li.dataset.id, step(li)]));
  const last = steps.size;
  const narrow = matchMedia('(max-width: 900px)');

  const hint = make('p', 'hint keys');
  const tray = make('div', 'tray');
  const trayCount = make('b', 'count');
  const trayNote = make('small', '');
  const trayCards = make('div', 'cards');
  const area = make('div', 'area');
  const live = make('p', 'vh');
  const panel = makePanel();
  const heads = new Map(departments.map((each) => [each.id, laneHead(each)]));
  build();

  let state; // see _flow.js
  take();
  root.closest('form')?.addEventListener('leida:restored', take);
  narrow.addEventListener('change', draw);
  root.addEventListener('change', (event) => {
    if (list.contains(event.target) || event.target === owner) take();
  });
  board().addEventListener('keydown', pressed);
  board().addEventListener('pointerdown', grabbed);

  // ---- the parts -----------------------------------------------------------------------------------------------------

  function step(li) {
    const id = li.dataset.id;
    const text = li.querySelector('.text').textContent.trim();
    const card = make('div', 'fcard');
    card.dataset.id = id;
    const face = make('button', 'face');
    const where = make('span', 'where');
    face.type = 'button';
    face.setAttribute('aria-haspopup', 'dialog');
    face.append(make('span', 'text', text), ' ', where);
    face.addEventListener('click', () => open(id));
    const bell = make('button', 'bell');
    bell.type = 'button';
    bell.title = words.notify;
    bell.setAttribute('aria-label', `${words.notify}: ${text}`);
    bell.append(drawing(BELL));
    bell.addEventListener('click', () => tell(id, bell.getAttribute('aria-pressed') !== 'true'));
    const handle = make('span', 'handle');
    handle.setAttribute('aria-hidden', 'true'); // a second way: the keys and the panel are for everybody
    card.append(handle, face, bell);
    return { id, text, li, card, face, where, bell, dept: li.querySelector('[name^="dept["]'), stage: li.querySelector('[name^="stage["]'), notify: li.querySelector('[type=checkbox]') };
  }

  function laneHead({ id, name }) {
    const head = make('label', 'lane');
    const radio = make('input', '');
    radio.type = 'radio';
    radio.name = '_flow_owner'; // steers the page; the owner's select is the answer
    radio.value = id;
    radio.addEventListener('change', () => {
      owner.value = id;
      draw();
      live.textContent = fill(words.saidOwner, { department: name });
      changed();
    });
    const mark = make('span', 'mark');
    mark.append(radio, make('small', '', words.owner));
    head.append(make('b', '', name), mark);
    return { head, radio };
  }

  function build() {
    const whole = make('div', 'board');
    whole.setAttribute('role', 'group');
    whole.setAttribute('aria-label', words.board);
    tray.dataset.drop = 'tray';
    tray.setAttribute('role', 'group');
    tray.setAttribute('aria-label', words.tray);
    const head = make('p', 'trayhead');
    head.append(make('b', '', words.tray), trayCount, trayNote);
    tray.append(head, trayCards);
    live.setAttribute('aria-live', 'polite');
    whole.append(hint, tray, area, live);
    owner.parentElement.before(whole);
    const details = make('details', 'flowdetails');
    list.before(details); // the order of the fields stays, so that the page sees nothing changed
    details.append(make('summary', '', words.list), list);
    root.append(panel.dialog);
    root.classList.add('live');
  }

  function board() {
    return tray.parentElement;
  }

  function makePanel() {
    const dialog = make('dialog', 'flowpanel');
    const title = make('p', 'title');
    title.id = 'flow-panel-title';
    dialog.setAttribute('aria-labelledby', title.id);
    const dept = copy(owner, words.noDepartment);
    const stage = make('select', 'sel');
    stage.append(...[...steps.values()][0].stage.cloneNode(true).options);
    stage.value = '';
    const tick = make('input', '');
    tick.type = 'checkbox';
    const ticked = make('label', 'check');
    ticked.append(tick, make('span', '', words.notify));
    const away = make('button', 'btn', words.back);
    const done = make('button', 'btn pri', words.done);
    const buttons = make('div', 'row');
    away.type = 'button';
    done.type = 'button';
    buttons.append(away, done);
    dialog.append(title, labelled(words.department, dept), labelled(words.stageLabel, stage), ticked, buttons);
    const parts = { dialog, title, dept, stage, tick, away, id: '' };
    dept.addEventListener('change', () => become(put(state, parts.id, { dept: dept.value }), parts.id));
    stage.addEventListener('change', () => become(put(state, parts.id, { stage: Number(stage.value) }), parts.id));
    tick.addEventListener('change', () => tell(parts.id, tick.checked));
    away.addEventListener('click', () => { become(back(state, parts.id), parts.id); dialog.close(); });
    done.addEventListener('click', () => dialog.close());
    dialog.addEventListener('click', (event) => { if (event.target === dialog) dialog.close(); }); // beside it
    dialog.addEventListener('close', () => steps.get(parts.id).face.focus());
    return parts;
  }

  function open(id) {
    if (locked()) return;
    const { text, card } = steps.get(id);
    panel.id = id;
    panel.title.textContent = text;
    show();
    panel.dialog.showModal();
    panel.dialog.style.left = panel.dialog.style.top = '';
    if (narrow.matches) return;
    const at = card.getBoundingClientRect();
    const { offsetWidth: width, offsetHeight: height } = panel.dialog;
    panel.dialog.style.left = `${Math.max(8, Math.min(at.left, innerWidth - width - 8))}px`;
    panel.dialog.style.top = `${at.bottom + 6 + height > innerHeight - 8 ? Math.max(8, at.top - height - 6) : at.bottom + 6}px`;
  }

  function show() {
    const card = state.find((each) => each.id === panel.id);
    if (!card) return;
    panel.dept.value = card.dept;
    panel.stage.value = card.stage || '';
    panel.tick.checked = card.notify;
    panel.away.hidden = card.stage === 0;
  }

  // ---- what is so, and what is seen ----------------------------------------------------------------------------------

  function locked() {
    return owner.matches(':disabled');
  }

  /** Reads the fields, as the server or an earlier page left them. */
  function take() {
    state = [...steps.values()].map(({ id, dept, stage, notify }) => ({ id, dept: dept.value, stage: Number(stage.value), notify: notify.checked }));
    draw();
  }

  function become(next, id) {
    if (next === state || locked()) return;
    state = next;
    for (const { id: each, dept, stage, notify } of state) {
      const fields = steps.get(each);
      fields.dept.value = dept;
      fields.stage.value = stage || '';
      fields.notify.checked = notify;
    }
    draw();
    show();
    if (id) {
      const card = state.find((each) => each.id === id);
      live.textContent = fill(card.stage ? words.saidPlaced : words.saidTray, { text: steps.get(id).text, department: nameOf(card.dept), n: card.stage });
    }
    changed();
  }

  function tell(id, yes) {
    become(put(state, id, { notify: yes }));
    live.textContent = fill(yes ? words.saidTold : words.saidUntold, { text: steps.get(id).text });
  }

  /** Tells the page that fields were set; the list itself has nothing to learn from it. */
  function changed() {
    root.dispatchEvent(new Event('change', { bubbles: true }));
  }

  function nameOf(department) {
    return departments.find((each) => each.id === department)?.name ?? words.noDepartment;
  }

  function draw() {
    const focused = document.activeElement;
    const stages = columns(state, last);
    root.classList.toggle('stacked', narrow.matches);
    hint.textContent = narrow.matches ? words.keysStages : words.keysLanes;
    for (const each of state) drawCard(each);
    const waiting = state.filter((each) => each.stage === 0);
    trayCards.replaceChildren(...waiting.map(cardOf));
    trayCount.textContent = waiting.length || '';
    trayNote.textContent = waiting.length ? words.trayNote : words.trayEmpty;
    area.replaceChildren(narrow.matches ? stacked(stages) : lanes(stages));
    if (board().contains(focused) || !focused?.isConnected) refocus(focused);
  }

  /** Cards were taken out of the page and put back; the one with the focus keeps it, and so does a button that was made anew. */
  function refocus(element) {
    if (!element || document.activeElement === element) return;
    const again = element.isConnected ? element : element.value && area.querySelector(`button[value="${CSS.escape(element.value)}"]`);
    again?.focus({ preventScroll: true });
  }

  function cardOf({ id }) {
    return steps.get(id).card;
  }

  function drawCard({ id, dept, stage, notify }) {
    const { card, where, bell } = steps.get(id);
    card.classList.toggle('placed', stage > 0);
    card.classList.toggle('undecided', stage > 0 && !dept);
    card.classList.toggle('told', notify);
    card.classList.toggle('named', Boolean(dept) && !stage);
    where.replaceChildren(stage || dept ? nameOf(dept) : '', ' ', make('span', 'at', stage ? fill(words.stage, { n: stage }) : words.tray));
    bell.setAttribute('aria-pressed', String(notify));
    bell.hidden = !stage && !notify;
  }

  function lanes(stages) {
    const grid = make('div', 'lanes');
    const fresh = top(state) > 0 && stages === top(state) + 1; // the free stage is narrow
    grid.style.gridTemplateColumns = `var(--head) repeat(${fresh ? stages - 1 : stages}, minmax(var(--col), 1fr))${fresh ? ' minmax(3.75rem, .6fr)' : ''}`;
    grid.append(make('div', 'corner'));
    for (let n = 1; n <= stages; n++) grid.append(stageHead(n));
    if (state.some((each) => each.stage && !each.dept)) lane(make('div', 'lane none', words.noDepartment), '');
    for (const { id } of departments) {
      const { head, radio } = heads.get(id);
      radio.checked = owner.value === id;
      lane(head, id);
    }
    return grid;

    function lane(head, dept) {
      grid.append(head);
      for (let n = 1; n <= stages; n++) grid.append(cell(n, dept));
    }
  }

  function stacked(stages) {
    const column = make('ol', 'stages');
    for (let n = 1; n <= stages; n++) {
      const li = make('li', 'stage');
      li.append(stageHead(n), cell(n));
      if (n > top(state)) li.classList.add('fresh');
      column.append(li);
    }
    return column;
  }

  /** A place for cards. Without a department it is a whole stage, and a card dropped there keeps its own. */
  function cell(stage, dept) {
    const place = make('div', 'cell');
    place.dataset.drop = 'cell';
    place.dataset.stage = stage;
    if (dept !== undefined) place.dataset.dept = dept;
    place.append(...state.filter((each) => each.stage === stage && (dept === undefined || each.dept === dept)).map(cardOf));
    if (dept === undefined && !place.children.length) place.append(make('span', 'empty-cell', stage > top(state) ? fill(words.newStage, { n: stage }) : '–'));
    return place;
  }

  function stageHead(n) {
    const head = make('div', 'shead');
    head.append(make('span', 'name', fill(words.stage, { n })));
    const used = top(state);
    if (n <= used && used < last) head.append(tool('insert', '+', n, () => become(insert(state, n, last))));
    if (n < used && !state.some((each) => each.stage === n)) head.append(tool('remove', '×', n, () => become(remove(state, n))));
    if (n > used) head.classList.add('fresh');
    return head;
  }

  function tool(what, sign, n, act) {
    const button = make('button', `tool ${what}`, sign);
    button.type = 'button';
    button.value = `${what} ${n}`;
    button.title = fill(words[what], { n });
    button.setAttribute('aria-label', button.title);
    button.addEventListener('click', act);
    return button;
  }

  // ---- keys ----------------------------------------------------------------------------------------------------------

  function pressed(event) {
    const id = event.target.closest?.('.face')?.parentElement.dataset.id;
    if (!id || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const along = narrow.matches ? { ArrowUp: { stages: -1 }, ArrowDown: { stages: 1 }, ArrowLeft: { lanes: -1 }, ArrowRight: { lanes: 1 } }
      : { ArrowLeft: { stages: -1 }, ArrowRight: { stages: 1 }, ArrowUp: { lanes: -1 }, ArrowDown: { lanes: 1 } };
    const by = along[event.key];
    if (!by && event.key !== 'Delete' && event.key !== 'Backspace') return;
    event.preventDefault();
    become(by ? nudge(state, id, by, order, last) : back(state, id), id);
    steps.get(id).card.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }

  // ---- dragging ------------------------------------------------------------------------------------------------------

  /** A mouse takes a card anywhere and drags once it has moved; a finger takes it by its handle, so that the page still scrolls. */
  function grabbed(event) {
    const card = event.target.closest('.fcard');
    if (!card || event.button !== 0 || locked() || event.target.closest('.bell') || root.classList.contains('dragging')) return;
    if (event.target.closest('.handle')) {
      event.preventDefault();
      return drag(card, event);
    }
    if (event.pointerType !== 'mouse') return;
    const wait = (move) => {
      if (Math.hypot(move.clientX - event.clientX, move.clientY - event.clientY) < STILL) return;
      stop();
      drag(card, event);
    };
    const stop = () => {
      removeEventListener('pointermove', wait);
      removeEventListener('pointerup', stop);
    };
    addEventListener('pointermove', wait);
    addEventListener('pointerup', stop);
  }

  function drag(card, start) {
    const { id } = card.dataset;
    const box = card.getBoundingClientRect();
    const ghost = card.cloneNode(true);
    ghost.classList.add('ghost');
    ghost.inert = true;
    ghost.style.width = `${box.width}px`;
    let { clientX: x, clientY: y } = start;
    let over = null;
    let frame;
    root.append(ghost);
    root.classList.add('dragging');
    card.classList.add('lifted');
    card.setPointerCapture(start.pointerId);

    const follow = () => {
      const beyond = y < EDGE ? y - EDGE : y > innerHeight - EDGE ? y - (innerHeight - EDGE) : 0;
      if (beyond) scrollBy(0, beyond / 6);
      const view = area.getBoundingClientRect();
      if (!narrow.matches && y > view.top && y < view.bottom) {
        if (x > view.right - NEAR) area.scrollLeft += (x - view.right + NEAR) / 4;
        if (x < view.left + 2 * NEAR) area.scrollLeft -= (view.left + 2 * NEAR - x) / 4; // beside the names of the lanes
      }
      ghost.style.transform = `translate(${x - start.clientX + box.left}px, ${y - start.clientY + box.top}px)`;
      const place = document.elementFromPoint(x, y)?.closest('[data-drop]') ?? null;
      const target = root.contains(place) ? place : null;
      if (target !== over) {
        over?.classList.remove('over');
        target?.classList.add('over');
        over = target;
      }
      frame = requestAnimationFrame(follow);
    };
    const moved = (event) => { ({ clientX: x, clientY: y } = event); };
    const done = (event) => {
      cancelAnimationFrame(frame);
      for (const [name, heard] of heardBy) card.removeEventListener(name, heard);
      removeEventListener('keydown', escape, true);
      ghost.remove();
      over?.classList.remove('over');
      root.classList.remove('dragging');
      card.classList.remove('lifted');
      addEventListener('click', swallow, { capture: true, once: true }); // the press that ended the drag is no click
      setTimeout(() => removeEventListener('click', swallow, { capture: true }));
      if (event.type === 'pointerup' && over) drop(id, over.dataset);
    };
    const escape = (event) => {
      if (event.key !== 'Escape') return;
      event.preventDefault();
      done(event);
    };
    const heardBy = [['pointermove', moved], ['pointerup', done], ['pointercancel', done], ['lostpointercapture', done]];
    for (const [name, heard] of heardBy) card.addEventListener(name, heard);
    addEventListener('keydown', escape, true);
    follow();
  }

  function drop(id, place) {
    if (place.drop === 'tray') become(back(state, id), id);
    else become(put(state, id, { stage: Number(place.stage), ...(place.dept !== undefined && { dept: place.dept }) }), id);
  }
}

function swallow(event) {
  event.preventDefault();
  event.stopPropagation();
}

function make(tag, className, text) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (text) element.textContent = text;
  return element;
}

function drawing(path) {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  svg.setAttribute('viewBox', '0 0 16 16');
  svg.setAttribute('width', '16');
  svg.setAttribute('height', '16');
  svg.setAttribute('aria-hidden', 'true');
  const line = document.createElementNS('http://www.w3.org/2000/svg', 'path');
  line.setAttribute('d', path);
  svg.append(line);
  return svg;
}

/** A select of the same choices, without a name, so that it is no part of the answer. */
function copy(select, none) {
  const twin = make('select', 'sel');
  twin.append(...select.cloneNode(true).options);
  twin.options[0].textContent = none;
  twin.value = '';
  return twin;
}

function labelled(text, control) {
  const label = make('label', 'field');
  label.append(make('span', '', text), control);
  return label;
}
