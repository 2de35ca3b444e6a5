/**
 * The screens as the server would show them, from the package: `associates/screens.py` over again.
 * Pure.
 */

import { here, isWalking, key, left, looksOf, spotOf } from 'handheld/judge.js';

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
  if (!task.here || task.state !== 'yours' || !isWalking(task)) return atRest(pkg, message);
  const can_undo = task.acts.length > 0;
  const question = emptied === null ? null : asked(pkg, emptied);
  if (task.stage === 'picked') {
    const items = task.lines.filter((line) => line.found > 0).map((line) => ({ name: line.name, quantity: line.found }));
    const missing = task.lines.filter((line) => line.short > 0).map((line) => ({ name: line.name, quantity: line.short }));
    const bags = pkg.bagging.labels ? task.bags : [];
    const data = { ...head(task), items, missing, can_undo, question, ...pkg.bagging, bags, ...asker(task) };
    return { next_state: 'stage', data, message };
  }
  return { next_state: 'walk', data: { ...walk(pkg, task, can_undo), question, ...asker(task) }, message };
}

/** Who wants this walk. @param {PackTask} task */
function asker({ asked_by }) {
  return { asked_by, took_over: null };
}

/** @param {Package} pkg @param {Message | null} message @returns {Answer} */
export function atRest(pkg, message) {
  return { next_state: 'tasks', data: pkg.due, message };
}

/** @param {Package} pkg @param {PackTask} task @param {boolean} can_undo */
function walk(pkg, task, can_undo) {
  const todo = inTurn(pkg, task).filter((line) => left(line) > 0);
  const [line] = todo;
  if (line === undefined) throw new Error('A walk that is done has no next stop.');
  const item = pkg.items[line.sku];
  if (item === undefined) throw new Error(`The package lacks ${line.sku}.`);
  const [place, others] = places(item.places, task, line, pkg);
  const { sku, size, gtin_tail } = item;
  return {
    ...head(task),
    line: line.line,
    item: { sku, name: line.name, size, gtin_tail },
    place,
    other_places: others.slice(0, OTHERS),
    nowhere: item.places.length > 0 ? pkg.sentences.looked_everywhere : pkg.sentences.unknown_place,
    asked: line.asked,
    found: line.found,
    n_of_m: /** @type {[number, number]} */ ([task.lines.length - todo.length + 1, task.lines.length]),
    reasons: pkg.reasons,
    can_undo,
    can_skip: todo.length > 1,
  };
}

/**
 * The lines in the order of the walk: what was skipped comes after all that was skipped less often.
 *
 * @param {Package} pkg
 * @param {PackTask} task
 */
function inTurn(pkg, task) {
  const stops = pkg.walk.filter((stop) => stop.task_id === task.task_id).map((stop) => stop.line);
  const lines = stops.map((stop) => task.lines.find((line) => line.line === stop));
  return lines.filter((line) => line !== undefined).sort((a, b) => a.skipped - b.skipped);
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
 * @param {PackLine} line
 * @returns {Question | null}
 */
function asked(pkg, line) {
  const item = pkg.items[line.sku];
  if (item === undefined || item.left === null || item.left > ASK_AT || !item.asks) return null;
  const found = item.places.filter((place) => place.found_at !== null);
  const last = found.reduce(
    (latest, place) => (latest === null || String(place.found_at) > String(latest.found_at) ? place : latest),
    /** @type {PackPlace | null} */ (null),
  );
  return {
    line: line.line,
    text: pkg.sentences.is_empty[last === null ? 'shelf' : last.kind],
    item: line.name,
    place: last === null ? null : plain(last),
  };
}

/** Where to look after this place, in a sentence. @param {Package} pkg @param {PackTask} task @param {PackLine} line */
export function lookNext(pkg, task, line) {
  const known = pkg.items[line.sku]?.places ?? [];
  const at = here(looksOf(task.acts, line.line), known.map(spotOf));
  const place = known.find((one) => at !== null && key(spotOf(one)) === key(at));
  return place?.next ?? pkg.sentences.nowhere_left;
}

/**
 * The list with one task as it is now: one's own first, then by promise.
 *
 * @param {Package} pkg
 * @param {PackTask} task
 * @returns {TasksData}
 */
export function listed(pkg, task) {
  const others = pkg.due.tasks.filter((card) => card.task_id !== task.task_id);
  if (task.stage === 'staged') return { ...pkg.due, tasks: others };
  const units = task.lines.reduce((sum, line) => sum + left(line), 0);
  /** @type {TaskCard} */
  const card = { ...head(task), units, state: task.state, word: task.word };
  if (task.state === 'yours') card.word = units > 0 ? pkg.sentences.carry_on : pkg.sentences.carry_on_staging;
  /** @param {TaskCard} one */
  const rank = (one) => `${one.state === 'yours' ? 0 : 1} ${one.due_at} ${one.task_id}`;
  return { ...pkg.due, tasks: [...others, card].sort((a, b) => (rank(a) < rank(b) ? -1 : 1)) };
}
