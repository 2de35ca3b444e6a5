/** What an act leaves in the package: that it can be taken back, and what it teaches of a place. Pure. */

import { key, spotOf } from 'handheld/judge.js';
import { said } from 'handheld/shown.js';

/** @typedef {import('./play.js').Said} Said */
/** @typedef {import('./types.js').Heard} Heard */
/** @typedef {import('./types.js').Package} Package */
/** @typedef {import('./types.js').PackAct} PackAct */
/** @typedef {import('./types.js').PackLine} PackLine */
/** @typedef {import('./types.js').PackTask} PackTask */
/** @typedef {import('./types.js').Spot} Spot */

/**
 * @typedef {{found: number, short: number, skipped: number, place: string | null,
 *   spot: Spot | null, kind: string, teaches: boolean, undoes: PackAct | null, words: string}} Change
 *   `words`: of a shelf or a tote that was scanned, or is to be.
 */

/** @type {Change} */
export const NOTHING = { found: 0, short: 0, skipped: 0, place: null, spot: null, kind: 'shelf', teaches: true, undoes: null, words: '' };
export const UNDOABLE = ['item', 'short', 'skip', 'look', 'miss', 'zero_check'];
const KEPT = [...UNDOABLE, 'tote'];

/** @param {Package} pkg @param {PackTask} task @param {Heard} heard @param {Change} change @param {Said} entry */
export function remember(pkg, task, heard, change, entry) {
  if (!KEPT.includes(heard.kind) || heard.line === null) return;
  const place = change.spot === null ? null : heard.kind === 'look' ? [...change.spot, change.kind] : [...change.spot];
  const nth = 1 + Math.max(0, ...pkg.tasks.flatMap((one) => one.acts.map((act) => act.nth)));
  const scanned = heard.kind === 'look' && entry.body['place'] == null;
  task.acts.push({ nth, scanned, scan_id: entry.scan_id, kind: heard.kind, line: heard.line, sku: heard.sku, quantity: heard.quantity, place });
}

/**
 * What a look teaches of the place: how it is spoken of from now on, and where it stands.
 *
 * @param {Package} pkg
 * @param {PackLine} line
 * @param {Heard} heard
 * @param {Change} change
 * @param {Said} entry
 */
export function learn(pkg, line, heard, change, entry) {
  const item = pkg.items[line.sku];
  if (item === undefined) return;
  const next = { ...item };
  if (change.short !== 0) next.left = null; // what the record says now, only the server knows
  else if (next.left !== null) next.left -= change.found;
  const undone = change.undoes?.place != null && change.undoes.kind !== 'look' ? change.undoes.place : null;
  const how = undone !== null ? (change.undoes?.kind === 'item' ? 'unfound' : 'unmissed') : change.found > 0 ? 'found' : 'missed';
  const isLook = heard.kind === 'look' || (heard.kind === 'miss' && !change.teaches);
  const at = isLook ? null : (undone ?? change.spot);
  if (at !== null) {
    const spot = key(at);
    const isKnown = item.places.some((place) => key(spotOf(place)) === spot);
    next.places = item.places.map((place) => (key(spotOf(place)) === spot ? { ...place, ...place.after[how], looks: (place.looks ?? 0) + 1 } : place));
    if (!isKnown && how === 'found' && change.spot !== null) {
      const words = pkg.sentences.you_found;
      const found = { words, next: '', rank: 0.6, found_at: entry.scanned_at, first: '' };
      next.places.push({ ...said(change.spot, change.kind, words), ...found, planned: false, after: { found, missed: found, unfound: found, unmissed: found }, looks: 1 });
    }
    next.places.sort((a, b) => b.rank - a.rank);
  }
  pkg.items[line.sku] = next;
}

