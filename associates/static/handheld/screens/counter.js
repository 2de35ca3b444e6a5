/** At the counter: whose bags, where they are, and what is to be seen before they go. */

import { button, h, icon } from 'handheld/element.js';
import { gear } from 'handheld/gear.js';
import { back, itemList, typeButton } from 'handheld/parts.js';
import { asking } from 'handheld/screens/asking.js';
import { beside, choice, done } from 'handheld/screens/at_counter.js';
import { bagOf } from 'handheld/screens/bags.js';
import { notHere } from 'handheld/screens/not_here.js';
import { n, t } from 'handheld/words.js';

/** @typedef {import('../types.js').Actions} Actions */
/** @typedef {import('../types.js').BagOut} BagOut */
/** @typedef {import('../types.js').CounterData} CounterData */
/** @typedef {import('../types.js').Screen} Screen */

const PICKUP_CODE = { title: t('Type a pickup code'), label: t('Pickup code'), digits: false };

/** What was scanned and looked at of the bags on the screen; of another order, nothing. */
const given = {
  code: '',
  bags: /** @type {Set<string>} */ (new Set()),
  byHand: /** @type {Set<number>} */ (new Set()),
  looked: false,
  other: false,
};

/**
 * @param {string} code What the customer shows.
 * @param {Actions} actions
 */
export function lookUp(code, actions) {
  given.code = ''; // bags are fetched anew for whoever stands here now
  actions.ask(`counter/${encodeURIComponent(code)}`);
}

/**
 * @param {Actions} actions
 * @returns {Screen}
 */
export function counter(actions) {
  return {
    title: t('Scan the customer’s pickup code'),
    top: [back(t('All orders'), () => actions.view('list')), h('p', {}, t('At the counter')), gear(actions)],
    main: [
      h('div', { class: 'call' }, icon('scan'), h('h1', {}, t('Scan the customer’s pickup code'))),
      h('p', {}, t('It is on their phone, under their order.')),
      typeButton(PICKUP_CODE, actions, (code) => lookUp(code, actions)),
    ],
    thumb: [],
    scanned: (scan) => lookUp(scan.code, actions),
  };
}

/** @param {CounterData} data */
function seen(data) {
  if (given.code !== data.code) {
    given.code = data.code;
    given.bags.clear();
    given.byHand.clear();
    given.looked = false;
    given.other = data.other !== null;
  }
  if (data.scanned !== '') given.bags.add(data.scanned);
  return given;
}

/** @param {BagOut} bag */
function isHere(bag) {
  return given.bags.has(bag.code) || given.byHand.has(bag.number);
}

/**
 * @param {CounterData} data
 * @param {Actions} actions
 * @returns {Screen}
 */
export function handOver(data, actions) {
  seen(data);
  const left = data.bags.filter((bag) => !isHere(bag));
  const mustLook = data.look !== '' && !given.looked;
  const body = () => ({ number: data.number, bags: [...given.bags], by_hand: [...given.byHand], looked: given.looked, other: given.other });
  return {
    title: t('Order {number}', { number: data.number }),
    top: [
      back(t('All orders'), () => actions.leave()),
      h('p', {}, h('b', {}, data.number), ` · ${data.first_name ?? t('at the counter')}`),
      gear(actions),
    ],
    main: [
      ...(data.other === null ? [] : [h('p', { class: 'amber' }, whoCame(data))]),
      data.unasked ? h('p', { class: 'amber' }, t('The same number must stand on their phone. What you give is kept, and the code is checked later.')) : null,
      ...(data.bags.length === 0 ? toFetch(data) : bagsToScan(data, left, actions)),
      data.look === '' ? null : looking(data, actions), // before the items: it is what the button waits for
      data.asks === null ? null : question(data, data.asks, actions),
      itemList(data.items),
      data.other === null ? someoneElse(actions) : null,
    ].filter((node) => node !== null),
    thumb: [
      button(t('Not all here'), 'missing', () => actions.sheet(notHere(data, actions)), 'stop'),
      button(
        t('Handed over'),
        'check',
        () => done(data, 'hand-over', body(), actions),
        'go wide',
        left.length > 0 || mustLook,
      ),
    ],
    scanned: (scan) => {
      const bag = bagOf(scan.code, data.bags);
      if (bag === undefined) beside(data, actions)?.(scan);
      else found(data, bag, () => given.bags.add(bag.code), actions);
    },
  };
}

/** @param {CounterData} data @param {import('../types.js').Asks} asks @param {Actions} actions */
function question(data, asks, actions) {
  const open = () => actions.sheet(asking({ ...data, asks }, () => actions.sheet(null), actions));
  return h('div', { class: 'look' }, h('p', { class: 'amber' }, asks.text), button(t('Ask the customer'), 'person', open, 'quietly'));
}

/** @param {CounterData} data */
function toFetch(data) {
  return [h('p', { class: 'quiet' }, t('Fetch it from')), ...data.places.map((place) => h('h1', { class: 'spot' }, place.label))];
}

/** @param {CounterData} data */
function whoCame(data) {
  const whose = data.first_name ?? t('the customer');
  if (data.other === null || data.other === '') return t('Somebody else has come for {whose}, with the code they gave.', { whose });
  return t('{who} has come for {whose}. Ask for their name.', { who: data.other, whose });
}

/**
 * @param {CounterData} data
 * @param {BagOut[]} left
 * @param {Actions} actions
 */
function bagsToScan(data, left, actions) {
  /** @param {BagOut} bag */
  const card = (bag) =>
    choice(
      `bag-${bag.number}`,
      `${t('Bag {number}', { number: bag.number })} · ${bag.place}`,
      given.bags.has(bag.code) ? t('Scanned') : isHere(bag) ? t('Here, not scanned') : t('Scan it'),
      isHere(bag) ? 'here' : '',
      () => actions.sheet(noLabel(data, bag, actions)),
    );
  const words =
    left.length === 0
      ? n('The bag is here', 'All bags are here', data.bags.length)
      : n('Fetch and scan 1 bag', 'Fetch and scan {count} bags', left.length);
  return [h('h1', {}, words), h('ul', { class: 'cards' }, ...data.bags.map(card))];
}

/**
 * Note that a bag is here, and say what is still to be fetched.
 *
 * @param {CounterData} data
 * @param {BagOut} bag
 * @param {() => void} note
 * @param {Actions} actions
 */
function found(data, bag, note, actions) {
  note();
  const left = data.bags.filter((one) => !isHere(one));
  const [next] = left;
  actions.sheet(null);
  actions.say({
    kind: 'good',
    text:
      next === undefined
        ? t('Bag {number}. That was the last one.', { number: bag.number })
        : t('Bag {number}. Now bag {next}: {place}.', { number: bag.number, next: next.number, place: next.place }),
  });
}

/**
 * @param {CounterData} data
 * @param {BagOut} bag
 * @param {Actions} actions
 * @returns {Screen}
 */
function noLabel(data, bag, actions) {
  const title = t('Can the label of bag {number} not be read?', { number: bag.number });
  return {
    title,
    top: [back(t('Back to the bags'), () => actions.sheet(null)), h('p', {}, h('b', {}, data.number))],
    main: [
      h('h1', {}, title),
      h('p', {}, t('Look at the bag itself. It must say {number}, and lie at {place}.', { number: data.number, place: bag.place })),
      h('p', { class: 'quiet' }, t('It is noted that this bag was not scanned.')),
    ],
    thumb: [
      button(t('Back'), 'undo', () => actions.sheet(null)),
      button(t('It is this bag'), 'check', () => found(data, bag, () => given.byHand.add(bag.number), actions), 'go wide'),
    ],
    scanned: handOver(data, actions).scanned,
  };
}

/**
 * An ID is looked at, and nothing of it is kept.
 *
 * @param {CounterData} data
 * @param {Actions} actions
 */
function looking(data, actions) {
  return h(
    'div',
    { class: 'look' },
    h('p', { class: 'amber' }, icon('person'), t('Look at their ID: {why}.', { why: data.look })),
    toggle('looked', t('I have looked at it'), given.looked, (is) => {
      given.looked = is;
      actions.sheet(null);
    }),
    h('p', { class: 'quiet' }, t('Nothing of it is noted but that you looked.')),
  );
}

/** @param {Actions} actions */
function someoneElse(actions) {
  return toggle('other', t('Somebody else has come, with the code'), given.other, (is) => {
    given.other = is;
    actions.sheet(null);
  });
}

/**
 * @param {string} id
 * @param {string} text
 * @param {boolean} checked
 * @param {(checked: boolean) => void} changed
 */
function toggle(id, text, checked, changed) {
  const box = h('input', { type: 'checkbox', id, checked, change: () => changed(box.checked) });
  return h('label', { class: 'toggle' }, box, h('span', {}, text));
}
