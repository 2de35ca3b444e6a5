/**
 * Counts, from the package: `associates/counting/count_router.py` over again, and what asks for one:
 * `inventory/looking/conflicts.py`. What is counted, the server judges. Pure.
 */

import { read } from 'handheld/judge.js';
import { BLANK, say } from 'handheld/say.js';
import { atRest, whereToCount } from 'handheld/shown.js';

/** @typedef {import('./types.js').Answer} Answer */
/** @typedef {import('./types.js').CountCard} CountCard */
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

/** How urgent a count is; 0 is what somebody looked for in vain. @param {Package} pkg @param {CountCard} card */
function rank({ sentences }, { group, reason }) {
  const { not_found, short_quantity, wrong_item_at_location } = sentences.why_count;
  if (group !== 'failed_pick') return group === 'low_record' ? 2 : 3;
  return [not_found, short_quantity, wrong_item_at_location].includes(reason) ? 0 : 1;
}

/**
 * Ask that somebody counts an item: one open request is enough, the graver reason counts. By when,
 * the server says.
 *
 * @param {Package} pkg Its list is changed.
 * @param {string} sku
 * @param {string} why
 * @param {string} cause What shows the need: the request is called by it.
 * @param {boolean} [isMuch] So much is gone by one's word that somebody else has to count.
 */
export function ask(pkg, sku, why, cause, isMuch = false) {
  const { counts } = pkg.due;
  const item = pkg.items[sku];
  const open = counts.find((one) => one.sku === sku);
  if (item === undefined) return;
  const { name, size, gtin_tail } = item;
  const made = { count_id: cause, name, size, gtin_tail, sku, word: '', again: false, another: false, ...whereToCount(pkg, { sku }) };
  /** @type {CountCard} */
  let card = { ...made, ...open, group: 'failed_pick', reason: pkg.sentences.why_count[why] ?? '', due: '' };
  const isGraver = open === undefined || rank(pkg, card) < rank(pkg, open);
  if (isGraver) pkg.causes = { ...pkg.causes, [card.count_id]: cause };
  else card = open;
  if (isMuch) card = { ...card, again: false, another: true, word: card.word || pkg.sentences.by_another };
  const others = counts.filter((one) => one !== open);
  const before = isGraver ? others.filter((one) => rank(pkg, one) <= rank(pkg, card)) : others.slice(0, counts.indexOf(open));
  pkg.due = { ...pkg.due, counts: [...before, card, ...others.slice(before.length)] };
}

/** What showed the need is taken back. @param {Package} pkg Its list is changed. @param {string} cause @returns {boolean} Whether somebody else had asked for it before. */
export function withdraw(pkg, cause) {
  const gone = pkg.due.counts.find(({ count_id }) => (pkg.causes?.[count_id] ?? count_id) === cause);
  pkg.due = { ...pkg.due, counts: pkg.due.counts.filter((one) => one !== gone) };
  return gone !== undefined && gone.count_id !== cause;
}
