import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bandOf, field, parse, peak, runs, step, valley } from '../_curve.js';

test('a field holds a number of 0 to 100 with at most one decimal, or nothing', () => {
  for (const [text, value] of [['0', 0], ['100', 100], ['71.8', 71.8], [' 65 ', 65], ['６５', 65], ['７１．８', 71.8], ['007', 7]]) assert.equal(parse(text), value, text);
  for (const text of ['', ' ', '-1', '101', '100.1', '1,5', '71.85', '1e2', '0x10', 'NaN', '六', '.5', '5.', '1000']) assert.equal(parse(text), null, text);
});

test('keys go up and down by one and by ten, to the ends, and from the middle where there is no value', () => {
  assert.equal(step(60, 'ArrowUp'), 61);
  assert.equal(step(71.8, 'ArrowDown'), 70.8);
  assert.equal(step(60, 'PageUp'), 70);
  assert.equal(step(4, 'PageDown'), 0);
  assert.equal(step(99.5, 'ArrowUp'), 100);
  assert.equal(step(60, 'Home'), 0);
  assert.equal(step(null, 'End'), 100);
  assert.equal(step(null, 'ArrowUp'), 51);
  assert.equal(step(60, 'ArrowLeft'), undefined);
  assert.equal(step(60, 'a'), undefined);
});

test('a place in the field is a turn and a value, and back', () => {
  const f = field({ width: 500, height: 300, left: 40, right: 60, top: 20, bottom: 30 }, 10);
  assert.equal(f.column, 40);
  for (let i = 0; i < 10; i++) assert.equal(f.at(f.x(i)), i);
  assert.equal(f.at(0), 0);
  assert.equal(f.at(499), 9);
  for (const value of [0, 1, 50, 99, 100]) assert.equal(f.value(f.y(value)), value);
  assert.equal(f.y(100), 20);
  assert.equal(f.y(0), 270);
  assert.equal(f.y(null), f.y(50));
  assert.deepEqual([[40, 20], [440, 282], [200, 8]].map(([x, y]) => f.holds(x, y)), [true, true, true]);
  assert.deepEqual([[39, 100], [441, 100], [200, 7], [200, 283]].map(([x, y]) => f.holds(x, y)), [false, false, false, false], 'what is written beside it is no part of the field');
  assert.equal(f.value(-50), 100);
  assert.equal(f.value(900), 0);
});

test('the line breaks where a value is missing', () => {
  assert.deepEqual(runs([1, 2, null, 3, null, null, 4, 5, 6]), [[0, 1], [3], [6, 7, 8]]);
  assert.deepEqual(runs([null, null]), []);
  assert.deepEqual(runs([0, 0]), [[0, 1]]);
});

test('a peak is one alone, above others', () => {
  assert.equal(peak([10, 90, 30]), 1);
  assert.equal(peak([90, 10, 90]), -1);
  assert.equal(peak([null, 40, null]), -1);
  assert.equal(peak([null, null]), -1);
  assert.equal(peak([0, null, 0.5]), 2);
});

test('a value lies in the band up to whose end it comes', () => {
  const bands = [{ to: 10, name: 'calm' }, { to: 30, name: 'impatience' }, { to: 100, name: 'more' }];
  assert.equal(bandOf(0, bands).name, 'calm');
  assert.equal(bandOf(10, bands).name, 'calm');
  assert.equal(bandOf(10.1, bands).name, 'impatience');
  assert.equal(bandOf(100, bands).name, 'more');
});

test('a number stands below where the line goes up on both sides', () => {
  assert.equal(valley([60, 30, 50], 1), true);
  assert.equal(valley([60, 30, 20], 1), false);
  assert.equal(valley([60, 30], 1), true, 'at the end one side is enough');
  assert.equal(valley([30, 60], 1), false);
  assert.equal(valley([60, 8, 50], 1), false, 'there is no room below');
  assert.equal(valley([null, 30, null], 1), false);
  assert.equal(valley([60, null, 50], 1), false);
});
