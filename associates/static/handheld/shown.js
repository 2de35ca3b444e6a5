/**
 * The screens as the server would show them, from the package: `associates/handheld/screens.py` over again.
 * Pure.
 */

import { here, isWalking, key, left, looksOf, spotOf } from 'handheld/judge.js';
import { into, shelfFirst } from 'handheld/proof.js';
import { lookThere } from 'handheld/whereabouts.js';

/** @typedef {import('./types.js').Answer} Answer */
/** @typedef {import('./types.js').Message} Message */
/** @typedef {import('./types.js').Package} Package */
/** @typedef {import('./types.js').PackLine} PackLine */
/** @typedef {import('./types.js').PackPlace} PackPlace */
/** @typedef {import('./types.js').PackTask} PackTask */
/** @typedef {import('./types.js').Place} Place */
/** @typedef {import('./types.js').Question} Question */
/** @typedef {import('./types.js').Spot} Spot */
/** @typedef {import('./types.js').TaskCard} TaskCard */
/** @typedef {import('./types.js').TasksData} TasksData */

const OTHERS = 3; // places shown beside the one to look at
const KINDS = ['shelf', 'display', 'backroom'];
const ASK_AT = 2; // units left by the record at which it is worth asking

/** @param {PackTask} task @returns {import('./types.js').TaskHead} */
function head({ task_id, number, due_at, due, late, fence }) {
  return { task_id, number, due_at, due, late, fence };
}

/**
 * What comes next in one task; the list, if it is not in these hands.
 *
 * @param {Package} pkg
 * @param {PackTask} task
 * @param {Message | null} message
 * @param {PackLine | null} [emptied] The line of which the last unit was just taken.
 * @returns {Answer}
 */
export function shown(pkg, task, message, emptied = null) {
  const held = inHand(pkg, task);
  const [first] = held;
  if (first === undefined) return atRest(pkg, message);
  const can_undo = held.some((one) => one.acts.some((act) => act.kind !== 'tote'));
  const question = emptied === null ? null : asked(pkg, task, emptied);
  if (held.every((one) => one.stage === 'picked')) {
    const items = first.lines.filter((line) => line.found > 0).map((line) => ({ name: line.name, quantity: line.found }));
    const missing = first.lines.filter((line) => line.short > 0).map((line) => ({ name: line.name, quantity: line.short }));
    const bags = pkg.bagging.labels ? first.bags : [];
    const data = { ...head(first), ...told(pkg, first), items, missing, can_undo, question, ...pkg.bagging, bags, ...asker(first), into: into(pkg, held, null) };
    return { next_state: 'stage', data, message };
  }
  return { next_state: 'walk', data: { ...walk(pkg, held, can_undo), question }, message };
}

/**
 * A task and those that are walked together with it, as far as they are in these hands.
 *
 * @param {Package} pkg
 * @param {PackTask} task
 */
export function inHand(pkg, task) {
  const wave = pkg.tasks.filter((one) => one === task || (task.wave !== null && one.wave === task.wave));
  return wave.filter((one) => one.here && one.state === 'yours' && isWalking(one)).sort((a, b) => (a.tote ?? 0) - (b.tote ?? 0));
}

/** Whose tote it is, and how the others of the wave stand. @param {Package} pkg @param {PackTask} task */
function told(pkg, task) {
  const wave = task.wave === null ? undefined : pkg.waves[task.wave];
  if (wave === undefined) return { tote: null, together: [], notice: '' };
  const together = wave.orders.map((order) => {
    const own = pkg.tasks.find((one) => one.task_id === order.task_id);
    /** @type {import('./types.js').WaveOrder['state']} */
    const state = own === undefined ? order.state : own.stage === 'picked' ? 'found' : 'walking';
    return { ...order, state };
  });
  const tote = wave.orders.find((order) => order.task_id === task.task_id)?.tote ?? null;
  return { tote, together, notice: wave.notice };
}

/** Who wants this walk. @param {PackTask} task */
function asker({ asked_by }) {
  return { asked_by, took_over: null };
}

/** @param {Package} pkg @param {Message | null} message @returns {Answer} */
export function atRest(pkg, message) {
  return { next_state: 'tasks', data: pkg.due, message };
}

/** @param {Package} pkg @param {PackTask[]} held @param {boolean} can_undo */
function walk(pkg, held, can_undo) {
  const todo = inTurn(pkg, held).filter(({ line }) => left(line) > 0);
  const [next] = todo;
  if (next === undefined) throw new Error('A walk that is done has no next stop.');
  const { task, line } = next;
  const item = pkg.items[line.sku];
  if (item === undefined) throw new Error(`The package lacks ${line.sku}.`);
  const [place, others] = places(item.places, task, line, pkg);
  const { sku, size, gtin_tail } = item;
  const stops = held.reduce((sum, one) => sum + one.lines.length, 0);
  return {
    ...head(task),
    ...told(pkg, task),
    ...asker(task),
    line: line.line,
    item: { sku, name: line.name, size, gtin_tail },
    place,
    other_places: others.slice(0, OTHERS),
    nowhere: item.places.length > 0 ? pkg.sentences.looked_everywhere : pkg.sentences.unknown_place,
    in_the_way: line.in_the_way,
    first: shelfFirst(pkg, held, task, line),
    into: into(pkg, held, next),
    asked: line.asked,
    found: line.found,
    n_of_m: /** @type {[number, number]} */ ([stops - todo.length + 1, stops]),
    reasons: pkg.reasons,
    can_undo,
    can_skip: todo.length > 1,
    ...asker(task),
  };
}

/**
 * The lines in the order of the walk: what was skipped comes after all that was skipped less often.
 *
 * @param {Package} pkg
 * @param {PackTask[]} held
 * @returns {{task: PackTask, line: PackLine}[]}
 */
function inTurn(pkg, held) {
  const stops = pkg.walk.flatMap((stop) => {
    const task = held.find((one) => one.task_id === stop.task_id);
    const line = task?.lines.find((one) => one.line === stop.line);
    return task !== undefined && line !== undefined ? [{ task, line }] : [];
  });
  return stops.sort((a, b) => a.line.skipped - b.line.skipped);
}

/** @param {PackPlace} place @returns {Place} */
function plain({ zone, aisle, bay, shelf, kind, words }) {
  return { zone, aisle, bay, shelf, kind, words };
}

/**
 * Where to look now, and the other places that were not looked at in vain.
 *
 * @param {PackPlace[]} known
 * @param {PackTask} task
 * @param {PackLine} line
 * @param {Package} pkg
 * @returns {[Place | null, Place[]]}
 */
function places(known, task, line, pkg) {
  const looks = looksOf(task.acts, line.line);
  const at = here(looks, known.map(spotOf));
  const others = known.filter((place) => {
    const spot = key(spotOf(place));
    return !(at !== null && spot === key(at)) && !looks.missed.has(spot);
  });
  if (at === null) return [null, others.map(plain)];
  const place = known.find((one) => key(spotOf(one)) === key(at));
  return [place === undefined ? said(at, looks.kind, pkg.sentences.you_said) : plain(place), others.map(plain)];
}

/** @param {Spot} spot @param {string} kind @param {string} words @returns {Place} */
export function said([zone, aisle, bay, shelf], kind, words) {
  return { zone, aisle, bay, shelf, kind: /** @type {Place['kind']} */ (kind), words };
}

/**
 * The question that a pick may leave: whether the shelf is empty now.
 *
 * @param {Package} pkg
 * @param {PackTask} task
 * @param {PackLine} line
 * @returns {Question | null}
 */
function asked(pkg, task, line) {
  const item = pkg.items[line.sku];
  if (item === undefined || item.left === null || item.left > ASK_AT || !item.asks) return null;
  const found = item.places.filter((place) => place.found_at !== null);
  const last = found.reduce(
    (latest, place) => (latest === null || (place.found_at ?? 0) > (latest.found_at ?? 0) ? place : latest),
    /** @type {PackPlace | null} */ (null),
  );
  return {
    line: line.line,
    text: pkg.sentences.is_empty[last === null ? 'shelf' : last.kind],
    item: line.name,
    place: last === null ? null : plain(last),
    task_id: task.task_id,
    fence: task.fence,
  };
}

/** Where to look after this place, in a sentence. @param {Package} pkg @param {PackTask} task @param {PackLine} line */
export function lookNext(pkg, task, line) {
  const known = pkg.items[line.sku]?.places ?? [];
  const at = here(looksOf(task.acts, line.line), known.map(spotOf));
  const place = known.find((one) => at !== null && key(spotOf(one)) === key(at));
  return place === undefined ? pkg.sentences.nowhere_left : lookThere(pkg.sentences, place);
}

/**
 * The list with one task as it is now: one's own first, then whose customer is here or may get it late.
 *
 * @param {Package} pkg
 * @param {PackTask} task
 * @returns {TasksData}
 */
export function listed(pkg, task) {
  const others = pkg.due.tasks.filter((card) => card.task_id !== task.task_id);
  const counts = pkg.due.counts.map((one) => ({ ...one, ...whereToCount(pkg, one) }));
  const put_backs = pkg.due.put_backs.map((one) => ({ ...one, places: homes(pkg, one) }));
  const due = { ...pkg.due, counts, put_backs };
  if (task.stage === 'staged') return { ...due, tasks: others };
  const units = task.lines.reduce((sum, line) => sum + left(line), 0);
  /** @type {TaskCard} */
  const card = { ...head(task), units, state: task.state, word: task.word, guest: task.guest, at_risk: task.at_risk, tote: task.tote };
  if (task.state === 'yours') card.word = units > 0 ? pkg.sentences.carry_on : pkg.sentences.carry_on_staging;
  /** @param {TaskCard} one */
  const rank = (one) => `${one.state === 'yours' ? 0 : 1} ${one.at_risk || one.guest !== '' ? 0 : 1} ${one.due_at} ${one.task_id}`;
  const tasks = [...others, card].sort((a, b) => (rank(a) < rank(b) ? -1 : 1));
  const together = tasks.some((one) => one.state === 'yours') ? null : pkg.due.together;
  return { ...due, tasks, together };
}

/** Where something goes back: as the plan says, its shelf first. @param {Package} pkg @param {import('./types.js').Duty} duty */
function homes(pkg, { sku }) {
  /** @param {PackPlace} place */
  const rank = ({ planned, kind }) => (planned ? 0 : 3) + KINDS.indexOf(kind);
  const known = (pkg.items[sku]?.places ?? []).toSorted((a, b) => rank(a) - rank(b));
  return known.map((place) => ({ ...plain(place), words: '' }));
}

/** A count passes by every place of its item. @param {Package} pkg @param {{sku: string}} card */
export function whereToCount(pkg, { sku }) {
  const places = (pkg.items[sku]?.places ?? []).map(plain);
  return { places, minutes: Math.max(places.length, 1) };
}
