/**
 * Which hand holds the handheld: its thumb reaches the main buttons and the steps of a quantity, and
 * what takes something back lies on the other side, where it is not pressed by accident.
 */

/** @typedef {'right' | 'left'} Hand */

/** @type {Hand} */
let hand = 'right';

/** @param {Hand} chosen */
export function hold(chosen) {
  hand = chosen;
  document.body.dataset['hand'] = chosen;
}

/**
 * Things beside each other, the way the thumb finds them; the keyboard goes the same way.
 *
 * @template T
 * @param {T[]} row From what takes back to what goes on.
 * @param {Hand} [held]
 * @returns {T[]}
 */
export function sided(row, held = hand) {
  return held === 'left' ? [...row].reverse() : row;
}
