import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import test from 'node:test';

import { readNumber, sorted } from '../_number.js';

const file = JSON.parse(await readFile(new URL('../../../internal/item/testdata/numbers.json', import.meta.url), 'utf8'));

test('numbers are read as the server reads them', () => {
  assert.ok(file.cases.length > 40);
  for (const [typed, unit, want] of file.cases) {
    assert.equal(readNumber(typed, unit.split('/')), want, `${typed} with ${unit}`);
  }
  assert.ok(!Object.is(readNumber('-0'), -0));
});

test('a table is sorted by value and not by writing', () => {
  const rows = [['a', '9'], ['b', '1,000'], ['c', '80%'], ['d', '–'], ['e', '-3']].map((cells) => ({ cells }));
  const names = (list) => list.map(({ cells }) => cells[0]).join('');
  assert.equal(names(sorted(rows, 1, 'ascending', 'en')), 'eacbd');
  assert.equal(names(sorted(rows, 1, 'descending', 'en')), 'bcaed');
  assert.equal(names(sorted(rows, 0, 'descending', 'en')), 'edcba');
});

test('equal ones stay as they were', () => {
  const rows = [['a', '1'], ['b', '1'], ['c', '0']].map((cells) => ({ cells }));
  assert.equal(sorted(rows, 1, 'ascending', 'zh').map(({ cells }) => cells[0]).join(''), 'cab');
  assert.equal(sorted(rows, 1, 'descending', 'zh').map(({ cells }) => cells[0]).join(''), 'abc');
});
