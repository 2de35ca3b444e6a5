/** What an act leaves in the package: what it teaches of a place and of the record, and that it can be taken back. Pure. */

import { ask, withdraw } from 'handheld/counting.js';
import { looked, moment, unlooked } from 'handheld/whereabouts.js';

/** @typedef {import('./play.js').Said} Said */
/** @typedef {import('./types.js').Heard} Heard */
/** @typedef {import('./types.js').Package} Package */
/** @typedef {import('./types.js').PackAct} PackAct */
/** @typedef {import('./types.js').PackItem} PackItem */
/** @typedef {import('./types.js').PackLine} PackLine */
/** @typedef {import('./types.js').PackTask} PackTask */
/** @typedef {import('./types.js').Spot} Spot */

/** @typedef {Pick<PackAct, 'at' | 'gone' | 'off' | 'asks'>} Lesson */
/**
 * @typedef {{found: number, short: number, skipped: number, place: string | null,
 *   spot: Spot | null, kind: string, teaches: boolean, undoes: PackAct | null, words: string}} Change
 *   `words`: of a shelf or a tote that was scanned, or is to be.
 */

/** @type {Change} */
export const NOTHING = { found: 0, short: 0, skipped: 0, place: null, spot: null, kind: 'shelf', teaches: true, undoes: null, words: '' };
export const UNDOABLE = ['item', 'short', 'skip', 'look', 'miss', 'zero_check'];
const KEPT = [...UNDOABLE, 'tote'];
const MISCOUNTED = ['not_found', 'short_quantity', 'wrong_item_at_location'];

/** @param {Package} pkg @param {PackTask} task @param {Heard} heard @param {Change} change @param {Said} entry @param {Lesson | null} lesson */
export function remember(pkg, task, heard, change, entry, lesson) {
  if (!KEPT.includes(heard.kind) || heard.line === null) return;
  const place = change.spot === null ? null : heard.kind === 'look' ? [...change.spot, change.kind] : [...change.spot];
  const nth = 1 + Math.max(0, ...pkg.tasks.flatMap((one) => one.acts.map((act) => act.nth)));
  const scanned = heard.kind === 'look' && entry.body['place'] == null;
  task.acts.push({ at: 0, ...lesson, nth, scanned, scan_id: entry.scan_id, kind: heard.kind, line: heard.line, sku: heard.sku, quantity: heard.quantity, place });
}

/**
 * What an act teaches of a place, and does to what the record says: as `associates/picking/recording.py`
 * has it learned, and as `inventory/reconcile.py` and `inventory/looking/counting.py` judge it.
 *
 * @param {Package} pkg
 * @param {PackLine} line
 * @param {Heard} heard
 * @param {Change} change
 * @param {Said} entry
 * @returns {Lesson | null}
 */
export function learn(pkg, line, heard, change, entry) {
  const item = pkg.items[line.sku];
  if (item === undefined) return null;
  const { spot, undoes } = change;
  const now = moment(pkg, item.places);
  const next = { ...item };
  pkg.items[line.sku] = next;
  if (undoes?.place != null) next.places = unlooked(now, undoes.place, undoes.at);
  if (undoes === null && spot !== null && heard.kind !== 'look' && change.teaches) next.places = looked(now, spot, change.kind, change.found > 0);
  if (next.left !== null) next.left -= change.found;
  next.promised -= change.found + change.short;
  if (undoes?.kind === 'short' || undoes?.kind === 'zero_check') putRight(pkg, next, undoes);
  if (change.short > 0) writeOff(pkg, next, change.short, entry);
  if (heard.kind === 'zero_check' && heard.quantity > 0) {
    next.asks = false;
    ask(pkg, item.sku, entry.body['empty'] === true ? 'shelf_empty' : 'shelf_not_empty', entry.scan_id);
  }
  return { at: now.now, gone: (item.left ?? 0) - (next.left ?? 0), off: next.off - item.off, asks: item.asks };
}

/** Some are missing. @param {Package} pkg @param {PackItem} item It is changed. @param {number} quantity @param {Said} entry */
function writeOff(pkg, item, quantity, { scan_id, body }) {
  const reason = String(body['reason'] ?? 'not_found');
  const had = item.left ?? 0;
  let gone = quantity;
  if (reason === 'not_found' || reason === 'short_quantity') gone = Math.max(had, 0);
  if (reason === 'recalled_or_not_sellable') gone = Math.max(had - item.promised, 0);
  if (item.left !== null) item.left -= gone;
  if (!MISCOUNTED.includes(reason)) return;
  item.asks = false;
  item.off += gone;
  ask(pkg, item.sku, reason, scan_id, gone > 0 && item.off > pkg.alone);
}

/** It was there after all, or the shelf is as the record says. @param {Package} pkg @param {PackItem} item It is changed. @param {PackAct} act */
function putRight(pkg, item, act) {
  const since = pkg.tasks.some((task) => task.acts.some(({ kind, sku, nth }) => kind === 'short' && sku === item.sku && nth > act.nth));
  if (act.kind === 'short' && (since || act.gone === undefined)) item.left = null; // another look has spoken since
  if (item.left !== null) item.left += act.gone ?? 0;
  item.off = Math.max(item.off - (act.off ?? 0), 0);
  item.asks = withdraw(pkg, act.scan_id) || (act.asks ?? item.asks);
}
