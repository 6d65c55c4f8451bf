// Makes the row of cases a desk: one chat at a time, the list of chats with their states, the keys 1 to 4, an own decision that is locked in before the AI's suggestion comes, and on a narrow screen the policy folded under the
// top of the page. The fields below are the answer and work alone.

import { actionOf, begin, isSure, numberOf } from '../_desk.js';
import { complain, guard } from '../_invalid.js';
import { revealer } from '../_reveal.js';
import { fill } from '../_text.js';

const EDIT = 2;
const SURE = [50, 60, 70, 80, 90, 100];

document.querySelectorAll('form .desk').forEach(enhance);
document.querySelectorAll('.kind-ai_decision_series > .material').forEach(fold);

function enhance(desk) {
  const say = desk.dataset;
  const form = desk.closest('form');
  const links = [...desk.querySelectorAll('.chats a')];
  const sections = () => [...desk.querySelectorAll('.case')]; // a section may be replaced
  const live = element('p', { className: 'vh', ariaLive: 'polite' });
  const reveal = revealer(form, { shown: revealed });
  let current = 0;

  desk.append(turns(), live);
  desk.classList.add('live');
  const keys = keySwitch();
  complain(form);
  desk.addEventListener('leida:complain', (event) => show(sections().indexOf(event.target.closest('.case'))));
  sections().forEach(open);
  show(begin(sections().map((section) => ({ id: section.dataset.case, state: numberOf(chosenIn(section)) })), location.hash));

  form.addEventListener('leida:restored', () => sections().forEach((section) => {
    refresh(section);
    restored(section);
  }));
  desk.addEventListener('change', (event) => {
    const section = event.target.closest('.case');
    if (section && event.target.name) refresh(section);
  });
  desk.addEventListener('click', (event) => {
    const link = event.target.closest('.chats a');
    if (!link) return;
    event.preventDefault();
    show(links.indexOf(link));
  });
  document.addEventListener('keydown', (event) => {
    const action = keys.checked && !document.querySelector('dialog[open]') ? actionOf(event) : 0;
    if (action && act(sections()[current], action)) event.preventDefault();
  });

  // ---- which chat is seen ------------------------------------------------------------------------------------------

  function show(n) {
    current = Math.max(0, Math.min(n, links.length - 1));
    sections().forEach((section, i) => { section.hidden = i !== current; });
    links.forEach((link, i) => (i === current ? link.setAttribute('aria-current', 'step') : link.removeAttribute('aria-current')));
    const [back, , on] = desk.querySelector('.turns').children;
    back.setAttribute('aria-disabled', String(current === 0));
    on.setAttribute('aria-disabled', String(current === links.length - 1));
    desk.querySelector('.turns output').textContent = `${current + 1} / ${links.length}`;
  }

  /** Goes to another chat and takes the reader along. */
  function go(n) {
    if (n < 0 || n >= links.length) return;
    show(n);
    const section = sections()[n];
    section.focus({ preventScroll: true });
    if (section.getBoundingClientRect().top < 0 || section.getBoundingClientRect().top > innerHeight / 2) section.scrollIntoView({ block: 'start' });
  }

  function turns() {
    const bar = element('div', { className: 'turns' });
    const [back, on] = [[say.prev, '←', -1], [say.next, '→', 1]].map(([words, sign, by]) => {
      const button = element('button', { type: 'button', className: 'btn' });
      const arrow = element('span', { textContent: sign, ariaHidden: 'true' });
      button.append(...(by < 0 ? [arrow, words] : [words, arrow]));
      button.addEventListener('click', () => go(current + by));
      return button;
    });
    bar.append(back, element('output', { className: 'count' }), on);
    return bar;
  }

  function keySwitch() {
    const box = element('input', { type: 'checkbox', checked: keysWanted() !== 'off' });
    const label = element('label', { className: 'check keys' });
    label.append(box, element('span', { textContent: say.keys }));
    desk.querySelector('.turns').before(label);
    const shown = () => desk.classList.toggle('keyed', box.checked);
    box.addEventListener('change', () => {
      wantKeys(box.checked ? '' : 'off');
      shown();
    });
    shown();
    return box;
  }

  // ---- what is decided ---------------------------------------------------------------------------------------------

  /** Makes one chat pleasant: the edits behind a button, quick numbers, the own decision locked in. */
  function open(section) {
    const edits = section.querySelector('.edits');
    if (edits) {
      const button = element('button', { type: 'button', className: 'act edit' });
      button.setAttribute('aria-controls', edits.id);
      button.append(element('span', { className: 'sign', textContent: '✎', ariaHidden: 'true' }), element('span', { className: 'name', textContent: say.edit }),
        element('small', { textContent: say.editNote }), element('kbd', { textContent: EDIT, ariaHidden: 'true' }));
      button.addEventListener('click', () => choose(section, edits.hidden));
      edits.before(button);
      check(section.querySelector('.sure'));
      quick(section.querySelector('.sure'));
    }
    const own = section.querySelector('.own');
    if (own) lockable(section, own);
    refresh(section);
  }

  function act(section, action) {
    if (!section.querySelector('.do')) return false;
    if (action === EDIT) {
      choose(section, true);
      return true;
    }
    const radio = section.querySelectorAll('.do .act input')[{ 1: 0, 3: 1, 4: 2 }[action]];
    if (radio.disabled) return false;
    radio.checked = true;
    radio.focus({ preventScroll: true });
    radio.dispatchEvent(new Event('change', { bubbles: true }));
    live.textContent = fill(say.said, { n: section.dataset.n, state: words(section) });
    return true;
  }

  /** Opens the list of edits, with the focus on the one that is chosen or the first; or folds it where none is chosen. */
  function choose(section, wide) {
    const edits = section.querySelector('.edits');
    const chosen = edits.querySelector('input:checked');
    unfold(section, wide || Boolean(chosen));
    if (!edits.hidden) (chosen ?? edits.querySelector('input')).focus();
  }

  function unfold(section, wide) {
    section.querySelector('.edits').hidden = !wide;
    section.querySelector('.act.edit').setAttribute('aria-expanded', String(wide));
  }

  function chosenIn(section) {
    return section.querySelector('.do input:checked')?.value ?? '';
  }

  function stateOf(section) {
    return numberOf(chosenIn(section)) || (section.querySelector('.locked') ? 'locked' : 0);
  }

  function words(section) {
    const state = stateOf(section);
    if (state === 'locked') return say.locked;
    return state === EDIT ? say.edit : section.querySelector('.do .act input:checked')?.parentElement.querySelector('.name').textContent ?? say.undecided;
  }

  /** Brings the list of chats and the buttons together with the fields. */
  function refresh(section) {
    const link = links[section.dataset.n - 1];
    const state = stateOf(section);
    link.dataset.state = state;
    link.querySelector('.state').textContent = words(section);
    if (!section.querySelector('.edits')) return;
    const button = section.querySelector('.act.edit');
    button.classList.toggle('on', state === EDIT);
    if (state === EDIT || state !== 0) unfold(section, state === EDIT);
    else unfold(section, button.getAttribute('aria-expanded') === 'true');
  }

  /** Keeps what is no whole number of 0 to 100 out of the answer, and says so below the field. */
  function check(sure) {
    const input = sure.querySelector('input');
    const said = element('p', { className: 'unread', id: `${input.id}-unread`, ariaLive: 'polite' });
    input.setAttribute('aria-describedby', `${input.getAttribute('aria-describedby')} ${said.id}`);
    sure.append(said);
    const look = guard(input, {
      isBad: () => input.validity.badInput || (input.value.trim() !== '' && !isSure(input.value)),
      tell: (marked) => {
        const words = marked ? say.unread : '';
        if (said.textContent !== words) said.textContent = words;
      },
    });
    form.addEventListener('leida:restored', look);
  }

  function quick(sure) {
    const input = sure.querySelector('input');
    const row = element('span', { className: 'quick' });
    for (const n of SURE) {
      const button = element('button', { type: 'button', textContent: n, ariaLabel: fill(say.sure, { n }) });
      button.addEventListener('click', () => {
        input.value = input.value === String(n) ? '' : n;
        input.dispatchEvent(new Event('change', { bubbles: true }));
      });
      row.append(button);
    }
    sure.append(row);
    const mark = () => { for (const button of row.children) button.setAttribute('aria-pressed', String(button.textContent === input.value)); };
    sure.addEventListener('input', mark);
    sure.addEventListener('change', mark);
    form.addEventListener('leida:restored', mark);
    mark();
  }

  // ---- an own decision before the AI's suggestion is shown ---------------------------------------------------------

  /**
   * What is chosen is not sent until it is locked in: the choices steer the page, and a field that is switched off holds the decision. One that an earlier page could not send is locked in already.
   */
  function lockable(section, own) {
    const radios = [...own.querySelectorAll('input[type=radio]')];
    const name = radios[0].name;
    const field = element('input', { type: 'hidden', name, disabled: true });
    field.value = radios.find((radio) => radio.checked)?.value ?? '';
    for (const radio of radios) radio.name = `_${name}`;
    section.append(field);
    const note = element('p', { className: 'note', role: 'status' });
    own.append(note);
    own.querySelector('.lock button').addEventListener('click', (event) => {
      event.preventDefault();
      if (own.dataset.locking) return;
      const chosen = radios.find((radio) => radio.checked);
      if (!chosen) {
        note.textContent = say.first;
        radios[0].focus();
        return;
      }
      field.value = chosen.value;
      lock(section);
    });
    restored(section);
  }

  function restored(section) {
    const field = section.querySelector('input[type=hidden][name^=initial]');
    if (!field?.value || field.closest('.case').querySelector('.own').dataset.locking) return;
    setTimeout(() => lock(section)); // the page has to be listening
  }

  function lock(section) {
    const own = section.querySelector('.own');
    const field = section.querySelector('input[type=hidden][name^=initial]');
    own.dataset.locking = 'yes';
    for (const radio of own.querySelectorAll('input')) radio.checked = radio.value === field.value;
    own.querySelector('.lock button').setAttribute('aria-disabled', 'true');
    own.querySelector('.note').textContent = say.wait;
    field.disabled = false;
    field.dispatchEvent(new Event('change', { bubbles: true }));
    reveal(`#${section.id}`);
  }

  function revealed(section) {
    open(section);
    show(current);
    live.textContent = say.done;
  }
}

// ---- the policy ---------------------------------------------------------------------------------------------------------

/** On a narrow screen the policy is folded under the top of the page, so that it is at hand in every chat. */
function fold(material) {
  const heading = material.querySelector('h2');
  const title = heading.textContent;
  const body = element('div', { className: 'folded', id: 'policy' });
  body.append(...[...material.children].filter((child) => child !== heading));
  material.append(body);
  const button = element('button', { type: 'button', textContent: title });
  button.setAttribute('aria-controls', body.id);
  const set = (wide) => {
    body.hidden = !wide;
    button.setAttribute('aria-expanded', String(wide));
  };
  button.addEventListener('click', () => set(body.hidden));
  material.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape' || !narrow.matches || body.hidden) return;
    set(false);
    button.focus();
  });
  document.addEventListener('click', (event) => {
    const link = event.target.closest('a.policy');
    if (!link) return;
    event.preventDefault();
    if (narrow.matches) set(true);
    (narrow.matches ? button : material).focus();
  });

  const narrow = matchMedia('(max-width: 900px)');
  const lay = () => {
    material.classList.toggle('sticky', narrow.matches);
    heading.replaceChildren(narrow.matches ? button : title);
    narrow.matches ? material.removeAttribute('tabindex') : material.setAttribute('tabindex', '0');
    set(!narrow.matches);
  };
  narrow.addEventListener('change', lay);
  lay();
  const top = document.querySelector('.top');
  new ResizeObserver(() => material.style.setProperty('--under', `${top.offsetHeight}px`)).observe(top);
}

function element(name, properties) {
  return Object.assign(document.createElement(name), properties);
}

/** Somebody who does not want the keys says so once for this device. */
function keysWanted() {
  try { return localStorage.getItem('leida-keys'); } catch { return null; }
}

function wantKeys(value) {
  try { localStorage.setItem('leida-keys', value); } catch { /* this page remembers it, the next does not */ }
}
