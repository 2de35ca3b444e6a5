/** After the pick: hand it over, or put it back. */

import { button, h } from 'handheld/element.js';
import { back, gear, itemList, typeButton, whereabouts } from 'handheld/parts.js';

/** @typedef {import('../types.js').Actions} Actions */
/** @typedef {import('../types.js').CounterData} CounterData */
/** @typedef {import('../types.js').Duty} Duty */
/** @typedef {import('../types.js').Screen} Screen */

const ITEM_CODE = { title: 'Type the item’s code', label: 'The digits under its bars', digits: true };

/**
 * @param {CounterData} data
 * @param {Actions} actions
 * @returns {Screen}
 */
export function handOver(data, actions) {
  const path = `counter/${encodeURIComponent(data.code ?? '')}`;
  return {
    title: `Order ${data.number}`,
    top: [
      back('All orders', () => actions.ask('tasks')),
      h('p', {}, h('b', {}, data.number), ` · ${data.first_name ?? 'at the counter'}`),
      gear(actions),
    ],
    main: [
      h('p', { class: 'quiet' }, 'Fetch it from'),
      ...(data.places ?? []).map((place) => h('h1', { class: 'spot' }, place.label)),
      itemList(data.items ?? []),
    ],
    thumb: [
      button('Not here', 'missing', () => actions.log(`${path}/retract`, { missing: {} }), 'stop'),
      button('Handed over', 'check', () => actions.log(`${path}/hand-over`, {}), 'go wide'),
    ],
    scanned: null,
  };
}

/**
 * @param {Duty} duty
 * @param {number} left
 * @param {Actions} actions
 * @returns {Screen}
 */
export function putBack(duty, left, actions) {
  /** @param {string} code */
  const scanned = (code) => actions.log(`put-backs/${duty.duty_id}/done`, { code });
  return {
    title: `Put back ${duty.quantity} of ${duty.name}`,
    top: [
      back('All orders', () => actions.view('list')),
      h('p', {}, h('b', {}, 'Put back'), ` · ${left} to do`),
      gear(actions),
    ],
    main: [
      h('p', { class: 'quiet' }, duty.from_place === '' ? `From order ${duty.number}, to` : `From ${duty.from_place} (${duty.number}), to`),
      whereabouts(duty.places.slice(0, 2)),
      h(
        'div',
        { class: 'thing' },
        h('h1', {}, `${duty.quantity} × ${duty.name}`),
        h('p', { class: 'quiet' }, [duty.size, `code ends in ${duty.gtin_tail}`].filter((word) => word !== '').join(' · ')),
      ),
      h('p', {}, 'Scan it once when it is back on its shelf.'),
      typeButton(ITEM_CODE, actions, scanned),
    ],
    thumb: [button('Later', 'skip', () => actions.view('list'))],
    scanned: (scan) => scanned(scan.code),
  };
}
