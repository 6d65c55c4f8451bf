import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Clock, display, passed } from '../_clock.js';

test('the countdown follows the server and not the machine', () => {
  const clock = new Clock();
  assert.equal(clock.left(0), Infinity);
  clock.sync('2026-11-22T07:42:00Z', '2026-11-22T08:00:00Z', 1000, 1000);
  assert.equal(clock.left(1000), 18 * 60_000);
  assert.equal(clock.left(61_000), 17 * 60_000);
  clock.sync('2026-11-22T07:50:00Z', '2026-11-22T08:05:00Z', 70_000, 72_000); // the machine slept; the server gave more time
  assert.equal(clock.left(71_000), 15 * 60_000);
  clock.sync('2026-11-22T07:50:00Z', null, 71_000, 71_000);
  assert.equal(clock.left(71_000), Infinity);
  clock.sync('nonsense', '2026-11-22T08:05:00Z', 0, 0);
  assert.equal(clock.left(71_000), Infinity);
});

test('what is shown', () => {
  assert.equal(display(18 * 60_000), '18:00');
  assert.equal(display(65_000), '1:05');
  assert.equal(display(64_001), '1:05');
  assert.equal(display(1), '0:01');
  assert.equal(display(0), '0:00');
  assert.equal(display(-3000), '0:00');
  assert.equal(display(3_600_000), '1:00:00');
});

test('each mark is spoken once, and the latest when several passed', () => {
  assert.equal(passed(601_000, 600_000), 600);
  assert.equal(passed(600_000, 599_500), null);
  assert.equal(passed(299_000, 298_000), null);
  assert.equal(passed(700_000, 45_000), 60);
  assert.equal(passed(31_000, 29_900), 30);
  assert.equal(passed(31_000, -5), null, 'it is over: that is said elsewhere');
});
