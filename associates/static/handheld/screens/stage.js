/** What was found goes to a pickup place. */

import { button, h, icon } from 'handheld/element.js';
import { itemList, teller, topLine, typeButton } from 'handheld/parts.js';
import { bagged } from 'handheld/screens/bags.js';
import { intoIts, notices } from 'handheld/screens/totes.js';
import { t } from 'handheld/words.js';

/** @typedef {import('../types.js').Actions} Actions */
/** @typedef {import('../types.js').Screen} Screen */
/** @typedef {import('../types.js').StageData} StageData */

const PLACE_CODE = { title: t('Type the place’s code'), label: t('The code on the place’s label'), digits: false };

/** @param {StageData} data */
function stageWords({ tote }) {
  if (tote === null) return t('Put it at a pickup place. Scan the place.');
  return t('Put {tote}, at a pickup place. Scan the place.', { tote: tote.words });
}

/**
 * @param {StageData} data
 * @param {Actions} actions
 * @returns {Screen}
 */
export function stage(data, actions) {
  const tell = teller(data, actions);
  if (data.into !== null) return intoIts(data, data.into, (code) => tell('item', { code }), () => tell('undo'), actions);
  if (data.labels && data.items.length > 0) return bagged(data, actions);
  return {
    title: t('Put it at a pickup place'),
    top: topLine(data, actions),
    main: [
      ...notices(data.notice),
      data.items.length > 0
        ? h('div', { class: 'call' }, icon('bag'), h('h1', {}, stageWords(data)))
        : h('h1', {}, t('Nothing of this order was found.')),
      itemList(data.items),
      data.missing.length > 0 ? h('p', { class: 'amber' }, t('Not in the bag:')) : h('p', { class: 'quiet' }, t('All of it is here.')),
      data.missing.length > 0 ? itemList(data.missing) : h('span'),
      typeButton(PLACE_CODE, actions, (code) => tell('stage', { code })),
    ],
    thumb: [button(t('Undo'), 'undo', () => tell('undo'), '', !data.can_undo)],
    scanned: (scan) => tell('stage', { code: scan.code }),
  };
}
