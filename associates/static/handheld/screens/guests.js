/** Customers who say that they are here, or on the way: one line on every screen, and the list. */

import { button, h, icon } from 'handheld/element.js';
import { back } from 'handheld/parts.js';
import { lookUp } from 'handheld/screens/counter.js';
import { n, t } from 'handheld/words.js';

/** @typedef {import('../types.js').Actions} Actions */
/** @typedef {import('../types.js').Guest} Guest */
/** @typedef {import('../types.js').Screen} Screen */

/** @param {Guest} guest */
function row(guest) {
  const bag = guest.is_ready ? guest.place : guest.due;
  return h(
    'li',
    { class: 'guest' },
    h('p', {}, h('b', { class: 'due' }, guest.name), ` · ${guest.number}`),
    h('p', {}, [guest.since, guest.where].filter((word) => word !== '').join(' · ')),
    h('p', { class: guest.is_ready ? 'bag' : 'amber' }, icon(guest.is_ready ? 'bag' : 'info'), h('span', {}, bag)),
  );
}

/**
 * @param {Guest[]} guests
 * @param {Actions} actions
 * @returns {Screen}
 */
export function guestList(guests, actions) {
  const here = guests.filter((guest) => guest.is_here);
  const coming = guests.filter((guest) => !guest.is_here);
  return {
    title: t('Customers'),
    top: [back(t('Back'), () => actions.sheet(null)), h('p', {}, t('Customers'))],
    main: [
      h('h1', {}, n('1 customer is here', '{count} customers are here', here.length)),
      h('ul', {}, ...here.map(row)),
      coming.length > 0 && h('h2', {}, t('On the way')),
      coming.length > 0 && h('ul', {}, ...coming.map(row)),
    ].filter((node) => node instanceof Node),
    thumb: [button(t('Scan their code'), 'scan', () => actions.view('counter'), 'go')],
    scanned: (scan) => {
      actions.view('counter');
      lookUp(scan.code, actions);
    },
  };
}

/**
 * The line that stands on every screen while somebody is here.
 *
 * @param {Guest[]} guests
 * @param {() => void} pressed
 * @returns {HTMLElement | null}
 */
export function guestLine(guests, pressed) {
  const here = guests.filter((guest) => guest.is_here);
  const [first] = here;
  if (first === undefined) return null;
  const bag = first.is_ready ? first.place : first.due;
  const words = [t('{name} is here', { name: first.name }), first.where, bag].filter((word) => word !== '');
  const text = here.length === 1 ? words.join(' · ') : n('1 customer is here', '{count} customers are here', here.length);
  return h('button', { type: 'button', id: 'guest-line', class: 'guest-line', click: pressed }, icon('person'), h('span', {}, text));
}

/**
 * Put the line under the top of the page, or take it away; a screen reader hears it in its turn.
 *
 * @param {Guest[]} guests
 * @param {() => void} pressed
 */
export function showGuests(guests, pressed) {
  let place = document.getElementById('guests');
  if (place === null) {
    place = h('div', { id: 'guests', role: 'status' });
    document.querySelector('header')?.append(place);
  }
  const line = guestLine(guests, pressed);
  if (line?.textContent === place.textContent) return;
  place.replaceChildren(...(line === null ? [] : [line]));
}
