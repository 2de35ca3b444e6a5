/** At the counter: whose bag, where it is, and what is not in it. */

import { button, h, icon } from 'handheld/element.js';
import { back, gear, itemList, stepper, typeButton } from 'handheld/parts.js';

/** @typedef {import('../types.js').Actions} Actions */
/** @typedef {import('../types.js').CounterData} CounterData */
/** @typedef {import('../types.js').InBag} InBag */
/** @typedef {import('../types.js').Screen} Screen */

const PICKUP_CODE = { title: 'Type a pickup code', label: 'Pickup code', digits: false };

/** What is not in the bag on the screen, by SKU; `whole`: the bag itself is not there. */
const lacking = { code: '', whole: false, units: /** @type {Map<string, number>} */ (new Map()) };

/** @param {CounterData} data */
function path(data) {
  return `counter/${encodeURIComponent(data.code)}`;
}

/**
 * @param {string} code What the customer shows.
 * @param {Actions} actions
 */
export function lookUp(code, actions) {
  actions.ask(`counter/${encodeURIComponent(code)}`);
}

/**
 * @param {Actions} actions
 * @returns {Screen}
 */
export function counter(actions) {
  return {
    title: 'Scan the customer’s pickup code',
    top: [back('All orders', () => actions.view('list')), h('p', {}, 'At the counter'), gear(actions)],
    main: [
      h('div', { class: 'call' }, icon('scan'), h('h1', {}, 'Scan the customer’s pickup code')),
      h('p', {}, 'It is on their phone, under their order.'),
      typeButton(PICKUP_CODE, actions, (code) => lookUp(code, actions)),
    ],
    thumb: [],
    scanned: (scan) => lookUp(scan.code, actions),
  };
}

/**
 * Ask what was scanned beside this bag: an item of it, its place, or something else.
 *
 * @param {CounterData} data
 * @param {Actions} actions
 * @returns {Screen['scanned']}
 */
function beside(data, actions) {
  return (scan) => actions.ask(`${path(data)}?scanned=${encodeURIComponent(scan.code)}`);
}

/**
 * @param {CounterData} data
 * @param {Actions} actions
 * @returns {Screen}
 */
export function handOver(data, actions) {
  return {
    title: `Order ${data.number}`,
    top: [
      back('All orders', () => actions.leave()),
      h('p', {}, h('b', {}, data.number), ` · ${data.first_name ?? 'at the counter'}`),
      gear(actions),
    ],
    main: [
      h('p', { class: 'quiet' }, 'Fetch it from'),
      ...data.places.map((place) => h('h1', { class: 'spot' }, place.label)),
      itemList(data.items),
    ],
    thumb: [
      button('Not all here', 'missing', () => actions.sheet(notHere(data, actions)), 'stop'),
      button('Handed over', 'check', () => done(data, 'hand-over', {}, actions), 'go wide'),
    ],
    scanned: beside(data, actions),
  };
}

/**
 * Write it down, and go back to the list without waiting: pressed again, it would be said twice.
 *
 * @param {CounterData} data
 * @param {'hand-over' | 'retract'} what
 * @param {Record<string, unknown>} body
 * @param {Actions} actions
 */
function done(data, what, body, actions) {
  actions.view('list');
  actions.log(`${path(data)}/${what}`, body);
}

/**
 * Return what is lacking of this bag so far; what was said of another one is forgotten.
 *
 * @param {CounterData} data
 */
function begun(data) {
  if (lacking.code !== data.code) {
    lacking.code = data.code;
    lacking.whole = false;
    lacking.units.clear();
  }
  return lacking.units;
}

/**
 * An item of the bag was scanned: one that is broken, or one of several. Show its line.
 *
 * @param {CounterData} data
 * @param {Actions} actions
 * @returns {Screen}
 */
export function chosen(data, actions) {
  const units = begun(data);
  const item = data.items.find(({ sku }) => sku === data.chosen);
  if (item !== undefined && item.quantity > 1) return howMany(data, item, actions);
  if (item !== undefined) units.set(item.sku, 1);
  return notHere(data, actions);
}

/**
 * One card a line, large enough for gloves; nothing is said until the button is pressed.
 *
 * @param {CounterData} data
 * @param {Actions} actions
 * @returns {Screen}
 */
function notHere(data, actions) {
  const units = begun(data);
  const total = [...units.values()].reduce((sum, count) => sum + count, 0);
  const again = () => actions.sheet(notHere(data, actions));

  /** @param {InBag} item */
  const card = (item) => {
    const gone = units.get(item.sku) ?? 0;
    const words = gone === 0 ? `${item.quantity} should be here` : `${gone} of ${item.quantity} not here`;
    return choice(item.sku, item.name, words, gone > 0, () => {
      lacking.whole = false;
      if (item.quantity > 1) actions.sheet(howMany(data, item, actions));
      else {
        if (gone === 0) units.set(item.sku, 1);
        else units.delete(item.sku);
        again();
      }
    });
  };
  const whole = choice('', 'The whole bag', 'Nobody finds it', lacking.whole, () => {
    lacking.whole = !lacking.whole;
    units.clear();
    again();
  });
  const count = lacking.whole ? 'everything' : String(total);
  const isNothing = total === 0 && !lacking.whole;
  return {
    title: 'What is not here?',
    top: [back('Back to the bag', () => actions.sheet(null)), h('p', {}, h('b', {}, data.number))],
    main: [
      h('h1', {}, 'What is not here?'),
      h('p', {}, 'Tap it, or scan it if you have one in hand.'),
      h('ul', { class: 'cards' }, ...data.items.map(card), whole),
      h('p', { class: 'quiet' }, 'The customer is told that it is not ready after all.'),
    ],
    thumb: [
      button('All here', 'check', () => {
        lacking.code = '';
        actions.sheet(null);
      }),
      button(
        isNothing ? 'Pick again' : `Pick ${count} again`,
        'missing',
        () => {
          const missing = lacking.whole ? {} : Object.fromEntries(units);
          lacking.code = '';
          done(data, 'retract', { missing }, actions);
        },
        'stop wide',
        isNothing,
      ),
    ],
    scanned: beside(data, actions),
  };
}

/**
 * @param {string} sku Empty: the bag itself.
 * @param {string} name
 * @param {string} words
 * @param {boolean} chosen
 * @param {() => void} pressed
 */
function choice(sku, name, words, chosen, pressed) {
  return h(
    'li',
    {},
    h(
      'button',
      {
        type: 'button',
        id: `choice-${sku}`,
        class: `card${chosen ? ' gone' : ''}`,
        'aria-pressed': String(chosen),
        click: pressed,
      },
      h('b', {}, name),
      h('span', { class: 'word' }, chosen && icon('missing'), words),
    ),
  );
}

/**
 * @param {CounterData} data
 * @param {InBag} item
 * @param {Actions} actions
 * @returns {Screen}
 */
function howMany(data, item, actions) {
  const say = (/** @type {number} */ count) => (count === item.quantity ? `All ${count} not here` : `${count} not here`);
  const sure = button(say(lacking.units.get(item.sku) ?? 1), 'missing', () => set(count), 'stop wide');
  let count = lacking.units.get(item.sku) ?? 1;
  const set = (/** @type {number} */ gone) => {
    if (gone === 0) lacking.units.delete(item.sku);
    else lacking.units.set(item.sku, gone);
    actions.sheet(notHere(data, actions));
  };
  return {
    title: `How many of ${item.name} are not here?`,
    top: [
      back('Back to what is not here', () => actions.sheet(notHere(data, actions))),
      h('p', {}, h('b', {}, data.number)),
    ],
    main: [
      h('h1', {}, `How many of ${item.name} are not here?`),
      h('p', {}, `${item.quantity} should be in the bag.`),
      stepper(count, item.quantity, (chosen) => {
        count = chosen;
        sure.lastElementChild?.replaceChildren(say(count));
      }),
    ],
    thumb: [button(`All ${item.quantity} here`, 'check', () => set(0)), sure],
    scanned: beside(data, actions),
  };
}
