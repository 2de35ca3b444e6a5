/** One thing a screen: where, what, how many. */

import { button, h, icon } from 'handheld/element.js';
import { map, mapSheet } from 'handheld/map.js';
import { known } from 'handheld/mind.js';
import { back, ITEM_CODE, placeWords, stepper, teller, thing, topLine, typeButton, whereabouts } from 'handheld/parts.js';
import { short } from 'handheld/screens/missing.js';
import { intoIts, intoTote, notices } from 'handheld/screens/totes.js';
import { t } from 'handheld/words.js';

/** @typedef {import('../types.js').Actions} Actions */
/** @typedef {import('../types.js').Question} Question */
/** @typedef {import('../types.js').Screen} Screen */
/** @typedef {import('../types.js').StageData} StageData */
/** @typedef {import('../types.js').WalkData} WalkData */

const HANDFUL = 4; // units that are scanned one by one, as in `associates/walking/walk.py`

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
    title: t('{name}, {count} to find', { name: item.name, count: left }),
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
        ` ${t('of {asked} found', { asked: data.asked })}`,
        h('span', { class: 'quiet' }, ` · ${t('stop {stop} of {stops}', { stop, stops })}`),
      ),
      left > HANDFUL && button(t('Many at once'), 'many', () => actions.sheet(several(data, actions)), 'quietly'),
      typeButton(ITEM_CODE, actions, (code) => tell('item', { line: data.line, code })),
    ].filter((node) => node instanceof Node),
    thumb: [
      button(t('Undo'), 'undo', () => tell('undo'), '', !data.can_undo),
      button(t('Skip'), 'skip', () => tell('skip', { line: data.line }), '', !data.can_skip),
      button(t('Not here'), 'missing', () => actions.sheet(short(data, actions)), 'stop'),
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
    title: t('How many have you got?'),
    top: [back(t('Back to the item'), () => actions.sheet(null)), h('p', {}, data.item.name)],
    main: [
      h('h1', {}, t('How many have you got?')),
      h('div', { class: 'call' }, icon('scan'), h('p', {}, t('Then scan one of them.'))),
      typeButton(ITEM_CODE, actions, scanned),
      stepper(quantity, quantity, (chosen) => {
        quantity = chosen;
      }),
    ],
    thumb: [button(t('One by one'), 'undo', () => actions.sheet(null))],
    scanned: (scan) => scanned(scan.code),
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
    top: [back(t('Pass over'), () => actions.sheet(null)), h('p', {}, t('One question'))],
    main: [
      h('h1', {}, question.text),
      h('p', { class: 'asked' }, question.item),
      h('p', { class: 'quiet' }, question.place === null ? '' : placeWords(question.place)),
      button(t('Pass over'), 'skip', () => actions.sheet(null), 'quietly'),
    ],
    thumb: [
      button(t('Yes, empty'), 'shelf', () => answer(true), 'wide'),
      button(t('No, some left'), 'many', () => answer(false), 'wide'),
    ],
    scanned: (scan) => {
      actions.sheet(null);
      under?.(scan);
    },
  };
}
