/**
 * What the device keeps: its log, and what it took along. IndexedDB, each write on the disk before
 * it counts as written. Entries are only ever added; a receipt is put beside its entry.
 */

/** @typedef {import('./types.js').Kept} Kept */
/** @typedef {import('./types.js').LogEntry} LogEntry */

const NAME = 'handheld';
const VERSION = 1;
const OLD_LOG = 'handheld.log'; // where the log was before: in localStorage
const SEQUENCE = 'handheld.sequence'; // the last number given, there too
const SPARE = 'handheld.unsent.';
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
    request.onsuccess = () => {
      const made = request.result;
      made.onversionchange = () => made.close(); // a newer page, in another tab, must not wait for us
      made.onclose = () => (opened = null); // cleared under our feet: opened anew
      resolve(made);
    };
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
      numbered.device_seq = Math.max(Number(request.result ?? 0), mark()) + 1;
      kept.put(numbered.device_seq, 'sequence');
      store.add(numbered);
    };
    return null;
  });
  spare(numbered);
  return numbered;
}

/** Write an entry again: with its receipt, or with what the person was told. @param {LogEntry[]} changed */
export async function update(changed) {
  await within('readwrite', (store) => {
    for (const entry of changed) store.put(entry);
    return null;
  });
  changed.forEach(spare);
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

/** Let go of entries that have had their receipt for long. @param {LogEntry[]} all @param {number} [kept] How many may stay. */
export async function prune(all, kept = KEEP) {
  const sent = all.filter((entry) => entry.receipt !== undefined);
  const done = sent.slice(0, Math.max(sent.length - kept, 0));
  if (done.length === 0) return;
  await within('readwrite', (store) => {
    for (const entry of done) store.delete(entry.device_seq);
    return null;
  });
}

/**
 * Bring in what localStorage holds: the log of an older version of this page, and the second copy of
 * what is not sent yet, where the browser has cleared the first. None of it may be lost, and no
 * number may be given twice.
 */
export async function bringIn() {
  const old = /** @type {LogEntry[]} */ (JSON.parse(localStorage.getItem(OLD_LOG) ?? '[]'));
  const copies = spares();
  if (old.length === 0 && copies.length === 0 && mark() === 0) return;
  /** @type {LogEntry[]} */
  let brought = [];
  await within('readwrite', (store, kept) => {
    const had = /** @type {IDBRequest<LogEntry[]>} */ (store.getAll());
    const request = kept.get('sequence');
    request.onsuccess = () => {
      const last = Number(request.result ?? 0);
      const known = new Set(had.result.map((entry) => entry.scan_id));
      // Its number stays: the server may have had it already. If we gave it to another, the id tells.
      const taken = new Set(had.result.map((entry) => entry.device_seq));
      const isFree = (/** @type {LogEntry} */ entry) => entry.device_seq > last || (copies.includes(entry) && !taken.has(entry.device_seq));
      const missing = [...old, ...copies].filter((entry) => !known.has(entry.scan_id));
      brought = missing.map((entry) => (isFree(entry) ? entry : { ...entry, device_seq: last + entry.device_seq }));
      for (const entry of brought) store.put(entry);
      kept.put(Math.max(last, mark(), ...brought.map((entry) => entry.device_seq)), 'sequence');
    };
    return null;
  });
  brought.forEach(spare);
  localStorage.removeItem(OLD_LOG);
}

/** The last number that was given, wherever the browser has cleared the log. */
function mark() {
  return Number(localStorage.getItem(SEQUENCE));
}

/** @returns {LogEntry[]} The second copies, the oldest first. */
function spares() {
  const names = Object.keys(localStorage).filter((name) => name.startsWith(SPARE));
  const found = names.map((name) => /** @type {LogEntry} */ (JSON.parse(localStorage.getItem(name) ?? '')));
  return found.sort((a, b) => a.device_seq - b.device_seq);
}

/**
 * A second copy, for IndexedDB is what browsers clear when a disk is full; best effort, because the
 * first copy is what counts.
 *
 * @param {LogEntry} entry
 */
function spare(entry) {
  try {
    if (entry.receipt !== undefined) localStorage.removeItem(SPARE + entry.scan_id);
    else localStorage.setItem(SPARE + entry.scan_id, JSON.stringify(entry));
    if (entry.device_seq > mark()) localStorage.setItem(SEQUENCE, String(entry.device_seq));
  } catch {
    // It is full: then there is one copy.
  }
}
