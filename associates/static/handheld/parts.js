/** Pieces that several screens share. */

import { button, h, icon } from 'handheld/element.js';
import { gear } from 'handheld/gear.js';
import { sided } from 'handheld/hand.js';
import { camera, canSee } from 'handheld/screens/camera.js';
import { t } from 'handheld/words.js';

/** @typedef {import('./types.js').Actions} Actions */
/** @typedef {import('./types.js').Units} Units */
/** @typedef {import('./types.js').Place} Place */
/** @typedef {import('./types.js').Screen} Screen */
/** @typedef {import('./types.js').TaskHead} TaskHead */

/** @param {Place} place */
function zoneOf({ zone, kind }) {
  return zone !== '' ? zone : { shelf: '', backroom: t('Back room'), display: t('Display') }[kind];
}

/** @param {Place} place */
export function placeWords(place) {
  return [zoneOf(place), t('aisle {aisle}', { aisle: place.aisle }), place.bay && t('bay {bay}', { bay: place.bay }), place.shelf && t('shelf {shelf}', { shelf: place.shelf })]
    .filter((word) => word !== '')
    .join(' · ');
}

/**
 * The biggest thing on the screen: where to go, how sure we are, and when it was last found there.
 *
 * @param {Place[]} places The first is where to look; the others are where else it may be.
 * @param {string} [nowhere] What to say if there is none.
 */
export function whereabouts(places, nowhere = t('We don’t know its place. Look where things like it stand.')) {
  const [here, ...others] = places;
  if (here === undefined) return h('p', { class: 'nowhere' }, nowhere);
  const signs = [here.aisle, here.bay, here.shelf];
  const letters = signs.reduce((sum, sign) => sum + Math.min(sign.length, 3), 0);
  /** @param {string} word @param {string} figure */
  const cell = (word, figure) =>
    figure !== '' && h('div', {}, h('dt', {}, word), h('dd', { class: figure.length > 3 ? 'long' : '' }, figure));
  return h(
    'div',
    { class: 'place', id: 'place' },
    zoneOf(here) !== '' && h('p', { class: 'zone' }, zoneOf(here)),
    h('dl', { class: letters > 6 ? 'nine' : letters > 4 ? 'six' : '' }, cell(t('Aisle'), here.aisle), cell(t('Bay'), here.bay), cell(t('Shelf'), here.shelf)),
    here.words !== '' && h('p', { class: 'sure' }, here.words),
    others.length > 0 && h('p', { class: 'quiet' }, t('Also: {places}', { places: others.map(placeWords).join('; ') })),
  );
}

/**
 * What to look for: its name, its size, and the last digits of its code.
 *
 * @param {string} name
 * @param {{size: string, gtin_tail: string}} item
 */
export function thing(name, { size, gtin_tail }) {
  const details = [size, gtin_tail === '' ? '' : t('code ends in {digits}', { digits: gtin_tail })];
  return h(
    'div',
    { class: 'thing' },
    h('h1', { class: name.length > 40 ? 'long' : '', 'aria-describedby': 'place' }, name), // read with where it is
    h('p', { class: 'quiet' }, details.filter((word) => word !== '').join(' · ')),
  );
}

/**
 * A number from 1 to so many that a glove can set; typed, it is brought within its limits.
 *
 * @param {number} value
 * @param {number} most
 * @param {(value: number) => void} chosen
 */
export function stepper(value, most, chosen) {
  const field = h('input', {
    id: 'count',
    inputmode: 'numeric',
    autocomplete: 'off',
    maxlength: 3,
    value,
    'aria-label': t('How many, of {most}', { most }),
    change: () => set(Number.parseInt(field.value, 10)),
    focus: () => field.select(),
  });
  const fewer = h('button', { type: 'button', 'aria-label': t('One fewer'), click: () => set(value - 1) }, '−');
  const more = h('button', { type: 'button', 'aria-label': t('One more'), click: () => set(value + 1) }, '+');
  const set = (/** @type {number} */ wanted) => {
    value = Math.min(Math.max(Number.isNaN(wanted) ? 1 : wanted, 1), most);
    field.value = String(value);
    fewer.disabled = value === 1;
    more.disabled = value === most;
    chosen(value);
  };
  fewer.disabled = value === 1;
  more.disabled = value === most;
  const steps = h('span', { class: 'steps' }, fewer, more);
  return h('div', { class: 'stepper' }, ...sided([h('span', { class: 'of' }, field, t('of {most}', { most })), steps]));
}

/**
 * @param {string} label
 * @param {() => void} pressed
 */
export function back(label, pressed) {
  return h('button', { type: 'button', class: 'plain', 'aria-label': label, click: pressed }, icon('back'));
}

/**
 * Whose order, and by when.
 *
 * @param {TaskHead} task
 * @param {Actions} actions
 */
export function topLine(task, actions) {
  const due = task.late ? t('was due {due}', { due: task.due }) : t('due {due}', { due: task.due });
  return [
    back(t('All orders'), () => actions.leave()),
    h('p', { class: task.late ? 'amber' : '' }, h('b', {}, task.number), ' · ', due),
    gear(actions),
  ];
}

export const ITEM_CODE = { title: t('Type the item’s code'), label: t('The digits under its bars'), digits: true };

/** @param {Units[]} items */
export function itemList(items) {
  return h(
    'ul',
    { class: 'items' },
    ...items.map((item) => h('li', {}, h('span', {}, item.name), h('b', {}, `× ${item.quantity}`))),
  );
}

/**
 * For a torn label, or a person without a scanner.
 *
 * @param {{title: string, label: string, digits: boolean}} words
 * @param {Actions} actions
 * @param {(code: string) => void} typed
 * @returns {Screen}
 */
function typing(words, actions, typed) {
  const field = h('input', {
    id: 'typed',
    name: 'typed',
    inputmode: words.digits ? 'numeric' : 'text',
    autocomplete: 'off',
    autocapitalize: 'characters',
    spellcheck: 'false',
    maxlength: 200,
    required: true,
    'data-focus': true,
  });
  /** @param {Event} event */
  const submit = (event) => {
    event.preventDefault();
    actions.sheet(null);
    typed(field.value.trim());
  };
  return {
    title: words.title,
    top: [back(t('Back'), () => actions.sheet(null)), h('p')],
    main: [
      h('h1', {}, words.title),
      h(
        'form',
        { id: 'typing', submit },
        h('label', { for: 'typed' }, words.label),
        field,
        h('button', { class: 'go' }, icon('check'), h('span', {}, t('Use this code'))),
      ),
    ],
    thumb: [],
    scanned: (scan) => {
      actions.sheet(null);
      typed(scan.code);
    },
  };
}

/**
 * @param {{title: string, label: string, digits: boolean}} words
 * @param {Actions} actions
 * @param {(code: string) => void} typed
 */
export function typeButton(words, actions, typed) {
  const type = button(t('Type the code'), 'keys', () => actions.sheet(typing(words, actions, typed)), 'quietly');
  if (!canSee()) return type;
  const scanned = (/** @type {import('./types.js').Scan} */ scan) => {
    actions.sheet(null);
    typed(scan.code);
  };
  const see = button(t('Use the camera'), 'scan', () => actions.sheet(camera(actions, scanned)), 'quietly');
  return h('div', { class: 'two' }, type, see);
}

/**
 * Return what writes down a scan or a tap in this task.
 *
 * @param {{task_id: string, fence: number}} task
 * @param {Actions} actions
 */
export function teller({ task_id, fence }, actions) {
  /** @param {'item' | 'stage' | 'short' | 'skip' | 'look' | 'miss' | 'zero_check' | 'undo'} kind @param {Record<string, unknown>} [more] */
  return (kind, more = {}) => actions.log(`tasks/${task_id}/scans`, { kind, fence, ...more });
}

/** @param {Place} place */
export function spot({ zone, aisle, bay, shelf, kind }) {
  return { zone, aisle, bay, shelf, kind };
}
