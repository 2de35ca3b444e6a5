/**
 * What the person did, in the order they did it. An entry stays on the device until the server
 * has given a receipt for it, across reloads and dead spots; the same entry sent again has one
 * effect, because the server knows its `scan_id`.
 */

import { ask, Refusal } from 'handheld/api.js';

/** @typedef {import('./types.js').Answer} Answer */
/** @typedef {import('./types.js').Entry} Entry */
/** @typedef {import('./types.js').Problem} Problem */

const LOG = 'handheld.log';
const SEQUENCE = 'handheld.sequence';
const REFUSED = 'handheld.refused';
const FIRST_WAIT = 1000;
const LONGEST_WAIT = 30_000;

/**
 * @template T
 * @param {string} key
 * @returns {T[]}
 */
function read(key) {
  return JSON.parse(localStorage.getItem(key) ?? '[]');
}

/** @returns {number} How many entries have no receipt yet. */
export function unsent() {
  return read(LOG).length;
}

/** @returns {number} For how long the oldest of them has waited, in ms. */
export function waited() {
  const [oldest] = /** @type {Entry[]} */ (read(LOG));
  return oldest === undefined ? 0 : Date.now() - Date.parse(oldest.scanned_at);
}

/** @returns {{entry: Entry, problem: Problem}[]} What the server would not take, newest last. */
export function refused() {
  return read(REFUSED);
}

/**
 * @param {string} path
 * @param {Record<string, unknown>} body
 */
export function write(path, body) {
  const sequence = Number(localStorage.getItem(SEQUENCE) ?? '0') + 1;
  localStorage.setItem(SEQUENCE, String(sequence));
  /** @type {Entry} */
  const entry = {
    scan_id: crypto.randomUUID(),
    device_seq: sequence,
    scanned_at: new Date().toISOString(),
    path,
    body,
  };
  localStorage.setItem(LOG, JSON.stringify([...read(LOG), entry]));
}

/** @param {Entry} entry */
function forget(entry) {
  const left = /** @type {Entry[]} */ (read(LOG)).filter((e) => e.scan_id !== entry.scan_id);
  localStorage.setItem(LOG, JSON.stringify(left));
}

/**
 * @typedef {object} Listener
 * @property {(answer: Answer, path: string, isLast: boolean) => void} answered
 * @property {(problem: Problem, isKept: boolean) => void} refused
 * @property {() => void} changed Something was sent, or could not be.
 */

let sending = false;
let wait = FIRST_WAIT;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let retry;

/**
 * Send what is unsent, oldest first; when the server cannot be reached, try again by itself.
 *
 * @param {Listener} listener
 */
export async function flush(listener) {
  if (sending) return;
  sending = true;
  clearTimeout(retry);
  try {
    // Two tabs share one log: only one of them sends at a time.
    await navigator.locks.request(LOG, () => drain(listener));
    wait = FIRST_WAIT;
  } catch {
    retry = setTimeout(() => void flush(listener), wait);
    wait = Math.min(2 * wait, LONGEST_WAIT);
  } finally {
    sending = false;
    listener.changed();
  }
}

/** @param {Listener} listener */
async function drain(listener) {
  for (;;) {
    const [entry] = /** @type {Entry[]} */ (read(LOG));
    if (entry === undefined) return;
    const { scan_id, device_seq, scanned_at } = entry;
    try {
      const sent = entry.path.startsWith('counts/') ? { sent_at: new Date().toISOString() } : {};
      const answer = await ask(entry.path, { scan_id, device_seq, scanned_at, ...entry.body, ...sent });
      forget(entry);
      listener.answered(answer, entry.path, unsent() === 0);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      if (error.problem.status === 401) {
        listener.refused(error.problem, true); // it is sent when somebody has signed in again
        return;
      }
      if (error.problem.status === 429) {
        if (wait === FIRST_WAIT) listener.refused(error.problem, true); // said once, tried again by itself
        throw error;
      }
      forget(entry);
      const kept = [...refused(), { entry, problem: error.problem }].slice(-50);
      localStorage.setItem(REFUSED, JSON.stringify(kept));
      listener.refused(error.problem, false);
    }
  }
}
