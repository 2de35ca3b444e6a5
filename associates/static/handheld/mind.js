/**
 * What the device knows: the package as the server gave it, and where the acts since have led. The
 * server's answer is the truth; this is what to go by until it is heard.
 */

import { keys, Refusal, send, server } from 'handheld/api.js';
import { all, forget, isOtherwise, latest, unsent } from 'handheld/log.js';
import { meant, play, step } from 'handheld/play.js';
import { atRest, shown } from 'handheld/shown.js';
import { keep, kept } from 'handheld/store.js';

/** @typedef {import('./play.js').Step} Step */
/** @typedef {import('./types.js').Answer} Answer */
/** @typedef {import('./types.js').LogEntry} LogEntry */
/** @typedef {import('./types.js').Package} Package */

export const SHAPE = 4; // of a package, as in `associates/offline/package_schemas.py`
const FRESH = 120_000; // ms: after so long the package is fetched anew, at the next quiet moment

/** @type {{pkg: Package, upto: number} | null} */
let base = null;
/** Where the acts since have led. @type {Package | null} */
let now = null;
let fetchedAt = -Infinity; // by a clock that nobody sets
let isDoubted = false; // something came out otherwise than we had thought
let mark = ''; // of the floor, as we heard of it last
let onFloor = (/** @type {Package} */ _before, /** @type {Package} */ _after) => {};

/** Take up what was kept before a reload. */
export async function recall() {
  const last = (await kept('package')) ?? null;
  base = last?.pkg.shape === SHAPE ? last : null; // of another version of this page: fetched anew
  replay();
}

/** Go by the log as it is now: another tab has written to it, say. */
export function replay() {
  try {
    now = base === null ? null : play(base.pkg, since(base.upto)).pkg;
  } catch (error) {
    now = null; // whatever we think of it: it is kept, and it is sent
    isDoubted = true;
    console.warn(error);
  }
}

/** @param {number} upto */
function since(upto) {
  return all().filter((entry) => entry.device_seq > upto && !isOtherwise(entry));
}

/** Somebody else holds the device, or it is no longer ours: what we took along is not theirs. */
export async function forgetAll() {
  base = null;
  now = null;
  fetchedAt = -Infinity;
  await keep('package', null);
}

/** @returns {Package | null} */
export function known() {
  return now;
}

/**
 * Where an act would lead; null: we cannot tell, for we do not know what is on the screen.
 *
 * @param {LogEntry} entry
 * @param {Answer} before What is on the screen.
 * @returns {Step | null}
 */
export function ahead(entry, before) {
  if (now === null || !isUpToDate(now, before)) return null;
  try {
    return step(now, entry);
  } catch (error) {
    console.warn(error);
    return null; // a scan is written down whatever we make of it
  }
}

/** @param {Package} pkg @param {Answer} answer */
function isUpToDate(pkg, answer) {
  if (answer.next_state !== 'walk' && answer.next_state !== 'stage') return true;
  const { task_id, fence } = answer.data;
  return pkg.tasks.some((task) => task.task_id === task_id && task.here && task.fence === fence);
}

/**
 * The server has given us a task: the package that has it is on its way, and until it is here we go
 * by what taking it leads to.
 *
 * @param {string} taskId
 * @param {Answer} answer
 */
export function claimed(taskId, answer) {
  const task = now?.tasks.find((one) => one.task_id === taskId);
  if (now !== null && task !== undefined) {
    const said = { scan_id: '', scanned_at: '', path: `tasks/${taskId}/take`, body: { fence: task.fence } };
    const played = step(now, said);
    if (agrees(answer, played.answer)) now = played.pkg;
  }
  void freshen(true);
}

/** @param {Package} pkg Where an act that is in the log now has led. */
export function advance(pkg) {
  now = pkg;
}

/**
 * Compare an answer of the server with ours.
 *
 * @param {Answer} answer
 * @param {Answer | null} ours
 * @returns {boolean} Whether they agree; if not, the package is fetched anew.
 */
export function agrees(answer, ours) {
  const isSame = ours !== null && same(answer) === same(ours);
  if (!isSame) isDoubted = true;
  return isSame;
}

/** Tell whether two answers are the same screen. @param {Answer} one @param {Answer} other */
export function alike(one, other) {
  return same(one) === same(other);
}

/** @param {Answer} answer */
function same({ next_state, data }) {
  return JSON.stringify([next_state, sorted(data)]);
}

/** @param {unknown} value @returns {unknown} The same with its names in order. */
function sorted(value) {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, one]) => [name, sorted(one)]));
}

/** The same screen from what we know; null: we have nothing to go by. @param {string | null} taskId @returns {Answer | null} */
export function resumed(taskId) {
  if (now === null) return null;
  const task = now.tasks.find((one) => one.task_id === taskId);
  return task === undefined ? atRest(now, null) : shown(now, task, null);
}

/** What would be taken back now, in whichever tote. @param {string} taskId @returns {string | null} */
export function lastAct(taskId) {
  const task = now?.tasks.find((one) => one.task_id === taskId);
  if (now === null || task === undefined) return null;
  return meant(now, task, { kind: 'undo', fence: task.fence }).acts.findLast((act) => act.kind !== 'tote')?.scan_id ?? null;
}

/** @type {Promise<void> | null} */
let fetching = null;
let isAgain = false; // it is needed once more when this one is here

/**
 * Fetch the package, if that is worth it and nothing waits to be sent: it would lack it.
 *
 * @param {boolean} [isNeeded] Whatever its age.
 */
export function freshen(isNeeded = false) {
  const isOld = performance.now() - fetchedAt > FRESH;
  isDoubted ||= isNeeded; // what cannot be fetched now is fetched as soon as it can
  if (!(isDoubted || isOld) || !server.isReached || unsent() > 0) return Promise.resolve();
  if (fetching !== null) isAgain ||= isNeeded; // what is on its way may not know of it
  fetching ??= fetched().finally(() => {
    fetching = null;
    if (isAgain) void freshen(true);
    isAgain = false;
  });
  return fetching;
}

/**
 * An aisle is blocked, or free again: what we took along leads another way.
 *
 * @param {string} now By its mark.
 */
export function floorIs(now) {
  mark = now;
  return base === null || base.pkg.floor_mark === now ? Promise.resolve() : freshen(true);
}

/** @param {typeof onFloor} listener Who is told when the floor is another than we thought. */
export function hearFloor(listener) {
  onFloor = listener;
}

async function fetched() {
  const [upto, session] = [latest(), keys.get('session')];
  isDoubted = false;
  try {
    /** @type {Package} */
    const pkg = await send('package');
    if (keys.get('session') !== session) return; // it is no longer theirs who asked for it
    if (latest() !== upto || unsent() > 0) {
      isDoubted = true; // somebody has done something meanwhile: this is without it
      return;
    }
    const before = base?.pkg;
    base = { pkg, upto };
    if (mark !== '' && pkg.floor_mark !== mark) isDoubted = true; // it was on its way already
    fetchedAt = performance.now();
    replay();
    if (before !== undefined && before.floor_mark !== pkg.floor_mark) onFloor(before, pkg);
    await keep('package', base).catch(() => {}); // no room: then a reload needs the network
    await forget(upto);
  } catch (error) {
    isDoubted = true;
    if (!(error instanceof Refusal) && server.isReached) throw error;
  }
}
