/** An item that is not at its place: where else to look, or why it is given up. */

import { button, h, icon } from 'handheld/element.js';
import { back, placeWords, spot, teller } from 'handheld/parts.js';
import { n, t } from 'handheld/words.js';

/** @typedef {import('../types.js').Actions} Actions */
/** @typedef {import('../types.js').Screen} Screen */
/** @typedef {import('../types.js').WalkData} WalkData */

/**
 * Why it is not here: one tap, because the reason decides what happens to the stock. The next place
 * to look at comes first: an order is given up only when nobody knows another one.
 *
 * @param {WalkData} data
 * @param {Actions} actions
 * @returns {Screen}
 */
export function short(data, actions) {
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
        h('b', { class: 'due' }, t('Look at the next place')),
        h('span', { class: 'word' }, placeWords(next)),
      ),
    );
  const elsewhere = h(
    'li',
    {},
    h(
      'button',
      { type: 'button', class: 'card', click: () => actions.sheet(whereFound(data, actions)) },
      t('I see it somewhere else'),
    ),
  );
  return {
    title: t('What is wrong?'),
    top: [back(t('Back to the item'), () => actions.sheet(null)), h('p', {}, data.item.name)],
    main: [
      h('h1', {}, n('Why is it not here?', 'Why are {count} not here?', left)),
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
    thumb: [button(t('It is here'), 'undo', () => actions.sheet(null))],
    scanned: (scan) => {
      // The item turned up after all: the scan says more than the tap.
      actions.sheet(null);
      tell('item', { line: data.line, code: scan.code });
    },
  };
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
    title: t('Where do you see it?'),
    top: [back(t('Back to the item'), () => actions.sheet(null)), h('p', {}, data.item.name)],
    main: [
      h('div', { class: 'call' }, icon('scan'), h('h1', {}, t('Where do you see it? Scan the label of the shelf.'))),
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
        h('p', {}, t('Or type what its signs say.')),
        h('div', { class: 'signs' }, field('aisle', t('Aisle'), true), field('bay', t('Bay')), field('shelf', t('Shelf'))),
        h(
          'label',
          { class: 'toggle' },
          h('input', { type: 'checkbox', name: 'backroom' }),
          h('span', {}, t('In the back room')),
        ),
        h('button', { class: 'go' }, icon('check'), h('span', {}, t('It is here'))),
      ),
    ],
    thumb: [],
    scanned: (scan) => {
      missed();
      tell('look', { line, code: scan.code }); // a shelf's label, or the item itself
    },
  };
}
