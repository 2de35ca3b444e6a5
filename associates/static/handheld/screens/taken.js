/** One walk and two who want it: who has it, who asks, and what is in the tote already. */

import { button, h, icon } from 'handheld/element.js';
import { back, itemList, topLine } from 'handheld/parts.js';
import { n, t } from 'handheld/words.js';

/** @typedef {import('../types.js').Actions} Actions */
/** @typedef {import('../types.js').Screen} Screen */
/** @typedef {import('../types.js').StageData} StageData */
/** @typedef {import('../types.js').TakenData} TakenData */
/** @typedef {import('../types.js').TookOver} TookOver */
/** @typedef {import('../types.js').WalkData} WalkData */

/**
 * Somebody else has it: nobody is overwritten, but one may ask.
 *
 * @param {TakenData} data
 * @param {Actions} actions
 * @returns {Screen}
 */
export function taken(data, actions) {
  const { who, since, found, asked } = data;
  const title = t('{who} has this order', { who });
  const answer = data.is_asked
    ? t('You have asked for it. Once {who} says yes, it is on your list.', { who })
    : data.is_refused
      ? t('{who} carries on with it.', { who })
      : t('It is free when {who} signs out, or is not heard of for ten minutes.', { who });
  return {
    title,
    top: topLine(data, actions),
    main: [
      h('div', { class: 'call' }, icon('person'), h('h1', {}, title)),
      h('p', {}, t('Since {since}. {found} of {asked} are in the tote.', { since, found, asked })),
      h('p', { class: 'quiet' }, answer),
    ],
    thumb: [
      button(t('Another order'), 'back', () => actions.leave()),
      button(
        data.is_asked ? t('Look again') : t('Ask for it'),
        data.is_asked ? 'undo' : 'person',
        () => actions.ask(`tasks/${data.task_id}/${data.is_asked ? 'claim' : 'ask'}`, {}),
        'go wide',
      ),
    ],
    scanned: null,
  };
}

/**
 * Return what is to be answered or seen before the walk goes on, if anything is.
 *
 * @param {WalkData | StageData} data
 * @param {Screen['scanned']} under What a scan does on the screen below.
 * @param {Actions} actions
 * @returns {Screen | null}
 */
export function between(data, under, actions) {
  if (data.took_over) return inTheTote(data, data.took_over, under, actions);
  return data.asked_by ? askedFor(data, under, actions) : null; // what the device answers itself has neither
}

/**
 * @param {WalkData | StageData} data
 * @param {TookOver} before
 * @param {Screen['scanned']} under
 * @param {Actions} actions
 * @returns {Screen}
 */
function inTheTote(data, before, under, actions) {
  const units = before.items.reduce((sum, item) => sum + item.quantity, 0);
  return {
    title: t('Take the tote over'),
    top: [back(t('Go on'), () => actions.sheet(null)), h('p', {}, h('b', {}, data.number))],
    main: [
      h('div', { class: 'call' }, icon('bag'), h('h1', {}, t('Take the tote over from {who}.', { who: before.who }))),
      h('p', {}, n('1 thing is in it already. Look whether it is.', '{count} things are in it already. Look whether they are.', units)),
      itemList(before.items),
    ],
    thumb: [button(t('It is all here: go on'), 'check', () => actions.sheet(null), 'go')],
    scanned: (scan) => {
      actions.sheet(null);
      under?.(scan);
    },
  };
}

/**
 * @param {WalkData | StageData} data
 * @param {Screen['scanned']} under
 * @param {Actions} actions
 * @returns {Screen}
 */
function askedFor(data, under, actions) {
  const who = data.asked_by ?? '';
  const title = t('{who} asks for this order', { who });
  /** @param {boolean} yes */
  const say = (yes) => {
    actions.sheet(null);
    actions.ask(`tasks/${data.task_id}/answer`, { yes });
  };
  return {
    title,
    top: [h('p', {}, h('b', {}, data.number))],
    main: [
      h('div', { class: 'call' }, icon('person'), h('h1', {}, title)),
      h('p', {}, t('Give it away with its tote, or carry on.')),
    ],
    thumb: [button(t('I carry on'), 'undo', () => say(false), 'wide'), button(t('Give it to {who}', { who }), 'check', () => say(true), 'go wide')],
    scanned: (scan) => {
      actions.sheet(null); // whoever scans carries on for now, and is asked again
      under?.(scan);
    },
  };
}
