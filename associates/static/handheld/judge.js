/**
 * What a scan means for the task it was made in: `associates/picking/scans.py` and `associates/handheld/reading.py`
 * over again, from the package. Recorded scenarios keep the two alike. Pure.
 */

import { readBag } from 'handheld/bagging.js';
import { lastDay, parse } from 'handheld/gs1.js';

/** @typedef {import('./types.js').Heard} Heard */
/** @typedef {import('./types.js').Outcome} Outcome */
/** @typedef {import('./types.js').Package} Package */
/** @typedef {import('./types.js').PackAct} PackAct */
/** @typedef {import('./types.js').PackLine} PackLine */
/** @typedef {import('./types.js').PackTask} PackTask */
/** @typedef {import('./types.js').Spot} Spot */

/**
 * @typedef {{is: 'noise'} | {is: 'stranger'} | {is: 'place', code: string}
 *   | {is: 'tote', number: number, words: string} | {is: 'bag', number: number, of: PackTask}
 *   | {is: 'shelf', spot: Spot, kind: string, words: string}
 *   | {is: 'item', sku: string, quantity: number, isPast: boolean}} Reading
 * @typedef {{at: Spot | null, kind: string, missed: Set<string>, found: Set<string>}} Looks
 */

/** @type {Partial<Record<Reading['is'], 'stage' | 'look' | 'tote'>>} */
const KINDS = { place: 'stage', bag: 'stage', shelf: 'look', tote: 'tote' };
const LOOKING = ['look', 'miss', 'item'];

/** @param {PackTask} task */
export function isWalking(task) {
  return task.stage === 'claimed' || task.stage === 'picked';
}

/** @param {PackLine} line */
export function left(line) {
  return line.asked - line.found - line.short;
}

/** @param {{zone: string, aisle: string, bay: string, shelf: string}} place @returns {Spot} */
export function spotOf({ zone, aisle, bay, shelf }) {
  return [zone, aisle, bay, shelf];
}

/** @param {readonly string[]} spot Four words; what stands behind them does not count. */
export function key(spot) {
  return spot.slice(0, 4).join('\n');
}

/**
 * Where one line was looked for so far, in this walk.
 *
 * @param {PackAct[]} acts
 * @param {number} line
 * @returns {Looks}
 */
export function looksOf(acts, line) {
  /** @type {Looks} */
  const looks = { at: null, kind: 'shelf', missed: new Set(), found: new Set() };
  for (const act of acts) {
    if (act.line !== line || act.place === null || !LOOKING.includes(act.kind)) continue;
    const [zone = '', aisle = '', bay = '', shelf = '', kind = 'shelf'] = act.place;
    /** @type {Spot} */
    const spot = [zone, aisle, bay, shelf];
    if (act.kind === 'look') {
      looks.at = spot;
      looks.kind = kind;
      looks.missed.delete(key(spot));
    } else if (act.kind === 'miss') {
      if (looks.at !== null && key(looks.at) === key(spot)) looks.at = null;
      looks.missed.add(key(spot));
    } else looks.found.add(key(spot));
  }
  return looks;
}

/**
 * Where to look now; null: every place we know was looked at.
 *
 * @param {Looks} looks
 * @param {Spot[]} known The likeliest first.
 * @returns {Spot | null}
 */
export function here(looks, known) {
  return looks.at ?? known.find((spot) => !looks.missed.has(key(spot))) ?? null;
}

/**
 * What a code stands for, by all that the package knows.
 *
 * @param {Package} pkg
 * @param {string} code
 * @param {string[]} skus Of the items at hand: an item without a GTIN wears its own number.
 * @returns {Reading}
 */
export function read(pkg, code, skus) {
  const parsed = parse(code);
  if (parsed.kind === 'noise') return { is: 'noise' };
  if (parsed.kind === 'item') {
    const known = [parsed.gtin14, ...parsed.others].map((gtin) => pkg.codes[gtin]).find((one) => one !== undefined);
    if (known !== undefined) {
      const last = lastDay(parsed, Number(pkg.today.slice(0, 4)));
      const isPast = last !== null && last < pkg.today;
      return { is: 'item', sku: known.sku, quantity: known.quantity * parsed.quantity, isPast };
    }
  }
  const { text } = parsed;
  if (skus.includes(text)) return { is: 'item', sku: text, quantity: 1, isPast: false };
  const tote = pkg.totes.labels[text.toUpperCase()];
  if (tote !== undefined) return { is: 'tote', number: tote.number, words: tote.words };
  const label = readBag(text);
  for (const of of label === null ? [] : pkg.tasks) {
    const bag = of.bags.find((one) => one.code === label);
    if (bag !== undefined) return { is: 'bag', number: bag.number, of };
  }
  if (Object.hasOwn(pkg.staging, text)) return { is: 'place', code: text };
  const shelf = Object.hasOwn(pkg.labels, text) ? pkg.labels[text] : undefined;
  if (shelf !== undefined) return { is: 'shelf', spot: spotOf(shelf), kind: shelf.kind, words: shelf.words };
  return Object.hasOwn(pkg.items, text) ? { is: 'item', sku: text, quantity: 1, isPast: false } : { is: 'stranger' };
}

/**
 * What a scan does to the task.
 *
 * @param {PackTask} task
 * @param {Reading} reading
 * @param {boolean} mine Whether it was made under the latest claim.
 * @param {number | null} at The line that the screen showed.
 * @returns {Heard}
 */
export function judge(task, reading, mine, at) {
  const kind = KINDS[reading.is] ?? 'item';
  const sku = reading.is === 'item' ? reading.sku : null;
  /** @param {Outcome} outcome @param {number | null} [line] @param {number} [quantity] @returns {Heard} */
  const heard = (outcome, line = null, quantity = 0) => ({ kind, outcome, sku, line, quantity });
  if (reading.is === 'noise') return heard('not_a_code');
  if (reading.is === 'stranger') return heard('unknown_code');
  if (!mine) return heard('superseded');
  if (reading.is === 'item') return item(task, reading, at, heard);
  if (reading.is === 'tote') return heard('not_now'); // `proof.js` knows what waits for one
  if (reading.is === 'bag') return heard(reading.of.task_id === task.task_id ? 'not_now' : 'wrong_bag');
  const found = task.lines.reduce((sum, line) => sum + line.found, 0);
  if (reading.is === 'shelf') {
    const isSought = task.lines.some((line) => line.line === at && left(line) > 0);
    return heard(isSought && isWalking(task) ? 'applied' : 'not_now', at);
  }
  return task.stage === 'picked' && found > 0 ? heard('applied', null, found) : heard('not_now');
}

/**
 * @param {PackTask} task
 * @param {{sku: string, quantity: number, isPast: boolean}} scanned
 * @param {number | null} at
 * @param {(outcome: Outcome, line?: number | null, quantity?: number) => Heard} heard
 */
function item(task, scanned, at, heard) {
  if (!isWalking(task)) return heard('not_now');
  const wanted = task.lines.filter((line) => line.sku === scanned.sku);
  const [first] = wanted;
  if (first === undefined) return heard('wrong_item', at);
  if (scanned.isPast) return heard('past_date', first.line);
  const inTurn = [...wanted.filter((line) => line.line === at), ...wanted.filter((line) => line.line !== at)];
  const line = inTurn.find((one) => left(one) >= scanned.quantity);
  return line === undefined ? heard('too_many', first.line) : heard('applied', line.line, scanned.quantity);
}
