/** One thing a screen: where, what, how many. */

import { button, h, icon } from 'handheld/element.js';
import {
  back,
  ITEM_CODE,
  itemList,
  stepper,
  thing,
  topLine,
  typeButton,
  whereabouts,
} from 'handheld/parts.js';

/** @typedef {import('../types.js').Actions} Actions */
/** @typedef {import('../types.js').WalkData} WalkData */
/** @typedef {import('../types.js').Screen} Screen */
/** @typedef {import('../types.js').StageData} StageData */

const HANDFUL = 4; // units that are scanned one by one, as in `associates/walk.py`
const PLACE_CODE = { title: 'Type the place’s code', label: 'The code on the place’s label', digits: false };

/**
 * Return what writes down a scan or a tap in this task.
 *
 * @param {{task_id: string, fence: number}} task
 * @param {Actions} actions
 */
function teller({ task_id, fence }, actions) {
  /** @param {'item' | 'stage' | 'short' | 'skip' | 'undo'} kind @param {Record<string, unknown>} [more] */
  return (kind, more = {}) => actions.log(`tasks/${task_id}/scans`, { kind, fence, ...more });
}

/**
 * @param {WalkData} data
 * @param {Actions} actions
 * @returns {Screen}
 */
export function pick(data, actions) {
  const { item } = data;
  const tell = teller(data, actions);
  const left = data.asked - data.found;
  const [stop, stops] = data.n_of_m;
  return {
    title: `${item.name}, ${left} to find`,
    top: topLine(data, actions),
    main: [
      whereabouts(data.place === null ? [] : [data.place, ...data.other_places]),
      thing(item.name, item),
      h(
        'p',
        { class: 'count' },
        h('b', {}, data.found),
        ` of ${data.asked} found`,
        h('span', { class: 'quiet' }, ` · stop ${stop} of ${stops}`),
      ),
      left > HANDFUL && button('Many at once', 'many', () => actions.sheet(several(data, actions)), 'quietly'),
      typeButton(ITEM_CODE, actions, (code) => tell('item', { line: data.line, code })),
    ].filter((node) => node instanceof Node),
    thumb: [
      button('Not here', 'missing', () => actions.sheet(short(data, actions)), 'stop'),
      button('Skip', 'skip', () => tell('skip', { line: data.line }), '', !data.can_skip),
      button('Undo', 'undo', () => tell('undo'), '', !data.can_undo),
    ],
    scanned: (scan) => tell('item', { line: data.line, code: scan.code }),
  };
}

/**
 * Of many, one is scanned and the number keyed in.
 *
 * @param {WalkData} data
 * @param {Actions} actions
 * @returns {Screen}
 */
function several(data, actions) {
  const tell = teller(data, actions);
  let quantity = data.asked - data.found;
  /** @param {string} code */
  const scanned = (code) => {
    actions.sheet(null);
    tell('item', { line: data.line, code, quantity });
  };
  return {
    title: 'How many have you got?',
    top: [back('Back to the item', () => actions.sheet(null)), h('p', {}, data.item.name)],
    main: [
      h('h1', {}, 'How many have you got?'),
      stepper(quantity, quantity, (chosen) => {
        quantity = chosen;
      }),
      h('div', { class: 'call' }, icon('scan'), h('p', {}, 'Then scan one of them.')),
      typeButton(ITEM_CODE, actions, scanned),
    ],
    thumb: [button('One by one', 'undo', () => actions.sheet(null))],
    scanned: (scan) => scanned(scan.code),
  };
}

/**
 * Why it is not here: one tap, because the reason decides what happens to the stock.
 *
 * @param {WalkData} data
 * @param {Actions} actions
 * @returns {Screen}
 */
function short(data, actions) {
  const tell = teller(data, actions);
  const left = data.asked - data.found;
  return {
    title: 'What is wrong?',
    top: [back('Back to the item', () => actions.sheet(null)), h('p', {}, data.item.name)],
    main: [
      h('h1', {}, left === 1 ? 'Why is it not here?' : `Why are ${left} not here?`),
      h(
        'ul',
        { class: 'cards' },
        ...data.reasons.map((reason) =>
          h(
            'li',
            {},
            h(
              'button',
              {
                type: 'button',
                class: 'card',
                click: () => {
                  actions.sheet(null);
                  tell('short', { line: data.line, reason: reason.code });
                },
              },
              reason.text,
            ),
          ),
        ),
      ),
    ],
    thumb: [button('It is here', 'undo', () => actions.sheet(null))],
    scanned: (scan) => {
      // The item turned up after all: the scan says more than the tap.
      actions.sheet(null);
      tell('item', { line: data.line, code: scan.code });
    },
  };
}

/**
 * @param {StageData} data
 * @param {Actions} actions
 * @returns {Screen}
 */
export function stage(data, actions) {
  const tell = teller(data, actions);
  return {
    title: 'Put it at a pickup place',
    top: topLine(data, actions),
    main: [
      data.items.length > 0
        ? h('div', { class: 'call' }, icon('bag'), h('h1', {}, 'Put it at a pickup place. Scan the place.'))
        : h('h1', {}, 'Nothing of this order was found.'),
      itemList(data.items),
      data.missing.length > 0 ? h('p', { class: 'amber' }, 'Not in the bag:') : h('p', { class: 'quiet' }, 'All of it is here.'),
      data.missing.length > 0 ? itemList(data.missing) : h('span'),
      typeButton(PLACE_CODE, actions, (code) => tell('stage', { code })),
    ],
    thumb: [button('Undo', 'undo', () => tell('undo'), '', !data.can_undo)],
    scanned: (scan) => tell('stage', { code: scan.code }),
  };
}
