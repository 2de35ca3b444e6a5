/** Take what will not be collected back to its shelf. */

import { button, h } from 'handheld/element.js';
import { back, gear, ITEM_CODE, thing, typeButton, whereabouts } from 'handheld/parts.js';

/** @typedef {import('../types.js').Actions} Actions */
/** @typedef {import('../types.js').Duty} Duty */
/** @typedef {import('../types.js').Screen} Screen */

/**
 * @param {Duty} duty
 * @param {number} left How many there are, this one included.
 * @param {Actions} actions
 * @returns {Screen}
 */
export function putBack(duty, left, actions) {
  /** @param {string} code */
  const scanned = (code) => actions.log(`put-backs/${duty.duty_id}/done`, { code });
  const from = duty.from_place === '' ? `order ${duty.number}` : `${duty.from_place} (${duty.number})`;
  return {
    title: `Put back ${duty.quantity} of ${duty.name}`,
    top: [
      back('All orders', () => actions.view('list')),
      h('p', {}, h('b', {}, 'Put back'), ` · ${left} to do`),
      gear(actions),
    ],
    main: [
      h('p', { class: 'quiet' }, `From ${from}, to`),
      whereabouts(duty.places.slice(0, 2)),
      thing(`${duty.quantity} × ${duty.name}`, duty),
      h('p', {}, 'Scan it once when it is back on its shelf.'),
      typeButton(ITEM_CODE, actions, scanned),
    ],
    thumb: [button(left > 1 ? 'Later: show the next' : 'Later', 'skip', () => actions.later())],
    scanned: (scan) => scanned(scan.code),
  };
}
