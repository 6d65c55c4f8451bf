// The queue of unsaved answers: for each item at most one record, its newest content.
//
// A record is {person, sitting, item, action, body, rev, at}: who, where, the URL to post to, the form urlencoded,
// the revision, and when. It leaves the queue only when the server has acknowledged its revision: what is not in the
// queue is safe on the server. The queue of another person or sitting is never read, so never sent.

export const DEBOUNCE = 400; // ms of quiet before a change is sent
export const BACKOFF = [1, 2, 4, 8, 16, 30]; // seconds before the next try
export const HELD_UP = 60_000; // ms for which a network may hold up a form
const SIGNED_OUT = 30; // seconds before a try that needs the person to sign in

/**
 * What a reply means: {kind} is saved (with the reply), later (seconds to wait, null: as the back-off says), signin,
 * over, moved, or refused (with problems). All but saved carry the server's message for the person.
 */
export function judge(status, reply, retryAfter) {
  const error = reply?.error ?? {};
  const message = error.message ?? '';
  if (status === 200 && Number.isInteger(reply?.rev)) return { kind: 'saved', reply };
  if (status === 401) return { kind: 'signin', message };
  if (status === 409 && (error.code === 'time_over' || error.code === 'submitted')) return { kind: 'over', message };
  if (status === 409 && error.code === 'moved') return { kind: 'moved', message };
  if (status < 400 || status >= 500 || status === 408 || status === 425 || status === 429) {
    const seconds = Number.parseFloat(retryAfter);
    return { kind: 'later', seconds: seconds >= 0 ? seconds : null, message };
  }
  return { kind: 'refused', message, problems: error.problems ?? [] };
}

/** Waits a little more or less than told, so that a thousand pages do not come back in the same second. */
export function jitter(seconds, random = Math.random) {
  return seconds * (0.85 + 0.3 * random());
}

export class Queue {
  #scope; #store; #send; #tell; #timers; #now; #random;
  #records = new Map(); // item -> record that the server has not acknowledged
  #used = new Map(); // item -> highest revision given out or heard of
  #live = new Set(); // items that the person changed on this page
  #refused = new Map(); // item -> revision that the server will not take
  #writing = 0; // records on their way to the store
  #unkept = false; // the store refused to keep something
  #timer = null;
  #notBefore = 0; // the server asked for quiet until then, ms
  #fails = 0;
  #nudged = false; // somebody asked for a try while one was under way
  #running = null;
  #halted = false;

  /**
   * scope: {person, sitting}; send(record, {keepalive}) resolves to what judge() says, or {kind: 'later', offline: true},
   * and never rejects; tell(outcome, record) hears of every try, and of {kind: 'saving'} before it.
   */
  constructor({ scope, store, send, tell = () => {}, timers = globalThis, now = Date.now, random = Math.random }) {
    this.#scope = scope;
    this.#store = store;
    this.#send = send;
    this.#tell = tell;
    this.#timers = timers;
    this.#now = now;
    this.#random = random;
  }

  /**
   * Takes up what an earlier page could not save. `rev` is the revision that the page of `item` would save as, `shown` what
   * it shows: the `body`, and its `age` on the server in ms. An older record is already on the server. Of two contents with
   * the revision that the server has the newer one counts. Resolves to the record of `item`, newer than the page, or undefined.
   */
  async load(item, rev, shown = { body: '', age: 0 }) {
    this.#used.set(item, rev - 1);
    for (const record of await this.#store.all(this.#scope)) {
      if (record.item === item && record.rev < rev) {
        if (record.rev === rev - 1 && record.body !== shown.body && !this.#outlived(record, shown.age)) this.#hold({ ...record, rev });
        else this.#forget(record);
        continue;
      }
      this.#records.set(record.item, record);
      this.#used.set(record.item, Math.max(this.#used.get(record.item) ?? 0, record.rev));
    }
    return this.#records.get(item);
  }

  /** New content of an item; returns its revision. It is kept at once and sent after a moment of quiet. */
  put(item, action, body) {
    const rev = this.stamp(item);
    this.#live.add(item);
    this.#hold({ ...this.#scope, item, action, body, rev, at: this.#now() });
    this.#later(DEBOUNCE);
    return rev;
  }

  /** A revision of an item, newer than all before it, for a form that is posted past the queue. */
  stamp(item) {
    const rev = (this.#used.get(item) ?? 0) + 1;
    this.#used.set(item, rev);
    return rev;
  }

  /** Sends an item once more as it is, only to hear the server: is it there, what time is it, is the sitting open? */
  touch(item, action, body) {
    if (!this.#records.has(item)) {
      const rev = Math.max(this.#used.get(item) ?? 0, 1);
      this.#used.set(item, rev);
      this.#records.set(item, { ...this.#scope, item, action, body, rev, at: this.#now(), echo: true });
    }
    return this.flush();
  }

  /** How many items the server does not have. */
  get size() {
    return this.#records.size;
  }

  /** Is there anything worth another try? What the server refused waits for a change by the person. */
  get pending() {
    return [...this.#records.values()].some((record) => !this.#isRefused(record));
  }

  has(item) {
    return this.#records.has(item);
  }

  /** Would closing the page lose something? */
  get atRisk() {
    return this.size > 0 && (!this.#store.durable || this.#writing > 0 || this.#unkept);
  }

  get halted() {
    return this.#halted;
  }

  /** Sends all there is, now, newest content only; resolves to the outcome that ended it: saved, refused, later, signin, over, moved. */
  flush() {
    if (this.#halted) return Promise.resolve({ kind: 'moved' });
    this.#cancel();
    this.#nudged = this.#running !== null;
    this.#running ??= this.#run().finally(() => { this.#running = null; });
    return this.#running;
  }

  /** The page is going: sends everything once more without waiting; whatever fails is still in the store. */
  leave() {
    if (this.#halted) return;
    for (const record of this.#records.values()) {
      if (this.#isRefused(record)) continue;
      this.#send({ ...record }, { keepalive: true }).then((outcome) => {
        if (outcome.kind !== 'saved') return;
        this.#acknowledge(record, outcome.reply);
        this.#tell(outcome, record);
      });
    }
  }

  /** Sends nothing more. */
  halt() {
    this.#halted = true;
    this.#cancel();
  }

  /** The sitting is over: nothing of it can be saved any more. */
  async close() {
    this.halt();
    this.#records.clear();
    await this.#store.clear(this.#scope).catch(() => {});
  }

  async #run() {
    const failed = new Set(); // items that the server stumbled over in this round
    let last = { kind: 'saved' };
    while (!this.#halted) {
      const record = this.#due(failed);
      if (!record) return failed.size > 0 ? this.#retry(last) : last;
      const wait = this.#notBefore - this.#now();
      if (wait > 0) {
        const quiet = { kind: 'later', seconds: wait / 1000, message: '' };
        this.#tell(quiet, record);
        return this.#retry(quiet);
      }

      this.#tell({ kind: 'saving' }, record);
      let outcome = await this.#send({ ...record }, { keepalive: false });
      if (outcome.kind === 'saved' && outcome.reply.rev < record.rev) outcome = { kind: 'later', seconds: null }; // not ours
      if (outcome.kind !== 'saved') last = outcome;
      switch (outcome.kind) {
        case 'saved':
          this.#fails = 0;
          this.#acknowledge(record, outcome.reply);
          break;
        case 'refused':
          this.#refused.set(record.item, record.rev);
          break;
        case 'over':
          await this.close();
          break;
        case 'moved':
          this.halt();
          break;
        case 'later':
          failed.add(record.item); // another item may still be taken
          break;
      }
      this.#tell(outcome, record);
      if (outcome.kind === 'signin' || outcome.offline || outcome.seconds) return this.#retry(outcome);
    }
    return last;
  }

  /** The latest change goes first: it is what the person waits for. */
  #due(failed) {
    return [...this.#records.values()]
      .filter((record) => !failed.has(record.item) && !this.#isRefused(record))
      .sort((a, b) => b.at - a.at)[0];
  }

  /**
   * The server has revision reply.rev of the item. If that is not ours, somebody saved elsewhere: what the person types
   * here and now is newer still and is sent above it; what an earlier page left behind is older and is dropped. With
   * reply.other it has our revision with other content: of a form that the page before this one had sent and the network
   * held up, or of another device. What was typed later is sent above it.
   */
  #acknowledge(sent, reply) {
    const record = this.#records.get(sent.item);
    if (!record) return;
    if (reply.rev < record.rev) return;
    const newer = this.#live.has(sent.item) || (reply.rev === record.rev && !this.#outlived(record, Date.parse(reply.now) - Date.parse(reply.saved_at)));
    if ((reply.rev > record.rev || reply.other) && newer && !record.echo) {
      this.#hold({ ...record, rev: reply.rev + 1 });
      return;
    }
    this.#used.set(sent.item, Math.max(this.#used.get(sent.item) ?? 0, reply.rev));
    this.#records.delete(sent.item);
    this.#forget({ ...record, rev: reply.rev });
  }

  #hold(record) {
    this.#used.set(record.item, record.rev);
    this.#records.set(record.item, record);
    this.#writing++;
    this.#store.put(record)
      .then(() => { this.#unkept = false; }, () => { this.#unkept = true; })
      .finally(() => { this.#writing--; });
  }

  #forget(record) {
    this.#store.drop(record).catch(() => {}); // a record left behind is sent again and acknowledged again
  }

  /** Was a record typed before what the server has been saved, `age` ms ago? Each clock is asked for its own ages alone. */
  #outlived(record, age) {
    return !(this.#now() - record.at <= age + HELD_UP);
  }

  #isRefused(record) {
    return this.#refused.get(record.item) === record.rev;
  }

  #retry(outcome) {
    if (this.#nudged) this.#fails = 0; // as when the network is back and the try that it cut off is not over yet
    this.#nudged = false;
    const asked = outcome.kind === 'signin' ? SIGNED_OUT : outcome.seconds;
    const seconds = asked ?? jitter(BACKOFF[Math.min(this.#fails++, BACKOFF.length - 1)], this.#random);
    if (outcome.kind === 'later' && asked) this.#notBefore = Math.max(this.#notBefore, this.#now() + asked * 1000);
    this.#later(Math.ceil(seconds * 1000) + 1);
    return outcome;
  }

  #later(ms) {
    if (this.#halted) return;
    this.#cancel();
    this.#timer = this.#timers.setTimeout(() => this.flush(), ms);
  }

  #cancel() {
    if (this.#timer !== null) this.#timers.clearTimeout(this.#timer);
    this.#timer = null;
  }
}
