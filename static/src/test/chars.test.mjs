import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chars, judge } from '../_chars.js';

test('what counts is what can be seen, as the server counts it', () => {
  for (const [text, want] of [
    ['', 0], [' \t\r\n　\u00a0\u2028', 0], ['写信', 2], ['写 信。', 3], ["don't", 5], ['６２００次', 5], ['a\u200b\u2060\ufeffb', 2], ['e\u0301', 2], ['😀!', 2], ['\x00\x1b', 0], ['\u202eabc\u202c', 3],
  ]) assert.equal(chars(text), want, JSON.stringify(text));
});

test('limits', () => {
  assert.deepEqual(judge(0, 20, 160), { state: 'none', by: 0 });
  assert.deepEqual(judge(5, 20, 160), { state: 'short', by: 15 });
  assert.deepEqual(judge(20, 20, 160), { state: 'fit', by: 0 });
  assert.deepEqual(judge(160, 20, 160), { state: 'fit', by: 0 });
  assert.deepEqual(judge(163, 20, 160), { state: 'over', by: 3 });
  assert.deepEqual(judge(9999, 20, 0), { state: 'fit', by: 0 });
  assert.deepEqual(judge(0, 0, 0), { state: 'none', by: 0 });
});
