/**
 * What the device keeps: its log, and what it took along. IndexedDB, each write on the disk before
 * it counts as written. Entries are only ever added; a receipt is put beside its entry.
 */

/** @typedef {import('./types.js').Kept} Kept */
/** @typedef {import('./types.js').LogEntry} LogEntry */

const NAME = 'handheld';
const VERSION = 1;
const OLD_LOG = 'handheld.log'; // where the log was before: in localStorage
const OLD_SEQUENCE = 'handheld.sequence';
const KEEP = 200; // entries that are kept after their receipt, so that it can be looked at

/** @type {Promise<IDBDatabase> | null} */
let opened = null;

/** @returns {Promise<IDBDatabase>} */
function database() {
  opened ??= new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, VERSION);
    request.onupgradeneeded = () => {
      request.result.createObjectStore('entries', { keyPath: 'device_seq' });
      request.result.createObjectStore('kept');
    };
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  return opened;
}

/**
 * Do something in one transaction; it is done when it is on the disk.
 *
 * @template T
 * @param {IDBTransactionMode} mode
 * @param {(entries: IDBObjectStore, kept: IDBObjectStore) => IDBRequest<T> | null} work
 * @returns {Promise<T | undefined>} What its last request found.
 */
async function within(mode, work) {
  const made = (await database()).transaction(['entries', 'kept'], mode, { durability: 'strict' });
  const request = work(made.objectStore('entries'), made.objectStore('kept'));
  return new Promise((resolve, reject) => {
    made.oncomplete = () => resolve(request?.result);
    made.onabort = () => reject(made.error);
    made.onerror = () => reject(made.error);
  });
}

/** @returns {Promise<LogEntry[]>} Every entry, the oldest first. */
export async function entries() {
  return (await within('readonly', (store) => /** @type {IDBRequest<LogEntry[]>} */ (store.getAll()))) ?? [];
}

/**
 * Add an entry under the next number.
 *
 * @param {Omit<LogEntry, 'device_seq'>} entry
 * @returns {Promise<LogEntry>}
 */
export async function append(entry) {
  /** @type {LogEntry} */
  const numbered = { ...entry, device_seq: 0 };
  await within('readwrite', (store, kept) => {
    const request = kept.get('sequence');
    request.onsuccess = () => {
      numbered.device_seq = Number(request.result ?? 0) + 1;
      kept.put(numbered.device_seq, 'sequence');
      store.add(numbered);
    };
    return null;
  });
  return numbered;
}

/** Write an entry again: with its receipt, or with what the person was told. @param {LogEntry[]} changed */
export async function update(changed) {
  await within('readwrite', (store) => {
    for (const entry of changed) store.put(entry);
    return null;
  });
}

/**
 * @template {keyof Kept} Name
 * @param {Name} name
 * @returns {Promise<Kept[Name] | undefined>}
 */
export async function kept(name) {
  return within('readonly', (_, store) => /** @type {IDBRequest<Kept[Name] | undefined>} */ (store.get(name)));
}

/**
 * @template {keyof Kept} Name
 * @param {Name} name
 * @param {Kept[Name] | null} value
 */
export async function keep(name, value) {
  await within('readwrite', (_, store) => {
    if (value === null) store.delete(name);
    else store.put(value, name);
    return null;
  });
}

/** Let go of entries that have had their receipt for long. @param {LogEntry[]} all */
export async function prune(all) {
  const done = all.filter((entry) => entry.receipt !== undefined).slice(0, -KEEP);
  if (done.length === 0) return;
  await within('readwrite', (store) => {
    for (const entry of done) store.delete(entry.device_seq);
    return null;
  });
}

/** Bring over what an older version of this page holds in localStorage: none of it may be lost. */
export async function moveIn() {
  const old = localStorage.getItem(OLD_LOG);
  const sequence = Number(localStorage.getItem(OLD_SEQUENCE) ?? '0');
  if (old === null && sequence === 0) return;
  await within('readwrite', (store, kept) => {
    const request = kept.get('sequence');
    request.onsuccess = () => {
      const last = Number(request.result ?? 0);
      for (const entry of /** @type {LogEntry[]} */ (JSON.parse(old ?? '[]'))) {
        // Its number stays: the server may have had it already. If we gave it to another, the id tells.
        store.put(entry.device_seq > last ? entry : { ...entry, device_seq: last + entry.device_seq });
      }
      kept.put(Math.max(last, sequence), 'sequence');
    };
    return null;
  });
  localStorage.removeItem(OLD_LOG);
  localStorage.removeItem(OLD_SEQUENCE);
}
