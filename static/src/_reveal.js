// The next step of a kind that goes step by step: what was decided is saved, and once the server has it, the part of the
// page that it changes is fetched and put in the place of the old one. All else on the page stays as it is, and what has
// the focus keeps it.
//
// Between the kind and the sitting page go four events on the form: `leida:advance` asks that the form be saved now,
// `leida:advanced` tells that the server has all of it, `leida:refused` that it will not take it (the part is then shown
// as it is there), `leida:shown` that controls were put into it or taken out.

export const AGAIN = 3000; // ms before the page is asked for once more

/**
 * Returns a function that takes the selector of a part and shows it anew after the next save. `load` resolves to the
 * page as the server shows it now, to null where there is none to show any more, and rejects where the server cannot be
 * reached; `gone` is called when there is none, or when it lacks the part; `shown(part)` hears of every new part.
 * Focus that was inside the old part goes to the control of the same name and value, or else to [data-next].
 */
export function revealer(form, { load = page, gone = () => location.reload(), shown = () => {}, timers = globalThis } = {}) {
  const waiting = new Set(); // selectors of parts that are to be shown anew
  let fetching = false;

  form.addEventListener('leida:advanced', fetchNow);
  form.addEventListener('leida:refused', fetchNow);

  async function fetchNow() {
    if (fetching || waiting.size === 0) return;
    fetching = true;
    const parts = [...waiting]; // what is asked for from here on needs a page of its own
    let fresh;
    try {
      fresh = await load();
    } catch {
      fetching = false;
      timers.setTimeout(fetchNow, AGAIN);
      return;
    }
    fetching = false;
    for (const part of parts) {
      const next = fresh?.querySelector(part);
      if (!next) return gone();
      waiting.delete(part);
      put(part, next);
    }
    if (waiting.size > 0) form.dispatchEvent(new Event('leida:advance'));
  }

  function put(selector, next) {
    const old = form.querySelector(selector);
    const active = old.ownerDocument.activeElement;
    const held = old.contains(active) ? active : null;
    old.replaceWith(next);
    form.dispatchEvent(new Event('leida:shown'));
    shown(next);
    if (held) (same(next, held) ?? next.querySelector('[data-next]'))?.focus({ preventScroll: true });
  }

  return (selector) => {
    waiting.add(selector);
    form.querySelector(selector).setAttribute('aria-busy', 'true');
    form.dispatchEvent(new Event('leida:advance'));
  };
}

/** The control that stands for another one: of the same name, and of the same value where that tells them apart. */
function same(part, control) {
  if (!control.name || control.type === 'submit') return null;
  return [...part.querySelectorAll('input, select, textarea')].find((each) => each.name === control.name
    && (each.type !== 'radio' && each.type !== 'checkbox' || each.value === control.value));
}

/** The page that is open, as the server shows it now; null where it shows another one instead, such as that for signing in. */
async function page() {
  const response = await fetch(location.pathname, { headers: { Accept: 'text/html' }, cache: 'no-store', signal: AbortSignal.timeout(20_000) });
  if (response.status >= 500 || response.status === 429) throw new Error(`status ${response.status}`);
  if (!response.ok || response.redirected) return null;
  return new DOMParser().parseFromString(await response.text(), 'text/html');
}
