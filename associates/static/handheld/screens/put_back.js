/** Take what will not be collected back to its shelf: all of it, or what can still be sold. */

import { button, h } from 'handheld/element.js';
import { gear } from 'handheld/gear.js';
import { back, ITEM_CODE, thing, typeButton, whereabouts } from 'handheld/parts.js';
import { bagOf } from 'handheld/screens/bags.js';
import { n, t } from 'handheld/words.js';

/** @typedef {import('../types.js').Actions} Actions */
/** @typedef {import('../types.js').Duty} Duty */
/** @typedef {import('../types.js').Screen} Screen */

/** @typedef {'later' | 'broken' | 'lost'} Rest */

/**
 * @param {Duty} duty
 * @param {number} left How many there are, this one included.
 * @param {Actions} actions
 * @returns {Screen}
 */
export function putBack(duty, left, actions) {
  const { number, from_place: place } = duty;
  const from = place === '' ? t('From order {number}, to', { number }) : t('From {place} ({number}), to', { place, number });
  const scanned = teller(duty, actions, {});
  return {
    title: t('Put back {count} of {name}', { count: duty.quantity, name: duty.name }),
    top: [
      back(t('All orders'), () => actions.view('list')),
      h('p', {}, h('b', {}, t('Put back')), ` · ${t('{count} to do', { count: left })}`),
      gear(actions),
    ],
    main: [
      h('p', { class: 'quiet' }, from),
      whereabouts(duty.places.slice(0, 2)),
      thing(`${duty.quantity} × ${duty.name}`, duty),
      h('p', {}, t('Scan it once when it is back on its shelf.')),
      typeButton(ITEM_CODE, actions, scanned),
    ],
    thumb: [
      button(t('Not all of it'), 'missing', () => actions.sheet(duty.quantity > 1 ? howMany(duty, actions) : others(duty, 0, actions)), 'stop'),
      button(left > 1 ? t('Later: show the next') : t('Later'), 'skip', () => actions.later(), 'wide'),
    ],
    scanned: (scan) => scanned(scan.code),
  };
}

/**
 * Return what writes down that units are back. The label of its bag says that this is the right one.
 *
 * @param {Duty} duty
 * @param {Actions} actions
 * @param {{quantity?: number, rest?: Rest}} part
 * @returns {(code: string) => void}
 */
function teller(duty, actions, part) {
  return (code) => {
    const labels = (duty.bags ?? []).map((label) => ({ code: label }));
    if (bagOf(code, labels) !== undefined) {
      actions.say({ kind: 'good', text: t('This is its bag. Take {name} out of it.', { name: duty.name }) });
      return;
    }
    actions.sheet(null);
    actions.log(`put-backs/${duty.duty_id}/done`, { code, ...part });
  };
}

/**
 * @param {Duty} duty
 * @param {Actions} actions
 * @returns {Screen}
 */
function howMany(duty, actions) {
  const title = t('How many can go back on the shelf?');
  /** @param {number} count */
  const key = (count) =>
    h('button', { type: 'button', id: `back-${count}`, click: () => actions.sheet(others(duty, count, actions)) }, count);
  return {
    title,
    top: [back(t('Back to the item'), () => actions.sheet(null)), h('p', {}, duty.name)],
    main: [
      h('h1', {}, title),
      h('p', {}, t('{count} should be there.', { count: duty.quantity })),
      h('div', { class: 'keys' }, ...Array.from({ length: duty.quantity }, (_, count) => key(count))),
    ],
    thumb: [button(t('All of it'), 'undo', () => actions.sheet(null))],
    scanned: null,
  };
}

/**
 * @param {Duty} duty
 * @param {number} count How many go back.
 * @param {Actions} actions
 * @returns {Screen}
 */
function others(duty, count, actions) {
  const rest = duty.quantity - count;
  const title = n('What is with the other one?', 'What is with the other {count}?', rest);
  /** @param {Rest} what @param {string} words */
  const card = (what, words) =>
    h(
      'li',
      {},
      h('button', { type: 'button', class: 'card', click: () => told(duty, count, what, actions) }, words),
    );
  return {
    title,
    top: [back(t('Back'), () => actions.sheet(duty.quantity > 1 ? howMany(duty, actions) : null)), h('p', {}, duty.name)],
    main: [
      h('h1', {}, title),
      h(
        'ul',
        { class: 'cards' },
        card('broken', t('Broken, or past its date')),
        card('lost', t('Not in the bag')),
        count > 0 && card('later', t('I put it back later')),
      ),
    ],
    thumb: [],
    scanned: null,
  };
}

/**
 * What goes back is proved by a scan; of what does not, there is nothing to scan.
 *
 * @param {Duty} duty
 * @param {number} count
 * @param {Rest} rest
 * @param {Actions} actions
 */
function told(duty, count, rest, actions) {
  const part = { quantity: count, rest };
  if (count === 0) {
    actions.sheet(null);
    actions.log(`put-backs/${duty.duty_id}/done`, { code: '', ...part });
    return;
  }
  const scanned = teller(duty, actions, part);
  const title = n('Scan the one that is back on its shelf', 'Scan one of the {count} that are back on their shelf', count);
  actions.sheet({
    title,
    top: [back(t('Back to the item'), () => actions.sheet(null)), h('p', {}, duty.name)],
    main: [h('h1', {}, title), whereabouts(duty.places.slice(0, 1)), typeButton(ITEM_CODE, actions, scanned)],
    thumb: [],
    scanned: (scan) => scanned(scan.code),
  });
}
