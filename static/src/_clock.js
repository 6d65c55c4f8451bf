// The countdown of a sitting. The server owns the time: a Clock only carries the server's last word forward on a
// monotonic counter, so a wrong or changed clock of the machine does not matter.

/** Seconds left at which the time is spoken. */
export const SPOKEN = [600, 300, 60, 30];

export class Clock {
  #deadline = null; // server time, ms; null: no limit
  #ahead = 0; // server time minus the counter, ms

  /** now, deadline: RFC 3339 texts of the server, deadline may be empty; sent, got: counter when it was asked and when it answered. */
  sync(now, deadline, sent, got) {
    const server = Date.parse(now);
    if (Number.isNaN(server)) return;
    this.#ahead = server - (sent + got) / 2;
    this.#deadline = deadline ? Date.parse(deadline) : null;
  }

  /** Milliseconds to the deadline, negative after it; Infinity without one. */
  left(counter) {
    return this.#deadline === null ? Infinity : this.#deadline - (counter + this.#ahead);
  }
}

/** "9:05", "1:00:00": whole seconds, never negative. A started second counts, so 0:00 means over. */
export function display(ms) {
  const all = Math.max(0, Math.ceil(ms / 1000));
  const two = (n) => String(n).padStart(2, '0');
  const [h, m, s] = [Math.floor(all / 3600), Math.floor(all / 60) % 60, all % 60];
  return h ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

/** The mark passed between two looks at the clock (ms left), the latest if several were; null if none. */
export function passed(before, after) {
  return SPOKEN.findLast((mark) => before > mark * 1000 && after <= mark * 1000 && after > 0) ?? null;
}
