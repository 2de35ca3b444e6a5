/** Orders that are walked together: which tote, how each stands, and handing one of them on. */

import { button, h } from 'handheld/element.js';
import { gear } from 'handheld/gear.js';
import { back, typeButton } from 'handheld/parts.js';
import { t } from 'handheld/words.js';

/** @typedef {import('../types.js').Actions} Actions */
/** @typedef {import('../types.js').Screen} Screen */
/** @typedef {import('../types.js').Tote} Tote */
/** @typedef {import('../types.js').WaveHead} WaveHead */
/** @typedef {import('../types.js').WaveOrder} WaveOrder */

/**
 * Which tote it goes into, by number, color and word; pressed, all of them are shown.
 *
 * @param {WaveHead} data
 * @param {Actions} actions
 * @param {Screen['scanned']} scanned What a scan does on the screen below.
 */
export function intoTote(data, actions, scanned) {
  const { tote } = data;
  return (
    tote !== null &&
    h(
      'button',
      { type: 'button', class: 'tote', id: 'tote', click: () => actions.sheet(totes(data, actions, scanned)) },
      number(tote),
      h('span', {}, t('Into {tote}', { tote: tote.words })),
    )
  );
}

/** @param {Tote} tote */
function number(tote) {
  return h('b', { class: `number ${tote.color}`, 'aria-hidden': 'true' }, tote.number);
}

/**
 * What has happened to another order of the wave, or why no way leads to the next place.
 *
 * @param {...string} said
 */
export function notices(...said) {
  return said.filter((text) => text !== '').map((text) => h('p', { class: 'amber', role: 'status' }, text));
}

const TOTE_CODE = { title: t('Type the tote’s code'), label: t('The code on the tote’s label'), digits: false };

/**
 * What was found last lies in its tote: proved by the label of the tote, before anything else.
 *
 * @param {WaveHead} data
 * @param {Tote} tote
 * @param {(code: string) => void} scanned
 * @param {() => void} undo
 * @param {Actions} actions
 * @returns {Screen}
 */
export function intoIts(data, tote, scanned, undo, actions) {
  const title = t('Put it in {tote}. Scan the tote.', { tote: tote.words });
  return {
    title,
    top: [back(t('All orders'), () => actions.leave()), h('p', {}, t('Walked together')), gear(actions)],
    main: [
      ...notices(data.notice),
      h('div', { class: 'call' }, number(tote), h('h1', {}, title)),
      typeButton(TOTE_CODE, actions, scanned),
    ],
    thumb: [button(t('Undo'), 'undo', undo)],
    scanned: (scan) => scanned(scan.code),
  };
}

/** @param {WaveOrder['state']} state */
function stands(state) {
  return { walking: t('Still to find'), found: t('All found'), staged: t('At its place'), gone: t('Not in your hands any more') }[state];
}

/**
 * @param {WaveHead} data
 * @param {Actions} actions
 * @param {Screen['scanned']} scanned
 * @returns {Screen}
 */
function totes(data, actions, scanned) {
  const close = () => actions.sheet(null);
  /** @param {WaveOrder} order */
  const handOn = ({ task_id, number: which }) => {
    const made = button(t('Hand on'), 'person', () => {
      close();
      actions.ask(`tasks/${task_id}/give-up`, {});
    });
    made.setAttribute('aria-label', `${t('Hand on')}: ${which}`); // there is one a row
    return made;
  };
  /** @param {WaveOrder} order */
  const row = (order) =>
    h(
      'li',
      { class: 'toterow' },
      number(order.tote),
      h('p', {}, h('b', {}, order.number), h('br'), order.tote.words, ' · ', stands(order.state)),
      (order.state === 'walking' || order.state === 'found') &&
        handOn(order),
    );
  return {
    title: t('Your totes'),
    top: [back(t('Back to the item'), close), h('p', {}, t('Walked together'))],
    main: [
      h('h1', {}, t('Your totes')),
      h('ul', { class: 'totes' }, ...data.together.map(row)),
      h('p', { class: 'quiet' }, t('An order that you hand on is on the list again, with what you have found. Give its tote to whoever takes it.')),
    ],
    thumb: [],
    scanned: (scan) => {
      close();
      scanned?.(scan);
    },
  };
}
