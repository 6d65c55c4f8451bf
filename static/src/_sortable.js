// Tables of the material that can be sorted by their headings; the words for it stand in templates/items/fields.html, "sorting".

import { sorted } from './_number.js';
import { fill } from './_text.js';

export function sortTables() {
  const words = document.querySelector('.sorting')?.dataset;
  if (words) for (const table of document.querySelectorAll('.material table')) sortable(table, words);
}

/** Headings become buttons: ascending, descending, as it was written. */
function sortable(table, words) {
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
