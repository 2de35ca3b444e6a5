/** A count, from the package: `associates/counting/count_router.py` over again. What is counted, the server judges. Pure. */

import { read } from 'handheld/judge.js';
import { BLANK, say } from 'handheld/say.js';
import { atRest } from 'handheld/shown.js';

/** @typedef {import('./types.js').Answer} Answer */
/** @typedef {import('./types.js').Heard} Heard */
/** @typedef {import('./types.js').Package} Package */

/**
 * One thing to count, and whether what was scanned is it.
 *
 * @param {Package} pkg
 * @param {string} id
 * @param {string} code Blank: nothing was scanned.
 * @returns {{answer: Answer, sure: boolean} | null} Null: we know of no such count.
 */
export function counting(pkg, id, code) {
  const card = pkg.due.counts.find((one) => one.count_id === id);
  if (card === undefined) return null;
  /** @param {string} scanned @param {import('./types.js').Message | null} message @returns {Answer} */
  const shown = (scanned, message) => ({ next_state: 'count', data: { ...card, scanned }, message });
  if (code === '') return { answer: shown('', null), sure: true };
  const reading = read(pkg, code, [card.sku]);
  if (reading.is === 'item' && reading.sku === card.sku) {
    return { answer: shown(code, { kind: 'good', text: pkg.sentences.this_is_it }), sure: true };
  }
  const sku = reading.is === 'item' ? reading.sku : null;
  const outcome = sku !== null ? 'wrong_item' : reading.is === 'noise' ? 'not_a_code' : 'unknown_code';
  const scanned = sku === null ? '' : (pkg.items[sku]?.name ?? sku);
  /** @type {Heard} */
  const heard = { kind: 'count', outcome, sku, line: null, quantity: 0 };
  const message = say(pkg.sentences, heard, { ...BLANK, wanted: card.name, scanned });
  return { answer: shown('', message), sure: reading.is !== 'stranger' };
}

/** What was counted is believed by the server alone. @param {Package} pkg @param {string} id @returns {import('./play.js').Step} */
export function counted(pkg, id) {
  const next = { ...pkg, due: { ...pkg.due, counts: pkg.due.counts.filter((one) => one.count_id !== id) } };
  return { pkg: next, answer: atRest(next, null), heard: null, sure: false };
}
