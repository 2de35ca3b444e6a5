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
  const title = data.is_free ? t('This order is free now') : t('{who} has this order', { who });
  return {
    title,
    top: topLine(data, actions),
    main: [
      h('div', { class: 'call' }, icon('person'), h('h1', {}, title)),
      h('p', {}, t('Since {since}. {found} of {asked} are in the tote.', { since, found, asked })),
      h('p', { class: 'quiet' }, whatNext(data)),
    ],
    thumb: [
      button(t('Another order'), 'back', () => actions.leave()),
      data.is_free
        ? button(t('Take it on'), 'check', () => actions.ask(`tasks/${data.task_id}/claim`, {}), 'go wide')
        : button(
            data.is_asked ? t('Look again') : t('Ask for it'),
            data.is_asked ? 'undo' : 'person',
            () => actions.ask(`tasks/${data.task_id}/${data.is_asked ? 'claim' : 'ask'}`, {}),
            'go wide',
          ),
    ],
    scanned: null,
  };
}

/** @param {TakenData} data */
function whatNext({ who, is_free, is_asked, is_refused, is_silent }) {
  if (is_free) return t('Nobody has it in hand any more. Take it on, or another one.');
  if (is_asked) return t('You have asked for it. What {who} says comes here by itself.', { who });
  if (is_refused) return t('{who} carries on with it. Take another one.', { who });
  if (is_silent) return t('{who} has not answered, and carries on. Take another one, or ask again.', { who });
  return t('It is free when {who} signs out, or is not heard of for ten minutes.', { who });
}

let looked = ''; // into which tote, under which claim: it need not be looked at again

/**
 * Return what is to be answered or seen before the walk goes on, if anything is.
 *
 * @param {WalkData | StageData} data
 * @param {Screen['scanned']} under What a scan does on the screen below.
 * @param {Actions} actions
 * @returns {Screen | null}
 */
export function between(data, under, actions) {
  const { task_id, fence } = data;
  if (data.took_over && looked !== `${task_id} ${fence}`) {
    const close = () => {
      looked = `${task_id} ${fence}`;
      actions.sheet(null);
    };
    return inTheTote(data, data.took_over, close, under);
  }
  return data.asked_by ? askedFor(data, under, actions) : null;
}

/**
 * @param {WalkData | StageData} data
 * @param {TookOver} before
 * @param {() => void} close
 * @param {Screen['scanned']} under
 * @returns {Screen}
 */
function inTheTote(data, before, close, under) {
  const units = before.items.reduce((sum, item) => sum + item.quantity, 0);
  return {
    title: t('Take the tote over'),
    top: [back(t('Go on'), close), h('p', {}, h('b', {}, data.number))],
    main: [
      h('div', { class: 'call' }, icon('bag'), h('h1', {}, t('Take the tote over from {who}.', { who: before.who }))),
      h('p', {}, n('1 thing is in it already. Look whether it is; if not, ask {who}.', '{count} things are in it already. Look whether they are; if not, ask {who}.', units, { who: before.who })),
      itemList(before.items),
    ],
    thumb: [button(t('It is all here: go on'), 'check', close, 'go')],
    scanned: (scan) => {
      close();
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
