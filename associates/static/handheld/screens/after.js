/** After the pick: hand it over, or put it back. */

import { button, h } from 'handheld/element.js';
import { back, gear, itemList, typeButton, whereabouts } from 'handheld/parts.js';

/** @typedef {import('../types.js').Actions} Actions */
/** @typedef {import('../types.js').HandOverData} HandOverData */
/** @typedef {import('../types.js').PutBackData} PutBackData */
/** @typedef {import('../types.js').Screen} Screen */

const ITEM_CODE = { title: 'Type the item’s code', label: 'The digits under its bars', digits: true };

/**
 * @param {HandOverData} data
 * @param {Actions} actions
 * @returns {Screen}
 */
export function handOver(data, actions) {
  const { task } = data;
  const path = `tasks/${task.task_id}`;
  return {
    title: `Order ${task.number}`,
    top: [
      back('All orders', () => actions.open('work')),
      h('p', {}, h('b', {}, task.number), ' · at the counter'),
      gear(actions),
    ],
    main: [
      h('p', { class: 'quiet' }, 'Fetch it from'),
      ...data.places.map((place) => h('h1', { class: 'spot' }, place.name)),
      itemList(data.items),
    ],
    thumb: [
      button('Not here', 'missing', () => actions.log(`${path}/retract`, {}), 'stop'),
      button('Handed over', 'check', () => actions.log(`${path}/hand-over`, {}), 'go wide'),
    ],
    scanned: null,
  };
}

/**
 * @param {PutBackData} data
 * @param {Actions} actions
 * @returns {Screen}
 */
export function putBack(data, actions) {
  const path = `put-backs/${data.duty_id}`;
  /** @param {string} raw */
  const scanned = (raw) => actions.log(`${path}/scans`, { raw });
  return {
    title: `Put back ${data.quantity} of ${data.name}`,
    top: [
      back('All orders', () => actions.open('work')),
      h('p', {}, h('b', {}, 'Put back'), ` · ${data.left} to do`),
      gear(actions),
    ],
    main: [
      h('p', { class: 'quiet' }, data.from === '' ? `From order ${data.number}, to` : `From ${data.from} (${data.number}), to`),
      whereabouts(data.places),
      h(
        'div',
        { class: 'thing' },
        h('h1', {}, `${data.quantity} × ${data.name}`),
        h('p', { class: 'quiet' }, `${data.size} · code ends in ${data.digits}`),
      ),
      h('p', {}, 'Scan it once when it is back on its shelf.'),
      typeButton(ITEM_CODE, actions, scanned),
    ],
    thumb: [button('Later', 'skip', () => actions.open('work'))],
    scanned: (scan) => scanned(scan.code),
  };
}
