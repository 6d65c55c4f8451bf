import assert from 'node:assert/strict';
import { test } from 'node:test';
import { back, columns, insert, nudge, put, remove, top } from '../_flow.js';

const list = (text) => text.split(' ').map((word) => {
  const [, id, dept, stage, told] = /^([a-z])([A-Z]?)(\d*)(!?)$/.exec(word);
  return { id, dept, stage: Number(stage), notify: told === '!' };
});
const show = (cards) => cards.map(({ id, dept, stage, notify }) => `${id}${dept}${stage || ''}${notify ? '!' : ''}`).join(' ');
const lanes = ['A', 'B', 'C'];

test('there is always a free stage, up to the last', () => {
  assert.equal(columns(list('a b c d e f'), 6), 4);
  assert.equal(columns(list('aA4 b c d e f'), 6), 5);
  assert.equal(columns(list('aA6 b c d e f'), 6), 6);
  assert.equal(columns(list('a b'), 2), 2);
  assert.equal(top(list('a b')), 0);
});

test('a card goes into a cell and back, and what was said of it goes with it', () => {
  assert.equal(show(put(list('a b'), 'a', { dept: 'B', stage: 2 })), 'aB2 b');
  assert.equal(show(put(list('aB2 b'), 'a', { notify: true })), 'aB2! b');
  assert.equal(show(put(list('aB2! b'), 'a', { stage: 3 })), 'aB3! b', 'its department stays');
  assert.equal(show(put(list('aB2! b'), 'a', { stage: 0 })), 'a b');
  assert.equal(show(back(list('aB2! b'), 'a')), 'a b');
  assert.equal(show(put(list('a b'), 'a', { dept: 'C' })), 'aC b', 'a department alone places nothing');
  const same = list('aB2 b');
  assert.equal(put(same, 'a', { dept: 'B', stage: 2 }), same);
  assert.equal(put(same, 'z', { stage: 1 }), same);
  assert.equal(back(same, 'b'), same);
});

test('arrow keys move by one and stop at the edges', () => {
  assert.equal(show(nudge(list('a b'), 'a', { stages: -1 }, lanes, 2)), 'aA1 b', 'out of the tray into the first cell');
  assert.equal(show(nudge(list('aC b'), 'a', { lanes: 1 }, lanes, 2)), 'aC1 b', 'or into the lane chosen before');
  assert.equal(show(nudge(list('aA1 b'), 'a', { stages: 1 }, lanes, 2)), 'aA2 b');
  assert.equal(show(nudge(list('aA1! b'), 'a', { lanes: 1 }, lanes, 2)), 'aB1! b');
  for (const [card, by] of [['aA2', { stages: 1 }], ['aA1', { stages: -1 }], ['aC1', { lanes: 1 }], ['aA1', { lanes: -1 }]]) {
    const at = list(`${card} b`);
    assert.equal(nudge(at, 'a', by, lanes, 2), at, card);
  }
  assert.equal(show(nudge(list('a2'), 'a', { lanes: 1 }, lanes, 3)), 'aA2', 'a card without a department gets the first');
  assert.equal(show(nudge(list('a2'), 'a', { lanes: -1 }, lanes, 3)), 'aA2');
  assert.equal(show(nudge(list('a2'), 'a', { stages: 1 }, lanes, 3)), 'a3');
});

test('stages open and close between others', () => {
  assert.equal(show(insert(list('aA1 bB2 cC2 d'), 2, 4)), 'aA1 bB3 cC3 d');
  assert.equal(show(insert(list('aA1 bB2'), 1, 4)), 'aA2 bB3');
  const full = list('aA1 bB2');
  assert.equal(insert(full, 1, 2), full, 'there are no more stages than steps');
  assert.equal(insert(full, 3, 4), full, 'nothing comes later');
  assert.equal(show(remove(list('aA1 bB3 cC4'), 2)), 'aA1 bB2 cC3');
  assert.equal(remove(full, 1), full, 'it is not empty');
  assert.equal(remove(full, 3), full, 'nothing comes later');
});
