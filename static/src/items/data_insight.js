// The fields, tables that can be sorted by their headings, and a scratch pad that stays on this device.

import { enhance } from '../_asks.js';
import { sortTables } from '../_sortable.js';

document.querySelectorAll('.asks').forEach(enhance);
sortTables();
document.querySelectorAll('.scratch textarea').forEach(keep);

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
