// Makes a card of fields pleasant: numbers are read as they are typed, a choice can be taken back, a record that is cited is read where it is cited, and on a phone one press leads to
// the material and back. The fields are the answer and work alone; see templates/items/fields.html.

import { complain, guard } from './_invalid.js';
import { readNumber } from './_number.js';
import { fill } from './_text.js';

const narrowPage = matchMedia('(max-width: 900px)');

export function enhance(box) {
  const form = box.closest('form');
  const page = box.closest('.cols') ?? document;
  const words = box.dataset;
  const asks = [...box.querySelectorAll('.ask')];
  const material = page.querySelector('.material');
  const records = recordsOf(material);

  for (const ask of asks) {
    if (ask.dataset.kind === 'number') number(ask);
    if (ask.dataset.kind === 'date') date(ask);
    if (ask.dataset.kind === 'single') clearing(ask);
    none(ask);
    cites(ask);
  }
  const count = counter();
  if (material) {
    keepInView(material);
    flip();
  }
  complain(form);
  form?.addEventListener('leida:restored', showAll);
  box.addEventListener('input', showAll);
  box.addEventListener('change', showAll);
  showAll();

  function showAll() {
    for (const ask of asks) ask.dispatchEvent(new Event('leida:show'));
    const filled = asks.filter((ask) => ask.querySelector('.fill, .opts') && isFilled(ask)).length;
    count.textContent = fill(words.done, { n: filled, all: asks.length });
  }

  /** What is typed is read back where it is not written plainly, and kept out of the answer where it is no number. */
  function number(ask) {
    const input = ask.querySelector('input[type=text]');
    const units = ask.dataset.units.split('/').filter(Boolean);
    input.inputMode = 'decimal';
    input.before(sign(input));
    const value = () => readNumber(input.value.trim(), units);
    read(ask, input, () => input.value.trim() !== '' && value() === null, words.unread, () => {
      const plain = value() === null || input.value.trim() === String(value());
      return plain ? '' : fill(words.read, { value: value().toLocaleString(document.documentElement.lang, { maximumFractionDigits: 9 }) });
    });
  }

  /** A date is kept out of the answer until it is whole: while its year is typed it reads 0002, 0020 and 0202. */
  function date(ask) {
    const input = ask.querySelector('input[type=date]');
    read(ask, input, () => !input.validity.valid, words.undated);
  }

  /** Says below a field what is read from it, or that nothing can be read. */
  function read(ask, input, isBad, unread, asRead = () => '') {
    const said = ask.querySelector('.said');
    said.setAttribute('aria-live', 'polite');
    const look = guard(input, {
      isBad,
      tell: (marked) => {
        said.classList.toggle('error', marked);
        const text = marked ? unread : asRead();
        if (said.textContent !== text) said.textContent = text;
      },
    });
    ask.addEventListener('leida:show', look);
  }

  /** Number pads of phones have no minus. */
  function sign(input) {
    const button = document.createElement('button');
    button.type = 'button';
    button.className = 'sign';
    button.textContent = '±';
    button.setAttribute('aria-label', words.sign);
    button.addEventListener('click', () => {
      input.value = /^\s*[-−–－]/.test(input.value) ? input.value.replace(/^\s*[-−–－]/, '') : `-${input.value.trim().replace(/^\+/, '')}`;
      tell(input);
      input.focus();
    });
    return button;
  }

  /** Wrong answers cost points and blank ones do not, so a choice can be taken back. */
  function clearing(ask) {
    const button = document.createElement('button');
    button.type = 'button';
    button.className = 'clear';
    button.textContent = words.clear;
    button.addEventListener('click', () => {
      const chosen = ask.querySelector('.opts :checked');
      if (!chosen) return;
      chosen.checked = false;
      tell(chosen);
      ask.querySelector('.opts input').focus();
    });
    ask.querySelector('legend').append(button);
    ask.addEventListener('leida:show', () => { button.hidden = !ask.querySelector('.opts :checked'); });
  }

  /** A value and "not in the records" rule each other out; so do several options and that one, if it is among them. */
  function none(ask) {
    const tick = ask.querySelector('input[name="none[]"]');
    const value = ask.querySelector('.fill .input');
    if (!tick || !value) return;
    tick.addEventListener('change', () => {
      if (!tick.checked || (value.value === '' && value.validity.valid)) return; // half a date reads as nothing
      value.value = '';
      tell(value);
    });
    value.addEventListener('input', () => {
      if (value.value !== '') tick.checked = false;
    });
  }

  /** Cited records are read below the field, so that nobody has to scroll back to check. */
  function cites(ask) {
    const group = ask.querySelector('.cites');
    if (!group || records.size === 0) return;
    const peek = document.createElement('ul');
    peek.className = 'peek';
    group.append(peek);
    for (const label of group.querySelectorAll('.cite')) {
      const record = records.get(label.querySelector('input').value);
      if (!record) continue;
      const on = (yes) => () => record.classList.toggle('on', yes);
      label.addEventListener('pointerenter', on(true));
      label.addEventListener('pointerleave', on(false));
      label.addEventListener('focusin', on(true));
      label.addEventListener('focusout', on(false));
    }
    let shown = '';
    ask.addEventListener('leida:show', () => {
      const chosen = [...group.querySelectorAll(':checked')].map((input) => input.value).filter((id) => records.has(id));
      if (chosen.join() === shown) return;
      shown = chosen.join();
      peek.replaceChildren(...chosen.map((id) => {
        const line = document.createElement('li');
        const rid = document.createElement('b');
        rid.textContent = id;
        line.append(rid, ' ', records.get(id).querySelector('p').textContent);
        return line;
      }));
    });
  }

  /** How much is filled in; nobody needs to hear it after every field. */
  function counter() {
    const out = document.createElement('p');
    out.className = 'filled';
    box.before(out);
    return out;
  }

  /** The material stays in view below what stands still above it: the bar, and the clock of an item that has one. */
  function keepInView(part) {
    part.classList.add('beside');
    const held = [document.querySelector('.top.sit'), document.getElementById('item-clock')].filter(Boolean);
    const measure = () => {
      const [bar = 0, clock = 0] = held.map((each) => each.offsetHeight);
      document.documentElement.style.setProperty('--bar', `${bar}px`);
      document.documentElement.style.setProperty('--held', `${bar + clock}px`);
    };
    const watch = new ResizeObserver(measure);
    for (const each of held) watch.observe(each);
  }

  /** One press to the material, the next back to the field that one came from. */
  function flip() {
    const button = document.createElement('button');
    button.type = 'button';
    button.className = 'btn flip';
    page.after(button);
    let last = asks[0];
    for (const kind of ['focusin', 'pointerdown']) (form ?? box).addEventListener(kind, (event) => { last = event.target.closest('.ask, .section') ?? last; });
    const away = () => box.getBoundingClientRect().top > innerHeight * 0.6;
    const name = () => {
      const n = asks.indexOf(last) + 1;
      const text = !away() ? words.peek : n ? fill(words.back, { n }) : words.return;
      if (button.textContent !== text) button.textContent = text;
    };
    button.addEventListener('click', () => {
      const target = away() ? last : material;
      target.scrollIntoView({ block: 'start', behavior: matchMedia('(prefers-reduced-motion: reduce)').matches ? 'auto' : 'smooth' });
      (target === material ? material : target.querySelector('input:checked, input, textarea'))?.focus({ preventScroll: true });
    });
    addEventListener('scroll', name, { passive: true });
    narrowPage.addEventListener('change', name);
    name();
  }
}

function isFilled(ask) {
  const typed = ask.querySelector('.fill .input');
  if (typed) return (typed.value.trim() !== '' && typed.hasAttribute('name')) || Boolean(ask.querySelector('.none :checked'));
  return Boolean(ask.querySelector('.opts :checked:not([value=""])'));
}

/** Records and rules of the material by the ids that people read. */
function recordsOf(material) {
  const all = [...(material?.querySelectorAll('.records > li, .reference > li') ?? [])];
  return new Map(all.map((record) => [record.querySelector('.rid').textContent.trim(), record]));
}

/** Lets the page save what a script has changed. */
export function tell(control) {
  control.dispatchEvent(new Event('input', { bubbles: true }));
  control.dispatchEvent(new Event('change', { bubbles: true }));
}
