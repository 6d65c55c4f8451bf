// Keeps <div class="length"> beside a field up to date while somebody writes: the count, a bar, and whether it is enough.
//
// <div class="length" data-min="20" data-max="700" data-count="{n} characters" data-short="{n} more" data-over="{n} too many" data-fit="the length is right">
//   <progress max="700"> <p><span class="count"> <span class="wanted"> <span class="verdict"></p> <p class="vh" aria-live="polite"></p></div>

import { chars, judge } from './_chars.js';
import { fill } from './_text.js';

/** fields: what is written in, all together under the limits of the box. */
export function watch(box, fields) {
  const { min, max, ...words } = box.dataset;
  const bar = box.querySelector('progress');
  const [count, verdict, voice] = ['.count', '.verdict', '[aria-live]'].map((s) => box.querySelector(s));
  let before;
  const show = () => {
    const n = fields.reduce((sum, field) => sum + chars(field.value), 0);
    const { state, by } = judge(n, Number(min), Number(max));
    const said = state === 'none' ? '' : fill(words[state], { n: by });
    count.textContent = fill(words.count, { n });
    if (verdict.textContent !== said) verdict.textContent = said;
    if (bar) bar.value = n;
    box.dataset.state = state;
    if (before !== undefined && before !== state) voice.textContent = said; // only what has changed is spoken: not every character
    before = state;
  };
  for (const field of fields) field.addEventListener('input', show);
  box.closest('form')?.addEventListener('leida:restored', show);
  show();
}
