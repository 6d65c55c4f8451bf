import assert from 'node:assert/strict';
import { test } from 'node:test';
import { actionOf, begin, isSure, numberOf } from '../_desk.js';

const on = (tagName, type, more) => ({ tagName, type, ...more });

test('1 to 4 stand for the four actions, and other keys for none', () => {
  for (const key of ['1', '2', '3', '4']) assert.equal(actionOf({ key, target: on('BODY') }), Number(key));
  for (const key of ['0', '5', '11', 'a', 'Enter', ' ', '１', 'F1']) assert.equal(actionOf({ key, target: on('BODY') }), 0, key);
});

test('not while something is typed, nor with a modifier, nor while the key is held', () => {
  for (const target of [on('INPUT', 'number'), on('INPUT', 'text'), on('TEXTAREA'), on('SELECT'), on('DIV', undefined, { isContentEditable: true })]) {
    assert.equal(actionOf({ key: '1', target }), 0, target.tagName);
  }
  for (const target of [on('INPUT', 'radio'), on('INPUT', 'checkbox'), on('BUTTON', 'button'), on('A'), null]) assert.equal(actionOf({ key: '1', target }), 1);
  for (const more of [{ ctrlKey: true }, { metaKey: true }, { altKey: true }, { repeat: true }, { defaultPrevented: true }]) {
    assert.equal(actionOf({ key: '1', target: on('BODY'), ...more }), 0);
  }
});

test('what the form holds is an action', () => {
  assert.deepEqual(['accept', 'edit:c1e2', 'edit', 'reject', 'escalate', '', undefined, 'zz'].map(numberOf), [1, 2, 2, 3, 4, 0, 0, 0]);
});

test('it begins where one was, or where something is left to do', () => {
  const chats = (...states) => states.map((state, i) => ({ id: `c${i + 1}`, state }));
  assert.equal(begin(chats(0, 0, 0), ''), 0);
  assert.equal(begin(chats(1, 4, 0, 0), ''), 2);
  assert.equal(begin(chats(1, 4, 0, 0), '#case-c4'), 3);
  assert.equal(begin(chats(1, 4, 0, 0), '#case-c44'), 2);
  assert.equal(begin(chats(1, 2, 3), ''), 0);
  assert.equal(begin([], '#case-c1'), 0);
});

test('how sure somebody is: a whole number of 0 to 100', () => {
  for (const text of ['0', '7', '07', '100', ' 50 ', '７５']) assert.equal(isSure(text), true, text);
  for (const text of ['', '-1', '101', '7.5', '1e1', '750', 'x', '+5']) assert.equal(isSure(text), false, text);
});
