// Which press counts while a conversation is watched. What is pressed cannot be taken back, so a press counts once, and
// not in the moment in which the page has just changed under the hand.

export const PAUSE = 450; // ms after something new was shown in which a press belongs to what was there before
export const PATIENCE = 10_000; // ms after which a press that nothing came of may be made again, past the script

export class Presses {
  #pressed = -Infinity; // when the last press was let through
  #shown = -Infinity; // when its outcome, or anything new, was shown

  /** What a press means now: go on with it, ignore it, or leave it to the browser. */
  judge(now) {
    const waiting = this.#pressed > this.#shown;
    if (waiting) return now - this.#pressed > PATIENCE ? 'leave' : 'ignore';
    return now - this.#shown < PAUSE ? 'ignore' : 'go';
  }

  press(now) {
    this.#pressed = now;
  }

  shown(now) {
    this.#shown = Math.max(now, this.#pressed);
  }
}

/** The button that a key stands for: W to watch on, T to take over. None with modifiers, held down, or while somebody types. */
export function meant({ key, altKey, ctrlKey, metaKey, repeat, isComposing }, typing) {
  if (altKey || ctrlKey || metaKey || repeat || isComposing || typing) return '';
  return { w: 'watch', t: 'take' }[key.toLowerCase()] ?? '';
}

/** Does the control take letters? */
export function takesLetters({ tagName, type, isContentEditable }) {
  if (isContentEditable || tagName === 'TEXTAREA' || tagName === 'SELECT') return true;
  return tagName === 'INPUT' && !['radio', 'checkbox', 'button', 'submit'].includes(type);
}
