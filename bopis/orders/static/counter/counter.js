/**
 * The screen at the counter: who is here, and which bags are ready. It only looks. What it shows is
 * no more than what may be called out across a room: it may stand where everybody sees it.
 */

import { h } from 'handheld/element.js';
import { adopt, language } from 'handheld/language.js';
import { stream } from 'handheld/stream.js';
import { n, t } from 'handheld/words.js';

/** @typedef {import('handheld/types.js').Guest} Guest */
/** @typedef {{number: string, name: string, place: string}} Bag */

const DEVICE = 'counter.device';
const STORE = 'counter.store';
const MOST = 60; // bags that are told of, as in `bopis/orders/counter/boards.py`

/** @type {{guests: Guest[], bags: Bag[], time: string, isUp: boolean}} */
const seen = { guests: [], bags: [], time: '', isUp: false };

/** @param {string} id */
function at(id) {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`The page has no #${id}.`);
  return found;
}

/** @param {string[]} words */
function line(...words) {
  return words.filter((word) => word !== '').join(' · ');
}

/** @param {Guest} guest */
function guest(guest) {
  const bag = guest.is_ready ? guest.place : guest.due;
  return h(
    'li',
    {},
    h('b', {}, `${guest.name} · ${guest.number}`),
    h('span', { class: guest.is_ready ? 'place' : 'amber tone' }, bag),
    h('span', {}, line(guest.since, guest.where)),
  );
}

/** @param {Bag} bag */
function ready(bag) {
  return h('li', {}, h('b', {}, h('span', { class: 'who' }, bag.name), ` · ${bag.number}`), h('span', { class: 'place' }, bag.place));
}

/**
 * @param {string} id
 * @param {string} title
 * @param {HTMLElement[]} items
 * @param {string} none
 */
function part(id, title, items, none) {
  return h(
    'section',
    { id, 'aria-labelledby': `${id}-is` },
    h('h2', { id: `${id}-is` }, title),
    items.length === 0 ? h('p', { class: 'quiet' }, none) : h('ul', {}, ...items),
  );
}

let drawn = ''; // what was drawn last: a list that is the same is not read out again

function render() {
  showState();
  const now = JSON.stringify([seen.guests, seen.bags]);
  if (now === drawn) return;
  drawn = now;
  const here = seen.guests.filter((one) => one.is_here);
  const coming = seen.guests.filter((one) => !one.is_here);
  const title = n('1 customer is here', '{count} customers are here', here.length);
  document.title = `${title} · ${t('counter')}`;
  at('screen').replaceChildren(
    part('here', here.length === 0 ? t('Nobody waits') : title, here.map(guest), t('Who says that they are here is shown by itself.')),
    ...(coming.length === 0 ? [] : [part('coming', t('On the way'), coming.map(guest), '')]),
    part('ready', t('Ready to hand over'), seen.bags.map(ready), t('No bag waits.')),
  );
  fit();
}

/** Nobody scrolls a screen on a wall: what does not fit is written smaller, and then counted. */
function fit() {
  const isHigher = () => document.documentElement.scrollHeight > innerHeight;
  const { dataset } = document.body;
  const loads = ['', 'busy', 'full'];
  /** @param {'load' | 'here'} name */
  const fits = (name) => loads.some((load) => ((dataset[name] = load), !isHigher()));
  const isAll = seen.bags.length < MOST;
  const more = h('li', { class: 'more' }, isAll ? '' : t('and more: find them by their codes'));
  if (!isAll) document.querySelector('#ready ul')?.append(more);
  dataset['here'] = 'full';
  if (fits('load')) return void fits('here');
  if (innerWidth < 700) return; // held in a hand: it is scrolled
  const rows = [...document.querySelectorAll('#ready li:not(.more)')];
  let left = 0;
  for (let row = rows.pop(); row !== undefined && rows.length > 0 && isHigher(); row = rows.pop()) {
    more.remove();
    row.replaceWith(more);
    left += 1;
    if (isAll) more.textContent = n('and 1 more: find it by its code', 'and {count} more: find them by their codes', left);
  }
  fits('here'); // who waits is read from afar, however many bags there are
}

/** Never show what was so as if it were: say as of when, and that the line is down. */
function showState() {
  const state = at('state');
  const text = seen.isUp ? t('As of {time}', { time: seen.time }) : lost();
  state.className = seen.isUp ? 'quiet' : 'note amber';
  document.body.classList.toggle('old', !seen.isUp);
  if (state.textContent !== text) state.textContent = text;
}

function lost() {
  return seen.time === ''
    ? t('No connection yet. It is tried again by itself.')
    : t('No connection. This is as of {time}; it may not be so any more.', { time: seen.time });
}

function watch() {
  document.body.dataset['state'] = 'watching';
  at('store').textContent = localStorage.getItem(STORE) ?? '';
  at('screen').replaceChildren();
  showState();
  stream('/v1/handheld/screen/live', () => ({ 'accept-language': language, authorization: `Bearer ${localStorage.getItem(DEVICE) ?? ''}` }), {
    heard: (name, data) => {
      seen.isUp = true;
      if (name === 'guests') seen.guests = JSON.parse(data);
      else if (name === 'bags') seen.bags = JSON.parse(data);
      else {
        seen.time = data;
        render();
      }
    },
    lost: () => {
      seen.isUp = false;
      showState();
    },
    refused: (problem) => {
      drawn = '';
      localStorage.removeItem(DEVICE);
      Object.assign(seen, { guests: [], bags: [], time: '', isUp: false });
      enrol(problem.detail);
    },
  });
}

/** @param {string} [wrong] */
function enrol(wrong = '') {
  document.body.dataset['state'] = 'enrol';
  document.body.classList.remove('old');
  document.title = t('Set up this screen');
  at('state').textContent = '';
  const field = h('input', { id: 'code', name: 'code', autocomplete: 'off', autocapitalize: 'characters', spellcheck: 'false', required: true });
  const said = h('p', { role: 'alert', class: 'stop tone' }, wrong);
  at('screen').replaceChildren(
    h(
      'form',
      { submit: (event) => void tried(event, field, said) },
      h('h2', {}, t('Set up this screen')),
      h('p', {}, t('Type the set-up code from store operations. Nobody signs in here: the screen only shows.')),
      h('p', { class: 'field' }, h('label', { for: 'code' }, t('Set-up code')), field),
      said,
      h('p', {}, h('button', { class: 'btn full go' }, t('Set up'))),
    ),
  );
  field.focus();
}

/**
 * @param {Event} event
 * @param {HTMLInputElement} field
 * @param {HTMLElement} said
 */
async function tried(event, field, said) {
  event.preventDefault();
  try {
    const answer = await fetch('/v1/handheld/enrol', {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json', 'accept-language': language },
      body: JSON.stringify({ code: field.value, name: t('Counter screen') }),
    });
    const body = await answer.json();
    if (!answer.ok) {
      said.textContent = body.detail;
      field.focus();
      return;
    }
    localStorage.setItem(DEVICE, body.data.device_token);
    localStorage.setItem(STORE, body.data.store);
    adopt(body.data.language);
    watch();
  } catch {
    said.textContent = t('No connection. Try again in a moment.');
  }
}

addEventListener('resize', () => {
  if (document.body.dataset['state'] !== 'watching' || drawn === '') return;
  drawn = '';
  render();
});

at('name').textContent = t('Pickup counter');
if (localStorage.getItem(DEVICE) === null) enrol();
else watch();
