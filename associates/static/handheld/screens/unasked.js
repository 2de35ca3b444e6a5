/** At the counter without a network: nobody can say whose a code is, so the number of the order does. */

import { h } from 'handheld/element.js';
import { gear } from 'handheld/gear.js';
import { back } from 'handheld/parts.js';
import { choice } from 'handheld/screens/at_counter.js';
import { bagOf } from 'handheld/screens/bags.js';
import { lookUp } from 'handheld/screens/counter.js';
import { t } from 'handheld/words.js';

/** @typedef {import('../types.js').Actions} Actions */
/** @typedef {import('../types.js').Screen} Screen */
/** @typedef {import('../types.js').UnaskedData} UnaskedData */

/**
 * @param {UnaskedData} data
 * @param {Actions} actions
 * @returns {Screen}
 */
export function whichOrder({ code, ready }, actions) {
  /** @param {string} number */
  const chosen = (number) => actions.ask(`counter/${encodeURIComponent(code)}?number=${encodeURIComponent(number)}`);
  return {
    title: t('Which order is it?'),
    top: [back(t('All orders'), () => actions.leave()), h('p', {}, t('At the counter')), gear(actions)],
    main: [
      h('h1', {}, t('Which order is it?')),
      h('p', { class: 'amber' }, t('Without a connection we cannot check this code. Look at the number on their phone.')),
      h('ul', { class: 'cards' }, ...ready.map((one) => choice(one.number, one.number, one.places.join(' · '), '', () => chosen(one.number)))),
      h('p', { class: 'quiet' }, t('Is it not here, or does the number differ? Hand nothing over, and call whoever runs the store.')),
    ],
    thumb: [],
    scanned: (scan) => {
      const own = ready.find((one) => bagOf(scan.code, one.bags) !== undefined);
      if (own === undefined) lookUp(scan.code, actions);
      else chosen(own.number);
    },
  };
}
