// A desk of chats as data: what a key means, and which chat to show. Actions are numbered as the keys 1 to 4.

const TYPING = new Set(['text', 'number', 'search', 'email', 'url', 'tel', 'password', 'date', 'time']);

/** The action 1..4 that a key stands for, 0 for none: not while something is typed, not with a modifier, not again while it is held down. */
export function actionOf(event) {
  if (event.defaultPrevented || event.repeat || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return 0;
  return /^[1-4]$/.test(event.key) ? Number(event.key) : 0;
}

/** Does an element take what is typed? */
export function isTyping(element) {
  const name = element?.tagName?.toLowerCase();
  return name === 'textarea' || name === 'select' || Boolean(element?.isContentEditable) || (name === 'input' && TYPING.has(element.type));
}

/** The number of an action as the form has it: accept, edit:e2, reject, escalate; 0 for none. */
export function numberOf(value) {
  return { accept: 1, edit: 2, reject: 3, escalate: 4 }[(value ?? '').split(':')[0]] ?? 0;
}

/** The chat to begin with: the one that the address names, else the first without a decision, else the first. */
export function begin(chats, hash) {
  const named = chats.findIndex((chat) => hash === `#case-${chat.id}`);
  return Math.max(0, named >= 0 ? named : chats.findIndex((chat) => chat.state === 0));
}

/** Is it a share of a hundred, as a whole number? Full-width digits are digits. */
export function isSure(text) {
  const plain = text.normalize('NFKC').trim();
  return /^\d{1,3}$/.test(plain) && Number(plain) <= 100;
}
