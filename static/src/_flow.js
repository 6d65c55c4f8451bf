// A whiteboard as data: a list of {id, dept, stage, notify}; stage 0 is the tray, dept '' is not chosen. Every function returns a new list, or the
// same one where nothing changes. n is the last stage there can be.

const LEAST = 4; // stages that an empty board shows

/** The last stage that holds a card; 0 for none. */
export function top(list) {
  return Math.max(0, ...list.map((each) => each.stage));
}

/** How many stages to show: those in use and a free one, so that there is always room for what comes last. */
export function columns(list, n) {
  return Math.min(n, Math.max(LEAST, top(list) + 1));
}

/** Changes one card: {dept}, {stage} or {notify}. Stage 0 puts it back. */
export function put(list, id, change) {
  const card = list.find((each) => each.id === id);
  if (!card || Object.entries(change).every(([name, value]) => card[name] === value)) return list;
  if (change.stage === 0) return back(list, id);
  return list.map((each) => (each === card ? { ...card, ...change } : each));
}

/** Puts a card back into the tray; what was said of it goes with it, since it is not done. */
export function back(list, id) {
  const card = list.find((each) => each.id === id);
  if (!card || (card.stage === 0 && card.dept === '' && !card.notify)) return list;
  return list.map((each) => (each === card ? { ...card, dept: '', stage: 0, notify: false } : each));
}

/** Moves a card by one stage or one department; out of the tray it goes into the first cell. */
export function nudge(list, id, { stages = 0, lanes = 0 }, departments, n) {
  const card = list.find((each) => each.id === id);
  if (!card) return list;
  if (card.stage === 0) return put(list, id, { dept: card.dept || departments[0], stage: 1 });
  const lane = departments.indexOf(card.dept) + lanes;
  return put(list, id, {
    dept: lanes ? departments[Math.max(0, Math.min(lane, departments.length - 1))] : card.dept,
    stage: Math.max(1, Math.min(card.stage + stages, n)),
  });
}

/** Opens an empty stage before one; what stands there and later moves on. */
export function insert(list, stage, n) {
  if (top(list) >= n || top(list) < stage) return list;
  return list.map((each) => (each.stage >= stage ? { ...each, stage: each.stage + 1 } : each));
}

/** Takes an empty stage out; what stands later moves up. */
export function remove(list, stage) {
  if (top(list) <= stage || list.some((each) => each.stage === stage)) return list;
  return list.map((each) => (each.stage > stage ? { ...each, stage: each.stage - 1 } : each));
}
