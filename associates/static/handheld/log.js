/**
 * What the person did, in the order they did it. An entry stays on the device until the server has
 * given a receipt for it, across reloads and dead spots; the same entry sent again has one effect,
 * because the server knows its `scan_id`.
 */

import { Refusal, send } from 'handheld/api.js';
import * as store from 'handheld/store.js';

/** @typedef {import('./types.js').Answer} Answer */
/** @typedef {import('./types.js').LogEntry} LogEntry */
/** @typedef {import('./types.js').Outcome} Outcome */
/** @typedef {import('./types.js').Problem} Problem */
/** @typedef {import('./types.js').Receipt} Receipt */

const LOCK = 'handheld.log';
const AT_ONCE = 50; // entries of one upload, as the server takes them
const FIRST_WAIT = 1000;
const LONGEST_WAIT = 30_000;

/** What is in the log, as this tab last saw it. @type {LogEntry[]} */
let entries = [];
const others = new BroadcastChannel('handheld.log');

/**
 * Read the log, and hear of what other tabs write to it, and send of it.
 *
 * @param {(sent: LogEntry[]) => void} changed Told what has a receipt since, that had none.
 */
export async function open(changed) {
  await store.bringIn();
  entries = await store.entries();
  others.addEventListener('message', () => {
    const waiting = new Set(entries.filter(isUnsent).map((entry) => entry.scan_id));
    void reload().then(() => changed(entries.filter((entry) => waiting.has(entry.scan_id) && !isUnsent(entry))));
  });
  void navigator.storage?.persist?.();
}

async function reload() {
  const waiting = entries.filter(isUnsent);
  entries = await store.entries();
  if (waiting.every(({ scan_id }) => entries.some((entry) => entry.scan_id === scan_id))) return;
  await store.bringIn().catch(() => {}); // the browser has cleared it under our feet; no room: at the next start
  entries = await store.entries();
}

/** @returns {LogEntry[]} All that is remembered, the oldest first. */
export function all() {
  return entries;
}

/** @returns {number} The number of the latest entry. */
export function latest() {
  return entries.at(-1)?.device_seq ?? 0;
}

/** @param {LogEntry} entry */
function isUnsent(entry) {
  return entry.receipt === undefined;
}

/** @returns {number} How many entries have no receipt yet. */
export function unsent() {
  return entries.filter(isUnsent).length;
}

/** @returns {number} For how long the oldest of them has waited, in ms. */
export function waited() {
  const oldest = entries.find(isUnsent);
  return oldest === undefined ? 0 : Math.abs(Date.now() - Date.parse(oldest.scanned_at)); // the clock may have been set back
}

/** @param {LogEntry} entry @returns {boolean} Whether it came out otherwise than the person was told. */
export function isOtherwise({ told, receipt }) {
  if (receipt === undefined) return false;
  return ['conflict', 'refused', 'withheld'].includes(receipt.status) || (receipt.status === 'superseded' && told === 'applied');
}

/** @returns {LogEntry[]} What came out otherwise than the person was told, or not at all, newest last. */
export function otherwise() {
  return entries.filter(isOtherwise);
}

/** The device's own time, with how far it is from UTC where the device is. @param {Date} now */
export function ownTime(now) {
  const offset = -now.getTimezoneOffset();
  const sign = offset < 0 ? '-' : '+';
  const [hours, minutes] = [Math.floor(Math.abs(offset) / 60), Math.abs(offset) % 60].map((n) => String(n).padStart(2, '0'));
  return `${new Date(now.getTime() + offset * 60_000).toISOString().slice(0, -1)}${sign}${hours}:${minutes}`;
}

/**
 * An entry that is not in the log yet: what it would lead to can be looked at before.
 *
 * @param {string} path
 * @param {Record<string, unknown>} body
 * @param {string | null} session Of who does it: the part of it that is no secret.
 * @returns {LogEntry}
 */
export function draft(path, body, session) {
  return { scan_id: crypto.randomUUID(), device_seq: 0, scanned_at: ownTime(new Date()), path, body, session, told: null };
}

/** Write an entry down; it is kept when this returns. @param {LogEntry} entry @returns {Promise<LogEntry>} */
export async function write(entry) {
  const written = await store.append(entry);
  entries = [...entries, written];
  others.postMessage('changed');
  return written;
}

/** Note what the person was told after all. @param {LogEntry} entry @param {Outcome | null} told */
export async function tell(entry, told) {
  const own = entries.find((one) => one.scan_id === entry.scan_id);
  if (own === undefined) return;
  own.told = told;
  own.kept = true;
  if (isUnsent(own)) await store.update([own]);
}

/** Forget what no package needs any more. @param {number} upto The number that the package begins after. */
export async function forget(upto) {
  await store.prune(entries.filter((entry) => entry.device_seq <= upto));
  await reload();
}

/** Forget all that has its receipt: whoever did it is gone. What is unsent stays. */
export async function forgetSent() {
  await store.prune(entries, 0);
  await reload();
}

/**
 * @typedef {object} Listener
 * @property {(sent: LogEntry[], answer: Answer | null, isLast: boolean) => void} receipted
 * @property {(problem: Problem) => void} refused Nothing of it was taken: it is sent again later.
 * @property {(text: string) => void} waits Why an entry has to wait, though the server has seen it.
 * @property {() => void} changed Something was sent, or could not be.
 */

/** @type {Promise<void> | null} */
let sending = null;
let wait = FIRST_WAIT;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let retry;

/**
 * Send what is unsent, oldest first; when the server cannot be reached, try again by itself.
 *
 * @param {Listener} listener
 * @returns {Promise<void>} When it is sent, or could not be.
 */
export function flush(listener) {
  sending ??= flushed(listener).finally(() => {
    sending = null;
    listener.changed();
    if (retry === undefined && unsent() > 0 && isOpen) void flush(listener); // written meanwhile
  });
  return sending;
}

let atOnce = AT_ONCE; // fewer, where so many were too much
let isOpen = true; // somebody is signed in, and the server takes what we send

/** @param {Listener} listener */
async function flushed(listener) {
  clearTimeout(retry);
  retry = undefined;
  try {
    // Two tabs share one log: only one of them sends at a time.
    isOpen = await navigator.locks.request(LOCK, () => drain(listener));
    wait = FIRST_WAIT;
  } catch {
    retry = setTimeout(() => void flush(listener), wait);
    wait = Math.min(2 * wait, LONGEST_WAIT);
  }
}

/** @param {Listener} listener @returns {Promise<boolean>} Whether more may be sent. */
async function drain(listener) {
  for (;;) {
    await reload(); // another tab may have sent some of it
    const batch = entries.filter(isUnsent).slice(0, atOnce);
    const [first] = batch;
    if (first === undefined) {
      atOnce = AT_ONCE;
      return true;
    }
    /** @type {{receipts: Receipt[], answer: Answer | null}} */
    let said;
    try {
      said = await send('log', {
        entries: batch.map(({ kept: _, ...entry }) => entry),
        sent_at: new Date().toISOString(),
        held: first.device_seq,
        unsent: unsent(),
      });
    } catch (error) {
      const { name, problem } = /** @type {Refusal} */ (error);
      const isTooMuch = name === 'TimeoutError' || [408, 413].includes(problem?.status);
      if (isTooMuch && batch.length > 1) {
        atOnce = Math.ceil(batch.length / 2);
        if (problem?.status === 413) continue;
        throw error;
      }
      if (!(error instanceof Refusal)) throw error;
      listener.refused(error.problem);
      if (error.problem.status === 401) return false; // it is sent when somebody has signed in again
      throw error;
    }
    const receipts = new Map(said.receipts.map((receipt) => [receipt.scan_id, receipt]));
    const sent = entries.flatMap((entry) => {
      const receipt = receipts.get(entry.scan_id);
      if (receipt === undefined) return [];
      if (receipt.status !== 'later') return [{ ...entry, receipt }];
      if (receipt.text !== '' && wait === FIRST_WAIT) listener.waits(receipt.text); // said once, tried again by itself
      return [];
    });
    await store.update(sent);
    await reload();
    others.postMessage('changed');
    if (sent.length > 0) listener.receipted(sent, said.answer, unsent() === 0);
    if (sent.length < batch.length) throw new Error('Some of it is to be sent again later.');
  }
}
