/**
 * The handheld without a server: what an act leads to, by what the package knows. The same answers
 * as the server's own, word for word; `tests/handheld` replays recorded scenarios through both.
 *
 * Where the package cannot know (a code of an item that is not due, a count, the counter), the step
 * is not `sure`: while there is a network the server is asked, and without one the person is told
 * that it is kept. Pure: a step returns a new package and leaves the old one as it was.
 */

import { ask, counted } from 'handheld/counting.js';
import { isWalking, judge, read } from 'handheld/judge.js';
import { UNDOABLE } from 'handheld/learn.js';
import { looseOf } from 'handheld/proof.js';
import { BLANK, say } from 'handheld/say.js';
import { atRest, inHand, listed, shown } from 'handheld/shown.js';
import { bagged, own as into, scan, take } from 'handheld/walking.js';

/** @typedef {import('./types.js').Answer} Answer */
/** @typedef {import('./types.js').Entry} Entry */
/** @typedef {import('./types.js').Heard} Heard */
/** @typedef {import('./types.js').Package} Package */
/** @typedef {import('./types.js').PackTask} PackTask */
/** @typedef {import('./types.js').ScanBody} ScanBody */

/** @typedef {Pick<Entry, 'scan_id' | 'scanned_at' | 'path' | 'body'> & {told?: import('./types.js').Outcome | null}} Said */
/**
 * @typedef {{pkg: Package, answer: Answer | null, heard: Heard | null, sure: boolean,
 *   staged?: {number: string, place: string}}} Step
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
  if (what === 'put-backs') return putBack(pkg, decodeURIComponent(id), entry.body) ?? unknown;
  if (entry.path === 'waves/take') return takeTogether(pkg, entry) ?? unknown;
  if (what === 'counts') return counted(pkg, id);
  if (what === 'counter') return handedOver(pkg, verb, entry.body) ?? unknown;
  const named = what === 'tasks' ? pkg.tasks.find((task) => task.task_id === id) : undefined;
  const does = { scans: scan, take, bags: bagged }[verb];
  if (named === undefined || does === undefined) return unknown;
  const before = verb === 'scans' ? meant(pkg, named, /** @type {ScanBody} */ (entry.body)) : named;
  const task = structuredClone(before);
  const own = { ...pkg, tasks: pkg.tasks.map((one) => (one === before ? task : one)), items: { ...pkg.items } };
  const said = before === named ? entry : { ...entry, body: { ...entry.body, fence: task.fence } };
  const done = does(own, task, said);
  own.due = listed(own, task);
  const { heard, emptied, message } = done;
  if (task.stage === 'staged') {
    own.tasks = own.tasks.filter((one) => one !== task);
    own.waves = stagedIn(own.waves, task);
    const next = shown(own, { ...task, here: false }, message);
    const staged = { number: task.number, place: done.place };
    /** @type {Answer} */
    const answer = next.next_state === 'tasks' ? { next_state: 'staged', data: { ...own.due, ...staged }, message } : next;
    return { pkg: own, answer, heard, sure: done.sure, staged };
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
  if (others.length === 0 || (kind !== 'item' && kind !== 'stage' && kind !== 'undo')) return task;
  if (kind === 'undo') {
    const acts = [task, ...others].filter(isWalking).flatMap((one) => one.acts.map((act) => ({ one, act })));
    const named = acts.filter(({ act }) => UNDOABLE.includes(act.kind) && (body.undoes == null || act.scan_id === body.undoes));
    return named.sort((a, b) => b.act.nth - a.act.nth)[0]?.one ?? task;
  }
  const skus = [task, ...others].flatMap((one) => one.lines.map((line) => line.sku));
  const reading = read(pkg, body.code ?? '', skus);
  if (reading.is === 'tote') return looseOf(pkg, [task, ...others])?.task ?? task;
  if (reading.is !== 'item' || kind === 'stage') return task;
  const item = { ...reading, quantity: body.quantity ?? reading.quantity };
  return [task, ...others].find((one) => judge(one, item, true, body.line ?? null).outcome === 'applied') ?? task;
}

/**
 * Orders taken on as one walk, as the package offers them; null: it does not, or not any more.
 *
 * @param {Package} pkg
 * @param {Said} entry
 * @returns {Step | null}
 */
function takeTogether(pkg, entry) {
  const wanted = /** @type {{task_id: string, fence: number}[]} */ (entry.body['orders']);
  const free = wanted.flatMap(({ task_id, fence }) => {
    const task = pkg.tasks.find((one) => one.task_id === task_id && one.fence === fence && one.state === 'open');
    return task === undefined ? [] : [structuredClone(task)];
  });
  const { together } = pkg;
  const [first] = free;
  if (together === null || first === undefined || free.length < wanted.length) return null;
  const wave = entry.scan_id.replaceAll('-', '');
  const orders = free.map((task, n) => {
    if (!task.here) task.fence += 1;
    const tote = /** @type {import('./types.js').Tote} */ (together.totes[n]);
    Object.assign(task, { wave, tote: tote.number });
    into(pkg, task);
    return { task_id: task.task_id, number: task.number, tote, state: /** @type {const} */ ('walking') };
  });
  /** @param {{task_id: string}} one */
  const isIn = (one) => free.some((task) => task.task_id === one.task_id);
  const next = {
    ...pkg,
    tasks: pkg.tasks.map((one) => free.find((task) => task.task_id === one.task_id) ?? one),
    waves: { ...pkg.waves, [wave]: { orders, notice: '' } },
    walk: [...together.walk, ...pkg.walk.filter((stop) => !isIn(stop))],
    floor: pkg.floor && { ...pkg.floor, walks: pkg.floor.walks.toSorted((a, b) => b.stops.length - a.stops.length) },
  };
  for (const task of free) next.due = listed(next, task);
  return { pkg: next, answer: shown(next, first, null), heard: { kind: 'take', outcome: 'applied', sku: null, line: null, quantity: 0 }, sure: true };
}

/** @param {Package} pkg @param {string} id @param {Record<string, unknown>} body @returns {Step | null} */
function putBack(pkg, id, body) {
  const duty = pkg.due.put_backs.find((one) => one.duty_id === id);
  if (duty === undefined) return null;
  const code = String(body['code'] ?? '');
  const reading = code === '' ? null : read(pkg, code, [duty.sku]);
  const quantity = Math.min(Number(body['quantity'] ?? duty.quantity), duty.quantity);
  /** @type {Heard} */
  const heard = { kind: 'put_back', outcome: 'applied', sku: duty.sku, line: null, quantity };
  if (reading?.is === 'item' && reading.sku !== duty.sku) Object.assign(heard, { outcome: 'wrong_item', sku: reading.sku, quantity: 0 });
  else if (reading !== null && reading.is !== 'item') {
    const isStrange = reading.is === 'stranger' || reading.is === 'bag';
    Object.assign(heard, { outcome: isStrange ? 'unknown_code' : 'not_a_code', sku: null, quantity: 0 });
  }
  const next = { ...pkg };
  if (heard.outcome === 'applied') {
    const isOver = quantity === duty.quantity || (body['rest'] ?? 'later') !== 'later';
    const rest = isOver ? [] : [{ ...duty, quantity: duty.quantity - quantity }];
    next.due = { ...pkg.due, put_backs: pkg.due.put_backs.flatMap((one) => (one === duty ? rest : [one])) };
    const [item, gone] = [pkg.items[duty.sku], duty.quantity - quantity];
    const isLost = body['rest'] === 'lost' && gone > 0;
    if (item !== undefined) next.items = { ...pkg.items, [duty.sku]: { ...item, left: item.left === null ? null : item.left + quantity, off: item.off + (isLost ? gone : 0), asks: item.asks && !isLost } };
    if (isLost) ask(next, duty.sku, 'not_found', duty.duty_id, (item?.off ?? 0) + gone > pkg.alone);
  }
  const scanned = heard.sku === null ? '' : (pkg.items[heard.sku]?.name ?? heard.sku);
  const message = say(pkg.sentences, heard, { ...BLANK, wanted: duty.name, scanned });
  return { pkg: next, answer: atRest(next, message), heard, sure: reading?.is !== 'stranger' };
}

/** Whether the code was its own, the server alone can say. @param {Package} pkg @param {string} verb @param {Record<string, unknown>} body @returns {Step | null} */
function handedOver(pkg, verb, { number }) {
  if (verb !== 'hand-over' || number === undefined) return null;
  const next = { ...pkg, ready: pkg.ready.filter((one) => one.number !== number) };
  return { pkg: next, answer: atRest(next, null), heard: { kind: 'hand_over', outcome: 'applied', sku: null, line: null, quantity: 0 }, sure: false };
}
