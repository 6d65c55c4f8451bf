// Fields that may hold what cannot be read. While one does it has no name: it is not part of the answer, and holds up nothing else.

const guarded = new WeakMap(); // field -> what takes the person to it

/**
 * Guards a field. isBad() reports whether what stands in it cannot be read; tell(marked) says why beside it, once the person has gone on, and no longer when it is mended.
 * Returns what looks at the field anew.
 */
export function guard(input, { isBad, tell }) {
  const { name } = input;
  let left = false; // the person has gone on, and may be told that something is missing

  const look = () => {
    const bad = isBad();
    if (bad) input.removeAttribute('name');
    else input.name = name;
    const marked = bad && left;
    if (marked) input.setAttribute('aria-invalid', 'true');
    else input.removeAttribute('aria-invalid');
    tell(marked);
  };
  const leave = () => {
    left = true;
    look();
  };
  input.addEventListener('input', look);
  input.addEventListener('change', look);
  input.addEventListener('blur', leave);
  input.addEventListener('focus', () => { left = false; });
  guarded.set(input, () => {
    input.dispatchEvent(new Event('leida:complain', { bubbles: true })); // it may have to be brought into view first
    input.focus();
    leave();
  });
  return look;
}

/** Whoever goes on with a field that cannot be read is told once, and may go on all the same. */
export function complain(form) {
  let told;
  form?.addEventListener('submit', (event) => {
    const bad = [...form.elements].find((each) => guarded.has(each) && !each.name);
    if (!bad || bad === told) return;
    told = bad;
    event.preventDefault();
    event.stopImmediatePropagation();
    guarded.get(bad)();
  }, true);
}
