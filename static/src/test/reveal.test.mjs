import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AGAIN, revealer } from '../_reveal.js';

// As much of a page as the module touches: parts by selector, each with controls, one of them with the focus.
class Part {
  constructor(selector, controls = [], next = null) {
    Object.assign(this, { selector, controls, next, busy: false });
    for (const control of controls) control.focus = () => { this.ownerDocument.activeElement = control; };
    if (next) next.focus = () => { this.ownerDocument.activeElement = next; };
  }
  contains(control) { return this.controls.includes(control); }
  querySelectorAll() { return this.controls; }
  querySelector(selector) { return selector === '[data-next]' ? this.next : null; }
  setAttribute(name, value) { this[name] = value; }
  replaceWith(part) {
    part.ownerDocument = this.ownerDocument;
    this.form.put(part);
  }
}

class Form extends EventTarget {
  parts = new Map();
  document = { activeElement: null };
  log = [];
  constructor(...parts) {
    super();
    for (const part of parts) {
      part.ownerDocument = this.document;
      this.put(part);
    }
    for (const name of ['leida:advance', 'leida:shown']) this.addEventListener(name, () => this.log.push(name));
  }
  put(part) {
    part.form = this;
    this.parts.set(part.selector, part);
  }
  querySelector(selector) { return this.parts.get(selector) ?? null; }
  advanced() {
    this.dispatchEvent(new Event('leida:advanced'));
    return new Promise((done) => setImmediate(done));
  }
}

const pageOf = (...parts) => ({ querySelector: (selector) => parts.find((part) => part.selector === selector) ?? null });

test('a part is shown anew once the server has what was decided, and not before', async () => {
  const form = new Form(new Part('#a'), new Part('#b'));
  const fresh = new Part('#a');
  let loads = 0;
  const shown = [];
  const reveal = revealer(form, { load: async () => { loads++; return pageOf(fresh, new Part('#b')); }, shown: (part) => shown.push(part) });
  const [a, b] = [form.querySelector('#a'), form.querySelector('#b')];
  reveal('#a');
  assert.deepEqual(form.log, ['leida:advance']);
  assert.equal(a['aria-busy'], 'true');
  assert.equal(loads, 0);
  await form.advanced();
  assert.equal(form.querySelector('#a'), fresh);
  assert.equal(form.querySelector('#b'), b, 'the rest of the page stays');
  assert.deepEqual(form.log, ['leida:advance', 'leida:shown']);
  assert.deepEqual(shown, [fresh]);
  await form.advanced();
  assert.equal(loads, 1, 'a save that nobody asked to go on from fetches nothing');
});

test('focus inside the part goes to the same control, else to what comes next; focus elsewhere stays', async () => {
  const radio = (value) => ({ name: 'pick', type: 'radio', value });
  for (const [was, controls, next, want] of [
    [radio('x'), [radio('y'), radio('x')], { name: 'n' }, 1],
    [{ name: 'why', type: 'text', value: 'old' }, [{ name: 'why', type: 'text', value: '' }], { name: 'n' }, 0],
    [{ name: '_go', type: 'submit', value: '3' }, [{ name: '_go', type: 'submit', value: '3' }], { name: 'n' }, 'next'],
    [{ name: 'gone', type: 'text', value: '' }, [radio('x')], { name: 'n' }, 'next'],
    [{ name: 'gone', type: 'text', value: '' }, [radio('x')], null, 'lost'],
  ]) {
    const form = new Form(new Part('#a', [was]));
    form.document.activeElement = was;
    const fresh = new Part('#a', controls, next);
    revealer(form, { load: async () => pageOf(fresh) })('#a');
    await form.advanced();
    assert.equal(form.document.activeElement, want === 'next' ? next : want === 'lost' ? was : controls[want]);
  }
  const elsewhere = { name: 'note' };
  const form = new Form(new Part('#a'), new Part('#b', [elsewhere]));
  form.document.activeElement = elsewhere;
  revealer(form, { load: async () => pageOf(new Part('#a', [], { name: 'n' })) })('#a');
  await form.advanced();
  assert.equal(form.document.activeElement, elsewhere);
});

test('a step asked for while a page is on its way gets a page of its own', async () => {
  const form = new Form(new Part('#a'), new Part('#b'));
  const answers = [];
  const reveal = revealer(form, { load: () => new Promise((done) => answers.push(done)) });
  reveal('#a');
  await form.advanced();
  reveal('#b');
  await form.advanced();
  assert.equal(answers.length, 1, 'one at a time');
  const [a, b] = [new Part('#a'), new Part('#b')];
  answers[0](pageOf(a, new Part('#b')));
  await new Promise((done) => setImmediate(done));
  assert.equal(form.querySelector('#a'), a);
  assert.notEqual(form.querySelector('#b'), b);
  assert.deepEqual(form.log, ['leida:advance', 'leida:advance', 'leida:shown', 'leida:advance']);
  await form.advanced();
  answers[1](pageOf(new Part('#a'), b));
  await new Promise((done) => setImmediate(done));
  assert.equal(form.querySelector('#b'), b);
  assert.equal(form.querySelector('#a'), a);
});

test('without a network it tries again, without the page it gives up', async () => {
  const form = new Form(new Part('#a'));
  const due = [];
  let reachable = false;
  let gone = 0;
  const fresh = new Part('#a');
  let served = pageOf(fresh);
  const reveal = revealer(form, {
    load: async () => { if (!reachable) throw new Error('offline'); return served; },
    gone: () => { gone++; },
    timers: { setTimeout: (run, ms) => due.push([run, ms]) },
  });
  reveal('#a');
  await form.advanced();
  assert.equal(due.length, 1);
  assert.equal(due[0][1], AGAIN);
  reachable = true;
  await due[0][0]();
  assert.equal(form.querySelector('#a'), fresh);
  for (const none of [null, pageOf()]) {
    served = none;
    reveal('#a');
    await form.advanced();
  }
  assert.equal(gone, 2);
});

test('what the server refuses is shown as it is there', async () => {
  const form = new Form(new Part('#a'));
  const fresh = new Part('#a');
  const reveal = revealer(form, { load: async () => pageOf(fresh) });
  form.dispatchEvent(new Event('leida:refused'));
  await new Promise((done) => setImmediate(done));
  assert.notEqual(form.querySelector('#a'), fresh, 'nobody asked to go on');
  reveal('#a');
  form.dispatchEvent(new Event('leida:refused'));
  await new Promise((done) => setImmediate(done));
  assert.equal(form.querySelector('#a'), fresh);
});
