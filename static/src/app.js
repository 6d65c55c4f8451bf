// What every page may use: theme switch, questions before forms, selects that submit, print buttons.
// Everything here only shortens a way that exists without it.

themeSwitch();
addEventListener('submit', ask, true);
document.querySelectorAll('select[data-submit]').forEach(submitOnChoice);
document.querySelectorAll('[data-print]').forEach((button) => {
  button.hidden = false;
  button.addEventListener('click', () => print());
});
document.querySelectorAll('[data-refresh]').forEach(refresh);
addEventListener('beforeprint', openDetails);
addEventListener('afterprint', closeDetails);

/** <button data-theme-switch data-auto="…" data-light="…" data-dark="…" hidden>: auto, light, dark, and round again. */
function themeSwitch() {
  const button = document.querySelector('[data-theme-switch]');
  if (!button) return;
  const root = document.documentElement;
  const order = ['auto', 'light', 'dark'];
  const show = () => {
    const state = root.dataset.theme ?? 'auto';
    button.dataset.state = state;
    button.setAttribute('aria-label', button.dataset[state]);
    button.title = button.dataset[state];
  };
  button.addEventListener('click', () => {
    const next = order[(order.indexOf(button.dataset.state) + 1) % order.length];
    if (next === 'auto') delete root.dataset.theme;
    else root.dataset.theme = next;
    try {
      if (next === 'auto') localStorage.removeItem('leida-theme');
      else localStorage.setItem('leida-theme', next);
    } catch {
      // forbidden storage: the choice lasts for this page
    }
    show();
  });
  show();
  button.hidden = false;
}

/**
 * A form or its button with data-confirm is asked about before it is sent.
 * data-ok and data-cancel label the answers; data-danger marks what cannot be undone.
 */
function ask(event) {
  const form = event.target;
  const by = event.submitter;
  const asker = by?.dataset.confirm ? by : form.dataset.confirm ? form : null;
  if (!asker || asker.dataset.confirmed) return;
  event.preventDefault();
  event.stopImmediatePropagation();

  const dialog = document.createElement('dialog');
  dialog.className = 'ask';
  const text = document.createElement('p');
  text.id = 'ask-text';
  text.textContent = asker.dataset.confirm;
  dialog.setAttribute('aria-labelledby', text.id);
  const row = document.createElement('form');
  row.method = 'dialog';
  row.className = 'row end';
  const no = answer(asker.dataset.cancel ?? '✕', 'btn', '');
  const yes = answer(asker.dataset.ok ?? '✓', 'danger' in asker.dataset ? 'btn danger' : 'btn pri', 'yes');
  row.append(no, yes);
  dialog.append(text, row);
  dialog.addEventListener('close', () => {
    dialog.remove();
    if (dialog.returnValue !== 'yes') return;
    asker.dataset.confirmed = 'yes';
    form.requestSubmit(by);
    delete asker.dataset.confirmed;
  });
  document.body.append(dialog);
  dialog.showModal();
  no.focus();
}

function answer(label, className, value) {
  const button = document.createElement('button');
  button.className = className;
  button.value = value;
  button.textContent = label;
  return button;
}

/**
 * <select data-submit> sends its form when something is chosen with a pointer; [data-fallback] in the form is its button.
 * Arrow keys change a select at every press, so whoever uses the keyboard gets the button back instead of a page per press.
 */
function submitOnChoice(select) {
  const button = select.form?.querySelector('[data-fallback]');
  let pointed = false;
  if (button) button.hidden = true;
  select.addEventListener('pointerdown', () => { pointed = true; });
  select.addEventListener('keydown', (event) => {
    if (event.key === 'Tab' || event.key === 'Shift') return;
    pointed = false;
    if (button) button.hidden = false;
  });
  select.addEventListener('change', () => {
    if (pointed || !button) select.form.requestSubmit(button);
  });
}

/** Paper has nothing to click: closed details are opened for the print and closed again. */
function openDetails() {
  for (const details of document.querySelectorAll('main details:not([open])')) {
    details.open = true;
    details.dataset.opened = 'print';
  }
}

function closeDetails() {
  for (const details of document.querySelectorAll('details[data-opened=print]')) {
    details.open = false;
    delete details.dataset.opened;
  }
}

/**
 * <section id="…" data-refresh="2">: something is under way. It is fetched again every so many seconds until it no longer says so; then the whole page comes anew.
 * Without this script the page reloads itself.
 */
async function refresh(part) {
  const { id } = part;
  while (part.dataset.refresh) {
    await new Promise((done) => setTimeout(done, 1000 * part.dataset.refresh));
    const page = await fetch(location.href).then((r) => (r.ok ? r.text() : '')).catch(() => '');
    const fresh = new DOMParser().parseFromString(page, 'text/html').getElementById(id);
    if (!fresh) continue; // the network, for the moment
    if (!fresh.dataset.refresh) return location.reload();
    if (part.contains(document.activeElement)) {
      part.querySelector('progress')?.replaceWith(fresh.querySelector('progress') ?? ''); // keep the button that has the focus
      continue;
    }
    part.replaceWith(fresh);
    part = fresh;
  }
}
