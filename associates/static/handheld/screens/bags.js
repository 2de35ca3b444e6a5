/** Bags: how many there are, their labels, and where each is put down. */

import { button, h, icon } from 'handheld/element.js';
import { back, itemList, stepper, topLine, typeButton } from 'handheld/parts.js';
import { n, t } from 'handheld/words.js';

/** @typedef {import('../types.js').Actions} Actions */
/** @typedef {import('../types.js').BagOut} BagOut */
/** @typedef {import('../types.js').LabelsData} LabelsData */
/** @typedef {import('../types.js').Screen} Screen */
/** @typedef {import('../types.js').StageData} StageData */

const MOST = 20; // as in `associates/bagging/bag.py`
const AT_ONCE = [1, 2, 3, 4]; // one tap each
const PLACE_CODE = { title: t('Type the code'), label: t('The code of the place, or of a bag'), digits: false };

/** Which bag is to be put down next, by its label; blank: all that stand nowhere yet. */
const hand = { task: '', code: '' };
/** The task of which the bags have just been counted: its labels are wanted, without another tap. */
let counted = '';

/**
 * Return which of these bags a code is the label of.
 *
 * @template {{code: string}} Bag
 * @param {string} code
 * @param {Bag[]} bags
 */
export function bagOf(code, bags) {
  const meant = code.replace(/^\][A-Za-z]\d/, '').replace(/[-\s]/g, '').toUpperCase();
  return bags.find((bag) => bag.code === meant);
}

/**
 * What a scan does: a bag is taken in hand, and its place is scanned next; a place takes the bag in
 * hand, or all that stand nowhere yet.
 *
 * @param {{task_id: string, fence: number}} task
 * @param {{number: number, code: string}[]} bags
 * @param {Actions} actions
 */
function putDown({ task_id, fence }, bags, actions) {
  /** @param {string} code */
  return (code) => {
    const bag = bagOf(code, bags);
    if (bag !== undefined) {
      take(task_id, bag, actions);
      return;
    }
    const inHand = hand.task === task_id && hand.code !== '' ? [hand.code] : [];
    hand.code = '';
    actions.log(`tasks/${task_id}/scans`, { kind: 'stage', fence, code, bags: inHand });
  };
}

/**
 * @param {string} task
 * @param {{number: number, code: string}} bag
 * @param {Actions} actions
 */
function take(task, bag, actions) {
  hand.task = task;
  hand.code = bag.code;
  actions.sheet(null);
  actions.say({ kind: 'good', text: t('Bag {number}. Now scan its place.', { number: bag.number }) });
}

/**
 * Where a store labels its bags: how many there are, then a place for each.
 *
 * @param {StageData} data
 * @param {Actions} actions
 * @returns {Screen}
 */
export function bagged(data, actions) {
  if (hand.task !== data.task_id) hand.code = '';
  const bags = data.bags ?? [];
  if (bags.length === 0) return howMany(data, actions);
  if (counted === data.task_id) {
    counted = '';
    const path = `tasks/${data.task_id}/labels`;
    queueMicrotask(() => (data.printer ? actions.ask(`${path}/print`, {}) : actions.ask(path)));
  }
  const inHand = bags.find((bag) => bag.code === hand.code);
  const scanned = putDown(data, bags, actions);
  return {
    title: t('Put the bags down'),
    top: topLine(data, actions),
    main: [
      h('div', { class: 'call' }, icon('bag'), h('h1', {}, nextStep(bags, inHand))),
      h('ul', { class: 'cards' }, ...bags.map((bag) => card(data.task_id, bag, bag === inHand, actions))),
      ...missing(data),
      h(
        'div',
        { class: 'pair' },
        button(t('Show labels'), 'scan', () => actions.ask(`tasks/${data.task_id}/labels`), 'quietly'),
        data.printer === true
          ? button(t('Print again'), 'print', () => actions.ask(`tasks/${data.task_id}/labels/print`, {}), 'quietly')
          : null,
      ),
      typeButton(PLACE_CODE, actions, scanned),
    ],
    thumb: [
      button(t('Undo'), 'undo', () => undo(data, actions), '', !data.can_undo),
      button(t('Other number'), 'many', () => actions.sheet(howMany(data, actions)), 'wide'),
    ],
    scanned: (scan) => scanned(scan.code),
  };
}

/**
 * @param {BagOut[]} bags
 * @param {BagOut | undefined} inHand
 */
function nextStep(bags, inHand) {
  if (inHand !== undefined) return t('Bag {number}: scan its place.', { number: inHand.number });
  const left = bags.filter((bag) => bag.place === '');
  const [one] = left;
  if (one !== undefined && left.length === 1) {
    return bags.length === 1 ? t('Scan the pickup place.') : t('Scan the place of bag {number}.', { number: one.number });
  }
  return t('Scan one place for all, or a bag and then its place.');
}

/**
 * @param {string} task
 * @param {BagOut} bag
 * @param {boolean} inHand
 * @param {Actions} actions
 */
function card(task, bag, inHand, actions) {
  const word = bag.place !== '' ? bag.place : inHand ? t('In your hand') : t('Stands nowhere yet');
  return h(
    'li',
    {},
    h(
      'button',
      {
        type: 'button',
        id: `bag-${bag.number}`,
        class: `card${inHand ? ' chosen' : ''}`,
        'aria-pressed': String(inHand),
        click: () => take(task, bag, actions),
      },
      h('b', { class: 'due' }, t('Bag {number}', { number: bag.number })),
      h('span', { class: 'word' }, icon(bag.place !== '' ? 'check' : inHand ? 'bag' : 'missing'), word),
    ),
  );
}

/** @param {StageData} data */
function missing(data) {
  if (data.missing.length === 0) return [];
  return [h('p', { class: 'amber' }, t('Not in the bags:')), itemList(data.missing)];
}

/**
 * @param {StageData} data
 * @param {Actions} actions
 */
function undo(data, actions) {
  actions.log(`tasks/${data.task_id}/scans`, { kind: 'undo', fence: data.fence });
}

/**
 * One tap for one to four; a number for more.
 *
 * @param {StageData} data
 * @param {Actions} actions
 * @returns {Screen}
 */
function howMany(data, actions) {
  const had = data.bags?.length ?? 0;
  const isFirst = had === 0;
  let count = Math.max(had, AT_ONCE.length + 1);
  /** @param {number} chosen */
  const tell = (chosen) => {
    counted = data.task_id;
    hand.code = '';
    actions.sheet(null);
    actions.log(`tasks/${data.task_id}/bags`, { fence: data.fence, count: chosen });
  };
  /** @param {number} number */
  const key = (number) =>
    h('button', { type: 'button', id: `bags-${number}`, 'aria-label': n('1 bag', '{count} bags', number), click: () => tell(number) }, number);
  /** @param {number} chosen */
  const words = (chosen) => t('{count} bags', { count: chosen });
  const sure = button(words(count), 'bag', () => tell(count), 'go');
  return {
    title: t('How many bags?'),
    top: isFirst ? topLine(data, actions) : [back(t('Back'), () => actions.sheet(null)), h('p', {}, h('b', {}, data.number))],
    main: [
      h('h1', {}, t('How many bags?')),
      h('div', { class: 'keys' }, ...AT_ONCE.map(key)),
      h('p', { class: 'quiet' }, t('Each gets a label. What must stay cold goes into a bag of its own.')),
      itemList(data.items),
      ...missing(data),
      h('details', {}, h('summary', {}, t('More than four')), stepper(count, MOST, (chosen) => {
        count = chosen;
        sure.lastElementChild?.replaceChildren(words(count));
      }), sure),
    ],
    thumb: isFirst ? [button(t('Undo'), 'undo', () => undo(data, actions), '', !data.can_undo)] : [],
    scanned: putDownLater(data, actions),
  };
}

/**
 * Before the bags are counted, whatever is scanned is for the server to explain.
 *
 * @param {StageData} data
 * @param {Actions} actions
 * @returns {Screen['scanned']}
 */
function putDownLater(data, actions) {
  const tell = putDown(data, data.bags ?? [], actions);
  return (scan) => tell(scan.code);
}

/**
 * Labels as they are printed: on the screen they can be scanned, too.
 *
 * @param {LabelsData} data
 * @param {Actions} actions
 * @returns {Screen}
 */
export function labels(data, actions) {
  const path = `tasks/${data.task_id}`;
  const scanned = putDown(data, data.labels, actions);
  /** @param {LabelsData['labels'][number]} label */
  const picture = ({ number, svg }) =>
    h('img', {
      class: 'label',
      src: `data:image/svg+xml,${encodeURIComponent(svg)}`,
      alt: t('Label of bag {number}, order {order}', { number, order: data.number }),
    });
  return {
    title: t('Labels of order {order}', { order: data.number }),
    top: [back(t('To the bags'), () => actions.ask(path)), h('p', {}, h('b', {}, data.number))],
    main: [
      h('h1', {}, n('Put this label on the bag', 'Put these labels on the bags', data.labels.length)),
      h('p', { class: 'quiet' }, t('Without a printer: write the number on the bag, and what stands below its bars.')),
      h('div', { class: 'labels', 'data-size': data.size }, ...data.labels.map(picture)),
    ],
    thumb: [
      button(t('Print here'), 'print', () => window.print()),
      data.printer ? button(t('Label printer'), 'print', () => actions.ask(`${path}/labels/print`, {})) : null,
      button(t('Done'), 'check', () => actions.ask(path), 'go'),
    ].filter((node) => node !== null),
    scanned: (scan) => scanned(scan.code),
  };
}
