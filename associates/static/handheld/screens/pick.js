/** One thing a screen: where, what, how many. */

import { button, h, icon } from 'handheld/element.js';
import { map, mapSheet } from 'handheld/map.js';
import { known } from 'handheld/mind.js';
import {
  back,
  ITEM_CODE,
  itemList,
  placeWords,
  stepper,
  thing,
  topLine,
  typeButton,
  whereabouts,
} from 'handheld/parts.js';
import { bagged } from 'handheld/screens/bags.js';
import { intoIts, intoTote, notices } from 'handheld/screens/totes.js';
import { t } from 'handheld/words.js';

/** @typedef {import('../types.js').Actions} Actions */
/** @typedef {import('../types.js').Place} Place */
/** @typedef {import('../types.js').Question} Question */
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
  /** @param {'item' | 'stage' | 'short' | 'skip' | 'look' | 'miss' | 'zero_check' | 'undo'} kind @param {Record<string, unknown>} [more] */
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
  /** @param {import('../types.js').Scan} scan */
  const scanned = (scan) => tell('item', { line: data.line, code: scan.code });
  if (data.into !== null) return intoIts(data, data.into, (code) => tell('item', { line: data.line, code }), () => tell('undo'), actions);
  return {
    title: `${item.name}, ${left} to find`,
    top: topLine(data, actions),
    main: [
      ...notices(data.notice, data.in_the_way),
      data.first !== '' && h('p', { class: 'first' }, icon('scan'), h('b', {}, data.first)),
      whereabouts(data.place === null ? [] : [data.place, ...data.other_places], data.nowhere),
      ...onTheMap(data, actions, scanned),
      thing(item.name, item),
      intoTote(data, actions, scanned),
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
    scanned,
  };
}

/**
 * The map: where the screen is high enough it stands beside the words, else behind a tap.
 *
 * @param {WalkData} data
 * @param {Actions} actions
 * @param {NonNullable<Screen['scanned']>} scanned
 */
function onTheMap(data, actions, scanned) {
  const floor = known()?.floor ?? null;
  const drawn = floor === null ? null : map(floor, data);
  if (floor === null || drawn === null) return [];
  const close = () => actions.sheet(null);
  const top = [back(t('Back to the item'), close), h('p', {}, data.item.name)];
  /** @param {import('../types.js').Scan} scan */
  const under = (scan) => {
    close();
    scanned(scan);
  };
  const open = () => actions.sheet(mapSheet(floor, data, top, under));
  return [h('div', { class: 'inline' }, drawn), button(t('Map'), 'map', open, 'quietly tomap')];
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
 * Why it is not here: one tap, because the reason decides what happens to the stock. The next place
 * to look at comes first: an order is given up only when nobody knows another one.
 *
 * @param {WalkData} data
 * @param {Actions} actions
 * @returns {Screen}
 */
function short(data, actions) {
  const tell = teller(data, actions);
  const left = data.asked - data.found;
  const { place } = data;
  const [next] = data.other_places;
  const onwards =
    place !== null &&
    next !== undefined &&
    h(
      'li',
      {},
      h(
        'button',
        {
          type: 'button',
          class: 'card next',
          click: () => {
            actions.sheet(null);
            tell('miss', { line: data.line, place: spot(place) });
          },
        },
        h('b', { class: 'due' }, 'Look at the next place'),
        h('span', { class: 'word' }, placeWords(next)),
      ),
    );
  const elsewhere = h(
    'li',
    {},
    h(
      'button',
      { type: 'button', class: 'card', click: () => actions.sheet(whereFound(data, actions)) },
      'I see it somewhere else',
    ),
  );
  return {
    title: 'What is wrong?',
    top: [back('Back to the item', () => actions.sheet(null)), h('p', {}, data.item.name)],
    main: [
      h('h1', {}, left === 1 ? 'Why is it not here?' : `Why are ${left} not here?`),
      h(
        'ul',
        { class: 'cards' },
        onwards,
        elsewhere,
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

/** @param {Place} place */
function spot({ zone, aisle, bay, shelf, kind }) {
  return { zone, aisle, bay, shelf, kind };
}

/**
 * Where it was seen instead: another place we know, the label of a shelf, or its signs typed in.
 *
 * @param {WalkData} data
 * @param {Actions} actions
 * @returns {Screen}
 */
function whereFound(data, actions) {
  const tell = teller(data, actions);
  const { place, line } = data;
  const missed = () => {
    actions.sheet(null);
    if (place !== null) tell('miss', { line, place: spot(place) });
  };
  /** @param {{zone: string, aisle: string, bay: string, shelf: string, kind: string}} where */
  const chosen = (where) => {
    missed();
    tell('look', { line, place: where });
  };
  const field = (/** @type {string} */ id, /** @type {string} */ label, required = false) =>
    h(
      'div',
      { class: 'field' },
      h('label', { for: id }, label),
      h('input', { id, name: id, autocomplete: 'off', autocapitalize: 'characters', spellcheck: 'false', maxlength: 40, required }),
    );
  /** @param {Event} event */
  const submit = (event) => {
    event.preventDefault();
    const values = new FormData(/** @type {HTMLFormElement} */ (event.target));
    const text = (/** @type {string} */ name) => String(values.get(name) ?? '').trim();
    const kind = values.has('backroom') ? 'backroom' : 'shelf';
    chosen({ zone: '', aisle: text('aisle'), bay: text('bay'), shelf: text('shelf'), kind });
  };
  return {
    title: 'Where do you see it?',
    top: [back('Back to the item', () => actions.sheet(null)), h('p', {}, data.item.name)],
    main: [
      h('div', { class: 'call' }, icon('scan'), h('h1', {}, 'Where do you see it? Scan the label of the shelf.')),
      h(
        'ul',
        { class: 'cards' },
        ...data.other_places.map((other) =>
          h(
            'li',
            {},
            h('button', { type: 'button', class: 'card', click: () => chosen(spot(other)) }, placeWords(other)),
          ),
        ),
      ),
      h(
        'form',
        { id: 'where', submit },
        h('p', {}, 'Or type what its signs say.'),
        h('div', { class: 'signs' }, field('aisle', 'Aisle', true), field('bay', 'Bay'), field('shelf', 'Shelf')),
        h(
          'label',
          { class: 'toggle' },
          h('input', { type: 'checkbox', name: 'backroom' }),
          h('span', {}, 'In the back room'),
        ),
        h('button', { class: 'go' }, icon('check'), h('span', {}, 'It is here')),
      ),
    ],
    thumb: [],
    scanned: (scan) => {
      missed();
      tell('look', { line, code: scan.code }); // a shelf's label, or the item itself
    },
  };
}

/**
 * The question that a pick may leave: one tap, and whatever is scanned instead passes it over.
 *
 * @param {WalkData | StageData} data
 * @param {Question} question
 * @param {Screen['scanned']} under What a scan does on the screen below.
 * @param {Actions} actions
 * @returns {Screen}
 */
export function zeroCheck(data, question, under, actions) {
  const tell = teller(question.task_id === '' ? data : question, actions);
  /** @param {boolean} empty */
  const answer = (empty) => {
    actions.sheet(null);
    tell('zero_check', { line: question.line, empty });
  };
  return {
    title: question.text,
    top: [back('Pass over', () => actions.sheet(null)), h('p', {}, 'One question')],
    main: [
      h('h1', {}, question.text),
      h('p', { class: 'asked' }, question.item),
      h('p', { class: 'quiet' }, question.place === null ? '' : placeWords(question.place)),
      button('Pass over', 'skip', () => actions.sheet(null), 'quietly'),
    ],
    thumb: [
      button('Yes, empty', 'shelf', () => answer(true), 'wide'),
      button('No, some left', 'many', () => answer(false), 'wide'),
    ],
    scanned: (scan) => {
      actions.sheet(null);
      under?.(scan);
    },
  };
}

/** @param {StageData} data */
function stageWords({ tote }) {
  if (tote === null) return t('Put it at a pickup place. Scan the place.');
  return t('Put {tote}, at a pickup place. Scan the place.', { tote: tote.words });
}

/**
 * @param {StageData} data
 * @param {Actions} actions
 * @returns {Screen}
 */
export function stage(data, actions) {
  const tell = teller(data, actions);
  if (data.into !== null) return intoIts(data, data.into, (code) => tell('item', { code }), () => tell('undo'), actions);
  if (data.labels && data.items.length > 0) return bagged(data, actions);
  return {
    title: 'Put it at a pickup place',
    top: topLine(data, actions),
    main: [
      ...notices(data.notice),
      data.items.length > 0
        ? h('div', { class: 'call' }, icon('bag'), h('h1', {}, stageWords(data)))
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
