// The fields, tables that can be sorted by their headings, and a scratch pad that stays on this device.

import { enhance } from '../_asks.js';
import { sorted } from '../_number.js';
import { fill } from '../_text.js';

document.querySelectorAll('.asks').forEach(enhance);
const words = document.querySelector('.sorting')?.dataset;
if (words) document.querySelectorAll('.material table').forEach(sortable);
document.querySelectorAll('.scratch textarea').forEach(keep);

/** Headings become buttons: ascending, descending, as it was written. */
function sortable(table) {
  const body = table.tBodies[0];
  const written = [...body.rows].map((row) => ({ row, cells: [...row.cells].map((cell) => cell.textContent) }));
  const live = document.createElement('p');
  live.className = 'vh';
  live.setAttribute('aria-live', 'polite');
  table.after(live);
  [...table.tHead.rows[0].cells].forEach((head, column) => {
    const name = head.textContent;
    const button = document.createElement('button');
    button.type = 'button';
    button.className = 'sort';
    button.textContent = name;
    button.title = fill(words.sort, { column: name });
    head.replaceChildren(button);
    button.addEventListener('click', () => {
      const next = { ascending: 'descending', descending: 'none' }[head.getAttribute('aria-sort')] ?? 'ascending';
      for (const other of head.parentElement.cells) other.removeAttribute('aria-sort');
      if (next !== 'none') head.setAttribute('aria-sort', next);
      const rows = next === 'none' ? written : sorted(written, column, next, document.documentElement.lang);
      body.append(...rows.map(({ row }) => row));
      live.textContent = fill(words[next], { column: name });
    });
  });
}

/** It has no name, so it is never sent; what is in it comes back after a reload, in this tab and nowhere else. It lies below the table that it is about. */
function keep(area) {
  const form = area.closest('form');
  const pad = area.closest('details');
  const material = area.closest('.cols')?.querySelector('.material');
  material?.append(pad);
  pad.open = Boolean(material) && matchMedia('(min-width: 901px)').matches;
  const key = form && `leida:scratch:${form.dataset.sitting}:${form.dataset.item}`;
  for (const kind of ['input', 'change']) {
    area.addEventListener(kind, (event) => {
      event.stopPropagation(); // nothing to save for the server
      try {
        if (key) sessionStorage.setItem(key, area.value);
      } catch { /* storage is forbidden: it lasts as long as the page */ }
    });
  }
  try {
    area.value = (key && sessionStorage.getItem(key)) || '';
  } catch { /* as above */ }
  if (area.value) pad.open = true;
}
