/**
 * What a store wants scanned before an item counts: `associates/picking/picking.py` over again. Pure.
 */

import { here, key, looksOf, spotOf } from 'handheld/judge.js';
import { scanFirst } from 'handheld/whereabouts.js';

/** @typedef {import('./judge.js').Reading} Reading */
/** @typedef {import('./types.js').Heard} Heard */
/** @typedef {import('./types.js').Package} Package */
/** @typedef {import('./types.js').PackAct} PackAct */
/** @typedef {import('./types.js').PackLine} PackLine */
/** @typedef {import('./types.js').PackTask} PackTask */

/** @typedef {{task: PackTask, line: number, tote: number}} Loose */

/** What was done last in some tasks, of what counts here. @param {PackTask[]} held @param {(act: PackAct) => boolean} counts */
function latest(held, counts) {
  const acts = held.flatMap((task) => task.acts.filter(counts).map((act) => ({ task, act })));
  return acts.sort((a, b) => b.act.nth - a.act.nth)[0] ?? null;
}

/**
 * What was scanned last for a tote, and of which nobody has proved that it lies in it.
 *
 * @param {Package} pkg
 * @param {PackTask[]} held All that is in these hands.
 * @returns {Loose | null}
 */
export function looseOf(pkg, held) {
  if (!pkg.totes.scan) return null;
  const last = latest(held.filter((task) => task.tote !== null), ({ kind }) => kind === 'item' || kind === 'tote');
  if (last === null || last.act.kind === 'tote') return null;
  return { task: last.task, line: last.act.line, tote: last.task.tote ?? 0 };
}

/**
 * The tote that is to be scanned first, if the screen does not ask for more of the line.
 *
 * @param {Package} pkg
 * @param {PackTask[]} held
 * @param {{task: PackTask, line: PackLine} | null} next What is on the screen; null: all is found.
 */
export function into(pkg, held, next) {
  const loose = looseOf(pkg, held);
  if (loose === null || (next !== null && isOf(loose, next.task, next.line.line))) return null;
  return Object.values(pkg.totes.labels).find(({ number }) => number === loose.tote) ?? null;
}

/** @param {Loose} loose @param {PackTask} task @param {number | null} line */
function isOf(loose, task, line) {
  return loose.task.task_id === task.task_id && loose.line === line;
}

/**
 * What is to be done before an item of this line is scanned, as a sentence; blank: nothing.
 *
 * @param {Package} pkg
 * @param {PackTask[]} held
 * @param {PackTask} task
 * @param {PackLine} line
 */
export function shelfFirst(pkg, held, task, line) {
  const known = pkg.items[line.sku]?.places ?? [];
  const looks = looksOf(task.acts, line.line);
  const at = here(looks, known.map(spotOf));
  const place = known.find((one) => at !== null && key(spotOf(one)) === key(at));
  if (place === undefined || looks.found.has(key(spotOf(place)))) return '';
  const stands = latest(held, ({ scanned }) => scanned)?.act.place ?? null;
  return stands !== null && key(stands) === key(spotOf(place)) ? '' : scanFirst(pkg, place);
}

const NOT_THERE = ['not_found', 'short_quantity', 'wrong_item_at_location'];

/**
 * What is to be done before it is said that an item is not there, as a sentence; blank: nothing.
 *
 * @param {Package} pkg
 * @param {PackTask} task
 * @param {PackLine} line
 * @param {import('./types.js').ScanBody} body
 * @param {PackTask[]} held
 */
export function lookFirst(pkg, task, line, body, held) {
  const isGone = body.kind === 'short' && NOT_THERE.includes(body.reason ?? 'not_found');
  if (!isGone && (body.kind !== 'miss' || body.place == null)) return '';
  const words = shelfFirst(pkg, held, task, line);
  if (isGone || words === '' || body.place == null) return words;
  const at = here(looksOf(task.acts, line.line), (pkg.items[line.sku]?.places ?? []).map(spotOf));
  return at !== null && key(at) === key(spotOf(body.place)) ? words : '';
}

/**
 * What a scan means once it is known what the store wants scanned before; and that, in words.
 *
 * @param {Package} pkg
 * @param {PackTask[]} held
 * @param {PackTask} task
 * @param {Reading} reading
 * @param {Heard} heard
 * @param {boolean} isFree They were told that it counts, or prove by it where they are.
 * @returns {{heard: Heard, words: string}}
 */
export function proved(pkg, held, task, reading, heard, isFree) {
  const loose = looseOf(pkg, held);
  if (reading.is === 'tote' && heard.outcome === 'not_now' && loose !== null) {
    const outcome = loose.tote === reading.number ? 'applied' : 'wrong_tote';
    return { heard: { ...heard, outcome, line: loose.line }, words: outcome === 'applied' ? '' : reading.words };
  }
  if (heard.outcome !== 'applied' || isFree) return { heard, words: '' };
  const isCounted = heard.kind === 'item' || heard.kind === 'stage';
  if (isCounted && loose !== null && !isOf(loose, task, heard.line)) {
    const words = Object.values(pkg.totes.labels).find(({ number }) => number === loose.tote)?.words ?? '';
    return { heard: { ...heard, outcome: 'tote_first', quantity: 0 }, words };
  }
  const line = heard.kind === 'item' ? task.lines.find((one) => one.line === heard.line) : undefined;
  const words = line === undefined ? '' : shelfFirst(pkg, held, task, line);
  return words === '' ? { heard, words } : { heard: { ...heard, outcome: 'shelf_first', quantity: 0 }, words };
}

/**
 * The place whose label was scanned, if we had sent them to another one; blank, if not.
 *
 * @param {Package} pkg
 * @param {PackTask} task
 * @param {number | null} at The line that the screen showed.
 * @param {{spot: import('./types.js').Spot, words: string}} scanned
 */
export function elsewhere(pkg, task, at, scanned) {
  const line = task.lines.find((one) => one.line === at);
  const looks = looksOf(task.acts, at ?? 0);
  const asked = here(looks, (pkg.items[line?.sku ?? '']?.places ?? []).map(spotOf));
  if (asked === null || looks.missed.size > 0) return '';
  return key(asked) === key(scanned.spot) ? '' : scanned.words;
}
