// A curve as data: a value for each turn, a number of 0..100 with at most one decimal, or null where there is none yet.

export const MOST = 100;
export const MIDDLE = 50; // where a turn without a value starts from
const EDGE = 12; // px beyond the outermost lines that still mean the ends

/** What a field holds: its value, or null for nothing that counts as one. Full-width digits are digits. */
export function parse(text) {
  const plain = text.normalize('NFKC').trim();
  if (!/^\d{1,3}(\.\d)?$/.test(plain)) return null;
  const value = Number(plain);
  return value <= MOST ? value : null;
}

const STEPS = { ArrowUp: 1, ArrowDown: -1, PageUp: 10, PageDown: -10 };

/** The value that a key leads to, undefined for keys that mean nothing here. */
export function step(value, key) {
  if (key === 'Home') return 0;
  if (key === 'End') return MOST;
  if (!(key in STEPS)) return undefined;
  return clamp(Math.round(10 * ((value ?? MIDDLE) + STEPS[key])) / 10);
}

export function clamp(value) {
  return Math.max(0, Math.min(MOST, value));
}

/** Where turns and values stand in a field of so many pixels, n columns side by side. */
export function field({ width, height, left, right, top, bottom }, n) {
  const column = (width - left - right) / n;
  const tall = height - top - bottom;
  return {
    column,
    x: (i) => left + column * (i + 0.5),
    y: (value) => top + tall * (1 - (value ?? MIDDLE) / MOST),
    holds: (x, y) => x >= left && x <= width - right && y >= top - EDGE && y <= height - bottom + EDGE,
    at: (x) => Math.max(0, Math.min(n - 1, Math.floor((x - left) / column))), // the turn whose column that is
    value: (y) => clamp(Math.round(MOST * (1 - (y - top) / tall))),
  };
}

/** The stretches of turns that have values, as lists of places: a line is not drawn over a gap. */
export function runs(values) {
  const out = [];
  values.forEach((value, i) => {
    if (value === null) return;
    if (i > 0 && values[i - 1] !== null) out.at(-1).push(i);
    else out.push([i]);
  });
  return out;
}

/** The place of the one highest value, -1 where there is none. */
export function peak(values) {
  const top = Math.max(...values.map((value) => value ?? -1));
  const first = values.indexOf(top);
  return top >= 0 && values.indexOf(top, first + 1) < 0 && values.some((value) => value !== null && value < top) ? first : -1;
}

/** Whether the line comes down to a turn and goes up from it, with room below for its number. */
export function valley(values, i) {
  const beside = [values[i - 1], values[i + 1]].filter((value) => value !== undefined && value !== null);
  return values[i] > 12 && beside.length > 0 && beside.every((value) => value > values[i]);
}

/** The band that a value lies in; bands are {to, name} from the lower end. */
export function bandOf(value, bands) {
  return bands.find((band) => value <= band.to);
}
