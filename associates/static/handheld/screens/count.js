/** Count what is on the shelf and in the back room. What the record says is not shown before. */

import { button, h, icon } from 'handheld/element.js';
import { gear } from 'handheld/gear.js';
import { back, ITEM_CODE, thing, typeButton, whereabouts } from 'handheld/parts.js';
import { n, t } from 'handheld/words.js';

/** @typedef {import('../types.js').Actions} Actions */
/** @typedef {import('../types.js').CountCard} CountCard */
/** @typedef {import('../types.js').CountData} CountData */
/** @typedef {import('../types.js').Screen} Screen */

const MOST = 99_999;

/**
 * @param {CountCard} card
 * @param {Actions} actions
 */
function choice(card, actions) {
  const minutes = n('about 1 minute', 'about {count} minutes', card.minutes);
  return h(
    'li',
    {},
    h(
      'button',
      {
        type: 'button',
        id: `count-${card.count_id}`,
        class: 'card',
        click: () => actions.ask(`counts/${card.count_id}/claim`, {}),
      },
      h('b', { class: 'due' }, card.name),
      h('span', {}, card.reason),
      h('span', { class: 'word' }, card.due === '' ? minutes : t('{minutes} · by {due}', { minutes, due: card.due })),
      card.word !== '' && h('span', { class: 'word' }, card.word),
    ),
  );
}

/**
 * Three lists: what somebody did not find, what is nearly gone, and what was drawn by lot.
 *
 * @param {CountCard[]} cards
 * @param {Actions} actions
 * @returns {Screen}
 */
export function toCount(cards, actions) {
  const failed = cards.filter((card) => card.group === 'failed_pick');
  const low = cards.filter((card) => card.group === 'low_record');
  const drawn = cards.filter((card) => card.group === 'at_random');
  /** @param {string} title @param {CountCard[]} some */
  const part = (title, some) =>
    some.length === 0 ? [] : [h('h2', {}, title), h('ul', { class: 'cards' }, ...some.map((card) => choice(card, actions)))];
  return {
    title: t('To count'),
    top: [back(t('All orders'), () => actions.view('list')), h('p', {}, t('To count')), gear(actions)],
    main: [
      h('h1', {}, cards.length === 0 ? t('Nothing to count') : t('To count, between orders')),
      ...part(t('Not found, or in doubt'), failed),
      ...part(t('Sells well, nearly gone'), low),
      ...part(t('Drawn by lot'), drawn),
    ],
    thumb: [],
    scanned: null,
  };
}

/**
 * @param {CountData} data
 * @param {Actions} actions
 * @returns {Screen}
 */
export function count(data, actions) {
  /** @param {string} code */
  const scanned = (code) => actions.ask(`counts/${data.count_id}?scanned=${encodeURIComponent(code)}`);
  return {
    title: t('Count {name}', { name: data.name }),
    top: [
      back(t('All orders'), () => actions.leave()),
      h('p', {}, h('b', {}, data.again ? t('Count it again') : t('Count'))),
      gear(actions),
    ],
    main: [
      whereabouts(data.places),
      thing(data.name, data),
      h('p', { class: 'quiet' }, `${data.reason}.`),
      h('div', { class: 'call' }, icon('scan'), h('p', {}, t('Scan one of them, then say how many there are.'))),
      typeButton(ITEM_CODE, actions, scanned),
    ],
    thumb: [
      button(t('Later'), 'skip', () => actions.leave()),
      button(t('None there'), 'missing', () => actions.sheet(howMany(data, '', 0, actions)), 'wide'),
    ],
    scanned: (scan) => scanned(scan.code),
  };
}

/**
 * The number, keyed in: it is kept on the device until the server has it, like every scan.
 *
 * @param {CountData} data
 * @param {string} code What was scanned; blank: there is nothing to scan.
 * @param {number | null} value
 * @param {Actions} actions
 * @returns {Screen}
 */
export function howMany(data, code, value, actions) {
  const field = h('input', {
    id: 'counted',
    name: 'counted',
    inputmode: 'numeric',
    pattern: '[0-9]{1,5}',
    autocomplete: 'off',
    maxlength: 5,
    required: true,
    'data-focus': true,
    value: value ?? '',
    focus: () => field.select(),
  });
  /** @param {Event} event */
  const submit = (event) => {
    event.preventDefault();
    const counted = Number.parseInt(field.value, 10);
    if (Number.isNaN(counted) || counted > MOST || (code === '' && counted > 0)) return;
    actions.view('counts');
    actions.log(`counts/${data.count_id}/done`, { code, counted });
  };
  const isNone = code === '';
  return {
    title: isNone ? t('No {name} there?', { name: data.name }) : t('How many of {name}?', { name: data.name }),
    top: [back(t('Back to the count'), () => actions.sheet(null)), h('p', {}, h('b', {}, t('Count')))],
    main: [
      h('h1', {}, isNone ? t('No {name} on the shelf, and none in the back room?', { name: data.name }) : t('How many of {name} are there?', { name: data.name })),
      h('p', {}, t('On the shelf and in the back room together.')),
      h('p', { class: 'quiet' }, t('Leave out what is in a tote, waits at the counter, or is set aside as damaged.')),
      h(
        'form',
        { id: 'counting', submit },
        !isNone && h('label', { for: 'counted' }, t('Units, one by one; 0 if there are none')),
        isNone ? h('input', { type: 'hidden', name: 'counted' }) : field,
        h('button', { class: 'go' }, icon('check'), h('span', {}, isNone ? t('Yes, none') : t('That is the count'))),
      ),
    ],
    thumb: [],
    scanned: null,
  };
}
