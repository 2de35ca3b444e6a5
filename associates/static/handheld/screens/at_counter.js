/** Pieces of the counter that its screens share. */

import { h, icon } from 'handheld/element.js';

/** @typedef {import('../types.js').Actions} Actions */
/** @typedef {import('../types.js').CounterData} CounterData */
/** @typedef {import('../types.js').Screen} Screen */

/** @param {CounterData} data */
export function path(data) {
  return `counter/${encodeURIComponent(data.code)}`;
}

/**
 * Ask what was scanned beside this bag: an item of it, its place, or something else.
 *
 * @param {CounterData} data
 * @param {Actions} actions
 * @returns {Screen['scanned']}
 */
export function beside(data, actions) {
  return (scan) => actions.ask(`${path(data)}?scanned=${encodeURIComponent(scan.code)}`);
}

/**
 * Write it down, and go back to the list without waiting: pressed again, it would be said twice.
 *
 * @param {CounterData} data
 * @param {'hand-over' | 'retract'} what
 * @param {Record<string, unknown>} body
 * @param {Actions} actions
 */
export function done(data, what, body, actions) {
  actions.view('list');
  actions.log(`${path(data)}/${what}`, body);
}

/**
 * @param {string} sku Empty: the bag itself.
 * @param {string} name
 * @param {string} words
 * @param {'' | 'gone' | 'here'} mark
 * @param {() => void} pressed
 */
export function choice(sku, name, words, mark, pressed) {
  return h(
    'li',
    {},
    h(
      'button',
      {
        type: 'button',
        id: `choice-${sku}`,
        class: `card ${mark}`,
        'aria-pressed': String(mark !== ''),
        click: pressed,
      },
      h('b', {}, name),
      h('span', { class: 'word' }, mark !== '' && icon(mark === 'gone' ? 'missing' : 'check'), words),
    ),
  );
}
