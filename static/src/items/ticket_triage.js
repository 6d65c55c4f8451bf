// Makes <div class="tri"> a ticket desk: a queue beside the one ticket that is open, buttons and keys to go through it, the AI's value back with one press, and the rules always at hand.
// The radios and ticks are the answer and work alone; that a field was changed is seen without a script too (CSS).
//
// Keys: in the queue the arrows, Home and End; anywhere in the desk Ctrl+Enter confirms and goes on, Alt+PageUp and Alt+PageDown change the ticket.

import { fill } from '../_text.js';
import { checked, first, following, neighbour, stateOf } from '../_tickets.js';

const NARROW = matchMedia('(max-width: 900px)'); // as the style sheet has it: material above the form and not beside it

document.querySelectorAll('.tri').forEach(enhance);

function enhance(desk) {
  const words = desk.dataset;
  const form = desk.closest('form');
  const queue = desk.querySelector('.tri-queue ol');
  const tickets = [...desk.querySelectorAll('.tri-ticket')].map(ticket);
  const tabs = tickets.map((each) => each.tab);
  let at = 0;
  let state; // of each ticket, see _tickets.js

  const count = make('p', 'tri-count');
  const bar = make('progress', '');
  bar.max = tickets.length;
  bar.setAttribute('aria-hidden', 'true'); // the count beside it says the same
  const says = make('span', '');
  count.append(says, bar);
  queue.before(count);

  const live = make('p', 'tri-live');
  live.setAttribute('role', 'status');
  const back = button('btn', words.prev, 'tri-back');
  const on = button('btn', words.confirm, 'tri-on');
  const tools = make('div', 'tri-tools');
  tools.append(back, on);
  const keys = make('p', 'tri-keys muted');
  keys.append(line(...key('Ctrl', 'Enter'), ` ${words.keyConfirm}`), line(...key('Alt', 'PgUp'), ' / ', ...key('PgDn'), ` ${words.keyMove}`));
  desk.append(tools, live);
  queue.after(keys);

  queue.setAttribute('role', 'tablist');
  queue.setAttribute('aria-orientation', 'vertical');
  const nav = queue.closest('nav');
  queue.setAttribute('aria-label', nav.getAttribute('aria-label'));
  nav.removeAttribute('aria-label');
  nav.setAttribute('role', 'presentation'); // tabs lead nowhere else
  desk.classList.add('live');
  rules(desk, tools);

  take();
  open(first(state));

  form?.addEventListener('leida:restored', () => { take(); open(first(state)); });
  desk.addEventListener('change', take);
  back.addEventListener('click', () => go(neighbour(state, at, -1)));
  on.addEventListener('click', confirm);
  queue.addEventListener('click', (event) => {
    const to = tabs.indexOf(event.target.closest('a'));
    if (to < 0) return;
    event.preventDefault();
    open(to);
  });
  queue.addEventListener('keydown', (event) => {
    const by = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
    const to = event.key === 'Home' ? 0 : event.key === 'End' ? tabs.length - 1 : by && neighbour(state, at, by);
    if (event.key === ' ') event.preventDefault(); // a link would scroll; the tab is open already
    if (to === undefined || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    open(to);
    tabs[to].focus();
  });
  desk.addEventListener('keydown', (event) => {
    const move = event.altKey && { PageDown: 1, PageUp: -1 }[event.key];
    if (move) go(neighbour(state, at, move));
    else if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) confirm();
    else return;
    event.preventDefault();
  });

  function ticket(panel, i) {
    const tab = queue.querySelectorAll('a')[i];
    tab.id = `${panel.id}-tab`;
    tab.setAttribute('role', 'tab');
    tab.setAttribute('aria-controls', panel.id);
    tab.parentElement.setAttribute('role', 'presentation');
    panel.setAttribute('role', 'tabpanel');
    panel.setAttribute('aria-labelledby', tab.id);
    panel.tabIndex = -1;
    return { panel, tab, chip: tab.querySelector('.tri-state'), word: tab.querySelector('.tri-state span'), tick: panel.querySelector('.tri-accept input'), fields: [...panel.querySelectorAll('.tri-field')].map(field) };
  }

  /** A field with the button that brings the AI's value back. */
  function field(box) {
    const ai = box.querySelector('input[data-ai]');
    const restore = button('btn quiet tri-restore', words.restore);
    restore.setAttribute('aria-label', fill(words.restoreAi, { field: box.querySelector('.tri-label').textContent, value: ai.value }));
    restore.addEventListener('click', () => {
      ai.checked = true;
      ai.focus();
      for (const kind of ['input', 'change']) ai.dispatchEvent(new Event(kind, { bubbles: true }));
    });
    box.querySelector('legend').after(restore);
    return { changed: () => !ai.checked };
  }

  /** Reads the fields, as the person, the server or an earlier page left them. */
  function take() {
    state = tickets.map(({ fields, tick }) => {
      const changed = fields.filter((each) => each.changed()).length;
      if (changed > 0) tick.checked = false; // what was changed is not right as it was
      return { changed, accepted: tick.checked };
    });
    state.forEach((each, i) => {
      const now = stateOf(each);
      Object.assign(tickets[i].chip.dataset, { state: now, n: each.changed });
      tickets[i].word.textContent = fill(words[now], { n: each.changed });
    });
    bar.value = checked(state);
    says.textContent = fill(words.progress, { n: checked(state), all: tickets.length });
    if (checked(state) < tickets.length) live.textContent = '';
    name();
  }

  function open(to) {
    at = to;
    tickets.forEach(({ panel, tab }, i) => {
      panel.hidden = i !== to;
      tab.setAttribute('aria-selected', String(i === to));
      tab.tabIndex = i === to ? 0 : -1;
    });
    name();
  }

  function name() {
    back.setAttribute('aria-disabled', String(at === 0));
    on.textContent = following(state, at) === at ? words.last : words.confirm;
  }

  /** Opens a ticket and takes the reader there: its number and words are read out, and Tab goes on to its fields. */
  function go(to) {
    if (to === at) return;
    open(to);
    const { panel } = tickets[to];
    panel.focus({ preventScroll: true });
    const { top } = panel.getBoundingClientRect();
    if (top < 0 || top > innerHeight / 2) panel.scrollIntoView({ block: 'start' });
  }

  /** The ticket is done: what nobody changed is right as the AI has it. */
  function confirm() {
    const { tick } = tickets[at];
    if (stateOf(state[at]) === 'open' && !tick.disabled) {
      tick.checked = true;
      for (const kind of ['input', 'change']) tick.dispatchEvent(new Event(kind, { bubbles: true }));
    }
    if (checked(state) === tickets.length) live.textContent = words.done;
    go(following(state, at));
  }
}

/** On a narrow window the rules stand far above the ticket: a button brings them up over the lower half of it. Elsewhere they stay beside it. */
function rules(desk, tools) {
  const material = desk.closest('.cols')?.querySelector('.material');
  if (!material) return;
  const show = button('btn', desk.dataset.rules, 'tri-rules');
  const close = button('btn tri-close', desk.dataset.close);
  const place = make('div', ''); // stands where the rules were, so that nothing moves
  tools.insertBefore(show, tools.lastChild);
  material.prepend(close);
  material.id ||= 'tri-material';
  show.setAttribute('aria-controls', material.id);
  turn(false);

  show.addEventListener('click', () => {
    turn(!material.classList.contains('tri-sheet'));
    if (material.classList.contains('tri-sheet')) close.focus();
  });
  close.addEventListener('click', () => { turn(false); show.focus(); });
  addEventListener('keydown', (event) => {
    if (event.key !== 'Escape' || !material.classList.contains('tri-sheet')) return;
    turn(false);
    show.focus();
  });
  NARROW.addEventListener('change', () => turn(false));

  function turn(up) {
    if (up) {
      place.style.height = `${material.offsetHeight}px`;
      material.before(place);
    } else place.remove();
    material.classList.toggle('tri-sheet', up);
    material.tabIndex = up || !NARROW.matches ? 0 : -1; // keys can scroll it where it scrolls
    show.setAttribute('aria-expanded', String(up));
    if (up) material.scrollTop = 0;
  }
}

function make(tag, name) {
  const element = document.createElement(tag);
  if (name) element.className = name;
  return element;
}

function button(look, label, name = '') {
  const element = make('button', `${look} ${name}`.trim());
  element.type = 'button';
  element.textContent = label;
  return element;
}

function line(...parts) {
  const element = make('span', '');
  element.append(...parts);
  return element;
}

function key(...names) {
  return names.flatMap((name, i) => {
    const element = document.createElement('kbd');
    element.textContent = name;
    return i ? ['+', element] : [element];
  });
}
