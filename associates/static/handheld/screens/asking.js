/** A question that waits for the customer who stands here: read out, and their answer written down. */

import { button, h, icon } from 'handheld/element.js';
import { gear } from 'handheld/gear.js';
import { back } from 'handheld/parts.js';
import { t } from 'handheld/words.js';

/** @typedef {import('../types.js').Actions} Actions */
/** @typedef {import('../types.js').Asks} Asks */
/** @typedef {import('../types.js').Screen} Screen */

/**
 * @param {{number: string, code: string, asks: Asks}} data
 * @param {() => void} close
 * @param {Actions} actions
 * @returns {Screen}
 */
export function asking({ number, code, asks }, close, actions) {
  /** @param {Asks['options'][number]} option */
  const card = ({ choice, to_store, text }) => {
    const said = { case: asks.case, choice, to_store };
    const press = () => {
      actions.sheet(null);
      actions.ask(`counter/${encodeURIComponent(code)}/choose`, said);
    };
    return h('li', {}, h('button', { type: 'button', class: 'card', click: press }, h('b', {}, text)));
  };
  return {
    title: t('Ask the customer'),
    top: [back(t('Back'), close), h('p', {}, h('b', {}, number), ` · ${t('Ask the customer')}`), gear(actions)],
    main: [
      h('div', { class: 'call' }, icon('person'), h('h1', {}, asks.text)),
      h('p', {}, t('Press what they choose. It counts as their own answer.')),
      h('ul', { class: 'cards' }, ...asks.options.map(card)),
      h('p', { class: 'quiet' }, asks.otherwise),
    ],
    thumb: [button(t('They do not know yet'), 'undo', close)],
    scanned: null,
  };
}
