import assert from 'node:assert/strict';
import { test } from 'node:test';
import { write } from '../_fields.js';
import { fill } from '../_text.js';

const control = (type, name, value, checked) => ({ type, name, value, checked });

test('a content sets every control, and empties what it does not name', () => {
  const controls = [
    control('hidden', '_rev', '4'),
    control('radio', 'choice', 'o1', true), control('radio', 'choice', 'o2', false),
    control('checkbox', 'choices[]', 'a', false), control('checkbox', 'choices[]', 'b', true), control('checkbox', 'choices[]', 'c', false),
    control('number', 'rank[o3]', '2'), control('select-one', 'pairs[l1]', 'r9'),
    control('text', 'note[]', ''), control('text', 'note[]', ''),
    control('submit', '_go', 'next'), control('button', '', 'up'),
  ];
  write(controls, 'choice=o2&choices[]=a&choices[]=c&pairs[l1]=r2&note[]=first&note[]=%E4%BD%A0%E5%A5%BD+%26');
  assert.deepEqual(controls.map((c) => (c.type === 'radio' || c.type === 'checkbox' ? c.checked : c.value)),
    ['4', false, true, true, false, true, '', 'r2', 'first', '你好 &', 'next', 'up']);
});

test('texts are filled, plurals too', () => {
  assert.equal(fill('还剩 {n} 分钟', { n: 5 }), '还剩 5 分钟');
  assert.equal(fill('{n} {n|minute|minutes} left', { n: 1 }), '1 minute left');
  assert.equal(fill('{n} {n|minute|minutes} left', { n: 5 }), '5 minutes left');
  assert.equal(fill('{text} is {n}', { text: '{n}', n: 2 }), '{n} is 2', 'what is filled in is not read again');
  assert.equal(fill('{what}', {}), '{what}');
});
