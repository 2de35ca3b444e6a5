/** What is due, soonest first. No score, no clock. */

import { button, h, icon } from 'handheld/element.js';
import { back, gear, typeButton } from 'handheld/parts.js';

/** @typedef {import('../types.js').Actions} Actions */
/** @typedef {import('../types.js').Screen} Screen */
/** @typedef {import('../types.js').TaskCard} TaskCard */
/** @typedef {import('../types.js').TasksData} TasksData */

const PICKUP_CODE = { title: 'Type a pickup code', label: 'Pickup code', digits: false };

/**
 * @param {TaskCard} task
 * @param {Actions} actions
 */
function card(task, actions) {
  const items = task.units === 1 ? '1 item' : `${task.units} items`;
  const due = task.late ? `Late: was due ${task.due}` : `Due ${task.due}`;
  return h(
    'li',
    {},
    h(
      'button',
      {
        type: 'button',
        class: `card ${task.late ? 'late' : ''}`,
        click: () => actions.ask(`tasks/${task.task_id}/claim`, {}),
      },
      h('b', { class: 'due' }, due),
      h('span', {}, `${task.number} · ${items}`),
      task.word !== '' && h('span', { class: 'word' }, task.word),
    ),
  );
}

/**
 * @param {TasksData} data
 * @param {Actions} actions
 * @returns {Screen}
 */
export function work(data, actions) {
  const count = data.tasks.length + data.more;
  const title = count === 0 ? 'Nothing to pick' : count === 1 ? '1 order to pick' : `${count} orders to pick`;
  return {
    title,
    top: [h('p', {}, h('b', {}, data.name), ' · ', data.store), gear(actions)],
    main: [
      h('h1', {}, title),
      count === 0
        ? h('p', { class: 'quiet' }, 'Every order here is picked. New ones appear by themselves.')
        : h('ul', { class: 'cards' }, ...data.tasks.map((task) => card(task, actions))),
      data.more > 0 && h('p', { class: 'quiet' }, `And ${data.more} more, due later.`),
    ].filter((node) => node instanceof Node),
    thumb: [
      button('Customer is here', 'person', () => actions.view('counter')),
      data.put_backs.length > 0
        ? button(`Put back (${data.put_backs.length})`, 'shelf', () => actions.view('put_back'))
        : null,
    ].filter((node) => node !== null),
    scanned: (scan) => lookUp(scan.code, actions),
  };
}

/**
 * @param {string} code What the customer shows.
 * @param {Actions} actions
 */
function lookUp(code, actions) {
  actions.ask(`counter/${encodeURIComponent(code)}`);
}

/**
 * @param {Actions} actions
 * @returns {Screen}
 */
export function counter(actions) {
  return {
    title: 'Scan the customer’s pickup code',
    top: [back('All orders', () => actions.view('list')), h('p', {}, 'At the counter'), gear(actions)],
    main: [
      h('div', { class: 'call' }, icon('scan'), h('h1', {}, 'Scan the customer’s pickup code')),
      h('p', {}, 'It is on their phone, under their order.'),
      typeButton(PICKUP_CODE, actions, (code) => lookUp(code, actions)),
    ],
    thumb: [],
    scanned: (scan) => lookUp(scan.code, actions),
  };
}
