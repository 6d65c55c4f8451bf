import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BACKOFF, DEBOUNCE, jitter, judge, Queue } from '../_queue.js';
import { MemoryStore } from '../_store.js';

const scope = { person: 'p1', sitting: 's1' };

// A clock that moves by hand; `go` runs what is due, in order, and lets promises settle.
class Time {
  now = 0;
  #due = [];
  timers = {
    setTimeout: (run, ms) => { const job = { at: this.now + ms, run }; this.#due.push(job); return job; },
    clearTimeout: (job) => { this.#due = this.#due.filter((each) => each !== job); },
  };
  async go(ms) {
    const end = this.now + ms;
    for (;;) {
      await settle();
      const job = this.#due.filter((each) => each.at <= end).sort((a, b) => a.at - b.at)[0];
      if (!job) break;
      this.timers.clearTimeout(job);
      this.now = job.at;
      job.run();
    }
    this.now = end;
    await settle();
  }
  get waiting() { return this.#due.map((job) => job.at - this.now); }
}

const stamp = (ms) => new Date(Date.UTC(2026, 10, 22) + ms).toISOString(); // of a server whose clock is nobody else's
const settle = async () => { for (let i = 0; i < 50; i++) await null; };

// A server that keeps the highest revision of each item, as the real one does.
class Server {
  items = new Map();
  sent = [];
  answer = null; // an outcome instead of saving
  send = async (record) => {
    this.sent.push(record);
    if (this.answer) return typeof this.answer === 'function' ? this.answer(record) : this.answer;
    return this.save(record);
  };
  save(record) {
    const old = this.items.get(record.item);
    if (!old || old.rev < record.rev) this.items.set(record.item, record);
    const kept = this.items.get(record.item);
    return { kind: 'saved', reply: { rev: kept.rev, other: kept.rev === record.rev && kept.body !== record.body, saved_at: stamp(0), now: stamp(kept.age ?? 0), answered: true } };
  }
}

const OFFLINE = { kind: 'later', seconds: null, offline: true };

function setup({ store = new MemoryStore(), server = new Server(), time = new Time(), scope: mine = scope } = {}) {
  const told = [];
  const queue = new Queue({ scope: mine, store, send: server.send, tell: (o) => told.push(o.kind), timers: time.timers, now: () => time.now, random: () => 0.5 });
  return { queue, store, server, time, told };
}

test('a change is sent once, after a moment of quiet, and leaves the queue when acknowledged', async () => {
  const { queue, store, server, time, told } = setup();
  await queue.load('1', 1);
  assert.equal(queue.put('1', '/a', 'x=1'), 1);
  await time.go(DEBOUNCE - 1);
  assert.equal(queue.put('1', '/a', 'x=2'), 2);
  await time.go(DEBOUNCE - 1);
  assert.equal(server.sent.length, 0);
  assert.equal((await store.all(scope)).length, 1, 'kept before it is sent');
  await time.go(1);
  assert.deepEqual(server.sent.map((r) => [r.rev, r.body]), [[2, 'x=2']]);
  assert.equal(queue.size, 0);
  assert.deepEqual(await store.all(scope), []);
  assert.deepEqual(told, ['saving', 'saved']);
});

test('without network nothing is lost, the wait grows to 30 s, and the newest content arrives', async () => {
  const { queue, store, server, time } = setup();
  await queue.load('1', 1);
  server.answer = OFFLINE;
  queue.put('1', '/a', 'x=1');
  const waits = [];
  await time.go(DEBOUNCE);
  for (let i = 0; i < 8; i++) {
    waits.push(Math.floor(time.waiting[0] / 1000));
    await time.go(time.waiting[0]);
  }
  assert.deepEqual(waits, [...BACKOFF, 30, 30]);
  queue.put('1', '/a', 'x=2');
  assert.equal(queue.pending, true);
  server.answer = null;
  await time.go(31_000);
  assert.equal(server.items.get('1').body, 'x=2');
  assert.deepEqual(await store.all(scope), []);
});

test('a reload takes up the newest content of every item and sends it', async () => {
  const before = setup();
  await before.queue.load('1', 1);
  before.server.answer = OFFLINE;
  before.queue.put('1', '/1', 'x=1');
  before.queue.put('1', '/1', 'x=2');
  before.queue.put('2', '/2', 'y=1');
  await settle();

  const after = setup({ store: before.store });
  const kept = await after.queue.load('1', 1);
  assert.equal(kept.body, 'x=2');
  assert.equal(kept.rev, 2);
  assert.equal(after.queue.size, 2);
  await after.queue.flush();
  assert.deepEqual([...after.server.items.values()].map((r) => r.body).sort(), ['x=2', 'y=1']);
  assert.equal(after.queue.put('1', '/1', 'x=3'), 3);
});

test('what the server already has is not restored over it', async () => {
  const before = setup();
  await before.queue.load('1', 1);
  before.queue.put('1', '/1', 'x=old'); // rev 1 arrives, its answer is lost, and another page goes on to rev 3
  await settle();
  const after = setup({ store: before.store });
  assert.equal(await after.queue.load('1', 4), undefined);
  assert.equal(after.queue.size, 0);
  assert.equal(after.queue.put('1', '/1', 'x=new'), 4);
  await before.store.put({ ...scope, item: '3', action: '/3', body: 'z=1', rev: 2, at: 0 });
  const again = setup({ store: before.store });
  assert.equal(await again.queue.load('3', 3, { body: 'z=1', age: 0 }), undefined, 'the page shows it: it arrived');
});

test('content that changes while it is on its way is sent again', async () => {
  const { queue, server, time } = setup();
  await queue.load('1', 1);
  server.answer = (record) => {
    if (record.rev === 1) queue.put('1', '/a', 'x=2');
    return server.save(record);
  };
  queue.put('1', '/a', 'x=1');
  await time.go(DEBOUNCE);
  assert.deepEqual(server.sent.map((r) => r.rev), [1, 2]);
  assert.equal(server.items.get('1').body, 'x=2');
  assert.equal(queue.size, 0);
});

test('answers that overtake each other leave the newest', async () => {
  const { queue, server, time } = setup();
  await queue.load('1', 1);
  const late = [];
  server.answer = (record) => new Promise((done) => late.push(() => done(server.save(record))));
  queue.put('1', '/a', 'x=1');
  await time.go(DEBOUNCE);
  queue.put('1', '/a', 'x=2');
  queue.leave(); // the page goes: revision 2 starts while 1 is still under way
  await settle();
  assert.equal(late.length, 2);
  late[1]();
  await settle();
  late[0]();
  await settle();
  assert.equal(server.items.get('1').body, 'x=2');
  assert.equal(queue.size, 0);
});

test('a change by the person goes above what somebody else saved; what an earlier page left does not', async () => {
  const server = new Server();
  server.items.set('1', { item: '1', rev: 7, body: 'x=other' });
  const live = setup({ server });
  await live.queue.load('1', 5);
  live.queue.put('1', '/a', 'x=mine');
  await live.time.go(DEBOUNCE);
  assert.deepEqual(server.items.get('1'), { ...scope, item: '1', action: '/a', body: 'x=mine', rev: 8, at: 0 });

  const store = new MemoryStore();
  await store.put({ ...scope, item: '2', action: '/b', body: 'y=old', rev: 2, at: 0 });
  server.items.set('2', { item: '2', rev: 9, body: 'y=other' });
  const later = setup({ server, store });
  await later.queue.load('1', 9);
  await later.queue.flush();
  assert.equal(server.items.get('2').body, 'y=other');
  assert.deepEqual(await store.all(scope), []);
});

test('a form held up on its way may take the revision of a later page: what was typed there is sent above it', async () => {
  const server = new Server();
  server.items.set('1', { item: '1', rev: 5, body: 'x=page' });
  const live = setup({ server });
  await live.queue.load('1', 6, { body: 'x=page', age: 0 }); // drawn before the form of revision 6 arrived
  server.items.set('1', { item: '1', rev: 6, body: 'x=form' });
  live.queue.put('1', '/a', 'x=typed');
  await live.time.go(DEBOUNCE);
  assert.equal(server.items.get('1').body, 'x=typed');
  assert.equal(server.items.get('1').rev, 7);
  assert.equal(live.queue.size, 0);

  const store = new MemoryStore(); // the page was left before it heard of that
  await store.put({ ...scope, item: '1', action: '/a', body: 'x=left', rev: 7, at: 0 });
  await store.put({ ...scope, item: '2', action: '/b', body: 'y=left', rev: 3, at: 0 });
  server.items.set('2', { item: '2', rev: 3, body: 'y=form' });
  const after = setup({ server, store });
  assert.equal((await after.queue.load('1', 8, { body: 'x=typed', age: 0 })).rev, 8);
  await after.queue.flush();
  assert.equal(server.items.get('1').body, 'x=left');
  assert.equal(server.items.get('2').body, 'y=left');
  assert.deepEqual(await store.all(scope), []);
});

test('what lay unsent on one device while another saved does not come back over it', async () => {
  const time = new Time(), server = new Server(), store = new MemoryStore();
  await store.put({ ...scope, item: '1', action: '/a', body: 'x=old', rev: 5, at: 0 });
  await store.put({ ...scope, item: '2', action: '/b', body: 'y=old', rev: 5, at: 0 });
  time.now = 10 * 60_000;
  for (const [item, body] of [['1', 'x=newer'], ['2', 'y=newer']]) server.items.set(item, { item, rev: 5, body, age: 60_000 }); // nine minutes later, a minute ago
  const back = setup({ time, server, store });
  assert.equal(await back.queue.load('1', 6, { body: 'x=newer', age: 60_000 }), undefined);
  await back.queue.flush();
  assert.equal(server.items.get('1').body, 'x=newer');
  assert.equal(server.items.get('2').body, 'y=newer');
  assert.deepEqual(await store.all(scope), []);
  assert.equal(back.queue.put('1', '/a', 'x=typed'), 6);
});

test('the queue of another person or sitting is neither shown nor sent', async () => {
  const store = new MemoryStore();
  await store.put({ person: 'p2', sitting: 's1', item: '1', action: '/a', body: 'x=theirs', rev: 3, at: 0 });
  await store.put({ person: 'p1', sitting: 's2', item: '1', action: '/a', body: 'x=elsewhere', rev: 3, at: 0 });
  const { queue, server } = setup({ store });
  assert.equal(await queue.load('1', 1), undefined);
  await queue.flush();
  assert.equal(server.sent.length, 0);
  assert.equal((await store.all({ person: 'p2', sitting: 's1' })).length, 1);
});

test('Retry-After is kept even when the person goes on typing', async () => {
  const { queue, server, time } = setup();
  await queue.load('1', 1);
  server.answer = { kind: 'later', seconds: 10 };
  queue.put('1', '/a', 'x=1');
  await time.go(DEBOUNCE);
  server.answer = null;
  queue.put('1', '/a', 'x=2');
  await time.go(9000);
  assert.equal(server.sent.length, 1);
  await time.go(2000);
  assert.equal(server.items.get('1').body, 'x=2');
});

test('an item that the server stumbles over does not hold up the others', async () => {
  const { queue, server, time } = setup();
  await queue.load('1', 1);
  server.answer = (record) => (record.item === '2' ? { kind: 'later', seconds: null } : server.save(record));
  queue.put('1', '/1', 'x=1');
  time.now++;
  queue.put('2', '/2', 'y=1');
  await time.go(DEBOUNCE);
  assert.equal(server.items.get('1').body, 'x=1');
  assert.equal(queue.size, 1);
  server.answer = null;
  await time.go(2000);
  assert.equal(queue.size, 0);
});

test('what is refused waits for a change and holds up nothing', async () => {
  const { queue, server, time } = setup();
  await queue.load('1', 1);
  server.answer = { kind: 'refused', message: 'no', problems: [] };
  queue.put('1', '/a', 'x=bad');
  await time.go(60_000);
  assert.equal(server.sent.length, 1);
  assert.equal(queue.pending, false);
  assert.equal(queue.size, 1);
  server.answer = null;
  queue.put('1', '/a', 'x=good');
  await time.go(DEBOUNCE);
  assert.equal(queue.size, 0);
});

test('signed out: the queue stays and is sent when it can be', async () => {
  const { queue, store, server, time } = setup();
  await queue.load('1', 1);
  server.answer = { kind: 'signin', message: '' };
  queue.put('1', '/a', 'x=1');
  await time.go(DEBOUNCE);
  assert.equal((await store.all(scope)).length, 1);
  server.answer = null;
  await time.go(31_000);
  assert.equal(server.items.get('1').body, 'x=1');
});

test('moved: nothing more is sent, nothing is thrown away', async () => {
  const { queue, store, server, time } = setup();
  await queue.load('1', 1);
  server.answer = { kind: 'moved', message: '' };
  queue.put('1', '/a', 'x=1');
  await time.go(DEBOUNCE);
  queue.put('1', '/a', 'x=2');
  await time.go(120_000);
  assert.equal(server.sent.length, 1);
  assert.equal((await store.all(scope))[0].body, 'x=2');
});

test('over: the queue of the sitting is emptied', async () => {
  const { queue, store, server, time, told } = setup();
  await queue.load('1', 1);
  server.answer = { kind: 'over', message: '' };
  queue.put('1', '/a', 'x=1');
  await time.go(DEBOUNCE);
  assert.deepEqual(await store.all(scope), []);
  assert.equal(queue.halted, true);
  assert.equal(told.at(-1), 'over');
});

test('closing the page is a risk only while content is nowhere but in the page', async () => {
  const memory = setup();
  await memory.queue.load('1', 1);
  assert.equal(memory.queue.atRisk, false);
  memory.queue.put('1', '/a', 'x=1');
  await settle();
  assert.equal(memory.queue.atRisk, true, 'memory does not survive the page');

  const store = new MemoryStore();
  store.durable = true;
  const kept = setup({ store });
  await kept.queue.load('1', 1);
  kept.queue.put('1', '/a', 'x=1');
  assert.equal(kept.queue.atRisk, true, 'still being written');
  await settle();
  assert.equal(kept.queue.atRisk, false);
  store.put = async () => { throw new Error('full'); };
  kept.queue.put('1', '/a', 'x=2');
  await settle();
  assert.equal(kept.queue.atRisk, true, 'the store is full');
});

test('asking the server again changes nothing there', async () => {
  const { queue, server } = setup();
  await queue.load('1', 4);
  server.items.set('1', { item: '1', rev: 3, body: 'x=1' });
  assert.equal((await queue.touch('1', '/a', 'x=1')).kind, 'saved');
  assert.deepEqual(server.sent.map((r) => r.rev), [3]);
  assert.equal(queue.put('1', '/a', 'x=2'), 4);

  const shown = setup();
  await shown.queue.load('1', 4, { body: 'x=1', age: 0 });
  shown.server.items.set('1', { item: '1', rev: 3, body: 'x=other' });
  await shown.queue.touch('1', '/a', 'x=1'); // what the page shows is nothing that somebody typed
  assert.equal(shown.server.items.get('1').body, 'x=other');
  assert.equal(shown.queue.size, 0);
});

test('a try asked for while one is under way is made soon after that one fails', async () => {
  const { queue, server, time } = setup();
  await queue.load('1', 1);
  server.answer = OFFLINE;
  queue.put('1', '/a', 'x=1');
  await time.go(120_000);
  let fail;
  server.answer = () => new Promise((done) => { fail = () => done(OFFLINE); });
  queue.flush();
  await settle();
  queue.flush(); // the network is back, and the try before does not know
  server.answer = null;
  fail();
  await time.go(2000);
  assert.equal(server.items.get('1')?.body, 'x=1');
});

test('every reply means something', () => {
  const cases = [
    [200, { rev: 3 }, null, 'saved'],
    [200, null, null, 'later'], // a page of somebody else's proxy
    [0, null, null, 'later'],
    [401, { error: { message: 'm' } }, null, 'signin'],
    [409, { error: { code: 'time_over' } }, null, 'over'],
    [409, { error: { code: 'submitted' } }, null, 'over'],
    [409, { error: { code: 'moved' } }, null, 'moved'],
    [409, { error: { code: 'other' } }, null, 'refused'],
    [400, { error: { problems: [{ path: 'rank[o1]', message: 'm' }] } }, null, 'refused'],
    [404, null, null, 'refused'],
    [408, null, null, 'later'],
    [429, null, '7', 'later'],
    [500, null, null, 'later'],
    [503, null, '2', 'later'],
  ];
  for (const [status, reply, retryAfter, kind] of cases) assert.equal(judge(status, reply, retryAfter).kind, kind, String(status));
  assert.equal(judge(429, null, '7').seconds, 7);
  assert.equal(judge(503, null, null).seconds, null);
  assert.equal(judge(503, null, 'Wed, 21 Oct 2026 07:28:00 GMT').seconds, null);
  assert.equal(judge(400, { error: { problems: [1] } }).problems.length, 1);
});

test('jitter stays within 15 %', () => {
  assert.equal(jitter(10, () => 0.5), 10);
  assert.ok(jitter(10, () => 0) >= 8.5 && jitter(10, () => 1) <= 11.5);
});

test('a form posted past the queue has a revision of its own, between the changes before and after it', async () => {
  const { queue, server, time } = setup();
  await queue.load('1', 4);
  assert.equal(queue.put('1', '/a', 'x=1'), 4);
  await time.go(DEBOUNCE);
  assert.equal(queue.stamp('1'), 5);
  assert.equal(queue.put('1', '/a', 'x=2'), 6);
  await time.go(DEBOUNCE);
  assert.equal(server.items.get('1').rev, 6);
  assert.equal(queue.stamp('2'), 1);
});
