// The content of a form as one text, and back. Names that begin with "_" steer the page and are not content.

/** The form urlencoded, as the browser would post it, without buttons and steering fields. */
export function read(form) {
  const body = new URLSearchParams();
  for (const [name, value] of new FormData(form)) {
    if (!name.startsWith('_') && typeof value === 'string') body.append(name, value);
  }
  return body.toString();
}

/** Sets the controls to a content that read() made; what the content does not name becomes empty. */
export function write(controls, body) {
  const content = new URLSearchParams(body);
  const used = new Map(); // name -> how many of its values are placed
  for (const control of controls) {
    if (!control.name || control.name.startsWith('_') || control.type === 'submit' || control.type === 'button') continue;
    const values = content.getAll(control.name);
    if (control.type === 'checkbox' || control.type === 'radio') {
      control.checked = values.includes(control.value);
      continue;
    }
    const at = used.get(control.name) ?? 0;
    used.set(control.name, at + 1);
    control.value = values[at] ?? '';
  }
}
