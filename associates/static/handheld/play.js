/**
 * The handheld without a server: what an act leads to, by what the package knows. The same answers
 * as the server's own, word for word; `tests/handheld` replays recorded scenarios through both.
 *
 * Where the package cannot know (a code of an item that is not due, a count, the counter), the step
 * is not `sure`: while there is a network the server is asked, and without one the person is told
 * that it is kept. Pure: a step returns a new package and leaves the old one as it was.
 */

import { isWalking, judge, read } from 'handheld/judge.js';
import { UNDOABLE } from 'handheld/learn.js';
import { BLANK, say } from 'handheld/say.js';
import { atRest, inHand, listed, shown } from 'handheld/shown.js';
import { scan, take } from 'handheld/walking.js';

/** @typedef {import('./types.js').Answer} Answer */
/** @typedef {import('./types.js').Entry} Entry */
/** @typedef {import('./types.js').Heard} Heard */
/** @typedef {import('./types.js').Package} Package */
/** @typedef {import('./types.js').PackTask} PackTask */
/** @typedef {import('./types.js').ScanBody} ScanBody */

/** @typedef {Pick<Entry, 'scan_id' | 'scanned_at' | 'path' | 'body'>} Said */
/**
 * @typedef {{pkg: Package, answer: Answer | null, heard: Heard | null, sure: boolean}} Step
 *   `answer` is null where the server alone can say; `heard` is what the person is told.
 */

/**
 * Return where the entries lead from the package, the oldest first.
 *
 * @param {Package} pkg
 * @param {Said[]} entries
 * @returns {Step}
 */
export function play(pkg, entries) {
  /** @type {Step} */
  let last = { pkg, answer: null, heard: null, sure: false };
  for (const entry of entries) last = step(last.pkg, entry);
  return last;
}

/**
 * @param {Package} pkg
 * @param {Said} entry
 * @returns {Step}
 */
export function step(pkg, entry) {
  const [what = '', id = '', verb = ''] = entry.path.split('/');
  const unknown = { pkg, answer: null, heard: null, sure: false };
  if (what === 'put-backs' && 'quantity' in entry.body) return unknown; // in part: what becomes of the rest
  if (what === 'put-backs') return putBack(pkg, decodeURIComponent(id), String(entry.body['code'] ?? '')) ?? unknown;
  if (what === 'counts') return counted(pkg, id);
  const named = what === 'tasks' ? pkg.tasks.find((task) => task.task_id === id) : undefined;
  if (named === undefined || (verb !== 'scans' && verb !== 'take')) return unknown;
  if (pkg.bagging.labels && entry.body['kind'] === 'stage') return unknown; // bag by bag: the server counts them
  const before = verb === 'scans' ? meant(pkg, named, /** @type {ScanBody} */ (entry.body)) : named;
  const task = structuredClone(before);
  const own = { ...pkg, tasks: pkg.tasks.map((one) => (one === before ? task : one)), items: { ...pkg.items } };
  const said = before === named ? entry : { ...entry, body: { ...entry.body, fence: task.fence } };
  const done = verb === 'take' ? take(own, task, entry) : scan(own, task, said);
  own.due = listed(own, task);
  if (done === null) return unknown;
  const { heard, emptied, message } = done;
  if (heard.kind === 'stage' && heard.outcome === 'applied') {
    own.tasks = own.tasks.filter((one) => one !== task);
    own.waves = stagedIn(own.waves, task);
    const next = shown(own, { ...task, here: false }, message);
    if (next.next_state !== 'tasks') return { pkg: own, answer: next, heard, sure: done.sure };
    const data = { ...own.due, number: task.number, place: own.staging[done.place] ?? '' };
    return { pkg: own, answer: { next_state: 'staged', data, message }, heard, sure: done.sure };
  }
  return { pkg: own, answer: shown(own, task, message, emptied), heard, sure: done.sure };
}

/** @param {Package['waves']} waves @param {PackTask} task @returns {Package['waves']} */
function stagedIn(waves, task) {
  const wave = task.wave === null ? undefined : waves[task.wave];
  if (task.wave === null || wave === undefined) return waves;
  const orders = wave.orders.map((order) => (order.task_id === task.task_id ? { ...order, state: /** @type {const} */ ('staged') } : order));
  return { ...waves, [task.wave]: { ...wave, orders } };
}

/**
 * Which order of the wave a scan is of: an item that the one on the screen does not want may be what
 * another tote still needs, and what is taken back is what was done last, in whichever tote.
 *
 * @param {Package} pkg
 * @param {PackTask} task
 * @param {ScanBody} body
 * @returns {PackTask}
 */
export function meant(pkg, task, body) {
  const kind = body.kind ?? 'item';
  const mine = body.fence > 0 && task.fence === body.fence && task.here;
  const others = mine ? inHand(pkg, task).filter((one) => one !== task) : [];
  if (others.length === 0 || (kind !== 'item' && kind !== 'undo')) return task;
  if (kind === 'undo') {
    const acts = [task, ...others].filter(isWalking).flatMap((one) => one.acts.map((act) => ({ one, act })));
    const named = acts.filter(({ act }) => UNDOABLE.includes(act.kind) && (body.undoes == null || act.scan_id === body.undoes));
    return named.sort((a, b) => b.act.nth - a.act.nth)[0]?.one ?? task;
  }
  const skus = [task, ...others].flatMap((one) => one.lines.map((line) => line.sku));
  const reading = read(pkg, body.code ?? '', skus);
  if (reading.is !== 'item') return task;
  const item = { ...reading, quantity: body.quantity ?? reading.quantity };
  return [task, ...others].find((one) => judge(one, item, true, body.line ?? null).outcome === 'applied') ?? task;
}

/** @param {Package} pkg @param {string} id @param {string} code @returns {Step | null} */
function putBack(pkg, id, code) {
  const duty = pkg.due.put_backs.find((one) => one.duty_id === id);
  if (duty === undefined) return null;
  const reading = code === '' ? null : read(pkg, code, [duty.sku]);
  /** @type {Heard} */
  const heard = { kind: 'put_back', outcome: 'applied', sku: duty.sku, line: null, quantity: duty.quantity };
  if (reading?.is === 'item' && reading.sku !== duty.sku) Object.assign(heard, { outcome: 'wrong_item', sku: reading.sku, quantity: 0 });
  else if (reading !== null && reading.is !== 'item') {
    Object.assign(heard, { outcome: reading.is === 'stranger' ? 'unknown_code' : 'not_a_code', sku: null, quantity: 0 });
  }
  const next = { ...pkg };
  if (heard.outcome === 'applied') {
    next.due = { ...pkg.due, put_backs: pkg.due.put_backs.filter((one) => one !== duty) };
  }
  const scanned = heard.sku === null ? '' : (pkg.items[heard.sku]?.name ?? heard.sku);
  const message = say(pkg.sentences, heard, { ...BLANK, wanted: duty.name, scanned });
  return { pkg: next, answer: atRest(next, message), heard, sure: reading?.is !== 'stranger' };
}

/** A count is believed by the server alone. @param {Package} pkg @param {string} id @returns {Step} */
function counted(pkg, id) {
  const next = { ...pkg, due: { ...pkg.due, counts: pkg.due.counts.filter((one) => one.count_id !== id) } };
  return { pkg: next, answer: atRest(next, null), heard: null, sure: false };
}
