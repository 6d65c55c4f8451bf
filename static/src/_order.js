// An ordering answer as data: a list of {id, rank, out}, in the order shown. Every function returns a new list.
//
// Untouched entries have rank '' and stay so until the person moves or numbers one; from then on the list as shown is
// the answer and everything that belongs is numbered 1, 2, 3 … Entries that do not belong stand last, without a number.

/** The order to show: numbered ones by their number, then the untouched, then what does not belong. Ranks stay as they are. */
export function arrange(list) {
  const place = (entry) => (entry.out ? Infinity : entry.rank === '' ? Number.MAX_SAFE_INTEGER : entry.rank);
  return list.map((entry) => (entry.out ? { ...entry, rank: '' } : entry)).sort((a, b) => (place(a) < place(b) ? -1 : place(a) > place(b) ? 1 : 0));
}

/** Puts an entry at a place (from 0) among those that belong. */
export function move(list, id, to) {
  const entry = list.find((each) => each.id === id);
  if (!entry || entry.out) return list;
  const inside = list.filter((each) => !each.out && each.id !== id);
  inside.splice(Math.max(0, Math.min(to, inside.length)), 0, entry);
  return number([...inside, ...list.filter((each) => each.out)]);
}

/** What a number typed into an entry means: its place, counted from 1. No number leaves the rest as it is. */
export function place(list, id, typed) {
  const rank = Math.round(Number(typed));
  if (typed === '' || !Number.isFinite(rank)) return touched(list) ? number(list) : list;
  return move(list.map((each) => (each.id === id ? { ...each, out: false } : each)), id, rank - 1);
}

/** Marks an entry as not belonging, or takes it back, then as the last that belongs. */
export function exclude(list, id, out) {
  const entry = { ...list.find((each) => each.id === id), out, rank: '' };
  const rest = list.filter((each) => each.id !== id);
  const next = [...rest.filter((each) => !each.out), entry, ...rest.filter((each) => each.out)];
  return touched(list) ? number(next) : next;
}

export function touched(list) {
  return list.some((each) => each.rank !== '');
}

function number(list) {
  let rank = 0;
  return list.map((each) => ({ ...each, rank: each.out ? '' : ++rank }));
}
