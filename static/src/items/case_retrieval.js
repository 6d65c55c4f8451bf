// Case retrieval: each case gets a button that takes it among the picks, and the picks can be moved. The selects below them are the answer and work alone.

import { fill } from '../_text.js';

document.querySelectorAll('.retrieval').forEach(enhance);

function enhance(root) {
  const say = root.dataset;
  const cases = [...root.querySelectorAll('.cases > li')];
  const selects = [...root.querySelectorAll('.picks select')];
  const live = document.createElement('p');
  live.className = 'vh';
  live.setAttribute('aria-live', 'polite');
  root.append(live);
  root.classList.add('live');

  for (const li of cases) {
    const tools = document.createElement('div');
    tools.className = 'tools';
    tools.append(button('use', say.pick), button('up', '↑', fill(say.up, li.dataset)), button('down', '↓', fill(say.down, li.dataset)));
    li.append(tools);
  }
  show();

  root.closest('form')?.addEventListener('leida:restored', show);
  root.addEventListener('change', show);
  root.addEventListener('click', (event) => {
    const pressed = event.target.closest('.tools button');
    if (!pressed || pressed.getAttribute('aria-disabled') === 'true') return;
    const li = pressed.closest('li');
    const picks = picked();
    const at = picks.indexOf(li.dataset.id);
    if (pressed.value === 'use' && at < 0 && picks.length === selects.length) {
      live.textContent = say.full;
      return;
    }
    if (pressed.value === 'use') at < 0 ? picks.push(li.dataset.id) : picks.splice(at, 1);
    else swap(picks, at, at + (pressed.value === 'up' ? -1 : 1));
    selects.forEach((select, i) => { select.value = picks[i] ?? ''; });
    const place = picks.indexOf(li.dataset.id) + 1;
    live.textContent = fill(place ? say.said : say.out, { n: li.dataset.n, place });
    selects[0].dispatchEvent(new Event('change', { bubbles: true }));
    pressed.focus();
  });

  function picked() {
    return [...new Set(selects.map((select) => select.value).filter(Boolean))];
  }

  function show() {
    const picks = picked();
    for (const li of cases) {
      const at = picks.indexOf(li.dataset.id);
      li.classList.toggle('chosen', at >= 0);
      const name = li.querySelector('.rid');
      if (at >= 0) name.dataset.place = at + 1;
      else delete name.dataset.place;
      const [use, up, down] = li.querySelectorAll('.tools button');
      use.textContent = at >= 0 ? say.unpick : say.pick;
      use.setAttribute('aria-pressed', String(at >= 0));
      use.setAttribute('aria-label', `${use.textContent}: ${li.querySelector('.rid').textContent}`);
      up.hidden = down.hidden = at < 0;
      up.setAttribute('aria-disabled', String(at <= 0));
      down.setAttribute('aria-disabled', String(at === picks.length - 1));
    }
  }
}

function button(value, words, label) {
  const made = document.createElement('button');
  made.type = 'button';
  made.value = value;
  made.textContent = words;
  if (label) made.setAttribute('aria-label', label);
  return made;
}

function swap(list, i, j) {
  if (j >= 0 && j < list.length) [list[i], list[j]] = [list[j], list[i]];
}
