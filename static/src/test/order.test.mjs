import assert from 'node:assert/strict';
import { test } from 'node:test';
import { arrange, exclude, move, place, touched } from '../_order.js';

const list = (text) => text.split(' ').map((word) => {
  const [, out, id, rank] = /^(-?)([a-z])(\d*)$/.exec(word);
  return { id, rank: rank === '' ? '' : Number(rank), out: out === '-' };
});
const show = (entries) => entries.map(({ id, rank, out }) => `${out ? '-' : ''}${id}${rank}`).join(' ');

test('an untouched list stays blank', () => {
  assert.equal(show(arrange(list('a b c'))), 'a b c');
  assert.equal(touched(arrange(list('a b c'))), false);
  assert.equal(show(exclude(list('a b c'), 'a', true)), 'b c -a', 'marking what does not belong orders nothing');
  assert.equal(show(place(list('a b c'), 'b', '')), 'a b c');
});

test('what was saved is shown in its order, what does not belong last', () => {
  assert.equal(show(arrange(list('a2 -b c1 d3'))), 'c1 a2 d3 -b');
  assert.equal(show(arrange(list('a b2 c d1'))), 'd1 b2 a c');
  assert.equal(show(arrange(list('-a4 b c'))), 'b c -a', 'a number on what does not belong is dropped');
});

test('moving numbers the whole list', () => {
  assert.equal(show(move(list('a b c'), 'c', 0)), 'c1 a2 b3');
  assert.equal(show(move(list('a1 b2 c3 -d'), 'a', 1)), 'b1 a2 c3 -d');
  assert.equal(show(move(list('a1 b2'), 'b', 9)), 'a1 b2');
  assert.equal(show(move(list('a1 b2'), 'a', -5)), 'a1 b2');
  const with_out = list('a1 -b');
  assert.equal(move(with_out, 'b', 0), with_out, 'what does not belong has no place');
});

test('a typed number is a place', () => {
  assert.equal(show(place(list('a b c'), 'c', '1')), 'c1 a2 b3');
  assert.equal(show(place(list('a1 b2 c3'), 'a', '3')), 'b1 c2 a3');
  assert.equal(show(place(list('a1 b2 c3'), 'a', '99')), 'b1 c2 a3');
  assert.equal(show(place(list('a1 b2 -c'), 'c', '1')), 'c1 a2 b3', 'a number takes it back in');
  assert.equal(show(place(list('a1 b2 c3'), 'b', '')), 'a1 b2 c3', 'an ordered list keeps its numbers');
});

test('taking out and back in', () => {
  assert.equal(show(exclude(list('a1 b2 c3'), 'a', true)), 'b1 c2 -a');
  assert.equal(show(exclude(list('b1 c2 -a'), 'a', false)), 'b1 c2 a3');
  assert.equal(show(exclude(list('b c -a'), 'a', false)), 'b c a');
});
