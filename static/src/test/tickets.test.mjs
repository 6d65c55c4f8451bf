import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checked, first, following, neighbour, stateOf } from '../_tickets.js';

const open = { changed: 0, accepted: false };
const accepted = { changed: 0, accepted: true };
const changed = { changed: 2, accepted: false };

test('a ticket is open until it is changed or accepted', () => {
  assert.equal(stateOf(open), 'open');
  assert.equal(stateOf(accepted), 'accepted');
  assert.equal(stateOf(changed), 'changed');
  assert.equal(stateOf({ changed: 1, accepted: true }), 'changed');
  assert.equal(checked([open, accepted, changed]), 2);
  assert.equal(checked([]), 0);
});

test('work begins with the first open ticket', () => {
  assert.equal(first([accepted, open, open]), 1);
  assert.equal(first([open]), 0);
  assert.equal(first([accepted, changed]), 0);
});

test('what is done leads to the next open ticket, round the end', () => {
  assert.equal(following([open, open, open], 0), 1);
  assert.equal(following([accepted, changed, open], 0), 2);
  assert.equal(following([open, accepted, changed], 2), 0);
  assert.equal(following([open, accepted, accepted], 1), 0);
});

test('with nothing open it leads on, and from the last nowhere', () => {
  assert.equal(following([accepted, accepted, changed], 0), 1);
  assert.equal(following([accepted, accepted, changed], 2), 2);
  assert.equal(following([open], 0), 0);
  assert.equal(following([accepted, open], 1), 1);
});

test('back and on stop at the ends', () => {
  assert.equal(neighbour([open, open], 0, -1), 0);
  assert.equal(neighbour([open, open], 0, 1), 1);
  assert.equal(neighbour([open, open], 1, 1), 1);
});
