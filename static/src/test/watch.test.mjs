import assert from 'node:assert/strict';
import { test } from 'node:test';
import { meant, PATIENCE, PAUSE, Presses, takesLetters } from '../_watch.js';

test('a press counts once, and not while the page changes under the hand', () => {
  const presses = new Presses();
  assert.equal(presses.judge(0), 'go', 'the first press needs no waiting');
  presses.press(1000);
  assert.equal(presses.judge(1000), 'ignore', 'a double click');
  assert.equal(presses.judge(1000 + PATIENCE), 'ignore');
  assert.equal(presses.judge(1001 + PATIENCE), 'leave', 'nothing came of it');
  presses.shown(1300);
  assert.equal(presses.judge(1300 + PAUSE - 1), 'ignore', 'meant for what was there before');
  assert.equal(presses.judge(1300 + PAUSE), 'go');
});

test('what is shown by itself is not pressed through either', () => {
  const presses = new Presses();
  presses.shown(500);
  assert.equal(presses.judge(500), 'ignore');
  assert.equal(presses.judge(500 + PAUSE), 'go');
  presses.press(2000);
  presses.shown(1999);
  assert.equal(presses.judge(2000 + PAUSE), 'go', 'what is shown ends the waiting, whatever the clock says');
});

test('letters mean buttons, but not with modifiers, held down, composed or typed', () => {
  for (const [event, typing, want] of [
    [{ key: 'w' }, false, 'watch'],
    [{ key: 'W' }, false, 'watch'],
    [{ key: 't' }, false, 'take'],
    [{ key: 'x' }, false, ''],
    [{ key: 'Enter' }, false, ''],
    [{ key: 't', ctrlKey: true }, false, ''],
    [{ key: 'w', metaKey: true }, false, ''],
    [{ key: 'w', altKey: true }, false, ''],
    [{ key: 't', repeat: true }, false, ''],
    [{ key: 't', isComposing: true }, false, ''],
    [{ key: 't' }, true, ''],
  ]) assert.equal(meant(event, typing), want, JSON.stringify(event));
});

test('fields that take letters keep them', () => {
  for (const [control, want] of [
    [{ tagName: 'TEXTAREA' }, true],
    [{ tagName: 'SELECT' }, true],
    [{ tagName: 'INPUT', type: 'text' }, true],
    [{ tagName: 'INPUT', type: 'radio' }, false],
    [{ tagName: 'BUTTON', type: 'submit' }, false],
    [{ tagName: 'DIV', isContentEditable: true }, true],
    [{ tagName: 'DIV' }, false],
  ]) assert.equal(takesLetters(control), want, JSON.stringify(control));
});
