// Makes <div id="watch"> go on in place: a press is saved, and the next turn, or the next conversation, takes the place of
// what was there, is spoken, and stands where the hand is. The buttons post the form without it.
//
// <div id="watch" data-spoken="{chat}, turn {n}. Customer: {customer} AI: {ai}" data-finished="…">
//   <h2>Chat 2 of 7</h2> … <ol class="chat"> <li class="customer on"><span class="turn">3</span><p class="bub">…</p> <li class="ai on"> …
//   <button name="seen[k2]" value="4" data-press="watch" data-next> <fieldset class="because">radios</fieldset>
//   <button name="clips[k2][turn]" value="3" data-press="take">

import { revealer } from '../_reveal.js';
import { fill } from '../_text.js';
import { meant, Presses, takesLetters } from '../_watch.js';

const WATCH = '#watch';
const GAP = 12; // px between a turn and the edge of the window
const form = document.getElementById('answer');

if (form?.querySelector(WATCH)) enhance();

function enhance() {
  const presses = new Presses();
  const reveal = revealer(form, { shown });
  const live = document.createElement('p');
  live.className = 'vh';
  live.setAttribute('aria-live', 'polite');
  form.append(live);
  form.classList.add('live'); // keys work, and say so

  let asked = null; // the field of the press that is under way
  let chat = ''; // the conversation that was shown when it was made,
  let height = 0; // and where the pressed button stood

  const part = () => form.querySelector(WATCH);
  const chatOf = (watch) => watch.querySelector('h2').textContent;

  form.addEventListener('click', (event) => {
    const button = event.target.closest('button[data-press]');
    if (button) press(button, event);
  });
  // one letter is enough for what cannot be taken back, so letters work only while the conversation has the focus
  form.addEventListener('keydown', (event) => {
    if (event.repeat && event.target.closest('button[data-press]')) event.preventDefault(); // a key that is held presses once
    const what = part().contains(event.target) ? meant(event, takesLetters(event.target)) : '';
    const button = what && part().querySelector(`button[data-press=${what}]:not(:disabled)`);
    if (button) press(button, event);
  });
  form.addEventListener('change', (event) => {
    if (event.target.type === 'radio') missing(false);
  });
  // a press that an earlier page could not send: the sitting page sends it as soon as it has restored everything
  form.addEventListener('leida:restored', () => setTimeout(() => reveal(WATCH)));

  function press(button, event) {
    const now = performance.now();
    const verdict = presses.judge(now);
    if (verdict === 'leave') return asked?.remove(); // the button itself says it
    event.preventDefault();
    if (verdict === 'ignore') return;
    if (button.dataset.press === 'take' && !part().querySelector('.because :checked')) return missing(true);
    presses.press(now);
    asked = document.createElement('input');
    Object.assign(asked, { type: 'hidden', name: button.name, value: button.value });
    part().append(asked);
    chat = chatOf(part());
    height = button.getBoundingClientRect().top;
    button.focus({ preventScroll: true }); // so that the focus goes to what comes next
    reveal(WATCH);
  }

  /** Says that a reason is wanted before taking over, and leads there. */
  function missing(yes) {
    const note = document.getElementById('missing');
    if (!note || note.hidden !== yes) return;
    note.hidden = !yes;
    if (!yes) return;
    live.textContent = note.textContent;
    part().querySelector('.because input').focus();
  }

  function shown(watch) {
    presses.shown(performance.now());
    asked = null;
    live.textContent = said(watch);
    const next = watch.querySelector('[data-next]');
    if (chatOf(watch) !== chat) return watch.scrollIntoView({ block: 'start' });
    // the button stays below the hand, and the new turn comes into view: where it does not fit, from its beginning
    move(next.getBoundingClientRect().top - height);
    const [first, last] = [...watch.querySelectorAll('.on')].map((line) => line.getBoundingClientRect());
    if (!first) return;
    const [upper, lower] = [edge('.top', 'bottom', 0), edge('.acts', 'top', innerHeight)];
    if (last.bottom > lower) move(last.bottom - lower + GAP);
    const { top } = watch.querySelector('.on').getBoundingClientRect();
    if (top < upper) move(top - upper - GAP);
  }

  function move(by) {
    scrollBy({ top: by, behavior: 'instant' });
  }

  /** Where the window ends for what is read: at a bar that lies over it, or at its own edge. */
  function edge(bar, side, otherwise) {
    const element = document.querySelector(bar);
    return element && getComputedStyle(element).position === 'sticky' ? element.getBoundingClientRect()[side] : otherwise;
  }

  function said(watch) {
    const words = (selector) => watch.querySelector(`.on${selector}`)?.textContent ?? '';
    if (!watch.querySelector('.on')) return watch.dataset.finished;
    return fill(watch.dataset.spoken, { chat: chatOf(watch), n: words('.customer .turn'), customer: words('.customer .bub'), ai: words('.ai .bub') });
  }
}
