// A queue of tickets as data: a list of {changed, accepted}, in the order shown. `changed` is in how many fields a ticket differs from what the AI filled in.

/** What became of a ticket: open while nobody said anything of it. A change says more than a tick. */
export function stateOf({ changed, accepted }) {
  if (changed > 0) return 'changed';
  return accepted ? 'accepted' : 'open';
}

export function checked(tickets) {
  return tickets.filter((ticket) => stateOf(ticket) !== 'open').length;
}

/** Where to begin: with the first ticket that is open, else with the first. */
export function first(tickets) {
  return Math.max(0, tickets.findIndex((ticket) => stateOf(ticket) === 'open'));
}

/** Where to go from a ticket that is done: to the next open one, round the end if need be; where none is open, to the next, and at the end nowhere. */
export function following(tickets, at) {
  for (let step = 1; step < tickets.length; step++) {
    const next = (at + step) % tickets.length;
    if (stateOf(tickets[next]) === 'open') return next;
  }
  return Math.min(at + 1, tickets.length - 1);
}

/** One ticket on or back, without running off an end. */
export function neighbour(tickets, at, by) {
  return Math.max(0, Math.min(tickets.length - 1, at + by));
}
