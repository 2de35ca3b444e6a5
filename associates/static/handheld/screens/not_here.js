/** What should be in a bag, and is not: the order is not ready after all. */

import { button, h } from 'handheld/element.js';
import { back, stepper } from 'handheld/parts.js';
import { beside, choice, done } from 'handheld/screens/at_counter.js';
import { t } from 'handheld/words.js';

/** @typedef {import('../types.js').Actions} Actions */
/** @typedef {import('../types.js').CounterData} CounterData */
/** @typedef {import('../types.js').InBag} InBag */
/** @typedef {import('../types.js').Screen} Screen */

/** What is not in the bag on the screen, by SKU; `whole`: the bag itself is not there. */
const lacking = { code: '', whole: false, units: /** @type {Map<string, number>} */ (new Map()) };

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
export function notHere(data, actions) {
  const units = begun(data);
  const total = [...units.values()].reduce((sum, count) => sum + count, 0);
  const again = () => actions.sheet(notHere(data, actions));

  /** @param {InBag} item */
  const card = (item) => {
    const gone = units.get(item.sku) ?? 0;
    const words = gone === 0 ? t('{count} should be here', { count: item.quantity }) : t('{gone} of {count} not here', { gone, count: item.quantity });
    return choice(item.sku, item.name, words, gone > 0 ? 'gone' : '', () => {
      lacking.whole = false;
      if (item.quantity > 1) actions.sheet(howMany(data, item, actions));
      else {
        if (gone === 0) units.set(item.sku, 1);
        else units.delete(item.sku);
        again();
      }
    });
  };
  const all = data.bags.length > 1 ? t('All of the bags') : t('The whole bag');
  const whole = choice('', all, t('Nobody finds it'), lacking.whole ? 'gone' : '', () => {
    lacking.whole = !lacking.whole;
    units.clear();
    again();
  });
  const isNothing = total === 0 && !lacking.whole;
  return {
    title: t('What is not here?'),
    top: [back(t('Back to the bag'), () => actions.sheet(null)), h('p', {}, h('b', {}, data.number))],
    main: [
      h('h1', {}, t('What is not here?')),
      h('p', {}, t('Tap it, or scan it if you have one in hand.')),
      h('ul', { class: 'cards' }, ...data.items.map(card), whole),
      h('p', { class: 'quiet' }, t('The customer is told that it is not ready after all.')),
    ],
    thumb: [
      button(t('All here'), 'check', () => {
        lacking.code = '';
        actions.sheet(null);
      }),
      button(
        isNothing ? t('Pick again') : lacking.whole ? t('Pick everything again') : t('Pick {count} again', { count: total }),
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
 * @param {CounterData} data
 * @param {InBag} item
 * @param {Actions} actions
 * @returns {Screen}
 */
function howMany(data, item, actions) {
  const say = (/** @type {number} */ count) => (count === item.quantity ? t('All {count} not here', { count }) : t('{count} not here', { count }));
  const sure = button(say(lacking.units.get(item.sku) ?? 1), 'missing', () => set(count), 'stop wide');
  let count = lacking.units.get(item.sku) ?? 1;
  const set = (/** @type {number} */ gone) => {
    if (gone === 0) lacking.units.delete(item.sku);
    else lacking.units.set(item.sku, gone);
    actions.sheet(notHere(data, actions));
  };
  return {
    title: t('How many of {name} are not here?', { name: item.name }),
    top: [
      back(t('Back to what is not here'), () => actions.sheet(notHere(data, actions))),
      h('p', {}, h('b', {}, data.number)),
    ],
    main: [
      h('h1', {}, t('How many of {name} are not here?', { name: item.name })),
      h('p', {}, t('{count} should be in the bag.', { count: item.quantity })),
      stepper(count, item.quantity, (chosen) => {
        count = chosen;
        sure.lastElementChild?.replaceChildren(say(count));
      }),
    ],
    thumb: [button(t('All {count} here', { count: item.quantity }), 'check', () => set(0)), sure],
    scanned: beside(data, actions),
  };
}
