// A proposal: tables that sort, checks beside the text, and the length of each section and of all.

import { enhance } from '../_asks.js';
import { chars } from '../_chars.js';
import { watch } from '../_length.js';
import { sortTables } from '../_sortable.js';
import { fill } from '../_text.js';

document.querySelectorAll('.asks').forEach(enhance);
sortTables();
document.querySelectorAll('.writing').forEach(write);

function write(part) {
  const sections = [...part.querySelectorAll('.section')].map((section) => ({ field: section.querySelector('textarea'), count: section.querySelector('.count') }));
  const open = part.querySelector('.open');
  const show = () => {
    for (const { field, count } of sections) count.textContent = fill(count.dataset.count, { n: chars(field.value) });
    const n = sections.filter(({ field }) => field.value.trim() === '').length;
    open.textContent = n > 0 ? fill(open.dataset.open, { n }) : '';
  };
  part.addEventListener('input', show);
  part.closest('form')?.addEventListener('leida:restored', show);
  watch(part.querySelector('.length'), sections.map(({ field }) => field));
}
