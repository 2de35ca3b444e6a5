/** One thing a screen: where, what, how many. */

import { button, h, icon } from 'handheld/element.js';
import { back, itemList, topLine, typeButton, whereabouts } from 'handheld/parts.js';

/** @typedef {import('../types.js').Actions} Actions */
/** @typedef {import('../types.js').PickData} PickData */
/** @typedef {import('../types.js').Screen} Screen */
/** @typedef {import('../types.js').StageData} StageData */

const ITEM_CODE = { title: 'Type the item’s code', label: 'The digits under its bars', digits: true };
const PLACE_CODE = { title: 'Type the place’s code', label: 'The code on the place’s label', digits: false };

/**
 * @param {PickData} data
 * @param {Actions} actions
 * @returns {Screen}
 */
export function pick(data, actions) {
  const { task, line } = data;
  const path = `tasks/${task.task_id}`;
  const about = { fence: task.fence, line_id: line.line_id };
  /** @param {string} raw */
  const scanned = (raw) => actions.log(`${path}/scans`, { ...about, raw });
  const left = line.wanted - line.found;
  const size = [line.size, line.digits !== '' ? `code ends in ${line.digits}` : ''];
  return {
    title: `${line.name}, ${left} to find`,
    top: topLine(task, actions),
    main: [
      whereabouts(data.places),
      h(
        'div',
        { class: 'thing' },
        h('h1', {}, line.name),
        h('p', { class: 'quiet' }, size.filter((word) => word !== '').join(' · ')),
      ),
      h(
        'p',
        { class: 'count' },
        h('b', {}, line.found),
        ` of ${line.wanted} found`,
        h('span', { class: 'quiet' }, ` · stop ${data.stop} of ${data.stops}`),
      ),
      typeButton(ITEM_CODE, actions, scanned),
    ],
    thumb: [
      button('Not here', 'missing', () => actions.sheet(short(data, actions)), 'stop'),
      button('Skip', 'skip', () => actions.log(`${path}/skip`, about), '', !data.can_skip),
      button('Undo', 'undo', () => actions.log(`${path}/undo`, { fence: task.fence }), '', !data.can_undo),
    ],
    scanned: (scan) => scanned(scan.code),
  };
}

/**
 * Why it is not here: one tap, because the reason decides what happens to the stock.
 *
 * @param {PickData} data
 * @param {Actions} actions
 * @returns {Screen}
 */
function short(data, actions) {
  const { task, line } = data;
  const left = line.wanted - line.found;
  return {
    title: 'What is wrong?',
    top: [back('Back to the item', () => actions.sheet(null)), h('p', {}, line.name)],
    main: [
      h('h1', {}, left === 1 ? 'Why is it not here?' : `Why are ${left} not here?`),
      h(
        'ul',
        { class: 'cards' },
        ...data.reasons.map((reason) =>
          h(
            'li',
            {},
            h(
              'button',
              {
                type: 'button',
                class: 'card',
                click: () => {
                  actions.sheet(null);
                  actions.log(`tasks/${task.task_id}/short`, {
                    fence: task.fence,
                    line_id: line.line_id,
                    reason: reason.code,
                  });
                },
              },
              reason.text,
            ),
          ),
        ),
      ),
    ],
    thumb: [button('It is here', 'undo', () => actions.sheet(null))],
    scanned: (scan) => {
      // The item turned up after all: the scan says more than the tap.
      actions.sheet(null);
      actions.log(`tasks/${task.task_id}/scans`, {
        fence: task.fence,
        line_id: line.line_id,
        raw: scan.code,
      });
    },
  };
}

/**
 * @param {StageData} data
 * @param {Actions} actions
 * @returns {Screen}
 */
export function stage(data, actions) {
  const { task } = data;
  const path = `tasks/${task.task_id}`;
  /** @param {string} raw */
  const scanned = (raw) => actions.log(`${path}/scans`, { fence: task.fence, raw });
  return {
    title: 'Put it at a pickup place and scan the place',
    top: topLine(task, actions),
    main: [
      h('div', { class: 'call' }, icon('bag'), h('h1', {}, 'Put it at a pickup place. Scan the place.')),
      itemList(data.items),
      data.missing.length > 0 ? h('p', { class: 'amber' }, 'Not in the bag:') : h('p', { class: 'quiet' }, 'All of it is here.'),
      data.missing.length > 0 ? itemList(data.missing) : h('span'),
      typeButton(PLACE_CODE, actions, scanned),
    ],
    thumb: [button('Undo', 'undo', () => actions.log(`${path}/undo`, { fence: task.fence }), '', !data.can_undo)],
    scanned: (scan) => scanned(scan.code),
  };
}
