/**
 * What the page finds in a browser and node has not: storage, locks, a network. As small as the log
 * needs; `tests/browser/test_kept.py` asks a real browser.
 */

/** @type {Map<string, Map<any, any>>} */
const stores = new Map();
/** @type {Map<string, string>} */
const local = new Map();
/** @type {Map<string, Promise<unknown>>} */
const locks = new Map();

export const disk = {
  numbers: () => [...(stores.get('entries')?.keys() ?? [])],
  isFull: false,
  /** A browser that needs room takes IndexedDB; localStorage it leaves. */
  evict: () => stores.forEach((store) => store.clear()),
  /** A page that is gone holds no locks. */
  close: () => locks.clear(),
  wipe: () => {
    disk.close();
    disk.isFull = false;
    disk.evict();
    local.clear();
  },
};

/** @param {Map<any, any>} store @param {string | undefined} keyPath @param {(work: () => unknown) => any} asked */
function facade(store, keyPath, asked) {
  /** @param {any} value @param {any} [name] */
  const put = (value, name) => {
    if (disk.isFull) throw new DOMException('There is no room.', 'QuotaExceededError');
    store.set(keyPath === undefined ? name : value[keyPath], structuredClone(value));
  };
  return {
    get: (/** @type {any} */ name) => asked(() => structuredClone(store.get(name))),
    getAll: () => asked(() => [...store.entries()].sort(([a], [b]) => a - b).map(([, value]) => structuredClone(value))),
    put: (/** @type {any} */ value, /** @type {any} */ name) => asked(() => put(value, name)),
    delete: (/** @type {any} */ name) => asked(() => store.delete(name)),
    add: (/** @type {any} */ value) =>
      asked(() => {
        if (store.has(value[keyPath ?? ''])) throw new DOMException('It is there already.', 'ConstraintError');
        put(value);
      }),
  };
}

/** One transaction: what is asked of it runs in order; one failure takes all of it back. */
function transaction() {
  const before = new Map([...stores].map(([name, store]) => [name, new Map(store)]));
  /** @type {{work: () => unknown, request: any}[]} */
  const queue = [];
  /** @type {any} */
  const made = { error: null };
  made.objectStore = (/** @type {string} */ name) =>
    facade(stores.get(name) ?? new Map(), name === 'entries' ? 'device_seq' : undefined, (work) => {
      const request = {};
      queue.push({ work, request });
      return request;
    });
  const run = () => {
    const next = queue.shift();
    if (next === undefined) return made.oncomplete?.();
    try {
      next.request.result = next.work();
      next.request.onsuccess?.();
    } catch (error) {
      made.error = error;
      for (const [name, store] of before) stores.set(name, store);
      return made.onabort?.();
    }
    setImmediate(run);
  };
  setImmediate(run);
  return made;
}

const database = { createObjectStore: (/** @type {string} */ name) => stores.set(name, new Map()), transaction };

Object.defineProperty(globalThis, 'indexedDB', {
  value: {
    open: () => {
      /** @type {any} */
      const request = { result: database };
      setImmediate(() => {
        if (stores.size === 0) request.onupgradeneeded();
        request.onsuccess();
      });
      return request;
    },
  },
});

const storage = {
  getItem: (/** @type {string} */ name) => local.get(name) ?? null,
  setItem: (/** @type {string} */ name, /** @type {string} */ value) => local.set(name, value),
  removeItem: (/** @type {string} */ name) => local.delete(name),
};
Object.defineProperty(globalThis, 'localStorage', {
  value: new Proxy(storage, {
    ownKeys: () => [...local.keys()],
    getOwnPropertyDescriptor: () => ({ enumerable: true, configurable: true }),
  }),
});

Object.defineProperty(globalThis, 'navigator', {
  value: {
    locks: {
      request: (/** @type {string} */ name, /** @type {() => Promise<unknown>} */ work) => {
        const turn = (locks.get(name) ?? Promise.resolve()).then(work);
        locks.set(name, turn.catch(() => {}));
        return turn;
      },
    },
  },
  configurable: true,
});

const Channel = globalThis.BroadcastChannel;
globalThis.BroadcastChannel = class extends Channel {
  /** @param {string} name */
  constructor(name) {
    super(name);
    /** @type {any} */ (this).unref(); // or node would wait for more news
  }
};
