// Where the queue lies between page loads: IndexedDB, or the page's memory where that is forbidden.
// Both speak: all(scope), put(record), drop(record), clear(scope), prune(before); `durable` tells which survives a reload.

const NAME = 'leida';
const TABLE = 'answers';

/** Never fails and never hangs: after a moment without an answer the memory must do. */
export async function openStore() {
  try {
    const late = new Promise((_, fail) => setTimeout(() => fail(new Error('no answer from IndexedDB')), 2000));
    return new BrowserStore(await Promise.race([open(), late]));
  } catch {
    return new MemoryStore();
  }
}

function open() {
  return new Promise((done, fail) => {
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(TABLE, { keyPath: ['person', 'sitting', 'item'] });
    request.onsuccess = () => done(request.result);
    request.onerror = () => fail(request.error);
  });
}

class BrowserStore {
  durable = true;
  #db;

  constructor(db) {
    this.#db = db;
  }

  all({ person, sitting }) {
    return this.#do('readonly', (table) => table.getAll(IDBKeyRange.bound([person, sitting], [person, sitting, []])));
  }

  put(record) {
    return this.#do('readwrite', (table) => table.put(record));
  }

  /** Deletes the record unless newer content has taken its place. */
  drop({ person, sitting, item, rev }) {
    const key = [person, sitting, item];
    return this.#do('readwrite', (table) => {
      const stored = table.get(key);
      stored.onsuccess = () => {
        if (stored.result && stored.result.rev <= rev) table.delete(key);
      };
    });
  }

  clear({ person, sitting }) {
    return this.#do('readwrite', (table) => table.delete(IDBKeyRange.bound([person, sitting], [person, sitting, []])));
  }

  /** Deletes what everybody left behind before a time (ms). */
  prune(before) {
    return this.#do('readwrite', (table) => {
      const walk = table.openCursor();
      walk.onsuccess = () => {
        const cursor = walk.result;
        if (!cursor) return;
        if (cursor.value.at < before) cursor.delete();
        cursor.continue();
      };
    });
  }

  /** Resolves when the transaction is complete, with the result of the request that `work` returned. */
  #do(mode, work) {
    return new Promise((done, fail) => {
      const deal = this.#db.transaction(TABLE, mode);
      const request = work(deal.objectStore(TABLE));
      deal.oncomplete = () => done(request?.result);
      deal.onabort = deal.onerror = () => fail(deal.error);
    });
  }
}

export class MemoryStore {
  durable = false;
  #records = new Map();

  async all({ person, sitting }) {
    return [...this.#records.values()].filter((r) => r.person === person && r.sitting === sitting);
  }

  async put(record) {
    this.#records.set(keyOf(record), { ...record });
  }

  async drop(record) {
    const stored = this.#records.get(keyOf(record));
    if (stored && stored.rev <= record.rev) this.#records.delete(keyOf(record));
  }

  async clear(scope) {
    for (const record of await this.all(scope)) this.#records.delete(keyOf(record));
  }

  async prune(before) {
    for (const [key, record] of this.#records) if (record.at < before) this.#records.delete(key);
  }
}

function keyOf({ person, sitting, item }) {
  return JSON.stringify([person, sitting, item]);
}
